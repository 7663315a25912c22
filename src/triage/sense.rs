//! What can be told of a message by itself: which of its concepts count, what is denied, and how
//! each of its sentences speaks. It is found once and kept; how messages stand beside one another
//! is for `frame`.

use super::frame::{Frames, numbers, positions};
use super::lexicon::{Lexicon, Occurrence, Role};
use super::mark::{Mark, Sort};
use super::token::Break;

/// What messages say, each by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sense {
    /// The occurrences that count.
    pub(super) kept: Vec<Occurrence>,
    /// Whether a negation reaches each mark; none reaches those that are missing.
    pub(super) denied: Vec<bool>,
    /// First mark and frames of each sentence that has any.
    pub(super) sentences: Vec<(usize, Frames)>,
    /// The parts that what was found plays.
    pub(super) roles: Roles,
}

impl Sense {
    /// Reads the marks of one message with what was found in them.
    pub(super) fn of(lexicon: &Lexicon, marks: &[Mark], found: &[Occurrence]) -> Self {
        let positions = positions(marks);
        let sentence_of = numbers(marks, Break::Strong);
        let roles = Roles::of(lexicon, found);
        let mut kept = visible(lexicon, marks, &sentence_of, found, roles);
        let denied = if roles.has(Role::Negation) || roles.has(Role::NearNegation) {
            denied(lexicon, marks, &positions, &kept)
        } else {
            Vec::new()
        };
        let count = sentence_of.last().map_or(1, |last| last + 1);
        let mut frames = vec![Frames::default(); count];
        for occurrence in &mut kept {
            occurrence.negated = denied.get(occurrence.first()).copied().unwrap_or(false);
            let role = lexicon.role(occurrence.concept());
            if !(occurrence.negated && matches!(role, Role::Resolved | Role::Habit | Role::Mild)) {
                mark(&mut frames[sentence_of[occurrence.first()]], role);
            }
        }
        let first_of = |sentence: usize| sentence_of.partition_point(|other| *other < sentence);
        let numbered = frames.into_iter().enumerate();
        let told = numbered.filter(|(_, frames)| *frames != Frames::default());
        let sentences = told.map(|(sentence, frames)| (first_of(sentence), frames)).collect();
        Self { kept, denied, sentences, roles }
    }

    /// Appends the next message, whose marks begin at number `base`.
    pub(super) fn extend(&mut self, next: &Self, base: usize) {
        self.kept.extend(next.kept.iter().map(|found| found.moved(base)));
        self.denied.resize(base, false);
        self.denied.extend_from_slice(&next.denied);
        let sentences = next.sentences.iter().map(|(first, frames)| (first + base, *frames));
        self.sentences.extend(sentences);
        self.roles.0 |= next.roles.0;
    }
}

/// The parts that what was found plays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Roles(u32);

impl Roles {
    fn of(lexicon: &Lexicon, found: &[Occurrence]) -> Self {
        let bit = |found: &Occurrence| 1 << lexicon.role(found.concept()) as u32;
        Self(found.iter().map(bit).fold(0, |roles, role: u32| roles | role))
    }

    /// Returns whether something plays the part `role`.
    pub(super) fn has(self, role: Role) -> bool {
        self.0 & 1 << role as u32 != 0
    }
}

/// How far a negation reaches, in reading distance.
const NEGATION_REACH: usize = 16;
const NEAR_NEGATION_REACH: usize = 5;

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

/// Drops what lies inside set phrases, what is part of a title, and small words inside longer
/// concepts ("no" in "no relief").
fn visible(
    lexicon: &Lexicon,
    marks: &[Mark],
    sentence_of: &[usize],
    found: &[Occurrence],
    roles: Roles,
) -> Vec<Occurrence> {
    let has_shield = roles.has(Role::Shield);
    let has_title = roles.has(Role::Title);
    let mut hidden = vec![Hidden::default(); marks.len()];
    let mut titled = vec![false; sentence_of.last().map_or(0, |last| last + 1)];
    for occurrence in found {
        let role = lexicon.role(occurrence.concept());
        let length = occurrence.last();
        let here = &mut hidden[occurrence.first()];
        match role {
            Role::Shield => raise(&mut here.shield, length),
            Role::Guard => raise(&mut here.guard, length),
            Role::Title => titled[sentence_of[occurrence.first()]] = true,
            _ => {}
        }
        if covers_small(role) {
            raise(&mut here.cover, length);
        }
    }
    carry(&mut hidden);
    let is_visible = |occurrence: &Occurrence| {
        let role = lexicon.role(occurrence.concept());
        let (first, last) = (occurrence.first(), occurrence.last());
        let here = hidden[first];
        let before = if first == 0 { Hidden::default() } else { hidden[first - 1] };
        if has_shield {
            let cuts_compound = is_han(&marks[first])
                && (before.shield > first && before.shield < last
                    || last >= 2 && hidden[last - 1].shield > last);
            let is_shielded = !matches!(role, Role::Shield | Role::Negation | Role::NearNegation)
                && (here.shield > last || before.shield >= last);
            if is_shielded || cuts_compound && role != Role::Shield {
                return false;
            }
        }
        let is_small = is_small(role);
        let is_title = has_title && marks[first].quoted && titled[sentence_of[first]] && !is_small;
        let is_inner = is_small && (here.cover > last || before.cover >= last);
        let is_guarded = here.guard >= last && is_frame(role);
        !is_guarded && !is_title && !is_inner
    };
    let mut visible = Vec::with_capacity(found.len());
    visible.extend(found.iter().filter(|found| is_visible(found)).copied());
    visible
}

/// How far what begins at a mark, or before it, hides others.
#[derive(Debug, Clone, Copy, Default)]
struct Hidden {
    shield: usize,
    guard: usize,
    cover: usize,
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
fn carry(hidden: &mut [Hidden]) {
    let mut furthest = Hidden::default();
    for entry in hidden {
        raise(&mut furthest.shield, entry.shield);
        raise(&mut furthest.guard, entry.guard);
        raise(&mut furthest.cover, entry.cover);
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
        match lexicon.role(occurrence.concept()) {
            Role::Contrast => stops[occurrence.first()] = true,
            Role::Person | Role::Now => persons[occurrence.first()] = true,
            _ => {}
        }
    }
    let mut denied = vec![false; marks.len()];
    for cue in found {
        let reach = match lexicon.role(cue.concept()) {
            Role::Negation => NEGATION_REACH,
            Role::NearNegation => NEAR_NEGATION_REACH,
            _ => continue,
        };
        let end = positions[cue.last() - 1] + reach;
        for at in cue.last()..marks.len() {
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
