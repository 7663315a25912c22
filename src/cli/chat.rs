//! `eider chat`: the real protocol on a terminal.

use std::collections::VecDeque;
use std::io::{BufRead as _, IsTerminal as _};
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{Outcome, answer, print};
use crate::client::{Endpoint, Error, Socket};
use crate::id;

/// Chat with a running server, as a visitor would.
///
/// The session survives lost connections and restarts of the server; a message is sent until it
/// is accepted, and stored once.
#[derive(Debug, Args)]
#[command(after_help = "Commands in the chat:
  /person   ask for a person        /export   print the transcript
  /erase    erase the session       /end      end the session      /quit   leave

Example:
  eider chat --drug opicapone")]
pub(super) struct Options {
    /// The server's endpoint for visitors.
    #[arg(long, default_value = "ws://127.0.0.1:8080/v1/chat")]
    url: String,
    /// Drug of the page that the visitor is on.
    #[arg(long, value_name = "SLUG")]
    drug: Option<String>,
}

/// What somebody agrees to who goes on, as the chat on the web says it.
const NOTICE: &str = "\
You will be talking to a program. It quotes published articles, word for word, with source and date.
It is not for emergencies: call US 911, UK 999, EU 112, China 120.
What you write and the answers are stored on the server, and deleted when its retention period is
over (30 days unless it is set otherwise). /export shows all of it, /erase deletes it at any time.
Please leave out names, addresses and other details that identify a person.
A person: /person. Leave: /quit. Using the chat means that you agree to this.
";

pub(super) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let endpoint = Endpoint::parse(&options.url)?;
    print::note(NOTICE);
    if !agrees()? {
        print::note("(nothing was sent or stored)");
        return Ok(Outcome::Done);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let session = endpoint.open_session(options.drug.as_deref()).await?;
        let (token, epoch) = (session.token, session.epoch);
        let mut chat = Chat { token, epoch, cursor: 0, unsent: VecDeque::new() };
        chat.run(&endpoint, read_lines()).await
    });
    // The thread that reads standard input cannot be interrupted; do not wait for it.
    runtime.shutdown_background();
    ended?;
    Ok(Outcome::Done)
}

/// Asks on a terminal for consent; whoever pipes messages in has given it by doing so.
fn agrees() -> std::io::Result<bool> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Ok(true);
    }
    print::note("Agree and start? Enter or y, anything else leaves.");
    let mut said = String::new();
    let is_there = input.lock().read_line(&mut said)? > 0;
    Ok(is_there && matches!(said.trim().to_lowercase().as_str(), "" | "y" | "yes"))
}

/// Reads standard input line by line in a thread of its own.
fn read_lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// How long to wait for more when the input has ended and everything was accepted.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// How long `/quit` waits for the answers to what was sent.
const PARTING: Duration = Duration::from_secs(5);

/// A visitor's side of a session.
struct Chat {
    token: String,
    epoch: String,
    /// Number of the last event shown.
    cursor: i64,
    /// Frames that the server has not accepted yet, with their ids.
    unsent: VecDeque<(String, String)>,
}

impl Chat {
    /// Connects again and again until the session ends or the input does.
    async fn run(
        &mut self,
        endpoint: &Endpoint,
        mut lines: mpsc::Receiver<String>,
    ) -> Result<(), Error> {
        let mut failures = 0_u32;
        loop {
            let ended = match endpoint.open_socket().await {
                Ok(socket) => self.talk(socket, &mut lines, &mut failures).await,
                Err(error) => Err(error),
            };
            match ended {
                Ok(()) => return Ok(()),
                Err(error) if error.is_worth_a_retry() => {
                    let wait = backoff(failures);
                    failures += 1;
                    print::note(format!(
                        "({error}; connecting again in {:.1} s)",
                        wait.as_secs_f32()
                    ));
                    tokio::time::sleep(wait).await;
                }
                Err(Error::Closed(4503)) => {
                    return {
                        print::note("(the session is over)");
                        Ok(())
                    };
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn talk(
        &mut self,
        mut socket: Socket,
        lines: &mut mpsc::Receiver<String>,
        failures: &mut u32,
    ) -> Result<(), Error> {
        let hello = json!({ "t": "hello", "token": self.token, "epoch": self.epoch, "after_seq": self.cursor });
        socket.send(hello.to_string()).await?;
        for (_, frame) in &self.unsent {
            socket.send(frame.clone()).await?;
        }
        loop {
            tokio::select! {
                frame = socket.next() => {
                    *failures = 0;
                    self.receive(&mut socket, &frame?).await?;
                }
                line = lines.recv() => match line.as_deref().map(str::trim) {
                    None => return self.finish(&mut socket).await,
                    Some("/quit") => {
                        self.part(&mut socket).await;
                        return Ok(());
                    }
                    Some("") => {}
                    Some(line) => {
                        let (cid, frame) = command(line);
                        socket.send(frame.clone()).await?;
                        self.unsent.push_back((cid, frame));
                    }
                },
            }
        }
    }

    /// The input has ended: shows what is still on its way.
    async fn finish(&mut self, socket: &mut Socket) -> Result<(), Error> {
        loop {
            let quiet = if self.unsent.is_empty() { LAST_WORDS } else { Duration::from_secs(30) };
            match tokio::time::timeout(quiet, socket.next()).await {
                Ok(frame) => self.receive(socket, &frame?).await?,
                Err(_) => return Ok(()),
            }
        }
    }

    /// The visitor leaves: shows what is on its way, if it comes soon.
    async fn part(&mut self, socket: &mut Socket) {
        let _ = tokio::time::timeout(PARTING, self.finish(socket)).await;
        if !self.unsent.is_empty() {
            print::note(format!(
                "({} messages are not confirmed by the server)",
                self.unsent.len()
            ));
        }
    }

    async fn receive(&mut self, socket: &mut Socket, frame: &str) -> Result<(), Error> {
        let Ok(frame) = serde_json::from_str::<Value>(frame) else { return Ok(()) };
        let cid = frame["cid"].as_str().unwrap_or_default();
        match frame["t"].as_str().unwrap_or_default() {
            "welcome" => {
                frame["epoch"].as_str().unwrap_or_default().clone_into(&mut self.epoch);
                if frame["mode"] == "resync" {
                    print::note("(the server's log has changed; here it is from the start)");
                    self.cursor = 0;
                }
            }
            "ping" => socket.send(json!({ "t": "pong", "n": frame["n"] }).to_string()).await?,
            "accepted" | "done" | "erased" => self.settle(cid),
            "exported" => {
                self.settle(cid);
                print::line(serde_json::to_string_pretty(&frame["session"]).unwrap_or_default());
            }
            "rejected" if frame["retryable"] == true => {
                let wait = frame["retry_after_ms"].as_u64().unwrap_or(1000).min(60_000);
                print::note(format!(
                    "({}; sending again in {} s)",
                    frame["code"],
                    wait.div_ceil(1000)
                ));
                tokio::time::sleep(Duration::from_millis(wait)).await;
                if let Some((_, again)) = self.unsent.iter().find(|(known, _)| known == cid) {
                    socket.send(again.clone()).await?;
                }
            }
            "rejected" => {
                answer::show_card(&frame["triage"]["card"]);
                print::note(format!("(not sent: {})", frame["code"].as_str().unwrap_or_default()));
                self.settle(cid);
            }
            "alarm" => answer::show_card(&frame["triage"]["card"]),
            "goaway" => print::note("(the server restarts)"),
            "event" => {
                let seq = frame["seq"].as_i64().unwrap_or(0);
                if seq > self.cursor {
                    self.cursor = seq;
                    show(&frame);
                    socket.send(json!({ "t": "ack", "seq": seq }).to_string()).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn settle(&mut self, cid: &str) {
        self.unsent.retain(|(known, _)| known != cid);
    }
}

/// Turns a line of input into a frame with its id.
fn command(line: &str) -> (String, String) {
    let cid = id::random_hex::<16>();
    let frame = match line {
        "/person" => json!({ "t": "handoff", "cid": cid }),
        "/end" => json!({ "t": "end", "cid": cid }),
        "/export" => json!({ "t": "export", "cid": cid }),
        "/erase" => json!({ "t": "erase", "cid": cid }),
        text => json!({ "t": "send", "cid": cid, "text": text }),
    };
    (cid, frame.to_string())
}

fn show(event: &Value) {
    let body = &event["body"];
    let text = body["text"].as_str().or(body["state"].as_str()).unwrap_or_default();
    match (event["role"].as_str(), event["kind"].as_str()) {
        (Some("visitor"), Some("message")) => print::line(format!("\n> {text}\n")),
        // The card of its emergency came before it, as an event of its own.
        (Some("bot"), _) => answer::show_words(body),
        (_, Some("safety")) => answer::show_card(&body["card"]),
        (Some("consultant"), Some("message")) => {
            let name = body["by"]["name"].as_str().unwrap_or("consultant");
            print::line(format!("{name}: {text}\n"));
            answer::show_quotes(&body["quotes"]);
        }
        _ => print::line(format!("({text})")),
    }
}

/// Returns how long to wait before connecting again: random, up to half a second doubled with
/// every failure, at most 30 seconds.
fn backoff(failures: u32) -> Duration {
    let longest = 500_u64.saturating_mul(1 << failures.min(6)).min(30_000);
    let random = u64::from_str_radix(&id::random_hex::<4>(), 16).unwrap_or(0);
    Duration::from_millis(random % longest)
}
