//! The JSON API: sessions, questions outside a session, the knowledge base, health.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::app::App;
use crate::bus::Reach;
use crate::consult::Situation;
use crate::desk::Rejection;
use crate::id::{ArticleId, DrugId};
use crate::protocol::{ErrorCode, NewSession, SessionCreated};
use crate::session;
use crate::store;
use crate::text::Lang;

/// Longest text of a consent, a site or a page's context that is kept, in bytes.
const MAX_CONTEXT: usize = 1024;
/// Most results of one search.
const MAX_RESULTS: usize = 50;

/// `POST /v1/sessions`: consent first, then a session.
pub(super) async fn open_session(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    body: Result<Json<NewSession>, JsonRejection>,
) -> Response {
    let Json(new) = match body {
        Ok(new) => new,
        Err(rejection) => return malformed(&rejection),
    };
    let Some(consent) =
        new.consent.filter(|consent| !consent.version.is_empty() && !consent.lang.is_empty())
    else {
        return error(
            StatusCode::BAD_REQUEST,
            ErrorCode::ConsentRequired,
            "consent {version, lang} is required",
        );
    };
    let context = serde_json::to_string(&new.context).unwrap_or_default();
    if [&context, &new.site, &consent.version, &consent.lang]
        .iter()
        .any(|text| text.len() > MAX_CONTEXT)
    {
        return error(
            StatusCode::BAD_REQUEST,
            ErrorCode::TooLong,
            "site, consent or context is too long",
        );
    }
    let consent = session::Consent { version: consent.version, lang: consent.lang };
    let new = store::NewSession { site: new.site, consent, context };
    match app.desk.open_session(new, &prefix(peer.ip())).await {
        Ok((session, token)) => {
            app.metrics.sessions.inc();
            let epoch = app.desk.store.epoch().to_string();
            let created = SessionCreated { session: session.id.to_string(), token, epoch };
            (StatusCode::CREATED, Json(created)).into_response()
        }
        Err(rejection) => rejected(&rejection),
    }
}

#[derive(Deserialize)]
pub(super) struct AskBody {
    text: String,
    drug: Option<String>,
    lang: Option<String>,
    region: Option<String>,
}

/// `POST /v1/ask`: one question, one answer, nothing stored.
pub(super) async fn ask(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    body: Result<Json<AskBody>, JsonRejection>,
) -> Response {
    if let Err(rejection) = app.desk.take_ask(&prefix(peer.ip())) {
        return rejected(&rejection);
    }
    let Json(asked) = match body {
        Ok(asked) => asked,
        Err(rejection) => return malformed(&rejection),
    };
    if asked.text.chars().count() > app.desk.limits.text_chars {
        return error(StatusCode::BAD_REQUEST, ErrorCode::TooLong, "the text is too long");
    }
    let situation = Situation {
        lang: asked.lang.as_deref().and_then(Lang::from_tag),
        page: asked.drug.and_then(|slug| app.desk.known_drug(slug)),
        region: asked.region,
        ..Situation::default()
    };
    let body = app.desk.ask(&asked.text, &situation);
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

#[derive(Deserialize)]
pub(super) struct SearchQuery {
    pub(super) q: String,
    pub(super) drug: Option<String>,
    /// Most results.
    pub(super) k: Option<usize>,
}

/// `GET /v1/search?q=…`: passages, best first.
pub(super) async fn search(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    query: Result<Query<SearchQuery>, QueryRejection>,
) -> Response {
    if let Err(rejection) = app.desk.take_ask(&prefix(peer.ip())) {
        return rejected(&rejection);
    }
    let Query(query) = match query {
        Ok(query) => query,
        Err(rejection) => {
            return error(rejection.status(), ErrorCode::BadFrame, &rejection.body_text());
        }
    };
    let Some(engine) = app.desk.engine() else { return unavailable() };
    let drug = query.drug.map(DrugId::from);
    let limit = query.k.unwrap_or(10).min(MAX_RESULTS);
    let text: String = query.q.chars().take(app.desk.limits.text_chars).collect();
    let Ok(hits) = engine.find(&text, drug.as_ref(), limit) else { return unavailable() };
    let results: Vec<_> = hits
        .iter()
        .map(|hit| {
            let (article, passage) = hit.passage.get(&engine.knowledge);
            json!({
                "article": article.id, "title": article.title, "heading": article.headings(passage), "anchor": article.anchor(passage),
                "text": article.passage_text(passage), "lang": article.lang, "score": hit.score,
            })
        })
        .collect();
    Json(json!({ "generation": engine.generation, "results": results })).into_response()
}

/// `GET /v1/knowledge`: drugs and articles.
pub(super) async fn knowledge(State(app): State<Arc<App>>) -> Response {
    let Some(engine) = app.desk.engine() else { return unavailable() };
    let drugs: Vec<_> = engine
        .knowledge
        .drugs
        .iter()
        .map(|drug| {
            json!({
                "slug": drug.id, "name": drug.name, "brands": drug.brands, "names_zh": drug.names.zh,
                "class": drug.class, "category": drug.category, "new": drug.new,
            })
        })
        .collect();
    let articles: Vec<_> = engine
        .knowledge
        .articles
        .iter()
        .filter(|article| article.is_quotable())
        .map(|article| {
            json!({
                "id": article.id, "title": article.title, "drug": article.drug, "topic": article.topic,
                "lang": article.lang, "published": article.published.to_string(),
                "reviewed": article.reviewed.to_string(),
            })
        })
        .collect();
    Json(json!({ "generation": engine.generation, "drugs": drugs, "articles": articles }))
        .into_response()
}

/// `GET /v1/knowledge/<article>`: an article with its passages.
pub(super) async fn article(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    let Some(engine) = app.desk.engine() else { return unavailable() };
    let knowledge = &engine.knowledge;
    let Some(article) =
        knowledge.article(&ArticleId::from(id)).filter(|article| article.is_quotable())
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let passages: Vec<_> = article
        .passages
        .iter()
        .map(|passage| {
            json!({ "anchor": article.anchor(passage), "heading": article.headings(passage), "text": article.passage_text(passage) })
        })
        .collect();
    let related: Vec<_> = article
        .related
        .iter()
        .filter_map(|id| knowledge.article(id).filter(|article| article.is_quotable()))
        .map(|related| json!({ "id": related.id, "title": related.title }))
        .collect();
    Json(json!({
        "generation": engine.generation, "id": article.id, "title": article.title, "drug": article.drug,
        "topic": article.topic, "lang": article.lang, "source": article.source, "source_url": article.source_url,
        "published": article.published.to_string(), "reviewed": article.reviewed.to_string(),
        "review_by": knowledge.review_due(article).to_string(), "markets": article.markets, "rank": article.rank,
        "version": article.version, "related": related, "passages": passages,
    }))
    .into_response()
}

/// `GET /healthz`: the process is alive.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: index and database are there. The bus is told of and not needed.
pub(super) async fn readyz(State(app): State<Arc<App>>) -> Response {
    let generation = app.desk.engine().map(|engine| engine.generation);
    let store = app.desk.store.is_ready().await;
    let ready = store && generation.is_some() && !app.is_draining();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let bus = match app.desk.bus.reach() {
        Reach::Alone => "none",
        Reach::Connected => "connected",
        Reach::Away => "away",
    };
    let manifest = app.manifest();
    let told = json!({
        "ready": ready, "store": store, "generation": generation, "manifest": manifest, "bus": bus,
    });
    (status, Json(told)).into_response()
}

/// `GET /metrics`: for Prometheus.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let generation = app.desk.engine().map_or(0, |engine| engine.generation);
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, content_type)], app.metrics.render(generation, &app.desk.bus)).into_response()
}

/// Returns what an address counts as: itself, or its /56 for IPv6.
pub(super) fn prefix(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{:x}::/56", d & 0xff00)
        }
    }
}

fn malformed(rejection: &JsonRejection) -> Response {
    error(rejection.status(), ErrorCode::BadFrame, &rejection.body_text())
}

pub(super) fn rejected(rejection: &Rejection) -> Response {
    let (status, message) = match rejection.code {
        ErrorCode::RateLimited => {
            (StatusCode::TOO_MANY_REQUESTS, "too many requests, try again later")
        }
        _ => (StatusCode::SERVICE_UNAVAILABLE, "not possible just now, try again later"),
    };
    let mut response = error(status, rejection.code, message);
    if let Some(wait) = rejection.retry_after_ms {
        response.headers_mut().insert(RETRY_AFTER, wait.div_ceil(1000).into());
    }
    response
}

fn unavailable() -> Response {
    error(
        StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Overloaded,
        "the knowledge base cannot be read just now",
    )
}

pub(super) fn error(status: StatusCode, code: ErrorCode, message: &str) -> Response {
    (status, Json(json!({ "error": code, "message": message }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_counted_by_household() {
        let cases = [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:22ff::1", "2001:db8:1:2200::/56"),
        ];
        for (address, expected) in cases {
            assert_eq!(prefix(address.parse().unwrap()), expected);
        }
    }
}
