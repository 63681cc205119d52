//! The doors of programs: each has its own routes, and the partners' asks for a certificate.

use super::{SELF, problem, refused};
use crate::harness::App;
use crate::harness::doors::{client_with, fingerprint};
use crate::harness::keys::{Message, Signer, TestKey, new_key};
use crate::on_both;
use fugong::front::{NewKey, NewSecret};
use fugong::web::door::Door;
use fugong::web::program::Kind;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

on_both!(
    a_partner_comes_with_certificate_and_signature,
    a_device_is_told_the_time,
    each_door_has_its_own_routes,
);

async fn ask(app: &App, client: &Client, door: Door, path: &str, key: &TestKey) -> Response {
    let message = Message::new(app, Method::GET, format!("{}{path}", app.at(door)), None);
    message.send(client, &message.signed(&key.keyid, &key.signer)).await
}

const WHO_AM_I: &str = "/exchange/v1/whoami";

async fn a_partner_comes_with_certificate_and_signature(app: App) {
    let app = app.with_doors().await;
    let key = app.partner_key().await;
    let url = format!("{}{WHO_AM_I}", app.at(Door::Partner));
    for (certificate, believed) in [(None, false), (Some("stranger"), false), (Some("partner"), true)] {
        let client = client_with(certificate);
        let met = client.get(&url).send().await;
        assert_eq!(met.is_ok(), believed, "{certificate:?}");
        if let Ok(answer) = met {
            refused(problem(answer).await, 401, "signature-missing");
        }
    }
    let client = client_with(Some("partner"));
    let told: Value = ask(&app, &client, Door::Partner, WHO_AM_I, &key).await.json().await.unwrap();
    assert_eq!((&told["province"], &told["province_name"]), (&json!("440000"), &json!("广东省")));
    assert_eq!(told["keyid"], key.keyid);
    assert_eq!(told["proofs"][0]["algorithm"], "ecdsa-p256-sha256");
    assert_eq!(told["proofs"][0]["certificate"], hex::encode(fingerprint("partner")));
    // Another partner's certificate, which the authority believes, is not this partner's.
    let other = client_with(Some("other-partner"));
    refused(
        problem(ask(&app, &other, Door::Partner, WHO_AM_I, &key).await).await,
        401,
        "signature-certificate",
    );
    let signer = Signer::ed25519();
    let new = new_key(Kind::Partner, &[], Some(&signer), &app);
    let secret = NewSecret { certificate: Some(fingerprint("other-partner")), ..new.secret.clone() };
    let second = app.give(NewKey { province: Some("330000".into()), secret, ..new }, Some(signer)).await;
    let told: Value = ask(&app, &other, Door::Partner, WHO_AM_I, &second).await.json().await.unwrap();
    assert_eq!(told["province"], "330000");
    refused(
        problem(ask(&app, &client, Door::Partner, WHO_AM_I, &second).await).await,
        401,
        "signature-certificate",
    );
    // What was signed for one door is nothing at another.
    let portal = Message::new(&app, Method::GET, format!("{}{WHO_AM_I}", app.base), None);
    let here = Message { target: url, ..portal.clone() };
    let met = here.send(&client, &portal.signed(&key.keyid, &key.signer)).await;
    refused(problem(met).await, 401, "signature-refused");
    app.stop().await;
}

async fn a_device_is_told_the_time(app: App) {
    let app = app.with_doors().await;
    let key = app.device_key().await;
    let client = client_with(None);
    let told: Value = ask(&app, &client, Door::Device, "/device/v1/self", &key).await.json().await.unwrap();
    assert_eq!((&told["keyid"], &told["kind"]), (&json!(key.keyid), &json!("device")));
    assert_eq!(told["time"], json!(app.clock.now()));
    let other = app.client_key(&[]).await;
    refused(
        problem(ask(&app, &client, Door::Device, "/device/v1/self", &other).await).await,
        404,
        "not-found",
    );
    app.stop().await;
}

async fn each_door_has_its_own_routes(app: App) {
    let app = app.with_doors().await;
    let client = client_with(Some("partner"));
    for (path, portal, partner, device) in [
        ("/exchange/v1/rules", true, true, false),
        ("/exchange/v1/examples", true, true, false),
        ("/exchange/v1/status-lists/0", true, true, true),
        ("/permits", true, false, false),
        ("/desk/sign-in", true, false, false),
        (SELF, true, false, false),
        (WHO_AM_I, false, true, false),
        ("/device/v1/self", false, false, true),
        ("/health/ready", true, false, false),
    ] {
        for (door, there) in [(Door::Portal, portal), (Door::Partner, partner), (Door::Device, device)] {
            let url = format!("{}{path}", app.at(door));
            let asked = client.request(Method::OPTIONS, &url).send().await.unwrap();
            let status = if there { 204 } else { 404 };
            assert_eq!(asked.status(), status, "{door:?} {path}");
            if !there && door != Door::Portal {
                let page = client.get(&url).header("accept", "text/html").send().await.unwrap();
                refused(problem(page).await, 404, "not-found");
            }
        }
    }
    // No cookie and no token makes anybody somebody there.
    let resident = app.resident("13800138000").await;
    let cookies: Vec<String> = resident.cookies().iter().map(|(k, v)| format!("{k}={v}")).collect();
    let url = format!("{}/me", app.at(Door::Device));
    let met = client.get(url).header("cookie", cookies.join("; ")).send().await.unwrap();
    assert_eq!(met.status(), 404);
    app.stop().await;
}
