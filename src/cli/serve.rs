//! `eider serve`: everything in one process.

use clap::Args;

use super::Outcome;
use crate::config::Config;

/// Serve visitors: index, database, web pages and sockets in one process. The default.
#[derive(Debug, Default, Args)]
pub(super) struct Options {}

pub(super) fn run(_config: Config, _options: &Options) -> anyhow::Result<Outcome> {
    anyhow::bail!("not yet")
}
