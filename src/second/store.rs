//! SQL of what waits for a second official.

use crate::access::Role;
use crate::db::schema::second_waits as w;
use crate::db::schema::{offices, officials, persons, second_waits};
use crate::db::{Conn, Id, Js, Ts, Tx};
use crate::error::AppResult;
use crate::kept::served;
use crate::worklist::{Among, Holder, Lane, Search, Within, looked_for, ordered};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// State of what is not decided yet.
pub(super) const OPEN: &str = "open";

/// A row of `second_waits`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = second_waits)]
pub(super) struct Wait {
    pub id: Id,
    pub kind: String,
    pub holder_id: Id,
    pub person_id: Option<Id>,
    pub division: String,
    pub roles: String,
    pub detail: Js,
    pub state: String,
    pub entered_by: Option<Id>,
    pub office_id: Option<Id>,
    pub entered_at: Ts,
    pub expires_at: Ts,
    pub warned_at: Option<Ts>,
    pub ended_at: Option<Ts>,
}

/// A row of the list: with whom it is about, the official's name and sign-in name, and the office's names.
pub(super) type Listed = (Wait, Option<Holder>, Option<(String, String)>, Option<(String, String)>);

/// Where a row stands: when it was entered, and which.
pub(super) type Key = (Ts, Id);

/// What is entered now. Where it was on the list already it stays as it is.
pub(super) fn add(tx: &mut Tx<'_>, wait: &Wait) -> AppResult<()> {
    crate::on_either!(tx.conn(), c => {
        diesel::insert_into(second_waits::table).values(wait).on_conflict_do_nothing().execute(c)
    })?;
    Ok(())
}

/// It waits no longer.
pub(super) fn remove(tx: &mut Tx<'_>, id: Id) -> AppResult<()> {
    diesel::delete(second_waits::table.find(id).filter(w::state.eq(OPEN))).execute(tx.conn())?;
    Ok(())
}

/// One that waits, wherever it is.
pub(super) fn waiting(conn: &mut Conn, id: Id) -> AppResult<Option<Wait>> {
    let open = second_waits::table.find(id).filter(served("second_waits")).filter(w::state.eq(OPEN));
    Ok(open.select(Wait::as_select()).first(conn).optional()?)
}

/// What waits and is announced to end, or (`warned`) ends, by a moment; the next after a place.
pub(super) fn due(
    conn: &mut Conn,
    warned: bool,
    by: DateTime<Utc>,
    after: Option<Key>,
    limit: i64,
) -> AppResult<Vec<Wait>> {
    let mut query = second_waits::table
        .filter(served("second_waits"))
        .filter(w::state.eq(OPEN))
        .filter(w::expires_at.le(Ts::from(by)))
        .select(Wait::as_select())
        .into_boxed();
    query =
        if warned { query.filter(w::warned_at.is_not_null()) } else { query.filter(w::warned_at.is_null()) };
    let query = ordered!(query, (w::expires_at, w::id), false, after.as_ref());
    Ok(query.limit(limit).load(conn)?)
}

/// Notes that its end was announced, and when that comes now; false when it waits no longer.
pub(super) fn announced(
    tx: &mut Tx<'_>,
    wait: &Wait,
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let open = second_waits::table.find(wait.id).filter(w::state.eq(OPEN)).filter(w::warned_at.is_null());
    let changed = diesel::update(open)
        .set((w::warned_at.eq(Some(Ts::from(now))), w::expires_at.eq(Ts::from(expires))))
        .execute(tx.conn())?;
    Ok(changed == 1)
}

/// Notes that its time has run out.
pub(super) fn ended(tx: &mut Tx<'_>, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    diesel::update(second_waits::table.find(id).filter(w::state.eq(OPEN)))
        .set((w::state.eq(super::EXPIRED), w::ended_at.eq(Some(Ts::from(now)))))
        .execute(tx.conn())?;
    Ok(())
}

/// The condition that one of the roles that decide a thing is this one.
fn of_role(role: Role) -> String {
    format!("% {} %", role.code())
}

/// What a role decides in a state and a jurisdiction, the first or the last first.
pub(super) fn in_state(
    (pattern, role): (&str, Role),
    state: &str,
    newest_first: bool,
    after: Option<&Key>,
    limit: i64,
) -> Lane {
    let query = second_waits::table
        .filter(served("second_waits"))
        .filter(w::state.eq(state.to_owned()))
        .filter(Within::of("second_waits.division", pattern))
        .filter(w::roles.like(of_role(role)))
        .select(w::id)
        .limit(limit)
        .into_boxed();
    Lane::of(ordered!(query, (w::entered_at, w::id), newest_first, after))
}

/// What an official entered and is waiting, in the same jurisdiction.
pub(super) fn own(
    (pattern, role): (&str, Role),
    official: Id,
    newest_first: bool,
    after: Option<&Key>,
    limit: i64,
) -> Lane {
    let query = second_waits::table
        .filter(served("second_waits"))
        .filter(w::entered_by.eq(Some(official)))
        .filter(w::state.eq(OPEN))
        .filter(Within::of("second_waits.division", pattern))
        .filter(w::roles.like(of_role(role)))
        .select(w::id)
        .limit(limit)
        .into_boxed();
    Lane::of(ordered!(query, (w::entered_at, w::id), newest_first, after))
}

/// What is about persons with a name, document or telephone, whether it waits or its time has run out.
pub(super) fn found((pattern, role): (&str, Role), search: &Search, limit: i64) -> Lane {
    let meant = persons::table.filter(looked_for!(search)).select(persons::id.nullable());
    let query = second_waits::table
        .filter(served("second_waits"))
        .filter(Within::of("second_waits.division", pattern))
        .filter(w::roles.like(of_role(role)))
        .filter(w::person_id.eq_any(meant))
        .select(w::id)
        .order((w::entered_at.desc(), w::id.desc()))
        .limit(limit);
    Lane::of(query.into_boxed())
}

/// The rows among those.
pub(super) fn rows(conn: &mut Conn, among: Among) -> AppResult<Vec<Listed>> {
    Ok(second_waits::table
        .left_join(persons::table.on(persons::id.nullable().eq(w::person_id)))
        .left_join(officials::table.on(officials::id.nullable().eq(w::entered_by)))
        .left_join(offices::table.on(offices::id.nullable().eq(w::office_id)))
        .filter(served("second_waits"))
        .filter(among)
        .select((
            Wait::as_select(),
            Option::<Holder>::as_select(),
            (officials::name, officials::login).nullable(),
            (offices::name, offices::name_en).nullable(),
        ))
        .load(conn)?)
}
