//! Files in a folder: written under another name, synchronised, and only then given their own.

use super::place::{Place, Sealing, read, shelf, written};
use crate::crypto::CryptoError;
use crate::db::Id;
use crate::error::{AppError, AppResult};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What is being written has this after its name.
const UNFINISHED: &str = ".part";

/// A folder with a folder for each shelf.
pub(super) struct Folder {
    root: PathBuf,
    /// What this process is writing: nobody else knows whether it will be finished.
    writing: Arc<Mutex<HashSet<Id>>>,
}

/// What is being written is known for as long as this lives.
struct Writing(Arc<Mutex<HashSet<Id>>>, Id);

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

fn away(what: &str, error: &io::Error) -> AppError {
    AppError::Unavailable(format!("files: {what}: {error}"))
}

/// Why a file was not written.
enum Failed {
    Disk(io::Error),
    Seal(CryptoError),
}

impl From<CryptoError> for Failed {
    fn from(error: CryptoError) -> Self {
        Self::Seal(error)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

impl From<Failed> for AppError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Disk(error) => away("a file could not be written", &error),
            Failed::Seal(error) => error.into(),
        }
    }
}

impl Folder {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, writing: Arc::default() }
    }

    fn shelf(&self, number: u8) -> PathBuf {
        self.root.join(format!("{number:02x}"))
    }

    fn path(&self, name: Id) -> PathBuf {
        self.shelf(shelf(name)).join(written(name))
    }

    fn begin(&self, name: Id) -> Writing {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        Writing(self.writing.clone(), name)
    }
}

/// The disk is waited for on threads for that.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> AppResult<T> + Send + 'static) -> AppResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(AppError::internal)?
}

impl Place for Folder {
    fn put(&self, name: Id, sealing: Sealing) -> BoxFuture<'_, AppResult<()>> {
        let (path, writing) = (self.path(name), self.begin(name));
        on_disk(move || {
            let _until_it_ends = writing;
            write(&path, sealing).map_err(AppError::from)
        })
        .boxed()
    }

    fn get(&self, name: Id, range: Range<u64>) -> BoxFuture<'_, AppResult<Option<Vec<u8>>>> {
        let path = self.path(name);
        on_disk(move || match part(&path, range) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => Ok(None),
            Err(e) => Err(away("a file could not be read", &e)),
        })
        .boxed()
    }

    fn remove(&self, name: Id) -> BoxFuture<'_, AppResult<()>> {
        let path = self.path(name);
        on_disk(move || match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(away("a file could not be removed", &e)),
            _ => Ok(()),
        })
        .boxed()
    }

    fn names(&self, number: u8) -> BoxFuture<'_, AppResult<Vec<Id>>> {
        let (shelf, writing) = (self.shelf(number), self.writing.clone());
        on_disk(move || {
            let is_written =
                |name: Id| writing.lock().unwrap_or_else(PoisonError::into_inner).contains(&name);
            listed(&shelf, is_written).map_err(|e| away("the folder could not be read", &e))
        })
        .boxed()
    }
}

/// Writes a file; what was begun and failed is removed.
fn write(path: &Path, sealing: Sealing) -> Result<(), Failed> {
    let unfinished = path.with_extension(UNFINISHED.trim_start_matches('.'));
    let folder = path.parent().ok_or_else(|| io::Error::from(ErrorKind::InvalidInput))?;
    let done = create(folder, &unfinished).map_err(Failed::from).and_then(|mut file| {
        sealing.each(|piece| file.write_all(&piece).map_err(Failed::from))?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        // The name is as durable as the bytes only once the folder is.
        File::open(folder)?.sync_all()?;
        Ok(())
    });
    if done.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    done
}

/// A new file that only this account reads, and the folders above it.
fn create(folder: &Path, path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let mut folders = fs::DirBuilder::new();
    folders.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        options.mode(0o600);
        folders.mode(0o700);
    }
    if !folder.is_dir() {
        folders.create(folder)?;
        if let Some(root) = folder.parent() {
            File::open(root)?.sync_all()?;
        }
    }
    options.open(path)
}

fn part(path: &Path, range: Range<u64>) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let length = usize::try_from(range.end.saturating_sub(range.start)).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The names in a folder. What another process has not finished is removed when it is an hour old: it wrote seconds.
fn listed(shelf: &Path, is_written: impl Fn(Id) -> bool) -> io::Result<Vec<Id>> {
    let entries = match fs::read_dir(shelf) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        match name.strip_suffix(UNFINISHED).map(read) {
            Some(Some(unfinished)) if !is_written(unfinished) && is_old(&entry) => {
                let _ = fs::remove_file(entry.path());
            }
            Some(_) => {}
            None => names.extend(read(name)),
        }
    }
    Ok(names)
}

/// By the clock of the file system, which is that of the machine: nothing else says when a writing stopped.
fn is_old(entry: &fs::DirEntry) -> bool {
    let age = entry.metadata().and_then(|about| about.modified()).ok().and_then(|at| at.elapsed().ok());
    age.is_some_and(|age| age.as_secs() >= 3600)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{CHUNK, FieldContext, FileKey, Keyring};

    fn folder() -> Folder {
        let root = std::env::temp_dir().join(format!("fugong-folder-{}", uuid::Uuid::now_v7()));
        Folder::new(root)
    }

    #[actix_web::test]
    async fn a_file_is_written_read_in_parts_listed_and_removed() {
        let (keys, folder, name) = (Keyring::ephemeral().unwrap(), folder(), Id::new());
        let key = FileKey::new(&keys);
        let place = FieldContext::new("files", "key_sealed", name.0);
        let sealed = key.sealed(&keys, &place).unwrap();
        let plain = vec![5; CHUNK + 9];
        assert_eq!(folder.names(shelf(name)).await.unwrap(), []);
        folder.put(name, Sealing { key, plain }).await.unwrap();
        assert_eq!(folder.names(shelf(name)).await.unwrap(), [name]);
        let key = FileKey::open(&keys, &place, &sealed).unwrap();
        let layout = key.layout(u64::try_from(CHUNK + 9).unwrap());
        let second = folder.get(name, layout.range(1)).await.unwrap().unwrap();
        assert_eq!(key.open_piece(1, true, &second).unwrap().as_slice(), [5; 9]);
        assert_eq!(folder.get(name, 0..layout.sealed() + 1).await.unwrap(), None);
        folder.remove(name).await.unwrap();
        folder.remove(name).await.unwrap();
        assert_eq!(folder.get(name, 0..1).await.unwrap(), None);
        assert_eq!(folder.names(shelf(name)).await.unwrap(), []);
        fs::remove_dir_all(&folder.root).unwrap();
    }

    #[actix_web::test]
    async fn what_was_not_finished_is_nothing_and_goes_when_it_is_old() {
        let (folder, name) = (folder(), Id::new());
        let path = folder.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let unfinished = path.with_extension("part");
        fs::write(&unfinished, b"half").unwrap();
        fs::write(path.with_file_name("notes.txt"), b"somebody's").unwrap();
        assert_eq!(folder.names(shelf(name)).await.unwrap(), []);
        assert!(unfinished.exists(), "it may still be written by another process");
        let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        File::open(&unfinished).unwrap().set_modified(old).unwrap();
        let writing = folder.begin(name);
        folder.names(shelf(name)).await.unwrap();
        assert!(unfinished.exists(), "this process writes it");
        drop(writing);
        folder.names(shelf(name)).await.unwrap();
        assert!(!unfinished.exists());
        fs::remove_dir_all(&folder.root).unwrap();
    }

    #[actix_web::test]
    async fn what_cannot_be_given_its_name_leaves_nothing_and_is_taken_later() {
        let (keys, folder, name) = (Keyring::ephemeral().unwrap(), folder(), Id::new());
        // In the place of its name stands a folder with something in it.
        let path = folder.path(name);
        fs::create_dir_all(path.join("in the way")).unwrap();
        let sealing = || Sealing { key: FileKey::new(&keys), plain: vec![5; CHUNK + 9] };
        assert!(matches!(folder.put(name, sealing()).await, Err(AppError::Unavailable(_))));
        assert!(!path.with_extension("part").exists(), "what was written is gone");
        fs::remove_dir_all(&path).unwrap();
        folder.put(name, sealing()).await.unwrap();
        assert_eq!(folder.names(shelf(name)).await.unwrap(), [name]);
        fs::remove_dir_all(&folder.root).unwrap();
    }

    #[actix_web::test]
    async fn a_folder_that_cannot_be_written_is_away_and_no_fault_of_the_file() {
        let file = std::env::temp_dir().join(format!("fugong-no-folder-{}", uuid::Uuid::now_v7()));
        fs::write(&file, b"").unwrap();
        let (keys, folder) = (Keyring::ephemeral().unwrap(), Folder::new(file.clone()));
        let sealing = Sealing { key: FileKey::new(&keys), plain: Vec::new() };
        assert!(matches!(folder.put(Id::new(), sealing).await, Err(AppError::Unavailable(_))));
        fs::remove_file(file).unwrap();
    }
}
