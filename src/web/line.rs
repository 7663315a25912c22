//! A socket as visitors and consultants have it: frames of JSON out, text in, writes that cannot
//! stall for ever, and an end with a code. What is said over it is for others.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt as _;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use crate::protocol::CloseCode;

/// Longest time that a client may take to read what was written to it.
const WRITE_STALL: Duration = Duration::from_secs(10);
/// Events read from the log at once.
pub(super) const PAGE: i64 = 100;
/// Frames that are none of ours, before the socket is closed.
pub(super) const MAX_BAD_FRAMES: u32 = 5;
/// Unanswered pings before the socket is closed.
pub(super) const MAX_MISSED: u64 = 2;
/// Size of the read buffer: most frames are a few hundred bytes, and idle sockets keep it.
pub(super) const READ_BUFFER: usize = 4 * 1024;
/// What may wait in the buffer before it is written: an answer with its question and receipt goes
/// out in one piece.
pub(super) const WRITE_BUFFER: usize = 16 * 1024;

/// How a socket's life ends: with a close code of ours, or because the other side is gone.
pub(super) enum End {
    Close(CloseCode),
    Gone,
}

/// What became of one step of a socket's life.
pub(super) type Step<T = ()> = Result<T, End>;

/// The socket, with writes that cannot stall for ever.
pub(super) struct Line {
    socket: WebSocket,
}

impl Line {
    pub(super) fn new(socket: WebSocket) -> Self {
        Self { socket }
    }

    /// Puts a frame into the buffer; `flush` sends what is there.
    pub(super) async fn send(&mut self, frame: &impl serde::Serialize) -> Step {
        self.send_text(serde_json::to_string(frame).ok()).await
    }

    /// Puts a frame that is text already into the buffer; without one, the socket ends.
    pub(super) async fn send_text(&mut self, frame: Option<String>) -> Step {
        let text = frame.ok_or(End::Close(CloseCode::Internal))?;
        self.write(Message::Text(text.into())).await
    }

    async fn write(&mut self, message: Message) -> Step {
        written(&in_time(self.socket.feed(message)).await)
    }

    pub(super) async fn flush(&mut self) -> Step {
        written(&in_time(self.socket.flush()).await)
    }

    /// Waits for the next text frame. Cancelling the wait loses nothing.
    pub(super) async fn next(&mut self) -> Step<Utf8Bytes> {
        loop {
            match self.socket.recv().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Binary(_))) => return Err(End::Close(CloseCode::Unsupported)),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) | None => return Err(End::Gone),
                Some(Err(fault)) => return Err(broken(&fault)),
            }
        }
    }

    /// Says why, and waits a moment for the other side to close.
    pub(super) async fn close(&mut self, code: CloseCode) {
        let frame = CloseFrame { code: code as u16, reason: Utf8Bytes::from_static("") };
        let closing = async {
            let _ = self.socket.send(Message::Close(Some(frame))).await;
            // Reading on until the other side closes too lets it see the code instead of a reset.
            while let Some(Ok(_)) = self.socket.recv().await {}
        };
        let _ = timeout(Duration::from_secs(2), closing).await;
    }
}

/// Waits for a write no longer than [`WRITE_STALL`]; nearly all are done at once, and need no timer.
async fn in_time<T>(write: impl Future<Output = T>) -> Result<T, Elapsed> {
    let mut write = pin!(write);
    match poll_fn(|context| Poll::Ready(write.as_mut().poll(context))).await {
        Poll::Ready(done) => Ok(done),
        Poll::Pending => timeout(WRITE_STALL, write).await,
    }
}

/// Returns what a write came to.
fn written(result: &Result<Result<(), axum::Error>, Elapsed>) -> Step {
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => Err(End::Close(CloseCode::Slow)),
    }
}

/// Returns how to close after a frame that could not be read.
fn broken(fault: &axum::Error) -> End {
    let text = fault.to_string().to_lowercase();
    if text.contains("too long")
        || text.contains("too large")
        || text.contains("too big")
        || text.contains("exceed")
    {
        End::Close(CloseCode::TooBig)
    } else if text.contains("utf-8") || text.contains("utf8") {
        End::Close(CloseCode::InvalidText)
    } else {
        End::Gone
    }
}
