//! Tells whether what was read of a subject (an account, a person) and kept in memory may still be used.
//!
//! Every commit that changed a subject moves the subject's mark on, before its caller is answered; whoever keeps
//! something keeps the mark that was there *before* reading, and reads again when the mark has moved. Subjects share
//! a million marks (4 MiB), so a mark may move for another subject's sake: that costs a read and nothing else.
//!
//! - **SQLite** is written by one process ([`super::ServeLock`]), so its marks are exact.
//! - **PostgreSQL** may be written by several. A transaction tells the others by `NOTIFY`, which the database sends
//!   on with the commit; a thread with a connection of its own listens and looks every [`LOOK_EVERY`]. While that
//!   connection is lost, and until it is proved again, nothing that was kept may be used.
//!
//! Whoever follows a subject ([`Marks::watch`]) is woken by the same moves.

use super::types::Id;
use crate::error::AppResult;
use diesel::prelude::*;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::watch;

const MARKS: usize = 1 << 20;
/// The channel of `NOTIFY`; its payload is the number of a mark, which names nobody.
const CHANNEL: &str = "fugong_changed";
/// How often the listener looks: other processes see a change this much later at most.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How often the listener proves its connection …
const PROVE_EVERY: Duration = Duration::from_secs(1);
/// … and for how long a proof is believed.
const PROOF_HOLDS: Duration = Duration::from_secs(3);
/// After a lost connection.
const COME_BACK: Duration = Duration::from_millis(500);

/// A subject's mark at a moment. Equal marks: nothing has changed between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    own: u32,
    all: u64,
}

/// The marks of a store.
pub struct Marks {
    own: Box<[AtomicU32]>,
    /// Moved on when nobody knows what has changed meanwhile.
    all: AtomicU64,
    /// Counts every move of any mark, and is moved on before it.
    moves: AtomicU64,
    started: Instant,
    /// Milliseconds since `started` of the last proof that we hear of other processes; `i64::MAX` where there are
    /// none to hear of.
    heard: AtomicI64,
    stop: AtomicBool,
    followed: Followed,
}

/// Marks that somebody follows; a commit that moves others on pays one load for it.
#[derive(Default)]
struct Followed {
    slots: Mutex<HashMap<usize, watch::Sender<u64>>>,
    count: AtomicUsize,
}

impl Followed {
    fn follow(&self, slot: usize) -> watch::Receiver<u64> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, one| one.receiver_count() > 0);
        let receiver = slots.entry(slot).or_insert_with(|| watch::Sender::new(0)).subscribe();
        self.count.store(slots.len(), Ordering::Release);
        receiver
    }

    /// Wakes who follows a mark; `None` wakes all.
    fn wake(&self, slot: Option<usize>) {
        if self.count.load(Ordering::Acquire) == 0 {
            return;
        }
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, one) in slots.iter().filter(|(at, _)| slot.is_none_or(|slot| slot == **at)) {
            one.send_modify(|n| *n = n.wrapping_add(1));
        }
    }
}

impl Marks {
    /// Marks of a store that only this process writes.
    pub(super) fn alone() -> Arc<Self> {
        Arc::new(Self::new(i64::MAX))
    }

    /// Marks of a store that others write as well; they hold once the listener hears.
    pub(super) fn shared(url: String) -> AppResult<Arc<Self>> {
        let marks = Arc::new(Self::new(i64::MIN));
        let listened = Arc::downgrade(&marks);
        std::thread::Builder::new()
            .name("postgres-listener".into())
            .spawn(move || listen(&url, &listened))
            .map_err(crate::error::AppError::internal)?;
        Ok(marks)
    }

    fn new(heard: i64) -> Self {
        Self {
            own: (0..MARKS).map(|_| AtomicU32::new(0)).collect(),
            all: AtomicU64::new(0),
            moves: AtomicU64::new(0),
            started: Instant::now(),
            heard: AtomicI64::new(heard),
            stop: AtomicBool::new(false),
            followed: Followed::default(),
        }
    }

    /// Changes whenever a commit, of whichever process, moves the subject's mark on; now and then for another subject's
    /// sake, or because nobody knows what was committed. Subscribe first and read afterwards, and nothing is missed.
    pub fn watch(&self, subject: Id) -> watch::Receiver<u64> {
        self.followed.follow(slot(subject))
    }

    /// Whether changes by all processes are heard at present.
    pub fn hears(&self) -> bool {
        let heard = self.heard.load(Ordering::Acquire);
        heard == i64::MAX || self.now().saturating_sub(heard) <= millis(PROOF_HOLDS)
    }

    /// Where the marks stand before something is read whose subject is not known yet; see [`Marks::since`].
    pub fn stand(&self) -> u64 {
        self.moves.load(Ordering::Acquire)
    }

    /// The mark of a subject that has been read since `stand` was taken; none when any mark has moved meanwhile, since
    /// it may have been this one, before the mark was looked up but after the reading.
    pub fn since(&self, stand: u64, subject: Id) -> Option<Mark> {
        let mark = self.of(subject)?;
        (self.stand() == stand).then_some(mark)
    }

    /// The subject's mark now; none while changes by other processes are not heard, when nothing may be kept.
    pub fn of(&self, subject: Id) -> Option<Mark> {
        if !self.hears() {
            return None;
        }
        let own = self.own.get(slot(subject))?.load(Ordering::Acquire);
        Some(Mark { own, all: self.all.load(Ordering::Acquire) })
    }

    /// Whether nothing has changed of the subject since its mark was taken.
    pub fn holds(&self, subject: Id, mark: Mark) -> bool {
        self.of(subject) == Some(mark)
    }

    /// Moves the subjects' marks on.
    pub(super) fn moved(&self, subjects: &[Id]) {
        for subject in subjects {
            self.move_slot(slot(*subject));
        }
    }

    /// Moves every mark on: nobody knows what was committed.
    pub(super) fn lost(&self) {
        self.moves.fetch_add(1, Ordering::AcqRel);
        self.all.fetch_add(1, Ordering::AcqRel);
        self.followed.wake(None);
    }

    /// Ends the listener.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    fn move_slot(&self, slot: usize) {
        self.moves.fetch_add(1, Ordering::AcqRel);
        if let Some(mark) = self.own.get(slot) {
            mark.fetch_add(1, Ordering::AcqRel);
        }
        self.followed.wake(Some(slot));
    }

    fn now(&self) -> i64 {
        millis(self.started.elapsed())
    }

    fn prove(&self) {
        self.heard.store(self.now(), Ordering::Release);
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX - 1)
}

fn slot(subject: Id) -> usize {
    let mut hasher = DefaultHasher::new();
    subject.hash(&mut hasher);
    usize::try_from(hasher.finish()).unwrap_or(0) % MARKS
}

/// Tells other processes with the commit of this transaction which marks to move on.
pub(super) fn tell_others(conn: &mut super::Conn, subjects: &[Id]) -> AppResult<()> {
    if let super::Conn::Pg(c) = conn {
        for subject in subjects {
            diesel::sql_query("SELECT pg_notify($1, $2)")
                .bind::<diesel::sql_types::Text, _>(CHANNEL)
                .bind::<diesel::sql_types::Text, _>(slot(*subject).to_string())
                .execute(c)?;
        }
    }
    Ok(())
}

fn listen(url: &str, marks: &Weak<Marks>) {
    loop {
        let heard = hear(url, marks);
        let Some(marks) = marks.upgrade().filter(|m| !m.stop.load(Ordering::Acquire)) else { return };
        // What was told meanwhile is lost, so nothing that was kept before may be used again.
        marks.heard.store(i64::MIN, Ordering::Release);
        marks.lost();
        drop(marks);
        if let Err(e) = heard {
            tracing::warn!(error = %e, "changes by other processes are not heard; nothing is kept in memory");
        }
        std::thread::sleep(COME_BACK);
    }
}

/// Listens until the connection is lost (an error), or the store is gone.
fn hear(url: &str, marks: &Weak<Marks>) -> Result<(), String> {
    let mut conn = PgConnection::establish(url).map_err(|e| e.to_string())?;
    diesel::sql_query(format!("LISTEN {CHANNEL}")).execute(&mut conn).map_err(|e| e.to_string())?;
    let mut proved: Option<Instant> = None;
    loop {
        let Some(marks) = marks.upgrade().filter(|m| !m.stop.load(Ordering::Acquire)) else { return Ok(()) };
        for notification in conn.notifications_iter() {
            let notification = notification.map_err(|e| e.to_string())?;
            match notification.payload.parse() {
                Ok(slot) => marks.move_slot(slot),
                Err(_) => marks.lost(),
            }
        }
        if proved.is_none_or(|at| at.elapsed() >= PROVE_EVERY) {
            diesel::sql_query("SELECT 1").execute(&mut conn).map_err(|e| e.to_string())?;
            marks.prove();
            proved = Some(Instant::now());
        }
        drop(marks);
        std::thread::sleep(LOOK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_moves_with_its_subject_only() {
        let marks = Marks::alone();
        let (one, other) = (Id::new(), Id::new());
        let before = marks.of(one).unwrap();
        marks.moved(&[other]);
        assert_eq!(marks.holds(one, before), slot(one) != slot(other));
        let before = marks.of(one).unwrap();
        assert!(marks.holds(one, before));
        marks.moved(&[one]);
        assert!(!marks.holds(one, before));
    }

    #[test]
    fn what_moved_while_it_was_read_is_not_kept() {
        let marks = Marks::alone();
        let subject = Id::new();
        let stand = marks.stand();
        assert!(marks.since(stand, subject).is_some());
        marks.moved(&[subject]);
        assert_eq!(marks.since(stand, subject), None);
        marks.lost();
        assert_eq!(marks.since(marks.stand(), subject), marks.of(subject));
    }

    #[test]
    fn who_follows_a_subject_is_woken_by_its_moves_and_by_a_loss() {
        let marks = Marks::alone();
        let (one, other) = (Id::new(), Id::new());
        let mut followed = marks.watch(one);
        marks.moved(&[other]);
        assert_eq!(followed.has_changed().unwrap(), slot(one) == slot(other));
        followed.mark_unchanged();
        marks.moved(&[one]);
        assert!(followed.has_changed().unwrap());
        followed.mark_unchanged();
        marks.lost();
        assert!(followed.has_changed().unwrap());
        drop(followed);
        drop(marks.watch(other));
        let _kept = marks.watch(one);
        assert_eq!(
            marks.followed.slots.lock().unwrap().len(),
            1,
            "what nobody follows any more is forgotten"
        );
    }

    #[test]
    fn nothing_holds_while_others_are_not_heard() {
        let marks = Marks::new(i64::MIN);
        let subject = Id::new();
        assert_eq!(marks.of(subject), None);
        marks.prove();
        let mark = marks.of(subject).unwrap();
        assert!(marks.holds(subject, mark));
        // The connection is lost.
        marks.heard.store(i64::MIN, Ordering::Release);
        assert!(!marks.holds(subject, mark));
        marks.lost();
        marks.prove();
        assert!(!marks.holds(subject, mark), "what was kept before the loss is never used again");
    }
}
