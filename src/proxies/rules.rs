//! How many, and for how long: the rules of acting for somebody else.

use crate::clock::{china_day, end_of_day, start_of_day};
use chrono::{DateTime, Days, Months, NaiveDate, Utc};

/// Persons for whom one account acts or has asked to act: a family, not an office. Who helps more people is staff.
pub(super) const MOST: i64 = 5;
/// Accounts that act for one person: a second parent, or the other child. More would know each other's acts no longer.
pub(super) const MOST_FOR: i64 = 2;
/// A question waits so long: time for the way to a counter.
const ASKED_FOR: Days = Days::new(30);
/// A consent holds so long and is then asked for anew: families change, and an old consent that nobody remembers is none.
const HOLDS_FOR: Days = Days::new(365);
/// Below this age a guardian decides about somebody's data (PIPL art. 31).
const CHILD: u32 = 14;
/// From this age a person decides alone, whoever decided with them before (Civil Code art. 17, 18).
const GROWN: u32 = 18;

/// In what relation somebody stands to whom they act for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// Family or friend, who has agreed.
    Family,
    /// A child below 14, for whom the guardian declares it.
    Child,
    /// Somebody under guardianship, for whom the guardian declares it.
    Ward,
}

impl Relation {
    /// Every relation.
    pub(super) const ALL: [Self; 3] = [Self::Family, Self::Child, Self::Ward];

    /// The stored code; also the suffix of the catalogue key `proxy-relation-<code>`.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Family => "family",
            Self::Child => "child",
            Self::Ward => "ward",
        }
    }

    /// The relation of a code.
    pub(super) fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.code() == code)
    }

    /// Whether a guardian speaks for the person.
    pub(super) fn is_guardian(self) -> bool {
        self != Self::Family
    }
}

/// Until when a question waits.
pub(super) fn waits_until(asked: DateTime<Utc>) -> DateTime<Utc> {
    end_of_day(china_day(asked).checked_add_days(ASKED_FOR).unwrap_or(NaiveDate::MAX))
}

/// The last moment of a consent that no birthday ends.
pub(super) fn year_from(granted: DateTime<Utc>) -> DateTime<Utc> {
    end_of_day(china_day(granted).checked_add_days(HOLDS_FOR).unwrap_or(NaiveDate::MAX))
}

/// The beginning of the day on which somebody is so old; the 28th for who was born on a 29th of February.
fn birthday(born: NaiveDate, years: u32) -> DateTime<Utc> {
    start_of_day(born.checked_add_months(Months::new(years * 12)).unwrap_or(NaiveDate::MAX))
}

/// Until when a consent that is given now holds: a year, and no longer than to the birthday on which the person is asked, or
/// decides alone.
///
/// # Errors
/// Why it cannot be given in this relation, as the code of a field error: `proxy-birth` when it is not known how old a child
/// is, `proxy-child` for somebody below 14 who is not called one, `proxy-no-child` for the opposite.
pub(super) fn holds_until(
    relation: Relation,
    born: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, &'static str> {
    let age = born.and_then(|born| china_day(now).years_since(born));
    let end = match (relation, born, age) {
        (Relation::Child, Some(born), Some(age)) if age < CHILD => birthday(born, CHILD),
        (Relation::Child, None, _) => return Err("proxy-birth"),
        (Relation::Child, ..) => return Err("proxy-no-child"),
        (_, _, Some(age)) if age < CHILD => return Err("proxy-child"),
        (_, Some(born), Some(age)) if age < GROWN => birthday(born, GROWN),
        _ => year_from(now),
    };
    Ok(end.min(year_from(now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    const NOW: &str = "2020-03-12T02:32:00Z";

    fn until(relation: Relation, born: Option<&str>) -> Result<DateTime<Utc>, &'static str> {
        holds_until(relation, born.map(day), NOW.parse().unwrap())
    }

    #[test]
    fn a_consent_holds_a_year_or_to_the_birthday() {
        let year = end_of_day(day("2021-03-12"));
        assert_eq!(until(Relation::Family, Some("1949-12-31")), Ok(year));
        assert_eq!(until(Relation::Family, None), Ok(year), "a passport has no birthday that is known");
        assert_eq!(until(Relation::Ward, Some("1949-12-31")), Ok(year));
        assert_eq!(until(Relation::Child, Some("2010-06-01")), Ok(year));
        assert_eq!(until(Relation::Child, Some("2006-03-13")), Ok(start_of_day(day("2020-03-13"))));
        assert_eq!(until(Relation::Family, Some("2002-04-01")), Ok(start_of_day(day("2020-04-01"))));
        assert_eq!(until(Relation::Ward, Some("2002-04-01")), Ok(start_of_day(day("2020-04-01"))));
    }

    #[test]
    fn who_is_fourteen_is_asked_and_who_is_not_is_not() {
        assert_eq!(until(Relation::Child, Some("2006-03-12")), Err("proxy-no-child"), "fourteen today");
        assert_eq!(until(Relation::Family, Some("2006-03-13")), Err("proxy-child"), "fourteen tomorrow");
        assert_eq!(until(Relation::Ward, Some("2010-01-01")), Err("proxy-child"));
        assert_eq!(until(Relation::Child, None), Err("proxy-birth"));
        assert_eq!(until(Relation::Child, Some("2021-01-01")), Err("proxy-no-child"), "not born yet");
    }

    #[test]
    fn a_leap_day_comes_each_year() {
        assert_eq!(birthday(day("2008-02-29"), 14), start_of_day(day("2022-02-28")));
    }
}
