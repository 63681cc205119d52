//! The desk: who sees what, worklists, taking and giving back, reminders, the table of the staff.

use super::{COUNTY, TOWN, agreed, confirm, decide, factory, risk, state, submit, submitted};
use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::crypto::FieldContext;
use fugong::db::schema::officials;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    cases_of_a_disabled_official_go_back_to_the_desk,
    nobody_sees_or_decides_what_is_not_theirs,
    the_staff_table_says_how_certificates_stand_and_nothing_more,
    officials_land_on_what_waits_and_late_departments_are_reminded,
    choosing_nothing_is_said_and_everything_can_be_chosen,
);

async fn cases_of_a_disabled_official_go_back_to_the_desk(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 2).await;
    let mut leaving = app.official_full(Role::TownReviewer, TOWN).await;
    leaving.browser.get("/desk/applications?tab=unassigned").await.expect(200);
    let row = format!("{number}@1");
    let take = [("tab", "unassigned"), ("do", "take"), ("case", &*row)];
    leaving.browser.post("/desk/applications/bulk", &take).await.expect(200).shows("完成");
    let mut colleague = app.official(Role::TownReviewer, TOWN).await;
    colleague.get("/desk/applications?tab=unassigned").await.expect(200).hides("渠江现代");
    let mut admin = app.official(Role::Administrator, "510000").await;
    let page = format!("/admin/officials/{}", leaving.official);
    admin.get(&page).await.expect(200);
    admin.post(&page, &[("action", "disable")]).await.expect(200).shows("已领取 1 件").hides("渠江现代");
    colleague.get("/desk/applications?tab=unassigned").await.expect(200).hides("渠江现代");
    let sure = [("action", "disable"), ("asked", "yes"), ("sure", "yes"), ("reason", "调离")];
    admin.post(&page, &sure).await.leads_to(&page);
    colleague.get("/desk/applications?tab=unassigned").await.expect(200).shows("渠江现代");
    app.stop().await;
}

async fn nobody_sees_or_decides_what_is_not_theirs(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 6).await;
    let path = format!("/desk/applications/{number}");
    let mut elsewhere = app.official(Role::CountyDesk, "511622").await;
    elsewhere.get(&path).await.expect(404);
    elsewhere.get("/desk/applications?tab=all").await.expect(200).hides("渠江现代");
    app.official(Role::Doctor, COUNTY).await.get(&path).await.expect(404);
    let mut other = app.resident("13900139000").await;
    for page in ["", "/check", "/receipt", "/print", "/premises"] {
        other.get(&format!("/reopening/{number}{page}")).await.expect(404);
    }
    other.api_get(&format!("/api/v1/applications/{number}")).await.expect(404);
    app.browser().get(&format!("/reopening/{number}")).await.leads_to("/sign-in");
    // The official whose phone filed the case.
    let staff = app.official_full(Role::TownReviewer, TOWN).await;
    let (keys, id) = (app.deps.keys.clone(), staff.official);
    let done = app.deps.store.write(move |tx| {
        let sealed =
            keys.seal_str(&FieldContext::new("officials", "phone_sealed", id.0), "+8613800138000")?;
        diesel::update(officials::table.find(id))
            .set(officials::phone_sealed.eq(Some(sealed)))
            .execute(tx.conn())?;
        Ok(())
    });
    done.await.unwrap();
    let mut own = staff.browser;
    own.get(&path).await.expect(200).shows("与你本人有关");
    let current = state(&mut b, &number).await["version"].clone();
    let refused = own
        .api(
            Method::POST,
            &format!("/api/v1/desk/applications/{number}/actions/accept"),
            &json!({"version": current}),
        )
        .await
        .expect(409);
    assert_eq!(refused.json()["type"], "urn:fugong:problem:refused-self-decision");
    app.stop().await;
}

async fn the_staff_table_says_how_certificates_stand_and_nothing_more(app: App) {
    risk(&app, "medium").await;
    // One of the two on the factory's list has declared and holds a certificate, on which a doctor noted 36.6.
    let mut worker = app.resident("13800138999").await;
    let declared = crate::declarations::declare(&mut worker, "欧阳㛃", "360426199101010071").await;
    crate::declarations::issue(&app, &declared).await;
    let certificate = worker.api_get("/api/v1/certificates").await.expect(200).json();
    let certificate = certificate[0]["number"].as_str().unwrap().to_owned();
    let mut b = app.resident("13800138000").await;
    let number = factory(&mut b, 11).await;
    // Whoever has not handed in an application cannot ask about others.
    let draft = state(&mut b, &number).await;
    assert_eq!(draft["staff_certificates"], Value::Null);
    b.get(&format!("/reopening/{number}/check")).await.expect(200).hides("有效 1 人");
    confirm(&app, &mut b).await;
    submit(&mut b, &number).await.expect(303);
    let case = state(&mut b, &number).await;
    assert_eq!(case["staff_certificates"][0]["state"], Value::Null);
    assert_eq!(case["staff_certificates"][1]["state"], "valid");
    let (mine, theirs) = (format!("/reopening/{number}"), format!("/desk/applications/{number}"));
    let mut town = app.official(Role::TownReviewer, TOWN).await;
    for page in [b.get(&mine).await, town.get(&theirs).await] {
        let page = page.expect(200).shows("有效 1 人").shows("没有查到证明 1 人").shows("24:00 止");
        page.hides("36.6").hides(&certificate).hides("360426199101010071");
    }
    // It is withdrawn: the next look says so, and it is the first of the list.
    let mut doctor = app.official(Role::Doctor, COUNTY).await;
    doctor.get(&format!("/desk/certificates/{certificate}")).await.expect(200);
    let path = format!("/desk/certificates/{certificate}/revoke");
    let why = [("version", "1"), ("reason", "检测结果更正"), ("remedy", "重新申报")];
    doctor.post(&path, &why).await.expect(303);
    for page in [b.get(&mine).await, town.get(&theirs).await] {
        let page = page.expect(200).shows("已撤销 1 人").hides("检测结果更正");
        let (revoked, none) =
            (page.body.find("欧阳㛃").unwrap(), page.body.find("阿依古丽·买买提江").unwrap());
        assert!(revoked < none, "what is amiss comes first");
    }
    app.stop().await;
}

async fn officials_land_on_what_waits_and_late_departments_are_reminded(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 12).await;
    let mut town = app.official(Role::TownReviewer, TOWN).await;
    let landing = town.get("/desk/applications").await.expect(200);
    landing.shows("渠江现代").shows("未分派 1 件").hides("待决定");
    decide(&mut town, &number, "accept", &[]).await.expect(303);
    town.get("/desk/applications").await.shows("这里现在没有案件");
    let (mut county, mut health) =
        (app.official(Role::CountyDesk, COUNTY).await, app.official(Role::HealthReviewer, COUNTY).await);
    county.get("/desk/applications?tab=review").await.shows("渠江现代").shows("审核中");
    county.get("/desk/applications?tab=deciding").await.hides("渠江现代");
    decide(&mut health, &number, "agree", &[]).await.expect(303);
    // The two that have not answered are reminded, today once.
    let (path, remind) =
        (format!("/desk/applications/{number}"), format!("/desk/applications/{number}/remind"));
    health.post(&remind, &[]).await.expect(404);
    county.get(&path).await.expect(200).shows("还没有答复").hides("下一件");
    county.post(&remind, &[]).await.leads_to(&path);
    county.get(&path).await.expect(200).shows("今天已经催过").shows("催办");
    county.post(&remind, &[]).await.expect(409).shows("今天都催过了");
    let api = format!("/api/v1{remind}");
    let problem = county.api(Method::POST, &api, &json!({})).await.expect(409).json();
    assert_eq!(problem["type"], "urn:fugong:problem:reminded-today");
    app.clock.advance(Duration::days(1));
    let mut county = app.official(Role::CountyDesk, COUNTY).await;
    county.get(&path).await.expect(200);
    let again = county.api(Method::POST, &api, &json!({})).await.expect(200).json();
    assert_eq!(again["reminded"], json!(["industry-reviewer", "market-reviewer"]));
    let mut b = app.resident("13800138000").await;
    let case = state(&mut b, &number).await;
    let did: Vec<_> =
        case["events"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(
        did[did.len() - 2..],
        ["remind", "remind"],
        "it stands in the timeline, and nobody else's does"
    );
    agreed(&app, &number).await;
    county.get(&path).await.expect(200).shows("待决定").hides("还没有答复");
    county.post(&remind, &[]).await.expect(409).shows("都已答复");
    county.get("/desk/applications?tab=deciding").await.expect(200).shows("渠江现代");
    county.get("/desk/applications?tab=review").await.expect(200).hides("渠江现代");
    county.get("/desk/applications").await.expect(200).shows("待决定 1 件");
    let row = county.api_get("/api/v1/desk/applications").await.expect(200).json();
    assert_eq!(row["applications"][0]["awaits_decision"], true);
    assert_eq!(row["counts"]["deciding"]["count"], 1);
    decide(&mut county, &number, "approve", &[]).await.expect(303);
    // Decided: nothing is counted on.
    county.get("/desk/applications?tab=decided").await.shows("渠江现代").hides("还剩").hides("已逾期 1");
    app.stop().await;
}

async fn choosing_nothing_is_said_and_everything_can_be_chosen(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 14).await;
    let mut town = app.official(Role::TownReviewer, TOWN).await;
    town.get("/desk/applications?tab=unassigned&kind=enterprise").await.expect(200);
    let sent = [("tab", "unassigned"), ("kind", "enterprise"), ("colleague", "")];
    let none = town
        .post("/desk/applications/bulk", &[sent[0], sent[1], sent[2], ("do", "take")])
        .await
        .expect(422)
        .shows("请先勾选至少一件")
        .shows("渠江现代");
    assert!(none.body.contains("<option value=\"enterprise\" selected"), "the filter is kept");
    let all = town.post("/desk/applications/bulk", &[sent[0], sent[1], ("do", "all")]).await.expect(200);
    let row = all.body.split(&format!("value=\"{number}@")).nth(1).expect("a row").split('>').next().unwrap();
    assert!(row.contains("checked"), "every row is chosen");
    let row = format!("{number}@1");
    let taken = [sent[0], sent[1], ("do", "take"), ("case", row.as_str())];
    town.post("/desk/applications/bulk", &taken).await.expect(200).shows("完成");
    app.stop().await;
}
