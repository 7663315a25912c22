//! `eider replay`: past answers, written anew and compared with the log.

use anyhow::Context as _;
use clap::Args;

use super::{Outcome, print};
use crate::config::Config;
use crate::id::SessionId;
use crate::replay::{self, Outcome as Came};
use crate::store::Store;

/// Write every answer of a session anew, from the generation that gave it, and compare it with the
/// log byte for byte.
///
/// Exit status 1 when one differs or cannot be written anew, with what differs and why. Generations
/// are kept by `keep_generations` and `retention_days`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  eider replay 2f6c…
  eider replay 2f6c… --full")]
pub(super) struct Options {
    /// The session's id.
    session: String,
    /// Print both bodies where they differ; they hold what the visitor was told.
    #[arg(long)]
    full: bool,
}

pub(super) fn run(config: &Config, options: &Options) -> anyhow::Result<Outcome> {
    let database = config.data.join("eider.db");
    anyhow::ensure!(database.exists(), "there is no database {}", database.display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(&config.data).await?;
        let id = SessionId::from(options.session.as_str());
        let session = store
            .session(&id)
            .await?
            .with_context(|| format!("there is no session {:?}", options.session))?;
        let answers = replay::replay(&store, &print::shelf(config), &session).await?;
        store.close().await;
        let mut outcome = Outcome::Done;
        for answer in &answers {
            let (seq, generation) = (answer.seq, answer.generation);
            let verdict = match &answer.outcome {
                Came::Same => "the same, byte for byte".to_owned(),
                Came::Canned => "canned words, not made from articles".to_owned(),
                Came::Impossible(why) => format!("cannot be written anew: {why}"),
                Came::Differs { fields, .. } if fields.is_empty() => {
                    "differs in its spelling only: another version of this program wrote it"
                        .to_owned()
                }
                Came::Differs { fields, .. } => format!("differs in {}", fields.join(", ")),
            };
            print::line(format!("{seq:>5}  generation {generation:>4}  {verdict}"));
            if let Came::Differs { logged, rebuilt, .. } = &answer.outcome
                && options.full
            {
                print::line(format!("       logged   {logged}\n       rebuilt  {rebuilt}"));
            }
            if matches!(answer.outcome, Came::Differs { .. } | Came::Impossible(_)) {
                outcome = Outcome::Problems;
            }
        }
        if answers.is_empty() {
            print::note("the bot has answered nothing in this session");
        }
        Ok(outcome)
    })
}
