//! The reviewer's side: one case with its evidence.

use super::Reviewer;
use super::list::{self, Appeals};
use super::model::{APPEAL, Row};
use super::service;
use super::{comments, evidence, hand, pages, store};
use crate::accounts;
use crate::audit::{self, Entry};
use crate::codes;
use crate::colour::Colours;
use crate::db::Conn;
use crate::decision::Foreseen;
use crate::deps::App;
use crate::error::AppResult;
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::page_with;
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, FormView};
use crate::workflow;
use crate::worklist::next_case;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

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
    let (parts, reader, wanted, lang, now) = (deps.clone(), by.clone(), number.to_owned(), ctx.lang, ctx.now);
    // Read and unsealed by whoever serves the page, not by the one writer; only the entry is written.
    let (row, mut data) = deps
        .store
        .read(move |conn| {
            let row = store::here(conn, &reader.pattern(), &wanted)?;
            let data = case(conn, &parts, &reader, &row, lang, now)?;
            Ok((row, data))
        })
        .await?;
    let entry = Entry::new(by, "appeal.view", "appeal").object(row.id).subject(Some(row.person_id));
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    let next = if row.is_open() { None } else { next_case::<Appeals>(deps, by, number, now).await? };
    if let Value::Object(map) = &mut data {
        map.insert("form".into(), json!(form));
        map.insert("preview".into(), json!(preview));
        map.insert("next".into(), json!(next));
    }
    page_with(deps, ctx, status, "appeals/case.html", &data)
}

/// An appeal with whose it is.
fn item(conn: &mut Conn, deps: &App, row: &Row, lang: Lang, now: DateTime<Utc>) -> AppResult<Value> {
    let holder = codes::holder(conn, &deps.keys, row.person_id)?;
    let mut shown = pages::view(deps, row, lang, now)?;
    if let Value::Object(map) = &mut shown {
        map.insert("name".into(), holder.name.clone().into());
        map.insert("document".into(), codes::pages::document(lang, &holder).into());
        map.insert("clock".into(), json!(list::clock(row, lang, now)?.map(|running| running.view)));
    }
    Ok(shown)
}

fn case(
    conn: &mut Conn,
    deps: &App,
    by: &OfficialPrincipal,
    row: &Row,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Value> {
    let cause = row.statement(&deps.keys)?.cause;
    let ground = codes::ground(conn, deps, row.person_id, &cause, now)?;
    let facts = service::facts(conn, deps, by, row, &ground, now)?;
    let own_case = accounts::looking(service::own_case(conn, deps, by, row))?;
    let actor = workflow::Actor::Official { role: by.role.code(), own_case };
    let offered = APPEAL.choices(&row.state, actor, &facts)?;
    let may = |a: &&workflow::ActionInfo| a.refusal.is_none();
    let actions: Vec<Choice> = offered.iter().filter(may).map(|a| choice(lang, &a.name)).collect();
    let evidence: Vec<Value> = ground
        .evidence(&deps.keys)?
        .iter()
        .map(|e| json!({"kind": t(lang, &e.kind, &[]), "at": e.at, "source": e.source, "place": e.place}))
        .collect();
    let present = Colours::of(deps)?.now(conn, row.person_id, now)?;
    Ok(json!({
        "a": item(conn, deps, row, lang, now)?,
        "present": codes::pages::present(lang, &present),
        "evidence": evidence,
        "found": row.statement(&deps.keys)?.found,
        "files": evidence::shown_at_desk(conn, deps, row, lang)?,
        // Of setting aside by oneself and for a second one only one is offered, to whoever may.
        "took_part": !offered.is_empty() && actions.is_empty(),
        "actions": actions,
        "comments": comments::at_desk(conn, deps, by, row, lang)?,
        "hands": hand::view(conn, by, row, now)?,
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
