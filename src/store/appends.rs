//! Appending to logs: what many sessions write at the same time shares one durable commit.
//!
//! One task owns all appends. It takes whatever waits, writes it in one transaction, and answers
//! each caller only after the commit. A caller that goes away cancels nothing.

use std::collections::HashMap;
use std::fmt::Write as _;

use sqlx::{Any, AnyPool, AssertSqlSafe, Row as _, Transaction};
use tokio::sync::{mpsc, oneshot};

use super::{Error, Store};
use crate::id::SessionId;
use crate::session::{Draft, Event, EventKind, Mode, Role};
use crate::time::Timestamp;

/// Most appends of one commit.
const MAX_GROUP: usize = 256;
/// Appends that may wait; further callers wait for a place.
const MAX_WAITING: usize = 4096;

/// A visitor's message, and the answer that goes with it.
#[derive(Debug, Clone)]
pub struct Append {
    /// The session.
    pub session: SessionId,
    /// The visitor's own id of the message: the same for every retry.
    pub cid: String,
    /// What the visitor writes.
    pub message: Draft,
    /// The bot's answer; left out when a person has the session by the time of the commit.
    pub answer: Option<Draft>,
    /// Mode of the session from then on, if it changes.
    pub becomes: Option<Mode>,
    /// The moment.
    pub now: Timestamp,
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
    /// The session is over; nothing was added.
    Closed,
}

pub(super) struct Request {
    append: Append,
    reply: oneshot::Sender<Result<Appended, Error>>,
}

impl Store {
    /// Appends a message and its answer in one transaction; returns after the durable commit.
    pub async fn append(&self, append: Append) -> Result<Appended, Error> {
        let (reply, answer) = oneshot::channel();
        let place = self.appends.reserve().await.map_err(|_| Error::Stopped)?;
        place.send(Request { append, reply });
        answer.await.map_err(|_| Error::Stopped)?
    }
}

/// Starts the task that owns all appends; it ends with the last sender.
pub(super) fn start(pool: AnyPool) -> mpsc::Sender<Request> {
    let (sender, mut waiting) = mpsc::channel(MAX_WAITING);
    tokio::spawn(async move {
        let mut group = Vec::with_capacity(MAX_GROUP);
        while waiting.recv_many(&mut group, MAX_GROUP).await > 0 {
            write_group(&pool, &mut group).await;
        }
    });
    sender
}

/// Writes a group; when that fails, each append by itself, so that one cannot fail the others.
async fn write_group(pool: &AnyPool, group: &mut Vec<Request>) {
    let appends: Vec<&Append> = group.iter().map(|request| &request.append).collect();
    match write(pool, &appends).await {
        Ok(results) => {
            for (request, result) in group.drain(..).zip(results) {
                let _ = request.reply.send(Ok(result));
            }
        }
        Err(error) if group.len() == 1 => {
            for request in group.drain(..) {
                let _ = request.reply.send(Err(Error::Inconsistent(error.to_string())));
                break;
            }
        }
        Err(_) => {
            for request in group.drain(..) {
                let result = write(pool, &[&request.append]).await;
                let first =
                    result.map(|results| results.into_iter().next().unwrap_or(Appended::Closed));
                let _ = request.reply.send(first);
            }
        }
    }
}

async fn write(pool: &AnyPool, appends: &[&Append]) -> Result<Vec<Appended>, Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    let mut heads = lock_sessions(&mut tx, appends).await?;
    let mut known = known_messages(&mut tx, appends).await?;
    let mut results = Vec::with_capacity(appends.len());
    let mut rows: Vec<(SessionId, Event)> = Vec::new();
    for append in appends {
        let result = apply(append, &mut heads, &mut known);
        if let Appended::Written(events) = &result {
            rows.extend(events.iter().map(|event| (append.session.clone(), event.clone())));
        }
        results.push(result);
    }
    if !rows.is_empty() {
        insert_events(&mut tx, &rows).await?;
        update_heads(&mut tx, &heads).await?;
    }
    tx.commit().await?;
    Ok(results)
}

struct Head {
    head: i64,
    mode: Mode,
    changed: bool,
}

type Heads = HashMap<SessionId, Head>;
/// Visitors' messages by session and cid: number and body.
type Known = HashMap<(SessionId, String), (i64, String)>;

/// Decides what one append becomes, given the locked state.
fn apply(append: &Append, heads: &mut Heads, known: &mut Known) -> Appended {
    let key = (append.session.clone(), append.cid.clone());
    if let Some((seq, body)) = known.get(&key) {
        return if *body == append.message.body {
            Appended::Duplicate(*seq)
        } else {
            Appended::CidConflict
        };
    }
    let Some(head) = heads.get_mut(&append.session).filter(|head| head.mode.is_open()) else {
        return Appended::Closed;
    };
    let asked = head.head + 1;
    let event = |seq, cid, draft: &Draft| Event {
        seq,
        kind: draft.kind,
        role: draft.role,
        cid: Some(cid),
        at: append.now,
        body: draft.body.clone(),
    };
    let mut events = vec![event(asked, append.cid.clone(), &append.message)];
    // The bot is silent from the moment a person has the session.
    if let Some(answer) = append.answer.as_ref().filter(|_| head.mode == Mode::Bot) {
        events.push(event(asked + 1, format!("bot:{asked}"), answer));
    }
    head.head += i64::try_from(events.len()).unwrap_or(i64::MAX);
    head.mode = append.becomes.unwrap_or(head.mode);
    head.changed = true;
    known.insert(key, (asked, append.message.body.clone()));
    Appended::Written(events)
}

/// The first statement is a write: it takes the locks, and returns the state under them.
async fn lock_sessions(
    tx: &mut Transaction<'static, Any>,
    appends: &[&Append],
) -> Result<Heads, Error> {
    let mut ids: Vec<&SessionId> = appends.iter().map(|append| &append.session).collect();
    ids.sort_unstable();
    ids.dedup();
    let now = appends.iter().map(|append| append.now.as_micros()).max().unwrap_or_default();
    let sql = format!(
        "UPDATE sessions SET active_at = $1 WHERE id IN ({}) RETURNING id, head, mode",
        placeholders(2, ids.len())
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(now);
    for id in ids {
        query = query.bind(id.as_str().to_owned());
    }
    let mut heads = Heads::new();
    for row in query.fetch_all(&mut **tx).await? {
        let mode: String = row.try_get("mode")?;
        let mode = Mode::from_name(&mode)
            .ok_or_else(|| Error::Inconsistent(format!("session mode {mode:?}")))?;
        let head = Head { head: row.try_get("head")?, mode, changed: false };
        heads.insert(SessionId::from(row.try_get::<String, _>("id")?), head);
    }
    Ok(heads)
}

async fn known_messages(
    tx: &mut Transaction<'static, Any>,
    appends: &[&Append],
) -> Result<Known, Error> {
    let sql = format!(
        "SELECT session, cid, seq, body FROM events WHERE role = $1 AND (session, cid) IN (VALUES {})",
        rows_of(2, appends.len(), 2)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(Role::Visitor.name());
    for append in appends {
        query = query.bind(append.session.as_str().to_owned()).bind(append.cid.clone());
    }
    let mut known = Known::new();
    for row in query.fetch_all(&mut **tx).await? {
        let session = SessionId::from(row.try_get::<String, _>("session")?);
        known.insert((session, row.try_get("cid")?), (row.try_get("seq")?, row.try_get("body")?));
    }
    Ok(known)
}

async fn insert_events(
    tx: &mut Transaction<'static, Any>,
    rows: &[(SessionId, Event)],
) -> Result<(), Error> {
    let sql = format!(
        "INSERT INTO events (session, seq, kind, role, cid, at, body) VALUES {}",
        rows_of(1, rows.len(), 7)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (session, event) in rows {
        query = query
            .bind(session.as_str().to_owned())
            .bind(event.seq)
            .bind(event.kind.name())
            .bind(event.role.name())
            .bind(event.cid.clone())
            .bind(event.at.as_micros())
            .bind(event.body.clone());
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

async fn update_heads(tx: &mut Transaction<'static, Any>, heads: &Heads) -> Result<(), Error> {
    let changed: Vec<_> = heads.iter().filter(|(_, head)| head.changed).collect();
    let mut values = String::new();
    for at in 0..changed.len() {
        let first = at * 3 + 1;
        let comma = if at == 0 { "" } else { ", " };
        let _ = write!(values, "{comma}(${first}, CAST(${} AS BIGINT), ${})", first + 1, first + 2);
    }
    let sql = format!(
        "UPDATE sessions SET head = changed.column2, mode = changed.column3
         FROM (VALUES {values}) AS changed
         WHERE sessions.id = changed.column1"
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (id, head) in changed {
        query = query.bind(id.as_str().to_owned()).bind(head.head).bind(head.mode.name());
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Returns `$first, $first+1, …`, `count` of them.
fn placeholders(first: usize, count: usize) -> String {
    let mut text = String::new();
    for at in first..first + count {
        let comma = if at == first { "" } else { ", " };
        let _ = write!(text, "{comma}${at}");
    }
    text
}

/// Returns `($first, …), (…)`: `rows` rows of `columns` placeholders.
fn rows_of(first: usize, rows: usize, columns: usize) -> String {
    let mut text = String::new();
    for row in 0..rows {
        let comma = if row == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}({})", placeholders(first + row * columns, columns));
    }
    text
}

impl Draft {
    /// Returns a visitor's message.
    pub fn visitor(body: String) -> Self {
        Self { kind: EventKind::Message, role: Role::Visitor, body }
    }

    /// Returns a bot's message.
    pub fn bot(body: String) -> Self {
        Self { kind: EventKind::Message, role: Role::Bot, body }
    }
}
