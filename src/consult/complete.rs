//! What must stand beside the passages chosen: the other side of a disagreement, and the boxed
//! warning of the drug.

use super::{Beside, Candidate, Need, Outline, TopicFit, Understanding};
use crate::id::{DrugId, TopicId};
use crate::knowledge::Knowledge;
use crate::text::Lang;

/// Most quotes that are added here.
const MAX_ADDED: usize = 3;
/// Topics that a boxed warning belongs to.
const WARNED: &[&str] =
    &["administration", "dose-adjustment", "missed-dose", "overdose", "side-effects"];
/// How headings of a passage that reports the boxed warning begin, in lower case.
const BOXED: &[&str] = &["boxed warning", "黑框警告", "加框警告"];

/// Adds to `chosen` what may not be left out beside it.
pub fn complete(
    chosen: &mut Vec<Candidate>,
    candidates: &[Candidate],
    asked: &Understanding,
    (knowledge, outline): (&Knowledge, &Outline),
    beside: &Beside,
) {
    let is_clinical = chosen.iter().any(|found| found.get(knowledge).0.drug.is_some());
    if !is_clinical || asked.is_service(knowledge) {
        return;
    }
    let other_sides = other_sides(chosen, asked, knowledge, beside);
    let warnings =
        asked.drugs.iter().filter(|drug| calls_for_warning(drug, chosen, asked, knowledge));
    let warnings = warnings.filter_map(|drug| boxed_warning(drug, asked.lang, knowledge));
    let warnings: Vec<(usize, usize)> = warnings.collect();
    let room = chosen.len() + MAX_ADDED;
    for (article, passage) in warnings.into_iter().chain(other_sides) {
        let known = chosen.iter().any(|found| (found.article, found.passage) == (article, passage));
        if !known && chosen.len() < room {
            let found = candidates
                .iter()
                .find(|found| (found.article, found.passage) == (article, passage));
            chosen.push(found.copied().unwrap_or(Candidate {
                article,
                passage,
                score: 0.0,
                coverage: 0.0,
                likeness: 0.0,
                topic: TopicFit::None,
                market: outline.market(article, passage, asked.markets),
            }));
        }
    }
}

/// Returns the passages that contradict a chosen one on what was asked.
fn other_sides(
    chosen: &[Candidate],
    asked: &Understanding,
    knowledge: &Knowledge,
    beside: &Beside,
) -> Vec<(usize, usize)> {
    let words = || {
        let telling = asked.concepts.iter().filter(|concept| concept.need != Need::Extra);
        telling.flat_map(|concept| concept.alternatives.all().flatten())
    };
    let mut places = Vec::new();
    for found in chosen {
        for conflict in beside.conflicts((found.article, found.passage), knowledge) {
            if !conflict.concerns(words()) {
                continue;
            }
            let own = conflict
                .statements
                .iter()
                .find(|side| (side.article, side.passage) == (found.article, found.passage));
            let mut values: Vec<&str> = own.iter().map(|side| side.value.as_str()).collect();
            for side in &conflict.statements {
                if !values.contains(&side.value.as_str()) {
                    values.push(&side.value);
                    places.push((side.article, side.passage));
                }
            }
        }
    }
    places
}

/// Returns whether an answer about `drug` is one that its boxed warning belongs to: the question or
/// a passage that is quoted is about a dose or side effects.
fn calls_for_warning(
    drug: &DrugId,
    chosen: &[Candidate],
    asked: &Understanding,
    knowledge: &Knowledge,
) -> bool {
    let is_warned = |topic: &TopicId| WARNED.contains(&topic.as_str());
    let quoted = chosen.iter().map(|found| found.get(knowledge));
    let mut own = quoted.filter(|(article, _)| article.drug.as_ref() == Some(drug));
    asked.topics.iter().any(is_warned)
        || own.any(|(_, passage)| passage.topics.iter().any(is_warned))
}

/// Returns where the boxed warning of a drug is reported, in the visitor's language if possible.
fn boxed_warning(drug: &DrugId, lang: Lang, knowledge: &Knowledge) -> Option<(usize, usize)> {
    if knowledge.drug(drug)?.boxed_warning.is_empty() {
        return None;
    }
    let in_lang = |lang: Lang| {
        let mut articles =
            knowledge.articles_about(drug).filter(move |(_, article)| article.lang == lang);
        articles.find_map(|(at, article)| {
            let mut passages = article.passages.iter();
            Some((at, passages.position(|passage| is_boxed_warning(article.heading(passage)))?))
        })
    };
    in_lang(lang).or_else(|| in_lang(Lang::En))
}

fn is_boxed_warning(heading: Option<&str>) -> bool {
    let begins = |heading: &str, boxed: &str| {
        heading.get(..boxed.len()).is_some_and(|start| start.eq_ignore_ascii_case(boxed))
    };
    heading.is_some_and(|heading| BOXED.iter().any(|boxed| begins(heading, boxed)))
}
