//! Accepting connections: HTTP/1.1 with limits on the head and on slow senders.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tracing::{debug, warn};

use super::peer;
use crate::config::Network;

/// Longest time for the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest head of a request, in bytes.
const MAX_HEAD: usize = 16 * 1024;
/// Most headers of a request.
const MAX_HEADERS: usize = 64;

/// Accepts connections and answers them by `router` until `leaving` is cancelled.
/// A request of a trusted proxy counts as its client's.
pub async fn accept(
    listener: TcpListener,
    router: Router,
    trusted: &[Network],
    leaving: CancellationToken,
) {
    let trusted: Arc<[Network]> = trusted.into();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = leaving.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                let (router, trusted) = (router.clone(), trusted.clone());
                tokio::spawn(connection(router, TokioIo::new(stream), peer, trusted));
            }
            Err(fault) => {
                // Out of file descriptors, mostly: wait for some to be given back.
                warn!(error = %fault, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(
    router: Router,
    io: TokioIo<tokio::net::TcpStream>,
    peer: SocketAddr,
    trusted: Arc<[Network]>,
) {
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        let client = peer::client(peer.ip(), request.headers(), &trusted);
        let client = SocketAddr::new(client, peer.port());
        async move {
            let mut request: Request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(ConnectInfo(client));
            let answered: Result<Response, Infallible> = router.oneshot(request).await;
            answered
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(io, service)
        .with_upgrades()
        .await;
    if let Err(fault) = served {
        debug!(error = %fault, "a connection ended early");
    }
}
