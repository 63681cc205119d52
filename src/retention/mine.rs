//! What is kept of a resident until when and why, and what they may have destroyed at once (PIPL art. 44-47).

use super::pages::{self, KindWords};
use super::sql::Sql;
use super::store::destroy;
use crate::audit::{self, Actor, Entry};
use crate::clock::china_day;
use crate::consent::ConsentsView;
use crate::db::types::DbTime;
use crate::db::{Conn, Id, Ts, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::kept::{Kind, Wall, cut_of, days_of, last_day};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::page::see_other_with;
use crate::web::problem::forget_session;
use crate::web::respond::{Answer, respond};
use crate::web::view::Link;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::ToSchema;

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
    /// What something else still needs.
    #[diesel(sql_type = BigInt)]
    needed: i64,
    #[diesel(sql_type = BigInt)]
    free: i64,
}

/// Kinds without which there is no account: as long as there are such, it is kept.
const NEED_ACCOUNT: &[&str] =
    &["declaration", "certificate", "appeal", "application", "proxy", "proxy-asked"];

fn tally(
    conn: &mut Conn,
    kind: &Kind,
    who: (Id, Option<Id>),
    (wall, now): (&Wall, DateTime<Utc>),
) -> AppResult<Option<Tally>> {
    let cut = cut_of(&wall.policy, kind, now)?;
    let sql = Sql::new(conn, cut, now);
    let Some(query) = sql.mine(kind, who.0, who.1) else { return Ok(None) };
    let found: Tally = diesel::sql_query(query).get_result(conn)?;
    Ok((found.n > 0).then_some(found))
}

/// Kinds that stay as long as something of others does: as their `unless` says.
const LONGER: &[(&str, &[&str])] = &[
    ("declaration", &["certificate"]),
    ("waiver", &["finding", "declaration"]),
    ("account", NEED_ACCOUNT),
    (
        "person",
        &[
            "account",
            "declaration",
            "certificate",
            "claim",
            "finding",
            "code-change",
            "code-print",
            "code",
            "appeal",
            "waiver",
            "disclosure",
            "task",
            "proxy",
            "proxy-asked",
            "pin",
            "merge",
        ],
    ),
];

/// Kinds whose clock begins anew while they are used: the last day is the earliest that there can be.
const RENEWED: &[&str] = &["account", "person", "code"];

/// When what somebody has of a kind ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ends {
    /// The last day of what ends first.
    first: NaiveDate,
    /// The last day of what ends last, with what needs it.
    last: NaiveDate,
    /// Whether it may be later: nobody knows when what needs it ends, or the clock begins anew.
    open: bool,
}

/// When something ends by its own clocks and by what needs it: `known` are the ends of the kinds before it. None where it
/// has ended before today.
fn ends(name: &str, tally: &Tally, days: u32, known: &HashMap<&str, Ends>, today: NaiveDate) -> Option<Ends> {
    let (first, own) = (last_day(tally.first?.0, days), last_day(tally.last?.0, days));
    let others = LONGER.iter().find(|(kind, _)| *kind == name).map(|(_, others)| *others);
    let needing = others.filter(|_| tally.needed > 0).into_iter().flatten();
    let needing: Vec<&Ends> = needing.filter_map(|other| known.get(other)).collect();
    let last = needing.iter().map(|e| e.last).fold(own, NaiveDate::max);
    // What is needed by others only by those that are over themselves is over with them.
    let unknown = tally.needed > 0 && others.is_none();
    let open = RENEWED.contains(&name) || unknown || needing.iter().any(|e| e.open && e.last == last);
    // What is over is shown to nobody, also while the run has not come to it.
    if tally.held == 0 && !unknown && last < today {
        return None;
    }
    let last = if open || tally.held > 0 { last.max(today) } else { last };
    Some(Ends { first: if tally.n == 1 { last } else { first.max(today).min(last) }, last, open })
}

/// What somebody has of each kind, in the order in which it ends.
fn tallies(
    conn: &mut Conn,
    wall: &Wall,
    who: (Id, Option<Id>),
    now: DateTime<Utc>,
) -> AppResult<Vec<(&'static Kind, Tally, Ends)>> {
    let (mut found, mut known) = (Vec::new(), HashMap::new());
    for kind in wall.kinds.iter().copied() {
        let Some(tally) = tally(conn, kind, who, (wall, now))? else { continue };
        let Some((_, days)) = days_of(&wall.policy, kind, now)? else { continue };
        let Some(ends) = ends(kind.name, &tally, days, &known, china_day(now)) else { continue };
        known.insert(kind.name, ends);
        found.push((kind, tally, ends));
    }
    Ok(found)
}

/// What is kept of the resident.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeptPage {
    /// A line each kind, in the order in which it ends.
    rows: Vec<KeptLine>,
    consents: ConsentsView,
    /// Until when something needs the account, so that it cannot be destroyed.
    needed: Option<NaiveDate>,
    /// Where what is wrong is corrected.
    correct: Vec<Link>,
}

/// What is kept of a kind.
#[derive(Debug, Serialize, ToSchema)]
struct KeptLine {
    /// The kind.
    name: &'static str,
    words: KindWords,
    count: i64,
    /// The last day of what ends first.
    first: NaiveDate,
    /// The last day of what ends last.
    last: NaiveDate,
    /// Whether it may be later.
    open: bool,
    /// How many are held for a proceeding.
    held: i64,
    /// How many can be destroyed at once.
    free: i64,
}

/// What is destroyed at once, before it is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeletePage {
    /// The kind.
    kind: &'static str,
    words: KindWords,
}

/// `GET /me/kept`.
pub(super) async fn list(ctx: Ctx, deps: App, resident: Resident) -> AppResult<Answer<KeptPage>> {
    let (who, now) = ((resident.account_id, resident.person_id), ctx.now);
    let (keys, wall, lang) = (deps.keys.clone(), deps.part::<Arc<Wall>>()?.clone(), ctx.lang);
    let (found, consents) = deps
        .store
        .read(move |conn| {
            let found = tallies(conn, &wall, who, now)?;
            Ok((found, crate::consent::views(conn, &keys, who, lang)?))
        })
        .await?;
    let mut rows = Vec::new();
    let mut needed: Option<NaiveDate> = None;
    for (kind, tally, ends) in &found {
        if NEED_ACCOUNT.contains(&kind.name) && tally.n > tally.free {
            needed = needed.max(Some(ends.last));
        }
        let own = !matches!(kind.name, "account" | "person");
        rows.push(KeptLine {
            name: kind.name,
            words: pages::words(&deps, ctx.lang, kind.name, now)?,
            count: tally.n,
            first: ends.first,
            last: ends.last,
            open: ends.open,
            held: tally.held,
            free: if own { tally.free } else { 0 },
        });
    }
    let correct = CORRECT.iter().map(|(href, key)| Link::text(ctx.lang, href, key)).collect();
    respond(&deps, &ctx, "retention/mine.html", &KeptPage { rows, consents, needed, correct })
}

/// Where what is wrong is corrected.
const CORRECT: &[(&str, &str)] = &[
    ("/declarations", "declarations-title"),
    ("/me/contact", "me-contact"),
    ("/code", "kept-correct-colour"),
    ("/reopening", "reopening-title"),
];

#[derive(Deserialize, utoipa::IntoParams)]
pub(super) struct Asked {
    #[serde(default)]
    kind: String,
}

/// The kind that is to be destroyed at once.
fn wanted(deps: &Deps, name: &str) -> AppResult<&'static Kind> {
    deps.part::<Arc<Wall>>()?
        .kind(name)
        .filter(|k| k.on_request.is_some())
        .ok_or(AppError::BadRequest("kind"))
}

/// `GET /me/kept/delete?kind=…`: what goes, before it goes.
pub(super) async fn ask(
    ctx: Ctx,
    deps: App,
    _who: Resident,
    asked: web::Query<Asked>,
) -> AppResult<Answer<DeletePage>> {
    let kind = wanted(&deps, &asked.kind)?;
    let words = pages::words(&deps, ctx.lang, kind.name, ctx.now)?;
    respond(&deps, &ctx, "retention/delete.html", &DeletePage { kind: kind.name, words })
}

/// `POST /me/kept/delete`: destroys at once what the law lets go, by kind; `account` means everything with it.
pub(super) async fn delete(ctx: Ctx, deps: App, resident: Resident, form: Form) -> AppResult<HttpResponse> {
    let wanted = wanted(&deps, form.get("kind"))?;
    let (who, now) = ((resident.account_id, resident.person_id), ctx.now);
    let whole = wanted.name == "account";
    let wall = deps.part::<Arc<Wall>>()?.clone();
    let gone = deps
        .store
        .write(move |tx| if whole { account(tx, &wall, who, now) } else { some(tx, wanted, who, now) })
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
fn account(tx: &mut Tx<'_>, wall: &Wall, who: (Id, Option<Id>), now: DateTime<Utc>) -> AppResult<usize> {
    let mut gone = 0;
    for kind in wall.kinds.iter().filter(|k| k.on_request.is_some()) {
        gone = some(tx, kind, who, now)?;
    }
    // `account` is the last of them: when it is not gone, something needs it, and nothing else goes either.
    if gone == 0 {
        return Err(AppError::conflict("account-needed"));
    }
    if let (Some(person), Some(kind)) = (who.1, wall.kind("person")) {
        let sql = Sql::new(tx.conn(), now, now);
        let condition = format!("t.id = {} AND {}", sql.id(person), sql.free(kind));
        destroy(tx, kind, sql, &condition, None)?;
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn tally(clock: &str, needed: i64) -> Tally {
        let at: DateTime<Utc> = format!("{clock}T02:00:00Z").parse().unwrap();
        Tally { n: 1, first: Some(at.into()), last: Some(at.into()), held: 0, needed, free: 0 }
    }

    #[test]
    fn a_last_day_is_that_of_what_needs_it() {
        let today = day("2020-03-12");
        let mut known = HashMap::new();
        let certificate = ends("certificate", &tally("2020-03-26", 0), 184, &known, today).unwrap();
        assert_eq!(certificate, Ends { first: day("2020-09-26"), last: day("2020-09-26"), open: false });
        known.insert("certificate", certificate);
        let declaration = ends("declaration", &tally("2020-03-12", 1), 184, &known, today).unwrap();
        assert_eq!((declaration.last, declaration.open), (day("2020-09-26"), false));
        known.insert("declaration", declaration);
        // Name and document go after everything of the person, whatever the clock of their own row says.
        let person = ends("person", &tally("2020-01-12", 1), 30, &known, today).unwrap();
        assert_eq!((person.last, person.open), (day("2020-09-26"), true));
        let alone = ends("person", &tally("2020-03-12", 0), 30, &HashMap::new(), today).unwrap();
        assert_eq!(alone.last, day("2020-04-11"));
        // The run has not come to the certificate yet, which is over: so is what only it needed.
        let late = ends("declaration", &tally("2019-03-12", 1), 184, &HashMap::new(), today);
        assert_eq!(late, None);
    }

    #[test]
    fn what_is_needed_for_nobody_knows_how_long_has_no_last_day() {
        let today = day("2021-03-12");
        let none = HashMap::new();
        assert_eq!(ends("finding", &tally("2020-03-12", 0), 184, &none, today), None, "it is over");
        let red = ends("finding", &tally("2020-03-12", 1), 184, &none, today).unwrap();
        assert_eq!((red.last, red.open), (today, true), "as long as the code is red");
        let known = HashMap::from([("finding", red)]);
        let person = ends("person", &tally("2020-03-12", 1), 30, &known, today).unwrap();
        assert_eq!((person.last, person.open), (today, true));
    }
}
