//! What stands beside the rows, in one query: how many there are in each tab, the saved views, and to whom rows can be given.

use super::sql::{Lane, together};
use crate::db::conn::Multi;
use crate::db::types::DbUuid;
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::web::paging::COUNTED;
use crate::web::principal::OfficialPrincipal;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

/// A view that somebody has saved: a tab with its filters and order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its identifier.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// The query of its address, as it was checked when it was saved.
    pub place: String,
    /// Whether the whole office has it.
    pub shared: bool,
}

/// Counts and views.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// How many stand in each counted tab: one more than [`COUNTED`] for more.
    pub counts: Vec<(&'static str, i64)>,
    /// The views of the official and of the office, by name.
    pub views: Vec<View>,
    /// Colleagues to whom rows can be given, by name; none where nothing is given.
    pub colleagues: Vec<(Id, String)>,
}

/// The lanes of a counted tab.
pub(super) type Counted = (&'static str, Vec<Lane>);

/// The statement. Its first rows are the views, which also give the columns their types.
struct Statement<'a> {
    list: &'a str,
    official: Id,
    office: Id,
    tabs: &'a [Counted],
    colleagues: Option<&'a Lane>,
}

type Line = (Text, BigInt, Nullable<DbUuid>, Nullable<Text>, Nullable<Text>, Nullable<Bool>);

impl Query for Statement<'_> {
    type SqlType = Line;
}

impl RunQueryDsl<Conn> for Statement<'_> {}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Multi> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Multi>) -> QueryResult<()> {
        out.push_sql(
            "SELECT '' AS tab, CAST(0 AS BIGINT) AS found, id, name, place, office_id IS NOT NULL AS shared \
             FROM saved_views WHERE list = ",
        );
        out.push_bind_param::<Text, str>(self.list)?;
        out.push_sql(" AND (official_id = ");
        out.push_bind_param::<DbUuid, Id>(&self.official)?;
        out.push_sql(" OR office_id = ");
        out.push_bind_param::<DbUuid, Id>(&self.office)?;
        out.push_sql(")");
        for (tab, lanes) in self.tabs {
            out.push_sql(" UNION ALL SELECT '");
            out.push_sql(tab);
            out.push_sql("', (SELECT COUNT(*) FROM (");
            together(lanes, out.reborrow())?;
            out.push_sql(&format!(" LIMIT {}) AS few), NULL, NULL, NULL, NULL", COUNTED + 1));
        }
        if let Some(colleagues) = self.colleagues {
            out.push_sql(" UNION ALL SELECT '', 0, id, name, NULL, NULL FROM officials WHERE id IN (");
            together(std::slice::from_ref(colleagues), out.reborrow())?;
            out.push_sql(")");
        }
        Ok(())
    }
}

/// Reads both.
///
/// # Errors
/// Database errors.
pub(super) fn read(
    conn: &mut Conn,
    list: &str,
    who: &OfficialPrincipal,
    tabs: &[Counted],
    colleagues: Option<&Lane>,
) -> AppResult<Beside> {
    let statement = Statement { list, official: who.official_id, office: who.office_id, tabs, colleagues };
    type Row = (String, i64, Option<Id>, Option<String>, Option<String>, Option<bool>);
    let mut beside = Beside::default();
    for (tab, found, id, name, place, shared) in statement.load::<Row>(conn)? {
        if let (Some(id), Some(name)) = (id, name) {
            match place {
                Some(place) => beside.views.push(View { id, name, place, shared: shared.unwrap_or(false) }),
                None => beside.colleagues.push((id, name)),
            }
        } else if let Some((code, _)) = tabs.iter().find(|(code, _)| *code == tab) {
            beside.counts.push((code, found));
        }
    }
    beside.colleagues.sort_by(|(one, a), (other, b)| (a, one).cmp(&(b, other)));
    beside.views.sort_by(|a, b| (a.shared, &a.name).cmp(&(b.shared, &b.name)));
    Ok(beside)
}
