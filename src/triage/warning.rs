//! The warning symptoms of single drugs, told loosely: "my skin has gone yellow" is "yellow skin".

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::frame::Reading;
use super::lexicon::{Occurrence, small};
use super::mark::{Mark, hash_of};
use super::token::{Kind, Token};
use super::{DrugWarning, RedFlags};

/// The warning symptoms of every drug, compiled.
#[derive(Debug, Default)]
pub struct Warnings {
    /// Every phrase once, however many drugs have it.
    phrases: Vec<Phrase>,
    /// Parts of the longest phrase.
    longest: usize,
    drugs: FxHashMap<String, OfDrug>,
}

/// The warning symptoms of one drug.
#[derive(Debug, Default)]
struct OfDrug {
    /// The ids of their rules, which name the drug too.
    rules: Vec<String>,
    /// Their phrases, in the order of the hash of each one's first part.
    told_as: Vec<ToldAs>,
}

/// A phrase that tells a warning symptom.
#[derive(Debug, Clone, Copy)]
struct ToldAs {
    /// Hash of the phrase's first part.
    head: u64,
    /// Position in `Warnings::phrases`.
    phrase: u32,
    /// Position in `OfDrug::rules`.
    rule: u32,
}

#[derive(Debug)]
struct Phrase {
    /// Hashes of the words or characters that it is made of.
    parts: Box<[u64]>,
    is_han: bool,
}

/// Marks that may stand between the parts of a phrase, in all.
const BETWEEN: usize = 4;

/// Words that carry no symptom.
const FILLERS: [&str; 22] = [
    "a", "an", "the", "of", "in", "on", "or", "and", "to", "with", "i", "my", "is", "your",
    "under", "发", "了", "有", "变", "的", "出", "现",
];

impl Warnings {
    /// Compiles `warnings`, reading them as `red_flags` reads messages.
    pub fn compile(red_flags: &RedFlags, warnings: impl IntoIterator<Item = DrugWarning>) -> Self {
        let mut compiled = Self::default();
        let mut known: FxHashMap<Arc<str>, u32> = FxHashMap::default();
        for warning in warnings {
            let rule = format!("{}/{}", warning.drug, warning.id);
            let drug = compiled.drugs.entry(warning.drug).or_default();
            let number = small(drug.rules.len());
            drug.rules.push(rule);
            for text in warning.phrases {
                let phrase = *known.entry(text).or_insert_with_key(|text| {
                    compiled.phrases.push(Phrase::read(red_flags, text));
                    small(compiled.phrases.len() - 1)
                });
                let Some(&head) = compiled.phrases[phrase as usize].parts.first() else { continue };
                drug.told_as.push(ToldAs { head, phrase, rule: number });
            }
        }
        for drug in compiled.drugs.values_mut() {
            drug.told_as.sort_by_key(|told| told.head);
            drug.told_as.shrink_to_fit();
        }
        let lengths = compiled.phrases.iter().map(|phrase| phrase.parts.len());
        compiled.longest = lengths.max().unwrap_or(0);
        compiled
    }

    /// Finds the warning symptoms of `drugs` that are told in the newest message, or on into it:
    /// the rule id and the marks.
    pub(super) fn find(
        &self,
        drugs: &[String],
        marks: &[Mark],
        reading: &Reading,
    ) -> Vec<(String, Occurrence)> {
        let mut found = Vec::new();
        let mut looked_for: Vec<&OfDrug> = Vec::new();
        for drug in drugs.iter().filter_map(|drug| self.drugs.get(drug)) {
            if !looked_for.iter().any(|known| std::ptr::eq(*known, drug)) {
                looked_for.push(drug);
            }
        }
        // What begins before it ends before the newest message.
        let from = reading.newest_from().saturating_sub(self.longest + BETWEEN);
        let mut seen: Vec<&ToldAs> = Vec::new();
        for (at, mark) in marks.iter().enumerate().skip(from).filter(|(_, mark)| mark.is_word()) {
            for (drug, told) in looked_for.iter().flat_map(|drug| drug.beginning_with(mark.hash)) {
                if seen.iter().any(|known| std::ptr::eq(*known, told)) {
                    continue;
                }
                if let Some((first, last)) = self.phrases[told.phrase as usize].fits(marks, at)
                    && !reading.denied()[first..last].contains(&true)
                {
                    let occurrence = Occurrence::new(usize::MAX, first, last);
                    let is_told = reading.touches_newest(&[occurrence])
                        && reading.framed(&[occurrence], 2, false) == 2;
                    if is_told {
                        seen.push(told);
                        found.push((drug.rules[told.rule as usize].clone(), occurrence));
                    }
                }
            }
        }
        found
    }
}

impl OfDrug {
    /// Returns the phrases whose first part has this hash.
    fn beginning_with(&self, head: u64) -> impl Iterator<Item = (&Self, &ToldAs)> {
        let first = self.told_as.partition_point(|told| told.head < head);
        let equal = self.told_as[first..].iter().take_while(move |told| told.head == head);
        equal.map(move |told| (self, told))
    }
}

impl Phrase {
    fn read(red_flags: &RedFlags, text: &str) -> Self {
        let tokens = red_flags.spelling.read_policy(text);
        let is_han = tokens.iter().any(|token| matches!(token.kind, Kind::Han(_)));
        Self { parts: tokens.iter().filter(|token| is_part(token)).map(hash_of).collect(), is_han }
    }

    /// Returns the marks around `at` that hold every part: English in any order, Chinese in turn.
    fn fits(&self, marks: &[Mark], at: usize) -> Option<(usize, usize)> {
        if self.is_han { self.fits_in_turn(marks, at) } else { self.fits_nearby(marks, at) }
    }

    fn fits_in_turn(&self, marks: &[Mark], at: usize) -> Option<(usize, usize)> {
        let end = marks.len().min(at + self.parts.len() + BETWEEN + 1);
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
        let reach = self.parts.len() + BETWEEN;
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
