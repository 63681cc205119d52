//! SQL of findings that end before their day, and of causes that were set aside.

use super::model::{EndRow, RecordRow};
use super::store_lists::EnteredKey;
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{code_waivers, health_records, record_ends};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use crate::kept::served;
use crate::policy::Waiver;
use crate::second::{EXPIRED, Verdict};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

type Here = Box<
    dyn diesel::BoxableExpression<
            health_records::table,
            crate::db::conn::Multi,
            SqlType = diesel::sql_types::Nullable<diesel::sql_types::Bool>,
        >,
>;

/// Findings of a jurisdiction that count against somebody: confirmed, and ended by nobody.
fn counting(pattern: &str) -> Here {
    Box::new(
        health_records::division
            .like(pattern.to_owned())
            .and(health_records::confirmed_by.is_not_null())
            .and(health_records::ended_at.is_null()),
    )
}

/// The findings of a person that could be ended, newest first.
pub fn of_person(conn: &mut Conn, person: Id, pattern: &str) -> AppResult<Vec<RecordRow>> {
    Ok(health_records::table
        .filter(served("health_records"))
        .filter(health_records::person_id.eq(person))
        .filter(counting(pattern))
        .order(health_records::at.desc())
        .select(RecordRow::as_select())
        .load(conn)?)
}

/// One of them.
pub fn record(conn: &mut Conn, id: Id, pattern: &str) -> AppResult<RecordRow> {
    Ok(health_records::table
        .filter(served("health_records"))
        .filter(health_records::id.eq(id))
        .filter(counting(pattern))
        .select(RecordRow::as_select())
        .first(conn)?)
}

/// Enters an end; false when one waits already.
pub fn add(tx: &mut Tx<'_>, row: &EndRow) -> AppResult<bool> {
    let added = crate::on_either!(tx.conn(), c => {
        diesel::insert_into(record_ends::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(added == 1)
}

/// The findings among these for which an end waits.
pub fn waiting(conn: &mut Conn, records: &[Id]) -> AppResult<Vec<Id>> {
    Ok(record_ends::table
        .filter(record_ends::record_id.eq_any(records.to_vec()))
        .filter(record_ends::state.eq("open"))
        .select(record_ends::record_id)
        .load(conn)?)
}

/// Ends of a jurisdiction that wait for a second official, oldest first; one more than `rows` when there are more.
pub fn open(
    conn: &mut Conn,
    pattern: &str,
    after: Option<EnteredKey>,
    rows: i64,
) -> AppResult<Vec<(EndRow, RecordRow)>> {
    let mut query = record_ends::table
        .inner_join(health_records::table.on(health_records::id.eq(record_ends::record_id)))
        .filter(record_ends::state.eq("open"))
        .filter(health_records::division.like(pattern.to_owned()))
        .filter(served("health_records"))
        .select((EndRow::as_select(), RecordRow::as_select()))
        .into_boxed();
    if let Some((at, id)) = after {
        let later = record_ends::created_at.eq(at).and(record_ends::id.gt(id));
        query = query.filter(record_ends::created_at.gt(at).or(later));
    }
    Ok(query.order((record_ends::created_at.asc(), record_ends::id.asc())).limit(rows + 1).load(conn)?)
}

/// The ends of a person's findings, whatever became of them, oldest first.
pub fn all_of_person(conn: &mut Conn, person: Id) -> AppResult<Vec<EndRow>> {
    Ok(record_ends::table
        .inner_join(health_records::table.on(health_records::id.eq(record_ends::record_id)))
        .filter(health_records::person_id.eq(person))
        .filter(served("health_records"))
        .order((record_ends::created_at.asc(), record_ends::id.asc()))
        .select(EndRow::as_select())
        .load(conn)?)
}

/// The ends that an official entered, newest first.
pub fn entered(conn: &mut Conn, by: Id, limit: i64) -> AppResult<Vec<(EndRow, RecordRow)>> {
    Ok(record_ends::table
        .inner_join(health_records::table.on(health_records::id.eq(record_ends::record_id)))
        .filter(record_ends::entered_by.eq(by))
        .filter(served("health_records"))
        .order(record_ends::created_at.desc())
        .limit(limit)
        .select((EndRow::as_select(), RecordRow::as_select()))
        .load(conn)?)
}

/// An end of a jurisdiction that waits.
pub fn open_one(conn: &mut Conn, id: Id, pattern: &str) -> AppResult<Option<(EndRow, RecordRow)>> {
    Ok(record_ends::table
        .inner_join(health_records::table.on(health_records::id.eq(record_ends::record_id)))
        .filter(record_ends::id.eq(id))
        .filter(record_ends::state.eq("open"))
        .filter(health_records::division.like(pattern.to_owned()))
        .filter(served("health_records"))
        .select((EndRow::as_select(), RecordRow::as_select()))
        .first(conn)
        .optional()?)
}

/// Decides an end that is still open, and of the appeal that it was when it was read; false when it is not.
pub fn decide(
    tx: &mut Tx<'_>,
    end: &EndRow,
    by: Id,
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    closed(tx, end, (verdict.state(), verdict.sealed(), Some(by)), now)
}

/// Notes that nobody has decided it in time; false when somebody has, or it is another appeal's now.
pub fn expire(tx: &mut Tx<'_>, end: &EndRow, now: DateTime<Utc>) -> AppResult<bool> {
    closed(tx, end, (EXPIRED, None, None), now)
}

fn closed(
    tx: &mut Tx<'_>,
    end: &EndRow,
    (state, refusal, by): (&str, Option<Vec<u8>>, Option<Id>),
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let open = record_ends::table.find(end.id).filter(record_ends::state.eq("open"));
    let decided = (
        record_ends::state.eq(state.to_owned()),
        record_ends::refusal_sealed.eq(refusal),
        record_ends::decided_by.eq(by),
        record_ends::decided_at.eq(Some(Ts::from(now))),
    );
    let changed = match end.appeal_id {
        Some(appeal) => diesel::update(open.filter(record_ends::appeal_id.eq(Some(appeal))))
            .set(decided)
            .execute(tx.conn())?,
        None => {
            diesel::update(open.filter(record_ends::appeal_id.is_null())).set(decided).execute(tx.conn())?
        }
    };
    Ok(changed == 1)
}

/// Makes an end that waits the one that an appeal waits for; false when none waits, or for another appeal.
pub fn take_along(tx: &mut Tx<'_>, record: Id, appeal: Id) -> AppResult<bool> {
    let waits = record_ends::table
        .filter(record_ends::record_id.eq(record))
        .filter(record_ends::state.eq("open"))
        .filter(record_ends::appeal_id.is_null());
    let changed = diesel::update(waits).set(record_ends::appeal_id.eq(Some(appeal))).execute(tx.conn())?;
    Ok(changed == 1)
}

/// The ends that an appeal waits or waited for.
pub fn of_appeal(conn: &mut Conn, appeal: Id) -> AppResult<Vec<EndRow>> {
    Ok(record_ends::table
        .filter(record_ends::appeal_id.eq(Some(appeal)))
        .order((record_ends::created_at.asc(), record_ends::id.asc()))
        .select(EndRow::as_select())
        .load(conn)?)
}

/// What waited to be ended ends otherwise: nobody is asked about it any more. Gives the end and the appeal that waited for it.
pub fn settle(
    tx: &mut Tx<'_>,
    record: Id,
    by: Id,
    now: DateTime<Utc>,
) -> AppResult<Option<(Id, Option<Id>)>> {
    let waits =
        record_ends::table.filter(record_ends::record_id.eq(record)).filter(record_ends::state.eq("open"));
    let found: Option<(Id, Option<Id>)> =
        waits.select((record_ends::id, record_ends::appeal_id)).first(tx.conn()).optional()?;
    diesel::update(waits)
        .set((
            record_ends::state.eq("confirmed"),
            record_ends::decided_by.eq(Some(by)),
            record_ends::decided_at.eq(Some(Ts::from(now))),
        ))
        .execute(tx.conn())?;
    Ok(found)
}

/// Keeps everybody else waiting who ends a finding, until the end of the transaction; false when it has ended.
pub fn hold(tx: &mut Tx<'_>, record: Id) -> AppResult<bool> {
    let held = diesel::update(health_records::table.find(record).filter(health_records::ended_at.is_null()))
        .set(health_records::ended_at.eq(health_records::ended_at))
        .execute(tx.conn())?;
    Ok(held == 1)
}

/// Ends a finding; false when it has ended already.
pub fn end(tx: &mut Tx<'_>, record: Id, now: DateTime<Utc>) -> AppResult<bool> {
    let counting = health_records::table.find(record).filter(health_records::ended_at.is_null());
    let changed =
        diesel::update(counting).set(health_records::ended_at.eq(Some(Ts::from(now)))).execute(tx.conn())?;
    Ok(changed == 1)
}

fn about_context(id: Id) -> FieldContext<'static> {
    FieldContext::new("code_waivers", "about_sealed", id.0)
}

/// Sets a cause aside from now on; without `about` all of its rule that began until now, as a cause kept before it was named.
pub fn waive(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    person: Id,
    (rule, about): (&str, &str),
    by: Id,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let id = Id::new();
    let named = Some(about).filter(|about| !about.is_empty());
    let sealed = named.map(|about| keys.seal(&about_context(id), about.as_bytes())).transpose()?;
    diesel::insert_into(code_waivers::table)
        .values((
            code_waivers::id.eq(id),
            code_waivers::person_id.eq(person),
            code_waivers::rule.eq(rule),
            code_waivers::decided_at.eq(Ts::from(now)),
            code_waivers::decided_by.eq(by),
            code_waivers::about_sealed.eq(sealed),
        ))
        .execute(tx.conn())?;
    Ok(())
}

type WaiverRow = (Id, String, Ts, Option<Vec<u8>>);

/// What was set aside for a person.
pub fn waivers(conn: &mut Conn, keys: &Keyring, person: Id) -> AppResult<Vec<Waiver>> {
    let rows: Vec<WaiverRow> = code_waivers::table
        .filter(code_waivers::person_id.eq(person))
        .order(code_waivers::decided_at.desc())
        .select((code_waivers::id, code_waivers::rule, code_waivers::decided_at, code_waivers::about_sealed))
        .load(conn)?;
    rows.into_iter().map(|row| waiver(keys, row)).collect()
}

/// The same as it is served to the person.
pub fn waivers_served(conn: &mut Conn, keys: &Keyring, person: Id) -> AppResult<Vec<Waiver>> {
    let rows: Vec<WaiverRow> = code_waivers::table
        .filter(served("code_waivers"))
        .filter(code_waivers::person_id.eq(person))
        .order(code_waivers::decided_at.desc())
        .select((code_waivers::id, code_waivers::rule, code_waivers::decided_at, code_waivers::about_sealed))
        .load(conn)?;
    rows.into_iter().map(|row| waiver(keys, row)).collect()
}

fn waiver(keys: &Keyring, (id, rule, at, sealed): WaiverRow) -> AppResult<Waiver> {
    let about = sealed.map(|sealed| keys.open_str(&about_context(id), &sealed)).transpose()?;
    Ok(Waiver { rule, decided_at: at.0, about: about.map(|about| about.to_string()) })
}
