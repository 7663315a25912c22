//! The use cases: open a session, listen, ask, ask for a person, end, take away, erase.
//! The only place where engine, store and bus meet; it owns the order of work and the time.

mod limits;
mod visitor;

pub use limits::Rates;
pub use visitor::{Conversation, Rejection, Sent};

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::bus::Bus;
use crate::config::Limits;
use crate::engine::Engine;
use crate::knowledge::{File, Knowledge};
use crate::store::Store;
use crate::time::Clock;

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
    engine: ArcSwapOption<Engine>,
    rates: Rates,
    fallback: Knowledge,
}

impl Desk {
    /// Returns a desk that has no engine yet.
    pub fn new(store: Store, bus: Bus, limits: Limits, clock: Clock) -> Self {
        let rates = Rates::new(&limits);
        Self {
            store,
            bus,
            limits,
            clock,
            engine: ArcSwapOption::empty(),
            rates,
            fallback: fallback(),
        }
    }

    /// Returns the generation that answers now.
    pub fn engine(&self) -> Option<Arc<Engine>> {
        self.engine.load_full()
    }

    /// Lets `engine` answer from now on; questions under way finish with the one they began with.
    pub fn serve(&self, engine: Engine) {
        self.engine.store(Some(Arc::new(engine)));
    }

    /// Returns the current moment.
    pub fn now(&self) -> crate::time::Timestamp {
        self.clock.now()
    }
}

/// Returns the words for when no generation can be opened: the canned texts that this program
/// was built with.
fn fallback() -> Knowledge {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let files = [
        file("policy/replies.toml", include_str!("../knowledge/policy/replies.toml")),
        file("policy/disclaimers.toml", include_str!("../knowledge/policy/disclaimers.toml")),
        file("policy/hand-off.toml", include_str!("../knowledge/policy/hand-off.toml")),
    ];
    Knowledge::parse(&files).0
}
