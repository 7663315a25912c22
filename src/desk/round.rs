//! The round that looks after the queue, so that nobody waits past a deadline unnoticed: reminds of
//! what nobody claims, takes back what its consultant left or did not answer, lets go of visitors
//! who are gone, and gives out what waits where the policy says so.

use std::collections::HashSet;
use std::sync::Arc;

use super::assign::assignments;
use super::handoff::Told;
use super::{Board, Desk};
use crate::id::SessionId;
use crate::protocol::{FormRef, PersonName, StateBody};
use crate::session::{Draft, Hand, Role, Stage, Step};
use crate::store::{self, Advance, Advanced, Entry, Waiting};
use crate::time::Timestamp;

/// Waits of the last day are what a visitor may expect, if there are so many.
const ENOUGH_WAITS: usize = 5;
const DAY_SECONDS: i64 = 86_400;
/// How often the time between reminders is doubled at most.
const MAX_DOUBLINGS: i64 = 5;
/// How often it is written down that a visitor is connected.
const SEEN_SECONDS: i64 = 60;
/// After a start no visitor is taken to be gone for so long, and no consultant: everybody has to
/// connect again first. After the database was away likewise: other nodes first have to write down
/// who is with them.
const START_SECONDS: i64 = 120;
const RETURN_SECONDS: i64 = 30;

impl Desk {
    /// Looks after the queue once: notes who is there, escalates what waits too long, and takes
    /// back what its consultant left.
    pub async fn look_after_queue(&self) -> Result<(), store::Error> {
        let looked = self.look_at_all().await;
        if looked.is_err() {
            *self.settled() = self.now();
        }
        looked
    }

    async fn look_at_all(&self) -> Result<(), store::Error> {
        let heard: Vec<_> = self.heard().clone().into_iter().collect();
        if !heard.is_empty() {
            self.store.seen(heard).await?;
        }
        let now = self.now();
        let day_ago = now.minus_seconds(DAY_SECONDS);
        let expected_seconds = self.store.usual_wait(day_ago, ENOUGH_WAITS).await?;
        let board = self.read_board().await?;
        if board.expected_seconds != expected_seconds {
            let (rows, people) = (board.rows.clone(), board.people.clone());
            self.board.store(Arc::new(Board { rows, people, expected_seconds }));
        }
        let settled = now.seconds_since(*self.settled());
        for row in &board.rows {
            match &row.handoff.stage {
                Stage::Queued { deadline, .. } if *deadline <= now => {
                    self.escalate(row, now).await?;
                }
                Stage::Claimed { by, .. } if settled >= RETURN_SECONDS && !board.is_online(by) => {
                    let hand = Hand { by: by.clone(), fence: row.handoff.fence };
                    self.take_back(row, hand, "gone", now).await?;
                }
                _ => {}
            }
        }
        self.look_for_answers(&board, now).await?;
        self.look_for_visitors(&board, now).await
    }

    /// Takes back what was claimed long ago and not answered since.
    async fn look_for_answers(&self, board: &Board, now: Timestamp) -> Result<(), store::Error> {
        let waiting = self.duty().waiting;
        let shortest = waiting.reply_seconds.min(waiting.urgent_reply_seconds);
        let silent: HashSet<SessionId> =
            self.store.unanswered(now.minus_seconds(shortest)).await?.into_iter().collect();
        for row in board.rows.iter().filter(|row| silent.contains(&row.session)) {
            let Stage::Claimed { by, since } = &row.handoff.stage else { continue };
            let is_urgent = row.handoff.priority >= 2;
            let most = if is_urgent { waiting.urgent_reply_seconds } else { waiting.reply_seconds };
            if now.seconds_since(*since) >= most {
                let hand = Hand { by: by.clone(), fence: row.handoff.fence };
                self.take_back(row, hand, "unanswered", now).await?;
            }
        }
        Ok(())
    }

    /// Notes which visitors are there, and lets go of those who have long been gone: nobody is
    /// kept ringing for them. Whoever comes back may ask again; the log tells them so.
    async fn look_for_visitors(&self, board: &Board, now: Timestamp) -> Result<(), store::Error> {
        let here = board.waiting().map(|row| &row.session);
        let here: Vec<_> = here.filter(|session| self.bus.has_visitor(session)).cloned().collect();
        if !here.is_empty() {
            self.store.visitors_seen(here, now.minus_seconds(SEEN_SECONDS), now).await?;
        }
        if now.seconds_since(*self.settled()) < START_SECONDS {
            return Ok(());
        }
        let waiting = self.duty().waiting;
        let calm = now.minus_seconds(waiting.left_seconds.max(2 * SEEN_SECONDS));
        let urgent = now.minus_seconds(waiting.urgent_left_seconds.max(2 * SEEN_SECONDS));
        let mut gone = self.store.left_waiting(0, 1, calm).await?;
        gone.extend(self.store.left_waiting(2, 3, urgent).await?);
        for row in board.rows.iter().filter(|row| gone.contains(&row.session)) {
            let body = StateBody { state: "left", ..StateBody::default() };
            let told = self.step_told(row, "left", body);
            self.advance_by_itself(row, Step::Leave, None, Some(told), "leave", now).await?;
        }
        Ok(())
    }

    /// Gives what waits to whoever is on duty and has room, if the policy says so.
    pub async fn give_out(&self, board: &Board) -> Result<(), store::Error> {
        if !self.duty().assignment.automatic {
            return Ok(());
        }
        let now = self.now();
        for (row, person) in assignments(board, now) {
            let hand = Hand { by: person.id.clone(), fence: row.handoff.fence };
            let step = Step::Claim { hand, teams: person.teams.clone() };
            let by = PersonName { id: person.id.clone(), name: person.name.clone() };
            let body = StateBody { state: "claimed", by: Some(by), ..StateBody::default() };
            let values = [("name", person.name.as_str())];
            let told =
                Told { role: Role::Consultant, key: "claimed", lang: row.lang(), values: &values };
            let told = self.told(&told, body);
            // Another node may be giving them something else.
            let room = Some(person.capacity);
            self.advance_by_itself(row, step, room, Some(told), "assign", now).await?;
        }
        Ok(())
    }

    fn step_told(&self, row: &Waiting, key: &str, body: StateBody<'_>) -> Draft {
        self.told(&Told { role: Role::System, key, lang: row.lang(), values: &[] }, body)
    }

    /// Reminds the desk of a session, and tells its visitor the first time.
    async fn escalate(&self, row: &Waiting, now: Timestamp) -> Result<(), store::Error> {
        let Stage::Queued { escalations, .. } = row.handoff.stage else { return Ok(()) };
        let body = StateBody {
            state: "escalated",
            escalations: Some(escalations + 1),
            form: Some(FormRef::Offered(true)),
            ..StateBody::default()
        };
        let told = (escalations == 0).then(|| self.step_told(row, "escalated", body));
        // Each reminder waits twice as long as the one before: nobody may be there at all.
        let first = self.claim_deadline(row.handoff.priority, now).seconds_since(now);
        let deadline = now.plus_seconds(first << (escalations + 1).min(MAX_DOUBLINGS));
        self.advance_by_itself(row, Step::Escalate { deadline }, None, told, "escalate", now).await
    }

    /// Puts a session back into the queue whose consultant is gone, or does not answer.
    async fn take_back(
        &self,
        row: &Waiting,
        hand: Hand,
        why: &'static str,
        now: Timestamp,
    ) -> Result<(), store::Error> {
        let body = StateBody { state: "requeued", why: Some(why), ..StateBody::default() };
        let told = self.step_told(row, why, body);
        let deadline = self.claim_deadline(row.handoff.priority, now);
        self.advance_by_itself(row, Step::Lose { hand, deadline }, None, Some(told), "requeue", now)
            .await
    }

    async fn advance_by_itself(
        &self,
        row: &Waiting,
        step: Step,
        room: Option<usize>,
        told: Option<Draft>,
        action: &'static str,
        now: Timestamp,
    ) -> Result<(), store::Error> {
        // What nobody is told of is no change worth remembering.
        let audit = told.is_some().then(|| Entry {
            actor: "server".to_owned(),
            action,
            subject: format!("session:{}", row.session),
            detail: String::new(),
        });
        let session = row.session.clone();
        let advance = Advance { session, step, room, cid: None, told, audit, now };
        // Whatever refuses it has happened meanwhile, and the next round sees it.
        if let Advanced::Done { event, .. } = self.store.advance(advance).await? {
            self.bus.ring(&row.session, event.map_or(row.head, |event| event.seq));
            self.bus.ring_desk();
        }
        Ok(())
    }
}
