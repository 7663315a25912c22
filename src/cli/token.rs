//! `eider token`: the tokens by which other systems use the API.

use anyhow::{bail, ensure};
use clap::Subcommand;

use super::{Outcome, print};
use crate::config::Config;
use crate::desk::SCOPES;
use crate::store::Store;
use crate::time::Clock;

/// Tokens of other systems for the API (/openapi.json).
///
/// A token is shown once, when it is made; the database keeps its hash. Works beside a running
/// server or without one.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  eider token add crm --scope forms:read --scope forms:write --days 365
  eider token list
  eider token revoke 1f2e3d4c
  curl -H 'Authorization: Bearer eider_…' http://127.0.0.1:8080/v1/api/forms?state=new")]
pub(super) enum Command {
    /// Make a token.
    Add {
        /// Whose it is; the audit log says `token:NAME`.
        name: String,
        /// What it may do; may be given several times.
        #[arg(long = "scope", value_parser = SCOPES, required = true)]
        scopes: Vec<String>,
        /// After so many days it ends by itself.
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: Option<i64>,
    },
    /// List the tokens.
    List,
    /// Revoke a token for good.
    Revoke {
        /// Its id, as the list shows it.
        id: String,
    },
}

pub(super) fn run(config: &Config, command: Command) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(&config.data).await?;
        let done = carry_out(&store, command).await;
        store.close().await;
        done
    })
}

async fn carry_out(store: &Store, command: Command) -> anyhow::Result<Outcome> {
    let now = Clock::System.now();
    match command {
        Command::Add { name, scopes, days } => {
            let fits = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
            ensure!(
                !name.is_empty() && name.len() <= 40 && name.chars().all(fits),
                "{name:?} cannot be a name: use at most 40 letters, digits, dots and hyphens"
            );
            let expires = days.map(|days| now.plus_seconds(days * 86_400));
            let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
            let (id, secret) = store.add_token(&name, &scopes, expires, now).await?;
            print::line(format!("made the token {id} of \"{name}\""));
            print::line(format!("token: {secret}"));
            print::note("It is shown this once.");
        }
        Command::List => {
            let tokens = store.tokens().await?;
            if tokens.is_empty() {
                print::note("no tokens yet; see eider token add --help");
            }
            for token in tokens {
                let state = if token.holds(now) { "good" } else { "over" };
                let used =
                    token.used.map_or_else(|| "never used".to_owned(), |at| format!("used {at}"));
                let (id, name, scopes) = (token.id, token.name, token.scopes.join(","));
                print::line(format!("{id} {name:<20} {scopes:<40} {state} {used}"));
            }
        }
        Command::Revoke { id } => {
            if !store.revoke_token(&id, now).await? {
                bail!("there is no token {id} that holds; see eider token list");
            }
            print::line(format!("revoked {id}"));
        }
    }
    Ok(Outcome::Done)
}
