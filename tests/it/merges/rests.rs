//! What rests on a record besides rows of its own: papers, a PIN, an earlier merge, and the time in which it is undone.

use super::*;
use crate::codes::ends::red_about;
use crate::declarations::{declare, issue};
use crate::pins::{another, asked};
use crate::proxies::SON;
use reqwest::Method;

on_both!(
    papers_of_either_record_stay_good,
    a_finding_about_either_document_is_the_persons,
    the_pin_goes_with_the_person_and_back,
    a_merge_on_a_merge_is_undone_first,
    after_half_a_year_it_stays,
    nobody_undoes_what_is_their_own,
    another_document_is_no_way_out_after_a_merge,
    two_logins_of_one_person_do_not_agree_with_each_other,
    no_more_act_for_somebody_than_may,
    what_nobody_could_confirm_is_not_proposed,
);

/// Her third document.
const PERMIT: (&str, &str, &str) = ("hk_macao_permit", "H12345678", "WONG SUK FONG");

async fn verdict(app: &App, token: &Value) -> String {
    let mut gate = app.browser();
    let answer = gate.api(Method::POST, "/api/v1/verify", &json!({"text": token})).await.expect(200);
    answer.json()["verdict"].as_str().unwrap().to_owned()
}

async fn certificates(b: &mut Browser) -> Value {
    b.api_get("/api/v1/certificates").await.expect(200).json()
}

/// A worker proposes that the first of two documents leads, and a reviewer confirms it; the number.
async fn joined(app: &App, lead: Who<'_>, other: Who<'_>) -> String {
    a_reviewer_is_there(app).await;
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    sent(&mut worker, lead, other, "propose").await.leads_to("/desk/receipts/HZ");
    decided(app).await
}

/// A reviewer confirms what waits; its number.
async fn decided(app: &App) -> String {
    let (path, number) = waits(app).await;
    let mut second = reviewer(app).await;
    second.get(&path).await.expect(200);
    second.post(&path, YES).await.leads_to("/desk/second");
    number
}

async fn proposes_undoing(b: &mut Browser, number: &str) -> Answer {
    b.get("/desk/merges").await.expect(200);
    b.post("/desk/merges/undo", &[("number", number), ("undo_reason", "不是同一个人")]).await
}

async fn undone(app: &App, number: &str) {
    let mut worker = app.official(Role::Doctor, PLACE).await;
    proposes_undoing(&mut worker, number).await.leads_to("/desk/merges");
    decided(app).await;
}

/// Somebody with a certificate on the card, who has a record by the passport too.
async fn with_papers(app: &App) -> (Browser, Id) {
    let mut mother = app.resident(MOTHER.0).await;
    let number = declare(&mut mother, MOTHER.1, MOTHER.2).await;
    issue(app, &number).await;
    app.drain().await;
    let other = on_file(app, PASSPORT, None).await;
    (mother, other)
}

async fn papers_of_either_record_stay_good(app: App) {
    let (mut mother, passport) = with_papers(&app).await;
    let before = certificates(&mut mother).await;
    let token = before[0]["token"].clone();
    assert_eq!(verdict(&app, &token).await, "valid");
    // The record without papers leads: the account, the papers and the green code become its own.
    let number = joined(&app, PASSPORT, CARD).await;
    app.drain().await;
    assert_eq!(of_document(&app, CARD).await, Some(passport));
    assert_eq!(certificates(&mut mother).await, before);
    assert_eq!(verdict(&app, &token).await, "valid");
    assert_eq!(crate::codes::state(&mut mother).await, "green");
    undone(&app, &number).await;
    app.drain().await;
    assert_ne!(of_document(&app, CARD).await, Some(passport));
    assert_eq!(verdict(&app, &token).await, "valid");
    // Whoever stands for a record again signs in again.
    mother.get("/certificates").await.leads_to("/sign-in");
    let mut mother = app.resident(MOTHER.0).await;
    assert_eq!(certificates(&mut mother).await, before);
    app.stop().await;
}

async fn a_finding_about_either_document_is_the_persons(app: App) {
    let (mut mother, _) = with_papers(&app).await;
    joined(&app, PASSPORT, CARD).await;
    app.drain().await;
    let token = certificates(&mut mother).await[0]["token"].clone();
    red_about(&app, (CARD.0, CARD.1)).await;
    app.drain().await;
    assert_eq!(crate::codes::state(&mut mother).await, "red");
    assert_eq!(verdict(&app, &token).await, "suspended");
    app.stop().await;
}

async fn the_pin_goes_with_the_person_and_back(app: App) {
    on_file(&app, CARD, None).await;
    on_file(&app, PASSPORT, None).await;
    let pin = crate::pins::given(&app, MOTHER.1, MOTHER.2).await;
    let number = joined(&app, PASSPORT, CARD).await;
    let mut son = somebody(&app, SON).await.browser;
    // By the card, although the record of the passport leads.
    asked(&mut son, (MOTHER.1, MOTHER.2), another(&pin)).await.expect(422);
    asked(&mut son, (MOTHER.1, MOTHER.2), &pin).await.leads_to("/me/for");
    undone(&app, &number).await;
    let child = crate::world::proxies::child("1980-01-02");
    let mut other = somebody(&app, ("13800138103", "王小山", child.as_str())).await.browser;
    asked(&mut other, (MOTHER.1, MOTHER.2), &pin).await.leads_to("/me/for");
    let holder = app.deps.store.read(|c| {
        use fugong::db::schema::person_pins;
        Ok(person_pins::table.select(person_pins::person_id).load::<Id>(c)?)
    });
    assert_eq!(holder.await.unwrap(), [of_document(&app, CARD).await.unwrap()]);
    app.stop().await;
}

async fn a_merge_on_a_merge_is_undone_first(app: App) {
    let card = on_file(&app, CARD, None).await;
    let passport = on_file(&app, PASSPORT, None).await;
    let permit = on_file(&app, PERMIT, None).await;
    let old = passed_on(&app, passport).await;
    let first = joined(&app, CARD, PASSPORT).await;
    let second = joined(&app, PERMIT, CARD).await;
    for document in [CARD, PASSPORT, PERMIT] {
        assert_eq!(of_document(&app, document).await, Some(permit));
    }
    assert_eq!(rests_on(&app, old).await, permit);
    let mut worker = app.official(Role::Doctor, PLACE).await;
    proposes_undoing(&mut worker, &first).await.expect(422).shows("没有这个编号的合并");
    undone(&app, &second).await;
    assert_eq!(of_document(&app, PASSPORT).await, Some(card));
    assert_eq!((of_document(&app, PERMIT).await, rests_on(&app, old).await), (Some(permit), card));
    undone(&app, &first).await;
    assert_eq!((of_document(&app, PASSPORT).await, rests_on(&app, old).await), (Some(passport), passport));
    app.stop().await;
}

async fn after_half_a_year_it_stays(app: App) {
    let card = on_file(&app, CARD, None).await;
    on_file(&app, PASSPORT, None).await;
    let number = joined(&app, CARD, PASSPORT).await;
    // Proposed in time and confirmed too late: it stays, and the second official is told why.
    app.clock.advance(Duration::days(180));
    let mut worker = app.official(Role::Doctor, PLACE).await;
    proposes_undoing(&mut worker, &number).await.leads_to("/desk/merges");
    let (path, _) = waits(&app).await;
    app.clock.advance(Duration::days(5));
    let mut second = reviewer(&app).await;
    second.get(&path).await.expect(200);
    second.post(&path, YES).await.expect(409);
    app.clock.advance(Duration::days(10));
    let mut later = app.official(Role::Doctor, PLACE).await;
    proposes_undoing(&mut later, &number).await.expect(422).shows("没有这个编号的合并").shows("不是同一个人");
    assert_eq!(of_document(&app, PASSPORT).await, Some(card));
    app.stop().await;
}

async fn nobody_undoes_what_is_their_own(app: App) {
    let card = on_file(&app, CARD, None).await;
    on_file(&app, PASSPORT, None).await;
    let number = joined(&app, CARD, PASSPORT).await;
    let mut own = app.official_full(Role::TownReviewer, PLACE).await;
    app.is_known(own.official, document(PASSPORT), None).await;
    proposes_undoing(&mut own.browser, &number).await.expect(409);
    let mut worker = app.official(Role::Doctor, PLACE).await;
    proposes_undoing(&mut worker, &number).await.leads_to("/desk/merges");
    let (path, _) = waits(&app).await;
    own.browser.get(&path).await.expect(200);
    own.browser.post(&path, YES).await.expect(409);
    assert_eq!(of_document(&app, PASSPORT).await, Some(card));
    app.stop().await;
}

/// The account that stands for nobody since a merge is bound to the person all the same.
async fn another_document_is_no_way_out_after_a_merge(app: App) {
    let mother = somebody(&app, MOTHER).await;
    let child = crate::world::proxies::child("1980-01-02");
    let second = somebody(&app, ("13800138103", MOTHER.1, child.as_str())).await;
    joined(&app, CARD, ("id_card", child.as_str(), MOTHER.1)).await;
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let claim = |account, who| ClaimPerson {
        by: Actor::Resident(account),
        account: Some(account),
        document: document(who),
        name: PersonName::parse(who.2).unwrap(),
        sex: None,
        division: DivisionCode::parse(PLACE).unwrap(),
        phone: None,
    };
    // Neither the account that stands for her nor the one that does no longer gets a record of its own.
    for account in [mother.account, second.account] {
        let (keys, claim) = (keys.clone(), claim(account, PASSPORT));
        let claimed = app.deps.store.write(move |tx| claim_person(tx, &keys, &claim, now)).await.unwrap();
        assert!(matches!(claimed, Claim::Counter { .. }), "{claimed:?}");
    }
    app.stop().await;
}

/// Each has a document of its own on file, and only later both are found to be one person's.
async fn two_logins_of_one_person_do_not_agree_with_each_other(app: App) {
    on_file(&app, CARD, None).await;
    on_file(&app, PASSPORT, None).await;
    let mut one = app.official_full(Role::TownReviewer, PLACE).await;
    let mut two = app.official_full(Role::TownReviewer, PLACE).await;
    app.is_known(one.official, document(CARD), None).await;
    app.is_known(two.official, document(PASSPORT), None).await;
    joined(&app, CARD, PASSPORT).await;
    let third = crate::world::proxies::child("1980-01-02");
    on_file(&app, ("id_card", third.as_str(), "李四"), None).await;
    on_file(&app, PERMIT, None).await;
    sent(&mut one.browser, ("id_card", third.as_str(), "李四"), PERMIT, "propose")
        .await
        .leads_to("/desk/receipts/HZ");
    let (path, _) = waits(&app).await;
    two.browser.get(&path).await.expect(200);
    two.browser.post(&path, YES).await.expect(409).shows("由另一个人确认");
    decided(&app).await;
    app.stop().await;
}

async fn no_more_act_for_somebody_than_may(app: App) {
    use fugong::db::schema::proxies;
    let mother = somebody(&app, MOTHER).await;
    let other = on_file(&app, PASSPORT, None).await;
    let son = somebody(&app, SON).await;
    let (_, one) = app.resident_with("13800138111").await;
    let (_, two) = app.resident_with("13800138112").await;
    let now = app.clock.now();
    let granted = app.deps.store.write(move |tx| {
        let all = [(mother.person, son.account), (other, one), (other, two)];
        for (n, (person, account)) in all.into_iter().enumerate() {
            let until = Ts::from(now + Duration::days(30));
            diesel::insert_into(proxies::table)
                .values((
                    proxies::id.eq(Id::new()),
                    proxies::number.eq(format!("DB200312-{n}")),
                    proxies::account_id.eq(account),
                    proxies::actor_id.eq(son.person),
                    proxies::person_id.eq(Some(person)),
                    proxies::relation.eq("family"),
                    proxies::way.eq("own"),
                    proxies::state.eq("granted"),
                    proxies::version.eq(1_i64),
                    proxies::ward_sealed.eq(vec![0_u8]),
                    proxies::consent_text.eq(""),
                    proxies::until_at.eq(until),
                    proxies::created_at.eq(Ts::from(now)),
                    proxies::by_pin.eq(false),
                ))
                .execute(tx.conn())?;
        }
        Ok(())
    });
    granted.await.unwrap();
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    sent(&mut worker, CARD, PASSPORT, "look").await.expect(422).shows("超过两个账户");
    app.stop().await;
}

async fn what_nobody_could_confirm_is_not_proposed(app: App) {
    on_file(&app, CARD, None).await;
    on_file(&app, PASSPORT, None).await;
    let mut alone = app.official(Role::TownReviewer, PLACE).await;
    sent(&mut alone, CARD, PASSPORT, "propose").await.expect(422).shows("没有另一名审核人员");
    app.official(Role::TownReviewer, PLACE).await;
    sent(&mut alone, CARD, PASSPORT, "propose").await.leads_to("/desk/receipts/HZ");
    app.stop().await;
}
