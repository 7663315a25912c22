//! Emergencies and side effects through the socket: the card comes whatever else fails, and a
//! report of a side effect is noted and can be exported.

use std::path::Path;

use eider::alarm::Watch;
use eider::knowledge::Knowledge;
use eider::library;
use eider::triage::eval::parse_cases;
use rusqlite::TransactionBehavior;
use serde_json::{Value, json};

use crate::support::{Library, Server, TestApp};

/// Whether a refusal carries the card of an emergency, with something to read.
fn has_card(rejected: &Value) -> bool {
    let triage = &rejected["triage"];
    triage["level"] == 3 && triage["card"]["text"].as_str().is_some_and(|text| !text.is_empty())
}

#[tokio::test]
async fn a_database_that_refuses_writing_does_not_hold_back_the_card() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    let database = rusqlite::Connection::open(app.site.data().join("eider.db")).unwrap();
    let read_only = "CREATE TRIGGER frozen BEFORE INSERT ON log \
                     BEGIN SELECT RAISE(ABORT, 'attempt to write a readonly database'); END";
    database.execute_batch(read_only).unwrap();
    let send = |cid: &str, text: &str| json!({ "t": "send", "cid": cid, "text": text });
    for (cid, text) in [("c1", "i cant breathe"), ("c2", "我胸口像压着石头，喘不上气")]
    {
        let rejected = chat.request(send(cid, text)).await;
        assert_eq!(rejected["code"], "storage_unavailable");
        assert!(has_card(&rejected), "{rejected}");
    }
    let harmless = chat.request(send("c3", "store testamab")).await;
    assert!(harmless["triage"].is_null(), "{harmless}");
    app.stop().await;
}

#[tokio::test]
async fn a_database_that_takes_its_time_does_not_hold_back_the_card() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    let mut database = rusqlite::Connection::open(app.site.data().join("eider.db")).unwrap();
    let busy = database.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let send = json!({ "t": "send", "cid": "c1", "text": "i cant breathe" });
    chat.send(&send).await;
    let alarm = chat.expect("alarm").await;
    assert_eq!(alarm["cid"], "c1");
    assert!(has_card(&alarm), "{alarm}");
    drop(busy);
    let accepted = chat.expect("accepted").await;
    assert_eq!(accepted["cid"], "c1");
    app.stop().await;
}

/// Weights of an older set of cases or concepts would judge by features that are no longer there.
#[test]
fn the_second_opinion_is_trained_on_the_cases_and_concepts_as_they_are() {
    let (files, _) = library::read(Path::new("knowledge")).unwrap();
    let (knowledge, _) = Knowledge::parse(&files);
    let (watch, _) = Watch::new(&files, &knowledge);
    let cases = std::fs::read_to_string("tests/cases/triage/tune.toml").unwrap();
    let trained = watch.train(&parse_cases(&cases).unwrap());
    let kept = std::fs::read_to_string("knowledge/policy/red-flags/opinion.toml").unwrap();
    assert!(
        trained.trim() == kept.trim(),
        "cases or concepts have changed: train again with `eider eval --triage --train`"
    );
}

#[tokio::test]
async fn who_writes_too_fast_still_gets_the_card() {
    let app = TestApp::with(|config| config.limits.rates = true).await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    for n in 0..8 {
        chat.ask(&format!("c{n}"), "store testamab").await;
    }
    let send = json!({ "t": "send", "cid": "c8", "text": "my dad collapsed and wont wake up" });
    let rejected = chat.request(send).await;
    assert_eq!(rejected["code"], "rate_limited");
    assert!(has_card(&rejected), "{rejected}");
    app.stop().await;
}

#[tokio::test]
async fn without_any_generation_the_card_is_given_all_the_same() {
    let app = TestApp::over(Library::empty(), |_| {}).await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    let (_, [_, safety]) = chat.ask("c1", "i cant breathe").await;
    assert_eq!((&safety["kind"], &safety["body"]["level"]), (&json!("safety"), &json!(3)));
    assert!(safety["body"]["card"]["text"].is_string(), "{safety}");
    app.stop().await;
}

#[tokio::test]
async fn a_side_effect_is_noted_offered_to_a_person_and_exported() {
    let library = Library::sample();
    let policy = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge/policy");
    library.write(
        "policy/hand-off.toml",
        std::fs::read_to_string(policy.join("hand-off.toml")).unwrap(),
    );
    library.publish().unwrap();
    let app = TestApp::over(library, |_| {}).await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    let words = "these Exampla tablets make my mouth dry";
    let (_, [_, answer]) = chat.ask("c1", words).await;
    let body = &answer["body"];
    assert_eq!(
        (&body["adverse_event"], &body["triage"]["level"]),
        (&json!(true), &json!(1)),
        "{body}"
    );
    assert_eq!(body["handoff"]["reason"], "adverse_event");
    for fact in ["who had it", "who is reporting", "which product", "what happened"] {
        assert!(body["handoff"]["text"].as_str().unwrap().contains(fact), "{fact}: {body}");
    }
    let (_, [_, asked]) = chat.ask("c2", "can Exampla make the mouth dry?").await;
    assert!(asked["body"]["adverse_event"].is_null(), "{asked}");
    let library = app.stop().await;

    let arguments = ["session", "export", "--adverse-events"];
    let exported = Server::command(&library, &arguments).output().unwrap();
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let lines: Vec<Value> = exported
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(
        lines,
        [json!({
            "time": "2026-11-22T12:00:00.000Z", "session": visitor.session, "seq": 1,
            "products": ["testamab"], "level": 1, "words": words,
        })]
    );
}
