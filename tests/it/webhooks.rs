//! Word to other systems, over real HTTP: signed, said once for each event, tried again, and without
//! a word of visitors.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use eider::account::Role;
use eider::config::Webhook;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::desk::{claim, queue};
use crate::support::{Colleague, TestApp, until};

pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[derive(Debug, Clone)]
pub(crate) struct Got {
    head: String,
    body: String,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with(name));
        line.unwrap_or_else(|| panic!("no {name}: {}", self.head)).split_once(": ").unwrap().1
    }
}

/// A system that answers every message with `answer`, or not at all when that is empty.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    answer: Arc<Mutex<String>>,
}

impl Receiver {
    pub(crate) async fn start(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (got, answer) = (Arc::default(), Arc::new(Mutex::new(answer.to_owned())));
        let receiver = Self { address, got: Arc::clone(&got), answer: Arc::clone(&answer) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&got), Arc::clone(&answer)));
            }
        });
        receiver
    }

    fn webhook(&self, name: &str) -> Webhook {
        webhook(name, &format!("http://{}/hook?key=1", self.address))
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, got: Arc<Mutex<Vec<Got>>>, answer: Arc<Mutex<String>>) {
    let mut bytes = Vec::new();
    let message = loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let got = Got { head: head.to_owned(), body: body.to_owned() };
            if got.header("content-length").parse() == Ok(body.len()) {
                break got;
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    };
    got.lock().unwrap().push(message);
    let answer = answer.lock().unwrap().clone();
    if answer.is_empty() {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    let _ = stream
        .write_all(format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n").as_bytes())
        .await;
}

fn webhook(name: &str, url: &str) -> Webhook {
    Webhook {
        name: name.to_owned(),
        url: url.to_owned(),
        secret: SECRET.to_owned().into(),
        events: ["session.queued", "session.claimed", "session.closed", "form.received"]
            .map(str::to_owned)
            .into(),
        allow_private: true,
        timeout_seconds: 1,
    }
}

async fn deliveries(head: &Colleague) -> Vec<Value> {
    let answer = head.get("/v1/desk/webhooks").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["deliveries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn each_step_is_told_once_signed_and_without_a_word_of_the_visitor() {
    let receiver = Receiver::start("204 No Content").await;
    let only_forms = Receiver::start("200 OK").await;
    let webhooks = vec![
        receiver.webhook("crm"),
        Webhook { events: vec!["form.received".into()], ..only_forms.webhook("forms") },
    ];
    let app = TestApp::with(|config| config.webhooks = webhooks).await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let mut desk = li.on_duty().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.ask("c", "canary words about testamab").await;
    let form = json!({
        "t": "form", "cid": "f", "consent": { "version": "1", "lang": "en" }, "name": "Canary Wren",
        "contact": "canary@example.org", "preferred": "canary o'clock", "text": "canary text",
    });
    assert_eq!(chat.request(form.clone()).await["dup"], false);
    assert_eq!(chat.request(form).await["dup"], true);
    let waiting = queue(&mut chat, &mut desk, &visitor).await;
    let fence = claim(&mut desk, &visitor, &waiting).await;
    let close = json!({ "t": "close", "cid": "z", "session": visitor.session, "fence": fence, "outcome": "answered" });
    for _ in 0..2 {
        assert_eq!(desk.request(close.clone()).await["t"], "done");
    }
    until("all were told", async || receiver.got().len() >= 4 && !only_forms.got().is_empty())
        .await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    let key = eider::config::SigningKey::from(SECRET.to_owned());
    let mut told = Vec::new();
    for got in receiver.got() {
        assert!(got.head.starts_with("POST /hook?key=1 HTTP/1.1"), "{}", got.head);
        assert_eq!(got.header("content-type"), "application/json");
        assert_eq!(got.header("host"), receiver.address.to_string());
        let (message, seconds) = (got.header("webhook-id"), got.header("webhook-timestamp"));
        let expected =
            eider::webhook::signature(key.bytes(), message, seconds.parse().unwrap(), &got.body);
        assert_eq!(got.header("webhook-signature"), expected);
        assert!(!got.body.to_lowercase().contains("canary"), "{}", got.body);
        let body: Value = serde_json::from_str(&got.body).unwrap();
        assert_eq!(body["data"]["session"], visitor.session);
        assert_eq!(body["timestamp"], "2026-11-22T12:00:00.000Z");
        told.push((body["type"].as_str().unwrap().to_owned(), body["data"].clone()));
    }
    told.sort_by_key(|(_, data)| data["seq"].as_i64());
    let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["form.received", "session.queued", "session.claimed", "session.closed"]);
    assert_eq!((&told[1].1["reason"], &told[1].1["priority"]), (&json!("not_found"), &json!(0)));
    assert_eq!(told[2].1["by"]["name"], "Dr li");
    assert_eq!(told[3].1["outcome"], "answered");
    assert_eq!(only_forms.got().len(), 1);
    // What is erased is not told any more either.
    assert_eq!(
        app.app
            .desk
            .store
            .deliveries(eider::time::Timestamp::from_micros(i64::MAX), 10)
            .await
            .unwrap()
            .len(),
        5
    );
    app.app.desk.erase(&visitor.session.as_str().into()).await.unwrap();
    assert!(
        app.app
            .desk
            .store
            .deliveries(eider::time::Timestamp::from_micros(i64::MAX), 10)
            .await
            .unwrap()
            .is_empty()
    );
    app.stop().await;
}

#[tokio::test]
async fn what_is_not_taken_is_tried_again_and_redirects_are_not_followed() {
    let failing = Receiver::start("500 Internal Server Error").await;
    let elsewhere = Receiver::start("200 OK").await;
    let moved =
        Receiver::start(&format!("307 Moved\r\nlocation: http://{}/", elsewhere.address)).await;
    let slow = Receiver::start("").await;
    let down = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let private = Webhook { allow_private: false, ..webhook("private", "https://127.0.0.1/") };
    let webhooks = vec![
        failing.webhook("failing"),
        moved.webhook("moved"),
        slow.webhook("slow"),
        webhook("down", &format!("http://{down}/")),
        webhook("unknown", "http://nowhere.invalid/"),
        webhook("plain", &format!("https://{}/", failing.address)),
        private,
    ];
    let count = webhooks.len();
    let app = TestApp::with(|config| config.webhooks = webhooks).await;
    let head = Colleague::new(&app, "head", &[Role::Administrator]).await;
    let mut desk = head.on_duty().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    queue(&mut chat, &mut desk, &visitor).await;
    until("each was tried", async || {
        let all = deliveries(&head).await;
        all.len() == count && all.iter().all(|one| one["result"] != "")
    })
    .await;
    let results: std::collections::BTreeMap<String, String> = deliveries(&head)
        .await
        .iter()
        .map(|one| {
            assert_eq!((&one["state"], &one["attempts"]), (&json!("pending"), &json!(1)), "{one}");
            let text = |name: &str| one[name].as_str().unwrap().to_owned();
            (text("webhook"), text("result"))
        })
        .collect();
    for (name, expected) in [
        ("failing", "status 500"),
        ("moved", "redirects are not followed"),
        ("slow", "no answer in time"),
        ("down", "no connection"),
        ("unknown", "not known"),
        ("plain", "no answer in time"),
        ("private", "private address"),
    ] {
        assert!(results[name].contains(expected), "{name}: {}", results[name]);
    }
    assert!(elsewhere.got().is_empty());
    // The same message, later, under the same id; then it is taken.
    "200 OK".clone_into(&mut failing.answer.lock().unwrap());
    app.later(6);
    app.app.desk.arrive(&head.id).await.unwrap();
    until("it was tried again", async || failing.got().len() >= 2).await;
    let got = failing.got();
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
    assert_ne!(got[0].header("webhook-timestamp"), got[1].header("webhook-timestamp"));
    let state = async |name: &str| {
        let all = deliveries(&head).await;
        all.iter().find(|one| one["webhook"] == name).unwrap().clone()
    };
    until("it was noted", async || state("failing").await["state"] == "delivered").await;
    // After ten attempts it is given up, and an administrator may try it again.
    let store = &app.app.desk.store;
    let moment = eider::time::Timestamp::from_micros(i64::MAX);
    let moved_now = async || {
        let all = store.deliveries(moment, 100).await.unwrap();
        all.into_iter().find(|one| one.webhook == "moved").unwrap()
    };
    for attempts in 2..=10 {
        // While an attempt is under way the message is only lent out, for 120 s.
        until("an attempt is over", async || {
            let now = moved_now().await;
            let is_lent = now.next <= app.app.desk.now().plus_seconds(130);
            now.attempts == attempts && (now.state == "failed" || !is_lent)
        })
        .await;
        let seconds = moved_now().await.next.seconds_since(app.app.desk.now());
        app.later(seconds.max(0) + 1);
    }
    let all = store.deliveries(moment, 100).await.unwrap();
    let given_up = all.iter().find(|one| one.webhook == "moved").unwrap();
    assert_eq!((given_up.state.as_str(), given_up.attempts), ("failed", 10));
    let again = Colleague::new(&app, "later", &[Role::Administrator]).await;
    "200 OK".clone_into(&mut moved.answer.lock().unwrap());
    let path = format!("/v1/desk/webhooks/{}", given_up.id);
    assert_eq!(again.post(&path, &json!({})).await.status, 204);
    assert_eq!(again.post("/v1/desk/webhooks/none", &json!({})).await.status, 404);
    until("it was taken at last", async || {
        let all = deliveries(&again).await;
        all.iter().any(|one| one["webhook"] == "moved" && one["state"] == "delivered")
    })
    .await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    assert_eq!(li.get("/v1/desk/webhooks").await.status, 403);
    app.stop().await;
}
