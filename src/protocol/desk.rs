//! Frames between a consultant's console and the server, `desk.v1`; docs/desk.md is the same in
//! words.

use serde::{Deserialize, Serialize};

use super::answer::QuoteBody;
use super::visitor::{EventFrame, NewSessionContext};
use crate::id::{SessionId, UserId};
use crate::session::{Handoff, Reason, Stage};

/// What a console sends; unknown fields are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum DeskFrame {
    /// Opens the desk; the first frame.
    Hello {
        /// A ticket, fetched over HTTP.
        ticket: String,
    },
    /// Follows a session.
    Open {
        /// The console's id for the command.
        cid: String,
        /// The session.
        session: SessionId,
        /// Number of the last event that the console has.
        #[serde(default)]
        after_seq: i64,
    },
    /// Follows a session no longer.
    Leave {
        /// The session.
        session: SessionId,
    },
    /// Takes a session that waits.
    Claim(Command),
    /// Puts it back into the queue.
    Release(Command),
    /// Gives it back to the bot.
    Return(Command),
    /// Takes the emergency flag off.
    Clear(Command),
    /// Passes it to another consultant.
    Transfer {
        /// What every command has.
        #[serde(flatten)]
        command: Command,
        /// To whom.
        to: UserId,
    },
    /// Closes it.
    Close {
        /// What every command has.
        #[serde(flatten)]
        command: Command,
        /// What came of it.
        outcome: String,
    },
    /// Writes to the visitor.
    Send {
        /// What every command has.
        #[serde(flatten)]
        command: Command,
        /// Number of the last event that the console shows.
        base_seq: i64,
        /// The words.
        #[serde(default)]
        text: String,
        /// Passages to quote.
        #[serde(default)]
        quotes: Vec<QuoteRef>,
    },
    /// Keeps a note that no visitor sees.
    Note {
        /// The console's id for the command.
        cid: String,
        /// The session.
        session: SessionId,
        /// The words.
        text: String,
    },
    /// Comes on duty or goes off.
    Available {
        /// The console's id for the command.
        cid: String,
        /// Whether on duty.
        on: bool,
    },
    /// The consultant is typing.
    Typing {
        /// In which session.
        session: SessionId,
    },
    /// Answers a ping.
    Pong {
        /// The ping's number.
        n: u64,
    },
}

/// What every command on a session has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Command {
    /// The console's id for it, the same on every retry.
    pub cid: String,
    /// The session.
    pub session: SessionId,
    /// The fence that the console knows.
    pub fence: i64,
}

/// A passage to quote.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QuoteRef {
    /// Id of the article.
    pub article: String,
    /// Name of the passage within it.
    pub anchor: String,
}

/// What the server sends to a console.
#[derive(Debug, Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum DeskSays<'a> {
    /// Answers hello.
    Welcome {
        /// Name of this connection, for support.
        conn: &'a str,
        /// Name of the log's history.
        epoch: &'a str,
        /// Milliseconds between pings.
        hb_ms: u64,
        /// Who is signed in.
        me: &'a UserBody,
        /// What the console must keep to.
        limits: DeskLimits,
        /// What may come of a session.
        outcomes: Vec<&'static str>,
        /// The queue, in order.
        queue: &'a [RowBody],
        /// The people behind the desk.
        people: &'a [PersonBody],
    },
    /// A command was carried out, durably.
    Done {
        /// The console's id for it.
        cid: &'a str,
        /// The session.
        #[serde(skip_serializing_if = "Option::is_none")]
        session: Option<&'a SessionId>,
        /// The fence from now on.
        #[serde(skip_serializing_if = "Option::is_none")]
        fence: Option<i64>,
        /// Number of the event it made.
        #[serde(skip_serializing_if = "Option::is_none")]
        seq: Option<i64>,
        /// Whether it had been carried out before.
        dup: bool,
    },
    /// A command was not carried out.
    Refused {
        /// The console's id for it.
        cid: &'a str,
        /// Why.
        code: DeskError,
        /// Whether the same frame may work later.
        retryable: bool,
        /// When to try again.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
        /// The session.
        #[serde(skip_serializing_if = "Option::is_none")]
        session: Option<&'a SessionId>,
        /// The fence now.
        #[serde(skip_serializing_if = "Option::is_none")]
        fence: Option<i64>,
        /// Number of the newest event.
        #[serde(skip_serializing_if = "Option::is_none")]
        head_seq: Option<i64>,
    },
    /// Rows of the queue that are new or changed, and those that are gone.
    Queue {
        /// New or changed.
        set: Vec<&'a RowBody>,
        /// No longer to be seen.
        gone: Vec<&'a SessionId>,
    },
    /// The people behind the desk, all of them.
    People {
        /// All of them.
        people: &'a [PersonBody],
    },
    /// A session is followed; its events come next.
    Opened {
        /// The console's id for the command.
        cid: &'a str,
        /// The session.
        session: &'a SessionId,
        /// Number of the newest event.
        head_seq: i64,
        /// Its row.
        row: Box<RowBody>,
        /// Whether the visitor is connected.
        online: bool,
        /// Its notes.
        notes: Vec<NoteBody>,
        /// Its forms.
        forms: Vec<FormBody>,
    },
    /// A new note.
    Note {
        /// The session.
        session: &'a SessionId,
        /// The note.
        note: &'a NoteBody,
    },
    /// A new form.
    Form {
        /// The session.
        session: &'a SessionId,
        /// The form.
        form: &'a FormBody,
    },
    /// A session is followed no longer.
    Closed {
        /// The session.
        session: &'a SessionId,
        /// erased, ended or `not_yours`.
        why: &'a str,
    },
    /// The visitor is typing.
    Typing {
        /// In which session.
        session: &'a SessionId,
    },
    /// Whether the visitor is connected.
    Presence {
        /// In which session.
        session: &'a SessionId,
        /// Whether.
        online: bool,
    },
    /// Are you there?
    Ping {
        /// Number of the ping.
        n: u64,
    },
    /// The server is going away: connect again after a while.
    Goaway {
        /// When.
        reconnect_in_ms: u64,
    },
    /// Something was wrong.
    Error {
        /// What.
        code: DeskError,
        /// Whether the connection is closed now.
        fatal: bool,
    },
}

/// An event of a session that a console follows.
#[derive(Debug, Serialize)]
pub struct DeskEvent<'a> {
    /// The session.
    pub session: &'a SessionId,
    /// The event.
    #[serde(flatten)]
    pub event: EventFrame<'a>,
}

/// What a console must keep to.
#[derive(Debug, Serialize)]
pub struct DeskLimits {
    /// Longest message, in characters.
    pub text_chars: usize,
    /// Longest note, in characters.
    pub note_chars: usize,
    /// Largest frame, in bytes.
    pub frame_bytes: usize,
    /// Most sessions that may be followed at once.
    pub open_sessions: usize,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserBody {
    /// Id.
    pub id: UserId,
    /// The name to sign in with.
    pub login: String,
    /// The name that others see.
    pub name: String,
    /// What they may do.
    pub roles: Vec<&'static str>,
    /// Whether they take sessions.
    pub available: bool,
}

/// Somebody behind the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonBody {
    /// Id.
    pub id: UserId,
    /// The name that others see.
    pub name: String,
    /// Whether they take sessions.
    pub available: bool,
    /// Whether their console is connected.
    pub online: bool,
    /// How many sessions they have.
    pub sessions: usize,
}

/// A session that waits for a person or has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowBody {
    /// The session.
    pub session: SessionId,
    /// bot, queued, claimed or closed.
    pub state: &'static str,
    /// The fence to claim it with.
    pub fence: i64,
    /// Why a person is needed.
    pub reason: Option<&'static str>,
    /// 3 emergency, 2 urgent, 1 recommended, 0 asked for.
    pub priority: i64,
    /// Since when it is in this state.
    pub since: Option<String>,
    /// By when somebody has to claim it.
    pub deadline: Option<String>,
    /// How many deadlines have passed.
    pub escalations: i64,
    /// Who alone may claim it until then.
    #[serde(rename = "for")]
    pub wanted: Option<UserId>,
    /// Who has it.
    pub assignee: Option<UserId>,
    /// How often it was passed on.
    pub moves: i64,
    /// Number of the newest event.
    pub head_seq: i64,
    /// What the visitor's page told.
    pub context: NewSessionContext,
}

impl RowBody {
    /// Returns the row of a session.
    pub fn new(
        session: &SessionId,
        handoff: &Handoff,
        head_seq: i64,
        context: &str,
        lang: &str,
    ) -> Self {
        let mut row = Self {
            session: session.clone(),
            state: "bot",
            fence: handoff.fence,
            reason: handoff.reason.map(Reason::name),
            priority: handoff.priority,
            since: None,
            deadline: None,
            escalations: 0,
            wanted: None,
            assignee: handoff.assignee().cloned(),
            moves: handoff.moves,
            head_seq,
            context: NewSessionContext::read(context, lang),
        };
        match &handoff.stage {
            Stage::Bot | Stage::Offered => {}
            Stage::Queued { since, deadline, wanted, escalations } => {
                row.state = "queued";
                (row.since, row.deadline) = (Some(since.to_string()), Some(deadline.to_string()));
                (row.wanted, row.escalations) = (wanted.clone(), *escalations);
            }
            Stage::Claimed { since, .. } => {
                row.state = "claimed";
                row.since = Some(since.to_string());
            }
            Stage::Closed { .. } => row.state = "closed",
        }
        row
    }
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteBody {
    /// Id.
    pub id: String,
    /// Who wrote it.
    pub by: PersonName,
    /// When.
    pub at: String,
    /// The words.
    pub text: String,
}

/// Somebody by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonName {
    /// Id.
    pub id: UserId,
    /// The name that others see.
    pub name: String,
}

/// A form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormBody {
    /// Id.
    pub id: String,
    /// The session.
    pub session: SessionId,
    /// When it came.
    pub at: String,
    /// By when somebody answers.
    pub due: String,
    /// new or done.
    pub state: String,
    /// Name.
    pub name: String,
    /// E-mail address or telephone number.
    pub contact: String,
    /// When to call.
    pub preferred: String,
    /// The service asked for.
    pub service: String,
    /// Anything else.
    pub text: String,
    /// Language of the consent.
    pub lang: String,
}

/// Body of a consultant's message.
#[derive(Debug, Serialize)]
pub struct ConsultantWords<'a> {
    /// The words.
    pub text: &'a str,
    /// Who wrote them.
    pub by: PersonName,
    /// Passages quoted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quotes: Vec<QuoteBody<'a>>,
}

/// Body of a step of a hand-off, as both sides see it.
#[derive(Debug, Default, Serialize)]
pub struct StateBody<'a> {
    /// The step. It stands first: the session's end is known by it.
    pub state: &'a str,
    /// Why a person is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    /// How urgent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    /// Why it is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'a str>,
    /// When consultants come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens: Option<String>,
    /// How many deadlines have passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalations: Option<i64>,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonName>,
    /// To whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<PersonName>,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'a str>,
    /// `true` when a form is offered, or the id of the one that came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<FormRef<'a>>,
    /// By when a form is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// The words in the visitor's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The words in both languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
}

/// A form that is offered, or the one that came.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
pub enum FormRef<'a> {
    /// Whether it is offered.
    Offered(bool),
    /// Id of the one that came.
    Id(&'a str),
}

/// Words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Words {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// What can go wrong, as consoles see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskError {
    /// Not a frame of this protocol, or a cid that is none.
    BadFrame,
    /// Somebody else was faster, or it no longer waits.
    LostRace,
    /// The session has changed hands.
    StaleFence,
    /// There is something that the writer has not seen.
    StaleView,
    /// Not theirs.
    NotAssignee,
    /// Kept for somebody else.
    Reserved,
    /// Passed on too often.
    LoopGuard,
    /// No such session, or not to be seen.
    NotFound,
    /// The session is over.
    Closed,
    /// The cid came before with other words.
    CidConflict,
    /// No words.
    Empty,
    /// Too many words.
    TooLong,
    /// No such consultant.
    UnknownPerson,
    /// No such passage.
    UnknownQuote,
    /// No such outcome.
    UnknownOutcome,
    /// Too many sessions are followed.
    TooManyOpen,
    /// The roles do not allow it.
    Forbidden,
    /// Not signed in, or no longer.
    Unauthorized,
    /// Too many commands.
    RateLimited,
    /// The database does not take it now.
    StorageUnavailable,
    /// A fault of ours.
    Internal,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read() {
        let read = |text: &str| serde_json::from_str::<DeskFrame>(text).unwrap();
        let command = Command { cid: "c".into(), session: "s".into(), fence: 4 };
        assert_eq!(
            read(r#"{"t":"claim","cid":"c","session":"s","fence":4,"more":1}"#),
            DeskFrame::Claim(command.clone())
        );
        assert_eq!(
            read(r#"{"t":"send","cid":"c","session":"s","fence":4,"base_seq":2,"text":"x"}"#),
            DeskFrame::Send { command, base_seq: 2, text: "x".into(), quotes: Vec::new() }
        );
        for bad in ["{}", r#"{"t":"claim","cid":"c","session":"s"}"#, r#"{"t":"erase"}"#] {
            assert!(serde_json::from_str::<DeskFrame>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_closing_event_ends_the_session() {
        let body = StateBody { state: "closed", outcome: Some("answered"), ..StateBody::default() };
        let event = crate::session::Event {
            seq: 1,
            kind: crate::session::EventKind::State,
            role: crate::session::Role::Consultant,
            cid: None,
            at: crate::time::Timestamp::from_micros(0),
            body: serde_json::to_string(&body).unwrap(),
        };
        assert!(event.ends_session());
    }
}
