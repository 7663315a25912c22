//! What the frames of `desk.v1` and the session's log carry: rows of the queue, people, notes, forms,
//! a consultant's message, a step of a hand-off.

use serde::Serialize;

use super::answer::QuoteBody;
use super::visitor::NewSessionContext;
use crate::id::{SessionId, UserId};
use crate::session::{Handoff, Reason, Stage, Wanted};

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
    /// How many they are given at once.
    pub capacity: usize,
    /// The teams they are in.
    pub teams: Vec<String>,
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
    /// The team whose people alone may claim it until then.
    pub team: Option<String>,
    /// Who has it.
    pub assignee: Option<UserId>,
    /// How often it was passed on.
    pub moves: i64,
    /// Number of the newest event.
    pub head_seq: i64,
    /// What the visitor's page told.
    pub context: NewSessionContext,
    /// The medicine that the bot last answered on.
    pub about: Option<String>,
}

impl RowBody {
    /// Returns the row of a session.
    pub fn new(
        session: &SessionId,
        handoff: &Handoff,
        head_seq: i64,
        context: &str,
        lang: &str,
        about: Option<&str>,
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
            team: None,
            assignee: handoff.assignee().cloned(),
            moves: handoff.moves,
            head_seq,
            context: NewSessionContext::read(context, lang),
            about: about.map(ToOwned::to_owned),
        };
        match &handoff.stage {
            Stage::Bot | Stage::Offered => {}
            Stage::Queued { since, deadline, wanted, escalations } => {
                row.state = "queued";
                (row.since, row.deadline) = (Some(since.to_string()), Some(deadline.to_string()));
                row.escalations = *escalations;
                match wanted {
                    Some(Wanted::Person(person)) => row.wanted = Some(person.clone()),
                    Some(Wanted::Team(team)) => row.team = Some(team.clone()),
                    None => {}
                }
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
    /// To which team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<&'a str>,
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

#[cfg(test)]
mod tests {
    use super::*;

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
