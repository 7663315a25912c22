//! Generations: a knowledge base and its index, built beside the old one and switched atomically.
//!
//! `index/000012/` holds everything that generation 12 needs (a copy of the knowledge files, the
//! index, a manifest), so that an edit after publishing changes nothing until the next one.
//! `index/current` names the generation that is served; replacing that file is the switch. All
//! files are durable before it, verified by their hashes when they are opened, and never written
//! to afterwards: a generation that is made from the one before shares its files by hard links.
//!
//! A generation that is no longer needed for a rollback loses its index, and keeps its copy of the
//! knowledge base for as long as sessions are kept that it answered.

mod error;
mod files;
mod history;
mod past;
mod preview;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::mem;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::error::Error;
use self::files::{Scratch, Seal, io_error, replace, write_durably};
pub use self::history::Switch;
pub use self::preview::{Change, Preview};
pub use self::source::Source;
use self::source::{faulty_articles, fingerprint, read_files};
use crate::engine::{Compiled, Engine, Vocabulary};
use crate::eval::{self, Outcome};
use crate::id;
use crate::knowledge::{File, Knowledge, Problem, Severity};
use crate::library;
use crate::search::{self, Index};
use crate::time::Timestamp;

/// Changes when the files of a generation, or what is read from them, change their meaning.
const FORMAT: u32 = 2;
/// Generations kept whole besides the current one, for rollback, unless told otherwise.
const KEPT: usize = 3;
/// Days for which the knowledge base of a generation is kept after it was last served, unless told
/// otherwise.
const KEPT_DAYS: u32 = 30;
const CURRENT: &str = "current";
/// Holds the fingerprint of the knowledge base that a rollback took back: a start does not publish
/// that one again.
const TAKEN_BACK: &str = "taken-back";

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
    /// Paths of the faulty articles that were left out.
    pub left_out: BTreeSet<String>,
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
    /// Of the knowledge files that it holds.
    fingerprint: String,
    /// Of the knowledge folder, when faulty files of it were left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    built: String,
    articles: usize,
    passages: usize,
    files: BTreeMap<String, Seal>,
}

impl Manifest {
    /// Returns the fingerprint of the folder that it was published from.
    fn published_from(&self) -> &str {
        self.folder.as_ref().unwrap_or(&self.fingerprint)
    }
}

/// A generation that is built and examined, but not yet published.
struct Prepared {
    building: Scratch,
    engine: Engine,
    problems: Vec<Problem>,
    left_out: BTreeSet<String>,
    outcomes: Vec<Outcome>,
    articles: usize,
    passages: usize,
    fingerprint: String,
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

    /// Returns the hash of its manifest, which holds those of all its files: equal on all nodes
    /// that serve the same bytes.
    pub fn hash(&self) -> String {
        format!("sha256:{}", id::hex(&Sha256::digest(&self.manifest)))
    }
}

/// The folder of published generations.
#[derive(Debug, Clone)]
pub struct Shelf {
    dir: PathBuf,
    kept: usize,
    kept_days: u32,
}

impl Shelf {
    /// Returns the shelf in `dir`, which need not exist yet.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), kept: KEPT, kept_days: KEPT_DAYS }
    }

    /// Keeps `generations` besides the current one for rollback, and the knowledge base of each
    /// for `days` after it was last served.
    #[must_use]
    pub fn keeping(self, generations: usize, days: u32) -> Self {
        Self { kept: generations, kept_days: days, ..self }
    }

    /// Returns every switch to a generation, the oldest first.
    pub fn history(&self) -> Vec<Switch> {
        history::read(&self.dir)
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
        self.open_after(None)
    }

    /// Opens the current generation; what `earlier` knows of articles that have not changed since
    /// is taken over from it. All files are verified all the same.
    pub fn open_after(&self, earlier: Option<&Engine>) -> Result<Engine, Error> {
        let generation = self.current().ok_or_else(|| Error::Nothing(self.dir.clone()))?;
        self.open_generation(generation, earlier)
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
        if let (Ok(_), Err(error)) = (&opened, library::require(knowledge)) {
            report(&error.into());
            return opened;
        }
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
                manifest.published_from() != now && taken_back.trim() != now
            }
            (_, Err(_)) => false,
            (None, _) => true,
        }
    }

    /// Builds a generation and makes it current; edits are written into the folder just before. With
    /// `force`, faulty articles are left out and failing golden questions accepted.
    pub fn publish<'a>(
        &self,
        knowledge: impl Into<Source<'a>>,
        force: bool,
        now: Timestamp,
        mut progress: impl FnMut(Step),
    ) -> Result<Published, Error> {
        let source = knowledge.into();
        library::require(source.folder)?;
        let _lock = self.lock()?;
        let prepared = self.prepare(source, force, now, &mut progress)?;
        let failed: Vec<Outcome> = prepared
            .outcomes
            .into_iter()
            .filter(|outcome| outcome.must && !outcome.passed())
            .collect();
        if !force && !failed.is_empty() {
            return Err(Error::Golden(failed));
        }
        source.edits.iter().try_for_each(|edit| library::apply(source.folder, edit))?;
        let generation = prepared.engine.generation;
        prepared.building.keep_as(&self.folder(generation))?;
        self.switch(generation, prepared.fingerprint, now)?;
        let _ = fs::remove_file(self.dir.join(TAKEN_BACK));
        self.remove_old(generation, now);
        let Prepared { articles, passages, problems, left_out, .. } = prepared;
        Ok(Published { generation, articles, passages, problems, left_out })
    }

    /// Builds the next generation in a folder of its own, opens it, and asks the golden questions.
    fn prepare(
        &self,
        source: Source<'_>,
        force: bool,
        now: Timestamp,
        progress: &mut impl FnMut(Step),
    ) -> Result<Prepared, Error> {
        let (files, mut problems) = source.read()?;
        let mut fingerprint = fingerprint(&files);
        let building = self.scratch("building")?;
        files::write_knowledge(building.path(), &files)?;
        let (mut parsed, mut watch, found) = read_files(files, None);
        problems.extend(found);
        if !force && problems.iter().any(|problem| problem.severity == Severity::Error) {
            return Err(Error::Problems(problems));
        }
        let left_out = faulty_articles(&parsed, &problems);
        let mut folder = None;
        if !left_out.is_empty() {
            let mut files = files::read_knowledge(building.path())?;
            files.retain(|file| !left_out.contains(&file.path));
            files::write_knowledge(building.path(), &files)?;
            folder = Some(mem::replace(&mut fingerprint, source::fingerprint(&files)));
            (parsed, watch, _) = read_files(files, None);
        }
        let (written, vocabulary) = std::thread::scope(|scope| {
            let vocabulary = scope.spawn(|| Vocabulary::new(&parsed));
            let written = self.write(building.path(), &fingerprint, folder, &parsed, now, progress);
            (written, vocabulary.join().unwrap_or_else(|fault| resume_unwind(fault)))
        });
        written?;
        // The rest waits until the writer's memory is free again.
        let compiled = Compiled::with(vocabulary, &parsed);
        let articles = parsed.articles.iter().filter(|article| article.is_quotable()).count();
        let generation = self.newest() + 1;
        let passages = building.path().join("passages");
        let engine = Engine::with(compiled, generation, parsed, watch, &passages)?;
        let questions = &engine.knowledge.questions;
        let outcomes = eval::run(&engine, questions, now.date(), |done| {
            progress(Step::Asking(done, questions.len()));
        })?;
        let passages = engine.passages();
        Ok(Prepared {
            building,
            engine,
            problems,
            left_out,
            outcomes,
            articles,
            passages,
            fingerprint,
        })
    }

    /// Makes the generation before the current one current again. It stays so across restarts,
    /// until the knowledge base is edited or published anew.
    pub fn rollback(&self, now: Timestamp) -> Result<u64, Error> {
        let nothing = || Error::Nothing(self.dir.clone());
        self.current().ok_or_else(nothing)?;
        let _lock = self.lock()?;
        let current = self.current().ok_or_else(nothing)?;
        let earlier = self
            .generations()
            .into_iter()
            .filter(|&number| number < current && self.is_whole(number))
            .max()
            .ok_or(Error::NoEarlier)?;
        self.open_generation(earlier, None)?;
        if let Ok(manifest) = self.manifest(current) {
            replace(&self.dir.join(TAKEN_BACK), manifest.published_from().as_bytes())?;
        }
        let knowledge = self.manifest(earlier).map(|manifest| manifest.fingerprint);
        self.switch(earlier, knowledge.unwrap_or_default(), now)?;
        Ok(earlier)
    }

    fn is_whole(&self, generation: u64) -> bool {
        self.folder(generation).join("passages").is_dir()
    }

    fn scratch(&self, name: &str) -> Result<Scratch, Error> {
        Scratch::new(self.dir.join(format!(".{name}-{}", id::random_hex::<8>())))
    }

    fn open_generation(&self, generation: u64, earlier: Option<&Engine>) -> Result<Engine, Error> {
        let damaged = |what: String| Error::Damaged { generation, what };
        let manifest = self.manifest(generation).map_err(|error| damaged(error.to_string()))?;
        files::verify(&self.folder(generation), &manifest.files).map_err(damaged)?;
        let before = earlier.map(|earlier| &earlier.knowledge);
        let (knowledge, watch, _) = read_files(self.files(generation)?, before);
        let compiled = Compiled::new(&knowledge, earlier);
        let passages = self.folder(generation).join("passages");
        Ok(Engine::with(compiled, generation, knowledge, watch, &passages)?)
    }

    /// Returns the knowledge files of a generation, as they were published.
    pub fn files(&self, generation: u64) -> Result<Vec<File>, Error> {
        let damaged = |what: String| Error::Damaged { generation, what };
        let manifest = self.manifest(generation).map_err(|error| damaged(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(damaged(format!(
                "it has format {}, this program reads {FORMAT}",
                manifest.format
            )));
        }
        let files = files::read_knowledge(&self.folder(generation))?;
        if fingerprint(&files) != manifest.fingerprint {
            return Err(damaged(
                "its copy of the knowledge base does not match its manifest".to_owned(),
            ));
        }
        Ok(files)
    }

    fn write(
        &self,
        dir: &Path,
        fingerprint: &str,
        folder: Option<String>,
        knowledge: &Knowledge,
        now: Timestamp,
        progress: &mut impl FnMut(Step),
    ) -> Result<(), Error> {
        let passages = search::quotable_passages(knowledge).len();
        self.index(&dir.join("passages"), knowledge, |done| {
            progress(Step::Indexing(done, passages));
        })?;
        let manifest = Manifest {
            format: FORMAT,
            fingerprint: fingerprint.to_owned(),
            folder,
            built: now.to_string(),
            articles: knowledge.articles.len(),
            passages,
            files: files::seal(dir)?,
        };
        let manifest =
            serde_json::to_vec_pretty(&manifest).map_err(|error| io_error(dir, error.into()))?;
        write_durably(&dir.join("manifest.json"), &manifest)?;
        files::sync_folder(dir)
    }

    /// Makes an index in the new folder `dir`: from the current generation's, if that is whole and
    /// not too different.
    fn index(
        &self,
        dir: &Path,
        knowledge: &Knowledge,
        mut progress: impl FnMut(usize),
    ) -> Result<(), Error> {
        if let Some(earlier) = self.current() {
            let is_sound = self.manifest(earlier).is_ok_and(|manifest| {
                manifest.format == FORMAT
                    && files::verify(&self.folder(earlier), &manifest.files).is_ok()
            });
            let linked =
                is_sound && files::link(&self.folder(earlier).join("passages"), dir).is_ok();
            if linked && Index::update(dir, knowledge, &mut progress).is_ok_and(|updated| updated) {
                return Ok(());
            }
            if dir.exists() {
                fs::remove_dir_all(dir).map_err(|source| io_error(dir, source))?;
            }
        }
        fs::create_dir(dir).map_err(|source| io_error(dir, source))?;
        Ok(Index::build(dir, knowledge, progress)?)
    }

    fn manifest(&self, generation: u64) -> io::Result<Manifest> {
        let text = fs::read(self.folder(generation).join("manifest.json"))?;
        serde_json::from_slice(&text).map_err(io::Error::other)
    }

    /// Makes a generation current. It is noted first: whatever was served is in the history.
    fn switch(&self, generation: u64, knowledge: String, now: Timestamp) -> Result<(), Error> {
        files::sync_folder(&self.dir)?;
        history::add(&self.dir, generation, knowledge, now)?;
        replace(&self.dir.join(CURRENT), format!("{generation}\n").as_bytes())
    }

    fn lock(&self) -> Result<fs::File, Error> {
        fs::create_dir_all(&self.dir).map_err(|source| io_error(&self.dir, source))?;
        let path = self.dir.join("lock");
        let open = fs::File::options().create(true).truncate(false).write(true).open(&path);
        let file = open.map_err(|source| io_error(&path, source))?;
        match file.try_lock() {
            Ok(()) => {
                files::sweep(&self.dir);
                Ok(file)
            }
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
}
