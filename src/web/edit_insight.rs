//! The editors' pages over HTTP: trying questions out, gaps, the work list, recall. docs/editors.md
//! says what each answers.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::edit::{Answer, sent};
use super::{auth, edit_bodies as bodies};
use crate::app::App;
use crate::consult::Situation;
use crate::text::Lang;

#[derive(Deserialize)]
pub(super) struct Attempt {
    question: String,
    lang: Option<String>,
    drug: Option<String>,
    region: Option<String>,
    draft: Option<String>,
}

/// `POST /v1/edit/try`: what is answered now, and what a draft would make of it.
pub(super) async fn try_out(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Json<Attempt>, JsonRejection>,
) -> Answer {
    auth::editing(&app, &headers).await?;
    let Attempt { question, lang, drug, region, draft } = sent(body)?;
    let question: String = question.chars().take(app.desk.limits.text_chars).collect();
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let situation = Situation {
        lang: lang.as_deref().and_then(Lang::from_tag),
        page: given(drug).and_then(|drug| app.desk.known_drug(drug)),
        region: given(region),
        ..Situation::default()
    };
    let (served, today) = (app.desk.engine(), app.desk.now().date());
    let (draft, asked) = (given(draft), question.clone());
    let trial = app.editorial.try_out(asked, situation, served, draft.as_deref(), today).await?;
    let shown = |tried: Option<_>| tried.map(|tried| bodies::tried(&tried, &question));
    Ok(Json(json!({ "old": shown(trial.old), "new": shown(trial.new) })))
}

#[derive(Deserialize)]
pub(super) struct Days {
    days: Option<i64>,
}

/// `GET /v1/edit/gaps?days=30`.
pub(super) async fn gaps(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(Days { days }): Query<Days>,
) -> Answer {
    let caller = auth::editor(&app, &headers).await?;
    let (days, served, now) = (days.unwrap_or(30), app.desk.engine(), app.desk.now());
    let gaps = app.editorial.gaps(caller.user(), days, served, now).await?;
    Ok(Json(bodies::gaps(&gaps)))
}

/// `GET /v1/edit/work`.
pub(super) async fn work(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    auth::editor(&app, &headers).await?;
    let work = app.editorial.work(app.desk.now().date()).await?;
    Ok(Json(json!({ "work": work.iter().map(bodies::work).collect::<Vec<_>>() })))
}

#[derive(Deserialize)]
pub(super) struct OfVersion {
    path: String,
    version: String,
    #[serde(default)]
    notice: String,
}

/// `POST /v1/edit/recall`: who was shown a version of an article. It names sessions, so whoever
/// asks must just have proved who they are.
pub(super) async fn recall(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Json<OfVersion>, JsonRejection>,
) -> Answer {
    let caller = auth::editing(&app, &headers).await?;
    auth::proved(&app, &caller)?;
    let OfVersion { path, version, .. } = sent(body)?;
    let now = app.desk.now();
    let shown = app.editorial.shown(caller.user(), &path, &version, now).await?;
    let shown: Vec<Value> = shown.iter().map(bodies::shown).collect();
    Ok(Json(json!({ "shown": shown })))
}

/// `POST /v1/edit/recall/note`: tells the sessions among them that are still open.
pub(super) async fn note(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Json<OfVersion>, JsonRejection>,
) -> Answer {
    let caller = auth::editing(&app, &headers).await?;
    auth::proved(&app, &caller)?;
    let OfVersion { path, version, notice } = sent(body)?;
    let user = caller.user();
    let told = app.editorial.tell(user, &app.desk, &path, &version, &notice).await?;
    Ok(Json(json!({ "told": told.told, "before": told.before, "missed": told.missed })))
}

/// `GET /v1/edit/notices`: the words that open sessions can be told.
pub(super) async fn notices(State(app): State<Arc<App>>, headers: HeaderMap) -> Answer {
    auth::editor(&app, &headers).await?;
    let notices = app.desk.notices().into_iter();
    let notices: Vec<Value> =
        notices.map(|(id, en, zh)| json!({ "id": id, "text": { "en": en, "zh": zh } })).collect();
    Ok(Json(json!({ "notices": notices })))
}
