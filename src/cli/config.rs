//! `eider config`: the configuration as it is in force.

use clap::Subcommand;

use super::{Outcome, print};
use crate::config::Config;

/// Show the configuration.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the configuration in force, as TOML: defaults, file, environment, options. What has no
    /// value stands in a comment.
    Show,
}

pub(super) fn run(config: &Config, command: &Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Show => {
            for (name, is_set) in [("store", config.store.is_some()), ("bus", config.bus.is_some())]
            {
                if !is_set {
                    print::line(format!("# {name} is not set"));
                }
            }
            print::line(toml::to_string_pretty(config)?);
            Ok(Outcome::Done)
        }
    }
}
