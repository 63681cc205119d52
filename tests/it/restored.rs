//! An older copy of the database is put in the place of the present one.

use crate::audit::{check, fill, sign};
use crate::harness::App;
use crate::on_both;
use diesel::RunQueryDsl;
use diesel::prelude::*;
use fugong::audit::Finding;
use fugong::cli::backup::{BackupArgs, run};
use fugong::cli::restored::look;
use fugong::db::DatabaseUrl;
use fugong::db::schema::{audit_entries, sessions};

/// The copy of a database in use is whole, and its owner's alone; what is there already is not written over.
#[actix_web::test]
async fn a_copy_is_made_while_it_is_used() {
    use std::os::unix::fs::PermissionsExt;
    let app = App::sqlite().await;
    fill(&app, 20).await;
    sign(&app).await;
    let DatabaseUrl::Sqlite(path) = app.deps.config.database.clone() else { panic!("not SQLite") };
    let to = path.with_extension("copy");
    let database = Some(format!("sqlite:{}", path.display()));
    let args = BackupArgs { to: to.clone(), database };
    let mut told = Vec::new();
    let writing = fill(&app, 20);
    let copying = async { run(&args, &mut told) };
    let (copied, ()) = futures_util::join!(copying, writing);
    assert_eq!(copied, Ok(true));
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains("sound, up to signed head 1 of "), "{told}");
    assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    let before = std::fs::read(&to).unwrap();
    let again = run(&args, &mut Vec::new());
    assert!(again.is_err_and(|e| e.contains("is there already")));
    assert_eq!(std::fs::read(&to).unwrap(), before);
    let elsewhere = BackupArgs { to: path.with_extension("no"), database: Some("sqlite:/no/such.db".into()) };
    assert!(run(&elsewhere, &mut Vec::new()).is_err_and(|e| e.contains("no such database")));
    assert!(!elsewhere.to.exists());
    app.stop().await;
}

on_both!(a_restored_copy_ends_all_sessions_once_and_is_noticed);

const TABLES: [&str; 4] = ["audit_entries", "audit_lanes", "audit_heads", "audit_chunks"];

async fn each_table(app: &App, statement: fn(&str) -> String) {
    let all = TABLES.map(statement);
    let done = app.deps.store.write(move |tx| {
        for sql in all.iter().flat_map(|s| s.split(';')).filter(|s| !s.trim().is_empty()) {
            diesel::sql_query(sql).execute(tx.conn())?;
        }
        Ok(())
    });
    done.await.unwrap();
}

async fn noticed(app: &App) -> i64 {
    let counted = app.deps.store.read(|conn| {
        let told = audit_entries::table.filter(audit_entries::action.eq("audit.restored"));
        Ok(told.count().get_result(conn)?)
    });
    counted.await.unwrap()
}

async fn a_restored_copy_ends_all_sessions_once_and_is_noticed(app: App) {
    let mut resident = app.resident("13800000001").await;
    fill(&app, 20).await;
    sign(&app).await;
    assert!(!look(&app.deps).await.unwrap(), "the database is that of the copies");
    resident.get("/me").await.expect(200);
    // The backup; then life goes on.
    each_table(&app, |t| format!("CREATE TABLE kept_{t} AS SELECT * FROM {t}")).await;
    fill(&app, 20).await;
    sign(&app).await;
    sign(&app).await;
    each_table(&app, |t| format!("DELETE FROM {t}; INSERT INTO {t} SELECT * FROM kept_{t}")).await;
    assert!(look(&app.deps).await.unwrap());
    let left =
        app.deps.store.read(|conn| Ok(sessions::table.count().get_result::<i64>(conn)?)).await.unwrap();
    assert_eq!((left, noticed(&app).await), (0, 1));
    let lost =
        |found: &[Finding]| found.iter().any(|f| matches!(f, Finding::HeadsMissing { from: 2, to: 3 }));
    assert!(lost(&check(&app).1), "{:?}", check(&app).1);
    // The record goes on, its copies in a file of their own; who signs in anew stays so.
    let mut again = app.resident("13800000002").await;
    sign(&app).await;
    assert!(!look(&app.deps).await.unwrap());
    again.get("/me").await.expect(200);
    assert_eq!(noticed(&app).await, 1);
    // What was lost is told for as long as its copies are there.
    let found = check(&app).1;
    assert!(!found.is_empty());
    let folder = app.deps.config.audit_heads.clone();
    let names = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    let aside = names.filter(|n| n.starts_with("heads-lost-3-")).collect::<Vec<_>>();
    assert_eq!(aside.len(), 1);
    std::fs::remove_file(folder.join(&aside[0])).unwrap();
    assert_eq!(check(&app).1, []);
    app.stop().await;
}
