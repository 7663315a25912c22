//! How a message speaks of what it names: denied, asked about, supposed, past, told of others.
//!
//! Frames lower a rule only where nothing shows that it is happening to somebody now.

use super::heard::Said;
use super::lexicon::{Lexicon, Occurrence, Role};
use super::mark::{Mark, Sort};
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
    is_present: Vec<bool>,
    /// Marks before it are told of what a hospital has seen to.
    handled_to: usize,
    /// Whether a mark lies in a clause that tells of long ago.
    is_past: Vec<bool>,
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

/// How far a negation reaches, in reading distance.
const NEGATION_REACH: usize = 16;
const NEAR_NEGATION_REACH: usize = 5;

impl Reading {
    /// Reads what was said, of which the marks from `newest_from` on are the newest message.
    pub(super) fn new(lexicon: &Lexicon, said: &Said, newest_from: usize) -> Self {
        let marks = said.marks.as_slice();
        let positions = positions(marks);
        let sentence_of = numbers(marks, Break::Strong);
        let mut kept = visible(lexicon, marks, &sentence_of, &said.found);
        let denied = denied(lexicon, marks, &positions, &kept);
        let count = sentence_of.last().map_or(1, |last| last + 1);
        let mut sentences = vec![Frames::default(); count];
        let mut is_present = vec![false; lexicon.len()];
        for occurrence in &mut kept {
            occurrence.negated = denied.get(occurrence.first).copied().unwrap_or(false);
            let role = lexicon.role(occurrence.concept);
            if !(occurrence.negated && matches!(role, Role::Resolved | Role::Habit | Role::Mild)) {
                mark(&mut sentences[sentence_of[occurrence.first]], role);
            }
            is_present[occurrence.concept] |= !occurrence.negated;
        }
        share_who_and_now(marks, &sentence_of, &mut sentences);
        let (occurrences, starts) = by_concept(&kept, lexicon.len());
        let is_study = sentences.iter().any(|frames| frames.study);
        let handled_to = handled_to(lexicon, marks, &kept);
        let is_past = past_clauses(lexicon, marks, &kept);
        Self {
            occurrences,
            starts,
            positions,
            sentence_of,
            sentences,
            newest_from,
            is_study,
            denied,
            is_present,
            handled_to,
            is_past,
        }
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
        self.everything().filter(|found| found.last > self.newest_from)
    }

    /// Returns what occurs undenied in the newest message, by place.
    pub(super) fn in_newest_in_order(&self) -> Vec<Occurrence> {
        let mut found: Vec<Occurrence> =
            self.in_newest().filter(|found| !found.negated).copied().collect();
        found.sort_unstable_by_key(|found| (found.first, std::cmp::Reverse(found.last)));
        found
    }

    /// Returns for every mark whether it is denied.
    pub(super) fn denied(&self) -> &[bool] {
        &self.denied
    }

    /// Returns whether `concept` occurs undenied.
    pub(super) fn has(&self, concept: usize) -> bool {
        self.is_present.get(concept).copied().unwrap_or(false)
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
        let low = self.positions[other.first].saturating_sub(reach);
        let high = self.positions[other.last - 1].saturating_add(reach);
        let from = all.partition_point(|found| self.positions[found.first] + 40 < low);
        all[from..]
            .iter()
            .take_while(move |found| self.positions[found.first] <= high)
            .filter(move |found| !found.negated && self.positions[found.last - 1] >= low)
            .copied()
    }

    /// Returns whether `concept` occurs undenied in a sentence of `chosen`.
    pub(super) fn in_sentences_of(&self, concept: usize, chosen: &[Occurrence]) -> bool {
        let all = self.all(concept);
        chosen.iter().any(|other| {
            let sentence = self.sentence_of[other.first];
            let from = all.partition_point(|found| self.sentence_of[found.first] < sentence);
            let mut same =
                all[from..].iter().take_while(|found| self.sentence_of[found.first] == sentence);
            same.any(|found| !found.negated)
        })
    }

    /// Returns whether some of `chosen` lies in the newest message.
    pub(super) fn touches_newest(&self, chosen: &[Occurrence]) -> bool {
        chosen.iter().any(|occurrence| occurrence.last > self.newest_from)
    }

    /// Returns what is left of `level` in the frames of `chosen`; questions and suppositions do not
    /// lower what `is_firm`.
    pub(super) fn framed(&self, chosen: &[Occurrence], level: u8, is_firm: bool) -> u8 {
        let mut frames = Frames::default();
        for occurrence in chosen {
            merge(&mut frames, self.sentences[self.sentence_of[occurrence.first]]);
        }
        let is_live = frames.now || frames.person;
        let is_told = if is_firm {
            frames.study || frames.document
        } else {
            frames.study || self.is_study || frames.ask
        };
        let is_elsewhere = !is_firm && (frames.supposed || frames.resolved) || frames.past;
        let is_over =
            |found: &Occurrence| found.last <= self.handled_to || self.is_past[found.first];
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
        self.sentences[self.sentence_of[occurrence.first]]
    }

    /// Returns whether school, fiction or profession is the setting of the whole conversation.
    pub(super) fn is_study(&self) -> bool {
        self.is_study
    }
}

/// Returns the end of what a hospital has seen to: the last mention of it, unless something
/// afterwards in the same message shows that it is happening now.
fn handled_to(lexicon: &Lexicon, marks: &[Mark], kept: &[Occurrence]) -> usize {
    let is = |found: &&Occurrence, role| lexicon.role(found.concept) == role && !found.negated;
    let handled = kept.iter().filter(|found| is(found, Role::Handled)).map(|found| found.first);
    let Some(handled) = handled.max() else { return 0 };
    let is_turn = |mark: &Mark| mark.as_break() == Some(Break::Turn);
    let is_last_turn = !marks[handled..].iter().any(is_turn);
    let goes_on = kept.iter().any(|found| is(&found, Role::Now) && found.first > handled);
    if is_last_turn && !goes_on { handled } else { 0 }
}

/// Tells of every mark whether its clause tells of long ago, and not of now; of none where
/// something is said to be back.
fn past_clauses(lexicon: &Lexicon, marks: &[Mark], kept: &[Occurrence]) -> Vec<bool> {
    let clause_of = numbers(marks, Break::Weak);
    let mut clauses = vec![(false, false); clause_of.last().map_or(0, |last| last + 1)];
    for found in kept.iter().filter(|found| !found.negated) {
        let (past, now) = &mut clauses[clause_of[found.first]];
        match lexicon.role(found.concept) {
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
    let mut sorted = found.to_vec();
    sorted.sort_by_key(|occurrence| (occurrence.concept, occurrence.first));
    let mut starts = Vec::with_capacity(concepts + 1);
    let mut at = 0;
    for concept in 0..=concepts {
        at += sorted[at..].iter().take_while(|found| found.concept < concept).count();
        starts.push(u32::try_from(at).unwrap_or(u32::MAX));
    }
    (sorted, starts)
}

fn positions(marks: &[Mark]) -> Vec<usize> {
    let mut position = 0;
    let place = |mark: &Mark| {
        position += mark.width();
        position
    };
    marks.iter().map(place).collect()
}

/// Numbers the stretches between breaks of at least `strength`; returns each mark's.
fn numbers(marks: &[Mark], strength: Break) -> Vec<usize> {
    let mut stretch = 0;
    let number = |mark: &Mark| {
        let current = stretch;
        stretch += usize::from(mark.as_break() >= Some(strength));
        current
    };
    marks.iter().map(number).collect()
}

fn mark(frames: &mut Frames, role: Role) {
    match role {
        Role::Ask => frames.ask = true,
        Role::Document => {
            frames.ask = true;
            frames.document = true;
        }
        Role::If => frames.supposed = true,
        Role::Past => frames.past = true,
        Role::Resolved => frames.resolved = true,
        Role::Habit => frames.habit = true,
        Role::Now => frames.now = true,
        Role::Person => frames.person = true,
        Role::Pronoun => frames.pronoun = true,
        Role::Mild => frames.mild = true,
        Role::Study => frames.study = true,
        Role::Business => frames.business = true,
        _ => {}
    }
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

/// Drops what lies inside set phrases, what is part of a title, and small words inside longer
/// concepts ("no" in "no relief").
fn visible(
    lexicon: &Lexicon,
    marks: &[Mark],
    sentence_of: &[usize],
    found: &[Occurrence],
) -> Vec<Occurrence> {
    let mut shielded_to = vec![0_usize; marks.len()];
    let mut guarded_to = vec![0_usize; marks.len()];
    let mut covered_to = vec![0_usize; marks.len()];
    let mut titled = vec![false; sentence_of.last().map_or(0, |last| last + 1)];
    for occurrence in found {
        let role = lexicon.role(occurrence.concept);
        let length = occurrence.last;
        match role {
            Role::Shield => raise(&mut shielded_to[occurrence.first], length),
            Role::Guard => raise(&mut guarded_to[occurrence.first], length),
            Role::Title => titled[sentence_of[occurrence.first]] = true,
            _ => {}
        }
        if covers_small(role) {
            raise(&mut covered_to[occurrence.first], length);
        }
    }
    carry(&mut shielded_to);
    carry(&mut guarded_to);
    carry(&mut covered_to);
    let is_visible = |occurrence: &Occurrence| {
        let role = lexicon.role(occurrence.concept);
        let Occurrence { first, last, .. } = *occurrence;
        let shielded_before = if first == 0 { 0 } else { shielded_to[first - 1] };
        let cuts_compound = is_han(&marks[first])
            && (shielded_before > first && shielded_before < last
                || last >= 2 && shielded_to[last - 1] > last);
        let is_shielded = !matches!(role, Role::Shield | Role::Negation | Role::NearNegation)
            && (shielded_to[first] > last || shielded_before >= last);
        let is_title = marks[first].quoted && titled[sentence_of[first]] && !is_small(role);
        let before = if first == 0 { 0 } else { covered_to[first - 1] };
        let is_inner = is_small(role) && (covered_to[first] > last || before >= last);
        let is_guarded = is_frame(role) && guarded_to[first] >= last;
        let is_cut = cuts_compound && role != Role::Shield;
        !is_shielded && !is_guarded && !is_cut && !is_title && !is_inner
    };
    found.iter().filter(|found| is_visible(found)).copied().collect()
}

fn is_han(mark: &Mark) -> bool {
    matches!(mark.sort, Sort::Han(_))
}

/// Returns whether a guard hides the role.
fn is_frame(role: Role) -> bool {
    matches!(
        role,
        Role::Now
            | Role::Person
            | Role::Resolved
            | Role::Habit
            | Role::If
            | Role::Ask
            | Role::Past
            | Role::Contrast
    )
}

fn is_small(role: Role) -> bool {
    matches!(
        role,
        Role::Negation | Role::NearNegation | Role::Contrast | Role::If | Role::Ask | Role::Past
    )
}

/// Returns whether a longer occurrence of this part swallows small words inside it.
fn covers_small(role: Role) -> bool {
    is_small(role) || matches!(role, Role::Plain | Role::Symptom | Role::Mishap)
}

fn raise(reach: &mut usize, to: usize) {
    *reach = (*reach).max(to);
}

/// Makes every entry the furthest end of all spans begun so far.
fn carry(reach: &mut [usize]) {
    let mut furthest = 0;
    for entry in reach {
        furthest = furthest.max(*entry);
        *entry = furthest;
    }
}

/// Tells of every mark whether a negation reaches it.
fn denied(
    lexicon: &Lexicon,
    marks: &[Mark],
    positions: &[usize],
    found: &[Occurrence],
) -> Vec<bool> {
    let mut stops = vec![false; marks.len()];
    let mut persons = vec![false; marks.len()];
    for occurrence in found {
        match lexicon.role(occurrence.concept) {
            Role::Contrast => stops[occurrence.first] = true,
            Role::Person | Role::Now => persons[occurrence.first] = true,
            _ => {}
        }
    }
    let mut denied = vec![false; marks.len()];
    for cue in found {
        let reach = match lexicon.role(cue.concept) {
            Role::Negation => NEGATION_REACH,
            Role::NearNegation => NEAR_NEGATION_REACH,
            _ => continue,
        };
        let end = positions[cue.last - 1] + reach;
        for at in cue.last..marks.len() {
            let ends_scope = match marks[at].as_break() {
                Some(Break::List) | None => stops[at],
                Some(Break::Weak) => !is_list_going_on(marks, &persons, at),
                Some(_) => true,
            };
            if ends_scope || positions[at] > end {
                break;
            }
            denied[at] = true;
        }
    }
    denied
}

/// Returns whether the comma at `comma` joins a list that a later "or" closes ("no fever, rash or
/// pain").
fn is_list_going_on(marks: &[Mark], persons: &[bool], comma: usize) -> bool {
    let rest = comma + 1..marks.len().min(comma + 9);
    for at in rest {
        if persons[at] || marks[at].as_break() > Some(Break::Weak) {
            return false;
        }
        if matches!(marks[at].sort, Sort::Word { is_or: true, .. }) {
            return true;
        }
    }
    false
}
