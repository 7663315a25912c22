//! The doorbell: tells the sockets of a session that its log has grown. It carries a number and
//! nothing else, and a lost ring costs time, never data: readers always read the log.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::id::SessionId;

const SHARDS: usize = 64;
/// The number that means 'erased'.
pub const GONE: i64 = i64::MAX;

/// The doorbells of all sessions that have a socket on this node.
#[derive(Debug, Clone, Default)]
pub struct Bus {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shards: [Mutex<HashMap<SessionId, watch::Sender<i64>>>; SHARDS],
    hasher: RandomState,
}

impl Default for Inner {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }
}

/// One socket's ear at a session's doorbell; hangs up when dropped.
#[derive(Debug)]
pub struct Doorbell {
    session: SessionId,
    rings: watch::Receiver<i64>,
    bus: Bus,
}

impl Bus {
    /// Says that the log of `session` has grown to number `head`.
    pub fn ring(&self, session: &SessionId, head: i64) {
        if let Some(bell) = self.shard(session).get(session) {
            bell.send_if_modified(|known| {
                let newer = head > *known;
                *known = head.max(*known);
                newer
            });
        }
    }

    /// Says that `session` was erased: there is nothing left to read.
    pub fn ring_gone(&self, session: &SessionId) {
        self.ring(session, GONE);
    }

    /// Returns an ear at the doorbell of `session`; `None` when it has `limit` already.
    pub fn listen(&self, session: &SessionId, limit: usize) -> Option<Doorbell> {
        let mut shard = self.shard(session);
        let bell = shard.entry(session.clone()).or_insert_with(|| watch::channel(0).0);
        if bell.receiver_count() >= limit {
            return None;
        }
        Some(Doorbell { session: session.clone(), rings: bell.subscribe(), bus: self.clone() })
    }

    fn shard(
        &self,
        session: &SessionId,
    ) -> std::sync::MutexGuard<'_, HashMap<SessionId, watch::Sender<i64>>> {
        let hash = self.inner.hasher.hash_one(session.as_str());
        let at = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        // A poisoned map is still a map: rings are hints, and no code panics while it is held.
        self.inner.shards[at].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Doorbell {
    /// Returns the highest number that was rung; rings so far are answered by that.
    pub fn answer(&mut self) -> i64 {
        *self.rings.borrow_and_update()
    }

    /// Waits for the next ring. Cancelling the wait loses nothing.
    pub async fn wait(&mut self) {
        if self.rings.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Doorbell {
    fn drop(&mut self) {
        let mut shard = self.bus.shard(&self.session);
        // This ear is still counted while it is being dropped.
        if shard.get(&self.session).is_some_and(|bell| bell.receiver_count() <= 1) {
            shard.remove(&self.session);
        }
    }
}
