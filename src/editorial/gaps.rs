//! Gaps: what visitors asked and did not get. Sessions are counted by medicine and topic; what
//! fewer of them share than the configuration demands is neither counted apart nor shown.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde::Deserialize;

use super::{Editorial, Refused};
use crate::account::User;
use crate::consult::Situation;
use crate::engine::Engine;
use crate::id::DrugId;
use crate::store::Exchange;
use crate::text;
use crate::time::{Date, Timestamp};

/// Most answers that are looked at.
const MAX_EXCHANGES: i64 = 20_000;
/// Most answers that are asked anew to see how sure they are.
const MAX_WEIGHED: usize = 2_000;
/// Share of what a question demands that the best passage holds when an answer counts as sure; an
/// answer is given from one half on.
const SURE: f32 = 0.7;
/// Most questions shown of one gap.
const MAX_QUESTIONS: usize = 5;

/// The signs of a gap, in the order in which they are listed.
pub const SIGNS: [&str; 5] =
    ["not_found", "asked_back", "low_confidence", "disliked", "handed_over"];

/// A question that enough sessions asked word for word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The question.
    pub text: String,
    /// In how many sessions.
    pub sessions: usize,
}

/// A medicine and topic about which visitors did not get what they asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The medicine, if one was meant.
    pub drug: Option<String>,
    /// The topic, if one was meant.
    pub topic: Option<String>,
    /// Sessions that it concerns.
    pub sessions: usize,
    /// Sessions by sign, in the order of [`SIGNS`]; `None` for fewer than may be told, but not none.
    pub signs: [Option<usize>; 5],
    /// Questions that enough of them share.
    pub questions: Vec<Asked>,
}

/// All gaps of some days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Those that enough sessions share, the widest first.
    pub gaps: Vec<Gap>,
    /// Sessions of the others together; `None` for fewer than may be told, but not none.
    pub others: Option<usize>,
    /// Sessions that must share something.
    pub least: usize,
    /// Whether questions may be shown at all.
    pub shows_questions: bool,
}

#[derive(Deserialize)]
struct Question {
    text: String,
}

/// What of an answer tells whether it was one.
#[derive(Deserialize)]
struct Outline {
    kind: String,
    #[serde(default)]
    drugs: Vec<String>,
    #[serde(default)]
    topics: Vec<String>,
}

/// The sessions of one gap.
#[derive(Default)]
struct Group<'a> {
    all: HashSet<&'a str>,
    signs: [HashSet<&'a str>; 5],
    /// By folded text: as it was first read, and the sessions whose consent allows to show it.
    questions: BTreeMap<String, (String, BTreeSet<&'a str>)>,
}

impl Editorial {
    /// Returns the gaps of the last `days`; the look at them is remembered.
    pub async fn gaps(
        self: &Arc<Self>,
        user: &User,
        days: i64,
        served: Option<Arc<Engine>>,
        now: Timestamp,
    ) -> Result<Gaps, Refused> {
        let since = now.minus_seconds(days.clamp(1, 365) * 86_400);
        let exchanges = self.store.exchanges_since(since, MAX_EXCHANGES).await?;
        let detail = format!("{days} days");
        self.remember(user, "view", "gaps".to_owned(), detail, now).await?;
        self.apart(move |editorial| Ok(editorial.gather(&exchanges, served.as_deref(), now.date())))
            .await
    }

    fn gather(&self, exchanges: &[Exchange], served: Option<&Engine>, today: Date) -> Gaps {
        let least = self.privacy.least_sessions;
        let mut groups: BTreeMap<(Option<String>, Option<String>), Group<'_>> = BTreeMap::new();
        let mut closed = HashSet::new();
        let mut weighed = 0;
        // The newest come first: the first answer of a session is the last before a person came.
        for exchange in exchanges {
            let Ok(outline) = serde_json::from_str::<Outline>(&exchange.answer) else { continue };
            let session = exchange.session.as_str();
            let is_last = closed.insert(session);
            let asked = text_of(&exchange.question);
            let unsure = match (&asked, served) {
                (Some(asked), Some(engine)) if outline.kind == "answer" => {
                    weighed += 1;
                    weighed <= MAX_WEIGHED && is_unsure(engine, asked, &outline, today)
                }
                _ => false,
            };
            let signs = [
                outline.kind == "not_found",
                outline.kind == "clarify",
                unsure,
                exchange.rating.as_deref() == Some("down"),
                is_last && exchange.handed_over.is_some(),
            ];
            if !signs.contains(&true) {
                continue;
            }
            let place = (outline.drugs.first().cloned(), outline.topics.first().cloned());
            let group = groups.entry(place).or_default();
            group.all.insert(session);
            for (sign, sessions) in signs.iter().zip(&mut group.signs) {
                if *sign {
                    sessions.insert(session);
                }
            }
            if let Some(asked) = asked.filter(|_| self.privacy.consents.contains(&exchange.consent))
            {
                let known = group.questions.entry(text::fold(&asked));
                known.or_insert((asked, BTreeSet::new())).1.insert(session);
            }
        }
        let mut rest = HashSet::new();
        let mut gaps: Vec<Gap> = Vec::new();
        for ((drug, topic), group) in groups {
            if group.all.len() < least {
                rest.extend(group.all);
            } else {
                gaps.push(group.told(drug, topic, least));
            }
        }
        gaps.sort_by_key(|gap| std::cmp::Reverse(gap.sessions));
        let shows_questions = !self.privacy.consents.is_empty();
        Gaps { gaps, others: told(rest.len(), least), least, shows_questions }
    }
}

impl Group<'_> {
    fn told(self, drug: Option<String>, topic: Option<String>, least: usize) -> Gap {
        let enough = self.questions.into_values().filter(|(_, asked)| asked.len() >= least);
        let mut questions: Vec<Asked> =
            enough.map(|(text, asked)| Asked { text, sessions: asked.len() }).collect();
        questions.sort_by_key(|asked| std::cmp::Reverse(asked.sessions));
        questions.truncate(MAX_QUESTIONS);
        let signs = self.signs.map(|sessions| told(sessions.len(), least));
        Gap { drug, topic, sessions: self.all.len(), signs, questions }
    }
}

/// Returns a count that may be told: none, or enough.
fn told(count: usize, least: usize) -> Option<usize> {
    Some(count).filter(|count| *count == 0 || *count >= least)
}

/// Returns the text of a visitor's message.
pub(super) fn text_of(body: &str) -> Option<String> {
    serde_json::from_str::<Question>(body).ok().map(|question| question.text)
}

/// Returns whether the best passage for a question holds little of what it demands.
fn is_unsure(engine: &Engine, asked: &str, outline: &Outline, today: Date) -> bool {
    let page = outline.drugs.first().map(|drug| DrugId::from(drug.as_str()));
    let page = page.filter(|drug| engine.knowledge.drug(drug).is_some());
    let situation = Situation { page, ..Situation::default() };
    let Ok((_, why)) = engine.explain(asked, &situation, today) else { return false };
    let best = why.candidates.iter().map(|candidate| candidate.coverage).fold(0.0, f32::max);
    !why.candidates.is_empty() && best < SURE
}
