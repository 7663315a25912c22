//! Answers as editors look back on them: which were given of late, and which quoted an article.
//! Both read the whole log of their days: for a page that editors open now and then.

use super::database::params;
use super::{Error, Store};
use crate::id::SessionId;
use crate::session::{EventKind, Mode, Role};
use crate::time::Timestamp;

/// A question of a visitor, the bot's answer, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The session.
    pub session: SessionId,
    /// Version of what the visitor agreed to.
    pub consent: String,
    /// The question's body, JSON.
    pub question: String,
    /// The answer's body, JSON.
    pub answer: String,
    /// What the visitor thought of it: `up`, `down`, or nothing.
    pub rating: Option<String>,
    /// Why the session was handed over to a person, if it was.
    pub handed_over: Option<String>,
}

/// A message that quoted an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoting {
    /// The session.
    pub session: SessionId,
    /// The message's number in it.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// The bot's or a consultant's.
    pub role: String,
    /// Its body, JSON.
    pub body: String,
    /// Whether the session is still open.
    pub is_open: bool,
    /// What its page told, JSON.
    pub context: String,
}

impl Store {
    /// Returns the newest `limit` answers since a moment, with their questions.
    pub async fn exchanges_since(
        &self,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<Exchange>, Error> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT answers.session, sessions.consent_version, questions.body AS question,
                        answers.body AS answer, feedback.value AS rating, sessions.reason,
                        sessions.queued_at
                 FROM events AS answers
                 JOIN sessions ON sessions.id = answers.session
                 JOIN events AS questions
                   ON questions.session = answers.session
                  AND questions.seq = (SELECT MAX(seq)
                                       FROM events
                                       WHERE session = answers.session
                                         AND seq < answers.seq
                                         AND role = ?1
                                         AND kind = ?2)
                 LEFT JOIN feedback
                   ON feedback.session = answers.session AND feedback.seq = answers.seq
                 WHERE answers.role = ?3 AND answers.kind = ?2 AND answers.at >= ?4
                 ORDER BY answers.at DESC, answers.session, answers.seq
                 LIMIT ?5",
            )?;
            let (visitor, bot) = (Role::Visitor.name(), Role::Bot.name());
            let wanted = params![visitor, EventKind::Message.name(), bot, since.as_micros(), limit];
            let rows = statement.query_map(wanted, |row| {
                let reason: Option<String> = row.get("reason")?;
                let queued: Option<i64> = row.get("queued_at")?;
                Ok(Exchange {
                    session: row.get::<_, String>("session")?.into(),
                    consent: row.get("consent_version")?,
                    question: row.get("question")?,
                    answer: row.get("answer")?,
                    rating: row.get("rating")?,
                    handed_over: queued.map(|_| reason.unwrap_or_default()),
                })
            })?;
            rows.collect()
        })
        .await
    }

    /// Returns at most `limit` messages since a moment whose text names `article` and, if it is
    /// given, `version`, the newest first. The caller looks into their quotes.
    pub async fn messages_naming(
        &self,
        article: &str,
        version: Option<&str>,
        since: Timestamp,
        limit: i64,
    ) -> Result<Vec<Quoting>, Error> {
        let like = |text: &str| {
            let mut pattern = String::from("%");
            for c in text.chars() {
                if ['%', '_', '!'].contains(&c) {
                    pattern.push('!');
                }
                pattern.push(c);
            }
            pattern + "%"
        };
        let article = like(&format!("\"article\":\"{article}\""));
        let version = version.map_or_else(|| "%".to_owned(), like);
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT events.session, events.seq, events.at, events.role, events.body,
                        sessions.mode, sessions.context
                 FROM events
                 JOIN sessions ON sessions.id = events.session
                 WHERE events.kind = ?1 AND events.role <> ?2 AND events.at >= ?3
                   AND events.body LIKE ?4 ESCAPE '!'
                   AND events.body LIKE ?5 ESCAPE '!'
                 ORDER BY events.at DESC, events.session, events.seq
                 LIMIT ?6",
            )?;
            let (kind, visitor) = (EventKind::Message.name(), Role::Visitor.name());
            let wanted = params![kind, visitor, since.as_micros(), article, version, limit];
            let rows = statement.query_map(wanted, |row| {
                let mode: String = row.get("mode")?;
                Ok(Quoting {
                    session: row.get::<_, String>("session")?.into(),
                    seq: row.get("seq")?,
                    at: Timestamp::from_micros(row.get("at")?),
                    role: row.get("role")?,
                    body: row.get("body")?,
                    is_open: Mode::from_name(&mode).is_some_and(Mode::is_open),
                    context: row.get("context")?,
                })
            })?;
            rows.collect()
        })
        .await
    }
}
