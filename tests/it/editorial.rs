//! Editors: drafts that a second person approves, publishing and taking back. On the real router
//! and, for what is stored, on both databases.

use std::fs;
use std::process::Command;

use eider::account::{Hashed, Role, User};
use eider::store::{DraftMove, DraftState, DraftText, Moved, NewUser, Store};
use serde_json::json;

use crate::support::{
    Colleague, Database, Office, PASSWORD, STORAGE, article, call, get, noon, on_both, quoted,
    storage,
};

on_both!(nobody_overwrites_and_nobody_approves_their_own);

async fn user(store: &Store, login: &str) -> User {
    let password = Hashed::stored("none".to_owned());
    let (login, name) = (login.to_owned(), login.to_owned());
    let new = NewUser { login, name, roles: vec![Role::Editor], password };
    let id = store.add_user(new, noon()).await.unwrap().unwrap();
    store.users().await.unwrap().into_iter().find(|user| user.id == id).unwrap()
}

async fn nobody_overwrites_and_nobody_approves_their_own(database: Database) {
    let store = database.open().await;
    let (li, ana) = (user(&store, "li").await, user(&store, "ana").await);
    let text = |body: &str| DraftText {
        base: "sha256:0".to_owned(),
        base_text: "before 'quoted' \" and 药".to_owned(),
        body: body.to_owned(),
        note: "why".to_owned(),
    };
    let begun = store.begin_draft(&li, STORAGE, text("one"), noon()).await.unwrap();
    assert_eq!((begun.revision, begun.state, &begun.text), (1, DraftState::Draft, &text("one")));
    let step = async |by: &User, revision, step| {
        store.move_draft(by, &begun.id, revision, step, "", noon()).await.unwrap()
    };
    // Of two that save over the same revision one is told.
    let saves = tokio::join!(
        step(&li, 1, DraftMove::Save(text("two"))),
        step(&ana, 1, DraftMove::Save(text("three")))
    );
    let (won, lost) = match saves {
        (Moved::Done(won), Moved::Stale(lost)) | (Moved::Stale(lost), Moved::Done(won)) => {
            (won, lost)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!((won.revision, lost.text), (2, won.text));
    // Ana has written in it too, or has not: she may not approve what she wrote.
    step(&ana, 2, DraftMove::Save(text("four"))).await;
    assert!(matches!(step(&li, 3, DraftMove::Submit).await, Moved::Done(_)));
    for writer in [&li, &ana] {
        assert_eq!(step(writer, 3, DraftMove::Approve).await, Moved::OwnWork, "{}", writer.login);
    }
    let bo = user(&store, "bo").await;
    assert!(matches!(step(&bo, 2, DraftMove::Approve).await, Moved::Stale(_)), "an older text");
    let Moved::Done(approved) = step(&bo, 3, DraftMove::Approve).await else { panic!() };
    assert_eq!((approved.state, approved.reviewer.as_ref()), (DraftState::Approved, Some(&bo.id)));
    // Another word, and the approval is gone; what is not approved is not published.
    let Moved::Done(again) = step(&li, 3, DraftMove::Save(text("five"))).await else { panic!() };
    assert_eq!((again.state, again.reviewer), (DraftState::Draft, None));
    assert!(matches!(step(&bo, 4, DraftMove::Publish(7)).await, Moved::Stale(_)));
    step(&li, 4, DraftMove::Submit).await;
    step(&bo, 4, DraftMove::Approve).await;
    let Moved::Done(published) = step(&bo, 4, DraftMove::Publish(7)).await else { panic!() };
    assert_eq!(published.generation, Some(7));
    assert!(matches!(step(&li, 4, DraftMove::Discard).await, Moved::Stale(_)), "it is over");
    let (_, steps) = store.draft(&begun.id).await.unwrap().unwrap();
    let did: Vec<&str> = steps.iter().map(|step| step.action.as_str()).collect();
    let expected =
        ["begin", "save", "save", "submit", "approve", "save", "submit", "approve", "publish"];
    assert_eq!(did, expected);
    assert_eq!(store.drafts(true).await.unwrap(), []);
    assert_eq!(store.drafts(false).await.unwrap(), [published]);
    assert!(store.draft("none").await.unwrap().is_none());
    assert!(store.audit_is_intact().await.unwrap());
    store.close().await;
}

#[tokio::test]
async fn an_edit_is_reviewed_published_quoted_and_taken_back() {
    let office = Office::open().await;
    let before = office.on_disk(STORAGE);
    let mut chat = office.app.visitor().await.join().await;
    assert!(quoted(&mut chat, "c1").await.contains("refrigerator"));
    let draft = office.draft(&office.li, STORAGE, &storage("in a blue box")).await;
    // Its own writer does not approve it, and an unapproved one is not published.
    let early = office.step(&office.li, &draft, "publish", json!({})).await;
    assert_eq!((early.status, &early.json()["error"]), (409, &json!("stale")));
    office.step(&office.li, &draft, "submit", json!({})).await;
    let own = office.step(&office.li, &draft, "approve", json!({})).await;
    assert_eq!((own.status, &own.json()["error"]), (403, &json!("own_work")));
    let alone = office.step(&office.li, &draft, "approve", json!({ "alone": "I may" })).await;
    assert_eq!((alone.status, &alone.json()["error"]), (403, &json!("own_work")));
    // The other one sends it back once, with a comment, and approves it then.
    let mute = office.step(&office.ana, &draft, "return", json!({})).await;
    assert_eq!((mute.status, &mute.json()["error"]), (422, &json!("words")));
    office.step(&office.ana, &draft, "return", json!({ "words": "Which box?" })).await;
    office.step(&office.li, &draft, "submit", json!({})).await;
    let approved = office.step(&office.ana, &draft, "approve", json!({})).await;
    assert_eq!(approved.json()["draft"]["state"], "approved");
    assert_eq!(office.on_disk(STORAGE), before, "nothing is written before it is published");
    let started = office.step(&office.ana, &draft, "publish", json!({})).await;
    assert_eq!(started.status, 202, "{}", started.text());
    let ended = office.ended().await;
    assert_eq!(
        ended,
        json!({ "result": "published", "generation": 2, "commit": null, "git_fault": null })
    );
    assert_eq!(office.on_disk(STORAGE), storage("in a blue box"));
    office.serves(2).await;
    assert!(quoted(&mut chat, "c2").await.contains("blue box"));
    // Back, by name of what is taken back; a second press finds another generation.
    let back = json!({ "generation": 2, "why": "The box is green" });
    let returned = office.li.post("/v1/edit/rollback", &back).await;
    assert_eq!(returned.json(), json!({ "generation": 1 }), "{}", returned.text());
    let twice = office.li.post("/v1/edit/rollback", &back).await;
    assert_eq!((twice.status, &twice.json()["error"]), (409, &json!("moved")));
    office.serves(1).await;
    assert!(quoted(&mut chat, "c3").await.contains("refrigerator"));
    // Both texts are there to go on from, and the article says that it is not live.
    let view = office.li.get(&format!("/v1/edit/article?path={STORAGE}")).await.json();
    assert_eq!(view["versions"].as_array().unwrap().len(), 2);
    assert_ne!(view["version"], view["live"]);
    // Everything of it is in the audit log.
    let rows = office.ana.get("/v1/desk/audit").await.json();
    assert_eq!(rows["intact"], true);
    let did: Vec<&str> = rows["rows"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .filter_map(|row| row["action"].as_str())
        .collect();
    for action in ["view", "begin", "submit", "return", "approve", "publish", "rollback"] {
        assert!(did.contains(&action), "{action}: {did:?}");
    }
    office.app.stop().await;
}

#[tokio::test]
async fn an_administrator_alone_gives_a_reason_and_a_proof() {
    let office = Office::open().await;
    let draft = office.draft(&office.ana, STORAGE, &storage("in a red box")).await;
    office.step(&office.ana, &draft, "submit", json!({})).await;
    let silent = office.step(&office.ana, &draft, "approve", json!({})).await;
    assert_eq!((silent.status, &silent.json()["error"]), (403, &json!("own_work")));
    office.app.later(700);
    let alone = json!({ "alone": "Nobody else is here, and the text is wrong" });
    let unproved = office.step(&office.ana, &draft, "approve", alone.clone()).await;
    assert_eq!((unproved.status, &unproved.json()["error"]), (403, &json!("proof_required")));
    office.ana.post("/v1/me/prove", &json!({ "password": PASSWORD })).await;
    let wordless = office.step(&office.ana, &draft, "approve", json!({ "alone": " " })).await;
    assert_eq!(wordless.status, 422);
    let approved = office.step(&office.ana, &draft, "approve", alone).await;
    assert_eq!(approved.status, 200, "{}", approved.text());
    let id = draft["id"].as_str().unwrap();
    let view = office.li.get(&format!("/v1/edit/drafts/{id}")).await.json();
    let last = view["draft"]["steps"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["action"], &last["by"]["name"]), (&json!("approve_alone"), &json!("Dr ana")));
    assert!(last["words"].as_str().unwrap().starts_with("Nobody else"));
    let rows = office.ana.get("/v1/desk/audit").await.json();
    let noted = rows["rows"].as_array().unwrap().iter().any(|row| {
        row["action"] == "approve_alone" && row["detail"].as_str().unwrap().contains("Nobody else")
    });
    assert!(noted, "{rows}");
    office.app.stop().await;
}

#[tokio::test]
async fn two_editors_of_one_article_see_both_texts() {
    let office = Office::open().await;
    let first = office.draft(&office.li, STORAGE, &storage("in a blue box")).await;
    let second = office.draft(&office.ana, STORAGE, &storage("in a green box")).await;
    let id = second["id"].as_str().unwrap();
    let view = office.ana.get(&format!("/v1/edit/drafts/{id}")).await.json();
    assert_eq!(view["draft"]["others"][0]["id"], first["id"], "each sees that the other writes");
    office.step(&office.li, &first, "submit", json!({})).await;
    office.step(&office.ana, &first, "approve", json!({})).await;
    office.step(&office.ana, &first, "publish", json!({})).await;
    assert_eq!(office.ended().await["result"], "published");
    office.serves(2).await;
    // The second is told, sees all three texts, and has lost nothing.
    let refused = office.step(&office.ana, &second, "submit", json!({})).await;
    let told = refused.json();
    assert_eq!((refused.status, &told["error"]), (409, &json!("changed")));
    assert_eq!(told["text"], storage("in a blue box"));
    assert_eq!(told["draft"]["text"], storage("in a green box"));
    assert!(told["draft"]["base_text"].as_str().unwrap().contains("refrigerator"));
    let view = office.ana.get(&format!("/v1/edit/drafts/{id}")).await.json();
    assert_eq!(view["draft"]["behind"], true);
    let merged = json!({
        "revision": 1, "base": view["draft"]["standing_version"],
        "text": storage("in a blue or green box"), "note": "Both",
    });
    let saved = office.ana.post(&format!("/v1/edit/drafts/{id}"), &merged).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    assert_eq!(saved.json()["draft"]["base_text"], storage("in a blue box"));
    let stale = office.li.post(&format!("/v1/edit/drafts/{id}"), &merged).await;
    assert_eq!((stale.status, &stale.json()["error"]), (409, &json!("stale")));
    assert_eq!(stale.json()["draft"]["text"], storage("in a blue or green box"));
    let submitted = office.step(&office.ana, &saved.json()["draft"], "submit", json!({})).await;
    assert_eq!(submitted.status, 200, "{}", submitted.text());
    // An approved text whose article changes on the disk is not published over that change.
    office.step(&office.li, &saved.json()["draft"], "approve", json!({})).await;
    office.app.site.write(STORAGE, storage("in a yellow box"));
    let refused = office.step(&office.ana, &saved.json()["draft"], "publish", json!({})).await;
    assert_eq!((refused.status, &refused.json()["error"]), (409, &json!("changed")));
    assert_eq!(office.on_disk(STORAGE), storage("in a yellow box"));
    office.app.stop().await;
}

#[tokio::test]
async fn the_golden_questions_and_the_check_are_gates() {
    let office = Office::open().await;
    office.app.site.write(
        "questions/golden.toml",
        "[[question]]\nask = \"how do I store testamab?\"\nkind = \"answer\"\nmust = true\nquote_contains = [\"refrigerator\"]\n",
    );
    office.app.site.publish().unwrap();
    office.serves(2).await;
    let before = office.on_disk(STORAGE);
    let draft = office.approved(STORAGE, &storage("in a blue box")).await;
    let started = office.step(&office.ana, &draft, "publish", json!({})).await;
    assert_eq!(started.status, 202, "{}", started.text());
    let ended = office.ended().await;
    assert_eq!(ended["result"], "golden", "{ended}");
    assert!(ended["failed"][0]["misses"][0].as_str().unwrap().contains("refrigerator"));
    assert_eq!(office.on_disk(STORAGE), before, "the file stays as it was");
    office.serves(2).await;
    // A preview says the same beforehand, both answers side by side.
    office.step(&office.li, &draft, "preview", json!({})).await;
    let ended = office.ended().await;
    assert_eq!(
        (&ended["result"], ended["failed"].as_array().unwrap().len()),
        (&json!("previewed"), 1)
    );
    let change = &ended["changes"][0];
    assert!(change["old"]["quotes"][0][1].as_str().unwrap().contains("refrigerator"), "{ended}");
    assert!(change["new"]["quotes"][0][1].as_str().unwrap().contains("blue box"), "{ended}");
    // What has errors is not even handed in; the check says so while it is written.
    let faulty = storage("in a box").replace("topic: storage", "topic: nonsense");
    let checked =
        office.li.post("/v1/edit/check", &json!({ "path": STORAGE, "text": faulty })).await;
    let problems = checked.json()["problems"].as_array().unwrap().clone();
    let named = problems.iter().find(|one| one["message"].as_str().unwrap().contains("nonsense"));
    assert_eq!(
        (&named.unwrap()["severity"], &named.unwrap()["line"]),
        (&json!("error"), &json!(4))
    );
    let draft = office.draft(&office.li, STORAGE, &faulty).await;
    let refused = office.step(&office.li, &draft, "submit", json!({})).await;
    assert_eq!((refused.status, &refused.json()["error"]), (422, &json!("faulty")));
    // What else was changed in the folder goes along only when that is wanted.
    office.app.site.write("questions/golden.toml", "");
    let draft = office.approved("general/new.md", &article("New", "", "Something new.")).await;
    let refused = office.step(&office.ana, &draft, "publish", json!({})).await;
    assert_eq!((refused.status, &refused.json()["error"]), (409, &json!("others")));
    assert_eq!(refused.json()["paths"], json!(["questions/golden.toml"]));
    office.step(&office.ana, &draft, "publish", json!({ "with_others": true })).await;
    assert_eq!(office.ended().await["result"], "published");
    assert!(office.on_disk("general/new.md").contains("Something new"));
    office.app.stop().await;
}

#[tokio::test]
async fn a_repository_gets_a_commit_and_a_broken_one_is_told_of() {
    let office = Office::open().await;
    let folder = office.app.site.knowledge();
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(&folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    git(&["init", "--quiet"]);
    let draft = office.approved(STORAGE, &storage("in a blue box")).await;
    office.step(&office.ana, &draft, "publish", json!({})).await;
    let ended = office.ended().await;
    assert!(ended["commit"].as_str().is_some_and(|hash| hash.len() >= 7), "{ended}");
    let subject = format!("Dr ana {STORAGE}: Say it better\n");
    assert_eq!(git(&["log", "--format=%an %s"]), subject);
    assert_eq!(git(&["ls-files"]), format!("{STORAGE}\n"), "nothing else is committed");
    fs::remove_dir_all(folder.join(".git")).unwrap();
    fs::write(folder.join(".git"), "gitdir: /nowhere/at/all").unwrap();
    let draft = office.approved(STORAGE, &storage("in a green box")).await;
    office.step(&office.ana, &draft, "publish", json!({})).await;
    let ended = office.ended().await;
    assert_eq!((&ended["result"], &ended["generation"]), (&json!("published"), &json!(3)));
    assert!(ended["git_fault"].as_str().unwrap().contains("not a git repository"), "{ended}");
    office.app.stop().await;
}

#[tokio::test]
async fn these_pages_are_for_editors_on_our_own_page() {
    let office = Office::open().await;
    let consultant = Colleague::new(&office.app, "bo", &[Role::Consultant]).await;
    let paths = [
        "/v1/edit/articles",
        "/v1/edit/drafts",
        "/v1/edit/publication",
        "/v1/edit/gaps",
        "/v1/edit/work",
        "/v1/edit/notices",
        "/v1/edit/article?path=drugs/testamab/storage.md",
    ];
    for path in paths {
        assert_eq!(get(office.app.address, path).await.status, 401, "{path}");
        assert_eq!(consultant.get(path).await.status, 403, "{path}");
        assert_eq!(office.li.get(path).await.status, 200, "{path}");
    }
    let body = json!({ "path": STORAGE, "text": storage("x"), "base": "" });
    let forged = format!(
        "cookie: {}\r\norigin: https://evil.example\r\nx-csrf: {}\r\n",
        office.li.cookie, office.li.csrf
    );
    let without =
        format!("cookie: {}\r\norigin: http://{}\r\n", office.li.cookie, office.app.address);
    for (headers, code) in [(forged, "bad_origin"), (without, "bad_csrf")] {
        let refused =
            call(office.app.address, "POST", "/v1/edit/drafts", &headers, Some(&body)).await;
        assert_eq!((refused.status, &refused.json()["error"]), (403, &json!(code)));
    }
    for path in ["../x.md", "policy/replies.md", "drugs/testamab/drug.toml", "/etc/passwd", ""] {
        let body = json!({ "path": path, "text": "x", "base": "" });
        let refused = office.li.post("/v1/edit/drafts", &body).await;
        assert_eq!((refused.status, &refused.json()["error"]), (422, &json!("bad_path")), "{path}");
    }
    let long = json!({ "path": STORAGE, "text": "药".repeat(400_000), "base": "" });
    assert_eq!(office.li.post("/v1/edit/drafts", &long).await.status, 422);
    // A whole article fits, although other requests are smaller.
    let large = storage(&"very ".repeat(100_000));
    office.draft(&office.li, STORAGE, &large).await;
    office.app.stop().await;
}
