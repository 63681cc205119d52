//! `fugong exchange`: root keys, the trust list, agreements. Root keys never touch a server: two officers sign on
//! their own machines, one after the other.

use crate::app::{self, Deps};
use crate::audit::Actor;
use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::Keyring;
use crate::db::{DatabaseUrl, Id, ServeLock};
use crate::error::AppError;
use crate::exchange::{self, NewAgreement, NewPartner};
use crate::hcert::cose::Sign;
use crate::hcert::keys::unarmour;
use crate::hcert::{Es256Signer, Signer, TrustList};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, Utc};
use clap::{Args, Subcommand};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Arguments of `fugong exchange`.
#[derive(Debug, Args)]
pub struct ExchangeArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ExchangeCommand,
}

/// What `fugong exchange` can do.
#[derive(Debug, Subcommand)]
pub enum ExchangeCommand {
    /// Make an officer's root key, offline: FILE holds the private key, FILE.pub the public one
    RootKey {
        /// The new file
        #[arg(long)]
        out: PathBuf,
    },
    /// Print this province's entries for the trust list (JSON), from the settings of the environment
    Entries {
        /// Days for which partners may trust them
        #[arg(long, default_value_t = 730)]
        days: u32,
    },
    /// Sign a trust list: a JSON file the first time, the signed file the second time
    SignList {
        /// The list as JSON, or a list that others have signed
        #[arg(long = "in", value_name = "FILE")]
        input: PathBuf,
        /// An officer's private key; repeat for several
        #[arg(long = "root", value_name = "FILE", required = true)]
        roots: Vec<PathBuf>,
        /// The signed list
        #[arg(long)]
        out: PathBuf,
    },
    /// Accept a signed trust list into the database; the roots of FUGONG_TRUST_ROOTS must have signed it
    LoadList {
        /// The signed list
        file: PathBuf,
    },
    /// Enter a partner province, or change its address
    Partner {
        /// Division code, such as 440000
        province: String,
        /// Address of its portal
        #[arg(long)]
        endpoint: String,
        /// Telephone of its exchange desk
        #[arg(long)]
        phone: String,
        /// Suspend every agreement with it
        #[arg(long)]
        off: bool,
    },
    /// List, add or end agreements
    #[command(subcommand)]
    Agreements(AgreementCommand),
}

/// What can be done with agreements.
#[derive(Debug, Subcommand)]
pub enum AgreementCommand {
    /// List them all
    List,
    /// Add one
    Add {
        /// The partner's division code
        province: String,
        /// code or certificate; repeat for both
        #[arg(long = "kind", required = true)]
        kinds: Vec<String>,
        /// Whose documents the other side accepts: ours, theirs or both
        #[arg(long, default_value = "both")]
        direction: String,
        /// From when (RFC 3339); now if left out
        #[arg(long, value_parser = super::time::parse)]
        from: Option<DateTime<Utc>>,
        /// Until when (RFC 3339); until further notice if left out
        #[arg(long, value_parser = super::time::parse)]
        to: Option<DateTime<Utc>>,
        /// Number of the document of agreement
        #[arg(long)]
        document: String,
    },
    /// End one now
    End {
        /// Its id, from the list
        id: Id,
    },
}

/// Why an `exchange` command failed.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// A file could not be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file is not what is needed.
    #[error("{}: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Settings, database or keys.
    #[error("{0}")]
    Setting(String),
    /// The portal's rules refuse it.
    #[error("refused: {0}")]
    Refused(AppError),
    /// The output could not be written.
    #[error("the output could not be written: {0}")]
    Output(#[from] std::io::Error),
}

impl From<AppError> for ExchangeError {
    fn from(e: AppError) -> Self {
        Self::Refused(e)
    }
}

/// Runs the command; true when it did something or had something to say.
///
/// # Errors
/// See [`ExchangeError`].
pub fn run(args: &ExchangeArgs, now: DateTime<Utc>, out: &mut dyn Write) -> Result<bool, ExchangeError> {
    match &args.command {
        ExchangeCommand::RootKey { out: path } => root_key(path, out),
        ExchangeCommand::Entries { days } => {
            let config = settings()?;
            let keys = ring(&config, now)?;
            let name = province_name(&config);
            let span = (now, now + Duration::days(i64::from(*days)));
            let entries = exchange::own_entries(&keys, &config.province, &name, &config.public_url, span)?;
            let text =
                serde_json::to_string_pretty(&entries).map_err(|e| ExchangeError::Setting(e.to_string()))?;
            writeln!(out, "{text}")?;
            Ok(true)
        }
        ExchangeCommand::SignList { input, roots, out: path } => sign_list(input, roots, path, out),
        ExchangeCommand::LoadList { file } => {
            let signed = read(file)?;
            let added = with_portal(now, |deps| {
                Box::pin(async move { exchange::accept_list(deps, signed, Actor::Console).await })
            })?;
            writeln!(
                out,
                "{}",
                if added { "The list is in force." } else { "The list is in force already." }
            )?;
            Ok(true)
        }
        ExchangeCommand::Partner { province, endpoint, phone, off } => {
            let new = NewPartner {
                province: province.clone(),
                endpoint: endpoint.clone(),
                phone: phone.clone(),
                active: !off,
            };
            with_portal(now, |deps| {
                Box::pin(async move { exchange::put_partner(deps, Actor::Console, new).await })
            })?;
            writeln!(out, "{province} is entered.")?;
            Ok(true)
        }
        ExchangeCommand::Agreements(command) => agreements(command, now, out),
    }
}

fn agreements(
    command: &AgreementCommand,
    now: DateTime<Utc>,
    out: &mut dyn Write,
) -> Result<bool, ExchangeError> {
    match command {
        AgreementCommand::List => {
            let trust = with_portal(now, |deps| Box::pin(exchange::reload(deps)))?;
            for row in &trust.rows {
                let to = row.valid_to.map_or_else(|| "open".to_owned(), |to| to.0.to_rfc3339());
                let state = if row.in_force(now) { "in force" } else { "-" };
                let (kind, direction, from) = (&row.kind, &row.direction, row.valid_from.0.to_rfc3339());
                writeln!(
                    out,
                    "{}  {}  {kind:<11}  {direction:<6}  {from} to {to}  {state:<8}  {}",
                    row.id, row.province, row.document
                )?;
            }
            Ok(!trust.rows.is_empty())
        }
        AgreementCommand::Add { province, kinds, direction, from, to, document } => {
            let new = NewAgreement {
                province: province.clone(),
                kinds: kinds.clone(),
                direction: direction.clone(),
                from: from.unwrap_or(now),
                to: *to,
                document: document.clone(),
            };
            with_portal(now, |deps| {
                Box::pin(async move { exchange::add_agreement(deps, Actor::Console, new, None).await })
            })?;
            writeln!(out, "The agreement is entered.")?;
            Ok(true)
        }
        AgreementCommand::End { id } => {
            let id = *id;
            with_portal(now, |deps| {
                Box::pin(async move { exchange::end_agreement(deps, Actor::Console, id).await })
            })?;
            writeln!(out, "The agreement has ended.")?;
            Ok(true)
        }
    }
}

type Work<'a, T> = std::pin::Pin<Box<dyn Future<Output = Result<T, AppError>> + 'a>>;

/// Runs something with the portal's parts, without serving. On SQLite the server must not run meanwhile.
fn with_portal<T>(now: DateTime<Utc>, work: impl FnOnce(&Deps) -> Work<'_, T>) -> Result<T, ExchangeError> {
    let config = settings()?;
    app::install_tls();
    let _lock = match &config.database {
        DatabaseUrl::Sqlite(path) => {
            Some(ServeLock::take(path).map_err(|e| ExchangeError::Setting(e.to_string()))?)
        }
        DatabaseUrl::Postgres(_) => None,
    };
    let keys = Arc::new(ring(&config, now)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let deps = Deps::connect(config, Clock::system(), keys).await?;
        let done = work(&deps).await;
        deps.store.close().await;
        Ok(done?)
    })
}

fn settings() -> Result<Config, ExchangeError> {
    Config::from_env().map_err(|errors| ExchangeError::Setting(errors.join("\n")))
}

fn ring(config: &Config, now: DateTime<Utc>) -> Result<Keyring, ExchangeError> {
    Keyring::open(&config.keys, now).map_err(|e| ExchangeError::Setting(format!("FUGONG_KEYS: {e}")))
}

fn province_name(config: &Config) -> String {
    exchange::issuer_name(&exchange::issuer_of(&config.province), crate::web::i18n::Lang::ZhCn)
}

fn read(path: &Path) -> Result<Vec<u8>, ExchangeError> {
    let failed = |error| ExchangeError::File { path: path.to_owned(), error };
    let bytes = std::fs::read(path).map_err(failed)?;
    let plain = crate::plain::without_mark(&bytes);
    plain.map(Into::into).map_err(|error| failed(std::io::Error::new(std::io::ErrorKind::InvalidData, error)))
}

/// Writes a new file, readable by its owner only if it is a secret; an existing one is never replaced.
fn write_new(path: &Path, text: &[u8], secret: bool) -> Result<(), ExchangeError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if secret { 0o600 } else { 0o644 });
    }
    let failed = |error| ExchangeError::File { path: path.to_owned(), error };
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(text).and_then(|()| file.sync_all()).map_err(failed)
}

fn pem(label: &str, der: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(STANDARD.encode(der));
    let mut text = Zeroizing::new(format!("-----BEGIN {label}-----\n"));
    for (at, c) in body.chars().enumerate() {
        text.push(c);
        if at % 64 == 63 {
            text.push('\n');
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

fn root_key(path: &Path, out: &mut dyn Write) -> Result<bool, ExchangeError> {
    let failed = |reason: String| ExchangeError::Content { path: path.to_owned(), reason };
    let der = Es256Signer::generate().map_err(|e| failed(e.to_string()))?;
    let signer = Es256Signer::from_pkcs8(&der).map_err(|e| failed(e.to_string()))?;
    write_new(path, pem("PRIVATE KEY", &der).as_bytes(), true)?;
    let mut public = path.as_os_str().to_owned();
    public.push(".pub");
    let public = PathBuf::from(public);
    write_new(&public, pem("PUBLIC KEY", signer.public().spki()).as_bytes(), false)?;
    writeln!(out, "root key {}; public key in {}", signer.key_id(), public.display())?;
    writeln!(out, "Keep {} on a medium that is never connected to a server.", path.display())?;
    Ok(true)
}

fn sign_list(
    input: &Path,
    roots: &[PathBuf],
    path: &Path,
    out: &mut dyn Write,
) -> Result<bool, ExchangeError> {
    let bytes = read(input)?;
    let wrong = |reason: String| ExchangeError::Content { path: input.to_owned(), reason };
    let mut message = if bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{') {
        let list: TrustList = serde_json::from_slice(&bytes).map_err(|e| wrong(e.to_string()))?;
        list.to_message().map_err(|e| wrong(e.to_string()))?
    } else {
        Sign::read(&bytes).map_err(|e| wrong(e.to_string()))?
    };
    for root in roots {
        let unusable = |reason: String| ExchangeError::Content { path: root.clone(), reason };
        let text = Zeroizing::new(read(root)?);
        let der = Zeroizing::new(unarmour(&text).unwrap_or_else(|| text.to_vec()));
        let signer = Es256Signer::from_pkcs8(&der).map_err(|e| unusable(e.to_string()))?;
        message.add_signature(&signer).map_err(|e| unusable(e.to_string()))?;
        writeln!(out, "signed by {}", signer.key_id())?;
    }
    write_new(path, &message.to_bytes(), false)?;
    Ok(true)
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
