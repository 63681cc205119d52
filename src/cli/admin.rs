//! `fugong admin create`: the first administrator of a deployment, from the server's console.

use crate::access::Role;
use crate::admin::has_administrator;
use crate::audit::Actor;
use crate::cli::serve::Problems;
use crate::config::Config;
use crate::crypto::{Keyring, password};
use crate::db::{DatabaseUrl, ServeLock, Store, Tx};
use crate::error::{AppError, AppResult};
use crate::identity::DivisionCode;
use crate::officials::{
    NewAssignment, NewOffice, NewOfficial, OfficeKind, add_office, add_official, assign, one_time_password,
};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use std::io::Write;
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
}

/// Arguments of `fugong admin create`.
#[derive(Debug, Clone, Args)]
pub struct CreateArgs {
    /// Sign-in name: 3 to 40 of a-z, 0-9, dot, hyphen
    #[arg(long)]
    pub login: String,
    /// Name as colleagues and the audit know it
    #[arg(long)]
    pub name: String,
    /// Name of the office, made with it
    #[arg(long, default_value = "系统管理处")]
    pub office: String,
    /// Telephone of the office
    #[arg(long, default_value = "12345")]
    pub phone: String,
    /// Make one although there is an administrator already
    #[arg(long)]
    pub force: bool,
}

/// Runs the command with the settings of the environment; gives `true` when it did its work.
///
/// # Errors
/// [`Problems`], each a line for the person who started it.
pub fn run(args: &AdminArgs, now: DateTime<Utc>, out: &mut dyn Write) -> Result<bool, Problems> {
    let AdminCommand::Create(args) = &args.command;
    let config = Config::from_env().map_err(Problems::from_lines)?;
    let _lock = match &config.database {
        DatabaseUrl::Sqlite(path) => Some(ServeLock::take(path)?),
        DatabaseUrl::Postgres(_) => None,
    };
    let keys = Arc::new(Keyring::open(&config.keys, now).map_err(|e| format!("FUGONG_KEYS: {e}"))?);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let first = runtime
        .block_on(async {
            let store = Store::open(&config.database, 1, crate::clock::Clock::system())?;
            let first = create(args, &store, keys, &config.province, now).await;
            store.close().await;
            first
        })
        .map_err(|e| explain(&e))?;
    let text = format!(
        "administrator {} made.\none-time password: {first}\n\
         Sign in at {}/desk/sign-in; a new password and one-time codes (TOTP) are set there.\n",
        args.login, config.public_url
    );
    out.write_all(text.as_bytes()).map_err(|e| e.to_string())?;
    Ok(true)
}

fn explain(e: &AppError) -> String {
    match e.code() {
        "administrator-exists" => "there is an administrator already; --force makes one more".into(),
        "invalid" => "the login is taken, or is not 3 to 40 of a-z, 0-9, dot and hyphen".into(),
        _ => e.to_string(),
    }
}

/// Makes the administrator and gives the one-time password, which is stored only as a hash.
///
/// # Errors
/// [`AppError::Conflict`] `administrator-exists` without `--force`; [`AppError::Invalid`] for a login that is taken or
/// malformed.
pub async fn create(
    args: &CreateArgs,
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
            add(tx, &keys, &args, division, hash, now)
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
