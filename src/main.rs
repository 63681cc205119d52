//! The command line: parse, call the library, give an exit code.

use clap::{Parser, Subcommand};
use fugong::cli::verify::{self, VerifyArgs};
use std::process::ExitCode;

/// Fugong (复工通): a province's portal for getting people back to work safely in an epidemic.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Verify signed health documents (HC1 texts) offline: exit code 0 if all are valid, 1 if not, 2 on an error.
    Verify(VerifyArgs),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Verify(args) => {
            let answer =
                verify::run(&args, now(), &mut std::io::stdin().lock(), &mut std::io::stdout().lock());
            match answer {
                Ok(true) => ExitCode::SUCCESS,
                Ok(false) => ExitCode::from(1),
                Err(error) => {
                    eprintln!("fugong verify: {error}");
                    ExitCode::from(2)
                }
            }
        }
    }
}

/// The clock, read once: everything below takes the time as an argument.
#[expect(clippy::disallowed_methods, reason = "a command asks for the time once and passes it on")]
fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}
