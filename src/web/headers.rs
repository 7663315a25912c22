//! Headers that every answer carries, and the time within which a request must be answered.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;

/// Longest time from the head of a request to its answer, body included.
const MAX_REQUEST: Duration = Duration::from_secs(30);

/// Adds the headers, and ends requests that take too long.
pub(super) async fn secure(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(MAX_REQUEST, next.run(request)).await;
    let mut response = answered.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response());
    let headers = response.headers_mut();
    headers.entry(CONTENT_SECURITY_POLICY).or_insert_with(|| app.content_security_policy.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    set(headers, "cross-origin-opener-policy", "same-origin");
    set(headers, "permissions-policy", "camera=(), microphone=(), geolocation=()");
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &'static str) {
    headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
}

/// Returns the content security policy for pages that the given origins may show in a frame.
///
/// # Panics
/// When an origin holds control characters, which loading the configuration refuses.
pub fn content_security_policy(frame_ancestors: &[String]) -> HeaderValue {
    let ancestors = frame_ancestors.join(" ");
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
         font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self' {ancestors}; \
         require-trusted-types-for 'script'"
    );
    HeaderValue::from_str(&policy).expect("origins are checked when the configuration is loaded")
}
