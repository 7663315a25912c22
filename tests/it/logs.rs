//! Nothing that a visitor wrote reaches the log, the metrics or any file but the database.

use std::fs::File;
use std::process::Stdio;

use serde_json::json;

use crate::support::{Chat, Library, Server, Visitor, files_with, get, holds, post, request};

const CANARY: &str = "canary7f3a";

#[tokio::test]
async fn the_log_at_trace_holds_no_word_of_a_visitor() {
    let library = Library::sample();
    let log = library.root().join("log.txt");
    let address = Server::free_address();
    let file = File::create(&log).unwrap();
    let mut server = Server::start(&library, address, |command| {
        command
            .env("EIDER_LOG", "trace")
            .stdout(file.try_clone().unwrap())
            .stderr(Stdio::from(file));
    });
    server.ready().await;
    let created = post(
        address,
        "/v1/sessions",
        &json!({
            "site": format!("site {CANARY}"),
            "consent": { "version": "1", "lang": "en" },
            "context": { "drug": CANARY, "page": format!("/{CANARY}"), "region": CANARY, "lang": CANARY },
        }),
    )
    .await
    .json();
    let visitor = Visitor::new(address, &created);
    let mut chat = visitor.join().await;
    chat.ask("c1", &format!("how do I store testamab {CANARY}?")).await;
    chat.ask(&format!("{CANARY}-cid"), CANARY).await;
    for frame in [
        json!({ "t": "send", "cid": "c1", "text": format!("other {CANARY}") }),
        json!({ "t": "send", "cid": "c2", "text": format!("{CANARY} ").repeat(500) }),
        json!({ "t": "feedback", "cid": "f", "seq": 2, "value": "down", "reason": CANARY }),
        json!({ "t": "handoff", "cid": format!("h{CANARY}") }),
        json!({ "t": "export", "cid": "x" }),
    ] {
        chat.request(frame).await;
    }
    chat.send_text(&format!("{{\"t\":\"{CANARY}\"}}")).await;
    chat.expect("error").await;
    chat.send_text(&format!("not json {CANARY}")).await;
    chat.expect("error").await;
    let mut wrong = Chat::connect(address).await;
    wrong.send(&json!({ "t": "hello", "token": CANARY, "client": CANARY })).await;
    wrong.expect_close(4501).await;
    for body in [
        json!({ "text": CANARY }),
        json!({ "text": CANARY, "drug": CANARY, "region": CANARY }),
        json!({ "text": [CANARY] }),
    ] {
        post(address, "/v1/ask", &body).await;
    }
    get(address, &format!("/v1/search?q={CANARY}&drug={CANARY}")).await;
    get(address, &format!("/v1/knowledge/{CANARY}")).await;
    get(address, &format!("/{CANARY}?{CANARY}")).await;
    let headers =
        format!("user-agent: {CANARY}\r\nreferer: http://{CANARY}/\r\ncookie: a={CANARY}\r\n");
    request(address, "GET", "/", &headers, b"").await;
    let metrics = get(address, "/metrics").await.text();
    assert!(metrics.contains("eider_messages_accepted_total 2"), "{metrics}");
    assert!(!metrics.contains(CANARY), "{metrics}");
    // The token and the session's name are as secret as the words.
    let secrets = [CANARY, &visitor.token, &visitor.session];
    chat.send(&json!({ "t": "erase", "cid": "e" })).await;
    chat.expect_close(4503).await;
    server.terminate();
    assert!(server.ended().await.success());
    let written = std::fs::read(&log).unwrap();
    assert!(holds(&written, b"serving a generation"), "{}", String::from_utf8_lossy(&written));
    println!("{} bytes of log", written.len());
    for secret in secrets {
        let found: Vec<_> = files_with(library.root(), secret.as_bytes())
            .into_iter()
            .filter(|path| !(secret == visitor.session && path.starts_with(library.data())))
            .collect();
        assert!(found.is_empty(), "{secret} in {found:?}");
    }
}
