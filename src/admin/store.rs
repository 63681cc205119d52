//! SQL of the administrator's pages. No table with residents' data is read here.

use crate::access::Role;
use crate::audit::{self, Actor, Entry};
use crate::db::schema::{assignments, offices, officials, recovery_codes};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::officials::{NEW_FOR, NewOffice, OfficeDuty};
use crate::web::principal::OfficialPrincipal;
use crate::web::session::{self, SessionKind};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// An official in the list.
#[derive(Debug, Clone, Serialize, Queryable, Selectable)]
#[diesel(table_name = officials)]
pub(super) struct OfficialRow {
    pub id: Id,
    pub login: String,
    pub name: String,
    pub active: bool,
    pub must_change: bool,
    pub locked_until: Option<Ts>,
    pub version: i64,
    pub last_signin_at: Option<Ts>,
    pub doc_sealed: Option<Vec<u8>>,
    pub phone_sealed: Option<Vec<u8>>,
    pub grave_from: Option<Ts>,
    pub grave_by: Option<Id>,
}

impl OfficialRow {
    /// Until when the login does nothing that is hard to take back.
    pub(super) fn waits_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.grave_from.map(|at| at.0).filter(|at| *at > now)
    }
}

/// What an administrator may touch: the offices of the jurisdiction, and the officials whose rights all lie in it.
///
/// Whoever has a right elsewhere, too, is left to an administrator above both: else the administrator of a county
/// could set the password of an official of the province, and be one.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    pub(super) pattern: String,
    pub(super) now: DateTime<Utc>,
}

pub(super) type Staff = Box<
    dyn diesel::BoxableExpression<officials::table, crate::db::conn::Multi, SqlType = diesel::sql_types::Bool>,
>;

impl Reach {
    pub(super) fn of(by: &OfficialPrincipal, now: DateTime<Utc>) -> Self {
        Self { pattern: by.pattern(), now }
    }

    /// The moment of which it speaks.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub(super) fn staff(&self) -> Staff {
        let here = assignments::table
            .filter(assignments::division.like(self.pattern.clone()))
            .select(assignments::official_id);
        let now = Ts::from(self.now);
        let elsewhere = assignments::table
            .filter(assignments::division.not_like(self.pattern.clone()))
            .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
            .select(assignments::official_id);
        Box::new(officials::id.eq_any(here).and(officials::id.ne_all(elsewhere)))
    }
}

pub(super) fn official(conn: &mut Conn, reach: &Reach, id: Id) -> AppResult<OfficialRow> {
    Ok(officials::table
        .filter(officials::id.eq(id))
        .filter(reach.staff())
        .select(OfficialRow::as_select())
        .first(conn)?)
}

/// The same, held until the transaction ends: of two who act on one official at the same moment the second sees what the
/// first has done (on PostgreSQL neither would; SQLite has one writer).
pub(super) fn held(tx: &mut Tx<'_>, reach: &Reach, id: Id) -> AppResult<OfficialRow> {
    let one = officials::table.filter(officials::id.eq(id));
    diesel::update(one).set(officials::version.eq(officials::version)).execute(tx.conn())?;
    official(tx.conn(), reach, id)
}

/// An assignment of an official, past, present or future.
#[derive(Debug, Clone)]
pub(super) struct AssignmentRow {
    pub id: Id,
    pub office: String,
    pub office_en: String,
    pub role: String,
    pub division: String,
    pub from: Ts,
    pub to: Option<Ts>,
    pub substitute_for: Option<Id>,
}

type Raw = (Id, String, String, String, String, Ts, Option<Ts>, Option<Id>);

pub(super) fn assignments_of(conn: &mut Conn, official: Id) -> AppResult<Vec<AssignmentRow>> {
    let rows: Vec<Raw> = assignments::table
        .inner_join(offices::table.on(offices::id.eq(assignments::office_id)))
        .filter(assignments::official_id.eq(official))
        .order(assignments::valid_from.desc())
        .select((
            assignments::id,
            offices::name,
            offices::name_en,
            assignments::role,
            assignments::division,
            assignments::valid_from,
            assignments::valid_to,
            assignments::substitute_for,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, office, office_en, role, division, from, to, substitute_for)| AssignmentRow {
            id,
            office,
            office_en,
            role,
            division,
            from,
            to,
            substitute_for,
        })
        .collect())
}

/// Whether an official within reach has this assignment and it is not over.
///
/// # Errors
/// [`AppError::NotFound`].
pub(super) fn right(conn: &mut Conn, reach: &Reach, official: Id, id: Id) -> AppResult<Id> {
    self::official(conn, reach, official)?;
    Ok(assignments::table
        .find(id)
        .filter(assignments::official_id.eq(official))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(Ts::from(reach.now))))
        .select(assignments::id)
        .first(conn)?)
}

/// Ends an assignment now; whoever acts in it loses it with the next request.
pub(super) fn end_assignment(
    tx: &mut Tx<'_>,
    by: Actor,
    reach: &Reach,
    official: Id,
    id: Id,
) -> AppResult<()> {
    self::official(tx.conn(), reach, official)?;
    let now = reach.now;
    let now_ts = Ts::from(now);
    let ended = diesel::update(
        assignments::table
            .find(id)
            .filter(assignments::official_id.eq(official))
            .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now_ts))),
    )
    .set(assignments::valid_to.eq(Some(now_ts)))
    .execute(tx.conn())?;
    if ended == 0 {
        return Err(AppError::NotFound);
    }
    audit::append(tx, now, Entry::new(by, "assignment.end", "assignment").object(id))?;
    Ok(())
}

/// Disables or enables an official. Disabling ends every session at once.
pub(super) fn set_active(tx: &mut Tx<'_>, by: Actor, reach: &Reach, id: Id, active: bool) -> AppResult<()> {
    official(tx.conn(), reach, id)?;
    let now = reach.now;
    let changed = diesel::update(officials::table.find(id))
        .set((officials::active.eq(active), officials::version.eq(officials::version + 1)))
        .execute(tx.conn())?;
    if changed == 0 {
        return Err(AppError::NotFound);
    }
    if !active {
        session::end_all(tx, SessionKind::Official, id)?;
    }
    let action = if active { "official.enable" } else { "official.disable" };
    audit::append(tx, now, Entry::new(by, action, "official").object(id))?;
    Ok(())
}

/// Whoever made or reset a login knows its first password, and could do so with two and be both: from now on it waits, and
/// for a day once it is used.
pub(super) fn waits(tx: &mut Tx<'_>, id: Id, by: &Actor, now: DateTime<Utc>) -> AppResult<()> {
    let who = if let Actor::Official { id, .. } = by { Some(*id) } else { None };
    diesel::update(officials::table.find(id))
        .set((officials::grave_from.eq(Some(Ts::from(now + NEW_FOR))), officials::grave_by.eq(who)))
        .execute(tx.conn())?;
    Ok(())
}

/// The login waits no longer; false when somebody has made or reset it meanwhile.
pub(super) fn waits_no_more(tx: &mut Tx<'_>, row: &OfficialRow) -> AppResult<bool> {
    let same = officials::table.find(row.id).filter(officials::grave_from.eq(row.grave_from));
    let changed = diesel::update(same.filter(officials::version.eq(row.version)))
        .set((officials::grave_from.eq(None::<Ts>), officials::grave_by.eq(None::<Id>)))
        .execute(tx.conn())?;
    Ok(changed == 1)
}

/// Sets a one-time password, removes the second factor and recovery codes, ends every session.
pub(super) fn reset(tx: &mut Tx<'_>, by: Actor, reach: &Reach, id: Id, password_hash: &str) -> AppResult<()> {
    official(tx.conn(), reach, id)?;
    let now = reach.now;
    let changed = diesel::update(officials::table.find(id))
        .set((
            officials::password_hash.eq(password_hash),
            officials::must_change.eq(true),
            officials::totp_sealed.eq(None::<Vec<u8>>),
            officials::failed.eq(0),
            officials::locked_until.eq(None::<Ts>),
            officials::version.eq(officials::version + 1),
        ))
        .execute(tx.conn())?;
    if changed == 0 {
        return Err(AppError::NotFound);
    }
    diesel::delete(recovery_codes::table.filter(recovery_codes::official_id.eq(id))).execute(tx.conn())?;
    session::end_all(tx, SessionKind::Official, id)?;
    waits(tx, id, &by, now)?;
    audit::append(tx, now, Entry::new(by, "official.reset", "official").object(id))?;
    Ok(())
}

/// An office in the list.
#[derive(Debug, Clone, Serialize, Queryable, Selectable)]
#[diesel(table_name = offices)]
pub(super) struct OfficeRow {
    pub id: Id,
    pub name: String,
    pub name_en: String,
    pub kind: String,
    pub division: String,
    pub phone: String,
    pub active: bool,
    pub version: i64,
    pub duty: Option<String>,
}

pub(super) fn office(conn: &mut Conn, reach: &Reach, id: Id) -> AppResult<OfficeRow> {
    Ok(offices::table
        .filter(offices::id.eq(id))
        .filter(offices::division.like(reach.pattern.clone()))
        .select(OfficeRow::as_select())
        .first(conn)?)
}

/// Changes an office that nobody has changed since it was shown.
pub(super) fn update_office(
    tx: &mut Tx<'_>,
    by: Actor,
    reach: &Reach,
    id: Id,
    version: i64,
    new: &NewOffice,
) -> AppResult<()> {
    office(tx.conn(), reach, id)?;
    let now = reach.now;
    let changed = diesel::update(offices::table.find(id).filter(offices::version.eq(version)))
        .set((
            offices::name.eq(&new.name),
            offices::name_en.eq(&new.name_en),
            offices::kind.eq(new.kind.code()),
            offices::duty.eq(new.duty.map(OfficeDuty::code)),
            offices::division.eq(new.division.to_string()),
            offices::phone.eq(&new.phone),
            offices::version.eq(version + 1),
        ))
        .execute(tx.conn())?;
    if changed == 0 {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    let detail = json!({"kind": new.kind.code(), "division": new.division.to_string()});
    audit::append(tx, now, Entry::new(by, "office.update", "office").object(id).detail(detail))?;
    Ok(())
}

/// Whether anybody can administrate: an active official with the role in force.
///
/// # Errors
/// Database errors.
pub fn has_administrator(conn: &mut Conn, now: DateTime<Utc>) -> AppResult<bool> {
    let now = Ts::from(now);
    let count: i64 = assignments::table
        .inner_join(officials::table.on(officials::id.eq(assignments::official_id)))
        .filter(assignments::role.eq(Role::Administrator.code()))
        .filter(officials::active.eq(true))
        .filter(assignments::valid_from.le(now))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}

pub(super) fn official_by_login(conn: &mut Conn, reach: &Reach, login: &str) -> AppResult<Option<Id>> {
    Ok(officials::table
        .filter(officials::login.eq(login.to_owned()))
        .filter(reach.staff())
        .select(officials::id)
        .first(conn)
        .optional()?)
}
