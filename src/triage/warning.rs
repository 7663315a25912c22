//! The warning symptoms of single drugs, told loosely: "my skin has gone yellow" is "yellow skin".

use std::collections::HashSet;

use rustc_hash::FxHashMap;

use super::frame::Reading;
use super::lexicon::Occurrence;
use super::mark::{Mark, hash_of};
use super::token::{Kind, Token};
use super::{DrugWarning, RedFlags};

/// The warning symptoms of every drug, compiled.
#[derive(Debug, Default)]
pub struct Warnings {
    phrases: Vec<Phrase>,
    /// Phrases by the hash of their first part.
    by_part: FxHashMap<u64, Vec<usize>>,
}

#[derive(Debug)]
struct Phrase {
    drug: String,
    id: String,
    /// Hashes of the words or characters that it is made of.
    parts: Vec<u64>,
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
                let parts: Vec<u64> =
                    tokens.iter().filter(|token| is_part(token)).map(hash_of).collect();
                let Some(head) = parts.first().copied() else { continue };
                compiled.by_part.entry(head).or_default().push(compiled.phrases.len());
                let (drug, id) = (warning.drug.clone(), warning.id.clone());
                compiled.phrases.push(Phrase { drug, id, parts, is_han });
            }
        }
        compiled
    }

    /// Finds the warning symptoms of `drugs` in `marks`: the rule id and the marks.
    pub(super) fn find(
        &self,
        drugs: &[String],
        marks: &[Mark],
        reading: &Reading,
        negation_marks: &[bool],
    ) -> Vec<(String, Occurrence)> {
        let mut found = Vec::new();
        if drugs.is_empty() || self.phrases.is_empty() {
            return found;
        }
        let mut seen = HashSet::new();
        for (at, mark) in marks.iter().enumerate().filter(|(_, mark)| mark.is_word()) {
            let Some(candidates) = self.by_part.get(&mark.hash) else { continue };
            for index in candidates.iter().take(64) {
                let phrase = &self.phrases[*index];
                if !drugs.contains(&phrase.drug) || seen.contains(index) {
                    continue;
                }
                if let Some((first, last)) = phrase.fits(marks, at)
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
    /// Returns the marks around `at` that hold every part: English in any order, Chinese in turn.
    fn fits(&self, marks: &[Mark], at: usize) -> Option<(usize, usize)> {
        if self.is_han { self.fits_in_turn(marks, at) } else { self.fits_nearby(marks, at) }
    }

    fn fits_in_turn(&self, marks: &[Mark], at: usize) -> Option<(usize, usize)> {
        let end = marks.len().min(at + self.parts.len() + 5);
        let mut parts = self.parts.iter();
        let mut wanted = parts.next()?;
        for (offset, mark) in marks[at..end].iter().enumerate() {
            if mark.as_break().is_some() {
                return None;
            }
            if mark.is_word() && mark.hash == *wanted {
                match parts.next() {
                    Some(next) => wanted = next,
                    None => return Some((at, at + offset + 1)),
                }
            }
        }
        None
    }

    fn fits_nearby(&self, marks: &[Mark], at: usize) -> Option<(usize, usize)> {
        let reach = self.parts.len() + 4;
        let (low, high) = (at.saturating_sub(reach), marks.len().min(at + reach + 1));
        let (mut first, mut last) = (at, at + 1);
        for wanted in &self.parts[1..] {
            let is_it = |mark: &Mark| mark.is_word() && mark.hash == *wanted;
            let place = (low..high).find(|place| is_it(&marks[*place]))?;
            first = first.min(place);
            last = last.max(place + 1);
        }
        let is_one_clause = marks[first..last].iter().all(|mark| mark.as_break().is_none());
        is_one_clause.then_some((first, last))
    }
}

/// Returns whether a token of a phrase carries something of the symptom.
fn is_part(token: &Token) -> bool {
    match &token.kind {
        Kind::Word(word) => !FILLERS.contains(&word.as_str()),
        Kind::Han(character) => !FILLERS.iter().any(|filler| filler.chars().eq([*character])),
        _ => false,
    }
}
