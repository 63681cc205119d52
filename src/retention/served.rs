//! The wall: what is past its period is served to nobody, also in the time until the night's run destroys it. A query
//! that reads records of people for a page, an interface, a copy or a list has `.filter(served("<table>"))`; the condition
//! is made of the same lines of `kept.rs` as the destruction, so the two cannot say different things.

use super::sql::{HELD, UNCONFIRMED, held};
use super::term::cut_of;
use super::{Kind, kinds};
use crate::clock::china_day;
use crate::db::conn::Multi;
use crate::db::types::DbTime;
use crate::db::{Ts, moment};
use crate::policy::first_policy;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A moment in a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// Clocks that started before this are over.
    Cut,
    /// The present.
    Now,
    /// An unconfirmed hold that is older has lapsed.
    Lapsed,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    At(&'static str, When),
}

/// The condition that a row of a table is past its period by none of the table's kinds.
#[derive(Debug, Clone)]
pub struct Served {
    pieces: &'static [Piece],
    /// One for each [`Piece::At`].
    moments: Vec<Ts>,
}

/// Outside of a transaction of the portal there is no present, and everything is there.
static ALL: [Piece; 0] = [];

/// Rows of a table that are not past their period at the moment of the transaction.
#[must_use]
pub fn served(table: &'static str) -> Served {
    debug_assert!(CONDITIONS.contains_key(table), "{table} has no kind of record");
    let (Some(pieces), Some(now)) = (CONDITIONS.get(table), moment::present()) else {
        return Served { pieces: &ALL, moments: Vec::new() };
    };
    let moments = pieces.iter().filter_map(|piece| match piece {
        Piece::At(_, When::Now) => Some(now.into()),
        Piece::At(_, When::Lapsed) => Some((now - UNCONFIRMED).into()),
        Piece::At(kind, When::Cut) => Some(cut(kind, now).into()),
        Piece::Text(_) => None,
    });
    Served { pieces, moments: moments.collect() }
}

/// The condition of each table.
static CONDITIONS: LazyLock<HashMap<&'static str, Vec<Piece>>> = LazyLock::new(|| {
    let mut all: HashMap<&'static str, Vec<Piece>> = HashMap::new();
    for kind in kinds() {
        all.entry(kind.table).or_default().extend(condition(kind));
    }
    all
});

/// ` AND (due IS NOT TRUE)` of a kind, with the table's own name in place of `t`.
fn condition(kind: &'static Kind) -> Vec<Piece> {
    let only = if kind.only.is_empty() { "1 = 1" } else { kind.only };
    let unless = kind.served_unless.unwrap_or(kind.unless);
    let needed = if unless.is_empty() { "1 = 0" } else { unless };
    let held = held(kind).map_or_else(|| "1 = 0".to_owned(), |names| HELD.replace(":names", &names));
    let text = format!(
        " AND (({} < :cut AND ({only}) AND NOT ({needed}) AND NOT ({held})) IS NOT TRUE)",
        kind.clock
    );
    cut_up(kind.name, &of_table(&text, kind.table))
}

/// Writes the table's name in place of the alias `t`.
fn of_table(text: &str, table: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let alias = c == 't' && !(before.is_ascii_alphanumeric() || before == '_' || before == '.');
        match alias && text.get(at + 1..).is_some_and(|rest| rest.starts_with('.')) {
            true => out.push_str(table),
            false => out.push(c),
        }
        before = c;
    }
    out
}

/// Cuts a text at its moments.
fn cut_up(kind: &'static str, text: &str) -> Vec<Piece> {
    const MARKS: [(&str, When); 3] = [(":cut", When::Cut), (":now", When::Now), (":lapsed", When::Lapsed)];
    let mut pieces = Vec::new();
    let mut rest = text;
    let first = |text: &str| {
        MARKS.iter().filter_map(|(mark, when)| Some((text.find(mark)?, *mark, *when))).min_by_key(|m| m.0)
    };
    while let Some((at, mark, when)) = first(rest) {
        pieces.push(Piece::Text(rest.get(..at).unwrap_or_default().to_owned()));
        pieces.push(Piece::At(kind, when));
        rest = rest.get(at + mark.len()..).unwrap_or_default();
    }
    pieces.push(Piece::Text(rest.to_owned()));
    pieces
}

/// The cut of a kind on the day of a moment; worked out once a day and thread, which no thread waits for. A kind without a rule is not hidden: nothing is
/// destroyed without one either.
fn cut(name: &'static str, now: DateTime<Utc>) -> DateTime<Utc> {
    thread_local! {
        static CUTS: RefCell<HashMap<&'static str, (NaiveDate, DateTime<Utc>)>> = RefCell::default();
    }
    let today = china_day(now);
    let known = CUTS.with_borrow(|cuts| cuts.get(name).copied());
    if let Some((_, cut)) = known.filter(|(day, _)| *day == today) {
        return cut;
    }
    let policy = first_policy().ok();
    let cut = policy.zip(super::kind(name)).and_then(|(p, k)| cut_of(&p, k, now).ok()).unwrap_or_default();
    CUTS.with_borrow_mut(|cuts| cuts.insert(name, (today, cut)));
    cut
}

impl Expression for Served {
    type SqlType = Bool;
}

impl<QS: ?Sized> AppearsOnTable<QS> for Served {}
impl<QS: ?Sized> SelectableExpression<QS> for Served {}

impl<G> ValidGrouping<G> for Served {
    type IsAggregate = is_aggregate::No;
}

impl QueryId for Served {
    type QueryId = ();
    // The text differs by table; statements are kept by their text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Multi> for Served {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Multi>) -> QueryResult<()> {
        let mut moments = self.moments.iter();
        out.push_sql("(1 = 1");
        for piece in self.pieces {
            match piece {
                Piece::Text(text) => out.push_sql(text),
                Piece::At(..) => {
                    if let Some(moment) = moments.next() {
                        out.push_bind_param::<DbTime, Ts>(moment)?;
                    }
                }
            }
        }
        out.push_sql(")");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alias_becomes_the_table() {
        let text = "t.at < 1 AND EXISTS (SELECT 1 FROM codes_t c WHERE c.t = t.id AND at.t.x = (t.state))";
        let want =
            "box.at < 1 AND EXISTS (SELECT 1 FROM codes_t c WHERE c.t = box.id AND at.t.x = (box.state))";
        assert_eq!(of_table(text, "box"), want);
    }

    #[test]
    fn every_table_has_its_moments() {
        for kind in kinds() {
            let pieces = &CONDITIONS[kind.table];
            assert!(pieces.contains(&Piece::At(kind.name, When::Cut)), "{}", kind.name);
            let text: String = pieces.iter().map(|p| if let Piece::Text(t) = p { t } else { "?" }).collect();
            assert!(!text.contains(" t.") && !text.contains("(t.") && !text.contains(':'), "{text}");
        }
    }

    #[test]
    fn outside_of_a_transaction_nothing_is_hidden() {
        assert!(served("inbox").moments.is_empty());
        let now = "2020-03-12T00:00:00Z".parse().unwrap();
        let there = moment::at(now, || served("inbox"));
        assert_eq!(there.moments.first().unwrap().0.to_string(), "2019-09-13 16:00:00 UTC");
    }
}
