//! The stays of the last 14 days: one at a time on the resident's page, all at once from programs and paper.

use super::answers::{Answers, MAX_TRAVEL, Stay, TRANSPORTS};
use super::parse::{Errors, Page, WINDOW_DAYS, choice, date, set, text, yes_no};
use crate::error::FieldError;
use crate::web::division;
use crate::web::form::Form;
use chrono::{Days, NaiveDate};

/// Whether there were stays; without any the list is emptied.
pub(super) fn travelled(form: &Form, answers: &mut Answers, page: &mut Page) {
    set(&mut answers.travelled, page.take(yes_no(form, "travelled")));
    if answers.travelled == Some(false) {
        answers.travel.clear();
    }
}

/// The page of places adds one, removes one (`remove` = its index), or goes on.
pub(super) fn places(form: &Form, answers: &mut Answers, today: NaiveDate, page: &mut Page) {
    if let Some(index) = form.text("remove").and_then(|i| i.parse::<usize>().ok()) {
        if index < answers.travel.len() {
            answers.travel.remove(index);
        }
        return;
    }
    if form.get("do") != "add" && !begun(form, "stay") {
        if answers.travel.is_empty() {
            page.0.push(FieldError::new("stay-division", "travel-none"));
        }
        return;
    }
    if answers.travel.len() >= MAX_TRAVEL {
        page.0.push(FieldError::new("stay-division", "travel-too-many").with("max", MAX_TRAVEL));
        return;
    }
    if let Some(stay) = stay(form, "stay", today, page) {
        answers.travel.push(stay);
        answers.travel.sort_by_key(|s| (s.from, s.to));
    }
}

/// Whether anything of a stay was filled in; its province is chosen beforehand.
fn begun(form: &Form, prefix: &str) -> bool {
    const TYPED: [&str; 8] =
        ["division", "division-2", "abroad", "from-year", "from", "to-year", "to", "transport"];
    TYPED.iter().any(|name| form.text(&format!("{prefix}-{name}")).is_some())
}

/// One stay from the fields `<prefix>-…`.
fn stay(form: &Form, prefix: &str, today: NaiveDate, page: &mut Page) -> Option<Stay> {
    let field = |name: &str| format!("{prefix}-{name}");
    let abroad = match form.text(&field("abroad")) {
        Some(_) => Some(page.take(text(form, &field("abroad"), 100))?),
        None => None,
    };
    let division = match abroad {
        Some(_) => None,
        None => page.take(division::parse(form, &field("division"), false)),
    };
    let from = page.take(date(form, &field("from")));
    let to = page.take(date(form, &field("to")));
    let transport = page.take(choice(form, &field("transport"), &TRANSPORTS));
    let (from, to) = (from?, to?);
    let earliest = today.checked_sub_days(Days::new(WINDOW_DAYS)).unwrap_or(today);
    if to < from {
        page.0.push(FieldError::new(field("to"), "travel-order"));
    } else if to < earliest {
        page.0.push(FieldError::new(field("to"), "travel-too-old").with("days", WINDOW_DAYS));
    }
    if from > today {
        page.0.push(FieldError::new(field("from"), "date-future"));
    } else if to > today {
        page.0.push(FieldError::new(field("to"), "date-future"));
    }
    if !page.0.is_empty() || (division.is_none() && abroad.is_none()) {
        return None;
    }
    Some(Stay { division, abroad, from, to, transport: transport? })
}

/// The stays whose fields begin with these prefixes; blank ones are passed over. That there is none is said at
/// `none_at`.
pub(super) fn many_stays(
    form: &Form,
    prefixes: &[String],
    none_at: &str,
    answers: &mut Answers,
    today: NaiveDate,
) -> Result<(), Errors> {
    let mut errors = Vec::new();
    answers.travel.clear();
    if prefixes.len() > MAX_TRAVEL {
        return Err(vec![FieldError::new(none_at, "travel-too-many").with("max", MAX_TRAVEL)]);
    }
    for prefix in prefixes.iter().filter(|prefix| begun(form, prefix)) {
        let mut page = Page::default();
        let found = stay(form, prefix, today, &mut page);
        errors.extend(page.0);
        answers.travel.extend(found);
    }
    if errors.is_empty() && answers.travel.is_empty() {
        errors.push(FieldError::new(none_at, "travel-none"));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
