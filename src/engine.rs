//! One generation of the knowledge base, and a question answered from it from beginning to end:
//! understand, find, choose, compose. The only place where `consult` and `search` meet.

mod plan;
mod raw;

use std::collections::{HashMap, HashSet};
use std::panic::resume_unwind;
use std::path::Path;

use self::plan::Plan;
use crate::alarm::{Alarm, Call, Heard, Watch};
use crate::consult::{
    self, Answer, Asked, Candidate, Clarify, Conflicts, Kind, Outline, Situation, Twins,
    Understanding,
};
use crate::id::{DrugId, TopicId};
use crate::knowledge::Knowledge;
use crate::search::{self, Hit, Index, PassageRef, Query};
use crate::text::Lang;
use crate::time::Date;
use crate::triage::Verdict;

/// Passages taken from the index for one question.
const CANDIDATES: usize = 40;
/// Drugs offered when a question names none.
const MAX_DRUG_OPTIONS: usize = 8;

/// A generation ready to answer: immutable, shared by all sessions until the next one.
#[derive(Debug)]
pub struct Engine {
    /// Number of the generation; it grows with every publication.
    pub generation: u64,
    /// The knowledge base of this generation.
    pub knowledge: Knowledge,
    watch: Watch,
    index: Index,
    asked: Asked,
    outline: Outline,
    conflicts: Conflicts,
    /// The search terms of every topic's name.
    labels: HashMap<TopicId, Vec<String>>,
    twins: Twins,
}

/// Why an answer came out as it did, for `--explain`.
#[derive(Debug)]
pub struct Explanation {
    /// What was understood.
    pub understanding: Understanding,
    /// The verdict on emergencies.
    pub verdict: Verdict,
    /// What was found, best first.
    pub candidates: Vec<Candidate>,
}

impl Engine {
    /// Opens the index in `dir`, which was built from `knowledge`.
    pub fn open(
        generation: u64,
        knowledge: Knowledge,
        watch: Watch,
        dir: &Path,
    ) -> Result<Self, search::Error> {
        // Each reads the whole knowledge base: side by side, where there are processors for it.
        let (index, outline, conflicts, twins) = std::thread::scope(|scope| {
            let conflicts = scope.spawn(|| Conflicts::find(&knowledge));
            let twins = scope.spawn(|| Twins::find(&knowledge));
            let outline = Outline::new(&knowledge);
            let index = Index::open(dir, &knowledge);
            let conflicts = conflicts.join().unwrap_or_else(|fault| resume_unwind(fault));
            let twins = twins.join().unwrap_or_else(|fault| resume_unwind(fault));
            (index, outline, conflicts, twins)
        });
        let index = index?;
        let asked = Asked::new(&knowledge);
        let labels = plan::labels(&knowledge);
        Ok(Self { generation, knowledge, watch, index, asked, outline, conflicts, labels, twins })
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
        let understanding = self.understand(message, situation);
        let alarm = self.judge(&self.hear(message), situation, &understanding);
        self.answer(understanding, alarm, today)
    }

    /// Reads a message in its situation.
    pub fn understand(&self, message: &str, situation: &Situation) -> Understanding {
        consult::understand(message, situation, &self.knowledge, &self.asked)
    }

    /// Reads a message as the emergency policy does.
    pub fn hear(&self, message: &str) -> Heard {
        self.watch.hear(message)
    }

    /// Returns whom to call in an emergency in `region`.
    pub fn emergency_numbers(&self, region: &str, lang: Lang) -> Vec<Call> {
        self.watch.numbers(region, lang)
    }

    /// Judges a message for emergencies; needs no index.
    pub fn judge(&self, heard: &Heard, situation: &Situation, asked: &Understanding) -> Alarm {
        let mut drugs = asked.drugs.clone();
        drugs.extend(situation.drugs.iter().chain(&situation.page).cloned());
        let region = situation.region.as_deref();
        self.watch.judge(&situation.recent, heard, &drugs, region, asked.lang)
    }

    /// Answers what was understood, unless the alarm interrupts.
    pub fn answer(
        &self,
        understanding: Understanding,
        alarm: Alarm,
        today: Date,
    ) -> Result<(Answer, Explanation), search::Error> {
        let mut candidates = Vec::new();
        let verdict = alarm.verdict.clone();
        if alarm.interrupts() {
            let answer = consult::urgent(alarm, &understanding, &self.knowledge);
            return Ok((answer, Explanation { understanding, verdict, candidates }));
        }
        let answer = if let Some(answer) = self.without_search(&understanding) {
            answer
        } else {
            candidates = self.candidates(&understanding)?;
            self.with_candidates(&understanding, &candidates, today)
        };
        Ok((consult::warn(answer, alarm), Explanation { understanding, verdict, candidates }))
    }

    /// Raw retrieval: the best `limit` passages for a text.
    pub fn find(
        &self,
        text: &str,
        drug: Option<&DrugId>,
        limit: usize,
    ) -> Result<Vec<Hit>, search::Error> {
        raw::find(self, text, drug, limit)
    }

    /// The bare query of [`Engine::find`], for benchmarks.
    pub fn probe(&self, text: &str, limit: usize) -> Result<usize, search::Error> {
        self.index.probe(&Query::from_message(text), limit)
    }

    /// Returns how many passages the generation holds.
    pub fn passages(&self) -> usize {
        self.index.len()
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
        let mut chosen = consult::choose(candidates, asked, knowledge, &self.twins);
        let outline = (knowledge, &self.outline);
        consult::complete(&mut chosen, candidates, asked, outline, &self.conflicts);
        if chosen.is_empty() {
            return consult::refuse(Kind::NotFound, "not_found", None, asked, knowledge);
        }
        let from_services =
            chosen.iter().all(|candidate| candidate.get(knowledge).0.drug.is_none());
        let kind =
            if asked.is_service(knowledge) || from_services { Kind::Service } else { Kind::Answer };
        let beside = (&self.conflicts, &self.twins);
        consult::compose(kind, asked, &chosen, knowledge, beside, today)
    }

    fn candidates(&self, asked: &Understanding) -> Result<Vec<Candidate>, search::Error> {
        let mut plan = Plan::new(asked, self);
        let mut hits = self.index.find(&plan.query, CANDIDATES)?;
        self.add_topic_passages(asked, &mut hits);
        let topics = self.outline.mask(&asked.topics);
        let earlier = self.outline.mask(&asked.earlier);
        let place = |hit: &Hit| (hit.passage.article as usize, hit.passage.passage as usize);
        let fits: Vec<_> = hits
            .iter()
            .map(|hit| {
                let (article, passage) = place(hit);
                self.outline.fit(article, passage, topics, earlier)
            })
            .collect();
        plan.topics_are_met = fits.iter().any(|fit| fit.is_on_topic());
        let candidates = hits.iter().zip(fits).map(|(hit, topic)| {
            let (article, passage) = place(hit);
            let heading = self.outline.heading_terms(article, passage, &plan.hashes);
            let coverage = plan.coverage(hit.matched | heading);
            let likeness = plan.likeness(hit.matched, heading, topic);
            let market = self.outline.market(article, passage, asked.markets);
            Candidate { article, passage, score: hit.score, coverage, likeness, topic, market }
        });
        Ok(candidates.collect())
    }

    /// Adds passages on the topic that no word of the question led to: 'is it safe?' shares no
    /// word with the precautions it asks for.
    fn add_topic_passages(&self, asked: &Understanding, hits: &mut Vec<Hit>) {
        let known: HashSet<PassageRef> = hits.iter().map(|hit| hit.passage).collect();
        for drug in &asked.drugs {
            for (at, article) in self.knowledge.articles_about(drug) {
                let on_topic = (0_u32..).zip(&article.passages).filter(|(_, passage)| {
                    passage.topics.iter().any(|topic| asked.topics.contains(topic))
                });
                let at = u32::try_from(at).unwrap_or(u32::MAX);
                let passages = on_topic.map(|(passage, _)| PassageRef { article: at, passage });
                let new = passages.filter(|passage| !known.contains(passage));
                hits.extend(new.map(|passage| Hit { passage, score: 0.0, matched: 0 }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;

    /// The conflicts of our own articles, read by hand and all true: see docs/evaluation.md.
    const CONFLICTS: &[&str] = &[
        "Bilirubin",
        "How many cycles",
        "complete blood count",
        "contraception",
        "contraception",
        "contraindication",
        "cycle 1 total dose",
        "liver tests",
        "liver tests",
        "low neutrophils",
        "premedication",
    ];

    #[test]
    fn known_disagreements_are_found_in_our_articles_and_no_others() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge");
        let (files, _) = library::read(&folder).unwrap();
        let (knowledge, _) = Knowledge::parse(&files);
        let conflicts = Conflicts::find(&knowledge);
        let mut found: Vec<&str> =
            conflicts.iter().map(|conflict| conflict.about.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, CONFLICTS);
        let about_besponsa =
            conflicts.iter().all(|conflict| conflict.drug.as_str() == "inotuzumab-ozogamicin");
        assert!(about_besponsa, "{conflicts:#?}");
        assert_eq!(conflicts.problems(&knowledge), [], "all of them are acknowledged");
    }
}
