//! How much may come in at a time. No body is read before there is room for it, and what comes by drops gives its room
//! back: memory is bounded by these figures and not by how many send.

use super::ctx::Ctx;
use super::turns::{Held, Rules, Turns};
use crate::error::{AppError, AppResult};
use crate::web::limits::{Client, Network};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest, web};
use futures_util::{Stream, StreamExt};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

/// Bytes of forms and programs' bodies that are held at a time, and of one network. Most have some kilobytes.
const FORMS: usize = 12 << 20;
const FORMS_EACH: usize = 4 << 20;
/// Bytes of files that are held at a time, and of one network: two of the largest, and one.
const FILES: usize = 12 << 20;
const FILES_EACH: usize = 6 << 20;
/// A body that is said to be no longer than this takes no turn among the files.
pub const SMALL: usize = 96 << 10;
/// Nothing came for so long: the sender has gone, or sends by drops.
const SILENCE: Duration = Duration::from_secs(5);
/// All of a form, and all of a file, must have come by then: 5 MB at 3 Mbit/s.
const FORM_WITHIN: Duration = Duration::from_secs(10);
const FILE_WITHIN: Duration = Duration::from_secs(15);
/// How long the rest of what is refused is read and thrown away, so that its sender sees the answer.
const DRAIN_WITHIN: Duration = Duration::from_secs(3);
/// For how many at a time.
const REFUSING: usize = 12;
/// Who may wait to send a file, of one network and in all, and how long.
const WAITING: (usize, usize) = (6, 32);
const PATIENCE: Duration = Duration::from_secs(5);

/// The budgets of a portal.
pub struct Intake {
    forms: Arc<Forms>,
    files: Turns,
    /// The same for networks that have shown a genuine document: a photo at a gate waits for no flood of strangers.
    verifiers: Turns,
    refusing: Semaphore,
}

impl Default for Intake {
    fn default() -> Self {
        let rules = Rules { total: FILES, share: FILES_EACH, waiting: WAITING, patience: PATIENCE };
        Self {
            forms: Arc::default(),
            files: Turns::new(rules),
            verifiers: Turns::new(Rules { total: FILES_EACH, ..rules }),
            refusing: Semaphore::new(REFUSING),
        }
    }
}

/// Bytes of bodies in memory, counted as they come.
#[derive(Default)]
struct Forms(Mutex<(usize, HashMap<Network, usize>)>);

/// Room for a body among the forms.
struct Room {
    forms: Arc<Forms>,
    network: Network,
    bytes: usize,
}

impl Room {
    fn grow(&mut self, bytes: usize) -> AppResult<()> {
        let mut held = self.forms.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = held.1.get(&self.network).copied().unwrap_or(0);
        if mine + bytes > FORMS_EACH {
            return Err(AppError::TooMany(2));
        }
        if held.0 + bytes > FORMS {
            return Err(AppError::Unavailable("too many bodies at a time".into()));
        }
        held.0 += bytes;
        held.1.insert(self.network, mine + bytes);
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut held = self.forms.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 = held.0.saturating_sub(self.bytes);
        let left = held.1.get(&self.network).copied().unwrap_or(0).saturating_sub(self.bytes);
        if left == 0 {
            held.1.remove(&self.network)
        } else {
            held.1.insert(self.network, left)
        };
    }
}

/// What a body's room is held by, until the request is over.
enum Place {
    Form(Room),
    File(Held),
}

/// A body that is let in: its bytes count against a budget, and must come in time.
pub struct Admitted {
    place: Place,
    /// Longest gap between two pieces.
    silence: Duration,
    until: Instant,
    /// Bytes that are said to come.
    said: usize,
}

impl Admitted {
    /// Up to `limit` bytes of a stream, and whether there were more; what is too much is read and dropped, to `drain` bytes.
    ///
    /// # Errors
    /// [`AppError::TooSlow`] when they come by drops, [`AppError::TooLarge`] past `drain`, those of the budget, and
    /// [`AppError::BadRequest`] when the stream breaks.
    pub async fn collect<S, E>(&mut self, stream: S, limit: usize, drain: usize) -> AppResult<(Vec<u8>, bool)>
    where
        S: Stream<Item = Result<Bytes, E>>,
    {
        let mut stream = std::pin::pin!(stream);
        let (mut body, mut seen) = (Vec::with_capacity(self.said.min(limit)), 0_usize);
        while let Some(part) = self.next(&mut stream).await? {
            seen = seen.saturating_add(part.len());
            if seen > limit.saturating_add(drain) {
                return Err(AppError::TooLarge);
            }
            if seen <= limit {
                if let Place::Form(room) = &mut self.place {
                    room.grow(part.len())?;
                }
                body.extend_from_slice(&part);
            } else {
                body = Vec::new();
            }
        }
        Ok((body, seen > limit))
    }

    /// The next piece of a stream, if it comes in time.
    ///
    /// # Errors
    /// [`AppError::TooSlow`]; [`AppError::BadRequest`] when the stream breaks.
    pub async fn next<S, T, E>(&self, stream: &mut S) -> AppResult<Option<T>>
    where
        S: Stream<Item = Result<T, E>> + Unpin,
    {
        let soon = timeout(self.silence, stream.next());
        match timeout_at(self.until, soon).await {
            Ok(Ok(None)) => Ok(None),
            Ok(Ok(Some(Ok(part)))) => Ok(Some(part)),
            Ok(Ok(Some(Err(_)))) => Err(AppError::BadRequest("body-malformed")),
            Ok(Err(_)) | Err(_) => Err(AppError::TooSlow),
        }
    }

    /// Keeps the room until the request is over.
    pub fn keep(self, req: &HttpRequest) {
        req.extensions_mut().insert(Arc::new(self.place));
    }

    /// The room of a file, to go wherever its bytes go; a small one has none.
    #[must_use]
    pub fn into_held(self) -> Option<Box<dyn Send>> {
        match self.place {
            Place::File(held) => Some(Box::new(held)),
            Place::Form(room) => Some(Box::new(room)),
        }
    }
}

impl Intake {
    /// Lets a form or a program's body in; it is counted as it comes.
    #[must_use]
    pub fn form(&self, client: Client) -> Admitted {
        let room = Room { forms: self.forms.clone(), network: client.network(), bytes: 0 };
        Admitted { place: Place::Form(room), silence: SILENCE, until: Instant::now() + FORM_WITHIN, said: 0 }
    }

    /// Lets a file of at most `most` bytes in when its turn comes.
    ///
    /// # Errors
    /// Those of [`Turns::enter`].
    async fn file(&self, client: Client, verifies: bool, most: usize) -> AppResult<Admitted> {
        let line = if verifies { &self.verifiers } else { &self.files };
        let held = line.enter(client.network(), most).await?;
        let until = Instant::now() + FILE_WITHIN;
        Ok(Admitted { place: Place::File(held), silence: SILENCE, until, said: most })
    }

    /// Lets the body of a request in that may hold a file of `most` bytes. What is refused is read and thrown away for a
    /// moment, so that its sender sees the answer.
    ///
    /// # Errors
    /// [`AppError::TooMany`] or [`AppError::Unavailable`].
    pub async fn body(
        &self,
        req: &HttpRequest,
        ctx: &Ctx,
        payload: web::Payload,
        most: usize,
    ) -> AppResult<(Admitted, web::Payload)> {
        let said = said_length(req);
        if said.is_some_and(|length| length <= SMALL) {
            return Ok((self.form(ctx.client), payload));
        }
        match self.file(ctx.client, ctx.verifies(), said.unwrap_or(most).min(most)).await {
            Ok(admitted) => Ok((admitted, payload)),
            Err(e) => Err(self.refuse(payload, e).await),
        }
    }
}

impl Intake {
    /// The error for a request whose body is not wanted. For a few at a time the body is read and thrown away for a moment,
    /// so that its sender sees the answer; of a flood the connections are cut, since each takes memory as long as it lives.
    pub async fn refuse(
        &self,
        payload: impl Stream<Item = Result<Bytes, PayloadError>>,
        error: AppError,
    ) -> AppError {
        if let Ok(_few) = self.refusing.try_acquire() {
            let mut payload = std::pin::pin!(payload);
            let rest = async { while let Some(Ok(_)) = payload.next().await {} };
            let _ = timeout(DRAIN_WITHIN, rest).await;
        }
        error
    }
}

/// The length that the request says its body has.
#[must_use]
pub fn said_length(req: &HttpRequest) -> Option<usize> {
    req.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    fn piece(bytes: usize) -> Result<Bytes, PayloadError> {
        Ok(Bytes::from(vec![b'a'; bytes]))
    }

    #[actix_web::test]
    async fn forms_are_counted_as_they_come_and_given_back() {
        let intake = Intake::default();
        let (one, other) = (Client::at("192.0.2.1"), Client::at("192.0.2.2"));
        let mut full = Vec::new();
        for _ in 0..16 {
            let mut admitted = intake.form(one);
            let pieces = stream::iter((0..4).map(|_| piece(64 << 10)));
            assert!(admitted.collect(pieces, 256 << 10, 0).await.is_ok());
            full.push(admitted);
        }
        let more = async |client| {
            let mut admitted = intake.form(client);
            let read =
                admitted.collect(stream::iter([piece(100)]), 1000, 0).await.map(|(body, _)| body.len());
            (read.map_err(|e| e.to_string()), admitted)
        };
        assert_eq!(more(one).await.0, Err("too-many".into()), "its own share is used up");
        assert_eq!(more(other).await.0, Ok(100), "others come in");
        full.truncate(15);
        assert_eq!(more(one).await.0, Ok(100), "what was given back can be had again");
        drop(full);
        assert_eq!(intake.forms.0.lock().unwrap().0, 0);
    }

    #[actix_web::test]
    async fn what_is_too_much_is_not_kept() {
        let intake = Intake::default();
        let client = Client::at("192.0.2.1");
        let pieces = || stream::iter((0..9).map(|_| piece(1000)));
        let mut admitted = intake.form(client);
        assert_eq!(admitted.collect(pieces(), 2500, 100_000).await.unwrap(), (Vec::new(), true));
        assert!(matches!(intake.form(client).collect(pieces(), 2500, 1000).await, Err(AppError::TooLarge)));
        let broken = stream::iter([piece(1), Err(PayloadError::Incomplete(None))]);
        assert!(matches!(intake.form(client).collect(broken, 9, 0).await, Err(AppError::BadRequest(_))));
    }

    #[actix_web::test]
    async fn what_comes_by_drops_gives_its_room_back() {
        let intake = Intake::default();
        let client = Client::at("192.0.2.1");
        let moment = Duration::from_millis(20);
        let admit =
            || async { intake.file(client, false, FILES_EACH).await.unwrap_or_else(|e| panic!("{e}")) };
        let silent = stream::iter([piece(1)]).chain(stream::pending());
        let mut admitted = Admitted { silence: moment, ..admit().await };
        assert!(matches!(admitted.collect(silent, 1000, 0).await, Err(AppError::TooSlow)));
        drop(admitted);
        let drops = stream::unfold((), |()| async {
            tokio::task::yield_now().await;
            Some((piece(1), ()))
        });
        let mut admitted = Admitted { until: Instant::now() + moment, ..admit().await };
        assert!(matches!(admitted.collect(drops, usize::MAX, 0).await, Err(AppError::TooSlow)));
        drop(admitted);
        assert_eq!(intake.files.out(), 0);
    }
}
