//! Where sources disagree: what articles about one drug say on one matter, when both cannot be
//! followed. Found once per generation; an answer only looks its passages up.
//!
//! What is no conflict: another unit of the same amount, another market, another group of people,
//! another time, or a statement that agrees with one of several that the other source gives.

mod figures;
mod report;
mod rules;
mod sentences;

use std::collections::HashMap;

use super::Markets;
use crate::id::DrugId;
use crate::knowledge::{Article, Knowledge, Passage, Rank};
use crate::text::is_han;

/// A matter on which sources disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The drug.
    pub drug: DrugId,
    /// The matter, in the words of the source that counts most.
    pub about: String,
    /// What is said, the source that counts most first.
    pub statements: Vec<Statement>,
    /// Search terms of the matter.
    terms: Vec<String>,
}

/// What one passage says on a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Position of its article in `Knowledge::articles`.
    pub article: usize,
    /// Position of the passage in the article.
    pub passage: usize,
    /// The statement as it is written: a figure, or the words that make the difference.
    pub value: String,
}

/// All conflicts of a knowledge base, by passage.
#[derive(Debug, Default)]
pub struct Conflicts {
    all: Vec<Conflict>,
    by_passage: HashMap<(usize, usize), Vec<usize>>,
}

/// One side of a conflict.
struct Side<'a> {
    rank: Rank,
    /// Positions of article and passage.
    at: (usize, usize),
    value: &'a str,
}

impl Conflicts {
    /// Compares all articles about each drug.
    pub fn find(knowledge: &Knowledge) -> Self {
        let drugs = knowledge.drugs.iter();
        Self::new(drugs.flat_map(|drug| Self::between(&drug.id, knowledge)).collect())
    }

    /// Compares all articles about one drug.
    pub(super) fn about(drug: &DrugId, knowledge: &Knowledge) -> Self {
        Self::new(Self::between(drug, knowledge).collect())
    }

    fn between(drug: &DrugId, knowledge: &Knowledge) -> impl Iterator<Item = Conflict> {
        let figures = figures::disagreements(drug, knowledge).into_iter();
        figures.chain(rules::disagreements(drug, knowledge))
    }

    fn new(all: Vec<Conflict>) -> Self {
        let mut by_passage: HashMap<(usize, usize), Vec<usize>> = HashMap::new();
        for (number, conflict) in all.iter().enumerate() {
            for statement in &conflict.statements {
                let place = (statement.article, statement.passage);
                by_passage.entry(place).or_default().push(number);
            }
        }
        Self { all, by_passage }
    }

    /// Returns the same conflicts of the same articles, each of which stands at `place_of` the old
    /// place now.
    pub(super) fn moved(&self, place_of: impl Fn(usize) -> usize) -> Self {
        let mut all = self.all.clone();
        for statement in all.iter_mut().flat_map(|conflict| &mut conflict.statements) {
            statement.article = place_of(statement.article);
        }
        Self::new(all)
    }

    /// Returns all of them, by drug.
    pub fn iter(&self) -> impl Iterator<Item = &Conflict> {
        self.all.iter()
    }

    /// Returns those that a passage takes part in.
    pub fn of(&self, article: usize, passage: usize) -> impl Iterator<Item = &Conflict> {
        self.by_passage.get(&(article, passage)).into_iter().flatten().map(|&at| &self.all[at])
    }
}

impl Conflict {
    /// Puts the sides in order; equal statements of one passage are one.
    fn new<'a>(
        drug: &DrugId,
        about: String,
        terms: Vec<String>,
        sides: impl Iterator<Item = Side<'a>>,
    ) -> Self {
        let mut sides: Vec<Side<'a>> = sides.collect();
        sides.sort_by_key(|side| (side.rank, side.at));
        let mut statements: Vec<Statement> = Vec::with_capacity(sides.len());
        for Side { at: (article, passage), value, .. } in sides {
            let statement = Statement { article, passage, value: value.to_owned() };
            if !statements.contains(&statement) {
                statements.push(statement);
            }
        }
        Self { drug: drug.clone(), about, statements, terms }
    }

    /// Returns whether any of `terms` is about the matter.
    pub fn concerns<'a>(&self, mut terms: impl Iterator<Item = &'a String>) -> bool {
        terms.any(|term| self.terms.contains(term))
    }
}

/// Returns the text of a passage without the name of who says it, which may name a market: a page
/// of 'Hong Kong Example Medicine' is not about Hong Kong. Offsets stay as they are.
fn own_words(article: &Article, passage: &Passage) -> String {
    let text = article.passage_text(passage);
    let name = article.source.split([',', ';', '(']).next().unwrap_or_default().trim();
    // The source of a reference is a label, whose market counts.
    if article.rank != Rank::Article || Markets::named_in(name).is_empty() {
        return text.to_owned();
    }
    let mut own = text.to_owned();
    for (start, _) in text.match_indices(name) {
        let end = start + name.len();
        let goes_on = |c: char| c.is_alphanumeric() && !is_han(c);
        let is_whole = !text[..start].ends_with(goes_on) && !text[end..].starts_with(goes_on);
        if is_whole {
            own.replace_range(start..end, &" ".repeat(name.len()));
        }
    }
    own
}

/// Groups what contradicts each other, directly or through a third.
fn groups<T>(said: &[T], contradict: impl Fn(&T, &T) -> bool) -> Vec<Vec<&T>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (i, a) in said.iter().enumerate() {
        for (j, b) in said.iter().enumerate().skip(i + 1) {
            if !contradict(a, b) {
                continue;
            }
            let holds = |group: &Vec<usize>| group.contains(&i) || group.contains(&j);
            let mut joined = vec![i, j];
            for group in groups.extract_if(.., |group| holds(group)) {
                joined.extend(group);
            }
            joined.sort_unstable();
            joined.dedup();
            groups.push(joined);
        }
    }
    groups.into_iter().map(|group| group.into_iter().map(|at| &said[at]).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::File;

    fn article(name: &str, rank: &str, markets: &str, body: &str) -> File {
        let text = format!(
            "---\ntitle: Dose of testomab\ndrug: testomab\nlang: en\nsource: {name} paper\n\
             published: 2026-01-01\nreviewed: 2026-01-01\nmarkets: [{markets}]\naudience: public\n\
             status: published\nrank: {rank}\n---\n{body}\n"
        );
        File { path: format!("drugs/testomab/{name}.md"), text }
    }

    fn found(a: (&str, &str), b: (&str, &str)) -> Vec<String> {
        let drug = "name = \"testomab\"\nclass = \"antibody\"\ncategory = \"antitumor\"\n";
        let files = [
            File { path: "drugs/testomab/drug.toml".to_owned(), text: drug.to_owned() },
            article("one", "reference", a.0, a.1),
            article("two", "article", b.0, b.1),
        ];
        let (knowledge, _) = Knowledge::parse(&files);
        let show = |conflict: &Conflict| {
            let values: Vec<&str> =
                conflict.statements.iter().map(|statement| statement.value.as_str()).collect();
            format!("{}: {}", conflict.about, values.join(" / "))
        };
        Conflicts::find(&knowledge).iter().map(show).collect()
    }

    #[test]
    fn the_name_of_who_says_it_names_no_market() {
        let cases = [
            ("EU paper", "The EU paper asks for 2 tests.", "The          asks for 2 tests."),
            ("EU", "Eumel, EURO, EU-wide, and 'EU'.", "Eumel, EURO,   -wide, and '  '."),
            ("香港药房", "据香港药房介绍，每天1次。", "据            介绍，每天1次。"),
            ("one", "Take opicapone alone, says one.", "Take opicapone alone, says one."),
        ];
        for (source, body, expected) in cases {
            let file = article("x", "article", "", body);
            let text = file.text.replace("source: x paper", &format!("source: {source}"));
            let (knowledge, problems) = Knowledge::parse(&[
                File {
                    path: "drugs/testomab/drug.toml".to_owned(),
                    text: "name = \"testomab\"\nclass = \"x\"\ncategory = \"general\"\n".to_owned(),
                },
                File { text, ..file },
            ]);
            let article = knowledge.articles.first().unwrap_or_else(|| panic!("{problems:?}"));
            assert_eq!(own_words(article, &article.passages[0]), expected, "{source}");
        }
    }

    /// Markets and text of a passage.
    type Said = (&'static str, &'static str);

    fn check(cases: &[(Said, Said, &[&str])]) {
        for (a, b, expected) in cases {
            assert_eq!(found(*a, *b), *expected, "{a:?} {b:?}");
        }
    }

    #[test]
    fn figures_that_differ_are_conflicts() {
        let dose = "In cycle 1, the total dose of testomab is 1.8 mg/m².";
        check(&[
            (
                ("US", dose),
                ("", "The page gives 1.5 mg/m² as the total dose in cycle 1."),
                &["cycle 1 total dose: 1.8 mg/m² / 1.5 mg/m²"],
            ),
            (
                ("", "Keep the open bottle of testomab at 2–8 °C."),
                ("", "The open bottle is kept at 20–25 °C."),
                &["open bottle: 2–8 °C / 20–25 °C"],
            ),
        ]);
    }

    #[test]
    fn figures_that_only_look_different_are_none() {
        let dose = "In cycle 1, the total dose of testomab is 1.8 mg/m².";
        let women = "Contraception in women is needed for 8 months after the dose.";
        check(&[
            // Markets.
            (("US", dose), ("EU", "The total dose in cycle 1 is 1.5 mg/m²."), &[]),
            (
                ("", "In the US, the age limit of testomab is 12 years."),
                ("", "In the EU, the age limit of testomab is 18 years."),
                &[],
            ),
            // Another cycle; the same figure.
            (("", dose), ("", "The total dose in cycle 2 is 1.5 mg/m²."), &[]),
            (("", dose), ("", "The total dose in cycle 1 is 1.8 mg/m²."), &[]),
            // Units.
            (
                ("", "The tablet strength is 1 g of substance."),
                ("", "The tablet strength is 1000 mg of substance."),
                &[],
            ),
            (
                ("", "The waiting time after surgery is 2 weeks."),
                ("", "The waiting time after surgery is 14 days."),
                &[],
            ),
            // Groups of people.
            (("", women), ("", "Contraception in men is needed for 5 months after the dose."), &[]),
            (
                ("", "The starting dose in adults is 400 mg."),
                ("", "The starting dose in children is 200 mg."),
                &[],
            ),
            (
                ("", "With severe kidney disease the starting dose is 200 mg."),
                ("", "The starting dose is 400 mg."),
                &[],
            ),
            // A dose and a day.
            (
                ("", "The usual amount for an infection is 50 mg per dose."),
                ("", "The usual amount for an infection is 100 mg per day."),
                &[],
            ),
            (
                ("", "The usual amount for an infection is 50 mg each time."),
                ("", "The usual amount for an infection is 100 mg a day."),
                &[],
            ),
            (
                ("", "The usual amount for an infection is 50 mg twice daily."),
                ("", "The usual amount for an infection is 100 mg once daily."),
                &[],
            ),
            // One of several figures that the other source gives.
            (
                (
                    "",
                    "The shelf life of the vial is 5 years in the EU. The shelf life of the vial is 3 years in the US.",
                ),
                ("", "The shelf life of the vial is 3 years."),
                &[],
            ),
            // Ranges that meet.
            (("", "Keep the open bottle at 2–8 °C."), ("", "Keep the open bottle at 5 °C."), &[]),
        ]);
    }

    #[test]
    fn rules_that_differ_are_conflicts() {
        check(&[
            (
                ("US", "Liver tests are made before and after each dose of testomab."),
                ("", "The page asks for ALT and AST before each dose."),
                &["Liver tests: before and after each dose / before each dose"],
            ),
            (
                ("", "A blood count is made before each dose."),
                (
                    "",
                    "The page asks for liver tests before each dose, platelets before each treatment cycle.",
                ),
                &["blood count: before each dose / before each treatment cycle"],
            ),
            (
                ("", "Premedication is recommended before each dose."),
                ("", "An antihistamine must be used before each dose."),
                &["Premedication: recommended / must"],
            ),
            (
                (
                    "",
                    "Low platelets do not need to be interrupted for, and low platelets do not interrupt Day 8.",
                ),
                ("", "With low neutrophils, treatment is interrupted."),
                &["Low platelets: do not need to be interrupted / is interrupted"],
            ),
            (
                ("EU", "Treatment is held until bilirubin is at or below 1.5 × ULN."),
                ("", "Treatment is paused until liver function is back to normal."),
                &[
                    "bilirubin: until bilirubin is at or below 1.5 × ULN / until liver function is back to normal",
                ],
            ),
            (
                ("", "Contraception is needed for at least 8 months after the last dose."),
                ("", "Contraception is needed for several months."),
                &["Contraception: 8 months / several months"],
            ),
            (
                ("US", "No contraindication is listed."),
                ("", "The page lists 2 contraindications."),
                &["contraindication: No contraindication / 2 contraindications"],
            ),
            (
                ("", "Liver tests weekly during treatment and after a transplant."),
                ("", "Liver tests at least weekly after treatment."),
                &[
                    "Liver tests: weekly during treatment and after a transplant / weekly after treatment",
                ],
            ),
        ]);
    }

    #[test]
    fn rules_that_go_together_are_none() {
        check(&[
            (
                ("US", "Liver tests are made before each dose."),
                ("EU", "Liver tests are made after each dose."),
                &[],
            ),
            (
                ("", "Liver tests are made before each dose."),
                ("", "A blood count is made after each dose."),
                &[],
            ),
            (
                (
                    "",
                    "Liver tests are made before each dose. After each dose, they are made again: ALT after each dose.",
                ),
                ("", "Liver tests are made before and after each dose."),
                &[],
            ),
            (
                ("", "Premedication is recommended."),
                ("", "Premedication must not be given by mouth."),
                &[],
            ),
            (
                ("", "Women use contraception for 8 months."),
                ("", "Men use contraception for several months."),
                &[],
            ),
            (
                ("US", "No contraindication is listed."),
                ("EU", "There are 2 contraindications."),
                &[],
            ),
            (
                ("", "The next dose is held until ALT is at or below 2.5 × ULN before each dose."),
                ("", "Liver tests are made after each dose."),
                &[],
            ),
        ]);
    }

    #[test]
    fn a_number_without_the_condition_of_the_other_source_is_a_conflict() {
        let reference = "## How many cycles

- If a transplant is planned: 2 cycles.
- If not: up to 6 cycles.";
        check(&[
            (
                ("", reference),
                (
                    "",
                    "## Number of cycles

The page recommends 2 cycles.",
                ),
                &["How many cycles: 6 cycles / 2 cycles"],
            ),
            (
                ("", reference),
                (
                    "",
                    "## Number of cycles

If a transplant is planned, 2 cycles are given.",
                ),
                &[],
            ),
        ]);
    }
}
