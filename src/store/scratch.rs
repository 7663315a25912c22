//! A place of its own on a database server, for measurements: nothing that is there is touched.

use tokio::task::spawn_blocking;

use super::postgres::Server;
use super::{Error, Store};
use crate::id;

/// An empty schema. Whoever made it drops it.
#[derive(Debug)]
pub struct Scratch {
    server: String,
    schema: String,
}

impl Scratch {
    /// Makes a schema in the database at `url`.
    pub async fn make(url: &str) -> Result<Self, Error> {
        let scratch =
            Self { server: url.to_owned(), schema: format!("bench_{}", id::random_hex::<6>()) };
        scratch.command(format!("CREATE SCHEMA {}", scratch.schema)).await?;
        Ok(scratch)
    }

    /// Returns the URL by which the schema is used as a database.
    pub fn url(&self) -> String {
        let join = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{join}options=-c%20search_path%3D{}", self.server, self.schema)
    }

    /// Opens the schema as a database.
    pub async fn open(&self) -> Result<Store, Error> {
        Store::open_postgres(&self.url()).await
    }

    /// Drops the schema and everything in it.
    pub async fn drop(self) -> Result<(), Error> {
        self.command(format!("DROP SCHEMA {} CASCADE", self.schema)).await
    }

    async fn command(&self, sql: String) -> Result<(), Error> {
        let server = self.server.clone();
        let running = spawn_blocking(move || Server::new(&server)?.connect()?.command(&sql));
        running.await.map_err(|_| Error::Closed)?
    }
}
