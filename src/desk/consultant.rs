//! What a consultant can do with a session: see it, take it, write in it, pass it on, close it.
//! Every command names the fence it knows; what the log says is what happened.

use serde::Deserialize;
use tracing::error;

use super::Desk;
use super::handoff::Told;
use super::visitor::check_cid;
use crate::account::User;
use crate::id::{ArticleId, SessionId, UserId};
use crate::protocol::{
    Command, ConsultantWords, DeskError, PersonName, QuoteBody, QuoteRef, StateBody, passage,
};
use crate::session::{Draft, Hand, InvalidTransition, Outcome, Role, Stage, Step, Wanted};
use crate::store::{self, Advance, Advanced, Entry, Note, Said, Say, Waiting};
use crate::text;

/// Most passages of one message.
const MAX_QUOTES: usize = 5;

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The fence from now on.
    pub fence: Option<i64>,
    /// Number of the event it made.
    pub seq: Option<i64>,
    /// Whether it had been carried out before.
    pub dup: bool,
}

/// Why a command was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub code: DeskError,
    /// The fence now, if it may be known.
    pub fence: Option<i64>,
    /// Number of the newest event, if it may be known.
    pub head: Option<i64>,
    /// When to try again, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl From<DeskError> for Refusal {
    fn from(code: DeskError) -> Self {
        Self { code, fence: None, head: None, retry_after_ms: None }
    }
}

impl From<store::Error> for Refusal {
    fn from(fault: store::Error) -> Self {
        error!(error = %fault, "the database refused");
        Self { retry_after_ms: Some(1000), ..DeskError::StorageUnavailable.into() }
    }
}

/// What of a consultant's message tells whether a retry is the same.
#[derive(Deserialize)]
struct Written {
    text: String,
}

/// A step that a consultant takes, and what is told of it.
struct Move<'a> {
    step: Step,
    action: &'static str,
    key: &'static str,
    body: StateBody<'a>,
    values: Vec<(&'a str, &'a str)>,
}

impl Desk {
    /// Returns a session that a consultant may see: one that waits, their own, or any for an
    /// administrator.
    pub async fn visible(&self, user: &User, session: &SessionId) -> Result<Waiting, Refusal> {
        let found = self.known(user, session).await?;
        let queued = matches!(found.handoff.stage, Stage::Queued { .. });
        let own = found.handoff.assignee() == Some(&user.id);
        if queued || own || user.is_administrator() {
            Ok(found)
        } else {
            Err(DeskError::NotFound.into())
        }
    }

    /// Takes a session that waits.
    pub async fn claim(&self, user: &User, command: &Command) -> Result<Carried, Refusal> {
        let found = self.store.waiting(&command.session).await?;
        // Whoever guesses ids learns nothing: sessions that never waited are not there.
        let found = found.filter(|found| found.queued_at.is_some()).ok_or(DeskError::NotFound)?;
        let step = Step::Claim { hand: hand(user, command), teams: user.teams.clone() };
        let name = user.name.as_str();
        let body = StateBody { state: "claimed", by: Some(person(user)), ..StateBody::default() };
        let values = vec![("name", name)];
        let claim = Move { step, action: "claim", key: "claimed", body, values };
        self.carry_out(user, command, &found, claim).await
    }

    /// Puts a session back into the queue.
    pub async fn release(&self, user: &User, command: &Command) -> Result<Carried, Refusal> {
        let found = self.known(user, &command.session).await?;
        let deadline = self.claim_deadline(found.handoff.priority, self.now());
        let step = Step::Release { hand: hand(user, command), deadline };
        let why = Some("released");
        let body = StateBody { state: "requeued", why, ..StateBody::default() };
        let release = Move { step, action: "release", key: "released", body, values: Vec::new() };
        self.carry_out(user, command, &found, release).await
    }

    /// Passes a session to another consultant, or to a team.
    pub async fn transfer(
        &self,
        user: &User,
        command: &Command,
        to: Option<&UserId>,
        team: Option<&str>,
    ) -> Result<Carried, Refusal> {
        let found = self.known(user, &command.session).await?;
        let board = self.read_board().await?;
        let name = to.filter(|to| **to != user.id).and_then(|to| board.name(to));
        let team = team.filter(|team| to.is_none() && board.has_team(team));
        let (wanted, key) = match (to, name, team) {
            (Some(to), Some(_), _) => (Wanted::Person(to.clone()), "transferred"),
            (None, _, Some(team)) => (Wanted::Team(team.to_owned()), "transferred_team"),
            _ => return Err(DeskError::UnknownPerson.into()),
        };
        let deadline = self.now().plus_seconds(self.duty().waiting.transfer_seconds);
        let step = Step::Transfer { hand: hand(user, command), to: wanted, deadline };
        let named =
            |id: &UserId| PersonName { id: id.clone(), name: name.unwrap_or_default().into() };
        let body = StateBody {
            state: "transferred",
            by: Some(person(user)),
            to: to.map(named),
            team,
            ..StateBody::default()
        };
        let values = vec![("name", name.unwrap_or_default())];
        let transfer = Move { step, action: "transfer", key, body, values };
        self.carry_out(user, command, &found, transfer).await
    }

    /// Gives a session back to the bot.
    pub async fn return_to_bot(&self, user: &User, command: &Command) -> Result<Carried, Refusal> {
        let found = self.known(user, &command.session).await?;
        let step = Step::Return(hand(user, command));
        let body = StateBody { state: "returned", by: Some(person(user)), ..StateBody::default() };
        let back = Move { step, action: "return", key: "returned", body, values: Vec::new() };
        self.carry_out(user, command, &found, back).await
    }

    /// Takes the emergency flag off a session.
    pub async fn clear(&self, user: &User, command: &Command) -> Result<Carried, Refusal> {
        let found = self.known(user, &command.session).await?;
        let step = Step::Clear(hand(user, command));
        let body = StateBody { state: "cleared", by: Some(person(user)), ..StateBody::default() };
        let clear = Move { step, action: "clear", key: "cleared", body, values: Vec::new() };
        self.carry_out(user, command, &found, clear).await
    }

    /// Closes a session, with what came of it.
    pub async fn close(
        &self,
        user: &User,
        command: &Command,
        outcome: &str,
    ) -> Result<Carried, Refusal> {
        let found = self.known(user, &command.session).await?;
        let outcome = Outcome::from_name(outcome).ok_or(DeskError::UnknownOutcome)?;
        let step = Step::Close { hand: hand(user, command), outcome };
        let body = StateBody {
            state: "closed",
            by: Some(person(user)),
            outcome: Some(outcome.name()),
            ..StateBody::default()
        };
        let values = vec![("name", user.name.as_str())];
        let close = Move { step, action: "close", key: "closed", body, values };
        self.carry_out(user, command, &found, close).await
    }

    /// Writes to the visitor.
    pub async fn reply(
        &self,
        user: &User,
        command: &Command,
        base_seq: i64,
        text: &str,
        quotes: &[QuoteRef],
    ) -> Result<Carried, Refusal> {
        check_command(command)?;
        self.known(user, &command.session).await?;
        if text::is_blank(text) && quotes.is_empty() {
            return Err(DeskError::Empty.into());
        }
        if text.chars().count() > self.limits.text_chars || quotes.len() > MAX_QUOTES {
            return Err(DeskError::TooLong.into());
        }
        let say = Say {
            session: command.session.clone(),
            hand: hand(user, command),
            base: base_seq,
            cid: command.cid.clone(),
            body: self.words_of(user, text, quotes)?,
            now: self.now(),
        };
        let fence = Some(command.fence);
        match self.store.say(say).await? {
            Said::Written(event) => {
                self.bus.ring(&command.session, event.seq);
                Ok(Carried { fence, seq: Some(event.seq), dup: false })
            }
            Said::Before(seq, body) => {
                let same =
                    serde_json::from_str(&body).is_ok_and(|before: Written| before.text == text);
                if !same {
                    return Err(DeskError::CidConflict.into());
                }
                Ok(Carried { fence, seq: Some(seq), dup: true })
            }
            Said::StaleView { fence, head } => {
                Err(Refusal { fence: Some(fence), head: Some(head), ..DeskError::StaleView.into() })
            }
            Said::Refused { why, fence, head } => {
                Err(Refusal { fence: Some(fence), head: Some(head), ..code(why).into() })
            }
            Said::Unknown => Err(DeskError::NotFound.into()),
        }
    }

    /// Keeps a note that no visitor sees.
    pub async fn note(
        &self,
        user: &User,
        session: &SessionId,
        cid: &str,
        words: &str,
    ) -> Result<(Note, bool), Refusal> {
        check_cid(cid).map_err(|_| DeskError::BadFrame)?;
        self.visible(user, session).await?;
        if text::is_blank(words) {
            return Err(DeskError::Empty.into());
        }
        if words.chars().count() > self.limits.text_chars {
            return Err(DeskError::TooLong.into());
        }
        let now = self.now();
        let kept = self.store.note(session, &user.id, cid, words.to_owned(), now).await?;
        let (note, is_new) = kept.ok_or(DeskError::NotFound)?;
        if note.words != words {
            return Err(DeskError::CidConflict.into());
        }
        if is_new {
            self.remember(user, "note", session, String::new()).await?;
            self.bus.ring_note(session);
        }
        Ok((note, is_new))
    }

    /// Notes whether a consultant takes sessions.
    pub async fn set_available(&self, user: &User, on: bool) -> Result<(), Refusal> {
        self.store.set_available(&user.id, on).await?;
        self.bus.ring_desk();
        Ok(())
    }

    /// Takes one of a consultant's turns, if there is one left for now.
    pub fn take_command(&self, user: &User) -> Result<(), Refusal> {
        let taken = self.rates.command(user.id.as_str(), self.now());
        taken
            .map_err(|wait| Refusal { retry_after_ms: Some(wait), ..DeskError::RateLimited.into() })
    }

    /// Writes into the audit log what a consultant did with a session.
    pub async fn remember(
        &self,
        user: &User,
        action: &'static str,
        session: &SessionId,
        detail: String,
    ) -> Result<(), Refusal> {
        Ok(self.store.audit(entry(user, action, session, detail), self.now()).await?)
    }

    /// Returns a session that a consultant may know of: one that waits, or that they have or had.
    async fn known(&self, user: &User, session: &SessionId) -> Result<Waiting, Refusal> {
        let found = self.store.waiting(session).await?.ok_or(DeskError::NotFound)?;
        let queued = matches!(found.handoff.stage, Stage::Queued { .. });
        let theirs = found.last_assignee.as_ref() == Some(&user.id);
        let handed = found.queued_at.is_some();
        if handed && (queued || theirs || user.is_administrator()) {
            Ok(found)
        } else {
            Err(DeskError::NotFound.into())
        }
    }

    async fn carry_out(
        &self,
        user: &User,
        command: &Command,
        found: &Waiting,
        step: Move<'_>,
    ) -> Result<Carried, Refusal> {
        check_command(command)?;
        let Move { step, action, key, body, values } = step;
        let told = Told { role: Role::Consultant, key, lang: found.lang(), values: &values };
        let told: Draft = self.told(&told, body);
        let advance = Advance {
            session: command.session.clone(),
            step,
            room: None,
            cid: Some(command.cid.clone()),
            told: Some(told),
            audit: Some(entry(user, action, &command.session, String::new())),
            now: self.now(),
        };
        match self.store.advance(advance).await? {
            Advanced::Done { handoff, event } => {
                let seq = event.map(|event| event.seq);
                self.bus.ring(&command.session, seq.unwrap_or(found.head));
                self.bus.ring_desk();
                Ok(Carried { fence: Some(handoff.fence), seq, dup: false })
            }
            Advanced::Before { handoff, seq } => {
                Ok(Carried { fence: Some(handoff.fence), seq: Some(seq), dup: true })
            }
            Advanced::Refused { why, handoff, head } => {
                let (fence, head) = (Some(handoff.fence), Some(head));
                Err(Refusal { fence, head, ..code(why).into() })
            }
            Advanced::Unknown => Err(DeskError::NotFound.into()),
        }
    }

    /// Returns the body of a consultant's message, with passages taken from the articles here and
    /// now: a console cannot put words into an article's mouth.
    fn words_of(&self, user: &User, text: &str, quotes: &[QuoteRef]) -> Result<String, Refusal> {
        let engine = self.engine();
        let mut passages: Vec<QuoteBody<'_>> = Vec::with_capacity(quotes.len());
        for quote in quotes {
            let knowledge = &engine.as_ref().ok_or(DeskError::UnknownQuote)?.knowledge;
            let id = ArticleId::from(quote.article.as_str());
            let today = self.now().date();
            let stale =
                knowledge.article(&id).is_some_and(|article| knowledge.review_due(article) < today);
            let found = passage(&id, &quote.anchor, stale, knowledge);
            passages.push(found.ok_or(DeskError::UnknownQuote)?);
        }
        let words = ConsultantWords { text, by: person(user), quotes: passages };
        serde_json::to_string(&words).map_err(|_| DeskError::Internal.into())
    }
}

fn hand(user: &User, command: &Command) -> Hand {
    Hand { by: user.id.clone(), fence: command.fence }
}

fn person(user: &User) -> PersonName {
    PersonName { id: user.id.clone(), name: user.name.clone() }
}

fn entry(user: &User, action: &'static str, session: &SessionId, detail: String) -> Entry {
    Entry { actor: user.login.clone(), action, subject: format!("session:{session}"), detail }
}

fn check_command(command: &Command) -> Result<(), Refusal> {
    check_cid(&command.cid).map_err(|_| DeskError::BadFrame.into())
}

fn code(why: InvalidTransition) -> DeskError {
    match why {
        InvalidTransition::NotWaiting | InvalidTransition::AlreadyAsked => DeskError::LostRace,
        InvalidTransition::StaleFence => DeskError::StaleFence,
        InvalidTransition::NotAssignee | InvalidTransition::NotDue => DeskError::NotAssignee,
        InvalidTransition::Reserved | InvalidTransition::Full => DeskError::Reserved,
        InvalidTransition::Loop => DeskError::LoopGuard,
        InvalidTransition::Over => DeskError::Closed,
    }
}
