//! Offices, staff and assignments as they are made.

use crate::access::Role;
use crate::db::Id;
use crate::identity::{DivisionCode, DocumentNumber, EmailAddress, Phone};
use chrono::{DateTime, TimeDelta, Utc};

/// How long a login that an administrator has made or reset does nothing that is hard to take back, unless another one
/// vouches for it.
pub const NEW_FOR: TimeDelta = TimeDelta::hours(24);

/// What kind of office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficeKind {
    /// 村（居）委会.
    Village,
    /// 卫生院、社区卫生服务中心.
    HealthCentre,
    /// 乡镇政府、街道办事处.
    Town,
    /// 县级部门.
    County,
    /// 市州部门.
    Prefecture,
    /// 省级部门.
    Province,
}

impl OfficeKind {
    /// Every kind, the nearest to the resident first.
    pub const ALL: [Self; 6] =
        [Self::Village, Self::HealthCentre, Self::Town, Self::County, Self::Prefecture, Self::Province];

    /// The stored code; also the suffix of the catalogue key `office-kind-<code>`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Village => "village",
            Self::HealthCentre => "health-centre",
            Self::Town => "town",
            Self::County => "county",
            Self::Prefecture => "prefecture",
            Self::Province => "province",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What an office answers for towards residents, beside the work of its staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficeDuty {
    /// 疾病预防控制: the causes of colours in its division.
    DiseaseControl,
    /// 卫生健康主管部门: answers where no office for disease control is known.
    Health,
}

impl OfficeDuty {
    /// Every duty.
    pub const ALL: [Self; 2] = [Self::DiseaseControl, Self::Health];

    /// The stored code; also the suffix of the catalogue key `office-duty-<code>`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DiseaseControl => "disease-control",
            Self::Health => "health",
        }
    }

    /// The duty with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.code() == code)
    }
}

/// An office to be added or changed.
#[derive(Debug, Clone)]
pub struct NewOffice {
    /// Name as on its door plate.
    pub name: String,
    /// English name; may be empty.
    pub name_en: String,
    /// What kind.
    pub kind: OfficeKind,
    /// What it answers for towards residents.
    pub duty: Option<OfficeDuty>,
    /// Where it is; its prefix is the widest jurisdiction of its staff.
    pub division: DivisionCode,
    /// Telephone for residents, as it is to be shown.
    pub phone: String,
}

/// A member of staff to be added.
#[derive(Debug, Clone)]
pub struct NewOfficial {
    /// Sign-in name, lower case.
    pub login: String,
    /// Name as colleagues and the audit know it.
    pub name: String,
    /// Argon2id hash (PHC string) of the first password; made before the transaction, as it takes its time.
    pub password_hash: String,
    /// Whether the first sign-in has to set a new password and enrol the second factor.
    pub must_change: bool,
    /// E-mail for messages about work.
    pub email: Option<EmailAddress>,
    /// The official's own telephone.
    pub phone: Option<Phone>,
    /// The document of the person who the official is: nobody decides their own case, and one person is one official.
    pub document: DocumentNumber,
}

impl NewOfficial {
    /// A member of staff who has to change the first password.
    pub fn first(
        login: String,
        name: String,
        password_hash: String,
        document: DocumentNumber,
        phone: Option<Phone>,
    ) -> Self {
        Self { login, name, password_hash, must_change: true, email: None, phone, document }
    }
}

/// A right to be given.
#[derive(Debug, Clone)]
pub struct NewAssignment {
    /// Who gets it.
    pub official: Id,
    /// In which office.
    pub office: Id,
    /// Which role.
    pub role: Role,
    /// Division whose prefix is the jurisdiction.
    pub division: DivisionCode,
    /// First moment.
    pub from: DateTime<Utc>,
    /// Exclusive end; open if none.
    pub to: Option<DateTime<Utc>>,
    /// The official for whom this one stands in.
    pub substitute_for: Option<Id>,
    /// The administrator who gave it; none for the console and the demonstration.
    pub created_by: Option<Id>,
}
