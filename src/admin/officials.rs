//! Staff: list, add, and on one page an official's posts, reset and disabling.

use super::lists::{self, OfficialLine, Query};
use super::rights::{RightInput, hire, read_names};
use super::store::Reach;
use super::store_lists::{self, Offices};
use super::{Admin, AdminFresh, cascade, grave, identity, store};
use crate::access::Role;
use crate::audit::Actor;
use crate::db::Id;
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::officials::{NewOfficial, hash, one_time_password};
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::t;
use crate::web::page::{self, page, page_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, FormView, Pager};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub(super) async fn list(
    req: HttpRequest,
    deps: App,
    o: Official<Admin>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let path = "/admin/officials";
    let (lines, next) = lists::officials(&deps, &o, &query, ctx.now).await?;
    let older = next.map(|next| query.link(path, &query.sort, &next));
    let newer = (!query.after.is_empty()).then(|| query.link(path, &query.sort, ""));
    let pager = Pager { newer, older, shown: lines.len(), total: None };
    let sort = |code: &str| json!({"current": query.sort == code, "href": query.link(path, code, "")});
    let state = |code: &&str| Choice::text(ctx.lang, code, &format!("admin-state-{code}"));
    let data = json!({
        "officials": lines.iter().map(|line| line_view(&ctx, line)).collect::<Vec<_>>(),
        "pager": pager,
        "form": FormView::new()
            .with("q", query.words())
            .with("role", query.role.clone())
            .with("state", query.state.clone())
            .with("sort", query.sort.clone()),
        "roles": roles(&ctx),
        "states": lists::STATES.iter().map(state).collect::<Vec<_>>(),
        "sorts": {"login": sort(""), "name": sort("name"), "seen": sort("last-sign-in")},
    });
    page(&deps, &ctx, "admin/officials.html", &data)
}

fn roles(ctx: &Ctx) -> Vec<Choice> {
    Role::ALL.iter().map(|r| Choice::text(ctx.lang, r.code(), &format!("role-{r}"))).collect()
}

fn line_view(ctx: &Ctx, line: &OfficialLine) -> Value {
    let posts = line.posts.iter().map(|p| {
        json!({
            "role": t(ctx.lang, &format!("role-{}", p.role), &[]),
            "office": office_name(ctx, &p.office, &p.office_en),
        })
    });
    let more = json!({"posts": posts.collect::<Vec<_>>(), "seen": line.row.last_signin_at});
    merged(row(&line.row, ctx.now), more)
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

pub(super) fn row(r: &store::OfficialRow, now: DateTime<Utc>) -> Value {
    json!({
        "id": r.id.to_string(), "login": r.login, "name": r.name, "state": state(r, now), "active": r.active,
        "identified": r.doc_sealed.is_some(), "version": r.version,
    })
}

/// An office's name in the page's language; where there is no English one, the Chinese.
pub(super) fn office_name<'a>(ctx: &Ctx, name: &'a str, name_en: &'a str) -> &'a str {
    if ctx.english() && !name_en.is_empty() { name_en } else { name }
}

/// Choices of a form for a right: roles, offices, divisions.
async fn right_data(deps: &Deps, ctx: &Ctx, o: &OfficialPrincipal, view: &FormView) -> AppResult<Value> {
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
    Ok(json!({"offices": offices, "roles": roles, "levels": levels}))
}

fn merged(mut data: Value, more: Value) -> Value {
    if let (Some(map), Value::Object(more)) = (data.as_object_mut(), more) {
        map.extend(more);
    }
    data
}

async fn new_form(
    deps: &Deps,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    mut view: FormView,
    errors: &[FieldError],
) -> AppResult<HttpResponse> {
    page::fail(&mut view, ctx.lang, errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let data = json!({"form": view, "doc_kinds": document::choices(ctx.lang)});
    let data = merged(right_data(deps, ctx, o, &view).await?, data);
    page_with(deps, ctx, status, "admin/official-new.html", &data)
}

pub(super) async fn new_page(
    req: HttpRequest,
    deps: App,
    o: Official<AdminFresh>,
) -> AppResult<HttpResponse> {
    let view = FormView::new();
    new_form(&deps, &*Ctx::of(&req)?, &o, view, &[]).await
}

pub(super) async fn new_sent(
    req: HttpRequest,
    deps: App,
    o: Official<AdminFresh>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    if form.has("cascade") {
        return new_form(&deps, &ctx, &o, form.view(), &[]).await;
    }
    let mut errors = Vec::new();
    let (login, name) = read_names(form.get("login"), form.get("name"), &mut errors);
    let who = identity::read(&identity::Typed::of(&form), ctx.now, &mut errors);
    let right = RightInput::of(&form, &o.division, &mut errors).check(&o, ctx.now, &mut errors);
    let (Some(right), Some((document, phone)), true) = (right, who, errors.is_empty()) else {
        return new_form(&deps, &ctx, &o, form.view(), &errors).await;
    };
    let first = one_time_password();
    let hashed = hash(ctx.client, first.clone()).await?;
    let new = NewOfficial::first(login.clone(), name, hashed, document, phone);
    let (keys, now, by, reach) = (deps.keys.clone(), ctx.now, Actor::from(&*o), Reach::of(&o, ctx.now));
    match deps.store.write(move |tx| hire(tx, &keys, by, &reach, &new, &right, now)).await {
        Ok(_) => password_page(&deps, &ctx, &login, &first),
        Err(AppError::Invalid(errors)) => new_form(&deps, &ctx, &o, form.view(), &errors).await,
        Err(e) => Err(e),
    }
}

/// Shows a first password, once.
pub(super) fn password_page(deps: &Deps, ctx: &Ctx, login: &str, first: &str) -> AppResult<HttpResponse> {
    page(deps, ctx, "admin/password.html", &json!({"login": login, "password": first}))
}

pub(super) async fn one(
    req: HttpRequest,
    deps: App,
    o: Official<AdminFresh>,
    path: web::Path<Id>,
) -> AppResult<HttpResponse> {
    let view = FormView::new();
    one_page(&deps, &*Ctx::of(&req)?, &o, path.into_inner(), view, &[]).await
}

pub(super) async fn one_page(
    deps: &Deps,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    id: Id,
    mut view: FormView,
    errors: &[FieldError],
) -> AppResult<HttpResponse> {
    page::fail(&mut view, ctx.lang, errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let reach = Reach::of(o, ctx.now);
    let (who, posts) = deps
        .store
        .read(move |c| Ok((store::official(c, &reach, id)?, store::assignments_of(c, id)?)))
        .await?;
    let (keys, lang) = (deps.keys.clone(), ctx.lang);
    let history = deps.store.read(move |c| grave::history(c, &keys, lang, id)).await?;
    let posts: Vec<Value> = posts
        .iter()
        .map(|a| {
            json!({
                "id": a.id.to_string(),
                "office": office_name(ctx, &a.office, &a.office_en),
                "role": t(ctx.lang, &format!("role-{}", a.role), &[]),
                "division": crate::officials::division_name(&a.division, ctx.english()),
                "from": a.from,
                "to": a.to,
                "over": a.to.is_some_and(|to| to.0 <= ctx.now),
                "substitute": a.substitute_for.is_some(),
            })
        })
        .collect();
    let own = id == o.official_id;
    let data = json!({
        "waits": waits(&who, o, ctx.now),
        "official": row(&who, ctx.now), "posts": posts, "own": own, "history": history, "form": view,
        "who": identity::shown(&deps.keys, ctx.lang, &who)?, "doc_kinds": document::choices(ctx.lang),
    });
    let data = merged(right_data(deps, ctx, o, &view).await?, data);
    page_with(deps, ctx, status, "admin/official.html", &data)
}

/// Until when a login waits, and whether this administrator does not vouch for it: who made or reset it, or waits likewise.
fn waits(who: &store::OfficialRow, o: &OfficialPrincipal, now: DateTime<Utc>) -> Option<Value> {
    let until = who.waits_until(now)?;
    let mine = who.grave_by == Some(o.official_id) || o.waits_until(now).is_some();
    Some(json!({"until": until, "mine": mine}))
}
