//! Cross-references: whatever one file says about another must be there.

use std::collections::{BTreeMap, HashSet};

use super::{Code, Knowledge, Problem};
use crate::id::{ArticleId, DrugId, TopicId};

/// Kinds of answer that a golden question may expect.
const KINDS: [&str; 6] = ["answer", "clarify", "not_found", "urgent", "service", "smalltalk"];

/// Canned replies and disclaimers without which the server has no words.
const REQUIRED_REPLIES: [&str; 6] =
    ["not_found", "which_drug", "not_covered", "person_unavailable", "too_long", "failed"];

/// Reports references that lead nowhere.
pub(super) fn references(knowledge: &Knowledge, problems: &mut Vec<Problem>) {
    duplicates(knowledge, problems);
    articles(knowledge, problems);
    drugs(knowledge, problems);
    questions(knowledge, problems);
    policy(knowledge, problems);
}

fn duplicates(knowledge: &Knowledge, problems: &mut Vec<Problem>) {
    let mut by_folded_id: BTreeMap<String, &ArticleId> = BTreeMap::new();
    let mut by_text: BTreeMap<&str, &ArticleId> = BTreeMap::new();
    for article in &knowledge.articles {
        let folded = article.id.as_str().to_lowercase();
        if let Some(first) = by_folded_id.insert(folded, &article.id) {
            problems.push(Problem::error(
                Code::DuplicateId,
                &path_of(&article.id),
                0,
                format!("duplicate id: differs from \"{first}\" only in upper and lower case"),
                "rename one of the two files",
            ));
        }
        if let Some(first) = by_text.insert(&article.version, &article.id) {
            problems.push(Problem::error(
                Code::Duplicate,
                &path_of(&article.id),
                0,
                format!("duplicate of \"{first}\", byte for byte"),
                "delete one of the two files",
            ));
        }
    }
    let mut owners: BTreeMap<String, &DrugId> = BTreeMap::new();
    for drug in &knowledge.drugs {
        for name in drug.all_names() {
            let owner = owners.entry(crate::text::fold(name)).or_insert(&drug.id);
            if **owner != drug.id {
                problems.push(Problem::error(
                    Code::SharedName,
                    &drug_path(&drug.id),
                    0,
                    format!("the name \"{name}\" also belongs to \"{owner}\""),
                    "a name must lead to one drug; keep it with the right one",
                ));
            }
        }
    }
}

fn articles(knowledge: &Knowledge, problems: &mut Vec<Problem>) {
    for article in &knowledge.articles {
        let path = path_of(&article.id);
        if let Some(drug) = &article.drug {
            known_drug(knowledge, drug, &path, line_of(&article.text, "drug:"), problems);
            let folder = article.id.as_str().split('/').nth(1).unwrap_or_default();
            if article.id.as_str().starts_with("drugs/") && folder != drug.as_str() {
                problems.push(Problem::error(
                    Code::WrongFolder,
                    &path,
                    line_of(&article.text, "drug:"),
                    format!(
                        "the article stands in the folder of \"{folder}\" but is about \"{drug}\""
                    ),
                    "move the file, or correct `drug`",
                ));
            }
        } else if article.id.as_str().starts_with("drugs/") {
            problems.push(Problem::error(
                Code::WrongFolder,
                &path,
                1,
                "an article under drugs/ must name its `drug`",
                "add the folder's name as `drug: …`",
            ));
        }
        if let Some(topic) = &article.topic {
            known_topic(knowledge, topic, &path, line_of(&article.text, "topic:"), problems);
        }
        for related in &article.related {
            if knowledge.article(related).is_none() {
                problems.push(Problem::error(
                    Code::UnknownArticle,
                    &path,
                    line_of(&article.text, "related:"),
                    format!("related article \"{related}\" does not exist"),
                    "give its path under knowledge/ without .md",
                ));
            }
        }
        dates(article, &path, problems);
    }
}

fn dates(article: &super::Article, path: &str, problems: &mut Vec<Problem>) {
    if article.reviewed < article.published {
        problems.push(Problem::error(
            Code::DateOrder,
            path,
            line_of(&article.text, "reviewed:"),
            format!(
                "reviewed ({}) before it was published ({})",
                article.reviewed, article.published
            ),
            "correct the dates",
        ));
    }
    if article.review_by.is_some_and(|due| due < article.reviewed) {
        problems.push(Problem::error(
            Code::DateOrder,
            path,
            line_of(&article.text, "review_by:"),
            "review_by lies before reviewed",
            "set the day by which it must be checked again",
        ));
    }
}

fn drugs(knowledge: &Knowledge, problems: &mut Vec<Problem>) {
    for drug in &knowledge.drugs {
        let path = drug_path(&drug.id);
        for symptom in &drug.warning_symptoms {
            let source = symptom.source.strip_prefix("drugs/").unwrap_or(&symptom.source);
            if knowledge.article(&ArticleId::from(format!("drugs/{source}"))).is_none() {
                problems.push(Problem::error(
                    Code::UnknownArticle,
                    &path,
                    0,
                    format!(
                        "warning symptom \"{}\" names a source that does not exist: \"{source}\"",
                        symptom.id
                    ),
                    "name the article that says so, for example \"ibuprofen/side-effects\"",
                ));
            }
        }
    }
}

fn questions(knowledge: &Knowledge, problems: &mut Vec<Problem>) {
    for question in &knowledge.questions {
        let expected = &question.expected;
        let mut error = |message: String, hint: &str| {
            problems.push(Problem::error(
                Code::GoldenQuestion,
                &question.path,
                question.line,
                message,
                hint,
            ));
        };
        if !KINDS.contains(&expected.kind.as_str()) {
            error(
                format!("unknown kind \"{}\"", expected.kind),
                "write answer, clarify, not_found, urgent, service or smalltalk",
            );
        }
        for drug in expected.drug.iter().chain(&question.page) {
            if knowledge.drug(drug).is_none() {
                error(format!("unknown drug \"{drug}\""), "use the name of a folder under drugs/");
            }
        }
        if let Some(topic) =
            expected.topic.as_ref().filter(|topic| knowledge.lexicon.topic(topic).is_none())
        {
            error(format!("unknown topic \"{topic}\""), "use a key of lexicon/topics.toml");
        }
        if let Some(article) =
            expected.article.as_ref().filter(|id| knowledge.article(id).is_none())
        {
            error(
                format!("unknown article \"{article}\""),
                "give its path under knowledge/ without .md",
            );
        }
        for id in &expected.disclaimers {
            if !knowledge.policy.disclaimers.iter().any(|disclaimer| &disclaimer.id == id) {
                error(
                    format!("unknown disclaimer \"{id}\""),
                    "use an id of policy/disclaimers.toml",
                );
            }
        }
        if expected
            .handoff
            .as_deref()
            .is_some_and(|state| !["none", "offered", "recommended", "urgent"].contains(&state))
        {
            error(
                "unknown hand-off state".to_owned(),
                "write none, offered, recommended or urgent",
            );
        }
    }
}

fn policy(knowledge: &Knowledge, problems: &mut Vec<Problem>) {
    for key in REQUIRED_REPLIES {
        if knowledge.policy.reply(key).is_none() {
            problems.push(Problem::error(
                Code::CannedText,
                "policy/replies.toml",
                0,
                format!("the reply [{key}] is missing"),
                "the server has no words without it; add text.en and text.zh",
            ));
        }
    }
    let unconditional =
        |d: &&super::Disclaimer| d.kinds.is_empty() && d.topics.is_empty() && d.audience.is_none();
    if !knowledge.policy.disclaimers.iter().filter(unconditional).any(|d| d.id == "emergency") {
        problems.push(Problem::error(
            Code::CannedText,
            "policy/disclaimers.toml",
            0,
            "the disclaimer \"emergency\" without conditions is missing",
            "every answer must carry it",
        ));
    }
    let mut ids = HashSet::new();
    for disclaimer in &knowledge.policy.disclaimers {
        if !ids.insert(&disclaimer.id) {
            problems.push(Problem::error(
                Code::CannedText,
                "policy/disclaimers.toml",
                0,
                format!("two disclaimers are called \"{}\"", disclaimer.id),
                "rename one",
            ));
        }
        for topic in &disclaimer.topics {
            known_topic(knowledge, topic, "policy/disclaimers.toml", 0, problems);
        }
    }
}

fn known_drug(
    knowledge: &Knowledge,
    drug: &DrugId,
    path: &str,
    line: u32,
    problems: &mut Vec<Problem>,
) {
    if knowledge.drug(drug).is_none() {
        problems.push(Problem::error(
            Code::UnknownDrug,
            path,
            line,
            format!("unknown drug \"{drug}\""),
            format!("add drugs/{drug}/drug.toml, or use the name of a folder under drugs/"),
        ));
    }
}

fn known_topic(
    knowledge: &Knowledge,
    topic: &TopicId,
    path: &str,
    line: u32,
    problems: &mut Vec<Problem>,
) {
    if knowledge.lexicon.topic(topic).is_none() {
        let known: Vec<&str> = knowledge.lexicon.topics.keys().map(TopicId::as_str).collect();
        problems.push(Problem::error(
            Code::UnknownTopic,
            path,
            line,
            format!("unknown topic \"{topic}\""),
            format!("known topics: {}", known.join(", ")),
        ));
    }
}

fn path_of(id: &ArticleId) -> String {
    format!("{id}.md")
}

fn drug_path(id: &DrugId) -> String {
    format!("drugs/{id}/drug.toml")
}

/// Returns the line of the file that starts with `key`; 1 when none does.
fn line_of(text: &str, key: &str) -> u32 {
    let at = text.lines().position(|line| line.starts_with(key));
    at.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(1)
}
