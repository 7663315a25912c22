//! Numbers for operators, in Prometheus' text format. No label ever holds a visitor's words.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::bus::{Bus, Reach};

/// Upper bounds of the time from a message to its acceptance, in seconds.
const SECONDS: [f64; 11] = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// What the server counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Sockets that are open now.
    pub sockets: Gauge,
    /// Sessions opened.
    pub sessions: Counter,
    /// Messages stored, each once.
    pub accepted: Counter,
    /// Messages that came again.
    pub duplicates: Counter,
    /// Messages refused.
    pub rejected: Counter,
    generation: Gauge<f64, AtomicU64>,
    bus_connected: Gauge,
    bus_dropped: Counter,
    accept_seconds: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("eider");
        let accept_seconds = Histogram::new(SECONDS);
        let metrics = Self {
            sockets: Gauge::default(),
            sessions: Counter::default(),
            accepted: Counter::default(),
            duplicates: Counter::default(),
            rejected: Counter::default(),
            generation: Gauge::default(),
            bus_connected: Gauge::default(),
            bus_dropped: Counter::default(),
            accept_seconds: accept_seconds.clone(),
            registry: Registry::default(),
        };
        registry.register("sockets", "Open visitor sockets", metrics.sockets.clone());
        registry.register("sessions", "Sessions opened", metrics.sessions.clone());
        registry.register("messages_accepted", "Messages stored", metrics.accepted.clone());
        registry.register(
            "messages_duplicate",
            "Messages that came again",
            metrics.duplicates.clone(),
        );
        registry.register("messages_rejected", "Messages refused", metrics.rejected.clone());
        registry.register(
            "generation",
            "Generation of the knowledge base",
            metrics.generation.clone(),
        );
        registry.register(
            "bus_connected",
            "Whether other nodes are told at once (0 without a bus)",
            metrics.bus_connected.clone(),
        );
        registry.register(
            "bus_dropped",
            "Rings that other nodes were not told of and find by looking",
            metrics.bus_dropped.clone(),
        );
        registry.register(
            "accept_seconds",
            "From a message to its acceptance, answer included",
            accept_seconds,
        );
        Self { registry, ..metrics }
    }
}

impl Metrics {
    /// Notes how long a message took.
    pub fn accepted_in(&self, time: Duration) {
        self.accepted.inc();
        self.accept_seconds.observe(time.as_secs_f64());
    }

    /// Returns all numbers as text.
    pub fn render(&self, generation: u64, bus: &Bus) -> String {
        #[expect(clippy::cast_precision_loss, reason = "generations are few")]
        self.generation.set(generation as f64);
        self.bus_connected.set(i64::from(bus.reach() == Reach::Connected));
        self.bus_dropped.inner().store(bus.dropped(), Ordering::Relaxed);
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
