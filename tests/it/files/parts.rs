//! A part of a file: a saving that was cut off goes on, and nothing but the pieces of that part is opened.

use super::{DOCUMENT, appealed, file, folder, hand_in, on_disk};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::audit_entries;
use reqwest::Method;

on_both!(
    a_saving_that_was_cut_off_goes_on,
    what_is_no_range_gets_the_whole_and_what_is_not_there_is_said,
    only_the_pieces_of_a_part_are_opened,
    a_part_is_for_whoever_may_open_the_file,
);

/// A document of three pieces and a bit.
fn large() -> Vec<u8> {
    let middle: Vec<u8> = (0..200_000_u32).map(|n| b"0123456789abcdef\n"[n as usize % 17]).collect();
    [&DOCUMENT[..9], b"%", &middle, b"\n", &DOCUMENT[9..]].concat()
}

/// The address of a file that can be opened.
async fn handed_in(app: &App, bytes: &[u8]) -> (Browser, String) {
    let (mut b, number) = appealed(app).await;
    hand_in(&mut b, &number, "a.pdf", bytes).await.leads_to("/code/appeals/");
    app.drain().await;
    let (id, state) = file(&mut b, &number, 0).await;
    assert_eq!(state, "ready");
    (b, format!("/code/appeals/{number}/files/{id}"))
}

async fn asked(b: &mut Browser, path: &str, headers: &[(&str, &str)]) -> Answer {
    b.request(Method::GET, path, headers, None).await
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

async fn a_saving_that_was_cut_off_goes_on(app: App) {
    let whole = large();
    let (mut b, path) = handed_in(&app, &whole).await;
    let all = asked(&mut b, &path, &[]).await.expect(200);
    assert_eq!((header(&all, "accept-ranges"), all.body.as_bytes()), ("bytes", &whole[..]));
    let tag = header(&all, "etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    let size = whole.len();
    for (range, from, to) in [
        ("bytes=0-99".to_owned(), 0, 100),
        ("bytes=65535-65536".to_owned(), 65_535, 65_537),
        ("bytes=65536-131071".to_owned(), 65_536, 131_072),
        ("bytes=100-".to_owned(), 100, size),
        ("bytes=-7".to_owned(), size - 7, size),
        (format!("bytes={}-{}", size - 1, size + 1000), size - 1, size),
    ] {
        for if_range in [None, Some(tag.as_str())] {
            let mut headers = vec![("range", range.as_str()), ("accept-encoding", "gzip, br")];
            headers.extend(if_range.map(|seen| ("if-range", seen)));
            let part = asked(&mut b, &path, &headers).await.expect(206);
            assert_eq!(part.body.as_bytes(), &whole[from..to], "{range}");
            assert_eq!(header(&part, "content-range"), format!("bytes {from}-{}/{size}", to - 1));
            assert_eq!(header(&part, "content-length"), (to - from).to_string());
            assert!(!["gzip", "br"].contains(&header(&part, "content-encoding")), "{range}");
            assert_eq!(header(&part, "etag"), tag);
            assert!(header(&part, "content-disposition").starts_with("attachment"));
            assert!(header(&part, "content-security-policy").contains("sandbox"));
        }
    }
    // A part of what was another file is of no use.
    let other = [("range", "bytes=0-9"), ("if-range", "\"0192\"")];
    assert_eq!(asked(&mut b, &path, &other).await.expect(200).body.as_bytes(), &whole[..]);
    app.stop().await;
}

async fn what_is_no_range_gets_the_whole_and_what_is_not_there_is_said(app: App) {
    let (mut b, path) = handed_in(&app, DOCUMENT).await;
    let many = (0..500).map(|n| format!("{n}-{n}")).collect::<Vec<_>>().join(",");
    for range in
        ["bytes=0-1,3-4", "bytes=5-2", "bytes=--1", "pages=1-2", "bytes=a-b", &format!("bytes={many}")]
    {
        let all = asked(&mut b, &path, &[("range", range)]).await.expect(200);
        assert_eq!(all.body.as_bytes(), DOCUMENT, "{range}");
    }
    for range in ["bytes=100000-", "bytes=-0", "bytes=99999999999999999999999999999-"] {
        for (lang, words) in [("zh-CN", "没有这一段"), ("en", "no such part")] {
            b.lang = lang;
            let none = asked(&mut b, &path, &[("range", range)]).await.expect(416).shows(words);
            assert_eq!(header(&none, "content-range"), format!("bytes */{}", DOCUMENT.len()));
            assert_eq!(none.problem(), "range");
        }
    }
    // A range is of what a GET gives.
    b.request(Method::HEAD, &path, &[("range", "bytes=0-0")], None).await.expect(200);
    app.stop().await;
}

async fn only_the_pieces_of_a_part_are_opened(app: App) {
    let whole = large();
    let (mut b, path) = handed_in(&app, &whole).await;
    let on_disk = on_disk(&app);
    assert_eq!(on_disk.len(), 1, "{}", folder(&app).display());
    let mut sealed = std::fs::read(&on_disk[0]).unwrap();
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    std::fs::write(&on_disk[0], &sealed).unwrap();
    let first = asked(&mut b, &path, &[("range", "bytes=0-65535")]).await.expect(206);
    assert_eq!(first.body.as_bytes(), &whole[..65_536]);
    let third = asked(&mut b, &path, &[("range", "bytes=131072-131080")]).await.expect(206);
    assert_eq!(third.body.as_bytes(), &whole[131_072..131_081]);
    // What is no longer what was written is never sent.
    asked(&mut b, &path, &[("range", "bytes=-5")]).await.expect(503);
    app.stop().await;
}

async fn a_part_is_for_whoever_may_open_the_file(app: App) {
    let (mut b, path) = handed_in(&app, DOCUMENT).await;
    let range = [("range", "bytes=0-3")];
    let mut stranger = app.resident("13800000003").await;
    asked(&mut stranger, &path, &range).await.expect(404);
    let api = format!("/api/v1{}", path.trim_start_matches("/code"));
    assert_eq!(asked(&mut b, &api, &range).await.expect(206).body, "%PDF");
    let desk = format!("/desk{}", path.trim_start_matches("/code"));
    let mut reviewer = app.official(Role::AppealReviewer, "511621").await;
    assert_eq!(asked(&mut reviewer, &desk, &range).await.expect(206).body, "%PDF");
    let looks = app.deps.store.read(|c| {
        let views = audit_entries::table.filter(audit_entries::action.eq("file.view"));
        Ok(views.count().get_result::<i64>(c)?)
    });
    assert_eq!(looks.await.unwrap(), 1, "a part is a look");
    app.stop().await;
}
