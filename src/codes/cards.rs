//! The status card of the health code.

use super::pages::until;
use super::words::pick;
use super::{state, store};
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::web::card::{Card, Mine};
use crate::web::i18n::t;
use chrono::{DateTime, Utc};

/// The colour with its end and its first reason; the way to the first declaration where there is none; that it is being
/// worked out where the stored one no longer counts.
///
/// # Errors
/// Database errors; what is stored cannot be opened.
pub fn cards(conn: &mut Conn, mine: &Mine<'_>) -> AppResult<Vec<Card>> {
    let lang = mine.lang;
    let mut card = Card {
        kind: "code",
        title: t(lang, "nav-code", &[]),
        tag: "idle",
        href: "/code".into(),
        link: t(lang, "card-code-open", &[]),
        ..Card::default()
    };
    let Some(person) = mine.person else {
        card.word = t(lang, "card-code-none", &[]);
        card.lines.push(pick(&mine.deps.policy.settings().unknown.no_declaration, lang).to_owned());
        (card.href, card.link) = ("/declare".into(), t(lang, "declare-start", &[]));
        return Ok(vec![card]);
    };
    let row = store::state(conn, person)?.filter(|row| state::is_current(row, &mine.deps.policy, mine.now));
    let Some(row) = row else {
        card.word = t(lang, "card-code-working", &[]);
        card.lines.push(t(lang, "card-code-working-text", &[]));
        return Ok(vec![card]);
    };
    let code = row.open(&mine.deps.keys)?;
    let told = code.told();
    card.state = told.colour.code().to_owned();
    card.word = t(lang, &format!("code-word-{}", card.state), &[]);
    card.tag = match card.state.as_str() {
        "green" => "ok",
        "yellow" => "warn",
        "red" => "bad",
        _ => "idle",
    };
    if card.state != "unknown" {
        let (day, note) = until(lang, &told, mine.now);
        card.lines.push(t(lang, "card-code-until", &[("day", day.into()), ("note", note.into())]));
    }
    let main = told.main_cause().map(|c| &c.reason).or(told.unknown.map(|u| &u.text));
    card.lines.extend(main.map(|words| pick(words, lang).to_owned()));
    Ok(vec![card])
}

/// Whether the colour of a person has been worked out at or after a moment, such as that of the last declaration.
///
/// # Errors
/// Database errors.
pub fn is_evaluated_since(conn: &mut Conn, person: Id, at: DateTime<Utc>) -> AppResult<bool> {
    Ok(store::state(conn, person)?.is_some_and(|row| row.evaluated_at.0 >= at))
}
