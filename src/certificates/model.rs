//! What the slice knows about a certificate.

use crate::db::{Id, Ts};
use crate::hcert::Conclusion;
use crate::policy::{Cause, Words};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

/// A certificate row as stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::certificates)]
pub(super) struct Row {
    pub id: Id,
    pub number: String,
    pub declaration_id: Id,
    pub person_id: Id,
    pub account_id: Option<Id>,
    pub state: String,
    pub version: i64,
    pub destination_division: Option<String>,
    pub conclusion: String,
    pub temperature_tenths: i32,
    pub token_sealed: Vec<u8>,
    pub status_list: i64,
    pub status_index: i32,
    pub office_id: Id,
    pub official_id: Id,
    pub issued_at: Ts,
    pub expires_at: Ts,
    pub end_reason_sealed: Option<Vec<u8>>,
    pub suspended_at: Option<Ts>,
    pub causes_sealed: Option<Vec<u8>>,
    /// When the holder took the consent to it back.
    pub withdrawn_at: Option<Ts>,
}

/// Where a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// May be shown.
    Valid,
    /// Its days are over.
    Expired,
    /// Cannot be used while a cause of the holder's colour lasts.
    Suspended,
    /// Withdrawn by the health centre.
    Revoked,
    /// A newer one took its place.
    Superseded,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Valid, Self::Suspended, Self::Expired, Self::Revoked, Self::Superseded];

    /// The state at a moment, from what is stored.
    pub fn of(stored: &str, suspended: bool, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        match stored {
            "revoked" => Self::Revoked,
            "superseded" => Self::Superseded,
            _ if expires_at <= now => Self::Expired,
            _ if suspended => Self::Suspended,
            _ => Self::Valid,
        }
    }

    /// Whether it still counts: it may be shown, or comes back with the end of a cause. Only such a one can end.
    pub fn counts(self) -> bool {
        matches!(self, Self::Valid | Self::Suspended)
    }

    /// The suffix of the catalogue key `certificate-state-<code>`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Superseded => "superseded",
        }
    }

    /// The tag that shows it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Valid => "ok",
            Self::Suspended => "bad",
            Self::Expired => "warn",
            Self::Revoked => "bad",
            Self::Superseded => "idle",
        }
    }
}

/// The stored code of a conclusion, the suffix of `certificate-conclusion-<code>`.
pub fn conclusion_code(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::NoAbnormality => "no-abnormality",
        Conclusion::FitWithMonitoring => "fit-with-monitoring",
    }
}

/// The conclusion with this code.
pub fn conclusion_of(code: &str) -> Option<Conclusion> {
    [Conclusion::NoAbnormality, Conclusion::FitWithMonitoring]
        .into_iter()
        .find(|c| conclusion_code(*c) == code)
}

/// The certificate of a person of whom only the document is known, for staff lists and trips.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateState {
    /// Its number.
    pub number: String,
    /// Where it stands.
    pub state: State,
    /// When it ends or ended.
    pub expires_at: DateTime<Utc>,
}

/// A cause of the holder's colour on which a certificate is suspended or was revoked, as the holder is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Because {
    /// Id of the rule.
    pub rule: String,
    /// Why, in plain words.
    #[schema(value_type = Object)]
    pub reason: Words,
    /// The office that answers for it.
    #[schema(value_type = Object)]
    pub authority: Words,
    /// Its telephone.
    pub phone: String,
    /// When it ends, if that is known.
    pub until: Option<DateTime<Utc>>,
}

impl From<&Cause> for Because {
    fn from(cause: &Cause) -> Self {
        Self {
            rule: cause.rule.clone(),
            reason: cause.reason.clone(),
            authority: cause.authority.name.clone(),
            phone: cause.authority.phone.clone(),
            until: cause.until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_still_counts_can_be_used_or_comes_back() {
        let counting: Vec<State> = State::ALL.into_iter().filter(|s| s.counts()).collect();
        assert_eq!(counting, [State::Valid, State::Suspended]);
        let (end, now) = ("2020-03-19T16:00:00Z".parse().unwrap(), "2020-03-19T15:59:59Z".parse().unwrap());
        assert!(State::of("valid", true, end, now).counts());
        assert!(!State::of("valid", false, end, end).counts(), "its days are over with the end itself");
    }
}
