//! Turns at hashing passwords: few at a time, since each takes 19 MiB and a core for some 20 ms, and fairly between client
//! networks. Who waits is served network by network, so that one that sends many keeps nobody else from signing in.

use crate::error::{AppError, AppResult};
use crate::web::limits::Network;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Hashes computed at a time in this process.
const AT_ONCE: usize = 2;
/// Who may wait of one network …
const EACH: usize = 64;
/// … and of all; more would not be served in time.
const ALL: usize = 512;
/// Whoever waits longer than this is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who waits for a turn.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    running: usize,
    waiting: usize,
    /// Networks in the order in which they are served next.
    order: VecDeque<Network>,
    lines: HashMap<Network, VecDeque<oneshot::Sender<Turn>>>,
}

/// A turn; it ends when this is dropped.
pub(super) struct Turn {
    turns: Turns,
    ends: bool,
}

impl Turns {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn for a client of this network.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when too many wait already, or it takes too long.
    pub async fn take(&self, network: Network) -> AppResult<Turn> {
        let receiver = {
            let mut state = self.state();
            if state.running < AT_ONCE && state.waiting == 0 {
                state.running += 1;
                return Ok(Turn { turns: self.clone(), ends: true });
            }
            state.join(network)?
        };
        match tokio::time::timeout(PATIENCE, receiver).await {
            Ok(Ok(turn)) => Ok(turn),
            // A turn that is given at this very moment ends where it is dropped.
            _ => Err(too_many()),
        }
    }
}

fn too_many() -> AppError {
    AppError::Unavailable("too many sign-ins at once".into())
}

impl State {
    fn join(&mut self, network: Network) -> AppResult<oneshot::Receiver<Turn>> {
        let line = self.lines.entry(network).or_default();
        if line.is_empty() && !self.order.contains(&network) {
            self.order.push_back(network);
        }
        let before = line.len();
        line.retain(|waiter| !waiter.is_closed());
        self.waiting -= before - line.len();
        if line.len() >= EACH || self.waiting >= ALL {
            return Err(too_many());
        }
        let (sender, receiver) = oneshot::channel();
        line.push_back(sender);
        self.waiting += 1;
        Ok(receiver)
    }

    /// Who is next: the first of the network whose turn it is, which then goes to the end.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        loop {
            let network = self.order.pop_front()?;
            let Some(line) = self.lines.get_mut(&network) else { continue };
            let first = line.pop_front();
            if line.is_empty() {
                self.lines.remove(&network);
            } else {
                self.order.push_back(network);
            }
            if let Some(first) = first {
                self.waiting -= 1;
                return Some(first);
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.ends {
            return;
        }
        let mut state = self.turns.state();
        while let Some(next) = state.next() {
            let turn = Self { turns: self.turns.clone(), ends: true };
            match next.send(turn) {
                Ok(()) => return,
                // Nobody waits there any more.
                Err(mut turn) => turn.ends = false,
            }
        }
        state.running -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::limits::Client;

    fn ip(n: u8) -> Network {
        Client::of([192, 0, 2, n].into()).network()
    }

    #[actix_web::test]
    async fn one_network_does_not_keep_others_waiting() {
        let turns = Turns::default();
        let running = [turns.take(ip(1)).await.unwrap(), turns.take(ip(1)).await.unwrap()];
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for n in (0..40).map(|_| 1).chain([2, 2, 3]) {
            let (turns, order) = (turns.clone(), order.clone());
            tasks.push(actix_web::rt::spawn(async move {
                let turn = turns.take(ip(n)).await.unwrap();
                order.lock().unwrap().push(n);
                drop(turn);
            }));
        }
        // Everybody is in line before the first turn ends.
        while turns.state().waiting < 43 {
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
        let state = turns.state();
        assert_eq!((state.running, state.waiting, state.lines.len()), (0, 0, 0));
    }

    #[actix_web::test]
    async fn a_line_is_bounded_and_who_left_counts_for_nothing() {
        let turns = Turns::default();
        let running = [turns.take(ip(1)).await.unwrap(), turns.take(ip(1)).await.unwrap()];
        let mut line: Vec<_> = (0..EACH).map(|_| turns.state().join(ip(1)).unwrap()).collect();
        assert!(turns.state().join(ip(1)).is_err(), "its line is full");
        let other = turns.state().join(ip(2)).unwrap();
        line.pop();
        let again = turns.state().join(ip(1)).unwrap();
        drop((line, again));
        drop(running);
        assert!(other.await.is_ok());
        let state = turns.state();
        assert_eq!((state.running, state.waiting), (0, 0));
    }
}
