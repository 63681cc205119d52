//! The command line: parse, call the library, give an exit code.

use clap::{Parser, Subcommand};
use fugong::cli::policy::{self, PolicyArgs};
use fugong::cli::verify::{self, VerifyArgs};
use std::fmt::Display;
use std::io::{stdin, stdout};
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
    /// Evaluate CertLogic, check rule documents, list the rules in force: exit code 0 if all is sound, 1 if not, 2 on an error.
    Policy(PolicyArgs),
    /// Verify signed health documents (HC1 texts) offline: exit code 0 if all are valid, 1 if not, 2 on an error.
    Verify(VerifyArgs),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Policy(args) => {
            exit("policy", policy::run(&args, now(), &mut stdin().lock(), &mut stdout().lock()))
        }
        Command::Verify(args) => {
            exit("verify", verify::run(&args, now(), &mut stdin().lock(), &mut stdout().lock()))
        }
    }
}

/// 0 if all is well, 1 if not, 2 if the command could not do its work.
fn exit(command: &str, answer: Result<bool, impl Display>) -> ExitCode {
    match answer {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("fugong {command}: {error}");
            ExitCode::from(2)
        }
    }
}

/// The clock, read once: everything below takes the time as an argument.
#[expect(clippy::disallowed_methods, reason = "a command asks for the time once and passes it on")]
fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}
