//! The gate before PostgreSQL's connections: as many are let through as there are connections, the most urgent first.

use crate::error::{AppError, AppResult};
use crate::urgency::{self, Lines};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

pub(super) struct Gate {
    /// Who may wait before somebody is told to come back.
    most: usize,
    state: Mutex<State>,
}

struct State {
    free: usize,
    waiting: Lines<(), oneshot::Sender<Pass>>,
}

/// The right to use a connection; it goes on to the next when this is dropped.
pub(super) struct Pass(Option<Arc<Gate>>);

impl Drop for Pass {
    fn drop(&mut self) {
        let Some(gate) = self.0.take() else { return };
        let mut state = gate.lock();
        state.free += 1;
        while state.free > 0 {
            let Some(next) = state.waiting.next() else { return };
            state.free -= 1;
            if let Err(mut back) = next.send(Self(Some(gate.clone()))) {
                // Nobody is there any more; dropped as it is it would come here again, under the lock.
                back.0 = None;
                state.free += 1;
            }
        }
    }
}

impl Gate {
    pub(super) fn new(free: usize, most: usize) -> Arc<Self> {
        Arc::new(Self { most, state: Mutex::new(State { free, waiting: Lines::default() }) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a connection. Past the bound whoever is least urgent is told to come back.
    pub(super) async fn enter(self: &Arc<Self>) -> AppResult<Pass> {
        let full = || AppError::Unavailable("the database queue is full".into());
        let urgency = urgency::current();
        let mine = {
            let mut state = self.lock();
            if state.free > 0 {
                state.free -= 1;
                return Ok(Pass(Some(self.clone())));
            }
            if state.waiting.total() >= self.most && state.waiting.last_below(urgency).is_none() {
                return Err(full());
            }
            let (go, come) = oneshot::channel();
            state.waiting.push(urgency, (), go);
            come
        };
        mine.await.map_err(|_| full())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::urgency::Urgency;
    use futures_util::FutureExt;
    use std::pin::Pin;

    type Entering = Pin<Box<dyn Future<Output = AppResult<Pass>>>>;

    /// Somebody of this urgency at the gate.
    fn ask(gate: &Arc<Gate>, mut urgency: Urgency) -> (Entering, Option<AppResult<Pass>>) {
        let gate = gate.clone();
        let mut entering: Entering = Box::pin(async move { gate.enter().await });
        let answer = urgency::within(&mut urgency, || entering.as_mut().now_or_never());
        (entering, answer)
    }

    #[test]
    fn the_most_urgent_is_let_through_first() {
        let gate = Gate::new(1, 10);
        let (_, first) = ask(&gate, Urgency::Files);
        let (mut page, _) = ask(&gate, Urgency::Pages);
        let (gone, _) = ask(&gate, Urgency::Code);
        let (mut code, waits) = ask(&gate, Urgency::Code);
        assert!(waits.is_none());
        drop(gone);
        drop(first);
        let through = code.as_mut().now_or_never();
        assert!(through.as_ref().is_some_and(Result::is_ok) && page.as_mut().now_or_never().is_none());
        drop(through);
        assert!(page.as_mut().now_or_never().is_some_and(|p| p.is_ok()));
        assert_eq!(gate.lock().free, 1, "all came back");
    }

    #[test]
    fn when_too_many_wait_the_least_urgent_is_told_to_come_back() {
        let gate = Gate::new(1, 2);
        let (_, held) = ask(&gate, Urgency::Forms);
        let (mut page, _) = ask(&gate, Urgency::Pages);
        let (mut list, _) = ask(&gate, Urgency::Lists);
        let (mut form, waits) = ask(&gate, Urgency::Forms);
        assert!(waits.is_none());
        assert!(page.as_mut().now_or_never().is_some_and(|p| p.is_err()));
        assert!(ask(&gate, Urgency::Pages).1.is_some_and(|p| p.is_err()), "nobody is less urgent");
        drop(held);
        let through = form.as_mut().now_or_never();
        assert!(through.is_some_and(|p| p.is_ok()));
        assert!(list.as_mut().now_or_never().is_some_and(|p| p.is_ok()));
        assert_eq!(gate.lock().free, 1);
    }
}
