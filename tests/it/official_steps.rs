//! A step of an official's sign-in is used once, in the browser where it began; a ticket of a program once.

use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::people::{PASSWORD, totp};
use crate::officials::{NEW, both_factors, enrol, give, password, posts};
use crate::on_both;
use chrono::Duration;
use fugong::access::Role;
use fugong::web::ctx::CookieNames;
use reqwest::Method;
use serde_json::json;

on_both!(a_step_is_used_once_and_in_its_browser, a_ticket_enrols_once);

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
