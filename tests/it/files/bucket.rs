//! Files in a bucket: here a small store answers as S3 does, and believes nobody who has not signed.

use super::{DOCUMENT, appealed, file, hand_in, listed, rows};
use crate::harness::App;
use crate::on_both;
use actix_web::{HttpRequest, HttpResponse, HttpServer, web};
use fugong::config::{BucketAt, FilesPlace};
use fugong::files::Sweep;
use fugong::jobs::Job;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

on_both!(a_file_is_kept_read_and_swept_in_a_bucket, a_store_that_is_away_takes_nothing_and_loses_nothing,);

type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// What the store has, and whether it answers.
#[derive(Clone, Default)]
struct Store {
    objects: Objects,
    away: Arc<Mutex<bool>>,
}

async fn serve(req: HttpRequest, store: web::Data<Store>, body: web::Bytes) -> HttpResponse {
    let query: BTreeMap<String, String> = serde_urlencoded::from_str(req.query_string()).unwrap();
    let signed = query.get("X-Amz-Credential").is_some_and(|key| key.starts_with("id/"))
        && query.get("X-Amz-Signature").is_some_and(|s| s.len() == 64);
    if *store.away.lock().unwrap() {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let Some(key) = req.path().strip_prefix("/fugong/").filter(|_| signed) else {
        return HttpResponse::Forbidden().finish();
    };
    let mut objects = store.objects.lock().unwrap();
    match (req.method().as_str(), key) {
        ("GET", "") => list(&objects, &query),
        ("PUT", key) => {
            objects.insert(key.to_owned(), body.to_vec());
            HttpResponse::Ok().finish()
        }
        ("DELETE", key) => {
            objects.remove(key);
            HttpResponse::NoContent().finish()
        }
        ("GET", key) => match objects.get(key) {
            Some(bytes) => part(bytes, req.headers().get("range").unwrap().to_str().unwrap()),
            None => HttpResponse::NotFound().finish(),
        },
        _ => HttpResponse::MethodNotAllowed().finish(),
    }
}

/// One name at a time, so that a list goes on.
fn list(objects: &BTreeMap<String, Vec<u8>>, query: &BTreeMap<String, String>) -> HttpResponse {
    assert_eq!(query["list-type"], "2");
    let after = query.get("start-after").cloned().unwrap_or_default();
    let mut keys = objects.keys().filter(|key| key.starts_with(&query["prefix"]) && **key > after);
    let first = keys.next().map(|key| format!("<Contents><Key>{key}</Key></Contents>")).unwrap_or_default();
    let more = keys.next().is_some();
    HttpResponse::Ok().body(format!("<R><IsTruncated>{more}</IsTruncated>{first}</R>"))
}

fn part(bytes: &[u8], range: &str) -> HttpResponse {
    let (from, to) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
    let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
    if from >= bytes.len() {
        return HttpResponse::RangeNotSatisfiable().finish();
    }
    HttpResponse::PartialContent().body(bytes[from..bytes.len().min(to + 1)].to_vec())
}

async fn with(app: App, store: &Store) -> App {
    let data = web::Data::new(store.clone());
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(data.clone())
            .app_data(web::PayloadConfig::new(20 << 20))
            .default_service(web::to(serve))
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    let at = BucketAt {
        endpoint,
        bucket: "fugong".into(),
        region: "us-east-1".into(),
        key: "id".into(),
        secret: "secret".into(),
    };
    app.with_settings(|c| c.files = Some(FilesPlace::Bucket(at))).await
}

async fn a_file_is_kept_read_and_swept_in_a_bucket(app: App) {
    let store = Store::default();
    let app = with(app, &store).await;
    let (mut b, number) = appealed(&app).await;
    // Of more than one window of pieces.
    let long = [&DOCUMENT[..9], &vec![b'%'; 2 << 20], b"\n", &DOCUMENT[9..]].concat();
    hand_in(&mut b, &number, "a.pdf", &long).await.leads_to("/code/appeals/");
    app.drain().await;
    let (id, state) = file(&mut b, &number, 0).await;
    assert_eq!(state, "ready");
    assert_eq!(b.fetch(&format!("/code/appeals/{number}/files/{id}")).await.2, long);
    let key = store.objects.lock().unwrap().keys().next().unwrap().clone();
    assert!(key.starts_with("510000/"), "{key}");
    assert!(!store.objects.lock().unwrap()[&key].windows(4).any(|w| w == b"%PDF"), "sealed");
    // Left over beside it, and somebody else's.
    let shelf = key.rsplit_once('/').unwrap().0.to_owned();
    let left = format!("{shelf}/{}{}", "0".repeat(30), &key[key.len() - 2..]);
    let others = ["330000/aa/x".to_owned(), format!("{shelf}/notes.txt")];
    for key in others.iter().chain([&left]) {
        store.objects.lock().unwrap().insert(key.clone(), vec![1]);
    }
    Sweep.run(app.deps.clone()).await.unwrap();
    let there: Vec<String> = store.objects.lock().unwrap().keys().cloned().collect();
    assert!(!there.contains(&left) && there.contains(&key) && others.iter().all(|o| there.contains(o)));
    // Cut off in the store: it breaks off, it is not taken for a whole one.
    let whole = store.objects.lock().unwrap()[&key].clone();
    store.objects.lock().unwrap().insert(key.clone(), whole[..70_000].to_vec());
    assert_eq!(b.fetch(&format!("/code/appeals/{number}/files/{id}")).await.0.as_u16(), 503);
    b.get(&format!("/code/appeals/{number}")).await.expect(200);
    b.post(&format!("/code/appeals/{number}/files/{id}/remove"), &[]).await.leads_to("/code/appeals/");
    assert!(!store.objects.lock().unwrap().contains_key(&key));
    app.stop().await;
}

async fn a_store_that_is_away_takes_nothing_and_loses_nothing(app: App) {
    let store = Store::default();
    let app = with(app, &store).await;
    let (mut b, number) = appealed(&app).await;
    *store.away.lock().unwrap() = true;
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.expect(503);
    assert!(rows(&app).await.is_empty() && store.objects.lock().unwrap().is_empty());
    *store.away.lock().unwrap() = false;
    b.get(&format!("/code/appeals/{number}")).await.expect(200);
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    app.drain().await;
    let (id, _) = file(&mut b, &number, 0).await;
    *store.away.lock().unwrap() = true;
    assert_eq!(b.fetch(&format!("/code/appeals/{number}/files/{id}")).await.0.as_u16(), 503);
    assert!(Sweep.run(app.deps.clone()).await.is_err(), "nothing is taken for lost");
    *store.away.lock().unwrap() = false;
    assert_eq!(listed(&mut b, &number).await["files"][0]["state"], json!("ready"));
    assert_eq!(b.fetch(&format!("/code/appeals/{number}/files/{id}")).await.2, DOCUMENT);
    app.stop().await;
}
