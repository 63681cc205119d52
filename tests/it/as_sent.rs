//! Requests as proxies, browsers and programs really send them (RFC 9110, 9112, 6265): in pieces, in absolute form, with
//! several lines of one header, with others' cookies beside ours.

use crate::harness::App;
use crate::on_both;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

on_both!(cookies_as_browsers_send_them, one_form_in_every_framing);

/// Sends lines as they are and reads until the server closes; each answer's status line, headers and body as text.
async fn raw(app: &App, request: &[u8]) -> String {
    let address = app.base.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // A refused request may be cut off while it is still being sent.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of the last answer (before it may stand a `100 Continue`).
fn status(answer: &str) -> u16 {
    let last = answer.match_indices("HTTP/1.").last().map_or("", |(at, _)| &answer[at + 9..]);
    last.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0)
}

/// A GET with header lines, on a connection that is closed behind it.
async fn get(app: &App, target: &str, lines: &[&[u8]]) -> String {
    let mut request = format!("GET {target} HTTP/1.1\r\nconnection: close\r\n").into_bytes();
    for line in lines {
        request.extend_from_slice(line);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    raw(app, &request).await
}

async fn cookies_as_browsers_send_them(app: App) {
    let signed_in = app.resident("13800138000").await;
    let name = fugong::web::cookies::CookieNames::of(&app.deps.config).session;
    let token = signed_in.cookies()[&name].clone();
    let stray = "A".repeat(43);
    let ours = [
        format!("{name}={token}"),
        format!("{name}=\"{token}\""),
        format!("other=1; {name}={token}; third=\"x y\""),
        format!("{name}={stray}; {name}={token}"),
        format!("{name}=; {name}={token}"),
        format!("{name}=expired; {name}={token}"),
        format!("{name}={token}; {name}={stray}"),
        format!("lonely; {name}={token}"),
        format!("=; ;; ={stray}; {name}={token};"),
        format!("long={}; {name}={token}", "x".repeat(8000)),
        format!("城市=广安; {name}={token}"),
        format!("bad=%ff%; {name} = {token}"),
    ];
    for cookie in &ours {
        let line = format!("cookie: {cookie}");
        let answer = get(&app, "/me", &[b"host: x", b"accept: text/html", line.as_bytes()]).await;
        assert_eq!(status(&answer), 200, "{cookie}: {answer:.300}");
    }
    // Two lines, as a gateway from HTTP/2 may leave them (RFC 9113, 8.2.3), and bytes that are no text.
    let ours = format!("cookie: {name}={token}");
    let broken = [b"cookie: a=".as_slice(), &[0xd6, 0xd0, 0xff]].concat();
    for lines in [[b"cookie: a=b".as_slice(), ours.as_bytes()], [&broken, ours.as_bytes()]] {
        let answer =
            get(&app, "/me", &[&[b"host: x".as_slice(), b"accept: text/html"], &lines[..]].concat()).await;
        assert_eq!(status(&answer), 200, "{answer:.300}");
    }
    for cookie in [format!("{name}={stray}"), format!("{name}="), name.clone(), format!("{name}={token}x")] {
        let line = format!("cookie: {cookie}");
        let answer = get(&app, "/me", &[b"host: x", b"accept: text/html", line.as_bytes()]).await;
        assert_eq!(status(&answer), 303, "{cookie}: {answer:.300}");
    }
    app.stop().await;
}

/// The same form in every way a body may be framed: each is accepted once, and none costs a 5xx.
async fn one_form_in_every_framing(app: App) {
    let mut browser = app.browser();
    browser.get("/").await.expect(200);
    let (names, jar) = (&app.deps.cookies, browser.cookies().clone());
    let cookie = jar.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("; ");
    let csrf = browser.get("/sign-in").await.input("_csrf").unwrap();
    let body =
        serde_urlencoded::to_string([("_csrf", csrf.as_str()), ("lang", "en"), ("next", "/")]).unwrap();
    let form = "content-type: application/x-www-form-urlencoded\r\nconnection: close\r\n";
    let head = |target: &str, more: &str| {
        format!("POST {target} HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\n{form}{more}\r\n")
    };
    let (length, (first, rest)) = (body.len(), body.split_at(7));
    let plain = format!("content-length: {length}\r\n");
    let pieces = format!("7;ext=1\r\n{first}\r\n{:x}\r\n{rest}\r\n0\r\nx-trailer: 1\r\n\r\n", rest.len());
    let chunked = "transfer-encoding: chunked\r\n";
    let base = &app.base;
    for (what, request) in [
        ("plain", head("/language", &plain) + &body),
        ("chunked", head("/language", chunked) + &pieces),
        ("absolute form", head(&format!("{base}/language"), &plain) + &body),
        ("expecting a word first", head("/language", &format!("expect: 100-continue\r\n{plain}")) + &body),
        ("the same header twice", head("/language", &format!("{form}{plain}")) + &body),
        ("length with space", head("/language", &format!("content-length:  {length} \r\n")) + &body),
    ] {
        let answer = raw(&app, request.as_bytes()).await;
        assert_eq!(status(&answer), 303, "{what}: {answer:.400}");
        assert!(answer.contains(&format!("set-cookie: {}=en", names.lang)), "{what}: {answer:.400}");
        assert_eq!(
            answer.starts_with("HTTP/1.1 100"),
            what == "expecting a word first",
            "{what}: {answer:.100}"
        );
    }
    let json = "content-type: application/json\r\n";
    for (what, request) in [
        ("no host", head("/language", &plain).replace("host: x\r\n", "") + &body),
        ("two hosts", head("/language", &format!("host: y\r\n{plain}")) + &body),
        ("two types", head("/language", &format!("{json}{plain}")) + &body),
        ("two lengths", head("/language", &format!("{plain}content-length: 3\r\n")) + &body),
        ("length and chunks", head("/language", &format!("{plain}{chunked}")) + &pieces),
        ("a signed length", head("/language", &format!("content-length: +{length}\r\n")) + &body),
        ("unknown coding", head("/language", "transfer-encoding: wild\r\n") + &body),
        ("chunks without a size", head("/language", chunked) + "zz\r\n"),
        ("a header without a name", head("/language", &format!(": x\r\n{plain}")) + &body),
        ("space before the colon", head("/language", &format!("x : y\r\n{plain}")) + &body),
        ("a folded header", head("/language", &format!("x: y\r\n z\r\n{plain}")) + &body),
        ("a header of 1 MB", head("/language", &format!("x: {}\r\n{plain}", "y".repeat(1 << 20))) + &body),
        ("no version", "GET /\r\n\r\n".to_owned()),
        ("no request", "\u{16}\u{3}\u{1}\r\n\r\n".to_owned()),
    ] {
        let answer = raw(&app, request.as_bytes()).await;
        let code = status(&answer);
        // A connection that is closed without a word is an answer to what is no HTTP.
        assert!(answer.is_empty() || (400..500).contains(&code), "{what}: {answer:.300}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn methods_and_targets() {
    let app = App::sqlite().await;
    let mut browser = app.browser();
    for path in
        ["/", "/rules", "/permits", "/permits/list.csv", "/api/v1/permits", "/health/ready", "/health/live"]
    {
        let whole = browser.request(Method::GET, path, &[], None).await.expect(200);
        let head = browser.request(Method::HEAD, path, &[], None).await.expect(200);
        assert!(head.body.is_empty(), "{path}");
        assert_eq!(head.headers.get("content-type"), whole.headers.get("content-type"), "{path}");
        let told = browser.request(Method::OPTIONS, path, &[], None).await.expect(204);
        assert!(told.headers["allow"].to_str().unwrap().starts_with("GET, HEAD"), "{path}");
    }
    browser.request(Method::HEAD, "/me", &[("accept", "text/html")], None).await.expect(303);
    browser.request(Method::HEAD, "/nowhere", &[], None).await.expect(404);
    for (request, codes) in [
        ("OPTIONS * HTTP/1.1\r\nhost: x\r\n", &[200u16, 204][..]),
        ("GET http://elsewhere.example/rules HTTP/1.1\r\nhost: x\r\n", &[200]),
        ("HEAD /rules HTTP/1.0\r\n", &[200]),
        ("TRACE / HTTP/1.1\r\nhost: x\r\n", &[405]),
        ("BREW /rules HTTP/1.1\r\nhost: x\r\n", &[405]),
        ("CONNECT x:443 HTTP/1.1\r\nhost: x\r\n", &[400, 404, 405]),
        ("GET /../../etc/passwd HTTP/1.1\r\nhost: x\r\n", &[400, 404]),
        ("GET //evil.example HTTP/1.1\r\nhost: x\r\n", &[400, 404]),
        ("GET /rules?a=b#c HTTP/1.1\r\nhost: x\r\n", &[200, 400]),
        ("GET /rules HTTP/1.1\r\nhost: x\r\nexpect: the-unexpected\r\n", &[200, 417]),
        ("GET /rules HTTP/1.1\r\nhost: x\r\nrange: bytes=0-1\r\n", &[200]),
    ] {
        let answer = raw(&app, format!("{request}connection: close\r\n\r\n").as_bytes()).await;
        assert!(codes.contains(&status(&answer)), "{request}: {answer:.300}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn several_lines_of_one_header_are_one_list() {
    let app = App::sqlite().await;
    let page = [b"host: x".as_slice(), b"accept: application/xml", b"accept: text/html;q=0.9"];
    let answer = get(&app, "/me", &page).await;
    assert_eq!(status(&answer), 303, "a browser is led to the sign-in page: {answer:.300}");
    for (lines, lang) in [
        ([b"accept-language: fr".as_slice(), b"accept-language: en;q=0.5"], "en"),
        ([b"accept-language: \xff\xfe", b"accept-language: en"], "en"),
        ([b"accept-language: zh-Hant-TW", b"accept-language: en"], "zh-CN"),
        ([b"accept-language: ;;q=,*;q=x", b"accept-language: "], "zh-CN"),
    ] {
        let all = [&[b"host: x".as_slice(), b"accept: text/html"], &lines[..]].concat();
        let answer = get(&app, "/rules", &all).await;
        assert!(answer.contains(&format!("<html lang=\"{lang}\"")), "{lang}: {answer:.800}");
    }
    for lines in [
        [b"authorization: Bearer a".as_slice(), b"authorization: Bearer b"],
        [
            b"idempotency-key: 0190a1b2-0000-7000-8000-000000000001",
            b"idempotency-key: 0190a1b2-0000-7000-8000-000000000002",
        ],
    ] {
        let answer = get(&app, "/api/v1/permits", &[&[b"host: x".as_slice()], &lines[..]].concat()).await;
        assert_eq!(status(&answer), 400, "{answer:.300}");
    }
    app.stop().await;
}
