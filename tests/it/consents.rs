//! What somebody has agreed to is listed with date and text, and can be taken back at any time; what was said to follow
//! follows in the same transaction.

use crate::declarations::{body, decide, declare, issue};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Tx;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_certificate_ends_with_its_consent,
    an_open_declaration_is_withdrawn_with_its_consent,
    a_decided_declaration_is_only_stored,
    nothing_withdrawn_is_compared_with,
    without_a_certificate_none_is_said_to_end,
    what_is_over_is_not_withdrawn,
    the_oldest_of_many_is_withdrawn_too,
    sharing_and_email_end,
    the_copy_has_them
);

const DOCUMENT: &str = "11010519491231002X";

/// The address of the newest consent of a kind on the page of what is kept, that can be withdrawn.
async fn consent(b: &mut Browser, kind: &str) -> String {
    let page = b.get("/me/kept").await.expect(200);
    let start = format!("/me/consents/{kind}-");
    let rest = page.body.split(&start).nth(1).unwrap_or_else(|| panic!("no {kind} in {}", page.body));
    format!("{start}{}", rest.split('"').next().unwrap())
}

/// Withdraws it after reading what follows; a double click is one withdrawal.
async fn withdraw(b: &mut Browser, kind: &str, says: &str) {
    let path = consent(b, kind).await;
    b.get(&path).await.expect(200).shows("撤回以后").shows(says).shows("不受影响").shows("确认撤回");
    b.post(&path, &[]).await.leads_to("/me/kept");
    b.post(&path, &[]).await.leads_to("/me/kept");
    b.get("/me/kept").await.expect(200).shows("已撤回，马上生效");
}

async fn certificate(b: &mut Browser) -> Value {
    b.api_get("/api/v1/certificates").await.expect(200).json()[0].clone()
}

async fn verdict(app: &App, token: &Value) -> String {
    let answer = app.browser().api(Method::POST, "/api/v1/verify", &json!({"text": token})).await.expect(200);
    answer.json()["verdict"].as_str().unwrap().to_owned()
}

fn told(app: &App, text: &str) -> usize {
    app.deps.sms.sent().iter().filter(|m| m.text.contains(text)).count()
}

async fn a_certificate_ends_with_its_consent(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    app.clock.advance(chrono::Duration::minutes(4));
    issue(&app, &number).await;
    app.drain().await;
    let before = certificate(&mut b).await;
    let (name, token) = (before["number"].as_str().unwrap().to_owned(), before["token"].clone());
    assert_eq!(verdict(&app, &token).await, "valid");
    let page = b.get(&format!("/certificates/{name}")).await.expect(200);
    page.shows("谁能看到什么").shows("不自动发给任何单位").shows("撤回对这张证明的同意");
    let path = consent(&mut b, "certificate").await;
    let kept = b.get("/me/kept").await.expect(200);
    let kept = kept.shows("2020 年 3 月 12 日").shows(fugong::agreed::DECLARATION).shows("用人单位、查验点");
    let mut other = app.resident("13600008842").await;
    other.get(&path).await.expect(404);
    other.get("/me/kept").await.expect(200);
    other.post(&path, &[]).await.expect(404);
    b.get("/me/consents/certificate-x").await.expect(404);

    // Who sent the declaration agreed at that moment; the doctor's is nobody's consent.
    let at = |kind: &str| {
        let card = kept.body.split(&format!("id=\"c-{kind}-")).nth(1).unwrap();
        card.split("同意时间").nth(1).unwrap().split("</dd>").next().unwrap().to_owned()
    };
    assert_eq!(at("certificate"), at("declaration"));
    withdraw(&mut b, "certificate", "显示“已失效”").await;
    assert_eq!(verdict(&app, &token).await, "revoked", "the status list says so in the same transaction");
    let after = certificate(&mut b).await;
    assert_eq!((after["state"].as_str(), &after["token"]), (Some("revoked"), &Value::Null));
    assert!(after["withdrawn_at"].is_string());
    b.get(&format!("/certificates/{name}")).await.expect(200).shows("本人撤回同意").hides("HC1:");
    let mut doctor = app.official(Role::Doctor, "511621").await;
    doctor.get(&format!("/desk/certificates/{name}")).await.expect(200).shows("本人撤回同意");
    app.drain().await;
    assert_eq!(told(&app, &format!("返岗证明 {name} 的同意")), 1, "told once");
    let mut auditor = app.official(Role::Auditor, "510000").await;
    auditor.get("/audit").await.expect(200).shows("撤回同意");
    app.stop().await;
}

async fn an_open_declaration_is_withdrawn_with_its_consent(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    app.drain().await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    worker.get("/desk/declarations").await.expect(200).shows(&number);
    withdraw(&mut b, "declaration", "不再办理").await;
    worker.get("/desk/declarations").await.expect(200).hides(&number);
    let desk = format!("/desk/declarations/{number}");
    worker.get(&desk).await.expect(200).shows("本人已撤回同意").hides("36.5").hides("王小明");
    let seen = worker.api_get(&format!("/api/v1{desk}")).await.expect(200).json();
    assert_eq!((seen["state"].as_str(), &seen["answers"]), (Some("withdrawn"), &Value::Null));
    assert!(seen["consent_withdrawn_at"].is_string());
    // Its person sees it whole, and may have it destroyed at once: the code is green.
    b.get(&format!("/declarations/{number}")).await.expect(200).shows("36.5");
    app.drain().await;
    b.get("/me/kept").await.expect(200).shows("可以马上删除");
    b.post("/me/kept/delete", &[("kind", "declaration")]).await.leads_to("/me/kept");
    b.get(&format!("/declarations/{number}")).await.expect(404);
    worker.get(&desk).await.expect(404);
    app.drain().await;
    app.stop().await;
}

async fn a_decided_declaration_is_only_stored(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    issue(&app, &number).await;
    app.drain().await;
    let token = certificate(&mut b).await["token"].clone();
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let desk = format!("/desk/declarations/{number}");
    worker.get(&desk).await.expect(200).shows("36.5").shows("王小明");
    withdraw(&mut b, "declaration", "证明马上失效").await;
    assert_eq!(verdict(&app, &token).await, "revoked");
    worker.get(&desk).await.expect(200).shows("本人已撤回同意").shows("只保存").hides("王小明");
    let api = format!("/api/v1{desk}");
    assert_eq!(worker.api_get(&api).await.expect(200).json()["answers"], Value::Null);
    worker.get("/desk/declarations?tab=done").await.expect(200).hides(&number);
    worker.post("/desk/declarations", &[("q", "王小明")]).await.expect(200).hides(&number);
    b.get(&format!("/declarations/{number}")).await.expect(200).shows("本人撤回同意");
    app.drain().await;
    assert_eq!(told(&app, "依它开的返岗证明已失效"), 1);
    // A new declaration is open to them, and asks anew.
    b.get("/declare").await.expect(200).hides("正在办理");
    app.stop().await;
}

/// What a declaration said before its correction is as closed as what it says.
async fn nothing_withdrawn_is_compared_with(app: App) {
    let mut b = app.resident("13600008841").await;
    b.get("/declare").await.expect(200);
    let mut whole = body("王小明");
    whole["present"]["address"] = json!("西门巷 66 号");
    let first = b.api(Method::POST, "/api/v1/declarations", &whole).await.expect(201).json();
    let path = format!("/api/v1/declarations/{}", first["number"].as_str().unwrap());
    let patch = json!({"version": first["version"], "answers": {"present": {"address": "东门巷 77 号"}}});
    b.api(Method::PATCH, &path, &patch).await.expect(200);
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let desk = format!("/desk/declarations/{}", first["number"].as_str().unwrap());
    worker.get(&desk).await.expect(200).shows("更改了什么").shows("西门巷 66 号");
    app.drain().await;
    withdraw(&mut b, "declaration", "不再办理").await;

    whole["present"]["address"] = json!("南门巷 88 号");
    let second = b.api(Method::POST, "/api/v1/declarations", &whole).await.expect(201).json();
    let desk = format!("/desk/declarations/{}", second["number"].as_str().unwrap());
    worker.get(&desk).await.expect(200).shows("南门巷 88 号").hides("西门巷").hides("东门巷");
    let seen = worker.api_get(&format!("/api/v1{desk}")).await.expect(200).json();
    assert_eq!(seen["answers"]["present"]["address"], "南门巷 88 号");
    assert_eq!(seen["earlier"], json!([]), "{seen}");
    app.drain().await;
    app.stop().await;
}

async fn without_a_certificate_none_is_said_to_end(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    let mut doctor = app.official(Role::Doctor, "511621").await;
    let no = [("action", "reject"), ("reason", "住址不符"), ("remedy", "重新申报")];
    decide(&mut doctor, &number, &no).await.leads_to("/desk/declarations/");
    app.drain().await;
    withdraw(&mut b, "declaration", "没有还算数的返岗证明").await;
    app.drain().await;
    let told = |text: &str| told(&app, &format!("对申报 {number} 的同意：{text}"));
    assert_eq!((told("工作人员看不到里面的内容"), told("依它开的返岗证明已失效")), (1, 0));
    app.stop().await;
}

async fn what_is_over_is_not_withdrawn(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    issue(&app, &number).await;
    app.drain().await;
    let path = consent(&mut b, "certificate").await;
    app.clock.advance(chrono::Duration::days(15));
    let mut b = app.resident("13600008841").await;
    b.get("/me/kept").await.expect(200).hides("/me/consents/certificate-");
    b.get(&path).await.expect(404);
    b.post(&path, &[]).await.expect(404);
    assert_eq!(certificate(&mut b).await["state"], "expired");
    withdraw(&mut b, "declaration", "没有还算数的返岗证明").await;
    assert_eq!(certificate(&mut b).await["state"], "expired", "it ended by itself before");
    app.drain().await;
    assert_eq!(told(&app, "返岗证明已失效"), 0);
    app.stop().await;
}

/// A list of declarations shows a hundred; consents and the copy of one's data end with no number.
async fn the_oldest_of_many_is_withdrawn_too(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    issue(&app, &number).await;
    app.drain().await;
    let path = consent(&mut b, "declaration").await;
    let mut whole = body("王小明");
    (whole["document_number"], whole["travel"]) = (json!(DOCUMENT), json!([]));
    for n in 0..100 {
        app.clock.advance(chrono::Duration::seconds(1));
        if n % 15 == 0 {
            // As if it were another day: nobody sends so many in one.
            let clear =
                |tx: &mut Tx<'_>| Ok(diesel::sql_query("DELETE FROM rate_counters").execute(tx.conn())?);
            app.deps.store.write(clear).await.unwrap();
        }
        let next = b.api(Method::POST, "/api/v1/declarations", &whole).await.expect(201).json();
        let withdrawn = format!("/api/v1/declarations/{}/withdraw", next["number"].as_str().unwrap());
        b.api(Method::POST, &withdrawn, &json!({"version": next["version"]})).await.expect(200);
    }
    let copy = b.get("/me/data/download").await.expect(200).json();
    let given = copy["consents"]["given"].as_array().unwrap();
    assert!(given.iter().any(|g| g["number"] == number.as_str()), "the copy has all");
    assert_eq!(copy["declarations"]["sent"].as_array().unwrap().len(), 101);
    b.get(&path).await.expect(200).shows("证明马上失效");
    b.post(&path, &[]).await.leads_to("/me/kept");
    assert_eq!(certificate(&mut b).await["state"], "revoked");
    app.drain().await;
    app.stop().await;
}

async fn sharing_and_email_end(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    crate::world::accounts::name_email(&app, &mut b, "wang@example.cn").await;
    app.drain().await;
    withdraw(&mut b, "share", "今后开通了也不发送").await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let desk = format!("/desk/declarations/{number}");
    worker.get(&desk).await.expect(200).shows("今后发给目的地省份").shows("36.5");
    let seen = worker.api_get(&format!("/api/v1{desk}")).await.expect(200).json();
    assert!(seen["share_withdrawn_at"].is_string() && seen["state"] == "submitted", "{seen}");
    app.drain().await;
    let mails = app.deps.mail.sent().len();
    withdraw(&mut b, "email", "不再发邮件").await;
    app.drain().await;
    assert_eq!(app.deps.mail.sent().len(), mails, "nothing goes by e-mail any more");
    assert_eq!(told(&app, "你的邮箱已删除"), 1);
    b.get("/me/contact").await.expect(200).hides("wang@example.cn");
    app.stop().await;
}

async fn the_copy_has_them(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    app.drain().await;
    let copy = b.get("/me/data/download").await.expect(200).json();
    let given = copy["consents"]["given"].as_array().unwrap();
    let found: Vec<_> = given.iter().map(|g| (g["kind"].as_str().unwrap(), g["number"].as_str())).collect();
    assert_eq!(found, [("declaration", Some(number.as_str())), ("share", Some(&number))]);
    assert_eq!(given[0]["text"], fugong::agreed::DECLARATION);
    app.stop().await;
}
