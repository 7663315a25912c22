//! Reads Chinese typed in Latin letters without tones ("xiong kou teng").
//!
//! The syllables are turned back into the characters of the longest policy phrase that sounds so,
//! else into the commonest character. A run of words that is not clearly pinyin is left alone.

use rustc_hash::FxHashMap;

use super::token::{Kind, Token, is_han};

/// Syllables and phrases by their sound.
#[derive(Debug, Default)]
pub(super) struct Pinyin {
    sounds: FxHashMap<char, Vec<String>>,
    commonest: FxHashMap<String, char>,
    phrases: FxHashMap<Vec<String>, String>,
    longest: usize,
}

const LONGEST_SYLLABLE: usize = 6;
const LONGEST_PHRASE: usize = 8;
/// Longest word that is taken for syllables, in bytes.
const LONGEST_CUT: usize = 24;

impl Pinyin {
    /// Adds the characters that sound like `syllable`, the commonest first.
    pub(super) fn add_syllable(&mut self, syllable: &str, characters: &str) {
        for character in characters.chars().filter(|character| is_han(*character)) {
            self.commonest.entry(syllable.to_owned()).or_insert(character);
            self.sounds.entry(character).or_default().push(syllable.to_owned());
        }
    }

    /// Adds the pieces of a policy phrase between its gaps.
    pub(super) fn add_phrase(&mut self, phrase: &str) {
        for piece in phrase.split('*') {
            let sounds: Option<Vec<String>> = piece
                .chars()
                .filter(|character| is_han(*character))
                .map(|character| self.sounds.get(&character).and_then(|all| all.first()).cloned())
                .collect();
            let Some(sounds) = sounds else { continue };
            if (2..=LONGEST_PHRASE).contains(&sounds.len()) {
                self.longest = self.longest.max(sounds.len());
                self.phrases.entry(sounds).or_insert_with(|| piece.to_owned());
            }
        }
    }

    /// Returns the tokens with pinyin turned into characters, or nothing when it is not pinyin; and
    /// how many words may be pinyin.
    pub(super) fn read(
        &self,
        tokens: &[Token],
        is_english: impl Fn(&str) -> bool,
    ) -> (Option<Vec<Token>>, usize) {
        let mut cut: Vec<Option<Vec<&str>>> = Vec::with_capacity(tokens.len());
        let mut is_telling: Vec<bool> = Vec::with_capacity(tokens.len());
        for token in tokens {
            let word = match &token.kind {
                Kind::Word(word) => Some(word.as_str()),
                _ => None,
            };
            let parts = word.and_then(|word| self.cut(word));
            let telling = |parts: &Vec<&str>| parts.len() > 2 || !word.is_some_and(&is_english);
            is_telling.push(parts.as_ref().is_some_and(telling));
            cut.push(parts);
        }
        let count = |marks: &[bool]| marks.iter().filter(|telling| **telling).count();
        let syllables = count(&is_telling);
        let mut from = 0;
        while from < cut.len() {
            let length = cut[from..].iter().take_while(|parts| parts.is_some()).count();
            let telling = count(&is_telling[from..from + length]);
            if telling < 2 || telling * 2 < length {
                cut[from..from + length].fill(None);
            }
            from += length.max(1);
        }
        let is_pinyin = cut.iter().any(Option::is_some);
        (is_pinyin.then(|| self.write(tokens, &cut)), syllables)
    }

    /// Cuts a word into syllables, longest first, stepping back where that fails.
    fn cut<'a>(&self, word: &'a str) -> Option<Vec<&'a str>> {
        if word.len() > LONGEST_CUT || !word.is_ascii() {
            return None;
        }
        let mut best = [None; LONGEST_CUT + 1];
        best[word.len()] = Some(0);
        for at in (0..word.len()).rev() {
            best[at] = (1..=LONGEST_SYLLABLE.min(word.len() - at)).rev().find(|length| {
                best[at + length].is_some() && self.commonest.contains_key(&word[at..at + length])
            });
        }
        best[0]?;
        let mut parts = Vec::new();
        let mut at = 0;
        while at < word.len() {
            let length = best[at]?;
            parts.push(&word[at..at + length]);
            at += length;
        }
        Some(parts)
    }

    fn write(&self, tokens: &[Token], cut: &[Option<Vec<&str>>]) -> Vec<Token> {
        let mut written = Vec::with_capacity(tokens.len());
        let mut run: Vec<(&str, &Token)> = Vec::new();
        for (token, parts) in tokens.iter().zip(cut) {
            if let Some(parts) = parts {
                run.extend(parts.iter().map(|part| (*part, token)));
            } else {
                self.flush(&mut run, &mut written);
                written.push(token.clone());
            }
        }
        self.flush(&mut run, &mut written);
        written
    }

    fn flush(&self, run: &mut Vec<(&str, &Token)>, written: &mut Vec<Token>) {
        let mut at = 0;
        while at < run.len() {
            let rest = &run[at..];
            let longest = (2..=self.longest.min(rest.len())).rev().find_map(|length| {
                let sounds: Vec<String> =
                    rest[..length].iter().map(|(sound, _)| (*sound).to_owned()).collect();
                self.phrases.get(&sounds)
            });
            let characters: Vec<char> = match longest {
                Some(phrase) => phrase.chars().filter(|character| is_han(*character)).collect(),
                None => self.commonest.get(run[at].0).copied().into_iter().collect(),
            };
            for (character, (_, place)) in characters.iter().zip(&run[at..]) {
                let kind = Kind::Han(*character);
                written.push(Token { kind, ..(*place).clone() });
            }
            at += characters.len().max(1);
        }
        run.clear();
    }
}
