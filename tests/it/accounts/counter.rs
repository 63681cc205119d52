//! Claims at the counter: confirmed only by the document in hand, once, and nothing earlier is shown before.

use super::claiming::{CARD, claim, document, statement};
use crate::fresh::{at_a_desk, with_a_code};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::declared;
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::accounts::{Claim, ClaimPerson, IdentityLevel, account_of, person, person_by_document};
use fugong::colour::Evaluate;
use fugong::crypto::FieldContext;
use fugong::db::Id;
use fugong::db::schema::{jobs, officials};
use fugong::identity::DivisionCode;
use fugong::jobs::Job;

on_both!(
    confirming_moves_the_person,
    a_division_that_becomes_known_has_the_code_worked_out,
    what_was_declared_goes_with_the_person,
    what_differs_is_refused_and_kept,
    what_will_be_received_is_shown_first,
    one_decision_only,
    another_document_is_no_way_out_of_red,
    rejecting_and_who_may,
    a_decision_takes_a_fresh_factor_and_keeps_what_was_typed
);

const FIRST: &str = "13800138000";
const SECOND: &str = "13800138001";
const ONCE: &str = "01920000-0000-7000-8000-000000000001";

/// A first account by a wrong name, a second one that claims the same document; both with their browsers, and the
/// number of the claim.
async fn claimed(app: &App) -> ((Browser, Id), (Browser, Id), String) {
    let first = app.resident_with(FIRST).await;
    let second = app.resident_with(SECOND).await;
    assert!(matches!(claim(app, statement(Some(first.1), CARD, "冒名者")).await, Ok(Claim::Yours(_))));
    let Ok(Claim::Counter { number }) = claim(app, statement(Some(second.1), CARD, "张三")).await else {
        panic!("a second phone goes to the counter")
    };
    (first, second, number)
}

/// The account that stands for the document, the person's name and level.
async fn holder(app: &App) -> (Option<Id>, String, IdentityLevel) {
    let keys = app.deps.keys.clone();
    let found = app.deps.store.read(move |c| {
        let id = person_by_document(c, &keys, &document(CARD))?.unwrap();
        let person = person(c, &keys, id)?;
        Ok((account_of(c, id)?, person.name.as_str().to_owned(), person.level))
    });
    found.await.unwrap()
}

fn confirm<'a>(version: &'a str, name: &'a str, number: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("do", "confirm"), ("version", version), ("name", name), ("doc_number", number), ("seen", "yes")]
}

async fn confirming_moves_the_person(app: App) {
    let ((mut before, _), (mut after, second), number) = claimed(&app).await;
    let path = format!("/desk/claims/{number}");
    before.get("/me").await.expect(200).shows("冒**");
    after.get("/me").await.expect(200).shows(&number).shows("待核对").hides("冒");
    let mut desk = app.official(Role::VillageWorker, "511621").await;
    desk.get("/desk/claims").await.expect(200).shows(&number).shows("张*").hides("张三").hides(CARD);
    let shown = desk.get(&path).await.expect(200);
    shown
        .shows("张*")
        .shows("1101 **** **** 002X")
        .hides(CARD)
        .hides("张三")
        .hides("冒")
        .hides("13800138000");
    let mut fields = confirm("1", "张 三", "11010519491231002x");
    fields.push(("_once", ONCE));
    desk.post(&path, &fields).await.leads_to("/desk/claims");
    // The same submission again changes nothing and answers the same.
    desk.post(&path, &fields).await.leads_to("/desk/claims");
    let (account, name, level) = holder(&app).await;
    assert_eq!((account, level), (Some(second), IdentityLevel::Seen));
    assert_eq!(name.replace(' ', ""), "张三");
    desk.get("/desk/claims").await.expect(200).hides(&number);
    after.get("/me").await.expect(200).shows("已确认").shows("1101 **** **** 002X");
    // Wherever the earlier account was signed in, it signs in again, without the person.
    before.get("/me").await.leads_to("/sign-in");
    app.resident(FIRST).await.get("/me").await.expect(200).hides("冒**").hides("002X");
    app.drain().await;
    let told: Vec<_> = app.deps.sms.sent().into_iter().map(|m| (m.to, m.message, m.text)).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for (phone, name) in [(FIRST, "claim-moved"), (SECOND, "claim-decided")] {
        let (_, _, text) = told.iter().find(|(to, m, _)| to.ends_with(phone) && m == name).unwrap();
        assert_eq!(fugong::notify::sms_parts(text), 1, "{text}");
    }
    app.stop().await;
}

/// Who lost a person sees nothing of theirs any more: neither what they had sent in that name nor what followed from it.
/// The jobs that wait to work out the code of a document's person.
async fn evaluations(app: &App) -> i64 {
    let keys = app.deps.keys.clone();
    let found = app.deps.store.read(move |c| {
        let id = person_by_document(c, &keys, &document(CARD))?.unwrap();
        let name = format!("{}:{id}", Evaluate::NAME);
        let queued = jobs::table.filter(jobs::dedup.eq(Some(name))).filter(jobs::state.eq("queued"));
        Ok(queued.count().get_result::<i64>(c)?)
    });
    found.await.unwrap()
}

/// Where somebody lives who has stated nothing is what rules look at.
async fn a_division_that_becomes_known_has_the_code_worked_out(app: App) {
    let (_, (mut after, _), number) = claimed(&app).await;
    app.drain().await;
    assert_eq!(evaluations(&app).await, 0);
    let path = format!("/desk/claims/{number}");
    let mut desk = app.official(Role::VillageWorker, "511621").await;
    desk.get(&path).await.expect(200);
    desk.post(&path, &confirm("1", "张三", CARD)).await.leads_to("/desk/claims");
    assert_eq!(evaluations(&app).await, 1);
    app.drain().await;
    after.get("/me").await.expect(200).shows("张*");
    // So it is where somebody says that they live elsewhere.
    let (_, third) = app.resident_with("13800138002").await;
    let other = |division: &str| {
        let said = statement(Some(third), "360426199101010071", "李四");
        ClaimPerson { division: DivisionCode::parse(division).unwrap(), ..said }
    };
    let Ok(Claim::Yours(person)) = claim(&app, other("511621")).await else { panic!("it is new") };
    assert_eq!(claim(&app, other("511602")).await.unwrap(), Claim::Yours(person));
    let name = format!("{}:{person}", Evaluate::NAME);
    let queued = app
        .deps
        .store
        .read(move |c| Ok(jobs::table.filter(jobs::dedup.eq(Some(name))).count().get_result::<i64>(c)?));
    assert_eq!(queued.await.unwrap(), 1);
    app.drain().await;
    app.stop().await;
}

async fn what_was_declared_goes_with_the_person(app: App) {
    let mut before = app.resident(FIRST).await;
    let declared = crate::declarations::declare(&mut before, "李小梅", CARD).await;
    crate::declarations::issue(&app, &declared).await;
    app.drain().await;
    let certificates = "/api/v1/certificates";
    assert_eq!(before.api_get(certificates).await.expect(200).json().as_array().unwrap().len(), 1);
    let (mut after, second) = app.resident_with(SECOND).await;
    let Ok(Claim::Counter { number }) = claim(&app, statement(Some(second), CARD, "李小梅")).await else {
        panic!("a second phone goes to the counter")
    };
    let mut desk = app.official(Role::VillageWorker, "511621").await;
    let path = format!("/desk/claims/{number}");
    desk.get(&path).await.expect(200);
    desk.post(&path, &confirm("1", "李小梅", CARD)).await.leads_to("/desk/claims");
    before.api_get(certificates).await.expect(401);
    let mut before = app.resident(FIRST).await;
    assert_eq!(before.api_get(certificates).await.expect(200).json(), serde_json::json!([]));
    before.get(&format!("/declarations/{declared}")).await.expect(404);
    assert_eq!(after.api_get(certificates).await.expect(200).json().as_array().unwrap().len(), 1);
    after.get(&format!("/declarations/{declared}")).await.expect(200).shows("李小梅");
    app.drain().await;
    app.stop().await;
}

async fn what_differs_is_refused_and_kept(app: App) {
    let ((_, first), _, number) = claimed(&app).await;
    let path = format!("/desk/claims/{number}");
    let mut desk = app.official(Role::Doctor, "511621").await;
    desk.get(&path).await.expect(200);
    let other = desk.post(&path, &confirm("1", "张三", "360426199101010071")).await.expect(422);
    other.shows("360426199101010071").shows("与认领人所填的号码不一致").hides("冒");
    let other = desk.post(&path, &confirm("1", "冒名者", CARD)).await.expect(422);
    other.shows("冒名者").shows("与认领人所填的姓名不一致");
    let unseen = [("do", "confirm"), ("version", "1"), ("name", "张三"), ("doc_number", CARD)];
    desk.post(&path, &unseen).await.expect(422).shows("请先看证件原件");
    desk.post(&path, &[("do", "reject"), ("version", "1")]).await.expect(422);
    desk.post(&path, &[("do", "wish")]).await.expect(400);
    assert_eq!(holder(&app).await.0, Some(first));
    // Guessing ends, even with the right answer at last.
    for _ in 0..8 {
        desk.post(&path, &confirm("1", "张三", "360426199101010071")).await.expect(422);
    }
    desk.post(&path, &confirm("1", "张三", CARD)).await.expect(429);
    assert_eq!(holder(&app).await.0, Some(first));
    app.stop().await;
}

/// Beforehand the counter sees what both telephones will be told; nothing is done, and what was typed counts as a try.
async fn what_will_be_received_is_shown_first(app: App) {
    let (_, (mut after, _), number) = claimed(&app).await;
    let path = format!("/desk/claims/{number}");
    let mut desk = app.official(Role::VillageWorker, "511621").await;
    desk.get(&path).await.expect(200).hides("对方将收到");
    let no = [("do", "reject"), ("version", "1"), ("reason", "differs"), ("preview", "1")];
    desk.post(&path, &no).await.expect(200).shows("对方将收到").shows("没有通过：证件与所填不一致");
    let unsaid = [("do", "reject"), ("version", "1"), ("preview", "1")];
    desk.post(&path, &unsaid).await.expect(422).hides("对方将收到");
    let preview = |name, number| [&confirm("1", name, number)[..], &[("preview", "1")]].concat();
    let shown = desk.post(&path, &preview("张三", CARD)).await.expect(200).shows("对方将收到");
    shown.shows(&format!("身份认领 {number} 已确认")).shows("你的手机号不再代表此人").shows("value=\"张三\"");
    let (_, name, level) = holder(&app).await;
    assert_eq!((name.as_str(), level), ("冒名者", IdentityLevel::SelfStated), "nothing is done");
    after.get("/me").await.expect(200).shows("待核对");
    app.drain().await;
    let told = |app: &App| app.deps.sms.sent().iter().filter(|m| m.message.starts_with("claim-")).count();
    assert_eq!(told(&app), 0);
    // Whoever guesses has no more tries by looking first.
    for _ in 0..9 {
        desk.post(&path, &preview("张三", "360426199101010071")).await.expect(422).hides("对方将收到");
    }
    desk.post(&path, &preview("张三", CARD)).await.expect(429);
    // What somebody else has decided meanwhile is told.
    let mut other = app.official(Role::TownReviewer, "511621001").await;
    other.get(&path).await.expect(200);
    other.post(&path, &[("do", "reject"), ("version", "1"), ("reason", "holder")]).await.expect(303);
    desk.post(&path, &no).await.expect(409).shows("有人先改动了");
    app.drain().await;
    assert_eq!(told(&app), 1);
    app.stop().await;
}

async fn one_decision_only(app: App) {
    let ((_, first), (mut after, _), number) = claimed(&app).await;
    let path = format!("/desk/claims/{number}");
    // A counter elsewhere in the province does not list it, and opens it by its exact number.
    let mut near = app.official(Role::VillageWorker, "511621").await;
    let mut far = app.official(Role::TownReviewer, "510104").await;
    far.get("/desk/claims").await.expect(200).hides(&number);
    far.post("/desk/claims", &[("number", &number.to_lowercase())]).await.leads_to(&path);
    far.post("/desk/claims", &[("number", "RL200312-00000000")]).await.expect(422).shows("RL200312-00000000");
    far.get(&path).await.expect(200);
    near.get(&path).await.expect(200);
    let reject = [("do", "reject"), ("version", "1"), ("reason", "differs")];
    near.post(&path, &reject).await.leads_to("/desk/claims");
    // Who comes second: 409 in the jurisdiction; elsewhere a decided claim is nobody's business any more.
    let mut second = app.official(Role::Doctor, "511621").await;
    second.get(&path).await.expect(200).shows("没有通过");
    second.post(&path, &confirm("1", "张三", CARD)).await.expect(409);
    second.post(&path, &reject).await.expect(409);
    far.get(&path).await.expect(404);
    far.post(&path, &confirm("1", "张三", CARD)).await.expect(404);
    assert_eq!(holder(&app).await.0, Some(first));
    after.get("/me").await.expect(200).shows("没有通过");
    app.stop().await;
}

/// The account stands for somebody who is red: a counter that sees another document does not make it stand for another.
async fn another_document_is_no_way_out_of_red(app: App) {
    use fugong::policy::Declaration;
    let (mut b, account) = app.resident_with(FIRST).await;
    let Ok(Claim::Yours(own)) = claim(&app, statement(Some(account), CARD, "张三")).await else { panic!() };
    let healthy = declared::healthy(app.clock.now());
    let ill = Declaration { contact_with_case: true, ..healthy.declaration.clone() };
    declared::state(own, fugong::colour::Declared { declaration: ill, ..healthy.clone() });
    let second = statement(Some(account), "360426199101010071", "李四");
    let Ok(Claim::Counter { number }) = claim(&app, second).await else { panic!("to the counter") };
    let path = format!("/desk/claims/{number}");
    let mut desk = app.official(Role::VillageWorker, "511621").await;
    let page = desk.get(&path).await.expect(200).shows("现在代表另一个人");
    page.shows("有红码或黄码的原因").shows("申诉").hides("证件上的完整号码");
    let known = desk.api_get(&format!("/api/v1{path}")).await.expect(200).json();
    assert_eq!((&known["replaces"], &known["replaces_held"]), (&true.into(), &true.into()), "{known}");
    assert!(["red", "yellow"].contains(&known["replaces_colour"].as_str().unwrap()), "{known}");
    let typed = confirm("1", "李四", "360426199101010071");
    desk.post(&path, &typed).await.expect(409).shows("不能改为代表别人");
    b.get("/me").await.expect(200).shows("1101 **** **** 002X");
    // The cause has ended: as before, and the record names both persons.
    declared::state(own, healthy);
    desk.get(&path).await.expect(200).shows("绿码").shows("证件上的完整号码");
    desk.post(&path, &typed).await.leads_to("/desk/claims");
    b.get("/me").await.leads_to("/sign-in");
    app.resident(FIRST).await.get("/me").await.expect(200).shows("3604 **** **** 0071");
    app.stop().await;
}

async fn rejecting_and_who_may(app: App) {
    let (_, (mut after, _), number) = claimed(&app).await;
    let path = format!("/desk/claims/{number}");
    for role in [Role::ColourOfficer, Role::CountyDesk, Role::Administrator] {
        let mut other = app.official(role, "511621").await;
        other.get("/desk/claims").await.expect(404);
        other.get(&path).await.expect(404);
    }
    after.get(&path).await.expect(404);
    let mut abroad = app.official(Role::VillageWorker, "440100").await;
    abroad.get(&path).await.expect(404);
    // An official whose own phone claims, or would lose the person, does not decide.
    for (phone, status) in [(SECOND, 409), (FIRST, 409), ("13900139000", 303)] {
        let mut staff = app.official_full(Role::TownReviewer, "511621").await;
        let keys = app.deps.keys.clone();
        let (id, phone) = (staff.official, format!("+86{phone}"));
        let named = app.deps.store.write(move |tx| {
            let sealed = keys.seal_str(&FieldContext::new("officials", "phone_sealed", id.0), &phone)?;
            let set = officials::phone_sealed.eq(Some(sealed));
            diesel::update(officials::table.find(id)).set(set).execute(tx.conn())?;
            Ok(())
        });
        named.await.unwrap();
        staff.browser.get(&path).await.expect(200);
        let reject = [("do", "reject"), ("version", "1"), ("reason", "holder")];
        staff.browser.post(&path, &reject).await.expect(status);
    }
    app.drain().await;
    let told = app.deps.sms.sent();
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains("来人不是证件持有人"), "{}", told[0].text);
    app.stop().await;
}

async fn a_decision_takes_a_fresh_factor_and_keeps_what_was_typed(app: App) {
    let (_, (_, second), number) = claimed(&app).await;
    let path = format!("/desk/claims/{number}");
    let (mut desk, secret) = at_a_desk(&app, Role::VillageWorker).await;
    desk.get(&path).await.expect(200);
    app.clock.advance(Duration::minutes(16));
    with_a_code(&app, &mut desk, &secret, &path, &confirm("1", "张三", CARD)).await.leads_to("/desk/claims");
    assert_eq!(holder(&app).await.0, Some(second));
    app.stop().await;
}
