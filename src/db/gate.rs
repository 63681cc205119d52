//! The gate before PostgreSQL's connections: as many calls are let through as there are connections, the most urgent first.
//! What can wait (lists, pages of strangers, files) has half of the connections at most: each of its calls may take the
//! server and a thread here for long, and whoever stands at a gate finds both free. Within one urgency networks take turns, and
//! the portal's own work is as one of them.
//!
//! A call that is let through runs, whether or not whoever asked is looking: in a stream of several calls nobody looks at
//! the others while one is worked on, and a right that is given to them would be held by nobody.

use crate::error::{AppError, AppResult};
use crate::urgency::{self, Lines, Urgency};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) struct Gate {
    /// Who may wait before somebody is told to come back.
    most: usize,
    /// Connections that what can wait may have at a time.
    patient: usize,
    state: Mutex<State>,
}

struct State {
    free: usize,
    /// Connections that what can wait has.
    patient: usize,
    waiting: Lines<u64, Call>,
}

fn is_patient(urgency: Urgency) -> bool {
    urgency >= Urgency::Lists
}

pub(super) type Call = Box<dyn FnOnce() + Send>;

impl State {
    fn makes_room(&mut self, urgency: Urgency, whose: u64) -> Option<Call> {
        self.waiting.last_below(urgency).or_else(|| self.waiting.makes_room(urgency, whose, |_| true))
    }
}

impl Gate {
    pub(super) fn new(free: usize, most: usize) -> Arc<Self> {
        let state = State { free, patient: 0, waiting: Lines::default() };
        Arc::new(Self { most, patient: free.div_ceil(2), state: Mutex::new(state) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a call when there is a connection for it. Past the bound whoever is least urgent is told to come back, or the last
    /// of whoever has most calls of this urgency: the call is dropped.
    pub(super) fn enter(self: &Arc<Self>, call: Call) -> AppResult<()> {
        let (urgency, whose) = (urgency::current(), urgency::whose());
        let mut state = self.lock();
        if state.free > 0 && (!is_patient(urgency) || state.patient < self.patient) {
            state.free -= 1;
            state.patient += usize::from(is_patient(urgency));
            drop(state);
            let gate = self.clone();
            tokio::task::spawn_blocking(move || gate.work_off(urgency, call));
            return Ok(());
        }
        let gone = match state.waiting.total() < self.most {
            true => None,
            false => Some(state.makes_room(urgency, whose).ok_or_else(full)?),
        };
        state.waiting.push(urgency, whose, call);
        drop(state);
        drop(gone);
        Ok(())
    }

    /// Runs a call and, on the thread that has its connection already, those that waited meanwhile: the way to another
    /// thread costs as much as a short query.
    fn work_off(&self, urgency: Urgency, first: Call) {
        let mut next = Some((urgency, first));
        while let Some((urgency, call)) = next {
            // Whoever asked learns of a panic by hearing nothing; the others go on.
            let _ = catch_unwind(AssertUnwindSafe(call));
            let mut state = self.lock();
            state.patient -= usize::from(is_patient(urgency));
            let may_be_patient = state.patient < self.patient;
            next = state.waiting.take_next_of(|urgency| may_be_patient || !is_patient(urgency));
            state.free += usize::from(next.is_none());
            state.patient += usize::from(next.as_ref().is_some_and(|(urgency, _)| is_patient(*urgency)));
        }
    }
}

pub(super) fn full() -> AppError {
    AppError::Unavailable("the database queue is full".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::urgency::Urgency;
    use std::sync::mpsc::{Receiver, Sender, channel};

    type Log = Arc<Mutex<Vec<&'static str>>>;

    /// A call of this urgency that is written down, waits until it is told, and tells that it is over when it is dropped.
    fn call(
        gate: &Arc<Gate>,
        urgency: Urgency,
        name: &'static str,
        log: &Log,
    ) -> (AppResult<()>, Sender<()>, Receiver<()>) {
        call_of(7, gate, urgency, name, log)
    }

    fn call_of(
        whose: u64,
        gate: &Arc<Gate>,
        mut urgency: Urgency,
        name: &'static str,
        log: &Log,
    ) -> (AppResult<()>, Sender<()>, Receiver<()>) {
        let ((go, told), (over, done)) = (channel::<()>(), channel::<()>());
        let log = log.clone();
        let work = move || {
            let _over = over;
            log.lock().unwrap().push(name);
            let _ = told.recv();
        };
        (urgency::within(&mut urgency, &mut { whose }, || gate.enter(Box::new(work))), go, done)
    }

    #[actix_web::test]
    async fn the_most_urgent_is_let_through_first() {
        let (gate, log) = (Gate::new(1, 10), Log::default());
        let all = [
            (Urgency::Files, "first"),
            (Urgency::Pages, "page"),
            (Urgency::Code, "code"),
            (Urgency::Forms, "form"),
        ]
        .map(|(urgency, name)| call(&gate, urgency, name, &log));
        // Each goes on when it is told; nobody looks meanwhile.
        let over: Vec<_> = all.into_iter().map(|(_, go, done)| (drop(go), done)).collect();
        for ((), done) in over {
            assert!(done.recv().is_err());
        }
        assert_eq!(*log.lock().unwrap(), ["first", "code", "form", "page"]);
    }

    #[actix_web::test]
    async fn what_can_wait_leaves_half_of_the_connections_to_others() {
        let (gate, log) = (Gate::new(3, 10), Log::default());
        let (_, first_go, first) = call(&gate, Urgency::Lists, "first", &log);
        let (_, second_go, second) = call(&gate, Urgency::Files, "second", &log);
        let (_, third_go, third) = call(&gate, Urgency::Lists, "third", &log);
        let (_, fourth_go, fourth) = call(&gate, Urgency::Pages, "fourth", &log);
        let (_, code_go, code) = call(&gate, Urgency::Gate, "gate", &log);
        drop(code_go);
        assert!(code.recv().is_err(), "the third connection is nobody's of those that wait");
        assert!(log.lock().unwrap().iter().all(|name| !["third", "fourth"].contains(name)));
        drop((first_go, second_go, third_go, fourth_go));
        for done in [first, second, third, fourth] {
            assert!(done.recv().is_err());
        }
        // What was taken is given back.
        for name in ["fifth", "sixth"] {
            let (_, go, done) = call(&gate, Urgency::Lists, name, &log);
            drop(go);
            assert!(done.recv().is_err());
        }
    }

    #[actix_web::test]
    async fn when_too_many_wait_the_least_urgent_is_told_to_come_back() {
        let (gate, log) = (Gate::new(1, 2), Log::default());
        let (_, held, first) = call(&gate, Urgency::Forms, "held", &log);
        let (_, _page, page) = call(&gate, Urgency::Pages, "page", &log);
        let (_, list_go, list) = call(&gate, Urgency::Lists, "list", &log);
        let (taken, form_go, form) = call(&gate, Urgency::Forms, "form", &log);
        assert!(taken.is_ok() && page.recv().is_err(), "the page makes room");
        assert!(call(&gate, Urgency::Pages, "late", &log).0.is_err(), "nobody is less urgent");
        drop((held, list_go, form_go));
        for done in [first, form, list] {
            assert!(done.recv().is_err());
        }
        assert_eq!(*log.lock().unwrap(), ["held", "form", "list"]);
    }

    #[actix_web::test]
    async fn a_network_that_fills_the_line_makes_room_for_others_and_they_take_turns() {
        let (gate, log) = (Gate::new(1, 3), Log::default());
        let (_, held, first) = call(&gate, Urgency::Forms, "held", &log);
        let [one, two, three] =
            ["one", "two", "three"].map(|name| call_of(1, &gate, Urgency::Forms, name, &log));
        let other = call_of(2, &gate, Urgency::Forms, "other", &log);
        assert!(other.0.is_ok() && three.2.recv().is_err(), "the last of the loudest makes room");
        assert!(call_of(1, &gate, Urgency::Forms, "four", &log).0.is_err(), "for nobody of its own");
        drop((held, one.1, two.1, other.1));
        for done in [first, one.2, two.2, other.2] {
            assert!(done.recv().is_err());
        }
        assert_eq!(*log.lock().unwrap(), ["held", "one", "other", "two"]);
    }

    #[actix_web::test]
    async fn a_call_that_panics_keeps_no_connection() {
        let (gate, log) = (Gate::new(1, 10), Log::default());
        let (_, held, first) = call(&gate, Urgency::Forms, "held", &log);
        gate.enter(Box::new(|| panic!("in the middle"))).unwrap();
        let (_, go, waited) = call(&gate, Urgency::Pages, "waited", &log);
        drop((held, go));
        assert!(first.recv().is_err() && waited.recv().is_err());
        let (_, go, later) = call(&gate, Urgency::Forms, "later", &log);
        drop(go);
        assert!(later.recv().is_err());
        assert_eq!(*log.lock().unwrap(), ["held", "waited", "later"]);
    }

    #[actix_web::test]
    async fn what_waited_runs_on_the_thread_that_has_the_connection() {
        let (gate, log) = (Gate::new(1, 10), Log::default());
        let (_, held, first) = call(&gate, Urgency::Forms, "held", &log);
        let (tell, thread) = channel();
        for _ in 0..3 {
            let tell = tell.clone();
            let call = move || tell.send(std::thread::current().id()).unwrap();
            gate.enter(Box::new(call)).unwrap();
        }
        drop(held);
        assert!(first.recv().is_err());
        drop(tell);
        let threads: Vec<_> = thread.iter().collect();
        assert!(threads.len() == 3 && threads.windows(2).all(|pair| pair[0] == pair[1]), "{threads:?}");
    }
}
