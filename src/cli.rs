//! The command line: a file for each command.

mod answer;
mod ask;
mod batch;
mod bench;
mod chat;
mod check;
mod config;
mod eval;
mod import;
mod index;
mod print;
mod replay;
mod search;
mod serve;
mod session;
mod token;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{BusUrl, Config, DatabaseUrl};

/// Medication consultation that quotes its own knowledge base, verbatim and cited.
///
/// Without a command, `eider` serves: it builds the index when it is missing or stale, opens the
/// database in `data/`, and prints where to go.
#[derive(Debug, Parser)]
#[command(name = "eider", version, propagate_version = true, subcommand_negates_reqs = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Options of all commands.
#[derive(Debug, Clone, Args)]
struct Common {
    /// Folder of the knowledge base [default: knowledge; environment: `EIDER_KNOWLEDGE`].
    #[arg(long, global = true, value_name = "DIR")]
    knowledge: Option<PathBuf>,
    /// Folder of the published generations [default: index; environment: `EIDER_INDEX`].
    #[arg(long, global = true, value_name = "DIR")]
    index: Option<PathBuf>,
    /// PostgreSQL database to use instead of a file in the data folder
    /// [environment: `EIDER_STORE`, which other users of the machine cannot see].
    #[arg(long, global = true, value_name = "URL")]
    store: Option<DatabaseUrl>,
    /// NATS server by which nodes with one `--store` tell each other of what is new
    /// [environment: `EIDER_BUS`].
    #[arg(long, global = true, value_name = "URL")]
    bus: Option<BusUrl>,
    /// Configuration file; without this option `eider.toml` is read if it is there.
    #[arg(long, global = true, env = "EIDER_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Common {
    /// Returns the configuration in force.
    fn load(&self) -> Result<Config, crate::config::Error> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(folder) = &self.knowledge {
            config.knowledge.clone_from(folder);
        }
        if let Some(folder) = &self.index {
            config.index.clone_from(folder);
        }
        if let Some(url) = &self.store {
            config.store = Some(url.clone());
        }
        if let Some(url) = &self.bus {
            config.bus = Some(url.clone());
        }
        Ok(config)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Options),
    Ask(ask::Options),
    Chat(chat::Options),
    Check(check::Options),
    Index(index::Options),
    Eval(eval::Options),
    #[command(subcommand)]
    Import(import::Command),
    Search(search::Options),
    #[command(subcommand)]
    Session(session::Command),
    Replay(replay::Options),
    Bench(bench::Options),
    #[command(subcommand)]
    User(user::Command),
    #[command(subcommand)]
    Token(token::Command),
    #[command(subcommand)]
    Config(config::Command),
}

/// What a command found out, as an exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Done.
    Done,
    /// Done, and there are problems: status 1.
    Problems,
}

/// Runs the command line and returns the exit status: 0 done, 1 problems found, 2 usage.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let command = cli.command.unwrap_or(Command::Serve(serve::Options::default()));
    let result = cli.common.load().map_err(Into::into).and_then(|config| match command {
        Command::Serve(options) => serve::run(&config, &options),
        Command::Ask(options) => ask::run(&config, &options),
        Command::Chat(options) => chat::run(&options),
        Command::Bench(options) => bench::run(&config, &options),
        Command::Check(options) => check::run(&config, &options),
        Command::Index(options) => index::run(&config, &options),
        Command::Eval(options) => eval::run(&config, &options),
        Command::Import(command) => import::run(&config, &command),
        Command::Search(options) => search::run(&config, &options),
        Command::User(command) => user::run(&config, command),
        Command::Token(command) => token::run(&config, command),
        Command::Session(command) => session::run(&config, &command),
        Command::Replay(options) => replay::run(&config, &options),
        Command::Config(command) => config::run(&config, &command),
    });
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Problems) => ExitCode::from(1),
        Err(error) => {
            print::error(&error);
            ExitCode::from(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments_are_consistent() {
        Cli::command().debug_assert();
    }
}
