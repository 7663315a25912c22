//! Search over all articles, on the index that answers are found with. It says which words were
//! found nowhere, and a search that sounds like an emergency gets the emergency card first.

use std::collections::HashSet;

use super::html::{Html, encode};
use super::layout::Page;
use super::words::{self, Words};
use super::{markdown, shelf};
use crate::alarm::Alarm;
use crate::knowledge::{Article, Knowledge, Passage};
use crate::text::{self, Lang, Word};

/// Longest snippet, in characters; Chinese says twice as much in one.
const SNIPPET: usize = 260;
/// Characters before the first word that was searched for.
const LEAD: usize = 60;

/// What a search found.
pub(super) struct Found<'a> {
    /// What was searched for.
    pub(super) query: &'a str,
    /// Passages, best first.
    pub(super) hits: Vec<(&'a Article, &'a Passage)>,
    /// How the words were judged.
    pub(super) alarm: Option<Alarm>,
}

/// Returns the page of a search.
pub(super) fn page(knowledge: &Knowledge, found: &Found<'_>, lang: Lang) -> Page {
    let words = words::of(lang);
    let path = "search";
    let mut page = Page::unlisted(path, words.search_title, lang);
    let query = encode(found.query).replace('/', "%2F");
    page.switch = format!("/knowledge/search?q={query}&lang={}", words::other(lang).tag());
    found.query.clone_into(&mut page.query);
    let html = &mut page.main;
    html.element("h1", &[], words.search_title);
    if let Some(alarm) = &found.alarm {
        card(html, alarm, words);
    }
    let asked: Vec<String> = text::search_terms(&text::fold(found.query));
    let asked: HashSet<String> = asked.into_iter().collect();
    if found.query.trim().is_empty() {
        html.element("p", &[], words.search_hint);
        return page;
    }
    if found.hits.is_empty() {
        html.element("p", &[("class", "notice")], words.nothing);
        html.element("p", &[], words.search_hint);
        return page;
    }
    html.markup("<p class=\"soft\">")
        .text(words.results_for)
        .markup(" “")
        .text(found.query)
        .markup("”</p>\n");
    let missing = missing(knowledge, found);
    if !missing.is_empty() {
        html.open("p", &[("class", "notice")]).text(words.missing).markup(" ");
        html.text(&missing.join(", ")).markup("</p>\n");
    }
    html.markup("<ol class=\"results\">\n");
    for (article, passage) in &found.hits {
        result(html, article, passage, &asked, lang);
    }
    html.close("ol");
    page
}

fn result(
    html: &mut Html,
    article: &Article,
    passage: &Passage,
    asked: &HashSet<String>,
    lang: Lang,
) {
    let tag = words::tag(article.lang);
    let anchor = encode(&article.anchor(passage));
    let address = format!("{}#{anchor}", shelf::article_address(article, lang));
    html.open("li", &[("lang", tag)]).open("h2", &[]).open("a", &[("href", &address)]);
    html.text(&article.title).markup("</a>").close("h2");
    let path = article.headings(passage);
    if !path.is_empty() {
        html.element("p", &[("class", "path")], &path.join(" › "));
    }
    html.markup("<p>");
    snippet(html, &markdown::plain(article.passage_text(passage)), asked);
    html.markup("</p>\n").open("p", &[("class", "path")]).text(&article.source).markup(" · ");
    html.open("span", &[("lang", words::tag(lang))]).text(&words::day(article.reviewed, lang));
    html.markup("</span></p>").close("li");
}

/// Adds the part of `plain` where the first of the words stands, with all of them marked.
fn snippet(html: &mut Html, plain: &str, asked: &HashSet<String>) {
    let pieces = pieces(plain, asked);
    let before: usize =
        pieces.iter().take_while(|(_, marked)| !marked).map(|(text, _)| text.chars().count()).sum();
    let skipped = if before > LEAD && plain.chars().count() > SNIPPET { before - LEAD } else { 0 };
    if skipped > 0 {
        html.markup("… ");
    }
    let (mut at, mut shown, mut whole) = (0, 0, true);
    for (piece, marked) in pieces {
        let length = piece.chars().count();
        let part: String = piece
            .chars()
            .skip(usize::saturating_sub(skipped, at))
            .take(usize::saturating_sub(SNIPPET, shown))
            .collect();
        at += length;
        shown += part.chars().map(|c| if text::is_han(c) { 2 } else { 1 }).sum::<usize>();
        whole &= at <= skipped || part.chars().count() == length || shown < SNIPPET;
        match (part.is_empty(), marked) {
            (true, _) => {}
            (false, true) => {
                html.markup("<mark>").text(&part).markup("</mark>");
            }
            (false, false) => {
                html.text(&part);
            }
        }
    }
    if !whole {
        html.markup(" …");
    }
}

/// Cuts a text into stretches that are among the words and stretches that are not.
fn pieces<'a>(plain: &'a str, asked: &HashSet<String>) -> Vec<(&'a str, bool)> {
    let mut pieces: Vec<(&str, bool)> = Vec::new();
    let mut rest = plain;
    while let Some(first) = rest.chars().next() {
        let kind = |c: char| (text::is_han(c), c.is_alphanumeric());
        let end = rest.find(|c| kind(c) != kind(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        if text::is_han(first) {
            pieces.extend(han_pieces(run, asked));
        } else {
            let terms = text::search_terms(&text::fold(run));
            pieces.push((run, terms.iter().any(|term| asked.contains(term))));
        }
    }
    pieces
}

fn han_pieces<'a>(run: &'a str, asked: &HashSet<String>) -> Vec<(&'a str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = run;
    while !rest.is_empty() {
        let length = |count: usize| rest.char_indices().nth(count).map_or(rest.len(), |(at, _)| at);
        let pair = &rest[..length(2)];
        let is_asked = asked.contains(pair);
        let (piece, after) = rest.split_at(if is_asked { pair.len() } else { length(1) });
        pieces.push((piece, is_asked));
        rest = after;
    }
    pieces
}

/// Returns the words of the query that no passage found holds, as they were written.
fn missing(knowledge: &Knowledge, found: &Found<'_>) -> Vec<String> {
    let mut held: HashSet<String> = HashSet::new();
    for (article, passage) in &found.hits {
        let drug = article.drug.as_ref().and_then(|drug| knowledge.drug(drug));
        let names = drug.iter().flat_map(|drug| drug.all_names());
        let headings = article.headings(passage);
        let texts = [article.title.as_str(), article.passage_text(passage)];
        for part in texts.into_iter().chain(headings).chain(names) {
            held.extend(text::search_terms(&text::fold(part)));
        }
    }
    let folded = text::fold(found.query);
    let words = text::words(&folded).filter_map(|word| match word {
        Word::Latin(word) | Word::Han(word) => {
            let terms = text::search_terms(word);
            let nowhere = !terms.is_empty() && !terms.iter().any(|term| held.contains(term));
            nowhere.then(|| word.to_owned())
        }
    });
    words.collect()
}

/// The emergency card: whom to call, and what to do meanwhile.
fn card(html: &mut Html, alarm: &Alarm, words: &Words) {
    let Some(card) = alarm.card.as_ref().filter(|_| alarm.is_priority()) else { return };
    html.markup("<section class=\"emergency\" role=\"alert\">\n").element("p", &[], &card.text);
    for step in &card.steps {
        html.element("p", &[], step);
    }
    for call in &card.calls {
        let address = format!("tel:{}", encode(&call.number));
        html.markup("<p>").open("a", &[("class", "primary"), ("href", &address)]);
        html.text(&format!("{} {} · {}", words.call, call.number, call.label)).markup("</a></p>\n");
    }
    html.close("section");
}
