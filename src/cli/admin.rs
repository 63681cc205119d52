//! `fugong admin create`: the first administrator of a deployment, from the server's console.

use crate::access::Role;
use crate::admin::has_administrator;
use crate::audit::{self, Actor, Entry};
use crate::cli::serve::Problems;
use crate::clock::china_day;
use crate::config::Config;
use crate::crypto::{Keyring, password};
use crate::db::schema::officials;
use crate::db::{DatabaseUrl, Id, ServeLock, Store, Tx};
use crate::error::{AppError, AppResult};
use crate::identity::{DivisionCode, DocumentKind, DocumentNumber, is_unseen, line};
use crate::officials::{
    NewAssignment, NewOffice, NewOfficial, OfficeKind, add_office, add_official, assign, identify,
    one_time_password,
};
use crate::web::session::{self, SessionKind};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use diesel::prelude::*;
use serde_json::json;
use std::io::{BufRead, IsTerminal, Read, Write};
use std::sync::Arc;

/// Arguments of `fugong admin`.
#[derive(Debug, Args)]
pub struct AdminArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: AdminCommand,
}

/// What `fugong admin` can do.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Make the first administrator and print a one-time password
    Create(CreateArgs),
    /// Write down who an official is, read from the standard input: for those made before that was asked
    Identify(IdentifyArgs),
    /// End the sessions of an official, or of everybody; all have to sign in again
    EndSessions(EndSessionsArgs),
}

/// Arguments of `fugong admin create`.
#[derive(Debug, Clone, Args)]
pub struct CreateArgs {
    /// Sign-in name: 3 to 40 of a-z, 0-9, dot, hyphen
    #[arg(long)]
    pub login: String,
    /// Name as colleagues and the audit know it
    #[arg(long, value_parser = |text: &str| line(text, 60))]
    pub name: String,
    /// Name of the office, made with it
    #[arg(long, default_value = "系统管理处", value_parser = |text: &str| line(text, 80))]
    pub office: String,
    /// Telephone of the office
    #[arg(long, default_value = "12345", value_parser = |text: &str| line(text, 30))]
    pub phone: String,
    /// Make one although there is an administrator already
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `fugong admin identify`.
#[derive(Debug, Clone, Args)]
pub struct IdentifyArgs {
    /// Sign-in name of the official
    #[arg(long)]
    pub login: String,
}

/// Arguments of `fugong admin end-sessions`.
#[derive(Debug, Clone, Args)]
pub struct EndSessionsArgs {
    /// Sign-in name of the official
    #[arg(long, conflicts_with = "everybody", required_unless_present = "everybody")]
    pub login: Option<String>,
    /// All sessions of officials and residents
    #[arg(long)]
    pub everybody: bool,
}

/// The longest line that is read for a document.
const LINE: u64 = 200;

/// The official's document from a line of the input, so that it stands neither in the list of processes nor in the
/// shell's history: the number of an identity card, or `kind:number`.
///
/// # Errors
/// One line when there is none, or it is not one's number.
fn document(input: &mut dyn BufRead, now: DateTime<Utc>) -> Result<DocumentNumber, String> {
    let mut line = String::new();
    input.take(LINE).read_line(&mut line).map_err(|e| e.to_string())?;
    let line: String = line.trim().chars().filter(|c| !is_unseen(*c)).collect();
    let (kind, number) = match line.split_once(':') {
        Some((kind, number)) => {
            (DocumentKind::from_code(kind).ok_or_else(|| format!("{kind}: no kind of document"))?, number)
        }
        None => (DocumentKind::IdCard, line.as_str()),
    };
    DocumentNumber::parse(kind, number, china_day(now))
        .map_err(|e| format!("the official's document, one line on the standard input: {e}"))
}

fn asked(now: DateTime<Utc>) -> Result<DocumentNumber, String> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("number of the official's identity card, or kind:number (passport:…): ");
    }
    document(&mut stdin.lock(), now)
}

/// Runs the command with the settings of the environment; gives `true` when it did its work.
///
/// # Errors
/// [`Problems`], each a line for the person who started it.
pub fn run(args: &AdminArgs, now: DateTime<Utc>, out: &mut dyn Write) -> Result<bool, Problems> {
    let config = Config::from_env().map_err(Problems::from_lines)?;
    let document = match &args.command {
        AdminCommand::EndSessions(_) => None,
        AdminCommand::Create(_) | AdminCommand::Identify(_) => Some(asked(now)?),
    };
    let _lock = match &config.database {
        DatabaseUrl::Sqlite(path) => Some(ServeLock::take(path)?),
        DatabaseUrl::Postgres(_) => None,
    };
    let keys = Arc::new(Keyring::open(&config.keys, now).map_err(|e| format!("FUGONG_KEYS: {e}"))?);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let text = runtime
        .block_on(async {
            let store = Store::open(&config.database, 1, crate::clock::Clock::system())?;
            let done = match (&args.command, document) {
                (AdminCommand::Create(args), Some(document)) => {
                    let first = create(args, document, &store, keys, &config.province, now).await;
                    first.map(|first| made(&args.login, &first, &config.public_url))
                }
                (AdminCommand::Identify(args), Some(document)) => {
                    let done = identified(args, document, &store, keys, now).await;
                    done.map(|()| format!("written down who {} is.\n", args.login))
                }
                (AdminCommand::EndSessions(args), _) => {
                    end_sessions(args, &store, now).await.map(|ended| format!("{ended} sessions ended.\n"))
                }
                (_, None) => Err(AppError::internal("no document was read")),
            };
            store.close().await;
            done
        })
        .map_err(|e| explain(&e))?;
    out.write_all(text.as_bytes()).map_err(|e| e.to_string())?;
    Ok(true)
}

fn made(login: &str, first: &str, url: &str) -> String {
    format!(
        "administrator {login} made.\none-time password: {first}\n\
         Sign in at {url}/desk/sign-in; a new password and one-time codes (TOTP) are set there.\n"
    )
}

fn explain(e: &AppError) -> String {
    if let AppError::Invalid(errors) = e
        && errors.iter().any(|e| e.code == "official-known")
    {
        return "whoever holds this document is an official already".into();
    }
    match e.code() {
        "not-found" => "there is no official of that sign-in name".into(),
        "administrator-exists" => "there is an administrator already; --force makes one more".into(),
        "invalid" => "the login is taken, or is not 3 to 40 of a-z, 0-9, dot and hyphen".into(),
        _ => e.to_string(),
    }
}

/// Writes down who an official is.
///
/// # Errors
/// [`AppError::NotFound`] for a sign-in name that nobody has; [`AppError::Invalid`] `official-known`.
pub async fn identified(
    args: &IdentifyArgs,
    document: DocumentNumber,
    store: &Store,
    keys: Arc<Keyring>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let login = args.login.clone();
    store
        .write(move |tx| {
            let id: Id =
                officials::table.filter(officials::login.eq(login)).select(officials::id).first(tx.conn())?;
            identify(tx, &keys, Actor::Console, id, &document, None, now)
        })
        .await
}

/// Ends the sessions of an official or of everybody, and gives how many there were.
///
/// # Errors
/// [`AppError::NotFound`] for a sign-in name that nobody has; database errors.
pub async fn end_sessions(args: &EndSessionsArgs, store: &Store, now: DateTime<Utc>) -> AppResult<usize> {
    if let Some(login) = args.login.clone() {
        let one = move |tx: &mut Tx<'_>| {
            let id: Id =
                officials::table.filter(officials::login.eq(login)).select(officials::id).first(tx.conn())?;
            let ended = session::end_all(tx, SessionKind::Official, id)?;
            let entry = Entry::new(Actor::Console, "session.end-all", "official").object(id);
            audit::append(tx, now, entry.detail(json!({"count": ended}))).map(|_| ended)
        };
        return store.write(one).await;
    }
    let mut sum = 0;
    loop {
        match store.write(move |tx| end_some(tx, now)).await? {
            0 => return Ok(sum),
            ended => sum += ended,
        }
    }
}

/// Ends the sessions of some who have one, and writes it down; 0 when nobody has.
fn end_some(tx: &mut Tx<'_>, now: DateTime<Utc>) -> AppResult<usize> {
    let ended = session::end_some(tx)?;
    if ended > 0 {
        let entry = Entry::new(Actor::Console, "session.end-all", "session");
        audit::append(tx, now, entry.detail(json!({"count": ended})))?;
    }
    Ok(ended)
}

/// Makes the administrator and gives the one-time password, which is stored only as a hash.
///
/// # Errors
/// [`AppError::Conflict`] `administrator-exists` without `--force`; [`AppError::Invalid`] for a login that is taken or
/// malformed.
pub async fn create(
    args: &CreateArgs,
    document: DocumentNumber,
    store: &Store,
    keys: Arc<Keyring>,
    province: &str,
    now: DateTime<Utc>,
) -> AppResult<String> {
    let division = DivisionCode::parse(province).map_err(AppError::internal)?;
    let first = first_password(&args.login)?;
    let hash = password::hash(&first).map_err(AppError::internal)?;
    let args = args.clone();
    store
        .write(move |tx| {
            if has_administrator(tx.conn(), now)? && !args.force {
                return Err(AppError::conflict("administrator-exists"));
            }
            add(tx, &keys, &args, document, division, hash, now)
        })
        .await?;
    Ok(first)
}

fn first_password(login: &str) -> AppResult<String> {
    if crate::admin::is_login(login) {
        Ok(one_time_password())
    } else {
        Err(AppError::field("login", "login-form"))
    }
}

fn add(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    args: &CreateArgs,
    document: DocumentNumber,
    division: DivisionCode,
    password_hash: String,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let by = Actor::Console;
    let office = NewOffice {
        name: args.office.clone(),
        name_en: String::new(),
        kind: OfficeKind::Province,
        duty: None,
        division,
        phone: args.phone.clone(),
    };
    let office = add_office(tx, by.clone(), &office, now)?;
    let new = NewOfficial {
        login: args.login.clone(),
        name: args.name.clone(),
        password_hash,
        must_change: true,
        email: None,
        phone: None,
        document,
    };
    let official = add_official(tx, keys, by.clone(), &new, now)?;
    let right = NewAssignment {
        official,
        office,
        role: Role::Administrator,
        division,
        from: now,
        to: None,
        substitute_for: None,
        created_by: None,
    };
    assign(tx, by, &right, now).map(|_| ())
}
