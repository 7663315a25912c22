//! What to look for, from what a visitor wrote.

use std::collections::HashMap;
use std::ops::Range;

use crate::id::DrugId;
use crate::text;

/// A message of more terms than these is long.
const LONG_MESSAGE: usize = 16;
/// Weight of the first sentence of a long message.
const SUBJECT_WEIGHT: f32 = 2.0;
/// Weight of an everyday word against the others.
const EVERYDAY_WEIGHT: f32 = 0.7;
/// Weight of an everyday Chinese character. It is less than that of an English word, because stop
/// words have left the English already, and pairs of characters make many terms of one word.
const EVERYDAY_HAN_WEIGHT: f32 = 0.2;
/// How much of a repetition counts: a word said twice weighs 2 to this power.
const REPETITION: f32 = 0.8;
/// Most terms of one query; of a pasted leaflet the heaviest are looked for.
const MAX_TERMS: usize = 400;

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Search terms with their weights; each once.
    pub terms: Vec<(String, f32)>,
    /// Only passages about one of these; empty means no limit.
    pub drugs: Vec<DrugId>,
    /// Only passages about no drug at all.
    pub general_only: bool,
}

impl Query {
    /// Returns a query for a message; a word that is repeated weighs more. Of a long message the
    /// first sentence weighs most: the rest tells the story.
    pub fn from_message(message: &str) -> Self {
        Self::weighted(message, |_| Vec::new())
    }

    /// Returns a query as [`Query::from_message`] does, in which everyday words weigh little:
    /// `everyday` returns their places in a folded sentence.
    pub fn weighted(message: &str, everyday: impl Fn(&str) -> Vec<Range<usize>>) -> Self {
        let sentences: Vec<Vec<(String, f32)>> = text::sentences(message)
            .map(|sentence| weighted_terms(&text::fold(sentence), &everyday))
            .filter(|terms| !terms.is_empty())
            .collect();
        let length: usize = sentences.iter().map(Vec::len).sum();
        let is_long = length > LONG_MESSAGE && sentences.len() > 1;
        let mut query = Self::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (at, terms) in sentences.into_iter().enumerate() {
            let sentence_weight = if is_long && at == 0 { SUBJECT_WEIGHT } else { 1.0 };
            for (term, weight) in terms {
                let place = *places.entry(term.clone()).or_insert(query.terms.len());
                if place == query.terms.len() {
                    query.terms.push((term, 0.0));
                }
                query.terms[place].1 += weight * sentence_weight;
            }
        }
        for (_, weight) in &mut query.terms {
            *weight = weight.powf(REPETITION);
        }
        if query.terms.len() > MAX_TERMS {
            query.terms.sort_by(|a, b| b.1.total_cmp(&a.1));
            query.terms.truncate(MAX_TERMS);
        }
        query
    }
}

/// Returns the terms of a folded sentence with their weights.
fn weighted_terms(
    folded: &str,
    everyday: impl Fn(&str) -> Vec<Range<usize>>,
) -> Vec<(String, f32)> {
    let everyday = everyday(folded);
    let is_everyday = |at: usize| everyday.iter().any(|place: &Range<usize>| place.contains(&at));
    let weigh = |(term, place): (String, Range<usize>)| {
        let weight = if folded[place.clone()].chars().all(text::is_han) {
            let characters =
                || folded[place.clone()].char_indices().map(|(at, _)| place.start + at);
            let of = |at| if is_everyday(at) { EVERYDAY_HAN_WEIGHT } else { 1.0 };
            #[expect(clippy::cast_precision_loss, reason = "a term has one or two characters")]
            let count = characters().count().max(1) as f32;
            characters().map(of).sum::<f32>() / count
        } else if is_everyday(place.start) {
            EVERYDAY_WEIGHT
        } else {
            1.0
        };
        (term, weight)
    };
    text::placed_terms(folded).into_iter().map(weigh).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_words_weigh_less_and_repeated_ones_more() {
        let everyday = |folded: &str| {
            let places = ["please", "请问"].into_iter();
            places.filter_map(|word| folded.find(word).map(|at| at..at + word.len())).collect()
        };
        let query = Query::weighted("dose please dose", |folded: &str| {
            folded.find("dose").map(|at| at..at + 4).into_iter().collect()
        });
        let repeated = (1.0 + EVERYDAY_WEIGHT).powf(REPETITION);
        assert_eq!(query.terms, [("dose".to_owned(), repeated)]);
        let query = Query::weighted("请问肝", everyday);
        let weights: Vec<f32> = query.terms.iter().map(|(_, weight)| *weight).collect();
        let half = f32::midpoint(1.0, EVERYDAY_HAN_WEIGHT).powf(REPETITION);
        assert_eq!(weights, [EVERYDAY_HAN_WEIGHT.powf(REPETITION), half]);
    }

    #[test]
    fn the_subject_of_a_long_message_weighs_most() {
        let story = "word ".repeat(20);
        let query = Query::from_message(&format!("liver tests. kidney {story}"));
        let weight = |term: &str| query.terms.iter().find(|(t, _)| t == term).map(|(_, w)| *w);
        assert!(weight("liver") > weight("kidney"), "{query:?}");
    }
}
