//! Reads words as they were meant: short forms, frequent misspellings, slips of one letter, words
//! run together.
//!
//! A slip is mended only towards a word of the policy, never from a word on the protected list.

use rustc_hash::{FxHashMap, FxHashSet};

use super::normal::Characters;
use super::token::{Kind, Token, stem, tokenise};

/// The spelling tables.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    characters: Characters,
    rewrites: FxHashMap<String, Vec<String>>,
    pairs: FxHashMap<String, FxHashMap<String, Vec<String>>>,
    /// Words of the policy: what slips are mended to.
    known: FxHashSet<String>,
    /// Those, the everyday words, and the words that are rewritten: none of them is a slip.
    spelled: FxHashSet<String>,
    /// Hashes of known words, whole and with one letter left out, to the words.
    slips: FxHashMap<u64, Vec<String>>,
}

const SHORTEST_MENDED: usize = 5;
const LONGEST_MENDED: usize = 16;

impl Spelling {
    /// Adds a folded character.
    pub(super) fn add_character(&mut self, from: char, to: char) {
        self.characters.insert(from, to);
    }

    /// Returns the traditional form of `character`.
    pub(super) fn traditional(&self, character: char) -> char {
        self.characters.traditional(character)
    }

    /// Adds the reading of one word or of two words in a row.
    pub(super) fn add_rewrite(&mut self, from: &str, to: &str) {
        let meant = to.split_whitespace().map(str::to_owned).collect();
        if let Some((first, second)) = from.split_once(' ') {
            let seconds = self.pairs.entry(first.to_owned()).or_default();
            seconds.insert(second.to_owned(), meant);
        } else {
            self.spelled.insert(from.to_owned());
            self.rewrites.insert(from.to_owned(), meant);
        }
    }

    /// Adds an everyday word that is never a slip for another.
    pub(super) fn protect(&mut self, word: &str) {
        self.spelled.insert(word.to_owned());
    }

    /// Learns the words of a policy text as targets for mending.
    pub(super) fn learn(&mut self, text: &str) {
        for token in tokenise(&self.characters.normalise(text)) {
            if let Kind::Word(word) = token.kind {
                self.learn_word(word);
            }
        }
    }

    fn learn_word(&mut self, word: String) {
        if self.known.contains(&word) {
            return;
        }
        if (SHORTEST_MENDED..=LONGEST_MENDED).contains(&word.len()) {
            let shortened = (0..word.len()).map(|skipped| hash_without(&word, skipped));
            for key in shortened.chain([hash(word.as_bytes())]) {
                self.slips.entry(key).or_default().push(word.clone());
            }
        }
        self.spelled.insert(word.clone());
        self.known.insert(word);
    }

    /// Reads policy text: rewritten and stemmed, without mending.
    pub(super) fn read_policy(&self, text: &str) -> Vec<Token> {
        let tokens = self.rewrite(tokenise(&self.characters.normalise(text)));
        tokens.into_iter().map(stemmed).collect()
    }

    /// Cuts a message into tokens as typed, folded only.
    pub(super) fn cut(&self, text: &str) -> Vec<Token> {
        tokenise(&self.characters.normalise(text))
    }

    /// Mends, rewrites and stems the tokens of a message.
    pub(super) fn read(&self, tokens: Vec<Token>) -> Vec<Token> {
        self.settle(self.mend(tokens))
    }

    /// Mends the slips in the tokens of a message.
    pub(super) fn mend(&self, tokens: Vec<Token>) -> Vec<Token> {
        let mut mended = Vec::with_capacity(tokens.len() + 8);
        for token in tokens {
            self.mend_into(token, &mut mended);
        }
        mended
    }

    /// Rewrites and stems tokens that are mended.
    pub(super) fn settle(&self, mended: Vec<Token>) -> Vec<Token> {
        self.rewrite(mended).into_iter().map(stemmed).collect()
    }

    /// Returns whether two words in a row have a reading of their own.
    pub(super) fn is_pair(&self, first: &str, second: &str) -> bool {
        self.pairs.get(first).is_some_and(|seconds| seconds.contains_key(second))
    }

    /// Returns whether the word is an everyday or policy word.
    pub(super) fn is_english(&self, word: &str) -> bool {
        self.spelled.contains(word)
    }

    fn mend_into(&self, token: Token, mended: &mut Vec<Token>) {
        let Kind::Word(word) = &token.kind else {
            mended.push(token);
            return;
        };
        if word.len() < 4 || word.len() > 2 * LONGEST_MENDED || self.is_english(word) {
            mended.push(token);
            return;
        }
        if let Some(meant) =
            self.dropped_g(word).or_else(|| self.single_letters(word)).or_else(|| self.slip(word))
        {
            mended.push(Token { kind: Kind::Word(meant), ..token });
            return;
        }
        match self.run_together(word) {
            Some(parts) => {
                mended.extend(parts.into_iter().map(|part| Token {
                    kind: Kind::Word(part.to_owned()),
                    start: token.start,
                    end: token.end,
                    quoted: token.quoted,
                }));
            }
            None => mended.push(token),
        }
    }

    /// Puts back the last letter of "seein".
    fn dropped_g(&self, word: &str) -> Option<String> {
        let whole = format!("{word}g");
        (word.ends_with("in") && self.known.contains(&whole)).then_some(whole)
    }

    /// Undoes repeated letters ("heelp").
    fn single_letters(&self, word: &str) -> Option<String> {
        let mut single = word.to_owned();
        single.dedup_letters();
        (single.len() < word.len() && self.known.contains(&single)).then_some(single)
    }

    /// Finds a policy word one slip away: a letter more, less, other, or two swapped.
    fn slip(&self, word: &str) -> Option<String> {
        if !(SHORTEST_MENDED..=LONGEST_MENDED).contains(&word.len()) || self.is_inflection(word) {
            return None;
        }
        let shortened = (0..word.len()).map(|skipped| hash_without(word, skipped));
        shortened
            .chain([hash(word.as_bytes())])
            .filter_map(|key| self.slips.get(&key))
            .flatten()
            .filter(|known| is_one_slip(word.as_bytes(), known.as_bytes()))
            .max_by(|a, b| closeness(word, a).cmp(&closeness(word, b)))
            .cloned()
    }

    /// Returns whether the word is only another form of a known one ("tablets").
    fn is_inflection(&self, word: &str) -> bool {
        ["s", "es", "ed", "d", "ing", "ly", "er", "y"]
            .iter()
            .filter_map(|ending| word.strip_suffix(ending))
            .any(|root| self.is_english(root))
            || self.is_english(&stem(word))
    }

    /// Splits "chestpain" into two or "cantbreathe" likewise.
    fn run_together<'a>(&self, word: &'a str) -> Option<[&'a str; 2]> {
        if word.len() < 7 || self.is_inflection(word) {
            return None;
        }
        let fits = |part: &str| part.len() >= 3 && self.is_english(part);
        (3..=word.len() - 3)
            .rev()
            .map(|at| word.split_at(at))
            .find(|(left, right)| fits(left) && fits(right))
            .map(|(left, right)| [left, right])
    }

    fn rewrite(&self, tokens: Vec<Token>) -> Vec<Token> {
        let mut written = Vec::with_capacity(tokens.len() + 8);
        let mut rest = tokens.into_iter().peekable();
        while let Some(token) = rest.next() {
            let Kind::Word(word) = &token.kind else {
                written.push(token);
                continue;
            };
            let second = rest.peek().and_then(|next| match &next.kind {
                Kind::Word(second) => self.pairs.get(word).and_then(|pairs| pairs.get(second)),
                _ => None,
            });
            if let Some(meant) = second {
                let end = rest.next().map_or(token.end, |next| next.end);
                push_all(&mut written, meant, &Token { end, ..token.clone() });
            } else if let Some(meant) = self.rewrites.get(word) {
                push_all(&mut written, meant, &token);
            } else {
                written.push(token);
            }
        }
        written
    }
}

fn push_all(written: &mut Vec<Token>, words: &[String], place: &Token) {
    written
        .extend(words.iter().map(|word| Token { kind: Kind::Word(word.clone()), ..place.clone() }));
}

fn stemmed(token: Token) -> Token {
    match &token.kind {
        Kind::Word(word) => Token { kind: Kind::Word(stem(word)), ..token },
        _ => token,
    }
}

trait DedupLetters {
    fn dedup_letters(&mut self);
}

impl DedupLetters for String {
    fn dedup_letters(&mut self) {
        let mut last = None;
        self.retain(|letter| last.replace(letter) != Some(letter));
    }
}

/// Returns the FNV-1a hash of `bytes`.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    hash_on(0xcbf2_9ce4_8422_2325, bytes)
}

/// Returns the hash of what has the hash `before`, and `bytes` after it.
pub(super) fn hash_on(before: u64, bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(before, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn hash_without(word: &str, skipped: usize) -> u64 {
    let bytes = word.as_bytes();
    bytes
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != skipped)
        .fold(0xcbf2_9ce4_8422_2325, |hash, (_, byte)| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

/// Returns whether one insertion, deletion, substitution or swap turns `left` into `right`.
fn is_one_slip(left: &[u8], right: &[u8]) -> bool {
    let same_front = left.iter().zip(right).take_while(|(l, r)| l == r).count();
    match (&left[same_front..], &right[same_front..]) {
        ([], [_]) | ([_], []) => true,
        ([l, left @ ..], [r, right @ ..]) => {
            let is_swap =
                left.first() == Some(r) && right.first() == Some(l) && left[1..] == right[1..];
            let drops_left = left.first() == Some(r) && left[1..] == *right;
            let drops_right = right.first() == Some(l) && right[1..] == *left;
            is_swap || left == right || drops_left || drops_right
        }
        _ => false,
    }
}

/// Prefers the same first letter, then the same length.
fn closeness<'a>(word: &str, known: &'a str) -> (bool, bool, std::cmp::Reverse<&'a str>) {
    (
        word.as_bytes().first() == known.as_bytes().first(),
        word.len() == known.len(),
        std::cmp::Reverse(known),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelling() -> Spelling {
        let mut spelling = Spelling::default();
        spelling.add_rewrite("can not", "cant");
        spelling.add_rewrite("u", "you");
        for word in ["chest", "breathe", "swallow", "help", "tight", "pain"] {
            spelling.learn(word);
        }
        spelling.protect("chess");
        spelling
    }

    fn read(text: &str) -> String {
        let spelling = spelling();
        let words: Vec<String> = spelling
            .read(spelling.cut(text))
            .into_iter()
            .filter_map(|token| match token.kind {
                Kind::Word(word) => Some(word),
                _ => None,
            })
            .collect();
        words.join(" ")
    }

    #[test]
    fn mends_slips_but_not_protected_words() {
        assert_eq!(read("chets is tihgt"), "chest is tight");
        assert_eq!(read("chess"), "chess");
        assert_eq!(read("can not braethe"), "cant breath");
    }

    #[test]
    fn undoes_repeats_and_splits_words_run_together() {
        assert_eq!(read("heeeelp chestpain"), "help chest pain");
    }
}
