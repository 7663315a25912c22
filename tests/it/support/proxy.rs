//! A proxy in front of a server, that fails as networks do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::Random;

/// Passes bytes on to a server until it is cut; then it refuses until it is mended.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    is_cut: AtomicBool,
    cut: Notify,
    lies: Lies,
}

/// What a lying proxy did to messages.
#[derive(Default)]
pub(crate) struct Lies {
    dropped: AtomicU64,
    doubled: AtomicU64,
    reordered: AtomicU64,
}

impl Lies {
    /// Returns how many kinds of lies were told.
    pub(crate) fn kinds(&self) -> usize {
        let told = [&self.dropped, &self.doubled, &self.reordered];
        told.iter().filter(|told| told.load(Ordering::Relaxed) > 0).count()
    }
}

/// How the server's bytes are passed on.
#[derive(Clone, Copy)]
enum Manner {
    Honest,
    /// Messages of NATS are dropped, doubled and reordered, by this seed.
    Lying(u64),
}

impl Proxy {
    /// Stands in front of `server`.
    pub(crate) async fn before(server: String) -> Self {
        Self::start(server, Manner::Honest).await
    }

    /// Stands in front of a NATS server and lies about its messages.
    pub(crate) async fn lying(server: String, seed: u64) -> Self {
        Self::start(server, Manner::Lying(seed)).await
    }

    async fn start(server: String, manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        tokio::spawn(accept(listener, server, manner, state.clone()));
        Self { address, state }
    }

    /// Cuts every connection, and refuses new ones.
    pub(crate) fn cut(&self) {
        self.state.is_cut.store(true, Ordering::SeqCst);
        self.state.cut.notify_waiters();
    }

    pub(crate) fn mend(&self) {
        self.state.is_cut.store(false, Ordering::SeqCst);
    }

    pub(crate) fn lies(&self) -> &Lies {
        &self.state.lies
    }
}

async fn accept(listener: TcpListener, server: String, manner: Manner, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        if state.is_cut.load(Ordering::SeqCst) {
            continue;
        }
        let (state, server) = (state.clone(), server.clone());
        tokio::spawn(async move {
            let Ok(server) = TcpStream::connect(server).await else { return };
            let (_, _) = (client.set_nodelay(true), server.set_nodelay(true));
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            let answers = async {
                match manner {
                    Manner::Honest => pass(from_server, to_client).await,
                    Manner::Lying(seed) => lie(from_server, to_client, seed, &state.lies).await,
                }
            };
            tokio::select! {
                () = state.cut.notified() => {}
                () = pass(from_client, to_server) => {}
                () = answers => {}
            }
        });
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let _ = tokio::io::copy(&mut from, &mut to).await;
}

/// Passes lines of NATS on; of every ten messages about three are dropped, two doubled, two held
/// back until after the next.
async fn lie(from: OwnedReadHalf, mut to: OwnedWriteHalf, seed: u64, lies: &Lies) {
    let mut random = Random::new(seed);
    let mut from = BufReader::new(from);
    let (mut line, mut held) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        if from.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let mut out = Vec::new();
        if line.starts_with(b"MSG ") {
            let control = String::from_utf8_lossy(&line).into_owned();
            let length: usize = control.trim().rsplit(' ').next().unwrap().parse().unwrap();
            let mut content = vec![0; length + 2];
            if from.read_exact(&mut content).await.is_err() {
                return;
            }
            let message = [line.as_slice(), &content].concat();
            let counted = match random.below(10) {
                0..3 => &lies.dropped,
                3..5 => {
                    out.extend_from_slice(&[message.as_slice(), &message].concat());
                    &lies.doubled
                }
                5..7 if held.is_empty() => {
                    held = message;
                    &lies.reordered
                }
                _ => {
                    out.extend_from_slice(&message);
                    out.append(&mut held);
                    if to.write_all(&out).await.is_err() {
                        return;
                    }
                    continue;
                }
            };
            counted.fetch_add(1, Ordering::Relaxed);
        } else {
            out.extend_from_slice(&line);
        }
        if to.write_all(&out).await.is_err() {
            return;
        }
    }
}
