//! Certificates follow the colour: nobody is told that a certificate holds while its holder's code is red.

use super::DOCUMENT;
use super::ends::{end, red};
use crate::declarations::{decide, declare, issue};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use fugong::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_red_code_suspends_the_certificate_and_its_end_gives_it_back,
    what_ends_while_it_is_suspended_tells_its_own_reason,
    no_certificate_beside_a_red_code,
);

async fn held(b: &mut Browser) -> Value {
    b.api_get("/api/v1/certificates").await.expect(200).json()[0].clone()
}

async fn verdict(app: &App, token: &Value) -> String {
    let mut gate = app.browser();
    let answer = gate.api(Method::POST, "/api/v1/verify", &json!({"text": token})).await.expect(200);
    answer.json()["verdict"].as_str().unwrap().to_owned()
}

async fn a_red_code_suspends_the_certificate_and_its_end_gives_it_back(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    issue(&app, &number).await;
    app.drain().await;
    let before = held(&mut b).await;
    let (certificate, token) = (before["number"].as_str().unwrap().to_owned(), &before["token"]);
    assert_eq!((before["state"].as_str(), verdict(&app, token).await.as_str()), (Some("valid"), "valid"));

    let (mut first, mut second) = red(&app).await;
    let now = held(&mut b).await;
    assert_eq!((&now["state"], &now["token"]), (&json!("suspended"), &Value::Null));
    assert_eq!(now["causes"][0]["rule"], "red.close-contact");
    assert_eq!(verdict(&app, token).await, "suspended");
    let mut gate = app.browser();
    gate.get("/verify").await.expect(200);
    let shown = gate.post("/verify", &[("text", token.as_str().unwrap())]).await.expect(200);
    shown.shows("暂停使用").shows("我的码").hides("密切接触").hides("红码");
    let page = format!("/certificates/{certificate}");
    b.get(&page).await.expect(200).shows("暂停使用").shows("密切接触").shows("自动恢复").hides("HC1:");
    b.get(&format!("{page}/print")).await.expect(409);
    b.get(&format!("{page}/png")).await.expect(409);
    b.get(&format!("{page}/text")).await.expect(200).hides("HC1:");
    b.get("/me/messages").await.expect(200).shows(&format!("返岗证明 {certificate} 暂停使用"));
    let mut doctor = app.official(Role::Doctor, "511621").await;
    doctor.get("/desk/certificates?state=suspended").await.expect(200).shows(&certificate);
    doctor.get("/desk/certificates?state=valid").await.expect(200).hides(&certificate);
    doctor.get(&format!("/desk/certificates/{certificate}")).await.expect(200).shows("密切接触");

    // The same cause again changes nothing and tells nobody twice.
    let told = |app: &App| app.deps.sms.sent().iter().filter(|m| m.text.contains("暂停使用")).count();
    assert_eq!(told(&app), 1);
    app.tick().await;
    assert_eq!((told(&app), held(&mut b).await["state"].as_str()), (1, Some("suspended")));

    end(&mut first, &mut second).await;
    app.drain().await;
    let after = held(&mut b).await;
    assert_eq!((after["state"].as_str(), &after["token"]), (Some("valid"), token));
    assert_eq!(after["causes"], Value::Null);
    assert_eq!(verdict(&app, token).await, "valid");
    b.get("/me/messages").await.expect(200).shows(&format!("返岗证明 {certificate} 已恢复使用"));
    app.stop().await;
}

/// A doctor's reason stands before the causes of the colour, and what ended does not come back.
async fn what_ends_while_it_is_suspended_tells_its_own_reason(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    issue(&app, &number).await;
    app.drain().await;
    let certificate = held(&mut b).await["number"].as_str().unwrap().to_owned();
    let (mut first, mut second) = red(&app).await;
    assert_eq!(held(&mut b).await["state"], "suspended");

    let mut doctor = app.official(Role::Doctor, "511621").await;
    let desk = format!("/desk/certificates/{certificate}");
    let version = doctor.get(&desk).await.expect(200).input("version").unwrap();
    let why = [("version", version.as_str()), ("reason", "复查时发热"), ("remedy", "退热三天后重新申报")];
    doctor.post(&format!("{desk}/revoke"), &why).await.leads_to(&desk);
    doctor.get(&desk).await.expect(200).shows("复查时发热").hides("密切接触");
    let page = b.get(&format!("/certificates/{certificate}")).await.expect(200);
    page.shows("复查时发热").shows("退热三天后重新申报").shows("tel:").hides("密切接触");
    let over = held(&mut b).await;
    assert_eq!((&over["state"], &over["suspended_at"]), (&json!("revoked"), &Value::Null), "{over}");
    assert_eq!(over["causes"], Value::Null);
    let copy = b.get("/me/data/download").await.expect(200).json()["certificates"][0].clone();
    assert_eq!((&copy["suspended_at"], &copy["ending"]["reason"]), (&Value::Null, &json!("复查时发热")));

    end(&mut first, &mut second).await;
    app.drain().await;
    assert_eq!(held(&mut b).await["state"], "revoked");
    app.stop().await;
}

async fn no_certificate_beside_a_red_code(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    app.drain().await;
    let (mut first, mut second) = red(&app).await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    decide(&mut worker, &number, &[("action", "check")]).await.leads_to("/desk/declarations/");
    let mut doctor = app.official(Role::Doctor, "511621").await;
    let case = doctor.get(&format!("/desk/declarations/{number}")).await.expect(200);
    case.shows("现在的健康码").shows("红码").shows("密切接触者").shows("不能开证明");
    let seen = doctor.api_get(&format!("/api/v1/desk/declarations/{number}")).await.expect(200).json();
    assert_eq!(seen["present"]["colour"], "red");
    assert_eq!(seen["present"]["certificate_possible"], false);
    let confirm = [("action", "confirm"), ("temperature", "36.6"), ("conclusion", "no-abnormality")];
    decide(&mut doctor, &number, &confirm).await.expect(409).shows("不能开证明");
    assert_eq!(b.api_get("/api/v1/certificates").await.expect(200).json(), json!([]));
    let state = doctor.api_get(&format!("/api/v1/desk/declarations/{number}")).await.expect(200).json();
    assert_eq!(state["state"], "community-checked", "a refused confirmation leaves nothing behind");

    end(&mut first, &mut second).await;
    app.drain().await;
    decide(&mut doctor, &number, &confirm).await.leads_to("/desk/declarations/");
    assert_eq!(held(&mut b).await["state"], "valid");
    app.stop().await;
}
