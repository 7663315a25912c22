//! What a visitor may do with a session over HTTP, by its token alone: take it away and erase it,
//! also when it is over and its socket closed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::api::{error, rejected};
use super::desk_bodies;
use crate::app::App;
use crate::desk::Rejection;
use crate::id::SessionId;
use crate::protocol::{ErrorCode, EventFrame, Transcript};
use crate::session::Mode;

/// `GET /v1/sessions/<id>`: everything in it.
pub(super) async fn export(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match read(&app, &id, &headers).await {
        Ok(response) => response,
        Err(rejection) => refused(&rejection),
    }
}

async fn read(app: &App, id: &str, headers: &HeaderMap) -> Result<Response, Rejection> {
    let (session, mode) = own(app, id, headers).await?;
    if mode == Mode::Erased {
        return Err(ErrorCode::Unauthorized.into());
    }
    let events = app.desk.transcript(&session).await?;
    let events = events.iter().filter_map(EventFrame::new).collect();
    let forms = app.desk.store.forms(Some(&session), None).await?;
    let forms = forms.iter().map(desk_bodies::form).collect();
    let transcript = Transcript { id: session.as_str(), events, forms };
    Ok(Json(json!({ "session": transcript })).into_response())
}

/// `DELETE /v1/sessions/<id>`: erases it. Doing it again changes nothing.
pub(super) async fn erase(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let erased = match own(&app, &id, &headers).await {
        Ok((_, Mode::Erased)) => Ok(()),
        Ok((session, _)) => app.desk.erase(&session).await,
        Err(rejection) => Err(rejection),
    };
    match erased {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(rejection) => refused(&rejection),
    }
}

/// Returns the session that the token opens, if it is the one that was named. A wrong token and a
/// foreign session are told in the same words.
async fn own(app: &App, id: &str, headers: &HeaderMap) -> Result<(SessionId, Mode), Rejection> {
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let found = app.desk.store.session_by_token(token.trim()).await?;
    let found = found.filter(|session| session.id.as_str() == id);
    let session = found.ok_or(ErrorCode::Unauthorized)?;
    Ok((session.id, session.mode))
}

fn refused(rejection: &Rejection) -> Response {
    if rejection.code == ErrorCode::Unauthorized {
        let message = "the token opens no such session";
        return error(StatusCode::NOT_FOUND, ErrorCode::Unauthorized, message);
    }
    rejected(rejection)
}
