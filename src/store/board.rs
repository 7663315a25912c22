//! What the desk looks at all the time: the sessions that wait for a person or have one.

use super::database::{OptionalExtension as _, Row, params};
use super::{Error, Store, handoffs};
use crate::id::{SessionId, UserId};
use crate::session::Handoff;
use crate::time::Timestamp;

/// A session that waits for a person, has one, or had one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The session.
    pub session: SessionId,
    /// Where its hand-off is.
    pub handoff: Handoff,
    /// Number of the newest event.
    pub head: i64,
    /// What its page told at the start, JSON.
    pub context: String,
    /// The medicine that the bot last answered on.
    pub about: Option<String>,
    /// Language of the visitor's screen at the start.
    pub lang: String,
    /// When it first waited; `None` when it never did.
    pub queued_at: Option<Timestamp>,
    /// Who had it last.
    pub last_assignee: Option<UserId>,
}

impl Store {
    /// Returns every session that waits for a person or has one, most urgent and oldest first.
    pub async fn board(&self) -> Result<Vec<Waiting>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&select(
                "mode IN ('queued', 'human') ORDER BY priority DESC, since, id",
            ))?;
            let mut rows = statement.query(params![])?;
            let mut board = Vec::new();
            while let Some(row) = rows.next()? {
                board.push(waiting(&row)?);
            }
            Ok(board)
        })
        .await
    }

    /// Returns one session's hand-off, if there is such a session.
    pub async fn waiting(&self, session: &SessionId) -> Result<Option<Waiting>, Error> {
        let session = session.clone();
        self.read(move |connection| {
            let mut statement =
                connection.prepare_cached(&select("id = ?1 AND mode <> 'erased'"))?;
            let found = statement.query_row(params![session.as_str()], |row| Ok(waiting(row)));
            found.optional()?.transpose()
        })
        .await
    }
}

fn select(which: &str) -> String {
    let columns = handoffs::COLUMNS;
    format!(
        "SELECT id, head, context, about, consent_lang, queued_at, last_assignee, {columns}
         FROM sessions
         WHERE {which}"
    )
}

fn waiting(row: &Row<'_>) -> Result<Waiting, Error> {
    Ok(Waiting {
        session: SessionId::from(row.get::<_, String>("id")?),
        handoff: handoffs::handoff(row)?,
        head: row.get("head")?,
        context: row.get("context")?,
        about: row.get("about")?,
        lang: row.get("consent_lang")?,
        queued_at: row.get::<_, Option<i64>>("queued_at")?.map(Timestamp::from_micros),
        last_assignee: row.get::<_, Option<String>>("last_assignee")?.map(UserId::from),
    })
}
