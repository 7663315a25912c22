//! What a visitor can do.

use std::sync::OnceLock;

use tracing::{error, warn};

use super::words::{self, Judged};
use super::{Conversation, Desk, Reply};
use crate::alarm::{Alarm, Call};
use crate::consult::{self, Answer, Kind, Situation, Understanding};
use crate::id::{self, DrugId, SessionId};
use crate::knowledge::Knowledge;
use crate::protocol::{self, ErrorCode, Given, NewSessionContext};
use crate::session::{self, Draft, Event, EventKind, Role, Session, Step};
use crate::store::{self, Append, Appended};
use crate::text::{self, Lang};
use crate::time::Timestamp;

/// Longest id that a client may give its message, in bytes.
const MAX_CID: usize = 64;
/// Events of a transcript read at once.
const PAGE: i64 = 100;

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
        if text::is_blank(text) {
            return Err(ErrorCode::Empty.into());
        }
        if text.chars().count() > self.limits.text_chars {
            return Err(ErrorCode::TooLong.into());
        }
        if let Some(lang) = lang.and_then(Lang::from_tag) {
            conversation.situation.lang = Some(lang);
        }
        let now = self.now();
        conversation.forget_old(now);
        if let Err(rejection) = self.take_turn(&conversation.session) {
            // Even somebody who writes too much may be in danger.
            let Reply { answer, .. } = self.answer(cid, text, &conversation.situation, None, now);
            let rejection = rejection.with(answer.alarm);
            return self.sent_before(&conversation.session, cid, &written(text), rejection).await;
        }
        // What the visitor writes by another socket meanwhile belongs to what is judged: then it
        // is judged anew. In the end a message is never left out for that.
        for seen in [Some(()), Some(()), Some(()), None] {
            let seen = seen.map(|()| conversation.seen);
            let sent = self.answer_and_append(conversation, cid, text, seen, early, now).await?;
            if let Some(sent) = sent {
                return Ok(sent);
            }
        }
        Err(ErrorCode::Internal.into())
    }

    /// Judges a message, answers it and stores both; `None` when the visitor wrote something else
    /// after number `seen`, which is known of from then on.
    async fn answer_and_append(
        &self,
        conversation: &mut Conversation,
        cid: &str,
        text: &str,
        seen: Option<i64>,
        early: &OnceLock<Alarm>,
        now: Timestamp,
    ) -> Result<Option<Sent>, Rejection> {
        let given = Some(conversation.given());
        let Reply { heard, answer, body } =
            self.answer(cid, text, &conversation.situation, given, now);
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
        let about = answer.drugs.first();
        let append = Append {
            safety,
            answer: Some(Draft::bot(body)),
            about: about.filter(|drug| conversation.situation.drugs.first() != Some(drug)).cloned(),
            seen,
            step,
            ..Append::new(&conversation.session, cid, written(text), now)
        };
        let with_card = |rejection: Rejection| rejection.with(answer.alarm.clone());
        let Some(sent) = self.try_append(append).await.map_err(with_card)? else {
            let caught_up = self.catch_up(conversation).await;
            return caught_up.map(|()| None).map_err(|fault| with_card(fault.into()));
        };
        if let Sent::Stored(events) = &sent {
            conversation.situation.follow(&answer);
            conversation.remember(now, events.first().map_or(0, |event| event.seq), heard);
            conversation.seen = events.last().map_or(conversation.seen, |event| event.seq);
            if !events.iter().any(|event| event.role == Role::Bot) {
                // A person has the session: what the bot would have said was no failure.
                conversation.situation.failures = 0;
            }
        }
        if is_called {
            self.bus.ring_desk();
        }
        Ok(Some(sent))
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
        self.answer(&id::random_hex::<8>(), text, situation, None, self.now()).body
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
        self.try_append(append).await?.ok_or_else(|| ErrorCode::Internal.into())
    }

    /// Returns `None` when the visitor has written something else meanwhile.
    async fn try_append(&self, append: Append) -> Result<Option<Sent>, Rejection> {
        let session = append.session.clone();
        let ends = matches!(append.step, Some((Step::End, _)));
        match self.store.append(append).await? {
            Appended::Written(events) => {
                if ends {
                    self.bus.ring_desk();
                }
                self.bus.ring(&session, events.last().map_or(0, |event| event.seq));
                Ok(Some(Sent::Stored(events)))
            }
            Appended::Overtaken => Ok(None),
            Appended::Duplicate(seq) => Ok(Some(Sent::Before(seq))),
            Appended::CidConflict => Err(ErrorCode::CidConflict.into()),
            Appended::Closed => Err(ErrorCode::Closed.into()),
        }
    }

    /// Returns the reply to `text`. Whatever fails, emergencies are recognised, and there is an
    /// answer: a canned one.
    fn answer(
        &self,
        id: &str,
        text: &str,
        situation: &Situation,
        given: Option<Given>,
        now: Timestamp,
    ) -> Reply {
        let Some(engine) = self.engine() else {
            warn!("no generation can be opened; a canned reply is given");
            return self.fallback.failed(id, text, situation);
        };
        let Judged { heard, alarm, written } =
            words::judge_and_answer(&engine, id, text, situation, given, now.date());
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

fn written(text: &str) -> Draft {
    Draft::visitor(serde_json::json!({ "text": text }).to_string())
}

pub(super) fn state(role: Role, state: &str) -> Draft {
    Draft { kind: EventKind::State, role, body: serde_json::json!({ "state": state }).to_string() }
}

pub(super) fn check_cid(cid: &str) -> Result<(), Rejection> {
    let fits =
        !cid.is_empty() && cid.len() <= MAX_CID && cid.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(()) } else { Err(ErrorCode::BadFrame.into()) }
}
