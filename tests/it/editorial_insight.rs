//! What editors learn of visitors: gaps, quotes, recall; and the test bench and the work list. On
//! the real router and, for what is stored, on both databases.

use eider::session::{Consent, Draft};
use eider::store::{Append, NewSession};
use serde_json::{Value, json};

use crate::support::{
    Database, Office, PASSWORD, STORAGE, TestApp, article, noon, on_both, quoted, storage, until,
};

on_both!(answers_are_looked_back_on);

async fn answers_are_looked_back_on(database: Database) {
    let store = database.open().await;
    let answer = |article: &str, version: &str| {
        json!({
            "kind": "answer",
            "quotes": [{ "article": article, "anchor": "a_b%", "version": version }],
        })
        .to_string()
    };
    let open = async |question: &str, body: String| {
        let consent = Consent { version: "2".to_owned(), lang: "en".to_owned() };
        let new = NewSession { site: "s".into(), consent, context: "{}".into() };
        let (session, _) = store.open_session(new, noon()).await.unwrap();
        let message = Draft::visitor(json!({ "text": question }).to_string());
        let append = Append::new(&session.id, "c1", message, noon());
        let answer = Some(Draft::bot(body));
        store.append(Append { answer, ..append }).await.unwrap();
        session.id
    };
    let first = open("one?", answer("drugs/a_b/x", "sha256:1")).await;
    let second = open("two?", answer("drugs/acb/x", "sha256:1")).await;
    store.rate(&second, 2, "down", None, noon()).await.unwrap();
    let exchanges = store.exchanges_since(noon(), 10).await.unwrap();
    assert_eq!(exchanges.len(), 2);
    let of = |id| exchanges.iter().find(|exchange| exchange.session == id).unwrap();
    assert_eq!(of(first.clone()).question, json!({ "text": "one?" }).to_string());
    assert_eq!((of(first.clone()).rating.as_deref(), &*of(first.clone()).consent), (None, "2"));
    assert_eq!(
        (of(second.clone()).rating.as_deref(), &of(second).handed_over),
        (Some("down"), &None)
    );
    assert_eq!(store.exchanges_since(noon().plus_seconds(1), 10).await.unwrap(), []);
    // A name is taken as it stands, and never as a pattern.
    let named = async |article: &str, version| {
        store.messages_naming(article, version, noon(), 10).await.unwrap()
    };
    let found = named("drugs/a_b/x", None).await;
    assert_eq!(found.iter().map(|found| &found.session).collect::<Vec<_>>(), [&first]);
    assert_eq!((found[0].seq, &*found[0].role, found[0].is_open), (2, "bot", true));
    assert_eq!(named("drugs/a_b/x", Some("sha256:1")).await.len(), 1);
    assert_eq!(named("drugs/a_b/x", Some("sha256:2")).await, []);
    assert_eq!(named("drugs/%/x", None).await, []);
    assert!(store.has_event(&first, "c1").await.unwrap());
    assert!(!store.has_event(&first, "c2").await.unwrap());
    store.close().await;
}

#[tokio::test]
async fn gaps_are_told_only_when_enough_visitors_share_them() {
    let app = TestApp::with(|config| {
        config.editors.least_sessions = 3;
        config.editors.show_questions_of_consents = vec!["1".to_owned()];
    })
    .await;
    let office = Office::over(app).await;
    let ask = async |question: &str, rating: Option<&str>| {
        let visitor = office.app.visitor().await;
        let mut chat = visitor.join().await;
        let (seq, _) = chat.ask("c1", question).await;
        if let Some(value) = rating {
            let frame = json!({ "t": "feedback", "cid": "f1", "seq": seq + 1, "value": value });
            chat.send(&frame).await;
            until("the feedback is stored", async || {
                let exchanges =
                    office.app.app.desk.store.exchanges_since(noon(), 100).await.unwrap();
                let own = exchanges.iter().find(|one| one.session.as_str() == visitor.session);
                own.is_some_and(|one| one.rating.is_some())
            })
            .await;
        }
    };
    for secret in ["one", "two"] {
        ask(&format!("can testamab turn my {secret} hair purple?"), None).await;
    }
    let gaps = office.li.get("/v1/edit/gaps").await.json();
    assert_eq!(gaps["gaps"], json!([]), "two are too few");
    assert_eq!(gaps["others"], Value::Null, "not even how few");
    ask("can testamab turn my green hair purple?", None).await;
    for _ in 0..3 {
        ask("does testamab interact with moonlight?", None).await;
        ask("how do I store testamab?", Some("down")).await;
    }
    let gaps = office.li.get("/v1/edit/gaps").await.json();
    let text = gaps.to_string();
    assert!(!text.contains("hair"), "no words of fewer than three: {text}");
    let found = gaps["gaps"].as_array().unwrap();
    let lost = found.iter().find(|gap| gap["signs"]["not_found"].as_u64().is_some_and(|n| n >= 3));
    assert_eq!(lost.unwrap()["drug"], "testamab", "{text}");
    let disliked = found.iter().find(|gap| gap["signs"]["disliked"] == 3);
    assert_eq!(disliked.unwrap()["topic"], "storage", "{text}");
    assert!(text.contains("does testamab interact with moonlight?"), "{text}");
    office.app.stop().await;
    // Without a consent that allows it no words are shown, however many share them.
    let app = TestApp::with(|config| config.editors.least_sessions = 2).await;
    let office = Office::over(app).await;
    for _ in 0..4 {
        let mut chat = office.app.visitor().await.join().await;
        chat.ask("c1", "does testamab interact with moonlight?").await;
    }
    let gaps = office.li.get("/v1/edit/gaps").await.json();
    assert_eq!(gaps["gaps"][0]["sessions"], 4);
    assert!(!gaps.to_string().contains("moonlight"), "{gaps}");
    office.app.stop().await;
}

#[tokio::test]
async fn who_was_shown_a_version_is_known_and_told_once() {
    let app = TestApp::start().await;
    app.site.write(
        "policy/hand-off.toml",
        "[words.notice_corrected]\nen = \"Corrected since.\"\nzh = \"已更正。\"\n",
    );
    app.site.publish().unwrap();
    let office = Office::over(app).await;
    office.serves(2).await;
    let visitor = office.app.visitor().await;
    let mut chat = visitor.join().await;
    assert!(quoted(&mut chat, "c1").await.contains("refrigerator"));
    let other = office.app.visitor().await;
    let mut bystander = other.join().await;
    bystander.ask("c1", "what are the side effects of testamab?").await;
    let version = office.version(STORAGE).await;
    let wanted = json!({ "path": STORAGE, "version": version });
    office.app.later(700);
    let refused = office.li.post("/v1/edit/recall", &wanted).await;
    assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("proof_required")));
    office.li.post("/v1/me/prove", &json!({ "password": PASSWORD })).await;
    let shown = office.li.post("/v1/edit/recall", &wanted).await.json();
    assert_eq!(shown["shown"].as_array().unwrap().len(), 1, "{shown}");
    assert_eq!(
        (&shown["shown"][0]["session"], &shown["shown"][0]["open"]),
        (&json!(visitor.session), &json!(true))
    );
    let unknown = json!({ "path": STORAGE, "version": "sha256:0" });
    assert_eq!(office.li.post("/v1/edit/recall", &unknown).await.json(), json!({ "shown": [] }));
    // The note is the policy's own words: no other can be sent.
    let mut note = wanted.clone();
    note["notice"] = json!("drink more of it");
    assert_eq!(office.li.post("/v1/edit/recall/note", &note).await.status, 404);
    note["notice"] = json!("notice_corrected");
    let told = office.li.post("/v1/edit/recall/note", &note).await.json();
    assert_eq!(told, json!({ "told": 1, "before": 0, "missed": 0 }));
    let event = chat.find("event").await;
    assert_eq!(
        (&event["body"]["state"], &event["body"]["text"]),
        (&json!("notice"), &json!("Corrected since."))
    );
    assert_eq!((&event["kind"], &event["role"]), (&json!("state"), &json!("system")));
    let again = office.li.post("/v1/edit/recall/note", &note).await.json();
    assert_eq!(again, json!({ "told": 0, "before": 1, "missed": 0 }));
    assert_eq!(office.app.log(&visitor).await.len(), 3);
    assert_eq!(office.app.log(&other).await.len(), 2, "who was not shown it hears nothing");
    let rows = office.ana.get("/v1/desk/audit").await.json().to_string();
    assert!(rows.contains("\"recall\"") && rows.contains("\"recall_note\""), "{rows}");
    office.app.stop().await;
}

#[tokio::test]
async fn a_question_is_tried_out_and_the_work_list_names_what_is_due() {
    let office = Office::open().await;
    let draft = office.draft(&office.li, STORAGE, &storage("in a blue box")).await;
    let body = json!({ "question": "how do I store testamab?", "draft": draft["id"] });
    let tried = office.li.post("/v1/edit/try", &body).await.json();
    let quote =
        |side: &str| tried[side]["answer"]["quotes"][0]["text"].as_str().unwrap().to_owned();
    assert!(quote("old").contains("refrigerator") && quote("new").contains("blue box"), "{tried}");
    let best = &tried["new"]["why"]["candidates"][0];
    assert_eq!(best["article"], "drugs/testamab/storage");
    assert!(best["score"].as_f64().unwrap() > 0.0);
    assert_eq!(office.app.app.desk.store.session_ids().await.unwrap(), [], "it leaves no session");
    let page =
        office.li.get(&format!("/v1/edit/drafts/{}/page", draft["id"].as_str().unwrap())).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("in a blue box") && page.text().contains("noindex"));
    let due = storage("warm")
        .replace("reviewed: 2026-03-04", "reviewed: 2026-03-04\nreview_by: 2026-04-01");
    office.app.site.write("drugs/testamab/storage.md", due);
    let soon = article("Soon", "review_by: 2026-12-01", "Soon due.");
    office.app.site.write("general/soon.md", soon);
    office.app.site.write("general/broken.md", "nothing");
    let label = |version: u32, words: &str| {
        article(
            "Label",
            &format!(
                "drug: testamab\nrank: label\nstatus: draft\nlabel: {{set_id: 0a1b, version: {version}}}"
            ),
            &format!("# Storage\n\n{words}"),
        )
    };
    office.app.site.write("drugs/testamab/label-0a1b-v1/all.md", label(1, "Cold."));
    office.app.site.write("drugs/testamab/label-0a1b-v2/all.md", label(2, "Warm."));
    office.app.site.write(
        "drugs/testamab/own.md",
        article("Own", "drug: testamab\nlabel: {set_id: 0a1b, version: 1}", "Cold, as it says."),
    );
    // Of a label that nobody imported no newer version is known.
    office.app.site.write(
        "drugs/testamab/other.md",
        article("Other", "drug: testamab\nlabel: {set_id: ffff}", "Written from another label."),
    );
    let work = office.li.get("/v1/edit/work").await.json();
    let kinds: Vec<(&str, &str)> = work["work"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), one["path"].as_str().unwrap()))
        .collect();
    for wanted in [
        ("error", "general/broken.md"),
        ("overdue", STORAGE),
        ("soon", "general/soon.md"),
        ("label", "drugs/testamab/own.md"),
    ] {
        assert!(kinds.contains(&wanted), "{wanted:?} {kinds:?}");
    }
    assert!(!kinds.contains(&("label", "drugs/testamab/other.md")), "{kinds:?}");
    let label = work["work"].as_array().unwrap().iter().find(|one| one["kind"] == "label").unwrap();
    assert_eq!(
        (&label["old"], &label["new"], &label["sections"]),
        (&json!(1), &json!(2), &json!(["Storage"]))
    );
    office.app.stop().await;
}
