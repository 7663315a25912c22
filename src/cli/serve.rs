//! `eider serve`: everything in one process.

use anyhow::Context as _;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::{Outcome, print};
use crate::app::App;
use crate::config::{Config, Log};
use crate::engine::Engine;
use crate::knowledge::Severity;
use crate::publish;
use crate::time::Clock;

/// Serve visitors: index, database, web pages and sockets in one process. The default.
///
/// Builds the index when it is missing or stale. Stops on Ctrl-C or SIGTERM, after telling every
/// visitor's chat to come back.
#[derive(Debug, Default, Args)]
#[command(after_help = "Examples:
  eider serve
  EIDER_LISTEN=0.0.0.0:8080 EIDER_DATA=/var/lib/eider eider serve
  eider serve --config /etc/eider.toml
  EIDER_STORE=postgres://eider:…@db/eider eider serve --bus nats://nats:4222   # one of several nodes")]
pub(super) struct Options {}

pub(super) fn run(config: &Config, _options: &Options) -> anyhow::Result<Outcome> {
    start_log(&config.log)?;
    if !config.limits.rates {
        print::note(
            "eider: EIDER_LIMITS=off: rate limits are lifted. For load tests on this machine only.",
        );
    }
    let engine = prepare_index(config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let app = App::open_with(config.clone(), Clock::System, Some(engine)).await?;
        let listener = app.bind().await?;
        let address = listener.local_addr()?;
        let has_users = app.desk.store.users().await.is_ok_and(|users| !users.is_empty());
        welcome(&format!("http://{address}"), has_users);
        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
        let leave = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        };
        app.run(listener, leave).await;
        Ok(Outcome::Done)
    })
}

/// Publishes when the knowledge base has changed, and opens what is to be served. Faults of the
/// knowledge base are shown and do not stop the server: what was published before goes on being
/// served.
fn prepare_index(config: &Config) -> anyhow::Result<Engine> {
    let shelf = print::shelf(config);
    let now = Clock::System.now();
    let opened = shelf.open_fresh(&config.knowledge, now, print::progress(), |fault| {
        print::note(format!("eider: {fault}"));
        print::note("eider: serving the generation published before");
    });
    let fault = match opened {
        Ok(engine) => return Ok(engine),
        Err(fault) => fault,
    };
    if let publish::Error::Problems(problems) = &fault {
        let errors: Vec<_> = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .cloned()
            .collect();
        print::problems(&errors);
    }
    Err(fault.into())
}

fn welcome(url: &str, has_users: bool) {
    let console = if has_users {
        format!("{url}/console")
    } else {
        "make the first account: eider user add NAME --role consultant --role administrator".into()
    };
    print::note(format!(
        "eider: listening on {url}\n\n  \
         demo page   {url}/\n  \
         consultants {console}\n  \
         questions   curl -s {url}/v1/ask -H 'content-type: application/json' -d '{{\"text\":\"side effects of Besponsa\"}}'\n  \
         chat        eider chat --url {}/v1/chat\n  \
         health      {url}/readyz   {url}/metrics\n\n\
         Stop with Ctrl-C.",
        url.replacen("http", "ws", 1)
    ));
}

fn start_log(log: &Log) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(&log.level).with_context(|| format!("log level {:?}", log.level))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(print::is_coloured(&std::io::stderr()))
        .with_target(false);
    if log.json {
        lines.json().init();
    } else {
        lines.init();
    }
    Ok(())
}
