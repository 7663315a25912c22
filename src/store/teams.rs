//! What kind of work an account is given: its teams, and how many sessions at once.

use rusqlite::{OptionalExtension as _, params};

use super::audit::{self, Entry};
use super::{Error, Store};
use crate::time::Timestamp;

impl Store {
    /// Sets the teams of an account, or how many sessions it is given at once (`Some(None)`: as
    /// many as the policy says); `None` leaves it as it is. Returns whether there is such an account.
    pub async fn set_work(
        &self,
        login: &str,
        teams: Option<Vec<String>>,
        capacity: Option<Option<i64>>,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let login = login.to_owned();
        self.writer
            .write(move |connection| {
                let id = connection
                    .query_row(
                        "UPDATE users SET teams = COALESCE(?2, teams) WHERE login = ?1 RETURNING id",
                        params![login, teams.map(|teams| teams.join(","))],
                        |row| row.get::<_, String>(0),
                    )
                    .optional()?;
                let Some(id) = id else { return Ok(false) };
                if let Some(capacity) = capacity {
                    connection.execute(
                        "UPDATE users SET capacity = ?2 WHERE id = ?1",
                        params![id, capacity],
                    )?;
                }
                let entry = Entry {
                    actor: "operator".to_owned(),
                    action: "set_work",
                    subject: format!("user:{id}"),
                    detail: String::new(),
                };
                audit::write(connection, entry, now)?;
                Ok(true)
            })
            .await
    }
}

/// Returns the teams in a list such as `oncology,pharmacy`.
pub(super) fn list(names: &str) -> Vec<String> {
    names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
