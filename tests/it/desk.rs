//! A visitor and consultants over real sockets, from the question to the close.

use eider::account::Role;
use eider::id::SessionId;
use serde_json::{Value, json};

use crate::support::{Chat, Colleague, Frame, TestApp, Visitor, until};

/// Two people in one session, and the fence that the consultant holds.
pub(crate) struct Talk {
    pub(crate) app: TestApp,
    pub(crate) visitor: Visitor,
    pub(crate) chat: Chat,
    li: Colleague,
    pub(crate) desk: Chat,
    fence: i64,
}

impl Talk {
    /// A visitor asked for a person, and li has claimed the session and follows it.
    pub(crate) async fn begun() -> Self {
        Self::begun_in(TestApp::start().await).await
    }

    async fn begun_in(app: TestApp) -> Self {
        let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
        let mut desk = li.on_duty().await;
        let visitor = app.visitor().await;
        let mut chat = visitor.join().await;
        let row = queue(&mut chat, &mut desk, &visitor).await;
        let fence = claim(&mut desk, &visitor, &row).await;
        open(&mut desk, &visitor, 0).await;
        chat.find_where(|frame| frame["body"]["state"] == "claimed").await;
        desk.find_where(|frame| frame["body"]["state"] == "claimed").await;
        Self { app, visitor, chat, li, desk, fence }
    }

    fn command(&self, t: &str, cid: &str) -> Value {
        json!({ "t": t, "cid": cid, "session": self.visitor.session, "fence": self.fence })
    }

    fn words(&self, cid: &str, base_seq: i64, text: &str) -> Value {
        with(self.command("send", cid), json!({ "base_seq": base_seq, "text": text }))
    }

    async fn head(&self) -> i64 {
        let session = SessionId::from(self.visitor.session.as_str());
        self.app.app.desk.store.session(&session).await.unwrap().unwrap().head
    }
}

/// Returns `frame` with further fields.
pub(crate) fn with(mut frame: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("an object") };
    frame.as_object_mut().unwrap().extend(more);
    frame
}

/// The visitor asks for a person; returns the row that appears on the desk.
pub(crate) async fn queue(chat: &mut Chat, desk: &mut Chat, visitor: &Visitor) -> Value {
    let accepted = chat.request(json!({ "t": "handoff", "cid": "ask" })).await;
    assert_eq!(accepted["t"], "accepted", "{accepted}");
    chat.find_where(|frame| frame["body"]["state"] == "queued").await;
    row(desk, visitor, |row| row["state"] == "queued").await
}

/// Returns the session's row once it fits.
pub(crate) async fn row(
    desk: &mut Chat,
    visitor: &Visitor,
    fits: impl Fn(&Value) -> bool,
) -> Value {
    let find = |frame: &Value| {
        let rows = frame["set"].as_array().cloned().unwrap_or_default();
        rows.into_iter().find(|row| row["session"] == visitor.session && fits(row))
    };
    find(&desk.find_where(|frame| find(frame).is_some()).await).unwrap()
}

pub(crate) async fn claim(desk: &mut Chat, visitor: &Visitor, row: &Value) -> i64 {
    let claim =
        json!({ "t": "claim", "cid": "claim", "session": visitor.session, "fence": row["fence"] });
    let done = desk.request(claim).await;
    assert_eq!(done["t"], "done", "{done}");
    done["fence"].as_i64().unwrap()
}

async fn open(desk: &mut Chat, visitor: &Visitor, after_seq: i64) -> Value {
    let opened = desk
        .request(
            json!({ "t": "open", "cid": "o", "session": visitor.session, "after_seq": after_seq }),
        )
        .await;
    assert_eq!(opened["t"], "opened", "{opened}");
    opened
}

#[tokio::test]
async fn a_row_names_the_medicine_that_was_talked_about() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant, Role::Administrator]).await;
    let mut desk = li.on_duty().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.ask("q", "store testamab").await;
    let row = queue(&mut chat, &mut desk, &visitor).await;
    assert_eq!((&row["about"], &row["context"]["drug"]), (&json!("testamab"), &Value::Null));
    for (drug, found) in [("testamab", 1), ("other", 0)] {
        let past = li.get(&format!("/v1/desk/sessions?drug={drug}")).await.json();
        assert_eq!(past["sessions"].as_array().unwrap().len(), found, "{drug}: {past}");
    }
}

#[tokio::test]
async fn from_the_question_to_the_close() {
    let Talk { app, visitor, mut chat, li, mut desk, fence } = Talk::begun().await;
    // The visitor writes, the consultant reads it, and the bot says nothing.
    chat.say("v1", "Can I keep testamab in my pocket?").await;
    let asked = desk.find_where(|frame| frame["cid"] == "v1").await;
    assert_eq!((&asked["session"], &asked["role"]), (&json!(visitor.session), &json!("visitor")));
    let seq = asked["seq"].as_i64().unwrap();
    // The consultant answers, with a passage.
    let found = li.get("/v1/desk/search?q=store%20testamab").await;
    assert_eq!(found.status, 200, "{}", found.text());
    let quote = found.json()["results"][0]["quote"].clone();
    let send = json!({
        "t": "send", "cid": "c1", "session": visitor.session, "fence": fence, "base_seq": seq,
        "text": "Our article says:", "quotes": [{ "article": quote["article"], "anchor": quote["anchor"] }],
    });
    let done = desk.request(send.clone()).await;
    assert_eq!(
        (&done["t"], &done["seq"], &done["dup"]),
        (&json!("done"), &json!(seq + 1), &json!(false))
    );
    let said =
        chat.find_where(|frame| frame["role"] == "consultant" && frame["kind"] == "message").await;
    assert_eq!(said["body"]["by"], json!({ "id": li.id, "name": "Dr li" }));
    assert_eq!(said["body"]["quotes"][0], quote, "word for word as the article has it");
    let again = desk.request(send).await;
    assert_eq!(
        (&again["t"], &again["seq"], &again["dup"]),
        (&json!("done"), &json!(seq + 1), &json!(true))
    );
    // Back to the bot: it answers again.
    let back = json!({ "t": "return", "cid": "r", "session": visitor.session, "fence": fence });
    assert_eq!(desk.request(back).await["t"], "done");
    chat.find_where(|frame| frame["body"]["state"] == "returned").await;
    chat.say("v2", "store testamab").await;
    chat.find_where(|frame| frame["role"] == "bot").await;
    // Asked for once more, claimed and closed.
    let accepted = chat.request(json!({ "t": "handoff", "cid": "ask2" })).await;
    assert_eq!(accepted["t"], "accepted");
    let waiting = row(&mut desk, &visitor, |row| row["state"] == "queued").await;
    let again = json!({ "t": "claim", "cid": "claim2", "session": visitor.session, "fence": waiting["fence"] });
    let fence = desk.request(again).await["fence"].clone();
    let close = json!({ "t": "close", "cid": "z", "session": visitor.session, "fence": fence, "outcome": "answered" });
    assert_eq!(desk.request(close).await["t"], "done");
    let closed = chat.find_where(|frame| frame["body"]["state"] == "closed").await;
    assert_eq!(closed["body"]["outcome"], "answered");
    assert!(closed["body"]["words"]["zh"].as_str().unwrap().contains("Dr li"));
    chat.expect_close(4503).await;
    let log = app.log(&visitor).await;
    let states: Vec<&str> =
        log.iter().filter_map(|event| event["body"]["state"].as_str()).collect();
    assert_eq!(
        states,
        [
            "person_asked",
            "queued",
            "claimed",
            "returned",
            "person_asked",
            "queued",
            "claimed",
            "closed"
        ]
    );
    let bots = log.iter().filter(|event| event["role"] == "bot").count();
    assert_eq!(bots, 1, "the bot spoke only when nobody had the session");
    app.stop().await;
}

#[tokio::test]
async fn the_place_in_the_queue_is_told_and_typing_is_seen_on_both_sides() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let mut desk = li.on_duty().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    let waiting = queue(&mut chat, &mut desk, &visitor).await;
    let place = chat.find("queue").await;
    assert_eq!((&place["position"], &place["on_duty"]), (&json!(1), &json!(1)));
    // The bot goes on answering while nobody has come.
    chat.say("v1", "store testamab").await;
    chat.find_where(|frame| frame["role"] == "bot").await;
    claim(&mut desk, &visitor, &waiting).await;
    open(&mut desk, &visitor, 0).await;
    chat.send(&json!({ "t": "typing" })).await;
    desk.find("typing").await;
    until("the board is known", async || {
        app.app.desk.board().rows.iter().any(|row| row.handoff.assignee() == Some(&li.id))
    })
    .await;
    desk.send(&json!({ "t": "typing", "session": visitor.session })).await;
    chat.find("typing").await;
    drop(chat);
    let gone = desk.find("presence").await;
    assert_eq!(gone["online"], false);
    app.stop().await;
}

#[tokio::test]
async fn replies_to_what_was_not_seen_and_forged_fences_are_refused() {
    let mut talk = Talk::begun().await;
    let head = talk.head().await;
    talk.chat.say("v1", "I also take placebonib").await;
    talk.chat.find("accepted").await;
    let blind = talk.words("c1", head, "fine");
    let stopped = talk.desk.request(blind).await;
    assert_eq!(
        (&stopped["t"], &stopped["code"], &stopped["head_seq"]),
        (&json!("refused"), &json!("stale_view"), &json!(head + 1))
    );
    let seen = talk.words("c1", head + 1, "fine");
    assert_eq!(talk.desk.request(seen).await["t"], "done");
    let other = talk.words("c1", head + 2, "other words");
    assert_eq!(talk.desk.request(other).await["code"], "cid_conflict");
    for (cid, fence, code) in
        [("f1", 1, "stale_fence"), ("f2", 3, "stale_fence"), ("f3", -1, "stale_fence")]
    {
        let forged = with(talk.words(cid, i64::MAX, "x"), json!({ "fence": fence }));
        assert_eq!(talk.desk.request(forged).await["code"], code);
    }
    let empty = talk.words("e", i64::MAX, "  ");
    assert_eq!(talk.desk.request(empty).await["code"], "empty");
    let long = talk.words("l", i64::MAX, &"x".repeat(4001));
    assert_eq!(talk.desk.request(long).await["code"], "too_long");
    let quote = json!({ "quotes": [{ "article": "drugs/testamab/storage", "anchor": "nowhere" }] });
    let invented = with(talk.words("q", i64::MAX, "x"), quote);
    assert_eq!(talk.desk.request(invented).await["code"], "unknown_quote");
    talk.app.stop().await;
}

#[tokio::test]
async fn of_two_consultants_one_has_the_session_and_may_pass_it_to_the_other() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let wu = Colleague::new(&app, "wu", &[Role::Consultant]).await;
    let (mut first, mut second) = (li.on_duty().await, wu.on_duty().await);
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    let waiting = queue(&mut chat, &mut first, &visitor).await;
    row(&mut second, &visitor, |row| row["state"] == "queued").await;
    let claim = |cid: &str| json!({ "t": "claim", "cid": cid, "session": visitor.session, "fence": waiting["fence"] });
    let (one, two) = tokio::join!(first.request(claim("a")), second.request(claim("b")));
    let mut got = [one["t"].as_str().unwrap(), two["t"].as_str().unwrap()];
    got.sort_unstable();
    assert_eq!(got, ["done", "refused"], "{one} {two}");
    let (done, refused, mut owner, mut other, to, from) = if one["t"] == "done" {
        (one, two, first, second, wu, li)
    } else {
        (two, one, second, first, li, wu)
    };
    assert_eq!(refused["code"], "lost_race");
    // The other one may neither see nor write.
    let hidden =
        other.request(json!({ "t": "open", "cid": "o", "session": visitor.session })).await;
    assert_eq!(hidden["code"], "not_found");
    let forged = json!({
        "t": "send", "cid": "s", "session": visitor.session, "fence": done["fence"], "base_seq": i64::MAX, "text": "x",
    });
    assert_eq!(other.request(forged).await["code"], "not_found");
    // Until it is passed on: kept for that one, and taken.
    let transfer = |to: &str| json!({ "t": "transfer", "cid": format!("t{to}"), "session": visitor.session, "fence": done["fence"], "to": to });
    assert_eq!(owner.request(transfer("nobody")).await["code"], "unknown_person");
    assert_eq!(owner.request(transfer(from.id.as_str())).await["code"], "unknown_person");
    let passed = owner.request(transfer(to.id.as_str())).await;
    assert_eq!(passed["t"], "done", "{passed}");
    let told = chat.find_where(|frame| frame["body"]["state"] == "transferred").await;
    assert_eq!(told["body"]["to"]["id"], json!(to.id));
    let kept = row(&mut other, &visitor, |row| row["for"] == json!(to.id)).await;
    let claim = |cid: &str| json!({ "t": "claim", "cid": cid, "session": visitor.session, "fence": kept["fence"] });
    assert_eq!(owner.request(claim("c")).await["code"], "reserved");
    assert_eq!(other.request(claim("d")).await["t"], "done");
    app.stop().await;
}

#[tokio::test]
async fn notes_never_reach_the_visitor() {
    let mut talk = Talk::begun().await;
    let note =
        json!({ "t": "note", "cid": "n", "session": talk.visitor.session, "text": "canary-note" });
    assert_eq!(talk.desk.request(note.clone()).await["dup"], false);
    let shown = talk.desk.find("note").await;
    assert_eq!(
        (&shown["note"]["text"], &shown["note"]["by"]["name"]),
        (&json!("canary-note"), &json!("Dr li"))
    );
    assert_eq!(talk.desk.request(note).await["dup"], true);
    let exported = talk.chat.request(json!({ "t": "export", "cid": "x" })).await;
    assert!(!exported.to_string().contains("canary-note"));
    let (mut again, _) = talk.visitor.resume(0).await;
    let head = talk.head().await;
    let all = again.events(usize::try_from(head).unwrap()).await;
    assert!(!json!(all).to_string().contains("canary-note"));
    // What is erased is erased on the desk too.
    let erased = talk.chat.request(json!({ "t": "erase", "cid": "e" })).await;
    assert_eq!(erased["t"], "erased");
    assert_eq!(talk.desk.find("closed").await["why"], "erased");
    let library = talk.app.stop().await;
    assert!(crate::support::files_with(library.root(), b"canary-note").is_empty());
}

#[tokio::test]
async fn foreign_sessions_are_not_there() {
    let Talk { app, visitor, mut desk, li, .. } = Talk::begun().await;
    let stranger = app.visitor().await;
    let mut chat = stranger.join().await;
    chat.ask("c", "store testamab").await;
    let wu = Colleague::new(&app, "wu", &[Role::Consultant]).await;
    let head = Colleague::new(&app, "head", &[Role::Administrator]).await;
    let nobody = "00000000000000000000000000000000";
    for session in [stranger.session.as_str(), nobody] {
        for t in
            ["open", "claim", "release", "return", "clear", "note", "send", "close", "transfer"]
        {
            let frame = json!({
                "t": t, "cid": format!("{t}{session}"), "session": session, "fence": 0, "base_seq": 0, "text": "x",
                "outcome": "answered", "to": wu.id,
            });
            let refused = desk.request(frame).await;
            assert_eq!(
                (&refused["t"], &refused["code"]),
                (&json!("refused"), &json!("not_found")),
                "{t}"
            );
            assert_eq!((refused.get("fence"), refused.get("head_seq")), (None, None), "no hint");
        }
        for colleague in [&li, &head] {
            let path = format!("/v1/desk/sessions/{session}?reason=curious");
            assert_eq!(colleague.get(&path).await.status, 404);
        }
    }
    let path = format!("/v1/desk/sessions/{}", visitor.session);
    assert_eq!(li.get(&path).await.status, 200, "their own");
    assert_eq!(wu.get(&path).await.status, 403, "somebody else's needs a reason");
    let seen = wu.get(&format!("{path}?reason=second%20opinion")).await;
    assert_eq!(seen.json()["events"][0]["body"]["state"], "person_asked");
    assert_eq!(
        li.get("/v1/desk/sessions").await.json()["sessions"][0]["session"],
        json!(visitor.session)
    );
    assert_eq!(wu.get("/v1/desk/sessions").await.json()["sessions"], json!([]));
    assert_eq!(
        head.get("/v1/desk/sessions?reason=asked").await.json()["sessions"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        head.get("/v1/desk/sessions?q=%25").await.json()["sessions"],
        json!([]),
        "no wildcard"
    );
    // All of it is remembered, and only administrators read that.
    assert_eq!(li.get("/v1/desk/audit").await.status, 403);
    let audit = head.get("/v1/desk/audit").await.json();
    assert_eq!(audit["intact"], true);
    let views: Vec<&Value> =
        audit["rows"].as_array().unwrap().iter().filter(|row| row["action"] == "view").collect();
    assert_eq!((&views[0]["actor"], &views[0]["detail"]), (&json!("wu"), &json!("second opinion")));
    let figures = li.get("/v1/desk/figures").await.json();
    assert_eq!(
        (&figures["today"]["handed_over"], &figures["today"]["bot_alone"]),
        (&json!(1), &json!(1))
    );
    app.stop().await;
}

#[tokio::test]
async fn floods_and_huge_notes_are_refused_and_nothing_of_them_is_kept() {
    let app = TestApp::with(|config| config.limits.rates = true).await;
    let mut talk = Talk::begun_in(app).await;
    let note = |cid: &str, text: &str| with(talk.command("note", cid), json!({ "text": text }));
    let (long, last) = (note("long", &"x".repeat(4001)), note("last", "kept"));
    let flood: Vec<Value> = (0..100).map(|n| note(&format!("n{n}"), "again")).collect();
    assert_eq!(talk.desk.request(long).await["code"], "too_long");
    let mut kept = 0;
    for frame in flood {
        let answer = talk.desk.request(frame).await;
        if answer["t"] == "done" {
            kept += 1;
        } else {
            assert_eq!(answer["code"], "rate_limited", "{answer}");
            assert!(answer["retry_after_ms"].as_u64().is_some_and(|wait| wait > 0), "{answer}");
        }
    }
    assert!((1..100).contains(&kept), "{kept} of 100 were taken");
    // Afterwards the same desk works on, and only what was taken is there.
    talk.app.later(60);
    assert_eq!(talk.desk.request(last).await["t"], "done");
    let opened = open(&mut talk.desk, &talk.visitor, 0).await;
    assert_eq!(opened["notes"].as_array().map(Vec::len), Some(kept + 1));
    let megabyte = format!("{{\"t\":\"note\",\"text\":\"{}\"}}", "x".repeat(1 << 20));
    talk.desk.send_text(&megabyte).await;
    let closed = loop {
        if let Frame::Closed(code) = talk.desk.next().await {
            break code;
        }
    };
    assert!([Some(1009), None].contains(&closed), "{closed:?}");
    let session = SessionId::from(talk.visitor.session.as_str());
    assert_eq!(talk.app.app.desk.store.notes(&session).await.unwrap().len(), kept + 1);
    talk.app.stop().await;
}

#[tokio::test]
async fn frames_that_are_none_close_the_desk() {
    let app = TestApp::start().await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let (mut desk, _) = li.desk().await;
    for _ in 0..5 {
        desk.send_text("{\"t\":\"erase\"}").await;
    }
    desk.expect_close(4500).await;
    let (mut desk, _) = li.desk().await;
    desk.send_text(&"x".repeat(70_000)).await;
    let Frame::Closed(code) = desk.next().await else { panic!("too big") };
    assert!([Some(1009), None].contains(&code), "{code:?}");
    app.stop().await;
}
