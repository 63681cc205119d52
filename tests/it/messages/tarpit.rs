//! A mail server that accepts and never says a word: SMS go out meanwhile, and its own breaker opens.

use super::{Gateway, code, nth, send};
use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::app::{App as Deps, Deps as Parts};
use fugong::circuit::Allowed;
use fugong::config::{MailTransport, SmsTransport};
use fugong::db::schema::outbox;
use fugong::jobs::Worker;
use fugong::notify::{Channel, Lane, Recipient, deliver};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

on_both!(
    a_mail_tarpit_delays_no_sms,
    the_mail_breaker_opens_and_tries_again,
    a_bad_address_says_nothing_about_the_server,
);

const ALL: &[Lane] = &[Lane::Urgent, Lane::Normal, Lane::Bulk];
/// Connections of the portal to its mail server.
const CONNECTIONS: usize = 8;

/// The server: silent, until it hangs up on everybody and on whoever comes after.
struct Tarpit {
    url: String,
    /// Whoever has connected.
    held: watch::Receiver<usize>,
    /// Whoever lost patience: a send that ended before the server did.
    left: watch::Receiver<usize>,
    hang_up: watch::Sender<bool>,
}

impl Tarpit {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (count, held) = watch::channel(0);
        let (gone, left) = watch::channel(0);
        let (hang_up, over) = watch::channel(false);
        actix_web::rt::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.send_modify(|n| *n += 1);
                actix_web::rt::spawn(hold(stream, gone.clone(), over.clone()));
            }
        });
        Self { url, held, left, hang_up }
    }

    /// Waits until so many are held.
    async fn holds(&mut self, count: usize) {
        self.held.wait_for(|n| *n >= count).await.unwrap();
    }
}

async fn hold(mut stream: TcpStream, gone: watch::Sender<usize>, mut over: watch::Receiver<bool>) {
    let mut said = [0; 64];
    tokio::select! {
        _ = stream.read(&mut said) => gone.send_modify(|n| *n += 1),
        _ = over.wait_for(|over| *over) => {}
    }
}

/// The portal with this mail server, which it does not give up on while a test runs.
async fn with(app: &App, tarpit: &Tarpit, sms: SmsTransport) -> Deps {
    let mut config = app.deps.config.clone();
    config.mail = MailTransport::Smtp { url: tarpit.url.clone() };
    config.sms = sms;
    let mut parts = Parts::connect(config, app.clock.clone(), app.deps.keys.clone()).await.unwrap();
    parts.mail.timeout = std::time::Duration::from_secs(600);
    Deps::new(parts)
}

fn mail(n: usize) -> Recipient {
    Recipient { phone: None, ..nth(n) }
}

fn sms(n: usize) -> Recipient {
    Recipient { email: None, ..nth(n) }
}

async fn a_mail_tarpit_delays_no_sms(app: App) {
    let mut tarpit = Tarpit::start().await;
    let (gateway, transport) = Gateway::start(200).await;
    let deps = with(&app, &tarpit, transport).await;
    let worker = Worker::start(&deps).unwrap();
    for n in 0..40 {
        send(&app, mail(n), code()).await;
    }
    tarpit.holds(1).await;
    for n in 0..20 {
        send(&app, sms(n), code()).await;
    }
    // Were SMS to wait for the e-mails, the first e-mail would have to end before the last SMS.
    tokio::select! {
        () = gateway.has(20) => {}
        _ = tarpit.left.wait_for(|n| *n > 0) => panic!("the SMS waited for an e-mail to end"),
    }
    let mut to: Vec<String> = gateway.got().iter().map(|m| m["to"].as_str().unwrap().to_owned()).collect();
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 20, "each got the own one");
    let ended = app.deps.store.read(|c| {
        let tried = outbox::sent_at.is_not_null().or(outbox::last_error.is_not_null());
        let mails = outbox::table.filter(outbox::channel.eq("email")).filter(tried);
        Ok(mails.count().get_result::<i64>(c)?)
    });
    assert_eq!(ended.await.unwrap(), 0, "no e-mail has ended");
    app.browser().get("/").await.expect(200);
    tarpit.hang_up.send(true).unwrap();
    worker.stop().await;
    app.stop().await;
}

/// E-mails that were tried, and those that were not.
async fn tried(app: &App) -> (i64, i64) {
    let counted = app.deps.store.read(|c| {
        let mails = || outbox::table.filter(outbox::channel.eq("email"));
        let tried = mails().filter(outbox::attempts.gt(0)).count().get_result(c)?;
        Ok((tried, mails().filter(outbox::attempts.eq(0)).count().get_result(c)?))
    });
    counted.await.unwrap()
}

async fn the_mail_breaker_opens_and_tries_again(app: App) {
    let mut tarpit = Tarpit::start().await;
    let (gateway, transport) = Gateway::start(200).await;
    let deps = with(&app, &tarpit, transport).await;
    for n in 0..40 {
        send(&app, mail(n), code()).await;
    }
    let parts = deps.clone();
    let sending = actix_web::rt::spawn(async move { deliver(&parts, Channel::Email, ALL).await.unwrap() });
    tarpit.holds(CONNECTIONS).await;
    for n in 0..3 {
        send(&app, sms(n), code()).await;
    }
    assert_eq!(deliver(&deps, Channel::Sms, ALL).await.unwrap(), 3);
    assert_eq!(gateway.got().len(), 3);
    assert!(!sending.is_finished(), "the e-mails are still being sent");
    assert_eq!(deps.mail.circuit.allows(app.clock.now()), Allowed::All);

    tarpit.hang_up.send(true).unwrap();
    assert_eq!(sending.await.unwrap(), 32, "one claim");
    assert_eq!(deps.mail.circuit.allows(app.clock.now()), Allowed::Nothing);
    // Five failures open it; what was under way ends, what was not begun loses no attempt.
    let (begun, waiting) = tried(&app).await;
    assert!((5..5 + 8).contains(&begun), "{begun} were tried");
    assert_eq!(begun + waiting, 40);
    assert_eq!(deliver(&deps, Channel::Email, ALL).await.unwrap(), 0, "it rests");
    assert_eq!(deliver(&deps, Channel::Sms, ALL).await.unwrap(), 0);
    assert_eq!(deps.sms.circuit.allows(app.clock.now()), Allowed::All, "each provider has its own");

    app.clock.advance(Duration::seconds(15));
    assert_eq!(deps.mail.circuit.allows(app.clock.now()), Allowed::One);
    assert_eq!(deliver(&deps, Channel::Email, ALL).await.unwrap(), 1, "one message asks");
    assert_eq!(deps.mail.circuit.allows(app.clock.now()), Allowed::Nothing, "it rests again");
    app.stop().await;
}

async fn a_bad_address_says_nothing_about_the_server(app: App) {
    let tarpit = Tarpit::start().await;
    tarpit.hang_up.send(true).unwrap();
    let deps = with(&app, &tarpit, SmsTransport::Memory).await;
    for failures in 1..=5 {
        let expected = if failures == 5 { Allowed::Nothing } else { Allowed::All };
        send(&app, mail(failures), code()).await;
        assert_eq!(deliver(&deps, Channel::Email, ALL).await.unwrap(), 1);
        assert_eq!(deps.mail.circuit.allows(app.clock.now()), expected, "after {failures}");
        if failures == 4 {
            send(&app, Recipient { email: Some("not an address".into()), ..mail(0) }, code()).await;
            assert_eq!(deliver(&deps, Channel::Email, ALL).await.unwrap(), 1);
        }
    }
    assert_eq!(app.bury_dead().await, [("delivery-check".to_owned(), "mail-address".to_owned())]);
    app.stop().await;
}
