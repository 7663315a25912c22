//! How the parts grow with the knowledge base: each in a process of its own, so that its time and
//! its largest memory are its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::ValueEnum;

use super::{QUESTIONS, corpus, millis, own_program, print, process};
use crate::config::Config;
use crate::consult::Situation;
use crate::engine::Engine;
use crate::knowledge::Knowledge;
use crate::publish::Shelf;
use crate::search::{self, Index, write_bare};
use crate::time::Clock;
use crate::{library, lint};

/// How often each question is asked.
const TIMES: usize = 25;
/// An article that every grown knowledge base has, to edit.
const EDITED: &str = "drugs/opicapone/storage.md";

/// What is measured.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Part {
    /// Everything `eider check` does.
    Check,
    /// A bare tantivy writer of the same documents.
    Bare,
    /// Our index of them.
    Index,
    /// A whole publication: read, parse, index, seal, open, ask.
    Publish,
    /// The publication of one edited article.
    Edit,
    /// Opening a generation at the start of a server: verify, parse, open.
    Open,
    /// An edited article goes live: another process publishes it, a server that serves the
    /// generation before takes it up.
    Live,
    /// Searches and answers.
    Search,
}

/// Measures all parts with about `sizes` passages.
pub(super) fn run(config: &Config, sizes: &[usize]) -> anyhow::Result<()> {
    let (files, _) = library::read(&config.knowledge)?;
    let (knowledge, _) = Knowledge::parse(&files);
    let all = search::quotable_passages(&knowledge);
    // Only what is about medicines is copied.
    let grows = all.iter().filter(|place| place.get(&knowledge).0.drug.is_some()).count();
    let stays = all.len() - grows;
    for size in sizes {
        let scratch = process::Scratch::new()?;
        let (folder, index) = (scratch.path().join("knowledge"), scratch.path().join("index"));
        let copies = size.saturating_sub(stays).div_ceil(grows.max(1));
        corpus::grow(&config.knowledge, &folder, copies.max(1))?;
        print::line(format!("about {size} passages"));
        for part in Part::value_variants() {
            let name = part.to_possible_value().context("every part has a name")?;
            let output = Command::new(own_program()?)
                .args(["bench", "--part", name.get_name()])
                .env("EIDER_KNOWLEDGE", &folder)
                .env("EIDER_INDEX", &index)
                .output()?;
            let said = String::from_utf8_lossy(&output.stdout);
            anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            print::line(format!("  {:8} {}", name.get_name(), said.trim()));
        }
    }
    Ok(())
}

/// Measures one part in this process, and prints its figures on one line.
pub(super) fn measure(config: &Config, part: Part) -> anyhow::Result<()> {
    let shelf = Shelf::new(&config.index);
    let said = match part {
        Part::Check => {
            let started = Instant::now();
            let (files, unread) = library::read(&config.knowledge)?;
            let report = lint::check(&files, unread, Clock::System.now().date());
            format!("{}, {} findings", seconds(started), report.problems.len())
        }
        Part::Bare | Part::Index => {
            let (files, _) = library::read(&config.knowledge)?;
            let (knowledge, _) = Knowledge::parse_owned(files);
            let folder = scratch(config)?;
            let started = Instant::now();
            if matches!(part, Part::Bare) {
                write_bare(&folder, &knowledge)?;
            } else {
                Index::build(&folder, &knowledge, |_| {})?;
            }
            let took = seconds(started);
            std::fs::remove_dir_all(&folder)?;
            took
        }
        Part::Publish => published(config, &shelf)?,
        Part::Edit => {
            edit(config)?;
            published(config, &shelf)?
        }
        Part::Open => {
            let started = Instant::now();
            let engine = shelf.open()?;
            format!("{}, {} passages", seconds(started), engine.passages())
        }
        Part::Live => live(config, &shelf)?,
        Part::Search => {
            let engine = shelf.open()?;
            let today = Clock::System.now().date();
            let (found, slow) = times(|text| {
                engine.find(text, None, 10)?;
                Ok(())
            })?;
            let (answered, slowest) = times(|text| {
                engine.ask(text, &Situation::default(), today)?;
                Ok(())
            })?;
            format!(
                "search p50 {}, p99 {}, {} of the best 10 found; answer p50 {}, p99 {}",
                millis(found),
                millis(slow),
                agreement(&engine)?,
                millis(answered),
                millis(slowest)
            )
        }
    };
    print::line(format!("{said}; at most {} MiB of memory", process::peak_memory() >> 20));
    Ok(())
}

/// Returns how many of the best ten passages for each question a search finds that does not read
/// all: those that score as much as the ones that reading all finds.
fn agreement(engine: &Engine) -> anyhow::Result<String> {
    let mut same = 0;
    for question in QUESTIONS {
        let scores = |limit| -> anyhow::Result<Vec<f32>> {
            let hits = engine.find(question, None, limit)?;
            Ok(hits.iter().take(10).map(|hit| hit.score).collect())
        };
        let pairs = scores(10)?.into_iter().zip(scores(engine.passages())?);
        same += pairs.filter(|(found, best)| (found - best).abs() < 0.001).count();
    }
    Ok(format!("{same}/{}", QUESTIONS.len() * 10))
}

fn edit(config: &Config) -> anyhow::Result<()> {
    let path = config.knowledge.join(EDITED);
    let text = std::fs::read_to_string(&path)?;
    Ok(std::fs::write(&path, format!("{text}\nOne sentence was added.\n"))?)
}

fn live(config: &Config, shelf: &Shelf) -> anyhow::Result<String> {
    let serving = shelf.open()?;
    serving.compare_articles(|| true);
    edit(config)?;
    let started = Instant::now();
    let output = Command::new(own_program()?).args(["index", "--force"]).output()?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let published = seconds(started);
    let taken_up = Instant::now();
    let engine = shelf.open_after(Some(&serving))?;
    anyhow::ensure!(engine.generation > serving.generation, "nothing was published");
    Ok(format!("{}: published in {published}, taken up in {}", seconds(started), seconds(taken_up)))
}

fn published(config: &Config, shelf: &Shelf) -> anyhow::Result<String> {
    let started = Instant::now();
    let done = shelf.publish(&config.knowledge, true, Clock::System.now(), |_| {})?;
    Ok(format!("{}, {} passages", seconds(started), done.passages))
}

fn scratch(config: &Config) -> anyhow::Result<PathBuf> {
    let folder: &Path = config.index.parent().unwrap_or(Path::new("."));
    let folder = folder.join(format!("bare-{}", crate::id::random_hex::<4>()));
    std::fs::create_dir(&folder)?;
    Ok(folder)
}

fn seconds(started: Instant) -> String {
    format!("{:.2} s", started.elapsed().as_secs_f64())
}

/// Returns the median and the 99th percentile of the time that one question takes.
fn times(work: impl Fn(&str) -> anyhow::Result<()>) -> anyhow::Result<(Duration, Duration)> {
    let mut times = Vec::new();
    for round in 0..=TIMES {
        for question in QUESTIONS {
            let started = Instant::now();
            work(question)?;
            // The first round warms up.
            times.extend((round > 0).then(|| started.elapsed()));
        }
    }
    times.sort_unstable();
    Ok((times[times.len() / 2], times[times.len() * 99 / 100]))
}
