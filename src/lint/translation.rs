//! English and Chinese versions of one article, compared: figures, negations, front matter, age.
//!
//! They are compared as finely as they stand side by side: line by line where both have the same
//! lines, else passage by passage where both have as many passages, else as wholes, and then only
//! what the Chinese version says must be in the English one.

use std::ops::Range;

use super::coverage::counterpart;
use super::quantity::{self, Quantity};
use super::{line_of, path_of};
use crate::knowledge::{Article, Code, Knowledge, Passage, Problem};
use crate::text::Lang;

/// Words that forbid or deny, in an English text that is padded with spaces.
const ENGLISH_NO: &[&str] = &[
    " not ",
    " never ",
    " no ",
    " cannot ",
    "n't ",
    " without ",
    " nor ",
    " contraindicated",
    " avoid",
    " unknown",
    " none ",
];
/// What may stand for a denial in English.
const ENGLISH_HINTS: &[&str] = &[
    " un",
    " non",
    "less ",
    " only ",
    " stop",
    " except",
    " rather ",
    " instead",
    " free ",
    " lack",
    " fail",
    " miss",
    " until ",
    " rare",
    " few",
    " neither ",
    " absen",
    " other than",
    " outside",
    " before ",
    " away ",
    " against ",
    " forbid",
    " exclu",
    " ir",
    " im",
    " in",
    " refus",
    " interrupt",
    " keep out",
    " apart",
    " deni",
    " dis",
    " too ",
    " off ",
    " leave",
    " skip",
    " end",
    " pause",
    " hold",
    " withdr",
    " protect",
    " prevent",
    " prescription only",
];
/// Words that forbid or deny in Chinese.
const CHINESE_NO: &[&str] = &["不", "未", "没有", "没", "勿", "禁", "避免", "无法", "无需", "并非"];
/// Chinese words that hold a denying character and deny nothing in a comparison: 'adverse',
/// 'different', 'unchanged', 'soon', 'future', 'contraindication'.
const HARMLESS: &[&str] = &["不良", "不同", "不变", "不久", "未来", "禁忌"];
/// What may stand for a denial in Chinese.
const CHINESE_HINTS: &[&str] = &[
    "不", "未", "没", "勿", "禁", "避免", "无", "非", "否", "忌", "只", "仅", "除", "停", "缺",
    "漏", "防", "以外", "之外", "免", "失", "别", "才", "直到", "前", "罕", "少", "远离", "拒",
    "难", "中断", "暂",
];

/// A stretch of text of both versions that says the same.
struct Pair {
    english: Range<usize>,
    chinese: Range<usize>,
    /// Whether each figure of the one must be in the other; else only of the Chinese.
    is_whole: bool,
    /// Whether it is short enough for its negations to be compared.
    is_short: bool,
}

pub(super) fn report(knowledge: &Knowledge, problems: &mut Vec<Problem>) {
    for english in knowledge.articles.iter().filter(|article| article.lang == Lang::En) {
        let id = counterpart(english);
        let Some(chinese) = knowledge.article(&id.as_str().into()) else { continue };
        if chinese.lang != Lang::Zh {
            continue;
        }
        front_matter(english, chinese, problems);
        if !english.is_quotable() || !chinese.is_quotable() {
            continue;
        }
        for pair in pairs(english, chinese) {
            figures(english, chinese, &pair, problems);
            if pair.is_short {
                problems.extend(negations(english, chinese, &pair));
            }
        }
    }
}

fn front_matter(english: &Article, chinese: &Article, problems: &mut Vec<Problem>) {
    let mut older_first = [english, chinese];
    older_first.sort_by_key(|article| article.reviewed);
    let [older, newer] = older_first;
    if older.reviewed < newer.reviewed {
        problems.push(Problem::warning(
            Code::OutdatedTranslation,
            &path_of(older),
            line_of(older, "reviewed"),
            format!(
                "reviewed on {}, the version {} on {}",
                older.reviewed,
                path_of(newer),
                newer.reviewed
            ),
            "compare the two, take over what has changed, and set `reviewed`",
        ));
    }
    let differs = [
        ("drug", english.drug != chinese.drug),
        ("topic", english.topic != chinese.topic),
        ("markets", english.markets != chinese.markets),
        ("audience", english.audience != chinese.audience),
        ("status", english.status != chinese.status),
        ("rank", english.rank != chinese.rank),
    ];
    for (key, _) in differs.into_iter().filter(|(_, differs)| *differs) {
        problems.push(Problem::warning(
            Code::TranslatedFrontMatter,
            &path_of(chinese),
            line_of(chinese, key),
            format!("`{key}` differs from that of {}", path_of(english)),
            "make both equal, else they are found, ranked and marked differently",
        ));
    }
}

fn pairs(english: &Article, chinese: &Article) -> Vec<Pair> {
    let whole = |article: &Article| {
        let spans = || article.passages.iter().map(Passage::span);
        let start = spans().map(|span| span.start).min().unwrap_or_default();
        start..spans().map(|span| span.end).max().unwrap_or_default()
    };
    if english.passages.len() != chinese.passages.len() {
        let (english, chinese) = (whole(english), whole(chinese));
        return vec![Pair { english, chinese, is_whole: false, is_short: false }];
    }
    let both = english.passages.iter().zip(&chinese.passages);
    both.flat_map(|(a, b)| {
        let lines = |text: &str, span: Range<usize>| -> Vec<Range<usize>> {
            let mut at = span.start;
            let lines = text[span].split_inclusive('\n').map(|line| {
                at += line.len();
                at - line.len()..at
            });
            lines.filter(|range| !text[range.clone()].trim().is_empty()).collect()
        };
        let (own, theirs) = (lines(&english.text, a.span()), lines(&chinese.text, b.span()));
        if own.len() != theirs.len() {
            let (english, chinese) = (a.span(), b.span());
            return vec![Pair { english, chinese, is_whole: true, is_short: true }];
        }
        let lines = own.into_iter().zip(theirs);
        lines
            .map(|(english, chinese)| Pair { english, chinese, is_whole: true, is_short: true })
            .collect()
    })
    .collect()
}

fn figures(english: &Article, chinese: &Article, pair: &Pair, problems: &mut Vec<Problem>) {
    let own = quantity::read(&chinese.text[pair.chinese.clone()]);
    let theirs = quantity::read(&english.text[pair.english.clone()]);
    let (own, theirs) = ((chinese, &pair.chinese, &own[..]), (english, &pair.english, &theirs[..]));
    let lost = missing(own, theirs);
    problems.extend(lost.or_else(|| pair.is_whole.then(|| missing(theirs, own)).flatten()));
}

type Side<'a> = (&'a Article, &'a Range<usize>, &'a [Quantity]);

/// Reports the first figure of one side that the other does not have.
fn missing(here: Side<'_>, there: Side<'_>) -> Option<Problem> {
    let ((article, span, own), (other, place, theirs)) = (here, there);
    let is_lost = |quantity: &&Quantity| {
        quantity.is_figure && !theirs.iter().any(|other| quantity.matches(other))
    };
    let lost = own.iter().find(is_lost)?;
    let line = other.text[..place.start].matches('\n').count() + 1;
    let place = format!("{}:{line}", path_of(other));
    let message = match theirs.iter().find(|other| other.same_number(lost)) {
        Some(other) => format!("{} here, {} in {place}", lost.written, other.written),
        None => format!("{} is not in {place}", lost.written),
    };
    let hint = "compare both versions with the source, and correct the one that is wrong";
    let problem = Problem::warning(Code::TranslatedFigure, &path_of(article), 0, message, hint);
    Some(problem.at(&article.text, span.start + lost.range.start..span.start + lost.range.end))
}

fn negations(english: &Article, chinese: &Article, pair: &Pair) -> Option<Problem> {
    let own = &chinese.text[pair.chinese.clone()];
    let letters = english.text[pair.english.clone()].to_lowercase();
    let spaced: String =
        letters.chars().map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' }).collect();
    let theirs = format!(" {} ", spaced.split_whitespace().collect::<Vec<_>>().join(" "));
    let own = HARMLESS.iter().fold(own.to_owned(), |own, word| own.replace(word, ""));
    let own = own.as_str();
    let has = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    let (denying, there) = if has(&theirs, ENGLISH_NO) && !has(own, CHINESE_HINTS) {
        (english, chinese)
    } else if has(own, CHINESE_NO) && !has(&theirs, ENGLISH_NO) && !has(&theirs, ENGLISH_HINTS) {
        (chinese, english)
    } else {
        return None;
    };
    let (span, place) = match denying.lang {
        Lang::En => (&pair.english, &pair.chinese),
        Lang::Zh => (&pair.chinese, &pair.english),
    };
    let line = there.text[..place.start].matches('\n').count() + 1;
    let message = format!("forbids or denies something; {}:{line} does not", path_of(there));
    let hint = "compare both versions with the source: a lost 'not' turns advice round";
    let problem = Problem::warning(Code::TranslatedNegation, &path_of(denying), 0, message, hint);
    Some(problem.at(&denying.text, span.start..span.end))
}
