//! Articles as they stand in the folder: the list, one article with its past, and the check of a
//! text that is being written.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use serde::Deserialize;

use super::{Editorial, MAX_TEXT, Refused, locked};
use crate::account::User;
use crate::engine::Engine;
use crate::id::ArticleId;
use crate::knowledge::{self, File, Knowledge, Problem, Severity, version_of};
use crate::library::{self, Edit};
use crate::lint;
use crate::store::{ArticleDraft, Quoting};
use crate::text;
use crate::time::{Date, Timestamp};

/// Most articles of one list.
const MAX_LISTED: usize = 500;
/// Most messages that are looked through for quotes.
const MAX_MESSAGES: i64 = 20_000;
/// Newest kept generations in which older texts are looked for: each is read whole.
pub(super) const MAX_GENERATIONS: usize = 50;
const DAY: i64 = 86_400;

/// The day, and a mark of the folder's state.
pub(super) type Mark = (Date, Vec<(PathBuf, u64, Option<SystemTime>)>);

/// The folder as it stands.
#[derive(Debug)]
pub struct Standing {
    /// Its files.
    pub files: Vec<File>,
    /// What they say.
    pub knowledge: Knowledge,
    /// What is wrong with them.
    pub problems: Vec<Problem>,
}

impl Standing {
    fn of(files: Vec<File>, unread: Vec<Problem>, today: Date) -> Self {
        let lint::Report { knowledge, problems, .. } = lint::check(&files, unread, today);
        Self { files, knowledge, problems }
    }

    /// Returns the text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }
}

/// An article in the list.
#[derive(Debug)]
pub struct Listed {
    /// Its path under the folder.
    pub path: String,
    /// The article, if its file could be read as one.
    pub article: Option<knowledge::Article>,
    /// Day after which it counts as overdue.
    pub due: Option<Date>,
    /// Errors and warnings.
    pub problems: (usize, usize),
    /// Whether visitors are answered from this very text.
    pub is_live: bool,
}

/// A text that an article had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// `sha256:` and its hash.
    pub version: String,
    /// The generations that held it, the newest first.
    pub generations: Vec<u64>,
    /// When the oldest of them was first served, RFC 3339.
    pub since: Option<String>,
    /// The text.
    pub text: String,
}

/// How often an article was quoted in the last seven days; what fewer sessions share than may be
/// told is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quoted {
    /// Sessions in which it was.
    pub sessions: Option<usize>,
    /// Sessions by passage.
    pub passages: Vec<(String, usize)>,
    /// Sessions by the drug of the page they began on.
    pub pages: Vec<(String, usize)>,
}

/// An article with its past.
#[derive(Debug)]
pub struct View {
    /// The folder as it stands.
    pub standing: Arc<Standing>,
    /// Path under the folder.
    pub path: String,
    /// The text in the folder.
    pub text: Option<String>,
    /// The version that visitors are answered from.
    pub live: Option<String>,
    /// Texts that it had, the newest first.
    pub versions: Vec<Version>,
    /// Where it was quoted.
    pub quoted: Quoted,
    /// Open drafts of it.
    pub drafts: Vec<ArticleDraft>,
}

/// What the check of a text says.
#[derive(Debug)]
pub struct Checked {
    /// Problems of the text itself.
    pub own: Vec<Problem>,
    /// Problems that it causes elsewhere.
    pub elsewhere: Vec<Problem>,
}

/// What of a message tells what it quoted.
#[derive(Deserialize)]
pub(super) struct Quotes {
    #[serde(default)]
    pub(super) quotes: Vec<QuoteLine>,
}

#[derive(Deserialize)]
pub(super) struct QuoteLine {
    pub(super) article: String,
    pub(super) anchor: String,
    pub(super) version: String,
}

#[derive(Deserialize)]
struct Page {
    drug: Option<String>,
}

impl Editorial {
    /// Returns the folder as it stands; read again only when something in it, or the day, has changed.
    pub(super) fn read(&self, today: Date) -> Result<Arc<Standing>, Refused> {
        let mark = (today, library::mark(&self.folder));
        if let Some((known, standing)) = &*locked(&self.standing)
            && *known == mark
        {
            return Ok(standing.clone());
        }
        let (files, problems) = library::read(&self.folder)?;
        let standing = Arc::new(Standing::of(files, problems, today));
        *locked(&self.standing) = Some((mark, standing.clone()));
        Ok(standing)
    }

    /// Returns the articles whose path, title or text holds all of `words`, by path, and how many
    /// more there are.
    pub async fn articles(
        self: &Arc<Self>,
        words: &str,
        served: Option<Arc<Engine>>,
        today: Date,
    ) -> Result<(Vec<Listed>, usize), Refused> {
        let words: Vec<String> = text::fold(words).split_whitespace().map(str::to_owned).collect();
        self.apart(move |editorial| {
            let standing = editorial.read(today)?;
            let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
            for problem in &standing.problems {
                let count = counts.entry(problem.path.as_str()).or_default();
                match problem.severity {
                    Severity::Error => count.0 += 1,
                    Severity::Warning => count.1 += 1,
                    Severity::Note => {}
                }
            }
            let holds = |file: &&File| {
                let mut all = words.iter().peekable();
                if !library::is_article(&file.path) || all.peek().is_none() {
                    return library::is_article(&file.path);
                }
                let folded = text::fold(&format!("{} {}", file.path, file.text));
                all.all(|word| folded.contains(word.as_str()))
            };
            let found: Vec<&File> = standing.files.iter().filter(holds).collect();
            let more = found.len().saturating_sub(MAX_LISTED);
            let listed = found.into_iter().take(MAX_LISTED).map(|file| {
                let id = id_of(&file.path);
                let article = standing.knowledge.article(&id);
                let live = served.as_ref().and_then(|engine| engine.knowledge.article(&id));
                Listed {
                    path: file.path.clone(),
                    due: article.map(|article| standing.knowledge.review_due(article)),
                    article: article.cloned(),
                    problems: counts.get(file.path.as_str()).copied().unwrap_or_default(),
                    is_live: live.is_some_and(|live| *live.text == *file.text),
                }
            });
            Ok((listed.collect(), more))
        })
        .await
    }

    /// Returns an article with its past; the look at it is remembered.
    pub async fn article(
        self: &Arc<Self>,
        user: &User,
        path: &str,
        served: Option<Arc<Engine>>,
        now: Timestamp,
    ) -> Result<View, Refused> {
        let wanted = path.to_owned();
        let (standing, text, versions) = self
            .apart(move |editorial| {
                let text = library::text(&editorial.folder, &wanted)?;
                Ok((editorial.read(now.date())?, text, editorial.versions(&wanted)))
            })
            .await?;
        let drafts = self.store.drafts(true).await?;
        let drafts: Vec<_> = drafts.into_iter().filter(|draft| draft.article == path).collect();
        if text.is_none() && versions.is_empty() && drafts.is_empty() {
            return Err(Refused::NotFound);
        }
        let id = id_of(path);
        let since = now.minus_seconds(7 * DAY);
        let messages = self.store.messages_naming(id.as_str(), None, since, MAX_MESSAGES).await?;
        let quoted = quoted(&messages, id.as_str(), self.privacy.least_sessions);
        let live =
            served.as_ref().and_then(|engine| Some(engine.knowledge.article(&id)?.version.clone()));
        self.remember(user, "view", format!("article:{id}"), String::new(), now).await?;
        Ok(View { standing, path: path.to_owned(), text, live, versions, quoted, drafts })
    }

    /// Checks a text as if it stood in the article's place.
    pub async fn check(
        self: &Arc<Self>,
        path: &str,
        text: String,
        today: Date,
    ) -> Result<Checked, Refused> {
        if text.len() > MAX_TEXT {
            return Err(Refused::Words("an article has at most 1 MiB"));
        }
        let file = File { path: path.to_owned(), text };
        self.apart(move |editorial| {
            // The path must be an article's.
            library::text(&editorial.folder, &file.path)?;
            let standing = editorial.read(today)?;
            let edit = Edit { file, base: None };
            let mut files = standing.files.clone();
            library::lay_over(&mut files, std::slice::from_ref(&edit));
            let would = Standing::of(files, Vec::new(), today).problems;
            let known: HashSet<(&str, &str)> = standing
                .problems
                .iter()
                .map(|problem| (problem.path.as_str(), problem.message.as_str()))
                .collect();
            let (own, elsewhere): (Vec<_>, Vec<_>) =
                would.into_iter().partition(|problem| problem.path == edit.file.path);
            let is_new = |problem: &Problem| {
                !known.contains(&(problem.path.as_str(), problem.message.as_str()))
            };
            Ok(Checked { own, elsewhere: elsewhere.into_iter().filter(is_new).collect() })
        })
        .await
    }

    /// Returns the texts that the kept generations hold of an article, the newest first.
    fn versions(&self, path: &str) -> Vec<Version> {
        let history = self.shelf.history();
        let mut versions: Vec<Version> = Vec::new();
        for generation in self.shelf.kept().into_iter().take(MAX_GENERATIONS) {
            let Ok(files) = self.shelf.files(generation) else { continue };
            let Some(file) = files.into_iter().find(|file| file.path == path) else { continue };
            let first = history.iter().find(|switch| switch.generation == generation);
            let since = first.map(|switch| switch.at.clone());
            match versions.iter_mut().find(|known| known.text == file.text) {
                Some(known) => {
                    known.generations.push(generation);
                    known.since = since.or(known.since.take());
                }
                None => versions.push(Version {
                    version: version_of(&file.text),
                    generations: vec![generation],
                    since,
                    text: file.text,
                }),
            }
        }
        versions
    }
}

/// Returns the id of the article at a path.
pub(super) fn id_of(path: &str) -> ArticleId {
    ArticleId::from(path.strip_suffix(".md").unwrap_or(path))
}

/// Counts the sessions that an article was quoted in; nothing that fewer than `least` share.
fn quoted(messages: &[Quoting], article: &str, least: usize) -> Quoted {
    let mut sessions = HashSet::new();
    let mut passages: BTreeMap<String, HashSet<&str>> = BTreeMap::new();
    let mut pages: BTreeMap<String, HashSet<&str>> = BTreeMap::new();
    for message in messages {
        let Ok(body) = serde_json::from_str::<Quotes>(&message.body) else { continue };
        let session = message.session.as_str();
        for quote in body.quotes.into_iter().filter(|quote| quote.article == article) {
            sessions.insert(session);
            passages.entry(quote.anchor).or_default().insert(session);
            let page = serde_json::from_str::<Page>(&message.context).ok();
            if let Some(drug) = page.and_then(|page| page.drug) {
                pages.entry(drug).or_default().insert(session);
            }
        }
    }
    let told = |groups: BTreeMap<String, HashSet<&str>>| {
        let counted = groups.into_iter().map(|(name, sessions)| (name, sessions.len()));
        counted.filter(|(_, count)| *count >= least).collect()
    };
    Quoted {
        sessions: Some(sessions.len()).filter(|count| *count >= least || *count == 0),
        passages: told(passages),
        pages: told(pages),
    }
}
