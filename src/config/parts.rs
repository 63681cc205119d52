//! The settings one by one: what each may be, and what is unsafe.

use super::{AddressRange, ConfigError, MailTransport, Reader, SmsTransport};
use crate::db::DatabaseUrl;
use crate::hcert::VerificationKey;
use crate::identity::{DivisionCode, divisions};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

/// Bytes of a file with a secret.
pub(super) const MAX_SECRET: u64 = 64 * 1024;
/// Bytes of a file with a public key.
const MAX_ROOT: u64 = 1024 * 1024;

/// The host of an address, without user, port and path.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Whether a host is this machine: nothing that is said to it goes over a wire.
fn is_here(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// An address as the libraries read it that will use it, and its host: a host read by rules of our own could be another
/// than the one that is called (`http://far.example\@localhost`).
fn read_url(url: &str) -> Option<(reqwest::Url, String)> {
    let url = reqwest::Url::parse(url).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?.to_owned();
    Some((url, host))
}

/// `https://` anywhere, `http://` only to this machine.
pub(super) fn is_safe_web(url: &str) -> bool {
    read_url(url).is_some_and(|(url, host)| match url.scheme() {
        "https" => true,
        "http" => is_here(&host),
        _ => false,
    })
}

/// Who listens beyond this machine is meant to stand behind a proxy that ends TLS, and must know it: otherwise passwords
/// would come without TLS, and everybody would count as one client.
pub(super) fn listens_behind_a_proxy(
    r: &mut Reader<'_>,
    listen: Option<SocketAddr>,
    proxies: &[AddressRange],
) {
    if listen.is_some_and(|address| !address.ip().to_canonical().is_loopback()) && proxies.is_empty() {
        r.errors.push(
            "FUGONG_LISTEN: beyond this machine only behind a proxy that ends TLS; name it in FUGONG_TRUSTED_PROXIES"
                .into(),
        );
    }
}

/// A listener needs a port of its own: nobody finds one that the system picks.
pub(super) fn some_port(r: &mut Reader<'_>, name: &str, address: Option<SocketAddr>) {
    if address.is_some_and(|address| address.port() == 0) {
        r.errors.push(format!("{name}: a port from 1 to 65535"));
    }
}

/// Two listeners cannot have one port of one address.
pub(super) fn same_port(listen: SocketAddr, metrics: SocketAddr) -> bool {
    let everywhere = listen.ip().is_unspecified() || metrics.ip().is_unspecified();
    listen.port() == metrics.port() && listen.port() != 0 && (everywhere || listen.ip() == metrics.ip())
}

pub(super) fn province(r: &mut Reader<'_>) -> String {
    let code = r.required("FUGONG_PROVINCE", "the province's division code, such as 510000");
    let known = code.len() == 6 && DivisionCode::parse(&code).is_ok_and(|c| divisions().get(c).is_some());
    if !(code.is_empty() || known && code.ends_with("0000")) {
        r.errors.push("FUGONG_PROVINCE: the six digits of a province, such as 510000".into());
    }
    code
}

pub(super) fn database(r: &mut Reader<'_>) -> Option<DatabaseUrl> {
    let url = r.required("DATABASE_URL", "sqlite:PATH or postgres://…");
    if url.is_empty() {
        return None;
    }
    match DatabaseUrl::parse(&url) {
        Ok(parsed) => {
            if let DatabaseUrl::Postgres(url) = &parsed {
                let surroundings = |name: &str| r.get(name).map(str::to_owned);
                let wrong = postgres_tls(url, &surroundings);
                r.errors.extend(wrong);
            }
            Some(parsed)
        }
        Err(e) => {
            r.errors.push(e);
            None
        }
    }
}

/// The machines that a PostgreSQL address leads to: of its authority (there may be several) and of `host` and `hostaddr` in
/// its query, which count before the authority; empty for the socket of this machine.
fn postgres_hosts(authority: &str, query: &[(String, String)]) -> Vec<String> {
    let authority = authority.split('/').next().unwrap_or_default();
    let machines = authority.rsplit('@').next().unwrap_or_default();
    let mut hosts: Vec<String> = machines.split(',').map(|one| host_of(one).to_owned()).collect();
    for (_, value) in query.iter().filter(|(name, _)| name == "host" || name == "hostaddr") {
        hosts.extend(value.split(',').map(str::to_owned));
    }
    hosts.retain(|host| !host.is_empty());
    hosts
}

/// What the library that speaks to PostgreSQL takes from its surroundings where the address does not say it.
fn postgres_surroundings(
    query: &[(String, String)],
    hosts: &mut Vec<String>,
    get: &dyn Fn(&str) -> Option<String>,
) -> bool {
    let said = |name: &str| query.iter().any(|(key, _)| key == name);
    let host = get("PGHOST").filter(|_| hosts.is_empty());
    let address = get("PGHOSTADDR").filter(|_| !said("hostaddr"));
    for value in host.into_iter().chain(address) {
        hosts.extend(value.split(',').map(str::to_owned).filter(|one| !one.is_empty()));
    }
    // A service may name another machine, also beside a host of the address.
    said("service") || get("PGSERVICE").is_some()
}

/// A PostgreSQL that is not on this machine is spoken to over TLS with its name proven, or not at all.
fn postgres_tls(url: &str, get: &dyn Fn(&str) -> Option<String>) -> Option<ConfigError> {
    let rest = url.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
    let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
    let query: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let last = |wanted: &str| query.iter().rev().find(|(name, _)| name == wanted).map(|(_, v)| v.as_str());
    let socket = |host: &str| host.starts_with('/') || host.to_ascii_lowercase().starts_with("%2f");
    let mut hosts = postgres_hosts(authority, &query);
    let service = postgres_surroundings(&query, &mut hosts, get);
    let local = !service && hosts.iter().all(|host| is_here(host) || socket(host));
    let mode = last("sslmode");
    let tls = mode == Some("verify-full");
    if mode.is_some_and(|mode| ["require", "verify-ca", "verify-full"].contains(&mode))
        && cfg!(feature = "bundled-libpq")
    {
        return Some(
            "DATABASE_URL: this build has no TLS to PostgreSQL; build with --no-default-features --features system-libpq"
                .into(),
        );
    }
    (!local && !tls).then(|| {
        "DATABASE_URL: a PostgreSQL on another machine (PGHOST, PGHOSTADDR and PGSERVICE count, too) needs sslmode=verify-full"
            .into()
    })
}

pub(super) fn public_url(r: &mut Reader<'_>) -> String {
    let url = r.required("FUGONG_PUBLIC_URL", "the address people type, such as https://fugong.example");
    let url = url.trim_end_matches('/').to_owned();
    if url.is_empty() {
        return url;
    }
    if !is_safe_web(&url) {
        r.errors.push("FUGONG_PUBLIC_URL must begin with https:// (http:// only on this machine)".into());
    }
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    if rest.contains(['/', '?', '#', '@', ',']) || rest.contains(char::is_whitespace) {
        r.errors.push("FUGONG_PUBLIC_URL: only scheme, host and port, such as https://fugong.example".into());
    }
    let after = rest.rsplit_once(']').map_or(rest, |(_, after)| after);
    if after.split_once(':').is_some_and(|(_, port)| !port.parse::<u16>().is_ok_and(|port| port > 0)) {
        r.errors.push("FUGONG_PUBLIC_URL: the port is a number from 1 to 65535".into());
    }
    url
}

/// Redis keeps the limits that several portals share. One on another machine is spoken to over TLS or not at all.
pub(super) fn redis(r: &mut Reader<'_>) -> Option<String> {
    let url = r.get("REDIS_URL").map(str::to_owned)?;
    let safe = match read_url(&url) {
        Some((parsed, _)) if parsed.scheme() == "rediss" => parsed.fragment().is_none(),
        Some((parsed, host)) => parsed.scheme() == "redis" && is_here(&host),
        None => url.starts_with("redis+unix:///"),
    };
    if !safe {
        r.errors.push(
            "REDIS_URL must be rediss:// with a proven certificate, or a Redis on this machine (redis:// or redis+unix:///)"
                .into(),
        );
    }
    Some(url)
}

/// The authorities that the portal's own connections believe (Redis, mail, SMS, partners): those of this file and no others
/// where it is named, else the system's. The libraries read it; here a file that they could not use is refused.
pub(super) fn authorities(r: &mut Reader<'_>) {
    let Some(file) = r.get("SSL_CERT_FILE") else { return };
    let found = CertificateDer::pem_file_iter(file).and_then(|all| all.collect::<Result<Vec<_>, _>>());
    if found.is_ok_and(|found| RootCertStore::empty().add_parsable_certificates(found).0 > 0) {
        return;
    }
    r.errors.push("SSL_CERT_FILE: a file with the certificates of the authorities to believe, as PEM".into());
}

/// Whoever can write or read one of these folders must not come to the keys.
pub(super) fn apart_from_keys(r: &mut Reader<'_>, keys: &Path) {
    let real = |dir: &Path| dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    for name in ["FUGONG_AUDIT_HEADS", "FUGONG_MAIL_DIR"] {
        let inside = r.get(name).is_some_and(|dir| real(Path::new(dir)).starts_with(real(keys)));
        if inside && !keys.as_os_str().is_empty() {
            r.errors.push(format!("{name}: another folder than FUGONG_KEYS"));
        }
    }
}

/// The bytes of a file that somebody names: a regular file of at most `most` bytes.
///
/// # Errors
/// Why not, in a sentence.
pub(super) fn read_file(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let unread = |e: std::io::Error| format!("the file cannot be read: {e}");
    // Asked before it is opened: opening a pipe waits for its writer.
    if !std::fs::metadata(path).map_err(unread)?.is_file() {
        return Err("it is not a regular file".into());
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unread)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(unread)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(format!("the file is longer than {} KiB", most / 1024));
    }
    Ok(bytes)
}

pub(super) fn mail(r: &mut Reader<'_>) -> MailTransport {
    if let Some(folder) = r.get("FUGONG_MAIL_DIR") {
        return MailTransport::File(folder.into());
    }
    let url = r.required("SMTP_URL", "smtps://user:password@host:465, or set FUGONG_MAIL_DIR to write files");
    if !url.is_empty() && !url.starts_with("smtp://") && !url.starts_with("smtps://") {
        r.errors.push("SMTP_URL must begin with smtp:// or smtps://".into());
    }
    let safe = read_url(&url).is_some_and(|(parsed, host)| {
        // The library takes the first `tls`; another beside it would be a trap.
        let mut tls =
            parsed.query_pairs().filter(|(name, _)| name == "tls").map(|(_, value)| value).peekable();
        parsed.scheme() == "smtps" || is_here(&host) || (tls.peek().is_some() && tls.all(|v| v == "required"))
    });
    if !url.is_empty() && !safe {
        r.errors.push(
            "SMTP_URL: a mail server on another machine needs smtps://… or smtp://…?tls=required".into(),
        );
    }
    MailTransport::Smtp { url }
}

pub(super) fn sms(r: &mut Reader<'_>) -> SmsTransport {
    let url = r.required("SMS_URL", "the SMS gateway's address");
    if !url.is_empty() && !is_safe_web(&url) {
        r.errors.push("SMS_URL must begin with https:// (http:// only on this machine)".into());
    }
    let token = r.secret_file("SMS_TOKEN_FILE");
    SmsTransport::Http { url, token }
}

/// `FUGONG_TRUST_ROOTS`: files with public keys, separated by commas. Two officers must sign a list, so one root
/// could never accept any.
pub(super) fn trust_roots(r: &mut Reader<'_>) -> Vec<VerificationKey> {
    let mut roots: Vec<VerificationKey> = Vec::new();
    let named = r.get("FUGONG_TRUST_ROOTS").unwrap_or_default().to_owned();
    for path in named.split(',').map(str::trim).filter(|path| !path.is_empty()) {
        let key = read_file(Path::new(path), MAX_ROOT);
        match key.and_then(|bytes| VerificationKey::from_file(&bytes).map_err(|e| e.to_string())) {
            Ok(key) if roots.contains(&key) => {
                r.errors.push(format!("FUGONG_TRUST_ROOTS: {path} is the same key as another"));
            }
            Ok(key) => roots.push(key),
            Err(e) => r.errors.push(format!("FUGONG_TRUST_ROOTS: {path}: {e}")),
        }
    }
    if roots.len() == 1 {
        r.errors.push("FUGONG_TRUST_ROOTS: at least two keys, since two must sign a trust list".into());
    }
    roots
}

pub(super) fn proxies(r: &mut Reader<'_>) -> Vec<AddressRange> {
    let mut parsed = Vec::new();
    let list = r.get("FUGONG_TRUSTED_PROXIES").unwrap_or_default().to_owned();
    for part in list.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.parse() {
            Ok(range) => parsed.push(range),
            Err(why) => r.errors.push(format!(
                "FUGONG_TRUSTED_PROXIES: {why}; addresses and networks (10.0.0.1, 10.8.0.0/16) separated by commas"
            )),
        }
    }
    parsed
}
