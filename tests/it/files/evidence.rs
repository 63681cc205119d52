//! Evidence of an appeal: from the resident's telephone to the reviewer's desk.

use super::{DOCUMENT, appealed, document, file, hand_in, listed, on_disk, rows};
use crate::codes::appeals::decide;
use crate::harness::App;
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::audit_entries;
use image::GenericImageView;
use reqwest::Method;
use serde_json::json;

on_both!(
    a_document_is_handed_in_and_opened_by_who_may,
    a_photo_is_kept_without_place_and_owner,
    what_a_reviewer_has_not_seen_is_told,
    a_file_is_taken_back,
    programs_hand_in_and_take_back,
    the_same_file_sent_twice_is_one,
    evidence_ends_with_the_decision,
);

async fn a_document_is_handed_in_and_opened_by_who_may(app: App) {
    let (mut b, number) = appealed(&app).await;
    let page = format!("/code/appeals/{number}");
    b.get(&page).await.expect(200).shows("没有也可以").shows("5 个文件");
    let name = format!("{}.pdf", "检".repeat(100));
    hand_in(&mut b, &number, &format!("我的/{name}"), DOCUMENT).await.leads_to(&page);
    b.get(&page).await.expect(200).shows(&name).shows("文件已收到").shows("检查中").shows("没有对文件查毒");
    let (id, state) = file(&mut b, &number, 0).await;
    assert_eq!(state, "received");
    let own = format!("{page}/files/{id}");
    b.get(&own).await.expect(409).shows("正在检查");
    app.drain().await;
    b.get(&page).await.expect(200).shows("已提交").shows(&own);

    let (status, headers, bytes) = b.fetch(&own).await;
    assert_eq!((status.as_u16(), bytes.as_slice()), (200, DOCUMENT));
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert!(
        header("content-disposition")
            .starts_with("attachment; filename=\"file.pdf\"; filename*=UTF-8''%E6%A3%80")
    );
    assert_eq!(
        (header("content-type").as_str(), header("x-content-type-options").as_str()),
        ("application/pdf", "nosniff")
    );
    assert!(header("content-security-policy").starts_with("default-src 'none'; sandbox"));
    assert_eq!(header("cache-control"), "private, no-store");
    assert_eq!(header("content-length"), DOCUMENT.len().to_string());

    let desk = format!("/desk/appeals/{number}/files/{id}");
    let mut reviewer = app.official(Role::AppealReviewer, "511621").await;
    reviewer
        .get(&format!("/desk/appeals/{number}"))
        .await
        .expect(200)
        .shows(&name)
        .shows("没有程序对这些文件查毒");
    assert_eq!(reviewer.fetch(&desk).await.2, DOCUMENT);
    let api = format!("/api/v1/desk/appeals/{number}/files");
    assert_eq!(reviewer.api_get(&api).await.expect(200).json()["files"][0]["state"], "ready");
    b.get("/me/access").await.expect(200).shows("打开了你提交的材料文件");

    let mut stranger = app.resident("13800000003").await;
    let mut elsewhere = app.official(Role::AppealReviewer, "510107").await;
    let mut doctor = app.official(Role::Doctor, "511621").await;
    stranger.get(&own).await.expect(404);
    elsewhere.get(&desk).await.expect(404);
    doctor.get(&desk).await.expect(404);
    elsewhere.api_get(&api).await.expect(404);
    reviewer.get(&format!("/desk/appeals/{number}/files/nothing")).await.expect(404);
    reviewer.get(&own).await.expect(404);
    let entries = app.deps.store.read(|c| {
        let of_files = audit_entries::table.filter(audit_entries::object_kind.eq("file"));
        Ok(of_files.order(audit_entries::at).select(audit_entries::action).load::<String>(c)?)
    });
    let entries = entries.await.unwrap();
    for action in ["file.add", "file.ready", "file.view"] {
        assert!(entries.iter().any(|e| e == action), "{action}: {entries:?}");
    }
    app.stop().await;
}

/// A photo with a place in it, taken with the telephone held upright.
fn photo() -> Vec<u8> {
    let picture =
        image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([if x < 32 && y < 24 { 250 } else { 10 }, 9, 9]));
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 95).encode_image(&picture).unwrap();
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend(b"GPS30.65N104.06E owner");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

async fn a_photo_is_kept_without_place_and_owner(app: App) {
    let (mut b, number) = appealed(&app).await;
    let sent = photo();
    hand_in(&mut b, &number, "IMG_1.exe", &sent).await.leads_to("/code/appeals/");
    let before = on_disk(&app);
    app.drain().await;
    let after = on_disk(&app);
    assert!(before.len() == 1 && after.len() == 1 && before != after, "the copy has taken its place");
    let (id, state) = file(&mut b, &number, 0).await;
    assert_eq!(state, "ready");
    let (_, headers, kept) = b.fetch(&format!("/code/appeals/{number}/files/{id}")).await;
    assert!(headers["content-disposition"].to_str().unwrap().ends_with("IMG_1.exe.jpg"));
    assert!(!kept.windows(3).any(|w| w == b"GPS") && !kept.windows(4).any(|w| w == b"Exif"));
    let seen = image::load_from_memory(&kept).unwrap();
    assert_eq!(seen.dimensions(), (48, 64));
    // Sealed: neither the picture nor its name lies there.
    let sealed = std::fs::read(&after[0]).unwrap();
    assert!(!sealed.windows(4).any(|w| w == [0xff, 0xd8, 0xff, 0xe0]) && sealed.len() == kept.len() + 16);
    app.stop().await;
}

async fn what_a_reviewer_has_not_seen_is_told(app: App) {
    let (mut b, number) = appealed(&app).await;
    let mut reviewer = app.official(Role::AppealReviewer, "511621").await;
    let path = format!("/desk/appeals/{number}");
    let version = reviewer.get(&path).await.expect(200).input("version").unwrap();
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    let uphold = [("version", version.as_str()), ("action", "uphold"), ("reason", "x"), ("remedy", "y")];
    reviewer.post(&path, &uphold).await.expect(409);
    decide(&mut reviewer, &number, &uphold[1..]).await.leads_to("/desk/appeals");
    app.stop().await;
}

async fn a_file_is_taken_back(app: App) {
    let (mut b, number) = appealed(&app).await;
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    app.drain().await;
    let (id, _) = file(&mut b, &number, 0).await;
    let remove = format!("/code/appeals/{number}/files/{id}/remove");
    let mut stranger = app.resident("13800000003").await;
    stranger.get("/me").await.expect(200);
    stranger.post(&remove, &[]).await.expect(404);
    b.get(&format!("/code/appeals/{number}")).await.expect(200).shows("撤下");
    b.post(&remove, &[]).await.leads_to("/code/appeals/");
    b.post(&remove, &[]).await.expect(404);
    assert!(rows(&app).await.is_empty() && on_disk(&app).is_empty());
    app.stop().await;
}

async fn programs_hand_in_and_take_back(app: App) {
    let (mut b, number) = appealed(&app).await;
    let api = format!("/api/v1/appeals/{number}/files");
    let made = b.upload(&api, "file", "a.pdf", DOCUMENT).await.expect(201).json();
    assert_eq!((&made["more"], &made["scanned"]), (&json!(4), &json!(false)));
    app.drain().await;
    let (id, _) = file(&mut b, &number, 0).await;
    let one = format!("{api}/{id}");
    assert_eq!(b.fetch(&one).await.2, DOCUMENT);
    let wrong = b.upload(&api, "file", "a.exe", b"MZ").await.expect(422).json();
    assert_eq!(
        (&wrong["errors"][0]["field"], &wrong["errors"][0]["code"]),
        (&json!("file"), &json!("file-kind"))
    );
    let kept = b.api_get("/api/v1/me/export").await;
    if kept.status.is_success() {
        assert!(kept.body.contains("a.pdf"));
    }
    b.api(Method::DELETE, &one, &json!({})).await.expect(204);
    b.api(Method::DELETE, &one, &json!({})).await.expect(404);
    assert_eq!(listed(&mut b, &number).await["files"], json!([]));
    app.stop().await;
}

async fn the_same_file_sent_twice_is_one(app: App) {
    let (mut b, number) = appealed(&app).await;
    for _ in 0..3 {
        hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    }
    hand_in(&mut b, &number, "b.pdf", &document("other")).await.leads_to("/code/appeals/");
    app.drain().await;
    assert_eq!((rows(&app).await.len(), on_disk(&app).len()), (2, 2));
    app.stop().await;
}

async fn evidence_ends_with_the_decision(app: App) {
    let (mut b, number) = appealed(&app).await;
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    app.drain().await;
    let (id, _) = file(&mut b, &number, 0).await;
    let mut reviewer = app.official(Role::AppealReviewer, "511621").await;
    decide(&mut reviewer, &number, &[("action", "uphold"), ("reason", "x"), ("remedy", "y")])
        .await
        .leads_to("/desk");
    b.get(&format!("/code/appeals/{number}")).await.expect(200).shows("a.pdf").hides("enctype").hides("撤下");
    hand_in(&mut b, &number, "b.pdf", &document("b")).await.expect(409).shows("不能再添加");
    b.post(&format!("/code/appeals/{number}/files/{id}/remove"), &[]).await.expect(409);
    assert_eq!(
        b.fetch(&format!("/code/appeals/{number}/files/{id}")).await.2,
        DOCUMENT,
        "it can still be read"
    );
    app.stop().await;
}
