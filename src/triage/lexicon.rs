//! Concepts: named groups of words and phrases in both languages, found in one pass over the tokens.
//!
//! A phrase may hold alternatives `(a|b|)` and `*`, a gap of up to three words or four Chinese
//! characters that no punctuation interrupts. Grammar and urgency are left to frames and rules.

use rustc_hash::{FxHashMap, FxHashSet};

use super::expand::expand;
use super::mark::{Mark, Sort};
use super::spelling::Spelling;
use super::token::{Kind, Token};

/// What part a concept plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Role {
    /// Used by rules only.
    #[default]
    Plain,
    /// A complaint: personal and current, it is worth at least level 1.
    Symptom,
    /// A mishap with a dose: at least level 1.
    Mishap,
    /// Idioms, names and set phrases: what lies inside is not read.
    Shield,
    /// Words that look like a frame but are none: no frame is read inside.
    Guard,
    /// Denies what follows.
    Negation,
    /// Denies the next few characters.
    NearNegation,
    /// Ends the reach of a negation.
    Contrast,
    /// Asks for information about medicines in general.
    Ask,
    /// Names a leaflet, label or warning text: asks, even where nothing else may lower.
    Document,
    /// Supposes.
    If,
    /// Tells of long ago.
    Past,
    /// Says that it is over.
    Resolved,
    /// Says that a hospital or an ambulance saw to what was told before.
    Handled,
    /// Says that it is back.
    Again,
    /// Says that it comes and goes or has long been so.
    Habit,
    /// Says that it is happening.
    Now,
    /// A person this is about: me, my child.
    Person,
    /// Any word for a person.
    Pronoun,
    /// Says that it is slight.
    Mild,
    /// School, fiction, profession, publications.
    Study,
    /// Introduces the title of a text.
    Title,
    /// Ordinary business: dose, price, storage, order.
    Business,
}

/// One place where a concept occurs: marks `first..last`. It is small, because a conversation has
/// many, and every new message is judged together with those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Occurrence {
    concept: u32,
    first: u32,
    last: u32,
    pub(super) negated: bool,
}

impl Occurrence {
    pub(super) fn new(concept: usize, first: usize, last: usize) -> Self {
        let [concept, first, last] = [concept, first, last].map(small);
        Self { concept, first, last, negated: false }
    }

    pub(super) fn concept(self) -> usize {
        self.concept as usize
    }

    pub(super) fn first(self) -> usize {
        self.first as usize
    }

    pub(super) fn last(self) -> usize {
        self.last as usize
    }

    /// Returns its concept and its first mark, to sort by.
    pub(super) fn place(self) -> u64 {
        u64::from(self.concept) << 32 | u64::from(self.first)
    }

    /// Returns the occurrence in marks among which its own begin at mark `base`.
    pub(super) fn moved(self, base: usize) -> Self {
        let base = small(base);
        Self { first: self.first + base, last: self.last + base, ..self }
    }
}

/// Returns a place in a text or a list as a small number: neither is ever longer.
pub(super) fn small(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// What was found in the marks of one message.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// Every occurrence: of phrases, by their first mark, and then of numbers.
    pub(super) all: Vec<Occurrence>,
    /// How many of them are of phrases.
    phrases: usize,
    /// First marks of phrases that may go on in a next message, in order.
    open: Vec<usize>,
}

#[derive(Debug, Default)]
struct Node {
    concepts: Vec<usize>,
    gap: Option<u32>,
}

/// All concepts with their phrases in one trie over token codes.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    roles: Vec<Role>,
    names: FxHashMap<String, usize>,
    ranges: Vec<(usize, f64, f64)>,
    number_words: FxHashMap<String, f64>,
    words: FxHashMap<String, u32>,
    /// Codes of whole numbers.
    numbers: FxHashMap<u32, u32>,
    /// How many codes are given.
    codes: u32,
    edges: FxHashMap<u64, u32>,
    nodes: Vec<Node>,
    /// Codes no gap may step over: the negations.
    gap_stops: FxHashSet<u32>,
}

/// The code of a token the lexicon does not know.
pub(super) const UNKNOWN: u32 = 0;
const HAN: u32 = 1 << 31;
const GAP: usize = 8;

impl Lexicon {
    /// Returns the number of the concept `name`, new with `role` when unknown.
    pub(super) fn declare(&mut self, name: &str, role: Role) -> usize {
        if let Some(known) = self.names.get(name) {
            if role != Role::Plain {
                self.roles[*known] = role;
            }
            return *known;
        }
        self.roles.push(role);
        self.names.insert(name.to_owned(), self.roles.len() - 1);
        self.roles.len() - 1
    }

    /// Returns the concept called `name`.
    pub(super) fn concept(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// Returns every concept by name.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, usize)> {
        self.names.iter().map(|(name, concept)| (name.as_str(), *concept))
    }

    /// Returns the part `concept` plays.
    pub(super) fn role(&self, concept: usize) -> Role {
        self.roles.get(concept).copied().unwrap_or_default()
    }

    /// Returns how many concepts there are.
    pub(super) fn len(&self) -> usize {
        self.roles.len()
    }

    /// Makes every number from `low` to `high` an occurrence of `concept`.
    pub(super) fn add_range(&mut self, concept: usize, low: f64, high: f64) {
        self.ranges.push((concept, low, high));
    }

    /// Reads `word` as the number `value`.
    pub(super) fn add_number_word(&mut self, word: &str, value: f64) {
        self.number_words.insert(word.to_owned(), value);
    }

    /// Adds one phrase of `concept`, or says why it cannot be read.
    pub(super) fn add_phrase(
        &mut self,
        concept: usize,
        phrase: &str,
        spelling: &Spelling,
    ) -> Result<(), &'static str> {
        for variant in expand(phrase)? {
            self.add_variant(concept, &variant, spelling)?;
        }
        Ok(())
    }

    fn add_variant(
        &mut self,
        concept: usize,
        variant: &str,
        spelling: &Spelling,
    ) -> Result<(), &'static str> {
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let mut node = 0;
        let mut is_empty = true;
        let mut codes = Vec::new();
        for (index, part) in variant.split('*').enumerate() {
            if index > 0 {
                if is_empty {
                    return Err("a phrase must not begin with a gap");
                }
                node = self.gap_after(node);
            }
            for token in spelling.read_policy(part) {
                let code = self.learn(&token);
                codes.push(code);
                node = self.step_or_grow(node, code);
                is_empty = false;
            }
        }
        if is_empty {
            return Err("the phrase has no words");
        }
        if let ([code], Role::Negation | Role::NearNegation) =
            (codes.as_slice(), self.role(concept))
        {
            self.gap_stops.insert(*code);
        }
        let concepts = &mut self.nodes[node as usize].concepts;
        if !concepts.contains(&concept) {
            concepts.push(concept);
        }
        Ok(())
    }

    fn gap_after(&mut self, node: u32) -> u32 {
        if let Some(gap) = self.nodes[node as usize].gap {
            return gap;
        }
        let gap = self.grow();
        self.nodes[node as usize].gap = Some(gap);
        gap
    }

    fn step_or_grow(&mut self, node: u32, code: u32) -> u32 {
        if let Some(next) = self.edges.get(&(u64::from(node) << 32 | u64::from(code))) {
            return *next;
        }
        let next = self.grow();
        self.edges.insert(u64::from(node) << 32 | u64::from(code), next);
        next
    }

    fn grow(&mut self) -> u32 {
        self.nodes.push(Node::default());
        u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX)
    }

    fn learn(&mut self, token: &Token) -> u32 {
        let known = self.code(token);
        if known != UNKNOWN {
            return known;
        }
        let next = self.codes + 1;
        match &token.kind {
            Kind::Word(word) => _ = self.words.insert(word.clone(), next),
            Kind::Number(value) => match whole(*value) {
                Some(number) => _ = self.numbers.insert(number, next),
                None => return UNKNOWN,
            },
            _ => return UNKNOWN,
        }
        self.codes = next;
        next
    }

    /// Returns the code by which phrases know a token.
    pub(super) fn code(&self, token: &Token) -> u32 {
        let found = match &token.kind {
            Kind::Han(character) => return HAN | u32::from(*character),
            Kind::Word(word) => self.words.get(word.as_str()),
            Kind::Number(value) => whole(*value).and_then(|number| self.numbers.get(&number)),
            Kind::Foreign | Kind::Break(_) => None,
        };
        found.copied().unwrap_or(UNKNOWN)
    }

    /// Returns whether some phrase holds the stem `word`.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.words.contains_key(word) || self.number_words.contains_key(word)
    }

    /// Returns the number that the stem `word` names.
    pub(super) fn number(&self, word: &str) -> Option<f64> {
        self.number_words.get(word).copied()
    }

    /// Finds every concept in `marks`, in order of their first mark, numbers after phrases.
    pub(super) fn find(&self, marks: &[Mark]) -> Found {
        let mut all = Vec::with_capacity(marks.len() * 2);
        let mut open = Vec::new();
        for first in 0..marks.len() {
            if self.walk(marks, (0, first), first, &mut all) {
                open.push(first);
            }
        }
        let phrases = all.len();
        self.find_numbers(marks, &mut all);
        Found { all, phrases, open }
    }

    /// Finds what [`Lexicon::find`] does in `marks`, which are `pieces` one after the other: what was
    /// found in each piece still stands, unless it may go on in the next.
    pub(super) fn find_across<'a>(
        &self,
        marks: &[Mark],
        pieces: impl Iterator<Item = (&'a Found, usize)>,
    ) -> Vec<Occurrence> {
        let mut all = Vec::with_capacity(marks.len() * 2);
        let mut base = 0;
        for (piece, length) in pieces {
            let mut known = piece.all[..piece.phrases].iter().peekable();
            for &first in &piece.open {
                let before = std::iter::from_fn(|| known.next_if(|found| found.first() < first));
                all.extend(before.map(|found| found.moved(base)));
                while known.next_if(|found| found.first() == first).is_some() {}
                self.walk(marks, (0, base + first), base + first, &mut all);
            }
            all.extend(known.map(|found| found.moved(base)));
            base += length;
        }
        self.find_numbers(marks, &mut all);
        all
    }

    /// Returns whether it came to the end of `marks`, so that more of them might have been found.
    fn walk(
        &self,
        marks: &[Mark],
        (mut node, mut at): (u32, usize),
        first: usize,
        found: &mut Vec<Occurrence>,
    ) -> bool {
        let mut is_open = false;
        while let Some(mark) = marks.get(at) {
            if mark.code == UNKNOWN {
                return is_open;
            }
            let Some(next) = self.edges.get(&(u64::from(node) << 32 | u64::from(mark.code))) else {
                return is_open;
            };
            node = *next;
            at += 1;
            let Some(reached) = self.nodes.get(node as usize) else { return is_open };
            for concept in &reached.concepts {
                found.push(Occurrence::new(*concept, first, at));
            }
            if let Some(gap) = reached.gap {
                is_open |= self.leap(marks, (gap, at), first, found);
            }
        }
        true
    }

    /// Goes on from `gap` at every mark within reach; returns whether it came to the end of `marks`.
    fn leap(
        &self,
        marks: &[Mark],
        (gap, from): (u32, usize),
        first: usize,
        found: &mut Vec<Occurrence>,
    ) -> bool {
        let (mut room, mut is_open) = (GAP, false);
        for (at, mark) in marks.iter().enumerate().skip(from) {
            is_open |= self.walk(marks, (gap, at), first, found);
            let width = match mark.sort {
                Sort::Han(_) => 2,
                _ => 1 + mark.width() / 2,
            };
            let is_stop = mark.as_break().is_some() || self.gap_stops.contains(&mark.code);
            if is_stop || width > room {
                return is_open;
            }
            room -= width;
        }
        true
    }

    fn find_numbers(&self, marks: &[Mark], found: &mut Vec<Occurrence>) {
        let mut at = 0;
        while at < marks.len() {
            let (value, length) = match marks[at].sort {
                Sort::Han(_) => chinese_number(&marks[at..]),
                _ => (marks[at].value, 1),
            };
            if let Some(value) = value {
                for (concept, low, high) in &self.ranges {
                    if (*low..=*high).contains(&value) {
                        found.push(Occurrence::new(*concept, at, at + length));
                    }
                }
            }
            at += length;
        }
    }
}

/// Returns a number that phrases may hold.
fn whole(value: f64) -> Option<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is whole, small and not negative"
    )]
    (value.fract() == 0.0 && (0.0..10_000.0).contains(&value)).then_some(value as u32)
}

/// Reads a number in Chinese characters at the start of `marks`.
fn chinese_number(marks: &[Mark]) -> (Option<f64>, usize) {
    let (mut total, mut digit, mut length) = (0.0, None, 0);
    for mark in marks.iter().take(8) {
        let Sort::Han(character) = mark.sort else { break };
        let unit = match character {
            '十' => 10.0,
            '百' => 100.0,
            '千' => 1000.0,
            other => match chinese_digit(other) {
                Some(value) => {
                    digit = Some(value);
                    length += 1;
                    continue;
                }
                None => break,
            },
        };
        total += digit.take().unwrap_or(1.0) * unit;
        length += 1;
    }
    // A single character is more often a word than a count.
    if length < 2 { (None, 1) } else { (Some(total + digit.unwrap_or(0.0)), length) }
}

fn chinese_digit(character: char) -> Option<f64> {
    Some(match character {
        '零' => 0.0,
        '一' => 1.0,
        '二' | '两' => 2.0,
        '三' => 3.0,
        '四' => 4.0,
        '五' => 5.0,
        '六' => 6.0,
        '七' => 7.0,
        '八' => 8.0,
        '九' => 9.0,
        _ => return None,
    })
}
