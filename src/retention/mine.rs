//! What is kept of a resident until when and why, and what they may have destroyed at once (PIPL art. 44-47).

use super::sql::Sql;
use super::store::destroy;
use super::term::{cut_of, days_of, last_day};
use super::{Kind, kind, kinds, pages};
use crate::app::{App, Deps};
use crate::audit::{self, Actor, Entry};
use crate::clock::china_day;
use crate::db::types::DbTime;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::policy::RuleSet;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::page::{page, see_other_with};
use crate::web::problem::forget_session;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use serde_json::json;

/// What somebody has of a kind.
#[derive(Debug, Clone, QueryableByName)]
struct Tally {
    #[diesel(sql_type = BigInt)]
    n: i64,
    #[diesel(sql_type = Nullable<DbTime>)]
    first: Option<Ts>,
    #[diesel(sql_type = Nullable<DbTime>)]
    last: Option<Ts>,
    #[diesel(sql_type = BigInt)]
    held: i64,
    #[diesel(sql_type = BigInt)]
    free: i64,
}

/// Kinds without which there is no account: as long as there are such, it is kept.
const NEED_ACCOUNT: &[&str] = &["declaration", "certificate", "appeal", "application"];

fn tally(
    conn: &mut Conn,
    kind: &Kind,
    who: (Id, Option<Id>),
    (policy, now): (&RuleSet, DateTime<Utc>),
) -> AppResult<Option<Tally>> {
    let cut = cut_of(policy, kind, now)?;
    let sql = Sql::new(conn, cut, now);
    let Some(query) = sql.mine(kind, who.0, who.1) else { return Ok(None) };
    let found: Tally = diesel::sql_query(query).get_result(conn)?;
    Ok((found.n > 0).then_some(found))
}

/// The last day of the certificates: a declaration stays as long as the certificate that rests on it.
fn certified(
    policy: &RuleSet,
    found: &[(&'static Kind, Option<Tally>)],
    now: DateTime<Utc>,
) -> AppResult<Option<NaiveDate>> {
    let certificate = found.iter().find(|(kind, _)| kind.name == "certificate");
    match certificate.and_then(|(kind, tally)| Some((kind, tally.as_ref()?.last?))) {
        Some((kind, at)) => Ok(days_of(policy, kind, now)?.map(|(_, days)| last_day(at.0, days))),
        None => Ok(None),
    }
}

/// `GET /me/kept`.
pub(super) async fn list(req: HttpRequest, deps: App, resident: Resident) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (who, now) = ((resident.account_id, resident.person_id), ctx.now);
    let (keys, policy, lang) = (deps.keys.clone(), deps.policy.clone(), ctx.lang);
    let (found, consents) = deps
        .store
        .read(move |conn| {
            let found = kinds()
                .map(|k| Ok((k, tally(conn, k, who, (&policy, now))?)))
                .collect::<AppResult<Vec<(&'static Kind, _)>>>()?;
            Ok((found, crate::consent::views(conn, &keys, who, lang)?))
        })
        .await?;
    let mut rows = Vec::new();
    let mut needed: Option<NaiveDate> = None;
    let certified = certified(&deps.policy, &found, now)?;
    for (kind, tally) in found.iter().filter_map(|(k, t)| Some((*k, t.as_ref()?))) {
        let Some((_, days)) = days_of(&deps.policy, kind, now)? else { continue };
        let ends = |at: Option<Ts>| at.map(|at| last_day(at.0, days));
        let longer = certified.filter(|_| kind.name == "declaration" && tally.n > tally.free);
        let last = ends(tally.last).max(longer);
        // What is over is shown to nobody, also while the run has not come to it.
        if tally.held == 0 && ends(tally.last).is_some_and(|last| last < china_day(now)) {
            continue;
        }
        if NEED_ACCOUNT.contains(&kind.name) && tally.n > tally.free {
            needed = needed.max(ends(tally.last));
        }
        let own = !matches!(kind.name, "account" | "person");
        rows.push(json!({
            "name": kind.name,
            "words": pages::words(&deps, ctx.lang, kind.name, now)?,
            "count": tally.n,
            "first": if tally.n == 1 { last } else { ends(tally.first) },
            "last": last,
            "held": tally.held,
            "free": if own { tally.free } else { 0 },
        }));
    }
    let correct: Vec<_> = CORRECT
        .iter()
        .map(|(href, key)| json!({"href": href, "label": crate::web::i18n::t(ctx.lang, key, &[])}))
        .collect();
    let data = json!({"rows": rows, "consents": consents, "needed": needed, "correct": correct});
    page(&deps, &ctx, "retention/mine.html", &data)
}

/// Where what is wrong is corrected.
const CORRECT: &[(&str, &str)] = &[
    ("/declarations", "declarations-title"),
    ("/me/contact", "me-contact"),
    ("/code", "kept-correct-colour"),
    ("/reopening", "reopening-title"),
];

/// `POST /me/kept/delete`: destroys at once what the law lets go, by kind; `account` means everything with it.
pub(super) async fn delete(
    req: HttpRequest,
    deps: App,
    resident: Resident,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let wanted =
        kind(form.get("kind")).filter(|k| k.on_request.is_some()).ok_or(AppError::BadRequest("kind"))?;
    let (who, now) = ((resident.account_id, resident.person_id), ctx.now);
    let whole = wanted.name == "account";
    let gone = deps
        .store
        .write(move |tx| if whole { account(tx, who, now) } else { some(tx, wanted, who, now) })
        .await?;
    wipe(&deps, wanted, gone).await?;
    if !whole {
        return Ok(see_other_with(&deps, "/me/kept", "kept-deleted"));
    }
    let mut response = see_other_with(&deps, "/", "account-deleted");
    forget_session(&deps, &mut response);
    Ok(response)
}

async fn wipe(deps: &Deps, kind: &'static Kind, gone: usize) -> AppResult<()> {
    if gone == 0 {
        return Ok(());
    }
    // What is left in files goes with the night's run at the latest; a reader in the way is no reason to say no.
    if let Err(e) = deps.store.wipe(kind.tables().collect()).await {
        tracing::info!(error = %e, "the files are wiped by the next run");
    }
    Ok(())
}

/// Destroys what somebody may have destroyed of a kind.
fn some(tx: &mut Tx<'_>, kind: &Kind, who: (Id, Option<Id>), now: DateTime<Utc>) -> AppResult<usize> {
    let sql = Sql::new(tx.conn(), now, now);
    let Some(condition) = sql.asked(kind, who.0, who.1) else { return Ok(0) };
    let gone = destroy(tx, kind, sql, &condition, None)?.len();
    let entry =
        Entry::new(Actor::Resident(who.0), "retention.delete", "account").object(who.0).subject(who.1);
    audit::append(tx, now, entry.detail(json!({"kind": kind.name, "count": gone})))?;
    Ok(gone)
}

/// Destroys an account with all that may go, and the person if nothing needs it any more.
fn account(tx: &mut Tx<'_>, who: (Id, Option<Id>), now: DateTime<Utc>) -> AppResult<usize> {
    let mut gone = 0;
    for kind in kinds().filter(|k| k.on_request.is_some()) {
        gone = some(tx, kind, who, now)?;
    }
    // `account` is the last of them: when it is not gone, something needs it, and nothing else goes either.
    if gone == 0 {
        return Err(AppError::conflict("account-needed"));
    }
    if let (Some(person), Some(kind)) = (who.1, kind("person")) {
        let sql = Sql::new(tx.conn(), now, now);
        let condition = format!("t.id = {} AND {}", sql.id(person), sql.free(kind));
        destroy(tx, kind, sql, &condition, None)?;
    }
    Ok(gone)
}
