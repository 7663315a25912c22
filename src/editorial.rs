//! The editors' use cases: articles as they stand in the folder, drafts that a second person
//! approves, publishing and taking back, trying questions out, gaps, and who was shown what.
//!
//! Articles stay plain files: the folder is the truth, drafts wait beside it in the database, and
//! an approved one is written into the folder when its generation has passed the golden questions.
//! Roles are the caller's to check; that nobody approves their own work is checked here.

mod articles;
mod bench;
mod drafts;
mod gaps;
mod publication;
mod recall;
mod work;

pub use articles::{Checked, Listed, Quoted, Standing, Version, View};
pub use bench::{Trial, Tried};
pub use drafts::{DraftView, Fresh};
pub use gaps::{Asked, Gap, Gaps, SIGNS};
pub use publication::{Ended, Job, Kind, Phase};
pub use recall::{Shown, Told};
pub use work::{Matter, Work};

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::account::User;
use crate::knowledge::Problem;
use crate::library;
use crate::publish::{self, Shelf};
use crate::search;
use crate::store::{self, ArticleDraft, Entry, Store};
use crate::time::Timestamp;

/// Longest text of a draft, in bytes.
pub const MAX_TEXT: usize = 1024 * 1024;
/// Longest note or comment, in characters.
const MAX_WORDS: usize = 500;

/// What editors work with.
#[derive(Debug)]
pub struct Editorial {
    store: Store,
    shelf: Shelf,
    folder: PathBuf,
    privacy: Privacy,
    /// The folder as it was last read.
    standing: Mutex<Option<(articles::Mark, Arc<Standing>)>>,
    job: Mutex<Option<Job>>,
    trial: Mutex<Option<bench::Cached>>,
}

/// What editors may learn of visitors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privacy {
    /// Sessions that must share something before it is counted or shown.
    pub least_sessions: usize,
    /// Versions of the consent under which visitors' questions may be shown to editors.
    pub consents: Vec<String>,
}

/// Why something is not done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is nothing of this name.
    #[error("there is nothing of this name")]
    NotFound,
    /// Too little or too much was written.
    #[error("{0}")]
    Words(&'static str),
    /// The article was changed in the folder since the draft was begun.
    #[error("the article was changed since this draft was begun: take that change in first")]
    Changed(Box<ArticleDraft>, Option<String>),
    /// Somebody else was faster with the same draft.
    #[error("somebody else has changed this draft meanwhile")]
    Stale(Box<ArticleDraft>),
    /// Whoever wrote in a draft does not approve it.
    #[error("who has written in a draft cannot approve it: a second person must")]
    OwnWork,
    /// The draft has errors.
    #[error("the draft has errors: correct them first")]
    Faulty(Vec<Problem>),
    /// Other files would be published with it.
    #[error("other files were changed in the folder and would be published too")]
    Others(Vec<String>),
    /// A publication or preview is under way.
    #[error("a publication or preview is under way")]
    Busy,
    /// Another generation is served than the one to be taken back.
    #[error("another generation is served by now")]
    Moved,
    /// The path is none, or leads elsewhere.
    #[error(transparent)]
    Edit(#[from] library::EditError),
    /// The folder cannot be read.
    #[error(transparent)]
    Library(#[from] library::Error),
    /// The shelf refused.
    #[error(transparent)]
    Publish(#[from] publish::Error),
    /// The index failed.
    #[error(transparent)]
    Search(#[from] search::Error),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A thread was lost.
    #[error("the work was interrupted")]
    Interrupted,
}

impl Editorial {
    /// Returns the editors' desk over a folder and the shelf it is published on.
    pub fn new(store: Store, shelf: Shelf, folder: PathBuf, privacy: Privacy) -> Self {
        let (standing, job, trial) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { store, shelf, folder, privacy, standing, job, trial }
    }

    /// Runs what reads or builds files off the threads that answer visitors.
    async fn apart<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let editorial = self.clone();
        let working = tokio::task::spawn_blocking(move || work(&editorial));
        working.await.map_err(|_| Refused::Interrupted)?
    }

    /// Writes into the audit log what an editor looked at or did.
    async fn remember(
        &self,
        user: &User,
        action: &'static str,
        subject: String,
        detail: String,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let entry = Entry { actor: user.login.clone(), action, subject, detail };
        Ok(self.store.audit(entry, now).await?)
    }
}

/// Returns a note or comment, without space around it.
fn words(text: &str, wanted: bool) -> Result<String, Refused> {
    let text = text.trim();
    if wanted && text.is_empty() {
        return Err(Refused::Words("say what it is about"));
    }
    if text.chars().count() > MAX_WORDS {
        return Err(Refused::Words("use at most 500 characters"));
    }
    Ok(text.to_owned())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
