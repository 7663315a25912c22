//! A problem in the knowledge base: a value, not an exception, so that an editor sees all of them.

use std::ops::Range;

use serde::Serialize;

use super::Code;

/// How bad a problem is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file, or the part of it, is left out; publishing stops.
    Error,
    /// Worth an editor's look; publishing goes on.
    Warning,
    /// Good to know; nothing has to be done today.
    Note,
}

impl Severity {
    /// Returns its name: `error`, `warning` or `note`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    /// Returns how many there are, in words: `1 error`, `2 errors`.
    pub fn counted(self, count: usize) -> String {
        let ending = if count == 1 { "" } else { "s" };
        format!("{count} {}{ending}", self.name())
    }
}

/// One finding about one file, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What it is about.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Path under `knowledge/`, with `/` between folders.
    pub path: String,
    /// Line, 1-based; 0 means the whole file.
    pub line: u32,
    /// First column and the one after the last, 1-based, in characters; `None` for a whole line.
    pub columns: Option<(u32, u32)>,
    /// The line as it stands in the file; empty until [`Problem::locate`] has seen the file.
    pub excerpt: String,
    /// What is wrong: lowercase, no full stop, names the thing.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Problem {
    /// Returns an error at `line` of `path`.
    pub fn error(
        code: Code,
        path: &str,
        line: u32,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity: Severity::Error,
            path: path.into(),
            line,
            columns: None,
            excerpt: String::new(),
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// Returns a warning at `line` of `path`.
    pub fn warning(
        code: Code,
        path: &str,
        line: u32,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, path, line, message, hint) }
    }

    /// Makes a note of it.
    #[must_use]
    pub fn as_note(self) -> Self {
        Self { severity: Severity::Note, ..self }
    }

    /// Places it at a range of bytes of the file's `text`; only the first line of it is marked.
    #[must_use]
    pub fn at(mut self, text: &str, bytes: Range<usize>) -> Self {
        let line_start = text[..bytes.start].rfind('\n').map_or(0, |newline| newline + 1);
        let first_line = text[bytes.clone()].lines().next().unwrap_or_default();
        let column = count(&text[line_start..bytes.start]) + 1;
        self.line = count_lines(&text[..bytes.start]) + 1;
        self.columns = Some((column, column + count(first_line).max(1)));
        self
    }

    /// Takes the line over from the lines of the file.
    pub fn locate(&mut self, lines: &[&str]) {
        let line = self.line.checked_sub(1).and_then(|at| lines.get(at as usize));
        line.unwrap_or(&"").trim_end().clone_into(&mut self.excerpt);
    }
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX - 1)
}

fn count_lines(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|&byte| byte == b'\n').count()).unwrap_or(u32::MAX - 1)
}
