//! `eider bench`: how fast this machine consults, against the bare parts in the same run.

mod corpus;
mod desk;
mod load;
mod process;
mod scale;
mod worst;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;

use super::{Outcome, print};
use crate::config::Config;
use crate::publish::Shelf;
use crate::store;
use crate::time::Clock;

/// Measure this machine: a bare WebSocket echo, a bare server that answers from tantivy alone, and
/// whole answers with the durable log, in one run.
///
/// Starts its own servers on free ports of 127.0.0.1 with data in a temporary folder, and removes
/// both. With `--store` and `--bus` the desk is measured over two nodes too, in a schema of its own
/// that is dropped in the end. Figures of different runs differ on a shared machine: compare within a run.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  eider bench
  eider bench --passages 47000 --connections 16
  eider bench --seconds 10 --idle 2000
  eider bench --scale 1000,47000,1000000
  eider bench --connections 1 --idle 0 --queue 5000
  eider bench --store postgres://postgres@127.0.0.1/test --bus nats://127.0.0.1:4222")]
pub(super) struct Options {
    /// Numbers of connections to measure with.
    #[arg(long, value_delimiter = ',', default_value = "1,16,256")]
    connections: Vec<usize>,
    /// Seconds for each measurement.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Also measure with a knowledge base grown to about this many passages.
    #[arg(long, value_name = "N")]
    passages: Option<usize>,
    /// Idle connections for the memory figure; 0 leaves it out.
    #[arg(long, default_value_t = 1000)]
    idle: usize,
    /// Sessions that wait when the console is opened; 0 leaves the desk out.
    #[arg(long, default_value_t = 5000)]
    queue: usize,
    /// Measure how checking, indexing, publishing and searching grow with about these numbers of
    /// passages, and nothing else.
    #[arg(long, value_name = "N", value_delimiter = ',')]
    scale: Vec<usize>,
    /// Measure one part of that, on the folders given.
    #[arg(long, hide = true)]
    part: Option<scale::Part>,
    /// Be a server to compare with, which answers every frame with so many bytes.
    #[arg(long, hide = true, value_name = "BYTES")]
    bare_server: Option<usize>,
    /// Let that server answer from the passages.
    #[arg(long, hide = true)]
    searching: bool,
}

/// Questions of the load, as visitors ask them.
const QUESTIONS: [&str; 8] = [
    "What are the side effects of Besponsa?",
    "How is opicapone taken, with food or without?",
    "Can I breastfeed while I am on Bavencio?",
    "What is capmatinib used for?",
    "奥加伊妥珠单抗的副作用有哪些？",
    "Vabysmo eye pain after the injection",
    "Emflaza tablets and grapefruit",
    "How is Tibsovo stored?",
];

pub(super) fn run(config: &Config, options: &Options) -> anyhow::Result<Outcome> {
    if let Some(part) = options.part {
        scale::measure(config, part)?;
        return Ok(Outcome::Done);
    }
    if !options.scale.is_empty() {
        scale::run(config, &options.scale)?;
        return Ok(Outcome::Done);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let Some(bytes) = options.bare_server {
        let index = options.searching.then_some(config.index.as_path());
        runtime.block_on(process::bare_server(bytes, index))?;
        return Ok(Outcome::Done);
    }
    if cfg!(debug_assertions) {
        print::note("eider: this is a debug build; its figures mean little");
    }
    let scratch = process::Scratch::new()?;
    let own = scratch.path().join("index");
    let small = prepare(&config.knowledge, &own)?;
    print::line(format!("{} processors; {small} passages", std::thread::available_parallelism()?));
    runtime.block_on(measure(config, &config.knowledge, &own, &scratch, options))?;
    if let Some(passages) = options.passages {
        let (knowledge, index) = (scratch.path().join("knowledge"), scratch.path().join("large"));
        corpus::grow(&config.knowledge, &knowledge, passages.div_ceil(small.max(1)))?;
        let large = prepare(&knowledge, &index)?;
        print::line(format!("\n{large} passages"));
        runtime.block_on(measure(config, &knowledge, &index, &scratch, options))?;
    }
    Ok(Outcome::Done)
}

/// Publishes a knowledge base for the measurement; returns its number of passages.
fn prepare(knowledge: &Path, index: &Path) -> anyhow::Result<usize> {
    let published =
        Shelf::new(index).publish(knowledge, true, Clock::System.now(), print::progress())?;
    Ok(published.passages)
}

async fn measure(
    config: &Config,
    knowledge: &Path,
    index: &Path,
    scratch: &process::Scratch,
    options: &Options,
) -> anyhow::Result<()> {
    let bytes = engine_alone(index)?;
    let time = Duration::from_secs(options.seconds.max(1));
    print::line("                        per second       p50       p99   server CPU");
    for (name, searched) in
        [(format!("echo {bytes} B"), None), ("bare tantivy".to_owned(), Some(index))]
    {
        for &connections in &options.connections {
            let bare = process::Server::bare(bytes, searched).await?;
            let figures = load::run(&bare, load::Kind::Bare, connections, time).await?;
            print::line(row(&name, connections, &figures));
        }
    }
    for (at, &connections) in options.connections.iter().enumerate() {
        let data = scratch.path().join(format!("data-{at}-{}", crate::id::random_hex::<4>()));
        let eider = process::Server::eider(knowledge, index, &data, None).await?;
        let figures = load::run(&eider, load::Kind::Consult, connections, time).await?;
        print::line(row("answer, durable", connections, &figures));
    }
    if options.idle > 0 {
        let data = scratch.path().join(format!("data-idle-{}", crate::id::random_hex::<4>()));
        let eider = process::Server::eider(knowledge, index, &data, None).await?;
        let idle = load::idle(&eider, options.idle).await?;
        let each = idle.each.map_or_else(
            || "too few to be measured (try --idle 1000)".to_owned(),
            |each| format!("{:.1} KiB of memory each", each / 1024.0),
        );
        print::line(format!(
            "idle visitor            {each}; {:.0} MiB in all, with {}",
            idle.whole / (1024.0 * 1024.0),
            options.idle
        ));
    }
    if options.queue > 0 {
        measure_desk(knowledge, index, scratch, None, options).await?;
        if let Some(url) = config.store_url() {
            let bus = config.bus.as_ref().map(|bus| bus.reveal().to_owned());
            let shared = process::Shared { store: store::Scratch::make(url).await?, bus };
            let measured = measure_desk(knowledge, index, scratch, Some(&shared), options).await;
            shared.store.drop().await?;
            measured?;
        }
    }
    Ok(())
}

/// Measures the desk: a consultant's words to the visitor's screen, and a long queue.
async fn measure_desk(
    knowledge: &Path,
    index: &Path,
    scratch: &process::Scratch,
    shared: Option<&process::Shared>,
    options: &Options,
) -> anyhow::Result<()> {
    let time = Duration::from_secs(options.seconds.max(1));
    let data = scratch.path().join(format!("desk-{}", crate::id::random_hex::<4>()));
    let start = || process::Server::eider(knowledge, index, &data, shared);
    let eider = start().await?;
    let other = if shared.is_some() { Some(start().await?) } else { None };
    let consultant = other.as_ref().unwrap_or(&eider);
    let site = desk::Site { visitors: &eider, consultant, data: &data, shared };
    let times = desk::messages(&site, time).await?;
    let at = |share: usize| millis(times[(times.len() * share / 100).min(times.len() - 1)]);
    anyhow::ensure!(!times.is_empty(), "no consultant's message arrived");
    let nodes = match shared.map(|shared| &shared.bus) {
        None => "",
        Some(None) => ", two nodes without a bus",
        Some(Some(_)) => ", two nodes with a bus",
    };
    print::line(format!(
        "consultant to visitor, durable, 200 a second{nodes}: p50 {}, p99 {} ({} messages)",
        at(50),
        at(99),
        times.len()
    ));
    let took = desk::queue(&site, options.queue).await?;
    print::line(format!(
        "the console opens before {} who wait{nodes} in {}",
        options.queue,
        millis(took)
    ));
    Ok(())
}

/// Measures the index and the engine in this process, on one thread; returns the mean size of an
/// answer in bytes.
fn engine_alone(index: &Path) -> anyhow::Result<usize> {
    let engine = Shelf::new(index).open()?;
    let today = Clock::System.now().date();
    let situation = crate::consult::Situation::default();
    let mut bytes = 0;
    for question in QUESTIONS {
        let answer = engine.ask(question, &situation, today)?;
        let body =
            crate::protocol::answer("bench".to_owned(), &answer, question, &engine.knowledge, 1)?;
        bytes += serde_json::to_string(&body)?.len();
    }
    let bare = micros_each(|question| engine.probe(question, 10).map(|_| ()).map_err(Into::into))?;
    let whole = micros_each(|question| {
        let answer = engine.ask(question, &situation, today)?;
        let body =
            crate::protocol::answer("bench".to_owned(), &answer, question, &engine.knowledge, 1)?;
        std::hint::black_box(serde_json::to_string(&body)?);
        Ok(())
    })?;
    print::line(format!("bare tantivy query      {bare:8.1} µs"));
    print::line(format!(
        "understand, find, compose, verify, write  {whole:.1} µs ({:.1} × bare)",
        whole / bare
    ));
    let (half, most) = worst::run(&engine, today)?;
    print::line(format!(
        "odd messages of 4,000 characters  p50 {}, p99 {}",
        millis(half),
        millis(most)
    ));
    Ok(bytes / QUESTIONS.len())
}

/// Returns the mean time of one call in microseconds, over half a second after a warm-up.
fn micros_each(mut work: impl FnMut(&str) -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let mut calls = 0_u32;
    for question in QUESTIONS.iter().cycle().take(200) {
        work(question)?;
    }
    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(500) {
        for question in QUESTIONS {
            work(question)?;
            calls += 1;
        }
    }
    Ok(started.elapsed().as_secs_f64() * 1e6 / f64::from(calls))
}

fn row(name: &str, connections: usize, figures: &load::Figures) -> String {
    format!(
        "{name:16} ×{connections:<5} {:11.0} {:>9} {:>9} {:9.0} µs",
        figures.per_second,
        millis(figures.p50),
        millis(figures.p99),
        figures.server_cpu_micros
    )
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// Returns the path of this program, to start servers from.
fn own_program() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("cannot find this program's own file")
}
