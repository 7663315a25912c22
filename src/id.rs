//! Newtype ids, so that a session is never mistaken for an article.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Returns the id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<Arc<str>> for $name {
            fn from(text: Arc<str>) -> Self {
                Self(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text_id! {
    /// One visitor's consultation, from consent to erasure: 128 random bits in hexadecimal.
    SessionId;
    /// An article: its path under `knowledge/` without `.md`.
    ArticleId;
    /// A drug: the name of its folder under `knowledge/drugs/`.
    DrugId;
    /// A person with an account: consultant, editor, administrator.
    UserId;
    /// A topic: a key of `lexicon/topics.toml`.
    TopicId;
}

impl SessionId {
    /// Returns a new random id.
    pub fn random() -> Self {
        Self(random_hex::<16>().into())
    }
}

impl UserId {
    /// Returns a new random id.
    pub fn random() -> Self {
        Self(random_hex::<8>().into())
    }
}

/// Returns `BYTES` random bytes in hexadecimal.
///
/// # Panics
/// When the operating system has no randomness to give: nothing may be issued then.
pub fn random_hex<const BYTES: usize>() -> String {
    hex(&random_bytes::<BYTES>())
}

/// Returns random bytes.
///
/// # Panics
/// When the operating system has no randomness to give.
pub fn random_bytes<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).expect("the operating system provides randomness");
    bytes
}

/// Returns an id made of `parts`: the same parts, the same id.
pub fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_string());
        hasher.update(":");
        hasher.update(part);
    }
    hex(&hasher.finalize()[..16])
}

/// Returns `bytes` in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
