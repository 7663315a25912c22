//! Passages of different articles that say the same thing in (nearly) the same words: one of them
//! is quoted, and the others are named beside it.
//!
//! What could make a difference must be equal: every number, every negation, every market. So a
//! fold never hides a disagreement.

use std::collections::HashMap;

use super::Markets;
use crate::id::DrugId;
use crate::knowledge::{Article, Knowledge, Passage};
use crate::text::{self, Lang, Word};

/// Least share of all their words that twins have in common.
const ALIKE: f64 = 0.85;
/// Fewest different words of a passage that can have a twin.
const MIN_WORDS: usize = 5;
/// Words that turn a statement into another one.
const TURNING: &[&str] = &[
    "not", "no", "never", "without", "unless", "except", "only", "none", "nor", "cannot", "must",
    "should", "may",
];

/// Passages with their twins, by article and passage.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Twins(HashMap<(usize, usize), Vec<(usize, usize)>>);

/// What must be equal in twins.
#[derive(PartialEq, Eq, Hash)]
struct Core {
    lang: Lang,
    markets: (Markets, Markets),
    /// Numbers and turning words, in order.
    words: Vec<String>,
}

struct Row {
    at: (usize, usize),
    /// All words, sorted, each once.
    words: Vec<String>,
}

impl Twins {
    /// Compares all passages about a drug.
    pub(super) fn about(drug: &DrugId, knowledge: &Knowledge) -> Self {
        let mut rows: HashMap<Core, Vec<Row>> = HashMap::new();
        for (at, article) in knowledge.articles_about(drug) {
            for (number, passage) in article.passages.iter().enumerate() {
                let (core, words) = read(article, passage);
                rows.entry(core).or_default().push(Row { at: (at, number), words });
            }
        }
        let mut twins = Self::default();
        for rows in rows.values() {
            // They stand in the order of their articles: an article has no twins in itself.
            for a in rows {
                let others = rows.partition_point(|row| row.at.0 <= a.at.0);
                for b in rows[others..].iter().filter(|b| alike(a, b)) {
                    twins.0.entry(a.at).or_default().push(b.at);
                    twins.0.entry(b.at).or_default().push(a.at);
                }
            }
        }
        twins.0.values_mut().for_each(|places| places.sort_unstable());
        twins
    }

    /// Returns the same twins in the same articles, each of which stands at `place_of` the old
    /// place now.
    pub(super) fn moved(&self, place_of: impl Fn(usize) -> usize) -> Self {
        let moved = |&(article, passage): &(usize, usize)| (place_of(article), passage);
        let all = self.0.iter();
        Self(all.map(|(own, twins)| (moved(own), twins.iter().map(moved).collect())).collect())
    }

    /// Returns the twins of a passage.
    pub(super) fn of(&self, article: usize, passage: usize) -> &[(usize, usize)] {
        self.0.get(&(article, passage)).map_or(&[], Vec::as_slice)
    }
}

fn read(article: &Article, passage: &Passage) -> (Core, Vec<String>) {
    let text = article.passage_text(passage);
    let folded = text::fold(text);
    let mut core = Vec::new();
    let mut words = Vec::new();
    for word in text::words(&folded) {
        let (Word::Latin(word) | Word::Han(word)) = word;
        if word.contains(|c: char| c.is_ascii_digit()) || TURNING.contains(&word) {
            core.push(word.to_owned());
        }
        words.push(word.to_owned());
    }
    words.sort_unstable();
    words.dedup();
    let own = Markets::of_codes(&article.markets);
    let markets = (own, Markets::named_in(text));
    (Core { lang: article.lang, markets, words: core }, words)
}

fn alike(a: &Row, b: &Row) -> bool {
    let common = a.words.iter().filter(|word| b.words.binary_search(word).is_ok()).count();
    let all = a.words.len() + b.words.len() - common;
    #[expect(clippy::cast_precision_loss, reason = "passages have few words")]
    let share = common as f64 / all as f64;
    a.words.len() >= MIN_WORDS && share >= ALIKE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::File;

    fn twins(a: &str, b: &str) -> bool {
        let article = |name: &str, keys: &str, body: &str| File {
            path: format!("drugs/testomab/{name}.md"),
            text: format!(
                "---\ntitle: On testomab\ndrug: testomab\nlang: en\nsource: {name} paper\n\
                 published: 2026-01-01\nreviewed: 2026-01-01\naudience: public\nstatus: published\n\
                 rank: article\n{keys}---\n{body}\n"
            ),
        };
        let drug = "name = \"testomab\"\nclass = \"antibody\"\ncategory = \"antitumor\"\n";
        let files = [
            File { path: "drugs/testomab/drug.toml".to_owned(), text: drug.to_owned() },
            article("one", "", a),
            article("two", "", b),
        ];
        let (knowledge, problems) = Knowledge::parse(&files);
        assert_eq!(knowledge.articles.len(), 2, "{problems:?}");
        !Twins::about(&DrugId::from("testomab"), &knowledge).of(0, 0).is_empty()
    }

    #[test]
    fn only_what_says_the_same_is_a_twin() {
        let said =
            "In the US, keep testomab in a refrigerator at 2–8 °C and do not freeze the vial.";
        let cases = [
            (said, true),
            (
                "In the US, keep testomab in the refrigerator at 2–8 °C, and do not freeze the vial.",
                true,
            ),
            (
                "In the US, keep testomab in a refrigerator at 2–6 °C and do not freeze the vial.",
                false,
            ),
            ("In the US, keep testomab in a refrigerator at 2–8 °C and do freeze the vial.", false),
            (
                "In the EU, keep testomab in a refrigerator at 2–8 °C and do not freeze the vial.",
                false,
            ),
            (
                "In the US, testomab vials at 2–8 °C are fine; do not shake them on a journey.",
                false,
            ),
        ];
        for (other, expected) in cases {
            assert_eq!(twins(said, other), expected, "{other}");
        }
        assert!(!twins("See above.", "See above. "), "too short to mean anything");
    }
}
