//! `eider check`: every problem of the knowledge base at once.

mod sarif;

use clap::Args;

use super::{Outcome, print};
use crate::config::Config;
use crate::knowledge::{Code, Problem, Severity};
use crate::time::Clock;
use crate::{library, lint};

/// Check the knowledge base: formats, references, dates, duplicates, sources that disagree,
/// translations, sources of figures.
///
/// Prints every problem with file, line and remedy, or what one of them means. Exit status: 0
/// nothing fails; 1 there are errors (with --deny-warnings: or warnings), or the folder cannot be
/// read; 2 a wrong option. Notes never fail.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  eider check
  eider check drugs/opicapone
  eider check --explain K503
  eider check --json | jq '.[] | select(.severity == \"error\")'
  eider check --sarif > check.sarif")]
pub(super) struct Options {
    /// Show only what is found in these files or folders (paths under the knowledge folder, or
    /// with it in front).
    #[arg(value_name = "PATH", conflicts_with = "explain")]
    paths: Vec<String>,
    /// Print the problems as a JSON list.
    #[arg(long, conflicts_with_all = ["sarif", "explain"])]
    json: bool,
    /// Print them as SARIF 2.1.0, for code review.
    #[arg(long, conflicts_with = "explain")]
    sarif: bool,
    /// Treat warnings as errors.
    #[arg(long)]
    deny_warnings: bool,
    /// Say what a finding means, by number or name (`K503`), or list all of them (`list`).
    #[arg(long, value_name = "CODE", value_parser = explainable)]
    explain: Option<Explained>,
}

/// What `--explain` asks for.
#[derive(Debug, Clone, Copy)]
enum Explained {
    One(Code),
    List,
}

fn explainable(text: &str) -> Result<Explained, String> {
    if text == "list" {
        return Ok(Explained::List);
    }
    let unknown = || "there is no such finding; `--explain list` lists all of them".to_owned();
    Code::from_text(text).map(Explained::One).ok_or_else(unknown)
}

pub(super) fn run(config: &Config, options: &Options) -> anyhow::Result<Outcome> {
    match options.explain {
        Some(Explained::One(code)) => print::line(code.explanation()),
        Some(Explained::List) => {
            for code in Code::ALL {
                print::line(format!("{}  {}", code.id(), code.name()));
            }
        }
        None => return check(config, options),
    }
    Ok(Outcome::Done)
}

fn check(config: &Config, options: &Options) -> anyhow::Result<Outcome> {
    let (files, unread) = library::read(&config.knowledge)?;
    let mut report = lint::check(&files, unread, Clock::System.now().date());
    let wanted: Vec<String> = options.paths.iter().map(|path| inside(config, path)).collect();
    if !wanted.is_empty() {
        report.problems.retain(|problem| wanted.iter().any(|path| covers(path, &problem.path)));
    }
    let problems = &report.problems;
    let count = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if options.json {
        print::line(serde_json::to_string_pretty(problems)?);
    } else if options.sarif {
        print::line(serde_json::to_string_pretty(&sarif::log(problems, &config.knowledge))?);
    } else {
        for problem in problems {
            print::line(print::describe(problem));
        }
        let (all, acknowledged) = report.conflicts.counts(&report.knowledge);
        print::note(format!(
            "{} files: {} articles, {} drugs, {} golden questions; {all} conflicts between \
             sources, {acknowledged} of them acknowledged; {}, {}, {}, {} silenced",
            files.len(),
            report.knowledge.articles.len(),
            report.knowledge.drugs.len(),
            report.knowledge.questions.len(),
            Severity::Error.counted(errors),
            Severity::Warning.counted(warnings),
            Severity::Note.counted(count(Severity::Note)),
            report.silenced,
        ));
        if let Some(Problem { code, .. }) = problems.first() {
            print::note(format!("`eider check --explain {}` says more", code.id()));
        }
    }
    let failed = errors > 0 || options.deny_warnings && warnings > 0;
    Ok(if failed { Outcome::Problems } else { Outcome::Done })
}

/// Returns a path as it stands under the knowledge folder.
fn inside(config: &Config, path: &str) -> String {
    let below = std::path::Path::new(path).strip_prefix(&config.knowledge);
    let below = below.ok().and_then(|path| path.to_str()).unwrap_or(path);
    below.trim_start_matches("./").trim_end_matches('/').to_owned()
}

fn covers(wanted: &str, path: &str) -> bool {
    path.strip_prefix(wanted)
        .is_some_and(|rest| wanted.is_empty() || rest.is_empty() || rest.starts_with('/'))
}
