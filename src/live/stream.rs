//! A stream of events over HTTP.

use super::places::{Live, Place};
use super::store::{self, Event};
use super::{LASTS, Topic};
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::urgency::Urgency;
use crate::web::ctx::{self, Ctx, session_of};
use crate::web::form::Form;
use crate::web::limits::Network;
use crate::web::pace::Pace;
use crate::web::principal::Principal;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, HeaderName};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Duration as Span, Utc};
use futures_util::stream::unfold;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::watch;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// A line without meaning at this distance shows both ends, and proxies between them, that the stream is there.
const BEAT: Duration = Duration::from_secs(15);
/// How often it is looked while changes by other processes are not heard.
const LOOK: Duration = Duration::from_secs(1);
/// A stream ends after so long, and the browser opens the next: after an update of the portal nobody stays behind.
const ENDS: Duration = Duration::from_secs(600);
/// A transaction that began earlier may be committed later; so far back is read again.
const OVERLAP: Span = Span::seconds(10);

/// What somebody follows, and whether they still may.
pub struct Follow {
    /// The topic.
    pub topic: Topic,
    /// Asked before each event with who holds the session then.
    pub may: fn(&Principal) -> bool,
}

/// Answers with a stream of a topic's events. 204, after which a browser does not try again, when no place is left: the page
/// is as it would be without a script.
///
/// # Errors
/// 401 without a session; database errors.
pub async fn stream(req: &HttpRequest, deps: &App, follow: Follow) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(req)?;
    let session = session_of(&ctx.principal).ok_or(AppError::NotFound)?;
    let token = session.id.clone().try_into().map_err(|_| AppError::internal("a session has no hash"))?;
    let Some(place) = deps.part::<Live>()?.take(session.subject) else {
        return Ok(HttpResponse::NoContent().finish());
    };
    // Followed first and read afterwards, so that nothing falls between.
    let moved = deps.store.marks().watch(follow.topic.0);
    let from = begins(req, deps, follow.topic, ctx.now).await?;
    let network = ctx.client.network();
    let state = Stream {
        deps: deps.clone(),
        follow,
        token,
        network,
        place,
        moved,
        from,
        sent: HashMap::new(),
        until: Instant::now() + ENDS,
        opened: false,
    };
    let body = unfold(state, |mut state| async move {
        let piece = state.next().await?;
        Some((Ok::<_, AppError>(piece), state))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        // A packed stream would wait for its next block, and nginx for its buffer.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(body))
}

/// From where on events are given: after the one that the browser has seen last, else from the moment at which the page was
/// made that shows what was before (`?since=`), else from now.
async fn begins(req: &HttpRequest, deps: &App, topic: Topic, now: DateTime<Utc>) -> AppResult<DateTime<Utc>> {
    let Some(last) = req.headers().get(LAST_EVENT_ID) else {
        let query = Form::parse(req.query_string().as_bytes())?;
        let Some(since) = query.text("since") else { return Ok(now) };
        let since =
            DateTime::parse_from_rfc3339(since).map_err(|_| AppError::BadRequest("request-malformed"))?;
        return Ok(since.to_utc().clamp(now - LASTS, now));
    };
    let last = last.to_str().ok().and_then(|text| uuid::Uuid::parse_str(text).ok());
    let Some(last) = last else { return Ok(now - LASTS) };
    let found = deps.store.read(move |conn| store::moment(conn, topic, Id(last), now)).await?;
    // What is not known any more was seen longer ago than anything that can still be had.
    Ok(found.map_or(now - LASTS, |at| at - OVERLAP))
}

struct Stream {
    deps: App,
    follow: Follow,
    /// The hash of the session's token.
    token: [u8; 32],
    network: Network,
    place: Place,
    moved: watch::Receiver<u64>,
    from: DateTime<Utc>,
    /// What was sent, while it may be read again.
    sent: HashMap<Id, DateTime<Utc>>,
    until: Instant,
    opened: bool,
}

impl Stream {
    /// The next piece of the answer; none at its end.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.opened {
            self.opened = true;
            // Browsers that lose their streams together come back one after another.
            return Some(Bytes::from(format!("retry: {}\n\n", 2000 + rand::random::<u16>() / 8)));
        }
        loop {
            self.moved.mark_unchanged();
            let events = match self.read().await {
                Ok(Some(events)) => events,
                Ok(None) => return None,
                Err(e) => {
                    tracing::warn!(error = %e, "a stream ends early");
                    return None;
                }
            };
            if !events.is_empty() {
                return Some(Bytes::from(events.iter().map(written).collect::<String>()));
            }
            if Instant::now() >= self.until {
                return None;
            }
            let hears = self.deps.store.marks().hears();
            tokio::select! {
                replaced = self.place.ended() => {
                    // Its page would come back at once and take the place of another: of five, one would always come.
                    self.until = Instant::now();
                    return replaced.then_some(Bytes::from_static(b"retry: 60000\n\n"));
                }
                moved = self.moved.changed() => moved.ok()?,
                () = tokio::time::sleep(if hears { BEAT } else { LOOK }) => {
                    if hears { return Some(Bytes::from_static(b": \n\n")) }
                }
            }
        }
    }

    /// Events that were not sent yet, as somebody's page that has no hurry; none when they may not be followed any more.
    async fn read(&mut self) -> AppResult<Option<Vec<Event>>> {
        let (deps, topic, from) = (self.deps.clone(), self.follow.topic, self.from);
        let (token, may, now) = (self.token, self.follow.may, self.deps.clock.now());
        let mut pace = Pace::new(Urgency::Lists, self.network.key());
        pace.begin().await?;
        let read = async move {
            if !may(&ctx::present(&deps, token, now).await?) {
                return Ok(None);
            }
            let keys = deps.keys.clone();
            deps.store.read(move |conn| store::since(conn, &keys, topic, from)).await.map(Some)
        };
        let Some(mut found) = pace.run(read).await? else { return Ok(None) };
        found.retain(|event| !self.sent.contains_key(&event.id));
        self.sent.extend(found.iter().map(|event| (event.id, event.at)));
        if let Some(last) = found.last() {
            self.from = self.from.max(last.at - OVERLAP);
            self.sent.retain(|_, at| *at >= self.from);
        }
        Ok(Some(found))
    }
}

/// An event as the standard writes it. JSON has no line ends outside of its strings, and inside they are escaped.
fn written(event: &Event) -> String {
    format!("id: {}\nevent: {}\ndata: {}\n\n", event.id, event.kind, event.data)
}
