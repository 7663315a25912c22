//! Consultants' notes on a session. Only the desk reads them; no visitor's path names this table.

use super::database::{OptionalExtension as _, params};
use super::{Error, Store};
use crate::id::{self, SessionId, UserId};
use crate::time::Timestamp;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// The words.
    pub words: String,
}

impl Store {
    /// Keeps a note; the same `cid` keeps it once. Returns it and whether it is new, or `None`
    /// when there is no such session.
    pub async fn note(
        &self,
        session: &SessionId,
        by: &UserId,
        cid: &str,
        words: String,
        now: Timestamp,
    ) -> Result<Option<(Note, bool)>, Error> {
        let (session, by, cid) = (session.clone(), by.clone(), cid.to_owned());
        self.writer
            .write(move |connection| {
                let key = params![session.as_str(), by.as_str(), cid];
                let id = id::random_hex::<8>();
                let written = connection.execute(
                    "INSERT INTO notes (id, session, person, cid, at, words)
                     SELECT ?4, id, ?2, ?3, ?5, ?6
                     FROM sessions
                     WHERE id = ?1 AND mode <> 'erased'
                     ON CONFLICT (session, person, cid) DO NOTHING",
                    params![session.as_str(), by.as_str(), cid, id, now.as_micros(), words],
                )?;
                let mut statement = connection.prepare_cached(
                    "SELECT id, at, words
                     FROM notes
                     WHERE session = ?1 AND person = ?2 AND cid = ?3",
                )?;
                let note = statement.query_row(key, |row| {
                    Ok(Note {
                        id: row.get(0)?,
                        by: by.clone(),
                        at: Timestamp::from_micros(row.get(1)?),
                        words: row.get(2)?,
                    })
                });
                Ok(note.optional()?.map(|note| (note, written > 0)))
            })
            .await
    }

    /// Returns the notes on a session, oldest first.
    pub async fn notes(&self, session: &SessionId) -> Result<Vec<Note>, Error> {
        let session = session.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, person, at, words FROM notes WHERE session = ?1 ORDER BY at, id",
            )?;
            let notes = statement.query_map([session.as_str()], |row| {
                Ok(Note {
                    id: row.get(0)?,
                    by: row.get::<_, String>(1)?.into(),
                    at: Timestamp::from_micros(row.get(2)?),
                    words: row.get(3)?,
                })
            })?;
            notes.collect::<Result<_, _>>()
        })
        .await
    }
}
