//! Articles: what is quoted, with where it comes from and how old it is.

use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::common::Common;
use super::front_matter::{self, Keys};
use super::passages::{self, Headings};
use super::{Code, Lexicon, Passage, Problem, Severity};
use crate::id::{ArticleId, DrugId, TopicId};
use crate::text::Lang;
use crate::time::Date;

/// A Markdown article of the knowledge base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Path under `knowledge/` without `.md`.
    pub id: ArticleId,
    /// Title, without the markup of the body.
    pub title: String,
    /// The drug it is about; `None` for services and general articles.
    pub drug: Option<DrugId>,
    /// Its topic; `None` when it spans several and its headings decide.
    pub topic: Option<TopicId>,
    /// Language it is written in.
    pub lang: Lang,
    /// Who says so.
    pub source: Arc<str>,
    /// Where the source can be read.
    pub source_url: Option<Arc<str>>,
    /// Day of publication.
    pub published: Date,
    /// Day on which it was last checked against its source.
    pub reviewed: Date,
    /// Day by which it must be checked again; `None` leaves it to the topic's interval.
    pub review_by: Option<Date>,
    /// Markets it holds for, such as `US`; empty means everywhere.
    pub markets: Arc<[String]>,
    /// Who it is written for.
    pub audience: Audience,
    /// Whether it may be quoted.
    pub status: Status,
    /// Who wins when sources disagree.
    pub rank: Rank,
    /// The official label it was written from.
    pub label: Option<Box<LabelRef>>,
    /// Articles to read next.
    pub related: Box<[ArticleId]>,
    /// The whole file, front matter included; spans of passages point into it.
    pub text: Box<str>,
    /// `sha256:` and the hash of the file's bytes: the version that quotes name.
    pub version: String,
    /// The passages, in order.
    pub passages: Box<[Passage]>,
    headings: Headings,
}

/// Who an article is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Patients, relatives, everyone.
    Public,
    /// Health professionals.
    Professional,
}

/// Whether an article may be quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Quoted.
    Published,
    /// Being written: never quoted.
    Draft,
    /// Taken back: never quoted again.
    Withdrawn,
}

/// How much a source weighs when sources disagree; the first is the heaviest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rank {
    /// The official label itself.
    Label,
    /// Written from official labels or leaflets.
    Reference,
    /// What somebody else published.
    Article,
}

/// The official label an article was written from (HL7 SPL: the set id names it for life).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRef {
    /// Set id of the label.
    pub set_id: String,
    /// Version of the label.
    pub version: Option<u64>,
    /// Day on which that version took effect.
    pub effective: Option<Date>,
}

impl Article {
    /// Parses one file; `None` when it is too broken to be an article.
    pub(super) fn parse(
        path: &str,
        text: String,
        common: &mut Common,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let Some(parts) = front_matter::split(&text) else {
            problems.push(no_front_matter(path, &text));
            return None;
        };
        let errors_before = errors(problems);
        let mut keys = Keys::parse(path, parts.yaml, problems)?;
        let title = keys.required("title", problems);
        let drug = keys.text("drug", problems).map(|id| DrugId::from(common.text(&id)));
        let topic = keys.text("topic", problems).map(|id| TopicId::from(common.text(&id)));
        let lang = keys.choice("lang", &[("en", Lang::En), ("zh", Lang::Zh)], problems);
        let source = keys.required("source", problems);
        let source_url = source_url(&mut keys, path, problems);
        let published = required_date(&mut keys, "published", path, problems);
        let reviewed = required_date(&mut keys, "reviewed", path, problems);
        let review_by = keys.date("review_by", problems);
        let markets = keys.list("markets", problems);
        let audience = keys.choice(
            "audience",
            &[("public", Audience::Public), ("professional", Audience::Professional)],
            problems,
        );
        let status = keys.choice(
            "status",
            &[
                ("published", Status::Published),
                ("draft", Status::Draft),
                ("withdrawn", Status::Withdrawn),
            ],
            problems,
        );
        let rank = keys.choice(
            "rank",
            &[("article", Rank::Article), ("reference", Rank::Reference), ("label", Rank::Label)],
            problems,
        );
        let label = label_ref(&mut keys, path, problems);
        let related = keys.list("related", problems);
        keys.finish(problems);
        let (headings, passages) = passages::cut(path, &text, parts.body_start, problems);
        if passages.is_empty() {
            problems.push(Problem::error(
                Code::NoText,
                path,
                0,
                "the article has no text",
                "write the article below the front matter",
            ));
        }
        if errors(problems) > errors_before {
            return None;
        }
        Some(Self {
            id: ArticleId::from(common.text(path.trim_end_matches(".md"))),
            title: title?,
            drug,
            topic,
            lang,
            source: common.text(&source?),
            source_url: source_url.map(|url| common.text(&url)),
            published: published?,
            reviewed: reviewed?,
            review_by,
            markets: common.markets(&markets),
            audience,
            status,
            rank,
            label: label.map(Box::new),
            related: related.iter().map(|id| ArticleId::from(common.text(id))).collect(),
            version: version_of(&text),
            text: text.into(),
            passages,
            headings,
        })
    }

    /// Returns the text of a passage of this article.
    pub fn passage_text(&self, passage: &Passage) -> &str {
        &self.text[passage.span()]
    }

    /// Returns the headings of a passage of this article, from the top down; none for the
    /// introduction.
    pub fn headings(&self, passage: &Passage) -> Vec<&str> {
        self.headings.path(passage, &self.text)
    }

    /// Returns the heading right above a passage of this article; `None` for the introduction.
    pub fn heading(&self, passage: &Passage) -> Option<&str> {
        self.headings.last(passage, &self.text)
    }

    /// Returns the name of a passage of this article within it, for links.
    pub fn anchor(&self, passage: &Passage) -> String {
        self.headings.anchor(passage, &self.text)
    }

    /// Returns whether the article may be quoted.
    pub fn is_quotable(&self) -> bool {
        self.status == Status::Published && !self.passages.is_empty()
    }

    /// Gives every passage its topics: the article's, and those its headings name.
    pub(super) fn name_topics(&mut self, lexicon: &Lexicon, common: &mut Common) {
        for at in 0..self.passages.len() {
            let mut topics: Vec<TopicId> = self.topic.iter().cloned().collect();
            let headings = self.headings(&self.passages[at]);
            let named =
                headings.iter().flat_map(|heading| lexicon.topics_in(&crate::text::fold(heading)));
            topics.extend(named);
            topics.sort();
            topics.dedup();
            self.passages[at].topics = common.topics(&topics);
        }
    }
}

/// Returns the version of a text: `sha256:` and its hash in hexadecimal.
pub fn version_of(text: &str) -> String {
    format!("sha256:{}", crate::id::hex(&Sha256::digest(text.as_bytes())))
}

fn errors(problems: &[Problem]) -> usize {
    problems.iter().filter(|problem| problem.severity == Severity::Error).count()
}

fn no_front_matter(path: &str, text: &str) -> Problem {
    if text.trim().is_empty() {
        return Problem::error(
            Code::NoText,
            path,
            0,
            "the file is empty",
            "write the article, or delete the file",
        );
    }
    if front_matter::is_begun(text) {
        return Problem::error(
            Code::FrontMatter,
            path,
            1,
            "the front matter is never closed",
            "write a line `---` after the last key, above the article's text",
        );
    }
    Problem::error(
        Code::FrontMatter,
        path,
        1,
        "the article has no front matter",
        "start the file with a line `---`, then the keys, then another line `---`",
    )
}

fn required_date(
    keys: &mut Keys<'_>,
    key: &'static str,
    path: &str,
    problems: &mut Vec<Problem>,
) -> Option<Date> {
    let before = problems.len();
    let date = keys.date(key, problems);
    if date.is_none() && problems.len() == before {
        problems.push(Problem::error(
            Code::MissingKey,
            path,
            1,
            format!("front matter lacks `{key}`"),
            format!("add a line `{key}: YYYY-MM-DD`"),
        ));
    }
    date
}

fn source_url(keys: &mut Keys<'_>, path: &str, problems: &mut Vec<Problem>) -> Option<String> {
    let line = keys.line("source_url");
    let url = keys.text("source_url", problems)?;
    if !url.starts_with("https://") {
        problems.push(Problem::error(
            Code::WrongValue,
            path,
            line,
            format!("`source_url` is not an https address: {url:?}"),
            "give the full address, starting with https://, or leave the key out",
        ));
    }
    Some(url)
}

fn label_ref(keys: &mut Keys<'_>, path: &str, problems: &mut Vec<Problem>) -> Option<LabelRef> {
    let line = keys.line("label");
    let mut map = keys.mapping("label", problems)?;
    let set_id = map.remove("set_id").and_then(|value| value.as_str().map(str::to_owned));
    let version = map.remove("version").and_then(|value| value.as_u64());
    let effective = map.remove("effective").and_then(|value| value.as_str()?.parse().ok());
    if set_id.is_none() || !map.is_empty() {
        problems.push(Problem::error(Code::WrongValue,
            path,
            line,
            "`label` must name the official label",
            "write `label: {set_id: ..., version: 3, effective: 2024-03-06}`; version and effective may be left out",
        ));
    }
    Some(LabelRef { set_id: set_id?, version, effective })
}
