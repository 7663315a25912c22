//! The editors' words: topics and their phrases, synonyms, names that are easily confused.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{Code, Problem, toml_file};
use crate::id::TopicId;
use crate::text::{Lang, PerLang, PhraseSet, Stemmed};

/// Everything under `lexicon/`.
#[derive(Debug, Default)]
pub struct Lexicon {
    /// Topics by key.
    pub topics: BTreeMap<TopicId, Topic>,
    /// Groups of words that mean the same.
    pub synonyms: Vec<SynonymGroup>,
    /// Names that look or sound alike.
    pub confusable: Vec<ConfusablePair>,
    /// Medicines that people ask about and that the knowledge base does not cover.
    pub others: Vec<OtherMedicine>,
    /// Endings that mark a word as the name of a medicine, such as `mab`.
    pub name_endings: Vec<String>,
    /// Phrases that carry no matter of their own, such as 'can you tell me'.
    pub fillers: PerLang<Vec<String>>,
    topic_phrases: Option<PhraseSet<(Naming, TopicId)>>,
}

/// A matter that questions and passages are about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Name to show.
    pub label: PerLang<String>,
    /// Phrases of questions and headings that name it.
    #[serde(default)]
    pub phrases: PerLang<Vec<String>>,
    /// Matters of their own that belong to it, such as 'grapefruit' to interactions: they lead to
    /// the topic, but only a passage that holds them answers.
    #[serde(default)]
    pub cues: PerLang<Vec<String>>,
    /// Phrases such as 'how often' that count only when a message names no topic otherwise.
    #[serde(default)]
    pub hints: PerLang<Vec<String>>,
    /// Whether it is about using a medicine, so that a drug must be known.
    #[serde(default)]
    pub clinical: bool,
    /// Whether the answer is one of the site's services.
    #[serde(default)]
    pub service: bool,
    /// Whether every medicine needs a passage on it.
    #[serde(default)]
    pub required: bool,
    /// Days after which an article on it is overdue for review.
    #[serde(default = "Topic::default_review_days")]
    pub review_days: u32,
    /// A question to offer next; `{drug}` stands for the drug's name.
    #[serde(default)]
    pub suggest: Option<PerLang<String>>,
}

/// How firmly a phrase names its topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// It is a name of the topic.
    Name,
    /// It is a matter of its own within the topic.
    Cue,
    /// It counts only when nothing else names a topic.
    Hint,
}

/// A phrase in a text that names a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The topic.
    pub topic: TopicId,
    /// How firmly it is named.
    pub naming: Naming,
    /// Where the phrase begins in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// Words that mean the same, in lay and medical language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SynonymGroup {
    /// The words, per language.
    pub terms: PerLang<Vec<String>>,
    /// A remark for editors.
    #[serde(default)]
    pub note: Option<String>,
}

/// Names that look or sound alike and must never be corrected into each other.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfusablePair {
    /// The two or more names.
    pub names: Vec<String>,
    /// Why, or where it is listed.
    #[serde(default)]
    pub note: Option<String>,
}

/// A medicine outside the knowledge base, known by name only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherMedicine {
    /// Its name.
    pub name: String,
    /// Brands and names in other languages.
    #[serde(default)]
    pub aliases: Vec<String>,
}

impl Topic {
    /// Review interval of topics that name none, in days.
    pub const DEFAULT_REVIEW_DAYS: u32 = 365;

    fn default_review_days() -> u32 {
        Self::DEFAULT_REVIEW_DAYS
    }
}

impl Lexicon {
    /// Returns the topic with this key.
    pub fn topic(&self, id: &TopicId) -> Option<&Topic> {
        self.topics.get(id)
    }

    /// Returns the topics that `folded` text names, each once, in order of appearance.
    pub fn topics_in(&self, folded: &str) -> Vec<TopicId> {
        let mut topics: Vec<TopicId> = Vec::new();
        for mention in self.topic_mentions(&Stemmed::new(folded)) {
            if mention.naming != Naming::Hint && !topics.contains(&mention.topic) {
                topics.push(mention.topic);
            }
        }
        topics
    }

    /// Returns the phrases of `text` that name topics, in order of appearance.
    pub fn topic_mentions(&self, text: &Stemmed<'_>) -> Vec<Mention> {
        let Some(phrases) = &self.topic_phrases else { return Vec::new() };
        let found = phrases.find_in(text);
        let mentions = found.iter().map(|found| {
            let (naming, topic) = found.value.clone();
            Mention { topic, naming, start: found.start, end: found.end }
        });
        mentions.collect()
    }

    pub(super) fn add_topics(&mut self, path: &str, text: &str, problems: &mut Vec<Problem>) {
        let Some(topics) = toml_file::parse::<BTreeMap<TopicId, Topic>>(path, text, problems)
        else {
            return;
        };
        let mut phrases: Vec<(String, (Naming, TopicId))> = Vec::new();
        for (key, topic) in &topics {
            let mut add = |naming, words: &[String]| {
                phrases.extend(words.iter().map(|word| (word.clone(), (naming, key.clone()))));
            };
            for lang in [Lang::En, Lang::Zh] {
                add(Naming::Name, topic.phrases.get(lang));
                add(Naming::Name, std::slice::from_ref(topic.label.get(lang)));
                add(Naming::Cue, topic.cues.get(lang));
                add(Naming::Hint, topic.hints.get(lang));
            }
        }
        report_shared_phrases(path, text, &phrases, problems);
        self.topic_phrases = Some(PhraseSet::tolerant(phrases));
        self.topics = topics;
    }

    pub(super) fn add_synonyms(&mut self, path: &str, text: &str, problems: &mut Vec<Problem>) {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Synonyms {
            #[serde(default)]
            group: Vec<SynonymGroup>,
        }
        self.synonyms = toml_file::parse::<Synonyms>(path, text, problems)
            .map_or_else(Vec::new, |file| file.group);
    }

    pub(super) fn add_confusables(&mut self, path: &str, text: &str, problems: &mut Vec<Problem>) {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Confusables {
            #[serde(default)]
            name_endings: Vec<String>,
            #[serde(default)]
            pair: Vec<ConfusablePair>,
            #[serde(default)]
            other: Vec<OtherMedicine>,
        }
        if let Some(file) = toml_file::parse::<Confusables>(path, text, problems) {
            self.confusable = file.pair;
            self.others = file.other;
            self.name_endings = file.name_endings;
        }
    }

    pub(super) fn add_fillers(&mut self, path: &str, text: &str, problems: &mut Vec<Problem>) {
        self.fillers = toml_file::parse(path, text, problems).unwrap_or_default();
    }
}

/// A phrase that names two topics decides nothing.
fn report_shared_phrases(
    path: &str,
    text: &str,
    phrases: &[(String, (Naming, TopicId))],
    problems: &mut Vec<Problem>,
) {
    let mut owner: HashMap<String, &TopicId> = HashMap::new();
    for (phrase, (_, topic)) in phrases {
        let first = owner.entry(crate::text::fold(phrase)).or_insert(topic);
        if *first != topic {
            let line =
                text.find(&format!("\"{phrase}\"")).map_or(0, |at| toml_file::line_at(text, at));
            problems.push(Problem::warning(
                Code::SharedPhrase,
                path,
                line,
                format!("the phrase \"{phrase}\" names both \"{first}\" and \"{topic}\""),
                "keep it under the one topic that people mean by it",
            ));
        }
    }
}
