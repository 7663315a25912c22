//! HTTP and WebSocket: the router, and how connections are accepted.

mod api;
mod assets;
mod headers;
mod metrics;
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

/// Every path that is served.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(assets::demo))
        .route("/assets/{*path}", get(assets::asset))
        .route("/v1/sessions", post(api::open_session))
        .route("/v1/chat", get(visitor_socket::upgrade))
        .route("/v1/ask", post(api::ask))
        .route("/v1/search", get(api::search))
        .route("/v1/knowledge", get(api::knowledge))
        .route("/v1/knowledge/{*article}", get(api::article))
        .route("/healthz", get(api::healthz))
        .route("/readyz", get(api::readyz))
        .route("/metrics", get(api::metrics))
        .fallback(api::nothing_here)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(app.clone(), headers::secure))
        .with_state(app)
}
