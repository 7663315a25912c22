//! Many phrases looked for in one pass over folded text.
//!
//! A set may be tolerant: it then also finds a phrase whose words stand there in another form or
//! with function words between them, so that 'missed a dose' finds 'misses his dose'.

use aho_corasick::{AhoCorasick, MatchKind};

use super::{Word, fold, is_han, words};

/// Phrases, each with a value, found in one pass; Latin phrases match whole words only.
#[derive(Debug)]
pub struct PhraseSet<T> {
    automaton: Option<AhoCorasick>,
    values: Vec<T>,
    stems: Option<(AhoCorasick, Vec<usize>)>,
}

/// One occurrence of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhraseMatch<'a, T> {
    /// The value the phrase stands for.
    pub value: &'a T,
    /// Where the phrase begins in the folded text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// Folded text with the stems of its words, cut once and searched by several tolerant sets.
#[derive(Debug)]
pub struct Stemmed<'a> {
    folded: &'a str,
    stems: String,
    /// Where each stem begins in `stems`, with the byte range of its word in `folded`.
    places: Vec<(usize, usize, usize)>,
}

impl<'a> Stemmed<'a> {
    /// Cuts `folded` text.
    pub fn new(folded: &'a str) -> Self {
        let mut stems = String::with_capacity(folded.len() + 2);
        let mut places = Vec::new();
        stems.push(' ');
        for word in words(folded) {
            let (Word::Latin(letters) | Word::Han(letters)) = word;
            let stem = match word {
                Word::Latin(letters) => super::latin_term(letters),
                // Never part of a phrase of stems, but it must keep its neighbours apart.
                Word::Han(_) => Some("|".into()),
            };
            let Some(stem) = stem else { continue };
            let start = letters.as_ptr() as usize - folded.as_ptr() as usize;
            places.push((stems.len(), start, start + letters.len()));
            stems.push_str(&stem);
            stems.push(' ');
        }
        Self { folded, stems, places }
    }

    /// Returns the folded text.
    pub fn folded(&self) -> &'a str {
        self.folded
    }

    /// Returns the range in the folded text of a range of stems that is enclosed by spaces.
    fn range(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let at = |stem_start| self.places.partition_point(|&(place, ..)| place < stem_start);
        let (first, after) = (at(start + 1), at(end));
        Some((self.places.get(first)?.1, self.places.get(after.checked_sub(1)?)?.2))
    }
}

impl<T> PhraseSet<T> {
    /// Builds the set; phrases are folded, empty ones are left out.
    pub fn new(phrases: impl IntoIterator<Item = (impl AsRef<str>, T)>) -> Self {
        let (patterns, values): (Vec<String>, Vec<T>) = phrases
            .into_iter()
            .map(|(phrase, value)| (fold(phrase.as_ref()), value))
            .filter(|(phrase, _)| !phrase.is_empty())
            .unzip();
        Self { automaton: automaton(&patterns), values, stems: None }
    }

    /// Builds a set that is tolerant of word forms and of function words.
    pub fn tolerant(phrases: impl IntoIterator<Item = (impl AsRef<str>, T)>) -> Self {
        let phrases: Vec<_> = phrases
            .into_iter()
            .map(|(phrase, value)| (fold(phrase.as_ref()), value))
            .filter(|(phrase, _)| !phrase.is_empty())
            .collect();
        let (patterns, at): (Vec<String>, Vec<usize>) = phrases
            .iter()
            .enumerate()
            .filter_map(|(at, (phrase, _))| Some((stem_pattern(phrase)?, at)))
            .unzip();
        let stems = automaton(&patterns).map(|automaton| (automaton, at));
        Self { stems, ..Self::new(phrases) }
    }

    /// Returns the occurrences in `folded` text, by position; an occurrence inside a longer one
    /// is left out.
    pub fn find<'a>(&'a self, folded: &str) -> Vec<PhraseMatch<'a, T>> {
        if self.stems.is_some() {
            return self.find_in(&Stemmed::new(folded));
        }
        longest(self.exact(folded).map(|found| (found, Fit::Exact)).collect())
    }

    /// Returns what [`PhraseSet::find`] does, for text that is already cut.
    pub fn find_in<'a>(&'a self, text: &Stemmed<'_>) -> Vec<PhraseMatch<'a, T>> {
        let mut matches: Vec<_> =
            self.exact(text.folded).map(|found| (found, Fit::Exact)).collect();
        if let Some((automaton, at)) = &self.stems {
            let stemmed = automaton.find_overlapping_iter(&text.stems).filter_map(|found| {
                let (start, end) = text.range(found.start(), found.end())?;
                let value = &self.values[at[found.pattern().as_usize()]];
                Some((PhraseMatch { value, start, end }, Fit::Stems))
            });
            matches.extend(stemmed);
        }
        longest(matches)
    }

    fn exact<'a>(&'a self, folded: &str) -> impl Iterator<Item = PhraseMatch<'a, T>> {
        let found = self.automaton.iter().flat_map(move |all| all.find_overlapping_iter(folded));
        found.filter_map(move |found| {
            let end = word_end(folded, found.start(), found.end())?;
            let value = &self.values[found.pattern().as_usize()];
            Some(PhraseMatch { value, start: found.start(), end })
        })
    }
}

/// How a phrase was recognised; the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Exact,
    Stems,
}

fn automaton(patterns: &[String]) -> Option<AhoCorasick> {
    AhoCorasick::builder().match_kind(MatchKind::Standard).build(patterns).ok()
}

/// Returns the stems of a phrase's words, each between spaces. `None` when too little is left to
/// mean the same: 'used for' must not become every 'use'.
fn stem_pattern(phrase: &str) -> Option<String> {
    let mut pattern = String::from(" ");
    let (mut all, mut kept) = (0, 0);
    for word in words(phrase) {
        let Word::Latin(letters) = word else { return None };
        all += 1;
        if let Some(stem) = super::latin_term(letters) {
            kept += 1;
            pattern.push_str(&stem);
            pattern.push(' ');
        }
    }
    (kept >= 2 || (kept == 1 && all == 1)).then_some(pattern)
}

/// Sorts by position and leaves out what lies inside a longer match, and what has only the same
/// stems as a phrase that stands there word for word.
fn longest<T>(mut matches: Vec<(PhraseMatch<'_, T>, Fit)>) -> Vec<PhraseMatch<'_, T>> {
    matches.sort_by_key(|(found, fit)| (found.start, std::cmp::Reverse(found.end), *fit));
    let mut kept: Vec<PhraseMatch<'_, T>> = Vec::with_capacity(matches.len());
    let mut best: Option<(usize, usize, Fit)> = None;
    for (found, fit) in matches {
        let take = match best {
            Some((start, end, best_fit)) if (start, end) == (found.start, found.end) => {
                fit == best_fit
                    && !kept.last().is_some_and(|last| std::ptr::eq(last.value, found.value))
            }
            Some((_, end, _)) => found.end > end,
            None => true,
        };
        if take {
            best = Some((found.start, found.end, fit));
            kept.push(found);
        }
    }
    kept
}

/// Returns where the word at `start..end` ends, or `None` when the match cuts a Latin word.
/// An English plural or possessive ending counts as part of the word.
fn word_end(folded: &str, start: usize, end: usize) -> Option<usize> {
    let starts_inside =
        continues_word(folded[..start].chars().next_back(), folded[start..].chars().next());
    if starts_inside {
        return None;
    }
    let last = folded[..end].chars().next_back();
    ["", "s", "es", " s"].iter().find_map(|ending| {
        let after = folded[end..].strip_prefix(ending)?;
        let edge = if ending.is_empty() { last } else { Some('s') };
        (!continues_word(edge, after.chars().next())).then_some(end + ending.len())
    })
}

fn continues_word(left: Option<char>, right: Option<char>) -> bool {
    let in_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_han(c));
    in_word(left) && in_word(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_and_longest_phrases_are_found() {
        let phrases = PhraseSet::new([("side effect", 1), ("effect", 2), ("副作用", 3), ("os", 4)]);
        let cases: &[(&str, &[i32])] = &[
            ("side effects of it", &[1]),
            ("the effects", &[2]),
            ("besponsa副作用大吗", &[3]),
            ("dose and osmosis", &[]),
            ("its side effect's cause", &[1]),
            ("side effect and effect", &[1, 2]),
        ];
        for (text, expected) in cases {
            let found: Vec<i32> = phrases.find(&fold(text)).iter().map(|m| *m.value).collect();
            assert_eq!(found, *expected, "{text:?}");
        }
    }

    #[test]
    fn tolerant_sets_find_other_word_forms() {
        let phrases =
            PhraseSet::tolerant([("missed a dose", 1), ("used for", 2), ("crush", 3), ("漏服", 4)]);
        let cases: &[(&str, &[i32], &str)] = &[
            ("he misses his dose today", &[1], "misses his dose"),
            ("can it be crushed", &[3], "crushed"),
            ("what is it used for", &[2], "used for"),
            ("who may use it", &[], ""),
            ("missed 药 dose", &[], ""),
            ("漏服 and crushing", &[4, 3], "漏服"),
        ];
        for (text, expected, first) in cases {
            let folded = fold(text);
            let found = phrases.find(&folded);
            let values: Vec<i32> = found.iter().map(|m| *m.value).collect();
            assert_eq!(values, *expected, "{text:?}");
            assert_eq!(found.first().map_or("", |m| &folded[m.start..m.end]), *first, "{text:?}");
        }
    }

    #[test]
    fn no_phrases_find_nothing() {
        assert!(PhraseSet::<u8>::new(Vec::<(&str, u8)>::new()).find("anything").is_empty());
    }
}
