//! Configuration: environment variables into plain structs, all checked at start, every error named at once.
//!
//! `README.md` lists the variables. Conveniences of the demonstration (sandbox page, demo accounts) have no variable:
//! only `fugong demo` can build a [`Config`] with [`Config::demo`] set.

use crate::db::DatabaseUrl;
use crate::hcert::VerificationKey;
use crate::jobs::RetrySchedule;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// How e-mail leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailTransport {
    /// `smtp://` or `smtps://` with the sender's address. The URL can hold a password and is never printed.
    Smtp {
        /// Server URL.
        url: String,
    },
    /// Each message as a file in a folder.
    File(PathBuf),
    /// Kept in memory: the demonstration's sandbox and tests.
    Memory,
}

/// How SMS leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsTransport {
    /// A JSON gateway: `POST {to, text, reference}` with a bearer token.
    Http {
        /// Gateway address.
        url: String,
        /// Bearer token, read from a file.
        token: String,
    },
    /// Kept in memory: the demonstration's sandbox and tests.
    Memory,
}

/// Everything a running portal needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Division code of the province, such as `510000`.
    pub province: String,
    /// The database.
    pub database: DatabaseUrl,
    /// Redis, optional on one machine.
    pub redis: Option<String>,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// The address people type, without a trailing slash.
    pub public_url: String,
    /// Folder with the keyring.
    pub keys: PathBuf,
    /// Folder where copies of signed audit heads are kept, outside the database.
    pub audit_heads: PathBuf,
    /// Sender of e-mail.
    pub mail_from: String,
    /// E-mail transport.
    pub mail: MailTransport,
    /// SMS transport.
    pub sms: SmsTransport,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Pinned root keys of the partner network's trust list; none: no list is accepted.
    pub trust_roots: Vec<VerificationKey>,
    /// Address for `/metrics`, apart from the public one.
    pub metrics: Option<SocketAddr>,
    /// PostgreSQL connections.
    pub pool_size: u32,
    /// HTTP worker threads.
    pub workers: usize,
    /// Whether this process also runs jobs.
    pub run_jobs: bool,
    /// When failed jobs and messages are tried again.
    pub retry: RetrySchedule,
    /// Set by `fugong demo` only.
    pub demo: bool,
}

/// One thing that is wrong, as `VARIABLE: what to do`.
pub type ConfigError = String;

/// Reads settings and gathers what is wrong with them.
struct Reader<'a> {
    values: &'a BTreeMap<String, String>,
    errors: Vec<ConfigError>,
}

impl Reader<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|v| v.trim()).filter(|v| !v.is_empty())
    }

    fn required(&mut self, name: &str, hint: &str) -> String {
        match self.get(name) {
            Some(v) => v.to_owned(),
            None => {
                self.errors.push(format!("{name} is not set: {hint}"));
                String::new()
            }
        }
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str, default: &str, hint: &str) -> Option<T> {
        let parsed = self.get(name).unwrap_or(default).parse().ok();
        if parsed.is_none() {
            self.errors.push(format!("{name}: {hint}"));
        }
        parsed
    }

    /// The content of the file that `name` points to, for secrets.
    fn secret_file(&mut self, name: &str) -> String {
        let path = self.required(name, "the path of a file that holds the secret");
        if path.is_empty() {
            return String::new();
        }
        match std::fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => text.trim().to_owned(),
            Ok(_) => {
                self.errors.push(format!("{name}: the file is empty"));
                String::new()
            }
            Err(e) => {
                self.errors.push(format!("{name}: the file cannot be read: {e}"));
                String::new()
            }
        }
    }
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// Every setting that is missing or wrong, at once.
    pub fn from_env() -> Result<Self, Vec<ConfigError>> {
        Self::from_map(&std::env::vars().collect())
    }

    /// Reads settings from a map; see `README.md` for the names.
    ///
    /// # Errors
    /// Every setting that is missing or wrong, at once.
    pub fn from_map(values: &BTreeMap<String, String>) -> Result<Self, Vec<ConfigError>> {
        let mut r = Reader { values, errors: Vec::new() };
        let province = province(&mut r);
        let database = database(&mut r);
        let public_url = public_url(&mut r);
        let mail = mail(&mut r);
        let sms = sms(&mut r);
        let listen = r.parsed("FUGONG_LISTEN", "127.0.0.1:8080", "an address and port such as 0.0.0.0:8080");
        let metrics = match r.get("FUGONG_METRICS_LISTEN") {
            None => None,
            Some(_) => r.parsed("FUGONG_METRICS_LISTEN", "", "an address and port such as 127.0.0.1:9090"),
        };
        let trusted_proxies = proxies(&mut r);
        let keys = PathBuf::from(r.required("FUGONG_KEYS", "the folder made by `fugong keys init`"));
        if !keys.as_os_str().is_empty() && !keys.is_dir() {
            r.errors.push("FUGONG_KEYS: no such folder; make it with `fugong keys init --dir …`".into());
        }
        let audit_heads = PathBuf::from(
            r.required("FUGONG_AUDIT_HEADS", "a folder outside the database for signed audit heads"),
        );
        let mail_from = r.required("FUGONG_MAIL_FROM", "the sender's address");
        if !mail_from.is_empty() && mail_from.parse::<lettre::message::Mailbox>().is_err() {
            r.errors.push("FUGONG_MAIL_FROM: not an e-mail address".into());
        }
        let pool_size = r.parsed("FUGONG_POOL_SIZE", "16", "a number from 1 to 200");
        let workers = r.parsed("FUGONG_WORKERS", "2", "a number of threads");
        let run_jobs = r.parsed("FUGONG_RUN_JOBS", "true", "true or false");
        let retry = r.parsed("FUGONG_RETRY", "10s,1m,5m,30m,2h,6h", "waits such as 10s,1m,5m,30m,2h,6h");
        let redis = r.get("REDIS_URL").map(str::to_owned);
        if redis.as_deref().is_some_and(|u| !u.starts_with("redis://") && !u.starts_with("rediss://")) {
            r.errors.push("REDIS_URL must begin with redis:// or rediss://".into());
        }
        let trust_roots = trust_roots(&mut r);
        match (database, listen, pool_size, workers, run_jobs, retry) {
            (Some(database), Some(listen), Some(pool_size), Some(workers), Some(run_jobs), Some(retry))
                if r.errors.is_empty() =>
            {
                Ok(Self {
                    province,
                    database,
                    redis,
                    listen,
                    public_url,
                    keys,
                    audit_heads,
                    mail_from,
                    mail,
                    sms,
                    trusted_proxies,
                    trust_roots,
                    metrics,
                    pool_size,
                    workers,
                    run_jobs,
                    retry,
                    demo: false,
                })
            }
            _ => Err(r.errors),
        }
    }

    /// Whether people reach the portal over TLS: decides the cookies' names and flags.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn province(r: &mut Reader<'_>) -> String {
    let code = r.required("FUGONG_PROVINCE", "the province's division code, such as 510000");
    let six_digits = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
    if !(code.is_empty() || six_digits && code.ends_with("0000")) {
        r.errors.push("FUGONG_PROVINCE: six digits that end in 0000, such as 510000".into());
    }
    code
}

fn database(r: &mut Reader<'_>) -> Option<DatabaseUrl> {
    let url = r.required("DATABASE_URL", "sqlite:PATH or postgres://…");
    if url.is_empty() {
        return None;
    }
    match DatabaseUrl::parse(&url) {
        Ok(parsed) => {
            if let DatabaseUrl::Postgres(url) = &parsed {
                r.errors.extend(postgres_tls(url));
            }
            Some(parsed)
        }
        Err(e) => {
            r.errors.push(e);
            None
        }
    }
}

/// A PostgreSQL that is not on this machine is spoken to over TLS or not at all.
fn postgres_tls(url: &str) -> Option<ConfigError> {
    let rest = url.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
    let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
    let host = authority.split('/').next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
    let local = host.is_empty()
        || host.starts_with("localhost")
        || host.starts_with("127.")
        || host.starts_with("[::1]")
        || query.contains("host=/")
        || query.contains("host=%2F");
    let tls =
        ["require", "verify-ca", "verify-full"].iter().any(|mode| query.contains(&format!("sslmode={mode}")));
    if tls && cfg!(feature = "bundled-libpq") {
        return Some(
            "DATABASE_URL: this build has no TLS to PostgreSQL; build with --no-default-features --features system-libpq"
                .into(),
        );
    }
    (!local && !tls).then(|| "DATABASE_URL: a PostgreSQL on another machine needs sslmode=verify-full".into())
}

fn public_url(r: &mut Reader<'_>) -> String {
    let url = r.required("FUGONG_PUBLIC_URL", "the address people type, such as https://fugong.example");
    let url = url.trim_end_matches('/').to_owned();
    let plain_local =
        ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|p| url.starts_with(p));
    if !url.is_empty() && !url.starts_with("https://") && !plain_local {
        r.errors.push("FUGONG_PUBLIC_URL must begin with https:// (http:// only on this machine)".into());
    }
    url
}

fn mail(r: &mut Reader<'_>) -> MailTransport {
    if let Some(folder) = r.get("FUGONG_MAIL_DIR") {
        return MailTransport::File(folder.into());
    }
    let url = r.required("SMTP_URL", "smtps://user:password@host:465, or set FUGONG_MAIL_DIR to write files");
    if !url.is_empty() && !url.starts_with("smtp://") && !url.starts_with("smtps://") {
        r.errors.push("SMTP_URL must begin with smtp:// or smtps://".into());
    }
    MailTransport::Smtp { url }
}

fn sms(r: &mut Reader<'_>) -> SmsTransport {
    let url = r.required("SMS_URL", "the SMS gateway's address");
    let plain_local = url.starts_with("http://127.0.0.1") || url.starts_with("http://localhost");
    if !url.is_empty() && !url.starts_with("https://") && !plain_local {
        r.errors.push("SMS_URL must begin with https:// (http:// only on this machine)".into());
    }
    let token = r.secret_file("SMS_TOKEN_FILE");
    SmsTransport::Http { url, token }
}

/// `FUGONG_TRUST_ROOTS`: files with public keys, separated by commas. Two officers must sign a list, so one root
/// could never accept any.
fn trust_roots(r: &mut Reader<'_>) -> Vec<VerificationKey> {
    let mut roots: Vec<VerificationKey> = Vec::new();
    let named = r.get("FUGONG_TRUST_ROOTS").unwrap_or_default().to_owned();
    for path in named.split(',').map(str::trim).filter(|path| !path.is_empty()) {
        let key = std::fs::read(path).map_err(|e| e.to_string());
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

fn proxies(r: &mut Reader<'_>) -> Vec<IpAddr> {
    let mut parsed = Vec::new();
    let list = r.get("FUGONG_TRUSTED_PROXIES").unwrap_or_default().to_owned();
    for part in list.split(',') {
        match part.trim().parse() {
            Ok(address) => parsed.push(address),
            Err(_) if part.trim().is_empty() => {}
            Err(_) => r.errors.push("FUGONG_TRUSTED_PROXIES: IP addresses separated by commas".into()),
        }
    }
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn every_error_is_named_at_once_without_secrets() {
        let errors = Config::from_map(&map(&[
            ("DATABASE_URL", "postgres://u:geheim@db.example/f"),
            ("FUGONG_PUBLIC_URL", "http://fugong.example"),
            ("FUGONG_LISTEN", "nowhere"),
            ("FUGONG_PROVINCE", "51"),
            ("FUGONG_TRUST_ROOTS", "/nonexistent/root"),
        ]))
        .unwrap_err();
        let all = errors.join("\n");
        for name in [
            "DATABASE_URL",
            "FUGONG_PUBLIC_URL",
            "FUGONG_LISTEN",
            "FUGONG_PROVINCE",
            "FUGONG_TRUST_ROOTS",
            "SMTP_URL",
            "SMS_URL",
        ] {
            assert!(all.contains(name), "{name} is missing in {all}");
        }
        assert!(!all.contains("geheim"));
    }

    #[test]
    fn a_whole_configuration_is_accepted() {
        let dir = std::env::temp_dir();
        let token = dir.join(format!("fugong-token-{}", uuid::Uuid::now_v7()));
        std::fs::write(&token, "t0ken\n").unwrap();
        let dir = dir.to_string_lossy().into_owned();
        let config = Config::from_map(&map(&[
            ("DATABASE_URL", "sqlite:fugong.db"),
            ("FUGONG_PUBLIC_URL", "https://fugong.example/"),
            ("FUGONG_PROVINCE", "510000"),
            ("FUGONG_KEYS", &dir),
            ("FUGONG_AUDIT_HEADS", &dir),
            ("FUGONG_MAIL_FROM", "Fugong <noreply@fugong.example>"),
            ("SMTP_URL", "smtps://u:p@mail.example:465"),
            ("SMS_URL", "https://sms.example/send"),
            ("SMS_TOKEN_FILE", &token.to_string_lossy()),
        ]))
        .unwrap();
        assert_eq!(config.public_url, "https://fugong.example");
        assert!(config.is_https() && !config.demo);
        assert_eq!(
            config.sms,
            SmsTransport::Http { url: "https://sms.example/send".into(), token: "t0ken".into() }
        );
    }
}
