//! Servers of a measurement: child processes whose time and memory the system accounts.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::routing::get;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use super::{own_program, print};
use crate::client::Endpoint;
use crate::id;
use crate::publish::Shelf;
use crate::search::Bare;
use crate::store;

/// A folder that vanishes with its owner.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("eider-bench-{}", id::random_hex::<6>()));
        std::fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What several nodes share.
pub(super) struct Shared {
    pub(super) store: store::Scratch,
    pub(super) bus: Option<String>,
}

/// A server in a process of its own; it is ended when dropped.
pub(super) struct Server {
    process: Child,
    pub(super) endpoint: Endpoint,
}

impl Server {
    /// Starts a bare server that answers with about `bytes` bytes, from `index` if there is one.
    pub(super) async fn bare(bytes: usize, index: Option<&Path>) -> anyhow::Result<Self> {
        let mut command = Command::new(own_program()?);
        command.args(["bench", "--bare-server", &bytes.to_string()]);
        if let Some(index) = index {
            command.arg("--searching").env("EIDER_INDEX", index);
        }
        Self::start(command).await
    }

    /// Starts the whole server, with nothing of its surroundings' configuration: on the database
    /// in `data`, or one that it shares.
    pub(super) async fn eider(
        knowledge: &Path,
        index: &Path,
        data: &Path,
        shared: Option<&Shared>,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(own_program()?);
        command
            .arg("serve")
            .env("EIDER_CONFIG", "/dev/null")
            .env_remove("EIDER_STORE")
            .env_remove("EIDER_BUS")
            .env("EIDER_LISTEN", "127.0.0.1:0")
            .env("EIDER_LIMITS", "off")
            .env("EIDER_LOG", "warn")
            .env("EIDER_KNOWLEDGE", knowledge)
            .env("EIDER_INDEX", index)
            .env("EIDER_DATA", data);
        if let Some(shared) = shared {
            command.env("EIDER_STORE", shared.store.url());
            command.envs(shared.bus.as_ref().map(|bus| ("EIDER_BUS", bus)));
        }
        let server = Self::start(command).await?;
        server.settle().await;
        Ok(server)
    }

    /// Waits until the work that follows a start is done, or has taken two minutes.
    async fn settle(&self) {
        for _ in 0..240 {
            let before = self.cpu();
            tokio::time::sleep(Duration::from_millis(500)).await;
            if self.cpu().saturating_sub(before) < Duration::from_millis(20) {
                return;
            }
        }
    }

    async fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start a server")?;
        let errors = process.stderr.take().context("the server has no standard error")?;
        let mut lines = BufReader::new(errors).lines();
        let mut said = Vec::new();
        let address = tokio::time::timeout(Duration::from_mins(1), async {
            while let Some(line) = lines.next_line().await? {
                if let Some((_, address)) = line.split_once("listening on http://") {
                    return Ok(address.trim().to_owned());
                }
                said.push(line);
            }
            anyhow::bail!("the server stopped: {}", said.join("; "))
        })
        .await
        .context("the server did not start within a minute")??;
        // Read on, so that the server never waits for somebody to read its words.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let endpoint = Endpoint::parse(&format!("ws://{address}/v1/chat"))?;
        Ok(Self { process, endpoint })
    }

    /// Returns the processor time used so far, user and system.
    pub(super) fn cpu(&self) -> Duration {
        let fields = self.read("stat");
        // The name, in parentheses, may hold spaces; fields count from after it.
        let after_name = fields.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks: u64 = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<u64>().ok())
            .sum();
        Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
    }

    /// Returns the memory that is resident, in bytes.
    pub(super) fn memory(&self) -> u64 {
        let status = self.read("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
    }

    fn read(&self, file: &str) -> String {
        let id = self.process.id().unwrap_or_default();
        std::fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default()
    }
}

/// Linux counts processor time in hundredths of a second on every platform that we build for.
const TICKS_PER_SECOND: u64 = 100;

/// Returns the most memory that this process has had, in bytes.
pub(super) fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Serves a WebSocket that answers every frame with one of about `bytes` bytes, on the same stack
/// as the real server: an echo of that size, or what a bare search engine finds.
pub(super) async fn bare_server(bytes: usize, index: Option<&Path>) -> anyhow::Result<()> {
    let reply: Utf8Bytes = "x".repeat(bytes).into();
    let engine = index.map(|index| -> anyhow::Result<Bare> {
        Ok(Bare::new(&Shelf::new(index).open()?.knowledge)?)
    });
    let engine = engine.transpose()?;
    let chat = move |upgrade: WebSocketUpgrade| {
        let (reply, engine) = (reply.clone(), engine.clone());
        async move {
            upgrade
                .read_buffer_size(4096)
                .write_buffer_size(0)
                .on_upgrade(move |socket| answer_all(socket, reply, engine))
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    print::note(format!("listening on http://{}", listener.local_addr()?));
    let leaving = tokio_util::sync::CancellationToken::new();
    crate::web::accept(listener, Router::new().route("/v1/chat", get(chat)), &[], leaving).await;
    Ok(())
}

async fn answer_all(mut socket: WebSocket, reply: Utf8Bytes, engine: Option<Bare>) {
    while let Some(Ok(Message::Text(question))) = socket.recv().await {
        let found = engine.as_ref().map(|engine| engine.answer(&question, reply.len()));
        let Ok(found) = found.transpose() else { break };
        let reply = found.map_or_else(|| reply.clone(), Utf8Bytes::from);
        if socket.send(Message::Text(reply)).await.is_err() {
            break;
        }
    }
}
