//! `fugong backup`: a copy of the embedded database, made while it is in use.

use crate::audit;
use crate::db::{DatabaseUrl, connect_read, copy_sqlite};
use clap::Args;
use std::io::Write;
use std::path::PathBuf;

/// Arguments of `fugong backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to make; one that is there already is refused
    #[arg(long)]
    pub to: PathBuf,
    /// `sqlite:PATH`; otherwise DATABASE_URL
    #[arg(long)]
    pub database: Option<String>,
}

/// Makes the copy, checks it and says what it holds.
///
/// # Errors
/// One line.
pub fn run(args: &BackupArgs, out: &mut dyn Write) -> Result<bool, String> {
    let given =
        args.database.clone().or_else(|| std::env::var("DATABASE_URL").ok().filter(|v| !v.is_empty()));
    let url = DatabaseUrl::parse(&given.ok_or("which database? --database or DATABASE_URL")?)?;
    let DatabaseUrl::Sqlite(path) = url else {
        return Err("PostgreSQL is copied by its own programs, such as pg_dump: see docs/backup.md".into());
    };
    copy_sqlite(&path, &args.to).map_err(|e| e.to_string())?;
    let mut copy = connect_read(&DatabaseUrl::Sqlite(args.to.clone())).map_err(|e| e.to_string())?;
    let head = audit::latest(&mut copy).map_err(|e| e.to_string())?;
    let bytes = std::fs::metadata(&args.to).map_err(|e| e.to_string())?.len();
    let head = head.map_or_else(
        || "no signed head yet".to_owned(),
        |h| format!("up to signed head {} of {}", h.number, h.at),
    );
    writeln!(out, "{}: {bytes} bytes, sound, {head}", args.to.display()).map_err(|e| e.to_string())?;
    Ok(true)
}
