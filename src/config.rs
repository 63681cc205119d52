//! Configuration: environment variables into plain structs, all checked at start, every error named at once.
//!
//! `README.md` lists the variables. Conveniences of the demonstration (sandbox page, demo accounts) have no variable:
//! only `fugong demo` can build a [`Config`] with [`Config::demo`] set.

mod doors;
mod files;
mod parts;
mod range;

pub use doors::DoorAt;
pub use files::{BucketAt, Clamd, FilesPlace};
pub use range::AddressRange;

use crate::db::DatabaseUrl;
use crate::hcert::VerificationKey;
use crate::retry::RetrySchedule;
use parts::{database, mail, province, proxies, public_url, same_port, sms, trust_roots};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
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
    pub trusted_proxies: Vec<AddressRange>,
    /// Pinned root keys of the partner network's trust list; none: no list is accepted.
    pub trust_roots: Vec<VerificationKey>,
    /// Address for `/metrics`, apart from the public one.
    pub metrics: Option<SocketAddr>,
    /// The partners' door; none: it does not listen.
    pub partner: Option<DoorAt>,
    /// The devices' door; none: it does not listen.
    pub device: Option<DoorAt>,
    /// PostgreSQL connections.
    pub pool_size: u32,
    /// HTTP worker threads.
    pub workers: usize,
    /// Whether this process also runs jobs.
    pub run_jobs: bool,
    /// Codes by SMS that all of the portal sends in an hour at most.
    pub sms_per_hour: i32,
    /// Where files that people hand in are kept; none: none are taken.
    pub files: Option<FilesPlace>,
    /// What looks through them for harmful software; none: nothing does.
    pub clamd: Option<Clamd>,
    /// When failed jobs and messages are tried again.
    pub retry: RetrySchedule,
    /// Set by `fugong demo` only.
    pub demo: bool,
}

/// Our settings whose names do not begin with `FUGONG_`.
const OURS: [&str; 5] = ["DATABASE_URL", "REDIS_URL", "SMTP_URL", "SMS_URL", "SMS_TOKEN_FILE"];

/// Every setting whose name begins with `FUGONG_`.
const KNOWN: [&str; 30] = [
    "FUGONG_PARTNER_LISTEN",
    "FUGONG_PARTNER_URL",
    "FUGONG_PARTNER_CERT",
    "FUGONG_PARTNER_KEY",
    "FUGONG_PARTNER_CLIENT_CA",
    "FUGONG_DEVICE_LISTEN",
    "FUGONG_DEVICE_URL",
    "FUGONG_DEVICE_CERT",
    "FUGONG_DEVICE_KEY",
    "FUGONG_S3_ENDPOINT",
    "FUGONG_S3_BUCKET",
    "FUGONG_S3_REGION",
    "FUGONG_S3_KEY_FILE",
    "FUGONG_CLAMD",
    "FUGONG_FILES",
    "FUGONG_PROVINCE",
    "FUGONG_PUBLIC_URL",
    "FUGONG_LISTEN",
    "FUGONG_METRICS_LISTEN",
    "FUGONG_KEYS",
    "FUGONG_AUDIT_HEADS",
    "FUGONG_MAIL_FROM",
    "FUGONG_MAIL_DIR",
    "FUGONG_POOL_SIZE",
    "FUGONG_SMS_PER_HOUR",
    "FUGONG_WORKERS",
    "FUGONG_RUN_JOBS",
    "FUGONG_RETRY",
    "FUGONG_TRUST_ROOTS",
    "FUGONG_TRUSTED_PROXIES",
];

/// Names that look like settings of ours and are none, such as mistyped ones.
pub fn unknown(names: impl Iterator<Item = OsString>) -> Vec<String> {
    let names = names.filter_map(|name| name.into_string().ok());
    let mut found: Vec<String> =
        names.filter(|name| name.starts_with("FUGONG_") && !KNOWN.contains(&name.as_str())).collect();
    found.sort();
    found
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

    fn ranged<T>(&mut self, name: &str, default: &str, least: T, most: T) -> Option<T>
    where
        T: std::str::FromStr + PartialOrd + std::fmt::Display,
    {
        let number = self.get(name).unwrap_or(default).parse::<T>().ok();
        let number = number.filter(|n| (&least..=&most).contains(&n));
        if number.is_none() {
            self.errors.push(format!("{name}: a number from {least} to {most}"));
        }
        number
    }

    /// Quotes around a value are part of it where a file of settings is read without a shell.
    fn quotes(&mut self) {
        let ours = |name: &str| name.starts_with("FUGONG_") || OURS.contains(&name);
        for (name, value) in self.values.iter().filter(|(name, _)| ours(name)) {
            let value = value.trim();
            if value.len() > 1 && ['"', '\''].iter().any(|q| value.starts_with(*q) && value.ends_with(*q)) {
                self.errors.push(format!("{name}: leave out the quotes, they count as part of the value"));
            }
        }
    }

    /// The content of the file that `name` points to, for secrets.
    fn secret_file(&mut self, name: &str) -> String {
        let path = self.required(name, "the path of a file that holds the secret");
        if path.is_empty() {
            return String::new();
        }
        let text = parts::read_file(path.as_ref(), parts::MAX_SECRET);
        let text = text.and_then(|bytes| crate::plain::text(&bytes).map_err(|e| e.to_string()));
        match text.as_deref().map(str::trim) {
            Ok("") => self.errors.push(format!("{name}: the file is empty")),
            Ok(secret) if secret.chars().all(|c| c.is_ascii_graphic()) => return secret.to_owned(),
            Ok(_) => self.errors.push(format!("{name}: the file must hold the secret alone, in one line")),
            Err(e) => self.errors.push(format!("{name}: {e}")),
        }
        String::new()
    }
}

/// The variables that are text, and the names of ours that are not. Others' may hold any bytes.
fn readable(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut values, mut unreadable) = (BTreeMap::new(), Vec::new());
    for (name, value) in variables {
        match (name.into_string(), value.into_string()) {
            // The first line of a file with a byte order mark, as tools that read such files pass it on.
            (Ok(name), Ok(value)) => {
                let name = name.trim_start_matches('\u{feff}').to_owned();
                _ = values.insert(name, value.trim_matches('\u{feff}').to_owned());
            }
            (Ok(name), Err(_)) if name.starts_with("FUGONG_") || OURS.contains(&name.as_str()) => {
                unreadable.push(name);
            }
            _ => {}
        }
    }
    (values, unreadable)
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// Every setting that is missing or wrong, at once.
    pub fn from_env() -> Result<Self, Vec<ConfigError>> {
        let (values, unreadable) = readable(std::env::vars_os());
        let found = Self::from_map(&values);
        if unreadable.is_empty() {
            return found;
        }
        let mut errors: Vec<ConfigError> =
            unreadable.iter().map(|name| format!("{name}: the value is not UTF-8 text")).collect();
        let missing =
            |line: &String| unreadable.iter().any(|name| line.starts_with(&format!("{name} is not set")));
        errors.extend(found.err().unwrap_or_default().into_iter().filter(|line| !missing(line)));
        Err(errors)
    }

    /// Reads settings from a map; see `README.md` for the names.
    ///
    /// # Errors
    /// Every setting that is missing or wrong, at once.
    pub fn from_map(values: &BTreeMap<String, String>) -> Result<Self, Vec<ConfigError>> {
        let mut r = Reader { values, errors: Vec::new() };
        r.quotes();
        let province = province(&mut r);
        let database = database(&mut r);
        let public_url = public_url(&mut r);
        let mail = mail(&mut r);
        let sms = sms(&mut r);
        let (listen, metrics) = listens(&mut r);
        let trusted_proxies = proxies(&mut r);
        parts::listens_behind_a_proxy(&mut r, listen, &trusted_proxies);
        let (keys, audit_heads, mail_from) = (keys(&mut r), audit_heads(&mut r), mail_from(&mut r));
        let pool_size = r.ranged("FUGONG_POOL_SIZE", "16", 1, 200);
        let workers = r.ranged("FUGONG_WORKERS", "2", 1, 256);
        let sms_per_hour = r.ranged("FUGONG_SMS_PER_HOUR", "20000", 100, 10_000_000);
        let run_jobs = r.parsed("FUGONG_RUN_JOBS", "true", "true or false");
        let retry = r.parsed("FUGONG_RETRY", "10s,1m,5m,30m,2h,6h", "waits such as 10s,1m,5m,30m,2h,6h");
        let redis = parts::redis(&mut r);
        parts::authorities(&mut r);
        let (files, clamd) = (files::place(&mut r, database.as_ref()), files::clamd(&mut r));
        let trust_roots = trust_roots(&mut r);
        let (partner, device) = doors::both(&mut r, (listen, metrics), &trusted_proxies);
        match (database, listen, pool_size.zip(workers), sms_per_hour, run_jobs, retry) {
            (
                Some(database),
                Some(listen),
                Some((pool_size, workers)),
                Some(sms_per_hour),
                Some(run_jobs),
                Some(retry),
            ) if r.errors.is_empty() => Ok(Self {
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
                partner,
                device,
                pool_size,
                workers,
                run_jobs,
                sms_per_hour,
                files,
                clamd,
                retry,
                demo: false,
            }),
            _ => Err(r.errors),
        }
    }

    /// Whether people reach the portal over TLS: decides the cookies' names and flags.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

#[cfg(test)]
mod tests;

/// Where the portal and its metrics listen: on different ports.
fn listens(r: &mut Reader<'_>) -> (Option<SocketAddr>, Option<SocketAddr>) {
    let listen = r.parsed("FUGONG_LISTEN", "127.0.0.1:8080", "an address and port such as 0.0.0.0:8080");
    let metrics = match r.get("FUGONG_METRICS_LISTEN") {
        None => None,
        Some(_) => r.parsed("FUGONG_METRICS_LISTEN", "", "an address and port such as 127.0.0.1:9090"),
    };
    parts::some_port(r, "FUGONG_LISTEN", listen);
    parts::some_port(r, "FUGONG_METRICS_LISTEN", metrics);
    if listen.zip(metrics).is_some_and(|(listen, metrics)| same_port(listen, metrics)) {
        r.errors.push("FUGONG_METRICS_LISTEN: another port than FUGONG_LISTEN".into());
    }
    (listen, metrics)
}

fn keys(r: &mut Reader<'_>) -> PathBuf {
    let keys = PathBuf::from(r.required("FUGONG_KEYS", "the folder made by `fugong keys init`"));
    if !keys.as_os_str().is_empty() && !keys.is_dir() {
        r.errors.push("FUGONG_KEYS: no such folder; make it with `fugong keys init --dir …`".into());
    }
    parts::apart_from_keys(r, &keys);
    keys
}

fn audit_heads(r: &mut Reader<'_>) -> PathBuf {
    PathBuf::from(r.required("FUGONG_AUDIT_HEADS", "a folder outside the database for signed audit heads"))
}

fn mail_from(r: &mut Reader<'_>) -> String {
    let sender = r.required("FUGONG_MAIL_FROM", "the sender's address");
    if !sender.is_empty() && sender.parse::<lettre::message::Mailbox>().is_err() {
        r.errors.push("FUGONG_MAIL_FROM: not an e-mail address".into());
    }
    sender
}
