//! Two nodes, real processes on one PostgreSQL schema.

use std::net::SocketAddr;
use std::process::Command;

use eider::account::Role;
use eider::store::Store;
use serde_json::json;

use super::articles::Library;
use super::chat::{Chat, Visitor};
use super::console::Colleague;
use super::database::Schema;
use super::http::post;
use super::process::Server;
use super::skip;

/// Two nodes on one database.
pub(crate) struct Pair {
    pub(crate) nodes: [Server; 2],
    site: Library,
    schema: Schema,
    store: String,
    bus: Option<String>,
}

impl Pair {
    /// Starts two nodes on a schema; `reach` says how they get at its URL.
    pub(crate) async fn over(
        schema: Schema,
        bus: Option<String>,
        reach: impl FnOnce(String) -> String,
    ) -> Self {
        Self::serving(Library::sample(), schema, bus, reach).await
    }

    /// Starts two nodes with a knowledge base, and the `eider.toml` beside it if there is one.
    pub(crate) async fn serving(
        library: Library,
        schema: Schema,
        bus: Option<String>,
        reach: impl FnOnce(String) -> String,
    ) -> Self {
        library.publish().unwrap();
        let store = reach(schema.url());
        let start = || {
            Server::start(&library, Server::free_address(), |command| {
                on(command, &store, bus.as_deref());
            })
        };
        let mut nodes = [start(), start()];
        for node in &mut nodes {
            node.ready().await;
        }
        Self { nodes, site: library, schema, store, bus }
    }

    pub(crate) fn addresses(&self) -> [SocketAddr; 2] {
        [self.nodes[0].address, self.nodes[1].address]
    }

    /// Starts a node again that was killed.
    pub(crate) fn restart(&mut self, node: usize) {
        let address = self.nodes[node].address;
        self.nodes[node] = Server::start(&self.site, address, |command| {
            on(command, &self.store, self.bus.as_deref());
        });
    }

    /// Runs statements behind the nodes' backs.
    pub(crate) async fn run(&self, sql: &str) {
        self.schema.run(sql).await;
    }

    /// Opens the database behind the nodes' backs.
    pub(crate) async fn open(&self) -> Store {
        Store::open_postgres(&self.schema.url()).await.unwrap()
    }

    /// Opens a session at a node.
    pub(crate) async fn visitor(&self, node: usize) -> Visitor {
        let address = self.nodes[node].address;
        let body = json!({ "consent": { "version": "1", "lang": "en" } });
        let created = post(address, "/v1/sessions", &body).await;
        assert_eq!(created.status, 201, "{}", created.text());
        Visitor::new(address, &created.json())
    }

    /// Makes consultants, and signs each in at a node.
    pub(crate) async fn consultants<const N: usize>(
        &self,
        people: [(&str, usize); N],
    ) -> [Colleague; N] {
        let store = self.open().await;
        let mut signed_in = Vec::new();
        for (login, node) in people {
            Colleague::account_in(&store, login, &[Role::Consultant]).await;
            signed_in.push(Colleague::sign_in(self.nodes[node].address, login).await);
        }
        store.close().await;
        signed_in.try_into().unwrap_or_else(|_| unreachable!("as many as were named"))
    }
}

/// Returns where a NATS server is: `EIDER_TEST_NATS`, or one on this machine; says that the test
/// does not run when there is none.
pub(crate) async fn nats() -> Option<String> {
    let server = std::env::var("EIDER_TEST_NATS").unwrap_or_else(|_| "127.0.0.1:4222".to_owned());
    if tokio::net::TcpStream::connect(&server).await.is_err() {
        skip("there is no NATS server at EIDER_TEST_NATS, nor on this machine");
        return None;
    }
    Some(server)
}

fn on(command: &mut Command, store: &str, bus: Option<&str>) {
    command.env("EIDER_STORE", store);
    if let Some(bus) = bus {
        command.env("EIDER_BUS", bus);
    }
}

/// Asks for a person, as soon as somebody is known to be on duty.
pub(crate) async fn ask_for_a_person(chat: &mut Chat) {
    for attempt in 0..200 {
        let ask = json!({ "t": "handoff", "cid": format!("ask{attempt}") });
        assert_eq!(chat.request(ask).await["t"], "accepted");
        let said = chat.find_where(|frame| frame["body"]["state"] != "person_asked").await;
        if said["body"]["state"] == "queued" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nobody is on duty");
}
