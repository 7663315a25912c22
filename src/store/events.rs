//! Reading the log.

use super::database::{OptionalExtension as _, Row, params};
use super::{Error, Store};
use crate::id::SessionId;
use crate::session::{Event, EventKind, Role};
use crate::time::Timestamp;

/// A visitor's message that was noted as a report of a side effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The session.
    pub session: SessionId,
    /// The message's number in the session.
    pub seq: i64,
    /// When it was written.
    pub at: Timestamp,
    /// The message's body, JSON.
    pub message: String,
    /// The body of the answer that noted it, JSON.
    pub answer: String,
}

impl Store {
    /// Returns at most `limit` events after number `after`, in order.
    pub async fn events_after(
        &self,
        session: &SessionId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Event>, Error> {
        let session = session.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, kind, role, cid, at, body
                 FROM events
                 WHERE session = ?1 AND seq > ?2
                 ORDER BY seq
                 LIMIT ?3",
            )?;
            let mut rows = statement.query(params![session.as_str(), after, limit])?;
            let mut events = Vec::new();
            while let Some(row) = rows.next()? {
                events.push(event(&row)?);
            }
            Ok(events)
        })
        .await
    }

    /// Returns what the visitor wrote under the id `cid`.
    pub async fn visitor_event(
        &self,
        session: &SessionId,
        cid: &str,
    ) -> Result<Option<Event>, Error> {
        let (session, cid) = (session.clone(), cid.to_owned());
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, kind, role, cid, at, body
                 FROM events
                 WHERE session = ?1 AND cid = ?2 AND role = 'visitor'",
            )?;
            let wanted = params![session.as_str(), cid];
            statement.query_row(wanted, |row| Ok(event(row))).optional()?.transpose()
        })
        .await
    }

    /// Returns whether there is an event of this id, whoever wrote it.
    pub async fn has_event(&self, session: &SessionId, cid: &str) -> Result<bool, Error> {
        let (session, cid) = (session.clone(), cid.to_owned());
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT 1 FROM events WHERE session = ?1 AND cid = ?2")?;
            statement.exists(params![session.as_str(), cid])
        })
        .await
    }

    /// Returns the visitor's messages since a moment, in order.
    pub async fn visitor_messages_since(
        &self,
        session: &SessionId,
        since: Timestamp,
    ) -> Result<Vec<Event>, Error> {
        let session = session.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, kind, role, cid, at, body
                 FROM events
                 WHERE session = ?1 AND role = ?2 AND kind = ?3 AND at >= ?4
                 ORDER BY seq",
            )?;
            let wanted = params![
                session.as_str(),
                Role::Visitor.name(),
                EventKind::Message.name(),
                since.as_micros()
            ];
            let mut rows = statement.query(wanted)?;
            let mut events = Vec::new();
            while let Some(row) = rows.next()? {
                events.push(event(&row)?);
            }
            Ok(events)
        })
        .await
    }

    /// Returns the bodies, JSON, of the newest `limit` messages of visitors, the newest first.
    pub async fn newest_messages(&self, limit: i64) -> Result<Vec<String>, Error> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT body
                 FROM events
                 WHERE role = ?1 AND kind = ?2
                 ORDER BY at DESC
                 LIMIT ?3",
            )?;
            let wanted = params![Role::Visitor.name(), EventKind::Message.name(), limit];
            let bodies = statement.query_map(wanted, |row| row.get("body"))?;
            bodies.collect::<Result<_, _>>()
        })
        .await
    }

    /// Returns at most `limit` messages that were noted as reports of a side effect, the oldest
    /// first, with the answers that noted them; only those that follow `after`, if it is given.
    pub async fn adverse_events(
        &self,
        after: Option<&Report>,
        limit: i64,
    ) -> Result<Vec<Report>, Error> {
        let (at, session, seq) = after.map_or((i64::MIN, String::new(), 0), |report| {
            (report.at.as_micros(), report.session.to_string(), report.seq)
        });
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT messages.session, messages.seq, messages.at, messages.body AS message,
                        answers.body AS answer
                 FROM events AS answers
                 JOIN events AS messages
                   ON messages.session = answers.session
                  AND messages.seq = (SELECT MAX(seq)
                                      FROM events
                                      WHERE session = answers.session
                                        AND seq < answers.seq
                                        AND role = ?1
                                        AND kind = ?2)
                 WHERE answers.role = ?3
                   AND answers.kind = ?2
                   AND answers.body LIKE '%\"adverse_event\":true%'
                   AND (messages.at, messages.session, messages.seq) > (?4, ?5, ?6)
                 ORDER BY messages.at, messages.session, messages.seq
                 LIMIT ?7",
            )?;
            let wanted = params![
                Role::Visitor.name(),
                EventKind::Message.name(),
                Role::Bot.name(),
                at,
                session,
                seq,
                limit
            ];
            let mut rows = statement.query(wanted)?;
            let mut reports = Vec::new();
            while let Some(row) = rows.next()? {
                let session: String = row.get("session")?;
                reports.push(Report {
                    session: session.into(),
                    seq: row.get("seq")?,
                    at: Timestamp::from_micros(row.get("at")?),
                    message: row.get("message")?,
                    answer: row.get("answer")?,
                });
            }
            Ok(reports)
        })
        .await
    }

    /// Returns the newest message of the bot.
    pub async fn last_answer(&self, session: &SessionId) -> Result<Option<Event>, Error> {
        let session = session.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, kind, role, cid, at, body
                 FROM events
                 WHERE session = ?1 AND role = ?2 AND kind = ?3
                 ORDER BY seq DESC
                 LIMIT 1",
            )?;
            let wanted = params![session.as_str(), Role::Bot.name(), EventKind::Message.name()];
            statement.query_row(wanted, |row| Ok(event(row))).optional()?.transpose()
        })
        .await
    }
}

fn event(row: &Row<'_>) -> Result<Event, Error> {
    let kind: String = row.get("kind")?;
    let role: String = row.get("role")?;
    Ok(Event {
        seq: row.get("seq")?,
        kind: EventKind::from_name(&kind)
            .ok_or_else(|| Error::Inconsistent(format!("event kind {kind:?}")))?,
        role: Role::from_name(&role)
            .ok_or_else(|| Error::Inconsistent(format!("event role {role:?}")))?,
        cid: row.get("cid")?,
        at: Timestamp::from_micros(row.get("at")?),
        body: row.get("body")?,
    })
}
