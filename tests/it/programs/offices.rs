//! An administrator, a new official, an auditor.

use super::{COUNTY, as_program, declared, faults, program, resident};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::people::{document, totp};
use crate::on_both;
use chrono::Duration;
use fugong::access::Role;
use fugong::jobs::Job;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    an_administrator_hires_and_the_official_enrols,
    an_administrator_reaches_no_further_than_the_jurisdiction,
    an_auditor_reads_the_record,
);

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
        .map(|m| ["已开通", "岗位已结束", "已停用", "已重置"].iter().position(|word| m.text.contains(word)))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [Some(0), Some(1), Some(2), Some(3)]);
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
    fugong::audit::Signing.run(app.deps.clone()).await.unwrap();
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
