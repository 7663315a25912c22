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
    eprintln!("eider: {error:#}");
}

/// Prints problems, one after the other, as `path:line: error: …`.
pub(super) fn problems(problems: &[Problem]) {
    for problem in problems {
        note(describe(problem));
    }
}

/// Returns a problem in words, with its remedy on a line of its own.
pub(super) fn describe(problem: &Problem) -> String {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = if problem.line == 0 {
        problem.path.clone()
    } else {
        format!("{}:{}", problem.path, problem.line)
    };
    format!("{place}: {severity}: {}\n    help: {}", problem.message, problem.hint)
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
    let coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    match (word.change, coloured) {
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
