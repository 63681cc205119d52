//! The status cards of appeals.

use super::{evidence, store};
use crate::db::Conn;
use crate::error::AppResult;
use crate::web::card::{Card, Mine};
use crate::web::format;
use crate::web::i18n::t;
use chrono::TimeDelta;

/// A decided appeal is shown so long.
const SHOWN_FOR: TimeDelta = TimeDelta::days(30);

/// Appeals that wait, with their limit, and those decided or withdrawn in the last 30 days.
///
/// # Errors
/// Database errors.
pub fn cards(conn: &mut Conn, mine: &Mine<'_>) -> AppResult<Vec<Card>> {
    let Some(person) = mine.person else { return Ok(Vec::new()) };
    let lang = mine.lang;
    let rows = store::of_person(conn, person)?;
    let late = |row: &&super::model::Row| {
        row.is_open() || mine.now - row.decided_at.unwrap_or(row.created_at).0 < SHOWN_FOR
    };
    let mut card = |row: &super::model::Row| -> AppResult<Card> {
        let waiting = row.due_at.filter(|_| row.is_open());
        let key = if row.is_late(mine.now) { "card-appeal-late" } else { "card-appeal-due" };
        let limit =
            waiting.map(|due| t(lang, key, &[("until", format::limit(lang, due.0, mine.now).into())]));
        let sent = format::when(lang, row.created_at.0, mine.now);
        let refused = evidence::refused(conn, row)?;
        let refused = (refused > 0).then(|| t(lang, "card-appeal-files", &[("count", refused.into())]));
        Ok(Card {
            kind: "appeal",
            state: row.state.clone(),
            title: t(lang, "card-appeal", &[("number", row.number.clone().into())]),
            word: t(lang, &format!("appeal-state-{}", row.state), &[]),
            tag: super::model::tag(&row.state),
            lines: limit
                .into_iter()
                .chain([t(lang, "card-appeal-sent", &[("when", sent.into())])])
                .chain(refused)
                .collect(),
            href: format!("/code/appeals/{}", row.number),
            link: t(lang, "card-appeal-open", &[]),
            ..Card::default()
        })
    };
    rows.iter().filter(late).map(&mut card).collect()
}
