//! Past and coming generations: answers written anew, previews, and builds from the one before.

use std::fs;

use eider::replay::{self, Outcome};
use eider::store::Store;

use crate::support::{Library, TestApp, article, noon};

fn storage(where_to: &str) -> String {
    article(
        "Storage of testamab",
        "drug: testamab\ntopic: storage",
        &format!("Keep testamab {where_to}."),
    )
}

#[tokio::test]
async fn past_answers_are_written_anew_byte_for_byte() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.ask("c1", "how do I store testamab?").await;
    chat.ask("c2", "what are its side effects?").await;
    app.site.write("drugs/testamab/storage.md", storage("in a blue box"));
    app.site.publish().unwrap();
    crate::support::until("generation 2 is served", async || {
        crate::support::get(app.address, "/readyz").await.json()["generation"] == 2
    })
    .await;
    chat.ask("c3", "and how do I store it?").await;
    let library = app.stop().await;
    let replayed = async || {
        let store = Store::open(&library.data()).await.unwrap();
        let id = store.session_ids().await.unwrap().remove(0);
        let session = store.session(&id).await.unwrap().unwrap();
        let replayed = replay::replay(&store, &library.shelf(), &session).await.unwrap();
        store.close().await;
        replayed
    };
    let answers = replayed().await;
    let generations: Vec<u64> = answers.iter().map(|answer| answer.generation).collect();
    assert_eq!(generations, [1, 1, 2]);
    for answer in &answers {
        assert_eq!(answer.outcome, Outcome::Same);
    }
    fs::remove_dir_all(library.index().join("000001/passages")).unwrap();
    for answer in replayed().await {
        assert_eq!(answer.outcome, Outcome::Same, "an index that is gone is built anew");
    }
    fs::remove_dir_all(library.index().join("000001")).unwrap();
    let answers = replayed().await;
    assert!(matches!(&answers[0].outcome, Outcome::Impossible(why) if why.contains("not kept")));
    assert_eq!(answers[2].outcome, Outcome::Same);
}

#[test]
fn a_preview_shows_what_would_change_and_publishes_nothing() {
    let library = Library::sample();
    library.write(
        "questions/testamab.toml",
        "[[question]]\nask = \"how do I store testamab?\"\nquote_contains = [\"refrigerator\"]\nmust = true\n",
    );
    library.publish().unwrap();
    let preview = || library.shelf().preview(&library.knowledge(), &[], noon(), |_| {}).unwrap();
    let unchanged = preview();
    assert_eq!((unchanged.asked, unchanged.changes.len(), unchanged.failed.len()), (1, 0, 0));
    library.write("drugs/testamab/storage.md", storage("in a blue box"));
    let changed = preview();
    assert_eq!((changed.changes.len(), changed.failed.len()), (1, 1));
    let change = &changed.changes[0];
    assert!(change.at.starts_with("questions/testamab.toml:"), "{}", change.at);
    assert!(change.old.as_ref().unwrap().quotes[0].1.contains("refrigerator"));
    assert!(change.new.quotes[0].1.contains("blue box"));
    assert_eq!(library.shelf().current(), Some(1));
    let hidden = fs::read_dir(library.index())
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(".building-"));
    assert_eq!(hidden.count(), 0);
}

#[test]
fn a_generation_is_never_written_to_and_what_was_served_is_kept() {
    let library = Library::sample();
    for round in 0..7 {
        library.write("drugs/testamab/storage.md", storage(&format!("in box {round}")));
        library.publish().unwrap();
        for generation in 1..=round + 1 {
            let engine = library.shelf().open_past(generation).unwrap();
            let text = &engine.knowledge.article(&"drugs/testamab/storage".into()).unwrap().text;
            assert!(text.contains(&format!("in box {}.", generation - 1)), "{text}");
        }
    }
    let has_index =
        |generation: u64| library.index().join(format!("{generation:06}/passages")).is_dir();
    assert!(!has_index(3) && has_index(4) && has_index(7), "three are kept whole for rollback");
    let served: Vec<u64> =
        library.shelf().history().iter().map(|switch| switch.generation).collect();
    assert_eq!(served, [1, 2, 3, 4, 5, 6, 7]);
    let later = noon().plus_seconds(31 * 86_400);
    library.shelf().publish(&library.knowledge(), false, later, |_| {}).unwrap();
    assert!(!library.index().join("000003").exists(), "its sessions are erased by now");
    assert!(library.index().join("000007").exists());
}

#[test]
fn a_cut_file_is_noticed_before_it_is_mapped() {
    let library = Library::sample();
    library.publish().unwrap();
    let passages = library.index().join("000001/passages");
    let file = fs::read_dir(passages)
        .unwrap()
        .flatten()
        .find(|entry| entry.path().extension().is_some_and(|ending| ending == "idx"))
        .unwrap();
    let bytes = fs::read(file.path()).unwrap();
    fs::write(file.path(), &bytes[..bytes.len() - 1]).unwrap();
    let fault = library.shelf().open().unwrap_err().to_string();
    assert!(fault.contains("damaged") && fault.contains("bytes, not"), "{fault}");
}
