//! The board: who waits, and who is behind the desk.

use std::collections::HashMap;
use std::sync::Arc;

use tracing::warn;

use super::Desk;
use crate::account::User;
use crate::id::{SessionId, UserId};
use crate::session::Stage;
use crate::store::{self, Waiting};
use crate::text::Lang;
use crate::time::Timestamp;

/// A consultant whose console was not heard of for so long has left; with the round's own interval
/// a session waits again within 75 s.
const LEASE_SECONDS: i64 = 60;
/// What is left of the lease when a console closes its last socket: time enough to reload a page.
const RELOAD_SECONDS: i64 = 15;

/// Everything that the desk looks at all the time.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// Sessions that wait or are claimed, most urgent and oldest first.
    pub rows: Vec<Waiting>,
    /// Consultants who may work, by name.
    pub people: Vec<Person>,
    /// How long sessions waited lately, in the middle.
    pub expected_seconds: Option<i64>,
}

/// Somebody behind the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: UserId,
    /// The name that others see.
    pub name: String,
    /// Whether they take sessions.
    pub available: bool,
    /// Whether their console is connected.
    pub online: bool,
    /// How many sessions they have.
    pub sessions: usize,
    /// How many they are given at once.
    pub capacity: usize,
    /// The teams they are in.
    pub teams: Vec<String>,
}

/// Where a session stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub position: usize,
    /// Consultants on duty.
    pub on_duty: usize,
    /// How long it has waited.
    pub waited_seconds: i64,
    /// How long sessions waited lately.
    pub expected_seconds: Option<i64>,
}

impl Board {
    /// Returns how many consultants are on duty: available and online.
    pub fn on_duty(&self) -> usize {
        self.people.iter().filter(|person| person.available && person.online).count()
    }

    /// Returns the sessions that wait for a person.
    pub fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.rows.iter().filter(|row| matches!(row.handoff.stage, Stage::Queued { .. }))
    }

    /// Returns where a session stands, if it waits.
    pub fn place(&self, session: &SessionId, now: Timestamp) -> Option<Place> {
        let (ahead, row) = self.waiting().enumerate().find(|(_, row)| row.session == *session)?;
        let Stage::Queued { since, .. } = row.handoff.stage else { return None };
        Some(Place {
            position: ahead + 1,
            on_duty: self.on_duty(),
            waited_seconds: now.seconds_since(since),
            expected_seconds: self.expected_seconds,
        })
    }

    /// Returns whether a session is this person's.
    pub fn has(&self, session: &SessionId, person: &UserId) -> bool {
        let row = self.rows.iter().find(|row| row.session == *session);
        row.is_some_and(|row| row.handoff.assignee() == Some(person))
    }

    /// Returns whether a consultant's console is connected.
    pub fn is_online(&self, id: &UserId) -> bool {
        self.people.iter().any(|person| person.id == *id && person.online)
    }

    /// Returns whether anybody is in a team of this name.
    pub fn has_team(&self, team: &str) -> bool {
        self.people.iter().any(|person| person.teams.iter().any(|own| own == team))
    }

    /// Returns the name of a consultant.
    pub fn name(&self, id: &UserId) -> Option<&str> {
        self.people.iter().find(|person| person.id == *id).map(|person| person.name.as_str())
    }
}

impl Desk {
    /// Returns the board as it was last read.
    pub fn board(&self) -> Arc<Board> {
        self.board.load_full()
    }

    /// Reads the board and returns it.
    pub async fn read_board(&self) -> Result<Arc<Board>, store::Error> {
        let now = self.now();
        let rows = self.store.board().await?;
        let mut held: HashMap<&UserId, usize> = HashMap::new();
        for assignee in rows.iter().filter_map(|row| row.handoff.assignee()) {
            *held.entry(assignee).or_default() += 1;
        }
        let people = self.store.users().await?;
        let people = people.into_iter().filter(|user| user.may_consult() && !user.disabled);
        let usual = self.duty().assignment.capacity;
        let own = |user: &User| user.capacity.and_then(|capacity| usize::try_from(capacity).ok());
        let people = people.map(|user| Person {
            online: is_online(&user, now),
            sessions: held.get(&user.id).copied().unwrap_or_default(),
            available: user.available,
            capacity: own(&user).unwrap_or(usual),
            id: user.id,
            name: user.name,
            teams: user.teams,
        });
        let people = people.collect();
        let before = self.board.load();
        let expected_seconds = before.expected_seconds;
        let board = Board { rows, people, expected_seconds };
        if **before == board {
            return Ok(before.clone());
        }
        let board = Arc::new(board);
        self.board.store(board.clone());
        Ok(board)
    }

    /// Notes that a consultant's console was heard of.
    pub fn hear(&self, person: &UserId) {
        let now = self.now();
        self.heard().insert(person.clone(), now);
    }

    /// Notes that a consultant's last socket here was closed: their sessions wait again soon.
    pub async fn leave(&self, person: &UserId) {
        self.heard().remove(person);
        let left = self.now().minus_seconds(LEASE_SECONDS - RELOAD_SECONDS);
        if let Err(fault) = self.store.left(person, left).await {
            warn!(error = %fault, "a consultant's leaving could not be noted; the lease ends it");
        }
        self.bus.ring_desk();
    }

    /// Notes at once that a consultant is there.
    pub async fn arrive(&self, person: &UserId) -> Result<(), store::Error> {
        self.hear(person);
        self.store.seen(vec![(person.clone(), self.now())]).await?;
        self.bus.ring_desk();
        Ok(())
    }

    /// Returns by when a session of this priority has to be claimed.
    pub(super) fn claim_deadline(&self, priority: i64, now: Timestamp) -> Timestamp {
        let waiting = self.duty().waiting;
        let seconds = if priority >= 2 { waiting.urgent_seconds } else { waiting.claim_seconds };
        now.plus_seconds(seconds)
    }
}

impl Waiting {
    /// Returns the language of the visitor's screen.
    pub(super) fn lang(&self) -> Lang {
        Lang::from_tag(&self.lang).unwrap_or_default()
    }
}

fn is_online(user: &User, now: Timestamp) -> bool {
    user.seen_at > now.minus_seconds(LEASE_SECONDS)
}
