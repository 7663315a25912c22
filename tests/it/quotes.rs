//! Whatever is asked, every quote is exactly the bytes of its article: over the product's own
//! knowledge base, with questions made of its words and of noise.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use eider::app::App;
use eider::config::Config;
use eider::consult::Situation;
use eider::library;
use eider::text::Lang;
use eider::time::Clock;
use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{Library, article, noon, product, seed};

const CASES: u32 = 400;

#[tokio::test]
async fn every_quote_is_the_bytes_of_its_article() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/knowledge"));
    let (files, _) = library::read(&folder).unwrap();
    let words = vocabulary(&files.iter().map(|file| file.text.as_str()).collect::<Vec<_>>());
    let scratch = tempfile::tempdir().unwrap();
    let engine = product(scratch.path());
    let drugs: Vec<String> =
        engine.knowledge.drugs.iter().map(|drug| drug.id.to_string()).collect();
    let names = engine.knowledge.drugs.iter().flat_map(eider::knowledge::Drug::all_names);
    let names: Vec<String> = names.map(str::to_owned).collect();
    let config = Config {
        data: scratch.path().join("data"),
        index: scratch.path().join("none"),
        ..Config::default()
    };
    let app = App::open(config, Clock::Fixed(noon())).await.unwrap();
    app.desk.serve(engine);

    let word = prop_oneof![
        6 => prop::sample::select(words),
        2 => prop::sample::select(names.clone()),
        1 => r"\PC{1,12}",
        1 => "[\u{4e00}-\u{9fff}]{1,6}",
    ];
    // Questions that make sense, as far as words thrown together can, and such that do not.
    let matters = vec![
        "side effects",
        "how is it given",
        "dose",
        "storage",
        "pregnancy",
        "what is it for",
        "interactions",
        "warnings",
        "副作用",
        "适应症",
        "用法用量",
        "怎么保存",
    ];
    let matter = prop::option::weighted(0.6, prop::sample::select(matters));
    let name = prop::option::weighted(0.6, prop::sample::select(names.clone()));
    let question =
        (name, matter, prop::collection::vec(word, 0..6)).prop_map(|(name, matter, words)| {
            let parts = name.into_iter().chain(matter.map(str::to_owned)).chain(words);
            parts.collect::<Vec<_>>().join(" ")
        });
    let page = prop::option::weighted(0.5, prop::sample::select(drugs));
    let lang = prop::option::of(prop::sample::select(vec!["en", "zh"]));
    let mut seed_bytes = [0; 32];
    seed_bytes[..8].copy_from_slice(&seed(7).to_le_bytes());
    let cases = Cases { cases: CASES, failure_persistence: None, ..Cases::default() };
    let mut runner =
        TestRunner::new_with_rng(cases, TestRng::from_seed(RngAlgorithm::ChaCha, &seed_bytes));
    let found = Mutex::new((0, BTreeSet::new()));
    runner
        .run(&(question, page, lang), |(question, page, lang)| {
            let asked = eider::consult::Situation {
                page: page.map(|page| page.as_str().into()),
                lang: lang.and_then(eider::text::Lang::from_tag),
                ..Default::default()
            };
            let answer: Value = serde_json::from_str(&app.desk.ask(&question, &asked)).unwrap();
            for quote in answer["quotes"].as_array().unwrap() {
                verify(&folder, quote)?;
                let mut found = found.lock().unwrap();
                found.0 += 1;
                found.1.insert(quote["article"].as_str().unwrap().to_owned());
            }
            Ok(())
        })
        .unwrap_or_else(|fault| panic!("{fault}"));
    let (quotes, articles) = found.into_inner().unwrap();
    println!("{CASES} questions, {quotes} quotes of {} articles", articles.len());
    assert!(quotes > 100 && articles.len() > 20, "the questions do lead to quotes");
}

/// What people ask about doses and side effects, in topics and in single matters.
const WARNED: &[(&str, &[&str])] = &[
    ("en", &["What is the dose?", "side effects", "can it make me feel sick", "missed dose"]),
    ("zh", &["用法用量", "有什么副作用", "会恶心吗"]),
];

#[test]
fn a_boxed_warning_comes_with_every_dose_and_side_effect() {
    let scratch = tempfile::tempdir().unwrap();
    let engine = product(scratch.path());
    let today = noon().date();
    let mut looked_at = 0;
    for drug in engine.knowledge.drugs.iter().filter(|drug| !drug.boxed_warning.is_empty()) {
        for (lang, questions) in WARNED {
            for question in *questions {
                let situation = Situation {
                    page: Some(drug.id.clone()),
                    lang: Lang::from_tag(lang),
                    ..Situation::default()
                };
                let answer = engine.ask(question, &situation, today).unwrap();
                let headings = answer.quotes.iter().map(|quote| {
                    let article = engine.knowledge.article(&quote.article).unwrap();
                    article.headings(&article.passages[quote.passage]).join(" ").to_lowercase()
                });
                let headings: Vec<String> = headings.collect();
                if headings.is_empty() {
                    continue;
                }
                looked_at += 1;
                let warned = ["boxed warning", "黑框警告", "加框警告"];
                let is_there =
                    headings.iter().any(|heading| warned.iter().any(|word| heading.contains(word)));
                assert!(is_there, "{}: {question}: {headings:?}", drug.id);
            }
        }
    }
    assert!(looked_at > 10, "the questions do lead to quotes: {looked_at}");
}

#[test]
fn a_quote_of_another_market_says_so() {
    let scratch = tempfile::tempdir().unwrap();
    let engine = product(scratch.path());
    let cases = [
        ("How is Besponsa given?", None, false),
        ("How is Besponsa given?", Some("US"), false),
        ("How is Besponsa given?", Some("JP"), true),
        ("How is Besponsa given in China?", Some("US"), true),
        ("How is Besponsa given in the EU?", Some("JP"), false),
        ("奥加伊妥珠单抗的用法用量", Some("US"), false),
        ("奥加伊妥珠单抗在中国的用法用量", None, true),
    ];
    for (question, region, is_other) in cases {
        let situation = Situation { region: region.map(ToOwned::to_owned), ..Situation::default() };
        let answer = engine.ask(question, &situation, noon().date()).unwrap();
        assert!(!answer.quotes.is_empty(), "{question}");
        let marked = answer.quotes.iter().any(|quote| quote.other_market);
        let is_said = answer.disclaimers.iter().any(|id| id == "other-market");
        assert_eq!((marked, is_said), (is_other, is_other), "{question} from {region:?}");
    }
}

#[test]
fn an_overdue_quote_says_so_and_comes_with_the_offer_of_a_person() {
    let scratch = tempfile::tempdir().unwrap();
    let engine = product(scratch.path());
    let question = "What is the dose of Besponsa?";
    for (day, is_overdue) in [("2026-11-28", false), ("2036-11-28", true)] {
        let today = day.parse().unwrap();
        let answer = engine.ask(question, &Situation::default(), today).unwrap();
        assert!(!answer.quotes.is_empty());
        assert!(answer.quotes.iter().all(|quote| quote.stale == is_overdue), "{day}");
        assert_eq!(answer.disclaimers.iter().any(|id| id == "stale"), is_overdue, "{day}");
        assert!(!is_overdue || answer.handoff.reason == Some("sensitive"), "{day}");
    }
}

#[test]
fn what_two_articles_say_alike_is_quoted_once_with_both_sources() {
    let library = Library::sample();
    library.write(
        "drugs/testamab/leaflet.md",
        article(
            "Leaflet of testamab",
            "drug: testamab",
            "A leaflet.\n\n## Travel\n\nCarry testamab in a cool bag on every journey.",
        ),
    );
    library.write(
        "drugs/testamab/storage.md",
        article(
            "Storage of testamab",
            "drug: testamab\ntopic: storage",
            "Keep testamab in a refrigerator at 2–8 °C.\n\n## Travel\n\nCarry testamab in a cool \
             bag on every journey.",
        ),
    );
    library.publish().unwrap();
    let engine = library.shelf().open().unwrap();
    let question = "carry testamab in a cool bag on a journey";
    let answer = engine.ask(question, &Situation::default(), noon().date()).unwrap();
    let body =
        eider::protocol::answer("a".to_owned(), &answer, question, &engine.knowledge, 1).unwrap();
    let travel: Vec<_> =
        body.quotes.iter().filter(|quote| quote.text.starts_with("Carry")).collect();
    let [quote] = travel.as_slice() else { panic!("{travel:#?}") };
    let mut articles = vec![quote.article.as_str()];
    articles.extend(quote.also.iter().map(|also| also.article.as_str()));
    articles.sort_unstable();
    assert_eq!(articles, ["drugs/testamab/leaflet", "drugs/testamab/storage"]);
    assert_eq!(quote.also[0].source, "Test leaflet");
}

fn verify(folder: &Path, quote: &Value) -> Result<(), TestCaseError> {
    let file = fs::read(folder.join(format!("{}.md", quote["article"].as_str().unwrap()))).unwrap();
    let at = |end: usize| usize::try_from(quote["span"][end].as_u64().unwrap()).unwrap();
    let text = quote["text"].as_str().unwrap();
    prop_assert!(!text.trim().is_empty());
    prop_assert_eq!(file.get(at(0)..at(1)), Some(text.as_bytes()));
    prop_assert!(is_whole(&file, at(0), at(1)), "{}: cut off: {text}", quote["article"]);
    let hash = eider::id::hex(&Sha256::digest(&file));
    prop_assert_eq!(quote["version"].as_str(), Some(&*format!("sha256:{hash}")));
    Ok(())
}

/// Returns whether the bytes are everything that stands under one heading: no sentence, list or
/// table can be cut off then.
fn is_whole(file: &[u8], start: usize, end: usize) -> bool {
    let text = |range: &[u8]| String::from_utf8(range.to_vec()).unwrap();
    let (before, inside, after) =
        (text(&file[..start]), text(&file[start..end]), text(&file[end..]));
    let is_heading = |line: &str| line.starts_with('#');
    let above = before.lines().rfind(|line| !line.trim().is_empty());
    let below = after.lines().find(|line| !line.trim().is_empty());
    before.ends_with('\n')
        && above.is_some_and(|line| is_heading(line) || line == "---")
        && below.is_none_or(is_heading)
        && !inside.lines().any(is_heading)
}

/// Returns every distinct word of `texts`, and pieces of Chinese.
fn vocabulary(texts: &[&str]) -> Vec<String> {
    let mut words = BTreeSet::new();
    for text in texts {
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let letters: Vec<char> = word.chars().collect();
            if letters[0].is_ascii() {
                words.insert(word.to_owned());
            } else {
                words.extend(letters.chunks(3).map(|piece| piece.iter().collect::<String>()));
            }
        }
    }
    words.into_iter().collect()
}
