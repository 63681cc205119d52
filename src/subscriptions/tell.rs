//! From news to what is sent: whom, in which words, and how much of it on a day.

use super::model::{Channel, Digest, News, Row};
use super::places;
use super::store;
use crate::clock::{china_day, start_of_day};
use crate::db::{Conn, Tx};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::notify::{self, Lane, Message, Reach, Recipient};
use crate::slice::{Headline, Slices, Topic};
use crate::web::i18n::Lang;
use crate::web::limits;
use chrono::{DateTime, Datelike, Days, Duration, Utc};
use serde_json::{Value, json};

/// Hour of the day in China at which digests leave.
const HOUR: i64 = 8;

/// Characters of a title that an SMS has room for, in Chinese …
const SHORT_ZH: usize = 34;
/// … and in English.
const SHORT_EN: usize = 110;

/// A topic that is in force.
pub(super) fn topic(deps: &Deps, name: &str) -> AppResult<Option<&'static Topic>> {
    Ok(deps.part::<Slices>()?.topics().find(|topic| topic.name == name))
}

/// News in both languages, and where they can be read; nothing of a topic that is no longer there.
pub(super) struct Told {
    zh: Headline,
    en: Headline,
    page: &'static str,
}

impl Told {
    pub fn of(deps: &Deps, news: &News) -> AppResult<Option<Self>> {
        let Some(topic) = topic(deps, &news.topic)? else { return Ok(None) };
        let words = |lang| (topic.headline)(lang, &news.division, &news.args.0);
        Ok(Some(Self { zh: words(Lang::ZhCn), en: words(Lang::En), page: topic.page }))
    }

    /// The title in a language.
    pub fn title(&self, lang: Lang) -> &str {
        if lang == Lang::En { &self.en.title } else { &self.zh.title }
    }

    fn params(&self, unsubscribe: &str) -> Value {
        json!({
            "title_zh": self.zh.title, "title_en": self.en.title, "text_zh": self.zh.text, "text_en": self.en.text,
            "short_zh": cut(&self.zh.title, SHORT_ZH), "short_en": cut(&self.en.title, SHORT_EN),
            "page": self.page, "unsubscribe": unsubscribe,
        })
    }
}

/// A text of at most so many characters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// When the next digest of a kind leaves; what is beyond a day's bound leaves with that of the day.
pub(super) fn next(digest: Digest, now: DateTime<Utc>) -> DateTime<Utc> {
    let hour = Duration::hours(HOUR);
    let today = china_day(now);
    let days = match digest {
        Digest::Weekly => u64::from((7 - today.weekday().num_days_from_monday()) % 7),
        Digest::None | Digest::Daily => 0,
    };
    let due = start_of_day(today + Days::new(days)) + hour;
    let period = if digest == Digest::Weekly { 7 } else { 1 };
    if due > now { due } else { due + Duration::days(period) }
}

/// Whom a subscription is for, by its channel; a resident who has no address any more reads it in the inbox.
pub(super) fn recipient(conn: &mut Conn, deps: &Deps, row: &Row) -> AppResult<Recipient> {
    let Some(account) = row.account_id else {
        return Ok(Recipient { email: row.address(&deps.keys)?, lang: row.lang(), ..Recipient::default() });
    };
    let known = (deps.part::<Reach>()?.recipient)(conn, &deps.keys, account)?;
    let inbox = Recipient { account: Some(account), lang: known.lang, ..Recipient::default() };
    Ok(match row.channel() {
        Channel::Email if known.email.is_some() => Recipient { email: known.email, account: None, ..inbox },
        // The SMS has room for a line; the rest is read in the portal.
        Channel::Sms => Recipient { phone: known.phone, ..inbox },
        Channel::Email | Channel::Inbox => inbox,
    })
}

/// Where somebody stops what comes by e-mail: the path of its link, and nothing of what is read in the portal.
pub(super) fn way_out(deps: &Deps, row: &Row, to: &Recipient, all: bool) -> AppResult<String> {
    if to.email.is_none() {
        return Ok(String::new());
    }
    let token = row.token(&deps.keys)?;
    Ok(if all { format!("/subscriptions/stop/{token}/all") } else { format!("/subscriptions/stop/{token}") })
}

/// Passes news on to one subscription: at once, or into its next digest.
pub(super) fn pass_on(
    tx: &mut Tx<'_>,
    deps: &Deps,
    row: &Row,
    news: &News,
    told: &Told,
    now: DateTime<Utc>,
) -> AppResult<()> {
    if row.digest() != Digest::None {
        return store::put_off(tx, news.id, row.id, next(row.digest(), now));
    }
    let to = recipient(tx.conn(), deps, row)?;
    let whose = (format!("subscription-{}", row.channel), row.subscriber.to_string());
    let budget = [(Duration::days(1), row.channel().at_once())];
    if !limits::spend(tx, &deps.keys, (&whose.0, &whose.1), &budget, now)? {
        store::put_off(tx, news.id, row.id, next(Digest::Daily, now))?;
        return say_so(tx, deps, row, &to, now);
    }
    let params = told.params(&way_out(deps, row, &to, false)?);
    let message = Message::new("subscription-news", params)
        .once(format!("subscription:{}:{}", row.id, news.id))
        .lane(Lane::Bulk)
        .list(row.id);
    notify::send(tx, &deps.keys, &to, &message, now)
}

/// Says once a day that the rest of the day comes with the next digest.
fn say_so(tx: &mut Tx<'_>, deps: &Deps, row: &Row, to: &Recipient, now: DateTime<Utc>) -> AppResult<()> {
    let name = format!("subscription-more-{}", row.channel);
    let day = [(Duration::days(1), 1)];
    if !limits::spend(tx, &deps.keys, (&name, &row.subscriber.to_string()), &day, now)? {
        return Ok(());
    }
    let params = json!({"count": row.channel().at_once(), "unsubscribe": way_out(deps, row, to, true)?});
    let message = Message::new("subscription-more", params).lane(Lane::Bulk).list(row.subscriber);
    notify::send(tx, &deps.keys, to, &message, now)
}

/// The topic and the place of a subscription, for people, in both languages.
pub(super) fn names(row: &Row) -> Value {
    let topic = |lang| topic_name(lang, &row.topic);
    json!({
        "topic_zh": topic(Lang::ZhCn), "topic_en": topic(Lang::En),
        "place_zh": places::name(Lang::ZhCn, &row.division), "place_en": places::name(Lang::En, &row.division),
    })
}

/// A topic's name.
pub(super) fn topic_name(lang: Lang, topic: &str) -> String {
    crate::web::i18n::t(lang, &format!("topic-{topic}"), &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn digests_leave_at_eight_in_china() {
        // Thursday 12 March 2020, 10:32 in Chengdu.
        let now = at("2020-03-12T02:32:00Z");
        assert_eq!(next(Digest::Daily, now), at("2020-03-13T00:00:00Z"));
        assert_eq!(next(Digest::Weekly, now), at("2020-03-16T00:00:00Z"), "Monday");
        let early = at("2020-03-15T23:00:00Z");
        assert_eq!(next(Digest::Daily, early), at("2020-03-16T00:00:00Z"), "7:00 on Monday");
        assert_eq!(next(Digest::Weekly, early), at("2020-03-16T00:00:00Z"));
        let exactly = at("2020-03-16T00:00:00Z");
        assert_eq!(next(Digest::Weekly, exactly), at("2020-03-23T00:00:00Z"));
        assert_eq!(next(Digest::Daily, exactly), at("2020-03-17T00:00:00Z"));
    }

    #[test]
    fn a_title_is_cut_for_an_sms() {
        assert_eq!(cut("岳池县", 3), "岳池县");
        assert_eq!(cut("岳池县升级", 3), "岳池…");
    }
}
