//! Signed requests of clients, as they are and as they must not be.

use super::{LOOK_UP, SELF, ask_self, message, problem, refused};
use crate::harness::App;
use crate::harness::doors::client_with;
use crate::harness::keys::{Message, Signer, TestKey, digest, new_key};
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::audit::Actor;
use fugong::db::schema::{program_keys, program_nonces};
use fugong::web::program::{Kind, Scope};
use reqwest::{Method, Response};
use serde_json::{Value, json};

on_both!(
    each_algorithm_is_served,
    a_message_counts_once,
    what_fails_can_be_sent_again,
    the_clock_is_named,
    another_method_target_or_body_is_refused,
    what_is_not_covered_is_named,
    a_key_that_does_not_count_says_so_to_whoever_has_it,
    a_scope_and_a_kind_are_asked_for,
    bodies_are_bounded,
    nonces_are_forgotten_when_they_are_over,
);

const NUMBERS: &[u8] = br#"{"numbers":["51-QX6S-UA69"]}"#;

async fn send(message: &Message, key: &TestKey) -> Response {
    message.send(&client_with(None), &message.signed(&key.keyid, &key.signer)).await
}

async fn each_algorithm_is_served(app: App) {
    for signer in [None, Some(Signer::ed25519()), Some(Signer::p256())] {
        let key = app.give(new_key(Kind::Client, &[Scope::Register], signer.as_ref(), &app), signer).await;
        let answer = ask_self(&app, &key).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let told: Value = answer.json().await.unwrap();
        assert_eq!(told["keyid"], key.keyid);
        assert_eq!((&told["kind"], &told["scopes"]), (&json!("client"), &json!(["register"])));
        assert_eq!(told["time"], json!(app.clock.now()));
        let found = send(&message(&app, Method::POST, LOOK_UP, Some(NUMBERS)), &key).await;
        assert_eq!(found.status(), 200);
        let found: Value = found.json().await.unwrap();
        assert_eq!(found, json!({"permits": [{"asked": "51-QX6S-UA69", "found": null}]}));
    }
    // A query is part of what is signed.
    let key = app.client_key(&[]).await;
    let with_query = message(&app, Method::GET, "/api/v1/self?a=b&c", None);
    assert_eq!(send(&with_query, &key).await.status(), 200);
    app.stop().await;
}

async fn a_message_counts_once(app: App) {
    let key = app.client_key(&[Scope::Register]).await;
    for (method, path, body) in [(Method::GET, SELF, None), (Method::POST, LOOK_UP, Some(NUMBERS))] {
        let message = message(&app, method, path, body);
        let fields = message.signed(&key.keyid, &key.signer);
        let client = client_with(None);
        let (one, other) = tokio::join!(message.send(&client, &fields), message.send(&client, &fields));
        let mut met = [one.status().as_u16(), other.status().as_u16()];
        met.sort_unstable();
        assert_eq!(met, [200, 409], "of two at once one is served");
        app.clock.advance(Duration::seconds(299));
        refused(problem(message.send(&client, &fields).await).await, 409, "nonce-used");
        // The same number of another key is another number.
        let other = app.client_key(&[Scope::Register]).await;
        assert_eq!(send(&message, &other).await.status(), 200);
    }
    app.stop().await;
}

async fn what_fails_can_be_sent_again(app: App) {
    let key = app.client_key(&[Scope::Register]).await;
    let broken = message(&app, Method::POST, LOOK_UP, Some(b"{\"numbers\":"));
    for _ in 0..2 {
        refused(problem(send(&broken, &key).await).await, 400, "body-malformed");
    }
    let empty = message(&app, Method::POST, LOOK_UP, Some(b"{\"numbers\":[]}"));
    refused(problem(send(&empty, &key).await).await, 422, "invalid");
    app.stop().await;
}

async fn the_clock_is_named(app: App) {
    let key = app.client_key(&[]).await;
    for (late, status) in [(-300, 200), (300, 200), (-301, 401), (301, 401), (i64::MAX / 2, 401)] {
        let mut sent = message(&app, Method::GET, SELF, None);
        sent.created = sent.created.saturating_add(late).min(999_999_999_999_999);
        let answer = send(&sent, &key).await;
        assert_eq!(answer.status(), status, "{late}");
        if status == 401 {
            assert!(answer.headers().contains_key("date"), "what time it is here stands in the answer");
            assert!(answer.headers()["accept-signature"].to_str().unwrap().contains("@target-uri"));
            refused(problem(answer).await, 401, "signature-clock");
        }
    }
    let sent = message(&app, Method::GET, SELF, None);
    let mut fields = sent.signed(&key.keyid, &key.signer);
    fields[0].1.push_str(&format!(";expires={}", sent.created - 1));
    refused(problem(sent.send(&client_with(None), &fields).await).await, 401, "signature-clock");
    app.stop().await;
}

async fn another_method_target_or_body_is_refused(app: App) {
    let key = app.client_key(&[Scope::Register]).await;
    let client = client_with(None);
    let sent = message(&app, Method::POST, LOOK_UP, Some(NUMBERS));
    let fields = sent.signed(&key.keyid, &key.signer);
    let other = |change: fn(&mut Message, &str)| {
        let mut other = sent.clone();
        change(&mut other, &app.base);
        other
    };
    for (what, changed) in [
        ("method", other(|m, _| m.method = Method::PUT)),
        ("path", other(|m, base| m.target = format!("{base}{SELF}"))),
        ("query", other(|m, _| m.target.push_str("?x=1"))),
    ] {
        let met = problem(changed.send(&client, &fields).await).await;
        refused(met, 401, "signature-refused");
        assert_eq!(sent.nonce.len(), 14, "{what}");
    }
    let body = other(|m, _| m.body = Some(b"{\"numbers\":[\"51-QX6S-UA68\"]}".to_vec()));
    refused(problem(body.send(&client, &fields).await).await, 400, "digest-wrong");
    let no_body = other(|m, _| m.body = None);
    refused(problem(no_body.send(&client, &fields).await).await, 400, "digest-wrong");
    // A digest that fits another body, put in place of the signed one.
    let mut swapped = fields.clone();
    swapped[2].1 = digest(b"{\"numbers\":[\"51-QX6S-UA68\"]}");
    refused(problem(body.send(&client, &swapped).await).await, 401, "signature-refused");
    for (what, text) in [("sha-512=:YWJj:", "digest-malformed"), ("abc", "digest-malformed")] {
        let mut odd = fields.clone();
        odd[2].1 = what.to_owned();
        refused(problem(sent.send(&client, &odd).await).await, 400, text);
    }
    // Of all this nothing has been spent.
    assert_eq!(sent.send(&client, &fields).await.status(), 200);
    // Another key's name, a key that nobody has, another algorithm's name.
    let stranger = app.client_key(&[Scope::Register]).await;
    for keyid in [stranger.keyid.as_str(), "client-0000000000000000"] {
        let sent = message(&app, Method::GET, SELF, None);
        let met = sent.send(&client, &sent.signed(keyid, &key.signer)).await;
        refused(problem(met).await, 401, "signature-refused");
    }
    app.stop().await;
}

async fn what_is_not_covered_is_named(app: App) {
    let key = app.client_key(&[Scope::Register]).await;
    let client = client_with(None);
    let sent = message(&app, Method::POST, LOOK_UP, Some(NUMBERS));
    let fields = sent.signed(&key.keyid, &key.signer);
    for (from, to, status, code) in [
        (" \"content-digest\"", "", 401, "signature-components"),
        ("\"@method\" ", "", 401, "signature-components"),
        ("\"@target-uri\"", "\"@authority\"", 401, "signature-components"),
        ("\"@method\"", "\"@method\" \"x-absent\"", 401, "signature-components"),
        ("\"@method\"", "\"@method\" \"@method\"", 401, "signature-components"),
        ("\"@method\"", "\"@method\";req", 401, "signature-components"),
        (";nonce=", ";number=", 400, "signature-parameters"),
        (";created=", ";made=", 400, "signature-parameters"),
        ("keyid=\"", "keyid=1;k=\"", 400, "signature-parameters"),
        ("sig=(", "sig=((", 400, "signature-malformed"),
        ("sig=", "other=", 400, "signature-malformed"),
        ("sig=", "one=(\"@path\"), sig=", 400, "signature-several"),
    ] {
        let mut changed = fields.clone();
        changed[0].1 = changed[0].1.replacen(from, to, 1);
        assert_ne!(changed[0].1, fields[0].1, "{from}");
        refused(problem(sent.send(&client, &changed).await).await, status, code);
    }
    let mut alone = fields.clone();
    alone.remove(1);
    refused(problem(sent.send(&client, &alone).await).await, 400, "signature-malformed");
    refused(problem(sent.send(&client, &[]).await).await, 401, "signature-missing");
    // A session is no signature.
    let mut official = app.official(fugong::access::Role::Administrator, "510000").await;
    assert_eq!(official.api_get(SELF).await.expect(401).problem(), "signature-missing");
    // Where no program is asked for, somebody's signature is nothing to us.
    let public = message(&app, Method::GET, "/api/v1/permits", None);
    assert_eq!(public.send(&client, &[("signature-input", "x".into())]).await.status(), 200);
    app.stop().await;
}

async fn a_key_that_does_not_count_says_so_to_whoever_has_it(app: App) {
    let key = app.client_key(&[]).await;
    let stranger = TestKey { signer: Signer::Secret("guessed".into()), ..key.clone() };
    assert_eq!(ask_self(&app, &key).await.status(), 200);
    app.clock.advance(Duration::days(365) - Duration::seconds(1));
    assert_eq!(ask_self(&app, &key).await.status(), 200);
    app.clock.advance(Duration::seconds(1));
    refused(problem(ask_self(&app, &key).await).await, 401, "key-expired");
    refused(problem(ask_self(&app, &stranger).await).await, 401, "signature-refused");
    let gone = app.client_key(&[]).await;
    assert_eq!(ask_self(&app, &gone).await.status(), 200);
    let mut admin = app.official(fugong::access::Role::Administrator, "510000").await;
    admin.get("/admin/keys").await.expect(200);
    let path = format!("/api/v1/admin/keys/{}/revoke", gone.id);
    admin.api(Method::POST, &path, &json!({"version": 1, "reason": "泄露"})).await.expect(204);
    refused(problem(ask_self(&app, &gone).await).await, 401, "key-revoked");
    let stranger = TestKey { signer: Signer::ed25519(), ..gone };
    refused(problem(ask_self(&app, &stranger).await).await, 401, "signature-refused");
    app.stop().await;
}

async fn a_scope_and_a_kind_are_asked_for(app: App) {
    let bare = app.client_key(&[]).await;
    let asked = message(&app, Method::POST, LOOK_UP, Some(NUMBERS));
    refused(problem(send(&asked, &bare).await).await, 403, "scope-missing");
    let device = app.device_key().await;
    refused(problem(ask_self(&app, &device).await).await, 404, "not-found");
    let partner = app.partner_key().await;
    refused(problem(ask_self(&app, &partner).await).await, 404, "not-found");
    app.stop().await;
}

async fn bodies_are_bounded(app: App) {
    let key = app.client_key(&[Scope::Register]).await;
    let large = [b"{\"numbers\":[\"".as_slice(), &vec![b'1'; 300 * 1024], b"\"]}"].concat();
    let sent = message(&app, Method::POST, LOOK_UP, Some(&large));
    refused(problem(send(&sent, &key).await).await, 413, "too-large");
    let many = json!({"numbers": vec!["51-QX6S-UA69"; 501]}).to_string();
    let sent = message(&app, Method::POST, LOOK_UP, Some(many.as_bytes()));
    refused(problem(send(&sent, &key).await).await, 422, "invalid");
    let sent = message(&app, Method::GET, SELF, None);
    let mut fields = sent.signed(&key.keyid, &key.signer);
    fields[0].1 = format!("sig=(\"{}\")", "x".repeat(5000));
    refused(problem(sent.send(&client_with(None), &fields).await).await, 400, "signature-malformed");
    app.stop().await;
}

async fn nonces_are_forgotten_when_they_are_over(app: App) {
    let key = app.client_key(&[]).await;
    assert_eq!(ask_self(&app, &key).await.status(), 200);
    let count = || async {
        let found = app.deps.store.read(|c| Ok(program_nonces::table.count().get_result::<i64>(c)?));
        found.await.unwrap()
    };
    let seen = || async {
        let found = app.deps.store.read(|c| {
            Ok(program_keys::table.select(program_keys::seen_at).first::<Option<fugong::db::Ts>>(c)?)
        });
        found.await.unwrap().unwrap().0
    };
    let first = app.clock.now();
    assert_eq!((count().await, seen().await), (1, first));
    app.clock.advance(Duration::seconds(59));
    assert_eq!(ask_self(&app, &key).await.status(), 200);
    assert_eq!((count().await, seen().await), (2, first), "written at most once a minute");
    app.clock.advance(Duration::seconds(1));
    assert_eq!(ask_self(&app, &key).await.status(), 200);
    assert_eq!(seen().await, app.clock.now());
    app.tick().await;
    assert_eq!(count().await, 3, "they could still be sent again");
    app.clock.advance(Duration::seconds(601));
    app.tick().await;
    assert_eq!(count().await, 0);
    app.stop().await;
}

/// What an administrator gives is in the record, without its secret.
#[actix_web::test]
async fn no_secret_stands_in_the_record() {
    use fugong::db::schema::{audit_entries, program_secrets};
    let app = App::sqlite().await;
    let new = new_key(Kind::Client, &[Scope::Register], None, &app);
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let made = app.deps.store.write(move |tx| fugong::front::add(tx, &keys, Actor::Console, &new, now));
    let made = made.await.unwrap();
    let secret = made.secret.unwrap();
    assert_eq!(secret.len(), 43);
    let kept = app.deps.store.read(|c| {
        let detail: Vec<fugong::db::Js> = audit_entries::table
            .filter(audit_entries::action.eq("key.create"))
            .select(audit_entries::detail)
            .load(c)?;
        let sealed: Vec<Vec<u8>> = program_secrets::table.select(program_secrets::material_sealed).load(c)?;
        Ok((detail, sealed))
    });
    let (detail, sealed) = kept.await.unwrap();
    assert_eq!((detail.len(), sealed.len()), (1, 1));
    assert!(!detail[0].0.to_string().contains(&secret));
    assert!(!sealed[0].windows(8).any(|part| secret.as_bytes().windows(8).any(|own| own == part)));
    app.stop().await;
}

/// What docs/front.md tells to whoever signs: with a secret, and with a key pair that openssl has made.
#[actix_web::test]
async fn the_example_is_served() {
    let app = App::sqlite().await;
    let folder = crate::harness::scratch("sign");
    std::fs::create_dir_all(&folder).unwrap();
    let key_file = folder.join("key.pem");
    let openssl =
        |args: &[&str]| std::process::Command::new("openssl").args(args).current_dir(&folder).output();
    let Ok(made) = openssl(&["genpkey", "-algorithm", "ed25519", "-out", "key.pem"]) else {
        return crate::harness::skipped("openssl is not installed");
    };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let public = openssl(&["pkey", "-in", "key.pem", "-pubout"]).unwrap().stdout;
    let verifies = fugong::signature::Key::public(&String::from_utf8(public).unwrap()).unwrap();
    let own = new_key(Kind::Client, &[Scope::Register], None, &app);
    let secret = fugong::front::NewSecret { key: Some(verifies), certificate: None };
    let pair = app.give(fugong::front::NewKey { secret, ..own }, Some(Signer::Secret(String::new()))).await;
    let shared = app.client_key(&[Scope::Register]).await;
    let (base, created) = (app.base.clone(), app.clock.now().timestamp().to_string());
    let run = move |key: &TestKey, args: &[&str]| {
        let mut command = std::process::Command::new("sh");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/sign.sh")).args(args);
        command.env("KEYID", &key.keyid).env("CREATED", &created).env("no_proxy", "*");
        match &key.signer {
            Signer::Secret(text) if !text.is_empty() => command.env("SECRET", text),
            _ => command.env("KEY_FILE", &key_file),
        };
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        serde_json::from_str::<Value>(&told).unwrap_or_else(|e| panic!("{e}: {told} {output:?}"))
    };
    let keyids = [shared.keyid.clone(), pair.keyid.clone()];
    let asked = tokio::task::spawn_blocking(move || {
        let body = std::str::from_utf8(NUMBERS).unwrap();
        let (own, look_up) = (format!("{base}{SELF}"), format!("{base}{LOOK_UP}"));
        [&shared, &pair].map(|key| (run(key, &["GET", &own]), run(key, &["POST", &look_up, body])))
    });
    for ((told, found), keyid) in asked.await.unwrap().into_iter().zip(keyids) {
        assert_eq!(told["keyid"], keyid, "{told}");
        assert_eq!(found["permits"][0]["asked"], "51-QX6S-UA69", "{found}");
    }
    app.stop().await;
}
