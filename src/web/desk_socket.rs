//! A consultant's socket: one task that owns it, shows the queue and the sessions it follows, and
//! carries out commands. As for visitors, only waiting stands inside `select!`; whatever the loop
//! then does runs to its end.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use futures_util::future::select_all;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::api::prefix;
use super::desk_bodies as bodies;
use super::line::{End, Line, MAX_BAD_FRAMES, MAX_MISSED, PAGE, READ_BUFFER, Step, WRITE_BUFFER};
use super::{auth, desk_commands};
use crate::app::{App, Seat};
use crate::bus::{Doorbell, Ring, Side};
use crate::desk::{Board, Refusal, SignedIn};
use crate::id::{self, SessionId};
use crate::protocol::{
    CloseCode, DeskError, DeskEvent, DeskFrame, DeskLimits, DeskSays, EventFrame, PersonBody,
    RowBody,
};
use crate::session::{Mode, Outcome};

/// Largest frame of a console, in bytes.
const MAX_FRAME: usize = 64 * 1024;
/// Most sessions that one socket follows.
const MAX_OPEN: usize = 20;
/// How often a socket looks whether it may still be there, and who has come or gone.
const LOOK: Duration = Duration::from_secs(1);

/// `GET /v1/desk`.
pub(super) async fn upgrade(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, auth::Refused> {
    auth::own_page(&app, &headers)?;
    let caller = auth::consultant(&app, &headers).await.map_err(|_| auth::forbidden())?;
    let Some(seat) = app.take_seat(&prefix(peer.ip())) else {
        return Ok((StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "10")]).into_response());
    };
    let signed_in = caller.signed_in;
    Ok(upgrade
        .protocols(["desk.v1"])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_frame_size(MAX_FRAME)
        .max_message_size(MAX_FRAME)
        .on_upgrade(move |socket| async move {
            let tracker = app.sockets.clone();
            tracker.track_future(serve(app, seat, socket, signed_in)).await;
        }))
}

async fn serve(app: Arc<App>, _seat: Seat, socket: WebSocket, signed_in: SignedIn) {
    let mut line = Line::new(socket);
    let ended = match greet(&app, &mut line, signed_in).await {
        Ok(mut console) => {
            let person = console.signed_in.user.id.clone();
            app.console_opened(&person);
            let ended = Box::pin(console.follow(&app, &mut line)).await;
            if app.console_closed(&person) {
                app.desk.leave(&person).await;
            }
            match ended {
                Ok(()) => End::Close(CloseCode::Restart),
                Err(end) => end,
            }
        }
        Err(end) => end,
    };
    if let End::Close(code) = ended {
        line.close(code).await;
    }
}

/// Waits for hello and answers it.
async fn greet(app: &App, line: &mut Line, signed_in: SignedIn) -> Step<Console> {
    let limits = &app.desk.limits;
    let hello = timeout(Duration::from_secs(limits.hello_seconds), line.next());
    let text = tokio::select! {
        hello = hello => hello.map_err(|_| End::Close(CloseCode::HelloTimeout))??,
        () = app.leaving.cancelled() => return Err(End::Close(CloseCode::Restart)),
    };
    let Ok(DeskFrame::Hello { ticket }) = serde_json::from_str(&text) else {
        return Err(End::Close(CloseCode::BadFrames));
    };
    let redeemed = app.desk.redeem(&ticket).await.map_err(|_| End::Close(CloseCode::Internal))?;
    let is_own = redeemed.is_some_and(|other| other.session.id == signed_in.session.id);
    if !is_own {
        let code = DeskError::Unauthorized;
        line.send(&DeskSays::Error { code, fatal: true }).await?;
        return Err(End::Close(CloseCode::Unauthorized));
    }
    let away = |_| End::Close(CloseCode::Internal);
    app.desk.arrive(&signed_in.user.id).await.map_err(away)?;
    let board_bell = app.board.subscribe();
    let board = app.desk.read_board().await.map_err(away)?;
    let beat = Duration::from_secs(limits.heartbeat_seconds);
    let mut console = Console {
        signed_in,
        epoch: app.desk.store.epoch(),
        board: board_bell,
        rows: HashMap::new(),
        people: Vec::new(),
        open: Vec::new(),
        beat,
        next_beat: Instant::now() + beat,
        next_look: Instant::now() + LOOK,
        pings: 0,
        pongs: 0,
        bad_frames: 0,
    };
    console.welcome(app, line, &board).await?;
    Ok(console)
}

/// A console whose consultant has said hello.
pub(super) struct Console {
    pub(super) signed_in: SignedIn,
    epoch: Arc<str>,
    board: watch::Receiver<Arc<Board>>,
    /// The rows that the console knows.
    rows: HashMap<SessionId, RowBody>,
    people: Vec<PersonBody>,
    /// The sessions that it follows.
    pub(super) open: Vec<Followed>,
    beat: Duration,
    next_beat: Instant,
    next_look: Instant,
    pings: u64,
    pongs: u64,
    bad_frames: u32,
}

/// A session that a console follows.
pub(super) struct Followed {
    pub(super) session: SessionId,
    pub(super) doorbell: Doorbell,
    /// Number of the last event written to the socket.
    pub(super) cursor: i64,
    /// Number of the newest event that is known of.
    pub(super) head: i64,
    /// What the doorbell last said.
    pub(super) rung: Ring,
    /// Notes and forms that the console has.
    pub(super) notes: usize,
    pub(super) forms: usize,
    pub(super) online: bool,
}

enum Wake {
    Frame(Utf8Bytes),
    Board,
    Ring(usize),
    Beat,
    Look,
    Leave,
}

impl Console {
    async fn welcome(&mut self, app: &App, line: &mut Line, board: &Board) -> Step {
        let rows = self.visible_rows(board);
        self.people = bodies::people(board);
        let limits = &app.desk.limits;
        line.send(&DeskSays::Welcome {
            conn: &id::random_hex::<4>(),
            epoch: &self.epoch,
            hb_ms: limits.heartbeat_seconds * 1000,
            me: &auth::user_body(&self.signed_in.user),
            limits: DeskLimits {
                text_chars: limits.text_chars,
                note_chars: limits.text_chars,
                frame_bytes: MAX_FRAME,
                open_sessions: MAX_OPEN,
            },
            outcomes: Outcome::ALL.map(Outcome::name).to_vec(),
            queue: &rows,
            people: &self.people,
        })
        .await?;
        self.rows = rows.into_iter().map(|row| (row.session.clone(), row)).collect();
        Ok(())
    }

    /// Runs until the socket ends, or the server wants to leave (`Ok`).
    async fn follow(&mut self, app: &App, line: &mut Line) -> Step {
        loop {
            line.flush().await?;
            let wake = tokio::select! {
                frame = line.next() => Wake::Frame(frame?),
                _ = self.board.changed() => Wake::Board,
                at = rung(&mut self.open) => Wake::Ring(at),
                () = tokio::time::sleep_until(self.next_beat) => Wake::Beat,
                () = tokio::time::sleep_until(self.next_look) => Wake::Look,
                () = app.leaving.cancelled() => Wake::Leave,
            };
            match wake {
                Wake::Frame(text) => {
                    app.desk.hear(&self.signed_in.user.id);
                    self.handle(app, line, &text).await?;
                }
                Wake::Board => self.show_board(line).await?,
                Wake::Ring(at) => self.answer_bell(app, line, at).await?,
                Wake::Beat => self.heartbeat(line).await?,
                Wake::Look => self.look(app, line).await?,
                Wake::Leave => {
                    let reconnect_in_ms = app.reconnect_delay();
                    return line.send(&DeskSays::Goaway { reconnect_in_ms }).await;
                }
            }
        }
    }

    async fn handle(&mut self, app: &App, line: &mut Line, text: &str) -> Step {
        let Ok(frame) = serde_json::from_str::<DeskFrame>(text) else {
            return self.bad_frame(line).await;
        };
        if let DeskFrame::Pong { n } = frame {
            self.pongs = self.pongs.max(n.min(self.pings));
            return Ok(());
        }
        self.check_account(app).await?;
        match frame {
            DeskFrame::Hello { .. } => self.bad_frame(line).await,
            DeskFrame::Leave { session } => {
                self.open.retain(|followed| followed.session != session);
                Ok(())
            }
            DeskFrame::Typing { session } => {
                // Only whoever has it: anybody else would be a ghost in the visitor's chat.
                if app.desk.board().has(&session, &self.signed_in.user.id) {
                    app.desk.bus.ring_typing(&session, Side::Desk);
                }
                Ok(())
            }
            DeskFrame::Open { cid, session, after_seq } => {
                self.open_session(app, line, &cid, &session, after_seq).await
            }
            command => desk_commands::carry_out(self, app, line, command).await,
        }
    }

    async fn open_session(
        &mut self,
        app: &App,
        line: &mut Line,
        cid: &str,
        session: &SessionId,
        after_seq: i64,
    ) -> Step {
        self.open.retain(|followed| followed.session != *session);
        if self.open.len() >= MAX_OPEN {
            let refusal = DeskError::TooManyOpen.into();
            return desk_commands::refuse(line, cid, Some(session), refusal).await;
        }
        // The doorbell comes first: whatever is written from here on rings.
        let Some(doorbell) = app.desk.bus.overhear(session) else { return Ok(()) };
        match self.read_session(app, session).await {
            Ok((row, notes, forms)) => {
                let (online, mut doorbell) = (app.desk.has_visitor(session), doorbell);
                let followed = Followed {
                    session: session.clone(),
                    rung: doorbell.answer(),
                    doorbell,
                    cursor: after_seq.clamp(0, row.head_seq),
                    head: row.head_seq,
                    notes: notes.len(),
                    forms: forms.len(),
                    online,
                };
                let head_seq = row.head_seq;
                let row = Box::new(row);
                let opened = DeskSays::Opened { cid, session, head_seq, row, online, notes, forms };
                line.send(&opened).await?;
                self.open.push(followed);
                let at = self.open.len() - 1;
                self.catch_up(app, line, at).await
            }
            Err(refusal) => desk_commands::refuse(line, cid, Some(session), refusal).await,
        }
    }

    async fn read_session(
        &self,
        app: &App,
        session: &SessionId,
    ) -> Result<(RowBody, Vec<crate::protocol::NoteBody>, Vec<crate::protocol::FormBody>), Refusal>
    {
        let user = &self.signed_in.user;
        let found = app.desk.visible(user, session).await?;
        let notes = app.desk.store.notes(session).await?;
        let forms = app.desk.store.forms(Some(session), None).await?;
        app.desk.remember(user, "view", session, String::new()).await?;
        let board = app.desk.board();
        let notes = notes.iter().map(|note| bodies::note(note, &board)).collect();
        Ok((bodies::row(&found), notes, forms.iter().map(bodies::form).collect()))
    }

    /// Shows what has changed in a session that is followed.
    async fn answer_bell(&mut self, app: &App, line: &mut Line, at: usize) -> Step {
        let Some(followed) = self.open.get_mut(at) else { return Ok(()) };
        let ring = followed.doorbell.answer();
        if ring.erased {
            let session = self.open.swap_remove(at).session;
            return line.send(&DeskSays::Closed { session: &session, why: "erased" }).await;
        }
        let before = std::mem::replace(&mut followed.rung, ring);
        followed.head = followed.head.max(ring.head);
        if before.looks < ring.looks {
            followed.head = followed.head.max(followed.cursor + 1);
        }
        let session = followed.session.clone();
        if before.visitor_typing < ring.visitor_typing {
            line.send(&DeskSays::Typing { session: &session }).await?;
        }
        if before.notes < ring.notes {
            self.show_notes(app, line, at).await?;
        }
        self.catch_up(app, line, at).await
    }

    async fn show_notes(&mut self, app: &App, line: &mut Line, at: usize) -> Step {
        let followed = &mut self.open[at];
        let session = followed.session.clone();
        let notes = app.desk.store.notes(&session).await.map_err(unreadable)?;
        let board = app.desk.board();
        for note in notes.iter().skip(followed.notes) {
            let note = bodies::note(note, &board);
            line.send(&DeskSays::Note { session: &session, note: &note }).await?;
        }
        followed.notes = notes.len();
        Ok(())
    }

    /// Reads the log of a followed session to its end.
    pub(super) async fn catch_up(&mut self, app: &App, line: &mut Line, at: usize) -> Step {
        let Some(followed) = self.open.get_mut(at) else { return Ok(()) };
        let (mut has_form, mut ends) = (false, false);
        while followed.head > followed.cursor {
            let (session, cursor) = (&followed.session, followed.cursor);
            let events =
                app.desk.store.events_after(session, cursor, PAGE).await.map_err(unreadable)?;
            if events.is_empty() {
                followed.head = followed.cursor;
                break;
            }
            for event in &events {
                let frame = EventFrame::new(event).ok_or(End::Close(CloseCode::Internal))?;
                line.send(&DeskEvent { session: &followed.session, event: frame }).await?;
                followed.cursor = event.seq;
                has_form |= event.brings_form();
                ends |= event.ends_session();
            }
            followed.head = followed.head.max(followed.cursor);
        }
        if has_form {
            let forms =
                app.desk.store.forms(Some(&followed.session), None).await.map_err(unreadable)?;
            let forms: Vec<_> = forms.iter().map(bodies::form).collect();
            for form in forms.iter().skip(followed.forms) {
                line.send(&DeskSays::Form { session: &followed.session, form }).await?;
            }
            followed.forms = forms.len();
        }
        if ends {
            let session = self.open.swap_remove(at).session;
            line.send(&DeskSays::Closed { session: &session, why: "ended" }).await?;
        }
        Ok(())
    }

    /// Shows what has changed on the board.
    async fn show_board(&mut self, line: &mut Line) -> Step {
        let board = self.board.borrow_and_update().clone();
        let rows = self.visible_rows(&board);
        let people = bodies::people(&board);
        if people != self.people {
            self.people = people;
            line.send(&DeskSays::People { people: &self.people }).await?;
        }
        let set: Vec<&RowBody> =
            rows.iter().filter(|row| self.rows.get(&row.session) != Some(row)).collect();
        let now: std::collections::HashSet<&SessionId> =
            rows.iter().map(|row| &row.session).collect();
        let gone: Vec<&SessionId> =
            self.rows.keys().filter(|session| !now.contains(session)).collect();
        if !set.is_empty() || !gone.is_empty() {
            line.send(&DeskSays::Queue { set, gone }).await?;
        }
        self.rows = rows.into_iter().map(|row| (row.session.clone(), row)).collect();
        Ok(())
    }

    /// Returns the rows that this consultant may see, in the order of the queue.
    fn visible_rows(&self, board: &Board) -> Vec<RowBody> {
        let user = &self.signed_in.user;
        let visible = board.rows.iter().filter(|row| {
            let assignee = row.handoff.assignee();
            assignee.is_none() || assignee == Some(&user.id) || user.is_administrator()
        });
        visible.map(bodies::row).collect()
    }

    /// Looks whether the account still holds, whether each session may still be followed, whether
    /// a ring was missed, and whether visitors have come or gone.
    async fn look(&mut self, app: &App, line: &mut Line) -> Step {
        self.next_look = Instant::now() + LOOK;
        if self.epoch != app.desk.store.epoch() {
            return Err(End::Close(CloseCode::Resync));
        }
        self.check_account(app).await?;
        let followed: Vec<SessionId> =
            self.open.iter().map(|followed| followed.session.clone()).collect();
        for session in followed {
            let Some(at) = self.open.iter().position(|open| open.session == session) else {
                continue;
            };
            let online = app.desk.has_visitor(&session);
            if std::mem::replace(&mut self.open[at].online, online) != online {
                line.send(&DeskSays::Presence { session: &session, online }).await?;
            }
            match app.desk.visible(&self.signed_in.user, &session).await {
                Ok(found) => {
                    let followed = &mut self.open[at];
                    followed.head = followed.head.max(found.head);
                    self.catch_up(app, line, at).await?;
                }
                Err(refusal) if refusal.code == DeskError::NotFound => {
                    self.open.swap_remove(at);
                    // Whether it rang yet or not: what was erased must leave the page.
                    let found = app.desk.store.session(&session).await.map_err(unreadable)?;
                    let erased = found.is_none_or(|session| session.mode == Mode::Erased);
                    let why = if erased { "erased" } else { "not_yours" };
                    line.send(&DeskSays::Closed { session: &session, why }).await?;
                }
                // The database is away: the next look tells.
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Ends the socket when the sign-in does.
    async fn check_account(&mut self, app: &App) -> Step {
        let found = app.desk.still_signed_in(&self.signed_in.session.id).await;
        match found.map_err(unreadable)? {
            Some(signed_in) if signed_in.user.may_consult() => {
                self.signed_in = signed_in;
                Ok(())
            }
            _ => {
                let disabled =
                    app.desk.is_disabled(&self.signed_in.user).await.map_err(unreadable)?;
                let code = if disabled { CloseCode::Disabled } else { CloseCode::Unauthorized };
                Err(End::Close(code))
            }
        }
    }

    async fn heartbeat(&mut self, line: &mut Line) -> Step {
        if self.pings - self.pongs >= MAX_MISSED {
            return Err(End::Close(CloseCode::Heartbeat));
        }
        self.pings += 1;
        self.next_beat = Instant::now() + self.beat;
        line.send(&DeskSays::Ping { n: self.pings }).await
    }

    async fn bad_frame(&mut self, line: &mut Line) -> Step {
        self.bad_frames += 1;
        let fatal = self.bad_frames >= MAX_BAD_FRAMES;
        line.send(&DeskSays::Error { code: DeskError::BadFrame, fatal }).await?;
        if fatal { Err(End::Close(CloseCode::BadFrames)) } else { Ok(()) }
    }
}

/// Waits for a ring of any session that is followed. Cancelling the wait loses nothing.
async fn rung(open: &mut [Followed]) -> usize {
    if open.is_empty() {
        return std::future::pending().await;
    }
    select_all(open.iter_mut().map(|followed| Box::pin(followed.doorbell.wait()))).await.1
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn unreadable(fault: crate::store::Error) -> End {
    tracing::error!(error = %fault, "the database cannot be read");
    End::Close(CloseCode::Internal)
}
