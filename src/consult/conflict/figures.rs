//! Figures that disagree: numbers of one kind on one matter that have no value in common.

use super::{Conflict, Side, groups, own_words};
use crate::consult::Markets;
use crate::consult::numbers::{self, Figure, Measure};
use crate::id::DrugId;
use crate::knowledge::{Article, Knowledge};
use crate::text;

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
            let heading = article.heading(passage).unwrap_or_default();
            for figure in numbers::figures(&own_words(article, passage)) {
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
            && self.figure.per == other.figure.per
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

/// Returns where the figures about a drug contradict each other.
pub(super) fn disagreements(drug: &DrugId, knowledge: &Knowledge) -> Vec<Conflict> {
    let facts = facts(drug, knowledge);
    // A source that gives several figures on the matter agrees by any of them.
    let agrees = |fact: &Fact<'_>, with: &Fact<'_>| {
        let from_same = facts.iter().filter(|own| own.at.0 == with.at.0);
        from_same.clone().any(|own| own.same_matter(fact) && !own.figure.differs(&fact.figure))
    };
    let groups = groups(&facts, |a, b| a.contradicts(b) && !agrees(a, b) && !agrees(b, a));
    groups.into_iter().map(|group| conflict(drug, group)).collect()
}

fn conflict(drug: &DrugId, mut members: Vec<&Fact<'_>>) -> Conflict {
    members.sort_by_key(|fact| (fact.article.rank, fact.at));
    let common = |term: &&String| members[1..].iter().any(|fact| fact.subject.contains(term));
    let terms: Vec<String> = members[0].subject.iter().filter(common).cloned().collect();
    let about = about(&members[0].figure, &terms);
    let sides = members.iter().map(|fact| Side {
        rank: fact.article.rank,
        at: fact.at,
        value: &fact.figure.written,
    });
    Conflict::new(drug, about, terms, sides)
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
