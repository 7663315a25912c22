//! What a console asks over HTTP: past sessions, forms, canned replies, passages to quote, figures,
//! the audit log. docs/desk.md says what each answers.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::SearchQuery;
use super::auth::Refused;
use super::{auth, desk_bodies as bodies};
use crate::app::App;
use crate::desk::{Hidden, Refusal};
use crate::id::SessionId;
use crate::protocol::{DeskError, EventFrame};
use crate::store;
use crate::time::Timestamp;

/// Most rows of the audit log at once.
const MAX_ROWS: i64 = 200;

type Answer = Result<Json<Value>, Refused>;

#[derive(Deserialize)]
pub(super) struct PastQuery {
    q: Option<String>,
    drug: Option<String>,
    reason: Option<String>,
    outcome: Option<String>,
    from: Option<String>,
    to: Option<String>,
    before: Option<String>,
}

impl PastQuery {
    /// Returns what is asked for.
    pub(super) fn read(self) -> Result<store::Query, Refused> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let day = |text: Option<String>, after: i8| match given(text) {
            None => Ok(None),
            Some(text) => match Timestamp::of_day(&text, after) {
                Some(at) => Ok(Some(at)),
                None => Err(bad_query("from and to are days such as 2026-11-22")),
            },
        };
        let before = given(self.before).and_then(|before| {
            let (at, id) = before.split_once('.')?;
            Some((Timestamp::from_micros(at.parse().ok()?), id.to_owned()))
        });
        Ok(store::Query {
            words: given(self.q),
            drug: given(self.drug),
            reason: given(self.reason),
            outcome: given(self.outcome),
            assignee: None,
            from: day(self.from, 0)?,
            until: day(self.to, 1)?,
            before,
        })
    }
}

/// `GET /v1/desk/sessions`.
pub(super) async fn sessions(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(asked): Query<PastQuery>,
) -> Answer {
    let caller = auth::consultant(&app, &headers).await?;
    let query = asked.read()?;
    let found = app.desk.past(caller.user(), query).await.map_err(|refused| refusal(&refused))?;
    let next = found.last().filter(|_| found.len() == store::PAST_PAGE);
    let next = next.map(|last| format!("{}.{}", last.opened.as_micros(), last.session));
    let board = app.desk.board();
    let found: Vec<Value> = found.iter().map(|past| bodies::past(past, &board)).collect();
    Ok(Json(json!({ "sessions": found, "next": next })))
}

#[derive(Deserialize)]
pub(super) struct Why {
    reason: Option<String>,
}

/// `GET /v1/desk/sessions/<id>`.
pub(super) async fn session(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(Why { reason }): Query<Why>,
) -> Answer {
    let caller = auth::consultant(&app, &headers).await?;
    let session = SessionId::from(id);
    if reason.as_deref().is_some_and(|reason| !reason.trim().is_empty()) {
        auth::proved(&app, &caller)?;
    }
    let file = app.desk.file(caller.user(), &session, reason.as_deref()).await;
    let file = file.map_err(|hidden| match hidden {
        Hidden::NotFound => {
            auth::error(StatusCode::NOT_FOUND, "not_found", "no such session was handed over")
        }
        Hidden::ReasonRequired => auth::error(
            StatusCode::FORBIDDEN,
            "reason_required",
            "this session is not yours: say why you need it",
        ),
        Hidden::Wait(wait) => auth::too_many(wait),
        Hidden::Refused(refused) => refusal(&refused),
    })?;
    let board = app.desk.board();
    let events: Vec<EventFrame<'_>> = file.events.iter().filter_map(EventFrame::new).collect();
    let notes: Vec<_> = file.notes.iter().map(|note| bodies::note(note, &board)).collect();
    let forms: Vec<_> = file.forms.iter().map(bodies::form).collect();
    Ok(Json(json!({
        "session": bodies::past(&file.past, &board), "events": events, "notes": notes, "forms": forms,
    })))
}

/// `GET /v1/desk/replies`.
pub(super) async fn replies(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    auth::consultant(&app, &headers).await?;
    let replies = app.desk.replies().into_iter();
    let replies: Vec<Value> =
        replies.map(|(id, en, zh)| json!({ "id": id, "text": { "en": en, "zh": zh } })).collect();
    Ok(Json(json!({ "replies": replies })))
}

/// `GET /v1/desk/search`.
pub(super) async fn search(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(asked): Query<SearchQuery>,
) -> Answer {
    auth::consultant(&app, &headers).await?;
    let mut results = Vec::new();
    let drug = asked.drug.filter(|drug| !drug.is_empty());
    let show = |quote: crate::protocol::QuoteBody<'_>, score: f32| {
        results.push(json!({ "quote": quote, "score": score }));
    };
    let generation = app.desk.quotes(&asked.q, drug.as_deref(), asked.k.unwrap_or(8), show);
    let generation = generation.map_err(|code| refusal(&code.into()))?;
    Ok(Json(json!({ "generation": generation, "results": results })))
}

/// `GET /v1/desk/figures`.
pub(super) async fn figures(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    auth::consultant(&app, &headers).await?;
    let today = app.desk.today().await.map_err(|refused| refusal(&refused))?;
    let figures = today.figures;
    Ok(Json(json!({
        "waiting": today.waiting, "longest_wait_seconds": today.longest_wait_seconds,
        "on_duty": today.on_duty,
        "today": {
            "sessions": figures.sessions, "bot_alone": figures.bot_alone,
            "handed_over": figures.handed_over, "claimed": figures.claimed,
            "abandoned": figures.abandoned, "closed": figures.closed,
            "first_reply_seconds": figures.first_reply_seconds,
            "resolution_seconds": figures.resolution_seconds,
        },
    })))
}

#[derive(Deserialize)]
pub(super) struct FormsQuery {
    pub(super) state: Option<String>,
}

/// `GET /v1/desk/forms`.
pub(super) async fn forms(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(FormsQuery { state }): Query<FormsQuery>,
) -> Answer {
    let caller = auth::consultant(&app, &headers).await?;
    let forms = app.desk.forms(caller.user(), state.as_deref()).await;
    let forms = forms.map_err(|refused| refusal(&refused))?;
    let forms: Vec<_> = forms.iter().map(bodies::form).collect();
    Ok(Json(json!({ "forms": forms })))
}

#[derive(Deserialize)]
pub(super) struct FormState {
    state: String,
}

impl FormState {
    /// Returns whether the form is to be done.
    pub(super) fn is_done(&self) -> Result<bool, Refused> {
        match self.state.as_str() {
            "done" => Ok(true),
            "new" => Ok(false),
            _ => Err(bad_query("state is new or done")),
        }
    }
}

/// `POST /v1/desk/forms/<id>`.
pub(super) async fn set_form(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Result<Json<FormState>, JsonRejection>,
) -> Result<StatusCode, Refused> {
    let caller = auth::writer(&app, &headers).await?;
    if !caller.user().may_consult() {
        return Err(auth::forbidden());
    }
    let Json(state) = body.map_err(|fault| auth::malformed(&fault))?;
    let was_there = app.desk.set_form(caller.user(), &id, state.is_done()?).await;
    let was_there = was_there.map_err(|refused| refusal(&refused))?;
    Ok(if was_there { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND })
}

#[derive(Deserialize)]
pub(super) struct AuditQuery {
    before: Option<i64>,
    limit: Option<i64>,
}

/// `GET /v1/desk/audit`.
pub(super) async fn audit(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(AuditQuery { before, limit }): Query<AuditQuery>,
) -> Answer {
    let caller = auth::consultant(&app, &headers).await?;
    if !caller.user().is_administrator() {
        return Err(auth::forbidden());
    }
    let store = &app.desk.store;
    let limit = limit.unwrap_or(MAX_ROWS).clamp(1, MAX_ROWS);
    let rows = store.audit_rows(before.unwrap_or(i64::MAX), limit).await;
    let rows = rows.map_err(|fault| auth::away(&fault))?;
    let intact = store.audit_is_intact().await.map_err(|fault| auth::away(&fault))?;
    let next = rows.last().map(|row| row.seq).filter(|seq| *seq > 1);
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "seq": row.seq, "at": row.at.to_string(), "actor": row.actor, "action": row.action,
                "subject": row.subject, "detail": row.detail,
            })
        })
        .collect();
    Ok(Json(json!({ "rows": rows, "next": next, "intact": intact })))
}

pub(super) fn refusal(refused: &Refusal) -> Refused {
    let status = match refused.code {
        DeskError::NotFound => StatusCode::NOT_FOUND,
        DeskError::Forbidden => StatusCode::FORBIDDEN,
        DeskError::Unauthorized => StatusCode::UNAUTHORIZED,
        DeskError::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let message = match refused.code {
        DeskError::NotFound => "there is nothing of this id, or it is not to be seen",
        DeskError::Forbidden => "this is not allowed",
        DeskError::Unauthorized => "the token is missing, wrong, revoked or over",
        _ => "not possible just now",
    };
    let code = serde_json::to_value(refused.code).unwrap_or_default();
    let code = code.as_str().unwrap_or_default().to_owned();
    match refused.retry_after_ms {
        Some(wait) if status == StatusCode::TOO_MANY_REQUESTS => auth::too_many(wait),
        _ => auth::error(status, code, message),
    }
}

fn bad_query(message: &'static str) -> Refused {
    auth::error(StatusCode::BAD_REQUEST, "bad_frame", message)
}
