//! Generations: a knowledge base and its index, built beside the old one and switched atomically.
//!
//! `index/000012/` holds everything that generation 12 needs (a copy of the knowledge files, the
//! index, a manifest), so that an edit after publishing changes nothing until the next one.
//! `index/current` names the generation that is served; replacing that file is the switch.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::alarm::Watch;
use crate::engine::Engine;
use crate::eval::{self, Outcome};
use crate::id;
use crate::knowledge::{File, Knowledge, Problem, Severity};
use crate::library;
use crate::search::{self, Index};
use crate::time::Timestamp;

/// Changes when the files of a generation, or what is read from them, change their meaning.
const FORMAT: u32 = 1;
/// Generations kept besides the current one, for rollback.
const KEPT: usize = 3;
const CURRENT: &str = "current";
/// Holds the fingerprint of the knowledge base that a rollback took back: a start does not publish
/// that one again.
const TAKEN_BACK: &str = "taken-back";

/// Why a generation could not be published or opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The knowledge folder cannot be read.
    #[error(transparent)]
    Library(#[from] library::Error),
    /// The index failed.
    #[error(transparent)]
    Search(#[from] search::Error),
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
    #[error("the knowledge base has {} errors; run `eider check`, or publish without the faulty files by --force", .0.iter().filter(|p| p.severity == Severity::Error).count())]
    Problems(Vec<Problem>),
    /// Golden questions marked `must` failed.
    #[error("{} golden questions marked `must` fail; run `eider eval`, or publish all the same by --force", .0.len())]
    Golden(Vec<Outcome>),
    /// Somebody else is publishing.
    #[error("another process is publishing in {path}; try again when it has finished", path = .0.display())]
    Busy(PathBuf),
    /// There is no generation before the current one.
    #[error("there is no earlier generation to return to")]
    NoEarlier,
}

/// What a publication did.
#[derive(Debug)]
pub struct Published {
    /// Number of the generation now served.
    pub generation: u64,
    /// How many articles may be quoted.
    pub articles: usize,
    /// How many passages they have.
    pub passages: usize,
    /// Problems of the knowledge base that did not stop it.
    pub problems: Vec<Problem>,
}

/// A step of publishing, for progress bars.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// Passages indexed so far, of so many.
    Indexing(usize, usize),
    /// Golden questions asked so far, of so many.
    Asking(usize, usize),
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    fingerprint: String,
    built: String,
    articles: usize,
    passages: usize,
}

/// What tells one generation from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    generation: u64,
    manifest: Vec<u8>,
}

impl Mark {
    /// Returns the generation's number.
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

/// The folder of published generations.
#[derive(Debug, Clone)]
pub struct Shelf {
    dir: PathBuf,
}

impl Shelf {
    /// Returns the shelf in `dir`, which need not exist yet.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Returns the number of the generation to serve.
    pub fn current(&self) -> Option<u64> {
        fs::read_to_string(self.dir.join(CURRENT)).ok()?.trim().parse().ok()
    }

    /// Returns a mark of the generation to serve: equal marks, the same generation. A number alone
    /// is not enough, since a shelf that was deleted counts from 1 again.
    pub fn mark(&self) -> Option<Mark> {
        let generation = self.current()?;
        let manifest = fs::read(self.folder(generation).join("manifest.json")).unwrap_or_default();
        Some(Mark { generation, manifest })
    }

    /// Opens the current generation.
    pub fn open(&self) -> Result<Engine, Error> {
        let generation = self.current().ok_or_else(|| Error::Nothing(self.dir.clone()))?;
        self.open_generation(generation)
    }

    /// Opens the current generation; publishes first when there is none, when it is damaged or
    /// when `knowledge` has changed since. A knowledge base with errors does not take down what
    /// is served: the old generation is opened and the error handed to `report`.
    pub fn open_fresh(
        &self,
        knowledge: &Path,
        now: Timestamp,
        progress: impl FnMut(Step),
        report: impl FnOnce(&Error),
    ) -> Result<Engine, Error> {
        let opened = self.open();
        let stale = match &opened {
            Ok(_) => self.is_stale(knowledge),
            Err(_) => true,
        };
        if !stale {
            return opened;
        }
        match (self.publish(knowledge, false, now, progress), opened) {
            (Ok(_), _) => self.open(),
            (Err(error), Ok(engine)) => {
                report(&error);
                Ok(engine)
            }
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// Returns whether `knowledge` differs from what the current generation was built from, and
    /// from what a rollback took back.
    pub fn is_stale(&self, knowledge: &Path) -> bool {
        let built_from = self.current().and_then(|generation| self.manifest(generation).ok());
        let now = library::read(knowledge).map(|(files, _)| fingerprint(&files));
        match (built_from, now) {
            (Some(manifest), Ok(now)) => {
                let taken_back = fs::read_to_string(self.dir.join(TAKEN_BACK)).unwrap_or_default();
                manifest.fingerprint != now && taken_back.trim() != now
            }
            (_, Err(_)) => false,
            (None, _) => true,
        }
    }

    /// Builds a generation from the folder `knowledge` and makes it current. With `force`, faulty
    /// files are left out and failing golden questions accepted.
    pub fn publish(
        &self,
        knowledge: &Path,
        force: bool,
        now: Timestamp,
        mut progress: impl FnMut(Step),
    ) -> Result<Published, Error> {
        fs::create_dir_all(&self.dir).map_err(|source| io_error(&self.dir, source))?;
        let _lock = self.lock()?;
        let (files, mut problems) = library::read(knowledge)?;
        let (parsed, found) = Knowledge::parse(&files);
        problems.extend(found);
        let (watch, found) = Watch::new(&files, &parsed);
        problems.extend(found);
        if !force && problems.iter().any(|problem| problem.severity == Severity::Error) {
            return Err(Error::Problems(problems));
        }
        let building =
            tidy::Scratch::new(self.dir.join(format!(".building-{}", id::random_hex::<8>())))
                .map_err(|source| io_error(&self.dir, source))?;
        let passages = search::quotable_passages(&parsed).len();
        Self::write(building.path(), &files, &parsed, now, |done| {
            progress(Step::Indexing(done, passages));
        })?;
        let generation = self.newest() + 1;
        let engine = Engine::open(generation, parsed, watch, &building.path().join("passages"))?;
        let questions = &engine.knowledge.questions;
        let outcomes = eval::run(&engine, questions, now.date(), |done| {
            progress(Step::Asking(done, questions.len()));
        })?;
        let failed: Vec<Outcome> =
            outcomes.into_iter().filter(|outcome| outcome.must && !outcome.passed()).collect();
        if !force && !failed.is_empty() {
            return Err(Error::Golden(failed));
        }
        let articles =
            engine.knowledge.articles.iter().filter(|article| article.is_quotable()).count();
        let home = self.folder(generation);
        building.keep_as(&home).map_err(|source| io_error(&home, source))?;
        self.switch(generation)?;
        let _ = fs::remove_file(self.dir.join(TAKEN_BACK));
        self.remove_old(generation);
        Ok(Published { generation, articles, passages, problems })
    }

    /// Makes the generation before the current one current again. It stays so across restarts,
    /// until the knowledge base is edited or published anew.
    pub fn rollback(&self) -> Result<u64, Error> {
        let nothing = || Error::Nothing(self.dir.clone());
        self.current().ok_or_else(nothing)?;
        let _lock = self.lock()?;
        let current = self.current().ok_or_else(nothing)?;
        let earlier = self
            .generations()
            .into_iter()
            .filter(|&number| number < current)
            .max()
            .ok_or(Error::NoEarlier)?;
        self.open_generation(earlier)?;
        if let Ok(manifest) = self.manifest(current) {
            write_durably(&self.dir.join(TAKEN_BACK), manifest.fingerprint.as_bytes())?;
        }
        self.switch(earlier)?;
        Ok(earlier)
    }

    fn open_generation(&self, generation: u64) -> Result<Engine, Error> {
        let damaged = |what: String| Error::Damaged { generation, what };
        let manifest = self.manifest(generation).map_err(|error| damaged(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(damaged(format!(
                "it has format {}, this program reads {FORMAT}",
                manifest.format
            )));
        }
        let path = self.folder(generation).join("knowledge.jsonl");
        let text = fs::read_to_string(&path).map_err(|source| io_error(&path, source))?;
        let files: Vec<File> = text
            .lines()
            .map(|line| {
                serde_json::from_str::<(String, String)>(line)
                    .map(|(path, text)| File { path, text })
            })
            .collect::<Result<_, _>>()
            .map_err(|error| damaged(error.to_string()))?;
        if fingerprint(&files) != manifest.fingerprint {
            return Err(damaged(
                "its copy of the knowledge base does not match its manifest".to_owned(),
            ));
        }
        let (knowledge, _) = Knowledge::parse(&files);
        let (watch, _) = Watch::new(&files, &knowledge);
        Ok(Engine::open(generation, knowledge, watch, &self.folder(generation).join("passages"))?)
    }

    fn write(
        dir: &Path,
        files: &[File],
        knowledge: &Knowledge,
        now: Timestamp,
        progress: impl FnMut(usize),
    ) -> Result<(), Error> {
        let mut lines = Vec::new();
        for file in files {
            serde_json::to_writer(&mut lines, &(&file.path, &file.text))
                .map_err(|error| io_error(dir, error.into()))?;
            lines.push(b'\n');
        }
        write_durably(&dir.join("knowledge.jsonl"), &lines)?;
        let passages = dir.join("passages");
        fs::create_dir(&passages).map_err(|source| io_error(&passages, source))?;
        Index::build(&passages, knowledge, progress)?;
        let manifest = Manifest {
            format: FORMAT,
            fingerprint: fingerprint(files),
            built: now.to_string(),
            articles: knowledge.articles.len(),
            passages: search::quotable_passages(knowledge).len(),
        };
        let manifest =
            serde_json::to_vec_pretty(&manifest).map_err(|error| io_error(dir, error.into()))?;
        write_durably(&dir.join("manifest.json"), &manifest)
    }

    fn manifest(&self, generation: u64) -> io::Result<Manifest> {
        let text = fs::read(self.folder(generation).join("manifest.json"))?;
        serde_json::from_slice(&text).map_err(io::Error::other)
    }

    /// Replaces `current` in one step: readers see the old number or the new one.
    fn switch(&self, generation: u64) -> Result<(), Error> {
        let scratch = self.dir.join(".current");
        write_durably(&scratch, format!("{generation}\n").as_bytes())?;
        let current = self.dir.join(CURRENT);
        fs::rename(&scratch, &current).map_err(|source| io_error(&current, source))?;
        sync_folder(&self.dir)
    }

    fn lock(&self) -> Result<fs::File, Error> {
        let path = self.dir.join("lock");
        let open = fs::File::options().create(true).truncate(false).write(true).open(&path);
        let file = open.map_err(|source| io_error(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(Error::Busy(self.dir.clone())),
            Err(fs::TryLockError::Error(source)) => Err(io_error(&path, source)),
        }
    }

    fn generations(&self) -> Vec<u64> {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let mut numbers: Vec<u64> =
            entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        numbers.sort_unstable();
        numbers
    }

    fn newest(&self) -> u64 {
        self.generations().into_iter().max().max(self.current()).unwrap_or(0)
    }

    fn folder(&self, generation: u64) -> PathBuf {
        self.dir.join(format!("{generation:06}"))
    }

    /// Removes what is no longer needed; a failure only costs disk space.
    fn remove_old(&self, current: u64) {
        let old: Vec<u64> =
            self.generations().into_iter().filter(|&number| number < current).collect();
        for generation in old.iter().rev().skip(KEPT) {
            let _ = fs::remove_dir_all(self.folder(*generation));
        }
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(".building-") {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// A folder that vanishes unless it is kept.
mod tidy {
    use std::fs;
    use std::io;
    use std::path::{Path, PathBuf};

    pub(super) struct Scratch(Option<PathBuf>);

    impl Scratch {
        pub(super) fn new(path: PathBuf) -> io::Result<Self> {
            fs::create_dir(&path)?;
            Ok(Self(Some(path)))
        }

        pub(super) fn path(&self) -> &Path {
            self.0.as_deref().unwrap_or(Path::new(""))
        }

        pub(super) fn keep_as(mut self, home: &Path) -> io::Result<()> {
            match self.0.take() {
                Some(path) => fs::rename(path, home),
                None => Ok(()),
            }
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            if let Some(path) = &self.0 {
                let _ = fs::remove_dir_all(path);
            }
        }
    }
}

/// Returns a hash over the paths and texts of all files.
fn fingerprint(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        hash.update((file.path.len() as u64).to_le_bytes());
        hash.update(&file.path);
        hash.update((file.text.len() as u64).to_le_bytes());
        hash.update(&file.text);
    }
    id::hex(&hash.finalize())
}

fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || {
        let mut file = fs::File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|source| io_error(path, source))
}

fn sync_folder(path: &Path) -> Result<(), Error> {
    fs::File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| io_error(path, source))
}

fn io_error(path: &Path, source: io::Error) -> Error {
    Error::Io { path: path.to_owned(), source }
}
