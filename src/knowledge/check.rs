//! Cross-references: whatever one file says about another must be there.

use std::collections::{BTreeMap, HashSet};

use super::{Code, Disclaimer, Knowledge, Problem, Severity};
use crate::id::{ArticleId, DrugId, TopicId};

/// Kinds of answer that a golden question may expect.
const KINDS: [&str; 6] = ["answer", "clarify", "not_found", "urgent", "service", "smalltalk"];

/// Canned replies and disclaimers without which the server has no words.
const REQUIRED_REPLIES: [&str; 6] =
    ["not_found", "which_drug", "not_covered", "person_unavailable", "too_long", "failed"];

/// Reports references that lead nowhere. What stands in a file that has an error itself may be
/// there: only that error is reported.
pub(super) fn references(knowledge: &Knowledge, problems: &mut Vec<Problem>) {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    let faulty: HashSet<String> = errors.map(|problem| problem.path.clone()).collect();
    let known = Known { knowledge, faulty };
    duplicates(knowledge, problems);
    articles(&known, problems);
    drugs(&known, problems);
    questions(&known, problems);
    policy(&known, problems);
}

/// What there is to refer to.
struct Known<'a> {
    knowledge: &'a Knowledge,
    /// Paths of the files with errors, of which only a part was read, or nothing.
    faulty: HashSet<String>,
}

impl Known<'_> {
    fn drug(&self, id: &DrugId) -> bool {
        self.knowledge.drug(id).is_some() || self.faulty.contains(&drug_path(id))
    }

    fn topic(&self, id: &TopicId) -> bool {
        self.knowledge.lexicon.topic(id).is_some() || self.faulty.contains("lexicon/topics.toml")
    }

    fn article(&self, id: &ArticleId) -> bool {
        self.knowledge.article(id).is_some() || self.faulty.contains(&path_of(id))
    }

    fn reply(&self, key: &str) -> bool {
        self.knowledge.policy.reply(key).is_some() || self.faulty.contains("policy/replies.toml")
    }

    fn disclaimer(&self, is_meant: impl Fn(&Disclaimer) -> bool) -> bool {
        self.knowledge.policy.disclaimers.iter().any(is_meant)
            || self.faulty.contains("policy/disclaimers.toml")
    }
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

fn articles(known: &Known<'_>, problems: &mut Vec<Problem>) {
    for article in &known.knowledge.articles {
        let path = path_of(&article.id);
        if let Some(drug) = &article.drug {
            known_drug(known, drug, &path, line_of(&article.text, "drug:"), problems);
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
            known_topic(known, topic, &path, line_of(&article.text, "topic:"), problems);
        }
        for related in &article.related {
            if !known.article(related) {
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

fn drugs(known: &Known<'_>, problems: &mut Vec<Problem>) {
    for drug in &known.knowledge.drugs {
        let path = drug_path(&drug.id);
        for symptom in &drug.warning_symptoms {
            let source = symptom.source.strip_prefix("drugs/").unwrap_or(&symptom.source);
            if !known.article(&ArticleId::from(format!("drugs/{source}"))) {
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

fn questions(known: &Known<'_>, problems: &mut Vec<Problem>) {
    for question in &known.knowledge.questions {
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
            if !known.drug(drug) {
                error(format!("unknown drug \"{drug}\""), "use the name of a folder under drugs/");
            }
        }
        if let Some(topic) = expected.topic.as_ref().filter(|topic| !known.topic(topic)) {
            error(format!("unknown topic \"{topic}\""), "use a key of lexicon/topics.toml");
        }
        if let Some(article) = expected.article.as_ref().filter(|id| !known.article(id)) {
            error(
                format!("unknown article \"{article}\""),
                "give its path under knowledge/ without .md",
            );
        }
        for id in &expected.disclaimers {
            if !known.disclaimer(|disclaimer| &disclaimer.id == id) {
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

fn policy(known: &Known<'_>, problems: &mut Vec<Problem>) {
    for key in REQUIRED_REPLIES {
        if !known.reply(key) {
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
        |d: &Disclaimer| d.kinds.is_empty() && d.topics.is_empty() && d.audience.is_none();
    if !known.disclaimer(|d| d.id == "emergency" && unconditional(d)) {
        problems.push(Problem::error(
            Code::CannedText,
            "policy/disclaimers.toml",
            0,
            "the disclaimer \"emergency\" without conditions is missing",
            "every answer must carry it",
        ));
    }
    let mut ids = HashSet::new();
    for disclaimer in &known.knowledge.policy.disclaimers {
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
            known_topic(known, topic, "policy/disclaimers.toml", 0, problems);
        }
    }
}

fn known_drug(
    known: &Known<'_>,
    drug: &DrugId,
    path: &str,
    line: u32,
    problems: &mut Vec<Problem>,
) {
    if !known.drug(drug) {
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
    known: &Known<'_>,
    topic: &TopicId,
    path: &str,
    line: u32,
    problems: &mut Vec<Problem>,
) {
    if !known.topic(topic) {
        let topics = known.knowledge.lexicon.topics.keys();
        let topics: Vec<&str> = topics.map(TopicId::as_str).collect();
        problems.push(Problem::error(
            Code::UnknownTopic,
            path,
            line,
            format!("unknown topic \"{topic}\""),
            format!("known topics: {}", topics.join(", ")),
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
