//! A problem in the knowledge base: a value, not an exception, so that an editor sees all of them.

use serde::Serialize;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file, or the part of it, is left out; publishing stops.
    Error,
    /// Worth an editor's look; publishing goes on.
    Warning,
}

/// One finding about one file, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// Path under `knowledge/`, with `/` between folders.
    pub path: String,
    /// Line, 1-based; 0 means the whole file.
    pub line: u32,
    /// What is wrong: lowercase, no full stop, names the thing.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Problem {
    /// Returns an error at `line` of `path`.
    pub fn error(
        path: &str,
        line: u32,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            path: path.into(),
            line,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// Returns a warning at `line` of `path`.
    pub fn warning(
        path: &str,
        line: u32,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(path, line, message, hint) }
    }
}
