//! The log: groups of appends, retries, restarts, and a database that fails.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use eider::id::SessionId;
use eider::session::{Consent, Draft, EventKind, Mode, Role, Step};
use eider::store::{Advanced, Append, Appended, NewSession, Store};
use futures_util::future::join_all;
use serde_json::json;

use crate::handoff_store::{ask_for_a_person, claim};
use crate::support::{Database, Library, TestApp, get, noon, on_both, read_log, skip, until};

on_both!(
    many_sessions_append_at_once,
    one_group_may_hold_retries_conflicts_and_closed_sessions,
    a_retry_of_the_last_message_before_the_end_is_still_a_duplicate,
    the_answer_is_left_out_when_a_person_takes_over_in_the_same_group,
    everything_is_there_after_reopening,
    callers_that_go_away_cancel_nothing,
    old_sessions_are_purged_and_young_ones_stay,
);

async fn many_sessions_append_at_once(database: Database) {
    let store = database.open().await;
    let sessions = join_all((0..40).map(|_| session(&store))).await;
    let mut appends = Vec::new();
    for n in 0..25 {
        appends.extend(sessions.iter().map(|session| append(session, &format!("c{n}"), "text")));
    }
    for written in join_all(appends.into_iter().map(|append| store.append(append))).await {
        assert!(matches!(written.unwrap(), Appended::Written(events) if events.len() == 2));
    }
    for session in &sessions {
        let log = store.events_after(session, 0, 1000).await.unwrap();
        let seqs: Vec<i64> = log.iter().map(|event| event.seq).collect();
        assert_eq!(seqs, (1..=50).collect::<Vec<i64>>());
        for pair in log.chunks(2) {
            assert_eq!((pair[0].role, pair[1].role), (Role::Visitor, Role::Bot));
            assert_eq!(pair[1].cid, Some(format!("bot:{}", pair[0].seq)));
        }
        let cids: BTreeSet<_> = log.iter().filter_map(|event| event.cid.clone()).collect();
        assert_eq!(cids.len(), 50);
        assert_eq!(store.session(session).await.unwrap().unwrap().head, 50);
    }
    store.close().await;
}

async fn one_group_may_hold_retries_conflicts_and_closed_sessions(database: Database) {
    let store = database.open().await;
    let (open, closed) = (session(&store).await, session(&store).await);
    let end =
        Append { answer: None, step: Some((Step::End, None)), ..append(&closed, "end", "end") };
    store.append(end.clone()).await.unwrap();
    let nobody = SessionId::from("nobody");
    // All are queued before the writer gets a turn: one group.
    let group = [
        append(&open, "a", "one"),
        append(&open, "a", "one"),
        append(&open, "a", "other"),
        append(&closed, "late", "late"),
        append(&open, "b", "two"),
        append(&nobody, "n", "n"),
        end,
    ];
    let results: Vec<Appended> = join_all(group.into_iter().map(|append| store.append(append)))
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let short: Vec<String> = results
        .iter()
        .map(|result| match result {
            Appended::Written(events) => format!("written {}", events[0].seq),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        short,
        [
            "written 1",
            "Duplicate(1)",
            "CidConflict",
            "Closed",
            "written 3",
            "Closed",
            "Duplicate(1)"
        ]
    );
    // Afterwards as well.
    assert_eq!(store.append(append(&open, "b", "two")).await.unwrap(), Appended::Duplicate(3));
    assert_eq!(store.append(append(&open, "b", "2")).await.unwrap(), Appended::CidConflict);
    assert_eq!(store.events_after(&open, 0, 100).await.unwrap().len(), 4);
    assert_eq!(store.events_after(&closed, 0, 100).await.unwrap().len(), 1);
    store.close().await;
}

async fn a_retry_of_the_last_message_before_the_end_is_still_a_duplicate(database: Database) {
    let store = database.open().await;
    let session = session(&store).await;
    store.append(append(&session, "a", "one")).await.unwrap();
    let end =
        Append { answer: None, step: Some((Step::End, None)), ..append(&session, "end", "end") };
    store.append(end).await.unwrap();
    assert_eq!(store.append(append(&session, "a", "one")).await.unwrap(), Appended::Duplicate(1));
    store.close().await;
}

async fn the_answer_is_left_out_when_a_person_takes_over_in_the_same_group(database: Database) {
    let store = database.open().await;
    let session = session(&store).await;
    ask_for_a_person(&store, &session).await;
    // All are queued before the writer gets a turn: one group.
    let (before, claimed, after) = tokio::join!(
        store.append(append(&session, "a", "one")),
        store.advance(claim(&session, "li", 1)),
        store.append(append(&session, "b", "two")),
    );
    assert!(matches!(claimed.unwrap(), Advanced::Done { .. }));
    assert!(before.is_ok() && after.is_ok());
    let log = store.events_after(&session, 1, 100).await.unwrap();
    let roles: Vec<&str> = log.iter().map(|event| event.role.name()).collect();
    assert_eq!(roles, ["visitor", "bot", "consultant", "visitor"]);
    assert_eq!(log[3].kind, EventKind::Message);
    store.close().await;
}

async fn everything_is_there_after_reopening(database: Database) {
    let store = database.open().await;
    let (opened, token) = store.open_session(new_session(), noon()).await.unwrap();
    store.append(append(&opened.id, "a", "one")).await.unwrap();
    let (epoch, log) = (store.epoch(), store.events_after(&opened.id, 0, 10).await.unwrap());
    store.close().await;
    let store = database.open().await;
    assert_eq!(store.epoch(), epoch);
    assert_eq!(store.events_after(&opened.id, 0, 10).await.unwrap(), log);
    let found = store.session_by_token(&token).await.unwrap().unwrap();
    assert_eq!((found.id, found.head, found.mode), (opened.id.clone(), 2, Mode::Bot));
    assert_eq!(store.append(append(&opened.id, "a", "one")).await.unwrap(), Appended::Duplicate(1));
    assert!(store.session_by_token("x").await.unwrap().is_none());
    store.close().await;
}

async fn callers_that_go_away_cancel_nothing(database: Database) {
    let store = database.open().await;
    let session = session(&store).await;
    for n in 0..100 {
        let store = store.clone();
        let append = append(&session, &format!("c{n}"), "text");
        let caller = tokio::spawn(async move { store.append(append).await });
        tokio::task::yield_now().await;
        caller.abort();
        let _ = caller.await;
    }
    store.append(append(&session, "last", "text")).await.unwrap();
    let log = store.events_after(&session, 0, 1000).await.unwrap();
    assert!(log.iter().zip(1..).all(|(event, seq)| event.seq == seq), "no gap");
    assert_eq!(log.len() % 2, 0, "whole exchanges only");
    store.close().await;
}

#[tokio::test]
async fn the_write_ahead_log_begins_anew_while_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let session = session(&store).await;
    let long = json!({ "text": "x".repeat(256 * 1024) }).to_string();
    for n in 0..800 {
        let answer = Some(Draft::bot(long.clone()));
        let append = Append { answer, ..append(&session, &format!("c{n}"), "text") };
        assert!(matches!(store.append(append).await.unwrap(), Appended::Written(_)));
    }
    let size = std::fs::metadata(folder.path().join("eider.db-wal")).unwrap().len();
    assert!(size < 100 * 1024 * 1024, "{size} of 200 MiB are in the write-ahead log");
    assert_eq!(store.session(&session).await.unwrap().unwrap().head, 1600);
    store.close().await;
}

async fn old_sessions_are_purged_and_young_ones_stay(database: Database) {
    let store = database.open().await;
    let old = join_all((0..450).map(|_| session(&store))).await;
    store.append(append(&old[0], "c", "xylophone-canary")).await.unwrap();
    let later = eider::time::Timestamp::from_micros(noon().as_micros() + 1);
    let (young, _) = store.open_session(new_session(), later).await.unwrap();
    assert_eq!(store.purge(later).await.unwrap(), 450);
    assert_eq!(store.purge(later).await.unwrap(), 0);
    assert!(store.events_after(&old[0], 0, 10).await.unwrap().is_empty());
    assert_eq!(store.session(&young.id).await.unwrap().unwrap().mode, Mode::Bot);
    if let Some(folder) = database.folder() {
        assert!(crate::support::files_with(folder, b"xylophone-canary").is_empty());
    }
    store.close().await;
}

#[tokio::test]
async fn a_database_that_is_none_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("eider.db");
    let bytes = "this is a letter, not a database. ".repeat(1000);
    std::fs::write(&file, &bytes).unwrap();
    let error = Store::open(folder.path()).await.unwrap_err().to_string();
    assert!(error.contains("not a database"), "{error}");
    assert!(error.contains(&*file.to_string_lossy()), "the file is named: {error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), bytes);
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for path in [file.join("data"), file.clone(), folder.path().join("a-folder-instead")] {
        if path.ends_with("a-folder-instead") {
            std::fs::create_dir_all(path.join("eider.db")).unwrap();
        }
        let error = Store::open(&path).await.unwrap_err().to_string();
        assert!(error.contains(&*path.to_string_lossy()), "{error}");
    }
}

#[tokio::test]
async fn folders_with_odd_names_work() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["with space", "a%20b", "what?", "hash#tag", "数据", "a&mode=ro", "a+b"] {
        let path = folder.path().join(name);
        let store = Store::open(&path).await.unwrap();
        session(&store).await;
        store.close().await;
        assert!(path.join("eider.db").is_file(), "{name}");
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_says_what_to_do() {
    type Spoil = fn(&Path);
    let cases: [(&str, Spoil); 4] = [
        ("start that version", |file| {
            let database = rusqlite::Connection::open(file).unwrap();
            database.pragma_update(None, "user_version", 999).unwrap();
        }),
        ("put a backup in its place", |file| {
            std::fs::write(file, "no database ".repeat(999)).unwrap();
        }),
        ("put a backup in its place", |file| {
            let mut bytes = std::fs::read(file).unwrap();
            bytes[4096..].fill(0x5a);
            std::fs::write(file, bytes).unwrap();
        }),
        ("read and write it and its folder", |file| {
            std::fs::remove_file(file).unwrap();
            std::fs::create_dir(file).unwrap();
        }),
    ];
    for (remedy, spoil) in cases {
        let folder = tempfile::tempdir().unwrap();
        Store::open(folder.path()).await.unwrap().close().await;
        spoil(&folder.path().join("eider.db"));
        let told = Store::open(folder.path()).await.unwrap_err().to_string();
        assert!(told.contains("eider.db") && told.contains(remedy), "{told}");
    }
}

#[tokio::test]
async fn nobody_else_may_read_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    session(&store).await;
    for name in ["eider.db", "eider.db-wal", "eider.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    store.close().await;
}

#[tokio::test]
async fn a_locked_database_rejects_and_loses_nothing() {
    let app = TestApp::start().await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    chat.ask("c1", "store testamab").await;
    // Tables that are gone make every write fail, as a broken disk does; reads go on.
    let database = rusqlite::Connection::open(app.site.data().join("eider.db")).unwrap();
    database.execute_batch("ALTER TABLE log RENAME TO log_away").unwrap();
    let rejected =
        chat.request(json!({ "t": "send", "cid": "c2", "text": "store testamab" })).await;
    assert_eq!(
        (&rejected["code"], &rejected["retryable"]),
        (&json!("storage_unavailable"), &json!(true))
    );
    assert!(rejected["retry_after_ms"].as_u64().is_some());
    database.execute_batch("ALTER TABLE log_away RENAME TO log").unwrap();
    drop(database);
    assert_eq!(chat.ask("c2", "store testamab").await.0, 3);
    app.stop().await;
}

#[tokio::test]
async fn a_full_disk_rejects_and_loses_nothing() {
    let library = Library::sample();
    library.publish().unwrap();
    let Some(disk) = SmallDisk::mount(&library.data()) else {
        return skip("a small tmpfs needs root");
    };
    let app = TestApp::over(library, |_| {}).await;
    let visitor = app.visitor().await;
    let mut chat = visitor.join().await;
    let text = "store testamab ".repeat(200);
    let mut accepted = Vec::new();
    let first_rejected = loop {
        let cid = format!("c{}", accepted.len());
        let answer = chat.request(json!({ "t": "send", "cid": cid, "text": text })).await;
        if answer["t"] == "rejected" {
            assert_eq!(
                (&answer["code"], &answer["retryable"]),
                (&json!("storage_unavailable"), &json!(true))
            );
            break cid;
        }
        accepted.push((cid, answer["seq"].as_i64().unwrap()));
        chat.send(&json!({ "t": "ack", "seq": i64::MAX })).await;
        assert!(accepted.len() < 5000, "the disk never filled up");
    };
    println!("{} messages until the disk was full", accepted.len());
    // Still full: rejected again, and what was accepted can be read.
    let again = chat.request(json!({ "t": "send", "cid": first_rejected, "text": text })).await;
    assert_eq!(again["t"], "rejected");
    assert_eq!(app.log(&visitor).await.len(), 2 * accepted.len());
    assert_eq!(get(app.address, "/readyz").await.status, 503, "nobody is to be sent here");
    // Room again: the same message is accepted, and everything is there once.
    disk.grow();
    until("the message is accepted", async || {
        let answer =
            chat.request(json!({ "t": "send", "cid": first_rejected, "text": text })).await;
        answer["t"] == "accepted"
    })
    .await;
    assert_eq!(get(app.address, "/readyz").await.status, 200);
    let log = app.log(&visitor).await;
    for (cid, seq) in &accepted {
        let found: Vec<_> = log.iter().filter(|event| event["cid"] == **cid).collect();
        assert_eq!((found.len(), &found[0]["seq"]), (1, &json!(seq)));
    }
    assert_eq!(log.len(), 2 * accepted.len() + 2);
    let library = app.stop().await;
    let store = Store::open(&library.data()).await.unwrap();
    assert_eq!(read_log(&store, &visitor.session).await, log);
    store.close().await;
    drop(disk);
}

/// A tmpfs of 3 MB, unmounted when dropped.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(path: &Path) -> Option<Self> {
        std::fs::create_dir_all(path).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=3m", "eider-test"]).arg(path);
        let mounted = mount.stderr(std::process::Stdio::null()).status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(path.to_owned()))
    }

    fn grow(&self) {
        let mut mount = Command::new("mount");
        assert!(mount.args(["-o", "remount,size=64m"]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

pub(crate) fn new_session() -> NewSession {
    let consent = Consent { version: "1".into(), lang: "en".into() };
    NewSession { site: "test".into(), consent, context: "{}".into() }
}

pub(crate) async fn session(store: &Store) -> SessionId {
    store.open_session(new_session(), noon()).await.unwrap().0.id
}

pub(crate) fn append(session: &SessionId, cid: &str, text: &str) -> Append {
    let message = Draft::visitor(json!({ "text": text }).to_string());
    let answer = Some(Draft::bot("{}".into()));
    Append { answer, ..Append::new(session, cid, message, noon()) }
}
