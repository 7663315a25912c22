//! The running server: everything opened, the tasks beside it, and leaving in good order.

mod outgoing;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use crate::bus::Bus;
use crate::config::Config;
use crate::desk::{Board, Desk};
use crate::editorial::{Editorial, Privacy};
use crate::engine::Engine;
use crate::id::UserId;
use crate::publish::{Mark, Shelf};
use crate::store::{self, Store};
use crate::time::Clock;
use crate::web::{self, Metrics};

/// How often the shelf is looked at for a new generation.
const LOOK_FOR_GENERATION: Duration = Duration::from_millis(200);
/// How long a generation that could not be opened is left alone: verifying it takes time.
const TRY_AGAIN: Duration = Duration::from_secs(3);
/// How often the board is read when nobody rings …
const LOOK_AT_BOARD: Duration = Duration::from_secs(1);
/// … how long rings are gathered …
const GATHER_RINGS: Duration = Duration::from_millis(10);
/// … and how often the queue is looked after.
const LOOK_AFTER_QUEUE: Duration = Duration::from_secs(5);
/// How often it is looked what other nodes on the same database did; when they call for it sooner,
/// not before a rest.
const LOOK_AT_OTHERS: Duration = Duration::from_secs(2);
const REST: Duration = Duration::from_millis(50);
/// Passwords that are checked at once: each takes a core and 46 MiB.
const PASSWORDS_AT_ONCE: usize = 2;
/// How often old sessions are erased.
const PURGE: Duration = Duration::from_hours(1);
/// How long sockets may take to leave.
const LEAVE: Duration = Duration::from_secs(8);

/// The running server.
#[derive(Debug)]
pub struct App {
    /// The use cases.
    pub desk: Desk,
    /// The editors' use cases.
    pub editorial: Arc<Editorial>,
    /// What is counted.
    pub metrics: Metrics,
    /// Cancelled when the server leaves.
    pub leaving: CancellationToken,
    /// The sockets that are open.
    pub sockets: TaskTracker,
    /// The content security policy of every page.
    pub content_security_policy: HeaderValue,
    /// Who waits and who is there, for the consoles.
    pub board: watch::Sender<Arc<Board>>,
    /// Leave to check a password.
    pub passwords: Arc<Semaphore>,
    config: Config,
    shelf: Shelf,
    looked: Mutex<Looked>,
    seats: Arc<Mutex<HashMap<String, usize>>>,
    /// Sockets of each consultant.
    consoles: Mutex<HashMap<UserId, usize>>,
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A bus connects nodes that share a database, and there is none.
    #[error(
        "a bus is for nodes that share a database: name it by EIDER_STORE, --store, or `store` in eider.toml, or leave the bus out"
    )]
    LonelyBus,
    /// The address of the bus cannot be read.
    #[error("cannot read the address of the bus: {0}; write for example nats://nats.example:4222")]
    Bus(std::io::Error),
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; choose another address by EIDER_LISTEN or `listen` in eider.toml"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
}

/// What was found on the shelf.
#[derive(Debug, Default)]
struct Looked {
    /// The generation that is served.
    served: Option<Mark>,
    /// The generation that could not be opened, and when that was tried: it is complained about
    /// once, and its files may still be on their way.
    failed: Option<(Mark, Instant)>,
}

/// A place among the sockets; given back when dropped.
#[derive(Debug)]
pub struct Seat {
    address: String,
    seats: Arc<Mutex<HashMap<String, usize>>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = seats.get_mut(&self.address) {
            *taken -= 1;
            if *taken == 0 {
                seats.remove(&self.address);
            }
        }
    }
}

impl App {
    /// Opens the database and the current generation. A generation that cannot be opened does not
    /// stop the server: messages are stored, and answered with a canned reply until there is one.
    pub async fn open(config: Config, clock: Clock) -> Result<Arc<Self>, Error> {
        Self::open_with(config, clock, None).await
    }

    /// Opens the database, and serves `engine` if it is given: opening takes long enough not to
    /// do it twice.
    pub async fn open_with(
        config: Config,
        clock: Clock,
        engine: Option<Engine>,
    ) -> Result<Arc<Self>, Error> {
        let store = Store::open_at(config.store_url(), &config.data).await?;
        let bus = Bus::default();
        if let Some(url) = &config.bus {
            if !store.is_shared() {
                return Err(Error::LonelyBus);
            }
            bus.join(url.reveal(), store.name().await?).map_err(Error::Bus)?;
        }
        let shelf =
            Shelf::new(&config.index).keeping(config.keep_generations, config.retention_days);
        let privacy = Privacy {
            least_sessions: config.editors.least_sessions,
            consents: config.editors.show_questions_of_consents.clone(),
        };
        let editorial =
            Editorial::new(store.clone(), shelf.clone(), config.knowledge.clone(), privacy);
        let desk = Desk::new(store, bus, config.limits.clone(), clock);
        let app = Arc::new(Self {
            desk,
            editorial: Arc::new(editorial),
            metrics: Metrics::default(),
            leaving: CancellationToken::new(),
            sockets: TaskTracker::new(),
            content_security_policy: web::content_security_policy(&[]),
            board: watch::Sender::default(),
            passwords: Arc::new(Semaphore::new(PASSWORDS_AT_ONCE)),
            consoles: Mutex::default(),
            config,
            shelf,
            looked: Mutex::default(),
            seats: Arc::default(),
        });
        if let Some(engine) = engine {
            // Another one may have been published since this one was opened.
            let served = app.shelf.mark().filter(|mark| mark.generation() == engine.generation);
            *app.looked() = Looked { served, failed: None };
            app.take_up(engine);
        } else {
            app.take_up_generation().await;
        }
        Ok(app)
    }

    /// Binds the configured address.
    pub async fn bind(&self) -> Result<TcpListener, Error> {
        let address = self.config.listen;
        TcpListener::bind(address).await.map_err(|source| Error::Listen { address, source })
    }

    /// Serves until `leave` is done, then says goodbye to every socket and closes the database.
    pub async fn run(self: Arc<Self>, listener: TcpListener, leave: impl Future<Output = ()>) {
        tokio::spawn(self.clone().watch_shelf());
        tokio::spawn(self.clone().purge_old_sessions());
        tokio::spawn(self.clone().keep_board());
        if self.desk.store.is_shared() {
            tokio::spawn(self.clone().watch_other_nodes());
        }
        self.post_to_others().await;
        let (app, leaving) = (self.clone(), self.leaving.clone());
        let serving = tokio::spawn(async move {
            let router = web::router(app.clone());
            web::accept(listener, router, &app.config.trusted_proxies, leaving).await;
        });
        leave.await;
        info!(sockets = self.sockets.len(), "leaving");
        self.leaving.cancel();
        self.sockets.close();
        let _ = serving.await;
        if tokio::time::timeout(LEAVE, self.sockets.wait()).await.is_err() {
            warn!(sockets = self.sockets.len(), "some sockets did not leave in time");
        }
        self.desk.store.close().await;
    }

    /// Returns whether the server is leaving.
    pub fn is_draining(&self) -> bool {
        self.leaving.is_cancelled()
    }

    /// Takes a seat for one more socket of `address`, if there is one.
    pub fn take_seat(&self, address: &str) -> Option<Seat> {
        let limits = &self.desk.limits;
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let here = seats.get(address).copied().unwrap_or(0);
        let full = limits.rates && here >= limits.sockets_per_address
            || self.sockets.len() >= limits.sockets;
        if full || self.is_draining() {
            return None;
        }
        seats.insert(address.to_owned(), here + 1);
        Some(Seat { address: address.to_owned(), seats: self.seats.clone() })
    }

    /// Returns when a client should come back after a restart: spread out, so that not all come
    /// at once.
    pub fn reconnect_delay(&self) -> u64 {
        let spread = u64::try_from(self.sockets.len()).unwrap_or(u64::MAX).clamp(200, 10_000);
        let mut random = [0_u8; 4];
        // Without randomness all come at once, which is worse but not wrong.
        let _ = getrandom::fill(&mut random);
        u64::from(u32::from_le_bytes(random)) % spread
    }

    /// The origins that may show the chat of this site in a frame; none for an unknown one.
    pub fn origins_of(&self, site: &str) -> &[String] {
        let known = self.config.sites.iter().find(|known| known.id == site);
        known.map_or(&[], |site| &site.origins)
    }

    /// Returns the origins that may use the console; none means the server's own.
    pub fn console_origins(&self) -> &[String] {
        &self.config.console_origins
    }

    /// Returns whether consultants need a second factor.
    pub fn second_factor_required(&self) -> bool {
        self.config.second_factor_required
    }

    /// Notes that a consultant's console has connected.
    pub fn console_opened(&self, person: &UserId) {
        *self.consoles().entry(person.clone()).or_default() += 1;
    }

    /// Notes that a consultant's console is gone; returns whether it was the last one.
    pub fn console_closed(&self, person: &UserId) -> bool {
        let mut consoles = self.consoles();
        let left = consoles.get(person).copied().unwrap_or_default().saturating_sub(1);
        if left == 0 {
            consoles.remove(person);
        } else {
            consoles.insert(person.clone(), left);
        }
        left == 0
    }

    fn consoles(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.consoles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the board whenever the desk's doorbell rings and now and then, and looks after the
    /// queue.
    async fn keep_board(self: Arc<Self>) {
        let mut bell = self.desk.bus.listen_at_desk();
        let mut next_round = Instant::now();
        while !self.is_draining() {
            bell.borrow_and_update();
            if next_round <= Instant::now() {
                next_round = Instant::now() + LOOK_AFTER_QUEUE;
                if let Err(fault) = self.desk.look_after_queue().await {
                    warn!(error = %fault, "the queue could not be looked after; trying again soon");
                }
            }
            match self.desk.read_board().await {
                Ok(board) => {
                    if let Err(fault) = self.desk.give_out(&board).await {
                        warn!(error = %fault, "what waits could not be given out");
                    }
                    self.board.send_if_modified(|known| {
                        let news = *known != board;
                        *known = board;
                        news
                    });
                }
                Err(fault) => warn!(error = %fault, "the queue could not be read"),
            }
            tokio::select! {
                _ = bell.changed() => tokio::time::sleep(GATHER_RINGS).await,
                () = tokio::time::sleep(LOOK_AT_BOARD) => {}
                () = self.leaving.cancelled() => {}
            }
        }
    }

    async fn watch_other_nodes(self: Arc<Self>) {
        while !self.is_draining() {
            if let Err(fault) = self.desk.look_at_other_nodes().await {
                warn!(error = %fault, "it could not be seen what other nodes did");
            }
            let called = async {
                tokio::time::sleep(REST).await;
                self.desk.bus.called_to_look().await;
            };
            tokio::select! {
                () = tokio::time::sleep(LOOK_AT_OTHERS) => {}
                () = called => {}
                () = self.leaving.cancelled() => {}
            }
        }
    }

    async fn watch_shelf(self: Arc<Self>) {
        while !self.is_draining() {
            tokio::time::sleep(LOOK_FOR_GENERATION).await;
            self.take_up_generation().await;
        }
    }

    /// Opens the current generation when it is another one than is served.
    async fn take_up_generation(&self) {
        let (generations, known) = (self.shelf.clone(), self.looked().served.clone());
        let failed = self.looked().failed.clone();
        let earlier = self.desk.engine();
        let opening = tokio::task::spawn_blocking(move || {
            let mark = generations.mark()?;
            let has_just_failed =
                failed.is_some_and(|(failed, at)| failed == mark && at.elapsed() < TRY_AGAIN);
            let is_new = Some(&mark) != known.as_ref() && !has_just_failed;
            is_new.then(|| (generations.open_after(earlier.as_deref()), mark))
        });
        let (fault, mark) = match opening.await {
            Ok(None) => return,
            Ok(Some((Ok(engine), mark))) => {
                *self.looked() = Looked { served: Some(mark), failed: None };
                self.take_up(engine);
                return;
            }
            Ok(Some((Err(fault), mark))) => (fault.to_string(), Some(mark)),
            Err(fault) => (fault.to_string(), None),
        };
        let failed = mark.map(|mark| (mark, Instant::now()));
        let before = std::mem::replace(&mut self.looked().failed, failed.clone());
        if failed.is_some() && before.map(|(mark, _)| mark) == failed.map(|(mark, _)| mark) {
            return;
        }
        if self.desk.engine().is_none() {
            error!(error = %fault, "no generation can be opened");
        } else {
            warn!(error = %fault, "a new generation cannot be opened; the old one stays");
        }
    }

    fn take_up(&self, engine: Engine) {
        let (generation, passages) = (engine.generation, engine.passages());
        let manifest = self.manifest().unwrap_or_default();
        info!(generation, passages, manifest, "serving a generation, its files verified");
        let engine = self.desk.serve(engine);
        let leaving = self.leaving.clone();
        tokio::task::spawn_blocking(move || {
            let is_served = || Arc::strong_count(&engine) > 1;
            engine.compare_articles(|| is_served() && !leaving.is_cancelled());
        });
    }

    /// Returns the hash of the manifest by which the files of the served generation were verified.
    pub fn manifest(&self) -> Option<String> {
        self.looked().served.as_ref().map(Mark::hash)
    }

    fn looked(&self) -> MutexGuard<'_, Looked> {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn purge_old_sessions(self: Arc<Self>) {
        let days = i64::from(self.config.retention_days);
        while !self.is_draining() {
            let before = self.desk.now().minus_seconds(days * 86_400);
            if let Err(fault) = self.desk.store.forget_deliveries(before).await {
                warn!(error = %fault, "old messages to other systems could not be forgotten");
            }
            if let Err(fault) = self.desk.forget_old_nodes().await {
                warn!(error = %fault, "nodes that are gone could not be forgotten");
            }
            match self.desk.store.purge(before).await {
                Ok(0) => {}
                Ok(purged) => info!(sessions = purged, "erased sessions after their retention"),
                Err(fault) => {
                    warn!(error = %fault, "old sessions could not be erased; trying again later");
                }
            }
            tokio::select! {
                () = tokio::time::sleep(PURGE) => {}
                () = self.leaving.cancelled() => {}
            }
        }
    }
}
