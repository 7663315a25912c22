//! Drafts of articles: written by one person, approved by another, each step kept. A step names
//! the revision that its maker has seen; whoever comes second is told, and nothing is overwritten.

use super::audit::{self, Entry};
use super::database::{Connection, OptionalExtension as _, Row, params};
use super::{Error, Store};
use crate::account::User;
use crate::id::{self, UserId};
use crate::time::Timestamp;

/// Most drafts of one list.
const MAX_LISTED: i64 = 200;
const COLUMNS: &str = "id, article, base, base_text, body, note, state, revision, author, reviewer,
     generation, created_at, changed_at";

/// Where a draft stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftState {
    /// Being written.
    Draft,
    /// Waits for a second person.
    Review,
    /// A second person has approved it.
    Approved,
    /// It took the article's place.
    Published,
    /// Given up.
    Discarded,
}

impl DraftState {
    const ALL: [Self; 5] =
        [Self::Draft, Self::Review, Self::Approved, Self::Published, Self::Discarded];

    /// Returns the name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Review => "review",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Discarded => "discarded",
        }
    }

    /// Returns whether it may still become part of the knowledge base.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Review | Self::Approved)
    }
}

/// What is written into a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftText {
    /// Version that it was written from; empty for a new article.
    pub base: String,
    /// The text of that version.
    pub base_text: String,
    /// The whole file.
    pub body: String,
    /// What it changes, and why.
    pub note: String,
}

/// A draft of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleDraft {
    /// Its id.
    pub id: String,
    /// Path of the article under the knowledge folder.
    pub article: String,
    /// What is written in it.
    pub text: DraftText,
    /// Where it stands.
    pub state: DraftState,
    /// Number of the text: 1, 2, 3 …
    pub revision: i64,
    /// Who began it.
    pub author: UserId,
    /// Who approved it.
    pub reviewer: Option<UserId>,
    /// The generation that it was published in.
    pub generation: Option<i64>,
    /// When it was begun.
    pub created: Timestamp,
    /// When it was last changed.
    pub changed: Timestamp,
}

/// Something that was done with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftStep {
    /// Who did it.
    pub person: UserId,
    /// What: begin, save, submit, return, approve, `approve_alone`, publish, discard.
    pub action: String,
    /// The revision it was done with.
    pub revision: i64,
    /// What was said about it.
    pub words: String,
    /// When.
    pub at: Timestamp,
}

/// Something to do with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftMove {
    /// Write another text; an approval falls away.
    Save(DraftText),
    /// Hand it to a second person.
    Submit,
    /// Back to whoever writes it.
    Return,
    /// Approve it, as somebody who has not written in it.
    Approve,
    /// Approve it all the same, as somebody who has.
    ApproveAlone,
    /// Note that it was published.
    Publish(i64),
    /// Give it up.
    Discard,
}

impl DraftMove {
    fn action(&self) -> &'static str {
        match self {
            Self::Save(_) => "save",
            Self::Submit => "submit",
            Self::Return => "return",
            Self::Approve => "approve",
            Self::ApproveAlone => "approve_alone",
            Self::Publish(_) => "publish",
            Self::Discard => "discard",
        }
    }

    /// Returns the states in which it may be done, and the one it leads to.
    fn path(&self) -> (&'static [DraftState], DraftState) {
        use DraftState::{Approved, Discarded, Draft, Published, Review};
        match self {
            Self::Save(_) => (&[Draft, Review, Approved], Draft),
            Self::Submit => (&[Draft], Review),
            Self::Return => (&[Review, Approved], Draft),
            Self::Approve | Self::ApproveAlone => (&[Review], Approved),
            Self::Publish(_) => (&[Approved], Published),
            Self::Discard => (&[Draft, Review, Approved], Discarded),
        }
    }
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// It was done.
    Done(ArticleDraft),
    /// Somebody was faster: this is how the draft stands now. Nothing was done.
    Stale(ArticleDraft),
    /// Whoever wrote in a draft does not approve it. Nothing was done.
    OwnWork,
    /// There is no such draft.
    Unknown,
}

impl Store {
    /// Begins a draft.
    pub async fn begin_draft(
        &self,
        user: &User,
        article: &str,
        text: DraftText,
        now: Timestamp,
    ) -> Result<ArticleDraft, Error> {
        let (user, article) = (user.clone(), article.to_owned());
        self.writer
            .write(move |connection| {
                let id = id::random_hex::<8>();
                connection.execute(
                    "INSERT INTO drafts (id, article, base, base_text, body, note, state, revision,
                                         author, created_at, changed_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9, ?9)",
                    params![
                        id,
                        article,
                        text.base,
                        text.base_text,
                        text.body,
                        text.note,
                        DraftState::Draft.name(),
                        user.id.as_str(),
                        now.as_micros()
                    ],
                )?;
                let draft = find(connection, &id)?.ok_or(Error::NoRow)?;
                remember(connection, &draft, &user, "begin", "", now)?;
                Ok(draft)
            })
            .await
    }

    /// Does something with revision `revision` of a draft; `words` say why.
    pub async fn move_draft(
        &self,
        user: &User,
        id: &str,
        revision: i64,
        step: DraftMove,
        words: &str,
        now: Timestamp,
    ) -> Result<Moved, Error> {
        let (user, id, words) = (user.clone(), id.to_owned(), words.to_owned());
        self.writer
            .write(move |connection| {
                // A write first: it takes the row's lock.
                connection
                    .execute("UPDATE drafts SET state = state WHERE id = ?1", [id.as_str()])?;
                let Some(before) = find(connection, &id)? else { return Ok(Moved::Unknown) };
                let (from, to) = step.path();
                if before.revision != revision || !from.contains(&before.state) {
                    return Ok(Moved::Stale(before));
                }
                if step == DraftMove::Approve && wrote(connection, &id, &user.id)? {
                    return Ok(Moved::OwnWork);
                }
                let action = step.action();
                write(connection, &before, &step, to, &user.id, now)?;
                let draft = find(connection, &id)?.ok_or(Error::NoRow)?;
                remember(connection, &draft, &user, action, &words, now)?;
                Ok(Moved::Done(draft))
            })
            .await
    }

    /// Returns a draft with every step of it, the oldest first.
    pub async fn draft(&self, id: &str) -> Result<Option<(ArticleDraft, Vec<DraftStep>)>, Error> {
        let id = id.to_owned();
        self.read(move |connection| {
            let Some(draft) = find(connection, &id)? else { return Ok(None) };
            let mut statement = connection.prepare_cached(
                "SELECT person, action, revision, words, at
                 FROM draft_steps
                 WHERE draft = ?1
                 ORDER BY seq",
            )?;
            let steps = statement.query_map([id.as_str()], |row| {
                Ok(DraftStep {
                    person: row.get::<_, String>("person")?.into(),
                    action: row.get("action")?,
                    revision: row.get("revision")?,
                    words: row.get("words")?,
                    at: Timestamp::from_micros(row.get("at")?),
                })
            })?;
            Ok(Some((draft, steps.collect::<Result<_, _>>()?)))
        })
        .await
    }

    /// Returns drafts, those that were changed last first: the open ones, or those that are over.
    pub async fn drafts(&self, open: bool) -> Result<Vec<ArticleDraft>, Error> {
        self.read(move |connection| {
            let states = DraftState::ALL.into_iter().filter(|state| state.is_open() == open);
            let states: Vec<&str> = states.map(DraftState::name).collect();
            let [first, second, third] = [0, 1, 2].map(|at| states.get(at).copied().unwrap_or(""));
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS}
                 FROM drafts
                 WHERE state IN (?1, ?2, ?3)
                 ORDER BY changed_at DESC, id
                 LIMIT ?4"
            ))?;
            let rows = statement
                .query_map(params![first, second, third, MAX_LISTED], |row| Ok(read(row)))?;
            rows.map(|row| row?).collect()
        })
        .await
    }
}

fn write(
    connection: &Connection,
    before: &ArticleDraft,
    step: &DraftMove,
    to: DraftState,
    by: &UserId,
    now: Timestamp,
) -> Result<(), Error> {
    let is_approval = matches!(step, DraftMove::Approve | DraftMove::ApproveAlone);
    // Another text, or a return, is no longer what was approved.
    let reviewer = match to {
        _ if is_approval => Some(by),
        DraftState::Draft => None,
        _ => before.reviewer.as_ref(),
    };
    let generation = match step {
        DraftMove::Publish(generation) => Some(*generation),
        _ => before.generation,
    };
    let (text, revision) = match step {
        DraftMove::Save(text) => (text, before.revision + 1),
        _ => (&before.text, before.revision),
    };
    connection.execute(
        "UPDATE drafts
         SET base = ?2, base_text = ?3, body = ?4, note = ?5, state = ?6, revision = ?7,
             reviewer = ?8, generation = ?9, changed_at = ?10
         WHERE id = ?1",
        params![
            before.id,
            text.base,
            text.base_text,
            text.body,
            text.note,
            to.name(),
            revision,
            reviewer.map(UserId::as_str),
            generation,
            now.as_micros()
        ],
    )?;
    Ok(())
}

/// Returns whether a person has written in a draft, now or in any revision before.
fn wrote(connection: &Connection, id: &str, person: &UserId) -> Result<bool, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM draft_steps
         WHERE draft = ?1 AND person = ?2 AND action IN ('begin', 'save')",
    )?;
    statement.exists(params![id, person.as_str()])
}

/// Keeps a step, with the draft and in the audit log.
fn remember(
    connection: &Connection,
    draft: &ArticleDraft,
    user: &User,
    action: &'static str,
    words: &str,
    now: Timestamp,
) -> Result<(), Error> {
    connection.execute(
        "INSERT INTO draft_steps (draft, seq, person, action, revision, words, at)
         SELECT ?1, COALESCE(MAX(seq), 0) + 1, ?2, ?3, ?4, ?5, ?6
         FROM draft_steps
         WHERE draft = ?1",
        params![draft.id, user.id.as_str(), action, draft.revision, words, now.as_micros()],
    )?;
    let detail = match words {
        "" => format!("{} revision {}", draft.article, draft.revision),
        words => format!("{} revision {}: {words}", draft.article, draft.revision),
    };
    let subject = format!("draft:{}", draft.id);
    audit::write(connection, Entry { actor: user.login.clone(), action, subject, detail }, now)
}

fn find(connection: &Connection, id: &str) -> Result<Option<ArticleDraft>, Error> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM drafts WHERE id = ?1"))?;
    statement.query_row([id], |row| Ok(read(row))).optional()?.transpose()
}

fn read(row: &Row<'_>) -> Result<ArticleDraft, Error> {
    let state: String = row.get("state")?;
    let known = DraftState::ALL.into_iter().find(|known| known.name() == state);
    Ok(ArticleDraft {
        id: row.get("id")?,
        article: row.get("article")?,
        text: DraftText {
            base: row.get("base")?,
            base_text: row.get("base_text")?,
            body: row.get("body")?,
            note: row.get("note")?,
        },
        state: known.ok_or_else(|| Error::Inconsistent(format!("draft state {state:?}")))?,
        revision: row.get("revision")?,
        author: row.get::<_, String>("author")?.into(),
        reviewer: row.get::<_, Option<String>>("reviewer")?.map(UserId::from),
        generation: row.get("generation")?,
        created: Timestamp::from_micros(row.get("created_at")?),
        changed: Timestamp::from_micros(row.get("changed_at")?),
    })
}
