//! A message read once and kept: people write in pieces, and every new message is judged together
//! with those before it.

use std::borrow::Cow;

use super::RedFlags;
use super::mark::Mark;
use super::token::{Kind, Token};

/// A message as the emergency policy reads it.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    text: Box<str>,
    /// Edition of the policy that read it; 0 when the reading was not kept.
    edition: u64,
    pub(super) marks: Vec<Mark>,
    /// The marks once pinyin is turned into characters, if any of it is pinyin.
    pub(super) chinese: Option<Vec<Mark>>,
    /// How many of its words may be pinyin.
    pub(super) syllables: usize,
    /// Its first and its last word, where no punctuation stands outside of them.
    edges: (Option<Box<str>>, Option<Box<str>>),
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
            marks: self.marks(self.spelling.settle(mended)),
            chinese: chinese.map(|tokens| self.marks(self.spelling.read(tokens))),
            syllables,
            edges,
        }
    }

    /// Returns the reading that was kept, or a new one: the policy may be another by now.
    pub(super) fn heard_again<'a>(&self, heard: &'a Heard) -> Cow<'a, Heard> {
        if heard.edition == self.edition {
            Cow::Borrowed(heard)
        } else {
            Cow::Owned(self.hear(&heard.text))
        }
    }

    /// Returns whether the end of `before` and the beginning of `after` mean one thing together.
    pub(super) fn joins(&self, before: &Heard, after: &Heard) -> bool {
        match (&before.edges.1, &after.edges.0) {
            (Some(last), Some(first)) => self.spelling.is_pair(last, first),
            _ => false,
        }
    }

    /// Returns the marks of tokens that were read.
    pub(super) fn marks(&self, tokens: Vec<Token>) -> Vec<Mark> {
        let is_english = |word: &str| self.spelling.is_english(word);
        tokens.iter().map(|token| Mark::new(token, &self.lexicon, is_english)).collect()
    }
}

impl Heard {
    /// Returns the message.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the message to keep with a session.
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
