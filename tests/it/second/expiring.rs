//! The end of what nobody decides in time: announced, told, and without any effect.

use super::{COUNTY, confirmed, enter, enter_risk, listed, noted, officer, operator, told};
use crate::codes::appeals::{CONTACT, appeal, decide};
use crate::codes::ends::{YES, red};
use crate::codes::{declared_resident, evaluate};
use crate::harness::App;
use crate::harness::people::{Staff, document};
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Id;
use fugong::db::schema::{code_appeals, code_changes, code_states, inbox, record_ends, risk_changes};
use fugong::web::session::{self, SessionKind};

on_both!(
    what_nobody_decides_ends_without_effect_and_is_told,
    a_day_passes_between_the_announcement_and_the_end,
    what_was_decided_is_announced_to_nobody,
    a_level_ends_after_three_days,
    an_appeal_goes_on_when_nobody_looks_at_its_end,
);

const PHONE: &str = "13608260001";

/// An officer who has a telephone on file.
async fn reachable(app: &App) -> Staff {
    let staff = app.official_full(Role::ColourOfficer, COUNTY).await;
    app.is_known(staff.official, document(), Some(PHONE)).await;
    staff
}

/// Signs an official in anew, after the session has run out.
async fn again(app: &App, staff: &Staff) -> crate::harness::browser::Browser {
    let (official, assignment, now) = (staff.official, staff.assignment, app.clock.now());
    let started = app.deps.store.write(move |tx| {
        Ok(session::start(tx, SessionKind::Official, official, Some(assignment), "Test", now)?.0)
    });
    app.with_session(&started.await.unwrap())
}

async fn colour(app: &App, person: Id) -> String {
    evaluate(app, person).await;
    let read = app
        .deps
        .store
        .read(move |c| Ok(code_states::table.find(person).select(code_states::colour).first::<String>(c)?));
    read.await.unwrap()
}

async fn what_nobody_decides_ends_without_effect_and_is_told(app: App) {
    let (mut b, person) = declared_resident(&app, "13800000001").await;
    b.api_get("/api/v1/code").await.expect(200);
    let mut staff = reachable(&app).await;
    let path = enter(&mut staff.browser, "10").await;
    app.clock.advance(Duration::days(6) - Duration::minutes(1));
    app.tick().await;
    assert_eq!(told(&app, "到期作废"), 0);
    app.clock.advance(Duration::minutes(2));
    app.tick().await;
    app.tick().await;
    assert_eq!(told(&app, "一项健康码认定待核对"), 1, "a day before, once");
    officer(&app).await.get("/desk/second").await.expect(200).shows("一天内到期");
    app.clock.advance(Duration::days(1));
    app.tick().await;
    app.tick().await;
    assert_eq!(told(&app, "到期无人核对"), 1, "and when it ends, once");
    assert_eq!((noted(&app, "record.expire").await, confirmed(&app).await), (1, 0));
    assert_eq!((listed(&app, "open").await, listed(&app, "expired").await), (0, 1));
    assert_ne!(colour(&app, person).await, "red", "silence confirms nothing");
    let touched = app.deps.store.read(|c| {
        let messages: i64 = inbox::table.filter(inbox::message.eq("health-record")).count().get_result(c)?;
        let red = code_changes::table.filter(code_changes::to_colour.eq("red"));
        Ok((messages, red.count().get_result::<i64>(c)?))
    });
    assert_eq!(touched.await.unwrap(), (0, 0), "the person was told nothing, since nothing happened");
    // Nobody decides it any more, and everybody sees what can be done.
    let mut second = officer(&app).await;
    second.get(&path).await.expect(200).shows("没有生效").shows("请重新录入").hides("name=\"decision\"");
    second.post(&path, YES).await.expect(409).shows("到期没有人核对");
    second.get("/desk/second").await.expect(200).hides("密切接触者");
    second.get("/desk/second?tab=expired").await.expect(200).shows("密切接触者").shows("没有生效");
    let mut first = again(&app, &staff).await;
    first.get("/desk/records").await.expect(200).shows("已到期，没有生效，请重新录入");
    enter(&mut first, "10").await;
    assert_eq!(listed(&app, "open").await, 1, "the same is entered again");
    app.stop().await;
}

async fn a_day_passes_between_the_announcement_and_the_end(app: App) {
    declared_resident(&app, "13800000001").await;
    let mut staff = reachable(&app).await;
    enter(&mut staff.browser, "10").await;
    // The portal was away while it should have been announced, and when it should have ended.
    app.clock.advance(Duration::days(9));
    app.tick().await;
    assert_eq!((told(&app, "待核对"), listed(&app, "open").await), (1, 1), "announced first");
    app.clock.advance(Duration::hours(23));
    app.tick().await;
    assert_eq!(listed(&app, "open").await, 1);
    app.clock.advance(Duration::hours(1));
    app.tick().await;
    assert_eq!((listed(&app, "open").await, listed(&app, "expired").await), (0, 1));
    app.clock.advance(Duration::days(32));
    app.tick().await;
    app.clock.advance(Duration::days(1));
    app.tick().await;
    assert_eq!(listed(&app, "expired").await, 0, "the note has a period of its own");
    app.stop().await;
}

async fn what_was_decided_is_announced_to_nobody(app: App) {
    declared_resident(&app, "13800000001").await;
    let mut staff = reachable(&app).await;
    let path = enter(&mut staff.browser, "10").await;
    let mut second = officer(&app).await;
    second.get(&path).await.expect(200);
    second.post(&path, YES).await.leads_to("/desk/second");
    app.drain().await;
    for _ in 0..3 {
        app.clock.advance(Duration::days(4));
        app.tick().await;
    }
    assert_eq!((told(&app, "待核对"), told(&app, "到期无人核对")), (0, 0));
    assert_eq!((noted(&app, "record.expire").await, confirmed(&app).await), (0, 1));
    app.stop().await;
}

async fn a_level_ends_after_three_days(app: App) {
    let path = enter_risk(&mut operator(&app).await).await;
    app.clock.advance(Duration::days(2) + Duration::minutes(1));
    app.tick().await;
    app.clock.advance(Duration::days(1));
    app.tick().await;
    let state =
        app.deps.store.read(|c| Ok(risk_changes::table.select(risk_changes::state).first::<String>(c)?));
    assert_eq!(state.await.unwrap(), "expired");
    assert_eq!((noted(&app, "risk.expire").await, noted(&app, "risk.set").await), (1, 0));
    app.browser().get("/risks").await.expect(200).shows("现在没有定级的地区");
    let mut second = operator(&app).await;
    second.get(&path).await.expect(200).shows("没有生效").hides("name=\"decision\"");
    second.post(&path, YES).await.expect(409).shows("到期没有人核对");
    app.stop().await;
}

async fn an_appeal_goes_on_when_nobody_looks_at_its_end(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    red(&app).await;
    let number = appeal(&mut b, CONTACT).await;
    let mut reviewer = app.official(Role::AppealReviewer, COUNTY).await;
    let overturn = [("action", "overturn"), ("reason", "核对后不在现场。")];
    decide(&mut reviewer, &number, &overturn).await.leads_to("/desk/appeals");
    app.drain().await;
    app.clock.advance(Duration::days(6) + Duration::minutes(1));
    app.tick().await;
    app.clock.advance(Duration::days(1));
    app.tick().await;
    let stands = app.deps.store.read(|c| {
        let end: String = record_ends::table.select(record_ends::state).first(c)?;
        Ok((end, code_appeals::table.select(code_appeals::state).first::<String>(c)?))
    });
    let stands = stands.await.unwrap();
    assert_eq!(stands, ("expired".to_owned(), "disputed".to_owned()), "another reviewer decides");
    assert_eq!(noted(&app, "record.end-expire").await, 1);
    let mut again = app.resident("13800000001").await;
    let mine = again.get(&format!("/code/appeals/{number}")).await.expect(200);
    mine.shows("由另一名复核人员决定").shows("没有第二名疾控人员在期限内核对");
    app.stop().await;
}
