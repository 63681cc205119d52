//! Who is away, and who stands in: while it lasts, what somebody has taken is the substitute's to do as well, and reminders
//! about it go there. A substitute is a colleague (the same right in the same office), so nobody gets to decide what they
//! could not decide before. Nobody stands in who is away, so that no case waits for two.

use super::store_absence as store;
use crate::audit::{self, Entry};
use crate::clock::{china_day, start_of_day};
use crate::db::{Conn, Id, Tx};
use crate::error::{AppError, AppResult, FieldError};
use crate::web::form::Form;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;
use std::collections::BTreeMap;

/// Days that one absence lasts, at most: whoever is away for longer gets a right that ends, and another gets one.
const LONGEST: u64 = 92;

/// An absence that is to be entered: moments, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAbsence {
    pub(super) substitute: Id,
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

impl NewAbsence {
    /// Reads the form: who stands in, the first day and the last.
    ///
    /// # Errors
    /// What is to be put right.
    pub fn read(form: &Form, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let day = |field: &str| match form.view().date(field) {
            Ok(Some(day)) => Ok(day),
            Ok(None) => Err(FieldError::new(field, "required")),
            Err(_) => Err(FieldError::new(field, "invalid")),
        };
        let substitute =
            form.get("substitute").parse().map_err(|_| FieldError::new("substitute", "choose-one"));
        Self::of(substitute, day("from"), day("to"), china_day(now))
    }

    /// What was read, if it fits together.
    ///
    /// # Errors
    /// What is to be put right.
    pub(super) fn of(
        substitute: Result<Id, FieldError>,
        from: Result<NaiveDate, FieldError>,
        to: Result<NaiveDate, FieldError>,
        today: NaiveDate,
    ) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut keep = |error: FieldError| errors.push(error);
        let substitute = substitute.map_err(&mut keep).ok();
        let from = from.and_then(|day| match day < today {
            true => Err(FieldError::new("from", "absence-past")),
            false => Ok(day),
        });
        let from = from.map_err(&mut keep).ok();
        let to = to.and_then(|day| match from {
            Some(from) if day < from => Err(FieldError::new("to", "range")),
            Some(from) if from.checked_add_days(Days::new(LONGEST)).is_none_or(|last| day >= last) => {
                Err(FieldError::new("to", "absence-long").with("days", LONGEST))
            }
            _ => Ok(day),
        });
        let to = to.map_err(&mut keep).ok().and_then(|last| last.checked_add_days(Days::new(1)));
        match (substitute, from, to) {
            (Some(substitute), Some(from), Some(to)) if errors.is_empty() => {
                Ok(Self { substitute, from: start_of_day(from), to: start_of_day(to) })
            }
            _ => Err(errors),
        }
    }
}

/// Enters an absence of one's own.
///
/// # Errors
/// [`AppError::Invalid`] for a substitute who is no colleague or is away, and for days on which one is away or stands in
/// already.
pub(super) fn enter(
    tx: &mut Tx<'_>,
    who: &OfficialPrincipal,
    new: NewAbsence,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    // Of two who name each other at the same moment, the second sees the first.
    let mut both = [who.official_id, new.substitute];
    both.sort();
    for id in both {
        store::hold(tx, id)?;
    }
    let others = store::colleagues(tx.conn(), who, now)?;
    if new.substitute == who.official_id || !others.iter().any(|(id, _)| *id == new.substitute) {
        return Err(AppError::field("substitute", "choose-one"));
    }
    let during = (new.from, new.to);
    if store::is_away(tx.conn(), who.official_id, during)? {
        return Err(AppError::field("from", "absence-twice"));
    }
    if store::stands_in(tx.conn(), who.official_id, during)? {
        return Err(AppError::field("from", "absence-standing-in"));
    }
    if store::is_away(tx.conn(), new.substitute, during)? {
        return Err(AppError::field("substitute", "substitute-away"));
    }
    let id = store::add(tx, who.official_id, &new, now)?;
    let detail = json!({"substitute": new.substitute, "from": new.from, "to": new.to});
    let entry = Entry::new(who, "official.absence", "official").object(who.official_id).detail(detail);
    audit::append(tx, now, entry)?;
    Ok(id)
}

/// Ends an absence of one's own now, or takes it back before it begins.
///
/// # Errors
/// [`AppError::NotFound`] for one that is over or somebody else's.
pub(super) fn end(tx: &mut Tx<'_>, who: &OfficialPrincipal, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    if !store::end(tx, who.official_id, id, now)? {
        return Err(AppError::NotFound);
    }
    let entry = Entry::new(who, "official.absence-end", "official").object(who.official_id);
    audit::append(tx, now, entry).map(drop)
}

/// In whose hands a case is an official's to do at this moment: their own, and those of whoever they stand in for.
///
/// # Errors
/// Database errors.
pub fn hands(conn: &mut Conn, official: Id, now: DateTime<Utc>) -> AppResult<Vec<Id>> {
    let mut hands = store::stood_in_for(conn, official, now)?;
    hands.push(official);
    Ok(hands)
}

/// Those of some officials who are away at this moment, each with who stands in.
///
/// # Errors
/// Database errors.
pub fn substitutes(conn: &mut Conn, of: &[Id], now: DateTime<Utc>) -> AppResult<BTreeMap<Id, Id>> {
    store::substitutes(conn, of, now)
}

/// Colleagues to whom a case can be given: the same right in the same office, in force now; oneself is among them.
///
/// # Errors
/// Database errors.
pub fn colleagues(
    conn: &mut Conn,
    who: &OfficialPrincipal,
    now: DateTime<Utc>,
) -> AppResult<Vec<(Id, String)>> {
    store::colleagues(conn, who, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn read(from: &str, to: &str) -> Result<NewAbsence, Vec<String>> {
        let field = |name: &str, text: &str| text.parse().map_err(|_| FieldError::new(name, "required"));
        let read = NewAbsence::of(Ok(Id::new()), field("from", from), field("to", to), day("2020-03-12"));
        read.map_err(|errors| errors.into_iter().map(|e| format!("{} {}", e.field, e.code)).collect())
    }

    #[test]
    fn the_last_day_counts_and_days_have_an_order() {
        let one = read("2020-03-12", "2020-03-12").unwrap();
        assert_eq!(one.to - one.from, chrono::TimeDelta::days(1));
        assert_eq!(read("2020-03-11", "2020-03-20").unwrap_err(), ["from absence-past"]);
        assert_eq!(read("2020-03-13", "2020-03-12").unwrap_err(), ["to range"]);
        assert_eq!(read("", "").unwrap_err(), ["from required", "to required"]);
        assert!(read("2020-03-12", "2020-06-11").is_ok(), "92 days");
        assert_eq!(read("2020-03-12", "2020-06-12").unwrap_err(), ["to absence-long"]);
    }
}
