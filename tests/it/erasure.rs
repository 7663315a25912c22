//! Erasing: not a byte of what was written stays in the data folder.

use eider::id::SessionId;
use eider::session::Draft;
use eider::store::Append;
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Chat, TestApp, Visitor, files_with, noon, post};

#[tokio::test]
async fn nothing_of_an_erased_session_is_left() {
    let app = TestApp::start().await;
    let body = json!({
        "site": "site-canary-zulu", "consent": { "version": "1", "lang": "en" },
        "context": { "page": "/page-canary-zulu", "drug": "drug-canary-zulu" },
    });
    let created = post(app.address, "/v1/sessions", &body).await;
    let visitor = Visitor::new(app.address, &created.json());
    let mut chat = visitor.join().await;
    // Among others, so that pages are shared, split and merged.
    let others = join_all((0..20).map(|_| app.visitor())).await;
    for n in 0..40 {
        let appends = others.iter().map(|other| {
            let session = SessionId::from(other.session.as_str());
            let message = Draft::visitor(json!({ "text": "other ".repeat(n * 7) }).to_string());
            let answer = Draft::bot(json!({ "text": "answer ".repeat(50) }).to_string());
            let blank = Append::new(&session, &format!("c{n}"), message, noon());
            app.app.desk.store.append(Append { answer: Some(answer), ..blank })
        });
        for result in join_all(appends).await {
            result.unwrap();
        }
        let text = format!("text-canary-zulu {}", "padding ".repeat(n * 9));
        chat.ask(&format!("cid-canary-zulu-{n}"), &text).await;
        chat.send(&json!({ "t": "ack", "seq": 2 * n + 2 })).await;
    }
    let rating = json!({ "t": "feedback", "cid": "f", "seq": 2, "value": "down", "reason": "reason-canary-zulu" });
    assert_eq!(chat.request(rating).await["t"], "done");
    assert!(!files_with(&app.site.data(), b"canary-zulu").is_empty(), "the search can find");
    let mut other_tab = visitor.resume(80).await.0;
    assert_eq!(chat.request(json!({ "t": "erase", "cid": "e" })).await["t"], "erased");
    assert_eq!(files_with(&app.site.data(), b"canary-zulu"), Vec::<std::path::PathBuf>::new());
    chat.expect_close(4503).await;
    other_tab.expect_close(4503).await;
    for other in &others[..3] {
        assert_eq!(app.log(other).await.len(), 80, "the others are untouched");
    }
    let library = app.stop().await;
    assert!(files_with(library.root(), b"canary-zulu").is_empty());
}

#[tokio::test]
async fn an_erased_session_takes_nothing_and_says_so() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.ask("c", "store testamab").await;
    chat.request(json!({ "t": "erase", "cid": "e" })).await;
    chat.expect_close(4503).await;
    // A client that still shows the text is told to replace its view.
    for (after_seq, mode) in [(0, "fresh"), (2, "resync")] {
        let (mut late, welcome) = visitor.resume(after_seq).await;
        assert_eq!((&welcome["mode"], &welcome["head_seq"]), (&json!(mode), &json!(0)));
        late.expect_close(4503).await;
    }
    assert!(app.log(&visitor).await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_tab_that_is_still_open_cannot_write_into_an_erased_session() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let (mut one, mut two) = (visitor.join().await, visitor.join().await);
    one.ask("c", "store testamab").await;
    two.events(2).await;
    // Erased behind the sockets' back, so that nobody is told.
    let session = SessionId::from(visitor.session.as_str());
    app.app.desk.store.erase(&session).await.unwrap();
    for frame in [
        json!({ "t": "send", "cid": "late-canary-1", "text": "late-canary" }),
        json!({ "t": "feedback", "cid": "late-canary-2", "seq": 2, "value": "up", "reason": "late-canary" }),
        json!({ "t": "handoff", "cid": "late-canary-3" }),
        json!({ "t": "end", "cid": "late-canary-4" }),
    ] {
        assert_eq!(two.request(frame).await["t"], "rejected");
    }
    assert!(files_with(&app.site.data(), b"late-canary").is_empty());
    app.stop().await;
}

#[tokio::test]
async fn erasing_works_while_others_read_and_write() {
    let app = TestApp::start().await;
    let visitors = join_all((0..8).map(|_| app.visitor())).await;
    let mut chats: Vec<Chat> = join_all(visitors.iter().map(Visitor::join)).await;
    for round in 0..5 {
        join_all(chats.iter_mut().enumerate().map(async |(at, chat)| {
            chat.ask(&format!("c{round}"), &format!("busy-canary-{at} testamab")).await;
        }))
        .await;
    }
    let (erased, kept) = chats.split_at_mut(4);
    let erasing =
        join_all(erased.iter_mut().map(|chat| chat.request(json!({ "t": "erase", "cid": "e" }))));
    let asking = join_all(kept.iter_mut().map(async |chat| {
        for n in 0..10 {
            chat.ask(&format!("d{n}"), "store testamab").await;
        }
    }));
    let (answers, _) = tokio::join!(erasing, asking);
    assert!(answers.iter().all(|answer| answer["t"] == "erased"));
    for at in 0..4 {
        let canary = format!("busy-canary-{at}");
        assert!(files_with(&app.site.data(), canary.as_bytes()).is_empty(), "{canary}");
    }
    assert!(!files_with(&app.site.data(), b"busy-canary-7").is_empty());
    app.stop().await;
}
