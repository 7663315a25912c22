//! The API for other systems: sessions that were handed over and contact forms, by a token. The
//! document at `/openapi.json` says what each answers.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::auth::{self, Refused};
use super::desk_api::{FormState, FormsQuery, PastQuery, refusal};
use super::desk_bodies as bodies;
use crate::app::App;
use crate::id::SessionId;
use crate::protocol::EventFrame;
use crate::store::{self, Token};

/// `GET /openapi.json`.
pub(super) async fn document() -> Response {
    ([(CONTENT_TYPE, "application/json")], include_str!("openapi.json")).into_response()
}

/// `GET /v1/api/sessions`.
pub(super) async fn sessions(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(asked): Query<PastQuery>,
) -> Result<Json<Value>, Refused> {
    let token = caller(&app, &headers, "sessions:read").await?;
    let query = store::Query { words: None, ..asked.read()? };
    let found = app.desk.sessions_for(&token, query).await.map_err(|refused| refusal(&refused))?;
    let next = found.last().filter(|_| found.len() == store::PAST_PAGE);
    let next = next.map(|last| format!("{}.{}", last.opened.as_micros(), last.session));
    let board = app.desk.board();
    let found: Vec<Value> = found.iter().map(|past| bodies::past(past, &board)).collect();
    Ok(Json(json!({ "sessions": found, "next": next })))
}

/// `GET /v1/api/sessions/<id>`.
pub(super) async fn session(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refused> {
    let token = caller(&app, &headers, "sessions:read").await?;
    let found = app.desk.session_for(&token, &SessionId::from(id)).await;
    let (past, events, forms) = found.map_err(|refused| refusal(&refused))?;
    let events: Vec<EventFrame<'_>> = events.iter().filter_map(EventFrame::new).collect();
    let forms: Vec<_> = forms.iter().map(bodies::form).collect();
    let past = bodies::past(&past, &app.desk.board());
    Ok(Json(json!({ "session": past, "events": events, "forms": forms })))
}

/// `GET /v1/api/forms`.
pub(super) async fn forms(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(FormsQuery { state }): Query<FormsQuery>,
) -> Result<Json<Value>, Refused> {
    let token = caller(&app, &headers, "forms:read").await?;
    let forms = app.desk.forms_for(&token, state.as_deref()).await;
    let forms = forms.map_err(|refused| refusal(&refused))?;
    let forms: Vec<_> = forms.iter().map(bodies::form).collect();
    Ok(Json(json!({ "forms": forms })))
}

/// `POST /v1/api/forms/<id>`.
pub(super) async fn set_form(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Result<Json<FormState>, JsonRejection>,
) -> Result<StatusCode, Refused> {
    let token = caller(&app, &headers, "forms:write").await?;
    let Json(state) = body.map_err(|fault| auth::malformed(&fault))?;
    let found = app.desk.set_form_for(&token, &id, state.is_done()?).await;
    let found = found.map_err(|refused| refusal(&refused))?;
    Ok(if found { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND })
}

/// Returns whose token it is. Cookies count for nothing here, so no page of anybody's can ask.
async fn caller(app: &App, headers: &HeaderMap, scope: &str) -> Result<Token, Refused> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let secret = value.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    app.desk.token(secret.trim(), scope).await.map_err(|refused| refusal(&refused))
}
