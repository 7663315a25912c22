//! What is missing: topics that every medicine needs, and articles in the other language.

use std::collections::BTreeSet;

use super::text_of;
use crate::id::{DrugId, TopicId};
use crate::knowledge::{Article, Code, File, Knowledge, Problem, Rank};
use crate::text::Lang;

pub(super) fn report(knowledge: &Knowledge, files: &[File], problems: &mut Vec<Problem>) {
    for drug in &knowledge.drugs {
        let path = format!("drugs/{}/drug.toml", drug.id);
        let articles: Vec<&Article> =
            knowledge.articles_about(&drug.id).map(|(_, article)| article).collect();
        if articles.is_empty() {
            continue;
        }
        let required = knowledge.lexicon.topics.iter().filter(|(_, topic)| topic.required);
        let covered = topics(&articles, |_| true);
        for (key, _) in required.filter(|(key, _)| !covered.contains(key)) {
            problems.push(Problem::warning(
                Code::MissingTopic,
                &path,
                line_of_name(text_of(files, &path)),
                format!("no published passage of \"{}\" is about \"{key}\"", drug.id),
                "write the article from an official source; if none says anything, write that",
            ));
        }
        problems.extend(untranslated(&drug.id, &path, &articles, files));
    }
    for article in knowledge.articles.iter().filter(|article| article.drug.is_none()) {
        let other = counterpart(article);
        if article.is_quotable() && knowledge.article(&other.as_str().into()).is_none() {
            problems.push(Problem::warning(
                Code::MissingTranslation,
                &super::path_of(article),
                super::line_of(article, "lang"),
                format!("there is no version in the other language, {other}.md"),
                "translate it, and let a second person compare the two",
            ));
        }
    }
}

/// Returns the id of the version of `article` in the other language.
pub(super) fn counterpart(article: &Article) -> String {
    let id = article.id.as_str();
    match article.lang {
        Lang::En => format!("{id}.zh"),
        Lang::Zh => id.strip_suffix(".zh").unwrap_or(id).to_owned(),
    }
}

/// Reports the topics that a medicine has in one language only, in one finding for each language.
fn untranslated(drug: &DrugId, path: &str, articles: &[&Article], files: &[File]) -> Vec<Problem> {
    // Official labels and what others published stay in their own language.
    let is_ours = |article: &&Article| article.rank == Rank::Reference;
    let ours: Vec<&Article> = articles.iter().copied().filter(is_ours).collect();
    let languages = [(Lang::En, Lang::Zh, "Chinese"), (Lang::Zh, Lang::En, "English")];
    let missing = languages.into_iter().filter_map(|(here, other, name)| {
        let there = topics(&ours, |article| article.lang == other);
        let here = ours.iter().filter(|article| article.lang == here);
        let own: BTreeSet<&TopicId> = here.filter_map(|article| article.topic.as_ref()).collect();
        let missing: Vec<&str> =
            own.into_iter().filter(|topic| !there.contains(topic)).map(TopicId::as_str).collect();
        (!missing.is_empty()).then(|| {
            Problem::warning(
                Code::MissingTranslation,
                path,
                line_of_name(text_of(files, path)),
                format!("\"{drug}\" has nothing in {name} on {}", missing.join(", ")),
                "translate the articles, and let a second person compare the two",
            )
        })
    });
    missing.collect()
}

/// Returns the topics of the passages of those articles that `wanted` picks.
fn topics<'a>(
    articles: &[&'a Article],
    wanted: impl Fn(&Article) -> bool,
) -> BTreeSet<&'a TopicId> {
    let wanted = articles.iter().filter(|article| wanted(article));
    wanted.flat_map(|article| &article.passages).flat_map(|passage| &*passage.topics).collect()
}

fn line_of_name(text: &str) -> u32 {
    let at = text.lines().position(|line| line.trim_start().starts_with("name ")).unwrap_or(0);
    u32::try_from(at + 1).unwrap_or(1)
}
