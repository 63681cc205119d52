//! On SQLite the worker runs inside `serve`, which holds a lock; other writing commands refuse while it runs.

use std::fs::{File, TryLockError};
use std::path::Path;

/// Held for as long as a process may write to the embedded database.
#[derive(Debug)]
pub struct ServeLock(#[allow(dead_code)] File);

impl ServeLock {
    /// Takes the lock beside the database file; the operating system frees it even after `kill -9`.
    ///
    /// # Errors
    /// A plain sentence: who holds it, or why the file cannot be made.
    pub fn take(database: &Path) -> Result<Self, String> {
        let path = database.with_extension("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|e| format!("{}: {e}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(format!(
                "{} is in use by another fugong process; stop that one first",
                database.display()
            )),
            Err(TryLockError::Error(e)) => Err(format!("{}: {e}", path.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_writer_at_a_time() {
        let db = std::env::temp_dir().join(format!("fugong-lock-{}.db", uuid::Uuid::now_v7()));
        let first = ServeLock::take(&db).unwrap();
        assert!(ServeLock::take(&db).unwrap_err().contains("in use"));
        drop(first);
        assert!(ServeLock::take(&db).is_ok());
    }
}
