//! Rules of care that disagree although no two figures do: how often something is checked, whether
//! it is required or advised, whether treatment goes on, for how long, and how many there are.

mod read;
mod words;

use super::{Conflict, Side, groups, own_words};
use crate::consult::Markets;
use crate::id::DrugId;
use crate::knowledge::{Article, Knowledge};
use crate::text::{self, Lang};
use words::Matter;

/// A rule that a passage gives, with its place.
struct Rule<'a> {
    article: &'a Article,
    at: (usize, usize),
    matter: Matter,
    says: Says,
    /// The words that name the matter, as they are written.
    about: String,
    /// The words that make the rule, as they are written.
    written: String,
    markets: Markets,
}

/// What a rule says; only rules of one kind can disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// When in the course of doses something is done, as a set.
    Visits(u8),
    /// In which times something is done every week, as a set.
    Weekly(u8),
    /// How firmly something is asked for.
    Force(Force),
    /// Whether something interrupts treatment.
    Interrupts(bool),
    /// What ends a pause: values that are normal, or a limit of its own.
    Until(Recovered),
    /// How many, and whether a condition goes with the number.
    Number { number: u32, has_condition: bool },
    /// How long, and for whom: a number of months, or no number at all.
    Lasts { has_number: bool, sexes: u8 },
}

/// How firmly something is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Force {
    Required,
    Advised,
}

/// What a value has to reach again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recovered {
    Normal,
    Limit,
}

/// Returns where the rules about a drug contradict each other.
pub(super) fn disagreements(drug: &DrugId, knowledge: &Knowledge) -> Vec<Conflict> {
    let rules = rules(drug, knowledge);
    let groups = groups(&rules, |a, b| contradict(a, b, &rules));
    groups.into_iter().map(|group| conflict(drug, group)).collect()
}

/// Reads the rules of all English articles about a drug; the words are those of English labels.
fn rules<'a>(drug: &DrugId, knowledge: &'a Knowledge) -> Vec<Rule<'a>> {
    let mut rules = Vec::new();
    let articles = knowledge.articles_about(drug).filter(|(_, article)| article.lang == Lang::En);
    for (at, article) in articles {
        let codes = article.markets.iter().map(|code| Markets::of_code(code));
        let everywhere = codes.fold(Markets::default(), Markets::and);
        for (number, passage) in article.passages.iter().enumerate() {
            let heading = article.heading(passage).unwrap_or_default();
            for found in read::rules(&own_words(article, passage), heading) {
                let markets = if found.markets.is_empty() { everywhere } else { found.markets };
                let read::Found { matter, says, about, written, .. } = found;
                let at = (at, number);
                rules.push(Rule { article, at, matter, says, about, written, markets });
            }
        }
    }
    rules
}

/// Returns whether two rules cannot both be followed.
fn contradict(a: &Rule<'_>, b: &Rule<'_>, rules: &[Rule<'_>]) -> bool {
    let markets_meet = a.markets.is_empty() || b.markets.is_empty() || a.markets.meets(b.markets);
    if a.at.0 == b.at.0 || a.matter != b.matter || !markets_meet {
        return false;
    }
    // What an article says on the matter in several sentences counts together.
    let of = |rule: &Rule<'_>| {
        let (article, matter) = (rule.at.0, rule.matter);
        rules.iter().filter(move |own| own.at.0 == article && own.matter == matter)
    };
    let whole =
        |rule: &Rule<'_>, part: fn(Says) -> u8| of(rule).fold(0, |set, own| set | part(own.says));
    match (a.says, b.says) {
        (Says::Visits(_), Says::Visits(_)) => whole(a, visits) != whole(b, visits),
        (Says::Weekly(_), Says::Weekly(_)) => whole(a, weeks) != whole(b, weeks),
        (Says::Force(_), Says::Force(_))
        | (Says::Interrupts(_), Says::Interrupts(_))
        | (Says::Until(_), Says::Until(_)) => {
            let agrees = |with: &Rule<'_>, says| of(with).any(|own| own.says == says);
            !agrees(a, b.says) && !agrees(b, a.says)
        }
        // Two numbers under two conditions may both be right; one without a condition is wrong
        // for those for whom the other source sets another one.
        (
            Says::Number { number, has_condition },
            Says::Number { number: other, has_condition: other_has_condition },
        ) => number != other && !(has_condition && other_has_condition),
        (
            Says::Lasts { has_number, sexes },
            Says::Lasts { has_number: other_has_number, sexes: other_sexes },
        ) => {
            let same_people = sexes == 0 || other_sexes == 0 || sexes & other_sexes != 0;
            has_number != other_has_number && same_people
        }
        _ => false,
    }
}

fn visits(says: Says) -> u8 {
    if let Says::Visits(set) = says { set } else { 0 }
}

fn weeks(says: Says) -> u8 {
    if let Says::Weekly(set) = says { set } else { 0 }
}

fn conflict(drug: &DrugId, mut members: Vec<&Rule<'_>>) -> Conflict {
    members.sort_by_key(|rule| (rule.article.rank, rule.at));
    let names = members[0].matter.names().iter();
    let mut terms: Vec<String> =
        names.flat_map(|name| text::search_terms(&text::fold(name))).collect();
    terms.sort();
    terms.dedup();
    let sides = members.iter().map(|rule| Side {
        rank: rule.article.rank,
        at: rule.at,
        value: &rule.written,
    });
    Conflict::new(drug, members[0].about.clone(), terms, sides)
}
