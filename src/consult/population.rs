//! Whom a message is about: groups of people for whom a general answer may be wrong.

use crate::text::{PhraseSet, Stemmed, Word, words};

/// A group of people that labels treat by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Population {
    /// Children and adolescents.
    Child,
    /// Pregnant women, or those who plan a child.
    Pregnancy,
    /// Breastfeeding women.
    Breastfeeding,
    /// People with kidney disease.
    Kidney,
    /// People with liver disease.
    Liver,
    /// Older people.
    Elderly,
}

impl Population {
    /// Returns the group's name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Child => "child",
            Self::Pregnancy => "pregnancy",
            Self::Breastfeeding => "breastfeeding",
            Self::Kidney => "kidney",
            Self::Liver => "liver",
            Self::Elderly => "elderly",
        }
    }
}

/// Words by which people name a group; the first one of each is what an age is put into.
const WORDS: &[(Population, &[&str])] = &[
    (
        Population::Child,
        &["child", "children", "kid", "infant", "baby", "toddler", "teenager", "paediatric"],
    ),
    (Population::Child, &["儿童", "孩子", "小孩", "宝宝", "婴儿", "青少年", "小儿"]),
    (
        Population::Pregnancy,
        &["pregnant", "pregnancy", "trying for a baby", "怀孕", "孕妇", "备孕"],
    ),
    (
        Population::Breastfeeding,
        &["breastfeeding", "breastfeed", "nursing", "哺乳", "喂奶", "母乳"],
    ),
    (Population::Kidney, &["kidney", "renal", "dialysis", "肾", "透析"]),
    (Population::Liver, &["liver", "hepatic", "cirrhosis", "肝"]),
    (Population::Elderly, &["elderly", "older people", "geriatric", "老人", "老年", "高龄"]),
];

/// The words for groups, compiled.
#[derive(Debug)]
pub(super) struct Groups(PhraseSet<Population>);

impl Groups {
    pub(super) fn new() -> Self {
        let words =
            WORDS.iter().flat_map(|(group, words)| words.iter().map(|word| (*word, *group)));
        Self(PhraseSet::tolerant(words))
    }

    /// Returns the groups that a text names, each once.
    pub(super) fn find(&self, text: &Stemmed<'_>) -> Vec<Population> {
        let mut groups = Vec::new();
        for found in self.0.find_in(text) {
            if !groups.contains(found.value) {
                groups.push(*found.value);
            }
        }
        groups
    }
}

/// Returns the word for the group that an age in folded text belongs to: 'is 80', '4 year old'.
pub(super) fn age_in_words(folded: &str) -> Option<&'static str> {
    if !folded.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let all: Vec<Word<'_>> = words(folded).collect();
    for (at, word) in all.iter().enumerate() {
        let Word::Latin(letters) = word else { continue };
        let Ok(number) = letters.parse::<u32>() else { continue };
        let before = at.checked_sub(1).and_then(|at| all.get(at));
        let says_age = match all.get(at + 1) {
            Some(Word::Latin("year" | "years" | "yr" | "month" | "months")) => {
                matches!(all.get(at + 2), Some(Word::Latin("old")))
            }
            Some(Word::Latin("yo")) => true,
            Some(Word::Han(after)) => after.starts_with('岁') || after.starts_with("个月大"),
            Some(Word::Latin(_)) => matches!(before, Some(Word::Latin("aged"))),
            None => matches!(before, Some(Word::Latin("is" | "am" | "aged" | "age"))),
        };
        let in_months = matches!(all.get(at + 1), Some(Word::Latin("month" | "months")));
        match number {
            _ if !says_age => {}
            _ if in_months => return Some("child"),
            0..18 => return Some("child"),
            65..130 => return Some("elderly"),
            _ => {}
        }
    }
    // 'my mother is 80, can she': the comma is gone after folding.
    let mut pairs = all.windows(2);
    pairs.find_map(|pair| match pair {
        [Word::Latin("is" | "am" | "m" | "aged"), Word::Latin(age)] => {
            age.parse().ok().filter(|age: &u32| (65..130).contains(age)).map(|_| "elderly")
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    #[test]
    fn ages_name_a_group() {
        let cases = [
            ("can I give my 4 year old emflaza", Some("child")),
            ("a 13-year-old in the US", Some("child")),
            ("my mother is 80, can she take it", Some("elderly")),
            ("我儿子5岁能用吗", Some("child")),
            ("he is 40 years old", None),
            ("after 4 years on it", None),
            ("the dose on day 8", None),
            ("is 400 mg too much", None),
        ];
        for (text, expected) in cases {
            assert_eq!(age_in_words(&fold(text)), expected, "{text:?}");
        }
    }
}
