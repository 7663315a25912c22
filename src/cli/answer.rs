//! An answer on the terminal, from the protocol's object: `ask` and `chat` show the same.

use serde_json::Value;

use super::print;

/// Prints an answer: the emergency card if there is one, then what is said.
pub(super) fn show(answer: &Value) {
    show_card(&answer["triage"]["card"]);
    show_words(answer);
}

/// Prints an emergency card; nothing when there is none.
pub(super) fn show_card(card: &Value) {
    if card.is_null() {
        return;
    }
    print::line(format!("!! {}", text(&card["text"])));
    for step in texts(&card["steps"]) {
        print::line(format!("!! {step}"));
    }
    for number in items(&card["numbers"]) {
        print::line(format!("!! {}: {}", text(&number["label"]), text(&number["tel"])));
    }
    print::line("");
}

/// Prints an answer without its card.
pub(super) fn show_words(answer: &Value) {
    let about = joined(&answer["about"], ", ");
    if answer["assumed"] == true && !about.is_empty() {
        print::line(format!("About {about}:\n"));
    }
    show_paragraph(&answer["text"]);
    show_quotes(&answer["quotes"]);
    for conflict in items(&answer["conflicts"]) {
        let value = |said: &Value| {
            let quote = said["quote"].as_u64().unwrap_or_default() + 1;
            format!("{} (quote {quote})", text(&said["value"]))
        };
        let values: Vec<String> = items(&conflict["values"]).map(value).collect();
        print::line(format!(
            "! The sources disagree on {}: {}\n",
            text(&conflict["about"]),
            values.join(", ")
        ));
    }
    if answer["ask"].is_object() {
        print::line(text(&answer["ask"]["text"]));
        for option in items(&answer["ask"]["options"]) {
            print::line(format!("  · {}", text(&option["label"])));
        }
        print::line("");
    }
    show_paragraph(&answer["handoff"]["text"]);
    for disclaimer in items(&answer["disclaimers"]) {
        print::line(format!("* {}", text(&disclaimer["text"])));
    }
    let related: Vec<&str> =
        items(&answer["related"]).map(|related| text(&related["title"])).collect();
    if !related.is_empty() {
        print::line(format!("\nRead next: {}", related.join(" · ")));
    }
    let suggestions = joined(&answer["suggestions"], " · ");
    if !suggestions.is_empty() {
        print::line(format!("Ask next: {suggestions}"));
    }
}

/// Prints quotes, each with what makes it checkable.
pub(super) fn show_quotes(quotes: &Value) {
    for quote in items(quotes) {
        let place: Vec<&str> =
            [text(&quote["title"])].into_iter().chain(texts(&quote["heading"])).collect();
        print::line(format!("▌ {}", place.join(" › ")));
        for line in text(&quote["text"]).lines() {
            print::line(format!("▌ {line}"));
        }
        let markets = joined(&quote["markets"], ", ");
        let markets = if markets.is_empty() { markets } else { format!(" · {markets}") };
        let other = if quote["other_market"] == true { " · ANOTHER MARKET" } else { "" };
        let stale = if quote["stale"] == true { " · OVERDUE FOR REVIEW" } else { "" };
        print::line(format!(
            "  — {}, published {}, reviewed {}{markets}{other}{stale}",
            text(&quote["source"]),
            text(&quote["published"]),
            text(&quote["reviewed"])
        ));
        for also in items(&quote["also"]) {
            print::line(format!(
                "  — the same in: {}, {}",
                text(&also["title"]),
                text(&also["source"])
            ));
        }
        print::line("");
    }
}

fn show_paragraph(value: &Value) {
    if let Some(text) = value.as_str() {
        print::line(format!("{text}\n"));
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    items(value).filter_map(Value::as_str)
}

fn joined(value: &Value, separator: &str) -> String {
    texts(value).collect::<Vec<_>>().join(separator)
}
