//! Conditions and pieces of statements that the query builder has no words for, over both databases.
//!
//! A worklist of a state or of several, of a county or of a province, is to cost the same with a thousand rows and with a
//! million. So each piece of it (a state, a way to be found) is read by itself in the order of an index, no further than a
//! page goes ([`Lane`]); their identifiers together are the few rows that may stand on the page ([`Among`]), which are then
//! read with everything they need.

use crate::db::conn::Multi;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Text};

/// A statement that gives the identifiers (a column named `id`) of rows in the order of the page, and not too many.
pub struct Lane(Box<dyn QueryFragment<Multi>>);

impl Lane {
    /// This statement.
    pub fn of(query: impl QueryFragment<Multi> + 'static) -> Self {
        Self(Box::new(query))
    }
}

/// A boxed query of what stands behind the key `after` in the order of a moment and an identifier. The first condition alone
/// bounds the scan of an index; the second leaves out what stands at the same moment before the key.
macro_rules! behind {
    ($query:expr, ($at:expr, $id:expr), $newest_first:expr, $after:expr) => {
        match ($after, $newest_first) {
            (None, _) => $query,
            (Some((at, id)), true) => $query.filter($at.le(*at)).filter($at.lt(*at).or($id.lt(*id))),
            (Some((at, id)), false) => $query.filter($at.ge(*at)).filter($at.gt(*at).or($id.gt(*id))),
        }
    };
}
pub(crate) use behind;

/// A boxed query in the order of a moment and an identifier.
macro_rules! in_order {
    ($query:expr, ($at:expr, $id:expr), $newest_first:expr) => {{
        let query = $query;
        if $newest_first {
            query.order(($at.desc(), $id.desc()))
        } else {
            query.order(($at.asc(), $id.asc()))
        }
    }};
}
pub(crate) use in_order;

/// A boxed query in that order from behind a key on.
macro_rules! ordered {
    ($query:expr, ($at:expr, $id:expr), $newest_first:expr, $after:expr) => {
        $crate::worklist::in_order!(
            $crate::worklist::behind!($query, ($at, $id), $newest_first, $after),
            ($at, $id),
            $newest_first
        )
    };
}
pub(crate) use ordered;

/// `SELECT id FROM (lane) UNION ALL SELECT id FROM (lane) …`; without lanes nothing.
pub(super) fn together<'b>(lanes: &'b [Lane], mut out: AstPass<'_, 'b, Multi>) -> QueryResult<()> {
    if lanes.is_empty() {
        out.push_sql("SELECT CAST(NULL AS UUID) AS id WHERE 1 = 0");
    }
    for (at, lane) in lanes.iter().enumerate() {
        if at > 0 {
            out.push_sql(" UNION ALL ");
        }
        out.push_sql("SELECT id FROM (");
        lane.0.walk_ast(out.reborrow())?;
        out.push_sql(&format!(") AS lane_{at}"));
    }
    Ok(())
}

/// Writes what every condition of this file is to the query builder: a truth about any table, whose text differs.
macro_rules! condition {
    ($name:ty) => {
        impl Expression for $name {
            type SqlType = Bool;
        }
        impl<QS: ?Sized> AppearsOnTable<QS> for $name {}
        impl<QS: ?Sized> SelectableExpression<QS> for $name {}
        impl<G> ValidGrouping<G> for $name {
            type IsAggregate = is_aggregate::No;
        }
        impl QueryId for $name {
            type QueryId = ();
            // Statements are kept by their text.
            const HAS_STATIC_QUERY_ID: bool = false;
        }
    };
}

/// The condition that a row is among those of some lanes.
pub struct Among {
    column: &'static str,
    lanes: Vec<Lane>,
}

impl Among {
    /// By a column, with the name of its table.
    #[must_use]
    pub fn of(column: &'static str, lanes: Vec<Lane>) -> Self {
        Self { column, lanes }
    }
}

condition!(Among);

impl QueryFragment<Multi> for Among {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Multi>) -> QueryResult<()> {
        out.push_sql(self.column);
        out.push_sql(" IN (");
        together(&self.lanes, out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// The condition that a division lies in a jurisdiction, in words that an index of counties or of prefectures
/// (`substr(division, 1, 6)`, `substr(division, 1, 4)`) answers in the order of what stands behind it.
#[derive(Debug, Clone)]
pub struct Within {
    column: &'static str,
    /// The county or the prefecture.
    part: Option<String>,
    first: String,
    last: String,
}

impl Within {
    /// By a column, with the name of its table, and a pattern of [`crate::access::pattern`].
    #[must_use]
    pub fn of(column: &'static str, pattern: &str) -> Self {
        let (first, last) = crate::access::span(pattern);
        let part = first.get(..6).or_else(|| first.get(..4)).map(str::to_owned);
        Self { column, part, first, last }
    }
}

condition!(Within);

impl QueryFragment<Multi> for Within {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Multi>) -> QueryResult<()> {
        out.push_sql("(");
        if let Some(part) = &self.part {
            out.push_sql(&format!("substr({}, 1, {}) = ", self.column, part.len()));
            out.push_bind_param::<Text, String>(part)?;
            out.push_sql(" AND ");
        }
        out.push_sql(self.column);
        out.push_sql(" BETWEEN ");
        out.push_bind_param::<Text, String>(&self.first)?;
        out.push_sql(" AND ");
        out.push_bind_param::<Text, String>(&self.last)?;
        out.push_sql(")");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jurisdiction_is_asked_for_by_the_widest_part_that_an_index_has() {
        let of = |division| Within::of("t.division", &crate::access::pattern(division));
        for (division, part) in [
            ("510000", None),
            ("511600", Some("5116")),
            ("511621", Some("511621")),
            ("511621100", Some("511621")),
        ] {
            assert_eq!(of(division).part.as_deref(), part, "{division}");
        }
        assert_eq!(
            (of("511621100").first.as_str(), of("511621100").last.as_str()),
            ("511621100", "511621100999")
        );
    }
}
