//! Every step from every stage, and random walks.

use proptest::prelude::*;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

fn hand(by: &str, fence: i64) -> Hand {
    Hand { by: by.into(), fence }
}

fn person(id: &str) -> Wanted {
    Wanted::Person(id.into())
}

fn claim(hand: Hand) -> Step {
    Step::Claim { hand, teams: Vec::new() }
}

fn stages() -> Vec<(&'static str, Stage)> {
    let queued = |wanted: Option<&str>| Stage::Queued {
        since: at(0),
        deadline: at(60),
        wanted: wanted.map(person),
        escalations: 0,
    };
    vec![
        ("bot", Stage::Bot),
        ("offered", Stage::Offered),
        ("queued", queued(None)),
        ("wanted", queued(Some("li"))),
        ("claimed", Stage::Claimed { by: "li".into(), since: at(0) }),
        ("closed", Stage::Closed { outcome: None }),
    ]
}

fn steps() -> Vec<(&'static str, Step)> {
    let (li, wu) = (hand("li", 7), hand("wu", 7));
    let deadline = at(200);
    vec![
        ("offer", Step::Offer(Reason::NotFound)),
        ("queue", Step::Queue { reason: Reason::Asked, priority: 0, deadline }),
        ("raise", Step::Queue { reason: Reason::Urgent, priority: 3, deadline }),
        ("claim by li", claim(li.clone())),
        ("claim by wu", claim(wu.clone())),
        ("stale claim", claim(hand("li", 6))),
        ("release", Step::Release { hand: li.clone(), deadline }),
        ("release by wu", Step::Release { hand: wu.clone(), deadline }),
        ("stale release", Step::Release { hand: hand("li", 6), deadline }),
        ("transfer", Step::Transfer { hand: li.clone(), to: person("wu"), deadline }),
        ("return", Step::Return(li.clone())),
        ("clear", Step::Clear(li.clone())),
        ("close", Step::Close { hand: li.clone(), outcome: Outcome::Answered }),
        ("close by wu", Step::Close { hand: wu, outcome: Outcome::Answered }),
        ("escalate", Step::Escalate { deadline }),
        ("lose", Step::Lose { hand: li, deadline }),
        ("leave", Step::Leave),
        ("end", Step::End),
    ]
}

/// Ten seconds in, nobody's deadline has passed: what each step leads to from each stage.
const TABLE: &[(&str, [&str; 6])] = &[
    // step          bot        offered    queued      wanted      claimed    closed
    ("offer", ["offered", "offered", "asked", "asked", "asked", "over"]),
    ("queue", ["queued", "queued", "asked", "asked", "asked", "over"]),
    ("raise", ["queued", "queued", "queued", "queued", "asked", "over"]),
    ("claim by li", ["nobody", "nobody", "claimed", "claimed", "nobody", "over"]),
    ("claim by wu", ["nobody", "nobody", "claimed", "reserved", "nobody", "over"]),
    ("stale claim", ["nobody", "nobody", "stale", "stale", "nobody", "over"]),
    ("release", ["other", "other", "other", "other", "queued", "over"]),
    ("release by wu", ["other", "other", "other", "other", "other", "over"]),
    ("stale release", ["stale", "stale", "stale", "stale", "stale", "over"]),
    ("transfer", ["other", "other", "other", "other", "queued", "over"]),
    ("return", ["other", "other", "other", "other", "bot", "over"]),
    ("clear", ["other", "other", "other", "other", "claimed", "over"]),
    ("close", ["other", "other", "other", "other", "closed", "over"]),
    ("close by wu", ["other", "other", "other", "other", "other", "over"]),
    ("escalate", ["nobody", "nobody", "early", "early", "nobody", "over"]),
    ("lose", ["other", "other", "other", "other", "queued", "over"]),
    ("leave", ["nobody", "nobody", "bot", "bot", "nobody", "over"]),
    ("end", ["closed", "closed", "closed", "closed", "closed", "over"]),
];

fn name(next: &Next) -> &'static str {
    match next {
        Ok(handoff) => match handoff.stage {
            Stage::Bot => "bot",
            Stage::Offered => "offered",
            Stage::Queued { .. } => "queued",
            Stage::Claimed { .. } => "claimed",
            Stage::Closed { .. } => "closed",
        },
        Err(InvalidTransition::NotWaiting) => "nobody",
        Err(InvalidTransition::StaleFence) => "stale",
        Err(InvalidTransition::NotAssignee) => "other",
        Err(InvalidTransition::Reserved) => "reserved",
        Err(InvalidTransition::Full) => "full",
        Err(InvalidTransition::Loop) => "loop",
        Err(InvalidTransition::AlreadyAsked) => "asked",
        Err(InvalidTransition::NotDue) => "early",
        Err(InvalidTransition::Over) => "over",
    }
}

#[test]
fn every_step_from_every_stage_does_what_the_table_says() {
    let steps = steps();
    assert_eq!(steps.len(), TABLE.len());
    for ((step_name, step), (row, expected)) in steps.iter().zip(TABLE) {
        assert_eq!(step_name, row);
        for ((stage_name, stage), expected) in stages().into_iter().zip(expected) {
            let before = Handoff { stage, fence: 7, ..Handoff::new() };
            let next = before.step(step.clone(), at(10));
            assert_eq!(name(&next), *expected, "{step_name} from {stage_name}: {next:?}");
        }
    }
}

#[test]
fn a_reservation_ends_with_its_deadline() {
    let stage = stages().swap_remove(3).1;
    let wanted = Handoff { stage, fence: 7, ..Handoff::new() };
    assert_eq!(name(&wanted.clone().step(claim(hand("wu", 7)), at(59))), "reserved");
    assert_eq!(name(&wanted.clone().step(claim(hand("wu", 7)), at(60))), "claimed");
    let escalated = wanted.step(Step::Escalate { deadline: at(120) }, at(60)).unwrap();
    let Stage::Queued { wanted: None, escalations: 1, deadline, .. } = &escalated.stage else {
        panic!("{escalated:?}")
    };
    assert_eq!((*deadline, escalated.fence), (at(120), 7), "whoever saw it may still claim it");
}

#[test]
fn passing_on_ends_somewhere_and_the_way_to_the_bot_stays_open() {
    let mut handoff = Handoff::new();
    for _ in 0..MAX_MOVES {
        let asked = Step::Queue { reason: Reason::Asked, priority: 0, deadline: at(60) };
        handoff = handoff.clone().step(asked, at(0)).unwrap_or(handoff);
        handoff = handoff.clone().step(claim(hand("li", handoff.fence)), at(0)).unwrap();
        let release = Step::Release { hand: hand("li", handoff.fence), deadline: at(60) };
        handoff = handoff.step(release, at(0)).unwrap();
    }
    handoff = handoff.clone().step(claim(hand("li", handoff.fence)), at(0)).unwrap();
    let li = hand("li", handoff.fence);
    let release = Step::Release { hand: li.clone(), deadline: at(60) };
    assert_eq!(name(&handoff.clone().step(release, at(0))), "loop");
    let lost = Step::Lose { hand: li.clone(), deadline: at(60) };
    assert_eq!(name(&handoff.clone().step(lost, at(0))), "queued", "nobody is stranded");
    assert_eq!(name(&handoff.step(Step::Return(li), at(0))), "bot");
}

#[test]
fn what_the_bot_makes_of_messages_calls_nobody_round_in_circles() {
    let sent_back = Handoff { moves: MAX_MOVES, ..Handoff::new() };
    let cases = [(0, "queued"), (GUESSED, "loop"), (2, "queued"), (3, "queued")];
    for (priority, expected) in cases {
        let reason = Reason::RepeatedFailure;
        let step = Step::Queue { reason, priority, deadline: at(60) };
        assert_eq!(name(&sent_back.clone().step(step.clone(), at(0))), expected, "{priority}");
        assert_eq!(name(&Handoff::new().step(step, at(0))), "queued");
    }
}

#[test]
fn a_session_is_kept_for_a_team() {
    let wanted = Some(Wanted::Team("oncology".into()));
    let stage = Stage::Queued { since: at(0), deadline: at(60), wanted, escalations: 0 };
    let kept = Handoff { stage, fence: 7, ..Handoff::new() };
    let cases: [(&[&str], i64, &str); 4] = [
        (&[], 10, "reserved"),
        (&["pharmacy"], 10, "reserved"),
        (&["pharmacy", "oncology"], 10, "claimed"),
        (&[], 60, "claimed"),
    ];
    for (teams, now, expected) in cases {
        let teams = teams.iter().map(|team| (*team).to_owned()).collect();
        let step = Step::Claim { hand: hand("li", 7), teams };
        assert_eq!(name(&kept.clone().step(step, at(now))), expected);
    }
}

#[test]
fn whoever_waits_and_gets_worse_moves_up_and_stays_flagged_until_a_person_clears_it() {
    let calm = Step::Queue { reason: Reason::Asked, priority: 0, deadline: at(120) };
    let worse = Step::Queue { reason: Reason::Urgent, priority: 3, deadline: at(70) };
    let waiting = Handoff::new().step(calm.clone(), at(0)).unwrap().step(worse, at(10)).unwrap();
    let expected = Stage::Queued { since: at(0), deadline: at(70), wanted: None, escalations: 0 };
    assert_eq!((&waiting.stage, waiting.priority), (&expected, 3));
    let claimed = waiting.step(claim(hand("li", 1)), at(20)).unwrap();
    let returned = claimed.clone().step(Step::Return(hand("li", 2)), at(30)).unwrap();
    assert_eq!(returned.step(calm, at(40)).unwrap().priority, 3);
    assert_eq!(claimed.step(Step::Clear(hand("li", 2)), at(30)).unwrap().priority, 0);
}

fn any_step() -> impl Strategy<Value = Step> {
    let who = prop_oneof![Just("li"), Just("wu")];
    let hand = (who, 0_i64..12).prop_map(|(by, fence)| self::hand(by, fence));
    let deadline = at(60);
    prop_oneof![
        Just(Step::Offer(Reason::Conflict)),
        (0_i64..4).prop_map(move |priority| Step::Queue {
            reason: Reason::Asked,
            priority,
            deadline
        }),
        hand.clone().prop_map(claim),
        hand.clone().prop_map(move |hand| Step::Release { hand, deadline }),
        hand.clone().prop_map(move |hand| Step::Transfer { hand, to: person("wu"), deadline }),
        hand.clone().prop_map(Step::Return),
        hand.clone().prop_map(Step::Clear),
        hand.clone().prop_map(|hand| Step::Close { hand, outcome: Outcome::Other }),
        Just(Step::Escalate { deadline }),
        hand.prop_map(move |hand| Step::Lose { hand, deadline }),
        Just(Step::Leave),
        Just(Step::End),
    ]
}

proptest! {
    /// Steps with fences that are often right and often wrong: the fence never falls, it grows
    /// with every change of hands, and what is over stays over.
    #[test]
    fn fences_grow_with_every_change_of_hands(steps in prop::collection::vec(any_step(), 0..60)) {
        let mut handoff = Handoff::new();
        for step in steps {
            let before = handoff.clone();
            let Ok(after) = before.clone().step(step.clone(), at(100)) else { continue };
            prop_assert_ne!(before.mode(), Mode::Ended, "what is over stays over");
            let same = before.mode() == after.mode() && before.assignee() == after.assignee();
            prop_assert!(same || after.fence == before.fence + 1, "{step:?}");
            prop_assert!(after.fence >= before.fence && after.moves >= before.moves);
            if let Stage::Queued { deadline, .. } = after.stage {
                prop_assert!(deadline >= at(60), "nobody waits without a deadline");
                prop_assert!(after.reason.is_some(), "nobody waits without a reason");
            }
            handoff = after;
        }
    }

    /// With the right fence a claim works exactly once.
    #[test]
    fn of_many_claims_with_one_fence_one_succeeds(rivals in prop::collection::vec("[a-z]{1,3}", 1..8)) {
        let queued = Step::Queue { reason: Reason::Asked, priority: 0, deadline: at(60) };
        let mut handoff = Handoff::new().step(queued, at(0)).unwrap();
        let fence = handoff.fence;
        let mut owners = 0;
        for rival in &rivals {
            if let Ok(claimed) = handoff.clone().step(claim(hand(rival, fence)), at(1)) {
                owners += 1;
                handoff = claimed;
            }
        }
        prop_assert_eq!(owners, 1);
        prop_assert_eq!(handoff.assignee().map(UserId::as_str), Some(rivals[0].as_str()));
    }
}
