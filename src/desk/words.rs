//! An answer in words, from everything that it depends on: used when a visitor asks, and again when
//! a past answer is rebuilt.

use crate::alarm::{Alarm, Heard};
use crate::consult::{self, Answer, Situation};
use crate::engine::Engine;
use crate::protocol::{self, Given};
use crate::search;
use crate::time::Date;

/// Why there is no answer to send.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The index failed.
    #[error(transparent)]
    Search(#[from] search::Error),
    /// A quote is not what its article says.
    #[error(transparent)]
    Unverified(#[from] protocol::Unverified),
    /// The answer cannot be written down.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// A message as it was read and judged.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) heard: Heard,
    pub(super) alarm: Alarm,
    /// The answer and its body, JSON.
    pub(super) written: Result<(Answer, String), Fault>,
}

/// Judges and answers `text`; `given` is written into the answer for replays.
pub(super) fn judge_and_answer(
    engine: &Engine,
    id: &str,
    text: &str,
    situation: &Situation,
    given: Option<Given>,
    today: Date,
) -> Judged {
    let asked = engine.understand(text, situation);
    let heard = engine.hear(text);
    let alarm = engine.judge(&heard, situation, &asked);
    let answered = engine.answer(asked, alarm.clone(), today).map_err(Fault::from);
    let written = answered.and_then(|(mut answer, _)| {
        consult::offer_after_failures(&mut answer, situation.failures, &engine.knowledge);
        let (knowledge, generation) = (&engine.knowledge, engine.generation);
        let mut body = protocol::answer(id.to_owned(), &answer, text, knowledge, generation)?;
        body.given = given;
        let body = serde_json::to_string(&body)?;
        Ok((answer, body))
    });
    Judged { heard, alarm, written }
}

/// Writes the answer to `text` anew, as it was given on `today` after the messages `earlier`;
/// returns its body, JSON. The same engine and the same facts give the same bytes.
pub fn rebuild(
    engine: &Engine,
    id: &str,
    text: &str,
    given: Given,
    earlier: &[&str],
    today: Date,
) -> Result<String, Fault> {
    let situation = Situation {
        lang: given.lang,
        page: given.page.clone(),
        drugs: given.drugs.clone(),
        topics: given.topics.clone(),
        region: given.region.clone(),
        failures: given.failures,
        recent: earlier.iter().map(|text| engine.hear(text).kept()).collect(),
    };
    let judged = judge_and_answer(engine, id, text, &situation, Some(given), today);
    judged.written.map(|(_, body)| body)
}
