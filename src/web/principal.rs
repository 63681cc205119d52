//! Who is asking: loaded once a request from the session, with the right as it is now, not as it was at sign-in.

use super::session::{Session, SessionKind};
use crate::access::Role;
use crate::db::hot::fetch;
use crate::db::schema::{accounts, persons, sessions};
use crate::db::types::{DbTime, DbUuid};
use crate::db::{Conn, Id, Mark, Marks, Ts};
use crate::error::{AppError, AppResult};
use crate::web::program::Program;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable, Text};
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

/// A resident who signed in with a phone code.
#[derive(Debug, Clone)]
pub struct ResidentPrincipal {
    /// The account (a phone).
    pub account_id: Id,
    /// The person whose document this account has claimed.
    pub person_id: Option<Id>,
    /// The person's sealed name, for the header of pages.
    pub name_sealed: Option<Vec<u8>>,
    /// Whether the privacy notice was acknowledged.
    pub notice_read: bool,
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
    /// The document of the person who the official is, sealed; none while nobody has written it down.
    pub doc_sealed: Option<Vec<u8>>,
    /// The official's own telephone, sealed.
    pub phone_sealed: Option<Vec<u8>>,
    /// From when on the login does what is hard to take back, if an administrator has made or reset it.
    pub grave_from: Option<DateTime<Utc>>,
    /// The session.
    pub session: Session,
}

/// Code of the refusal of a decision by an official of whom nobody has written down who they are.
pub const UNIDENTIFIED: &str = "official-unidentified";

impl OfficialPrincipal {
    /// The sealed document of the person who the official is.
    ///
    /// # Errors
    /// [`AppError::Conflict`] [`UNIDENTIFIED`] while nobody has written it down.
    pub fn identity(&self) -> AppResult<&[u8]> {
        self.doc_sealed.as_deref().ok_or_else(|| AppError::conflict(UNIDENTIFIED))
    }

    /// Until when the login does nothing that is hard to take back: one administrator could have made or reset two, and be
    /// both.
    pub fn waits_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.grave_from.filter(|from| *from > now)
    }

    /// That the login may do what is hard to take back.
    ///
    /// # Errors
    /// [`AppError::NotYet`].
    pub fn no_longer_new(&self, now: DateTime<Utc>) -> AppResult<()> {
        self.waits_until(now).map_or(Ok(()), |until| Err(AppError::NotYet(until)))
    }

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
    Resident(Arc<ResidentPrincipal>),
    /// An official.
    Official(Box<OfficialPrincipal>),
    /// Another system, a device or a partner province, by its key.
    Program(Arc<Program>),
}

/// Residents who asked lately, by the hash of their token. What is kept of them holds until their account, their person
/// or one of their sessions changes ([`Marks`]), so that a log-out takes effect at the next request. Officials are
/// never kept: their rights change by time alone.
pub struct Residents(Cache<[u8; 32], Kept>);

#[derive(Clone)]
struct Kept {
    resident: Arc<ResidentPrincipal>,
    account: Mark,
    person: Option<Mark>,
}

/// Residents kept at once; some 600 bytes each by estimate.
const KEPT: u64 = 500_000;
/// Whoever has not asked for so long is read again.
const KEPT_FOR: Duration = Duration::from_secs(600);

impl Default for Residents {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(KEPT).time_to_idle(KEPT_FOR).build())
    }
}

impl Residents {
    /// The resident of a token, if nothing has changed since; the session must still be looked at by the clock.
    pub fn get(&self, token: &[u8; 32], marks: &Marks) -> Option<Arc<ResidentPrincipal>> {
        let kept = self.0.get(token)?;
        let holds = |id: Id, mark| mark == marks.of(id);
        let person = kept.resident.person_id.is_none_or(|id| holds(id, kept.person));
        (person && holds(kept.resident.account_id, Some(kept.account))).then_some(kept.resident)
    }

    /// Keeps a resident who was read after the marks stood at `stand`.
    pub fn keep(&self, token: [u8; 32], resident: &Arc<ResidentPrincipal>, marks: &Marks, stand: u64) {
        let person = resident.person_id.map(|id| marks.since(stand, id));
        let (Some(account), false) = (marks.since(stand, resident.account_id), person == Some(None)) else {
            return;
        };
        self.0.insert(token, Kept { resident: resident.clone(), account, person: person.flatten() });
    }
}

/// An official in a post, as one query gives them.
type OfficialRow = (
    (Id, String, String),
    (Id, String, String),
    (Id, String, String, String),
    (Option<Vec<u8>>, Option<Vec<u8>>, Option<Ts>),
);
type OfficialColumns = (
    (DbUuid, Text, Text),
    (DbUuid, Text, Text),
    (DbUuid, Text, Text, Text),
    (Nullable<Binary>, Nullable<Binary>, Nullable<DbTime>),
);

/// Who asks by the hash of a token: `Anonymous` when there is no live session, the account is gone, the official disabled
/// or the assignment over. The official stands in the same query as the session: every request of theirs asks it.
///
/// # Errors
/// Database errors.
pub fn of_token(conn: &mut Conn, token: &[u8; 32], now: DateTime<Utc>) -> AppResult<Principal> {
    let moment = Ts::from(now);
    let found: Vec<(Session, Option<OfficialRow>)> = fetch!(
        conn,
        (sessions::SqlType, Nullable<OfficialColumns>),
        "SELECT s.id, s.public_id, s.kind, s.subject, s.assignment_id, s.csrf, s.device, s.created_at, s.last_seen_at, \
         s.expires_at, s.stepped_up_at, o.id, o.name, o.login, a.id, a.role, a.division, f.id, f.name, f.name_en, f.phone, \
         o.doc_sealed, o.phone_sealed, o.grave_from FROM sessions s \
         LEFT JOIN assignments a ON a.id = s.assignment_id AND a.valid_from <= ? AND (a.valid_to IS NULL OR a.valid_to > ?) \
         LEFT JOIN officials o ON o.id = a.official_id AND o.id = s.subject AND o.active \
         LEFT JOIN offices f ON f.id = a.office_id WHERE s.id = ?",
        DbTime => moment, DbTime => moment, Binary => token.to_vec(),
    )?;
    let Some((session, official)) = found.into_iter().next().filter(|(s, _)| s.is_live(now)) else {
        return Ok(Principal::Anonymous);
    };
    match (session.kind(), official) {
        (SessionKind::Resident, _) => resident(conn, session),
        (SessionKind::Official, Some(row)) => Ok(in_post(session, row)),
        (SessionKind::Official, None) => Ok(Principal::Anonymous),
    }
}

fn resident(conn: &mut Conn, session: Session) -> AppResult<Principal> {
    type Row = (Option<Id>, Option<Ts>, Option<Vec<u8>>);
    let row: Option<Row> = accounts::table
        .left_join(persons::table.on(persons::id.nullable().eq(accounts::person_id)))
        .filter(accounts::id.eq(session.subject))
        .select((accounts::person_id, accounts::notice_at, persons::name_sealed.nullable()))
        .first(conn)
        .optional()?;
    Ok(match row {
        Some((person_id, notice, name_sealed)) => Principal::Resident(Arc::new(ResidentPrincipal {
            account_id: session.subject,
            person_id,
            name_sealed,
            notice_read: notice.is_some(),
            session,
        })),
        None => Principal::Anonymous,
    })
}

fn in_post(session: Session, (who, post, office, sealed): OfficialRow) -> Principal {
    let ((official_id, name, login), (assignment_id, role, division)) = (who, post);
    let ((office_id, office, office_en, office_phone), (doc_sealed, phone_sealed, grave)) = (office, sealed);
    let Ok(role) = role.parse() else { return Principal::Anonymous };
    Principal::Official(Box::new(OfficialPrincipal {
        official_id,
        name,
        login,
        assignment_id,
        role,
        division,
        office_id,
        office,
        office_en,
        office_phone,
        doc_sealed,
        phone_sealed,
        grave_from: grave.map(|at| at.0),
        session,
    }))
}

/// An official of no database, for tests.
#[cfg(test)]
pub(crate) fn official_for_tests(role: Role, division: &str) -> OfficialPrincipal {
    let now: DateTime<Utc> = "2020-03-12T02:32:00Z".parse().unwrap_or_default();
    OfficialPrincipal {
        official_id: Id::new(),
        name: "李经办".into(),
        login: "li".into(),
        assignment_id: Id::new(),
        role,
        division: division.into(),
        office_id: Id::new(),
        office: "岳池县测试单位".into(),
        office_en: "Office of Yuechi".into(),
        office_phone: "0826-5220000".into(),
        doc_sealed: None,
        phone_sealed: None,
        grave_from: None,
        session: Session::for_tests(now),
    }
}
