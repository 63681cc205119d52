//! How many streams a process holds, and their end.

use crate::db::Id;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Streams of one process. A connection takes some 20 KiB; what is left of a worker's connections is for pages.
const ALL: usize = 2000;
/// Streams of one account or official: some tabs. That a page was left is seen when the next is sent to it, so whoever reads
/// on has a few of them; the oldest makes room.
const EACH: u64 = 4;

/// The streams of one account.
struct Own {
    /// Counts them.
    last: u64,
    open: usize,
    /// Those up to this number end.
    over: watch::Sender<u64>,
}

impl Default for Own {
    fn default() -> Self {
        Self { last: 0, open: 0, over: watch::Sender::new(0) }
    }
}

type Owns = Arc<Mutex<HashMap<Id, Own>>>;

/// The streams that this process holds.
pub struct Live {
    owns: Owns,
    ends: watch::Sender<bool>,
}

impl Default for Live {
    fn default() -> Self {
        Self { owns: Owns::default(), ends: watch::Sender::new(false) }
    }
}

impl Live {
    /// Takes a place for a stream of somebody; none when the process holds as many as it can.
    pub(super) fn take(&self, whose: Id) -> Option<Place> {
        let mut owns = self.owns.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = owns.values().map(|own| own.open).sum();
        if all >= ALL || *self.ends.borrow() {
            return None;
        }
        let own = owns.entry(whose).or_default();
        own.last += 1;
        own.open += 1;
        own.over.send_replace(own.last.saturating_sub(EACH));
        let (number, over) = (own.last, own.over.subscribe());
        Some(Place { whose, number, owns: self.owns.clone(), over, ends: self.ends.subscribe() })
    }

    /// How many streams are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.owns.lock().unwrap_or_else(PoisonError::into_inner).values().map(|own| own.open).sum()
    }

    /// Ends all streams: a server that stops would wait for them.
    pub fn end(&self) {
        self.ends.send_replace(true);
    }
}

/// The place of a stream; it is free again when the stream is dropped.
pub(super) struct Place {
    whose: Id,
    number: u64,
    owns: Owns,
    over: watch::Receiver<u64>,
    ends: watch::Receiver<bool>,
}

impl Place {
    /// Comes back when this stream has to end: with `true` when a newer one of the same account takes its place.
    pub async fn ended(&mut self) -> bool {
        let number = self.number;
        // An error means that the portal is gone, which is an end as well.
        tokio::select! {
            _ = self.ends.wait_for(|ends| *ends) => false,
            _ = self.over.wait_for(|over| *over >= number) => true,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut owns = self.owns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = owns.get_mut(&self.whose) {
            own.open -= 1;
            if own.open == 0 {
                owns.remove(&self.whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn the_oldest_of_five_makes_room_and_places_come_back() {
        let (live, one, other) = (Live::default(), Id::new(), Id::new());
        let mut held: Vec<Place> = (0..4).map(|_| live.take(one).unwrap()).collect();
        let others = live.take(other).unwrap();
        assert!(held.iter_mut().all(|place| place.ended().now_or_never().is_none()));
        held.push(live.take(one).unwrap());
        let ended: Vec<bool> = held.iter_mut().map(|place| place.ended().now_or_never().is_some()).collect();
        assert_eq!(ended, [true, false, false, false, false]);
        assert_eq!(live.open(), 6);
        drop(held);
        drop(others);
        assert_eq!(live.open(), 0);
        assert!(live.owns.lock().unwrap().is_empty(), "nobody is remembered");
    }

    #[test]
    fn a_process_holds_so_many() {
        let live = Live::default();
        let mut held: Vec<Place> = (0..ALL).map(|_| live.take(Id::new()).unwrap()).collect();
        assert!(live.take(Id::new()).is_none());
        held.truncate(3);
        live.end();
        assert!(held.iter_mut().all(|place| place.ended().now_or_never().is_some()));
        assert!(live.take(Id::new()).is_none(), "nothing begins once it ends");
    }
}
