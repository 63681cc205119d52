//! Two records of one person become one and two again: always by two officials, with nothing lost and nothing mixed up.

mod rests;

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use crate::proxies::{MOTHER, SON, family, somebody};
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::accounts::{Claim, ClaimPerson, claim_person, known, person_by_document};
use fugong::audit::Actor;
use fugong::db::schema::{
    audit_entries, code_appeals, disclosures, person_merge_rows, person_merges, persons, slips,
};
use fugong::db::{Id, Js, Ts};
use fugong::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName, Phone};
use fugong::merges::{LEFT, PLACES};
use futures_util::join;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both!(
    both_documents_lead_to_one_person,
    undoing_gives_back_what_came_by_it,
    what_cannot_be_merged_is_refused_with_a_reason,
    nobody_merges_alone_or_themselves,
    of_two_reviewers_at_once_one_decides,
    nothing_is_merged_by_waiting,
);

const PLACE: &str = "511621";
/// The mother's other record: kind, number and name as on her passport.
const PASSPORT: (&str, &str, &str) = ("passport", "E12345678", "WANG SHUFANG");
const CARD: (&str, &str, &str) = ("id_card", MOTHER.2, MOTHER.1);
const YES: &[(&str, &str)] = &[("decision", "confirm")];

fn document((kind, number, _): (&str, &str, &str)) -> DocumentNumber {
    DocumentNumber::parse_stored(DocumentKind::from_code(kind).unwrap(), number).unwrap()
}

/// Staff write somebody down by a document.
async fn written_down(app: &App, who: (&str, &str, &str), phone: Option<&str>) -> Claim {
    let claim = ClaimPerson {
        by: Actor::Console,
        account: None,
        document: document(who),
        name: PersonName::parse(who.2).unwrap(),
        sex: None,
        division: DivisionCode::parse(PLACE).unwrap(),
        phone: phone.map(|phone| Phone::parse(phone).unwrap()),
    };
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    app.deps.store.write(move |tx| claim_person(tx, &keys, &claim, now)).await.unwrap()
}

async fn on_file(app: &App, who: (&str, &str, &str), phone: Option<&str>) -> Id {
    let claimed = written_down(app, who, phone).await;
    let Claim::Yours(person) = claimed else { panic!("{claimed:?}") };
    person
}

async fn of_document(app: &App, who: (&str, &str, &str)) -> Option<Id> {
    let (keys, document) = (app.deps.keys.clone(), document(who));
    app.deps.store.read(move |c| person_by_document(c, &keys, &document)).await.unwrap()
}

/// Something is passed on about a record.
async fn passed_on(app: &App, person: Id) -> Id {
    let (id, now) = (Id::new(), app.clock.now());
    let row = (
        disclosures::id.eq(id),
        disclosures::person_id.eq(person),
        disclosures::at.eq(Ts::from(now)),
        disclosures::recipient.eq("疾控中心"),
        disclosures::purpose.eq("核对"),
        disclosures::kind.eq("code"),
    );
    let kept = app.deps.store.write(move |tx| {
        diesel::insert_into(disclosures::table).values(row).execute(tx.conn())?;
        Ok(())
    });
    kept.await.unwrap();
    id
}

/// Whose it is.
async fn rests_on(app: &App, id: Id) -> Id {
    let found = app
        .deps
        .store
        .read(move |c| Ok(disclosures::table.find(id).select(disclosures::person_id).first(c)?));
    found.await.unwrap()
}

async fn reviewer(app: &App) -> Browser {
    app.official(Role::TownReviewer, PLACE).await
}

type Who<'a> = (&'a str, &'a str, &'a str);

async fn sent(b: &mut Browser, lead: Who<'_>, other: Who<'_>, what: &str) -> Answer {
    b.get("/desk/merges").await.expect(200);
    let fields = [
        ("lead_kind", lead.0),
        ("lead_number", lead.1),
        ("lead_name", lead.2),
        ("other_kind", other.0),
        ("other_number", other.1),
        ("other_name", other.2),
        ("reason", "两份证件都看过，是同一个人"),
        ("seen", "yes"),
        ("do", what),
    ];
    b.post("/desk/merges", &fields).await
}

/// The page on which what waits is decided, and its number.
async fn waits(app: &App) -> (String, String) {
    let found = app.deps.store.read(|c| {
        let open = person_merges::table.filter(person_merges::state.eq("open"));
        Ok(open.select((person_merges::id, person_merges::number)).first::<(Id, String)>(c)?)
    });
    let (id, number) = found.await.unwrap();
    (format!("/desk/merges/{id}/decide"), number)
}

async fn states(app: &App) -> Vec<String> {
    let all = app.deps.store.read(|c| {
        Ok(person_merges::table.order(person_merges::created_at).select(person_merges::state).load(c)?)
    });
    all.await.unwrap()
}

/// Somebody is there who could confirm it.
async fn a_reviewer_is_there(app: &App) {
    reviewer(app).await;
}

/// A worker proposes that the card leads, and a reviewer confirms it; the number.
async fn merged(app: &App) -> String {
    a_reviewer_is_there(app).await;
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    sent(&mut worker, CARD, PASSPORT, "look").await.expect(200).shows(MOTHER.1).shows("提交核对");
    sent(&mut worker, CARD, PASSPORT, "propose").await.leads_to("/desk/receipts/HZ");
    let (path, number) = waits(app).await;
    let mut second = reviewer(app).await;
    second.get("/desk/second").await.expect(200).shows("合并两份档案");
    second.get(&path).await.expect(200).shows(PASSPORT.1).shows(PASSPORT.2).shows("向外提供的记录");
    second.post(&path, YES).await.leads_to("/desk/second");
    number
}

fn told(app: &App, words: &str) -> usize {
    app.deps.sms.sent().iter().filter(|sms| sms.text.contains(words)).count()
}

async fn both_documents_lead_to_one_person(app: App) {
    let mut mother = somebody(&app, MOTHER).await;
    let other = on_file(&app, PASSPORT, Some("13800138109")).await;
    let old = passed_on(&app, other).await;
    assert_ne!(mother.person, other);
    merged(&app).await;
    assert_eq!(of_document(&app, PASSPORT).await, Some(mother.person));
    assert_eq!(rests_on(&app, old).await, mother.person);
    // Each document has its own name, and both are one person's at a counter.
    assert_eq!(on_file(&app, PASSPORT, None).await, mother.person);
    assert_eq!(on_file(&app, CARD, None).await, mother.person);
    let mixed = written_down(&app, (PASSPORT.0, PASSPORT.1, MOTHER.1), None).await;
    assert!(matches!(mixed, Claim::OtherName(person) if person == mother.person), "{mixed:?}");
    // She is told by every telephone that is known, and sees what was done to either record.
    app.tick().await;
    assert_eq!(told(&app, "你的两份档案已合并"), 2);
    mother.browser.get("/me/access").await.expect(200).shows("合并了你的两份档案").shows("疾控中心");
    let copy: Value = mother.browser.get("/me/data/download").await.expect(200).json();
    assert_eq!(copy["account"]["other_documents"][0]["document_number"], PASSPORT.1);
    // What a transaction of that very moment has left behind follows.
    let late = passed_on(&app, other).await;
    app.clock.advance(Duration::minutes(3));
    app.tick().await;
    assert_eq!(rests_on(&app, late).await, mother.person);
    app.stop().await;
}

async fn undoing_gives_back_what_came_by_it(app: App) {
    let mother = somebody(&app, MOTHER).await;
    let other = on_file(&app, PASSPORT, None).await;
    let (own, came, gone) =
        (passed_on(&app, mother.person).await, passed_on(&app, other).await, passed_on(&app, other).await);
    let number = merged(&app).await;
    let since = passed_on(&app, mother.person).await;
    let destroyed = app.deps.store.write(move |tx| {
        diesel::delete(disclosures::table.find(gone)).execute(tx.conn())?;
        Ok(())
    });
    destroyed.await.unwrap();
    let mut worker = app.official(Role::Doctor, PLACE).await;
    worker.get("/desk/merges").await.expect(200);
    let undo = [("number", number.as_str()), ("undo_reason", "不是同一个人")];
    worker.post("/desk/merges/undo", &undo).await.leads_to("/desk/merges");
    // Until a second official has confirmed it nothing goes back, and it is proposed once.
    assert_eq!(rests_on(&app, came).await, mother.person);
    let mut third = reviewer(&app).await;
    third.get("/desk/merges").await.expect(200);
    third.post("/desk/merges/undo", &undo).await.expect(422).shows("等待核对");
    let (path, _) = waits(&app).await;
    third.get(&path).await.expect(200).shows("不是同一个人").shows("归还");
    third.post(&path, YES).await.leads_to("/desk/second");
    assert_eq!(of_document(&app, PASSPORT).await, Some(other));
    assert_eq!(rests_on(&app, came).await, other);
    for stays in [own, since] {
        assert_eq!(rests_on(&app, stays).await, mother.person);
    }
    app.tick().await;
    assert!(told(&app, "你的档案合并已撤销") >= 1);
    // Undone once, and the two can be found to be one again.
    third.get("/desk/merges").await.expect(200);
    third.post("/desk/merges/undo", &undo).await.expect(422).shows("没有这个编号的合并");
    sent(&mut third, CARD, PASSPORT, "look").await.expect(200).shows("提交核对");
    app.stop().await;
}

/// An appeal of an account about a record, against the same cause.
async fn appeals(app: &App, account: Id, person: Id, number: &'static str) {
    let now = Ts::from(app.clock.now());
    let row = (
        code_appeals::id.eq(Id::new()),
        code_appeals::number.eq(number),
        code_appeals::account_id.eq(account),
        code_appeals::person_id.eq(person),
        code_appeals::division.eq(PLACE),
        code_appeals::rule.eq("red.close-contact"),
        code_appeals::state.eq("submitted"),
        code_appeals::version.eq(1),
        code_appeals::statement_sealed.eq(vec![0_u8]),
        code_appeals::clock.eq(Js(json!({}))),
        code_appeals::created_at.eq(now),
    );
    let kept = app.deps.store.write(move |tx| {
        diesel::insert_into(code_appeals::table).values(row).execute(tx.conn())?;
        Ok(())
    });
    kept.await.unwrap();
}

async fn what_cannot_be_merged_is_refused_with_a_reason(app: App) {
    a_reviewer_is_there(&app).await;
    let (son, mother, _) = family(&app).await;
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    let nobody = sent(&mut worker, CARD, PASSPORT, "propose").await.expect(422);
    nobody.shows("没有登记过这个证件的人").shows(PASSPORT.1).shows("两份证件都看过");
    let other = on_file(&app, PASSPORT, None).await;
    sent(&mut worker, CARD, CARD, "look").await.expect(422).shows("这是同一个证件");
    let named = (PASSPORT.0, PASSPORT.1, "LI SI");
    sent(&mut worker, CARD, named, "look").await.expect(422).shows("登记的姓名");
    let hers = ("id_card", SON.2, SON.1);
    sent(&mut worker, CARD, hers, "propose").await.expect(422).shows("正在为另一份代办");
    appeals(&app, mother.account, mother.person, "SS200313-00000001").await;
    appeals(&app, son.account, other, "SS200313-00000002").await;
    sent(&mut worker, CARD, PASSPORT, "propose").await.expect(422).shows("没有办结的申诉");
    let decided = app.deps.store.write(move |tx| {
        let of = code_appeals::table.filter(code_appeals::person_id.eq(other));
        diesel::update(of).set(code_appeals::state.eq("withdrawn")).execute(tx.conn())?;
        Ok(())
    });
    decided.await.unwrap();
    passed_on(&app, other).await;
    merged(&app).await;
    sent(&mut worker, CARD, PASSPORT, "propose").await.expect(422).shows("已经合并到另一份");
    app.stop().await;
}

async fn nobody_merges_alone_or_themselves(app: App) {
    a_reviewer_is_there(&app).await;
    let mother = somebody(&app, MOTHER).await;
    let other = on_file(&app, PASSPORT, None).await;
    let mut own = app.official_full(Role::TownReviewer, PLACE).await;
    app.is_known(own.official, document(PASSPORT), None).await;
    sent(&mut own.browser, CARD, PASSPORT, "propose").await.expect(409);
    let mut first = reviewer(&app).await;
    sent(&mut first, CARD, PASSPORT, "propose").await.leads_to("/desk/receipts/HZ");
    let (path, _) = waits(&app).await;
    first.get(&path).await.expect(200).shows("你录入的");
    first.post(&path, YES).await.expect(409);
    // Neither does whoever one of the two records is about, by whichever document they are on file.
    own.browser.get(&path).await.expect(200);
    own.browser.post(&path, YES).await.expect(409);
    assert_eq!(of_document(&app, PASSPORT).await, Some(other));
    let mut elsewhere = app.official(Role::TownReviewer, "510104").await;
    elsewhere.get(&path).await.expect(404);
    let mut second = reviewer(&app).await;
    second.get(&path).await.expect(200);
    second
        .post(&path, &[("decision", "refuse"), ("reason", "照片不是同一个人")])
        .await
        .leads_to("/desk/second");
    first.get("/desk/merges").await.expect(200).shows("照片不是同一个人");
    assert_eq!(
        (of_document(&app, PASSPORT).await, states(&app).await),
        (Some(other), vec!["refused".to_owned()])
    );
    assert_ne!(mother.person, other);
    // Whoever of the two it was not sees that the record was opened, and what became of it.
    for person in [mother.person, other] {
        let about = app.deps.store.read(move |c| {
            let of = audit_entries::table.filter(audit_entries::subject_id.eq(person));
            Ok(of.select(audit_entries::action).load::<String>(c)?)
        });
        let about = about.await.unwrap();
        for action in ["merge.enter", "merge.view", "merge.refuse"] {
            assert!(about.iter().any(|a| a == action), "{action} {about:?}");
        }
    }
    app.stop().await;
}

async fn of_two_reviewers_at_once_one_decides(app: App) {
    a_reviewer_is_there(&app).await;
    let mother = somebody(&app, MOTHER).await;
    let other = on_file(&app, PASSPORT, None).await;
    passed_on(&app, other).await;
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    sent(&mut worker, CARD, PASSPORT, "propose").await.leads_to("/desk/receipts/HZ");
    let (path, _) = waits(&app).await;
    let (mut one, mut two) = (reviewer(&app).await, reviewer(&app).await);
    one.get(&path).await.expect(200);
    two.get(&path).await.expect(200);
    let (a, b) = join!(one.post(&path, YES), two.post(&path, YES));
    let mut answers = [a.status.as_u16(), b.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [303, 409]);
    assert_eq!(of_document(&app, PASSPORT).await, Some(mother.person));
    let noted = app.deps.store.read(|c| {
        let of = person_merge_rows::table.filter(person_merge_rows::place.eq("disclosures.person_id"));
        Ok(of.count().get_result::<i64>(c)?)
    });
    assert_eq!(noted.await.unwrap(), 1);
    app.stop().await;
}

async fn nothing_is_merged_by_waiting(app: App) {
    a_reviewer_is_there(&app).await;
    somebody(&app, MOTHER).await;
    let other = on_file(&app, PASSPORT, None).await;
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    sent(&mut worker, CARD, PASSPORT, "propose").await.leads_to("/desk/receipts/HZ");
    for _ in 0..10 {
        app.clock.advance(Duration::days(1));
        app.tick().await;
    }
    assert_eq!(states(&app).await, ["expired"]);
    let (keys, passport) = (app.deps.keys.clone(), document(PASSPORT));
    let now = app.deps.store.read(move |c| {
        let slips: i64 = slips::table.count().get_result(c)?;
        let pointing: i64 =
            persons::table.filter(persons::merged_into.is_not_null()).count().get_result(c)?;
        Ok((known(c, &keys, &passport)?.map(|known| known.person), pointing, slips))
    });
    assert_eq!(now.await.unwrap(), (Some(other), 0, 1));
    app.stop().await;
}

/// Every column of the schema that names a person is written over by a merge, or says why not.
#[test]
fn no_column_that_names_a_person_is_forgotten() {
    let root = env!("CARGO_MANIFEST_DIR");
    let areas = std::fs::read_dir(format!("{root}/src/db/schema")).unwrap().map(|file| file.unwrap().path());
    let mut found = BTreeSet::new();
    for path in areas.chain([format!("{root}/src/db/schema.rs").into()]) {
        let mut table = String::new();
        for line in std::fs::read_to_string(path).unwrap().lines().map(str::trim) {
            if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
                table = name.to_owned();
            }
            let Some((column, _)) = line.split_once(" -> ") else { continue };
            let person = match column {
                "person_id" | "lead_id" | "other_id" | "merged_into" => true,
                // Elsewhere it is an official or an account.
                "actor_id" => table == "proxies",
                "subject_id" => table == "audit_entries",
                _ => false,
            };
            if person {
                found.insert((table.clone(), column.to_owned()));
            }
        }
    }
    let pair = |(table, column): (&str, &str)| (table.to_owned(), column.to_owned());
    let said = PLACES.iter().copied().chain(LEFT.iter().map(|(table, column, _)| (*table, *column)));
    assert_eq!(found, said.map(pair).collect::<BTreeSet<_>>(), "PLACES or LEFT of merges");
}
