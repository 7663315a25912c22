//! Where sources disagree: figures on one matter of one drug, from different articles, that have
//! no value in common. Found once per generation; an answer only looks its passages up.
//!
//! What is no conflict: another unit of the same amount, another market, another group of people,
//! another time, or a figure that agrees with one of several that the other source gives.

use std::collections::HashMap;

use super::Markets;
use super::numbers::{self, Figure, Measure};
use crate::id::DrugId;
use crate::knowledge::{Article, Knowledge};
use crate::text;

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
    /// The figure as it is written.
    pub value: String,
}

/// All conflicts of a knowledge base, by passage.
#[derive(Debug, Default)]
pub struct Conflicts {
    all: Vec<Conflict>,
    by_passage: HashMap<(usize, usize), Vec<usize>>,
}

/// A figure with its place.
struct Fact<'a> {
    article: &'a Article,
    at: (usize, usize),
    figure: Figure,
    markets: Markets,
    /// Search terms that tell what the figure is about, sorted.
    subject: Vec<String>,
    /// Words that limit whom or when it holds for, sorted.
    limits: Vec<String>,
}

/// Share of the smaller subject's words that two figures on one matter have in common.
const MIN_COMMON: f64 = 0.6;
/// The same for percentages: of the larger subject's words.
const MIN_COMMON_OF_SHARES: f64 = 0.75;
/// Least number of such words.
const MIN_COMMON_WORDS: usize = 2;

/// Words by which an article reports, and words of the trade that every figure has.
const GENERIC: &[&str] = &[
    "state",
    "statement",
    "page",
    "articl",
    "give",
    "given",
    "say",
    "name",
    "ask",
    "report",
    "list",
    "recommend",
    "accord",
    "label",
    "leaflet",
    "text",
    "monograph",
    "product",
    "undat",
    "medicin",
    "patient",
    "peopl",
    "person",
    "treatment",
    "treat",
    "use",
    "share",
    "tabl",
    "show",
    "market",
    "approv",
    "countri",
    "figur",
    "rate",
    "person",
    "part",
    "mean",
    "take",
    "taken",
];

/// Words that make a figure another one: whom it holds for, when, and of what kind it is.
const LIMITS: &[&str] = &[
    "adult",
    "child",
    "children",
    "women",
    "woman",
    "men",
    "man",
    "older",
    "elder",
    "kidney",
    "liver",
    "renal",
    "hepat",
    "mild",
    "moder",
    "sever",
    "serious",
    "fatal",
    "first",
    "second",
    "third",
    "later",
    "next",
    "last",
    "start",
    "maximum",
    "minimum",
    "without",
    "not",
    "no",
    "comparison",
    "placebo",
    "transplant",
    "daili",
    "twice",
    "onc",
    "weekli",
    "food",
    "open",
    "unopen",
    "freez",
    "dilut",
    "reconstitut",
    "total",
    "reduc",
    "axitinib",
    "alon",
    "combin",
];

impl Conflicts {
    /// Compares the figures of all articles about each drug.
    pub fn find(knowledge: &Knowledge) -> Self {
        let mut conflicts = Self::default();
        for drug in &knowledge.drugs {
            let facts = facts(&drug.id, knowledge);
            conflicts.all.extend(disagreements(&drug.id, &facts));
        }
        for (number, conflict) in conflicts.all.iter().enumerate() {
            for statement in &conflict.statements {
                let place = (statement.article, statement.passage);
                conflicts.by_passage.entry(place).or_default().push(number);
            }
        }
        conflicts
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
    /// Returns whether any of `terms` is about the matter.
    pub fn concerns<'a>(&self, mut terms: impl Iterator<Item = &'a String>) -> bool {
        terms.any(|term| self.terms.contains(term))
    }
}

fn facts<'a>(drug: &DrugId, knowledge: &'a Knowledge) -> Vec<Fact<'a>> {
    let names: Vec<String> = knowledge
        .drug(drug)
        .into_iter()
        .flat_map(|drug| drug.all_names().flat_map(|name| text::search_terms(&text::fold(name))))
        .collect();
    let mut facts = Vec::new();
    for (at, article) in knowledge.articles_about(drug) {
        let mut dull = names.clone();
        dull.extend(proper_names(&article.source));
        for (number, passage) in article.passages.iter().enumerate() {
            let heading = passage.heading.last().map_or("", String::as_str);
            for figure in numbers::figures(article.passage_text(passage)) {
                facts.push(Fact::new(article, (at, number), heading, figure, &dull));
            }
        }
    }
    facts
}

impl<'a> Fact<'a> {
    fn new(
        article: &'a Article,
        at: (usize, usize),
        heading: &str,
        mut figure: Figure,
        dull: &[String],
    ) -> Self {
        if figure.labels.is_empty() {
            figure.labels = numbers::labels(heading);
        }
        let mut markets = figure.markets;
        if markets.is_empty() {
            markets = Markets::named_in(heading);
        }
        if markets.is_empty() {
            let own = article.markets.iter().map(|code| Markets::of_code(code));
            markets = own.fold(Markets::default(), Markets::and);
        }
        let telling = |term: &&String| !dull.contains(term) && !GENERIC.contains(&term.as_str());
        let mut subject: Vec<String> = figure.subject.iter().filter(telling).cloned().collect();
        subject.sort();
        subject.dedup();
        let above = text::search_terms(&text::fold(heading));
        let limiting = |term: &&String| LIMITS.contains(&term.as_str());
        let mut limits: Vec<String> =
            subject.iter().chain(&above).filter(limiting).cloned().collect();
        limits.sort();
        limits.dedup();
        Self { article, at, figure, markets, subject, limits }
    }

    /// Returns whether both figures are about one matter.
    fn same_matter(&self, other: &Self) -> bool {
        let markets_meet = self.markets.is_empty()
            || other.markets.is_empty()
            || self.markets.meets(other.markets);
        let same_frame = self.figure.measure == other.figure.measure
            && self.figure.labels == other.figure.labels
            && self.limits == other.limits
            && self.article.lang == other.article.lang;
        if !(markets_meet && same_frame) {
            return false;
        }
        let common = self.subject.iter().filter(|term| other.subject.contains(term)).count();
        let smaller = self.subject.len().min(other.subject.len());
        let larger = self.subject.len().max(other.subject.len());
        let needed = if self.figure.labels.is_empty() { MIN_COMMON_WORDS } else { 1 };
        // A percentage is of one effect: nearly all words must agree.
        let (of, least) = match self.figure.measure {
            Measure::Share => (larger, MIN_COMMON_OF_SHARES),
            _ => (smaller, MIN_COMMON),
        };
        #[expect(clippy::cast_precision_loss, reason = "clauses have few words")]
        let alike = common as f64 >= least * of as f64;
        common >= needed && alike
    }

    fn contradicts(&self, other: &Self) -> bool {
        self.at.0 != other.at.0 && self.same_matter(other) && self.figure.differs(&other.figure)
    }
}

/// Returns the search terms of the capitalised words of a source: who says it, not what.
fn proper_names(source: &str) -> impl Iterator<Item = String> {
    let words = source.split(|c: char| !c.is_alphanumeric());
    let names = words.filter(|word| word.starts_with(char::is_uppercase));
    names.flat_map(|name| text::search_terms(&text::fold(name)))
}

/// Groups the facts that contradict each other, directly or through a third.
fn disagreements(drug: &DrugId, facts: &[Fact<'_>]) -> Vec<Conflict> {
    // A source that gives several figures on the matter agrees by any of them.
    let agrees = |fact: &Fact<'_>, with: &Fact<'_>| {
        let from_same = facts.iter().filter(|own| own.at.0 == with.at.0);
        from_same.clone().any(|own| own.same_matter(fact) && !own.figure.differs(&fact.figure))
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (i, a) in facts.iter().enumerate() {
        for (j, b) in facts.iter().enumerate().skip(i + 1) {
            if !a.contradicts(b) || agrees(a, b) || agrees(b, a) {
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
    groups.iter().map(|group| conflict(drug, group, facts)).collect()
}

fn conflict(drug: &DrugId, group: &[usize], facts: &[Fact<'_>]) -> Conflict {
    let mut members: Vec<&Fact<'_>> = group.iter().map(|&at| &facts[at]).collect();
    members.sort_by_key(|fact| (fact.article.rank, fact.at));
    let terms: Vec<String> = members[0]
        .subject
        .iter()
        .filter(|term| members[1..].iter().any(|fact| fact.subject.contains(term)))
        .cloned()
        .collect();
    let mut statements: Vec<Statement> = Vec::new();
    for fact in &members {
        let (article, passage) = fact.at;
        let statement = Statement { article, passage, value: fact.figure.written.clone() };
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    }
    let about = about(&members[0].figure, &terms);
    Conflict { drug: drug.clone(), about, statements, terms }
}

/// Names the matter: its labels, then the common words in the order in which they are written.
fn about(figure: &Figure, terms: &[String]) -> String {
    let mut words: Vec<&str> = figure.labels.iter().map(String::as_str).collect();
    for word in &figure.words {
        let is_common = text::search_terms(word).iter().any(|term| terms.contains(term));
        if is_common && !words.contains(&word.as_str()) {
            words.push(word);
        }
    }
    words.join(" ")
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

    /// Markets and text of a passage.
    type Said = (&'static str, &'static str);

    #[test]
    fn figures_that_differ_are_conflicts() {
        let dose = "In cycle 1, the total dose of testomab is 1.8 mg/m².";
        let cases: &[(Said, Said, &[&str])] = &[
            (
                ("US", dose),
                ("", "The page gives 1.5 mg/m² as the total dose in cycle 1."),
                &["cycle 1 total dose: 1.8 mg/m² / 1.5 mg/m²"],
            ),
            (("US", dose), ("EU", "The total dose in cycle 1 is 1.5 mg/m²."), &[]),
            (("", dose), ("", "The total dose in cycle 2 is 1.5 mg/m²."), &[]),
            (("", dose), ("", "The total dose in cycle 1 is 1.8 mg/m²."), &[]),
            (
                ("", "The tablet strength is 1 g of substance."),
                ("", "The tablet strength is 1000 mg of substance."),
                &[],
            ),
            (
                ("", "Contraception in women is needed for 8 months after the dose."),
                ("", "Contraception in men is needed for 5 months after the dose."),
                &[],
            ),
        ];
        for (a, b, expected) in cases {
            assert_eq!(found(*a, *b), *expected, "{a:?} {b:?}");
        }
    }
}
