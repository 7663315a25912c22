//! From a question to an answer made of quotes: understand, choose, compose. Pure functions.
//!
//! Nothing here can invent text: an [`Answer`] holds passages by reference, canned texts by key,
//! and links. Finding passages is `search`'s work, and `engine` brings the two together.

mod answer;
mod choose;
mod compose;
mod names;
mod understand;

pub use answer::{Answer, Ask, Clarify, Handoff, Kind, Quote};
pub use choose::{Candidate, choose};
pub use compose::{compose, refuse, say};
pub use names::{Names, Suspect};
pub use understand::{Asked, Concept, Situation, Understanding, understand};
