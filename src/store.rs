//! The database: sessions and their logs, the only truth. All of rusqlite is here.
//!
//! One thread owns all writing: whatever waits goes into one durable transaction, and everyone is
//! answered after its commit. Reading has connections of its own.

mod appends;
mod audit;
mod board;
mod events;
mod factors;
mod forms;
mod handoffs;
mod notes;
mod outbox;
mod past;
mod reach;
mod sessions;
mod teams;
mod tokens;
mod users;
mod writer;

pub use appends::{Append, Appended};
pub use audit::{Entry, Row as AuditRow};
pub use board::Waiting;
pub use events::Report;
pub use factors::Factor;
pub use forms::{Form, NewForm};
pub use handoffs::{Advance, Advanced, Said, Say};
pub use notes::Note;
pub use outbox::Delivery;
pub use past::{Figures, PAST_PAGE, Past, Query};
pub use sessions::NewSession;
pub use tokens::Token;
pub use users::{NewUser, SignIn, UserSession};

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _};
use tokio::sync::Semaphore;

use crate::id;
use writer::Writer;

/// Connections for reading; further readers wait for one.
const READERS: usize = 8;
/// Oldest SQLite that is safe with a write-ahead log under several connections: 3.51.3 repairs
/// a race in which the log could be reset under a reader.
const MIN_SQLITE: i32 = 3_051_003;
/// The tables, step by step; a database remembers how many steps it has taken.
const MIGRATIONS: [&str; 3] = [
    include_str!("store/migrations/0001_sessions.sql"),
    include_str!("store/migrations/0002_desk.sql"),
    include_str!("store/migrations/0003_work.sql"),
];

/// A fault of the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed or is away.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file is something else, or newer than this program.
    #[error("cannot open the database {path}: {what}; move it away, or name another folder by EIDER_DATA or `data` in eider.toml", path = path.display())]
    Unusable {
        /// The database's file.
        path: PathBuf,
        /// What is wrong with it.
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
    /// A row that this program did not write.
    #[error("the database holds something unreadable: {0}")]
    Inconsistent(String),
    /// A commit failed for all that waited for it.
    #[error("database: {0}")]
    Away(String),
    /// The database is closed.
    #[error("the database is closed")]
    Closed,
}

/// The open database.
#[derive(Debug, Clone)]
pub struct Store {
    path: Arc<Path>,
    writer: Writer,
    readers: Arc<Semaphore>,
    idle_readers: Arc<Mutex<Vec<Connection>>>,
    epoch: Arc<str>,
}

impl Store {
    /// Opens the database `eider.db` in `folder`, making both when they are missing.
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        let folder = folder.to_owned();
        let opening = tokio::task::spawn_blocking(move || Self::open_blocking(&folder));
        opening.await.map_err(|_| Error::Closed)?
    }

    fn open_blocking(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::Folder { path: folder.to_owned(), source })?;
        let path: Arc<Path> = folder.join("eider.db").into();
        let unusable = |what: String| Error::Unusable { path: path.to_path_buf(), what };
        if rusqlite::version_number() < MIN_SQLITE {
            return Err(unusable(format!(
                "SQLite {} may damage its log; 3.51.3 is needed",
                rusqlite::version()
            )));
        }
        let mut connection = connect(&path).map_err(|fault| unusable(fault.to_string()))?;
        migrate(&mut connection).map_err(|fault| unusable(fault.to_string()))?;
        let epoch = epoch(&connection)?;
        let writer = Writer::start(connection, path.clone());
        let readers = Arc::new(Semaphore::new(READERS));
        Ok(Self { path, writer, readers, idle_readers: Arc::default(), epoch: epoch.into() })
    }

    /// Returns the name of this database's history, given when the database was made. A restored
    /// copy still has the same one.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Returns whether the database answers.
    pub async fn is_ready(&self) -> bool {
        self.read(|connection| Ok(connection.query_row("SELECT 1", [], |_| Ok(()))?)).await.is_ok()
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
            let connection = match idle {
                Some(connection) => connection,
                None => connect(&store.path)?,
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

/// Opens a connection: WAL with full synchronisation, so that what was committed survives a power
/// cut. Deleted text is overwritten, so that erasing erases.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA busy_timeout = 5000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA mmap_size = 0;
         PRAGMA cache_size = -16000;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Takes the steps that the database has not taken yet.
fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let taken: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let taken = usize::try_from(taken).unwrap_or(usize::MAX);
    if taken > MIGRATIONS.len() {
        return Err(Error::Inconsistent(
            "the database was made by a newer version of eider".to_owned(),
        ));
    }
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(taken) {
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", i64::try_from(step + 1).unwrap_or(i64::MAX))?;
    }
    Ok(tx.commit()?)
}

fn epoch(connection: &Connection) -> Result<String, Error> {
    connection.execute(
        "INSERT INTO meta (name, value) VALUES ('epoch', ?1) ON CONFLICT (name) DO NOTHING",
        [id::random_hex::<8>()],
    )?;
    let epoch =
        connection.query_row("SELECT value FROM meta WHERE name = 'epoch'", [], |row| row.get(0));
    epoch.optional()?.ok_or_else(|| Error::Inconsistent("no epoch".to_owned()))
}

impl Error {
    /// Returns whether the disk failed, so that the connection must not be trusted any more.
    fn is_disk_fault(&self) -> bool {
        let Self::Sqlite(fault) = self else { return false };
        matches!(
            fault.sqlite_error_code(),
            Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        )
    }
}
