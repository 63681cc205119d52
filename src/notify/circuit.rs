//! A breaker for each provider: after a row of failures it is left alone for a while, and then asked with one message.
//! What waits meanwhile stays queued and loses no attempt.

use chrono::{DateTime, Duration, Utc};
use std::sync::{Mutex, PoisonError};

/// Failures in a row that open the circuit.
const THRESHOLD: u32 = 5;
/// How long an open circuit stays open.
const REST: Duration = Duration::seconds(15);

/// What may be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Whatever is due.
    All,
    /// One message, to see whether the provider is back.
    One,
    /// Nothing.
    Nothing,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<DateTime<Utc>>,
}

/// The breaker of one provider.
#[derive(Debug, Default)]
pub struct Circuit(Mutex<State>);

impl Circuit {
    /// What may be sent at `now`.
    pub fn allows(&self, now: DateTime<Utc>) -> Allowed {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.open_until {
            Some(until) if now < until => Allowed::Nothing,
            Some(_) => Allowed::One,
            None => Allowed::All,
        }
    }

    /// The provider answered.
    pub fn answered(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// The provider failed.
    pub fn failed(&self, now: DateTime<Utc>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        if state.failures >= THRESHOLD {
            state.open_until = now.checked_add_signed(REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_a_row_of_failures_and_closes_with_an_answer() {
        let (circuit, now) = (Circuit::default(), "2020-03-12T02:00:00Z".parse().unwrap());
        for _ in 1..THRESHOLD {
            circuit.failed(now);
        }
        assert_eq!(circuit.allows(now), Allowed::All);
        circuit.answered();
        circuit.failed(now);
        assert_eq!(circuit.allows(now), Allowed::All, "the row was broken");
        for _ in 0..THRESHOLD {
            circuit.failed(now);
        }
        assert_eq!(circuit.allows(now), Allowed::Nothing);
        assert_eq!(circuit.allows(now + REST), Allowed::One);
        circuit.failed(now + REST);
        assert_eq!(circuit.allows(now + REST), Allowed::Nothing, "one more failure and it rests again");
        circuit.answered();
        assert_eq!(circuit.allows(now + REST), Allowed::All);
    }
}
