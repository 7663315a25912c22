//! What a generation is built from.

use std::path::Path;

use super::Error;
use crate::knowledge::{File, Problem};
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
