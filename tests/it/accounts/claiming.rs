//! Who a document belongs to: first come at level self-stated, second to the counter, staff entry by document.

use crate::harness::App;
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::accounts::{Claim, ClaimPerson, IdentityLevel, claim_person, person, person_by_document};
use fugong::audit::Actor;
use fugong::db::Id;
use fugong::db::schema::persons;
use fugong::error::AppResult;
use fugong::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName, Phone};

on_both!(
    a_document_belongs_to_one_account,
    what_is_stated_again_is_not_written_again,
    staff_entry_is_seen_and_found_by_phone,
    sessions_are_real
);

pub(super) const CARD: &str = "11010519491231002X";
const OTHER: &str = "360426199101010071";

pub(super) fn document(number: &str) -> DocumentNumber {
    DocumentNumber::parse_stored(DocumentKind::IdCard, number).unwrap()
}

pub(super) fn statement(account: Option<Id>, card: &str, name: &str) -> ClaimPerson {
    ClaimPerson {
        by: account.map_or(Actor::System, Actor::Resident),
        account,
        document: document(card),
        name: PersonName::parse(name).unwrap(),
        sex: None,
        division: DivisionCode::parse("511621").unwrap(),
        phone: account.is_none().then(|| Phone::parse("13900139000").unwrap()),
    }
}

pub(super) async fn claim(app: &App, statement: ClaimPerson) -> AppResult<Claim> {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    app.deps.store.write(move |tx| claim_person(tx, &keys, &statement, now)).await
}

async fn a_document_belongs_to_one_account(app: App) {
    let (_, first) = app.resident_with("13800138000").await;
    let (_, second) = app.resident_with("13800138001").await;
    let Claim::Yours(id) = claim(&app, statement(Some(first), CARD, "张三")).await.unwrap() else {
        panic!("a new document is the first claimant's")
    };
    // The same again corrects what was stated.
    assert_eq!(claim(&app, statement(Some(first), CARD, "张叁")).await.unwrap(), Claim::Yours(id));
    let keys = app.deps.keys.clone();
    let found = app
        .deps
        .store
        .read(move |c| {
            assert_eq!(person_by_document(c, &keys, &document(CARD))?, Some(id));
            person(c, &keys, id)
        })
        .await
        .unwrap();
    assert_eq!((found.name.as_str(), found.level), ("张叁", IdentityLevel::SelfStated));
    assert_eq!(found.birth_date.unwrap().to_string(), "1949-12-31");
    // A second phone: a number for the counter, the same number when asked again, and nothing has changed.
    let counter = claim(&app, statement(Some(second), CARD, "冒名")).await.unwrap();
    let Claim::Counter { number } = &counter else { panic!("{counter:?}") };
    assert!(number.starts_with("RL200312-"));
    assert_eq!(claim(&app, statement(Some(second), CARD, "冒名")).await.unwrap(), counter);
    // An account that stands for somebody already goes to the counter with a new document, too.
    let third = claim(&app, statement(Some(first), OTHER, "李四")).await.unwrap();
    assert!(matches!(third, Claim::Counter { .. }), "{third:?}");
    app.stop().await;
}

async fn what_is_stated_again_is_not_written_again(app: App) {
    let (_, account) = app.resident_with("13800138000").await;
    let same = || statement(Some(account), CARD, "张三");
    let moved = || ClaimPerson { division: DivisionCode::parse("511602").unwrap(), ..same() };
    let renamed = || statement(Some(account), CARD, "张叁");
    let steps = [(same(), 1), (same(), 1), (moved(), 2), (moved(), 2), (renamed(), 3), (renamed(), 3)];
    for (n, (stated, version)) in steps.into_iter().enumerate() {
        let Claim::Yours(id) = claim(&app, stated).await.unwrap() else { panic!("their own document") };
        let found = app
            .deps
            .store
            .read(move |c| Ok(persons::table.find(id).select(persons::version).get_result::<i64>(c)?));
        assert_eq!(found.await.unwrap(), version, "statement {n}");
    }
    app.stop().await;
}

async fn staff_entry_is_seen_and_found_by_phone(app: App) {
    let Claim::Yours(id) = claim(&app, statement(None, CARD, "张三")).await.unwrap() else {
        panic!("staff entry is never sent to the counter")
    };
    let (_, stranger) = app.resident_with("13800138001").await;
    let (_, owner) = app.resident_with("13900139000").await;
    let refused = claim(&app, statement(Some(stranger), CARD, "张三")).await.unwrap();
    assert!(matches!(refused, Claim::Counter { .. }), "another phone than the one staff wrote down");
    let refused = claim(&app, statement(Some(owner), CARD, "王五")).await.unwrap();
    assert!(matches!(refused, Claim::Counter { .. }), "another name than the one staff saw");
    let (_, late) = app.resident_with("13800138002").await;
    assert_eq!(claim(&app, statement(Some(owner), CARD, "张 三")).await.unwrap(), Claim::Yours(id));
    assert!(matches!(claim(&app, statement(Some(late), CARD, "张三")).await, Ok(Claim::Counter { .. })));
    for n in 0..2u64 {
        let card =
            fugong::identity::sample::id_number_nth(DivisionCode::parse("511621").unwrap(), n).unwrap();
        claim(&app, statement(None, card.as_str(), "某人")).await.unwrap();
        claim(&app, statement(Some(late), card.as_str(), "某人")).await.unwrap();
    }
    let many = claim(&app, statement(Some(late), OTHER, "某人")).await;
    assert!(matches!(many, Ok(Claim::Yours(_))), "an account without a person may still name a new document");
    let again = fugong::identity::sample::id_number_nth(DivisionCode::parse("511602").unwrap(), 9).unwrap();
    let many = claim(&app, statement(Some(late), again.as_str(), "某人")).await;
    assert!(matches!(many, Ok(Claim::Full)), "{many:?}");
    app.stop().await;
}

async fn sessions_are_real(app: App) {
    app.resident("13800138000").await.get("/").await.expect(200).shows("我的");
    let mut official = app.official(Role::Administrator, "510000").await;
    official.get("/").await.leads_to("/admin/officials");
    app.stop().await;
}
