//! Second factors: the secret that an app shares with us, the step of its last code, and the hashes
//! of the codes for when the telephone is gone.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::audit::{self, Entry};
use super::sessions::hash;
use super::{Error, Store};
use crate::account::{Secret, User};
use crate::id::UserId;
use crate::time::Timestamp;

/// A person's second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// What the app has too.
    pub secret: Secret,
    /// Whether a first code was right: from then on it is asked for.
    pub confirmed: bool,
    /// The time step of the last code.
    pub last_step: i64,
    /// Recovery codes that are left.
    pub recovery_left: usize,
}

impl Store {
    /// Returns a person's second factor.
    pub async fn factor(&self, person: &UserId) -> Result<Option<Factor>, Error> {
        let person = person.clone();
        self.read(move |connection| {
            let found = connection
                .prepare_cached(
                    "SELECT secret, confirmed_at, last_step,
                         (SELECT COUNT(*) FROM recovery_codes WHERE recovery_codes.person = ?1)
                     FROM second_factors
                     WHERE person = ?1",
                )?
                .query_row([person.as_str()], |row| {
                    let confirmed: Option<i64> = row.get(1)?;
                    Ok((
                        row.get::<_, String>(0)?,
                        confirmed.is_some(),
                        row.get(2)?,
                        row.get::<_, i64>(3)?,
                    ))
                })
                .optional()?;
            let Some((secret, confirmed, last_step, left)) = found else { return Ok(None) };
            let secret = Secret::stored(&secret)
                .ok_or_else(|| Error::Inconsistent("the secret of a second factor".to_owned()))?;
            let recovery_left = usize::try_from(left).unwrap_or_default();
            Ok(Some(Factor { secret, confirmed, last_step, recovery_left }))
        })
        .await
    }

    /// Notes a new secret that waits for its first code; returns whether that may be: a factor that
    /// is in use is not replaced.
    pub async fn begin_factor(&self, person: &UserId, secret: &Secret) -> Result<bool, Error> {
        let (person, secret) = (person.clone(), secret.text());
        self.writer
            .write(move |connection| {
                let written = connection.execute(
                    "INSERT INTO second_factors (person, secret, last_step)
                     VALUES (?1, ?2, 0)
                     ON CONFLICT (person) DO UPDATE SET secret = excluded.secret, last_step = 0
                     WHERE second_factors.confirmed_at IS NULL",
                    params![person.as_str(), secret],
                )?;
                Ok(written > 0)
            })
            .await
    }

    /// Takes a factor into use after its first code, with codes for recovery; returns whether it
    /// still waited for that.
    pub async fn confirm_factor(
        &self,
        user: &User,
        step: i64,
        recovery: &[String],
        now: Timestamp,
    ) -> Result<bool, Error> {
        let (user, hashes) = (user.clone(), recovery.iter().map(|code| hash(code)));
        let hashes: Vec<String> = hashes.collect();
        self.writer
            .write(move |connection| {
                let confirmed = connection.execute(
                    "UPDATE second_factors
                     SET confirmed_at = ?2, last_step = ?3
                     WHERE person = ?1 AND confirmed_at IS NULL",
                    params![user.id.as_str(), now.as_micros(), step],
                )?;
                if confirmed == 0 {
                    return Ok(false);
                }
                for hash in hashes {
                    connection.execute(
                        "INSERT INTO recovery_codes (person, code_hash) VALUES (?1, ?2)",
                        params![user.id.as_str(), hash],
                    )?;
                }
                remember(connection, user.login, "second_factor_on", &user.id, now)?;
                Ok(true)
            })
            .await
    }

    /// Uses a time step up; returns whether it was newer than the last one.
    pub async fn use_step(&self, person: &UserId, step: i64) -> Result<bool, Error> {
        let person = person.clone();
        self.writer
            .write(move |connection| {
                let used = connection.execute(
                    "UPDATE second_factors SET last_step = ?2 WHERE person = ?1 AND last_step < ?2",
                    params![person.as_str(), step],
                )?;
                Ok(used > 0)
            })
            .await
    }

    /// Uses a recovery code up; returns whether there was one.
    pub async fn use_recovery(
        &self,
        user: &User,
        code: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let (user, code) = (user.clone(), hash(code));
        self.writer
            .write(move |connection| {
                let codes = connection.execute(
                    "DELETE FROM recovery_codes WHERE person = ?1 AND code_hash = ?2",
                    params![user.id.as_str(), code],
                )?;
                if codes > 0 {
                    remember(connection, user.login, "recovery_code", &user.id, now)?;
                }
                Ok(codes > 0)
            })
            .await
    }

    /// Takes a person's second factor away; returns whether there was one. `actor` is who did it.
    pub async fn drop_factor(
        &self,
        person: &UserId,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let (person, actor) = (person.clone(), actor.to_owned());
        self.writer
            .write(move |connection| {
                let id = person.as_str();
                let gone =
                    connection.execute("DELETE FROM second_factors WHERE person = ?1", [id])?;
                connection.execute("DELETE FROM recovery_codes WHERE person = ?1", [id])?;
                if gone > 0 {
                    remember(connection, actor, "second_factor_off", &person, now)?;
                }
                Ok(gone > 0)
            })
            .await
    }

    /// Notes that whoever is signed in has proved it again.
    pub async fn prove(&self, user_session: &str, now: Timestamp) -> Result<(), Error> {
        let id = user_session.to_owned();
        self.writer
            .write(move |connection| {
                connection.execute(
                    "UPDATE user_sessions SET proved_at = ?2 WHERE id = ?1",
                    params![id, now.as_micros()],
                )?;
                Ok(())
            })
            .await
    }
}

fn remember(
    connection: &Connection,
    actor: String,
    action: &'static str,
    person: &UserId,
    now: Timestamp,
) -> Result<(), Error> {
    let subject = format!("user:{person}");
    audit::write(connection, Entry { actor, action, subject, detail: String::new() }, now)
}
