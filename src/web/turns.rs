//! A budget for which callers stand in line, one line for each network: whoever sends a hundred things at once takes one
//! turn when everybody else has had theirs.

use crate::error::{AppError, AppResult};
use crate::web::limits::Network;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// What a budget is and who may have how much of it.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Units that are out at a time.
    pub total: usize,
    /// Units of one network.
    pub share: usize,
    /// Who may wait of one network, and in all.
    pub waiting: (usize, usize),
    /// How long anybody waits.
    pub patience: Duration,
}

struct Waiter {
    units: usize,
    go: oneshot::Sender<Held>,
}

#[derive(Default)]
struct State {
    out: usize,
    /// Units that each network has.
    held: HashMap<Network, usize>,
    /// Networks of which somebody waits, the next one first.
    line: VecDeque<Network>,
    waiting: HashMap<Network, VecDeque<Waiter>>,
}

struct Inner {
    rules: Rules,
    state: Mutex<State>,
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The budget.
pub struct Turns(Arc<Inner>);

/// A part of the budget; it goes back when this is dropped.
pub struct Held {
    turns: Arc<Inner>,
    network: Network,
    units: usize,
}

impl Drop for Held {
    fn drop(&mut self) {
        let granted = {
            let mut state = self.turns.lock();
            state.back(self.network, self.units);
            state.grant(&self.turns)
        };
        // Handed over outside of the lock: what nobody takes any more comes back here at once.
        for (go, held) in granted {
            drop(go.send(held));
        }
    }
}

impl State {
    fn back(&mut self, network: Network, units: usize) {
        self.out = self.out.saturating_sub(units);
        if let Some(held) = self.held.get_mut(&network) {
            *held = held.saturating_sub(units);
            if *held == 0 {
                self.held.remove(&network);
            }
        }
    }

    fn fits(&self, rules: &Rules, network: Network, units: usize) -> (bool, bool) {
        let mine = self.held.get(&network).copied().unwrap_or(0);
        (mine == 0 || mine + units <= rules.share, self.out == 0 || self.out + units <= rules.total)
    }

    fn take(&mut self, turns: &Arc<Inner>, network: Network, units: usize) -> Held {
        self.out += units;
        *self.held.entry(network).or_default() += units;
        Held { turns: turns.clone(), network, units }
    }

    /// Takes the next of each network in turn, as long as there is room for it. Who has its share already is passed over;
    /// for who only needs more room than there is, the others wait, or it would never come to it.
    fn grant(&mut self, turns: &Arc<Inner>) -> Vec<(oneshot::Sender<Held>, Held)> {
        let mut granted = Vec::new();
        let mut passed = 0;
        while let Some(network) = self.line.get(passed).copied() {
            self.forget_gone(network);
            let Some(units) = self.waiting.get(&network).and_then(|q| q.front()).map(|w| w.units) else {
                self.line.remove(passed);
                self.waiting.remove(&network);
                continue;
            };
            match self.fits(&turns.rules, network, units) {
                (false, _) => passed += 1,
                (true, false) => break,
                (true, true) => {
                    let next = self.waiting.get_mut(&network).and_then(VecDeque::pop_front);
                    if let Some(Waiter { go, .. }) = next {
                        granted.push((go, self.take(turns, network, units)));
                    }
                    self.line.remove(passed);
                    self.line.push_back(network);
                }
            }
        }
        granted
    }

    /// Whether one more may wait, of a network of which so many do. When all places are taken the network that has most of
    /// them gives up its last, unless it has no more than this one would have.
    fn makes_room(&mut self, most: usize, mine: usize) -> bool {
        if self.waiting.values().map(VecDeque::len).sum::<usize>() < most {
            return true;
        }
        let loudest = self.waiting.values_mut().max_by_key(|waiting| waiting.len());
        loudest.filter(|waiting| waiting.len() > mine + 1).and_then(VecDeque::pop_back).is_some()
    }

    fn forget_gone(&mut self, network: Network) {
        if let Some(queue) = self.waiting.get_mut(&network) {
            queue.retain(|waiter| !waiter.go.is_closed());
        }
    }
}

impl Turns {
    /// A budget by these rules, of which nothing is out.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self(Arc::new(Inner { rules, state: Mutex::default() }))
    }

    /// Waits for so many units, in turn.
    ///
    /// # Errors
    /// [`AppError::TooMany`] when this network asks for more than its share, [`AppError::Unavailable`] when everybody
    /// together does.
    pub async fn enter(&self, network: Network, units: usize) -> AppResult<Held> {
        let rules = self.0.rules;
        let units = units.clamp(1, rules.total);
        let (granted, mine) = {
            let mut state = self.0.lock();
            state.forget_gone(network);
            let mine = state.waiting.get(&network).map_or(0, VecDeque::len);
            if mine == 0 && state.line.is_empty() && state.fits(&rules, network, units) == (true, true) {
                return Ok(state.take(&self.0, network, units));
            }
            if mine >= rules.waiting.0 {
                return Err(AppError::TooMany(2));
            }
            if !state.makes_room(rules.waiting.1, mine) {
                return Err(AppError::Unavailable("too many wait for their turn".into()));
            }
            let (go, come) = oneshot::channel();
            state.waiting.entry(network).or_default().push_back(Waiter { units, go });
            if !state.line.contains(&network) {
                state.line.push_back(network);
            }
            (state.grant(&self.0), come)
        };
        for (go, held) in granted {
            drop(go.send(held));
        }
        match tokio::time::timeout(rules.patience, mine).await {
            Ok(Ok(held)) => Ok(held),
            _ if self.0.lock().fits(&rules, network, units).0 => {
                Err(AppError::Unavailable("no turn came in time".into()))
            }
            _ => Err(AppError::TooMany(2)),
        }
    }

    /// Whether somebody waits for a turn.
    pub fn anybody_waits(&self) -> bool {
        self.0.lock().waiting.values().flatten().any(|waiter| !waiter.go.is_closed())
    }

    /// Units that are out, for tests.
    #[cfg(test)]
    pub(crate) fn out(&self) -> usize {
        self.0.lock().out
    }

    /// How many wait, for tests.
    #[cfg(test)]
    fn waiting(&self) -> usize {
        self.0.lock().waiting.values().map(VecDeque::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::limits::Client;
    use futures_util::FutureExt;
    use std::pin::pin;

    fn turns(total: usize, share: usize) -> Turns {
        Turns::new(Rules { total, share, waiting: (3, 5), patience: Duration::from_secs(60) })
    }

    fn network(address: &str) -> Network {
        Client::at(address).network()
    }

    #[actix_web::test]
    async fn one_network_cannot_keep_the_others_waiting() {
        let turns = turns(10, 5);
        let (loud, quiet) = (network("192.0.2.1"), network("192.0.2.2"));
        let mut first = turns.enter(loud, 5).await.ok();
        let mut second = pin!(turns.enter(loud, 5));
        let mut third = pin!(turns.enter(loud, 5));
        assert!(second.as_mut().now_or_never().is_none() && third.as_mut().now_or_never().is_none());
        let other = turns.enter(quiet, 5).now_or_never().unwrap().unwrap_or_else(|e| panic!("{e}"));
        drop(first.take());
        let second = second.as_mut().now_or_never().unwrap().unwrap_or_else(|e| panic!("{e}"));
        assert!(third.as_mut().now_or_never().is_none());
        let mut fourth = pin!(turns.enter(quiet, 5));
        assert!(fourth.as_mut().now_or_never().is_none());
        drop(other);
        assert!(fourth.as_mut().now_or_never().is_some(), "the quiet one, though the loud one waits longer");
        drop(second);
        assert!(third.as_mut().now_or_never().is_some());
        assert_eq!(turns.out(), 0, "all came back");
    }

    #[actix_web::test]
    async fn turns_go_round() {
        let turns = turns(1, 1);
        let networks = ["192.0.2.1", "192.0.2.2", "2001:db8::1"].map(network);
        let held = turns.enter(networks[0], 1).await;
        let mut loud: Vec<_> = (0..3).map(|_| Box::pin(turns.enter(networks[0], 1))).collect();
        assert!(loud.iter_mut().all(|w| w.as_mut().now_or_never().is_none()));
        let mut quiet = Box::pin(turns.enter(networks[1], 1));
        let mut last = Box::pin(turns.enter(networks[2], 1));
        assert!(quiet.as_mut().now_or_never().is_none() && last.as_mut().now_or_never().is_none());
        assert!(
            matches!(turns.enter(networks[0], 1).await, Err(AppError::TooMany(2))),
            "its own line is full"
        );
        let mut again = Box::pin(turns.enter(networks[1], 1));
        assert!(again.as_mut().now_or_never().is_none());
        let gone = loud.pop().unwrap().await;
        assert!(matches!(gone, Err(AppError::TooMany(2))), "who has most in line makes room");
        assert!(
            matches!(turns.enter(networks[2], 1).await, Err(AppError::Unavailable(_))),
            "all lines are full"
        );
        drop(held);
        let first = loud[0].as_mut().now_or_never().unwrap();
        assert!(quiet.as_mut().now_or_never().is_none());
        drop(first);
        drop(quiet.as_mut().now_or_never().unwrap());
        drop(last.as_mut().now_or_never().unwrap());
        drop(loud[1].as_mut().now_or_never().unwrap());
        drop(again.as_mut().now_or_never().unwrap());
    }

    #[actix_web::test]
    async fn who_has_gone_away_holds_up_nobody() {
        let turns = turns(1, 1);
        let (a, b) = (network("192.0.2.1"), network("192.0.2.2"));
        let held = turns.enter(a, 1).await;
        for _ in 0..20 {
            assert!(turns.enter(a, 1).now_or_never().is_none(), "given up at once, so the line never fills");
        }
        let mut other = pin!(turns.enter(b, 1));
        assert!(other.as_mut().now_or_never().is_none());
        drop(held);
        assert!(other.as_mut().now_or_never().is_some());
        assert_eq!(turns.out(), 0);
    }

    #[actix_web::test]
    async fn what_needs_all_of_it_is_not_passed_over_for_ever() {
        let turns = turns(4, 4);
        let (a, b, c) = (network("192.0.2.1"), network("192.0.2.2"), network("192.0.2.3"));
        let small = turns.enter(a, 1).await;
        let mut large = pin!(turns.enter(b, 4));
        assert!(large.as_mut().now_or_never().is_none());
        let mut later = pin!(turns.enter(c, 1));
        assert!(later.as_mut().now_or_never().is_none(), "it would fit, but the large one was first");
        drop(small);
        drop(large.as_mut().now_or_never().unwrap());
        assert!(later.as_mut().now_or_never().is_some());
    }

    /// As passwords are hashed: two at a time, whoever sends them.
    fn few() -> Turns {
        Turns::new(Rules { total: 2, share: 2, waiting: (64, 512), patience: Duration::from_secs(60) })
    }

    #[actix_web::test]
    async fn one_network_does_not_keep_others_waiting() {
        let turns = Arc::new(few());
        let ip = |n: u8| network(&format!("192.0.2.{n}"));
        let running = [turns.enter(ip(1), 1).await.unwrap(), turns.enter(ip(1), 1).await.unwrap()];
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for n in (0..40).map(|_| 1).chain([2, 2, 3]) {
            let (turns, order) = (turns.clone(), order.clone());
            tasks.push(actix_web::rt::spawn(async move {
                let turn = turns.enter(ip(n), 1).await.unwrap();
                order.lock().unwrap().push(n);
                drop(turn);
            }));
        }
        // Everybody is in line before the first turn ends.
        while turns.waiting() < 43 {
            tokio::task::yield_now().await;
        }
        drop(running);
        for task in tasks {
            task.await.unwrap();
        }
        let order = order.lock().unwrap().clone();
        assert_eq!(order.len(), 43);
        let last = |n| order.iter().rposition(|o| *o == n).unwrap();
        assert!(last(2) < 8 && last(3) < 8, "{order:?}");
        let lines = turns.0.lock().waiting.len();
        assert_eq!((turns.out(), turns.waiting(), lines), (0, 0, 0));
    }

    #[actix_web::test]
    async fn a_full_line_of_few_is_opened_for_others() {
        let rules = Rules { total: 1, share: 1, waiting: (3, 4), patience: Duration::from_secs(60) };
        let turns = Turns::new(rules);
        let ip = |n: u8| network(&format!("192.0.2.{n}"));
        let held = turns.enter(ip(9), 1).await.unwrap();
        let mut loud: Vec<_> = (0..3).map(|_| Box::pin(turns.enter(ip(1), 1))).collect();
        assert!(loud.iter_mut().all(|w| w.as_mut().now_or_never().is_none()));
        let mut quiet = Box::pin(turns.enter(ip(2), 1));
        let mut other = Box::pin(turns.enter(ip(3), 1));
        let mut last = Box::pin(turns.enter(ip(4), 1));
        assert!([&mut quiet, &mut other, &mut last].into_iter().all(|w| w.as_mut().now_or_never().is_none()));
        let refused: Vec<_> =
            loud.iter_mut().map(|w| w.as_mut().now_or_never().is_some_and(|r| r.is_err())).collect();
        assert_eq!(refused, [false, true, true], "the last of whoever has most");
        assert!(turns.enter(ip(5), 1).now_or_never().unwrap().is_err(), "one each: nobody makes room");
        drop(held);
        assert!(loud.remove(0).now_or_never().is_some_and(|r| r.is_ok()));
        for next in [quiet, other, last] {
            assert!(next.now_or_never().is_some_and(|r| r.is_ok()));
        }
        assert_eq!(turns.waiting(), 0);
    }

    #[actix_web::test]
    async fn a_line_is_bounded_and_who_left_counts_for_nothing() {
        let turns = few();
        let (loud, quiet) = (network("192.0.2.1"), network("192.0.2.2"));
        let running = [turns.enter(loud, 1).await.unwrap(), turns.enter(loud, 1).await.unwrap()];
        let mut line: Vec<_> = (0..64).map(|_| Box::pin(turns.enter(loud, 1))).collect();
        assert!(line.iter_mut().all(|w| w.as_mut().now_or_never().is_none()));
        assert!(turns.enter(loud, 1).now_or_never().unwrap().is_err(), "its line is full");
        let mut other = pin!(turns.enter(quiet, 1));
        assert!(other.as_mut().now_or_never().is_none());
        line.pop();
        let mut again = Box::pin(turns.enter(loud, 1));
        assert!(again.as_mut().now_or_never().is_none(), "it may wait again");
        drop((line, again));
        drop(running);
        assert!(other.as_mut().now_or_never().unwrap().is_ok());
        assert_eq!((turns.out(), turns.waiting()), (0, 0));
    }
}
