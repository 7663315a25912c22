//! Generations that are no longer served: opened again for replays, kept while they may be asked
//! for, removed when not.

use std::fs;

use super::source::read_files;
use super::{Error, Shelf, Source, history};
use crate::alarm::Watch;
use crate::engine::Engine;
use crate::knowledge::Knowledge;
use crate::search::Index;
use crate::time::Timestamp;

impl Shelf {
    /// Opens a past generation to answer as it did then; one that was kept without its index gets
    /// a new one, in a folder that vanishes.
    pub fn open_past(&self, generation: u64) -> Result<Engine, Error> {
        if !self.folder(generation).exists() {
            return Err(Error::Gone(generation));
        }
        if self.is_whole(generation) {
            return self.open_generation(generation, None);
        }
        let (knowledge, watch, _) = read_files(self.files(generation)?, None);
        let scratch = self.scratch("past")?;
        Index::build(scratch.path(), &knowledge, |_| {})?;
        Ok(Engine::open(generation, knowledge, watch, scratch.path())?)
    }

    /// Opens an engine over `source` for a trial: built in a folder that vanishes, published nowhere.
    pub fn open_trial(&self, source: Source<'_>) -> Result<Engine, Error> {
        let (files, _) = source.read()?;
        let (knowledge, _) = Knowledge::parse(&files);
        let (watch, _) = Watch::new(&files, &knowledge);
        let scratch = self.scratch("past")?;
        Index::build(scratch.path(), &knowledge, |_| {})?;
        Ok(Engine::open(self.newest() + 1, knowledge, watch, scratch.path())?)
    }

    /// Returns the numbers of the generations whose knowledge base is kept, the newest first.
    pub fn kept(&self) -> Vec<u64> {
        let mut kept = self.generations();
        kept.reverse();
        kept
    }

    /// Returns whether a generation is kept whole, so that a rollback may return to it.
    pub fn may_return_to(&self, generation: u64) -> bool {
        self.is_whole(generation)
    }

    /// Removes what is no longer needed; a failure only costs disk space.
    pub(super) fn remove_old(&self, current: u64, now: Timestamp) {
        let switches = self.history();
        let since = now.minus_seconds(i64::from(self.kept_days) * 86_400);
        let old: Vec<u64> = self.generations().into_iter().filter(|&old| old < current).collect();
        for &generation in old.iter().rev().skip(self.kept) {
            let folder = self.folder(generation);
            if history::served_since(&switches, generation, since) {
                let _ = fs::remove_dir_all(folder.join("passages"));
            } else {
                let _ = fs::remove_dir_all(folder);
            }
        }
    }
}
