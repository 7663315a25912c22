//! The audit log: who looked at what and changed what. Every row holds the hash of the one before,
//! so that no row can be altered, dropped or swapped unnoticed. No visitor's words are in it.

use sha2::{Digest as _, Sha256};

use super::database::{Connection, OptionalExtension as _, Row as SqlRow, params};
use super::{Error, Store};
use crate::id;
use crate::time::Timestamp;

/// Something to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Login of the person, or who else did it.
    pub actor: String,
    /// What: a verb such as `view`.
    pub action: &'static str,
    /// To what, such as `session:0a1b`.
    pub subject: String,
    /// What else matters.
    pub detail: String,
}

/// A row of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number: 1, 2, 3 …
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// To what.
    pub subject: String,
    /// What else matters.
    pub detail: String,
    hash: String,
}

impl Store {
    /// Remembers something.
    pub async fn audit(&self, entry: Entry, now: Timestamp) -> Result<(), Error> {
        self.writer.write(move |connection| write(connection, entry, now)).await
    }

    /// Returns at most `limit` rows before number `before`, newest first.
    pub async fn audit_rows(&self, before: i64, limit: i64) -> Result<Vec<Row>, Error> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, at, actor, action, subject, detail, hash
                 FROM audit
                 WHERE seq < ?1
                 ORDER BY seq DESC
                 LIMIT ?2",
            )?;
            let rows = statement.query_map(params![before, limit], read)?;
            rows.collect::<Result<_, _>>()
        })
        .await
    }

    /// Returns whether the chain holds from the first row to the last that was written.
    pub async fn audit_is_intact(&self) -> Result<bool, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, at, actor, action, subject, detail, hash FROM audit ORDER BY seq",
            )?;
            let (mut seq, mut hash) = (0, String::new());
            let mut rows = statement.query(params![])?;
            while let Some(row) = rows.next()? {
                let row = read(&row)?;
                seq += 1;
                hash = chain(&hash, seq, &row);
                if row.seq != seq || row.hash != hash {
                    return Ok(false);
                }
            }
            Ok(link(seq, &hash) == head(connection)?.unwrap_or_else(|| link(0, "")))
        })
        .await
    }
}

/// Adds a row inside the open transaction.
pub(super) fn write(connection: &Connection, entry: Entry, now: Timestamp) -> Result<(), Error> {
    // A write first: it takes the chain's lock.
    connection.execute(
        "INSERT INTO meta (name, value) VALUES ('audit', ?1)
         ON CONFLICT (name) DO UPDATE SET value = meta.value",
        [link(0, "")],
    )?;
    let last = head(connection)?.unwrap_or_default();
    let (seq, hash) = last.split_once(' ').unwrap_or(("0", ""));
    let seq = seq.parse::<i64>().map_err(|_| Error::Inconsistent("the audit log's head".into()))?;
    let mut row = Row {
        seq: seq + 1,
        at: now,
        actor: entry.actor,
        action: entry.action.to_owned(),
        subject: entry.subject,
        detail: entry.detail,
        hash: String::new(),
    };
    row.hash = chain(hash, row.seq, &row);
    connection
        .prepare_cached(
            "INSERT INTO audit (seq, at, actor, action, subject, detail, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            row.seq,
            row.at.as_micros(),
            row.actor,
            row.action,
            row.subject,
            row.detail,
            row.hash
        ])?;
    connection
        .prepare_cached("UPDATE meta SET value = ?1 WHERE name = 'audit'")?
        .execute([link(row.seq, &row.hash)])?;
    Ok(())
}

fn head(connection: &Connection) -> Result<Option<String>, Error> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE name = 'audit'")?;
    statement.query_row(params![], |row| row.get(0)).optional()
}

fn link(seq: i64, hash: &str) -> String {
    format!("{seq} {hash}")
}

/// Returns the hash of a row after one with the hash `before`. Lengths keep the fields apart.
fn chain(before: &str, seq: i64, row: &Row) -> String {
    let mut hasher = Sha256::new();
    let (seq, at) = (seq.to_string(), row.at.as_micros().to_string());
    for field in [before, &seq, &at, &row.actor, &row.action, &row.subject, &row.detail] {
        hasher.update(field.len().to_string());
        hasher.update(":");
        hasher.update(field);
    }
    id::hex(&hasher.finalize())
}

fn read(row: &SqlRow<'_>) -> Result<Row, Error> {
    Ok(Row {
        seq: row.get("seq")?,
        at: Timestamp::from_micros(row.get("at")?),
        actor: row.get("actor")?,
        action: row.get("action")?,
        subject: row.get("subject")?,
        detail: row.get("detail")?,
        hash: row.get("hash")?,
    })
}
