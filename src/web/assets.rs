//! The pages and scripts that we wrote, embedded in the binary; read from disk in debug builds.
//!
//! Pages name their files under a path that holds the build's hash, so browsers keep those for
//! good; every file is compressed once and loses its comments on the way, which readers of the
//! source need and visitors do not.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, LazyLock};

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderName, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{bundle, headers};
use crate::app::App;
use crate::id;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/src/web/static"]
struct Static;

/// The content security policy of the console: nothing but our own files, in no frame.
const CONSOLE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
     font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Asked again each time, at the price of an answer without a body.
const ASK_AGAIN: &str = "no-cache";
/// Kept for good: another build has another path.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// The loader, which hosts name without a version.
const SHORT: &str = "public, max-age=300";
/// Length of a build's hash in a path.
const BUILD_LENGTH: usize = 16;

/// The hash of all files, which names them in paths.
static BUILD: LazyLock<String> = LazyLock::new(|| {
    let mut paths: Vec<_> = Static::iter().collect();
    paths.sort();
    let mut hasher = Sha256::new();
    for path in paths {
        if let Some(file) = Static::get(&path) {
            hasher.update(file.metadata.sha256_hash());
        }
    }
    id::hex(&hasher.finalize()[..BUILD_LENGTH / 2])
});

/// Every file as it is served; a debug build reads the disk instead.
static FILES: LazyLock<HashMap<String, Arc<File>>> = LazyLock::new(|| {
    let file = |path: &str| Some((path.to_owned(), Arc::new(File::read(path)?)));
    let paths = Static::iter().map(Cow::into_owned);
    let bundles = BUNDLES.map(|(path, _)| path.to_owned());
    paths.chain(bundles).filter_map(|path| file(&path)).collect()
});

/// Scripts that are made of modules, by the path that they are served at: the chat's, and the loader,
/// which as one classic script can be loaded from another origin without asking.
const BUNDLES: [(&str, &str); 2] =
    [("chat/bundle.js", "chat/page.js"), (LOADER, "widget/widget.js")];
const LOADER: &str = "widget/bundle.js";

/// A file as it is served.
struct File {
    plain: Bytes,
    /// Absent where compressing gains nothing.
    gzip: Option<Bytes>,
    etag: String,
}

impl File {
    fn get(path: &str) -> Option<Arc<Self>> {
        if cfg!(debug_assertions) {
            return Self::read(path).map(Arc::new);
        }
        FILES.get(path).cloned()
    }

    fn read(path: &str) -> Option<Self> {
        if let Some((_, entry)) = BUNDLES.iter().find(|(bundle, _)| *bundle == path) {
            return Some(Self::new(bundle::join(entry, &module).into()));
        }
        let data = Static::get(path)?.data;
        let plain = match (path.rsplit('.').next(), std::str::from_utf8(&data)) {
            (Some("js"), Ok(text)) => Bytes::from(slim(text)),
            (Some("html"), Ok(text)) => {
                Bytes::from(text.replace("\"/assets/", &format!("\"/assets/{}/", *BUILD)))
            }
            _ => Bytes::from(data.into_owned()),
        };
        Some(Self::new(plain))
    }

    fn new(plain: Bytes) -> Self {
        let gzip = compress(&plain).filter(|gzip| gzip.len() < plain.len()).map(Bytes::from);
        // Weak, for both encodings carry the same tag.
        let etag = format!("W/\"{}\"", id::hex(&Sha256::digest(&plain)[..16]));
        Self { plain, gzip, etag }
    }
}

/// Returns the text of a module as it is served; a test keeps every import leading to a file.
fn module(path: &str) -> String {
    let data = Static::get(path).map(|file| file.data).unwrap_or_default();
    slim(&String::from_utf8_lossy(&data))
}

/// Compresses as far as it goes; `None` when the encoder fails, which memory writers never do.
fn compress(data: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).ok()?;
    encoder.finish().ok()
}

/// Empties the lines of a script that hold nothing but a comment, and takes the indentation off the
/// others. The lines stay, so that an error names the line of the source. The house style keeps
/// `/**` and `//` from opening a line of text.
fn slim(script: &str) -> String {
    let mut slim = String::with_capacity(script.len());
    let mut is_inside = false;
    for line in script.lines().map(str::trim_start) {
        let opens = line.starts_with("/**");
        if is_inside || opens {
            is_inside = match line.split_once("*/") {
                Some((_, code)) => {
                    slim.push_str(code);
                    false
                }
                None => true,
            };
        } else if !line.starts_with("// ") {
            slim.push_str(line);
        }
        slim.push('\n');
    }
    slim
}

/// The demo page.
pub(super) async fn demo(headers: HeaderMap) -> Response {
    serve("demo/index.html", &headers, ASK_AGAIN)
}

/// The consultants' console, which nobody may show in a frame.
pub(super) async fn console(headers: HeaderMap) -> Response {
    let mut response = serve("console/index.html", &headers, ASK_AGAIN);
    let policy = HeaderValue::from_static(CONSOLE_POLICY);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// The script that a host page embeds.
pub(super) async fn loader(headers: HeaderMap) -> Response {
    let mut response = serve(LOADER, &headers, SHORT);
    // A host that isolates itself still may load it.
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    response.headers_mut().insert(policy, HeaderValue::from_static("cross-origin"));
    response
}

#[derive(Deserialize)]
pub(super) struct ChatQuery {
    /// The registered site that shows the chat in a frame.
    #[serde(default)]
    site: String,
}

/// The chat as a page: what the widget's frame holds, and what stands alone where frames are
/// blocked. Only the origins of the named site may frame it, and the page talks to no others.
pub(super) async fn chat(
    State(app): State<Arc<App>>,
    Query(query): Query<ChatQuery>,
    headers: HeaderMap,
) -> Response {
    let Some(file) = File::get("chat/index.html") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let origins = app.origins_of(&query.site);
    let page = String::from_utf8_lossy(&file.plain).replace("{origins}", &origins.join(" "));
    let policy = headers::content_security_policy(origins);
    let fixed = [(CACHE_CONTROL, HeaderValue::from_static(ASK_AGAIN))];
    let kind = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type("html"))),
        (CONTENT_SECURITY_POLICY, policy),
    ];
    if accepts_gzip(&headers)
        && let Some(gzip) = compress(page.as_bytes())
    {
        return (fixed, kind, [(CONTENT_ENCODING, "gzip"), (VARY, "accept-encoding")], gzip)
            .into_response();
    }
    (fixed, kind, page).into_response()
}

/// Any file below `static/`, under the hash of this build for good.
pub(super) async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let (path, build) = match path.split_once('/') {
        Some((build, rest)) if is_build(build) => (rest, build),
        _ => (path.as_str(), ""),
    };
    // A page of an older build gets what there is now, and does not keep it. A debug build serves
    // what is on the disk, whatever its hash was at the start.
    let is_current = build == *BUILD && !cfg!(debug_assertions);
    serve(path, &headers, if is_current { FOR_GOOD } else { ASK_AGAIN })
}

fn is_build(segment: &str) -> bool {
    segment.len() == BUILD_LENGTH && segment.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn serve(path: &str, headers: &HeaderMap, keep: &'static str) -> Response {
    match File::get(path) {
        Some(file) => answer(&file, path, headers, keep),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(file: &File, path: &str, headers: &HeaderMap, keep: &'static str) -> Response {
    let unchanged =
        headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == file.etag.as_bytes());
    let fixed = [
        (ETAG, file.etag.clone()),
        (CACHE_CONTROL, keep.to_owned()),
        (VARY, "accept-encoding".to_owned()),
    ];
    if unchanged {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    let kind = [(CONTENT_TYPE, content_type(path))];
    match &file.gzip {
        Some(gzip) if accepts_gzip(headers) => {
            (fixed, kind, [(CONTENT_ENCODING, "gzip")], gzip.clone()).into_response()
        }
        _ => (fixed, kind, file.plain.clone()).into_response(),
    }
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next() == Some("gzip") && !parts.any(|part| part == "q=0")
        })
    })
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
            let response = serve(&path, &HeaderMap::new(), ASK_AGAIN);
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert!(response.headers().contains_key(ETAG), "{path}");
            assert_ne!(response.headers()[CONTENT_TYPE], "application/octet-stream", "{path}");
            served += 1;
        }
        assert!(served > 5, "the pages are there");
    }

    #[test]
    fn comments_go_and_lines_stay() {
        let script =
            "/**\n * Words.\n */\nlet a; // why\n  // Reason.\n/** @type {x} */ let b = '//';\n";
        assert_eq!(slim(script), "\n\n\nlet a; // why\n\n let b = '//';\n");
    }

    #[test]
    fn the_chat_is_light() {
        let page = File::read("chat/index.html").unwrap();
        let page = std::str::from_utf8(&page.plain).unwrap();
        let prefix = format!("\"/assets/{}/", *BUILD);
        let parts = page.split(&prefix).skip(1).filter_map(|rest| rest.split('"').next());
        let parts: Vec<_> = parts.filter(|path| !path.contains(".svg")).collect();
        assert!(parts.len() >= 4, "{parts:?}");
        let size = |path: &str| File::read(path).unwrap().gzip.unwrap().len();
        let frame: usize = parts.into_iter().chain(["chat/index.html"]).map(size).sum();
        assert!(frame <= 40 * 1024, "the frame has {frame} bytes");
        assert!(size(LOADER) <= 6 * 1024, "the loader has {} bytes", size(LOADER));
    }

    #[test]
    fn bundles_hold_every_module_they_need() {
        for (path, entry) in BUNDLES {
            let read = |path: &str| {
                assert!(Static::get(path).is_some(), "{path} is imported and is no file");
                module(path)
            };
            let script = bundle::join(entry, &read);
            let is_left = |line: &str| line.starts_with("import ") || line.starts_with("export ");
            assert_eq!(script.lines().find(|line| is_left(line)), None, "{path}");
        }
    }

    #[test]
    fn compression_is_for_those_who_ask() {
        let asking = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
            serve("chat/chat.js", &headers, ASK_AGAIN).headers().contains_key(CONTENT_ENCODING)
        };
        assert!(asking("gzip") && asking("br, gzip;q=0.8") && !asking("br") && !asking("gzip;q=0"));
    }
}
