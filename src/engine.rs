//! One generation of the knowledge base, and a question answered from it from beginning to end:
//! understand, find, choose, compose. The only place where `consult` and `search` meet.

mod plan;
mod raw;

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::path::Path;

use self::plan::Plan;
use crate::alarm::{Alarm, Call, Heard, Watch};
use crate::consult::{
    self, Answer, Asked, Beside, Candidate, Clarify, Kind, Outline, Situation, Understanding,
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
    /// The search terms of every topic's name.
    labels: HashMap<TopicId, Vec<String>>,
    beside: Beside,
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

/// What an engine reads questions by: names, synonyms, everyday words.
#[derive(Debug)]
pub struct Vocabulary(Asked);

impl Vocabulary {
    /// Compiles the words of `knowledge`.
    pub fn new(knowledge: &Knowledge) -> Self {
        Self(Asked::new(knowledge))
    }
}

/// What an engine reads questions and passages by; it needs no index.
#[derive(Debug)]
pub struct Compiled {
    asked: Asked,
    outline: Outline,
    beside: Beside,
    labels: HashMap<TopicId, Vec<String>>,
}

impl Compiled {
    /// Compiles `knowledge`, on two processors where there are two. What `earlier`, an engine of
    /// an earlier generation, knows of articles that have not changed is taken over from it.
    pub fn new(knowledge: &Knowledge, earlier: Option<&Engine>) -> Self {
        std::thread::scope(|scope| {
            let vocabulary = scope.spawn(|| Vocabulary::new(knowledge));
            let outline = earlier.map(|earlier| (&earlier.knowledge, &earlier.outline));
            let outline = Outline::new(knowledge, outline);
            let beside = earlier.map_or_else(
                || Beside::new(knowledge),
                |earlier| Beside::after(knowledge, (&earlier.knowledge, &earlier.beside)),
            );
            let labels = plan::labels(knowledge);
            let Vocabulary(asked) = vocabulary.join().unwrap_or_else(|fault| resume_unwind(fault));
            Self { asked, outline, beside, labels }
        })
    }

    /// Compiles the rest of `knowledge`, whose vocabulary is compiled already.
    pub fn with(Vocabulary(asked): Vocabulary, knowledge: &Knowledge) -> Self {
        let (outline, beside) = (Outline::new(knowledge, None), Beside::new(knowledge));
        Self { asked, outline, beside, labels: plan::labels(knowledge) }
    }
}

impl Engine {
    /// Opens the index in `dir`, which was built from `knowledge`.
    pub fn open(
        generation: u64,
        knowledge: Knowledge,
        watch: Watch,
        dir: &Path,
    ) -> Result<Self, search::Error> {
        let compiled = Compiled::new(&knowledge, None);
        Self::with(compiled, generation, knowledge, watch, dir)
    }

    /// Opens the index in `dir`, which was built from `knowledge`, which was `compiled`.
    pub fn with(
        compiled: Compiled,
        generation: u64,
        knowledge: Knowledge,
        watch: Watch,
        dir: &Path,
    ) -> Result<Self, search::Error> {
        let index = Index::open(dir, &knowledge)?;
        let Compiled { asked, outline, beside, labels } = compiled;
        Ok(Self { generation, knowledge, watch, index, asked, outline, labels, beside })
    }

    /// Compares the articles about each medicine before it is asked about, while `goes_on`.
    pub fn compare_articles(&self, goes_on: impl Fn() -> bool) {
        self.beside.complete(&self.knowledge, goes_on);
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
        let mut chosen = consult::choose(candidates, asked, knowledge, &self.beside);
        let outline = (knowledge, &self.outline);
        consult::complete(&mut chosen, candidates, asked, outline, &self.beside);
        if chosen.is_empty() {
            return consult::refuse(Kind::NotFound, "not_found", None, asked, knowledge);
        }
        let from_services =
            chosen.iter().all(|candidate| candidate.get(knowledge).0.drug.is_none());
        let kind =
            if asked.is_service(knowledge) || from_services { Kind::Service } else { Kind::Answer };
        consult::compose(kind, asked, &chosen, knowledge, &self.beside, today)
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
            let heading = self.outline.heading_terms(article, passage, &plan.heading_terms);
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
        let found = hits.len();
        for drug in &asked.drugs {
            for (at, article) in self.knowledge.articles_about(drug) {
                let on_topic = (0_u32..).zip(&article.passages).filter(|(_, passage)| {
                    passage.topics.iter().any(|topic| asked.topics.contains(topic))
                });
                let at = u32::try_from(at).unwrap_or(u32::MAX);
                for (passage, _) in on_topic {
                    let passage = PassageRef { article: at, passage };
                    if !hits[..found].iter().any(|hit| hit.passage == passage) {
                        hits.push(Hit { passage, score: 0.0, matched: 0 });
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::consult::Conflicts;
    use crate::knowledge::{Article, File};
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

    /// Edits the knowledge base at random: articles and names, as editors do.
    fn edit(files: &mut Vec<File>, random: &mut impl FnMut(usize) -> usize) {
        let about_drugs = |end: &'static str| {
            move |file: &File| file.path.starts_with("drugs/") && file.path.ends_with(end)
        };
        let end = if random(6) == 0 { "/drug.toml" } else { ".md" };
        let places: Vec<usize> =
            (0..files.len()).filter(|&at| about_drugs(end)(&files[at])).collect();
        let at = places[random(places.len())];
        if end == "/drug.toml" {
            let line = format!("aliases = [\"dose\", \"alias{}\"]\n", random(9));
            files[at].text.insert_str(0, &line);
            files[at].text = files[at].text.replacen("\naliases", "\n# aliases", 1);
            return;
        }
        let mut file = files[at].clone();
        match random(6) {
            0 => files[at].text += "\nThe starting dose is 77 mg. Liver tests are made weekly.\n",
            1 => files[at].text = file.text.replace("mg", "mL"),
            2 => files[at].text = file.text.replacen("status: published", "status: withdrawn", 1),
            3 => drop(files.remove(at)),
            4 => files[at].text = file.text.replacen("\n## ", "\n## Storage and ", 1),
            _ => {
                file.path = file.path.replace(".md", "-again.md");
                file.text += "\nOnce again, for the infusion.\n";
                files.retain(|known| known.path != file.path);
                files.push(file);
            }
        }
    }

    #[test]
    fn what_is_taken_over_from_an_earlier_generation_is_what_would_be_found_anew() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge");
        let (mut files, _) = library::read(&folder).unwrap();
        let engine = |files: &[File], earlier: Option<&Engine>| {
            let knowledge = match earlier {
                Some(earlier) => Knowledge::parse_after(files.to_vec(), &earlier.knowledge),
                None => Knowledge::parse(files).0,
            };
            let compiled = Compiled::new(&knowledge, earlier);
            let dir = tempfile::tempdir().unwrap();
            Index::build(dir.path(), &knowledge, |_| {}).unwrap();
            Engine::with(compiled, 1, knowledge, Watch::default(), dir.path()).unwrap()
        };
        let mut state = 11_usize;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        let day: Date = "2026-11-01".parse().unwrap();
        let mut earlier = engine(&files, None);
        let (mut shared, mut taken_over) = (0, 0);
        for round in 0..10 {
            earlier.compare_articles(|| true);
            for _ in 0..=random(3) {
                edit(&mut files, &mut random);
            }
            if round == 5 {
                let topics = files.iter_mut().find(|file| file.path == "lexicon/topics.toml");
                topics.unwrap().text +=
                    "\n[infusions]\nlabel.en = \"Infusion\"\nlabel.zh = \"输注\"\n";
            }
            let (after, anew) = (engine(&files, Some(&earlier)), engine(&files, None));
            assert_eq!(after.knowledge.articles, anew.knowledge.articles, "round {round}");
            assert_eq!(after.outline, anew.outline, "round {round}");
            let old = &earlier.knowledge.articles;
            let is_shared =
                |article: &&Arc<Article>| old.iter().any(|old| Arc::ptr_eq(old, article));
            shared += after.knowledge.articles.iter().filter(is_shared).count();
            taken_over += after.beside.known();
            let knowledge = &anew.knowledge;
            for (at, article) in knowledge.articles.iter().enumerate() {
                for passage in 0..article.passages.len() {
                    let place = (at, passage);
                    let conflicts = |engine: &Engine| {
                        engine.beside.conflicts(place, knowledge).cloned().collect::<Vec<_>>()
                    };
                    assert_eq!(conflicts(&after), conflicts(&anew), "round {round}: {place:?}");
                    let twins = after.beside.twins(place, knowledge);
                    assert_eq!(
                        twins,
                        anew.beside.twins(place, knowledge),
                        "round {round}: {place:?}"
                    );
                }
            }
            for question in knowledge.questions.iter().step_by(9) {
                let [found, expected] = [&after, &anew]
                    .map(|engine| engine.ask(&question.ask, &Situation::default(), day).unwrap());
                assert_eq!(found, expected, "round {round}: {}", question.ask);
            }
            earlier = after;
        }
        assert!(shared > 0 && taken_over > 0, "{shared} {taken_over}");
    }
}
