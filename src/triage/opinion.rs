//! A second opinion: a small linear model that may raise a level and never lowers one.
//!
//! It weighs the words, word pairs, pieces of words, groups of Chinese characters and concepts of a
//! message. The weights are trained on the tuning cases (`train`) and stand in a policy file, one
//! feature a line; nothing is learned from visitors. Long messages are left to the rules.

mod train;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::lexicon::{Lexicon, Occurrence};
use super::spelling::{hash, hash_on};
use super::token::{Break, Kind, Token};

pub use train::train;

/// The model as it stands in the policy file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOpinion {
    /// The score from which on a message is level 3.
    interrupt: f32,
    /// The score from which on a message is level 2.
    priority: f32,
    /// The score of a message without any known feature.
    bias: f32,
    /// The same for the question whether a raised message speaks of suicide.
    suicide_bias: f32,
    /// A feature, its weight, and its weight for suicide a line, apart by tabs.
    weights: String,
}

/// What the model makes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct View {
    /// The level it calls for: 3, 2, or 0 for no opinion.
    pub(super) level: u8,
    /// Whether it reads like a wish to die rather than an illness.
    pub(super) is_suicide: bool,
}

/// What the words of a message weigh, and how many features they have.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Weighed {
    /// Urgency, and suicide against other emergencies.
    sums: [f32; 2],
    count: usize,
    /// How many tokens there are.
    length: usize,
    /// How many of them are words or Chinese characters.
    words: usize,
}

impl Weighed {
    /// Returns the words of two messages together.
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            sums: add(self.sums, other.sums),
            count: self.count + other.count,
            length: self.length + other.length,
            words: self.words + other.words,
        }
    }
}

/// The model, ready to weigh.
#[derive(Debug, Default)]
pub(super) struct Opinion {
    interrupt: f32,
    priority: f32,
    bias: [f32; 2],
    /// The concept of what is said out of politeness or to play it down: it weighs nothing.
    pleasantries: Option<usize>,
    features: FxHashMap<u64, [f32; 2]>,
    /// The weights of every concept, affirmed and denied.
    concepts: Vec<[[f32; 2]; 2]>,
}

/// Messages of more tokens are left to the rules: the model was trained on short ones.
const LONGEST: usize = 120;
/// Messages of fewer words are left to the rules: a name or a few numbers tell nothing.
const SHORTEST: usize = 4;

impl Opinion {
    /// Reads the weights; the error names the line that is none.
    pub(super) fn read(raw: &RawOpinion, lexicon: &Lexicon) -> Result<Self, String> {
        let mut features = FxHashMap::default();
        for line in raw.weights.lines().filter(|line| !line.is_empty()) {
            let (name, weights) =
                weights(line).ok_or_else(|| format!("\"{line}\" is no weight"))?;
            features.insert(hash(name.as_bytes()), weights);
        }
        let mut concepts = vec![[[0.0; 2]; 2]; lexicon.len()];
        for (name, concept) in lexicon.names() {
            let weights =
                |is_denied| features.get(&hash(mark(name, is_denied).as_bytes())).copied();
            concepts[concept] = [false, true].map(|sign| weights(sign).unwrap_or_default());
        }
        let bias = [raw.bias, raw.suicide_bias];
        let pleasantries = lexicon.concept(PLEASANTRIES);
        let RawOpinion { interrupt, priority, .. } = *raw;
        Ok(Self { interrupt, priority, bias, pleasantries, features, concepts })
    }

    /// Weighs the words of a message with the concepts `found` in it.
    pub(super) fn weigh(&self, message: &[Token], found: &[Occurrence]) -> Weighed {
        let length = message.len();
        if self.features.is_empty() || length > LONGEST {
            return Weighed { length, ..Weighed::default() };
        }
        let is_word = |token: &&Token| match &token.kind {
            Kind::Word(word) => word.len() > 1,
            Kind::Han(_) => true,
            _ => false,
        };
        let words = message.iter().filter(is_word).count();
        let mut codes = Vec::with_capacity(length * 12);
        let message = without_pleasantries(message, found, self.pleasantries);
        features(message, &mut |parts| codes.push(hash_of(parts)));
        codes.sort_unstable();
        codes.dedup();
        let sums = codes.iter().filter_map(|code| self.features.get(code)).copied();
        Weighed { sums: sums.fold([0.0; 2], add), count: codes.len(), length, words }
    }

    /// Returns what the model makes of weighed words with the concepts `found` in them.
    pub(super) fn view<'a>(
        &self,
        words: Weighed,
        found: impl Iterator<Item = &'a Occurrence>,
    ) -> View {
        if self.features.is_empty() || words.length > LONGEST || words.words < SHORTEST {
            return View::default();
        }
        let mut marks: Vec<(usize, bool)> = found
            .map(|found| (found.concept(), found.negated))
            .filter(|(concept, _)| Some(*concept) != self.pleasantries)
            .collect();
        marks.sort_unstable();
        marks.dedup();
        let weights = marks.iter().filter_map(|(concept, is_denied)| {
            self.concepts.get(*concept).map(|both| both[usize::from(*is_denied)])
        });
        let sums = weights.fold(words.sums, add);
        let scale = scale(words.count + marks.len());
        let [urgency, suicide] = [0, 1].map(|which| self.bias[which] + sums[which] * scale);
        let level = match urgency {
            score if score >= self.interrupt => 3,
            score if score >= self.priority => 2,
            _ => 0,
        };
        View { level, is_suicide: suicide > 0.0 }
    }
}

/// The name of the concept that weighs nothing.
const PLEASANTRIES: &str = "pleasantries";

/// Returns the tokens that are not said out of politeness.
fn without_pleasantries<'a>(
    message: &'a [Token],
    found: &'a [Occurrence],
    pleasantries: Option<usize>,
) -> impl Iterator<Item = &'a Token> {
    let is_polite = move |at: usize| {
        let mut polite = found.iter().filter(|found| Some(found.concept()) == pleasantries);
        polite.any(|found| (found.first()..found.last()).contains(&at))
    };
    message.iter().enumerate().filter(move |(at, _)| !is_polite(*at)).map(|(_, token)| token)
}

fn add(left: [f32; 2], right: [f32; 2]) -> [f32; 2] {
    [left[0] + right[0], left[1] + right[1]]
}

fn weights(line: &str) -> Option<(&str, [f32; 2])> {
    let (rest, suicide) = line.rsplit_once('\t')?;
    let (name, urgency) = rest.rsplit_once('\t')?;
    let both: [f32; 2] = [urgency.parse().ok()?, suicide.parse().ok()?];
    both.iter().all(|weight| weight.is_finite()).then_some((name, both))
}

/// Keeps long messages from weighing more than short ones.
fn scale(features: usize) -> f32 {
    1.0 / f32::from(u16::try_from(features).unwrap_or(u16::MAX)).max(1.0).sqrt()
}

/// Returns the feature of a concept that occurs.
fn mark(concept: &str, is_denied: bool) -> String {
    format!("{}{concept}", if is_denied { '-' } else { '+' })
}

/// Returns the hash of a feature's name, given in parts.
fn hash_of(parts: &[&str]) -> u64 {
    parts.iter().fold(hash(&[]), |before, part| hash_on(before, part.as_bytes()))
}

/// Calls `see` with the name, in parts, of every feature of `message`: `word`, `two words`,
/// `one _ other`, `^first`, `~piec`, and one to three Chinese characters.
fn features<'a>(message: impl Iterator<Item = &'a Token>, see: &mut dyn FnMut(&[&str])) {
    let mut framed = String::new();
    let mut before = [""; 2];
    let mut han = String::new();
    let mut is_first = true;
    for token in message {
        if !matches!(token.kind, Kind::Han(_)) {
            han.clear();
        }
        match &token.kind {
            Kind::Word(word) => {
                see(&[word]);
                if std::mem::take(&mut is_first) {
                    see(&["^", word]);
                }
                if !before[1].is_empty() {
                    see(&[before[1], " ", word]);
                }
                if !before[0].is_empty() {
                    see(&[before[0], " _ ", word]);
                }
                pieces(word, &mut framed, see);
                before = [before[1], word];
            }
            Kind::Han(character) => {
                han.push(*character);
                characters(&mut han, see);
                before = [""; 2];
            }
            Kind::Number(_) => before = [before[1], "#"],
            Kind::Break(strength) if *strength >= Break::Strong => before = [""; 2],
            Kind::Break(_) | Kind::Foreign => {}
        }
    }
}

/// Calls `see` with the last one, two and three characters of `han`, and keeps the last two.
fn characters(han: &mut String, see: &mut dyn FnMut(&[&str])) {
    let mut last_two = 0;
    for (count, (start, _)) in han.char_indices().rev().enumerate() {
        see(&[&han[start..]]);
        if count == 1 {
            last_two = start;
        }
    }
    han.drain(..last_two);
}

/// Calls `see` with the four- and five-letter pieces of `word`, its ends marked.
fn pieces(word: &str, framed: &mut String, see: &mut dyn FnMut(&[&str])) {
    framed.clear();
    framed.extend(["<", word, ">"]);
    for length in [4, 5] {
        for start in 0..(framed.len() + 1).saturating_sub(length) {
            see(&["~", &framed[start..start + length]]);
        }
    }
}
