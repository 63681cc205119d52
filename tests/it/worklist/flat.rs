//! By hand (`cargo test --test it worklist::flat -- --ignored --nocapture`): a page with a thousand rows and with a million.
//! The figures of `docs/worklists.md` are from here.

use super::fill::appeals;
use super::{HERE, LISTS, numbers};
use crate::harness::App;
use diesel::connection::SimpleConnection;
use fugong::access::Role;
use fugong::db::Conn;
use std::time::Instant;

/// Appeals after those that are there, which nobody opens: half wait in the county, half are decided.
fn more(conn: &mut Conn, rows: usize) {
    let columns = "number, account_id, person_id, division, rule, state, version, statement_sealed, clock, due_at, created_at";
    let copied = "'X' || i || '-' || :id, account_id, person_id, division, rule, \
        CASE WHEN i % 2 = 0 THEN 'submitted' ELSE 'upheld' END, version, statement_sealed, clock, due_at, created_at";
    match conn {
        Conn::Sqlite(conn) => conn.batch_execute(&format!(
            "INSERT INTO code_appeals (id, {columns}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
             WHERE i < {rows}) SELECT x'ffff' || randomblob(14), {} FROM n, (SELECT * FROM code_appeals ORDER BY id LIMIT 1)",
            copied.replace(":id", "hex(randomblob(6))")
        )),
        Conn::Pg(conn) => conn.batch_execute(&format!(
            "INSERT INTO code_appeals (id, {columns}) SELECT ('ffff' || substr(gen_random_uuid()::text, 5))::uuid, {} \
             FROM generate_series(1, {rows}) AS n(i), (SELECT * FROM code_appeals ORDER BY id LIMIT 1) AS a; ANALYZE code_appeals",
            copied.replace(":id", "substr(gen_random_uuid()::text, 1, 12)")
        )),
    }
    .unwrap();
}

async fn measured(app: App) {
    let list = &LISTS[0];
    appeals(&app, 60, HERE, "submitted").await;
    for (jurisdiction, name) in [(HERE, "county"), ("511600", "prefecture"), ("510000", "province")] {
        let mut b = app.official(Role::AppealReviewer, jurisdiction).await;
        time(&mut b, list, &format!("60 rows, {name}")).await;
    }
    let mut before = 60;
    for rows in [1_000, 100_000, 1_000_000] {
        // A connection of its own: the portal's writer is for short work.
        let url = app.deps.config.database.clone();
        let count = rows - before;
        let mut conn = match &url {
            fugong::db::DatabaseUrl::Sqlite(path) => {
                use diesel::Connection;
                Conn::Sqlite(diesel::SqliteConnection::establish(&path.to_string_lossy()).unwrap())
            }
            fugong::db::DatabaseUrl::Postgres(url) => {
                use diesel::Connection;
                Conn::Pg(diesel::PgConnection::establish(url).unwrap())
            }
        };
        more(&mut conn, count);
        before = rows;
        for (jurisdiction, name) in [(HERE, "county"), ("511600", "prefecture"), ("510000", "province")] {
            let mut b = app.official(Role::AppealReviewer, jurisdiction).await;
            time(&mut b, list, &format!("{rows} rows, {name}")).await;
        }
    }
    app.stop().await;
}

async fn time(b: &mut crate::harness::browser::Browser, list: &super::List, what: &str) {
    let mut all = Vec::new();
    for _ in 0..21 {
        let begin = Instant::now();
        let page = b.get(list.path).await.expect(200);
        all.push(begin.elapsed());
        assert_eq!(numbers(&page, list).len(), 50);
    }
    all.sort();
    println!("{what}: {:?} in the middle, {:?} at most", all[10], all[20]);
}

mod by_hand {
    #[actix_web::test]
    #[ignore = "a million rows: by hand"]
    async fn sqlite() {
        super::measured(crate::harness::App::sqlite().await).await;
    }

    #[actix_web::test]
    #[ignore = "a million rows: by hand"]
    async fn postgres() {
        let Some(app) = crate::harness::App::postgres().await else { return };
        super::measured(app).await;
    }
}
