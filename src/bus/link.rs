//! The doorbells of other nodes, by NATS: what rings here is told there, as far as it gets through.
//! Nobody waits for it: while the server is away, or slow, rings are dropped, and nodes find in the
//! database what they were not told of.
//!
//! A message's subject says what may have happened and to which session; its content is a number.
//! Whatever comes in is a reason to look, and never believed: a message that is lost, doubled,
//! late or forged makes no socket miss anything.

use std::sync::Weak;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerAddr, Subscriber};
use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tracing::{info, warn};

use super::Inner;
use crate::id::SessionId;

/// Rings that may wait to be told.
const MAX_WAITING: usize = 1024;
/// Rings of others that may wait to be heard.
const MAX_UNHEARD: usize = 16 * 1024;
/// How long connecting may take …
const CONNECT: Duration = Duration::from_secs(3);
/// … how often it is tried again …
const RETRY: Duration = Duration::from_millis(500);
/// … how often a silent server is asked whether it is there …
const PING: Duration = Duration::from_secs(5);
/// … and how long it may take to let it have one ring.
const TELL: Duration = Duration::from_millis(100);

/// What may have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// A log has grown.
    Log,
    /// A session was erased.
    Erased,
    /// A note was kept.
    Note,
    /// The visitor is typing.
    VisitorTypes,
    /// A consultant is typing.
    DeskTypes,
    /// The queue has changed, or the people behind the desk.
    Desk,
}

impl Word {
    const ALL: [(Self, &str); 6] = [
        (Self::Log, "log"),
        (Self::Erased, "erased"),
        (Self::Note, "note"),
        (Self::VisitorTypes, "visitor-types"),
        (Self::DeskTypes, "desk-types"),
        (Self::Desk, "desk"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(word, _)| *word == self).map_or("", |(_, name)| name)
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(word, _)| *word)
    }
}

/// A ring that is told to other nodes, or heard from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ring {
    pub(super) word: Word,
    /// The session; nothing for the desk.
    pub(super) session: Option<SessionId>,
    pub(super) number: i64,
}

/// The connection to the server, as far as there is one.
#[derive(Debug)]
pub(super) struct Link {
    rings: mpsc::Sender<Ring>,
    is_connected: AtomicBool,
    dropped: AtomicU64,
}

impl Link {
    /// Returns a link, and the rings that are to be told by it.
    pub(super) fn new() -> (Self, mpsc::Receiver<Ring>) {
        let (rings, waiting) = mpsc::channel(MAX_WAITING);
        (Self { rings, is_connected: false.into(), dropped: 0.into() }, waiting)
    }

    /// Tells a ring, or drops it.
    pub(super) fn tell(&self, ring: Ring) {
        if !self.is_connected() || self.rings.try_send(ring).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.is_connected.load(Ordering::Relaxed)
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// Returns the servers that a configured address names: URLs with commas between them.
pub(super) fn servers(url: &str) -> Result<Vec<ServerAddr>, std::io::Error> {
    url.split(',').map(|server| server.trim().parse()).collect()
}

/// Tells and hears rings for as long as there is a bus. `cluster` tells apart those that share a
/// server.
pub(super) async fn run(
    servers: Vec<ServerAddr>,
    cluster: String,
    bus: Weak<Inner>,
    mut rings: mpsc::Receiver<Ring>,
) {
    let noting = bus.clone();
    let options = ConnectOptions::new()
        .name("eider")
        .no_echo()
        .retry_on_initial_connect()
        .max_reconnects(None)
        .reconnect_delay_callback(|_| RETRY)
        .connection_timeout(CONNECT)
        .ping_interval(PING)
        .client_capacity(MAX_WAITING)
        .subscription_capacity(MAX_UNHEARD)
        .event_callback(move |event| {
            note(&noting, &event);
            std::future::ready(())
        });
    let prefix = format!("eider.{cluster}.");
    // It connects by itself, now or later.
    let opened: Result<(Client, Subscriber), async_nats::Error> = async {
        let client = options.connect(servers).await?;
        let heard = client.subscribe(format!("{prefix}>")).await?;
        Ok((client, heard))
    }
    .await;
    let (client, mut heard) = match opened {
        Ok(opened) => opened,
        Err(fault) => return warn!(error = %fault, "the bus cannot be used"),
    };
    loop {
        tokio::select! {
            ring = rings.recv() => {
                let Some(ring) = ring else { return };
                let telling = client.publish(subject(&prefix, &ring), ring.number.to_string().into());
                let told = tokio::time::timeout(TELL, telling).await;
                let Some(bus) = bus.upgrade() else { return };
                if let Some(link) = bus.link.get().filter(|_| !matches!(told, Ok(Ok(())))) {
                    link.dropped.fetch_add(1, Ordering::Relaxed);
                }
            }
            message = heard.next() => {
                let (Some(message), Some(bus)) = (message, bus.upgrade()) else { return };
                if let Some(ring) = ring(&prefix, &message.subject, &message.payload) {
                    bus.hear(&ring);
                }
            }
        }
    }
}

fn note(bus: &Weak<Inner>, event: &Event) {
    let Some(bus) = bus.upgrade() else { return };
    let Some(link) = bus.link.get() else { return };
    match event {
        Event::Connected => {
            info!("connected to the bus");
            link.is_connected.store(true, Ordering::Relaxed);
            // What was rung while it was away is found at once.
            bus.others.notify_one();
        }
        Event::Disconnected | Event::Closed => {
            warn!("the bus is away; nodes look into the database every two seconds");
            link.is_connected.store(false, Ordering::Relaxed);
        }
        other => warn!(event = %other, "the bus says"),
    }
}

fn subject(prefix: &str, ring: &Ring) -> String {
    match &ring.session {
        Some(session) => format!("{prefix}{}.{session}", ring.word.name()),
        None => format!("{prefix}{}", ring.word.name()),
    }
}

fn ring(prefix: &str, subject: &str, content: &[u8]) -> Option<Ring> {
    let rest = subject.strip_prefix(prefix)?;
    let (word, session) = match rest.split_once('.') {
        Some((word, session)) => (word, Some(SessionId::from(session))),
        None => (rest, None),
    };
    let number = std::str::from_utf8(content).ok()?.parse().ok()?;
    Some(Ring { word: Word::from_name(word)?, session, number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_heard() {
        for (word, _) in Word::ALL {
            let session = (word != Word::Desk).then(|| SessionId::from("a1"));
            let told = Ring { word, session, number: 7 };
            assert_eq!(ring("p.", &subject("p.", &told), b"7"), Some(told));
        }
    }

    #[test]
    fn what_is_no_ring_is_not_heard() {
        let wrong = [("q.log.a", "1"), ("p.else.a", "1"), ("p.log.a", "x"), ("p.log.a", "")];
        for (subject, content) in wrong {
            assert_eq!(ring("p.", subject, content.as_bytes()), None, "{subject} {content}");
        }
        assert_eq!(ring("p.", "p.log.a", &[0xff]), None);
    }
}
