//! Hand-offs: each step is read, decided by the state machine and written under the session's
//! lock, with a comparison of the fence in the statement that writes; and a consultant's messages.

use super::audit::{self, Entry};
use super::database::{Connection, OptionalExtension as _, Row, params};
use super::{Error, Store, appends};
use crate::id::{SessionId, UserId};
use crate::session::{
    Draft, Event, EventKind, Hand, Handoff, InvalidTransition, Mode, Outcome, Reason, Role, Stage,
    Step, Wanted,
};
use crate::time::Timestamp;

/// The columns of a hand-off.
pub(super) const COLUMNS: &str =
    "mode, fence, reason, priority, moves, since, deadline, escalations, wanted, assignee, outcome";

/// A step of a session's hand-off.
#[derive(Debug, Clone)]
pub struct Advance {
    /// The session.
    pub session: SessionId,
    /// What happens.
    pub step: Step,
    /// How many sessions whoever claims it may have, this one included; `None` for any number.
    pub room: Option<usize>,
    /// The consultant's own id of the command, the same on every retry.
    pub cid: Option<String>,
    /// What both sides are told.
    pub told: Option<Draft>,
    /// What the audit log says of it.
    pub audit: Option<Entry>,
    /// The moment.
    pub now: Timestamp,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advanced {
    /// Taken and durable.
    Done {
        /// The hand-off from now on.
        handoff: Handoff,
        /// What both sides are told.
        event: Option<Event>,
    },
    /// The same command was carried out before, and told under this number.
    Before {
        /// The hand-off now.
        handoff: Handoff,
        /// Number of its event.
        seq: i64,
    },
    /// Not possible.
    Refused {
        /// Why.
        why: InvalidTransition,
        /// The hand-off now.
        handoff: Handoff,
        /// Number of the newest event.
        head: i64,
    },
    /// There is no such session, or it was erased.
    Unknown,
}

/// A consultant's message.
#[derive(Debug, Clone)]
pub struct Say {
    /// The session.
    pub session: SessionId,
    /// Who writes, and the fence they know.
    pub hand: Hand,
    /// Number of the last event that they have seen.
    pub base: i64,
    /// Their own id of the message.
    pub cid: String,
    /// The body, JSON.
    pub body: String,
    /// The moment.
    pub now: Timestamp,
}

/// What became of a consultant's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Written and durable.
    Written(Event),
    /// A message with this id was written before: its number and body.
    Before(i64, String),
    /// Somebody wrote, or there is an alarm, that the writer had not seen.
    StaleView {
        /// The fence now.
        fence: i64,
        /// Number of the newest event.
        head: i64,
    },
    /// Not theirs, or over.
    Refused {
        /// Why.
        why: InvalidTransition,
        /// The fence now.
        fence: i64,
        /// Number of the newest event.
        head: i64,
    },
    /// There is no such session, or it was erased.
    Unknown,
}

impl Store {
    /// Takes a step of a hand-off; returns after the durable commit.
    pub async fn advance(&self, advance: Advance) -> Result<Advanced, Error> {
        self.writer.write(move |connection| take(connection, advance)).await
    }

    /// Writes a consultant's message; returns after the durable commit.
    pub async fn say(&self, say: Say) -> Result<Said, Error> {
        self.writer.write(move |connection| say_now(connection, say)).await
    }
}

fn take(connection: &Connection, advance: Advance) -> Result<Advanced, Error> {
    let Some((head, handoff)) = lock(connection, &advance.session)? else {
        return Ok(Advanced::Unknown);
    };
    let person = advance.step.hand().map(|hand| hand.by.clone());
    if let Some(cid) = &advance.cid
        && let Some((seq, _)) = appends::known(connection, &advance.session, person.as_ref(), cid)?
    {
        return Ok(Advanced::Before { handoff, seq });
    }
    if let (Some(room), Step::Claim { hand, .. }) = (advance.room, &advance.step)
        && held_by(connection, &hand.by)? >= room
    {
        return Ok(Advanced::Refused { why: InvalidTransition::Full, handoff, head });
    }
    let next = match handoff.clone().step(advance.step, advance.now) {
        Ok(next) => next,
        Err(why) => return Ok(Advanced::Refused { why, handoff, head }),
    };
    write(connection, &advance.session, handoff.fence, &next, advance.now)?;
    let event = advance.told.map(|told| {
        let seq = head + 1;
        let cid = advance.cid.unwrap_or_else(|| format!("state:{seq}"));
        appends::event(seq, cid, told, advance.now)
    });
    if let Some(event) = &event {
        appends::insert(connection, &advance.session, event, person.as_ref())?;
        appends::move_head(connection, &advance.session, event.seq)?;
    }
    if let Some(entry) = advance.audit {
        audit::write(connection, entry, advance.now)?;
    }
    Ok(Advanced::Done { handoff: next, event })
}

/// Returns how many sessions a person has.
fn held_by(connection: &Connection, person: &UserId) -> Result<usize, Error> {
    let mut statement = connection
        .prepare_cached("SELECT COUNT(*) FROM sessions WHERE mode = 'human' AND assignee = ?1")?;
    let held: i64 = statement.query_row(params![person.as_str()], |row| row.get(0))?;
    Ok(usize::try_from(held).unwrap_or(usize::MAX))
}

fn say_now(connection: &Connection, say: Say) -> Result<Said, Error> {
    let Some((head, handoff)) = lock(connection, &say.session)? else { return Ok(Said::Unknown) };
    let person = Some(&say.hand.by);
    if let Some((seq, body)) = appends::known(connection, &say.session, person, &say.cid)? {
        return Ok(Said::Before(seq, body));
    }
    let fence = handoff.fence;
    if let Err(why) = handoff.held(&say.hand) {
        return Ok(Said::Refused { why, fence, head });
    }
    if has_news(connection, &say)? {
        return Ok(Said::StaleView { fence, head });
    }
    let draft = Draft { kind: EventKind::Message, role: Role::Consultant, body: say.body };
    let event = appends::event(head + 1, say.cid, draft, say.now);
    appends::insert(connection, &say.session, &event, person)?;
    connection
        .prepare_cached(
            "UPDATE sessions
             SET head = ?2, active_at = ?3, replied_at = COALESCE(replied_at, ?3)
             WHERE id = ?1",
        )?
        .execute(params![say.session.as_str(), event.seq, say.now.as_micros()])?;
    Ok(Said::Written(event))
}

/// Returns whether somebody else wrote, or an alarm was raised, after what the writer has seen.
fn has_news(connection: &Connection, say: &Say) -> Result<bool, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT 1
         FROM events
         WHERE session = ?1 AND seq > ?2
             AND (kind = ?3 OR (kind = ?4 AND role IN (?5, ?6) AND COALESCE(person, '') <> ?7))
         LIMIT 1",
    )?;
    let found = statement.exists(params![
        say.session.as_str(),
        say.base,
        EventKind::Safety.name(),
        EventKind::Message.name(),
        Role::Visitor.name(),
        Role::Consultant.name(),
        say.hand.by.as_str(),
    ])?;
    Ok(found)
}

/// Takes the session's lock by a write, and returns its head and hand-off under it.
pub(super) fn lock(
    connection: &Connection,
    session: &SessionId,
) -> Result<Option<(i64, Handoff)>, Error> {
    let sql =
        format!("UPDATE sessions SET head = head WHERE id = ?1 RETURNING id, head, {COLUMNS}");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_row([session.as_str()], |row| {
        Ok((row.get::<_, i64>("head")?, row.get::<_, String>("mode")?, handoff(row)))
    });
    match found.optional()? {
        Some((_, mode, _)) if mode == Mode::Erased.name() => Ok(None),
        Some((head, _, handoff)) => Ok(Some((head, handoff?))),
        None => Ok(None),
    }
}

/// Writes a hand-off over the one that had `fence`.
pub(super) fn write(
    connection: &Connection,
    session: &SessionId,
    fence: i64,
    next: &Handoff,
    now: Timestamp,
) -> Result<(), Error> {
    let (mut since, mut deadline, mut escalations) = (None, None, 0);
    let (mut wanted, mut outcome) = (None, None);
    match &next.stage {
        Stage::Bot | Stage::Offered => {}
        Stage::Queued { since: from, deadline: until, wanted: by, escalations: times } => {
            (since, deadline, escalations) = (Some(*from), Some(*until), *times);
            wanted = by.as_ref().map(wanted_text);
        }
        Stage::Claimed { since: from, .. } => since = Some(*from),
        Stage::Closed { outcome: what } => outcome = what.map(Outcome::name),
    }
    let mode = next.mode();
    let at = |reached: Mode| (mode == reached).then_some(now.as_micros());
    let written = connection
        .prepare_cached(
            "UPDATE sessions
             SET mode = ?3, fence = ?4, reason = ?5, priority = ?6, moves = ?7, since = ?8,
                 deadline = ?9, escalations = ?10, wanted = ?11, assignee = ?12, outcome = ?13,
                 last_assignee = COALESCE(?12, last_assignee),
                 queued_at = COALESCE(queued_at, ?14),
                 claimed_at = COALESCE(claimed_at, ?15),
                 closed_at = COALESCE(closed_at, ?16)
             WHERE id = ?1 AND fence = ?2",
        )?
        .execute(params![
            session.as_str(),
            fence,
            mode.name(),
            next.fence,
            next.reason.map(Reason::name),
            next.priority,
            next.moves,
            since.map(Timestamp::as_micros),
            deadline.map(Timestamp::as_micros),
            escalations,
            wanted,
            next.assignee().map(UserId::as_str),
            outcome,
            at(Mode::Queued),
            at(Mode::Human),
            at(Mode::Ended),
        ])?;
    if written == 1 {
        Ok(())
    } else {
        Err(Error::Inconsistent("a fence moved under its lock".into()))
    }
}

/// What stands before the name of a team, where otherwise the id of a person is.
const TEAM: &str = "team:";

fn wanted_text(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Person(person) => person.to_string(),
        Wanted::Team(team) => format!("{TEAM}{team}"),
    }
}

fn wanted(text: String) -> Wanted {
    match text.strip_prefix(TEAM) {
        Some(team) => Wanted::Team(team.to_owned()),
        None => Wanted::Person(text.into()),
    }
}

/// Reads a hand-off from a row with its columns.
pub(super) fn handoff(row: &Row<'_>) -> Result<Handoff, Error> {
    let text = |name: &str| row.get::<_, Option<String>>(name);
    let moment = |name: &str| -> Result<Timestamp, Error> {
        Ok(Timestamp::from_micros(row.get::<_, Option<i64>>(name)?.unwrap_or_default()))
    };
    let reason = text("reason")?.as_deref().and_then(Reason::from_name);
    let mode: String = row.get("mode")?;
    let stage = match Mode::from_name(&mode) {
        Some(Mode::Bot) if reason.is_some() => Stage::Offered,
        Some(Mode::Bot) => Stage::Bot,
        Some(Mode::Queued) => Stage::Queued {
            since: moment("since")?,
            deadline: moment("deadline")?,
            wanted: text("wanted")?.map(wanted),
            escalations: row.get("escalations")?,
        },
        Some(Mode::Human) => Stage::Claimed {
            by: text("assignee")?.unwrap_or_default().into(),
            since: moment("since")?,
        },
        Some(Mode::Ended | Mode::Erased) => {
            Stage::Closed { outcome: text("outcome")?.as_deref().and_then(Outcome::from_name) }
        }
        None => return Err(Error::Inconsistent(format!("session mode {mode:?}"))),
    };
    Ok(Handoff {
        stage,
        fence: row.get("fence")?,
        reason,
        priority: row.get("priority")?,
        moves: row.get("moves")?,
    })
}
