//! SQL of subscriptions, of news and of what waits for a digest.

use super::model::{News, Row, Wish};
use super::places;
use crate::db::hot::insert_row;
use crate::db::schema::{
    subscription_items, subscription_items as items, subscription_news, subscription_news as news,
    subscriptions, subscriptions as s,
};
use crate::db::{Conn, Id, Js, Ts, Tx};
use crate::error::AppResult;
use crate::kept::served;
use crate::notify;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

/// Writes one down; false where an account has the same already.
pub(super) fn add(tx: &mut Tx<'_>, row: Row) -> AppResult<bool> {
    let added = insert_row!(tx.conn(), subscriptions, {
        id: row.id, subscriber: row.subscriber, account_id: row.account_id, address_sealed: row.address_sealed,
        address_blind: row.address_blind, topic: row.topic, division: row.division, channel: row.channel,
        lang: row.lang, digest: row.digest, token_hash: row.token_hash, token_sealed: row.token_sealed,
        created_at: row.created_at, confirmed_at: row.confirmed_at,
    }, "ON CONFLICT DO NOTHING")?;
    Ok(added > 0)
}

/// The one whose links hold this.
pub(super) fn by_token(conn: &mut Conn, hash: &[u8]) -> AppResult<Option<Row>> {
    let own = s::table.filter(served("subscriptions")).filter(s::token_hash.eq(hash));
    Ok(own.select(Row::as_select()).first(conn).optional()?)
}

/// One by its identifier, for a job.
pub(super) fn by_id(conn: &mut Conn, id: Id) -> AppResult<Option<Row>> {
    Ok(s::table.find(id).select(Row::as_select()).first(conn).optional()?)
}

/// Who an address is among the subscribers, by its blind indexes.
pub(super) fn subscriber_of(conn: &mut Conn, blinds: &[Vec<u8>]) -> AppResult<Option<Id>> {
    let theirs = s::table.filter(served("subscriptions")).filter(s::address_blind.eq_any(blinds));
    Ok(theirs.order(s::id).select(s::subscriber).first(conn).optional()?)
}

/// What an address has asked for before and never confirmed, of the same topic and place: a new question takes its place.
pub(super) fn forget_asked(tx: &mut Tx<'_>, blinds: &[Vec<u8>], wish: &Wish) -> AppResult<()> {
    let same = s::table
        .filter(s::address_blind.eq_any(blinds))
        .filter(s::topic.eq(wish.topic))
        .filter(s::division.eq(&wish.division))
        .filter(s::confirmed_at.is_null());
    diesel::delete(same).execute(tx.conn())?;
    Ok(())
}

/// Confirms one; false when it was already. What the same subscriber had of the same topic, place and channel goes.
pub(super) fn confirm(tx: &mut Tx<'_>, row: &Row, now: DateTime<Utc>) -> AppResult<bool> {
    let waits = s::table.find(row.id).filter(s::confirmed_at.is_null());
    let set = s::confirmed_at.eq(Some(Ts::from(now)));
    if diesel::update(waits).set(set).execute(tx.conn())? == 0 {
        return Ok(false);
    }
    let before = s::table
        .filter(s::subscriber.eq(row.subscriber))
        .filter(s::topic.eq(&row.topic))
        .filter(s::division.eq(&row.division))
        .filter(s::channel.eq(&row.channel))
        .filter(s::id.ne(row.id))
        .select(s::id);
    let before: Vec<Id> = before.load(tx.conn())?;
    stop(tx, &before)?;
    Ok(true)
}

/// How many a subscriber has confirmed, besides one that takes its place where it is confirmed ([`confirm`]).
pub(super) fn count_besides(conn: &mut Conn, row: &Row) -> AppResult<i64> {
    let same = s::topic.eq(&row.topic).and(s::division.eq(&row.division)).and(s::channel.eq(&row.channel));
    let theirs = s::table
        .filter(s::subscriber.eq(row.subscriber))
        .filter(s::confirmed_at.is_not_null())
        .filter(diesel::dsl::not(same));
    Ok(theirs.count().get_result(conn)?)
}

/// What an account has.
pub(super) fn of_account(conn: &mut Conn, account: Id) -> AppResult<Vec<Row>> {
    let own = s::table.filter(served("subscriptions")).filter(s::account_id.eq(account));
    Ok(own.order(s::id).select(Row::as_select()).load(conn)?)
}

/// How an account's subscription to the same comes from now on; which that is, if there is one.
pub(super) fn renew(tx: &mut Tx<'_>, account: Id, wish: &Wish) -> AppResult<Option<Id>> {
    let same = s::table
        .filter(s::account_id.eq(account))
        .filter(s::topic.eq(wish.topic))
        .filter(s::division.eq(&wish.division))
        .filter(s::channel.eq(wish.channel.code()));
    let Some(id) = same.select(s::id).first::<Id>(tx.conn()).optional()? else { return Ok(None) };
    diesel::update(s::table.find(id)).set(s::digest.eq(wish.digest.code())).execute(tx.conn())?;
    Ok(Some(id))
}

/// The news of a resident come into their inbox from now on.
pub(super) fn into_inbox(tx: &mut Tx<'_>, id: Id) -> AppResult<()> {
    diesel::update(s::table.find(id)).set(s::channel.eq("inbox")).execute(tx.conn())?;
    Ok(())
}

/// What comes to a subscriber by e-mail.
pub(super) fn by_mail(conn: &mut Conn, subscriber: Id) -> AppResult<Vec<Row>> {
    let theirs = s::table
        .filter(served("subscriptions"))
        .filter(s::subscriber.eq(subscriber))
        .filter(s::channel.eq("email"))
        .filter(s::confirmed_at.is_not_null());
    Ok(theirs.order(s::id).select(Row::as_select()).load(conn)?)
}

/// Stops some: they are gone, with what waited for them.
pub(super) fn stop(tx: &mut Tx<'_>, ids: &[Id]) -> AppResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    diesel::delete(items::table.filter(items::subscription_id.eq_any(ids))).execute(tx.conn())?;
    diesel::delete(s::table.filter(s::id.eq_any(ids))).execute(tx.conn())?;
    notify::withdraw(tx, ids)
}

/// Writes news down; false where this subject was published before.
pub(super) fn add_news(
    tx: &mut Tx<'_>,
    id: Id,
    (topic, place, subject): (&str, &str, &str),
    args: &Value,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let added = insert_row!(tx.conn(), subscription_news, {
        id: id, topic: topic, division: place, subject: subject, args: Js(args.clone()), position: None::<Id>,
        done: false, created_at: Ts::from(now),
    }, "ON CONFLICT DO NOTHING")?;
    Ok(added > 0)
}

/// News by their identifier.
pub(super) fn news_of(conn: &mut Conn, id: Id) -> AppResult<Option<News>> {
    Ok(news::table.find(id).select(News::as_select()).first(conn).optional()?)
}

/// The next subscriptions that news are for, which were confirmed before them.
pub(super) fn next_of(conn: &mut Conn, of: &News, limit: i64) -> AppResult<Vec<Row>> {
    let (around, inside) = places::around(&of.division);
    let mut query = s::table
        .filter(served("subscriptions"))
        .filter(s::topic.eq(&of.topic))
        .filter(s::confirmed_at.is_not_null())
        .filter(s::confirmed_at.le(of.created_at))
        .filter(s::division.eq_any(around).or(s::division.like(inside)))
        .into_boxed();
    if let Some(position) = of.position {
        query = query.filter(s::id.gt(position));
    }
    Ok(query.order(s::id).limit(limit).select(Row::as_select()).load(conn)?)
}

/// Moves on where news have been passed on to; false when somebody else has done so meanwhile.
pub(super) fn pass(tx: &mut Tx<'_>, of: &News, to: Option<Id>) -> AppResult<bool> {
    let here = news::table.find(of.id).filter(news::done.eq(false));
    let set = (news::position.eq(to.or(of.position)), news::done.eq(to.is_none()));
    let moved = match of.position {
        Some(position) => {
            diesel::update(here.filter(news::position.eq(position))).set(set).execute(tx.conn())?
        }
        None => diesel::update(here.filter(news::position.is_null())).set(set).execute(tx.conn())?,
    };
    Ok(moved > 0)
}

/// Lets news wait for the next digest of a subscription.
pub(super) fn put_off(tx: &mut Tx<'_>, of: Id, subscription: Id, due: DateTime<Utc>) -> AppResult<()> {
    insert_row!(tx.conn(), subscription_items, {
        id: Id::new(), subscription_id: subscription, news_id: of, due_at: Ts::from(due),
    }, "ON CONFLICT DO NOTHING")?;
    Ok(())
}

/// News that wait, the subscription for which they do, and the news.
pub(super) type Waiting = (Id, Row, News);

/// What is due, subscriber by subscriber.
pub(super) fn due(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> AppResult<Vec<Waiting>> {
    Ok(items::table
        .inner_join(s::table.on(s::id.eq(items::subscription_id)))
        .inner_join(news::table.on(news::id.eq(items::news_id)))
        .filter(served("subscriptions"))
        .filter(items::due_at.le(Ts::from(now)))
        .order((s::subscriber, s::channel, items::news_id, items::id))
        .limit(limit)
        .select((items::id, Row::as_select(), News::as_select()))
        .load(conn)?)
}

/// Takes out what goes into digests; gives how many there were.
pub(super) fn take(tx: &mut Tx<'_>, ids: &[Id]) -> AppResult<usize> {
    Ok(diesel::delete(items::table.filter(items::id.eq_any(ids))).execute(tx.conn())?)
}
