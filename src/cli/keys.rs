//! `fugong keys`: makes, lists and replaces the keys of a deployment. Never prints a secret.

use std::io::Write;
use std::path::PathBuf;

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use clap::{Args, Subcommand};

use crate::crypto::{KeyInfo, KeySlot, Keyring, KeyringError};

/// Arguments of `fugong keys`.
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// What `fugong keys` can do.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make the keys of a new deployment, or add those that are missing
    Init {
        /// Directory of the key files
        #[arg(long, default_value = "keys")]
        dir: PathBuf,
    },
    /// List the keys, without their secrets
    List {
        /// Directory of the key files
        #[arg(long, default_value = "keys")]
        dir: PathBuf,
    },
    /// Add a new key to a slot; earlier ones stay for reading and verifying
    Rotate {
        /// Which key: master, field, blind-index, session, pseudonym, sign-code, sign-certificate, …
        #[arg(value_parser = parse_slot)]
        slot: KeySlot,
        /// Directory of the key files
        #[arg(long, default_value = "keys")]
        dir: PathBuf,
        /// Minutes until the key is used, so that all processes and partners know it before
        #[arg(long, default_value_t = 60)]
        active_in: u32,
    },
}

/// Why a `keys` command failed.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The keyring could not be read or written.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The output could not be written.
    #[error("the output could not be written: {0}")]
    Output(#[from] std::io::Error),
}

fn parse_slot(name: &str) -> Result<KeySlot, String> {
    KeySlot::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = KeySlot::ALL.iter().map(|slot| slot.as_str()).collect();
        format!("one of {}", names.join(", "))
    })
}

/// Runs the command and writes what it did to `out`.
///
/// # Errors
/// See [`KeysError`]; the message names the file and what to do.
pub fn run(args: &KeysArgs, now: DateTime<Utc>, out: &mut dyn Write) -> Result<(), KeysError> {
    match &args.command {
        KeysCommand::Init { dir } => {
            let added = match Keyring::create(dir, now) {
                Ok(_) => KeySlot::ALL.to_vec(),
                Err(KeyringError::Exists { dir }) => match Keyring::complete(&dir, now)? {
                    added if added.is_empty() => return Err(KeyringError::Exists { dir }.into()),
                    added => added,
                },
                Err(error) => return Err(error.into()),
            };
            writeln!(out, "{} keys made in {}", added.len(), dir.display())?;
            writeln!(
                out,
                "Keep a copy of this directory away from the database's backups: without it nothing can be read."
            )?;
        }
        KeysCommand::List { dir } => {
            for key in Keyring::open(dir, now)?.list() {
                writeln!(out, "{}", line(&key))?;
            }
        }
        KeysCommand::Rotate { slot, dir, active_in } => {
            let from = now + Duration::minutes(i64::from(*active_in));
            let key = Keyring::open(dir, now)?.rotate(*slot, now, from)?;
            writeln!(out, "{}", line(&key))?;
        }
    }
    Ok(())
}

fn line(key: &KeyInfo) -> String {
    let time = |t: DateTime<Utc>| t.to_rfc3339_opts(SecondsFormat::Secs, true);
    let state = if key.current { "current" } else { "-" };
    let kid = key.kid.map(|kid| format!("  kid {}", hex::encode(kid))).unwrap_or_default();
    format!(
        "{:<17} v{:<3} {:08x}  {:<7}  made {}  used from {}{kid}",
        key.slot.as_str(),
        key.version,
        key.id,
        state,
        time(key.created),
        time(key.active_from),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        keys: KeysArgs,
    }

    fn fugong_keys(words: &[&str]) -> Result<String, KeysError> {
        let line = Line::parse_from(std::iter::once("keys").chain(words.iter().copied()));
        let mut out = Vec::new();
        run(&line.keys, "2020-03-12T02:00:00Z".parse().unwrap(), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn init_list_rotate() {
        let dir = std::env::temp_dir().join(format!("fugong-cli-{}", uuid::Uuid::new_v4()));
        let path = dir.to_str().unwrap();
        assert!(matches!(
            fugong_keys(&["list", "--dir", path]),
            Err(KeysError::Keyring(KeyringError::Missing { .. }))
        ));
        assert!(fugong_keys(&["init", "--dir", path]).unwrap().starts_with("11 keys"));
        assert!(matches!(
            fugong_keys(&["init", "--dir", path]),
            Err(KeysError::Keyring(KeyringError::Exists { .. }))
        ));
        let rotated = fugong_keys(&["rotate", "sign-code", "--dir", path, "--active-in", "30"]).unwrap();
        assert!(rotated.contains("v2") && rotated.contains("used from 2020-03-12T02:30:00Z"), "{rotated}");
        assert!(fugong_keys(&["rotate", "master", "--dir", path]).unwrap().contains("current"));
        let list = fugong_keys(&["list", "--dir", path]).unwrap();
        assert_eq!(list.lines().count(), 12, "{list}");
        std::fs::remove_file(dir.join("field-0001.key")).unwrap();
        assert!(fugong_keys(&["init", "--dir", path]).unwrap().starts_with("1 keys"));
        for file in std::fs::read_dir(&dir).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            if let Ok(file) = serde_json::from_str::<serde_json::Value>(&text) {
                assert!(!list.contains(file["secret"].as_str().unwrap()));
            }
        }
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn an_unknown_slot_lists_the_known_ones() {
        assert!(parse_slot("feild").unwrap_err().contains("blind-index"));
    }
}
