//! Judges every message for emergencies before anything else is done with it.
//!
//! The policy (concepts, rules, cards) is data that clinicians edit; this module reads it and
//! applies it, deterministically and without I/O. It knows nothing of articles, sessions or the
//! clock; what is shown and who is rung is for others to do.
//!
//! A message is folded (`normal`), cut and mended (`token`, `spelling`, `pinyin`) and heard once
//! (`heard`, `mark`). Together with those before it, it is searched for concepts (`lexicon`), seen
//! in its frame (`frame`: denied, asked, past …), and matched with the rules (`rule`). Everything
//! takes time linear in the length of the messages.

mod adverse;
mod card;
pub mod eval;
mod expand;
mod frame;
mod heard;
mod lexicon;
mod mark;
mod normal;
mod opinion;
mod pinyin;
mod policy;
mod rule;
mod sense;
mod spelling;
#[cfg(test)]
mod tests;
mod token;
mod warning;

use std::ops::ControlFlow;
use std::sync::Arc;

pub use adverse::reports_side_effect;
pub use card::{Call, Card, Lang};
use frame::Reading;
pub use heard::Heard;
use heard::Said;
use lexicon::{Lexicon, Occurrence, Role};
use mark::{Mark, Sort};
use opinion::Opinion;
pub use opinion::train as train_opinion;
use pinyin::Pinyin;
use rule::{Pattern, Rule, Triggers};
use sense::Sense;
use spelling::Spelling;
use token::{Break, Token};
pub use warning::Warnings;

use crate::knowledge::Problem;

/// The compiled emergency policy.
#[derive(Debug, Default)]
pub struct RedFlags {
    /// Names the policy by its text, for readings that were kept.
    edition: u64,
    lexicon: Lexicon,
    spelling: Spelling,
    pinyin: Pinyin,
    /// The rules, the highest level first.
    rules: Vec<Rule>,
    /// The rules' patterns by what they cannot do without.
    triggers: Triggers,
    /// Category and the card it shows, the gravest first.
    categories: Vec<(String, String)>,
    cards: card::Cards,
    opinion: Opinion,
    /// What makes a message a report of a side effect.
    side_effects: Vec<Pattern>,
}

/// Warning symptoms of one drug, from its `drug.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrugWarning {
    /// The drug's slug.
    pub drug: String,
    /// The id of the warning symptom.
    pub id: String,
    /// What people call it, in all languages.
    pub phrases: Vec<Arc<str>>,
}

/// What is known besides the text.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Slugs of the drugs the session is about, including those named in this message.
    pub drugs: &'a [String],
    /// The warning symptoms of all drugs.
    pub warnings: &'a Warnings,
}

/// How urgent a message is, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// 3 interrupt, 2 priority, 1 soft line, 0 none.
    pub level: u8,
    /// The gravest category found; `None` where only the soft line applies.
    pub category: Option<String>,
    /// The rules met at this level.
    pub rules: Vec<String>,
    /// Byte ranges of the newest message that met them.
    pub spans: Vec<(usize, usize)>,
}

impl RedFlags {
    /// Parses policy files, given as path and text; bad entries are reported and left out.
    pub fn parse(files: &[(&str, &str)]) -> (Self, Vec<Problem>) {
        policy::parse(files)
    }

    /// Returns the card to show for `verdict`, if it calls for one.
    pub fn card(&self, verdict: &Verdict, region: Option<&str>, lang: Lang) -> Option<Card> {
        let category = verdict.category.as_deref();
        let name = match verdict.level {
            3 => {
                let own = self.categories.iter().find(|(id, _)| Some(id.as_str()) == category);
                own.map_or("ambulance", |(_, card)| card.as_str())
            }
            2 if category == Some("suicide") => "crisis",
            2 => "urgent",
            _ => return None,
        };
        self.cards.card(name, region, lang)
    }

    /// Returns whom to call in an emergency in `region`.
    pub fn numbers(&self, region: &str, lang: Lang) -> Vec<Call> {
        self.cards.numbers(region, lang)
    }

    /// Returns the number of rules in force.
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// Returns the traditional form of a character, for testing.
    fn traditional(&self, character: char) -> char {
        self.spelling.traditional(character)
    }
}

/// Judges the last of `messages` together with those before it: the same visitor's of the last ten
/// minutes, oldest first.
pub fn judge(red_flags: &RedFlags, context: &Context<'_>, messages: &[&Heard]) -> Verdict {
    let again: Vec<Option<Box<Heard>>> =
        messages.iter().map(|heard| red_flags.hear_again(heard)).collect();
    let messages = messages.iter().zip(&again);
    let messages: Vec<&Heard> =
        messages.map(|(heard, again)| again.as_deref().unwrap_or(heard)).collect();
    let readings: [Reader; 4] = [in_turn, in_turn_as_chinese, run_on, run_on_as_chinese];
    let mut verdict = Verdict::default();
    for reading in readings {
        let Some(said) = reading(red_flags, &messages) else { continue };
        let again = judge_said(red_flags, context, &said);
        if again.level > verdict.level {
            verdict = again;
        }
        if verdict.level == HIGHEST {
            break;
        }
    }
    verdict
}

/// Reads messages together in one way, if they can be read so.
type Reader = fn(&RedFlags, &[&Heard]) -> Option<Said>;

/// Above it there is nothing left to find.
const HIGHEST: u8 = 3;
/// Fewest marks of the last messages that are read as one sentence.
const RUN_ON: usize = 60;

#[expect(clippy::unnecessary_wraps, reason = "one of four readings; others may be missing")]
fn in_turn(_: &RedFlags, messages: &[&Heard]) -> Option<Said> {
    Some(join(messages, |heard| &heard.plain))
}

fn in_turn_as_chinese(_: &RedFlags, messages: &[&Heard]) -> Option<Said> {
    let is_pinyin = messages.iter().any(|heard| heard.chinese.is_some());
    is_pinyin.then(|| join(messages, |heard| heard.chinese.as_deref().unwrap_or(&heard.plain)))
}

/// Reads the last messages as one, for a sentence that was sent in pieces.
fn run_on(red_flags: &RedFlags, messages: &[&Heard]) -> Option<Said> {
    let messages = last_pieces(messages)?;
    if messages.windows(2).any(|pair| red_flags.joins(pair[0], pair[1])) {
        let (typed, newest_byte) = cut_as_one(red_flags, messages);
        return Some(red_flags.said(&red_flags.spelling.read(typed), newest_byte));
    }
    let mut said = Said::default();
    let mut offset = 0;
    for heard in messages {
        said.run_on(&heard.plain, offset);
        offset += heard.text().len() + 1;
    }
    let pieces = messages.iter().map(|heard| (&heard.plain.found, heard.plain.marks.len()));
    let found = red_flags.lexicon.find_across(&said.marks, pieces);
    said.sense = Sense::of(&red_flags.lexicon, &said.marks, &found);
    Some(said)
}

fn run_on_as_chinese(red_flags: &RedFlags, messages: &[&Heard]) -> Option<Said> {
    let messages = last_pieces(messages)?;
    let syllables: usize = messages.iter().map(|heard| heard.syllables).sum();
    if syllables < 2 {
        return None;
    }
    let (typed, newest_byte) = cut_as_one(red_flags, messages);
    let (chinese, _) = red_flags.pinyin.read(&typed, |word| red_flags.spelling.is_english(word));
    chinese.map(|tokens| red_flags.said(&red_flags.spelling.read(tokens), newest_byte))
}

/// Returns as many of the last messages as a sentence may take, if they are several.
fn last_pieces<'a, 'b>(messages: &'a [&'b Heard]) -> Option<&'a [&'b Heard]> {
    let mut marks = 0;
    let before = messages.iter().rposition(|heard| {
        let is_enough = marks >= RUN_ON;
        marks += heard.plain.marks.len();
        is_enough
    });
    let pieces = &messages[before.map_or(0, |at| at + 1)..];
    (pieces.len() > 1).then_some(pieces)
}

/// Puts messages one after the other, with an end after each.
fn join<'a>(messages: &[&'a Heard], said: impl Fn(&'a Heard) -> &'a Said) -> Said {
    let mut joined = Said::default();
    let all = || messages.iter().map(|heard| said(heard));
    joined.marks.reserve(all().map(|said| said.marks.len() + 1).sum());
    joined.sense.kept.reserve(all().map(|said| said.sense.kept.len()).sum());
    let mut offset = 0;
    for (number, heard) in messages.iter().enumerate() {
        if number > 0 {
            joined.marks.push(Mark::turn(offset));
        }
        joined.extend(said(heard), offset);
        offset += heard.text().len() + 1;
    }
    joined
}

/// Cuts messages into the tokens of one text; returns where the newest begins, too.
fn cut_as_one(red_flags: &RedFlags, messages: &[&Heard]) -> (Vec<Token>, usize) {
    let mut tokens = Vec::new();
    let (mut offset, mut newest_byte) = (0, 0);
    for heard in messages {
        let cut = red_flags.spelling.cut(heard.text()).into_iter();
        tokens.extend(cut.map(|token| Token {
            start: token.start + offset,
            end: token.end + offset,
            ..token
        }));
        newest_byte = offset;
        offset += heard.text().len() + 1;
    }
    (tokens, newest_byte)
}

fn judge_said(red_flags: &RedFlags, context: &Context<'_>, said: &Said) -> Verdict {
    let marks = said.marks.as_slice();
    let is_newest =
        |mark: &Mark| mark.start() >= said.newest_byte && mark.as_break() != Some(Break::Turn);
    let newest = marks.iter().position(is_newest).unwrap_or(marks.len());
    let reading = Reading::new(&red_flags.lexicon, said, newest);
    let mut findings = Findings::default();
    let goes_on = goes_on(red_flags, &reading, marks.len() - newest);
    apply_rules(red_flags, &reading, goes_on, &mut findings);
    for (id, occurrence) in context.warnings.find(context.drugs, marks, &reading) {
        findings.add(2, usize::MAX, &id, &[occurrence]);
    }
    if findings.level < 2 {
        findings.level = findings.level.max(unmatched_level(red_flags, &reading, marks, newest));
        if findings.level >= 2 {
            findings.rules.push(PLAIN_COMPLAINT.to_owned());
        }
    }
    if findings.level < HIGHEST && !reading.is_study() {
        findings.hear_second_opinion(red_flags, &reading, said, goes_on);
    }
    findings.into_verdict(red_flags, marks, said.newest_byte)
}

/// The rule id of a level raised by the second opinion.
const SECOND_OPINION: &str = "second-opinion";

/// How many rules are named at most.
const MOST_RULES: usize = 8;

/// The longest message, in tokens, that may only go on from the one before.
const LONGEST_GOING_ON: usize = 12;

/// What the rules found so far.
#[derive(Debug, Default)]
struct Findings {
    level: u8,
    category: Option<usize>,
    rules: Vec<String>,
    occurrences: Vec<Occurrence>,
}

impl Findings {
    fn add(&mut self, level: u8, category: usize, rule: &str, chosen: &[Occurrence]) {
        if level < self.level {
            return;
        }
        if level > self.level {
            *self = Self { level, ..Self::default() };
        }
        self.category = Some(self.category.map_or(category, |before| before.min(category)));
        if !self.rules.iter().any(|known| known == rule) {
            self.rules.push(rule.to_owned());
        }
        if self.occurrences.len() < 64 {
            self.occurrences.extend_from_slice(chosen);
        }
    }

    /// Raises the level where the linear model thinks so: of the newest message by itself, and of
    /// the conversation where that message only goes on.
    fn hear_second_opinion(
        &mut self,
        red_flags: &RedFlags,
        reading: &Reading,
        said: &Said,
        goes_on: bool,
    ) {
        let mut view = red_flags.opinion.view(said.newest_words, reading.in_newest());
        if goes_on && said.words != said.newest_words {
            let all = red_flags.opinion.view(said.words, reading.everything());
            if all.level > view.level {
                view = all;
            }
        }
        if view.level <= self.level {
            return;
        }
        self.level = view.level;
        self.rules.push(SECOND_OPINION.to_owned());
        if view.is_suicide {
            self.category = red_flags.categories.iter().position(|(id, _)| id == "suicide");
        }
    }

    fn into_verdict(self, red_flags: &RedFlags, marks: &[Mark], newest_byte: usize) -> Verdict {
        let mut spans: Vec<(usize, usize)> = self
            .occurrences
            .iter()
            .map(|found| (marks[found.first()].start(), marks[found.last() - 1].end()))
            .filter(|(start, _)| *start >= newest_byte)
            .map(|(start, end)| (start - newest_byte, end - newest_byte))
            .collect();
        spans.sort_unstable();
        spans.dedup();
        let unknown = (self.level == 3).then_some(usize::MAX - 1);
        let category = self.category.or(unknown).filter(|_| self.level >= 2).map(|category| {
            red_flags.categories.get(category).map_or("drug-warning", |(id, _)| id).to_owned()
        });
        Verdict { level: self.level, category, rules: self.rules, spans }
    }
}

fn apply_rules(red_flags: &RedFlags, reading: &Reading, goes_on: bool, findings: &mut Findings) {
    let is_plain = reading.newest_frames().is_plain_telling();
    for (rule, pattern) in red_flags.triggers.of(reading) {
        let rule = &red_flags.rules[rule];
        let pattern = &rule.patterns[pattern];
        let is_left_out = rule.level < findings.level || rule.is_plain && !is_plain;
        if is_left_out || !goes_on && !pattern.may_touch_newest(reading) {
            continue;
        }
        let met = pattern.find(reading, &mut |chosen| {
            if !goes_on && !reading.touches_newest(chosen) {
                return ControlFlow::Continue(());
            }
            let level = reading.framed(chosen, rule.level, rule.is_firm);
            findings.add(level, rule.category, &rule.id, chosen);
            if level == rule.level { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if met.is_break() && findings.rules.len() >= MOST_RULES {
            return;
        }
    }
}

/// Returns whether the newest message only goes on from what came before ("please help", "left arm
/// too"), so that the earlier messages still stand: short, and no question of its own.
fn goes_on(red_flags: &RedFlags, reading: &Reading, length: usize) -> bool {
    let is_question = |found: &Occurrence| {
        matches!(red_flags.lexicon.role(found.concept()), Role::Ask | Role::Business | Role::If)
    };
    length <= LONGEST_GOING_ON && !reading.in_newest().any(is_question)
}

/// The rule id of a complaint that no rule knows, told as happening and without a question.
const PLAIN_COMPLAINT: &str = "plain-complaint";

/// How many complaints in one plain message make an emergency that no rule knows.
const MANY_COMPLAINTS: usize = 3;

/// Returns the level of a message that meets no rule: 2 or 3 for complaints told as happening, not
/// as mild and without any question; 1 for a complaint or mishap not clearly only asked about, for a
/// story about somebody, and for a language nobody here can judge.
fn unmatched_level(red_flags: &RedFlags, reading: &Reading, marks: &[Mark], newest: usize) -> u8 {
    let frames = reading.newest_frames();
    let is_plain = frames.is_plain_telling() && (frames.now || frames.person);
    let mut level = 0;
    let mut complaints = 0;
    let mut told_to = 0;
    for found in reading.in_newest_in_order() {
        let here = reading.frames_at(&found);
        let is_live = here.now || here.person;
        let is_framed = (here.ask || reading.is_study()) && !is_live;
        match red_flags.lexicon.role(found.concept()) {
            Role::Symptom if is_plain && found.first() >= told_to => {
                complaints += 1;
                told_to = found.last();
            }
            Role::Symptom | Role::Mishap if !is_framed => level = 1,
            _ => {}
        }
    }
    if complaints > 0 {
        return if complaints >= MANY_COMPLAINTS { 3 } else { 2 };
    }
    let is_about_somebody = frames.person || frames.now || frames.pronoun;
    let is_unknown = || is_unknown_language(&marks[newest.min(marks.len())..]);
    level.max(u8::from(is_about_somebody && !frames.is_question() || is_unknown()))
}

/// Returns whether most letters belong to neither language, or no English word is among several.
fn is_unknown_language(marks: &[Mark]) -> bool {
    let (mut foreign, mut han, mut words, mut known) = (0, 0, 0, 0);
    for mark in marks {
        match mark.sort {
            Sort::Foreign => foreign += 1,
            Sort::Han(_) => han += 1,
            Sort::Word { is_english, .. } => {
                words += 1;
                known += usize::from(is_english);
            }
            Sort::Number | Sort::Break(_) => {}
        }
    }
    foreign >= 3 && foreign > han + words * 3 || han == 0 && words >= 4 && known * 4 < words
}
