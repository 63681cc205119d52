//! What people send: workbooks, encodings, archives that are none, names of files.

use super::{call, draft, people, send};
use crate::harness::App;
use crate::on_both;
use rust_xlsxwriter::{Format, Workbook};
use serde_json::json;

on_both!(a_workbook_is_read_as_people_have_it, what_is_no_list_is_called_by_its_name);

fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

async fn a_workbook_is_read_as_people_have_it(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = draft(&mut b, 71, 2).await;
    let step = format!("/reopening/{number}/staff");
    let list = workbook(|sheet| {
        sheet.merge_range(0, 0, 0, 3, "某某公司返岗人员名单", &Format::new()).unwrap();
        for (column, head) in (0..).zip(["序号", "姓名（必填）", "身份证号", "联系电话"]) {
            sheet.write_string(2, column, head).unwrap();
        }
        sheet.write_number(3, 0, 1).unwrap();
        sheet.write_string(3, 1, "张三").unwrap();
        sheet.write_string(3, 2, "360426199101010071").unwrap();
        sheet.write_number(3, 3, 13_800_138_222_f64).unwrap();
        sheet.write_string(4, 1, "李㛃").unwrap();
        sheet.write_string(4, 2, "11010519491231002X").unwrap();
    });
    send(&mut b, &number, &[], &list).await.leads_to(&format!("/reopening/{number}/supplies"));
    b.get(&step)
        .await
        .expect(200)
        .shows("张三\t360426199101010071\t13800138222")
        .shows("李㛃\t11010519491231002X");
    // A number that was typed as a number has lost its end: in the field it can be seen, and is said as often as it is sent.
    let lost = workbook(|sheet| {
        sheet.write_string(0, 0, "姓名").unwrap();
        sheet.write_string(0, 1, "证件号码").unwrap();
        sheet.write_string(1, 0, "张三").unwrap();
        sheet.write_number(1, 1, 360_426_199_101_010_071_f64).unwrap();
        sheet.write_string(2, 0, "李四").unwrap();
        sheet.write_string(2, 1, "11010519491231002X").unwrap();
    });
    let page = send(&mut b, &number, &[], &lost).await.expect(422);
    page.shows("第 2 行，证件号码").shows("被表格软件缩短了").shows("E+17");
    // The template can be filled in and sent, with its example left where it is.
    let (status, _, template) = b.fetch("/reopening/staff-template.xlsx").await;
    assert_eq!((status.as_u16(), &template[..4]), (200, &b"PK\x03\x04"[..]));
    b.get(&step).await.expect(200);
    send(&mut b, &number, &[], &template).await.expect(422).shows("文件里没有人");
    app.stop().await;
}

async fn what_is_no_list_is_called_by_its_name(app: App) {
    let mut b = app.resident("13800138000").await;
    let number = draft(&mut b, 72, 2).await;
    let step = format!("/reopening/{number}/staff");
    for (what, file, said) in [
        ("an old workbook", &b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], "旧格式"),
        ("half a workbook", b"PK\x03\x04\x14\0\x06\0", "重新保存"),
        ("a PDF", b"%PDF-1.7\n%%EOF\n", "没有读到文字"),
        ("headings that are unknown", "姓名,手机,护照号\n张三,13800138000,E1234567".as_bytes(), "护照号"),
        ("headings that stand there twice", "姓名,证件号码,身份证号\n张三,1,2".as_bytes(), "是同一项"),
    ] {
        b.get(&step).await.expect(200);
        let answer = send(&mut b, &number, &[], file).await;
        assert_eq!(answer.status.as_u16(), 422, "{what}");
        answer.shows(said);
        let path = format!("/api/v1/applications/{number}/imports");
        let refused = b.upload_with(&path, &[], ("file", "a.csv"), file).await.expect(422).json();
        assert!(refused["errors"][0]["code"].is_string(), "{what}: {refused}");
    }
    // A name of 300 bytes of Chinese is kept as far as it is shown.
    let name = format!("{}.csv", "名".repeat(99));
    let path = format!("/api/v1/applications/{number}/imports");
    let sent = b.upload_with(&path, &[("mode", "right")], ("file", &name), people(2).as_bytes()).await;
    assert_eq!(sent.expect(201).json()["file"], json!(name));
    let more = people(2001);
    let many = b.upload_with(&path, &[], ("file", "a.csv"), more.as_bytes()).await.expect(422).json();
    assert_eq!(many["errors"][0]["code"], "staff-too-many");
    let (gb, _, _) = encoding_rs::GB18030.encode("姓名；证件号码\r\n张三；360426199101010071\r\n");
    assert_eq!(call(&mut b, &number, &[("mode", "right")], &gb).await["taken"], 1);
    app.stop().await;
}
