//! PINs of people without a telephone: what they open, what they do not, and that nobody guesses one.

use crate::declarations::entered::{CARD, enter_with};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use crate::proxies::{MOTHER, SON, begin, question, somebody};
use chrono::Duration;
use fugong::access::Role;
use fugong::accounts::{Claim, ClaimPerson, claim_person};
use fugong::audit::Actor;
use fugong::db::Id;
use fugong::db::schema::{audit_entries, person_pins};
use fugong::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName, Phone};
use serde_json::Value;

on_both!(
    a_relative_acts_at_once_with_the_pin,
    five_wrong_tries_lock_it_until_a_counter_gives_another,
    nothing_tells_who_is_on_file,
    a_telephone_proves_more,
    staff_recognise_who_calls,
    a_counter_gives_it_to_whom_it_sees,
);

const PLACE: &str = "511621";
/// What a relative reads where anything is wrong.
const WRONG: &str = "姓名、证件和办事密码对不上";

/// Somebody whom staff have written down, without a telephone.
async fn on_file(app: &App, name: &str, card: &str) -> Id {
    written_down(app, (name, card), None).await
}

/// The same with a telephone that staff have noted.
async fn written_down(app: &App, (name, card): (&str, &str), phone: Option<&str>) -> Id {
    let claim = ClaimPerson {
        by: Actor::Console,
        account: None,
        document: DocumentNumber::parse_stored(DocumentKind::IdCard, card).unwrap(),
        name: PersonName::parse(name).unwrap(),
        sex: None,
        division: DivisionCode::parse(PLACE).unwrap(),
        phone: phone.map(|phone| Phone::parse(phone).unwrap()),
    };
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let claimed = app.deps.store.write(move |tx| claim_person(tx, &keys, &claim, now)).await.unwrap();
    let Claim::Yours(person) = claimed else { panic!("{claimed:?}") };
    person
}

async fn at_the_counter(app: &App, wish: &str, name: &str, card: &str) -> Answer {
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    worker.get("/desk/pins").await.expect(200);
    let fields =
        [("do", wish), ("doc_kind", "id_card"), ("doc_number", card), ("name", name), ("seen", "yes")];
    worker.post("/desk/pins", &fields).await
}

/// The PIN that a counter gives, as it is printed.
pub async fn given(app: &App, name: &str, card: &str) -> String {
    let page = at_the_counter(app, "give", name, card).await.expect(200).body;
    let pin = page.split("class=\"nm nb\">").nth(1).expect("a PIN").split('<').next().unwrap().to_owned();
    assert!(pin.len() == 9 && pin.chars().all(|c| c.is_ascii_digit() || c == ' '), "{pin}");
    pin
}

/// A PIN that is not this one.
pub fn another(pin: &str) -> &'static str {
    if pin == "0000 0000" { "0000 0001" } else { "0000 0000" }
}

pub async fn asked(b: &mut Browser, (name, card): (&str, &str), pin: &str) -> Answer {
    let mut fields = question("family", name, card, "pin");
    fields.extend([("pin", pin), ("agree", "yes")]);
    b.get("/me/for/new").await.expect(200);
    b.post("/me/for/new", &fields).await
}

async fn a_relative_acts_at_once_with_the_pin(app: App) {
    on_file(&app, MOTHER.1, MOTHER.2).await;
    let pin = given(&app, MOTHER.1, MOTHER.2).await;
    let mut son = somebody(&app, SON).await.browser;
    // Not without her word, and not for a child.
    son.get("/me/for/new").await.expect(200).shows("只有用办事密码的才填");
    let mut silent = question("family", MOTHER.1, MOTHER.2, "pin");
    silent.push(("pin", pin.as_str()));
    son.post("/me/for/new", &silent).await.expect(422).shows("本人听过并同意的话请勾选");
    let child = question("child", MOTHER.1, MOTHER.2, "pin");
    son.post("/me/for/new", &child).await.expect(422).shows("由监护人到服务点办理");
    asked(&mut son, (MOTHER.1, MOTHER.2), &pin).await.leads_to("/me/for");
    let page = son.get("/me/for").await.expect(200).shows("本人已同意").shows("有效").body;
    let number = page.split("action=\"/me/for/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    begin(&mut son, &number).await;
    son.get("/code").await.expect(200).shows("你正在为 王** 代办");
    son.post("/me/for/leave", &[]).await.leads_to("/me/for");
    let copy: Value = son.get("/me/data/download").await.expect(200).json();
    assert_eq!(copy["proxies"]["for_others"][0]["by_pin"], true);
    // It is kept as a hash, and what was done with it stands in the record.
    let (hash, tries) = app
        .deps
        .store
        .read(|c| {
            use diesel::prelude::*;
            let hash = person_pins::table.select(person_pins::pin_hash).first::<Vec<u8>>(c)?;
            let tries = audit_entries::table.filter(audit_entries::action.eq("pin.try")).count();
            Ok((hash, tries.get_result::<i64>(c)?))
        })
        .await
        .unwrap();
    assert_eq!((hash.len(), tries), (32, 1));
    app.stop().await;
}

async fn five_wrong_tries_lock_it_until_a_counter_gives_another(app: App) {
    on_file(&app, MOTHER.1, MOTHER.2).await;
    let pin = given(&app, MOTHER.1, MOTHER.2).await;
    let mut son = somebody(&app, SON).await.browser;
    // Four wrong ones and the right one: the count begins anew.
    for _ in 0..4 {
        asked(&mut son, (MOTHER.1, MOTHER.2), another(&pin)).await.expect(422).shows(WRONG);
    }
    asked(&mut son, (MOTHER.1, MOTHER.2), &pin).await.leads_to("/me/for");
    // An account tries five a day, whosever they are.
    let neighbour = crate::world::proxies::child("1960-05-06");
    asked(&mut son, ("别人", &neighbour), "1234 5678").await.expect(422).shows("你今天已经试过五次");
    let cards = ["1980-01-02", "1981-01-02"].map(crate::world::proxies::child);
    let mut other = somebody(&app, ("13800138103", "王小山", cards[0].as_str())).await.browser;
    for _ in 0..5 {
        asked(&mut other, (MOTHER.1, MOTHER.2), another(&pin)).await.expect(422).shows(WRONG);
    }
    let mut third = somebody(&app, ("13800138104", "王小丽", cards[1].as_str())).await.browser;
    asked(&mut third, (MOTHER.1, MOTHER.2), &pin).await.expect(422).shows(WRONG);
    app.clock.advance(Duration::days(2));
    asked(&mut third, (MOTHER.1, MOTHER.2), &pin).await.expect(422).shows(WRONG);
    let new = given(&app, MOTHER.1, MOTHER.2).await;
    if new != pin {
        asked(&mut third, (MOTHER.1, MOTHER.2), &pin).await.expect(422).shows(WRONG);
    }
    asked(&mut third, (MOTHER.1, MOTHER.2), &new).await.leads_to("/me/for");
    app.stop().await;
}

/// Unknown, named wrongly, without a PIN and with another one: one answer.
async fn nothing_tells_who_is_on_file(app: App) {
    on_file(&app, MOTHER.1, MOTHER.2).await;
    let pin = given(&app, MOTHER.1, MOTHER.2).await;
    let without = crate::world::proxies::child("1950-05-06");
    on_file(&app, "李无码", &without).await;
    let unknown = crate::world::proxies::child("1951-05-06");
    let mut son = somebody(&app, SON).await.browser;
    let asks = [
        (MOTHER.1, MOTHER.2, another(&pin)),
        ("别的名字", MOTHER.2, pin.as_str()),
        ("李无码", without.as_str(), pin.as_str()),
        ("没人认识", unknown.as_str(), pin.as_str()),
    ];
    for (name, card, typed) in asks {
        let page = asked(&mut son, (name, card), typed).await.expect(422).shows(WRONG).shows(name);
        page.shows(card);
    }
    son.get("/me/for").await.expect(200).hides("等待同意");
    app.stop().await;
}

async fn a_telephone_proves_more(app: App) {
    written_down(&app, (MOTHER.1, MOTHER.2), Some(MOTHER.0)).await;
    let pin = given(&app, MOTHER.1, MOTHER.2).await;
    // She signs in with the telephone that staff have noted, and names her document.
    let (_, _, claimed) = crate::proxies::naming(&app, MOTHER).await;
    assert!(matches!(claimed, Claim::Yours(_)), "{claimed:?}");
    let mut son = somebody(&app, SON).await.browser;
    asked(&mut son, (MOTHER.1, MOTHER.2), &pin).await.expect(422).shows(WRONG);
    let refused = at_the_counter(&app, "give", MOTHER.1, MOTHER.2).await.expect(422);
    refused.shows("已有手机代表此人");
    app.stop().await;
}

async fn staff_recognise_who_calls(app: App) {
    on_file(&app, "吴九", CARD).await;
    let pin = given(&app, "吴九", CARD).await;
    let refused = enter_with(&app, "吴九", &[("pin", another(&pin))]).await.expect(422);
    refused.shows("这不是此人的办事密码").shows("吴九").shows(CARD);
    let receipt = enter_with(&app, "吴九", &[("pin", &pin)]).await.leads_to("/desk/receipts/HZ");
    let mut worker = app.official(Role::VillageWorker, crate::declarations::walk::elsewhere()).await;
    worker.get(receipt.location()).await.expect(200).shows("办事密码").hides("已看证件").hides(&pin);
    app.stop().await;
}

async fn a_counter_gives_it_to_whom_it_sees(app: App) {
    let refused = at_the_counter(&app, "give", MOTHER.1, MOTHER.2).await.expect(422);
    refused.shows("没有登记过这个证件的人");
    on_file(&app, MOTHER.1, MOTHER.2).await;
    at_the_counter(&app, "give", "别的名字", MOTHER.2).await.expect(422).shows("登记的姓名");
    at_the_counter(&app, "withdraw", MOTHER.1, MOTHER.2).await.expect(422).shows("此人没有办事密码");
    let mut worker = app.official_full(Role::VillageWorker, PLACE).await;
    let fields = [("do", "give"), ("doc_kind", "id_card"), ("doc_number", MOTHER.2), ("name", MOTHER.1)];
    worker.browser.get("/desk/pins").await.expect(200);
    worker.browser.post("/desk/pins", &fields).await.expect(422).shows("请先看证件原件").shows(MOTHER.2);
    let pin = given(&app, MOTHER.1, MOTHER.2).await;
    // Taken back, it opens nothing; the receipt that is opened again shows none.
    let receipt = at_the_counter(&app, "withdraw", MOTHER.1, MOTHER.2).await.leads_to("/desk/receipts/HZ");
    worker.browser.get(receipt.location()).await.expect(200).shows("已注销办事密码").hides(&pin);
    let mut son = somebody(&app, SON).await.browser;
    asked(&mut son, (MOTHER.1, MOTHER.2), &pin).await.expect(422).shows(WRONG);
    // Nobody gives one to themselves.
    let own = DocumentNumber::parse_stored(DocumentKind::IdCard, MOTHER.2).unwrap();
    app.is_known(worker.official, own, None).await;
    worker.browser.get("/desk/pins").await.expect(200);
    let mut seen = fields.to_vec();
    seen.push(("seen", "yes"));
    worker.browser.post("/desk/pins", &seen).await.expect(409);
    let mut officer = app.official(Role::ColourOfficer, PLACE).await;
    officer.get("/desk/pins").await.expect(404);
    app.stop().await;
}
