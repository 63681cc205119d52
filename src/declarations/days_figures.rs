//! The figures of declarations by day: what was received and what became of it, where, and each place by itself.

use super::store_days::Counted;
use crate::chart::{Breaks, Figure, Kind, Level, Num, Refused, Row};
use crate::error::{AppError, AppResult};
use crate::identity::{Division, DivisionCode, DivisionLevel};
use crate::outlines::outlines;
use crate::web::division::full_name;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::collections::{BTreeMap, HashMap};

/// Name of the figure of the days.
pub(super) const RECEIVED: &str = "received";

/// What became of a declaration, from the first state on; texts `desk-days-<name>`.
const OUTCOMES: [(&str, &[&str]); 4] = [
    ("issued", &["certificate-issued"]),
    ("waiting", &["submitted", "community-checked", "doctor-confirmed"]),
    ("returned", &["returned"]),
    ("ended", &["rejected", "withdrawn", "expired"]),
];

/// Places of which each has a small drawing.
const SMALL: usize = 40;

/// Key of what names no place of the list: a code of before, a county where a town is not known.
const ELSEWHERE: &str = "elsewhere";

/// A part of a jurisdiction.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Digits with which the codes of its declarations begin.
    prefix: String,
    row: Row,
    name: String,
    code: String,
}

impl Place {
    /// A place with its name; `within` is the name of what it lies in, where several may have the same name.
    pub fn of(division: &Division, within: Option<&Division>, lang: Lang) -> Self {
        let named = |division: &Division| if lang == Lang::En { division.name_en } else { division.name };
        let (own, code) = (named(division), division.code.to_string());
        let name = match (within, lang) {
            (None, _) => own.to_owned(),
            (Some(within), Lang::En) => format!("{own}, {}", named(within)),
            (Some(within), Lang::ZhCn) => format!("{}{own}", named(within)),
        };
        let short = match (lang, division.level) {
            (Lang::ZhCn, DivisionLevel::Prefecture) => short(own),
            _ => own,
        };
        Self { prefix: division.code.prefix(), row: Row::new(&code, &name, short), name, code }
    }
}

/// A prefecture's name as maps have it: 成都, 阿坝, 凉山.
fn short(name: &str) -> &str {
    const TAILS: [&str; 4] = ["藏族羌族自治州", "藏族自治州", "彝族自治州", "市"];
    TAILS.iter().find_map(|tail| name.strip_suffix(tail)).unwrap_or(name)
}

/// What was counted.
pub(super) struct Counts {
    places: Vec<Place>,
    /// Which place codes with a beginning belong to.
    known: HashMap<String, usize>,
    days: Vec<NaiveDate>,
    /// By day and outcome.
    outcomes: BTreeMap<(NaiveDate, usize), i64>,
    /// By place and day; a place beyond the list is elsewhere.
    received: BTreeMap<(usize, NaiveDate), i64>,
}

impl Counts {
    pub fn new(places: Vec<Place>) -> Self {
        let known = places.iter().enumerate().map(|(at, place)| (place.prefix.clone(), at)).collect();
        Self { places, known, days: Vec::new(), outcomes: BTreeMap::new(), received: BTreeMap::new() }
    }

    /// One more day.
    pub fn add(&mut self, day: NaiveDate, found: Vec<Counted>) {
        self.days.push(day);
        for (place, state, count) in found {
            let is_of = |(_, states): &(&str, &[&str])| states.contains(&state.as_str());
            // A state that this list does not know yet waits for somebody.
            let outcome = OUTCOMES.iter().position(is_of).unwrap_or(1);
            *self.outcomes.entry((day, outcome)).or_default() += count;
            let at = self.known.get(&place).copied().unwrap_or(self.places.len());
            *self.received.entry((at, day)).or_default() += count;
        }
    }

    fn total(&self) -> i64 {
        self.outcomes.values().sum()
    }

    fn of_place(&self, place: usize) -> i64 {
        self.days.iter().filter_map(|day| self.received.get(&(place, *day))).sum()
    }

    /// The places; last what is elsewhere, if there is any.
    fn rows(&self, lang: Lang) -> Vec<(usize, Row)> {
        let mut rows: Vec<_> = self.places.iter().map(|place| place.row.clone()).enumerate().collect();
        let elsewhere = self.places.len();
        if self.of_place(elsewhere) > 0 {
            let name = t(lang, "desk-days-elsewhere", &[]);
            rows.push((elsewhere, Row::new(ELSEWHERE, &name, &name)));
        }
        rows
    }
}

/// The figures of a jurisdiction.
///
/// # Errors
/// [`AppError::Internal`] when a figure cannot be made of them.
pub(super) fn figures(
    lang: Lang,
    now: DateTime<Utc>,
    division: &str,
    counties: bool,
    counts: &Counts,
) -> AppResult<Vec<Figure>> {
    let parts = [
        Some(received(lang, now, division, counts)),
        (counts.places.len() > 1).then(|| places(lang, division, counties, counts)),
        (2..=SMALL).contains(&counts.places.len()).then(|| each(lang, division, counts)),
    ];
    parts.into_iter().flatten().collect::<Result<_, Refused>>().map_err(AppError::internal)
}

fn day_rows(lang: Lang, days: &[NaiveDate]) -> Vec<Row> {
    let short = |day: NaiveDate| match lang {
        Lang::ZhCn => format!("{}/{}", day.month(), day.day()),
        Lang::En => day.format("%-d %b").to_string(),
    };
    let row = |day: &NaiveDate| Row::new(&day.to_string(), &format::date(lang, *day, true), &short(*day));
    days.iter().map(row).collect()
}

/// `四川省，3 月 1 日至 3 月 30 日，共 1,234 件。`
fn text(lang: Lang, division: &str, counts: &Counts) -> String {
    let day = |day: Option<&NaiveDate>| day.map(|day| format::date(lang, *day, true)).unwrap_or_default();
    t(
        lang,
        "desk-days-text",
        &[
            ("place", full_name(lang, division).into()),
            ("from", day(counts.days.first()).into()),
            ("to", day(counts.days.last()).into()),
            ("total", counts.total().into()),
        ],
    )
}

fn received(lang: Lang, now: DateTime<Utc>, division: &str, counts: &Counts) -> Result<Figure, Refused> {
    let note = t(lang, "desk-days-note", &[("at", format::time(now).into())]);
    let mut figure =
        Figure::new(Kind::Columns { stacked: true }, RECEIVED, &t(lang, "desk-days-received", &[]))?
            .text(&text(lang, division, counts))
            .note(&note)
            .rows(&t(lang, "desk-days-day", &[]), "", day_rows(lang, &counts.days))?;
    for (number, (name, _)) in OUTCOMES.iter().enumerate() {
        let of_day = |day: &NaiveDate| counts.outcomes.get(&(*day, number)).copied().unwrap_or_default();
        let values: Vec<_> =
            counts.days.iter().map(|day| Num::count(of_day(day)).map(Some)).collect::<Result<_, _>>()?;
        figure = figure.series(name, &t(lang, &format!("desk-days-{name}"), &[]), values)?;
    }
    Ok(figure)
}

/// Where they were received: a map where there are outlines, else bars.
fn places(lang: Lang, division: &str, counties: bool, counts: &Counts) -> Result<Figure, Refused> {
    let (kind, note) = match map_of(division, counties) {
        Some(kind) => (kind, t(lang, "desk-days-map-note", &[])),
        None => (Kind::Bars { stacked: false }, String::new()),
    };
    let rows = counts.rows(lang);
    let values =
        rows.iter().map(|(at, _)| Num::count(counts.of_place(*at)).map(Some)).collect::<Result<_, _>>()?;
    let (code, place) = (t(lang, "desk-days-code", &[]), t(lang, "desk-days-place", &[]));
    Figure::new(kind, "places", &t(lang, "desk-days-places", &[]))?
        .text(&text(lang, division, counts))
        .note(&note)
        .rows(&code, &place, rows.into_iter().map(|(_, row)| row).collect())?
        .series("received", &t(lang, "desk-days-count", &[]), values)
}

fn map_of(division: &str, counties: bool) -> Option<Kind> {
    let area = DivisionCode::parse(division).ok()?;
    let level = match area.level() {
        DivisionLevel::Province if !counties => Level::Prefectures,
        DivisionLevel::Province | DivisionLevel::Prefecture => Level::Counties,
        DivisionLevel::County | DivisionLevel::Town => return None,
    };
    outlines().covers(area).then_some(Kind::Map { area, level, breaks: Breaks::Quantiles, highlight: None })
}

/// Each place by itself, day by day.
fn each(lang: Lang, division: &str, counts: &Counts) -> Result<Figure, Refused> {
    let mut figure = Figure::new(Kind::Multiples, "each", &t(lang, "desk-days-each", &[]))?
        .text(&text(lang, division, counts))
        .rows(&t(lang, "desk-days-day", &[]), "", day_rows(lang, &counts.days))?;
    for (at, place) in counts.places.iter().enumerate() {
        let of_day = |day: &NaiveDate| counts.received.get(&(at, *day)).copied().unwrap_or_default();
        let values: Vec<_> =
            counts.days.iter().map(|day| Num::count(of_day(day)).map(Some)).collect::<Result<_, _>>()?;
        figure = figure.series(&place.code, &place.name, values)?;
    }
    Ok(figure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::divisions;

    fn counts(division: &str) -> Counts {
        let code = DivisionCode::parse(division).unwrap();
        let places = divisions().children(code).into_iter().map(|d| Place::of(d, None, Lang::ZhCn)).collect();
        let mut counts = Counts::new(places);
        let first: NaiveDate = "2020-03-01".parse().unwrap();
        let found = |place: &str, state: &str, n| (place.to_owned(), state.to_owned(), n);
        counts.add(first, vec![found("5116", "submitted", 3), found("5101", "certificate-issued", 2)]);
        counts
            .add(first.succ_opt().unwrap(), vec![found("5199", "expired", 1), found("5116", "returned", 4)]);
        counts
    }

    #[test]
    fn everything_that_is_counted_stands_in_every_figure() {
        let now = "2020-03-02T04:00:00Z".parse().unwrap();
        let all = figures(Lang::ZhCn, now, "510000", false, &counts("510000")).unwrap();
        let [received, places, each] = &all[..] else { panic!("{}", all.len()) };
        let rows = &received.json()["rows"];
        assert_eq!(
            rows[0]["values"],
            serde_json::json!({"issued": 2, "waiting": 3, "returned": 0, "ended": 0})
        );
        assert_eq!(
            rows[1]["values"],
            serde_json::json!({"issued": 0, "waiting": 0, "returned": 4, "ended": 1})
        );
        let csv = String::from_utf8(places.csv().unwrap()).unwrap();
        assert!(csv.contains("511600,广安市,7\r\n") && csv.contains("510100,成都市,2\r\n"), "{csv}");
        assert!(csv.contains("510300,自贡市,0\r\n") && csv.contains("elsewhere,"), "{csv}");
        assert_eq!(each.json()["rows"][1]["values"]["511600"], 4);
        assert!(places.svg(Lang::ZhCn).contains("广安市: 7"), "the map has it too");
    }

    #[test]
    fn a_place_without_parts_has_one_figure() {
        let now = "2020-03-02T04:00:00Z".parse().unwrap();
        let names = |division: &str| -> Vec<String> {
            let all = figures(Lang::En, now, division, false, &counts(division)).unwrap();
            all.iter().map(|figure| figure.name().to_owned()).collect()
        };
        assert_eq!(names("511621100"), ["received"]);
        assert_eq!(names("511621")[..2], ["received", "places"]);
        assert_eq!(
            (short("阿坝藏族羌族自治州"), short("成都市"), short("岳池县")),
            ("阿坝", "成都", "岳池县")
        );
    }
}
