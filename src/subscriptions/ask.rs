//! To ask, to confirm and to stop. Whether an address is known is told to nobody: what is answered, and what is done, is the
//! same.

use super::model::{self, Channel, Digest, MOST, Row, Whose, Wish};
use super::tell;
use super::{places, store};
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::EmailAddress;
use crate::notify::{self, Message, Recipient};
use crate::web::form::Form;
use crate::web::i18n::Lang;
use crate::web::limits::{self, Client};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;

/// Messages with a link that one address gets in an hour and in a day, whoever asks for them.
const OF_ADDRESS: [(Duration, i32); 2] = [(Duration::hours(1), 3), (Duration::days(1), 6)];
/// Questions of one network in an hour, and of the wider one around it: villages and offices sit behind one address.
const OF_NETWORK: i32 = 60;
const OF_WIDE_NETWORK: i32 = 180;

/// What the blind index of an address is made for.
const BLIND: &str = "subscription.address";

/// Reads what is asked for; a channel is chosen by residents only.
pub(super) fn read(
    deps: &Deps,
    form: &Form,
    by: Option<Channel>,
) -> AppResult<Result<Wish, Vec<FieldError>>> {
    let mut errors = Vec::new();
    let topic = tell::topic(deps, form.get("topic"))?;
    if topic.is_none() {
        errors.push(FieldError::new("topic", "choose-one"));
    }
    let division = places::chosen(deps, form.get("division"));
    if division.is_none() {
        errors.push(FieldError::new("division", "division-unknown"));
    }
    let channel = by.or_else(|| Channel::parse(form.get("channel")));
    if channel.is_none() {
        errors.push(FieldError::new("channel", "choose-one"));
    }
    let digest = Digest::parse(form.get("digest"));
    if digest.is_none() {
        errors.push(FieldError::new("digest", "choose-one"));
    }
    let (Some(topic), Some(division), Some(channel), Some(digest)) = (topic, division, channel, digest)
    else {
        return Ok(Err(errors));
    };
    Ok(Ok(Wish { topic: topic.name, division, channel, digest }))
}

/// Who asks without signing in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking {
    pub client: Client,
    pub lang: Lang,
    pub now: DateTime<Utc>,
}

/// A visitor asks: a message with a link goes to the address, unless it has had enough of them.
///
/// # Errors
/// [`AppError::TooMany`] for a network that asks too often; database errors.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    wish: &Wish,
    email: &EmailAddress,
    asking: Asking,
) -> AppResult<()> {
    let Asking { client, lang, now } = asking;
    let hour = Duration::hours(1);
    let near = client.network().to_string();
    limits::count(tx, keys, "subscription-network", &near, hour, OF_NETWORK, now)?;
    let wide = client.wide().to_string();
    limits::count(tx, keys, "subscription-wide", &wide, hour, OF_WIDE_NETWORK, now)?;
    let canonical = email.canonical();
    let blinds: Vec<Vec<u8>> =
        keys.blind_candidates(BLIND, &canonical).into_iter().map(|blind| blind.to_vec()).collect();
    let known = store::subscriber_of(tx.conn(), &blinds)?;
    let blind = keys.blind(BLIND, &canonical).to_vec();
    let row = Row::new(keys, wish, Whose::Address(email.as_str(), blind, known), lang, now)?;
    // Nothing is kept under the name of what was asked for unless its link is pressed: the entry names none.
    let entry = Entry::new(Actor::Anonymous, "subscription.ask", "subscription");
    audit::append(tx, now, entry.detail(json!({"topic": wish.topic, "division": wish.division})))?;
    if !limits::spend(tx, keys, ("subscription-address", &canonical), &OF_ADDRESS, now)? {
        return Ok(());
    }
    store::forget_asked(tx, &blinds, wish)?;
    let mut params = tell::names(&row);
    if let Some(map) = params.as_object_mut() {
        map.insert("token".into(), row.token(keys)?.into());
        map.insert("hours".into(), model::LINK.num_hours().into());
    }
    let to = Recipient { email: Some(email.as_str().to_owned()), lang, ..Recipient::default() };
    let message = Message::new("subscription-confirm", params).list(row.id);
    store::add(tx, row)?;
    notify::send(tx, keys, &to, &message, now)
}

/// The button behind the link was pressed: from now on news go there.
///
/// # Errors
/// [`AppError::NotFound`] for a link that is none; [`AppError::Conflict`] `subscription-over` when it is too old, and
/// `subscriptions-full`; database errors.
pub(super) fn confirm(tx: &mut Tx<'_>, hash: &[u8], now: DateTime<Utc>) -> AppResult<()> {
    let row = store::by_token(tx.conn(), hash)?.ok_or(AppError::NotFound)?;
    if row.confirmed_at.is_some() {
        return Ok(());
    }
    if !row.can_be_confirmed(now) {
        return Err(AppError::conflict("subscription-over"));
    }
    if store::count_besides(tx.conn(), &row)? >= MOST {
        return Err(AppError::conflict("subscriptions-full"));
    }
    if !store::confirm(tx, &row, now)? {
        return Ok(());
    }
    let entry = Entry::new(Actor::Anonymous, "subscription.confirm", "subscription").object(row.id);
    audit::append(tx, now, entry.detail(json!({"topic": row.topic, "division": row.division}))).map(drop)
}

/// Stops the subscription behind a link, or all that comes by e-mail to whoever has it; one that is gone already is stopped.
///
/// # Errors
/// Database errors.
pub(super) fn stop(tx: &mut Tx<'_>, hash: &[u8], all: bool, now: DateTime<Utc>) -> AppResult<()> {
    let Some(row) = store::by_token(tx.conn(), hash)? else { return Ok(()) };
    let mut ids = vec![row.id];
    if all {
        ids.extend(store::by_mail(tx.conn(), row.subscriber)?.iter().map(|other| other.id));
        // What is of all of them, such as a digest, waits under the subscriber.
        notify::withdraw(tx, &[row.subscriber])?;
    }
    store::stop(tx, &ids)?;
    let actor = row.account_id.map_or(Actor::Anonymous, Actor::Resident);
    let entry = Entry::new(actor, "subscription.stop", "subscription").object(row.id);
    audit::append(tx, now, entry.detail(json!({"topic": row.topic, "all": all}))).map(drop)
}

/// A resident subscribes: who they are is known, so it counts at once. The same once more changes how it comes.
///
/// # Errors
/// [`AppError::Invalid`] where they have named no address for e-mail; [`AppError::Conflict`] `subscriptions-full`;
/// database errors.
pub(super) fn add(
    tx: &mut Tx<'_>,
    deps: &Deps,
    account: Id,
    wish: &Wish,
    (lang, now): (Lang, DateTime<Utc>),
) -> AppResult<()> {
    let known = (deps.part::<notify::Reach>()?.recipient)(tx.conn(), &deps.keys, account)?;
    if wish.channel == Channel::Email && known.email.is_none() {
        return Err(AppError::field("channel", "no-email"));
    }
    let id = match store::renew(tx, account, wish)? {
        Some(id) => id,
        None => added(tx, &deps.keys, account, wish, (lang, now))?,
    };
    let entry = Entry::new(Actor::Resident(account), "subscription.set", "subscription").object(id);
    let detail = json!({"topic": wish.topic, "division": wish.division, "channel": wish.channel.code()});
    audit::append(tx, now, entry.detail(detail)).map(drop)
}

/// Writes a resident's subscription down, of which there is none yet.
fn added(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    account: Id,
    wish: &Wish,
    (lang, now): (Lang, DateTime<Utc>),
) -> AppResult<Id> {
    let mut row = Row::new(keys, wish, Whose::Account(account), lang, now)?;
    row.confirmed_at = Some(now.into());
    if store::count_besides(tx.conn(), &row)? >= MOST {
        return Err(AppError::conflict("subscriptions-full"));
    }
    let id = row.id;
    // Of two at the same moment one is there first, and the other is told so.
    if store::add(tx, row)? { Ok(id) } else { Err(AppError::conflict("changed-meanwhile")) }
}

/// A resident stops one of theirs.
///
/// # Errors
/// [`AppError::NotFound`]; database errors.
pub(super) fn end(tx: &mut Tx<'_>, account: Id, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    let own = store::of_account(tx.conn(), account)?;
    let row = own.iter().find(|row| row.id == id).ok_or(AppError::NotFound)?;
    store::stop(tx, &[id])?;
    let entry = Entry::new(Actor::Resident(account), "subscription.stop", "subscription").object(id);
    audit::append(tx, now, entry.detail(json!({"topic": row.topic, "all": false}))).map(drop)
}
