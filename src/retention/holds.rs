//! Legal holds: an official of the province names a case, or everything of the person of that case, that must not be
//! destroyed although its time is over. A reason and an end are needed; it counts at once, and lapses after a week
//! unless somebody else confirms it; at its review somebody looks whether it is still needed.

use super::case::Case;
use super::pages;
use crate::access::Role;
use crate::accounts::Recusal;
use crate::audit::{self, Entry};
use crate::clock::{china_day, end_of_day};
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{hold_ends, retention_holds as holds};
use crate::db::{Conn, Id, Ts, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::kept::{UNCONFIRMED, Wall};
use crate::number::{self, Numbered};
use crate::officials;
use crate::role_set;
use crate::slice::Slices;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::page::{fail, page, page_with, see_other, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::text;
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Days, Duration, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

role_set! {
    /// Who sees holds.
    HoldView = [ProvinceOperator, Auditor] province true;
    /// Who enters, confirms and ends them.
    HoldChange = [ProvinceOperator] step_up true province true;
}

/// The longest that one hold may stand; it can be entered anew.
const LONGEST: u64 = 366;
/// After so long somebody looks whether it is still needed.
const REVIEW: Duration = Duration::days(90);

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = holds)]
struct Row {
    id: Id,
    number: String,
    kind: String,
    object_id: Id,
    person_id: Option<Id>,
    reason_sealed: Vec<u8>,
    state: String,
    until: Ts,
    review_at: Ts,
    entered_by: Id,
    office_id: Id,
    created_at: Ts,
    decided_by: Option<Id>,
    decided_at: Option<Ts>,
}

fn context(id: Id) -> FieldContext<'static> {
    FieldContext { table: "retention_holds", column: "reason_sealed", row: id.0 }
}

fn end_context(id: Id) -> FieldContext<'static> {
    FieldContext { table: "hold_ends", column: "reason_sealed", row: id.0 }
}

/// `GET /desk/holds`.
pub(super) async fn list(req: HttpRequest, deps: App, who: Official<HoldView>) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let data = desk(&deps, &ctx, &who, &FormView::new()).await?;
    page(&deps, &ctx, "retention/holds.html", &data)
}

async fn desk(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, form: &FormView) -> AppResult<Value> {
    let now = ctx.now;
    let (rows, ends) = deps
        .store
        .read(move |conn| {
            let rows = listed(conn, now)?;
            let ids: Vec<Id> = rows.iter().map(|r| r.id).collect();
            let ends: Vec<(Id, Vec<u8>)> =
                hold_ends::table.filter(hold_ends::hold_id.eq_any(ids)).load(conn)?;
            Ok((rows, ends))
        })
        .await?;
    let entry = Entry::new(who, "hold.list", "retention-hold").detail(json!({"count": rows.len()}));
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    let one = |row: &Row| -> AppResult<Value> {
        let mut shown = view(deps, ctx, who, row)?;
        if let Some((_, sealed)) = ends.iter().find(|(id, _)| *id == row.id) {
            let reason = deps.keys.open_str(&end_context(row.id), sealed)?;
            shown.as_object_mut().map(|map| map.insert("ended".to_owned(), reason.as_str().into()));
        }
        Ok(shown)
    };
    let rows = rows.iter().map(one).collect::<AppResult<Vec<_>>>()?;
    Ok(json!({"form": form, "rows": rows, "may": who.role == Role::ProvinceOperator}))
}

/// Every hold that is in force, and the newest of those that are over.
fn listed(conn: &mut Conn, now: DateTime<Utc>) -> AppResult<Vec<Row>> {
    let stands = || holds::state.eq_any(["open", "confirmed"]).and(holds::until.gt(Ts::from(now)));
    let newest = holds::id.desc();
    let mut rows: Vec<Row> =
        holds::table.filter(stands()).order(newest).select(Row::as_select()).load(conn)?;
    let over = diesel::dsl::not(stands());
    rows.extend(
        holds::table.filter(over).order(newest).limit(200).select(Row::as_select()).load::<Row>(conn)?,
    );
    Ok(rows)
}

/// How a hold stands: `open`, `lapsed`, `confirmed`, `over`, `refused` or `ended`.
fn standing(row: &Row, now: DateTime<Utc>) -> &'static str {
    match row.state.as_str() {
        "refused" => "refused",
        "ended" => "ended",
        _ if row.until.0 <= now => "over",
        "confirmed" => "confirmed",
        _ if row.created_at.0 <= now - UNCONFIRMED => "lapsed",
        _ => "open",
    }
}

fn view(deps: &Deps, ctx: &Ctx, who: &OfficialPrincipal, row: &Row) -> AppResult<Value> {
    let standing = standing(row, ctx.now);
    Ok(json!({
        "id": row.id,
        "number": row.number,
        "kind": pages::words(deps, ctx.lang, &row.kind, ctx.now)?,
        "whole": row.person_id.is_some(),
        "reason": deps.keys.open_str(&context(row.id), &row.reason_sealed)?.as_str(),
        "ended": null,
        "standing": standing,
        "until": row.until,
        "review": row.review_at,
        "late": matches!(standing, "confirmed") && row.review_at.0 <= ctx.now,
        "created": row.created_at,
        "own": row.entered_by == who.official_id,
    }))
}

/// `POST /desk/holds`: enters a hold.
pub(super) async fn enter(
    req: HttpRequest,
    deps: App,
    who: Official<HoldChange>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let mut view = form.view();
    let typed = read(&form, &mut view, &ctx);
    let number = number::normalise(form.get("number"));
    let (wall, slices) = (deps.part::<Arc<Wall>>()?.clone(), *deps.part::<Slices>()?);
    let found = deps.store.read(move |conn| Case::numbered(conn, &wall, &number)).await?;
    if found.is_none() {
        fail(&mut view, ctx.lang, &[FieldError::new("number", "no-such-case")]);
    }
    let (Some((reason, until)), Some(found)) = (typed, found) else {
        let data = desk(&deps, &ctx, &who, &view).await?;
        return page_with(&deps, &ctx, StatusCode::UNPROCESSABLE_ENTITY, "retention/holds.html", &data);
    };
    let id = Id::new();
    let mut row = Row {
        id,
        // Drawn where it can be seen whether somebody has it.
        number: String::new(),
        kind: found.kind.name.into(),
        object_id: found.id,
        person_id: found.person.filter(|_| form.has("whole")),
        reason_sealed: deps.keys.seal_str(&context(id), &reason)?,
        state: "open".into(),
        until: until.into(),
        review_at: until.min(ctx.now + REVIEW).into(),
        entered_by: who.official_id,
        office_id: who.office_id,
        created_at: ctx.now.into(),
        decided_by: None,
        decided_at: None,
    };
    let (keys, by, now) = (deps.keys.clone(), (*who).clone(), ctx.now);
    deps.store
        .write(move |tx| {
            found.not_own(tx.conn(), (&keys, slices), &by)?;
            row.number = number::new(tx.conn(), Numbered::Hold, now)?;
            store(tx, &row, &by, now)
        })
        .await?;
    Ok(see_other_with(&deps, "/desk/holds", "hold-entered"))
}

fn store(tx: &mut Tx<'_>, row: &Row, by: &OfficialPrincipal, now: DateTime<Utc>) -> AppResult<()> {
    diesel::insert_into(holds::table).values(row).execute(tx.conn())?;
    let entry = Entry::new(by, "hold.enter", "retention-hold").object(row.id).subject(row.person_id);
    let detail = json!({"number": row.number, "kind": row.kind, "until": row.until});
    audit::append(tx, now, entry.detail(detail)).map(drop)
}

/// Characters of a reason.
const REASON: usize = 500;

/// Reason and end of a hold.
fn read(form: &Form, view: &mut FormView, ctx: &Ctx) -> Option<(String, DateTime<Utc>)> {
    let reason = text::lines("reason", form.get("reason"), REASON);
    let reason = reason.map_err(|e| fail(view, ctx.lang, &[e])).ok();
    let today = china_day(ctx.now);
    let until = match view.date("until") {
        Ok(Some(day)) if day >= today && day <= today + Days::new(LONGEST) => Some(end_of_day(day)),
        Ok(_) => {
            fail(view, ctx.lang, &[FieldError::new("until", "hold-end")]);
            None
        }
        Err(e) => {
            view.fail("until", crate::web::i18n::t(ctx.lang, e.key(), &[]));
            None
        }
    };
    if view.has_errors() { None } else { reason.zip(until) }
}

/// `POST /desk/holds/{id}/confirm`: by somebody else.
pub(super) async fn confirm(
    req: HttpRequest,
    deps: App,
    who: Official<HoldChange>,
    id: web::Path<Id>,
    form: Form,
) -> AppResult<HttpResponse> {
    ask_or_decide(&*Ctx::of(&req)?, &deps, &who, *id, "confirm", &form).await
}

/// `POST /desk/holds/{id}/end`: it is no longer needed.
pub(super) async fn end(
    req: HttpRequest,
    deps: App,
    who: Official<HoldChange>,
    id: web::Path<Id>,
    form: Form,
) -> AppResult<HttpResponse> {
    ask_or_decide(&*Ctx::of(&req)?, &deps, &who, *id, "end", &form).await
}

/// Shows the hold and what the decision does, until it is chosen expressly; an end needs a reason.
async fn ask_or_decide(
    ctx: &Ctx,
    deps: &App,
    who: &OfficialPrincipal,
    id: Id,
    asked: &'static str,
    form: &Form,
) -> AppResult<HttpResponse> {
    let mut view = form.view();
    match form.get("decision") {
        _ if !form.has("asked") => {}
        "confirm" if asked == "confirm" => return decide(ctx, deps, who, id, None).await,
        "leave" => return Ok(see_other("/desk/holds")),
        "end" => match text::lines("reason", form.get("reason"), REASON) {
            Ok(reason) => return decide(ctx, deps, who, id, Some(&reason)).await,
            Err(e) => fail(&mut view, ctx.lang, &[e]),
        },
        _ => fail(&mut view, ctx.lang, &[FieldError::new("decision", "required")]),
    }
    let (row, entered) = looked(deps, who, id, asked == "end", ctx.now).await?;
    let status = if view.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut choices = vec![Choice::text(ctx.lang, "end", "holds-choice-end")];
    if asked == "confirm" {
        choices.insert(0, Choice::text(ctx.lang, "confirm", "holds-choice-confirm"));
    }
    choices.push(Choice::text(ctx.lang, "leave", "holds-choice-leave"));
    let data = json!({
        "r": self::view(deps, ctx, who, &row)?,
        "who": entered.who, "office": if ctx.english() { entered.office_en } else { entered.office },
        "action": format!("/desk/holds/{id}/{asked}"),
        "choices": choices,
        "form": view,
    });
    page_with(deps, ctx, status, "retention/hold.html", &data)
}

/// A hold that this official may end, or confirm, with who entered it. Whoever reads its reason leaves an entry.
async fn looked(
    deps: &App,
    who: &OfficialPrincipal,
    id: Id,
    end: bool,
    now: DateTime<Utc>,
) -> AppResult<(Row, officials::Named)> {
    let by = who.clone();
    deps.store
        .write(move |tx| {
            let row: Row = holds::table.find(id).select(Row::as_select()).first(tx.conn())?;
            may(&row, &by, end, now)?;
            let entered = officials::named(tx.conn(), Some(row.entered_by), Some(row.office_id))?;
            let entry = Entry::new(&by, "hold.view", "retention-hold").object(id).subject(row.person_id);
            audit::append(tx, now, entry.detail(json!({"number": row.number})))?;
            Ok((row, entered))
        })
        .await
}

/// Whether a hold can be ended, or confirmed, by this official now.
fn may(row: &Row, by: &OfficialPrincipal, end: bool, now: DateTime<Utc>) -> AppResult<()> {
    let from = standing(row, now);
    if !(from == "open" || (end && from == "confirmed")) {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    if !end && row.entered_by == by.official_id {
        return Err(AppError::conflict("two-persons"));
    }
    Ok(())
}

/// Refuses a decision about a hold on what is the official's own; the case may be gone.
fn not_own(
    conn: &mut Conn,
    keys: &Keyring,
    (wall, slices): (&Wall, Slices),
    by: &OfficialPrincipal,
    row: &Row,
) -> AppResult<()> {
    Recusal::of(keys, by)?.not_about(conn, row.person_id, None)?;
    match Case::of(conn, wall, &row.kind, row.object_id)? {
        Some(case) => case.not_own(conn, (keys, slices), by),
        None => Ok(()),
    }
}

/// Confirms a hold, or ends it for a reason.
async fn decide(
    ctx: &Ctx,
    deps: &App,
    who: &OfficialPrincipal,
    id: Id,
    reason: Option<&str>,
) -> AppResult<HttpResponse> {
    let (keys, by, now) = (deps.keys.clone(), who.clone(), ctx.now);
    let (wall, slices) = (deps.part::<Arc<Wall>>()?.clone(), *deps.part::<Slices>()?);
    let sealed = reason.map(|text| deps.keys.seal_str(&end_context(id), text)).transpose()?;
    let (to, action, flash) = match sealed {
        Some(_) => ("ended", "hold.end", "hold-ended"),
        None => ("confirmed", "hold.confirm", "hold-confirmed"),
    };
    deps.store
        .write(move |tx| {
            let row: Row = holds::table.find(id).select(Row::as_select()).first(tx.conn())?;
            may(&row, &by, sealed.is_some(), now)?;
            not_own(tx.conn(), &keys, (&wall, slices), &by, &row)?;
            let open = holds::table.find(id).filter(holds::state.eq(&row.state));
            let written = diesel::update(open)
                .set((
                    holds::state.eq(to),
                    holds::decided_by.eq(Some(by.official_id)),
                    holds::decided_at.eq(Some(Ts::from(now))),
                ))
                .execute(tx.conn())?;
            if written != 1 {
                return Err(AppError::conflict("changed-meanwhile"));
            }
            if let Some(sealed) = sealed {
                let end = (hold_ends::hold_id.eq(id), hold_ends::reason_sealed.eq(sealed));
                diesel::insert_into(hold_ends::table).values(end).execute(tx.conn())?;
            }
            let entry = Entry::new(&by, action, "retention-hold").object(id).subject(row.person_id);
            audit::append(tx, now, entry.detail(json!({"number": row.number}))).map(drop)
        })
        .await?;
    Ok(see_other_with(deps, "/desk/holds", flash))
}
