//! What officials see: the certificates of their jurisdiction, one of them, paper again, and revocation by a doctor.

use super::issue::{self, Ended};
use super::model::{Row, State};
use super::pages::{View, paper, picture, view};
use super::store::{self, Filter};
use crate::audit::{self, Entry};
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::role_set;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::format;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail_missing, page, page_with, see_other_with};
use crate::web::paging::{self, PAGE_ROWS};
use crate::web::principal::OfficialPrincipal;
use crate::web::text;
use crate::web::view::{Choice, FormView, Pager};
use crate::worklist::blinds;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

role_set! {
    /// Who works with certificates.
    Staff = [VillageWorker, Doctor];
    /// Who revokes one, with a fresh second factor.
    Revoker = [Doctor] step_up true;
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    #[serde(skip)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

#[derive(Debug, Serialize)]
struct Item {
    number: String,
    name: String,
    document: String,
    word: String,
    tag: &'static str,
    issued: String,
    until: String,
}

pub(super) async fn list(
    req: HttpRequest,
    deps: App,
    who: Official<Staff>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    listed(&*Ctx::of(&req)?, &deps, &who, query.into_inner()).await
}

/// A search names a person, so it is posted: it must not stand in an address.
pub(super) async fn search(
    req: HttpRequest,
    deps: App,
    who: Official<Looks<Staff>>,
    form: Form,
) -> AppResult<HttpResponse> {
    let query =
        Query { q: form.get("q").to_owned(), state: form.get("state").to_owned(), after: String::new() };
    listed(&*Ctx::of(&req)?, &deps, &who, query).await
}

async fn listed(ctx: &Ctx, deps: &App, who: &OfficialPrincipal, query: Query) -> AppResult<HttpResponse> {
    let after = if query.after.is_empty() {
        None
    } else {
        Some(paging::read_cursor::<(DateTime<Utc>, Id)>(&query.after)?)
    };
    let typed = query.q.trim().to_owned();
    let states = State::ALL;
    let state = states.iter().find(|s| s.code() == query.state).map(|s| s.code().to_owned());
    let filter = Filter {
        pattern: who.pattern(),
        state: state.clone(),
        number: (!typed.is_empty()).then(|| normalise(&typed)),
        blind: if typed.is_empty() { Vec::new() } else { blinds(&deps.keys, &typed) },
        after,
        limit: PAGE_ROWS + 1,
    };
    let (parts, lang, now, actor) = (deps.clone(), ctx.lang, ctx.now, audit::Actor::from(who));
    let (items, next): (Vec<Item>, Option<String>) = deps
        .store
        .write(move |tx| {
            let (rows, more) = paging::cut(store::list(tx.conn(), &filter, now)?, PAGE_ROWS);
            let digest = rows.iter().fold(Sha256::new(), |d, r| d.chain_update(r.id.0.as_bytes())).finalize();
            let detail = json!({
                "state": filter.state, "search": filter.number.is_some(), "rows": rows.len(),
                "digest": crate::crypto::token::base64url(&digest),
            });
            audit::append(tx, now, Entry::new(actor, "certificate.list", "certificate").detail(detail))?;
            let next = match rows.last() {
                Some(last) if more => Some(paging::cursor(&(last.issued_at.0, last.id))?),
                _ => None,
            };
            let items: AppResult<Vec<Item>> =
                rows.iter().map(|r| item(tx.conn(), &parts.keys, r, lang, now)).collect();
            Ok((items?, next))
        })
        .await?;
    let older = next.filter(|_| typed.is_empty()).map(|after| {
        let pairs = [("state", query.state.as_str()), ("after", after.as_str())];
        format!("/desk/certificates?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
    });
    let pager = Pager { newer: None, older, shown: items.len(), total: None };
    let choices: Vec<Choice> = states
        .iter()
        .map(|s| Choice::text(ctx.lang, s.code(), &format!("certificate-state-{}", s.code())))
        .collect();
    let form = FormView::new().with("q", typed).with("state", query.state);
    let data = json!({"rows": items, "pager": pager, "states": choices, "filter": form, "form": form});
    page(deps, ctx, "certificates/desk-list.html", &data)
}

fn item(
    conn: &mut crate::db::Conn,
    keys: &crate::crypto::Keyring,
    row: &Row,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Item> {
    let person = crate::accounts::person(conn, keys, row.person_id)?;
    let state = store::state(row, now);
    Ok(Item {
        number: row.number.clone(),
        name: person.name.as_str().to_owned(),
        document: person.document.masked(),
        word: t(lang, &format!("certificate-state-{}", state.code()), &[]),
        tag: state.tag(),
        issued: format::datetime(lang, row.issued_at.0, true),
        until: format::until(lang, row.expires_at.0, true),
    })
}

async fn look(deps: &App, ctx: &Ctx, by: audit::Actor, pattern: String, number: &str) -> AppResult<View> {
    let (parts, lang, now, number) = (deps.clone(), ctx.lang, ctx.now, normalise(number));
    deps.store
        .write(move |tx| {
            let row = store::in_jurisdiction(tx.conn(), &pattern, &number)?;
            let entry = Entry::new(by, "certificate.view", "certificate").object(row.id);
            audit::append(tx, now, entry.subject(Some(row.person_id)))?;
            view(tx.conn(), &parts, &row, lang, now)
        })
        .await
}

pub(super) async fn one(
    req: HttpRequest,
    deps: App,
    who: Official<Staff>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let view = look(&deps, &ctx, (&*who).into(), who.pattern(), &number).await?;
    show(&deps, &ctx, &view, who.role == crate::access::Role::Doctor, FormView::new(), StatusCode::OK)
}

fn show(
    deps: &App,
    ctx: &Ctx,
    view: &View,
    doctor: bool,
    form: FormView,
    status: StatusCode,
) -> AppResult<HttpResponse> {
    let may_revoke = doctor && view.counts;
    let data = json!({"c": view, "qr": picture(view, ctx.lang)?, "may_revoke": may_revoke, "form": form});
    page_with(deps, ctx, status, "certificates/desk-one.html", &data)
}

pub(super) async fn print(
    req: HttpRequest,
    deps: App,
    who: Official<Staff>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let view = look(&deps, &ctx, (&*who).into(), who.pattern(), &number).await?;
    paper(&deps, &ctx, &view)
}

pub(super) async fn revoke(
    req: HttpRequest,
    deps: App,
    who: Official<Revoker>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let mut errors = Vec::new();
    let mut written = |field: &str| text::lines(field, form.get(field), 500).map_err(|e| errors.push(e)).ok();
    let (Some(reason), Some(remedy)) = (written("reason"), written("remedy")) else {
        let view = look(&deps, &ctx, (&*who).into(), who.pattern(), &number).await?;
        let mut shown = form.view();
        fail_missing(&mut shown, ctx.lang, "desk-missing", &errors);
        return show(&deps, &ctx, &view, true, shown, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let why = Ended {
        version: form.get("version").parse().map_err(|_| AppError::BadRequest("body-malformed"))?,
        reason,
        remedy,
    };
    let (keys, now, by, wanted) = (deps.keys.clone(), ctx.now, (*who).clone(), normalise(&number));
    deps.store.write(move |tx| issue::revoke(tx, &keys, &by, &wanted, &why, now)).await?;
    Ok(see_other_with(&deps, &format!("/desk/certificates/{}", normalise(&number)), "certificate-revoked"))
}
