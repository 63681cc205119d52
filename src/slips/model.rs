//! A receipt as it is given and stored.

use super::store;
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::slips;
use crate::db::{Conn, Id, Ts};
use crate::deps::Deps;
use crate::error::AppResult;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What an act at a counter hands over on paper.
#[derive(Debug)]
pub struct Slip<'a> {
    /// What was done, the end of the keys `slip-did-<act>`, `slip-next-<act>` and `slip-back-<act>`.
    pub act: &'static str,
    /// The thing that it was done to.
    pub about: Id,
    /// Its number, where people know it by one.
    pub number: Option<&'a str>,
    /// For whom it was done, where the portal knows them.
    pub person: Option<Id>,
    /// Their name, masked.
    pub name: String,
    /// Until when it holds, or by when what comes next has happened.
    pub until: Option<DateTime<Utc>>,
    /// The page of the thing, for whoever gives the receipt.
    pub further: Option<String>,
    /// By what the person was recognised: [`DOCUMENT`] or [`PIN`].
    pub proof: &'static str,
}

/// The document was seen.
pub const DOCUMENT: &str = "document";
/// The person knew their PIN.
pub const PIN: &str = "pin";

/// A row of `slips`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = slips)]
pub(super) struct Row {
    pub id: Id,
    pub number: String,
    pub act: String,
    pub about_id: Id,
    pub person_id: Option<Id>,
    /// The jurisdiction of whoever gave it.
    pub division: String,
    pub office_id: Id,
    pub official_id: Id,
    pub content_sealed: Vec<u8>,
    pub created_at: Ts,
}

/// What the receipt says: as the office was called on that day, whatever it is called later. Its JSON is what is signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Content {
    pub act: String,
    pub name: String,
    pub about: Option<String>,
    pub until: Option<DateTime<Utc>>,
    pub office: String,
    pub office_en: String,
    pub phone: String,
    pub further: Option<String>,
    /// By what the person was recognised; receipts of before were all given on documents.
    #[serde(default = "by_document")]
    pub proof: String,
}

fn by_document() -> String {
    DOCUMENT.to_owned()
}

/// The content with the portal's signature, a compact JWS.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub content: Content,
    pub signed: String,
}

pub(super) fn field(id: Id) -> FieldContext<'static> {
    FieldContext::new("slips", "content_sealed", id.0)
}

impl Row {
    /// What it says.
    pub(super) fn kept(&self, keys: &Keyring) -> AppResult<Kept> {
        Ok(keys.open_json(&field(self.id), &self.content_sealed)?)
    }
}

/// The receipts that a resident was given at counters, for the copy of one's data.
pub(super) fn data(conn: &mut Conn, deps: &Deps, _: Id, person: Option<Id>) -> AppResult<Value> {
    let rows = person.map(|person| store::of_person(conn, person)).transpose()?.unwrap_or_default();
    let told = |row: &Row| -> AppResult<Value> {
        let Kept { content, signed } = row.kept(&deps.keys)?;
        Ok(json!({
            "number": row.number, "act": content.act, "about": content.about, "at": row.created_at,
            "until": content.until, "office": content.office, "phone": content.phone, "proof": content.proof,
            "signed": signed,
        }))
    };
    rows.iter().map(told).collect()
}
