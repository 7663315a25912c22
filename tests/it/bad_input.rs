//! Whatever is typed or pasted: an answer, in bounded time, without a panic. `EIDER_FUZZ_SECONDS`
//! lets the random part run longer than the moment it takes in the suite.

use std::time::{Duration, Instant};

use eider::consult::{Conflicts, Situation};
use eider::engine::Engine;
use eider::knowledge::{File, Knowledge};

use crate::support::{Random, noon, product, seed};

/// Longest processor time for one message in an unoptimised build; the aim of 50 ms holds for a
/// release.
const LONGEST: Duration = Duration::from_secs(2);
/// Time that the random messages take in the suite.
const FUZZED: Duration = Duration::from_secs(3);

/// Returns what this thread has taken of a processor, whoever else is at work on the machine.
fn processor_time() -> Duration {
    let accounts = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanos = accounts.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_else(|| panic!("{accounts:?}")))
}

/// Asks one message; returns the kind of its answer and how many quotes it has.
fn ask(engine: &Engine, message: &str) -> (&'static str, usize) {
    let started = processor_time();
    let answer = engine.ask(message, &Situation::default(), noon().date()).unwrap();
    let took = processor_time().saturating_sub(started);
    assert!(took < LONGEST, "{took:?} for {message:?}");
    let body = eider::protocol::answer("a".to_owned(), &answer, message, &engine.knowledge, 1);
    let body = body.unwrap_or_else(|error| panic!("{error} for {message:?}"));
    assert!(body.quotes.len() + body.disclaimers.len() > 0, "{message:?}");
    (answer.kind.name(), answer.quotes.len())
}

#[test]
fn bad_input_gets_a_sensible_answer() {
    let scratch = tempfile::tempdir().unwrap();
    let engine = product(scratch.path());
    let names: Vec<&str> =
        engine.knowledge.drugs.iter().flat_map(eider::knowledge::Drug::all_names).collect();
    let leaflet = include_str!("../../knowledge/drugs/opicapone/side-effects.md");
    // The message, and the kinds of answer that make sense.
    let cases: Vec<(String, &[&str])> = vec![
        (String::new(), &["clarify"]),
        (" \u{200b}\u{202e}\u{feff} ".to_owned(), &["clarify"]),
        ("🙂🙂🙂 💊💊".to_owned(), &["clarify"]),
        ("\0\u{1}\u{7}\u{1b}[31m".to_owned(), &["clarify", "not_found"]),
        ("the of and to is it a".to_owned(), &["not_found", "clarify"]),
        ("的了吗呢".to_owned(), &["not_found", "clarify"]),
        ("?".repeat(4_000), &["clarify"]),
        ("a".repeat(4_000), &["not_found"]),
        ("副".repeat(4_000), &["not_found", "clarify"]),
        ("besponsa ".repeat(444), &["answer"]),
        ("side effects ".repeat(300), &["clarify"]),
        (names.iter().cycle().take(300).copied().collect::<Vec<_>>().join(" "), &["answer"]),
        (
            "\u{202e}asnopseb fo stceffe edis\u{202c} ما هي الآثار الجانبية".to_owned(),
            &["not_found", "clarify"],
        ),
        ("<script>alert(1)</script> <b>besponsa</b> side effects".to_owned(), &["answer"]),
        ("Besponsa\0side\u{8}effects\r\n\t".to_owned(), &["answer"]),
        ("Ｂｅｓｐｏｎｓａ　ｓｉｄｅ　ｅｆｆｅｃｔｓ".to_owned(), &["answer"]),
        ("besponsa 副作用 side effects 有哪些".to_owned(), &["answer"]),
        (leaflet.chars().take(4_000).collect(), &["answer", "not_found", "urgent"]),
        ("1.8 mg/m² ".repeat(400), &["not_found", "clarify"]),
        ("dose 99999999999999999999999999999999999999 mg of Tabrecta".to_owned(), &["answer"]),
        (
            "\"; DROP TABLE events; -- title:besponsa AND (body:*)".to_owned(),
            &["answer", "not_found"],
        ),
    ];
    for (message, kinds) in cases {
        let (kind, _) = ask(&engine, &message);
        let shown: String = message.chars().take(60).collect();
        assert!(kinds.contains(&kind), "{kind} for {shown:?}");
    }
}

#[test]
fn random_messages_are_answered() {
    let scratch = tempfile::tempdir().unwrap();
    let engine = product(scratch.path());
    let mut random = Random::new(seed(11));
    let pieces = pieces(&engine.knowledge);
    let mut count = 0;
    let (started, limit) = (Instant::now(), fuzzed());
    while started.elapsed() < limit {
        let message = message(&pieces, 60, &mut random);
        let page = (random.below(2) == 0).then(|| engine.knowledge.drugs[0].id.clone());
        let situation = Situation { page, ..Situation::default() };
        let asked = engine.understand(&message, &situation);
        assert!(asked.drugs.len() <= engine.knowledge.drugs.len(), "{message:?}");
        ask(&engine, &message);
        count += 1;
    }
    println!("{count} messages");
    assert!(count > 20);
}

#[test]
fn random_passages_are_compared() {
    let (files, _) =
        eider::library::read(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge"))
            .unwrap();
    let (product, _) = Knowledge::parse(&files);
    let mut random = Random::new(seed(12));
    let pieces = pieces(&product);
    let read = pieces.len().min(READ);
    let piece = |random: &mut Random| {
        let from = if random.below(2) == 0 { read } else { pieces.len() };
        &pieces[random.position(from)]
    };
    let (mut count, mut found) = (0, 0);
    let (started, limit) = (Instant::now(), fuzzed());
    while started.elapsed() < limit {
        let article = |name: &str, body: &str| File {
            path: format!("drugs/testomab/{name}.md"),
            text: format!(
                "---\ntitle: On testomab\ndrug: testomab\nlang: en\nsource: {name}\npublished: \
                 2026-01-01\nreviewed: 2026-01-01\naudience: public\nstatus: published\nrank: \
                 article\n---\nText.\n\n## Liver tests\n\n{body}\n"
            ),
        };
        let drug = "name = \"testomab\"\nclass = \"antibody\"\ncategory = \"antitumor\"\n";
        // The second passage is the first one with other pieces here and there.
        let first: Vec<&String> = (0..random.position(40)).map(|_| piece(&mut random)).collect();
        let second = first.iter().map(|&old| {
            let is_changed = random.below(4) == 0;
            if is_changed { piece(&mut random) } else { old }
        });
        let second: Vec<&String> = second.collect();
        let bodies = [first, second].map(|parts| {
            let parts: Vec<&str> = parts.into_iter().map(String::as_str).collect();
            format!("{} {}", parts.join(" "), message(&pieces, 4, &mut random))
        });
        let files = [
            File { path: "drugs/testomab/drug.toml".to_owned(), text: drug.to_owned() },
            article("one", &bodies[0]),
            article("two", &bodies[1]),
        ];
        let (knowledge, _) = Knowledge::parse(&files);
        let conflicts = Conflicts::find(&knowledge);
        for conflict in conflicts.iter() {
            for said in &conflict.statements {
                let article = &knowledge.articles[said.article];
                let text = article.passage_text(&article.passages[said.passage]);
                let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let value = said.value.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(spaced.contains(&value), "{value:?} is not in {spaced:?}");
            }
            found += 1;
        }
        conflicts.problems(&knowledge);
        count += 1;
    }
    println!("{count} pairs of passages, {found} conflicts");
    assert!(count > 20 && found > 0);
}

fn fuzzed() -> Duration {
    let seconds = std::env::var("EIDER_FUZZ_SECONDS").ok().and_then(|value| value.parse().ok());
    seconds.map_or(FUZZED, Duration::from_secs)
}

/// How many of the pieces are such that the readers look for.
const READ: usize = 50;

/// Words, units and signs that the readers look for, then such as nobody expects.
fn pieces(knowledge: &Knowledge) -> Vec<String> {
    let mut pieces: Vec<String> = [
        "1.8",
        "0",
        "99999999999999999999",
        "1,000,000",
        ".",
        ",",
        ";",
        ":",
        "–",
        "-",
        "|",
        "||",
        "|---|",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "## ",
        "```",
        "mg",
        "mg/m²",
        "mg/kg",
        "%",
        "°C",
        "g",
        "weeks",
        "months",
        "to",
        "before each dose",
        "before and after each dose",
        "weekly",
        "during treatment",
        "after a transplant",
        "until",
        "× ULN",
        "normal",
        "not",
        "must",
        "recommended",
        "interrupted",
        "low platelets",
        "liver tests",
        "blood counts",
        "ALT",
        "premedication",
        "contraception",
        "several months",
        "women",
        "men",
        "no contraindication",
        "2 contraindications",
        "number of cycles",
        "6 cycles",
        "if",
        "In the US",
        "In the EU",
        "cycle 1",
        "Day 8",
        "side effects",
        "dose",
        "副作用",
        "剂量",
        "个月",
        "每天",
        "的",
        "é",
        "ß",
        "İ",
        "ﬁ",
        "²",
        "①",
        "\u{301}",
        "\u{200d}",
        "\u{202e}",
        "\0",
        "\u{1f48a}",
        "𠀀",
        "\u{fffd}",
        "<b>",
        "&amp;",
        "\\",
        "\"",
        "'",
        "ё",
        "א",
        "ا",
    ]
    .map(str::to_owned)
    .into();
    pieces.extend(knowledge.drugs.iter().flat_map(|drug| drug.all_names().map(str::to_owned)));
    let article = &knowledge.articles[knowledge.articles.len() / 2];
    pieces.extend(article.text.split_whitespace().map(str::to_owned));
    pieces
}

/// Throws up to `most` pieces together, some of them without a space, some cut inside.
fn message(pieces: &[String], most: usize, random: &mut Random) -> String {
    let mut message = String::new();
    for _ in 0..random.position(most) {
        let piece = &pieces[random.position(pieces.len())];
        match random.below(8) {
            0 => message.push_str(piece),
            1 => message.extend(piece.chars().rev()),
            2 => message.extend(piece.chars().take(2)),
            3 => message.extend(char::from_u32(u32::try_from(random.below(0x3000)).unwrap())),
            _ => {
                message.push(' ');
                message.push_str(piece);
            }
        }
    }
    message
}
