//! From an understood question to a query, and from the terms found back to what was asked.

use std::collections::HashMap;

use super::Engine;
use crate::consult::{Concept, HeadingTerms, Need, TopicFit, Understanding};
use crate::id::TopicId;
use crate::knowledge::Knowledge;
use crate::search::{Index, Query};
use crate::text::{self, Lang};

/// Weight of an alternative (a synonym) against the visitor's own word.
const SYNONYM_WEIGHT: f32 = 0.6;
/// Weight of a word of a topic's name, against the visitor's own.
const LABEL_WEIGHT: f32 = 0.3;
/// What a word counts that only tells passages apart.
const EXTRA_WEIGHT: f32 = 0.25;
/// What holding a word outside of the heading counts.
const BODY_LIKENESS: f32 = 0.6;
/// What a word of a topic's name counts in a passage whose heading names that topic otherwise.
const TOPIC_LIKENESS: f32 = 0.8;

/// A query, and which of its terms satisfy which concept.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What to look for.
    pub(super) query: Query,
    /// The query's terms as they are looked for in headings.
    pub(super) heading_terms: HeadingTerms,
    /// Whether any passage found is on a topic asked about. When none is, the words that name the
    /// topic are demanded like any other.
    pub(super) topics_are_met: bool,
    matters: Vec<Matter>,
}

/// A concept with the weight of its rarity, and the terms of each alternative as bits.
#[derive(Debug)]
struct Matter {
    need: Need,
    weight: f32,
    /// The alternatives of one term.
    single: u64,
    /// Those of several terms.
    several: Vec<u64>,
}

impl Matter {
    fn is_held(&self, terms: u64) -> bool {
        terms & self.single != 0 || self.several.iter().any(|mask| mask & !terms == 0)
    }
}

impl Plan {
    /// Plans the search for an understood question.
    pub(super) fn new(asked: &Understanding, engine: &Engine) -> Self {
        let mut plan = Self::default();
        for concept in &asked.concepts {
            plan.add_concept(concept, &engine.index);
        }
        for term in asked.topics.iter().filter_map(|topic| engine.labels.get(topic)).flatten() {
            plan.add(term, LABEL_WEIGHT);
        }
        plan.query.drugs.clone_from(&asked.drugs);
        plan.query.general_only = asked.drugs.is_empty() || asked.is_service(&engine.knowledge);
        plan.heading_terms =
            HeadingTerms::new(plan.query.terms.iter().map(|(term, _)| term.as_str()));
        plan
    }

    fn add_concept(&mut self, concept: &Concept, index: &Index) {
        let (mut single, mut several) = (0, Vec::new());
        let mut weight: f32 = 0.0;
        let own = if concept.need == Need::Extra { EXTRA_WEIGHT } else { 1.0 };
        for (at, alternative) in concept.alternatives.all().enumerate() {
            let mut mask = 0;
            for term in alternative {
                mask |= self.add(term, if at == 0 { own } else { own * SYNONYM_WEIGHT });
                if at == 0 {
                    weight = weight.max(rarity(index.frequency(term), index.len()));
                }
            }
            match mask.count_ones() {
                0 => {}
                1 => single |= mask,
                _ => several.push(mask),
            }
        }
        let (need, weight) = (concept.need.clone(), own * weight);
        self.matters.push(Matter { need, weight, single, several });
    }

    /// Adds a term, or raises its weight; returns its bit.
    fn add(&mut self, term: &str, weight: f32) -> u64 {
        let known = self.query.terms.iter().position(|(known, _)| known == term);
        let at = known.unwrap_or_else(|| {
            self.query.terms.push((term.to_owned(), 0.0));
            self.query.terms.len() - 1
        });
        self.query.terms[at].1 = self.query.terms[at].1.max(weight);
        if at < 64 { 1 << at } else { 0 }
    }

    /// Returns the share of what is demanded, by weight, that a passage with these terms holds.
    pub(super) fn coverage(&self, terms: u64) -> f32 {
        let is_demanded = |matter: &&Matter| match matter.need {
            Need::Matter | Need::Cue | Need::OtherMedicine => true,
            Need::Topic(_) => !self.topics_are_met,
            Need::Extra => false,
        };
        let demanded = || self.matters.iter().filter(is_demanded);
        let of = |need: Need| self.matters.iter().filter(move |matter| matter.need == need);
        let lacks_medicine = of(Need::OtherMedicine).any(|matter| !matter.is_held(terms));
        let has_cue = of(Need::Cue).next().is_some();
        let lacks_cue = has_cue && !of(Need::Cue).any(|matter| matter.is_held(terms));
        if lacks_medicine || lacks_cue {
            return 0.0;
        }
        let all: f32 = demanded().map(|matter| matter.weight).sum();
        if all <= 0.0 {
            return 1.0;
        }
        let held = demanded().filter(|matter| matter.is_held(terms));
        held.map(|matter| matter.weight).sum::<f32>() / all
    }

    /// Returns how much of the question a passage repeats, by weight; its heading counts most.
    pub(super) fn likeness(&self, terms: u64, heading: u64, topic: TopicFit) -> f32 {
        let all: f32 = self.matters.iter().map(|matter| matter.weight).sum();
        if all <= 0.0 {
            return 0.0;
        }
        let held = self.matters.iter().map(|matter| {
            if matter.is_held(heading) {
                matter.weight
            } else if matches!(matter.need, Need::Topic(_)) && topic == TopicFit::Heading {
                matter.weight * TOPIC_LIKENESS
            } else if matter.is_held(terms | heading) {
                matter.weight * BODY_LIKENESS
            } else {
                0.0
            }
        });
        held.sum::<f32>() / all
    }
}

/// Returns the search terms of every topic's name, in both languages.
pub(super) fn labels(knowledge: &Knowledge) -> HashMap<TopicId, Vec<String>> {
    let terms = |label: &str| text::search_terms(&text::fold(label));
    let topics = knowledge.lexicon.topics.iter();
    let both = topics.map(|(id, topic)| {
        let names = [Lang::En, Lang::Zh].map(|lang| topic.label.get(lang));
        (id.clone(), names.into_iter().flat_map(|name| terms(name)).collect())
    });
    both.collect()
}

/// Returns how much a term tells, from the share of passages that hold it.
fn rarity(share: f32, passages: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a weight needs no more than single precision")]
    let least = 0.5 / passages.max(1) as f32;
    (1.0 / share.max(least)).ln()
}
