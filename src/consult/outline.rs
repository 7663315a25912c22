//! What titles, headings and topics say about every passage, compiled once per generation.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::Markets;
use crate::id::TopicId;
use crate::knowledge::{Article, Knowledge};
use crate::text;

/// The passages as their headings describe them.
#[derive(Debug, PartialEq, Eq)]
pub struct Outline {
    topics: Vec<TopicId>,
    articles: Vec<Arc<Sketch>>,
}

/// An article as its topic, its markets and its headings describe it.
#[derive(Debug, PartialEq, Eq)]
struct Sketch {
    /// The article's topic.
    own: TopicMask,
    /// Markets that the article holds for.
    markets: Markets,
    /// Hashes of the search terms of all passages' headings, one passage's after another's.
    terms: Box<[u32]>,
    /// The passages.
    rows: Box<[Row]>,
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    /// Where the terms of the passage's heading end in those of the article; of the title for an
    /// introduction. They begin where those of the passage before end.
    end: u32,
    /// Topics that the heading names.
    focus: TopicMask,
    /// Markets that the heading names.
    markets: Markets,
}

impl Sketch {
    fn terms(&self, passage: usize) -> &[u32] {
        let start = passage.checked_sub(1).map_or(0, |before| self.rows[before].end);
        &self.terms[start as usize..self.rows[passage].end as usize]
    }
}

/// A set of topics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TopicMask(u64);

impl TopicMask {
    /// Returns whether the sets share a topic.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// How well a passage's place fits the topics asked about, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicFit {
    /// Its heading names an asked topic.
    Heading,
    /// It introduces an article on an asked topic.
    Introduction,
    /// It stands in an article on an asked topic.
    Article,
    /// It stands in such an article, but its heading names another topic.
    Aside,
    /// It is about a topic of the session before.
    Earlier,
    /// None of these.
    None,
}

/// How a passage fits the markets asked about, by its heading and its article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarketFit {
    /// The heading names one of them.
    Same,
    /// Nothing is said of other markets only, or no market was asked about.
    Open,
    /// The heading names, or the article holds for, other markets only.
    Other,
}

impl TopicFit {
    /// Returns whether the passage is about an asked topic.
    pub fn is_on_topic(self) -> bool {
        self <= Self::Aside
    }
}

impl Outline {
    /// Reads all headings of `knowledge`; those of articles that it shares with `earlier`, an
    /// earlier state of it, are taken over.
    pub fn new(knowledge: &Knowledge, earlier: Option<(&Knowledge, &Self)>) -> Self {
        let topics: Vec<TopicId> = knowledge.lexicon.topics.keys().cloned().collect();
        let mut outline = Self { topics, articles: Vec::with_capacity(knowledge.articles.len()) };
        let earlier =
            earlier.filter(|(before, _)| before.lexicon.topics == knowledge.lexicon.topics);
        for article in &knowledge.articles {
            let known = earlier.and_then(|(before, outline)| {
                let at = before.position(&article.id)?;
                let is_same = Arc::ptr_eq(&before.articles[at], article);
                is_same.then(|| outline.articles[at].clone())
            });
            let sketch = known.unwrap_or_else(|| Arc::new(outline.sketch(article, knowledge)));
            outline.articles.push(sketch);
        }
        outline
    }

    fn sketch(&self, article: &Article, knowledge: &Knowledge) -> Sketch {
        let own = self.mask(article.topic.as_slice());
        let mut terms = Vec::new();
        let row = |passage| {
            let heading = article.heading(passage);
            let folded = text::fold(heading.unwrap_or(&article.title));
            terms.extend(text::search_terms(&folded).iter().map(|term| hash(term)));
            let named = if heading.is_some() || article.topic.is_none() {
                self.mask(&knowledge.lexicon.topics_in(&folded))
            } else {
                TopicMask::default()
            };
            // 'How often side effects occurred' names side effects and, in passing, something else.
            let focus = if named.meets(own) { own } else { named };
            let end = u32::try_from(terms.len()).unwrap_or(u32::MAX);
            Row { end, focus, markets: heading.map(Markets::named_in).unwrap_or_default() }
        };
        let rows = article.passages.iter().map(row).collect();
        Sketch { own, markets: Markets::of_codes(&article.markets), terms: terms.into(), rows }
    }

    /// Returns topics as a set.
    pub fn mask(&self, topics: &[TopicId]) -> TopicMask {
        let bits = topics.iter().filter_map(|topic| self.topics.binary_search(topic).ok());
        TopicMask(bits.filter(|&bit| bit < 64).fold(0, |mask, bit| mask | 1 << bit))
    }

    /// Returns which of the terms looked for a passage's heading holds, as bits.
    pub fn heading_terms(&self, article: usize, passage: usize, terms: &HeadingTerms) -> u64 {
        let heading = self.articles[article].terms(passage).iter();
        heading.fold(0, |mask, term| mask | terms.places_of(*term))
    }

    /// Returns how a passage fits the markets asked about.
    pub fn market(&self, article: usize, passage: usize, asked: Markets) -> MarketFit {
        let sketch = &self.articles[article];
        let row = &sketch.rows[passage];
        let is_other = |markets: Markets| !markets.is_empty() && !markets.meets(asked);
        if asked.is_empty() {
            MarketFit::Open
        } else if is_other(row.markets) || is_other(sketch.markets) {
            MarketFit::Other
        } else if row.markets.meets(asked) {
            MarketFit::Same
        } else {
            MarketFit::Open
        }
    }

    /// Returns how a passage fits the topics of a question and of the session before.
    pub fn fit(
        &self,
        article: usize,
        passage: usize,
        asked: TopicMask,
        earlier: TopicMask,
    ) -> TopicFit {
        let own = self.articles[article].own;
        let row = &self.articles[article].rows[passage];
        if row.focus.meets(asked) {
            TopicFit::Heading
        } else if own.meets(asked) && passage == 0 {
            TopicFit::Introduction
        } else if own.meets(asked) && row.focus == TopicMask::default() {
            TopicFit::Article
        } else if own.meets(asked) {
            TopicFit::Aside
        } else if own.meets(earlier) || row.focus.meets(earlier) {
            TopicFit::Earlier
        } else {
            TopicFit::None
        }
    }
}

/// The first 64 terms of a question, to be looked for in headings.
#[derive(Debug, Default)]
pub struct HeadingTerms {
    hashes: Vec<u32>,
    /// The last six bits of each hash, as a set: most words of headings are in no question.
    ends: u64,
}

impl HeadingTerms {
    /// Takes in the terms of a question, in order.
    pub fn new<'a>(terms: impl Iterator<Item = &'a str>) -> Self {
        let hashes: Vec<u32> = terms.take(64).map(hash).collect();
        let ends = hashes.iter().fold(0, |ends, hash| ends | 1 << (hash % 64));
        Self { hashes, ends }
    }

    /// Returns the places of a term among those of the question, as bits.
    fn places_of(&self, term: u32) -> u64 {
        if self.ends & 1 << (term % 64) == 0 {
            return 0;
        }
        let same = self.hashes.iter().enumerate().filter(|(_, hash)| **hash == term);
        same.fold(0, |places, (place, _)| places | 1 << place)
    }
}

/// Returns the hash by which [`Outline`] knows a search term.
fn hash(term: &str) -> u32 {
    let [_, _, _, _, upper @ ..] = FxBuildHasher.hash_one(term).to_le_bytes();
    u32::from_le_bytes(upper)
}
