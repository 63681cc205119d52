//! What officials see of a certificate of their jurisdiction: it, paper again, and revocation by a doctor.

use super::issue::{self, Ended};
use super::pages::{View, paper, picture, view};
use super::store;
use crate::audit::{self, Entry};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::role_set;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::page::{fail_missing, page_with, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::text;
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

role_set! {
    /// Who works with certificates.
    Staff = [VillageWorker, Doctor];
    /// Who revokes one, with a fresh second factor.
    Revoker = [Doctor] step_up true;
}

async fn look(deps: &App, ctx: &Ctx, by: &OfficialPrincipal, number: &str) -> AppResult<View> {
    let (parts, lang, now, number) = (deps.clone(), ctx.lang, ctx.now, normalise(number));
    let pattern = by.pattern();
    // Read and unsealed by whoever serves the page, not by the one writer; only the entry is written.
    let (entry, view) = deps
        .store
        .read({
            let by = audit::Actor::from(by);
            move |conn| {
                let row = store::in_jurisdiction(conn, &pattern, &number)?;
                let entry = Entry::new(by, "certificate.view", "certificate").object(row.id);
                Ok((entry.subject(Some(row.person_id)), view(conn, &parts, &row, lang, now)?))
            }
        })
        .await?;
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    Ok(view)
}

pub(super) async fn one(
    req: HttpRequest,
    deps: App,
    who: Official<Staff>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let view = look(&deps, &ctx, &who, &number).await?;
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
    let view = look(&deps, &ctx, &who, &number).await?;
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
        let view = look(&deps, &ctx, &who, &number).await?;
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
