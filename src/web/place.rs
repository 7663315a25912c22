//! Tells a visitor where the session stands in the queue, for as long as it waits for a person.

use std::time::Duration;

use tokio::time::Instant;

use super::line::{Line, Step};
use crate::app::App;
use crate::id::SessionId;
use crate::protocol::ServerFrame;
use crate::session::{Event, Mode};

/// How soon the place is told at first: the board is read again when a session joins the queue.
const SOON: Duration = Duration::from_millis(100);
/// How often it is told from then on.
const EVERY: Duration = Duration::from_secs(5);

/// When to say the next time where the session stands; `None` when it waits for nobody.
pub(super) struct Place {
    next: Option<Instant>,
}

impl Place {
    pub(super) fn new(mode: Mode) -> Self {
        Self { next: (mode == Mode::Queued).then(Instant::now) }
    }

    /// Takes in what the log says.
    pub(super) fn follow(&mut self, event: &Event) {
        if let Some(waits) = event.waits() {
            self.next = waits.then(|| Instant::now() + SOON);
        }
    }

    /// Waits until it is time to tell. Cancelling the wait loses nothing.
    pub(super) async fn due(&self) {
        match self.next {
            Some(next) => tokio::time::sleep_until(next).await,
            None => std::future::pending().await,
        }
    }

    pub(super) async fn tell(&mut self, app: &App, line: &mut Line, session: &SessionId) -> Step {
        self.next = Some(Instant::now() + EVERY);
        let Some(place) = app.desk.board().place(session, app.desk.now()) else { return Ok(()) };
        line.send(&ServerFrame::Queue {
            position: place.position,
            on_duty: place.on_duty,
            waited_seconds: place.waited_seconds,
            expected_seconds: place.expected_seconds,
        })
        .await
    }
}
