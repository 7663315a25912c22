//! Tokens of other systems: stored as hashes, with what each may do.

use super::database::{OptionalExtension as _, Row, params};

use super::audit::{self, Entry};
use super::sessions::hash;
use super::{Error, Store};
use crate::id;
use crate::time::Timestamp;

/// Use is noted this often at most.
const TOUCH_SECONDS: i64 = 60;

/// A token, without the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; `None`: never.
    pub expires: Option<Timestamp>,
    /// When it was last used.
    pub used: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

impl Token {
    /// Returns whether it is good at a moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }
}

impl Store {
    /// Makes a token; returns its id and the secret, which is stored as a hash only.
    pub async fn add_token(
        &self,
        name: &str,
        scopes: &[&str],
        expires: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(String, String), Error> {
        let (id, secret) = (id::random_hex::<4>(), format!("eider_{}", id::random_hex::<32>()));
        let (kept_id, token_hash) = (id.clone(), hash(&secret));
        let (name, scopes) = (name.to_owned(), scopes.join(","));
        self.writer
            .write(move |connection| {
                connection.execute(
                    "INSERT INTO api_tokens (id, name, token_hash, scopes, created_at, expires_at, used_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
                    params![
                        kept_id,
                        name,
                        token_hash,
                        scopes,
                        now.as_micros(),
                        expires.map(Timestamp::as_micros)
                    ],
                )?;
                audit::write(connection, by_operator("add_token", &kept_id, scopes), now)
            })
            .await?;
        Ok((id, secret))
    }

    /// Returns the token with this secret, whether it still holds or not.
    pub async fn token(&self, secret: &str) -> Result<Option<Token>, Error> {
        let token_hash = hash(secret);
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM api_tokens WHERE token_hash = ?1"
            ))?;
            statement.query_row([token_hash], token).optional()
        })
        .await
    }

    /// Returns every token, the newest first.
    pub async fn tokens(&self) -> Result<Vec<Token>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM api_tokens ORDER BY created_at DESC, id"
            ))?;
            let tokens = statement.query_map(params![], token)?;
            tokens.collect::<Result<_, _>>()
        })
        .await
    }

    /// Revokes a token for good; returns whether there was one that held.
    pub async fn revoke_token(&self, id: &str, now: Timestamp) -> Result<bool, Error> {
        let id = id.to_owned();
        self.writer
            .write(move |connection| {
                let revoked = connection.execute(
                    "UPDATE api_tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
                    params![id, now.as_micros()],
                )?;
                if revoked > 0 {
                    audit::write(connection, by_operator("revoke_token", &id, String::new()), now)?;
                }
                Ok(revoked > 0)
            })
            .await
    }

    /// Notes that a token was used, now and then.
    pub async fn touch_token(&self, token: &Token, now: Timestamp) -> Result<(), Error> {
        if token.used.is_some_and(|used| now.seconds_since(used) < TOUCH_SECONDS) {
            return Ok(());
        }
        let id = token.id.clone();
        self.writer
            .write(move |connection| {
                connection.execute(
                    "UPDATE api_tokens SET used_at = ?2 WHERE id = ?1",
                    params![id, now.as_micros()],
                )?;
                Ok(())
            })
            .await
    }
}

const COLUMNS: &str = "id, name, scopes, created_at, expires_at, used_at, revoked_at";

fn token(row: &Row<'_>) -> Result<Token, Error> {
    let moment = |name: &str| -> Result<Option<Timestamp>, Error> {
        Ok(row.get::<_, Option<i64>>(name)?.map(Timestamp::from_micros))
    };
    let scopes: String = row.get("scopes")?;
    Ok(Token {
        id: row.get("id")?,
        name: row.get("name")?,
        scopes: scopes.split(',').map(str::to_owned).collect(),
        created: Timestamp::from_micros(row.get("created_at")?),
        expires: moment("expires_at")?,
        used: moment("used_at")?.filter(|used| used.as_micros() > 0),
        revoked: moment("revoked_at")?,
    })
}

fn by_operator(action: &'static str, token: &str, detail: String) -> Entry {
    Entry { actor: "operator".to_owned(), action, subject: format!("token:{token}"), detail }
}
