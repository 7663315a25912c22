//! A server in this process: the real router on port 0, temporary folders, a clock that stands.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use eider::app::App;
use eider::config::Config;
use eider::time::Clock;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::articles::{Library, noon};
use super::{PATIENCE, Visitor, post};

pub(crate) struct TestApp {
    pub(crate) app: Arc<App>,
    pub(crate) address: SocketAddr,
    /// The folders it runs on.
    pub(crate) site: Library,
    clock: &'static AtomicI64,
    leave: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl TestApp {
    /// Starts with the sample articles, and without rates.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Starts with the sample articles; `adjust` changes the configuration.
    pub(crate) async fn with(adjust: impl FnOnce(&mut Config)) -> Self {
        let library = Library::sample();
        library.publish().unwrap();
        Self::over(library, adjust).await
    }

    /// Starts over the folders of `library`, published or not.
    pub(crate) async fn over(library: Library, adjust: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: library.data(),
            knowledge: library.knowledge(),
            index: library.index(),
            ..Config::default()
        };
        config.limits.rates = false;
        adjust(&mut config);
        let clock: &'static AtomicI64 = Box::leak(Box::new(AtomicI64::new(noon().as_micros())));
        let app = App::open(config, Clock::Moved(clock)).await.unwrap();
        let listener = app.bind().await.unwrap();
        let address = listener.local_addr().unwrap();
        let (leave, leaving) = oneshot::channel();
        let running = tokio::spawn(app.clone().run(listener, async {
            let _ = leaving.await;
        }));
        Self { app, address, site: library, clock, leave, running }
    }

    /// Moves the clock on.
    pub(crate) fn later(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Opens a session.
    pub(crate) async fn visitor(&self) -> Visitor {
        let body = json!({ "site": "test", "consent": { "version": "1", "lang": "en" } });
        let created = post(self.address, "/v1/sessions", &body).await;
        assert_eq!(created.status, 201, "{}", created.text());
        Visitor::new(self.address, &created.json())
    }

    /// Asks to leave, without waiting.
    pub(crate) fn ask_to_leave(self) -> Leaving {
        self.leave.send(()).unwrap();
        Leaving { app: self.app, site: self.site, running: self.running }
    }

    /// Leaves in good order and returns the folders.
    pub(crate) async fn stop(self) -> Library {
        self.ask_to_leave().gone().await
    }

    /// Returns the log of a session, as it stands in the database.
    pub(crate) async fn log(&self, visitor: &Visitor) -> Vec<Value> {
        read_log(&self.app.desk.store, &visitor.session).await
    }
}

/// A server on its way out.
pub(crate) struct Leaving {
    app: Arc<App>,
    site: Library,
    running: JoinHandle<()>,
}

impl Leaving {
    pub(crate) async fn gone(self) -> Library {
        tokio::time::timeout(PATIENCE, self.running).await.expect("it leaves in time").unwrap();
        drop(self.app);
        self.site
    }
}

/// Reads a whole log, as JSON: `{seq, kind, role, cid, body}`.
pub(crate) async fn read_log(store: &eider::store::Store, session: &str) -> Vec<Value> {
    let session = eider::id::SessionId::from(session);
    let events = store.events_after(&session, 0, i64::MAX).await.unwrap();
    let value = |event: &eider::session::Event| {
        let body: Value = serde_json::from_str(&event.body).unwrap();
        json!({
            "seq": event.seq, "kind": event.kind.name(), "role": event.role.name(), "cid": event.cid, "body": body,
        })
    };
    events.iter().map(value).collect()
}
