//! What people ask to be told: a topic of a slice ([`crate::slice::Topic`]), a place, a channel, a language, at once or in a
//! digest.
//!
//! - **A visitor** subscribes with an e-mail address alone. Nothing goes there before the link of one message was opened and
//!   its button pressed; whether an address is known is told to nobody. **A resident** does so among their own things.
//! - **To stop is one click**, without signing in (RFC 8058), and what waits to be sent is taken back with it.
//! - **A slice publishes** in the transaction that made something true ([`publish`]), once for each subject. [`fan_out`]
//!   passes it on in steps, each of which is one transaction: a worker that dies leaves nobody out and doubles nothing.
//! - **Nobody is flooded**: what is beyond a day's bound goes into the next digest, and one message says so.

mod api;
mod ask;
mod bounce;
mod described;
mod digest;
mod fan_out;
mod kept;
mod mine;
mod model;
mod pages;
mod places;
mod store;
mod tell;

pub use digest::Digests;
pub use fan_out::FanOut;

use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::error::AppResult;
use crate::jobs::{self, JobKind};
use crate::slice::{NOTHING, Slice, at};
use crate::web::route::{Routes, Who};
use actix_web::http::Method;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// What this room hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    kept: &[at(75, kept::KEPT)],
    jobs: &[
        JobKind::of::<FanOut>(),
        JobKind::of::<Digests>().every(3600).at_start(),
        JobKind::of::<bounce::Bounces>().every(600),
    ],
    mine: Some(at(55, ("/me/subscriptions", "subscriptions-mine"))),
    data: &[at(76, ("subscriptions", mine::data))],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    let (all, own) = (Who::Public, Who::Resident);
    r.get("/subscriptions", all, pages::form)
        .post("/subscriptions", all, pages::sent)
        .get("/subscriptions/confirm/{token}", all, pages::confirm_page)
        .post("/subscriptions/confirm/{token}", all, pages::confirm)
        .get("/subscriptions/stop/{token}", all, pages::stop_page)
        .post("/subscriptions/stop/{token}", all, pages::stop_one)
        .get("/subscriptions/stop/{token}/all", all, pages::stop_page)
        .post("/subscriptions/stop/{token}/all", all, pages::stop_all)
        .get("/me/subscriptions", own, mine::list)
        .post("/me/subscriptions", own, mine::add)
        .post("/me/subscriptions/{id}/stop", own, mine::stop)
        .get("/api/v1/subscriptions/topics", all, api::topics)
        .post("/api/v1/subscriptions", all, api::ask)
        .get("/api/v1/me/subscriptions", own, api::list)
        .post("/api/v1/me/subscriptions", own, api::add)
        .add(Method::DELETE, "/api/v1/me/subscriptions/{id}", own, api::stop);
    r.tell(described::CALLS);
}

crate::slice::calls!(api::topics, api::ask, api::list, api::add, api::stop);

/// Something has happened that subscribers of a topic are told: of a place (the code of a division; empty for the whole
/// province), with what its headline is made of. Everybody may read that, so nothing personal is in it. `subject` names
/// what it is about: published twice, it is told once.
///
/// # Errors
/// Database errors.
pub fn publish(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    topic: &'static str,
    place: &str,
    subject: &str,
    args: &Value,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let news = Id::new();
    if store::add_news(tx, news, (topic, place, subject), args, now)? {
        let name = fan_out::name(news);
        jobs::enqueue(tx, keys, &FanOut { news }, Some(&name), now, now)?;
    }
    Ok(())
}
