//! The editors' pages over HTTP: articles, drafts, review, publishing, taking back. docs/editors.md
//! says what each answers.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::{self, Caller};
use super::{edit_bodies as bodies, pages};
use crate::account::User;
use crate::app::App;
use crate::editorial::{Fresh, Refused};
use crate::id::UserId;

/// A refusal, as the console reads it.
#[derive(Debug)]
pub(super) struct No(Box<Response>);

pub(super) type Answer = Result<Json<Value>, No>;

impl IntoResponse for No {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl From<auth::Refused> for No {
    fn from(refused: auth::Refused) -> Self {
        Self(Box::new(refused.into_response()))
    }
}

impl From<Refused> for No {
    fn from(refused: Refused) -> Self {
        let (status, code, more) = match &refused {
            Refused::NotFound => (StatusCode::NOT_FOUND, "not_found", json!({})),
            Refused::Words(_) => (StatusCode::UNPROCESSABLE_ENTITY, "words", json!({})),
            Refused::Changed(draft, text) => {
                let more = json!({ "draft": bodies::draft(draft), "text": text });
                (StatusCode::CONFLICT, "changed", more)
            }
            Refused::Stale(draft) => {
                (StatusCode::CONFLICT, "stale", json!({ "draft": bodies::draft(draft) }))
            }
            Refused::OwnWork => (StatusCode::FORBIDDEN, "own_work", json!({})),
            Refused::Faulty(problems) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "faulty", json!({ "problems": problems }))
            }
            Refused::Others(paths) => (StatusCode::CONFLICT, "others", json!({ "paths": paths })),
            Refused::Busy => (StatusCode::CONFLICT, "busy", json!({})),
            Refused::Moved => (StatusCode::CONFLICT, "moved", json!({})),
            Refused::Edit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_path", json!({})),
            Refused::Publish(crate::publish::Error::NoEarlier) => {
                (StatusCode::CONFLICT, "no_earlier", json!({}))
            }
            Refused::Publish(crate::publish::Error::Busy(_)) => {
                (StatusCode::CONFLICT, "busy", json!({}))
            }
            Refused::Store(fault) => return auth::away(fault).into(),
            Refused::Library(_)
            | Refused::Publish(_)
            | Refused::Search(_)
            | Refused::Interrupted => {
                tracing::error!(error = %refused, "an editor's request failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", json!({}))
            }
        };
        let mut body = json!({ "error": code, "message": refused.to_string() });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        Self(Box::new((status, Json(body)).into_response()))
    }
}

/// Returns what was sent, or the refusal.
pub(super) fn sent<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, No> {
    body.map(|Json(sent)| sent).map_err(|fault| auth::malformed(&fault).into())
}

#[derive(Deserialize)]
pub(super) struct Words {
    #[serde(default)]
    q: String,
}

/// `GET /v1/edit/articles?q=`.
pub(super) async fn articles(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(Words { q }): Query<Words>,
) -> Answer {
    auth::editor(&app, &headers).await?;
    let today = app.desk.now().date();
    let (found, more) = app.editorial.articles(&q, app.desk.engine(), today).await?;
    let drafts = app.editorial.drafts(true).await?;
    let articles: Vec<Value> =
        found.iter().map(|listed| bodies::listed(listed, &drafts, today)).collect();
    let served = app.desk.engine().map(|engine| engine.generation);
    Ok(Json(json!({ "articles": articles, "more": more, "generation": served })))
}

#[derive(Deserialize)]
pub(super) struct AtPath {
    path: String,
}

/// `GET /v1/edit/article?path=`.
pub(super) async fn article(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(AtPath { path }): Query<AtPath>,
) -> Answer {
    let caller = auth::editor(&app, &headers).await?;
    let (served, now) = (app.desk.engine(), app.desk.now());
    let view = app.editorial.article(caller.user(), &path, served, now).await?;
    let names = names(&app).await?;
    Ok(Json(bodies::view(&view, &names, now.date())))
}

#[derive(Deserialize)]
pub(super) struct Text {
    path: String,
    text: String,
}

/// `POST /v1/edit/check`: what is wrong with a text that is being written.
pub(super) async fn check(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Json<Text>, JsonRejection>,
) -> Answer {
    auth::editing(&app, &headers).await?;
    let Text { path, text } = sent(body)?;
    let checked = app.editorial.check(&path, text, app.desk.now().date()).await?;
    Ok(Json(bodies::checked(&checked)))
}

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    state: String,
}

/// `GET /v1/edit/drafts?state=open`.
pub(super) async fn drafts(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(Which { state }): Query<Which>,
) -> Answer {
    auth::editor(&app, &headers).await?;
    let found = app.editorial.drafts(state != "over").await?;
    let names = names(&app).await?;
    let drafts: Vec<Value> = found.iter().map(|draft| bodies::outline(draft, &names)).collect();
    Ok(Json(json!({ "drafts": drafts })))
}

#[derive(Deserialize)]
pub(super) struct Begun {
    path: String,
    #[serde(flatten)]
    written: Written,
}

#[derive(Deserialize)]
pub(super) struct Written {
    #[serde(default)]
    base: String,
    text: String,
    #[serde(default)]
    note: String,
}

impl Written {
    fn fresh(self) -> Fresh {
        Fresh { base: self.base, text: self.text, note: self.note }
    }
}

/// `POST /v1/edit/drafts`: begins one.
pub(super) async fn begin(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Json<Begun>, JsonRejection>,
) -> Answer {
    let caller = auth::editing(&app, &headers).await?;
    let Begun { path, written } = sent(body)?;
    let fresh = written.fresh();
    let draft = app.editorial.begin(caller.user(), &path, fresh, app.desk.now()).await?;
    Ok(Json(json!({ "draft": bodies::draft(&draft) })))
}

/// `GET /v1/edit/drafts/<id>`.
pub(super) async fn draft(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer {
    let caller = auth::editor(&app, &headers).await?;
    let view = app.editorial.draft(caller.user(), &id, app.desk.now()).await?;
    Ok(Json(bodies::draft_view(&view, &names(&app).await?, &caller.user().id)))
}

/// `GET /v1/edit/drafts/<id>/page`: as its reading page would show it.
pub(super) async fn page(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, No> {
    auth::editor(&app, &headers).await?;
    let today = app.desk.now().date();
    let (knowledge, article) = app.editorial.as_knowledge(&id, today).await?;
    pages::draft(&knowledge, &article, today)
        .ok_or_else(|| Refused::Words("the draft cannot be read as an article").into())
}

#[derive(Deserialize)]
pub(super) struct Saved {
    revision: i64,
    #[serde(flatten)]
    written: Written,
}

/// `POST /v1/edit/drafts/<id>`: another text.
pub(super) async fn save(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Result<Json<Saved>, JsonRejection>,
) -> Answer {
    let caller = auth::editing(&app, &headers).await?;
    let Saved { revision, written } = sent(body)?;
    let (fresh, now) = (written.fresh(), app.desk.now());
    let draft = app.editorial.save(caller.user(), &id, revision, fresh, now).await?;
    Ok(Json(json!({ "draft": bodies::draft(&draft) })))
}

#[derive(Deserialize)]
pub(super) struct Step {
    revision: i64,
    /// A comment for whoever wrote it.
    #[serde(default)]
    words: String,
    /// Why nobody else can approve it.
    alone: Option<String>,
    /// Whether what else was changed in the folder may be published too.
    #[serde(default)]
    with_others: bool,
}

/// `POST /v1/edit/drafts/<id>/<step>`: submit, return, approve, discard, preview, publish.
pub(super) async fn step(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path((id, step)): Path<(String, String)>,
    body: Result<Json<Step>, JsonRejection>,
) -> Result<Response, No> {
    let caller = auth::editing(&app, &headers).await?;
    let sent = sent(body)?;
    let (editorial, user, now) = (&app.editorial, caller.user(), app.desk.now());
    let draft = match step.as_str() {
        "submit" => editorial.submit(user, &id, sent.revision, now).await?,
        "return" => editorial.send_back(user, &id, sent.revision, &sent.words, now).await?,
        "approve" => {
            if sent.alone.is_some() {
                may_approve_alone(&app, &caller)?;
            }
            let alone = sent.alone.as_deref();
            editorial.approve(user, &id, sent.revision, alone, now).await?
        }
        "discard" => editorial.discard(user, &id, sent.revision, now).await?,
        "preview" => {
            editorial.preview(&id, now).await?;
            return Ok(StatusCode::ACCEPTED.into_response());
        }
        "publish" => {
            editorial.publish(user, &id, sent.revision, sent.with_others, now).await?;
            return Ok(StatusCode::ACCEPTED.into_response());
        }
        _ => return Err(Refused::NotFound.into()),
    };
    Ok(Json(json!({ "draft": bodies::draft(&draft) })).into_response())
}

/// The rule of two may be broken by an administrator alone, who has just proved who they are and
/// says why: it is kept with the draft and in the audit log.
fn may_approve_alone(app: &App, caller: &Caller) -> Result<(), No> {
    if !caller.user().is_administrator() {
        return Err(Refused::OwnWork.into());
    }
    Ok(auth::proved(app, caller)?)
}

/// `GET /v1/edit/publication`: what is under way, and what was served when.
pub(super) async fn publication(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    auth::editor(&app, &headers).await?;
    let (history, earlier) = app.editorial.history();
    let served = app.desk.engine().map(|engine| engine.generation);
    let job = app.editorial.job();
    Ok(Json(json!({
        "job": job.as_ref().map(bodies::job), "served": served, "earlier": earlier,
        "history": history.iter().take(50).collect::<Vec<_>>(),
    })))
}

#[derive(Deserialize)]
pub(super) struct Back {
    /// The generation that is taken back.
    generation: u64,
    why: String,
}

/// `POST /v1/edit/rollback`.
pub(super) async fn rollback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Json<Back>, JsonRejection>,
) -> Answer {
    let caller = auth::editing(&app, &headers).await?;
    let Back { generation, why } = sent(body)?;
    let now = app.desk.now();
    let earlier = app.editorial.roll_back(caller.user(), generation, &why, now).await?;
    Ok(Json(json!({ "generation": earlier })))
}

/// Returns everybody's name.
pub(super) async fn names(app: &App) -> Result<HashMap<UserId, String>, No> {
    let users: Vec<User> = app.desk.store.users().await.map_err(|fault| auth::away(&fault))?;
    Ok(users.into_iter().map(|user| (user.id, user.name)).collect())
}
