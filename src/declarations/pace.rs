//! How long a declaration takes at present, from the declarations of the county that came to their end last: what is told
//! to somebody who waits is measured, not promised.

use super::store_worklist::{Steps, last_decided};
use crate::db::Conn;
use crate::error::AppResult;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use chrono::TimeDelta;

/// Fewer than this say nothing about the next.
const ENOUGH: usize = 10;

/// What nine of ten needed at most in the county of a division; none where too few came to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// From submission to the village worker's check.
    pub check: Option<TimeDelta>,
    /// From the check to the doctor's decision.
    pub doctor: Option<TimeDelta>,
}

/// The pace in the county of a division.
pub(super) fn of(conn: &mut Conn, division: &str) -> AppResult<Pace> {
    let county = division.get(..6).unwrap_or(division);
    Ok(pace(&last_decided(conn, county)?))
}

fn pace(steps: &[Steps]) -> Pace {
    let check = steps.iter().filter_map(|(sent, checked, _)| Some((*checked)?.0 - (*sent)?.0));
    let doctor = steps.iter().filter_map(|(_, checked, decided)| Some((*decided)?.0 - (*checked)?.0));
    Pace { check: nine_of_ten(check.collect()), doctor: nine_of_ten(doctor.collect()) }
}

/// The 90th percentile, as the nearest rank.
fn nine_of_ten(mut spans: Vec<TimeDelta>) -> Option<TimeDelta> {
    if spans.len() < ENOUGH {
        return None;
    }
    spans.sort_unstable();
    spans.get((spans.len() * 9).div_ceil(10) - 1).copied()
}

/// An office and how long it takes at present.
pub(super) fn text(lang: Lang, office: &str, span: Option<TimeDelta>) -> String {
    let usual = match span {
        Some(span) => t(lang, "declaration-pace", &[("span", format::duration(lang, span).into())]),
        None => t(lang, "declaration-pace-unknown", &[]),
    };
    if office.is_empty() { usual } else { format!("{office} · {usual}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Ts;
    use chrono::DateTime;

    fn steps(minutes: &[(i64, i64)]) -> Vec<Steps> {
        let at = |m: i64| Some(Ts::from(DateTime::UNIX_EPOCH + TimeDelta::minutes(m)));
        minutes.iter().map(|(check, doctor)| (at(0), at(*check), at(check + doctor))).collect()
    }

    #[test]
    fn nine_of_ten_needed_no_longer_and_few_say_nothing() {
        let ten: Vec<(i64, i64)> = (1..=10).map(|n| (n * 10, n)).collect();
        let found = pace(&steps(&ten));
        assert_eq!(found.check, Some(TimeDelta::minutes(90)));
        assert_eq!(found.doctor, Some(TimeDelta::minutes(9)));
        assert_eq!(pace(&steps(&ten[..9])), Pace { check: None, doctor: None });
        assert_eq!(pace(&[]), Pace { check: None, doctor: None });
    }

    #[test]
    fn the_words_name_office_and_span() {
        assert_eq!(
            text(Lang::ZhCn, "九龙街道", Some(TimeDelta::minutes(90))),
            "九龙街道 · 最近办完的，十份里有九份在 1 小时 30 分钟以内"
        );
        assert_eq!(text(Lang::ZhCn, "", None), "要多久还说不准，最近办完的太少");
    }
}
