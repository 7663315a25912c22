//! HTTP and WebSocket: the router, and how connections are accepted.

mod api;
mod assets;
mod auth;
mod bundle;
mod desk_api;
mod desk_bodies;
mod desk_commands;
mod desk_export;
mod desk_socket;
mod desk_webhooks;
mod edit;
mod edit_bodies;
mod edit_insight;
mod factor;
mod headers;
mod integration;
mod line;
mod metrics;
mod origin;
mod own_session;
mod pages;
mod peer;
mod place;
mod server;
mod visitor_socket;

pub use headers::content_security_policy;
pub use metrics::Metrics;
pub use server::accept;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};

use crate::app::App;

/// Largest request body, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// Largest body that holds an article: JSON may write a byte as six.
const MAX_ARTICLE: usize = 4 * crate::editorial::MAX_TEXT;

/// Every path that is served.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(assets::demo))
        .route("/assets/{*path}", get(assets::asset))
        .route("/chat", get(assets::chat))
        .route("/widget.js", get(assets::loader))
        .route("/console", get(assets::console))
        .route("/v1/login", post(auth::login))
        .route("/v1/logout", post(auth::logout))
        .route("/v1/me", get(auth::me))
        .route("/v1/me/sessions", get(auth::sessions))
        .route("/v1/me/sessions/revoke", post(auth::revoke))
        .route("/v1/me/prove", post(factor::prove))
        .route("/v1/me/second-factor", get(factor::state).post(factor::begin))
        .route("/v1/me/second-factor/confirm", post(factor::confirm))
        .route("/v1/me/second-factor/remove", post(factor::remove))
        .route("/v1/desk", get(desk_socket::upgrade))
        .route("/v1/desk/ticket", post(auth::ticket))
        .route("/v1/desk/sessions", get(desk_api::sessions))
        .route("/v1/desk/sessions/{id}", get(desk_api::session))
        .route("/v1/desk/export", get(desk_export::sessions))
        .route("/v1/desk/replies", get(desk_api::replies))
        .route("/v1/desk/search", get(desk_api::search))
        .route("/v1/desk/figures", get(desk_api::figures))
        .route("/v1/desk/forms", get(desk_api::forms))
        .route("/v1/desk/forms/{id}", post(desk_api::set_form))
        .route("/v1/desk/webhooks", get(desk_webhooks::list))
        .route("/v1/desk/webhooks/{id}", post(desk_webhooks::again))
        .route("/v1/desk/audit", get(desk_api::audit))
        .route("/v1/edit/articles", get(edit::articles))
        .route("/v1/edit/article", get(edit::article))
        .route("/v1/edit/check", post(edit::check).layer(long()))
        .route("/v1/edit/drafts", get(edit::drafts).post(edit::begin).layer(long()))
        .route("/v1/edit/drafts/{id}", get(edit::draft).post(edit::save).layer(long()))
        .route("/v1/edit/drafts/{id}/page", get(edit::page))
        .route("/v1/edit/drafts/{id}/{step}", post(edit::step))
        .route("/v1/edit/publication", get(edit::publication))
        .route("/v1/edit/rollback", post(edit::rollback))
        .route("/v1/edit/try", post(edit_insight::try_out))
        .route("/v1/edit/gaps", get(edit_insight::gaps))
        .route("/v1/edit/work", get(edit_insight::work))
        .route("/v1/edit/recall", post(edit_insight::recall))
        .route("/v1/edit/recall/note", post(edit_insight::note))
        .route("/v1/edit/notices", get(edit_insight::notices))
        .route("/v1/sessions", post(api::open_session))
        .route("/v1/sessions/{id}", get(own_session::export).delete(own_session::erase))
        .route("/v1/chat", get(visitor_socket::upgrade))
        .route("/v1/ask", post(api::ask))
        .route("/v1/search", get(api::search))
        .route("/v1/knowledge", get(api::knowledge))
        .route("/v1/knowledge/{*article}", get(api::article))
        .route("/v1/api/sessions", get(integration::sessions))
        .route("/v1/api/sessions/{id}", get(integration::session))
        .route("/v1/api/forms", get(integration::forms))
        .route("/v1/api/forms/{id}", post(integration::set_form))
        .route("/openapi.json", get(integration::document))
        .route("/knowledge", get(pages::to_home))
        .route("/knowledge/", get(pages::home))
        .route("/knowledge/search", get(pages::search))
        .route("/knowledge/{*path}", get(pages::page))
        .route("/healthz", get(api::healthz))
        .route("/readyz", get(api::readyz))
        .route("/metrics", get(api::metrics))
        .fallback(pages::nothing_here)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(app.clone(), headers::secure))
        .with_state(app)
}

/// Lets a request hold a whole article.
fn long() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MAX_ARTICLE)
}
