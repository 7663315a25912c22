//! Rules: combinations of concepts that make a message an emergency.
//!
//! `a + b` wants both near one another, `a ~4 b` within four words, `a >4 b` in this order, `a & b`
//! in the neighbourhood (45 words); `a|b` takes either; `- c` wants no `c` in the same sentences and
//! `-- c` none at all.

use std::ops::ControlFlow;

use super::frame::Reading;
use super::lexicon::{Lexicon, Occurrence, Role};

/// One rule of the policy, ready to be matched.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) category: usize,
    pub(super) level: u8,
    /// Questions and suppositions do not lower it.
    pub(super) is_firm: bool,
    /// It is met only by a message that tells of somebody now and asks nothing.
    pub(super) is_plain: bool,
    pub(super) patterns: Vec<Pattern>,
}

/// The patterns of all rules by a concept that each of them cannot do without, so that those that
/// cannot be met need not be looked at.
#[derive(Debug, Default)]
pub(super) struct Triggers {
    /// Every pattern, in the order of the rules: the number of the rule, and of the pattern in it.
    patterns: Vec<(usize, usize)>,
    /// For each concept a row of bits, one for each pattern.
    rows: Vec<u64>,
}

impl Triggers {
    /// Sorts the patterns of `rules` by the concepts of the part that the fewest concepts meet.
    pub(super) fn new(rules: &[Rule], concepts: usize) -> Self {
        let numbered = rules.iter().enumerate().flat_map(|(at, rule)| {
            rule.patterns.iter().enumerate().map(move |(number, pattern)| (at, number, pattern))
        });
        let numbered: Vec<(usize, usize, &Pattern)> = numbered.collect();
        let width = numbered.len().div_ceil(64);
        let mut rows = vec![0; width * concepts];
        for (bit, (.., pattern)) in numbered.iter().enumerate() {
            let key = pattern.atoms.iter().min_by_key(|atom| atom.concepts.len());
            for concept in key.iter().flat_map(|atom| &atom.concepts) {
                rows[concept * width + bit / 64] |= 1 << (bit % 64);
            }
        }
        let patterns = numbered.into_iter().map(|(rule, number, _)| (rule, number)).collect();
        Self { patterns, rows }
    }

    /// Returns the patterns that `reading` may meet, in the order of the rules: the number of the
    /// rule, and of the pattern in it.
    pub(super) fn of(&self, reading: &Reading) -> impl Iterator<Item = (usize, usize)> {
        let width = self.patterns.len().div_ceil(64);
        let mut met = vec![0_u64; width];
        for concept in reading.present() {
            let row = self.rows.get(concept * width..(concept + 1) * width);
            met.iter_mut().zip(row.into_iter().flatten()).for_each(|(met, row)| *met |= row);
        }
        met.into_iter().enumerate().flat_map(move |(word, mut bits)| {
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
                bits &= bits - 1;
                self.patterns.get(word * 64 + bit).copied()
            })
        })
    }
}

/// One way in which a rule is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    atoms: Vec<Atom>,
    absent_near: Vec<usize>,
    absent: Vec<usize>,
}

/// Single concepts that meet a pattern together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Combination {
    concepts: Vec<usize>,
    links: Vec<Link>,
    absent: [Vec<usize>; 2],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Atom {
    concepts: Vec<usize>,
    link: Link,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Link {
    Near(usize),
    Before(usize),
    Wide,
}

const NEAR: usize = 26;
const WIDE: usize = 90;
const CHOICES: usize = 5;

impl Pattern {
    /// Parses `text`; the error names what is wrong.
    pub(super) fn parse(text: &str, lexicon: &Lexicon) -> Result<Self, String> {
        let mut pattern = Self { atoms: Vec::new(), absent_near: Vec::new(), absent: Vec::new() };
        let mut link = Some(Link::Wide);
        let mut exclusion: Option<bool> = None;
        for word in text.split_whitespace() {
            match word {
                "+" => link = Some(Link::Near(NEAR)),
                "&" => link = Some(Link::Wide),
                "-" => exclusion = Some(true),
                "--" => exclusion = Some(false),
                _ if word.starts_with('~') => link = Some(Link::Near(reach(&word[1..])?)),
                _ if word.starts_with('>') => link = Some(Link::Before(reach(&word[1..])?)),
                _ => {
                    let concepts = concepts(word, lexicon)?;
                    match (exclusion.take(), link.take()) {
                        (Some(true), _) => pattern.absent_near.extend(concepts),
                        (Some(false), _) => pattern.absent.extend(concepts),
                        (None, Some(link)) => pattern.atoms.push(Atom { concepts, link }),
                        (None, None) => return Err(format!("no sign before \"{word}\"")),
                    }
                }
            }
        }
        if pattern.atoms.is_empty() { Err("the pattern is empty".to_owned()) } else { Ok(pattern) }
    }

    /// Returns why the pattern can never be met, if it cannot; `is_plain` when it stands in a rule
    /// for messages that ask nothing.
    pub(super) fn contradiction(&self, is_plain: bool, lexicon: &Lexicon) -> Option<&'static str> {
        let never = |is_out: &dyn Fn(&usize) -> bool| {
            self.atoms.iter().any(|atom| atom.concepts.iter().all(is_out))
        };
        let asks = |concept: &usize| {
            matches!(
                lexicon.role(*concept),
                Role::Ask | Role::Document | Role::If | Role::Business | Role::Study
            )
        };
        if never(&|concept| self.absent.contains(concept) || self.absent_near.contains(concept)) {
            Some("what it wants it also forbids")
        } else if is_plain && never(&asks) {
            Some("a plain rule is met by messages that ask nothing")
        } else {
            None
        }
    }

    /// Returns every combination of single concepts that meets the pattern, in a form in which
    /// equal combinations are equal: two concepts that are only near one another are in order.
    pub(super) fn combinations(&self) -> Vec<Combination> {
        let mut lists: Vec<Vec<usize>> = vec![Vec::new()];
        for atom in &self.atoms {
            let with = |list: &Vec<usize>| -> Vec<Vec<usize>> {
                atom.concepts
                    .iter()
                    .map(|concept| [list.as_slice(), &[*concept]].concat())
                    .collect()
            };
            lists = lists.iter().flat_map(with).collect();
        }
        let links: Vec<Link> = self.atoms.iter().skip(1).map(|atom| atom.link).collect();
        if let [Link::Near(_) | Link::Wide] = links.as_slice() {
            for list in &mut lists {
                list.sort_unstable();
            }
        }
        let of = |list| Combination {
            concepts: list,
            links: links.clone(),
            absent: [self.absent_near.clone(), self.absent.clone()],
        };
        lists.into_iter().map(of).collect()
    }

    /// Returns whether some of what meets the pattern may lie in the newest message.
    pub(super) fn may_touch_newest(&self, reading: &Reading) -> bool {
        let mut concepts = self.atoms.iter().flat_map(|atom| &atom.concepts);
        concepts.any(|concept| reading.has_in_newest(*concept))
    }

    /// Returns whether each part of the pattern is among the concepts that are `found`.
    pub(super) fn may_be_met(&self, found: impl Fn(usize) -> bool) -> bool {
        self.atoms.iter().all(|atom| atom.concepts.iter().any(|concept| found(*concept)))
    }

    /// Calls `seen` with every way the pattern is met in `reading`, until `seen` has had enough.
    pub(super) fn find(
        &self,
        reading: &Reading,
        seen: &mut dyn FnMut(&[Occurrence]) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let is_possible = self.may_be_met(|concept| reading.has(concept));
        if !is_possible || self.absent.iter().any(|concept| reading.has(*concept)) {
            return ControlFlow::Continue(());
        }
        let mut chosen = Vec::with_capacity(self.atoms.len());
        for head in self.atoms.first().iter().flat_map(|atom| &atom.concepts) {
            for occurrence in reading.affirmed(*head) {
                chosen.push(*occurrence);
                self.extend(reading, &mut chosen, seen)?;
                chosen.pop();
            }
        }
        ControlFlow::Continue(())
    }

    fn extend(
        &self,
        reading: &Reading,
        chosen: &mut Vec<Occurrence>,
        seen: &mut dyn FnMut(&[Occurrence]) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(atom) = self.atoms.get(chosen.len()) else {
            let is_excluded = self.absent_near.iter().any(|c| reading.in_sentences_of(*c, chosen));
            return if is_excluded { ControlFlow::Continue(()) } else { seen(chosen) };
        };
        let previous = chosen[chosen.len() - 1];
        for concept in &atom.concepts {
            for next in reading.near(*concept, previous, atom.link.reach()).take(CHOICES) {
                let in_order =
                    !matches!(atom.link, Link::Before(_)) || next.first() >= previous.last();
                let same_place = next.first() == previous.first() && next.last() == previous.last();
                if in_order && !same_place {
                    chosen.push(next);
                    self.extend(reading, chosen, seen)?;
                    chosen.pop();
                }
            }
        }
        ControlFlow::Continue(())
    }
}

impl Link {
    fn reach(self) -> usize {
        match self {
            Self::Near(reach) | Self::Before(reach) => reach,
            Self::Wide => WIDE,
        }
    }
}

fn reach(text: &str) -> Result<usize, String> {
    let words: usize = text.parse().map_err(|_| format!("\"{text}\" is not a number of words"))?;
    Ok(words.min(40) * 2)
}

fn concepts(word: &str, lexicon: &Lexicon) -> Result<Vec<usize>, String> {
    word.split('|')
        .map(|name| lexicon.concept(name).ok_or_else(|| format!("no concept is called \"{name}\"")))
        .collect()
}
