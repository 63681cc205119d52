//! The reviewer's side: one case with its evidence.

use super::Reviewer;
use super::act;
use super::list::{self, Appeals};
use super::model::{APPEAL, Row};
use super::views::{AppealView, CasePage, CaseView, EvidenceView};
use super::{comments, evidence, hand, store};
use crate::accounts;
use crate::audit::{self, Entry};
use crate::codes::{self, PresentView};
use crate::colour::Colours;
use crate::db::Conn;
use crate::decision::Foreseen;
use crate::deps::App;
use crate::error::AppResult;
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::view::{Choice, FormView};
use crate::workflow;
use crate::worklist::next_case;
use actix_web::http::StatusCode;
use actix_web::web;
use chrono::{DateTime, Utc};

/// `GET /desk/appeals/{number}`.
pub(super) async fn one(
    ctx: Ctx,
    deps: App,
    who: Official<Reviewer>,
    number: web::Path<String>,
) -> AppResult<Answer<CasePage>> {
    show(&deps, &ctx, &who, &normalise(&number), (FormView::new(), None), StatusCode::OK).await
}

pub(super) async fn show(
    deps: &App,
    ctx: &Ctx,
    by: &OfficialPrincipal,
    number: &str,
    (form, preview): (FormView, Option<Foreseen>),
    status: StatusCode,
) -> AppResult<Answer<CasePage>> {
    let (parts, reader, wanted, lang, now) = (deps.clone(), by.clone(), number.to_owned(), ctx.lang, ctx.now);
    // Read and unsealed by whoever serves the page, not by the one writer; only the entry is written.
    let (row, case) = deps
        .store
        .read(move |conn| {
            let row = store::here(conn, &reader.pattern(), &wanted)?;
            let case = case(conn, &parts, &reader, &row, lang, now)?;
            Ok((row, case))
        })
        .await?;
    let entry = Entry::new(by, "appeal.view", "appeal").object(row.id).subject(Some(row.person_id));
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    let next = if row.is_open() { None } else { next_case::<Appeals>(deps, by, number, now).await? };
    respond_with(deps, ctx, status, "appeals/case.html", &CasePage { case, form, preview, next })
}

fn case(
    conn: &mut Conn,
    deps: &App,
    by: &OfficialPrincipal,
    row: &Row,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<CaseView> {
    let statement = row.statement(&deps.keys)?;
    let ground = codes::ground(conn, deps, row.person_id, &statement.cause, now)?;
    let facts = act::facts(conn, deps, by, row, &ground, now)?;
    let own_case = accounts::looking(act::own_case(conn, deps, by, row))?;
    let actor = workflow::Actor::Official { role: by.role.code(), own_case };
    let offered = APPEAL.choices(&row.state, actor, &facts)?;
    let may = |a: &&workflow::ActionInfo| a.refusal.is_none();
    let actions: Vec<Choice> = offered.iter().filter(may).map(|a| choice(lang, &a.name)).collect();
    let evidence = ground.evidence(&deps.keys)?;
    let present = Colours::of(deps)?.now(conn, row.person_id, now)?;
    let holder = codes::holder(conn, &deps.keys, row.person_id)?;
    Ok(CaseView {
        a: AppealView::of(deps, row, lang, now)?,
        document: codes::pages::document(lang, &holder),
        name: holder.name,
        clock: list::clock(row, lang, now)?.map(|running| running.view),
        present: PresentView::of(lang, &present),
        evidence: evidence.into_iter().map(|one| EvidenceView::of(lang, one)).collect(),
        found: statement.found,
        files: evidence::shown_at_desk(conn, deps, row, lang)?,
        // Of setting aside by oneself and for a second one only one is offered, to whoever may.
        took_part: !offered.is_empty() && actions.is_empty(),
        actions,
        comments: comments::at_desk(conn, deps, by, row, lang)?,
        hands: hand::view(conn, by, row, now)?,
    })
}

/// A decision as the form offers it. Setting aside what officers found is the same wish; that a second one has to confirm
/// it, its hint says.
fn choice(lang: Lang, action: &str) -> Choice {
    let value = if action == "propose" { "overturn" } else { action };
    let mut choice = Choice::text(lang, value, &format!("appeal-action-{value}"));
    choice.hint = t(lang, &format!("appeal-action-{action}-hint"), &[]);
    choice
}
