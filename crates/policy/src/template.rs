//! Texts in two languages with `{placeholders}`. A placeholder shows one fact; what it shows where the fact
//! is missing is written in the rule, so that every text can always be rendered.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rule::Show;

/// A text in both languages of the portal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Words {
    /// A text from its two versions.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Zh,
    En,
}

/// The tables of words of a rule set, by table and code.
pub(super) type Tables = BTreeMap<String, BTreeMap<String, Words>>;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The pieces of a template: literal text and names in braces, in order.
///
/// # Errors
/// A brace is not closed, or encloses something other than lower-case letters, digits and `_`.
pub(super) fn pieces(template: &str) -> Result<Vec<Piece<'_>>, &'static str> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').ok_or("a brace is not closed")?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if name.is_empty() || !name.bytes().all(plain) {
            return Err("a placeholder is lower-case letters, digits and _ in braces");
        }
        pieces.extend([Piece::Text(before), Piece::Name(name)]);
        rest = tail;
    }
    if rest.contains('}') {
        return Err("a brace is closed that was not opened");
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Everything a text may show.
pub(super) struct Scene<'a> {
    pub(super) show: &'a BTreeMap<String, Show>,
    pub(super) tables: &'a Tables,
    /// Finds the value of a path.
    pub(super) lookup: &'a dyn Fn(&str) -> &'a Value,
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) now: DateTime<Utc>,
    pub(super) offset: FixedOffset,
}

impl Scene<'_> {
    pub(super) fn words(&self, zh: &str, en: &str) -> Words {
        Words { zh: self.render(zh, Language::Zh), en: self.render(en, Language::En) }
    }

    pub(super) fn render(&self, template: &str, language: Language) -> String {
        // Templates are checked when the rules are read; one that is not sound is shown as it stands.
        let Ok(pieces) = pieces(template) else { return template.to_owned() };
        let piece = |piece: &Piece<'_>| match piece {
            Piece::Text(text) => (*text).to_owned(),
            Piece::Name("until") => self.until.map(|at| self.moment(at, language)).unwrap_or_default(),
            Piece::Name(name) => {
                self.show.get(*name).map(|show| self.value(show, language)).unwrap_or_default()
            }
        };
        let shown = pieces.iter().map(piece);
        match language {
            Language::En => shown.collect(),
            Language::Zh => shown.fold(String::new(), spaced),
        }
    }

    fn value(&self, show: &Show, language: Language) -> String {
        let missing = match language {
            Language::Zh => &show.zh,
            Language::En => &show.en,
        };
        let text = match (self.lookup)(&show.path) {
            Value::Array(items) => {
                let items: Vec<_> =
                    items.iter().filter_map(|item| self.single(show, item, language)).collect();
                Some(items.join(if language == Language::Zh { "、" } else { ", " })).filter(|t| !t.is_empty())
            }
            value => self.single(show, value, language),
        };
        text.unwrap_or_else(|| missing.clone())
    }

    fn single(&self, show: &Show, value: &Value, language: Language) -> Option<String> {
        match value {
            Value::String(code) if show.words.is_some() => {
                let words = self.tables.get(show.words.as_ref()?)?.get(code)?;
                Some(pick(words, language).to_owned())
            }
            Value::Bool(value) => {
                let words = self.tables.get(show.words.as_ref()?)?.get(&value.to_string())?;
                Some(pick(words, language).to_owned())
            }
            Value::String(text) => Some(self.text(text, language)),
            Value::Number(number) => {
                let number = number.as_i64()?;
                Some(if show.tenths { tenths(number) } else { number.to_string() })
            }
            Value::Object(map) => {
                let key = if language == Language::Zh { "zh" } else { "en" };
                map.get(key)?.as_str().filter(|t| !t.is_empty()).map(str::to_owned)
            }
            _ => None,
        }
    }

    /// A text; dates and date-times are written as the language writes them.
    fn text(&self, text: &str, language: Language) -> String {
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return self.date(date, language);
        }
        match DateTime::parse_from_rfc3339(text) {
            Ok(at) => self.moment(at.with_timezone(&Utc), language),
            Err(_) => text.to_owned(),
        }
    }

    /// The year is said only where it is not the present one.
    fn date(&self, date: NaiveDate, language: Language) -> String {
        let this_year = self.now.with_timezone(&self.offset).year() == date.year();
        let (month, day) = (date.month(), date.day());
        match language {
            Language::Zh if this_year => format!("{month} 月 {day} 日"),
            Language::Zh => format!("{} 年 {month} 月 {day} 日", date.year()),
            Language::En => {
                let name = usize::try_from(date.month0()).ok().and_then(|i| MONTHS.get(i)).unwrap_or(&"");
                if this_year { format!("{day} {name}") } else { format!("{day} {name} {}", date.year()) }
            }
        }
    }

    /// Midnight is the end of a day: 24:00, as notices write it.
    fn moment(&self, at: DateTime<Utc>, language: Language) -> String {
        let local = at.with_timezone(&self.offset);
        let (date, time) = if local.num_seconds_from_midnight() == 0 {
            let before = local - TimeDelta::days(1);
            (before.date_naive(), "24:00".to_owned())
        } else {
            (local.date_naive(), local.format("%H:%M").to_string())
        };
        match language {
            Language::Zh => format!("{} {time}", self.date(date, language)),
            Language::En => format!("{}, {time}", self.date(date, language)),
        }
    }
}

/// Chinese and figures are set apart: `你` and `3 月 4 日` are joined as `你 3 月 4 日`, `14:10` and `申报` as `14:10 申报`.
fn spaced(mut text: String, piece: String) -> String {
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let (last, first) = (text.chars().next_back(), piece.chars().next());
    let before = last.is_some_and(han) && first.is_some_and(|c| c.is_ascii_digit());
    let after = last.is_some_and(|c| c.is_ascii_digit()) && first.is_some_and(han);
    if before || after {
        text.push(' ');
    }
    text.push_str(&piece);
    text
}

fn pick(words: &Words, language: Language) -> &str {
    if language == Language::Zh { &words.zh } else { &words.en }
}

fn tenths(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}.{}", number.unsigned_abs() / 10, number.unsigned_abs() % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn show(path: &str, words: Option<&str>, tenths: bool) -> Show {
        let words = words.map(str::to_owned);
        Show { path: path.into(), words, tenths, zh: "某处".into(), en: "somewhere".into() }
    }

    fn render(template: &str, value: Value, words: Option<&str>, tenths: bool) -> (String, String) {
        let shown = BTreeMap::from([("x".to_owned(), show("p", words, tenths))]);
        let tables = BTreeMap::from([(
            "symptom".to_owned(),
            BTreeMap::from([
                ("cough".to_owned(), Words::new("咳嗽", "cough")),
                ("fever".to_owned(), Words::new("发热", "fever")),
            ]),
        )]);
        let scene = Scene {
            show: &shown,
            tables: &tables,
            lookup: &|_| &value,
            until: "2020-03-25T16:00:00Z".parse().ok(),
            now: "2020-03-12T02:32:15Z".parse().unwrap(),
            offset: FixedOffset::east_opt(8 * 3600).unwrap(),
        };
        let words = scene.words(template, template);
        (words.zh, words.en)
    }

    #[test]
    fn values_are_shown_as_each_language_writes_them() {
        for (value, words, tenths, zh, en) in [
            (json!("2020-03-04"), None, false, "3 月 4 日", "4 March"),
            (json!("2019-12-31"), None, false, "2019 年 12 月 31 日", "31 December 2019"),
            (json!("2020-03-04T06:10:00Z"), None, false, "3 月 4 日 14:10", "4 March, 14:10"),
            (json!("2020-03-04T16:00:00Z"), None, false, "3 月 4 日 24:00", "4 March, 24:00"),
            (json!(369), None, true, "36.9", "36.9"),
            (json!({"zh": "道孚县", "en": "Daofu"}), None, false, "道孚县", "Daofu"),
            (json!(["fever", "cough"]), Some("symptom"), false, "发热、咳嗽", "fever, cough"),
            (json!(["unlisted"]), Some("symptom"), false, "某处", "somewhere"),
            (json!(null), None, false, "某处", "somewhere"),
        ] {
            assert_eq!(render("{x}", value.clone(), words, tenths), (zh.into(), en.into()), "{value}");
        }
        let until = render("到{until}", json!(null), None, false);
        assert_eq!(until, ("到 3 月 25 日 24:00".into(), "到25 March, 24:00".into()));
        let declared = render("你{x}申报", json!("2020-03-04T06:10:00Z"), None, false).0;
        assert_eq!(declared, "你 3 月 4 日 14:10 申报");
    }

    #[test]
    fn unsound_templates_are_found() {
        assert_eq!(pieces("a{b}c").unwrap(), [Piece::Text("a"), Piece::Name("b"), Piece::Text("c")]);
        for unsound in ["{", "a}", "{}", "{A}", "{a b}", "{a}}"] {
            assert!(pieces(unsound).is_err(), "{unsound}");
        }
    }
}
