//! What can go wrong with generations.

use std::io;
use std::path::PathBuf;

use crate::eval::Outcome;
use crate::knowledge::{Problem, Severity};
use crate::{library, search};

/// Why a generation could not be published or opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The knowledge folder cannot be read.
    #[error(transparent)]
    Library(#[from] library::Error),
    /// The index failed.
    #[error(transparent)]
    Search(#[from] search::Error),
    /// An article cannot take its place in the folder.
    #[error(transparent)]
    Edit(#[from] library::EditError),
    /// A file of a generation cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The generation is damaged.
    #[error("generation {generation} is damaged: {what}")]
    Damaged {
        /// Its number.
        generation: u64,
        /// What is wrong with it.
        what: String,
    },
    /// Nothing was ever published.
    #[error("nothing has been published in {path} yet; run `eider index`", path = .0.display())]
    Nothing(PathBuf),
    /// The knowledge base has errors.
    #[error("the knowledge base has {}; run `eider check`, or publish without the faulty articles by --force", Severity::Error.counted(.0.iter().filter(|p| p.severity == Severity::Error).count()))]
    Problems(Vec<Problem>),
    /// Golden questions marked `must` failed.
    #[error("golden questions marked `must` that fail: {}; run `eider eval`, or publish all the same by --force", .0.len())]
    Golden(Vec<Outcome>),
    /// Somebody else is publishing.
    #[error("another process is publishing in {path}; try again when it has finished", path = .0.display())]
    Busy(PathBuf),
    /// There is no generation before the current one.
    #[error("there is no earlier generation to return to")]
    NoEarlier,
    /// A generation is no longer there, or never was.
    #[error(
        "generation {0} is not kept any more; `keep_generations` and `retention_days` in eider.toml say for how long"
    )]
    Gone(u64),
}
