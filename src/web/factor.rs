//! The second factor over HTTP: its state, enrolling, taking it away, and proving again who one is.
//! docs/desk.md says what each answers.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use qrcodegen::{QrCode, QrCodeEcc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::prefix;
use super::auth::{self, Caller, Refused};
use crate::app::App;
use crate::desk::Checked;

/// `GET /v1/me/second-factor`.
pub(super) async fn state(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    let caller = auth::reader(&app, &headers).await?;
    let factor = app.desk.store.factor(&caller.user().id).await;
    let factor = factor.map_err(|fault| auth::away(&fault))?.filter(|factor| factor.confirmed);
    Ok(Json(json!({
        "on": factor.is_some(), "recovery_left": factor.map(|factor| factor.recovery_left),
        "required": app.second_factor_required(), "proved": app.desk.is_proved(&caller.signed_in),
    })))
}

/// `POST /v1/me/second-factor`: a secret for the app.
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    let caller = auth::writer(&app, &headers).await?;
    auth::proved(&app, &caller)?;
    let begun = app.desk.begin_factor(caller.user()).await.map_err(|fault| auth::away(&fault))?;
    let Some(secret) = begun else {
        return Err(auth::error(StatusCode::CONFLICT, "in_use", "a second factor is in use"));
    };
    let uri = secret.uri(&caller.user().login);
    Ok(Json(json!({ "secret": secret.text(), "uri": uri, "qr": picture(&uri) })))
}

/// Returns the rows of a QR code: `1` is dark.
fn picture(text: &str) -> Vec<String> {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return Vec::new() };
    let cell = |x, y| if code.get_module(x, y) { '1' } else { '0' };
    (0..code.size()).map(|y| (0..code.size()).map(|x| cell(x, y)).collect()).collect()
}

#[derive(Deserialize)]
pub(super) struct Code {
    code: String,
}

/// `POST /v1/me/second-factor/confirm`: the first code.
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Json<Code>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let caller = auth::writer(&app, &headers).await?;
    let Json(Code { code }) = body.map_err(|fault| auth::malformed(&fault))?;
    let address = prefix(peer.ip());
    app.desk.take_proof(caller.user(), &address).map_err(auth::too_many)?;
    let confirmed = app.desk.confirm_factor(&caller.signed_in, &code).await;
    let codes = confirmed.map_err(|fault| auth::away(&fault))?.ok_or_else(bad_code)?;
    app.desk.give_back_attempt(caller.user(), &address);
    Ok(Json(json!({ "recovery": codes })))
}

/// `POST /v1/me/second-factor/remove`.
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<StatusCode, Refused> {
    let caller = auth::writer(&app, &headers).await?;
    auth::proved(&app, &caller)?;
    let gone = app.desk.drop_factor(caller.user()).await.map_err(|fault| auth::away(&fault))?;
    Ok(if gone { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND })
}

#[derive(Deserialize)]
pub(super) struct Proof {
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
}

/// `POST /v1/me/prove`: a code, or without a second factor the password.
pub(super) async fn prove(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Json<Proof>, JsonRejection>,
) -> Result<StatusCode, Refused> {
    let caller = auth::writer(&app, &headers).await?;
    let Json(proof) = body.map_err(|fault| auth::malformed(&fault))?;
    let address = prefix(peer.ip());
    app.desk.take_proof(caller.user(), &address).map_err(auth::too_many)?;
    if !is_right(&app, &caller, proof).await? {
        return Err(bad_code());
    }
    app.desk.give_back_attempt(caller.user(), &address);
    app.desk.prove(&caller.signed_in).await.map_err(|fault| auth::away(&fault))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn is_right(app: &App, caller: &Caller, proof: Proof) -> Result<bool, Refused> {
    let user = caller.user();
    let checked = app.desk.check_code(user, &proof.code).await;
    match checked.map_err(|fault| auth::away(&fault))? {
        Checked::Right => Ok(true),
        Checked::Wrong => Ok(false),
        Checked::NoFactor => {
            let found = app.desk.store.user_by_login(&user.login).await;
            let found = found.map_err(|fault| auth::away(&fault))?;
            Ok(auth::verify(app, found, proof.password).await.is_some())
        }
    }
}

pub(super) fn bad_code() -> Refused {
    auth::error(
        StatusCode::UNAUTHORIZED,
        "bad_code",
        "the code is wrong, too old or was used before",
    )
}
