//! A database that is full while a list is on its way: the step that it hits is undone as a whole, whoever asks for something
//! hears that it is our fault, and afterwards it can be stopped and goes on where it was.

use super::{draft, people, staff, told, turn};
use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use fugong::db::Conn;
use fugong::db::schema::{import_rows, imports};
use reqwest::Method;
use serde_json::json;

on_both!(a_step_that_cannot_be_stored_is_none);

/// What databases say when their disk is full, from where rows are stored, where they go, and where it is noted how far it is.
const PLACES: [(&str, &str); 3] =
    [("import_rows", "INSERT"), ("import_rows", "DELETE"), ("imports", "UPDATE")];

/// Fills the disk, or makes room again.
async fn full(app: &App, is_full: bool) {
    let done = app.deps.store.write(move |tx| {
        let sqlite = matches!(tx.conn(), Conn::Sqlite(_));
        let mut text = String::new();
        if is_full && !sqlite {
            text.push_str(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;",
            );
        }
        for (n, (table, event)) in PLACES.iter().enumerate() {
            text.push_str(&match (is_full, sqlite) {
                (true, true) => format!(
                    "CREATE TRIGGER no_room_{n} BEFORE {event} ON {table} BEGIN \
                     SELECT RAISE(ABORT, 'database or disk is full'); END;"
                ),
                (true, false) => format!(
                    "CREATE TRIGGER no_room_{n} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION no_room();"
                ),
                (false, true) => format!("DROP TRIGGER no_room_{n};"),
                (false, false) => format!("DROP TRIGGER no_room_{n} ON {table};"),
            });
        }
        if !is_full && !sqlite {
            text.push_str("DROP FUNCTION no_room();");
        }
        match tx.conn() {
            Conn::Sqlite(conn) => conn.batch_execute(&text)?,
            Conn::Pg(conn) => conn.batch_execute(&text)?,
        }
        Ok(())
    });
    done.await.unwrap();
}

async fn a_step_that_cannot_be_stored_is_none(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = draft(&mut b, 67, 600).await;
    let path = format!("/api/v1/applications/{number}/imports");
    let right = [("mode", "right")];
    let list = people(600);
    // It cannot even be kept: nothing of it is there.
    full(&app, true).await;
    let refused = b.upload_with(&path, &right, ("file", "名单.csv"), list.as_bytes()).await.expect(503);
    assert!(refused.headers.contains_key("retry-after"));
    let left = app.deps.store.read(|c| {
        Ok((imports::table.count().get_result::<i64>(c)?, import_rows::table.count().get_result::<i64>(c)?))
    });
    assert_eq!(left.await.unwrap(), (0, 0));
    // The same list is taken once there is room, and its second step meets the end of it.
    full(&app, false).await;
    let begun = b.upload_with(&path, &right, ("file", "名单.csv"), list.as_bytes()).await.expect(201).json();
    let id = begun["id"].as_str().unwrap().to_owned();
    turn(&app).await;
    assert_eq!(staff(&mut b, &number).await, 250);
    full(&app, true).await;
    turn(&app).await;
    let after = told(&mut b, &number, &id).await;
    assert_eq!((&after["state"], &after["taken"]), (&json!("running"), &json!(250)), "no half step");
    assert_eq!(staff(&mut b, &number).await, 250);
    let api = format!("{path}/{id}");
    let refused = b.api(Method::POST, &api, &json!({"do": "stop"})).await.expect(503);
    assert!(refused.headers.contains_key("retry-after"));
    full(&app, false).await;
    let stopped = b.api(Method::POST, &api, &json!({"do": "stop"})).await.expect(200).json();
    assert_eq!((&stopped["state"], &stopped["taken"]), (&json!("stopped"), &json!(250)));
    b.api(Method::POST, &api, &json!({"do": "go-on"})).await.expect(200);
    // The step that failed is tried again in its time; the one that goes on has been there before it.
    app.clock.advance(Duration::minutes(10));
    app.drain().await;
    let done = told(&mut b, &number, &id).await;
    assert_eq!((&done["state"], &done["taken"], &done["wrong"]), (&json!("done"), &json!(600), &json!(0)));
    assert_eq!(staff(&mut b, &number).await, 600, "each row once");
    app.stop().await;
}
