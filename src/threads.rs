//! A few threads of their own for heavy work: pictures, passwords. The allocator keeps memory for each thread that ever
//! used much of it; on the many threads of the common pool that would be many times one picture. And they give way: while
//! the processors are busy, whoever stands at a gate is answered first.

use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

pub(crate) struct Threads(Sender<Job>);

impl Threads {
    /// Starts so many; they end when this is dropped.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(name: &'static str, count: usize) -> std::io::Result<Self> {
        let (sender, receiver) = channel::<Job>();
        let jobs = Arc::new(Mutex::new(receiver));
        for _ in 0..count {
            let jobs = jobs.clone();
            std::thread::Builder::new().name(name.into()).spawn(move || {
                give_way();
                work(&jobs, name);
            })?;
        }
        Ok(Self(sender))
    }

    /// What the work gives; none if it panicked, or if nobody waits for it any more when its turn comes.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let job = move || {
            if !answer.is_closed() {
                let _ = answer.send(work());
            }
        };
        self.0.send(Box::new(job)).ok()?;
        answered.await.ok()
    }
}

/// About a third of what a thread gets that answers requests, when both want to run: officials sign in, too.
const NICE: i32 = 5;

/// Makes this thread give way to others. What the system does not allow is no fault: then all are equal.
pub(crate) fn give_way() {
    // On Linux a thread has a priority of its own (setpriority(2), "C library/kernel differences").
    if cfg!(target_os = "linux") && rustix::process::setpriority_process(None, NICE).is_err() {
        tracing::debug!("a thread keeps its priority");
    }
}

fn work(jobs: &Mutex<Receiver<Job>>, name: &str) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        if std::panic::catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::warn!(name, "a piece of heavy work broke off");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_panic_ends_its_own_work_only() {
        let threads = Threads::start("test", 1).unwrap();
        assert_eq!(threads.run(|| -> u8 { panic!("meant") }).await, None);
        assert_eq!(threads.run(|| 1).await, Some(1));
    }

    #[cfg(target_os = "linux")]
    #[actix_web::test]
    async fn they_give_way_and_others_do_not() {
        let threads = Threads::start("test", 1).unwrap();
        let priority = || rustix::process::getpriority_process(None).ok();
        let before = priority();
        assert_eq!(threads.run(priority).await, Some(Some(NICE)));
        assert_eq!(priority(), before);
    }

    #[actix_web::test]
    async fn what_nobody_waits_for_is_not_begun() {
        let threads = Threads::start("test", 1).unwrap();
        let (go, wait) = channel::<()>();
        let (ran, seen) = channel::<()>();
        let first = threads.run(move || wait.recv().is_ok());
        let mut first = std::pin::pin!(first);
        assert!(futures_util::poll!(first.as_mut()).is_pending());
        {
            let second = threads.run(move || ran.send(()).is_ok());
            let mut second = std::pin::pin!(second);
            assert!(futures_util::poll!(second.as_mut()).is_pending());
        }
        go.send(()).unwrap();
        assert_eq!(first.await, Some(true));
        assert_eq!(threads.run(|| ()).await, Some(()));
        assert!(seen.try_recv().is_err(), "the second was given up before its turn");
    }
}
