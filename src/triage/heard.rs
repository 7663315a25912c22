//! A message read once and kept: people write in pieces, and every new message is judged together
//! with those before it.

use super::RedFlags;
use super::lexicon::Found;
use super::mark::Mark;
use super::opinion::Weighed;
use super::sense::Sense;
use super::token::{Kind, Token};

/// A message as the emergency policy reads it.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    text: Box<str>,
    /// Edition of the policy that read it; 0 when the reading was not kept.
    edition: u64,
    /// What it says as it stands.
    pub(super) plain: Said,
    /// What it says once pinyin is turned into characters, if any of it is pinyin.
    pub(super) chinese: Option<Box<Said>>,
    /// How many of its words may be pinyin.
    pub(super) syllables: usize,
    /// Its first and its last word, where no punctuation stands outside of them.
    edges: (Option<Box<str>>, Option<Box<str>>),
}

/// Marks with the concepts found in them.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    pub(super) marks: Vec<Mark>,
    pub(super) found: Found,
    /// What each message says by itself.
    pub(super) sense: Sense,
    /// Where the newest message begins.
    pub(super) newest_byte: usize,
    /// What the second opinion makes of the words of the newest message, and of all.
    pub(super) newest_words: Weighed,
    pub(super) words: Weighed,
}

impl Said {
    /// Appends the next message, which begins at byte `offset`, and what it says by itself.
    pub(super) fn extend(&mut self, next: &Said, offset: usize) {
        self.sense.extend(&next.sense, self.marks.len());
        self.run_on(next, offset);
    }

    /// Appends the marks of the next message, which begins at byte `offset`.
    pub(super) fn run_on(&mut self, next: &Said, offset: usize) {
        self.newest_byte = offset;
        self.newest_words = next.words;
        self.words = self.words.with(next.words);
        self.marks.extend(next.marks.iter().map(|mark| mark.moved(offset)));
    }
}

/// Longest text whose reading is kept, in bytes: a longer one is read again, so that nobody fills
/// the memory with readings.
const LONGEST_KEPT: usize = 1024;

impl RedFlags {
    /// Reads a message.
    pub fn hear(&self, text: &str) -> Heard {
        let typed = self.spelling.cut(text);
        let (chinese, syllables) = self.pinyin.read(&typed, |word| self.spelling.is_english(word));
        let word = |token: Option<&Token>| match token.map(|token| &token.kind) {
            Some(Kind::Word(word)) => Some(word.as_str().into()),
            _ => None,
        };
        let mended = self.spelling.mend(typed);
        let edges = (word(mended.first()), word(mended.last()));
        Heard {
            text: text.into(),
            edition: self.edition,
            plain: self.said(&self.spelling.settle(mended), 0),
            chinese: chinese.map(|tokens| Box::new(self.said(&self.spelling.read(tokens), 0))),
            syllables,
            edges,
        }
    }

    /// Reads a message again where this policy's reading was not kept.
    pub(super) fn hear_again(&self, heard: &Heard) -> Option<Box<Heard>> {
        (heard.edition != self.edition).then(|| Box::new(self.hear(&heard.text)))
    }

    /// Returns whether the end of `before` and the beginning of `after` mean one thing together.
    pub(super) fn joins(&self, before: &Heard, after: &Heard) -> bool {
        match (&before.edges.1, &after.edges.0) {
            (Some(last), Some(first)) => self.spelling.is_pair(last, first),
            _ => false,
        }
    }

    /// Returns what tokens say that were read; the newest message begins at `newest_byte`.
    pub(super) fn said(&self, tokens: &[Token], newest_byte: usize) -> Said {
        let is_english = |word: &str| self.spelling.is_english(word);
        let marks: Vec<Mark> =
            tokens.iter().map(|token| Mark::new(token, &self.lexicon, is_english)).collect();
        let found = self.lexicon.find(&marks);
        let words = self.opinion.weigh(tokens, &found.all);
        let sense = Sense::of(&self.lexicon, &marks, &found.all);
        Said { marks, found, sense, newest_byte, newest_words: words, words }
    }
}

impl Heard {
    /// Returns the message.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the message to keep with a session.
    #[must_use]
    pub fn kept(self) -> Self {
        if self.text.len() <= LONGEST_KEPT {
            return self;
        }
        Self { text: self.text, ..Self::default() }
    }
}

/// Two are equal when their words are: how they were read follows from the words.
impl PartialEq for Heard {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Heard {}
