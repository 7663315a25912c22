//! What the pages ask of a knowledge base: which articles stand where, in which language, and under
//! which address.

use crate::id::ArticleId;
use crate::knowledge::{Article, Category, Drug, Knowledge};
use crate::text::Lang;

use super::html::encode;
use super::words::{self, Words};

/// The shelves, in the order in which they are listed.
pub(super) const CATEGORIES: [Category; 4] =
    [Category::Antitumor, Category::Biological, Category::Antiviral, Category::General];

/// The order in which a drug's topics are listed; others follow by title.
const TOPICS: [&str; 16] = [
    "overview",
    "indications",
    "administration",
    "side-effects",
    "precautions",
    "contraindications",
    "interactions",
    "pregnancy",
    "special-groups",
    "missed-dose",
    "dose-adjustment",
    "monitoring",
    "storage",
    "overdose",
    "status",
    "purchase",
];

/// Returns the name of a shelf in addresses.
pub(super) fn category_slug(category: Category) -> &'static str {
    match category {
        Category::Antitumor => "antitumor",
        Category::General => "general",
        Category::Antiviral => "antiviral",
        Category::Biological => "biological",
    }
}

/// Returns the name of a shelf.
pub(super) fn category_name(category: Category, words: &'static Words) -> &'static str {
    match category {
        Category::Antitumor => words.antitumor,
        Category::General => words.general_drugs,
        Category::Antiviral => words.antiviral,
        Category::Biological => words.biological,
    }
}

/// Returns the name to show for a drug.
pub(super) fn drug_name(drug: &Drug, lang: Lang) -> String {
    let name = match lang {
        Lang::Zh => drug.names.zh.first().unwrap_or(&drug.name),
        Lang::En => &drug.name,
    };
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Returns an address below `/knowledge/` for a reader of `lang`, where the page's own is `own`.
fn address(path: &str, own: Lang, lang: Lang) -> String {
    let wish = if own == lang { String::new() } else { format!("?lang={}", lang.tag()) };
    format!("/knowledge/{}{wish}", encode(path))
}

/// Returns the address of a list page, such as `drugs/opicapone/`.
pub(super) fn page_address(path: &str, lang: Lang) -> String {
    address(path, Lang::En, lang)
}

/// Returns the address of an article.
pub(super) fn article_address(article: &Article, lang: Lang) -> String {
    address(article.id.as_str(), article.lang, lang)
}

/// Returns the address of a drug's page.
pub(super) fn drug_address(drug: &Drug, lang: Lang) -> String {
    page_address(&format!("drugs/{}/", drug.id), lang)
}

/// Returns the same article in the other language, when it may be read.
pub(super) fn counterpart<'a>(knowledge: &'a Knowledge, article: &Article) -> Option<&'a Article> {
    let id = article.id.as_str();
    let other = id.strip_suffix(".zh").map_or_else(|| format!("{id}.zh"), str::to_owned);
    let found = knowledge.article(&ArticleId::from(other));
    found.filter(|found| found.is_quotable() && found.lang == words::other(article.lang))
}

/// Returns whether `article` is the one to list for readers of `lang`: each article once, in their
/// language where it exists; what is in Chinese alone is not listed for English readers.
fn is_listed(knowledge: &Knowledge, article: &Article, lang: Lang) -> bool {
    let is_translation = article.id.as_str().strip_suffix(".zh").is_some();
    article.is_quotable()
        && (article.lang == lang || (!is_translation && counterpart(knowledge, article).is_none()))
}

/// A drug's articles: our own by topic, then what others published.
pub(super) struct Topics<'a> {
    pub(super) own: Vec<&'a Article>,
    pub(super) others: Vec<&'a Article>,
}

/// Returns the articles about a drug for readers of `lang`.
pub(super) fn topics<'a>(knowledge: &'a Knowledge, drug: &Drug, lang: Lang) -> Topics<'a> {
    let about = knowledge.articles_about(&drug.id).map(|(_, article)| article);
    let (mut own, others): (Vec<_>, Vec<_>) = about
        .filter(|article| is_listed(knowledge, article, lang))
        .partition(|article| is_main(article));
    own.sort_by_key(|article| {
        let topic = article.topic.as_ref().map_or("", |topic| topic.as_str());
        (TOPICS.iter().position(|known| *known == topic).unwrap_or(TOPICS.len()), &article.title)
    });
    Topics { own, others }
}

/// Returns whether an article is the main one on its topic: it bears the topic's name.
fn is_main(article: &Article) -> bool {
    let name = article.id.as_str().trim_end_matches(".zh").rsplit('/').next();
    article.topic.as_ref().is_some_and(|topic| Some(topic.as_str()) == name)
}

/// Returns the name of an article in a list of its drug's articles.
pub(super) fn topic_name<'a>(
    knowledge: &'a Knowledge,
    article: &'a Article,
    lang: Lang,
) -> &'a str {
    let topic = article.topic.as_ref().filter(|_| is_main(article));
    let label = topic.and_then(|topic| knowledge.lexicon.topic(topic));
    label.map_or(article.title.as_str(), |topic| topic.label.get(lang).as_str())
}

/// Returns the articles of a folder, such as `services/`, for readers of `lang`.
pub(super) fn folder<'a>(knowledge: &'a Knowledge, folder: &str, lang: Lang) -> Vec<&'a Article> {
    let inside = knowledge.all_articles().filter(|article| article.id.as_str().starts_with(folder));
    inside.filter(|article| is_listed(knowledge, article, lang)).collect()
}

/// Returns drugs by name.
pub(super) fn by_name<'a>(drugs: impl Iterator<Item = &'a Drug>) -> Vec<&'a Drug> {
    let mut drugs: Vec<&Drug> = drugs.collect();
    drugs.sort_by_key(|drug| drug.name.to_lowercase());
    drugs
}
