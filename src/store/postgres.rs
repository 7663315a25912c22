//! Connections to PostgreSQL, used from threads that may block. Every statement has a time limit,
//! so that a server that has gone silent is a fault like any other.
//!
//! Writers take one lock for the length of their transaction, so that at any time one of them
//! writes, as with SQLite. A connection that failed half-way is never used again, and the server
//! undoes what it had begun.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::error::Error as _;
use std::fmt::{self, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut};
use tokio_postgres::{Client, Config, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Error;
use super::database::Value;

/// How long connecting may take …
const CONNECT: Duration = Duration::from_secs(3);
/// … how long a statement, and waiting for the lock of all writers …
pub(super) const STATEMENT: Duration = Duration::from_secs(6);
/// … and how much longer any answer, from a server that has gone silent.
const SILENCE: Duration = Duration::from_secs(2);
/// What a connection begins with. Commits are durable whatever the server's default is; a writer
/// that has stopped loses its transaction, so that it stops nobody else for long.
const SETTINGS: &str = "SET synchronous_commit = on;
    SET idle_in_transaction_session_timeout = '5s';
    SET client_min_messages = warning";
/// The lock of all writers: the first number is ours, the second tells schemas apart.
const BEGIN: &str =
    "BEGIN; SELECT pg_advisory_xact_lock(1164535378, hashtext(current_schema()::text))";
/// Longest wait after a failed attempt to connect, until the next one is made.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A server, and how to reach it.
#[derive(Debug)]
pub(super) struct Server {
    config: Config,
    runtime: Handle,
    pause: Mutex<Pause>,
}

/// When to try again after failed attempts.
#[derive(Debug, Default)]
struct Pause {
    failures: u32,
    until: Option<Instant>,
}

/// A connection.
pub(super) struct Session {
    runtime: Handle,
    client: Client,
    driver: JoinHandle<()>,
    statements: RefCell<HashMap<String, Statement>>,
    limit: Cell<Duration>,
    is_broken: Cell<bool>,
}

/// A prepared statement.
#[derive(Debug)]
pub(super) struct Prepared<'c> {
    session: &'c Session,
    statement: Statement,
}

impl Server {
    /// Reads the URL; must be called on a thread of the runtime that is to drive connections.
    pub(super) fn new(url: &str) -> Result<Self, Error> {
        // Certificates are always checked; the other names are libpq's.
        let url = url.replace("sslmode=verify-full", "sslmode=require");
        let mut config: Config = url.parse().map_err(|fault: tokio_postgres::Error| {
            let why = fault.source().map(ToString::to_string).unwrap_or_default();
            Error::Away(format!("the address of the database cannot be read: {fault} {why}"))
        })?;
        config
            .connect_timeout(CONNECT)
            .tcp_user_timeout(STATEMENT + SILENCE)
            .application_name("eider");
        Ok(Self { config, runtime: Handle::current(), pause: Mutex::default() })
    }

    /// Returns where it is, without names and passwords.
    pub(super) fn place(&self) -> String {
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            tokio_postgres::config::Host::Tcp(name) => name.clone(),
            tokio_postgres::config::Host::Unix(path) => path.display().to_string(),
        });
        let name = self.config.get_dbname().unwrap_or_default();
        format!("postgres://{}/{name}", hosts.collect::<Vec<_>>().join(","))
    }

    /// Connects. After failed attempts it fails at once for a while.
    pub(super) fn connect(&self) -> Result<Session, Error> {
        let until = self.pause().until;
        if until.is_some_and(|until| Instant::now() < until) {
            return Err(Error::Away("PostgreSQL cannot be reached".to_owned()));
        }
        let connected = self.try_to_connect();
        let mut pause = self.pause();
        if connected.is_ok() {
            *pause = Pause::default();
        } else {
            let wait = Duration::from_millis(25) * 2_u32.pow(pause.failures.min(6));
            pause.failures += 1;
            pause.until = Some(Instant::now() + wait.min(LONGEST_PAUSE));
        }
        connected
    }

    fn try_to_connect(&self) -> Result<Session, Error> {
        let runtime = self.runtime.clone();
        let connecting = async {
            if self.config.get_ssl_mode() == SslMode::Require {
                let (tls, _) = MakeRustlsConnect::with_native_certs().map_err(|_| {
                    Error::Away(
                        "this machine has no certificates to check PostgreSQL's with".into(),
                    )
                })?;
                let (client, connection) = self.config.connect(tls).await?;
                Ok::<_, Error>((client, runtime.spawn(async { drop(connection.await) })))
            } else {
                let (client, connection) = self.config.connect(NoTls).await?;
                Ok((client, runtime.spawn(async { drop(connection.await) })))
            }
        };
        let connected =
            async { tokio::time::timeout(STATEMENT, connecting).await.map_err(|_| silent())? };
        let (client, driver) = self.runtime.block_on(connected)?;
        let session = Session {
            runtime: self.runtime.clone(),
            client,
            driver,
            statements: RefCell::default(),
            limit: Cell::new(STATEMENT),
            is_broken: Cell::new(false),
        };
        session.command(SETTINGS)?;
        session.allow(STATEMENT)?;
        Ok(session)
    }

    fn pause(&self) -> std::sync::MutexGuard<'_, Pause> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// Runs statements without parameters and without results.
    pub(super) fn command(&self, sql: &str) -> Result<(), Error> {
        self.wait(self.client.batch_execute(sql))
    }

    /// Sets how long a statement may take from now on.
    pub(super) fn allow(&self, limit: Duration) -> Result<(), Error> {
        self.limit.set(limit);
        let limit = limit.as_millis();
        self.command(&format!("SET statement_timeout = {limit}; SET lock_timeout = {limit}"))
    }

    /// Reads the number that a statement returns.
    pub(super) fn number(&self, sql: &str) -> Result<i64, Error> {
        Ok(self.wait(self.client.query_one(sql, &[]))?.try_get(0)?)
    }

    /// Begins a transaction under the lock of all writers.
    pub(super) fn begin(&self) -> Result<(), Error> {
        let begun = self.command(BEGIN);
        // Whoever waited too long for the lock still has a transaction.
        if begun.is_err() && !self.is_broken() {
            self.command("ROLLBACK")?;
        }
        begun
    }

    /// Returns whether the connection is gone.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.get() || self.client.is_closed()
    }

    /// Prepares a statement once.
    pub(super) fn prepare(
        &self,
        sql: &str,
        translate: impl FnOnce(&str) -> String,
    ) -> Result<Prepared<'_>, Error> {
        let known = self.statements.borrow().get(sql).cloned();
        let statement = if let Some(statement) = known {
            statement
        } else {
            let statement = self.wait(self.client.prepare(&translate(sql)))?;
            self.statements.borrow_mut().insert(sql.to_owned(), statement.clone());
            statement
        };
        Ok(Prepared { session: self, statement })
    }

    fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Error> {
        let answer = async { tokio::time::timeout(self.limit.get() + SILENCE, answer).await };
        match self.runtime.block_on(answer) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(fault)) => {
                if fault.as_db_error().is_none() {
                    self.is_broken.set(true);
                }
                Err(fault.into())
            }
            Err(_) => {
                self.is_broken.set(true);
                Err(silent())
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Nobody waits for a silent server; in the other case the driver says goodbye.
        if self.is_broken.get() {
            self.driver.abort();
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("is_broken", &self.is_broken()).finish_non_exhaustive()
    }
}

impl Prepared<'_> {
    pub(super) fn execute(&self, values: &[Value<'_>]) -> Result<usize, Error> {
        let client = &self.session.client;
        let changed = self.session.wait(client.execute(&self.statement, &bound(values)))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    pub(super) fn query(&self, values: &[Value<'_>]) -> Result<Vec<tokio_postgres::Row>, Error> {
        let client = &self.session.client;
        self.session.wait(client.query(&self.statement, &bound(values)))
    }
}

fn bound<'v>(values: &'v [Value<'_>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn silent() -> Error {
    Error::Away("PostgreSQL does not answer".to_owned())
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(number) if *kind == Type::INT4 => {
                i32::try_from(*number)?.to_sql(kind, out)
            }
            Value::Integer(number) => number.to_sql(kind, out),
            // PostgreSQL knows no text with a zero character.
            Value::Text(text) if text.contains('\0') => {
                text.replace('\0', "\u{fffd}").to_sql(kind, out)
            }
            Value::Text(text) => text.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::TEXT, Type::VARCHAR].contains(kind)
    }

    tokio_postgres::types::to_sql_checked!();
}

impl From<tokio_postgres::Error> for Error {
    /// Keeps what the server says in general, without the details, which name values.
    fn from(fault: tokio_postgres::Error) -> Self {
        let Some(told) = fault.as_db_error() else {
            let mut what = fault.to_string();
            if let Some(why) = fault.source() {
                let _ = write!(what, ": {why}");
            }
            return Self::Away(what);
        };
        Self::Away(format!("{} ({})", told.message(), told.code().code()))
    }
}
