//! What a page costs: two queries of the list, with one row and with many; and they are read from indices, in the order of
//! the page, so that they cost the same whatever waits.

use super::fill::fill;
use super::{HERE, LISTS, count, older};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use fugong::access::Role;
use fugong::db::schema::{retention_holds as ho, second_waits as w, tasks as ta};
use fugong::db::{Conn, Id, Js, Ts};
use fugong::error::AppResult;

on_both!(
    a_page_is_two_queries_that_indices_answer,
    the_holds_are_two_queries_as_well,
    tasks_and_what_waits_for_a_second_person_are_two_queries_as_well,
);

/// What every page of an official asks besides: who asks, and the entry of the record.
fn is_of_the_list(statement: &str) -> bool {
    let select = statement.trim_start().to_uppercase().starts_with("SELECT");
    select && !["sessions", "audit_lanes", "audit_entries"].iter().any(|table| statement.contains(table))
}

async fn a_page_is_two_queries_that_indices_answer(app: App) {
    for list in LISTS {
        let mut b = app.official(list.role, HERE).await;
        for rows in [1, 60] {
            fill(&app, list, rows, HERE).await;
            for path in [list.path.to_owned(), format!("{}?tab={}", list.api.0, list.tab)] {
                is_two_queries(&app, &mut b, &path).await;
            }
        }
    }
    app.stop().await;
}

/// That a page is read by two queries, and that both are answered by indices in its order.
async fn is_two_queries(app: &App, b: &mut Browser, path: &str) {
    b.get(path).await.expect(200);
    let (page, heard) = app.heard(b.get(path)).await;
    page.expect(200);
    let asked: Vec<String> = heard.into_iter().filter(|text| is_of_the_list(text)).collect();
    assert_eq!(asked.len(), 2, "{path}: {asked:#?}");
    for statement in asked {
        let plan = plan(app, &statement).await;
        let bad: Vec<&String> = plan.iter().filter(|line| is_long(line)).collect();
        assert!(bad.is_empty(), "{path}: {statement}\n{plan:#?}");
    }
}

/// Holds are of the whole province, and have no place by which they would be found.
async fn the_holds_are_two_queries_as_well(app: App) {
    let staff = app.official_full(Role::ProvinceOperator, "510000").await;
    let mut b = staff.browser;
    for many in [1, 60] {
        holds(&app, (staff.official, staff.office), many).await;
        for path in ["/desk/holds", "/desk/holds?sort=oldest", "/desk/holds?tab=over"] {
            is_two_queries(&app, &mut b, path).await;
        }
    }
    // Nothing is left out between two pages, and what is over is not among those in force.
    let first = b.get("/desk/holds").await.expect(200);
    let second = b.get(&older(&first).expect("61 holds are two pages")).await.expect(200);
    let on = |page: &Answer| page.body.matches("class=\"who\"").count();
    assert_eq!((on(&first), on(&second)), (50, 11));
    assert_eq!(count(&first, "open"), "61");
    app.stop().await;
}

/// Holds that wait, each entered a second after the one before.
async fn holds(app: &App, (official, office): (Id, Id), many: i64) {
    let now = app.clock.now();
    let written = app.deps.store.write(move |tx| {
        for n in 1..=many {
            let (id, until) = (Id::new(), Ts(now + chrono::Duration::days(30)));
            let values = (
                ho::id.eq(id),
                ho::number.eq(format!("HB200312-{}", id.0.simple())),
                ho::kind.eq("declaration"),
                ho::object_id.eq(Id::new()),
                ho::reason_sealed.eq(b"x".to_vec()),
                ho::state.eq("open"),
                ho::until.eq(until),
                ho::review_at.eq(until),
                ho::entered_by.eq(official),
                ho::office_id.eq(office),
                ho::created_at.eq(Ts(now + chrono::Duration::seconds(n))),
            );
            diesel::insert_into(ho::table).values(values).execute(tx.conn())?;
        }
        Ok(())
    });
    written.await.unwrap();
}

/// What programs bring about, and what officials enter for each other: by place, the first to be done first.
async fn tasks_and_what_waits_for_a_second_person_are_two_queries_as_well(app: App) {
    let mut worker = app.official(Role::VillageWorker, HERE).await;
    let officer = app.official_full(Role::ColourOfficer, HERE).await;
    let mut b = officer.browser;
    for many in [1, 60] {
        waiting(&app, (officer.official, officer.office), many).await;
        for path in ["/desk/tasks", "/desk/tasks?kind=call-returned", "/desk/tasks?tab=mine"] {
            is_two_queries(&app, &mut worker, path).await;
        }
        for path in ["/desk/second", "/desk/second?sort=newest", "/desk/second?tab=expired"] {
            is_two_queries(&app, &mut b, path).await;
        }
    }
    for (b, path) in [(&mut worker, "/desk/tasks"), (&mut b, "/desk/second")] {
        let first = b.get(path).await.expect(200);
        let second = b.get(&older(&first).expect("61 are two pages")).await.expect(200);
        let on = |page: &Answer| page.body.matches("class=\"who\"").count();
        assert_eq!((on(&first), on(&second)), (50, 11), "{path}");
    }
    app.stop().await;
}

/// As many tasks, and things that wait for a second official, each a second after the one before.
async fn waiting(app: &App, (official, office): (Id, Id), many: i64) {
    let now = app.clock.now();
    let written = app.deps.store.write(move |tx| {
        for n in 1..=many {
            let (id, at) = (Id::new(), Ts(now + chrono::Duration::seconds(n)));
            let until = Ts(now + chrono::Duration::days(3) + chrono::Duration::seconds(n));
            let task = (
                ta::id.eq(id),
                ta::number.eq(format!("RW200312-{}", id.0.simple())),
                ta::kind.eq("call-returned"),
                ta::role.eq(Role::VillageWorker.code()),
                ta::subject.eq(id),
                ta::day.eq("2020-03-12"),
                ta::division.eq(HERE),
                ta::due_at.eq(until),
                ta::state.eq("open"),
                ta::version.eq(1),
                ta::created_at.eq(at),
            );
            diesel::insert_into(ta::table).values(task).execute(tx.conn())?;
            let wait = (
                w::id.eq(id),
                w::kind.eq("record"),
                w::holder_id.eq(id),
                w::division.eq(HERE),
                w::roles.eq(format!(" {} ", Role::ColourOfficer.code())),
                w::detail.eq(Js(serde_json::json!({"kind": "close_contact"}))),
                w::state.eq("open"),
                w::entered_by.eq(official),
                w::office_id.eq(office),
                w::entered_at.eq(at),
                w::expires_at.eq(until),
            );
            diesel::insert_into(w::table).values(wait).execute(tx.conn())?;
        }
        Ok(())
    });
    written.await.unwrap();
}

/// Whether a line of a plan walks through a table, or sorts one.
fn is_long(line: &str) -> bool {
    let line = line.trim();
    let tables = [
        "code_appeals",
        "declarations",
        "certificates",
        "persons",
        "code_states",
        "applications",
        "application_reviews",
        "businesses",
        "business_agents",
        "identity_claims",
        "retention_holds",
        "tasks",
        "second_waits",
    ];
    let walks = tables
        .iter()
        .any(|table| line == format!("SCAN {table}") || line.contains(&format!("Seq Scan on {table}")));
    walks || (line.contains("TEMP B-TREE") && line.contains("ORDER BY")) || line.contains("Sort Key")
}

#[derive(QueryableByName)]
struct Detail {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct Planned {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// The plan of a statement, whatever its values.
async fn plan(app: &App, statement: &str) -> Vec<String> {
    let text = statement.split(" -- binds").next().unwrap().to_owned();
    app.deps.store.read(move |conn| explained(conn, &text)).await.unwrap()
}

fn explained(conn: &mut Conn, text: &str) -> AppResult<Vec<String>> {
    match conn {
        Conn::Sqlite(conn) => {
            let lines = diesel::sql_query(format!("EXPLAIN QUERY PLAN {text}")).load::<Detail>(conn)?;
            Ok(lines.into_iter().map(|line| line.detail).collect())
        }
        // With a few rows the planner would rather walk than look up, and rather sort than keep an order.
        Conn::Pg(conn) => {
            let settings = ["seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin", "material"];
            let set = |to: &str| settings.map(|name| format!("SET enable_{name} = {to};")).concat();
            conn.batch_execute(&format!("SET plan_cache_mode = force_generic_plan; {}", set("off")))?;
            conn.batch_execute(&format!("PREPARE looked_at AS {text}"))?;
            let values = (1..).take_while(|n| text.contains(&format!("${n}"))).map(|_| "NULL");
            let values = values.collect::<Vec<_>>().join(", ");
            let lines =
                diesel::sql_query(format!("EXPLAIN EXECUTE looked_at ({values})")).load::<Planned>(conn)?;
            conn.batch_execute(&format!("DEALLOCATE looked_at; RESET plan_cache_mode; {}", set("on")))?;
            Ok(lines.into_iter().map(|line| line.line).collect())
        }
    }
}
