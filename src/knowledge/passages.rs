//! Passages: the text under one heading, the unit that is found and quoted.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::{Code, Problem, borders};
use crate::id::TopicId;

/// Names the passage above an article's first heading.
const INTRODUCTION: &str = "introduction";

/// The text under one heading of an article, quoted whole. There may be very many: words are not
/// kept but where they stand, and [`Article`](super::Article) reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Where the text stands in the article's file, without blank lines at its ends.
    text: Span,
    /// Which of the article's headings it stands under, counted from 1; 0 for the introduction.
    heading: u32,
    /// What its anchor ends in, when an earlier passage has a heading of the same words; else 0.
    repetition: u32,
    /// Topics of this passage: the article's, and those that its headings name.
    pub topics: Arc<[TopicId]>,
}

impl Passage {
    /// Returns where the text stands in the article's file, in bytes, without blank lines at its
    /// ends.
    pub fn span(&self) -> Range<usize> {
        self.text.range()
    }
}

/// A heading of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Heading {
    /// Where its words stand in the article's file.
    words: Span,
    /// The heading that it stands under, counted from 1; 0 for none.
    above: u32,
}

/// A place in the file of an article, in bytes; files of knowledge are far below 4 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn new(range: Range<usize>) -> Self {
        let narrow = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: narrow(range.start), end: narrow(range.end) }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The headings of an article, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Headings(Box<[Heading]>);

impl Headings {
    /// Returns the headings of a passage of the article with this text, from the top down.
    pub(super) fn path<'a>(&self, passage: &Passage, text: &'a str) -> Vec<&'a str> {
        let above = |heading: &&Heading| self.get(heading.above);
        let upwards = std::iter::successors(self.get(passage.heading), above);
        let mut path: Vec<&str> = upwards.map(|heading| heading.words_in(text)).collect();
        path.reverse();
        path
    }

    /// Returns the heading right above a passage; `None` for the introduction.
    pub(super) fn last<'a>(&self, passage: &Passage, text: &'a str) -> Option<&'a str> {
        self.get(passage.heading).map(|heading| heading.words_in(text))
    }

    /// Returns the name of a passage within its article.
    pub(super) fn anchor(&self, passage: &Passage, text: &str) -> String {
        anchor(self.last(passage, text).unwrap_or(INTRODUCTION), passage.repetition)
    }

    fn get(&self, number: u32) -> Option<&Heading> {
        number.checked_sub(1).map(|at| &self.0[at as usize])
    }
}

impl Heading {
    fn words_in<'a>(&self, text: &'a str) -> &'a str {
        &text[self.words.range()]
    }
}

/// Returns the anchor of a passage under a heading of these words.
fn anchor(words: &str, repetition: u32) -> String {
    let base = crate::text::fold(words).replace(' ', "-");
    if repetition == 0 { base } else { format!("{base}-{repetition}") }
}

/// Cuts the body of an article (from `body_start` on) at its `#` headings.
pub(super) fn cut(
    path: &str,
    text: &str,
    body_start: usize,
    problems: &mut Vec<Problem>,
) -> (Headings, Box<[Passage]>) {
    let mut cutter = Cutter { text, ..Cutter::default() };
    let mut passage_start = body_start;
    let mut last_heading: Option<(u32, usize)> = None;
    let mut in_code_fence = false;
    let mut at = body_start;
    let mut line_number = newlines(&text[..body_start]);
    for line in text[body_start..].split_inclusive('\n') {
        line_number += 1;
        let line_start = at;
        at += line.len();
        in_code_fence ^= is_fence(line.trim_start());
        let Some((level, words)) = heading(line).filter(|_| !in_code_fence) else { continue };
        let empty = !cutter.close(passage_start..line_start);
        report_empty(path, empty, last_heading, Some(level), problems);
        if words.is_empty() {
            problems.push(Problem::error(
                Code::EmptySection,
                path,
                line_number,
                "a heading has no words",
                "give the heading a title, or remove the line",
            ));
        }
        cutter.enter(level, line_start + words.start..line_start + words.end);
        last_heading = Some((line_number, level));
        passage_start = at;
    }
    let empty = !cutter.close(passage_start..text.len());
    report_empty(path, empty, last_heading, None, problems);
    let (mut first_line, mut counted) = (1, 0);
    for passage in &cutter.passages {
        let span = passage.span();
        first_line += newlines(&text[counted..span.start]);
        counted = span.start;
        borders::report(path, &text[span], first_line, problems);
    }
    (Headings(cutter.headings.into()), cutter.passages.into())
}

/// A heading without text is fine only when a deeper heading follows at once.
fn report_empty(
    path: &str,
    empty: bool,
    heading: Option<(u32, usize)>,
    next_level: Option<usize>,
    problems: &mut Vec<Problem>,
) {
    let Some((line, level)) = heading.filter(|_| empty) else { return };
    if next_level.is_none_or(|next| next <= level) {
        problems.push(Problem::error(
            Code::EmptySection,
            path,
            line,
            "this section is empty",
            "write its text, or remove the heading",
        ));
    }
}

/// Returns whether a line opens or closes a block of code.
pub(super) fn is_fence(line: &str) -> bool {
    line.starts_with("```") || line.starts_with("~~~")
}

#[derive(Default)]
struct Cutter<'a> {
    text: &'a str,
    /// The headings that are open, each with its level.
    open: Vec<(usize, u32)>,
    headings: Vec<Heading>,
    passages: Vec<Passage>,
    /// Anchors that are taken, each with the number that the next of its name begins to try.
    anchors: HashMap<String, u32>,
}

impl Cutter<'_> {
    fn enter(&mut self, level: usize, words: Range<usize>) {
        self.open.retain(|(open_level, _)| *open_level < level);
        let above = self.under();
        self.headings.push(Heading { words: Span::new(words), above });
        self.open.push((level, u32::try_from(self.headings.len()).unwrap_or(u32::MAX)));
    }

    /// Returns the number of the heading that text would now stand under.
    fn under(&self) -> u32 {
        self.open.last().map_or(0, |(_, heading)| *heading)
    }

    /// Ends the passage at `range`; returns whether it has text.
    fn close(&mut self, range: Range<usize>) -> bool {
        let span = trim(self.text, range);
        if span.is_empty() {
            return false;
        }
        let heading = self.under();
        let last = heading.checked_sub(1).map(|at| &self.headings[at as usize]);
        let words = last.map_or(INTRODUCTION, |heading| heading.words_in(self.text));
        let repetition = self.repetition(words);
        let text = Span::new(span);
        self.passages.push(Passage { text, heading, repetition, topics: Arc::default() });
        true
    }

    /// Returns the number that tells the anchor of a passage from those before it; 0 for none.
    fn repetition(&mut self, words: &str) -> u32 {
        let base = anchor(words, 0);
        let mut next = self.anchors.get(&base).copied().unwrap_or(1);
        let (mut number, mut name) = (0, base.clone());
        while self.anchors.contains_key(&name) {
            (number, name) = (next, anchor(words, next));
            next += 1;
        }
        self.anchors.insert(name, 2);
        self.anchors.insert(base, next.max(2));
        number
    }
}

/// Returns the level of a heading, and where in its line its words stand.
fn heading(line: &str) -> Option<(usize, Range<usize>)> {
    let level = line.bytes().take_while(|&byte| byte == b'#').count();
    let rest = &line[level..];
    let is_heading = (1..=6).contains(&level) && rest.starts_with([' ', '\t', '\r', '\n']);
    let start = line.len() - rest.trim_start().len();
    let words = rest.trim().trim_end_matches('#').trim_end();
    is_heading.then(|| (level, start..start + words.len()))
}

fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    // Leading spaces of the first line stay, they may be an indented list; blank lines go.
    let blank = inner.len() - inner.trim_start().len();
    let line_start = inner[..blank].rfind('\n').map_or(0, |newline| newline + 1);
    let trimmed = inner[line_start..].trim_end();
    let start = range.start + line_start;
    if trimmed.trim().is_empty() { start..start } else { start..start + trimmed.len() }
}

fn newlines(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|&byte| byte == b'\n').count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headings_and_texts(text: &str) -> Vec<(String, &str)> {
        let (headings, passages) = cut("a.md", text, 0, &mut Vec::new());
        let found = passages
            .iter()
            .map(|passage| (headings.path(passage, text).join(" > "), &text[passage.span()]));
        found.collect()
    }

    #[test]
    fn text_is_cut_at_headings() {
        let text =
            "Intro.\n\n## One\n\nFirst.\n\n- a\n- b\n\n### Deep\nInner.\n## Two ##\r\nLast.\r\n";
        let expected = [
            ("", "Intro."),
            ("One", "First.\n\n- a\n- b"),
            ("One > Deep", "Inner."),
            ("Two", "Last."),
        ];
        let found = headings_and_texts(text);
        assert_eq!(found.iter().map(|(h, t)| (h.as_str(), *t)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn hashes_in_code_and_words_are_text() {
        let text = "## Real\n```\n# not a heading\n```\n#hashtag\n";
        assert_eq!(headings_and_texts(text).len(), 1);
    }

    #[test]
    fn empty_sections_are_reported_with_their_line() {
        let mut problems = Vec::new();
        cut("a.md", "## Empty\n\n## Group\n### Child\ntext\n## Last\n", 0, &mut problems);
        let lines: Vec<u32> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [1, 6]);
    }

    #[test]
    fn equal_headings_get_their_own_anchors() {
        let text = "## A b\nx\n## A b\ny\n## A b 2\nz\n## A b\nz\n## A b\nz\n";
        let (headings, passages) = cut("a.md", text, 0, &mut Vec::new());
        let anchors: Vec<String> =
            passages.iter().map(|passage| headings.anchor(passage, text)).collect();
        assert_eq!(anchors, ["a-b", "a-b-2", "a-b-2-2", "a-b-3", "a-b-4"]);
    }

    /// A block of an article that must never be cut, or a heading.
    fn block() -> impl Strategy<Value = String> {
        let word = "[a-z]{1,8}( [a-zA-Z#|.:-]{1,6}){0,4}";
        let list = prop::collection::vec("[-*] [a-z #]{1,12}", 1..5);
        let table = prop::collection::vec("[|] [a-z#]{1,8} [|] [0-9]{1,3}% [|]", 1..5);
        prop_oneof![
            4 => word.prop_map(|text| format!("{text}.")),
            2 => list.prop_map(|items| format!("It may be:\n\n{}", items.join("\n"))),
            2 => table.prop_map(|rows| format!("Shares:\n\n| a | b |\n|---|---|\n{}", rows.join("\n"))),
            1 => "[a-z\n]{1,20}".prop_map(|code| format!("```\n# {code}\n```")),
            1 => "[a-z\n]{1,20}".prop_map(|code| format!("~~~\n## {code}\n~~~")),
            3 => "#{1,4} [A-Z][a-z ]{1,12}".prop_map(|heading| heading.trim_end().to_owned()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_sentence_list_or_table_is_ever_cut(blocks in prop::collection::vec(block(), 1..12)) {
            let text = blocks.join("\n\n");
            let (_, passages) = cut("a.md", &text, 0, &mut Vec::new());
            let mut at = 0;
            for block in blocks.iter().filter(|block| !block.trim().is_empty()) {
                let start = at + text[at..].find(block.as_str()).unwrap();
                at = start + block.len();
                let (from, to) = (start, start + block.trim_end().len());
                let whole = passages.iter().filter(|p| p.span().start <= from && to <= p.span().end);
                let touched = passages.iter().filter(|p| p.span().start < to && from < p.span().end);
                let expected = usize::from(heading(block).is_none());
                prop_assert_eq!(whole.count(), expected, "{:?} in {:?}", block, text);
                prop_assert_eq!(touched.count(), expected, "{:?} in {:?}", block, text);
            }
        }
    }
}
