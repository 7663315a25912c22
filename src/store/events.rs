//! Reading the log.

use sqlx::Row as _;
use sqlx::any::AnyRow;

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
        let rows = sqlx::query(
            "SELECT seq, kind, role, cid, at, body
             FROM events
             WHERE session = $1 AND seq > $2
             ORDER BY seq
             LIMIT $3",
        )
        .bind(session.as_str())
        .bind(after)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(event).collect()
    }

    /// Returns what the visitor wrote under the id `cid`.
    pub async fn visitor_event(
        &self,
        session: &SessionId,
        cid: &str,
    ) -> Result<Option<Event>, Error> {
        let row = sqlx::query(
            "SELECT seq, kind, role, cid, at, body
             FROM events
             WHERE session = $1 AND role = $2 AND cid = $3",
        )
        .bind(session.as_str())
        .bind(Role::Visitor.name())
        .bind(cid)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(event).transpose()
    }

    /// Returns the newest message of the bot.
    pub async fn last_answer(&self, session: &SessionId) -> Result<Option<Event>, Error> {
        let row = sqlx::query(
            "SELECT seq, kind, role, cid, at, body
             FROM events
             WHERE session = $1 AND role = $2 AND kind = $3
             ORDER BY seq DESC
             LIMIT 1",
        )
        .bind(session.as_str())
        .bind(Role::Bot.name())
        .bind(EventKind::Message.name())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(event).transpose()
    }
}

fn event(row: &AnyRow) -> Result<Event, Error> {
    let kind: String = row.try_get("kind")?;
    let role: String = row.try_get("role")?;
    Ok(Event {
        seq: row.try_get("seq")?,
        kind: EventKind::from_name(&kind)
            .ok_or_else(|| Error::Inconsistent(format!("event kind {kind:?}")))?,
        role: Role::from_name(&role)
            .ok_or_else(|| Error::Inconsistent(format!("event role {role:?}")))?,
        cid: row.try_get("cid")?,
        at: Timestamp::from_micros(row.try_get("at")?),
        body: row.try_get("body")?,
    })
}
