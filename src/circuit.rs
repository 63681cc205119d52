//! A breaker for each part that can be away (a provider of messages, Redis): after a row of failures it is left alone for a
//! while, and then asked once. What a provider of messages would have got meanwhile stays queued and loses no attempt.

use chrono::{DateTime, Duration, Utc};
use std::sync::{Mutex, PoisonError};

/// Failures in a row that open the circuit.
const THRESHOLD: u32 = 5;
/// How long an open circuit of a provider stays open.
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

/// The breaker of one part.
#[derive(Debug)]
pub struct Circuit {
    state: Mutex<State>,
    rest: Duration,
}

impl Default for Circuit {
    fn default() -> Self {
        Self::resting(REST)
    }
}

impl Circuit {
    /// A breaker that leaves its part alone for so long.
    pub fn resting(rest: Duration) -> Self {
        Self { state: Mutex::default(), rest }
    }

    /// Whether to ask the part at `now`. Of many who ask while it is away one goes through in each rest, and learns for all
    /// whether it is back.
    pub fn claims(&self, now: DateTime<Utc>) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.open_until {
            Some(until) if now < until => false,
            Some(_) => {
                state.open_until = now.checked_add_signed(self.rest);
                true
            }
            None => true,
        }
    }

    /// What may be sent at `now`.
    pub fn allows(&self, now: DateTime<Utc>) -> Allowed {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.open_until {
            Some(until) if now < until => Allowed::Nothing,
            Some(_) => Allowed::One,
            None => Allowed::All,
        }
    }

    /// The part answered; true when it was away before.
    pub fn answered(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *state).open_until.is_some()
    }

    /// The part failed; true when it is left alone from now on.
    pub fn failed(&self, now: DateTime<Utc>) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        if state.failures < THRESHOLD {
            return false;
        }
        let fresh = state.open_until.is_none();
        state.open_until = now.checked_add_signed(self.rest);
        fresh
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

    #[test]
    fn of_many_one_asks_and_the_change_is_told_once() {
        let rest = Duration::seconds(1);
        let (circuit, now) = (Circuit::resting(rest), "2020-03-12T02:00:00Z".parse().unwrap());
        let told = (0..20).filter(|_| circuit.claims(now) && circuit.failed(now)).count();
        assert_eq!(told, 1);
        assert!(!circuit.claims(now));
        let asked = (0..20).filter(|_| circuit.claims(now + rest)).count();
        assert_eq!(asked, 1);
        assert!(circuit.answered() && !circuit.answered());
        assert!(circuit.claims(now + rest));
    }
}
