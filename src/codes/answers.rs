//! Answers kept for the minute in which a token is given again.
//!
//! A table of fixed size without any order of use to keep up: whoever comes to the same place takes it, which costs the
//! other one signature more at the next showing. Some 100 MiB when every place is taken.

use super::show::Shown;
use crate::db::Id;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex};

const PLACES: usize = 1 << 16;

type Place = Mutex<Option<(Id, Arc<Shown>)>>;

/// The answers kept.
pub(super) struct Answers {
    places: Box<[Place]>,
    hasher: RandomState,
}

impl Default for Answers {
    fn default() -> Self {
        Self { places: (0..PLACES).map(|_| Place::default()).collect(), hasher: RandomState::new() }
    }
}

impl Answers {
    /// The answer that a person got last, if its place was not taken since.
    pub fn get(&self, person: Id) -> Option<Arc<Shown>> {
        let kept = self.place(person)?.lock().ok()?;
        kept.as_ref().filter(|(whose, _)| *whose == person).map(|(_, shown)| shown.clone())
    }

    /// Keeps an answer.
    pub fn put(&self, person: Id, shown: Arc<Shown>) {
        if let Some(mut place) = self.place(person).and_then(|p| p.lock().ok()) {
            *place = Some((person, shown));
        }
    }

    fn place(&self, person: Id) -> Option<&Place> {
        let hash = usize::try_from(self.hasher.hash_one(person)).unwrap_or(0);
        self.places.get(hash % PLACES)
    }
}
