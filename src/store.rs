//! The database: sessions and their logs, the only truth. All of rusqlite and tokio-postgres is
//! here: a file of our own with SQLite, or a server that several nodes share.
//!
//! One thread of each node does all writing: whatever waits goes into one durable transaction, and
//! everyone is answered after its commit. Reading has connections of its own. One transaction
//! writes at a time, on all nodes together.

mod answers;
mod appends;
mod audit;
mod board;
mod checkpoints;
mod database;
mod drafts;
mod events;
mod factors;
mod forms;
mod handoffs;
mod nodes;
mod notes;
mod outbox;
mod past;
mod place;
mod postgres;
mod reach;
mod scratch;
mod sessions;
mod teams;
mod tokens;
mod users;
mod writer;

pub use answers::{Exchange, Quoting};
pub use appends::{Append, Appended};
pub use audit::{Entry, Row as AuditRow};
pub use board::Waiting;
pub use drafts::{ArticleDraft, DraftMove, DraftState, DraftStep, DraftText, Moved};
pub use events::Report;
pub use factors::Factor;
pub use forms::{Form, NewForm};
pub use handoffs::{Advance, Advanced, Said, Say};
pub use nodes::{Comings, Standing};
pub use notes::Note;
pub use outbox::Delivery;
pub use past::{Figures, PAST_PAGE, Past, Query};
pub use scratch::Scratch;
pub use sessions::NewSession;
pub use tokens::Token;
pub use users::{NewUser, SignIn, UserSession};

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::ErrorCode;
use tokio::sync::Semaphore;

use database::{Connection, params};
use place::Place;
use writer::Writer;

/// Connections for reading; further readers wait for one.
const READERS: usize = 8;
/// The tables, step by step; a database remembers how many steps it has taken.
const MIGRATIONS: [&str; 9] = [
    include_str!("store/migrations/0001_sessions.sql"),
    include_str!("store/migrations/0002_desk.sql"),
    include_str!("store/migrations/0003_work.sql"),
    include_str!("store/migrations/0004_log.sql"),
    include_str!("store/migrations/0005_drafts.sql"),
    include_str!("store/migrations/0006_nodes.sql"),
    include_str!("store/migrations/0007_about.sql"),
    include_str!("store/migrations/0008_persons.sql"),
    include_str!("store/migrations/0009_numbers.sql"),
];

/// A fault of the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed or is away.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file is something else, newer than this program, or out of reach.
    #[error("cannot open the database {path}: {what}; {remedy}", path = path.display())]
    Unusable {
        /// The database's file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
        /// What to do about it.
        remedy: &'static str,
    },
    /// The database of a server cannot be used.
    #[error(
        "cannot use the database at {place}: {what}; look at EIDER_STORE, --store, or `store` in eider.toml, and whether the server runs"
    )]
    Server {
        /// Where it is, without names and passwords.
        place: String,
        /// What is wrong.
        what: String,
    },
    /// The folder of the database cannot be made.
    #[error("cannot use the data folder {path}: {source}", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A newer version of this program has taken steps that this one does not know.
    #[error("it was made by a newer version of eider")]
    Newer,
    /// A row that must be there is not.
    #[error("the database lacks a row")]
    NoRow,
    /// A row that this program did not write.
    #[error("the database holds something unreadable: {0}")]
    Inconsistent(String),
    /// A commit failed for all that waited for it, or the server is away.
    #[error("database: {0}")]
    Away(String),
    /// The database is closed.
    #[error("the database is closed")]
    Closed,
}

/// The open database.
#[derive(Debug, Clone)]
pub struct Store {
    place: Arc<Place>,
    writer: Writer,
    readers: Arc<Semaphore>,
    idle_readers: Arc<Mutex<Vec<Connection>>>,
}

impl Store {
    /// Opens the database `eider.db` in `folder`, making both when they are missing.
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        let folder = folder.to_owned();
        Self::open_place(move || Place::file(&folder)).await
    }

    /// Opens the database of a PostgreSQL server, such as `postgres://eider@db.example/eider`,
    /// making the tables when they are missing. Several nodes may do it at once.
    pub async fn open_postgres(url: &str) -> Result<Self, Error> {
        let url = url.to_owned();
        Self::open_place(move || Place::server(&url)).await
    }

    /// Opens the database at `url`, or that in `folder` when there is none.
    pub async fn open_at(url: Option<&str>, folder: &Path) -> Result<Self, Error> {
        match url {
            Some(url) => Self::open_postgres(url).await,
            None => Self::open(folder).await,
        }
    }

    async fn open_place(
        find: impl FnOnce() -> Result<Place, Error> + Send + 'static,
    ) -> Result<Self, Error> {
        let opening = tokio::task::spawn_blocking(move || {
            let place = Arc::new(find()?);
            let connection = place.open()?;
            let writer = Writer::start(connection, place.clone());
            let readers = Arc::new(Semaphore::new(READERS));
            Ok(Self { place, writer, readers, idle_readers: Arc::default() })
        });
        opening.await.map_err(|_| Error::Closed)?
    }

    /// Returns the name of this database's history. A restored copy has another one, as far as it
    /// can be told from the original: see `ARCHITECTURE.md`.
    pub fn epoch(&self) -> Arc<str> {
        self.place.epoch()
    }

    /// Returns whether the database can be read, and written: where the newest write failed, as on
    /// a full disk, another one is tried.
    pub async fn is_ready(&self) -> bool {
        let readable = self.read(read_something).await.is_ok();
        readable && (!self.writer.is_failing() || self.writer.write(write_something).await.is_ok())
    }

    /// Closes the database after the writes under way.
    pub async fn close(&self) {
        self.writer.close().await;
        self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs `work` on a connection that only reads.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let permit = self.readers.clone().acquire_owned().await.map_err(|_| Error::Closed)?;
        let store = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let idle = store.idle_readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle.filter(Connection::is_usable) {
                Some(connection) => connection,
                None => store.place.connect()?,
            };
            let result = work(&connection);
            // A connection that failed is not used again.
            if result.is_ok() {
                store.idle_readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            }
            drop(permit);
            result
        });
        reading.await.map_err(|_| Error::Closed)?
    }
}

/// Reads what everybody reads who looks for sessions that wait.
fn read_something(connection: &Connection) -> Result<(), Error> {
    let sql = "SELECT id FROM sessions WHERE mode IN ('queued', 'human') LIMIT 1";
    connection.prepare_cached(sql)?.exists(params![]).map(|_| ())
}

/// Writes about as much as a long message takes.
fn write_something(connection: &Connection) -> Result<(), Error> {
    let written = connection.execute(
        "INSERT INTO meta (name, value) VALUES ('tried', ?1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![" ".repeat(16 * 1024)],
    );
    written.map(|_| ())
}

impl Error {
    /// Returns what to do about a database that cannot be opened.
    fn remedy(&self) -> &'static str {
        let code = match self {
            Self::Newer => return "start that version",
            Self::Sqlite(fault) => fault.sqlite_error_code(),
            _ => None,
        };
        match code {
            Some(ErrorCode::DiskFull) => "make room on its disk",
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                "let the user that eider runs as read and write it and its folder"
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "end the program that keeps it locked"
            }
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                "put a backup in its place, or name another folder by EIDER_DATA or `data` in eider.toml"
            }
            _ => {
                "see docs/operations.md, or name another folder by EIDER_DATA or `data` in eider.toml"
            }
        }
    }

    /// Returns whether the disk failed, so that the connection must not be trusted any more.
    fn is_disk_fault(&self) -> bool {
        let Self::Sqlite(fault) = self else { return false };
        matches!(
            fault.sqlite_error_code(),
            Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Consent, Draft};
    use crate::time::Timestamp;

    /// Makes a database of the version that had taken the first three steps.
    fn old_database(folder: &Path, rows: &str) {
        let old = rusqlite::Connection::open(folder.join("eider.db")).unwrap();
        for sql in &MIGRATIONS[..3] {
            old.execute_batch(sql).unwrap();
        }
        old.execute_batch(
            "PRAGMA user_version = 3;
             INSERT INTO sessions (id, token_hash, site, consent_version, consent_lang, context,
                                   mode, head, created_at, active_at)
             VALUES ('s', 't', 'demo', '1', 'en', '{}', 'bot', 2, 1, 1),
                    ('r', 'u', 'demo', '1', 'en', '{}', 'bot', 1, 2, 2);",
        )
        .unwrap();
        old.execute_batch(rows).unwrap();
    }

    #[tokio::test]
    async fn an_old_log_is_kept_with_its_ids_and_its_sessions_stay_apart() {
        let folder = tempfile::tempdir().unwrap();
        old_database(
            folder.path(),
            "INSERT INTO events (session, seq, kind, role, cid, at, body)
             VALUES ('s', 1, 'message', 'visitor', 'c', 1, '{\"text\":\"hello\"}'),
                    ('r', 1, 'message', 'visitor', 'c', 2, '{\"text\":\"other\"}'),
                    ('s', 2, 'message', 'bot', 'bot:1', 1, '{}');",
        );
        let store = Store::open(folder.path()).await.unwrap();
        let session = "s".into();
        let log = store.events_after(&session, 0, 10).await.unwrap();
        let cids: Vec<_> = log.iter().filter_map(|event| event.cid.as_deref()).collect();
        assert_eq!(cids, ["c", "bot:1"]);
        let message = Draft::visitor(log[0].body.clone());
        let again = Append::new(&session, "c", message, Timestamp::from_micros(2));
        assert_eq!(store.append(again).await.unwrap(), Appended::Duplicate(1));
        let other = store.events_after(&"r".into(), 0, 10).await.unwrap();
        assert_eq!(other.len(), 1);
        assert!(other[0].body.contains("other"));
        let consent = Consent { version: "1".to_owned(), lang: "en".to_owned() };
        let new = NewSession { site: "demo".to_owned(), consent, context: "{}".to_owned() };
        let now = Timestamp::from_micros(3);
        let (opened, _) = store.open_session(new, now).await.unwrap();
        let append = Append::new(&opened.id, "c", Draft::visitor("{}".to_owned()), now);
        assert!(matches!(store.append(append).await.unwrap(), Appended::Written(_)));
        assert_eq!(store.events_after(&session, 0, 10).await.unwrap().len(), 2);
        store.close().await;
    }

    #[tokio::test]
    async fn a_long_log_that_was_brought_over_leaves_no_long_write_ahead_log() {
        let folder = tempfile::tempdir().unwrap();
        old_database(
            folder.path(),
            "WITH RECURSIVE numbers (seq) AS (
                 SELECT 1 UNION ALL SELECT seq + 1 FROM numbers WHERE seq < 500)
             INSERT INTO events (session, seq, kind, role, cid, at, body)
             SELECT 's', seq, 'message', 'bot', 'bot:' || seq, 1, hex(zeroblob(2000))
             FROM numbers;",
        );
        let store = Store::open(folder.path()).await.unwrap();
        assert_eq!(store.events_after(&"s".into(), 0, 1000).await.unwrap().len(), 500);
        let written = std::fs::metadata(folder.path().join("eider.db-wal")).unwrap().len();
        assert!(written < 100_000, "{written} bytes");
        store.close().await;
    }
}
