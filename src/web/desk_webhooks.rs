//! The log of what other systems were told, for administrators.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::{self, Caller, Refused};
use crate::app::App;
use crate::store::Delivery;
use crate::time::Timestamp;

const PAGE: i64 = 100;

#[derive(Deserialize)]
pub(super) struct Before {
    before: Option<i64>,
}

/// `GET /v1/desk/webhooks`.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(Before { before }): Query<Before>,
) -> Result<Json<Value>, Refused> {
    administrator(auth::consultant(&app, &headers).await?)?;
    let before = Timestamp::from_micros(before.unwrap_or(i64::MAX));
    let found =
        app.desk.store.deliveries(before, PAGE).await.map_err(|fault| auth::away(&fault))?;
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count == PAGE);
    let next = found.last().filter(|_| is_full).map(|last| last.created.as_micros());
    let rows: Vec<Value> = found.iter().map(body).collect();
    Ok(Json(json!({ "deliveries": rows, "next": next })))
}

/// `POST /v1/desk/webhooks/<id>`: tries it again now.
pub(super) async fn again(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    administrator(auth::writer(&app, &headers).await?)?;
    let now = app.desk.now();
    let found = app.desk.store.try_again(&id, now).await.map_err(|fault| auth::away(&fault))?;
    Ok(if found { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND })
}

fn administrator(caller: Caller) -> Result<Caller, Refused> {
    if caller.user().is_administrator() { Ok(caller) } else { Err(auth::forbidden()) }
}

fn body(delivery: &Delivery) -> Value {
    let is_pending = delivery.state == "pending";
    json!({
        "id": delivery.id, "webhook": delivery.webhook, "message": delivery.message,
        "event": delivery.event, "session": delivery.session, "state": delivery.state,
        "attempts": delivery.attempts, "result": delivery.result,
        "created": delivery.created.to_string(),
        "next": is_pending.then(|| delivery.next.to_string()),
    })
}
