//! Retrieval for itself, as `eider search` shows it: the message's words, other names of its
//! medicines, synonyms at little weight, spellings near to unknown words, and titles and topics
//! that fit the question first.
//!
//! Answers do not come this way: a name is never corrected silently there.

use super::Engine;
use super::plan::Plan;
use crate::consult::{self, Concept, Need, Situation, Understanding};
use crate::id::DrugId;
use crate::knowledge::Drug;
use crate::search::{self, Hit, Query, Wanted};
use crate::text;

/// Weight of a medicine's proper name where the question has another one, such as a brand.
const INN_WEIGHT: f32 = 0.9;
/// Weight of its other names.
const OTHER_NAME_WEIGHT: f32 = 0.2;
/// Weight of a synonym against the written word.
const SYNONYM_WEIGHT: f32 = 0.1;
/// Weight of all spellings tried in place of an unknown word.
const CORRECTED_WEIGHT: f32 = 0.8;
/// Shortest word that may be misspelt, in bytes.
const MIN_CORRECTED: usize = 5;
/// What a heading adds to a passage's score when it holds the whole question.
const HEADING_BONUS: f32 = 0.3;
/// What it adds when title or heading name the topic of the question.
const TOPIC_BONUS: f32 = 0.2;
/// Passages whose headings are looked at.
const LOOKED_AT: usize = 200;

/// Returns the best `limit` passages for `text`.
pub(super) fn find(
    engine: &Engine,
    text: &str,
    drug: Option<&DrugId>,
    limit: usize,
) -> Result<Vec<Hit>, search::Error> {
    let mut asked =
        consult::understand(text, &Situation::default(), &engine.knowledge, &engine.asked);
    let mut query = Query::weighted(text, |folded| engine.asked.everyday(folded));
    query.drugs = drug.into_iter().cloned().collect();
    widen(engine, &mut query, &asked)?;
    let bonus = HEADING_BONUS + TOPIC_BONUS;
    let wanted = Wanted { most: limit.max(LOOKED_AT), limit, bonus };
    let mut hits = engine.index.find_to_rank(&query, &wanted)?;
    let named = medicines(engine, &asked).map(name_matter);
    asked.concepts = named.collect::<Vec<_>>().into_iter().chain(asked.concepts).collect();
    let plan = Plan::new(&asked, engine);
    let topics = engine.outline.mask(&asked.topics);
    for hit in &mut hits {
        let (article, passage) = (hit.passage.article as usize, hit.passage.passage as usize);
        let heading = engine.outline.heading_terms(article, passage, &plan.heading_terms);
        let fit = engine.outline.fit(article, passage, topics, topics);
        let likeness = plan.likeness(0, heading, fit);
        let on_topic = if fit.is_on_topic() { TOPIC_BONUS } else { 0.0 };
        hit.score *= 1.0 + HEADING_BONUS * likeness + on_topic;
    }
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
    hits.truncate(limit);
    Ok(hits)
}

/// Adds other names of the medicines asked about, spellings and synonyms.
fn widen(engine: &Engine, query: &mut Query, asked: &Understanding) -> Result<(), search::Error> {
    let mut added: Vec<(String, f32)> = Vec::new();
    for (term, weight) in &query.terms {
        let may_be_misspelt = term.len() >= MIN_CORRECTED && term.is_ascii();
        if may_be_misspelt && engine.index.frequency(term) <= 0.0 {
            let near = engine.index.nearest(term)?;
            #[expect(clippy::cast_precision_loss, reason = "there are few spellings")]
            let share = CORRECTED_WEIGHT * weight / (near.len().max(1) as f32).sqrt();
            added.extend(near.into_iter().map(|word| (word, share)));
        }
    }
    for drug in medicines(engine, asked) {
        add_names(drug, &mut added);
    }
    for concept in &asked.concepts {
        let (own, others) = match concept.need {
            Need::OtherMedicine => (INN_WEIGHT, OTHER_NAME_WEIGHT),
            _ => (SYNONYM_WEIGHT, SYNONYM_WEIGHT),
        };
        for (at, alternative) in concept.alternatives.all().skip(1).enumerate() {
            let weight = if at == 0 { own } else { others };
            #[expect(clippy::cast_precision_loss, reason = "a synonym has few words")]
            let share = weight / alternative.len() as f32;
            added.extend(alternative.iter().map(|term| (term.clone(), share)));
        }
    }
    let written = query.terms.len();
    for (term, weight) in added {
        match query.terms.iter_mut().position(|(known, _)| *known == term) {
            Some(at) if at < written => {}
            Some(at) => query.terms[at].1 = query.terms[at].1.max(weight),
            None => query.terms.push((term, weight)),
        }
    }
    Ok(())
}

/// Returns the drugs that the question names, or may mean by a misspelt name.
fn medicines<'a>(engine: &'a Engine, asked: &'a Understanding) -> impl Iterator<Item = &'a Drug> {
    let suspects = asked.suspect.iter().flat_map(|suspect| &suspect.drugs);
    asked.drugs.iter().chain(suspects).filter_map(|id| engine.knowledge.drug(id))
}

/// Returns the drug as a matter of the question: a heading with any of its names holds it.
fn name_matter(drug: &Drug) -> Concept {
    let terms = |name: &str| text::search_terms(&text::fold(name));
    Concept { alternatives: drug.all_names().map(terms).collect(), need: Need::Matter }
}

/// Adds the words of a drug's names.
fn add_names(drug: &Drug, added: &mut Vec<(String, f32)>) {
    for (at, name) in drug.all_names().enumerate() {
        let weight = if at == 0 { INN_WEIGHT } else { OTHER_NAME_WEIGHT };
        let terms = text::search_terms(&text::fold(name));
        added.extend(terms.into_iter().map(|term| (term, weight)));
    }
}
