//! Where the database is: a file, or a server. Opening it, making its tables, and telling a restored
//! copy from the original.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tracing::info;

use super::database::{Connection, OptionalExtension as _, params};
use super::postgres::{STATEMENT, Server, Session};
use super::{Error, MIGRATIONS, read_something};
use crate::id;

/// Oldest SQLite that is safe with a write-ahead log under several connections: 3.51.3 repairs
/// a race in which the log could be reset under a reader.
const MIN_SQLITE: i32 = 3_051_003;
/// How long a step may take on a server, and how long another node waits for it.
const MIGRATION: Duration = Duration::from_mins(10);

/// Where the database is.
#[derive(Debug)]
pub(super) struct Place {
    kind: Kind,
    epoch: ArcSwap<String>,
}

#[derive(Debug)]
enum Kind {
    File(PathBuf),
    Server(Box<Server>),
}

impl Place {
    /// Returns the file `eider.db` in `folder`; makes the folder.
    pub(super) fn file(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::Folder { path: folder.to_owned(), source })?;
        Ok(Self { kind: Kind::File(folder.join("eider.db")), epoch: ArcSwap::default() })
    }

    /// Returns the database at a URL.
    pub(super) fn server(url: &str) -> Result<Self, Error> {
        Ok(Self { kind: Kind::Server(Box::new(Server::new(url)?)), epoch: ArcSwap::default() })
    }

    /// Opens a connection after making what is missing.
    pub(super) fn open(&self) -> Result<Connection, Error> {
        let connection = match &self.kind {
            Kind::File(path) => {
                let unusable = |fault: Error| Error::Unusable {
                    path: path.clone(),
                    what: fault.to_string(),
                    remedy: fault.remedy(),
                };
                make_file(path)?;
                open_and_migrate(path).map_err(unusable)?
            }
            Kind::Server(server) => {
                let unusable =
                    |fault: Error| Error::Server { place: server.place(), what: fault.to_string() };
                let session = server.connect().map_err(unusable)?;
                migrate_server(&session).map_err(unusable)?;
                Connection::Postgres(session)
            }
        };
        self.look_at_epoch(&connection)?;
        Ok(connection)
    }

    /// Opens a connection to what is there.
    pub(super) fn connect(&self) -> Result<Connection, Error> {
        Ok(match &self.kind {
            Kind::File(path) => Connection::Sqlite(open_file(path)?),
            Kind::Server(server) => Connection::Postgres(server.connect()?),
        })
    }

    /// Opens a connection to write by, after another one was lost: the database may have been
    /// restored meanwhile.
    pub(super) fn reconnect(&self) -> Result<Connection, Error> {
        let connection = self.connect()?;
        if matches!(connection, Connection::Postgres(_)) {
            self.look_at_epoch(&connection)?;
        }
        Ok(connection)
    }

    /// Returns whether other nodes may use the database.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.kind, Kind::Server(_))
    }

    /// Notes the name of the database's history.
    pub(super) fn set_epoch(&self, epoch: String) {
        self.epoch.store(Arc::new(epoch));
    }

    /// Returns the name of the database's history.
    pub(super) fn epoch(&self) -> Arc<str> {
        self.epoch.load().as_str().into()
    }

    /// Reads the name of the database's history, and gives it another one when the database is not
    /// where it was: then it is a copy, and may lack what clients have seen.
    fn look_at_epoch(&self, connection: &Connection) -> Result<(), Error> {
        let home = self.home(connection)?;
        connection.begin()?;
        let looked = (|| {
            for (name, value) in [("epoch", id::random_hex::<8>()), ("home", home.clone())] {
                connection.execute(
                    "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
                    params![name, value],
                )?;
            }
            let moved = connection.execute(
                "UPDATE meta SET value = ?1 WHERE name = 'home' AND value <> ?1",
                params![home],
            )?;
            if moved > 0 {
                connection.execute(
                    "UPDATE meta SET value = ?1 WHERE name = 'epoch'",
                    params![id::random_hex::<8>()],
                )?;
            }
            let read = "SELECT value FROM meta WHERE name = 'epoch'";
            connection.query_row(read, params![], |row| row.get::<_, String>(0)).optional()
        })();
        match looked {
            Ok(epoch) => {
                connection.commit()?;
                let epoch = epoch.ok_or_else(|| Error::Inconsistent("no epoch".to_owned()))?;
                self.set_epoch(epoch);
                Ok(())
            }
            Err(fault) => {
                connection.rollback()?;
                Err(fault)
            }
        }
    }

    /// Returns what differs between a database and its restored copy: the file's inode; the
    /// server's cluster, its history, the database and its tables.
    fn home(&self, connection: &Connection) -> Result<String, Error> {
        match &self.kind {
            Kind::File(path) => {
                let file = std::fs::metadata(path)
                    .map_err(|source| Error::Folder { path: path.clone(), source })?;
                Ok(format!("{}", file.ino()))
            }
            Kind::Server(_) => connection.query_row(
                "SELECT (SELECT system_identifier FROM pg_control_system())
                     || '/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)
                     || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())
                     || '/' || 'meta'::regclass::oid",
                params![],
                |row| row.get(0),
            ),
        }
    }
}

/// Makes the database's file, where it is missing, for nobody else to read: it holds what people say
/// of their health. SQLite gives the files beside it the same rights.
fn make_file(path: &Path) -> Result<(), Error> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(source) if source.kind() != ErrorKind::AlreadyExists => {
            Err(Error::Folder { path: path.parent().unwrap_or(path).to_owned(), source })
        }
        _ => Ok(()),
    }
}

fn open_and_migrate(path: &Path) -> Result<Connection, Error> {
    if rusqlite::version_number() < MIN_SQLITE {
        let what = format!("SQLite {} may damage its log; 3.51.3 is needed", rusqlite::version());
        return Err(Error::Away(what));
    }
    let mut connection = open_file(path)?;
    migrate_file(&mut connection)?;
    let connection = Connection::Sqlite(connection);
    read_something(&connection)?;
    Ok(connection)
}

/// Opens a connection: WAL with full synchronisation, so that what was committed survives a power
/// cut. Deleted text is overwritten, so that erasing erases. The cache is small, because SQLite
/// looks through all of it at every commit that moved pages of an index; a transaction that needs
/// more than that gets it.
fn open_file(path: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let connection = rusqlite::Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA busy_timeout = 5000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA mmap_size = 0;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -4000;
         PRAGMA cache_spill = OFF;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Takes the steps that the file has not taken yet. A step may write the whole log anew: what the
/// cache cannot hold of it goes to the write-ahead log, which is emptied afterwards.
fn migrate_file(connection: &mut rusqlite::Connection) -> Result<(), Error> {
    connection.execute_batch("PRAGMA cache_spill = ON")?;
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let taken: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let mut steps = steps_after(taken)?.peekable();
    let is_behind = steps.peek().is_some();
    if is_behind && taken > 0 {
        info!("bringing the database over to this version; with a long log it takes a while");
    }
    for (step, sql) in steps {
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", step)?;
    }
    tx.commit()?;
    if is_behind {
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(connection.execute_batch("PRAGMA cache_spill = OFF")?)
}

/// Takes the steps that the server's database has not taken yet, in one transaction and under the
/// lock of all writers: of several nodes that start at once one takes them.
fn migrate_server(session: &Session) -> Result<(), Error> {
    session.allow(MIGRATION)?;
    session.begin()?;
    session.command("CREATE TABLE IF NOT EXISTS steps (step BIGINT PRIMARY KEY)")?;
    let taken = session.number("SELECT COALESCE(MAX(step), 0) FROM steps")?;
    for (step, sql) in steps_after(taken)? {
        session.command(&format!("{sql}\n; INSERT INTO steps VALUES ({step})"))?;
    }
    session.command("COMMIT")?;
    session.allow(STATEMENT)
}

/// Returns the steps after number `taken`, with their numbers.
fn steps_after(taken: i64) -> Result<impl Iterator<Item = (i64, &'static str)>, Error> {
    let taken = usize::try_from(taken).unwrap_or(usize::MAX);
    if taken > MIGRATIONS.len() {
        return Err(Error::Newer);
    }
    Ok((1_i64..).zip(MIGRATIONS).skip(taken))
}
