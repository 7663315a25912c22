//! The visitor's side of `consult.v1`, for the terminal chat and for load tests.

mod consultant;

pub use consultant::Consultant;

use axum::body::{Body, Bytes, to_bytes};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::protocol::SessionCreated;

/// Largest answer of the server over HTTP that is read, in bytes.
const MAX_RESPONSE: usize = 64 * 1024;

/// What can go wrong on the client's side.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be used.
    #[error(
        "{0:?} is not an address such as ws://127.0.0.1:8080/v1/chat or http://127.0.0.1:8080 (TLS needs a proxy in front)"
    )]
    Address(String),
    /// Nobody listens there, or the connection broke.
    #[error("cannot reach {host}: {source}")]
    Connect {
        /// Host and port.
        host: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The HTTP request failed.
    #[error("the request failed: {0}")]
    Http(String),
    /// What listens there is not the chat.
    #[error(
        "ws://{host}{path} is no chat: the server answers {status}; its path is usually /v1/chat"
    )]
    NoChat {
        /// Host and port.
        host: String,
        /// The path that was asked for.
        path: String,
        /// What the server said.
        status: hyper::StatusCode,
    },
    /// The WebSocket failed.
    #[error("the connection failed: {0}")]
    Socket(#[from] Box<tungstenite::Error>),
    /// The server closed the connection with a code.
    #[error("the server closed the connection with code {0}")]
    Closed(u16),
}

impl Error {
    /// Returns whether connecting again may help: codes from 4500 on say it will not.
    pub fn is_worth_a_retry(&self) -> bool {
        match self {
            Self::Closed(code) => !(4500..5000).contains(code),
            Self::Address(_) | Self::NoChat { .. } => false,
            Self::Connect { .. } | Self::Http(_) | Self::Socket(_) => true,
        }
    }
}

/// A server's visitor endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    host: String,
    path: String,
}

impl Endpoint {
    /// Reads the address of a server, `http://host:port`, or of its chat, `ws://host:port/path`.
    pub fn parse(url: &str) -> Result<Self, Error> {
        let rest = ["ws://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
        let rest = rest.ok_or_else(|| Error::Address(url.to_owned()))?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.is_empty() {
            return Err(Error::Address(url.to_owned()));
        }
        let host = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        let path = if path.is_empty() { "v1/chat" } else { path };
        Ok(Self { host, path: format!("/{path}") })
    }

    /// Opens a session.
    pub async fn open_session(&self, drug: Option<&str>) -> Result<SessionCreated, Error> {
        let body = json!({
            "site": "terminal", "consent": { "version": "1", "lang": "en" }, "context": { "drug": drug },
        });
        let (_, created) = self.post("/v1/sessions", &[], &body, 201).await?;
        serde_json::from_value(created).map_err(|error| Error::Http(error.to_string()))
    }

    /// Returns the generation that the server answers from, if it has one.
    pub async fn generation(&self) -> Result<Option<u64>, Error> {
        let request = hyper::Request::get("/readyz").header("host", &self.host).body(Body::empty());
        let (_, _, body) = self.exchange(request).await?;
        let said: Value =
            serde_json::from_slice(&body).map_err(|error| Error::Http(error.to_string()))?;
        Ok(said["generation"].as_u64())
    }

    /// Posts JSON; returns the cookie that is set, if one is, and the answer, which must have the
    /// status `wanted`.
    async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
        wanted: u16,
    ) -> Result<(String, Value), Error> {
        let mut request = hyper::Request::post(path)
            .header("host", &self.host)
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (status, cookie, body) =
            self.exchange(request.body(Body::from(body.to_string()))).await?;
        if status.as_u16() != wanted {
            return Err(Error::Http(format!("{status}: {}", String::from_utf8_lossy(&body))));
        }
        let body = serde_json::from_slice(&body).map_err(|error| Error::Http(error.to_string()))?;
        Ok((cookie, body))
    }

    /// Returns the status, the cookie that is set, if one is, and the body.
    async fn exchange(
        &self,
        request: hyper::http::Result<hyper::Request<Body>>,
    ) -> Result<(hyper::StatusCode, String, Bytes), Error> {
        let stream = self.connect().await?;
        let failed = |error: &dyn std::fmt::Display| Error::Http(error.to_string());
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(&error))?;
        let driving = tokio::spawn(connection);
        let request = request.map_err(|error| failed(&error))?;
        let response = sender.send_request(request).await.map_err(|error| failed(&error))?;
        let status = response.status();
        let cookie = response.headers().get("set-cookie").and_then(|value| value.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
        let cookie = cookie.to_owned();
        let body = to_bytes(Body::new(response.into_body()), MAX_RESPONSE)
            .await
            .map_err(|error| failed(&error))?;
        driving.abort();
        Ok((status, cookie, body))
    }

    /// Opens a socket; nothing is said on it yet.
    pub async fn open_socket(&self) -> Result<Socket, Error> {
        let stream = self.connect().await?;
        let url = format!("ws://{}{}", self.host, self.path);
        let config = WebSocketConfig::default().read_buffer_size(16 * 1024).write_buffer_size(0);
        let opened = client_async_with_config(url, stream, Some(config)).await;
        let (stream, _) = opened.map_err(|error| self.refused(error))?;
        Ok(Socket { stream })
    }

    /// Tells a server that cannot take the socket now from one that has no chat at this path.
    fn refused(&self, error: tungstenite::Error) -> Error {
        match error {
            tungstenite::Error::Http(answer) if !is_passing(answer.status()) => Error::NoChat {
                host: self.host.clone(),
                path: self.path.clone(),
                status: answer.status(),
            },
            error => Box::new(error).into(),
        }
    }

    async fn connect(&self) -> Result<TcpStream, Error> {
        let connected = TcpStream::connect(&self.host).await;
        let stream =
            connected.map_err(|source| Error::Connect { host: self.host.clone(), source })?;
        // Small frames must not wait for each other.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }
}

/// Returns whether a refusal with this status may be another one a moment later.
fn is_passing(status: hyper::StatusCode) -> bool {
    status.is_server_error() || status == hyper::StatusCode::TOO_MANY_REQUESTS
}

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Sends a frame.
    pub async fn send(&mut self, frame: impl Into<Utf8Bytes>) -> Result<(), Error> {
        Ok(self.stream.send(Message::Text(frame.into())).await.map_err(Box::new)?)
    }

    /// Waits for the next frame. Cancelling the wait loses nothing.
    pub async fn next(&mut self) -> Result<Utf8Bytes, Error> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => {
                    return Err(Error::Closed(frame.map_or(1005, |frame| frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(Box::new(error).into()),
                None => return Err(Error::Closed(1006)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let endpoint =
            |url: &str| Endpoint::parse(url).map(|endpoint| (endpoint.host, endpoint.path));
        assert_eq!(
            endpoint("ws://h:1/v1/chat").unwrap(),
            ("h:1".to_owned(), "/v1/chat".to_owned())
        );
        for server in ["ws://h", "http://h", "http://h/"] {
            assert_eq!(endpoint(server).unwrap(), ("h:80".to_owned(), "/v1/chat".to_owned()));
        }
        assert!(endpoint("wss://h/v1/chat").is_err());
        assert!(endpoint("h:8080").is_err());
    }
}
