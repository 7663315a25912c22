//! A hand-off: how a session goes from the bot to a person, from person to person, and to its end.
//! Pure: a step either leads to the next state or is refused; who may wait how long is given by
//! the caller, and storing the result is the store's matter.

use crate::id::UserId;
use crate::session::Mode;
use crate::time::Timestamp;

/// Most times that a session is passed on (released, transferred, returned to the bot) before
/// whoever has it must answer or close it: nobody is sent round in circles.
pub const MAX_MOVES: i64 = 4;

/// Priority of a session that the bot itself takes to need a person, though nobody asked and
/// nothing is urgent.
pub const GUESSED: i64 = 1;

/// Why a person is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The visitor asked.
    Asked,
    /// A message was judged urgent or an emergency.
    Urgent,
    /// The articles do not answer.
    NotFound,
    /// The sources disagree.
    Conflict,
    /// It depends on the person's own case.
    Sensitive,
    /// Several questions in a row were not answered.
    RepeatedFailure,
    /// Somebody may be describing a reaction to a medicine.
    AdverseEvent,
}

/// What came of a hand-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The question was answered.
    Answered,
    /// The visitor was sent to somebody else.
    Referred,
    /// A reaction to a medicine was reported.
    AdverseEvent,
    /// The visitor did not reply.
    NoReply,
    /// It was no question.
    Spam,
    /// Anything else.
    Other,
}

super::names! {
    Reason {
        Asked = "asked", Urgent = "urgent", NotFound = "not_found", Conflict = "conflict",
        Sensitive = "sensitive", RepeatedFailure = "repeated_failure", AdverseEvent = "adverse_event",
    }
    Outcome {
        Answered = "answered", Referred = "referred", AdverseEvent = "adverse_event",
        NoReply = "no_reply", Spam = "spam", Other = "other",
    }
}

impl Outcome {
    /// Every outcome, in the order in which to offer them.
    pub const ALL: [Self; 6] = [
        Self::Answered,
        Self::Referred,
        Self::AdverseEvent,
        Self::NoReply,
        Self::Spam,
        Self::Other,
    ];
}

/// A session's hand-off as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handoff {
    /// Where it is.
    pub stage: Stage,
    /// Grows whenever the session changes hands; a command with an older one is refused.
    pub fence: i64,
    /// Why a person is needed, once one is offered.
    pub reason: Option<Reason>,
    /// 3 emergency, 2 urgent, 1 recommended, 0 none; stays until a person clears it.
    pub priority: i64,
    /// How often it was passed on.
    pub moves: i64,
}

/// Where a hand-off is. Each stage has an owner, and a deadline where somebody waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// The bot's: nobody asked for a person.
    Bot,
    /// The visitor's to decide: a person was offered, for the last answer that called for one.
    Offered,
    /// The desk's: it waits for a person until `deadline`, and is escalated then.
    Queued {
        /// Since when.
        since: Timestamp,
        /// By when somebody has to claim it.
        deadline: Timestamp,
        /// For whom it is kept until then.
        wanted: Option<Wanted>,
        /// How many deadlines have passed.
        escalations: i64,
    },
    /// A consultant's, for as long as they are heard of.
    Claimed {
        /// Whose.
        by: UserId,
        /// Since when.
        since: Timestamp,
    },
    /// Nobody's: it is over. A visitor who leaves gives no outcome.
    Closed {
        /// What came of it.
        outcome: Option<Outcome>,
    },
}

/// For whom a session that waits is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// For one person.
    Person(UserId),
    /// For whoever is in a team, by its name.
    Team(String),
}

impl Wanted {
    /// Returns whether a person with these teams is meant.
    pub fn is_met_by(&self, person: &UserId, teams: &[String]) -> bool {
        match self {
            Self::Person(wanted) => wanted == person,
            Self::Team(wanted) => teams.contains(wanted),
        }
    }
}

/// Something that happens to a hand-off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The bot offers a person.
    Offer(Reason),
    /// The session joins the queue, or moves up in it.
    Queue {
        /// Why.
        reason: Reason,
        /// How urgent.
        priority: i64,
        /// By when somebody has to claim it.
        deadline: Timestamp,
    },
    /// A consultant takes it, or is given it.
    Claim {
        /// Who.
        hand: Hand,
        /// The teams they are in.
        teams: Vec<String>,
    },
    /// The consultant puts it back into the queue.
    Release {
        /// Who.
        hand: Hand,
        /// By when somebody has to claim it.
        deadline: Timestamp,
    },
    /// The consultant passes it on.
    Transfer {
        /// Who.
        hand: Hand,
        /// To whom.
        to: Wanted,
        /// How long it is reserved for them.
        deadline: Timestamp,
    },
    /// The consultant gives it back to the bot.
    Return(Hand),
    /// The consultant takes the emergency flag off.
    Clear(Hand),
    /// The consultant closes it.
    Close {
        /// Who.
        hand: Hand,
        /// What came of it.
        outcome: Outcome,
    },
    /// Its deadline has passed and nobody claimed it.
    Escalate {
        /// The next deadline.
        deadline: Timestamp,
    },
    /// Its visitor left while it waited, and has not come back.
    Leave,
    /// Its consultant has not been heard of for too long, or has not answered.
    Lose {
        /// What was seen of it.
        hand: Hand,
        /// By when somebody else has to claim it.
        deadline: Timestamp,
    },
    /// The visitor ends it.
    End,
}

impl Step {
    /// Returns whose step it is, when it is a consultant's.
    pub fn hand(&self) -> Option<&Hand> {
        match self {
            Self::Claim { hand, .. }
            | Self::Release { hand, .. }
            | Self::Transfer { hand, .. }
            | Self::Return(hand)
            | Self::Clear(hand)
            | Self::Close { hand, .. } => Some(hand),
            Self::Offer(_)
            | Self::Queue { .. }
            | Self::Escalate { .. }
            | Self::Leave
            | Self::Lose { .. }
            | Self::End => None,
        }
    }
}

/// A consultant, and the fence that they know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hand {
    /// Who.
    pub by: UserId,
    /// The fence they saw.
    pub fence: i64,
}

/// Why a step is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTransition {
    /// It waits for nobody: somebody else was faster.
    #[error("the session does not wait for a person")]
    NotWaiting,
    /// It has changed hands since.
    #[error("the session has changed hands")]
    StaleFence,
    /// Somebody else has it.
    #[error("the session is somebody else's")]
    NotAssignee,
    /// It is kept for somebody else.
    #[error("the session is reserved for somebody else")]
    Reserved,
    /// Whoever it was to be given to has enough.
    #[error("the person has as many sessions as they take")]
    Full,
    /// It has been passed on too often.
    #[error("the session has been passed on too often")]
    Loop,
    /// It already waits, as urgently, or a person has it.
    #[error("the session waits already, or a person has it")]
    AlreadyAsked,
    /// Its deadline has not passed.
    #[error("the deadline has not passed")]
    NotDue,
    /// It is over.
    #[error("the session is over")]
    Over,
}

type Next = Result<Handoff, InvalidTransition>;

impl Handoff {
    /// Returns the hand-off of a new session.
    pub fn new() -> Self {
        Self { stage: Stage::Bot, fence: 0, reason: None, priority: 0, moves: 0 }
    }

    /// Returns who answers the visitor.
    pub fn mode(&self) -> Mode {
        match self.stage {
            Stage::Bot | Stage::Offered => Mode::Bot,
            Stage::Queued { .. } => Mode::Queued,
            Stage::Claimed { .. } => Mode::Human,
            Stage::Closed { .. } => Mode::Ended,
        }
    }

    /// Returns the consultant who has it.
    pub fn assignee(&self) -> Option<&UserId> {
        match &self.stage {
            Stage::Claimed { by, .. } => Some(by),
            _ => None,
        }
    }

    /// Takes a step.
    pub fn step(self, step: Step, now: Timestamp) -> Next {
        if matches!(self.stage, Stage::Closed { .. }) {
            return Err(InvalidTransition::Over);
        }
        match step {
            Step::Offer(reason) => self.offer(reason),
            Step::Queue { reason, priority, deadline } => {
                self.queue(reason, priority, deadline, now)
            }
            Step::Claim { hand, teams } => self.claim(hand, &teams, now),
            Step::Release { hand, deadline } => self.held(&hand)?.pass_on(None, deadline, now),
            Step::Transfer { hand, to, deadline } => {
                self.held(&hand)?.pass_on(Some(to), deadline, now)
            }
            Step::Return(hand) => Ok(self.held(&hand)?.with_bot()),
            Step::Clear(hand) => Ok(Self { priority: 0, ..self.held(&hand)? }),
            Step::Close { hand, outcome } => Ok(self.held(&hand)?.closed(Some(outcome))),
            Step::Escalate { deadline } => self.escalate(deadline, now),
            Step::Leave => self.leave(),
            Step::Lose { hand, deadline } => Ok(self.held(&hand)?.waiting(None, deadline, now)),
            Step::End => Ok(self.closed(None)),
        }
    }

    fn offer(self, reason: Reason) -> Next {
        match self.stage {
            Stage::Bot | Stage::Offered => {
                Ok(Self { stage: Stage::Offered, reason: Some(reason), ..self })
            }
            _ => Err(InvalidTransition::AlreadyAsked),
        }
    }

    fn queue(self, reason: Reason, priority: i64, deadline: Timestamp, now: Timestamp) -> Next {
        match self.stage {
            // Whoever was sent back to the bot often enough is called again by an emergency, or by
            // asking, but not by what the bot makes of their messages.
            Stage::Bot | Stage::Offered if priority == GUESSED && self.moves >= MAX_MOVES => {
                Err(InvalidTransition::Loop)
            }
            Stage::Bot | Stage::Offered => {
                let priority = self.priority.max(priority);
                let asked = Self { reason: Some(reason), priority, ..self };
                Ok(asked.waiting(None, deadline, now))
            }
            // Whoever waits and gets worse moves up; they keep their place among the equally urgent.
            Stage::Queued { since, deadline: before, escalations, .. }
                if priority > self.priority =>
            {
                let deadline = before.min(deadline);
                let stage = Stage::Queued { since, deadline, wanted: None, escalations };
                Ok(Self { stage, reason: Some(reason), priority, ..self })
            }
            _ => Err(InvalidTransition::AlreadyAsked),
        }
    }

    fn claim(self, hand: Hand, teams: &[String], now: Timestamp) -> Next {
        let Stage::Queued { deadline, wanted, .. } = &self.stage else {
            return Err(InvalidTransition::NotWaiting);
        };
        if self.fence != hand.fence {
            return Err(InvalidTransition::StaleFence);
        }
        let is_meant = |wanted: &Wanted| wanted.is_met_by(&hand.by, teams);
        if now < *deadline && !wanted.as_ref().is_none_or(is_meant) {
            return Err(InvalidTransition::Reserved);
        }
        let stage = Stage::Claimed { by: hand.by, since: now };
        Ok(Self { stage, fence: self.fence + 1, ..self })
    }

    /// Returns the hand-off if `hand` has it now.
    pub fn held(self, hand: &Hand) -> Next {
        match &self.stage {
            Stage::Closed { .. } => Err(InvalidTransition::Over),
            _ if self.fence != hand.fence => Err(InvalidTransition::StaleFence),
            Stage::Claimed { by, .. } if *by == hand.by => Ok(self),
            _ => Err(InvalidTransition::NotAssignee),
        }
    }

    fn leave(self) -> Next {
        match self.stage {
            Stage::Queued { .. } => {
                let fence = self.fence + 1;
                Ok(Self { stage: Stage::Bot, reason: None, fence, ..self })
            }
            _ => Err(InvalidTransition::NotWaiting),
        }
    }

    fn pass_on(self, wanted: Option<Wanted>, deadline: Timestamp, now: Timestamp) -> Next {
        if self.moves >= MAX_MOVES {
            return Err(InvalidTransition::Loop);
        }
        let moves = self.moves + 1;
        Ok(Self { moves, ..self }.waiting(wanted, deadline, now))
    }

    /// The loop guard does not hold this back: after too many moves it is the way out.
    fn with_bot(self) -> Self {
        let (fence, moves) = (self.fence + 1, self.moves + 1);
        Self { stage: Stage::Bot, fence, moves, reason: None, ..self }
    }

    fn escalate(self, next: Timestamp, now: Timestamp) -> Next {
        match self.stage {
            Stage::Queued { since, deadline, escalations, .. } if deadline <= now => {
                let escalations = escalations + 1;
                let stage = Stage::Queued { since, deadline: next, wanted: None, escalations };
                Ok(Self { stage, ..self })
            }
            Stage::Queued { .. } => Err(InvalidTransition::NotDue),
            _ => Err(InvalidTransition::NotWaiting),
        }
    }

    fn waiting(self, wanted: Option<Wanted>, deadline: Timestamp, now: Timestamp) -> Self {
        let stage = Stage::Queued { since: now, deadline, wanted, escalations: 0 };
        Self { stage, fence: self.fence + 1, ..self }
    }

    fn closed(self, outcome: Option<Outcome>) -> Self {
        Self { stage: Stage::Closed { outcome }, fence: self.fence + 1, ..self }
    }
}

impl Default for Handoff {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
