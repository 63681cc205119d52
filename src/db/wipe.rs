//! After rows were destroyed: nothing of them stays in the files of the database.
//!
//! SQLite overwrites what is deleted (`secure_delete`), but older pages are still in the write-ahead log until it is
//! cut. PostgreSQL keeps deleted rows in tables and indexes until they are vacuumed; its own log and its archive
//! forget by the operator's settings (docs/retention.md).

use super::conn::{Conn, open_sqlite};
use super::{Backend, Store, blocking, with_pass};
use crate::error::{AppError, AppResult};
use diesel::prelude::*;
use diesel::sql_types::Integer;

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

impl Store {
    /// Removes what is left of rows that were deleted from these tables.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when a reader is in the way for five seconds; it is to be tried again.
    pub async fn wipe(&self, tables: Vec<&'static str>) -> AppResult<()> {
        match &*self.0 {
            Backend::Sqlite { path, .. } => {
                let path = path.clone();
                blocking(move || cut_log(&path)).await
            }
            Backend::Postgres { pool, gate, .. } => {
                with_pass(pool, gate, move |conn| vacuum(conn, &tables)).await
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

fn vacuum(conn: &mut Conn, tables: &[&'static str]) -> AppResult<()> {
    for table in tables {
        diesel::sql_query(format!("VACUUM (INDEX_CLEANUP ON) {table}")).execute(conn)?;
    }
    Ok(())
}
