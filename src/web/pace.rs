//! Who is worked for next on a thread that answers requests.
//!
//! A page takes a tenth of a millisecond to a whole one, and while it is made the thread sees nobody else. With a hundred
//! such pages ready, a code that comes now would wait for all of them. So of everything but codes one piece of work is
//! done, then the thread looks who else has come, and whoever is most urgent goes on ([`Lines`]). What has not begun for
//! too long, or has too many before it, is told to come back: the least urgent first.

use crate::error::{AppError, AppResult};
use crate::urgency::{self, Lines, Urgency};
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

thread_local! {
    static WORKER: RefCell<Worker> = RefCell::default();
}

/// What a thread has to do.
#[derive(Default)]
struct Worker {
    lines: Lines<u64, Rc<Ticket>>,
    /// Whether somebody has the turn.
    busy: bool,
}

/// Somebody who waits for a turn.
struct Ticket {
    since: Instant,
    begun: bool,
    stand: Cell<Stand>,
    waker: RefCell<Waker>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stand {
    Waits,
    Granted,
    Refused,
    Left,
}

impl Ticket {
    fn becomes(&self, stand: Stand) {
        self.stand.set(stand);
        self.waker.borrow().wake_by_ref();
    }
}

/// How many may wait on a thread before they have begun, and how long.
fn bounds(urgency: Urgency) -> (usize, Duration) {
    let (many, seconds) = match urgency {
        Urgency::Code | Urgency::Gate => (2048, 5),
        Urgency::Forms => (1024, 5),
        Urgency::Lists => (512, 3),
        Urgency::Pages => (512, 2),
        Urgency::Files => (8, 2),
    };
    (many, Duration::from_secs(seconds))
}

/// The pace of one request.
pub struct Pace {
    urgency: Urgency,
    /// Whose it is: a network's, until it is known that it is somebody's who has turns of their own.
    whose: u64,
    ticket: Option<Rc<Ticket>>,
    begun: bool,
    /// A turn that has been given and not been used.
    mine: bool,
}

impl Drop for Pace {
    fn drop(&mut self) {
        if let Some(ticket) = &self.ticket {
            ticket.stand.set(Stand::Left);
        }
    }
}

impl Pace {
    /// Of a request of somebody, as a number: that of the network from which it comes.
    #[must_use]
    pub fn new(urgency: Urgency, whose: u64) -> Self {
        Self { urgency, whose, ticket: None, begun: false, mine: false }
    }

    /// Waits for the first turn.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when none came in time, or too many wait already.
    pub async fn begin(&mut self) -> AppResult<()> {
        let turn = poll_fn(|cx| self.turn(cx)).await;
        self.mine = turn.is_ok();
        turn
    }

    /// Does the work, a turn at a time.
    pub async fn run<F: Future>(mut self, work: F) -> F::Output {
        let mut work = pin!(work);
        poll_fn(move |cx| {
            // What has begun is not refused any more.
            if self.turn(cx).is_pending() {
                return Poll::Pending;
            }
            urgency::within(&mut self.urgency, &mut self.whose, || work.as_mut().poll(cx))
        })
        .await
    }

    fn turn(&mut self, cx: &mut Context<'_>) -> Poll<AppResult<()>> {
        // A file that is coming in is bounded by its budget, and its connection takes memory for as long as it comes.
        let comes_in = self.begun && self.urgency == Urgency::Files;
        if std::mem::take(&mut self.mine) || self.urgency == Urgency::Code || comes_in {
            return self.go();
        }
        if let Some(ticket) = &self.ticket {
            match ticket.stand.get() {
                Stand::Waits => {
                    ticket.waker.borrow_mut().clone_from(cx.waker());
                    return Poll::Pending;
                }
                Stand::Granted => return self.go(),
                Stand::Refused | Stand::Left => return Poll::Ready(Err(busy())),
            }
        }
        WORKER.with_borrow_mut(|worker| {
            if !worker.busy {
                worker.busy = true;
                actix_web::rt::spawn(turns());
                return self.go();
            }
            if !self.begun && !worker.makes_room(self.urgency, self.whose) {
                return Poll::Ready(Err(busy()));
            }
            let ticket = Rc::new(Ticket {
                since: Instant::now(),
                begun: self.begun,
                stand: Cell::new(Stand::Waits),
                waker: RefCell::new(cx.waker().clone()),
            });
            worker.lines.push(self.urgency, self.whose, ticket.clone());
            self.ticket = Some(ticket);
            Poll::Pending
        })
    }

    fn go(&mut self) -> Poll<AppResult<()>> {
        self.ticket = None;
        self.begun = true;
        Poll::Ready(Ok(()))
    }
}

fn busy() -> AppError {
    AppError::Unavailable("too much is asked at once".into())
}

/// Gives turns until nobody waits. Between two the thread looks at its connections: yielding comes back only after that.
async fn turns() {
    /// A thread whose work is broken off has nobody waiting.
    struct Over;
    impl Drop for Over {
        fn drop(&mut self) {
            WORKER.take();
        }
    }
    let over = Over;
    loop {
        tokio::task::yield_now().await;
        if !WORKER.with_borrow_mut(Worker::give) {
            break;
        }
    }
    drop(over);
}

impl Worker {
    /// Gives one turn; false when nobody waits.
    fn give(&mut self) -> bool {
        self.refuse_late(Instant::now());
        while let Some(ticket) = self.lines.take_next() {
            if ticket.stand.get() == Stand::Waits {
                ticket.becomes(Stand::Granted);
                return true;
            }
        }
        self.busy = false;
        false
    }

    /// Whether one more may wait. A full line of few is opened for others: the last of whoever has most in it, and has not
    /// begun, is told to come back.
    fn makes_room(&mut self, urgency: Urgency, whose: u64) -> bool {
        if self.lines.length(urgency) < bounds(urgency).0 {
            return true;
        }
        let gone = self.lines.makes_room(urgency, whose, |ticket| !ticket.begun);
        gone.inspect(|ticket| ticket.becomes(Stand::Refused)).is_some()
    }

    fn refuse_late(&mut self, now: Instant) {
        for urgency in Urgency::ALL.into_iter().rev() {
            let patience = bounds(urgency).1;
            let late = |t: &Rc<Ticket>| {
                t.stand.get() == Stand::Left || (!t.begun && now.duration_since(t.since) > patience)
            };
            while let Some(ticket) = self.lines.next_if(urgency, late) {
                ticket.becomes(Stand::Refused);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::limits::Client;
    use std::collections::VecDeque;

    type Log = Rc<RefCell<VecDeque<String>>>;

    fn network(n: u8) -> u64 {
        Client::at(&format!("192.0.2.{n}")).network().key()
    }

    /// Work in so many pieces; each is written down.
    async fn work(log: Log, name: &'static str, pieces: usize) {
        for piece in 0..pieces {
            log.borrow_mut().push_back(format!("{name}{piece}"));
            tokio::task::yield_now().await;
        }
    }

    fn start(log: &Log, urgency: Urgency, n: u8, name: &'static str, pieces: usize) -> Started {
        let log = log.clone();
        actix_web::rt::spawn(async move {
            let mut pace = Pace::new(urgency, network(n));
            pace.begin().await?;
            pace.run(work(log, name, pieces)).await;
            Ok(())
        })
    }

    type Started = actix_web::rt::task::JoinHandle<AppResult<()>>;

    fn at(log: &Log, what: &str) -> usize {
        log.borrow().iter().position(|l| l == what).unwrap_or_else(|| panic!("{what} in {:?}", log.borrow()))
    }

    #[actix_web::test]
    async fn a_code_waits_for_one_piece_of_work_and_not_for_all() {
        let log = Log::default();
        let flood: Vec<_> = (0..50).map(|n| start(&log, Urgency::Pages, n, "page", 3)).collect();
        // The flood is there first.
        while log.borrow().len() < 2 {
            tokio::task::yield_now().await;
        }
        let before = log.borrow().len();
        let code = start(&log, Urgency::Code, 200, "code", 2);
        let gate = start(&log, Urgency::Gate, 201, "gate", 2);
        code.await.unwrap().unwrap();
        gate.await.unwrap().unwrap();
        assert!(at(&log, "code1") <= before + 4, "{:?}", log.borrow());
        assert!(at(&log, "gate1") <= before + 6, "{:?}", log.borrow());
        for page in flood {
            page.await.unwrap().unwrap();
        }
        assert_eq!(log.borrow().len(), 154);
        // The turns end when they find nobody.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        assert!(!WORKER.with_borrow(|w| w.busy || w.lines.total() > 0));
    }

    #[actix_web::test]
    async fn what_is_less_urgent_goes_on_later_and_one_network_takes_its_turns() {
        let log = Log::default();
        let mut all: Vec<_> = (0..20).map(|_| start(&log, Urgency::Pages, 1, "loud", 1)).collect();
        all.push(start(&log, Urgency::Pages, 2, "quiet", 1));
        all.push(start(&log, Urgency::Forms, 3, "form", 1));
        for one in all {
            one.await.unwrap().unwrap();
        }
        let seen = log.borrow().clone();
        assert!(seen.iter().position(|l| l == "form0") <= Some(1), "{seen:?}");
        assert!(seen.iter().position(|l| l == "quiet0") <= Some(3), "{seen:?}");
    }

    #[actix_web::test]
    async fn too_many_and_too_late_are_told_to_come_back_and_who_left_takes_no_turn() {
        let log = Log::default();
        let (most, patience) = bounds(Urgency::Files);
        // Somebody has the turn, and nobody gives the next.
        WORKER.with_borrow_mut(|w| w.busy = true);
        let mut waiting: Vec<_> = (0..most).map(|_| start(&log, Urgency::Files, 1, "file", 1)).collect();
        tokio::task::yield_now().await;
        let refused = start(&log, Urgency::Files, 1, "file", 1).await.unwrap();
        assert!(matches!(refused, Err(AppError::Unavailable(_))));
        let other = start(&log, Urgency::Files, 2, "file", 1);
        tokio::task::yield_now().await;
        let last = waiting.pop().unwrap().await.unwrap();
        assert!(matches!(last, Err(AppError::Unavailable(_))), "who has most in line makes room for others");
        other.abort();
        tokio::task::yield_now().await;
        waiting.iter().take(4).for_each(Started::abort);
        tokio::task::yield_now().await;
        WORKER.with_borrow_mut(|w| w.refuse_late(Instant::now()));
        assert_eq!(WORKER.with_borrow(|w| w.lines.total()), most - 5, "nobody is late yet");
        WORKER.with_borrow_mut(|w| {
            w.refuse_late(Instant::now() + patience + Duration::from_millis(1));
            assert_eq!(w.lines.total(), 0);
            assert!(!w.give());
        });
        for (n, one) in waiting.into_iter().enumerate() {
            assert!(one.await.map_or(n < 4, |done| done.is_err()), "{n}");
        }
        assert!(log.borrow().is_empty());
        start(&log, Urgency::Files, 1, "file", 1).await.unwrap().unwrap();
    }
}
