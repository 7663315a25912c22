//! The wire: what visitors' sockets and HTTP carry, `consult.v1`. The only JSON that clients see.

mod answer;
mod visitor;

pub use answer::{AnswerBody, QuoteBody, Unverified, answer, safety, verdict, verify};
pub use visitor::{
    ClientFrame, CloseCode, Consent, ErrorCode, EventFrame, FrameError, NewSession,
    NewSessionContext, ServerFrame, SessionCreated, Thumb, Transcript, WelcomeLimits,
    parse_client_frame,
};
