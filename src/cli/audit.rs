//! `fugong audit verify`: goes through the whole record and says what does not fit.

use crate::audit::{Finding, PublicKeys, verify};
use crate::crypto::{Keyring, SigningUsage};
use crate::db::{DatabaseUrl, connect_read};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

/// Arguments of `fugong audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: AuditCommand,
}

/// What `fugong audit` can do.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recompute every chain, check every signed head, and compare with the copies outside the database
    Verify(AuditVerifyArgs),
}

/// Arguments of `fugong audit verify`.
#[derive(Debug, Args)]
pub struct AuditVerifyArgs {
    /// `sqlite:PATH` or `postgres://…`; otherwise DATABASE_URL
    #[arg(long)]
    pub database: Option<String>,
    /// Folder with copies of heads; otherwise FUGONG_AUDIT_HEADS
    #[arg(long)]
    pub heads: Option<PathBuf>,
    /// Folder with the keyring; otherwise FUGONG_KEYS
    #[arg(long)]
    pub keys: Option<PathBuf>,
}

/// Why the record could not be gone through.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct AuditError(String);

/// Findings that are printed; further ones are counted.
const PRINTED: u64 = 1000;

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

/// Runs the command; `Ok(true)` when everything fits.
///
/// # Errors
/// A plain sentence: what could not be opened.
pub fn run(args: &AuditArgs, now: DateTime<Utc>, out: &mut dyn Write) -> Result<bool, AuditError> {
    let AuditCommand::Verify(args) = &args.command;
    let fail = |text: String| AuditError(text);
    let url = args.database.clone().or_else(|| setting("DATABASE_URL"));
    let url = url.ok_or_else(|| fail("which database? --database or DATABASE_URL".into()))?;
    let keys = args.keys.clone().or_else(|| setting("FUGONG_KEYS").map(Into::into));
    let keys = keys.ok_or_else(|| fail("where are the keys? --keys or FUGONG_KEYS".into()))?;
    let folder = args.heads.clone().or_else(|| setting("FUGONG_AUDIT_HEADS").map(Into::into));
    let url = DatabaseUrl::parse(&url).map_err(fail)?;
    let keyring = Keyring::open(&keys, now).map_err(|e| fail(e.to_string()))?;
    let mut conn = connect_read(&url).map_err(|e| fail(e.to_string()))?;
    let public = PublicKeys::of(&keyring, SigningUsage::Audit);
    let (begun, mut printed) = (Instant::now(), 0u64);
    let mut broken = None;
    let summary = verify(&mut conn, &public, folder.as_deref(), &mut |finding: &Finding| {
        printed += 1;
        if printed <= PRINTED {
            broken = broken.take().or(writeln!(out, "{finding}").err());
        }
    });
    let summary = summary.map_err(|e| fail(e.to_string()))?;
    let seconds = begun.elapsed().as_secs_f64();
    let mut tell = |text: String| writeln!(out, "{text}").map_err(|e| fail(e.to_string()));
    if folder.is_none() {
        tell(
            "Without copies of heads (--heads) a record that was cut back cannot be told from a short one."
                .into(),
        )?;
    }
    if printed > PRINTED {
        tell(format!("… and {} more", printed - PRINTED))?;
    }
    if folder.is_some() && summary.heads == 0 {
        tell("No head has been signed yet; a running portal signs one each minute.".into())?;
    }
    let rate = u32::try_from(summary.entries).map_or(0.0, |n| f64::from(n) / seconds.max(0.001));
    tell(format!(
        "{} entries, {} heads, {} copies in {seconds:.1} s ({rate:.0} entries/s): {}",
        summary.entries,
        summary.heads,
        summary.copies,
        if summary.findings == 0 {
            "everything fits".into()
        } else {
            format!("{} that do not fit", summary.findings)
        },
    ))?;
    match broken {
        Some(e) => Err(fail(e.to_string())),
        None => Ok(summary.findings == 0),
    }
}
