//! A session is a log: numbered events of one consultation. Types and rules only, no I/O.

mod handoff;

pub use handoff::{
    GUESSED, Hand, Handoff, InvalidTransition, MAX_MOVES, Outcome, Reason, Stage, Step, Wanted,
};

use crate::id::SessionId;
use crate::time::Timestamp;

/// Who wrote an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The visitor.
    Visitor,
    /// Eider, quoting.
    Bot,
    /// A human medical consultant.
    Consultant,
    /// The server, about the session itself.
    System,
}

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Somebody's message.
    Message,
    /// The verdict on the message before it, when it is a priority or an emergency.
    Safety,
    /// A change of the session's state, in words.
    State,
}

/// Who answers in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The bot answers every message.
    Bot,
    /// The bot answers while the session waits for a person.
    Queued,
    /// A person has the session; the bot is silent.
    Human,
    /// Nobody: the visitor ended it.
    Ended,
    /// Nobody: everything in it was erased.
    Erased,
}

macro_rules! names {
    ($($kind:ty { $($variant:ident = $name:literal),* $(,)? })*) => {$(
        impl $kind {
            /// Returns the name in the database and on the wire.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Returns the value with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    )*};
}

use names;

names! {
    Role { Visitor = "visitor", Bot = "bot", Consultant = "consultant", System = "system" }
    EventKind { Message = "message", Safety = "safety", State = "state" }
    Mode { Bot = "bot", Queued = "queued", Human = "human", Ended = "ended", Erased = "erased" }
}

impl Mode {
    /// Returns whether the visitor may still write.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Bot | Self::Queued | Self::Human)
    }

    /// Returns whether the bot may answer: from the moment a person has the session it is silent.
    pub fn bot_answers(self) -> bool {
        matches!(self, Self::Bot | Self::Queued)
    }
}

/// A numbered event of a session's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Number within the session: 1, 2, 3 … without gaps.
    pub seq: i64,
    /// What it is.
    pub kind: EventKind,
    /// Who wrote it.
    pub role: Role,
    /// The writer's own id for it; a retry has the same.
    pub cid: Option<String>,
    /// When it was written; never used for ordering.
    pub at: Timestamp,
    /// The body, JSON.
    pub body: String,
}

/// Body of the state event by which a visitor ends a session.
pub const ENDED: &str = r#"{"state":"ended"}"#;
/// Start of the body of every change of state: the name comes first.
const STATE: &str = r#"{"state":""#;

impl Event {
    /// Returns whether this event ended the session: none comes after it.
    pub fn ends_session(&self) -> bool {
        matches!(self.state(), Some("ended" | "closed"))
    }

    /// Returns whether this event tells that a form has come.
    pub fn brings_form(&self) -> bool {
        self.state() == Some("form_received")
    }

    /// Returns whether the session waits for a person from this event on; `None` when the event
    /// does not tell.
    pub fn waits(&self) -> Option<bool> {
        match self.state()? {
            "queued" | "requeued" | "transferred" | "escalated" => Some(true),
            "claimed" | "returned" | "closed" | "ended" => Some(false),
            _ => None,
        }
    }

    /// Returns the name of the change of state that this event tells of.
    fn state(&self) -> Option<&str> {
        let state = self.body.strip_prefix(STATE).filter(|_| self.kind == EventKind::State)?;
        Some(state.split_once('"')?.0)
    }
}

/// An event that has no number yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it is.
    pub kind: EventKind,
    /// Who writes it.
    pub role: Role,
    /// The body, JSON.
    pub body: String,
}

/// What a visitor agreed to, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Version of the text.
    pub version: String,
    /// Language in which it was shown.
    pub lang: String,
}

/// A session as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Number of the newest event; 0 when there is none.
    pub head: i64,
    /// Who answers.
    pub mode: Mode,
    /// What the page told at the start, JSON: drug, page, region, language.
    pub context: String,
}
