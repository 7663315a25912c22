//! Generations: built beside the old one, switched at once, taken up by a running server.
//! `EIDER_PUBLISHES` sets how often one is published under load (a release is proved with 50).

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use eider::publish::Error;
use serde_json::json;

use crate::support::{Library, Server, TestApp, article, count, get, noon, post, until};

fn storage(where_to: &str) -> String {
    article(
        "Storage of testamab",
        "drug: testamab\ntopic: storage",
        &format!("Keep testamab {where_to}."),
    )
}

#[tokio::test]
async fn a_running_server_takes_up_a_new_generation_by_itself() {
    let app = TestApp::start().await;
    let mut chat = app.visitor().await.join().await;
    let (_, [_, before]) = chat.ask("c1", "how do I store testamab?").await;
    assert_eq!(before["body"]["generation"], 1);
    app.site.write("drugs/testamab/storage.md", storage("in a blue box"));
    assert_eq!(app.site.publish().unwrap().generation, 2);
    until("generation 2 is served", async || {
        get(app.address, "/readyz").await.json()["generation"] == 2
    })
    .await;
    let (_, [_, after]) = chat.ask("c2", "how do I store testamab?").await;
    assert_eq!(after["body"]["generation"], 2);
    assert!(after["body"]["quotes"][0]["text"].as_str().unwrap().contains("blue box"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_switch_is_atomic_under_load() {
    let app = TestApp::start().await;
    let (address, done) = (app.address, AtomicBool::new(false));
    let body = json!({ "text": "how do I store testamab?" });
    let publications = count("EIDER_PUBLISHES", 8);
    let ask = async || {
        let mut last = 0;
        let mut asked = 0;
        while !done.load(Ordering::Relaxed) {
            let answer = post(address, "/v1/ask", &body).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let answer = answer.json();
            let generation = answer["generation"].as_u64().unwrap();
            assert!(generation >= last, "never back");
            last = generation;
            let text = answer["quotes"][0]["text"].as_str().unwrap();
            if generation > 1 {
                assert!(text.contains(&format!("box {generation}.")), "{generation}: {text}");
            }
            asked += 1;
        }
        asked
    };
    let publishing = async {
        for generation in 2..=publications {
            app.site.write("drugs/testamab/storage.md", storage(&format!("in box {generation}")));
            let shelf = app.site.shelf();
            let knowledge = app.site.knowledge();
            let published = tokio::task::spawn_blocking(move || {
                shelf.publish(&knowledge, false, noon(), |_| {})
            });
            assert_eq!(published.await.unwrap().unwrap().generation, generation);
        }
        until("the last generation is served", async || {
            get(address, "/readyz").await.json()["generation"] == publications
        })
        .await;
        done.store(true, Ordering::Relaxed);
    };
    let (one, two, three, ()) = tokio::join!(ask(), ask(), ask(), publishing);
    let asked = one + two + three;
    println!("{asked} questions during {} switches", publications - 1);
    assert!(asked > 20);
    let kept = fs::read_dir(app.site.index()).unwrap().count() as u64;
    assert!(
        kept <= publications + 3,
        "nothing but generations, lock, history, current: {kept} entries"
    );
    app.stop().await;
}

#[test]
fn rolling_back_returns_to_the_generation_before() {
    let library = Library::sample();
    assert!(matches!(library.shelf().rollback(noon()), Err(Error::Nothing(_))));
    library.publish().unwrap();
    assert!(matches!(library.shelf().rollback(noon()), Err(Error::NoEarlier)));
    library.write("drugs/testamab/storage.md", storage("in a blue box"));
    library.publish().unwrap();
    assert_eq!(library.shelf().rollback(noon()).unwrap(), 1);
    assert_eq!(library.shelf().open().unwrap().generation, 1);
    // The next one gets a number of its own.
    assert_eq!(library.publish().unwrap().generation, 3);
}

#[test]
fn a_rollback_survives_a_restart_until_the_next_edit() {
    let library = Library::sample();
    library.publish().unwrap();
    library.write("drugs/testamab/storage.md", storage("in a blue box"));
    library.publish().unwrap();
    library.shelf().rollback(noon()).unwrap();
    let start = || {
        let shelf = library.shelf();
        shelf.open_fresh(&library.knowledge(), noon(), |_| {}, |_| {}).unwrap().generation
    };
    assert_eq!(start(), 1);
    library.write("drugs/testamab/storage.md", storage("in a green box"));
    assert_eq!(start(), 3);
    library.write("drugs/testamab/storage.md", storage("in a blue box"));
    assert_eq!(start(), 4, "what was taken back once may be published later");
}

#[tokio::test]
async fn a_rollback_reaches_a_running_server() {
    let app = TestApp::start().await;
    app.site.write("drugs/testamab/storage.md", storage("in a blue box"));
    app.site.publish().unwrap();
    let serves = async |generation: u64| {
        until("the generation is served", async || {
            get(app.address, "/readyz").await.json()["generation"] == generation
        })
        .await;
    };
    serves(2).await;
    app.site.shelf().rollback(noon()).unwrap();
    serves(1).await;
    app.stop().await;
}

#[test]
fn a_damaged_generation_is_noticed_and_built_anew() {
    for damage in DAMAGES {
        let library = Library::sample();
        library.publish().unwrap();
        damage.apply(&library);
        let shelf = library.shelf();
        assert!(shelf.open().is_err(), "{} goes unnoticed", damage.name);
        let mut reported = false;
        let engine =
            shelf.open_fresh(&library.knowledge(), noon(), |_| {}, |_| reported = true).unwrap();
        assert!(engine.generation >= 1 && !reported, "{}", damage.name);
        assert_eq!(shelf.open().unwrap().passages(), engine.passages());
    }
}

#[tokio::test]
async fn a_running_server_survives_damage_to_its_index() {
    for damage in DAMAGES {
        let app = TestApp::start().await;
        damage.apply(&app.site);
        let ask = json!({ "text": "how do I store testamab?" });
        assert_eq!(post(app.address, "/v1/ask", &ask).await.status, 200, "{}", damage.name);
        // A damaged new generation is not taken up, and a good one is.
        app.site.write("drugs/testamab/storage.md", storage("in a blue box"));
        app.site.publish().unwrap();
        until(damage.name, async || {
            let answer = post(app.address, "/v1/ask", &ask).await.json();
            answer["quotes"][0]["text"].as_str().unwrap().contains("blue box")
        })
        .await;
        app.stop().await;
    }
}

#[tokio::test]
async fn a_damaged_new_generation_leaves_the_old_one_serving() {
    let app = TestApp::start().await;
    app.site.write("drugs/testamab/storage.md", storage("in a blue box"));
    app.site.publish().unwrap();
    until("generation 2 is served", async || {
        get(app.address, "/readyz").await.json()["generation"] == 2
    })
    .await;
    // Somebody copies a generation badly, and points at it.
    fs::create_dir(app.site.index().join("000003")).unwrap();
    fs::copy(
        app.site.index().join("000002/manifest.json"),
        app.site.index().join("000003/manifest.json"),
    )
    .unwrap();
    for current in ["3\n", "4\n", "", "garbage", "-1", "99999999999999999999999"] {
        fs::write(app.site.index().join("current"), current).unwrap();
        tokio::time::sleep(Duration::from_millis(600)).await; // longer than the server looks away
        let ready = get(app.address, "/readyz").await;
        assert_eq!((ready.status, &ready.json()["generation"]), (200, &json!(2)), "{current:?}");
    }
    app.stop().await;
}

#[test]
fn an_edit_makes_a_generation_stale_and_nothing_else_does() {
    let library = Library::sample();
    assert!(library.shelf().is_stale(&library.knowledge()), "nothing was published");
    library.publish().unwrap();
    let stale = || library.shelf().is_stale(&library.knowledge());
    assert!(!stale());
    library.write("notes.txt", "not an article");
    library.write("drugs/testamab/.storage.md.swp", "an editor's own file");
    assert!(!stale());
    let old = fs::read_to_string(library.knowledge().join("services/remote.md")).unwrap();
    library.write("services/remote.md", old.replace("afar", "near"));
    assert!(stale());
    library.write("services/remote.md", &old);
    assert!(!stale(), "the text counts, not the time");
    fs::rename(
        library.knowledge().join("services/remote.md"),
        library.knowledge().join("services/far.md"),
    )
    .unwrap();
    assert!(stale(), "a name counts");
    library.publish().unwrap();
    library.remove("services/far.md");
    assert!(stale());
    fs::remove_dir_all(library.knowledge()).unwrap();
    assert!(!stale(), "a folder that is gone is no edit");
    assert_eq!(library.shelf().open().unwrap().generation, 2);
}

#[test]
fn a_faulty_knowledge_base_is_not_published_and_the_old_one_stays() {
    let library = Library::sample();
    library.publish().unwrap();
    library.write("drugs/testamab/broken.md", "no front matter");
    assert!(matches!(library.publish(), Err(Error::Problems(problems)) if problems.len() == 1));
    let mut reported = None;
    let engine = library
        .shelf()
        .open_fresh(
            &library.knowledge(),
            noon(),
            |_| {},
            |fault| reported = Some(fault.to_string()),
        )
        .unwrap();
    assert_eq!(engine.generation, 1);
    assert!(reported.unwrap().contains("eider check"));
    let forced = library.shelf().publish(&library.knowledge(), true, noon(), |_| {}).unwrap();
    assert_eq!((forced.generation, forced.articles, forced.problems.len()), (2, 4, 1));
    assert!(!library.shelf().is_stale(&library.knowledge()));
}

#[test]
fn golden_questions_guard_the_switch() {
    let library = Library::sample();
    library.write(
        "questions/testamab.toml",
        "[[question]]\nask = \"how do I store testamab?\"\narticle = \"drugs/testamab/storage\"\nquote_contains = [\"refrigerator\"]\nmust = true\n",
    );
    library.publish().unwrap();
    library.write("drugs/testamab/storage.md", storage("in a blue box"));
    let Err(Error::Golden(outcomes)) = library.publish() else { panic!("a miss must stop it") };
    assert!(outcomes[0].ask.contains("store testamab") && !outcomes[0].misses.is_empty());
    assert_eq!(library.shelf().current(), Some(1));
    assert_eq!(scraps(&library), 0, "nothing half-built is left");
    library.shelf().publish(&library.knowledge(), true, noon(), |_| {}).unwrap();
    assert_eq!(library.shelf().current(), Some(2));
}

#[test]
fn only_one_publishes_at_a_time() {
    let library = Library::sample();
    library.publish().unwrap();
    let lock = fs::File::options().write(true).open(library.index().join("lock")).unwrap();
    lock.lock().unwrap();
    assert!(matches!(library.publish(), Err(Error::Busy(_))));
    assert!(matches!(library.shelf().rollback(noon()), Err(Error::Busy(_))));
    drop(lock);
    library.publish().unwrap();
}

#[test]
fn many_publish_at_once_and_the_shelf_stays_whole() {
    let library = Library::sample();
    library.publish().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..3 {
                    assert!(matches!(library.publish(), Ok(_) | Err(Error::Busy(_))));
                    library.shelf().open().unwrap();
                }
            });
        }
    });
    assert_eq!(library.shelf().open().unwrap().generation, library.shelf().current().unwrap());
}

#[tokio::test]
async fn a_killed_build_leaves_the_old_generation_serving() {
    let library = Library::sample();
    // Enough to build for a while.
    for n in 0..300 {
        let sections = format!("## Part\n\nWords about testamab {n}.\n\n").repeat(20);
        library.write(
            &format!("drugs/testamab/long{n}.md"),
            article(&format!("Long {n}"), "drug: testamab", &sections),
        );
    }
    library.publish().unwrap();
    let mut killed = 0;
    for round in 0..6 {
        library.write("drugs/testamab/storage.md", storage(&format!("in box {round}")));
        let mut build = Server::command(&library, &["index"]);
        build.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut build = build.spawn().unwrap();
        until("it has begun", async || scraps(&library) > 0 || build.try_wait().unwrap().is_some())
            .await;
        tokio::time::sleep(Duration::from_millis(40 * round)).await;
        killed += usize::from(build.try_wait().unwrap().is_none());
        let _ = build.kill();
        let _ = build.wait();
        let engine = library.shelf().open().unwrap();
        assert_eq!(engine.generation, library.shelf().current().unwrap());
    }
    println!("{killed} of 6 builds killed half-way");
    assert!(killed > 0);
    library.publish().unwrap();
    assert_eq!(scraps(&library), 0, "what killed builds left is swept up");
}

#[tokio::test]
async fn a_server_with_neither_index_nor_knowledge_says_what_to_do() {
    let library = Library::empty();
    fs::remove_dir(library.knowledge()).unwrap();
    let output =
        Server::command(&library, &["serve"]).env("EIDER_LISTEN", "127.0.0.1:0").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        said.contains("cannot read the knowledge folder") && said.contains("knowledge"),
        "{said}"
    );
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let library = Library::sample();
    library.publish().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output =
        Server::command(&library, &["serve"]).env("EIDER_LISTEN", &address).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains(&address) && said.contains("EIDER_LISTEN"), "{said}");
}

fn scraps(library: &Library) -> usize {
    let entries = fs::read_dir(library.index()).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(".building-")).count()
}

/// Something that happens to the current generation.
struct Damage {
    name: &'static str,
    apply: fn(&std::path::Path),
}

impl Damage {
    fn apply(&self, library: &Library) {
        let generation = library.shelf().current().unwrap();
        assert_eq!(generation, 1);
        (self.apply)(&library.index());
    }
}

const DAMAGES: &[Damage] = &[
    Damage { name: "no index at all", apply: |index| fs::remove_dir_all(index).unwrap() },
    Damage {
        name: "no current file",
        apply: |index| fs::remove_file(index.join("current")).unwrap(),
    },
    Damage {
        name: "an empty current file",
        apply: |index| fs::write(index.join("current"), "").unwrap(),
    },
    Damage {
        name: "a current file of garbage",
        apply: |index| fs::write(index.join("current"), b"\xff\xfe\0").unwrap(),
    },
    Damage {
        name: "a current file that leads nowhere",
        apply: |index| fs::write(index.join("current"), "77").unwrap(),
    },
    Damage {
        name: "no manifest",
        apply: |index| fs::remove_file(index.join("000001/manifest.json")).unwrap(),
    },
    Damage { name: "half a manifest", apply: |index| halve(&index.join("000001/manifest.json")) },
    Damage {
        name: "half the articles",
        apply: |index| halve(&index.join("000001/knowledge.jsonl")),
    },
    Damage {
        name: "an article changed",
        apply: |index| {
            let path = index.join("000001/knowledge.jsonl");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace("2–8", "20–80")).unwrap();
        },
    },
    Damage {
        name: "no passages",
        apply: |index| fs::remove_dir_all(index.join("000001/passages")).unwrap(),
    },
    Damage { name: "half of each segment file", apply: |index| each_passage_file(index, halve) },
    Damage {
        name: "each segment file empty",
        apply: |index| each_passage_file(index, |path| replace(path, b"")),
    },
    Damage { name: "flipped bytes", apply: |index| each_passage_file(index, flip) },
    Damage {
        name: "one flipped byte in each segment file",
        apply: |index| {
            each_passage_file(index, |path| {
                if !path.ends_with("meta.json") {
                    let mut bytes = fs::read(path).unwrap();
                    let middle = bytes.len() / 2;
                    bytes[middle] ^= 0x55;
                    replace(path, &bytes);
                }
            });
        },
    },
];

fn each_passage_file(index: &std::path::Path, damage: fn(&std::path::Path)) {
    for entry in fs::read_dir(index.join("000001/passages")).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_string_lossy().starts_with('.') {
            damage(&path);
        }
    }
}

// A new file beside the old one: a server that has it open keeps what it has.
fn replace(path: &std::path::Path, bytes: &[u8]) {
    let beside = path.with_extension("new");
    fs::write(&beside, bytes).unwrap();
    fs::rename(beside, path).unwrap();
}

fn halve(path: &std::path::Path) {
    let bytes = fs::read(path).unwrap();
    replace(path, &bytes[..bytes.len() / 2]);
}

fn flip(path: &std::path::Path) {
    let mut bytes = fs::read(path).unwrap();
    for at in (0..bytes.len()).step_by(7) {
        bytes[at] ^= 0x55;
    }
    replace(path, &bytes);
}
