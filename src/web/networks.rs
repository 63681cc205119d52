//! Networks in which something has happened lately, and how often: where a genuine document was verified (a gate, an
//! employer, another server; what they ask next comes first), where somebody has signed in, from where codes are asked for.

use super::limits::Network;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Networks of one period; with more than that it is over. Some 3 MB.
const MOST: usize = 50_000;

/// Which networks are known. It lives in the memory of one process: after a start everybody is new.
pub struct Networks {
    /// A network is known for at least so long, and for at most twice as long.
    kept: TimeDelta,
    periods: Mutex<Periods>,
}

#[derive(Default)]
struct Periods {
    begun: DateTime<Utc>,
    now: HashMap<Network, u32>,
    before: HashMap<Network, u32>,
    /// Which was noted most often in this period.
    top: Option<(Network, u32)>,
}

impl Periods {
    fn turn(&mut self, kept: TimeDelta, now: DateTime<Utc>) {
        let periods = (now - self.begun).num_seconds().div_euclid(kept.num_seconds().max(1));
        // A slow request comes with the moment at which it began, which is before the period: nothing is over by that.
        if periods <= 0 && self.now.len() < MOST {
            // The clock was set back.
            if periods < -1 {
                self.begun = now;
            }
            return;
        }
        let over = std::mem::take(&mut self.now);
        self.before = if periods <= 1 { over } else { HashMap::new() };
        self.top = None;
        // A period ends when it is over, not when somebody next asks.
        self.begun = if periods == 1 { self.begun + kept } else { self.begun.max(now) };
    }
}

impl Networks {
    /// Networks that are known for so long, or for at most twice as long.
    #[must_use]
    pub fn known_for(kept: TimeDelta) -> Self {
        Self { kept, periods: Mutex::default() }
    }

    /// Notes that it happened in a network.
    pub fn note(&self, network: Network, now: DateTime<Utc>) {
        let mut periods = self.periods.lock().unwrap_or_else(PoisonError::into_inner);
        periods.turn(self.kept, now);
        let times = periods.now.entry(network).or_default();
        *times = times.saturating_add(1);
        let times = *times;
        if periods.top.is_none_or(|(_, most)| times > most) {
            periods.top = Some((network, times));
        }
    }

    /// Whether it did, lately.
    pub fn knows(&self, network: Network, now: DateTime<Utc>) -> bool {
        let mut periods = self.periods.lock().unwrap_or_else(PoisonError::into_inner);
        periods.turn(self.kept, now);
        periods.now.contains_key(&network) || periods.before.contains_key(&network)
    }

    /// The network in which it happened most often in this period, and how often.
    pub fn most(&self, now: DateTime<Utc>) -> Option<(Network, u32)> {
        let mut periods = self.periods.lock().unwrap_or_else(PoisonError::into_inner);
        periods.turn(self.kept, now);
        periods.top
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::limits::Client;

    const HOUR: TimeDelta = TimeDelta::hours(1);

    fn network(n: u32) -> Network {
        Client::of(std::net::IpAddr::from(n.to_be_bytes())).network()
    }

    fn begun() -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000)
    }

    #[test]
    fn a_network_is_known_for_an_hour_and_not_for_two() {
        let networks = Networks::known_for(HOUR);
        let at = |minutes| begun() + TimeDelta::minutes(minutes);
        networks.note(network(1), at(0));
        networks.note(network(2), at(50));
        assert!(!networks.knows(network(3), at(51)));
        assert!(networks.knows(network(1), at(59)));
        assert!(networks.knows(network(2), at(110)));
        assert!(!networks.knows(network(1), at(121)), "nobody asked meanwhile, and it is over all the same");
        assert!(!networks.knows(network(2), at(400)));
    }

    #[test]
    fn a_request_that_began_before_the_period_and_a_clock_that_is_set_back_forget_nobody() {
        let networks = Networks::known_for(HOUR);
        let at = |seconds| begun() + TimeDelta::seconds(seconds);
        networks.note(network(1), at(0));
        networks.note(network(2), at(3601));
        networks.note(network(3), at(3597));
        assert!([1, 2, 3].into_iter().all(|n| networks.knows(network(n), at(3602))));
        assert!(networks.knows(network(2), at(3600 + 3599)), "the period is as long as before");
        networks.note(network(4), at(-100_000));
        assert!([2, 3, 4].into_iter().all(|n| networks.knows(network(n), at(-99_999))));
        assert!(!networks.knows(network(4), at(-100_000 + 2 * 3600)), "and it ends by the clock of now");
    }

    #[test]
    fn a_flood_of_networks_fills_no_memory_and_forgets_nobody_of_before_at_once() {
        let (networks, now) = (Networks::known_for(HOUR), begun());
        networks.note(network(0), now);
        (1..60_000).for_each(|n| networks.note(network(n), now));
        assert!(networks.knows(network(0), now));
        let periods = networks.periods.lock().unwrap();
        assert!(periods.now.len() + periods.before.len() <= 2 * MOST);
    }

    #[test]
    fn it_is_known_where_it_happens_most_in_this_period() {
        let (networks, now) = (Networks::known_for(HOUR), begun());
        assert!(networks.most(now).is_none());
        [1, 2, 2, 1, 2, 3].into_iter().for_each(|n| networks.note(network(n), now));
        assert!(networks.most(now) == Some((network(2), 3)));
        networks.note(network(3), now + HOUR);
        assert!(networks.most(now + HOUR) == Some((network(3), 1)), "what is over counts no more");
    }
}
