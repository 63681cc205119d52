//! A health declaration from its first page to the certificate in the hand, and every way in which it can go wrong.

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use fugong::access::Role;
use fugong::certificates::status;
use fugong::crypto::SigningUsage;
use fugong::hcert::status::{FoundStatus, StatusLookup};
use fugong::hcert::trusted::Authority;
use fugong::hcert::{
    self, Agreements, KeyId, KeyIndex, TrustedKey, Usage, Verdict, VerificationKey, VerifyOptions,
};
use fugong::identity::divisions;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    from_the_first_page_to_the_certificate,
    every_page_refuses_what_is_wrong,
    a_draft_is_resumed_on_another_device,
    returned_corrected_and_rejected,
    two_officials_and_foreign_jurisdictions,
    a_second_phone_goes_to_the_counter,
    entered_by_staff,
    programs_declare_and_correct,
    two_at_the_same_moment_are_one,
    rare_names_survive,
    outdated_answers_expire,
    the_worklist_says_where_to_when_and_which_colour,
    renewing_asks_only_what_can_have_changed,
    without_an_employer,
    pages_of_earlier_versions_lead_on,
);

/// Yuechi county; its first town.
pub fn town() -> String {
    divisions().children("511621".parse().unwrap()).first().unwrap().code.to_string()
}

/// A town of another county.
fn elsewhere() -> &'static str {
    "512021"
}

fn pages(name: &str, number: &str) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let town = town();
    let day = |name: [&'static str; 3], d: &str| {
        vec![(name[0], "2020".to_owned()), (name[1], "3".into()), (name[2], d.to_owned())]
    };
    let mut destination = vec![
        ("destination-division-1", "330000".to_owned()),
        ("destination-division-2", "330200".into()),
        ("destination-division-3", "330212".into()),
        ("employer", "宁波某某机械厂".into()),
        ("transport", "train".into()),
    ];
    destination.extend(day(["travel_day-year", "travel_day-month", "travel_day-day"], "15"));
    vec![
        (
            "identity",
            vec![
                ("name", name.into()),
                ("document_kind", "id_card".into()),
                ("document_number", number.into()),
            ],
        ),
        (
            "address",
            vec![
                ("household-division", "511621".into()),
                ("household-address", "九龙街道 1 号".into()),
                ("present-division", town),
                ("present-address", "东外街 118 号".into()),
            ],
        ),
        ("reach", vec![("phone", "１３６ 0000 8841".into()), ("conditions", "none".into())]),
        ("today", vec![("temperature", "３６．５℃".into()), ("symptoms", "none".into())]),
        (
            "exposure",
            vec![
                ("contact", "no".into()),
                ("coresidents", "well".into()),
                ("isolation", "no".into()),
                ("diagnosed", "no".into()),
            ],
        ),
        ("travel", vec![("travelled", "no".into())]),
        ("protection", vec![("vaccination", "none".into()), ("test", "none".into())]),
        ("destination", destination),
    ]
}

/// What is promised and agreed to after checking.
fn promise() -> [(&'static str, String); 2] {
    [("truth", "yes".into()), ("share", "yes".into())]
}

async fn send(b: &mut Browser, path: &str, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    b.post(path, &fields).await
}

/// Fills every page; ends on check-your-answers.
async fn fill(b: &mut Browser, name: &str, number: &str) {
    let mut next = "/declare/identity".to_owned();
    for (step, fields) in pages(name, number) {
        assert_eq!(next, format!("/declare/{step}"), "the steps lead to each other");
        b.get(&next).await.expect(200);
        let answer = send(b, &next, &fields).await.leads_to("/declare/");
        next = answer.location().to_owned();
    }
    assert_eq!(next, "/declare/check");
}

/// Declares everything; gives the number.
pub async fn declare(b: &mut Browser, name: &str, number: &str) -> String {
    fill(b, name, number).await;
    submit(b).await
}

async fn submit(b: &mut Browser) -> String {
    let page = b.get("/declare/check").await.expect(200);
    let (version, once) = (page.input("version").unwrap(), page.input("_once").unwrap());
    let fields =
        [("version", version.as_str()), ("_once", once.as_str()), ("truth", "yes"), ("share", "yes")];
    let first = b.post("/declare/submit", &fields).await.leads_to("/declarations/SB");
    let again = b.post("/declare/submit", &fields).await.leads_to("/declarations/SB");
    assert_eq!(first.location(), again.location(), "a double click is one submission");
    first.location().trim_start_matches("/declarations/").to_owned()
}

pub async fn decide(b: &mut Browser, number: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("/desk/declarations/{number}");
    let version = b.get(&path).await.expect(200).input("version").unwrap_or_else(|| "1".into());
    let mut all = vec![("version", version.as_str())];
    all.extend_from_slice(fields);
    b.post(&path, &all).await
}

pub async fn issue(app: &App, number: &str) {
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    decide(&mut worker, number, &[("action", "check")]).await.leads_to("/desk/declarations/");
    let mut doctor = app.official(Role::Doctor, "511621").await;
    let confirm = [("action", "confirm"), ("temperature", "36.6"), ("conclusion", "no-abnormality")];
    decide(&mut doctor, number, &confirm).await.leads_to("/desk/declarations/");
}

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
    doctor.post(&format!("{desk}/revoke"), &why).await.leads_to("/desk/step-up");
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

async fn a_draft_is_resumed_on_another_device(app: App) {
    let mut phone = app.resident("13600008843").await;
    let first: Vec<_> = pages("王五", "360426199101010071").into_iter().take(2).collect();
    for (step, fields) in &first {
        phone.get(&format!("/declare/{step}")).await.expect(200);
        send(&mut phone, &format!("/declare/{step}"), fields).await.leads_to("/declare/");
    }
    let mut other = app.resident("13600008843").await;
    other.get("/declare").await.expect(200).shows("接着填").shows("href=\"/declare/reach\"");
    other.get("/declare/identity").await.expect(200).shows("王五");
    other.post("/declare/discard", &[]).await.leads_to("/declare");
    phone.get("/declare").await.expect(200).shows("开始申报");
    let mut stranger = app.resident("13600008899").await;
    stranger.get("/declare/identity").await.expect(200).hides("王五");
    app.stop().await;
}

async fn returned_corrected_and_rejected(app: App) {
    let mut b = app.resident("13600008844").await;
    let number = declare(&mut b, "赵六", "360426199101010071").await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    decide(&mut worker, &number, &[("action", "return")]).await.expect(422);
    let back =
        [("action", "return"), ("reason", "地址不全"), ("items", "补上门牌号\n补上单元号"), ("preview", "1")];
    decide(&mut worker, &number, &back).await.expect(200).shows("复工通】").shows("2项");
    decide(&mut worker, &number, &back[..3]).await.leads_to("/desk/declarations/");
    let page = format!("/declarations/{number}");
    b.get(&page).await.expect(200).shows("补上门牌号").shows("测试单位").hides("李经办");
    b.post(&format!("{page}/correct"), &[]).await.leads_to("/declare/check");
    b.get("/declare/check").await.expect(200).shows("补上单元号");
    let address = [
        ("household-division", "511621".into()),
        ("household-address", "九龙街道 1 号".into()),
        ("present-division", town()),
        ("present-address", "东外街 118 号 2 单元".into()),
        ("change", "1".into()),
    ];
    send(&mut b, "/declare/address", &address).await.leads_to("/declare/check");
    assert_eq!(submit(&mut b).await, number, "a correction keeps its number");
    b.get(&page).await.expect(200).shows("2 单元");
    let mut doctor = app.official(Role::Doctor, "511621").await;
    let refuse = [("action", "reject"), ("reason", "体温偏高"), ("remedy", "三天后重新申报")];
    decide(&mut doctor, &number, &refuse).await.leads_to("/desk/declarations/");
    b.get(&page).await.expect(200).shows("三天后重新申报");
    b.post(&format!("{page}/withdraw"), &[("version", "5")]).await.expect(409);
    settle(&app).await;
    let texts: Vec<String> = app.deps.sms.sent().iter().map(|m| format!("{m:?}")).collect();
    assert!(texts.iter().any(|t| t.contains("没有通过")), "{texts:?}");
    app.stop().await;
}

async fn two_officials_and_foreign_jurisdictions(app: App) {
    let mut b = app.resident("13600008845").await;
    let number = declare(&mut b, "孙七", "360426199101010071").await;
    let mut foreign = app.official(Role::VillageWorker, elsewhere()).await;
    foreign.get(&format!("/desk/declarations/{number}")).await.expect(404);
    foreign.get("/desk/declarations").await.expect(200).hides(&number);
    let path = format!("/desk/declarations/{number}");
    let mut one = app.official(Role::VillageWorker, "511621").await;
    let mut two = app.official(Role::VillageWorker, &town()).await;
    let seen = one.get(&path).await.expect(200).input("version").unwrap();
    two.get(&path).await.expect(200);
    let row = format!("{number}@{seen}");
    two.post("/desk/declarations/check", &[("case", &row)]).await.expect(200).shows("已核对");
    two.post("/desk/declarations/check", &[("case", &row)]).await.expect(200).shows("有人改过");
    one.post(&path, &[("version", &seen), ("action", "check")]).await.expect(409).shows("已核对");
    let mut stranger = app.resident("13600008898").await;
    stranger.get(&format!("/declarations/{number}")).await.expect(404);
    stranger.get(&path).await.expect(404);
    let mut auditor = app.official(Role::Auditor, "510000").await;
    auditor.get(&path).await.expect(404);
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

async fn entered_by_staff(app: App) {
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    worker.get("/desk/declarations/new").await.expect(200);
    worker.post("/desk/declarations/new", &[]).await.expect(422).shows("出错");
    let mut fields: Vec<(&'static str, String)> =
        pages("吴九", "360426199101010071").into_iter().flat_map(|(_, f)| f).collect();
    fields.extend(promise());
    fields.iter_mut().filter(|(name, _)| *name == "travelled").for_each(|(_, v)| *v = "yes".into());
    // Several journeys on one paper: a button shows the next, keeping what was typed; blank ones are passed over.
    for (name, value) in [
        ("stay-1-division", "420102"),
        ("stay-1-transport", "train"),
        ("stay-1-from-year", "2020"),
        ("stay-1-from-month", "3"),
        ("stay-1-from-day", "1"),
        ("stay-1-to-year", "2020"),
        ("stay-1-to-month", "3"),
        ("stay-1-to-day", "2"),
        ("stays", "1"),
    ] {
        fields.push((name, value.to_owned()));
    }
    // Somebody without a telephone.
    fields.retain(|(name, _)| *name != "phone");
    let mut more = fields.clone();
    more.push(("more", "1".into()));
    let page = send(&mut worker, "/desk/declarations/new", &more)
        .await
        .expect(200)
        .shows("第 2 处")
        .hides("第 3 处");
    assert_eq!(page.input("stays").as_deref(), Some("2"));
    page.shows("name=\"stay-1-from-day\" inputmode=\"numeric\" autocomplete=\"off\" value=\"1\"");
    fields.retain(|(name, _)| *name != "stays");
    for (name, value) in [
        ("stays", "3"),
        ("stay-2-abroad", "大韩民国"),
        ("stay-2-transport", "flight"),
        ("stay-2-from-year", "2020"),
        ("stay-2-from-month", "3"),
        ("stay-2-from-day", "3"),
    ] {
        fields.push((name, value.to_owned()));
    }
    send(&mut worker, "/desk/declarations/new", &fields).await.expect(422).shows("请填写哪天离开的");
    for (name, value) in [("stay-2-to-year", "2020"), ("stay-2-to-month", "3"), ("stay-2-to-day", "4")] {
        fields.push((name, value.to_owned()));
    }
    let sent = send(&mut worker, "/desk/declarations/new", &fields).await.leads_to("/desk/declarations/SB");
    let number = sent.location().trim_start_matches("/desk/declarations/").to_owned();
    let case = worker.get(&format!("/desk/declarations/{number}")).await.expect(200);
    case.shows("要由别的工作人员办理").shows("没有电话").shows("武汉").shows("大韩民国");
    worker.get(&format!("/desk/declarations/{number}/receipt")).await.expect(200).shows("吴九");
    let own = [("version", "2"), ("action", "check")];
    worker.post(&format!("/desk/declarations/{number}"), &own).await.expect(409);
    let mut away = app.official(Role::VillageWorker, elsewhere()).await;
    away.get("/desk/declarations/new").await.expect(200);
    send(&mut away, "/desk/declarations/new", &fields).await.expect(422).shows("不在你的辖区");
    issue(&app, &number).await;
    app.stop().await;
}

pub fn body(name: &str) -> Value {
    json!({
        "name": name, "document_kind": "id_card", "document_number": "360426199101010071",
        "household": {"division": "511621", "address": "1 号"}, "present": {"division": town(), "address": "2 号"},
        "phone": "13600008848", "conditions": [], "temperature_tenths": 376, "symptoms": ["cough"], "contact": false,
        "travel": [{"division": "420102", "from": "2020-03-01", "to": "2020-03-02", "transport": "train"}],
        "coresidents": "well", "isolation": false, "diagnosed": false, "vaccination": "none", "test": "none",
        "destination": {"division": "330212", "employer": "厂", "transport": "train", "day": "2020-03-15"},
        "truth": true, "share": false,
    })
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
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    worker.get("/desk/declarations?concern=yes").await.expect(200).shows("郑十").shows("请留意");
    worker.get(&format!("/desk/declarations/{number}")).await.expect(200).shows("37.3");
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

async fn outdated_answers_expire(app: App) {
    let mut b = app.resident("13600008849").await;
    let number = declare(&mut b, "冯一", "360426199101010071").await;
    app.clock.advance(chrono::Duration::days(14) + chrono::Duration::minutes(1));
    let mut b = app.resident("13600008849").await;
    settle(&app).await;
    b.get(&format!("/declarations/{number}")).await.expect(200).shows("已过期");
    app.stop().await;
}

async fn the_worklist_says_where_to_when_and_which_colour(app: App) {
    let mut first = app.resident("13800138031").await;
    let one = declare(&mut first, "欧阳㛃", "360426199101010071").await;
    let mut second = app.resident("13800138032").await;
    let two = declare(&mut second, "李四", "11010519491231002X").await;
    app.drain().await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let list = worker.get("/desk/declarations").await.expect(200);
    list.shows("3 月 15 日").shows("鄞州区").shows("现在的码").shows("欧阳㛃");
    let json = worker.api_get("/api/v1/desk/declarations?sort=colour").await.expect(200).json();
    let row = &json["declarations"][0];
    assert_eq!(
        (row["destination"].as_str(), row["departs_on"].as_str()),
        (Some("330212"), Some("2020-03-15"))
    );
    assert!(["green", "yellow", "red", "unknown"].contains(&row["colour"].as_str().unwrap()));
    worker.get("/desk/declarations?sort=departure").await.expect(200).shows("aria-sort=\"ascending\"");
    worker.get("/desk/declarations?sort=nothing").await.expect(200);
    // Nothing is chosen: it is said on the same page; then everything is, without a script.
    let path = "/desk/declarations/check";
    worker.post(path, &[("tab", "submitted")]).await.expect(422).shows("请先勾选至少一件").shows("欧阳㛃");
    let all = worker.post(path, &[("tab", "submitted"), ("do", "all")]).await.expect(200);
    assert_eq!(all.body.matches(" checked").count(), 2);
    // After one is decided the next is one step away, and its time has stopped once it is over.
    decide(&mut worker, &one, &[("action", "check")]).await.leads_to("/desk/declarations/");
    let next = format!("href=\"/desk/declarations/{two}\"");
    assert!(worker.get(&format!("/desk/declarations/{one}")).await.expect(200).body.contains(&next));
    let version = first.get(&format!("/declarations/{one}")).await.expect(200).input("version").unwrap();
    first.post(&format!("/declarations/{one}/withdraw"), &[("version", &version)]).await.expect(303);
    app.clock.advance(chrono::Duration::days(2));
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    worker.get("/desk/declarations?tab=done").await.expect(200).shows("用时").hides("2 天");
    app.stop().await;
}

async fn renewing_asks_only_what_can_have_changed(app: App) {
    let mut b = app.resident("13600008861").await;
    b.get("/declare").await.expect(200).hides("/declare/renew");
    let number = declare(&mut b, "褚二", "360426199101010071").await;
    issue(&app, &number).await;
    app.clock.advance(chrono::Duration::days(2));
    let mut b = app.resident("13600008861").await;
    b.get("/declare").await.expect(200).shows("/declare/renew");
    let mut next = b.post("/declare/renew", &[]).await.leads_to("/declare/today").location().to_owned();
    let asked = pages("褚二", "360426199101010071").into_iter().skip(3);
    let mut count = 1;
    for (step, fields) in asked {
        assert_eq!(next, format!("/declare/{step}"));
        let page = b.get(&next).await.expect(200).shows("共 6 步");
        if step == "destination" {
            page.shows("宁波某某机械厂").shows("value=\"15\"");
        } else if step == "exposure" || step == "today" {
            page.hides("checked");
        }
        next = send(&mut b, &format!("/declare/{step}"), &fields).await.location().to_owned();
        count += 1;
    }
    assert!(count <= 8, "{count} steps");
    assert_eq!(next, "/declare/check");
    // The promise comes after checking, and it is asked for.
    let check = b
        .get("/declare/check")
        .await
        .expect(200)
        .shows("褚二")
        .shows("东外街 118 号")
        .shows("name=\"truth\"");
    let version = check.input("version").unwrap();
    b.post("/declare/submit", &[("version", &version)])
        .await
        .expect(422)
        .shows("勾选承诺")
        .shows("请选择是否");
    let again = submit(&mut b).await;
    assert_ne!(again, number);
    app.stop().await;
}

async fn without_an_employer(app: App) {
    let mut b = app.resident("13600008862").await;
    let mut all = pages("卫三", "360426199101010071");
    let last = &mut all.last_mut().unwrap().1;
    last.retain(|(name, _)| *name != "employer");
    b.get("/declare").await.expect(200);
    send(&mut b, "/declare/destination", last).await.expect(422).shows("去做什么");
    last.push(("purpose", "work".into()));
    send(&mut b, "/declare/destination", last).await.expect(422).shows("请填写用人单位");
    last.retain(|(name, _)| *name != "purpose");
    last.push(("purpose", "study".into()));
    for (step, fields) in &all {
        send(&mut b, &format!("/declare/{step}"), fields).await.leads_to("/declare/");
    }
    b.get("/declare/check").await.expect(200).shows("上学").hides("用人单位");
    let number = submit(&mut b).await;
    issue(&app, &number).await;
    let mut program = app.resident("13600008863").await;
    program.get("/declare").await.expect(200);
    let mut whole = body("蒋四");
    whole["document_number"] = json!("11010519491231002X");
    whole["destination"].as_object_mut().unwrap().remove("employer");
    let refused =
        program.api(Method::POST, "/api/v1/declarations", &whole).await.expect(422).json().to_string();
    assert!(refused.contains("destination.purpose"), "{refused}");
    whole["destination"]["purpose"] = json!("home");
    let made = program.api(Method::POST, "/api/v1/declarations", &whole).await.expect(201).json();
    assert_eq!(made["answers"]["destination"]["purpose"], "home");
    app.stop().await;
}

async fn pages_of_earlier_versions_lead_on(app: App) {
    let mut b = app.resident("13600008864").await;
    b.get("/declare").await.expect(200);
    for (old, new) in [
        ("about", "identity"),
        ("household", "address"),
        ("present", "address"),
        ("phone", "reach"),
        ("conditions", "reach"),
        ("temperature", "today"),
        ("symptoms", "today"),
        ("contact", "exposure"),
        ("coresidents", "exposure"),
        ("history", "exposure"),
        ("vaccination", "protection"),
        ("test", "protection"),
        ("consent", "check"),
    ] {
        b.get(&format!("/declare/{old}")).await.leads_to(&format!("/declare/{new}"));
        b.post(&format!("/declare/{old}"), &[]).await.leads_to(&format!("/declare/{new}"));
    }
    b.get("/declare/temperature?change=1").await.leads_to("/declare/today?change=1");
    app.stop().await;
}
