//! Scores the judge on labelled messages: recall and false alarms per level, category and language
//! with their 95 % bounds, and how steady the level stays when the writing changes.
//!
//! A message of several parts is judged part by part, as it would arrive, and counts with the
//! highest level reached. Reading the case files is left to the caller.

mod bounds;
mod cases;
mod perturb;

use std::collections::BTreeMap;
use std::fmt;

pub use bounds::Rate;
pub use cases::{Case, Expect, parse_cases};
pub use perturb::Perturbation;

use super::{Context, Heard, RedFlags, Verdict, judge};

/// Levels counted for one group of cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Levels {
    /// How many cases got level 0, 1, 2 and 3.
    pub counts: [u32; 4],
}

impl Levels {
    /// Returns the share of cases with at least `level`.
    pub fn at_least(&self, level: u8) -> Rate {
        let hits = self.counts.iter().skip(usize::from(level)).sum();
        Rate { hits, of: self.counts.iter().sum() }
    }

    /// Returns the share of cases with exactly level 0.
    pub fn unseen(&self) -> Rate {
        Rate { hits: self.counts[0], of: self.counts.iter().sum() }
    }

    fn add(&mut self, level: u8) {
        self.counts[usize::from(level.min(3))] += 1;
    }
}

/// What the judge did with a set of cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Levels by expectation.
    pub by_expect: BTreeMap<Expect, Levels>,
    /// Levels by expectation and language.
    pub by_language: BTreeMap<(Expect, String), Levels>,
    /// Levels by expectation and category.
    pub by_category: BTreeMap<(Expect, String), Levels>,
    /// Emergency and urgent cases whose level stayed or rose, by perturbation.
    pub steady: BTreeMap<Perturbation, Rate>,
    /// Routine cases that a perturbation raised to level 2 or 3, of all routine cases.
    pub raised: BTreeMap<Perturbation, Rate>,
    /// Cases below their expected level, or routine ones at level 2 or 3.
    pub misses: Vec<Miss>,
}

/// A case that was judged too low or too high.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The case.
    pub id: String,
    /// The level it got.
    pub level: u8,
    /// The rules that gave it.
    pub rules: Vec<String>,
}

impl Report {
    /// Returns the levels of all cases expected to be `expect`.
    pub fn levels(&self, expect: Expect) -> Levels {
        self.by_expect.get(&expect).copied().unwrap_or_default()
    }
}

/// Scores `red_flags` on `cases`.
pub fn evaluate(red_flags: &RedFlags, context: &Context<'_>, cases: &[Case]) -> Report {
    let mut report = Report::default();
    for case in cases {
        let verdict = verdict(red_flags, context, &case.messages());
        let level = verdict.level;
        report.by_expect.entry(case.expect).or_default().add(level);
        report.by_language.entry((case.expect, case.lang.clone())).or_default().add(level);
        report.by_category.entry((case.expect, case.category.clone())).or_default().add(level);
        if case.expect.is_missed_by(level) {
            report.misses.push(Miss { id: case.id.clone(), level, rules: verdict.rules });
        }
        for perturbation in Perturbation::ALL {
            let changed = perturbation.apply(red_flags, &case.messages());
            let parts: Vec<&str> = changed.iter().map(String::as_str).collect();
            let new_level = self::verdict(red_flags, context, &parts).level;
            let (table, hit) = match case.expect {
                Expect::Routine => (&mut report.raised, new_level >= 2 && level < 2),
                Expect::Urgent | Expect::Emergency => (&mut report.steady, new_level >= level),
            };
            table.entry(perturbation).or_default().add(hit);
        }
    }
    report
}

/// Returns the verdict with the highest level while the messages arrive one by one.
fn verdict(red_flags: &RedFlags, context: &Context<'_>, messages: &[&str]) -> Verdict {
    let heard: Vec<_> = messages.iter().map(|message| red_flags.hear(message)).collect();
    let heard: Vec<&Heard> = heard.iter().collect();
    let newest = |at: usize| judge(red_flags, context, &heard[..=at]);
    (0..heard.len()).map(newest).max_by_key(|verdict| verdict.level).unwrap_or_default()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let emergency = self.levels(Expect::Emergency);
        let routine = self.levels(Expect::Routine);
        writeln!(f, "emergency -> level 3        {}", emergency.at_least(3))?;
        writeln!(f, "emergency -> level 2 or 3   {}", emergency.at_least(2))?;
        writeln!(f, "emergency -> level 0        {}", emergency.unseen())?;
        writeln!(f, "urgent    -> level 2 or 3   {}", self.levels(Expect::Urgent).at_least(2))?;
        writeln!(f, "routine   -> level 3        {}", routine.at_least(3))?;
        writeln!(f, "routine   -> level 2 or 3   {}", routine.at_least(2))?;
        writeln!(f, "\nby language                 level 0  1  2  3")?;
        for ((expect, language), levels) in &self.by_language {
            writeln!(f, "{:<12}{language:<16}{:?}", expect.name(), levels.counts)?;
        }
        writeln!(f, "\nby category                 level 0  1  2  3")?;
        for ((expect, category), levels) in &self.by_category {
            writeln!(f, "{:<12}{category:<16}{:?}", expect.name(), levels.counts)?;
        }
        writeln!(f, "\nlevel unchanged or higher; routine raised")?;
        for (perturbation, rate) in &self.steady {
            let raised = self.raised.get(perturbation).copied().unwrap_or_default();
            writeln!(f, "{:<28}{rate}; {}/{}", perturbation.name(), raised.hits, raised.of)?;
        }
        Ok(())
    }
}
