//! TLS to the database, to the bus and to other systems: with a certificate that the machine trusts,
//! and never without.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use eider::account::Role;
use eider::store::Store;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto};

use crate::support::{
    Colleague, Library, Schema, Server, Visitor, ask_for_a_person, get, nats, post, skip, until,
};
use crate::webhooks::{Receiver, SECRET};

/// An authority of our own, and a certificate of it for this machine.
struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    fn make() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let made = |arguments: &str| {
            Command::new("openssl")
                .args(
                    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
                        .split(' '),
                )
                .args(arguments.split(' '))
                .current_dir(folder.path())
                .output()
        };
        let Ok(own) = made("-keyout ca.key -out ca.pem -subj /CN=Authority") else {
            skip("there is no openssl on this machine");
            return None;
        };
        assert!(own.status.success(), "{own:?}");
        let signed = made(
            "-CA ca.pem -CAkey ca.key -keyout key.pem -out cert.pem -subj /CN=here \
             -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE",
        );
        let signed = signed.unwrap();
        assert!(signed.status.success(), "{signed:?}");
        Some(Self { folder })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn acceptor(&self) -> TlsAcceptor {
        let certificate = CertificateDer::from_pem_file(self.file("cert.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.file("key.pem")).unwrap();
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// What is said in the clear before TLS begins.
#[derive(Debug, Clone, Copy)]
enum Prelude {
    None,
    /// The client asks for TLS, the server says yes.
    Postgres,
    /// The server says that it wants TLS.
    Nats,
}

/// A server with TLS in front of one without.
struct Front {
    address: String,
    handshakes: Arc<AtomicUsize>,
}

impl Front {
    async fn before(server: String, prelude: Prelude, authority: &Authority) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (acceptor, handshakes) = (authority.acceptor(), Arc::<AtomicUsize>::default());
        let count = handshakes.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, acceptor, count) = (server.clone(), acceptor.clone(), count.clone());
                tokio::spawn(async move {
                    let _ = pass_on(client, &server, prelude, acceptor, &count).await;
                });
            }
        });
        Self { address, handshakes }
    }

    fn handshakes(&self) -> usize {
        self.handshakes.load(Ordering::Relaxed)
    }
}

async fn pass_on(
    mut client: TcpStream,
    server: &str,
    prelude: Prelude,
    acceptor: TlsAcceptor,
    handshakes: &AtomicUsize,
) -> std::io::Result<()> {
    let mut server = BufReader::new(TcpStream::connect(server).await?);
    match prelude {
        Prelude::None => {}
        Prelude::Postgres => {
            let mut asked = [0; 8];
            client.read_exact(&mut asked).await?;
            assert_eq!(asked, [0, 0, 0, 8, 4, 210, 22, 47], "SSLRequest");
            client.write_all(b"S").await?;
        }
        Prelude::Nats => {
            let mut line = String::new();
            server.read_line(&mut line).await?;
            let mut info: Value = serde_json::from_str(&line["INFO ".len()..])?;
            info["tls_required"] = json!(true);
            client.write_all(format!("INFO {info}\r\n").as_bytes()).await?;
        }
    }
    let mut client = acceptor.accept(client).await?;
    handshakes.fetch_add(1, Ordering::Relaxed);
    tokio::io::copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// A site whose database, bus and other system each have TLS in front.
struct Site {
    folder: Library,
    schema: Schema,
    authority: Authority,
    receiver: Receiver,
    /// In front of the database, the bus and the receiver.
    fronts: [Front; 3],
    /// The database's URL, by its front.
    url: String,
}

impl Site {
    /// Returns nothing, and says so, where what it needs is not on this machine.
    async fn make() -> Option<Self> {
        let (schema, nats) = (Schema::make().await?, nats().await?);
        let authority = Authority::make()?;
        let library = Library::sample();
        library.publish().unwrap();
        let receiver = Receiver::start("204 No Content").await;
        let fronts = [
            Front::before(schema.place(), Prelude::Postgres, &authority).await,
            Front::before(nats, Prelude::Nats, &authority).await,
            Front::before(receiver.address.to_string(), Prelude::None, &authority).await,
        ];
        let webhook = format!(
            "[[webhooks]]\nname = \"crm\"\nurl = \"https://{}/hook\"\nsecret = \"{SECRET}\"\n\
             events = [\"session.queued\"]\nallow_private = true\n",
            fronts[2].address
        );
        std::fs::write(library.root().join("eider.toml"), webhook).unwrap();
        let url = schema.url().replacen(&schema.place(), &fronts[0].address, 1);
        let url = format!("{url}&sslmode=require");
        Some(Self { folder: library, schema, authority, receiver, fronts, url })
    }

    /// Starts a server on a database; it trusts `trusted`, or whom the machine trusts.
    async fn serve(&self, store: &str, trusted: Option<&Path>) -> Server {
        let mut server = Server::start(&self.folder, Server::free_address(), |command| {
            trust(command, trusted);
            command.env("EIDER_STORE", store);
            command.env("EIDER_BUS", format!("tls://{}", self.fronts[1].address));
        });
        server.ready().await;
        server
    }
}

fn trust(command: &mut Command, file: Option<&Path>) {
    match file {
        Some(file) => command.env("SSL_CERT_FILE", file),
        None => command.env_remove("SSL_CERT_FILE"),
    };
}

/// A visitor asks for a person; waits until the message that tells of it was tried.
async fn tell_of_a_session(server: &Server, store: &Store) -> String {
    Colleague::account_in(store, "li", &[Role::Consultant, Role::Administrator]).await;
    let li = Colleague::sign_in(server.address, "li").await;
    let _desk = li.on_duty().await;
    let body = json!({ "consent": { "version": "1", "lang": "en" } });
    let created = post(server.address, "/v1/sessions", &body).await;
    let mut chat = Visitor::new(server.address, &created.json()).join().await;
    ask_for_a_person(&mut chat).await;
    let result = async || {
        let listed = li.get("/v1/desk/webhooks").await.json();
        listed["deliveries"][0]["result"].as_str().unwrap_or_default().to_owned()
    };
    until("the message was tried", async || !result().await.is_empty()).await;
    result().await
}

async fn bus_of(server: &Server) -> String {
    get(server.address, "/readyz").await.json()["bus"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_certificate_leads_to_the_database_the_bus_and_other_systems() {
    let Some(site) = Site::make().await else { return };
    let server = site.serve(&site.url, Some(&site.authority.file("ca.pem"))).await;
    until("the bus", async || bus_of(&server).await == "connected").await;
    let store = Store::open_postgres(&site.schema.url()).await.unwrap();
    assert_eq!(tell_of_a_session(&server, &store).await, "status 204");
    assert_eq!(site.receiver.got().len(), 1);
    store.close().await;
    for front in &site.fronts {
        assert!(front.handshakes() > 0, "{}", front.address);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_said_to_whoever_has_no_trusted_certificate() {
    let Some(site) = Site::make().await else { return };
    let mut command = Server::command(&site.folder, &["serve"]);
    trust(&mut command, None);
    command.env("EIDER_LISTEN", Server::free_address().to_string());
    let refused = command.env("EIDER_STORE", &site.url).output().unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("certificate"), "{said}");

    // The database itself is on this machine, and reached without TLS.
    let server = site.serve(&site.schema.url(), None).await;
    let store = Store::open_postgres(&site.schema.url()).await.unwrap();
    let result = tell_of_a_session(&server, &store).await;
    assert!(result.contains("certificate"), "{result}");
    store.close().await;
    assert_eq!(bus_of(&server).await, "away");
    assert_eq!(site.receiver.got().len(), 0);
    for front in &site.fronts {
        assert_eq!(front.handshakes(), 0, "{}", front.address);
    }
}
