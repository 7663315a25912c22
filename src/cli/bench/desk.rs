//! The desk under load: how fast a consultant's words are on the visitor's screen, and how fast the
//! console opens before a long queue.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::process::{Server, Shared};
use crate::account::{Hashed, Role};
use crate::client::{Consultant, Socket};
use crate::id;
use crate::session::{Consent, Draft, Reason, Role as Writer, Step};
use crate::store::{Append, NewSession, NewUser, Store};
use crate::time::Clock;

/// Sessions of the consultant: as many as one console follows.
const SESSIONS: usize = 20;
/// Messages per second, of all sessions together.
const PER_SECOND: u32 = 200;
/// How long a visitor waits for the first message, and after the last one.
const SET_UP: Duration = Duration::from_mins(1);
const SILENCE: Duration = Duration::from_secs(3);

/// The nodes of a measurement and their database.
pub(super) struct Site<'a> {
    /// The node that visitors are connected to.
    pub(super) visitors: &'a Server,
    /// The node that the consultant is connected to; it may be the same.
    pub(super) consultant: &'a Server,
    /// The database, unless it is shared.
    pub(super) data: &'a Path,
    pub(super) shared: Option<&'a Shared>,
}

impl Site<'_> {
    async fn open(&self) -> anyhow::Result<Store> {
        Ok(match self.shared {
            Some(shared) => shared.store.open().await?,
            None => Store::open(self.data).await?,
        })
    }

    /// Makes an account and signs it in.
    async fn sign_in(&self) -> anyhow::Result<Consultant> {
        let (login, password) = (id::random_hex::<6>(), id::random_hex::<10>());
        let hashed = Hashed::new(&password)?;
        let (own, name) = (login.clone(), "Bench".to_owned());
        let new = NewUser { login: own, name, roles: vec![Role::Consultant], password: hashed };
        let store = self.open().await?;
        store.add_user(new, Clock::System.now()).await?;
        store.close().await;
        Ok(self.consultant.endpoint.sign_in(&login, &password).await?)
    }
}

/// Returns the times from a consultant's message to the visitor's socket, shortest first.
pub(super) async fn messages(site: &Site<'_>, time: Duration) -> anyhow::Result<Vec<Duration>> {
    let mut desk = site.sign_in().await?.open_desk().await?;
    let available = json!({ "t": "available", "cid": "on", "on": true });
    answer(&mut desk, &available, "on").await?;
    // Every node has read the board by then: somebody is on duty.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let sent: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let mut sessions = Vec::new();
    let mut visitors = Vec::new();
    for _ in 0..SESSIONS {
        let opened = site.visitors.endpoint.open_session(None).await?;
        let mut chat = site.visitors.endpoint.open_socket().await?;
        let hello = json!({ "t": "hello", "token": opened.token, "after_seq": 0 });
        chat.send(hello.to_string()).await?;
        chat.send(json!({ "t": "handoff", "cid": "h" }).to_string()).await?;
        while !chat.next().await?.contains(r#""state":"queued""#) {}
        let claim =
            json!({ "t": "claim", "cid": opened.session, "session": opened.session, "fence": 1 });
        let done = answer(&mut desk, &claim, &opened.session).await?;
        anyhow::ensure!(done["t"] == "done", "a session could not be claimed: {done}");
        visitors.push(tokio::spawn(visitor(chat, Arc::clone(&sent))));
        sessions.push((opened.session, done["fence"].clone()));
    }
    send(&mut desk, &sessions, &sent, time).await?;
    let mut times = Vec::new();
    for visitor in visitors {
        times.extend(visitor.await??);
    }
    let count = sent.lock().unwrap_or_else(PoisonError::into_inner).len();
    anyhow::ensure!(times.len() == count, "{} of {count} messages arrived", times.len());
    times.sort_unstable();
    Ok(times)
}

/// Sends a message every few milliseconds, to one session after the other.
async fn send(
    desk: &mut Socket,
    sessions: &[(String, Value)],
    sent: &Mutex<Vec<Instant>>,
    time: Duration,
) -> anyhow::Result<()> {
    let mut next = tokio::time::interval(Duration::from_secs(1) / PER_SECOND);
    let end = Instant::now() + time;
    let mut turns = sessions.iter().cycle();
    while Instant::now() < end {
        tokio::select! {
            _ = next.tick() => {
                let (session, fence) = turns.next().context("no sessions")?;
                let number = {
                    let mut sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
                    sent.push(Instant::now());
                    sent.len() - 1
                };
                let words = json!({
                    "t": "send", "cid": format!("m{number}"), "session": session, "fence": fence,
                    "base_seq": i64::MAX, "text": format!("#{number}#"),
                });
                desk.send(words.to_string()).await?;
            }
            frame = desk.next() => react(desk, &frame?).await?,
        }
    }
    Ok(())
}

/// Reads a visitor's socket; returns how long each message took.
async fn visitor(
    mut chat: Socket,
    sent: Arc<Mutex<Vec<Instant>>>,
) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    loop {
        // The first message comes when every session is claimed, the last one is followed by silence.
        let patience = if times.is_empty() { SET_UP } else { SILENCE };
        let Ok(frame) = tokio::time::timeout(patience, chat.next()).await else { return Ok(times) };
        let frame = frame?;
        react(&mut chat, &frame).await?;
        let number = frame.split('#').nth(1).and_then(|number| number.parse::<usize>().ok());
        let Some(number) = number else { continue };
        let sent_at = sent.lock().unwrap_or_else(PoisonError::into_inner)[number];
        times.push(sent_at.elapsed());
        let seq = super::load::seq(&frame).unwrap_or_default();
        chat.send(json!({ "t": "ack", "seq": seq }).to_string()).await?;
    }
}

async fn react(socket: &mut Socket, frame: &str) -> anyhow::Result<()> {
    if frame.starts_with(r#"{"t":"ping""#) {
        let ping: Value = serde_json::from_str(frame)?;
        socket.send(json!({ "t": "pong", "n": ping["n"] }).to_string()).await?;
    }
    anyhow::ensure!(!frame.starts_with(r#"{"t":"refused""#), "a message was refused: {frame}");
    Ok(())
}

/// Sends a command and returns what came of it.
async fn answer(desk: &mut Socket, frame: &Value, cid: &str) -> anyhow::Result<Value> {
    desk.send(frame.to_string()).await?;
    loop {
        let frame: Value = serde_json::from_str(&desk.next().await?)?;
        if frame["cid"] == cid {
            return Ok(frame);
        }
    }
}

/// Returns how long the console takes to open before `count` waiting sessions: from the request for
/// a ticket to the welcome with all of them.
pub(super) async fn queue(site: &Site<'_>, count: usize) -> anyhow::Result<Duration> {
    let consultant = site.sign_in().await?;
    let store = site.open().await?;
    let now = Clock::System.now();
    let mut waiting = Vec::new();
    for _ in 0..count {
        let consent = Consent { version: "1".to_owned(), lang: "en".to_owned() };
        let new = NewSession { site: "bench".to_owned(), consent, context: "{}".to_owned() };
        let store = store.clone();
        waiting.push(tokio::spawn(async move {
            let (session, _) = store.open_session(new, now).await?;
            let asked = Draft::state(Writer::Visitor, r#"{"state":"person_asked"}"#.to_owned());
            let deadline = now.plus_seconds(3600);
            let step = Step::Queue { reason: Reason::Asked, priority: 0, deadline };
            let blank = Append::new(&session.id, "h", asked, now);
            store.append(Append { step: Some((step, None)), ..blank }).await
        }));
    }
    for one in waiting {
        one.await??;
    }
    store.close().await;
    // The board is read every second.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let started = Instant::now();
    let mut desk = consultant.open_desk().await?;
    let welcome = desk.next().await?;
    let took = started.elapsed();
    let shown = serde_json::from_str::<Value>(&welcome)?["queue"].as_array().map_or(0, Vec::len);
    anyhow::ensure!(shown >= count, "{shown} of {count} sessions are in the queue");
    Ok(took)
}
