//! SQL of what declarations said before they were corrected.

use super::answers::Answers;
use super::store::Row;
use crate::crypto::{FieldContext, Keyring};
use crate::db::hot::fetch;
use crate::db::schema::{declaration_versions, declarations};
use crate::db::types::DbUuid;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

/// The answers of a declaration up to a correction.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = declaration_versions)]
pub(super) struct VersionRow {
    pub id: Id,
    pub declaration_id: Id,
    pub person_id: Id,
    pub version: i64,
    pub submitted_at: Ts,
    pub accepted_at: Option<Ts>,
    pub answers_sealed: Vec<u8>,
    /// The official who typed it, for what staff entered.
    pub entered_by: Option<Id>,
}

fn field(id: Id) -> FieldContext<'static> {
    FieldContext::new("declaration_versions", "answers_sealed", id.0)
}

impl VersionRow {
    pub(super) fn answers(&self, keys: &Keyring) -> AppResult<Answers> {
        Ok(keys.open_json(&field(self.id), &self.answers_sealed)?)
    }
}

/// Keeps what a declaration says now, which a correction is about to write over.
pub(super) fn keep(tx: &mut Tx<'_>, keys: &Keyring, row: &Row) -> AppResult<()> {
    let (Some(person), Some(submitted)) = (row.person_id, row.submitted_at) else {
        return Err(AppError::internal("a correction of what was not submitted"));
    };
    let id = Id::new();
    let kept = VersionRow {
        id,
        declaration_id: row.id,
        person_id: person,
        version: row.version,
        submitted_at: submitted,
        accepted_at: row.checked_at,
        answers_sealed: keys.seal_json(&field(id), &row.answers(keys)?)?,
        entered_by: row.entered_by,
    };
    diesel::insert_into(declaration_versions::table).values(&kept).execute(tx.conn())?;
    Ok(())
}

/// Whether an official typed what one declaration said before.
pub(super) fn typed_by(conn: &mut Conn, declaration: Id, official: Id) -> AppResult<bool> {
    let found: i64 = declaration_versions::table
        .filter(declaration_versions::declaration_id.eq(declaration))
        .filter(declaration_versions::entered_by.eq(Some(official)))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// What one declaration said before, the newest first.
pub(super) fn earlier(conn: &mut Conn, declaration: Id) -> AppResult<Vec<VersionRow>> {
    Ok(declaration_versions::table
        .filter(declaration_versions::declaration_id.eq(declaration))
        .order(declaration_versions::version.desc())
        .select(VersionRow::as_select())
        .load(conn)?)
}

/// What a person said before since a moment.
pub(super) fn earlier_of_person(conn: &mut Conn, person: Id, since: Ts) -> AppResult<Vec<VersionRow>> {
    Ok(declaration_versions::table
        .filter(declaration_versions::person_id.eq(person))
        .filter(declaration_versions::submitted_at.ge(since))
        .select(VersionRow::as_select())
        .load(conn)?)
}

/// When the last of a person's declarations that was accepted as it is was sent; the beginning of time where none was.
pub(super) fn accepted_since(conn: &mut Conn, person: Id) -> AppResult<Ts> {
    let sent: Option<Option<Ts>> = declarations::table
        .filter(declarations::person_id.eq(person))
        .filter(declarations::submitted_at.is_not_null())
        .filter(declarations::checked_at.is_not_null())
        .order(declarations::submitted_at.desc())
        .select(declarations::submitted_at)
        .first(conn)
        .optional()?;
    Ok(sent.flatten().unwrap_or_else(|| Ts::from(DateTime::UNIX_EPOCH)))
}

/// Whether a person has stated something since a moment, or something stated was accepted or decided since.
///
/// # Errors
/// Database errors.
pub fn stated_since(conn: &mut Conn, person: Id, since: DateTime<Utc>) -> AppResult<bool> {
    let since = Ts::from(since);
    let later = declarations::submitted_at
        .gt(since)
        .or(declarations::checked_at.gt(since))
        .or(declarations::decided_at.gt(since));
    let found: Option<Id> = declarations::table
        .filter(declarations::person_id.eq(person))
        .filter(later)
        .select(declarations::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// What there is beside the answers that a declaration says now.
pub(super) struct Beside {
    /// Another declaration that the person sent, or one of before a correction.
    pub stated: bool,
    /// Earlier answers of this declaration.
    pub corrected: bool,
}

/// Whether a person has said anything else: mostly not, which one query answers.
pub(super) fn beside(conn: &mut Conn, row: &Row) -> AppResult<Beside> {
    let found: Vec<(bool, bool, bool)> = fetch!(
        conn,
        (Bool, Bool, Bool),
        "SELECT EXISTS (SELECT 1 FROM declarations WHERE person_id = ? AND id <> ? AND submitted_at IS NOT NULL), \
         EXISTS (SELECT 1 FROM declaration_versions WHERE person_id = ?), \
         EXISTS (SELECT 1 FROM declaration_versions WHERE declaration_id = ?)",
        Nullable<DbUuid> => row.person_id, DbUuid => row.id, Nullable<DbUuid> => row.person_id, DbUuid => row.id,
    )?;
    let (others, earlier, corrected) = found.into_iter().next().unwrap_or_default();
    Ok(Beside { stated: others || earlier, corrected })
}

/// Whether a declaration was neither withdrawn nor rejected.
pub(super) fn stands(row: &Row) -> bool {
    !matches!(row.state.as_str(), "withdrawn" | "rejected")
}

/// The submitted declarations of a person since a moment, and the last one before it that stands.
pub(super) fn statements(conn: &mut Conn, person: Id, since: Ts) -> AppResult<Vec<Row>> {
    let mut rows: Vec<Row> = declarations::table
        .filter(declarations::person_id.eq(person))
        .filter(declarations::submitted_at.ge(since))
        .order(declarations::submitted_at.desc())
        .select(Row::as_select())
        .load(conn)?;
    if !rows.iter().any(|row| row.counts() && stands(row)) {
        let before: Option<Row> = declarations::table
            .filter(declarations::person_id.eq(person))
            .filter(declarations::submitted_at.lt(since))
            .filter(declarations::state.ne_all(["withdrawn", "rejected"]))
            .filter(declarations::entered_by.is_null().or(declarations::checked_at.is_not_null()))
            .order(declarations::submitted_at.desc())
            .select(Row::as_select())
            .first(conn)
            .optional()?;
        rows.extend(before);
    }
    Ok(rows)
}
