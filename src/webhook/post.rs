//! One attempt to post a message: one connection, one request, no redirects. The address that was
//! looked at is the one that is connected to, so that a name cannot change its mind in between.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{is_public, signature};

/// A message and where it goes.
#[derive(Debug, Clone, Copy)]
pub struct Post<'a> {
    /// Where to.
    pub url: &'a str,
    /// What to sign it with.
    pub key: &'a [u8],
    /// Whether the target may be in a private network.
    pub allow_private: bool,
    /// How long all of it may take.
    pub timeout: Duration,
    /// Its id, the same on every attempt.
    pub message: &'a str,
    /// The moment of this attempt, in seconds since 1970.
    pub seconds: i64,
    /// The body, JSON.
    pub body: &'a str,
}

/// Why a message did not reach its target.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The address makes no sense.
    #[error("the address cannot be used")]
    Address,
    /// The name leads nowhere.
    #[error("the name is not known")]
    Unknown,
    /// It leads to a private network.
    #[error("the name leads to a private address")]
    Private,
    /// Nobody answers there, or not as a server does.
    #[error("no connection: {0}")]
    Connection(String),
    /// It took too long.
    #[error("no answer in time")]
    Slow,
}

impl Post<'_> {
    /// Posts the message; returns the status of the answer, whatever it is.
    pub async fn send(&self) -> Result<u16, Fault> {
        tokio::time::timeout(self.timeout, self.exchange()).await.map_err(|_| Fault::Slow)?
    }

    async fn exchange(&self) -> Result<u16, Fault> {
        let uri: Uri = self.url.parse().map_err(|_| Fault::Address)?;
        let host = uri.host().ok_or(Fault::Address)?.trim_matches(['[', ']']).to_owned();
        let is_tls = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let stream = TcpStream::connect(self.address(&host, port).await?).await.map_err(broken)?;
        if is_tls {
            let name = ServerName::try_from(host).map_err(|_| Fault::Address)?;
            let connector = TlsConnector::from(TLS.clone());
            let stream = connector.connect(name, stream).await.map_err(broken)?;
            self.request(&uri, stream).await
        } else {
            self.request(&uri, stream).await
        }
    }

    async fn address(&self, host: &str, port: u16) -> Result<SocketAddr, Fault> {
        let found = lookup_host((host, port)).await.map_err(|_| Fault::Unknown)?;
        let found: Vec<SocketAddr> = found.collect();
        let fits = |address: &&SocketAddr| self.allow_private || is_public(address.ip());
        match found.iter().find(fits) {
            Some(address) => Ok(*address),
            None if found.is_empty() => Err(Fault::Unknown),
            None => Err(Fault::Private),
        }
    }

    async fn request(
        &self,
        uri: &Uri,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ) -> Result<u16, Fault> {
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let host = uri.authority().map_or("", |authority| authority.as_str());
        // A name and password in the address are none of the target's `Host`.
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let request = Request::post(path)
            .header(HOST, host)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("eider/", env!("CARGO_PKG_VERSION")))
            .header(CONNECTION, "close")
            .header("webhook-id", self.message)
            .header("webhook-timestamp", self.seconds)
            .header("webhook-signature", signature(self.key, self.message, self.seconds, self.body))
            .body(self.body.to_owned())
            .map_err(|_| Fault::Address)?;
        let driving = tokio::spawn(connection);
        let answered = sender.send_request(request).await;
        // What the target says beyond its status is not read.
        driving.abort();
        Ok(answered.map_err(broken)?.status().as_u16())
    }
}

fn broken(fault: impl std::fmt::Display) -> Fault {
    Fault::Connection(fault.to_string())
}

/// Trusts whom the machine trusts; read once, when it is first needed.
static TLS: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Arc::new(config)
});
