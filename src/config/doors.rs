//! The doors of programs: where they listen, how they are known outside, and their TLS, which ends in this process.

use super::parts::{MAX_SECRET, read_file, same_port, some_port};
use super::{AddressRange, Reader};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

/// Bytes of a file with certificates, at most.
const MAX_CHAIN: u64 = 1024 * 1024;

/// A door that listens.
#[derive(Debug, Clone)]
pub struct DoorAt {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// The address by which it is known outside, without a trailing slash.
    pub url: String,
    /// TLS; nothing where a proxy before it ends it.
    pub tls: Option<Arc<ServerConfig>>,
}

/// The partners' and the devices' door, each with a port of its own beside those that are taken by portal and metrics.
pub(super) fn both(
    r: &mut Reader<'_>,
    (listen, metrics): (Option<SocketAddr>, Option<SocketAddr>),
    proxies: &[AddressRange],
) -> (Option<DoorAt>, Option<DoorAt>) {
    let (partner, device) = (partner(r), device(r, proxies));
    let taken = listen.into_iter().chain(metrics).collect();
    apart(r, taken, [("FUGONG_PARTNER_LISTEN", &partner), ("FUGONG_DEVICE_LISTEN", &device)]);
    (partner, device)
}

/// The partners' door: TLS with a certificate of ours, and none without one of theirs.
fn partner(r: &mut Reader<'_>) -> Option<DoorAt> {
    let names =
        ["FUGONG_PARTNER_URL", "FUGONG_PARTNER_CERT", "FUGONG_PARTNER_KEY", "FUGONG_PARTNER_CLIENT_CA"];
    let listen = listens(r, "FUGONG_PARTNER_LISTEN", &names)?;
    let url = url(r, "FUGONG_PARTNER_URL", true);
    let roots = authorities(r);
    let verifier = roots.and_then(|roots| {
        let provider = Arc::new(default_provider());
        let made = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
        made.map_err(|e| r.errors.push(format!("FUGONG_PARTNER_CLIENT_CA: {e}"))).ok()
    });
    let own = identity(r, "FUGONG_PARTNER_CERT", "FUGONG_PARTNER_KEY");
    let tls = tls(r, "FUGONG_PARTNER_KEY", own?, Some(verifier?));
    Some(DoorAt { listen: listen?, url: url?, tls: Some(tls?) })
}

/// The devices' door: TLS here, or a proxy before it that ends it.
fn device(r: &mut Reader<'_>, proxies: &[AddressRange]) -> Option<DoorAt> {
    let (cert, key) = ("FUGONG_DEVICE_CERT", "FUGONG_DEVICE_KEY");
    let listen = listens(r, "FUGONG_DEVICE_LISTEN", &["FUGONG_DEVICE_URL", cert, key])?;
    let here = r.get(cert).is_some() || r.get(key).is_some();
    let url = url(r, "FUGONG_DEVICE_URL", here);
    let own = if here { Some(identity(r, cert, key)) } else { None };
    let beyond = listen.is_some_and(|address| !address.ip().to_canonical().is_loopback());
    if !here && beyond && proxies.is_empty() {
        r.errors.push(format!(
            "FUGONG_DEVICE_LISTEN: beyond this machine only over TLS (set {cert} and {key}), or behind a proxy that ends it, \
             named in FUGONG_TRUSTED_PROXIES"
        ));
    }
    let tls = match own {
        None => None,
        Some(own) => Some(tls(r, key, own?, None)?),
    };
    Some(DoorAt { listen: listen?, url: url?, tls })
}

/// Where a door listens: `None` when it is not to, and what belongs to it is then not set either.
fn listens(r: &mut Reader<'_>, name: &str, others: &[&str]) -> Option<Option<SocketAddr>> {
    if r.get(name).is_none() {
        let alone: Vec<&&str> = others.iter().filter(|other| r.get(other).is_some()).collect();
        let lines: Vec<String> =
            alone.iter().map(|other| format!("{other}: set {name}, too, or nothing listens")).collect();
        r.errors.extend(lines);
        return None;
    }
    let listen = r.parsed(name, "", "an address and port such as 0.0.0.0:8443");
    some_port(r, name, listen);
    Some(listen.filter(|address| address.port() != 0))
}

fn url(r: &mut Reader<'_>, name: &str, tls: bool) -> Option<String> {
    let url = r.required(
        name,
        "the address by which the door is known outside, such as https://exchange.fugong.example",
    );
    let url = url.trim_end_matches('/').to_owned();
    if url.is_empty() {
        return None;
    }
    let plain = reqwest::Url::parse(&url).is_ok_and(|parsed| {
        let bare = parsed.path() == "/" && parsed.query().is_none() && parsed.fragment().is_none();
        bare && parsed.username().is_empty() && parsed.password().is_none() && parsed.host_str().is_some()
    });
    if !plain || !super::parts::is_safe_web(&url) || (tls && !url.starts_with("https://")) {
        r.errors.push(format!(
            "{name}: https:// with host and port only, such as https://exchange.fugong.example"
        ));
        return None;
    }
    Some(url)
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Our certificate with what leads to its authority, and its key.
fn identity(r: &mut Reader<'_>, cert: &str, key: &str) -> Option<Identity> {
    let chain = certificates(r, cert, "the certificate of this door, as PEM");
    let path = r.required(key, "the private key of the certificate, as PEM");
    if path.is_empty() {
        return None;
    }
    let read = read_file(Path::new(&path), MAX_SECRET);
    let key = read
        .and_then(|pem| PrivateKeyDer::from_pem_slice(&pem).map_err(|_| "no private key as PEM".to_owned()));
    let key = key.map_err(|e| r.errors.push(format!("{key}: {e}", key = key_name(cert)))).ok();
    Some((chain?, key?))
}

/// The name of the setting for the key beside that for the certificate.
fn key_name(cert: &str) -> String {
    cert.replace("_CERT", "_KEY")
}

fn certificates(r: &mut Reader<'_>, name: &str, hint: &str) -> Option<Vec<CertificateDer<'static>>> {
    let path = r.required(name, hint);
    if path.is_empty() {
        return None;
    }
    let read = read_file(Path::new(&path), MAX_CHAIN).and_then(|pem| {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        found.ok().filter(|found| !found.is_empty()).ok_or_else(|| "no certificate as PEM".to_owned())
    });
    read.map_err(|e| r.errors.push(format!("{name}: {e}"))).ok()
}

/// The authorities, or the certificates themselves, by which partners are believed.
fn authorities(r: &mut Reader<'_>) -> Option<RootCertStore> {
    let name = "FUGONG_PARTNER_CLIENT_CA";
    let found =
        certificates(r, name, "the authorities of partners' certificates, or these themselves, as PEM")?;
    let mut roots = RootCertStore::empty();
    for certificate in found {
        if let Err(e) = roots.add(certificate) {
            r.errors.push(format!("{name}: {e}"));
            return None;
        }
    }
    Some(roots)
}

fn tls(
    r: &mut Reader<'_>,
    key: &str,
    (chain, private): Identity,
    clients: Option<Arc<dyn ClientCertVerifier>>,
) -> Option<Arc<ServerConfig>> {
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions();
    let builder = builder.map_err(|e| r.errors.push(format!("{key}: {e}"))).ok()?;
    let builder = match clients {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let made = builder.with_single_cert(chain, private);
    made.map(Arc::new).map_err(|e| r.errors.push(format!("{key}: {e}"))).ok()
}

/// Every listener has a port of its own.
fn apart(r: &mut Reader<'_>, mut taken: Vec<SocketAddr>, doors: [(&str, &Option<DoorAt>); 2]) {
    for (name, door) in doors {
        let Some(door) = door else { continue };
        if taken.iter().any(|other| same_port(*other, door.listen)) {
            r.errors.push(format!("{name}: another port than the other listeners"));
        }
        taken.push(door.listen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// A file of the tests' certificates.
    fn file(name: &str) -> String {
        format!("{}/tests/it/front/certificates/{name}", env!("CARGO_MANIFEST_DIR"))
    }

    fn partners() -> BTreeMap<String, String> {
        let all = [
            ("FUGONG_PARTNER_LISTEN", "0.0.0.0:8443".to_owned()),
            ("FUGONG_PARTNER_URL", "https://exchange.fugong.example/".to_owned()),
            ("FUGONG_PARTNER_CERT", file("server.pem")),
            ("FUGONG_PARTNER_KEY", file("server.key")),
            ("FUGONG_PARTNER_CLIENT_CA", file("ours-ca.pem")),
        ];
        all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn read<T>(values: &BTreeMap<String, String>, what: impl Fn(&mut Reader<'_>) -> T) -> (T, Vec<String>) {
        let mut r = Reader { values, errors: Vec::new() };
        let read = what(&mut r);
        (read, r.errors)
    }

    #[test]
    fn a_door_that_is_not_configured_does_not_listen() {
        let (door, errors) = read(&BTreeMap::new(), |r| (partner(r).is_some(), device(r, &[]).is_some()));
        assert_eq!((door, errors), ((false, false), Vec::new()));
    }

    #[test]
    fn the_partners_door_has_certificate_key_and_authorities() {
        let (door, errors) = read(&partners(), partner);
        assert_eq!(errors, Vec::<String>::new());
        let door = door.unwrap();
        assert_eq!((door.url.as_str(), door.listen.port()), ("https://exchange.fugong.example", 8443));
        assert!(door.tls.is_some());
        for (name, value, told) in [
            ("FUGONG_PARTNER_LISTEN", String::new(), "FUGONG_PARTNER_URL: set FUGONG_PARTNER_LISTEN"),
            ("FUGONG_PARTNER_LISTEN", "somewhere".into(), "FUGONG_PARTNER_LISTEN: an address"),
            ("FUGONG_PARTNER_LISTEN", "0.0.0.0:0".into(), "FUGONG_PARTNER_LISTEN: a port"),
            ("FUGONG_PARTNER_URL", String::new(), "FUGONG_PARTNER_URL is not set"),
            ("FUGONG_PARTNER_URL", "http://127.0.0.1:1".into(), "FUGONG_PARTNER_URL: https://"),
            ("FUGONG_PARTNER_URL", "https://a.example/x".into(), "FUGONG_PARTNER_URL: https://"),
            ("FUGONG_PARTNER_CERT", String::new(), "FUGONG_PARTNER_CERT is not set"),
            ("FUGONG_PARTNER_CERT", file("server.key"), "FUGONG_PARTNER_CERT: no certificate"),
            ("FUGONG_PARTNER_KEY", file("server.pem"), "FUGONG_PARTNER_KEY: no private key"),
            ("FUGONG_PARTNER_KEY", file("partner.key"), "FUGONG_PARTNER_KEY: "),
            ("FUGONG_PARTNER_KEY", "/nonexistent".into(), "FUGONG_PARTNER_KEY: the file cannot be read"),
            ("FUGONG_PARTNER_CLIENT_CA", String::new(), "FUGONG_PARTNER_CLIENT_CA is not set"),
            ("FUGONG_PARTNER_CLIENT_CA", file("server.key"), "FUGONG_PARTNER_CLIENT_CA: no certificate"),
        ] {
            let mut values = partners();
            values.insert(name.to_owned(), value);
            let (door, errors) = read(&values, partner);
            assert!(door.is_none(), "{told}");
            assert!(errors.iter().any(|line| line.starts_with(told)), "{told}: {errors:?}");
        }
    }

    #[test]
    fn devices_come_over_tls_here_or_at_a_proxy() {
        let at = |listen: &str, url: &str| -> BTreeMap<String, String> {
            let all = [("FUGONG_DEVICE_LISTEN", listen), ("FUGONG_DEVICE_URL", url)];
            all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let proxy: AddressRange = "10.0.0.1".parse().unwrap();
        let beyond = at("0.0.0.0:8444", "https://devices.fugong.example");
        assert!(read(&beyond, |r| device(r, &[proxy])).1.is_empty());
        let (_, errors) = read(&beyond, |r| device(r, &[]));
        assert!(errors.iter().any(|line| line.starts_with("FUGONG_DEVICE_LISTEN: beyond")), "{errors:?}");
        let (door, errors) = read(&at("127.0.0.1:8444", "http://127.0.0.1:8444"), |r| device(r, &[]));
        assert!(errors.is_empty() && door.is_some_and(|door| door.tls.is_none()), "{errors:?}");
        let mut here = beyond;
        here.insert("FUGONG_DEVICE_CERT".into(), file("server.pem"));
        let (_, errors) = read(&here, |r| device(r, &[]));
        assert!(errors.iter().any(|line| line.starts_with("FUGONG_DEVICE_KEY is not set")), "{errors:?}");
        here.insert("FUGONG_DEVICE_KEY".into(), file("server.key"));
        let (door, errors) = read(&here, |r| device(r, &[]));
        assert!(errors.is_empty() && door.is_some_and(|door| door.tls.is_some()), "{errors:?}");
    }

    #[test]
    fn every_listener_has_a_port_of_its_own() {
        let (door, _) = read(&partners(), partner);
        let (_, errors) = read(&partners(), |r| {
            let taken = vec!["127.0.0.1:8443".parse().unwrap()];
            apart(r, taken, [("FUGONG_PARTNER_LISTEN", &door), ("FUGONG_DEVICE_LISTEN", &None)]);
        });
        assert_eq!(errors, ["FUGONG_PARTNER_LISTEN: another port than the other listeners"]);
    }
}
