//! Who is asking: loaded once a request from the session, with the right as it is now, not as it was at sign-in.

use super::session::{Session, SessionKind};
use crate::access::Role;
use crate::db::schema::{accounts, assignments, offices, officials, persons};
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A resident who signed in with a phone code.
#[derive(Debug, Clone)]
pub struct ResidentPrincipal {
    /// The account (a phone).
    pub account_id: Id,
    /// The person whose document this account has claimed.
    pub person_id: Option<Id>,
    /// The person's sealed name, for the header of pages.
    pub name_sealed: Option<Vec<u8>>,
    /// The session.
    pub session: Session,
}

/// An official acting in one assignment.
#[derive(Debug, Clone)]
pub struct OfficialPrincipal {
    /// The official.
    pub official_id: Id,
    /// Name as colleagues and the audit know it.
    pub name: String,
    /// Sign-in name.
    pub login: String,
    /// The assignment in force.
    pub assignment_id: Id,
    /// Role of the assignment.
    pub role: Role,
    /// Division code whose prefix is the jurisdiction.
    pub division: String,
    /// The office.
    pub office_id: Id,
    /// Its name.
    pub office: String,
    /// Its English name.
    pub office_en: String,
    /// Its telephone.
    pub office_phone: String,
    /// The session.
    pub session: Session,
}

impl OfficialPrincipal {
    /// A `LIKE` pattern over division codes: the jurisdiction part of every query.
    pub fn pattern(&self) -> String {
        crate::access::pattern(&self.division)
    }

    /// Whether a division lies in the jurisdiction.
    pub fn covers(&self, division: &str) -> bool {
        division.starts_with(crate::access::prefix(&self.division))
    }

    /// The office's name in a language.
    pub fn office_name(&self, english: bool) -> &str {
        if english && !self.office_en.is_empty() { &self.office_en } else { &self.office }
    }
}

/// Who is asking.
#[derive(Debug, Clone, Default)]
pub enum Principal {
    /// Nobody has signed in.
    #[default]
    Anonymous,
    /// A resident.
    Resident(Box<ResidentPrincipal>),
    /// An official.
    Official(Box<OfficialPrincipal>),
}

/// The principal of a live session; `Anonymous` when the account is gone, the official disabled or the
/// assignment over.
///
/// # Errors
/// Database errors.
pub fn load(conn: &mut Conn, session: Session, now: DateTime<Utc>) -> AppResult<Principal> {
    match session.kind() {
        SessionKind::Resident => {
            type Row = (Option<Id>, Option<Vec<u8>>);
            let row: Option<Row> = accounts::table
                .left_join(persons::table.on(persons::id.nullable().eq(accounts::person_id)))
                .filter(accounts::id.eq(session.subject))
                .select((accounts::person_id, persons::name_sealed.nullable()))
                .first(conn)
                .optional()?;
            Ok(match row {
                Some((person_id, name_sealed)) => Principal::Resident(Box::new(ResidentPrincipal {
                    account_id: session.subject,
                    person_id,
                    name_sealed,
                    session,
                })),
                None => Principal::Anonymous,
            })
        }
        SessionKind::Official => official(conn, session, now),
    }
}

type OfficialRow = (Id, String, String, Id, String, String, Id, String, String, String);

fn official(conn: &mut Conn, session: Session, now: DateTime<Utc>) -> AppResult<Principal> {
    let Some(assignment) = session.assignment_id else { return Ok(Principal::Anonymous) };
    let now = Ts::from(now);
    let row: Option<OfficialRow> = assignments::table
        .inner_join(officials::table.on(officials::id.eq(assignments::official_id)))
        .inner_join(offices::table.on(offices::id.eq(assignments::office_id)))
        .filter(assignments::id.eq(assignment))
        .filter(officials::id.eq(session.subject))
        .filter(officials::active.eq(true))
        .filter(assignments::valid_from.le(now))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
        .select((
            officials::id,
            officials::name,
            officials::login,
            assignments::id,
            assignments::role,
            assignments::division,
            offices::id,
            offices::name,
            offices::name_en,
            offices::phone,
        ))
        .first(conn)
        .optional()?;
    let Some((official_id, name, login, assignment_id, role, division, office_id, office, office_en, phone)) =
        row
    else {
        return Ok(Principal::Anonymous);
    };
    let Ok(role) = role.parse() else { return Ok(Principal::Anonymous) };
    Ok(Principal::Official(Box::new(OfficialPrincipal {
        official_id,
        name,
        login,
        assignment_id,
        role,
        division,
        office_id,
        office,
        office_en,
        office_phone: phone,
        session,
    })))
}
