//! After rows were destroyed: nothing of them stays in the files of the database.
//!
//! SQLite overwrites what is deleted (`secure_delete`), but older pages are still in the write-ahead log until it is
//! cut. PostgreSQL keeps deleted rows in tables and indexes until they are vacuumed; its own log and its archive
//! forget by the operator's settings (docs/retention.md).

use super::conn::{Conn, open_sqlite};
use super::{Backend, Store, blocking, call, with_pass};
use crate::error::{AppError, AppResult};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer};

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

#[derive(QueryableByName)]
struct Owned {
    #[diesel(sql_type = Bool)]
    owned: bool,
}

impl Store {
    /// Removes what is left of rows that were deleted from these tables.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when a reader is in the way for five seconds, and it is to be tried again; when the
    /// tables belong to another account than the one that is used.
    pub async fn wipe(&self, tables: Vec<&'static str>) -> AppResult<()> {
        match &*self.0 {
            Backend::Sqlite { path, .. } => {
                let path = path.clone();
                blocking(move || cut_log(&path)).await
            }
            Backend::Postgres { pool, gate, .. } => {
                call::answer(with_pass(pool, gate, call::reading(move |conn| vacuum(conn, &tables))).await)
            }
        }
    }
}

/// Moves the whole log into the database file and cuts it to nothing.
fn cut_log(path: &std::path::Path) -> AppResult<()> {
    let mut conn = open_sqlite(path, false)?;
    let done: Checkpoint = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(&mut conn)?;
    if done.busy == 0 { Ok(()) } else { Err(AppError::Unavailable("the log is being read".into())) }
}

/// PostgreSQL leaves out what the account may not vacuum, with a warning that nobody reads: it is asked beforehand.
fn vacuum(conn: &mut Conn, tables: &[&'static str]) -> AppResult<()> {
    for table in tables {
        let whose = format!(
            "SELECT pg_has_role(relowner, 'USAGE') AS owned FROM pg_class WHERE oid = '{table}'::regclass"
        );
        if !diesel::sql_query(whose).get_result::<Owned>(conn)?.owned {
            return Err(AppError::Unavailable(format!(
                "{table} cannot be vacuumed: another account owns it"
            )));
        }
        diesel::sql_query(format!("VACUUM (INDEX_CLEANUP ON) {table}")).execute(conn)?;
    }
    Ok(())
}
