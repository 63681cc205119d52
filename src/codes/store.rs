//! SQL of the code tables.

use super::model::{RecordRow, RiskRow, StateRow};
use crate::db::hot::fetch;
use crate::db::schema::{code_changes, code_states, declarations, division_risks, health_records, persons};
use crate::db::types::DbUuid;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use crate::kept::served;
use crate::worklist::Holder;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// The code and its holder in one look: the hot path.
pub fn code_and_person(conn: &mut Conn, person: Id) -> AppResult<(Holder, Option<StateRow>)> {
    Ok(persons::table
        .left_join(code_states::table.on(code_states::person_id.eq(persons::id)))
        .filter(persons::id.eq(person))
        .select((Holder::as_select(), Option::<StateRow>::as_select()))
        .first(conn)?)
}

/// The stored code.
pub fn state(conn: &mut Conn, person: Id) -> AppResult<Option<StateRow>> {
    Ok(code_states::table.find(person).select(StateRow::as_select()).first(conn).optional()?)
}

/// Writes the code; the first evaluation inserts, later ones replace the version that was read. False when another
/// evaluation came between.
pub fn put_state(tx: &mut Tx<'_>, row: &StateRow, replaces: Option<i64>) -> AppResult<bool> {
    let changed = match replaces {
        Some(version) => {
            diesel::update(code_states::table.find(row.person_id).filter(code_states::version.eq(version)))
                .set(row)
                .execute(tx.conn())?
        }
        None => crate::on_either!(tx.conn(), c => {
            diesel::insert_into(code_states::table).values(row).on_conflict_do_nothing().execute(c)
        })?,
    };
    Ok(changed == 1)
}

/// How much has been written about a person that rules read: statements with their changes, findings with theirs, causes
/// that were set aside. Each of them makes it more, and what is destroyed makes it less: where it differs from what it was,
/// something has come between.
pub fn written_about(conn: &mut Conn, person: Id) -> AppResult<i64> {
    let found: Vec<(i64,)> = fetch!(
        conn,
        (BigInt,),
        "SELECT CAST((SELECT COALESCE(SUM(version), 0) FROM declarations WHERE person_id = ?) \
         + (SELECT COUNT(*) + COUNT(confirmed_by) + COUNT(refused_by) + COUNT(ended_at) \
         FROM health_records WHERE person_id = ?) \
         + (SELECT COUNT(*) FROM code_waivers WHERE person_id = ?) AS BIGINT)",
        DbUuid => person, DbUuid => person, DbUuid => person,
    )?;
    Ok(found.first().map_or(0, |(written,)| *written))
}

/// Whether a record points to another one; on PostgreSQL it stays so until the end of the transaction.
pub fn points(tx: &mut Tx<'_>, person: Id) -> AppResult<bool> {
    let query = persons::table.find(person).select(persons::merged_into);
    let into: Option<Option<Id>> = match tx.conn() {
        Conn::Pg(c) => query.for_share().get_result(c).optional()?,
        Conn::Sqlite(c) => query.get_result(c).optional()?,
    };
    Ok(into.flatten().is_some())
}

/// Keeps other evaluations of this person waiting until the end of the transaction.
pub fn hold_state(tx: &mut Tx<'_>, person: Id) -> AppResult<()> {
    diesel::update(code_states::table.find(person))
        .set(code_states::version.eq(code_states::version))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes a change of colour.
pub fn add_change(
    tx: &mut Tx<'_>,
    id: Id,
    person: Id,
    at: DateTime<Utc>,
    colours: (&str, &str),
    sealed: Vec<u8>,
) -> AppResult<()> {
    diesel::insert_into(code_changes::table)
        .values((
            code_changes::id.eq(id),
            code_changes::person_id.eq(person),
            code_changes::at.eq(Ts::from(at)),
            code_changes::from_colour.eq(colours.0),
            code_changes::to_colour.eq(colours.1),
            code_changes::evaluation_sealed.eq(sealed),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// The last changes of colour, so many at most, newest first: (when, from, to).
pub fn changes(conn: &mut Conn, person: Id, most: i64) -> AppResult<Vec<(Ts, String, String)>> {
    Ok(code_changes::table
        .filter(served("code_changes"))
        .filter(code_changes::person_id.eq(person))
        .order((code_changes::at.desc(), code_changes::id.desc()))
        .limit(most)
        .select((code_changes::at, code_changes::from_colour, code_changes::to_colour))
        .load(conn)?)
}

/// Persons whose code may have changed by itself, with the moment from which on; the next after a key.
pub fn due(
    conn: &mut Conn,
    now: DateTime<Utc>,
    after: Option<(Ts, Id)>,
    limit: i64,
) -> AppResult<Vec<(Ts, Id)>> {
    let at = code_states::recheck_at;
    let mut query = code_states::table.filter(at.le(Ts::from(now))).into_boxed();
    if let Some((last, person)) = after {
        query = query.filter(at.gt(last).or(at.eq(last).and(code_states::person_id.gt(person))));
    }
    Ok(query
        .order((at.asc(), code_states::person_id.asc()))
        .limit(limit)
        .select((at.assume_not_null(), code_states::person_id))
        .load(conn)?)
}

/// The next persons after `after` who live, are, or have declared something in a division.
pub fn persons_of_area(conn: &mut Conn, pattern: &str, after: Option<Id>, limit: i64) -> AppResult<Vec<Id>> {
    let mut query = persons::table.filter(persons::merged_into.is_null()).select(persons::id).into_boxed();
    // Declared stays are sealed, so a person with a code anywhere may be affected; those of the area itself may
    // be without a code still.
    query = query.filter(
        persons::division
            .like(pattern.to_owned())
            .or(persons::id.eq_any(code_states::table.select(code_states::person_id))),
    );
    if let Some(after) = after {
        query = query.filter(persons::id.gt(after));
    }
    Ok(query.order(persons::id.asc()).limit(limit).load(conn)?)
}

/// The household's division as the register of persons has it.
pub fn person_division(conn: &mut Conn, person: Id) -> AppResult<Option<String>> {
    let found: Option<Option<String>> =
        persons::table.find(person).select(persons::division).first(conn).optional()?;
    Ok(found.flatten())
}

/// The person of a document, if the person lives in the jurisdiction or has declared something in it.
pub fn person_by_document(conn: &mut Conn, blind: &[Vec<u8>], pattern: &str) -> AppResult<Option<Holder>> {
    let found: Option<(Id, Option<Id>)> = persons::table
        .filter(persons::doc_blind.eq_any(blind.to_vec()))
        .select((persons::id, persons::merged_into))
        .first(conn)
        .optional()?;
    let Some((record, into)) = found else { return Ok(None) };
    Ok(persons::table
        .filter(persons::id.eq(into.unwrap_or(record)))
        .filter(in_jurisdiction(pattern))
        .select(Holder::as_select())
        .first(conn)
        .optional()?)
}

type InJurisdiction = Box<
    dyn diesel::BoxableExpression<
            persons::table,
            crate::db::conn::Multi,
            SqlType = diesel::sql_types::Nullable<diesel::sql_types::Bool>,
        >,
>;

fn in_jurisdiction(pattern: &str) -> InJurisdiction {
    let declared = declarations::table
        .filter(
            declarations::division
                .like(pattern.to_owned())
                .or(declarations::destination_division.like(pattern.to_owned())),
        )
        .filter(declarations::person_id.is_not_null())
        .select(declarations::person_id);
    Box::new(persons::division.like(pattern.to_owned()).or(persons::id.nullable().eq_any(declared)))
}

/// All findings that count, however many there are: what can worsen a code only once a second official has confirmed it.
pub fn records_in_effect(conn: &mut Conn, person: Id) -> AppResult<Vec<RecordRow>> {
    let rows: Vec<RecordRow> = health_records::table
        .filter(served("health_records"))
        .filter(health_records::person_id.eq(person))
        .filter(health_records::refused_by.is_null())
        .filter(health_records::ended_at.is_null())
        .order(health_records::at.desc())
        .select(RecordRow::as_select())
        .load(conn)?;
    let two = |r: &RecordRow| r.confirmed_by.is_some() && r.confirmed_by != r.entered_by;
    Ok(rows
        .into_iter()
        .filter(|r| !super::records::worsens(&r.kind, r.result.as_deref()) || two(r))
        .collect())
}

/// A person by identifier, as [`person_by_document`].
pub fn person_here(conn: &mut Conn, person: Id, pattern: &str) -> AppResult<Holder> {
    Ok(persons::table
        .filter(persons::id.eq(person))
        .filter(in_jurisdiction(pattern))
        .select(Holder::as_select())
        .first(conn)?)
}

/// Enters a finding.
pub fn add_record(tx: &mut Tx<'_>, row: &RecordRow) -> AppResult<()> {
    diesel::insert_into(health_records::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// The finding that was entered last and waits, wherever it is.
///
/// # Errors
/// [`crate::error::AppError::NotFound`] when none waits; database errors.
pub fn waiting_record(conn: &mut Conn) -> AppResult<Id> {
    Ok(health_records::table
        .filter(health_records::confirmed_by.is_null())
        .filter(health_records::refused_by.is_null())
        .filter(health_records::expired_at.is_null())
        .order(health_records::id.desc())
        .select(health_records::id)
        .first(conn)?)
}

/// A finding of a jurisdiction that waits.
pub fn open_record(conn: &mut Conn, id: Id, pattern: &str) -> AppResult<Option<RecordRow>> {
    Ok(health_records::table
        .filter(served("health_records"))
        .find(id)
        .filter(health_records::confirmed_by.is_null())
        .filter(health_records::refused_by.is_null())
        .filter(health_records::expired_at.is_null())
        .filter(health_records::division.like(pattern.to_owned()))
        .select(RecordRow::as_select())
        .first(conn)
        .optional()?)
}

/// Confirms a finding that nobody has decided meanwhile, or refuses it with a sealed reason; false when somebody has.
pub fn decide_record(
    tx: &mut Tx<'_>,
    id: Id,
    by: Id,
    refusal: Option<Vec<u8>>,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let open = health_records::table
        .find(id)
        .filter(health_records::confirmed_by.is_null())
        .filter(health_records::refused_by.is_null())
        .filter(health_records::expired_at.is_null());
    let changed = match refusal {
        None => diesel::update(open)
            .set((health_records::confirmed_by.eq(by), health_records::confirmed_at.eq(Ts::from(now))))
            .execute(tx.conn())?,
        Some(reason) => diesel::update(open)
            .set((
                health_records::refused_by.eq(by),
                health_records::refused_at.eq(Ts::from(now)),
                health_records::refusal_sealed.eq(reason),
            ))
            .execute(tx.conn())?,
    };
    Ok(changed == 1)
}

/// Notes that nobody has decided a finding in time; false when somebody has.
pub fn expire_record(tx: &mut Tx<'_>, id: Id, now: DateTime<Utc>) -> AppResult<bool> {
    let open = health_records::table
        .find(id)
        .filter(health_records::confirmed_by.is_null())
        .filter(health_records::refused_by.is_null())
        .filter(health_records::expired_at.is_null());
    let changed =
        diesel::update(open).set(health_records::expired_at.eq(Ts::from(now))).execute(tx.conn())?;
    Ok(changed == 1)
}

/// The risk classes of divisions, over all time.
pub fn risks_of(conn: &mut Conn, codes: &[String]) -> AppResult<Vec<RiskRow>> {
    Ok(division_risks::table
        .filter(division_risks::division.eq_any(codes.to_vec()))
        .select(RiskRow::as_select())
        .load(conn)?)
}

/// The classes, over all time, of the divisions that have one at a moment.
pub fn risks_at(conn: &mut Conn, at: DateTime<Utc>) -> AppResult<Vec<RiskRow>> {
    let classed = division_risks::table
        .filter(division_risks::since.le(Ts::from(at)))
        .filter(division_risks::until.is_null().or(division_risks::until.gt(Ts::from(at))))
        .select(division_risks::division)
        .distinct();
    let divisions: Vec<String> = classed.load(conn)?;
    risks_of(conn, &divisions)
}

/// Lays a class over what a division had before.
pub fn add_risk(tx: &mut Tx<'_>, row: &RiskRow) -> AppResult<()> {
    diesel::insert_into(division_risks::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// The next persons with a code after `after` who live in a division, or who do not.
pub fn coded(
    conn: &mut Conn,
    pattern: &str,
    inside: bool,
    after: Option<Id>,
    limit: i64,
) -> AppResult<Vec<Id>> {
    let mut query = code_states::table
        .inner_join(persons::table.on(persons::id.eq(code_states::person_id)))
        .select(code_states::person_id)
        .into_boxed();
    query = if inside {
        query.filter(persons::division.like(pattern.to_owned()))
    } else {
        query.filter(persons::division.is_null().or(persons::division.not_like(pattern.to_owned())))
    };
    if let Some(after) = after {
        query = query.filter(code_states::person_id.gt(after));
    }
    Ok(query.order(code_states::person_id.asc()).limit(limit).load(conn)?)
}

/// Whether more persons than these have a code.
pub fn more_coded_than(conn: &mut Conn, number: i64) -> AppResult<bool> {
    let beyond = code_states::table.select(code_states::person_id).offset(number).limit(1);
    Ok(beyond.first::<Id>(conn).optional()?.is_some())
}

/// How many persons live in a division and have no code.
pub fn uncoded(conn: &mut Conn, pattern: &str) -> AppResult<i64> {
    Ok(persons::table
        .left_join(code_states::table.on(code_states::person_id.eq(persons::id)))
        .filter(persons::division.like(pattern.to_owned()))
        .filter(persons::merged_into.is_null())
        .filter(code_states::person_id.nullable().is_null())
        .count()
        .get_result(conn)?)
}

/// Whose printed code has this entry in a status list.
///
/// # Errors
/// Database errors.
pub fn print_holder(conn: &mut Conn, slot: crate::certificates::status::Slot) -> AppResult<Option<Id>> {
    use crate::db::schema::code_prints;
    Ok(code_prints::table
        .filter(code_prints::status_list.eq(slot.list))
        .filter(code_prints::status_index.eq(slot.index))
        .select(code_prints::person_id)
        .first(conn)
        .optional()?)
}
