//! Which of the passages found are quoted, and whether any of them answers at all.

use super::Understanding;
use crate::id::ArticleId;
use crate::knowledge::{Article, Knowledge, Passage, Rank};
use crate::text::Lang;

/// A passage found, as `engine` hands it over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Position of its article in `Knowledge::articles`.
    pub article: usize,
    /// Position of the passage in the article.
    pub passage: usize,
    /// Retrieval score; comparable within one question only.
    pub score: f32,
    /// Share of the question's concepts, by weight, that the passage holds: 0 to 1. It is 1 when
    /// the question has none.
    pub coverage: f32,
}

impl Candidate {
    /// Returns the article and the passage.
    pub fn get<'a>(&self, knowledge: &'a Knowledge) -> (&'a Article, &'a Passage) {
        let article = &knowledge.articles[self.article];
        (article, &article.passages[self.passage])
    }
}

/// Most quotes of one answer.
const MAX_QUOTES: usize = 3;
/// Most quotes from one article.
const MAX_PER_ARTICLE: usize = 2;
/// Least share of the question's concepts that the best passage must hold.
const MIN_COVERAGE: f32 = 0.5;
/// The same when passage and question agree on the topic, which is evidence of its own.
const MIN_COVERAGE_ON_TOPIC: f32 = 0.3;
/// A quote is left out when its value falls below this share of the best one's.
const MIN_SHARE_OF_BEST: f32 = 0.72;

/// Returns the passages to quote, best first; none when nothing found answers the question.
pub fn choose(
    candidates: &[Candidate],
    asked: &Understanding,
    knowledge: &Knowledge,
) -> Vec<Candidate> {
    let best_score =
        candidates.iter().map(|candidate| candidate.score).fold(f32::EPSILON, f32::max);
    let mut valued: Vec<(f32, Candidate)> = candidates
        .iter()
        .filter(|candidate| answers(candidate, asked, knowledge))
        .map(|candidate| (value(candidate, best_score, asked, knowledge), *candidate))
        .collect();
    prefer_language(&mut valued, asked.lang, knowledge);
    let best_coverage = valued.iter().map(|(_, candidate)| candidate.coverage).fold(0.0, f32::max);
    valued.retain(|(_, candidate)| candidate.coverage >= best_coverage * 0.7);
    pick(valued, knowledge)
}

/// Returns whether a passage is about what was asked.
fn answers(candidate: &Candidate, asked: &Understanding, knowledge: &Knowledge) -> bool {
    let on_topic = on_topic(candidate, asked, knowledge);
    let needed = if on_topic { MIN_COVERAGE_ON_TOPIC } else { MIN_COVERAGE };
    let asks_topic_only = asked.concepts.is_empty() && !asked.topics.is_empty();
    let topic_fits = on_topic || !asks_topic_only;
    topic_fits && candidate.coverage >= needed
}

fn on_topic(candidate: &Candidate, asked: &Understanding, knowledge: &Knowledge) -> bool {
    let (_, passage) = candidate.get(knowledge);
    passage.topics.iter().any(|topic| asked.topics.contains(topic))
}

fn value(
    candidate: &Candidate,
    best_score: f32,
    asked: &Understanding,
    knowledge: &Knowledge,
) -> f32 {
    let (article, passage) = candidate.get(knowledge);
    let named = passage.topics.iter().filter(|topic| asked.topics.contains(topic)).count();
    let topic = if named > 0 { 1.0 } else { 0.0 };
    let whole_article = article.topic.as_ref().is_some_and(|topic| asked.topics.contains(topic));
    let own_topic = if whole_article { 0.3 } else { 0.0 };
    let rank = match article.rank {
        Rank::Label => 0.3,
        Rank::Reference => 0.25,
        Rank::Article => 0.0,
    };
    let opening = if candidate.passage == 0 { 0.1 } else { 0.0 };
    candidate.score / best_score + candidate.coverage * 1.2 + topic + own_topic + rank + opening
}

/// Keeps the visitor's language when anything in it answers.
fn prefer_language(valued: &mut Vec<(f32, Candidate)>, lang: Lang, knowledge: &Knowledge) {
    let in_language = |candidate: &Candidate| candidate.get(knowledge).0.lang == lang;
    if valued.iter().any(|(_, candidate)| in_language(candidate)) {
        valued.retain(|(_, candidate)| in_language(candidate));
    }
}

fn pick(mut valued: Vec<(f32, Candidate)>, knowledge: &Knowledge) -> Vec<Candidate> {
    valued.sort_by(|a, b| {
        b.0.total_cmp(&a.0).then((a.1.article, a.1.passage).cmp(&(b.1.article, b.1.passage)))
    });
    let Some(&(best, _)) = valued.first() else { return Vec::new() };
    let mut picked: Vec<Candidate> = Vec::new();
    let mut articles: Vec<&ArticleId> = Vec::new();
    for (value, candidate) in valued {
        let id = &candidate.get(knowledge).0.id;
        let from_same = articles.iter().filter(|&&other| other == id).count();
        let good_enough = value >= best * MIN_SHARE_OF_BEST;
        if good_enough && from_same < MAX_PER_ARTICLE && picked.len() < MAX_QUOTES {
            articles.push(id);
            picked.push(candidate);
        }
    }
    picked
}
