//! What an administrator asks for, by a form or a program, brought to one shape and checked by one set of rules.

use super::{cascade, grave, is_login, store};
use crate::access::{Role, is_of_province};
use crate::audit::Actor;
use crate::clock::{is_plausible_day, start_of_day};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DivisionCode, divisions};
use crate::officials::{NewAssignment, NewOffice, NewOfficial, OfficeDuty, OfficeKind, add_official, assign};
use crate::web::form::Form;
use crate::web::principal::OfficialPrincipal;
use crate::web::text;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A right: a role for a division, in an office, from a day to a day.
#[derive(Debug, Clone, Default, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RightInput {
    /// Code of the role, such as `village-worker`.
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub role: String,
    /// The office in which it is exercised.
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub office: String,
    /// Division whose prefix is the jurisdiction.
    #[validate(length(max = 12))]
    #[schema(max_length = 12)]
    pub division: String,
    /// First day; left out: from now on.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day, which counts; left out: until it is ended.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Sign-in name of the official for whom this one stands in; needs a last day.
    #[serde(default)]
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    pub substitute: Option<String>,
}

/// The division, if it is one and lies in the administrator's own.
fn inside(code: &str, o: &OfficialPrincipal) -> Option<DivisionCode> {
    let code = DivisionCode::parse(code).ok()?;
    (divisions().get(code).is_some() && o.covers(&code.to_string())).then_some(code)
}

impl RightInput {
    /// Reads the form; days that are none are told.
    pub(super) fn of(form: &Form, own: &str, errors: &mut Vec<FieldError>) -> Self {
        let mut day = |field: &str| {
            form.view().date(field).unwrap_or_else(|_| {
                errors.push(FieldError::new(field, "invalid"));
                None
            })
        };
        let (from, to) = (day("from"), day("to"));
        Self {
            role: form.get("role").to_owned(),
            office: form.get("office").to_owned(),
            division: cascade::chosen(form, "division", own).map(|d| d.to_string()).unwrap_or_default(),
            from,
            to,
            substitute: form.text("substitute").map(str::to_owned),
        }
    }

    /// The right, if nothing is wrong with it; the official is filled in by the caller.
    pub(super) fn check(
        &self,
        o: &OfficialPrincipal,
        now: DateTime<Utc>,
        errors: &mut Vec<FieldError>,
    ) -> Option<NewAssignment> {
        let before = errors.len();
        let mut wrong = |field: &str, code: &'static str| errors.push(FieldError::new(field, code));
        let (role, office) = (self.role.parse::<Role>().ok(), self.office.parse::<Id>().ok());
        let place = inside(&self.division, o);
        if role.is_none() {
            wrong("role", "required");
        }
        if office.is_none() {
            wrong("office", "required");
        }
        match (role, place) {
            (_, None) => wrong("division", "division-outside"),
            (Some(role), Some(place)) if role.is_provincial() && !is_of_province(&place.to_string()) => {
                wrong("division", "role-province");
            }
            _ => {}
        }
        for (field, day) in [("from", self.from), ("to", self.to)] {
            if day.is_some_and(|d| !is_plausible_day(d)) {
                wrong(field, "invalid");
            }
        }
        let from = self.from.filter(|d| is_plausible_day(*d)).map_or(now, start_of_day);
        // The last day counts.
        let to = self.to.filter(|d| is_plausible_day(*d)).map(|d| start_of_day(d) + Duration::days(1));
        if to.is_some_and(|to| to <= from) {
            wrong("to", "range");
        }
        if self.stands_in().is_some() && to.is_none() {
            wrong("to", "substitute-dated");
        }
        if errors.len() > before {
            return None;
        }
        Some(NewAssignment {
            official: o.official_id,
            office: office?,
            role: role?,
            division: place?,
            from,
            to,
            substitute_for: None,
            created_by: Some(o.official_id),
        })
    }

    /// Sign-in name of the one who is stood in for.
    pub(super) fn stands_in(&self) -> Option<String> {
        self.substitute.as_deref().map(|s| s.trim().to_lowercase()).filter(|s| !s.is_empty())
    }
}

/// Gives a right, in an office and for an official within reach.
pub(super) fn give(
    tx: &mut Tx<'_>,
    by: Actor,
    reach: &store::Reach,
    mut right: NewAssignment,
    stands_in: Option<&str>,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    let official = right.official;
    store::official(tx.conn(), reach, official)?;
    store::office(tx.conn(), reach, right.office)?;
    if let Some(login) = stands_in {
        let other = store::official_by_login(tx.conn(), reach, login)?.filter(|other| *other != official);
        let other = other.ok_or_else(|| AppError::field("substitute", "no-such-official"))?;
        right.substitute_for = Some(other);
    }
    assign(tx, by, &right, now)
}

/// Sign-in name and name of a new member of staff; what is wrong is added to the errors.
pub(super) fn read_names(login: &str, name: &str, errors: &mut Vec<FieldError>) -> (String, String) {
    let login = login.trim().to_lowercase();
    if !is_login(&login) {
        errors.push(FieldError::new("login", "login-form"));
    }
    (login, text::line("name", name, 60).map_err(|e| errors.push(e)).unwrap_or_default())
}

/// Nobody changes their own account.
pub(super) fn not_own(o: &OfficialPrincipal, id: Id) -> AppResult<()> {
    if id == o.official_id { Err(AppError::conflict("own-account")) } else { Ok(()) }
}

/// Adds a member of staff with a first right, who is told; gives both identifiers.
pub(super) fn hire(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: Actor,
    reach: &store::Reach,
    new: &NewOfficial,
    right: &NewAssignment,
    now: DateTime<Utc>,
) -> AppResult<(Id, Id)> {
    store::office(tx.conn(), reach, right.office)?;
    let official = add_official(tx, keys, by.clone(), new, now)?;
    store::waits(tx, official, &by, now)?;
    grave::tell(tx, keys, official, "hire", now)?;
    let right = NewAssignment { official, ..right.clone() };
    Ok((official, assign(tx, by, &right, now)?))
}

/// An office.
#[derive(Debug, Clone, Default, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficeInput {
    /// Name as on its door plate.
    #[validate(length(max = 80))]
    #[schema(max_length = 80)]
    pub name: String,
    /// English name.
    #[serde(default)]
    #[validate(length(max = 120))]
    #[schema(max_length = 120)]
    pub name_en: String,
    /// Kind, such as `health-centre`.
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub kind: String,
    /// What it answers for towards residents: `disease-control` or `health`; empty for most.
    #[serde(default)]
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub duty: String,
    /// Where it is.
    #[validate(length(max = 12))]
    #[schema(max_length = 12)]
    pub division: String,
    /// Telephone for residents, as it is to be shown.
    #[validate(length(max = 30))]
    #[schema(max_length = 30)]
    pub phone: String,
    /// The version that was seen: needed to change an office, passed over for a new one.
    #[serde(default)]
    pub version: Option<i64>,
}

impl OfficeInput {
    /// Reads the form.
    pub(super) fn of(form: &Form, own: &str) -> Self {
        Self {
            name: form.get("name").to_owned(),
            name_en: form.get("name_en").to_owned(),
            kind: form.get("kind").to_owned(),
            duty: form.get("duty").to_owned(),
            division: cascade::chosen(form, "division", own).map(|d| d.to_string()).unwrap_or_default(),
            phone: form.get("phone").to_owned(),
            version: form.get("version").parse().ok(),
        }
    }

    /// The office, or everything that is wrong.
    pub(super) fn check(&self, o: &OfficialPrincipal) -> Result<NewOffice, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut line = |field: &str, typed: &str, longest: usize| {
            text::line(field, typed, longest).map_err(|e| errors.push(e)).unwrap_or_default()
        };
        let (name, phone) = (line("name", &self.name, 80), line("phone", &self.phone, 30));
        let name_en = text::some_line("name_en", &self.name_en, 120).map_err(|e| errors.push(e));
        let name_en = name_en.ok().flatten().unwrap_or_default();
        let (kind, place) = (OfficeKind::from_code(&self.kind), inside(&self.division, o));
        if kind.is_none() {
            errors.push(FieldError::new("kind", "required"));
        }
        if place.is_none() {
            errors.push(FieldError::new("division", "division-outside"));
        }
        let duty = OfficeDuty::from_code(&self.duty);
        if duty.is_none() && !self.duty.is_empty() {
            errors.push(FieldError::new("duty", "invalid"));
        }
        match (kind, place) {
            (Some(kind), Some(division)) if errors.is_empty() => {
                Ok(NewOffice { name, name_en, kind, duty, division, phone })
            }
            _ => Err(errors),
        }
    }
}
