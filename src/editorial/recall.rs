//! Recall: which sessions were shown a version of an article, and word to those that are still
//! open, in words of the policy alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::articles::{Quotes, id_of};
use super::{Editorial, Refused};
use crate::account::User;
use crate::desk::Desk;
use crate::id::{self, SessionId};
use crate::store::Quoting;
use crate::time::Timestamp;

/// Most messages that are looked through.
const MAX_MESSAGES: i64 = 100_000;

/// A message that showed a version of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The session.
    pub session: SessionId,
    /// The message's number in it.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// The bot's or a consultant's.
    pub role: String,
    /// Whether the session is still open.
    pub is_open: bool,
}

/// What became of a note to open sessions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Sessions that were told.
    pub told: usize,
    /// Sessions that had been told the same before.
    pub before: usize,
    /// Sessions that were closed meanwhile, or could not be told.
    pub missed: usize,
}

impl Editorial {
    /// Returns the messages that showed a version of an article, the newest first; the look at them
    /// is remembered.
    pub async fn shown(
        self: &Arc<Self>,
        user: &User,
        path: &str,
        version: &str,
        now: Timestamp,
    ) -> Result<Vec<Shown>, Refused> {
        let shown = self.showings(path, version).await?;
        let sessions: BTreeSet<&str> = shown.iter().map(|shown| shown.session.as_str()).collect();
        let detail = format!("{version}: {} sessions", sessions.len());
        self.remember(user, "recall", format!("article:{}", id_of(path)), detail, now).await?;
        Ok(shown)
    }

    async fn showings(self: &Arc<Self>, path: &str, version: &str) -> Result<Vec<Shown>, Refused> {
        let id = id_of(path);
        let since = Timestamp::from_micros(0);
        let named =
            self.store.messages_naming(id.as_str(), Some(version), since, MAX_MESSAGES).await?;
        let version = version.to_owned();
        self.apart(move |_| {
            let quotes_it = |message: &Quoting| {
                serde_json::from_str::<Quotes>(&message.body).is_ok_and(|body| {
                    let mut quotes = body.quotes.iter();
                    quotes.any(|quote| quote.article == id.as_str() && quote.version == version)
                })
            };
            let shown = named.into_iter().filter(quotes_it).map(|message| Shown {
                session: message.session,
                seq: message.seq,
                at: message.at,
                role: message.role,
                is_open: message.is_open,
            });
            Ok(shown.collect())
        })
        .await
    }

    /// Tells every open session that was shown a version of an article the words `key` of the
    /// policy, each once.
    pub async fn tell(
        self: &Arc<Self>,
        user: &User,
        desk: &Desk,
        path: &str,
        version: &str,
        key: &str,
    ) -> Result<Told, Refused> {
        if !desk.notices().iter().any(|(known, _, _)| known == key) {
            return Err(Refused::NotFound);
        }
        let shown = self.showings(path, version).await?;
        let open: BTreeSet<SessionId> =
            shown.into_iter().filter(|shown| shown.is_open).map(|shown| shown.session).collect();
        // The same note has the same id in every session: it comes once, whoever sends it again.
        let cid = format!("notice:{}", &id::digest(&[path, version, key])[..24]);
        let mut told = Told::default();
        for session in &open {
            match desk.tell(session, &cid, key).await {
                Ok(true) => told.told += 1,
                Ok(false) => told.before += 1,
                Err(_) => told.missed += 1,
            }
        }
        let detail = format!("{version}: {key}, {} of {} sessions told", told.told, open.len());
        let subject = format!("article:{}", id_of(path));
        self.remember(user, "recall_note", subject, detail, desk.now()).await?;
        Ok(told)
    }
}
