//! The levels of a division as layers: what was entered last counts while it lasts, and what lay below it counts again
//! afterwards. Nothing that was published is cut or removed by what came later.

use super::gather::risk_from;
use super::model::RiskRow;
use chrono::{DateTime, Utc};

/// A stretch of time in which one published level counts.
#[derive(Debug, Clone)]
pub(super) struct Span {
    /// What was published, with the bounds of this stretch.
    pub row: RiskRow,
    /// Since when the division has been of this level without a break, whatever it rested on.
    pub held_since: DateTime<Utc>,
    /// Until when it will be, as far as is published.
    pub held_until: Option<DateTime<Utc>>,
}

impl Span {
    /// Whether it reaches into the time between two moments.
    pub fn meets(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.row.since.0 <= to && self.row.until.is_none_or(|until| from < until.0)
    }
}

/// The stretches of every division among these rows, in order of time; those of one division do not overlap.
pub(super) fn spans(mut rows: Vec<RiskRow>) -> Vec<Span> {
    rows.sort_by(|a, b| (&a.division, a.entered_at.0, a.id).cmp(&(&b.division, b.entered_at.0, b.id)));
    rows.chunk_by(|a, b| a.division == b.division).flat_map(of_division).collect()
}

/// `rows` in order of entry.
fn of_division(rows: &[RiskRow]) -> Vec<Span> {
    let ends = rows.iter().filter_map(|row| row.until.map(|until| until.0));
    let mut turns: Vec<DateTime<Utc>> = rows.iter().map(|row| row.since.0).chain(ends).collect();
    turns.sort_unstable();
    turns.dedup();
    let mut cut: Vec<RiskRow> = Vec::new();
    for (index, from) in turns.iter().enumerate() {
        let to = turns.get(index + 1).map(|to| (*to).into());
        let covers = |row: &&RiskRow| row.since.0 <= *from && row.until.is_none_or(|until| *from < until.0);
        let Some(top) = rows.iter().rev().find(covers) else { continue };
        match cut.last_mut() {
            Some(last) if last.id == top.id && last.until == Some((*from).into()) => last.until = to,
            _ => cut.push(RiskRow { since: (*from).into(), until: to, ..top.clone() }),
        }
    }
    let same = |a: &RiskRow, b: &RiskRow| a.level == b.level && a.until == Some(b.since);
    cut.chunk_by(same).flat_map(run).collect()
}

/// The worst level between two moments, both counted, of a division with what it lies in (`line`, the nearest first): at
/// each moment the nearest one that has a level then.
pub(super) fn worst<'a>(
    spans: &'a [Span],
    line: &[String],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Option<&'a Span> {
    let turns = spans.iter().flat_map(|s| [Some(s.row.since.0), s.row.until.map(|t| t.0)]).flatten();
    // Between two turns nothing changes.
    let moments = std::iter::once(from).chain(turns.filter(|at| from < *at && *at <= to));
    moments.filter_map(|at| nearest(spans, line, at)).max_by_key(|s| risk_from(&s.row.level))
}

/// The level that counts at a moment.
fn nearest<'a>(spans: &'a [Span], line: &[String], at: DateTime<Utc>) -> Option<&'a Span> {
    let counts = |s: &&Span| s.meets(at, at) && risk_from(&s.row.level).is_some();
    line.iter().find_map(|code| spans.iter().filter(counts).find(|s| s.row.division == *code))
}

/// Stretches of one level that follow each other.
fn run(rows: &[RiskRow]) -> Vec<Span> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Vec::new() };
    let span = |row: &RiskRow| Span {
        row: row.clone(),
        held_since: first.since.0,
        held_until: last.until.map(|until| until.0),
    };
    rows.iter().map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Id;

    fn day(n: u32) -> DateTime<Utc> {
        format!("2020-03-{n:02}T00:00:00Z").parse().unwrap()
    }

    /// Level, the days that are left of it, and the days for which it holds without a break.
    type Left = (String, u32, Option<u32>, u32, Option<u32>);

    /// Of levels with their first day and the first day after it, in order of entry.
    fn layered(levels: &[(&str, u32, Option<u32>)]) -> Vec<Left> {
        use chrono::Datelike;
        let rows = levels.iter().enumerate().map(|(at, (level, since, until))| RiskRow {
            entered_at: day(1 + u32::try_from(at).unwrap()).into(),
            ..published("511621", level, *since, *until)
        });
        let of = |s: Span| {
            let until = s.row.until.map(|t| t.0.day());
            (s.row.level, s.row.since.0.day(), until, s.held_since.day(), s.held_until.map(|t| t.day()))
        };
        spans(rows.collect()).into_iter().map(of).collect()
    }

    fn published(division: &str, level: &str, since: u32, until: Option<u32>) -> RiskRow {
        RiskRow {
            id: Id::new(),
            division: division.into(),
            level: level.into(),
            since: day(since).into(),
            until: until.map(|n| day(n).into()),
            source: "公告".into(),
            entered_by: None,
            entered_at: day(1).into(),
        }
    }

    fn span(level: &str, s: u32, u: Option<u32>, hs: u32, hu: Option<u32>) -> Left {
        (level.into(), s, u, hs, hu)
    }

    #[test]
    fn the_earlier_level_counts_again_after_the_end() {
        let all = layered(&[("medium", 1, None), ("high", 10, Some(20))]);
        assert_eq!(
            all,
            [
                span("medium", 1, Some(10), 1, Some(10)),
                span("high", 10, Some(20), 10, Some(20)),
                span("medium", 20, None, 20, None)
            ]
        );
    }

    #[test]
    fn the_same_level_on_another_ground_goes_on_without_a_break() {
        let all = layered(&[("high", 1, None), ("high", 10, Some(20))]);
        assert_eq!(
            all,
            [
                span("high", 1, Some(10), 1, None),
                span("high", 10, Some(20), 1, None),
                span("high", 20, None, 1, None)
            ]
        );
    }

    #[test]
    fn what_is_entered_last_counts_even_if_it_begins_earlier_and_removes_nothing() {
        let all = layered(&[("high", 10, Some(12)), ("low", 5, Some(11)), ("medium", 20, Some(25))]);
        assert_eq!(
            all,
            [
                span("low", 5, Some(11), 5, Some(11)),
                span("high", 11, Some(12), 11, Some(12)),
                span("medium", 20, Some(25), 20, Some(25))
            ]
        );
        assert!(layered(&[]).is_empty());
    }

    /// The worst level of a county in a prefecture from the first moment of a day to the last one of another.
    fn of_stay(rows: &[RiskRow], first: u32, last: u32) -> Option<(String, String)> {
        let line = ["511621".to_owned(), "511600".to_owned()];
        let end = day(last + 1) - chrono::TimeDelta::microseconds(1);
        worst(&spans(rows.to_vec()), &line, day(first), end)
            .map(|s| (s.row.division.clone(), s.row.level.clone()))
    }

    #[test]
    fn a_level_of_the_own_division_hides_the_one_above_only_while_it_lasts() {
        let rows = [published("511621", "low", 1, Some(11)), published("511600", "high", 5, None)];
        let is = |division: &str, level: &str| Some((division.to_owned(), level.to_owned()));
        assert_eq!(
            of_stay(&rows, 6, 10),
            is("511621", "low"),
            "the own county is of low risk on each of these days"
        );
        assert_eq!(of_stay(&rows, 9, 13), is("511600", "high"), "from the 11th on the prefecture's counts");
        assert_eq!(of_stay(&rows, 11, 11), is("511600", "high"));
        // A gap in the middle of the stay, and a worse level of the own division after it.
        let rows = [
            published("511621", "low", 1, Some(8)),
            published("511621", "low", 9, None),
            published("511600", "medium", 1, None),
        ];
        assert_eq!(of_stay(&rows, 2, 20), is("511600", "medium"));
        assert_eq!(of_stay(&rows, 9, 20), is("511621", "low"));
    }

    #[test]
    fn a_stay_has_the_levels_of_its_own_days_only() {
        let rows = [published("511621", "high", 10, Some(12))];
        assert_eq!(of_stay(&rows, 7, 9), None, "it began at the midnight after the stay");
        assert_eq!(of_stay(&rows, 12, 14), None, "it ended at the midnight before the stay");
        assert!(of_stay(&rows, 9, 10).is_some() && of_stay(&rows, 11, 14).is_some());
        assert!(of_stay(&rows, 7, 20).is_some(), "shorter than the stay");
        assert_eq!(of_stay(&[published("511621", "none", 1, None)], 1, 2), None, "no level that is known");
        let worse = [published("511621", "medium", 1, Some(5)), published("511621", "high", 5, Some(6))];
        assert_eq!(of_stay(&worse, 1, 9).unwrap().1, "high");
    }
}
