//! The statutory clock of one time limit: started, stopped while the applicant corrects, ended by the decision. A value
//! without a clock of its own: applicant and official see the same number because both ask it with the same `now`.
//!
//! Law: Administrative Licensing Law art. 32 (completeness within five days, once), 42 and 45 (decision; time that is not the
//! authority's does not count), 82 (working days). How a day is counted in hours, and why that is never later than the law,
//! is in `docs/workflow.md`.

use super::calendar::{Calendar, Reckoned, local};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

/// One working day of the clock: 24 hours, which pass only on working days.
pub const WORKING_DAY: TimeDelta = TimeDelta::days(1);

/// A limit is "soon" when less than this is left.
pub const SOON: TimeDelta = TimeDelta::hours(8);

/// What the clock is doing at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockState {
    /// Time is left, 8 working hours or more.
    Running,
    /// Less than 8 working hours are left.
    Soon,
    /// No time is left.
    Overdue,
    /// It waits for the applicant.
    Paused,
    /// The case has been decided or ended.
    Stopped,
}

/// When a limit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The moment.
    pub at: DateTime<Utc>,
    /// It rests on days for which no official calendar is known yet.
    pub provisional: bool,
}

impl Due {
    /// Date, hour and minute at +08:00 as people write it: the end of a day is 24:00 of that day, not 00:00 of the next,
    /// which may be a holiday. Hours are 0-24.
    pub fn wall(&self) -> (NaiveDate, u32, u32) {
        let at = local(self.at);
        match (at.time() == NaiveTime::MIN).then(|| at.date().checked_sub_days(Days::new(1))).flatten() {
            Some(day) => (day, 24, 0),
            None => (at.date(), at.hour(), at.minute()),
        }
    }
}

/// A length of working time for people, rounded down to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// The time is how long the limit has passed, not what is left.
    pub overdue: bool,
    /// Working days of 24 hours.
    pub days: i64,
    /// 0-23.
    pub hours: i64,
    /// 0-59.
    pub minutes: i64,
}

impl Parts {
    /// Splits what is left; a negative time is overdue, and zero is overdue by zero.
    pub fn of(remaining: TimeDelta) -> Self {
        let minutes = remaining.abs().num_minutes();
        Self {
            overdue: remaining <= TimeDelta::zero(),
            days: minutes.div_euclid(24 * 60),
            hours: minutes.div_euclid(60).rem_euclid(24),
            minutes: minutes.rem_euclid(60),
        }
    }
}

/// An event that does not fit the clock's state: a fault of the caller, not of the applicant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Paused although it is not running.
    #[error("the clock is not running")]
    NotRunning,
    /// Resumed although it was not paused.
    #[error("the clock is not paused")]
    NotPaused,
    /// It has ended.
    #[error("the clock has been stopped")]
    Stopped,
    /// A limit with this name runs already.
    #[error("the clock {0} has been started before")]
    Started(String),
    /// No limit with this name has been started or declared.
    #[error("no clock {0}")]
    Unknown(String),
}

/// The clock of one time limit. Stored as JSON with the case: when it started, how many working days it allows, when it
/// was paused and resumed, when it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatutoryClock {
    working_days: u16,
    started: DateTime<Utc>,
    #[serde(default)]
    pauses: Vec<Pause>,
    #[serde(default)]
    stopped: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pause {
    from: DateTime<Utc>,
    #[serde(default)]
    to: Option<DateTime<Utc>>,
}

impl StatutoryClock {
    /// A clock that starts at `at` (the day of acceptance, or of receipt where the law says so) and allows `working_days`.
    pub fn started(working_days: u16, at: DateTime<Utc>) -> Self {
        Self { working_days, started: at, pauses: Vec::new(), stopped: None }
    }

    /// The clock waits for the applicant from `at` on. A moment before the last event counts as that event's moment: a server
    /// clock that was set back must not block a case.
    ///
    /// # Errors
    /// [`ClockError::NotRunning`], [`ClockError::Stopped`].
    pub fn paused(mut self, at: DateTime<Utc>) -> Result<Self, ClockError> {
        self.open()?;
        if self.is_paused() {
            return Err(ClockError::NotRunning);
        }
        let from = at.max(self.last_event());
        self.pauses.push(Pause { from, to: None });
        Ok(self)
    }

    /// The applicant has answered.
    ///
    /// # Errors
    /// [`ClockError::NotPaused`], [`ClockError::Stopped`].
    pub fn resumed(mut self, at: DateTime<Utc>) -> Result<Self, ClockError> {
        self.open()?;
        match self.pauses.last_mut() {
            Some(pause) if pause.to.is_none() => pause.to = Some(at.max(pause.from)),
            _ => return Err(ClockError::NotPaused),
        }
        Ok(self)
    }

    /// The case is decided, withdrawn or otherwise ended; a pause ends with it.
    ///
    /// # Errors
    /// [`ClockError::Stopped`].
    pub fn stopped(mut self, at: DateTime<Utc>) -> Result<Self, ClockError> {
        self.open()?;
        self.stopped = Some(at.max(self.last_event()));
        Ok(self)
    }

    /// The moment from which the limit counts.
    pub fn started_at(&self) -> DateTime<Utc> {
        self.started
    }

    /// How many working days are allowed.
    pub fn working_days(&self) -> u16 {
        self.working_days
    }

    /// It waits for the applicant.
    pub fn is_paused(&self) -> bool {
        self.paused_since().is_some()
    }

    /// Since when it waits for the applicant; none while it does not.
    pub fn paused_since(&self) -> Option<DateTime<Utc>> {
        let last = self.pauses.last().filter(|_| self.stopped.is_none())?;
        last.to.is_none().then_some(last.from)
    }

    /// It has ended.
    pub fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// Working time used up to `now`.
    pub fn used(&self, now: DateTime<Utc>, calendar: &Calendar) -> Reckoned<TimeDelta> {
        let mut used = Reckoned { value: TimeDelta::zero(), provisional: false };
        for (from, to) in self.running() {
            let to = to.map_or(now, |to| to.min(now));
            if to > from {
                let part = calendar.working_between(from, to);
                used.value += part.value;
                used.provisional |= part.provisional;
            }
        }
        used
    }

    /// Working time left at `now`; negative when overdue. [`Parts::of`] splits it for people.
    pub fn remaining(&self, now: DateTime<Utc>, calendar: &Calendar) -> Reckoned<TimeDelta> {
        let used = self.used(now, calendar);
        Reckoned { value: self.allowance() - used.value, provisional: used.provisional }
    }

    /// When the limit ends, or ended. None while it is paused with time left: that depends on the applicant. Also none if it was
    /// stopped during a pause or before its end fell into a running stretch that is known.
    pub fn due_at(&self, calendar: &Calendar) -> Option<Due> {
        let mut left = self.allowance();
        let mut stretches = self.running().into_iter().peekable();
        while let Some((from, to)) = stretches.next() {
            // A clock that was stopped while running would have run on: its limit is still a fact of the case.
            let to = if stretches.peek().is_none() && !self.ends_paused() { None } else { to };
            let here = to.map(|to| calendar.working_between(from, to).value);
            if here.is_none_or(|here| left <= here) {
                let end = calendar.add_working(from, left);
                return Some(Due { at: end.value, provisional: end.provisional });
            }
            left -= here.unwrap_or_default();
        }
        None
    }

    /// What the clock is doing at `now`.
    pub fn state(&self, now: DateTime<Utc>, calendar: &Calendar) -> ClockState {
        if self.is_stopped() {
            return ClockState::Stopped;
        }
        if self.is_paused() {
            return ClockState::Paused;
        }
        match self.remaining(now, calendar).value {
            left if left <= TimeDelta::zero() => ClockState::Overdue,
            left if left < SOON => ClockState::Soon,
            _ => ClockState::Running,
        }
    }

    /// Whether a stopped clock was stopped within its limit; none while it is open.
    pub fn kept(&self, calendar: &Calendar) -> Option<bool> {
        self.stopped.map(|at| self.remaining(at, calendar).value >= TimeDelta::zero())
    }

    fn open(&self) -> Result<(), ClockError> {
        if self.is_stopped() { Err(ClockError::Stopped) } else { Ok(()) }
    }

    fn allowance(&self) -> TimeDelta {
        WORKING_DAY * i32::from(self.working_days)
    }

    fn ends_paused(&self) -> bool {
        self.pauses.last().is_some_and(|pause| pause.to.is_none())
    }

    fn last_event(&self) -> DateTime<Utc> {
        self.pauses.last().map_or(self.started, |pause| pause.to.unwrap_or(pause.from))
    }

    /// The stretches in which it ran; the last is open while it runs.
    fn running(&self) -> Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> {
        let mut stretches = Vec::with_capacity(self.pauses.len() + 1);
        let mut from = Some(self.started);
        for pause in &self.pauses {
            if let Some(from) = from {
                stretches.push((from, Some(pause.from)));
            }
            from = pause.to;
        }
        if let Some(from) = from {
            stretches.push((from, self.stopped));
        }
        stretches
    }
}

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;
