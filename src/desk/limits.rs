//! Rates: how often somebody may do something, by buckets that fill again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::config::Limits;
use crate::time::Timestamp;

/// Entries from which on those that are at rest are forgotten.
const FORGET_AT: usize = 10_000;

/// Rates of messages by session, of sessions and sign-ins by address, of consultants by person.
#[derive(Debug)]
pub struct Rates {
    enabled: bool,
    messages: Keyed,
    sessions: Keyed,
    asks: Keyed,
    sign_ins: Keyed,
    addresses: Keyed,
    commands: Keyed,
    transcripts: Keyed,
}

impl Rates {
    /// Returns rates as configured.
    pub fn new(limits: &Limits) -> Self {
        let second = Bucket::per(limits.burst, 1.0);
        let minute = Bucket::per(limits.per_minute, f64::from(limits.per_minute) / 60.0);
        let day = Bucket::per(limits.per_day, f64::from(limits.per_day) / 86_400.0);
        let hour =
            Bucket::per(limits.sessions_per_hour, f64::from(limits.sessions_per_hour) / 3_600.0);
        Self {
            enabled: limits.rates,
            messages: Keyed::new(vec![second, minute, day]),
            sessions: Keyed::new(vec![hour]),
            asks: Keyed::new(vec![Bucket::per(
                limits.asks_per_minute,
                f64::from(limits.asks_per_minute) / 60.0,
            )]),
            sign_ins: Keyed::new(vec![Bucket::per(5, 5.0 / 900.0)]),
            addresses: Keyed::new(vec![Bucket::per(20, 20.0 / 3_600.0)]),
            commands: Keyed::new(vec![Bucket::per(60, 10.0)]),
            transcripts: Keyed::new(vec![Bucket::per(60, 60.0 / 3_600.0)]),
        }
    }

    /// Takes one message of `session`; otherwise says in how many milliseconds to try again.
    pub fn message(&self, session: &str, now: Timestamp) -> Result<(), u64> {
        if self.enabled { self.messages.take(session, now) } else { Ok(()) }
    }

    /// Takes one new session of `address`; otherwise says in how many milliseconds to try again.
    pub fn session(&self, address: &str, now: Timestamp) -> Result<(), u64> {
        if self.enabled { self.sessions.take(address, now) } else { Ok(()) }
    }

    /// Takes one question of `address` outside a session; otherwise says in how many milliseconds
    /// to try again.
    pub fn ask(&self, address: &str, now: Timestamp) -> Result<(), u64> {
        if self.enabled { self.asks.take(address, now) } else { Ok(()) }
    }

    /// Takes one attempt of `address` to sign in as `login`: five in 15 minutes, and twenty an hour
    /// from one address as anybody. An account is never locked for everybody: whoever wants to
    /// keep a consultant out would only have to fail often enough. These hold without rates too.
    pub fn sign_in(&self, login: &str, address: &str, now: Timestamp) -> Result<(), u64> {
        self.sign_ins.take(&format!("{address} {login}"), now)?;
        self.addresses.take(address, now)
    }

    /// Gives an attempt back that succeeded.
    pub fn signed_in(&self, login: &str, address: &str) {
        self.sign_ins.give_back(&format!("{address} {login}"));
        self.addresses.give_back(address);
    }

    /// Takes one command of a consultant.
    pub fn command(&self, person: &str, now: Timestamp) -> Result<(), u64> {
        if self.enabled { self.commands.take(person, now) } else { Ok(()) }
    }

    /// Takes one look of a consultant at a past transcript.
    pub fn transcript(&self, person: &str, now: Timestamp) -> Result<(), u64> {
        self.transcripts.take(person, now)
    }
}

#[derive(Debug)]
struct Keyed {
    fresh: Vec<Bucket>,
    used: Mutex<Used>,
}

#[derive(Debug)]
struct Used {
    buckets: HashMap<String, Vec<Bucket>>,
    /// How many there may be before the next look for those at rest; it follows their number, so
    /// that a busy day does not look through all of them at every message.
    forget_at: usize,
}

impl Used {
    fn forget(&mut self, now: Timestamp) {
        if self.buckets.len() >= self.forget_at {
            self.buckets.retain(|_, buckets| !buckets.iter_mut().all(|bucket| bucket.is_full(now)));
            self.forget_at = FORGET_AT.max(self.buckets.len() * 2);
        }
    }
}

impl Keyed {
    fn new(fresh: Vec<Bucket>) -> Self {
        Self { fresh, used: Mutex::new(Used { buckets: HashMap::new(), forget_at: FORGET_AT }) }
    }

    fn take(&self, key: &str, now: Timestamp) -> Result<(), u64> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.forget(now);
        let buckets = used.buckets.entry(key.to_owned()).or_insert_with(|| self.fresh.clone());
        let wait = buckets.iter_mut().map(|bucket| bucket.wait_ms(now)).max().unwrap_or(0);
        if wait > 0 {
            return Err(wait);
        }
        for bucket in buckets {
            bucket.tokens -= 1.0;
        }
        Ok(())
    }
}

impl Keyed {
    fn give_back(&self, key: &str) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        for bucket in used.buckets.get_mut(key).into_iter().flatten() {
            bucket.tokens = (bucket.tokens + 1.0).min(bucket.capacity);
        }
    }
}

/// A token bucket; it starts full.
#[derive(Debug, Clone)]
struct Bucket {
    capacity: f64,
    per_second: f64,
    tokens: f64,
    at: Option<Timestamp>,
}

impl Bucket {
    fn per(capacity: u32, per_second: f64) -> Self {
        let capacity = f64::from(capacity.max(1));
        Self { capacity, per_second: per_second.max(f64::EPSILON), tokens: capacity, at: None }
    }

    fn fill(&mut self, now: Timestamp) {
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no microseconds")]
        let seconds = (now.as_micros() - self.at.unwrap_or(now).as_micros()).max(0) as f64 / 1e6;
        self.tokens = (self.tokens + seconds * self.per_second).min(self.capacity);
        self.at = Some(now);
    }

    fn is_full(&mut self, now: Timestamp) -> bool {
        self.fill(now);
        self.tokens >= self.capacity
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a day in milliseconds"
    )]
    fn wait_ms(&mut self, now: Timestamp) -> u64 {
        self.fill(now);
        if self.tokens >= 1.0 {
            0
        } else {
            ((1.0 - self.tokens) / self.per_second * 1000.0).ceil() as u64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_000_000_000_000_000 + seconds * 1_000_000)
    }

    #[test]
    fn a_burst_is_let_through_then_one_each_second() {
        let rates = Rates::new(&Limits { burst: 3, ..Limits::default() });
        let sent: Vec<bool> =
            [0, 0, 0, 0, 1, 1].map(|second| rates.message("a", at(second)).is_ok()).into();
        assert_eq!(sent, [true, true, true, false, true, false]);
        assert!(rates.message("b", at(0)).is_ok(), "others are not held up");
    }

    #[test]
    fn the_wait_is_told() {
        let rates = Rates::new(&Limits { burst: 1, ..Limits::default() });
        rates.message("a", at(0)).unwrap();
        assert_eq!(rates.message("a", at(0)), Err(1000));
    }

    #[test]
    fn those_at_rest_are_forgotten_and_the_others_are_not_looked_through_each_time() {
        let rates = Rates::new(&Limits::default());
        for n in 0..FORGET_AT * 3 {
            rates.message(&n.to_string(), at(0)).unwrap();
        }
        let kept = |rates: &Rates| {
            let used = rates.messages.used.lock().unwrap();
            (used.buckets.len(), used.forget_at)
        };
        assert_eq!(kept(&rates), (FORGET_AT * 3, FORGET_AT * 4));
        for n in 0..FORGET_AT * 2 {
            rates.message(&format!("later{n}"), at(86_400)).unwrap();
        }
        assert!(kept(&rates).0 <= FORGET_AT * 2, "{:?}", kept(&rates));
    }

    #[test]
    fn guessing_passwords_is_slow_and_locks_nobody_out() {
        let rates = Rates::new(&Limits { rates: false, ..Limits::default() });
        let tries = |address: &str, login: &str| {
            (0..10).filter(|_| rates.sign_in(login, address, at(0)).is_ok()).count()
        };
        assert_eq!(tries("bad", "li"), 5);
        assert_eq!(tries("good", "li"), 5, "from elsewhere the account is open");
        assert_eq!(tries("bad", "wu"), 5);
        let others: usize = (0..10).map(|n| tries("bad", &n.to_string())).sum();
        assert_eq!(others, 10, "twenty from one address");
        rates.signed_in("li", "good");
        assert_eq!(tries("good", "li"), 1, "a success counts for nothing");
        assert!(rates.sign_in("li", "bad", at(170)).is_err(), "still too early");
        assert!(rates.sign_in("li", "good", at(200)).is_ok(), "one for three minutes");
    }

    #[test]
    fn a_clock_that_jumps_back_gives_nothing_away() {
        let rates = Rates::new(&Limits { burst: 1, ..Limits::default() });
        rates.message("a", at(100_000)).unwrap();
        assert!(rates.message("a", at(0)).is_err());
    }
}
