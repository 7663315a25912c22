//! Clients that never give up: they send again with the same ids, at whichever node answers, and go
//! on where they were.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::chat::{Chat, Frame, Visitor};
use super::console::Colleague;
use crate::history::{Sending, View};

/// Messages that a client has under way at once.
const UNDER_WAY: usize = 3;
/// After how long it sends again what was refused for now.
const AGAIN: Duration = Duration::from_millis(30);

#[derive(Default)]
pub(crate) struct Work {
    pub(crate) done: AtomicBool,
    accepted: AtomicUsize,
    /// Messages that had been stored, and whose acceptance was lost with the server.
    pub(crate) stored_before: AtomicUsize,
    pub(crate) connections: AtomicUsize,
}

impl Work {
    /// Returns how many messages were accepted.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

/// A visitor who sends, retries with the same ids, resumes where it was.
pub(crate) struct Client {
    name: usize,
    visitor: Visitor,
    /// The nodes; the next one is tried when a connection is lost.
    nodes: Vec<SocketAddr>,
    work: Arc<Work>,
    pub(crate) sendings: Vec<Sending>,
    under_way: BTreeSet<usize>,
    pub(crate) view: View,
}

impl Client {
    pub(crate) fn new(
        name: usize,
        visitor: Visitor,
        nodes: Vec<SocketAddr>,
        work: Arc<Work>,
    ) -> Self {
        let view = View { session: visitor.session.clone(), events: Vec::new() };
        let (sendings, under_way) = (Vec::new(), BTreeSet::new());
        Self { name, visitor, nodes, work, sendings, under_way, view }
    }

    /// Works until `done`, and then until everything it sent was accepted.
    pub(crate) async fn run(mut self) -> Self {
        for node in self.nodes.clone().into_iter().cycle().skip(self.name) {
            if let Ok(mut chat) = Chat::try_connect(node).await
                && self.converse(&mut chat).await
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        self
    }

    fn last_seen(&self) -> i64 {
        last_of(&self.view)
    }

    /// Returns whether all is done; otherwise the connection was lost.
    async fn converse(&mut self, chat: &mut Chat) -> bool {
        let hello = json!({
            "t": "hello", "token": self.visitor.token, "epoch": self.visitor.epoch, "after_seq": self.last_seen(),
        });
        if chat.try_send(&hello).await.is_err() {
            return false;
        }
        let Frame::Json(welcome) = chat.next().await else { return false };
        if welcome["code"] == "storage_unavailable" {
            return false;
        }
        assert_eq!(welcome["t"], "welcome", "{welcome}");
        assert_ne!(welcome["mode"], "resync", "the same log goes on: {welcome}");
        self.work.connections.fetch_add(1, Ordering::Relaxed);
        for at in self.under_way.clone() {
            if self.send(chat, at).await.is_err() {
                return false;
            }
        }
        loop {
            let done = self.work.done.load(Ordering::Relaxed);
            while !done && self.under_way.len() < UNDER_WAY {
                let at = self.compose();
                if self.send(chat, at).await.is_err() {
                    return false;
                }
            }
            if done && self.under_way.is_empty() {
                return true;
            }
            let Frame::Json(frame) = chat.next().await else { return false };
            self.note(chat, frame).await;
        }
    }

    /// Reads the log to its end, now that nobody writes any more.
    pub(crate) async fn finish(&mut self) {
        let (mut chat, welcome) = self.visitor.resume(self.last_seen()).await;
        while self.last_seen() < welcome["head_seq"].as_i64().unwrap() {
            let frame = chat.json().await;
            self.note(&mut chat, frame).await;
        }
    }

    fn compose(&mut self) -> usize {
        let at = self.sendings.len();
        let words =
            ["how do I store testamab?", "side effects of Exampla", "placebonib", "hello", "药"];
        self.sendings.push(Sending {
            role: "visitor",
            session: self.visitor.session.clone(),
            cid: format!("client{}-{at}", self.name),
            text: format!("{} ({} {at})", words[at % words.len()], self.name),
            accepted: Vec::new(),
            refused: false,
        });
        self.under_way.insert(at);
        at
    }

    async fn send(&self, chat: &mut Chat, at: usize) -> Result<(), ()> {
        let Sending { cid, text, .. } = &self.sendings[at];
        chat.try_send(&json!({ "t": "send", "cid": cid, "text": text })).await
    }

    async fn note(&mut self, chat: &mut Chat, frame: Value) {
        match frame["t"].as_str().unwrap() {
            "accepted" => {
                let at = self.find(&frame);
                let seq = frame["seq"].as_i64().unwrap();
                if self.sendings[at].accepted.is_empty() {
                    self.work.accepted.fetch_add(1, Ordering::Relaxed);
                    let before = usize::from(frame["dup"] == true);
                    self.work.stored_before.fetch_add(before, Ordering::Relaxed);
                }
                self.sendings[at].accepted.push(seq);
                self.under_way.remove(&at);
            }
            "event" => {
                self.view.events.push(frame);
                if self.view.events.len().is_multiple_of(16) {
                    let _ = chat.try_send(&json!({ "t": "ack", "seq": self.last_seen() })).await;
                }
            }
            "rejected" => {
                assert_eq!(frame["retryable"], true, "{frame}");
                tokio::time::sleep(AGAIN).await;
                let _ = self.send(chat, self.find(&frame)).await;
            }
            "queue" | "typing" => {}
            other => panic!("{other}: {frame}"),
        }
    }

    fn find(&self, frame: &Value) -> usize {
        self.sendings.iter().rposition(|sending| frame["cid"] == *sending.cid).expect("one of ours")
    }
}

/// A consultant who answers every message of visitors in the sessions that are theirs.
pub(crate) struct Answerer {
    person: Colleague,
    nodes: Vec<SocketAddr>,
    /// The sessions, with the fence of each.
    fences: BTreeMap<String, i64>,
    work: Arc<Work>,
    pub(crate) sendings: Vec<Sending>,
    under_way: BTreeSet<usize>,
    pub(crate) views: BTreeMap<String, View>,
}

impl Answerer {
    pub(crate) fn new(
        person: Colleague,
        nodes: Vec<SocketAddr>,
        fences: BTreeMap<String, i64>,
        work: Arc<Work>,
    ) -> Self {
        let view = |session: &String| View { session: session.clone(), events: Vec::new() };
        let views = fences.keys().map(|session| (session.clone(), view(session))).collect();
        let (sendings, under_way) = (Vec::new(), BTreeSet::new());
        Self { person, nodes, fences, work, sendings, under_way, views }
    }

    /// Answers until `done`, and then until every answer was accepted.
    pub(crate) async fn run(mut self) -> Self {
        for node in self.nodes.clone().into_iter().cycle() {
            if let Some(mut desk) = self.person.at(node).try_desk().await
                && self.converse(&mut desk).await
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        self
    }

    /// Returns whether all is done; otherwise the connection was lost.
    async fn converse(&mut self, desk: &mut Chat) -> bool {
        for (session, view) in &self.views {
            let after_seq = last_of(view);
            let open = json!({
                "t": "open", "cid": "o", "session": session, "after_seq": after_seq,
            });
            if desk.try_send(&open).await.is_err() {
                return false;
            }
        }
        for at in self.under_way.clone() {
            if self.send(desk, at).await.is_err() {
                return false;
            }
        }
        while !self.work.done.load(Ordering::Relaxed) || !self.under_way.is_empty() {
            let Ok(frame) = tokio::time::timeout(Duration::from_millis(200), desk.next()).await
            else {
                continue;
            };
            let Frame::Json(frame) = frame else { return false };
            if self.note(desk, frame).await.is_err() {
                return false;
            }
        }
        true
    }

    async fn note(&mut self, desk: &mut Chat, frame: Value) -> Result<(), ()> {
        match frame["t"].as_str().unwrap() {
            "event" => {
                let session = frame["session"].as_str().unwrap().to_owned();
                let Some(view) = self.views.get_mut(&session) else { return Ok(()) };
                let asked = frame["kind"] == "message" && frame["role"] == "visitor";
                let cid = format!("re-{}", frame["cid"].as_str().unwrap_or_default());
                view.events.push(frame);
                if !asked {
                    return Ok(());
                }
                let text = format!("words of {cid}");
                let (role, accepted) = ("consultant", Vec::new());
                self.sendings.push(Sending { role, session, cid, text, accepted, refused: false });
                let at = self.sendings.len() - 1;
                self.under_way.insert(at);
                self.send(desk, at).await
            }
            "done" => {
                let at = self.find(&frame);
                self.sendings[at].accepted.push(frame["seq"].as_i64().unwrap());
                self.under_way.remove(&at);
                Ok(())
            }
            // An `open` that is refused for now is made again with the next connection.
            "refused" if frame["cid"] == "o" => Err(()),
            "refused" => {
                let code = &frame["code"];
                assert!(code == "stale_view" || frame["retryable"] == true, "{frame}");
                tokio::time::sleep(AGAIN).await;
                self.send(desk, self.find(&frame)).await
            }
            "closed" => panic!("{frame}"),
            _ => Ok(()),
        }
    }

    async fn send(&self, desk: &mut Chat, at: usize) -> Result<(), ()> {
        let Sending { session, cid, text, .. } = &self.sendings[at];
        let words = json!({
            "t": "send", "cid": cid, "session": session, "fence": self.fences[session],
            "base_seq": last_of(&self.views[session]), "text": text,
        });
        desk.try_send(&words).await
    }

    fn find(&self, frame: &Value) -> usize {
        self.sendings.iter().rposition(|sending| frame["cid"] == *sending.cid).expect("one of ours")
    }
}

fn last_of(view: &View) -> i64 {
    view.events.last().map_or(0, |event| event["seq"].as_i64().unwrap())
}
