//! A connection to either database, SQLite or PostgreSQL, with one SQL text for both. Everything
//! here blocks: it is used on the thread that writes and on threads for blocking work.
//!
//! Statements are written with `?1`, `?2` …, with TEXT and BIGINT alone, and never name a value's
//! type. PostgreSQL gets `$1`, and `ILIKE` for the `LIKE` of SQLite, which ignores case.

use rusqlite::types::{FromSql, ToSqlOutput};
use tokio_postgres::types::FromSql as FromPostgres;

use super::Error;
use super::postgres::{Prepared, Session};

/// An open connection.
#[derive(Debug)]
pub(super) enum Connection {
    /// To a file.
    Sqlite(rusqlite::Connection),
    /// To a server.
    Postgres(Session),
}

/// A statement that the connection keeps for the next time.
pub(super) enum Statement<'c> {
    Sqlite(rusqlite::CachedStatement<'c>),
    Postgres(Prepared<'c>),
}

/// Rows, one after the other.
pub(super) enum Rows<'s> {
    Sqlite(rusqlite::Rows<'s>),
    Postgres(std::vec::IntoIter<tokio_postgres::Row>),
}

/// What is read of each row.
pub(super) struct Mapped<'s, F> {
    rows: Rows<'s>,
    read: F,
}

/// A row.
pub(super) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(tokio_postgres::Row),
}

/// A value that is bound to a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'v> {
    Null,
    Integer(i64),
    Text(&'v str),
}

/// What can be bound to a parameter.
pub(super) trait Param {
    /// Returns it as the database sees it.
    fn value(&self) -> Value<'_>;
}

/// The parameters of a statement.
pub(super) trait Params {
    /// Returns them in order.
    fn values(&self) -> Vec<Value<'_>>;
}

/// The parameters of a statement: `params![id, at]`.
macro_rules! params {
    ($($param:expr),* $(,)?) => {
        &[$(&$param as &dyn $crate::store::database::Param),*] as &[&dyn $crate::store::database::Param]
    };
}
pub(super) use params;

/// Tells a missing row from a fault.
pub(super) trait OptionalExtension<T> {
    /// Returns `None` when the statement returned no row.
    fn optional(self) -> Result<Option<T>, Error>;
}

impl Connection {
    /// Prepares a statement, or takes it as it was prepared before.
    pub(super) fn prepare_cached(&self, sql: &str) -> Result<Statement<'_>, Error> {
        match self {
            Self::Sqlite(connection) => Ok(Statement::Sqlite(connection.prepare_cached(sql)?)),
            Self::Postgres(session) => Ok(Statement::Postgres(session.prepare(sql, translate)?)),
        }
    }

    /// Runs a statement; returns how many rows it changed.
    pub(super) fn execute(&self, sql: &str, params: impl Params) -> Result<usize, Error> {
        self.prepare_cached(sql)?.execute(params)
    }

    /// Runs a statement and reads its first row.
    pub(super) fn query_row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.prepare_cached(sql)?.query_row(params, read)
    }

    /// Begins a transaction under the one lock of all writers, on this node and on others.
    pub(super) fn begin(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => run(connection, "BEGIN IMMEDIATE"),
            Self::Postgres(session) => session.begin(),
        }
    }

    /// Sets a mark to which [`Self::undo`] goes back.
    pub(super) fn mark(&self) -> Result<(), Error> {
        self.command("SAVEPOINT work")
    }

    /// Takes the mark away; what was written since stays.
    pub(super) fn keep(&self) -> Result<(), Error> {
        self.command("RELEASE work")
    }

    /// Undoes what was written since the mark, and takes it away.
    pub(super) fn undo(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => {
                run(connection, "ROLLBACK TO work")?;
                run(connection, "RELEASE work")
            }
            Self::Postgres(session) => session.command("ROLLBACK TO work; RELEASE work"),
        }
    }

    /// Commits; when that fails nothing was written, or, if the connection broke on the way,
    /// nobody knows.
    pub(super) fn commit(&self) -> Result<(), Error> {
        self.command("COMMIT")
    }

    /// Undoes the whole transaction.
    pub(super) fn rollback(&self) -> Result<(), Error> {
        self.command("ROLLBACK")
    }

    /// Returns whether the open transaction is gone, by a fault or because the connection is.
    pub(super) fn is_undone(&self) -> bool {
        match self {
            Self::Sqlite(connection) => connection.is_autocommit(),
            Self::Postgres(session) => session.is_broken(),
        }
    }

    /// Returns whether [`Self::changes`] counts.
    pub(super) fn counts_changes(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Returns how many rows the connection has changed so far; 0 where nobody counts.
    pub(super) fn changes(&self) -> u64 {
        match self {
            Self::Sqlite(connection) => connection.total_changes(),
            Self::Postgres(_) => 0,
        }
    }

    /// Returns whether the connection can be used.
    pub(super) fn is_usable(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres(session) => !session.is_broken(),
        }
    }

    fn command(&self, sql: &str) -> Result<(), Error> {
        match self {
            Self::Sqlite(connection) => run(connection, sql),
            Self::Postgres(session) => session.command(sql),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "parameters are written where they are bound")]
impl Statement<'_> {
    /// Runs it; returns how many rows it changed.
    pub(super) fn execute(&mut self, params: impl Params) -> Result<usize, Error> {
        let values = params.values();
        match self {
            Self::Sqlite(statement) => {
                Ok(statement.execute(rusqlite::params_from_iter(values.iter()))?)
            }
            Self::Postgres(prepared) => prepared.execute(&values),
        }
    }

    /// Runs it and returns its rows.
    pub(super) fn query(&mut self, params: impl Params) -> Result<Rows<'_>, Error> {
        let values = params.values();
        Ok(match self {
            Self::Sqlite(statement) => {
                Rows::Sqlite(statement.query(rusqlite::params_from_iter(values.iter()))?)
            }
            Self::Postgres(prepared) => Rows::Postgres(prepared.query(&values)?.into_iter()),
        })
    }

    /// Runs it and reads each row.
    pub(super) fn query_map<T, F>(
        &mut self,
        params: impl Params,
        read: F,
    ) -> Result<Mapped<'_, F>, Error>
    where
        F: FnMut(&Row<'_>) -> Result<T, Error>,
    {
        Ok(Mapped { rows: self.query(params)?, read })
    }

    /// Runs it and reads its first row; [`Error::NoRow`] when there is none.
    pub(super) fn query_row<T>(
        &mut self,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut rows = self.query(params)?;
        let row = rows.next()?.ok_or(Error::NoRow)?;
        read(&row)
    }

    /// Runs it and returns whether there is a row.
    pub(super) fn exists(&mut self, params: impl Params) -> Result<bool, Error> {
        Ok(self.query(params)?.next()?.is_some())
    }
}

impl Rows<'_> {
    /// Returns the next row.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, Error> {
        Ok(match self {
            Self::Sqlite(rows) => rows.next()?.map(Row::Sqlite),
            Self::Postgres(rows) => rows.next().map(Row::Postgres),
        })
    }
}

impl<T, F: FnMut(&Row<'_>) -> Result<T, Error>> Iterator for Mapped<'_, F> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next().transpose().map(|row| row.and_then(|row| (self.read)(&row)))
    }
}

impl Row<'_> {
    /// Returns the value of a column, by its name or number.
    pub(super) fn get<I, T>(&self, column: I) -> Result<T, Error>
    where
        I: rusqlite::RowIndex + tokio_postgres::row::RowIndex + std::fmt::Display,
        T: FromSql + for<'a> FromPostgres<'a>,
    {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }
}

impl<T> OptionalExtension<T> for Result<T, Error> {
    fn optional(self) -> Result<Option<T>, Error> {
        match self {
            Ok(found) => Ok(Some(found)),
            Err(Error::NoRow) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

impl Param for i64 {
    fn value(&self) -> Value<'_> {
        Value::Integer(*self)
    }
}

impl Param for str {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Param for String {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl<T: Param> Param for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Param::value)
    }
}

impl<T: Param + ?Sized> Param for &T {
    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl Params for &[&dyn Param] {
    fn values(&self) -> Vec<Value<'_>> {
        self.iter().map(|param| param.value()).collect()
    }
}

impl<T: Param, const N: usize> Params for [T; N] {
    fn values(&self) -> Vec<Value<'_>> {
        self.iter().map(Param::value).collect()
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => rusqlite::types::ValueRef::Null,
            Value::Integer(number) => rusqlite::types::ValueRef::Integer(*number),
            Value::Text(text) => rusqlite::types::ValueRef::Text(text.as_bytes()),
        }))
    }
}

fn run(connection: &rusqlite::Connection, statement: &str) -> Result<(), Error> {
    Ok(connection.prepare_cached(statement)?.execute([]).map(|_| ())?)
}

/// Translates a statement for PostgreSQL. No statement holds a question mark or ` LIKE ` in a
/// text of its own.
fn translate(sql: &str) -> String {
    sql.replace('?', "$").replace(" LIKE ", " ILIKE ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_translated() {
        let sql = "SELECT body FROM events WHERE session = ?1 AND body LIKE ?12 ESCAPE '!'";
        assert_eq!(
            translate(sql),
            "SELECT body FROM events WHERE session = $1 AND body ILIKE $12 ESCAPE '!'"
        );
    }

    #[test]
    fn parameters_are_values() {
        let (none, name) = (None::<String>, String::from("li"));
        let params = params![7_i64, "a", none, Some(name.as_str()), name];
        let text = Value::Text;
        assert_eq!(
            params.values(),
            [Value::Integer(7), text("a"), Value::Null, text("li"), text("li")]
        );
    }
}
