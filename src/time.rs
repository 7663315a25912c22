//! Time stamps, and the one clock of the program.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

pub use jiff::civil::Date;

/// A moment in microseconds since 1970 (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Returns the moment `micros` microseconds after 1970.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Returns the microseconds since 1970.
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// Returns the moment `seconds` earlier.
    #[must_use]
    pub fn minus_seconds(self, seconds: i64) -> Self {
        Self(self.0 - seconds * 1_000_000)
    }

    /// Returns the moment `seconds` later.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        self.minus_seconds(-seconds)
    }

    /// Returns the whole seconds since `earlier`; 0 when that is later.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        ((self.0 - earlier.0) / 1_000_000).max(0)
    }

    /// Returns the start of a day such as `2026-11-22`, or of so many days after it, in UTC.
    pub fn of_day(text: &str, after: i8) -> Option<Self> {
        let day: Date = text.parse().ok()?;
        let day = day.checked_add(jiff::Span::new().try_days(after).ok()?).ok()?;
        let start = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self(start.timestamp().as_microsecond()))
    }

    /// Returns the day in UTC.
    pub fn date(self) -> Date {
        self.civil().to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    fn civil(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.civil())
    }
}

/// Where `now` comes from; asked by `desk` and `cli` only, so that everything else is testable.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still, for tests.
    Fixed(Timestamp),
    /// A clock that tests move, in microseconds.
    Moved(&'static AtomicI64),
}

impl Clock {
    /// Returns the current moment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp(jiff::Timestamp::now().as_microsecond()),
            Self::Fixed(now) => now,
            Self::Moved(micros) => Timestamp(micros.load(Ordering::SeqCst)),
        }
    }
}
