//! What was served when: one line for every switch, so that it can be proved later, and so that a
//! generation is kept for as long as sessions are that it answered.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Error, files};
use crate::time::Timestamp;

const FILE: &str = "history.jsonl";

/// A switch to a generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// The generation served from then on.
    pub generation: u64,
    /// Hash over the knowledge files it was built from.
    pub knowledge: String,
    /// When, RFC 3339.
    pub at: String,
    /// The same in microseconds since 1970.
    pub at_micros: i64,
}

/// Returns all switches, the oldest first; a line that cannot be read is left out.
pub(super) fn read(shelf: &Path) -> Vec<Switch> {
    let text = fs::read_to_string(shelf.join(FILE)).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Adds a switch.
pub(super) fn add(
    shelf: &Path,
    generation: u64,
    knowledge: String,
    now: Timestamp,
) -> Result<(), Error> {
    let path = shelf.join(FILE);
    let (at, at_micros) = (now.to_string(), now.as_micros());
    let switch = Switch { generation, knowledge, at, at_micros };
    let mut text = fs::read_to_string(&path).unwrap_or_default();
    text +=
        &serde_json::to_string(&switch).map_err(|error| files::io_error(&path, error.into()))?;
    text.push('\n');
    files::replace(&path, text.as_bytes())
}

/// Returns whether `generation` was served at any time since `moment`.
pub(super) fn served_since(switches: &[Switch], generation: u64, moment: Timestamp) -> bool {
    let ends = switches.iter().skip(1).map(|next| next.at_micros).chain([i64::MAX]);
    let mut served = switches.iter().zip(ends);
    served.any(|(switch, end)| switch.generation == generation && end >= moment.as_micros())
}
