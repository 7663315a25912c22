//! Moves what was committed from the write-ahead log into the database's file, on a thread of its
//! own: it takes two synchronisations and many writes, and nobody should wait for them.
//!
//! The log can begin anew only when all of it was moved, which under load is never so while others
//! write. It therefore grows until it is long; then the thread moves nearly all, and the thread that
//! writes moves the rest, which is little, between two commits. Everybody waits for that, so that it
//! is done seldom.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use rusqlite::hooks::Wal;
use tracing::warn;

use super::Error;
use super::database::Connection;
use super::place::Place;

/// Pages written to the log since the last time from which on they are moved.
const ENOUGH: i32 = 4000;
/// Pages from which on writing waits for them to be moved: the disk does not keep up.
const TOO_MANY: i32 = 40 * 1000;
/// Pages in the log from which on it is to begin anew: 48 MiB. While it does, each of those who are
/// writing waits once, which should be less than one message of a hundred for a dozen of them.
const LONG: i32 = 12 * 1024;
/// Pages that the thread that writes may be left with then.
const FEW: i64 = 400;
/// How often the thread tries to leave so few.
const ROUNDS: usize = 4;

/// The thread, as the thread that writes sees it.
#[derive(Debug)]
pub(super) struct Checkpoints {
    pages: Arc<AtomicI32>,
    /// Pages in the log when they were last moved.
    moved: i32,
    /// How often to try to leave few pages.
    orders: Option<mpsc::Sender<usize>>,
    done: mpsc::Receiver<()>,
    is_working: bool,
    /// Whether the log begins anew after the work under way.
    is_long: bool,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    pub(super) fn start(place: Arc<Place>) -> Self {
        let (orders, ordered) = mpsc::channel();
        let (tell, done) = mpsc::channel();
        let work = move || {
            while let Ok(rounds) = ordered.recv() {
                let moved = place.connect().and_then(|connection| move_most(&connection, rounds));
                if let Err(fault) = moved {
                    warn!(error = %fault, "the write-ahead log could not be moved");
                }
                if tell.send(()).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("store-checkpoint".to_owned()).spawn(work);
        let thread = Some(thread.expect("a thread can be started while the program starts"));
        Self {
            pages: Arc::default(),
            moved: 0,
            orders: Some(orders),
            done,
            is_working: false,
            is_long: false,
            thread,
        }
    }

    /// Watches how long the write-ahead log becomes by what `connection` commits; it no longer
    /// moves it by itself.
    pub(super) fn watch(&self, connection: &mut Connection) {
        let Connection::Sqlite(connection) = connection else { return };
        let pages = self.pages.clone();
        let hook = move |_: &mut Wal, now| {
            pages.store(now, Ordering::Relaxed);
            Ok(())
        };
        if let Err(fault) = connection.wal_hook(Some(hook)) {
            // SQLite then moves it at every so-many-th commit, as it does by default.
            warn!(error = %fault, "the length of the write-ahead log cannot be watched");
        }
    }

    /// Has moved what was written since the last time, when it has become much; called after each
    /// commit.
    pub(super) fn after_commit(&mut self, connection: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < self.moved {
            // The log has begun anew.
            self.moved = 0;
        }
        let written = pages - self.moved;
        if self.is_working {
            if written >= TOO_MANY {
                self.wait();
            } else if self.done.try_recv().is_ok() {
                self.is_working = false;
            }
            if !self.is_working && self.is_long {
                self.move_rest(connection);
            }
        } else if written >= ENOUGH {
            self.is_long = pages >= LONG;
            self.moved = pages;
            let rounds = if self.is_long { ROUNDS } else { 1 };
            let orders = self.orders.as_ref();
            self.is_working = orders.is_some_and(|orders| orders.send(rounds).is_ok());
            if !self.is_working {
                self.move_rest(connection);
            }
        }
    }

    fn move_rest(&mut self, connection: &Connection) {
        // What cannot be moved now, because somebody reads it, is moved the next time.
        if let Err(fault) = move_all(connection) {
            warn!(error = %fault, "the rest of the write-ahead log could not be moved");
        }
        self.is_long = false;
    }

    /// Waits for the thread's work under way: two connections cannot do it at once.
    pub(super) fn wait(&mut self) {
        if std::mem::take(&mut self.is_working) {
            let _ = self.done.recv();
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.wait();
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Moves pages until few are left that were written meanwhile, in at most so many rounds.
fn move_most(connection: &Connection, rounds: usize) -> Result<(), Error> {
    let mut moved = 0;
    for _ in 0..rounds {
        let now = move_all(connection)?;
        if now - moved <= FEW {
            break;
        }
        moved = now;
    }
    Ok(())
}

/// Moves what is in the log now, but for what somebody still reads otherwise; returns how many
/// pages of the log are moved by now.
fn move_all(connection: &Connection) -> Result<i64, Error> {
    let Connection::Sqlite(connection) = connection else { return Ok(0) };
    Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(2))?)
}
