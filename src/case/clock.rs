//! The statutory clock of a case in words: the same for the person, every office, and every list.

use super::kind::Kind;
use crate::error::AppResult;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use crate::web::view::ClockView;
use crate::workflow::CaseClocks;
use chrono::{DateTime, Utc};

/// The limit that is open: how it is shown, and when it ends.
#[derive(Debug, Clone)]
pub struct Running {
    /// For the component `ui.clk`: by when, how much working time is left or over, or since when and why it stands.
    pub view: ClockView,
    /// The end; none while it stands, because that depends on the applicant.
    pub due: Option<DateTime<Utc>>,
}

/// The open limit of a case; none where none is.
///
/// # Errors
/// As [`Kind::calendar`].
pub fn clock(kind: &Kind, clocks: &CaseClocks, lang: Lang, now: DateTime<Utc>) -> AppResult<Option<Running>> {
    let calendar = kind.calendar()?;
    let Some((_, clock)) = clocks.current() else { return Ok(None) };
    if let Some(since) = clock.paused_since() {
        let (why, since) = (t(lang, "clock-waits", &[]), format::when(lang, since, now));
        let note = t(lang, "clock-since", &[("why", why.into()), ("since", since.into())]);
        let view = ClockView::paused(lang, clock.used(now, calendar).value, note);
        return Ok(Some(Running { view, due: None }));
    }
    let Some(due) = clock.due_at(calendar) else { return Ok(None) };
    let view = ClockView::running(lang, clock.remaining(now, calendar).value, due.at, now);
    Ok(Some(Running { view, due: Some(due.at) }))
}
