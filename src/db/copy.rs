//! A copy of an embedded database while it is in use.

use super::conn::{connect_read, open_sqlite, own_only};
use super::{Conn, DatabaseUrl};
use crate::error::{AppError, AppResult};
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::path::Path;

#[derive(QueryableByName)]
struct Checked {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// Writes the database as it is at this moment into a new file that its owner alone can read, and checks that file.
/// Writers go on meanwhile; free pages are left out (`VACUUM INTO`).
///
/// # Errors
/// [`AppError::Unavailable`] with a plain sentence: no such database, a file that is there already, a full disk.
pub fn copy_sqlite(from: &Path, to: &Path) -> AppResult<()> {
    let fail = |text: String| AppError::Unavailable(text);
    if to.exists() {
        return Err(fail(format!("{} is there already", to.display())));
    }
    drop(connect_read(&DatabaseUrl::Sqlite(from.to_owned()))?);
    own_only(to);
    let copied = open_sqlite(from, false).and_then(|mut conn| {
        let into = diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(to.to_string_lossy().into_owned());
        into.execute(&mut conn).map_err(|e| fail(format!("{}: {e}", to.display())))?;
        std::fs::File::open(to).and_then(|file| file.sync_all()).map_err(|e| fail(e.to_string()))?;
        check(to)
    });
    if copied.is_err() {
        let _ = std::fs::remove_file(to);
    }
    copied
}

fn check(file: &Path) -> AppResult<()> {
    let Conn::Sqlite(mut conn) = connect_read(&DatabaseUrl::Sqlite(file.to_owned()))? else {
        return Err(AppError::internal("a file is no server"));
    };
    let found: Vec<Checked> = diesel::sql_query("PRAGMA integrity_check").load(&mut conn)?;
    match found.as_slice() {
        [Checked { integrity_check }] if integrity_check == "ok" => Ok(()),
        _ => Err(AppError::Unavailable(format!("the copy {} is damaged", file.display()))),
    }
}
