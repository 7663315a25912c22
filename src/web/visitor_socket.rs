//! A visitor's socket: one task that owns it, reads the log from a cursor and writes what is new.
//!
//! The loop waits for three things (a frame, the doorbell, the heartbeat) and only for those
//! inside `select!`; whatever it then does runs to its end, so nothing is lost half-way.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::ws::{Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tokio::time::{Instant, timeout};

use super::api::prefix;
use super::desk_bodies;
use super::line::{End, Line, MAX_BAD_FRAMES, MAX_MISSED, PAGE, READ_BUFFER, Step, WRITE_BUFFER};
use super::place::Place;
use crate::app::{App, Seat};
use crate::bus::{Doorbell, Side};
use crate::desk::{Conversation, Rejection, Sent};
use crate::id;
use crate::protocol::{
    self, ClientFrame, CloseCode, ErrorCode, EventFrame, ServerFrame, Transcript, WelcomeLimits,
    parse_client_frame,
};
use crate::session::{Event, Mode};

/// How long the card of an emergency waits for its message to be stored.
const PATIENCE: Duration = Duration::from_millis(250);
/// Events that may be unacknowledged before the log is read no further.
const WINDOW: i64 = 256;

/// `GET /v1/chat`.
pub(super) async fn upgrade(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Some(seat) = app.take_seat(&prefix(peer.ip())) else {
        return (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "10")]).into_response();
    };
    let frame = app.desk.limits.frame_bytes;
    upgrade
        .protocols(["consult.v1"])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_frame_size(frame)
        .max_message_size(frame)
        .on_upgrade(move |socket| async move {
            let tracker = app.sockets.clone();
            tracker.track_future(serve(app, seat, socket)).await;
        })
}

async fn serve(app: Arc<App>, _seat: Seat, socket: WebSocket) {
    app.metrics.sockets.inc();
    let mut line = Line::new(socket);
    let ended = match greet(&app, &mut line).await {
        Ok(visitor) => Box::pin(visitor.run(&app, &mut line)).await,
        Err(end) => end,
    };
    if let End::Close(code) = ended {
        line.close(code).await;
    }
    app.metrics.sockets.dec();
}

/// Waits for hello and answers it.
async fn greet(app: &App, line: &mut Line) -> Step<Visitor> {
    let limits = &app.desk.limits;
    let hello = timeout(Duration::from_secs(limits.hello_seconds), line.next());
    let text = tokio::select! {
        hello = hello => hello.map_err(|_| End::Close(CloseCode::HelloTimeout))??,
        () = app.leaving.cancelled() => return Err(End::Close(CloseCode::Restart)),
    };
    let Ok(ClientFrame::Hello { token, epoch, after_seq }) = parse_client_frame(&text) else {
        line.send(&ServerFrame::Error { code: ErrorCode::BadFrame, fatal: true }).await?;
        return Err(End::Close(CloseCode::BadFrames));
    };
    let (session, conversation, doorbell) = match app.desk.join(&token).await {
        Ok(joined) => joined,
        Err(rejection) => {
            line.send(&ServerFrame::Error { code: rejection.code, fatal: true }).await?;
            return Err(End::Close(close_code(rejection.code)));
        }
    };
    let own_epoch = app.desk.store.epoch();
    let known = epoch.as_deref().is_some_and(|epoch| *epoch == *own_epoch);
    let (mode, cursor) = match after_seq {
        0 => ("fresh", 0),
        after if known && (0..=session.head).contains(&after) => ("resumed", after),
        _ => ("resync", 0),
    };
    let numbers = app.desk.emergency_numbers(&conversation);
    line.send(&ServerFrame::Welcome {
        conn: &id::random_hex::<4>(),
        epoch: &own_epoch,
        head_seq: session.head,
        mode,
        limits: WelcomeLimits {
            text_chars: limits.text_chars,
            frame_bytes: limits.frame_bytes,
            per_minute: limits.per_minute,
        },
        hb_ms: limits.heartbeat_seconds * 1000,
        numbers: numbers.iter().map(protocol::number).collect(),
    })
    .await?;
    if session.mode == Mode::Erased {
        return Err(End::Close(CloseCode::Ended));
    }
    let beat = Duration::from_secs(limits.heartbeat_seconds);
    let next_beat = Instant::now() + beat;
    Ok(Visitor {
        conversation,
        doorbell,
        head: session.head,
        cursor,
        acked: cursor,
        beat,
        next_beat,
        pings: 0,
        pongs: 0,
        bad_frames: 0,
        ended: !session.mode.is_open() && cursor == session.head,
        place: Place::new(session.mode),
        desk_typing: 0,
        looks: 0,
        epoch: own_epoch,
    })
}

fn close_code(code: ErrorCode) -> CloseCode {
    match code {
        ErrorCode::Unauthorized => CloseCode::Unauthorized,
        ErrorCode::TooManySockets => CloseCode::TooManySockets,
        ErrorCode::Closed => CloseCode::Ended,
        _ => CloseCode::Internal,
    }
}

/// A visitor who has said hello.
struct Visitor {
    conversation: Conversation,
    doorbell: Doorbell,
    /// Number of the newest event that is known of.
    head: i64,
    /// Number of the last event written to the socket.
    cursor: i64,
    /// Number of the last event that the client has.
    acked: i64,
    beat: Duration,
    next_beat: Instant,
    pings: u64,
    pongs: u64,
    bad_frames: u32,
    /// Whether the event that ended the session has been written to the socket.
    ended: bool,
    /// Where the session stands in the queue.
    place: Place,
    /// How often the desk was seen typing.
    desk_typing: u64,
    /// How often there may have been news that were not rung for.
    looks: u64,
    /// The name of the log's history when the client was welcomed.
    epoch: Arc<str>,
}

enum Wake {
    Frame(Utf8Bytes),
    Ring,
    Beat,
    Place,
    Leave,
}

impl Visitor {
    async fn run(mut self, app: &App, line: &mut Line) -> End {
        match self.follow(app, line).await {
            Ok(()) => End::Close(CloseCode::Restart),
            Err(end) => end,
        }
    }

    /// Runs until the socket ends, or the server wants to leave (`Ok`).
    async fn follow(&mut self, app: &App, line: &mut Line) -> Step {
        self.catch_up(app, line).await?;
        if self.ended {
            return Err(End::Close(CloseCode::Ended));
        }
        // Both wait on from one frame to the next: beginning to wait costs more than a frame's reading.
        let mut beat = pin!(tokio::time::sleep_until(self.next_beat));
        let mut leaving = pin!(app.leaving.cancelled());
        loop {
            line.flush().await?;
            if beat.deadline() != self.next_beat {
                beat.as_mut().reset(self.next_beat);
            }
            let wake = tokio::select! {
                frame = line.next() => Wake::Frame(frame?),
                () = self.doorbell.wait() => Wake::Ring,
                () = &mut beat => Wake::Beat,
                () = self.place.due() => Wake::Place,
                () = &mut leaving => Wake::Leave,
            };
            match wake {
                // What a frame needs is much, and most visitors send none for long.
                Wake::Frame(text) => Box::pin(self.handle(app, line, &text)).await?,
                Wake::Ring => self.answer_bell(app, line).await?,
                Wake::Beat => self.heartbeat(app, line).await?,
                Wake::Place => self.place.tell(app, line, &self.conversation.session).await?,
                Wake::Leave => {
                    let reconnect_in_ms = app.reconnect_delay();
                    return line.send(&ServerFrame::Goaway { reconnect_in_ms }).await;
                }
            }
            if self.ended {
                return Err(End::Close(CloseCode::Ended));
            }
        }
    }

    /// Stores a message. Where that takes long, the card of an emergency goes ahead of it.
    async fn send(
        &mut self,
        app: &App,
        line: &mut Line,
        cid: &str,
        text: &str,
        lang: Option<&str>,
    ) -> Step<Result<Sent, Rejection>> {
        let early = OnceLock::new();
        let mut sending = pin!(app.desk.send(&mut self.conversation, cid, text, lang, &early));
        if let Ok(sent) = timeout(PATIENCE, &mut sending).await {
            return Ok(sent);
        }
        if let Some(alarm) = early.get() {
            line.send(&ServerFrame::Alarm { cid, triage: protocol::verdict(alarm) }).await?;
            line.flush().await?;
        }
        Ok(sending.await)
    }

    /// Reads on when the log has grown beyond what was shown.
    async fn answer_bell(&mut self, app: &App, line: &mut Line) -> Step {
        let ring = self.doorbell.answer();
        self.head = self.head.max(ring.head);
        if ring.erased {
            return Err(End::Close(CloseCode::Ended));
        }
        if std::mem::replace(&mut self.desk_typing, ring.desk_typing) < ring.desk_typing {
            line.send(&ServerFrame::Typing {}).await?;
        }
        let looked = std::mem::replace(&mut self.looks, ring.looks) < ring.looks;
        if looked && self.epoch != app.desk.store.epoch() {
            return Err(End::Close(CloseCode::Resync));
        }
        if looked || self.head > self.cursor { self.catch_up(app, line).await } else { Ok(()) }
    }

    async fn handle(&mut self, app: &App, line: &mut Line, text: &str) -> Step {
        let Ok(frame) = parse_client_frame(text) else { return self.bad_frame(line).await };
        match frame {
            ClientFrame::Hello { .. } => self.bad_frame(line).await,
            ClientFrame::Send { cid, text, lang, context } => {
                if let Some(page) = context {
                    app.desk.turn_page(&mut self.conversation, page);
                }
                let started = std::time::Instant::now();
                let sent = self.send(app, line, &cid, &text, lang.as_deref()).await?;
                match &sent {
                    Ok(Sent::Stored(_)) => app.metrics.accepted_in(started.elapsed()),
                    Ok(Sent::Before(_)) => _ = app.metrics.duplicates.inc(),
                    Err(_) => _ = app.metrics.rejected.inc(),
                }
                self.report(app, line, &cid, sent).await
            }
            ClientFrame::Handoff { cid } => {
                let sent = app.desk.ask_for_a_person(&self.conversation, &cid).await;
                self.report(app, line, &cid, sent).await
            }
            ClientFrame::End { cid } => {
                let sent = app.desk.end(&self.conversation, &cid).await;
                self.report(app, line, &cid, sent).await
            }
            ClientFrame::Ack { seq } => {
                self.acked = self.acked.max(seq.min(self.cursor));
                self.answer_bell(app, line).await
            }
            ClientFrame::Pong { n } => {
                self.pongs = self.pongs.max(n.min(self.pings));
                Ok(())
            }
            ClientFrame::Typing {} => {
                app.desk.bus.ring_typing(&self.conversation.session, Side::Visitor);
                Ok(())
            }
            ClientFrame::Form(form) => {
                let cid = form.cid.clone();
                let sent = app.desk.take_form(&self.conversation, form).await;
                self.report(app, line, &cid, sent).await
            }
            ClientFrame::Feedback { cid, seq, value, reason } => {
                let reason = reason.map(|reason| reason.chars().take(500).collect::<String>());
                let session = &self.conversation.session;
                match app.desk.rate(session, seq, value.name(), reason).await {
                    Ok(()) => line.send(&ServerFrame::Done { cid: &cid }).await,
                    Err(rejection) => reject(line, &cid, rejection).await,
                }
            }
            ClientFrame::Export { cid } => self.export(app, line, &cid).await,
            ClientFrame::Erase { cid } => match app.desk.erase(&self.conversation.session).await {
                Ok(()) => {
                    line.send(&ServerFrame::Erased { cid: &cid }).await?;
                    Err(End::Close(CloseCode::Ended))
                }
                Err(rejection) => reject(line, &cid, rejection).await,
            },
        }
    }

    /// Tells the client what became of its message, then shows the events.
    async fn report(
        &mut self,
        app: &App,
        line: &mut Line,
        cid: &str,
        sent: Result<Sent, Rejection>,
    ) -> Step {
        match sent {
            Ok(Sent::Stored(events)) => {
                let seq = events.first().map_or(0, |event| event.seq);
                line.send(&ServerFrame::Accepted { cid, seq, dup: false }).await?;
                if seq == self.cursor + 1 && self.window_is_open() {
                    for event in &events {
                        line.send_text(protocol::own_event(event)).await?;
                        self.has_shown(event);
                    }
                }
            }
            Ok(Sent::Before(seq)) => {
                line.send(&ServerFrame::Accepted { cid, seq, dup: true }).await?;
            }
            Err(rejection) => return reject(line, cid, rejection).await,
        }
        self.answer_bell(app, line).await
    }

    /// Reads the log from the cursor to its end, as far as the client keeps up.
    async fn catch_up(&mut self, app: &App, line: &mut Line) -> Step {
        while self.window_is_open() {
            let events = match app
                .desk
                .store
                .events_after(&self.conversation.session, self.cursor, PAGE)
                .await
            {
                Ok(events) => events,
                Err(fault) => {
                    tracing::error!(error = %fault, "the log cannot be read");
                    return Err(End::Close(CloseCode::Internal));
                }
            };
            let complete = i64::try_from(events.len()).is_ok_and(|read| read < PAGE);
            self.show(line, &events).await?;
            if complete {
                break;
            }
        }
        Ok(())
    }

    async fn show(&mut self, line: &mut Line, events: &[Event]) -> Step {
        for event in events {
            if event.seq <= self.cursor {
                continue;
            }
            let frame = EventFrame::new(event).ok_or(End::Close(CloseCode::Internal))?;
            line.send(&frame).await?;
            self.has_shown(event);
        }
        Ok(())
    }

    fn has_shown(&mut self, event: &Event) {
        self.cursor = event.seq;
        self.ended = event.ends_session();
        self.place.follow(event);
        self.conversation.hear_of(event);
    }

    fn window_is_open(&self) -> bool {
        self.cursor - self.acked < WINDOW
    }

    /// Asks whether the client is there, and looks whether a ring was missed.
    async fn heartbeat(&mut self, app: &App, line: &mut Line) -> Step {
        if self.pings - self.pongs >= MAX_MISSED {
            return Err(End::Close(CloseCode::Heartbeat));
        }
        let session = match app.desk.store.session(&self.conversation.session).await {
            Ok(Some(session)) => session,
            Ok(None) => return Err(End::Close(CloseCode::Ended)),
            Err(_) => return Err(End::Close(CloseCode::Internal)),
        };
        if session.mode == Mode::Erased {
            return Err(End::Close(CloseCode::Ended));
        }
        self.head = self.head.max(session.head);
        self.answer_bell(app, line).await?;
        self.pings += 1;
        self.next_beat = Instant::now() + self.beat;
        line.send(&ServerFrame::Ping { n: self.pings, head_seq: session.head }).await
    }

    async fn bad_frame(&mut self, line: &mut Line) -> Step {
        self.bad_frames += 1;
        let fatal = self.bad_frames >= MAX_BAD_FRAMES;
        line.send(&ServerFrame::Error { code: ErrorCode::BadFrame, fatal }).await?;
        if fatal { Err(End::Close(CloseCode::BadFrames)) } else { Ok(()) }
    }

    async fn export(&mut self, app: &App, line: &mut Line, cid: &str) -> Step {
        let session = &self.conversation.session;
        let events = match app.desk.transcript(session).await {
            Ok(events) => events,
            Err(rejection) => return reject(line, cid, rejection).await,
        };
        let events = events.iter().filter_map(EventFrame::new).collect();
        let forms = match app.desk.store.forms(Some(session), None).await {
            Ok(forms) => forms.iter().map(desk_bodies::form).collect(),
            Err(fault) => return reject(line, cid, fault.into()).await,
        };
        line.send(&ServerFrame::Exported {
            cid,
            session: Transcript { id: session.as_str(), events, forms },
        })
        .await
    }
}

async fn reject(line: &mut Line, cid: &str, rejection: Rejection) -> Step {
    let Rejection { code, retryable, retry_after_ms, alarm, field } = rejection;
    let triage = alarm.as_deref().map(protocol::verdict);
    let rejected = ServerFrame::Rejected { cid, code, retryable, retry_after_ms, field, triage };
    line.send(&rejected).await
}
