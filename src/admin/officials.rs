//! Staff: list, add, and on one page an official's posts, reset and disabling.

use super::lists::{self, OfficialLine, Query};
use super::rights::{RightInput, hire, read_names};
use super::store::Reach;
use super::store_lists::{self, Offices, Post};
use super::views::{
    HiringPage, OfficialListed, OfficialPage, OfficialSorts, OfficialsPage, PostName, PostView, RightChoices,
    Waits,
};
use super::{Admin, AdminFresh, cascade, grave, identity, store};
use crate::access::Role;
use crate::audit::Actor;
use crate::db::{Id, Tx};
use crate::decision::{Act, Foreseen, previews};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::officials::{NewOfficial, hash, one_time_password};
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::t;
use crate::web::page::{self, page};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::{Choice, FormView, Pager};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

pub(super) async fn list(
    ctx: Ctx,
    deps: App,
    o: Official<Admin>,
    query: web::Query<Query>,
) -> AppResult<Answer<OfficialsPage>> {
    let path = "/admin/officials";
    let (lines, next) = lists::officials(&deps, &o, &query, ctx.now).await?;
    let older = next.map(|next| query.link(path, &query.sort, &next));
    let newer = (!query.after.is_empty()).then(|| query.link(path, &query.sort, ""));
    let pager = Pager { newer, older, shown: lines.len(), total: None };
    let sort = |code: &str| query.order(path, code);
    let state = |code: &&str| Choice::text(ctx.lang, code, &format!("admin-state-{code}"));
    let view = OfficialsPage {
        officials: lines.iter().map(|line| line_view(&ctx, line)).collect(),
        pager,
        form: FormView::new()
            .with("q", query.words())
            .with("role", query.role.clone())
            .with("state", query.state.clone())
            .with("sort", query.sort.clone()),
        roles: roles(&ctx),
        states: lists::STATES.iter().map(state).collect(),
        sorts: OfficialSorts { login: sort(""), name: sort("name"), seen: sort("last-sign-in") },
    };
    respond(&deps, &ctx, "admin/officials.html", &view)
}

fn roles(ctx: &Ctx) -> Vec<Choice> {
    Role::ALL.iter().map(|r| Choice::text(ctx.lang, r.code(), &format!("role-{r}"))).collect()
}

fn line_view(ctx: &Ctx, line: &OfficialLine) -> OfficialListed {
    let post = |p: &Post| PostName {
        role: t(ctx.lang, &format!("role-{}", p.role), &[]),
        office: office_name(ctx, &p.office, &p.office_en).to_owned(),
    };
    OfficialListed {
        id: line.row.id,
        login: line.row.login.clone(),
        name: line.row.name.clone(),
        state: state(&line.row, ctx.now),
        identified: line.row.doc_sealed.is_some(),
        posts: line.posts.iter().map(post).collect(),
        seen: line.row.last_signin_at,
    }
}

/// `disabled`, `locked` by wrong attempts, `new` until the first sign-in, else `active`.
pub(super) fn state(r: &store::OfficialRow, now: DateTime<Utc>) -> &'static str {
    if !r.active {
        "disabled"
    } else if r.locked_until.is_some_and(|until| until.0 > now) {
        "locked"
    } else if r.must_change {
        "new"
    } else {
        "active"
    }
}

/// An official's login, as pages show it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoginView {
    #[schema(value_type = String, format = Uuid)]
    id: Id,
    login: String,
    name: String,
    /// `disabled`, `locked`, `new`, `active`.
    state: &'static str,
    active: bool,
    /// Send it with what changes the login.
    version: i64,
}

pub(super) fn row(r: &store::OfficialRow, now: DateTime<Utc>) -> LoginView {
    let (login, name) = (r.login.clone(), r.name.clone());
    LoginView { id: r.id, login, name, state: state(r, now), active: r.active, version: r.version }
}

/// An office's name in the page's language; where there is no English one, the Chinese.
pub(super) fn office_name<'a>(ctx: &Ctx, name: &'a str, name_en: &'a str) -> &'a str {
    if ctx.english() && !name_en.is_empty() { name_en } else { name }
}

/// Choices of a form for a right: roles, offices, divisions.
async fn right_choices(
    deps: &Deps,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    view: &FormView,
) -> AppResult<RightChoices> {
    let reach = Reach::of(o, ctx.now);
    let offices = deps.store.read(move |c| store_lists::offices(c, &reach, &Offices::default(), 500)).await?;
    let offices: Vec<Choice> = offices
        .iter()
        .map(|o| {
            let place = crate::officials::division_name(&o.division, ctx.english());
            Choice::new(o.id.to_string(), format!("{} · {place}", office_name(ctx, &o.name, &o.name_en)))
        })
        .collect();
    let roles = roles(ctx);
    let levels = cascade::levels(ctx.lang, view, "division", &o.division);
    Ok(RightChoices { offices, roles, levels })
}

async fn new_form(
    deps: &Deps,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    (mut view, preview): (FormView, Option<Foreseen>),
    errors: &[FieldError],
) -> AppResult<Answer<HiringPage>> {
    page::fail(&mut view, ctx.lang, errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let right = right_choices(deps, ctx, o, &view).await?;
    let shown = HiringPage { form: view, preview, doc_kinds: document::choices(ctx.lang), right };
    respond_with(deps, ctx, status, "admin/official-new.html", &shown)
}

pub(super) async fn new_page(ctx: Ctx, deps: App, o: Official<AdminFresh>) -> AppResult<Answer<HiringPage>> {
    new_form(&deps, &ctx, &o, (FormView::new(), None), &[]).await
}

pub(super) async fn new_sent(
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    form: Form,
) -> AppResult<Answer<HiringPage>> {
    if form.has("cascade") {
        return new_form(&deps, &ctx, &o, (form.view(), None), &[]).await;
    }
    let mut errors = Vec::new();
    let (login, name) = read_names(form.get("login"), form.get("name"), &mut errors);
    let who = identity::read(&identity::Typed::of(&form), ctx.now, &mut errors);
    let right = RightInput::of(&form, &o.division, &mut errors).check(&o, ctx.now, &mut errors);
    let (Some(right), Some((document, phone)), true) = (right, who, errors.is_empty()) else {
        return new_form(&deps, &ctx, &o, (form.view(), None), &errors).await;
    };
    let (keys, now, by, reach) = (deps.keys.clone(), ctx.now, Actor::from(&*o), Reach::of(&o, ctx.now));
    let hiring = move |new: NewOfficial| {
        move |tx: &mut Tx<'_>| hire(tx, &keys, by, &reach, &new, &right, now).map(drop)
    };
    let done = if previews(&form) {
        // No first password is made for what is only shown.
        let work = hiring(NewOfficial::first(login, name, String::new(), document, phone));
        foreseen(&deps, &ctx, &o, work).await.map(Hired::Foreseen)
    } else {
        let first = one_time_password();
        let hashed = hash(ctx.client, first.clone()).await?;
        let work = hiring(NewOfficial::first(login.clone(), name, hashed, document, phone));
        deps.store.write(work).await.map(|()| Hired::Made(login, first))
    };
    match done {
        Ok(Hired::Made(login, first)) => password_page(&deps, &ctx, &login, &first).map(Into::into),
        Ok(Hired::Foreseen(preview)) => new_form(&deps, &ctx, &o, (form.view(), Some(preview)), &[]).await,
        Err(AppError::Invalid(errors)) => new_form(&deps, &ctx, &o, (form.view(), None), &errors).await,
        Err(e) => Err(e),
    }
}

/// What came of a form that hires.
enum Hired {
    /// Login and first password of the new official.
    Made(String, String),
    /// What the new official would be told.
    Foreseen(Foreseen),
}

/// What a new official would be told; nobody is hired.
async fn foreseen(
    deps: &App,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    work: impl FnOnce(&mut Tx<'_>) -> AppResult<()> + Send + 'static,
) -> AppResult<Foreseen> {
    let act = Act::of(deps, ctx, o, "admin.foresee");
    // Of somebody who is not there yet nothing can have changed meanwhile.
    act.foreseen(move |tx| work(tx).map(|()| Vec::new()), |_| Err(AppError::NotFound)).await
}

/// Shows a first password, once.
pub(super) fn password_page(deps: &Deps, ctx: &Ctx, login: &str, first: &str) -> AppResult<HttpResponse> {
    page(deps, ctx, "admin/password.html", &json!({"login": login, "password": first}))
}

pub(super) async fn one(
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    path: web::Path<Id>,
) -> AppResult<Answer<OfficialPage>> {
    one_page(&deps, &ctx, &o, path.into_inner(), (FormView::new(), None), &[]).await
}

pub(super) async fn one_page(
    deps: &Deps,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    id: Id,
    (mut view, preview): (FormView, Option<Foreseen>),
    errors: &[FieldError],
) -> AppResult<Answer<OfficialPage>> {
    page::fail(&mut view, ctx.lang, errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let reach = Reach::of(o, ctx.now);
    let (who, posts) = deps
        .store
        .read(move |c| Ok((store::official(c, &reach, id)?, store::assignments_of(c, id)?)))
        .await?;
    let (keys, lang) = (deps.keys.clone(), ctx.lang);
    let history = deps.store.read(move |c| grave::history(c, &keys, lang, id)).await?;
    let shown = OfficialPage {
        waits: waits(&who, o, ctx.now),
        official: row(&who, ctx.now),
        posts: posts.iter().map(|post| PostView::of(ctx, post)).collect(),
        own: id == o.official_id,
        history,
        who: identity::shown(&deps.keys, ctx.lang, &who)?,
        doc_kinds: document::choices(ctx.lang),
        right: right_choices(deps, ctx, o, &view).await?,
        preview,
        form: view,
    };
    respond_with(deps, ctx, status, "admin/official.html", &shown)
}

/// Until when a login waits, and whether another administrator has to vouch for it: this one made or reset it, or waits likewise.
fn waits(who: &store::OfficialRow, o: &OfficialPrincipal, now: DateTime<Utc>) -> Option<Waits> {
    let until = who.waits_until(now)?;
    let for_another = who.grave_by == Some(o.official_id) || o.waits_until(now).is_some();
    Some(Waits { until, for_another })
}
