//! What a generation is built from.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::Error;
use crate::alarm::Watch;
use crate::id;
use crate::knowledge::{File, Knowledge, Problem};
use crate::library::{self, Edit};

/// What a generation is built from: the knowledge folder, with texts that are to be written into it
/// when the generation has passed.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// The texts.
    pub edits: &'a [Edit],
}

impl<'a, P: AsRef<Path> + ?Sized> From<&'a P> for Source<'a> {
    fn from(folder: &'a P) -> Self {
        Self { folder: folder.as_ref(), edits: &[] }
    }
}

impl Source<'_> {
    /// Reads the files, the texts in their places.
    pub(super) fn read(&self) -> Result<(Vec<File>, Vec<Problem>), Error> {
        let (mut files, problems) = library::read(self.folder)?;
        library::lay_over(&mut files, self.edits);
        Ok((files, problems))
    }
}

/// Parses files without copying the texts of the articles, of which there may be very many.
/// Articles that have not changed since `earlier` are taken over, and their problems not told again.
pub(super) fn read_files(
    files: Vec<File>,
    earlier: Option<&Knowledge>,
) -> (Knowledge, Watch, Vec<Problem>) {
    let is_policy = |file: &&File| file.path.starts_with("policy/");
    let policy: Vec<File> = files.iter().filter(is_policy).cloned().collect();
    let (knowledge, mut problems) = match earlier {
        Some(earlier) => (Knowledge::parse_after(files, earlier), Vec::new()),
        None => Knowledge::parse_owned(files),
    };
    let (watch, found) = Watch::new(&policy, &knowledge);
    problems.extend(found);
    (knowledge, watch, problems)
}

/// Returns a hash over the paths and texts of all files.
pub(super) fn fingerprint(files: &[File]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        hash.update((file.path.len() as u64).to_le_bytes());
        hash.update(&file.path);
        hash.update((file.text.len() as u64).to_le_bytes());
        hash.update(&file.text);
    }
    id::hex(&hash.finalize())
}
