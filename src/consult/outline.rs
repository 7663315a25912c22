//! What titles, headings and topics say about every passage, compiled once per generation.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::Markets;
use crate::id::TopicId;
use crate::knowledge::{Article, Knowledge, Passage};
use crate::text;

/// The passages as their headings describe them.
#[derive(Debug, PartialEq, Eq)]
pub struct Outline {
    topics: Vec<TopicId>,
    /// The passages of each article.
    rows: Vec<Arc<[Row]>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    /// Hashes of the heading's search terms; of the title's for an introduction.
    heading: Box<[u64]>,
    /// Topics that the heading names.
    focus: TopicMask,
    /// The article's topic.
    own: TopicMask,
    /// Markets that the heading names.
    markets: Markets,
    /// Markets that the article holds for.
    article_markets: Markets,
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
        let mut outline = Self { topics, rows: Vec::with_capacity(knowledge.articles.len()) };
        let earlier =
            earlier.filter(|(before, _)| before.lexicon.topics == knowledge.lexicon.topics);
        for article in &knowledge.articles {
            let known = earlier.and_then(|(before, outline)| {
                let at = before.position(&article.id)?;
                Arc::ptr_eq(&before.articles[at], article).then(|| outline.rows[at].clone())
            });
            let rows = known.unwrap_or_else(|| {
                let passages = article.passages.iter();
                passages.map(|passage| outline.row(article, passage, knowledge)).collect()
            });
            outline.rows.push(rows);
        }
        outline
    }

    fn row(&self, article: &Article, passage: &Passage, knowledge: &Knowledge) -> Row {
        let lines = passage.heading.last().unwrap_or(&article.title);
        let folded = text::fold(lines);
        let heading = text::search_terms(&folded).iter().map(|term| hash(term)).collect();
        let own = self.mask(article.topic.as_slice());
        let named = match passage.heading.last() {
            Some(_) => self.mask(&knowledge.lexicon.topics_in(&folded)),
            None if article.topic.is_none() => self.mask(&knowledge.lexicon.topics_in(&folded)),
            None => TopicMask::default(),
        };
        // 'How often side effects occurred' names side effects and, in passing, something else.
        let focus = if named.meets(own) { own } else { named };
        let markets =
            passage.heading.last().map_or_else(Markets::default, |last| Markets::named_in(last));
        let article_markets = Markets::of_codes(&article.markets);
        Row { heading, focus, own, markets, article_markets }
    }

    /// Returns topics as a set.
    pub fn mask(&self, topics: &[TopicId]) -> TopicMask {
        let bits = topics.iter().filter_map(|topic| self.topics.binary_search(topic).ok());
        TopicMask(bits.filter(|&bit| bit < 64).fold(0, |mask, bit| mask | 1 << bit))
    }

    /// Returns which of the terms (by hash) a passage's heading holds, as bits.
    pub fn heading_terms(&self, article: usize, passage: usize, terms: &[u64]) -> u64 {
        let heading = &self.rows[article][passage].heading;
        let held = terms.iter().enumerate().take(64).filter(|(_, term)| heading.contains(term));
        held.fold(0, |mask, (bit, _)| mask | 1 << bit)
    }

    /// Returns how a passage fits the markets asked about.
    pub fn market(&self, article: usize, passage: usize, asked: Markets) -> MarketFit {
        let row = &self.rows[article][passage];
        let is_other = |markets: Markets| !markets.is_empty() && !markets.meets(asked);
        if asked.is_empty() {
            MarketFit::Open
        } else if is_other(row.markets) || is_other(row.article_markets) {
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
        let row = &self.rows[article][passage];
        if row.focus.meets(asked) {
            TopicFit::Heading
        } else if row.own.meets(asked) && passage == 0 {
            TopicFit::Introduction
        } else if row.own.meets(asked) && row.focus == TopicMask::default() {
            TopicFit::Article
        } else if row.own.meets(asked) {
            TopicFit::Aside
        } else if row.own.meets(earlier) || row.focus.meets(earlier) {
            TopicFit::Earlier
        } else {
            TopicFit::None
        }
    }
}

/// Returns the hash by which [`Outline`] knows a search term.
pub fn hash(term: &str) -> u64 {
    FxBuildHasher.hash_one(term)
}
