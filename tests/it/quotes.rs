//! Whatever is asked, every quote is exactly the bytes of its article: over the product's own
//! knowledge base, with questions made of its words and of noise.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use eider::alarm::Watch;
use eider::app::App;
use eider::config::Config;
use eider::engine::Engine;
use eider::knowledge::Knowledge;
use eider::library;
use eider::search::Index;
use eider::time::Clock;
use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{noon, seed};

const CASES: u32 = 400;

#[tokio::test]
async fn every_quote_is_the_bytes_of_its_article() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/knowledge"));
    let scratch = tempfile::tempdir().unwrap();
    let (files, _) = library::read(&folder).unwrap();
    let (knowledge, _) = Knowledge::parse(&files);
    let (watch, _) = Watch::new(&files, &knowledge);
    let words = vocabulary(&files.iter().map(|file| file.text.as_str()).collect::<Vec<_>>());
    let drugs: Vec<String> = knowledge.drugs.iter().map(|drug| drug.id.to_string()).collect();
    let names: Vec<String> =
        knowledge.drugs.iter().flat_map(|drug| drug.all_names().map(str::to_owned)).collect();
    Index::build(scratch.path(), &knowledge, |_| {}).unwrap();
    let config = Config {
        data: scratch.path().join("data"),
        index: scratch.path().join("none"),
        ..Config::default()
    };
    let app = App::open(config, Clock::Fixed(noon())).await.unwrap();
    app.desk.serve(Engine::open(1, knowledge, watch, scratch.path()).unwrap());

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

fn verify(folder: &Path, quote: &Value) -> Result<(), TestCaseError> {
    let file = fs::read(folder.join(format!("{}.md", quote["article"].as_str().unwrap()))).unwrap();
    let at = |end: usize| usize::try_from(quote["span"][end].as_u64().unwrap()).unwrap();
    let text = quote["text"].as_str().unwrap();
    prop_assert!(!text.trim().is_empty());
    prop_assert_eq!(file.get(at(0)..at(1)), Some(text.as_bytes()));
    let hash = eider::id::hex(&Sha256::digest(&file));
    prop_assert_eq!(quote["version"].as_str(), Some(&*format!("sha256:{hash}")));
    Ok(())
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
