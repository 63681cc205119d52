//! What a business is called: what whoever claims it types is seen by nobody but the claimant and the counter, until the
//! counter or the legal person's code confirms that claim. Later claims change nothing, a counter can.

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use crate::reopening::{COUNTY, begin, confirm, legal_phone, risk, sent, shop_named, state, submit, uscc};
use chrono::Duration;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::crypto::FieldContext;
use fugong::db::schema::{business_agents, businesses, outbox};
use fugong::db::{Conn, Id};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_strangers_claim_names_nothing_when_the_counter_confirms_the_owner,
    a_strangers_claim_names_nothing_when_the_legal_person_confirms_the_owner,
    a_claim_that_is_typed_anew_needs_another_code,
    the_counter_takes_the_name_from_the_licence,
    a_later_agent_changes_no_name_and_a_counter_does,
    programs_see_and_say_the_same,
    a_claim_that_waits_can_be_typed_anew,
    names_of_before_belong_to_the_claims,
);

const OWN: &str = "岳池县东外街理发店（陈记）";
const FOREIGN: &str = "骗子公司 83984";
/// The county that the stranger names.
const OTHER: &str = "511402";

/// A stranger claims the business before its owner, for a place in another county; gives the draft's number.
async fn stranger(app: &App, seed: u64) -> (Browser, String) {
    let mut b = app.resident("13900139000").await;
    b.get("/reopening").await.expect(200);
    let code = uscc(true, seed);
    let fields = [
        ("uscc", code.as_str()),
        ("name", FOREIGN),
        ("place-1", "511400"),
        ("place-2", OTHER),
        ("place-3", "511402001"),
    ];
    let led = b.post("/reopening", &fields).await.leads_to("/reopening/QY");
    let number = led.location().split('/').nth(2).unwrap().to_owned();
    (b, number)
}

/// The number of the only right of an account.
async fn right(b: &mut Browser) -> String {
    let page = b.get("/reopening").await.expect(200).body;
    let at = page.find("/reopening/agents/DL").expect("a right") + "/reopening/agents/".len();
    page[at..][..17].to_owned()
}

/// Everything that an account sees of its claim says the one and not the other.
async fn sees(b: &mut Browser, case: &str, own: &str, other: &str) {
    let agent = right(b).await;
    for path in
        ["/", "/me", "/reopening", &format!("/reopening/agents/{agent}"), &format!("/reopening/{case}/check")]
    {
        let page = b.get(path).await.hides(other);
        if path.starts_with("/reopening") && page.status == 200 {
            page.shows(own);
        }
    }
    assert_eq!(state(b, case).await["business"], own);
    let all = b.api_get("/api/v1/applications").await.expect(200).hides(other).json();
    assert_eq!(all["applications"][0]["business"], own);
}

/// Everything that the public and the offices see of a permit says the one and not the other.
async fn is_public(app: &App, b: &mut Browser, case: &str, own: &str, other: &str) {
    let permit = state(b, case).await["permit_number"].as_str().unwrap().to_owned();
    let mut visitor = app.browser();
    for path in [format!("/permits/{permit}"), "/permits".into(), format!("/permits?q={permit}")] {
        visitor.get(&path).await.expect(200).shows(own).hides(other);
    }
    visitor.get("/permits/list.csv").await.expect(200).shows(own).hides(other);
    let check = visitor.api_get(&format!("/api/v1/permits/{permit}")).await.expect(200).json();
    assert_eq!(check["name"], own);
    visitor.api_get("/api/v1/permits").await.expect(200).shows(own).hides(other);
    let mut desk = app.official(Role::CountyDesk, COUNTY).await;
    desk.get(&format!("/desk/applications/{case}")).await.expect(200).shows(own).hides(other);
    let body =
        desk.api_get(&format!("/api/v1/desk/applications/{case}")).await.expect(200).hides(other).json();
    assert_eq!(body["business"], own);
}

/// Name and division of the only business on file.
async fn on_file(app: &App) -> (String, String) {
    let read = app.deps.store.read(|c| {
        Ok(businesses::table.select((businesses::name, businesses::division)).first::<(String, String)>(c)?)
    });
    read.await.unwrap()
}

async fn a_strangers_claim_names_nothing_when_the_counter_confirms_the_owner(app: App) {
    risk(&app, "low").await;
    let (mut stranger, theirs) = stranger(&app, 8).await;
    let mut owner = app.resident("13800138000").await;
    let number = shop_named(&mut owner, 8, OWN).await;
    sees(&mut owner, &number, OWN, FOREIGN).await;
    sees(&mut stranger, &theirs, FOREIGN, OWN).await;
    assert_eq!(on_file(&app).await, (String::new(), String::new()), "nothing is written for good");
    // Each counter finds the claim that names its county.
    let mut here = app.official(Role::CountyDesk, COUNTY).await;
    here.get("/desk/agents").await.expect(200).shows(OWN).hides(FOREIGN);
    let mut there = app.official(Role::CountyDesk, OTHER).await;
    there.get("/desk/agents").await.expect(200).shows(FOREIGN).hides(OWN);
    confirm(&app, &mut owner).await;
    assert_eq!(on_file(&app).await, (OWN.into(), crate::reopening::TOWN.into()));
    submit(&mut owner, &number).await.expect(303);
    is_public(&app, &mut owner, &number, OWN, FOREIGN).await;
    sees(&mut owner, &number, OWN, FOREIGN).await;
    // The stranger learns nothing of it, and the counter sees both.
    sees(&mut stranger, &theirs, FOREIGN, OWN).await;
    there.get("/desk/agents").await.expect(200).shows(FOREIGN).shows(OWN).shows("登记名称");
    app.stop().await;
}

/// What the newest message of a kind shows.
async fn told(app: &App, message: &'static str) -> Value {
    let keys = app.deps.keys.clone();
    let read = app.deps.store.read(move |conn| {
        let (id, sealed): (Id, Vec<u8>) = outbox::table
            .filter(outbox::message.eq(message))
            .order(outbox::id.desc())
            .select((outbox::id, outbox::params_sealed))
            .first(conn)?;
        Ok(keys.open_json::<Value>(&FieldContext::new("outbox", "params_sealed", id.0), &sealed)?)
    });
    read.await.unwrap()
}

/// The legal person passes the code on.
async fn by_code(app: &App, b: &mut Browser) -> Value {
    let path = format!("/reopening/agents/{}", right(b).await);
    b.get(&path).await.expect(200);
    b.post(&format!("{path}/code"), &[("do", "send")]).await.leads_to(&path);
    let shown = told(app, "agent-confirm-code").await;
    let code = shown["code"].as_str().unwrap();
    b.post(&format!("{path}/code"), &[("code", code)]).await.leads_to(&path);
    shown
}

async fn a_strangers_claim_names_nothing_when_the_legal_person_confirms_the_owner(app: App) {
    risk(&app, "low").await;
    let (mut stranger, theirs) = stranger(&app, 8).await;
    let mut owner = app.resident("13800138000").await;
    let number = shop_named(&mut owner, 8, OWN).await;
    legal_phone(&app).await;
    let asked = by_code(&app, &mut owner).await;
    assert_eq!(asked["business"], OWN, "the legal person agrees to this name");
    submit(&mut owner, &number).await.expect(303);
    is_public(&app, &mut owner, &number, OWN, FOREIGN).await;
    sees(&mut owner, &number, OWN, FOREIGN).await;
    sees(&mut stranger, &theirs, FOREIGN, OWN).await;
    // Whoever comes later by the code acts for the business as it is called.
    let mut partner = app.resident("13700137999").await;
    let second = begin(&mut partner, &uscc(true, 8), "陈记美发").await;
    sees(&mut partner, &second, "陈记美发", OWN).await;
    app.clock.advance(Duration::minutes(2));
    assert_eq!(by_code(&app, &mut partner).await["business"], OWN);
    assert_eq!(state(&mut partner, &second).await["business"], OWN);
    is_public(&app, &mut owner, &number, OWN, "陈记美发").await;
    app.stop().await;
}

async fn a_claim_that_is_typed_anew_needs_another_code(app: App) {
    risk(&app, "low").await;
    let mut owner = app.resident("13800138000").await;
    shop_named(&mut owner, 8, OWN).await;
    legal_phone(&app).await;
    let path = format!("/reopening/agents/{}", right(&mut owner).await);
    owner.get(&path).await.expect(200);
    owner.post(&format!("{path}/code"), &[("do", "send")]).await.leads_to(&path);
    let shown = told(&app, "agent-confirm-code").await;
    assert_eq!(shown["business"], OWN);
    begin(&mut owner, &uscc(true, 8), FOREIGN).await;
    let code = shown["code"].as_str().unwrap();
    owner.get(&path).await.expect(200);
    owner.post(&format!("{path}/code"), &[("code", code)]).await.expect(422).shows("验证码不对");
    app.clock.advance(Duration::minutes(2));
    assert_eq!(by_code(&app, &mut owner).await["business"], FOREIGN, "to this one the legal person agrees");
    app.stop().await;
}

/// Sends a decision of the counter about the right of that number, with the version that its page shows.
async fn settle(desk: &mut Browser, number: &str, fields: &[(&str, &str)]) -> Answer {
    let page = desk.get(&format!("/desk/agents/{number}")).await.expect(200).shows(number);
    let version = page.input("version").unwrap();
    let all: Vec<_> = [("version", version.as_str())].into_iter().chain(fields.iter().copied()).collect();
    desk.post(&format!("/desk/agents/{number}"), &all).await
}

const LICENCE: &str = "岳池县陈记理发店";

async fn the_counter_takes_the_name_from_the_licence(app: App) {
    risk(&app, "low").await;
    let mut owner = app.resident("13800138000").await;
    let number = shop_named(&mut owner, 8, OWN).await;
    let agent = right(&mut owner).await;
    let mut desk = app.official(Role::CountyDesk, COUNTY).await;
    let page = desk.get(&format!("/desk/agents/{agent}")).await.expect(200).shows("执照上的单位名称");
    assert_eq!(page.input("name").unwrap(), OWN, "what was claimed stands there");
    let seen = [("do", "confirm"), ("proof", "owner")];
    settle(&mut desk, &agent, &[&seen[..], &[("name", " ")]].concat())
        .await
        .expect(422)
        .shows("请填写名称或姓名");
    let long = "长".repeat(201);
    settle(&mut desk, &agent, &[&seen[..], &[("name", &long)]].concat())
        .await
        .expect(422)
        .shows("最多 200 个字");
    // What the claimant will read is shown first, with the name of the licence; nothing is decided by that.
    let first = [&seen[..], &[("name", LICENCE), ("preview", "1")]].concat();
    let shown = settle(&mut desk, &agent, &first).await.expect(200).shows("对方将收到");
    shown.shows(&format!("单位名称登记为：{LICENCE}"));
    assert_eq!((sent(&app, "agent-confirmed").await, on_file(&app).await.0), (0, String::new()));
    settle(&mut desk, &agent, &[&seen[..], &[("name", LICENCE)]].concat()).await.leads_to("/desk/agents");
    assert_eq!(sent(&app, "agent-confirmed").await, 1);
    sees(&mut owner, &number, LICENCE, OWN).await;
    submit(&mut owner, &number).await.expect(303);
    is_public(&app, &mut owner, &number, LICENCE, OWN).await;
    app.stop().await;
}

async fn a_later_agent_changes_no_name_and_a_counter_does(app: App) {
    risk(&app, "low").await;
    let (mut stranger, theirs) = stranger(&app, 8).await;
    let mut owner = app.resident("13800138000").await;
    let number = shop_named(&mut owner, 8, OWN).await;
    confirm(&app, &mut owner).await;
    submit(&mut owner, &number).await.expect(303);
    let mut partner = app.resident("13700137999").await;
    let second = begin(&mut partner, &uscc(true, 8), LICENCE).await;
    let (first_right, second_right) = (right(&mut owner).await, right(&mut partner).await);
    let mut desk = app.official(Role::CountyDesk, COUNTY).await;
    let page = desk.get(&format!("/desk/agents/{second_right}")).await.expect(200);
    page.shows(LICENCE).shows(OWN).shows("确认代办资格不会改动登记名称").hides("执照上的单位名称");
    let other = [("do", "confirm"), ("proof", "owner"), ("name", LICENCE)];
    settle(&mut desk, &second_right, &other).await.expect(422).shows("这家单位已有登记名称");
    settle(&mut desk, &second_right, &other[..2]).await.leads_to("/desk/agents");
    sees(&mut partner, &second, OWN, LICENCE).await;
    is_public(&app, &mut owner, &number, OWN, LICENCE).await;
    // The counter of the business's county corrects it, with a reason; no other.
    let reason = "执照已于 3 月变更登记。\n见核准变更通知书。";
    let rename = [("do", "rename"), ("name", LICENCE), ("reason", reason)];
    let mut elsewhere = app.official(Role::CountyDesk, OTHER).await;
    elsewhere.get("/desk/agents").await.expect(200);
    let sent_away = [&rename[..], &[("version", "2")]].concat();
    elsewhere.post(&format!("/desk/agents/{first_right}"), &sent_away).await.expect(404);
    settle(&mut desk, &first_right, &rename[..2]).await.expect(422).shows("请写理由");
    settle(&mut desk, &first_right, &[("do", "rename"), ("name", OWN), ("reason", reason)])
        .await
        .expect(422)
        .shows("没有要更正的");
    let old = desk.get(&format!("/desk/agents/{first_right}")).await.expect(200).input("version").unwrap();
    let first = [&rename[..], &[("preview", "1")]].concat();
    let shown = settle(&mut desk, &first_right, &first).await.expect(200).shows("对方将收到");
    shown.shows(&format!("名称由“{OWN}”更正为“{LICENCE}”")).shows("更正理由：执照已于 3 月变更登记。");
    assert_eq!((sent(&app, "business-renamed").await, on_file(&app).await.0), (0, OWN.into()));
    settle(&mut desk, &first_right, &rename).await.leads_to("/desk/agents");
    let again = [&rename[..], &[("version", old.as_str())]].concat();
    desk.post(&format!("/desk/agents/{first_right}"), &again).await.expect(409);
    is_public(&app, &mut owner, &number, LICENCE, OWN).await;
    let history = desk.get(&format!("/desk/agents/{second_right}")).await.expect(200);
    history.shows("以前的名称").shows(OWN).shows("见核准变更通知书。");
    // Both who act for it are told, the stranger is not.
    assert_eq!(sent(&app, "business-renamed").await, 2);
    let shown = told(&app, "business-renamed").await;
    assert_eq!((shown["former"].as_str(), shown["business"].as_str()), (Some(OWN), Some(LICENCE)));
    assert_eq!(shown["reason"], reason);
    sees(&mut stranger, &theirs, FOREIGN, LICENCE).await;
    app.stop().await;
}

async fn programs_see_and_say_the_same(app: App) {
    risk(&app, "low").await;
    let mut owner = app.resident("13800138000").await;
    owner.get("/reopening").await.expect(200);
    let whole = json!({
        "uscc": uscc(true, 8), "name": OWN, "division": crate::reopening::TOWN, "form": {
            "v": 1, "kind": "individual", "operator": "陈㛃𠮷", "operator_phone": "+8613800138111",
            "premises": ["hairdresser"], "address": "东外街 18 号", "returning": 1, "staff": [], "staff_done": true,
            "commitment": true,
        },
    });
    let made = owner.api(Method::POST, "/api/v1/applications", &whole).await.expect(201).json();
    assert_eq!(made["business"], OWN);
    let right = made["agent"]["number"].as_str().unwrap().to_owned();
    let mut desk = app.official(Role::CountyDesk, COUNTY).await;
    desk.get("/desk/agents").await.expect(200);
    let waits = desk.api_get("/api/v1/desk/agents").await.expect(200).json()["agents"][0].clone();
    assert_eq!((&waits["business"], &waits["claimed_name"]), (&Value::Null, &json!(OWN)));
    assert_eq!(waits["claimed_division"], crate::reopening::TOWN);
    let act = |verb: &str| format!("/api/v1/desk/agents/{right}/actions/{verb}");
    let seen = json!({"version": 1, "proof": "owner", "name": LICENCE});
    assert_eq!(desk.api(Method::POST, &act("confirm"), &seen).await.expect(200).json()["state"], "confirmed");
    let number = made["number"].as_str().unwrap();
    assert_eq!(state(&mut owner, number).await["business"], LICENCE);
    let now =
        desk.api_get(&format!("/api/v1/desk/agents?q={right}")).await.expect(200).json()["agents"][0].clone();
    assert_eq!((&now["business"], &now["claimed_name"]), (&json!(LICENCE), &json!(OWN)));
    let mut rename = json!({"version": now["business_version"], "name": OWN, "reason": ""});
    let refused = desk.api(Method::POST, &act("rename"), &rename).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "reason");
    rename["reason"] = json!("原先录入有误。");
    desk.api(Method::POST, &act("rename"), &rename).await.expect(200);
    assert_eq!(state(&mut owner, number).await["business"], OWN);
    desk.api(Method::POST, &act("rename"), &rename).await.expect(409);
    desk.api(Method::POST, &act("erase"), &rename).await.expect(404);
    app.stop().await;
}

async fn a_claim_that_waits_can_be_typed_anew(app: App) {
    let mut owner = app.resident("13800138000").await;
    let code = uscc(true, 8);
    let case = begin(&mut owner, &code, "岳池县东外街理发店（程记）").await;
    let agent = right(&mut owner).await;
    let mut desk = app.official(Role::CountyDesk, COUNTY).await;
    let old = desk.get(&format!("/desk/agents/{agent}")).await.expect(200).input("version").unwrap();
    assert_eq!(begin(&mut owner, &code, OWN).await, case, "the draft goes on");
    sees(&mut owner, &case, OWN, "程记").await;
    let seen = [("version", old.as_str()), ("do", "confirm"), ("proof", "owner")];
    desk.post(&format!("/desk/agents/{agent}"), &seen).await.expect(409);
    settle(&mut desk, &agent, &seen[1..]).await.leads_to("/desk/agents");
    // Afterwards typing changes nothing.
    begin(&mut owner, &code, "别的名字").await;
    sees(&mut owner, &case, OWN, "别的名字").await;
    app.stop().await;
}

/// Runs the migrations down or up again.
fn migrate(conn: &mut Conn, names: [&str; 3], file: &str) {
    let tree = if matches!(conn, Conn::Pg(_)) { "postgres" } else { "sqlite" };
    for name in names {
        let path = format!("{}/migrations/{tree}/{name}/{file}.sql", env!("CARGO_MANIFEST_DIR"));
        conn.batch_execute(&std::fs::read_to_string(path).unwrap()).unwrap();
    }
}

async fn names_of_before_belong_to_the_claims(app: App) {
    let (mut stranger, theirs) = stranger(&app, 8).await;
    app.clock.advance(chrono::Duration::minutes(1));
    let mut owner = app.resident("13800138000").await;
    let case = begin(&mut owner, &uscc(true, 8), OWN).await;
    app.clock.advance(chrono::Duration::minutes(1));
    let mut other = app.resident("13700137999").await;
    begin(&mut other, &uscc(true, 9), LICENCE).await;
    confirm(&app, &mut other).await;
    let names = ["0111_claimed_names", "0112_business_names", "0150_rights_listed"];
    let moved = app.deps.store.write(move |tx| {
        migrate(tx.conn(), [names[2], names[1], names[0]], "down");
        let before: Vec<String> =
            businesses::table.select(businesses::name).order(businesses::name).load(tx.conn())?;
        migrate(tx.conn(), names, "up");
        let after: Vec<String> =
            businesses::table.select(businesses::name).order(businesses::name).load(tx.conn())?;
        let claims: Vec<(String, String)> = business_agents::table
            .order(business_agents::created_at)
            .select((business_agents::claimed_name, business_agents::claimed_division))
            .load(tx.conn())?;
        Ok((before, after, claims))
    });
    let (mut before, after, claims) = moved.await.unwrap();
    let mut expected = vec![LICENCE.to_owned(), FOREIGN.to_owned()];
    before.sort();
    expected.sort();
    assert_eq!(before, expected, "as it was: the first claim's");
    assert_eq!(after, ["", LICENCE], "only what was confirmed is the business's");
    assert_eq!(claims[0], (FOREIGN.to_owned(), "511402001".to_owned()));
    assert_eq!(claims[1], (String::new(), "511402001".to_owned()), "what the owner typed was not kept");
    sees(&mut stranger, &theirs, FOREIGN, OWN).await;
    sees(&mut owner, &case, &uscc(true, 8), FOREIGN).await;
    begin(&mut owner, &uscc(true, 8), OWN).await;
    sees(&mut owner, &case, OWN, FOREIGN).await;
    app.stop().await;
}
