//! Decisions about businesses, offices, officials and partners, and of the province's operators.

use super::{Doing, is_done_once, is_one_of_two, is_shown_first, tells};
use crate::codes::ends::action;
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use crate::reopening::{begin, decide, risk, submitted, uscc, version};
use crate::world::codes::persons;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::audit::Actor;
use fugong::crypto::FieldContext;
use fugong::db::Id;
use fugong::db::schema::{agreements, officials, retention_holds};
use fugong::exchange::{self, NewAgreement};
use reqwest::Method;
use serde_json::json;

on_both!(
    a_reopening,
    a_case_is_taken_once,
    a_right_to_act,
    a_level_of_risk,
    a_hold,
    a_partner_and_an_agreement,
    an_office,
    an_official,
);

const COUNTY: &str = "511621";
const WHY: (&str, &str) = ("reason", "材料与现场不符");

async fn a_reopening(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 2).await;
    let path = format!("/desk/applications/{number}");
    let mut one = app.official(Role::TownReviewer, "511621001").await;
    let mut two = app.official(Role::TownReviewer, "511621001").await;
    let seen = version(&mut one, &number).await;
    version(&mut two, &number).await;
    let many = "一项\n".repeat(51);
    let fields = [("action", "request-correction"), ("version", &seen), ("items", "隔离房间平面图")];
    let (action, message) = ("reopening.act", Some("correction-notice"));
    let doing = Doing { path: &path, fields: &fields, action, message };
    is_shown_first(&app, &mut one, &doing, "要补充1项").await;
    let more = [("action", "request-correction"), ("version", &seen), ("items", many.as_str())];
    one.post(&path, &more).await.expect(422).shows("最多 50 项").shows(&many);
    is_done_once(&app, &mut one, &doing).await;
    tells(two.post(&path, &fields).await, &doing).shows("回到申请");
    let api = format!("/api/v1/desk/applications/{number}/actions/accept");
    let late = two.api(Method::POST, &api, &json!({"version": seen.parse::<i64>().unwrap()})).await;
    let told = late.expect(409).json();
    assert_eq!((&told["state"], told["changes"].as_array().unwrap().len()), (&"correction".into(), 1));
    app.stop().await;
}

async fn a_case_is_taken_once(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 2).await;
    let path = format!("/desk/applications/{number}/assign");
    let mut one = app.official(Role::TownReviewer, "511621001").await;
    let mut two = app.official(Role::TownReviewer, "511621001").await;
    version(&mut one, &number).await;
    version(&mut two, &number).await;
    let doing = Doing { path: &path, fields: &[("do", "take")], action: "reopening.assign", message: None };
    is_done_once(&app, &mut one, &doing).await;
    two.post(&path, doing.fields).await.expect(409).shows("已有同事领取").shows("李经办");
    decide(&mut one, &number, "accept", &[]).await.expect(303);
    let mut county = app.official(Role::CountyDesk, COUNTY).await;
    version(&mut county, &number).await;
    let remind = format!("/desk/applications/{number}/remind");
    let doing = Doing { path: &remind, fields: &[], action: "reopening.remind", message: None };
    is_done_once(&app, &mut county, &doing).await;
    app.stop().await;
}

async fn a_right_to_act(app: App) {
    let mut b = app.resident("13800138000").await;
    begin(&mut b, &uscc(true, 3), "岳池县东外街理发店").await;
    let mut one = app.official(Role::TownReviewer, "511621001").await;
    let mut two = app.official(Role::CountyDesk, COUNTY).await;
    let list = one.get("/desk/agents").await.expect(200);
    two.get("/desk/agents").await.expect(200);
    let at = list.body.find("href=\"/desk/agents/DL").unwrap();
    let path = list.body[at + "href=\"".len()..].split('"').next().unwrap().to_owned();
    let seen = one.get(&path).await.expect(200).input("version").unwrap();
    let fields = [("version", seen.as_str()), ("do", "confirm"), ("proof", "owner")];
    let doing = Doing { path: &path, fields: &fields, action: "business.agent-decide", message: None };
    is_done_once(&app, &mut one, &doing).await;
    tells(two.post(&path, &fields).await, &doing);
    // The name as well, which two may correct.
    let page = one.get(&path).await.expect(200);
    let seen = page.input("version").unwrap();
    let fields = [("version", seen.as_str()), ("do", "rename"), ("name", "岳池县西外街理发店"), WHY];
    let doing =
        Doing { path: &path, fields: &fields, action: "business.rename", message: Some("business-renamed") };
    is_one_of_two(&app, &mut one, &mut two, &doing).await.shows("岳池县西外街理发店");
    app.stop().await;
}

async fn a_level_of_risk(app: App) {
    let mut first = app.official(Role::ProvinceOperator, "510000").await;
    first.get("/desk/risks").await.expect(200);
    let change = [
        ("division", COUNTY),
        ("level", "high"),
        ("since-year", "2020"),
        ("since-month", "3"),
        ("since-day", "12"),
        ("until-year", "2020"),
        ("until-month", "3"),
        ("until-day", "20"),
        ("source", "省指挥部第 9 号公告"),
    ];
    let count = persons(&first.post("/desk/risks", &change).await.expect(200).body);
    let fields = [&change[..], &[("count", count.as_str())]].concat();
    let entered = Doing { path: "/desk/risks", fields: &fields, action: "risk.enter", message: None };
    is_done_once(&app, &mut first, &entered).await;
    let mut one = app.official(Role::ProvinceOperator, "510000").await;
    let mut two = app.official(Role::ProvinceOperator, "510000").await;
    let path = format!("{}/decide", action(&one.get("/desk/risks").await.expect(200).body, "/desk/risks"));
    two.get("/desk/risks").await.expect(200);
    let fields = [("decision", "refuse"), WHY];
    let doing = Doing { path: &path, fields: &fields, action: "risk.refuse", message: None };
    is_one_of_two(&app, &mut one, &mut two, &doing).await;
    app.stop().await;
}

async fn a_hold(app: App) {
    let mut b = app.resident("13600008843").await;
    let number = crate::declarations::declare(&mut b, "孙七", "360426199101010071").await;
    let mut first = app.official(Role::ProvinceOperator, "510000").await;
    first.get("/desk/holds").await.expect(200);
    let entry = [
        ("number", number.as_str()),
        WHY,
        ("until-year", "2020"),
        ("until-month", "12"),
        ("until-day", "31"),
    ];
    let entered = Doing { path: "/desk/holds", fields: &entry, action: "hold.enter", message: None };
    is_done_once(&app, &mut first, &entered).await;
    let id =
        app.deps.store.read(|c| Ok(retention_holds::table.select(retention_holds::id).first::<Id>(c)?));
    let id = id.await.unwrap();
    let (confirm, end) = (format!("/desk/holds/{id}/confirm"), format!("/desk/holds/{id}/end"));
    let mut one = app.official(Role::ProvinceOperator, "510000").await;
    let mut two = app.official(Role::ProvinceOperator, "510000").await;
    one.get("/desk/holds").await.expect(200);
    two.get("/desk/holds").await.expect(200);
    let seen = one.post(&confirm, &[]).await.expect(200).input("seen").unwrap();
    let yes = [("asked", "yes"), ("seen", seen.as_str()), ("decision", "confirm")];
    let doing = Doing { path: &confirm, fields: &yes, action: "hold.confirm", message: None };
    is_done_once(&app, &mut one, &doing).await;
    // Who has seen it as it was before ends nothing that was confirmed since.
    let no = [("asked", "yes"), ("seen", seen.as_str()), ("decision", "end"), WHY];
    let doing = Doing { path: &end, fields: &no, action: "hold.end", message: None };
    tells(two.post(&end, &no).await, &doing).shows("已确认");
    let seen = two.post(&end, &[]).await.expect(200).input("seen").unwrap();
    let no = [("asked", "yes"), ("seen", seen.as_str()), ("decision", "end"), WHY];
    let doing = Doing { path: &end, fields: &no, action: "hold.end", message: None };
    is_one_of_two(&app, &mut one, &mut two, &doing).await.shows("已结束");
    app.stop().await;
}

async fn a_partner_and_an_agreement(app: App) {
    let mut one = app.official(Role::ExchangeOperator, "510000").await;
    let mut two = app.official(Role::ExchangeOperator, "510000").await;
    one.get("/desk/exchange/partners/new").await.expect(200);
    two.get("/desk/exchange/partners/new").await.expect(200);
    let partner = [
        ("province", "330000"),
        ("endpoint", "https://partner.example"),
        ("phone", "0571-12345"),
        ("active", "yes"),
    ];
    let path = "/desk/exchange/partners/new";
    let doing = Doing { path, fields: &partner, action: "exchange.partner.put", message: None };
    is_done_once(&app, &mut one, &doing).await;
    let (new, agreed) = (agreement(&app), Actor::Console);
    exchange::add_agreement(&app.deps, agreed, new, None).await.unwrap();
    let id = app.deps.store.read(|c| Ok(agreements::table.select(agreements::id).first::<Id>(c)?));
    let path = format!("/desk/exchange/agreements/{}/end", id.await.unwrap());
    let doing = Doing { path: &path, fields: &[], action: "exchange.agreement.end", message: None };
    is_done_once(&app, &mut one, &doing).await;
    tells(two.post(&path, &[]).await, &doing).shows("终止互认协议");
    app.stop().await;
}

fn agreement(app: &App) -> NewAgreement {
    NewAgreement {
        province: "330000".into(),
        kinds: vec!["code".into()],
        direction: "both".into(),
        from: app.clock.now() - chrono::Duration::days(1),
        to: None,
        document: "川浙互认 1 号".into(),
    }
}

async fn an_office(app: App) {
    let mut one = app.official(Role::Administrator, COUNTY).await;
    let mut two = app.official(Role::Administrator, COUNTY).await;
    one.get("/admin/offices/new").await.expect(200);
    two.get("/admin/offices/new").await.expect(200);
    let office = |name: &'static str, version: &'static str| {
        [
            ("name", name),
            ("kind", "health-centre"),
            ("division-1", "511600"),
            ("division-2", COUNTY),
            ("phone", "0826-5220000"),
            ("version", version),
        ]
    };
    let new = office("岳池县苟角镇卫生院", "0");
    let doing = Doing { path: "/admin/offices/new", fields: &new, action: "office.create", message: None };
    is_done_once(&app, &mut one, &doing).await;
    let list = one.get("/admin/offices?q=%E8%8B%9F%E8%A7%92").await.expect(200);
    let path = action(&list.body, "/admin/offices");
    let changed = office("岳池县苟角镇中心卫生院", "1");
    let doing = Doing { path: &path, fields: &changed, action: "office.update", message: None };
    let late = is_one_of_two(&app, &mut one, &mut two, &doing).await;
    late.shows("修改单位").shows("你刚才写的").shows("岳池县苟角镇中心卫生院");
    app.stop().await;
}

async fn an_official(app: App) {
    let staff = app.official_full(Role::Doctor, "511621001").await;
    reached_by(&app, staff.official, "+8613900139777").await;
    let path = format!("/admin/officials/{}", staff.official);
    let mut one = app.official(Role::Administrator, COUNTY).await;
    let mut two = app.official(Role::Administrator, COUNTY).await;
    let seen = version_of(&mut one, &path).await;
    version_of(&mut two, &path).await;
    let off = [("action", "disable"), ("version", seen.as_str()), ("asked", "yes"), ("sure", "yes"), WHY];
    let message = Some("official-changed");
    let doing = Doing { path: &path, fields: &off, action: "official.disable", message };
    is_shown_first(&app, &mut one, &doing, "复工通工作账号已停用").await;
    for (act, text) in [("reset", "已重置，原密码和动态验证码作废"), ("disable", "已停用")]
    {
        let asked = [("action", act), ("version", seen.as_str()), ("asked", "yes"), ("preview", "1")];
        one.post(&path, &asked).await.expect(200).shows(text);
    }
    is_done_once(&app, &mut one, &doing).await;
    tells(two.post(&path, &off).await, &doing).shows("停用工作人员账号").shows("已停用");
    let seen = version_of(&mut one, &path).await;
    let on = [("action", "enable"), ("version", seen.as_str())];
    let doing = Doing { path: &path, fields: &on, action: "official.enable", message: None };
    is_one_of_two(&app, &mut one, &mut two, &doing).await;
    let list = one.get(&path).await.expect(200);
    let office = list.body.split("<option value=\"").find(|part| part.get(36..37) == Some("\"")).unwrap();
    let right = [
        ("action", "assign"),
        ("role", "village-worker"),
        ("office", &office[..36]),
        ("division-1", "511600"),
        ("division-2", COUNTY),
    ];
    let doing = Doing { path: &path, fields: &right, action: "assignment.create", message: None };
    is_done_once(&app, &mut one, &doing).await;
    app.stop().await;
}

/// Gives an official a telephone.
async fn reached_by(app: &App, id: Id, phone: &'static str) {
    let keys = app.deps.keys.clone();
    let written = app.deps.store.write(move |tx| {
        let sealed = keys.seal_str(&FieldContext::new("officials", "phone_sealed", id.0), phone)?;
        let official = officials::table.find(id);
        diesel::update(official).set(officials::phone_sealed.eq(Some(sealed))).execute(tx.conn())?;
        Ok(())
    });
    written.await.unwrap();
}

async fn version_of(b: &mut Browser, path: &str) -> String {
    b.get(path).await.expect(200).input("version").unwrap()
}
