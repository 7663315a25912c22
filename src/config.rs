//! The configuration: defaults, then `eider.toml`, then `EIDER_*`, then the command line.

mod proxies;
mod urls;
mod webhooks;

pub use proxies::Network;
pub use urls::{BusUrl, DatabaseUrl};
pub use webhooks::{SigningKey, Webhook};

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Everything an operator can set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address to listen on; `EIDER_LISTEN`.
    pub listen: SocketAddr,
    /// Folder of the database; `EIDER_DATA`.
    pub data: PathBuf,
    /// URL of a PostgreSQL database that several nodes share, instead of a file in `data`:
    /// `postgres://eider:…@db.example/eider?sslmode=require`; `EIDER_STORE`, `--store`.
    pub store: Option<DatabaseUrl>,
    /// URL of a NATS server by which nodes that share a `store` tell each other at once of what is
    /// new, such as `nats://nats.example:4222`; several with commas between them. Without it they
    /// look every two seconds. `EIDER_BUS`, `--bus`.
    pub bus: Option<BusUrl>,
    /// Folder of the knowledge base; `EIDER_KNOWLEDGE`, `--knowledge`.
    pub knowledge: PathBuf,
    /// Folder of the published generations; `EIDER_INDEX`, `--index`.
    pub index: PathBuf,
    /// Days after which a session without messages is erased, and for which what answered it is
    /// kept.
    pub retention_days: u32,
    /// Generations kept whole besides the served one, to roll back to.
    pub keep_generations: usize,
    /// The sites that may show the chat in a frame; the server's own pages always may.
    pub sites: Vec<Site>,
    /// Origins from which consultants may sign in; none means the server's own.
    pub console_origins: Vec<String>,
    /// Whether consultants must have a second factor before they see the desk.
    pub second_factor_required: bool,
    /// Proxies in front, by address or network: `X-Forwarded-For` is read from these alone.
    pub trusted_proxies: Vec<Network>,
    /// What editors learn of visitors in the console.
    pub editors: Editors,
    /// Systems that want to hear of hand-offs.
    pub webhooks: Vec<Webhook>,
    /// How much is logged, and how.
    pub log: Log,
    /// Limits on visitors; `EIDER_LIMITS=off` lifts the rates, for load tests.
    pub limits: Limits,
}

/// What editors learn of visitors in the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Editors {
    /// Sessions that must share something before editors are told of it: a gap, a count, a question.
    pub least_sessions: usize,
    /// Versions of the consent text that let editors read visitors' questions, such as `["2"]`; the
    /// chat names the version that its visitor agreed to. None: counts only, no words.
    pub show_questions_of_consents: Vec<String>,
}

/// A site that embeds the chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// What the snippet calls it, in `data-site`: lower-case letters, digits and `-`.
    pub id: String,
    /// Where its pages are, exactly, such as `https://www.example.org`.
    pub origins: Vec<String>,
}

/// How much is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Levels, as `info` or `info,eider=debug`; `EIDER_LOG`.
    pub level: String,
    /// Whether lines are JSON objects.
    pub json: bool,
}

/// Limits on visitors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Whether messages and sessions are rationed at all.
    pub rates: bool,
    /// Longest message, in characters.
    pub text_chars: usize,
    /// Largest frame, in bytes.
    pub frame_bytes: usize,
    /// Messages that may be sent at once before the rate counts.
    pub burst: u32,
    /// Messages per minute.
    pub per_minute: u32,
    /// Messages per day.
    pub per_day: u32,
    /// Sessions that one address may open per hour.
    pub sessions_per_hour: u32,
    /// Questions and searches outside a session (`/v1/ask`, `/v1/search`) of one address per minute.
    pub asks_per_minute: u32,
    /// Sockets of one session.
    pub sockets_per_session: usize,
    /// Sockets of one IPv4 address (many phones share one) or one IPv6 /56.
    pub sockets_per_address: usize,
    /// Sockets of this node.
    pub sockets: usize,
    /// Seconds within which a socket must say hello.
    pub hello_seconds: u64,
    /// Seconds between pings; two unanswered ones close the socket.
    pub heartbeat_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data: "data".into(),
            store: None,
            bus: None,
            knowledge: "knowledge".into(),
            index: "index".into(),
            retention_days: 30,
            keep_generations: 3,
            sites: Vec::new(),
            console_origins: Vec::new(),
            second_factor_required: false,
            trusted_proxies: Vec::new(),
            editors: Editors::default(),
            webhooks: Vec::new(),
            log: Log::default(),
            limits: Limits::default(),
        }
    }
}

impl Default for Editors {
    fn default() -> Self {
        Self { least_sessions: 5, show_questions_of_consents: Vec::new() }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), json: false }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rates: true,
            text_chars: 4000,
            frame_bytes: 32 * 1024,
            burst: 8,
            per_minute: 30,
            per_day: 300,
            sessions_per_hour: 60,
            asks_per_minute: 60,
            sockets_per_session: 5,
            sockets_per_address: 200,
            sockets: 10_000,
            hello_seconds: 5,
            heartbeat_seconds: 20,
        }
    }
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}: {source}", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The cause, with line and column.
        source: Box<toml::de::Error>,
    },
    /// A setting has no sense.
    #[error("{name} is {value:?}: {wanted}")]
    Invalid {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it should be.
        wanted: &'static str,
    },
}

impl Config {
    /// Loads `file`, or `eider.toml` when that is there and no file is named, then the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, Error> {
        let default = Path::new("eider.toml");
        let path = file.or_else(|| default.exists().then_some(default));
        let mut config = match path {
            Some(path) => Self::read(path)?,
            None => Self::default(),
        };
        config.apply_environment(|name| std::env::var(name).ok())?;
        config.validate()?;
        Ok(config)
    }

    /// Returns the URL of the shared database, if there is one.
    pub fn store_url(&self) -> Option<&str> {
        self.store.as_ref().map(DatabaseUrl::reveal)
    }

    fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::Read { path: path.to_owned(), source })?;
        toml::from_str(&text)
            .map_err(|source| Error::Parse { path: path.to_owned(), source: Box::new(source) })
    }

    fn apply_environment(&mut self, get: impl Fn(&str) -> Option<String>) -> Result<(), Error> {
        if let Some(value) = get("EIDER_LISTEN") {
            self.listen = value.parse().map_err(|_| Error::Invalid {
                name: "EIDER_LISTEN",
                value,
                wanted: "write an address and a port, such as 127.0.0.1:8080",
            })?;
        }
        if let Some(value) = get("EIDER_LIMITS") {
            self.limits.rates = match value.as_str() {
                "off" => false,
                "on" => true,
                _ => {
                    return Err(Error::Invalid {
                        name: "EIDER_LIMITS",
                        value,
                        wanted: "write on or off",
                    });
                }
            };
        }
        let folders = [
            ("EIDER_DATA", &mut self.data),
            ("EIDER_KNOWLEDGE", &mut self.knowledge),
            ("EIDER_INDEX", &mut self.index),
        ];
        for (name, folder) in folders {
            if let Some(value) = get(name) {
                *folder = value.into();
            }
        }
        // These values may hold a password and are not repeated.
        let refused = |name| move |wanted| Error::Invalid { name, value: "…".into(), wanted };
        if let Some(value) = get("EIDER_STORE").filter(|value| !value.is_empty()) {
            self.store = Some(value.parse().map_err(refused("EIDER_STORE"))?);
        }
        if let Some(value) = get("EIDER_BUS").filter(|value| !value.is_empty()) {
            self.bus = Some(value.parse().map_err(refused("EIDER_BUS"))?);
        }
        if let Some(value) = get("EIDER_LOG") {
            self.log.level = value;
        }
        Ok(())
    }

    fn validate(&self) -> Result<(), Error> {
        let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        for (index, site) in self.sites.iter().enumerate() {
            let is_known = self.sites[..index].iter().any(|other| other.id == site.id);
            if site.id.is_empty() || !site.id.bytes().all(named) || is_known {
                return Err(Error::Invalid {
                    name: "sites.id",
                    value: site.id.clone(),
                    wanted: "give each site an id of its own, of lower-case letters, digits and -",
                });
            }
        }
        let sites = self.sites.iter().flat_map(|site| &site.origins);
        let consoles = self.console_origins.iter().map(|origin| ("console_origins", origin));
        for (name, origin) in sites.map(|origin| ("sites.origins", origin)).chain(consoles) {
            if !is_origin(origin) {
                return Err(Error::Invalid {
                    name,
                    value: origin.clone(),
                    wanted: "write an origin without a path, such as https://www.example.org",
                });
            }
        }
        for (at, webhook) in self.webhooks.iter().enumerate() {
            let same = |other: &Webhook| other.name == webhook.name;
            let doubled = self.webhooks[..at].iter().any(same).then_some("each name once");
            if let Some(wanted) = webhook.problem().or(doubled) {
                return Err(Error::Invalid {
                    name: "webhooks",
                    value: webhook.name.clone(),
                    wanted,
                });
            }
        }
        if self.editors.least_sessions < 2 {
            return Err(Error::Invalid {
                name: "editors.least_sessions",
                value: self.editors.least_sessions.to_string(),
                wanted: "write at least 2: what one visitor asked is told to nobody",
            });
        }
        if self.keep_generations == 0 {
            return Err(Error::Invalid {
                name: "keep_generations",
                value: "0".to_owned(),
                wanted: "write at least 1, so that a publication can be rolled back",
            });
        }
        if self.retention_days == 0 {
            return Err(Error::Invalid {
                name: "retention_days",
                value: "0".to_owned(),
                wanted: "write at least 1",
            });
        }
        Ok(())
    }
}

/// Whether this is an origin as browsers write it: scheme and host, nothing else.
fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let named =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    rest.is_some_and(|host| !host.is_empty() && host.bytes().all(named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_overrides_the_file() {
        let mut config: Config =
            toml::from_str("listen = '127.0.0.1:1'\nretention_days = 7").unwrap();
        let environment = |name: &str| match name {
            "EIDER_LISTEN" => Some("127.0.0.1:2".to_owned()),
            "EIDER_LIMITS" => Some("off".to_owned()),
            _ => None,
        };
        config.apply_environment(environment).unwrap();
        assert_eq!(
            (config.listen.port(), config.retention_days, config.limits.rates),
            (2, 7, false)
        );
    }

    #[test]
    fn the_file_of_compose_is_understood_with_its_examples() {
        let text = include_str!("../deploy/eider.toml");
        let examples = ["[[", "id =", "origins ="]
            .iter()
            .fold(text.to_owned(), |text, key| text.replace(&format!("# {key}"), key));
        let config: Config = toml::from_str(&examples).unwrap();
        assert_eq!((config.sites.len(), config.trusted_proxies.len()), (1, 1));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(
            toml::from_str::<Config>("lisen = '127.0.0.1:1'")
                .unwrap_err()
                .to_string()
                .contains("lisen")
        );
        let with = |id: &str, origin: &str| Config {
            sites: vec![Site { id: id.into(), origins: vec![origin.into()] }],
            ..Config::default()
        };
        assert!(with("tern", "https://www.example.org:8443").validate().is_ok());
        let wrong = with("tern", "www.example.org").validate().unwrap_err();
        assert!(wrong.to_string().contains("sites.origins"), "{wrong}");
        for origin in [
            "https://a;script-src *",
            "https://*.example.org",
            "https://a/",
            "https://A.org",
            "https://a b",
            "*",
        ] {
            assert!(with("tern", origin).validate().is_err(), "{origin}");
        }
        assert!(with("T ern", "https://a.org").validate().is_err());
        let mut doubled = with("tern", "https://a.org");
        doubled.sites.push(doubled.sites[0].clone());
        assert!(doubled.validate().is_err());
    }
}
