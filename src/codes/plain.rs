//! Facts and rules in plain words: what the pages that explain a colour show instead of paths and braces.

use super::words::pick;
use crate::policy::{Rule, Words};
use crate::web::format;
use crate::web::i18n::{Lang, has, t};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A fact in plain words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodeFact)]
pub(super) struct Fact {
    /// What it is called.
    pub label: String,
    /// What it is.
    pub value: String,
}

/// The facts that rules read, one line for each stay, test, finding or order, else one for each fact. `known` are the facts as they are laid out for the rules; what has changed since is not mixed in.
pub(super) fn facts(
    lang: Lang,
    used: &BTreeMap<String, Value>,
    known: &Value,
    now: DateTime<Utc>,
) -> Vec<Fact> {
    let mut groups: BTreeMap<(&str, &str), Map<String, Value>> = BTreeMap::new();
    let mut lines = Vec::new();
    for (path, value) in used {
        match entry(path) {
            Some((list, index, field)) => {
                groups.entry((list, index)).or_default().insert(field.to_owned(), value.clone());
            }
            None => lines.push(Fact { label: label(lang, path), value: text(lang, path, value, now) }),
        }
    }
    for ((list, index), read) in groups {
        let whole = list.split('.').try_fold(known, |at, part| at.get(part));
        let whole = whole.and_then(|l| l.get(index.parse::<usize>().ok()?)).and_then(Value::as_object);
        let same = whole.filter(|w| read.iter().all(|(k, v)| w.get(k).unwrap_or(&Value::Null) == v));
        let (label, value) = line(lang, list, same.unwrap_or(&read), now);
        lines.push(Fact { label, value });
    }
    lines
}

/// `travel[0].risk` as list, number and field.
fn entry(path: &str) -> Option<(&str, &str, &str)> {
    let (list, rest) = path.split_once('[')?;
    let (index, field) = rest.split_once(']')?;
    Some((list, index, field.trim_start_matches('.')))
}

/// What a fact is called.
pub(super) fn label(lang: Lang, path: &str) -> String {
    let key = format!("code-fact-{}", path.replace(['.', '_'], "-"));
    if has(&key) { t(lang, &key, &[]) } else { t(lang, "code-fact-other", &[]) }
}

/// What a rule reads, in words, each once.
pub(super) fn labels(lang: Lang, fields: &[String]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for found in fields.iter().map(|f| label(lang, f)) {
        if !labels.contains(&found) {
            labels.push(found);
        }
    }
    labels
}

fn line(lang: Lang, list: &str, of: &Map<String, Value>, now: DateTime<Utc>) -> (String, String) {
    let word = |field: &str| of.get(field).filter(|v| !v.is_null()).map(|v| text(lang, field, v, now));
    let is = |field: &str| of.get(field).is_some_and(|v| *v != Value::Bool(false) && !v.is_null());
    let (label, mut parts) = match list.strip_prefix("records.") {
        Some(kind) => (
            t(lang, &format!("record-kind-{}", kind.replace('_', "-")), &[]),
            vec![word("date"), word("place")],
        ),
        None if list == "orders" => (t(lang, "code-fact-order", &[]), vec![word("number"), word("colour")]),
        None if list == "tests" => (t(lang, "code-fact-test", &[]), vec![word("date"), word("result")]),
        None => {
            let days = match (word("from"), word("to")) {
                (Some(from), Some(to)) => {
                    Some(t(lang, "code-fact-days", &[("from", from.into()), ("to", to.into())]))
                }
                (from, to) => from.or(to),
            };
            let risk = word("risk").unwrap_or_else(|| t(lang, "code-fact-unclassed", &[]));
            (t(lang, "code-fact-stay", &[]), vec![word("name"), days, Some(risk)])
        }
    };
    parts.push(is("negative_since").then(|| t(lang, "code-fact-item-negative-since", &[])));
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (label, parts.join(&t(lang, "list-comma", &[])))
}

/// A fact as a person reads it.
fn text(lang: Lang, path: &str, value: &Value, now: DateTime<Utc>) -> String {
    let field = path.rsplit('.').next().unwrap_or(path);
    match value {
        Value::Null => t(lang, "code-fact-none", &[]),
        Value::Bool(yes) => t(lang, if *yes { "code-fact-yes" } else { "code-fact-no" }, &[]),
        Value::Number(n) => match n.as_i64() {
            Some(n) if field == "temperature_tenths" => format!("{}.{} ℃", n / 10, n % 10),
            Some(n) if field == "days_since" => t(lang, "code-fact-count-days", &[("count", n.into())]),
            Some(n) => t(lang, "code-fact-count", &[("count", n.into())]),
            None => n.to_string(),
        },
        Value::String(text) => string(lang, field, text, now),
        Value::Array(items) if items.is_empty() => t(lang, "code-fact-none", &[]),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|i| self::text(lang, path, i, now)).collect();
            items.join(&t(lang, "list-comma", &[]))
        }
        Value::Object(map) => match (map.get("zh"), map.get("en")) {
            (Some(zh), Some(en)) => {
                let picked = if lang == Lang::En { en } else { zh };
                picked.as_str().unwrap_or_default().to_owned()
            }
            _ => line(lang, "tests", map, now).1,
        },
    }
}

/// A code, a day or a moment in words; what is none of them stands as it is.
fn string(lang: Lang, field: &str, text: &str, now: DateTime<Utc>) -> String {
    let key = match field {
        "risk" => format!("risk-{text}"),
        "result" => format!("record-result-{text}"),
        "transport" => format!("record-transport-{text}"),
        "colour" => format!("code-word-{text}"),
        "symptoms" => format!("trial-symptom-{text}"),
        _ => String::new(),
    };
    if has(&key) {
        return t(lang, &key, &[]);
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return format::date(lang, day, day.year() != format::local(now).year());
    }
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) => format::when(lang, at.to_utc(), now),
        Err(_) => text.to_owned(),
    }
}

/// A text of a rule for people who are in no case: each placeholder as the word for what will stand there, `（地点）`.
pub(super) fn open_words(lang: Lang, rule: &Rule, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        let key = format!("rules-word-{}", name.replace('_', "-"));
        // An office of the register is said in the rule's own words, not as the one that gave an order.
        let show = rule.show.get(name);
        let registered = show.is_some_and(|s| s.path.starts_with("offices."));
        let word = if has(&key) && !registered {
            t(lang, &key, &[])
        } else {
            show.map(|s| if lang == Lang::En { s.en.clone() } else { s.zh.clone() }).unwrap_or_default()
        };
        let (open, close) = if lang == Lang::En { ("(", ")") } else { ("（", "）") };
        let bracketed = before.ends_with(open) && tail.starts_with(close);
        if bracketed {
            out.push_str(&word);
        } else if lang == Lang::En {
            out.extend([open, word.as_str(), close]);
        } else {
            // Chinese sets figures apart; a bracket has its own space.
            out.truncate(out.trim_end_matches(' ').len());
            out.extend([open, word.as_str(), close]);
        }
        rest = if bracketed || lang == Lang::En { tail } else { tail.trim_start_matches(' ') };
    }
    out.push_str(rest);
    out
}

/// [`open_words`] of the text in the page's language.
pub(super) fn open_pick(lang: Lang, rule: &Rule, words: &Words) -> String {
    open_words(lang, rule, pick(words, lang))
}

/// The telephone of a rule; one that the case decides (an order's office) is the hotline here.
pub(super) fn phone(rule: &Rule) -> &str {
    if rule.authority.phone.contains('{') { "12345" } else { &rule.authority.phone }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::first_policy;

    #[test]
    fn what_will_stand_there_has_no_gaps_beside_its_brackets() {
        let policy = first_policy().unwrap();
        for rule in policy.rules().iter().map(|c| &c.rule) {
            let texts = [&rule.reason].into_iter().chain(&rule.duties).chain(&rule.evidence);
            for shown in texts.map(|words| open_pick(Lang::ZhCn, rule, words)) {
                assert!(!shown.contains("） ") && !shown.contains(" （"), "{}: {shown}", rule.id);
            }
        }
    }
}
