//! The status cards of declarations: what was begun, and the last one that was sent.

use super::{decision, mine as pages, stale, store};
use crate::db::Conn;
use crate::error::AppResult;
use crate::web::card::{Card, Mine};
use crate::web::format;
use crate::web::i18n::t;

/// A draft to go on with, and the last declaration with its state; a returned one waits for its resident, with its limit.
///
/// # Errors
/// Database errors; the workflow cannot be read.
pub fn cards(conn: &mut Conn, mine: &Mine<'_>) -> AppResult<Vec<Card>> {
    let lang = mine.lang;
    let mut cards = Vec::new();
    if let Some(draft) = store::draft(conn, mine.account)? {
        let saved = format::when(lang, draft.updated_at.0, mine.now);
        let stale = stale::of(conn, mine.account, mine.person, &draft, lang)?;
        let line = match &stale {
            None => t(lang, "progress-saved", &[("time", saved.into())]),
            Some(stale) if stale.locked => t(lang, "declare-stale-locked", &[]),
            Some(_) => t(lang, "declare-stale-moved", &[]),
        };
        cards.push(Card {
            kind: "declaration",
            state: "draft".into(),
            title: t(lang, "declare-draft", &[]),
            word: t(lang, "declaration-state-draft", &[]),
            tag: "idle",
            lines: vec![line],
            waits: true,
            href: "/declare".into(),
            link: t(lang, if stale.is_some() { "declare-stale-look" } else { "declare-resume" }, &[]),
            ..Card::default()
        });
    }
    let Some(row) = store::mine(conn, mine.account, mine.person, store::LISTED)?.into_iter().next() else {
        return Ok(cards);
    };
    let returned = row.state == "returned";
    let due_at = if returned { Some(decision::deadline(&mine.deps.policy, &row)?) } else { None };
    let mut lines = Vec::new();
    if let Some(due) = due_at {
        let until = format::deadline(lang, due, mine.now);
        lines.push(t(lang, "declaration-returned-deadline", &[("deadline", until.into())]));
    }
    if let Some(at) = row.submitted_at {
        let when = format::when(lang, at.0, mine.now);
        lines.push(t(lang, "card-declaration-sent", &[("when", when.into())]));
    }
    cards.push(Card {
        kind: "declaration",
        state: row.state.clone(),
        title: t(lang, "declaration-title", &[("number", row.number.clone().into())]),
        word: pages::state_word(lang, &row.state),
        tag: pages::state_tag(&row.state),
        lines,
        waits: returned,
        due_at,
        href: format!("/declarations/{}", row.number),
        link: t(lang, if returned { "declaration-correct" } else { "home-see-progress" }, &[]),
    });
    Ok(cards)
}
