//! Writes one article into the folder: whole or not at all, durable, only inside, and only when
//! nobody else has changed it since.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::knowledge::{File, version_of};

/// Folders that hold articles; everything else is edited where it stands.
const FOLDERS: [&str; 3] = ["drugs", "services", "general"];
/// Longest path of an article, in bytes.
const MAX_PATH: usize = 200;

/// A text that is to take an article's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The article, by its path under the folder.
    pub file: File,
    /// Version of the text that it was written from; `None` for a new article.
    pub base: Option<String>,
}

/// Why an article cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The path is not that of an article.
    #[error(
        "\"{0}\" is no place for an article: write a path such as drugs/ibuprofen/side-effects, of letters, digits, '-', '_' and '.'"
    )]
    Place(String),
    /// Something on the way is a link or no folder.
    #[error("\"{0}\" is reached by a symbolic link, or is no plain file: it is not touched")]
    Link(String),
    /// The article was changed since the edit was begun.
    #[error("\"{0}\" was changed since the edit was begun")]
    Changed(String),
    /// The file cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl Edit {
    /// Returns whether `text`, as it stands in the folder, is what the edit was written from, or
    /// already what it wants.
    pub fn fits(&self, text: Option<&str>) -> bool {
        text.map(version_of) == self.base || text == Some(self.file.text.as_str())
    }
}

/// Puts `edits` in the place of the files that they replace.
pub fn lay_over(files: &mut Vec<File>, edits: &[Edit]) {
    files.retain(|file| !edits.iter().any(|edit| edit.file.path == file.path));
    files.extend(edits.iter().map(|edit| edit.file.clone()));
    files.sort_by(|a, b| a.path.cmp(&b.path));
}

/// Returns the text of the article at `path`, if there is one.
pub fn text(folder: &Path, path: &str) -> Result<Option<String>, EditError> {
    let place = place(folder, path)?;
    match fs::read_to_string(&place) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(EditError::Io { path: place, source }),
    }
}

/// Writes an edit. A reader sees the old text or the new one; when this returns, the new one is on
/// the disk.
pub fn apply(folder: &Path, edit: &Edit) -> Result<(), EditError> {
    let path = edit.file.path.as_str();
    let found = text(folder, path)?;
    if !edit.fits(found.as_deref()) {
        return Err(EditError::Changed(path.to_owned()));
    }
    if found.as_deref() == Some(edit.file.text.as_str()) {
        return Ok(());
    }
    let place = place(folder, path)?;
    put(&place, &edit.file.text).map_err(|source| EditError::Io { path: place, source })
}

fn put(place: &Path, text: &str) -> io::Result<()> {
    let parent = place.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let mut part = place.to_owned().into_os_string();
    // No reader takes a name with this end for an article.
    part.push(".edit~");
    let _ = fs::remove_file(&part);
    let mut file = fs::File::options().write(true).create_new(true).open(&part)?;
    let written = (|| {
        if let Ok(old) = fs::metadata(place) {
            file.set_permissions(old.permissions())?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, place)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written?;
    fs::File::open(parent)?.sync_all()
}

/// Returns where the article at `path` stands. Nothing on the way may be a link.
fn place(folder: &Path, path: &str) -> Result<PathBuf, EditError> {
    if !is_article(path) {
        return Err(EditError::Place(path.to_owned()));
    }
    let mut place = folder.to_owned();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        place.push(part);
        let Ok(found) = fs::symlink_metadata(&place) else { continue };
        let fits = if parts.peek().is_some() { found.is_dir() } else { found.is_file() };
        if !fits {
            return Err(EditError::Link(path.to_owned()));
        }
    }
    Ok(place)
}

/// Returns whether `path` can be an article's: below one of their folders, of plain names.
pub fn is_article(path: &str) -> bool {
    let is_name = |part: &str| {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        !part.is_empty() && !part.starts_with('.') && part.chars().all(plain)
    };
    let parts: Vec<&str> = path.split('/').collect();
    let deep_enough = parts.len() >= if parts[0] == "drugs" { 3 } else { 2 };
    let is_readme = parts.last().is_some_and(|name| name.eq_ignore_ascii_case("readme.md"));
    path.len() <= MAX_PATH
        && path.strip_suffix(".md").is_some_and(|stem| !stem.ends_with('/'))
        && deep_enough
        && FOLDERS.contains(&parts[0])
        && parts.iter().all(|part| is_name(part))
        && !is_readme
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(path: &str, text: &str, base: Option<&str>) -> Edit {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        Edit { file, base: base.map(version_of) }
    }

    #[test]
    fn only_articles_have_a_place() {
        for good in ["drugs/a/b.md", "services/x.md", "general/a/b/c.md", "general/储存.md"] {
            assert!(is_article(good), "{good}");
        }
        let long = format!("general/{}.md", "x".repeat(300));
        let bad = [
            "",
            ".md",
            "a.md",
            "drugs/a.md",
            "drugs/a/.md",
            "drugs/../../etc/passwd.md",
            "/drugs/a/b.md",
            "drugs//b.md",
            "drugs/a/b.toml",
            "drugs/a/../b.md",
            "general/.git.md",
            "general/a\\b.md",
            "general/a\0b.md",
            "general/a b.md",
            "general/a\nb.md",
            "policy/replies.md",
            "general/README.md",
            "general/./a.md",
            "general/a.md/",
            long.as_str(),
        ];
        for bad in bad {
            assert!(!is_article(bad), "{bad:?}");
        }
    }

    #[test]
    fn an_edit_is_written_once_and_never_over_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let (path, at) = ("general/a.md", folder.path().join("general/a.md"));
        apply(folder.path(), &edit(path, "one", None)).unwrap();
        assert_eq!(fs::read_to_string(&at).unwrap(), "one");
        apply(folder.path(), &edit(path, "one", None)).expect("the same again is fine");
        apply(folder.path(), &edit(path, "two", Some("one"))).unwrap();
        for stale in [edit(path, "three", None), edit(path, "three", Some("one"))] {
            let refused = apply(folder.path(), &stale);
            assert!(matches!(refused, Err(EditError::Changed(_))), "{refused:?}");
        }
        assert_eq!(fs::read_to_string(&at).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path().join("general")).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_never_followed() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let link = |to: &Path, at: &Path| std::os::unix::fs::symlink(to, at);
        fs::create_dir_all(folder.path().join("general")).unwrap();
        link(elsewhere.path(), &folder.path().join("general/out")).unwrap();
        link(&elsewhere.path().join("x.md"), &folder.path().join("general/x.md")).unwrap();
        for path in ["general/out/a.md", "general/x.md"] {
            let refused = apply(folder.path(), &edit(path, "text", None));
            assert!(matches!(refused, Err(EditError::Link(_))), "{path}: {refused:?}");
        }
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }
}
