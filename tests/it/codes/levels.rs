//! A change of a risk level: seen beforehand, confirmed with its number and its end, decided by a second person who sees
//! the same anew; after its end the earlier level counts again.

use super::ends::{NO, YES, action};
use super::{declared_resident, evaluate, state};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::harness::declared::{self, healthy, stay};
use crate::on_both;
use crate::world::codes::persons;
use chrono::{Duration, NaiveDate};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::accounts::{Claim, ClaimPerson, claim_person};
use fugong::audit::Actor;
use fugong::db::schema::{division_risks, risk_changes};
use fugong::db::{Id, Ts};
use fugong::identity::sample::id_number_nth;
use fugong::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName};
use fugong::jobs::Job;
use fugong::policy::Risk;

on_both!(
    the_number_is_shown_and_confirmed_by_two_persons,
    two_of_whom_nobody_knows_who_they_are_are_not_two,
    a_number_that_has_changed_is_shown_anew,
    many_are_counted_in_the_background,
    what_is_missing_is_said,
    the_earlier_level_returns_after_the_end,
    a_red_of_the_earlier_level_goes_on,
    a_change_without_an_end_is_not_published,
    a_stay_has_the_level_of_its_own_days,
);

type Fields = Vec<(&'static str, &'static str)>;

fn change(level: &'static str, since: &'static str, until: &'static str) -> Fields {
    vec![
        ("division", "511621"),
        ("level", level),
        ("since-year", "2020"),
        ("since-month", "3"),
        ("since-day", since),
        ("until-year", "2020"),
        ("until-month", "3"),
        ("until-day", until),
        ("source", "省指挥部第 9 号公告"),
    ]
}

fn with<'a>(fields: &[(&'a str, &'a str)], count: &'a str) -> Vec<(&'a str, &'a str)> {
    [fields, &[("count", count)]].concat()
}

async fn operator(app: &App) -> Browser {
    let mut b = app.official(Role::ProvinceOperator, "510000").await;
    b.get("/desk/risks").await.expect(200).shows("岳池县");
    b
}

/// Publishes as two operators do, and lets the jobs run.
async fn publish(app: &App, first: &mut Browser, second: &mut Browser, fields: &Fields) {
    let shown = first.post("/desk/risks", fields).await.expect(200);
    let count = persons(&shown.body);
    first.post("/desk/risks", &with(fields, &count)).await.leads_to("/desk/risks");
    let path = waiting(second).await;
    second.post(&path, YES).await.leads_to("/desk/second");
    app.drain().await;
}

async fn waiting(b: &mut Browser) -> String {
    format!("{}/decide", action(&b.get("/desk/risks").await.expect(200).body, "/desk/risks"))
}

/// Two operators publish that the county is of high risk.
pub async fn published(app: &App) {
    let (mut first, mut second) = (operator(app).await, operator(app).await);
    publish(app, &mut first, &mut second, &change("high", "12", "20")).await;
}

/// A green resident of a town of the county.
async fn of_town(app: &App) -> (Browser, Id) {
    let (mut b, person) = declared_resident(app, "13800000001").await;
    let mut healthy = healthy(app.clock.now());
    healthy.present = Some("511621001".into());
    declared::state(person, healthy);
    assert_eq!(state(&mut b).await, "green");
    (b, person)
}

async fn the_number_is_shown_and_confirmed_by_two_persons(app: App) {
    let (mut resident, _) = of_town(&app).await;
    let (mut first, mut second) = (operator(&app).await, operator(&app).await);
    let fields = change("high", "12", "20");
    let town = fugong::identity::divisions().get(DivisionCode::parse("511621001").unwrap()).unwrap().name;
    let seen = first.post("/desk/risks", &fields).await.expect(200);
    let seen = seen.shows("1 人会变色").shows(town).shows("绿码").shows("红码").shows("试算了 1 个");
    seen.shows("3 月 20 日 24:00").shows("没有定级").shows("还没有改变任何人的颜色");
    app.browser().get("/risks").await.expect(200).shows("现在没有定级的地区");
    first.post("/desk/risks", &with(&fields, "2")).await.expect(422).shows("现在会变色的是 1 人").shows(town);
    first.post("/desk/risks", &with(&fields, "")).await.expect(422).shows("请填写变色人数");
    let back = first.post("/desk/risks", &[&fields[..], &[("again", "yes")]].concat()).await.expect(200);
    back.shows("省指挥部第 9 号公告").hides("会变色");
    assert_eq!(state(&mut resident).await, "green", "looking changes nothing");
    first.post("/desk/risks", &with(&fields, "1 人")).await.leads_to("/desk/risks");
    let path = waiting(&mut first).await;
    first.get(&path).await.expect(200).shows("你不能自己确认").shows("1 人会变色");
    first.post(&path, YES).await.expect(409).shows("另一名工作人员");
    let page = second.get(&path).await.expect(200).shows("录入人").shows("1 人会变色").shows(town);
    page.shows("3 月 20 日 24:00").shows("高风险").shows("到期后").hides("情况已有变化").hides(" checked");
    second.post(&path, &[]).await.expect(422).shows("请选择确认还是退回");
    app.browser().get("/risks").await.expect(200).shows("现在没有定级的地区");
    second.post(&path, YES).await.leads_to("/desk/second");
    app.browser().get("/risks").await.expect(200).shows("岳池县").shows("高风险").shows("3 月 20 日 24:00");
    app.drain().await;
    assert_eq!(state(&mut resident).await, "red");
    // With a second factor that is no longer fresh nothing is changed.
    app.clock.advance(Duration::minutes(20));
    second.post("/desk/risks", &fields).await.expect(401).shows("15 分钟内不再问");
    app.stop().await;
}

/// A second login of the same human is not a second official: who is not on file enters and decides nothing.
async fn two_of_whom_nobody_knows_who_they_are_are_not_two(app: App) {
    let mut known = operator(&app).await;
    let staff = app.official_full(Role::ProvinceOperator, "510000").await;
    app.is_unknown(Some(staff.official)).await;
    let mut unknown = staff.browser;
    let fields = change("high", "12", "20");
    unknown.get("/desk/risks").await.expect(200).shows("还不能办理");
    unknown.post("/desk/risks", &fields).await.expect(409).shows("你本人的身份信息");
    unknown.post("/desk/risks", &with(&fields, "0 人")).await.expect(409);
    let shown = known.post("/desk/risks", &fields).await.expect(200);
    let count = persons(&shown.body);
    known.post("/desk/risks", &with(&fields, &count)).await.leads_to("/desk/risks");
    let path = waiting(&mut unknown).await;
    unknown.get(&path).await.expect(200).shows("还不能办理").shows("高风险");
    for verdict in [YES, NO] {
        unknown.post(&path, verdict).await.expect(409).shows("你本人的身份信息");
    }
    app.browser().get("/risks").await.expect(200).shows("现在没有定级的地区");
    app.is_known(staff.official, crate::harness::people::document(), None).await;
    unknown.post(&path, YES).await.leads_to("/desk/second");
    app.browser().get("/risks").await.expect(200).shows("岳池县");
    app.drain().await;
    app.stop().await;
}

async fn a_number_that_has_changed_is_shown_anew(app: App) {
    let (mut first, mut second) = (operator(&app).await, operator(&app).await);
    let fields = change("high", "12", "20");
    first.post("/desk/risks", &fields).await.expect(200).shows("0 人会变色").shows("试算了 0 个");
    of_town(&app).await;
    let anew = first.post("/desk/risks", &with(&fields, "0")).await.expect(422);
    anew.shows("1 人会变色").shows("现在会变色的是 1 人");
    first.post("/desk/risks", &with(&fields, "1")).await.leads_to("/desk/risks");
    // The second person sees the number of the moment, and that it was another one.
    let path = waiting(&mut second).await;
    second.get(&path).await.expect(200).shows("1 人会变色");
    second.post(&path, NO).await.leads_to("/desk/second");
    first.get("/desk/risks").await.expect(200).shows("已退回").shows("当天他在<外地>出差");
    app.browser().get("/risks").await.expect(200).shows("现在没有定级的地区");
    app.stop().await;
}

/// So many persons entered by staff, each with a code.
async fn many(app: &App, number: u64) {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let entered = app.deps.store.write(move |tx| {
        for n in 0..number {
            let card = id_number_nth(DivisionCode::parse("511602").unwrap(), n).unwrap();
            let statement = ClaimPerson {
                by: Actor::System,
                account: None,
                document: DocumentNumber::parse_stored(DocumentKind::IdCard, card.as_str()).unwrap(),
                name: PersonName::parse("李四").unwrap(),
                sex: None,
                division: DivisionCode::parse("511602").unwrap(),
                phone: None,
            };
            let Claim::Yours(person) = claim_person(tx, &keys, &statement, now)? else {
                panic!("staff entry is never sent to the counter")
            };
            fugong::colour::enqueue_evaluation(tx, &keys, person, now)?;
        }
        Ok(())
    });
    entered.await.unwrap();
    app.drain().await;
}

async fn many_are_counted_in_the_background(app: App) {
    let (mut resident, _) = of_town(&app).await;
    many(&app, 401).await;
    let (mut first, mut second) = (operator(&app).await, operator(&app).await);
    let fields = change("high", "12", "20");
    let seen = first.post("/desk/risks", &fields).await.expect(200);
    seen.shows("正在后台试算").shows("已试算 0 人").hides("人会变色").hides("name=\"count\"");
    let early = first.post("/desk/risks", &with(&fields, "0")).await.expect(200);
    early.shows("正在后台试算");
    app.drain().await;
    first.post("/desk/risks", &with(&fields, "0")).await.expect(422).shows("现在会变色的是 1 人");
    first.post("/desk/risks", &with(&fields, "1")).await.leads_to("/desk/risks");
    let path = waiting(&mut second).await;
    second.get(&path).await.expect(200).shows("1 人会变色").shows("试算了 402 个");
    // A number of an hour ago holds no longer: nothing is decided beside an old one.
    app.clock.advance(Duration::hours(1));
    let mut third = operator(&app).await;
    third.get(&path).await.expect(200).shows("正在后台试算").hides("name=\"decision\"");
    app.drain().await;
    third.get(&path).await.expect(200).shows("1 人会变色");
    third.post(&path, YES).await.leads_to("/desk/second");
    app.drain().await;
    assert_eq!(state(&mut resident).await, "red");
    app.stop().await;
}

async fn what_is_missing_is_said(app: App) {
    let mut first = operator(&app).await;
    first.post("/desk/risks", &[("division", "440100")]).await.expect(422).shows("请填写截止日期");
    let refuse = async |b: &mut Browser, fields: Fields| -> Answer {
        b.post("/desk/risks", &fields).await.expect(422)
    };
    let early = refuse(&mut first, change("high", "13", "12")).await;
    early.shows("最后一天不能早于").shows("省指挥部第 9 号公告");
    refuse(&mut first, change("high", "1", "11")).await.shows("最后一天不能早于");
    let mut long = change("high", "12", "14");
    long[5] = ("until-year", "2021");
    refuse(&mut first, long).await.shows("最长一年");
    app.stop().await;
}

async fn the_earlier_level_returns_after_the_end(app: App) {
    let (mut resident, person) = of_town(&app).await;
    let (mut first, mut second) = (operator(&app).await, operator(&app).await);
    publish(&app, &mut first, &mut second, &change("medium", "12", "31")).await;
    assert_eq!(state(&mut resident).await, "yellow");
    let fields = change("high", "12", "14");
    let preview = first.post("/desk/risks", &fields).await.expect(200);
    preview.shows("黄码").shows("红码").shows("到期后").shows("中风险");
    publish(&app, &mut first, &mut second, &fields).await;
    assert_eq!(state(&mut resident).await, "red");
    app.browser()
        .get("/risks")
        .await
        .expect(200)
        .shows("高风险")
        .shows("3 月 14 日 24:00")
        .hides("中风险（1 处）");
    app.clock.advance(Duration::days(3));
    let mut again = healthy(app.clock.now());
    again.present = Some("511621001".into());
    declared::state(person, again);
    fugong::codes::Recheck.run(app.deps.clone()).await.unwrap();
    let code = resident.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(code["state"], "yellow");
    assert_eq!(code["reasons"][0]["rule"], "yellow.lives-in-medium-risk-area");
    let risks = app.browser().get("/risks").await.expect(200);
    risks.shows("中风险（1 处）").shows("3 月 31 日 24:00").hides("高风险（1 处）");
    app.stop().await;
}

async fn a_red_of_the_earlier_level_goes_on(app: App) {
    let (mut resident, person) = declared_resident(&app, "13800000001").await;
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let (county, since) = (DivisionCode::parse("511621").unwrap(), now - Duration::days(20));
    let set = app.deps.store.write(move |tx| {
        fugong::codes::set_risk(tx, &keys, Actor::Console, county, Risk::High, since, "第 1 号公告", since)
    });
    set.await.unwrap();
    // Somebody of another county who was there while it was of high risk.
    let mut traveller = healthy(now);
    traveller.present = Some("511402".into());
    traveller.travel = vec![stay("511621", "2020-03-08", "2020-03-10")];
    declared::state(person, traveller);
    evaluate(&app, person).await;
    let before = resident.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(before["state"], "red");
    // A level that begins before the stay lies over the earlier one only until its end, and removes nothing of it.
    let (mut first, mut second) = (operator(&app).await, operator(&app).await);
    let lower = change("low", "12", "14");
    first.post("/desk/risks", &lower).await.expect(200).shows("0 人会变色");
    publish(&app, &mut first, &mut second, &lower).await;
    let after = resident.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(after["state"], "red");
    assert_eq!(after["reasons"][0]["rule"], before["reasons"][0]["rule"]);
    // High risk again on another ground: for whoever lives there it never ended, and it is over when that ground is.
    publish(&app, &mut first, &mut second, &change("high", "12", "14")).await;
    let mut lives = healthy(now);
    lives.present = Some("511621001".into());
    declared::state(person, lives);
    evaluate(&app, person).await;
    let lives = resident.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(lives["reasons"][0]["rule"], "red.lives-in-high-risk-area");
    assert!(
        lives["reasons"][0]["until"].is_null(),
        "high risk goes on after the end of what lies over it: {lives}"
    );
    app.stop().await;
}

async fn a_change_without_an_end_is_not_published(app: App) {
    // As they were entered before a change had to name its last day.
    let entered = app.official_full(Role::ProvinceOperator, "510000").await.official;
    let now = app.clock.now();
    let old = app.deps.store.write(move |tx| {
        let change = (
            risk_changes::id.eq(Id::new()),
            risk_changes::division.eq("511621"),
            risk_changes::level.eq("high"),
            risk_changes::since.eq(Ts::from(now)),
            risk_changes::source.eq("第 1 号公告"),
            risk_changes::state.eq("open"),
            risk_changes::entered_by.eq(entered),
            risk_changes::created_at.eq(Ts::from(now)),
        );
        diesel::insert_into(risk_changes::table).values(change).execute(tx.conn())?;
        Ok(())
    });
    old.await.unwrap();
    let mut second = operator(&app).await;
    let path = waiting(&mut second).await;
    second.get(&path).await.expect(200).shows("第 1 号公告").hides("情况已有变化");
    second.post(&path, YES).await.expect(409).shows("没有写最后一天");
    app.browser().get("/risks").await.expect(200).shows("现在没有定级的地区");
    second.post(&path, NO).await.leads_to("/desk/second");
    second.get("/desk/risks").await.expect(200).hides("第 1 号公告");
    app.stop().await;
}

async fn a_stay_has_the_level_of_its_own_days(app: App) {
    let (mut resident, person) = declared_resident(&app, "13800000001").await;
    // High risk from the 11th on, as the prefecture has it; the county is of low risk until then.
    let level = async |division: &'static str, level: &'static str, since: u32, until: Option<u32>| {
        let day = |day: u32| -> Ts {
            fugong::clock::start_of_day(NaiveDate::from_ymd_opt(2020, 3, day).unwrap()).into()
        };
        let row = (
            division_risks::id.eq(Id::new()),
            division_risks::division.eq(division),
            division_risks::level.eq(level),
            division_risks::since.eq(day(since)),
            division_risks::until.eq(until.map(day)),
            division_risks::source.eq("公告"),
            division_risks::entered_at.eq(day(since)),
        );
        let insert = app.deps.store.write(move |tx| {
            diesel::insert_into(division_risks::table).values(row).execute(tx.conn())?;
            Ok(())
        });
        insert.await.unwrap();
    };
    level("511621", "low", 1, Some(11)).await;
    level("511600", "high", 11, None).await;
    for (first, last, colour) in [("2020-03-07", "2020-03-10", "green"), ("2020-03-09", "2020-03-12", "red")]
    {
        let mut traveller = healthy(app.clock.now());
        traveller.present = Some("511402".into());
        traveller.travel = vec![stay("511621", first, last)];
        declared::state(person, traveller);
        evaluate(&app, person).await;
        assert_eq!(state(&mut resident).await, colour, "{first} to {last}");
    }
    app.stop().await;
}
