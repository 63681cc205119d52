//! By a program: the addresses of the pages answer what they show, and take their forms.

use super::{MOTHER, SON, code, question, somebody};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use reqwest::Method;
use serde_json::json;

on_both!(a_program_asks_agrees_acts_and_ends);

/// Sends a form with what the JSON of its page says.
async fn send(b: &mut Browser, page: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
    let shown = b.api_get(page).await.expect(200);
    let token = shown.headers["x-csrf-token"].to_str().unwrap().to_owned();
    let pairs = [fields, &[("_csrf", token.as_str())]].concat();
    let body = serde_urlencoded::to_string(pairs).unwrap().into_bytes();
    let kind = [("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
    b.request(Method::POST, to, &kind, Some(body)).await
}

async fn a_program_asks_agrees_acts_and_ends(app: App) {
    let (mut son, mut mother) = (somebody(&app, SON).await, somebody(&app, MOTHER).await);
    let (son, mother) = (&mut son.browser, &mut mother.browser);
    let asked = question("family", MOTHER.1, MOTHER.2, "own");
    let wrong = send(son, "/me/for/new", "/me/for/new", &asked[..4]).await.expect(422).json();
    assert_eq!(wrong["errors"][0]["field"], "way");
    send(son, "/me/for/new", "/me/for/new", &asked).await.leads_to("/me/for");
    let list = son.api_get("/me/for").await.expect(200).json();
    assert_eq!((&list["mine"][0]["state"], &list["most"]), (&json!("asked"), &json!(5)));
    let number = list["mine"][0]["number"].as_str().unwrap().to_owned();
    // A telephone gets a code a minute.
    app.clock.advance(chrono::Duration::minutes(2));
    let page = format!("/me/for/asked/{number}");
    assert_eq!(mother.api_get("/me/for").await.expect(200).json()["others"][0]["number"], json!(number));
    send(mother, &page, &format!("{page}/code"), &[]).await.leads_to(&page);
    let code = code(&app, MOTHER.0).await;
    let agrees = [("do", "agree"), ("code", code.as_str()), ("agree", "yes")];
    send(mother, &page, &page, &agrees).await.leads_to(&page);
    assert_eq!(mother.api_get(&page).await.expect(200).json()["p"]["state"], "granted");
    // The mode, in which nobody else's consents are shown.
    send(son, "/me/for", &format!("/me/for/{number}/begin"), &[]).await.leads_to("/");
    let acting = son.api_get("/me/for").await.expect(200).json();
    assert_eq!((&acting["others"], &acting["mine"][0]["state"]), (&json!([]), &json!("granted")));
    send(son, "/me/for", "/me/for/leave", &[]).await.leads_to("/me/for");
    send(mother, &page, &page, &[("do", "end")]).await.leads_to(&page);
    let over = son.api_get("/me/for").await.expect(200).json();
    assert_eq!((&over["mine"][0]["state"], &over["mine"][0]["open"]), (&json!("ended"), &json!(false)));
    app.stop().await;
}
