//! How much one person sends in a day. Whatever was sent counts for the colour until somebody accepts newer answers, so an
//! account that sent thousands would make each evaluation of its person dearer, and fill the desk of those who check.

use crate::clock::{china_day, end_of_day, start_of_day};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::error::{AppError, AppResult};
use crate::web::limits;
use chrono::{DateTime, Utc};

/// Declarations and corrections of a person in a day, together, whoever's account sends them. What staff write down is not
/// counted: that is the way that stays open.
const MOST: i32 = 20;

/// Counts what a person sends. It stays counted when it is withdrawn, or destroyed: neither gives another one.
///
/// # Errors
/// [`AppError::Enough`] `declarations-today` past the bound, with the seconds until the day is over; database errors.
pub(super) fn count(tx: &mut Tx<'_>, keys: &Keyring, person: Id, now: DateTime<Utc>) -> AppResult<()> {
    let today = china_day(now);
    let sent = limits::of_day(tx, keys, ("declared", &person.to_string()), start_of_day(today))?;
    if sent <= MOST {
        return Ok(());
    }
    let left = (end_of_day(today) - now).num_seconds() + 1;
    Err(AppError::Enough("declarations-today", u64::try_from(left).unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use super::MOST;
    use crate::web::i18n::{Lang, t};

    #[test]
    fn the_texts_say_how_many() {
        for lang in [Lang::ZhCn, Lang::En] {
            let text = t(lang, "problem-declarations-today", &[]);
            assert!(text.contains(&format!(" {MOST} ")), "{text}");
        }
    }
}
