//! What visitors do over HTTP: take a session away and erase it after its end, ask outside one; and
//! whose address counts behind proxies.

use eider::account::Role;
use serde_json::{Value, json};

use crate::support::{Chat, Colleague, PASSWORD, Response, TestApp, Visitor, post, request};

async fn own(visitor: &Visitor, method: &str, session: &str, token: &str) -> Response {
    let headers = format!("authorization: Bearer {token}\r\n");
    request(visitor.address, method, &format!("/v1/sessions/{session}"), &headers, b"").await
}

#[tokio::test]
async fn after_its_end_a_session_is_taken_away_and_erased_by_its_token_alone() {
    let app = TestApp::start().await;
    let (visitor, stranger) = (app.visitor().await, app.visitor().await);
    let mut chat = visitor.join().await;
    chat.ask("c", "store testamab").await;
    chat.request(json!({ "t": "end", "cid": "z" })).await;
    chat.expect_close(4503).await;
    for (session, token) in [
        (visitor.session.as_str(), stranger.token.as_str()),
        (stranger.session.as_str(), visitor.token.as_str()),
        (visitor.session.as_str(), ""),
        ("nothing", visitor.token.as_str()),
    ] {
        for method in ["GET", "DELETE"] {
            let refused = own(&visitor, method, session, token).await;
            assert_eq!((refused.status, &refused.json()["error"]), (404, &json!("unauthorized")));
        }
    }
    let path = format!("/v1/sessions/{}", visitor.session);
    assert_eq!(request(app.address, "GET", &path, "", b"").await.status, 404, "without a token");
    let taken = own(&visitor, "GET", &visitor.session, &visitor.token).await;
    assert_eq!(taken.status, 200);
    let events = taken.json()["session"]["events"].as_array().unwrap().clone();
    assert_eq!(events.len(), 3);
    assert_eq!(events[0]["body"]["text"], "store testamab");
    for _ in 0..2 {
        let erased = own(&visitor, "DELETE", &visitor.session, &visitor.token).await;
        assert_eq!(erased.status, 204);
    }
    assert_eq!(own(&visitor, "GET", &visitor.session, &visitor.token).await.status, 404);
    assert_eq!(app.log(&visitor).await, Vec::<Value>::new());
    app.stop().await;
}

#[tokio::test]
async fn erasing_over_http_closes_the_sockets() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    assert_eq!(own(&visitor, "DELETE", &visitor.session, &visitor.token).await.status, 204);
    chat.expect_close(4503).await;
    app.stop().await;
}

#[tokio::test]
async fn the_welcome_names_whom_to_call_where_the_visitor_is() {
    let app = TestApp::start().await;
    for (region, lang, expected) in [
        (json!("US"), "en", json!({ "label": "Emergency", "tel": "911" })),
        (json!("us"), "zh", json!({ "label": "急救、报警", "tel": "911" })),
        (json!("XX"), "en", Value::Null),
        (Value::Null, "en", Value::Null),
    ] {
        let body = json!({
            "site": "test", "consent": { "version": "1", "lang": lang },
            "context": { "region": region, "lang": lang },
        });
        let created = post(app.address, "/v1/sessions", &body).await;
        let visitor = Visitor::new(app.address, &created.json());
        let (_, welcome) = visitor.resume(0).await;
        assert_eq!(welcome["numbers"][0], expected, "{region} {lang}");
    }
    app.stop().await;
}

#[tokio::test]
async fn questions_outside_a_session_are_limited_by_address_and_told_when_to_come_back() {
    let app = TestApp::with(|config| {
        config.limits.rates = true;
        config.limits.asks_per_minute = 3;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let ask = async |client: &str, path: &str| {
        let headers = format!("x-forwarded-for: {client}\r\ncontent-type: application/json\r\n");
        let (method, body) =
            if path == "/v1/ask" { ("POST", r#"{"text":"hello"}"#) } else { ("GET", "") };
        request(app.address, method, path, &headers, body.as_bytes()).await
    };
    for path in ["/v1/ask", "/v1/search?q=store", "/v1/ask"] {
        assert_eq!(ask("192.0.2.1", path).await.status, 200, "{path}");
    }
    for path in ["/v1/ask", "/v1/search?q=store"] {
        let limited = ask("192.0.2.1", path).await;
        assert_eq!((limited.status, &limited.json()["error"]), (429, &json!("rate_limited")));
        assert_eq!(limited.header("retry-after"), Some("20"));
    }
    assert_eq!(ask("192.0.2.2", "/v1/ask").await.status, 200, "others are not held up");
    assert_eq!(ask("192.0.2.2, 192.0.2.1", "/v1/ask").await.status, 429, "the last one counts");
    app.stop().await;
}

#[tokio::test]
async fn sign_in_sessions_and_sockets_are_limited_by_the_clients_address() {
    for trusts in [true, false] {
        let app = TestApp::with(|config| {
            config.limits.rates = true;
            config.limits.sessions_per_hour = 1;
            config.limits.sockets_per_address = 1;
            if trusts {
                config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
            }
        })
        .await;
        Colleague::account(&app, "li", &[Role::Consultant]).await;
        let session = json!({ "site": "test", "consent": { "version": "1", "lang": "en" } });
        let wrong = json!({ "login": "li", "password": PASSWORD.replace('p', "b") });
        let origin = format!("origin: http://{}\r\n", app.address);
        let mut opened = Vec::new();
        let mut statuses = Vec::new();
        for client in ["192.0.2.1", "192.0.2.1", "192.0.2.2"] {
            let from = format!("x-forwarded-for: {client}\r\n");
            let typed = format!("{from}content-type: application/json\r\n");
            let body = session.to_string();
            let made = request(app.address, "POST", "/v1/sessions", &typed, body.as_bytes()).await;
            statuses.push(made.status);
            let headers = [("x-forwarded-for", client.to_owned())];
            let socket = Chat::with_headers(app.address, "/v1/chat", &headers).await;
            statuses.push(if socket.is_ok() { 101 } else { 503 });
            opened.push(socket);
        }
        let others = if trusts { [201, 101] } else { [429, 503] };
        assert_eq!(statuses, [201, 101, 429, 503, others[0], others[1]], "trusts: {trusts}");
        let sign_in = async |client: &str| {
            let headers = format!("{origin}x-forwarded-for: {client}\r\n");
            crate::support::call(app.address, "POST", "/v1/login", &headers, Some(&wrong))
                .await
                .status
        };
        for _ in 0..5 {
            assert_eq!(sign_in("192.0.2.1").await, 401);
        }
        assert_eq!(sign_in("192.0.2.1").await, 429);
        assert_eq!(sign_in("192.0.2.2").await, if trusts { 401 } else { 429 });
        app.stop().await;
    }
}
