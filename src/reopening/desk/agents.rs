//! The counter: who may act for a business, confirmed after the originals were seen.

use super::super::case::conflict;
use super::super::messages::{self, Sender};
use super::super::model::{Agent, Business};
use super::super::store_business::{self, AgentKey};
use super::super::{party, views};
use super::Counter;
use super::Query;
use crate::accounts::Recusal;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::db::Tx;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::Phone;
use crate::number;
use crate::web::ctx::Ctx;
use crate::web::factor::Grave;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::idempotency::{Submission, once};
use crate::web::page::{fail, page_with, see_other_with};
use crate::web::paging::{PAGE_ROWS, cursor, cut, read_cursor};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{FormView, Pager};
use crate::web::{format, i18n};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// GET `/desk/agents`: claims that wait for the counter, or the one whose number the visitor names.
pub async fn agents(
    req: HttpRequest,
    deps: App,
    who: Official<Counter>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let form = FormView::new().with("q", query.wanted());
    agents_page(&deps, &ctx, &who, &query, form, StatusCode::OK).await
}

/// The rights that wait for this counter, or the one that is named, and where to go on; the look is in the record.
///
/// # Errors
/// Database errors; [`AppError::BadRequest`] `cursor`.
pub async fn waiting(
    deps: &App,
    who: &OfficialPrincipal,
    query: &Query,
    now: DateTime<Utc>,
) -> AppResult<(Vec<(Agent, Business)>, Option<String>)> {
    let wanted = Some(number::normalise(query.wanted())).filter(|n| !n.is_empty());
    let after: Option<AgentKey> = query.after().map(read_cursor).transpose()?;
    let (reader, province) = (who.clone(), deps.config.province.clone());
    let found = deps
        .store
        .write(move |tx| {
            let pattern = reader.pattern();
            let found = match &wanted {
                Some(number) => {
                    store_business::agent_at(tx.conn(), &pattern, &province, number)?.into_iter().collect()
                }
                None => store_business::agents_waiting(tx.conn(), &pattern, after, PAGE_ROWS)?,
            };
            let (found, more) = cut(found, PAGE_ROWS);
            let entry =
                Entry::new(&reader, "agents.view", "business_agent").detail(json!({"rows": found.len()}));
            audit::append(tx, now, entry)?;
            Ok((found, more))
        })
        .await?;
    let (found, more) = found;
    let next = found.last().filter(|_| more).map(|(agent, _)| cursor(&(agent.created_at, agent.id)));
    let next = next.transpose()?;
    Ok((found, next))
}

async fn agents_page(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    query: &Query,
    form: FormView,
    status: StatusCode,
) -> AppResult<HttpResponse> {
    let (found, next) = waiting(deps, who, query, ctx.now).await?;
    let older = next.map(|key| format!("/desk/agents?after={key}"));
    let newer = query.after().map(|_| "/desk/agents".to_owned());
    let pager = Pager { newer, older, shown: found.len(), total: None };
    let rows: Vec<Value> = found
        .iter()
        .map(|(agent, business)| {
            json!({
                "number": agent.number,
                "version": agent.version,
                "state": agent.state,
                "label": i18n::t(ctx.lang, &format!("reopening-agent-{}", agent.state), &[]),
                "name": business.name,
                "uscc": business.uscc,
                "when": format::when(ctx.lang, agent.created_at.0, ctx.now),
            })
        })
        .collect();
    let proofs = views::list(ctx.lang, "reopening-proof-", PROOFS);
    let office = who.office_name(ctx.english());
    let data = json!({"rows": rows, "pager": pager, "proofs": proofs, "form": form, "office": office});
    page_with(deps, ctx, status, "reopening/desk/agents.html", &data)
}

/// What is seen at the counter before a right is confirmed.
const PROOFS: &[&str] = &["legal-person", "authorisation", "owner"];

/// What the counter decides.
pub struct Verdict {
    version: i64,
    /// The proof that was seen; none to reject.
    proof: Option<&'static str>,
    /// Phone of the legal person, from the originals.
    legal_phone: Option<Phone>,
}

impl Verdict {
    /// Reads the form.
    ///
    /// # Errors
    /// What is to be put right.
    pub fn read(form: &Form) -> Result<Self, Vec<FieldError>> {
        let confirm = form.get("do") == "confirm";
        let proof = PROOFS.iter().find(|p| **p == form.get("proof")).copied();
        let phone = form.text("legal_phone").map(Phone::parse).transpose();
        let mut errors = Vec::new();
        if confirm && proof.is_none() {
            errors.push(FieldError::new("proof", "choose-one"));
        }
        if let Err(e) = &phone {
            errors.push(FieldError::new("legal_phone", e.code()));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            version: form.get("version").parse().unwrap_or(0),
            proof: proof.filter(|_| confirm),
            legal_phone: phone.ok().flatten().filter(|_| confirm),
        })
    }
}

/// Confirms or rejects a right; gives its state.
///
/// # Errors
/// [`AppError::NotFound`] outside the jurisdiction; [`AppError::Conflict`] when somebody was faster or for a business of
/// one's own; [`AppError::Invalid`] `legal_phone`: `own-phone` for the official's own number.
pub async fn settle(
    deps: &App,
    who: &OfficialPrincipal,
    number: &str,
    verdict: Verdict,
    key: Option<Submission>,
    now: DateTime<Utc>,
) -> AppResult<String> {
    let (keys, sender, official) = (deps.keys.clone(), Sender::of(deps), who.clone());
    let (wanted, province) = (number::normalise(number), deps.config.province.clone());
    let confirm = verdict.proof.is_some();
    let state = if confirm { "confirmed" } else { "rejected" };
    let work = move |tx: &mut Tx<'_>| {
        let found = store_business::agent_at(tx.conn(), &official.pattern(), &province, &wanted)?;
        let (agent, business) = found.ok_or(AppError::NotFound)?;
        if agent.version != verdict.version {
            return Err(AppError::conflict("changed-meanwhile"));
        }
        let own = Recusal::of(&keys, &official)?;
        if party::of_business(tx.conn(), &keys, &own, business.id)? {
            return Err(AppError::conflict("refused-self-decision"));
        }
        // Later agents are confirmed by a code to this number: it would be the official who confirms them.
        if verdict.legal_phone.as_ref().is_some_and(|phone| own.has_phone(phone.as_str())) {
            return Err(AppError::field("legal_phone", "own-phone"));
        }
        let how = verdict.proof.unwrap_or("counter");
        store_business::decide_agent(tx, &agent, state, Some(official.official_id), how, now)?;
        if let Some(phone) = verdict.legal_phone {
            store_business::set_legal_phone(tx, &keys, business.id, &phone)?;
        }
        let entry = Entry::new(&official, "business.agent-decide", "business_agent")
            .object(agent.id)
            .detail(json!({"state": state, "how": how}));
        audit::append(tx, now, entry)?;
        let (account, name) = (agent.account_id, &business.name);
        messages::agent_decided(tx, &keys, &sender, account, name, &agent.number, confirm, now)?;
        Ok(state.to_owned())
    };
    let ring = deps.keys.clone();
    deps.store.write(move |tx| once(tx, &ring, key.as_ref(), now, work)).await
}

/// POST `/desk/agents/{number}`: confirm with the proof that was seen, or reject.
pub async fn decide_agent(
    req: HttpRequest,
    deps: App,
    who: Official<Grave<Counter>>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    // On the page a repetition is told by its version.
    let settled = match Verdict::read(&form) {
        Ok(verdict) => settle(&deps, &who, &number, verdict, None, ctx.now).await,
        Err(errors) => Err(AppError::Invalid(errors)),
    };
    match settled {
        Ok(_) => Ok(see_other_with(&deps, "/desk/agents", "reopening-done")),
        Err(AppError::Invalid(errors)) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            let one = Query::of_number(&number);
            agents_page(&deps, &ctx, &who, &one, view, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(AppError::Conflict(code)) => conflict(&deps, &ctx, &code, "/desk/agents", Vec::new()),
        Err(other) => Err(other),
    }
}
