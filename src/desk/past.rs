//! Looking back: past sessions, the figures of today, canned replies, passages to quote. Each view
//! of a transcript leaves a row in the audit log.

use super::{Desk, Refusal};
use crate::account::User;
use crate::id::SessionId;
use crate::knowledge::Knowledge;
use crate::protocol::{DeskError, QuoteBody, passage};
use crate::search;
use crate::session::{Event, Stage};
use crate::store::{self, Entry, Figures, Form, Note, Past, Query};

/// Most passages of one search.
const MAX_RESULTS: usize = 20;
/// Longest reason for looking at somebody else's session, in characters.
const MAX_REASON: usize = 500;

/// A past session with everything in it.
#[derive(Debug)]
pub struct File {
    /// The session.
    pub past: Past,
    /// Its log.
    pub events: Vec<Event>,
    /// Its notes.
    pub notes: Vec<Note>,
    /// Its forms.
    pub forms: Vec<Form>,
}

/// Why a past session is not shown.
#[derive(Debug)]
pub enum Hidden {
    /// It was never handed over, or there is none.
    NotFound,
    /// It is somebody else's: say why.
    ReasonRequired,
    /// Too many were looked at; in how many milliseconds to try again.
    Wait(u64),
    /// The database does not answer.
    Refused(Refusal),
}

impl From<store::Error> for Hidden {
    fn from(fault: store::Error) -> Self {
        Self::Refused(fault.into())
    }
}

/// The figures of now and today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Today {
    /// Sessions that wait.
    pub waiting: usize,
    /// How long the first of them has waited.
    pub longest_wait_seconds: Option<i64>,
    /// Consultants on duty.
    pub on_duty: usize,
    /// Of the sessions opened today.
    pub figures: Figures,
}

impl Desk {
    /// Returns a page of past sessions: a consultant's own, or all for an administrator.
    pub async fn past(&self, user: &User, query: Query) -> Result<Vec<Past>, Refusal> {
        let assignee = (!user.is_administrator()).then(|| user.id.clone());
        let words = query.words.is_some();
        let found = self.store.past(Query { assignee, ..query }).await?;
        if words {
            // The words themselves may be a visitor's.
            let entry = Entry {
                actor: user.login.clone(),
                action: "search",
                subject: "sessions".to_owned(),
                detail: format!("{} found", found.len()),
            };
            self.store.audit(entry, self.now()).await?;
        }
        Ok(found)
    }

    /// Returns a past session with everything in it. One that is neither the consultant's own nor
    /// waiting needs a reason, which is remembered.
    pub async fn file(
        &self,
        user: &User,
        session: &SessionId,
        reason: Option<&str>,
    ) -> Result<File, Hidden> {
        self.rates.transcript(user.id.as_str(), self.now()).map_err(Hidden::Wait)?;
        let past = self.store.past_session(session).await?.ok_or(Hidden::NotFound)?;
        let found = self.store.waiting(session).await?.ok_or(Hidden::NotFound)?;
        let is_theirs = past.last_assignee.as_ref() == Some(&user.id)
            || matches!(found.handoff.stage, Stage::Queued { .. });
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if !is_theirs && reason.is_none() {
            return Err(Hidden::ReasonRequired);
        }
        let reason = reason.unwrap_or_default().chars().take(MAX_REASON).collect();
        self.remember(user, "view", session, reason).await.map_err(Hidden::Refused)?;
        let events = self.whole_log(session).await?;
        let notes = self.store.notes(session).await?;
        let forms = self.store.forms(Some(session), None).await?;
        Ok(File { past, events, notes, forms })
    }

    /// Remembers that somebody took a table of past sessions out.
    pub async fn remember_export(&self, user: &User, rows: usize) -> Result<(), Refusal> {
        let entry = Entry {
            actor: user.login.clone(),
            action: "export",
            subject: "sessions".to_owned(),
            detail: format!("{rows} rows"),
        };
        Ok(self.store.audit(entry, self.now()).await?)
    }

    /// Returns the figures of now and today.
    pub async fn today(&self) -> Result<Today, Refusal> {
        let board = self.read_board().await?;
        let now = self.now();
        let since = self.duty().day_start(now);
        let waits = board.waiting().filter_map(|row| match row.handoff.stage {
            Stage::Queued { since, .. } => Some(now.seconds_since(since)),
            _ => None,
        });
        Ok(Today {
            waiting: board.waiting().count(),
            longest_wait_seconds: waits.max(),
            on_duty: board.on_duty(),
            figures: self.store.figures(since).await?,
        })
    }

    /// Returns forms; the look at them is remembered.
    pub async fn forms(&self, user: &User, state: Option<&str>) -> Result<Vec<Form>, Refusal> {
        let forms = self.store.forms(None, state).await?;
        let entry = Entry {
            actor: user.login.clone(),
            action: "view",
            subject: "forms".to_owned(),
            detail: format!("{} shown", forms.len()),
        };
        self.store.audit(entry, self.now()).await?;
        Ok(forms)
    }

    /// Notes that a form was answered, or not yet; returns whether there is such a form.
    pub async fn set_form(&self, user: &User, id: &str, done: bool) -> Result<bool, Refusal> {
        let state = if done { "done" } else { "new" };
        let Some(session) = self.store.set_form_state(id, state).await? else { return Ok(false) };
        self.remember(user, "form", &session, state.to_owned()).await?;
        Ok(true)
    }

    /// Shows each passage that fits `text` as a quote with its score, best first.
    pub fn quotes(
        &self,
        text: &str,
        drug: Option<&str>,
        limit: usize,
        mut show: impl FnMut(QuoteBody<'_>, f32),
    ) -> Result<u64, DeskError> {
        let engine = self.engine().ok_or(DeskError::UnknownQuote)?;
        let text: String = text.chars().take(self.limits.text_chars).collect();
        let drug = drug.map(Into::into);
        let found: Result<_, search::Error> =
            engine.find(&text, drug.as_ref(), limit.clamp(1, MAX_RESULTS));
        let today = self.now().date();
        for hit in found.map_err(|_| DeskError::Internal)? {
            let knowledge: &Knowledge = &engine.knowledge;
            let (article, found) = hit.passage.get(knowledge);
            let stale = knowledge.review_due(article) < today;
            if let Some(quote) = passage(&article.id, &article.anchor(found), stale, knowledge) {
                show(quote, hit.score);
            }
        }
        Ok(engine.generation)
    }

    /// Returns the consultants' canned replies: name, English, Chinese.
    pub fn replies(&self) -> Vec<(String, String, String)> {
        let duty = self.duty();
        let replies = duty.replies();
        replies.map(|(id, text)| (id.to_owned(), text.en.clone(), text.zh.clone())).collect()
    }

    /// Returns what open sessions can be told of an article: name, English, Chinese.
    pub fn notices(&self) -> Vec<(String, String, String)> {
        let duty = self.duty();
        let notices = duty.notices();
        notices.map(|(id, text)| (id.to_owned(), text.en.clone(), text.zh.clone())).collect()
    }
}
