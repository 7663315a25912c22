//! The answer: passages by reference, canned texts by key. Its wire form is in `protocol`.

use super::Population;
use crate::alarm::Alarm;
use crate::id::{ArticleId, DrugId, TopicId};
use crate::text::Lang;

/// What kind of answer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Quotes.
    Answer,
    /// A question back.
    Clarify,
    /// Nothing in the knowledge base answers this.
    NotFound,
    /// The site's services.
    Service,
    /// Greetings and thanks.
    SmallTalk,
    /// An emergency: the card and nothing else.
    Urgent,
}

impl Kind {
    /// Returns the kind's name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Clarify => "clarify",
            Self::NotFound => "not_found",
            Self::Service => "service",
            Self::SmallTalk => "smalltalk",
            Self::Urgent => "urgent",
        }
    }

    /// Returns whether a question of this kind was answered; `None` when it was no question.
    pub fn answered(self) -> Option<bool> {
        match self {
            Self::Answer | Self::Urgent => Some(true),
            Self::Clarify | Self::NotFound => Some(false),
            Self::Service | Self::SmallTalk => None,
        }
    }

    /// Returns the kind with this name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [
            Self::Answer,
            Self::Clarify,
            Self::NotFound,
            Self::Service,
            Self::SmallTalk,
            Self::Urgent,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }
}

/// A passage of one version of one article, quoted whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The article.
    pub article: ArticleId,
    /// Position of the passage in the article.
    pub passage: usize,
    /// Whether the article is overdue for review.
    pub stale: bool,
    /// Whether it holds for other markets than the one asked about, or the visitor's.
    pub other_market: bool,
    /// Other articles that say the same.
    pub also: Vec<ArticleId>,
}

/// A matter on which quotes disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The matter.
    pub about: String,
    /// What is said, with the position of the quote that says it.
    pub values: Vec<(String, usize)>,
}

/// A question back, with answers to click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// What is asked.
    pub clarify: Clarify,
    /// The drugs to choose from.
    pub drugs: Vec<DrugId>,
}

/// What a question back asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clarify {
    /// No medicine was named.
    WhichDrug,
    /// A name looks like one of ours, misspelt.
    DidYouMean,
}

/// Whether and why a person is offered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Handoff {
    /// Id of a reason in `policy/hand-off.toml`; `None` when no person is offered.
    pub reason: Option<&'static str>,
}

/// An answer, complete but for its wording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its kind.
    pub kind: Kind,
    /// The verdict on emergencies, with its card.
    pub alarm: Alarm,
    /// Language of its canned texts.
    pub lang: Lang,
    /// Drugs it is about.
    pub drugs: Vec<DrugId>,
    /// Whether the drug was not named but taken from the page or the session.
    pub assumed: bool,
    /// Topics it is about.
    pub topics: Vec<TopicId>,
    /// Groups of people it is about.
    pub population: Vec<Population>,
    /// Key of the canned reply, if one is said.
    pub reply: Option<String>,
    /// The quotes, best first.
    pub quotes: Vec<Quote>,
    /// Matters on which quotes disagree.
    pub conflicts: Vec<Disagreement>,
    /// Ids of the disclaimers, in the order of the policy.
    pub disclaimers: Vec<String>,
    /// The question back.
    pub ask: Option<Ask>,
    /// Topics to ask about next, each about the first drug.
    pub suggestions: Vec<TopicId>,
    /// Articles to read next.
    pub related: Vec<ArticleId>,
    /// Whether a person is offered.
    pub handoff: Handoff,
}

impl Answer {
    /// Returns whether quotes that disagree are shown as such.
    pub fn shows_conflict(&self) -> bool {
        !self.conflicts.is_empty()
    }
}
