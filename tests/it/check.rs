//! `eider check`: one small bad knowledge base for every finding, and its outputs.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;

use eider::knowledge::{Code, File, Problem, Severity};
use eider::{library, lint};
use serde_json::Value;

use crate::support::{Library, Server, article, noon};

type Files = Vec<(&'static str, String)>;

/// What is written, what is found where, and what is written instead so that it is not found.
struct Case {
    code: Code,
    files: Files,
    place: &'static str,
    mended: Files,
}

fn case(code: Code, files: Files, place: &'static str, mended: Files) -> Case {
    Case { code, files, place, mended }
}

fn testamab(keys: &str, body: &str) -> String {
    article("On testamab", &format!("drug: testamab\n{keys}"), body)
}

fn one(body: &str) -> Files {
    vec![("drugs/testamab/a.md", testamab("topic: overview", body))]
}

/// An article with `old` of its front matter replaced.
fn with(old: &str, new: &str) -> Files {
    let text = testamab("topic: overview", BODY);
    assert!(text.contains(old));
    vec![("drugs/testamab/a.md", text.replace(old, new))]
}

fn both(english: &str, chinese: &str) -> Files {
    let keys = "topic: overview\nlang: zh";
    vec![
        ("drugs/testamab/a.md", testamab("topic: overview", english)),
        ("drugs/testamab/a.zh.md", testamab(keys, chinese)),
    ]
}

fn file(path: &'static str, text: &str) -> Files {
    vec![(path, text.to_owned())]
}

const BODY: &str = "Testamab is an invented medicine that helps nobody against anything.";
const LONG: &str = "Keep the closed vials of testamab in the box in a refrigerator, and do not freeze \
                    or shake them; an open vial must be used within one day or thrown away.";
const REMOTE_ZH: &str = "远程会诊由专家在远处给出意见，供您和医生参考。";

#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    use Code as C;
    let rules = |rule: &str| {
        file(
            "policy/red-flags-test.toml",
            &format!(
                "[concept.zebra]\nen = [\"zebra stripes\"]\nzh = [\"斑马纹\"]\n\n\
                 [concept.giraffe]\nen = [\"giraffe neck\"]\nzh = [\"长颈鹿\"]\n\n\
                 [source.zoo]\ntitle = \"The keeper's book\"\n\n{rule}"
            ),
        )
    };
    let rule = |id: &str, when: &str, source: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\ncategory = \"bite\"\nlevel = 2\nwhen = [\"{when}\"]\n\
             source = \"{source}\"\n"
        )
    };
    let synonyms = |second: &str| {
        file(
            "lexicon/synonyms.toml",
            &format!(
                "[[group]]\nterms.en = [\"nausea\", \"queasy\"]\n\n[[group]]\nterms.en = \
                 [\"vomiting\", \"{second}\"]\n"
            ),
        )
    };
    let doses = |reason: Option<&str>, values: &str| {
        let body = |dose| format!("The starting dose of testamab in adults is {dose}.");
        let mut files = vec![
            ("drugs/testamab/a.md", testamab("", &body("10 mg"))),
            ("drugs/testamab/b.md", testamab("", &body("20 mg"))),
        ];
        let row = reason.map(|reason| {
            format!(
                "[[conflict]]\ndrug = \"testamab\"\nabout = \"starting dose adults\"\nvalues = \
                 [{values}]\nreason = \"{reason}\"\n"
            )
        });
        files.extend(row.map(|row| ("policy/conflicts.toml", row)));
        files
    };
    let silence = |code: &str, reason: &str| {
        file(
            "policy/check.toml",
            &format!(
                "[[silence]]\ncode = \"{code}\"\npath = \"drugs/testamab/a.md\"\nreason = \
                 \"{reason}\"\n"
            ),
        )
    };
    let required = "[overview]\nlabel.en = \"About\"\nlabel.zh = \"概况\"\nrequired = true\n\
                    [storage]\nlabel.en = \"Storage\"\nlabel.zh = \"储存\"\n[side-effects]\n\
                    label.en = \"Side effects\"\nlabel.zh = \"副作用\"\n[remote]\nlabel.en = \
                    \"Remote consultation\"\nlabel.zh = \"远程会诊\"\n";
    let replies = |text: &str| {
        let keys = ["not_found", "which_drug", "not_covered", "person_unavailable", "too_long"];
        let known = keys.map(|key| format!("[{key}]\ntext.en = \"Words.\"\ntext.zh = \"话。\"\n"));
        file("policy/replies.toml", &format!("{}{text}", known.concat()))
    };
    let failed = |text: &str| format!("[failed]\ntext.en = \"{text}\"\ntext.zh = \"话。\"\n");
    vec![
        case(C::StrayFile, file("stray.md", "x"), "stray.md", vec![]),
        case(C::NoText, file("general/a.md", ""), "general/a.md", vec![]),
        case(C::FrontMatter, file("general/a.md", "Text."), "general/a.md:1", vec![]),
        case(
            C::UnknownKey,
            with("topic:", "color: red\ntopic:"),
            "drugs/testamab/a.md:4",
            one(BODY),
        ),
        case(C::MissingKey, with("source: Test leaflet\n", ""), "drugs/testamab/a.md:1", one(BODY)),
        case(C::WrongValue, with("topic:", "lang: xx\ntopic:"), "drugs/testamab/a.md:4", one(BODY)),
        case(
            C::Toml,
            file("drugs/testamab/drug.toml", "name = \"testamab\"\nclass =\n"),
            "drugs/testamab/drug.toml:2",
            vec![],
        ),
        case(
            C::EmptySection,
            one(&format!("{BODY}\n\n## Empty\n")),
            "drugs/testamab/a.md:11",
            one(BODY),
        ),
        case(
            C::LeadIn,
            one("- Testamab is invented, as a list without words in front."),
            "drugs/testamab/a.md:9",
            one(BODY),
        ),
        case(
            C::UnknownDrug,
            file("general/a.md", &article("T", "drug: nobodymab", BODY)),
            "general/a.md:3",
            vec![],
        ),
        case(
            C::UnknownTopic,
            with("topic: overview", "topic: x"),
            "drugs/testamab/a.md:4",
            one(BODY),
        ),
        case(
            C::UnknownArticle,
            with("topic:", "related: [no/where]\ntopic:"),
            "drugs/testamab/a.md:4",
            one(BODY),
        ),
        case(
            C::WrongFolder,
            file("drugs/placebonib/a.md", &testamab("", BODY)),
            "drugs/placebonib/a.md:3",
            vec![],
        ),
        case(
            C::GoldenQuestion,
            file("questions/q.toml", "\n[[question]]\nask = \"x\"\nkind = \"shrug\"\n"),
            "questions/q.toml:2",
            file("questions/q.toml", "\n[[question]]\nask = \"x\"\n"),
        ),
        case(C::CannedText, replies(""), "policy/replies.toml", replies(&failed("Failed."))),
        case(
            C::Duty,
            file(
                "policy/hand-off.toml",
                "[hours]\ntime_zone = \"Nowhere/None\"\ndays = [\"mon\"]\nhours = [\"09:00\", \"17:00\"]\n",
            ),
            "policy/hand-off.toml",
            vec![],
        ),
        case(C::NotADate, with("2026-01-02", "2026-02-30"), "drugs/testamab/a.md:6", one(BODY)),
        case(C::DateOrder, with("2026-03-04", "2025-03-04"), "drugs/testamab/a.md:7", one(BODY)),
        case(C::FutureDate, with("2026-03-04", "2026-12-04"), "drugs/testamab/a.md:7", one(BODY)),
        case(
            C::Overdue,
            with("topic:", "review_by: 2026-11-21\ntopic:"),
            "drugs/testamab/a.md:4",
            with("topic:", "review_by: 2026-11-22\ntopic:"),
        ),
        case(
            C::DueSoon,
            with("topic:", "review_by: 2026-12-22\ntopic:"),
            "drugs/testamab/a.md:4",
            with("topic:", "review_by: 2026-12-23\ntopic:"),
        ),
        case(
            C::DuplicateId,
            file("drugs/testamab/Storage.md", &testamab("", BODY)),
            "drugs/testamab/storage.md",
            vec![],
        ),
        case(
            C::Duplicate,
            [one(BODY), vec![("drugs/testamab/b.md", one(BODY)[0].1.clone())]].concat(),
            "drugs/testamab/b.md",
            vec![(
                "drugs/testamab/b.md",
                testamab("", "Something else about testamab is said here."),
            )],
        ),
        case(
            C::NearDuplicate,
            [
                one(LONG),
                vec![("drugs/testamab/b.md", testamab("", &LONG.replace("box", "carton")))],
            ]
            .concat(),
            "drugs/testamab/b.md:9:1",
            vec![(
                "drugs/testamab/b.md",
                testamab("", "Something else about testamab is said here."),
            )],
        ),
        case(
            C::CopiedName,
            [
                one(LONG),
                vec![(
                    "drugs/placebonib/b.md",
                    article("T", "drug: placebonib", &LONG.replace("box", "carton")),
                )],
            ]
            .concat(),
            "drugs/placebonib/b.md:8:1",
            vec![(
                "drugs/placebonib/b.md",
                article("T", "drug: placebonib", &LONG.replace("testamab", "placebonib")),
            )],
        ),
        case(
            C::Conflict,
            doses(None, ""),
            "drugs/testamab/a.md:9",
            doses(Some("Two labels."), "\"10 mg\", \"20 mg\""),
        ),
        case(
            C::NoSuchConflict,
            doses(Some("Two labels."), "\"10 mg\", \"30 mg\""),
            "policy/conflicts.toml:1",
            doses(Some("Two labels."), "\"10 mg\", \"20 mg\""),
        ),
        case(
            C::NoReason,
            doses(Some(" "), "\"10 mg\", \"20 mg\""),
            "policy/conflicts.toml:1",
            doses(Some("Two labels."), "\"10 mg\", \"20 mg\""),
        ),
        case(
            C::MissingTopic,
            vec![
                ("lexicon/topics.toml", required.to_owned()),
                (
                    "drugs/placebonib/a.md",
                    article("T", "drug: placebonib\ntopic: overview", "Placebonib is invented."),
                ),
            ],
            "drugs/testamab/drug.toml:1",
            one(BODY),
        ),
        case(
            C::MissingTranslation,
            file("general/a.md", &article("T", "lang: en", BODY)),
            "general/a.md:3",
            vec![("general/a.zh.md", article("T", "lang: zh", REMOTE_ZH))],
        ),
        case(
            C::TranslatedFigure,
            both("Take 50 mg of testamab twice a day.", "每次服用testamab 5毫克，每日2次。"),
            "drugs/testamab/a.zh.md:10:14",
            both("Take 50 mg of testamab twice a day.", "每次服用testamab 50毫克，每日2次。"),
        ),
        case(
            C::TranslatedNegation,
            both("Do not chew the tablets of testamab.", "请咀嚼testamab片剂。"),
            "drugs/testamab/a.md:9:1",
            both("Do not chew the tablets of testamab.", "请勿咀嚼testamab片剂。"),
        ),
        case(
            C::OutdatedTranslation,
            vec![
                ("drugs/testamab/a.md", testamab("", BODY).replace("2026-03-04", "2026-05-04")),
                ("drugs/testamab/a.zh.md", testamab("lang: zh", REMOTE_ZH)),
            ],
            "drugs/testamab/a.zh.md:7",
            vec![("drugs/testamab/a.md", testamab("", BODY))],
        ),
        case(
            C::TranslatedFrontMatter,
            vec![
                ("drugs/testamab/a.md", testamab("markets: [US]", BODY)),
                ("drugs/testamab/a.zh.md", testamab("lang: zh\nmarkets: [EU]", REMOTE_ZH)),
            ],
            "drugs/testamab/a.zh.md:5",
            vec![("drugs/testamab/a.zh.md", testamab("lang: zh\nmarkets: [US]", REMOTE_ZH))],
        ),
        case(
            C::TooLong,
            one(&"Testamab is an invented medicine. ".repeat(60)),
            "drugs/testamab/a.md:9:1",
            one(BODY),
        ),
        case(C::TooShort, one("See above."), "drugs/testamab/a.md:9:1", one(BODY)),
        case(
            C::UnsourcedFigure,
            one("The starting dose of testamab in adults is 10 mg."),
            "drugs/testamab/a.md:9:44",
            vec![(
                "drugs/testamab/a.md",
                testamab("", "The starting dose of testamab in adults is 10 mg.")
                    .replace("Test leaflet", "Test leaflet of 3/2026"),
            )],
        ),
        case(
            C::CannedFigure,
            replies(&failed("Take 5 mg.")),
            "policy/replies.toml:17:17",
            replies(&failed("Failed.")),
        ),
        case(
            C::SharedPhrase,
            file(
                "lexicon/topics.toml",
                &format!("{required}[more]\nlabel.en = \"More\"\nlabel.zh = \"储存\"\n"),
            ),
            "lexicon/topics.toml:7",
            file("lexicon/topics.toml", required),
        ),
        case(
            C::SharedSynonym,
            synonyms("nausea"),
            "lexicon/synonyms.toml:5:25",
            synonyms("being sick"),
        ),
        case(
            C::SynonymIsName,
            synonyms("Exampla"),
            "lexicon/synonyms.toml:5:25",
            synonyms("being sick"),
        ),
        case(
            C::SharedName,
            file(
                "drugs/zetamab/drug.toml",
                "name = \"Exampla\"\nclass = \"c\"\ncategory = \"general\"\n",
            ),
            "drugs/zetamab/drug.toml",
            file(
                "drugs/zetamab/drug.toml",
                "name = \"zetamab\"\nclass = \"c\"\ncategory = \"general\"\n",
            ),
        ),
        case(
            C::CoveredMedicine,
            file("lexicon/confusable.toml", "[[other]]\nname = \"Nullira\"\n"),
            "lexicon/confusable.toml:2:8",
            file("lexicon/confusable.toml", "[[other]]\nname = \"nullizumab\"\n"),
        ),
        case(
            C::EmergencyPolicy,
            rules("[[rule]]\nid = 1\n"),
            "policy/red-flags-test.toml:12",
            rules(""),
        ),
        case(
            C::NoSource,
            rules(&rule("stripes", "zebra + giraffe", "hearsay")),
            "policy/red-flags-test.toml:12",
            rules(&rule("stripes", "zebra + giraffe", "zoo")),
        ),
        case(
            C::NeverFires,
            rules(&rule("stripes", "zebra + unheard-of", "zoo")),
            "policy/red-flags-test.toml:12",
            rules(&rule("stripes", "zebra + giraffe", "zoo")),
        ),
        case(
            C::RulesClash,
            rules(&[rule("one", "zebra", "zoo"), rule("one", "giraffe", "zoo")].concat()),
            "policy/red-flags-test.toml:18",
            rules(&[rule("one", "zebra", "zoo"), rule("two", "giraffe", "zoo")].concat()),
        ),
        case(
            C::EmergencyCard,
            rules("[region.XX]\nsource = \"\"\n"),
            "policy/red-flags-test.toml",
            rules(""),
        ),
        case(
            C::Silence,
            silence("K602", " "),
            "policy/check.toml:1",
            [silence("K602", "Enough."), one("See above.")].concat(),
        ),
        case(
            C::IdleSilence,
            [silence("K602", "Enough."), one(BODY)].concat(),
            "policy/check.toml:1",
            one("See above."),
        ),
    ]
}

fn found(library: &Library) -> Vec<Problem> {
    let (files, unread) = library::read(&library.knowledge()).unwrap();
    lint::check(&files, unread, noon().date()).problems
}

fn place(problem: &Problem) -> String {
    match (problem.line, problem.columns) {
        (0, _) => problem.path.clone(),
        (line, None) => format!("{}:{line}", problem.path),
        (line, Some((column, _))) => format!("{}:{line}:{column}", problem.path),
    }
}

/// Files by path, with some replaced or added.
fn with_files(base: &[File], changed: &Files) -> Vec<File> {
    let mut files: BTreeMap<String, String> =
        base.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
    files.extend(changed.iter().map(|(path, text)| ((*path).to_owned(), text.clone())));
    files.into_iter().map(|(path, text)| File { path, text }).collect()
}

#[test]
fn every_finding_is_found_where_it_is_and_gone_when_mended() {
    let (base, _) = library::read(&Library::sample().knowledge()).unwrap();
    // Compiling the product's emergency policy for each case would take minutes.
    let is_policy = |file: &&File| {
        ["policy/red-flags", "policy/emergency-"].iter().any(|start| file.path.starts_with(start))
    };
    let calm: Vec<File> = base.iter().filter(|file| !is_policy(file)).cloned().collect();
    let mut missed = Vec::new();
    let mut covered = BTreeSet::from([Code::UnreadableFile, Code::NoArticles]);
    for Case { code, files, place: expected, mended } in cases() {
        covered.insert(code);
        let base = if code.id().starts_with("K80") { &base } else { &calm };
        let places = |files: &[File]| -> BTreeSet<String> {
            let problems = lint::check(files, Vec::new(), noon().date()).problems;
            for problem in &problems {
                assert!(!problem.hint.is_empty() && !problem.message.is_empty(), "{problem:?}");
                let is_placed = problem.line > 0 && problem.columns.is_some();
                assert!(!is_placed || !problem.excerpt.is_empty(), "{problem:?}");
            }
            problems.iter().filter(|problem| problem.code == code).map(place).collect()
        };
        let before = places(base);
        let bad = with_files(base, &files);
        let new: Vec<String> = places(&bad).difference(&before).cloned().collect();
        if new != [expected] {
            missed.push(format!("{} in {new:?}, not {expected}", code.id()));
        }
        if !mended.is_empty() {
            let left = places(&with_files(&bad, &mended));
            let left: Vec<&String> = left.difference(&before).collect();
            if !left.is_empty() {
                missed.push(format!("{} still in {left:?}", code.id()));
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    let untested: Vec<&Code> = Code::ALL.iter().filter(|code| !covered.contains(code)).collect();
    assert!(untested.is_empty(), "{untested:?}");
}

#[test]
fn what_cannot_be_read_is_found_too() {
    let library = Library::sample();
    library.write("general/a.md", b"\xff");
    let found = found(&library);
    let unreadable = found.iter().find(|problem| problem.code == Code::UnreadableFile);
    assert_eq!(unreadable.map(place).as_deref(), Some("general/a.md:1"));
}

#[test]
fn the_products_own_knowledge_has_no_errors_and_only_gaps_that_are_true() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge");
    let (files, unread) = library::read(&folder).unwrap();
    let problems = lint::check(&files, unread, noon().date()).problems;
    // Read by hand: topics that no source of ours covers, what is there in English only, and the
    // one source that gives no date.
    let known = [Code::MissingTopic, Code::MissingTranslation, Code::UnsourcedFigure];
    let others: Vec<&Problem> =
        problems.iter().filter(|problem| !known.contains(&problem.code)).collect();
    assert!(others.is_empty(), "{others:#?}");
}

fn run(library: &Library, arguments: &[&str]) -> (i32, String) {
    let mut command = Server::command(library, &[&["check"], arguments].concat());
    let output = command.stderr(Stdio::piped()).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_exit_status_says_whether_something_fails() {
    let library = Library::sample();
    let statuses = |library: &Library| {
        let strict = run(library, &["--deny-warnings", "drugs/testamab/a.md"]).0;
        (run(library, &[]).0, strict)
    };
    library.write("drugs/testamab/a.md", testamab("", BODY));
    assert_eq!(statuses(&library), (0, 0));
    library.write("drugs/testamab/a.md", testamab("review_by: 2999-01-01", "See above."));
    assert_eq!(statuses(&library), (0, 1), "a warning");
    library.write("drugs/testamab/a.md", "no front matter");
    assert_eq!(statuses(&library), (1, 1), "an error");
    assert_eq!(run(&library, &["drugs/placebonib"]).0, 0, "it is elsewhere");
    assert_eq!(run(&library, &["--explain", "K999"]).0, 2);
    assert_eq!(run(&library, &["--json", "--sarif"]).0, 2);
}

#[test]
fn findings_are_shown_with_their_line_and_no_colour_in_a_pipe() {
    let library = Library::sample();
    library.write("drugs/testamab/a.md", testamab("", "服用testamab：See above."));
    let (_, printed) = run(&library, &["drugs/testamab/a.md"]);
    let expected = "drugs/testamab/a.md:9:1: warning[K602]: ";
    assert!(printed.starts_with(expected), "{printed}");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[1], "    | 服用testamab：See above.");
    assert_eq!(lines[2], format!("    | {}", "^".repeat(4 + 8 + 2 + 10)));
    assert!(lines[3].starts_with("    help: ") && !printed.contains('\x1b'), "{printed}");
    let (status, explained) = run(&library, &["--explain", "too-short"]);
    assert!(status == 0 && explained.starts_with("## K602 too-short"), "{explained}");
}

/// Returns the value at a JSON pointer, which must be there.
fn must<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is missing in {value}"))
}

#[test]
fn the_sarif_log_has_what_the_standard_requires() {
    let library = Library::sample();
    library.write("drugs/testamab/a b.md", testamab("", "See above."));
    library.write("general/empty.md", "");
    let (status, printed) = run(&library, &["--sarif"]);
    assert_eq!(status, 1);
    let log: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(must(&log, "/version"), "2.1.0");
    assert!(must(&log, "/$schema").as_str().unwrap().contains("sarif-schema-2.1.0"));
    let runs = must(&log, "/runs").as_array().unwrap();
    assert_eq!(runs.len(), 1);
    assert!(must(&runs[0], "/tool/driver/name").is_string());
    let rules = must(&runs[0], "/tool/driver/rules").as_array().unwrap();
    let ids: BTreeSet<&str> =
        rules.iter().map(|rule| must(rule, "/id").as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "ids are unique");
    for rule in rules {
        assert!(!must(rule, "/shortDescription/text").as_str().unwrap().is_empty());
        assert!(!must(rule, "/help/text").as_str().unwrap().is_empty());
    }
    let results = must(&runs[0], "/results").as_array().unwrap();
    assert_eq!(results.len(), found(&library).len());
    for result in results {
        assert!(!must(result, "/message/text").as_str().unwrap().is_empty());
        let index = usize::try_from(must(result, "/ruleIndex").as_u64().unwrap()).unwrap();
        assert_eq!(must(&rules[index], "/id"), must(result, "/ruleId"));
        let level = must(result, "/level").as_str().unwrap();
        assert!(["none", "note", "warning", "error"].contains(&level));
        let place = must(result, "/locations/0/physicalLocation");
        let uri = must(place, "/artifactLocation/uri").as_str().unwrap();
        assert!(uri.starts_with("file:///") && !uri.contains(' '), "{uri}");
        if let Some(region) = place.get("region") {
            assert!(must(region, "/startLine").as_u64().unwrap() >= 1);
            let columns = ["startColumn", "endColumn"].map(|key| region.get(key));
            if let [Some(first), Some(after)] = columns {
                let (first, after) = (first.as_u64().unwrap(), after.as_u64().unwrap());
                assert!(1 <= first && first < after, "{region}");
            }
        }
    }
    let spaced = results.iter().any(|result| {
        must(result, "/locations/0/physicalLocation/artifactLocation/uri")
            .as_str()
            .is_some_and(|uri| uri.ends_with("/drugs/testamab/a%20b.md"))
    });
    assert!(spaced);
    let (_, json) = run(&library, &["--json"]);
    let list: Vec<Value> = serde_json::from_str(&json).unwrap();
    let errors = list.iter().filter(|problem| problem["severity"] == "error").count();
    let worst = |problem: &Problem| problem.severity == Severity::Error;
    assert_eq!(errors, found(&library).iter().filter(|problem| worst(problem)).count());
    for key in ["code", "severity", "path", "line", "columns", "excerpt", "message", "hint"] {
        assert!(list[0].get(key).is_some(), "{key}");
    }
}

/// Returns the errors that `library` has, as code and path.
fn errors(library: &Library) -> Vec<(Code, String)> {
    let (files, unread) = library::read(&library.knowledge()).unwrap();
    let problems = lint::check(&files, unread, noon().date()).problems.into_iter();
    let errors = problems.filter(|problem| problem.severity == Severity::Error);
    errors.map(|problem| (problem.code, problem.path)).collect()
}

#[test]
fn what_a_faulty_file_holds_is_not_missed_elsewhere() {
    let library = Library::sample();
    library.write("drugs/testamab/a.md", testamab("related: [drugs/testamab/storage]", BODY));
    assert_eq!(errors(&library), []);
    library.write("drugs/testamab/drug.toml", "name = ");
    assert_eq!(errors(&library), [(Code::Toml, "drugs/testamab/drug.toml".to_owned())]);
    library.write("drugs/testamab/storage.md", "---\ntitle: Storage\n");
    library.write("lexicon/topics.toml", "[storage");
    library.write("policy/replies.toml", "[failed");
    let paths: Vec<String> = errors(&library).into_iter().map(|(_, path)| path).collect();
    let wanted = [
        "drugs/testamab/drug.toml",
        "drugs/testamab/storage.md",
        "lexicon/topics.toml",
        "policy/replies.toml",
    ];
    assert_eq!(paths, wanted);
}

#[test]
fn front_matter_that_is_never_closed_is_called_that() {
    let library = Library::sample();
    library.write("drugs/testamab/a.md", "---\ntitle: T\n\nTestamab is invented.\n");
    let (_, printed) = run(&library, &["drugs/testamab/a.md"]);
    assert!(printed.contains("[K004]: the front matter is never closed"), "{printed}");
}

#[test]
fn a_folder_without_articles_is_told_first() {
    let library = Library::empty();
    let (status, printed) = run(&library, &[]);
    let first = printed.lines().next().unwrap();
    assert!(status == 1 && first.starts_with(".: error[K011]: the knowledge folder "), "{printed}");
    assert!(first.ends_with(" is empty"), "{printed}");
}
