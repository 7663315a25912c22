//! Hand-offs in the database: races for one session, stale fences, a chain of audit rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eider::id::SessionId;
use eider::session::{Draft, Hand, InvalidTransition, Mode, Outcome, Reason, Role, Step};
use eider::store::{
    Advance, Advanced, Append, Appended, Entry, NewSession, Query, Said, Say, Store,
};
use futures_util::future::join_all;

use crate::store::{append, new_session, session};
use crate::support::{Database, Random, noon, on_both, seed};

on_both!(
    of_all_who_claim_a_session_at_once_one_has_it,
    nothing_is_written_with_a_stale_fence,
    a_reply_to_what_was_not_seen_is_held,
    a_command_that_is_repeated_is_carried_out_once,
    another_persons_command_of_the_same_id_is_another_command,
    no_row_of_the_audit_log_can_be_changed_dropped_or_swapped_unnoticed,
    past_sessions_are_found_by_the_medicine_of_the_talk_or_else_the_page,
    whoever_has_as_many_sessions_as_they_may_gets_no_more,
);

/// Lets a session wait for a person.
pub(crate) async fn ask_for_a_person(store: &Store, session: &SessionId) {
    let deadline = noon().plus_seconds(60);
    let step = Step::Queue { reason: Reason::Asked, priority: 0, deadline };
    let asked = Append { answer: None, step: Some((step, None)), ..append(session, "ask", "ask") };
    assert!(matches!(store.append(asked).await.unwrap(), Appended::Written(_)));
}

fn hand(by: &str, fence: i64) -> Hand {
    Hand { by: by.into(), fence }
}

fn advance(session: &SessionId, cid: &str, step: Step) -> Advance {
    let told = Draft::state(Role::Consultant, r#"{"state":"x"}"#.to_owned());
    let (session, cid) = (session.clone(), Some(cid.to_owned()));
    Advance { session, step, room: None, cid, told: Some(told), audit: None, now: noon() }
}

/// Returns a claim by somebody who knows `fence`.
pub(crate) fn claim(session: &SessionId, by: &str, fence: i64) -> Advance {
    advance(
        session,
        &format!("claim-{by}-{fence}"),
        Step::Claim { hand: hand(by, fence), teams: Vec::new() },
    )
}

fn say(session: &SessionId, by: &str, fence: i64, base: i64, cid: &str) -> Say {
    let (session, body) = (session.clone(), r#"{"text":"x"}"#.to_owned());
    Say { session, hand: hand(by, fence), base, cid: cid.into(), body, now: noon() }
}

async fn of_all_who_claim_a_session_at_once_one_has_it(database: Database) {
    let store = Arc::new(database.open().await);
    let sessions = join_all((0..500).map(|_| session(&store))).await;
    join_all(sessions.iter().map(|session| ask_for_a_person(&store, session))).await;
    let mut rivals = Vec::new();
    for rival in 0..8 {
        let (store, sessions) = (store.clone(), sessions.clone());
        rivals.push(tokio::spawn(async move {
            let mut won = Vec::new();
            for session in &sessions {
                let (claimed, said) = tokio::join!(
                    store.advance(claim(session, &format!("r{rival}"), 1)),
                    store.append(append(session, &format!("m{rival}"), "still there?")),
                );
                said.unwrap();
                match claimed.unwrap() {
                    Advanced::Done { handoff, .. } => {
                        assert_eq!(handoff.fence, 2);
                        won.push(session.clone());
                    }
                    Advanced::Refused { why, .. } => {
                        assert_eq!(why, InvalidTransition::NotWaiting);
                    }
                    other => panic!("{other:?}"),
                }
            }
            won
        }));
    }
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    for won in join_all(rivals).await {
        for session in won.unwrap() {
            *owners.entry(session.to_string()).or_default() += 1;
        }
    }
    assert_eq!(owners.len(), sessions.len(), "each has an owner");
    assert!(owners.values().all(|count| *count == 1), "and one alone");
    for session in &sessions {
        let log = store.events_after(session, 0, 1000).await.unwrap();
        assert!(log.iter().zip(1..).all(|(event, seq)| event.seq == seq), "no gap");
        let taken = log.iter().position(|event| event.role == Role::Consultant).unwrap();
        assert!(log[taken..].iter().all(|event| event.role != Role::Bot), "the bot is silent");
    }
    store.close().await;
}

/// Consultants who take, pass on and write at random, some with fences that are out of date.
async fn nothing_is_written_with_a_stale_fence(database: Database) {
    let store = Arc::new(database.open().await);
    let session = session(&store).await;
    ask_for_a_person(&store, &session).await;
    let seed = seed(11);
    let mut workers = Vec::new();
    for worker in 0..6_u64 {
        let (store, session) = (store.clone(), session.clone());
        workers.push(tokio::spawn(async move {
            let mut random = Random::new(seed + worker);
            let (me, mut fence, mut written) = (format!("w{worker}"), 1, Vec::new());
            for n in 0..200 {
                let cid = format!("{me}-{n}");
                let deadline = noon().plus_seconds(60);
                let step = match random.below(6) {
                    0 | 1 => Step::Claim { hand: hand(&me, fence), teams: Vec::new() },
                    2 => Step::Lose { hand: hand(&me, fence), deadline },
                    _ => {
                        let body = format!(r#"{{"fence":{fence},"by":"{me}"}}"#);
                        let say = Say { body, ..say(&session, &me, fence, i64::MAX, &cid) };
                        match store.say(say).await.unwrap() {
                            Said::Written(event) => written.push((event.seq, fence)),
                            Said::Refused { fence: now, .. } => fence = now,
                            other => panic!("{other:?}"),
                        }
                        continue;
                    }
                };
                let taken = store.advance(advance(&session, &cid, step)).await.unwrap();
                if let Advanced::Done { handoff, .. } | Advanced::Refused { handoff, .. } = taken
                    && random.below(3) > 0
                {
                    fence = handoff.fence;
                }
            }
            (me, written)
        }));
    }
    let mut by_fence: BTreeMap<i64, String> = BTreeMap::new();
    let mut in_order = Vec::new();
    for worker in join_all(workers).await {
        let (me, written) = worker.unwrap();
        for (seq, fence) in written {
            let owner = by_fence.entry(fence).or_insert_with(|| me.clone());
            assert_eq!(*owner, me, "one owner for each fence");
            in_order.push((seq, fence));
        }
    }
    in_order.sort_unstable();
    assert!(in_order.len() > 20, "enough was written: {}", in_order.len());
    assert!(in_order.is_sorted_by_key(|(_, fence)| *fence), "fences never go back in the log");
    store.close().await;
}

async fn a_reply_to_what_was_not_seen_is_held(database: Database) {
    let store = database.open().await;
    let session = session(&store).await;
    ask_for_a_person(&store, &session).await;
    store.advance(claim(&session, "li", 1)).await.unwrap();
    let head = || async { store.session(&session).await.unwrap().unwrap().head };
    // Their own messages do not stop them, however fast they write.
    for cid in ["a", "b"] {
        let said = store.say(say(&session, "li", 2, 2, cid)).await.unwrap();
        assert!(matches!(said, Said::Written(_)), "{said:?}");
    }
    store.append(append(&session, "wait", "one more thing")).await.unwrap();
    let newest = head().await;
    let stopped = store.say(say(&session, "li", 2, newest - 1, "c")).await.unwrap();
    assert_eq!(stopped, Said::StaleView { fence: 2, head: newest });
    assert!(matches!(
        store.say(say(&session, "li", 2, newest, "c")).await.unwrap(),
        Said::Written(_)
    ));
    // A retry is told its number, whatever has happened since.
    store.append(append(&session, "more", "and another")).await.unwrap();
    let again = store.say(say(&session, "li", 2, 2, "c")).await.unwrap();
    assert!(matches!(again, Said::Before(seq, _) if seq == newest + 1), "{again:?}");
    let forged = store.say(say(&session, "wu", 2, i64::MAX, "d")).await.unwrap();
    assert!(matches!(forged, Said::Refused { why: InvalidTransition::NotAssignee, .. }));
    let stale = store.say(say(&session, "li", 1, i64::MAX, "e")).await.unwrap();
    assert!(matches!(stale, Said::Refused { why: InvalidTransition::StaleFence, .. }));
    store.close().await;
}

async fn another_persons_command_of_the_same_id_is_another_command(database: Database) {
    let store = database.open().await;
    let session = session(&store).await;
    ask_for_a_person(&store, &session).await;
    let claim = |by, fence| {
        advance(&session, "claim", Step::Claim { hand: hand(by, fence), teams: Vec::new() })
    };
    let won = store.advance(claim("li", 1)).await.unwrap();
    assert!(matches!(won, Advanced::Done { .. }), "{won:?}");
    let lost = store.advance(claim("wu", 1)).await.unwrap();
    assert!(
        matches!(lost, Advanced::Refused { why: InvalidTransition::NotWaiting, .. }),
        "{lost:?}"
    );
    let words = store.say(say(&session, "li", 2, 10, "words")).await.unwrap();
    assert!(matches!(words, Said::Written(_)), "{words:?}");
    let deadline = noon().plus_seconds(60);
    let release = Step::Release { hand: hand("li", 2), deadline };
    store.advance(advance(&session, "release", release)).await.unwrap();
    let then = store.advance(claim("wu", 3)).await.unwrap();
    assert!(matches!(then, Advanced::Done { .. }), "{then:?}");
    let words = store.say(say(&session, "wu", 4, 10, "words")).await.unwrap();
    assert!(matches!(words, Said::Written(_)), "{words:?}");
    store.close().await;
}

async fn a_command_that_is_repeated_is_carried_out_once(database: Database) {
    let store = database.open().await;
    let session = session(&store).await;
    ask_for_a_person(&store, &session).await;
    let first = store.advance(claim(&session, "li", 1)).await.unwrap();
    let Advanced::Done { handoff, event: Some(event) } = first else { panic!("{first:?}") };
    let again = store.advance(claim(&session, "li", 1)).await.unwrap();
    assert_eq!(again, Advanced::Before { handoff, seq: event.seq });
    let close = Step::Close { hand: hand("li", 2), outcome: Outcome::Answered };
    let closed = store.advance(advance(&session, "close", close.clone())).await.unwrap();
    assert!(matches!(closed, Advanced::Done { .. }), "{closed:?}");
    let late = store.append(append(&session, "late", "late")).await.unwrap();
    assert_eq!(late, Appended::Closed);
    assert_eq!(store.session(&session).await.unwrap().unwrap().mode, Mode::Ended);
    let nobody = store.advance(advance(&"nobody".into(), "x", close)).await.unwrap();
    assert_eq!(nobody, Advanced::Unknown);
    store.close().await;
    let store = database.open().await;
    let past = store.past_session(&session).await.unwrap().unwrap();
    assert_eq!((past.outcome.as_str(), past.last_assignee), ("answered", Some("li".into())));
    store.close().await;
}

async fn no_row_of_the_audit_log_can_be_changed_dropped_or_swapped_unnoticed(database: Database) {
    let store = database.open().await;
    assert!(store.audit_is_intact().await.unwrap(), "an empty one");
    for n in 0..50 {
        let (actor, subject) = (format!("li{}", n % 3), format!("session:{n}"));
        let entry = Entry { actor, action: "view", subject, detail: String::new() };
        store.audit(entry, noon()).await.unwrap();
    }
    assert!(store.audit_is_intact().await.unwrap());
    assert_eq!(store.audit_rows(i64::MAX, 100).await.unwrap().len(), 50);
    let crimes = [
        "UPDATE audit SET actor = 'wu' WHERE seq = 7",
        "UPDATE audit SET at = at + 1 WHERE seq = 50",
        "UPDATE audit SET actor = 'li0s', action = 'iew' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 50",
        "DELETE FROM audit WHERE seq = 1",
        "DELETE FROM audit",
        "UPDATE audit SET seq = CASE seq WHEN 8 THEN -1 ELSE seq END; UPDATE audit SET seq = 8 WHERE seq = 9; UPDATE audit SET seq = 9 WHERE seq = -1",
        "INSERT INTO audit SELECT 51, at, actor, action, subject, detail, hash FROM audit WHERE seq = 50",
    ];
    for crime in crimes {
        database.run("CREATE TABLE kept AS SELECT * FROM audit").await;
        database.run(crime).await;
        assert!(!store.audit_is_intact().await.unwrap(), "{crime}");
        database
            .run("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept")
            .await;
        assert!(store.audit_is_intact().await.unwrap(), "mended after {crime}");
    }
    store.close().await;
}

async fn past_sessions_are_found_by_the_medicine_of_the_talk_or_else_the_page(database: Database) {
    let store = database.open().await;
    let mut sessions = Vec::new();
    for (page, talk) in [("a", None), ("a", Some("b")), ("b", None)] {
        let context = format!(r#"{{"drug":"{page}"}}"#);
        let opened = store.open_session(NewSession { context, ..new_session() }, noon()).await;
        let session = opened.unwrap().0.id;
        let about = talk.map(Into::into);
        store.append(Append { about, ..append(&session, "q", "question") }).await.unwrap();
        // What is about no medicine takes none away.
        store.append(append(&session, "thanks", "thank you")).await.unwrap();
        ask_for_a_person(&store, &session).await;
        sessions.push(session);
    }
    for (drug, wanted) in [(None, &[0, 1, 2][..]), (Some("a"), &[0]), (Some("b"), &[1, 2])] {
        let query = Query { drug: drug.map(ToOwned::to_owned), ..Query::default() };
        let found = store.past(query).await.unwrap();
        let found: BTreeSet<_> = found.into_iter().map(|past| past.session).collect();
        let wanted = wanted.iter().map(|at: &usize| sessions[*at].clone()).collect();
        assert_eq!(found, wanted, "{drug:?}");
    }
    store.erase(&sessions[1]).await.unwrap();
    assert!(store.waiting(&sessions[1]).await.unwrap().is_none());
    store.close().await;
}

async fn whoever_has_as_many_sessions_as_they_may_gets_no_more(database: Database) {
    let store = Arc::new(database.open().await);
    let sessions = join_all((0..20).map(|_| session(&store))).await;
    join_all(sessions.iter().map(|session| ask_for_a_person(&store, session))).await;
    let claims = sessions
        .iter()
        .map(|session| store.advance(Advance { room: Some(3), ..claim(session, "li", 1) }));
    let mut full = 0;
    for claimed in join_all(claims).await {
        match claimed.unwrap() {
            Advanced::Done { .. } => {}
            Advanced::Refused { why, .. } => {
                assert_eq!(why, InvalidTransition::Full);
                full += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(full, 17, "all at once, and three are let through");
    let theirs = Advance { room: Some(3), ..claim(&sessions[0], "wu", 1) };
    let waiting = store.advance(theirs).await.unwrap();
    assert!(!matches!(waiting, Advanced::Refused { why: InvalidTransition::Full, .. }));
    store.close().await;
}
