//! SQL of what is written over and written back. Names of tables and columns come from [`super::PLACES`], never from anybody's
//! input. Parameters are numbered in the order in which they first stand: SQLite counts them so.

use super::PLACES;
use super::model::Merge;
use crate::db::schema::{accounts, person_merge_rows as noted};
use crate::db::types::DbUuid;
use crate::db::{Conn, Id, Tx};
use crate::error::AppResult;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// An account of the other record that has come to stand for the leading one.
const MOVED: &str = "accounts.person_id";
/// An account of the other record that stands for nobody, since the leading one has its own.
const DETACHED: &str = "accounts.detached";
/// A PIN, by what its giving is called in the record of acts.
const PIN: &str = "person_pins.person_id";

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// A table, its column, and how many rows.
pub(super) type Rests = (&'static str, &'static str, i64);

/// How many rows of each place rest on a record.
pub(super) fn resting(conn: &mut Conn, person: Id) -> AppResult<Vec<Rests>> {
    let count = |(table, column): &(&'static str, &'static str)| {
        let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE {column} = $1");
        let counted: Counted = diesel::sql_query(sql).bind::<DbUuid, _>(person).get_result(conn)?;
        Ok((*table, *column, counted.n))
    };
    PLACES.iter().map(count).collect()
}

/// How many rows of each place go back when a merge is undone: those that came by it and are still there.
pub(super) fn going_back(conn: &mut Conn, merge: &Merge) -> AppResult<Vec<Rests>> {
    let count = |(table, column): &(&'static str, &'static str)| {
        let sql = format!(
            "SELECT COUNT(*) AS n FROM {table} WHERE {column} = $1 AND id IN \
             (SELECT row_id FROM person_merge_rows WHERE merge_id = $2 AND place = $3)"
        );
        let counted: Counted = diesel::sql_query(sql)
            .bind::<DbUuid, _>(merge.lead_id)
            .bind::<DbUuid, _>(merge.id)
            .bind::<Text, _>(format!("{table}.{column}"))
            .get_result(conn)?;
        Ok((*table, *column, counted.n))
    };
    PLACES.iter().map(count).collect()
}

/// Keeps others waiting who change a row that rests on either record. Asked before anything else of a decision: whoever takes a
/// step holds the row of its case first, then the person's, then the record of acts.
pub(super) fn hold(tx: &mut Tx<'_>, [one, two]: [Id; 2]) -> AppResult<()> {
    let Conn::Pg(conn) = tx.conn() else { return Ok(()) };
    PLACES.iter().try_for_each(|(table, column)| {
        let sql = format!("SELECT id FROM {table} WHERE {column} IN ($1, $2) ORDER BY id FOR NO KEY UPDATE");
        diesel::sql_query(sql).bind::<DbUuid, _>(one).bind::<DbUuid, _>(two).execute(conn)?;
        Ok(())
    })
}

/// Writes everything that rests on the other record over to the leading one, and notes each row; how many those were.
pub(super) fn write_over(tx: &mut Tx<'_>, merge: &Merge) -> AppResult<usize> {
    let mut all = 0;
    for (table, column) in PLACES {
        let noted = format!(
            "INSERT INTO person_merge_rows (merge_id, place, row_id) \
             SELECT $1, $2, id FROM {table} WHERE {column} = $3"
        );
        let found = diesel::sql_query(noted)
            .bind::<DbUuid, _>(merge.id)
            .bind::<Text, _>(format!("{table}.{column}"))
            .bind::<DbUuid, _>(merge.other_id)
            .execute(tx.conn())?;
        if found > 0 {
            // Only what was noted: what another transaction has written since follows with `Settle`, and is noted then.
            let moved = format!(
                "UPDATE {table} SET {column} = $1 WHERE {column} = $2 AND id IN \
                 (SELECT row_id FROM person_merge_rows WHERE merge_id = $3 AND place = $4)"
            );
            diesel::sql_query(moved)
                .bind::<DbUuid, _>(merge.lead_id)
                .bind::<DbUuid, _>(merge.other_id)
                .bind::<DbUuid, _>(merge.id)
                .bind::<Text, _>(format!("{table}.{column}"))
                .execute(tx.conn())?;
        }
        all += found;
    }
    Ok(all)
}

/// Writes what was noted of a merge back, where it still rests on the leading record.
pub(super) fn write_back(tx: &mut Tx<'_>, merge: &Merge) -> AppResult<()> {
    for (table, column) in PLACES {
        let sql = format!(
            "UPDATE {table} SET {column} = $1 WHERE {column} = $2 AND id IN \
             (SELECT row_id FROM person_merge_rows WHERE merge_id = $3 AND place = $4)"
        );
        diesel::sql_query(sql)
            .bind::<DbUuid, _>(merge.other_id)
            .bind::<DbUuid, _>(merge.lead_id)
            .bind::<DbUuid, _>(merge.id)
            .bind::<Text, _>(format!("{table}.{column}"))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// The PIN of the other record is the person's, where the leading one has none.
pub(super) fn hand_pin(tx: &mut Tx<'_>, merge: &Merge) -> AppResult<()> {
    let noted = "INSERT INTO person_merge_rows (merge_id, place, row_id) \
        SELECT $1, $2, given FROM person_pins WHERE person_id = $3 \
        AND NOT EXISTS (SELECT 1 FROM person_pins p WHERE p.person_id = $4)";
    let found = diesel::sql_query(noted)
        .bind::<DbUuid, _>(merge.id)
        .bind::<Text, _>(PIN)
        .bind::<DbUuid, _>(merge.other_id)
        .bind::<DbUuid, _>(merge.lead_id)
        .execute(tx.conn())?;
    if found > 0 {
        diesel::sql_query("UPDATE person_pins SET person_id = $1 WHERE person_id = $2")
            .bind::<DbUuid, _>(merge.lead_id)
            .bind::<DbUuid, _>(merge.other_id)
            .execute(tx.conn())?;
    }
    Ok(())
}

/// The PIN that came by a merge goes back, unless it was taken back or replaced.
pub(super) fn hand_pin_back(tx: &mut Tx<'_>, merge: &Merge) -> AppResult<()> {
    let sql = "UPDATE person_pins SET person_id = $1 WHERE person_id = $2 AND given IN \
        (SELECT row_id FROM person_merge_rows WHERE merge_id = $3 AND place = $4)";
    diesel::sql_query(sql)
        .bind::<DbUuid, _>(merge.other_id)
        .bind::<DbUuid, _>(merge.lead_id)
        .bind::<DbUuid, _>(merge.id)
        .bind::<Text, _>(PIN)
        .execute(tx.conn())?;
    Ok(())
}

/// Lets the account of the other record stand for the leading one, or for nobody where that one has its own, and notes it.
pub(super) fn hand(tx: &mut Tx<'_>, merge: &Merge, account: Id, to: Option<Id>) -> AppResult<()> {
    let place = if to.is_some() { MOVED } else { DETACHED };
    let row = (noted::merge_id.eq(merge.id), noted::place.eq(place), noted::row_id.eq(account));
    diesel::insert_into(noted::table).values(row).execute(tx.conn())?;
    stand_for(tx, account, to)
}

/// The account that stood for the other record before a merge, where it still stands as the merge has left it: whoever stands
/// for somebody else since, by what a counter has decided, goes on doing so.
pub(super) fn handed(conn: &mut Conn, merge: &Merge) -> AppResult<Option<Id>> {
    let of = |place: &'static str| {
        noted::table.filter(noted::merge_id.eq(merge.id)).filter(noted::place.eq(place)).select(noted::row_id)
    };
    let moved = accounts::id.eq_any(of(MOVED)).and(accounts::person_id.eq(merge.lead_id).assume_not_null());
    let detached = accounts::id.eq_any(of(DETACHED)).and(accounts::person_id.is_null());
    Ok(accounts::table.filter(moved.or(detached)).select(accounts::id).first(conn).optional()?)
}

/// Lets an account stand for a record, or for nobody.
pub(super) fn stand_for(tx: &mut Tx<'_>, account: Id, person: Option<Id>) -> AppResult<()> {
    tx.changed(account);
    let set = (accounts::person_id.eq(person), accounts::detached.eq(person.is_none()));
    diesel::update(accounts::table.find(account)).set(set).execute(tx.conn())?;
    Ok(())
}
