//! Official labels: every section's text is kept, nothing is invented, bad files are told.
//!
//! The text is read from the XML a second time here, by a plain walk over its tags that shares
//! nothing with the importer, and compared with the text of the imported Markdown.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use eider::knowledge::{File, Knowledge};
use eider::label;
use unicode_normalization::UnicodeNormalization as _;

/// What a plain walk finds in a label.
#[derive(Default)]
struct Plain {
    /// Runs of text between two tags, in titles, texts and descriptions of pictures.
    pieces: Vec<String>,
    /// Names of codes, which stand in for missing titles.
    names: Vec<String>,
}

fn walk(xml: &str) -> Plain {
    let mut plain = Plain::default();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let is_text = open.iter().any(|name| ["title", "text"].contains(name));
        let mut piece = decoded(&rest[..start]);
        rest = &rest[start..];
        if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let end = data.find("]]>").unwrap();
            piece.push_str(&data[..end]);
            rest = &data[end + 3..];
        } else if rest.starts_with("<!--") {
            rest = &rest[rest.find("-->").unwrap() + 3..];
        } else {
            let end = rest.find('>').unwrap();
            let tag = &rest[1..end];
            rest = &rest[end + 1..];
            let name =
                tag.trim_start_matches('/').split([' ', '\n', '\t', '\r', '/']).next().unwrap();
            if let Some(shown) = tag.split_once("displayName=\"").filter(|_| name == "code") {
                plain.names.push(decoded(shown.1.split('"').next().unwrap()));
            }
            if tag.starts_with('/') {
                open.pop();
            } else if !tag.starts_with('?') && !tag.ends_with('/') {
                open.push(name);
            }
        }
        if is_text && !piece.trim().is_empty() {
            plain.pieces.push(piece);
        }
    }
    plain
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, after) = part.split_once(';').unwrap();
        let c = match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let digits = number.trim_start_matches('#');
                let code = digits.strip_prefix('x').map_or_else(
                    || digits.parse().unwrap(),
                    |hex| u32::from_str_radix(hex, 16).unwrap(),
                );
                char::from_u32(code).unwrap()
            }
        };
        out.push(c);
        out.push_str(after);
    }
    out
}

/// The text of Markdown, line by line: marks of headings, lists and tables off, escapes undone.
fn lines_of(article: &str) -> Vec<String> {
    let (front, body) = article.split_once("\n---\n").unwrap();
    // The front page repeats the titles of the sections that it speaks of.
    let repeats = front.contains("title: \"Highlights of the label");
    let is_ruler = |line: &str| line.starts_with('|') && line.chars().all(|c| "|-".contains(c));
    let lines = body.lines().map(str::trim).filter(|line| !is_ruler(line));
    lines.filter(|line| !repeats || after_hashes(line).is_none()).map(line_text).collect()
}

fn after_hashes(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    (title.len() < line.len()).then(|| title.strip_prefix(' ')).flatten()
}

fn line_text(line: &str) -> String {
    let mut text = after_hashes(line).unwrap_or(line);
    while after_hashes(line).is_none() {
        let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = (digits.len() < text.len()).then(|| digits.strip_prefix(". ")).flatten();
        match text.strip_prefix("- ").or(numbered) {
            Some(rest) => text = rest,
            None => break,
        }
    }
    let line = text;
    let is_row = line.starts_with('|');
    let mut out = String::new();
    let mut letters = line.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\\' if letters.peek().is_some_and(char::is_ascii_punctuation) => {
                out.extend(letters.next());
            }
            '|' if is_row => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Text without white space, raised digits and the like made plain.
fn squeezed(text: &str) -> String {
    let plain = text.nfkc().map(|c| if "−–".contains(c) { '-' } else { c });
    plain.filter(|c| !c.is_whitespace()).collect()
}

fn count(texts: &[String]) -> BTreeMap<char, i64> {
    let mut counts = BTreeMap::new();
    for c in texts.iter().flat_map(|text| squeezed(text).chars().collect::<Vec<_>>()) {
        if c.is_alphanumeric() {
            *counts.entry(c).or_default() += 1;
        }
    }
    counts
}

/// Compares a label with what it was imported as; returns what is wrong.
fn compare(xml: &str, articles: &[String]) -> Vec<String> {
    let mut plain = walk(xml);
    let lines: Vec<String> = articles.iter().flat_map(|article| lines_of(article)).collect();
    let all = squeezed(&lines.concat());
    let mut wrong = Vec::new();
    for piece in plain.pieces.iter().filter(|piece| piece.chars().any(char::is_alphanumeric)) {
        if !all.contains(&squeezed(piece)) {
            wrong.push(format!("lost: {piece:?}"));
        }
    }
    // A name that stands in for a missing title is the only text that may be there besides.
    plain.names.sort();
    plain.names.dedup();
    let mut expected = plain.pieces.clone();
    let [shown, written] = [&lines, &plain.pieces]
        .map(|texts| texts.iter().map(|text| squeezed(text)).collect::<Vec<_>>());
    for name in &plain.names {
        let squeezed_name = squeezed(name);
        let same = |text: &&String| **text == squeezed_name;
        let times = |texts: &[String]| texts.iter().filter(same).count();
        let surplus = times(&shown).saturating_sub(times(&written));
        expected.extend(std::iter::repeat_n(name.clone(), surplus));
    }
    let (expected, found) = (count(&expected), count(&lines));
    if expected != found {
        let differ =
            expected.keys().chain(found.keys()).filter(|c| expected.get(c) != found.get(c));
        let differ: Vec<String> =
            differ.map(|c| format!("{c} {:?} → {:?}", expected.get(c), found.get(c))).collect();
        wrong.push(format!("letters lost or invented: {}", differ.join(", ")));
    }
    wrong
}

fn imported(xml: &[u8]) -> Vec<File> {
    let label = label::read_spl(xml).unwrap();
    let today = "2026-11-28".parse().unwrap();
    let drafts = label::drafts(&label, &Knowledge::default(), today);
    drafts.articles.into_iter().chain(drafts.drug_file).collect()
}

fn texts(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.text.starts_with("---\n"))
        .map(|file| file.text.clone())
        .collect()
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/spl")
}

#[test]
fn labels_of_our_own_keep_every_word() {
    let mut looked_at = 0;
    for entry in std::fs::read_dir(cases()).unwrap() {
        let path = entry.unwrap().path();
        let xml = std::fs::read_to_string(&path).unwrap();
        let wrong = compare(&xml, &texts(&imported(xml.as_bytes())));
        assert!(wrong.is_empty(), "{}: {}", path.display(), wrong.join("\n"));
        looked_at += 1;
    }
    assert!(looked_at >= 2);
}

#[test]
fn a_lost_or_an_invented_word_is_noticed() {
    let xml = std::fs::read_to_string(cases().join("prescription.xml")).unwrap();
    let files = texts(&imported(xml.as_bytes()));
    let with = |from: &str, to: &str| {
        let changed: Vec<String> = files.iter().map(|text| text.replacen(from, to, 1)).collect();
        assert_ne!(files, changed, "{from} is there");
        compare(&xml, &changed)
    };
    assert!(!with("With food.", "").is_empty(), "a lost foot of a table");
    assert!(!with("No data.", "No data. Safe.").is_empty(), "an invented word");
    assert!(!with("10⁹/L", "10/L").is_empty(), "a lost exponent");
    assert!(!with("\\# not a heading", "# not\n\na heading").is_empty(), "a torn sentence");
}

#[test]
fn real_labels_keep_every_word() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/spl/xml");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is absent", folder.display());
        return;
    };
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        let mut xml = String::new();
        let file = std::fs::File::open(&path).unwrap();
        flate2::read::MultiGzDecoder::new(file).read_to_string(&mut xml).unwrap();
        let found = compare(&xml, &texts(&imported(xml.as_bytes())));
        wrong.extend(found.iter().map(|what| format!("{}: {what}", path.display())));
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count} labels:\n{}", wrong.len(), wrong.join("\n"));
    println!("{count} real labels compared");
}

#[test]
fn what_is_no_label_is_told_and_costs_nothing() {
    let xml = std::fs::read_to_string(cases().join("prescription.xml")).unwrap();
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><document>&c;</document>";
    let attributes = format!("<document{}>", " a=\"1\"".repeat(100_000));
    let deep = "<document>".repeat(50_000);
    let cases: &[(&str, &str)] = &[
        ("", "not a drug label: it is not XML"),
        ("plain words", "not a drug label: it is not XML"),
        (bomb, "line 1: has a document type definition"),
        (&attributes, "line 1: a tag of more than 64 kB"),
        (&deep, "line 1: elements nested more than 200 deep"),
        (&xml[..xml.len() / 2], "not well-formed XML, perhaps incomplete"),
        ("<html><body>Hello</body></html>", "its root is <html>, not <document>"),
        ("<document/>", "it has no <setId>"),
        ("<document><setId root=\"x\"/></document>", "it has no section with text"),
    ];
    for (xml, expected) in cases {
        let error = label::read_spl(xml.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn a_label_becomes_drafts_with_its_names_and_version() {
    let files = imported(&std::fs::read(cases().join("prescription.xml")).unwrap());
    let (knowledge, _) = Knowledge::parse(&files);
    let [drug] = knowledge.drugs.as_slice() else { panic!("one drug: {:?}", knowledge.drugs) };
    assert_eq!(
        (drug.name.as_str(), drug.brands.as_slice()),
        ("testomab", &["Testora Pen".to_owned()][..])
    );
    assert_eq!(drug.boxed_warning, ["WARNING: LIVER INJURY"]);
    let topics: Vec<String> = knowledge
        .articles
        .iter()
        .filter_map(|article| Some(article.topic.as_ref()?.to_string()))
        .collect();
    assert_eq!(topics, ["administration", "precautions", "pregnancy", "special-groups"]);
    for article in &knowledge.articles {
        let label = article.label.as_ref().unwrap();
        assert_eq!(
            (label.set_id.as_str(), label.version),
            ("aaaaaaaa-0000-0000-0000-000000000001", Some(3))
        );
        assert!(!article.is_quotable(), "a draft: {}", article.id);
    }
    let older = label::written_from(&knowledge, "AAAAAAAA-0000-0000-0000-000000000001", 4).count();
    assert_eq!(older, knowledge.articles.len());
}

#[test]
fn the_command_imports_what_it_can_and_never_overwrites_an_edit() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.xml");
    std::fs::write(&bad, "<html/>").unwrap();
    let run = |files: &[&Path], more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_eider"));
        command.args(["import", "spl", "--json", "--out"]).arg(folder.path().join("out"));
        command.args(files).args(more);
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), report)
    };
    let label = cases().join("prescription.xml");
    let (code, report) = run(&[&bad, &label], &[]);
    assert_eq!(code, Some(1), "one of the files is no label");
    assert!(report[0]["error"].as_str().unwrap().contains("<html>"));
    let created = report[1]["created"].as_array().unwrap();
    let edited = folder.path().join("out").join(created[0].as_str().unwrap());
    let text = std::fs::read_to_string(&edited).unwrap() + "\nAn edit.\n";
    std::fs::write(&edited, &text).unwrap();
    let (code, report) = run(&[&label], &[]);
    assert_eq!((code, &report[0]["kept"][0]), (Some(0), &created[0]));
    assert_eq!(std::fs::read_to_string(&edited).unwrap(), text);
    let newer = folder.path().join("newer.xml");
    let xml = std::fs::read_to_string(&label).unwrap();
    std::fs::write(
        &newer,
        xml.replace("value=\"3\"", "value=\"4\"").replace("No data.", "Some data."),
    )
    .unwrap();
    let (_, report) = run(&[&newer], &["--dry-run"]);
    assert_eq!(report[0]["compared_with"], 3);
    assert!(report[0]["changes"].to_string().contains("Some"), "{}", report[0]["changes"]);
    assert_eq!(report[0]["written_from"].as_array().unwrap().len(), created.len() - 1);
}
