//! Reads and writes the knowledge folder: the only access to articles in the file system.

mod edit;
mod git;

pub use edit::{Edit, EditError, apply, is_article, lay_over, text};
pub use git::{Author, commit};

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::knowledge::{self, Code, File, Problem};

/// Largest file that is read, in bytes; an article of this size is not an article.
const MAX_FILE_BYTES: u64 = 10 * 1024 * 1024;
/// How often a file that changes is read again, and after what pause.
const READS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(20);
/// Age of a file whose time of change can be trusted.
const SETTLED: Duration = Duration::from_secs(1);
/// Deepest folder that is entered.
const MAX_DEPTH: usize = 16;

/// What to do when the folder is the wrong one.
const ELSEWHERE: &str =
    "name another folder by `--knowledge`, `EIDER_KNOWLEDGE`, or `knowledge` in eider.toml";

/// A knowledge folder that cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the knowledge folder {path}: {source}; {ELSEWHERE}", path = path.display())]
pub struct Error {
    path: PathBuf,
    source: io::Error,
}

/// Reads every text file below `folder`, sorted by path; what cannot be read becomes a problem.
pub fn read(folder: &Path) -> Result<(Vec<File>, Vec<Problem>), Error> {
    let mut reader = Reader { root: folder, files: Vec::new(), problems: Vec::new() };
    reader.folder(folder, 0).map_err(|source| Error { path: folder.to_owned(), source })?;
    if !reader.files.iter().any(|file| knowledge::is_article(&file.path)) {
        reader.problems.insert(0, no_articles(folder, reader.files.is_empty()));
    }
    reader.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok((reader.files, reader.problems))
}

fn no_articles(folder: &Path, is_empty: bool) -> Problem {
    let folder = folder.display();
    let what = if is_empty { "is empty" } else { "holds no articles" };
    Problem::error(
        Code::NoArticles,
        ".",
        0,
        format!("the knowledge folder {folder} {what}"),
        format!("write articles below drugs/, services/ or general/; {ELSEWHERE}"),
    )
}

/// Fails when `folder` cannot be read.
pub fn require(folder: &Path) -> Result<(), Error> {
    let read = fs::read_dir(folder);
    read.map(drop).map_err(|source| Error { path: folder.to_owned(), source })
}

/// A cheap mark of a folder's state (paths, sizes, times): equal marks, no edit.
pub type Mark = Vec<(PathBuf, u64, Option<std::time::SystemTime>)>;

/// Returns the mark of the knowledge files below `folder`; editors' own files beside them count
/// for nothing.
pub fn mark(folder: &Path) -> Mark {
    let mut marks = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if is_passed_over(&entry.file_name().to_string_lossy()) {
                continue;
            }
            if metadata.is_dir() {
                folders.push(entry.path());
            } else if is_knowledge(&entry.path()) {
                marks.push((entry.path(), metadata.len(), metadata.modified().ok()));
            }
        }
    }
    marks.sort();
    marks
}

/// What became of a file that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is new.
    Created,
    /// It stood there, word for word.
    Unchanged,
    /// It stood there with other words, and was replaced.
    Replaced,
    /// It stands there with other words, and was left alone.
    Kept,
}

/// Writes `file` below `folder`; what stands there with other words is replaced only when
/// `replace` says so. A reader sees the old file or the new one, never a part. With `dry_run`
/// nothing is written, and the result is what would be.
pub fn write(folder: &Path, file: &File, replace: bool, dry_run: bool) -> io::Result<Written> {
    let path = folder.join(&file.path);
    let written = match fs::read(&path) {
        Ok(old) if old == file.text.as_bytes() => return Ok(Written::Unchanged),
        Ok(_) if !replace => return Ok(Written::Kept),
        Ok(_) => Written::Replaced,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Written::Created,
        Err(error) => return Err(error),
    };
    if dry_run {
        return Ok(written);
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut part = path.clone().into_os_string();
    part.push(".part~");
    fs::write(&part, &file.text)?;
    fs::rename(&part, &path)?;
    Ok(written)
}

/// Returns whether a file or folder is none of ours: hidden, or an editor's copy.
fn is_passed_over(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~')
}

/// Returns whether a file is an article or a table of the knowledge base, by its ending.
fn is_knowledge(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "md" || ending == "toml")
}

/// Reads a file as it stood at one moment; `None` when it kept changing. A file that was written
/// a moment ago is read twice: file systems keep times to a few milliseconds only.
fn read_whole(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let state = || fs::metadata(path).map(|data| (data.len(), data.modified().ok()));
    for attempt in 0..READS {
        if attempt > 0 {
            std::thread::sleep(PAUSE);
        }
        let before = state()?;
        let bytes = fs::read(path)?;
        let is_new = before.1.is_none_or(|time| time.elapsed().is_ok_and(|age| age < SETTLED));
        let is_still = state()? == before && bytes.len() as u64 == before.0;
        if is_still && (!is_new || fs::read(path)? == bytes) {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

struct Reader<'a> {
    root: &'a Path,
    files: Vec<File>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_passed_over(&name) {
                continue;
            }
            let file_type = entry.file_type()?;
            if file_type.is_symlink() {
                self.report(
                    &path,
                    "a symbolic link is not followed",
                    "put the file itself into the folder",
                );
            } else if file_type.is_dir() && depth < MAX_DEPTH {
                if let Err(error) = self.folder(&path, depth + 1) {
                    self.report(
                        &path,
                        &format!("the folder cannot be read: {error}"),
                        "check its permissions",
                    );
                }
            } else if file_type.is_dir() {
                self.report(
                    &path,
                    "folders are nested too deeply",
                    "keep articles within a few folders",
                );
            } else if is_knowledge(&path) {
                if file_type.is_file() {
                    self.file(&path);
                } else {
                    self.report(&path, "this is not a file", "remove it from the folder");
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) {
        match fs::metadata(path) {
            Ok(metadata) if metadata.len() > MAX_FILE_BYTES => {
                let megabytes = metadata.len() / (1024 * 1024);
                self.report(
                    path,
                    &format!(
                        "the file is too large: {megabytes} MB, the limit is {} MB",
                        MAX_FILE_BYTES / (1024 * 1024)
                    ),
                    "cut it into articles of one topic each",
                );
                return;
            }
            _ => {}
        }
        match read_whole(path).map(|bytes| bytes.map(String::from_utf8)) {
            Ok(None) => self.report(
                path,
                "the file changed while it was being read",
                "check again when it is written",
            ),
            Ok(Some(Ok(text))) => self.files.push(File { path: self.relative(path), text }),
            Ok(Some(Err(error))) => {
                let valid = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..valid].split(|&byte| byte == b'\n').count();
                let problem = Problem::error(
                    Code::UnreadableFile,
                    &self.relative(path),
                    u32::try_from(line).unwrap_or(u32::MAX),
                    "the file is not valid UTF-8",
                    "save it as UTF-8 in the editor",
                );
                self.problems.push(problem);
            }
            Err(error) => self.report(
                path,
                &format!("the file cannot be read: {error}"),
                "check its permissions",
            ),
        }
    }

    fn report(&mut self, path: &Path, message: &str, hint: &str) {
        let problem = Problem::error(Code::UnreadableFile, &self.relative(path), 0, message, hint);
        self.problems.push(problem);
    }

    fn relative(&self, path: &Path) -> String {
        let inside = path.strip_prefix(self.root).unwrap_or(path);
        let parts: Vec<_> =
            inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }
}
