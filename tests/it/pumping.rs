//! Codes by SMS are money: who asks for many of them gets no more than a share, however the asking is spread.

use crate::accounts::signing_in::last_code;
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use chrono::TimeDelta;
use fugong::web::limits;
use futures_util::future::join_all;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

on_both!(
    a_window_slides,
    of_many_at_once_no_more_than_allowed_get_a_code,
    one_network_gets_its_share_however_it_is_written,
    a_wide_network_gets_its_share,
    all_together_get_a_budget,
    one_provider_leaves_the_rest_to_others,
    the_last_third_is_for_those_who_have_been_here,
    forwarded_hosts_mean_nothing,
    files_are_counted_for_each_account,
);

async fn behind_proxies(app: App, budget: i32) -> App {
    let proxies = ["127.0.0.1/32", "10.8.0.0/16"].map(|range| range.parse().unwrap());
    app.with_settings(move |config| {
        config.trusted_proxies = proxies.to_vec();
        config.sms_per_hour = budget;
    })
    .await
}

/// A request for a code, of a client at this address behind a proxy of ours.
fn from(client: &Client, app: &App, n: u32, address: &str) -> RequestBuilder {
    client
        .post(format!("{}/api/v1/sign-in/code-requests", app.base))
        .header("x-forwarded-for", format!("203.0.113.200, {address}"))
        .json(&json!({"phone": format!("138{n:08}")}))
}

/// Asks for a code from there.
async fn ask(app: &App, client: &Client, n: u32, address: &str) -> StatusCode {
    // What a network may ask in all goes on meanwhile.
    app.clock.advance(TimeDelta::seconds(1));
    from(client, app, n, address).send().await.unwrap().status()
}

/// Signs in with a code from there.
async fn sign_in(app: &App, client: &Client, n: u32, address: &str) {
    let asked = from(client, app, n, address).send().await.unwrap();
    let ticket = asked.json::<Value>().await.unwrap()["ticket"].clone();
    let body = json!({"phone": format!("138{n:08}"), "ticket": ticket, "code": last_code(app).await});
    let request = client.post(format!("{}/api/v1/sign-in/sessions", app.base)).json(&body);
    let done = request.header("x-forwarded-for", address).send().await.unwrap();
    assert_eq!(done.status(), StatusCode::CREATED);
}

/// Asks on the page for a code, from there.
async fn ask_on_page(b: &mut Browser, phone: &str, address: &str) -> StatusCode {
    let token = b.get("/sign-in").await.expect(200).input("_csrf").unwrap();
    let body =
        serde_urlencoded::to_string([("phone", phone), ("next", "/me"), ("_csrf", token.as_str())]).unwrap();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let headers = [("accept", "text/html"), kind, ("x-forwarded-for", address)];
    b.request(Method::POST, "/sign-in", &headers, Some(body.into_bytes())).await.status
}

/// How many of so many get a code, asked for one after the other.
async fn served(app: &App, client: &Client, first: u32, from: impl Iterator<Item = String>) -> usize {
    let mut served = 0;
    for (n, from) in (first..).zip(from) {
        let status = ask(app, client, n, &from).await;
        assert!(status.is_success() || [429, 503].contains(&status.as_u16()), "{status}");
        served += usize::from(status.is_success());
    }
    served
}

fn client() -> Client {
    crate::harness::client().build().unwrap()
}

async fn a_window_slides(app: App) {
    let hour = TimeDelta::hours(1);
    let begun = app.deps.clock.now();
    let try_at = |minutes: i64| {
        let (keys, now) = (app.deps.keys.clone(), begun + TimeDelta::minutes(minutes));
        let count = app.deps.store.write(move |tx| {
            Ok(limits::count(tx, &keys, "test", "x", hour, 3, now).err().map(|e| e.retry_after()))
        });
        async { count.await.unwrap() }
    };
    // A fixed hour would begin anew in between.
    assert_eq!([try_at(0).await, try_at(50).await, try_at(55).await], [None, None, None]);
    let refused = try_at(59).await.expect("three in the hour before").unwrap();
    assert!((1..=120).contains(&refused), "{refused}");
    let keys = app.deps.keys.clone();
    let within = app.deps.store.write(move |tx| {
        let now = begun + TimeDelta::minutes(59);
        Ok(limits::within(tx, &keys, "test", "x", hour, 3, now).is_ok())
    });
    assert!(!within.await.unwrap(), "asked without counting: the same answer");
    app.stop().await;
}

async fn of_many_at_once_no_more_than_allowed_get_a_code(app: App) {
    let begun = app.deps.clock.now();
    let tries = (0..40).map(|n| {
        let (keys, now) = (app.deps.keys.clone(), begun + TimeDelta::milliseconds(n * 100));
        app.deps.store.write(move |tx| limits::count(tx, &keys, "test", "y", TimeDelta::minutes(1), 5, now))
    });
    let allowed = join_all(tries).await.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(allowed, 5);
    // What has no room is not counted, and of many at once no more are.
    let deps = &app.deps;
    let spent = |minutes: i64| {
        let now = begun + TimeDelta::minutes(minutes);
        let tries = (0..40).map(move |_| {
            let keys = deps.keys.clone();
            let budget = [(TimeDelta::hours(1), 5), (TimeDelta::days(1), 8)];
            deps.store.write(move |tx| limits::spend(tx, &keys, ("test", "z"), &budget, now))
        });
        async { join_all(tries).await.into_iter().filter(|spent| *spent.as_ref().unwrap()).count() }
    };
    assert_eq!([spent(0).await, spent(59).await, spent(61).await, spent(125).await], [5, 0, 3, 0]);
    app.stop().await;
}

async fn one_network_gets_its_share_however_it_is_written(app: App) {
    let app = behind_proxies(app, 20_000).await;
    let client = client();
    let spread = (0..320).map(|n: u32| match n % 4 {
        0 => format!("2001:db8:7:7::{n:x}"),
        1 => format!("[2001:db8:7:7:{n:x}::1]:4711"),
        2 => format!("\"[2001:db8:7:7:ffff::{n:x}]\", 10.8.0.{}", n % 200 + 1),
        _ => format!("2001:DB8:7:7:0:{n:x}::"),
    });
    assert_eq!(served(&app, &client, 0, spread).await, 300);
    assert!(ask(&app, &client, 999, "2001:db8:8:7::1").await.is_success(), "another is not affected");
    app.stop().await;
}

async fn a_wide_network_gets_its_share(app: App) {
    let app = behind_proxies(app, 100_000).await;
    let client = client();
    let networks = (0..950).map(|n: u32| format!("2001:db8:9:{:x}::1", n % 256));
    assert_eq!(served(&app, &client, 0, networks).await, 900);
    assert!(ask(&app, &client, 999, "2001:db8:a::1").await.is_success());
    app.stop().await;
}

async fn all_together_get_a_budget(app: App) {
    let app = behind_proxies(app, 240).await;
    let client = client();
    // One that floods gets a third.
    assert_eq!(served(&app, &client, 0, (0..150).map(|_| "192.0.2.1".to_owned())).await, 80);
    // From half on an address gets a tenth of its share.
    assert_eq!(served(&app, &client, 1000, (0..40).map(|n: u32| format!("198.{n}.0.1"))).await, 40);
    assert_eq!(served(&app, &client, 2000, (0..35).map(|_| "100.64.0.1".to_owned())).await, 30);
    let many = (0..40).map(|n: u32| format!("198.{n}.1.1"));
    assert_eq!(served(&app, &client, 3000, many).await, 10, "the last third is not for strangers");
    let refused = from(&client, &app, 4000, "198.200.0.1").send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key("retry-after"));
    let mut b = app.browser();
    b.get("/health/ready").await.expect(200);
    b.get("/sign-in").await.expect(200);
    app.stop().await;
}

/// The addresses of a provider, sixty from each /48 of its /32.
fn provider(name: u32) -> impl Iterator<Item = String> {
    (0..).map(move |n: u32| format!("2001:{name:x}:{:x}::1", n / 60))
}

async fn one_provider_leaves_the_rest_to_others(app: App) {
    let app = behind_proxies(app, 1500).await;
    let client = client();
    assert_eq!(served(&app, &client, 0, provider(0xdb8).take(1000)).await, 500, "a third");
    // Two of them make codes scarce, and then each gets a sixth.
    assert_eq!(served(&app, &client, 2000, provider(0xdb9).take(500)).await, 250);
    assert_eq!(served(&app, &client, 4000, (0..250).map(|n: u32| format!("198.{n}.0.1"))).await, 250);
    assert_eq!(ask(&app, &client, 5000, "100.64.0.1").await, StatusCode::SERVICE_UNAVAILABLE);
    app.stop().await;
}

async fn the_last_third_is_for_those_who_have_been_here(app: App) {
    let app = behind_proxies(app, 150).await;
    let client = client();
    let mut owner = app.browser();
    crate::accounts::signing_in::sign_in(&app, &mut owner, "13700137000").await;
    owner.post("/sign-out", &[]).await.leads_to("/");
    sign_in(&app, &client, 9000, "192.0.2.7").await;
    assert_eq!(served(&app, &client, 0, provider(0xdb8).take(100)).await, 50, "a third");
    assert_eq!(served(&app, &client, 1000, (0..60).map(|n: u32| format!("198.{n}.0.1"))).await, 48);
    // Nobody who is new gets one, whether or not the number has an account.
    app.clock.advance(TimeDelta::minutes(1));
    for phone in ["13700137000", "13700137001"] {
        let asked = ask_on_page(&mut app.browser(), phone, "100.64.0.1").await;
        assert_eq!(asked, StatusCode::SERVICE_UNAVAILABLE, "{phone}");
    }
    // A browser that has signed in with the number does, wherever it is, and with no other number.
    assert_eq!(ask_on_page(&mut owner, "13700137001", "100.64.0.1").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ask_on_page(&mut owner, "13700137000", "100.64.0.1").await, StatusCode::SEE_OTHER);
    // So does a network from which somebody has signed in, half of what is left.
    let near = (0..40).map(|n: u32| format!("192.0.2.{n}"));
    assert_eq!(served(&app, &client, 2000, near).await, 24);
    app.clock.advance(TimeDelta::minutes(2));
    assert_eq!(ask_on_page(&mut owner, "13700137000", "100.64.0.1").await, StatusCode::SEE_OTHER);
    app.stop().await;
}

async fn forwarded_hosts_mean_nothing(app: App) {
    let headers = [
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
        ("origin", "http://evil.example"),
        ("content-type", "application/json"),
    ];
    let body = Some(br#"{"text": "HC1:"}"#.to_vec());
    app.browser().request(Method::POST, "/api/v1/verify", &headers, body).await.expect(403);
    app.stop().await;
}

async fn files_are_counted_for_each_account(app: App) {
    let mut b = app.browser();
    crate::accounts::signing_in::sign_in(&app, &mut b, "13900001234").await;
    for _ in 0..30 {
        b.get("/me/data/download").await.expect(200);
    }
    let refused = b.get("/me/data/download").await.expect(429);
    assert!(refused.headers.contains_key("retry-after"));
    b.get("/me").await.expect(200);
    for _ in 0..120 {
        app.browser().get("/permits/list.csv").await.expect(200);
    }
    app.browser().get("/permits/list.csv").await.expect(429);
    app.browser().get("/permits").await.expect(200);
    app.stop().await;
}
