//! Markets named in a message or a heading: a label holds where it was authorised.

use std::sync::LazyLock;

use crate::text::{self, PhraseSet};

/// A set of markets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Markets(u8);

/// Markets by code, with the folded words that name them. `us` is not among them: folded, it
/// cannot be told from the pronoun.
const NAMES: [(&str, &[&str]); 6] = [
    ("US", &["usa", "united states", "america", "american", "fda", "美国"]),
    ("EU", &["eu", "europe", "european", "ema", "欧盟", "欧洲"]),
    ("UK", &["uk", "united kingdom", "britain", "british", "mhra", "英国"]),
    ("CN", &["china", "chinese", "nmpa", "中国", "国内", "大陆"]),
    ("HK", &["hong kong", "hongkong", "香港"]),
    ("JP", &["japan", "japanese", "pmda", "日本"]),
];

/// The words that name markets, with the position of the market.
static WORDS: LazyLock<PhraseSet<usize>> = LazyLock::new(|| {
    let numbered = NAMES.iter().enumerate();
    PhraseSet::new(numbered.flat_map(|(at, (_, names))| names.iter().map(move |name| (*name, at))))
});

impl Markets {
    /// Returns the market with this code, such as `US`; none for an unknown code.
    pub fn of_code(code: &str) -> Self {
        let code = if code.eq_ignore_ascii_case("GB") { "UK" } else { code };
        let at = NAMES.iter().position(|(known, _)| known.eq_ignore_ascii_case(code));
        at.map_or_else(Self::default, |at| Self(1 << at))
    }

    /// Returns the markets with these codes.
    pub fn of_codes(codes: &[String]) -> Self {
        codes.iter().map(|code| Self::of_code(code)).fold(Self::default(), Self::and)
    }

    /// Returns the markets that `text` names, which must not be folded yet.
    pub fn named_in(text: &str) -> Self {
        Self::named_in_both(text, &text::fold(text))
    }

    /// Returns the markets that `text` names, which is `folded` when it is folded.
    pub(super) fn named_in_both(text: &str, folded: &str) -> Self {
        let named = WORDS.find(folded);
        let mut found = named.iter().fold(0, |found, name| found | 1 << *name.value);
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        if words.into_iter().any(|word| matches!(word.trim_end_matches('.'), "US" | "U.S")) {
            found |= 1;
        }
        Self(found)
    }

    /// Returns whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns whether the sets share a market.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns the markets of both sets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Returns whether a name or phrase stands in folded text, as whole words when it is Latin.
pub(super) fn holds(folded: &str, name: &str) -> bool {
    let is_edge = |c: Option<char>| c.is_none_or(|c| c == ' ' || text::is_han(c));
    folded.match_indices(name).any(|(start, found)| {
        !name.is_ascii()
            || (is_edge(folded[..start].chars().next_back())
                && is_edge(folded[start + found.len()..].chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markets_are_named() {
        let cases = [
            ("Is it approved in the US?", "US"),
            ("tell us about it", ""),
            ("Approved use in the EU", "EU"),
            ("what does the U.S. label say", "US"),
            ("museum", ""),
            ("国内有吗", "CN"),
        ];
        for (text, expected) in cases {
            assert_eq!(Markets::named_in(text), Markets::of_code(expected), "{text:?}");
        }
    }
}
