//! Drafts: begun from the text in the folder, written, handed to a second person, approved by them.

use std::sync::Arc;

use super::articles::MAX_GENERATIONS;
use super::{Checked, Editorial, MAX_TEXT, Refused, words};
use crate::account::User;
use crate::id::ArticleId;
use crate::knowledge::{File, Knowledge, Severity, version_of};
use crate::library::{self, Edit};
use crate::store::{ArticleDraft, DraftMove, DraftStep, DraftText, Moved};
use crate::time::{Date, Timestamp};

/// A text that an editor hands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fresh {
    /// Version of the text in the folder that it takes in; empty for a new article.
    pub base: String,
    /// The whole file.
    pub text: String,
    /// What it changes, and why.
    pub note: String,
}

/// A draft with everything around it.
#[derive(Debug)]
pub struct DraftView {
    /// The draft.
    pub draft: ArticleDraft,
    /// What was done with it, the oldest first.
    pub steps: Vec<DraftStep>,
    /// The text in the folder now.
    pub now: Option<String>,
    /// Whether that has changed since the draft was begun.
    pub is_behind: bool,
    /// Its problems.
    pub checked: Checked,
    /// Open drafts of the same article.
    pub others: Vec<ArticleDraft>,
}

impl Editorial {
    /// Begins a draft. When the article was changed since `fresh` was begun, it is kept all the
    /// same: nothing that was written is lost.
    pub async fn begin(
        self: &Arc<Self>,
        user: &User,
        path: &str,
        fresh: Fresh,
        now: Timestamp,
    ) -> Result<ArticleDraft, Refused> {
        let text = self.draft_text(path, fresh).await?;
        Ok(self.store.begin_draft(user, path, text, now).await?)
    }

    /// Writes another text into a draft. Whoever has not seen the newest revision is told it, and
    /// nothing is overwritten.
    pub async fn save(
        self: &Arc<Self>,
        user: &User,
        id: &str,
        revision: i64,
        fresh: Fresh,
        now: Timestamp,
    ) -> Result<ArticleDraft, Refused> {
        let (before, _) = self.store.draft(id).await?.ok_or(Refused::NotFound)?;
        let kept = (before.text.base == fresh.base).then(|| before.text.base_text.clone());
        let mut text = self.draft_text(&before.article, fresh).await?;
        text.base_text = kept.unwrap_or(text.base_text);
        self.step(user, id, revision, DraftMove::Save(text), "", now).await
    }

    async fn draft_text(self: &Arc<Self>, path: &str, fresh: Fresh) -> Result<DraftText, Refused> {
        if fresh.text.len() > MAX_TEXT {
            return Err(Refused::Words("an article has at most 1 MiB"));
        }
        if fresh.text.trim().is_empty() {
            return Err(Refused::Words("there is no text"));
        }
        let note = words(&fresh.note, false)?;
        let path = path.to_owned();
        let base = fresh.base.clone();
        let base_text = self.apart(move |editorial| editorial.text_of(&path, &base)).await?;
        // Line ends as everywhere in the folder.
        let body = fresh.text.replace("\r\n", "\n");
        Ok(DraftText { base: fresh.base, base_text, body, note })
    }

    /// Returns the text of a version: the folder's, or that of a kept generation; empty when it is
    /// not known.
    fn text_of(&self, path: &str, version: &str) -> Result<String, Refused> {
        let standing = library::text(&self.folder, path)?;
        if let Some(text) = standing.filter(|text| version_of(text) == version) {
            return Ok(text);
        }
        let newest = self.shelf.kept().into_iter().take(MAX_GENERATIONS);
        let mut kept = newest.filter_map(|generation| {
            let files = self.shelf.files(generation).ok()?;
            let text = files.into_iter().find(|file| file.path == path)?.text;
            (version_of(&text) == version).then_some(text)
        });
        Ok(if version.is_empty() { String::new() } else { kept.next().unwrap_or_default() })
    }

    /// Returns drafts: the open ones, or those that are over.
    pub async fn drafts(&self, open: bool) -> Result<Vec<ArticleDraft>, Refused> {
        Ok(self.store.drafts(open).await?)
    }

    /// Returns a draft with everything around it; the look at it is remembered.
    pub async fn draft(
        self: &Arc<Self>,
        user: &User,
        id: &str,
        now: Timestamp,
    ) -> Result<DraftView, Refused> {
        let (draft, steps) = self.store.draft(id).await?.ok_or(Refused::NotFound)?;
        let standing = self.in_folder(&draft.article).await?;
        let checked = self.check(&draft.article, draft.text.body.clone(), now.date()).await?;
        let others = self.store.drafts(true).await?;
        let is_other =
            |other: &ArticleDraft| other.article == draft.article && other.id != draft.id;
        let others = others.into_iter().filter(is_other).collect();
        let detail = draft.article.clone();
        self.remember(user, "view", format!("draft:{id}"), detail, now).await?;
        let is_behind = !edit(&draft).fits(standing.as_deref());
        Ok(DraftView { draft, steps, now: standing, is_behind, checked, others })
    }

    /// Hands a draft to a second person. It must have taken in what changed in the folder since,
    /// and have no errors.
    pub async fn submit(
        self: &Arc<Self>,
        user: &User,
        id: &str,
        revision: i64,
        now: Timestamp,
    ) -> Result<ArticleDraft, Refused> {
        self.ready(id, now.date()).await?;
        self.step(user, id, revision, DraftMove::Submit, "", now).await
    }

    /// Approves a draft. Nobody approves what they have written in, unless `alone` says why.
    pub async fn approve(
        self: &Arc<Self>,
        user: &User,
        id: &str,
        revision: i64,
        alone: Option<&str>,
        now: Timestamp,
    ) -> Result<ArticleDraft, Refused> {
        self.ready(id, now.date()).await?;
        let step = if alone.is_some() { DraftMove::ApproveAlone } else { DraftMove::Approve };
        let why = alone.map(|why| words(why, true)).transpose()?.unwrap_or_default();
        self.step(user, id, revision, step, &why, now).await
    }

    /// Gives a draft back to whoever writes it, with a comment.
    pub async fn send_back(
        &self,
        user: &User,
        id: &str,
        revision: i64,
        comment: &str,
        now: Timestamp,
    ) -> Result<ArticleDraft, Refused> {
        self.step(user, id, revision, DraftMove::Return, &words(comment, true)?, now).await
    }

    /// Gives a draft up; its text stays in the list of those that are over.
    pub async fn discard(
        &self,
        user: &User,
        id: &str,
        revision: i64,
        now: Timestamp,
    ) -> Result<ArticleDraft, Refused> {
        self.step(user, id, revision, DraftMove::Discard, "", now).await
    }

    pub(super) async fn step(
        &self,
        user: &User,
        id: &str,
        revision: i64,
        step: DraftMove,
        words: &str,
        now: Timestamp,
    ) -> Result<ArticleDraft, Refused> {
        match self.store.move_draft(user, id, revision, step, words, now).await? {
            Moved::Done(draft) => Ok(draft),
            Moved::Stale(draft) => Err(Refused::Stale(Box::new(draft))),
            Moved::OwnWork => Err(Refused::OwnWork),
            Moved::Unknown => Err(Refused::NotFound),
        }
    }

    /// Returns a draft that may go on: nothing in the folder has overtaken it, and it has no errors.
    pub(super) async fn ready(
        self: &Arc<Self>,
        id: &str,
        today: Date,
    ) -> Result<ArticleDraft, Refused> {
        let (draft, _) = self.store.draft(id).await?.ok_or(Refused::NotFound)?;
        let standing = self.in_folder(&draft.article).await?;
        if !edit(&draft).fits(standing.as_deref()) {
            return Err(Refused::Changed(Box::new(draft), standing));
        }
        let checked = self.check(&draft.article, draft.text.body.clone(), today).await?;
        let all = checked.own.into_iter().chain(checked.elsewhere);
        let errors: Vec<_> = all.filter(|found| found.severity == Severity::Error).collect();
        if errors.is_empty() { Ok(draft) } else { Err(Refused::Faulty(errors)) }
    }

    /// Returns the knowledge base as it would be with a draft in its place, and the draft's article.
    pub async fn as_knowledge(
        self: &Arc<Self>,
        id: &str,
        today: Date,
    ) -> Result<(Knowledge, ArticleId), Refused> {
        let (draft, _) = self.store.draft(id).await?.ok_or(Refused::NotFound)?;
        self.apart(move |editorial| {
            let mut files = editorial.read(today)?.files.clone();
            library::lay_over(&mut files, &[edit(&draft)]);
            Ok((Knowledge::parse(&files).0, super::articles::id_of(&draft.article)))
        })
        .await
    }

    async fn in_folder(self: &Arc<Self>, path: &str) -> Result<Option<String>, Refused> {
        let path = path.to_owned();
        self.apart(move |editorial| Ok(library::text(&editorial.folder, &path)?)).await
    }
}

/// Returns a draft as an edit of the folder.
pub(super) fn edit(draft: &ArticleDraft) -> Edit {
    let file = File { path: draft.article.clone(), text: draft.text.body.clone() };
    let base = Some(draft.text.base.clone()).filter(|base| !base.is_empty());
    Edit { file, base }
}
