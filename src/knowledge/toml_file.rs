//! One way to read every TOML file: a syntax or type error becomes a problem with its line.

use serde::de::DeserializeOwned;

use super::{Code, Problem};

/// Parses `text`; an error is reported and gives `None`.
pub(super) fn parse<T: DeserializeOwned>(
    path: &str,
    text: &str,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    toml::from_str(text)
        .map_err(|error: toml::de::Error| {
            let line = error.span().map_or(0, |span| line_at(text, span.start));
            problems.push(Problem::error(
                Code::Toml,
                path,
                line,
                error.message().lines().next().unwrap_or("unreadable").to_owned(),
                "see the format of this file in knowledge/README.md",
            ));
        })
        .ok()
}

/// Returns the line of a byte offset, 1-based.
pub(super) fn line_at(text: &str, offset: usize) -> u32 {
    let before = text.get(..offset).unwrap_or(text);
    u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX - 1) + 1
}
