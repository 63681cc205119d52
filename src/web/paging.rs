//! Lists page by key, never by offset: the cursor is the sort key of the last row seen.

use crate::clock::is_plausible_day;
use crate::crypto::token;
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Rows on a page of a worklist.
pub const PAGE_ROWS: i64 = 50;

/// Up to so many are counted: whoever has more needs no exact number, and a list must not get slower as it grows.
pub const COUNTED: i64 = 1000;

/// How many stand somewhere, and whether there are more than [`COUNTED`]; of the number of rows that were found when
/// one more than that was asked for.
pub fn counted(found: i64) -> (i64, bool) {
    (found.min(COUNTED), found > COUNTED)
}

/// Writes a cursor.
///
/// # Errors
/// [`AppError::Internal`] when the key cannot be written.
pub fn cursor<K: Serialize>(key: &K) -> AppResult<String> {
    Ok(token::base64url(&serde_json::to_vec(key).map_err(AppError::internal)?))
}

/// Reads a cursor from a query.
///
/// # Errors
/// [`AppError::BadRequest`] `cursor`.
pub fn read_cursor<K: DeserializeOwned>(text: &str) -> AppResult<K> {
    token::from_base64url(text)
        .filter(|bytes| bytes.len() <= 200)
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        .filter(is_plausible)
        .and_then(|value| serde_json::from_value(value).ok())
        .ok_or(AppError::BadRequest("cursor"))
}

/// A cursor is not signed, so its numbers and moments are only taken within what a database can compare: moments from
/// 1900 to 2100, numbers up to that in microseconds.
fn is_plausible(key: &Value) -> bool {
    const LAST_MICROS: i64 = 4_133_980_800_000_000;
    match key {
        Value::Number(n) => n.as_i64().is_some_and(|n| (0..LAST_MICROS).contains(&n)),
        // PostgreSQL keeps no NUL in a text, so no key has one.
        Value::String(s) if s.contains('\0') => false,
        Value::String(s) => s.parse::<DateTime<Utc>>().map_or(true, |t| is_plausible_day(t.date_naive())),
        Value::Array(parts) => parts.iter().all(is_plausible),
        _ => true,
    }
}

/// Cuts the extra row off a list that was asked for one row more than a page, and tells whether there was one.
pub fn cut<T>(mut rows: Vec<T>, limit: i64) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = rows.len() > limit;
    rows.truncate(limit);
    (rows, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_garbage_is_refused() {
        let key = (12i64, "a".to_owned());
        let text = cursor(&key).unwrap();
        assert_eq!(read_cursor::<(i64, String)>(&text).unwrap(), key);
        assert!(matches!(read_cursor::<i64>("garbage"), Err(AppError::BadRequest(_))));
        for early in [r#"["-200000-01-01T00:00:00Z", 1]"#, r#"["+200000-01-01T00:00:00Z", 1]"#] {
            let forged = token::base64url(early.as_bytes());
            assert!(
                matches!(read_cursor::<(DateTime<Utc>, i64)>(&forged), Err(AppError::BadRequest(_))),
                "{early}"
            );
        }
        let hidden = cursor(&("a\0b", 1)).unwrap();
        assert!(matches!(read_cursor::<(String, i64)>(&hidden), Err(AppError::BadRequest(_))));
        let now: DateTime<Utc> = "2020-03-12T02:32:00Z".parse().unwrap();
        assert_eq!(read_cursor::<(DateTime<Utc>, i64)>(&cursor(&(now, 1)).unwrap()).unwrap(), (now, 1));
        assert_eq!(cut(vec![1, 2, 3], 2), (vec![1, 2], true));
        assert_eq!(cut(vec![1, 2], 2), (vec![1, 2], false));
    }
}
