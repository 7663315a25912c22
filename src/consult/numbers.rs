//! Figures in passages: a number with its unit and the words that say what it is about.
//!
//! Reading is cautious: a clause with two figures of one kind, or a choice between figures, says
//! nothing that could be compared, and is left out.

use super::Markets;
use super::market::holds;
use crate::text::{self, Word};

/// What a figure measures; only figures of one kind can disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Milligrams.
    Mass,
    /// Milligrams per square metre of body surface.
    MassPerArea,
    /// Milligrams per kilogram of body weight.
    MassPerWeight,
    /// Millilitres.
    Volume,
    /// Percent.
    Share,
    /// Days.
    Duration,
    /// Degrees Celsius.
    Temperature,
    /// Treatment cycles.
    Cycles,
}

/// What an amount is counted for; amounts for different things cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Per {
    /// One dose.
    Dose,
    /// One day.
    Day,
    /// One week.
    Week,
    /// One cycle of treatment.
    Cycle,
}

/// Words that say what an amount is counted for.
const PER: &[(Per, &[&str])] = &[
    (
        Per::Dose,
        &[
            "per dose",
            "each dose",
            "each time",
            "single dose",
            "per injection",
            "per infusion",
            "每次",
            "单次",
        ],
    ),
    (
        Per::Day,
        &["per day", "a day", "each day", "every day", "daily", "in 24 hours", "每日", "每天"],
    ),
    (Per::Week, &["per week", "a week", "each week", "每周"]),
    (Per::Cycle, &["per cycle", "each cycle", "每周期", "每个周期"]),
];

/// A number, or a range of numbers, with what it is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    /// What it measures.
    pub measure: Measure,
    /// Least and greatest value, in the measure's own unit.
    pub range: (f64, f64),
    /// The figure as it is written.
    pub written: String,
    /// Search terms of the clause, without the figure, in order.
    pub subject: Vec<String>,
    /// The clause's words that those terms were made of, to show.
    pub words: Vec<String>,
    /// Numbered things that the clause names, such as `cycle 1`.
    pub labels: Vec<String>,
    /// Markets that the clause names.
    pub markets: Markets,
    /// What the clause counts the amount for.
    pub per: Option<Per>,
}

impl Figure {
    /// Returns whether both are figures of one kind with no value in common.
    pub(super) fn differs(&self, other: &Self) -> bool {
        let apart = |a: f64, b: f64| a - b > 1e-6 * b.abs().max(1.0);
        self.measure == other.measure
            && (apart(self.range.0, other.range.1) || apart(other.range.0, self.range.1))
    }
}

/// Units as they are written, longest first where one begins like another.
const UNITS: &[(&str, Measure, f64)] = &[
    ("mg/m²", Measure::MassPerArea, 1.0),
    ("mg/m2", Measure::MassPerArea, 1.0),
    ("mg/kg", Measure::MassPerWeight, 1.0),
    ("micrograms", Measure::Mass, 0.001),
    ("µg", Measure::Mass, 0.001),
    ("mcg", Measure::Mass, 0.001),
    ("mg", Measure::Mass, 1.0),
    ("g", Measure::Mass, 1000.0),
    ("mL", Measure::Volume, 1.0),
    ("ml", Measure::Volume, 1.0),
    ("%", Measure::Share, 1.0),
    ("°C", Measure::Temperature, 1.0),
    ("hours", Measure::Duration, 1.0 / 24.0),
    ("hour", Measure::Duration, 1.0 / 24.0),
    ("days", Measure::Duration, 1.0),
    ("day", Measure::Duration, 1.0),
    ("weeks", Measure::Duration, 7.0),
    ("week", Measure::Duration, 7.0),
    ("months", Measure::Duration, 30.4375),
    ("month", Measure::Duration, 30.4375),
    ("years", Measure::Duration, 365.25),
    ("year", Measure::Duration, 365.25),
    ("cycles", Measure::Cycles, 1.0),
    ("小时", Measure::Duration, 1.0 / 24.0),
    ("天", Measure::Duration, 1.0),
    ("周", Measure::Duration, 7.0),
    ("个月", Measure::Duration, 30.4375),
    ("岁", Measure::Duration, 365.25),
    ("个周期", Measure::Cycles, 1.0),
];

/// Things that carry a number as their name, not as an amount.
const LABELLED: &[&str] = &["cycle", "day", "grade", "phase", "step", "table", "group", "stage"];

/// Reads the figures of a passage's text.
pub(super) fn figures(passage: &str) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut header: Vec<&str> = Vec::new();
    for line in passage.lines() {
        if let Some(cells) = cells(line) {
            if header.is_empty() {
                header = cells;
            } else if !cells.iter().all(|cell| cell.chars().all(|c| "-: ".contains(c))) {
                figures.extend(row(&header, &cells));
            }
            continue;
        }
        header.clear();
        figures.extend(clauses(line).filter_map(clause_figures).flatten());
    }
    figures
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

/// A cell is about its row's name, its column's, and the table's corner.
fn row(header: &[&str], cells: &[&str]) -> Vec<Figure> {
    let corner = header.first().copied().unwrap_or_default();
    let name = cells.first().copied().unwrap_or_default();
    let pairs = header.iter().zip(cells).skip(1);
    pairs
        .filter_map(|(column, cell)| {
            let amounts = amounts(cell);
            let [(amount, _)] = amounts.as_slice() else { return None };
            Some(amount.clone().about(&format!("{corner} {name} {column}")))
        })
        .collect()
}

/// Cuts a line into clauses: at sentence ends, at semicolons, and at a colon after a figure. What
/// stands before another colon limits what follows: 'in the EU: ...'.
fn clauses(line: &str) -> impl Iterator<Item = &str> {
    let mut ends: Vec<usize> = Vec::new();
    let next_is_gap = |at: usize| line[at..].chars().next().is_none_or(char::is_whitespace);
    for (at, c) in line.char_indices() {
        let after = at + c.len_utf8();
        let begun = ends.last().copied().unwrap_or_default();
        let is_end = match c {
            '。' | '；' => true,
            '.' | ';' => next_is_gap(after),
            ':' | '：' => !amounts(&line[begun..at]).is_empty(),
            _ => false,
        };
        if is_end {
            ends.push(after);
        }
    }
    ends.push(line.len());
    let mut from = 0;
    ends.into_iter().map(move |end| {
        let clause = &line[from..end];
        from = end;
        clause
    })
}

/// Returns the figures of a clause that has at most one of each kind.
fn clause_figures(clause: &str) -> Option<Vec<Figure>> {
    let found = amounts(clause);
    if found.is_empty() {
        return None;
    }
    let mut rest = clause.to_owned();
    for (_, (start, end)) in found.iter().rev() {
        rest.replace_range(*start..*end, " ");
    }
    let alone = |amount: &Figure| {
        found.iter().filter(|(other, _)| other.measure == amount.measure).count() == 1
    };
    Some(
        found
            .iter()
            .filter(|(amount, _)| alone(amount))
            .map(|(amount, _)| amount.clone().about(&rest))
            .collect(),
    )
}

impl Figure {
    fn about(mut self, text: &str) -> Self {
        let folded = text::fold(text);
        self.markets = Markets::named_in(text);
        let is_for = |phrases: &&[&str]| phrases.iter().any(|phrase| holds(&folded, phrase));
        self.per = PER.iter().find(|(_, phrases)| is_for(phrases)).map(|(per, _)| *per);
        let mut words = text::words(&folded).peekable();
        while let Some(word) = words.next() {
            let (Word::Latin(letters) | Word::Han(letters)) = word;
            if LABELLED.contains(&letters.trim_end_matches('s')) {
                let number =
                    words.next_if(|next| matches!(next, Word::Latin(next) if is_number(next)));
                if let Some(Word::Latin(number)) = number {
                    self.labels.push(format!("{letters} {number}"));
                    continue;
                }
            }
            let terms = text::search_terms(letters);
            if !terms.is_empty() && !is_number(letters) {
                self.subject.extend(terms);
                self.words.push(letters.to_owned());
            }
        }
        self.labels.sort();
        self.labels.dedup();
        self
    }
}

/// Returns the numbered things that a text names, such as `cycle 1`, sorted.
pub(super) fn labels(text: &str) -> Vec<String> {
    let blank = Figure {
        measure: Measure::Share,
        range: (0.0, 0.0),
        written: String::new(),
        subject: Vec::new(),
        words: Vec::new(),
        labels: Vec::new(),
        markets: Markets::default(),
        per: None,
    };
    blank.about(text).labels
}

/// Returns the number of cycles that a text gives with its place; none when it gives several.
pub(super) fn cycles(text: &str) -> Option<(u32, (usize, usize))> {
    let (figure, range) = only(text, Measure::Cycles)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "numbers of cycles are small and never negative"
    )]
    let number = figure.range.1 as u32;
    Some((number, range))
}

/// Returns the place of the duration that a text gives; none when it gives several.
pub(super) fn duration(text: &str) -> Option<(usize, usize)> {
    only(text, Measure::Duration).map(|(_, range)| range)
}

fn only(text: &str, measure: Measure) -> Option<(Figure, (usize, usize))> {
    let mut all = amounts(text).into_iter().filter(|(figure, _)| figure.measure == measure);
    all.next().filter(|_| all.next().is_none())
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

/// Returns the amounts of a text with their byte ranges.
fn amounts(text: &str) -> Vec<(Figure, (usize, usize))> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(|c: char| c.is_ascii_digit()) {
        let start = at + offset;
        let inside_word =
            text[..start].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        let Some((low, after_low)) = number(text, start) else { break };
        at = after_low;
        if inside_word {
            continue;
        }
        let (high, after) = upper(text, after_low).unwrap_or((low, after_low));
        let Some((measure, scale, end)) = unit(text, after) else { continue };
        at = end;
        let figure = Figure {
            measure,
            range: (low * scale, high * scale),
            written: text[start..end].to_owned(),
            subject: Vec::new(),
            words: Vec::new(),
            labels: Vec::new(),
            markets: Markets::default(),
            per: None,
        };
        found.push((figure, (start, end)));
    }
    found
}

/// Reads a number at `start`: digits, with a decimal point or thousands commas.
fn number(text: &str, start: usize) -> Option<(f64, usize)> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = start;
    while digit(end) || (matches!(bytes.get(end), Some(b'.' | b',')) && digit(end + 1)) {
        end += 1;
    }
    let value = text[start..end].replace(',', "").parse().ok()?;
    Some((value, end))
}

/// Reads the upper end of a range: '2–8', '4 to 6'.
fn upper(text: &str, at: usize) -> Option<(f64, usize)> {
    let rest = &text[at..];
    let joint =
        ["–", "-", " to ", " 至 ", "至", "到"].iter().find(|joint| rest.starts_with(**joint))?;
    number(text, at + joint.len()).filter(|(_, end)| *end > at + joint.len())
}

fn unit(text: &str, at: usize) -> Option<(Measure, f64, usize)> {
    let rest = text[at..].trim_start_matches([' ', '\u{a0}', '-']);
    let start = text.len() - rest.len();
    let fits = |unit: &str| {
        let after = rest[unit.len()..].chars().next();
        let last_is_letter = unit.ends_with(|c: char| c.is_ascii_alphabetic());
        !(last_is_letter
            && after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '/' || c == '²'))
    };
    let found = UNITS.iter().find(|(unit, ..)| rest.starts_with(unit) && fits(unit))?;
    Some((found.1, found.2, start + found.0.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        figures(text)
            .iter()
            .map(|f| format!("{} | {} | {}", f.written, f.subject.join(" "), f.labels.join(" ")))
            .collect()
    }

    #[test]
    fn figures_are_read_with_their_subject() {
        let cases: &[(&str, &[&str])] = &[
            ("In cycle 1, the total dose is 1.8 mg/m².", &["1.8 mg/m² | total dose | cycle 1"]),
            ("Store at 2–8 °C.", &["2–8 °C | store | "]),
            ("1.5 mg or 1.8 mg per cycle", &[]),
            ("| Effect | Share |\n|---|---|\n| Nausea | 31% |", &["31% | effect nausea share | "]),
            ("- nausea 31%", &["31% | nausea | "]),
            ("Wait 4 to 6 weeks; then 10 mg.", &["4 to 6 weeks | wait | ", "10 mg |  | "]),
            ("CYP3A4 and IDH1 have no amount", &[]),
            ("10,000 blasts", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn units_are_converted() {
        let figure = |text: &str| figures(text).remove(0);
        assert!(!figure("dose 1 g").differs(&figure("dose 1000 mg")));
        assert!(!figure("wait 2 weeks").differs(&figure("wait 14 days")));
        assert!(!figure("keep at 2-8 °C").differs(&figure("keep at 5 °C")));
        assert!(figure("dose 1.5 mg/m²").differs(&figure("dose 1.8 mg/m²")));
        assert!(!figure("dose 1.5 mg").differs(&figure("dose 1.8 mg/kg")));
    }
}
