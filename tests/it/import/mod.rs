//! Tables that people send: read from whatever they have, taken as a whole or as far as they are right, stopped, gone on with.

mod files;
mod full;

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use crate::reopening::{answer, begin, uscc};
use chrono::Duration;
use diesel::prelude::*;
use fugong::db::schema::{import_rows, imports};
use fugong::identity::DivisionCode;
use fugong::identity::sample::id_number_nth;
use fugong::jobs::{Job, Runner, Settings, Work};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

on_both!(
    a_long_list_is_taken_step_by_step_and_can_be_stopped,
    a_list_that_comes_later_takes_the_place_of_one_on_its_way,
    what_is_right_is_taken_and_the_rest_is_mended,
    a_list_with_an_error_is_taken_as_a_whole_or_not_at_all,
    a_list_of_which_nothing_is_right_takes_no_place,
    what_cannot_be_taken_any_more_says_why,
    an_import_is_seen_by_whoever_sent_it_and_goes_in_time,
);

/// So many people, as a CSV.
pub fn people(count: u64) -> String {
    let county = DivisionCode::parse("511621").unwrap();
    let line = |n: u64| {
        let name = ["员工甲", "员工乙", "员工丙"][usize::try_from(n % 3).unwrap()];
        format!("{name},{}\n", id_number_nth(county, n).unwrap().as_str())
    };
    std::iter::once("姓名,证件号码\n".to_owned()).chain((0..count).map(line)).collect()
}

/// A draft for which so many people return.
pub async fn draft(b: &mut Browser, seed: u64, returning: usize) -> String {
    let number = begin(b, &uscc(false, seed), "岳池县禾丰米粉食品有限公司").await;
    let returning = returning.to_string();
    answer(b, &number, "headcount", &[("staff_total", "9999"), ("returning", &returning)]).await.expect(303);
    b.get(&format!("/reopening/{number}/staff")).await.expect(200);
    number
}

/// Sends a list on the page.
pub async fn send(b: &mut Browser, number: &str, fields: &[(&str, &str)], file: &[u8]) -> Answer {
    let path = format!("/reopening/{number}/staff/upload");
    b.upload_with(&path, fields, ("file", "名单.csv"), file).await
}

/// The same by a program; what it is told.
async fn call(b: &mut Browser, number: &str, fields: &[(&str, &str)], file: &[u8]) -> Value {
    let path = format!("/api/v1/applications/{number}/imports");
    b.upload_with(&path, fields, ("file", "名单.csv"), file).await.expect(201).json()
}

async fn told(b: &mut Browser, number: &str, id: &str) -> Value {
    b.api_get(&format!("/api/v1/applications/{number}/imports/{id}")).await.expect(200).json()
}

async fn staff(b: &mut Browser, number: &str) -> usize {
    let case = b.api_get(&format!("/api/v1/applications/{number}")).await.expect(200).json();
    case["form"]["staff"].as_array().unwrap().len()
}

/// One turn of the background work; how many jobs it found.
async fn turn(app: &App) -> usize {
    let work = Arc::new(app.deps.part::<Work>().unwrap().clone());
    Runner::new(app.deps.clone(), work, Settings::default()).run_batch().await.unwrap()
}

async fn a_long_list_is_taken_step_by_step_and_can_be_stopped(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = draft(&mut b, 61, 600).await;
    let sent = send(&mut b, &number, &[("mode", "right")], people(600).as_bytes()).await.expect(303);
    let page = sent.location().to_owned();
    let id = page.rsplit('/').next().unwrap().to_owned();
    b.get(&page).await.expect(200).shows("正在导入").shows("http-equiv=\"refresh\"").shows("名单.csv");
    assert_eq!(
        (told(&mut b, &number, &id).await["taken"].as_i64(), staff(&mut b, &number).await),
        (Some(0), 0)
    );
    turn(&app).await;
    let after = told(&mut b, &number, &id).await;
    assert_eq!(
        (&after["state"], &after["taken"], &after["total"]),
        (&json!("running"), &json!(250), &json!(600))
    );
    assert_eq!(staff(&mut b, &number).await, 250);
    b.get(&page).await.expect(200);
    b.post(&page, &[("do", "stop")]).await.leads_to(&page);
    b.post(&page, &[("do", "stop")]).await.leads_to(&page);
    app.drain().await;
    b.get(&page).await.expect(200).shows("还有 350 行").hides("http-equiv=\"refresh\"");
    assert_eq!(staff(&mut b, &number).await, 250, "nothing more is taken");
    b.post(&page, &[("do", "x")]).await.expect(422);
    let api = format!("/api/v1/applications/{number}/imports/{id}");
    let on = b.api(Method::POST, &api, &json!({"do": "go-on"})).await.expect(200).json();
    assert_eq!(on["state"], "running");
    app.drain().await;
    let done = told(&mut b, &number, &id).await;
    assert_eq!((&done["state"], &done["taken"], &done["wrong"]), (&json!("done"), &json!(600), &json!(0)));
    assert_eq!(staff(&mut b, &number).await, 600);
    b.get(&page).await.expect(200).shows("已完成").hides("http-equiv=\"refresh\"");
    b.api(Method::POST, &api, &json!({"do": "stop"})).await.expect(409);
    let left = app.deps.store.read(|c| Ok(import_rows::table.count().get_result::<i64>(c)?)).await.unwrap();
    assert_eq!(left, 0, "what was taken is kept where it belongs, and nowhere else");
    app.stop().await;
}

async fn a_list_that_comes_later_takes_the_place_of_one_on_its_way(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = draft(&mut b, 66, 900).await;
    let right = [("mode", "right")];
    let first =
        call(&mut b, &number, &right, people(600).as_bytes()).await["id"].as_str().unwrap().to_owned();
    turn(&app).await;
    assert_eq!(staff(&mut b, &number).await, 250);
    app.clock.advance(Duration::seconds(1));
    let second =
        call(&mut b, &number, &right, people(300).as_bytes()).await["id"].as_str().unwrap().to_owned();
    app.clock.advance(Duration::seconds(1));
    let added = [("mode", "right"), ("add", "1")];
    let third =
        call(&mut b, &number, &added, people(320).as_bytes()).await["id"].as_str().unwrap().to_owned();
    app.drain().await;
    for (id, state, taken) in [(&first, "failed", 250), (&second, "done", 300), (&third, "done", 320)] {
        let told = told(&mut b, &number, id).await;
        assert_eq!((&told["state"], &told["taken"]), (&json!(state), &json!(taken)));
    }
    assert_eq!(staff(&mut b, &number).await, 320, "the second list, and what the third has besides");
    let page = format!("/reopening/{number}/imports/{first}");
    b.get(&page).await.expect(200).shows("后来又交了一份代替它的名单");
    app.stop().await;
}

async fn a_list_of_which_nothing_is_right_takes_no_place(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = draft(&mut b, 64, 2).await;
    assert_eq!(call(&mut b, &number, &[("mode", "right")], people(2).as_bytes()).await["taken"], 2);
    let wrong = "姓名,证件号码\n员工甲,1\n";
    let told = call(&mut b, &number, &[("mode", "right")], wrong.as_bytes()).await;
    assert_eq!((&told["state"], &told["taken"]), (&json!("refused"), &json!(0)));
    assert_eq!(staff(&mut b, &number).await, 2);
    app.stop().await;
}

async fn what_is_right_is_taken_and_the_rest_is_mended(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = draft(&mut b, 62, 3).await;
    let list = "姓名,证件号码,手机,备注\n张三,360426199101010071,,x\n李四,5.10105E+17,,\n王五,11010519491231002X,12,\n";
    let sent = send(&mut b, &number, &[("mode", "right")], list.as_bytes()).await.expect(303);
    let page = sent.location().to_owned();
    let id = page.rsplit('/').next().unwrap().to_owned();
    let shown = b
        .get(&page)
        .await
        .expect(200)
        .shows("第 3 行，证件号码")
        .shows("第 4 行，手机")
        .shows("格式设成“文本”");
    shown.shows("备注").shows("要修改的行").hides("11010519491231002X");
    assert_eq!(staff(&mut b, &number).await, 1);
    let body = told(&mut b, &number, &id).await;
    assert_eq!((&body["taken"], &body["wrong"], &body["unknown"]), (&json!(1), &json!(2), &json!(["备注"])));
    assert_eq!(
        (&body["errors"][0]["code"], &body["errors"][0]["row"]),
        (&json!("import-cell-shortened"), &json!(3))
    );
    // The file has the rows that are wrong, with what is wrong; sent again as it is, it is as wrong as before.
    let (status, headers, file) = b.fetch(&format!("{page}/wrong.xlsx")).await;
    assert_eq!(status, 200);
    assert!(headers["content-disposition"].to_str().unwrap().contains(".xlsx"));
    let again = send(&mut b, &number, &[("mode", "right"), ("add", "1")], &file).await.expect(303);
    b.get(again.location()).await.expect(200).shows("第 2 行，证件号码").shows("第 3 行，手机");
    assert_eq!(staff(&mut b, &number).await, 1);
    let mended = "姓名,证件号码\n李四,E12345678\n王五,11010519491231002X\n";
    let sent = send(&mut b, &number, &[("mode", "right"), ("add", "1")], mended.as_bytes()).await.expect(303);
    b.get(sent.location()).await.expect(200).shows("已完成");
    assert_eq!(staff(&mut b, &number).await, 3, "the others are there still");
    b.get(&format!("/reopening/{number}/staff")).await.shows("张三\t360426199101010071");
    app.stop().await;
}

async fn a_list_with_an_error_is_taken_as_a_whole_or_not_at_all(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = draft(&mut b, 63, 300).await;
    // A short one is put right in the field.
    let short = "姓名,证件号码\n张三,1\n";
    send(&mut b, &number, &[("mode", "all")], short.as_bytes())
        .await
        .expect(422)
        .shows("第 2 行，证件号码")
        .shows("张三");
    // A long one has a page.
    let long = people(300).replacen("员工甲,", "员工甲,x", 1);
    let sent = send(&mut b, &number, &[("mode", "all")], long.as_bytes()).await.expect(303);
    b.get(sent.location()).await.expect(200).shows("没有导入").shows("第 2 行，证件号码");
    app.drain().await;
    assert_eq!(staff(&mut b, &number).await, 0);
    // As a whole it is one transaction, with the number that was stated.
    let begun = call(&mut b, &number, &[], people(300).as_bytes()).await;
    let id = begun["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&begun["state"], &begun["mode"], &begun["taken"]),
        (&json!("running"), &json!("all"), &json!(0))
    );
    turn(&app).await;
    assert_eq!(told(&mut b, &number, &id).await["taken"], 300);
    assert_eq!(staff(&mut b, &number).await, 300);
    let few = call(&mut b, &number, &[], people(299).as_bytes()).await;
    app.drain().await;
    let failed = told(&mut b, &number, few["id"].as_str().unwrap()).await;
    assert_eq!(failed["state"], "failed");
    assert!(failed["trouble"][0].as_str().unwrap().contains("299"), "{failed}");
    assert_eq!(staff(&mut b, &number).await, 300, "the list before stays");
    app.stop().await;
}

async fn what_cannot_be_taken_any_more_says_why(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = draft(&mut b, 64, 300).await;
    let begun = call(&mut b, &number, &[("mode", "right")], people(300).as_bytes()).await;
    let case = b.api_get(&format!("/api/v1/applications/{number}")).await.json();
    // Whoever killed the program after a step finds the next one queued: the place to go on from is in the same transaction.
    turn(&app).await;
    assert_eq!(staff(&mut b, &number).await, 250);
    let later = b.api_get(&format!("/api/v1/applications/{number}")).await.json();
    assert_ne!(case["version"], later["version"]);
    let id = later["number"].as_str().unwrap().to_owned();
    let closed = app.deps.store.write(move |tx| {
        use fugong::db::schema::applications as ap;
        diesel::update(ap::table.filter(ap::number.eq(&id)))
            .set(ap::state.eq("submitted"))
            .execute(tx.conn())?;
        Ok(())
    });
    closed.await.unwrap();
    app.drain().await;
    let over = told(&mut b, &number, begun["id"].as_str().unwrap()).await;
    assert_eq!((&over["state"], &over["taken"]), (&json!("failed"), &json!(250)));
    assert!(!over["trouble"][0].as_str().unwrap().is_empty());
    let path = format!("/api/v1/applications/{number}/imports");
    b.upload_with(&path, &[], ("file", "a.csv"), people(2).as_bytes()).await.expect(409);
    app.stop().await;
}

async fn an_import_is_seen_by_whoever_sent_it_and_goes_in_time(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = draft(&mut b, 65, 3).await;
    let list = "姓名,证件号码\n金丝雀,1\n";
    let sent = send(&mut b, &number, &[("mode", "right")], list.as_bytes()).await.expect(303);
    let page = sent.location().to_owned();
    let id = page.rsplit('/').next().unwrap().to_owned();
    let mut stranger = app.resident("13800138001").await;
    let own = draft(&mut stranger, 66, 3).await;
    for path in [page.clone(), format!("{page}/wrong.xlsx"), format!("/reopening/{own}/imports/{id}")] {
        stranger.get(&path).await.expect(404);
    }
    stranger.post(&page, &[("do", "stop")]).await.expect(404);
    stranger.api_get(&format!("/api/v1/applications/{number}/imports/{id}")).await.expect(404);
    b.get(&format!("/reopening/{number}/imports/x")).await.expect(404);
    let sealed = app.deps.store.read(|c| {
        Ok(imports::table
            .select((imports::file_sealed, imports::wrong_sealed))
            .first::<(Vec<u8>, Option<Vec<u8>>)>(c)?)
    });
    let (name, wrong) = sealed.await.unwrap();
    for bytes in [name, wrong.unwrap()] {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("金丝雀") && !text.contains("名单"), "{text}");
    }
    app.clock.advance(Duration::days(9));
    fugong::retention::Daily.run(app.deps.clone()).await.unwrap();
    app.drain().await;
    let left = app.deps.store.read(|c| Ok(imports::table.count().get_result::<i64>(c)?)).await.unwrap();
    assert_eq!(left, 0);
    app.stop().await;
}
