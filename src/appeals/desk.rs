//! The reviewer's side: what waits in the jurisdiction, one case with its evidence, the decision.

use super::Reviewer;
use super::model::{Row, calendar, definition};
use super::service;
use super::{pages, store};
use crate::accounts;
use crate::audit::{self, Entry};
use crate::codes;
use crate::colour::Colours;
use crate::db::{Id, Tx};
use crate::decision::Foreseen;
use crate::deps::App;
use crate::error::AppResult;
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::{page, page_with};
use crate::web::paging::{self, PAGE_ROWS};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, ClockView, FormView, Pager};
use crate::workflow;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    #[serde(default)]
    tab: String,
    #[serde(default)]
    after: String,
}

/// `GET /desk/appeals`.
pub(super) async fn list(
    req: HttpRequest,
    deps: App,
    who: Official<Reviewer>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let open = query.tab != "decided";
    let after: Option<Id> =
        if query.after.is_empty() { None } else { Some(paging::read_cursor(&query.after)?) };
    let (parts, by, lang, now) = (deps.clone(), (*who).clone(), ctx.lang, ctx.now);
    let (rows, waiting, more) = deps
        .store
        .write(move |tx| {
            let pattern = by.pattern();
            let rows = store::list(tx.conn(), &pattern, open, after, PAGE_ROWS + 1)?;
            let (rows, more) = paging::cut(rows, PAGE_ROWS);
            let digest = rows.iter().fold(Sha256::new(), |d, r| d.chain_update(r.id.0.as_bytes())).finalize();
            let detail = json!({"open": open, "rows": rows.len(), "digest": hex::encode(digest)});
            audit::append(tx, now, Entry::new(&by, "appeal.list", "appeal").detail(detail))?;
            let next = rows.last().filter(|_| more).map(|last| paging::cursor(&last.id)).transpose()?;
            let shown: AppResult<Vec<Value>> = rows.iter().map(|r| item(tx, &parts, r, lang, now)).collect();
            Ok((shown?, store::waiting(tx.conn(), &pattern)?, next))
        })
        .await?;
    let tab = if open { "open" } else { "decided" };
    let older = more.map(|after| format!("/desk/appeals?tab={tab}&after={after}"));
    let pager = Pager { newer: None, older, shown: rows.len(), total: None };
    let tabs = json!([
        {"href": "/desk/appeals", "label": t(lang, "appeals-tab-open", &[]), "count": waiting, "current": open},
        {"href": "/desk/appeals?tab=decided", "label": t(lang, "appeals-tab-decided", &[]), "current": !open},
    ]);
    let office = who.office_name(ctx.english());
    page(
        &deps,
        &ctx,
        "appeals/list.html",
        &json!({"rows": rows, "tabs": tabs, "pager": pager, "office": office}),
    )
}

fn item(tx: &mut Tx<'_>, deps: &App, row: &Row, lang: Lang, now: DateTime<Utc>) -> AppResult<Value> {
    let holder = codes::holder(tx.conn(), &deps.keys, row.person_id)?;
    let mut shown = pages::view(deps, row, lang, now)?;
    if let Value::Object(map) = &mut shown {
        map.insert("name".into(), holder.name.clone().into());
        map.insert("document".into(), codes::pages::document(lang, &holder).into());
        map.insert("clock".into(), json!(clock(row, lang, now)?));
    }
    Ok(shown)
}

fn clock(row: &Row, lang: Lang, now: DateTime<Utc>) -> AppResult<Option<ClockView>> {
    let (clocks, calendar) = (row.clocks()?, calendar()?);
    let Some((_, clock)) = clocks.current() else { return Ok(None) };
    let Some(due) = clock.due_at(calendar) else { return Ok(None) };
    Ok(Some(ClockView::running(lang, clock.remaining(now, calendar).value, due.at, now)))
}

/// `GET /desk/appeals/{number}`.
pub(super) async fn one(
    req: HttpRequest,
    deps: App,
    who: Official<Reviewer>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    show(&deps, &ctx, &who, &normalise(&number), (FormView::new(), None), StatusCode::OK).await
}

pub(super) async fn show(
    deps: &App,
    ctx: &Ctx,
    by: &OfficialPrincipal,
    number: &str,
    (form, preview): (FormView, Option<Foreseen>),
    status: StatusCode,
) -> AppResult<HttpResponse> {
    let (parts, by, number, lang, now) = (deps.clone(), by.clone(), number.to_owned(), ctx.lang, ctx.now);
    let mut data = deps
        .store
        .write(move |tx| {
            let row = store::here(tx.conn(), &by.pattern(), &number)?;
            let entry = Entry::new(&by, "appeal.view", "appeal").object(row.id);
            audit::append(tx, now, entry.subject(Some(row.person_id)))?;
            case(tx, &parts, &by, &row, lang, now)
        })
        .await?;
    if let Value::Object(map) = &mut data {
        map.insert("form".into(), json!(form));
        map.insert("preview".into(), json!(preview));
    }
    page_with(deps, ctx, status, "appeals/case.html", &data)
}

fn case(
    tx: &mut Tx<'_>,
    deps: &App,
    by: &OfficialPrincipal,
    row: &Row,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Value> {
    let cause = row.statement(&deps.keys)?.cause;
    let ground = codes::ground(tx.conn(), deps, row.person_id, &cause, now)?;
    let facts = service::facts(tx.conn(), deps, by, row, &ground, now)?;
    let own_case = accounts::looking(service::own_case(tx.conn(), deps, by, row))?;
    let actor = workflow::Actor::Official { role: by.role.code(), own_case };
    let offered = workflow::choices(definition()?, &row.state, actor, &facts);
    let may = |a: &&workflow::ActionInfo| a.refusal.is_none();
    let actions: Vec<Choice> = offered.iter().filter(may).map(|a| choice(lang, &a.name)).collect();
    let evidence: Vec<Value> = ground
        .evidence(&deps.keys)?
        .iter()
        .map(|e| json!({"kind": t(lang, &e.kind, &[]), "at": e.at, "source": e.source, "place": e.place}))
        .collect();
    let present = Colours::of(deps)?.now(tx.conn(), row.person_id, now)?;
    Ok(json!({
        "a": item(tx, deps, row, lang, now)?,
        "present": codes::pages::present(lang, &present),
        "evidence": evidence,
        "found": row.statement(&deps.keys)?.found,
        // Of setting aside by oneself and for a second one only one is offered, to whoever may.
        "took_part": !offered.is_empty() && actions.is_empty(),
        "actions": actions,
    }))
}

/// A decision as the form offers it. Setting aside what officers found is the same wish; that a second one has to confirm
/// it, its hint says.
fn choice(lang: Lang, action: &str) -> Choice {
    let value = if action == "propose" { "overturn" } else { action };
    let mut choice = Choice::text(lang, value, &format!("appeal-action-{value}"));
    choice.hint = t(lang, &format!("appeal-action-{action}-hint"), &[]);
    choice
}
