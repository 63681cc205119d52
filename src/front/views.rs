//! What the administrator's pages of keys show, and a program reads at the same addresses.

use crate::db::{Id, Ts};
use crate::web::view::{Choice, FormView, Pager};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A key of a program.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyShown {
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// Names it in what the program signs.
    pub keyid: String,
    pub name: String,
    /// Who has it.
    pub owner: String,
    /// What it is a key of, in words.
    pub kind: String,
    /// The partner province.
    pub province: Option<String>,
    /// What it may, in words.
    pub may: Vec<String>,
    /// Requests a minute.
    pub per_minute: i32,
    /// Requests a day.
    pub per_day: i32,
    /// `active`, `soon`, `expired`, `revoked`.
    pub state: &'static str,
    #[schema(value_type = DateTime<Utc>)]
    pub expires: Ts,
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub revoked: Option<Ts>,
    /// When it was used last.
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub seen: Option<Ts>,
    #[schema(value_type = DateTime<Utc>)]
    pub created: Ts,
    /// Send it with what changes the key.
    pub version: String,
}

/// The keys, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeysPage {
    pub keys: Vec<KeyShown>,
    pub pager: Pager,
}

/// A key that is to be given.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyFormPage {
    pub form: FormView,
    pub kinds: Vec<Choice>,
    pub scopes: Vec<Choice>,
    /// Partner provinces.
    pub provinces: Vec<Choice>,
}

/// What verifies signatures of a key.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyProofShown {
    /// The algorithm, in words.
    pub algorithm: String,
    /// SHA-256 fingerprint of a partner's client certificate, hexadecimal.
    pub certificate: Option<String>,
    pub since: DateTime<Utc>,
    /// When it ends, once another has replaced it.
    pub ends: Option<DateTime<Utc>>,
    pub over: bool,
}

/// A key, with what verifies its signatures.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyPage {
    pub form: FormView,
    pub key: KeyShown,
    /// The newest first.
    pub proofs: Vec<KeyProofShown>,
    /// Who gave it.
    pub by: Option<String>,
    /// For how many hours the one before can go on counting.
    pub overlaps: Vec<Choice>,
    /// Whether it is a partner's.
    pub partner: bool,
    /// Why it was revoked.
    pub reason: Option<String>,
}
