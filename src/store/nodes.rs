//! Several nodes on one database: what each has to see of what the others did, and which visitors
//! are connected to them.

use std::collections::HashSet;

use super::database::{OptionalExtension as _, Param, Row, params};
use super::{Error, Store};
use crate::id::{self, SessionId};
use crate::session::Mode;
use crate::time::Timestamp;

/// Sessions of one statement; it is prepared once, for so many.
const BATCH: usize = 200;

/// How a session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The session.
    pub session: SessionId,
    /// Number of the newest event.
    pub head: i64,
    /// Whether it was erased.
    pub erased: bool,
}

/// Sessions whose visitors have come to a node, and gone from it.
#[derive(Debug, Default)]
pub struct Comings {
    /// Those who have come.
    pub come: Vec<SessionId>,
    /// Those who have gone.
    pub gone: Vec<SessionId>,
}

impl Store {
    /// Returns whether other nodes may use the same database.
    pub fn is_shared(&self) -> bool {
        self.place.is_shared()
    }

    /// Returns how each of these sessions stands, as far as they exist.
    pub async fn standing(&self, sessions: Vec<SessionId>) -> Result<Vec<Standing>, Error> {
        self.of_each("SELECT id, head, mode FROM sessions WHERE id IN (", ")", sessions, |row| {
            Ok(Standing {
                session: SessionId::from(row.get::<_, String>("id")?),
                head: row.get("head")?,
                erased: row.get::<_, String>("mode")? == Mode::Erased.name(),
            })
        })
        .await
    }

    /// Returns how many notes there are on each of these sessions, of those that have any.
    pub async fn note_counts(
        &self,
        sessions: Vec<SessionId>,
    ) -> Result<Vec<(SessionId, i64)>, Error> {
        let select = "SELECT session, COUNT(*) FROM notes WHERE session IN (";
        self.of_each(select, ") GROUP BY session", sessions, |row| {
            Ok((SessionId::from(row.get::<_, String>(0)?), row.get(1)?))
        })
        .await
    }

    /// Reads the rows of many sessions: their ids stand between the two halves of the statement.
    async fn of_each<T: Send + 'static>(
        &self,
        select: &'static str,
        rest: &'static str,
        sessions: Vec<SessionId>,
        read: fn(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        self.read(move |connection| {
            let places: Vec<String> = (1..=BATCH).map(|number| format!("?{number}")).collect();
            let sql = format!("{select}{}{rest}", places.join(", "));
            let mut statement = connection.prepare_cached(&sql)?;
            let mut found = Vec::with_capacity(sessions.len());
            for batch in sessions.chunks(BATCH) {
                let mut ids: Vec<Option<&str>> = batch.iter().map(|id| Some(id.as_str())).collect();
                ids.resize(BATCH, None);
                let wanted: Vec<&dyn Param> = ids.iter().map(|id| id as &dyn Param).collect();
                for row in statement.query_map(&wanted[..], read)? {
                    found.push(row?);
                }
            }
            Ok(found)
        })
        .await
    }

    /// Notes that a node runs, and which visitors have come to it and gone from it.
    pub async fn node_runs(
        &self,
        node: &str,
        visitors: Comings,
        now: Timestamp,
    ) -> Result<(), Error> {
        let node = node.to_owned();
        self.writer
            .write(move |connection| {
                connection.execute(
                    "INSERT INTO nodes (id, seen_at) VALUES (?1, ?2)
                     ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
                    params![node, now.as_micros()],
                )?;
                let mut come = connection.prepare_cached(
                    "INSERT INTO presence (node, session) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?;
                for session in visitors.come {
                    come.execute(params![node, session.as_str()])?;
                }
                let mut gone = connection
                    .prepare_cached("DELETE FROM presence WHERE node = ?1 AND session = ?2")?;
                for session in visitors.gone {
                    gone.execute(params![node, session.as_str()])?;
                }
                Ok(())
            })
            .await
    }

    /// Forgets nodes that were last heard of before a moment, and who was connected to them.
    pub async fn forget_nodes(&self, before: Timestamp) -> Result<(), Error> {
        self.writer
            .write(move |connection| {
                let before = before.as_micros();
                connection.execute(
                    "DELETE FROM presence WHERE node IN (SELECT id FROM nodes WHERE seen_at < ?1)",
                    params![before],
                )?;
                connection.execute("DELETE FROM nodes WHERE seen_at < ?1", params![before])?;
                Ok(())
            })
            .await
    }

    /// Returns which sessions' visitors are connected to other nodes than `node`, of those heard
    /// of since a moment.
    pub async fn visitors_elsewhere(
        &self,
        node: &str,
        since: Timestamp,
    ) -> Result<HashSet<SessionId>, Error> {
        let node = node.to_owned();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT session
                 FROM presence
                 JOIN nodes ON nodes.id = presence.node
                 WHERE node <> ?1 AND seen_at >= ?2",
            )?;
            let rows = statement
                .query_map(params![node, since.as_micros()], |row| row.get::<_, String>(0))?;
            rows.map(|id| Ok(SessionId::from(id?))).collect()
        })
        .await
    }

    /// Returns a name of the database, made at its first use, that is the same for all nodes. A copy
    /// has the same.
    pub async fn name(&self) -> Result<String, Error> {
        let name = id::random_hex::<8>();
        self.writer
            .write(move |connection| {
                connection.execute(
                    "INSERT INTO meta (name, value) VALUES ('cluster', ?1)
                     ON CONFLICT (name) DO NOTHING",
                    params![name],
                )?;
                let sql = "SELECT value FROM meta WHERE name = 'cluster'";
                connection.query_row(sql, params![], |row| row.get(0))
            })
            .await
    }

    /// Returns the moment by the clock of the database's server; `None` when it is this machine's.
    pub async fn clock(&self) -> Result<Option<Timestamp>, Error> {
        if !self.is_shared() {
            return Ok(None);
        }
        let read = self.read(|connection| {
            let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";
            connection.query_row(sql, params![], |row| row.get(0))
        });
        Ok(Some(Timestamp::from_micros(read.await?)))
    }

    /// Reads again the name of the database's history, which another node may have changed after a
    /// restore.
    pub async fn read_epoch(&self) -> Result<(), Error> {
        let read = self.read(|connection| {
            let sql = "SELECT value FROM meta WHERE name = 'epoch'";
            connection.query_row(sql, params![], |row| row.get::<_, String>(0)).optional()
        });
        if let Some(epoch) = read.await? {
            self.place.set_epoch(epoch);
        }
        Ok(())
    }
}
