//! Whether passages can be quoted as they are: neither too long nor too short, and with a source
//! for their figures. Canned words make no medical statement, so they have no figures.

use super::{line_of, path_of, quantity, text_of};
use crate::knowledge::{Article, Code, File, Knowledge, Passage, Problem, Rank};
use crate::text;

/// Most words (Latin) or characters (Han) of a passage, tables not counted.
const LONGEST: (usize, usize) = (250, 500);
/// Fewest of either.
const SHORTEST: (usize, usize) = (6, 10);

pub(super) fn report(knowledge: &Knowledge, files: &[File], problems: &mut Vec<Problem>) {
    for article in knowledge.articles.iter().filter(|article| article.is_quotable()) {
        if article.rank != Rank::Label {
            let lengths = article.passages.iter().filter_map(|passage| length(article, passage));
            problems.extend(lengths);
        }
        problems.extend(unsourced(article));
    }
    canned(knowledge, files, problems);
}

fn length(article: &Article, passage: &Passage) -> Option<Problem> {
    let text = article.passage_text(passage);
    let prose = text.lines().filter(|line| !line.trim_start().starts_with('|'));
    let (words, han) = prose.map(measure).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let of = |limits: (usize, usize)| {
        // Per mille of the limit, whichever letters are used.
        words * 1000 / limits.0 + han * 1000 / limits.1
    };
    let has_table = text.lines().any(|line| line.trim_start().starts_with('|'));
    let (code, hint) = if of(LONGEST) > 1000 {
        (Code::TooLong, "cut it with a heading, so that each part answers one question")
    } else if of(SHORTEST) < 1000 && !has_table {
        (Code::TooShort, "complete the sentence, or join it with its neighbour")
    } else {
        return None;
    };
    let size = match (words, han) {
        (words, 0) => format!("{words} words"),
        (0, han) => format!("{han} characters"),
        (words, han) => format!("{han} characters and {words} words"),
    };
    let message = match code {
        Code::TooLong => format!("the passage is too long to be quoted whole: {size}"),
        _ => format!("the passage is too short to be understood alone: {size}"),
    };
    let problem = Problem::warning(code, &path_of(article), 0, message, hint);
    Some(problem.at(&article.text, passage.span()))
}

/// Counts the Latin words and the Han characters of a line.
fn measure(line: &str) -> (usize, usize) {
    let han = line.chars().filter(|&c| text::is_han(c)).count();
    let apart = |c: char| c.is_whitespace() || text::is_han(c);
    let is_word = |word: &&str| word.contains(|c: char| c.is_alphanumeric());
    (line.split(apart).filter(is_word).count(), han)
}

/// Reports an article whose figures nobody can look up.
fn unsourced(article: &Article) -> Option<Problem> {
    let is_dated = article.source.split(|c: char| !c.is_ascii_digit()).any(|part| part.len() == 4);
    if is_dated || article.source_url.is_some() || article.label.is_some() {
        return None;
    }
    let figures = article.passages.iter().flat_map(|passage| {
        let start = passage.span().start;
        let found = quantity::read(article.passage_text(passage));
        let medical = found.into_iter().filter(quantity::Quantity::is_medical);
        medical.map(move |quantity| (start + quantity.range.start, quantity.written))
    });
    let figures: Vec<(usize, String)> = figures.collect();
    let (first, written) = figures.first()?;
    let message = format!(
        "{} figures, the first is {written}, and the source \"{}\" names no document with a date",
        figures.len(),
        article.source
    );
    let hint = "name the document and its date in `source`, or give `label` or `source_url`";
    let line = line_of(article, "source");
    let problem = Problem::warning(Code::UnsourcedFigure, &path_of(article), line, message, hint);
    Some(problem.at(&article.text, *first..first + written.len()))
}

/// Reports doses and shares in the words of the chat itself.
fn canned(knowledge: &Knowledge, files: &[File], problems: &mut Vec<Problem>) {
    let policy = &knowledge.policy;
    let replies = policy.replies.values().map(|reply| ("policy/replies.toml", &reply.text));
    let disclaimers = policy.disclaimers.iter().map(|one| ("policy/disclaimers.toml", &one.text));
    let reasons = policy.handoff.iter().map(|reason| ("policy/hand-off.toml", &reason.text));
    for (path, texts) in replies.chain(disclaimers).chain(reasons) {
        for (_, said) in texts.iter() {
            let figures = quantity::read(said);
            let Some(figure) = figures.iter().find(|quantity| quantity.is_medical()) else {
                continue;
            };
            let message = format!("a figure in canned words: {}", figure.written);
            let hint = "figures belong in an article, with their source";
            let problem = Problem::warning(Code::CannedFigure, path, 0, message, hint);
            let text = text_of(files, path);
            problems.push(match text.find(said.as_str()) {
                Some(at) => problem.at(text, at + figure.range.start..at + figure.range.end),
                None => problem,
            });
        }
    }
}
