//! What the tests stand on: a server, visitors, a knowledge folder of their own.

mod app;
mod articles;
mod chat;
mod console;
mod database;
mod http;
mod nodes;
mod office;
mod process;
mod proxy;
mod stubborn;

pub(crate) use app::{TestApp, read_log};
pub(crate) use articles::{Library, article, noon, product};
pub(crate) use chat::{Chat, Frame, Visitor};
pub(crate) use console::{Colleague, PASSWORD, call};
pub(crate) use database::{Database, Schema, on_both};
pub(crate) use http::{Response, exchange, get, post, request, try_exchange};
pub(crate) use nodes::{Pair, ask_for_a_person, nats};
pub(crate) use office::{Office, STORAGE, quoted, storage};
pub(crate) use process::Server;
pub(crate) use proxy::Proxy;
pub(crate) use stubborn::{Answerer, Client, Work};

use std::time::{Duration, Instant};

/// How long anything may take before a test gives up; generous, the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `condition` holds, looking often.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Returns the seed of a random test, and prints it: `EIDER_SEED`, or `default`.
pub(crate) fn seed(default: u64) -> u64 {
    let seed = std::env::var("EIDER_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or(default);
    println!("seed {seed}; repeat with EIDER_SEED={seed}");
    seed
}

/// Returns how often something is done: what the variable says, or `default`.
pub(crate) fn count(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|count| count.parse().ok()).unwrap_or(default)
}

/// A small random number generator (splitmix64): the same seed, the same numbers.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Returns a position below `length`.
    pub(crate) fn position(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }
}

/// Returns every file below `folder` that holds `needle`.
pub(crate) fn files_with(folder: &std::path::Path, needle: &[u8]) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if std::fs::read(&path).is_ok_and(|bytes| holds(&bytes, needle)) {
                found.push(path);
            }
        }
    }
    found
}

/// Returns whether `bytes` hold `needle`.
pub(crate) fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Says that a test did not run for want of something; with `EIDER_REQUIRE_ALL` that is a failure.
/// Written past the test harness, which would keep it to itself.
pub(crate) fn skip(why: &str) {
    use std::io::Write as _;
    let said = format!("NOT RUN: {why}\n");
    assert!(std::env::var_os("EIDER_REQUIRE_ALL").is_none(), "{said}");
    let _ = std::io::stderr().write_all(said.as_bytes());
}
