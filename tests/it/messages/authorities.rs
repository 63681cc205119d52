//! Whom the portal's own connections believe: where `SSL_CERT_FILE` names authorities, those and no others.
//!
//! The libraries read the variable once for a process, so the calls are made by a child of the test: this file again.

use super::{code, send, to, with};
use crate::harness::{App, scratch, skipped};
use fugong::config::{MailTransport, SmsTransport};
use fugong::notify::deliver_due;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Longer than a call takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const PORTS: &str = "FUGONG_TEST_TLS_PORTS";
const SERVICES: [&str; 3] = ["Redis", "mail", "SMS"];

/// A folder with a certificate for `localhost` that signs itself, and its key; `None` where openssl is not installed.
fn certificate() -> Option<PathBuf> {
    let folder = scratch("tls");
    std::fs::create_dir_all(&folder).unwrap();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "key.pem", "-out", "one.pem"])
        .current_dir(&folder)
        .output();
    match made {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(folder)
        }
        Err(_) => {
            skipped("openssl is not installed");
            None
        }
    }
}

/// Whether who calls believes the server; the connection is closed then.
fn greet(settings: &Arc<ServerConfig>, mut stream: TcpStream) -> bool {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut connection = ServerConnection::new(settings.clone()).unwrap();
    while connection.is_handshaking() {
        if connection.complete_io(&mut stream).is_err() {
            return false;
        }
    }
    true
}

/// A server; gives its port.
fn server(settings: Arc<ServerConfig>, service: &'static str, seen: Sender<(&'static str, bool)>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            if seen.send((service, greet(&settings, stream.unwrap()))).is_err() {
                return;
            }
        }
    });
    port
}

/// For each service whether it was believed by a portal for which this file names the authorities.
fn believed(folder: &Path, authorities: &Path) -> BTreeMap<&'static str, bool> {
    let chain = CertificateDer::pem_file_iter(folder.join("one.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let settings = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let settings = Arc::new(settings);
    let (told, seen): (Sender<_>, Receiver<_>) = channel();
    let ports = SERVICES.map(|service| server(settings.clone(), service, told.clone()).to_string());
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "messages::authorities::only_named_authorities_are_believed", "--nocapture"])
        .env(PORTS, ports.join(","))
        .env("SSL_CERT_FILE", authorities)
        .env_remove("SSL_CERT_DIR")
        .envs([("NO_PROXY", "localhost"), ("no_proxy", "localhost")])
        .spawn()
        .unwrap();
    let mut found = BTreeMap::new();
    while found.len() < SERVICES.len() {
        let (service, yes) = seen.recv_timeout(PATIENCE).expect("every service is called");
        found.insert(service, yes);
    }
    assert!(child.wait().unwrap().success(), "the child of the test");
    found
}

/// The child: a portal that calls all three.
async fn call(ports: &str) {
    let [redis, mail, sms] = [0, 1, 2].map(|n| ports.split(',').nth(n).unwrap().to_owned());
    let app = App::sqlite().await;
    let client = redis::Client::open(format!("rediss://localhost:{redis}")).unwrap();
    assert!(client.get_multiplexed_async_connection().await.is_err(), "nobody speaks Redis there");
    let mail = MailTransport::Smtp { url: format!("smtps://localhost:{mail}") };
    let sms = SmsTransport::Http { url: format!("https://localhost:{sms}/send"), token: "t0ken".into() };
    let deps = with(&app, mail, sms).await;
    send(&app, to(true, true), code()).await;
    deliver_due(&deps).await.unwrap();
    app.stop().await;
}

#[actix_web::test]
async fn only_named_authorities_are_believed() {
    fugong::app::install_tls();
    if let Ok(ports) = std::env::var(PORTS) {
        return call(&ports).await;
    }
    let (Some(ours), Some(other)) = (certificate(), certificate()) else { return };
    let all = |yes| BTreeMap::from(SERVICES.map(|service| (service, yes)));
    assert_eq!(believed(&ours, &ours.join("one.pem")), all(true));
    assert_eq!(believed(&ours, &other.join("one.pem")), all(false));
}
