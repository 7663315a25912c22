//! Databases to test the store on: a file, and a schema of its own on a PostgreSQL server.

use eider::store::Store;
use tokio_postgres::{Client, NoTls};

use super::{Random, skip};

/// Makes a test for each kind of database out of a function that is given one.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        $(mod $name {
            use crate::support::Database;

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                super::$name(Database::file()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgres() {
                if let Some(database) = Database::server().await {
                    super::$name(database).await;
                }
            }
        })*
    };
}
pub(crate) use on_both;

/// A database that goes away with the value.
pub(crate) enum Database {
    File(tempfile::TempDir),
    Server(Schema),
}

/// A schema on a server.
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Database {
    pub(crate) fn file() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    /// Returns a schema of the server at `EIDER_TEST_POSTGRES`, or of one on this machine; says
    /// that the test does not run when there is none.
    pub(crate) async fn server() -> Option<Self> {
        Schema::make().await.map(Self::Server)
    }

    pub(crate) async fn open(&self) -> Store {
        match self {
            Self::File(folder) => Store::open(folder.path()).await.unwrap(),
            Self::Server(schema) => Store::open_postgres(&schema.url()).await.unwrap(),
        }
    }

    /// Returns the folder of a file.
    pub(crate) fn folder(&self) -> Option<&std::path::Path> {
        match self {
            Self::File(folder) => Some(folder.path()),
            Self::Server(_) => None,
        }
    }

    /// Runs statements behind the store's back.
    pub(crate) async fn run(&self, sql: &str) {
        match self {
            Self::File(folder) => {
                let file = rusqlite::Connection::open(folder.path().join("eider.db")).unwrap();
                file.execute_batch(sql).unwrap();
            }
            Self::Server(schema) => schema.run(sql).await,
        }
    }
}

impl Schema {
    pub(crate) async fn make() -> Option<Self> {
        let server = std::env::var("EIDER_TEST_POSTGRES")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".to_owned());
        let Ok(client) = connect(&server).await else {
            skip("there is no PostgreSQL at EIDER_TEST_POSTGRES, nor on this machine");
            return None;
        };
        let mut seed = [0_u8; 8];
        getrandom::fill(&mut seed).unwrap();
        let name = format!("eider_{:016x}", Random::new(u64::from_le_bytes(seed)).below(u64::MAX));
        client.batch_execute(&format!("CREATE SCHEMA {name}")).await.unwrap();
        Some(Self { server, name })
    }

    /// Returns the server's host and port.
    pub(crate) fn place(&self) -> String {
        let rest = self.server.rsplit_once('@').map_or(&*self.server, |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default().to_owned()
    }

    pub(crate) fn url(&self) -> String {
        format!("{}?options=-c%20search_path%3D{}", self.server, self.name)
    }

    pub(crate) async fn run(&self, sql: &str) {
        connect(&self.url()).await.unwrap().batch_execute(sql).await.unwrap();
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                if let Ok(client) = connect(&server).await {
                    let _ = client.batch_execute(&format!("DROP SCHEMA {name} CASCADE")).await;
                }
            });
        });
        let _ = dropping.join();
    }
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
