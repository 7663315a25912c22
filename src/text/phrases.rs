//! Many phrases looked for in one pass over folded text.

use aho_corasick::{AhoCorasick, MatchKind};

use super::{fold, is_han};

/// Phrases, each with a value, found in one pass; Latin phrases match whole words only.
#[derive(Debug)]
pub struct PhraseSet<T> {
    automaton: Option<AhoCorasick>,
    values: Vec<T>,
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

impl<T> PhraseSet<T> {
    /// Builds the set; phrases are folded, empty ones are left out.
    pub fn new(phrases: impl IntoIterator<Item = (impl AsRef<str>, T)>) -> Self {
        let (patterns, values): (Vec<String>, Vec<T>) = phrases
            .into_iter()
            .map(|(phrase, value)| (fold(phrase.as_ref()), value))
            .filter(|(phrase, _)| !phrase.is_empty())
            .unzip();
        let automaton =
            AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns).ok();
        Self { automaton, values }
    }

    /// Returns the occurrences in `folded` text, by position; an occurrence inside a longer one
    /// is left out.
    pub fn find<'a>(&'a self, folded: &str) -> Vec<PhraseMatch<'a, T>> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut matches: Vec<_> = automaton
            .find_overlapping_iter(folded)
            .filter_map(|found| {
                let end = word_end(folded, found.start(), found.end())?;
                let value = &self.values[found.pattern().as_usize()];
                Some(PhraseMatch { value, start: found.start(), end })
            })
            .collect();
        matches.sort_by_key(|found| (found.start, std::cmp::Reverse(found.end)));
        let mut reach = 0;
        let mut longest: Option<(usize, usize)> = None;
        matches.retain(|found| {
            let same_span = longest == Some((found.start, found.end));
            let inside = found.end <= reach && !same_span;
            if found.end > reach {
                reach = found.end;
                longest = Some((found.start, found.end));
            }
            !inside
        });
        matches
    }
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
    fn no_phrases_find_nothing() {
        assert!(PhraseSet::<u8>::new(Vec::<(&str, u8)>::new()).find("anything").is_empty());
    }
}
