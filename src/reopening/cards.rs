//! The status cards of businesses: each case with its state and its next step.

use super::model::{Application, Event};
use super::{store, store_business, views};
use crate::case::events;
use crate::db::Conn;
use crate::error::AppResult;
use crate::web::card::{Card, Mine};
use crate::web::format;
use crate::web::i18n::{has, t};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Cases shown: the newest of each business, and whatever is still open.
const SHOWN: usize = 20;

/// The cases of an account: what is open, and the last of each business; a correction notice waits with its limit, a
/// draft without one.
///
/// # Errors
/// Database errors; a clock that is none of ours.
pub fn cards(conn: &mut Conn, mine: &Mine<'_>) -> AppResult<Vec<Card>> {
    let mut seen = BTreeSet::new();
    let mut cards = Vec::new();
    for app in store::all_own(conn, mine.account)? {
        let first = seen.insert(app.business_id);
        let over = matches!(app.state.as_str(), "withdrawn" | "closed" | "refused" | "revoked");
        if (first || !over) && cards.len() < SHOWN {
            let name = store_business::business_for(conn, app.business_id, mine.account)?.name;
            let events = if matches!(app.state.as_str(), "correction" | "rectify") {
                events(conn, &mine.deps.keys, app.id)?
            } else {
                Vec::new()
            };
            cards.push(card(mine, &app, name, &events)?);
        }
    }
    Ok(cards)
}

/// Until when something has to be put right: what the last notice of this state named.
fn limit(app: &Application, events: &[Event]) -> Option<DateTime<Utc>> {
    events.iter().rev().find(|e| e.to == app.state).and_then(|e| e.note.until)
}

fn card(mine: &Mine<'_>, app: &Application, name: String, events: &[Event]) -> AppResult<Card> {
    let lang = mine.lang;
    let due_at = limit(app, events);
    let mut lines = Vec::new();
    if let Some(due) = due_at {
        let until = format::limit(lang, due, mine.now);
        lines.push(t(lang, "card-business-due", &[("until", until.into())]));
    }
    let next = format!("card-business-next-{}", app.state);
    if has(&next) {
        lines.push(t(lang, &next, &[]));
    }
    if let Some(clock) = views::clock(lang, app, mine.now)?.filter(|_| due_at.is_none()) {
        lines.push(clock.note);
    }
    Ok(Card {
        kind: "business",
        state: app.state.clone(),
        title: name,
        word: views::state(lang, &app.state),
        tag: views::tag(&app.state),
        lines,
        waits: matches!(app.state.as_str(), "correction" | "draft" | "rectify"),
        due_at,
        href: format!("/reopening/{}", app.number),
        link: t(lang, if app.state == "draft" { "declare-resume" } else { "home-see-progress" }, &[]),
    })
}
