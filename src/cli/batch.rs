//! Files of questions, one JSON object per line: each line is answered for itself.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use serde::de::DeserializeOwned;

use super::{Outcome, print};

/// Hands every line of `file` to `answer`; `-` is standard input, and empty lines are passed over.
/// A line that is not of the form `shape`, or cannot be answered, is told with its place, and the
/// next one is read.
pub(super) fn each<T: DeserializeOwned>(
    file: &Path,
    shape: &str,
    mut answer: impl FnMut(T) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let (name, reader): (String, Box<dyn BufRead>) = if file == Path::new("-") {
        ("standard input".to_owned(), Box::new(io::stdin().lock()))
    } else {
        let name = file.display().to_string();
        let opened = File::open(file).with_context(|| format!("cannot open {name}"))?;
        (name, Box::new(BufReader::new(opened)))
    };
    let mut outcome = Outcome::Done;
    for (at, line) in reader.lines().enumerate() {
        let place = format!("{name}:{}", at + 1);
        let line = line.with_context(|| place.clone())?;
        if line.trim().is_empty() {
            continue;
        }
        let read = serde_json::from_str(&line).map_err(|error| malformed(&error, shape));
        if let Err(error) = read.and_then(&mut answer) {
            print::error(&error.context(place));
            outcome = Outcome::Problems;
        }
    }
    Ok(outcome)
}

fn malformed(error: &serde_json::Error, shape: &str) -> anyhow::Error {
    let said = error.to_string();
    let what = said.split(" at line ").next().unwrap_or(&said);
    anyhow!("{what}, at column {}; a line must be one JSON object {shape}", error.column())
}
