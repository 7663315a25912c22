//! A visitor's client: sends what it is told to, answers pings unless it is told not to.

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::PATIENCE;

/// Somebody with a session.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) address: SocketAddr,
    pub(crate) session: String,
    pub(crate) token: String,
    pub(crate) epoch: String,
}

impl Visitor {
    /// Takes the answer to `POST /v1/sessions`.
    pub(crate) fn new(address: SocketAddr, created: &Value) -> Self {
        let text = |key: &str| created[key].as_str().expect(key).to_owned();
        Self { address, session: text("session"), token: text("token"), epoch: text("epoch") }
    }

    /// Connects and says hello as one who has nothing; returns the chat after its welcome.
    pub(crate) async fn join(&self) -> Chat {
        self.resume(0).await.0
    }

    /// Connects and says hello as one who has everything up to `after_seq`.
    pub(crate) async fn resume(&self, after_seq: i64) -> (Chat, Value) {
        let mut chat = Chat::connect(self.address).await;
        let hello = json!({ "t": "hello", "token": self.token, "epoch": self.epoch, "after_seq": after_seq });
        chat.send(&hello).await;
        let welcome = chat.expect("welcome").await;
        (chat, welcome)
    }
}

/// What a client gets.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    Json(Value),
    /// Closed, with this code; `None` when the connection just ended.
    Closed(Option<u16>),
}

pub(crate) struct Chat {
    socket: WebSocketStream<TcpStream>,
    /// Whether pings are left unanswered.
    pub(crate) mute: bool,
    /// The code that the server closed with.
    code: Option<u16>,
}

impl Chat {
    /// Opens a socket; nothing is said yet.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address).await.expect("a socket")
    }

    pub(crate) async fn try_connect(address: SocketAddr) -> Result<Self, tungstenite::Error> {
        let stream = TcpStream::connect(address).await?;
        Self::over(stream).await
    }

    /// Shakes hands over a connection.
    pub(crate) async fn over(stream: TcpStream) -> Result<Self, tungstenite::Error> {
        let (socket, _) = client_async("ws://test/v1/chat", stream).await?;
        Ok(Self { socket, mute: false, code: None })
    }

    /// Shakes hands with headers of one's own.
    pub(crate) async fn with_headers(
        address: SocketAddr,
        path: &str,
        headers: &[(&'static str, String)],
    ) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        let (socket, _) = client_async(request, TcpStream::connect(address).await?).await?;
        Ok(Self { socket, mute: false, code: None })
    }

    /// Returns the next frame of type `t`, passing over all others.
    pub(crate) async fn find(&mut self, t: &str) -> Value {
        self.find_where(|frame| frame["t"] == t).await
    }

    /// Returns the next frame that fits, passing over all others.
    pub(crate) async fn find_where(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        let found = async {
            loop {
                let frame = self.json().await;
                if fits(&frame) {
                    break frame;
                }
            }
        };
        timeout(PATIENCE, found).await.expect("the frame in time")
    }

    pub(crate) async fn send(&mut self, frame: &Value) {
        self.send_text(&frame.to_string()).await;
    }

    /// Sends a frame if the socket still lives.
    pub(crate) async fn try_send(&mut self, frame: &Value) -> Result<(), ()> {
        let sent = timeout(PATIENCE, self.socket.send(Message::text(frame.to_string()))).await;
        sent.map_err(drop)?.map_err(drop)
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.send_message(Message::text(text)).await;
    }

    pub(crate) async fn send_message(&mut self, message: Message) {
        let sent = timeout(PATIENCE, self.socket.send(message)).await.expect("room to write");
        sent.expect("an open socket");
    }

    /// Writes bytes below the WebSocket layer.
    pub(crate) fn raw(&mut self) -> &mut TcpStream {
        self.socket.get_mut()
    }

    /// Returns the next frame.
    pub(crate) async fn next(&mut self) -> Frame {
        loop {
            let got = timeout(PATIENCE, self.socket.next()).await.expect("a frame in time");
            match got {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).expect("JSON");
                    if frame["t"] == "ping" && !self.mute {
                        let pong = json!({ "t": "pong", "n": frame["n"] });
                        let _ = self.socket.send(Message::text(pong.to_string())).await;
                    } else {
                        return Frame::Json(frame);
                    }
                }
                Some(Ok(Message::Close(close))) => {
                    // Reading on answers the close, as a browser does; the caller may give that up.
                    self.code = close.map(|close| close.code.into());
                    while let Some(Ok(_)) = self.socket.next().await {}
                    return Frame::Closed(self.code);
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Frame::Closed(self.code),
            }
        }
    }

    /// Returns the next frame, which must be JSON.
    pub(crate) async fn json(&mut self) -> Value {
        match self.next().await {
            Frame::Json(frame) => frame,
            Frame::Closed(code) => panic!("the socket was closed: {code:?}"),
        }
    }

    /// Returns the next frame, which must be of type `t`; passes over the card that goes ahead of
    /// a slow receipt.
    pub(crate) async fn expect(&mut self, t: &str) -> Value {
        loop {
            let frame = self.json().await;
            if frame["t"] == t {
                return frame;
            }
            assert_eq!(frame["t"], "alarm", "{frame}");
        }
    }

    /// Returns the next WebSocket message as it is.
    pub(crate) async fn message(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.socket.next()).await.expect("a message")?.ok()
    }

    /// Expects the socket to be closed with `code`, whatever comes before.
    pub(crate) async fn expect_close(&mut self, code: u16) {
        let closed = async {
            loop {
                if let Frame::Closed(got) = self.next().await {
                    break got;
                }
            }
        };
        assert_eq!(timeout(PATIENCE, closed).await.expect("a close in time"), Some(code));
    }

    /// Sends a message without waiting.
    pub(crate) async fn say(&mut self, cid: &str, text: &str) {
        self.send(&json!({ "t": "send", "cid": cid, "text": text })).await;
    }

    /// Sends a message; returns its number and the two events.
    pub(crate) async fn ask(&mut self, cid: &str, text: &str) -> (i64, [Value; 2]) {
        self.say(cid, text).await;
        let accepted = self.expect("accepted").await;
        assert_eq!((&accepted["cid"], &accepted["dup"]), (&json!(cid), &json!(false)));
        let events = [self.expect("event").await, self.expect("event").await];
        let seq = accepted["seq"].as_i64().unwrap();
        assert_eq!(events[0]["seq"], seq);
        assert_eq!(events[1]["seq"], seq + 1);
        (seq, events)
    }

    /// Returns the next `count` events.
    pub(crate) async fn events(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        while events.len() < count {
            events.push(self.expect("event").await);
        }
        events
    }

    /// Sends a request and returns the answer to its cid, passing over events.
    pub(crate) async fn request(&mut self, frame: Value) -> Value {
        self.send(&frame).await;
        loop {
            let answer = self.json().await;
            if answer["cid"] == frame["cid"] && answer["t"] != "event" && answer["t"] != "alarm" {
                return answer;
            }
        }
    }
}
