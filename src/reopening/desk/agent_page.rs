//! A right to act for a business at the counter: what is claimed beside what is on file, and how it is decided.

use super::super::case::conflict;
use super::super::model::{Agent, Business};
use super::super::{rules, store_business, store_names, views};
use super::agents::{PROOFS, Verdict, foreseen, settle};
use super::agents_list::{Agents, tag};
use super::{Counter, names};
use crate::audit::{self, Entry};
use crate::db::Ts;
use crate::decision::{Foreseen, Sent, previews};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::number;
use crate::web::ctx::Ctx;
use crate::web::factor::Grave;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::t;
use crate::web::page::{fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::view::{Choice, FormView};
use crate::worklist::next_case;
use actix_web::http::StatusCode;
use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

/// A right to act for a business, to be decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct RightPage {
    right: RightView,
    /// Names that the business had before a counter corrected them, the newest first.
    names: Vec<names::FormerName>,
    /// What can be seen before a right is confirmed.
    proofs: Vec<Choice>,
    /// Once this one is decided: the number of one that waits.
    next: Option<String>,
    /// What people would be told of the decision in the form …
    preview: Option<Foreseen>,
    /// … which is `confirm`, `reject` or `rename`.
    foreseen_of: Option<String>,
    form: FormView,
    /// The official's office.
    office: String,
}

/// A claim beside what is on file of the business.
#[derive(Debug, Serialize, ToSchema)]
struct RightView {
    number: String,
    /// Send it with `confirm` and `reject`.
    version: i64,
    /// `pending`, `confirmed`, `rejected`, `ended`.
    state: String,
    /// The state in words.
    label: String,
    /// How it is marked: `info`, `ok`, `bad` or `idle`.
    kind: &'static str,
    /// What the business is called here.
    title: String,
    /// What the claimant calls it; may be empty.
    claimed: String,
    /// Where it is, as the claimant says.
    place: String,
    /// The registered name; empty until a claim is confirmed.
    name: String,
    /// Whether this counter corrects that name.
    renames: bool,
    /// Send it with `rename`.
    business_version: i64,
    /// Its credit code.
    uscc: String,
    #[schema(value_type = DateTime<Utc>)]
    since: Ts,
}

impl RightView {
    fn of(ctx: &Ctx, who: &OfficialPrincipal, agent: &Agent, business: &Business) -> Self {
        Self {
            number: agent.number.clone(),
            version: agent.version,
            state: agent.state.clone(),
            label: t(ctx.lang, &format!("reopening-agent-{}", agent.state), &[]),
            kind: tag(&agent.state),
            title: agent.title(business),
            claimed: agent.claimed_name.clone(),
            place: rules::place_name(ctx.lang, &agent.claimed_division),
            name: business.name.clone(),
            renames: names::may(who, agent, business),
            business_version: business.version,
            uscc: business.uscc.clone(),
            since: agent.created_at,
        }
    }
}

/// GET `/desk/agents/{number}`.
pub async fn agent(
    ctx: Ctx,
    deps: App,
    who: Official<Counter>,
    number: web::Path<String>,
) -> AppResult<Answer<RightPage>> {
    show(&deps, &ctx, &who, &number, (FormView::new(), None), StatusCode::OK).await
}

/// The page of a right that this counter may open; the look is in the record.
async fn show(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    (mut form, preview): (FormView, Option<Foreseen>),
    status: StatusCode,
) -> AppResult<Answer<RightPage>> {
    let (wanted, pattern, now) = (number::normalise(number), who.pattern(), ctx.now);
    let (keys, province, reader) = (deps.keys.clone(), deps.config.province.clone(), who.clone());
    let (agent, business, former) = deps
        .store
        .read(move |conn| {
            let found = store_business::agent_at(conn, &pattern, &province, &wanted)?;
            let (agent, business) = found.ok_or(AppError::NotFound)?;
            let renames = names::may(&reader, &agent, &business);
            let former = if renames { store_names::former(conn, &keys, business.id)? } else { Vec::new() };
            Ok((agent, business, former))
        })
        .await?;
    let entry = Entry::new(who, "agent.view", "business_agent").object(agent.id);
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    let waits = agent.state == "pending";
    let next = if waits { None } else { next_case::<Agents>(deps, who, &agent.number, now).await? };
    let right = RightView::of(ctx, who, &agent, &business);
    if form.get("name").is_empty() && (right.renames || waits && right.name.is_empty()) {
        form = form.with("name", if waits { right.claimed.clone() } else { right.name.clone() });
    }
    let view = RightPage {
        right,
        names: former.iter().map(|row| names::FormerName::of(ctx, row)).collect(),
        proofs: views::list(ctx.lang, "reopening-proof-", PROOFS),
        next,
        foreseen_of: preview.is_some().then(|| form.get("do").to_owned()),
        preview,
        form,
        office: who.office_name(ctx.english()).to_owned(),
    };
    respond_with(deps, ctx, status, "reopening/desk/agent.html", &view)
}

/// POST `/desk/agents/{number}`: confirm with the proof that was seen, reject, or correct the name of the business; or show
/// first what people will be told of it.
pub async fn decide_agent(
    ctx: Ctx,
    deps: App,
    who: Official<Grave<Counter>>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<Answer<RightPage>> {
    let settled = match Verdict::read(&form) {
        Ok(verdict) if previews(&form) => foreseen(&deps, &ctx, &who, (&number, verdict)).await.map(Some),
        Ok(verdict) => {
            let sent = Sent::form(&number, &form)?;
            settle(&deps, &ctx, &who, (&number, verdict), &sent).await.map(|_| None)
        }
        Err(errors) => Err(AppError::Invalid(errors)),
    };
    let mut view = form.view();
    let (preview, status) = match settled {
        Ok(None) => return Ok(see_other_with(&deps, "/desk/agents", "reopening-done").into()),
        Ok(preview) => (preview, StatusCode::OK),
        Err(AppError::Invalid(errors)) => {
            fail(&mut view, ctx.lang, &errors);
            (None, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(AppError::Conflict(code)) => {
            let back = format!("/desk/agents/{}", number::normalise(&number));
            return Ok(conflict(&deps, &ctx, &code, &back, Vec::new())?.into());
        }
        Err(other) => return Err(other),
    };
    show(&deps, &ctx, &who, &number, (view, preview), status).await
}
