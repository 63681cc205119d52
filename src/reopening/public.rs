//! What anybody can check: whether the paper at the door is genuine and still holds.

use super::model::Application;
use super::{rules, store, store_business, views};
use crate::deps::App;
use crate::error::AppResult;
use crate::number;
use crate::web::ctx::Ctx;
use crate::web::limits::VERIFY;
use crate::web::respond::{Answer, respond};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether a permit or filing lets the business work at `now`.
pub fn good(app: &Application, now: DateTime<Utc>) -> bool {
    standing(&app.state, app.permit_until.map(|until| until.0), now) == "valid"
}

/// How a permit or filing stands at `now`: `valid`, `suspended`, `revoked`, `expired` or `ended`.
pub fn standing(state: &str, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> &'static str {
    let works = matches!(state, "approved" | "filed" | "opened" | "inspected" | "rectify");
    let over = until.is_some_and(|until| until <= now);
    match state {
        _ if works && !over => "valid",
        "suspended" => "suspended",
        "revoked" => "revoked",
        _ if over => "expired",
        _ => "ended",
    }
}

/// What anybody can check of a permit or filing. Nothing about people.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermitBody {
    /// Its number.
    pub permit: Option<String>,
    /// Whether it is a filing.
    pub filing: bool,
    /// Public name of the business.
    pub name: String,
    /// Its credit code.
    pub uscc: String,
    /// The place in words.
    pub place: String,
    /// The decision.
    pub since: Option<DateTime<Utc>>,
    /// Exclusive end; a filing has none.
    pub until: Option<DateTime<Utc>>,
    /// Whether the business may work now.
    pub valid: bool,
    /// `valid`, `suspended`, `revoked`, `expired`, `ended`.
    pub code: &'static str,
    /// `green` or `red`.
    pub shape: &'static str,
    /// The state in words.
    pub state: String,
}

fn answer(ctx: &Ctx, app: &Application, name: &str, uscc: &str) -> PermitBody {
    let good = good(app, ctx.now);
    PermitBody {
        permit: app.permit_number.clone(),
        filing: app.review_level == "filing",
        name: name.to_owned(),
        uscc: uscc.to_owned(),
        place: rules::place_name(ctx.lang, &app.division),
        since: app.decided_at.map(|at| at.0),
        until: app.permit_until.map(|at| at.0),
        valid: good,
        code: standing(&app.state, app.permit_until.map(|until| until.0), ctx.now),
        shape: if good { "green" } else { "red" },
        state: views::state(ctx.lang, &app.state),
    }
}

async fn find(deps: &App, ctx: &Ctx, typed: &str) -> AppResult<PermitBody> {
    deps.limiter.take("permit", ctx.client, VERIFY, ctx.now).await?;
    let permit = number::normalise(typed);
    let (app, business) = deps
        .store
        .read(move |conn| {
            let app = store::by_permit(conn, &permit)?;
            let business = store_business::business(conn, app.business_id)?;
            Ok((app, business))
        })
        .await?;
    Ok(answer(ctx, &app, &business.name, &business.uscc))
}

/// GET `/permits/{number}`.
pub async fn permit(ctx: Ctx, deps: App, number: web::Path<String>) -> AppResult<Answer<PermitBody>> {
    let view = find(&deps, &ctx, &number).await?;
    respond(&deps, &ctx, "reopening/permit.html", &view)
}

/// Whether a permit or filing is genuine and still holds.
#[utoipa::path(get, path = "/api/v1/permits/{number}", tag = "permits", params(("number" = String, Path)),
    responses((status = 200, body = PermitBody), (status = 404)))]
pub async fn permit_json(ctx: Ctx, deps: App, number: web::Path<String>) -> AppResult<HttpResponse> {
    Ok(HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .json(find(&deps, &ctx, &number).await?))
}
