//! The page of one article: every passage under its anchor, where it comes from and how old it is.

use super::html::Html;
use super::layout::Page;
use super::words::{self, Words};
use super::{markdown, shelf};
use crate::knowledge::{Article, Audience, Drug, Facts, Knowledge, Passage};
use crate::text::Lang;
use crate::time::Date;

/// Most characters of the description for search engines.
const DESCRIPTION: usize = 155;
/// From so many headings on there is a table of contents.
const CONTENTS: usize = 4;

/// Returns the page of `article` for a reader of `lang`.
pub(super) fn page(knowledge: &Knowledge, article: &Article, lang: Lang, today: Date) -> Page {
    let words = words::of(lang);
    let drug = article.drug.as_ref().and_then(|drug| knowledge.drug(drug));
    let counterpart = shelf::counterpart(knowledge, article);
    let both = [Some(article), counterpart].into_iter().flatten();
    let alternates =
        both.map(|article| (article.lang, shelf::article_address(article, article.lang)));
    let other = words::other(lang);
    let first =
        article.passages.first().map(|passage| markdown::plain(article.passage_text(passage)));
    Page {
        lang,
        title: article.title.clone(),
        description: first.unwrap_or_default().chars().take(DESCRIPTION).collect(),
        canonical: Some(shelf::article_address(article, article.lang)),
        alternates: alternates.collect(),
        switch: shelf::article_address(counterpart.unwrap_or(article), other),
        query: String::new(),
        drug: drug.map(|drug| drug.id.to_string()),
        main: main(knowledge, article, drug, lang, today),
        aside: drug
            .map_or_else(Html::default, |drug| beside(knowledge, drug, Some(article), lang, words)),
    }
}

fn main(
    knowledge: &Knowledge,
    article: &Article,
    drug: Option<&Drug>,
    lang: Lang,
    today: Date,
) -> Html {
    let words = words::of(lang);
    let own = [("lang", words::tag(article.lang))];
    let mut html = Html::default();
    crumbs(&mut html, drug, lang, words);
    html.open("article", &[]).element("h1", &own, &article.title);
    if article.lang != lang {
        html.element("p", &[("class", "notice")], words.only_other);
    }
    let due = knowledge.review_due(article);
    if due < today {
        html.open("p", &[("class", "notice stale")]).text(words.overdue).markup(" ");
        html.text(words.review_by).markup(": ").text(&words::day(due, lang)).markup("</p>\n");
    }
    if let Some(drug) = drug {
        boxed_warning(&mut html, knowledge, drug, lang, words);
    }
    contents(&mut html, article, words);
    html.open("div", &[("class", "article-body"), own[0]]);
    passages(&mut html, article, lang, words);
    html.close("div");
    origin(&mut html, knowledge, article, lang, words);
    disclaimers(&mut html, knowledge, article, lang, due < today);
    related(&mut html, knowledge, article, lang, words);
    html.close("article");
    html
}

/// The way from the list of all medicines to here.
pub(super) fn crumbs(html: &mut Html, drug: Option<&Drug>, lang: Lang, words: &'static Words) {
    html.open("nav", &[("class", "crumbs"), ("aria-label", words.crumbs)]).markup("<ol>");
    let mut entry = |address: &str, name: &str| {
        html.markup("<li>").element("a", &[("href", address)], name).markup("</li>");
    };
    entry(&shelf::page_address("", lang), words.home);
    if let Some(drug) = drug {
        let shelf = format!("category/{}/", shelf::category_slug(drug.category));
        entry(&shelf::page_address(&shelf, lang), shelf::category_name(drug.category, words));
        entry(&shelf::drug_address(drug, lang), &shelf::drug_name(drug, lang));
    }
    html.markup("</ol>").close("nav");
}

/// The subjects of the label's boxed warning; the articles say more.
pub(super) fn boxed_warning(
    html: &mut Html,
    knowledge: &Knowledge,
    drug: &Drug,
    lang: Lang,
    words: &Words,
) {
    if drug.boxed_warning.is_empty() {
        return;
    }
    html.open("section", &[("class", "boxed"), ("aria-labelledby", "_boxed")]);
    html.element("h2", &[("id", "_boxed")], words.boxed).open("ul", &[("lang", "en")]);
    for subject in &drug.boxed_warning {
        html.element("li", &[], subject);
    }
    html.close("ul");
    let topics = shelf::topics(knowledge, drug, lang);
    let is_precautions = |article: &&&Article| {
        article.topic.as_ref().is_some_and(|topic| topic.as_str() == "precautions")
    };
    if let Some(article) = topics.own.iter().find(is_precautions) {
        let address = shelf::article_address(article, lang);
        html.markup("<p>").element("a", &[("href", &address)], words.boxed_more).markup("</p>");
    }
    html.close("section");
}

/// What an article says before its first heading.
pub(super) fn introduction(html: &mut Html, article: &Article, words: &Words) {
    let Some(first) = article.passages.first().filter(|first| headings(article, first).is_empty())
    else {
        return;
    };
    html.open("div", &[("lang", words::tag(article.lang))]);
    markdown::render(html, article.passage_text(first), words.table);
    html.close("div");
}

/// Returns a passage's headings below the article's title.
fn headings<'a>(article: &'a Article, passage: &Passage) -> Vec<&'a str> {
    let mut path = article.headings(passage);
    path.retain(|heading| *heading != article.title);
    path
}

fn contents(html: &mut Html, article: &Article, words: &Words) {
    let named = article.passages.iter().filter(|passage| headings(article, passage).len() == 1);
    let named: Vec<&Passage> = named.collect();
    if named.len() < CONTENTS {
        return;
    }
    html.open("nav", &[("class", "contents"), ("aria-labelledby", "_contents")]);
    html.element("h2", &[("id", "_contents")], words.contents);
    html.open("ul", &[("lang", words::tag(article.lang))]);
    for passage in named {
        let address = format!("#{}", super::html::encode(&article.anchor(passage)));
        let name = headings(article, passage).last().copied().unwrap_or_default().to_owned();
        html.markup("<li>").element("a", &[("href", &address)], &name).markup("</li>");
    }
    html.close("ul").close("nav");
}

/// Every passage under its anchor; headings that it shares with the one before are not repeated.
fn passages(html: &mut Html, article: &Article, lang: Lang, words: &Words) {
    let mut open: Vec<&str> = Vec::new();
    for passage in &article.passages {
        let path = headings(article, passage);
        let shared = path.iter().zip(&open).take_while(|(new, old)| new == old).count();
        let shared = if shared == path.len() { shared.saturating_sub(1) } else { shared };
        let anchor = article.anchor(passage);
        html.open("section", &[("class", "passage"), ("id", &anchor)]);
        for (depth, heading) in path.iter().enumerate().skip(shared) {
            let tag = ["h2", "h3", "h4"][depth.min(2)];
            html.open(tag, &[]).text(heading);
            if depth + 1 == path.len() {
                permalink(html, &anchor, heading, lang, words);
            }
            html.close(tag);
        }
        markdown::render(html, article.passage_text(passage), words.table);
        html.close("section");
        open = path;
    }
}

fn permalink(html: &mut Html, anchor: &str, heading: &str, lang: Lang, words: &Words) {
    let address = format!("#{}", super::html::encode(anchor));
    let name = format!("{} {heading}", words.link_to);
    let attributes = [
        ("class", "permalink"),
        ("href", address.as_str()),
        ("aria-label", name.as_str()),
        ("lang", words::tag(lang)),
    ];
    html.markup(" ").open("a", &attributes).markup("#</a>");
}

fn origin(html: &mut Html, knowledge: &Knowledge, article: &Article, lang: Lang, words: &Words) {
    html.markup("<dl class=\"origin\">\n");
    let mut fact = |name: &str, value: &dyn Fn(&mut Html)| {
        html.markup("<div>").element("dt", &[], name).markup("<dd>");
        value(html);
        html.markup("</dd></div>\n");
    };
    let text = |text: String| {
        move |html: &mut Html| {
            html.text(&text);
        }
    };
    fact(words.source, &|html| {
        html.open("span", &[("lang", words::tag(article.lang))])
            .text(&article.source)
            .markup("</span>");
        if let Some(address) = &article.source_url {
            html.markup(" ").outside(address, words.source_page);
        }
    });
    if let Some(label) = &article.label {
        let version = label.version.map(|version| format!(" v{version}")).unwrap_or_default();
        let day = label.effective.map(|day| format!(", {}", words::day(day, lang)));
        fact(words.label, &text(format!("{}{version}{}", label.set_id, day.unwrap_or_default())));
    }
    fact(words.published, &text(words::day(article.published, lang)));
    fact(words.reviewed, &text(words::day(article.reviewed, lang)));
    fact(words.review_by, &text(words::day(knowledge.review_due(article), lang)));
    let everywhere = words.everywhere.to_owned();
    let markets = if article.markets.is_empty() { everywhere } else { article.markets.join(", ") };
    fact(words.markets, &text(markets));
    let audience = match article.audience {
        Audience::Public => words.public,
        Audience::Professional => words.professional,
    };
    fact(words.audience, &text(audience.to_owned()));
    let version = article.version.trim_start_matches("sha256:").chars().take(12).collect();
    fact(words.version, &text(version));
    html.close("dl");
}

/// The editors' disclaimers that belong to what the article is about; the general ones end the page.
fn disclaimers(html: &mut Html, knowledge: &Knowledge, article: &Article, lang: Lang, stale: bool) {
    let topics: Vec<_> = article.topic.iter().cloned().collect();
    let professional = article.audience == Audience::Professional;
    let facts = Facts { kind: "answer", topics: &topics, professional, stale, ..Facts::default() };
    let is_own = |id: &str| !matches!(id, "general" | "not-reviewed" | "emergency");
    let all = knowledge.policy.disclaimers.iter();
    let applying: Vec<_> = all.filter(|found| is_own(&found.id) && found.applies(&facts)).collect();
    if applying.is_empty() {
        return;
    }
    html.open("section", &[("class", "notes"), ("aria-labelledby", "_notes")]);
    html.element("h2", &[("id", "_notes")], words::of(lang).notes);
    for disclaimer in applying {
        html.element("p", &[], disclaimer.text.get(lang));
    }
    html.close("section");
}

fn related(html: &mut Html, knowledge: &Knowledge, article: &Article, lang: Lang, words: &Words) {
    let readable = |id| knowledge.article(id).filter(|found: &&Article| found.is_quotable());
    let found: Vec<&Article> = article.related.iter().filter_map(readable).collect();
    if found.is_empty() {
        return;
    }
    html.open("section", &[("class", "related"), ("aria-labelledby", "_related")]);
    html.element("h2", &[("id", "_related")], words.related).markup("<ul>\n");
    for article in found {
        let own = shelf::counterpart(knowledge, article).filter(|other| other.lang == lang);
        list_entry(html, own.unwrap_or(article), None, lang);
    }
    html.close("ul").close("section");
}

/// One article in a list, under its title or under `name` in the reader's language.
pub(super) fn list_entry(html: &mut Html, article: &Article, name: Option<&str>, lang: Lang) {
    let address = shelf::article_address(article, lang);
    let tag = words::tag(if name.is_some() { lang } else { article.lang });
    let text = name.unwrap_or(&article.title);
    html.markup("<li>").element("a", &[("href", &address), ("lang", tag)], text).markup("</li>\n");
}

/// The drug's other articles, beside the text.
pub(super) fn beside(
    knowledge: &Knowledge,
    drug: &Drug,
    current: Option<&Article>,
    lang: Lang,
    words: &Words,
) -> Html {
    let mut html = Html::default();
    let topics = shelf::topics(knowledge, drug, lang);
    html.open("nav", &[("class", "topics"), ("aria-label", words.topics)]);
    let address = shelf::drug_address(drug, lang);
    html.markup("<p>")
        .element("a", &[("href", &address)], &shelf::drug_name(drug, lang))
        .markup("</p>\n<ul>\n");
    for article in topics.own.iter().chain(&topics.others) {
        let address = shelf::article_address(article, lang);
        let name = shelf::topic_name(knowledge, article, lang);
        let tag = if name == article.title { words::tag(article.lang) } else { words::tag(lang) };
        let mut attributes = vec![("href", address.as_str()), ("lang", tag)];
        if current.is_some_and(|current| current.id == article.id) {
            attributes.push(("aria-current", "page"));
        }
        html.markup("<li>").element("a", &attributes, name).markup("</li>\n");
    }
    html.close("ul").close("nav");
    html
}
