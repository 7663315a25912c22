//! What a message asks: language, medicines, topics, and the words that are left.

use super::Answer;
use super::names::{Names, NamesFound, Suspect};
use crate::id::{DrugId, TopicId};
use crate::knowledge::{Knowledge, Lexicon};
use crate::text::{self, Lang, PhraseSet};

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
    }
}

/// A matter of the question: satisfied by a passage that holds all terms of one alternative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concept {
    /// Search terms; the first alternative is what the visitor wrote.
    pub alternatives: Vec<Vec<String>>,
}

/// What a message asks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Understanding {
    /// Language to answer in.
    pub lang: Lang,
    /// The message, folded.
    pub folded: String,
    /// Drugs it is about.
    pub drugs: Vec<DrugId>,
    /// Whether those were taken from the session or the page.
    pub assumed: bool,
    /// Names of medicines outside the knowledge base, folded.
    pub others: Vec<String>,
    /// A misspelt name.
    pub suspect: Option<Suspect>,
    /// Topics it names, or takes over from the session.
    pub topics: Vec<TopicId>,
    /// Key of the canned reply it asks for.
    pub small_talk: Option<String>,
    /// What it asks besides drug and topic.
    pub concepts: Vec<Concept>,
}

/// Everything compiled that understanding needs besides the knowledge base.
#[derive(Debug)]
pub struct Asked {
    names: Names,
    fillers: PhraseSet<()>,
    synonyms: PhraseSet<usize>,
}

impl Asked {
    /// Compiles names, fillers and synonyms.
    pub fn new(knowledge: &Knowledge) -> Self {
        let Lexicon { fillers, synonyms, .. } = &knowledge.lexicon;
        let filler_words = fillers.en.iter().chain(&fillers.zh).map(|phrase| (phrase, ()));
        let synonym_words = synonyms.iter().enumerate().flat_map(|(group, synonym)| {
            synonym.terms.en.iter().chain(&synonym.terms.zh).map(move |term| (term, group))
        });
        Self {
            names: Names::new(knowledge),
            fillers: PhraseSet::new(filler_words),
            synonyms: PhraseSet::new(synonym_words),
        }
    }
}

impl Understanding {
    /// Returns whether a topic of the message needs a drug to be known.
    pub fn is_clinical(&self, knowledge: &Knowledge) -> bool {
        self.topics.iter().filter_map(|id| knowledge.lexicon.topic(id)).any(|topic| topic.clinical)
    }

    /// Returns whether the message is about the site's services and nothing clinical.
    pub fn is_service(&self, knowledge: &Knowledge) -> bool {
        let mut topics = self.topics.iter().filter_map(|id| knowledge.lexicon.topic(id)).peekable();
        topics.peek().is_some() && topics.all(|topic| topic.service)
    }
}

/// Reads a message in its situation.
pub fn understand(
    message: &str,
    situation: &Situation,
    knowledge: &Knowledge,
    asked: &Asked,
) -> Understanding {
    let folded = text::fold(message);
    let found = asked.names.find(&folded);
    let mentions = knowledge.lexicon.topic_mentions(&folded);
    let lang = Lang::detect(message).or(situation.lang).unwrap_or_default();
    let mut topics: Vec<TopicId> = Vec::new();
    for (topic, ..) in &mentions {
        if !topics.contains(topic) {
            topics.push(topic.clone());
        }
    }
    let topic_spans = mentions.iter().map(|&(_, start, end)| (start, end));
    let concepts = concepts(&folded, &found, topic_spans, knowledge, asked);
    let nothing_new = found.drugs.is_empty() && topics.is_empty() && concepts.is_empty();
    if nothing_new {
        topics.clone_from(&situation.topics);
    }
    let others = found.others.iter().map(|&(start, end)| folded[start..end].to_owned()).collect();
    let small_talk = knowledge.policy.small_talk(&folded).map(str::to_owned);
    let names_a_medicine =
        !found.drugs.is_empty() || !found.others.is_empty() || found.suspect.is_some();
    let (drugs, assumed) = if names_a_medicine {
        (found.drugs, false)
    } else if situation.drugs.is_empty() {
        (situation.page.iter().cloned().collect(), true)
    } else {
        (situation.drugs.clone(), true)
    };
    let assumed = assumed && !drugs.is_empty();
    Understanding {
        lang,
        folded,
        drugs,
        assumed,
        others,
        suspect: found.suspect,
        topics,
        small_talk,
        concepts,
    }
}

/// Returns what is left of the message once names, topics and fillers are set aside.
fn concepts(
    folded: &str,
    found: &NamesFound,
    topic_spans: impl Iterator<Item = (usize, usize)>,
    knowledge: &Knowledge,
    asked: &Asked,
) -> Vec<Concept> {
    let mut rest = folded.to_owned();
    blank(&mut rest, found.ours.iter().copied().chain(topic_spans));
    let synonyms = asked.synonyms.find(&rest);
    let mut concepts: Vec<Concept> = synonyms
        .iter()
        .map(|synonym| {
            let group = &knowledge.lexicon.synonyms[*synonym.value].terms;
            let written = &rest[synonym.start..synonym.end];
            let others = group.en.iter().chain(&group.zh).map(String::as_str);
            let mut alternatives: Vec<Vec<String>> = Vec::new();
            for term in [written].into_iter().chain(others) {
                let terms = text::search_terms(&text::fold(term));
                if !terms.is_empty() && !alternatives.contains(&terms) {
                    alternatives.push(terms);
                }
            }
            Concept { alternatives }
        })
        .collect();
    let synonym_spans: Vec<(usize, usize)> =
        synonyms.iter().map(|found| (found.start, found.end)).collect();
    blank(&mut rest, synonym_spans.into_iter());
    let fillers: Vec<(usize, usize)> =
        asked.fillers.find(&rest).iter().map(|found| (found.start, found.end)).collect();
    blank(&mut rest, fillers.into_iter());
    for term in text::search_terms(&rest) {
        let concept = Concept { alternatives: vec![vec![term]] };
        if !concepts.contains(&concept) {
            concepts.push(concept);
        }
    }
    concepts
}

/// Overwrites byte ranges with spaces, so that later positions stay the same.
fn blank(text: &mut String, spans: impl Iterator<Item = (usize, usize)>) {
    for (start, end) in spans {
        text.replace_range(start..end, &" ".repeat(end - start));
    }
}
