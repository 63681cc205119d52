//! A health declaration from its first page to the certificate in the hand, and every way in which it can go wrong.

use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use fugong::access::Role;
use fugong::certificates::status;
use fugong::crypto::SigningUsage;
use fugong::hcert::status::{FoundStatus, StatusLookup};
use fugong::hcert::trusted::Authority;
use fugong::hcert::{
    self, Agreements, KeyId, KeyIndex, TrustedKey, Usage, Verdict, VerificationKey, VerifyOptions,
};
use reqwest::Method;
use serde_json::{Value, json};
use walk::*;

mod daily;
mod days;
mod desk;
mod drafts;
pub mod entered;
pub mod walk;

pub use walk::{body, decide, declare, issue, pages, promise, town};

on_both!(
    from_the_first_page_to_the_certificate,
    every_page_refuses_what_is_wrong,
    a_second_phone_goes_to_the_counter,
    programs_declare_and_correct,
    two_at_the_same_moment_are_one,
    rare_names_survive,
    documents_cannot_be_tried_out,
    a_full_list_of_claims_is_no_way_to_try_them_out,
);

/// Runs what is due; a colour is evaluated by the codes' own job, whose tests are elsewhere.
async fn settle(app: &App) {
    app.drain().await;
    let dead: Vec<_> =
        app.bury_dead().await.into_iter().filter(|(kind, _)| kind != "codes.evaluate").collect();
    assert!(dead.is_empty(), "{dead:?}");
}

/// Looks a status up in the store, as the home province does.
struct Live(fugong::hcert::StatusBits, chrono::DateTime<chrono::Utc>);

impl StatusLookup for Live {
    fn lookup(&self, _: Option<&str>, _: &str, index: u64) -> Option<FoundStatus> {
        let expires = self.1 + chrono::Duration::minutes(5);
        Some(FoundStatus { status: self.0.get(index)?, as_of: self.1, expires })
    }
}

async fn verdict(app: &App, token: &str) -> Verdict {
    let key = app.deps.keys.signing_key(SigningUsage::Certificate).unwrap();
    let key = VerificationKey::from_spki(key.spki_der()).unwrap();
    let id = key.key_id();
    let mut keys = KeyIndex::default();
    let authority = Authority::Issuer("CN-51".into());
    let usage = vec![Usage::Certificate];
    keys.insert(id, TrustedKey { authority, key, usage, not_before: None, not_after: None });
    let _: KeyId = id;
    let list = app.deps.store.read(|c| status::bits(c, 1)).await.unwrap();
    let (now, home) = (app.clock.now(), Agreements { home: Some("CN-51".into()), ..Agreements::default() });
    hcert::verify(token, &keys, Some(&Live(list, now)), &home, now, &VerifyOptions::ONLINE).verdict
}

async fn certificates(b: &mut Browser) -> Value {
    b.api_get("/api/v1/certificates").await.expect(200).json()
}

async fn from_the_first_page_to_the_certificate(app: App) {
    let mut b = app.resident("13600008841").await;
    b.get("/declare").await.expect(200).shows("开始申报");
    let number = declare(&mut b, "李小梅", "11010519491231002x").await;
    let page = format!("/declarations/{number}");
    b.get(&page).await.expect(200).shows(&number).shows("已收到你的申报").shows("更改申报内容");
    b.get(&page).await.expect(200).shows("36.5");
    // The saved receipt, as the whole file or only its signed part, is known to the portal.
    let receipt =
        b.get(&format!("{page}/receipt")).await.expect(200).shows("/receipts/check").shows("李小梅").body;
    let signed = receipt.trim_end().lines().last().unwrap().to_owned();
    b.get("/receipts/check").await.expect(200);
    for text in [&receipt, &signed] {
        b.post("/receipts/check", &[("receipt", text)]).await.expect(200).shows(&number).shows("本平台签发");
    }
    app.tick().await;
    b.post("/receipts/check", &[("receipt", &signed)]).await.expect(200).shows("已由签名记录头证明");
    b.get("/declarations").await.expect(200).shows(&number);
    b.get("/declare").await.expect(200).shows("正在办理");
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    worker.get("/desk/declarations").await.expect(200).shows("李小梅").shows(&number);
    for typed in [number.as_str(), "李小梅", "11010519491231002X", "13600008841"] {
        worker.post("/desk/declarations", &[("q", typed)]).await.expect(200).shows(&number);
    }
    worker.post("/desk/declarations", &[("q", "李小")]).await.expect(200).hides(&number);
    worker.get("/desk/declarations?concern=yes").await.expect(200).hides(&number);
    decide(
        &mut worker,
        &number,
        &[("action", "confirm"), ("temperature", "36.5"), ("conclusion", "no-abnormality")],
    )
    .await
    .expect(409);
    issue(&app, &number).await;
    b.get(&page).await.expect(200).shows("打开返岗证明").hides("更改申报内容");
    b.post(&format!("{page}/correct"), &[]).await.expect(409);
    let all = certificates(&mut b).await;
    let certificate = all[0]["number"].as_str().unwrap().to_owned();
    let token = all[0]["token"].as_str().unwrap().to_owned();
    assert_eq!(verdict(&app, &token).await, Verdict::Valid);
    // My things lead to all of it, and the copy of my data has it.
    b.get("/me")
        .await
        .expect(200)
        .shows("href=\"/declarations\"")
        .shows("href=\"/certificates\"")
        .shows("\"/code\"");
    let copy = b.get("/me/data/download").await.expect(200).json();
    assert_eq!(copy["declarations"]["sent"][0]["number"], json!(number));
    assert_eq!(copy["declarations"]["sent"][0]["answers"]["name"], "李小梅");
    assert_eq!(copy["certificates"][0]["text"], json!(token));
    let one = format!("/certificates/{certificate}");
    b.get(&one).await.expect(200).shows("<svg").shows("李**").shows("浙江省");
    b.get(&format!("{one}/print")).await.expect(200).shows("未见异常");
    b.get(&format!("{one}/text")).await.expect(200).shows("HC1:");
    // The certificate lists of officials, and the foreign ones.
    let mut doctor = app.official(Role::Doctor, "511621").await;
    doctor.get("/desk/certificates").await.expect(200).shows("李小梅");
    doctor.post("/desk/certificates", &[("q", "李小梅")]).await.expect(200).shows(&certificate);
    let desk = format!("/desk/certificates/{certificate}");
    doctor.get(&desk).await.expect(200).shows("撤销这张证明");
    let mut foreign = app.official(Role::Doctor, elsewhere()).await;
    foreign.get(&desk).await.expect(404);
    foreign.get("/desk/certificates").await.expect(200).hides(&certificate);
    let why = [("version", "1"), ("reason", "复查发热"), ("remedy", "隔离期满后重新申报")];
    // A revocation asks for a second factor that is no older than a quarter of an hour.
    app.clock.advance(chrono::Duration::minutes(20));
    doctor.post(&format!("{desk}/revoke"), &why).await.expect(401).shows("15 分钟内不再问");
    let mut fresh = app.official(Role::Doctor, "511621").await;
    fresh.get(&desk).await.expect(200);
    fresh.post(&format!("{desk}/revoke"), &why).await.leads_to(&desk);
    fresh.get(&desk).await.expect(200).shows("已撤销");
    b.get(&one).await.expect(200).shows("已撤销");
    settle(&app).await;
    app.stop().await;
}

async fn every_page_refuses_what_is_wrong(app: App) {
    let mut b = app.resident("13600008842").await;
    for (step, fields) in pages("张三", "360426199101010071") {
        b.get(&format!("/declare/{step}")).await.expect(200);
        let refused = b.post(&format!("/declare/{step}"), &[]).await.expect(422);
        refused.shows("出错").shows("class=\"errs\"");
        send(&mut b, &format!("/declare/{step}"), &fields).await.leads_to("/declare/");
    }
    let bad = [("name", "张三"), ("document_kind", "id_card"), ("document_number", "360426199101010072")];
    b.post("/declare/identity", &bad).await.expect(422).shows("360426199101010072").shows("张三");
    b.post("/declare/today", &[("temperature", "99"), ("symptoms", "none")]).await.expect(422).shows("34.0");
    b.get("/declare/nothing").await.expect(404);
    b.get("/declare/places").await.expect(404);
    // A change opens a question that was not asked before, and then leads back.
    b.post("/declare/travel", &[("travelled", "yes"), ("change", "1")])
        .await
        .leads_to("/declare/places?change=1");
    b.get("/declare/check").await.leads_to("/declare/places");
    b.post("/declare/places", &[("change", "1")]).await.expect(422);
    let stay = [
        ("stay-division-1", "420000"),
        ("stay-division-2", "420100"),
        ("stay-division-3", "420102"),
        ("stay-from-year", "2020"),
        ("stay-from-month", "3"),
        ("stay-from-day", "1"),
        ("stay-to-year", "2020"),
        ("stay-to-month", "3"),
        ("stay-to-day", "3"),
        ("stay-transport", "train"),
    ];
    let mut add = stay.to_vec();
    add.push(("do", "add"));
    b.post("/declare/places", &add).await.leads_to("/declare/places");
    b.get("/declare/places").await.expect(200).shows("武汉");
    b.post("/declare/places", &[("change", "1")]).await.leads_to("/declare/check");
    // Without a script the cascade is posted and shown again.
    b.post("/declare/address", &[("household-division-1", "510000"), ("cascade", "household-division")])
        .await
        .expect(200)
        .shows("广安市");
    b.get("/divisions?parent=511600").await.expect(200).shows("岳池县");
    // The pages are there in English too.
    b.lang = "en";
    b.get("/declare/check")
        .await
        .expect(200)
        .shows("Check your answers")
        .shows("Household registration")
        .hides("检查");
    app.stop().await;
}

async fn a_second_phone_goes_to_the_counter(app: App) {
    let mut b = app.resident("13600008846").await;
    declare(&mut b, "周八", "360426199101010071").await;
    let mut other = app.resident("13600008847").await;
    // It is noticed where it is typed, not after all the questions.
    let identity = pages("周八", "360426199101010071").remove(0).1;
    other.get("/declare/identity").await.expect(200);
    let sent = send(&mut other, "/declare/identity", &identity).await.leads_to("/declare/counter?claim=RL");
    let again = send(&mut other, "/declare/identity", &identity).await;
    assert_eq!(again.location(), sent.location(), "the claim that waits keeps its number");
    let to = sent.location().to_owned();
    other.get(&to).await.expect(200).shows("服务点").shows("RL").hides("13600008846");
    other.get("/declarations").await.expect(200).shows("没填完");
    // A draft that changed in another tab is not sent unseen.
    b.post("/declare/submit", &[("version", "1"), ("truth", "yes")]).await.expect(409);
    app.stop().await;
}

async fn programs_declare_and_correct(app: App) {
    let mut b = app.resident("13600008848").await;
    b.get("/declare").await.expect(200);
    let mut wrong = body("郑十");
    wrong["destination"]["day"] = json!("2020-05-15");
    wrong["travel"][0]["to"] = json!("2020-03-20");
    let refused = b.api(Method::POST, "/api/v1/declarations", &wrong).await.expect(422).json().to_string();
    assert!(refused.contains("destination.day") && refused.contains("travel.0.to"), "{refused}");
    wrong["surprise"] = json!(1);
    b.api(Method::POST, "/api/v1/declarations", &wrong).await.expect(422);
    let made = b.api(Method::POST, "/api/v1/declarations", &body("郑十")).await.expect(201).json();
    let (number, version) = (made["number"].as_str().unwrap().to_owned(), made["version"].as_i64().unwrap());
    assert_eq!(made["state"], "submitted");
    b.api(Method::POST, "/api/v1/declarations", &body("郑十")).await.expect(409);
    let path = format!("/api/v1/declarations/{number}");
    let patch = json!({"version": version, "answers": {"present": {"address": "3 号"}}});
    let fixed = b.api(Method::PATCH, &path, &patch).await.expect(200).json();
    assert_eq!(fixed["answers"]["present"]["address"], "3 号");
    b.api(Method::PATCH, &path, &patch).await.expect(409);
    // Another document is nothing that a correction can do, and it is not passed over in silence.
    let other = json!({"version": fixed["version"], "answers": {"document_number": "11010519491231002X"}});
    assert_eq!(b.api(Method::PATCH, &path, &other).await.expect(409).problem(), "document-counter");
    let unchanged = b.api_get(&path).await.json();
    assert_eq!(unchanged["answers"]["document_number"], "360426199101010071");
    b.get("/declarations").await.expect(200).hides("没填完");
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    worker.get("/desk/declarations?concern=yes").await.expect(200).shows("郑十").shows("请留意");
    worker.get(&format!("/desk/declarations/{number}")).await.expect(200).shows("37.3");
    settle(&app).await;
    // Yellow as long as the declaration counts, and it can be corrected: that is the way to go on counting.
    let code = b.get("/code").await.expect(200).shows("更改申报内容").hides("比原因结束得早");
    code.shows(&format!("href=\"/declarations/{number}\""));
    let withdraw = json!({"version": fixed["version"]});
    b.api(Method::POST, &format!("{path}/withdraw"), &withdraw).await.expect(200);
    assert_eq!(b.api_get("/api/v1/declarations").await.json()[0]["state"], "withdrawn");
    settle(&app).await;
    app.stop().await;
}

/// Two programs, or two tabs, each with a submission of its own.
async fn two_at_the_same_moment_are_one(app: App) {
    let mut one = app.resident("13600008850").await;
    let mut other = app.browser();
    for (name, value) in one.cookies() {
        other.set_cookie(name, value);
    }
    for round in 0..6 {
        one.get("/declare").await.expect(200);
        other.get("/declare").await.expect(200);
        let whole = body("冯一");
        let (a, b) = futures_util::join!(
            one.api(Method::POST, "/api/v1/declarations", &whole),
            other.api(Method::POST, "/api/v1/declarations", &whole)
        );
        let (made, refused) = if a.status.as_u16() == 201 { (a, b) } else { (b, a) };
        assert_eq!((made.status.as_u16(), refused.status.as_u16()), (201, 409), "round {round}");
        let made = made.json();
        let path = format!("/api/v1/declarations/{}/withdraw", made["number"].as_str().unwrap());
        one.api(Method::POST, &path, &json!({"version": made["version"]})).await.expect(200);
    }
    app.stop().await;
}

async fn rare_names_survive(app: App) {
    let long = "长".repeat(100);
    for (i, name) in ["𠮷㛃", "阿依古丽·买买提", "丁", long.as_str()].into_iter().enumerate() {
        let mut b = app.resident(&format!("1360000890{i}")).await;
        let county = "511621".parse().unwrap();
        let card = fugong::identity::sample::id_number_nth(county, u64::try_from(i).unwrap() + 7).unwrap();
        let number = declare(&mut b, name, card.as_str()).await;
        b.get(&format!("/declarations/{number}")).await.expect(200).shows(name);
        issue(&app, &number).await;
        let all = certificates(&mut b).await;
        let token = all[0]["token"].as_str().unwrap().to_owned();
        assert_eq!(verdict(&app, &token).await, Verdict::Valid);
        let print = format!("/certificates/{}/print", all[0]["number"].as_str().unwrap());
        b.get(&print).await.expect(200).shows("<svg");
    }
    app.stop().await;
}

/// Whether a document is registered is told to whoever names it; not for many of them.
async fn documents_cannot_be_tried_out(app: App) {
    let mut b = app.resident("13600008971").await;
    b.get("/declare").await.expect(200);
    for nth in 0..21 {
        let card = fugong::identity::sample::id_number_nth("511621".parse().unwrap(), nth + 50).unwrap();
        let fields = [("name", "钱一"), ("document_kind", "id_card"), ("document_number", card.as_str())];
        let answer = b.post("/declare/identity", &fields).await;
        if nth < 20 {
            answer.leads_to("/declare/address");
        } else {
            answer.expect(429);
        }
    }
    app.stop().await;
}

/// Twenty-one people whom staff have entered.
async fn registered(app: &App) -> Vec<String> {
    use fugong::accounts::{ClaimPerson, claim_person};
    use fugong::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName, sample};
    let division: DivisionCode = "511621".parse().unwrap();
    let cards: Vec<String> =
        (0..21).map(|nth| sample::id_number_nth(division, nth + 200).unwrap().as_str().to_owned()).collect();
    let (keys, now, all) = (app.deps.keys.clone(), app.clock.now(), cards.clone());
    let entered = app.deps.store.write(move |tx| {
        for card in &all {
            let claim = ClaimPerson {
                by: fugong::audit::Actor::Console,
                account: None,
                document: DocumentNumber::parse_stored(DocumentKind::IdCard, card).unwrap(),
                name: PersonName::parse("孙某").unwrap(),
                sex: None,
                division,
                phone: None,
            };
            claim_person(tx, &keys, &claim, now)?;
        }
        Ok(())
    });
    entered.await.unwrap();
    cards
}

/// What is refused counts as well: else a full list would tell of every document for nothing.
async fn a_full_list_of_claims_is_no_way_to_try_them_out(app: App) {
    let cards = registered(&app).await;
    let nobodys = "11010519491231002X";
    let mut pages = app.resident("13600008972").await;
    let mut program = app.resident("13600008973").await;
    program.get("/declare").await.expect(200);
    pages.get("/declare/identity").await.expect(200);
    for (nth, card) in cards.iter().map(String::as_str).chain([nobodys]).enumerate() {
        let fields = [("name", "钱一"), ("document_kind", "id_card"), ("document_number", card)];
        let page = pages.post("/declare/identity", &fields).await;
        let mut whole = body("钱一");
        whole["document_number"] = json!(card);
        let call = program.api(Method::POST, "/api/v1/declarations", &whole).await;
        match nth {
            0..3 => {
                page.leads_to("/declare/counter?claim=RL");
                assert_eq!(call.expect(409).problem(), "document-counter");
            }
            3..20 => {
                page.expect(422).shows("3 件身份认领").shows("钱一").shows(card);
                assert_eq!(call.expect(409).problem(), "claims-too-many");
            }
            _ => {
                page.expect(429);
                call.expect(429);
            }
        }
    }
    // A claim that waits keeps its number, and one's own document is always one's own.
    let again = [("name", "钱一"), ("document_kind", "id_card"), ("document_number", &*cards[0])];
    pages.post("/declare/identity", &again).await.leads_to("/declare/counter?claim=RL");
    app.clock.advance(chrono::Duration::days(1));
    let mut tomorrow = app.resident("13600008973").await;
    tomorrow.get("/declare").await.expect(200);
    let mut whole = body("钱一");
    whole["document_number"] = json!(nobodys);
    tomorrow.api(Method::POST, "/api/v1/declarations", &whole).await.expect(201);
    app.stop().await;
}
