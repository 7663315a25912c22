//! The slowest messages: as long as a message may be, and of the kinds that cost most to read.

use std::time::{Duration, Instant};

use crate::consult::Situation;
use crate::engine::Engine;
use crate::knowledge::Drug;
use crate::time::Date;

/// Longest message that is taken, in characters.
const LENGTH: usize = 4_000;
/// How often each message is asked.
const TIMES: usize = 30;

/// Asks long and odd messages; returns the median and the 99th percentile of the time of one.
pub(super) fn run(engine: &Engine, today: Date) -> anyhow::Result<(Duration, Duration)> {
    let mut times: Vec<Duration> = Vec::new();
    let messages = messages(engine);
    for message in messages.iter().cycle().take(messages.len() * TIMES) {
        let started = Instant::now();
        let answer = engine.ask(message, &Situation::default(), today)?;
        let body =
            crate::protocol::answer("bench".to_owned(), &answer, message, &engine.knowledge, 1)?;
        std::hint::black_box(serde_json::to_string(&body)?);
        times.push(started.elapsed());
    }
    times.sort_unstable();
    Ok((times[times.len() / 2], times[times.len() * 99 / 100]))
}

fn messages(engine: &Engine) -> Vec<String> {
    let knowledge = &engine.knowledge;
    let articles = || knowledge.articles.iter().map(|article| &*article.text);
    let names = || knowledge.drugs.iter().flat_map(Drug::all_names);
    // Every word unknown, and near to names: each is compared with all of them.
    let misspelt: Vec<String> = names().map(|name| format!("{name}x")).collect();
    let unknown: Vec<String> = (0..LENGTH).map(|number| format!("w{number}ord")).collect();
    let texts = [
        articles().collect::<Vec<_>>().join(" "),
        articles().rev().collect::<Vec<_>>().join(" "),
        names().collect::<Vec<_>>().join(" ").repeat(20),
        misspelt.join(" ").repeat(20),
        unknown.join(" "),
        "besponsa 副作用怎么办 side effects ".repeat(300),
        "1.8 mg/m² 2–8 °C ".repeat(400),
        "fever and chest pain, no fever, not my pain. ".repeat(100),
        "a".repeat(LENGTH),
        "副".repeat(LENGTH),
        "\u{202e}🙂<b>\0 ".repeat(LENGTH),
    ];
    texts.iter().map(|text| text.chars().take(LENGTH).collect()).collect()
}
