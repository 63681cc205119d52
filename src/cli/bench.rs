//! `fugong bench`: measures, prints a table.

use crate::bench::{self, Options, Throwaway};
use crate::db::DatabaseUrl;
use clap::Args;
use std::io::Write;
use std::time::Duration;

/// Measures the paths that matter beside their limits (docs/performance.md).
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Only these groups: hello, crypto, policy, write, code, start, retention, overload, import, worklists (these
    /// four only when they are named: they take minutes).
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Seconds for each measurement.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Persons to make.
    #[arg(long, default_value_t = 50_000)]
    persons: u32,
    /// Rows that the destruction is measured with.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Rows of each worklist, one size after the other; 1000000 takes some ten minutes.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000])]
    sizes: Vec<u64>,
    /// An empty database for the bench alone, `sqlite:PATH` or `postgres://…`; otherwise SQLite in a temporary folder.
    #[arg(long)]
    database: Option<String>,
    /// Starts a throw-away PostgreSQL from the installed programs, with fsync on.
    #[arg(long, conflicts_with = "database")]
    postgres: bool,
    /// Port of the portal on loopback; an occupied one is refused. 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Connections of the load generator.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Prints the table as JSON.
    #[arg(long)]
    json: bool,
}

/// Measures and prints; gives `true` when all that has a target reached it.
///
/// # Errors
/// One line.
pub fn run(args: &BenchArgs, out: &mut dyn Write) -> Result<bool, String> {
    if !(args.seconds > 0.0 && args.seconds <= 600.0) {
        return Err("--seconds: a number up to 600".into());
    }
    let options = Options {
        only: args.only.clone(),
        time: Duration::from_secs_f64(args.seconds),
        persons: args.persons,
        rows: args.rows,
        sizes: args.sizes.clone(),
        database: None,
        port: args.port,
        connections: args.connections,
    };
    options.check()?;
    let throwaway = if args.postgres { Throwaway::start()? } else { None };
    if args.postgres && throwaway.is_none() {
        return Err("PostgreSQL is not installed".into());
    }
    let database = match (&throwaway, &args.database) {
        (Some(server), _) => Some(server.database("bench")?),
        (None, given) => given.clone(),
    };
    let database = database.as_deref().map(DatabaseUrl::parse).transpose()?;
    // What goes wrong inside is told where it is measured: an answer names no cause.
    let _log = crate::telemetry::init(false, "error");
    crate::tls::install();
    let runtime = actix_web::rt::System::new();
    let report = runtime.block_on(bench::run(Options { database, ..options }, |told| eprintln!("{told}")))?;
    let text = if args.json {
        serde_json::to_string_pretty(&report).map_err(|e| e.to_string())?
    } else {
        report.text()
    };
    writeln!(out, "{text}").map_err(|e| e.to_string())?;
    Ok(report.figures.iter().all(|f| f.met != Some(false)))
}
