//! The wire: what visitors' sockets and HTTP carry, `consult.v1`. The only JSON that clients see.

mod answer;

pub use answer::{AnswerBody, QuoteBody, Unverified, answer, verify};
