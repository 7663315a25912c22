//! Words on the terminal: results to standard output, everything else to standard error.
#![expect(clippy::print_stderr, reason = "the command line prints")]

use std::fmt::Display;
use std::io::{IsTerminal, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

use crate::config::Config;
use crate::engine::Engine;
use crate::knowledge::{Problem, Severity};
use crate::label::{Change, Word, WordChange};
use crate::publish::{self, Step};

/// Prints one line of a result. A reader that has gone away (`| head`) is no error.
pub(super) fn line(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints one line of a remark.
pub(super) fn note(text: impl Display) {
    eprintln!("{text}");
}

/// Prints an error with its causes.
pub(super) fn error(error: &anyhow::Error) {
    eprintln!("eider: {}", with_causes(error));
}

/// Returns an error in words with its causes; those that were named already are not repeated.
fn with_causes(error: &anyhow::Error) -> String {
    let mut said = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

/// Prints problems, one after the other, as `path:line: error: …`.
pub(super) fn problems(problems: &[Problem]) {
    let _ = write!(std::io::stderr(), "{}", described(problems));
}

/// Returns problems in words, one after the other.
pub(super) fn described(problems: &[Problem]) -> String {
    problems.iter().map(|problem| describe(problem) + "\n").collect()
}

/// Longest part of a line that is shown with a problem, in characters.
const EXCERPT: usize = 96;

/// Returns a problem in words: place, code and message; the line it stands in, marked; the remedy.
/// In colour on a terminal.
pub(super) fn describe(problem: &Problem) -> String {
    let (on, off) = match (is_coloured(&std::io::stdout()), problem.severity) {
        (false, _) => ("", ""),
        (true, Severity::Error) => ("\x1b[1;31m", "\x1b[0m"),
        (true, Severity::Warning) => ("\x1b[1;33m", "\x1b[0m"),
        (true, Severity::Note) => ("\x1b[1;36m", "\x1b[0m"),
    };
    let place = match (problem.line, problem.columns) {
        (0, _) => problem.path.clone(),
        (line, None) => format!("{}:{line}", problem.path),
        (line, Some((column, _))) => format!("{}:{line}:{column}", problem.path),
    };
    let (severity, code) = (problem.severity.name(), problem.code.id());
    let excerpt = excerpt(problem, on, off);
    format!(
        "{place}: {on}{severity}{off}[{code}]: {}\n{excerpt}    help: {}",
        problem.message, problem.hint
    )
}

/// Returns the line of a problem and a line of marks below it; nothing when there is no line.
fn excerpt(problem: &Problem, on: &str, off: &str) -> String {
    let Some((first, after)) = problem.columns.filter(|_| !problem.excerpt.is_empty()) else {
        let shown: String = problem.excerpt.chars().take(EXCERPT).collect();
        return if shown.is_empty() { shown } else { format!("    | {shown}\n") };
    };
    let first = first.saturating_sub(1) as usize;
    let left_out = first.saturating_sub(EXCERPT / 3);
    let line = problem.excerpt.chars().skip(left_out).take(EXCERPT);
    let shown: String = line.map(|c| if c == '\t' { ' ' } else { c }).collect();
    let start = if left_out > 0 { "…" } else { "" };
    // Han characters are two columns wide on a terminal.
    let width = |text: &mut dyn Iterator<Item = char>| -> usize {
        text.map(|c| if c.is_ascii() { 1 } else { console_width(c) }).sum()
    };
    let indent = start.chars().count() + width(&mut shown.chars().take(first - left_out));
    let marked = (after as usize - 1).saturating_sub(first);
    let marks = width(&mut shown.chars().skip(first - left_out).take(marked)).max(1);
    format!("    | {start}{shown}\n    | {}{on}{}{off}\n", " ".repeat(indent), "^".repeat(marks))
}

fn console_width(c: char) -> usize {
    let is_wide =
        crate::text::is_han(c) || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff60}');
    1 + usize::from(is_wide)
}

/// Returns whether colours are wanted there: on a terminal, unless `NO_COLOR` is set.
pub(super) fn is_coloured(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Returns what became of a section of a label, with old and new words marked: in colour on a
/// terminal, else as `[-old-]` and `{+new+}`.
pub(super) fn change(change: &Change) -> String {
    let headings = |path: &[String]| path.join(" › ");
    match change {
        Change::Added(section) => format!("      + {}", headings(&section.path)),
        Change::Removed(section) => format!("      - {}", headings(&section.path)),
        Change::Changed { path, words } => {
            let marked: Vec<String> = words.iter().map(marked).collect();
            format!("      ~ {}\n        {}", headings(path), marked.join(" "))
        }
    }
}

fn marked(word: &Word) -> String {
    match (word.change, is_coloured(&std::io::stdout())) {
        (WordChange::Same, _) => shortened(&word.text),
        (WordChange::Removed, true) => format!("\x1b[9;31m{}\x1b[0m", word.text),
        (WordChange::Added, true) => format!("\x1b[32m{}\x1b[0m", word.text),
        (WordChange::Removed, false) => format!("[-{}-]", word.text),
        (WordChange::Added, false) => format!("{{+{}+}}", word.text),
    }
}

/// Leaves the middle of a long unchanged run out.
fn shortened(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    if words.len() <= 16 {
        return text.to_owned();
    }
    format!("{} … {}", words[..8].join(" "), words[words.len() - 8..].join(" "))
}

/// Returns a progress bar that shows itself on a terminal only.
pub(super) fn progress() -> impl FnMut(Step) {
    let bar =
        if std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{msg:>10} {bar:30} {pos}/{len}") {
        bar.set_style(style);
    }
    move |step| {
        let (name, done, all) = match step {
            Step::Indexing(done, all) => ("Indexing", done, all),
            Step::Asking(done, all) => ("Asking", done, all),
        };
        bar.set_message(name);
        bar.set_length(all as u64);
        bar.set_position(done as u64);
        if matches!(step, Step::Asking(..)) && done == all {
            bar.finish_and_clear();
        }
    }
}

/// Returns the shelf of published generations.
pub(super) fn shelf(config: &Config) -> publish::Shelf {
    publish::Shelf::new(&config.index).keeping(config.keep_generations, config.retention_days)
}

/// Opens the engine for a command, publishing first when the knowledge base has changed.
pub(super) fn engine(config: &Config) -> Result<Engine, publish::Error> {
    let shelf = shelf(config);
    let now = crate::time::Clock::System.now();
    shelf.open_fresh(&config.knowledge, now, progress(), |error| {
        note(format!("eider: {error}; the generation published before is used"));
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_named_once() {
        let full = || std::io::Error::other("No space left on device");
        let named = crate::publish::Error::Io { path: "index".into(), source: full() };
        let error = anyhow::Error::from(named).context("cannot publish");
        assert_eq!(with_causes(&error), "cannot publish: index: No space left on device");
        let unnamed = anyhow::Error::from(full()).context("cannot write");
        assert_eq!(with_causes(&unnamed), "cannot write: No space left on device");
    }
}
