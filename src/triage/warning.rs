//! The warning symptoms of single drugs, told loosely: "my skin has gone yellow" is "yellow skin".

use std::collections::{HashMap, HashSet};

use super::frame::Reading;
use super::lexicon::Occurrence;
use super::token::{Kind, Token};
use super::{DrugWarning, RedFlags};

/// The warning symptoms of every drug, compiled.
#[derive(Debug, Default)]
pub struct Warnings {
    phrases: Vec<Phrase>,
    by_part: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Phrase {
    drug: String,
    id: String,
    parts: Vec<String>,
    is_han: bool,
}

/// Words that carry no symptom.
const FILLERS: [&str; 22] = [
    "a", "an", "the", "of", "in", "on", "or", "and", "to", "with", "i", "my", "is", "your",
    "under", "发", "了", "有", "变", "的", "出", "现",
];

impl Warnings {
    /// Compiles `warnings`, reading them as `red_flags` reads messages.
    pub fn compile(red_flags: &RedFlags, warnings: &[DrugWarning]) -> Self {
        let mut compiled = Self::default();
        for warning in warnings {
            for phrase in &warning.phrases {
                let tokens = red_flags.spelling.read_policy(phrase);
                let is_han = tokens.iter().any(|token| matches!(token.kind, Kind::Han(_)));
                let mut parts: Vec<String> = tokens.iter().filter_map(part).collect();
                parts.retain(|part| !FILLERS.contains(&part.as_str()));
                let Some(head) = parts.first().cloned() else { continue };
                compiled.by_part.entry(head).or_default().push(compiled.phrases.len());
                let (drug, id) = (warning.drug.clone(), warning.id.clone());
                compiled.phrases.push(Phrase { drug, id, parts, is_han });
            }
        }
        compiled
    }

    /// Finds the warning symptoms of `drugs` in `tokens`: the rule id and the tokens.
    pub(super) fn find(
        &self,
        drugs: &[String],
        tokens: &[Token],
        reading: &Reading,
        negation_marks: &[bool],
    ) -> Vec<(String, Occurrence)> {
        let mut found = Vec::new();
        if drugs.is_empty() || self.phrases.is_empty() {
            return found;
        }
        let mut seen = HashSet::new();
        for (at, token) in tokens.iter().enumerate() {
            let Some(candidates) = part(token).and_then(|part| self.by_part.get(&part)) else {
                continue;
            };
            for index in candidates.iter().take(64) {
                let phrase = &self.phrases[*index];
                if !drugs.contains(&phrase.drug) || seen.contains(index) {
                    continue;
                }
                if let Some((first, last)) = phrase.fits(tokens, at)
                    && !negation_marks[first..last].contains(&true)
                {
                    let occurrence =
                        Occurrence { concept: usize::MAX, first, last, negated: false };
                    if reading.framed(&[occurrence], 2, false) == 2 {
                        seen.insert(*index);
                        found.push((format!("{}/{}", phrase.drug, phrase.id), occurrence));
                    }
                }
            }
        }
        found
    }
}

impl Phrase {
    /// Returns the tokens around `at` that hold every part: English in any order, Chinese in turn.
    fn fits(&self, tokens: &[Token], at: usize) -> Option<(usize, usize)> {
        if self.is_han { self.fits_in_turn(tokens, at) } else { self.fits_nearby(tokens, at) }
    }

    fn fits_in_turn(&self, tokens: &[Token], at: usize) -> Option<(usize, usize)> {
        let end = tokens.len().min(at + self.parts.len() + 5);
        let mut parts = self.parts.iter();
        let mut wanted = parts.next()?;
        for (offset, token) in tokens[at..end].iter().enumerate() {
            if token.as_break().is_some() {
                return None;
            }
            if part(token).as_ref() == Some(wanted) {
                match parts.next() {
                    Some(next) => wanted = next,
                    None => return Some((at, at + offset + 1)),
                }
            }
        }
        None
    }

    fn fits_nearby(&self, tokens: &[Token], at: usize) -> Option<(usize, usize)> {
        let reach = self.parts.len() + 4;
        let (low, high) = (at.saturating_sub(reach), tokens.len().min(at + reach + 1));
        let (mut first, mut last) = (at, at + 1);
        for wanted in &self.parts[1..] {
            let place = (low..high).find(|place| part(&tokens[*place]).as_ref() == Some(wanted))?;
            first = first.min(place);
            last = last.max(place + 1);
        }
        let is_one_clause = tokens[first..last].iter().all(|token| token.as_break().is_none());
        is_one_clause.then_some((first, last))
    }
}

fn part(token: &Token) -> Option<String> {
    match &token.kind {
        Kind::Word(word) => Some(word.clone()),
        Kind::Han(character) => Some(character.to_string()),
        _ => None,
    }
}
