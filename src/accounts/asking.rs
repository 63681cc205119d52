//! How many codes by SMS there are. Limits are durable: at most 1 a minute, 5 an hour and 10 a day for a telephone (domain
//! rules, section 7; the same once more for browsers that have signed in with it before), and against pumping bounds for a
//! network, for the wider ones around it, and for all; `docs/trust.md` says why these figures.
//!
//! The last third of what all may have in an hour is not for strangers. Whether somebody is one is seen from the browser and
//! the network alone, never from the number, so the answer does not tell whether it has an account.
//!
//! What is refused costs nobody's share: whoever is refused gets an error, and with it all that was counted is undone.

use super::{known, store};
use crate::crypto::Keyring;
use crate::db::schema::signin_codes;
use crate::db::{Ts, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::identity::Phone;
use crate::web::ctx::Ctx;
use crate::web::i18n::Lang;
use crate::web::limits::{self, Client, Network};
use actix_web::HttpRequest;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;

/// At most one code in this time.
const PAUSE: Duration = Duration::minutes(1);
/// How many codes a telephone gets in which time.
const FOR_A_TELEPHONE: [(Duration, i32); 3] = [(PAUSE, 1), (Duration::hours(1), 5), (Duration::days(1), 10)];
/// Codes that one network may ask for in an hour; villages and offices sit behind one address, and thousands of telephones
/// behind one of a carrier's.
const PER_NETWORK: i32 = 300;
/// The same for a /24 of IPv4 or a /48 of IPv6: a carrier's pool, or all that one sender has rented.
const PER_WIDE_NETWORK: i32 = 900;
/// Once half of what all may have is used, one network gets this part of its share: who floods leaves room for others.
const WHEN_SCARCE: i32 = 10;

/// What is known of who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nothing.
    Stranger,
    /// Somebody has signed in from the network (/24, /48) lately.
    Network,
    /// The browser has signed in with this telephone before.
    Browser,
}

/// Who asks for a code.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    lang: Lang,
    client: Client,
    now: DateTime<Utc>,
    /// Codes that the portal sends in an hour at most.
    budget: i32,
    standing: Standing,
    /// The /16 or /32 from which most codes were asked for in this hour, and how many.
    most: Option<(Network, u32)>,
}

impl Asking {
    /// Of a request: its networks count, and what the portal sends in all.
    pub fn of(deps: &Deps, ctx: &Ctx) -> Self {
        let (lang, client, now) = (ctx.lang, ctx.client, ctx.now);
        deps.asking.note(client.widest(), now);
        let signed_in = deps.signed_in.knows(client.wide(), now);
        Self {
            lang,
            client,
            now,
            budget: deps.config.sms_per_hour,
            standing: if signed_in { Standing::Network } else { Standing::Stranger },
            most: deps.asking.most(now),
        }
    }

    /// Of a request to sign in with a telephone: the browser may have done so before.
    pub(super) fn signing_in(deps: &Deps, req: &HttpRequest, ctx: &Ctx, phone: &Phone) -> Self {
        let asking = Self::of(deps, ctx);
        if known::is_known(deps, req, phone, ctx.now) {
            return Self { standing: Standing::Browser, ..asking };
        }
        asking
    }

    pub(super) fn lang(self) -> Lang {
        self.lang
    }

    pub(super) fn now(self) -> DateTime<Utc> {
        self.now
    }
}

/// Counts a code against what a telephone gets: one a minute of a purpose (`key`), and so many in an hour and a day whatever
/// they are for. A browser that is known does not share what strangers may ask for.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds to wait.
pub(super) fn of_phone(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (key, phone): (&str, &str),
    asking: Asking,
) -> AppResult<()> {
    let known = asking.standing == Standing::Browser;
    if !known {
        pause(tx, keys, key, asking.now)?;
    }
    let bucket = if known { "sms-code-known" } else { "sms-code" };
    for (window, limit) in FOR_A_TELEPHONE {
        let whose = if window == PAUSE { key } else { phone };
        limits::count(tx, keys, bucket, whose, window, limit, asking.now)?;
    }
    Ok(())
}

/// Counts a code against what the telephone of a legal person gets, however many businesses there are of which it is.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds to wait.
pub(super) fn of_legal_person(tx: &mut Tx<'_>, keys: &Keyring, key: &str, asking: Asking) -> AppResult<()> {
    for (window, limit) in FOR_A_TELEPHONE {
        limits::count(tx, keys, "sms-code-agent", key, window, limit, asking.now)?;
    }
    Ok(())
}

/// To the second: a window that slides tells the minute only.
fn pause(tx: &mut Tx<'_>, keys: &Keyring, key: &str, now: DateTime<Utc>) -> AppResult<()> {
    let slots = store::candidates(keys, "signin-code", key);
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

/// Up to where of the hour's budget codes are given to whom: the last third is not for strangers, and the last sixth for
/// nobody but browsers that are known. A network becomes known by one sign-in, which an attacker can do, too.
fn most(standing: Standing, budget: i64) -> i64 {
    match standing {
        Standing::Stranger => budget * 4 / 6,
        Standing::Network => budget * 5 / 6,
        Standing::Browser => budget,
    }
}

/// What the address or /64, the /24 or /48, and the /16 or /32 get of the hour's budget; `None` where it is not counted.
///
/// A browser that is known is bounded by its telephone. The widest share is for strangers: from networks without a sign-in
/// lately, a third brings no provider to where codes are scarce, and then it is a sixth. Where residents sign in, the
/// narrower shares are enough.
fn shares(standing: Standing, budget: i32, scarce: bool) -> [Option<i32>; 3] {
    let part = if scarce { WHEN_SCARCE } else { 1 };
    let widest = if scarce { budget / 6 } else { budget / 3 };
    let [near, wide] = [PER_NETWORK / part, PER_WIDE_NETWORK / part];
    match standing {
        Standing::Stranger => [Some(near), Some(wide), Some(widest)],
        Standing::Network => [Some(near), Some(wide), None],
        Standing::Browser => [None; 3],
    }
}

/// Counts a code against what all may have in an hour, and what networks may have of it.
///
/// # Errors
/// [`AppError::TooMany`] past the share of a network; [`AppError::Unavailable`] when the portal sends no more.
pub(super) fn of_all(tx: &mut Tx<'_>, keys: &Keyring, asking: Asking) -> AppResult<()> {
    let Asking { client, now, budget, standing, .. } = asking;
    let hour = Duration::hours(1);
    // All first: whoever counts for all counts alone, so of two networks at once neither sees the other's half.
    let used = limits::hit(tx, keys, ("sms-all", "", 1), hour, now)?;
    if used > most(standing, budget.into()) {
        metrics::counter!("sms_codes_refused").increment(1);
        return Err(AppError::Unavailable(format!(
            "{used} of {budget} codes by SMS in an hour: {standing:?}"
        )));
    }
    let networks = [client.network(), client.wide(), client.widest()].map(|n| n.to_string());
    let shares = shares(standing, budget, used > i64::from(budget) / 2);
    for ((name, network), share) in
        ["sms-network", "sms-wide", "sms-widest"].into_iter().zip(networks).zip(shares)
    {
        if let Some(share) = share {
            limits::count(tx, keys, name, &network, hour, share, now)?;
        }
    }
    tell(used, asking);
    Ok(())
}

/// Says where codes go when they become scarce: at half, where strangers get no more, at 80 % and at the end. A /16 or a /32
/// is nobody's address.
fn tell(used: i64, asking: Asking) {
    let Asking { budget, most: top, .. } = asking;
    metrics::gauge!("sms_codes_last_hour").set(f64::from(i32::try_from(used).unwrap_or(i32::MAX)));
    let all = i64::from(budget);
    if [all / 2 + 1, most(Standing::Stranger, all), all * 8 / 10, all].contains(&used) {
        let (from, asked) = top.map(|(network, times)| (network.to_string(), times)).unzip();
        let from = from.as_deref();
        tracing::warn!(used, budget, from, asked, "codes by SMS in the last hour: is somebody pumping them?");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_third_is_not_for_strangers_and_the_last_sixth_for_known_browsers_only() {
        let all = [Standing::Stranger, Standing::Network, Standing::Browser];
        assert_eq!(all.map(|standing| most(standing, 1500)), [1000, 1250, 1500]);
        assert_eq!(all.map(|standing| most(standing, 0)), [0; 3], "none is none");
    }

    /// However many numbers a provider has, it alone makes codes neither scarce nor unavailable.
    #[test]
    fn no_provider_uses_up_what_strangers_have() {
        let budget = 20_000;
        let [near, wide, widest] = shares(Standing::Stranger, budget, false).map(Option::unwrap);
        assert_eq!([near, wide], [300, 900]);
        assert!(i64::from(widest) <= i64::from(budget) / 2 && wide < widest);
        let [near, wide, widest] = shares(Standing::Stranger, budget, true).map(Option::unwrap);
        assert_eq!([near, wide, widest], [30, 90, budget / 6]);
        assert_eq!(shares(Standing::Network, budget, true), [Some(30), Some(90), None]);
        assert_eq!(shares(Standing::Browser, budget, true), [None; 3]);
    }
}
