//! The public reading pages below `/knowledge/`: whole documents from the served generation, without
//! need of scripts. The same knowledge gives the same bytes, so that browsers may keep them.

mod article;
mod html;
mod layout;
mod lists;
mod markdown;
mod search;
mod shelf;
mod words;

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use self::layout::Page;
use crate::app::App;
use crate::consult::Situation;
use crate::id::{self, ArticleId, DrugId};
use crate::knowledge::{Knowledge, Status};
use crate::text::Lang;
use crate::time::Date;

/// What these pages may do: our own files only; the search form leads back to them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; \
     require-trusted-types-for 'script'";
/// Most passages that a search shows.
const RESULTS: usize = 20;
/// Longest search, in characters.
const LONGEST_SEARCH: usize = 300;

#[derive(Deserialize)]
pub(super) struct Wish {
    lang: Option<String>,
}

impl Wish {
    fn lang(&self) -> Option<Lang> {
        self.lang.as_deref().and_then(Lang::from_tag)
    }
}

/// `GET /knowledge`.
pub(super) async fn to_home() -> Redirect {
    Redirect::permanent("/knowledge/")
}

/// `GET /knowledge/`.
pub(super) async fn home(
    State(app): State<Arc<App>>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Response {
    let lang = wish.lang().unwrap_or_default();
    let Some(engine) = app.desk.engine() else { return unavailable(lang) };
    let knowledge = &engine.knowledge;
    send(&lists::home(knowledge, lang), StatusCode::OK, Some(knowledge), &headers)
}

/// `GET /knowledge/<anything else>`: a shelf, a medicine, or an article.
pub(super) async fn page(
    State(app): State<Arc<App>>,
    Path(path): Path<String>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Response {
    let Some(engine) = app.desk.engine() else {
        return unavailable(wish.lang().unwrap_or_default());
    };
    let knowledge = &engine.knowledge;
    match find(knowledge, &path, wish.lang(), app.desk.now().date()) {
        Place::Page(page, status) => send(&page, status, Some(knowledge), &headers),
        Place::Elsewhere(address) => Redirect::permanent(&address).into_response(),
    }
}

/// Returns the page of an article that is not published; `None` when there is no such article.
pub(super) fn draft(knowledge: &Knowledge, id: &ArticleId, today: Date) -> Option<Response> {
    let article = knowledge.article(id)?;
    let page = article::page(knowledge, article, article.lang, today);
    let page = Page { canonical: None, alternates: Vec::new(), ..page };
    let document = page.document(Some(knowledge));
    let fixed = [(CACHE_CONTROL, "no-store"), (CONTENT_SECURITY_POLICY, POLICY)];
    Some((fixed, [(CONTENT_TYPE, "text/html; charset=utf-8")], document).into_response())
}

/// What stands at a path.
enum Place {
    Page(Box<Page>, StatusCode),
    Elsewhere(String),
}

fn find(knowledge: &Knowledge, path: &str, wish: Option<Lang>, today: Date) -> Place {
    let lang = wish.unwrap_or_default();
    let page = |page| Place::Page(Box::new(page), StatusCode::OK);
    if let Some(article) = knowledge.article(&ArticleId::from(path)) {
        let lang = wish.unwrap_or(article.lang);
        return match article.status {
            Status::Withdrawn => {
                let gone = lists::nothing(words::of(lang).gone, lang);
                Place::Page(Box::new(gone), StatusCode::GONE)
            }
            _ if article.is_quotable() => page(article::page(knowledge, article, lang, today)),
            _ => missing(lang),
        };
    }
    let bare = path.trim_end_matches('/');
    match bare.split('/').collect::<Vec<_>>().as_slice() {
        ["drugs", slug] => {
            let Some(drug) = knowledge.drug(&DrugId::from(*slug)) else { return missing(lang) };
            if path.ends_with('/') {
                page(lists::drug(knowledge, drug, lang, today))
            } else {
                Place::Elsewhere(shelf::drug_address(drug, lang))
            }
        }
        ["category", name] => {
            let is_meant = |category: &_| shelf::category_slug(*category) == *name;
            match shelf::CATEGORIES.into_iter().find(is_meant) {
                Some(category) => page(lists::category(knowledge, category, lang)),
                None => missing(lang),
            }
        }
        _ => missing(lang),
    }
}

fn missing(lang: Lang) -> Place {
    let page = lists::nothing(words::of(lang).not_found, lang);
    Place::Page(Box::new(page), StatusCode::NOT_FOUND)
}

/// Any other path: a page for people, and no words for programs.
pub(super) async fn nothing_here(headers: HeaderMap) -> Response {
    let wanted = headers.get(ACCEPT).and_then(|types| types.to_str().ok()).unwrap_or_default();
    if !wanted.contains("text/html") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let lang = Lang::default();
    send(&lists::nothing(words::of(lang).not_found, lang), StatusCode::NOT_FOUND, None, &headers)
}

#[derive(Deserialize)]
pub(super) struct SearchQuery {
    #[serde(default)]
    q: String,
    lang: Option<String>,
}

/// `GET /knowledge/search?q=…`.
pub(super) async fn search(
    State(app): State<Arc<App>>,
    Query(SearchQuery { q, lang }): Query<SearchQuery>,
    headers: HeaderMap,
) -> Response {
    let query: String = q.trim().chars().take(LONGEST_SEARCH).collect();
    let lang = Wish { lang }.lang().or_else(|| Lang::detect(&query)).unwrap_or_default();
    let Some(engine) = app.desk.engine() else { return unavailable(lang) };
    let knowledge = &engine.knowledge;
    // Half as many again are looked at, since the reader's own language comes first.
    let hits =
        if query.is_empty() { Ok(Vec::new()) } else { engine.find(&query, None, RESULTS * 2) };
    let Ok(hits) = hits else { return unavailable(lang) };
    let places = hits.iter().map(|hit| hit.passage.get(knowledge));
    let (mut own, others): (Vec<_>, Vec<_>) = places.partition(|(article, _)| article.lang == lang);
    own.extend(others);
    own.truncate(RESULTS);
    let situation = Situation { lang: Some(lang), ..Situation::default() };
    let understood = engine.understand(&query, &situation);
    let alarm = engine.judge(&engine.hear(&query), &situation, &understood);
    let found = search::Found { query: &query, hits: own, alarm: Some(alarm) };
    send(&search::page(knowledge, &found, lang), StatusCode::OK, Some(knowledge), &headers)
}

fn unavailable(lang: Lang) -> Response {
    let page = lists::nothing(words::of(lang).unavailable, lang);
    send(&page, StatusCode::SERVICE_UNAVAILABLE, None, &HeaderMap::new())
}

fn send(
    page: &Page,
    status: StatusCode,
    knowledge: Option<&Knowledge>,
    headers: &HeaderMap,
) -> Response {
    let document = page.document(knowledge);
    let etag = format!("\"{}\"", &id::digest(&[&document])[..32]);
    let known = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes());
    // A search is nobody's business but the reader's.
    let kept = if page.query.is_empty() { "no-cache" } else { "no-store" };
    let fixed = [
        (ETAG, etag),
        (CACHE_CONTROL, kept.to_owned()),
        (CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ];
    if known && status == StatusCode::OK {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    (status, fixed, [(CONTENT_TYPE, "text/html; charset=utf-8")], document).into_response()
}
