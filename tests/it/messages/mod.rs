//! Messages: rendered, handed over once, tried again, dead at the end; a tarpit on one side harms nobody else.

mod answers;
mod authorities;
mod rendered;
mod tarpit;

use crate::harness::{App, scratch};
use crate::on_both;
use chrono::Duration;
use fugong::app::Deps;
use fugong::carrier::Mailer;
use fugong::config::{MailTransport, SmsTransport};
use fugong::error::AppError;
use fugong::notify::{self, Channel, Lane, Message, Recipient};
use fugong::web::i18n::Lang;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;

on_both!(
    goes_out_once_by_every_way,
    what_fails_is_tried_again_with_the_same_reference,
    a_worker_that_died_leaves_nothing_behind,
    final_answers_are_dead_and_codes_expire,
    urgent_goes_before_bulk,
    the_inbox_is_the_readers_own
);

const PHONE: &str = "+8613800138000";

fn to(phone: bool, email: bool) -> Recipient {
    Recipient {
        phone: phone.then(|| PHONE.to_owned()),
        email: email.then(|| "wang@example.org".to_owned()),
        lang: Lang::ZhCn,
        account: None,
    }
}

/// One of many, who get more together than one is sent.
fn nth(n: usize) -> Recipient {
    Recipient {
        phone: Some(format!("+86138{n:08}")),
        email: Some(format!("w{n}@example.org")),
        ..Recipient::default()
    }
}

async fn send(app: &App, to: Recipient, message: Message) {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    app.deps.store.write(move |tx| notify::send(tx, &keys, &to, &message, now)).await.unwrap();
}

/// A message that has every form.
fn code() -> Message {
    Message::new("delivery-check", json!({"code": "482913"}))
}

/// The same portal with other transports.
async fn with(app: &App, mail: MailTransport, sms: SmsTransport) -> fugong::app::App {
    let mut config = app.deps.config.clone();
    config.mail = mail;
    config.sms = sms;
    fugong::app::App::new(Deps::connect(config, app.clock.clone(), app.deps.keys.clone()).await.unwrap())
}

/// An SMS gateway that keeps what it is sent and answers with a status, or accepts and never answers, or hangs up.
#[derive(Clone, Default)]
struct Gateway {
    status: Arc<AtomicU16>,
    hang: Arc<AtomicBool>,
    cut: Arc<AtomicBool>,
    got: Arc<std::sync::Mutex<Vec<Value>>>,
    arrived: Arc<Notify>,
}

impl Gateway {
    async fn start(status: u16) -> (Self, SmsTransport) {
        let gateway = Self { status: Arc::new(AtomicU16::new(status)), ..Self::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        let own = gateway.clone();
        actix_web::rt::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                actix_web::rt::spawn(own.clone().serve(stream));
            }
        });
        (gateway, SmsTransport::Http { url, token: "t0ken".into() })
    }

    async fn serve(self, mut stream: tokio::net::TcpStream) {
        loop {
            let mut buffer = Vec::new();
            let body = loop {
                let mut part = [0; 4096];
                let Ok(n @ 1..) = stream.read(&mut part).await else { return };
                buffer.extend_from_slice(&part[..n]);
                let text = String::from_utf8_lossy(&buffer).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length = head
                    .to_lowercase()
                    .split("content-length: ")
                    .nth(1)
                    .unwrap()
                    .split("\r\n")
                    .next()
                    .unwrap()
                    .parse::<usize>()
                    .unwrap();
                if body.len() >= length {
                    assert!(head.to_lowercase().contains("authorization: bearer t0ken"));
                    break body.to_owned();
                }
            };
            self.got.lock().unwrap().push(serde_json::from_str(&body).unwrap());
            self.arrived.notify_one();
            if self.cut.load(Ordering::SeqCst) {
                return;
            }
            if self.hang.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            let status = self.status.load(Ordering::SeqCst);
            let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 11\r\n\r\n{{\"id\":\"g1\"}}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }

    fn got(&self) -> Vec<Value> {
        self.got.lock().unwrap().clone()
    }

    /// Waits until so many have arrived.
    async fn has(&self, count: usize) {
        while self.got().len() < count {
            self.arrived.notified().await;
        }
    }
}

async fn goes_out_once_by_every_way(app: App) {
    for _ in 0..3 {
        send(&app, to(true, true), code().once("delivery-check:1".into())).await;
    }
    assert_eq!(app.drain().await.messages, 2);
    let (sms, mail) = (app.deps.sms.sent(), app.deps.mail.sent());
    assert_eq!((sms.len(), mail.len()), (1, 1));
    assert_eq!(sms[0].to, PHONE);
    assert!(sms[0].text.starts_with("【四川复工通】") && sms[0].text.contains("482913"), "{}", sms[0].text);
    assert_eq!(notify::sms_parts(&sms[0].text), 1);
    let html = mail[0].html.clone().unwrap();
    assert!(mail[0].text.contains("482913") && html.contains("482913") && html.contains("lang=\"zh-CN\""));
    assert!(!mail[0].subject.clone().unwrap().contains('\n'));
    app.drain().await;
    assert_eq!(app.deps.sms.sent().len(), 1);
    app.stop().await;
}

async fn what_fails_is_tried_again_with_the_same_reference(app: App) {
    let (gateway, transport) = Gateway::start(500).await;
    let deps = with(&app, MailTransport::Memory, transport).await;
    send(&app, to(true, false), Message { lane: Lane::Normal, ..code() }).await;
    notify::deliver_due(&deps).await.unwrap();
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 0, "waits");
    app.clock.advance(Duration::seconds(13));
    gateway.status.store(429, Ordering::SeqCst);
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 1);
    app.clock.advance(Duration::seconds(76));
    gateway.status.store(200, Ordering::SeqCst);
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 1);
    app.clock.advance(Duration::days(1));
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 0, "sent");
    let got = gateway.got();
    assert_eq!(got.len(), 3);
    assert!(got.iter().all(|m| m["reference"] == got[0]["reference"] && m["to"] == PHONE), "{got:?}");
    app.stop().await;
}

async fn a_worker_that_died_leaves_nothing_behind(app: App) {
    let (gateway, transport) = Gateway::start(200).await;
    let deps = with(&app, MailTransport::Memory, transport).await;
    send(&app, to(true, false), code()).await;
    // The gateway accepts, and the worker is killed before it has noted that.
    gateway.hang.store(true, Ordering::SeqCst);
    let killed = tokio::time::timeout(std::time::Duration::from_secs(2), notify::deliver_due(&deps)).await;
    assert!(killed.is_err());
    gateway.hang.store(false, Ordering::SeqCst);
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 0, "the lease still runs");
    app.clock.advance(Duration::seconds(41));
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 1);
    let got = gateway.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0]["reference"], got[1]["reference"], "the gateway knows the repetition");
    app.clock.advance(Duration::days(1));
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 0);
    app.stop().await;
}

async fn final_answers_are_dead_and_codes_expire(app: App) {
    let (gateway, transport) = Gateway::start(400).await;
    let deps = with(&app, MailTransport::Memory, transport).await;
    send(&app, to(true, false), Message { lane: Lane::Normal, ..code() }).await;
    notify::deliver_due(&deps).await.unwrap();
    app.clock.advance(Duration::days(1));
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 0);
    assert_eq!(gateway.got().len(), 1);
    send(&app, to(true, false), code().lane(Lane::Urgent)).await;
    app.clock.advance(Duration::minutes(11));
    notify::deliver_due(&deps).await.unwrap();
    assert_eq!(gateway.got().len(), 1, "a code that has expired is not sent");
    send(&app, to(true, false), Message::new("no-such-message", json!({}))).await;
    notify::deliver_due(&deps).await.unwrap();
    let mut dead: Vec<String> = app.bury_dead().await.into_iter().map(|(_, code)| code).collect();
    dead.sort();
    assert_eq!(dead, ["expired", "no-template", "sms-refused"]);
    app.stop().await;
}

async fn urgent_goes_before_bulk(app: App) {
    for i in 0..150 {
        let text = json!({"code": format!("{i:06}")});
        let one = Recipient { email: None, ..nth(i) };
        send(&app, one, Message::new("delivery-check", text).lane(Lane::Bulk)).await;
    }
    send(&app, to(true, false), code().lane(Lane::Urgent)).await;
    let lanes: &'static [Lane] = &[Lane::Urgent, Lane::Normal, Lane::Bulk];
    assert_eq!(notify::deliver(&app.deps, Channel::Sms, lanes).await.unwrap(), 100);
    assert!(app.deps.sms.sent().iter().any(|m| m.text.contains("482913")), "in the first batch");
    app.drain().await;
    assert_eq!(app.deps.sms.sent().len(), 151);
    app.stop().await;
}

async fn the_inbox_is_the_readers_own(app: App) {
    let (mut b, account) = app.resident_with("13800138001").await;
    let (mut other, _) = app.resident_with("13800138002").await;
    b.get("/me/messages").await.expect(200).shows("还没有消息");
    for i in 0..25 {
        app.clock.advance(Duration::seconds(1));
        let recipient = Recipient { account: Some(account), ..to(false, false) };
        send(&app, recipient, Message::new("delivery-check", json!({"code": format!("<{i}>")}))).await;
    }
    let list = b.get("/me/messages").await.expect(200).shows("通道检查 <24>").shows("未读").hides("<4>");
    let path = list.body.split("href=\"/me/messages/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let older = list.body.split("/me/messages?after=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    b.get(&format!("/me/messages?after={older}")).await.expect(200).shows("<4>").hides("<5>");
    let open = format!("/me/messages/{path}");
    b.get("/me").await.expect(200).shows("25 条未读");
    b.get("/").await.expect(200).shows("25 条未读");
    // To open a message is to read it.
    b.get(&open).await.expect(200).shows("收到即表示通道正常");
    b.get("/me").await.expect(200).shows("24 条未读");
    b.get("/").await.expect(200).shows("24 条未读");
    assert_eq!(b.api_get("/api/v1/me").await.expect(200).json()["unread"], 24);
    b.post(&format!("{open}/read"), &[]).await.leads_to("/me/messages");
    b.lang = "en";
    b.get(&open).await.expect(200).shows("Delivery check");
    other.get(&open).await.expect(404);
    other.get("/me/messages").await.expect(200).shows("还没有消息");
    other.post(&format!("{open}/read"), &[]).await.expect(404);
    app.browser().get("/me/messages").await.leads_to("/sign-in");
    app.stop().await;
}

#[actix_web::test]
async fn mail_as_files_has_the_reference_and_both_forms() {
    let app = App::sqlite().await;
    let folder = scratch("mail");
    let deps = with(&app, MailTransport::File(folder.clone()), SmsTransport::Memory).await;
    send(&app, to(false, true), code()).await;
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 1);
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    for part in [
        "To: wang@example.org",
        "Auto-Submitted: auto-generated",
        "Message-ID: <",
        "multipart/alternative",
        "text/html",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn settings_that_cannot_be_used_are_refused_without_repeating_them() {
    let app = App::sqlite().await;
    let mut config = app.deps.config.clone();
    config.mail = MailTransport::Smtp { url: "smtp://user:geheim@".into() };
    let error = Mailer::new(&config).err().unwrap();
    assert!(matches!(&error, AppError::Unavailable(text) if !text.contains("geheim")), "{error:?}");
    app.stop().await;
}
