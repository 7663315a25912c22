//! The consultants' side of `desk.v1`, for load tests: signing in, and the desk's socket.

use serde_json::{Value, json};
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::{Endpoint, Error, Socket};

/// Largest frame that is read: a long queue comes in one.
const MAX_FRAME: usize = 64 << 20;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Consultant {
    endpoint: Endpoint,
    cookie: String,
    csrf: String,
}

impl Endpoint {
    /// Signs a consultant in, as a page of this machine does.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<Consultant, Error> {
        let origin = format!("http://{}", self.host);
        let body = json!({ "login": login, "password": password });
        let (cookie, me) = self.post("/v1/login", &[("origin", &origin)], &body, 200).await?;
        let csrf = me["csrf"].as_str().unwrap_or_default().to_owned();
        Ok(Consultant { endpoint: self.clone(), cookie, csrf })
    }
}

impl Consultant {
    /// Opens the desk; the welcome comes next.
    pub async fn open_desk(&self) -> Result<Socket, Error> {
        let host = &self.endpoint.host;
        let origin = format!("http://{host}");
        let headers = [("origin", &*origin), ("cookie", &*self.cookie), ("x-csrf", &*self.csrf)];
        let (_, ticket) = self.endpoint.post("/v1/desk/ticket", &headers, &json!({}), 200).await?;
        let failed = |error: &dyn std::fmt::Display| Error::Http(error.to_string());
        let mut request = format!("ws://{host}/v1/desk").into_client_request().map_err(Box::new)?;
        for (name, value) in &headers[..2] {
            request.headers_mut().append(*name, value.parse().map_err(|error| failed(&error))?);
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_FRAME))
            .max_frame_size(Some(MAX_FRAME));
        let stream = self.endpoint.connect().await?;
        let (stream, _) =
            client_async_with_config(request, stream, Some(config)).await.map_err(Box::new)?;
        let mut socket = Socket { stream };
        let ticket: &Value = &ticket["ticket"];
        socket.send(json!({ "t": "hello", "ticket": ticket }).to_string()).await?;
        Ok(socket)
    }
}
