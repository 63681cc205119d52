//! How the tests declare: every page in its order, by a program, and what officials do with it.

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::world::declarations::Filled;
pub use crate::world::declarations::town;
use fugong::access::Role;
use serde_json::{Value, json};

/// A town of another county.
pub fn elsewhere() -> &'static str {
    "512021"
}

/// What is typed here instead of what the world types.
const TYPED: &[(&str, &str)] = &[
    ("household-address", "九龙街道 1 号"),
    ("present-address", "东外街 118 号"),
    ("phone", "１３６ 0000 8841"),
    ("temperature", "３６．５℃"),
    ("destination-division-1", "330000"),
    ("destination-division-2", "330200"),
    ("destination-division-3", "330212"),
    ("employer", "宁波某某机械厂"),
];

/// Every page of somebody from Yuechi with an identity card who was nowhere, in order.
pub fn pages(name: &str, number: &str) -> Vec<Filled> {
    let mut all = crate::world::declarations::pages(name, number);
    for (field, value) in all.iter_mut().flat_map(|(_, fields)| fields) {
        if let Some((_, typed)) = TYPED.iter().find(|(name, _)| name == field) {
            *value = (*typed).to_owned();
        }
    }
    all
}

/// What is promised and agreed to after checking.
pub fn promise() -> [(&'static str, String); 2] {
    [("truth", "yes".into()), ("share", "yes".into())]
}

pub async fn send(b: &mut Browser, path: &str, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    b.post(path, &fields).await
}

/// Fills every page; ends on check-your-answers.
pub async fn fill(b: &mut Browser, name: &str, number: &str) {
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

pub async fn submit(b: &mut Browser) -> String {
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
