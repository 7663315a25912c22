//! What a visitor can do.

use std::sync::OnceLock;

use serde::Deserialize;
use tracing::{error, warn};

use super::{Desk, Reply};
use crate::alarm::{Alarm, Call, Heard};
use crate::bus::Doorbell;
use crate::consult::{self, Answer, Kind, Situation, Understanding};
use crate::id::{self, DrugId, SessionId, TopicId};
use crate::knowledge::Knowledge;
use crate::protocol::{self, ErrorCode, NewSessionContext};
use crate::search;
use crate::session::{self, Draft, Event, EventKind, Role, Session, Step};
use crate::store::{self, Append, Appended};
use crate::text::Lang;
use crate::time::Timestamp;

/// Longest id that a client may give its message, in bytes.
const MAX_CID: usize = 64;
/// Messages within this time are judged together: frightened people write in pieces.
const TOGETHER_SECONDS: i64 = 600;
/// Most messages that are judged together.
const MAX_TOGETHER: usize = 20;
/// Events of a transcript read at once.
const PAGE: i64 = 100;

/// A session as one socket follows it.
#[derive(Debug)]
pub struct Conversation {
    /// The session's id.
    pub session: SessionId,
    situation: Situation,
    /// When each message of `situation.recent` was written.
    recent_at: Vec<Timestamp>,
}

impl Conversation {
    fn remember(&mut self, at: Timestamp, heard: Heard) {
        self.situation.recent.push(heard.kept());
        self.recent_at.push(at);
        if self.recent_at.len() > MAX_TOGETHER {
            self.situation.recent.remove(0);
            self.recent_at.remove(0);
        }
    }

    /// Takes in what the log says: once a person took part, what the bot could not answer before
    /// counts no more.
    pub fn hear_of(&mut self, event: &Event) {
        if event.role == Role::Consultant {
            self.situation.failures = 0;
        }
    }

    /// Returns the language to speak to the visitor in.
    pub(super) fn lang(&self) -> Lang {
        self.situation.lang.unwrap_or_default()
    }

    /// Returns what the session is about.
    pub(super) fn situation(&self) -> &Situation {
        &self.situation
    }

    fn forget_before(&mut self, start: Timestamp) {
        let old = self.recent_at.iter().take_while(|&&at| at < start).count();
        self.situation.recent.drain(..old);
        self.recent_at.drain(..old);
    }
}

/// What became of a message.
#[derive(Debug)]
pub enum Sent {
    /// Stored now: the events, the visitor's first.
    Stored(Vec<Event>),
    /// Stored before, under this number.
    Before(i64),
}

/// Why a message was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The reason.
    pub code: ErrorCode,
    /// Whether sending it again may help.
    pub retryable: bool,
    /// When to send it again, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The verdict on the message, if it is a priority: its card is shown all the same.
    pub alarm: Option<Box<Alarm>>,
    /// The field of a form that cannot be used.
    pub field: Option<&'static str>,
}

impl Rejection {
    fn with(self, alarm: Alarm) -> Self {
        Self { alarm: alarm.is_priority().then(|| Box::new(alarm)), ..self }
    }
}

impl From<ErrorCode> for Rejection {
    fn from(code: ErrorCode) -> Self {
        let retryable = matches!(
            code,
            ErrorCode::RateLimited | ErrorCode::StorageUnavailable | ErrorCode::Overloaded
        );
        Self { code, retryable, retry_after_ms: None, alarm: None, field: None }
    }
}

impl From<store::Error> for Rejection {
    fn from(fault: store::Error) -> Self {
        error!(error = %fault, "the database refused");
        Self { retry_after_ms: Some(1000), ..ErrorCode::StorageUnavailable.into() }
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
    /// Opens a session for a visitor at `address`.
    pub async fn open_session(
        &self,
        new: store::NewSession,
        address: &str,
    ) -> Result<(Session, String), Rejection> {
        let now = self.now();
        if let Err(wait) = self.rates.session(address, now) {
            return Err(Rejection { retry_after_ms: Some(wait), ..ErrorCode::RateLimited.into() });
        }
        Ok(self.store.open_session(new, now).await?)
    }

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
            recent_at: Vec::new(),
        };
        let since = self.now().minus_seconds(TOGETHER_SECONDS);
        for event in self.store.visitor_messages_since(&session.id, since).await? {
            if let Ok(Words { text }) = serde_json::from_str(&event.body) {
                conversation.remember(event.at, self.read_message(&text));
            }
        }
        Ok((session, conversation, doorbell))
    }

    /// Stores a visitor's message together with its answer. The verdict on an emergency is in
    /// `early` before it is stored, for a database that takes its time.
    pub async fn send(
        &self,
        conversation: &mut Conversation,
        cid: &str,
        text: &str,
        lang: Option<&str>,
        early: &OnceLock<Alarm>,
    ) -> Result<Sent, Rejection> {
        check_cid(cid)?;
        if text.trim().is_empty() {
            return Err(ErrorCode::Empty.into());
        }
        if text.chars().count() > self.limits.text_chars {
            return Err(ErrorCode::TooLong.into());
        }
        let message = Draft::visitor(serde_json::json!({ "text": text }).to_string());
        if let Some(lang) = lang.and_then(Lang::from_tag) {
            conversation.situation.lang = Some(lang);
        }
        let now = self.now();
        conversation.forget_before(now.minus_seconds(TOGETHER_SECONDS));
        if let Err(rejection) = self.take_turn(&conversation.session) {
            // Even somebody who writes too much may be in danger.
            let Reply { answer, .. } = self.answer(cid, text, &conversation.situation);
            let rejection = rejection.with(answer.alarm);
            return self.sent_before(&conversation.session, cid, &message, rejection).await;
        }
        let Reply { heard, answer, body } = self.answer(cid, text, &conversation.situation);
        if answer.alarm.is_emergency() {
            _ = early.set(answer.alarm.clone());
        }
        let safety = answer.alarm.is_priority().then(|| Draft {
            kind: EventKind::Safety,
            role: Role::System,
            body: protocol::safety(&answer.alarm),
        });
        let step = self.step_of(&answer, conversation.lang(), now);
        let is_called = step.as_ref().is_some_and(|(_, told)| told.is_some());
        let append = Append {
            safety,
            answer: Some(Draft::bot(body)),
            step,
            ..Append::new(&conversation.session, cid, message, now)
        };
        let sent =
            self.append(append).await.map_err(|rejection| rejection.with(answer.alarm.clone()))?;
        if let Sent::Stored(events) = &sent {
            conversation.situation.follow(&answer);
            conversation.remember(now, heard);
            if !events.iter().any(|event| event.role == Role::Bot) {
                // A person has the session: what the bot would have said was no failure.
                conversation.situation.failures = 0;
            }
        }
        if is_called {
            self.bus.ring_desk();
        }
        Ok(sent)
    }

    /// Takes over the page that the visitor is on now. Another drug's page starts a new matter:
    /// what the session was about before no longer answers for 'it'.
    pub fn turn_page(&self, conversation: &mut Conversation, page: NewSessionContext) {
        let situation = &mut conversation.situation;
        let drug = page.drug.and_then(|slug| self.known_drug(slug));
        if drug != situation.page {
            situation.page = drug;
            situation.drugs.clear();
            situation.topics.clear();
        }
        situation.region = page.region.or(situation.region.take());
    }

    /// Ends the session: nobody writes in it any more.
    pub async fn end(&self, conversation: &Conversation, cid: &str) -> Result<Sent, Rejection> {
        check_cid(cid)?;
        let message = Draft::state(Role::Visitor, session::ENDED.to_owned());
        let blank = Append::new(&conversation.session, cid, message, self.now());
        self.append(Append { step: Some((Step::End, None)), ..blank }).await
    }

    /// Erases everything in the session.
    pub async fn erase(&self, session: &SessionId) -> Result<(), Rejection> {
        self.store.erase(session).await?;
        self.bus.ring_erased(session);
        self.bus.ring_desk();
        Ok(())
    }

    /// Notes what the visitor thinks of an answer.
    pub async fn rate(
        &self,
        session: &SessionId,
        seq: i64,
        value: &'static str,
        reason: Option<String>,
    ) -> Result<(), Rejection> {
        self.take_turn(session)?;
        let is_answer = self.store.rate(session, seq, value, reason, self.now()).await?;
        if is_answer { Ok(()) } else { Err(ErrorCode::BadFrame.into()) }
    }

    /// Returns the whole log of a session.
    pub async fn transcript(&self, session: &SessionId) -> Result<Vec<Event>, Rejection> {
        self.take_turn(session)?;
        Ok(self.whole_log(session).await?)
    }

    pub(super) async fn whole_log(&self, session: &SessionId) -> Result<Vec<Event>, store::Error> {
        let mut events: Vec<Event> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event.seq);
            let page = self.store.events_after(session, after, PAGE).await?;
            if page.is_empty() {
                return Ok(events);
            }
            events.extend(page);
        }
    }

    /// Takes one of the visitor's turns, if there is one left for now.
    pub(super) fn take_turn(&self, session: &SessionId) -> Result<(), Rejection> {
        self.rates.message(session.as_str(), self.now()).map_err(|wait| Rejection {
            retry_after_ms: Some(wait),
            ..ErrorCode::RateLimited.into()
        })
    }

    /// Tells of a message that was stored before; `rejection` is for one that was not. A retry is
    /// never called rejected: the client would take the message for lost.
    pub(super) async fn sent_before(
        &self,
        session: &SessionId,
        cid: &str,
        message: &Draft,
        rejection: Rejection,
    ) -> Result<Sent, Rejection> {
        match self.store.visitor_event(session, cid).await? {
            Some(event) if event.body == message.body => Ok(Sent::Before(event.seq)),
            Some(_) => Err(ErrorCode::CidConflict.into()),
            None => Err(rejection),
        }
    }

    /// Answers a question outside any session.
    pub fn ask(&self, text: &str, situation: &Situation) -> String {
        self.answer(&id::random_hex::<8>(), text, situation).body
    }

    /// Takes one question or search outside a session of `address`, if there is one left for now.
    pub fn take_ask(&self, address: &str) -> Result<(), Rejection> {
        self.rates.ask(address, self.now()).map_err(|wait| Rejection {
            retry_after_ms: Some(wait),
            ..ErrorCode::RateLimited.into()
        })
    }

    /// Returns whom to call in an emergency where the visitor is, in their language.
    pub fn emergency_numbers(&self, conversation: &Conversation) -> Vec<Call> {
        let (region, lang) = (conversation.situation.region.as_deref(), conversation.lang());
        let Some(region) = region else { return Vec::new() };
        self.engine().map_or_else(
            || self.fallback.watch.numbers(region, lang),
            |engine| engine.emergency_numbers(region, lang),
        )
    }

    pub(super) async fn append(&self, append: Append) -> Result<Sent, Rejection> {
        let session = append.session.clone();
        let ends = matches!(append.step, Some((Step::End, _)));
        match self.store.append(append).await? {
            Appended::Written(events) => {
                if ends {
                    self.bus.ring_desk();
                }
                self.bus.ring(&session, events.last().map_or(0, |event| event.seq));
                Ok(Sent::Stored(events))
            }
            Appended::Duplicate(seq) => Ok(Sent::Before(seq)),
            Appended::CidConflict => Err(ErrorCode::CidConflict.into()),
            Appended::Closed => Err(ErrorCode::Closed.into()),
        }
    }

    /// Reads a message as the emergency policy does.
    fn read_message(&self, text: &str) -> Heard {
        self.engine().map_or_else(|| self.fallback.watch.hear(text), |engine| engine.hear(text))
    }

    /// Returns the reply to `text`. Whatever fails, emergencies are recognised, and there is an
    /// answer: a canned one.
    fn answer(&self, id: &str, text: &str, situation: &Situation) -> Reply {
        let Some(engine) = self.engine() else {
            warn!("no generation can be opened; a canned reply is given");
            return self.fallback.failed(id, text, situation);
        };
        let asked = engine.understand(text, situation);
        let heard = engine.hear(text);
        let alarm = engine.judge(&heard, situation, &asked);
        let answered = engine.answer(asked, alarm.clone(), self.now().date());
        let written = answered.map_err(Fault::from).and_then(|(mut answer, _)| {
            consult::offer_after_failures(&mut answer, situation.failures, &engine.knowledge);
            let body = protocol::answer(
                id.to_owned(),
                &answer,
                text,
                &engine.knowledge,
                engine.generation,
            )?;
            let body = serde_json::to_string(&body)?;
            Ok((answer, body))
        });
        let (answer, body) = written.unwrap_or_else(|fault| {
            error!(error = %fault, generation = engine.generation, "an answer failed");
            canned(id, "failed", alarm, situation, &engine.knowledge, engine.generation)
        });
        Reply { heard, answer, body }
    }

    /// Returns the drug of this name, if the knowledge base has it.
    pub fn known_drug(&self, slug: String) -> Option<DrugId> {
        let drug = DrugId::from(slug);
        self.engine()?.knowledge.drug(&drug).map(|drug| drug.id.clone())
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

/// Why there is no answer to send.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Search(#[from] search::Error),
    #[error(transparent)]
    Unverified(#[from] protocol::Unverified),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Returns a canned reply and its body; in an emergency the card stands in its place.
pub(super) fn canned(
    id: &str,
    reply: &str,
    alarm: Alarm,
    situation: &Situation,
    knowledge: &Knowledge,
    generation: u64,
) -> (Answer, String) {
    let lang = situation.lang.unwrap_or_default();
    let answer = if alarm.interrupts() {
        consult::urgent(alarm, &Understanding { lang, ..Understanding::default() }, knowledge)
    } else {
        let kind = if reply == "failed" { Kind::NotFound } else { Kind::Service };
        consult::warn(consult::say(kind, reply, lang, knowledge), alarm)
    };
    let body = protocol::answer(id.to_owned(), &answer, "", knowledge, generation)
        .ok()
        .and_then(|body| serde_json::to_string(&body).ok())
        .unwrap_or_else(|| "{}".to_owned());
    (answer, body)
}

pub(super) fn state(role: Role, state: &str) -> Draft {
    Draft { kind: EventKind::State, role, body: serde_json::json!({ "state": state }).to_string() }
}

pub(super) fn check_cid(cid: &str) -> Result<(), Rejection> {
    let fits =
        !cid.is_empty() && cid.len() <= MAX_CID && cid.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(()) } else { Err(ErrorCode::BadFrame.into()) }
}
