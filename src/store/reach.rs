//! Who is still there: visitors whose sessions wait, and consultants who have not answered.

use super::database::params;
use super::{Error, Store};
use crate::id::SessionId;
use crate::session::{EventKind, Role};
use crate::time::Timestamp;

impl Store {
    /// Notes that the visitors of these sessions are connected, for those not noted since `before`.
    pub async fn visitors_seen(
        &self,
        sessions: Vec<SessionId>,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.writer
            .write(move |connection| {
                let mut statement = connection.prepare_cached(
                    "UPDATE sessions SET seen_at = ?3 WHERE id = ?1 AND seen_at < ?2",
                )?;
                for session in sessions {
                    statement.execute(params![
                        session.as_str(),
                        before.as_micros(),
                        now.as_micros()
                    ])?;
                }
                Ok(())
            })
            .await
    }

    /// Returns the sessions that wait, of a priority from `least` to `most`, whose visitors were
    /// last there before a moment.
    pub async fn left_waiting(
        &self,
        least: i64,
        most: i64,
        before: Timestamp,
    ) -> Result<Vec<SessionId>, Error> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id
                 FROM sessions
                 WHERE mode = 'queued' AND priority BETWEEN ?1 AND ?2
                     AND since < ?3 AND active_at < ?3 AND seen_at < ?3",
            )?;
            let found = statement.query_map(params![least, most, before.as_micros()], |row| {
                row.get::<_, String>(0)
            })?;
            found.map(|id| Ok(SessionId::from(id?))).collect()
        })
        .await
    }

    /// Returns the sessions that were claimed before a moment and in which no person has written
    /// since.
    pub async fn unanswered(&self, before: Timestamp) -> Result<Vec<SessionId>, Error> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id
                 FROM sessions
                 WHERE mode = 'human' AND since < ?1 AND NOT EXISTS (
                     SELECT 1 FROM events
                     WHERE events.session = sessions.id AND events.role = ?2
                         AND events.kind = ?3 AND events.at >= sessions.since)",
            )?;
            let wanted =
                params![before.as_micros(), Role::Consultant.name(), EventKind::Message.name()];
            let found = statement.query_map(wanted, |row| row.get::<_, String>(0))?;
            found.map(|id| Ok(SessionId::from(id?))).collect()
        })
        .await
    }

    /// Returns the bodies of the bot's newest messages since a person last wrote, newest first.
    pub async fn answers_in_a_row(
        &self,
        session: &SessionId,
        most: usize,
    ) -> Result<Vec<String>, Error> {
        let session = session.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT body
                 FROM events
                 WHERE session = ?1 AND role = ?2 AND kind = ?3 AND seq > (
                     SELECT COALESCE(MAX(seq), 0) FROM events WHERE session = ?1 AND role = ?4)
                 ORDER BY seq DESC
                 LIMIT ?5",
            )?;
            let wanted = params![
                session.as_str(),
                Role::Bot.name(),
                EventKind::Message.name(),
                Role::Consultant.name(),
                i64::try_from(most).unwrap_or(i64::MAX)
            ];
            let found = statement.query_map(wanted, |row| row.get(0))?;
            found.collect::<Result<_, _>>()
        })
        .await
    }
}
