//! Where the sealed bytes are. A name is an identifier of the portal's own, and says nothing; which file it belongs to only
//! the database knows.

use crate::crypto::{CryptoError, FileKey};
use crate::db::Id;
use crate::error::AppResult;
use futures_util::future::BoxFuture;
use std::ops::Range;

/// The bytes of a file on their way to their place.
pub(super) struct Sealing {
    /// The key, for this writing only.
    pub key: FileKey,
    /// What is sealed.
    pub plain: Vec<u8>,
}

impl Sealing {
    /// Seals piece by piece, for whoever writes them down.
    ///
    /// # Errors
    /// Those of the one who writes.
    pub(super) fn each<E: From<CryptoError>>(
        self,
        mut write: impl FnMut(Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self { key, plain } = self;
        key.seal(&plain).try_for_each(|piece| write(piece?))
    }
}

/// A place for sealed bytes.
pub(super) trait Place: Send + Sync {
    /// Writes a file; it is there as a whole or not at all, and durable when this answers.
    fn put(&self, name: Id, sealing: Sealing) -> BoxFuture<'_, AppResult<()>>;

    /// Some of a file's sealed bytes; `None` when there is no such file, or it has no such bytes.
    fn get(&self, name: Id, range: Range<u64>) -> BoxFuture<'_, AppResult<Option<Vec<u8>>>>;

    /// Removes a file; one that is not there is no error.
    fn remove(&self, name: Id) -> BoxFuture<'_, AppResult<()>>;

    /// The files of a shelf ([`shelf`]). What was left of a writing that was cut off is removed.
    fn names(&self, shelf: u8) -> BoxFuture<'_, AppResult<Vec<Id>>>;
}

/// Files are divided by the last byte of their names, which is random: whoever goes through all of them holds the names of
/// one in 256 at a time.
pub(super) fn shelf(name: Id) -> u8 {
    let [.., last] = *name.0.as_bytes();
    last
}

/// A new name on a shelf.
pub(super) fn new_on(number: u8) -> Id {
    let mut bytes = *Id::new().0.as_bytes();
    let [.., last] = &mut bytes;
    *last = number;
    Id(uuid::Uuid::from_bytes(bytes))
}

/// How a name is written.
pub(super) fn written(name: Id) -> String {
    name.0.simple().to_string()
}

/// The name that is written so; `None` for what is none of ours.
pub(super) fn read(text: &str) -> Option<Id> {
    let name = uuid::Uuid::try_parse(text).ok().map(Id)?;
    (written(name) == text).then_some(name)
}
