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
