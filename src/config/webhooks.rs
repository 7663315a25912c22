//! Where other systems want to hear of hand-offs.

use std::fmt;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize, Serializer};

/// What stands before a secret, as the text of Standard Webhooks has it.
const PREFIX: &str = "whsec_";
/// Everything that can be heard of.
pub(super) const EVENTS: [&str; 6] = [
    "session.queued",
    "session.escalated",
    "session.claimed",
    "session.left",
    "session.closed",
    "form.received",
];

/// A system that wants to hear of hand-offs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Its name in the log of deliveries.
    pub name: String,
    /// Where to post to: `https://…`; `http://…` only where private addresses are allowed.
    pub url: String,
    /// What messages are signed with: `whsec_` and 24 to 64 bytes in base64.
    pub secret: SigningKey,
    /// What it wants to hear of; everything when it is left out.
    #[serde(default = "everything")]
    pub events: Vec<String>,
    /// Whether it may be on this machine or in a private network.
    #[serde(default)]
    pub allow_private: bool,
    /// How long it may take to answer.
    #[serde(default = "usual_timeout")]
    pub timeout_seconds: u64,
}

fn everything() -> Vec<String> {
    EVENTS.map(str::to_owned).into()
}

fn usual_timeout() -> u64 {
    15
}

/// The key that messages are signed with; nobody sees it again.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct SigningKey(Vec<u8>);

impl SigningKey {
    /// Returns the bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl Serialize for SigningKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("whsec_(hidden)")
    }
}

impl From<String> for SigningKey {
    /// A key that cannot be read is empty and found when the configuration is checked: an error of
    /// the file's parser would show its line.
    fn from(text: String) -> Self {
        let key = text.strip_prefix(PREFIX).and_then(|key| BASE64.decode(key.as_bytes()).ok());
        Self(key.filter(|key| (24..=64).contains(&key.len())).unwrap_or_default())
    }
}

impl Webhook {
    /// Returns what is wrong with it, if anything is.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_name =
            !self.name.is_empty() && self.name.len() <= 40 && self.name.chars().all(letter);
        let scheme = self.url.split_once("://").map(|(scheme, _)| scheme);
        let known = |event: &String| EVENTS.contains(&event.as_str());
        if !is_name {
            Some("name it in at most 40 lower-case letters, digits and hyphens")
        } else if scheme != Some("https") && (scheme != Some("http") || !self.allow_private) {
            Some("write an https:// address; http:// only together with allow_private = true")
        } else if self.events.is_empty() || !self.events.iter().all(known) {
            Some(
                "events are session.queued, session.escalated, session.claimed, session.left, session.closed, form.received",
            )
        } else if self.secret.0.is_empty() {
            Some(
                "a secret is \"whsec_\" and 24 to 64 random bytes in base64: echo whsec_$(openssl rand -base64 32)",
            )
        } else if !(1..=60).contains(&self.timeout_seconds) {
            Some("timeout_seconds is 1 to 60")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(lines: &str) -> Result<Webhook, String> {
        let text = format!("name = 'crm'\nurl = 'https://crm.example.org/hook'\n{lines}");
        toml::from_str(&text).map_err(|fault| fault.to_string())
    }

    const SECRET: &str = "secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'";

    #[test]
    fn secrets_are_read_and_never_shown() {
        let read = webhook(SECRET).unwrap();
        assert_eq!((read.events.len(), read.timeout_seconds, read.problem()), (6, 15, None));
        let shown = format!("{}{read:?}", toml::to_string(&read).unwrap());
        assert!(shown.contains("hidden") && !shown.contains("MfKQ"), "{shown}");
        for wrong in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_AAAA", "whsec_?"] {
            let read = webhook(&format!("secret = '{wrong}'")).unwrap();
            assert!(read.problem().unwrap().contains("openssl rand"), "{read:?}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let right = webhook(SECRET).unwrap();
        let cases = [
            (Webhook { name: "CRM!".into(), ..right.clone() }, "name it"),
            (Webhook { url: "http://crm.example.org".into(), ..right.clone() }, "https"),
            (Webhook { url: "crm.example.org".into(), ..right.clone() }, "https"),
            (Webhook { url: "file:///etc".into(), allow_private: true, ..right.clone() }, "https"),
            (Webhook { events: vec!["session.opened".into()], ..right.clone() }, "events are"),
            (Webhook { timeout_seconds: 0, ..right.clone() }, "timeout_seconds"),
        ];
        for (wrong, named) in cases {
            assert!(wrong.problem().unwrap().contains(named), "{wrong:?}");
        }
        let local = Webhook { url: "http://127.0.0.1:9".into(), allow_private: true, ..right };
        assert_eq!(local.problem(), None);
    }
}
