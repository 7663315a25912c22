//! Which of the passages found are quoted, and whether any of them answers at all.

use super::{Beside, MarketFit, Need, TopicFit, Understanding};
use crate::id::{ArticleId, DrugId};
use crate::knowledge::{Article, Drug, Knowledge, Passage, Rank};
use crate::text::{self, Lang};

/// A passage found, as `engine` hands it over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Position of its article in `Knowledge::articles`.
    pub article: usize,
    /// Position of the passage in the article.
    pub passage: usize,
    /// Retrieval score; comparable within one question only.
    pub score: f32,
    /// Share of what the question demands, by weight, that the passage holds: 0 to 1. It is 1
    /// when the question demands nothing.
    pub coverage: f32,
    /// Share of all the question's words that the passage holds, more for those in its heading.
    pub likeness: f32,
    /// How its place fits the topics asked about.
    pub topic: TopicFit,
    /// How its heading fits the markets asked about.
    pub market: MarketFit,
}

impl Candidate {
    /// Returns the article and the passage.
    pub fn get<'a>(&self, knowledge: &'a Knowledge) -> (&'a Article, &'a Passage) {
        let article = &knowledge.articles[self.article];
        (article, &article.passages[self.passage])
    }

    /// Returns the passage's text.
    fn text<'a>(&self, knowledge: &'a Knowledge) -> &'a str {
        let (article, passage) = self.get(knowledge);
        article.passage_text(passage)
    }
}

/// Most quotes of one answer, and of each drug when the question names several.
const MAX_QUOTES: usize = 3;
/// Most quotes from one article, when the question asks for more than its topic.
const MAX_PER_ARTICLE: usize = 2;
/// Least share of what the question demands that a quoted passage holds.
const MIN_COVERAGE: f32 = 0.5;
/// The same when passage and question agree on the topic, which is evidence of its own.
const MIN_COVERAGE_ON_TOPIC: f32 = 0.4;
/// The same when the question is whether a medicine is for a certain disease.
const MIN_COVERAGE_OF_USE: f32 = 0.7;
/// What a passage with percentages gains when the question is how many people had something.
const SHARE_BONUS: f32 = 0.3;
/// A passage is left out when it holds less than this share of what the best one holds.
const MIN_SHARE_OF_COVERAGE: f32 = 0.7;
/// The visitor's language is left when its best passage is worth less than this share.
const MIN_SHARE_OF_LANGUAGE: f32 = 0.7;
/// A quote is left out when its value falls below this share of the best one's.
const MIN_SHARE_OF_BEST: f32 = 0.72;

/// Returns the passages to quote, best first; none when nothing found answers the question.
pub fn choose(
    candidates: &[Candidate],
    asked: &Understanding,
    knowledge: &Knowledge,
    beside: &Beside,
) -> Vec<Candidate> {
    let best_score =
        candidates.iter().map(|candidate| candidate.score).fold(f32::EPSILON, f32::max);
    let is_service = asked.is_service(knowledge);
    let is_pair = asked.is_pair();
    let asks_share = asked.asks_share();
    // 'What is it?' gives no word to compare by: an article is then read from its beginning.
    let is_open = asked.concepts.iter().all(|concept| concept.need == Need::Extra);
    let mut valued: Vec<(f32, Candidate)> = candidates
        .iter()
        .filter(|candidate| answers(candidate, asked, is_service))
        .filter(|candidate| !is_pair || names_another(candidate, asked, knowledge))
        .map(|candidate| {
            let gives_share = asks_share && candidate.text(knowledge).contains('%');
            let bonus = if gives_share { SHARE_BONUS } else { 0.0 };
            (value(candidate, best_score, is_open, knowledge) + bonus, *candidate)
        })
        .collect();
    valued.sort_by(|a, b| {
        b.0.total_cmp(&a.0).then((a.1.article, a.1.passage).cmp(&(b.1.article, b.1.passage)))
    });
    if asked.drugs.len() < 2 || is_service {
        return pick(valued, asked, knowledge, beside);
    }
    // Each drug that was named gets its own quotes.
    let of = |drug: &DrugId| {
        let about = |candidate: &Candidate| candidate.get(knowledge).0.drug.as_ref() == Some(drug);
        let own = valued.iter().filter(|(_, found)| about(found)).copied().collect();
        pick(own, asked, knowledge, beside)
    };
    asked.drugs.iter().flat_map(of).collect()
}

/// Returns whether a passage is about what was asked.
fn answers(candidate: &Candidate, asked: &Understanding, is_service: bool) -> bool {
    let on_topic = candidate.topic.is_on_topic();
    if is_service {
        return on_topic;
    }
    if asked.is_about_use() {
        // 'Can it cure migraine?' is answered by what it is approved for, or not at all: another
        // passage that names migraine says something else about it.
        return on_topic && candidate.coverage >= MIN_COVERAGE_OF_USE;
    }
    let needed = if on_topic { MIN_COVERAGE_ON_TOPIC } else { MIN_COVERAGE };
    let demands = asked.concepts.iter().any(|concept| is_demanding(&concept.need));
    (on_topic || demands) && candidate.coverage >= needed
}

/// Returns whether a passage names another of the drugs asked about than its own.
fn names_another(candidate: &Candidate, asked: &Understanding, knowledge: &Knowledge) -> bool {
    let (article, passage) = candidate.get(knowledge);
    let text = text::fold(article.passage_text(passage));
    let others = asked.drugs.iter().filter(|drug| article.drug.as_ref() != Some(*drug));
    let mut names = others.filter_map(|id| knowledge.drug(id)).flat_map(Drug::all_names);
    names.any(|name| text.contains(&text::fold(name)))
}

/// Returns whether the question is about a topic as a whole.
fn asks_topic_only(asked: &Understanding) -> bool {
    !asked.concepts.iter().any(|concept| is_demanding(&concept.need))
}

fn is_demanding(need: &Need) -> bool {
    matches!(need, Need::Matter | Need::Cue | Need::OtherMedicine)
}

fn value(candidate: &Candidate, best_score: f32, is_open: bool, knowledge: &Knowledge) -> f32 {
    let score = if is_open { 0.0 } else { candidate.score / best_score };
    let topic = match candidate.topic {
        TopicFit::Introduction if !is_open => 0.85,
        TopicFit::Heading | TopicFit::Introduction => 1.0,
        TopicFit::Article => 0.75,
        TopicFit::Aside => 0.35,
        TopicFit::Earlier => 0.2,
        TopicFit::None => 0.0,
    };
    let rank = match candidate.get(knowledge).0.rank {
        Rank::Label => 0.3,
        Rank::Reference => 0.25,
        Rank::Article => 0.0,
    };
    let market = match candidate.market {
        MarketFit::Same => 0.3,
        MarketFit::Open => 0.0,
        MarketFit::Other => -0.3,
    };
    0.4 * score + 0.6 * candidate.coverage + 1.3 * candidate.likeness + topic + rank + market
}

/// Keeps one language: the visitor's, unless what it holds answers much worse than another.
/// `valued` is sorted.
fn prefer_language(valued: &mut Vec<(f32, Candidate)>, lang: Lang, knowledge: &Knowledge) {
    let lang_of = |candidate: &Candidate| candidate.get(knowledge).0.lang;
    let Some(&(best, first)) = valued.first() else { return };
    let own = valued.iter().find(|(_, candidate)| lang_of(candidate) == lang);
    let own_is_good = own.is_some_and(|(value, _)| *value >= best * MIN_SHARE_OF_LANGUAGE);
    let kept = if own_is_good { lang } else { lang_of(&first) };
    valued.retain(|(_, candidate)| lang_of(candidate) == kept);
}

/// Takes the best of `valued`, which is sorted.
fn pick(
    mut valued: Vec<(f32, Candidate)>,
    asked: &Understanding,
    knowledge: &Knowledge,
    beside: &Beside,
) -> Vec<Candidate> {
    prefer_language(&mut valued, asked.lang, knowledge);
    let most = valued.iter().map(|(_, candidate)| candidate.coverage).fold(0.0, f32::max);
    valued.retain(|(_, candidate)| candidate.coverage >= most * MIN_SHARE_OF_COVERAGE);
    let Some(&(best, _)) = valued.first() else { return Vec::new() };
    let per_article = if asks_topic_only(asked) { MAX_QUOTES } else { MAX_PER_ARTICLE };
    let mut picked: Vec<Candidate> = Vec::new();
    let mut articles: Vec<&ArticleId> = Vec::new();
    for (value, candidate) in valued {
        let is_twin = |found: &Candidate| {
            let twins = beside.twins((found.article, found.passage), knowledge);
            twins.contains(&(candidate.article, candidate.passage))
        };
        if let Some(quoted) = picked.iter_mut().find(|found| is_twin(found)) {
            // What is said twice is quoted once, from the source that counts most.
            let rank = |candidate: &Candidate| candidate.get(knowledge).0.rank;
            if rank(&candidate) < rank(quoted) {
                *quoted = candidate;
            }
            continue;
        }
        let id = &candidate.get(knowledge).0.id;
        let from_same = articles.iter().filter(|&&other| other == id).count();
        let good_enough = value >= best * MIN_SHARE_OF_BEST;
        if good_enough && from_same < per_article && picked.len() < MAX_QUOTES {
            articles.push(id);
            picked.push(candidate);
        }
    }
    picked
}
