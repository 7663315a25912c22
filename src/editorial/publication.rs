//! Publishing an approved draft, previewing any, and taking a publication back. One of these at a
//! time; editors watch it go on. The golden questions are a gate that the console cannot open.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use tracing::{error, warn};

use super::drafts::edit;
use super::{Editorial, Refused, locked};
use crate::account::User;
use crate::eval::Outcome;
use crate::knowledge::{Problem, Question, Severity};
use crate::library::{self, Author, Edit};
use crate::publish::{self, Preview, Source, Step, Switch};
use crate::store::{ArticleDraft, DraftMove, DraftState};
use crate::text;
use crate::time::{Date, Timestamp};

/// Newest messages of visitors that a preview asks.
const RECENT: i64 = 300;

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Both generations are asked what would change.
    Preview,
    /// A draft takes its article's place.
    Publish,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The folder is read and checked.
    Reading,
    /// So many passages of so many are indexed.
    Indexing(usize, usize),
    /// So many questions of so many are asked.
    Asking(usize, usize),
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Ended {
    /// What would change. Questions of visitors that too few asked, or that may not be shown, are
    /// only counted.
    Previewed(Arc<Preview>, usize),
    /// Published: the generation, and what became of the repository's history: a commit, nothing
    /// because there is no repository, or why git failed.
    Published(u64, Result<Option<String>, String>),
    /// The knowledge base has errors.
    Faulty(Vec<Problem>),
    /// Golden questions marked `must` failed.
    Golden(Vec<Outcome>),
    /// It failed, and why.
    Failed(String),
}

/// A publication or preview.
#[derive(Debug, Clone)]
pub struct Job {
    /// What it is.
    pub kind: Kind,
    /// The draft.
    pub draft: String,
    /// Its revision.
    pub revision: i64,
    /// How far it is.
    pub phase: Phase,
    /// What came of it; nothing while it is under way.
    pub ended: Option<Ended>,
}

impl Editorial {
    /// Returns the publication or preview that is under way, or the last one.
    pub fn job(&self) -> Option<Job> {
        locked(&self.job).clone()
    }

    /// Returns what was served when, the newest first, and whether the one before can be returned
    /// to.
    pub fn history(&self) -> (Vec<Switch>, Option<u64>) {
        let mut history = self.shelf.history();
        history.reverse();
        let served = self.shelf.current();
        let earlier = self.shelf.kept().into_iter().find(|&number| {
            served.is_some_and(|served| number < served) && self.shelf.may_return_to(number)
        });
        (history, earlier)
    }

    /// Returns the files that differ between the folder and what is served, besides `except`.
    pub async fn changed_files(
        self: &Arc<Self>,
        except: &str,
        today: Date,
    ) -> Result<Vec<String>, Refused> {
        let except = except.to_owned();
        self.apart(move |editorial| {
            let standing = editorial.read(today)?;
            let Some(served) = editorial.shelf.current() else { return Ok(Vec::new()) };
            let served = editorial.shelf.files(served)?;
            let of = |files: &[crate::knowledge::File]| -> HashSet<(String, String)> {
                files.iter().map(|file| (file.path.clone(), file.text.clone())).collect()
            };
            let (here, there) = (of(&standing.files), of(&served));
            let mut paths: Vec<String> =
                here.symmetric_difference(&there).map(|(path, _)| path.clone()).collect();
            paths.sort();
            paths.dedup();
            paths.retain(|path| *path != except);
            Ok(paths)
        })
        .await
    }

    /// Starts to find out what publishing a draft would change.
    pub async fn preview(self: &Arc<Self>, id: &str, now: Timestamp) -> Result<(), Refused> {
        let (draft, _) = self.store.draft(id).await?.ok_or(Refused::NotFound)?;
        let (recent, shown) = self.recent_questions(now).await?;
        self.take_turn(Kind::Preview, &draft)?;
        let editorial = self.clone();
        tokio::spawn(async move {
            let edits = [edit(&draft)];
            let previewing = editorial.apart(move |editorial| {
                let source = Source { folder: &editorial.folder, edits: &edits };
                let preview = editorial.shelf.preview(source, &recent, now, editorial.progress());
                Ok(preview?)
            });
            let ended = match previewing.await {
                Ok(mut preview) => {
                    let before = preview.changes.len();
                    preview.changes.retain(|change| {
                        change.at != Question::SESSION_LOG
                            || shown.contains(&text::fold(&change.ask))
                    });
                    let hidden = before - preview.changes.len();
                    Ended::Previewed(Arc::new(preview), hidden)
                }
                Err(fault) => ended(fault),
            };
            editorial.end(ended);
        });
        Ok(())
    }

    /// Starts to publish an approved draft. Whatever else was changed in the folder is published
    /// with it, so that must be wanted.
    pub async fn publish(
        self: &Arc<Self>,
        user: &User,
        id: &str,
        revision: i64,
        with_others: bool,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let draft = self.ready(id, now.date()).await?;
        if draft.state != DraftState::Approved || draft.revision != revision {
            return Err(Refused::Stale(Box::new(draft)));
        }
        let others = self.changed_files(&draft.article, now.date()).await?;
        if !with_others && !others.is_empty() {
            return Err(Refused::Others(others));
        }
        self.take_turn(Kind::Publish, &draft)?;
        let (editorial, user) = (self.clone(), user.clone());
        tokio::spawn(async move {
            let ended = editorial.carry_out(&user, &draft, now).await.unwrap_or_else(ended);
            editorial.end(ended);
        });
        Ok(())
    }

    async fn carry_out(
        self: &Arc<Self>,
        user: &User,
        draft: &ArticleDraft,
        now: Timestamp,
    ) -> Result<Ended, Refused> {
        let edits: [Edit; 1] = [edit(draft)];
        let published = self.apart(move |editorial| {
            let source = Source { folder: &editorial.folder, edits: &edits };
            Ok(editorial.shelf.publish(source, false, now, editorial.progress())?)
        });
        let generation = published.await?.generation;
        let number = i64::try_from(generation).unwrap_or(i64::MAX);
        let step = DraftMove::Publish(number);
        let words = format!("generation {generation}");
        if let Err(fault) = self.step(user, &draft.id, draft.revision, step, &words, now).await {
            // Somebody wrote on while it was built, or the database is away: it is live all the same.
            warn!(error = %fault, generation, "a draft could not be noted as published");
            let subject = format!("draft:{}", draft.id);
            let detail = format!("{} revision {}: {words}", draft.article, draft.revision);
            if let Err(fault) = self.remember(user, "publish", subject, detail, now).await {
                error!(error = %fault, generation, "a publication is missing in the audit log");
            }
        }
        let author = Author { name: user.name.clone(), login: user.login.clone() };
        let subject = draft.text.note.lines().next().unwrap_or_default().trim();
        let subject = if subject.is_empty() { "Edit the article" } else { subject };
        let path = draft.article.clone();
        let message = format!("{path}: {subject}\n\nPublished in generation {generation}.");
        let committing = self.apart(move |editorial| {
            Ok(library::commit(&editorial.folder, &path, &author, &message))
        });
        let committed = committing.await.unwrap_or_else(|fault| Err(fault.to_string()));
        Ok(Ended::Published(generation, committed))
    }

    /// Returns to the generation before `served`, which must still be the one that is served.
    pub async fn roll_back(
        self: &Arc<Self>,
        user: &User,
        served: u64,
        why: &str,
        now: Timestamp,
    ) -> Result<u64, Refused> {
        let why = super::words(why, true)?;
        let generation = self
            .apart(move |editorial| {
                if editorial.shelf.current() != Some(served) {
                    return Err(Refused::Moved);
                }
                Ok(editorial.shelf.rollback(now)?)
            })
            .await?;
        let detail = format!("back to generation {generation}: {why}");
        self.remember(user, "rollback", format!("generation:{served}"), detail, now).await?;
        Ok(generation)
    }

    /// Returns the newest questions of visitors, each once, and which of them may be shown: those
    /// that enough sessions asked word for word, under a consent that allows it.
    async fn recent_questions(
        &self,
        now: Timestamp,
    ) -> Result<(Vec<Question>, HashSet<String>), Refused> {
        let since = now.minus_seconds(30 * 86_400);
        let exchanges = self.store.exchanges_since(since, RECENT).await?;
        let mut asked: BTreeMap<String, (String, HashSet<String>)> = BTreeMap::new();
        for exchange in exchanges {
            let Some(ask) = super::gaps::text_of(&exchange.question) else { continue };
            let entry = asked.entry(text::fold(&ask)).or_insert((ask, HashSet::new()));
            if self.privacy.consents.contains(&exchange.consent) {
                entry.1.insert(exchange.session.to_string());
            }
        }
        let least = self.privacy.least_sessions;
        let enough = asked.iter().filter(|(_, (_, sessions))| sessions.len() >= least);
        let shown = enough.map(|(folded, _)| folded.clone()).collect();
        let questions = asked.into_values().map(|(ask, _)| Question::of_visitor(ask));
        Ok((questions.collect(), shown))
    }

    fn take_turn(&self, kind: Kind, draft: &ArticleDraft) -> Result<(), Refused> {
        let mut job = locked(&self.job);
        if job.as_ref().is_some_and(|job| job.ended.is_none()) {
            return Err(Refused::Busy);
        }
        let (draft, revision) = (draft.id.clone(), draft.revision);
        *job = Some(Job { kind, draft, revision, phase: Phase::Reading, ended: None });
        Ok(())
    }

    fn progress(&self) -> impl FnMut(Step) + '_ {
        |step| {
            if let Some(job) = &mut *locked(&self.job) {
                job.phase = match step {
                    Step::Indexing(done, of) => Phase::Indexing(done, of),
                    Step::Asking(done, of) => Phase::Asking(done, of),
                };
            }
        }
    }

    fn end(&self, ended: Ended) {
        if let Some(job) = &mut *locked(&self.job) {
            job.ended = Some(ended);
        }
    }
}

fn ended(fault: Refused) -> Ended {
    match fault {
        Refused::Publish(publish::Error::Golden(failed)) => Ended::Golden(failed),
        Refused::Publish(publish::Error::Problems(problems)) => {
            let is_error = |problem: &Problem| problem.severity == Severity::Error;
            Ended::Faulty(problems.into_iter().filter(is_error).collect())
        }
        fault => Ended::Failed(fault.to_string()),
    }
}
