//! An appeal that waits for the ends of several findings: it is settled by whoever says the last word, however close the
//! others are, and what was found meanwhile takes two as what was found first.

use crate::codes::appeals::{CONTACT, appeal, decide, second_word};
use crate::codes::ends::{NO, YES, action, red};
use crate::codes::{declared_resident, state};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use fugong::access::Role;
use fugong::codes::Appeals;
use fugong::crypto::FieldContext;
use fugong::db::schema::{code_appeals, health_records, inbox, record_ends};
use fugong::db::{Conn, DatabaseUrl, Id, Ts, Tx};
use fugong::error::AppResult;
use std::sync::mpsc;
use tokio::sync::oneshot;

on_both!(
    of_two_who_decide_at_the_same_moment_the_second_settles_the_appeal,
    an_end_that_becomes_an_appeals_meanwhile_is_looked_at_again,
    an_appeal_that_waits_for_nothing_goes_on_by_the_clock,
    what_was_found_since_takes_an_officer_too,
    an_appeal_whose_finding_ends_otherwise_is_told,
);

const COUNTY: &str = "511621";
const POSITIVE: &str = "red.positive-test";
const OVERTURN: &[(&str, &str)] = &[("action", "overturn"), ("reason", "标本编号与本人不符。")];

/// A positive test of 10 March, entered by a doctor and confirmed by an officer. Two of one day are one cause.
async fn positive(app: &App, kind: &str) {
    let mut doctor = app.official(Role::Doctor, COUNTY).await;
    let test = [
        ("doc_kind", "id_card"),
        ("doc_number", crate::codes::DOCUMENT),
        ("kind", kind),
        ("result", "positive"),
        ("at-year", "2020"),
        ("at-month", "3"),
        ("at-day", "10"),
        ("source", "县人民医院"),
    ];
    doctor.get("/desk/records/new").await.expect(200);
    doctor.post("/desk/records/new", &test).await.leads_to("/desk/records/new");
    let mut officer = app.official(Role::ColourOfficer, COUNTY).await;
    let waits = officer.get("/desk/records").await.expect(200);
    let decide = format!("{}/decide", action(&waits.body, "/desk/records"));
    officer.post(&decide, YES).await.leads_to("/desk/second");
    app.drain().await;
}

/// How an appeal stands.
async fn stands(app: &App, number: &str) -> String {
    let number = number.to_owned();
    let found = app.deps.store.read(move |c| {
        let one = code_appeals::table.filter(code_appeals::number.eq(number));
        Ok(one.select(code_appeals::state).first::<String>(c)?)
    });
    found.await.unwrap()
}

/// The appeals' ends that wait, each with its appeal, the earliest first.
async fn waiting(app: &App) -> Vec<(Id, Option<Id>)> {
    let found = app.deps.store.read(|c| {
        let open = record_ends::table.filter(record_ends::state.eq("open")).order(record_ends::id);
        Ok(open.select((record_ends::id, record_ends::appeal_id)).load(c)?)
    });
    found.await.unwrap()
}

async fn counting(app: &App) -> i64 {
    let left = app.deps.store.read(|c| {
        Ok(health_records::table.filter(health_records::ended_at.is_null()).count().get_result(c)?)
    });
    left.await.unwrap()
}

/// A resident with one cause by two findings, and the number of the appeal in which a reviewer has set it aside.
async fn set_aside(app: &App) -> (Browser, String) {
    let (mut b, _) = declared_resident(app, "13800000001").await;
    positive(app, "nucleic-acid").await;
    positive(app, "antibody").await;
    let number = appeal(&mut b, POSITIVE).await;
    let mut reviewer = app.official(Role::AppealReviewer, COUNTY).await;
    decide(&mut reviewer, &number, OVERTURN).await.leads_to("/desk/appeals");
    app.drain().await;
    assert_eq!((stands(app, &number).await.as_str(), waiting(app).await.len()), ("confirming", 2));
    (b, number)
}

/// Refuses an end as the portal does, which holds the appeal first; nothing follows from it.
fn refuse(tx: &mut Tx<'_>, app: &fugong::app::App, end: Id, appeal: Id) -> AppResult<()> {
    (app.part::<Appeals>()?.hold)(tx, appeal)?;
    let field = FieldContext::new("record_ends", "refusal_sealed", end.0);
    let reason = app.keys.seal(&field, "标本编号无误".as_bytes())?;
    let reviewer: Id = record_ends::table.find(end).select(record_ends::entered_by).first(tx.conn())?;
    diesel::update(record_ends::table.find(end))
        .set((
            record_ends::state.eq("refused"),
            record_ends::refusal_sealed.eq(Some(reason)),
            record_ends::decided_by.eq(Some(reviewer)),
            record_ends::decided_at.eq(Some(Ts::from(app.clock.now()))),
        ))
        .execute(tx.conn())?;
    Ok(())
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Whether somebody waits for a lock in PostgreSQL.
async fn somebody_waits(app: &App) -> bool {
    let sql = "SELECT count(*) AS n FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let found = app.deps.store.read(move |c| match c {
        Conn::Pg(c) => Ok(diesel::sql_query(sql).get_result::<Number>(c)?.n),
        Conn::Sqlite(_) => Ok(0),
    });
    found.await.unwrap() > 0
}

fn is_postgres(app: &App) -> bool {
    matches!(app.deps.config.database, DatabaseUrl::Postgres(_))
}

/// Sends a request while these writes are not committed; they are as soon as the request waits for them or is answered.
/// On SQLite, which has one writer, they come first.
async fn beside<F, R>(app: &App, writes: F, request: R) -> Answer
where
    F: FnOnce(&mut Tx<'_>) -> AppResult<()> + Send + 'static,
    R: Future<Output = Answer> + 'static,
{
    if !is_postgres(app) {
        app.deps.store.write(writes).await.unwrap();
        return request.await;
    }
    let ((go, wait), (wrote, written)) = (mpsc::channel::<()>(), oneshot::channel::<()>());
    let deps = app.deps.clone();
    let first = actix_web::rt::spawn(async move {
        let done = deps.store.write(move |tx| {
            writes(tx)?;
            wrote.send(()).unwrap();
            wait.recv().unwrap();
            Ok(())
        });
        done.await.unwrap();
    });
    written.await.unwrap();
    let request = actix_web::rt::spawn(request);
    while !request.is_finished() && !somebody_waits(app).await {}
    go.send(()).unwrap();
    first.await.unwrap();
    request.await.unwrap()
}

/// An officer of the county decides an end.
async fn officer_decides(app: &App, end: Id, verdict: &'static [(&'static str, &'static str)]) -> Answer {
    let mut officer = app.official(Role::ColourOfficer, COUNTY).await;
    officer.get("/desk/records").await.expect(200);
    officer.post(&format!("/desk/record-ends/{end}/decide"), verdict).await
}

async fn of_two_who_decide_at_the_same_moment_the_second_settles_the_appeal(app: App) {
    let (mut b, number) = set_aside(&app).await;
    let [(one, appeal), (other, _)] = waiting(&app).await.try_into().unwrap();
    let mut officer = app.official(Role::ColourOfficer, COUNTY).await;
    officer.get("/desk/records").await.expect(200);
    let path = format!("/desk/record-ends/{other}/decide");
    let request = async move { officer.post(&path, NO).await };
    let deps = app.deps.clone();
    let answer = beside(&app, move |tx| refuse(tx, &deps, one, appeal.unwrap()), request).await;
    answer.leads_to("/desk/second");
    app.drain().await;
    assert_eq!((stands(&app, &number).await.as_str(), waiting(&app).await.len()), ("disputed", 0));
    b.get(&format!("/code/appeals/{number}")).await.expect(200).shows("由另一名复核人员决定");
    assert_eq!((state(&mut b).await.as_str(), counting(&app).await), ("red", 2));
    app.stop().await;
}

/// Makes an end an appeal's, or nobody's.
fn becomes(end: Id, appeal: Option<Id>) -> impl FnOnce(&mut Tx<'_>) -> AppResult<()> + Send + 'static {
    move |tx| {
        let set = record_ends::appeal_id.eq(appeal);
        diesel::update(record_ends::table.find(end)).set(set).execute(tx.conn())?;
        Ok(())
    }
}

async fn an_end_that_becomes_an_appeals_meanwhile_is_looked_at_again(app: App) {
    // With one writer nothing comes between the look at an end and its decision.
    if !is_postgres(&app) {
        return app.stop().await;
    }
    let (_, number) = set_aside(&app).await;
    let [(one, appeal), _] = waiting(&app).await.try_into().unwrap();
    // An officer's own end, which the reviewer's decision takes along at the moment at which it is decided.
    app.deps.store.write(becomes(one, None)).await.unwrap();
    let mut officer = app.official(Role::ColourOfficer, COUNTY).await;
    officer.get("/desk/records").await.expect(200);
    let path = format!("/desk/record-ends/{one}/decide");
    let request = async move { officer.post(&path, NO).await };
    beside(&app, becomes(one, appeal), request).await.expect(409);
    assert_eq!((stands(&app, &number).await.as_str(), waiting(&app).await.len()), ("confirming", 2));
    app.stop().await;
}

async fn an_appeal_that_waits_for_nothing_goes_on_by_the_clock(app: App) {
    let (mut b, number) = set_aside(&app).await;
    let deps = app.deps.clone();
    let ends = waiting(&app).await;
    let refused = app.deps.store.write(move |tx| {
        ends.into_iter().try_for_each(|(end, appeal)| refuse(tx, &deps, end, appeal.unwrap()))
    });
    refused.await.unwrap();
    assert_eq!(stands(&app, &number).await, "confirming");
    app.tick().await;
    assert_eq!(stands(&app, &number).await, "disputed");
    app.drain().await;
    let mine = format!("/code/appeals/{number}");
    b.get(&mine).await.expect(200).shows("由另一名复核人员决定").shows("标本编号无误");
    b.get("/me/messages").await.expect(200).shows("第二名人员没有确认");
    // Both findings were looked at by the first reviewer, so the second one is the second.
    let mut reviewer = app.official(Role::AppealReviewer, COUNTY).await;
    decide(&mut reviewer, &number, OVERTURN).await.leads_to("/desk/appeals");
    app.drain().await;
    assert_eq!((state(&mut b).await.as_str(), counting(&app).await), ("green", 0));
    app.tick().await;
    assert_eq!(stands(&app, &number).await, "overturned");
    app.stop().await;
}

/// How often the only resident was told something.
async fn told(app: &App, message: &'static str) -> i64 {
    let found = app
        .deps
        .store
        .read(move |c| Ok(inbox::table.filter(inbox::message.eq(message)).count().get_result::<i64>(c)?));
    found.await.unwrap()
}

async fn what_was_found_since_takes_an_officer_too(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    positive(&app, "nucleic-acid").await;
    let number = appeal(&mut b, POSITIVE).await;
    let path = format!("/desk/appeals/{number}");
    let mut first = app.official(Role::AppealReviewer, COUNTY).await;
    decide(&mut first, &number, OVERTURN).await.leads_to("/desk/appeals");
    app.drain().await;
    second_word(&app, NO).await;
    assert_eq!(stands(&app, &number).await, "disputed");
    app.clock.advance(Duration::minutes(1));
    // The same cause rests on a second finding from now on, which no reviewer has seen.
    positive(&app, "antibody").await;
    let mut second = app.official(Role::AppealReviewer, COUNTY).await;
    second.get(&path).await.expect(200).shows("须由另一名没有参与的疾控人员确认");
    decide(&mut second, &number, OVERTURN).await.leads_to("/desk/appeals");
    app.drain().await;
    assert_eq!((state(&mut b).await.as_str(), counting(&app).await), ("red", 2), "nothing has ended");
    assert_eq!(stands(&app, &number).await, "confirming");
    assert_eq!(told(&app, "appeal-confirming").await, 2);
    // What was refused before and is confirmed now counts as confirmed; the other one is refused.
    let [(one, _), (other, _)] = waiting(&app).await.try_into().unwrap();
    officer_decides(&app, one, YES).await.leads_to("/desk/second");
    officer_decides(&app, other, NO).await.leads_to("/desk/second");
    app.drain().await;
    assert_eq!((state(&mut b).await.as_str(), counting(&app).await), ("red", 1));
    assert_eq!(stands(&app, &number).await, "disputed");
    for reviewer in [&mut first, &mut second] {
        reviewer.get(&path).await.expect(200).shows("已经决定过一次").hides("name=\"action\"");
        let forced = [OVERTURN, &[("version", "5")]].concat();
        reviewer.post(&path, &forced).await.expect(409).shows("其他复核人员");
    }
    let mut third = app.official(Role::AppealReviewer, COUNTY).await;
    decide(&mut third, &number, OVERTURN).await.leads_to("/desk/appeals");
    app.drain().await;
    assert_eq!((state(&mut b).await.as_str(), counting(&app).await), ("green", 0));
    assert_eq!(stands(&app, &number).await, "overturned");
    app.stop().await;
}

async fn an_appeal_whose_finding_ends_otherwise_is_told(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    red(&app).await;
    positive(&app, "nucleic-acid").await;
    let disputed = appeal(&mut b, POSITIVE).await;
    let mut reviewer = app.official(Role::AppealReviewer, COUNTY).await;
    decide(&mut reviewer, &disputed, OVERTURN).await.leads_to("/desk/appeals");
    second_word(&app, NO).await;
    assert_eq!(stands(&app, &disputed).await, "disputed");
    let waits = appeal(&mut b, CONTACT).await;
    decide(&mut reviewer, &waits, OVERTURN).await.leads_to("/desk/appeals");
    app.drain().await;
    // As under a policy in which one finding stands behind two causes: the other appeal waits for the same finding.
    let moved = app.deps.store.write(|tx| {
        let refused = record_ends::table.filter(record_ends::state.eq("refused"));
        let record: Id = refused.select(record_ends::record_id).first(tx.conn())?;
        let open = record_ends::table.filter(record_ends::state.eq("open"));
        Ok(diesel::update(open).set(record_ends::record_id.eq(record)).execute(tx.conn())?)
    });
    assert_eq!(moved.await.unwrap(), 1);
    let mut other = app.official(Role::AppealReviewer, COUNTY).await;
    decide(&mut other, &disputed, OVERTURN).await.leads_to("/desk/appeals");
    app.drain().await;
    assert_eq!(stands(&app, &disputed).await, "overturned");
    assert_eq!(stands(&app, &waits).await, "overturned", "it waits for nothing any more");
    assert!(waiting(&app).await.is_empty());
    assert_eq!(told(&app, "appeal-overturned").await, 2);
    app.stop().await;
}
