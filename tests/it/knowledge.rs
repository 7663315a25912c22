//! Bad input to the knowledge base: every problem at once, with file, line and remedy.

use std::fs;
use std::process::Stdio;

use eider::knowledge::{Problem, Severity};

use crate::support::{Library, Server, article};

/// A file, and what is said about it: line, and a part of the message.
struct Case {
    path: &'static str,
    bytes: Vec<u8>,
    line: u32,
    says: &'static str,
}

fn case(path: &'static str, bytes: impl AsRef<[u8]>, line: u32, says: &'static str) -> Case {
    Case { path, bytes: bytes.as_ref().to_vec(), line, says }
}

/// An article whose front matter has `line` as its line 4.
fn with_line(line: &str) -> String {
    format!(
        "---\ntitle: T\ndrug: testamab\n{line}\nsource: S\npublished: 2026-01-02\nreviewed: 2026-03-04\n---\nText.\n"
    )
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    let body = |text: &str| article("T", "drug: testamab", text);
    vec![
        case("drugs/testamab/empty.md", "", 0, "the file is empty"),
        case("drugs/testamab/blank.md", " \n\n\t\n", 0, "the file is empty"),
        case("drugs/testamab/bare.md", "Just text.\n", 1, "no front matter"),
        case("drugs/testamab/unclosed.md", "---\ntitle: T\nText.\n", 1, "never closed"),
        case("drugs/testamab/yaml.md", with_line("a: [b, c"), 5, "not valid YAML"),
        case("drugs/testamab/colon.md", with_line("topic: a: b"), 4, "not valid YAML"),
        case("drugs/testamab/tab.md", with_line("related:\n\t- x"), 5, "not valid YAML"),
        case("drugs/testamab/twice.md", with_line("drug: testamab"), 4, "not valid YAML"),
        case("drugs/testamab/list.md", "---\n- a\n---\nText.\n", 2, "not valid YAML"),
        case("drugs/testamab/key.md", with_line("colour: red"), 4, "unknown key `colour`"),
        case("drugs/testamab/type.md", with_line("topic: [a]"), 4, "`topic` must be a text"),
        case("drugs/testamab/lang.md", with_line("lang: xx"), 4, "`lang` cannot be"),
        case("drugs/testamab/status.md", with_line("status: maybe"), 4, "`status` cannot be"),
        case("drugs/testamab/markets.md", with_line("markets: US"), 4, "`markets` must be a list"),
        case("drugs/testamab/url.md", with_line("source_url: http://x"), 4, "not an https address"),
        case(
            "drugs/testamab/topic.md",
            with_line("topic: nonsense"),
            4,
            "unknown topic \"nonsense\"",
        ),
        case(
            "drugs/testamab/related.md",
            with_line("related: [no/where]"),
            4,
            "\"no/where\" does not exist",
        ),
        case(
            "drugs/testamab/due.md",
            with_line("review_by: 2026-02-30"),
            4,
            "`review_by` is not a date",
        ),
        case(
            "drugs/testamab/early.md",
            with_line("review_by: 2026-01-01"),
            4,
            "review_by lies before reviewed",
        ),
        case(
            "drugs/nobodymab/a.md",
            with_line("").replace("testamab", "nobodymab"),
            3,
            "unknown drug \"nobodymab\"",
        ),
        case("drugs/placebonib/a.md", with_line(""), 3, "stands in the folder of \"placebonib\""),
        case(
            "drugs/testamab/nodrug.md",
            article("T", "lang: en", "Text."),
            1,
            "must name its `drug`",
        ),
        case(
            "drugs/testamab/date.md",
            with_line("").replace("2026-01-02", "2026-13-01"),
            6,
            "`published` is not a date",
        ),
        case(
            "drugs/testamab/leap.md",
            with_line("").replace("2026-03-04", "2027-02-29"),
            7,
            "`reviewed` is not a date",
        ),
        case(
            "drugs/testamab/order.md",
            with_line("").replace("2026-03-04", "2025-03-04"),
            7,
            "before it was published",
        ),
        case(
            "drugs/testamab/nodate.md",
            with_line("").replace("reviewed: 2026-03-04\n", ""),
            1,
            "lacks `reviewed`",
        ),
        case(
            "drugs/testamab/notitle.md",
            with_line("").replace("title: T", "title:"),
            1,
            "lacks `title`",
        ),
        case(
            "drugs/testamab/nosource.md",
            with_line("").replace("source: S", "source: ' '"),
            1,
            "lacks `source`",
        ),
        case(
            "drugs/testamab/notext.md",
            with_line("").replace("Text.\n", ""),
            0,
            "the article has no text",
        ),
        case(
            "drugs/testamab/section.md",
            body("Intro.\n\n## One\n\n## Two\n\ntext"),
            10,
            "this section is empty",
        ),
        case(
            "drugs/testamab/last.md",
            body("Intro.\n\n## One\n\ntext\n\n## Last"),
            14,
            "this section is empty",
        ),
        case("drugs/testamab/heading.md", body("## \n\ntext"), 8, "a heading has no words"),
        case(
            "drugs/testamab/utf8.md",
            b"---\ntitle: T\nsource: \xff\n---\nText.\n",
            3,
            "not valid UTF-8",
        ),
        case("drugs/testamab/utf16.md", b"\xff\xfeT\0e\0x\0t\0", 1, "not valid UTF-8"),
        case(
            "drugs/testamab/large.md",
            vec![b'x'; 50 * 1024 * 1024],
            0,
            "the file is too large: 50 MB",
        ),
        case("drugs/badmab/drug.toml", "name = \"badmab\"\nclass = \n", 2, ""),
        case(
            "drugs/fieldmab/drug.toml",
            "name = \"f\"\nclass = \"c\"\ncategory = \"general\"\ncolour = 1\n",
            4,
            "colour",
        ),
        case(
            "drugs/zetamab/drug.toml",
            "name = \"Exampla\"\nclass = \"c\"\ncategory = \"general\"\n",
            0,
            "also belongs to",
        ),
        case(
            "questions/q.toml",
            "[[question]]\nask = \"x\"\n\n[[question]]\nask = \"y\"\nkind = \"shrug\"\n",
            4,
            "unknown kind",
        ),
        case("questions/r.toml", "[[question]]\nask = \"x\"\ndrug = \"none\"\n", 1, "unknown drug"),
        case("lexicon/synonyms.toml", "[[group]]\nterms = 1\n", 2, ""),
        case("stray.md", "x", 0, "belongs to no part"),
    ]
}

#[test]
fn every_fault_is_named_with_its_line_and_a_remedy() {
    let checked = cases().into_iter().map(|case| {
        let library = Library::sample();
        library.write(case.path, &case.bytes);
        check(&case, &library.problems())
    });
    let missed: Vec<String> = checked.filter_map(Result::err).collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn all_faults_are_named_at_once() {
    let library = Library::sample();
    for case in cases() {
        library.write(case.path, &case.bytes);
    }
    let problems = library.problems();
    let missed: Vec<String> =
        cases().iter().filter_map(|case| check(case, &problems).err()).collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

fn check(case: &Case, problems: &[Problem]) -> Result<(), String> {
    let here: Vec<&Problem> = problems.iter().filter(|problem| problem.path == case.path).collect();
    let found =
        here.iter().any(|problem| problem.line == case.line && problem.message.contains(case.says));
    assert!(here.iter().all(|problem| !problem.message.contains("column")), "{here:#?}");
    if !found {
        return Err(format!(
            "{} should say {:?} on line {}: {here:#?}",
            case.path, case.says, case.line
        ));
    }
    for problem in here {
        assert!(!problem.hint.is_empty(), "{problem:?}");
        let first = problem.message.chars().next().unwrap();
        assert!(!first.is_uppercase() && !problem.message.ends_with('.'), "{problem:?}");
    }
    Ok(())
}

#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let library = Library::sample();
    let outside = library.root().join("outside.md");
    fs::write(&outside, article("Outside", "drug: testamab", "A secret-canary.")).unwrap();
    std::os::unix::fs::symlink(&outside, library.knowledge().join("drugs/testamab/link.md"))
        .unwrap();
    std::os::unix::fs::symlink("/etc", library.knowledge().join("drugs/etc")).unwrap();
    std::os::unix::fs::symlink(".", library.knowledge().join("drugs/loop")).unwrap();
    let problems = library.problems();
    let links: Vec<_> =
        problems.iter().map(|problem| (problem.path.as_str(), problem.message.as_str())).collect();
    assert_eq!(problems.len(), 3, "{links:?}");
    assert!(links.iter().all(|(_, message)| *message == "a symbolic link is not followed"));
    let forced = library
        .shelf()
        .publish(&library.knowledge(), true, crate::support::noon(), |_| {})
        .unwrap();
    assert_eq!(forced.articles, 4);
    assert!(crate::support::files_with(&library.index(), b"secret-canary").is_empty());
}

#[test]
fn a_pipe_in_the_folder_does_not_hang_the_check() {
    let library = Library::sample();
    let pipe = library.knowledge().join("general/pipe.md");
    fs::create_dir(pipe.parent().unwrap()).unwrap();
    if !std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .is_ok_and(|status| status.success())
    {
        return crate::support::skip("no mkfifo");
    }
    let (done, finished) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(library.problems()));
    let problems =
        finished.recv_timeout(crate::support::PATIENCE).expect("it does not wait for the pipe");
    assert_eq!((problems[0].path.as_str(), problems.len()), ("general/pipe.md", 1), "{problems:?}");
}

#[test]
fn folders_without_end_are_not_entered() {
    let library = Library::sample();
    let deep = format!("general/{}", "d/".repeat(30));
    library.write(&format!("{deep}a.md"), article("T", "lang: en", "Text."));
    let problems = library.problems();
    assert!(
        problems.iter().any(|problem| problem.message.contains("nested too deeply")),
        "{problems:?}"
    );
}

#[test]
fn line_ends_marks_and_tabs_are_no_faults() {
    let library = Library::sample();
    let unix = article(
        "Windows testamab",
        "drug: testamab\nrelated: [services/remote]",
        "One.\n\n## Two\n\nThree things:\n\n- three\n\tand four",
    );
    library.write("drugs/testamab/crlf.md", unix.replace('\n', "\r\n"));
    library
        .write("drugs/testamab/bom.md", format!("\u{feff}{}", unix.replace("Windows", "Marked")));
    library.write(
        "drugs/testamab/both.md",
        format!("\u{feff}{}", unix.replace("Windows", "Both").replace('\n', "\r\n")),
    );
    library.write(
        "drugs/bommab/drug.toml",
        "\u{feff}name = \"bommab\"\r\nclass = \"c\"\r\ncategory = \"general\"\r\n",
    );
    assert_eq!(library.problems(), []);
    library.publish().unwrap();
    let engine = library.shelf().open().unwrap();
    for name in ["crlf", "bom", "both"] {
        let article =
            engine.knowledge.article(&format!("drugs/testamab/{name}").as_str().into()).unwrap();
        let file =
            fs::read_to_string(library.knowledge().join(format!("drugs/testamab/{name}.md")))
                .unwrap();
        let texts: Vec<&str> =
            article.passages.iter().map(|passage| &file[passage.span()]).collect();
        let line_end = if name == "bom" { "\n" } else { "\r\n" };
        let list = format!("Three things:{line_end}{line_end}- three{line_end}\tand four");
        assert_eq!(texts, ["One.", &*list], "{name}");
        assert_eq!(article.headings(&article.passages[1]), ["Two"], "{name}");
    }
}

#[test]
fn copies_are_told_from_each_other() {
    let library = Library::sample();
    let text = article("T", "drug: testamab", "The same.");
    library.write("drugs/testamab/one.md", &text);
    library.write("drugs/testamab/two.md", &text);
    let problems = library.problems();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("duplicate of \"drugs/testamab/one\""), "{problems:?}");
    library.remove("drugs/testamab/two.md");
    library.write("drugs/testamab/One.md", text.replace("same", "other"));
    let problems = library.problems();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("duplicate id"), "{problems:?}");
}

#[test]
fn what_the_server_needs_must_be_there() {
    let library = Library::empty();
    let messages: Vec<String> =
        library.problems().into_iter().map(|problem| problem.message).collect();
    for reply in
        ["not_found", "which_drug", "not_covered", "person_unavailable", "too_long", "failed"]
    {
        assert!(
            messages.iter().any(|message| message.contains(&format!("[{reply}]"))),
            "{messages:?}"
        );
    }
    assert!(messages.iter().any(|message| message.contains("emergency")), "{messages:?}");
}

#[test]
fn eider_check_prints_what_it_found_and_fails() {
    let library = Library::sample();
    let check = |arguments: &[&str]| {
        let mut command = Server::command(&library, &[&["check"], arguments].concat());
        let output = command.stderr(Stdio::piped()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(check(&[]).0, Some(0));
    let chosen = ["drugs/testamab/utf8.md", "drugs/testamab/key.md", "drugs/testamab/section.md"];
    for case in cases().iter().filter(|case| chosen.contains(&case.path)) {
        library.write(case.path, &case.bytes);
    }
    let (status, printed) = check(&[]);
    assert_eq!(status, Some(1));
    for place in
        ["drugs/testamab/utf8.md:3", "drugs/testamab/key.md:4", "drugs/testamab/section.md:10"]
    {
        assert!(printed.contains(place), "{printed}");
    }
    let (status, printed) = check(&["--json"]);
    let mut problems: Vec<serde_json::Value> = serde_json::from_str(&printed).unwrap();
    problems.retain(|problem| problem["severity"] == "error");
    assert_eq!((status, problems.len()), (Some(1), 3));
    let errors = library
        .problems()
        .into_iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    assert_eq!(errors, 3);
}
