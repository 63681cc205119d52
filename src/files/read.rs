//! Reading a file, piece by piece: what is held of it at a time is some pieces, however large it is.

use super::place::Place;
use super::{Files, store};
use crate::crypto::{FileKey, Layout};
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Pieces that are fetched at a time: a megabyte.
const WINDOW: u64 = 16;

/// The pieces of a file, in their order.
pub(super) struct Reader {
    place: Arc<dyn Place>,
    blob: Id,
    key: FileKey,
    layout: Layout,
    next: u64,
    end: u64,
    fetched: VecDeque<Vec<u8>>,
}

/// A piece as it was before it was sealed; `None` when it is gone or is no longer what was written.
pub(super) type Piece = Option<Zeroizing<Vec<u8>>>;

impl Reader {
    /// Of a file; `None` for one without bytes.
    ///
    /// # Errors
    /// A key that cannot be opened.
    pub(super) fn of(deps: &App, row: &store::Row) -> AppResult<Option<Self>> {
        let place = Files::of(deps)?.place()?.clone();
        let Some((blob, key, size)) = row.bytes(&deps.keys)? else { return Ok(None) };
        let layout = key.layout(size);
        let end = layout.pieces();
        Ok(Some(Self { place, blob, key, layout, next: 0, end, fetched: VecDeque::new() }))
    }

    /// Only the pieces that hold some of its bytes: no other is fetched or opened.
    pub(super) fn of_bytes(self, bytes: &Range<u64>) -> Self {
        let pieces = self.layout.holding(bytes);
        Self { next: pieces.start, end: pieces.end, fetched: VecDeque::new(), ..self }
    }

    /// At which byte of the file the next piece begins.
    pub(super) fn begins(&self) -> u64 {
        self.layout.begins(self.next)
    }

    /// The next piece, while there is one.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the place is away.
    pub(super) async fn next(&mut self) -> AppResult<Option<Piece>> {
        if self.next >= self.end {
            return Ok(None);
        }
        if self.fetched.is_empty() && !self.fetch().await? {
            return Ok(Some(None));
        }
        let number = self.next;
        self.next += 1;
        let sealed = self.fetched.pop_front().ok_or_else(|| AppError::internal("no piece was fetched"))?;
        Ok(Some(self.key.open_piece(number, self.layout.is_last(number), &sealed).ok()))
    }

    /// Fetches some pieces; false when they are not there.
    async fn fetch(&mut self) -> AppResult<bool> {
        let end = (self.next + WINDOW).min(self.end);
        let (first, last) = (self.layout.range(self.next), self.layout.range(end - 1));
        let Some(mut bytes) = self.place.get(self.blob, first.start..last.end).await? else {
            return Ok(false);
        };
        for number in self.next..end {
            let range = self.layout.range(number);
            let length = usize::try_from(range.end - range.start).map_err(AppError::internal)?;
            if bytes.len() < length {
                return Ok(false);
            }
            let rest = bytes.split_off(length);
            self.fetched.push_back(std::mem::replace(&mut bytes, rest));
        }
        Ok(true)
    }
}
