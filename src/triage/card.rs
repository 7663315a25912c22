//! The card a visitor sees in an emergency: whom to call in their region, and what to do meanwhile.
//!
//! Words and numbers are policy data; a region the policy does not know gets neutral words.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::knowledge::{Code, Problem};

/// The language of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Chinese, simplified.
    Zh,
}

/// What to show at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The first sentence: call whom, now.
    pub text: String,
    /// One or two things to do while waiting.
    pub steps: Vec<String>,
    /// Numbers to tap, the first one first; empty where the region is not known.
    pub calls: Vec<Call>,
}

/// One telephone number to tap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The number as dialled.
    pub number: String,
    /// Who answers there.
    pub label: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRegion {
    #[serde(default)]
    also: Vec<String>,
    /// Numbers by kind of card: ambulance, poison, crisis, police, advice.
    #[serde(default)]
    call: BTreeMap<String, Vec<RawCall>>,
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCall {
    number: String,
    en: String,
    zh: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCard {
    /// Which numbers of the region to show, in this order.
    calls: Vec<String>,
    en: RawWords,
    zh: RawWords,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWords {
    /// The text with `{number}` for the first number.
    text: String,
    /// The text where no number is known.
    neutral: String,
    #[serde(default)]
    steps: Vec<String>,
}

/// The cards and numbers of one policy file.
pub(super) struct RawCards<'a> {
    pub(super) path: &'a str,
    pub(super) regions: &'a BTreeMap<String, RawRegion>,
    pub(super) cards: &'a BTreeMap<String, RawCard>,
}

/// The numbers of a region by kind: number, English and Chinese label.
type Numbers = BTreeMap<String, Vec<(String, String, String)>>;

/// All cards and numbers.
#[derive(Debug, Default)]
pub(super) struct Cards {
    regions: BTreeMap<String, Numbers>,
    cards: BTreeMap<String, Words>,
}

#[derive(Debug)]
struct Words {
    calls: Vec<String>,
    en: (String, String, Vec<String>),
    zh: (String, String, Vec<String>),
}

const MOST_WORDS: usize = 60;

impl Cards {
    /// Collects the cards, and reports those too long or missing.
    pub(super) fn read<'a>(
        files: impl Iterator<Item = RawCards<'a>>,
        categories: &[(String, String)],
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut cards = Self::default();
        let mut report = |path: &str, message: String, hint: &str| {
            problems.push(Problem::error(Code::EmergencyCard, path, 0, message, hint));
        };
        let mut last_path = String::new();
        for file in files {
            file.path.clone_into(&mut last_path);
            for (name, region) in file.regions {
                if region.source.trim().is_empty() {
                    report(file.path, format!("region \"{name}\" has no source"), "cite one");
                }
                let calls: BTreeMap<_, Vec<_>> = region
                    .call
                    .iter()
                    .map(|(kind, calls)| (kind.clone(), calls.iter().map(tuple).collect()))
                    .collect();
                for key in std::iter::once(name).chain(&region.also) {
                    cards.regions.insert(key.to_uppercase(), calls.clone());
                }
            }
            for (name, card) in file.cards {
                let words =
                    Words { calls: card.calls.clone(), en: triple(&card.en), zh: triple(&card.zh) };
                let length = count_words(&words.en).max(count_words(&words.zh));
                if length > MOST_WORDS {
                    report(
                        file.path,
                        format!("card \"{name}\" has {length} words, more than {MOST_WORDS}"),
                        "a frightened person reads little",
                    );
                }
                cards.cards.insert(name.clone(), words);
            }
        }
        for (category, card) in categories {
            if !cards.cards.contains_key(card) {
                let message = format!("category \"{category}\" has no card \"{card}\"");
                report(&last_path, message, "add [card.…]");
            }
        }
        cards
    }

    /// Returns whom to call in `region`: an ambulance, then a poison centre.
    pub(super) fn numbers(&self, region: &str, lang: Lang) -> Vec<Call> {
        let kinds = ["ambulance", "poison"].map(str::to_owned);
        self.calls(Some(region), &kinds, lang)
    }

    /// Builds the card called `name` for `region`.
    pub(super) fn card(&self, name: &str, region: Option<&str>, lang: Lang) -> Option<Card> {
        let words = self.cards.get(name)?;
        let (text, neutral, steps) = match lang {
            Lang::En => &words.en,
            Lang::Zh => &words.zh,
        };
        let calls = self.calls(region, &words.calls, lang);
        let text = match calls.first() {
            Some(first) => text.replace("{number}", &first.number),
            None => neutral.clone(),
        };
        Some(Card { text, steps: steps.clone(), calls })
    }

    /// Returns the numbers of a region of these kinds, in their order, each once.
    fn calls(&self, region: Option<&str>, kinds: &[String], lang: Lang) -> Vec<Call> {
        let numbers = region.and_then(|region| self.regions.get(&region.to_uppercase()));
        let mut calls: Vec<Call> = numbers
            .into_iter()
            .flat_map(|numbers| kinds.iter().filter_map(|kind| numbers.get(kind)).flatten())
            .map(|(number, en, zh)| Call {
                number: number.clone(),
                label: if lang == Lang::En { en.clone() } else { zh.clone() },
            })
            .collect();
        let mut seen = std::collections::HashSet::new();
        calls.retain(|call| seen.insert(call.number.clone()));
        calls
    }
}

fn tuple(call: &RawCall) -> (String, String, String) {
    (call.number.clone(), call.en.clone(), call.zh.clone())
}

fn triple(words: &RawWords) -> (String, String, Vec<String>) {
    (words.text.clone(), words.neutral.clone(), words.steps.clone())
}

/// Counts words; two Chinese characters count as one.
fn count_words((text, neutral, steps): &(String, String, Vec<String>)) -> usize {
    let count = |text: &str| {
        let han = text.chars().filter(|character| super::token::is_han(*character)).count();
        han.div_ceil(2) + text.split_whitespace().filter(|word| word.is_ascii()).count()
    };
    count(text).max(count(neutral)) + steps.iter().map(|step| count(step)).sum::<usize>()
}
