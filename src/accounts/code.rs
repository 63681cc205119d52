//! Codes by SMS: six digits, valid ten minutes, five attempts. A code belongs to the step that asked for it (a browser, a
//! program's ticket, the right to act for a business that waits): nobody else can try it out, use up its attempts or make
//! it void.
//!
//! The same work is done whether or not the phone has an account, so neither the answer nor its time tells. A code is
//! stored as a keyed hash only; it is never logged. Limits are durable: at most 1 a minute, 5 an hour and 10 a day for a
//! phone (domain rules, section 7; the same once more for browsers that have signed in with it before), and against pumping bounds for a network, for the wider one around it, and for all
//! (`docs/trust.md` says why these figures).

use crate::app::Deps;
use crate::crypto::{Keyring, MacPurpose, token};
use crate::db::schema::signin_codes;
use crate::db::{Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::identity::{EmailAddress, Phone};
use crate::notify::{self, Lane, Message, Recipient};
use crate::web::ctx::Ctx;
use crate::web::i18n::Lang;
use crate::web::limits::{self, Client};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use serde_json::json;

/// How long a code can be used.
const VALID: Duration = Duration::minutes(10);
/// Wrong attempts after which a code is void.
const ATTEMPTS: i32 = 5;
/// At most one code in this time.
const PAUSE: Duration = Duration::minutes(1);
/// Codes that one network may ask for in an hour; villages and offices sit behind one address, and thousands of telephones
/// behind one of a carrier's.
const PER_NETWORK: i32 = 300;
/// The same for a /24 of IPv4 or a /48 of IPv6: a carrier's pool, or all that one sender has rented.
const PER_WIDE_NETWORK: i32 = 900;
/// Once half of what all may have is used, one network gets this part of its share: who floods leaves room for others.
const WHEN_SCARCE: i32 = 10;

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
}

impl Purpose {
    fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::OldPhone => "old-phone",
            Self::NewPhone => "new-phone",
            Self::Email => "email",
            Self::Agent => "agent",
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in-code",
            Self::OldPhone | Self::NewPhone => "phone-change-code",
            Self::Email => "email-code",
            Self::Agent => "agent-confirm-code",
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

/// Who asks for a code.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    lang: Lang,
    client: Client,
    now: DateTime<Utc>,
    /// Codes that the portal sends in an hour at most.
    budget: i32,
    /// Whether the browser has signed in with this telephone before: it does not share what strangers may ask for.
    known: bool,
}

impl Asking {
    /// Of a request: its network counts, and what the portal sends in all.
    pub fn of(deps: &Deps, ctx: &Ctx) -> Self {
        let budget = deps.config.sms_per_hour;
        Self { lang: ctx.lang, client: ctx.client, now: ctx.now, budget, known: false }
    }

    /// The same, of a browser that has signed in with the telephone before or has not.
    pub(super) fn known(self, known: bool) -> Self {
        Self { known, ..self }
    }
}

/// Queues a new code for a phone; an earlier one of the same step is void.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds to wait; [`AppError::Unavailable`] when the portal sends no more.
pub(super) fn send(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (purpose, step): (Purpose, Id),
    phone: &Phone,
    asking: Asking,
) -> AppResult<()> {
    let Asking { lang, now, known, .. } = asking;
    let key = purpose.key(phone.as_str());
    if !known {
        pause(tx, keys, &key, now)?;
    }
    let bucket = if known { "sms-code-known" } else { "sms-code" };
    for (window, limit) in [(PAUSE, 1), (Duration::hours(1), 5), (Duration::days(1), 10)] {
        limits::count(tx, keys, bucket, &key, window, limit, now)?;
    }
    room(tx, keys, asking)?;
    let to = Recipient { phone: Some(phone.as_str().to_owned()), lang, ..Recipient::default() };
    queue(tx, keys, (purpose, step), phone.as_str(), &to, now)
}

/// To the second: a window that slides tells the minute only.
fn pause(tx: &mut Tx<'_>, keys: &Keyring, key: &str, now: DateTime<Utc>) -> AppResult<()> {
    let slots = super::store::candidates(keys, "signin-code", key);
    let last: Option<Ts> = signin_codes::table
        .filter(signin_codes::phone_blind.eq_any(&slots))
        .order(signin_codes::created_at.desc())
        .select(signin_codes::created_at)
        .first(tx.conn())
        .optional()?;
    match last.map(|l| l.0 + PAUSE - now).filter(|w| *w > Duration::zero()) {
        None => Ok(()),
        Some(wait) => {
            let seconds = (wait.num_milliseconds() + 999) / 1000;
            Err(AppError::TooMany(u64::try_from(seconds).unwrap_or(60)))
        }
    }
}

/// Queues a code for an e-mail address that an account has named. An account can ask for five an hour, and an address
/// gets ten a day, whoever asks.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds to wait.
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
    queue(tx, keys, (Purpose::Email, step), email.as_str(), &to, now)
}

/// Queues a code by which the legal person confirms who acts for a business: for a right that waits, valid so many minutes,
/// an earlier one void. `params` is what the message shows beside. It is counted among all codes whether or not there is a
/// telephone to send it to, so that the answer never tells.
///
/// # Errors
/// [`AppError::TooMany`] past the share of a network; [`AppError::Unavailable`] when the portal sends no more.
pub fn agent_code(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    agent: Id,
    phone: Option<&Phone>,
    (minutes, mut params): (i64, serde_json::Map<String, serde_json::Value>),
    asking: Asking,
) -> AppResult<()> {
    room(tx, keys, asking)?;
    let Some(phone) = phone else { return Ok(()) };
    let (code, now) = (token::six_digits(), asking.now);
    store(tx, keys, (Purpose::Agent, agent), &agent.to_string(), (&code, Duration::minutes(minutes)), now)?;
    params.extend([("code".to_owned(), json!(code)), ("minutes".to_owned(), json!(minutes))]);
    let to = Recipient { phone: Some(phone.as_str().to_owned()), ..Recipient::default() };
    let message = Message::new(Purpose::Agent.message(), params.into()).lane(Lane::Urgent);
    notify::send(tx, keys, &to, &message, now)
}

/// Tries such a code: a right one is used up. Wrong, too old and never sent are one answer, which tells nothing about the
/// legal person's telephone; a wrong attempt is counted, so the caller must commit.
///
/// # Errors
/// Database errors.
pub fn is_agent_code(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    agent: Id,
    typed: &str,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    Ok(check(tx, keys, (Purpose::Agent, agent), &agent.to_string(), typed, now)? == Check::Right)
}

/// Makes a code for a step and queues the message with it.
fn queue(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (purpose, step): (Purpose, Id),
    to: &str,
    recipient: &Recipient,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let code = token::six_digits();
    store(tx, keys, (purpose, step), to, (&code, VALID), now)?;
    let params = json!({"code": code, "minutes": VALID.num_minutes()});
    let message = Message::new(purpose.message(), params).lane(Lane::Urgent);
    notify::send(tx, keys, recipient, &message, now)
}

/// Counts a code against what all may have in an hour, and what a network may have of it.
fn room(tx: &mut Tx<'_>, keys: &Keyring, asking: Asking) -> AppResult<()> {
    let Asking { client, now, budget, .. } = asking;
    let hour = Duration::hours(1);
    // All first: whoever counts for all counts alone, so of two networks at once neither sees the other's half.
    let used = limits::hit(tx, keys, ("sms-all", ""), hour, now)?;
    let budget = i64::from(budget);
    let scarce = used > budget / 2;
    let part = if scarce { WHEN_SCARCE } else { 1 };
    let (near, wide) = (client.network().to_string(), client.wide().to_string());
    limits::count(tx, keys, "sms-network", &near, hour, PER_NETWORK / part, now)?;
    limits::count(tx, keys, "sms-wide", &wide, hour, PER_WIDE_NETWORK / part, now)?;
    metrics::gauge!("sms_codes_last_hour").set(f64::from(i32::try_from(used).unwrap_or(i32::MAX)));
    if used > budget {
        metrics::counter!("sms_codes_refused").increment(1);
        return Err(AppError::Unavailable(format!("{budget} codes by SMS in an hour, no more are sent")));
    }
    if [budget / 2 + 1, budget * 8 / 10, budget].contains(&used) {
        tracing::warn!(used, budget, "codes by SMS in the last hour: is somebody pumping them?");
    }
    Ok(())
}

fn store(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (purpose, step): (Purpose, Id),
    to: &str,
    (code, valid): (&str, Duration),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let slots = super::store::candidates(keys, "signin-code", &purpose.key(to));
    let before = signin_codes::table
        .filter(signin_codes::phone_blind.eq_any(&slots))
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
    let slots = super::store::candidates(keys, "signin-code", &purpose.key(to));
    let mine = || {
        signin_codes::table
            .filter(signin_codes::phone_blind.eq_any(slots.clone()))
            .filter(signin_codes::step.eq(step))
    };
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
    diesel::delete(mine()).execute(tx.conn())?;
    Ok(Check::Right)
}

/// Whether the code of a step can still be used: it was not wrong too often, is not too old and not used up.
///
/// # Errors
/// Database errors.
pub(super) async fn is_live(
    deps: &Deps,
    (purpose, step): (Purpose, Id),
    to: &str,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let slots = super::store::candidates(&deps.keys, "signin-code", &purpose.key(to));
    let live = signin_codes::table
        .filter(signin_codes::phone_blind.eq_any(slots))
        .filter(signin_codes::step.eq(step))
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
