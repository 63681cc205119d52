//! Page and program are told the same of a code: of one's own, at the desk, on paper, and of an appeal.

use super::appeals::{CONTACT, appeal};
use super::ends::red;
use super::{DOCUMENT, declared_resident};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use fugong::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    the_code_and_its_reasons_are_told_as_shown,
    the_desk_is_told_by_the_form_what_its_page_shows,
    an_appeal_is_told_to_its_resident_and_to_its_reviewer,
);

/// What stands at these places of the JSON of an address, which has to stand on its page, too.
async fn told(b: &mut Browser, path: &str, places: &[&str]) -> Value {
    let json = b.api_get(path).await.expect(200).json();
    let page = b.get(path).await.expect(200);
    shows_all(&page, &json, places);
    json
}

fn shows_all(page: &Answer, json: &Value, places: &[&str]) {
    // A page keeps a masked number on one line.
    let shown = page.body.replace('\u{a0}', " ");
    for place in places {
        let value = json.pointer(place).unwrap_or_else(|| panic!("{place} is not in {json}"));
        let text = value.as_str().unwrap_or_else(|| panic!("{place} is no text: {value}"));
        assert!(!text.is_empty() && shown.contains(text), "{place}: {text:?} is not on the page");
    }
}

async fn the_code_and_its_reasons_are_told_as_shown(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let places = ["/card/word", "/card/name", "/card/document", "/card/until", "/code/reason"];
    let green = told(&mut b, "/code", &places).await;
    assert_eq!((&green["code"]["state"], &green["pending"]), (&"green".into(), &Value::Null));
    assert!(green["card"]["qr"].as_str().unwrap().starts_with("<svg"));
    told(&mut b, "/code/why", &["/word", "/facts/0/label", "/facts/0/value", "/raw/0/value", "/digest"])
        .await;
    red(&app).await;
    let reasons = ["/card/word", "/code/causes/0/title", "/code/causes/0/reason", "/code/causes/0/authority"];
    let red = told(&mut b, "/code", &reasons).await;
    assert_eq!(red["code"]["state"], "red");
    let why = ["/word", "/causes/0/title", "/changes/0/title", "/digest"];
    let why = told(&mut b, "/code/why", &why).await;
    // What an authority has recorded stands with its reason; nothing that was declared was read for it.
    assert_eq!((&why["facts"], &why["raw"]), (&json!([]), &json!([])));
    // Whoever has no code is told so in the same shape.
    let mut other = app.resident("13800000003").await;
    let none = told(&mut other, "/code", &["/card/word", "/code/reason"]).await;
    assert_eq!((&none["code"]["declare"], &none["card"]["qr"]), (&true.into(), &"".into()));
    app.stop().await;
}

/// Sends a form as a program with a cookie does, and as a browser.
async fn sent(b: &mut Browser, path: &str, fields: &[(&str, &str)]) -> (Answer, Answer) {
    let token = b.get(path).await.expect(200).input("_csrf").unwrap();
    let form = [("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
    let all: Vec<_> = fields.iter().copied().chain([("_csrf", token.as_str())]).collect();
    let body = serde_urlencoded::to_string(&all).unwrap().into_bytes();
    let json = b.request(Method::POST, path, &form, Some(body)).await;
    b.get(path).await.expect(200);
    (json, b.post(path, fields).await)
}

async fn the_desk_is_told_by_the_form_what_its_page_shows(app: App) {
    declared_resident(&app, "13800000001").await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let asked = [("doc_kind", "id_card"), ("doc_number", DOCUMENT)];
    let (json, page) = sent(&mut worker, "/desk/codes", &asked).await;
    let found = json.expect(200).json();
    let places = ["/found/word", "/found/name", "/found/document", "/found/code/reason", "/found/person"];
    shows_all(&page.expect(200), &found, &places);
    let paper = [("person", found["found"]["person"].as_str().unwrap())];
    worker.get("/desk/codes").await.expect(200);
    let path =
        worker.post("/desk/codes/print", &paper).await.leads_to("/desk/codes/print/").location().to_owned();
    told(&mut worker, &path, &["/paper/word", "/paper/name", "/paper/until", "/paper/reason"]).await;
    let wrong = [("doc_kind", "id_card"), ("doc_number", "360426199101010071")];
    let (json, page) = sent(&mut worker, "/desk/codes", &wrong).await;
    let refused = json.expect(404).json();
    assert_eq!((&refused["status"], &refused["errors"][0]["field"]), (&json!(404), &json!("doc_number")));
    shows_all(&page.expect(404), &refused, &["/errors/0/message"]);
    app.stop().await;
}

async fn an_appeal_is_told_to_its_resident_and_to_its_reviewer(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    red(&app).await;
    let form = told(&mut b, "/code/appeal", &["/causes/0/label", "/causes/0/hint"]).await;
    assert_eq!(form["rows"].as_array().unwrap().len(), 0);
    let number = appeal(&mut b, CONTACT).await;
    let own = ["/a/number", "/a/cause/title", "/a/cause/reason", "/present/word"];
    let shown = told(&mut b, &format!("/code/appeals/{number}"), &own).await;
    assert_eq!((&shown["a"]["state"], &shown["adding"]), (&"submitted".into(), &true.into()));
    let mut reviewer = app.official(Role::AppealReviewer, "511621").await;
    let path = format!("/desk/appeals/{number}");
    let places =
        ["/name", "/document", "/a/word", "/a/cause/title", "/evidence/0/source", "/actions/0/label"];
    let case = told(&mut reviewer, &path, &places).await;
    // What would be told is shown to a program as on the page, and nothing is done.
    let version = case["a"]["version"].to_string();
    let fields = [
        ("version", version.as_str()),
        ("action", "uphold"),
        ("reason", "流调报告属实"),
        ("remedy", "可以申请行政复议"),
        ("preview", "yes"),
    ];
    let (json, page) = sent(&mut reviewer, &path, &fields).await;
    let foreseen = json.expect(200).json();
    shows_all(&page.expect(200), &foreseen, &["/preview/messages/0/ways"]);
    assert_eq!(foreseen["a"]["version"], case["a"]["version"]);
    let (json, _) = sent(&mut reviewer, &path, &fields[..2]).await;
    assert_eq!(json.expect(422).json()["errors"][0]["field"], "reason");
    app.stop().await;
}
