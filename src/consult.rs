//! From a question to an answer made of quotes: understand, choose, compose. Pure functions.
//!
//! Nothing here can invent text: an [`Answer`] holds passages by reference, canned texts by key,
//! and links. Finding passages is `search`'s work, and `engine` brings the two together.

mod answer;
mod beside;
mod choose;
mod complete;
mod compose;
mod concepts;
mod conflict;
mod market;
mod names;
mod numbers;
mod outline;
mod population;
mod spelling;
mod story;
mod twins;
mod understand;

pub use answer::{Answer, Ask, Clarify, Disagreement, Handoff, Kind, Quote};
pub use beside::Beside;
pub use choose::{Candidate, choose};
pub use complete::complete;
pub use compose::{compose, offer_after_failures, refuse, say, urgent, warn};
pub use concepts::{Concept, Need};
pub use conflict::{Conflict, Conflicts, Statement};
pub use market::Markets;
pub use names::{Names, Suspect};
pub use outline::{HeadingTerms, MarketFit, Outline, TopicFit, TopicMask};
pub use population::Population;
use twins::Twins;
pub use understand::{Asked, Situation, Understanding, failures_after, understand};
