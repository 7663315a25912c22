//! Golden questions: what must be found, what must be said, what must not.

use serde::Deserialize;

use super::{Problem, toml_file};
use crate::id::{ArticleId, DrugId, TopicId};
use crate::text::Lang;

/// A golden question with its expectations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// File under `knowledge/` that it stands in.
    pub path: String,
    /// Its line there.
    pub line: u32,
    /// The visitor's message.
    pub ask: String,
    /// Earlier messages of the same session.
    pub before: Vec<String>,
    /// Drug of the page that the visitor is on.
    pub page: Option<DrugId>,
    /// The visitor's region.
    pub region: Option<String>,
    /// What is expected.
    pub expected: Expected,
    /// Whether a miss stops publishing.
    pub must: bool,
}

impl Question {
    /// What stands in place of the file of a question that a visitor asked.
    pub const SESSION_LOG: &str = "session log";

    /// Returns a visitor's message as a question of which nothing is expected.
    pub fn of_visitor(ask: String) -> Self {
        Self {
            path: Self::SESSION_LOG.to_owned(),
            line: 0,
            ask,
            before: Vec::new(),
            page: None,
            region: None,
            expected: Expected::default(),
            must: false,
        }
    }
}

/// What the answer to a golden question must be like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Kind of the answer.
    pub kind: String,
    /// Language of the answer.
    pub lang: Option<Lang>,
    /// The one drug that quotes may be about.
    pub drug: Option<DrugId>,
    /// A topic the answer must name.
    pub topic: Option<TopicId>,
    /// An article that must be quoted.
    pub article: Option<ArticleId>,
    /// Texts that must stand in some quote.
    pub quote_contains: Vec<String>,
    /// Texts that may stand in no quote.
    pub forbidden: Vec<String>,
    /// Disclaimers that must be there.
    pub disclaimers: Vec<String>,
    /// State of the hand-off.
    pub handoff: Option<String>,
    /// Whether sources must be shown to disagree.
    pub conflict: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    #[serde(default)]
    question: Vec<toml::Spanned<Row>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    ask: String,
    lang: Option<Lang>,
    #[serde(default)]
    before: Vec<String>,
    page: Option<DrugId>,
    region: Option<String>,
    #[serde(default = "answer")]
    kind: String,
    drug: Option<DrugId>,
    topic: Option<TopicId>,
    article: Option<ArticleId>,
    #[serde(default)]
    quote_contains: Vec<String>,
    #[serde(default)]
    forbidden: Vec<String>,
    #[serde(default)]
    disclaimers: Vec<String>,
    handoff: Option<String>,
    conflict: Option<bool>,
    #[serde(default)]
    must: bool,
}

fn answer() -> String {
    "answer".to_owned()
}

impl Question {
    pub(super) fn parse_file(path: &str, text: &str, problems: &mut Vec<Problem>) -> Vec<Self> {
        let Some(file) = toml_file::parse::<QuestionFile>(path, text, problems) else {
            return Vec::new();
        };
        file.question
            .into_iter()
            .map(|row| {
                let line = toml_file::line_at(text, row.span().start);
                Self::from_row(path, line, row.into_inner())
            })
            .collect()
    }

    fn from_row(path: &str, line: u32, row: Row) -> Self {
        Self {
            path: path.to_owned(),
            line,
            ask: row.ask,
            before: row.before,
            page: row.page,
            region: row.region,
            must: row.must,
            expected: Expected {
                kind: row.kind,
                lang: row.lang,
                drug: row.drug,
                topic: row.topic,
                article: row.article,
                quote_contains: row.quote_contains,
                forbidden: row.forbidden,
                disclaimers: row.disclaimers,
                handoff: row.handoff,
                conflict: row.conflict,
            },
        }
    }
}
