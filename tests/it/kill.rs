//! `kill -9` of the real program, again and again, under clients that never give up: nothing that
//! was accepted is lost, nothing is there twice, every view is the log.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use eider::store::Store;
use serde_json::json;

use crate::history::{self, History, Logs};
use crate::support::{Client, Library, Random, Server, Visitor, Work, post, read_log, seed, until};

/// Clients at work; two of them share each session.
const CLIENTS: usize = 6;

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
    let work = Arc::new(Work::default());
    let clients: Vec<_> = visitors
        .into_iter()
        .enumerate()
        .map(|(name, visitor)| {
            tokio::spawn(Client::new(name, visitor, vec![address], work.clone()).run())
        })
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
