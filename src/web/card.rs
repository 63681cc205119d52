//! Status cards: what a slice says of its things on the home page, in "my things" and in `GET /api/v1/me`.
//!
//! A slice hands over a function of the shape [`CardSource`]; nobody else reads its store.

use super::i18n::Lang;
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Whose cards are asked for.
#[derive(Clone, Copy)]
pub struct Mine<'a> {
    /// The portal's parts.
    pub deps: &'a Deps,
    /// The account that is signed in.
    pub account: Id,
    /// The person it stands for, once a document is claimed.
    pub person: Option<Id>,
    /// The language of the words.
    pub lang: Lang,
    /// The moment.
    pub now: DateTime<Utc>,
}

/// A slice's cards.
pub type CardSource = fn(&mut Conn, &Mine<'_>) -> AppResult<Vec<Card>>;

/// One status card, in the reader's language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Card {
    /// `code`, `certificate`, `declaration`, `appeal`, `business`, `messages`, `claim`.
    pub kind: &'static str,
    /// Its state as a code of that kind; empty where there is nothing yet.
    pub state: String,
    /// What it is.
    pub title: String,
    /// The state in words.
    pub word: String,
    /// How the state is marked: `ok`, `info`, `warn`, `bad`, `idle`.
    pub tag: &'static str,
    /// What is to be known of it, such as until when and the first reason.
    pub lines: Vec<String>,
    /// Whether it waits for the reader.
    pub waits: bool,
    /// Until when the reader has to act; exclusive.
    pub due_at: Option<DateTime<Utc>>,
    /// The page that goes on.
    pub href: String,
    /// What the link to it says.
    pub link: String,
}

/// What waits for the reader first, the earliest limit before the others; the rest as the slices give it.
pub fn order(cards: &mut [Card]) {
    cards.sort_by_key(|c| (!c.waits, c.due_at.is_none() || !c.waits, c.due_at.filter(|_| c.waits)));
}

#[cfg(test)]
mod tests {
    use super::{Card, order};

    #[test]
    fn what_waits_comes_first_by_its_limit() {
        let card = |title: &str, waits, due: Option<&str>| Card {
            title: title.into(),
            waits,
            due_at: due.map(|d| d.parse().unwrap()),
            ..Card::default()
        };
        let (early, late) = ("2020-03-13T00:00:00Z", "2020-03-20T00:00:00Z");
        let mut cards = vec![
            card("code", false, Some(early)),
            card("draft", true, None),
            card("certificate", false, None),
            card("late", true, Some(late)),
            card("early", true, Some(early)),
        ];
        order(&mut cards);
        let titles: Vec<&str> = cards.iter().map(|c| c.title.as_str()).collect();
        assert_eq!(titles, ["early", "late", "draft", "code", "certificate"]);
    }
}
