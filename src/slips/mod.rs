//! Receipts on paper: what staff have done for somebody at a counter, to take home.
//!
//! Every such act ends on a page with one pocket-sized sheet: its number, what was done and when, by which office and under
//! which telephone, what happens next and by when, and how it is taken back or contested. It names nobody in full. The portal
//! signs it ([`crate::audit::Receipt`]), so that anybody can check at `/receipts/check` that it is real and in the record. For
//! thirty days the offices of the jurisdiction can open it again by its number.

mod described;
mod kept;
mod model;
mod pages;
mod store;

pub use model::{DOCUMENT, PIN, Slip};
pub use pages::{Sheet, about, sheet};

use crate::audit::{self, Entry};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::error::{AppError, AppResult};
use crate::number::{self, Numbered};
use crate::role_set;
use crate::slice::{NOTHING, Slice, at};
use crate::web::guard::Roles;
use crate::web::principal::OfficialPrincipal;
use crate::web::route::{Routes, Who};
use chrono::{DateTime, Utc};
use model::{Content, Kept, Row};
use serde_json::json;

role_set! {
    /// Who sees documents at a counter, and so does things for people there.
    Counter = [VillageWorker, Doctor, TownReviewer];
}

/// What this room hands over.
pub const SLICE: Slice =
    Slice { routes, kept: &[at(36, kept::KEPT)], data: &[at(78, ("receipts", model::data))], ..NOTHING };

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/desk/receipts/{number}", Who::Roles(Counter::ROLES), pages::one).tell(described::CALLS);
}

/// Writes the receipt of an act in the transaction in which it is done; gives its number, which leads to its page.
///
/// # Errors
/// Database errors; the receipt key is missing or failed.
pub fn give(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: &OfficialPrincipal,
    slip: Slip<'_>,
    now: DateTime<Utc>,
) -> AppResult<String> {
    let id = Id::new();
    let number = number::new(tx.conn(), Numbered::Slip, now)?;
    let content = Content {
        act: slip.act.to_owned(),
        name: slip.name,
        about: slip.number.map(ToOwned::to_owned),
        until: slip.until,
        office: by.office.clone(),
        office_en: by.office_name(true).to_owned(),
        phone: by.office_phone.clone(),
        further: slip.further,
        proof: slip.proof.to_owned(),
    };
    let detail = json!({"act": slip.act, "about": slip.about, "proof": slip.proof});
    let entry = Entry::new(by, "slip.give", "slip").object(id).subject(slip.person);
    let place = audit::append(tx, now, entry.detail(detail))?;
    let bytes = serde_json::to_vec(&content).map_err(AppError::internal)?;
    let signed = audit::sign_receipt(keys, &audit::Receipt::new(&number, "slip", &bytes, now, &place))?;
    let row = Row {
        id,
        number: number.clone(),
        act: slip.act.to_owned(),
        about_id: slip.about,
        person_id: slip.person,
        division: by.division.clone(),
        office_id: by.office_id,
        official_id: by.official_id,
        content_sealed: keys.seal_json(&model::field(id), &Kept { content, signed })?,
        created_at: now.into(),
    };
    store::add(tx, &row)?;
    Ok(number)
}
