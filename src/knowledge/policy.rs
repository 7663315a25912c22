//! The editors' policy: disclaimers, canned replies, reasons for a hand-off.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Code, Duty, Problem, toml_file};
use crate::id::{DrugId, TopicId};
use crate::text::{PerLang, PhraseSet};

/// Everything under `policy/` except the emergencies, which `triage` reads.
#[derive(Debug, Default)]
pub struct Policy {
    /// Disclaimers, in the order in which they are shown.
    pub disclaimers: Vec<Disclaimer>,
    /// Canned replies by key.
    pub replies: BTreeMap<String, Reply>,
    /// Reasons for offering a person, by id.
    pub handoff: Vec<HandoffReason>,
    /// When consultants are there, and what is said while one waits for them.
    pub duty: Duty,
    /// Conflicts between sources that editors know of.
    pub acknowledged: Vec<Acknowledged>,
    /// Findings of `eider check` that editors have silenced.
    pub silences: Vec<Silence>,
    small_talk: Option<PhraseSet<String>>,
}

/// A canned text, and when it applies; conditions that are absent always hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclaimer {
    /// Name of the disclaimer.
    pub id: String,
    /// The text.
    pub text: PerLang<String>,
    /// Kinds of answer it belongs to.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Topics it belongs to.
    #[serde(default)]
    pub topics: Vec<TopicId>,
    /// Only with a quote written for this audience.
    #[serde(default)]
    pub audience: Option<String>,
    /// Only with a quote that is overdue for review.
    #[serde(default)]
    pub stale: Option<bool>,
    /// Only with a quote that holds for other markets than the one asked about.
    #[serde(default)]
    pub other_market: Option<bool>,
    /// Only when sources disagree.
    #[serde(default)]
    pub conflict: Option<bool>,
}

/// What a disclaimer's conditions are checked against.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent conditions")]
pub struct Facts<'a> {
    /// Kind of the answer.
    pub kind: &'a str,
    /// Topics of the answer.
    pub topics: &'a [TopicId],
    /// Whether a quote is written for professionals.
    pub professional: bool,
    /// Whether a quote is overdue.
    pub stale: bool,
    /// Whether a quote holds for other markets than the one asked about.
    pub other_market: bool,
    /// Whether sources disagree.
    pub conflict: bool,
}

impl Disclaimer {
    /// Returns whether every condition holds.
    pub fn applies(&self, facts: &Facts<'_>) -> bool {
        let kind = self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == facts.kind);
        let topic =
            self.topics.is_empty() || self.topics.iter().any(|topic| facts.topics.contains(topic));
        let audience = match self.audience.as_deref() {
            None => true,
            Some("professional") => facts.professional,
            Some(_) => !facts.professional,
        };
        let stale = self.stale.is_none_or(|wanted| wanted == facts.stale);
        let market = self.other_market.is_none_or(|wanted| wanted == facts.other_market);
        let conflict = self.conflict.is_none_or(|wanted| wanted == facts.conflict);
        kind && topic && audience && stale && market && conflict
    }
}

/// A canned reply, and the phrases that ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The text.
    pub text: PerLang<String>,
    /// Messages that it answers, when they are (nearly) the whole message.
    #[serde(default)]
    pub phrases: PerLang<Vec<String>>,
}

/// A reason for offering a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandoffReason {
    /// Name of the reason.
    pub id: String,
    /// State it leads to: offered, recommended, urgent.
    pub state: String,
    /// What the visitor is told.
    pub text: PerLang<String>,
}

/// A conflict between sources that an editor has looked at and left as it is. Visitors are shown
/// it all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// The drug.
    pub drug: DrugId,
    /// The matter, as `eider check` names it.
    pub about: String,
    /// All values, in any order; with another one it is a new conflict.
    pub values: Vec<String>,
    /// Line of the entry.
    pub line: u32,
}

/// A finding that does not hold somewhere, as an editor has decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// The finding.
    pub code: Code,
    /// A file under `knowledge/`, or a folder ending in `/`.
    pub path: String,
    /// Line of the entry.
    pub line: u32,
}

impl Policy {
    /// Returns a canned reply.
    pub fn reply(&self, key: &str) -> Option<&Reply> {
        self.replies.get(key)
    }

    /// Returns the reason with this id.
    pub fn handoff_reason(&self, id: &str) -> Option<&HandoffReason> {
        self.handoff.iter().find(|reason| reason.id == id)
    }

    /// Returns the key of the canned reply that `folded` asks for: its phrases must cover the
    /// message but for a few letters.
    pub fn small_talk(&self, folded: &str) -> Option<&str> {
        let found = self.small_talk.as_ref()?.find(folded);
        let covered: usize = found.iter().map(|phrase| phrase.end - phrase.start).sum();
        let nearly_all = covered * 10 >= folded.len() * 7;
        found.first().filter(|_| nearly_all).map(|phrase| phrase.value.as_str())
    }

    pub(super) fn add_disclaimers(&mut self, path: &str, text: &str, problems: &mut Vec<Problem>) {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Disclaimers {
            #[serde(default)]
            disclaimer: Vec<Disclaimer>,
        }
        self.disclaimers = toml_file::parse::<Disclaimers>(path, text, problems)
            .map_or_else(Vec::new, |file| file.disclaimer);
    }

    pub(super) fn add_replies(&mut self, path: &str, text: &str, problems: &mut Vec<Problem>) {
        self.replies = toml_file::parse(path, text, problems).unwrap_or_default();
        let phrases = self.replies.iter().flat_map(|(key, reply)| {
            let both = reply.phrases.en.iter().chain(&reply.phrases.zh);
            both.map(|phrase| (phrase.clone(), key.clone()))
        });
        self.small_talk = Some(PhraseSet::new(phrases.collect::<Vec<_>>()));
    }

    pub(super) fn add_handoff(&mut self, path: &str, text: &str, problems: &mut Vec<Problem>) {
        #[derive(Deserialize)]
        struct Handoff {
            #[serde(default)]
            reason: Vec<HandoffReason>,
        }
        self.handoff = toml_file::parse::<Handoff>(path, text, problems)
            .map_or_else(Vec::new, |file| file.reason);
        self.duty = Duty::parse(path, text, problems);
    }

    pub(super) fn add_conflicts(&mut self, path: &str, text: &str, problems: &mut Vec<Problem>) {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Row {
            drug: DrugId,
            about: String,
            values: Vec<String>,
            reason: String,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Rows {
            #[serde(default)]
            conflict: Vec<toml::Spanned<Row>>,
        }
        let rows = toml_file::parse::<Rows>(path, text, problems);
        for row in rows.into_iter().flat_map(|file| file.conflict) {
            let line = toml_file::line_at(text, row.span().start);
            let Row { drug, about, values, reason } = row.into_inner();
            if reason.trim().is_empty() {
                problems.push(Problem::error(
                    Code::NoReason,
                    path,
                    line,
                    format!("the conflict \"{about}\" is acknowledged without a reason"),
                    "say in `reason` who decided it and why it stays",
                ));
                continue;
            }
            self.acknowledged.push(Acknowledged { drug, about, values, line });
        }
    }

    pub(super) fn add_silences(&mut self, path: &str, text: &str, problems: &mut Vec<Problem>) {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Row {
            code: String,
            path: String,
            reason: String,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Rows {
            #[serde(default)]
            silence: Vec<toml::Spanned<Row>>,
        }
        let rows = toml_file::parse::<Rows>(path, text, problems);
        for row in rows.into_iter().flat_map(|file| file.silence) {
            let line = toml_file::line_at(text, row.span().start);
            let Row { code, path: silenced, reason } = row.into_inner();
            let mut error = |message: String, hint: &str| {
                problems.push(Problem::error(Code::Silence, path, line, message, hint));
            };
            match Code::from_text(&code) {
                None => error(
                    format!("\"{code}\" is no finding of `eider check`"),
                    "write a code such as \"K602\"",
                ),
                Some(_) if reason.trim().is_empty() => error(
                    format!("{code} is silenced without a reason"),
                    "say in `reason` why it does not hold there",
                ),
                Some(code) => self.silences.push(Silence { code, path: silenced, line }),
            }
        }
    }
}
