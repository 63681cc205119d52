//! CBOR as JSON, for people and programs that look at what a document says.
//!
//! Follows RFC 8949 §6.1: bytes become base64url without padding, keys that are not text become text,
//! dates under tags 0 and 1 become RFC 3339 text, and what JSON cannot say (NaN, undefined) becomes null.

use super::cbor::Value;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Number, Value as Json};

/// Render a value. If a key is repeated the first one counts, as in [`Value::get`].
#[must_use]
pub fn from_cbor(value: &Value<'_>) -> Json {
    match value {
        Value::Integer(number) => Json::from(*number),
        Value::Bytes(bytes) => Json::from(URL_SAFE_NO_PAD.encode(bytes)),
        Value::Text(text) => Json::from(text.as_ref()),
        Value::Array(elements) => elements.iter().map(from_cbor).collect(),
        Value::Map(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                map.entry(key_text(key)).or_insert_with(|| from_cbor(value));
            }
            Json::Object(map)
        }
        Value::Tag(1, content) => match moment(content) {
            Some(moment) => Json::from(moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => from_cbor(content),
        },
        Value::Tag(_, content) => from_cbor(content),
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Null => Json::Null,
        Value::Float(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        Value::Simple(simple) => Json::from(*simple),
    }
}

/// The name of a map's key in JSON.
#[must_use]
pub fn key_text(key: &Value<'_>) -> String {
    match from_cbor(key) {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

/// A moment as foreign documents write it: whole or broken seconds since 1970, or tagged (0: text, 1: number).
#[must_use]
pub fn moment(value: &Value<'_>) -> Option<DateTime<Utc>> {
    match value {
        Value::Integer(seconds) => DateTime::from_timestamp(*seconds, 0),
        Value::Float(seconds) => from_float(*seconds),
        Value::Tag(1, content) => match content.as_ref() {
            number @ (Value::Integer(_) | Value::Float(_)) => moment(number),
            _ => None,
        },
        Value::Tag(0, content) => {
            let parsed = DateTime::parse_from_rfc3339(content.text()?).ok()?;
            Some(parsed.with_timezone(&Utc))
        }
        _ => None,
    }
}

/// Seconds with a fraction, cut to microseconds; beyond about the year 10,000 in either direction: none.
fn from_float(seconds: f64) -> Option<DateTime<Utc>> {
    if !(-3e11..=3e11).contains(&seconds) {
        return None;
    }
    let whole = format!("{:.0}", (seconds * 1e6).floor()).parse::<i64>().ok()?;
    DateTime::from_timestamp_micros(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor;
    use serde_json::json;

    fn shown(bytes: &str) -> Json {
        from_cbor(&cbor::read(&hex::decode(bytes).unwrap()).unwrap())
    }

    #[test]
    fn values_are_shown_as_rfc_8949_says() {
        assert_eq!(
            shown("a3014102636f6e65f5f6fb7ff8000000000000"),
            json!({"1": "Ag", "one": true, "null": null})
        );
        assert_eq!(shown("c11a5a000000"), json!("2017-11-06T06:24:00Z"));
        assert_eq!(shown("c074323031332d30332d32315432303a30343a30305a"), json!("2013-03-21T20:04:00Z"));
        assert_eq!(shown("a201000101"), json!({"1": 0}));
    }

    #[test]
    fn moments_of_foreign_documents() {
        let moment_of = |bytes: &str| moment(&cbor::read(&hex::decode(bytes).unwrap()).unwrap());
        let seconds = |micros| DateTime::from_timestamp_micros(micros);
        assert_eq!(moment_of("1a5a000000"), seconds(1_509_949_440_000_000));
        assert_eq!(moment_of("c1fb41d452d9ec200000"), seconds(1_363_896_240_500_000));
        assert_eq!(moment_of("fb7ff8000000000000"), None);
        assert_eq!(moment_of("fb7fefffffffffffff"), None);
        assert_eq!(moment_of("1b7fffffffffffffff"), None);
        assert_eq!(moment_of("c1c11a5a000000"), None);
    }
}
