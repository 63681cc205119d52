//! What staff type for somebody who is known already: by their own name, told to them, and of weight only once another
//! official has checked it.

use super::walk::*;
use super::*;
use diesel::prelude::*;
use fugong::audit::Actor;
use fugong::db::Ts;
use fugong::db::schema::{declarations, officials, persons};
use fugong::identity::{DocumentKind, DocumentNumber};
use fugong::policy::Risk;

on_both!(
    an_entry_does_not_rename_or_move_anybody,
    an_entry_counts_only_once_another_official_has_checked_it,
    a_login_that_waits_accepts_nothing_that_staff_typed,
    what_an_entry_said_is_gone_when_the_person_corrects_it,
    nobody_enters_their_own_document_or_telephone,
);

pub const CARD: &str = "360426199101010071";
const PHONE: &str = "13600008856";

/// Wuchang, from now on.
async fn risk_area(app: &App) {
    let (at, keys) = (app.clock.now() - chrono::Duration::days(20), app.deps.keys.clone());
    let set = app.deps.store.write(move |tx| {
        let place = "420106".parse().unwrap();
        fugong::codes::set_risk(tx, &keys, Actor::Console, place, Risk::High, at, "公告", at)
    });
    set.await.unwrap();
}

/// What somebody types on the staff's page: in Zizhong, with a stay in Wuchang.
fn paper(name: &str) -> Vec<(&'static str, String)> {
    let mut fields: Vec<(&'static str, String)> =
        pages(name, CARD).into_iter().flat_map(|(_, f)| f).collect();
    fields.retain(|(name, _)| !name.starts_with("present-division") && *name != "travelled");
    fields.extend(promise());
    let towns = fugong::identity::divisions().children(elsewhere().parse().unwrap());
    let town = towns[0].code.to_string();
    let more = [
        ("present-division", town.as_str()),
        ("travelled", "yes"),
        ("stays", "1"),
        ("stay-1-division", "420106"),
        ("stay-1-transport", "train"),
        ("stay-1-from-year", "2020"),
        ("stay-1-from-month", "3"),
        ("stay-1-from-day", "1"),
        ("stay-1-to-year", "2020"),
        ("stay-1-to-month", "3"),
        ("stay-1-to-day", "8"),
    ];
    fields.extend(more.map(|(name, value)| (name, value.to_owned())));
    fields
}

/// Somebody from Yuechi with a certificate, green.
async fn certified(app: &App) -> Browser {
    let mut b = app.resident(PHONE).await;
    let number = declare(&mut b, "吴九", CARD).await;
    issue(app, &number).await;
    assert_eq!(colour(app, &mut b).await, "green");
    b
}

async fn colour(app: &App, b: &mut Browser) -> String {
    app.drain().await;
    crate::codes::state(b).await
}

/// Division and level of the only person.
async fn known(app: &App) -> (Option<String>, String) {
    let found = app.deps.store.read(|c| {
        let one = persons::table.select((persons::division, persons::level));
        Ok(one.get_result::<(Option<String>, String)>(c)?)
    });
    found.await.unwrap()
}

/// The number of the declaration that was received last.
pub async fn newest(app: &App) -> String {
    let found = app.deps.store.read(|c| {
        let newest =
            declarations::table.order(declarations::submitted_at.desc()).select(declarations::number);
        Ok(newest.filter(declarations::submitted_at.is_not_null()).first::<String>(c)?)
    });
    found.await.unwrap()
}

pub async fn enter(app: &App, name: &str) -> crate::harness::browser::Answer {
    enter_with(app, name, &[]).await
}

/// The same with more typed.
pub async fn enter_with(
    app: &App,
    name: &str,
    more: &[(&'static str, &str)],
) -> crate::harness::browser::Answer {
    let mut fields = paper(name);
    fields.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let mut worker = app.official(Role::VillageWorker, elsewhere()).await;
    worker.get("/desk/declarations/new").await.expect(200);
    send(&mut worker, "/desk/declarations/new", &fields).await
}

async fn an_entry_does_not_rename_or_move_anybody(app: App) {
    risk_area(&app).await;
    let mut b = certified(&app).await;
    let before = known(&app).await;
    let refused = enter(&app, "钱十").await.expect(422);
    refused.shows("这个证件登记的姓名和这里填的不一样").shows("到服务点核对改正").shows("钱十").shows(CARD);
    assert_eq!(b.api_get("/api/v1/declarations").await.json().as_array().unwrap().len(), 1);
    enter(&app, "吴 九").await.leads_to("/desk/receipts/HZ");
    assert_eq!(known(&app).await, before, "neither moved nor at another level");
    b.get("/me").await.expect(200).shows("吴*");
    app.stop().await;
}

async fn an_entry_counts_only_once_another_official_has_checked_it(app: App) {
    risk_area(&app).await;
    let mut b = certified(&app).await;
    enter(&app, "吴九").await.leads_to("/desk/receipts/HZ");
    let number = newest(&app).await;
    assert_eq!(colour(&app, &mut b).await, "green", "one official alone turns nobody red");
    assert_eq!(certificates(&mut b).await[0]["state"], "valid");
    let told: Vec<String> =
        app.deps.sms.sent().into_iter().map(|m| format!("{}: {}", m.to, m.text)).collect();
    let text = told.iter().find(|t| t.contains("工作人员为你录入了") && t.contains(&number)).expect("an SMS");
    assert!(text.starts_with(&format!("+86{PHONE}")) && text.contains("撤回"), "{text}");
    assert!(!told.iter().any(|t| t.contains("已收到健康申报") && t.contains(&number)), "{told:?}");
    b.get(&format!("/declarations/{number}")).await.expect(200).shows("由工作人员为你录入").shows("撤回");

    // Another official sees what it would replace, and accepts it by an explicit choice.
    let mut other = app.official(Role::VillageWorker, elsewhere()).await;
    let path = format!("/desk/declarations/{number}");
    let case = other.get(&path).await.expect(200).shows("更改了什么").shows("武昌区").shows("你核对属实以后");
    let version = case.input("version").unwrap();
    let row = format!("{number}@{version}");
    other.post("/desk/declarations/check", &[("case", &row)]).await.expect(200).shows("对照新旧内容");
    other.post(&path, &[("version", &version), ("action", "check")]).await.expect(422);
    assert_eq!(colour(&app, &mut b).await, "green");
    let accept = [("version", version.as_str()), ("action", "check"), ("accept", "yes")];
    other.post(&path, &accept).await.leads_to(&path);
    assert_eq!(colour(&app, &mut b).await, "red");
    app.stop().await;
}

/// Two logins of one administrator are not two officials: neither accepts on its first day what the other one typed.
async fn a_login_that_waits_accepts_nothing_that_staff_typed(app: App) {
    risk_area(&app).await;
    let mut b = certified(&app).await;
    enter(&app, "吴九").await.leads_to("/desk/receipts/HZ");
    let number = newest(&app).await;
    let path = format!("/desk/declarations/{number}");
    let mut other = app.official_full(Role::VillageWorker, elsewhere()).await;
    let (who, from) = (other.official, Ts::from(app.clock.now() + chrono::Duration::hours(24)));
    let waits = app.deps.store.write(move |tx| {
        let row = officials::table.find(who);
        Ok(diesel::update(row).set(officials::grave_from.eq(Some(from))).execute(tx.conn())?)
    });
    assert_eq!(waits.await.unwrap(), 1);
    let version = other.browser.get(&path).await.expect(200).input("version").unwrap();
    let accept = [("version", version.as_str()), ("action", "check"), ("accept", "yes")];
    other.browser.post(&path, &accept).await.expect(409).shows("账号刚由一名系统管理员开通或重置");
    let row = format!("{number}@{version}");
    let listed = other.browser.post("/desk/declarations/check", &[("case", &row)]).await.expect(200);
    listed.shows("账号刚由一名系统管理员开通或重置");
    assert_eq!(colour(&app, &mut b).await, "green");
    app.clock.advance(chrono::Duration::hours(24));
    let mut later = app.official(Role::VillageWorker, elsewhere()).await;
    later.get(&path).await.expect(200);
    later.post(&path, &accept).await.leads_to(&path);
    app.stop().await;
}

async fn what_an_entry_said_is_gone_when_the_person_corrects_it(app: App) {
    risk_area(&app).await;
    let mut b = certified(&app).await;
    enter(&app, "吴九").await.leads_to("/desk/receipts/HZ");
    let number = newest(&app).await;
    b.get("/declarations").await.expect(200);
    let made = b.api_get(&format!("/api/v1/declarations/{number}")).await.expect(200).json();
    let patch = json!({"version": made["version"], "answers": {"travel": []}});
    b.api(Method::PATCH, &format!("/api/v1/declarations/{number}"), &patch).await.expect(200);
    assert_eq!(colour(&app, &mut b).await, "green", "nobody had checked what staff typed");
    b.get(&format!("/declarations/{number}")).await.expect(200).hides("由工作人员为你录入");
    // Withdrawn instead, it leaves nothing behind either.
    let made = b.api_get(&format!("/api/v1/declarations/{number}")).await.json();
    let path = format!("/api/v1/declarations/{number}/withdraw");
    b.api(Method::POST, &path, &json!({"version": made["version"]})).await.expect(200);
    assert_eq!(colour(&app, &mut b).await, "green");
    app.stop().await;
}

/// Whoever proves on paper that a document was seen, and writes down who may sign in for it, is not that person.
async fn nobody_enters_their_own_document_or_telephone(app: App) {
    let typed = paper("吴九");
    let phone = "13600008841";
    assert!(typed.iter().any(|(name, value)| *name == "phone" && value.contains("8841")));
    let own = DocumentNumber::parse_stored(DocumentKind::IdCard, CARD).unwrap();
    let by_document = app.official_full(Role::VillageWorker, elsewhere()).await;
    app.is_known(by_document.official, own, None).await;
    let mut by_document = by_document.browser;
    let mut by_phone = app.official_with_phone(Role::VillageWorker, elsewhere(), phone).await;
    for (worker, said) in [(&mut by_document, "这是你本人的证件"), (&mut by_phone, "这是你本人的手机号")]
    {
        worker.get("/desk/declarations/new").await.expect(200);
        let refused = send(worker, "/desk/declarations/new", &typed).await.expect(422);
        refused.shows(said).shows("吴九").shows(CARD);
    }
    let known = app.deps.store.read(|c| Ok(persons::table.count().get_result::<i64>(c)?));
    assert_eq!(known.await.unwrap(), 0, "nobody was made");
    // The same paper by a colleague; and without the telephone by the one whose it is.
    let mut without = typed.clone();
    without.retain(|(name, _)| *name != "phone");
    send(&mut by_phone, "/desk/declarations/new", &without).await.leads_to("/desk/receipts/HZ");
    // Somebody whom the official stands for by telephone is their own, whatever the document.
    let mut resident = app.resident(phone).await;
    declare(&mut resident, "郑十", "11010519491231002X").await;
    let mut others: Vec<(&'static str, String)> = without.clone();
    for (name, value) in &mut others {
        match *name {
            "name" => *value = "郑十".into(),
            "document_number" => *value = "11010519491231002X".into(),
            _ => {}
        }
    }
    let refused = send(&mut by_phone, "/desk/declarations/new", &others).await.expect(422);
    refused.shows("用你的手机号登记的人");
    app.stop().await;
}
