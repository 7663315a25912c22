//! Other nodes on the same database. Whatever they did is in the database, so looking there is
//! enough; the bus only says sooner when to look.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use tracing::warn;

use super::Desk;
use crate::id::{self, SessionId};
use crate::store::{self, Comings};
use crate::time::Timestamp;

/// How often a node says that it runs …
const RUNS_SECONDS: i64 = 10;
/// … and after how long without a word it is taken to be gone, with its visitors.
const GONE_SECONDS: i64 = 30;
/// Clocks that differ by more are complained of: leases and deadlines are written by one node and
/// judged by another.
const SKEW_SECONDS: i64 = 5;

/// What a node knows of the others.
#[derive(Debug)]
pub(super) struct Others {
    /// This node's own name, another one at every start.
    node: String,
    /// Sessions of the desk whose visitors are connected to other nodes.
    visitors: ArcSwap<HashSet<SessionId>>,
    said: Mutex<Said>,
}

/// What a node has said of itself, and what it saw.
#[derive(Debug, Default)]
struct Said {
    epoch: Option<Arc<str>>,
    /// How many notes there are on each session that a console here follows.
    notes: HashMap<SessionId, i64>,
    /// Sessions of the desk whose visitors are connected here.
    visitors: HashSet<SessionId>,
    at: Option<Timestamp>,
    /// Whether its clock was complained of.
    is_off: bool,
}

impl Said {
    fn is_new_epoch(&mut self, epoch: &Arc<str>) -> bool {
        let before = self.epoch.replace(epoch.clone());
        before.is_some_and(|before| before != *epoch)
    }
}

impl Default for Others {
    fn default() -> Self {
        Self { node: id::random_hex::<8>(), visitors: ArcSwap::default(), said: Mutex::default() }
    }
}

impl Others {
    fn said(&self) -> std::sync::MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Looks what other nodes did to the sessions that are followed here, and tells them who is
    /// connected here.
    pub async fn look_at_other_nodes(&self) -> Result<(), store::Error> {
        self.store.read_epoch().await?;
        if self.others.said().is_new_epoch(&self.store.epoch()) {
            warn!("the database was restored or moved: everybody reads its log anew");
            self.bus.ring_all();
        }
        for standing in self.store.standing(self.bus.listened()).await? {
            if standing.erased {
                self.bus.found_erased(&standing.session);
            } else {
                self.bus.found(&standing.session, standing.head);
            }
        }
        self.look_for_notes().await?;
        self.tell_other_nodes().await
    }

    /// Returns whether the visitor of a session is connected, here or to another node. Of other
    /// nodes only the sessions on the board are known.
    pub fn has_visitor(&self, session: &SessionId) -> bool {
        self.bus.has_visitor(session) || self.others.visitors.load().contains(session)
    }

    async fn look_for_notes(&self) -> Result<(), store::Error> {
        let counts = self.store.note_counts(self.bus.overheard()).await?;
        let before = std::mem::take(&mut self.others.said().notes);
        for (session, count) in &counts {
            if before.get(session).is_none_or(|before| before < count) {
                self.bus.found_note(session);
            }
        }
        self.others.said().notes = counts.into_iter().collect();
        Ok(())
    }

    async fn tell_other_nodes(&self) -> Result<(), store::Error> {
        let (board, now) = (self.board(), self.now());
        let on_board = board.rows.iter().map(|row| &row.session);
        let here: HashSet<SessionId> =
            on_board.filter(|session| self.bus.has_visitor(session)).cloned().collect();
        let (visitors, is_due) = {
            let said = self.others.said();
            let visitors = Comings {
                come: here.difference(&said.visitors).cloned().collect(),
                gone: said.visitors.difference(&here).cloned().collect(),
            };
            let is_due = said.at.is_none_or(|at| now.seconds_since(at) >= RUNS_SECONDS);
            (visitors, is_due || here != said.visitors)
        };
        if is_due {
            self.store.node_runs(&self.others.node, visitors, now).await?;
            let skew = self.store.clock().await?.map(|theirs| now.seconds_since(theirs).abs());
            let is_off = skew.is_some_and(|skew| skew > SKEW_SECONDS);
            let mut said = self.others.said();
            if is_off && !said.is_off {
                warn!(seconds = skew, "this node's clock is not the database's: set them by NTP");
            }
            (said.visitors, said.at, said.is_off) = (here, Some(now), is_off);
        }
        let since = now.minus_seconds(GONE_SECONDS);
        let elsewhere = self.store.visitors_elsewhere(&self.others.node, since).await?;
        self.others.visitors.store(elsewhere.into());
        Ok(())
    }

    /// Forgets nodes that are long gone.
    pub async fn forget_old_nodes(&self) -> Result<(), store::Error> {
        self.store.forget_nodes(self.now().minus_seconds(2 * GONE_SECONDS)).await
    }
}
