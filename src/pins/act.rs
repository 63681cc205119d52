//! Giving a PIN, taking it back, trying it.

use super::store::{self, Row};
use crate::accounts;
use crate::audit::{self, Actor, Entry};
use crate::clock::{china_day, end_of_day};
use crate::crypto::{Keyring, MacPurpose, token};
use crate::db::{Id, Tx};
use crate::error::AppResult;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;

/// Wrong tries in a row that lock a PIN: of a hundred million numbers that is no guess, and who mistypes has four more.
pub const TRIES: i32 = 5;
/// A PIN holds so long: a slip of paper that nobody remembers must not open anything for ever.
const HOLDS_FOR: Days = Days::new(365);

/// Where the keyed hash of a PIN belongs: to this giving of it, so that the hashes of two people tell nothing.
fn secret(given: Id, pin: &str) -> String {
    format!("{given}:{pin}")
}

fn hash(keys: &Keyring, given: Id, pin: &str) -> [u8; 32] {
    keys.mac(MacPurpose::Session, "pin", secret(given, pin).as_bytes())
}

/// Gives a person a PIN, an earlier one being void from now on: the PIN, which is kept nowhere, what it is called in the record,
/// and until when it holds.
pub(super) fn give(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: &OfficialPrincipal,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<(String, Id, DateTime<Utc>)> {
    let (given, pin) = (Id::new(), token::eight_digits());
    let until = end_of_day(china_day(now).checked_add_days(HOLDS_FOR).unwrap_or(NaiveDate::MAX));
    let replaced = store::remove(tx, person)?;
    let row = Row {
        person_id: person,
        given,
        pin_hash: hash(keys, given, &pin).to_vec(),
        wrong: 0,
        set_at: now.into(),
        set_by: by.official_id,
        until_at: until.into(),
    };
    store::add(tx, &row)?;
    let entry = Entry::new(by, "pin.set", "pin").object(given).subject(Some(person));
    audit::append(tx, now, entry.detail(json!({"until": until, "replaced": replaced})))?;
    Ok((pin, given, until))
}

/// Takes a person's PIN back; what it was called in the record, none where there was none.
pub(super) fn withdraw(
    tx: &mut Tx<'_>,
    by: &OfficialPrincipal,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<Option<Id>> {
    let Some(row) = store::of(tx.conn(), person)? else { return Ok(None) };
    store::remove(tx, person)?;
    let entry = Entry::new(by, "pin.withdraw", "pin").object(row.given).subject(Some(person));
    audit::append(tx, now, entry)?;
    Ok(Some(row.given))
}

/// Whether a PIN is a person's. Nobody known, none given, another, locked, run out and a telephone that stands for the person
/// are one answer, which tells nothing of what is known. The attempt is counted and written into the record under what it was
/// for, so whoever asks must commit.
///
/// # Errors
/// Database errors.
pub fn tried(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (person, typed): (Option<Id>, &str),
    (by, what_for): (impl Into<Actor>, &'static str),
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let by = by.into();
    let counted = person.map(|person| store::count(tx, person, now)).transpose()?.flatten();
    let typed = digits(typed);
    let Some(row) = counted else {
        // The same work, so that the time does not tell either.
        let _ = hash(keys, Id::new(), &typed);
        let entry = Entry::new(by, "pin.try", "pin").subject(person);
        audit::append(tx, now, entry.detail(json!({"for": what_for, "right": false})))?;
        return Ok(false);
    };
    let same =
        keys.verify_mac(MacPurpose::Session, "pin", secret(row.given, &typed).as_bytes(), &row.pin_hash);
    let alone = accounts::account_of(tx.conn(), row.person_id)?.is_none();
    let right = same && alone && row.wrong <= TRIES;
    if right {
        store::begin_anew(tx, row.person_id)?;
    }
    let detail = json!({"for": what_for, "right": right, "locked": !right && row.wrong >= TRIES});
    let entry = Entry::new(by, "pin.try", "pin").object(row.given).subject(Some(row.person_id));
    audit::append(tx, now, entry.detail(detail))?;
    Ok(right)
}

/// A PIN as typed: full-width digits folded, spaces and hyphens dropped.
fn digits(typed: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    typed.nfkc().filter(|c| !c.is_whitespace() && *c != '-').take(16).collect()
}

/// As it is printed, in two groups that can be read out.
pub(super) fn grouped(pin: &str) -> String {
    match pin.split_at_checked(4) {
        Some((one, two)) => format!("{one} {two}"),
        None => pin.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_read_as_it_is_printed_and_typed() {
        assert_eq!(grouped("01234567"), "0123 4567");
        assert_eq!(digits(" 0123-4567 "), "01234567");
        assert_eq!(digits("０１２３ ４５６７"), "01234567");
    }

    #[test]
    fn the_same_pin_of_two_people_has_two_hashes() {
        let keys = Keyring::ephemeral().unwrap();
        let (one, two) = (Id::new(), Id::new());
        assert_ne!(hash(&keys, one, "01234567"), hash(&keys, two, "01234567"));
        assert_eq!(hash(&keys, one, "01234567"), hash(&keys, one, "01234567"));
    }
}
