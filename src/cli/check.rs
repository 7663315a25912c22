//! `eider check`: every problem of the knowledge base at once.

use clap::Args;

use super::{Outcome, print};
use crate::alarm::Watch;
use crate::config::Config;
use crate::consult::Conflicts;
use crate::knowledge::{Knowledge, Severity};
use crate::library;

/// Check the knowledge base: formats, references, dates, duplicates, sources that disagree.
///
/// Prints every problem with file, line and remedy. Exit status 1 when there are errors.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  eider check\n  eider check --json | jq '.[] | select(.severity == \"error\")'"
)]
pub(super) struct Options {
    /// Print the problems as a JSON list.
    #[arg(long)]
    json: bool,
    /// Treat warnings as errors.
    #[arg(long)]
    deny_warnings: bool,
}

pub(super) fn run(config: &Config, options: &Options) -> anyhow::Result<Outcome> {
    let (files, mut problems) = library::read(&config.knowledge)?;
    let (knowledge, found) = Knowledge::parse(&files);
    problems.extend(found);
    problems.extend(Watch::new(&files, &knowledge).1);
    let conflicts = Conflicts::find(&knowledge);
    problems.extend(conflicts.problems(&knowledge));
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if options.json {
        print::line(serde_json::to_string_pretty(&problems)?);
    } else {
        for problem in &problems {
            print::line(print::describe(problem));
        }
        let (all, acknowledged) = conflicts.counts(&knowledge);
        print::note(format!(
            "{} files: {} articles, {} drugs, {} golden questions; {all} conflicts between \
             sources, {acknowledged} of them acknowledged; {errors} errors, {} warnings",
            files.len(),
            knowledge.articles.len(),
            knowledge.drugs.len(),
            knowledge.questions.len(),
            problems.len() - errors,
        ));
    }
    let failed = errors > 0 || options.deny_warnings && !problems.is_empty();
    Ok(if failed { Outcome::Problems } else { Outcome::Done })
}
