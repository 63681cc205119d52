//! The doors of programs beside a portal, and the certificates with which partners come: made for the tests, for a hundred
//! years, by `openssl` with two authorities whose keys are gone.

use super::App;
use actix_web::dev::ServerHandle;
use fugong::config::DoorAt;
use fugong::web::door::Door;
use fugong::web::route::RouteInfo;
use reqwest::{Certificate, Client, Identity, redirect};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest, Sha256};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

/// A file of the tests' certificates.
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/front/certificates").join(name)
}

fn pem(name: &str) -> Vec<u8> {
    std::fs::read(file(name)).unwrap()
}

/// SHA-256 of a certificate, as it is registered.
pub fn fingerprint(name: &str) -> [u8; 32] {
    let der = CertificateDer::from_pem_slice(&pem(&format!("{name}.pem"))).unwrap();
    Sha256::digest(&der).into()
}

/// A client that believes the door's authority, and shows a certificate if it has one.
pub fn client_with(certificate: Option<&str>) -> Client {
    let ours = Certificate::from_pem(&pem("ours-ca.pem")).unwrap();
    let builder = super::client().redirect(redirect::Policy::none()).tls_certs_only([ours]);
    let Some(name) = certificate else { return builder.build().unwrap() };
    let both = [pem(&format!("{name}.pem")), pem(&format!("{name}.key"))].concat();
    builder.identity(Identity::from_pem(&both).unwrap()).build().unwrap()
}

fn tls() -> Arc<ServerConfig> {
    let provider = Arc::new(default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem("ours-ca.pem")).unwrap()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let chain = vec![CertificateDer::from_pem_slice(&pem("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(&pem("server.key")).unwrap();
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap())
}

fn at(listener: &TcpListener, scheme: &str, tls: Option<Arc<ServerConfig>>) -> DoorAt {
    let listen = listener.local_addr().unwrap();
    DoorAt { listen, url: format!("{scheme}://{listen}"), tls }
}

impl App {
    /// The same portal with its doors for programs open.
    pub async fn with_doors(self) -> Self {
        let [for_partners, for_devices] =
            [(); 2].map(|()| fugong::app::bind("127.0.0.1:0".parse().unwrap()).unwrap());
        let (partner, device) = (at(&for_partners, "https", Some(tls())), at(&for_devices, "http", None));
        let mut app = self.with_settings(|c| (c.partner, c.device) = (Some(partner), Some(device))).await;
        app.open(Door::Partner, for_partners, Some(tls()));
        app.open(Door::Device, for_devices, None);
        app
    }

    fn open(&mut self, door: Door, listener: TcpListener, tls: Option<Arc<ServerConfig>>) {
        let server = fugong::app::serve_at(self.deps.clone(), door, listener, tls).unwrap();
        let handle: ServerHandle = server.handle();
        actix_web::rt::spawn(server);
        self.doors.push((door, handle));
    }

    /// The address of a door; the portal's where it is closed.
    pub fn at(&self, door: Door) -> String {
        let url = door.url(&self.deps.config);
        if url.is_empty() { self.base.clone() } else { url.to_owned() }
    }

    /// Where a route answers.
    pub fn base_of(&self, route: &RouteInfo) -> String {
        self.at(route.doors[0])
    }
}
