//! Appending to a log: a visitor's message and its answer, numbered and stored together.

use super::database::{Connection, OptionalExtension as _, params};
use super::forms::{self, NewForm};
use super::{Error, Store, handoffs, outbox};
use crate::id::{DrugId, SessionId, UserId};
use crate::session::{Draft, Event, EventKind, Mode, Role, Step};
use crate::time::Timestamp;

/// How far the moment may lie back at which a session was last active, as far as it is kept:
/// moving it with every message would cost two more pages of an index each time.
const ACTIVE_SECONDS: i64 = 60;

/// A visitor's message, and the answer that goes with it.
#[derive(Debug, Clone)]
pub struct Append {
    /// The session.
    pub session: SessionId,
    /// The visitor's own id of the message: the same for every retry.
    pub cid: String,
    /// What the visitor writes.
    pub message: Draft,
    /// The verdict on the message, if it is a priority; written whoever has the session.
    pub safety: Option<Draft>,
    /// The bot's answer; left out when a person has the session by the time of the commit.
    pub answer: Option<Draft>,
    /// The medicine that the answer is about, where the one before was about another.
    pub about: Option<DrugId>,
    /// Number of the newest event that the answer takes into account: when a visitor's message has
    /// come after it, nothing is written. `None` writes whatever has come.
    pub seen: Option<i64>,
    /// What happens to the session's hand-off, and what both sides are told of it; left out when
    /// it is not possible by the time of the commit.
    pub step: Option<(Step, Option<Draft>)>,
    /// What the visitor is told in any case.
    pub told: Option<Draft>,
    /// The form that the message sends.
    pub form: Option<NewForm>,
    /// The moment.
    pub now: Timestamp,
}

impl Append {
    /// Returns a message alone.
    pub fn new(session: &SessionId, cid: &str, message: Draft, now: Timestamp) -> Self {
        let (session, cid) = (session.clone(), cid.to_owned());
        Self {
            session,
            cid,
            message,
            safety: None,
            answer: None,
            about: None,
            seen: None,
            step: None,
            told: None,
            form: None,
            now,
        }
    }
}

/// What became of an append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// Written and durable: the events with their numbers.
    Written(Vec<Event>),
    /// The same message was written before, under this number; nothing was added.
    Duplicate(i64),
    /// The same id came before with another text; nothing was added.
    CidConflict,
    /// The visitor has written something else since `seen`; nothing was added.
    Overtaken,
    /// The session is over; nothing was added.
    Closed,
}

impl Store {
    /// Appends a message and its answer in one transaction; returns after the durable commit.
    pub async fn append(&self, append: Append) -> Result<Appended, Error> {
        let is_plain = append.step.is_none() && append.form.is_none();
        let work = move |connection: &Connection| write(connection, append);
        if is_plain { self.writer.write_plainly(work).await } else { self.writer.write(work).await }
    }
}

/// Every statement runs under the lock with which the transaction begins.
fn write(connection: &Connection, append: Append) -> Result<Appended, Error> {
    let Some(State { head, mode, active }) = state(connection, &append.session)? else {
        return Ok(Appended::Closed);
    };
    let is_visitors = append.message.role == Role::Visitor;
    let is_behind = append.seen.is_some_and(|seen| seen < head);
    // Where nothing stands against a message, and nothing is written before it, writing it tells
    // whether it was stored before: nearly always, so that it need not be looked for.
    let is_looked_for =
        !mode.is_open() || is_behind || append.step.is_some() || append.form.is_some();
    if is_visitors
        && is_looked_for
        && let Some(before) = stored(connection, &append.session, &append.cid, &append.message)?
    {
        return Ok(before);
    }
    if !mode.is_open() {
        return Ok(Appended::Closed);
    }
    if let Some(seen) = append.seen.filter(|seen| *seen < head)
        && has_written(connection, &append.session, seen)?
    {
        return Ok(Appended::Overtaken);
    }
    let asked = head + 1;
    let mut events = vec![event(asked, append.cid, append.message, append.now)];
    if let Some(safety) = append.safety {
        events.push(event(asked + 1, format!("safety:{asked}"), safety, append.now));
    }
    let mut about = None;
    // The bot is silent from the moment a person has the session.
    if let Some(answer) = append.answer.filter(|_| mode.bot_answers()) {
        let seq = events.last().map_or(asked, |event| event.seq) + 1;
        events.push(event(seq, format!("bot:{asked}"), answer, append.now));
        about = append.about;
    }
    if let Some(form) = append.form {
        forms::insert(connection, &append.session, &form, append.now)?;
    }
    let mut told = Vec::from_iter(append.told);
    if let Some((step, then)) = append.step
        && advance(connection, &append.session, step, append.now)?
    {
        told.extend(then);
    }
    for told in told {
        let seq = events.last().map_or(asked, |event| event.seq) + 1;
        events.push(event(seq, format!("state:{seq}"), told, append.now));
    }
    for event in &events {
        if !insert_new(connection, &append.session, event, None)? {
            let draft = Draft { kind: event.kind, role: event.role, body: event.body.clone() };
            let cid = event.cid.as_deref().unwrap_or_default();
            let before = stored(connection, &append.session, cid, &draft)?;
            return before.ok_or_else(|| Error::Inconsistent(format!("event {}", event.seq)));
        }
    }
    let head = events.last().map_or(head, |event| event.seq);
    let session = append.session.as_str();
    if append.now >= active.plus_seconds(ACTIVE_SECONDS) {
        connection
            .prepare_cached("UPDATE sessions SET active_at = ?2 WHERE id = ?1")?
            .execute(params![session, append.now.as_micros()])?;
    }
    if let Some(drug) = about {
        connection
            .prepare_cached("UPDATE sessions SET head = ?2, about = ?3 WHERE id = ?1")?
            .execute(params![session, head, drug.as_str()])?;
    } else {
        move_head(connection, &append.session, head)?;
    }
    Ok(Appended::Written(events))
}

/// Returns what there is to say of a visitor's message that was stored before, if it was.
fn stored(
    connection: &Connection,
    session: &SessionId,
    cid: &str,
    message: &Draft,
) -> Result<Option<Appended>, Error> {
    let found = known(connection, session, None, cid)?;
    Ok(found.map(|(seq, body)| {
        if body == message.body { Appended::Duplicate(seq) } else { Appended::CidConflict }
    }))
}

/// Returns whether the visitor has written a message after number `seen`.
fn has_written(connection: &Connection, session: &SessionId, seen: i64) -> Result<bool, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM events WHERE session = ?1 AND seq > ?2 AND role = ?3 AND kind = ?4 LIMIT 1",
    )?;
    let (role, kind) = (Role::Visitor.name(), EventKind::Message.name());
    statement.exists(params![session.as_str(), seen, role, kind])
}

/// Takes a step of the hand-off if it is possible; returns whether it was.
fn advance(
    connection: &Connection,
    session: &SessionId,
    step: Step,
    now: Timestamp,
) -> Result<bool, Error> {
    let Some((_, before)) = handoffs::lock(connection, session)? else { return Ok(false) };
    let fence = before.fence;
    let Ok(next) = before.step(step, now) else { return Ok(false) };
    handoffs::write(connection, session, fence, &next, now)?;
    Ok(true)
}

pub(super) fn event(seq: i64, cid: String, draft: Draft, at: Timestamp) -> Event {
    Event { seq, kind: draft.kind, role: draft.role, cid: Some(cid), at, body: draft.body }
}

/// A session as an append finds it.
struct State {
    head: i64,
    mode: Mode,
    active: Timestamp,
}

fn state(connection: &Connection, session: &SessionId) -> Result<Option<State>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT head, mode, active_at FROM sessions WHERE id = ?1")?;
    let mut rows = statement.query([session.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mode: String = row.get(1)?;
    let mode = Mode::from_name(&mode)
        .ok_or_else(|| Error::Inconsistent(format!("session mode {mode:?}")))?;
    let active = Timestamp::from_micros(row.get(2)?);
    Ok(Some(State { head: row.get(0)?, mode, active }))
}

/// Returns the number and body of what a consultant, or else the visitor, wrote under the id `cid`.
pub(super) fn known(
    connection: &Connection,
    session: &SessionId,
    person: Option<&UserId>,
    cid: &str,
) -> Result<Option<(i64, String)>, Error> {
    // The roles stand in the statements, because each has an index of its own.
    let found = if let Some(person) = person {
        let mut statement = connection.prepare_cached(
            "SELECT seq, body FROM events
             WHERE session = ?1 AND person = ?2 AND cid = ?3 AND role = 'consultant'",
        )?;
        let wanted = params![session.as_str(), person.as_str(), cid];
        statement.query_row(wanted, |row| Ok((row.get(0)?, row.get(1)?)))
    } else {
        let mut statement = connection.prepare_cached(
            "SELECT seq, body FROM events WHERE session = ?1 AND cid = ?2 AND role = 'visitor'",
        )?;
        statement.query_row(params![session.as_str(), cid], |row| Ok((row.get(0)?, row.get(1)?)))
    };
    found.optional()
}

pub(super) fn move_head(
    connection: &Connection,
    session: &SessionId,
    head: i64,
) -> Result<(), Error> {
    connection
        .prepare_cached("UPDATE sessions SET head = ?2 WHERE id = ?1")?
        .execute(params![session.as_str(), head])?;
    Ok(())
}

/// Writes an event; `person` is the consultant whose it is.
pub(super) fn insert(
    connection: &Connection,
    session: &SessionId,
    event: &Event,
    person: Option<&UserId>,
) -> Result<(), Error> {
    if insert_new(connection, session, event, person)? {
        return Ok(());
    }
    Err(Error::Inconsistent(format!("event {} of a visitor is there already", event.seq)))
}

/// Writes an event, unless it is a visitor's whose id the session has already; returns whether it
/// was written.
fn insert_new(
    connection: &Connection,
    session: &SessionId,
    event: &Event,
    person: Option<&UserId>,
) -> Result<bool, Error> {
    let written = connection
        .prepare_cached(
            "INSERT INTO log (session, seq, kind, role, cid, at, body, person)
             VALUES ((SELECT number FROM sessions WHERE id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (session, cid) WHERE role = 'visitor' DO NOTHING",
        )?
        .execute(params![
            session.as_str(),
            event.seq,
            event.kind.name(),
            event.role.name(),
            event.cid,
            event.at.as_micros(),
            event.body,
            person.map(UserId::as_str)
        ])?;
    if written == 0 {
        return Ok(false);
    }
    outbox::note(connection, session, event)?;
    Ok(true)
}

impl Draft {
    /// Returns a visitor's message.
    pub fn visitor(body: String) -> Self {
        Self { kind: EventKind::Message, role: Role::Visitor, body }
    }

    /// Returns a change of the session's state.
    pub fn state(role: Role, body: String) -> Self {
        Self { kind: EventKind::State, role, body }
    }

    /// Returns a bot's message.
    pub fn bot(body: String) -> Self {
        Self { kind: EventKind::Message, role: Role::Bot, body }
    }
}
