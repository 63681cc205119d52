//! What happens is told to pages that are open: at once, once it is committed, to whom it is for, by whichever process.

use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::db::Id;
use fugong::db::schema::live_events;
use fugong::notify::{self, Message, Recipient};
use reqwest::{Response, StatusCode};
use serde_json::json;

on_both!(
    a_message_comes_at_once_and_to_nobody_else,
    what_was_missed_is_given_again,
    a_stream_ends_with_its_session,
    the_oldest_of_many_pages_makes_room,
    events_go_after_two_minutes,
    what_a_transaction_takes_back_is_not_told,
);

/// A message to an account; whether its transaction is committed.
async fn message(app: &App, account: Id, commits: bool) {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let to = Recipient { account: Some(account), ..Recipient::default() };
    let message = Message::new("delivery-check", json!({"code": "482913"}));
    let sent = app.deps.store.write(move |tx| {
        notify::send(tx, &keys, &to, &message, now)?;
        if commits { Ok(()) } else { Err(fugong::error::AppError::NotFound) }
    });
    assert_eq!(sent.await.is_ok(), commits);
}

/// A stream that is being read.
struct Stream {
    answer: Response,
    text: String,
}

impl Stream {
    async fn open(app: &App, who: &Browser, query: &str, last: Option<&str>) -> Self {
        let cookies: Vec<String> =
            who.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let url = format!("{}/me/live{query}", app.base);
        let mut request = crate::harness::client().build().unwrap().get(url);
        request = request.header("cookie", cookies.join("; ")).header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        Self { answer: request.send().await.unwrap(), text: String::new() }
    }

    /// The next event's identifier; `None` at the end of the stream.
    async fn event(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let line =
                    |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                if let Some(id) = line("id: ") {
                    assert_eq!(line("event: ").unwrap(), "message.new");
                    let data: serde_json::Value = serde_json::from_str(&line("data: ").unwrap()).unwrap();
                    assert!(data["message"].is_string());
                    return Some(id);
                }
                continue;
            }
            // A bound against a test that hangs; what is expected comes at once.
            let read = tokio::time::timeout(std::time::Duration::from_secs(60), self.answer.chunk());
            match read.await.expect("nothing came").unwrap() {
                Some(bytes) => self.text.push_str(std::str::from_utf8(&bytes).unwrap()),
                None => return None,
            }
        }
    }
}

async fn a_message_comes_at_once_and_to_nobody_else(app: App) {
    let (mine, account) = app.resident_with("13800000001").await;
    let (others, other) = app.resident_with("13800000002").await;
    let mut stream = Stream::open(&app, &mine, "", None).await;
    let mut foreign = Stream::open(&app, &others, "", None).await;
    assert_eq!(stream.answer.status(), StatusCode::OK);
    assert_eq!(stream.answer.headers()["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(stream.answer.headers()["cache-control"], "no-store");
    assert!(stream.answer.headers().contains_key("content-security-policy"));
    message(&app, account, true).await;
    let first = stream.event().await.unwrap();
    // Another process of the same portal commits, where the database has several.
    let writer = if app.deps.store.is_sqlite() { None } else { Some(app.beside().await) };
    message(writer.as_ref().unwrap_or(&app), account, true).await;
    let second = stream.event().await.unwrap();
    assert_ne!(first, second);
    message(&app, other, true).await;
    let theirs = foreign.event().await.unwrap();
    assert!(![first, second].contains(&theirs), "the other account's first event is its own");
    app.browser().api_get("/me/live").await.expect(401);
    if let Some(writer) = writer {
        writer.stop().await;
    }
    app.stop().await;
}

async fn what_was_missed_is_given_again(app: App) {
    let (mine, account) = app.resident_with("13800000001").await;
    let opened = app.clock.now();
    let since = format!("?since={}", opened.format("%Y-%m-%dT%H:%M:%S%.6fZ"));
    app.clock.advance(Duration::seconds(20));
    message(&app, account, true).await;
    // The page was made before the message came, the stream was opened after.
    let first = Stream::open(&app, &mine, &since, None).await.event().await.unwrap();
    app.clock.advance(Duration::seconds(20));
    message(&app, account, true).await;
    let mut again = Stream::open(&app, &mine, &since, Some(&first)).await;
    // At least once: the last one may be given again.
    let mut next = again.event().await.unwrap();
    if next == first {
        next = again.event().await.unwrap();
    }
    assert_ne!(next, first);
    for strange in ["", "0", "01890a5d-ac96-774b-bcce-b302099a8057", "' OR 1=1"] {
        let mut all = Stream::open(&app, &mine, "", Some(strange)).await;
        assert_eq!(
            (all.event().await, all.event().await),
            (Some(first.clone()), Some(next.clone())),
            "{strange}"
        );
    }
    // Long ago is two minutes ago at most, and the future is now.
    let mut far = Stream::open(&app, &mine, "?since=1970-01-01T00:00:00Z", None).await;
    assert_eq!(far.event().await.unwrap(), first);
    let mut late = Stream::open(&app, &mine, "?since=2999-01-01T00:00:00Z", None).await;
    message(&app, account, true).await;
    assert!(late.event().await.is_some());
    let refused = Stream::open(&app, &mine, "?since=yesterday", None).await;
    assert_eq!(refused.answer.status(), StatusCode::BAD_REQUEST);
    app.stop().await;
}

async fn a_stream_ends_with_its_session(app: App) {
    let (mut mine, account) = app.resident_with("13800000001").await;
    let mut stream = Stream::open(&app, &mine, "", None).await;
    message(&app, account, true).await;
    assert!(stream.event().await.is_some());
    mine.get("/me").await.expect(200);
    mine.post("/sign-out", &[]).await.expect(303);
    message(&app, account, true).await;
    assert_eq!(stream.event().await, None, "what comes after is told to nobody");
    app.stop().await;
}

async fn the_oldest_of_many_pages_makes_room(app: App) {
    let (mine, account) = app.resident_with("13800000001").await;
    let mut held = Vec::new();
    for _ in 0..5 {
        held.push(Stream::open(&app, &mine, "", None).await);
        assert_eq!(held.last().unwrap().answer.status(), StatusCode::OK);
    }
    assert_eq!(held[0].event().await, None, "it ends");
    message(&app, account, true).await;
    for stream in &mut held[1..] {
        assert!(stream.event().await.is_some());
    }
    app.stop().await;
}

async fn events_go_after_two_minutes(app: App) {
    let (mine, account) = app.resident_with("13800000001").await;
    let stored = |app: &App| {
        let deps = app.deps.clone();
        async move { deps.store.read(|c| Ok(live_events::table.count().get_result::<i64>(c)?)).await.unwrap() }
    };
    message(&app, account, true).await;
    app.clock.advance(Duration::seconds(119));
    app.tick().await;
    assert_eq!(stored(&app).await, 1);
    app.clock.advance(Duration::seconds(2));
    let mut all = Stream::open(&app, &mine, "?since=1970-01-01T00:00:00Z", None).await;
    message(&app, account, true).await;
    let only = all.event().await.unwrap();
    app.tick().await;
    assert_eq!(stored(&app).await, 1, "the first is gone");
    let left: Id =
        app.deps.store.read(|c| Ok(live_events::table.select(live_events::id).first(c)?)).await.unwrap();
    assert_eq!(left.to_string(), only, "and was not given any more before");
    app.stop().await;
}

async fn what_a_transaction_takes_back_is_not_told(app: App) {
    let (mine, account) = app.resident_with("13800000001").await;
    let mut stream = Stream::open(&app, &mine, "", None).await;
    message(&app, account, false).await;
    message(&app, account, true).await;
    let told = stream.event().await.unwrap();
    let stored: Vec<Id> =
        app.deps.store.read(|c| Ok(live_events::table.select(live_events::id).load(c)?)).await.unwrap();
    assert_eq!(stored.iter().map(Id::to_string).collect::<Vec<_>>(), [told]);
    app.stop().await;
}
