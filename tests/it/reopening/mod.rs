//! Reopening over HTTP: the filing that takes effect at once, the permit with its correction notice and departments, the
//! refusal, the clock, and who may not.

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::crypto::FieldContext;
use fugong::db::schema::{business_staff, businesses, division_risks, officials, outbox};
use fugong::db::{Id, Ts};
use fugong::identity::sample::Sampler;
use fugong::web::format;
use fugong::web::i18n::Lang;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_shop_in_a_low_risk_county_files_and_is_open,
    a_factory_in_a_medium_risk_county_gets_its_permit,
    cases_of_a_disabled_official_go_back_to_the_desk,
    a_refusal_says_why_and_what_to_do,
    silence_accepts_but_never_approves,
    the_second_official_learns_what_changed,
    nobody_sees_or_decides_what_is_not_theirs,
    high_risk_goes_to_the_prefecture,
    an_agent_is_confirmed_by_the_legal_person_or_the_counter,
    staff_lists_name_row_and_column,
    premises_that_stay_shut_are_told_so,
    the_staff_table_says_how_certificates_stand_and_nothing_more,
    officials_land_on_what_waits_and_late_departments_are_reminded,
    a_resubmission_shows_what_was_asked_and_what_changed,
    choosing_nothing_is_said_and_everything_can_be_chosen,
    anybody_can_search_the_register,
);

pub const TOWN: &str = "511621001";
pub const COUNTY: &str = "511621";

pub async fn risk(app: &App, level: &'static str) {
    let now = app.clock.now();
    let done = app.deps.store.write(move |tx| {
        diesel::insert_into(division_risks::table)
            .values((
                division_risks::id.eq(Id::new()),
                division_risks::division.eq(COUNTY),
                division_risks::level.eq(level),
                division_risks::since.eq(Ts::from(now)),
                division_risks::source.eq("test"),
            ))
            .execute(tx.conn())?;
        Ok(())
    });
    done.await.unwrap();
}

pub fn uscc(individual: bool, seed: u64) -> String {
    Sampler::new(seed).uscc_for(COUNTY, individual).unwrap().as_str().to_owned()
}

/// Claims a business and gives the number of the draft.
pub async fn begin(b: &mut Browser, uscc: &str, name: &str) -> String {
    b.get("/reopening").await.expect(200).shows("新的申请");
    let fields =
        [("uscc", uscc), ("name", name), ("place-1", "511600"), ("place-2", COUNTY), ("place-3", TOWN)];
    let led = b.post("/reopening", &fields).await.leads_to("/reopening/QY");
    led.location().split('/').nth(2).unwrap().to_owned()
}

pub async fn answer(b: &mut Browser, number: &str, step: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("/reopening/{number}/{step}");
    b.get(&path).await.expect(200);
    b.post(&path, fields).await
}

pub async fn confirm(app: &App, b: &mut Browser) {
    let agent = b.get("/reopening").await;
    let at = agent.body.find("/reopening/agents/DL").unwrap();
    let number = agent.body[at + "/reopening/agents/".len()..][..17].to_owned();
    // People go to the nearest counter: every one of the province serves whoever names the number.
    let mut desk = app.official(Role::CountyDesk, "512021").await;
    desk.get("/desk/agents").await.expect(200).hides(&number);
    let page = desk.get(&format!("/desk/agents?q={number}")).await.expect(200).shows(&number);
    let version = page.input("version").unwrap();
    let path = format!("/desk/agents/{number}");
    desk.post(&path, &[("version", &version), ("do", "confirm"), ("proof", "")]).await.expect(422);
    desk.post(&path, &[("version", &version), ("do", "confirm"), ("proof", "legal-person")])
        .await
        .leads_to("/desk/agents");
}

pub async fn submit(b: &mut Browser, number: &str) -> Answer {
    let page = b.get(&format!("/reopening/{number}/check")).await.expect(200);
    let version = page.input("version").unwrap();
    b.post(&format!("/reopening/{number}/submit"), &[("version", &version), ("commitment", "yes")]).await
}

/// A small business of that name whose filing counts.
pub async fn filed(app: &App, b: &mut Browser, seed: u64, name: &str) -> String {
    let number = shop_named(b, seed, name).await;
    confirm(app, b).await;
    submit(b, &number).await.expect(303);
    number
}

async fn shop(b: &mut Browser, seed: u64) -> String {
    shop_named(b, seed, "岳池县东外街理发店（陈记）").await
}

pub async fn shop_named(b: &mut Browser, seed: u64, name: &str) -> String {
    let number = begin(b, &uscc(true, seed), name).await;
    answer(b, &number, "operator", &[("operator", "陈㛃𠮷"), ("operator_phone", "138 0013 8111")])
        .await
        .expect(303);
    answer(b, &number, "premises", &[("premises", "hairdresser")]).await.expect(303);
    answer(b, &number, "place", &[("place-3", TOWN), ("address", "东外街 18 号")]).await.expect(303);
    answer(b, &number, "headcount", &[("returning", "２")]).await.expect(303);
    answer(b, &number, "staff", &[("staff", "")]).await.leads_to(&format!("/reopening/{number}/check"));
    number
}

pub async fn factory(b: &mut Browser, seed: u64) -> String {
    let number = begin(b, &uscc(false, seed), "四川岳池渠江现代农业机械制造股份有限公司").await;
    let plan = "每天两次测温，分餐，通风；何晓琴负责。";
    answer(b, &number, "operator", &[("operator", "蒲国强"), ("operator_phone", "13800138222")])
        .await
        .expect(303);
    answer(b, &number, "industry", &[("industry", "c"), ("scale", "medium")]).await.expect(303);
    answer(b, &number, "premises", &[("premises", "factory")]).await.expect(303);
    answer(b, &number, "place", &[("place-3", TOWN), ("address", "工业园区大道 66 号")]).await.expect(303);
    answer(b, &number, "lead", &[("lead", "何晓琴"), ("lead_phone", "13800138333")]).await.expect(303);
    answer(b, &number, "headcount", &[("staff_total", "10"), ("returning", "2")]).await.expect(303);
    let list = "阿依古丽·买买提江\t11010519491231002X\t\t新疆喀什市\n欧阳㛃\t360426199101010071";
    answer(b, &number, "staff", &[("staff", list)]).await.expect(303);
    let few = [("masks", "1"), ("disinfectant", "10"), ("thermometers", "1"), ("supply_days", "7")];
    answer(b, &number, "supplies", &few).await.expect(422).shows("至少要 6 只").shows("出错：");
    let enough = [("masks", "60"), ("disinfectant", "10"), ("thermometers", "1"), ("supply_days", "7")];
    answer(b, &number, "supplies", &enough).await.expect(303);
    answer(b, &number, "isolation", &[("isolation", "3 号楼 1 层，6 间")]).await.expect(303);
    answer(b, &number, "prevention", &[("prevention", plan)]).await.expect(303);
    answer(b, &number, "emergency", &[("emergency", plan)])
        .await
        .leads_to(&format!("/reopening/{number}/check"));
    number
}

/// A case of a confirmed agent that has been submitted.
pub async fn submitted(app: &App, b: &mut Browser, seed: u64) -> String {
    let number = factory(b, seed).await;
    confirm(app, b).await;
    submit(b, &number).await.leads_to(&format!("/reopening/{number}/receipt"));
    number
}

async fn version(desk: &mut Browser, number: &str) -> String {
    let page = desk.get(&format!("/desk/applications/{number}")).await.expect(200);
    if let Some(version) = page.input("version") {
        return version;
    }
    // Without anything to decide there is no form.
    let case = desk.api_get(&format!("/api/v1/desk/applications/{number}")).await.expect(200).json();
    case["version"].to_string()
}

pub async fn decide(desk: &mut Browser, number: &str, action: &str, more: &[(&str, &str)]) -> Answer {
    let version = version(desk, number).await;
    let mut fields = vec![("version", version.as_str()), ("action", action)];
    fields.extend(more);
    desk.post(&format!("/desk/applications/{number}"), &fields).await
}

pub async fn state(b: &mut Browser, number: &str) -> Value {
    b.api_get(&format!("/api/v1/applications/{number}")).await.expect(200).json()
}

pub async fn agreed(app: &App, number: &str) {
    for role in [Role::HealthReviewer, Role::IndustryReviewer, Role::MarketReviewer] {
        let mut department = app.official(role, COUNTY).await;
        decide(&mut department, number, "agree", &[]).await.expect(303);
    }
}

async fn sent(app: &App, message: &'static str) -> i64 {
    let count = app
        .deps
        .store
        .read(move |conn| Ok(outbox::table.filter(outbox::message.eq(message)).count().get_result(conn)?));
    count.await.unwrap()
}

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

async fn cases_of_a_disabled_official_go_back_to_the_desk(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 2).await;
    let mut leaving = app.official_full(Role::TownReviewer, TOWN).await;
    leaving.browser.get("/desk/applications?tab=unassigned").await.expect(200);
    let take = [("tab", "unassigned"), ("do", "take"), ("case", &*number)];
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

async fn a_factory_in_a_medium_risk_county_gets_its_permit(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 2).await;
    let case = state(&mut b, &number).await;
    let (town_sees, due) = (format!("/desk/applications/{number}"), case["due_at"].clone());
    assert_eq!(case["state"], "submitted");
    let mut town = app.official(Role::TownReviewer, TOWN).await;
    let list =
        town.get("/desk/applications?tab=unassigned").await.expect(200).shows("渠江现代").shows("还剩 5 天");
    list.shows("并联审核");
    town.post(
        "/desk/applications/bulk",
        &[("tab", "unassigned"), ("do", "take"), ("case", &number), ("case", "QY000000-00000000")],
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
    let payload = json!({"application_id": case_id(&app, &number).await});
    fugong::reopening::work::staff(app.deps.clone(), payload.clone()).await.unwrap();
    fugong::reopening::work::staff(app.deps.clone(), payload).await.unwrap();
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
    let clock = || fugong::reopening::work::clock(app.deps.clone(), Value::Null);
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
    let keys = app.deps.keys.clone();
    let done = app.deps.store.write(move |tx| {
        let id: Id = businesses::table.select(businesses::id).first(tx.conn())?;
        let place = FieldContext::new("businesses", "legal_phone_sealed", id.0);
        let sealed = keys.seal_str(&place, "+8613700137000")?;
        diesel::update(businesses::table.find(id))
            .set(businesses::legal_phone_sealed.eq(Some(sealed)))
            .execute(tx.conn())?;
        Ok(())
    });
    done.await.unwrap();
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

async fn choosing_nothing_is_said_and_everything_can_be_chosen(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 14).await;
    let mut town = app.official(Role::TownReviewer, TOWN).await;
    town.get("/desk/applications?tab=unassigned&kind=enterprise").await.expect(200);
    let sent = [("tab", "unassigned"), ("kind", "enterprise"), ("to", "")];
    let none = town
        .post("/desk/applications/bulk", &[sent[0], sent[1], sent[2], ("do", "take")])
        .await
        .expect(422)
        .shows("请先勾选至少一件")
        .shows("渠江现代");
    assert!(none.body.contains("<option value=\"enterprise\" selected"), "the filter is kept");
    let all = town.post("/desk/applications/bulk", &[sent[0], sent[1], ("do", "all")]).await.expect(200);
    assert!(all.body.contains(&format!("value=\"{number}\" checked")), "every row is chosen");
    let taken = [sent[0], sent[1], ("do", "take"), ("case", number.as_str())];
    town.post("/desk/applications/bulk", &taken).await.expect(200).shows("完成");
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
