//! Sessions: opened with consent, found by token, ended, erased.

use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;
use sqlx::{Executor as _, Row as _};

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
        new: &NewSession,
        now: Timestamp,
    ) -> Result<(Session, String), Error> {
        let id = SessionId::random();
        let token = id::random_hex::<32>();
        sqlx::query(
            "INSERT INTO sessions
                (id, token_hash, site, consent_version, consent_lang, context, mode, head, created_at, active_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8)",
        )
        .bind(id.as_str())
        .bind(hash(&token))
        .bind(&new.site)
        .bind(&new.consent.version)
        .bind(&new.consent.lang)
        .bind(&new.context)
        .bind(Mode::Bot.name())
        .bind(now.as_micros())
        .execute(&self.pool)
        .await?;
        let session = Session { id, head: 0, mode: Mode::Bot, context: new.context.clone() };
        Ok((session, token))
    }

    /// Returns the session that a token opens.
    pub async fn session_by_token(&self, token: &str) -> Result<Option<Session>, Error> {
        let row = sqlx::query("SELECT id, head, mode, context FROM sessions WHERE token_hash = $1")
            .bind(hash(token))
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| session(&row)).transpose()
    }

    /// Returns a session as it stands now.
    pub async fn session(&self, id: &SessionId) -> Result<Option<Session>, Error> {
        let row = sqlx::query("SELECT id, head, mode, context FROM sessions WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| session(&row)).transpose()
    }

    /// Returns the ids of all sessions, oldest first.
    pub async fn session_ids(&self) -> Result<Vec<SessionId>, Error> {
        let rows = sqlx::query("SELECT id FROM sessions ORDER BY created_at, id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(SessionId::from(row.try_get::<String, _>(0)?))).collect()
    }

    /// Erases everything a visitor wrote or was told. The session's id and token stay, so that a
    /// late reconnect is told instead of guessed.
    pub async fn erase(&self, id: &SessionId) -> Result<(), Error> {
        self.erase_all(std::slice::from_ref(id)).await?;
        self.truncate_log().await
    }

    /// Erases sessions that nobody wrote in since `before`; returns how many.
    pub async fn purge(&self, before: Timestamp) -> Result<usize, Error> {
        let mut purged = 0;
        loop {
            let rows =
                sqlx::query("SELECT id FROM sessions WHERE active_at < $1 AND mode <> $2 LIMIT $3")
                    .bind(before.as_micros())
                    .bind(Mode::Erased.name())
                    .bind(PURGE_BATCH)
                    .fetch_all(&self.pool)
                    .await?;
            let ids: Vec<SessionId> = rows
                .iter()
                .map(|row| Ok(SessionId::from(row.try_get::<String, _>(0)?)))
                .collect::<Result<_, Error>>()?;
            if ids.is_empty() {
                break;
            }
            self.erase_all(&ids).await?;
            purged += ids.len();
        }
        if purged > 0 {
            self.truncate_log().await?;
        }
        Ok(purged)
    }

    /// Notes what a visitor thought of an answer; a later word replaces an earlier one. Returns
    /// whether there is such an answer.
    pub async fn rate(
        &self,
        id: &SessionId,
        seq: i64,
        value: &str,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let done = sqlx::query(
            "INSERT INTO feedback (session, seq, value, reason, at)
             SELECT session, seq, $3, $4, $5
             FROM events
             WHERE session = $1 AND seq = $2 AND role = $6
             ON CONFLICT (session, seq) DO UPDATE SET value = excluded.value, reason = excluded.reason, at = excluded.at",
        )
        .bind(id.as_str())
        .bind(seq)
        .bind(value)
        .bind(reason)
        .bind(now.as_micros())
        .bind(Role::Bot.name())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Runs in a task of its own: a transaction is never dropped half-way.
    async fn erase_all(&self, ids: &[SessionId]) -> Result<(), Error> {
        let (pool, ids) = (self.pool.clone(), ids.to_vec());
        let erasing = tokio::spawn(async move {
            let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
            for id in &ids {
                sqlx::query(
                    "UPDATE sessions SET mode = $2, head = 0, context = '{}', site = '' WHERE id = $1",
                )
                .bind(id.as_str())
                .bind(Mode::Erased.name())
                .execute(&mut *tx)
                .await?;
                sqlx::query("DELETE FROM events WHERE session = $1")
                    .bind(id.as_str())
                    .execute(&mut *tx)
                    .await?;
                sqlx::query("DELETE FROM feedback WHERE session = $1")
                    .bind(id.as_str())
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await
        });
        erasing.await.map_err(|_| Error::Stopped)??;
        Ok(())
    }

    /// Empties SQLite's write-ahead log, where deleted text would live on.
    async fn truncate_log(&self) -> Result<(), Error> {
        self.pool.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        Ok(())
    }
}

fn session(row: &AnyRow) -> Result<Session, Error> {
    let mode: String = row.try_get("mode")?;
    Ok(Session {
        id: SessionId::from(row.try_get::<String, _>("id")?),
        head: row.try_get("head")?,
        mode: Mode::from_name(&mode)
            .ok_or_else(|| Error::Inconsistent(format!("session mode {mode:?}")))?,
        context: row.try_get("context")?,
    })
}

fn hash(token: &str) -> String {
    id::hex(&Sha256::digest(token.as_bytes()))
}
