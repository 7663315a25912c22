//! The visitor's side of a hand-off: asking for a person, what is said at each step, the form.

use super::visitor::{check_cid, state};
use super::{Conversation, Desk, Rejection, Sent};
use crate::alarm::Alarm;
use crate::consult::Answer;
use crate::id::{self, SessionId};
use crate::knowledge::Duty;
use crate::protocol::{ConsultForm, ErrorCode, FormRef, StateBody, Words};
use crate::session::{Consent, Draft, GUESSED, Reason, Role, Stage, Step};
use crate::store::{Append, NewForm};
use crate::text::Lang;
use crate::time::Timestamp;

/// Longest field of a form, in characters; the last one may be longer.
const MAX_FIELD: usize = 200;
const MAX_FORM_WORDS: usize = 2000;
/// Most sessions that may wait; further visitors are offered the form.
const MAX_WAITING: usize = 5000;

/// What both sides are told, and how.
pub(super) struct Told<'a> {
    /// Who tells it.
    pub(super) role: Role,
    /// Key of the words in the policy.
    pub(super) key: &'a str,
    /// The visitor's language.
    pub(super) lang: Lang,
    /// Values for the places in the words.
    pub(super) values: &'a [(&'a str, &'a str)],
}

impl Desk {
    /// Returns the rules of duty that are in force.
    pub(super) fn duty(&self) -> Duty {
        let engine = self.engine();
        engine
            .as_ref()
            .map_or(&self.fallback.knowledge, |engine| &engine.knowledge)
            .policy
            .duty
            .clone()
    }

    /// Returns the event that tells both sides of a step, in the editors' words.
    pub(super) fn told(&self, told: &Told<'_>, body: StateBody<'_>) -> Draft {
        let engine = self.engine();
        let own = engine.as_ref().and_then(|engine| engine.knowledge.policy.duty.words(told.key));
        let found = own.or_else(|| self.fallback.knowledge.policy.duty.words(told.key));
        let fill = |text: &String| {
            let places = told.values.iter();
            places.fold(text.clone(), |text, (place, value)| {
                text.replace(&format!("{{{place}}}"), value)
            })
        };
        let words = found.map(|words| Words { en: fill(&words.en), zh: fill(&words.zh) });
        let text = found.map(|words| fill(words.get(told.lang)));
        let body = StateBody { text, words, ..body };
        draft(told.role, &body)
    }

    /// Tells both sides of an open session something in the editors' words, once for each `cid`;
    /// returns whether it is new.
    pub async fn tell(&self, session: &SessionId, cid: &str, key: &str) -> Result<bool, Rejection> {
        if self.store.has_event(session, cid).await? {
            return Ok(false);
        }
        let known = self.store.waiting(session).await?;
        let lang = known.map(|known| known.lang()).unwrap_or_default();
        let body = StateBody { state: "notice", ..StateBody::default() };
        let told = self.told(&Told { role: Role::System, key, lang, values: &[] }, body);
        self.append(Append::new(session, cid, told, self.now())).await?;
        Ok(true)
    }

    /// Notes that the visitor asks for a person: the session waits for one, or the visitor is told
    /// at once that nobody is there, and how to be reached.
    pub async fn ask_for_a_person(
        &self,
        conversation: &Conversation,
        cid: &str,
    ) -> Result<Sent, Rejection> {
        check_cid(cid)?;
        let message = state(Role::Visitor, "person_asked");
        if let Err(rejection) = self.take_turn(&conversation.session) {
            return self.sent_before(&conversation.session, cid, &message, rejection).await;
        }
        let board = self.read_board().await?;
        let now = self.now();
        let blank = Append::new(&conversation.session, cid, message, now);
        if board.people.is_empty() {
            // A site without consultants says how else a person is reached.
            let answer = Some(Draft::bot(self.no_consultants(conversation, cid)));
            return self.append(Append { answer, ..blank }).await;
        }
        let known = self.store.waiting(&conversation.session).await?;
        let handoff = known.map(|known| known.handoff).unwrap_or_default();
        if !matches!(handoff.stage, Stage::Bot | Stage::Offered) {
            return self.append(blank).await;
        }
        let reason = handoff.reason.unwrap_or(Reason::Asked);
        let lang = conversation.lang();
        if board.on_duty() == 0 || board.waiting().count() >= MAX_WAITING {
            let told = Some(self.unavailable(lang, now));
            return self.append(Append { told, ..blank }).await;
        }
        let body = StateBody {
            state: "queued",
            reason: Some(reason.name()),
            priority: Some(handoff.priority),
            ..StateBody::default()
        };
        let told = self.told(&Told { role: Role::System, key: "queued", lang, values: &[] }, body);
        let deadline = self.claim_deadline(handoff.priority, now);
        let step = Some((Step::Queue { reason, priority: 0, deadline }, Some(told)));
        let sent = self.append(Append { step, ..blank }).await;
        self.bus.ring_desk();
        sent
    }

    /// Returns what a message means for the hand-off: an urgent one calls a person; an answer may
    /// offer one, or call one if the policy says so and somebody is on duty. Sites without
    /// consultants have no queue.
    pub(super) fn step_of(
        &self,
        answer: &Answer,
        lang: Lang,
        now: Timestamp,
    ) -> Option<(Step, Option<Draft>)> {
        let reason = Reason::from_name(answer.handoff.reason?)?;
        let board = self.board();
        if board.people.is_empty() {
            return None;
        }
        let nobody = board.on_duty() == 0;
        let (priority, key) = if answer.alarm.is_priority() {
            let key = if nobody { "queued_urgent_nobody" } else { "queued_urgent" };
            (i64::from(answer.alarm.verdict.level), key)
        } else if nobody || !self.calls_for(reason) || board.waiting().count() >= MAX_WAITING {
            return Some((Step::Offer(reason), None));
        } else if reason == Reason::AdverseEvent {
            (GUESSED, "queued_adverse_event")
        } else {
            (GUESSED, "queued_repeated_failure")
        };
        let body = StateBody {
            state: "queued",
            reason: Some(reason.name()),
            priority: Some(priority),
            ..StateBody::default()
        };
        let told = self.told(&Told { role: Role::System, key, lang, values: &[] }, body);
        let deadline = self.claim_deadline(priority, now);
        Some((Step::Queue { reason, priority, deadline }, Some(told)))
    }

    fn calls_for(&self, reason: Reason) -> bool {
        self.duty().calls.reasons.iter().any(|known| known == reason.name())
    }

    /// Stores how a visitor wants to be reached; nothing of it without a consent of its own.
    pub async fn take_form(
        &self,
        conversation: &Conversation,
        form: ConsultForm,
    ) -> Result<Sent, Rejection> {
        check_cid(&form.cid)?;
        let consent = agreed(&form)?;
        let duty = self.duty();
        check_form(&form, &duty)?;
        // The same request has the same id, so that a retry is the same message.
        let form_id = id::digest(&[conversation.session.as_str(), &form.cid]);
        let message = StateBody {
            state: "form_sent",
            form: Some(FormRef::Id(&form_id)),
            ..StateBody::default()
        };
        let message = draft(Role::Visitor, &message);
        if let Err(rejection) = self.take_turn(&conversation.session) {
            return self.sent_before(&conversation.session, &form.cid, &message, rejection).await;
        }
        let now = self.now();
        let due = duty.due(now);
        let body = StateBody {
            state: "form_received",
            form: Some(FormRef::Id(&form_id)),
            due: Some(due.to_string()),
            ..StateBody::default()
        };
        let lang = Lang::from_tag(&consent.lang).unwrap_or_else(|| conversation.lang());
        let values = [("due", &*duty.local(due))];
        let told = self
            .told(&Told { role: Role::System, key: "form_received", lang, values: &values }, body);
        let blank = Append::new(&conversation.session, &form.cid, message, now);
        let form = filled(form, form_id, consent, due);
        let sent = self.append(Append { told: Some(told), form: Some(form), ..blank }).await;
        self.bus.ring_desk();
        sent
    }

    fn unavailable(&self, lang: Lang, now: Timestamp) -> Draft {
        let duty = self.duty();
        let opens = if duty.is_open(now) { None } else { duty.opens(now) };
        let (why, key) = match opens {
            Some(_) => ("hours", "unavailable_hours"),
            None => ("nobody", "unavailable_nobody"),
        };
        let local = |at: Timestamp| duty.local(at);
        let (opening, due) = (opens.map(local).unwrap_or_default(), local(duty.due(now)));
        let body = StateBody {
            state: "unavailable",
            why: Some(why),
            opens: opens.map(|opens| opens.to_string()),
            form: Some(FormRef::Offered(true)),
            ..StateBody::default()
        };
        let values = [("opens", opening.as_str()), ("due", due.as_str())];
        self.told(&Told { role: Role::System, key, lang, values: &values }, body)
    }

    fn no_consultants(&self, conversation: &Conversation, cid: &str) -> String {
        let engine = self.engine();
        let knowledge =
            engine.as_ref().map_or(&self.fallback.knowledge, |engine| &engine.knowledge);
        let generation = engine.as_ref().map_or(0, |engine| engine.generation);
        let situation = &conversation.situation;
        let reply = "person_unavailable";
        super::visitor::canned(cid, reply, Alarm::default(), situation, knowledge, generation).1
    }
}

fn draft(role: Role, body: &StateBody<'_>) -> Draft {
    let body = serde_json::to_string(body).expect("texts and numbers can be written as JSON");
    Draft::state(role, body)
}

/// Returns what the visitor agreed to for this form.
fn agreed(form: &ConsultForm) -> Result<Consent, Rejection> {
    let fits = |text: &str| !text.is_empty() && text.len() <= 64;
    let consent = form.consent.clone();
    let consent = consent.filter(|consent| fits(&consent.version) && fits(&consent.lang));
    let consent = consent.ok_or(ErrorCode::ConsentRequired)?;
    Ok(Consent { version: consent.version, lang: consent.lang })
}

fn filled(form: ConsultForm, id: String, consent: Consent, due: Timestamp) -> NewForm {
    NewForm {
        id,
        consent,
        name: form.name.trim().to_owned(),
        contact: form.contact.trim().to_owned(),
        preferred: form.preferred.trim().to_owned(),
        service: form.service,
        words: form.text.trim().to_owned(),
        due,
    }
}

fn check_form(form: &ConsultForm, duty: &Duty) -> Result<(), Rejection> {
    let fits = |text: &str, most: usize| {
        text.chars().count() <= most && !text.contains(|c: char| c.is_control() && c != '\n')
    };
    let wrong = if form.name.trim().is_empty() || !fits(&form.name, MAX_FIELD) {
        "name"
    } else if !fits(&form.contact, MAX_FIELD) || !is_contact(form.contact.trim()) {
        "contact"
    } else if !fits(&form.preferred, MAX_FIELD) {
        "preferred"
    } else if !form.service.is_empty() && !duty.form.services.contains(&form.service) {
        "service"
    } else if !fits(&form.text, MAX_FORM_WORDS) {
        "text"
    } else {
        return Ok(());
    };
    Err(Rejection { field: Some(wrong), ..ErrorCode::InvalidForm.into() })
}

/// Returns whether a text can be an e-mail address or a telephone number.
fn is_contact(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_number = (6..=15).contains(&digits)
        && text.chars().all(|c| c.is_ascii_digit() || "+-() .".contains(c))
        && text.rfind('+').is_none_or(|at| at == 0);
    let is_mail = text.split_once('@').is_some_and(|(name, host)| {
        let odd = |c: char| c.is_whitespace() || c == '@' || "<>,;\"'".contains(c);
        !name.is_empty()
            && !name.contains(odd)
            && !host.contains(odd)
            && host.split('.').count() >= 2
            && host.split('.').all(|part| !part.is_empty())
    });
    is_number || is_mail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_addresses_or_numbers() {
        for good in ["a@b.org", "li.wen+x@mail.example.cn", "+86 138-0013-8000", "(555) 010-9999"] {
            assert!(is_contact(good), "{good}");
        }
        let bad = [
            "",
            "12345",
            "1234567890123456",
            "12+345678",
            "a@b",
            "a@@b.org",
            "a b@c.org",
            "@b.org",
            "a@.org",
            "call me",
            "<script>@x.org",
            "javascript:alert(1)",
            "１３８００１３８０００",
        ];
        for bad in bad {
            assert!(!is_contact(bad), "{bad}");
        }
    }
}
