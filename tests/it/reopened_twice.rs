//! One business and place has one case in force; a staff list tells nothing about strangers, and who looked is seen.

use crate::harness::App;
use crate::on_both;
use crate::reopening::{self, COUNTY, answer, confirm, decide, factory, risk, state, submit};
use chrono::Duration;
use fugong::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(a_second_case_for_the_same_place_waits_for_the_first, a_staff_list_finds_nobody_by_the_number_alone,);

async fn a_second_case_for_the_same_place_waits_for_the_first(app: App) {
    risk(&app, "low").await;
    let mut b = app.resident("13800138000").await;
    let first = reopening::filed(&app, &mut b, 41, "岳池县东外街理发店（陈记）").await;
    let paper = state(&mut b, &first).await["permit_number"].as_str().unwrap().to_owned();
    let second = reopening::shop_named(&mut b, 41, "岳池县东外街理发店（陈记）").await;
    assert_ne!(first, second);
    let check = format!("/reopening/{second}/check");
    let page = b.get(&check).await.expect(200).shows(&paper).shows("同一处不能再办一件").hides("提交备案");
    page.shows(&format!("/reopening/{first}"));
    let draft = state(&mut b, &second).await;
    let sent = [("version", draft["version"].to_string()), ("commitment", "yes".into())];
    let sent = sent.each_ref().map(|(k, v)| (*k, v.as_str()));
    b.post(&format!("/reopening/{second}/submit"), &sent).await.expect(409).shows("不能再提交");
    let body = json!({"version": draft["version"], "commitment": true});
    let api = format!("/api/v1/applications/{second}/submit");
    let problem = b.api(Method::POST, &api, &body).await.expect(409).json();
    assert_eq!(problem["type"], "urn:fugong:problem:already-in-force");
    // Suspended is still the first one's business; closed is not.
    let mut county = app.official(Role::CountyDesk, COUNTY).await;
    decide(&mut county, &first, "suspend", &[("reason", "出现病例"), ("remedy", "消毒")]).await.expect(303);
    b.api(Method::POST, &api, &body).await.expect(409);
    let version = state(&mut b, &first).await["version"].to_string();
    b.get(&format!("/reopening/{first}")).await.expect(200);
    b.post(&format!("/reopening/{first}/actions/close"), &[("version", &version)]).await.expect(303);
    submit(&mut b, &second).await.leads_to(&format!("/reopening/{second}/receipt"));
    let register = app.browser().get("/permits?state=valid").await.expect(200);
    register.hides(&paper);
    app.stop().await;
}

async fn looks(worker: &mut crate::harness::browser::Browser) -> Vec<Value> {
    let all = worker.api_get("/api/v1/me/access").await.expect(200).json();
    let all = all["looks"].as_array().unwrap().clone();
    all.into_iter().filter(|look| look["action"] == "reopening.staff-look").collect()
}

async fn a_staff_list_finds_nobody_by_the_number_alone(app: App) {
    risk(&app, "medium").await;
    let mut worker = app.resident("13800138999").await;
    let declared = crate::declarations::declare(&mut worker, "欧阳㛃", "360426199101010071").await;
    crate::declarations::issue(&app, &declared).await;
    let mut b = app.resident("13800138000").await;
    let number = factory(&mut b, 42).await;
    let strangers = "张三\t11010519491231002X\n李四\t360426199101010071";
    let fields = [("staff", strangers), ("change", "1")];
    answer(&mut b, &number, "staff?change=1", &fields).await.expect(303);
    confirm(&app, &mut b).await;
    submit(&mut b, &number).await.expect(303);
    let case = state(&mut b, &number).await;
    assert_eq!(case["staff_certificates"][1]["state"], Value::Null, "an invented name");
    let mine = format!("/reopening/{number}");
    b.get(&mine).await.expect(200).shows("没有查到证明 2 人");
    assert_eq!(looks(&mut worker).await.len(), 0);
    // Under the person's own name it is shown, and the person sees by whom: once a day, however often it is opened.
    let version = case["version"].to_string();
    b.post(&format!("{mine}/actions/withdraw"), &[("version", &version)]).await.expect(303);
    let number = factory(&mut b, 42).await;
    submit(&mut b, &number).await.expect(303);
    let mine = format!("/reopening/{number}");
    for _ in 0..2 {
        assert_eq!(state(&mut b, &number).await["staff_certificates"][1]["state"], "valid");
        b.get(&mine).await.expect(200).shows("有效 1 人");
    }
    let seen = looks(&mut worker).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0]["office"], "四川岳池渠江现代农业机械制造股份有限公司");
    worker.get("/me/access").await.expect(200).shows("在返岗名单里看到").shows("渠江现代农业机械");
    app.clock.advance(Duration::days(1));
    let mut b = app.resident("13800138000").await;
    b.get(&mine).await.expect(200);
    assert_eq!(looks(&mut app.resident("13800138999").await).await.len(), 2);
    app.stop().await;
}
