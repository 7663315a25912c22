//! What the store and the desk hold, as consoles see it.

use serde_json::{Value, json};

use crate::desk::Board;
use crate::protocol::{FormBody, NewSessionContext, NoteBody, PersonBody, PersonName, RowBody};
use crate::session::Mode;
use crate::store::{Form, Note, Past, Waiting};

pub(super) fn row(waiting: &Waiting) -> RowBody {
    let Waiting { session, handoff, head, context, about, lang, .. } = waiting;
    RowBody::new(session, handoff, *head, context, lang, about.as_deref())
}

pub(super) fn people(board: &Board) -> Vec<PersonBody> {
    let people = board.people.iter().map(|person| PersonBody {
        id: person.id.clone(),
        name: person.name.clone(),
        available: person.available,
        online: person.online,
        sessions: person.sessions,
        capacity: person.capacity,
        teams: person.teams.clone(),
    });
    people.collect()
}

pub(super) fn note(note: &Note, board: &Board) -> NoteBody {
    let name = board.name(&note.by).unwrap_or_default().to_owned();
    NoteBody {
        id: note.id.clone(),
        by: PersonName { id: note.by.clone(), name },
        at: note.at.to_string(),
        text: note.words.clone(),
    }
}

pub(super) fn form(form: &Form) -> FormBody {
    let filled = form.filled.clone();
    FormBody {
        id: filled.id,
        session: form.session.clone(),
        at: form.at.to_string(),
        due: filled.due.to_string(),
        state: form.state.clone(),
        name: filled.name,
        contact: filled.contact,
        preferred: filled.preferred,
        service: filled.service,
        text: filled.words,
        lang: filled.consent.lang,
    }
}

pub(super) fn past(past: &Past, board: &Board) -> Value {
    let state = match past.mode {
        Mode::Bot => "bot",
        Mode::Queued => "queued",
        Mode::Human => "claimed",
        Mode::Ended | Mode::Erased => "closed",
    };
    let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    json!({
        "session": past.session, "state": state, "reason": named(&past.reason),
        "priority": past.priority, "outcome": named(&past.outcome),
        "assignee": past.last_assignee.as_ref().map(|id| json!({ "id": id, "name": board.name(id).unwrap_or_default() })),
        "opened": past.opened.to_string(), "active": past.active.to_string(),
        "context": NewSessionContext::read(&past.context, &past.lang), "about": past.about,
    })
}
