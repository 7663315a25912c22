//! Accounts of the people behind the desk: who they are, what they may do, and their passwords.
//! No sessions and no storing; hashing takes tens of milliseconds on purpose, so callers keep it
//! off the threads that answer visitors.

mod totp;

pub use totp::Secret;

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::id::{self, UserId};
use crate::time::Timestamp;

/// Memory of one hash, in KiB, and passes over it: OWASP's first choice for argon2id.
const MEMORY_KIB: u32 = 46 * 1024;
const PASSES: u32 = 1;
/// Shortest password, in characters.
pub const MIN_PASSWORD: usize = 12;
/// Longest password, in bytes: longer ones only cost time.
pub const MAX_PASSWORD: usize = 256;

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Talks to visitors.
    Consultant,
    /// Writes articles.
    Editor,
    /// Sees all of the desk, and the audit log.
    Administrator,
}

impl Role {
    const ALL: [Self; 3] = [Self::Consultant, Self::Editor, Self::Administrator];

    /// Returns the role's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Consultant => "consultant",
            Self::Editor => "editor",
            Self::Administrator => "administrator",
        }
    }

    /// Returns the role with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Returns the roles in a list such as `consultant,editor`; unknown ones are left out.
    pub fn list(names: &str) -> Vec<Self> {
        names.split(',').filter_map(Self::from_name).collect()
    }

    /// Returns roles as a list such as `consultant,editor`.
    pub fn join(roles: &[Self]) -> String {
        roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(",")
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id, which never changes.
    pub id: UserId,
    /// The name to sign in with.
    pub login: String,
    /// The name that visitors and colleagues see.
    pub name: String,
    /// What it may do.
    pub roles: Vec<Role>,
    /// Whether the person takes sessions; only they change it.
    pub available: bool,
    /// Whether it may not be used any more.
    pub disabled: bool,
    /// When the person's console was last heard of.
    pub seen_at: Timestamp,
    /// The teams that the person is in.
    pub teams: Vec<String>,
    /// How many sessions the person is given at once; `None`: as many as the policy says.
    pub capacity: Option<i64>,
}

impl User {
    /// Returns whether the account may work at the desk.
    pub fn may_consult(&self) -> bool {
        self.roles.contains(&Role::Consultant) || self.is_administrator()
    }

    /// Returns whether the account may write articles.
    pub fn may_edit(&self) -> bool {
        self.roles.contains(&Role::Editor) || self.is_administrator()
    }

    /// Returns whether the account sees all of the desk.
    pub fn is_administrator(&self) -> bool {
        self.roles.contains(&Role::Administrator)
    }
}

/// A password that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too easy to guess.
    #[error("the password is too short: use at least {MIN_PASSWORD} characters")]
    Short,
    /// Needlessly long.
    #[error("the password is too long: use at most {MAX_PASSWORD} bytes")]
    Long,
    /// Hashing failed.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
}

/// A password's hash, as a PHC string.
#[derive(Clone, PartialEq, Eq)]
pub struct Hashed(String);

impl fmt::Debug for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hashed(…)")
    }
}

impl Hashed {
    /// Hashes a new password. Takes tens of milliseconds.
    pub fn new(password: &str) -> Result<Self, PasswordError> {
        if password.chars().count() < MIN_PASSWORD {
            return Err(PasswordError::Short);
        }
        if password.len() > MAX_PASSWORD {
            return Err(PasswordError::Long);
        }
        Self::of(password)
    }

    /// Returns the hash of a password that nobody knows, to compare with when there is no such
    /// account: the answer then takes as long as any other.
    pub fn of_nobody() -> Result<Self, PasswordError> {
        Self::of(&id::random_hex::<16>())
    }

    fn of(password: &str) -> Result<Self, PasswordError> {
        let fault = |fault: &dyn fmt::Display| PasswordError::Hash(fault.to_string());
        let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| fault(&error))?;
        let salt = id::random_hex::<16>();
        let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_with_salt(password.as_bytes(), salt.as_bytes())
            .map_err(|error| fault(&error))?;
        Ok(Self(hash.to_string()))
    }

    /// Takes a hash as it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the hash to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether `password` is the one. Takes tens of milliseconds.
    pub fn verify(&self, password: &str) -> bool {
        if password.len() > MAX_PASSWORD {
            return false;
        }
        PasswordHash::new(&self.0).is_ok_and(|hash| {
            // Cost and algorithm are taken from the stored hash.
            Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_alone() {
        let hash = Hashed::new("correct horse battery").unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{}", hash.as_str());
        let again = Hashed::stored(hash.as_str().to_owned());
        assert!(again.verify("correct horse battery"));
        assert!(!again.verify("correct horse batter") && !again.verify(""));
        assert_ne!(hash, Hashed::new("correct horse battery").unwrap(), "each has its own salt");
        assert!(!Hashed::stored("nonsense".to_owned()).verify("x"));
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert_eq!(Hashed::new("eleven char"), Err(PasswordError::Short));
        assert_eq!(Hashed::new(&"x".repeat(257)), Err(PasswordError::Long));
        assert!(Hashed::new("十二个汉字也是一个好密码").is_ok());
    }

    #[test]
    fn roles_are_listed() {
        let roles = Role::list("consultant,editor,stranger");
        assert_eq!(roles, [Role::Consultant, Role::Editor]);
        assert_eq!(Role::join(&roles), "consultant,editor");
    }
}
