//! What a generation is built from.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::Error;
use crate::alarm::Watch;
use crate::id;
use crate::knowledge::{self, Article, File, Knowledge, Problem, Severity};
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

/// Returns the paths of the articles that have errors, and of those about a medicine whose own file
/// could not be read: without its names and warnings they must not be quoted.
pub(super) fn faulty_articles(parsed: &Knowledge, problems: &[Problem]) -> BTreeSet<String> {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    let paths = errors.map(|problem| &problem.path);
    let own = paths.filter(|path| knowledge::is_article(path)).cloned();
    let lacks_drug = |article: &&Arc<Article>| {
        article.drug.as_ref().is_some_and(|drug| parsed.drug(drug).is_none())
    };
    let others = parsed.articles.iter().filter(lacks_drug);
    own.chain(others.map(|article| format!("{}.md", article.id))).collect()
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
