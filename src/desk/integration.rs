//! What other systems may read and change by their tokens. Every view is a row of the audit log, by
//! the token's name; notes of consultants never go out.

use super::{Desk, Refusal};
use crate::id::SessionId;
use crate::protocol::DeskError;
use crate::session::Event;
use crate::store::{self, Entry, Form, Past, Query, Token};

/// What a token may do.
pub const SCOPES: [&str; 3] = ["sessions:read", "forms:read", "forms:write"];

impl Desk {
    /// Returns the token with this secret, if it is good for `scope` now.
    pub async fn token(&self, secret: &str, scope: &str) -> Result<Token, Refusal> {
        let now = self.now();
        let found = self.store.token(secret).await?.filter(|token| token.holds(now));
        let token = found.ok_or(DeskError::Unauthorized)?;
        if !token.scopes.iter().any(|known| known == scope) {
            return Err(DeskError::Forbidden.into());
        }
        self.rates.command(&token.id, now).map_err(|wait| Refusal {
            retry_after_ms: Some(wait),
            ..DeskError::RateLimited.into()
        })?;
        self.store.touch_token(&token, now).await?;
        Ok(token)
    }

    /// Returns a page of sessions that were handed over, without their messages.
    pub async fn sessions_for(&self, token: &Token, query: Query) -> Result<Vec<Past>, Refusal> {
        let found = self.store.past(query).await?;
        self.note_view(token, "sessions".to_owned(), format!("{} shown", found.len())).await?;
        Ok(found)
    }

    /// Returns a session that was handed over, with its log and its forms.
    pub async fn session_for(
        &self,
        token: &Token,
        session: &SessionId,
    ) -> Result<(Past, Vec<Event>, Vec<Form>), Refusal> {
        let past = self.store.past_session(session).await?.ok_or(DeskError::NotFound)?;
        self.note_view(token, format!("session:{session}"), String::new()).await?;
        let events = self.whole_log(session).await?;
        let forms = self.store.forms(Some(session), None).await?;
        Ok((past, events, forms))
    }

    /// Returns forms, of one state or all.
    pub async fn forms_for(
        &self,
        token: &Token,
        state: Option<&str>,
    ) -> Result<Vec<Form>, Refusal> {
        let forms = self.store.forms(None, state).await?;
        self.note_view(token, "forms".to_owned(), format!("{} shown", forms.len())).await?;
        Ok(forms)
    }

    /// Notes that a form was answered, or not yet; returns whether there is such a form.
    pub async fn set_form_for(&self, token: &Token, id: &str, done: bool) -> Result<bool, Refusal> {
        let state = if done { "done" } else { "new" };
        let Some(session) = self.store.set_form_state(id, state).await? else { return Ok(false) };
        let entry = entry(token, "form", format!("session:{session}"), state.to_owned());
        self.store.audit(entry, self.now()).await?;
        Ok(true)
    }

    async fn note_view(
        &self,
        token: &Token,
        subject: String,
        detail: String,
    ) -> Result<(), store::Error> {
        self.store.audit(entry(token, "view", subject, detail), self.now()).await
    }
}

fn entry(token: &Token, action: &'static str, subject: String, detail: String) -> Entry {
    Entry { actor: format!("token:{}", token.name), action, subject, detail }
}
