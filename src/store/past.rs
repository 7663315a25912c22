//! Looking back: sessions that were handed over, and the figures of a day.

use super::database::{Row, params};
use super::{Error, Store};
use crate::id::{SessionId, UserId};
use crate::session::Mode;
use crate::time::Timestamp;

/// Most sessions of one page: a full one may have another after it.
pub const PAST_PAGE: usize = 50;
/// What both statements read of a past session.
const COLUMNS: &str = "id, mode, reason, priority, outcome, last_assignee, created_at, active_at, context, about, consent_lang";

/// A session that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The session.
    pub session: SessionId,
    /// Who answers in it.
    pub mode: Mode,
    /// Why a person was needed.
    pub reason: String,
    /// How urgent it was.
    pub priority: i64,
    /// What came of it; empty when it has no outcome.
    pub outcome: String,
    /// Who had it last.
    pub last_assignee: Option<UserId>,
    /// When it was opened.
    pub opened: Timestamp,
    /// When somebody last wrote.
    pub active: Timestamp,
    /// What its page told, JSON.
    pub context: String,
    /// The medicine that the bot last answered on.
    pub about: Option<String>,
    /// Language of the visitor's screen at the start.
    pub lang: String,
}

/// What to look for among past sessions; what is absent is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words in the messages.
    pub words: Option<String>,
    /// Drug that the talk was about, or else its page.
    pub drug: Option<String>,
    /// Why a person was needed.
    pub reason: Option<String>,
    /// What came of it.
    pub outcome: Option<String>,
    /// Only those that this person had.
    pub assignee: Option<UserId>,
    /// Opened at this moment or later.
    pub from: Option<Timestamp>,
    /// Opened before this moment.
    pub until: Option<Timestamp>,
    /// Opened before the last one of the page before, by its moment and id.
    pub before: Option<(Timestamp, String)>,
}

/// Figures of the sessions since a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Sessions in which somebody wrote.
    pub sessions: i64,
    /// Of those, the ones that no person was asked for.
    pub bot_alone: i64,
    /// Handed over.
    pub handed_over: i64,
    /// Claimed.
    pub claimed: i64,
    /// The visitor left before anybody claimed them.
    pub abandoned: i64,
    /// Closed with an outcome.
    pub closed: i64,
    /// Seconds from asking to a person's first message, in the middle.
    pub first_reply_seconds: Option<i64>,
    /// Seconds from asking to the close, in the middle.
    pub resolution_seconds: Option<i64>,
}

impl Store {
    /// Returns a page of past sessions, newest first.
    pub async fn past(&self, query: Query) -> Result<Vec<Past>, Error> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS}
                 FROM sessions
                 WHERE queued_at IS NOT NULL AND mode <> 'erased'
                     AND COALESCE(reason, '') = COALESCE(?1, COALESCE(reason, ''))
                     AND COALESCE(outcome, '') = COALESCE(?2, COALESCE(outcome, ''))
                     AND COALESCE(last_assignee, '') = COALESCE(?3, COALESCE(last_assignee, ''))
                     AND created_at >= COALESCE(?4, created_at)
                     AND created_at < COALESCE(?5, created_at + 1)
                     AND (created_at < COALESCE(?6, created_at + 1)
                         OR (created_at = ?6 AND id < COALESCE(?7, id)))
                     AND (about = ?8 OR ?8 IS NULL OR (about IS NULL AND context LIKE ?11 ESCAPE '!'))
                     AND (?9 = '%' OR EXISTS (
                         SELECT 1 FROM events
                         WHERE events.session = sessions.id AND events.kind = 'message'
                             AND events.body LIKE ?9 ESCAPE '!'))
                 ORDER BY created_at DESC, id DESC
                 LIMIT ?10",
            ))?;
            let page = query.drug.as_ref().map(|drug| format!("\"drug\":\"{drug}\""));
            let (before, before_id) = query.before.unzip();
            let rows = statement.query_map(
                params![
                    query.reason,
                    query.outcome,
                    query.assignee.as_ref().map(UserId::as_str),
                    query.from.map(Timestamp::as_micros),
                    query.until.map(Timestamp::as_micros),
                    before.map(Timestamp::as_micros),
                    before_id,
                    query.drug,
                    pattern(query.words.as_deref()),
                    i64::try_from(PAST_PAGE).unwrap_or(i64::MAX),
                    pattern(page.as_deref())
                ],
                |row| Ok(past(row)),
            )?;
            rows.map(|row| row?).collect()
        })
        .await
    }

    /// Returns one past session, if it was ever handed over.
    pub async fn past_session(&self, session: &SessionId) -> Result<Option<Past>, Error> {
        let session = session.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS}
                 FROM sessions
                 WHERE id = ?1 AND queued_at IS NOT NULL AND mode <> 'erased'",
            ))?;
            let mut rows = statement.query([session.as_str()])?;
            rows.next()?.map(|row| past(&row)).transpose()
        })
        .await
    }

    /// Returns the figures of the sessions opened since a moment.
    pub async fn figures(&self, since: Timestamp) -> Result<Figures, Error> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT queued_at, claimed_at, replied_at, closed_at, outcome
                 FROM sessions
                 WHERE created_at >= ?1 AND head > 0",
            )?;
            let mut rows = statement.query([since.as_micros()])?;
            let mut figures = Figures::default();
            let (mut first_replies, mut resolutions) = (Vec::new(), Vec::new());
            while let Some(row) = rows.next()? {
                figures.sessions += 1;
                let Some(queued) = moment(&row, "queued_at")? else {
                    figures.bot_alone += 1;
                    continue;
                };
                let claimed = moment(&row, "claimed_at")?;
                let closed = moment(&row, "closed_at")?;
                let outcome: Option<String> = row.get("outcome")?;
                figures.handed_over += 1;
                figures.claimed += i64::from(claimed.is_some());
                figures.abandoned += i64::from(claimed.is_none() && closed.is_some());
                figures.closed += i64::from(outcome.is_some());
                let replied = moment(&row, "replied_at")?;
                first_replies.extend(replied.map(|at| at.seconds_since(queued)));
                resolutions.extend(
                    closed.filter(|_| outcome.is_some()).map(|at| at.seconds_since(queued)),
                );
            }
            figures.first_reply_seconds = median(first_replies);
            figures.resolution_seconds = median(resolutions);
            Ok(figures)
        })
        .await
    }

    /// Returns how long the last sessions waited until somebody claimed them, in the middle and in
    /// seconds; `None` when there are fewer than `enough` to tell.
    pub async fn usual_wait(&self, since: Timestamp, enough: usize) -> Result<Option<i64>, Error> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT (claimed_at - queued_at) / 1000000
                 FROM sessions
                 WHERE queued_at >= ?1 AND claimed_at IS NOT NULL
                 ORDER BY queued_at DESC
                 LIMIT 50",
            )?;
            let waits = statement.query_map([since.as_micros()], |row| row.get(0))?;
            let waits = waits.collect::<Result<Vec<i64>, _>>()?;
            Ok(if waits.len() >= enough { median(waits) } else { None })
        })
        .await
    }
}

/// Returns the number in the middle.
fn median(mut numbers: Vec<i64>) -> Option<i64> {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied()
}

/// Returns the LIKE pattern for texts that hold `words`; `%` alone when nothing is asked.
fn pattern(words: Option<&str>) -> String {
    let Some(words) = words.filter(|words| !words.is_empty()) else { return "%".to_owned() };
    let mut pattern = String::from("%");
    for c in words.chars() {
        if ['%', '_', '!'].contains(&c) {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

fn moment(row: &Row<'_>, name: &str) -> Result<Option<Timestamp>, Error> {
    Ok(row.get::<_, Option<i64>>(name)?.map(Timestamp::from_micros))
}

fn past(row: &Row<'_>) -> Result<Past, Error> {
    let text = |name: &str| -> Result<String, Error> {
        Ok(row.get::<_, Option<String>>(name)?.unwrap_or_default())
    };
    let mode = text("mode")?;
    Ok(Past {
        session: text("id")?.into(),
        mode: Mode::from_name(&mode)
            .ok_or_else(|| Error::Inconsistent(format!("session mode {mode:?}")))?,
        reason: text("reason")?,
        priority: row.get("priority")?,
        outcome: text("outcome")?,
        last_assignee: row.get::<_, Option<String>>("last_assignee")?.map(UserId::from),
        opened: Timestamp::from_micros(row.get("created_at")?),
        active: Timestamp::from_micros(row.get("active_at")?),
        context: text("context")?,
        about: row.get("about")?,
        lang: text("consent_lang")?,
    })
}
