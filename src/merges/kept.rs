//! How long it is kept that two records were merged.

use super::store;
use crate::accounts::Recusal;
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::kept::{Kind, Owner, PLAIN, Part};
use crate::web::principal::OfficialPrincipal;

/// Whether either of two records is an official's own, whatever became of their merge.
pub(super) fn is_party(
    conn: &mut Conn,
    keys: &Keyring,
    by: &OfficialPrincipal,
    merge: Id,
) -> AppResult<bool> {
    let Some(row) = store::one(conn, merge, "%")? else { return Ok(false) };
    let own = Recusal::of(keys, by)?;
    let mut either = false;
    for person in [row.lead_id, row.other_id] {
        either |= own.is(conn, Some(person), None)?;
    }
    Ok(either)
}

/// From when it was decided. What was noted of each row goes with it: nothing can be undone any more then. That one record points
/// to the other stays as long as both.
pub const KEPT: &[Kind] = &[Kind {
    name: "merge",
    table: "person_merges",
    clock: "COALESCE(t.undone_at, t.decided_at, t.created_at)",
    only: "t.state <> 'open'",
    unless: "EXISTS (SELECT 1 FROM person_merges x WHERE x.undoes = t.id)",
    // An undoing that has had its time needs nothing any more.
    served_unless: Some(""),
    parts: &[Part { table: "person_merge_rows", column: "merge_id" }],
    owner: Owner { account: None, person: Some("t.lead_id") },
    number: Some("t.number"),
    ..PLAIN
}];
