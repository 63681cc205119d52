//! The wall: what is past its period is served to nobody, also in the time until the night's run destroys it. A query
//! that reads records of people for a page, an interface, a copy or a list has `.filter(served("<table>"))`; the condition
//! is made of the same lines of `kept.rs` as the destruction, so the two cannot say different things.

use super::term::cut_of;
use super::{HELD, Kind, UNCONFIRMED, held};
use crate::clock::china_day;
use crate::db::conn::Multi;
use crate::db::types::DbTime;
use crate::db::{Ts, moment};
use crate::policy::RuleSet;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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

/// What a portal keeps and by which rules: its store tells the queries ([`crate::db::Store::telling`]).
pub struct Wall {
    /// Every kind, in the order of destruction: what rests on another record goes before it.
    pub kinds: Vec<&'static Kind>,
    /// The rules in force.
    pub policy: Arc<RuleSet>,
    conditions: HashMap<&'static str, Vec<Piece>>,
    /// What tells it from those of other portals in the process.
    number: u64,
}

static NEXT: AtomicU64 = AtomicU64::new(0);

impl Wall {
    /// Of these kinds and rules.
    pub fn of(kinds: impl Iterator<Item = &'static Kind>, policy: Arc<RuleSet>) -> Self {
        let kinds: Vec<_> = kinds.collect();
        let mut conditions: HashMap<&'static str, Vec<Piece>> = HashMap::new();
        for kind in &kinds {
            conditions.entry(kind.table).or_default().extend(condition(kind));
        }
        Self { kinds, policy, conditions, number: NEXT.fetch_add(1, Ordering::Relaxed) }
    }

    /// A kind by its name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&'static Kind> {
        self.kinds.iter().copied().find(|kind| kind.name == name)
    }

    /// The cut of a kind on the day of a moment; worked out once a day and thread, which no thread waits for. A kind without
    /// a rule is not hidden: nothing is destroyed without one either.
    fn cut(&self, name: &'static str, now: DateTime<Utc>) -> DateTime<Utc> {
        type Cuts = HashMap<(u64, &'static str), (NaiveDate, DateTime<Utc>)>;
        thread_local! {
            static CUTS: RefCell<Cuts> = RefCell::default();
        }
        let (key, today) = ((self.number, name), china_day(now));
        let known = CUTS.with_borrow(|cuts| cuts.get(&key).copied());
        if let Some((_, cut)) = known.filter(|(day, _)| *day == today) {
            return cut;
        }
        let cut = self.kind(name).and_then(|kind| cut_of(&self.policy, kind, now).ok()).unwrap_or_default();
        CUTS.with_borrow_mut(|cuts| cuts.insert(key, (today, cut)));
        cut
    }
}

/// The condition that a row of a table is past its period by none of the table's kinds.
#[derive(Clone, Default)]
pub struct Served {
    wall: Option<Arc<Wall>>,
    table: &'static str,
    /// One for each [`Piece::At`].
    moments: Vec<Ts>,
}

/// Rows of a table that are not past their period at the moment of the transaction. Outside of a transaction of the portal
/// there is no present, and everything is there.
#[must_use]
pub fn served(table: &'static str) -> Served {
    let (Some(wall), Some(now)) = (moment::told::<Wall>(), moment::present()) else {
        return Served::default();
    };
    debug_assert!(wall.conditions.contains_key(table), "{table} has no kind of record");
    let pieces = wall.conditions.get(table).map_or(&[][..], Vec::as_slice);
    let moments = pieces.iter().filter_map(|piece| match piece {
        Piece::At(_, When::Now) => Some(now.into()),
        Piece::At(_, When::Lapsed) => Some((now - UNCONFIRMED).into()),
        Piece::At(kind, When::Cut) => Some(wall.cut(kind, now).into()),
        Piece::Text(_) => None,
    });
    let moments = moments.collect();
    Served { wall: Some(wall), table, moments }
}

impl Served {
    fn pieces(&self) -> &[Piece] {
        let found = self.wall.as_ref().and_then(|wall| wall.conditions.get(self.table));
        found.map_or(&[], Vec::as_slice)
    }
}

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
        for piece in self.pieces() {
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

    const BOX: Kind = Kind { name: "declaration", table: "box", ..super::super::PLAIN };

    #[test]
    fn a_table_has_its_moments_and_outside_of_a_transaction_nothing_is_hidden() {
        static KIND: Kind = BOX;
        let wall = Arc::new(Wall::of(std::iter::once(&KIND), crate::policy::first_policy().unwrap()));
        assert!(served("box").moments.is_empty());
        let now = "2020-03-12T00:00:00Z".parse().unwrap();
        let there = moment::at(now, Some(wall.clone()), || served("box"));
        let days = crate::kept::days_of(&wall.policy, &KIND, now).unwrap().unwrap().1;
        assert_eq!(there.moments.first().unwrap().0, crate::kept::cut_off(now, days));
        assert!(there.pieces().contains(&Piece::At("declaration", When::Cut)));
    }
}
