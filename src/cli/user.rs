//! `eider user`: the accounts of consultants, editors and administrators.

use std::io::BufRead as _;

use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};

use super::{Outcome, print};
use crate::account::{Hashed, MIN_PASSWORD, Role};
use crate::config::Config;
use crate::id;
use crate::store::{NewUser, Store};
use crate::time::Clock;

/// Accounts of consultants, editors and administrators.
///
/// Works on the database of the configuration, beside a running server or without one.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  eider user add li --name 'Li Wen' --role consultant
  eider user add admin --name 'On call' --role consultant --role administrator
  echo 'a long enough password' | eider user passwd li --password-stdin
  eider user set li --team oncology --capacity 3
  eider user second-factor li --reset
  eider user list
  eider user disable li")]
pub(super) enum Command {
    /// Make an account. A password is made up and shown once, unless one is read.
    Add {
        /// The name to sign in with: lower-case letters, digits, dots and hyphens.
        login: String,
        /// The name that visitors and colleagues see; the login when it is not given.
        #[arg(long)]
        name: Option<String>,
        /// What the account may do; may be given several times.
        #[arg(long = "role", value_enum, required = true)]
        roles: Vec<RoleName>,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List the accounts.
    List,
    /// Give an account another password, and sign it out everywhere.
    Passwd {
        /// The name to sign in with.
        login: String,
        /// Read the password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Set the teams of an account, and how many sessions it is given at once.
    Set {
        /// The name to sign in with.
        login: String,
        /// A team it is in; may be given several times, and replaces what was set before.
        #[arg(long = "team", conflicts_with = "no_team")]
        teams: Vec<String>,
        /// Take it out of every team.
        #[arg(long)]
        no_team: bool,
        /// How many sessions it is given at once.
        #[arg(long, value_parser = clap::value_parser!(i64).range(0..=1000))]
        capacity: Option<i64>,
        /// As many sessions as the policy says.
        #[arg(long, conflicts_with = "capacity")]
        usual_capacity: bool,
    },
    /// Say whether an account has a second factor, or take it away.
    SecondFactor {
        /// The name to sign in with.
        login: String,
        /// Take it away: the telephone and the recovery codes are gone. The person sets up another.
        #[arg(long)]
        reset: bool,
    },
    /// Sign an account out everywhere and let it in no more.
    Disable {
        /// The name to sign in with.
        login: String,
    },
    /// Let a disabled account in again.
    Enable {
        /// The name to sign in with.
        login: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RoleName {
    Consultant,
    Editor,
    Administrator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Consultant => Self::Consultant,
            RoleName::Editor => Self::Editor,
            RoleName::Administrator => Self::Administrator,
        }
    }
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
        Command::Add { login, name, roles, password_stdin } => {
            check_login(&login)?;
            let (password, made_up) = password(password_stdin)?;
            let roles: Vec<Role> = roles.into_iter().map(Into::into).collect();
            let name = name.unwrap_or_else(|| login.clone());
            let new =
                NewUser { login: login.clone(), name, roles, password: Hashed::new(&password)? };
            if store.add_user(new, now).await?.is_none() {
                bail!("there is an account \"{login}\" already; see eider user list");
            }
            print::line(format!("made the account \"{login}\""));
            show_password(&password, made_up);
        }
        Command::List => list(store).await?,
        Command::Passwd { login, password_stdin } => {
            let (password, made_up) = password(password_stdin)?;
            let changed = store.set_password(&login, Hashed::new(&password)?, now).await?;
            found(changed, &login)?;
            print::line(format!("changed the password of \"{login}\" and signed it out"));
            show_password(&password, made_up);
        }
        Command::Set { login, teams, no_team, capacity, usual_capacity } => {
            teams.iter().try_for_each(|team| check_team(team))?;
            let teams = (no_team || !teams.is_empty()).then_some(teams);
            let capacity = (usual_capacity || capacity.is_some()).then_some(capacity);
            if teams.is_none() && capacity.is_none() {
                bail!("nothing to set; see eider user set --help");
            }
            found(store.set_work(&login, teams, capacity, now).await?, &login)?;
            print::line(format!("changed \"{login}\""));
        }
        Command::SecondFactor { login, reset } => {
            let found = store.user_by_login(&login).await?;
            let Some((user, _)) = found else { return Err(unknown(&login)) };
            let gone = reset && store.drop_factor(&user.id, "operator", now).await?;
            let factor = store.factor(&user.id).await?.filter(|factor| factor.confirmed);
            print::line(match factor {
                _ if gone => format!("took the second factor of \"{login}\" away"),
                Some(factor) => {
                    format!("\"{login}\" has one; {} recovery codes are left", factor.recovery_left)
                }
                None => format!("\"{login}\" has no second factor"),
            });
        }
        Command::Disable { login } => {
            found(store.set_disabled(&login, true, now).await?, &login)?;
            print::line(format!("disabled \"{login}\" and signed it out"));
        }
        Command::Enable { login } => {
            found(store.set_disabled(&login, false, now).await?, &login)?;
            print::line(format!("enabled \"{login}\""));
        }
    }
    Ok(Outcome::Done)
}

async fn list(store: &Store) -> anyhow::Result<()> {
    let users = store.users().await?;
    if users.is_empty() {
        print::note("no accounts yet; see eider user add --help");
    }
    for user in users {
        let state = if user.disabled { "disabled" } else { "enabled" };
        let (login, roles) = (user.login, Role::join(&user.roles));
        let teams = user.teams.join(",");
        let capacity = user.capacity.map(|most| format!("at most {most}")).unwrap_or_default();
        let line =
            format!("{login:<20} {:<24} {roles:<32} {state:<9} {teams} {capacity}", user.name);
        print::line(line.trim_end());
    }
    Ok(())
}

/// Returns the password, and whether it was made up here.
fn password(from_input: bool) -> anyhow::Result<(String, bool)> {
    if !from_input {
        return Ok((id::random_hex::<10>(), true));
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("cannot read the password")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        bail!("no password on standard input; write one of at least {MIN_PASSWORD} characters");
    }
    Ok((password, false))
}

fn show_password(password: &str, made_up: bool) {
    if made_up {
        print::line(format!("password: {password}"));
        print::note("It is shown this once. Change it with eider user passwd.");
    }
}

fn check_login(login: &str) -> anyhow::Result<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_@".contains(c);
    if login.is_empty() || login.len() > 64 || !login.chars().all(fits) {
        bail!("{login:?} cannot be a login: use lower-case letters, digits, dots and hyphens");
    }
    Ok(())
}

fn check_team(team: &str) -> anyhow::Result<()> {
    let fits = |c: char| c.is_alphanumeric() || ".-_ ".contains(c);
    if team.trim().is_empty() || team.chars().count() > 40 || !team.chars().all(fits) {
        bail!(
            "{team:?} cannot be a team: use at most 40 letters, digits, spaces, dots and hyphens"
        );
    }
    Ok(())
}

fn found(found: bool, login: &str) -> anyhow::Result<()> {
    if found { Ok(()) } else { Err(unknown(login)) }
}

fn unknown(login: &str) -> anyhow::Error {
    anyhow::anyhow!("there is no account \"{login}\"; see eider user list")
}
