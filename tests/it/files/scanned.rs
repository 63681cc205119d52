//! Files are looked through by clamd where there is one. Here something else answers in its place.

use super::{DOCUMENT, appealed, file, hand_in, on_disk};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use chrono::Duration;
use fugong::config::Clamd;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

on_both!(
    what_is_harmful_is_refused_and_its_bytes_go,
    a_clean_file_is_opened_and_nobody_is_warned,
    without_a_verdict_nobody_opens_a_file,
);

/// Answers as it is told to, and keeps what it was sent.
struct Scanner {
    address: SocketAddr,
    answer: Arc<Mutex<&'static str>>,
    sent: Arc<Mutex<Vec<u8>>>,
}

impl Scanner {
    async fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (answer, sent) = (Arc::new(Mutex::new(answer)), Arc::new(Mutex::new(Vec::new())));
        let (said, kept) = (answer.clone(), sent.clone());
        actix_web::rt::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut all = Vec::new();
                while !all.ends_with(&[0, 0, 0, 0]) && stream.read_buf(&mut all).await.unwrap_or(0) > 0 {}
                let answer = *said.lock().unwrap();
                let _ = stream.write_all(answer.as_bytes()).await;
                *kept.lock().unwrap() = all;
            }
        });
        Self { address, answer, sent }
    }

    fn says(&self, answer: &'static str) {
        *self.answer.lock().unwrap() = answer;
    }
}

async fn with(app: App, scanner: &Scanner) -> App {
    let at = scanner.address;
    app.with_settings(|c| c.clamd = Some(Clamd::Port(at))).await
}

/// What the resident was told of files that were not taken.
async fn told(b: &mut Browser, number: &str) -> Vec<String> {
    let all = b.api_get("/api/v1/me/messages").await.expect(200).json();
    let all = all["messages"].as_array().unwrap().iter().map(ToString::to_string);
    all.filter(|one| one.contains(number) && one.contains("没有收下")).collect()
}

async fn what_is_harmful_is_refused_and_its_bytes_go(app: App) {
    let scanner = Scanner::start("stream: Win.Test.EICAR_HDB-1 FOUND\0").await;
    let app = with(app, &scanner).await;
    let (mut b, number) = appealed(&app).await;
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    app.drain().await;
    let (id, state) = file(&mut b, &number, 0).await;
    assert_eq!((state.as_str(), on_disk(&app).len()), ("refused", 0));
    b.get(&format!("/code/appeals/{number}")).await.expect(200).shows("有害程序").hides("EICAR");
    b.get(&format!("/code/appeals/{number}/files/{id}")).await.expect(409);
    // Whoever handed it in is told, by which file, why and where; not by SMS, and not what the scanner calls it.
    let told = told(&mut b, &number).await;
    assert_eq!(told.len(), 1, "{told:?}");
    for words in ["a.pdf", "有害程序", &format!("/code/appeals/{number}")] {
        assert!(told[0].contains(words), "{words}: {}", told[0]);
    }
    assert!(!told[0].contains("EICAR"));
    assert!(app.deps.sms.sent().iter().all(|sms| !sms.text.contains("没有收下")));
    // There is room for another in its place, also for the same.
    scanner.says("stream: OK\0");
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    app.drain().await;
    assert_eq!(file(&mut b, &number, 1).await.1, "ready");
    assert_eq!(self::told(&mut b, &number).await.len(), 1, "of what is taken nobody is told");
    app.stop().await;
}

async fn a_clean_file_is_opened_and_nobody_is_warned(app: App) {
    let scanner = Scanner::start("stream: OK\0").await;
    let app = with(app, &scanner).await;
    let (mut b, number) = appealed(&app).await;
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    app.drain().await;
    assert_eq!(file(&mut b, &number, 0).await.1, "ready");
    b.get(&format!("/code/appeals/{number}")).await.expect(200).hides("没有对文件查毒");
    let sent = scanner.sent.lock().unwrap().clone();
    assert!(sent.starts_with(b"zINSTREAM\0") && sent.windows(DOCUMENT.len()).any(|w| w == DOCUMENT));
    app.stop().await;
}

async fn without_a_verdict_nobody_opens_a_file(app: App) {
    let scanner = Scanner::start("INSTREAM size limit exceeded. ERROR\0").await;
    let app = with(app, &scanner).await;
    let (mut b, number) = appealed(&app).await;
    hand_in(&mut b, &number, "a.pdf", DOCUMENT).await.leads_to("/code/appeals/");
    for nothing in ["INSTREAM size limit exceeded. ERROR\0", "", "stream: OK FOUND OK\0"] {
        scanner.says(nothing);
        app.drain().await;
        let (id, state) = file(&mut b, &number, 0).await;
        assert_eq!(state, "scanning", "{nothing}");
        b.get(&format!("/code/appeals/{number}/files/{id}")).await.expect(409);
        app.clock.advance(Duration::minutes(2));
    }
    scanner.says("stream: OK\0");
    app.drain().await;
    assert_eq!(file(&mut b, &number, 0).await.1, "ready", "it is asked again by itself");
    app.stop().await;
}
