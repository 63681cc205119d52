//! A statement may worsen a colour at once; it lightens it only once somebody has accepted it.

use crate::declarations::{body, town};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use fugong::access::Role;
use fugong::audit::Actor;
use fugong::policy::Risk;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_correction_to_no_stays_red_until_it_is_accepted,
    a_correction_that_worsens_counts_at_once,
    withdrawing_and_declaring_anew_erase_nothing,
    pages_correct_like_programs,
    what_was_asked_for_is_repeated,
    a_red_of_where_one_lives_outlasts_the_days_of_what_was_said,
    a_corrected_address_waits_as_long_as_it_takes,
    what_was_withdrawn_ends_with_its_days,
);

/// Wuchang, from now on.
async fn risk_area(app: &App) {
    let (at, keys) = (app.clock.now() - chrono::Duration::days(20), app.deps.keys.clone());
    let set = app.deps.store.write(move |tx| {
        let place = "420106".parse().unwrap();
        fugong::codes::set_risk(tx, &keys, Actor::Console, place, Risk::High, at, "公告", at)
    });
    set.await.unwrap();
}

/// A town of another county.
const ELSEWHERE: &str = "511602001";

fn well() -> Value {
    let mut whole = body("郑十");
    (whole["temperature_tenths"], whole["symptoms"], whole["travel"]) = (json!(365), json!([]), json!([]));
    whole
}

fn stay() -> Value {
    json!([{"division": "420106", "from": "2020-03-01", "to": "2020-03-08", "transport": "train"}])
}

fn travelled() -> Value {
    let mut whole = well();
    whole["travel"] = stay();
    whole
}

async fn code(app: &App, b: &mut Browser) -> Value {
    app.drain().await;
    b.api_get("/api/v1/code").await.expect(200).json()
}

async fn declare(b: &mut Browser, whole: &Value) -> Value {
    b.get("/declare").await.expect(200);
    b.api(Method::POST, "/api/v1/declarations", whole).await.expect(201).json()
}

async fn correct(b: &mut Browser, made: &Value, answers: Value) -> Value {
    let path = format!("/api/v1/declarations/{}", made["number"].as_str().unwrap());
    let patch = json!({"version": made["version"], "answers": answers});
    b.api(Method::PATCH, &path, &patch).await.expect(200).json()
}

fn number(made: &Value) -> String {
    made["number"].as_str().unwrap().to_owned()
}

async fn a_correction_to_no_stays_red_until_it_is_accepted(app: App) {
    risk_area(&app).await;
    let mut b = app.resident("13600008871").await;
    let made = declare(&mut b, &travelled()).await;
    let red = code(&app, &mut b).await;
    assert_eq!((&red["state"], &red["when_accepted"]), (&json!("red"), &Value::Null), "{red}");
    let fixed = correct(&mut b, &made, json!({"travel": []})).await;
    let still = code(&app, &mut b).await;
    assert_eq!((&still["state"], &still["when_accepted"]), (&json!("red"), &json!("green")), "{still}");
    assert_eq!(still["reasons"][0]["rule"], red["reasons"][0]["rule"], "it says why");
    b.get("/code")
        .await
        .expect(200)
        .shows("更改的内容正在等核对")
        .shows("核对通过后：绿码")
        .shows(&number(&made));
    let page = format!("/declarations/{}", number(&made));
    b.get(&page).await.expect(200).shows("原来申报的内容仍然算数").shows("核对通过后：绿码");
    // A day later as well: nobody has looked.
    app.clock.advance(chrono::Duration::hours(20));
    assert_eq!(code(&app, &mut b).await["state"], "red");

    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let path = format!("/desk/declarations/{}", number(&made));
    let case = worker.get(&path).await.expect(200).shows("更改了什么").shows("武昌区").shows("没有填");
    let case = case.shows("由红码变为绿码");
    let version = case.input("version").unwrap();
    let row = format!("{}@{version}", number(&made));
    let bulk = worker.post("/desk/declarations/check", &[("case", &row)]).await.expect(200);
    bulk.shows("对照新旧内容").hides("已核对");
    let unseen = [("version", version.as_str()), ("action", "check")];
    worker.post(&path, &unseen).await.expect(422).shows("勾选接受");
    let api = format!("/api/v1{path}");
    let known = worker.api_get(&api).await.expect(200).json();
    assert_eq!(known["present"]["colour_when_accepted"], "green");
    assert_eq!(known["earlier"][0]["answers"]["travel"][0]["division"], "420106");
    assert_eq!(known["earlier"][0]["accepted"], false);
    let act = format!("{api}/actions/check");
    let refused =
        worker.api(Method::POST, &act, &json!({"version": fixed["version"]})).await.expect(409).json();
    assert_eq!(refused["type"], "urn:fugong:problem:declaration-compare");
    assert_eq!(code(&app, &mut b).await["state"], "red");
    let accepted = json!({"version": fixed["version"], "accept_changes": true});
    worker.api(Method::POST, &act, &accepted).await.expect(200);
    let green = code(&app, &mut b).await;
    assert_eq!((&green["state"], &green["when_accepted"]), (&json!("green"), &Value::Null), "{green}");
    b.get("/code").await.expect(200).hides("正在等核对");
    // What was accepted, and what it was before, is in the copy of the data.
    let copy = b.get("/me/data/download").await.expect(200).json();
    assert_eq!(copy["declarations"]["earlier"][0]["answers"]["travel"][0]["division"], "420106");
    app.stop().await;
}

async fn a_correction_that_worsens_counts_at_once(app: App) {
    risk_area(&app).await;
    let mut b = app.resident("13600008872").await;
    let made = declare(&mut b, &well()).await;
    assert_eq!(code(&app, &mut b).await["state"], "green");
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let act = format!("/api/v1/desk/declarations/{}/actions/check", number(&made));
    worker.get("/desk/declarations").await.expect(200);
    let checked = json!({"version": made["version"]});
    let checked = worker.api(Method::POST, &act, &checked).await.expect(200).json();
    let fixed = correct(&mut b, &checked, json!({"travel": stay()})).await;
    let red = code(&app, &mut b).await;
    assert_eq!((&red["state"], &red["when_accepted"]), (&json!("red"), &Value::Null), "{red}");
    // Back over a third version: the second still counts.
    let back = correct(&mut b, &fixed, json!({"travel": []})).await;
    assert_eq!(code(&app, &mut b).await["state"], "red");
    // Doctor and worker see each step; nothing is accepted by rejecting.
    let mut doctor = app.official(Role::Doctor, "511621").await;
    let path = format!("/api/v1/desk/declarations/{}/actions/reject", number(&made));
    doctor.get("/desk/declarations").await.expect(200);
    let reject = json!({"version": back["version"], "reason": "不符", "remedy": "重新申报"});
    doctor.api(Method::POST, &path, &reject).await.expect(200);
    assert_eq!(code(&app, &mut b).await["state"], "red");
    app.stop().await;
}

async fn withdrawing_and_declaring_anew_erase_nothing(app: App) {
    risk_area(&app).await;
    let mut b = app.resident("13600008873").await;
    let made = declare(&mut b, &travelled()).await;
    assert_eq!(code(&app, &mut b).await["state"], "red");
    let page = format!("/declarations/{}", number(&made));
    b.get(&page).await.expect(200).shows("撤回不会抹去");
    let version = made["version"].to_string();
    b.post(&format!("{page}/withdraw"), &[("version", &version)]).await.leads_to(&page);
    assert_eq!(code(&app, &mut b).await["state"], "red");
    b.get("/code").await.expect(200).shows("内容仍然算数");
    b.get(&page).await.expect(200).shows("内容仍然算数").shows("已撤回").shows("前仍影响健康码颜色");
    let anew = declare(&mut b, &well()).await;
    let held = code(&app, &mut b).await;
    assert_eq!((&held["state"], &held["when_accepted"]), (&json!("red"), &json!("green")), "{held}");
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let path = format!("/desk/declarations/{}", number(&anew));
    worker.get(&path).await.expect(200).shows("更改了什么").shows("武昌区");
    let accept =
        [("version", anew["version"].to_string()), ("action", "check".into()), ("accept", "yes".into())];
    let accept: Vec<(&str, &str)> = accept.iter().map(|(n, v)| (*n, v.as_str())).collect();
    worker.post(&path, &accept).await.leads_to(&path);
    assert_eq!(code(&app, &mut b).await["state"], "green");
    app.stop().await;
}

/// Yuechi, of high risk from now on.
async fn at_home_of_high_risk(app: &App) {
    let (at, keys) = (app.clock.now() - chrono::Duration::days(1), app.deps.keys.clone());
    let set = app.deps.store.write(move |tx| {
        let place = "511621".parse().unwrap();
        fugong::codes::set_risk(tx, &keys, Actor::Console, place, Risk::High, at, "公告", at)
    });
    set.await.unwrap();
}

/// The same person, who says that they live in a county without a level.
fn moved(departs: &str) -> Value {
    let mut whole = well();
    whole["present"]["division"] = json!(ELSEWHERE);
    whole["destination"]["day"] = json!(departs);
    whole
}

async fn later(app: &App, days: i64) -> Browser {
    app.clock.advance(chrono::Duration::days(days));
    app.drain().await;
    app.resident("13600008876").await
}

async fn a_red_of_where_one_lives_outlasts_the_days_of_what_was_said(app: App) {
    at_home_of_high_risk(&app).await;
    let mut b = app.resident("13600008876").await;
    declare(&mut b, &well()).await;
    assert_eq!(code(&app, &mut b).await["state"], "red");
    // The declaration has run out; twice something else is said, and nobody has looked at it.
    for (days, departs) in [(16, "2020-03-29"), (17, "2020-04-15")] {
        let mut b = later(&app, days).await;
        assert_eq!(code(&app, &mut b).await["state"], "red");
        b.get("/code").await.expect(200).shows("再申报一次").shows("现在没有有效的申报");
        declare(&mut b, &moved(departs)).await;
        let held = code(&app, &mut b).await;
        assert_eq!((&held["state"], &held["when_accepted"]), (&json!("red"), &json!("green")), "{held}");
        assert_eq!(held["reasons"][0]["rule"], "red.lives-in-high-risk-area");
    }
    let mut b = later(&app, 1).await;
    let all = b.api_get("/api/v1/declarations").await.expect(200).json();
    accept(&app, &all[0]).await;
    let green = code(&app, &mut b).await;
    assert_eq!((&green["state"], &green["when_accepted"]), (&json!("green"), &Value::Null), "{green}");
    app.stop().await;
}

/// The village worker of the county that was moved to accepts a declaration.
async fn accept(app: &App, made: &Value) {
    let mut worker = app.official(Role::VillageWorker, &ELSEWHERE[..6]).await;
    let page = format!("/desk/declarations/{}", number(made));
    worker.get(&page).await.expect(200).shows("更改了什么");
    let act = format!("/api/v1{page}/actions/check");
    let accepted = json!({"version": made["version"], "accept_changes": true});
    worker.api(Method::POST, &act, &accepted).await.expect(200);
}

async fn a_corrected_address_waits_as_long_as_it_takes(app: App) {
    at_home_of_high_risk(&app).await;
    let mut b = app.resident("13600008876").await;
    let mut at_home = well();
    at_home["destination"]["day"] = json!("2020-03-26");
    let made = declare(&mut b, &at_home).await;
    assert_eq!(code(&app, &mut b).await["state"], "red");
    let mut b = later(&app, 13).await;
    b.get("/declarations").await.expect(200);
    let fixed = correct(&mut b, &made, json!({"present": {"division": ELSEWHERE}})).await;
    for days in [1, 2, 5] {
        let mut b = later(&app, days).await;
        let held = code(&app, &mut b).await;
        assert_eq!((&held["state"], &held["when_accepted"]), (&json!("red"), &json!("green")), "{held}");
    }
    accept(&app, &fixed).await;
    assert_eq!(code(&app, &mut later(&app, 0).await).await["state"], "green");
    app.stop().await;
}

async fn what_was_withdrawn_ends_with_its_days(app: App) {
    at_home_of_high_risk(&app).await;
    let mut b = app.resident("13600008876").await;
    let made = declare(&mut b, &well()).await;
    let page = format!("/declarations/{}", number(&made));
    b.get(&page).await.expect(200);
    b.post(&format!("{page}/withdraw"), &[("version", &made["version"].to_string())]).await.leads_to(&page);
    // The page names the moment, and that is when it ends: not before, not after.
    b.get(&page).await.expect(200).shows("到 3 月 26 日 24:00 前仍影响健康码颜色");
    let last: chrono::DateTime<chrono::Utc> = "2020-03-26T15:59:00Z".parse().unwrap();
    app.clock.advance(last - app.clock.now());
    let mut b = later(&app, 0).await;
    assert_eq!(code(&app, &mut b).await["state"], "red");
    app.clock.advance(chrono::Duration::minutes(1));
    assert_eq!(code(&app, &mut b).await["state"], "unknown");
    app.stop().await;
}

async fn pages_correct_like_programs(app: App) {
    risk_area(&app).await;
    let mut b = app.resident("13600008874").await;
    let made = declare(&mut b, &travelled()).await;
    assert_eq!(code(&app, &mut b).await["state"], "red");
    let page = format!("/declarations/{}", number(&made));
    b.get(&page).await.expect(200);
    b.post(&format!("{page}/correct"), &[]).await.leads_to("/declare/check");
    b.get("/declare/travel").await.expect(200);
    b.post("/declare/travel", &[("travelled", "no"), ("change", "1")]).await.leads_to("/declare/check");
    let check =
        b.get("/declare/check").await.expect(200).shows("你现在是红码").shows("须等现住地的社区核对通过");
    let version = check.input("version").unwrap();
    b.post("/declare/submit", &[("version", &version), ("truth", "yes"), ("share", "no")])
        .await
        .leads_to(&page);
    assert_eq!(code(&app, &mut b).await["state"], "red");
    b.lang = "en";
    b.get(&page)
        .await
        .expect(200)
        .shows("Your changed answers are waiting to be checked")
        .shows("Once accepted: ");
    b.get("/code").await.expect(200).shows("Your changed answers are waiting to be checked");
    app.stop().await;
}

async fn what_was_asked_for_is_repeated(app: App) {
    let mut b = app.resident("13600008875").await;
    let made = declare(&mut b, &well()).await;
    let mut worker = app.official(Role::VillageWorker, &town()).await;
    let path = format!("/desk/declarations/{}", number(&made));
    let version = worker.get(&path).await.expect(200).hides("退回时要求补正").input("version").unwrap();
    let back = [
        ("version", version.as_str()),
        ("action", "return"),
        ("reason", "地址不全"),
        ("items", "补上单元号"),
    ];
    worker.post(&path, &back).await.leads_to(&path);
    worker.get(&path).await.expect(200).shows("退回时要求补正").shows("本人还没有重新提交");
    let now = b.api_get(&format!("/api/v1/declarations/{}", number(&made))).await.json();
    correct(&mut b, &now, json!({"present": {"address": "2 号 3 单元"}})).await;
    let case = worker.get(&path).await.expect(200).shows("补上单元号").shows("本人已更改后重新提交");
    let case = case.shows("2 号 3 单元").hides("勾选");
    // No colour hangs on it, so nothing more is asked for.
    let version = case.input("version").unwrap();
    worker.post(&path, &[("version", &version), ("action", "check")]).await.leads_to(&path);
    app.stop().await;
}
