//! What those who apply meet: the filing of a shop, who may act for a business, lists of staff, the register.

use super::{
    COUNTY, TOWN, answer, begin, confirm, decide, legal_phone, risk, sent, shop, state, submit, uscc,
};
use crate::harness::App;
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::crypto::FieldContext;
use fugong::db::Id;
use fugong::db::schema::outbox;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_shop_in_a_low_risk_county_files_and_is_open,
    an_agent_is_confirmed_by_the_legal_person_or_the_counter,
    staff_lists_name_row_and_column,
    premises_that_stay_shut_are_told_so,
    anybody_can_search_the_register,
);

async fn a_shop_in_a_low_risk_county_files_and_is_open(app: App) {
    risk(&app, "low").await;
    let mut b = app.resident("13800138000").await;
    let number = shop(&mut b, 1).await;
    b.get(&format!("/reopening/{number}/check")).await.shows("陈㛃𠮷").shows("确认代办资格");
    let refused =
        b.post(&format!("/reopening/{number}/submit"), &[("version", "6"), ("commitment", "yes")]).await;
    refused.expect(409).shows("代办资格还没有确认");
    confirm(&app, &mut b).await;
    let page =
        b.get(&format!("/reopening/{number}/check")).await.expect(200).shows("备案即可").shows("提交备案");
    let (version, once) = (page.input("version").unwrap(), page.input("_once").unwrap());
    let path = format!("/reopening/{number}/submit");
    b.post(&path, &[("version", &version)]).await.expect(422).shows("请勾选承诺");
    let fields = [("version", version.as_str()), ("commitment", "yes"), ("_once", &once)];
    b.post(&path, &fields).await.leads_to(&format!("/reopening/{number}/receipt"));
    b.post(&path, &fields).await.leads_to(&format!("/reopening/{number}/receipt"));
    b.get(&format!("/reopening/{number}/receipt")).await.expect(200).shows("备案已生效");
    assert_eq!(sent(&app, "filing-effective").await, 1, "sent twice, told once");
    let case = state(&mut b, &number).await;
    assert_eq!((case["state"].as_str(), case["review_level"].as_str()), (Some("filed"), Some("filing")));
    let permit = case["permit_number"].as_str().unwrap().to_owned();
    b.get(&format!("/reopening/{number}/print")).await.expect(200).shows("复工备案证明").shows(&permit);
    let mut anybody = app.browser();
    let shown = anybody.get(&format!("/permits/{permit}")).await.expect(200).shows("有效").shows("理发店");
    shown.hides("陈㛃");
    anybody.lang = "en";
    anybody
        .get(&format!("/permits/{}", permit.to_lowercase()))
        .await
        .expect(200)
        .shows("This business may operate");
    // No office can ask for an approval of it: there is nothing to decide but what follows an inspection.
    let mut town = app.official(Role::TownReviewer, TOWN).await;
    let refused = town
        .api(
            Method::POST,
            &format!("/api/v1/desk/applications/{number}/actions/accept"),
            &json!({"version": case["version"]}),
        )
        .await;
    assert_ne!(refused.status, 200);
    // The answers are closed.
    b.post(&format!("/reopening/{number}/premises"), &[("premises", "shop")]).await.expect(409);
    app.stop().await;
}

async fn an_agent_is_confirmed_by_the_legal_person_or_the_counter(app: App) {
    risk(&app, "low").await;
    let mut first = app.resident("13800138000").await;
    let number = shop(&mut first, 8).await;
    let mut second = app.resident("13900139000").await;
    let other = begin(&mut second, &uscc(true, 8), "别的名字").await;
    second.get(&format!("/reopening/{other}/operator")).await.expect(200).hides("陈㛃");
    let page = second.get("/reopening").await;
    let at = page.body.find("/reopening/agents/DL").unwrap();
    let agent = page.body[at..][..35].to_owned();
    // Nobody learns whether a phone is on file.
    second.get(&agent).await.expect(200);
    second.post(&format!("{agent}/code"), &[("do", "send")]).await.leads_to("/reopening/agents/");
    assert_eq!(sent(&app, "agent-confirm-code").await, 0);
    legal_phone(&app).await;
    second.post(&format!("{agent}/code"), &[("do", "send")]).await.leads_to("/reopening/agents/");
    assert_eq!(sent(&app, "agent-confirm-code").await, 1);
    let keys = app.deps.keys.clone();
    let params = app.deps.store.read(move |conn| {
        let (id, sealed): (Id, Vec<u8>) = outbox::table
            .filter(outbox::message.eq("agent-confirm-code"))
            .select((outbox::id, outbox::params_sealed))
            .first(conn)?;
        Ok(keys.open_json::<Value>(&FieldContext::new("outbox", "params_sealed", id.0), &sealed)?)
    });
    let code = params.await.unwrap()["code"].as_str().unwrap().to_owned();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    second.post(&format!("{agent}/code"), &[("code", wrong)]).await.expect(422).shows("验证码不对");
    second.post(&format!("{agent}/code"), &[("code", &code)]).await.leads_to("/reopening/agents/");
    second.get(&agent).await.shows("资格已确认");
    // The first is still not confirmed.
    first.get(&format!("/reopening/{number}/check")).await.shows("确认代办资格");
    app.stop().await;
}

async fn staff_lists_name_row_and_column(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = begin(&mut b, &uscc(false, 9), "岳池县禾丰米粉食品有限公司").await;
    answer(&mut b, &number, "headcount", &[("staff_total", "3"), ("returning", "2")]).await.expect(303);
    let list = "姓名,证件号码\n张三,360426199101010072\n李四,11010519491231002X";
    let page = answer(&mut b, &number, "staff", &[("staff", list)]).await.expect(422);
    page.shows("第 2 行，证件号码").shows("李四,11010519491231002X");
    // As browsers send it, and with the fault further down.
    let list = "姓名,证件号码\r\n李四,11010519491231002X\r\n\r\n张三,360426199101010072\r\n";
    answer(&mut b, &number, "staff", &[("staff", list)]).await.expect(422).shows("第 4 行，证件号码");
    answer(&mut b, &number, "staff", &[("staff", "李四,11010519491231002X")])
        .await
        .expect(422)
        .shows("名单有 1 人");
    // A file in GB18030, as spreadsheets on Chinese Windows write it.
    b.get(&format!("/reopening/{number}/staff")).await.expect(200);
    let (file, _, _) = encoding_rs::GB18030
        .encode("姓名,证件号码\r\n张三,360426199101010071\r\n李㛃,11010519491231002X\r\n");
    b.upload(&format!("/reopening/{number}/staff/upload"), "file", "a.csv", &file)
        .await
        .leads_to(&format!("/reopening/{number}/supplies"));
    b.get(&format!("/reopening/{number}/staff")).await.shows("李㛃\t11010519491231002X");
    b.get("/reopening/staff-template.csv").await.expect(200).shows("姓名,证件号码");
    app.stop().await;
}

async fn premises_that_stay_shut_are_told_so(app: App) {
    risk(&app, "low").await;
    let mut b = app.resident("13800138000").await;
    let number = shop(&mut b, 10).await;
    let shut = format!("/reopening/{number}/shut");
    answer(&mut b, &number, "premises", &[("premises", "cinema")]).await.leads_to(&shut);
    b.get(&shut).await.expect(200).shows("电影院").shows("传染病防治法").shows("12345");
    confirm(&app, &mut b).await;
    b.get(&format!("/reopening/{number}/check")).await.expect(200).shows("暂不开放").hides("提交备案");
    let version = state(&mut b, &number).await["version"].to_string();
    let tried =
        b.post(&format!("/reopening/{number}/submit"), &[("version", &version), ("commitment", "yes")]).await;
    tried.expect(409).shows("暂不开放");
    app.stop().await;
}

async fn anybody_can_search_the_register(app: App) {
    risk(&app, "low").await;
    let mut b = app.resident("13800138000").await;
    let number = shop(&mut b, 15).await;
    confirm(&app, &mut b).await;
    submit(&mut b, &number).await.expect(303);
    let draft = begin(&mut b, &uscc(true, 16), "岳池县没有提交的店").await;
    let permit = state(&mut b, &number).await["permit_number"].as_str().unwrap().to_owned();
    let mut anybody = app.browser();
    let all = anybody.get("/permits").await.expect(200).shows("岳池县东外街理发店（陈记）").shows(&permit);
    all.shows("备案").shows("有效").hides("没有提交").hides(&draft).hides("陈㛃").hides("13800138");
    // By the beginning of the name, the whole credit code or number; county and state.
    let code = uscc(true, 15);
    for found in [
        "?q=%E5%B2%B3%E6%B1%A0%E5%8E%BF%E4%B8%9C".to_owned(),
        format!("?q={}", code.to_lowercase()),
        format!("?q={permit}&county={COUNTY}&state=valid"),
    ] {
        anybody.get(&format!("/permits{found}")).await.expect(200).shows("东外街理发店");
    }
    for not in ["?q=%E4%B8%9C%E5%A4%96", "?q=%25", "?q=_", "?county=511622", "?state=expired", "?state=ended"]
    {
        let page = anybody.get(&format!("/permits{not}")).await.expect(200);
        page.hides("东外街理发店").shows("要从第一个字起输入");
    }
    anybody.get("/permits?after=zzz").await.expect(400);
    let file = anybody.get("/permits/list.csv?q=%E5%B2%B3").await.expect(200);
    file.shows("编号,种类,单位名称").shows(&format!("{permit},备案,岳池县东外街理发店（陈记）,{code},"));
    let list = anybody.api_get("/api/v1/permits").await.expect(200);
    let one = &list.json()["permits"][0];
    assert_eq!((one["number"].as_str(), one["county"].as_str()), (Some(permit.as_str()), Some(COUNTY)));
    assert_eq!((one["kind"].as_str(), one["state"].as_str()), (Some("filing"), Some("valid")));
    // Suspended: it stands there, and says so.
    let mut county = app.official(Role::CountyDesk, COUNTY).await;
    decide(&mut county, &number, "suspend", &[("reason", "出现病例"), ("remedy", "消毒后申请恢复")])
        .await
        .expect(303);
    anybody.get("/permits?state=suspended").await.expect(200).shows("东外街理发店");
    anybody.get("/permits?state=valid").await.expect(200).hides("东外街理发店");
    app.stop().await;
}
