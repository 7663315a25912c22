//! Trains the second opinion on labelled cases, by logistic regression with a fixed order, so that
//! the same cases and concepts always give the same weights.
//!
//! Emergencies stand against routine messages; urgent ones count a little. A second pass learns to
//! tell suicide from the other emergencies, for the choice of the card.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use super::{PLEASANTRIES, features, mark, scale, without_pleasantries};
use crate::triage::RedFlags;
use crate::triage::eval::{Case, Expect};
use crate::triage::frame::Reading;
use crate::triage::heard::Said;
use crate::triage::mark::Mark;

/// From which score on a message is raised to level 3 and to level 2; fixed by cross-validation on
/// batches the model had not seen (docs/triage.md).
const INTERRUPT: f32 = 2.75;
const PRIORITY: f32 = 2.25;

/// How often every case is seen.
const ROUNDS: usize = 15;
const RATE: f64 = 0.3;
const SHRINK: f64 = 1e-4;

/// How many cases must hold a feature, and how much it must weigh, to be kept.
const FEWEST: usize = 2;
const LEAST: f64 = 0.05;

/// How much an urgent case counts beside an emergency.
const URGENT_SHARE: f64 = 0.3;

/// One case to learn from.
struct Row {
    features: Vec<usize>,
    scale: f64,
    is_urgent: bool,
    share: f64,
}

/// Trains on `cases` and returns the policy file that holds the model.
pub fn train(red_flags: &RedFlags, cases: &[Case]) -> String {
    let all: Vec<Vec<String>> = cases.iter().map(|case| named_features(red_flags, case)).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in all.iter().flatten() {
        *counts.entry(name).or_default() += 1;
    }
    let kept: Vec<&str> =
        counts.into_iter().filter(|(_, count)| *count >= FEWEST).map(|(name, _)| name).collect();
    let numbers: HashMap<&str, usize> = kept.iter().copied().zip(0..).collect();
    let row = |case: &Case, names: &Vec<String>, is_urgent, share| Row {
        features: names.iter().filter_map(|name| numbers.get(name.as_str()).copied()).collect(),
        scale: f64::from(scale(names.len())),
        is_urgent,
        share: if case.expect == Expect::Urgent { share * URGENT_SHARE } else { share },
    };
    let urgency: Vec<Row> = cases
        .iter()
        .zip(&all)
        .map(|(case, names)| row(case, names, case.expect != Expect::Routine, 1.0))
        .collect();
    let suicide: Vec<Row> = cases
        .iter()
        .zip(&all)
        .filter(|(case, _)| case.expect == Expect::Emergency)
        .map(|(case, names)| row(case, names, case.category == "suicide", 1.0))
        .collect();
    let urgency = fit(&urgency, kept.len());
    let suicide = fit(&suicide, kept.len());
    file(&kept, &urgency, &suicide, cases.len())
}

/// Returns the distinct features of all messages of a case together, as the judge sees them.
fn named_features(red_flags: &RedFlags, case: &Case) -> Vec<String> {
    let mut found = Vec::new();
    let mut said = Said::default();
    let pleasantries = red_flags.lexicon.concept(PLEASANTRIES);
    let mut offset = 0;
    for message in case.messages() {
        let typed = red_flags.spelling.cut(message);
        let (chinese, _) =
            red_flags.pinyin.read(&typed, |word| red_flags.spelling.is_english(word));
        let tokens = red_flags.spelling.read(chinese.unwrap_or(typed));
        if offset > 0 {
            said.marks.push(Mark::turn(offset));
        }
        let read = red_flags.said(&tokens, 0);
        let read_tokens = without_pleasantries(&tokens, &read.found.all, pleasantries);
        features(read_tokens, &mut |parts| found.push(parts.concat()));
        said.extend(&read, offset);
        offset += message.len() + 1;
    }
    let reading = Reading::new(&red_flags.lexicon, &said, 0);
    let names: HashMap<usize, &str> =
        red_flags.lexicon.names().map(|(name, concept)| (concept, name)).collect();
    let concepts = reading.everything().filter(|found| Some(found.concept()) != pleasantries);
    found.extend(concepts.filter_map(|at| Some(mark(names.get(&at.concept())?, at.negated))));
    found.sort_unstable();
    found.dedup();
    found
}

/// Fits a logistic regression with a step for each weight; the last weight is the bias.
fn fit(rows: &[Row], features: usize) -> Vec<f64> {
    let mut weights = vec![0.0; features + 1];
    let mut energy = vec![1e-4; features + 1];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut seed = 88_172_645_463_325_252_u64;
    for _ in 0..ROUNDS {
        shuffle(&mut order, &mut seed);
        for row in order.iter().map(|at| &rows[*at]) {
            let sum: f64 = row.features.iter().map(|feature| weights[*feature]).sum();
            let chance = 1.0 / (1.0 + (-(weights[features] + sum * row.scale)).exp());
            let error = (chance - f64::from(u8::from(row.is_urgent))) * row.share;
            let mut step = |at: usize, slope: f64| {
                energy[at] += slope * slope;
                weights[at] -= RATE * slope / energy[at].sqrt();
                weights[at] *= 1.0 - SHRINK;
            };
            step(features, error);
            for feature in &row.features {
                step(*feature, error * row.scale);
            }
        }
    }
    weights
}

/// Mixes `order` by a fixed sequence (xorshift), the same on every machine.
fn shuffle(order: &mut [usize], seed: &mut u64) {
    for last in (1..order.len()).rev() {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        let other = usize::try_from(*seed % (last as u64 + 1)).unwrap_or(last);
        order.swap(last, other);
    }
}

fn file(names: &[&str], urgency: &[f64], suicide: &[f64], cases: usize) -> String {
    let biases = [urgency[names.len()], suicide[names.len()]];
    let mut text = format!(
        "# The second opinion: a linear model that may raise a level, never lower one.\n\
         # Made by `eider eval --triage --train` from {cases} cases; do not edit the weights by hand.\n\
         [opinion]\ninterrupt = {INTERRUPT:.2}\npriority = {PRIORITY:.2}\nbias = {:.3}\n\
         suicide_bias = {:.3}\n# feature, weight, weight for suicide\nweights = '''\n",
        biases[0], biases[1],
    );
    for (name, (urgency, suicide)) in names.iter().zip(urgency.iter().zip(suicide)) {
        if urgency.abs().max(suicide.abs()) >= LEAST {
            let _ = writeln!(text, "{name}\t{urgency:.2}\t{suicide:.2}");
        }
    }
    text.push_str("'''\n");
    text
}
