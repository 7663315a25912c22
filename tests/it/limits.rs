//! Hostile and clumsy clients: bad bytes, too much, too fast, too slow.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Chat, Frame, TestApp, until};
use crate::visitor::{fill, seqs};

#[tokio::test]
async fn five_frames_that_are_none_of_ours_close_the_socket() {
    let app = TestApp::start().await;
    let deep = format!(r#"{{"t":"ack","seq":1,"x":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    let bad = [
        "",
        "{}",
        "[]",
        "null",
        "nonsense",
        r#"{"t":"what"}"#,
        r#"{"t":1}"#,
        r#"{"t":"send","cid":1,"text":"x"}"#,
        r#"{"t":"send","cid":"c"}"#,
        r#"{"t":"send","cid":"c","text":"\ud800"}"#,
        r#"{"t":"pong","n":-1}"#,
        r#"{"t":"ack","seq":99999999999999999999}"#,
        r#"{"t":"hello","token":"x"}"#,
        &deep,
    ];
    let visitor = app.visitor().await;
    for five in bad.windows(5) {
        let (mut chat, _) = visitor.resume(0).await;
        for (at, frame) in five.iter().enumerate() {
            chat.send_text(frame).await;
            let error = chat.expect("error").await;
            assert_eq!(
                (&error["code"], &error["fatal"]),
                (&json!("bad_frame"), &json!(at == 4)),
                "{frame}"
            );
        }
        chat.expect_close(4500).await;
    }
    // Four are forgiven, and the session is none the worse.
    let mut chat = visitor.join().await;
    for frame in &bad[..4] {
        chat.send_text(frame).await;
        chat.expect("error").await;
    }
    assert_eq!(chat.ask("c", "store testamab").await.0, 1);
    app.stop().await;
}

#[tokio::test]
async fn messages_that_cannot_be_stored_are_rejected_one_by_one() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    let long_cid = "c".repeat(65);
    for (cid, text, code) in [
        ("a", "", "empty"),
        ("b", " \n\t\u{3000} ", "empty"),
        ("b", " \u{200b}\u{feff}\u{2060}\n", "empty"),
        ("c", &*"x".repeat(4001), "too_long"),
        ("d", &*"药".repeat(4001), "too_long"),
        ("", "x", "bad_frame"),
        ("with space", "x", "bad_frame"),
        ("ünï", "x", "bad_frame"),
        (&*long_cid, "x", "bad_frame"),
    ] {
        let rejected = chat.request(json!({ "t": "send", "cid": cid, "text": text })).await;
        assert_eq!(
            (&rejected["t"], &rejected["code"]),
            (&json!("rejected"), &json!(code)),
            "{cid}"
        );
        assert_eq!(rejected["retryable"], false, "{cid}");
    }
    assert!(app.log(&visitor).await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn odd_messages_are_answered() {
    let app = TestApp::start().await;
    let mut chat = app.visitor().await.join().await;
    let odd = [
        "(".repeat(4000),
        "[".repeat(4000),
        "\"".repeat(4000),
        "\\".repeat(4000),
        "药".repeat(4000),
        "testamab ".repeat(400),
        "a b c d e f g h i j ".repeat(200),
        "a:(^ +- *~ AND OR NOT [TO]".to_owned(),
        "\u{202e}\u{200b}\u{0}\u{7}\u{feff} testamab".to_owned(),
        "<script>alert(1)</script>".to_owned(),
        "👩‍⚕️💊".repeat(100),
        "e\u{301}".repeat(1999),
    ];
    for (at, text) in odd.iter().enumerate() {
        let (seq, [message, _]) = chat.ask(&format!("c{at}"), text).await;
        assert_eq!(seq, 2 * i64::try_from(at).unwrap() + 1);
        assert_eq!(message["body"]["text"], *text);
    }
    app.stop().await;
}

#[tokio::test]
async fn binary_frames_close_the_socket() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.send_message(Message::binary(vec![1, 2, 3])).await;
    chat.expect_close(1003).await;
    let mut early = Chat::connect(app.address).await;
    early.send_message(Message::binary(vec![])).await;
    early.expect_close(1003).await;
    app.stop().await;
}

#[tokio::test]
async fn invalid_utf8_closes_the_socket() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.raw()
        .write_all(&masked(0x81, b"{\"t\":\"send\",\"cid\":\"c\",\"text\":\"\xff\xfe\"}"))
        .await
        .unwrap();
    chat.expect_close(1007).await;
    let mut early = Chat::connect(app.address).await;
    early.raw().write_all(&masked(0x81, b"\xc3\x28")).await.unwrap();
    early.expect_close(1007).await;
    app.stop().await;
}

#[tokio::test]
async fn frames_beyond_the_limit_close_the_socket() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.send_text(&"x".repeat(32 * 1024 + 1)).await;
    chat.expect_close(1009).await;
    // A message in many small pieces is no way around it.
    let mut chat = visitor.join().await;
    let piece = vec![b'x'; 4096];
    chat.raw().write_all(&masked(0x01, &piece)).await.unwrap();
    for _ in 0..10 {
        let _ = chat.raw().write_all(&masked(0x00, &piece)).await;
    }
    chat.expect_close(1009).await;
    app.stop().await;
}

#[tokio::test]
async fn frames_against_rfc_6455_end_the_socket() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    for bytes in [
        masked(0x83, b"x"),         // reserved opcode
        masked(0xc1, b"x"),         // reserved bit
        masked(0x09, b"x"),         // a ping in pieces
        masked(0x89, &[b'x'; 126]), // a ping too long
        masked(0x80, b"x"),         // the rest of nothing
        vec![0x81, 0x01, b'x'],     // not masked
    ] {
        let mut chat = visitor.join().await;
        chat.raw().write_all(&bytes).await.unwrap();
        match chat.next().await {
            Frame::Closed(None | Some(1002 | 1009)) => {}
            other => panic!("{bytes:02x?}: {other:?}"),
        }
    }
    visitor.join().await.ask("c", "store testamab").await;
    app.stop().await;
}

#[tokio::test]
async fn a_message_in_pieces_is_one_message() {
    let app = TestApp::start().await;
    let mut chat = app.visitor().await.join().await;
    let text = "{\"t\":\"send\",\"cid\":\"c\",\"text\":\"store testamab 药\"}".as_bytes();
    let (first, rest) = text.split_at(text.len() - 4); // within the last character
    chat.raw().write_all(&masked(0x01, first)).await.unwrap();
    chat.raw().write_all(&masked(0x89, b"ping between")).await.unwrap();
    chat.raw().write_all(&masked(0x80, rest)).await.unwrap();
    assert_eq!(chat.expect("accepted").await["seq"], 1);
    app.stop().await;
}

#[tokio::test]
async fn who_sends_too_fast_is_told_when_to_come_back() {
    let app = TestApp::with(|config| config.limits.rates = true).await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    for n in 0..8 {
        chat.ask(&format!("c{n}"), "store testamab").await;
    }
    let rejected = chat.request(json!({ "t": "send", "cid": "c8", "text": "x" })).await;
    assert_eq!((&rejected["code"], &rejected["retryable"]), (&json!("rate_limited"), &json!(true)));
    assert_eq!(rejected["retry_after_ms"], 1000);
    // What was stored before is never called rejected.
    let again = chat.request(json!({ "t": "send", "cid": "c3", "text": "store testamab" })).await;
    assert_eq!(
        (&again["t"], &again["seq"], &again["dup"]),
        (&json!("accepted"), &json!(7), &json!(true))
    );
    let other = chat.request(json!({ "t": "send", "cid": "c3", "text": "other" })).await;
    assert_eq!(other["code"], "cid_conflict");
    // Other requests that cost something are rationed as well.
    for t in ["handoff", "export"] {
        let rejected = chat.request(json!({ "t": t, "cid": t })).await;
        assert_eq!(rejected["code"], "rate_limited", "{t}");
    }
    assert_eq!(app.log(&visitor).await.len(), 16);
    // Another session is not held up, and the way out is always open.
    app.visitor().await.join().await.ask("c", "store testamab").await;
    assert_eq!(chat.request(json!({ "t": "erase", "cid": "e" })).await["t"], "erased");
    app.stop().await;
}

#[tokio::test]
async fn an_address_opens_so_many_sessions_an_hour() {
    let app = TestApp::with(|config| {
        config.limits.rates = true;
        config.limits.sessions_per_hour = 3;
    })
    .await;
    for _ in 0..3 {
        app.visitor().await;
    }
    let body = json!({ "consent": { "version": "1", "lang": "en" } });
    let refused = crate::support::post(app.address, "/v1/sessions", &body).await;
    assert_eq!((refused.status, &refused.json()["error"]), (429, &json!("rate_limited")));
    assert_eq!(refused.header("retry-after"), Some("1200"));
    app.stop().await;
}

#[tokio::test]
async fn sockets_are_counted_by_address_and_in_all() {
    for by_address in [true, false] {
        let app = TestApp::with(|config| {
            config.limits.rates = by_address;
            let limit = if by_address {
                &mut config.limits.sockets_per_address
            } else {
                &mut config.limits.sockets
            };
            *limit = 3;
        })
        .await;
        let mut three = Vec::new();
        for _ in 0..3 {
            let mut chat = Chat::connect(app.address).await;
            chat.send(&json!({ "t": "hello", "token": app.visitor().await.token })).await;
            chat.expect("welcome").await;
            three.push(chat);
        }
        assert!(Chat::try_connect(app.address).await.is_err(), "by address: {by_address}");
        three.pop();
        until("a place is free", async || Chat::try_connect(app.address).await.is_ok()).await;
        app.stop().await;
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_is_given_up() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    fill(&app, &visitor, 127).await;
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stuck = Chat::over(socket.connect(app.address).await.unwrap()).await.unwrap();
    stuck.send(&json!({ "t": "hello", "token": visitor.token })).await;
    stuck.expect("welcome").await;
    // Never reads again, and asks for far more than any buffer holds.
    for n in 0..60 {
        stuck.send(&json!({ "t": "export", "cid": format!("x{n}") })).await;
    }
    let begun = Instant::now();
    let mut healthy = visitor.join().await;
    assert_eq!(seqs(&healthy.events(254).await).len(), 254);
    healthy.ask("c", "store testamab").await;
    assert!(begun.elapsed() < Duration::from_secs(8), "others go on meanwhile");
    until("the stuck socket is given up", async || app.app.sockets.len() == 1).await;
    assert!(begun.elapsed() < Duration::from_secs(25), "after {:?}", begun.elapsed());
    drop(stuck);
    app.stop().await;
}

/// Returns one frame as a client sends it; the mask is zero, which is allowed.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(0x80 | u8::try_from(length).unwrap()),
        length => {
            frame.push(0x80 | 0x7e);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend_from_slice(payload);
    frame
}
