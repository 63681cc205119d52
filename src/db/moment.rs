//! The moment of the transaction that runs on this thread, by the portal's clock: queries that ask for what is still
//! served compare with it. It is set around each closure of [`super::Store::read`] and [`super::Store::write`], which
//! never leave their thread; outside of them (commands, migrations) there is none.

use chrono::{DateTime, Utc};
use std::cell::Cell;

thread_local! {
    static MOMENT: Cell<Option<DateTime<Utc>>> = const { Cell::new(None) };
}

/// Puts back what was there, also when a closure panics.
struct Back(Option<DateTime<Utc>>);

impl Drop for Back {
    fn drop(&mut self) {
        MOMENT.set(self.0);
    }
}

/// Runs `f` at a moment.
pub fn at<T>(moment: DateTime<Utc>, f: impl FnOnce() -> T) -> T {
    let _back = Back(MOMENT.replace(Some(moment)));
    f()
}

/// The moment, inside of a transaction or read.
pub fn present() -> Option<DateTime<Utc>> {
    MOMENT.get()
}

#[cfg(test)]
mod tests {
    use super::{at, present};

    #[test]
    fn it_ends_with_its_closure() {
        let (one, two) = ("2020-03-12T00:00:00Z".parse().unwrap(), "2020-03-13T00:00:00Z".parse().unwrap());
        assert_eq!(present(), None);
        at(one, || {
            at(two, || assert_eq!(present(), Some(two)));
            assert_eq!(present(), Some(one));
            let _ = std::panic::catch_unwind(|| at(two, || panic!("x")));
            assert_eq!(present(), Some(one));
        });
        assert_eq!(present(), None);
    }
}
