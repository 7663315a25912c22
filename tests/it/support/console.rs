//! A consultant's client: signs in, opens the desk, commands.

use std::net::SocketAddr;
use std::sync::LazyLock;

use eider::account::{Hashed, Role};
use eider::id::UserId;
use eider::store::NewUser;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite;

use super::chat::Chat;
use super::{Response, TestApp, exchange, noon};

pub(crate) const PASSWORD: &str = "a password of the tests";
static HASHED: LazyLock<Hashed> = LazyLock::new(|| Hashed::new(PASSWORD).unwrap());

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Colleague {
    address: SocketAddr,
    pub(crate) id: UserId,
    /// `name=token` of the cookie.
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl Colleague {
    /// Makes an account and signs it in.
    pub(crate) async fn new(app: &TestApp, login: &str, roles: &[Role]) -> Self {
        let id = Self::account(app, login, roles).await;
        let signed_in = Self::try_sign_in(app.address, login, PASSWORD).await;
        assert_eq!(signed_in.status, 200, "{}", signed_in.text());
        let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let csrf = signed_in.json()["csrf"].as_str().unwrap().to_owned();
        Self { address: app.address, id, cookie, csrf }
    }

    pub(crate) async fn account(app: &TestApp, login: &str, roles: &[Role]) -> UserId {
        let name = format!("Dr {login}");
        let (login, password) = (login.to_owned(), HASHED.clone());
        let new = NewUser { login, name, roles: roles.to_vec(), password };
        app.app.desk.store.add_user(new, noon()).await.unwrap().unwrap()
    }

    pub(crate) async fn try_sign_in(address: SocketAddr, login: &str, password: &str) -> Response {
        let body = json!({ "login": login, "password": password });
        let origin = format!("origin: http://{address}\r\n");
        call(address, "POST", "/v1/login", &origin, Some(&body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        call(self.address, "GET", path, &format!("cookie: {}\r\n", self.cookie), None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        let headers = format!(
            "cookie: {}\r\nx-csrf: {}\r\norigin: http://{}\r\n",
            self.cookie, self.csrf, self.address
        );
        call(self.address, "POST", path, &headers, Some(body)).await
    }

    pub(crate) async fn ticket(&self) -> String {
        let answer = self.post("/v1/desk/ticket", &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["ticket"].as_str().unwrap().to_owned()
    }

    /// Opens a socket from a page of `origin`; nothing is said yet.
    pub(crate) async fn socket(&self, origin: &str) -> Result<Chat, tungstenite::Error> {
        let headers = [("cookie", self.cookie.clone()), ("origin", origin.to_owned())];
        Chat::with_headers(self.address, "/v1/desk", &headers).await
    }

    /// Opens the desk; returns the socket after its welcome.
    pub(crate) async fn desk(&self) -> (Chat, Value) {
        let mut desk = self.socket(&format!("http://{}", self.address)).await.unwrap();
        desk.send(&json!({ "t": "hello", "ticket": self.ticket().await })).await;
        let welcome = desk.expect("welcome").await;
        (desk, welcome)
    }

    /// Opens the desk and comes on duty.
    pub(crate) async fn on_duty(&self) -> Chat {
        let (mut desk, _) = self.desk().await;
        let done = desk.request(json!({ "t": "available", "cid": "duty", "on": true })).await;
        assert_eq!(done["t"], "done", "{done}");
        desk
    }
}

/// Sends one request as a browser on this machine does.
pub(crate) async fn call(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: Option<&Value>,
) -> Response {
    let body = body.map(ToString::to_string);
    let typed = if body.is_some() { "content-type: application/json\r\n" } else { "" };
    let body = body.unwrap_or_default();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{typed}{headers}\r\n"
    );
    exchange(address, &[head.as_bytes(), body.as_bytes()].concat()).await
}
