//! The two migration trees make the same schema, and it is the one that `src/db/schema.rs` says.

use crate::harness::{postgres, scratch};
use diesel::prelude::*;
use diesel::sql_types::Text;
use fugong::db::{DatabaseUrl, MigrationState, migration_state, run_migrations};
use std::collections::BTreeSet;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

const SQLITE_COLUMNS: &str = "SELECT m.name || '.' || p.name || ' ' || lower(p.type) || CASE WHEN p.\"notnull\" = 1 \
    OR p.pk > 0 THEN ' not null' ELSE '' END AS line FROM sqlite_master m JOIN pragma_table_info(m.name) p \
    WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'";
const POSTGRES_COLUMNS: &str = "SELECT table_name || '.' || column_name || ' ' || data_type || CASE WHEN is_nullable = \
    'NO' THEN ' not null' ELSE '' END AS line FROM information_schema.columns WHERE table_schema = 'public' \
    AND table_name NOT LIKE '\\_\\_diesel%'";
const SQLITE_INDEXES: &str =
    "SELECT name || ' on ' || tbl_name AS line FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
const POSTGRES_INDEXES: &str = "SELECT i.relname || ' on ' || t.relname AS line FROM pg_index x \
    JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
    JOIN pg_namespace n ON n.oid = t.relnamespace LEFT JOIN pg_constraint c ON c.conindid = i.oid \
    WHERE n.nspname = 'public' AND c.oid IS NULL";

fn lines<C: diesel::connection::LoadConnection>(conn: &mut C, query: &str) -> BTreeSet<String>
where
    diesel::query_builder::SqlQuery: diesel::query_dsl::LoadQuery<'static, C, Line>,
{
    diesel::sql_query(query).load::<Line>(conn).unwrap().into_iter().map(|l| l.line).collect()
}

/// Both databases' names for a type.
fn common(line: &str) -> String {
    [(" timestamp with time zone", " bigint"), (" uuid", " blob"), (" bytea", " blob"), (" jsonb", " text")]
        .iter()
        .fold(line.to_owned(), |line, (postgres, sqlite)| line.replace(postgres, sqlite))
}

#[test]
fn both_trees_make_the_same_schema() {
    let path = scratch("parity.db");
    run_migrations(&DatabaseUrl::Sqlite(path.clone())).unwrap();
    let mut sqlite = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    let Some(url) = postgres::fresh_database() else { return };
    let mut pg = PgConnection::establish(&url).unwrap();
    let ours: BTreeSet<String> = lines(&mut sqlite, SQLITE_COLUMNS).iter().map(|l| common(l)).collect();
    let theirs: BTreeSet<String> = lines(&mut pg, POSTGRES_COLUMNS).iter().map(|l| common(l)).collect();
    assert!(ours.len() > 200, "only {} columns were seen", ours.len());
    let differ: Vec<_> = ours.symmetric_difference(&theirs).collect();
    assert!(differ.is_empty(), "columns that differ: {differ:#?}");
    let (ours, theirs) = (lines(&mut sqlite, SQLITE_INDEXES), lines(&mut pg, POSTGRES_INDEXES));
    let differ: Vec<_> = ours.symmetric_difference(&theirs).collect();
    assert!(differ.is_empty(), "indexes that differ: {differ:#?}");
}

#[test]
fn both_trees_have_the_same_names_and_can_be_taken_back() {
    let names = |tree: &str| -> BTreeSet<String> {
        std::fs::read_dir(format!("{}/migrations/{tree}", env!("CARGO_MANIFEST_DIR")))
            .unwrap()
            .map(|d| d.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for tree in ["sqlite", "postgres"] {
        for name in names(tree) {
            let down = format!("{}/migrations/{tree}/{name}/down.sql", env!("CARGO_MANIFEST_DIR"));
            assert!(std::path::Path::new(&down).exists(), "{down} is missing");
        }
    }
}

#[test]
fn every_table_of_the_program_can_be_read() {
    let path = scratch("read.db");
    run_migrations(&DatabaseUrl::Sqlite(path.clone())).unwrap();
    let mut conn = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db");
    let files = std::fs::read_dir(root.join("schema")).unwrap().map(|file| file.unwrap().path());
    let files = files.chain([root.join("schema.rs")]);
    let schema: String = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let columns = lines(&mut conn, SQLITE_COLUMNS);
    let mut table = String::new();
    let mut seen = 0;
    for line in schema.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with("{")) {
            table = name.to_owned();
        } else if let Some((name, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let kind = match kind.trim_start_matches("Nullable<").trim_end_matches('>') {
                "DbUuid" | "Binary" => "blob",
                "DbTime" | "BigInt" => "bigint",
                "DbJson" | "Text" => "text",
                "Integer" => "integer",
                "Bool" => "boolean",
                other => panic!("a type this test does not know: {other}"),
            };
            let null = if line.contains("Nullable<") { "" } else { " not null" };
            let wanted = format!("{table}.{name} {kind}{null}");
            assert!(columns.contains(&wanted), "{wanted} is in schema.rs but not in the database");
            seen += 1;
        }
    }
    assert_eq!(seen, columns.len(), "schema.rs does not name every column");
}

#[test]
fn a_newer_database_is_not_touched() {
    let path = scratch("newer.db");
    let url = DatabaseUrl::Sqlite(path.clone());
    run_migrations(&url).unwrap();
    assert_eq!(migration_state(&url).unwrap(), MigrationState::Current);
    let mut conn = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    diesel::sql_query(
        "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('9999', '2030-01-01')",
    )
    .execute(&mut conn)
    .unwrap();
    assert!(matches!(migration_state(&url).unwrap(), MigrationState::Newer(_)));
    let refused = run_migrations(&url).unwrap_err().to_string();
    assert!(refused.contains("newer version"), "{refused}");
}
