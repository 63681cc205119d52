//! Bytes that cost more than they are: what is packed, deep or endless, through the web.

use crate::harness::App;
use crate::kill::site::Site;
use crate::on_both;
use crate::reopening::{begin, uscc};
use bytes::Bytes;
use fugong::web::qr::Qr;
use futures_util::future::join_all;
use reqwest::{Client, Method, StatusCode};
use std::io::{Cursor, Write};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// So many zero bytes, packed.
fn packed(bytes: usize, gzip: bool) -> Vec<u8> {
    let zeros = vec![b'0'; bytes];
    if gzip {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&zeros).unwrap();
        return packer.finish().unwrap();
    }
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&zeros).unwrap();
    packer.finish().unwrap()
}

on_both!(nothing_packed_is_unpacked);

/// A body of 60 KB that unpacks to 64 MB is refused before anything reads it, whatever it is said to be.
async fn nothing_packed_is_unpacked(app: App) {
    let gzip = packed(64 << 20, true);
    for (path, kind) in [
        ("/api/v1/verify", "application/json"),
        ("/exchange/v1/verify", "application/json"),
        ("/api/v1/verify/image", "image/png"),
        ("/api/v1/verify/image", "multipart/form-data; boundary=b"),
        ("/verify", "application/x-www-form-urlencoded"),
        ("/sign-in", "application/x-www-form-urlencoded"),
    ] {
        for (name, body) in [("gzip", gzip.clone()), ("deflate", packed(1 << 20, false)), ("br", vec![1])] {
            for encoding in [name.to_owned(), format!("identity, {name}"), name.to_uppercase()] {
                let headers = [("content-type", kind), ("content-encoding", encoding.as_str())];
                let answer =
                    app.browser().request(Method::POST, path, &headers, Some(body.clone())).await.expect(415);
                assert!(answer.body.contains("unsupported-media"), "{path} {encoding}: {}", answer.body);
            }
        }
    }
    let plain = [("content-type", "application/json"), ("content-encoding", "identity")];
    let body = Some(br#"{"text": "HC1:"}"#.to_vec());
    app.browser().request(Method::POST, "/api/v1/verify", &plain, body).await.expect(200);
    app.stop().await;
}

/// A picture of 5 MB in which there is nothing: grains that cannot be packed.
fn grains() -> Bytes {
    let mut state = 0x2020_0312_u64;
    let picture = image::RgbImage::from_fn(1300, 1300, |_, _| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let [r, g, b, ..] = state.to_le_bytes();
        image::Rgb([r, g, b])
    });
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
    assert!((4 << 20..5 << 20).contains(&file.get_ref().len()));
    file.into_inner().into()
}

/// Sends a picture as a client at this address behind a proxy of ours; none when the connection broke.
async fn send(client: &Client, site: &str, from: String, picture: Bytes) -> Option<(StatusCode, bool)> {
    let request = client.post(format!("{site}/api/v1/verify/image")).header("x-forwarded-for", from);
    let answer = request.header("content-type", "image/png").body(picture).send().await.ok()?;
    let status = answer.status();
    let told = answer.headers().contains_key("retry-after");
    answer.bytes().await.ok().map(|_| (status, told))
}

/// 300 uploads at once, from one address and from as many: memory rises by 64 MiB at most, text is verified meanwhile, and
/// somebody else's picture has its turn.
#[actix_web::test]
async fn many_uploads_fill_no_memory_and_hold_up_nobody() {
    let mut site = Site::sqlite();
    site.start().await;
    let base = format!("http://{}", site.address());
    let client = crate::harness::client().timeout(Duration::from_secs(60)).build().unwrap();
    let (large, code) = (grains(), Bytes::from(Qr::new("HC1:NOTHING").unwrap().png(4).unwrap()));
    for many in [false, true] {
        // What the program takes for its first pictures it keeps.
        for picture in [large.clone(), code.clone()] {
            send(&client, &base, "203.0.113.9".into(), picture).await.unwrap();
        }
        site.forget_peak();
        let before = site.memory().0;
        let flood = (0..300).map(|n| {
            let from = if many { format!("10.{}.{}.1", n / 200, n % 200) } else { "198.51.100.7".into() };
            let (client, base, large) = (client.clone(), base.clone(), large.clone());
            async move { send(&client, &base, from, large).await }
        });
        let flood = actix_web::rt::spawn(join_all(flood));
        for n in 0..5 {
            let (status, _) = send(&client, &base, format!("192.0.2.{n}"), code.clone()).await.unwrap();
            assert_eq!(status, StatusCode::OK, "somebody else's picture, {many} {n}");
            let text = client.post(format!("{base}/api/v1/verify")).header("x-forwarded-for", "192.0.2.77");
            let text = text.json(&serde_json::json!({"text": "HC1:NOTHING"})).send().await.unwrap();
            assert_eq!(text.status(), StatusCode::OK);
        }
        let answers: Vec<_> = flood.await.unwrap().into_iter().flatten().collect();
        let rise = site.memory().1.saturating_sub(before);
        eprintln!("{} of 300 answered, memory rose by {} MiB", answers.len(), rise / 1024);
        assert!(answers.len() > 12, "some see their answer: {}", answers.len());
        for (status, told) in &answers {
            assert!([408, 422, 429, 503].contains(&status.as_u16()), "{status}");
            assert_eq!(*told, [429, 503].contains(&status.as_u16()), "{status}: when to try again");
        }
        assert!(answers.iter().any(|(status, _)| *status == 422), "some are looked at");
        assert!(rise <= 64 << 10, "memory rose by {rise} KiB");
    }
}

/// A body that comes by drops is given up, and what it held can be had by others.
#[actix_web::test]
async fn a_body_by_drops_gives_its_room_back() {
    let app = App::sqlite().await;
    let address = app.base.trim_start_matches("http://").to_owned();
    let mut slow = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let head = format!(
            "POST /api/v1/verify/image HTTP/1.1\r\nhost: {address}\r\ncontent-type: image/png\r\ncontent-length: 5000000\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&[0x89]).await.unwrap();
        slow.push(stream);
    }
    let mut answers = Vec::new();
    for mut stream in slow {
        let mut answer = vec![0; 4096];
        let length = stream.read(&mut answer).await.unwrap();
        answers.push(String::from_utf8_lossy(&answer[..length]).into_owned());
    }
    assert!(
        answers.iter().all(|a| a.starts_with("HTTP/1.1 408") || a.starts_with("HTTP/1.1 429")),
        "{answers:?}"
    );
    assert!(answers.iter().any(|a| a.starts_with("HTTP/1.1 408")), "{answers:?}");
    let kind = [("content-type", "image/png")];
    let code = Qr::new("HC1:NOTHING").unwrap().png(4).unwrap();
    app.browser().request(Method::POST, "/api/v1/verify/image", &kind, Some(code)).await.expect(200);
    app.stop().await;
}

on_both!(names_of_files_mean_nothing);

/// A file is what it is, whatever it is called, and its name is kept nowhere.
async fn names_of_files_mean_nothing(app: App) {
    let picture = Qr::new("HC1:NOTHING").unwrap().png(4).unwrap();
    // 300 bytes, and what a path, a spreadsheet or a screen could make of a name.
    let (long, longest) = ("复工证明健康申报名单".repeat(10) + ".png", "x".repeat(4000));
    let names = [
        "../../../../etc/passwd",
        "..\\..\\windows\\x.png",
        "/etc/cron.d/x",
        "C:\\x.png",
        "x.png%00.exe",
        "=cmd|' /C calc'!A1.png",
        "a\u{202e}gnp.exe",
        "名\u{301}\u{200b}.png",
        ".",
        "",
        "<script>x.png",
        long.as_str(),
        longest.as_str(),
    ];
    assert!(long.len() > 300);
    let mut b = app.browser();
    for name in names {
        b.get("/verify").await.expect(200);
        let page = b.upload("/verify", "image", name, &picture).await.expect(200);
        assert!(name.len() < 5 || !page.body.contains(name), "{name:.40} is on the page");
    }
    let mut owner = app.resident("13800138000").await;
    let number = begin(&mut owner, &uscc(false, 34), "岳池县禾丰米粉食品有限公司").await;
    let step = format!("/reopening/{number}/staff");
    let sizes = [("staff_total", "3"), ("returning", "1")];
    owner.get(&format!("/reopening/{number}/headcount")).await.expect(200);
    owner.post(&format!("/reopening/{number}/headcount"), &sizes).await.expect(303);
    for name in names {
        owner.get(&step).await.expect(200);
        let list = "姓名,证件号码\r\n张三,11010519491231002X\r\n".as_bytes();
        owner.upload(&format!("{step}/upload"), "file", name, list).await.expect(303);
        let page = owner.get(&step).await.expect(200).shows("11010519491231002X");
        assert!(name.len() < 5 || !page.body.contains(name), "{name:.40} is on the page");
    }
    app.stop().await;
}

on_both!(files_that_are_two_things_are_one);

/// A picture that is also a page or an archive is a picture; what only ends as one is none. A list that begins as
/// something else is no list.
async fn files_that_are_two_things_are_one(app: App) {
    let picture = Qr::new("HC1:NOTHING").unwrap().png(4).unwrap();
    let picture = picture.as_slice();
    let (page, archive) = (&b"<html><script>alert(1)</script>"[..], &b"PK\x03\x04\x14\0\0\0\0\0"[..]);
    let kind = [("accept", "application/json"), ("content-type", "image/png")];
    let mut b = app.browser();
    for (what, file, status) in [
        ("a picture, then a page", [picture, page].concat(), 200),
        ("a picture, then an archive", [picture, archive].concat(), 200),
        ("a page, then a picture", [page, picture].concat(), 422),
        ("an archive, then a picture", [archive, picture].concat(), 422),
        ("a PDF, then a picture", [&b"%PDF-1.7\n"[..], picture].concat(), 422),
    ] {
        let answer = b.request(Method::POST, "/api/v1/verify/image", &kind, Some(file)).await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.body);
        assert!(!answer.body.contains("<script>"), "{what}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{what}");
        assert!(answer.headers["content-type"].to_str().unwrap().contains("json"), "{what}");
    }
    let mut owner = app.resident("13800138000").await;
    let number = begin(&mut owner, &uscc(false, 35), "岳池县禾丰米粉食品有限公司").await;
    let step = format!("/reopening/{number}/staff");
    let sizes = [("staff_total", "3"), ("returning", "1")];
    owner.get(&format!("/reopening/{number}/headcount")).await.expect(200);
    owner.post(&format!("/reopening/{number}/headcount"), &sizes).await.expect(303);
    let list = "姓名,证件号码\r\n张三,11010519491231002X\r\n".as_bytes();
    for (what, file) in [
        ("an archive, then a list", [archive, list].concat()),
        ("a picture, then a list", [picture, list].concat()),
        ("a PDF, then a list", [&b"%PDF-1.7\n%\xe2\xe3\n"[..], list].concat()),
    ] {
        owner.get(&step).await.expect(200);
        let answer = owner.upload(&format!("{step}/upload"), "file", "staff.csv", &file).await;
        assert_eq!(answer.status.as_u16(), 422, "{what}");
    }
    app.stop().await;
}

/// Pieces of a chunked body for as long as they are taken; what was answered meanwhile.
async fn endless(app: &App, target: &str, kind: &str) -> String {
    let stream = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let head = format!(
        "POST {target} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    write.write_all(head.as_bytes()).await.unwrap();
    let piece = [b"10000\r\n".as_slice(), &[b'a'; 65_536], b"\r\n"].concat();
    let sending = async { while write.write_all(&piece).await.is_ok() {} };
    let reading = async {
        let mut answer = vec![0; 4096];
        let length = read.read(&mut answer).await.unwrap_or(0);
        String::from_utf8_lossy(&answer[..length]).into_owned()
    };
    let both = async { tokio::join!(sending, reading).1 };
    tokio::time::timeout(Duration::from_secs(60), both).await.expect("it is read for ever")
}

/// Nothing in front of the portal cuts what comes without an end: it is answered, and its connection is closed.
#[actix_web::test]
async fn a_body_without_an_end_ends_its_connection() {
    let app = App::sqlite().await;
    let [json, form] = ["application/json", "application/x-www-form-urlencoded"];
    let targets =
        [("/", form), ("/health/live", json), ("/sign-in", form), ("/api/v1/verify", json), ("/none", json)];
    for answer in join_all(targets.map(|(target, kind)| endless(&app, target, kind))).await {
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer:.300}");
    }
    // One that ends leaves its connection for the next.
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    let head = "POST /api/v1/verify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    for more in ["", "connection: close\r\n"] {
        let body = "8\r\n{\"text\":\r\n8\r\n\"HC1:A\"}\r\n0\r\n\r\n";
        let request = format!("{head}{more}transfer-encoding: chunked\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
    }
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
    app.stop().await;
}
