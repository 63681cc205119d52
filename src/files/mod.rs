//! Files that people hand in: evidence of an appeal, attachments of an application.
//!
//! A slice asks whether somebody may see or change a case, in the query for the case, and shows what came of it as
//! [`Access`]; whatever is read here has the case as a condition. A file is what its bytes say ([`kind`]), in the bounds of
//! its purpose ([`terms`]); it is written down before its bytes, sealed piece by piece ([`crate::crypto::FileKey`]), looked at
//! in the background ([`work`]), and only then opened by anybody. `docs/files.md` tells it to operators.

mod bucket;
mod clam;
mod copy;
mod exif;
mod folder;
mod form;
mod kind;
mod name;
mod place;
mod range;
mod read;
mod serve;
mod store;
mod sweep;
mod take;
mod tell;
mod terms;
mod view;
mod work;

pub use form::{FileForm, hand_in};
pub use serve::{Opened, answer, open, open_noted};
pub use sweep::Sweep;
pub use take::Handing;
pub use terms::{Purpose, TABLE, Terms};
pub use view::{FileBody, FileState, FileView, FilesBody, FilesView, copied, list, refused, shown};
pub use work::Look;

use crate::audit::{self, Actor, Entry};
use crate::config::FilesPlace;
use crate::db::{Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::jobs::JobKind;
use crate::slice::{NOTHING, Slice};
use crate::threads::Threads;
use bucket::Bucket;
use chrono::{DateTime, Utc};
use folder::Folder;
use place::Place;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// What this room hands over: its background work.
pub const SLICE: Slice = Slice {
    jobs: &[JobKind::of::<Look>(), JobKind::of::<Sweep>().every(600).at_start()],
    parts: |deps| {
        let files = Files::new(deps)?;
        deps.keep(files);
        Ok(())
    },
    ..NOTHING
};

/// That somebody may see the files of a case: made by whoever has found the case for them.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    purpose: Purpose,
    case: Id,
    person: Option<Id>,
}

impl Access {
    /// To the files of a case that was found for whoever asks, and the person whose they are.
    #[must_use]
    pub const fn to(purpose: Purpose, case: Id, person: Option<Id>) -> Self {
        Self { purpose, case, person }
    }
}

/// The room's part of a running portal.
pub struct Files {
    place: Option<Arc<dyn Place>>,
    looking: Semaphore,
    threads: Threads,
}

impl Files {
    fn new(deps: &Deps) -> AppResult<Self> {
        let place: Option<Arc<dyn Place>> = match &deps.config.files {
            None => None,
            Some(FilesPlace::Folder(root)) => Some(Arc::new(Folder::new(root.clone()))),
            Some(FilesPlace::Bucket(at)) => Some(Arc::new(Bucket::new(at, &deps.config.province)?)),
        };
        let threads = Threads::start("files", 1).map_err(AppError::internal)?;
        Ok(Self { place, looking: Semaphore::new(1), threads })
    }

    fn of(deps: &Deps) -> AppResult<&Self> {
        deps.part()
    }

    /// Where the bytes are.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `files-off` where none are taken.
    fn place(&self) -> AppResult<&Arc<dyn Place>> {
        self.place.as_ref().ok_or_else(|| AppError::conflict("files-off"))
    }
}

/// Takes a file back for whoever handed it in. With the row its key goes, and with that what was in it; its bytes follow.
///
/// # Errors
/// [`AppError::NotFound`] when it is not of this case; database errors.
pub async fn take_back<F>(deps: &App, by: Id, file: Id, admit: F, now: DateTime<Utc>) -> AppResult<()>
where
    F: FnOnce(&mut Tx<'_>) -> AppResult<Access> + Send + 'static,
{
    let blob = deps.store.write(move |tx| {
        let access = admit(tx)?;
        let row = store::one(tx.conn(), &access, file)?;
        store::remove(tx, file)?;
        let entry = Entry::new(Actor::Resident(by), "file.remove", "file").object(file);
        let detail = json!({"purpose": row.purpose, "case": access.case});
        audit::append(tx, now, entry.subject(access.person).detail(detail))?;
        Ok(row.blob)
    });
    if let (Some(blob), Ok(place)) = (blob.await?, Files::of(deps)?.place())
        && let Err(error) = place.remove(blob).await
    {
        tracing::warn!(%error, "bytes of a file are removed later");
    }
    Ok(())
}
