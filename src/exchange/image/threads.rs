//! A few threads for pictures alone. The allocator keeps memory for each thread that ever used much of it; on the many
//! threads of the common pool that would be many times one picture.

use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

pub(super) struct Threads(Sender<Job>);

impl Threads {
    /// Starts so many; they end when this is dropped.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(count: usize) -> std::io::Result<Self> {
        let (sender, receiver) = channel::<Job>();
        let jobs = Arc::new(Mutex::new(receiver));
        for _ in 0..count {
            let jobs = jobs.clone();
            std::thread::Builder::new().name("pictures".into()).spawn(move || work(&jobs))?;
        }
        Ok(Self(sender))
    }

    /// What the work gives; none if it panicked, or if nobody waits for it any more when its turn comes.
    pub(super) async fn run<T: Send + 'static>(
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

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        if std::panic::catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::warn!("a picture could not be worked on");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_panic_ends_its_own_work_only() {
        let threads = Threads::start(1).unwrap();
        assert_eq!(threads.run(|| -> u8 { panic!("meant") }).await, None);
        assert_eq!(threads.run(|| 1).await, Some(1));
    }

    #[actix_web::test]
    async fn what_nobody_waits_for_is_not_begun() {
        let threads = Threads::start(1).unwrap();
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
