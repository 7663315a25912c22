//! The wire: what the sockets of visitors (`consult.v1`) and consultants (`desk.v1`) and HTTP
//! carry. The only JSON that clients see.

mod answer;
mod desk;
mod desk_bodies;
mod visitor;

pub use answer::{
    AnswerBody, QuoteBody, Unverified, answer, number, passage, safety, verdict, verify,
};
pub use desk::{Command, DeskError, DeskEvent, DeskFrame, DeskLimits, DeskSays, QuoteRef};
pub use desk_bodies::{
    ConsultantWords, FormBody, FormRef, NoteBody, PersonBody, PersonName, RowBody, StateBody,
    UserBody, Words,
};
pub use visitor::{
    ClientFrame, CloseCode, Consent, ConsultForm, ErrorCode, EventFrame, FrameError, NewSession,
    NewSessionContext, ServerFrame, SessionCreated, Thumb, Transcript, WelcomeLimits,
    parse_client_frame,
};
