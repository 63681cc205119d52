//! What is not taken: the page says which file and why, and nothing of it is kept.

use super::{DOCUMENT, appealed, document, hand_in, listed, on_disk, rows};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use fugong::config::FilesPlace;
use reqwest::Method;
use serde_json::json;

on_both!(
    each_refusal_says_why_in_both_languages,
    a_case_holds_five_and_an_account_hands_in_thirty_a_day,
    nothing_of_a_file_is_read_without_the_token,
    a_disk_that_cannot_be_written_is_told_and_leaves_nothing,
    where_no_files_are_taken_the_page_says_so,
);

/// A picture that says that it is ten thousand pixels wide and high.
fn bomb() -> Vec<u8> {
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_luma8(4, 4).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let mut png = png.into_inner();
    png[16..24].copy_from_slice(&[0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10]);
    png[25] = 2;
    png
}

async fn each_refusal_says_why_in_both_languages(app: App) {
    let (mut b, number) = appealed(&app).await;
    let large = [DOCUMENT, &vec![b'\n'; 5 << 20]].concat();
    for (bytes, zh, en) in [
        (&b""[..], "空的", "is empty"),
        (&b"MZ\x90\0"[..], "都不是 PDF", "no PDF, JPEG or PNG"),
        (&DOCUMENT[..40], "读不出来", "cannot be read"),
        (&[DOCUMENT, b"<script>"].concat()[..], "还有别的内容", "Something else follows"),
        (&bomb()[..], "图片太大", "too large"),
        (&large[..], "超过 5 MB", "larger than 5 MB"),
    ] {
        for (lang, text) in [("zh-CN", zh), ("en", en)] {
            b.lang = lang;
            hand_in(&mut b, &number, "报告.pdf", bytes).await.expect(422).shows(text).shows("报告.pdf");
        }
    }
    b.lang = "zh-CN";
    let nothing = b.upload(&format!("/code/appeals/{number}/files"), "other", "", b"").await;
    nothing.expect(422).shows("请先选择文件");
    assert!(rows(&app).await.is_empty() && on_disk(&app).is_empty());
    // A picture that only turns out to be broken when it is decoded is refused later, and says why there.
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(40, 40).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let mut png = png.into_inner();
    let middle = png.windows(4).position(|w| w == b"IDAT").unwrap() + 8;
    png[middle] ^= 0xff;
    hand_in(&mut b, &number, "截图.png", &png).await.leads_to("/code/appeals/");
    app.drain().await;
    b.get(&format!("/code/appeals/{number}"))
        .await
        .expect(200)
        .shows("截图.png")
        .shows("没有收下")
        .shows("已损坏");
    b.get("/me").await.expect(200).shows("1 个文件没有收下");
    assert!(on_disk(&app).is_empty());
    app.stop().await;
}

async fn a_case_holds_five_and_an_account_hands_in_thirty_a_day(app: App) {
    let (mut b, number) = appealed(&app).await;
    for n in 0..5 {
        hand_in(&mut b, &number, "a.pdf", &document(&n.to_string())).await.leads_to("/code/appeals/");
    }
    b.get(&format!("/code/appeals/{number}")).await.expect(200).shows("不能再多").hides("enctype");
    hand_in(&mut b, &number, "a.pdf", &document("6")).await.expect(422).shows("已提交 5 个文件");
    for n in 5..30 {
        let id = listed(&mut b, &number).await["files"][0]["id"].as_str().unwrap().to_owned();
        b.post(&format!("/code/appeals/{number}/files/{id}/remove"), &[]).await.leads_to("/code/appeals/");
        hand_in(&mut b, &number, "a.pdf", &document(&n.to_string())).await.leads_to("/code/appeals/");
        app.clock.advance(chrono::Duration::seconds(1));
    }
    let id = listed(&mut b, &number).await["files"][0]["id"].as_str().unwrap().to_owned();
    b.post(&format!("/code/appeals/{number}/files/{id}/remove"), &[]).await.leads_to("/code/appeals/");
    hand_in(&mut b, &number, "a.pdf", &document("31")).await.expect(422).shows("24 小时内最多提交 30 个");
    app.stop().await;
}

async fn sent_as(b: &mut Browser, number: &str, body: &[u8]) -> u16 {
    let headers = [("accept", "text/html"), ("content-type", "multipart/form-data; boundary=X")];
    let path = format!("/code/appeals/{number}/files");
    b.request(Method::POST, &path, &headers, Some(body.to_vec())).await.status.as_u16()
}

async fn nothing_of_a_file_is_read_without_the_token(app: App) {
    let (mut b, number) = appealed(&app).await;
    let token = b.get(&format!("/code/appeals/{number}")).await.input("_csrf").unwrap();
    let part = |name: &str, rest: &str, content: &str| {
        format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n\r\n{content}\r\n")
    };
    let file = part("file", "; filename=\"a.pdf\"", std::str::from_utf8(DOCUMENT).unwrap());
    let csrf = |value: &str| part("_csrf", "", value);
    for (body, status) in [
        (format!("{file}{}--X--\r\n", csrf(&token)), 403),
        (format!("{}{file}--X--\r\n", csrf("x")), 403),
        (format!("{file}--X--\r\n"), 403),
        ("--X--\r\n".to_owned(), 403),
        (format!("{}{file}--X--\r\n", csrf(&token)), 303),
    ] {
        assert_eq!(sent_as(&mut b, &number, body.as_bytes()).await, status, "{body}");
    }
    // Who may not is refused before the form is looked at, and what is no form is none.
    let mut stranger = app.resident("13800000003").await;
    assert_eq!(sent_as(&mut stranger, &number, b"--X--\r\n").await, 404);
    b.post(&format!("/code/appeals/{number}/files"), &[]).await.expect(415);
    assert_eq!(rows(&app).await.len(), 1);
    app.stop().await;
}

async fn a_disk_that_cannot_be_written_is_told_and_leaves_nothing(app: App) {
    let blocked = crate::harness::scratch("no-folder");
    std::fs::write(&blocked, b"").unwrap();
    let app = app.with_settings(|c| c.files = Some(FilesPlace::Folder(blocked))).await;
    let (mut b, number) = appealed(&app).await;
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.expect(503);
    assert!(rows(&app).await.is_empty(), "it can be sent again");
    assert_eq!(listed(&mut b, &number).await["more"], json!(5));
    app.stop().await;
}

async fn where_no_files_are_taken_the_page_says_so(app: App) {
    let app = app.with_settings(|c| c.files = None).await;
    let (mut b, number) = appealed(&app).await;
    b.get(&format!("/code/appeals/{number}")).await.expect(200).shows("带到服务点").hides("enctype");
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.expect(409).shows("带到服务点");
    assert_eq!(listed(&mut b, &number).await["more"], json!(0));
    app.tick().await;
    app.stop().await;
}
