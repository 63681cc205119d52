//! Verifying documents, ours and partners', and what partner provinces and we tell each other in public.
//!
//! A verdict needs three things that this slice keeps at hand: whose keys are trusted ([`trust`]), which agreements
//! are in force ([`model`]), and whether a document was revoked ([`own`] and [`fetch`]). Pages and interfaces only
//! show it.

mod check;
mod demo;
mod described;
mod desk;
mod end;
mod fetch;
mod find;
mod image;
mod kept;
mod model;
mod news;
mod own;
mod pages;
mod routes;
mod serve;
mod shown;
mod store;
mod trust;
mod upload;
mod views;

pub use check::{Checked, Mode, Onlooker, record, verify_text};
pub use demo::{pin_again, trust_in_process};
pub use desk::{NewAgreement, NewPartner, add_agreement, put_partner};
pub use end::end_agreement;
pub use fetch::PartnerState;
pub use find::find;
pub use image::PictureError;
#[cfg(test)]
pub(crate) use image::read_small as read_small_picture;
#[cfg(any(test, fuzzing))]
pub(crate) use image::without_pixels as picture_without_its_pixels;
pub use model::{AgreementRow, Partner, Trust, issuer_name, issuer_of, province_of};
pub use trust::{THRESHOLD, accept_list, current, own_entries, reload, status_folder};

use crate::access::Role;
use crate::config::Config;
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::hcert::{DocumentKind, StatusList, Verdict};
use crate::slice::{NOTHING, Slice, at, nav};
use crate::urgency::Urgency;
use crate::web::door::Door;
use crate::web::route::{Routes, Who};
use chrono::{DateTime, Utc};
use std::sync::OnceLock;

/// The slice's part of a running portal: trust, status lists and the budget for pictures. No global state: the
/// demonstration runs two of them.
pub struct Exchange {
    trust: trust::Holder,
    own: own::OwnLists,
    lists: fetch::Lists,
    pictures: image::Pictures,
    /// The description of the interface, which is written when it is first asked for.
    description: OnceLock<String>,
}

impl Exchange {
    /// That of a portal.
    ///
    /// # Errors
    /// [`AppError::Internal`] when this slice is not among the portal's.
    fn of(deps: &Deps) -> AppResult<&Self> {
        deps.part()
    }

    /// With the pinned roots of the configuration; everything else is read at first use.
    ///
    /// # Errors
    /// [`AppError::Internal`] when no HTTP client or thread can be made.
    pub fn new(config: &Config) -> AppResult<Self> {
        Ok(Self {
            trust: trust::Holder::new(config.trust_roots.clone()),
            own: own::OwnLists::new(),
            lists: fetch::Lists::new().map_err(AppError::internal)?,
            pictures: image::Pictures::new().map_err(AppError::internal)?,
            description: OnceLock::new(),
        })
    }

    /// Pins other roots than the configuration's, and forgets nothing else; call [`reload`] afterwards.
    pub fn pin_roots(&self, keys: Vec<crate::hcert::VerificationKey>) {
        self.trust.pin(keys);
    }

    /// Takes a partner's status list that was checked already; an older one never replaces a newer.
    pub fn keep_status_list(&self, list: StatusList) {
        self.lists.keep(list);
    }
}

/// Verifies what a person pasted: as it is, and if that is no document, what is found in it.
///
/// # Errors
/// Database errors.
pub async fn verify_pasted(deps: &Deps, pasted: &str, mode: Mode, now: DateTime<Utc>) -> AppResult<Checked> {
    let trimmed = pasted.trim();
    let first = verify_text(deps, trimmed, mode, now).await?;
    if !matches!(first.verdict, Verdict::Malformed(_)) {
        return Ok(first);
    }
    let found = find(pasted);
    if found == trimmed { Ok(first) } else { verify_text(deps, &found, mode, now).await }
}

/// The provinces that recognise our documents of a kind now, by province.
///
/// # Errors
/// Database errors.
pub async fn recognising(deps: &Deps, kind: DocumentKind) -> AppResult<Vec<Partner>> {
    let trust = current(deps).await?;
    Ok(trust.recognising(kind, deps.clock.now()).into_iter().cloned().collect())
}

const OPERATOR: Who = Who::Roles(&[Role::ExchangeOperator]);

/// What is public, and at the partners' door, too.
const PARTNERS_TOO: &[Door] = &[Door::Portal, Door::Partner];

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    written: Some(WRITTEN),
    kept: &[at(60, kept::KEPT)],
    parts: |deps| {
        let exchange = Exchange::new(&deps.config)?;
        deps.keep(exchange);
        Ok(())
    },
    nav: &[
        nav(10, "/desk/exchange", "nav-desk-exchange", &[Role::ExchangeOperator]),
        nav(20, "/verify", "nav-verify", &[Role::ExchangeOperator]),
    ],
    topics: &[news::TOPIC],
    acts: &[("/desk/exchange/", "", "stepup-for-exchange")],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/verify", Who::Public, pages::form)
        .urgent(Urgency::Gate)
        .post("/verify", Who::Public, pages::result)
        .get("/verify/scan", Who::Public, pages::scan)
        .urgent(Urgency::Gate)
        .get("/recognition", Who::Public, pages::recognition)
        .post("/api/v1/verify", Who::Public, routes::verify)
        .urgent(Urgency::Gate)
        .post("/api/v1/verify/image", Who::Public, routes::image)
        .urgent(Urgency::Gate)
        .get("/exchange/v1/trust-list", Who::Public, serve::trust_list)
        .urgent(Urgency::Gate)
        .at(&Door::ALL)
        .get("/exchange/v1/status-lists/{id}", Who::Public, serve::status_list)
        .urgent(Urgency::Gate)
        .at(&Door::ALL)
        .get("/exchange/v1/rules", Who::Public, serve::rules)
        .at(PARTNERS_TOO)
        .get("/exchange/v1/examples", Who::Public, serve::examples)
        .at(PARTNERS_TOO)
        .get("/exchange/v1/openapi.json", Who::Public, serve::openapi)
        .at(PARTNERS_TOO)
        .post("/exchange/v1/verify", Who::Public, serve::verify)
        .urgent(Urgency::Gate)
        .get("/desk/exchange", OPERATOR, desk::overview)
        .get("/desk/exchange/agreements/new", OPERATOR, desk::agreement_form)
        .post("/desk/exchange/agreements/new", OPERATOR, desk::agreement_add)
        .get("/desk/exchange/agreements/{id}/end", OPERATOR, end::end_form)
        .post("/desk/exchange/agreements/{id}/end", OPERATOR, end::end)
        .get("/desk/exchange/partners/new", OPERATOR, desk::partner_form)
        .post("/desk/exchange/partners/new", OPERATOR, desk::partner_add);
    r.tell(described::CALLS);
}

/// The calls of partners, which have a document of their own, too.
const WRITTEN: &str = include_str!("openapi.json");

crate::slice::calls!(routes::verify, routes::image);
