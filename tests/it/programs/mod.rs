//! Journeys by the JSON interface alone: a resident, the village worker and the doctor, an administrator and the new
//! official, an auditor. What the pages say of the same things is tested with the pages.

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::harness::people::{document, totp};
use crate::on_both;
use crate::world::declarations::town;
use chrono::Duration;
use fugong::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_declaration_is_checked_and_confirmed,
    a_desk_is_told_what_is_wrong_and_who_was_faster,
    a_resident_sees_their_things,
    an_administrator_hires_and_the_official_enrols,
    an_administrator_reaches_no_further_than_the_jurisdiction,
    an_auditor_reads_the_record,
    an_enterprise_gets_its_permit,
    a_claim_is_settled_at_the_counter,
);

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

async fn a_declaration_is_checked_and_confirmed(app: App) {
    let mut owner = resident(&app).await;
    let number = declared(&mut owner).await;
    let mut worker = program(&app, Role::VillageWorker, COUNTY).await;
    let list = worker.api_get("/api/v1/desk/declarations").await.expect(200).json();
    assert_eq!(list["tab"], "submitted");
    assert_eq!(list["counts"]["submitted"], json!({"count": 1, "more": false}));
    let row = &list["declarations"][0];
    assert_eq!((row["number"].as_str(), row["concern"].as_bool()), (Some(number.as_str()), Some(true)));
    assert_eq!(row["name"], "阿依古丽·买买提");
    assert_ne!(row["document"], "360426199101010071", "the document is masked in a list");
    let found = worker
        .api(Method::POST, "/api/v1/desk/declarations/search", &json!({"q": "阿依古丽·买买提"}))
        .await
        .expect(200)
        .json();
    assert_eq!((&found["declarations"][0]["number"], &found["tab"]), (&json!(number), &Value::Null));
    let blank =
        worker.api(Method::POST, "/api/v1/desk/declarations/search", &json!({"q": "  "})).await.expect(422);
    assert_eq!(faults(&blank), [("q".to_owned(), "required".to_owned())]);
    let path = format!("/api/v1/desk/declarations/{number}");
    let case = worker.api_get(&path).await.expect(200).json();
    assert_eq!(case["answers"]["coresidents"], json!("ill"));
    assert_eq!(case["actions"], json!(["check", "return"]));
    let version = &case["version"];
    let done = act(&mut worker, &number, "check", json!({"version": version, "note": "电话核对"})).await;
    assert_eq!(done.expect(200).json()["state"], "community-checked");

    let mut doctor = program(&app, Role::Doctor, COUNTY).await;
    let list = doctor.api_get("/api/v1/desk/declarations").await.expect(200).json();
    assert_eq!(list["tab"], "checked");
    let version = &list["declarations"][0]["version"];
    let finding = json!({"version": version, "temperature_tenths": 366, "conclusion": "no-abnormality"});
    let done = act(&mut doctor, &number, "confirm", finding).await.expect(200).json();
    assert_eq!(done["state"], "certificate-issued");
    let case = doctor.api_get(&path).await.expect(200).json();
    assert_eq!(case["certificate"], done["certificate"]);
    assert_eq!(case["actions"], json!([]), "nothing is left to decide");
    let steps: Vec<&str> =
        case["events"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(steps, ["issue", "confirm", "check", "submit"]);
    assert_eq!(case["events"][2]["note"], "电话核对");
    let theirs = owner.api_get("/api/v1/certificates").await.expect(200).json();
    assert_eq!(theirs[0]["number"], done["certificate"]);
    app.stop().await;
}

async fn a_desk_is_told_what_is_wrong_and_who_was_faster(app: App) {
    let mut owner = resident(&app).await;
    let number = declared(&mut owner).await;
    let mut worker = program(&app, Role::VillageWorker, COUNTY).await;
    let path = format!("/api/v1/desk/declarations/{number}");
    let seen = worker.api_get(&path).await.expect(200).json()["version"].clone();
    // What lies elsewhere is not there, whatever is sent.
    let mut elsewhere = program(&app, Role::VillageWorker, "510104").await;
    elsewhere.api_get(&path).await.expect(404);
    act(&mut elsewhere, &number, "check", json!({"version": seen})).await.expect(404);
    act(&mut elsewhere, &number, "return", json!({"version": seen})).await.expect(404);
    act(&mut worker, &number, "issue", json!({"version": seen})).await.expect(404);
    owner.api_get(&path).await.expect(404);
    let said = act(&mut worker, &number, "return", json!({"version": seen})).await.expect(422);
    let missing = |field: &str| (field.to_owned(), "required".to_owned());
    assert_eq!(faults(&said), [missing("reason"), missing("items")]);
    let many = json!({"version": seen, "reason": "x", "items": vec!["y"; 21]});
    assert_eq!(faults(&act(&mut worker, &number, "return", many).await.expect(422))[0].0, "items");
    act(&mut worker, &number, "check", json!({"version": seen, "colour": "green"})).await.expect(422);
    // The same decision sent twice is one; another with the same key is refused.
    let key = uuid::Uuid::now_v7().to_string();
    let sent = |body: &Value| {
        let headers = [
            ("accept".to_owned(), "application/json".to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
            ("idempotency-key".to_owned(), key.clone()),
        ];
        (headers, body.to_string().into_bytes())
    };
    let check = format!("{path}/actions/check");
    let mut answers = Vec::new();
    for body in [json!({"version": seen}), json!({"version": seen}), json!({"version": seen, "note": "x"})] {
        let (headers, bytes) = sent(&body);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let quoted = format!("\"{key}\"");
        let headers: Vec<(&str, &str)> = match answers.len() {
            1 => headers
                .iter()
                .map(|(n, v)| (*n, if *n == "idempotency-key" { quoted.as_str() } else { *v }))
                .collect(),
            _ => headers,
        };
        answers.push(worker.request(Method::POST, &check, &headers, Some(bytes)).await);
    }
    assert_eq!(answers[0].status, 200, "{}", answers[0].body);
    assert_eq!(answers[0].body, answers[1].body);
    assert_eq!(answers[2].status, 422, "another content under the same key");
    let late =
        act(&mut worker, &number, "return", json!({"version": seen, "reason": "x", "items": ["y"]})).await;
    assert_eq!(late.expect(409).problem(), "changed-meanwhile");
    let mut doctor = program(&app, Role::Doctor, COUNTY).await;
    let seen = doctor.api_get(&path).await.expect(200).json()["version"].clone();
    let wrong = json!({"version": seen, "temperature_tenths": 1366, "conclusion": "well"});
    let mut said = faults(&act(&mut doctor, &number, "confirm", wrong).await.expect(422));
    said.sort();
    assert_eq!(
        said.iter().map(|(f, _)| f.as_str()).collect::<Vec<_>>(),
        ["conclusion", "temperature_tenths"]
    );
    app.stop().await;
}

async fn a_resident_sees_their_things(app: App) {
    let mut owner = resident(&app).await;
    let me = owner.api_get("/api/v1/me").await.expect(200).json();
    assert_eq!((&me["person"], &me["notice_read"]), (&Value::Null, &json!(true)));
    let number = declared(&mut owner).await;
    let me = owner.api_get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["person"]["level"], "self_stated");
    assert!(!me.to_string().contains("360426199101010071"), "{me}");
    let mut worker = program(&app, Role::VillageWorker, COUNTY).await;
    worker.api_get(&format!("/api/v1/desk/declarations/{number}")).await.expect(200);
    let looks = owner.api_get("/api/v1/me/access").await.expect(200).json();
    assert_eq!(looks["looks"][0]["action"], "declaration.view");
    assert!(looks["looks"][0]["office"].as_str().unwrap().contains("岳池"), "{looks}");
    let messages = owner.api_get("/api/v1/me/messages").await.expect(200).json();
    let first = &messages["messages"][0];
    assert!(first["text"].as_str().unwrap().contains(&number), "{messages}");
    assert_eq!(first["read"], false);
    let read = format!("/api/v1/me/messages/{}/read", first["id"].as_str().unwrap());
    owner.api(Method::POST, &read, &Value::Null).await.expect(204);
    assert_eq!(owner.api_get("/api/v1/me/messages").await.json()["messages"][0]["read"], true);
    // Another's message is not there.
    let mut other = as_program(&app, &app.resident("13600008842").await);
    other.api(Method::POST, &read, &Value::Null).await.expect(404);
    // A second session sees the first and ends it.
    let mut second = resident(&app).await;
    let sessions = second.api_get("/api/v1/me/sessions").await.expect(200).json();
    let sessions = sessions.as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let first = sessions.iter().find(|s| s["current"] == false).unwrap();
    let path = format!("/api/v1/me/sessions/{}", first["id"].as_str().unwrap());
    other.api(Method::DELETE, &path, &Value::Null).await.expect(404);
    second.api(Method::DELETE, &path, &Value::Null).await.expect(204);
    second.api(Method::DELETE, &path, &Value::Null).await.expect(404);
    owner.api_get("/api/v1/me").await.expect(401);
    app.stop().await;
}

/// A change by a browser's cookie without the page's token is refused, also when it has no body.
async fn without_token(app: &App, browser: &Browser, path: &str) {
    let mut thief = app.browser();
    for (name, value) in browser.cookies() {
        thief.set_cookie(name, value);
    }
    thief.api(Method::POST, path, &Value::Null).await.expect(403);
}

async fn an_administrator_hires_and_the_official_enrols(app: App) {
    let staff = app.official_full(Role::Administrator, "510000").await;
    let mut admin = as_program(&app, &staff.browser);
    let office =
        json!({"name": "岳池县苟角镇卫生院", "kind": "health-centre", "division": COUNTY, "phone": "0826-1"});
    let made = admin.api(Method::POST, "/api/v1/admin/offices", &office).await.expect(201).json();
    let office_path = format!("/api/v1/admin/offices/{}", made["id"].as_str().unwrap());
    let seen = admin.api_get(&office_path).await.expect(200).json();
    assert_eq!((seen["name"].as_str(), seen["version"].as_i64()), (Some("岳池县苟角镇卫生院"), Some(1)));
    let mut changed = office.clone();
    changed["phone"] = json!("0826-2");
    admin.api(Method::PUT, &office_path, &changed).await.expect(422);
    changed["version"] = json!(1);
    let seen = admin.api(Method::PUT, &office_path, &changed).await.expect(200).json();
    assert_eq!((seen["phone"].as_str(), seen["version"].as_i64()), (Some("0826-2"), Some(2)));
    assert_eq!(
        admin.api(Method::PUT, &office_path, &changed).await.expect(409).problem(),
        "changed-meanwhile"
    );

    let right = json!({"role": "doctor", "office": made["id"], "division": COUNTY});
    let number = document().number().to_owned();
    let new = json!({"login": "Cao.Min", "name": "曹敏", "document_number": number, "phone": "13900139777", "right": right});
    let first = admin.api(Method::POST, "/api/v1/admin/officials", &new).await.expect(201).json();
    assert_eq!(first["login"], "cao.min");
    let again = admin.api(Method::POST, "/api/v1/admin/officials", &new).await.expect(422);
    assert_eq!(faults(&again), [("document_number".to_owned(), "official-known".to_owned())]);
    let mut other = new.clone();
    other["document_number"] = json!(document().number());
    let again = admin.api(Method::POST, "/api/v1/admin/officials", &other).await.expect(422);
    assert_eq!(faults(&again), [("login".to_owned(), "login-taken".to_owned())]);
    let list = admin.api_get("/api/v1/admin/officials?q=cao").await.expect(200).json();
    assert_eq!(list["officials"][0]["state"], "new");
    enrol(&app, &first).await;

    let path = format!("/api/v1/admin/officials/{}", first["id"].as_str().unwrap());
    let substitute =
        json!({"role": "county-desk", "office": made["id"], "division": COUNTY, "substitute": staff.login});
    let said = admin.api(Method::POST, &format!("{path}/assignments"), &substitute).await.expect(422);
    assert_eq!(faults(&said), [("to".to_owned(), "substitute-dated".to_owned())]);
    for far in ["-262143-01-01", "-5000-01-01", "9999-01-01"] {
        let right = json!({"role": "doctor", "office": made["id"], "division": COUNTY, "from": far});
        let said = admin.api(Method::POST, &format!("{path}/assignments"), &right).await.expect(422);
        assert_eq!(faults(&said)[0].0, "from");
    }
    let second = json!({"role": "county-desk", "office": made["id"], "division": COUNTY, "to": "2020-03-20"});
    let post = admin.api(Method::POST, &format!("{path}/assignments"), &second).await.expect(201).json();
    let detail = admin.api_get(&path).await.expect(200).json();
    assert_eq!((detail["assignments"].as_array().unwrap().len(), &detail["state"]), (2, &json!("active")));
    let ended = format!("{path}/assignments/{}/end", post["id"].as_str().unwrap());
    let action = |name: &str| format!("{path}/actions/{name}");
    let (why, none) = (json!({"reason": "已调离"}), json!({"reason": " "}));
    for (act, unexplained) in [(&ended, &none), (&action("disable"), &json!({})), (&action("reset"), &none)] {
        let said = admin.api(Method::POST, act, unexplained).await.expect(422);
        assert_eq!(faults(&said), [("reason".to_owned(), "required".to_owned())]);
    }
    admin.api(Method::POST, &ended, &why).await.expect(204);
    admin.api(Method::POST, &ended, &why).await.expect(404);
    without_token(&app, &staff.browser, &action("disable")).await;
    admin.api(Method::POST, &action("disable"), &why).await.expect(204);
    assert_eq!(admin.api_get(&path).await.json()["state"], "disabled");
    admin.api(Method::POST, &action("enable"), &json!({})).await.expect(204);
    let reset = admin.api(Method::POST, &action("reset"), &why).await.expect(200).json();
    assert_ne!(reset["password"], first["password"]);
    admin.api(Method::POST, &action("promote"), &why).await.expect(404);
    // Whoever it is about hears of each: a reset that nobody asked for is how a login is taken over.
    app.drain().await;
    let sent = app.deps.sms.sent();
    let told = sent.iter().filter(|m| m.to == "+8613900139777" && m.message == "official-changed");
    let mut told: Vec<_> = told
        .map(|m| ["岗位已结束", "已停用", "已重置"].iter().position(|word| m.text.contains(word)))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [Some(0), Some(1), Some(2)]);
    app.stop().await;
}

/// The first password, the second factor, and a session with it; nothing but JSON.
async fn enrol(app: &App, first: &Value) {
    const CHOSEN: &str = "秦时明月汉时关万里长征人";
    let mut new = app.browser();
    let both = json!({"login": first["login"], "password": first["password"], "code": "000000"});
    let early = new.api(Method::POST, "/api/v1/desk/sessions", &both).await.expect(409);
    assert_eq!(early.problem(), "enrol-first");
    let typed = json!({"login": first["login"], "password": first["password"]});
    let begun = new.api(Method::POST, "/api/v1/desk/enrolments", &typed).await.expect(201).json();
    let secret = begun["secret"].as_str().unwrap();
    assert!(begun["uri"].as_str().unwrap().contains(secret));
    let confirm = |ticket: &Value, password: &str, code: &str| json!({"ticket": ticket, "password": password, "code": code});
    let path = "/api/v1/desk/enrolments/confirm";
    let short = confirm(&begun["ticket"], "short", "000000");
    let said = new.api(Method::POST, path, &short).await.expect(422);
    assert_eq!(faults(&said).iter().map(|(f, _)| f.as_str()).collect::<Vec<_>>(), ["password", "code"]);
    let made_up = confirm(&json!("AAAA"), CHOSEN, "000000");
    assert_eq!(new.api(Method::POST, path, &made_up).await.expect(409).problem(), "enrolment-over");
    let right = confirm(&begun["ticket"], CHOSEN, &totp(secret, app));
    let codes = new.api(Method::POST, path, &right).await.expect(201).json();
    assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(new.api(Method::POST, path, &right).await.expect(409).problem(), "enrolment-over");
    app.clock.advance(Duration::seconds(30));
    let both = json!({"login": first["login"], "password": CHOSEN, "code": totp(secret, app)});
    let session = new.api(Method::POST, "/api/v1/desk/sessions", &both).await.expect(201).json();
    assert_eq!(session["role"], "doctor");
    let typed = json!({"login": first["login"], "password": CHOSEN});
    assert_eq!(
        new.api(Method::POST, "/api/v1/desk/enrolments", &typed).await.expect(409).problem(),
        "enrolled"
    );
    new.bearer = Some(session["token"].as_str().unwrap().to_owned());
    new.api_get("/api/v1/desk/declarations").await.expect(200);
    new.api_get("/api/v1/admin/officials").await.expect(404);
}

async fn an_administrator_reaches_no_further_than_the_jurisdiction(app: App) {
    let staff = app.official_full(Role::Administrator, COUNTY).await;
    let mut admin = as_program(&app, &staff.browser);
    let above = app.official_full(Role::Doctor, "510000").await;
    for path in ["officials", "offices"].map(|kind| {
        let id = if kind == "officials" { above.official } else { above.office };
        format!("/api/v1/admin/{kind}/{id}")
    }) {
        admin.api_get(&path).await.expect(404);
    }
    let office = json!({"name": "成都市锦江区卫生院", "kind": "health-centre", "division": "510104", "phone": "028-1"});
    let said = admin.api(Method::POST, "/api/v1/admin/offices", &office).await.expect(422);
    assert_eq!(faults(&said), [("division".to_owned(), "division-outside".to_owned())]);
    let right = json!({"role": "auditor", "office": staff.office, "division": COUNTY});
    let number = document().number().to_owned();
    let new = json!({"login": "somebody", "name": "曹敏", "document_number": number, "right": right});
    let said = admin.api(Method::POST, "/api/v1/admin/officials", &new).await.expect(422);
    assert_eq!(faults(&said), [("right.division".to_owned(), "role-province".to_owned())]);
    let own = format!("/api/v1/admin/officials/{}", staff.official);
    let gift = json!({"role": "doctor", "office": staff.office, "division": COUNTY});
    let said = admin.api(Method::POST, &format!("{own}/assignments"), &gift).await.expect(409);
    assert_eq!(said.problem(), "own-account", "nobody gives themself a right");
    admin.api(Method::POST, &format!("{own}/actions/reset"), &json!({"reason": "x"})).await.expect(409);
    // A fresh second factor is asked for, as on the pages.
    app.clock.advance(Duration::minutes(16));
    admin.api_get("/api/v1/admin/offices").await.expect(200);
    let late = admin.api(Method::POST, "/api/v1/admin/offices", &office).await.expect(401);
    assert_eq!(late.problem(), "step-up");
    admin.api_get(&own).await.expect(401);
    app.stop().await;
}

async fn an_auditor_reads_the_record(app: App) {
    let mut owner = resident(&app).await;
    declared(&mut owner).await;
    let mut auditor = program(&app, Role::Auditor, "510000").await;
    let query = "/api/v1/audit/entries?action=declaration.submit";
    let found = auditor.api_get(query).await.expect(200).json();
    let entry = &found["entries"][0];
    assert_eq!(
        (entry["action"].as_str(), entry["actor_kind"].as_str()),
        (Some("declaration.submit"), Some("resident"))
    );
    assert!(!found.to_string().contains("阿依古丽"), "no name is in the record");
    let path = format!("/api/v1/audit/entries/{}/{}", entry["lane"], entry["seq"]);
    let one = auditor.api_get(&path).await.expect(200).json();
    assert_eq!((&one["intact"], &one["follows"]), (&json!(true), &json!(true)));
    assert_eq!(one["standing"], "waiting", "no head was signed yet");
    fugong::audit::run(app.deps.clone(), Value::Null).await.unwrap();
    let one = auditor.api_get(&path).await.expect(200).json();
    assert_eq!(one["standing"], "included");
    assert!(one["proof"]["leaf"].is_string() && one["head"]["number"].is_i64(), "{one}");
    for day in ["yesterday", "-262143-01-01", "%2B262142-12-31"] {
        let said = auditor.api_get(&format!("/api/v1/audit/entries?from={day}")).await.expect(422);
        assert_eq!(faults(&said), [("from".to_owned(), "audit-day".to_owned())]);
    }
    auditor.api_get("/api/v1/audit/entries/0/99999").await.expect(404);
    let gone_through =
        auditor.api(Method::POST, "/api/v1/audit/verify", &Value::Null).await.expect(200).json();
    assert_eq!((&gone_through["findings"], &gone_through["found"]), (&json!(0), &json!([])));
    assert!(gone_through["entries"].as_i64().unwrap() > 3);
    // Every one of these looks is in the record, too.
    let looks = auditor.api_get("/api/v1/audit/entries?action=audit.").await.expect(200).json();
    let actions: Vec<&str> =
        looks["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["audit.verify", "audit.entry.view", "audit.entry.view", "audit.view"]);
    program(&app, Role::Doctor, COUNTY).await.api_get(query).await.expect(404);
    app.stop().await;
}

/// A decision of an office on an application; gives the state that it led to.
async fn rule(app: &App, role: Role, number: &str, action: &str, mut body: Value) -> String {
    let mut desk = program(app, role, COUNTY).await;
    let path = format!("/api/v1/desk/applications/{number}");
    let case = desk.api_get(&path).await.expect(200).json();
    let offered: Vec<&str> =
        case["actions"].as_array().unwrap().iter().map(|a| a["action"].as_str().unwrap()).collect();
    assert!(offered.contains(&action), "{role} {action}: {offered:?}");
    body["version"] = case["version"].clone();
    let done = desk.api(Method::POST, &format!("{path}/actions/{action}"), &body).await.expect(200).json();
    done["state"].as_str().unwrap().to_owned()
}

async fn an_enterprise_gets_its_permit(app: App) {
    crate::reopening::risk(&app, "medium").await;
    let mut owner = resident(&app).await;
    let plan = "每天两次测温，分餐，通风；何晓琴负责。";
    let whole = json!({
        "uscc": crate::reopening::uscc(false, 7), "name": "四川岳池渠江机械厂", "division": town(), "form": {
            "v": 1, "kind": "enterprise", "operator": "蒲国强", "operator_phone": "+8613800138222", "industry": "c",
            "scale": "medium", "premises": ["factory"], "address": "工业园区大道 66 号", "lead": "何晓琴",
            "lead_phone": "+8613800138333", "staff_total": 10, "returning": 1, "staff_done": true,
            "staff": [{"name": "𠮷㛃", "document_kind": "id_card", "document": "51162119900307132X", "origin": null}],
            "masks": 600, "disinfectant": 24, "thermometers": 2, "supply_days": 7,
            "isolation": "3 号楼 1 层", "prevention": plan, "emergency": plan, "commitment": true,
        },
    });
    let made = owner.api(Method::POST, "/api/v1/applications", &whole).await.expect(201).json();
    let number = made["number"].as_str().unwrap().to_owned();
    let own = format!("/api/v1/applications/{number}");
    // The counter has seen the originals.
    let mut counter = program(&app, Role::CountyDesk, COUNTY).await;
    let waiting = counter.api_get("/api/v1/desk/agents").await.expect(200).json();
    assert_eq!(waiting["agents"][0]["number"], made["agent"]["number"]);
    let right = format!("/api/v1/desk/agents/{}/actions", made["agent"]["number"].as_str().unwrap());
    let blind =
        counter.api(Method::POST, &format!("{right}/confirm"), &json!({"version": 1})).await.expect(422);
    assert_eq!(faults(&blind)[0].0, "proof");
    let seen = json!({"version": waiting["agents"][0]["version"], "proof": "legal-person"});
    let done = counter.api(Method::POST, &format!("{right}/confirm"), &seen).await.expect(200).json();
    assert_eq!(done["state"], "confirmed");
    counter.api(Method::POST, &format!("{right}/reject"), &seen).await.expect(409);

    let ready = json!({"version": made["version"], "commitment": true});
    owner.api(Method::POST, &format!("{own}/submit"), &ready).await.expect(200);
    let missing = json!({"items": ["食堂分餐安排"]});
    assert_eq!(rule(&app, Role::TownReviewer, &number, "request-correction", missing).await, "correction");
    let told = owner.api_get(&own).await.expect(200).json();
    assert_eq!(
        told["events"].as_array().unwrap().iter().filter(|e| e["action"] == "request-correction").count(),
        1
    );
    let again = json!({"version": told["version"], "commitment": true});
    owner.api(Method::POST, &format!("{own}/resubmit"), &again).await.expect(200);
    rule(&app, Role::TownReviewer, &number, "accept", json!({})).await;
    for role in [Role::HealthReviewer, Role::IndustryReviewer, Role::MarketReviewer] {
        rule(&app, role, &number, "agree", json!({})).await;
    }
    assert_eq!(rule(&app, Role::CountyDesk, &number, "approve", json!({})).await, "approved");
    let case = counter.api_get(&format!("/api/v1/desk/applications/{number}")).await.expect(200).json();
    for hidden in ["51162119900307132X", "13800138222", "13800138333"] {
        assert!(!case.to_string().contains(hidden), "documents and phones are masked for officials: {case}");
    }
    let agreed = case["opinions"].as_array().unwrap().iter().filter(|o| o["state"] == "agreed").count();
    assert_eq!(agreed, 3, "{case}");
    let permit = case["permit_number"].as_str().unwrap();
    app.browser().api_get(&format!("/api/v1/permits/{permit}")).await.expect(200);
    let mut elsewhere = program(&app, Role::CountyDesk, "510104").await;
    elsewhere.api_get(&format!("/api/v1/desk/applications/{number}")).await.expect(404);
    app.stop().await;
}

async fn a_claim_is_settled_at_the_counter(app: App) {
    const CARD: &str = "360426199101010071";
    let mut first = resident(&app).await;
    declared(&mut first).await;
    let mut second = as_program(&app, &app.resident("13600008842").await);
    let said = second.api(Method::POST, "/api/v1/declarations", &declaration()).await.expect(409);
    assert_eq!(said.problem(), "document-counter");
    let me = second.api_get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["claims"].as_array().unwrap().len(), 1, "{me}");

    let mut desk = program(&app, Role::VillageWorker, COUNTY).await;
    let waiting = desk.api_get("/api/v1/desk/claims").await.expect(200).json();
    let number = waiting["claims"][0]["number"].as_str().unwrap().to_owned();
    assert!(
        !waiting.to_string().contains(CARD) && !waiting.to_string().contains("阿依古丽·买买提"),
        "{waiting}"
    );
    let path = format!("/api/v1/desk/claims/{number}");
    let claim = desk.api_get(&path).await.expect(200).json();
    assert_eq!((&claim["state"], &claim["replaces"]), (&json!("open"), &json!(false)));
    let mut typed = json!({"version": claim["version"], "name": "阿依古丽·买买提", "document_number": CARD});
    let unseen = desk.api(Method::POST, &format!("{path}/actions/confirm"), &typed).await.expect(422);
    assert_eq!(faults(&unseen)[0].0, "seen");
    typed["seen"] = json!(true);
    typed["document_number"] = json!("11010519491231002X");
    let other = desk.api(Method::POST, &format!("{path}/actions/confirm"), &typed).await.expect(422);
    assert_eq!(faults(&other)[0].0, "document_number");
    typed["document_number"] = json!(CARD);
    desk.api(Method::POST, &format!("{path}/actions/confirm"), &typed).await.expect(204);
    desk.api(Method::POST, &format!("{path}/actions/confirm"), &typed).await.expect(409);
    assert_eq!(second.api_get("/api/v1/me").await.json()["person"]["document_kind"], "id_card");
    assert_eq!(first.api_get("/api/v1/me").await.json()["person"], Value::Null);
    app.stop().await;
}
