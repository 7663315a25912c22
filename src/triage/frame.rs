//! How a message speaks of what it names: denied, asked about, supposed, past, told of others.
//!
//! Frames lower a rule only where nothing shows that it is happening to somebody now.

use super::heard::Said;
use super::lexicon::{Lexicon, Occurrence, Role};
use super::mark::Mark;
use super::sense::Sense;
use super::token::Break;

/// The marks of a conversation with their concepts and frames.
#[derive(Debug)]
pub(super) struct Reading {
    /// All occurrences, by concept and then by place.
    occurrences: Vec<Occurrence>,
    /// Where each concept's occurrences begin, and the last one's end.
    starts: Vec<u32>,
    positions: Vec<usize>,
    sentence_of: Vec<usize>,
    sentences: Vec<Frames>,
    newest_from: usize,
    is_study: bool,
    denied: Vec<bool>,
    /// The concepts that occur undenied, and those that do in the newest message.
    present: Concepts,
    present_in_newest: Concepts,
    /// Marks before it are told of what a hospital has seen to.
    handled_to: usize,
    /// Whether a mark lies in a clause that tells of long ago; empty when none does.
    is_past: Vec<bool>,
}

/// A set of concepts: a bit for each.
#[derive(Debug)]
struct Concepts(Vec<u64>);

impl Concepts {
    /// Returns an empty set, for concepts below `count`.
    fn none_of(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    fn add(&mut self, concept: usize) {
        self.0[concept / 64] |= 1 << (concept % 64);
    }

    fn has(&self, concept: usize) -> bool {
        self.0.get(concept / 64).is_some_and(|bits| bits & 1 << (concept % 64) != 0)
    }
}

/// What one sentence is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent marks of one sentence")]
pub(super) struct Frames {
    pub(super) ask: bool,
    pub(super) document: bool,
    pub(super) supposed: bool,
    pub(super) past: bool,
    pub(super) resolved: bool,
    pub(super) habit: bool,
    pub(super) now: bool,
    pub(super) person: bool,
    pub(super) pronoun: bool,
    pub(super) mild: bool,
    pub(super) study: bool,
    pub(super) business: bool,
}

impl Frames {
    /// Returns whether something is asked, supposed or ordinary business.
    pub(super) fn is_question(self) -> bool {
        self.ask || self.supposed || self.business || self.study
    }

    /// Returns whether it tells of somebody, now, not as slight, and asks nothing.
    pub(super) fn is_plain_telling(self) -> bool {
        let is_lowered = self.past || self.resolved || self.habit || self.mild;
        (self.person || self.now || self.pronoun) && !self.is_question() && !is_lowered
    }
}

impl Reading {
    /// Reads what was said, of which the marks from `newest_from` on are the newest message.
    pub(super) fn new(lexicon: &Lexicon, said: &Said, newest_from: usize) -> Self {
        let marks = said.marks.as_slice();
        let positions = positions(marks);
        let sentence_of = numbers(marks, Break::Strong);
        let Sense { kept, denied, sentences: told, roles } = &said.sense;
        let mut denied = denied.clone();
        denied.resize(marks.len(), false);
        let count = sentence_of.last().map_or(1, |last| last + 1);
        let mut sentences = vec![Frames::default(); count];
        for (first, frames) in told {
            sentences[sentence_of[*first]] = *frames;
        }
        let mut present = Concepts::none_of(lexicon.len());
        let mut present_in_newest = Concepts::none_of(lexicon.len());
        for occurrence in kept.iter().filter(|occurrence| !occurrence.negated) {
            present.add(occurrence.concept());
            if occurrence.last() > newest_from {
                present_in_newest.add(occurrence.concept());
            }
        }
        share_who_and_now(marks, &sentence_of, &mut sentences);
        let (occurrences, starts) = by_concept(kept, lexicon.len());
        let is_study = sentences.iter().any(|frames| frames.study);
        let is_handled = roles.has(Role::Handled);
        let handled_to = if is_handled { handled_to(lexicon, marks, kept) } else { 0 };
        let tells_of_past = roles.has(Role::Past);
        let is_past = if tells_of_past { past_clauses(lexicon, marks, kept) } else { Vec::new() };
        Self {
            occurrences,
            starts,
            positions,
            sentence_of,
            sentences,
            newest_from,
            is_study,
            denied,
            present,
            present_in_newest,
            handled_to,
            is_past,
        }
    }

    /// Returns the number of the first mark of the newest message.
    pub(super) fn newest_from(&self) -> usize {
        self.newest_from
    }

    /// Returns the occurrences of `concept`, in order.
    fn all(&self, concept: usize) -> &[Occurrence] {
        let place = |at: usize| self.starts.get(at).map_or(0, |start| *start as usize);
        self.occurrences.get(place(concept)..place(concept + 1)).unwrap_or_default()
    }

    /// Returns all that occurs in the conversation.
    pub(super) fn everything(&self) -> impl Iterator<Item = &Occurrence> {
        self.occurrences.iter()
    }

    /// Returns what occurs in the newest message.
    pub(super) fn in_newest(&self) -> impl Iterator<Item = &Occurrence> {
        self.everything().filter(|found| found.last() > self.newest_from)
    }

    /// Returns what occurs undenied in the newest message, by place.
    pub(super) fn in_newest_in_order(&self) -> Vec<Occurrence> {
        let mut found: Vec<Occurrence> =
            self.in_newest().filter(|found| !found.negated).copied().collect();
        found.sort_unstable_by_key(|found| (found.first(), std::cmp::Reverse(found.last())));
        found
    }

    /// Returns for every mark whether it is denied.
    pub(super) fn denied(&self) -> &[bool] {
        &self.denied
    }

    /// Returns whether `concept` occurs undenied.
    pub(super) fn has(&self, concept: usize) -> bool {
        self.present.has(concept)
    }

    /// Returns whether `concept` occurs undenied in the newest message.
    pub(super) fn has_in_newest(&self, concept: usize) -> bool {
        self.present_in_newest.has(concept)
    }

    /// Returns the concepts that occur undenied.
    pub(super) fn present(&self) -> impl Iterator<Item = usize> {
        let groups = self.occurrences.chunk_by(|one, next| one.concept() == next.concept());
        groups.map(|group| group[0].concept()).filter(|concept| self.has(*concept))
    }

    /// Returns the undenied occurrences of `concept`.
    pub(super) fn affirmed(&self, concept: usize) -> impl Iterator<Item = &Occurrence> {
        self.all(concept).iter().filter(|found| !found.negated)
    }

    /// Returns the undenied occurrences of `concept` within `reach` of `other`, in order.
    pub(super) fn near(
        &self,
        concept: usize,
        other: Occurrence,
        reach: usize,
    ) -> impl Iterator<Item = Occurrence> + '_ {
        let all = self.all(concept);
        let low = self.positions[other.first()].saturating_sub(reach);
        let high = self.positions[other.last() - 1].saturating_add(reach);
        let from = all.partition_point(|found| self.positions[found.first()] + 40 < low);
        all[from..]
            .iter()
            .take_while(move |found| self.positions[found.first()] <= high)
            .filter(move |found| !found.negated && self.positions[found.last() - 1] >= low)
            .copied()
    }

    /// Returns whether `concept` occurs undenied in a sentence of `chosen`.
    pub(super) fn in_sentences_of(&self, concept: usize, chosen: &[Occurrence]) -> bool {
        let all = self.all(concept);
        chosen.iter().any(|other| {
            let sentence = self.sentence_of[other.first()];
            let from = all.partition_point(|found| self.sentence_of[found.first()] < sentence);
            let mut same =
                all[from..].iter().take_while(|found| self.sentence_of[found.first()] == sentence);
            same.any(|found| !found.negated)
        })
    }

    /// Returns whether some of `chosen` lies in the newest message.
    pub(super) fn touches_newest(&self, chosen: &[Occurrence]) -> bool {
        chosen.iter().any(|occurrence| occurrence.last() > self.newest_from)
    }

    /// Returns what is left of `level` in the frames of `chosen`; questions and suppositions do not
    /// lower what `is_firm`.
    pub(super) fn framed(&self, chosen: &[Occurrence], level: u8, is_firm: bool) -> u8 {
        let mut frames = Frames::default();
        for occurrence in chosen {
            merge(&mut frames, self.sentences[self.sentence_of[occurrence.first()]]);
        }
        let is_live = frames.now || frames.person;
        let is_told = if is_firm {
            frames.study || frames.document
        } else {
            frames.study || self.is_study || frames.ask
        };
        let is_elsewhere = !is_firm && (frames.supposed || frames.resolved) || frames.past;
        let is_past = |at: usize| self.is_past.get(at).copied().unwrap_or(false);
        let is_over =
            |found: &Occurrence| found.last() <= self.handled_to || is_past(found.first());
        let is_over = !is_firm && chosen.iter().all(is_over);
        if is_told && !is_live || is_elsewhere && !frames.now || is_over {
            level.min(1)
        } else if frames.habit && !frames.now && !is_firm {
            level.min(2)
        } else {
            level
        }
    }

    /// Returns the merged frames of the sentences of the newest message.
    pub(super) fn newest_frames(&self) -> Frames {
        let mut frames = Frames::default();
        let first = self.sentence_of.get(self.newest_from).copied().unwrap_or(0);
        for sentence in self.sentences.get(first..).unwrap_or_default() {
            merge(&mut frames, *sentence);
        }
        frames
    }

    /// Returns the frames of the sentence of `occurrence`.
    pub(super) fn frames_at(&self, occurrence: &Occurrence) -> Frames {
        self.sentences[self.sentence_of[occurrence.first()]]
    }

    /// Returns whether school, fiction or profession is the setting of the whole conversation.
    pub(super) fn is_study(&self) -> bool {
        self.is_study
    }
}

/// Returns the end of what a hospital has seen to: the last mention of it, unless something
/// afterwards in the same message shows that it is happening now.
fn handled_to(lexicon: &Lexicon, marks: &[Mark], kept: &[Occurrence]) -> usize {
    let is = |found: &&Occurrence, role| lexicon.role(found.concept()) == role && !found.negated;
    let handled = kept.iter().filter(|found| is(found, Role::Handled)).map(|found| found.first());
    let Some(handled) = handled.max() else { return 0 };
    let is_turn = |mark: &Mark| mark.as_break() == Some(Break::Turn);
    let is_last_turn = !marks[handled..].iter().any(is_turn);
    let goes_on = kept.iter().any(|found| is(&found, Role::Now) && found.first() > handled);
    if is_last_turn && !goes_on { handled } else { 0 }
}

/// Tells of every mark whether its clause tells of long ago, and not of now; of none where
/// something is said to be back.
fn past_clauses(lexicon: &Lexicon, marks: &[Mark], kept: &[Occurrence]) -> Vec<bool> {
    let clause_of = numbers(marks, Break::Weak);
    let mut clauses = vec![(false, false); clause_of.last().map_or(0, |last| last + 1)];
    for found in kept.iter().filter(|found| !found.negated) {
        let (past, now) = &mut clauses[clause_of[found.first()]];
        match lexicon.role(found.concept()) {
            Role::Past => *past = true,
            Role::Now => *now = true,
            Role::Again => return vec![false; marks.len()],
            _ => {}
        }
    }
    clause_of.into_iter().map(|clause| clauses[clause] == (true, false)).collect()
}

/// Sorts by concept and place; returns where each concept begins, too.
fn by_concept(found: &[Occurrence], concepts: usize) -> (Vec<Occurrence>, Vec<u32>) {
    // Each count stands two places on, to become where the concept begins, and then where it ends.
    let mut starts = vec![0_u32; concepts + 2];
    for occurrence in found {
        starts[occurrence.concept() + 2] += 1;
    }
    let mut so_far = 0;
    for start in &mut starts {
        so_far += *start;
        *start = so_far;
    }
    let mut sorted = found.to_vec();
    for occurrence in found {
        let place = &mut starts[occurrence.concept() + 1];
        sorted[*place as usize] = *occurrence;
        *place += 1;
    }
    // They are found in order, but for numbers.
    if !sorted.is_sorted_by_key(|found| found.place()) {
        sorted.sort_by_key(|found| found.place());
    }
    (sorted, starts)
}

/// Returns the reading distance from the beginning to the end of each mark.
pub(super) fn positions(marks: &[Mark]) -> Vec<usize> {
    let mut position = 0;
    let place = |mark: &Mark| {
        position += mark.width();
        position
    };
    marks.iter().map(place).collect()
}

/// Numbers the stretches between breaks of at least `strength`; returns each mark's.
pub(super) fn numbers(marks: &[Mark], strength: Break) -> Vec<usize> {
    let mut stretch = 0;
    let number = |mark: &Mark| {
        let current = stretch;
        stretch += usize::from(mark.as_break() >= Some(strength));
        current
    };
    marks.iter().map(number).collect()
}

/// Lets neighbouring messages share whom they are about and that it is now.
fn share_who_and_now(marks: &[Mark], sentence_of: &[usize], sentences: &mut [Frames]) {
    for (at, _) in marks.iter().enumerate().filter(|(_, t)| t.as_break() == Some(Break::Turn)) {
        let left = sentence_of[at];
        let Some(right) = sentence_of.get(at + 1).copied() else { continue };
        let (before, after) = (sentences[left], sentences[right]);
        for side in [left, right] {
            sentences[side].now = before.now || after.now;
            sentences[side].person = before.person || after.person;
            sentences[side].pronoun = before.pronoun || after.pronoun;
        }
    }
}

fn merge(frames: &mut Frames, more: Frames) {
    frames.ask |= more.ask;
    frames.document |= more.document;
    frames.supposed |= more.supposed;
    frames.past |= more.past;
    frames.resolved |= more.resolved;
    frames.habit |= more.habit;
    frames.now |= more.now;
    frames.person |= more.person;
    frames.pronoun |= more.pronoun;
    frames.mild |= more.mild;
    frames.study |= more.study;
    frames.business |= more.business;
}
