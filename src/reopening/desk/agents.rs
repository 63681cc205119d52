//! The counter: who may act for a business, confirmed after the originals were seen.

use super::super::case::conflict;
use super::super::messages::{self, Sender};
use super::super::model::{Agent, Business};
use super::super::{store_business, views};
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
use crate::web::principal::OfficialPrincipal;
use crate::web::view::FormView;
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
    agents_page(&deps, &ctx, &who, query.wanted(), FormView::new().with("q", query.wanted()), StatusCode::OK)
        .await
}

/// The rights that wait for this counter, or the one that is named; the look is in the record.
///
/// # Errors
/// Database errors.
pub async fn waiting(
    deps: &App,
    who: &OfficialPrincipal,
    q: &str,
    now: DateTime<Utc>,
) -> AppResult<Vec<(Agent, Business)>> {
    let wanted = Some(number::normalise(q)).filter(|n| !n.is_empty());
    let (reader, province) = (who.clone(), deps.config.province.clone());
    deps.store
        .write(move |tx| {
            let found =
                store_business::agents_at(tx.conn(), &reader.pattern(), &province, wanted.as_deref())?;
            let entry =
                Entry::new(&reader, "agents.view", "business_agent").detail(json!({"rows": found.len()}));
            audit::append(tx, now, entry)?;
            Ok(found)
        })
        .await
}

async fn agents_page(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    q: &str,
    form: FormView,
    status: StatusCode,
) -> AppResult<HttpResponse> {
    let found = waiting(deps, who, q, ctx.now).await?;
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
    let data =
        json!({"rows": rows, "proofs": proofs, "form": form, "office": who.office_name(ctx.english())});
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
/// [`AppError::NotFound`] outside the jurisdiction; [`AppError::Conflict`] when somebody was faster or for a claim of
/// one's own.
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
        let found = store_business::agents_at(tx.conn(), &official.pattern(), &province, Some(&wanted))?;
        let (agent, business) = found.into_iter().next().ok_or(AppError::NotFound)?;
        if agent.version != verdict.version {
            return Err(AppError::conflict("changed-meanwhile"));
        }
        Recusal::of(&keys, &official)?.not_about(tx.conn(), None, Some(agent.account_id))?;
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
    let verdict = match Verdict::read(&form) {
        Ok(verdict) => verdict,
        Err(errors) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            return agents_page(&deps, &ctx, &who, &number, view, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    // On the page a repetition is told by its version.
    match settle(&deps, &who, &number, verdict, None, ctx.now).await {
        Ok(_) => Ok(see_other_with(&deps, "/desk/agents", "reopening-done")),
        Err(AppError::Conflict(code)) => conflict(&deps, &ctx, &code, "/desk/agents", Vec::new()),
        Err(other) => Err(other),
    }
}
