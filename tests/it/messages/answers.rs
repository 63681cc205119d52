//! What providers say and do not say: not now, never, and nothing more in the middle of a message.

use super::{Gateway, code, send, to, with};
use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use fugong::circuit::Allowed;
use fugong::config::{MailTransport, SmsTransport};
use fugong::notify::{self, Lane, Message};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};

on_both!(
    answers_of_a_mail_server_are_told_apart,
    an_email_that_is_cut_off_is_sent_again_as_the_same,
    an_sms_without_an_answer_is_sent_again_as_the_same,
);

/// What the mail server says to a recipient and at the end of a message; nothing: it has the message and hangs up.
#[derive(Clone, Copy)]
struct Says {
    recipient: &'static str,
    message: Option<&'static str>,
}

const WELL: Says = Says { recipient: "250 2.1.5 ok", message: Some("250 2.0.0 taken") };

#[derive(Clone)]
struct Server {
    url: String,
    says: Arc<Mutex<Says>>,
    got: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = Self { url, says: Arc::new(Mutex::new(WELL)), got: Arc::default() };
        let own = server.clone();
        actix_web::rt::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                actix_web::rt::spawn(own.clone().serve(stream));
            }
        });
        server
    }

    async fn serve(self, stream: TcpStream) {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        if write.write_all(b"220 mail.example ESMTP\r\n").await.is_err() {
            return;
        }
        while let Ok(Some(line)) = lines.next_line().await {
            let says = *self.says.lock().unwrap();
            let answer = match line.get(..4).unwrap_or_default() {
                "EHLO" => "250-mail.example\r\n250 8BITMIME",
                "RCPT" => says.recipient,
                "QUIT" => "221 2.0.0 bye",
                "DATA" => {
                    if write.write_all(b"354 go on\r\n").await.is_err() {
                        return;
                    }
                    self.take(&mut lines).await;
                    let Some(answer) = says.message else { return };
                    answer
                }
                _ => "250 2.0.0 ok",
            };
            if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                return;
            }
        }
    }

    async fn take(&self, lines: &mut Lines<BufReader<OwnedReadHalf>>) {
        let mut text = String::new();
        while let Ok(Some(line)) = lines.next_line().await {
            if line == "." {
                self.got.lock().unwrap().push(text);
                return;
            }
            text.push_str(&line);
            text.push('\n');
        }
    }

    fn says(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }

    fn got(&self) -> Vec<String> {
        self.got.lock().unwrap().clone()
    }
}

/// A message that is tried again for hours.
fn message() -> Message {
    Message { lane: Lane::Normal, ..code() }
}

async fn portal(app: &App, server: &Server) -> fugong::app::App {
    with(app, MailTransport::Smtp { url: server.url.clone() }, SmsTransport::Memory).await
}

/// 4xx and what is about us (530): not now. 5xx about the recipient or the message: never, and the others go on.
async fn answers_of_a_mail_server_are_told_apart(app: App) {
    let server = Server::start().await;
    let deps = portal(&app, &server).await;
    let mut taken = 0;
    for says in [
        Says { recipient: "450 4.2.1 later", ..WELL },
        Says { recipient: "530 5.7.0 sign in first", ..WELL },
        Says { message: Some("452 4.3.1 no room"), ..WELL },
    ] {
        server.says(says);
        send(&app, to(false, true), message()).await;
        assert_eq!(notify::deliver_due(&deps).await.unwrap(), 1, "{}", says.recipient);
        assert_eq!(notify::deliver_due(&deps).await.unwrap(), 0, "it waits");
        server.says(WELL);
        app.clock.advance(Duration::seconds(13));
        assert_eq!(notify::deliver_due(&deps).await.unwrap(), 1, "{}", says.recipient);
        app.clock.advance(Duration::days(1));
        assert_eq!(notify::deliver_due(&deps).await.unwrap(), 0, "handed over");
        // The third was read to its end both times.
        taken += if says.message == WELL.message { 1 } else { 2 };
        assert_eq!(server.got().len(), taken, "{}", says.recipient);
    }
    // Mailboxes that are busy say nothing about the server: mail to others goes on.
    for _ in 0..6 {
        server.says(Says { recipient: "450 4.2.1 later", ..WELL });
        send(&app, to(false, true), message()).await;
        assert_eq!(notify::deliver_due(&deps).await.unwrap(), 1);
        assert_eq!(deps.mail.circuit.allows(app.clock.now()), Allowed::All);
    }
    server.says(WELL);
    app.clock.advance(Duration::days(1));
    while notify::deliver_due(&deps).await.unwrap() > 0 {}
    for says in [
        Says { recipient: "550 5.1.1 nobody here", ..WELL },
        Says { message: Some("554 5.6.0 not wanted"), ..WELL },
    ] {
        for _ in 0..3 {
            server.says(says);
            send(&app, to(false, true), message()).await;
            assert_eq!(notify::deliver_due(&deps).await.unwrap(), 1);
            app.clock.advance(Duration::days(1));
            assert_eq!(notify::deliver_due(&deps).await.unwrap(), 0, "never again");
        }
    }
    assert_eq!(deps.mail.circuit.allows(app.clock.now()), Allowed::All, "the server has answered");
    let dead = app.bury_dead().await;
    assert_eq!(dead, vec![("delivery-check".to_owned(), "mail-refused".to_owned()); 6]);
    app.stop().await;
}

/// The server took the whole message and hung up before it said so: nobody knows, so it goes out again, and whoever
/// compares can see that it is the same.
async fn an_email_that_is_cut_off_is_sent_again_as_the_same(app: App) {
    let server = Server::start().await;
    let deps = portal(&app, &server).await;
    server.says(Says { message: None, ..WELL });
    send(&app, to(false, true), message()).await;
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 1);
    server.says(WELL);
    app.clock.advance(Duration::seconds(13));
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 1);
    app.clock.advance(Duration::days(1));
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 0);
    let got = server.got();
    let id = |text: &str| text.lines().find(|line| line.starts_with("Message-ID: ")).unwrap().to_owned();
    assert_eq!(got.len(), 2);
    assert_eq!(id(&got[0]), id(&got[1]));
    app.stop().await;
}

/// The gateway took the SMS and its answer was lost: sent again with the reference by which it knows the repetition.
async fn an_sms_without_an_answer_is_sent_again_as_the_same(app: App) {
    let (gateway, transport) = Gateway::start(200).await;
    let deps = with(&app, MailTransport::Memory, transport).await;
    gateway.cut.store(true, Ordering::SeqCst);
    send(&app, to(true, false), message()).await;
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 1);
    gateway.cut.store(false, Ordering::SeqCst);
    app.clock.advance(Duration::seconds(13));
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 1);
    app.clock.advance(Duration::days(1));
    assert_eq!(notify::deliver_due(&deps).await.unwrap(), 0);
    let got = gateway.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0]["reference"], got[1]["reference"]);
    app.stop().await;
}
