//! The pages and scripts that we wrote, embedded in the binary; read from disk in debug builds.

use axum::extract::Path;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::id;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/src/web/static"]
struct Static;

/// The content security policy of the console: nothing but our own files, in no frame.
const CONSOLE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
     font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// The demo page.
pub(super) async fn demo(headers: HeaderMap) -> Response {
    serve("demo/index.html", &headers)
}

/// The consultants' console, which nobody may show in a frame.
pub(super) async fn console(headers: HeaderMap) -> Response {
    let mut response = serve("console/index.html", &headers);
    let policy = HeaderValue::from_static(CONSOLE_POLICY);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// Any file below `static/`.
pub(super) async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    serve(&path, &headers)
}

fn serve(path: &str, headers: &HeaderMap) -> Response {
    let Some(file) = Static::get(path) else { return StatusCode::NOT_FOUND.into_response() };
    let etag = format!("\"{}\"", id::hex(&file.metadata.sha256_hash()[..16]));
    let unchanged =
        headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let fixed = [(ETAG, etag), (CACHE_CONTROL, "no-cache".to_owned())];
    if unchanged {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    (fixed, [(CONTENT_TYPE, content_type(path))], file.data.into_owned()).into_response()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_type_and_an_etag() {
        let mut served = 0;
        for path in Static::iter() {
            let response = serve(&path, &HeaderMap::new());
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert!(response.headers().contains_key(ETAG), "{path}");
            assert_ne!(response.headers()[CONTENT_TYPE], "application/octet-stream", "{path}");
            served += 1;
        }
        assert!(served > 5, "the pages are there");
    }
}
