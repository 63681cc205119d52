//! The way of a case: permit, refusal, correction, departments, the prefecture, and what silence means.

use super::{COUNTY, TOWN, agreed, answer, decide, risk, sent, state, submit, submitted, version};
use crate::harness::App;
use crate::on_both;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Id;
use fugong::db::schema::business_staff;
use fugong::jobs::Job;
use fugong::reopening::work::{Clock, Staff};
use fugong::web::format;
use fugong::web::i18n::Lang;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_factory_in_a_medium_risk_county_gets_its_permit,
    a_refusal_says_why_and_what_to_do,
    silence_accepts_but_never_approves,
    the_second_official_learns_what_changed,
    high_risk_goes_to_the_prefecture,
    a_resubmission_shows_what_was_asked_and_what_changed,
);

async fn a_factory_in_a_medium_risk_county_gets_its_permit(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 2).await;
    let case = state(&mut b, &number).await;
    let (town_sees, due) = (format!("/desk/applications/{number}"), case["due_at"].clone());
    assert_eq!(case["state"], "submitted");
    let mut town = app.official(Role::TownReviewer, TOWN).await;
    town.get("/desk/applications?tab=unassigned").await.expect(200).shows("渠江现代").shows("还剩 5 天");
    town.get("/desk/applications?tab=all").await.expect(200).shows("渠江现代").shows("并联审核");
    town.post(
        "/desk/applications/bulk",
        &[
            ("tab", "unassigned"),
            ("do", "take"),
            ("case", &format!("{number}@1")),
            ("case", "QY000000-00000000@1"),
        ],
    )
    .await
    .expect(200)
    .shows("完成")
    .shows("没有改动");
    town.get("/desk/applications?tab=mine").await.shows("渠江现代");
    // One working day passes; the clock is the same on both sides.
    app.clock.advance(Duration::days(1));
    let (mut b, mut town) = (app.resident("13800138000").await, app.official(Role::TownReviewer, TOWN).await);
    b.get(&format!("/reopening/{number}")).await.shows("还剩 4 天");
    town.get(&town_sees).await.shows("还剩 4 天").shows("没有查到证明").shows("1101 **** **** 002X");
    decide(&mut town, &number, "request-correction", &[]).await.expect(422);
    let items = [("items", "隔离房间平面图\n食堂分餐安排")];
    let preview = decide(&mut town, &number, "request-correction", &[items[0], ("preview", "1")]).await;
    preview.expect(200).shows("【四川复工通】").shows("要补充2项").shows("食堂分餐安排");
    decide(&mut town, &number, "request-correction", &items).await.expect(303);
    assert_eq!(sent(&app, "correction-notice").await, 1);
    b.get(&format!("/reopening/{number}"))
        .await
        .shows("隔离房间平面图")
        .shows("暂停，已用 1 天")
        .shows("补充并重新提交");
    app.clock.advance(Duration::days(20));
    // Sessions of officials end within the day.
    let (mut b, mut town) = (app.resident("13800138000").await, app.official(Role::TownReviewer, TOWN).await);
    town.get(&town_sees).await.expect(200).shows("暂停，已用 1 天");
    assert_eq!(
        state(&mut b, &number).await["due_at"],
        Value::Null,
        "no due time while the applicant corrects"
    );
    answer(
        &mut b,
        &number,
        "isolation?change=1",
        &[("isolation", "3 号楼 1 层 6 间，附图"), ("change", "1")],
    )
    .await
    .leads_to(&format!("/reopening/{number}/check"));
    submit(&mut b, &number).await.expect(303);
    assert_ne!(state(&mut b, &number).await["due_at"], due);
    b.get(&format!("/reopening/{number}")).await.shows("还剩 4 天");
    decide(&mut town, &number, "request-correction", &items).await.expect(409).shows("不能再发第二次");
    decide(&mut town, &number, "accept", &[]).await.expect(303);
    let case = state(&mut b, &number).await;
    assert_eq!(case["state"], "in-review");
    let did: Vec<_> =
        case["events"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(did, ["submit", "request-correction", "resubmit", "accept", "start-review"]);
    let mut county = app.official(Role::CountyDesk, COUNTY).await;
    county.get(&town_sees).await.shows("还剩 2 天").shows("还有部门没有同意");
    decide(&mut county, &number, "approve", &[]).await.expect(409).shows("还有部门没有同意");
    let mut health = app.official(Role::HealthReviewer, COUNTY).await;
    health.get("/desk/applications").await.shows("渠江现代").hides("未分派");
    decide(&mut health, &number, "object", &[("reason", "少一支测温枪"), ("remedy", "补一支")])
        .await
        .expect(303);
    health.get("/desk/applications").await.shows("这里现在没有案件");
    agreed(&app, &number).await;
    let preview = decide(&mut county, &number, "approve", &[("preview", "1")]).await.expect(200);
    decide(&mut county, &number, "approve", &[]).await.expect(303);
    let case = state(&mut b, &number).await;
    assert_eq!(case["state"], "approved");
    let until: DateTime<Utc> = case["permit_until"].as_str().unwrap().parse().unwrap();
    let until = format::until(Lang::ZhCn, until, false);
    assert!(until.ends_with("24:00"), "{until}");
    preview.shows(&until);
    b.get(&format!("/reopening/{number}/print"))
        .await
        .expect(200)
        .shows("复工许可")
        .shows("准予上述单位复工");
    county.get("/desk/applications?tab=decided").await.shows("渠江现代");
    let permit = format!("/permits/{}", case["permit_number"].as_str().unwrap());
    app.browser().get(&permit).await.shows("有效");
    // The staff list serves the next filing.
    let application_id = case_id(&app, &number).await;
    for _ in 0..2 {
        Staff { application_id }.run(app.deps.clone()).await.unwrap();
    }
    let staff =
        app.deps.store.read(|conn| Ok(business_staff::table.count().get_result::<i64>(conn)?)).await.unwrap();
    assert_eq!(staff, 2);
    // After the permit: opened, suspended, lifted.
    let act = format!("/reopening/{number}/actions/report-opening");
    let version = case["version"].to_string();
    b.post(&act, &[("version", &version)]).await.expect(303);
    decide(&mut county, &number, "suspend", &[("reason", "出现病例")]).await.expect(422);
    decide(&mut county, &number, "suspend", &[("reason", "出现病例"), ("remedy", "消毒后申请恢复")])
        .await
        .expect(303);
    app.browser().get(&permit).await.shows("已暂停");
    decide(&mut county, &number, "lift-suspension", &[("reason", "已消毒")]).await.expect(303);
    app.browser().get(&permit).await.shows("有效");
    app.stop().await;
}

async fn case_id(app: &App, number: &str) -> Id {
    use fugong::db::schema::applications as ap;
    let number = number.to_owned();
    let id = app
        .deps
        .store
        .read(move |conn| Ok(ap::table.filter(ap::number.eq(number)).select(ap::id).first(conn)?));
    id.await.unwrap()
}

async fn a_refusal_says_why_and_what_to_do(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 3).await;
    let mut town = app.official(Role::TownReviewer, TOWN).await;
    decide(&mut town, &number, "accept", &[]).await.expect(303);
    let mut county = app.official(Role::CountyDesk, COUNTY).await;
    let why = [("reason", "隔离房间不合格"), ("remedy", "改到独立楼层后重新申请")];
    decide(&mut county, &number, "refuse", &why).await.expect(409).shows("还有部门没有答复");
    agreed(&app, &number).await;
    decide(&mut county, &number, "refuse", &why[..1]).await.expect(422).shows("隔离房间不合格");
    decide(&mut county, &number, "refuse", &why).await.expect(303);
    b.get(&format!("/reopening/{number}")).await.shows("未获许可").shows(why[0].1).shows(why[1].1);
    assert_eq!(sent(&app, "reopening-refused").await, 1);
    b.get(&format!("/reopening/{number}/print")).await.expect(404);
    app.stop().await;
}

async fn silence_accepts_but_never_approves(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 4).await;
    let clock = || Clock.run(app.deps.clone());
    clock().await.unwrap();
    assert_eq!(state(&mut b, &number).await["state"], "submitted");
    // Thursday to Thursday are five working days.
    app.clock.advance(Duration::days(7) + Duration::minutes(1));
    clock().await.unwrap();
    clock().await.unwrap();
    let mut b = app.resident("13800138000").await;
    let case = state(&mut b, &number).await;
    assert_eq!(case["state"], "in-review", "accepted by law, not approved");
    let did: Vec<_> =
        case["events"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(did, ["submit", "deem-accepted", "start-review"]);
    assert_eq!(case["due_at"], "2020-03-16T02:32:00Z", "the decision counts from the day of receipt");
    b.get(&format!("/reopening/{number}")).await.shows("已逾期").shows("可以打 12345 催办");
    let mut county = app.official(Role::CountyDesk, COUNTY).await;
    county.get("/desk/applications?tab=overdue").await.shows("渠江现代").shows("已逾期");
    app.stop().await;
}

async fn the_second_official_learns_what_changed(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 5).await;
    let mut one = app.official(Role::TownReviewer, TOWN).await;
    let mut two = app.official(Role::TownReviewer, TOWN).await;
    let (seen, path) = (version(&mut two, &number).await, format!("/desk/applications/{number}"));
    decide(&mut one, &number, "accept", &[]).await.expect(303);
    let late = two.post(&path, &[("version", &seen), ("action", "request-correction"), ("items", "x")]).await;
    late.expect(409).shows("已受理").shows("李经办").shows("回到申请");
    let api = format!("/api/v1/desk/applications/{number}/actions/accept");
    let problem = two
        .api(Method::POST, &api, &json!({"version": seen.parse::<i64>().unwrap()}))
        .await
        .expect(409)
        .json();
    assert_eq!(problem["type"], "urn:fugong:problem:changed-meanwhile");
    app.stop().await;
}

async fn high_risk_goes_to_the_prefecture(app: App) {
    risk(&app, "high").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 7).await;
    let mut town = app.official(Role::TownReviewer, TOWN).await;
    decide(&mut town, &number, "accept", &[]).await.expect(303);
    agreed(&app, &number).await;
    let mut county = app.official(Role::CountyDesk, COUNTY).await;
    decide(&mut county, &number, "approve", &[]).await.expect(409).shows("市（州）审核");
    decide(&mut county, &number, "forward", &[]).await.expect(303);
    let mut prefecture = app.official(Role::PrefectureReviewer, "511600").await;
    prefecture.get("/desk/applications?tab=unassigned").await.shows("渠江现代");
    decide(&mut prefecture, &number, "approve-prefecture", &[]).await.expect(303);
    assert_eq!(state(&mut b, &number).await["state"], "approved");
    app.stop().await;
}

async fn a_resubmission_shows_what_was_asked_and_what_changed(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 13).await;
    let mut town = app.official(Role::TownReviewer, TOWN).await;
    let items = [("items", "隔离房间平面图\n责任人电话")];
    decide(&mut town, &number, "request-correction", &items).await.expect(303);
    let path = format!("/desk/applications/{number}");
    town.get(&path).await.hides("重新提交时改了");
    for (step, fields) in [
        ("isolation?change=1", [("isolation", "3 号楼独立一层，附图"), ("change", "1")].as_slice()),
        ("lead?change=1", &[("lead", "何晓琴"), ("lead_phone", "13800138444"), ("change", "1")]),
        (
            "staff?change=1",
            &[("staff", "李四\t11010519491231002X\n欧阳㛃\t360426199101010071"), ("change", "1")],
        ),
    ] {
        answer(&mut b, &number, step, fields).await.expect(303);
    }
    submit(&mut b, &number).await.expect(303);
    let page = town.get(&path).await.expect(200).shows("补正告知要求的").shows("隔离房间平面图");
    let page = page.shows("重新提交时改了").shows("3 号楼 1 层，6 间").shows("3 号楼独立一层，附图");
    page.hides("13800138333").hides("13800138444");
    let case = town.api_get(&format!("/api/v1{path}")).await.expect(200).json();
    let changed: Vec<&str> = case["correction"]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["field"].as_str().unwrap())
        .collect();
    assert_eq!(changed, ["lead-phone", "isolation", "staff"]);
    assert_eq!(case["correction"]["changes"][2]["after"], "李四");
    assert_eq!(case["correction"]["changes"][2]["before"], "阿依古丽·买买提江");
    assert_eq!(case["correction"]["asked"], json!(["隔离房间平面图", "责任人电话"]));
    app.stop().await;
}
