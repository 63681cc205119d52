//! A business reopens: the shop that files on a phone, with scripts and without; the factory that is told once what is
//! missing, reviewed by the departments side by side and allowed; the one that is refused with reason and remedy.

use super::sign_in::sign_in;
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::chromium::{Chromium, Look};
use crate::reopening::{COUNTY, TOWN, agreed, decide, risk, submitted, uscc};
use fugong::access::Role;

const PHONE: &str = "13800138000";

/// The text in the language of the look.
fn say(look: Look, zh: &'static str, en: &'static str) -> &'static str {
    if look.lang == "en" { en } else { zh }
}

/// The desk's screen in the same language.
fn desk(look: Look) -> Look {
    Look { lang: look.lang, ..Look::DESKTOP }
}

/// The main button of the form.
async fn go(b: &Chromium) {
    b.click("main form .act button").await;
}

async fn fill_all(b: &Chromium, fields: &[(&str, &str)]) {
    for (name, text) in fields {
        b.fill(name, text).await;
    }
}

/// Claims a business on the first page; gives the number of the draft.
async fn begin(b: &Chromium, uscc: &str, name: &str) -> String {
    fill_all(b, &[("uscc", uscc), ("name", name)]).await;
    b.pick_division("place", &["511600", COUNTY, TOWN]).await;
    go(b).await;
    b.is_at("/reopening/QY").await;
    b.path().await.split('/').nth(2).unwrap().to_owned()
}

/// The counter of the county sees the originals; the applicant's cookies are put back afterwards.
async fn counter(app: &App, b: &mut Chromium, look: Look) {
    b.click("main .notice a[href^='/reopening/agents/']").await;
    let agent = b.path().await.rsplit('/').next().unwrap().to_owned();
    b.shows(&agent).await;
    b.screenshot("reopening-agent").await;
    let official = app.official(Role::CountyDesk, COUNTY).await;
    let applicant = sit_down(b, &official, desk(look)).await;
    b.click("header nav a[href='/desk/agents']").await;
    b.fill("q", &agent).await;
    b.click("form.filters button").await;
    b.click("a.who").await;
    b.press(say(look, "确认", "Confirm")).await;
    b.shows(say(look, "请选择看到了哪种原件", "Please choose which originals you saw")).await;
    b.screenshot("reopening-counter-refused").await;
    b.pick("proof", "owner").await;
    b.press(say(look, "确认", "Confirm")).await;
    b.is_at("/desk/agents").await;
    b.screenshot("reopening-counter-empty").await;
    stand_up(b, &applicant, look).await;
}

/// An official sits down; gives the cookies of whoever was there.
async fn sit_down(b: &mut Chromium, official: &Browser, look: Look) -> Vec<(String, String)> {
    let cookies: Vec<_> = official.cookies().iter().map(|(n, v)| (n.clone(), v.clone())).collect();
    b.look_as(look).await;
    let before = b.hand_over(&cookies).await;
    b.open("/office").await;
    before
}

async fn stand_up(b: &mut Chromium, applicant: &[(String, String)], look: Look) {
    b.look_as(look).await;
    b.hand_over(applicant).await;
}

async fn a_shop_files(look: Look) {
    let app = App::sqlite().await;
    let Some(mut b) = Chromium::start(&app.base, look).await else { return };
    risk(&app, "low").await;
    b.open("/reopening").await;
    sign_in(&app, &b, PHONE).await;
    b.is_at("/reopening").await;
    b.screenshot("reopening-start").await;
    // A mistyped code is named; what was typed is still there.
    fill_all(&b, &[("uscc", "92511621MA1"), ("name", "岳池县东外街理发店（陈记）")]).await;
    go(&b).await;
    b.shows(say(look, "统一社会信用代码是 18 位", "A credit code has 18 characters")).await;
    assert_eq!(b.attribute("#uscc", "value").await.as_deref(), Some("92511621MA1"));
    let number = begin(&b, &uscc(true, 1), "岳池县东外街理发店（陈记）").await;
    fill_all(&b, &[("operator", "陈㛃𠮷"), ("operator_phone", "138 0013 8111")]).await;
    b.screenshot("reopening-operator").await;
    go(&b).await;
    b.choose("premises", "hairdresser").await;
    b.screenshot("reopening-premises").await;
    go(&b).await;
    // The place was chosen on the first page.
    b.fill("address", "东外街 18 号").await;
    go(&b).await;
    b.fill("returning", "２").await;
    go(&b).await;
    b.is_at(&format!("/reopening/{number}/staff")).await;
    go(&b).await;
    b.is_at(&format!("/reopening/{number}/check")).await;
    b.shows("陈㛃𠮷").await;
    b.screenshot("reopening-unconfirmed").await;
    counter(&app, &mut b, look).await;
    b.open(&format!("/reopening/{number}/check")).await;
    b.shows(say(look, "任何部门不得另设审批", "no office may ask for an approval")).await;
    go(&b).await;
    b.shows(say(look, "请勾选承诺", "Please give the commitment")).await;
    b.screenshot("reopening-no-commitment").await;
    b.click("form[action='/elder'] button").await;
    b.screenshot("reopening-check-elder").await;
    assert_eq!(b.overflow().await, 0);
    b.click("form[action='/elder'] button").await;
    b.choose("commitment", "yes").await;
    go(&b).await;
    b.is_at(&format!("/reopening/{number}/receipt")).await;
    b.shows(say(look, "备案已生效", "Your filing is effective")).await;
    b.screenshot("reopening-filed").await;
    b.screenshot_in_the_dark("reopening-filed-dark").await;
    paper(&b, look, "复工备案证明", "Certificate of filing", "reopening-filing").await;
    told(&app, say(look, "备案", "filing")).await;
    b.close().await;
    app.stop().await;
}

/// Follows the way to the paper, looks at it as a printer gives it, and checks it as a passer-by does.
async fn paper(b: &Chromium, look: Look, zh: &'static str, en: &'static str, picture: &str) {
    b.click("main a[href$='/print']").await;
    b.shows(say(look, zh, en)).await;
    b.screenshot(picture).await;
    assert_eq!(b.overflow().await, 0);
    assert_eq!(b.print(&format!("{picture}-paper")).await, 1, "a paper is one page");
    let link = b.text(".sheet .end .mute").await;
    let path = link.find("/permits/").map(|at| link[at..].to_owned()).unwrap();
    b.become_(None).await;
    b.open(&path).await;
    b.shows(say(look, "这家单位可以营业", "This business may operate")).await;
    b.screenshot(&format!("{picture}-checked")).await;
}

/// An SMS with this word has gone to the applicant.
async fn told(app: &App, word: &str) {
    app.drain().await;
    let sent = app.deps.sms.sent();
    assert!(
        sent.iter().any(|m| m.to == format!("+86{PHONE}") && m.text.contains(word)),
        "{word} in {sent:?}"
    );
}

#[actix_web::test]
async fn a_shop_files_on_a_phone() {
    a_shop_files(Look::PHONE).await;
}

#[actix_web::test]
async fn a_shop_files_without_scripts() {
    a_shop_files(Look::PHONE.without_scripts()).await;
}

#[actix_web::test]
async fn a_shop_files_in_english() {
    a_shop_files(Look::PHONE.english()).await;
}

const PLAN: &str = "每天两次测温和消毒，分批用餐，车间隔断；何晓琴负责。";

/// The factory's answers, with a staff list pasted from a spreadsheet of which one row is wrong.
async fn answer_all(b: &Chromium, look: Look, number: &str) {
    fill_all(b, &[("operator", "蒲国强"), ("operator_phone", "13800138222")]).await;
    go(b).await;
    b.pick("industry", "c").await;
    b.choose("scale", "medium").await;
    b.screenshot("reopening-industry").await;
    go(b).await;
    b.choose("premises", "factory").await;
    go(b).await;
    b.fill("address", "工业园区大道 66 号").await;
    go(b).await;
    fill_all(b, &[("lead", "何晓琴"), ("lead_phone", "13800138333")]).await;
    go(b).await;
    fill_all(b, &[("staff_total", "10"), ("returning", "2")]).await;
    go(b).await;
    b.is_at(&format!("/reopening/{number}/staff")).await;
    b.fill("staff", "姓名,证件号码\n阿依古丽·买买提江,11010519491231002X\n欧阳㛃,360426199101010072").await;
    go(b).await;
    b.shows(say(look, "第 3 行，证件号码", "Row 3, Document number")).await;
    b.screenshot("reopening-staff-row").await;
    b.fill("staff", "姓名,证件号码\n阿依古丽·买买提江,11010519491231002X\n欧阳㛃,360426199101010071").await;
    go(b).await;
    let supplies = [("masks", "60"), ("disinfectant", "10"), ("thermometers", "1"), ("supply_days", "7")];
    fill_all(b, &supplies).await;
    go(b).await;
    b.fill("isolation", "3 号楼 1 层，6 间").await;
    go(b).await;
    b.fill("prevention", PLAN).await;
    go(b).await;
    b.fill("emergency", PLAN).await;
    go(b).await;
    b.is_at(&format!("/reopening/{number}/check")).await;
}

/// An official opens a case from the worklist and decides.
async fn decides(b: &Chromium, look: Look, name: &str, action: &str, picture: &str) {
    b.press(name).await;
    b.choose("action", action).await;
    b.screenshot(picture).await;
    b.press(say(look, "发出决定", "Send the decision")).await;
    b.is_at("/desk/applications/QY").await;
}

async fn a_factory_gets_its_permit(look: Look) {
    let app = App::sqlite().await;
    let Some(mut b) = Chromium::start(&app.base, look).await else { return };
    risk(&app, "medium").await;
    let name = "四川岳池渠江现代农业机械制造股份有限公司";
    b.open("/reopening").await;
    sign_in(&app, &b, PHONE).await;
    let number = begin(&b, &uscc(false, 2), name).await;
    answer_all(&b, look, &number).await;
    counter(&app, &mut b, look).await;
    b.open(&format!("/reopening/{number}/check")).await;
    b.choose("commitment", "yes").await;
    go(&b).await;
    b.is_at(&format!("/reopening/{number}/receipt")).await;
    b.screenshot("reopening-received").await;
    correction(&app, &mut b, look, name).await;
    // The answer to the notice.
    b.open(&format!("/reopening/{number}")).await;
    b.shows("食堂分餐安排").await;
    b.screenshot("reopening-correction").await;
    b.click("main .act a[href$='/check']").await;
    b.click("a[href$='/isolation?change=1']").await;
    b.fill("isolation", "3 号楼 1 层 6 间，平面图已贴在入口").await;
    go(&b).await;
    b.choose("commitment", "yes").await;
    go(&b).await;
    b.is_at(&format!("/reopening/{number}/receipt")).await;
    review(&app, &mut b, look, name).await;
    b.open("/reopening").await;
    b.press(name).await;
    b.shows(say(look, "已许可", "Approved")).await;
    b.screenshot("reopening-approved").await;
    paper(&b, look, "复工许可", "Reopening permit", "reopening-permit").await;
    told(&app, say(look, "许可", "permit")).await;
    b.close().await;
    app.stop().await;
}

/// The town takes the case, sees that something is missing, and what the applicant will read, before it sends that.
async fn correction(app: &App, b: &mut Chromium, look: Look, name: &str) {
    let town = app.official(Role::TownReviewer, TOWN).await;
    let applicant = sit_down(b, &town, desk(look)).await;
    b.open("/desk/applications?tab=unassigned").await;
    b.screenshot("reopening-worklist").await;
    b.click("table.work input[name='case']").await;
    if look.scripts {
        assert_eq!(b.text("[data-selected] b").await, "1", "the count of chosen rows");
    }
    b.press(say(look, "领取", "Take")).await;
    b.screenshot("reopening-worklist-taken").await;
    b.open("/desk/applications?tab=mine").await;
    b.press(name).await;
    b.choose("action", "request-correction").await;
    b.press(say(look, "发出决定", "Send the decision")).await;
    b.shows(say(look, "请逐项写明", "Please list every item")).await;
    b.screenshot("reopening-decide-refused").await;
    b.fill("items", "隔离房间平面图\n食堂分餐安排").await;
    b.press(say(look, "先看对方会收到什么", "See first what will be received")).await;
    b.shows("【四川复工通】").await;
    b.screenshot("reopening-decide-preview").await;
    b.press(say(look, "发出决定", "Send the decision")).await;
    b.shows(say(look, "等申请人补充", "Waiting for the applicant")).await;
    stand_up(b, &applicant, look).await;
}

/// The town accepts; three departments are asked at once; the county decides after the last one.
async fn review(app: &App, b: &mut Chromium, look: Look, name: &str) {
    let desk = desk(look);
    let town = app.official(Role::TownReviewer, TOWN).await;
    let applicant = sit_down(b, &town, desk).await;
    b.open("/desk/applications?tab=unassigned").await;
    decides(b, look, name, "accept", "reopening-accept").await;
    for role in [Role::HealthReviewer, Role::IndustryReviewer, Role::MarketReviewer] {
        let department = app.official(role, COUNTY).await;
        sit_down(b, &department, desk).await;
        decides(b, look, name, "agree", &format!("reopening-agree-{role}")).await;
    }
    let county = app.official(Role::CountyDesk, COUNTY).await;
    sit_down(b, &county, desk).await;
    b.open("/desk/applications?tab=unassigned").await;
    decides(b, look, name, "approve", "reopening-approve").await;
    b.screenshot("reopening-case-approved").await;
    stand_up(b, &applicant, look).await;
}

#[actix_web::test]
async fn a_factory_is_reviewed_and_allowed() {
    a_factory_gets_its_permit(Look::PHONE).await;
}

#[actix_web::test]
async fn a_factory_is_reviewed_and_allowed_in_english() {
    a_factory_gets_its_permit(Look::PHONE.english()).await;
}

#[actix_web::test]
async fn a_refusal_has_reason_and_remedy() {
    let app = App::sqlite().await;
    let Some(mut b) = Chromium::start(&app.base, Look::DESKTOP).await else { return };
    risk(&app, "medium").await;
    let mut applicant = app.resident(PHONE).await;
    let number = submitted(&app, &mut applicant, 3).await;
    let mut town = app.official(Role::TownReviewer, TOWN).await;
    decide(&mut town, &number, "accept", &[]).await.expect(303);
    agreed(&app, &number).await;
    let county = app.official(Role::CountyDesk, COUNTY).await;
    b.become_(Some(&county)).await;
    b.open(&format!("/desk/applications/{number}")).await;
    b.choose("action", "refuse").await;
    b.press("发出决定").await;
    b.shows("请写理由").await;
    b.screenshot("reopening-refuse-unreasoned").await;
    fill_all(&b, &[("reason", "隔离房间与宿舍同层，不合格"), ("remedy", "改到独立楼层后重新申请")]).await;
    b.press("发出决定").await;
    b.shows("未获许可").await;
    b.become_(Some(&applicant)).await;
    b.look_as(Look::PHONE).await;
    b.open(&format!("/reopening/{number}")).await;
    b.shows("隔离房间与宿舍同层，不合格").await;
    b.shows("改到独立楼层后重新申请").await;
    b.screenshot("reopening-refused").await;
    b.screenshot_in_the_dark("reopening-refused-dark").await;
    told(&app, "未获许可").await;
    b.close().await;
    app.stop().await;
}
