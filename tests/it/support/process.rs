//! The real program as a process of its own, to be killed.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::articles::Library;
use super::{PATIENCE, get};

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Returns an address that nobody listens on.
    pub(crate) fn free_address() -> SocketAddr {
        TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
    }

    /// Returns the program with the folders of `library`.
    pub(crate) fn command(library: &Library, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eider"));
        command
            .args(arguments)
            .current_dir(library.root())
            .env_remove("EIDER_CONFIG")
            .env("EIDER_DATA", library.data())
            .env("EIDER_KNOWLEDGE", library.knowledge())
            .env("EIDER_INDEX", library.index())
            .stdin(Stdio::null());
        command
    }

    /// Starts it; `adjust` changes the command.
    pub(crate) fn start(
        library: &Library,
        address: SocketAddr,
        adjust: impl FnOnce(&mut Command),
    ) -> Self {
        let mut command = Self::command(library, &["serve"]);
        command
            .env("EIDER_LISTEN", address.to_string())
            .env("EIDER_LIMITS", "off")
            .env("EIDER_LOG", "warn")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        adjust(&mut command);
        Self { child: command.spawn().unwrap(), address }
    }

    /// Waits until it serves.
    pub(crate) async fn ready(&mut self) {
        super::until("the server is ready", async || {
            assert!(self.child.try_wait().unwrap().is_none(), "the server stopped");
            match tokio::net::TcpStream::connect(self.address).await {
                Ok(_) => get(self.address, "/readyz").await.status == 200,
                Err(_) => false,
            }
        })
        .await;
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to leave (SIGTERM).
    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
