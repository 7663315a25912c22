//! The pages that lead to articles: all medicines, one shelf, one medicine; and what stands in
//! place of a page that is not there.

use super::article::{self, list_entry};
use super::html::Html;
use super::layout::Page;
use super::shelf::{self, CATEGORIES};
use super::words::{self, Words};
use crate::knowledge::{Article, Category, Drug, Knowledge};
use crate::text::Lang;
use crate::time::Date;

/// Returns the page of all medicines.
pub(super) fn home(knowledge: &Knowledge, lang: Lang) -> Page {
    let words = words::of(lang);
    let mut page = Page::list("", words.home, lang);
    let html = &mut page.main;
    html.element("h1", &[], words.home);
    section(html, "_categories", words.categories, |html| {
        html.markup("<ul class=\"cards\">\n");
        for category in CATEGORIES {
            let drugs = knowledge.drugs.iter().filter(|drug| drug.category == category).count();
            let path = format!("category/{}/", shelf::category_slug(category));
            html.markup("<li>").open("a", &[("href", &shelf::page_address(&path, lang))]);
            html.element("strong", &[], shelf::category_name(category, words));
            html.element("span", &[("class", "soft")], &format!("{drugs} {}", words.medicines));
            html.markup("</a></li>\n");
        }
        html.close("ul");
    });
    let new = shelf::by_name(knowledge.drugs.iter().filter(|drug| drug.new));
    drug_section(html, "_new", words.new_drugs, &new, lang, words);
    let all = shelf::by_name(knowledge.drugs.iter());
    drug_section(html, "_a-z", words.drugs_a_z, &all, lang, words);
    for (id, name, folder) in
        [("_services", words.services, "services/"), ("_general", words.general, "general/")]
    {
        let articles = shelf::folder(knowledge, folder, lang);
        if !articles.is_empty() {
            section(html, id, name, |html| list(html, &articles, lang));
        }
    }
    page
}

/// Returns the page of one shelf.
pub(super) fn category(knowledge: &Knowledge, category: Category, lang: Lang) -> Page {
    let words = words::of(lang);
    let name = shelf::category_name(category, words);
    let path = format!("category/{}/", shelf::category_slug(category));
    let mut page = Page::list(&path, name, lang);
    article::crumbs(&mut page.main, None, lang, words);
    page.main.element("h1", &[], name);
    let drugs = shelf::by_name(knowledge.drugs.iter().filter(|drug| drug.category == category));
    drug_list(&mut page.main, &drugs, lang, words);
    page
}

/// Returns the page of one medicine.
pub(super) fn drug(knowledge: &Knowledge, drug: &Drug, lang: Lang, today: Date) -> Page {
    let words = words::of(lang);
    let name = shelf::drug_name(drug, lang);
    let mut page = Page::list(&format!("drugs/{}/", drug.id), name.as_str(), lang);
    page.drug = Some(drug.id.to_string());
    page.description = format!("{name}: {}", drug.class);
    let html = &mut page.main;
    article::crumbs(html, Some(drug), lang, words);
    html.element("h1", &[], &name);
    names(html, drug, lang, words);
    let topics = shelf::topics(knowledge, drug, lang);
    if let Some(first) = topics.own.first() {
        article::introduction(html, first, words);
    }
    article::boxed_warning(html, knowledge, drug, lang, words);
    section(html, "_topics", words.topics, |html| {
        html.markup("<ul class=\"cards\">\n");
        for article in &topics.own {
            let address = shelf::article_address(article, lang);
            html.markup("<li>").open("a", &[("href", &address)]);
            html.element("strong", &[], shelf::topic_name(knowledge, article, lang));
            html.element(
                "span",
                &[("class", "soft"), ("lang", words::tag(article.lang))],
                &article.title,
            );
            if knowledge.review_due(article) < today {
                html.element("span", &[("class", "mark")], words.overdue_mark);
            }
            html.markup("</a></li>\n");
        }
        html.close("ul");
    });
    if !topics.others.is_empty() {
        section(html, "_others", words.other_sources, |html| list(html, &topics.others, lang));
    }
    section(html, "_sources", words.sources, |html| sources(html, &topics, words));
    page
}

/// The other names of a drug, and its class.
fn names(html: &mut Html, drug: &Drug, lang: Lang, words: &Words) {
    let english = match lang {
        Lang::En => drug.names.zh.join("、"),
        Lang::Zh => drug.name.clone(),
    };
    html.markup("<dl class=\"origin\">\n");
    let facts = [
        (words.brands, drug.brands.join(", "), "en"),
        (words.other_names, english, words::tag(words::other(lang))),
        (words.class, drug.class.clone(), "en"),
    ];
    for (name, value, tag) in facts.iter().filter(|(_, value, _)| !value.is_empty()) {
        html.markup("<div>")
            .element("dt", &[], name)
            .element("dd", &[("lang", tag)], value)
            .markup("</div>");
    }
    html.close("dl");
}

/// Every source of a drug's articles, once.
fn sources(html: &mut Html, topics: &shelf::Topics<'_>, words: &Words) {
    let mut listed: Vec<(&str, Option<&str>)> = Vec::new();
    html.markup("<ul class=\"sources\">\n");
    for article in topics.own.iter().chain(&topics.others) {
        let source = (&*article.source, article.source_url.as_deref());
        if listed.contains(&source) {
            continue;
        }
        listed.push(source);
        html.open("li", &[("lang", words::tag(article.lang))]).text(source.0);
        if let Some(address) = source.1 {
            html.markup(" ").outside(address, words.source_page);
        }
        html.markup("</li>\n");
    }
    html.close("ul");
}

fn section(html: &mut Html, id: &'static str, name: &str, inner: impl FnOnce(&mut Html)) {
    html.open("section", &[("aria-labelledby", id)]).element("h2", &[("id", id)], name);
    inner(html);
    html.close("section");
}

fn list(html: &mut Html, articles: &[&Article], lang: Lang) {
    html.markup("<ul class=\"list\">\n");
    for article in articles {
        list_entry(html, article, None, lang);
    }
    html.close("ul");
}

fn drug_section(
    html: &mut Html,
    id: &'static str,
    name: &str,
    drugs: &[&Drug],
    lang: Lang,
    words: &Words,
) {
    if !drugs.is_empty() {
        section(html, id, name, |html| drug_list(html, drugs, lang, words));
    }
}

fn drug_list(html: &mut Html, drugs: &[&Drug], lang: Lang, words: &Words) {
    html.markup("<ul class=\"drugs\">\n");
    for drug in drugs {
        let address = shelf::drug_address(drug, lang);
        html.markup("<li>").element("a", &[("href", &address)], &shelf::drug_name(drug, lang));
        let mut more = drug.brands.clone();
        if lang == Lang::Zh {
            more.insert(0, drug.name.clone());
        }
        html.element("span", &[("class", "soft"), ("lang", "en")], &more.join(", "));
        if drug.new {
            html.element("span", &[("class", "mark")], words.is_new);
        }
        html.markup("</li>\n");
    }
    html.close("ul");
}

/// Returns the page that says why there is nothing else to show.
pub(super) fn nothing(text: &'static str, lang: Lang) -> Page {
    let mut page = Page::unlisted("", text, lang);
    page.main.element("h1", &[], text);
    let address = shelf::page_address("", lang);
    page.main
        .markup("<p>")
        .element("a", &[("href", &address)], words::of(lang).home)
        .markup("</p>\n");
    page
}
