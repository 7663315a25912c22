//! Visitors of a measurement: each asks, waits for the answer, asks again.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Barrier;

use super::QUESTIONS;
use super::process::Server;
use crate::client::{Endpoint, Socket};
use crate::id;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A frame comes back.
    Bare,
    /// A question is answered from the durable log.
    Consult,
}

/// What was measured.
pub(super) struct Figures {
    pub(super) per_second: f64,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
    /// Processor time of the server for one answer.
    pub(super) server_cpu_micros: f64,
}

/// Time before the measurement begins, under the same load.
const WARM_UP: Duration = Duration::from_millis(500);

pub(super) async fn run(
    server: &Server,
    kind: Kind,
    connections: usize,
    time: Duration,
) -> anyhow::Result<Figures> {
    let ready = Arc::new(Barrier::new(connections + 1));
    let visitors: Vec<_> = (0..connections)
        .map(|number| {
            tokio::spawn(visitor(server.endpoint.clone(), kind, number, ready.clone(), time))
        })
        .collect();
    ready.wait().await;
    tokio::time::sleep(WARM_UP).await;
    let (before, started) = (server.cpu(), Instant::now());
    tokio::time::sleep(time).await;
    let (cpu, measured) = (server.cpu().saturating_sub(before), started.elapsed());
    let mut times = Vec::new();
    for visitor in visitors {
        times.extend(visitor.await.context("a visitor of the measurement failed")??);
    }
    times.sort_unstable();
    anyhow::ensure!(!times.is_empty(), "nothing was answered within {time:?}");
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    #[expect(clippy::cast_precision_loss, reason = "figures of a measurement")]
    let answers = times.len() as f64;
    Ok(Figures {
        per_second: answers / measured.as_secs_f64(),
        p50: at(50),
        p99: at(99),
        server_cpu_micros: cpu.as_secs_f64() * 1e6 / answers,
    })
}

/// Asks one question after the other; returns the times of those answered while measured.
async fn visitor(
    endpoint: Endpoint,
    kind: Kind,
    number: usize,
    ready: Arc<Barrier>,
    time: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let opened = open(&endpoint, kind).await;
    ready.wait().await;
    let mut socket = opened?;
    let begin = Instant::now() + WARM_UP;
    let end = begin + time;
    let mut times = Vec::new();
    let mut questions = QUESTIONS.iter().cycle().skip(number);
    while Instant::now() < end {
        let question = questions.next().copied().unwrap_or_default();
        let frame = match kind {
            Kind::Bare => question.to_owned(),
            Kind::Consult => {
                json!({ "t": "send", "cid": id::random_hex::<8>(), "text": question }).to_string()
            }
        };
        let asked = Instant::now();
        socket.send(frame).await?;
        let answered = match kind {
            Kind::Bare => {
                socket.next().await?;
                Instant::now()
            }
            Kind::Consult => answer(&mut socket).await?,
        };
        if asked >= begin && answered <= end {
            times.push(answered - asked);
        }
    }
    Ok(times)
}

/// Waits for the bot's answer and acknowledges it.
async fn answer(socket: &mut Socket) -> anyhow::Result<Instant> {
    loop {
        let frame = socket.next().await?;
        if frame.starts_with(r#"{"t":"rejected""#) {
            anyhow::bail!("a message was rejected: {frame}");
        }
        if frame.starts_with(r#"{"t":"event""#) && frame.contains(r#""role":"bot""#) {
            let now = Instant::now();
            if let Some(seq) = seq(&frame).filter(|seq| seq % 64 == 0) {
                socket.send(json!({ "t": "ack", "seq": seq }).to_string()).await?;
            }
            return Ok(now);
        }
        if frame.starts_with(r#"{"t":"ping""#) {
            let ping: serde_json::Value = serde_json::from_str(&frame)?;
            socket.send(json!({ "t": "pong", "n": ping["n"] }).to_string()).await?;
        }
    }
}

pub(super) fn seq(frame: &str) -> Option<i64> {
    let (_, rest) = frame.split_once(r#""seq":"#)?;
    rest.split(',').next()?.parse().ok()
}

async fn open(endpoint: &Endpoint, kind: Kind) -> anyhow::Result<Socket> {
    if kind == Kind::Bare {
        return Ok(endpoint.open_socket().await?);
    }
    let session = endpoint.open_session(None).await?;
    let mut socket = endpoint.open_socket().await?;
    socket
        .send(json!({ "t": "hello", "token": session.token, "after_seq": 0 }).to_string())
        .await?;
    let welcome = socket.next().await?;
    anyhow::ensure!(welcome.starts_with(r#"{"t":"welcome""#), "no welcome: {welcome}");
    Ok(socket)
}

/// Growth of a server's memory, in bytes, below which it says nothing of its visitors.
const LEAST_GROWTH: u64 = 1024 * 1024;

/// Memory of a server with idle visitors, in bytes.
pub(super) struct Idle {
    /// What each visitor takes; `None` when they are too few to tell it from what moves by itself.
    pub(super) each: Option<f64>,
    /// What the server takes with all of them.
    pub(super) whole: f64,
}

/// Returns the server's memory once what it does after its start, or after a burst, is done.
async fn at_rest(server: &Server) -> u64 {
    let mut memory = server.memory();
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let before = std::mem::replace(&mut memory, server.memory());
        if before == memory {
            break;
        }
    }
    memory
}

/// Opens `count` sessions that say nothing; returns the server's memory.
pub(super) async fn idle(server: &Server, count: usize) -> anyhow::Result<Idle> {
    // The first ones pay for what all share.
    let mut sockets = Vec::with_capacity(count + 50);
    for _ in 0..50 {
        sockets.push(open(&server.endpoint, Kind::Consult).await?);
    }
    let before = at_rest(server).await;
    for _ in 0..count {
        sockets.push(open(&server.endpoint, Kind::Consult).await?);
    }
    let whole = at_rest(server).await;
    drop(sockets);
    #[expect(clippy::cast_precision_loss, reason = "figures of a measurement")]
    let figures = |bytes: u64| bytes as f64;
    #[expect(clippy::cast_precision_loss, reason = "figures of a measurement")]
    let share = |growth: u64| figures(growth) / count as f64;
    let growth = whole.saturating_sub(before);
    let each = (growth >= LEAST_GROWTH).then(|| share(growth));
    Ok(Idle { each, whole: figures(whole) })
}
