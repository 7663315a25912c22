//! The words of a message as rules see them: numbers instead of letters, small enough to be kept
//! with a session and copied when messages are read together.

use super::lexicon::{Lexicon, UNKNOWN, small};
use super::token::{Break, Kind, Token};

/// What a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sort {
    /// A Latin word; `is_or` tells "or" and "nor", `is_english` a word that English or the policy has.
    Word { is_or: bool, is_english: bool },
    /// One Chinese character.
    Han(char),
    /// A number in digits.
    Number,
    /// A letter of another script.
    Foreign,
    /// Punctuation or a new message.
    Break(Break),
}

/// One token as the lexicon knows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mark {
    pub(super) sort: Sort,
    /// Code of the word in the lexicon.
    pub(super) code: u32,
    /// Hash of the word's stem or character: the same for the same word, known or not.
    pub(super) hash: u64,
    /// The number it stands for, in digits or in a word.
    pub(super) value: Option<f64>,
    /// Byte range in its message.
    start: u32,
    end: u32,
    /// Whether it stands in quotation marks.
    pub(super) quoted: bool,
}

impl Mark {
    /// Returns the mark of a token that was read.
    pub(super) fn new(token: &Token, lexicon: &Lexicon, is_english: impl Fn(&str) -> bool) -> Self {
        let sort = match &token.kind {
            Kind::Word(word) => Sort::Word {
                is_or: matches!(word.as_str(), "or" | "nor"),
                is_english: word.len() > 1 && (lexicon.knows(word) || is_english(word)),
            },
            Kind::Han(character) => Sort::Han(*character),
            Kind::Number(_) => Sort::Number,
            Kind::Foreign => Sort::Foreign,
            Kind::Break(strength) => Sort::Break(*strength),
        };
        let value = match &token.kind {
            Kind::Number(value) => Some(*value),
            Kind::Word(word) => lexicon.number(word),
            _ => None,
        };
        let (start, end, quoted) = (small(token.start), small(token.end), token.quoted);
        Self { sort, code: lexicon.code(token), hash: hash_of(token), value, start, end, quoted }
    }

    /// Returns the end of a message that ends at byte `at`.
    pub(super) fn turn(at: usize) -> Self {
        let (sort, at) = (Sort::Break(Break::Turn), small(at));
        Self { sort, code: UNKNOWN, hash: 0, value: None, start: at, end: at, quoted: false }
    }

    /// Returns the mark in a text in which its message begins at byte `offset`.
    pub(super) fn moved(self, offset: usize) -> Self {
        let offset = small(offset);
        Self { start: self.start + offset, end: self.end + offset, ..self }
    }

    /// Returns where it begins, in bytes.
    pub(super) fn start(&self) -> usize {
        self.start as usize
    }

    /// Returns where it ends, in bytes.
    pub(super) fn end(&self) -> usize {
        self.end as usize
    }

    /// Returns the break strength when the mark is one.
    pub(super) fn as_break(&self) -> Option<Break> {
        match self.sort {
            Sort::Break(strength) => Some(strength),
            _ => None,
        }
    }

    /// Returns whether it is a word or a character.
    pub(super) fn is_word(&self) -> bool {
        matches!(self.sort, Sort::Word { .. } | Sort::Han(_))
    }

    /// Returns the reading distance it adds: an English word counts two, a Chinese character one,
    /// the end of a sentence eight, so that one window fits both languages.
    pub(super) fn width(&self) -> usize {
        match self.sort {
            Sort::Word { .. } | Sort::Number => 2,
            Sort::Han(_) | Sort::Foreign | Sort::Break(Break::Weak | Break::Turn) => 1,
            Sort::Break(Break::List) => 0,
            Sort::Break(Break::Strong) => 8,
        }
    }
}

/// Returns the hash of a token's stem or character; 0 when it is neither.
pub(super) fn hash_of(token: &Token) -> u64 {
    match &token.kind {
        Kind::Word(word) => super::spelling::hash(word.as_bytes()),
        Kind::Han(character) => u64::from(u32::from(*character)),
        _ => 0,
    }
}
