//! What one telephone or one address is sent at most, whoever causes it. The inbox keeps everything; past the budget one
//! message a day says that there is more. Codes are not counted here: whoever asks for one has limits of their own
//! (`accounts/asking.rs`).
//!
//! A message is counted when it is first taken out of the outbox, not where it is written: no act waits for its budget or
//! fails by it, and what a provider's failure has held up does not come all at once. What a worker puts back untried is
//! counted once more when it is taken again.

use super::store::{self, Claimed};
use super::{Channel, Lane, Message, params_context, queue, recipient_context};
use crate::crypto::Keyring;
use crate::db::Tx;
use crate::error::AppResult;
use crate::web::i18n::Lang;
use crate::web::limits;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What says that there is more in the inbox.
const MORE: &str = "more-news";

/// Health and safety of the recipient, or somebody acting in their name. Officials, the rules of colours and whoever holds
/// the telephone or a session cause them, a stranger causes none; a code that turns yellow or red is one, too.
const GRAVE: &[&str] = &[
    "certificate-suspended",
    "certificate-revoked",
    "health-record",
    "declaration-entered",
    "claim-moved",
    "phone-changed",
    "proxy-granted",
    "email-changed",
    "official-changed",
    "records-merged",
    "reopening-suspended",
    "reopening-revoked",
];

/// Links that somebody has asked for and that stand in no inbox; how many an address gets is bounded where they are asked for.
const LINKS: &[&str] = &["subscription-confirm"];

/// Cases that wait for an official: one of a prefecture or of the province gets them from all counties.
const WORK: &[&str] = &[
    "departments-asked",
    "prefecture-asked",
    "rectification-reported",
    "reopening-due-soon",
    "reopening-overdue",
    "department-reminded",
    "second-expiring",
    "second-expired",
];

/// SMS of all kinds in an hour at which operators are told, in hourly budgets of codes: who signs in is told of what came in,
/// of the certificate and of a colour, mostly once in two weeks.
const ALARM: i64 = 5;

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    /// All that is not one of the others.
    News,
    /// Each of these messages for itself, so that none is drowned in others.
    Grave,
    /// Links, so that none is drowned in news.
    Links,
    /// Work of officials.
    Work,
}

impl Share {
    fn of(keys: &Keyring, message: &Claimed) -> Self {
        let name = message.message.as_str();
        if GRAVE.contains(&name) || (name == "code-changed" && worsened(keys, message)) {
            Self::Grave
        } else if LINKS.contains(&name) {
            Self::Links
        } else if WORK.contains(&name) {
            Self::Work
        } else {
            Self::News
        }
    }

    /// At most so many in an hour and in a day. A journey from the first declaration to the certificate takes three or four,
    /// with a change of colour six; a case of a business takes four, and an agent may have several on a day. E-mail costs
    /// nothing and is read later.
    fn most(self, channel: Channel) -> (i32, i32) {
        match (channel, self) {
            (Channel::Sms, Self::News | Self::Work) => (20, 40),
            (Channel::Sms, Self::Grave | Self::Links) => (5, 10),
            (Channel::Email, Self::News) => (30, 100),
            (Channel::Email, Self::Grave | Self::Links) => (10, 30),
            (Channel::Email, Self::Work) => (200, 1000),
        }
    }
}

fn worsened(keys: &Keyring, message: &Claimed) -> bool {
    let params = keys.open_json::<Value>(&params_context(message.id), &message.params_sealed);
    params.is_ok_and(|p| {
        p.get("new").and_then(Value::as_str).is_some_and(|new| ["yellow", "red"].contains(&new))
    })
}

/// Where a message is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Tally {
    to: String,
    name: String,
    most: (i32, i32),
}

impl Tally {
    /// Of a message that is taken for the first time and is no code; one that cannot be opened fails where it is sent.
    fn of(keys: &Keyring, channel: Channel, message: &Claimed) -> Option<Self> {
        if !is_new(message) || message.lane == Lane::Urgent.code() || message.message == MORE {
            return None;
        }
        let to = keys.open_str(&recipient_context(message.id), &message.recipient_sealed).ok()?;
        let share = Share::of(keys, message);
        let kind = match share {
            Share::News => "news",
            Share::Work => "work",
            Share::Links => "links",
            Share::Grave => message.message.as_str(),
        };
        let name = format!("{}-to-{kind}", channel.code());
        Some(Self { to: to.to_string(), name, most: share.most(channel) })
    }
}

fn is_new(message: &Claimed) -> bool {
    message.attempts == 1
}

/// Messages that were taken out of the outbox, judged.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// These go.
    pub send: Vec<Claimed>,
    /// These do not; who has an account reads them there.
    withheld: Vec<Claimed>,
    /// How many SMS are new here, and how many there are in the hour with them.
    sms: Option<(i32, i64)>,
}

/// Judges what was taken.
///
/// # Errors
/// Database errors.
pub(super) fn judge(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    channel: Channel,
    claimed: Vec<Claimed>,
    now: DateTime<Utc>,
) -> AppResult<Judged> {
    let mut judged = Judged::default();
    let mut counted = Vec::new();
    for message in claimed {
        match Tally::of(keys, channel, &message) {
            Some(tally) => counted.push((tally, message)),
            None => judged.send.push(message),
        }
    }
    // Always in one order, so that two workers do not wait for each other.
    counted.sort_by(|(a, m), (b, n)| (a, m.created_at, m.id).cmp(&(b, n.created_at, n.id)));
    let mut past: BTreeMap<String, Lang> = BTreeMap::new();
    for (tally, message) in counted {
        let budget = [(Duration::hours(1), tally.most.0), (Duration::days(1), tally.most.1)];
        if limits::spend(tx, keys, (tally.name.as_str(), tally.to.as_str()), &budget, now)? {
            judged.send.push(message);
        } else {
            past.entry(tally.to).or_insert_with(|| Lang::parse(&message.lang).unwrap_or_default());
            judged.withheld.push(message);
        }
    }
    for (to, lang) in past {
        tell_of_more(tx, keys, channel, &to, lang, now)?;
    }
    store::withhold(tx, judged.withheld.iter().map(|m| m.id).collect())?;
    judged.sms = all_sms(tx, keys, channel, &judged.send, now)?;
    Ok(judged)
}

/// Once a day.
fn tell_of_more(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    channel: Channel,
    to: &str,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let name = format!("{}-more", channel.code());
    if !limits::spend(tx, keys, (name.as_str(), to), &[(Duration::days(1), 1)], now)? {
        return Ok(());
    }
    queue(tx, keys, channel, to, lang, &Message::new(MORE, json!({})), b"{}", now)
}

/// Counts the new SMS among all of the province.
fn all_sms(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    channel: Channel,
    send: &[Claimed],
    now: DateTime<Utc>,
) -> AppResult<Option<(i32, i64)>> {
    let new = i32::try_from(send.iter().filter(|m| is_new(m)).count()).unwrap_or(i32::MAX);
    if channel != Channel::Sms || new == 0 {
        return Ok(None);
    }
    let all = limits::hit(tx, keys, ("sms-sent", "", new), Duration::hours(1), now)?;
    Ok(Some((new, all)))
}

impl Judged {
    /// How many were taken.
    pub fn count(&self) -> usize {
        self.send.len() + self.withheld.len()
    }

    /// Counts what was withheld, by its kind, and says when there are more SMS in an hour than a province has reason for.
    pub fn tell(&self, channel: Channel, codes_per_hour: i32) {
        for message in &self.withheld {
            let (channel, name) = (channel.code(), message.message.clone());
            metrics::counter!("fugong_messages_total", "channel" => channel, "message" => name, "outcome" => "withheld")
                .increment(1);
        }
        let Some((new, all)) = self.sms else { return };
        metrics::gauge!("sms_last_hour").set(f64::from(i32::try_from(all).unwrap_or(i32::MAX)));
        let alarm = i64::from(codes_per_hour) * ALARM;
        if all >= alarm && all - i64::from(new) < alarm {
            tracing::warn!(all, alarm, "SMS of all kinds in the last hour: is somebody pumping them?");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Id, Ts};

    fn taken(keys: &Keyring, name: &str, params: &Value) -> Claimed {
        let id = Id::new();
        Claimed {
            id,
            lane: Lane::Normal.code().into(),
            message: name.into(),
            lang: "zh-CN".into(),
            recipient_sealed: keys.seal_str(&recipient_context(id), "+8613800138000").unwrap(),
            params_sealed: keys.seal(&params_context(id), params.to_string().as_bytes()).unwrap(),
            attempts: 1,
            created_at: Ts::from(DateTime::UNIX_EPOCH),
        }
    }

    #[test]
    fn what_tells_of_danger_is_counted_apart_and_good_news_is_not() {
        let keys = Keyring::ephemeral().unwrap();
        let under = |name: &str, params: &Value| {
            let tally = Tally::of(&keys, Channel::Sms, &taken(&keys, name, params));
            tally.map(|a| (a.most, a.name))
        };
        let none = json!({});
        for (new, most, name) in [
            ("red", (5, 10), "sms-to-code-changed"),
            ("yellow", (5, 10), "sms-to-code-changed"),
            ("green", (20, 40), "sms-to-news"),
            ("unknown", (20, 40), "sms-to-news"),
        ] {
            assert_eq!(under("code-changed", &json!({"new": new})), Some((most, name.into())), "{new}");
        }
        assert_eq!(under("phone-changed", &none), Some(((5, 10), "sms-to-phone-changed".into())));
        assert_eq!(under("declaration-received", &none), Some(((20, 40), "sms-to-news".into())));
        assert_eq!(under("departments-asked", &none), Some(((20, 40), "sms-to-work".into())));
        assert_eq!(under(MORE, &none), None);
    }

    #[test]
    fn codes_and_what_was_tried_before_are_not_counted() {
        let keys = Keyring::ephemeral().unwrap();
        let message = || taken(&keys, "declaration-received", &json!({}));
        let code = Claimed { lane: Lane::Urgent.code().into(), ..message() };
        let again = Claimed { attempts: 2, ..message() };
        let unreadable = Claimed { recipient_sealed: vec![0; 40], ..message() };
        for one in [code, again, unreadable] {
            assert!(Tally::of(&keys, Channel::Sms, &one).is_none());
        }
    }

    #[test]
    fn every_message_that_is_named_here_is_there() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/mail");
        for name in GRAVE.iter().chain(WORK).chain([&"code-changed", &MORE]) {
            assert!(folder.join(name).is_dir(), "{name}");
        }
    }
}
