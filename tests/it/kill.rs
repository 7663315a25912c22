//! `kill -9` of the real program, again and again, under clients that never give up: nothing that
//! was accepted is lost, nothing is there twice, every view is the log.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use eider::store::Store;
use serde_json::{Value, json};

use crate::history::{self, History, Logs, Sending, View};
use crate::support::{Chat, Frame, Library, Random, Server, Visitor, post, read_log, seed, until};

/// Clients at work; two of them share each session.
const CLIENTS: usize = 6;
/// Messages that a client has under way at once.
const UNDER_WAY: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_accepted_is_lost_or_doubled_when_the_server_is_killed() {
    let cycles = std::env::var("EIDER_KILL_CYCLES").ok().and_then(|text| text.parse().ok());
    let cycles: usize = cycles.unwrap_or(100);
    let mut random = Random::new(seed(20_261_122));
    let library = Library::sample();
    library.publish().unwrap();
    let address = Server::free_address();
    let mut server = Server::start(&library, address, |_| {});
    server.ready().await;
    let body = json!({ "consent": { "version": "1", "lang": "en" } });
    let mut visitors = Vec::new();
    for _ in 0..CLIENTS / 2 {
        let created = post(address, "/v1/sessions", &body).await.json();
        visitors.extend(vec![Visitor::new(address, &created); 2]);
    }
    let work = std::sync::Arc::new(Work::default());
    let clients: Vec<_> = visitors
        .into_iter()
        .enumerate()
        .map(|(name, visitor)| tokio::spawn(Client::new(name, visitor, work.clone()).run()))
        .collect();
    let begun = Instant::now();
    for cycle in 0..cycles {
        let (before, accepted) =
            (work.accepted(), work.accepted() + 1 + usize::try_from(random.below(40)).unwrap());
        until("messages are accepted", async || work.accepted() >= accepted).await;
        tokio::time::sleep(Duration::from_micros(random.below(8_000))).await;
        server.kill();
        if cycle % 20 == 19 {
            println!(
                "{} kills, {} messages, +{}",
                cycle + 1,
                work.accepted(),
                work.accepted() - before
            );
        }
        server = Server::start(&library, address, |_| {});
    }
    work.done.store(true, Ordering::Relaxed);
    let (mut history, mut at_rest) = (History::default(), Vec::new());
    for client in clients {
        let client = tokio::time::timeout(Duration::from_mins(1), client).await;
        at_rest.push(client.expect("every client gets its last message through").unwrap());
    }
    for mut client in at_rest {
        client.finish().await;
        history.sendings.extend(client.sendings);
        history.views.push(client.view);
    }
    server.terminate();
    assert!(server.ended().await.success());
    let store = Store::open(&library.data()).await.unwrap();
    let mut logs = Logs::new();
    for session in store.session_ids().await.unwrap() {
        logs.insert(session.to_string(), read_log(&store, session.as_str()).await);
    }
    store.close().await;
    let resent = work.stored_before.load(Ordering::Relaxed);
    println!(
        "{cycles} kills in {:?}: {} messages accepted, {resent} of them only when sent again; {} connections",
        begun.elapsed(),
        history.sendings.len(),
        work.connections.load(Ordering::Relaxed)
    );
    assert!(history.sendings.len() >= cycles, "there was load");
    assert!(history.sendings.iter().all(|sending| !sending.accepted.is_empty()));
    let faults = history::faults(&history, &logs);
    assert!(faults.is_empty(), "{faults:#?}");
    for view in &history.views {
        assert_eq!(view.events.len(), logs[&view.session].len(), "at rest every view is the log");
    }
}

#[derive(Default)]
struct Work {
    done: AtomicBool,
    accepted: AtomicUsize,
    /// Messages that had been stored, and whose acceptance was lost with the server.
    stored_before: AtomicUsize,
    connections: AtomicUsize,
}

impl Work {
    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

/// Sends, retries with the same ids, resumes where it was.
struct Client {
    name: usize,
    visitor: Visitor,
    work: std::sync::Arc<Work>,
    sendings: Vec<Sending>,
    under_way: BTreeSet<usize>,
    view: View,
}

impl Client {
    fn new(name: usize, visitor: Visitor, work: std::sync::Arc<Work>) -> Self {
        let view = View { session: visitor.session.clone(), events: Vec::new() };
        Self { name, visitor, work, sendings: Vec::new(), under_way: BTreeSet::new(), view }
    }

    /// Works until `done`, and then until everything it sent was accepted.
    async fn run(mut self) -> Self {
        loop {
            if let Ok(mut chat) = Chat::try_connect(self.visitor.address).await
                && self.converse(&mut chat).await
            {
                return self;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    fn last_seen(&self) -> i64 {
        self.view.events.last().map_or(0, |event| event["seq"].as_i64().unwrap())
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
    async fn finish(&mut self) {
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
            "rejected" => assert_eq!(frame["retryable"], true, "{frame}"),
            other => panic!("{other}: {frame}"),
        }
    }

    fn find(&self, frame: &Value) -> usize {
        self.sendings.iter().rposition(|sending| frame["cid"] == *sending.cid).expect("one of ours")
    }
}
