//! SQL of who acts for somebody else.

use super::model::Row;
use crate::agreed;
use crate::db::schema::{accounts, persons, proxies};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::kept::served;
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// So many are listed on a page, the newest; the copy of one's data has all.
pub(super) const LISTED: i64 = 50;

/// Keeps a question.
pub(super) fn add(tx: &mut Tx<'_>, row: &Row) -> AppResult<()> {
    diesel::insert_into(proxies::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Those of an account, the newest first.
pub(super) fn of_account(conn: &mut Conn, account: Id, most: i64) -> AppResult<Vec<Row>> {
    Ok(proxies::table
        .filter(served("proxies"))
        .filter(proxies::account_id.eq(account))
        .order((proxies::created_at.desc(), proxies::id.desc()))
        .limit(most)
        .select(Row::as_select())
        .load(conn)?)
}

/// Those of a person, the newest first: who acts or has acted for them, and who asks them.
pub(super) fn of_person(conn: &mut Conn, person: Id, most: i64) -> AppResult<Vec<Row>> {
    Ok(proxies::table
        .filter(served("proxies"))
        .filter(proxies::person_id.eq(person))
        .filter(proxies::granted_at.is_not_null().or(proxies::way.eq("own")))
        .order((proxies::created_at.desc(), proxies::id.desc()))
        .limit(most)
        .select(Row::as_select())
        .load(conn)?)
}

/// One of an account.
pub(super) fn own(conn: &mut Conn, account: Id, number: &str) -> AppResult<Row> {
    Ok(proxies::table
        .filter(served("proxies"))
        .filter(proxies::number.eq(number))
        .filter(proxies::account_id.eq(account))
        .select(Row::as_select())
        .first(conn)?)
}

/// One of a person, as [`of_person`].
pub(super) fn about(conn: &mut Conn, person: Id, number: &str) -> AppResult<Row> {
    Ok(proxies::table
        .filter(served("proxies"))
        .filter(proxies::number.eq(number))
        .filter(proxies::person_id.eq(person))
        .filter(proxies::granted_at.is_not_null().or(proxies::way.eq("own")))
        .select(Row::as_select())
        .first(conn)?)
}

/// One by its number, for a counter: people go to the nearest one, whatever their place.
pub(super) fn by_number(conn: &mut Conn, number: &str) -> AppResult<Row> {
    Ok(proxies::table
        .filter(served("proxies"))
        .filter(proxies::number.eq(number))
        .select(Row::as_select())
        .first(conn)?)
}

/// The consents by which others act for a person now.
pub(super) fn for_person(conn: &mut Conn, person: Id, now: DateTime<Utc>) -> AppResult<Vec<Row>> {
    Ok(proxies::table
        .filter(served("proxies"))
        .filter(proxies::person_id.eq(person))
        .filter(proxies::state.eq("granted"))
        .filter(proxies::until_at.gt(Ts::from(now)))
        .order(proxies::created_at.desc())
        .select(Row::as_select())
        .load(conn)?)
}

/// What has run out and is not noted as ended, what ran out first first, so many at most.
pub(super) fn due(conn: &mut Conn, now: DateTime<Utc>, most: i64) -> AppResult<Vec<Row>> {
    Ok(proxies::table
        // The condition of the index `proxies_due`, as a literal.
        .filter(sql::<Bool>("state IN ('asked', 'granted')"))
        .filter(proxies::until_at.le(Ts::from(now)))
        .order(proxies::until_at)
        .limit(most)
        .select(Row::as_select())
        .load(conn)?)
}

/// Lets what rests on who an account stood for run out now: what was agreed to for a person by a telephone that was not
/// theirs, and what was agreed to for somebody else than the account stands for.
pub(super) fn run_out(tx: &mut Tx<'_>, person: Id, account: Id, now: DateTime<Utc>) -> AppResult<Vec<Id>> {
    let open = proxies::state.eq("asked").or(proxies::state.eq("granted"));
    let theirs = proxies::person_id.eq(person).and(proxies::granted_by.is_null());
    let acted = proxies::account_id.eq(account).and(proxies::actor_id.ne(person));
    let found: Vec<(Id, Id)> = proxies::table
        .filter(open)
        .filter(proxies::until_at.gt(Ts::from(now)))
        .filter(theirs.or(acted))
        .select((proxies::id, proxies::account_id))
        .load(tx.conn())?;
    for (id, acting) in &found {
        tx.changed(*acting);
        diesel::update(proxies::table.find(*id))
            .set((
                proxies::until_at.eq(Ts::from(now)),
                proxies::ended_by.eq(Some("counter")),
                proxies::version.eq(proxies::version + 1),
            ))
            .execute(tx.conn())?;
    }
    Ok(found.into_iter().map(|(id, _)| id).collect())
}

/// How many of an account wait or hold.
pub(super) fn open_of(conn: &mut Conn, account: Id, now: DateTime<Utc>) -> AppResult<i64> {
    Ok(proxies::table
        .filter(proxies::account_id.eq(account))
        .filter(proxies::state.eq("asked").or(proxies::state.eq("granted")))
        .filter(proxies::until_at.gt(Ts::from(now)))
        .count()
        .get_result(conn)?)
}

/// Whether an account acts for a person now.
pub(super) fn acts(conn: &mut Conn, account: Id, person: Id, now: DateTime<Utc>) -> AppResult<bool> {
    let found: i64 = proxies::table
        .filter(proxies::account_id.eq(account))
        .filter(proxies::person_id.eq(person))
        .filter(proxies::state.eq("granted"))
        .filter(proxies::until_at.gt(Ts::from(now)))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Whether an account has ever acted for a person.
pub(super) fn has_acted(conn: &mut Conn, account: Id, person: Id) -> AppResult<bool> {
    let found: i64 = proxies::table
        .filter(proxies::account_id.eq(account))
        .filter(proxies::person_id.eq(person))
        .filter(proxies::granted_at.is_not_null())
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Whether a consent still holds, for what is done under it in the same transaction. Who ends it at the same moment comes
/// after, or before and is seen.
pub(super) fn still(tx: &mut Tx<'_>, consent: Id, now: DateTime<Utc>) -> AppResult<bool> {
    let same = proxies::table
        .find(consent)
        .filter(proxies::state.eq("granted"))
        .filter(proxies::until_at.gt(Ts::from(now)));
    Ok(diesel::update(same).set(proxies::version.eq(proxies::version)).execute(tx.conn())? == 1)
}

/// Keeps others waiting who ask for the same account, until the end of the transaction: of two at once the second sees what
/// the first has written.
pub(super) fn hold_account(tx: &mut Tx<'_>, account: Id) -> AppResult<()> {
    diesel::update(accounts::table.find(account))
        .set(accounts::lang.eq(accounts::lang))
        .execute(tx.conn())?;
    Ok(())
}

/// The same for a person for whom somebody is to act.
pub(super) fn hold_person(tx: &mut Tx<'_>, person: Id) -> AppResult<()> {
    diesel::update(persons::table.find(person))
        .set(persons::version.eq(persons::version))
        .execute(tx.conn())?;
    Ok(())
}

fn compared(changed: usize) -> AppResult<()> {
    if changed == 1 { Ok(()) } else { Err(AppError::conflict("changed-meanwhile")) }
}

/// Notes that a person has agreed, or a guardian has declared it: by their own telephone, or before an official.
pub(super) fn grant(
    tx: &mut Tx<'_>,
    row: &Row,
    (person, until): (Id, DateTime<Utc>),
    official: Option<Id>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    tx.changed(row.account_id);
    let same = proxies::table
        .find(row.id)
        .filter(proxies::version.eq(row.version))
        .filter(proxies::state.eq("asked"));
    compared(
        diesel::update(same)
            .set((
                proxies::state.eq("granted"),
                proxies::person_id.eq(Some(person)),
                proxies::version.eq(proxies::version + 1),
                proxies::consent_text.eq(agreed::PROXY),
                proxies::until_at.eq(Ts::from(until)),
                proxies::granted_at.eq(Some(Ts::from(now))),
                proxies::granted_by.eq(official),
            ))
            .execute(tx.conn())?,
    )
}

/// Ends a question or a consent, from the next request on.
pub(super) fn close(
    tx: &mut Tx<'_>,
    row: &Row,
    (state, by): (&str, &str),
    official: Option<Id>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    tx.changed(row.account_id);
    let same = proxies::table.find(row.id).filter(proxies::version.eq(row.version));
    compared(
        diesel::update(same)
            .set((
                proxies::state.eq(state),
                proxies::version.eq(proxies::version + 1),
                proxies::ended_at.eq(Some(Ts::from(now))),
                proxies::ended_by.eq(Some(by)),
                proxies::ended_official.eq(official),
            ))
            .execute(tx.conn())?,
    )
}
