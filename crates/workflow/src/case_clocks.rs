//! The statutory clocks of one case, by time limit: what is stored beside the state, moved by transitions only.

use super::calendar::Calendar;
use super::clock::{ClockError, StatutoryClock};
use super::definition::{ClockChange, Definition};
use super::next::Transition;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Clocks by the name of their time limit. Stored as JSON with the case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseClocks(BTreeMap<String, StatutoryClock>);

impl CaseClocks {
    /// The clocks of a new case: none.
    pub fn new() -> Self {
        Self::default()
    }

    /// The clocks after a transition. `received_at` is when the papers last came in (submission, or resubmission after a
    /// correction notice): a deemed acceptance counts from there.
    ///
    /// # Errors
    /// [`ClockError`] if the stored clocks do not fit the definition, which a sound definition excludes.
    pub fn applied(
        mut self,
        definition: &Definition,
        transition: &Transition,
        received_at: DateTime<Utc>,
    ) -> Result<Self, ClockError> {
        let at = transition.at;
        for change in &transition.clock {
            match change {
                ClockChange::Start(name) => self.start(definition, name, at)?,
                ClockChange::StartAtReceipt(name) => self.start(definition, name, received_at)?,
                ClockChange::Pause(name) => self.change(name, |clock| clock.paused(at))?,
                ClockChange::Resume(name) => self.change(name, |clock| clock.resumed(at))?,
                ClockChange::Stop(name) => self.change(name, |clock| clock.stopped(at))?,
                ClockChange::StopAll => self.stop_all(at)?,
            }
        }
        Ok(self)
    }

    /// The clock of a time limit, if it has been started.
    pub fn get(&self, deadline: &str) -> Option<&StatutoryClock> {
        self.0.get(deadline)
    }

    /// The time limit and clock that a page shows: the one that is open. None for a case without an open limit.
    pub fn current(&self) -> Option<(&str, &StatutoryClock)> {
        self.0.iter().find(|(_, clock)| !clock.is_stopped()).map(|(name, clock)| (name.as_str(), clock))
    }

    /// Every clock with the name of its time limit, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &StatutoryClock)> {
        self.0.iter().map(|(name, clock)| (name.as_str(), clock))
    }

    /// Whether a running limit of this name has run out at `now`: the value of facts such as `completeness-lapsed`.
    pub fn lapsed(&self, deadline: &str, now: DateTime<Utc>, calendar: &Calendar) -> bool {
        self.get(deadline).is_some_and(|clock| clock.state(now, calendar) == super::ClockState::Overdue)
    }

    /// The system's action that is due because a limit has run out, if the definition has one.
    pub fn lapse_action<'a>(
        &self,
        definition: &'a Definition,
        now: DateTime<Utc>,
        calendar: &Calendar,
    ) -> Option<&'a str> {
        let lapsed =
            definition.deadlines().iter().filter(|deadline| self.lapsed(&deadline.name, now, calendar));
        lapsed.filter_map(|deadline| deadline.on_lapse.as_deref()).next()
    }

    fn start(&mut self, definition: &Definition, name: &str, at: DateTime<Utc>) -> Result<(), ClockError> {
        let deadline = definition.deadline(name).ok_or_else(|| ClockError::Unknown(name.to_owned()))?;
        if self.0.contains_key(name) {
            return Err(ClockError::Started(name.to_owned()));
        }
        self.0.insert(name.to_owned(), StatutoryClock::started(deadline.working_days, at));
        Ok(())
    }

    fn change(
        &mut self,
        name: &str,
        change: impl FnOnce(StatutoryClock) -> Result<StatutoryClock, ClockError>,
    ) -> Result<(), ClockError> {
        let clock = self.0.get_mut(name).ok_or_else(|| ClockError::Unknown(name.to_owned()))?;
        *clock = change(clock.clone())?;
        Ok(())
    }

    fn stop_all(&mut self, at: DateTime<Utc>) -> Result<(), ClockError> {
        for clock in self.0.values_mut().filter(|clock| !clock.is_stopped()) {
            *clock = clock.clone().stopped(at)?;
        }
        Ok(())
    }
}
