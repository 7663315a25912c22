//! Frames between a visitor's chat and the server, `consult.v1`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::answer::{NumberBody, TriageBody};
use super::desk_bodies::FormBody;
use crate::session::Event;

/// What a visitor's client sends; unknown fields are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Opens the conversation; the first frame.
    Hello {
        /// The session's token.
        token: String,
        /// The epoch that the client's log belongs to.
        #[serde(default)]
        epoch: Option<String>,
        /// Number of the last event that the client has.
        #[serde(default)]
        after_seq: i64,
    },
    /// A message.
    Send {
        /// The client's id for it, the same on every retry.
        cid: String,
        /// The words.
        text: String,
        /// Language of the client's screen.
        #[serde(default)]
        lang: Option<String>,
        /// The page that the visitor is on now.
        #[serde(default)]
        context: Option<NewSessionContext>,
    },
    /// The client has all events up to `seq`.
    Ack {
        /// Number of the last event received.
        seq: i64,
    },
    /// Answers a ping.
    Pong {
        /// The ping's number.
        n: u64,
    },
    /// The visitor is typing.
    Typing {},
    /// The visitor asks for a person.
    Handoff {
        /// The client's id for the request.
        cid: String,
    },
    /// The visitor leaves contact details.
    Form(ConsultForm),
    /// The visitor ends the session.
    End {
        /// The client's id for the request.
        cid: String,
    },
    /// What the visitor thinks of an answer.
    Feedback {
        /// The client's id for the request.
        cid: String,
        /// Number of the answer.
        seq: i64,
        /// up or down.
        value: Thumb,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// The visitor wants the transcript.
    Export {
        /// The client's id for the request.
        cid: String,
    },
    /// The visitor wants everything erased.
    Erase {
        /// The client's id for the request.
        cid: String,
    },
}

/// How and when a visitor wants to be reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct ConsultForm {
    /// The client's id for the request.
    pub cid: String,
    /// What the visitor agreed to.
    #[serde(default)]
    pub consent: Option<Consent>,
    /// Name.
    #[serde(default)]
    pub name: String,
    /// E-mail address or telephone number.
    #[serde(default)]
    pub contact: String,
    /// When to call.
    #[serde(default)]
    pub preferred: String,
    /// The service asked for: name of an article under `services/`.
    #[serde(default)]
    pub service: String,
    /// Anything else.
    #[serde(default)]
    pub text: String,
}

/// A visitor's opinion of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Thumb {
    /// It helped.
    Up,
    /// It did not.
    Down,
}

impl Thumb {
    /// Returns `up` or `down`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// A frame that is none of ours.
#[derive(Debug, thiserror::Error)]
#[error("not a frame of consult.v1")]
pub struct FrameError;

/// Reads a client's frame.
pub fn parse_client_frame(text: &str) -> Result<ClientFrame, FrameError> {
    serde_json::from_str(text).map_err(|_| FrameError)
}

/// What the server sends.
#[derive(Debug, Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ServerFrame<'a> {
    /// Answers hello.
    Welcome {
        /// Name of this connection, for support.
        conn: &'a str,
        /// Name of the log's history.
        epoch: &'a str,
        /// Number of the newest event.
        head_seq: i64,
        /// fresh, resumed or resync.
        mode: &'a str,
        /// What the client must keep to.
        limits: WelcomeLimits,
        /// Milliseconds between pings.
        hb_ms: u64,
        /// Whom to call in an emergency where the visitor is; empty where that is not known.
        numbers: Vec<NumberBody<'a>>,
    },
    /// The message is stored, durably.
    Accepted {
        /// The client's id.
        cid: &'a str,
        /// Its number.
        seq: i64,
        /// Whether it was stored before.
        dup: bool,
    },
    /// The message is an emergency, and storing it takes long: its card, ahead of the receipt.
    Alarm {
        /// The client's id.
        cid: &'a str,
        /// The verdict on the message.
        triage: TriageBody<'a>,
    },
    /// The message is not stored.
    Rejected {
        /// The client's id.
        cid: &'a str,
        /// Why.
        code: ErrorCode,
        /// Whether sending it again may help.
        retryable: bool,
        /// When to send it again.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
        /// The field of a form that cannot be used.
        #[serde(skip_serializing_if = "Option::is_none")]
        field: Option<&'a str>,
        /// The verdict on the message, when it is a priority: its card is shown all the same.
        #[serde(skip_serializing_if = "Option::is_none")]
        triage: Option<TriageBody<'a>>,
    },
    /// Where the session stands in the queue.
    Queue {
        /// Place, from 1.
        position: usize,
        /// Consultants on duty.
        on_duty: usize,
        /// How long it has waited.
        waited_seconds: i64,
        /// How long sessions waited lately, in the middle.
        expected_seconds: Option<i64>,
    },
    /// The consultant is typing.
    Typing {},
    /// Are you there?
    Ping {
        /// Number of the ping.
        n: u64,
        /// Number of the newest event.
        head_seq: i64,
    },
    /// The server is going away: connect again after a while.
    Goaway {
        /// When.
        reconnect_in_ms: u64,
    },
    /// Something was wrong.
    Error {
        /// What.
        code: ErrorCode,
        /// Whether the connection is closed now.
        fatal: bool,
    },
    /// A request without content was carried out.
    Done {
        /// The client's id of the request.
        cid: &'a str,
    },
    /// The transcript.
    Exported {
        /// The client's id of the request.
        cid: &'a str,
        /// Every event.
        session: Transcript<'a>,
    },
    /// Everything was erased.
    Erased {
        /// The client's id of the request.
        cid: &'a str,
    },
}

/// A session's log, to take away.
#[derive(Debug, Serialize)]
pub struct Transcript<'a> {
    /// The session's id.
    pub id: &'a str,
    /// Every event, in order.
    pub events: Vec<EventFrame<'a>>,
    /// The forms that the visitor sent.
    pub forms: Vec<FormBody>,
}

/// What a client must keep to.
#[derive(Debug, Serialize)]
pub struct WelcomeLimits {
    /// Longest message, in characters.
    pub text_chars: usize,
    /// Largest frame, in bytes.
    pub frame_bytes: usize,
    /// Messages per minute.
    pub per_minute: u32,
}

/// An event on the wire.
#[derive(Debug, Serialize)]
pub struct EventFrame<'a> {
    t: &'static str,
    seq: i64,
    kind: &'static str,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cid: Option<&'a str>,
    ts: String,
    body: &'a RawValue,
}

impl<'a> EventFrame<'a> {
    /// Returns the frame of an event, or `None` when its body is not JSON.
    pub fn new(event: &'a Event) -> Option<Self> {
        serde_json::from_str(&event.body).ok().map(|body| Self::with(event, body))
    }

    fn with(event: &'a Event, body: &'a RawValue) -> Self {
        Self {
            t: "event",
            seq: event.seq,
            kind: event.kind.name(),
            role: event.role.name(),
            cid: event.cid.as_deref(),
            ts: event.at.to_string(),
            body,
        }
    }
}

/// Returns the frame of an event whose body this program has just written itself: unlike one that
/// comes from the database, it need not be read through to know that it is JSON.
pub fn own_event(event: &Event) -> Option<String> {
    let (nothing, body) = (r#""body":null}"#, event.body.as_str());
    let frame = EventFrame::with(event, RawValue::NULL);
    let head = serde_json::to_string(&frame).ok()?;
    let head = head.strip_suffix(nothing)?;
    Some([head, r#""body":"#, body, "}"].concat())
}

/// What can go wrong, as clients see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not a frame of this protocol.
    BadFrame,
    /// The message has no words.
    Empty,
    /// The message is longer than `limits.text_chars`.
    TooLong,
    /// Too many messages.
    RateLimited,
    /// The client's id came before with another text.
    CidConflict,
    /// The session is over.
    Closed,
    /// A field of the form cannot be used.
    InvalidForm,
    /// The token opens no session.
    Unauthorized,
    /// The consent's version or language is missing.
    ConsentRequired,
    /// Too many sockets.
    TooManySockets,
    /// The node is full.
    Overloaded,
    /// The database does not take it now.
    StorageUnavailable,
    /// A fault of ours.
    Internal,
}

/// How a socket is closed. 4000 to 4499: connect again; 4500 to 4999: do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// Binary frames are not part of the protocol.
    Unsupported = 1003,
    /// Text that is not UTF-8.
    InvalidText = 1007,
    /// A frame beyond the limit.
    TooBig = 1009,
    /// The server restarts.
    Restart = 1012,
    /// A fault of ours.
    Internal = 4000,
    /// No hello in time.
    HelloTimeout = 4001,
    /// Two pings without an answer.
    Heartbeat = 4002,
    /// The client does not read.
    Slow = 4003,
    /// The database was restored: what the client has is compared anew.
    Resync = 4006,
    /// The node is full.
    Overloaded = 4007,
    /// Frames that are none of ours, again and again.
    BadFrames = 4500,
    /// The token opens no session.
    Unauthorized = 4501,
    /// The session ended or was erased.
    Ended = 4503,
    /// Too many sockets of this session.
    TooManySockets = 4505,
    /// The consultant's account is disabled.
    Disabled = 4506,
}

/// `POST /v1/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NewSession {
    /// Site that the visitor is on.
    #[serde(default)]
    pub site: String,
    /// What the visitor agreed to.
    pub consent: Option<Consent>,
    /// What the page knows.
    #[serde(default)]
    pub context: NewSessionContext,
}

/// What a visitor agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Consent {
    /// Version of the text.
    pub version: String,
    /// Language in which it was shown.
    pub lang: String,
}

/// What the page knows about the visitor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSessionContext {
    /// The drug that the page is about.
    #[serde(default)]
    pub drug: Option<String>,
    /// The page's path.
    #[serde(default)]
    pub page: Option<String>,
    /// The visitor's market.
    #[serde(default)]
    pub region: Option<String>,
    /// Language of the page.
    #[serde(default)]
    pub lang: Option<String>,
}

impl NewSessionContext {
    /// Reads a context as it was stored; `lang` is the language when it names none.
    pub fn read(stored: &str, lang: &str) -> Self {
        let mut context: Self = serde_json::from_str(stored).unwrap_or_default();
        context.lang.get_or_insert_with(|| lang.to_owned());
        context
    }
}

/// Answer to `POST /v1/sessions`.
#[derive(Debug, Serialize, Deserialize)]
pub struct SessionCreated {
    /// The session's id.
    pub session: String,
    /// Its token: whoever has it has the session.
    pub token: String,
    /// Name of the log's history.
    pub epoch: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read() {
        let hello = parse_client_frame(
            r#"{"t":"hello","token":"x","epoch":null,"after_seq":3,"client":"w/1"}"#,
        )
        .unwrap();
        assert_eq!(hello, ClientFrame::Hello { token: "x".into(), epoch: None, after_seq: 3 });
        let send = parse_client_frame(r#"{"t":"send","cid":"c","text":"hi"}"#).unwrap();
        assert_eq!(
            send,
            ClientFrame::Send { cid: "c".into(), text: "hi".into(), lang: None, context: None }
        );
        assert!(parse_client_frame(r#"{"t":"typing"}"#).is_ok());
        let deep = format!(r#"{{"t":"ack","seq":1,"x":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
        for bad in ["", "{}", "[]", "nonsense", r#"{"t":"what"}"#, r#"{"t":"send","cid":1}"#, &deep]
        {
            assert!(parse_client_frame(bad).is_err(), "{bad}");
        }
    }
}
