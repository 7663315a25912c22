//! A consultant's client: signs in, opens the desk, commands.

use std::net::SocketAddr;
use std::sync::LazyLock;

use eider::account::{Hashed, Role};
use eider::id::UserId;
use eider::store::{NewUser, Store};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite;

use super::chat::{Chat, Frame};
use super::{Response, TestApp, exchange, noon, try_exchange};

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
        Self::account(app, login, roles).await;
        Self::sign_in(app.address, login).await
    }

    pub(crate) async fn account(app: &TestApp, login: &str, roles: &[Role]) -> UserId {
        Self::account_in(&app.app.desk.store, login, roles).await
    }

    pub(crate) async fn account_in(store: &Store, login: &str, roles: &[Role]) -> UserId {
        let name = format!("Dr {login}");
        let (login, password) = (login.to_owned(), HASHED.clone());
        let new = NewUser { login, name, roles: roles.to_vec(), password };
        store.add_user(new, noon()).await.unwrap().unwrap()
    }

    /// Signs an account in.
    pub(crate) async fn sign_in(address: SocketAddr, login: &str) -> Self {
        let signed_in = Self::try_sign_in(address, login, PASSWORD).await;
        assert_eq!(signed_in.status, 200, "{}", signed_in.text());
        let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let me = signed_in.json();
        let csrf = me["csrf"].as_str().unwrap().to_owned();
        let id = me["user"]["id"].as_str().unwrap().into();
        Self { address, id, cookie, csrf }
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
        self.try_post(path, body).await.expect("an answer")
    }

    async fn try_post(&self, path: &str, body: &Value) -> Option<Response> {
        let headers = format!(
            "cookie: {}\r\nx-csrf: {}\r\norigin: http://{}\r\n",
            self.cookie, self.csrf, self.address
        );
        try_exchange(self.address, &written(self.address, "POST", path, &headers, Some(body))).await
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

    /// Returns the same person at another node: one sign-in holds for all.
    pub(crate) fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// Opens the desk if the node answers.
    pub(crate) async fn try_desk(&self) -> Option<Chat> {
        let ticket = self.try_post("/v1/desk/ticket", &json!({})).await?;
        let ticket = (ticket.status == 200).then(|| ticket.json())?;
        let mut desk = self.socket(&format!("http://{}", self.address)).await.ok()?;
        desk.try_send(&json!({ "t": "hello", "ticket": ticket["ticket"] })).await.ok()?;
        match desk.next().await {
            Frame::Json(welcome) if welcome["t"] == "welcome" => Some(desk),
            _ => None,
        }
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
    exchange(address, &written(address, method, path, headers, body)).await
}

fn written(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: Option<&Value>,
) -> Vec<u8> {
    let body = body.map(ToString::to_string);
    let typed = if body.is_some() { "content-type: application/json\r\n" } else { "" };
    let body = body.unwrap_or_default();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{typed}{headers}\r\n"
    );
    [head.as_bytes(), body.as_bytes()].concat()
}
