//! What comes first when not everything can: the code and the gate before forms, forms before lists, lists before
//! pictures. Under three times the load nobody at a gate may wait for somebody who reads a bulletin.

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// How much somebody's work hurries, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Urgency {
    /// A resident's own code: somebody stands at a gate.
    Code,
    /// What whoever stands at the gate asks: verifying, and the lists that verifiers fetch.
    Gate,
    /// What changes something; work in the background.
    #[default]
    Forms,
    /// Pages of who has signed in.
    Lists,
    /// Pages of strangers.
    Pages,
    /// Pictures and files of many records: each costs a hundred pages.
    Files,
}

impl Urgency {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 6] = [Self::Code, Self::Gate, Self::Forms, Self::Lists, Self::Pages, Self::Files];

    /// Its name, for metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Gate => "gate",
            Self::Forms => "forms",
            Self::Lists => "lists",
            Self::Pages => "pages",
            Self::Files => "files",
        }
    }
}

thread_local! {
    static CURRENT: Cell<(Urgency, u64)> = const { Cell::new((Urgency::Forms, OURS)) };
}

/// Whose work it is, where it is the portal's own.
const OURS: u64 = 0;

/// How urgent what this thread does at this moment is.
#[must_use]
pub fn current() -> Urgency {
    CURRENT.get().0
}

/// For whom this thread does it: a number for each network, and one for the portal's own work.
#[must_use]
pub fn whose() -> u64 {
    CURRENT.get().1
}

/// Says that the work at hand has turned out to be of another urgency, such as when it is known who asks.
pub fn turns_out(urgency: Urgency) {
    CURRENT.set((urgency, whose()));
}

/// Says that the work at hand is somebody else's than it seemed, such as when it is known by which key a request is signed.
pub fn belongs_to(whose: u64) {
    CURRENT.set((current(), whose));
}

/// Does something of this urgency for somebody, and learns what it has turned out to be, and for whom.
pub fn within<T>(urgency: &mut Urgency, whose: &mut u64, work: impl FnOnce() -> T) -> T {
    let before = CURRENT.replace((*urgency, *whose));
    let done = work();
    (*urgency, *whose) = CURRENT.replace(before);
    done
}

/// One in so many turns is for the least urgent that waits: late, but not never.
const LAST_FIRST: u64 = 16;

/// Who waits: a line for each urgency, and in it the callers in turn, so that one who asks a hundred times has one turn
/// when everybody else has had theirs.
pub struct Lines<K, T> {
    lines: [Line<K, T>; 6],
    given: u64,
}

struct Line<K, T> {
    round: VecDeque<K>,
    of: HashMap<K, VecDeque<T>>,
    length: usize,
}

impl<K, T> Default for Lines<K, T> {
    fn default() -> Self {
        let line = |_| Line { round: VecDeque::new(), of: HashMap::new(), length: 0 };
        Self { lines: Urgency::ALL.map(line), given: 0 }
    }
}

impl<K: Copy + Eq + Hash, T> Lines<K, T> {
    fn line(&mut self, urgency: Urgency) -> Option<&mut Line<K, T>> {
        let at = Urgency::ALL.iter().position(|u| *u == urgency)?;
        self.lines.get_mut(at)
    }

    /// How many wait with this urgency.
    pub fn length(&mut self, urgency: Urgency) -> usize {
        self.line(urgency).map_or(0, |line| line.length)
    }

    /// How many wait in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.lines.iter().map(|line| line.length).sum()
    }

    /// Puts somebody at the end of the line.
    pub fn push(&mut self, urgency: Urgency, caller: K, waiter: T) {
        if let Some(line) = self.line(urgency) {
            line.push(caller, waiter);
        }
    }

    /// Whose turn it is.
    pub fn take_next(&mut self) -> Option<T> {
        self.take_next_of(|_| true).map(|(_, waiter)| waiter)
    }

    /// Whose turn it is among these, and how urgent that is.
    pub fn take_next_of(&mut self, among: impl Fn(Urgency) -> bool) -> Option<(Urgency, T)> {
        self.given = self.given.wrapping_add(1);
        let mut lines = Urgency::ALL.into_iter().zip(&mut self.lines).filter(|(urgency, _)| among(*urgency));
        let mut next = |(urgency, line): (Urgency, &mut Line<K, T>)| Some((urgency, line.next()?));
        if self.given.is_multiple_of(LAST_FIRST) {
            lines.rev().find_map(next)
        } else {
            lines.find_map(&mut next)
        }
    }

    /// Takes the next of this urgency out of turn if it is so.
    pub fn next_if(&mut self, urgency: Urgency, is_so: impl Fn(&T) -> bool) -> Option<T> {
        let line = self.line(urgency)?;
        let caller = line.round.front()?;
        let first = line.of.get(caller)?.front()?;
        if is_so(first) { line.next() } else { None }
    }

    /// Takes somebody of this urgency away so that this caller finds room: of whom most wait, the last of whom it is so. None
    /// when nobody has more waiting than this caller would have: then it is the caller's own turn to come back.
    pub fn makes_room(&mut self, urgency: Urgency, caller: K, is_so: impl Fn(&T) -> bool) -> Option<T> {
        let line = self.line(urgency)?;
        let mine = line.of.get(&caller).map_or(0, VecDeque::len);
        let (loudest, theirs) = line.of.iter().max_by_key(|(_, waiting)| waiting.len())?;
        if theirs.len() <= mine + 1 {
            return None;
        }
        let (loudest, at) = (*loudest, theirs.iter().rposition(is_so)?);
        line.remove(loudest, at)
    }

    /// Takes somebody away who is less urgent than this: the last of the least urgent.
    pub fn last_below(&mut self, urgency: Urgency) -> Option<T> {
        Urgency::ALL.into_iter().rev().take_while(|u| *u > urgency).find_map(|u| self.line(u)?.last())
    }
}

impl<K: Copy + Eq + Hash, T> Line<K, T> {
    fn push(&mut self, caller: K, waiter: T) {
        let mine = self.of.entry(caller).or_default();
        if mine.is_empty() {
            self.round.push_back(caller);
        }
        mine.push_back(waiter);
        self.length += 1;
    }

    fn next(&mut self) -> Option<T> {
        let caller = self.round.pop_front()?;
        let mine = self.of.get_mut(&caller)?;
        let first = mine.pop_front();
        if mine.is_empty() {
            self.of.remove(&caller);
        } else {
            self.round.push_back(caller);
        }
        self.length = self.length.saturating_sub(1);
        first
    }

    /// The last of the caller of whom most wait.
    fn last(&mut self) -> Option<T> {
        let (caller, mine) = self.of.iter().max_by_key(|(_, mine)| mine.len())?;
        let (caller, at) = (*caller, mine.len().checked_sub(1)?);
        self.remove(caller, at)
    }

    fn remove(&mut self, caller: K, at: usize) -> Option<T> {
        let mine = self.of.get_mut(&caller)?;
        let gone = mine.remove(at)?;
        if mine.is_empty() {
            self.of.remove(&caller);
            self.round.retain(|other| *other != caller);
        }
        self.length = self.length.saturating_sub(1);
        Some(gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(lines: &mut Lines<u8, &'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| lines.take_next()).collect()
    }

    #[test]
    fn the_gate_comes_before_forms_forms_before_lists_lists_before_pictures() {
        let mut lines = Lines::default();
        for urgency in Urgency::ALL.into_iter().rev() {
            lines.push(urgency, 1, urgency.name());
        }
        assert_eq!(lines.total(), 6);
        assert_eq!(all(&mut lines), ["code", "gate", "forms", "lists", "pages", "files"]);
        assert_eq!((lines.total(), lines.length(Urgency::Files)), (0, 0));
    }

    #[test]
    fn who_asks_often_has_one_turn_as_everybody() {
        let mut lines = Lines::default();
        for w in ["a1", "a2", "a3"] {
            lines.push(Urgency::Pages, 1, w);
        }
        for w in ["b1", "b2"] {
            lines.push(Urgency::Pages, 2, w);
        }
        lines.push(Urgency::Pages, 3, "c1");
        assert_eq!(all(&mut lines), ["a1", "b1", "c1", "a2", "b2", "a3"]);
    }

    #[test]
    fn nobody_waits_for_ever() {
        let mut lines = Lines::default();
        lines.push(Urgency::Files, 1, "last");
        let turns = (1..=100).find(|_| {
            lines.push(Urgency::Gate, 1, "first");
            lines.take_next() == Some("last")
        });
        assert_eq!(turns, Some(16));
    }

    #[test]
    fn the_least_urgent_makes_room() {
        let mut lines = Lines::default();
        lines.push(Urgency::Gate, 1, "gate");
        lines.push(Urgency::Lists, 1, "list");
        for w in ["a1", "a2"] {
            lines.push(Urgency::Pages, 1, w);
        }
        lines.push(Urgency::Pages, 2, "b1");
        assert_eq!(lines.last_below(Urgency::Pages), None, "there is nobody less urgent");
        assert_eq!(lines.last_below(Urgency::Forms), Some("a2"), "of whom most wait, the last");
        lines.last_below(Urgency::Forms);
        lines.last_below(Urgency::Forms);
        assert_eq!(lines.last_below(Urgency::Forms), Some("list"));
        assert_eq!(lines.last_below(Urgency::Forms), None);
        assert_eq!(all(&mut lines), ["gate"]);
    }

    #[test]
    fn who_has_many_in_line_makes_room_for_who_has_none() {
        let mut lines = Lines::default();
        for w in [1, 2, 3] {
            lines.push(Urgency::Files, 1, w);
        }
        assert_eq!(lines.makes_room(Urgency::Files, 1, |_| true), None, "not for its own");
        assert_eq!(lines.makes_room(Urgency::Pages, 2, |_| true), None, "nobody waits there");
        assert_eq!(lines.makes_room(Urgency::Files, 2, |w| *w < 3), Some(2), "the last of whom it is so");
        assert_eq!(lines.makes_room(Urgency::Files, 2, |_| false), None);
        lines.push(Urgency::Files, 2, 20);
        assert_eq!(lines.makes_room(Urgency::Files, 2, |_| true), None, "both have as many");
        assert_eq!(lines.makes_room(Urgency::Files, 3, |_| true), Some(3));
        assert_eq!(lines.makes_room(Urgency::Files, 3, |_| true), None, "one each");
        assert_eq!(
            (lines.length(Urgency::Files), lines.take_next(), lines.take_next()),
            (2, Some(1), Some(20))
        );
    }

    #[test]
    fn who_has_waited_too_long_is_taken_out() {
        let mut lines = Lines::default();
        lines.push(Urgency::Pages, 1, 10);
        lines.push(Urgency::Pages, 2, 20);
        assert_eq!(lines.next_if(Urgency::Pages, |w| *w < 15), Some(10));
        assert_eq!(lines.next_if(Urgency::Pages, |w| *w < 15), None);
        assert_eq!(lines.next_if(Urgency::Files, |_| true), None);
        assert_eq!(lines.take_next(), Some(20));
    }

    #[test]
    fn what_it_turns_out_to_be_stays_with_the_work() {
        let mut mine = Urgency::Pages;
        assert_eq!(current(), Urgency::Forms, "background work");
        within(&mut mine, &mut 3, || {
            assert_eq!(whose(), 3);
            assert_eq!(current(), Urgency::Pages);
            turns_out(Urgency::Lists);
        });
        assert_eq!((mine, current()), (Urgency::Lists, Urgency::Forms));
    }
}
