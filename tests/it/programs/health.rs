//! Declarations, the desk that checks them, what a resident sees, a claim that the counter settles.

use super::{COUNTY, act, as_program, declaration, declared, faults, program, resident};
use crate::harness::App;
use crate::on_both;
use fugong::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_declaration_is_checked_and_confirmed,
    a_desk_is_told_what_is_wrong_and_who_was_faster,
    a_resident_sees_their_things,
    a_claim_is_settled_at_the_counter,
);

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
    let many = json!({"version": seen, "reason": "x", "items": vec!["y"; 51]});
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
