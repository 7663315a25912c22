//! Frames between a consultant's console and the server, `desk.v1`; docs/desk.md is the same in
//! words.

use serde::{Deserialize, Serialize};

use super::desk_bodies::{FormBody, NoteBody, PersonBody, RowBody, UserBody};
use super::visitor::EventFrame;
use crate::id::{SessionId, UserId};

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
    /// Passes it to another consultant, or to a team.
    Transfer {
        /// What every command has.
        #[serde(flatten)]
        command: Command,
        /// To which person.
        #[serde(default)]
        to: Option<UserId>,
        /// To which team, when it is no person.
        #[serde(default)]
        team: Option<String>,
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
}
