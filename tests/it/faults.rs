//! Faults that belong to no slice: a handler that panics, a clock that is set back, keys that are replaced while the portal
//! serves.

use crate::accounts::signing_in::sign_in;
use crate::audit::check;
use crate::codes::{DOCUMENT, declared_resident};
use crate::declarations::declare;
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use actix_web::middleware::from_fn;
use actix_web::{App as ActixApp, HttpResponse, HttpServer, ResponseError, web};
use chrono::{DateTime, Duration, Utc};
use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl};
use fugong::crypto::{KeySlot, Purpose, SigningUsage};
use fugong::db::DatabaseUrl;
use fugong::error::AppError;
use fugong::web::around::around;
use reqwest::Method;
use serde_json::json;

on_both!(
    a_clock_that_is_set_back_breaks_nothing,
    keys_are_replaced_while_the_portal_serves,
    a_key_that_is_used_at_once_is_known_at_once,
    a_session_that_cannot_be_written_is_read,
);

async fn panics() -> HttpResponse {
    panic!("张三 13700137000")
}

async fn works() -> &'static str {
    "well"
}

/// Whoever meets the panic hears that it is our fault, in their language and without its words; everybody else goes on,
/// on the same thread.
#[actix_web::test]
async fn a_panic_in_a_handler_is_an_answer() {
    let app = App::sqlite().await;
    let listener = fugong::app::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let deps = app.deps.clone();
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(deps.clone())
            .wrap(from_fn(around))
            .route("/panics", web::get().to(panics))
            .route("/works", web::get().to(works))
    });
    let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let mut b = Browser::new(base);
    for lang in ["zh-CN", "en"] {
        b.lang = lang;
        let page = b.get("/panics").await.expect(500).hides("13700137000").hides("panicked");
        for header in ["x-request-id", "content-security-policy", "x-content-type-options"] {
            assert!(page.headers.contains_key(header), "{header}");
        }
        page.shows(&format!("<html lang=\"{lang}\""));
        let told = b.api_get("/panics").await.expect(500);
        assert_eq!(told.problem(), "internal");
        b.get("/works").await.expect(200);
    }
    handle.stop(true).await;
    app.stop().await;
}

/// Three hours back, and three hours on again: who is signed in stays so, others sign in and declare, no code is of the
/// future, and the record is whole.
async fn a_clock_that_is_set_back_breaks_nothing(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    app.tick().await;
    let own = format!("/declarations/{number}");
    for (hours, phone, name, card) in [
        (-3, "13800138001", "李四", "360426199101010071"),
        (3, "13800138002", "欧阳㛃", "511621199001010013"),
    ] {
        app.clock.advance(Duration::hours(hours));
        for path in ["/me", "/code", "/declarations", own.as_str()] {
            b.get(path).await.expect(200);
        }
        let code = b.api_get("/api/v1/code").await.expect(200).json();
        if let Some(end) = code["expires_at"].as_str() {
            let left = end.parse::<DateTime<Utc>>().unwrap() - app.clock.now();
            assert!(left <= Duration::seconds(120), "a code of the future: {left}");
        }
        let mut other = app.browser();
        sign_in(&app, &mut other, phone).await;
        declare(&mut other, name, card).await;
        app.tick().await;
        assert_eq!(check(&app).1, [], "after {hours} hours");
    }
    app.stop().await;
}

async fn shown(b: &mut Browser) -> String {
    b.api_get("/api/v1/code").await.expect(200).json()["token"].as_str().unwrap().to_owned()
}

async fn verdict(app: &App, token: &str) -> String {
    let asked = json!({"text": token});
    let said = app.browser().api(Method::POST, "/api/v1/verify", &asked).await.expect(200).json();
    said["verdict"].as_str().unwrap().to_owned()
}

/// As `fugong keys rotate` does it: known an hour before it is used.
async fn keys_are_replaced_while_the_portal_serves(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let before = shown(&mut b).await;
    assert_eq!(verdict(&app, &before).await, "valid");
    let (now, soon) = (app.clock.now(), app.clock.now() + Duration::minutes(60));
    for slot in [
        KeySlot::Signing(SigningUsage::Code),
        KeySlot::Signing(SigningUsage::Audit),
        KeySlot::Signing(SigningUsage::Receipt),
        KeySlot::Data(Purpose::Field),
        KeySlot::Data(Purpose::Session),
    ] {
        app.deps.keys.rotate(slot, now, soon).unwrap();
    }
    for (minutes, version) in [(59, 1), (2, 2)] {
        app.clock.advance(Duration::minutes(minutes));
        app.deps.keys.reload(app.clock.now()).unwrap();
        assert_eq!(app.deps.keys.signing_key(SigningUsage::Code).unwrap().version(), version);
        let token = shown(&mut b).await;
        assert_eq!(verdict(&app, &token).await, "valid", "version {version}");
        b.get("/me/data/download").await.expect(200).shows("王小明");
        app.tick().await;
        assert_eq!(check(&app).1, [], "version {version}");
    }
    let mut other = app.browser();
    sign_in(&app, &mut other, "13800138001").await;
    declare(&mut other, "李四", "360426199101010071").await;
    app.drain().await;
    app.stop().await;
}

/// Where a key may have leaked the next one is used at once: the gate knows it when the first code is signed with it.
async fn a_key_that_is_used_at_once_is_known_at_once(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let before = shown(&mut b).await;
    app.clock.advance(Duration::seconds(61));
    assert_eq!(verdict(&app, &before).await, "valid");
    let now = app.clock.now();
    app.deps.keys.rotate(KeySlot::Signing(SigningUsage::Code), now, now).unwrap();
    let after = shown(&mut b).await;
    assert_ne!(before, after);
    assert_eq!(verdict(&app, &after).await, "valid");
    app.stop().await;
}

/// Holds the sessions against every change, as a maintenance does; dropped, they are free.
fn hold_sessions(database: &DatabaseUrl) -> Box<dyn std::any::Any> {
    match database {
        DatabaseUrl::Sqlite(path) => {
            let mut conn = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            conn.batch_execute("BEGIN IMMEDIATE").unwrap();
            Box::new(conn)
        }
        DatabaseUrl::Postgres(url) => {
            let mut conn = diesel::PgConnection::establish(url).unwrap();
            conn.batch_execute("BEGIN; LOCK TABLE sessions IN SHARE ROW EXCLUSIVE MODE").unwrap();
            Box::new(conn)
        }
    }
}

/// That a session is in use is written down now and then; whoever only reads does not fail with that.
async fn a_session_that_cannot_be_written_is_read(app: App) {
    let mut b = app.resident("13800138000").await;
    app.clock.advance(Duration::hours(2));
    let held = hold_sessions(&app.deps.config.database);
    for _ in 0..2 {
        b.get("/me/sessions").await.expect(200);
    }
    drop(held);
    b.get("/me/sessions").await.expect(200);
    app.stop().await;
}

/// PostgreSQL tells what passes by itself in its own language, and the driver has no kind for it.
#[actix_web::test]
async fn what_postgresql_says_in_chinese_passes_by_itself() {
    let Some(app) = App::postgres().await else { return };
    let code = |e: AppError| e.status_code().as_u16();
    for (state, text) in [
        ("55P03", "由于锁超时，取消语句操作"),
        ("57014", "由于语句执行超时，正在取消查询命令"),
        ("40P01", "检测到死锁"),
        ("53100", "无法扩展文件"),
        ("53200", "内存用尽"),
    ] {
        let told = format!("DO $$ BEGIN RAISE EXCEPTION '{text}' USING ERRCODE = '{state}'; END $$");
        let read = told.clone();
        let failed = app.deps.store.read(move |c| Ok(diesel::sql_query(read).execute(c)?)).await;
        assert_eq!(failed.map_err(code), Err(503), "{text}");
        let failed = app.deps.store.write(move |tx| Ok(diesel::sql_query(told).execute(tx.conn())?)).await;
        assert_eq!(failed.map_err(code), Err(503), "{text}");
    }
    // What is wrong in a statement is told by its place, in every language.
    for wrong in ["SELEKT 1", "SELECT nothing FROM accounts", "SELECT 1 FROM nothing", "SELECT 1 + ARRAY[1]"]
    {
        let failed = app.deps.store.read(move |c| Ok(diesel::sql_query(wrong).execute(c)?)).await;
        assert_eq!(failed.map_err(code), Err(500), "{wrong}");
    }
    app.browser().get("/health/ready").await.expect(200);
    app.stop().await;
}
