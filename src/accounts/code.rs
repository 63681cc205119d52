//! Codes by SMS and e-mail: six digits, valid ten minutes, five attempts. A code belongs to the step that asked for it (a
//! browser, a program's ticket, the right to act for a business that waits): nobody else can try it out, use up its attempts
//! or make it void. A code is stored as a keyed hash only; it is never logged.
//!
//! The same work is done whether or not the phone has an account, so neither the answer nor its time tells. How many there
//! are stands in [`super::asking`].

use super::asking::{self, Asking};
use crate::crypto::{Keyring, MacPurpose, token};
use crate::db::schema::signin_codes;
use crate::db::{Id, Ts, Tx};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::identity::{EmailAddress, Phone};
use crate::notify::{self, Lane, Message, Recipient};
use crate::web::i18n::Lang;
use crate::web::limits;
use chrono::{DateTime, Duration, Utc};
use diesel::dsl;
use diesel::prelude::*;
use serde_json::{Map, Value, json};

/// How long a code can be used.
const VALID: Duration = Duration::minutes(10);
/// Wrong attempts after which a code is void.
const ATTEMPTS: i32 = 5;

/// What a code is for. A code for one purpose is worthless for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Signing in.
    SignIn,
    /// Proving the phone that is to be given up.
    OldPhone,
    /// Proving the phone that is to be used from now on.
    NewPhone,
    /// Proving an e-mail address.
    Email,
    /// The legal person's word that somebody acts for a business.
    Agent,
    /// A person's word that somebody acts for them.
    Proxy,
}

impl Purpose {
    fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::OldPhone => "old-phone",
            Self::NewPhone => "new-phone",
            Self::Email => "email",
            Self::Agent => "agent",
            Self::Proxy => "proxy",
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in-code",
            Self::OldPhone | Self::NewPhone => "phone-change-code",
            Self::Email => "email-code",
            Self::Agent => "agent-confirm-code",
            Self::Proxy => "proxy-code",
        }
    }

    fn key(self, to: &str) -> String {
        format!("{}:{to}", self.code())
    }
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// The code was right and is used up.
    Right,
    /// Not this code (or none was asked for).
    Wrong,
    /// Too old; ask for a new one.
    Expired,
    /// Wrong too often; ask for a new one.
    Spent,
}

impl Check {
    /// The catalogue code of the field error.
    pub(super) fn error(self) -> Option<&'static str> {
        match self {
            Self::Right => None,
            Self::Wrong => Some("code-wrong"),
            Self::Expired => Some("code-expired"),
            Self::Spent => Some("code-spent"),
        }
    }
}

/// Queues a new code for a phone; an earlier one of the same step is void.
///
/// # Errors
/// `AppError::TooMany` with the seconds to wait; `AppError::Unavailable` when the portal sends no more.
pub(super) fn send(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (purpose, step): (Purpose, Id),
    phone: &Phone,
    asking: Asking,
) -> AppResult<()> {
    asking::of_phone(tx, keys, (&purpose.key(phone.as_str()), phone.as_str()), asking)?;
    asking::of_all(tx, keys, asking)?;
    let to =
        Recipient { phone: Some(phone.as_str().to_owned()), lang: asking.lang(), ..Recipient::default() };
    issue(tx, keys, (purpose, step), phone.as_str(), &to, (VALID, Map::new()), asking.now())
}

/// Queues a code for an e-mail address that an account has named. An account can ask for five an hour, and an address
/// gets ten a day, whoever asks.
///
/// # Errors
/// `AppError::TooMany` with the seconds to wait.
pub(super) fn mail(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    step: Id,
    account: Id,
    email: &EmailAddress,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<()> {
    limits::count(tx, keys, "mail-code", &account.to_string(), Duration::hours(1), 5, now)?;
    limits::count(tx, keys, "mail-code-to", email.as_str(), Duration::days(1), 10, now)?;
    let to = Recipient { email: Some(email.as_str().to_owned()), lang, ..Recipient::default() };
    issue(tx, keys, (Purpose::Email, step), email.as_str(), &to, (VALID, Map::new()), now)
}

/// Queues a code by which the legal person confirms who acts for a business: for a right that waits, at the version of which
/// the message speaks, valid so many minutes, an earlier one void. `shown` is what the message shows beside. It is counted
/// among all codes, and as one to a telephone, whether or not there is one to send it to, so that the answer never tells.
///
/// # Errors
/// `AppError::TooMany` past what a telephone gets or the share of a network; `AppError::Unavailable` when the portal sends
/// no more.
pub fn agent_code(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (agent, version): (Id, i64),
    (phone, business): (Option<&Phone>, Id),
    (minutes, shown): (i64, Map<String, Value>),
    asking: Asking,
) -> AppResult<()> {
    let whose = phone.map_or_else(|| business.to_string(), |phone| phone.as_str().to_owned());
    asking::of_legal_person(tx, keys, &whose, asking)?;
    asking::of_all(tx, keys, asking)?;
    let Some(phone) = phone else { return Ok(()) };
    let to = Recipient { phone: Some(phone.as_str().to_owned()), ..Recipient::default() };
    let valid = Duration::minutes(minutes);
    issue(tx, keys, (Purpose::Agent, agent), &claimed(agent, version), &to, (valid, shown), asking.now())
}

/// Queues a code to the telephone of an account, by which its person agrees that somebody acts for them: for the question with
/// this identifier, an earlier one void. `shown` is what the message shows beside.
///
/// # Errors
/// As [`send`].
pub fn proxy_code(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (question, account): (Id, Id),
    shown: Map<String, Value>,
    asking: Asking,
) -> AppResult<()> {
    let phone = super::store::phone_of(tx.conn(), keys, account)?;
    asking::of_phone(tx, keys, (&Purpose::Proxy.key(phone.as_str()), phone.as_str()), asking)?;
    asking::of_all(tx, keys, asking)?;
    let to =
        Recipient { phone: Some(phone.as_str().to_owned()), lang: asking.lang(), ..Recipient::default() };
    issue(tx, keys, (Purpose::Proxy, question), phone.as_str(), &to, (VALID, shown), asking.now())
}

/// Tries such a code; a right one is used up. What is wrong with it, as the code of a field error: the attempt is counted, so
/// the caller must commit.
///
/// # Errors
/// Database errors.
pub fn try_proxy_code(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (question, account): (Id, Id),
    typed: &str,
    now: DateTime<Utc>,
) -> AppResult<Option<&'static str>> {
    let phone = super::store::phone_of(tx.conn(), keys, account)?;
    Ok(check(tx, keys, (Purpose::Proxy, question), phone.as_str(), typed, now)?.error())
}

/// What the legal person agrees to is a claim as the message shows it: one that is typed anew needs another code.
fn claimed(agent: Id, version: i64) -> String {
    format!("{agent}:{version}")
}

/// Makes a code for a step, valid for so long, and queues the message with it, which shows `shown` beside.
fn issue(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (purpose, step): (Purpose, Id),
    to: &str,
    recipient: &Recipient,
    (valid, mut shown): (Duration, Map<String, Value>),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let code = token::six_digits();
    store(tx, keys, (purpose, step), to, (&code, valid), now)?;
    shown.extend([("code".to_owned(), json!(code)), ("minutes".to_owned(), json!(valid.num_minutes()))]);
    let message = Message::new(purpose.message(), shown.into()).lane(Lane::Urgent);
    notify::send(tx, keys, recipient, &message, now)
}

/// Tries such a code: a right one is used up. Wrong, too old and never sent are one answer, which tells nothing about the
/// legal person's telephone; a wrong attempt is counted, so the caller must commit.
///
/// # Errors
/// Database errors.
pub fn is_agent_code(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (agent, version): (Id, i64),
    typed: &str,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    Ok(check(tx, keys, (Purpose::Agent, agent), &claimed(agent, version), typed, now)? == Check::Right)
}

type SentTo = dsl::EqAny<signin_codes::phone_blind, Vec<Vec<u8>>>;

/// That a code was sent to somebody for a purpose.
fn sent_to(keys: &Keyring, purpose: Purpose, to: &str) -> SentTo {
    signin_codes::phone_blind.eq_any(super::store::candidates(keys, "signin-code", &purpose.key(to)))
}

/// That it is the code of a step.
fn of_step(
    keys: &Keyring,
    (purpose, step): (Purpose, Id),
    to: &str,
) -> dsl::And<SentTo, dsl::Eq<signin_codes::step, Id>> {
    sent_to(keys, purpose, to).and(signin_codes::step.eq(step))
}

fn store(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (purpose, step): (Purpose, Id),
    to: &str,
    (code, valid): (&str, Duration),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let before = signin_codes::table
        .filter(sent_to(keys, purpose, to))
        .filter(signin_codes::step.eq(step).or(signin_codes::expires_at.le(Ts::from(now - VALID))));
    diesel::delete(before).execute(tx.conn())?;
    let hash = keys.mac(MacPurpose::Session, "signin-code", secret(purpose, to, code).as_bytes());
    let row = (
        signin_codes::phone_blind.eq(keys.blind("signin-code", &purpose.key(to)).to_vec()),
        signin_codes::step.eq(step),
        signin_codes::code_hash.eq(hash.to_vec()),
        signin_codes::created_at.eq(Ts::from(now)),
        signin_codes::expires_at.eq(Ts::from(now + valid)),
        signin_codes::attempts.eq(0),
    );
    diesel::insert_into(signin_codes::table)
        .values(row)
        .execute(tx.conn())
        .map_err(super::store::unless_racing)?;
    Ok(())
}

fn secret(purpose: Purpose, to: &str, code: &str) -> String {
    format!("{}:{code}", purpose.key(to))
}

/// Tries a code of a step. A wrong attempt is counted, so the caller must commit whatever the answer is. The log says what
/// became of it, of which step: neither the code nor to whom it was sent.
///
/// # Errors
/// Database errors.
pub(super) fn check(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (purpose, step): (Purpose, Id),
    to: &str,
    typed: &str,
    now: DateTime<Utc>,
) -> AppResult<Check> {
    let check = tried(tx, keys, (purpose, step), to, typed, now)?;
    if check == Check::Right {
        use_up(tx, keys, (purpose, step), to)?;
    }
    Ok(check)
}

/// Tries a code as [`check`] does, and leaves a right one as it is: where several are asked for at once, none is used up
/// before all are right.
///
/// # Errors
/// Database errors.
pub(super) fn tried(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (purpose, step): (Purpose, Id),
    to: &str,
    typed: &str,
    now: DateTime<Utc>,
) -> AppResult<Check> {
    let check = examine(tx, keys, (purpose, step), to, typed, now)?;
    match check.error() {
        None => tracing::info!(%step, purpose = purpose.code(), "a code was right"),
        Some(error) => tracing::warn!(%step, purpose = purpose.code(), error, "a code was refused"),
    }
    Ok(check)
}

fn examine(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (purpose, step): (Purpose, Id),
    to: &str,
    typed: &str,
    now: DateTime<Utc>,
) -> AppResult<Check> {
    let mine = || signin_codes::table.filter(of_step(keys, (purpose, step), to));
    // Counting first takes the row's lock: two attempts at once cannot both be the fifth.
    let known = diesel::update(mine())
        .set(signin_codes::attempts.eq(signin_codes::attempts + 1))
        .execute(tx.conn())?;
    if known == 0 {
        return Ok(Check::Wrong);
    }
    let (hash, expires, attempts): (Vec<u8>, Ts, i32) = mine()
        .select((signin_codes::code_hash, signin_codes::expires_at, signin_codes::attempts))
        .first(tx.conn())?;
    if now >= expires.0 {
        return Ok(Check::Expired);
    }
    if attempts > ATTEMPTS {
        return Ok(Check::Spent);
    }
    let typed = secret(purpose, to, &digits(typed));
    if !keys.verify_mac(MacPurpose::Session, "signin-code", typed.as_bytes(), &hash) {
        return Ok(if attempts == ATTEMPTS { Check::Spent } else { Check::Wrong });
    }
    Ok(Check::Right)
}

/// Uses up the code of a step.
///
/// # Errors
/// Database errors.
pub(super) fn use_up(tx: &mut Tx<'_>, keys: &Keyring, step: (Purpose, Id), to: &str) -> AppResult<()> {
    diesel::delete(signin_codes::table.filter(of_step(keys, step, to))).execute(tx.conn())?;
    Ok(())
}

/// Whether the code of a step can still be used: it was not wrong too often, is not too old and not used up.
///
/// # Errors
/// Database errors.
pub(super) async fn is_live(
    deps: &Deps,
    step: (Purpose, Id),
    to: &str,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let live = signin_codes::table
        .filter(of_step(&deps.keys, step, to))
        .filter(signin_codes::expires_at.gt(Ts::from(now)))
        .filter(signin_codes::attempts.lt(ATTEMPTS))
        .count();
    let found: i64 = deps.store.read(move |c| Ok(live.get_result(c)?)).await?;
    Ok(found > 0)
}

/// A code as typed: full-width digits folded, spaces dropped.
fn digits(typed: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    typed.nfkc().filter(|c| !c.is_whitespace() && *c != '-').take(12).collect()
}
