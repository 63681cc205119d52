//! Offices: list, add, change.

use super::lists::{self, OfficeLine, Query};
use super::rights::OfficeInput;
use super::store::Reach;
use super::views::{OfficeListed, OfficePage, OfficeSorts, OfficesPage};
use super::{Admin, AdminFresh, cascade, store};
use crate::audit::Actor;
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Happened, Sent, Standing};
use crate::deps::{App, Deps};
use crate::error::{AppResult, FieldError};
use crate::officials::{NewOffice, OfficeDuty, OfficeKind, add_office};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::t;
use crate::web::page::{self, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::{Choice, FormView, Pager};
use actix_web::http::StatusCode;
use actix_web::web;

pub(super) async fn list(
    ctx: Ctx,
    deps: App,
    o: Official<Admin>,
    query: web::Query<Query>,
) -> AppResult<Answer<OfficesPage>> {
    let path = "/admin/offices";
    let (lines, next) = lists::offices(&deps, &o, &query, ctx.now).await?;
    let older = next.map(|next| query.link(path, &query.sort, &next));
    let newer = (!query.after.is_empty()).then(|| query.link(path, &query.sort, ""));
    let pager = Pager { newer, older, shown: lines.len(), total: None };
    let view = OfficesPage {
        offices: lines.iter().map(|line| line_view(&ctx, line)).collect(),
        pager,
        form: FormView::new()
            .with("q", query.words())
            .with("kind", query.kind.clone())
            .with("sort", query.sort.clone()),
        kinds: kinds(&ctx),
        sorts: OfficeSorts { name: query.order(path, "name"), division: query.order(path, "") },
    };
    respond(&deps, &ctx, "admin/offices.html", &view)
}

fn line_view(ctx: &Ctx, line: &OfficeLine) -> OfficeListed {
    let r = &line.row;
    OfficeListed {
        id: r.id,
        name: r.name.clone(),
        name_en: r.name_en.clone(),
        kind: t(ctx.lang, &format!("office-kind-{}", r.kind), &[]),
        division: crate::officials::division_name(&r.division, ctx.english()),
        phone: r.phone.clone(),
        duty: r.duty.as_ref().map(|d| t(ctx.lang, &format!("office-duty-{d}"), &[])),
        staff: line.staff,
    }
}

fn kinds(ctx: &Ctx) -> Vec<Choice> {
    let kind = |k: OfficeKind| Choice::text(ctx.lang, k.code(), &format!("office-kind-{}", k.code()));
    OfficeKind::ALL.into_iter().map(kind).collect()
}

fn form_page(
    deps: &Deps,
    ctx: &Ctx,
    own: &str,
    action: &str,
    mut view: FormView,
    errors: &[FieldError],
) -> AppResult<Answer<OfficePage>> {
    page::fail(&mut view, ctx.lang, errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let kinds = kinds(ctx);
    let duties: Vec<Choice> = OfficeDuty::ALL
        .into_iter()
        .map(|d| Choice::text(ctx.lang, d.code(), &format!("office-duty-{}", d.code())))
        .collect();
    let levels = cascade::levels(ctx.lang, &view, "division", own);
    let shown = OfficePage { action: action.to_owned(), form: view, kinds, duties, levels };
    respond_with(deps, ctx, status, "admin/office.html", &shown)
}

pub(super) async fn new_page(ctx: Ctx, deps: App, o: Official<AdminFresh>) -> AppResult<Answer<OfficePage>> {
    let view = FormView::new();
    form_page(&deps, &ctx, &o.division, "/admin/offices/new", view, &[])
}

pub(super) async fn new_sent(
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    form: Form,
) -> AppResult<Answer<OfficePage>> {
    if form.has("cascade") {
        return form_page(&deps, &ctx, &o.division, "/admin/offices/new", form.view(), &[]);
    }
    let new = match OfficeInput::of(&form, &o.division).check(&o) {
        Ok(new) => new,
        Err(errors) => {
            return form_page(&deps, &ctx, &o.division, "/admin/offices/new", form.view(), &errors);
        }
    };
    let (now, by) = (ctx.now, Actor::from(&*o));
    let work = move |tx: &mut Tx<'_>| add_office(tx, by, &new, now);
    Act::of(&deps, &ctx, &o, "admin.office").once(&Sent::form("", &form)?, work).await?;
    Ok(see_other_with(&deps, "/admin/offices", "office-saved").into())
}

pub(super) async fn edit_page(
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    path: web::Path<Id>,
) -> AppResult<Answer<OfficePage>> {
    let id = path.into_inner();
    let reach = Reach::of(&o, ctx.now);
    let office = deps.store.read(move |c| store::office(c, &reach, id)).await?;
    let mut view = FormView::new()
        .with("name", office.name)
        .with("name_en", office.name_en)
        .with("kind", office.kind)
        .with("duty", office.duty.unwrap_or_default())
        .with("phone", office.phone)
        .with("version", office.version.to_string());
    view = cascade::fill(view, "division", &office.division, &o.division);
    form_page(&deps, &ctx, &o.division, &format!("/admin/offices/{id}"), view, &[])
}

pub(super) async fn edit_sent(
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    path: web::Path<Id>,
    form: Form,
) -> AppResult<Answer<OfficePage>> {
    let id = path.into_inner();
    let (action, reach) = (format!("/admin/offices/{id}"), Reach::of(&o, ctx.now));
    let sought = reach.clone();
    deps.store.read(move |c| store::office(c, &sought, id)).await?;
    if form.has("cascade") {
        return form_page(&deps, &ctx, &o.division, &action, form.view(), &[]);
    }
    let new = match OfficeInput::of(&form, &o.division).check(&o) {
        Ok(new) => new,
        Err(errors) => return form_page(&deps, &ctx, &o.division, &action, form.view(), &errors),
    };
    let version: i64 = form.get("version").parse().unwrap_or(0);
    change(&deps, &ctx, &o, (id, version, new), &Sent::form(&id.to_string(), &form)?).await?;
    Ok(see_other_with(&deps, "/admin/offices", "office-saved").into())
}

/// Changes an office once, if nobody has changed it since the version that was seen.
///
/// # Errors
/// As [`store::update_office`]; [`crate::error::AppError::Overtaken`] when somebody was faster.
pub(super) async fn change(
    deps: &App,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    (id, version, new): (Id, i64, NewOffice),
    sent: &Sent,
) -> AppResult<()> {
    let (by, reach, lang) = (Actor::from(o), Reach::of(o, ctx.now), ctx.lang);
    let sought = reach.clone();
    let standing = move |conn: &mut Conn| {
        let row = store::office(conn, &sought, id)?;
        let grown = row.version - version;
        Ok(Standing {
            page: format!("/admin/offices/{id}"),
            back: "decision-back",
            state: if row.active { "active" } else { "closed" }.to_owned(),
            word: row.name,
            version: Some(row.version),
            happened: Happened::recorded(conn, id, &["office.update"], grown, lang)?,
        })
    };
    let work = move |tx: &mut Tx<'_>| store::update_office(tx, by, &reach, id, version, &new);
    Act::of(deps, ctx, o, "admin.office.change").done(sent, work, standing).await
}
