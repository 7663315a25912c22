//! What to look for, from what a visitor wrote.

use crate::id::DrugId;
use crate::text;

/// A message of more terms than these is long.
const LONG_MESSAGE: usize = 16;
/// Weight of the first sentence of a long message.
const SUBJECT_WEIGHT: f32 = 2.0;
/// Most terms of one query; a pasted leaflet is cut here.
const MAX_TERMS: usize = 64;

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
    /// Returns a query for a message; a word that is repeated weighs as often as it occurs. Of a
    /// long message the first sentence weighs most: the rest tells the story.
    pub fn from_message(message: &str) -> Self {
        let sentences: Vec<Vec<String>> = sentences(message)
            .map(|sentence| text::search_terms(&text::fold(sentence)))
            .filter(|terms| !terms.is_empty())
            .collect();
        let length: usize = sentences.iter().map(Vec::len).sum();
        let is_long = length > LONG_MESSAGE && sentences.len() > 1;
        let mut query = Self::default();
        for (at, terms) in sentences.iter().enumerate() {
            let weight = match (is_long, at) {
                (true, 0) => SUBJECT_WEIGHT,
                _ => 1.0,
            };
            for term in terms {
                query.add(term, weight);
            }
        }
        query
    }

    /// Adds a term; one that is there already weighs more.
    pub fn add(&mut self, term: &str, weight: f32) {
        if let Some((_, known)) = self.terms.iter_mut().find(|(known, _)| known == term) {
            *known += weight;
        } else if self.terms.len() < MAX_TERMS {
            self.terms.push((term.to_owned(), weight));
        }
    }
}

/// Cuts a message after each sentence and line.
fn sentences(message: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| matches!(c, '.' | '!' | '?' | '。' | '！' | '？' | '；' | '\n');
    message.split_inclusive(ends).map(str::trim)
}
