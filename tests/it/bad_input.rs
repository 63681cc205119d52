//! Garbage at every door: bodies that cannot be read, parameters that mean nothing, forms without their token. The
//! answer is always a 4xx as problem+json or a page, never a fault of ours, and nothing is taken for an answer.

use crate::harness::App;
use crate::world::World;
use crate::world::principals::{
    Body, Principal, ask, changes, client, empty_body, everybody, is_api, sign_in,
};
use fugong::router;
use fugong::web::route::{RouteInfo, Who};
use reqwest::{Client, Method, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const PARTS: &str = "multipart/form-data; boundary=b";

/// Routes that read no body, and why nothing can be wrong with one.
const WITHOUT_BODY: &[(&str, &str)] = &[
    ("/api/v1/sessions/current", "DELETE: the token says which session ends"),
    ("/api/v1/audit/verify", "the end of the record is gone through, whatever is sent"),
    ("/api/v1/me/notice", "whoever asks says that the notice was read, whatever is sent"),
    ("/api/v1/code/application", "whose code it is, the token says"),
    ("/subscriptions/stop/{token}", "whoever has the link stops it, whatever is sent (RFC 8058)"),
    ("/subscriptions/stop/{token}/all", "whoever has the link stops it, whatever is sent (RFC 8058)"),
];

/// Bodies that no route can take for an answer.
fn broken() -> Vec<(&'static str, Body)> {
    let body = |kind, bytes: Vec<u8>| Body { kind, bytes };
    let many: String = (0..600).map(|n| format!("f{n}=1&")).collect();
    vec![
        ("another content type", body("text/plain", b"a=b".to_vec())),
        ("no such content type", body("x", b"a".to_vec())),
        ("oversize form", body(FORM, [b"a=".to_vec(), vec![b'a'; 300 * 1024]].concat())),
        ("oversize JSON", body(JSON, [b"{\"a\":\"".to_vec(), vec![b'a'; 300 * 1024]].concat())),
        ("form that is not UTF-8", body(FORM, b"a=%FF%FE&b=\xff".to_vec())),
        ("form with %00", body(FORM, b"a=x%00y&id=%00".to_vec())),
        ("600 fields", body(FORM, many.into_bytes())),
        ("JSON that is not UTF-8", body(JSON, b"{\"a\":\"\xff\"}".to_vec())),
        ("JSON cut off", body(JSON, b"{\"a\":".to_vec())),
        ("JSON 10,000 deep", body(JSON, vec![b'['; 10_000])),
        ("JSON with an unknown field", body(JSON, b"{\"nonsense-of-ours\":1}".to_vec())),
        ("JSON of another type", body(JSON, b"[1,null,\"x\"]".to_vec())),
        ("JSON null", body(JSON, b"null".to_vec())),
        (
            "parts without an end",
            body(PARTS, b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx".to_vec()),
        ),
        ("parts that are none", body(PARTS, b"a=b".to_vec())),
        ("parts without a boundary", body("multipart/form-data", b"a=b".to_vec())),
    ]
}

/// Bodies that are well-formed and say nothing; some routes need nothing more.
fn nothing() -> Vec<(&'static str, Option<Body>)> {
    let body = |kind, bytes: &[u8]| Some(Body { kind, bytes: bytes.to_vec() });
    vec![
        ("no body at all", None),
        ("no byte of JSON", body(JSON, b"")),
        ("an empty object", body(JSON, b"{}")),
        ("an object with a mark", body(JSON, b"\xef\xbb\xbf{}")),
        ("an empty form", body(FORM, b"")),
        ("no part", body(PARTS, b"--b--\r\n")),
        (
            "a file of no byte",
            body(
                PARTS,
                b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--b--\r\n",
            ),
        ),
    ]
}

/// Values that no path parameter can have.
fn garbage() -> Vec<String> {
    vec![
        "a".repeat(4000),
        "%00".into(),
        "x%00y".into(),
        "%FF%FE".into(),
        "%F0%A0%AE%B7%E2%80%AE".into(),
        "..%2f..%2f..%2fetc%2fpasswd".into(),
        "%252e%252e".into(),
        "'%20OR%201=1--".into(),
        "-1".into(),
        "99999999999999999999".into(),
        "%7B%22a%22:1%7D".into(),
    ]
}

fn first_who_may(route: &RouteInfo, all: &[Principal]) -> Principal {
    all.iter().find(|p| p.may(route.who)).unwrap_or_else(|| panic!("nobody may use {}", route.path)).clone()
}

/// A 4xx that says what is wrong, or what is wrong with it.
async fn refused(what: &str, response: Response) -> Option<String> {
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type").map_or("", |v| v.to_str().unwrap()).to_owned();
    let body = response.text().await.unwrap_or_default();
    if !(400..500).contains(&status) {
        return Some(format!("{what}: {status}"));
    }
    if status == 429 {
        return Some(format!("{what}: the test ran into a rate limit"));
    }
    let told = kind.starts_with("text/html") && body.contains("<h1")
        || kind == "application/problem+json" && body.contains("urn:fugong:problem:");
    (!told).then(|| format!("{what}: {status} without a word, {kind:?}"))
}

#[actix_web::test]
async fn bodies_that_cannot_be_read() {
    let world = World::new(App::sqlite().await).await;
    let (client, mut all, mut faults) = (client(), everybody(&world.app).await, Vec::new());
    for route in router::routes().table().iter().filter(|r| changes(r)) {
        sign_in(&world.app, &mut all).await;
        let who = first_who_may(route, &all);
        let (path, _) = world.sample(route.path);
        // One account may ask six hundred times at once, and five times a second more.
        world.app.clock.advance(chrono::Duration::seconds(7));
        let none = WITHOUT_BODY.iter().any(|(p, _)| *p == route.path);
        for (what, body) in broken() {
            let accept = if body.kind == JSON || is_api(route.path) { JSON } else { "text/html" };
            let token = who.token.as_deref();
            let answer =
                ask(&client, &world.app.base, route.method.as_str(), &path, token, accept, Some(body)).await;
            let what = format!("{} {} as {}: {what}", route.method, route.path, who.name);
            if none && !answer.status().is_server_error() {
                continue;
            }
            faults.extend(refused(&what, answer).await);
        }
        for (what, body) in nothing() {
            let token = who.token.as_deref();
            let answer = ask(&client, &world.app.base, route.method.as_str(), &path, token, JSON, body).await;
            if answer.status().is_server_error() {
                faults.push(format!("{} {}: {what}: {}", route.method, route.path, answer.status()));
            }
        }
    }
    world.app.stop().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[actix_web::test]
async fn half_a_body_does_no_harm() {
    let app = App::sqlite().await;
    let (mut all, mut faults) = (everybody(&app).await, Vec::new());
    let address = app.base.trim_start_matches("http://").to_owned();
    for route in router::routes().table().iter().filter(|r| changes(r)) {
        sign_in(&app, &mut all).await;
        app.clock.advance(chrono::Duration::seconds(1));
        let who = first_who_may(route, &all);
        let body = empty_body(route);
        let bearer = who.token.map(|t| format!("authorization: Bearer {t}\r\n")).unwrap_or_default();
        let head = format!(
            "{} {} HTTP/1.1\r\nhost: x\r\ncontent-type: {}\r\ncontent-length: 1000\r\n{bearer}\r\n{{\"a\":",
            route.method, route.path, body.kind
        );
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // The connection may simply be closed: nobody is there to read an answer.
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        if WITHOUT_BODY.iter().any(|(p, _)| *p == route.path) && answer.starts_with("HTTP/1.1 2") {
            continue;
        }
        if answer.starts_with("HTTP/1.1 5") || answer.starts_with("HTTP/1.1 2") {
            faults.push(format!("{} {}: {}", route.method, route.path, answer.lines().next().unwrap()));
        }
    }
    app.browser().api_get("/health/ready").await.expect(200);
    app.stop().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

async fn parameters_are_garbage(app: App) {
    let (client, mut all, mut faults) = (client(), everybody(&app).await, Vec::new());
    for route in router::routes().table().iter().filter(|r| r.path.contains('{')) {
        sign_in(&app, &mut all).await;
        app.clock.advance(chrono::Duration::seconds(1));
        let who = first_who_may(route, &all);
        for value in garbage() {
            let mut path = route.path.to_owned();
            while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
                path.replace_range(from..=to, &value);
            }
            let body = changes(route).then(|| empty_body(route));
            let answer =
                ask(&client, &app.base, route.method.as_str(), &path, who.token.as_deref(), JSON, body).await;
            let what = format!("{} {} as {}: {:.40}", route.method, route.path, who.name, value);
            // Files carry their own short answer, without a context.
            if route.path.starts_with("/assets/") && answer.status() == 404 {
                continue;
            }
            faults.extend(refused(&what, answer).await);
        }
    }
    app.stop().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

async fn queries_are_garbage(app: App) {
    let queries = [
        "?cursor=%FF&after=%00&page=-1&q=%00",
        "?cursor=zzzz&after=zzzz&before=zzzz&state=%27&q=%25%25&division=zz&from=2020-99-99&to=x",
        "?cursor=W10&after=bnVsbA&number=%00&id=%00&next=//evil.example&lang=x&step=999",
        "?q=%F0%A0%AE%B7%E2%80%AE&&&=&==&%",
        // A moment 200,000 years ago and a number beyond every date, as a cursor: PostgreSQL has no such moments.
        "?after=WyItMjAwMDAwLTAxLTAxVDAwOjAwOjAwWiIsIjAxOTIwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwYWJjZCJd",
        "?after=Wy04MjAwMDAwMDAwMDAwMDAwMDAwLDAsMF0&from=-262143-01-01",
    ];
    let world = World::new(app).await;
    let (client, mut all, mut faults) = (client(), everybody(&world.app).await, Vec::new());
    sign_in(&world.app, &mut all).await;
    for route in router::routes().table().iter().filter(|r| r.method.as_str() == "GET") {
        world.app.clock.advance(chrono::Duration::seconds(1));
        let who = first_who_may(route, &all);
        let (path, _) = world.sample(route.path);
        for query in queries {
            let path = format!("{path}{query}");
            let token = who.token.as_deref();
            let answer =
                ask(&client, &world.app.base, route.method.as_str(), &path, token, "text/html", None).await;
            let to = answer.headers().get("location").map_or("", |v| v.to_str().unwrap());
            let away = to.starts_with("//") || to.contains("://");
            if answer.status().is_server_error() || away {
                faults.push(format!("GET {path} as {}: {} {to}", who.name, answer.status()));
            }
        }
    }
    world.app.stop().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

crate::on_both!(parameters_are_garbage, queries_are_garbage);

/// Whoever is signed in by cookie needs the page's token for every change, whatever the body looks like.
#[actix_web::test]
async fn no_change_without_the_token() {
    let app = App::sqlite().await;
    let (client, mut all, mut faults) = (client(), everybody(&app).await, Vec::new());
    let cookie = fugong::web::cookies::CookieNames::of(&app.deps.config).session;
    for route in router::routes().table().iter().filter(|r| changes(r)) {
        sign_in(&app, &mut all).await;
        app.clock.advance(chrono::Duration::seconds(1));
        let who = if route.who == Who::Public { all[1].clone() } else { first_who_may(route, &all) };
        let Some(token) = who.token.as_deref() else { continue };
        let path = route.path.replace(['{', '}'], "");
        for kind in [FORM, JSON, PARTS] {
            let status = forged(&client, &app.base, route, &path, &format!("{cookie}={token}"), kind).await;
            if !matches!(status, 400 | 403 | 404 | 415) {
                faults.push(format!("{} {} as {}: {kind}: {status}", route.method, route.path, who.name));
            }
        }
        let form = if is_api(route.path) { JSON } else { FORM };
        let own = forged(&client, &app.base, route, &path, &format!("{cookie}={token}"), form).await;
        if own != 403 && !path_is_checked_first(route, own) {
            faults.push(format!("{} {} as {}: {form}: {own}, not 403", route.method, route.path, who.name));
        }
    }
    app.stop().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// A parameter that cannot be one is refused before the form is read; an upload has its own type.
fn path_is_checked_first(route: &RouteInfo, status: u16) -> bool {
    // Work for the province as a whole is not there for an official of a county.
    let of_province = ["/desk/holds", "/desk/holds/views", "/admin/keys/new", "/api/v1/admin/keys"];
    let province = of_province.contains(&route.path) && status == 404;
    province || route.path.contains('{') && (status == 404 || status == 400) || status == 415
}

async fn forged(
    client: &Client,
    base: &str,
    route: &RouteInfo,
    path: &str,
    cookie: &str,
    kind: &'static str,
) -> u16 {
    let bytes = match kind {
        JSON => b"{}".to_vec(),
        PARTS => b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n".to_vec(),
        _ => b"a=b".to_vec(),
    };
    let request = client
        .request(Method::from_bytes(route.method.as_str().as_bytes()).unwrap(), format!("{base}{path}"));
    let request = request.header("cookie", cookie).header("content-type", kind).body(bytes);
    request.send().await.unwrap().status().as_u16()
}
