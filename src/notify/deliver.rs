//! Delivery: due messages are claimed by lane, rendered in the reader's language and handed to the provider.
//!
//! At least once, and with the same reference each time: a worker that dies between handing over and reporting leaves
//! a lease that ends, and the provider knows the repetition by its reference.

use super::budget::{self, Judged};
use super::store::{self, Claimed, Outcome};
use super::{Channel, Lane, params_context, recipient_context, render};
use crate::carrier::SendError;
use crate::carrier::{MAIL_CONNECTIONS, SMS_TIMEOUT};
use crate::circuit::{Allowed, Circuit};
use crate::db::Id;
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::jobs::Step;
use crate::web::i18n::Lang;
use chrono::{DateTime, Utc};
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// An urgent message (a sign-in code) that is older than this helps nobody any more.
const URGENT_LIFE: chrono::Duration = chrono::Duration::minutes(10);

/// How a channel is served: messages in one claim, sends at the same time, time for one send.
fn pace(deps: &Deps, channel: Channel) -> (usize, usize, Duration) {
    match channel {
        Channel::Sms => (100, 50, SMS_TIMEOUT),
        Channel::Email => (32, MAIL_CONNECTIONS, deps.mail.timeout),
    }
}

fn circuit(deps: &Deps, channel: Channel) -> &Circuit {
    match channel {
        Channel::Sms => &deps.sms.circuit,
        Channel::Email => &deps.mail.circuit,
    }
}

/// Delivery in the background: in each channel urgent messages have a loop of their own, so that no batch of others stands
/// before them.
pub const BESIDE: &[Step] = &[
    |deps| async move { deliver(&deps, Channel::Sms, &[Lane::Urgent]).await }.boxed_local(),
    |deps| async move { deliver(&deps, Channel::Sms, &[Lane::Normal, Lane::Bulk]).await }.boxed_local(),
    |deps| async move { deliver(&deps, Channel::Email, &[Lane::Urgent]).await }.boxed_local(),
    |deps| async move { deliver(&deps, Channel::Email, &[Lane::Normal, Lane::Bulk]).await }.boxed_local(),
];

/// Tries everything that is due in all channels and lanes once; gives how many messages were claimed.
///
/// # Errors
/// Database errors.
pub async fn deliver_due(deps: &App) -> AppResult<usize> {
    let mut sum = 0;
    for channel in [Channel::Sms, Channel::Email] {
        sum += deliver(deps, channel, &[Lane::Urgent, Lane::Normal, Lane::Bulk]).await?;
    }
    Ok(sum)
}

/// Claims and tries one batch of a channel, the first lane before the next; gives how many messages were claimed.
///
/// # Errors
/// Database errors; a provider's failure is kept with the message.
pub async fn deliver(deps: &App, channel: Channel, lanes: &'static [Lane]) -> AppResult<usize> {
    let now = deps.clock.now();
    let (batch, concurrency, timeout) = pace(deps, channel);
    let limit = match circuit(deps, channel).allows(now) {
        Allowed::Nothing => return Ok(0),
        Allowed::One => 1,
        Allowed::All => batch,
    };
    if !deps.store.read(move |conn| store::is_due(conn, channel, lanes, now)).await? {
        return Ok(0);
    }
    // A message is begun only while a whole time-out of the lease is left.
    let begin_until = Instant::now() + timeout * 2;
    let lease = now + chrono::Duration::from_std(timeout * 4).map_err(AppError::internal)?;
    let taken = take(deps, channel, lanes, (now, lease), limit).await?;
    let count = taken.count();
    let mut outcomes = stream::iter(taken.send)
        .map(|message| one(deps, channel, message, begin_until))
        .buffer_unordered(concurrency)
        .ready_chunks(batch);
    while let Some(chunk) = outcomes.next().await {
        let at = deps.clock.now();
        deps.store.write(move |tx| store::finish(tx, lease, at, &chunk)).await?;
    }
    Ok(count)
}

/// Claims messages, and withholds what is beyond the budget of whom they are for.
async fn take(
    deps: &Deps,
    channel: Channel,
    lanes: &'static [Lane],
    (now, lease): (DateTime<Utc>, DateTime<Utc>),
    limit: usize,
) -> AppResult<Judged> {
    let keys = deps.keys.clone();
    let judged = deps
        .store
        .write(move |tx| {
            store::reclaim(tx, now)?;
            let claimed = store::claim(tx, channel, lanes, now, lease, limit)?;
            budget::judge(tx, &keys, channel, claimed, now)
        })
        .await?;
    judged.tell(channel, deps.config.sms_per_hour);
    Ok(judged)
}

async fn one(deps: &Deps, channel: Channel, message: Claimed, begin_until: Instant) -> (Id, Outcome) {
    let now = deps.clock.now();
    let id = message.id;
    if Instant::now() > begin_until || circuit(deps, channel).allows(now) == Allowed::Nothing {
        return (id, Outcome::Released);
    }
    let expires = (message.lane == Lane::Urgent.code()).then(|| message.created_at.0 + URGENT_LIFE);
    if expires.is_some_and(|end| now >= end) {
        return (id, Outcome::Dead("expired"));
    }
    let outcome = match hand_over(deps, channel, &message, now).await {
        Ok(reference) => Outcome::Sent(reference),
        Err(Failure::Ours(error)) => {
            tracing::error!(message = %id, name = message.message, error = %error, "a message cannot be made");
            put_off(deps, message.attempts, expires, "render")
        }
        Err(Failure::Send(SendError::Refused(code) | SendError::Unfit(code))) => Outcome::Dead(code),
        Err(Failure::Send(SendError::Provider(code) | SendError::Later(code))) => {
            put_off(deps, message.attempts, expires, code)
        }
    };
    report(channel, &message, &outcome);
    (id, outcome)
}

fn put_off(deps: &Deps, attempts: i32, expires: Option<DateTime<Utc>>, code: &'static str) -> Outcome {
    match deps.config.retry.next(attempts, deps.clock.now()) {
        Some(at) if expires.is_none_or(|end| at < end) => Outcome::Again(at, code),
        _ => Outcome::Dead(code),
    }
}

fn report(channel: Channel, message: &Claimed, outcome: &Outcome) {
    let label = match outcome {
        Outcome::Sent(_) => "sent",
        Outcome::Again(..) => "again",
        Outcome::Dead(_) => "dead",
        Outcome::Released => "released",
    };
    let (channel, name) = (channel.code(), message.message.clone());
    metrics::counter!("fugong_messages_total", "channel" => channel, "message" => name, "outcome" => label)
        .increment(1);
    if let Outcome::Again(_, code) | Outcome::Dead(code) = outcome {
        tracing::warn!(message = %message.id, name = message.message, attempts = message.attempts, code, label,
            "a message was not delivered");
    }
}

enum Failure {
    Ours(AppError),
    Send(SendError),
}

impl<E: Into<AppError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

async fn hand_over(
    deps: &Deps,
    channel: Channel,
    message: &Claimed,
    now: DateTime<Utc>,
) -> Result<Option<String>, Failure> {
    let name = &message.message;
    if !render::has(deps, channel, name) {
        return Err(Failure::Send(SendError::Unfit("no-template")));
    }
    let lang = Lang::parse(&message.lang).unwrap_or_default();
    let to = deps.keys.open_str(&recipient_context(message.id), &message.recipient_sealed)?;
    let params: Value = deps.keys.open_json(&params_context(message.id), &message.params_sealed)?;
    let answer = match channel {
        Channel::Sms => {
            let text = render::sms(deps, lang, name, &params, now)?;
            deps.sms.send(message.id, &to, name, text, now).await
        }
        Channel::Email => {
            let mail = render::mail(deps, lang, name, &params, now)?;
            deps.mail.send(message.id, &to, name, mail, now).await.map(|()| None)
        }
    };
    match answer {
        Err(SendError::Provider(_)) => {
            if circuit(deps, channel).failed(deps.clock.now()) {
                tracing::warn!(channel = channel.code(), "a provider of messages is left alone for a while");
            }
        }
        // Nobody was asked, so a row of failures goes on.
        Err(SendError::Unfit(_)) => {}
        Ok(_) | Err(SendError::Refused(_) | SendError::Later(_)) => {
            if circuit(deps, channel).answered() {
                tracing::warn!(channel = channel.code(), "a provider of messages is back");
            }
        }
    }
    answer.map_err(Failure::Send)
}
