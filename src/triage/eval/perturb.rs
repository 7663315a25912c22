//! Eight ways of writing the same thing differently.

use crate::triage::RedFlags;
use crate::triage::token::is_han;

/// A change of writing that must not lower the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Perturbation {
    /// Two letters of the longest word swapped.
    Typo,
    /// Capitals throughout.
    Case,
    /// Full-width letters, digits and spaces.
    FullWidth,
    /// Traditional characters.
    Traditional,
    /// "probably nothing" put in front.
    Minimiser,
    /// No punctuation but a row of marks at the end.
    Punctuation,
    /// Sent as two messages.
    Split,
    /// A greeting put in front.
    Chatter,
}

impl Perturbation {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Typo,
        Self::Case,
        Self::FullWidth,
        Self::Traditional,
        Self::Minimiser,
        Self::Punctuation,
        Self::Split,
        Self::Chatter,
    ];

    /// Returns a word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Typo => "typo",
            Self::Case => "case",
            Self::FullWidth => "full width",
            Self::Traditional => "traditional characters",
            Self::Minimiser => "added minimiser",
            Self::Punctuation => "punctuation",
            Self::Split => "split",
            Self::Chatter => "prefix chatter",
        }
    }

    /// Returns the messages as changed.
    pub fn apply(self, red_flags: &RedFlags, messages: &[&str]) -> Vec<String> {
        if self == Self::Split {
            return messages.iter().flat_map(|message| halves(message)).collect();
        }
        let change = |(number, message): (usize, &&str)| match self {
            Self::Typo if number == 0 => typo(message),
            Self::Minimiser if number == 0 => {
                prefixed(message, "probably nothing but ", "可能没什么事，不过")
            }
            Self::Chatter if number == 0 => {
                prefixed(message, "hi there, hope you are well. ", "你好，打扰一下，")
            }
            Self::Case => message.to_uppercase(),
            Self::FullWidth => message.chars().map(full_width).collect(),
            Self::Traditional => message.chars().map(|c| red_flags.traditional(c)).collect(),
            Self::Punctuation => without_punctuation(message),
            _ => (*message).to_owned(),
        };
        messages.iter().enumerate().map(change).collect()
    }
}

fn prefixed(message: &str, english: &str, chinese: &str) -> String {
    let is_chinese = message.chars().any(is_han);
    format!("{}{message}", if is_chinese { chinese } else { english })
}

/// Swaps the second and third letter of the longest English word of five letters or more.
fn typo(message: &str) -> String {
    let longest = message
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| word.len() >= 5)
        .max_by_key(|word| word.len());
    let Some(word) = longest else { return message.to_owned() };
    let (head, tail) = (&word[..1], &word[3..]);
    let swapped = format!("{head}{}{}{tail}", &word[2..3], &word[1..2]);
    message.replacen(word, &swapped, 1)
}

fn full_width(character: char) -> char {
    match character {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(u32::from(character) + 0xfee0).unwrap_or(character),
        other => other,
    }
}

fn without_punctuation(message: &str) -> String {
    let mut kept = String::with_capacity(message.len());
    let mut previous = ' ';
    for character in message.chars() {
        let is_decimal = character == '.' && previous.is_ascii_digit();
        let is_kept = character.is_alphanumeric() || character == '\'' || is_decimal;
        kept.push(if is_kept { character } else { ' ' });
        previous = character;
    }
    format!("{}!!!", kept.trim_end())
}

/// Cuts a message in two at the comma or space nearest to its middle.
fn halves(message: &str) -> Vec<String> {
    let middle = message.len() / 2;
    let is_mark = |c: char| matches!(c, ',' | '.' | '，' | '。' | '！' | '!');
    let nearest = |wanted: &dyn Fn(char) -> bool| {
        message
            .char_indices()
            .filter(|(at, c)| *at > 0 && wanted(*c))
            .map(|(at, c)| at + c.len_utf8())
            .filter(|at| *at < message.len())
            .min_by_key(|at| at.abs_diff(middle))
    };
    let Some(at) = nearest(&is_mark).or_else(|| nearest(&char::is_whitespace)) else {
        return vec![message.to_owned()];
    };
    let (left, right) = message.split_at(at);
    vec![left.trim().to_owned(), right.trim().to_owned()]
}
