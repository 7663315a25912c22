//! The knowledge base: articles, drugs, lexicon and policy, as editors wrote them.
//!
//! Parsing never fails: it returns what could be read and the list of problems. Reading files is
//! `library`'s work, so everything here is a function of text.

mod article;
mod borders;
mod check;
mod code;
mod common;
mod drug;
mod duty;
mod front_matter;
mod lexicon;
mod passages;
mod policy;
mod problem;
mod question;
mod toml_file;

pub use article::{Article, Audience, LabelRef, Rank, Status, version_of};
pub use code::Code;
use common::Common;
pub use drug::{Category, Drug, WarningSymptom};
pub use duty::{Duty, FormRules, Waiting};
pub use lexicon::{ConfusablePair, Lexicon, Mention, Naming, OtherMedicine, SynonymGroup, Topic};
pub use passages::Passage;
pub use policy::{Acknowledged, Disclaimer, Facts, HandoffReason, Policy, Reply, Silence};
pub use problem::{Problem, Severity};
pub use question::{Expected, Question};

use std::panic::resume_unwind;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::id::{ArticleId, DrugId};
use crate::time::Date;

/// Fewest articles that are worth a thread.
const FEWEST_ARTICLES: usize = 200;

/// One file of the knowledge folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path under `knowledge/`, with `/` between folders.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// Everything that editors own, parsed and cross-referenced.
#[derive(Debug, Default)]
pub struct Knowledge {
    /// All well-formed articles, drafts and withdrawn ones included, by id. A generation shares
    /// those that have not changed with the one before.
    pub articles: Vec<Arc<Article>>,
    /// All drugs, by id.
    pub drugs: Vec<Drug>,
    /// Topics, synonyms, confusable names.
    pub lexicon: Lexicon,
    /// Disclaimers, replies, hand-off reasons.
    pub policy: Policy,
    /// Golden questions.
    pub questions: Vec<Question>,
    article_index: FxHashMap<ArticleId, usize>,
    drug_index: FxHashMap<DrugId, usize>,
    by_drug: FxHashMap<DrugId, Vec<usize>>,
    services: Vec<usize>,
}

impl Knowledge {
    /// Parses `files`, in any order; the same files always give the same value.
    pub fn parse(files: &[File]) -> (Self, Vec<Problem>) {
        Self::parse_owned(files.to_vec())
    }

    /// Parses `files` as [`Knowledge::parse`] does, and keeps their texts instead of copies.
    pub fn parse_owned(files: Vec<File>) -> (Self, Vec<Problem>) {
        Self::read(files, None)
    }

    /// Parses `files`, and takes articles over from an earlier state of the knowledge base whose
    /// text is the same. The value is that of [`Knowledge::parse`]; problems are not told again.
    pub fn parse_after(files: Vec<File>, earlier: &Self) -> Self {
        Self::read(files, Some(earlier)).0
    }

    fn read(mut files: Vec<File>, earlier: Option<&Self>) -> (Self, Vec<Problem>) {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut knowledge = Self::default();
        let mut problems = Vec::new();
        let (articles, others): (Vec<File>, Vec<File>) =
            files.into_iter().partition(|file| is_article(&file.path));
        let mut common = Common::default();
        for file in others {
            knowledge.add(&file, &mut common, &mut problems);
        }
        // An article's passages name their topics in the lexicon's words.
        let same_words = |earlier: &&Self| earlier.lexicon.topics == knowledge.lexicon.topics;
        let earlier = earlier.filter(same_words);
        for (article, found) in parse_articles(articles, &knowledge.lexicon, earlier) {
            knowledge.articles.extend(article);
            problems.extend(found);
        }
        knowledge.article_index = index(&knowledge.articles, |article| article.id.clone());
        knowledge.drug_index = index(&knowledge.drugs, |drug| drug.id.clone());
        for (at, article) in knowledge.articles.iter().enumerate() {
            match &article.drug {
                _ if !article.is_quotable() => {}
                Some(drug) => knowledge.by_drug.entry(drug.clone()).or_default().push(at),
                None if article.id.as_str().starts_with("services/") => knowledge.services.push(at),
                None => {}
            }
        }
        check::references(&knowledge, &mut problems);
        problems.sort_by(|a, b| (&a.path, a.line, &a.message).cmp(&(&b.path, b.line, &b.message)));
        (knowledge, problems)
    }

    /// Takes a file that is no article.
    fn add(&mut self, file: &File, common: &mut Common, problems: &mut Vec<Problem>) {
        let (path, text) = (file.path.as_str(), file.text.as_str());
        match path.split('/').collect::<Vec<_>>().as_slice() {
            _ if is_readme(path) => {}
            ["lexicon", "topics.toml"] => self.lexicon.add_topics(path, text, problems),
            ["lexicon", "synonyms.toml"] => self.lexicon.add_synonyms(path, text, problems),
            ["lexicon", "confusable.toml"] => self.lexicon.add_confusables(path, text, problems),
            ["lexicon", "fillers.toml"] => self.lexicon.add_fillers(path, text, problems),
            ["policy", "disclaimers.toml"] => self.policy.add_disclaimers(path, text, problems),
            ["policy", "replies.toml"] => self.policy.add_replies(path, text, problems),
            ["policy", "hand-off.toml"] => self.policy.add_handoff(path, text, problems),
            ["policy", "conflicts.toml"] => self.policy.add_conflicts(path, text, problems),
            ["policy", "check.toml"] => self.policy.add_silences(path, text, problems),
            ["policy", ..] => {}
            ["drugs", slug, "drug.toml"] => {
                self.drugs.extend(Drug::parse(slug, path, text, common, problems));
            }
            ["questions", _] if has_ending(path, "toml") => {
                self.questions.extend(Question::parse_file(path, text, problems));
            }
            _ => problems.push(Problem::warning(
                Code::StrayFile,
                path,
                0,
                "this file belongs to no part of the knowledge base and is ignored",
                "articles are .md files in drugs/, services/ or general/; see knowledge/README.md",
            )),
        }
    }

    /// Returns all well-formed articles, by id.
    pub fn all_articles(&self) -> impl DoubleEndedIterator<Item = &Article> {
        self.articles.iter().map(|article| &**article)
    }

    /// Returns the article with this id.
    pub fn article(&self, id: &ArticleId) -> Option<&Article> {
        self.article_index.get(id).map(|&at| &*self.articles[at])
    }

    /// Returns the position of the article with this id.
    pub fn position(&self, id: &ArticleId) -> Option<usize> {
        self.article_index.get(id).copied()
    }

    /// Returns the article that stands in `file`, if that is its text.
    fn same_article(&self, file: &File) -> Option<Arc<Article>> {
        let at = self.position(&ArticleId::from(file.path.trim_end_matches(".md")))?;
        let article = &self.articles[at];
        (*article.text == *file.text).then(|| article.clone())
    }

    /// Returns the drug with this id.
    pub fn drug(&self, id: &DrugId) -> Option<&Drug> {
        self.drug_index.get(id).map(|&at| &self.drugs[at])
    }

    /// Returns the quotable articles about a drug with their positions.
    pub fn articles_about(&self, drug: &DrugId) -> impl Iterator<Item = (usize, &Article)> {
        self.by_drug.get(drug).into_iter().flatten().map(|&at| (at, &*self.articles[at]))
    }

    /// Returns the quotable articles on the site's services.
    pub fn services(&self) -> impl Iterator<Item = &Article> {
        self.services.iter().map(|&at| &*self.articles[at])
    }

    /// Returns the day after which `article` counts as overdue for review: its own `review_by`,
    /// or `reviewed` plus its topic's interval.
    pub fn review_due(&self, article: &Article) -> Date {
        let interval = article
            .topic
            .as_ref()
            .and_then(|topic| self.lexicon.topic(topic))
            .map_or(Topic::DEFAULT_REVIEW_DAYS, |topic| topic.review_days);
        let due = jiff::Span::new()
            .try_days(i64::from(interval))
            .and_then(|days| article.reviewed.checked_add(days));
        article.review_by.or(due.ok()).unwrap_or(article.reviewed)
    }
}

/// Parses the articles on all processors, in order, each with its problems.
fn parse_articles(
    files: Vec<File>,
    lexicon: &Lexicon,
    earlier: Option<&Knowledge>,
) -> impl Iterator<Item = (Option<Arc<Article>>, Vec<Problem>)> {
    let parse = |file: File, common: &mut Common| {
        let mut problems = Vec::new();
        if let Some(same) = earlier.and_then(|earlier| earlier.same_article(&file)) {
            return (Some(same), problems);
        }
        let mut article = Article::parse(&file.path, file.text, common, &mut problems);
        if let Some(article) = &mut article {
            article.name_topics(lexicon, common);
        }
        (article.map(Arc::new), problems)
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = files.len().div_ceil(threads).max(FEWEST_ARTICLES);
    let mut files = files.into_iter();
    let shares = std::iter::from_fn(|| {
        let share: Vec<File> = files.by_ref().take(share).collect();
        (!share.is_empty()).then_some(share)
    });
    let shares: Vec<Vec<File>> = shares.collect();
    let parsed: Vec<Vec<_>> = std::thread::scope(|scope| {
        let work = |share: Vec<File>| {
            scope.spawn(move || {
                let mut common = Common::default();
                share.into_iter().map(|file| parse(file, &mut common)).collect()
            })
        };
        let running: Vec<_> = shares.into_iter().map(work).collect();
        let ended = running.into_iter().map(std::thread::ScopedJoinHandle::join);
        ended.map(|done| done.unwrap_or_else(|fault| resume_unwind(fault))).collect()
    });
    parsed.into_iter().flatten()
}

/// Returns whether the file at `path` is an article, by its place and name.
pub fn is_article(path: &str) -> bool {
    let is_home = ["drugs/", "services/", "general/"].iter().any(|home| path.starts_with(home));
    is_home && has_ending(path, "md") && !is_readme(path)
}

fn is_readme(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("readme.md"))
}

fn has_ending(path: &str, ending: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|found| found == ending)
}

fn index<T, K: std::hash::Hash + Eq>(items: &[T], key: impl Fn(&T) -> K) -> FxHashMap<K, usize> {
    items.iter().enumerate().map(|(at, item)| (key(item), at)).collect()
}
