//! How many streams a process holds, and their end.

use crate::db::Id;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Streams of one process. A connection takes some 20 KiB; what is left of a worker's connections is for pages.
const ALL: usize = 2000;
/// Streams of one account or official: some tabs.
const EACH: usize = 4;

/// The streams that this process holds.
pub struct Live {
    taken: Arc<Mutex<HashMap<Id, usize>>>,
    ends: watch::Sender<bool>,
}

impl Default for Live {
    fn default() -> Self {
        Self { taken: Arc::default(), ends: watch::Sender::new(false) }
    }
}

impl Live {
    /// Takes a place for a stream of somebody; none when the process holds as many as it can, or they have too many open
    /// pages.
    pub(super) fn take(&self, whose: Id) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = taken.values().sum();
        let own = taken.get(&whose).copied().unwrap_or_default();
        if all >= ALL || own >= EACH || *self.ends.borrow() {
            return None;
        }
        taken.insert(whose, own + 1);
        Some(Place { whose, taken: self.taken.clone(), ends: self.ends.subscribe() })
    }

    /// How many streams are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    /// Ends all streams: a server that stops would wait for them.
    pub fn end(&self) {
        self.ends.send_replace(true);
    }
}

/// The place of a stream; it is free again when the stream is dropped.
pub(super) struct Place {
    whose: Id,
    taken: Arc<Mutex<HashMap<Id, usize>>>,
    ends: watch::Receiver<bool>,
}

impl Place {
    /// Comes back when all streams end.
    pub async fn ended(&mut self) {
        // An error means that the portal is gone, which is an end as well.
        let _ = self.ends.wait_for(|ends| *ends).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.whose) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_four_places_and_they_come_back() {
        let (live, one, other) = (Live::default(), Id::new(), Id::new());
        let held: Vec<Place> = (0..EACH).map(|_| live.take(one).unwrap()).collect();
        assert!(live.take(one).is_none());
        let others = live.take(other).unwrap();
        assert_eq!(live.open(), EACH + 1);
        drop(held);
        drop(others);
        assert_eq!(live.open(), 0);
        assert!(live.taken.lock().unwrap().is_empty(), "nobody is remembered");
    }

    #[test]
    fn a_process_holds_so_many() {
        let live = Live::default();
        let held: Vec<Place> = (0..ALL).map(|_| live.take(Id::new()).unwrap()).collect();
        assert!(live.take(Id::new()).is_none());
        drop(held);
        live.end();
        assert!(live.take(Id::new()).is_none(), "nothing begins once it ends");
    }
}
