//! Consult forms: how and when a visitor wants to be reached. They are stored with the event that
//! tells of them, after a consent of their own.

use super::database::{Connection, OptionalExtension as _, Row, params};
use super::{Error, Store};
use crate::id::SessionId;
use crate::session::Consent;
use crate::time::Timestamp;

/// What a visitor filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewForm {
    /// Its id.
    pub id: String,
    /// What the visitor agreed to.
    pub consent: Consent,
    /// Name.
    pub name: String,
    /// E-mail address or telephone number.
    pub contact: String,
    /// When to call.
    pub preferred: String,
    /// The service asked for: name of an article.
    pub service: String,
    /// Anything else.
    pub words: String,
    /// By when somebody answers.
    pub due: Timestamp,
}

/// A form as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The session.
    pub session: SessionId,
    /// When it came.
    pub at: Timestamp,
    /// `new` or `done`.
    pub state: String,
    /// What was filled in.
    pub filled: NewForm,
}

impl Store {
    /// Returns the forms in a state, or of a session; the one that is due first comes first.
    pub async fn forms(
        &self,
        session: Option<&SessionId>,
        state: Option<&str>,
    ) -> Result<Vec<Form>, Error> {
        let (session, state) = (session.cloned(), state.map(str::to_owned));
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, session, consent_version, consent_lang, name, contact, preferred,
                     service, words, state, at, due_at
                 FROM forms
                 WHERE session = COALESCE(?1, session) AND state = COALESCE(?2, state)
                 ORDER BY due_at, id
                 LIMIT 500",
            )?;
            let forms = statement
                .query_map(params![session.as_ref().map(SessionId::as_str), state], form)?;
            forms.collect::<Result<_, _>>()
        })
        .await
    }

    /// Moves a form into another state; returns its session, or `None` when there is no such form.
    pub async fn set_form_state(
        &self,
        id: &str,
        state: &'static str,
    ) -> Result<Option<SessionId>, Error> {
        let id = id.to_owned();
        self.writer
            .write(move |connection| {
                let found = connection
                    .prepare_cached("UPDATE forms SET state = ?2 WHERE id = ?1 RETURNING session")?
                    .query_row(params![id, state], |row| row.get::<_, String>(0));
                Ok(found.optional()?.map(SessionId::from))
            })
            .await
    }
}

/// Writes a form inside the transaction that tells of it.
pub(super) fn insert(
    connection: &Connection,
    session: &SessionId,
    form: &NewForm,
    now: Timestamp,
) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT INTO forms
                (id, session, consent_version, consent_lang, name, contact, preferred, service, words, state, at, due_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'new', ?10, ?11)",
        )?
        .execute(params![
            form.id,
            session.as_str(),
            form.consent.version,
            form.consent.lang,
            form.name,
            form.contact,
            form.preferred,
            form.service,
            form.words,
            now.as_micros(),
            form.due.as_micros()
        ])?;
    Ok(())
}

fn form(row: &Row<'_>) -> Result<Form, Error> {
    let filled = NewForm {
        id: row.get("id")?,
        consent: Consent { version: row.get("consent_version")?, lang: row.get("consent_lang")? },
        name: row.get("name")?,
        contact: row.get("contact")?,
        preferred: row.get("preferred")?,
        service: row.get("service")?,
        words: row.get("words")?,
        due: Timestamp::from_micros(row.get("due_at")?),
    };
    Ok(Form {
        session: row.get::<_, String>("session")?.into(),
        at: Timestamp::from_micros(row.get("at")?),
        state: row.get("state")?,
        filled,
    })
}
