//! After a run nothing of what was destroyed is found: database file, write-ahead log, tables and indexes.

use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use fugong::app::Deps;
use fugong::db::schema::{inbox, signin_codes};
use fugong::db::{Conn, DatabaseUrl, Id, Ts};
use fugong::error::AppError;

on_both!(nothing_is_left_of_what_was_destroyed);

/// Bytes that stand nowhere else, in a column and in an indexed key.
const CANARY: &[u8] = b"canary-of-retention-7d1f0c";

async fn plant(app: &App, account: Id) {
    let now = Ts::from(app.clock.now());
    let write = app.deps.store.write(move |tx| {
        for n in 0..40u8 {
            let bytes = [CANARY, &[n]].concat();
            diesel::insert_into(inbox::table)
                .values((
                    inbox::id.eq(Id::new()),
                    inbox::account_id.eq(account),
                    inbox::message.eq("declaration-received"),
                    inbox::params_sealed.eq(bytes.repeat(1 + usize::from(n) * 10)),
                    inbox::created_at.eq(now),
                ))
                .execute(tx.conn())?;
            diesel::insert_into(signin_codes::table)
                .values((
                    signin_codes::phone_blind.eq(bytes.clone()),
                    signin_codes::step.eq(Id::new()),
                    signin_codes::code_hash.eq(bytes),
                    signin_codes::created_at.eq(now),
                    signin_codes::expires_at.eq(now),
                    signin_codes::attempts.eq(0),
                ))
                .execute(tx.conn())?;
        }
        Ok(())
    });
    write.await.unwrap();
}

fn is_in(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|w| w == CANARY)
}

/// Whether the canary is in the files of SQLite.
fn in_files(path: &std::path::Path) -> Vec<&'static str> {
    let has = |suffix: &&&str| std::fs::read(format!("{}{suffix}", path.display())).is_ok_and(|b| is_in(&b));
    ["", "-wal"].iter().filter(has).copied().collect()
}

#[derive(QueryableByName)]
struct Dead {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How often the touched tables have been vacuumed at least. How many dead rows are left, PostgreSQL only estimates, and
/// from counts that the sessions hand in later.
fn vacuumed(conn: &mut Conn) -> i64 {
    let query = "SELECT COALESCE(MIN(vacuum_count), 0)::bigint AS n FROM pg_stat_user_tables \
                 WHERE relname IN ('inbox', 'signin_codes')";
    diesel::sql_query(query).get_result::<Dead>(conn).unwrap().n
}

async fn nothing_is_left_of_what_was_destroyed(app: App) {
    let (_, account) = app.resident_with("13800138000").await;
    plant(&app, account).await;
    let file = match app.deps.config.database.clone() {
        DatabaseUrl::Sqlite(path) => Some(path),
        DatabaseUrl::Postgres(_) => None,
    };
    if let Some(path) = &file {
        assert!(!in_files(path).is_empty(), "the search finds what is there");
    }
    app.clock.advance(Duration::days(186));
    app.tick().await;
    match &file {
        Some(path) => assert_eq!(in_files(path), Vec::<&str>::new()),
        None => assert!(app.deps.store.read(|c| Ok(vacuumed(c))).await.unwrap() > 0),
    }
    app.stop().await;
}

/// PostgreSQL skips what an account may not vacuum, with a warning that nobody reads: that is no success.
#[actix_web::test]
async fn an_account_that_may_not_wipe_says_so() {
    let Some(app) = App::postgres().await else { return };
    let mut config = app.deps.config.clone();
    let DatabaseUrl::Postgres(url) = &mut config.database else { panic!("PostgreSQL") };
    let mut owner = PgConnection::establish(url).unwrap();
    let rights = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO rows_only";
    owner.batch_execute(&format!("CREATE ROLE rows_only LOGIN; {rights}")).unwrap();
    *url = url.replacen("fugong@", "rows_only@", 1);
    let other = Deps::connect(config, app.clock.clone(), app.deps.keys.clone()).await.unwrap();
    let read = other.store.read(|conn| Ok(inbox::table.count().get_result::<i64>(conn)?)).await;
    assert_eq!(read.unwrap(), 0, "it has the rights to rows");
    assert!(matches!(other.store.wipe(vec!["inbox"]).await, Err(AppError::Unavailable(_))));
    app.deps.store.wipe(vec!["inbox"]).await.unwrap();
    other.store.close().await;
    app.stop().await;
}
