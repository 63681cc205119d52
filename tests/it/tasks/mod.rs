//! Tasks: made once for a subject and a day, seen by those who do them, done with three taps or from paper; what a result
//! brings about is real.

mod paper;

use crate::declarations::{decide, declare};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use crate::world::tasks::newest_task;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Id;
use fugong::db::schema::{audit_entries, tasks};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_correction_that_nobody_sends_is_called_about_once,
    who_is_not_reached_is_called_again_and_then_looked_for,
    who_is_reached_gets_a_reminder,
    a_task_without_a_reason_is_closed,
    one_has_it_and_nobody_else_does_it_meanwhile,
    nobody_elsewhere_and_no_other_role_sees_it,
    the_list_is_filtered_and_late_ones_are_marked,
    a_double_click_gets_the_first_answer,
    a_task_is_given_to_a_colleague,
    nobody_gets_a_task_who_could_not_see_it,
    the_list_is_filtered_by_kind,
);

const COUNTY: &str = "511621";

/// A resident whose declaration was returned, its number, and the worker who returned it.
pub async fn returned(app: &App) -> (Browser, String, Browser) {
    let mut b = app.resident("13600008844").await;
    let number = declare(&mut b, "赵六", "360426199101010071").await;
    let mut worker = app.official(Role::VillageWorker, COUNTY).await;
    let back = [("action", "return"), ("reason", "地址不全"), ("items", "补上门牌号")];
    decide(&mut worker, &number, &back).await.leads_to("/desk/declarations/");
    app.drain().await;
    (b, number, worker)
}

/// The same three days and a bit later, with the call that was made; officials sign in anew.
pub async fn call(app: &App) -> (Browser, String, Browser, String) {
    let (_, number, _) = returned(app).await;
    app.clock.advance(Duration::days(3) + Duration::minutes(1));
    app.tick().await;
    let (b, worker) = (app.resident("13600008844").await, app.official(Role::VillageWorker, COUNTY).await);
    let task = newest_task(app).await;
    (b, number, worker, task)
}

async fn count(app: &App, kind: &'static str, state: &'static str) -> i64 {
    let count = app.deps.store.read(move |c| {
        let of = tasks::table.filter(tasks::kind.eq(kind)).filter(tasks::state.eq(state));
        Ok(of.count().get_result(c)?)
    });
    count.await.unwrap()
}

/// Opens it, chooses, sends.
async fn result(b: &mut Browser, task: &str, code: &str) {
    let path = format!("/desk/tasks/{task}");
    let page = b.get(&path).await.expect(200);
    let version = page.input("version").unwrap();
    b.post(&path, &[("version", &version), ("result", code), ("do", "result")]).await.leads_to("/desk/tasks");
}

async fn a_correction_that_nobody_sends_is_called_about_once(app: App) {
    let (_, _, _) = returned(&app).await;
    app.clock.advance(Duration::days(2));
    app.tick().await;
    assert_eq!(count(&app, "call-returned", "open").await, 0, "not before three days");
    app.clock.advance(Duration::days(1) + Duration::minutes(1));
    for _ in 0..3 {
        app.tick().await;
    }
    assert_eq!(count(&app, "call-returned", "open").await, 1);
    app.clock.advance(Duration::days(1));
    app.tick().await;
    assert_eq!(count(&app, "call-returned", "open").await, 1, "it waits, and another day makes no other");
    let mut worker = app.official(Role::VillageWorker, COUNTY).await;
    let task = newest_task(&app).await;
    let page = worker.get(&format!("/desk/tasks/{task}")).await.expect(200);
    page.shows("赵六").shows("13600008844").shows("电话提醒补正").shows("已超期");
    app.stop().await;
}

async fn who_is_not_reached_is_called_again_and_then_looked_for(app: App) {
    let (_, _, _, mut task) = call(&app).await;
    for nth in 1..=3 {
        let mut worker = app.official(Role::VillageWorker, COUNTY).await;
        result(&mut worker, &task, "unreached").await;
        assert_eq!(count(&app, "call-returned", "done").await, nth);
        if nth < 3 {
            task = newest_task(&app).await;
            let path = format!("/desk/tasks/{task}");
            let version = worker.get(&path).await.expect(200).input("version").unwrap();
            let early = [("version", version.as_str()), ("result", "unreached"), ("do", "result")];
            worker.post(&path, &early).await.expect(409).shows("一天只联系一次");
            app.clock.advance(Duration::days(1));
        }
    }
    assert_eq!(
        (count(&app, "call-returned", "open").await, count(&app, "find-returned", "open").await),
        (0, 1)
    );
    let task = newest_task(&app).await;
    let mut town = app.official(Role::TownReviewer, COUNTY).await;
    town.get("/desk/tasks").await.expect(200).shows("赵六").shows("查找补正申报的本人");
    result(&mut town, &task, "told").await;
    app.drain().await;
    assert!(app.deps.sms.sent().iter().any(|m| m.message == "declaration-waits"));
    app.stop().await;
}

async fn who_is_reached_gets_a_reminder(app: App) {
    let (mut b, number, mut worker, task) = call(&app).await;
    result(&mut worker, &task, "reached").await;
    app.drain().await;
    let sent = app.deps.sms.sent();
    let sms = sent.iter().find(|m| m.message == "declaration-waits").expect("a reminder");
    assert!(sms.text.contains(&number), "{}", sms.text);
    app.tick().await;
    assert_eq!(count(&app, "call-returned", "open").await, 0, "nobody is called again");
    let called = app.deps.store.read(|c| {
        let of = audit_entries::table.filter(audit_entries::action.eq("declaration.call"));
        Ok(of.filter(audit_entries::subject_id.is_not_null()).count().get_result::<i64>(c)?)
    });
    assert_eq!(called.await.unwrap(), 1);
    let data = b.get("/me/data/download").await.expect(200).json();
    assert_eq!(data["tasks"][0]["result"], "reached");
    app.stop().await;
}

async fn a_task_without_a_reason_is_closed(app: App) {
    let (mut b, number, mut worker, task) = call(&app).await;
    let path = format!("/api/v1/declarations/{number}");
    let version = b.api_get(&path).await.expect(200).json()["version"].clone();
    b.get("/me").await.expect(200);
    b.api(Method::POST, &format!("{path}/withdraw"), &json!({"version": version})).await.expect(200);
    worker.get(&format!("/desk/tasks/{task}")).await.expect(200).shows("不用再联系").hides("13600008844");
    assert_eq!(count(&app, "call-returned", "void").await, 1);
    app.stop().await;
}

async fn one_has_it_and_nobody_else_does_it_meanwhile(app: App) {
    let (_, _, mut worker, task) = call(&app).await;
    let path = format!("/desk/tasks/{task}");
    worker.get(&path).await.expect(200);
    worker.post(&path, &[("version", "1"), ("do", "take")]).await.leads_to(&path);
    let mut other = app.official(Role::VillageWorker, COUNTY).await;
    other.get(&path).await.expect(200).shows("同事领取");
    let forced = [("version", "2"), ("result", "reached"), ("do", "result")];
    other.post(&path, &forced).await.expect(409).shows("已由同事领取");
    other.post(&path, &[("version", "1"), ("do", "give")]).await.expect(409);
    let listed = worker.api_get("/api/v1/desk/tasks?tab=mine").await.expect(200).json();
    assert_eq!((&listed["rows"][0]["number"], &listed["rows"][0]["mine"]), (&json!(task), &json!(true)));
    other.get(&path).await.expect(200);
    other.post(&path, &[("version", "2"), ("do", "give")]).await.leads_to("/desk/tasks");
    result(&mut other, &task, "reached").await;
    app.stop().await;
}

async fn nobody_elsewhere_and_no_other_role_sees_it(app: App) {
    let (_, _, _, task) = call(&app).await;
    let path = format!("/desk/tasks/{task}");
    for (role, place) in [(Role::VillageWorker, "510104"), (Role::TownReviewer, COUNTY)] {
        let mut b = app.official(role, place).await;
        b.get(&path).await.expect(404);
        b.get("/desk/tasks").await.expect(200).hides("赵六");
        b.post(&path, &[("version", "1"), ("do", "take")]).await.expect(404);
        b.get("/desk/tasks/print").await.expect(200).hides("赵六");
        b.get("/desk/tasks/enter").await.expect(200);
        b.post("/desk/tasks/enter", &[("number", &task), ("result", "1")]).await.expect(422);
    }
    let mut doctor = app.official(Role::Doctor, COUNTY).await;
    doctor.get("/desk/tasks").await.expect(404);
    app.stop().await;
}

async fn the_list_is_filtered_and_late_ones_are_marked(app: App) {
    let (_, _, mut worker, task) = call(&app).await;
    let rows = |body: Value| body["rows"].as_array().unwrap().len();
    for (query, found) in [("", 1), ("?due=today", 1), ("?tab=late", 0), ("?tab=done", 0), ("?tab=mine", 0)] {
        let path = format!("/api/v1/desk/tasks{query}");
        assert_eq!(rows(worker.api_get(&path).await.expect(200).json()), found, "{query}");
    }
    worker.get("/desk/tasks").await.expect(200).shows("赵六").shows("待办");
    worker.post("/desk/tasks", &[("q", &task)]).await.expect(200).shows("赵六");
    worker.post("/desk/tasks", &[("q", "赵六")]).await.expect(200).shows(&task);
    app.clock.advance(Duration::days(1));
    let mut worker = app.official(Role::VillageWorker, COUNTY).await;
    let late = worker.api_get("/api/v1/desk/tasks?tab=late").await.expect(200).json();
    assert_eq!((rows(late.clone()), &late["rows"][0]["late"]), (1, &json!(true)));
    assert_eq!(late["counts"]["late"]["count"], 1);
    app.stop().await;
}

/// The identifiers of whom a task can be given to, for the page and for programs: the same.
async fn to_whom(b: &mut Browser, task: &str) -> Vec<String> {
    let body = b.api_get(&format!("/api/v1/desk/tasks/{task}")).await.expect(200).json();
    let ids = body["colleagues"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
    let ids: Vec<String> = ids.collect();
    let page = b.get(&format!("/desk/tasks/{task}")).await.expect(200);
    assert!(ids.iter().all(|id| page.body.contains(id)), "the page offers the same");
    assert_eq!(page.body.contains("name=\"colleague\""), !ids.is_empty());
    ids
}

async fn a_task_is_given_to_a_colleague(app: App) {
    let (_, _, _, task) = call(&app).await;
    let path = format!("/desk/tasks/{task}");
    let staff = app.official_full(Role::VillageWorker, COUNTY).await;
    let mut other = app.colleague(&staff, Role::VillageWorker, COUNTY).await;
    let mut worker = staff.browser;
    let ids = to_whom(&mut worker, &task).await;
    assert_eq!(ids.len(), 1, "oneself is not among them");
    let hand = [("version", "1"), ("do", "hand"), ("colleague", ids[0].as_str())];
    worker.post(&path, &hand[..2]).await.expect(422).shows("请选择");
    worker.post(&path, &hand).await.leads_to("/desk/tasks");
    let listed = other.api_get("/api/v1/desk/tasks?tab=mine").await.expect(200).json();
    assert_eq!(listed["rows"][0]["number"], json!(task));
    worker.get(&path).await.expect(200).shows("同事领取");
    // What a colleague has is not handed on over their head.
    let mine = to_whom(&mut other, &task).await;
    let back = json!({"version": 2, "colleague": mine[0]});
    let act = format!("/api/v1/desk/tasks/{task}/actions/hand");
    worker.get(&path).await.expect(200);
    let forced = [("version", "2"), ("do", "hand"), ("colleague", ids[0].as_str())];
    worker.post(&path, &forced).await.expect(409).shows("已由同事领取");
    let given = other.api(Method::POST, &act, &back).await.expect(200).json();
    assert_eq!((&given["task"]["version"], &given["task"]["mine"]), (&json!(3), &json!(false)));
    let entries = app.deps.store.read(|c| {
        let of = audit_entries::table.filter(audit_entries::action.eq("task.hand"));
        Ok(of.filter(audit_entries::subject_id.is_not_null()).count().get_result::<i64>(c)?)
    });
    assert_eq!(entries.await.unwrap(), 2);
    result(&mut worker, &task, "reached").await;
    app.stop().await;
}

async fn nobody_gets_a_task_who_could_not_see_it(app: App) {
    let (_, _, mut worker, task) = call(&app).await;
    let path = format!("/desk/tasks/{task}");
    assert!(to_whom(&mut worker, &task).await.is_empty(), "nobody else is in the office");
    let elsewhere = app.official_full(Role::VillageWorker, COUNTY).await;
    let act = format!("/api/v1/desk/tasks/{task}/actions/hand");
    for to in [elsewhere.official.to_string(), Id::new().to_string()] {
        worker.get(&path).await.expect(200);
        let hand = [("version", "1"), ("do", "hand"), ("colleague", to.as_str())];
        worker.post(&path, &hand).await.expect(422).shows("请选择");
        let refused = worker.api(Method::POST, &act, &json!({"version": 1, "colleague": to})).await;
        assert_eq!(refused.expect(422).json()["errors"][0]["field"], "colleague");
    }
    worker.api(Method::POST, &act, &json!({"version": 1})).await.expect(422);
    // Whoever is away gets none: nobody would do it.
    let staff = app.official_full(Role::VillageWorker, COUNTY).await;
    let mut away = app.colleague(&staff, Role::VillageWorker, COUNTY).await;
    let mut worker = staff.browser;
    let ids = to_whom(&mut worker, &task).await;
    let today = fugong::clock::china_day(app.clock.now()).to_string();
    let absent = json!({"substitute": staff.official, "from": today, "to": today});
    away.get("/desk/account").await.expect(200);
    away.api(Method::POST, "/api/v1/desk/absences", &absent).await.expect(201);
    worker.get(&path).await.expect(200);
    let hand = [("version", "1"), ("do", "hand"), ("colleague", ids[0].as_str())];
    worker.post(&path, &hand).await.expect(422).shows("请假了");
    app.stop().await;
}

async fn the_list_is_filtered_by_kind(app: App) {
    let (_, _, mut worker, _) = call(&app).await;
    let rows = |body: Value| body["rows"].as_array().unwrap().len();
    for (query, found) in [("?kind=call-returned", 1), ("?kind=call-returned&tab=mine", 0), ("?kind=%27", 1)]
    {
        let path = format!("/api/v1/desk/tasks{query}");
        assert_eq!(rows(worker.api_get(&path).await.expect(200).json()), found, "{query}");
    }
    worker.get("/desk/tasks?kind=call-returned").await.expect(200).shows("赵六").shows("电话提醒补正");
    // The kinds of another role are none of this list.
    let mut town = app.official(Role::TownReviewer, COUNTY).await;
    town.get("/desk/tasks").await.expect(200).shows("查找补正申报的本人").hides("电话提醒补正");
    app.stop().await;
}

async fn a_double_click_gets_the_first_answer(app: App) {
    let (_, _, mut worker, task) = call(&app).await;
    let path = format!("/desk/tasks/{task}");
    let once = worker.get(&path).await.expect(200).input("_once").unwrap();
    let sent = [("version", "1"), ("result", "unreached"), ("do", "result"), ("_once", once.as_str())];
    worker.post(&path, &sent).await.leads_to("/desk/tasks");
    worker.post(&path, &sent).await.leads_to("/desk/tasks");
    assert_eq!(count(&app, "call-returned", "done").await, 1);
    let id: Option<Id> = app
        .deps
        .store
        .read(|c| Ok(tasks::table.select(tasks::done_by).filter(tasks::state.eq("done")).first(c)?))
        .await
        .unwrap();
    assert!(id.is_some());
    // Whoever has seen it before reads what happened since.
    worker.get(&path).await.expect(200).shows("没打通");
    worker
        .post(&path, &[("version", "1"), ("result", "reached"), ("do", "result")])
        .await
        .expect(409)
        .shows("登记任务结果");
    app.stop().await;
}
