//! Who is given which of the sessions that wait: the most urgent and oldest first, each to whoever
//! of those on duty has the most room. Pure; nothing here changes anybody's availability.

use super::{Board, Person};
use crate::session::{Stage, Wanted};
use crate::store::Waiting;
use crate::time::Timestamp;

/// Returns what is given to whom now.
pub(super) fn assignments(board: &Board, now: Timestamp) -> Vec<(&Waiting, &Person)> {
    let on_duty = board.people.iter().filter(|person| person.available && person.online);
    let mut room: Vec<(&Person, usize)> =
        on_duty.map(|person| (person, person.capacity.saturating_sub(person.sessions))).collect();
    let mut given = Vec::new();
    for row in board.waiting() {
        let fit = room.iter_mut().filter(|(person, room)| *room > 0 && may_have(person, row, now));
        // Of those with the same room the first by name: `max_by_key` would take the last.
        let Some((person, room)) = fit.rev().max_by_key(|(_, room)| *room) else { continue };
        *room -= 1;
        given.push((row, *person));
    }
    given
}

/// Returns whether a session may be given to somebody: it is not kept for others, and they did not
/// just have it.
fn may_have(person: &Person, row: &Waiting, now: Timestamp) -> bool {
    let Stage::Queued { deadline, wanted, .. } = &row.handoff.stage else { return false };
    let kept = wanted.as_ref().filter(|_| now < *deadline);
    if let Some(Wanted::Person(wanted)) = kept {
        return *wanted == person.id;
    }
    let is_meant = kept.is_none_or(|wanted| wanted.is_met_by(&person.id, &person.teams));
    is_meant && row.last_assignee.as_ref() != Some(&person.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Handoff, Reason};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn person(id: &str, sessions: usize, capacity: usize, teams: &[&str]) -> Person {
        Person {
            id: id.into(),
            name: id.to_owned(),
            available: true,
            online: true,
            sessions,
            capacity,
            teams: teams.iter().map(|team| (*team).to_owned()).collect(),
        }
    }

    fn row(id: &str, wanted: Option<Wanted>, last: Option<&str>) -> Waiting {
        let stage = Stage::Queued { since: at(0), deadline: at(60), wanted, escalations: 0 };
        Waiting {
            session: id.into(),
            handoff: Handoff { stage, reason: Some(Reason::Asked), ..Handoff::new() },
            head: 1,
            context: "{}".to_owned(),
            about: None,
            lang: "en".to_owned(),
            queued_at: Some(at(0)),
            last_assignee: last.map(Into::into),
        }
    }

    fn given(people: Vec<Person>, rows: Vec<Waiting>, now: i64) -> Vec<String> {
        let board = Board { rows, people, expected_seconds: None };
        let given = assignments(&board, at(now)).into_iter();
        given.map(|(row, person)| format!("{}:{}", row.session, person.id)).collect()
    }

    #[test]
    fn the_first_in_the_queue_goes_to_whoever_has_the_most_room() {
        let rows = || vec![row("1", None, None), row("2", None, None), row("3", None, None)];
        let people = vec![person("li", 1, 2, &[]), person("wu", 0, 2, &[])];
        assert_eq!(given(people, rows(), 10), ["1:wu", "2:li", "3:wu"]);
        let full = vec![person("li", 2, 2, &[]), person("wu", 3, 2, &[])];
        assert_eq!(given(full, rows(), 10), Vec::<String>::new(), "nobody is given too many");
        let away = vec![
            Person { available: false, ..person("li", 0, 2, &[]) },
            Person { online: false, ..person("wu", 0, 2, &[]) },
            person("xu", 0, 1, &[]),
        ];
        assert_eq!(given(away, rows(), 10), ["1:xu"]);
    }

    #[test]
    fn what_is_kept_for_somebody_waits_for_them() {
        let people = || vec![person("li", 0, 9, &["oncology"]), person("wu", 0, 9, &[])];
        let team = Some(Wanted::Team("oncology".into()));
        let wu = Some(Wanted::Person("wu".into()));
        let rows = vec![row("1", team.clone(), None), row("2", wu, Some("wu"))];
        assert_eq!(given(people(), rows, 10), ["1:li", "2:wu"]);
        let rows = vec![row("1", team, Some("li"))];
        assert_eq!(given(people(), rows.clone(), 10), Vec::<String>::new(), "li just had it");
        assert_eq!(given(people(), rows, 60), ["1:wu"], "its deadline has passed");
    }
}
