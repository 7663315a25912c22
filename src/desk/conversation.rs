//! A session as one socket follows it: what has been said so far, as far as the next answer depends
//! on it. The log is the truth; this is what was read of it last.

use std::collections::VecDeque;

use serde::Deserialize;

use super::{Desk, Rejection};
use crate::alarm::Heard;
use crate::bus::Doorbell;
use crate::consult::{self, Kind, Situation};
use crate::id::{DrugId, SessionId, TopicId};
use crate::protocol::{ErrorCode, Given, NewSessionContext};
use crate::session::{Event, Role, Session};
use crate::store;
use crate::text::Lang;
use crate::time::Timestamp;

/// Messages within this time are judged together: frightened people write in pieces.
const TOGETHER_SECONDS: i64 = 600;
/// Most messages that are judged together.
const MAX_TOGETHER: usize = 20;

/// A session as one socket follows it.
#[derive(Debug)]
pub struct Conversation {
    /// The session's id.
    pub session: SessionId,
    pub(super) situation: Situation,
    /// When each message of `situation.recent` was written, and its number in the log.
    recent_at: VecDeque<(Timestamp, i64)>,
    /// Number of the newest event up to which everything the visitor wrote is known of.
    pub(super) seen: i64,
}

impl Conversation {
    pub(super) fn remember(&mut self, at: Timestamp, seq: i64, heard: Heard) {
        self.situation.recent.push_back(heard.kept());
        self.recent_at.push_back((at, seq));
        if self.recent_at.len() > MAX_TOGETHER {
            self.situation.recent.pop_front();
            self.recent_at.pop_front();
        }
    }

    /// Takes in what the log says: once a person took part, what the bot could not answer before
    /// counts no more.
    pub fn hear_of(&mut self, event: &Event) {
        if event.role == Role::Consultant {
            self.situation.failures = 0;
        }
        if event.seq == self.seen + 1 && event.role != Role::Visitor {
            self.seen = event.seq;
        }
    }

    /// Returns the language to speak to the visitor in.
    pub(super) fn lang(&self) -> Lang {
        self.situation.lang.unwrap_or_default()
    }

    /// Returns what the next answer depends on besides its message.
    pub(super) fn given(&self) -> Given {
        let situation = &self.situation;
        Given {
            lang: situation.lang,
            page: situation.page.clone(),
            region: situation.region.clone(),
            drugs: situation.drugs.clone(),
            topics: situation.topics.clone(),
            failures: situation.failures,
            after: self.recent_at.iter().map(|&(_, seq)| seq).collect(),
        }
    }

    pub(super) fn forget_old(&mut self, now: Timestamp) {
        let start = now.minus_seconds(TOGETHER_SECONDS);
        let old = self.recent_at.iter().take_while(|&&(at, _)| at < start).count();
        self.situation.recent.drain(..old);
        self.recent_at.drain(..old);
    }
}

/// The body of a visitor's message.
#[derive(Deserialize)]
struct Words {
    text: String,
}

/// What of an answer's body matters for the next question.
#[derive(Deserialize)]
struct AnswerOutline {
    #[serde(default)]
    drugs: Vec<DrugId>,
    #[serde(default)]
    topics: Vec<TopicId>,
    #[serde(default)]
    lang: Option<Lang>,
    #[serde(default)]
    kind: Option<String>,
}

impl Desk {
    /// Returns the session that a token opens, ready to follow, with an ear at its doorbell. The
    /// doorbell comes first: whatever is written from here on rings.
    pub async fn join(&self, token: &str) -> Result<(Session, Conversation, Doorbell), Rejection> {
        let found = self.store.session_by_token(token).await?.ok_or(ErrorCode::Unauthorized)?;
        let doorbell = self
            .bus
            .listen(&found.id, self.limits.sockets_per_session)
            .ok_or(ErrorCode::TooManySockets)?;
        let session = self.store.session(&found.id).await?.ok_or(ErrorCode::Unauthorized)?;
        let mut conversation = Conversation {
            session: session.id.clone(),
            situation: self.situation(&session).await?,
            recent_at: VecDeque::new(),
            seen: session.head,
        };
        self.hear_messages(&mut conversation).await?;
        Ok((session, conversation, doorbell))
    }

    /// Reads what the visitor has written lately.
    async fn hear_messages(&self, conversation: &mut Conversation) -> Result<(), store::Error> {
        conversation.situation.recent.clear();
        conversation.recent_at.clear();
        let since = self.now().minus_seconds(TOGETHER_SECONDS);
        for event in self.store.visitor_messages_since(&conversation.session, since).await? {
            if let Ok(Words { text }) = serde_json::from_str(&event.body) {
                conversation.remember(event.at, event.seq, self.read_message(&text));
            }
        }
        Ok(())
    }

    /// Takes in what the visitor wrote by another socket, on this node or another.
    pub(super) async fn catch_up(
        &self,
        conversation: &mut Conversation,
    ) -> Result<(), store::Error> {
        let Some(session) = self.store.session(&conversation.session).await? else { return Ok(()) };
        let now = self.situation(&session).await?;
        let situation = &mut conversation.situation;
        if !now.drugs.is_empty() {
            situation.drugs = now.drugs;
        }
        if !now.topics.is_empty() {
            situation.topics = now.topics;
        }
        situation.failures = now.failures;
        conversation.seen = session.head;
        self.hear_messages(conversation).await
    }

    /// Reads a message as the emergency policy does.
    fn read_message(&self, text: &str) -> Heard {
        self.engine().map_or_else(|| self.fallback.watch.hear(text), |engine| engine.hear(text))
    }

    /// Returns what the session is about so far: its page, and its last answer.
    async fn situation(&self, session: &Session) -> Result<Situation, store::Error> {
        let page: NewSessionContext = serde_json::from_str(&session.context).unwrap_or_default();
        let mut situation = Situation {
            lang: page.lang.as_deref().and_then(Lang::from_tag),
            page: page.drug.and_then(|slug| self.known_drug(slug)),
            region: page.region,
            ..Situation::default()
        };
        if let Some(last) = self.store.last_answer(&session.id).await?
            && let Ok(outline) = serde_json::from_str::<AnswerOutline>(&last.body)
        {
            situation.drugs = outline.drugs;
            situation.topics = outline.topics;
            situation.lang = outline.lang.or(situation.lang);
            let answers = self.store.answers_in_a_row(&session.id, MAX_TOGETHER).await?;
            let kinds = answers.iter().rev().filter_map(|body| {
                let outline = serde_json::from_str::<AnswerOutline>(body).ok()?;
                Kind::from_name(outline.kind.as_deref()?)
            });
            situation.failures = kinds.fold(0, consult::failures_after);
        }
        Ok(situation)
    }
}
