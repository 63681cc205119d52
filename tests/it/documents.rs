//! Documents that are well-formed and say nothing, and what we write ourselves, read back.

use crate::harness::App;
use crate::on_both;
use crate::reopening::{begin, filed, risk, uscc};
use fugong::access::Role;
use reqwest::Method;
use serde_json::Value;
use std::collections::HashMap;

on_both!(the_auditors_file_is_the_record, the_registers_file_is_the_list, a_staff_list_comes_back_as_it_was);

/// The rows of a file of ours as `docs/api.md` says they are read: a mark, RFC 4180, one apostrophe as a guard.
fn table(file: &str) -> Vec<Vec<String>> {
    let text = file.strip_prefix('\u{feff}').expect("a mark, so that spreadsheets know the encoding");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let plain = |cell: &str| match cell.strip_prefix('\'') {
        Some(rest) if fugong::web::csv::cell(rest) != rest => rest.to_owned(),
        _ => cell.to_owned(),
    };
    reader.records().map(|row| row.unwrap().iter().map(plain).collect()).collect()
}

/// Chains can be followed in the file alone, and each detail is the JSON that was written.
async fn the_auditors_file_is_the_record(app: App) {
    crate::audit::fill(&app, 30).await;
    let mut auditor = app.official(Role::Auditor, "510000").await;
    let file = auditor.get("/audit/export.csv").await.expect(200);
    let rows = table(&file.body);
    let at = |name: &str| rows[0].iter().position(|head| head == name).unwrap();
    let mut lanes: HashMap<&str, Vec<&Vec<String>>> = HashMap::new();
    for row in &rows[1..] {
        assert_eq!(row.len(), rows[0].len());
        lanes.entry(&row[at("lane")]).or_default().push(row);
    }
    for (lane, mut entries) in lanes {
        entries.sort_by_key(|row| row[at("seq")].parse::<i64>().unwrap());
        for pair in entries.windows(2) {
            assert_eq!(pair[1][at("prev")], pair[0][at("hash")], "lane {lane}");
        }
    }
    let tests: Vec<_> = rows.iter().filter(|row| row[at("action")] == "test.entry").collect();
    assert_eq!(tests.len(), 30);
    for row in tests {
        let detail: Value = serde_json::from_str(&row[at("detail")]).unwrap();
        assert_eq!((&detail["rare"], &detail["list"][3]["b"]), (&Value::from("𠮷"), &Value::from(1)));
        assert!(row[at("at")].parse::<chrono::DateTime<chrono::Utc>>().is_ok());
    }
    app.stop().await;
}

/// A name with a comma of either width, quotes and the beginning of a formula.
const ODD: &str = "=岳池\"老张\"，面馆,分店";

async fn the_registers_file_is_the_list(app: App) {
    risk(&app, "low").await;
    for (phone, seed, name) in [("13800138000", 31, ODD), ("13800138001", 32, "'老李'理发店")] {
        let mut b = app.resident(phone).await;
        filed(&app, &mut b, seed, name).await;
    }
    let mut anybody = app.browser();
    let rows = table(&anybody.get("/permits/list.csv").await.expect(200).body);
    let list = anybody.api_get("/api/v1/permits").await.expect(200).json();
    let permits = list["permits"].as_array().unwrap();
    assert_eq!((rows.len(), permits.len()), (3, 2));
    for (row, permit) in rows[1..].iter().zip(permits) {
        let expected = [&permit["number"], &permit["business"], &permit["uscc"]].map(|v| v.as_str().unwrap());
        assert_eq!([row[0].as_str(), row[2].as_str(), row[3].as_str()], expected);
    }
    let names: Vec<&str> = rows[1..].iter().map(|row| row[2].as_str()).collect();
    assert!(names.contains(&ODD) && names.contains(&"'老李'理发店"), "{names:?}");
    app.stop().await;
}

async fn a_staff_list_comes_back_as_it_was(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = begin(&mut b, &uscc(false, 33), "岳池县禾丰米粉食品有限公司").await;
    let step = format!("/reopening/{number}/staff");
    let upload = format!("{step}/upload");
    let sizes = [("staff_total", "3"), ("returning", "2")];
    b.get(&format!("/reopening/{number}/headcount")).await.expect(200);
    b.post(&format!("/reopening/{number}/headcount"), &sizes).await.expect(303);
    // The template with two people, as a spreadsheet saves it: guards, quotes, commas of both widths.
    let template = b.get("/reopening/staff-template.csv").await.expect(200).body;
    b.get(&step).await.expect(200);
    let people = "\"阿依古丽·买买提，江\",'11010519491231002X,'+8613800138222,\"四川省广安市，岳池县, 九龙\",\r\n欧阳㛃,=\"360426199101010071\",,,\r\n";
    b.upload(&upload, "file", "staff.csv", format!("{template}{people}").as_bytes()).await.expect(303);
    let shown = b.get(&step).await.expect(200);
    shown.shows("四川省广安市，岳池县, 九龙").shows("11010519491231002X").shows("13800138222");
    // What the page shows is sent again and read as the same.
    let page = b.get(&step).await.expect(200);
    let text = page.body.split("<textarea").nth(1).unwrap().split_once('>').unwrap().1;
    let text = text.split("</textarea>").next().unwrap().replace("&quot;", "\"").replace("&#x27;", "'");
    b.post(&step, &[("staff", &text)]).await.expect(303);
    assert_eq!(b.get(&step).await.expect(200).body.matches("四川省广安市，岳池县, 九龙").count(), 1);
    // Files that are well-formed and name nobody, and files that are no lists.
    let (pdf, png) = (&b"%PDF-1.7\n%\xe2\xe3\n%%EOF\n"[..], &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..]);
    for (what, file, said) in [
        ("no byte", &b""[..], "没有读到文字"),
        ("a mark alone", b"\xef\xbb\xbf", "没有读到文字"),
        ("white space", b" \r\n\t\r\n", "没有读到文字"),
        ("headings alone", template.as_bytes(), "文件里没有人"),
        ("separators alone", b",,,\r\n;;;\r\n", "文件里没有人"),
        ("a PDF", pdf, "没有读到文字"),
        ("a picture", png, "没有读到文字"),
        ("a workbook", b"PK\x03\x04\x14\0\x06\0", "另存为 CSV"),
    ] {
        b.get(&step).await.expect(200);
        let answer = b.upload(&upload, "file", "staff.csv", file).await;
        assert_eq!(answer.status.as_u16(), 422, "{what}");
        answer.shows(said);
    }
    app.stop().await;
}

/// Pictures with nothing in them: the verifier says what it looked for.
#[actix_web::test]
async fn pictures_that_say_nothing() {
    let app = App::sqlite().await;
    let mut b = app.browser();
    let mut blank = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_pixel(1, 1, image::Luma([255]))
        .write_to(&mut blank, image::ImageFormat::Png)
        .unwrap();
    let mut large = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_pixel(600, 600, image::Luma([0]))
        .write_to(&mut large, image::ImageFormat::Png)
        .unwrap();
    for (what, file, code) in [
        ("no byte", Vec::new(), "image-type"),
        ("a PDF", b"%PDF-1.7\n%%EOF\n".to_vec(), "image-type"),
        ("the beginning of a picture", b"\x89PNG\r\n\x1a\n".to_vec(), "image-type"),
        ("one white point", blank.into_inner(), "image-no-code"),
        ("all black", large.into_inner(), "image-no-code"),
    ] {
        let kind = [("accept", "application/json"), ("content-type", "image/png")];
        let answer = b.request(Method::POST, "/api/v1/verify/image", &kind, Some(file)).await;
        assert_eq!(answer.status.as_u16(), 422, "{what}: {}", answer.body);
        assert_eq!(answer.json()["errors"][0]["code"], code, "{what}");
    }
    app.stop().await;
}
