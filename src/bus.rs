//! The doorbell: tells the sockets of a session that its log has grown, here and, by `link`, on
//! other nodes. It carries a number and nothing else, and a lost ring costs time, never data:
//! readers always read the log.

mod link;

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::{Notify, watch};

use crate::id::SessionId;
use link::{Link, Word};

const SHARDS: usize = 64;

/// The doorbells of all sessions that have a socket on this node.
#[derive(Debug, Clone, Default)]
pub struct Bus {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    shards: [Mutex<HashMap<SessionId, Bell>>; SHARDS],
    hasher: RandomState,
    /// Counts what may have changed for the desk.
    desk: watch::Sender<u64>,
    /// To other nodes, if there are any.
    link: OnceLock<Link>,
    /// Told when it should be looked at once what other nodes did.
    others: Notify,
}

/// Whether there is a bus to other nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// None is configured.
    Alone,
    /// Connected.
    Connected,
    /// Away, for the time being.
    Away,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            desk: watch::channel(0).0,
            link: OnceLock::new(),
            others: Notify::new(),
        }
    }
}

/// The doorbell of one session.
#[derive(Debug)]
struct Bell {
    rings: watch::Sender<Ring>,
    /// How many listen; counted under the lock, so that the last one takes the bell down.
    ears: usize,
    /// How many of them are the visitor's.
    visitors: usize,
}

/// One of the two sides of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The visitor's.
    Visitor,
    /// The consultants'.
    Desk,
}

/// What a doorbell last said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ring {
    /// The highest number that was rung.
    pub head: i64,
    /// Whether the session was erased.
    pub erased: bool,
    /// How often the visitor was seen typing.
    pub visitor_typing: u64,
    /// How often a consultant was seen typing.
    pub desk_typing: u64,
    /// How many notes were kept.
    pub notes: u64,
    /// How often there may have been news that were not rung for here.
    pub looks: u64,
}

/// One socket's ear at a session's doorbell; hangs up when dropped.
#[derive(Debug)]
pub struct Doorbell {
    session: SessionId,
    side: Side,
    rings: watch::Receiver<Ring>,
    bus: Bus,
}

impl Bus {
    /// Tells other nodes of the same `cluster` by the server at `url` from now on. It connects by
    /// itself, and again whenever the connection is lost.
    pub fn join(&self, url: &str, cluster: String) -> Result<(), std::io::Error> {
        let servers = link::servers(url)?;
        let (link, rings) = Link::new();
        if self.inner.link.set(link).is_ok() {
            tokio::spawn(link::run(servers, cluster, Arc::downgrade(&self.inner), rings));
        }
        Ok(())
    }

    /// Returns whether other nodes are told.
    pub fn reach(&self) -> Reach {
        match self.inner.link.get() {
            None => Reach::Alone,
            Some(link) if link.is_connected() => Reach::Connected,
            Some(_) => Reach::Away,
        }
    }

    /// Returns how many rings other nodes were not told of.
    pub fn dropped(&self) -> u64 {
        self.inner.link.get().map_or(0, Link::dropped)
    }

    /// Waits until it should be looked at once what other nodes did.
    pub async fn called_to_look(&self) {
        self.inner.others.notified().await;
    }

    /// Says that the log of `session` has grown to number `head`.
    pub fn ring(&self, session: &SessionId, head: i64) {
        self.inner.ring(session, head);
        self.tell(Word::Log, Some(session), head);
    }

    /// Says here alone what was found in the database: that the log of `session` reaches `head`.
    pub fn found(&self, session: &SessionId, head: i64) {
        self.inner.ring(session, head);
    }

    /// Says that every session may hold what was not rung for.
    pub fn ring_all(&self) {
        for shard in &self.inner.shards {
            let bells = shard.lock().unwrap_or_else(PoisonError::into_inner);
            bells.values().for_each(|bell| bell.rings.send_modify(|known| known.looks += 1));
        }
    }

    /// Returns every session that somebody listens to here.
    pub fn listened(&self) -> Vec<SessionId> {
        self.sessions(|_| true)
    }

    /// Returns every session that a console here listens to.
    pub fn overheard(&self) -> Vec<SessionId> {
        self.sessions(|bell| bell.ears > bell.visitors)
    }

    fn sessions(&self, fits: impl Fn(&Bell) -> bool) -> Vec<SessionId> {
        let mut sessions = Vec::new();
        for shard in &self.inner.shards {
            let bells = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let fit = bells.iter().filter(|(_, bell)| fits(bell));
            sessions.extend(fit.map(|(session, _)| session.clone()));
        }
        sessions
    }

    /// Says that everything in `session` was erased.
    pub fn ring_erased(&self, session: &SessionId) {
        self.found_erased(session);
        self.tell(Word::Erased, Some(session), 0);
    }

    /// Says here alone what was found in the database: that everything in `session` was erased.
    pub fn found_erased(&self, session: &SessionId) {
        self.inner.change(session, |known| known.erased = true);
    }

    /// Says that somebody on one side of `session` is typing.
    pub fn ring_typing(&self, session: &SessionId, side: Side) {
        self.inner.types(session, side);
        let word = match side {
            Side::Visitor => Word::VisitorTypes,
            Side::Desk => Word::DeskTypes,
        };
        self.tell(word, Some(session), 0);
    }

    /// Says that a note on `session` was kept.
    pub fn ring_note(&self, session: &SessionId) {
        self.found_note(session);
        self.tell(Word::Note, Some(session), 0);
    }

    /// Says here alone what was found in the database: that a note on `session` was kept.
    pub fn found_note(&self, session: &SessionId) {
        self.inner.change(session, |known| known.notes += 1);
    }

    /// Says that the queue, or the people behind the desk, may have changed.
    pub fn ring_desk(&self) {
        self.inner.desk.send_modify(|count| *count += 1);
        self.tell(Word::Desk, None, 0);
    }

    fn tell(&self, word: Word, session: Option<&SessionId>, number: i64) {
        if let Some(link) = self.inner.link.get() {
            link.tell(link::Ring { word, session: session.cloned(), number });
        }
    }

    /// Returns an ear at the desk's doorbell.
    pub fn listen_at_desk(&self) -> watch::Receiver<u64> {
        self.inner.desk.subscribe()
    }

    /// Returns a visitor's ear at the doorbell of `session`; `None` when it has `limit` already.
    pub fn listen(&self, session: &SessionId, limit: usize) -> Option<Doorbell> {
        self.attend(session, Side::Visitor, limit)
    }

    /// Returns a consultant's ear at the doorbell of `session`.
    pub fn overhear(&self, session: &SessionId) -> Option<Doorbell> {
        self.attend(session, Side::Desk, usize::MAX)
    }

    /// Returns whether the visitor of `session` is connected here.
    pub fn has_visitor(&self, session: &SessionId) -> bool {
        self.shard(session).get(session).is_some_and(|bell| bell.visitors > 0)
    }

    fn attend(&self, session: &SessionId, side: Side, limit: usize) -> Option<Doorbell> {
        let mut shard = self.shard(session);
        if side == Side::Visitor && shard.get(session).map_or(0, |bell| bell.visitors) >= limit {
            return None;
        }
        let bell = shard.entry(session.clone()).or_insert_with(|| Bell {
            rings: watch::channel(Ring::default()).0,
            ears: 0,
            visitors: 0,
        });
        bell.ears += 1;
        bell.visitors += usize::from(side == Side::Visitor);
        let rings = bell.rings.subscribe();
        Some(Doorbell { session: session.clone(), side, rings, bus: self.clone() })
    }

    fn shard(&self, session: &SessionId) -> MutexGuard<'_, HashMap<SessionId, Bell>> {
        self.inner.shard(session)
    }
}

impl Inner {
    fn shard(&self, session: &SessionId) -> MutexGuard<'_, HashMap<SessionId, Bell>> {
        let hash = self.hasher.hash_one(session.as_str());
        let at = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        // A poisoned map is still a map: rings are hints, and no code panics while it is held.
        self.shards[at].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self, session: &SessionId, head: i64) {
        if let Some(bell) = self.shard(session).get(session) {
            bell.rings.send_if_modified(|known| {
                let newer = head > known.head;
                known.head = head.max(known.head);
                newer
            });
        }
    }

    fn look(&self, session: &SessionId, head: i64) {
        if let Some(bell) = self.shard(session).get(session) {
            bell.rings.send_if_modified(|known| {
                let newer = head > known.head;
                known.looks += u64::from(newer);
                newer
            });
        }
    }

    fn change(&self, session: &SessionId, change: impl FnOnce(&mut Ring)) {
        if let Some(bell) = self.shard(session).get(session) {
            bell.rings.send_modify(change);
        }
    }

    fn types(&self, session: &SessionId, side: Side) {
        self.change(session, |known| match side {
            Side::Visitor => known.visitor_typing += 1,
            Side::Desk => known.desk_typing += 1,
        });
    }

    /// Takes in what another node rang for. Its number is a hint: no socket believes it.
    fn hear(&self, ring: &link::Ring) {
        let Some(session) = &ring.session else {
            return self.desk.send_modify(|count| *count += 1);
        };
        match ring.word {
            Word::Log => self.look(session, ring.number),
            Word::Erased => self.others.notify_one(),
            Word::Note => self.change(session, |known| known.notes += 1),
            Word::VisitorTypes => self.types(session, Side::Visitor),
            Word::DeskTypes => self.types(session, Side::Desk),
            Word::Desk => {}
        }
    }
}

impl Doorbell {
    /// Returns what the doorbell last said; rings so far are answered by that.
    pub fn answer(&mut self) -> Ring {
        *self.rings.borrow_and_update()
    }

    /// Waits for the next ring. Cancelling the wait loses nothing.
    pub async fn wait(&mut self) {
        if self.rings.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Doorbell {
    fn drop(&mut self) {
        let mut shard = self.bus.shard(&self.session);
        let Some(bell) = shard.get_mut(&self.session) else { return };
        bell.ears -= 1;
        bell.visitors -= usize::from(self.side == Side::Visitor);
        if bell.ears == 0 {
            shard.remove(&self.session);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bells(bus: &Bus) -> usize {
        bus.inner.shards.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }

    #[test]
    fn a_session_has_so_many_ears() {
        let (bus, session) = (Bus::default(), SessionId::from("a"));
        let two = [bus.listen(&session, 2), bus.listen(&session, 2)];
        assert!(two.iter().all(Option::is_some));
        assert!(bus.listen(&session, 2).is_none());
        drop(two);
        assert!(bus.listen(&session, 2).is_some());
        assert_eq!(bells(&bus), 0);
    }

    #[test]
    fn bells_come_down_when_ears_leave_at_the_same_time() {
        let bus = Bus::default();
        for n in 0..2000 {
            let session = SessionId::from(format!("{n}"));
            let ears: Vec<_> = (0..2).map(|_| bus.listen(&session, 2).unwrap()).collect();
            std::thread::scope(|scope| {
                for ear in ears {
                    scope.spawn(|| drop(ear));
                }
            });
        }
        assert_eq!(bells(&bus), 0);
    }

    #[test]
    fn consultants_are_not_counted_as_visitors() {
        let (bus, session) = (Bus::default(), SessionId::from("a"));
        let desk = bus.overhear(&session);
        assert!(!bus.has_visitor(&session));
        let visitor = bus.listen(&session, 1);
        assert!(visitor.is_some() && bus.has_visitor(&session));
        assert!(bus.listen(&session, 1).is_none());
        drop(visitor);
        assert!(!bus.has_visitor(&session) && bells(&bus) == 1);
        drop(desk);
        assert_eq!(bells(&bus), 0);
    }

    #[test]
    fn what_other_nodes_say_is_a_reason_to_look_and_never_believed() {
        let (bus, session) = (Bus::default(), SessionId::from("a"));
        let mut ear = bus.listen(&session, 1).unwrap();
        let hear = |word, number| {
            bus.inner.hear(&link::Ring { word, session: Some(session.clone()), number });
        };
        bus.found(&session, 3);
        hear(Word::Log, 3);
        assert_eq!(ear.answer(), Ring { head: 3, ..Ring::default() }, "it is known already");
        hear(Word::Log, i64::MAX);
        assert_eq!(ear.answer(), Ring { head: 3, looks: 1, ..Ring::default() });
        bus.found(&session, 4);
        assert!(ear.rings.has_changed().unwrap(), "what is true rings after what is not");
        hear(Word::Erased, 0);
        assert!(!ear.answer().erased);
    }

    #[tokio::test]
    async fn only_news_ring() {
        let (bus, session) = (Bus::default(), SessionId::from("a"));
        let mut ear = bus.listen(&session, 1).unwrap();
        bus.ring(&session, 3);
        ear.wait().await;
        bus.ring(&session, 2);
        assert!(!ear.rings.has_changed().unwrap());
        assert_eq!(ear.answer(), Ring { head: 3, ..Ring::default() });
        bus.ring_erased(&session);
        ear.wait().await;
        assert_eq!(ear.answer(), Ring { head: 3, erased: true, ..Ring::default() });
    }
}
