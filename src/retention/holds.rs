//! Legal holds: an official of the province names a case, or everything of the person of that case, that must not be
//! destroyed although its time is over. A reason and an end are needed; it counts at once, and lapses after a week
//! unless somebody else confirms it; at its review somebody looks whether it is still needed.

use super::case::Case;
use super::holds_list::Holds;
use super::pages::{self, KindWords};
use super::settle::{decide, stands};
use super::store_holds;
use crate::access::Role;
use crate::audit::{self, Entry};
use crate::clock::{china_day, end_of_day};
use crate::crypto::FieldContext;
use crate::db::schema::retention_holds as holds;
use crate::db::{Id, Ts, Tx};
use crate::decision::{Act, Reading, Sent};
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
use crate::web::i18n::t;
use crate::web::page::{fail, see_other, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::{Choice, FormView};
use crate::worklist;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Days, Duration, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use utoipa::ToSchema;

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
pub(super) struct Row {
    pub(super) id: Id,
    pub(super) number: String,
    pub(super) kind: String,
    pub(super) object_id: Id,
    pub(super) person_id: Option<Id>,
    pub(super) reason_sealed: Vec<u8>,
    pub(super) state: String,
    pub(super) until: Ts,
    pub(super) review_at: Ts,
    pub(super) entered_by: Id,
    pub(super) office_id: Id,
    pub(super) created_at: Ts,
    pub(super) decided_by: Option<Id>,
    pub(super) decided_at: Option<Ts>,
}

fn context(id: Id) -> FieldContext<'static> {
    FieldContext { table: "retention_holds", column: "reason_sealed", row: id.0 }
}

pub(super) fn end_context(id: Id) -> FieldContext<'static> {
    FieldContext { table: "hold_ends", column: "reason_sealed", row: id.0 }
}

/// A hold.
#[derive(Debug, Serialize, ToSchema)]
struct HoldLine {
    #[schema(value_type = String, format = Uuid)]
    id: Id,
    number: String,
    /// The kind of record.
    kind: KindWords,
    /// Whether it is on everything of the person.
    whole: bool,
    reason: String,
    /// Why it was ended.
    ended: Option<String>,
    /// `open`, `lapsed`, `confirmed`, `over`, `refused`, `ended`.
    standing: &'static str,
    #[schema(value_type = DateTime<Utc>)]
    until: Ts,
    /// When somebody looks whether it is still needed.
    #[schema(value_type = DateTime<Utc>)]
    review: Ts,
    /// Whether that is overdue.
    late: bool,
    #[schema(value_type = DateTime<Utc>)]
    created: Ts,
    /// Whether the official has entered it.
    own: bool,
}

/// A hold to be read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OneHold {
    r: HoldLine,
    /// Who entered it.
    who: String,
    office: String,
    /// Whether the official enters, confirms and ends holds.
    may: bool,
}

/// A hold that is decided.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoldPage {
    r: HoldLine,
    /// Who entered it.
    who: String,
    office: String,
    /// Where the decision is sent.
    action: String,
    choices: Vec<Choice>,
    form: FormView,
}

/// `GET /desk/holds/{id}`: all of a hold, and what can be done with it. Whoever reads its reason leaves an entry.
pub(super) async fn one(
    ctx: Ctx,
    deps: App,
    who: Official<HoldView>,
    id: web::Path<Id>,
) -> AppResult<Answer<OneHold>> {
    let (id, by) = (*id, (*who).clone());
    let now = ctx.now;
    let (row, ended, entered) = deps
        .store
        .write(move |tx| {
            let (row, ended) = store_holds::one(tx.conn(), id)?;
            let entered = officials::named(tx.conn(), Some(row.entered_by), Some(row.office_id))?;
            noted(tx, &row, &by, now)?;
            Ok((row, ended, entered))
        })
        .await?;
    let ended = ended.map(|sealed| deps.keys.open_str(&end_context(id), &sealed)).transpose()?;
    let shown = OneHold {
        r: HoldLine {
            ended: ended.map(|reason| reason.as_str().to_owned()),
            ..view(&deps, &ctx, &who, &row)?
        },
        who: entered.who,
        office: if ctx.english() { entered.office_en } else { entered.office },
        may: who.role == Role::ProvinceOperator,
    };
    respond(&deps, &ctx, "retention/one-hold.html", &shown)
}

/// That somebody has read a hold.
fn noted(tx: &mut Tx<'_>, row: &Row, by: &OfficialPrincipal, now: DateTime<Utc>) -> AppResult<()> {
    let entry = Entry::new(by, "hold.view", "retention-hold").object(row.id).subject(row.person_id);
    audit::append(tx, now, entry.detail(json!({"number": row.number}))).map(drop)
}

/// How a hold stands: `open`, `lapsed`, `confirmed`, `over`, `refused` or `ended`.
pub(super) fn standing(row: &Row, now: DateTime<Utc>) -> &'static str {
    match row.state.as_str() {
        "refused" => "refused",
        "ended" => "ended",
        _ if row.until.0 <= now => "over",
        "confirmed" => "confirmed",
        _ if row.created_at.0 <= now - UNCONFIRMED => "lapsed",
        _ => "open",
    }
}

/// Whether somebody should have looked by now whether it is still needed.
pub(super) fn is_late(row: &Row, now: DateTime<Utc>) -> bool {
    standing(row, now) == "confirmed" && row.review_at.0 <= now
}

fn view(deps: &Deps, ctx: &Ctx, who: &OfficialPrincipal, row: &Row) -> AppResult<HoldLine> {
    let standing = standing(row, ctx.now);
    Ok(HoldLine {
        id: row.id,
        number: row.number.clone(),
        kind: pages::words(deps, ctx.lang, &row.kind, ctx.now)?,
        whole: row.person_id.is_some(),
        reason: deps.keys.open_str(&context(row.id), &row.reason_sealed)?.as_str().to_owned(),
        ended: None,
        standing,
        until: row.until,
        review: row.review_at,
        late: is_late(row, ctx.now),
        created: row.created_at,
        own: row.entered_by == who.official_id,
    })
}

/// `POST /desk/holds`: enters a hold.
pub(super) async fn enter(
    ctx: Ctx,
    deps: App,
    who: Official<HoldChange>,
    form: Form,
) -> AppResult<HttpResponse> {
    let mut view = form.view();
    let typed = read(&form, &mut view, &ctx);
    let number = number::normalise(form.get("number"));
    let (wall, slices) = (deps.part::<Arc<Wall>>()?.clone(), *deps.part::<Slices>()?);
    let found = deps.store.read(move |conn| Case::numbered(conn, &wall, &number)).await?;
    if found.is_none() {
        fail(&mut view, ctx.lang, &[FieldError::new("number", "no-such-case")]);
    }
    let (Some((reason, until)), Some(found)) = (typed, found) else {
        return worklist::again::<Holds>(&deps, &ctx, &who, view).await;
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
    let work = move |tx: &mut Tx<'_>| {
        found.not_own(tx.conn(), (&keys, slices), &by)?;
        row.number = number::new(tx.conn(), Numbered::Hold, now)?;
        store(tx, &row, &by, now)
    };
    Act::of(&deps, &ctx, &who, "hold.enter").once(&Sent::form("", &form)?, work).await?;
    Ok(see_other_with(&deps, "/desk/holds", "hold-entered"))
}

fn store(tx: &mut Tx<'_>, row: &Row, by: &OfficialPrincipal, now: DateTime<Utc>) -> AppResult<()> {
    diesel::insert_into(holds::table).values(row).execute(tx.conn())?;
    let entry = Entry::new(by, "hold.enter", "retention-hold").object(row.id).subject(row.person_id);
    let detail = json!({"number": row.number, "kind": row.kind, "until": row.until});
    audit::append(tx, now, entry.detail(detail)).map(drop)
}

/// The reason, which every act has.
fn written(form: &Form) -> Result<String, Vec<FieldError>> {
    let mut reading = Reading::of(form);
    let reason = reading.needed("reason");
    reading.done(reason)
}

/// Reason and end of a hold.
fn read(form: &Form, view: &mut FormView, ctx: &Ctx) -> Option<(String, DateTime<Utc>)> {
    let reason = written(form).map_err(|errors| fail(view, ctx.lang, &errors)).ok();
    let today = china_day(ctx.now);
    let until = match view.date("until") {
        Ok(Some(day)) if day >= today && day <= today + Days::new(LONGEST) => Some(end_of_day(day)),
        Ok(_) => {
            fail(view, ctx.lang, &[FieldError::new("until", "hold-end")]);
            None
        }
        Err(e) => {
            view.fail("until", t(ctx.lang, e.key(), &[]));
            None
        }
    };
    if view.has_errors() { None } else { reason.zip(until) }
}

/// `POST /desk/holds/{id}/confirm`: by somebody else.
pub(super) async fn confirm(
    ctx: Ctx,
    deps: App,
    who: Official<HoldChange>,
    id: web::Path<Id>,
    form: Form,
) -> AppResult<Answer<HoldPage>> {
    ask_or_decide(&ctx, &deps, &who, *id, "confirm", &form).await
}

/// `POST /desk/holds/{id}/end`: it is no longer needed.
pub(super) async fn end(
    ctx: Ctx,
    deps: App,
    who: Official<HoldChange>,
    id: web::Path<Id>,
    form: Form,
) -> AppResult<Answer<HoldPage>> {
    ask_or_decide(&ctx, &deps, &who, *id, "end", &form).await
}

/// Shows the hold and what the decision does, until it is chosen expressly; an end needs a reason.
async fn ask_or_decide(
    ctx: &Ctx,
    deps: &App,
    who: &OfficialPrincipal,
    id: Id,
    asked: &'static str,
    form: &Form,
) -> AppResult<Answer<HoldPage>> {
    let mut view = form.view();
    match form.get("decision") {
        _ if !form.has("asked") => {}
        "confirm" if asked == "confirm" => {
            return decide(ctx, deps, who, id, None, form).await.map(Into::into);
        }
        "leave" => return Ok(see_other("/desk/holds").into()),
        "end" => match written(form) {
            Ok(reason) => return decide(ctx, deps, who, id, Some(&reason), form).await.map(Into::into),
            Err(errors) => fail(&mut view, ctx.lang, &errors),
        },
        _ => fail(&mut view, ctx.lang, &[FieldError::new("decision", "required")]),
    }
    let looked = looked(deps, who, id, asked == "end", ctx.now).await;
    let (lang, now) = (ctx.lang, ctx.now);
    let told = Act::of(deps, ctx, who, "hold.decide").or_told(looked, move |c| stands(c, id, lang, now));
    let (row, entered) = told.await?;
    let status = if view.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut choices = vec![Choice::text(ctx.lang, "end", "holds-choice-end")];
    if asked == "confirm" {
        choices.insert(0, Choice::text(ctx.lang, "confirm", "holds-choice-confirm"));
    }
    choices.push(Choice::text(ctx.lang, "leave", "holds-choice-leave"));
    let shown = HoldPage {
        r: self::view(deps, ctx, who, &row)?,
        who: entered.who,
        office: if ctx.english() { entered.office_en } else { entered.office },
        action: format!("/desk/holds/{id}/{asked}"),
        choices,
        form: view,
    };
    respond_with(deps, ctx, status, "retention/hold.html", &shown)
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
            noted(tx, &row, &by, now)?;
            Ok((row, entered))
        })
        .await
}

/// Whether a hold can be ended, or confirmed, by this official now.
pub(super) fn may(row: &Row, by: &OfficialPrincipal, end: bool, now: DateTime<Utc>) -> AppResult<()> {
    let from = standing(row, now);
    if !(from == "open" || (end && from == "confirmed")) {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    if !end && row.entered_by == by.official_id {
        return Err(AppError::conflict("two-persons"));
    }
    Ok(())
}
