//! `eider session`: what the safety team takes out of the sessions.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Outcome, print};
use crate::config::Config;
use crate::store::{Report, Store};

/// Reports read at once.
const PAGE: i64 = 500;

/// Sessions in the database.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Export(Export),
}

/// Print the messages that were noted as reports of a side effect, one JSON object per line.
///
/// Each line has the time, the session, the message's number in it, the medicines that it or the
/// session named, the level of urgency, and the visitor's own words. It holds health data: keep it
/// where the sessions are kept. What was erased is not in it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  eider session export --adverse-events > reports.jsonl")]
pub(super) struct Export {
    /// The reports of side effects.
    #[arg(long, required = true)]
    adverse_events: bool,
}

pub(super) fn run(config: &Config, command: &Command) -> anyhow::Result<Outcome> {
    let Command::Export(Export { adverse_events: _ }) = command;
    let database = config.data.join("eider.db");
    let is_there = config.store.is_some() || database.exists();
    anyhow::ensure!(is_there, "there is no database {}", database.display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open_at(config.store_url(), &config.data).await?;
        let mut last: Option<Report> = None;
        loop {
            let page = store.adverse_events(last.as_ref(), PAGE).await?;
            for report in &page {
                print::line(line(report)?);
            }
            last = page.into_iter().next_back();
            if last.is_none() {
                break;
            }
        }
        store.close().await;
        Ok(Outcome::Done)
    })
}

fn line(report: &Report) -> anyhow::Result<Value> {
    let message: Value = serde_json::from_str(&report.message).context("a message is no JSON")?;
    let answer: Value = serde_json::from_str(&report.answer).context("an answer is no JSON")?;
    Ok(json!({
        "time": report.at.to_string(),
        "session": report.session.as_str(),
        "seq": report.seq,
        "products": answer["drugs"],
        "level": answer["triage"]["level"],
        "words": message["text"],
    }))
}
