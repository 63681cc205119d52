//! Small things that many pages show: choices, the statutory clock, the pager, an error with a way forward.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::format;
use crate::web::i18n::{Lang, t};

/// One answer of a question with fixed answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What people read.
    pub label: String,
    /// A second, smaller line; may be empty.
    pub hint: String,
}

impl Choice {
    /// A choice without a second line.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Choice { value: value.into(), label: label.into(), hint: String::new() }
    }

    /// A choice whose label is the text `key`.
    #[must_use]
    pub fn text(lang: Lang, value: &str, key: &str) -> Self {
        Choice::new(value, t(lang, key, &[]))
    }
}

/// The statutory clock of a case, for the component `ui.clk` and for sorting by eye.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClockView {
    /// `late`, `soon`, `idle` or empty.
    pub state: &'static str,
    /// `还剩 1 天 3 小时` / `已逾期 18 小时` / `暂停，已用 6 小时`.
    pub text: String,
    /// The second line: when it ends, or what it waits for.
    pub note: String,
}

impl ClockView {
    /// A running clock: `left` is working time until `due` (negative when overdue; 24 hours to a working day).
    /// Under eight hours it is `soon`.
    #[must_use]
    pub fn running(lang: Lang, left: TimeDelta, due: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let time = format::duration(lang, left);
        let due = format::limit(lang, due, now);
        let (state, text, note) = if left < TimeDelta::zero() {
            ("late", "clock-overdue", "clock-was-due")
        } else if left < TimeDelta::hours(8) {
            ("soon", "clock-left", "clock-due")
        } else {
            ("", "clock-left", "clock-due")
        };
        ClockView {
            state,
            text: t(lang, text, &[("time", time.into())]),
            note: t(lang, note, &[("due", due.into())]),
        }
    }

    /// A stopped clock: how much working time was used, and what it waits for.
    #[must_use]
    pub fn paused(lang: Lang, used: TimeDelta, why: String) -> Self {
        let time = format::duration(lang, used);
        ClockView { state: "idle", text: t(lang, "clock-paused", &[("time", time.into())]), note: why }
    }
}

/// A way on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Link {
    /// The address.
    pub href: String,
    /// Its words, in the page's language.
    pub label: String,
}

impl Link {
    /// An address whose words are the text `key`.
    #[must_use]
    pub fn text(lang: Lang, href: &str, key: &str) -> Self {
        Self { href: href.to_owned(), label: t(lang, key, &[]) }
    }
}

/// Where a list goes on, by key and never by offset.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Pager {
    /// Address of the page with newer rows.
    pub newer: Option<String>,
    /// Address of the page with older rows.
    pub older: Option<String>,
    /// Rows on this page.
    pub shown: usize,
    /// Rows in all, when counting them is cheap.
    pub total: Option<i64>,
}

/// A way on from an error.
#[derive(Debug, Clone, Serialize)]
pub struct Remedy {
    /// Where it leads.
    pub href: String,
    /// Its words, in the page's language.
    pub label: String,
}

/// A form that can be sent once more as it was.
#[derive(Debug, Clone, Serialize)]
pub struct Resend {
    /// Where to.
    pub to: String,
    /// Names and values, in the order sent.
    pub fields: Vec<(String, String)>,
}

/// The data of `error.html`. Texts are chosen by status: 403, 404, 409, 413, 415, 422, 429, 503, else 500. A refusal by
/// right is shown as 404, so that nobody learns what exists; 403 is for what is refused whoever asks.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ErrorPage {
    /// The HTTP status.
    pub status: u16,
    /// What went wrong in one sentence of the page's language, instead of the general one.
    pub detail: Option<String>,
    /// For 409: nobody was first; as things stand it cannot be done, and `detail` says why.
    pub refused: bool,
    /// For 409: what changed meanwhile, one sentence each (who, when, what).
    pub changes: Vec<String>,
    /// For 409: how it stands now, in a word.
    pub standing: Option<String>,
    /// For 409: what whoever decides has written, so that it can be taken over: name of the field and text.
    pub written: Vec<(String, String)>,
    /// For 422 without a form: what to put right, one sentence each.
    pub problems: Vec<String>,
    /// For 429 and 503: seconds after which it makes sense to try again.
    pub retry_after: Option<i64>,
    /// Whether something was sent: then the page from which it was is a way on.
    pub sent: bool,
    /// Whether what was sent can be sent again from this page, by [`ErrorPage::resend`] or by loading it anew; it has no
    /// switches then, which would lead away from it.
    pub keeps: bool,
    /// The form, to be sent once more.
    pub resend: Option<Resend>,
    /// Ways on, the best first; home and the telephone are always added.
    pub remedies: Vec<Remedy>,
    /// The number by which the operators find this request in their log.
    pub request_id: Option<String>,
}

impl ErrorPage {
    /// A page for a status; anything under 400 is shown as 500, 403 and 410 as 404.
    #[must_use]
    pub fn new(status: u16) -> Self {
        let status = match status {
            403 | 410 => 404,
            400..=599 => status,
            _ => 500,
        };
        ErrorPage { status, ..ErrorPage::default() }
    }
}
