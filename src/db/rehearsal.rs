//! A transaction that is a rehearsal: it does what it would do, says what it would tell, and is rolled back.
//!
//! So what somebody sees beforehand comes out of the same lines as what happens afterwards, and cannot differ from it. Who
//! rehearses makes the transaction fail at its end ([`super::Store::write`] takes back what a failing one did).

use super::Tx;
use std::any::Any;

/// What was said in a rehearsal, in its order.
pub(super) type Overheard = Vec<Box<dyn Any + Send>>;

impl Tx<'_> {
    /// Makes this transaction a rehearsal.
    pub fn rehearse(&mut self) {
        self.rehearsal = Some(Vec::new());
    }

    /// Keeps what would be told, where this is a rehearsal; nothing is made of it otherwise.
    pub fn tells<T: Any + Send>(&mut self, what: impl FnOnce() -> T) {
        if let Some(heard) = &mut self.rehearsal {
            heard.push(Box::new(what()));
        }
    }

    /// What of one type would have been told, in its order; the rehearsal forgets it, and keeps what is of other types.
    pub fn overheard<T: Any + Send>(&mut self) -> Vec<T> {
        let Some(heard) = &mut self.rehearsal else { return Vec::new() };
        let (wanted, others) = std::mem::take(heard).into_iter().partition(|one| one.is::<T>());
        *heard = others;
        wanted.into_iter().filter_map(|one| one.downcast().ok()).map(|one| *one).collect()
    }
}
