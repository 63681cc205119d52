//! The command line: parse, call the library, give an exit code.

use clap::{Parser, Subcommand};
use fugong::cli::admin::{self, AdminArgs};
use fugong::cli::audit::{self, AuditArgs};
use fugong::cli::backup::{self, BackupArgs};
use fugong::cli::bench::{self, BenchArgs};
use fugong::cli::exchange::{self, ExchangeArgs};
use fugong::cli::keys::{self, KeysArgs};
use fugong::cli::policy::{self, PolicyArgs};
use fugong::cli::serve::{self, MigrateArgs, ServeArgs};
use fugong::cli::verify::{self, VerifyArgs};
use fugong::clock::Clock;
use fugong::demo::{self, DemoArgs};
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
    /// Run two provinces with invented people on this machine, to try everything.
    Demo(DemoArgs),
    /// Run the portal with the settings of the environment; with --check only look at them.
    Serve(ServeArgs),
    /// Bring the database to this program's schema.
    Migrate(MigrateArgs),
    /// Root keys, trust list, partners and agreements with other provinces.
    Exchange(ExchangeArgs),
    /// Verify the audit record: exit code 0 if everything fits, 1 if not, 2 on an error.
    Audit(AuditArgs),
    /// Copy the embedded database while it is in use (docs/backup.md).
    Backup(BackupArgs),
    /// Make the first administrator.
    Admin(AdminArgs),
    /// Make, list and rotate keys.
    Keys(KeysArgs),
    /// Evaluate CertLogic, check rule documents, list the rules in force: exit code 0 if all is sound, 1 if not, 2 on an error.
    Policy(PolicyArgs),
    /// Measure the paths that matter beside their limits: exit code 0 if all targets were reached, 1 if not, 2 on an error.
    Bench(BenchArgs),
    /// Verify signed health documents (HC1 texts) offline: exit code 0 if all are valid, 1 if not, 2 on an error.
    Verify(VerifyArgs),
}

fn main() -> ExitCode {
    let now = Clock::system().now();
    match Cli::parse().command {
        Command::Demo(args) => exit("demo", demo::run(&args, &mut stdout())),
        Command::Serve(args) => exit("serve", serve::serve(&args, &mut stdout())),
        Command::Migrate(args) => exit("migrate", serve::migrate(&args, &mut stdout())),
        Command::Exchange(args) => exit("exchange", exchange::run(&args, now, &mut stdout())),
        Command::Audit(args) => exit("audit", audit::run(&args, now, &mut stdout().lock())),
        Command::Backup(args) => exit("backup", backup::run(&args, &mut stdout())),
        Command::Admin(args) => exit("admin", admin::run(&args, now, &mut stdout())),
        Command::Keys(args) => exit("keys", keys::run(&args, now, &mut stdout()).map(|()| true)),
        Command::Policy(args) => {
            exit("policy", policy::run(&args, now, &mut stdin().lock(), &mut stdout().lock()))
        }
        Command::Bench(args) => exit("bench", bench::run(&args, &mut stdout())),
        Command::Verify(args) => {
            exit("verify", verify::run(&args, now, &mut stdin().lock(), &mut stdout().lock()))
        }
    }
}

/// 0 if all is well, 1 if not, 2 if the command could not do its work.
fn exit(command: &str, answer: Result<bool, impl Display>) -> ExitCode {
    match answer {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            for line in error.to_string().lines() {
                eprintln!("fugong {command}: {line}");
            }
            ExitCode::from(2)
        }
    }
}
