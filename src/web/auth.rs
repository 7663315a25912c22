//! Signing in: the cookie, the checks that every request of a console passes, and the sockets'
//! tickets. docs/desk.md says what each answers.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::header::{COOKIE, RETRY_AFTER, SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::prefix;
use super::factor;
use super::origin::{self, Scheme};
use crate::account::{Hashed, User};
use crate::app::App;
use crate::desk::{ABSOLUTE_SECONDS, Attempt, Checked, IDLE_SECONDS, SignedIn, TICKET_SECONDS};
use crate::id;
use crate::protocol::UserBody;
use crate::store;

/// The cookie over TLS; browsers take it from our origin alone, and never over plain HTTP.
const COOKIE_NAME: &str = "__Host-eider";
/// The cookie on this machine, where there is no TLS.
const LOCAL_COOKIE: &str = "eider";
/// Longest login that is looked up, in bytes.
const MAX_LOGIN: usize = 100;

/// What an unknown name's password is compared with.
static NOBODY: LazyLock<Option<Hashed>> = LazyLock::new(|| Hashed::of_nobody().ok());

/// Somebody who is signed in, and the token that says so.
pub(super) struct Caller {
    pub(super) signed_in: SignedIn,
    token: String,
}

impl Caller {
    pub(super) fn user(&self) -> &User {
        &self.signed_in.user
    }

    fn csrf(&self) -> String {
        id::digest(&["csrf", &self.token])
    }
}

/// Returns who sends a request that only reads.
pub(super) async fn reader(app: &App, headers: &HeaderMap) -> Result<Caller, Refused> {
    let unauthorized = || error(StatusCode::UNAUTHORIZED, "unauthorized", "sign in first");
    let token = cookie(headers).ok_or_else(unauthorized)?;
    let signed_in = app.desk.signed_in(&token).await.map_err(|fault| away(&fault))?;
    Ok(Caller { signed_in: signed_in.ok_or_else(unauthorized)?, token })
}

/// Returns who sends a request that changes something: it must come from our own page.
pub(super) async fn writer(app: &App, headers: &HeaderMap) -> Result<Caller, Refused> {
    own_page(app, headers)?;
    let caller = reader(app, headers).await?;
    let sent = headers.get("x-csrf").map(HeaderValue::as_bytes);
    if sent == Some(caller.csrf().as_bytes()) {
        Ok(caller)
    } else {
        Err(error(StatusCode::FORBIDDEN, "bad_csrf", "the header x-csrf is missing or wrong"))
    }
}

/// Returns who sends a request that reads what only consultants may see.
pub(super) async fn consultant(app: &App, headers: &HeaderMap) -> Result<Caller, Refused> {
    let caller = reader(app, headers).await?;
    if !caller.user().may_consult() {
        return Err(forbidden());
    }
    factor_where_required(app, caller.user()).await?;
    Ok(caller)
}

/// Returns who sends a request that reads what only editors may see.
pub(super) async fn editor(app: &App, headers: &HeaderMap) -> Result<Caller, Refused> {
    may_edit(app, reader(app, headers).await?).await
}

/// Returns who sends a request that changes what only editors may.
pub(super) async fn editing(app: &App, headers: &HeaderMap) -> Result<Caller, Refused> {
    may_edit(app, writer(app, headers).await?).await
}

async fn may_edit(app: &App, caller: Caller) -> Result<Caller, Refused> {
    if !caller.user().may_edit() {
        return Err(forbidden());
    }
    factor_where_required(app, caller.user()).await?;
    Ok(caller)
}

/// Returns the refusal of an account without the second factor that the operator requires.
async fn factor_where_required(app: &App, user: &User) -> Result<(), Refused> {
    if app.second_factor_required() && !has_factor(app, user).await? {
        let message = "set up a second factor first: POST /v1/me/second-factor";
        return Err(error(StatusCode::FORBIDDEN, "second_factor_required", message));
    }
    Ok(())
}

/// Returns how our own page reached us, or the refusal of any other.
pub(super) fn own_page(app: &App, headers: &HeaderMap) -> Result<Scheme, Refused> {
    origin::ours(headers, app.console_origins()).ok_or_else(|| {
        error(
            StatusCode::FORBIDDEN,
            "bad_origin",
            "this is for our own pages over https, or on this machine",
        )
    })
}

/// Returns the refusal of somebody who has not proved lately who they are: before what takes much
/// out, or opens what is not theirs.
pub(super) fn proved(app: &App, caller: &Caller) -> Result<(), Refused> {
    if app.desk.is_proved(&caller.signed_in) {
        return Ok(());
    }
    let message = "prove first who you are: POST /v1/me/prove";
    Err(error(StatusCode::FORBIDDEN, "proof_required", message))
}

#[derive(Deserialize)]
pub(super) struct Credentials {
    login: String,
    password: String,
    /// Of the second factor, where there is one.
    #[serde(default)]
    code: String,
}

/// `POST /v1/login`.
pub(super) async fn login(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Json<Credentials>, JsonRejection>,
) -> Result<Response, Refused> {
    let scheme = own_page(&app, &headers)?;
    let Json(Credentials { login, password, code }) = body.map_err(|fault| malformed(&fault))?;
    let address = prefix(peer.ip());
    let login: String = login.trim().chars().take(MAX_LOGIN).collect();
    let found = app.desk.attempt(&login, &address).await.map_err(|refused| match refused {
        Attempt::Wait(wait) => too_many(wait),
        Attempt::Store(fault) => away(&fault),
    })?;
    let wrong = || error(StatusCode::UNAUTHORIZED, "unauthorized", "name or password is wrong");
    let user = verify(&app, found, password).await.ok_or_else(wrong)?;
    if code.trim().is_empty() && has_factor(&app, &user).await? {
        // The password was right: asking for the code costs nothing.
        app.desk.give_back_attempt(&user, &address);
        return Err(error(
            StatusCode::UNAUTHORIZED,
            "code_required",
            "the second factor is missing",
        ));
    }
    match app.desk.check_code(&user, &code).await.map_err(|fault| away(&fault))? {
        Checked::Right | Checked::NoFactor => {}
        Checked::Wrong => return Err(factor::bad_code()),
    }
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let token = app.desk.sign_in(&user, agent, &address).await.map_err(|fault| away(&fault))?;
    let signed_in = app.desk.signed_in(&token).await.map_err(|fault| away(&fault))?;
    let caller = Caller { signed_in: signed_in.ok_or_else(wrong)?, token };
    let cookie = set_cookie(scheme, &caller.token, ABSOLUTE_SECONDS);
    Ok(([(SET_COOKIE, cookie)], Json(me_body(&app, &caller).await?)).into_response())
}

async fn has_factor(app: &App, user: &User) -> Result<bool, Refused> {
    let factor = app.desk.store.factor(&user.id).await.map_err(|fault| away(&fault))?;
    Ok(factor.is_some_and(|factor| factor.confirmed))
}

/// Compares a password, off the threads that answer visitors and two at a time; an unknown name
/// takes as long as a known one.
pub(super) async fn verify(
    app: &App,
    found: Option<(User, Hashed)>,
    password: String,
) -> Option<User> {
    let permit = app.passwords.clone().acquire_owned().await.ok()?;
    let verifying = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        if let Some((user, hash)) = found {
            return hash.verify(&password).then_some(user);
        }
        let _ = NOBODY.as_ref().map(|nobody| nobody.verify(&password));
        None
    });
    verifying.await.ok().flatten()
}

/// `POST /v1/logout`.
pub(super) async fn logout(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let scheme = own_page(&app, &headers)?;
    let caller = writer(&app, &headers).await?;
    let session = &caller.signed_in.session.id;
    app.desk.sign_out(caller.user(), session).await.map_err(|fault| away(&fault))?;
    let gone = set_cookie(scheme, "", 0);
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, gone)]).into_response())
}

/// `GET /v1/me`.
pub(super) async fn me(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    let caller = reader(&app, &headers).await?;
    Ok(Json(me_body(&app, &caller).await?))
}

/// `GET /v1/me/sessions`.
pub(super) async fn sessions(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    let caller = reader(&app, &headers).await?;
    let sessions = app.desk.sign_ins(caller.user()).await.map_err(|fault| away(&fault))?;
    let sessions: Vec<Value> = sessions
        .iter()
        .map(|session| {
            json!({
                "id": session.id, "created": session.created.to_string(),
                "active": session.active.to_string(), "agent": session.agent,
                "current": session.id == caller.signed_in.session.id,
            })
        })
        .collect();
    Ok(Json(json!({ "sessions": sessions })))
}

#[derive(Deserialize)]
pub(super) struct Revoked {
    id: String,
}

/// `POST /v1/me/sessions/revoke`.
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Json<Revoked>, JsonRejection>,
) -> Result<StatusCode, Refused> {
    let caller = writer(&app, &headers).await?;
    let Json(Revoked { id }) = body.map_err(|fault| malformed(&fault))?;
    let was_there = app.desk.sign_out(caller.user(), &id).await.map_err(|fault| away(&fault))?;
    Ok(if was_there { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND })
}

/// `POST /v1/desk/ticket`.
pub(super) async fn ticket(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    let caller = writer(&app, &headers).await?;
    if !caller.user().may_consult() {
        return Err(forbidden());
    }
    factor_where_required(&app, caller.user()).await?;
    let ticket = app.desk.ticket(&caller.signed_in).await.map_err(|fault| away(&fault))?;
    Ok(Json(json!({ "ticket": ticket, "expires_in_ms": TICKET_SECONDS * 1000 })))
}

/// Returns an account as the console sees it.
pub(super) fn user_body(user: &User) -> UserBody {
    UserBody {
        id: user.id.clone(),
        login: user.login.clone(),
        name: user.name.clone(),
        roles: user.roles.iter().map(|role| role.name()).collect(),
        available: user.available,
    }
}

async fn me_body(app: &App, caller: &Caller) -> Result<Value, Refused> {
    let needs_factor = app.second_factor_required() && !has_factor(app, caller.user()).await?;
    Ok(json!({
        "user": user_body(caller.user()), "csrf": caller.csrf(), "idle_seconds": IDLE_SECONDS,
        "expires": caller.signed_in.expires().to_string(), "needs_second_factor": needs_factor,
    }))
}

fn set_cookie(scheme: Scheme, token: &str, seconds: i64) -> String {
    let (name, secure) = match scheme {
        Scheme::Https => (COOKIE_NAME, "; Secure"),
        Scheme::LocalHttp => (LOCAL_COOKIE, ""),
    };
    format!("{name}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// Returns the token in the cookie. The one without Secure counts on this machine only.
fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies: Vec<&str> =
        headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).collect();
    let find = |name: &str| {
        let all = cookies.iter().flat_map(|line| line.split(';')).map(str::trim);
        let mut found =
            all.filter_map(|pair| pair.split_once('=')).filter(|(known, _)| *known == name);
        found.next().map(|(_, token)| token.to_owned()).filter(|token| !token.is_empty())
    };
    find(COOKIE_NAME).or_else(|| find(LOCAL_COOKIE).filter(|_| origin::is_local(headers)))
}

/// An answer that is a refusal: all that the console learns of it.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    /// When to try again, in milliseconds.
    wait: Option<u64>,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.code, "message": self.message });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(wait) = self.wait {
            response.headers_mut().insert(RETRY_AFTER, wait.div_ceil(1000).into());
        }
        response
    }
}

pub(super) fn error(
    status: StatusCode,
    code: impl Into<Cow<'static, str>>,
    message: impl Into<Cow<'static, str>>,
) -> Refused {
    Refused { status, code: code.into(), message: message.into(), wait: None }
}

pub(super) fn forbidden() -> Refused {
    error(StatusCode::FORBIDDEN, "forbidden", "your roles do not allow this")
}

pub(super) fn malformed(fault: &JsonRejection) -> Refused {
    error(fault.status(), "bad_frame", fault.body_text())
}

pub(super) fn too_many(wait: u64) -> Refused {
    let refused = error(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "too many, try again later");
    Refused { wait: Some(wait), ..refused }
}

pub(super) fn away(fault: &store::Error) -> Refused {
    tracing::error!(error = %fault, "the database refused");
    let message = "not possible just now, try again later";
    error(StatusCode::SERVICE_UNAVAILABLE, "storage_unavailable", message)
}
