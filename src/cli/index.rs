//! `eider index`: builds a generation and makes it the one that is served.

mod watch;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;

use super::{Outcome, print};
use crate::client::Endpoint;
use crate::config::Config;
use crate::eval::{Outcome as Scored, Said};
use crate::knowledge::Question;
use crate::publish::{self, Change, Published, Shelf};
use crate::store::Store;
use crate::time::Clock;

/// How long a running server may take until it serves what was published.
const TAKEN_UP: Duration = Duration::from_secs(30);
/// Longest part of a quote that a preview shows, in characters.
const SHOWN: usize = 160;

/// Build and publish a generation of the knowledge base.
///
/// The new generation is built beside the old one, asked the golden questions, and switched to
/// atomically; running servers take it up by themselves. What has not changed is taken over from
/// the generation before.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
#[command(after_help = "Examples:
  eider index
  eider index --dry-run --recent 200
  eider index --wait http://127.0.0.1:8080
  eider index --watch
  eider index --rollback
  eider index --history")]
pub(super) struct Options {
    /// Publish again whenever a file changes, until interrupted.
    #[arg(long, conflicts_with_all = ["rollback", "dry_run", "history"])]
    watch: bool,
    /// Return to the generation before the current one.
    #[arg(long)]
    rollback: bool,
    /// Publish in spite of errors: leave out every article that has one, and those about a
    /// medicine whose drug.toml cannot be read, and accept failing golden questions. What is left
    /// out is named; of duplicates it is all but the first.
    #[arg(long, conflicts_with = "rollback")]
    force: bool,
    /// Publish nothing; show which questions would be answered otherwise, old and new.
    #[arg(long, conflicts_with_all = ["rollback", "history"])]
    dry_run: bool,
    /// With --dry-run, also ask the newest N messages of visitors. They are health data: they are
    /// shown on this terminal and stored nowhere.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "dry_run")]
    recent: i64,
    /// Wait until the server at URL serves the generation, and fail when it does not within 30 s.
    #[arg(long, value_name = "URL", conflicts_with_all = ["dry_run", "history"])]
    wait: Option<String>,
    /// Print which generation was served from when on.
    #[arg(long, conflicts_with = "rollback")]
    history: bool,
}

pub(super) fn run(config: &Config, options: &Options) -> anyhow::Result<Outcome> {
    let shelf = print::shelf(config);
    if options.history {
        for switch in shelf.history() {
            print::line(format!(
                "{}  generation {:>4}  {}",
                switch.at, switch.generation, switch.knowledge
            ));
        }
        return Ok(Outcome::Done);
    }
    if options.dry_run {
        return preview(config, options, &shelf);
    }
    if options.rollback {
        let generation = shelf.rollback(Clock::System.now())?;
        print::line(format!("generation {generation} is served again"));
        return wait(options, generation);
    }
    if options.watch {
        watch::run(config, options, &shelf);
    }
    publish(config, options, &shelf)
}

fn publish(config: &Config, options: &Options, shelf: &Shelf) -> anyhow::Result<Outcome> {
    match shelf.publish(&config.knowledge, options.force, Clock::System.now(), print::progress()) {
        Ok(done) => published(options, &done),
        Err(error) => {
            match &error {
                publish::Error::Problems(problems) => print::problems(problems),
                publish::Error::Golden(outcomes) => failures(outcomes),
                _ => return Err(error.into()),
            }
            print::note(format!("eider: {error}"));
            Ok(Outcome::Problems)
        }
    }
}

/// Says what was published, and waits for the server that is to serve it.
fn published(options: &Options, published: &Published) -> anyhow::Result<Outcome> {
    print::problems(&published.problems);
    for path in &published.left_out {
        print::note(format!("left out: {path}"));
    }
    print::line(format!(
        "generation {}: {} passages of {} articles",
        published.generation, published.passages, published.articles
    ));
    wait(options, published.generation)
}

fn failures(outcomes: &[Scored]) {
    for outcome in outcomes {
        let misses = outcome.misses.join("; ");
        print::note(format!("{}: \"{}\": {misses}", outcome.at, outcome.ask));
    }
}

/// Waits until a server, if one is named, says that it serves `generation`.
fn wait(options: &Options, generation: u64) -> anyhow::Result<Outcome> {
    let Some(url) = &options.wait else { return Ok(Outcome::Done) };
    let endpoint = Endpoint::parse(url)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let deadline = Instant::now() + TAKEN_UP;
    loop {
        let said = runtime.block_on(endpoint.generation());
        match said {
            Ok(Some(served)) if served == generation => {
                print::line(format!("{url} serves generation {generation}"));
                return Ok(Outcome::Done);
            }
            said if Instant::now() > deadline => {
                let answer = said.with_context(|| format!("{url} cannot be asked"))?;
                let served = answer.map_or("none".to_owned(), |number| number.to_string());
                print::note(format!(
                    "eider: {url} serves generation {served}, not {generation}; see its log"
                ));
                return Ok(Outcome::Problems);
            }
            _ => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// Shows what publishing would change.
fn preview(config: &Config, options: &Options, shelf: &Shelf) -> anyhow::Result<Outcome> {
    let recent = recent(config, options.recent)?;
    let now = Clock::System.now();
    let preview = shelf.preview(&config.knowledge, &recent, now, print::progress())?;
    print::problems(&preview.problems);
    for Change { ask, at, old, new } in &preview.changes {
        print::line(format!("{at}: {ask}"));
        show("old", old.as_ref(), Some(new));
        show("new", Some(new), old.as_ref());
    }
    print::line(format!(
        "{} of {} questions would be answered otherwise; {} passages of {} articles",
        preview.changes.len(),
        preview.asked,
        preview.passages,
        preview.articles
    ));
    failures(&preview.failed);
    let has_errors = preview
        .problems
        .iter()
        .any(|problem| problem.severity == crate::knowledge::Severity::Error);
    let is_refused = has_errors || !preview.failed.is_empty();
    if is_refused {
        print::note("eider: this would not be published without --force");
    }
    Ok(if is_refused { Outcome::Problems } else { Outcome::Done })
}

/// Prints one side of a change: what it says that the other side does not.
fn show(name: &str, said: Option<&Said>, other: Option<&Said>) {
    let Some(said) = said else {
        print::line(format!("  {name}  nothing is published"));
        return;
    };
    let reply = said.reply.as_deref().unwrap_or("-");
    let handoff = said.handoff.as_deref().unwrap_or("none");
    print::line(format!(
        "  {name}  {}, level {}, reply {reply}, hand-off {handoff}, {} quotes",
        said.kind,
        said.level,
        said.quotes.len()
    ));
    for (article, text) in &said.quotes {
        let is_new = other.is_none_or(|other| !other.quotes.iter().any(|(_, known)| known == text));
        if is_new {
            let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let cut: String = flat.chars().take(SHOWN).collect();
            let more = if cut.len() < flat.len() { " …" } else { "" };
            print::line(format!("       {article}: {cut}{more}"));
        }
    }
}

/// Returns the newest messages of visitors as questions.
fn recent(config: &Config, count: i64) -> anyhow::Result<Vec<Question>> {
    if count <= 0 || !config.data.join("eider.db").exists() {
        return Ok(Vec::new());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bodies = runtime.block_on(async {
        let store = Store::open(&config.data).await?;
        let bodies = store.newest_messages(count).await;
        store.close().await;
        bodies
    })?;
    let texts = bodies.iter().filter_map(|body| {
        let body: serde_json::Value = serde_json::from_str(body).ok()?;
        Some(body["text"].as_str()?.to_owned())
    });
    Ok(texts.map(Question::of_visitor).collect())
}
