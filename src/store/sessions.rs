//! Sessions: opened with consent, found by token, ended, erased.

use sha2::{Digest as _, Sha256};

use super::database::{Connection, OptionalExtension as _, Params, Row, params};
use super::{Error, Store};
use crate::id::{self, SessionId};
use crate::session::{Consent, Mode, Role, Session};
use crate::time::Timestamp;

/// Sessions erased by one transaction of the purge.
const PURGE_BATCH: i64 = 200;

/// What a session begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Site that the visitor is on.
    pub site: String,
    /// What the visitor agreed to.
    pub consent: Consent,
    /// What the page told, JSON.
    pub context: String,
}

impl Store {
    /// Opens a session and returns it with its token, which is stored as a hash only.
    pub async fn open_session(
        &self,
        new: NewSession,
        now: Timestamp,
    ) -> Result<(Session, String), Error> {
        let id = SessionId::random();
        let token = id::random_hex::<32>();
        let session =
            Session { id: id.clone(), head: 0, mode: Mode::Bot, context: new.context.clone() };
        let token_hash = hash(&token);
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO sessions
                            (id, token_hash, site, consent_version, consent_lang, context, mode, head, created_at, active_at, number)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?8,
                                 (SELECT COALESCE(MAX(number), 0) + 1 FROM sessions))",
                    )?
                    .execute(params![
                        id.as_str(),
                        token_hash,
                        new.site,
                        new.consent.version,
                        new.consent.lang,
                        new.context,
                        Mode::Bot.name(),
                        now.as_micros()
                    ])?;
                Ok(())
            })
            .await?;
        Ok((session, token))
    }

    /// Returns the session that a token opens.
    pub async fn session_by_token(&self, token: &str) -> Result<Option<Session>, Error> {
        self.find_session(
            "SELECT id, head, mode, context FROM sessions WHERE token_hash = ?1",
            hash(token),
        )
        .await
    }

    /// Returns a session as it stands now.
    pub async fn session(&self, id: &SessionId) -> Result<Option<Session>, Error> {
        self.find_session(
            "SELECT id, head, mode, context FROM sessions WHERE id = ?1",
            id.to_string(),
        )
        .await
    }

    /// Returns the ids of all sessions, oldest first.
    pub async fn session_ids(&self) -> Result<Vec<SessionId>, Error> {
        self.read(|connection| {
            ids(connection, "SELECT id FROM sessions ORDER BY created_at, id", params![])
        })
        .await
    }

    /// Erases everything a visitor wrote or was told. The session's id and token stay, so that a
    /// late reconnect is told instead of guessed.
    pub async fn erase(&self, id: &SessionId) -> Result<(), Error> {
        let id = id.clone();
        self.writer.write(move |connection| erase(connection, &id)).await?;
        self.writer.truncate().await
    }

    /// Erases sessions that nobody wrote in since `before`; returns how many.
    pub async fn purge(&self, before: Timestamp) -> Result<usize, Error> {
        let mut purged = 0;
        loop {
            let batch = self.writer.write(move |connection| {
                let wanted = params![before.as_micros(), Mode::Erased.name(), PURGE_BATCH];
                let old = ids(
                    connection,
                    "SELECT id FROM sessions WHERE active_at < ?1 AND mode <> ?2 LIMIT ?3",
                    wanted,
                )?;
                old.iter().try_for_each(|id| erase(connection, id))?;
                Ok(old.len())
            });
            match batch.await? {
                0 => break,
                erased => purged += erased,
            }
        }
        if purged > 0 {
            self.writer.truncate().await?;
        }
        Ok(purged)
    }

    /// Notes what a visitor thought of an answer; a later word replaces an earlier one. Returns
    /// whether there is such an answer.
    pub async fn rate(
        &self,
        id: &SessionId,
        seq: i64,
        value: &'static str,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let id = id.clone();
        self.writer
            .write(move |connection| {
                let rated = connection.execute(
                    "INSERT INTO feedback (session, seq, value, reason, at)
                     SELECT session, seq, ?3, ?4, ?5
                     FROM events
                     WHERE session = ?1 AND seq = ?2 AND role = ?6
                     ON CONFLICT (session, seq)
                     DO UPDATE SET value = excluded.value, reason = excluded.reason, at = excluded.at",
                    params![id.as_str(), seq, value, reason, now.as_micros(), Role::Bot.name()],
                )?;
                Ok(rated > 0)
            })
            .await
    }

    async fn find_session(&self, sql: &'static str, key: String) -> Result<Option<Session>, Error> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_row([key], |row| Ok(session(row))).optional()?.transpose()
        })
        .await
    }
}

fn erase(connection: &Connection, id: &SessionId) -> Result<(), Error> {
    connection.execute(
        "UPDATE sessions
         SET mode = ?2, head = 0, context = '{}', about = NULL, site = '', fence = fence + 1, reason = NULL,
             priority = 0, since = NULL, deadline = NULL, wanted = NULL, assignee = NULL
         WHERE id = ?1",
        params![id.as_str(), Mode::Erased.name()],
    )?;
    connection
        .prepare_cached(
            "DELETE FROM log WHERE session = (SELECT number FROM sessions WHERE id = ?1)",
        )?
        .execute([id.as_str()])?;
    for table in ["feedback", "notes", "forms", "deliveries"] {
        let sql = format!("DELETE FROM {table} WHERE session = ?1");
        connection.prepare_cached(&sql)?.execute([id.as_str()])?;
    }
    Ok(())
}

fn ids(connection: &Connection, sql: &str, wanted: impl Params) -> Result<Vec<SessionId>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(wanted, |row| row.get::<_, String>(0))?;
    rows.map(|id| Ok(SessionId::from(id?))).collect()
}

fn session(row: &Row<'_>) -> Result<Session, Error> {
    let mode: String = row.get("mode")?;
    Ok(Session {
        id: SessionId::from(row.get::<_, String>("id")?),
        head: row.get("head")?,
        mode: Mode::from_name(&mode)
            .ok_or_else(|| Error::Inconsistent(format!("session mode {mode:?}")))?,
        context: row.get("context")?,
    })
}

pub(super) fn hash(token: &str) -> String {
    id::hex(&Sha256::digest(token.as_bytes()))
}
