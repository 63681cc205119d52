//! Statements for paths that write thousands of rows a second.
//!
//! The query builder writes the text of an INSERT anew for each call, and it never keeps an UPDATE or a statement from
//! `sql_query` prepared, so that the database plans each of them anew. Statements made here have a text of their own
//! that is prepared once a connection; types are those of the schema, checked by the compiler as the query builder's
//! are.

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;
use std::marker::PhantomData;

/// A statement whose text never changes, so that its type alone tells which one it is.
pub trait Statement: 'static {
    /// The SQL types of a row that it gives; `()` of one that gives none.
    type Row;

    /// The text between the places for values: one piece more than there are values.
    fn pieces() -> &'static [String];
}

/// A statement without values yet.
#[derive(Debug, Clone, Copy)]
pub struct Prepared<S>(PhantomData<S>);

/// A statement with one value more, of SQL type `T`.
#[derive(Debug, Clone, Copy)]
pub struct Bound<S, Q, V, T> {
    query: Q,
    value: V,
    /// The text after the value.
    after: &'static str,
    /// How many values there are with this one.
    count: usize,
    of: PhantomData<(S, T)>,
}

/// The text after so many values.
fn piece<S: Statement>(count: usize) -> &'static str {
    S::pieces().get(count).map_or("", String::as_str)
}

impl<S: Statement> Prepared<S> {
    /// The statement.
    pub fn new() -> Self {
        Self(PhantomData)
    }

    /// The first value.
    pub fn bind<T, V>(self, value: V) -> Bound<S, Self, V, T> {
        Bound { query: self, value, after: piece::<S>(1), count: 1, of: PhantomData }
    }
}

impl<S: Statement> Default for Prepared<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Statement, Q, V, T> Bound<S, Q, V, T> {
    /// The next value.
    pub fn bind<T2, V2>(self, value: V2) -> Bound<S, Self, V2, T2> {
        let count = self.count + 1;
        Bound { query: self, value, after: piece::<S>(count), count, of: PhantomData }
    }
}

impl<S: Statement> QueryId for Prepared<S> {
    type QueryId = S;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<S: Statement, Q, V, T> QueryId for Bound<S, Q, V, T> {
    type QueryId = S;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<S: Statement, DB: Backend> QueryFragment<DB> for Prepared<S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(piece::<S>(0));
        Ok(())
    }
}

impl<S, Q, V, T, DB> QueryFragment<DB> for Bound<S, Q, V, T>
where
    DB: Backend + HasSqlType<T>,
    Q: QueryFragment<DB>,
    V: ToSql<T, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_bind_param(&self.value)?;
        out.push_sql(self.after);
        Ok(())
    }
}

impl<S: Statement> Query for Prepared<S> {
    type SqlType = S::Row;
}

impl<S: Statement, Q, V, T> Query for Bound<S, Q, V, T> {
    type SqlType = S::Row;
}

impl<S, Conn> diesel::RunQueryDsl<Conn> for Prepared<S> {}
impl<S, Q, V, T, Conn> diesel::RunQueryDsl<Conn> for Bound<S, Q, V, T> {}

/// A text with `?` for each value, cut there.
pub fn cut(text: &str) -> Vec<String> {
    text.split('?').map(str::to_owned).collect()
}

/// `INSERT INTO "t" ("a", "b") VALUES (?, ?)` and what follows.
pub fn insert_text(table: &str, columns: &[&str], tail: &str) -> String {
    let names: Vec<String> = columns.iter().map(|c| format!("\"{c}\"")).collect();
    let places = vec!["?"; columns.len()];
    format!("INSERT INTO \"{table}\" ({}) VALUES ({}) {tail}", names.join(", "), places.join(", "))
        .trim_end()
        .to_owned()
}

/// `UPDATE "t" SET "version" = "version" + 1, "a" = ?, "b" = ? WHERE "id" = ?`.
pub fn update_text(table: &str, columns: &[&str], key: &str) -> String {
    let set: Vec<String> = columns.iter().map(|c| format!("\"{c}\" = ?")).collect();
    format!("UPDATE \"{table}\" SET \"version\" = \"version\" + 1, {} WHERE \"{key}\" = ?", set.join(", "))
}

/// Runs a statement that is prepared once: `run!(conn, "UPDATE … ? … ?", Text => value, DbUuid => value)`. Gives what
/// diesel's `execute` does.
macro_rules! run {
    ($conn:expr, $sql:expr $(, $type:ty => $value:expr)* $(,)?) => {
        diesel::RunQueryDsl::execute($crate::db::hot::statement!((), $sql $(, $type => $value)*), $conn)
    };
}

/// The rows of a query that is prepared once: `fetch!(conn, (Text, Bool), "SELECT … ?", DbUuid => value)`. Gives what
/// diesel's `load` does.
macro_rules! fetch {
    ($conn:expr, $row:ty, $sql:expr $(, $type:ty => $value:expr)* $(,)?) => {
        diesel::RunQueryDsl::load($crate::db::hot::statement!($row, $sql $(, $type => $value)*), $conn)
    };
}

/// A statement of a text of its own, with its values.
macro_rules! statement {
    ($row:ty, $sql:expr $(, $type:ty => $value:expr)* $(,)?) => {{
        struct This;
        impl $crate::db::hot::Statement for This {
            type Row = $row;
            fn pieces() -> &'static [String] {
                static PIECES: std::sync::LazyLock<Vec<String>> =
                    std::sync::LazyLock::new(|| $crate::db::hot::cut(&$sql));
                &PIECES
            }
        }
        $crate::db::hot::Prepared::<This>::new()$(.bind::<$type, _>($value))*
    }};
}

/// Inserts a row: `insert_row!(conn, table, { column: value, … })`, with `"ON CONFLICT DO NOTHING"` after it where that
/// is meant. `table` is the module of the schema under its own name.
macro_rules! insert_row {
    ($conn:expr, $table:ident, { $($column:ident: $value:expr),+ $(,)? } $(, $tail:literal)?) => {
        $crate::db::hot::run!(
            $conn,
            $crate::db::hot::insert_text(stringify!($table), &[$(stringify!($column)),+], concat!($($tail)?)),
            $(diesel::dsl::SqlTypeOf<$table::$column> => $value),+
        )
    };
}

/// Updates the row of a key and counts its version up: `update_row!(conn, table, { column: value, … }, id = key)`.
macro_rules! update_row {
    ($conn:expr, $table:ident, { $($column:ident: $value:expr),+ $(,)? }, $key:ident = $id:expr) => {
        $crate::db::hot::run!(
            $conn,
            $crate::db::hot::update_text(stringify!($table), &[$(stringify!($column)),+], stringify!($key)),
            $(diesel::dsl::SqlTypeOf<$table::$column> => $value,)+
            diesel::dsl::SqlTypeOf<$table::$key> => $id
        )
    };
}

pub(crate) use {fetch, insert_row, run, statement, update_row};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_a_place_for_each_value() {
        assert_eq!(insert_text("t", &["a", "b"], ""), r#"INSERT INTO "t" ("a", "b") VALUES (?, ?)"#);
        assert_eq!(
            insert_text("t", &["a"], "ON CONFLICT DO NOTHING"),
            r#"INSERT INTO "t" ("a") VALUES (?) ON CONFLICT DO NOTHING"#
        );
        assert_eq!(
            update_text("t", &["a", "b"], "id"),
            r#"UPDATE "t" SET "version" = "version" + 1, "a" = ?, "b" = ? WHERE "id" = ?"#
        );
        assert_eq!(cut("a = ? AND b = ?"), ["a = ", " AND b = ", ""]);
    }
}
