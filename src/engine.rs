//! One generation of the knowledge base, and a question answered from it from beginning to end:
//! understand, find, choose, compose. The only place where `consult` and `search` meet.

use std::path::Path;

use crate::consult::{self, Answer, Asked, Candidate, Clarify, Kind, Situation, Understanding};
use crate::id::{DrugId, TopicId};
use crate::knowledge::Knowledge;
use crate::search::{self, Hit, Index, PassageRef, Query};
use crate::text::Lang;
use crate::time::Date;

/// Passages taken from the index for one question.
const CANDIDATES: usize = 40;
/// Weight of an alternative (a synonym) against the visitor's own word.
const SYNONYM_WEIGHT: f32 = 0.6;
/// Drugs offered when a question names none.
const MAX_DRUG_OPTIONS: usize = 8;

/// A generation ready to answer: immutable, shared by all sessions until the next one.
#[derive(Debug)]
pub struct Engine {
    /// Number of the generation; it grows with every publication.
    pub generation: u64,
    /// The knowledge base of this generation.
    pub knowledge: Knowledge,
    index: Index,
    asked: Asked,
}

/// Why an answer came out as it did, for `--explain`.
#[derive(Debug)]
pub struct Explanation {
    /// What was understood.
    pub understanding: Understanding,
    /// What was found, best first.
    pub candidates: Vec<Candidate>,
}

impl Engine {
    /// Opens the index in `dir`, which was built from `knowledge`.
    pub fn open(generation: u64, knowledge: Knowledge, dir: &Path) -> Result<Self, search::Error> {
        let index = Index::open(dir, &knowledge)?;
        let asked = Asked::new(&knowledge);
        Ok(Self { generation, knowledge, index, asked })
    }

    /// Answers `message`.
    pub fn ask(
        &self,
        message: &str,
        situation: &Situation,
        today: Date,
    ) -> Result<Answer, search::Error> {
        self.explain(message, situation, today).map(|(answer, _)| answer)
    }

    /// Answers `message` and says why.
    pub fn explain(
        &self,
        message: &str,
        situation: &Situation,
        today: Date,
    ) -> Result<(Answer, Explanation), search::Error> {
        let understanding = consult::understand(message, situation, &self.knowledge, &self.asked);
        let mut candidates = Vec::new();
        let answer = match self.without_search(&understanding) {
            Some(answer) => answer,
            None => {
                candidates = self.candidates(&understanding)?;
                self.with_candidates(&understanding, &candidates, today)
            }
        };
        Ok((answer, Explanation { understanding, candidates }))
    }

    /// Raw retrieval: the best `limit` passages for a text.
    pub fn find(
        &self,
        text: &str,
        drug: Option<&DrugId>,
        limit: usize,
    ) -> Result<Vec<Hit>, search::Error> {
        self.index.find(&self.raw_query(text, drug), limit)
    }

    /// The bare query of [`Engine::find`], for benchmarks.
    pub fn probe(&self, text: &str, limit: usize) -> Result<usize, search::Error> {
        self.index.probe(&self.raw_query(text, None), limit)
    }

    /// Returns how many passages the generation holds.
    pub fn passages(&self) -> usize {
        self.index.len()
    }

    fn raw_query(&self, text: &str, drug: Option<&DrugId>) -> Query {
        Query {
            drugs: drug.into_iter().cloned().collect(),
            ..Query::from_folded(&crate::text::fold(text))
        }
    }

    /// Answers that need no search: small talk, another medicine, an unclear one.
    fn without_search(&self, asked: &Understanding) -> Option<Answer> {
        let knowledge = &self.knowledge;
        let refuse = |kind, reply: &str, ask| consult::refuse(kind, reply, ask, asked, knowledge);
        if asked.folded.is_empty() {
            return Some(refuse(Kind::Clarify, "empty", None));
        }
        if let Some(reply) = asked.small_talk.as_deref().filter(|_| asked.others.is_empty()) {
            let kind = if reply == "person" { Kind::Service } else { Kind::SmallTalk };
            return Some(refuse(kind, reply, None));
        }
        if asked.drugs.is_empty() {
            if let Some(suspect) = &asked.suspect {
                let ask = Some((Clarify::DidYouMean, suspect.drugs.clone()));
                return Some(refuse(Kind::Clarify, "which_drug", ask));
            }
            if !asked.others.is_empty() {
                return Some(refuse(Kind::NotFound, "not_covered", None));
            }
            if asked.is_clinical(knowledge) {
                let drugs =
                    knowledge.drugs.iter().map(|drug| drug.id.clone()).take(MAX_DRUG_OPTIONS);
                return Some(refuse(
                    Kind::Clarify,
                    "which_drug",
                    Some((Clarify::WhichDrug, drugs.collect())),
                ));
            }
        }
        None
    }

    fn with_candidates(
        &self,
        asked: &Understanding,
        candidates: &[Candidate],
        today: Date,
    ) -> Answer {
        let knowledge = &self.knowledge;
        let chosen = consult::choose(candidates, asked, knowledge);
        if chosen.is_empty() {
            return consult::refuse(Kind::NotFound, "not_found", None, asked, knowledge);
        }
        let from_services =
            chosen.iter().all(|candidate| candidate.get(knowledge).0.drug.is_none());
        let kind =
            if asked.is_service(knowledge) || from_services { Kind::Service } else { Kind::Answer };
        consult::compose(kind, asked, &chosen, knowledge, today)
    }

    fn candidates(&self, asked: &Understanding) -> Result<Vec<Candidate>, search::Error> {
        let plan = self.plan(asked)?;
        let mut hits = self.index.find(&plan.query, CANDIDATES)?;
        self.add_topic_passages(asked, &mut hits);
        Ok(hits
            .into_iter()
            .map(|hit| Candidate {
                article: hit.passage.article as usize,
                passage: hit.passage.passage as usize,
                score: hit.score,
                coverage: plan.coverage(hit.matched),
            })
            .collect())
    }

    /// Adds passages on the topic that no word of the question led to: 'is it safe?' shares no
    /// word with the precautions it asks for.
    fn add_topic_passages(&self, asked: &Understanding, hits: &mut Vec<Hit>) {
        for drug in &asked.drugs {
            for (at, article) in self.knowledge.articles_about(drug) {
                let on_topic = (0_u32..).zip(&article.passages).filter(|(_, passage)| {
                    passage.topics.iter().any(|topic| asked.topics.contains(topic))
                });
                let at = u32::try_from(at).unwrap_or(u32::MAX);
                for (passage, _) in on_topic {
                    let passage = PassageRef { article: at, passage };
                    if !hits.iter().any(|hit| hit.passage == passage) {
                        hits.push(Hit { passage, score: 0.0, matched: 0 });
                    }
                }
            }
        }
    }

    fn plan(&self, asked: &Understanding) -> Result<Plan, search::Error> {
        let mut plan = Plan::default();
        for concept in &asked.concepts {
            let mut masks = Vec::new();
            let mut weight = 0.0;
            for (at, alternative) in concept.alternatives.iter().enumerate() {
                let mut mask = 0;
                let mut idf = 0.0;
                for term in alternative {
                    let rarity = (1.0
                        / self.index.frequency(term)?.max(0.5 / self.index.len().max(1) as f32))
                    .ln();
                    idf += rarity;
                    mask |= plan.add(term, if at == 0 { 1.0 } else { SYNONYM_WEIGHT });
                }
                masks.push(mask);
                if at == 0 {
                    weight = idf / alternative.len().max(1) as f32;
                }
            }
            plan.concepts.push((weight, masks));
        }
        for topic in asked.topics.iter().filter_map(|topic| self.knowledge.lexicon.topic(topic)) {
            for (_, label) in topic.label.iter() {
                for term in crate::text::search_terms(&crate::text::fold(label)) {
                    plan.add(&term, 0.5);
                }
            }
        }
        plan.query.drugs.clone_from(&asked.drugs);
        plan.query.general_only = asked.drugs.is_empty() || asked.is_service(&self.knowledge);
        if asked.topics.is_empty() && asked.concepts.is_empty() {
            self.plan_overview(&mut plan);
        }
        Ok(plan)
    }

    /// A bare name asks what the medicine is.
    fn plan_overview(&self, plan: &mut Plan) {
        let topic = self.knowledge.lexicon.topic(&TopicId::from("overview"));
        for lang in [Lang::En, Lang::Zh] {
            let label = topic.map_or("", |topic| topic.label.get(lang));
            for term in crate::text::search_terms(&crate::text::fold(label)) {
                plan.add(&term, 1.0);
            }
        }
    }
}

/// A query, and which of its terms satisfy which concept.
#[derive(Debug, Default)]
struct Plan {
    query: Query,
    /// Weight of each concept, and the terms of each of its alternatives as bits.
    concepts: Vec<(f32, Vec<u64>)>,
}

impl Plan {
    /// Adds a term, or raises its weight; returns its bit.
    fn add(&mut self, term: &str, weight: f32) -> u64 {
        let at =
            self.query.terms.iter().position(|(known, _)| known == term).unwrap_or_else(|| {
                self.query.terms.push((term.to_owned(), 0.0));
                self.query.terms.len() - 1
            });
        self.query.terms[at].1 = self.query.terms[at].1.max(weight);
        if at < 64 { 1 << at } else { 0 }
    }

    fn coverage(&self, matched: u64) -> f32 {
        let all: f32 = self.concepts.iter().map(|(weight, _)| weight).sum();
        if all <= 0.0 {
            return 1.0;
        }
        let satisfied =
            |masks: &[u64]| masks.iter().any(|&mask| mask != 0 && matched & mask == mask);
        let held: f32 = self
            .concepts
            .iter()
            .filter(|(_, masks)| satisfied(masks))
            .map(|(weight, _)| weight)
            .sum();
        held / all
    }
}
