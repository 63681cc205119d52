//! The code on paper: scanned as a gate would, for seven days, and taken back when the colour changes.

use super::{DOCUMENT, declared_resident, evaluate, resident_with_document};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::declared::{self, healthy};
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Id;
use fugong::db::schema::{audit_entries, code_prints};
use image::ImageEncoder;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_paper_holds_for_seven_days,
    a_paper_ends_with_the_colour,
    a_paper_of_a_yellow_code_says_why,
    the_desk_prints_for_somebody_without_a_phone,
    no_paper_without_a_colour,
);

/// The QR of a page as a picture: its SVG path drawn as the browser does, four modules of white around it.
fn photographed(page: &str) -> Vec<u8> {
    let svg = &page[page.find("<svg class=\"qr\"").expect("a QR code")..];
    let inside = |from: &str, to: char| {
        let rest = &svg[svg.find(from).unwrap() + from.len()..];
        rest[..rest.find(to).unwrap()].to_owned()
    };
    let view = inside("viewBox=\"", '"');
    let edge: usize = view.split(' ').nth(2).unwrap().parse().unwrap();
    let path = inside("stroke=\"#000\" d=\"", '"');
    let (mut x, mut y) = (0_i64, 0_i64);
    let mut dark = vec![vec![false; edge]; edge];
    let mut rest = path.as_str();
    while let Some(command) = rest.chars().next() {
        let end = rest[1..].find(['M', 'm', 'h']).map_or(rest.len(), |at| at + 1);
        let numbers: Vec<i64> =
            rest[1..end].replace('-', " -").split_whitespace().map(|n| n.parse().unwrap()).collect();
        match command {
            'M' => (x, y) = (numbers[0], numbers[1]),
            'm' => (x, y) = (x + numbers[0], y + numbers[1]),
            _ => {
                for step in 0..numbers[0] {
                    dark[usize::try_from(y + 4).unwrap()][usize::try_from(x + step + 4).unwrap()] = true;
                }
                x += numbers[0];
            }
        }
        rest = &rest[end..];
    }
    let scale = 6;
    let mut pixels = Vec::new();
    for row in &dark {
        let line: Vec<u8> = row.iter().flat_map(|d| vec![if *d { 0 } else { 255 }; scale]).collect();
        (0..scale).for_each(|_| pixels.extend_from_slice(&line));
    }
    let mut png = Vec::new();
    let side = u32::try_from(edge * scale).unwrap();
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(&pixels, side, side, image::ExtendedColorType::L8)
        .unwrap();
    png
}

/// What a gate reads when it photographs the page.
async fn scan(app: &App, page: &str) -> Value {
    let headers = [("content-type", "image/png"), ("accept", "application/json")];
    let picture = Some(photographed(page));
    app.browser().request(Method::POST, "/api/v1/verify/image", &headers, picture).await.expect(200).json()
}

async fn verdict(app: &App, text: &Value) -> String {
    let answer = app.browser().api(Method::POST, "/api/v1/verify", &json!({"text": text})).await;
    answer.expect(200).json()["verdict"].as_str().unwrap().to_owned()
}

/// Makes a paper and gives its address and the page.
async fn print(b: &mut Browser) -> (String, String) {
    let start = b.get("/code/print").await.expect(200).shows("生成纸质码");
    let once = start.input("_once").unwrap();
    let made = b.post("/code/print", &[("_once", &once)]).await.leads_to("/code/print/");
    let path = made.location().to_owned();
    let again = b.post("/code/print", &[("_once", &once)]).await.leads_to("/code/print/");
    assert_eq!(again.location(), path, "a double click makes one paper");
    let page = b.get(&path).await.expect(200);
    (path, page.body)
}

async fn cough(app: &App, person: Id) {
    let mut coughing = healthy(app.clock.now());
    coughing.declaration.symptoms = vec!["cough".into()];
    declared::state(person, coughing);
    evaluate(app, person).await;
}

async fn a_paper_holds_for_seven_days(app: App) {
    let (mut b, person) = declared_resident(&app, "13800000001").await;
    let (path, page) = print(&mut b).await;
    for text in ["绿码", "可以通行", "王**", "3 月 19 日", "12345", "is-green"] {
        assert!(page.contains(text), "{text} is not on {page}");
    }
    assert!(!page.contains("王小明"));
    for_the_gate(&page, &["原因"], "测体温、登记");
    let read = scan(&app, &page).await;
    assert_eq!(read["verdict"], "valid", "{read}");
    let text = read["text"].clone();
    // The same paper at each look.
    assert_eq!(scan(&app, &b.get(&path).await.expect(200).body).await["verdict"], "valid");
    let rows: Vec<(Id, i64, i32)> = {
        let found = app.deps.store.read(|c| {
            let columns = (code_prints::person_id, code_prints::status_list, code_prints::status_index);
            Ok(code_prints::table.select(columns).load(c)?)
        });
        found.await.unwrap()
    };
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].0, person);
    let mut other = app.resident("13800000003").await;
    other.get(&path).await.expect(404);
    app.browser().get(&path).await.leads_to("/sign-in");
    app.clock.advance(Duration::days(7) - Duration::seconds(1));
    assert_eq!(verdict(&app, &text).await, "valid");
    app.clock.advance(Duration::seconds(1));
    assert_eq!(verdict(&app, &text).await, "expired");
    let mut b = app.resident("13800000001").await;
    b.get(&path).await.expect(409).shows("已经失效");
    b.get("/code/print").await.expect(200).shows("已失效");
    app.stop().await;
}

async fn a_paper_ends_with_the_colour(app: App) {
    let (mut b, person) = declared_resident(&app, "13800000001").await;
    let (path, page) = print(&mut b).await;
    let green = scan(&app, &page).await["text"].clone();
    cough(&app, person).await;
    assert_eq!(verdict(&app, &green).await, "revoked");
    b.get(&path).await.expect(409).shows("已经失效");
    let (_, page) = print(&mut b).await;
    let yellow = scan(&app, &page).await["text"].clone();
    assert_eq!(verdict(&app, &yellow).await, "valid");
    // Declared again without a change of colour: the paper goes on.
    cough(&app, person).await;
    assert_eq!(verdict(&app, &yellow).await, "valid");
    declared::state(person, healthy(app.clock.now()));
    evaluate(&app, person).await;
    assert_eq!(verdict(&app, &yellow).await, "revoked");
    assert_eq!(verdict(&app, &green).await, "revoked", "it does not come back");
    b.api_get("/me/data/download").await.expect(200);
    app.drain().await;
    let mail = b.get("/me/messages").await.expect(200);
    let id = mail.body.split("href=\"/me/messages/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    b.get(&format!("/me/messages/{id}")).await.expect(200).shows("纸质码已经失效");
    let ended = app.deps.store.read(move |c| {
        Ok(audit_entries::table
            .filter(audit_entries::action.eq("code.print-end"))
            .filter(audit_entries::subject_id.eq(person))
            .count()
            .get_result::<i64>(c)?)
    });
    assert_eq!(ended.await.unwrap(), 2);
    app.stop().await;
}

/// The first sheet is what is shown: no reason and no remedy stand on it, and it promises nobody with a red or yellow code
/// that they may come in.
fn for_the_gate(page: &str, hides: &[&str], shows: &str) {
    let first = page.split("id=\"p1\"").nth(1).unwrap().split("</article>").next().unwrap();
    assert!(first.contains("class=\"qr\"") && first.contains(shows), "{shows} is not on {first}");
    for text in hides {
        assert!(!first.contains(text), "{text} is on the sheet for the gate: {first}");
    }
}

async fn a_paper_of_a_yellow_code_says_why(app: App) {
    let (mut b, person) = resident_with_document(&app, "13800000001").await;
    cough(&app, person).await;
    let (path, page) = print(&mut b).await;
    for text in ["黄码", "咳嗽", "is-yellow", "不符合事实"] {
        assert!(page.contains(text), "{text} is not on {page}");
    }
    for_the_gate(&page, &["咳嗽", "不符合事实", "测体温、登记"], "凭这张纸不能进入的");
    b.post("/language", &[("lang", "en"), ("next", &path)]).await.leads_to(&path);
    let page =
        b.get(&path).await.expect(200).shows("Yellow").shows("cough").shows("somebody who had no part");
    for_the_gate(&page.body, &["cough", "people are let in"], "If you are not let in");
    app.stop().await;
}

async fn the_desk_prints_for_somebody_without_a_phone(app: App) {
    let (_, person) = declared_resident(&app, "13800000001").await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let document = [("doc_kind", "id_card"), ("doc_number", DOCUMENT)];
    worker.get("/desk/codes").await.expect(200);
    let found = worker.post("/desk/codes", &document).await.expect(200).shows("生成纸质码");
    let named = found.input("person").unwrap();
    let once = found.input("_once").unwrap();
    let made = worker.post("/desk/codes/print", &[("person", &named), ("_once", &once)]).await;
    let path = made.leads_to("/desk/codes/print/").location().to_owned();
    let page = worker.get(&path).await.expect(200).shows("王**").hides("王小明");
    assert_eq!(scan(&app, &page.body).await["verdict"], "valid");
    let mut elsewhere = app.official(Role::Doctor, "510107").await;
    elsewhere.get("/desk/codes").await.expect(200);
    elsewhere.get(&path).await.expect(404);
    elsewhere.post("/desk/codes/print", &[("person", &named)]).await.expect(404);
    worker.post("/desk/codes/print", &[("person", "x")]).await.expect(400);
    let mut desk = app.official(Role::CountyDesk, "511621").await;
    desk.get(&path).await.expect(404);
    let (printed, viewed) = app
        .deps
        .store
        .read(move |c| {
            let by_staff = |action: &'static str| {
                audit_entries::table
                    .filter(audit_entries::subject_id.eq(person))
                    .filter(audit_entries::actor_kind.eq("official"))
                    .filter(audit_entries::action.eq(action))
                    .count()
            };
            Ok((
                by_staff("code.print").get_result::<i64>(c)?,
                by_staff("code.print-view").get_result::<i64>(c)?,
            ))
        })
        .await
        .unwrap();
    assert_eq!((printed, viewed), (1, 1));
    app.stop().await;
}

async fn no_paper_without_a_colour(app: App) {
    let mut b = app.resident("13800000009").await;
    b.get("/code/print").await.expect(200).shows("请先做健康申报").hides("action=\"/code/print\"");
    b.post("/code/print", &[]).await.expect(409).shows("还没有做过健康申报");
    let (mut b, _) = resident_with_document(&app, "13800000001").await;
    b.get("/code/print").await.expect(200).shows("请先做健康申报");
    b.post("/code/print", &[]).await.expect(409).shows("现在没有颜色");
    app.stop().await;
}
