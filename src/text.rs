//! Text as the engine reads it: folding, languages, words, phrases. No dictionaries, no medicine.

mod edits;
mod phrases;
mod words;

pub use edits::edits;
pub use phrases::{PhraseMatch, PhraseSet, Stemmed};
pub use words::{Word, each_term, pairs, placed_terms, search_terms, words};

use words::latin_term;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A language that articles and answers are written in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese, simplified.
    Zh,
}

impl Lang {
    /// Returns the language's tag, `en` or `zh`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// Returns the language of a tag such as `zh`, `zh-CN` or `EN`, if it is one of ours.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::En),
            "zh" => Some(Self::Zh),
            _ => None,
        }
    }

    /// Returns the language of `text`, judged by its letters: any Han character makes it Chinese
    /// unless Latin words outnumber Han characters by far. `None` when there are no letters.
    pub fn detect(text: &str) -> Option<Self> {
        let han = text.chars().filter(|&c| is_han(c)).count();
        let latin_words =
            text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 1).count();
        match (han, latin_words) {
            (0, 0) => None,
            (0, _) => Some(Self::En),
            _ if han * 3 < latin_words => Some(Self::En),
            _ => Some(Self::Zh),
        }
    }
}

/// One value per language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PerLang<T> {
    /// The English value.
    pub en: T,
    /// The Chinese value.
    pub zh: T,
}

impl<T> PerLang<T> {
    /// Returns the value for `lang`.
    pub fn get(&self, lang: Lang) -> &T {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }

    /// Returns both values with their languages.
    pub fn iter(&self) -> impl Iterator<Item = (Lang, &T)> {
        [(Lang::En, &self.en), (Lang::Zh, &self.zh)].into_iter()
    }
}

/// Cuts a message after each sentence and line; a full stop inside a word or number ends none.
pub fn sentences(message: &str) -> impl Iterator<Item = &str> {
    let mut rest = message;
    std::iter::from_fn(move || {
        let mut characters = rest.char_indices().peekable();
        let mut end = rest.len();
        while let Some((at, c)) = characters.next() {
            let ends = match c {
                '!' | '?' | '。' | '！' | '？' | '；' | '\n' => true,
                '.' => characters.peek().is_none_or(|(_, next)| next.is_whitespace()),
                _ => false,
            };
            if ends {
                end = at + c.len_utf8();
                break;
            }
        }
        let (sentence, after) = rest.split_at(end);
        rest = after;
        (!sentence.is_empty()).then(|| sentence.trim())
    })
}

/// Returns whether `c` is a Han character.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

/// Returns whether `text` shows nothing: spaces, controls and characters without width alone.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        let has_no_width = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
        has_no_width || c.is_whitespace() || c.is_control()
    })
}

/// Folds `text` for comparison: compatibility forms resolved, lower case, and everything that is
/// neither letter nor digit turned into one space (a full stop between digits stays: `1.8`).
///
/// Marks such as ® and ™ and zero-width characters vanish, so that `Besponsa®` is `besponsa`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut previous_is_digit = false;
    let mut pending_stop = false;
    let push = |c: char| {
        if c.is_alphanumeric() {
            if pending_stop && c.is_ascii_digit() {
                folded.pop();
                folded.push('.');
            }
            folded.push(c);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
        pending_stop = c == '.' && previous_is_digit;
        previous_is_digit = c.is_ascii_digit();
    };
    each_plain(text, push);
    folded.truncate(folded.trim_end().len());
    folded
}

/// Hands the characters of `text` to `take`: visible ones, compatibility forms resolved, lower case.
fn each_plain(text: &str, mut take: impl FnMut(char)) {
    if text.is_ascii() {
        text.bytes().for_each(|byte| take(char::from(byte.to_ascii_lowercase())));
    } else {
        // Marks may follow a character; one that composes with nothing before it begins a new piece.
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let alone = first.len_utf8();
            let end = rest[alone..].find(stands_alone).map_or(rest.len(), |at| alone + at);
            let (piece, after) = rest.split_at(end);
            if end == alone && stands_alone(first) {
                take(first.to_ascii_lowercase());
            } else {
                let visible = piece.chars().filter(|&c| !is_invisible(c));
                visible.nfkc().flat_map(char::to_lowercase).for_each(&mut take);
            }
            rest = after;
        }
    }
}

/// Returns whether `c` is its own compatibility form and composes with no character before it.
fn stands_alone(c: char) -> bool {
    c.is_ascii() || matches!(c, '\u{4e00}'..='\u{9fff}')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '®' | '™' | '©' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folding_makes_spellings_equal() {
        let cases = [
            ("Besponsa®", "besponsa"),
            ("ＢＥＳＰＯＮＳＡ", "besponsa"),
            ("faricimab-svoa", "faricimab svoa"),
            ("1.8 mg/m²", "1.8 mg m2"),
            ("  What's  up? ", "what s up"),
            ("be\u{200b}sponsa", "besponsa"),
            ("Besponsa的副作用？", "besponsa的副作用"),
            ("3. Then", "3 then"),
            ("", ""),
            ("🙂🙂", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(fold(text), expected, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn folding_in_pieces_is_folding_the_whole(text in "([ -~]|[中文副作用]|\\PC|[\u{300}-\u{36f}]|[\u{1100}-\u{11ff}]|[Ａ-ｚｶ-ﾟ²℃®]|\u{200b}){0,12}") {
            let visible = text.chars().filter(|&c| !is_invisible(c));
            let whole: String = visible.nfkc().flat_map(char::to_lowercase).collect();
            let mut plain = String::new();
            each_plain(&text, |c| plain.push(c));
            prop_assert_eq!(plain, whole);
        }
    }

    #[test]
    fn messages_are_cut_into_sentences() {
        let cases: &[(&str, &[&str])] = &[
            ("Take 1.8 mg. Then what?", &["Take 1.8 mg.", "Then what?"]),
            ("头晕。怎么办？谢谢", &["头晕。", "怎么办？", "谢谢"]),
            ("a\nb", &["a", "b"]),
            ("", &[]),
        ];
        for (message, expected) in cases {
            assert_eq!(sentences(message).collect::<Vec<_>>(), *expected, "{message:?}");
        }
    }

    #[test]
    fn language_is_judged_by_letters() {
        let cases = [
            ("What are the side effects?", Some(Lang::En)),
            ("副作用", Some(Lang::Zh)),
            ("besponsa副作用", Some(Lang::Zh)),
            ("我在吃warfarin，能不能吃ibuprofen？", Some(Lang::Zh)),
            ("what does the word 药 mean in this long English sentence", Some(Lang::En)),
            ("123 ???", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Lang::detect(text), expected, "{text:?}");
        }
    }
}
