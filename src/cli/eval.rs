//! `eider eval`: the golden questions, as a table.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::{Outcome, print};
use crate::alarm::Watch;
use crate::config::Config;
use crate::eval::{self, Outcome as Scored};
use crate::knowledge::{File, Knowledge, Question};
use crate::library;
use crate::time::Clock;
use crate::triage::eval::{Case, Miss, Report, parse_cases};

/// Ask the golden questions and compare the answers with what editors expect.
///
/// Exit status 1 when a question marked `must` fails.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
#[command(after_help = "Examples:
  eider eval
  eider eval knowledge/questions/opicapone.toml
  eider eval --triage --misses
  eider eval --triage --train > opinion.toml; mv opinion.toml knowledge/policy/red-flags/
  eider eval --json > before.json; eider eval --baseline before.json")]
pub(super) struct Options {
    /// Files of golden questions; without any, those of the published generation.
    files: Vec<PathBuf>,
    /// Print the outcomes as a JSON list.
    #[arg(long)]
    json: bool,
    /// Show what changed since an earlier run, printed by --json.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Judge messages for emergencies instead: FILEs of cases, or those in tests/cases/triage.
    #[arg(long, conflicts_with_all = ["json", "baseline", "all"])]
    triage: bool,
    /// Train the second opinion on FILEs of cases, or tests/cases/triage/tune.toml, and print it.
    #[arg(long, requires = "triage")]
    train: bool,
    /// Name the messages that were judged too low, or too high, with their levels.
    #[arg(long, requires = "triage", conflicts_with = "train")]
    misses: bool,
    /// Show the questions that passed, too.
    #[arg(long)]
    all: bool,
}

pub(super) fn run(config: &Config, options: &Options) -> anyhow::Result<Outcome> {
    if options.triage {
        return triage(config, options);
    }
    let engine = print::engine(config)?;
    let own = questions(options)?;
    let questions = if options.files.is_empty() { &engine.knowledge.questions } else { &own };
    let mut progress = print::progress();
    let today = Clock::System.now().date();
    let outcomes = eval::run(&engine, questions, today, |done| {
        progress(crate::publish::Step::Asking(done, questions.len()));
    })?;
    if options.json {
        print::line(serde_json::to_string_pretty(&outcomes)?);
    } else {
        table(&outcomes, options.all);
    }
    if let Some(file) = &options.baseline {
        compare(&outcomes, file)?;
    }
    let blocked = outcomes.iter().any(|outcome| outcome.must && !outcome.passed());
    Ok(if blocked { Outcome::Problems } else { Outcome::Done })
}

/// Prints how well the emergency policy judges cases, with exact 95 % intervals.
fn triage(config: &Config, options: &Options) -> anyhow::Result<Outcome> {
    let (files, _) = library::read(&config.knowledge)?;
    let (knowledge, _) = Knowledge::parse(&files);
    let (watch, problems) = Watch::new(&files, &knowledge);
    print::problems(&problems);
    let own = ["tests/cases/triage/tune.toml", "tests/cases/triage/test.toml"].map(PathBuf::from);
    let own = if options.train { &own[..1] } else { &own[..] };
    let files = if options.files.is_empty() { own } else { &options.files };
    if options.train {
        let cases: Result<Vec<_>, _> = files.iter().map(cases).collect();
        print::line(watch.train(&cases?.concat()).trim_end());
        return Ok(Outcome::Done);
    }
    for file in files {
        let cases = cases(file)?;
        let report = watch.evaluate(&cases);
        print::line(format!("{}\n{report}", file.display()));
        if options.misses {
            misses(&report, &cases);
        }
    }
    Ok(Outcome::Done)
}

fn misses(report: &Report, cases: &[Case]) {
    print::line("\nexpected    level  message, rules");
    for Miss { id, level, rules } in &report.misses {
        let Some(case) = cases.iter().find(|case| case.id == *id) else { continue };
        let (expect, text) = (case.expect.name(), case.messages().join(" || "));
        print::line(format!("{expect:<12}{level:>5}  {id}  {text}  [{}]", rules.join(" ")));
    }
}

fn cases(file: &PathBuf) -> anyhow::Result<Vec<Case>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    parse_cases(&text).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))
}

/// Reads the questions of the files named on the command line.
fn questions(options: &Options) -> anyhow::Result<Vec<Question>> {
    let mut files = Vec::new();
    for path in &options.files {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files.push(File { path: format!("questions/{name}"), text });
    }
    let (knowledge, problems) = Knowledge::parse(&files);
    let unreadable: Vec<_> = problems
        .into_iter()
        .filter(|p| p.path.starts_with("questions/") && !p.message.starts_with("unknown"))
        .collect();
    print::problems(&unreadable);
    anyhow::ensure!(unreadable.is_empty(), "the questions cannot be read");
    Ok(knowledge.questions)
}

fn table(outcomes: &[Scored], all: bool) {
    let mut by_file: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for outcome in outcomes {
        let file = outcome.at.rsplit_once(':').map_or(outcome.at.as_str(), |(file, _)| file);
        let (passed, asked) = by_file.entry(file).or_default();
        *passed += usize::from(outcome.passed());
        *asked += 1;
        if all || !outcome.passed() {
            let mark = match (outcome.passed(), outcome.must) {
                (true, _) => "ok  ",
                (false, true) => "MUST",
                (false, false) => "miss",
            };
            let rank = outcome.rank.map_or("-".to_owned(), |rank| rank.to_string());
            print::line(format!("{mark} {rank:>2}  {}  {}", outcome.at, outcome.ask));
            for miss in &outcome.misses {
                print::line(format!("           {miss}"));
            }
        }
    }
    print::line("\npassed  asked  file");
    for (file, (passed, asked)) in &by_file {
        print::line(format!("{passed:6} {asked:6}  {file}"));
    }
    let passed = outcomes.iter().filter(|outcome| outcome.passed()).count();
    let must: Vec<&Scored> = outcomes.iter().filter(|outcome| outcome.must).collect();
    let must_passed = must.iter().filter(|outcome| outcome.passed()).count();
    print::line(format!(
        "{passed:6} {:6}  all; of those marked must: {must_passed} of {}",
        outcomes.len(),
        must.len()
    ));
}

fn compare(outcomes: &[Scored], file: &PathBuf) -> anyhow::Result<()> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let before: Vec<serde_json::Value> =
        serde_json::from_str(&text).context("the baseline is not printed by eval --json")?;
    let passed_before: BTreeMap<&str, bool> = before
        .iter()
        .filter_map(|outcome| {
            Some((outcome["ask"].as_str()?, outcome["misses"].as_array()?.is_empty()))
        })
        .collect();
    print::line("\nchanged since the baseline:");
    for outcome in outcomes {
        match passed_before.get(outcome.ask.as_str()) {
            Some(true) if !outcome.passed() => {
                print::line(format!("  worse   {}  {}", outcome.at, outcome.ask));
            }
            Some(false) if outcome.passed() => {
                print::line(format!("  better  {}  {}", outcome.at, outcome.ask));
            }
            None => print::line(format!("  new     {}  {}", outcome.at, outcome.ask)),
            _ => {}
        }
    }
    Ok(())
}
