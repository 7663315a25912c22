//! The use cases. Visitors: open a session, listen, ask, ask for a person, end, take away, erase.
//! Consultants: sign in, claim, reply, pass on, close, look back. The only place where engine,
//! store and bus meet; it owns the order of work and the time.

mod account;
mod assign;
mod board;
mod consultant;
mod conversation;
mod factor;
mod handoff;
mod integration;
mod limits;
mod nodes;
mod past;
mod round;
mod visitor;
mod words;

pub use account::{ABSOLUTE_SECONDS, Attempt, IDLE_SECONDS, SignedIn, TICKET_SECONDS};
pub use board::{Board, Person, Place};
pub use consultant::{Carried, Refusal};
pub use conversation::Conversation;
pub use factor::{Checked, PROOF_SECONDS};
pub use integration::SCOPES;
pub use limits::Rates;

pub use past::{File, Hidden, Today};
pub use visitor::{Rejection, Sent};
pub use words::{Fault, rebuild};

use nodes::Others;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption};
use rust_embed::RustEmbed;

use crate::alarm::{Heard, Watch};
use crate::bus::Bus;
use crate::config::Limits;
use crate::consult::{Answer, Situation};
use crate::engine::Engine;
use crate::id::UserId;
use crate::knowledge::{self, Knowledge};
use crate::store::Store;
use crate::text::Lang;
use crate::time::{Clock, Timestamp};

/// Everything a consultation needs.
#[derive(Debug)]
pub struct Desk {
    /// The logs.
    pub store: Store,
    /// The doorbells.
    pub bus: Bus,
    /// What visitors must keep to.
    pub limits: Limits,
    clock: Clock,
    /// Since when this node has heard of everybody without a break: its start, or the last time
    /// the database was away.
    settled: Mutex<Timestamp>,
    /// What it knows of the other nodes on the same database.
    others: Others,
    engine: ArcSwapOption<Engine>,
    rates: Rates,
    /// Who waits and who is there, as last read.
    board: ArcSwap<Board>,
    /// When each consultant's console on this node was last heard of.
    heard: Mutex<HashMap<UserId, Timestamp>>,
    /// Parsed when it is first needed, which is seldom: a start should not wait for it.
    fallback: LazyLock<Fallback>,
}

impl Desk {
    /// Returns a desk that has no engine yet.
    pub fn new(store: Store, bus: Bus, limits: Limits, clock: Clock) -> Self {
        let rates = Rates::new(&limits);
        Self {
            store,
            bus,
            limits,
            settled: Mutex::new(clock.now()),
            others: Others::default(),
            clock,
            engine: ArcSwapOption::empty(),
            rates,
            board: ArcSwap::default(),
            heard: Mutex::default(),
            fallback: LazyLock::new(Fallback::new),
        }
    }

    /// Returns the generation that answers now.
    pub fn engine(&self) -> Option<Arc<Engine>> {
        self.engine.load_full()
    }

    /// Lets `engine` answer from now on; questions under way finish with the one they began with.
    pub fn serve(&self, engine: Engine) -> Arc<Engine> {
        let engine = Arc::new(engine);
        self.engine.store(Some(engine.clone()));
        engine
    }

    /// Returns the current moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn settled(&self) -> MutexGuard<'_, Timestamp> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn heard(&self) -> MutexGuard<'_, HashMap<UserId, Timestamp>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message as it was read, and what is said to it.
#[derive(Debug)]
struct Reply {
    heard: Heard,
    answer: Answer,
    /// The answer in words.
    body: String,
}

/// For when no generation can be opened: the canned texts and the emergency policy that this
/// program was built with.
#[derive(Debug)]
struct Fallback {
    knowledge: Knowledge,
    watch: Watch,
}

impl Fallback {
    fn new() -> Self {
        let files: Vec<knowledge::File> = BuiltIn::iter()
            .filter_map(|path| {
                let text = String::from_utf8(BuiltIn::get(&path)?.data.into_owned()).ok()?;
                Some(knowledge::File { path: format!("policy/{path}"), text })
            })
            .collect();
        let (knowledge, _) = Knowledge::parse(&files);
        let (watch, _) = Watch::new(&files, &knowledge);
        Self { knowledge, watch }
    }

    /// Returns the reply that nothing can be answered just now, or the emergency card.
    fn failed(&self, id: &str, text: &str, situation: &Situation) -> Reply {
        let heard = self.watch.hear(text);
        let lang = Lang::detect(text).or(situation.lang).unwrap_or_default();
        let region = situation.region.as_deref();
        let alarm = self.watch.judge(&situation.recent, &heard, &situation.drugs, region, lang);
        let situation = Situation { lang: Some(lang), ..situation.clone() };
        let (answer, body) = visitor::canned(id, "failed", alarm, &situation, &self.knowledge, 0);
        Reply { heard, answer, body }
    }
}

/// The policy as it was when the program was built.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/knowledge/policy"]
struct BuiltIn;
