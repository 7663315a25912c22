//! Accounts, where they are signed in, and the tickets that open their sockets. Tokens and tickets
//! are stored as hashes only.

use super::audit::{self, Entry};
use super::database::{Connection, OptionalExtension as _, Row, params};
use super::sessions::hash;
use super::{Error, Store, teams};
use crate::account::{Hashed, Role, User};
use crate::id::{self, UserId};
use crate::time::Timestamp;

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The name to sign in with.
    pub login: String,
    /// The name that visitors and colleagues see.
    pub name: String,
    /// What it may do.
    pub roles: Vec<Role>,
    /// Hash of its password.
    pub password: Hashed,
}

/// Where somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSession {
    /// Its id.
    pub id: String,
    /// Since when.
    pub created: Timestamp,
    /// When it was last used.
    pub active: Timestamp,
    /// The browser, as it calls itself.
    pub agent: String,
    /// When whoever it is last proved it, by signing in or again since.
    pub proved: Timestamp,
}

/// Which sign-in sessions still hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIn {
    /// Those made after this moment …
    pub created_after: Timestamp,
    /// … and used after this one.
    pub active_after: Timestamp,
}

impl Store {
    /// Makes an account; `None` when the login is taken.
    pub async fn add_user(&self, new: NewUser, now: Timestamp) -> Result<Option<UserId>, Error> {
        self.writer
            .write(move |connection| {
                let id = UserId::random();
                let made = connection.execute(
                    "INSERT INTO users (id, login, name, roles, password, available, seen_at, created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, 'no', 0, ?6)
                     ON CONFLICT (login) DO NOTHING",
                    params![
                        id.as_str(),
                        new.login,
                        new.name,
                        Role::join(&new.roles),
                        new.password.as_str(),
                        now.as_micros()
                    ],
                )?;
                if made == 0 {
                    return Ok(None);
                }
                let entry = by_operator("add_user", &id, Role::join(&new.roles));
                audit::write(connection, entry, now)?;
                Ok(Some(id))
            })
            .await
    }

    /// Returns every account, by name.
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, login, name, roles, available, disabled_at, seen_at, teams, capacity
                 FROM users
                 ORDER BY name, id",
            )?;
            let users = statement.query_map(params![], user)?;
            users.collect::<Result<_, _>>()
        })
        .await
    }

    /// Returns the account with this login, and the hash of its password.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<(User, Hashed)>, Error> {
        let login = login.to_owned();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, login, name, roles, available, disabled_at, seen_at, teams, capacity, password
                 FROM users
                 WHERE login = ?1",
            )?;
            let found = statement
                .query_row([login], |row| Ok((user(row)?, Hashed::stored(row.get("password")?))));
            found.optional()
        })
        .await
    }

    /// Gives an account another password and signs it out everywhere; returns whether there is one.
    pub async fn set_password(
        &self,
        login: &str,
        password: Hashed,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let login = login.to_owned();
        self.writer
            .write(move |connection| {
                let id = connection
                    .query_row(
                        "UPDATE users SET password = ?2 WHERE login = ?1 RETURNING id",
                        params![login, password.as_str()],
                        |row| row.get::<_, String>(0),
                    )
                    .optional()?;
                signed_out(connection, id, "set_password", now)
            })
            .await
    }

    /// Disables or enables an account; a disabled one is signed out everywhere. Returns whether
    /// there is one.
    pub async fn set_disabled(
        &self,
        login: &str,
        disabled: bool,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let login = login.to_owned();
        self.writer
            .write(move |connection| {
                let since = disabled.then_some(now.as_micros());
                let id = connection
                    .query_row(
                        "UPDATE users
                         SET disabled_at = ?2, available = 'no'
                         WHERE login = ?1
                         RETURNING id",
                        params![login, since],
                        |row| row.get::<_, String>(0),
                    )
                    .optional()?;
                let action = if disabled { "disable_user" } else { "enable_user" };
                signed_out(connection, id, action, now)
            })
            .await
    }

    /// Notes whether a person takes sessions.
    pub async fn set_available(&self, person: &UserId, available: bool) -> Result<(), Error> {
        let person = person.clone();
        self.writer
            .write(move |connection| {
                let value = if available { "yes" } else { "no" };
                connection.execute(
                    "UPDATE users SET available = ?2 WHERE id = ?1",
                    params![person.as_str(), value],
                )?;
                Ok(())
            })
            .await
    }

    /// Notes when people's consoles were last heard of.
    pub async fn seen(&self, people: Vec<(UserId, Timestamp)>) -> Result<(), Error> {
        self.writer
            .write(move |connection| {
                let mut statement = connection.prepare_cached(
                    "UPDATE users SET seen_at = ?2 WHERE id = ?1 AND seen_at < ?2",
                )?;
                for (person, at) in people {
                    statement.execute(params![person.as_str(), at.as_micros()])?;
                }
                Ok(())
            })
            .await
    }

    /// Notes that a person's console has gone: it counts as last heard of at `at`.
    pub async fn left(&self, person: &UserId, at: Timestamp) -> Result<(), Error> {
        let person = person.clone();
        self.writer
            .write(move |connection| {
                connection.execute(
                    "UPDATE users SET seen_at = ?2 WHERE id = ?1 AND seen_at > ?2",
                    params![person.as_str(), at.as_micros()],
                )?;
                Ok(())
            })
            .await
    }

    /// Signs a person in; returns the token, which is stored as a hash only.
    pub async fn open_user_session(
        &self,
        user: &User,
        agent: String,
        now: Timestamp,
    ) -> Result<String, Error> {
        let token = id::random_hex::<32>();
        let (token_hash, user) = (hash(&token), user.clone());
        self.writer
            .write(move |connection| {
                connection.execute(
                    "INSERT INTO user_sessions (id, token_hash, person, agent, created_at, active_at, proved_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5)",
                    params![
                        id::random_hex::<8>(),
                        token_hash,
                        user.id.as_str(),
                        agent,
                        now.as_micros()
                    ],
                )?;
                let subject = format!("user:{}", user.id);
                let detail = String::new();
                audit::write(connection, Entry { actor: user.login, action: "sign_in", subject, detail }, now)
            })
            .await?;
        Ok(token)
    }

    /// Returns who is signed in by a token, as far as that still holds. A disabled account is
    /// returned as such.
    pub async fn user_session(
        &self,
        token: &str,
        holds: SignIn,
    ) -> Result<Option<(UserSession, User)>, Error> {
        self.find_user_session("s.token_hash", hash(token), holds).await
    }

    /// Returns a sign-in session by its id, as far as it still holds.
    pub async fn user_session_by_id(
        &self,
        id: &str,
        holds: SignIn,
    ) -> Result<Option<(UserSession, User)>, Error> {
        self.find_user_session("s.id", id.to_owned(), holds).await
    }

    async fn find_user_session(
        &self,
        key: &'static str,
        value: String,
        holds: SignIn,
    ) -> Result<Option<(UserSession, User)>, Error> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT u.id AS id, login, name, roles, available, disabled_at, seen_at, teams, capacity,
                     s.id AS session, s.created_at AS created_at, active_at, agent, proved_at
                 FROM user_sessions s
                 JOIN users u ON u.id = s.person
                 WHERE {key} = ?1 AND s.created_at > ?2 AND active_at > ?3"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let wanted =
                params![value, holds.created_after.as_micros(), holds.active_after.as_micros()];
            let found = statement.query_row(wanted, |row| Ok((user_session(row)?, user(row)?)));
            found.optional()
        })
        .await
    }

    /// Notes that a sign-in session was used.
    pub async fn touch_user_session(&self, id: &str, now: Timestamp) -> Result<(), Error> {
        let id = id.to_owned();
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached("UPDATE user_sessions SET active_at = ?2 WHERE id = ?1")?
                    .execute(params![id, now.as_micros()])?;
                Ok(())
            })
            .await
    }

    /// Returns where a person is signed in, newest first.
    pub async fn user_sessions(
        &self,
        person: &UserId,
        holds: SignIn,
    ) -> Result<Vec<UserSession>, Error> {
        let person = person.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id AS session, created_at, active_at, agent, proved_at
                 FROM user_sessions
                 WHERE person = ?1 AND created_at > ?2 AND active_at > ?3
                 ORDER BY created_at DESC, id",
            )?;
            let wanted = params![
                person.as_str(),
                holds.created_after.as_micros(),
                holds.active_after.as_micros()
            ];
            let sessions = statement.query_map(wanted, user_session)?;
            sessions.collect::<Result<_, _>>()
        })
        .await
    }

    /// Ends a person's sign-in session; returns whether there was one.
    pub async fn end_user_session(
        &self,
        user: &User,
        id: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let (user, id) = (user.clone(), id.to_owned());
        self.writer
            .write(move |connection| {
                let ended = connection.execute(
                    "DELETE FROM user_sessions WHERE id = ?1 AND person = ?2",
                    params![id, user.id.as_str()],
                )?;
                if ended > 0 {
                    let subject = format!("user:{}", user.id);
                    let entry =
                        Entry { actor: user.login, action: "sign_out", subject, detail: id };
                    audit::write(connection, entry, now)?;
                }
                Ok(ended > 0)
            })
            .await
    }

    /// Makes a ticket for a sign-in session, and forgets those that nobody used in time.
    pub async fn open_ticket(
        &self,
        user_session: &str,
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<String, Error> {
        let ticket = id::random_hex::<32>();
        let (ticket_hash, user_session) = (hash(&ticket), user_session.to_owned());
        self.writer
            .write(move |connection| {
                connection.execute(
                    "INSERT INTO tickets (ticket_hash, user_session, expires_at) VALUES (?1, ?2, ?3)",
                    params![ticket_hash, user_session, expires.as_micros()],
                )?;
                connection
                    .execute("DELETE FROM tickets WHERE expires_at <= ?1", [now.as_micros()])?;
                Ok(())
            })
            .await?;
        Ok(ticket)
    }

    /// Uses a ticket up; returns the sign-in session it was made for, if it is still good.
    pub async fn redeem_ticket(
        &self,
        ticket: &str,
        now: Timestamp,
    ) -> Result<Option<String>, Error> {
        let ticket_hash = hash(ticket);
        self.writer
            .write(move |connection| {
                let found = connection.query_row(
                    "DELETE FROM tickets
                     WHERE ticket_hash = ?1 AND expires_at > ?2
                     RETURNING user_session",
                    params![ticket_hash, now.as_micros()],
                    |row| row.get(0),
                );
                found.optional()
            })
            .await
    }
}

/// Ends every session of an account that was changed by the operator, and remembers it.
fn signed_out(
    connection: &Connection,
    id: Option<String>,
    action: &'static str,
    now: Timestamp,
) -> Result<bool, Error> {
    let Some(id) = id else { return Ok(false) };
    connection.execute("DELETE FROM user_sessions WHERE person = ?1", [&id])?;
    audit::write(connection, by_operator(action, &id.into(), String::new()), now)?;
    Ok(true)
}

fn by_operator(action: &'static str, user: &UserId, detail: String) -> Entry {
    Entry { actor: "operator".to_owned(), action, subject: format!("user:{user}"), detail }
}

fn user(row: &Row<'_>) -> Result<User, Error> {
    Ok(User {
        id: row.get::<_, String>("id")?.into(),
        login: row.get("login")?,
        name: row.get("name")?,
        roles: Role::list(&row.get::<_, String>("roles")?),
        available: row.get::<_, String>("available")? == "yes",
        disabled: row.get::<_, Option<i64>>("disabled_at")?.is_some(),
        seen_at: Timestamp::from_micros(row.get("seen_at")?),
        teams: teams::list(&row.get::<_, String>("teams")?),
        capacity: row.get("capacity")?,
    })
}

fn user_session(row: &Row<'_>) -> Result<UserSession, Error> {
    Ok(UserSession {
        id: row.get("session")?,
        created: Timestamp::from_micros(row.get("created_at")?),
        active: Timestamp::from_micros(row.get("active_at")?),
        agent: row.get("agent")?,
        proved: Timestamp::from_micros(row.get("proved_at")?),
    })
}
