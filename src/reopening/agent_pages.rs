//! The right to act for a business, as the one who claims it sees it: where it stands, and the legal person's code.

use super::messages::Sender;
use super::shown::AgentPage;
use super::{filing, store_business};
use crate::accounts::Asking;
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppResult, FieldError};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::i18n;
use crate::web::page::{fail, see_other_with};
use crate::web::respond::{Answer, respond_with};
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

/// GET `/reopening/agents/{number}`: where the right to act stands.
pub async fn agent(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<Answer<AgentPage>> {
    agent_page(&deps, &ctx, who.account_id, number.into_inner(), FormView::new(), StatusCode::OK).await
}

async fn agent_page(
    deps: &App,
    ctx: &Ctx,
    account: Id,
    number: String,
    form: FormView,
    status: StatusCode,
) -> AppResult<Answer<AgentPage>> {
    let (agent, business) =
        deps.store.read(move |conn| store_business::own_agent(conn, &number, account)).await?;
    let business = store_business::seen(business, Some(&agent));
    let view = AgentPage {
        label: i18n::t(ctx.lang, &format!("reopening-agent-{}", agent.state), &[]),
        number: agent.number,
        state: agent.state,
        name: business.name,
        form,
    };
    respond_with(deps, ctx, status, "reopening/agent.html", &view)
}

/// POST `/reopening/agents/{number}/code`: asks for a code (`send`) or tries one.
pub async fn agent_code(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let (account, number) = (who.account_id, number.into_inner());
    let (keys, sender, now) = (deps.keys.clone(), Sender::of(&deps), ctx.now);
    let back = format!("/reopening/agents/{number}");
    let wanted = number.clone();
    if form.get("do") == "send" {
        let asking = Asking::of(&deps, &ctx);
        let sent = deps.store.write(move |tx| {
            let (agent, business) = store_business::own_agent(tx.conn(), &wanted, account)?;
            filing::send_code(tx, &keys, &sender, &agent, &business, (asking, now))
        });
        sent.await?;
        return Ok(see_other_with(&deps, &back, "reopening-agent-code"));
    }
    let typed = form.get("code").to_owned();
    let tried = deps.store.write(move |tx| {
        let (agent, business) = store_business::own_agent(tx.conn(), &wanted, account)?;
        filing::try_code(tx, &keys, &sender, &agent, &business, &typed, now)
    });
    if tried.await? {
        return Ok(see_other_with(&deps, &back, "reopening-agent-confirmed"));
    }
    let mut view = FormView::new();
    fail(&mut view, ctx.lang, &[FieldError::new("code", "agent-code")]);
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    agent_page(&deps, &ctx, account, number, view, status).await.map(Answer::into_inner)
}
