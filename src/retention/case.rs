//! The case that a hold names: by its number or its identifier, whose it is, and who decides about no hold on it.

use crate::accounts::Recusal;
use crate::crypto::Keyring;
use crate::db::types::DbUuid;
use crate::db::{Conn, Id};
use crate::error::{AppError, AppResult};
use crate::kept::{Kind, Wall};
use crate::slice::Slices;
use crate::web::principal::OfficialPrincipal;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

/// A case, and whose it is.
pub(super) struct Case {
    pub kind: &'static Kind,
    pub id: Id,
    pub person: Option<Id>,
    account: Option<Id>,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = DbUuid)]
    id: Id,
    #[diesel(sql_type = Nullable<DbUuid>)]
    person: Option<Id>,
    #[diesel(sql_type = Nullable<DbUuid>)]
    account: Option<Id>,
}

/// The query for the case of a kind that has a value in a column.
fn sought(conn: &Conn, kind: &Kind, column: &str) -> String {
    let nobody = if matches!(conn, Conn::Sqlite(_)) { "NULL" } else { "NULL::uuid" };
    let (person, account) = (kind.owner.person.unwrap_or(nobody), kind.owner.account.unwrap_or(nobody));
    let table = kind.table;
    format!("SELECT t.id AS id, {person} AS person, {account} AS account FROM {table} t WHERE {column} = $1")
}

impl Case {
    fn new(kind: &'static Kind, Found { id, person, account }: Found) -> Self {
        Self { kind, id, person, account }
    }

    /// The case with this number.
    ///
    /// # Errors
    /// Database errors.
    pub(super) fn numbered(conn: &mut Conn, wall: &Wall, number: &str) -> AppResult<Option<Self>> {
        for kind in wall.kinds.iter().copied() {
            let Some(column) = kind.number else { continue };
            let query = diesel::sql_query(sought(conn, kind, column));
            let found: Option<Found> = query.bind::<Text, _>(number).get_result(conn).optional()?;
            if let Some(found) = found {
                return Ok(Some(Self::new(kind, found)));
            }
        }
        Ok(None)
    }

    /// The case of a kind, if it is still there.
    ///
    /// # Errors
    /// Database errors.
    pub(super) fn of(conn: &mut Conn, wall: &Wall, name: &str, id: Id) -> AppResult<Option<Self>> {
        let Some(kind) = wall.kind(name) else { return Ok(None) };
        let query = diesel::sql_query(sought(conn, kind, "t.id"));
        let found: Option<Found> = query.bind::<DbUuid, _>(id).get_result(conn).optional()?;
        Ok(found.map(|found| Self::new(kind, found)))
    }

    /// Refuses a decision about a hold on a case that is the official's own.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `refused-self-decision`, or `official-unidentified`; database or crypto errors.
    pub(super) fn not_own(
        &self,
        conn: &mut Conn,
        (keys, slices): (&Keyring, Slices),
        by: &OfficialPrincipal,
    ) -> AppResult<()> {
        Recusal::of(keys, by)?.not_about(conn, self.person, self.account)?;
        match slices.party(self.kind.name) {
            Some(party) if party(conn, keys, by, self.id)? => {
                Err(AppError::conflict("refused-self-decision"))
            }
            _ => Ok(()),
        }
    }
}
