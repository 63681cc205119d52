//! Where files that people hand in are kept, and what looks through them.

use super::Reader;
use super::parts::is_safe_web;
use crate::db::DatabaseUrl;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Where the sealed bytes of files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesPlace {
    /// A folder of this machine, or one that all processes of the portal share.
    Folder(PathBuf),
    /// A bucket of an object store.
    Bucket(BucketAt),
}

/// A bucket of an object store that speaks S3.
#[derive(Clone, PartialEq, Eq)]
pub struct BucketAt {
    /// Address of the store.
    pub endpoint: String,
    /// The bucket; nobody else puts anything in the part of it that has the province's code.
    pub bucket: String,
    /// The store's name for its place.
    pub region: String,
    /// Identifier of the access key.
    pub key: String,
    /// Its secret.
    pub secret: String,
}

impl std::fmt::Debug for BucketAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BucketAt({} of {})", self.bucket, self.endpoint)
    }
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
    if r.get("FUGONG_S3_ENDPOINT").is_some() {
        return Some(FilesPlace::Bucket(bucket(r)));
    }
    let Some(folder) = r.get("FUGONG_FILES").map(PathBuf::from) else {
        let DatabaseUrl::Sqlite(path) = database? else { return None };
        return Some(FilesPlace::Folder(beside(path)));
    };
    if !folder.is_dir() {
        r.errors.push("FUGONG_FILES: no such folder; make it for the account that runs the portal".into());
    }
    Some(FilesPlace::Folder(folder))
}

/// `FUGONG_S3_ENDPOINT`, `_BUCKET`, `_REGION` and `_KEY_FILE`: the file has the key's identifier, a colon, and its secret.
fn bucket(r: &mut Reader<'_>) -> BucketAt {
    let endpoint = r.get("FUGONG_S3_ENDPOINT").unwrap_or_default().to_owned();
    if !is_safe_web(&endpoint) {
        r.errors.push("FUGONG_S3_ENDPOINT: https://…, http:// only to this machine".into());
    }
    if r.get("FUGONG_FILES").is_some() {
        r.errors.push("FUGONG_FILES: a folder or a bucket (FUGONG_S3_ENDPOINT), not both".into());
    }
    let bucket = r.required("FUGONG_S3_BUCKET", "the bucket that is this portal's alone");
    let region = r.get("FUGONG_S3_REGION").unwrap_or("us-east-1").to_owned();
    let secret = r.secret_file("FUGONG_S3_KEY_FILE");
    let (key, secret) = secret.split_once(':').unwrap_or_default();
    if key.is_empty() || secret.is_empty() {
        r.errors.push("FUGONG_S3_KEY_FILE: the key's identifier, a colon and its secret".into());
    }
    BucketAt { endpoint, bucket, region, key: key.into(), secret: secret.into() }
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
    fn a_bucket_has_all_its_settings_and_tells_no_secret() {
        let file = std::env::temp_dir().join(format!("fugong-s3-{}", uuid::Uuid::now_v7()));
        std::fs::write(&file, "id:geheim\n").unwrap();
        let mut values = BTreeMap::from([
            ("FUGONG_S3_ENDPOINT".to_owned(), "https://store.example".to_owned()),
            ("FUGONG_S3_BUCKET".to_owned(), "fugong".to_owned()),
            ("FUGONG_S3_KEY_FILE".to_owned(), file.display().to_string()),
        ]);
        let mut reader = Reader { values: &values, errors: Vec::new() };
        let found = place(&mut reader, None);
        assert_eq!(reader.errors, [""; 0]);
        let Some(FilesPlace::Bucket(at)) = found else { panic!("a bucket") };
        assert_eq!((at.key.as_str(), at.secret.as_str(), at.region.as_str()), ("id", "geheim", "us-east-1"));
        assert!(!format!("{at:?}").contains("geheim"));
        values.insert("FUGONG_S3_ENDPOINT".to_owned(), "http://store.example".to_owned());
        values.insert("FUGONG_FILES".to_owned(), "/tmp".to_owned());
        values.remove("FUGONG_S3_BUCKET");
        let mut reader = Reader { values: &values, errors: Vec::new() };
        place(&mut reader, None);
        assert_eq!(reader.errors.len(), 3, "{:?}", reader.errors);
        std::fs::remove_file(file).unwrap();
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
