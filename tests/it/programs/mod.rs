//! Journeys by the JSON interface alone: a resident, the village worker and the doctor, an administrator and the new
//! official, an auditor. What the pages say of the same things is tested with the pages.

mod enterprise;
mod health;
mod offices;

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::world::declarations::town;
use fugong::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

const COUNTY: &str = "511621";
const PHONE: &str = "13600008841";

fn declaration() -> Value {
    json!({
        "name": "阿依古丽·买买提", "document_kind": "id_card", "document_number": "360426199101010071",
        "household": {"division": COUNTY, "address": "九龙街道 1 号"},
        "present": {"division": town(), "address": "东外街 118 号"},
        "phone": PHONE, "conditions": [], "temperature_tenths": 365, "symptoms": [], "contact": false,
        "travel": [], "coresidents": "ill", "isolation": false, "diagnosed": false, "vaccination": "none",
        "test": "none", "destination": {"division": "440306", "employer": "厂", "transport": "train",
            "day": "2020-03-15"},
        "truth": true, "share": true,
    })
}

/// Somebody of the desk, as a program: a bearer token, and no page was opened.
async fn program(app: &App, role: Role, division: &str) -> Browser {
    as_program(app, &app.official(role, division).await)
}

fn as_program(app: &App, browser: &Browser) -> Browser {
    let mut program = app.browser();
    program.bearer = browser.cookies().values().next().cloned();
    program
}

pub async fn resident(app: &App) -> Browser {
    as_program(app, &app.resident(PHONE).await)
}

pub async fn declared(who: &mut Browser) -> String {
    let made = who.api(Method::POST, "/api/v1/declarations", &declaration()).await.expect(201).json();
    made["number"].as_str().unwrap().to_owned()
}

async fn act(who: &mut Browser, number: &str, action: &str, body: Value) -> Answer {
    who.api(Method::POST, &format!("/api/v1/desk/declarations/{number}/actions/{action}"), &body).await
}

/// Field and code of every error.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let problem = answer.json();
    let text = |e: &Value, name: &str| e[name].as_str().unwrap().to_owned();
    problem["errors"].as_array().unwrap().iter().map(|e| (text(e, "field"), text(e, "code"))).collect()
}
