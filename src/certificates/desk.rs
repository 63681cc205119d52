//! What officials see of a certificate of their jurisdiction: it, paper again, and revocation by a doctor.

use super::pages::{CertificatePage, View, paper, picture, view};
use super::store;
use crate::audit::{self, Entry};
use crate::decision::Foreseen;
use crate::deps::App;
use crate::error::AppResult;
use crate::number::normalise;
use crate::role_set;
use crate::web::ctx::Ctx;
use crate::web::guard::Official;
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

role_set! {
    /// Who works with certificates.
    Staff = [VillageWorker, Doctor];
    /// Who revokes one, with a fresh second factor.
    Revoker = [Doctor] step_up true;
}

/// A certificate of the jurisdiction, to be revoked by a doctor.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeskCertificatePage {
    c: View,
    /// The code as SVG, while it is valid.
    qr: Option<String>,
    /// Whether the official may revoke it.
    may_revoke: bool,
    form: FormView,
    /// What the holder would read.
    preview: Option<Foreseen>,
}

pub(super) async fn look(deps: &App, ctx: &Ctx, by: &OfficialPrincipal, number: &str) -> AppResult<View> {
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
    ctx: Ctx,
    deps: App,
    who: Official<Staff>,
    number: web::Path<String>,
) -> AppResult<Answer<DeskCertificatePage>> {
    let view = look(&deps, &ctx, &who, &number).await?;
    let doctor = who.role == crate::access::Role::Doctor;
    show(&deps, &ctx, view, doctor, (FormView::new(), None), StatusCode::OK)
}

pub(super) fn show(
    deps: &App,
    ctx: &Ctx,
    c: View,
    doctor: bool,
    (form, preview): (FormView, Option<Foreseen>),
    status: StatusCode,
) -> AppResult<Answer<DeskCertificatePage>> {
    let may_revoke = doctor && c.counts;
    let qr = picture(&c, ctx.lang)?;
    let view = DeskCertificatePage { c, qr, may_revoke, form, preview };
    respond_with(deps, ctx, status, "certificates/desk-one.html", &view)
}

pub(super) async fn print(
    ctx: Ctx,
    deps: App,
    who: Official<Staff>,
    number: web::Path<String>,
) -> AppResult<Answer<CertificatePage>> {
    let view = look(&deps, &ctx, &who, &number).await?;
    paper(&deps, &ctx, view)
}
