//! The warning symptoms of single drugs, told loosely: "my skin has gone yellow" is "yellow skin".

use rustc_hash::{FxHashMap, FxHashSet};

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
    /// A bit for each of those hashes, by [`bit_of`]: most words begin no phrase.
    first_parts: Vec<u64>,
    /// Numbers of the drugs.
    drugs: FxHashMap<String, usize>,
}

#[derive(Debug)]
struct Phrase {
    /// Number of the drug.
    drug: usize,
    /// The rule's id, which names the drug and the warning symptom.
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

/// How many bits tell which words begin a phrase.
const BITS: usize = 1 << 13;

/// Returns the bit that stands for a hash.
fn bit_of(hash: u64) -> usize {
    usize::try_from((hash ^ hash >> 20) % BITS as u64).unwrap_or_default()
}

impl Warnings {
    /// Compiles `warnings`, reading them as `red_flags` reads messages.
    pub fn compile(red_flags: &RedFlags, warnings: &[DrugWarning]) -> Self {
        let mut compiled = Self { first_parts: vec![0; BITS / 64], ..Self::default() };
        for warning in warnings {
            let number = compiled.drugs.len();
            let drug = *compiled.drugs.entry(warning.drug.clone()).or_insert(number);
            for phrase in &warning.phrases {
                let tokens = red_flags.spelling.read_policy(phrase);
                let is_han = tokens.iter().any(|token| matches!(token.kind, Kind::Han(_)));
                let parts: Vec<u64> =
                    tokens.iter().filter(|token| is_part(token)).map(hash_of).collect();
                let Some(head) = parts.first().copied() else { continue };
                compiled.by_part.entry(head).or_default().push(compiled.phrases.len());
                compiled.first_parts[bit_of(head) / 64] |= 1 << (bit_of(head) % 64);
                let id = format!("{}/{}", warning.drug, warning.id);
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
        let drugs: Vec<usize> =
            drugs.iter().filter_map(|drug| self.drugs.get(drug).copied()).collect();
        if drugs.is_empty() || self.phrases.is_empty() {
            return found;
        }
        let mut seen = FxHashSet::default();
        let may_begin = |mark: &Mark| {
            let bit = bit_of(mark.hash);
            self.first_parts[bit / 64] & 1 << (bit % 64) != 0 && mark.is_word()
        };
        for (at, mark) in marks.iter().enumerate().filter(|(_, mark)| may_begin(mark)) {
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
                        found.push((phrase.id.clone(), occurrence));
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
