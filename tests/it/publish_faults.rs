//! Publishing when everything goes wrong: killed half-way, disks that are full or read-only, files
//! that change while they are read, editors that save in bursts; and several nodes on one folder.
//!
//! `EIDER_KILLS` sets how many publications are killed (a release is proved with 200).

use std::collections::BTreeMap;
use std::fs;
use std::io::{Seek as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use eider::knowledge::{Code, File};
use eider::library;
use serde_json::json;

use crate::support::{Library, Random, Server, article, count, get, noon, post, seed, until};

const STORAGE: &str = "drugs/testamab/storage.md";
const RECALLED: &str = "drugs/testamab/recalled.md";

fn storage(words: &str) -> String {
    let keys = "drug: testamab\ntopic: storage";
    article("Storage of testamab", keys, &format!("Keep testamab {words}."))
}

fn recalled(status: &str) -> String {
    let keys = format!("drug: testamab\nstatus: {status}");
    article("Colour of testamab", &keys, "The colour of testamab tablets is canary yellow.")
}

/// A library that takes a while to publish.
fn bulky() -> Library {
    let library = Library::sample();
    for n in 0..60 {
        let sections =
            format!("## Part\n\nWords about testamab {n} and nothing else.\n\n").repeat(20);
        let path = format!("drugs/testamab/long{n}.md");
        library.write(&path, article(&format!("Long {n}"), "drug: testamab", &sections));
    }
    library.write(STORAGE, storage("in box 0"));
    library.write(RECALLED, recalled("published"));
    library
}

/// Returns the knowledge files of a generation, as they are kept.
fn files_of(library: &Library, generation: u64) -> Vec<File> {
    let path = library.index().join(format!("{generation:06}/knowledge.jsonl"));
    let text = fs::read_to_string(path).unwrap();
    let file = |line| {
        let (path, text): (String, String) = serde_json::from_str(line).unwrap();
        File { path, text }
    };
    text.lines().map(file).collect()
}

/// Asks both questions; returns the quotes of each answer with its generation.
async fn ask(address: std::net::SocketAddr) -> Vec<(u64, String)> {
    let mut quotes = Vec::new();
    for question in ["how do I store testamab?", "what colour are testamab tablets?"] {
        let answer = post(address, "/v1/ask", &json!({ "text": question })).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        let generation = answer["generation"].as_u64().unwrap();
        for quote in answer["quotes"].as_array().into_iter().flatten() {
            quotes.push((generation, quote["text"].as_str().unwrap().to_owned()));
        }
    }
    quotes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_publications_leave_a_whole_generation_serving() {
    let kills = count("EIDER_KILLS", 10);
    let mut random = Random::new(seed(7));
    let library = bulky();
    library.publish().unwrap();
    let mut server = Server::start(&library, Server::free_address(), |_| {});
    server.ready().await;
    let address = server.address;
    let (done, mut said) = (AtomicBool::new(false), BTreeMap::new());
    let asking = async {
        while !done.load(Ordering::Relaxed) {
            for (generation, quote) in ask(address).await {
                *said.entry((generation, quote)).or_insert(0_u32) += 1;
            }
        }
    };
    let publishing = async {
        let (mut killed, mut switched) = (0, 0);
        for round in 1..=kills {
            // Every fourth publication goes through; by turns it takes the article back, and in.
            let status = if round / 4 % 2 == 0 { "published" } else { "withdrawn" };
            library.write(STORAGE, storage(&format!("in box {round}")));
            library.write(RECALLED, recalled(status));
            let before = library.shelf().current();
            let mut build = Server::command(&library, &["index"]);
            let mut build = build.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            if round % 4 == 0 {
                until("it is published", async || build.try_wait().unwrap().is_some()).await;
                let now = library.shelf().current();
                assert!(now > before);
                until("it is served", async || {
                    get(address, "/readyz").await.json()["generation"].as_u64() == now
                })
                .await;
            } else {
                tokio::time::sleep(Duration::from_millis(random.below(900))).await;
                killed += u32::from(build.try_wait().unwrap().is_none());
                let _ = build.kill();
                let _ = build.wait();
            }
            switched += u32::from(library.shelf().current() != before);
            library.shelf().open().expect("a whole generation is current");
            if status == "withdrawn" && round % 4 == 0 {
                let quotes = ask(address).await;
                assert!(quotes.iter().all(|(_, quote)| !quote.contains("canary")), "{quotes:?}");
            }
        }
        done.store(true, Ordering::Relaxed);
        (killed, switched)
    };
    let ((), (killed, switched)) = tokio::join!(asking, publishing);
    let answers: u32 = said.values().sum();
    println!("{killed} of {kills} killed half-way, {switched} switches, {answers} quotes");
    assert!(killed > 0 && switched > 0 && answers > 0);
    assert!(said.keys().any(|(_, quote)| quote.contains("canary")), "the check can fail");
    // What was quoted stood, published, in the generation that was named.
    let mut known: BTreeMap<u64, Vec<File>> = BTreeMap::new();
    for (generation, quote) in said.keys() {
        let files = known.entry(*generation).or_insert_with(|| files_of(&library, *generation));
        let stands = files
            .iter()
            .any(|file| file.text.contains(quote) && !file.text.contains("status: withdrawn"));
        assert!(stands, "generation {generation} does not hold {quote:?}");
    }
    server.kill();
    library.publish().unwrap();
    assert_eq!(hidden(&library), 0, "what killed builds left is swept up");
}

fn hidden(library: &Library) -> usize {
    let entries = fs::read_dir(library.index()).unwrap().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with('.')).count()
}

#[test]
fn leftovers_are_swept_and_folders_in_use_are_not() {
    let library = Library::sample();
    library.publish().unwrap();
    for name in [".building-dead", ".past-dead", ".past-live"] {
        fs::create_dir(library.index().join(name)).unwrap();
    }
    let live = fs::File::open(library.index().join(".past-live")).unwrap();
    live.lock().unwrap();
    library.write(STORAGE, "no front matter");
    assert!(library.publish().is_err(), "even an attempt that fails sweeps");
    assert_eq!(hidden(&library), 1, "a replay that is running keeps its folder");
    drop(live);
    assert!(library.publish().is_err());
    assert_eq!(hidden(&library), 0);
}

#[test]
fn a_full_disk_says_so_and_leaves_the_old_generation_serving() {
    let library = bulky();
    library.publish().unwrap();
    library.write(STORAGE, storage("in box 1"));
    let whole = fs::metadata(library.index().join("000001/knowledge.jsonl")).unwrap().len() / 1024;
    // In KiB: not even the lock's neighbours; in the copy of the articles; in what comes after.
    for limit in [1, whole / 2, whole + 1] {
        let output = Command::new("bash")
            .args(["-c", "trap '' XFSZ; ulimit -f $1; shift; exec \"$@\"", "bash"])
            .arg(limit.to_string())
            .arg(env!("CARGO_BIN_EXE_eider"))
            .args(["index", "--knowledge"])
            .arg(library.knowledge())
            .arg("--index")
            .arg(library.index())
            .current_dir(library.root())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        if limit > whole {
            // The index of so few articles may fit; whatever happened, it is whole.
            library.shelf().open().unwrap();
            continue;
        }
        assert_eq!(output.status.code(), Some(1), "{limit}: {said}");
        assert!(said.contains("knowledge.jsonl") && said.contains("too large"), "{limit}: {said}");
        assert_eq!(library.shelf().open().unwrap().generation, 1);
        assert_eq!(hidden(&library), 0, "{limit}: nothing half-built is left");
    }
}

#[test]
fn folders_that_may_not_be_written_are_named() {
    let library = Library::sample();
    library.publish().unwrap();
    library.write(STORAGE, storage("in box 1"));
    let only_read = |folder: &std::path::Path, mode| {
        fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
    };
    only_read(library.root(), 0o755);
    only_read(&library.index(), 0o555);
    only_read(&library.knowledge(), 0o555);
    fs::set_permissions(library.index().join("lock"), fs::Permissions::from_mode(0o444)).unwrap();
    let index = || {
        // To the superuser nothing is read-only.
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let program = env!("CARGO_BIN_EXE_eider");
        let mut command = Command::new(if is_root { "setpriv" } else { program });
        if is_root {
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]);
        }
        command.args(["index", "--knowledge"]).arg(library.knowledge());
        command.arg("--index").arg(library.index()).current_dir("/");
        command.output()
    };
    let Ok(output) = index() else { return crate::support::skip("no setpriv") };
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("failed to execute") {
        return crate::support::skip("another user may not run the program where it stands");
    }
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("index") && said.contains("ermission denied"), "{said}");
    assert_eq!(library.shelf().open().unwrap().generation, 1);
    only_read(&library.index(), 0o777);
    fs::set_permissions(library.index().join("lock"), fs::Permissions::from_mode(0o666)).unwrap();
    let output = index().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "a knowledge folder is only read: {said}");
    only_read(&library.knowledge(), 0o755);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_read_whole_or_left_out() {
    let library = Library::sample();
    let path = library.knowledge().join("general/changing.md");
    library.write("general/changing.md", "a".repeat(4 << 20));
    let done = AtomicBool::new(false);
    let (mut whole, mut told) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::File::options().write(true).open(&path).unwrap();
            for letter in ["b", "a"].iter().cycle() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                for part in 0..64_u64 {
                    file.seek(std::io::SeekFrom::Start(part << 16)).unwrap();
                    file.write_all(letter.repeat(1 << 16).as_bytes()).unwrap();
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(2) {
            let (files, problems) = library::read(&library.knowledge()).unwrap();
            let changing = files.iter().find(|file| file.path == "general/changing.md");
            if let Some(file) = changing {
                let first = &file.text[..1];
                assert_eq!(file.text.matches(first).count(), 4 << 20, "torn");
                whole += 1;
            } else {
                assert_eq!(problems[0].code, Code::UnreadableFile, "{problems:?}");
                assert!(problems[0].message.contains("changed while"), "{problems:?}");
                told += 1;
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    println!("{whole} reads were whole, {told} were given up");
    assert!(whole + told > 0);
}

#[test]
fn the_largest_article_is_published_and_quoted_whole() {
    let library = Library::sample();
    let sections = "## Part\n\nWords about testamab that go on and on.\n\n".repeat(9 << 14);
    let text = article("Endless testamab", "drug: testamab", &sections[..7 << 20]);
    library.write("drugs/testamab/endless.md", &text);
    library.publish().unwrap();
    let engine = library.shelf().open().unwrap();
    assert!(engine.passages() > 100_000);
    let found = engine.find("endless words", None, 1).unwrap();
    assert_eq!(found.len(), 1);
}

/// A watching process; it is ended when dropped.
struct Watching(Child);

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn watching_publishes_what_is_whole_and_says_once_what_is_not() {
    let library = Library::sample();
    let log = library.root().join("watch.log");
    let mut command = Server::command(&library, &["index", "--watch"]);
    command.stdout(Stdio::null()).stderr(fs::File::create(&log).unwrap());
    let _watching = Watching(command.spawn().unwrap());
    let said = |what: &str| fs::read_to_string(&log).unwrap().matches(what).count();
    let serves = |words: &str| {
        library.shelf().open().is_ok_and(|engine| {
            let article = engine.knowledge.article(&"drugs/testamab/storage".into());
            article.is_some_and(|article| article.text.contains(words))
        })
    };
    let pause = async |millis| tokio::time::sleep(Duration::from_millis(millis)).await;
    until("the first generation", async || library.shelf().current() == Some(1)).await;
    // A burst of saves, each of them cut off and written anew.
    for n in 0..15 {
        library.write(STORAGE, "---\ntitle: Sto");
        pause(5).await;
        library.write(STORAGE, storage(&format!("in box {n}")));
        pause(20).await;
    }
    until("the last of the burst", async || serves("in box 14")).await;
    let generation = library.shelf().current().unwrap();
    assert!(generation <= 3, "{generation} generations for one burst");
    // A broken state is said once, however often it is saved, and changes nothing.
    for _ in 0..3 {
        library.write(STORAGE, "---\ntitle: half a fi");
        pause(1500).await;
    }
    until("it is said", async || said("never closed") > 0).await;
    assert_eq!((said("never closed"), library.shelf().current()), (1, Some(generation)));
    assert_eq!(said(&format!("generation {generation} goes on being served")), 1);
    library.write(STORAGE, storage("in a green box"));
    until("it is mended", async || serves("green box")).await;
    // Saved by renaming a new file over the old one, with an editor's files beside it.
    let generation = library.shelf().current().unwrap();
    library.write("drugs/testamab/.storage.md.swp", "x");
    library.write("drugs/testamab/storage.md~", "x");
    library.write("drugs/testamab/4913", "x");
    pause(1500).await;
    assert_eq!(library.shelf().current(), Some(generation), "nothing of ours has changed");
    library.write("drugs/testamab/.new", storage("in a red box"));
    fs::rename(library.knowledge().join("drugs/testamab/.new"), library.knowledge().join(STORAGE))
        .unwrap();
    until("it is renamed", async || serves("red box")).await;
    // The folder is swapped for a moment.
    let generation = library.shelf().current().unwrap();
    let away = library.root().join("away");
    fs::rename(library.knowledge(), &away).unwrap();
    until("it is missed", async || said("cannot read the knowledge folder") > 0).await;
    fs::rename(&away, library.knowledge()).unwrap();
    until("it is back", async || said("as published again") > 0).await;
    assert_eq!(library.shelf().current(), Some(generation));
    // Somebody else publishes while a file changes: it is tried again.
    let lock = fs::File::options().write(true).open(library.index().join("lock")).unwrap();
    lock.lock().unwrap();
    library.remove(STORAGE);
    until("it has to wait", async || said("another process is publishing") > 0).await;
    drop(lock);
    until("it is deleted", async || {
        library.shelf().open().is_ok_and(|engine| {
            engine.knowledge.article(&"drugs/testamab/storage".into()).is_none()
        })
    })
    .await;
}

#[tokio::test]
async fn nodes_on_one_folder_take_up_the_same_verified_bytes() {
    let library = Library::sample();
    library.publish().unwrap();
    let mut nodes: Vec<Server> = Vec::new();
    for name in ["one", "two"] {
        let log = fs::File::create(library.root().join(format!("{name}.log"))).unwrap();
        let data = library.root().join(name);
        nodes.push(Server::start(&library, Server::free_address(), |command| {
            command.env("EIDER_DATA", data).env("EIDER_LOG", "info").stderr(log);
        }));
    }
    for node in &mut nodes {
        node.ready().await;
    }
    library.write(STORAGE, storage("in a blue box"));
    library.shelf().publish(&library.knowledge(), false, noon(), |_| {}).unwrap();
    let begun = Instant::now();
    let mut manifests = Vec::new();
    for node in &nodes {
        until("generation 2 is served", async || {
            get(node.address, "/readyz").await.json()["generation"] == 2
        })
        .await;
        manifests.push(get(node.address, "/readyz").await.json()["manifest"].clone());
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let expected = library.shelf().mark().unwrap().hash();
    assert_eq!(manifests, [json!(expected), json!(expected)]);
    for name in ["one", "two"] {
        let log = fs::read_to_string(library.root().join(format!("{name}.log"))).unwrap();
        let line = log.lines().find(|line| line.contains("generation=2")).expect(&log);
        assert!(line.contains("verified") && line.contains(&expected), "{line}");
    }
    // Bytes that are not what was published are taken up by none.
    library.write(STORAGE, storage("in a grey box"));
    library.publish().unwrap();
    let broken = library.index().join("000004");
    fs::create_dir(&broken).unwrap();
    for name in ["manifest.json", "knowledge.jsonl"] {
        let bytes = fs::read(library.index().join("000003").join(name)).unwrap();
        let bytes = if name == "knowledge.jsonl" { &bytes[..bytes.len() - 9] } else { &bytes };
        fs::write(broken.join(name), bytes).unwrap();
    }
    fs::write(library.index().join("current"), "4\n").unwrap();
    for name in ["one", "two"] {
        until("it is refused", async || {
            let log = fs::read_to_string(library.root().join(format!("{name}.log"))).unwrap();
            log.contains("a new generation cannot be opened")
        })
        .await;
    }
    for node in &nodes {
        assert_eq!(get(node.address, "/readyz").await.status, 200);
    }
}
