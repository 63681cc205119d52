//! My things: sessions, contact, who looked, a copy.

use super::signing_in::sign_in;
use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use fugong::access::Role;
use fugong::accounts::{Claim, ClaimPerson, claim_person};
use fugong::audit::{self, Actor, Entry};
use fugong::db::Id;
use fugong::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName};

on_both!(
    sessions_end_one_by_one_and_all,
    every_live_session_is_listed,
    email_and_phone_change,
    who_looked_is_listed,
    a_copy_is_complete_and_only_ones_own
);

async fn claimed(app: &App, account: Id) -> Id {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let claim = ClaimPerson {
        by: Actor::Resident(account),
        account: Some(account),
        document: DocumentNumber::parse_stored(DocumentKind::IdCard, "11010519491231002X").unwrap(),
        name: PersonName::parse("阿依古丽·买买提").unwrap(),
        sex: None,
        division: DivisionCode::parse("511621").unwrap(),
        phone: None,
    };
    match app.deps.store.write(move |tx| claim_person(tx, &keys, &claim, now)).await.unwrap() {
        Claim::Yours(id) => id,
        other => panic!("{other:?}"),
    }
}

async fn sessions_end_one_by_one_and_all(app: App) {
    let mut a = app.resident("13800138000").await;
    app.clock.advance(Duration::minutes(1));
    let mut b = app.resident("13800138000").await;
    let mut stranger = app.resident("13800138001").await;
    let page = a.get("/me/sessions").await.expect(200).shows("这台设备");
    let ids: Vec<String> = page
        .body
        .split("action=\"/me/sessions/")
        .skip(1)
        .filter_map(|s| s.split_once("/end\"").map(|(id, _)| id.to_owned()))
        .filter(|id| id.len() == 36)
        .collect();
    assert_eq!(ids.len(), 2);
    stranger.get("/me/sessions").await.expect(200);
    stranger.post(&format!("/me/sessions/{}/end", ids[0]), &[]).await.expect(404);
    // The newest stands first: that is b's.
    a.post(&format!("/me/sessions/{}/end", ids[0]), &[]).await.leads_to("/me/sessions");
    b.get("/me").await.leads_to("/sign-in");
    a.post(&format!("/me/sessions/{}/end", ids[0]), &[]).await.expect(404);
    let mut c = app.resident("13800138000").await;
    a.get("/me/sessions").await.expect(200);
    a.post("/me/sessions/end-all", &[]).await.leads_to("/");
    a.get("/me").await.leads_to("/sign-in");
    c.get("/me").await.leads_to("/sign-in");
    stranger.get("/me").await.expect(200);
    app.stop().await;
}

/// However many are over since: the one that is used stands there.
async fn every_live_session_is_listed(app: App) {
    let mut used = app.resident("13800138000").await;
    app.clock.advance(Duration::days(1));
    for _ in 0..101 {
        app.resident("13800138000").await;
    }
    for _ in 0..3 {
        app.clock.advance(Duration::days(4));
        used.get("/me").await.expect(200);
    }
    let mut beside = app.resident("13800138000").await;
    let page = beside.get("/me/sessions").await.expect(200);
    let ends = page.body.matches("action=\"/me/sessions/0").count();
    assert_eq!(ends, 2, "both that live, and none that is over");
    app.stop().await;
}

async fn email_and_phone_change(app: App) {
    let mut b = app.resident("13800138000").await;
    let mut elsewhere = app.resident("13800138000").await;
    b.get("/me/contact").await.expect(200).shows("138 **** 8000");
    b.post("/me/contact", &[("email", "nobody")]).await.expect(422).shows("nobody").shows("@");
    crate::world::accounts::name_email(&app, &mut b, "a@example.cn").await;
    b.get("/me/contact").await.shows("a@example.cn").shows("已保存");
    let told = |app: &App| app.deps.sms.sent().iter().filter(|m| m.message == "email-changed").count();
    app.drain().await;
    assert_eq!(told(&app), 1, "the telephone hears of the address");
    // However many there are since, the oldest ends, too.
    for _ in 0..110 {
        app.resident("13800138000").await;
    }
    b.post("/me/contact/new-phone", &[("phone", "13900139000")]).await.leads_to("/me/contact/phone");
    app.drain().await;
    let codes: Vec<(String, String)> = app
        .deps
        .sms
        .sent()
        .into_iter()
        .filter(|m| m.message == "phone-change-code")
        .map(|m| (m.to, m.text.chars().skip_while(|c| !c.is_ascii_digit()).take(6).collect()))
        .collect();
    let code = |to: &str| codes.iter().find(|(t, _)| t == to).unwrap().1.clone();
    let (old, new) = (code("+8613800138000"), code("+8613900139000"));
    b.get("/me/contact/phone").await.expect(200).shows("139 **** 9000");
    // Whoever mistypes one has not lost the other.
    let wrong = if new == "000000" { "000001" } else { "000000" };
    let page = b.post("/me/contact/phone", &[("old", &old), ("new", wrong)]).await.expect(422);
    page.shows("id=\"new-e\"").hides("id=\"old-e\"");
    b.post("/me/contact/phone", &[("old", &old), ("new", &new)]).await.leads_to("/me/contact");
    b.get("/me").await.shows("139 **** 9000");
    elsewhere.get("/me").await.leads_to("/sign-in");
    app.drain().await;
    let told = app.deps.sms.sent().last().unwrap().clone();
    assert_eq!((told.to.as_str(), told.message.as_str()), ("+8613800138000", "phone-changed"));
    // The old number is a new account now, the new one signs in to the old account.
    app.clock.advance(Duration::minutes(5));
    let mut again = app.browser();
    sign_in(&app, &mut again, "13900139000").await;
    again.get("/me/contact").await.shows("a@example.cn");
    app.stop().await;
}

async fn who_looked_is_listed(app: App) {
    let (mut b, account) = app.resident_with("13800138000").await;
    b.get("/me/access").await.expect(200).shows("还没有人看过");
    let person = claimed(&app, account).await;
    let staff = app.official_full(Role::Doctor, "511621").await;
    let now = app.clock.now();
    app.deps
        .store
        .write(move |tx| {
            for n in 0..60 {
                let by = Actor::Official { id: staff.official, office: staff.office };
                let action = if n == 0 { "declaration.view" } else { "certificate.issue" };
                audit::append(
                    tx,
                    now + Duration::seconds(n),
                    Entry::new(by, action, "x").subject(Some(person)),
                )?;
            }
            audit::append(tx, now, Entry::new(Actor::System, "code.view", "x").subject(Some(person)))
        })
        .await
        .unwrap();
    b = app.resident("13800138000").await;
    let first = b.get("/me/access").await.expect(200).shows("岳池县测试单位").shows("0826-5220000");
    let looks = |page: &str| page.matches("<div class=\"card\"><p><b>").count();
    assert_eq!(looks(&first.body), 50);
    let older = first.body.split("/me/access?after=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let second = b.get(&format!("/me/access?after={older}")).await.expect(200).shows("查看了你的健康申报");
    assert_eq!(looks(&second.body), 10);
    b.get("/me/access?after=zzz").await.expect(400);
    b.lang = "en";
    b.get("/me/access").await.shows("Office of Yuechi County").shows("Issued your certificate");
    let mut other = app.resident("13800138001").await;
    other.get("/me/access").await.hides("岳池县测试单位");
    app.stop().await;
}

async fn a_copy_is_complete_and_only_ones_own(app: App) {
    let (_, account) = app.resident_with("13800138000").await;
    claimed(&app, account).await;
    let mut b = app.resident("13800138000").await;
    b.get("/me").await.expect(200).shows("阿***·买**").hides("阿依古丽");
    let copy = b.get("/me/data/download").await.expect(200);
    assert!(copy.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let copy = copy.json();
    assert_eq!(copy["account"]["person"]["name"], "阿依古丽·买买提");
    assert_eq!(copy["account"]["person"]["document_number"], "11010519491231002X");
    let mut other = app.resident("13800138001").await;
    assert!(other.get("/me/data/download").await.json()["account"]["person"].is_null());
    let mut nobody = app.browser();
    nobody.get("/me/data/download").await.leads_to("/sign-in");
    app.stop().await;
}
