//! On SQLite the worker runs inside `serve`, which holds a lock; other writing commands refuse while it runs.

use std::fs::{File, TryLockError};
use std::path::Path;

/// Held for as long as a process may write to the embedded database.
#[derive(Debug)]
pub struct ServeLock(#[allow(dead_code)] File);

impl ServeLock {
    /// Takes the lock beside the database file, by whichever of its names (a link, a relative path) it is called; the
    /// operating system frees it even after `kill -9`.
    ///
    /// # Errors
    /// A plain sentence: who holds it, or why the file cannot be made.
    pub fn take(database: &Path) -> Result<Self, String> {
        let real = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
        let path = real.with_extension("lock");
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

    #[test]
    fn a_link_is_the_same_database() {
        let named = |end: &str| std::env::temp_dir().join(format!("fugong-{}-{end}", uuid::Uuid::now_v7()));
        let (db, link) = (named("real.db"), named("link.db"));
        std::fs::write(&db, b"").unwrap();
        std::os::unix::fs::symlink(&db, &link).unwrap();
        let _first = ServeLock::take(&db).unwrap();
        assert!(ServeLock::take(&link).unwrap_err().contains("in use"));
        for path in [&db, &link] {
            std::fs::remove_file(path).unwrap();
        }
    }
}
