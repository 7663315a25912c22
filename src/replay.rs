//! Past answers, written anew: each from the generation that gave it, the facts that the log holds
//! beside it and the day it was given, and compared with the log byte for byte.

use std::collections::HashMap;

use serde::Deserialize;

use crate::desk;
use crate::engine::Engine;
use crate::protocol::Given;
use crate::publish::{self, Shelf};
use crate::session::{Event, EventKind, Role, Session};
use crate::store::{self, Store};

/// Events read at once.
const PAGE: i64 = 500;

/// One answer of a session, and how writing it anew came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The answer's number in the log.
    pub seq: i64,
    /// The generation that gave it; 0 when there was none.
    pub generation: u64,
    /// What came of it.
    pub outcome: Outcome,
}

/// How an answer compares with its replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every byte is the same.
    Same,
    /// Something differs: the body in the log, the one written anew, and the fields that differ.
    Differs {
        /// The body in the log, JSON.
        logged: String,
        /// The body written anew, JSON.
        rebuilt: String,
        /// Names of the fields that differ; none when only their spelling does.
        fields: Vec<String>,
    },
    /// Canned words that depend on no generation, such as those of a hand-off.
    Canned,
    /// It cannot be written anew, and why.
    Impossible(String),
}

/// What of an answer's body a replay needs.
#[derive(Deserialize)]
struct Logged {
    id: String,
    generation: u64,
    given: Option<Given>,
}

#[derive(Deserialize)]
struct Words {
    text: String,
}

/// Writes every answer of a session anew; `None` when there is no such session.
pub async fn replay(
    store: &Store,
    shelf: &Shelf,
    session: &Session,
) -> Result<Vec<Replayed>, store::Error> {
    let mut log: Vec<Event> = Vec::new();
    loop {
        let after = log.last().map_or(0, |event| event.seq);
        let page = store.events_after(&session.id, after, PAGE).await?;
        if page.is_empty() {
            break;
        }
        log.extend(page);
    }
    let mut engines: HashMap<u64, Result<Engine, String>> = HashMap::new();
    let mut replayed = Vec::new();
    for event in &log {
        if event.role != Role::Bot || event.kind != EventKind::Message {
            continue;
        }
        let Ok(logged) = serde_json::from_str::<Logged>(&event.body) else { continue };
        let generation = logged.generation;
        let outcome = match logged.given {
            None => Outcome::Canned,
            Some(given) => {
                let engine = engines.entry(generation).or_insert_with(|| {
                    shelf.open_past(generation).map_err(|error: publish::Error| error.to_string())
                });
                match engine {
                    Ok(engine) => rebuild(engine, &log, event, &logged.id, given),
                    Err(why) => Outcome::Impossible(why.clone()),
                }
            }
        };
        replayed.push(Replayed { seq: event.seq, generation, outcome });
    }
    Ok(replayed)
}

fn rebuild(engine: &Engine, log: &[Event], event: &Event, id: &str, given: Given) -> Outcome {
    let is_visitors =
        |event: &&Event| event.role == Role::Visitor && event.kind == EventKind::Message;
    let text =
        |event: &Event| serde_json::from_str::<Words>(&event.body).ok().map(|words| words.text);
    let question = log
        .iter()
        .filter(is_visitors)
        .find(|asked| asked.cid.as_deref() == Some(id))
        .and_then(text);
    let Some(question) = question else {
        return Outcome::Impossible("the message that it answers is not in the log".to_owned());
    };
    let earlier: Option<Vec<String>> = given
        .after
        .iter()
        .map(|seq| log.iter().find(|event| event.seq == *seq).and_then(text))
        .collect();
    let Some(earlier) = earlier else {
        return Outcome::Impossible("a message it was judged with is not in the log".to_owned());
    };
    let earlier: Vec<&str> = earlier.iter().map(String::as_str).collect();
    match desk::rebuild(engine, id, &question, given, &earlier, event.at.date()) {
        Ok(rebuilt) if rebuilt == event.body => Outcome::Same,
        Ok(rebuilt) => {
            let fields = differing(&event.body, &rebuilt);
            Outcome::Differs { logged: event.body.clone(), rebuilt, fields }
        }
        Err(fault) => Outcome::Impossible(fault.to_string()),
    }
}

/// Returns the names of the fields in which two bodies differ.
fn differing(logged: &str, rebuilt: &str) -> Vec<String> {
    let read = |body| serde_json::from_str::<serde_json::Value>(body).unwrap_or_default();
    let (logged, rebuilt) = (read(logged), read(rebuilt));
    let fields = [&logged, &rebuilt].into_iter().filter_map(serde_json::Value::as_object);
    let mut names: Vec<String> = fields.flatten().map(|(name, _)| name.clone()).collect();
    names.sort();
    names.dedup();
    names.retain(|name| logged.get(name) != rebuilt.get(name));
    names
}
