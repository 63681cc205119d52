//! Where files that people hand in are kept, and what looks through them.

use super::Reader;
use crate::db::DatabaseUrl;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Where the sealed bytes of files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesPlace {
    /// A folder of this machine, or one that all processes of the portal share.
    Folder(PathBuf),
}

/// Where clamd listens. What is sent there is not sealed, so it is this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clamd {
    /// A socket in the file system.
    Socket(PathBuf),
    /// A port of this machine.
    Port(SocketAddr),
}

/// `FUGONG_FILES`: a folder; without it the one beside the SQLite file. With PostgreSQL, which several machines may use,
/// nobody knows one that all of them see: without the setting no files are taken.
pub(super) fn place(r: &mut Reader<'_>, database: Option<&DatabaseUrl>) -> Option<FilesPlace> {
    let Some(folder) = r.get("FUGONG_FILES").map(PathBuf::from) else {
        let DatabaseUrl::Sqlite(path) = database? else { return None };
        return Some(FilesPlace::Folder(beside(path)));
    };
    if !folder.is_dir() {
        r.errors.push("FUGONG_FILES: no such folder; make it for the account that runs the portal".into());
    }
    Some(FilesPlace::Folder(folder))
}

/// `fugong.db` has `fugong.db-files`, as it has `fugong.db-wal`.
fn beside(database: &Path) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push("-files");
    database.with_file_name(name)
}

/// `FUGONG_CLAMD`: `unix:PATH` or an address of this machine and its port.
pub(super) fn clamd(r: &mut Reader<'_>) -> Option<Clamd> {
    let said = r.get("FUGONG_CLAMD")?.to_owned();
    if let Some(path) = said.strip_prefix("unix:") {
        return Some(Clamd::Socket(path.into()));
    }
    match said.parse::<SocketAddr>() {
        Ok(address) if address.ip().to_canonical().is_loopback() => Some(Clamd::Port(address)),
        Ok(_) => {
            r.errors.push(
                "FUGONG_CLAMD: files are sent there unsealed, so only an address of this machine".into(),
            );
            None
        }
        Err(_) => {
            r.errors.push("FUGONG_CLAMD: unix:PATH of clamd's socket, or 127.0.0.1:3310".into());
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn read<T>(name: &str, value: &str, f: impl FnOnce(&mut Reader<'_>) -> T) -> (T, Vec<String>) {
        let values = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let mut reader = Reader { values: &values, errors: Vec::new() };
        let found = f(&mut reader);
        (found, reader.errors)
    }

    #[test]
    fn clamd_is_of_this_machine() {
        assert_eq!(
            read("FUGONG_CLAMD", "unix:/run/clamd.ctl", clamd).0,
            Some(Clamd::Socket("/run/clamd.ctl".into()))
        );
        let here = Clamd::Port("[::1]:3310".parse().unwrap());
        assert_eq!(read("FUGONG_CLAMD", "[::1]:3310", clamd).0, Some(here));
        for wrong in ["192.0.2.1:3310", "localhost:3310", "127.0.0.1", "/run/clamd.ctl"] {
            let (found, errors) = read("FUGONG_CLAMD", wrong, clamd);
            assert!(found.is_none() && errors.len() == 1, "{wrong}");
        }
    }

    #[test]
    fn files_stand_beside_the_sqlite_file_and_for_postgresql_where_it_is_said() {
        let sqlite = DatabaseUrl::Sqlite("/var/lib/fugong/fugong.db".into());
        let (found, _) = read("FUGONG_FILES", "", |r| place(r, Some(&sqlite)));
        assert_eq!(found, Some(FilesPlace::Folder("/var/lib/fugong/fugong.db-files".into())));
        let postgres = DatabaseUrl::Postgres("postgres:///fugong".into());
        assert_eq!(read("FUGONG_FILES", "", |r| place(r, Some(&postgres))).0, None);
        assert_eq!(read("FUGONG_FILES", "/no/such", |r| place(r, Some(&postgres))).1.len(), 1);
    }
}
