//! A step of an official's sign-in is used once, in the browser where it began; a ticket of a program once.

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::harness::people::{PASSWORD, totp};
use crate::officials::{NEW, both_factors, enrol, give, password, posts};
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::crypto::password::hash;
use fugong::db::schema::{officials, sessions};
use fugong::db::{Conn, Id};
use fugong::web::cookies::CookieNames;
use fugong::web::session::{self, SessionKind};
use reqwest::Method;
use serde_json::json;

on_both!(
    a_step_is_used_once_and_in_its_browser,
    a_ticket_enrols_once,
    a_reset_at_the_same_moment_leaves_no_session,
);

/// The step that a browser holds, as an intruder would copy it.
fn step(app: &App, b: &Browser) -> (String, String) {
    let name = CookieNames::of(&app.deps.config).pending;
    (name.clone(), b.cookies()[&name].clone())
}

async fn a_step_is_used_once_and_in_its_browser(app: App) {
    let mut admin = app.official(Role::Administrator, "510000").await;
    let staff = app.official_full(Role::CountyDesk, "511621").await;
    give(&mut admin, &staff, "publisher", &[]).await.expect(303);
    let mut first = app.browser();
    password(&mut first, &staff.login, PASSWORD).await.leads_to("/desk/sign-in/enrol");
    first.get("/desk/sign-in/enrol").await.expect(200);
    let (name, enrolment) = step(&app, &first);
    // Another browser that copied the step sees no secret and sets no password.
    let mut thief = app.browser();
    thief.get("/desk/sign-in").await.expect(200);
    thief.set_cookie(&name, &enrolment);
    thief.get("/desk/sign-in/enrol").await.leads_to("/desk/sign-in");
    let (secret, _) = enrol(&app, &mut app.browser(), &staff.login).await;
    first.set_cookie(&name, &enrolment);
    first.get("/desk/sign-in/enrol").await.leads_to("/desk/sign-in");
    let (mut b, answer) = both_factors(&app, &staff.login, &secret).await;
    answer.leads_to("/desk/sign-in/choose");
    let page = b.get("/desk/sign-in/choose").await.expect(200);
    let (posts, (_, choice)) = (posts(&page), step(&app, &b));
    b.post("/desk/sign-in/choose", &[("assignment", &posts[0])]).await.leads_to("/desk/applications");
    b.get("/desk/applications").await.expect(200);
    b.post("/desk/sign-out", &[]).await.leads_to("/desk/sign-in");
    for other in [&mut b, &mut thief] {
        other.get("/desk/sign-in").await.expect(200);
        other.set_cookie(&name, &choice);
        other.get("/desk/sign-in/choose").await.leads_to("/desk/sign-in");
        other.get("/desk/sign-in").await.expect(200).shows("请从头再来");
        other.post("/desk/sign-in/choose", &[("assignment", &posts[0])]).await.leads_to("/desk/sign-in");
        other.get("/desk").await.leads_to("/desk/sign-in");
    }
    // A step is short: the code comes within five minutes of the password.
    let mut slow = app.browser();
    password(&mut slow, &staff.login, NEW).await.leads_to("/desk/sign-in/totp");
    app.clock.advance(Duration::minutes(5));
    slow.get("/desk/sign-in/totp").await.leads_to("/desk/sign-in");
    app.stop().await;
}

async fn a_ticket_enrols_once(app: App) {
    let staff = app.official_full(Role::Publisher, "510000").await;
    let mut program = app.browser();
    let typed = json!({"login": staff.login, "password": PASSWORD});
    let begun = program.api(Method::POST, "/api/v1/desk/enrolments", &typed).await.expect(201).json();
    let code = totp(begun["secret"].as_str().unwrap(), &app);
    let chosen = json!({"ticket": begun["ticket"], "password": NEW, "code": code});
    let path = "/api/v1/desk/enrolments/confirm";
    let (mut a, mut b) = (app.browser(), app.browser());
    let (one, two) = tokio::join!(a.api(Method::POST, path, &chosen), b.api(Method::POST, path, &chosen));
    let mut both = [one.status.as_u16(), two.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [201, 409], "of two at the same moment one");
    program.api(Method::POST, path, &chosen).await.expect(409);
    app.stop().await;
}

/// How many wait for a row that another transaction holds. On SQLite changes wait in a line of the program.
fn waiting(conn: &mut Conn) -> diesel::QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let sql = "SELECT count(*) AS n FROM pg_stat_activity \
               WHERE wait_event_type = 'Lock' AND datname = current_database()";
    match conn {
        Conn::Pg(c) => diesel::sql_query(sql).get_result::<Count>(c).map(|count| count.n),
        Conn::Sqlite(_) => Ok(1),
    }
}

/// Resets a login, as an administrator does, at the moment in which something is sent for it: what was sent has looked at
/// the login as it was, and goes on when the reset is over.
async fn meanwhile_reset(app: &App, official: Id, sent: impl Future<Output = Answer>) -> Answer {
    let (go, wait) = std::sync::mpsc::channel();
    let (begun, begins) = tokio::sync::oneshot::channel();
    let other = hash("再来 一个 临时 的 密码").unwrap();
    let reset = app.deps.store.write(move |tx| {
        let version = officials::version.eq(officials::version + 1);
        diesel::update(officials::table.find(official))
            .set((version, officials::must_change.eq(true), officials::password_hash.eq(other)))
            .execute(tx.conn())?;
        session::end_all(tx, SessionKind::Official, official)?;
        begun.send(()).unwrap();
        wait.recv_timeout(std::time::Duration::from_secs(4)).unwrap();
        Ok(())
    });
    let sent = async {
        begins.await.unwrap();
        let release = async {
            while app.deps.store.read(|c| Ok(waiting(c)?)).await.unwrap() == 0 {
                tokio::task::yield_now().await;
            }
            go.send(()).unwrap();
        };
        tokio::join!(sent, release).0
    };
    let (reset, answer) = tokio::join!(reset, sent);
    reset.unwrap();
    let alive = app.deps.store.read(move |c| {
        Ok(sessions::table.filter(sessions::subject.eq(official)).count().get_result::<i64>(c)?)
    });
    assert_eq!(alive.await.unwrap(), 0, "a session that began before the reset is alive after it");
    answer
}

async fn a_reset_at_the_same_moment_leaves_no_session(app: App) {
    // The code after the password.
    let staff = app.official_full(Role::Publisher, "510000").await;
    let (secret, _) = enrol(&app, &mut app.browser(), &staff.login).await;
    app.clock.advance(Duration::minutes(1));
    let mut b = app.browser();
    password(&mut b, &staff.login, NEW).await.leads_to("/desk/sign-in/totp");
    let code = totp(&secret, &app);
    let fields = [("code", code.as_str())];
    let sent = b.post("/desk/sign-in/totp", &fields);
    meanwhile_reset(&app, staff.official, sent).await.leads_to("/desk/sign-in");
    b.get("/desk").await.leads_to("/desk/sign-in");
    // A program with both factors.
    let staff = app.official_full(Role::Publisher, "510000").await;
    let (secret, _) = enrol(&app, &mut app.browser(), &staff.login).await;
    app.clock.advance(Duration::minutes(1));
    let mut program = app.browser();
    let body = json!({"login": staff.login, "password": NEW, "code": totp(&secret, &app)});
    let sent = program.api(Method::POST, "/api/v1/desk/sessions", &body);
    let answer = meanwhile_reset(&app, staff.official, sent).await.expect(422);
    assert_eq!(answer.json()["errors"][0]["code"], "sign-in-refused");
    // The enrolment.
    let staff = app.official_full(Role::Publisher, "510000").await;
    let mut b = app.browser();
    password(&mut b, &staff.login, PASSWORD).await.leads_to("/desk/sign-in/enrol");
    let page = b.get("/desk/sign-in/enrol").await.expect(200);
    let secret = page.body.split("<p class=\"ref\">").nth(1).unwrap().split('<').next().unwrap();
    let code = totp(secret, &app);
    let fields = [("password", NEW), ("repeat", NEW), ("code", code.as_str())];
    let sent = b.post("/desk/sign-in/enrol", &fields);
    meanwhile_reset(&app, staff.official, sent).await.leads_to("/desk/sign-in");
    b.get("/desk").await.leads_to("/desk/sign-in");
    app.stop().await;
}
