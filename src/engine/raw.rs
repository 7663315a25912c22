//! Retrieval for itself, as `eider search` shows it: the message's words, synonyms at little weight,
//! spellings near to unknown words, and titles and topics that fit the question first.
//!
//! Answers do not come this way: a name is never corrected silently there.

use super::Engine;
use super::plan::Plan;
use crate::consult::{self, Need, Situation, Understanding};
use crate::search::{self, Hit, Query};

/// Weight of everyday words against the others.
const EVERYDAY_WEIGHT: f32 = 0.7;
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
/// Most terms of a query with synonyms and spellings.
const MAX_TERMS: usize = 64;

/// Returns the best `limit` passages for `text`, whose plain words are in `query`.
pub(super) fn find(
    engine: &Engine,
    mut query: Query,
    text: &str,
    limit: usize,
) -> Result<Vec<Hit>, search::Error> {
    let asked = consult::understand(text, &Situation::default(), &engine.knowledge, &engine.asked);
    widen(engine, &mut query, &asked)?;
    let mut hits = engine.index.find(&query, limit.max(LOOKED_AT))?;
    let plan = Plan::new(&asked, engine);
    let topics = engine.outline.mask(&asked.topics);
    for hit in &mut hits {
        let (article, passage) = (hit.passage.article as usize, hit.passage.passage as usize);
        let heading = engine.outline.heading_terms(article, passage, &plan.hashes);
        let fit = engine.outline.fit(article, passage, topics, topics);
        let likeness = plan.likeness(0, heading, fit);
        let on_topic = if fit.is_on_topic() { TOPIC_BONUS } else { 0.0 };
        hit.score *= 1.0 + HEADING_BONUS * likeness + on_topic;
    }
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
    hits.truncate(limit);
    Ok(hits)
}

/// Weighs everyday words less, and adds spellings and synonyms.
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
    for concept in &asked.concepts {
        for alternative in concept.alternatives.iter().skip(1) {
            #[expect(clippy::cast_precision_loss, reason = "a synonym has few words")]
            let share = SYNONYM_WEIGHT / alternative.len() as f32;
            added.extend(alternative.iter().map(|term| (term.clone(), share)));
        }
        if concept.need == Need::Extra {
            let own = |term: &String| concept.alternatives[0].contains(term);
            let everyday = query.terms.iter_mut().filter(|(term, _)| own(term));
            everyday.for_each(|(_, weight)| *weight *= EVERYDAY_WEIGHT);
        }
    }
    for (term, weight) in added {
        let is_new = !query.terms.iter().any(|(known, _)| *known == term);
        if is_new && query.terms.len() < MAX_TERMS {
            query.terms.push((term, weight));
        }
    }
    Ok(())
}
