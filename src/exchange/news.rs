//! What subscribers are told of agreements with other provinces: whose documents count where, from when on and until when.
//! Whoever travels to work needs to know that before the journey, and agreements begin and end while people are on their way.
//!
//! Nothing is told of a partner that is switched off: its agreements stand on no page either. That it is switched off or on
//! is itself told, where there is an agreement.

use super::demo::province_name;
use super::model::AgreementRow;
use super::store;
use crate::crypto::Keyring;
use crate::db::Tx;
use crate::error::AppResult;
use crate::slice::{Headline, Topic};
use crate::subscriptions;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What subscribers are told of agreements.
pub(super) const TOPIC: Topic = Topic { name: "recognition", page: "/recognition", headline };

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    /// Agreed.
    Added,
    /// Ended before its time.
    Ended,
    /// The partner is switched off …
    Off,
    /// … and on again.
    On,
}

impl What {
    /// As it stands in the catalogue's keys.
    const fn code(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Ended => "ended",
            Self::Off => "off",
            Self::On => "on",
        }
    }
}

/// What is published. It is kept as it is, so nothing personal is in it.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    what: What,
    /// Division code of the other province.
    province: String,
    /// `code`, `certificate` or both.
    kinds: Vec<String>,
    /// `ours`, `theirs` or `both`; empty of a partner as a whole.
    #[serde(default)]
    direction: String,
    /// From when on it holds, has ended, or the partner is off or on.
    at: DateTime<Utc>,
    /// First moment after its end.
    #[serde(default)]
    until: Option<DateTime<Utc>>,
    /// Number of the document of agreement; empty of a partner as a whole.
    #[serde(default)]
    document: String,
}

fn publish(tx: &mut Tx<'_>, keys: &Keyring, subject: &str, told: &Told, now: DateTime<Utc>) -> AppResult<()> {
    // An agreement is the province's, so it concerns every place in it.
    subscriptions::publish(tx, keys, TOPIC.name, "", subject, &json!(told), now)
}

fn of(what: What, row: &AgreementRow, kinds: Vec<String>, at: DateTime<Utc>) -> Told {
    Told {
        what,
        province: row.province.clone(),
        kinds,
        direction: row.direction.clone(),
        at,
        until: row.valid_to.map(|to| to.0),
        document: row.document.clone(),
    }
}

/// Whether anything is told of a province: it is a partner that is looked at.
fn is_looked_at(tx: &mut Tx<'_>, province: &str) -> AppResult<bool> {
    Ok(store::partner(tx.conn(), province)?.is_some_and(|partner| partner.active))
}

/// An agreement was entered, a row for each kind: told as one.
///
/// # Errors
/// Database errors.
pub(super) fn added(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    rows: &[AgreementRow],
    now: DateTime<Utc>,
) -> AppResult<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    if !is_looked_at(tx, &first.province)? {
        return Ok(());
    }
    let kinds = rows.iter().map(|row| row.kind.clone()).collect();
    let told = of(What::Added, first, kinds, first.valid_from.0);
    publish(tx, keys, &first.id.to_string(), &told, now)
}

/// An agreement was ended.
///
/// # Errors
/// Database errors.
pub(super) fn ended(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &AgreementRow,
    now: DateTime<Utc>,
) -> AppResult<()> {
    if !is_looked_at(tx, &row.province)? {
        return Ok(());
    }
    let told = of(What::Ended, row, vec![row.kind.clone()], now);
    publish(tx, keys, &format!("{}:end", row.id), &told, now)
}

/// A partner was switched off or on. Of one without an agreement nobody has to know.
///
/// # Errors
/// Database errors.
pub(super) fn switched(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (province, active): (&str, bool),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let rows = store::agreements(tx.conn())?;
    let mut kinds: Vec<String> = rows
        .into_iter()
        .filter(|row| row.province == province && !row.is_over(now))
        .map(|row| row.kind)
        .collect();
    kinds.sort();
    kinds.dedup();
    if kinds.is_empty() {
        return Ok(());
    }
    let what = if active { What::On } else { What::Off };
    let (direction, document) = (String::new(), String::new());
    let told = Told { what, province: province.to_owned(), kinds, direction, at: now, until: None, document };
    publish(tx, keys, &format!("{province}:{}", now.timestamp_micros()), &told, now)
}

/// News of an agreement in words.
fn headline(lang: Lang, _: &str, told: &Value) -> Headline {
    // What was published by a version that said it otherwise has its page, and no words of its own.
    let Ok(told) = serde_json::from_value::<Told>(told.clone()) else {
        let title = t(lang, "topic-recognition", &[]);
        return Headline { title, text: t(lang, "topic-recognition-text", &[]) };
    };
    let (zh, en) = province_name(&told.province);
    let kind = |kind: &String| t(lang, &format!("verify-kind-{kind}"), &[]);
    let kinds = told.kinds.iter().map(kind).collect::<Vec<_>>().join(&t(lang, "list-comma", &[]));
    let until = told.until.map(|until| format::until(lang, until, true));
    let direction = match told.direction.as_str() {
        "" => String::new(),
        direction => t(lang, &format!("recognition-{direction}"), &[]),
    };
    let day = format::date(lang, crate::clock::china_day(told.at), true);
    let args = [
        ("partner", if lang == Lang::En { en } else { zh }.into()),
        ("kinds", kinds.into()),
        ("day", day.into()),
        ("at", format::datetime(lang, told.at, true).into()),
        ("until", until.unwrap_or_else(|| t(lang, "recognition-open-end", &[])).into()),
        ("direction", direction.into()),
        ("document", told.document.into()),
    ];
    let words = |part: &str| t(lang, &format!("topic-recognition-{}-{part}", told.what.code()), &args);
    Headline { title: words("title"), text: words("body") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(what: &str) -> Value {
        json!({
            "what": what, "province": "440000", "kinds": ["certificate", "code"], "direction": "both",
            "at": "2020-03-12T02:32:00Z", "until": null, "document": "HR-44-51-1",
        })
    }

    #[test]
    fn each_change_has_its_own_words_and_a_title_that_an_sms_has_room_for() {
        for what in ["added", "ended", "off", "on"] {
            for lang in Lang::ALL {
                let Headline { title, text } = headline(lang, "", &told(what));
                assert!(!title.contains("topic-") && !text.contains("topic-"), "{what}: {title} {text}");
                let name = if lang == Lang::En { "Guangdong" } else { "广东" };
                assert!(title.contains(name) && text.contains(name), "{title} {text}");
                assert!(lang == Lang::En || title.chars().count() <= 34, "{title}");
            }
        }
        assert!(headline(Lang::En, "", &told("added")).text.contains("HR-44-51-1"));
    }

    #[test]
    fn what_is_not_known_leads_to_the_page() {
        assert_eq!(headline(Lang::ZhCn, "", &json!({"what": "else"})).title, "各省互认的变动");
    }
}
