//! The commands on a terminal, as processes of their own: what they show, what they say when
//! something is wrong, and their exit status.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Library, Server, article};

/// What a command said, and its exit status.
struct Said {
    status: i32,
    shown: String,
    noted: String,
}

fn run(library: &Library, arguments: &[&str], input: &str) -> Said {
    let mut command = Server::command(library, arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    // A command that has refused reads no input.
    let _ = pipe.write_all(input.as_bytes());
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    Said {
        status: output.status.code().unwrap(),
        shown: String::from_utf8(output.stdout).unwrap(),
        noted: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Starts a server over two sources that disagree.
async fn server() -> (Library, Server, String) {
    let library = Library::sample();
    for (name, dose) in [("leaflet", "10 mg"), ("handbook", "20 mg")] {
        let body = format!("## Beginning\n\nThe starting dose of testamab in adults is {dose}.");
        let keys = "drug: testamab\ntopic: overview\nmarkets: [US]";
        library.write(
            &format!("drugs/testamab/{name}.md"),
            article(&format!("Testamab in the {name}"), keys, &body),
        );
    }
    library.publish().unwrap();
    let mut server = Server::start(&library, Server::free_address(), |_| {});
    server.ready().await;
    let url = format!("ws://{}/v1/chat", server.address);
    (library, server, url)
}

const QUESTION: &str = "What is the starting dose of testamab in adults?";

#[tokio::test]
async fn the_chat_shows_all_that_ask_shows_also_to_who_leaves_at_once() {
    let (library, _server, url) = server().await;
    let asked = run(&library, &["ask", QUESTION], "").shown;
    assert!(asked.contains(" › Beginning") && asked.contains("published 2026-01-02"), "{asked}");
    assert!(asked.contains("sources disagree") && asked.contains(" · US"), "{asked}");
    for last in ["", "/quit\n"] {
        let chat = run(&library, &["chat", "--url", &url], &format!("{QUESTION}\n{last}"));
        assert_eq!(chat.shown, format!("\n> {QUESTION}\n\n{asked}"));
        assert!(chat.noted.contains("are stored on the server"), "{}", chat.noted);
    }
}

#[tokio::test]
async fn the_chat_shows_the_card_of_an_emergency_once() {
    let (library, _server, url) = server().await;
    let message = "I cannot breathe";
    let asked = run(&library, &["ask", message], "").shown;
    assert!(asked.starts_with("!! "), "{asked}");
    let chat = run(&library, &["chat", "--url", &url], &format!("{message}\n"));
    assert!(chat.shown.starts_with(&format!("\n> {message}\n\n{asked}")), "{}", chat.shown);
}

#[tokio::test]
async fn a_chat_that_is_not_there_is_told_and_not_tried_again() {
    let (library, server, _) = server().await;
    let url = format!("ws://{}/v1/nope", server.address);
    let said = run(&library, &["chat", "--url", &url], "hello\n");
    assert_eq!(said.status, 1);
    let wanted = format!("{url} is no chat: the server answers 404 Not Found");
    assert!(said.noted.contains(&wanted), "{}", said.noted);
    assert!(!said.noted.contains("connecting again"), "{}", said.noted);
}

#[test]
fn a_faulty_line_of_a_batch_is_told_and_the_others_are_answered() {
    let library = Library::sample();
    let lines = "{\"id\":\"a\",\"text\":\"storage of testamab\"}\nnot json\n\n\
                 {\"id\":\"b\",\"text\":\"storage of testamab\",\"drug\":\"nobodymab\"}\n\
                 {\"id\":\"c\",\"text\":\"storage of testamab\"}\n";
    std::fs::write(library.root().join("f"), lines).unwrap();
    let asked = run(&library, &["ask", "--batch", "f"], "");
    let ids: Vec<&str> = asked.shown.lines().map(|line| &line[..9]).collect();
    assert_eq!((asked.status, ids), (1, vec![r#"{"id":"a""#, r#"{"id":"c""#]));
    let told: Vec<&str> = asked.noted.lines().collect();
    let shape = r#"a line must be one JSON object {"id", "text", "drug"?, "lang"?, "region"?}"#;
    assert!(told[0].starts_with("eider: f:2: ") && told[0].ends_with(shape), "{told:?}");
    assert!(told[1].starts_with("eider: f:4: unknown drug \"nobodymab\""), "{told:?}");
    let found = run(&library, &["search", "--batch", "-", "--k", "1"], lines);
    assert_eq!((found.status, found.shown.lines().count()), (1, 3));
    assert!(found.noted.starts_with("eider: standard input:2: "), "{}", found.noted);
    assert!(found.noted.trim_end().ends_with(r#"{"id", "text"}"#), "{}", found.noted);
}

#[test]
fn a_search_that_finds_nothing_says_so() {
    let library = Library::sample();
    for text in ["zzzzqqq", ""] {
        let said = run(&library, &["search", text], "");
        assert_eq!((said.status, said.shown.as_str()), (1, ""));
        assert_eq!(said.noted, "eider: nothing found\n");
    }
    assert_eq!(run(&library, &["search", "--k", "0", "storage"], "").status, 2);
}

#[test]
fn force_leaves_every_faulty_article_out_and_names_it() {
    let library = Library::sample();
    let body = |of: &str| format!("Testamab is invented, says {of}.");
    let faulty = [
        ("broken", "drug: testamab\ntopic: [", "A"),
        ("no-topic", "drug: testamab\ntopic: nosuchtopic", "B"),
        ("no-drug", "drug: nosuchdrug\ntopic: overview", "C"),
        ("twin", "drug: testamab\ntopic: overview", "one of two"),
        ("Twin", "drug: testamab\ntopic: overview", "the other of two"),
    ];
    for (name, keys, of) in faulty {
        let path = format!("drugs/testamab/{name}.md");
        library.write(&path, article(&format!("Testamab by {of}"), keys, &body(of)));
    }
    let related = "drug: testamab\ntopic: overview\nrelated: [drugs/testamab/broken]";
    library.write("drugs/testamab/sound.md", article("Sound", related, &body("D")));
    library.write("drugs/placebonib/drug.toml", "name = ");
    let refused = run(&library, &["index"], "");
    assert_eq!(refused.status, 1);
    let said = run(&library, &["index", "--force"], "");
    let left_out: Vec<&str> =
        said.noted.lines().filter_map(|line| line.strip_prefix("left out: ")).collect();
    let wanted = [
        "drugs/placebonib/storage.md",
        "drugs/testamab/broken.md",
        "drugs/testamab/no-drug.md",
        "drugs/testamab/no-topic.md",
        "drugs/testamab/twin.md",
    ];
    assert_eq!((said.status, left_out), (0, wanted.to_vec()), "{}", said.noted);
    assert!(said.shown.contains(" of 5 articles"), "{}", said.shown);
    assert!(!library.shelf().is_stale(&library.knowledge()), "the folder is as published");
    let engine = library.shelf().open().unwrap();
    let ids: Vec<&str> = engine.knowledge.articles.iter().map(|a| a.id.as_str()).collect();
    assert!(ids.contains(&"drugs/testamab/sound") && !ids.contains(&"drugs/testamab/twin"));
    assert_eq!(ids.len(), 5, "{ids:?}");
}

#[test]
fn a_knowledge_folder_that_is_not_there_is_told_with_the_remedy() {
    let library = Library::sample();
    let missing = ["--knowledge", "nowhere", "ask", "storage of testamab"];
    let said = run(&library, &missing, "");
    assert_eq!(said.status, 1);
    for part in ["folder nowhere", "--knowledge", "EIDER_KNOWLEDGE", "eider.toml"] {
        assert!(said.noted.contains(part), "{}", said.noted);
    }
    assert!(!library.index().exists(), "nothing is left behind");
    library.publish().unwrap();
    let said = run(&library, &missing, "");
    assert!(said.noted.contains("folder nowhere") && said.noted.contains("published before"));
    assert!(said.status == 0 && said.shown.contains("refrigerator"), "{}", said.shown);
}

#[test]
fn the_configuration_shows_what_is_not_set() {
    let library = Library::empty();
    let shown = run(&library, &["config", "show"], "").shown;
    assert!(shown.starts_with("# store is not set\n# bus is not set\n"), "{shown}");
    assert!(toml::from_str::<eider::config::Config>(&shown).is_ok(), "{shown}");
    let shown = run(&library, &["config", "show", "--bus", "nats://127.0.0.1:4222"], "").shown;
    assert!(shown.contains("\nbus = ") && !shown.contains("# bus"), "{shown}");
}

#[test]
fn the_reasons_of_an_answer_are_in_words() {
    let library = Library::sample();
    let shown = run(&library, &["ask", "--explain", "How is testamab stored?"], "").shown;
    assert!(shown.contains("topic storage: "), "{shown}");
    assert!(!shown.contains("TopicId"), "{shown}");
}
