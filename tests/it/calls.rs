//! When a person is called and why, who is given what waits, and how long anybody may take.

use eider::account::Role;
use eider::id::SessionId;
use serde_json::{Value, json};

use crate::desk::{claim, queue, row};
use crate::support::{Chat, Colleague, Library, TestApp, Visitor, article, until};

/// Starts with two leaflets that disagree and one that is overdue.
async fn start(policy: &str) -> TestApp {
    let library = Library::sample();
    let dose = |text: &str| article("Dose of testamab", "drug: testamab\ntopic: dosing", text);
    library.write("lexicon/topics.toml", TOPICS);
    library.write(
        "drugs/testamab/dosing.md",
        dose("The recommended total dose of testamab in cycle 1 is 1.8 mg/m²."),
    );
    library.write(
        "drugs/testamab/dosing-2.md",
        dose("The recommended total dose of testamab in cycle 1 is 1.5 mg/m²."),
    );
    let old =
        article("Effects of placebonib", "drug: placebonib\ntopic: side-effects", "Blue ears.");
    library.write("drugs/placebonib/effects.md", old.replace("2026-", "2016-"));
    library.write("policy/hand-off.toml", policy);
    library.publish().unwrap();
    TestApp::over(library, |_| {}).await
}

const TOPICS: &str = r#"
[overview]
label.en = "About"
label.zh = "概况"
[storage]
label.en = "Storage"
label.zh = "储存"
phrases.en = ["store", "keep"]
[dosing]
label.en = "Dosing"
label.zh = "剂量"
phrases.en = ["dose", "how much"]
clinical = true
[side-effects]
label.en = "Side effects"
label.zh = "副作用"
phrases.en = ["side effect"]
[remote]
label.en = "Remote consultation"
label.zh = "远程会诊"
phrases.en = ["specialist's opinion"]
service = true
"#;

async fn knows_duty(app: &TestApp, people: usize) {
    until("the board is known", async || app.app.desk.board().on_duty() == people).await;
}

/// Asks, and returns the answer and the hand-off that it led to: state, reason, priority.
async fn ask(app: &TestApp, text: &str) -> (Value, Vec<Value>) {
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.say("q", text).await;
    let answer = chat.find_where(|frame| frame["role"] == "bot").await;
    let states = app.log(&visitor).await.into_iter().filter(|event| event["kind"] == "state");
    (answer["body"].clone(), states.map(|event| event["body"].clone()).collect())
}

#[tokio::test]
async fn each_reason_offers_a_person_or_calls_one() {
    let app = start("").await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let mut desk = li.on_duty().await;
    knows_duty(&app, 1).await;
    let cases = [
        ("How do I repair my bicycle?", "not_found", None),
        ("What is the total dose of testamab in cycle 1?", "conflict", None),
        ("Which side effects does placebonib have?", "sensitive", None),
        ("My hair has been thinning since I started testamab", "adverse_event", Some(1)),
        ("crushing chest pain and a cold sweat", "urgent", Some(3)),
    ];
    for (text, reason, called) in cases {
        let (answer, states) = ask(&app, text).await;
        assert_eq!(answer["handoff"]["reason"], reason, "{text}: {answer}");
        let queued = states.iter().find(|state| state["state"] == "queued");
        let priority = queued.map(|state| state["priority"].clone());
        assert_eq!(priority, called.map(|priority| json!(priority)), "{text}");
        if let Some(queued) = queued {
            assert_eq!(queued["reason"], reason);
            assert!(queued["words"]["en"].as_str().unwrap().contains("being called"));
        }
    }
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    let waiting = queue(&mut chat, &mut desk, &visitor).await;
    assert_eq!((&waiting["reason"], &waiting["priority"]), (&json!("asked"), &json!(0)));
    app.stop().await;
}

#[tokio::test]
async fn questions_in_a_row_without_an_answer_call_a_person_over_reconnects_and_not_in_circles() {
    let app = start("").await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let mut desk = li.on_duty().await;
    knows_duty(&app, 1).await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    let reason = async |chat: &mut Chat, cid: &str, text: &str| {
        chat.say(cid, text).await;
        chat.find_where(|frame| frame["role"] == "bot").await["body"]["handoff"]["reason"].clone()
    };
    let lost = "How do I repair my bicycle?";
    assert_eq!(reason(&mut chat, "1", lost).await, "not_found");
    assert_eq!(reason(&mut chat, "2", lost).await, "not_found");
    assert_eq!(reason(&mut chat, "3", "store testamab").await, Value::Null, "an answer: from zero");
    assert_eq!(reason(&mut chat, "4", lost).await, "not_found");
    assert_eq!(reason(&mut chat, "5", "hello").await, Value::Null, "small talk counts for nothing");
    assert_eq!(reason(&mut chat, "6", lost).await, "not_found");
    drop(chat);
    let (mut chat, _) = visitor.resume(0).await;
    chat.find_where(|frame| frame["cid"] == "bot:11").await;
    assert_eq!(reason(&mut chat, "7", lost).await, "repeated_failure");
    let told = chat.find_where(|frame| frame["body"]["state"] == "queued").await;
    assert_eq!(told["body"]["reason"], "repeated_failure");
    // Sent back to the bot again and again, the bot calls nobody any more; the visitor still may.
    for round in 0.. {
        let waiting = row(&mut desk, &visitor, |row| row["state"] == "queued").await;
        let cid = |what: &str| format!("{what}{round}");
        let claim = json!({ "t": "claim", "cid": cid("c"), "session": visitor.session, "fence": waiting["fence"] });
        let done = desk.request(claim).await;
        assert_eq!(done["t"], "done", "{done}");
        let back = json!({ "t": "return", "cid": cid("r"), "session": visitor.session, "fence": done["fence"] });
        assert_eq!(desk.request(back).await["t"], "done");
        chat.find_where(|frame| frame["body"]["state"] == "returned").await;
        for question in 0..3 {
            reason(&mut chat, &format!("{round}.{question}"), lost).await;
        }
        let log = app.log(&visitor).await;
        let [question, answer, called @ ..] = &log[log.len() - 3..] else { panic!("{log:?}") };
        if answer["role"] == "bot" && called[0]["body"]["state"] == "queued" {
            assert_eq!(question["role"], "visitor");
            continue;
        }
        assert_eq!(round + 1, 4, "after so many moves");
        break;
    }
    chat.request(json!({ "t": "handoff", "cid": "asks" })).await;
    chat.find_where(|frame| frame["body"]["state"] == "queued").await;
    app.stop().await;
}

#[tokio::test]
async fn nobody_is_called_without_anybody_on_duty_or_against_the_policy() {
    let app = start("").await;
    Colleague::account(&app, "li", &[Role::Consultant]).await;
    app.app.desk.read_board().await.unwrap();
    let hair = "My hair has been thinning since I started testamab";
    let (answer, states) = ask(&app, hair).await;
    assert_eq!((&answer["handoff"]["reason"], states), (&json!("adverse_event"), vec![]));
    app.stop().await;
    let app = start("[calls]\nreasons = []\nfailures = 0\n").await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let _desk = li.on_duty().await;
    knows_duty(&app, 1).await;
    assert_eq!(ask(&app, hair).await.1, Vec::<Value>::new());
    app.stop().await;
}

async fn round(app: &TestApp) {
    app.app.desk.look_after_queue().await.unwrap();
}

async fn stays_on_duty(app: &TestApp, person: &Colleague) {
    app.app.desk.arrive(&person.id).await.unwrap();
}

#[tokio::test]
async fn a_session_whose_visitor_left_does_not_wait_for_ever() {
    let app = start("").await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let mut desk = li.on_duty().await;
    knows_duty(&app, 1).await;
    let [stays, leaves, urgent] = [app.visitor().await, app.visitor().await, app.visitor().await];
    let mut chats = Vec::new();
    for visitor in [&stays, &leaves] {
        let mut chat = visitor.join().await;
        queue(&mut chat, &mut desk, visitor).await;
        chats.push(chat);
    }
    let mut chat = urgent.join().await;
    chat.say("u", "crushing chest pain and a cold sweat").await;
    row(&mut desk, &urgent, |row| row["priority"] == 3).await;
    drop(chat);
    chats.pop();
    until("the visitor is gone", async || {
        let gone = |visitor: &Visitor| {
            !app.app.desk.bus.has_visitor(&SessionId::from(visitor.session.as_str()))
        };
        gone(&leaves) && gone(&urgent)
    })
    .await;
    let waits = async |visitor: &Visitor| {
        let session = SessionId::from(visitor.session.as_str());
        let found = app.app.desk.store.waiting(&session).await.unwrap().unwrap();
        found.handoff.mode() == eider::session::Mode::Queued
    };
    for (seconds, expected) in
        [(899, [true; 3]), (2, [true, false, true]), (86_400, [true, false, false])]
    {
        app.later(seconds);
        stays_on_duty(&app, &li).await;
        round(&app).await;
        round(&app).await;
        let now = [waits(&stays).await, waits(&leaves).await, waits(&urgent).await];
        assert_eq!(now, expected, "{seconds}");
    }
    let log = app.log(&leaves).await;
    let last = log.last().unwrap();
    assert_eq!((&last["body"]["state"], &last["role"]), (&json!("left"), &json!("system")));
    assert!(last["body"]["words"]["zh"].as_str().unwrap().contains("排队"));
    // Whoever comes back asks again.
    let (mut chat, _) = leaves.resume(0).await;
    chat.request(json!({ "t": "handoff", "cid": "again" })).await;
    until("it waits again", async || waits(&leaves).await).await;
    app.stop().await;
}

#[tokio::test]
async fn whoever_claims_and_says_nothing_loses_it_again() {
    let app = start("").await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let mut desk = li.on_duty().await;
    let [silent, answered] = [app.visitor().await, app.visitor().await];
    let (mut first, mut second) = (silent.join().await, answered.join().await);
    for (chat, visitor) in [(&mut first, &silent), (&mut second, &answered)] {
        let waiting = queue(chat, &mut desk, visitor).await;
        let claim = json!({ "t": "claim", "cid": visitor.session, "session": visitor.session, "fence": waiting["fence"] });
        assert_eq!(desk.request(claim).await["t"], "done");
    }
    let words = json!({
        "t": "send", "cid": "w", "session": answered.session, "fence": 2, "base_seq": i64::MAX, "text": "hello",
    });
    assert_eq!(desk.request(words).await["t"], "done");
    for (seconds, lost) in [(299, false), (2, true)] {
        app.later(seconds);
        stays_on_duty(&app, &li).await;
        round(&app).await;
        let told = |log: Vec<Value>| log.iter().any(|event| event["body"]["why"] == "unanswered");
        assert_eq!(told(app.log(&silent).await), lost, "{seconds}");
        assert!(!told(app.log(&answered).await));
    }
    first.find_where(|frame| frame["body"]["state"] == "requeued").await;
    app.stop().await;
}

#[tokio::test]
async fn sessions_are_given_out_by_capacity_and_not_back_to_whoever_let_them_go() {
    let app = start("[assignment]\nautomatic = true\ncapacity = 1\n").await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let wu = Colleague::new(&app, "wu", &[Role::Consultant]).await;
    let store = &app.app.desk.store;
    assert!(store.set_work("wu", None, Some(Some(2)), app.app.desk.now()).await.unwrap());
    let (mut first, welcome) = li.desk().await;
    assert_eq!(welcome["people"][1]["capacity"], 2);
    let [a, b, c, d] =
        [app.visitor().await, app.visitor().await, app.visitor().await, app.visitor().await];
    let mut second = wu.on_duty().await;
    knows_duty(&app, 1).await;
    let mut chats = Vec::new();
    for visitor in [&a, &b, &c] {
        let mut chat = visitor.join().await;
        chat.request(json!({ "t": "handoff", "cid": "h" })).await;
        chats.push(chat);
        app.later(1);
    }
    for chat in &mut chats[..2] {
        let claimed = chat.find_where(|frame| frame["body"]["state"] == "claimed").await;
        assert_eq!(claimed["body"]["by"]["id"], json!(wu.id));
    }
    let waiting = row(&mut second, &c, |row| row["state"] == "queued").await;
    assert_eq!(waiting["assignee"], Value::Null, "wu has two");
    // li comes on duty, and has room for one.
    first.request(json!({ "t": "available", "cid": "on", "on": true })).await;
    let claimed = chats[2].find_where(|frame| frame["body"]["state"] == "claimed").await;
    assert_eq!(claimed["body"]["by"]["id"], json!(li.id));
    let held = row(&mut first, &c, |row| row["state"] == "claimed").await;
    let mut chat = d.join().await;
    chat.request(json!({ "t": "handoff", "cid": "h" })).await;
    // What li gives back is not li's again, though li has room now; the next one is.
    let release =
        json!({ "t": "release", "cid": "r", "session": c.session, "fence": held["fence"] });
    assert_eq!(first.request(release).await["t"], "done");
    chat.find_where(|frame| frame["body"]["state"] == "claimed").await;
    row(&mut first, &c, |row| row["state"] == "queued").await;
    let audit = store.audit_rows(i64::MAX, 50).await.unwrap();
    assert!(audit.iter().any(|row| row.action == "assign" && row.actor == "server"));
    app.stop().await;
}

#[tokio::test]
async fn a_session_is_passed_to_a_team() {
    let app = start("").await;
    let li = Colleague::new(&app, "li", &[Role::Consultant]).await;
    let wu = Colleague::new(&app, "wu", &[Role::Consultant]).await;
    let store = &app.app.desk.store;
    let teams = Some(vec!["oncology".to_owned()]);
    assert!(store.set_work("wu", teams, None, app.app.desk.now()).await.unwrap());
    assert!(!store.set_work("xu", None, None, app.app.desk.now()).await.unwrap());
    let (mut first, mut second) = (li.on_duty().await, wu.on_duty().await);
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    let waiting = queue(&mut chat, &mut first, &visitor).await;
    let fence = claim(&mut first, &visitor, &waiting).await;
    let pass = |cid: &str, more: Value| {
        let frame =
            json!({ "t": "transfer", "cid": cid, "session": visitor.session, "fence": fence });
        crate::desk::with(frame, more)
    };
    for (cid, wrong) in [
        ("1", json!({ "team": "cardiology" })),
        ("2", json!({})),
        ("3", json!({ "to": "nobody", "team": "oncology" })),
    ] {
        assert_eq!(first.request(pass(cid, wrong)).await["code"], "unknown_person");
    }
    assert_eq!(first.request(pass("4", json!({ "team": "oncology" }))).await["t"], "done");
    let told = chat.find_where(|frame| frame["body"]["state"] == "transferred").await;
    assert_eq!(told["body"]["team"], "oncology");
    let kept = row(&mut second, &visitor, |row| row["team"] == "oncology").await;
    assert_eq!(kept["for"], Value::Null);
    let claim = |cid: &str| json!({ "t": "claim", "cid": cid, "session": visitor.session, "fence": kept["fence"] });
    assert_eq!(first.request(claim("a")).await["code"], "reserved");
    assert_eq!(second.request(claim("b")).await["t"], "done");
    app.stop().await;
}
