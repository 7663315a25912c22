//! What a message asks: language, medicines, topics, and the words that are left.

use std::collections::VecDeque;
use std::ops::Range;

use super::concepts::{Concept, Need, Recognised, Synonyms, concepts};
use super::market::Markets;
use super::names::{Names, Suspect};
use super::population::{self, Groups, Population};
use super::spelling::Spelling;
use super::story::Asking;
use super::{Answer, Kind};
use crate::alarm::Heard;
use crate::id::{DrugId, TopicId};
use crate::knowledge::{Knowledge, Mention, Naming};
use crate::text::{self, Lang, PhraseSet, Stemmed};

/// What is known before the message is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Situation {
    /// Language to answer in when the message does not tell.
    pub lang: Option<Lang>,
    /// Drug of the page that the visitor is on.
    pub page: Option<DrugId>,
    /// Drugs that the session's last answer was about.
    pub drugs: Vec<DrugId>,
    /// Topics that the session's last answer was about.
    pub topics: Vec<TopicId>,
    /// The visitor's market, such as `US`.
    pub region: Option<String>,
    /// What the visitor wrote in the last ten minutes, oldest first, without this message.
    pub recent: VecDeque<Heard>,
    /// How many of the last questions in a row were not answered.
    pub failures: usize,
}

impl Situation {
    /// Takes over what `answer` was about, for the next message of the session.
    pub fn follow(&mut self, answer: &Answer) {
        if !answer.drugs.is_empty() {
            self.drugs.clone_from(&answer.drugs);
        }
        if !answer.topics.is_empty() {
            self.topics.clone_from(&answer.topics);
        }
        self.lang = Some(answer.lang);
        self.failures = failures_after(self.failures, answer.kind);
    }
}

/// Returns how many questions in a row were not answered, after one more answer.
pub fn failures_after(before: usize, kind: Kind) -> usize {
    match kind.answered() {
        Some(true) => 0,
        Some(false) => before + 1,
        None => before,
    }
}

/// What a message asks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Understanding {
    /// Language to answer in.
    pub lang: Lang,
    /// The message, folded, without typing errors in everyday words.
    pub folded: String,
    /// Drugs it is about.
    pub drugs: Vec<DrugId>,
    /// Whether those were taken from the session or the page.
    pub assumed: bool,
    /// Names of medicines outside the knowledge base, folded.
    pub others: Vec<String>,
    /// A misspelt name.
    pub suspect: Option<Suspect>,
    /// Topics it names, or takes over from the session when it names nothing at all.
    pub topics: Vec<TopicId>,
    /// Topics of the session that it may still be about.
    pub earlier: Vec<TopicId>,
    /// Groups of people it is about.
    pub population: Vec<Population>,
    /// Markets it names, or else the visitor's own.
    pub markets: Markets,
    /// Key of the canned reply it asks for.
    pub small_talk: Option<String>,
    /// Its matters, needed and others.
    pub concepts: Vec<Concept>,
}

/// Everything compiled that understanding needs besides the knowledge base.
#[derive(Debug)]
pub struct Asked {
    names: Names,
    fillers: PhraseSet<()>,
    synonyms: Synonyms,
    groups: Groups,
    spelling: Spelling,
}

impl Asked {
    /// Compiles names, fillers, synonyms and spellings.
    pub fn new(knowledge: &Knowledge) -> Self {
        let fillers = &knowledge.lexicon.fillers;
        let filler_words = fillers.en.iter().chain(&fillers.zh).map(|phrase| (phrase, ()));
        Self {
            names: Names::new(knowledge),
            fillers: PhraseSet::tolerant(filler_words),
            synonyms: Synonyms::new(&knowledge.lexicon),
            groups: Groups::new(),
            spelling: Spelling::new(knowledge),
        }
    }

    /// Returns the places of everyday words in a folded text.
    pub fn everyday(&self, folded: &str) -> Vec<Range<usize>> {
        self.fillers.find(folded).iter().map(|found| found.start..found.end).collect()
    }
}

impl Understanding {
    /// Returns whether a topic of the message needs a drug to be known.
    pub fn is_clinical(&self, knowledge: &Knowledge) -> bool {
        self.topics.iter().filter_map(|id| knowledge.lexicon.topic(id)).any(|topic| topic.clinical)
    }

    /// Returns whether the message asks about two of our medicines together.
    pub fn is_pair(&self) -> bool {
        self.drugs.len() > 1 && self.topics.contains(&interactions())
    }

    /// Returns whether a visitor asks about changing the own treatment: stopping, doubling, more.
    pub fn is_about_changing(&self) -> bool {
        let changes = ["dose-adjustment", "overdose"];
        let on_change = self.topics.iter().any(|topic| changes.contains(&topic.as_str()));
        let own = ["i", "we", "my", "our", "me"];
        let personal = self.folded.split(' ').any(|word| own.contains(&word));
        on_change && (personal || self.folded.contains('我') || self.folded.contains("可以停"))
    }

    /// Returns whether it asks only what the medicine is for.
    pub fn is_about_use(&self) -> bool {
        matches!(self.topics.as_slice(), [topic] if topic.as_str() == "indications")
    }

    /// Returns whether it asks how many people had something.
    pub fn asks_share(&self) -> bool {
        SHARE_PHRASES.iter().any(|phrase| self.folded.contains(phrase))
    }

    /// Returns whether the message is about the site's services and nothing clinical.
    pub fn is_service(&self, knowledge: &Knowledge) -> bool {
        let mut topics = self.topics.iter().filter_map(|id| knowledge.lexicon.topic(id)).peekable();
        topics.peek().is_some() && topics.all(|topic| topic.service)
    }
}

/// Phrases that ask how many people had something, folded.
const SHARE_PHRASES: &[&str] = &[
    "how many people",
    "how many patients",
    "how common",
    "how likely",
    "what percent",
    "percentage",
    "is it normal",
    "多少人",
    "发生率",
    "概率",
    "几率",
    "常见吗",
    "正常吗",
];

/// Most everyday words beside a name that do not make a question of it.
const MAX_BARE: usize = 2;

/// Reads a message in its situation.
pub fn understand(
    message: &str,
    situation: &Situation,
    knowledge: &Knowledge,
    asked: &Asked,
) -> Understanding {
    let folded = asked.spelling.mend(text::fold(message));
    let mut names = asked.names.find(&folded, |word| asked.spelling.knows(word));
    let mut replaced = names.replace_ours(&folded);
    if let Some(group) = population::age_in_words(&replaced) {
        replaced.push(' ');
        replaced.push_str(group);
    }
    let text = Stemmed::new(&replaced);
    let mut mentions = firm(knowledge.lexicon.topic_mentions(&text));
    let found = Recognised { text: &text, names: &names, mentions: &mentions };
    let mut concepts = concepts(&found, &asked.synonyms, &asked.fillers);
    if let Some(asking) = Asking::in_message(message, |folded| asked.spelling.mend(folded)) {
        asking.reduce(&mut concepts, &mut mentions, &replaced);
    }
    let mut topics: Vec<TopicId> = Vec::new();
    for mention in &mentions {
        if !topics.contains(&mention.topic) {
            topics.push(mention.topic.clone());
        }
    }
    let others: Vec<String> = names.others.iter().map(|other| other.names[0].clone()).collect();
    let small_talk = knowledge.policy.small_talk(&folded).map(str::to_owned);
    let lang = Lang::detect(message).or(situation.lang).unwrap_or_default();
    let suspect = names.suspect.take();
    let names_a_medicine = !names.drugs.is_empty() || !others.is_empty() || suspect.is_some();
    let (drugs, assumed) = if names_a_medicine {
        (names.drugs.clone(), false)
    } else if situation.drugs.is_empty() {
        (situation.page.iter().cloned().collect(), true)
    } else {
        (situation.drugs.clone(), true)
    };
    let assumed = assumed && !drugs.is_empty();
    let earlier = if assumed { situation.topics.clone() } else { Vec::new() };
    let asks_nothing = concepts.iter().all(|concept| concept.need == Need::Extra);
    if topics.is_empty() && asks_nothing && concepts.len() <= MAX_BARE {
        // A bare name asks what the medicine is; a bare 'and?' what was asked before.
        let bare = if names.drugs.is_empty() { &situation.topics[..] } else { &[overview()] };
        topics.extend_from_slice(bare);
    }
    if names.drugs.len() > 1 && asks_together(&folded) && !topics.contains(&interactions()) {
        topics.retain(|topic| *topic != overview());
        topics.push(interactions());
    }
    let markets = markets(message, &folded, situation);
    Understanding {
        lang,
        folded,
        drugs,
        assumed,
        others,
        suspect,
        topics,
        earlier,
        population: asked.groups.find(&text),
        markets,
        small_talk,
        concepts,
    }
}

/// Returns the markets that a message names; else the visitor's.
fn markets(message: &str, folded: &str, situation: &Situation) -> Markets {
    let named = Markets::named_in_both(message, folded);
    let own = situation.region.as_deref().map(Markets::of_code).unwrap_or_default();
    if named.is_empty() { own } else { named }
}

fn overview() -> TopicId {
    TopicId::from("overview")
}

fn interactions() -> TopicId {
    TopicId::from("interactions")
}

/// Returns whether a folded message asks about taking things together; said of two medicines it
/// asks how they go together, not what each of them is.
fn asks_together(folded: &str) -> bool {
    let words = ["together", "combined", "simultaneously"];
    let phrases =
        ["same time", "same day", "a problem with", "一起", "一块", "同时", "合用", "同一天"];
    folded.split(' ').any(|word| words.contains(&word))
        || phrases.iter().any(|phrase| folded.contains(phrase))
}

/// Leaves hints out when something else names a topic.
fn firm(mut mentions: Vec<Mention>) -> Vec<Mention> {
    if mentions.iter().any(|mention| mention.naming != Naming::Hint) {
        mentions.retain(|mention| mention.naming != Naming::Hint);
    }
    mentions
}
