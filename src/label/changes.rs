//! What a new version of a label changes: section by section, word by word, and which articles of
//! ours were written from an older one.

use std::collections::HashSet;

use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::knowledge::{Article, Knowledge};

/// Sections count as one that was rewritten when they share this part of their words.
const ALIKE: f64 = 0.6;
/// Most sections compared each with each.
const MAX_COMPARED: usize = 300;

/// A section as it was imported: a passage of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectionText {
    /// Headings down to it.
    pub path: Vec<String>,
    /// Its text, as Markdown.
    pub text: String,
}

/// What became of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// Only in the new version.
    Added(SectionText),
    /// Only in the old version.
    Removed(SectionText),
    /// In both, with other words.
    Changed {
        /// Headings in the new version.
        path: Vec<String>,
        /// Old and new words, in reading order.
        words: Vec<Word>,
    },
}

/// A run of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// In which version it stands.
    pub change: WordChange,
    /// The words, with a space between them.
    pub text: String,
}

/// Where words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WordChange {
    /// In both versions.
    Same,
    /// Only in the old one.
    Removed,
    /// Only in the new one.
    Added,
}

/// Returns the sections of imported articles, in order.
pub fn sections_of<'a>(articles: impl IntoIterator<Item = &'a Article>) -> Vec<SectionText> {
    let of = |article: &Article| -> Vec<SectionText> {
        let section = |passage: &crate::knowledge::Passage| SectionText {
            path: article.headings(passage).into_iter().map(str::to_owned).collect(),
            text: article.passage_text(passage).to_owned(),
        };
        article.passages.iter().map(section).collect()
    };
    articles.into_iter().flat_map(of).collect()
}

/// Returns the articles that were written from a version of label `set_id` older than `version`.
pub fn written_from<'k>(
    knowledge: &'k Knowledge,
    set_id: &str,
    version: u64,
) -> impl Iterator<Item = &'k Article> {
    knowledge.all_articles().filter(move |article| {
        article.label.as_ref().is_some_and(|label| {
            label.set_id.eq_ignore_ascii_case(set_id)
                && label.version.is_none_or(|old| old < version)
        })
    })
}

/// Compares two versions; sections without a change are left out.
pub fn changes(old: &[SectionText], new: &[SectionText]) -> Vec<Change> {
    let mut left: Vec<&SectionText> = old.iter().collect();
    let mut pairs: Vec<(Option<&SectionText>, &SectionText)> =
        new.iter().map(|section| (None, section)).collect();
    // By heading, then by text (a section that moved), then by likeness (one that was rewritten).
    pair(&mut pairs, &mut left, |a, b| key(a) == key(b));
    pair(&mut pairs, &mut left, |a, b| same_words(&a.text, &b.text));
    if left.len() <= MAX_COMPARED {
        pair(&mut pairs, &mut left, |a, b| likeness(&a.text, &b.text) >= ALIKE);
    }
    let changed = pairs.into_iter().filter_map(|(old, new)| match old {
        None => Some(Change::Added(new.clone())),
        Some(old) if same_words(&old.text, &new.text) => None,
        Some(old) => {
            Some(Change::Changed { path: new.path.clone(), words: words(&old.text, &new.text) })
        }
    });
    changed.chain(left.into_iter().cloned().map(Change::Removed)).collect()
}

fn pair<'a>(
    pairs: &mut [(Option<&'a SectionText>, &'a SectionText)],
    left: &mut Vec<&'a SectionText>,
    belong: impl Fn(&SectionText, &SectionText) -> bool,
) {
    for (old, new) in pairs.iter_mut().filter(|(old, _)| old.is_none()) {
        if let Some(at) = left.iter().position(|candidate| belong(candidate, new)) {
            *old = Some(left.remove(at));
        }
    }
}

/// Headings without their numbers, which move when a section is put in before them.
fn key(section: &SectionText) -> Vec<String> {
    let unnumbered =
        |heading: &String| heading.trim_start_matches(|c: char| !c.is_alphabetic()).to_lowercase();
    section.path.iter().map(unnumbered).collect()
}

fn same_words(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}

/// Returns which part of their different words two texts share.
fn likeness(a: &str, b: &str) -> f64 {
    let [a, b] = [a, b].map(|text| text.split_whitespace().collect::<HashSet<_>>());
    let shared = a.intersection(&b).count();
    let all = a.union(&b).count().max(1);
    #[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
    let share = shared as f64 / all as f64;
    share
}

fn words(old: &str, new: &str) -> Vec<Word> {
    let [old, new] = [old, new].map(|text| text.split_whitespace().collect::<Vec<_>>());
    let mut found = Vec::new();
    let mut push = |change, words: &[&str]| {
        if !words.is_empty() {
            found.push(Word { change, text: words.join(" ") });
        }
    };
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        match op {
            DiffOp::Equal { old_index, len, .. } => {
                push(WordChange::Same, &old[old_index..old_index + len]);
            }
            DiffOp::Delete { old_index, old_len, .. } => {
                push(WordChange::Removed, &old[old_index..old_index + old_len]);
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                push(WordChange::Added, &new[new_index..new_index + new_len]);
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                push(WordChange::Removed, &old[old_index..old_index + old_len]);
                push(WordChange::Added, &new[new_index..new_index + new_len]);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(path: &str, text: &str) -> SectionText {
        SectionText { path: vec![path.to_owned()], text: text.to_owned() }
    }

    #[test]
    fn sections_are_matched_by_heading_text_and_likeness() {
        let old = [
            section("5.1 Liver", "Stop at 3 times the limit."),
            section("5.2 Skin", "Rash was seen."),
            section("7 Others", "Text that moves."),
            section("9 Gone", "No longer there."),
            section("10 Named", "One two three four five six seven eight."),
        ];
        let new = [
            section("5.2 Liver", "Stop at  5 times the limit."),
            section("5.3 Skin", "Rash was\nseen."),
            section("8 Else", "Text that moves."),
            section("5.1 Heart", "Something new."),
            section("10 Renamed", "One two three four five six seven nine."),
        ];
        let found: Vec<String> = changes(&old, &new)
            .iter()
            .map(|change| match change {
                Change::Added(section) => format!("+ {}", section.path[0]),
                Change::Removed(section) => format!("- {}", section.path[0]),
                Change::Changed { path, words } => {
                    let marked = words.iter().map(|word| match word.change {
                        WordChange::Same => "…".to_owned(),
                        WordChange::Removed => format!("-{}", word.text),
                        WordChange::Added => format!("+{}", word.text),
                    });
                    format!("~ {}: {}", path[0], marked.collect::<Vec<_>>().join(" "))
                }
            })
            .collect();
        let expected =
            ["~ 5.2 Liver: … -3 +5 …", "+ 5.1 Heart", "~ 10 Renamed: … -eight. +nine.", "- 9 Gone"];
        assert_eq!(found, expected);
    }
}
