//! The database: sessions and their logs, the only truth. All of sqlx is here.
//!
//! One SQL text for SQLite and PostgreSQL: TEXT and BIGINT columns, `$1` placeholders, and a
//! write as the first statement of every transaction.

mod appends;
mod events;
mod sessions;

pub use appends::{Append, Appended};
pub use sessions::NewSession;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, ConnectOptions as _, Connection as _, Executor as _, Row as _};
use tokio::sync::mpsc;

use crate::id;

/// Connections for reading; SQLite has one writer whatever the number.
const CONNECTIONS: u32 = 4;
/// Longest time that anybody waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(8);
/// Oldest SQLite that is safe with a write-ahead log under several connections: 3.51.3 repairs
/// a race in which the log could be reset under a reader.
const MIN_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// A fault of the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed or is away.
    #[error("database: {0}")]
    Sqlx(#[from] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("database migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The folder of the database cannot be made.
    #[error("cannot use the data folder {path}: {source}", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("cannot open the database {path}: {source}; move it away, or name another folder by EIDER_DATA or `data` in eider.toml", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: sqlx::Error,
    },
    /// A row that this program did not write.
    #[error("the database holds something unreadable: {0}")]
    Inconsistent(String),
    /// The library is too old to be trusted.
    #[error("SQLite {0} may damage its log; at least 3.51.3 is needed")]
    OldSqlite(String),
    /// The writer has stopped.
    #[error("the database writer has stopped")]
    Stopped,
}

/// The open database.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    appends: mpsc::Sender<appends::Request>,
    epoch: std::sync::Arc<str>,
}

impl Store {
    /// Opens the SQLite database `eider.db` in `folder`, making both when they are missing.
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::Folder { path: folder.to_owned(), source })?;
        let path = std::path::absolute(folder)
            .map_err(|source| Error::Folder { path: folder.to_owned(), source })?
            .join("eider.db");
        sqlx::any::install_default_drivers();
        let url = format!("sqlite://{}?mode=rwc", escape(&path.to_string_lossy()));
        let options = url.parse::<AnyConnectOptions>()?.disable_statement_logging();
        // A pool hides why it cannot connect, and tries again for long: ask by hand first.
        check(&options).await.map_err(|source| Error::Open { path: path.clone(), source })?;
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute(PRAGMAS).await?;
                    Ok(())
                })
            })
            .connect_with(options)
            .await
            .map_err(|source| Error::Open { path, source })?;
        check_version(&pool).await?;
        sqlx::migrate!("src/store/migrations").run(&pool).await?;
        let epoch = epoch(&pool).await?;
        let appends = appends::start(pool.clone());
        Ok(Self { pool, appends, epoch: epoch.into() })
    }

    /// Returns the name of this database's history: a restored copy has another one, so that
    /// clients ahead of it start over.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Returns whether the database answers.
    pub async fn is_ready(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.pool).await.is_ok()
    }

    /// Closes the database after the appends under way.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// WAL with full synchronisation: what was committed survives a power cut. Deleted text is
/// overwritten, so that erasing erases.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA busy_timeout = 5000;
    PRAGMA secure_delete = ON;
    PRAGMA mmap_size = 0;
    PRAGMA cache_size = -16000;";

/// Opens the database once and reads from it.
async fn check(options: &AnyConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = AnyConnection::connect_with(options).await?;
    connection.execute(PRAGMAS).await?;
    connection.execute("SELECT count(*) FROM sqlite_schema").await?;
    connection.close().await
}

async fn check_version(pool: &AnyPool) -> Result<(), Error> {
    let version: String =
        sqlx::query("SELECT sqlite_version()").fetch_one(pool).await?.try_get(0)?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < MIN_SQLITE { Err(Error::OldSqlite(version)) } else { Ok(()) }
}

async fn epoch(pool: &AnyPool) -> Result<String, Error> {
    sqlx::query(
        "INSERT INTO meta (name, value) VALUES ('epoch', $1) ON CONFLICT (name) DO NOTHING",
    )
    .bind(id::random_hex::<8>())
    .execute(pool)
    .await?;
    let row = sqlx::query("SELECT value FROM meta WHERE name = 'epoch'").fetch_one(pool).await?;
    Ok(row.try_get(0)?)
}

/// Escapes a path for use in a URL.
fn escape(path: &str) -> String {
    path.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '%' | '?' | '#' | ' ' => {
                for byte in c.to_string().bytes() {
                    escaped.push('%');
                    escaped.push_str(&id::hex(&[byte]));
                }
            }
            _ => escaped.push(c),
        }
        escaped
    })
}
