//! Networks from which a genuine document was verified lately: a gate, an employer, another server. What they ask next comes
//! first; of a network that has shown none, nobody knows whether it verifies or floods.

use super::limits::Network;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// A network is known for at least so long after it has shown a genuine document, and for at most twice as long.
const KEPT: TimeDelta = TimeDelta::minutes(60);
/// Networks of one period; with more than that it is over. Some 2 MB.
const MOST: usize = 50_000;

/// Which networks verify. It lives in memory: after a start everybody is new.
#[derive(Default)]
pub struct Verifiers(Mutex<Periods>);

#[derive(Default)]
struct Periods {
    begun: DateTime<Utc>,
    now: HashSet<Network>,
    before: HashSet<Network>,
}

impl Periods {
    fn turn(&mut self, now: DateTime<Utc>) {
        let periods = (now - self.begun).num_seconds().div_euclid(KEPT.num_seconds());
        if periods == 0 && self.now.len() < MOST {
            return;
        }
        let over = std::mem::take(&mut self.now);
        self.before = if matches!(periods, 0 | 1) { over } else { HashSet::new() };
        // A period ends when it is over, not when somebody next asks.
        self.begun = if periods == 1 { self.begun + KEPT } else { now };
    }
}

impl Verifiers {
    /// Notes that a genuine document was verified from a network.
    pub fn note(&self, network: Network, now: DateTime<Utc>) {
        let mut periods = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        periods.turn(now);
        periods.now.insert(network);
    }

    /// Whether one was, lately.
    pub fn knows(&self, network: Network, now: DateTime<Utc>) -> bool {
        let mut periods = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        periods.turn(now);
        periods.now.contains(&network) || periods.before.contains(&network)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::limits::Client;

    fn network(n: u32) -> Network {
        Client::of(std::net::IpAddr::from(n.to_be_bytes())).network()
    }

    #[test]
    fn a_network_is_known_for_an_hour_and_not_for_two() {
        let (verifiers, begun) =
            (Verifiers::default(), DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000));
        let at = |minutes| begun + TimeDelta::minutes(minutes);
        verifiers.note(network(1), at(0));
        verifiers.note(network(2), at(50));
        assert!(!verifiers.knows(network(3), at(51)));
        assert!(verifiers.knows(network(1), at(59)));
        assert!(verifiers.knows(network(2), at(110)));
        assert!(!verifiers.knows(network(1), at(121)), "nobody asked meanwhile, and it is over all the same");
        assert!(!verifiers.knows(network(2), at(400)));
    }

    #[test]
    fn a_flood_of_networks_fills_no_memory_and_forgets_nobody_of_before_at_once() {
        let (verifiers, now) = (Verifiers::default(), DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000));
        verifiers.note(network(0), now);
        (1..60_000).for_each(|n| verifiers.note(network(n), now));
        assert!(verifiers.knows(network(0), now));
        let periods = verifiers.0.lock().unwrap();
        assert!(periods.now.len() + periods.before.len() <= 2 * MOST);
    }
}
