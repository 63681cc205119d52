//! The moment of the transaction that runs on this thread, by the portal's clock, and what the portal has given its store
//! for queries to know ([`super::Store::telling`]): queries that ask for what is still served compare with both. They are set
//! around each closure of [`super::Store::read`] and [`super::Store::write`], which never leave their thread; outside of
//! them (migrations) there is none.

use chrono::{DateTime, Utc};
use std::any::Any;
use std::cell::RefCell;
use std::sync::Arc;

/// What a store tells the queries that run in it.
pub type Told = Option<Arc<dyn Any + Send + Sync>>;

thread_local! {
    static PRESENT: RefCell<Option<(DateTime<Utc>, Told)>> = const { RefCell::new(None) };
}

/// Puts back what was there, also when a closure panics.
struct Back(Option<(DateTime<Utc>, Told)>);

impl Drop for Back {
    fn drop(&mut self) {
        PRESENT.set(self.0.take());
    }
}

/// Runs `f` at a moment.
pub fn at<T>(moment: DateTime<Utc>, told: Told, f: impl FnOnce() -> T) -> T {
    let _back = Back(PRESENT.replace(Some((moment, told))));
    f()
}

/// The moment, inside of a transaction or read.
pub fn present() -> Option<DateTime<Utc>> {
    PRESENT.with_borrow(|present| present.as_ref().map(|(moment, _)| *moment))
}

/// What the store tells, inside of a transaction or read, if it is of this type.
pub fn told<T: Send + Sync + 'static>() -> Option<Arc<T>> {
    PRESENT.with_borrow(|present| present.as_ref().and_then(|(_, told)| told.clone()))?.downcast().ok()
}

#[cfg(test)]
mod tests {
    use super::{at, present, told};
    use std::sync::Arc;

    #[test]
    fn it_ends_with_its_closure() {
        let (one, two) = ("2020-03-12T00:00:00Z".parse().unwrap(), "2020-03-13T00:00:00Z".parse().unwrap());
        assert_eq!(present(), None);
        at(one, Some(Arc::new(1_u8)), || {
            at(two, None, || assert_eq!((present(), told::<u8>()), (Some(two), None)));
            assert_eq!((present(), told::<u8>(), told::<u16>()), (Some(one), Some(Arc::new(1)), None));
            let _ = std::panic::catch_unwind(|| at(two, None, || panic!("x")));
            assert_eq!(present(), Some(one));
        });
        assert_eq!(present(), None);
    }
}
