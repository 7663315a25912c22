//! Files of generations: written durably, verified before they are read, never written to again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Error;
use crate::id;
use crate::knowledge::File;

/// How much is read at once.
const CHUNK: usize = 1 << 18;

/// The copy of the knowledge files in a generation.
const KNOWLEDGE: &str = "knowledge.jsonl";
/// What folders are made for that do not last.
const SCRATCH: [&str; 2] = ["building", "past"];
/// Age at which a folder that cannot be locked is given up.
const ABANDONED: Duration = Duration::from_hours(24);

/// What a file of a generation must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seal {
    bytes: u64,
    sha256: String,
}

/// A folder that vanishes unless it is kept. It is locked as long as it is in use, so that what a
/// killed process left behind can be told from it.
pub(super) struct Scratch {
    path: Option<PathBuf>,
    _lock: fs::File,
}

impl Scratch {
    pub(super) fn new(path: PathBuf) -> Result<Self, Error> {
        let make = || {
            fs::create_dir(&path)?;
            let folder = fs::File::open(&path)?;
            // Where folders cannot be locked, leftovers are known by their age.
            let _ = folder.try_lock();
            Ok(folder)
        };
        let lock = make().map_err(|source| io_error(&path, source))?;
        Ok(Self { path: Some(path), _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new(""))
    }

    pub(super) fn keep_as(mut self, home: &Path) -> Result<(), Error> {
        let Some(path) = self.path.take() else { return Ok(()) };
        fs::rename(&path, home).map_err(|source| {
            let _ = fs::remove_dir_all(&path);
            io_error(home, source)
        })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_dir_all(path);
        }
    }
}

/// Removes the folders below `shelf` that killed processes have left behind; a failure only costs
/// disk space.
pub(super) fn sweep(shelf: &Path) {
    for entry in fs::read_dir(shelf).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_scratch = SCRATCH.iter().any(|start| name.starts_with(&format!(".{start}-")));
        if is_scratch && is_abandoned(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_abandoned(folder: &Path) -> bool {
    let Ok(file) = fs::File::open(folder) else { return false };
    match file.try_lock() {
        Ok(()) => true,
        Err(fs::TryLockError::WouldBlock) => false,
        Err(fs::TryLockError::Error(_)) => {
            let age = file.metadata().and_then(|data| data.modified()).map(|time| time.elapsed());
            age.is_ok_and(|age| age.is_ok_and(|age| age > ABANDONED))
        }
    }
}

/// Makes every file below `folder` durable, and returns what each must be, by its path in it.
pub(super) fn seal(folder: &Path) -> Result<BTreeMap<String, Seal>, Error> {
    let mut seals = BTreeMap::new();
    for (name, path) in files(folder)? {
        let read = || {
            let mut file = fs::File::open(&path)?;
            let seal = digest(&mut file)?;
            file.sync_all()?;
            Ok(seal)
        };
        seals.insert(name, read().map_err(|source| io_error(&path, source))?);
    }
    sync_folder(&folder.join("passages"))?;
    sync_folder(folder)?;
    Ok(seals)
}

/// Compares the files below `folder` with their seals; returns what is wrong, if anything is. A
/// file that is mapped into memory must be whole: reading past its end would end the process.
pub(super) fn verify(folder: &Path, seals: &BTreeMap<String, Seal>) -> Result<(), String> {
    for (name, seal) in seals {
        let path = folder.join(name);
        let mut file = fs::File::open(&path).map_err(|error| format!("{name}: {error}"))?;
        let bytes = file.metadata().map_err(|error| format!("{name}: {error}"))?.len();
        if bytes != seal.bytes {
            return Err(format!("{name} has {bytes} bytes, not {}", seal.bytes));
        }
        let found = digest(&mut file).map_err(|error| format!("{name}: {error}"))?;
        if found != *seal {
            return Err(format!("{name} is not what was published"));
        }
    }
    Ok(())
}

/// Puts hard links to the files of `from` into the new folder `to`; where the file system has none
/// the files are copied.
pub(super) fn link(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir(to).map_err(|source| io_error(to, source))?;
    for entry in fs::read_dir(from).map_err(|source| io_error(from, source))? {
        let entry = entry.map_err(|source| io_error(from, source))?;
        let (old, new) = (entry.path(), to.join(entry.file_name()));
        if old.extension().is_some_and(|ending| ending == "lock") {
            continue;
        }
        fs::hard_link(&old, &new)
            .or_else(|_| fs::copy(&old, &new).map(|_| ()))
            .map_err(|source| io_error(&new, source))?;
    }
    Ok(())
}

/// Writes the copy of the knowledge files that a generation carries: a line of JSON for each. It is
/// durable once it is sealed.
pub(super) fn write_knowledge(folder: &Path, files: &[File]) -> Result<(), Error> {
    let path = folder.join(KNOWLEDGE);
    let write = || {
        let mut writer = io::BufWriter::new(fs::File::create(&path)?);
        for file in files {
            serde_json::to_writer(&mut writer, &(&file.path, &file.text))?;
            writer.write_all(b"\n")?;
        }
        writer.flush()
    };
    write().map_err(|source| io_error(&path, source))
}

/// Reads it back.
pub(super) fn read_knowledge(folder: &Path) -> Result<Vec<File>, Error> {
    let path = folder.join(KNOWLEDGE);
    let read = || {
        let lines = io::BufReader::new(fs::File::open(&path)?).lines();
        let file = |line: io::Result<String>| -> io::Result<File> {
            let (path, text) = serde_json::from_str(&line?)?;
            Ok(File { path, text })
        };
        lines.map(file).collect::<io::Result<Vec<File>>>()
    };
    read().map_err(|source| io_error(&path, source))
}

pub(super) fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || {
        let mut file = fs::File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|source| io_error(path, source))
}

/// Replaces a file in one step: readers see the old one or the new one, whole.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let scratch = path.with_file_name(format!(".{name}"));
    write_durably(&scratch, bytes)?;
    fs::rename(&scratch, path).map_err(|source| io_error(path, source))?;
    path.parent().map_or(Ok(()), sync_folder)
}

pub(super) fn sync_folder(path: &Path) -> Result<(), Error> {
    fs::File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| io_error(path, source))
}

pub(super) fn io_error(path: &Path, source: io::Error) -> Error {
    Error::Io { path: path.to_owned(), source }
}

/// Lists the files of a generation that matter; tantivy's own locks and lists begin with a dot.
fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let mut files = vec![(KNOWLEDGE.to_owned(), folder.join(KNOWLEDGE))];
    let passages = folder.join("passages");
    for entry in fs::read_dir(&passages).map_err(|source| io_error(&passages, source))? {
        let entry = entry.map_err(|source| io_error(&passages, source))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            files.push((format!("passages/{name}"), entry.path()));
        }
    }
    Ok(files)
}

fn digest(file: &mut fs::File) -> io::Result<Seal> {
    let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(Seal { bytes, sha256: id::hex(&hash.finalize()) }),
            read => {
                hash.update(&chunk[..read]);
                bytes += read as u64;
            }
        }
    }
}
