//! Waiting for a person: nobody on duty, business hours, emergencies first, reminders, and a
//! consultant who is gone.

use eider::account::Role;
use serde_json::{Value, json};

use crate::desk::{Talk, claim, queue, row, with};
use crate::support::{Colleague, TestApp, until};

#[tokio::test]
async fn when_nobody_is_on_duty_the_visitor_is_told_at_once_and_leaves_a_form() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let (mut desk, welcome) = li.desk().await;
    assert_eq!((&welcome["me"]["available"], &welcome["queue"]), (&json!(false), &json!([])));
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    assert_eq!(chat.request(json!({ "t": "handoff", "cid": "h" })).await["t"], "accepted");
    let told = chat.find_where(|frame| frame["body"]["state"] == "unavailable").await;
    assert_eq!((&told["body"]["why"], &told["body"]["form"]), (&json!("nobody"), &json!(true)));
    let form = |cid: &str, more: Value| {
        let form = json!({
            "t": "form", "cid": cid, "consent": { "version": "1", "lang": "en" }, "name": "Canary Wren",
            "contact": "+86 138 0013 8000", "preferred": "mornings", "text": "please call",
        });
        with(form, more)
    };
    let wrong = [
        (json!({ "consent": null }), "consent_required", Value::Null),
        (json!({ "consent": { "version": "", "lang": "en" } }), "consent_required", Value::Null),
        (json!({ "name": " " }), "invalid_form", json!("name")),
        (json!({ "name": "x".repeat(201) }), "invalid_form", json!("name")),
        (json!({ "contact": "call me" }), "invalid_form", json!("contact")),
        (json!({ "service": "../../etc" }), "invalid_form", json!("service")),
        (json!({ "text": "x".repeat(2001) }), "invalid_form", json!("text")),
    ];
    for (more, code, field) in wrong {
        let rejected = chat.request(form("f", more)).await;
        assert_eq!((&rejected["code"], &rejected["field"]), (&json!(code), &field), "{rejected}");
    }
    let before = app.log(&visitor).await.len();
    assert_eq!(before, 2, "nothing of it was stored");
    for dup in [false, true] {
        let accepted = chat.request(form("f", json!({}))).await;
        assert_eq!((&accepted["t"], &accepted["dup"]), (&json!("accepted"), &json!(dup)));
    }
    let log = app.log(&visitor).await;
    assert_eq!(log.len(), before + 2);
    assert_eq!(log[before + 1]["body"]["state"], "form_received");
    assert!(!json!(log).to_string().contains("Canary Wren"), "the form is not in the log");
    let exported = chat.request(json!({ "t": "export", "cid": "x" })).await;
    assert_eq!(exported["session"]["forms"][0]["name"], "Canary Wren", "theirs to take away");
    let forms = li.get("/v1/desk/forms?state=new").await.json();
    assert_eq!(forms["forms"][0]["name"], "Canary Wren");
    let path = format!("/v1/desk/forms/{}", forms["forms"][0]["id"].as_str().unwrap());
    assert_eq!(li.post(&path, &json!({ "state": "done" })).await.status, 204);
    assert_eq!(li.get("/v1/desk/forms?state=new").await.json()["forms"], json!([]));
    assert_eq!(li.post("/v1/desk/forms/none", &json!({ "state": "done" })).await.status, 404);
    // On duty now: the same visitor waits.
    desk.request(json!({ "t": "available", "cid": "a", "on": true })).await;
    chat.request(json!({ "t": "handoff", "cid": "h2" })).await;
    chat.find_where(|frame| frame["body"]["state"] == "queued").await;
    app.stop().await;
}

#[tokio::test]
async fn outside_the_hours_the_visitor_is_told_when_somebody_comes() {
    let library = crate::support::Library::sample();
    library.write(
        "policy/hand-off.toml",
        "[hours]\ntime_zone = 'Asia/Shanghai'\ndays = ['mon', 'tue']\nhours = ['09:00', '18:00']\nholidays = ['2026-11-23']\n",
    );
    library.publish().unwrap();
    let app = TestApp::over(library, |_| {}).await;
    Colleague::account(&app, "li", &[Role::Consultant]).await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.request(json!({ "t": "handoff", "cid": "h" })).await;
    let told = chat.find_where(|frame| frame["body"]["state"] == "unavailable").await;
    assert_eq!(told["body"]["why"], "hours");
    assert_eq!(told["body"]["opens"], "2026-11-24T01:00:00.000Z");
    let words = told["body"]["words"]["en"].as_str().unwrap();
    assert!(words.contains("2026-11-24 09:00 (Asia/Shanghai)") && !words.contains('{'), "{words}");
    app.stop().await;
}

#[tokio::test]
async fn an_emergency_is_put_first_and_the_visitor_hears_whether_anybody_is_there() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let (calm, urgent) = (app.visitor().await, app.visitor().await);
    let (mut first, mut second) = (calm.join().await, urgent.join().await);
    let mut desk = li.on_duty().await;
    queue(&mut first, &mut desk, &calm).await;
    // The board is read when it changes; the message goes by what was read last.
    until("the board is known", async || app.app.desk.board().on_duty() == 1).await;
    second.say("v1", "crushing chest pain and a cold sweat").await;
    let told = second.find_where(|frame| frame["body"]["state"] == "queued").await;
    assert_eq!((&told["body"]["reason"], &told["body"]["priority"]), (&json!("urgent"), &json!(3)));
    assert!(told["body"]["words"]["en"].as_str().unwrap().contains("being called"));
    let log = app.log(&urgent).await;
    let kinds: Vec<&str> = log.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["message", "safety", "message", "state"]);
    row(&mut desk, &urgent, |row| row["priority"] == 3).await;
    let (_, welcome) = li.desk().await;
    let order: Vec<&Value> =
        welcome["queue"].as_array().unwrap().iter().map(|row| &row["session"]).collect();
    assert_eq!(order, [&json!(urgent.session), &json!(calm.session)]);
    app.stop().await;
}

#[tokio::test]
async fn whoever_waits_too_long_is_told_once_and_the_desk_is_reminded() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let mut desk = li.on_duty().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    queue(&mut chat, &mut desk, &visitor).await;
    for (reminders, seconds) in [(1, 121), (2, 241), (3, 481)] {
        app.later(seconds);
        app.app.desk.look_after_queue().await.unwrap();
        row(&mut desk, &visitor, |row| row["escalations"] == reminders).await;
    }
    let log = app.log(&visitor).await;
    let told: Vec<&Value> =
        log.iter().filter(|event| event["body"]["state"] == "escalated").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["body"]["form"], true);
    app.stop().await;
}

#[tokio::test]
async fn a_session_whose_consultant_is_gone_waits_again_within_75_seconds() {
    for closes in [true, false] {
        let Talk { app, visitor, mut chat, desk, .. } = Talk::begun().await;
        let wu = Colleague::new(&app, "wu", &[Role::Consultant]).await;
        let mut second = wu.on_duty().await;
        // A socket that is closed tells at once; one that is only silent is found out by its lease.
        let kept = if closes {
            // Right after a start nobody is taken to be gone: everybody has to connect again.
            app.later(30);
            let open = app.app.sockets.len();
            drop(desk);
            until("the socket is known to be closed", async || app.app.sockets.len() < open).await;
            app.later(5);
            app.app.desk.look_after_queue().await.unwrap();
            None
        } else {
            app.later(59);
            app.app.desk.look_after_queue().await.unwrap();
            Some(desk)
        };
        let log = app.log(&visitor).await;
        assert!(!log.iter().any(|event| event["body"]["why"] == "gone"), "a page may be reloaded");
        app.later(16);
        until("it waits again", async || {
            app.app.desk.look_after_queue().await.unwrap();
            app.log(&visitor).await.iter().any(|event| event["body"]["why"] == "gone")
        })
        .await;
        let told = chat.find_where(|frame| frame["body"]["state"] == "requeued").await;
        assert!(told["body"]["words"]["en"].as_str().unwrap().contains("connection was lost"));
        second.send(&json!({ "t": "pong", "n": 0 })).await;
        let waiting = row(&mut second, &visitor, |row| row["state"] == "queued").await;
        claim(&mut second, &visitor, &waiting).await;
        // The one who comes back finds another's fence.
        if let Some(mut desk) = kept {
            let late = json!({
                "t": "send", "cid": "late", "session": visitor.session, "fence": 2, "base_seq": i64::MAX, "text": "x",
            });
            let refused = desk.request(late).await;
            assert!(
                ["stale_fence", "not_found"].contains(&refused["code"].as_str().unwrap()),
                "{refused}"
            );
        }
        app.stop().await;
    }
}
