//! Reading the log.

use rusqlite::{OptionalExtension as _, Row, params};

use super::{Error, Store};
use crate::id::SessionId;
use crate::session::{Event, EventKind, Role};
use crate::time::Timestamp;

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
                events.push(event(row)?);
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
                 WHERE session = ?1 AND role = ?2 AND cid = ?3",
            )?;
            let wanted = params![session.as_str(), Role::Visitor.name(), cid];
            statement.query_row(wanted, |row| Ok(event(row))).optional()?.transpose()
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
                events.push(event(row)?);
            }
            Ok(events)
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
