//! A visitor's session over the wire: getting in, sending, resuming, leaving.

use std::time::{Duration, Instant};

use eider::id::SessionId;
use eider::session::Draft;
use eider::store::Append;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Chat, Frame, TestApp, Visitor, noon, post, until};

#[tokio::test]
async fn a_session_needs_consent() {
    let app = TestApp::start().await;
    for body in [
        json!({}),
        json!({ "consent": null }),
        json!({ "consent": { "version": "", "lang": "en" } }),
        json!({ "consent": { "version": "1", "lang": "" } }),
    ] {
        let refused = post(app.address, "/v1/sessions", &body).await;
        assert_eq!((refused.status, &refused.json()["error"]), (400, &json!("consent_required")));
    }
    let long = json!({ "site": "x".repeat(1025), "consent": { "version": "1", "lang": "en" } });
    assert_eq!(post(app.address, "/v1/sessions", &long).await.json()["error"], "too_long");
    assert!(app.app.desk.store.session_ids().await.unwrap().is_empty(), "nothing was stored");
    let visitor = app.visitor().await;
    assert_eq!((visitor.session.len(), visitor.token.len()), (32, 64));
    app.stop().await;
}

#[tokio::test]
async fn hello_is_answered_and_a_message_is_accepted_then_shown() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let (mut chat, welcome) = visitor.resume(0).await;
    assert_eq!((&welcome["mode"], &welcome["head_seq"]), (&json!("fresh"), &json!(0)));
    assert_eq!(welcome["epoch"], visitor.epoch);
    assert_eq!(
        (&welcome["hb_ms"], &welcome["limits"]["text_chars"]),
        (&json!(20000), &json!(4000))
    );
    let (seq, [message, answer]) = chat.ask("c1", "how do I store testamab?").await;
    assert_eq!(seq, 1);
    assert_eq!(message["body"], json!({ "text": "how do I store testamab?" }));
    assert_eq!((&message["role"], &message["cid"]), (&json!("visitor"), &json!("c1")));
    assert_eq!((&answer["role"], &answer["cid"]), (&json!("bot"), &json!("bot:1")));
    assert_eq!(answer["ts"], "2026-11-22T12:00:00.000Z");
    let quote = &answer["body"]["quotes"][0];
    assert!(quote["text"].as_str().unwrap().contains("refrigerator"), "{answer}");
    assert_eq!(chat.ask("c2", "side effects of Exampla").await.0, 3);
    app.stop().await;
}

#[tokio::test]
async fn a_retry_gets_the_first_number() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.ask("c1", "store testamab").await;
    chat.say("c1", "store testamab").await;
    assert_eq!(
        chat.expect("accepted").await,
        json!({"t": "accepted", "cid": "c1", "seq": 1, "dup": true})
    );
    chat.say("c1", "something else").await;
    let rejected = chat.expect("rejected").await;
    assert_eq!(
        (&rejected["code"], &rejected["retryable"]),
        (&json!("cid_conflict"), &json!(false))
    );
    // The same after the socket was lost, and from another one.
    drop(chat);
    let (mut again, welcome) = visitor.resume(2).await;
    assert_eq!((&welcome["mode"], &welcome["head_seq"]), (&json!("resumed"), &json!(2)));
    again.say("c1", "store testamab").await;
    assert_eq!(again.expect("accepted").await["dup"], true);
    assert_eq!(app.log(&visitor).await.len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn welcome_says_honestly_what_the_client_has() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    visitor.join().await.ask("c1", "store testamab").await;
    let foreign = Visitor { epoch: "0000000000000000".into(), ..visitor.clone() };
    for (who, after_seq, mode, shown) in [
        (&visitor, 0, "fresh", 2),
        (&visitor, 1, "resumed", 1),
        (&visitor, 2, "resumed", 0),
        (&visitor, 3, "resync", 2),
        (&visitor, i64::MAX, "resync", 2),
        (&visitor, -1, "resync", 2),
        (&foreign, 1, "resync", 2),
        (&foreign, 0, "fresh", 2),
    ] {
        let (mut chat, welcome) = who.resume(after_seq).await;
        assert_eq!(welcome["mode"], mode, "after {after_seq}");
        let events = chat.events(shown).await;
        let expected: Vec<i64> = (3 - i64::try_from(shown).unwrap()..=2).collect();
        assert_eq!(seqs(&events), expected, "after {after_seq}");
    }
    app.stop().await;
}

#[tokio::test]
async fn two_sockets_of_one_session_see_everything() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let (mut one, mut two) = (visitor.join().await, visitor.join().await);
    one.ask("a", "store testamab").await;
    assert_eq!(seqs(&two.events(2).await), [1, 2]);
    two.ask("b", "side effects of testamab").await;
    assert_eq!(seqs(&one.events(2).await), [3, 4]);
    // At the same time: each sees all eight in order, own ones included.
    for n in 0..2 {
        one.say(&format!("one{n}"), "store testamab").await;
        two.say(&format!("two{n}"), "store testamab").await;
    }
    for chat in [&mut one, &mut two] {
        let mut events = Vec::new();
        while events.len() < 8 {
            let frame = chat.json().await;
            if frame["t"] == "event" {
                events.push(frame);
            }
        }
        assert_eq!(seqs(&events), (5..=12).collect::<Vec<i64>>());
    }
    app.stop().await;
}

#[tokio::test]
async fn a_session_of_1000_events_is_resumed_in_full() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    fill(&app, &visitor, 500).await;
    let begun = Instant::now();
    let (mut chat, welcome) = visitor.resume(0).await;
    assert_eq!(welcome["head_seq"], 1000);
    let mut events = Vec::new();
    while events.len() < 1000 {
        events.extend(chat.events(1).await);
        if events.len() % 16 == 0 {
            chat.send(&json!({ "t": "ack", "seq": events.len() })).await;
        }
    }
    println!("1,000 events after {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(10), "no waiting for a heartbeat");
    assert_eq!(seqs(&events), (1..=1000).collect::<Vec<i64>>());
    app.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_acknowledge_is_shown_one_window() {
    let app = TestApp::with(|config| config.limits.heartbeat_seconds = 1).await;
    let visitor = app.visitor().await;
    fill(&app, &visitor, 300).await;
    let (mut chat, _) = visitor.resume(0).await;
    let mut shown = 0;
    // Two pings later everything that the window lets through has come.
    chat.mute = true;
    let mut pings = 0;
    while pings < 2 {
        match chat.next().await {
            Frame::Json(frame) if frame["t"] == "event" => shown += 1,
            Frame::Json(frame) if frame["t"] == "ping" => {
                pings += 1;
                chat.send(&json!({ "t": "pong", "n": frame["n"] })).await;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!((256..256 + 100).contains(&shown), "{shown} events");
    chat.send(&json!({ "t": "ack", "seq": shown })).await;
    while shown < 600 {
        if chat.json().await["t"] == "event" {
            shown += 1;
            if shown % 50 == 0 {
                chat.send(&json!({ "t": "ack", "seq": shown })).await;
            }
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn pings_are_answered_or_the_socket_is_closed() {
    let app = TestApp::with(|config| config.limits.heartbeat_seconds = 1).await;
    let visitor = app.visitor().await;
    let (mut deaf, mut lively) = (visitor.join().await, visitor.join().await);
    deaf.mute = true;
    lively.mute = true;
    let mut pongs = 0;
    loop {
        tokio::select! {
            frame = deaf.next() => match frame {
                Frame::Json(ping) => assert_eq!(ping["t"], "ping"),
                Frame::Closed(code) => break assert_eq!(code, Some(4002)),
            },
            frame = lively.next() => match frame {
                Frame::Json(ping) => {
                    assert_eq!((&ping["t"], &ping["head_seq"]), (&json!("ping"), &json!(0)));
                    lively.send(&json!({ "t": "pong", "n": ping["n"] })).await;
                    pongs += 1;
                }
                Frame::Closed(code) => panic!("the lively one was closed: {code:?}"),
            },
        }
    }
    assert!(pongs >= 2);
    lively.mute = false;
    lively.ask("c", "store testamab").await;
    app.stop().await;
}

#[tokio::test]
async fn pings_of_the_websocket_layer_are_answered() {
    let app = TestApp::start().await;
    let mut chat = app.visitor().await.join().await;
    chat.send_message(Message::Ping("are you there".into())).await;
    assert_eq!(chat.message().await, Some(Message::Pong("are you there".into())));
    app.stop().await;
}

#[tokio::test]
async fn a_hundred_sockets_that_never_say_hello_are_closed() {
    let app = TestApp::with(|config| config.limits.hello_seconds = 1).await;
    let visitor = app.visitor().await;
    let silent: Vec<Chat> =
        futures_util::future::join_all((0..100).map(|_| Chat::connect(app.address))).await;
    visitor.join().await.ask("c", "store testamab").await;
    for mut chat in silent {
        chat.expect_close(4001).await;
    }
    until("their places are free", async || app.app.sockets.is_empty()).await;
    app.stop().await;
}

#[tokio::test]
async fn a_token_that_opens_nothing_is_refused() {
    let app = TestApp::start().await;
    for token in ["", "0", &"0".repeat(64), &"x".repeat(20_000), "'; DROP TABLE sessions; --"] {
        let mut chat = Chat::connect(app.address).await;
        chat.send(&json!({ "t": "hello", "token": token })).await;
        let error = chat.expect("error").await;
        assert_eq!((&error["code"], &error["fatal"]), (&json!("unauthorized"), &json!(true)));
        chat.expect_close(4501).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn frames_before_hello_close_the_socket() {
    let app = TestApp::start().await;
    for frame in [
        r#"{"t":"send","cid":"c","text":"x"}"#,
        r#"{"t":"erase","cid":"c"}"#,
        r#"{"t":"hello"}"#,
        "nonsense",
    ] {
        let mut chat = Chat::connect(app.address).await;
        chat.send_text(frame).await;
        assert_eq!(chat.expect("error").await["code"], "bad_frame");
        chat.expect_close(4500).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn a_session_has_five_sockets() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut five = Vec::new();
    for _ in 0..5 {
        five.push(visitor.join().await);
    }
    let mut sixth = Chat::connect(app.address).await;
    sixth.send(&json!({ "t": "hello", "token": visitor.token })).await;
    assert_eq!(sixth.expect("error").await["code"], "too_many_sockets");
    sixth.expect_close(4505).await;
    five.pop();
    until("the place is free again", async || {
        let mut chat = Chat::connect(app.address).await;
        chat.send(&json!({ "t": "hello", "token": visitor.token })).await;
        chat.json().await["t"] == "welcome"
    })
    .await;
    app.stop().await;
}

#[tokio::test]
async fn shutting_down_sends_everybody_away() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chats =
        vec![visitor.join().await, visitor.join().await, app.visitor().await.join().await];
    let mut silent = Chat::connect(app.address).await;
    let begun = Instant::now();
    let address = app.address;
    let leaving = app.ask_to_leave();
    for chat in &mut chats {
        let goaway = chat.expect("goaway").await;
        assert!(goaway["reconnect_in_ms"].as_u64().unwrap() <= 10_000);
        chat.expect_close(1012).await;
    }
    silent.expect_close(1012).await;
    leaving.gone().await;
    assert!(begun.elapsed() < Duration::from_secs(4), "left after {:?}", begun.elapsed());
    assert!(Chat::try_connect(address).await.is_err());
}

#[tokio::test]
async fn a_session_goes_on_after_a_restart() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    visitor.join().await.ask("c1", "store testamab").await;
    let library = app.stop().await;
    let app = TestApp::over(library, |_| {}).await;
    let visitor = Visitor { address: app.address, ..visitor };
    let (mut chat, welcome) = visitor.resume(1).await;
    assert_eq!((&welcome["mode"], &welcome["epoch"]), (&json!("resumed"), &json!(visitor.epoch)));
    assert_eq!(seqs(&chat.events(1).await), [2]);
    // The medicine is remembered from before.
    let (seq, [_, answer]) = chat.ask("c2", "what are the side effects?").await;
    assert_eq!((seq, &answer["body"]["drugs"]), (3, &json!(["testamab"])));
    app.stop().await;
}

#[tokio::test]
async fn an_ended_session_can_be_read_but_not_written() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut other = visitor.join().await;
    let mut chat = visitor.join().await;
    chat.ask("c1", "store testamab").await;
    chat.send(&json!({ "t": "end", "cid": "e1" })).await;
    assert_eq!(chat.expect("accepted").await["seq"], 3);
    let ended = chat.expect("event").await;
    assert_eq!((&ended["kind"], &ended["body"]), (&json!("state"), &json!({ "state": "ended" })));
    chat.expect_close(4503).await;
    assert_eq!(seqs(&other.events(3).await), [1, 2, 3]);
    other.expect_close(4503).await;
    let (mut late, welcome) = visitor.resume(1).await;
    assert_eq!(welcome["mode"], "resumed");
    assert_eq!(seqs(&late.events(2).await), [2, 3]);
    late.expect_close(4503).await;
    let (mut up_to_date, _) = visitor.resume(3).await;
    up_to_date.expect_close(4503).await;
    app.stop().await;
}

#[tokio::test]
async fn a_long_ended_session_is_shown_to_its_end() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    fill(&app, &visitor, 300).await;
    let (mut chat, _) = visitor.resume(600).await;
    chat.send(&json!({ "t": "end", "cid": "e" })).await;
    chat.expect_close(4503).await;
    let (mut late, _) = visitor.resume(0).await;
    let mut shown = 0;
    while shown < 601 {
        late.expect("event").await;
        shown += 1;
        if shown % 16 == 0 {
            late.send(&json!({ "t": "ack", "seq": shown })).await;
        }
    }
    late.expect_close(4503).await;
    app.stop().await;
}

#[tokio::test]
async fn asking_for_a_person_is_noted_and_answered_once() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    for dup in [false, true] {
        let accepted = chat.request(json!({ "t": "handoff", "cid": "h" })).await;
        assert_eq!((&accepted["t"], &accepted["dup"]), (&json!("accepted"), &json!(dup)));
    }
    let log = app.log(&visitor).await;
    assert_eq!(log.len(), 2);
    assert_eq!(log[0]["body"], json!({ "state": "person_asked" }));
    assert_eq!(log[1]["body"]["text"], "Nobody is here.");
    app.stop().await;
}

#[tokio::test]
async fn a_session_can_be_exported() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    fill(&app, &visitor, 150).await;
    let (mut chat, _) = visitor.resume(300).await;
    let exported = chat.request(json!({ "t": "export", "cid": "x" })).await;
    assert_eq!(
        (&exported["t"], &exported["session"]["id"]),
        (&json!("exported"), &json!(visitor.session))
    );
    let events = exported["session"]["events"].as_array().unwrap();
    assert_eq!(seqs(events), (1..=300).collect::<Vec<i64>>());
    app.stop().await;
}

#[tokio::test]
async fn answers_can_be_rated_and_nothing_else() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.ask("c1", "store testamab").await;
    let rate = |seq: i64| json!({ "t": "feedback", "cid": format!("f{seq}"), "seq": seq, "value": "up", "reason": "clear" });
    assert_eq!(chat.request(rate(2)).await["t"], "done");
    assert_eq!(chat.request(rate(2)).await["t"], "done", "a retry");
    for seq in [0, 1, 3, -1, i64::MAX] {
        assert_eq!(chat.request(rate(seq)).await["t"], "rejected", "number {seq} is no answer");
    }
    chat.send(&json!({ "t": "feedback", "cid": "f", "seq": 2, "value": "sideways" })).await;
    chat.expect("error").await;
    app.stop().await;
}

/// Writes `exchanges` messages with their answers into the log, past the socket.
pub(crate) async fn fill(app: &TestApp, visitor: &Visitor, exchanges: usize) {
    let append = |n: usize| {
        let session = SessionId::from(visitor.session.as_str());
        let message = Draft::visitor(json!({ "text": format!("message {n}") }).to_string());
        let answer = Draft::bot(json!({ "text": "answer ".repeat(100) }).to_string());
        let blank = Append::new(&session, &format!("fill{n}"), message, noon());
        app.app.desk.store.append(Append { answer: Some(answer), ..blank })
    };
    for result in futures_util::future::join_all((0..exchanges).map(append)).await {
        result.unwrap();
    }
}

/// Returns the numbers of events.
pub(crate) fn seqs(events: &[Value]) -> Vec<i64> {
    events.iter().map(|event| event["seq"].as_i64().unwrap()).collect()
}
