//! Signing in: passwords, cookies, foreign pages, tickets, and what ends a session.

use eider::account::Role;
use serde_json::json;

use crate::support::{Chat, Colleague, PASSWORD, TestApp, call};

#[tokio::test]
async fn signing_in_tells_nobody_who_has_an_account() {
    let app = TestApp::start().await;
    Colleague::account(&app, "li", &[Role::Consultant]).await;
    let wrong = Colleague::try_sign_in(app.address, "li", "a password of nobody").await;
    let unknown = Colleague::try_sign_in(app.address, "nobody", PASSWORD).await;
    assert_eq!((wrong.status, wrong.text()), (401, unknown.text()));
    assert!(wrong.header("set-cookie").is_none());
    let right = Colleague::try_sign_in(app.address, "li", PASSWORD).await;
    let cookie = right.header("set-cookie").unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_eq!(right.json()["user"]["name"], "Dr li");
    assert!(!right.text().contains("argon2"));
    // Five wrong ones in a row, and the sixth has to wait; so has the right one from here.
    for _ in 0..4 {
        Colleague::try_sign_in(app.address, "li", "a password of nobody").await;
    }
    let limited = Colleague::try_sign_in(app.address, "li", PASSWORD).await;
    assert_eq!(limited.status, 429);
    assert!(limited.header("retry-after").is_some());
    app.stop().await;
}

#[tokio::test]
async fn only_our_own_pages_sign_in_change_anything_or_open_the_desk() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let (own, port) = (format!("http://{}", app.address), app.address.port());
    let foreign = [
        String::new(),
        "null".to_owned(),
        "https://evil.example".to_owned(),
        format!("ws://{}", app.address),
        "http://127.0.0.1".to_owned(),
        format!("http://127.0.0.1:{}", port ^ 1),
        format!("http://localhost:{port}"),
        format!("http://[::1]:{port}"),
        format!("{own}/"),
        format!("{own}.evil.example"),
        format!("{own}@evil.example"),
        format!("http://evil.example:{port}"),
        format!("http://evil.127.0.0.1:{port}"),
        format!("http://127.0.0.1.evil.example:{port}"),
        format!("HTTP://{}", app.address),
        format!(" {own} x"),
        format!("{own} {own}"),
        format!("{own},{own}"),
        "file://".to_owned(),
        "http://".to_owned(),
    ];
    for origin in &foreign {
        assert!(li.socket(origin).await.is_err(), "a socket from {origin:?}");
        let headers =
            format!("cookie: {}\r\nx-csrf: {}\r\norigin: {origin}\r\n", li.cookie, li.csrf);
        let refused =
            call(app.address, "POST", "/v1/desk/ticket", &headers, Some(&json!({}))).await;
        assert_eq!(refused.status, 403, "a ticket from {origin:?}");
        let body = json!({ "login": "li", "password": PASSWORD });
        let headers = format!("origin: {origin}\r\n");
        assert_eq!(call(app.address, "POST", "/v1/login", &headers, Some(&body)).await.status, 403);
    }
    let none = Chat::with_headers(app.address, "/v1/desk", &[("cookie", li.cookie.clone())]).await;
    assert!(none.is_err(), "a socket from nowhere");
    let stranger = Chat::with_headers(app.address, "/v1/desk", &[("origin", own.clone())]).await;
    assert!(stranger.is_err(), "a socket without the cookie");
    for csrf in ["", "wrong"] {
        let headers = format!("cookie: {}\r\nx-csrf: {csrf}\r\norigin: {own}\r\n", li.cookie);
        let refused = call(app.address, "POST", "/v1/logout", &headers, Some(&json!({}))).await;
        assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("bad_csrf")));
    }
    assert_eq!(li.get("/v1/me").await.status, 200, "still signed in");
    app.stop().await;
}

#[tokio::test]
async fn a_ticket_opens_one_socket_of_its_own_session_within_thirty_seconds() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let wu = Colleague::new(&app, "wu", &[Role::Consultant]).await;
    let origin = format!("http://{}", app.address);
    let hello = |ticket: &str| json!({ "t": "hello", "ticket": ticket });
    let ticket = li.ticket().await;
    let mut desk = li.socket(&origin).await.unwrap();
    desk.send(&hello(&ticket)).await;
    desk.expect("welcome").await;
    let (foreign, late) = (wu.ticket().await, li.ticket().await);
    for bad in [ticket, foreign, String::new(), "x".repeat(64)] {
        let mut desk = li.socket(&origin).await.unwrap();
        desk.send(&hello(&bad)).await;
        desk.expect_close(4501).await;
    }
    app.later(31);
    let mut desk = li.socket(&origin).await.unwrap();
    desk.send(&hello(&late)).await;
    desk.expect_close(4501).await;
    app.stop().await;
}

#[tokio::test]
async fn signing_out_revoking_and_disabling_close_the_desk() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let (mut desk, _) = li.desk().await;
    assert_eq!(li.post("/v1/logout", &json!({})).await.status, 204);
    desk.expect_close(4501).await;
    assert_eq!(li.get("/v1/me").await.status, 401);

    let wu = Colleague::new(&app, "wu", &[Role::Consultant]).await;
    let (mut desk, _) = wu.desk().await;
    let sessions = wu.get("/v1/me/sessions").await.json();
    assert_eq!(sessions["sessions"][0]["current"], true);
    let revoke = json!({ "id": sessions["sessions"][0]["id"] });
    assert_eq!(wu.post("/v1/me/sessions/revoke", &json!({ "id": "x" })).await.status, 404);
    assert_eq!(wu.post("/v1/me/sessions/revoke", &revoke).await.status, 204);
    desk.expect_close(4501).await;

    let an = Colleague::new(&app, "an", &[Role::Consultant]).await;
    let (mut desk, _) = an.desk().await;
    // As the command line does, in a process of its own.
    assert!(app.app.desk.store.set_disabled("an", true, app.app.desk.now()).await.unwrap());
    desk.expect_close(4506).await;
    assert_eq!(Colleague::try_sign_in(app.address, "an", PASSWORD).await.status, 401);
    app.stop().await;
}

#[tokio::test]
async fn a_sign_in_ends_when_it_is_not_used_and_in_any_case_after_twelve_hours() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    for _ in 0..3 {
        app.later(14 * 60);
        assert_eq!(li.get("/v1/me").await.status, 200);
    }
    app.later(15 * 60);
    assert_eq!(li.get("/v1/me").await.status, 401);
    let wu = Colleague::new(&app, "wu", &[Role::Consultant]).await;
    for _ in 0..51 {
        app.later(14 * 60);
        assert_eq!(wu.get("/v1/me").await.status, 200);
    }
    app.later(6 * 60);
    assert_eq!(wu.get("/v1/me").await.status, 401);
    app.stop().await;
}

#[tokio::test]
async fn editors_write_and_do_not_consult() {
    let app = TestApp::start().await;
    let editor = Colleague::new(&app, "ed", &[Role::Editor]).await;
    assert_eq!(editor.get("/v1/me").await.json()["user"]["roles"], json!(["editor"]));
    for path in ["sessions", "replies", "search?q=x", "figures", "forms", "audit"] {
        assert_eq!(editor.get(&format!("/v1/desk/{path}")).await.status, 403, "{path}");
    }
    assert_eq!(editor.post("/v1/desk/ticket", &json!({})).await.status, 403);
    assert!(editor.socket(&format!("http://{}", app.address)).await.is_err());
    let nobody = call(app.address, "GET", "/v1/desk/figures", "", None).await;
    assert_eq!(nobody.status, 401);
    app.stop().await;
}
