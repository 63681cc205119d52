//! Keys as they are stored, and how they stand.

use crate::db::schema::{program_keys, program_secrets};
use crate::db::{Id, Ts};
use crate::web::program::{Kind, Scope};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

/// Before the end of a key its row says that it is near.
const SOON: Duration = Duration::days(30);

/// A key.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = program_keys)]
pub(super) struct KeyRow {
    pub id: Id,
    pub keyid: String,
    pub kind: String,
    pub name: String,
    pub owner: String,
    pub province: Option<String>,
    pub scopes: String,
    pub per_minute: i32,
    pub per_day: i32,
    pub expires_at: Ts,
    pub revoked_at: Option<Ts>,
    pub revoked_sealed: Option<Vec<u8>>,
    pub seen_at: Option<Ts>,
    pub version: i64,
    pub created_by: Option<Id>,
    pub created_at: Ts,
}

impl KeyRow {
    /// `revoked`, `expired`, `soon` within 30 days of its end, else `active`.
    pub(super) fn state(&self, now: DateTime<Utc>) -> &'static str {
        match self.revoked_at {
            Some(_) => "revoked",
            None if self.expires_at.0 <= now => "expired",
            None if self.expires_at.0 <= now + SOON => "soon",
            None => "active",
        }
    }

    pub(super) fn scopes(&self) -> Vec<Scope> {
        self.scopes.split(' ').filter_map(|code| code.parse().ok()).collect()
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        Kind::from_code(&self.kind)
    }
}

/// What verifies, without what it is made of.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = program_secrets)]
pub(super) struct SecretRow {
    pub algorithm: String,
    pub certificate: Option<Vec<u8>>,
    pub created_at: Ts,
    pub ends_at: Option<Ts>,
}

/// A key.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessKey {
    /// Identifier.
    pub id: String,
    /// The name of the key, which stands in each signature.
    pub keyid: String,
    /// `client`, `device` or `partner`.
    pub kind: String,
    /// What the program is called.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// Division code of a partner province.
    pub province: Option<String>,
    /// What it may do, beside learning as whom it is recognised.
    pub scopes: Vec<String>,
    /// Requests in a minute.
    pub per_minute: i32,
    /// Requests in a day.
    pub per_day: i32,
    /// `active`, `soon` (30 days before its end), `expired`, `revoked`.
    pub state: &'static str,
    /// Exclusive end.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute; nothing before its first use.
    pub seen_at: Option<DateTime<Utc>>,
    /// When it was given.
    pub created_at: DateTime<Utc>,
    /// Send it to replace or revoke the key.
    pub version: i64,
}

impl AccessKey {
    pub(super) fn of(row: &KeyRow, now: DateTime<Utc>) -> Self {
        Self {
            id: row.id.to_string(),
            keyid: row.keyid.clone(),
            kind: row.kind.clone(),
            name: row.name.clone(),
            owner: row.owner.clone(),
            province: row.province.clone(),
            scopes: row.scopes().iter().map(ToString::to_string).collect(),
            per_minute: row.per_minute,
            per_day: row.per_day,
            state: row.state(now),
            expires_at: row.expires_at.0,
            revoked_at: row.revoked_at.map(|at| at.0),
            seen_at: row.seen_at.map(|at| at.0),
            created_at: row.created_at.0,
            version: row.version,
        }
    }
}

/// What verifies the signatures of a key.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyProof {
    /// `hmac-sha256`, `ecdsa-p256-sha256` or `ed25519`.
    pub algorithm: String,
    /// SHA-256 fingerprint of a partner's client certificate, hexadecimal.
    pub certificate: Option<String>,
    /// Since when it counts.
    pub since: DateTime<Utc>,
    /// Exclusive end, once another has replaced it.
    pub ends_at: Option<DateTime<Utc>>,
}

impl From<SecretRow> for KeyProof {
    fn from(row: SecretRow) -> Self {
        Self {
            algorithm: row.algorithm,
            certificate: row.certificate.map(hex::encode),
            since: row.created_at.0,
            ends_at: row.ends_at.map(|at| at.0),
        }
    }
}
