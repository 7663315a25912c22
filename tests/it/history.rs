//! The checker: what clients were told, held against the log at the end.
//!
//! Clients note each message they send and what became of it, and each event they are shown. When
//! all is quiet the log is dumped, and [`faults`] says what was promised and not kept:
//! an accepted message is in the log exactly once and under its number, any other at most once;
//! every view is the log, step by step; a question has at most one answer, right behind it; at any
//! time a session has one owner at most, who alone writes to the visitor.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

/// A message that a client sent, however often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sending {
    /// `visitor` or `consultant`.
    pub(crate) role: &'static str,
    pub(crate) session: String,
    pub(crate) cid: String,
    pub(crate) text: String,
    /// The numbers under which it was accepted, one for each `accepted`.
    pub(crate) accepted: Vec<i64>,
    /// Whether it was refused for good.
    pub(crate) refused: bool,
}

/// What one client saw of one session, in the order in which it came.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct View {
    pub(crate) session: String,
    pub(crate) events: Vec<Value>,
}

/// Everything that the clients know.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    pub(crate) sendings: Vec<Sending>,
    pub(crate) views: Vec<View>,
}

/// The logs at the end, by session: events as `{seq, kind, role, cid, body}`.
pub(crate) type Logs = BTreeMap<String, Vec<Value>>;

/// A promise that was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// An accepted message is not in the log.
    Lost,
    /// A message is in the log twice.
    Doubled,
    /// A message was accepted under two numbers, or under one that it does not have.
    Renumbered,
    /// The log holds another text than was sent.
    Changed,
    /// A message that was refused is in the log.
    Smuggled,
    /// The log holds a message that nobody sent.
    Invented,
    /// The log's numbers are not 1, 2, 3 …
    LogGap,
    /// A view's numbers are not 1, 2, 3 …
    ViewGap,
    /// A view shows something else than the log.
    ViewDiffers,
    /// A question has two answers.
    TwoAnswers,
    /// An answer does not stand behind its question.
    StrayAnswer,
    /// A session was claimed while somebody had it.
    TwoOwners,
    /// The bot wrote while a person had the session.
    BotAfterTakeover,
    /// A consultant wrote who did not have the session.
    ForeignReply,
}

/// Returns every promise that was not kept, with the place.
pub(crate) fn faults(history: &History, logs: &Logs) -> Vec<(Fault, String)> {
    let mut faults = Vec::new();
    for (session, log) in logs {
        check_log(session, log, history, &mut faults);
        check_answers(session, log, &mut faults);
        check_owners(session, log, &mut faults);
    }
    for sending in &history.sendings {
        check_sending(sending, logs, &mut faults);
    }
    for view in &history.views {
        check_view(view, logs, &mut faults);
    }
    faults
}

fn check_log(session: &str, log: &[Value], history: &History, faults: &mut Vec<(Fault, String)>) {
    for (event, expected) in log.iter().zip(1_i64..) {
        if event["seq"] != expected {
            faults.push((
                Fault::LogGap,
                format!("{session}: {} instead of {expected}", event["seq"]),
            ));
            break;
        }
    }
    let sent = |event: &Value| {
        history.sendings.iter().any(|sending| {
            sending.session == session
                && event["role"] == *sending.role
                && event["cid"] == *sending.cid
        })
    };
    for event in log.iter().filter(|event| event["kind"] == "message" && event["role"] != "bot") {
        if !sent(event) {
            faults.push((Fault::Invented, format!("{session}: {event}")));
        }
    }
}

fn check_answers(session: &str, log: &[Value], faults: &mut Vec<(Fault, String)>) {
    let mut answers: HashMap<&str, usize> = HashMap::new();
    for (at, event) in log.iter().enumerate().filter(|(_, event)| event["role"] == "bot") {
        let cid = event["cid"].as_str().unwrap_or_default();
        let times = answers.entry(cid).or_default();
        *times += 1;
        if *times == 2 {
            faults.push((Fault::TwoAnswers, format!("{session}: {cid}")));
        }
        // What the system says about a message stands between it and its answer.
        let question = log[..at].iter().rfind(|event| event["role"] != "system");
        let follows = question.is_some_and(|question| {
            question["role"] == "visitor" && cid == format!("bot:{}", question["seq"])
        });
        if !follows {
            faults.push((Fault::StrayAnswer, format!("{session}: {cid}")));
        }
    }
}

fn check_owners(session: &str, log: &[Value], faults: &mut Vec<(Fault, String)>) {
    let mut owner = &Value::Null;
    for event in log {
        let (by, place) = (&event["body"]["by"]["id"], || format!("{session}: {event}"));
        match event["body"]["state"].as_str() {
            Some("claimed") => {
                if !owner.is_null() {
                    faults.push((Fault::TwoOwners, place()));
                }
                owner = by;
            }
            Some("requeued" | "transferred" | "returned" | "closed" | "ended") => {
                owner = &Value::Null;
            }
            _ => {}
        }
        if event["kind"] == "message" && event["role"] == "bot" && !owner.is_null() {
            faults.push((Fault::BotAfterTakeover, place()));
        }
        if event["kind"] == "message" && event["role"] == "consultant" && by != owner {
            faults.push((Fault::ForeignReply, place()));
        }
    }
}

fn check_sending(sending: &Sending, logs: &Logs, faults: &mut Vec<(Fault, String)>) {
    let log = logs.get(&sending.session).map_or(&[][..], Vec::as_slice);
    let found: Vec<&Value> = log
        .iter()
        .filter(|event| event["role"] == *sending.role && event["cid"] == *sending.cid)
        .collect();
    let mut fault = |fault| faults.push((fault, format!("{sending:?}")));
    if found.len() > 1 {
        fault(Fault::Doubled);
    }
    if found.is_empty() && !sending.accepted.is_empty() {
        fault(Fault::Lost);
    }
    if sending.refused && !found.is_empty() {
        fault(Fault::Smuggled);
    }
    if let Some(event) = found.first() {
        if sending.accepted.iter().any(|seq| event["seq"] != *seq) {
            fault(Fault::Renumbered);
        }
        if event["body"]["text"] != *sending.text {
            fault(Fault::Changed);
        }
    }
}

fn check_view(view: &View, logs: &Logs, faults: &mut Vec<(Fault, String)>) {
    let log = logs.get(&view.session).map_or(&[][..], Vec::as_slice);
    for (at, (shown, expected)) in view.events.iter().zip(1_i64..).enumerate() {
        if shown["seq"] != expected {
            let place = format!("{}: {} instead of {expected}", view.session, shown["seq"]);
            return faults.push((Fault::ViewGap, place));
        }
        let same = log.get(at).is_some_and(|event| {
            ["kind", "role", "cid", "body"].iter().all(|key| event[key] == shown[key])
        });
        if !same {
            return faults.push((Fault::ViewDiffers, format!("{}: {shown}", view.session)));
        }
    }
}

mod tests {
    use serde_json::json;

    use super::*;

    fn event(seq: i64, role: &str, cid: &str, text: &str) -> Value {
        json!({ "seq": seq, "kind": "message", "role": role, "cid": cid, "body": { "text": text } })
    }

    /// Three questions with their answers, all accepted and seen; the fourth was never accepted.
    fn good() -> (History, Logs) {
        let mut log = Vec::new();
        let mut sendings = Vec::new();
        for n in 0..4 {
            let (seq, cid, text) = (2 * n + 1, format!("c{n}"), format!("text {n}"));
            log.push(event(seq, "visitor", &cid, &text));
            log.push(event(seq + 1, "bot", &format!("bot:{seq}"), "answer"));
            let accepted = if n < 3 { vec![seq, seq] } else { vec![] };
            let (role, session) = ("visitor", "s".into());
            sendings.push(Sending { role, session, cid, text, accepted, refused: false });
        }
        let unsent = Sending {
            role: "visitor",
            session: "s".into(),
            cid: "never".into(),
            text: "never arrived".into(),
            accepted: vec![],
            refused: true,
        };
        sendings.push(unsent);
        let view = |seen: usize| View { session: "s".into(), events: log[..seen].to_vec() };
        let history = History { sendings, views: vec![view(8), view(5), view(0)] };
        (history, Logs::from([("s".to_owned(), log)]))
    }

    /// Seeds a fault and returns what the checker finds.
    fn found(seed: impl FnOnce(&mut History, &mut Vec<Value>)) -> Vec<Fault> {
        let (mut history, mut logs) = good();
        seed(&mut history, logs.get_mut("s").unwrap());
        let mut kinds: Vec<Fault> =
            faults(&history, &logs).into_iter().map(|(kind, _)| kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    #[test]
    fn a_good_history_has_no_faults() {
        assert_eq!(found(|_, _| {}), []);
    }

    /// What two people and the bot write into a session that both claim.
    fn handed_over(steps: &[(&str, &str)]) -> Vec<Fault> {
        let mut log = Vec::new();
        for (seq, (what, by)) in (1..).zip(steps) {
            let (kind, role) = match *what {
                "says" => ("message", "consultant"),
                "answers" => ("message", "bot"),
                _ => ("state", "consultant"),
            };
            let body = match *what {
                "says" => json!({ "text": "words", "by": { "id": by } }),
                "answers" => json!({}),
                state => json!({ "state": state, "by": { "id": by } }),
            };
            log.push(json!({ "seq": seq, "kind": kind, "role": role, "cid": "c", "body": body }));
        }
        let mut faults = Vec::new();
        check_owners("s", &log, &mut faults);
        faults.into_iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn a_session_has_one_owner_who_alone_writes() {
        let good = [
            ("answers", ""),
            ("claimed", "li"),
            ("says", "li"),
            ("requeued", ""),
            ("claimed", "wu"),
            ("says", "wu"),
            ("returned", "wu"),
            ("answers", ""),
        ];
        assert_eq!(handed_over(&good), []);
        let two = [("claimed", "li"), ("claimed", "wu")];
        assert_eq!(handed_over(&two), [Fault::TwoOwners]);
        assert_eq!(handed_over(&[("claimed", "li"), ("answers", "")]), [Fault::BotAfterTakeover]);
        for foreign in [
            &[("claimed", "li"), ("says", "wu")][..],
            &[("claimed", "li"), ("transferred", "li"), ("says", "li")],
            &[("says", "li")],
        ] {
            assert_eq!(handed_over(foreign), [Fault::ForeignReply]);
        }
    }

    #[test]
    fn every_seeded_fault_is_found() {
        // What is lost with its answer at the end of the log leaves no gap behind.
        assert_eq!(
            found(|history, log| {
                history.sendings[3].accepted = vec![7];
                history.views.clear();
                log.truncate(6);
            }),
            [Fault::Lost]
        );
        assert_eq!(
            found(|history, log| {
                history.views.clear();
                log.push(event(9, "visitor", "c1", "text 1"));
                log.push(event(10, "bot", "bot:9", "answer"));
            }),
            [Fault::Doubled]
        );
        assert_eq!(found(|history, _| history.sendings[0].accepted.push(3)), [Fault::Renumbered]);
        assert_eq!(found(|history, _| history.sendings[3].accepted.push(3)), [Fault::Renumbered]);
        assert_eq!(found(|history, _| history.sendings[0].text.push('!')), [Fault::Changed]);
        assert_eq!(found(|history, _| history.sendings[3].refused = true), [Fault::Smuggled]);
        assert_eq!(found(|history, _| _ = history.sendings.remove(3)), [Fault::Invented]);
        assert_eq!(
            found(|history, log| {
                history.views.clear();
                history.sendings[3].accepted.clear();
                for (event, seq) in log[6..].iter_mut().zip(8..) {
                    event["seq"] = json!(seq);
                }
                log[7]["cid"] = json!("bot:8");
            }),
            [Fault::LogGap]
        );
        assert_eq!(found(|history, _| _ = history.views[0].events.remove(2)), [Fault::ViewGap]);
        assert_eq!(found(|history, _| history.views[0].events.swap(2, 3)), [Fault::ViewGap]);
        assert_eq!(
            found(|history, _| {
                let again = history.views[0].events[7].clone();
                history.views[0].events.push(again);
            }),
            [Fault::ViewGap]
        );
        assert_eq!(
            found(|history, _| history.views[1].events[4]["body"]["text"] = json!("else")),
            [Fault::ViewDiffers]
        );
        assert_eq!(
            found(|history, _| history.views[0].events.push(event(
                9,
                "visitor",
                "c9",
                "seen, not kept"
            ))),
            [Fault::ViewDiffers]
        );
        assert_eq!(
            found(|history, log| {
                history.views.clear();
                log.push(event(9, "bot", "bot:7", "answer"));
            }),
            [Fault::TwoAnswers, Fault::StrayAnswer]
        );
        assert_eq!(
            found(|history, log| {
                history.views.clear();
                log[7]["cid"] = json!("bot:5");
            }),
            [Fault::TwoAnswers, Fault::StrayAnswer]
        );
    }
}
