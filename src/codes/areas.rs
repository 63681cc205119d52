//! Where a person lives and was, and of what risk these places are and were.

use super::gather::{division_words, risk_from};
use super::layers::{Span, spans, worst};
use super::model::RiskRow;
use super::store;
use crate::clock::{end_of_day, start_of_day};
use crate::colour::Declared;
use crate::db::Conn;
use crate::error::AppResult;
use crate::identity::DivisionCode;
use crate::officials;
use crate::policy::{Area, Classed, Facts, Offices, Risk, Words};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// Divisions that are asked for in one query.
const AT_ONCE: usize = 500;

/// A division and what lies above it, the nearest first.
pub(super) fn with_parents(code: &str) -> Vec<String> {
    let Ok(code) = DivisionCode::parse(code) else { return vec![code.to_owned()] };
    let line = [Some(code), code.county(), code.prefecture(), Some(code.province())];
    let mut line: Vec<String> = line.into_iter().flatten().map(|c| c.to_string()).collect();
    line.dedup();
    line
}

/// Whether a division is another one, or lies in it.
pub(super) fn lies_in(division: &str, place: &str) -> bool {
    with_parents(division).iter().any(|code| code == place)
}

/// The places of a statement.
fn places(stated: &Declared) -> impl Iterator<Item = &str> {
    let lives = stated.home.iter().chain(&stated.present).map(String::as_str);
    lives.chain(stated.travel.iter().map(|stay| stay.place.as_str()).filter(|place| !place.is_empty()))
}

/// Looks risks up; the rows of a place are read once.
pub(super) struct Risks<'a> {
    conn: &'a mut Conn,
    /// What was published of a division, for those that were asked for.
    rows: HashMap<String, Vec<RiskRow>>,
    found: HashMap<String, Rc<[Span]>>,
    offices: HashMap<String, Offices>,
    next: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    taken: Option<&'a RiskRow>,
    touched: bool,
}

impl<'a> Risks<'a> {
    /// Nothing is looked up yet; `next` is the first moment at which something else changes by itself.
    pub fn new(conn: &'a mut Conn, next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        let (rows, found, offices) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { conn, rows, found, offices, next, now, taken: None, touched: false }
    }

    /// Takes a class as true that is not published yet.
    pub fn taking(self, taken: Option<&'a RiskRow>) -> Self {
        Self { taken, ..self }
    }

    /// Whether that class was looked at.
    pub fn touched(&self) -> bool {
        self.touched
    }

    /// The facts with what a statement says. A stay where the person lives is no journey: the rules for who lives in a
    /// risk area see to that.
    pub fn stated(&mut self, common: &Facts, stated: Declared) -> AppResult<Facts> {
        let Declared { declaration, mut travel, home, present } = stated;
        for stay in &mut travel {
            let lives_there = present.as_ref().is_some_and(|p| lies_in(p, &stay.place));
            if !stay.place.is_empty() && !lives_there {
                let last = end_of_day(stay.to) - TimeDelta::microseconds(1);
                let (from, to) = (start_of_day(stay.from), last.min(self.now));
                stay.risk = self.during(&stay.place, from, to.max(from))?;
            }
            if start_of_day(stay.from) > self.now {
                self.soon(start_of_day(stay.from));
            }
        }
        Ok(Facts {
            declaration: Some(declaration),
            travel,
            offices: self.answering(present.as_ref().or(home.as_ref()))?,
            home: self.area(home)?,
            present: self.area(present)?,
            ..common.clone()
        })
    }

    /// The facts of somebody who has stated nothing, by the division of the household.
    pub fn unstated(&mut self, common: &Facts, home: Option<String>) -> AppResult<Facts> {
        let offices = self.answering(home.as_ref())?;
        Ok(Facts { offices, home: self.area(home)?, ..common.clone() })
    }

    fn answering(&mut self, division: Option<&String>) -> AppResult<Offices> {
        let Some(division) = division else { return Ok(Offices::default()) };
        if let Some(known) = self.offices.get(division) {
            return Ok(known.clone());
        }
        let offices = officials::answering(self.conn, &with_parents(division))?;
        self.offices.insert(division.clone(), offices.clone());
        Ok(offices)
    }

    /// Reads what was published of all places of some statements, so that none of them is asked for by itself.
    pub fn of_all<'s>(&mut self, stated: impl Iterator<Item = &'s Declared>) -> AppResult<()> {
        let places: BTreeSet<&str> = stated.flat_map(places).collect();
        let lines: BTreeSet<String> = places.into_iter().flat_map(with_parents).collect();
        self.read(lines.into_iter().collect())
    }

    fn read(&mut self, mut divisions: Vec<String>) -> AppResult<()> {
        divisions.retain(|division| !self.rows.contains_key(division));
        for some in divisions.chunks(AT_ONCE) {
            for row in store::risks_of(self.conn, some)? {
                self.rows.entry(row.division.clone()).or_default().push(row);
            }
        }
        for division in divisions {
            self.rows.entry(division).or_default();
        }
        Ok(())
    }

    /// The first moment at which something that was looked up begins or ends.
    pub fn next(&self) -> Option<DateTime<Utc>> {
        self.next
    }

    /// Something begins at this moment.
    pub fn soon(&mut self, at: DateTime<Utc>) {
        self.next = Some(self.next.map_or(at, |n| n.min(at)));
    }

    fn spans(&mut self, place: &str) -> AppResult<Rc<[Span]>> {
        if let Some(known) = self.found.get(place) {
            return Ok(known.clone());
        }
        let line = with_parents(place);
        self.read(line.clone())?;
        let published = line.iter().filter_map(|division| self.rows.get(division));
        let mut rows: Vec<RiskRow> = published.flatten().cloned().collect();
        if let Some(taken) = self.taken.filter(|taken| line.contains(&taken.division)) {
            self.touched = true;
            rows.push(taken.clone());
        }
        let spans = spans(rows);
        let turns = spans.iter().flat_map(|s| [Some(s.row.since.0), s.row.until.map(|t| t.0)]).flatten();
        let now = self.now;
        turns.filter(|t| *t > now).for_each(|t| self.soon(t));
        let spans: Rc<[Span]> = spans.into();
        self.found.insert(place.to_owned(), spans.clone());
        Ok(spans)
    }

    /// The worst class of a place between two moments, both counted. At each moment a division's own class counts before
    /// that of what it lies in.
    pub fn class(&mut self, place: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> AppResult<Option<Span>> {
        let spans = self.spans(place)?;
        Ok(worst(&spans, &with_parents(place), from, to).cloned())
    }

    /// The worst risk of a place between two moments.
    pub fn during(&mut self, place: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> AppResult<Option<Risk>> {
        Ok(self.class(place, from, to)?.and_then(|s| risk_from(&s.row.level)))
    }

    /// A division with its risk now, and by what it is classed.
    pub fn area(&mut self, division: Option<String>) -> AppResult<Option<Area>> {
        let Some(division) = division else { return Ok(None) };
        let class = self.class(&division, self.now, self.now)?;
        let classed = class.as_ref().map(|span| Classed {
            area: division_words(&span.row.division),
            since: span.held_since,
            until: span.held_until,
            source: Words::new(span.row.source.clone(), span.row.source.clone()),
        });
        let risk = class.and_then(|span| risk_from(&span.row.level));
        Ok(Some(Area { name: division_words(&division), division, risk, classed }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_town_lies_in_its_county_prefecture_and_province() {
        assert_eq!(with_parents("511621001"), ["511621001", "511621", "511600", "510000"]);
        assert_eq!(with_parents("511621"), ["511621", "511600", "510000"]);
        assert_eq!(with_parents("510000"), ["510000"]);
        assert!(lies_in("511621001", "511621") && lies_in("511621", "511621"));
        assert!(!lies_in("511621", "511621001") && !lies_in("511622", "511621"));
    }
}
