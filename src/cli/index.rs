//! `eider index`: builds a generation and makes it the one that is served.

use std::time::Duration;

use clap::Args;

use super::{Outcome, print};
use crate::config::Config;
use crate::library;
use crate::publish::{self, Shelf};
use crate::time::Clock;

/// Build and publish a generation of the knowledge base.
///
/// The new generation is built beside the old one, asked the golden questions, and switched to
/// atomically; running servers take it up by themselves.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  eider index\n  eider index --watch\n  eider index --rollback")]
pub(super) struct Options {
    /// Publish again whenever a file changes, until interrupted.
    #[arg(long, conflicts_with = "rollback")]
    watch: bool,
    /// Return to the generation before the current one.
    #[arg(long)]
    rollback: bool,
    /// Leave faulty files out and accept failing golden questions.
    #[arg(long, conflicts_with = "rollback")]
    force: bool,
}

pub(super) fn run(config: &Config, options: &Options) -> anyhow::Result<Outcome> {
    let shelf = Shelf::new(&config.index);
    if options.rollback {
        print::line(format!("generation {} is served again", shelf.rollback()?));
        return Ok(Outcome::Done);
    }
    let outcome = publish(config, options, &shelf)?;
    if options.watch {
        watch(config, options, &shelf);
    }
    Ok(outcome)
}

fn publish(config: &Config, options: &Options, shelf: &Shelf) -> anyhow::Result<Outcome> {
    match shelf.publish(&config.knowledge, options.force, Clock::System.now(), print::progress()) {
        Ok(published) => {
            print::problems(&published.problems);
            print::line(format!(
                "generation {}: {} passages of {} articles",
                published.generation, published.passages, published.articles
            ));
            Ok(Outcome::Done)
        }
        Err(error) => {
            match &error {
                publish::Error::Problems(problems) => print::problems(problems),
                publish::Error::Golden(outcomes) => {
                    for outcome in outcomes {
                        print::note(format!(
                            "{}: \"{}\": {}",
                            outcome.at,
                            outcome.ask,
                            outcome.misses.join("; ")
                        ));
                    }
                }
                _ => return Err(error.into()),
            }
            print::note(format!("eider: {error}"));
            Ok(Outcome::Problems)
        }
    }
}

/// Publishes after every change; a change that does not publish is reported and waited out.
fn watch(config: &Config, options: &Options, shelf: &Shelf) {
    print::note(format!("watching {}; interrupt with Ctrl-C", config.knowledge.display()));
    let mut published = library::mark(&config.knowledge);
    loop {
        std::thread::sleep(Duration::from_millis(300));
        let mark = library::mark(&config.knowledge);
        // Editors write in several steps: publish once the folder has been quiet for a moment.
        let quiet = mark == {
            std::thread::sleep(Duration::from_millis(200));
            library::mark(&config.knowledge)
        };
        if mark != published && quiet {
            if let Err(error) = publish(config, options, shelf) {
                print::error(&error);
            }
            published = mark;
        }
    }
}
