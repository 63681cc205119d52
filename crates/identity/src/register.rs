//! The register of divisions: what exists, what it is called, what lies in it, and what one may choose as an address.
//!
//! The table is part of the program (`data/divisions.csv`, origin in `data/NOTICE`) and read once.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::division::{DivisionCode, DivisionLevel, Jurisdiction};

static TABLE: &str = include_str!("data/divisions.csv");
static REGISTER: LazyLock<Divisions> = LazyLock::new(|| Divisions::read(TABLE));

/// The register of the country's divisions, with the towns of Sichuan.
#[must_use]
pub fn divisions() -> &'static Divisions {
    &REGISTER
}

/// One division in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// Its code.
    pub code: DivisionCode,
    /// Its level.
    pub level: DivisionLevel,
    /// The division above it; none for a province. Counties of municipalities hang below the province.
    pub parent: Option<DivisionCode>,
    /// Chinese name, `岳池县`.
    pub name: &'static str,
    /// English name or transliteration, `Yuechi County`.
    pub name_en: &'static str,
    /// The English name's letters in lower case, for searching.
    key: String,
}

/// All divisions in the order of the table, with an index by code and by parent.
#[derive(Debug)]
pub struct Divisions {
    all: Vec<Division>,
    by_code: HashMap<DivisionCode, usize>,
    by_parent: HashMap<Option<DivisionCode>, Vec<usize>>,
}

impl Divisions {
    fn read(table: &'static str) -> Self {
        let all: Vec<Division> = table.lines().skip(1).filter_map(read_row).collect();
        let mut by_code = HashMap::with_capacity(all.len());
        let mut by_parent: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, division) in all.iter().enumerate() {
            by_code.insert(division.code, at);
            by_parent.entry(division.parent).or_default().push(at);
        }
        Self { all, by_code, by_parent }
    }

    /// Every division.
    pub fn iter(&self) -> impl Iterator<Item = &Division> {
        self.all.iter()
    }

    /// The division with this code, if it is in use.
    #[must_use]
    pub fn get(&self, code: DivisionCode) -> Option<&Division> {
        self.all.get(*self.by_code.get(&code)?)
    }

    /// The provinces.
    #[must_use]
    pub fn provinces(&self) -> Vec<&Division> {
        self.below(None).collect()
    }

    /// What lies directly in a division. A county that only repeats its prefecture for statistics (Jiayuguan)
    /// is left out: nobody lives "in Jiayuguan of Jiayuguan".
    #[must_use]
    pub fn children(&self, code: DivisionCode) -> Vec<&Division> {
        let name = self.get(code).map_or("", |division| division.name);
        self.below(Some(code)).filter(|child| child.name != name).collect()
    }

    fn below(&self, parent: Option<DivisionCode>) -> impl Iterator<Item = &Division> {
        self.by_parent.get(&parent).into_iter().flatten().filter_map(|at| self.all.get(*at))
    }

    /// The province first, the division itself last; empty for a code that is not in use.
    #[must_use]
    pub fn ancestors(&self, code: DivisionCode) -> Vec<&Division> {
        let mut line: Vec<&Division> =
            std::iter::successors(self.get(code), |below| self.get(below.parent?)).collect();
        line.reverse();
        line
    }

    /// The Chinese name from the province down: `四川省广安市岳池县`.
    #[must_use]
    pub fn full_name(&self, code: DivisionCode) -> Option<String> {
        self.join(code, |division| division.name, "", false)
    }

    /// The English name from the division up: `Yuechi County, Guang'an, Sichuan`.
    #[must_use]
    pub fn full_name_en(&self, code: DivisionCode) -> Option<String> {
        self.join(code, |division| division.name_en, ", ", true)
    }

    fn join(
        &self,
        code: DivisionCode,
        name: fn(&Division) -> &'static str,
        glue: &str,
        up: bool,
    ) -> Option<String> {
        let mut names: Vec<&str> = self.ancestors(code).into_iter().map(name).collect();
        names.dedup();
        if up {
            names.reverse();
        }
        (!names.is_empty()).then(|| names.join(glue))
    }

    /// Whether an address may end here: a county or town, or a prefecture or province that has no counties
    /// (Dongguan, Zhongshan, Danzhou, Jiayuguan; Taiwan, Hong Kong, Macao).
    #[must_use]
    pub fn is_selectable(&self, code: DivisionCode) -> bool {
        let Some(division) = self.get(code) else { return false };
        let repeats_parent =
            division.parent.and_then(|parent| self.get(parent)).is_some_and(|p| p.name == division.name);
        match division.level {
            DivisionLevel::County | DivisionLevel::Town => !repeats_parent,
            DivisionLevel::Province | DivisionLevel::Prefecture => {
                self.children(code).iter().all(|child| child.level == DivisionLevel::Town)
            }
        }
    }

    /// Finds divisions by Chinese name (whole or part), English or pinyin name, or the code's first digits.
    ///
    /// Several words narrow each other: each must name the division or one above it (`四川 岳池`, `guangan yuechi`).
    /// `within` limits the area. The best matches come first, higher levels before lower; at most `limit`.
    #[must_use]
    pub fn search(&self, query: &str, within: Option<Jurisdiction>, limit: usize) -> Vec<&Division> {
        // There are no more levels than this, so more words find nothing; the bound keeps hostile input cheap.
        let words: Vec<Word> = query.split_whitespace().take(8).map(Word::new).collect();
        let mut found: Vec<(u8, &Division)> = self
            .iter()
            .filter(|division| within.is_none_or(|area| area.contains(division.code)))
            .filter_map(|division| Some((self.rank(division, &words)?, division)))
            .collect();
        found.sort_by_key(|(rank, division)| (*rank, division.level, division.code));
        found.into_iter().take(limit).map(|(_, division)| division).collect()
    }

    /// How well the words fit: the best fit of any word with the division itself; none when a word fits nowhere.
    fn rank(&self, division: &Division, words: &[Word]) -> Option<u8> {
        let own = words.iter().filter_map(|word| word.fit(division)).min()?;
        if let [_] = words {
            return Some(own);
        }
        let line = self.ancestors(division.code);
        words.iter().all(|word| line.iter().any(|above| word.fit(above).is_some())).then_some(own)
    }
}

/// A word of a search, as typed and as the letters of a transliteration.
struct Word {
    text: String,
    key: String,
}

impl Word {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), key: letters(text) }
    }

    /// 0 for the whole name, 1 for its beginning, 2 for a later part of it.
    fn fit(&self, division: &Division) -> Option<u8> {
        let code = self.text.len() >= 2 && self.text.chars().all(|c| c.is_ascii_digit());
        if code {
            let digits = division.code.to_string();
            return digits.starts_with(&self.text).then_some(u8::from(digits != self.text));
        }
        let pinyin = !self.key.is_empty() && self.text.is_ascii();
        if division.name == self.text || (pinyin && division.key == self.key) {
            Some(0)
        } else if division.name.starts_with(&self.text) || (pinyin && division.key.starts_with(&self.key)) {
            Some(1)
        } else if division.name.contains(&self.text) {
            Some(2)
        } else {
            None
        }
    }
}

fn read_row(line: &'static str) -> Option<Division> {
    let mut cells = line.split(',');
    let code = DivisionCode::parse(cells.next()?).ok()?;
    let level = DivisionLevel::from_code(cells.next()?)?;
    let parent = cells.next()?;
    let parent = if parent.is_empty() { None } else { Some(DivisionCode::parse(parent).ok()?) };
    let (name, name_en) = (cells.next()?, cells.next()?);
    Some(Division { code, level, parent, name, name_en, key: letters(name_en) })
}

/// Only letters, in lower case: people write Ya'an, Ya an and Yaan.
fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> DivisionCode {
        DivisionCode::parse(text).unwrap()
    }

    #[test]
    fn the_whole_table_is_read_and_hangs_together() {
        let rows = TABLE.lines().count() - 1;
        assert_eq!((divisions().all.len(), divisions().by_code.len(), rows), (6453, 6453, 6453));
        for division in divisions().iter() {
            assert_eq!(division.level, division.code.level(), "{}", division.code);
            let line = divisions().ancestors(division.code);
            assert_eq!(line[0].level, DivisionLevel::Province, "{}", division.code);
            assert!(line.iter().all(|above| above.code.contains(division.code)), "{}", division.code);
        }
        assert_eq!(divisions().provinces().len(), 34);
    }

    #[test]
    fn names_and_children() {
        assert_eq!(divisions().full_name(code("511621")).unwrap(), "四川省广安市岳池县");
        assert_eq!(divisions().full_name_en(code("511621")).unwrap(), "Yuechi County, Guang'an, Sichuan");
        assert_eq!(divisions().full_name(code("110101")).unwrap(), "北京市东城区");
        assert_eq!(divisions().full_name(code("620201")).unwrap(), "甘肃省嘉峪关市");
        assert_eq!(divisions().full_name(code("511699")), None);
        assert_eq!(divisions().children(code("510000")).len(), 21);
        assert_eq!(divisions().children(code("511600")).len(), 6);
    }

    #[test]
    fn places_without_counties_can_be_chosen() {
        for text in ["441900", "442000", "460400", "620200", "710000", "511621", "511621001", "429004"] {
            assert!(divisions().is_selectable(code(text)), "{text}");
        }
        for text in ["510000", "511600", "110000", "620201", "511699"] {
            assert!(!divisions().is_selectable(code(text)), "{text}");
        }
        assert!(divisions().children(code("620200")).is_empty());
    }

    fn first(query: &str) -> String {
        divisions().search(query, None, 5).first().map_or_else(String::new, |found| found.code.to_string())
    }

    #[test]
    fn search_finds_by_name_pinyin_and_code() {
        for (query, expected) in [
            ("岳池", "511621"),
            ("岳池县", "511621"),
            ("四川 岳池", "511621"),
            ("guangan yuechi", "511621"),
            ("Guang'an", "511600"),
            ("广安", "511600"),
            ("sichuan", "510000"),
            ("5116", "511600"),
            ("511621", "511621"),
        ] {
            assert_eq!(first(query), expected, "{query}");
        }
        assert!(divisions().search("", None, 5).is_empty());
        assert!(divisions().search("没有这个地方", None, 5).is_empty());
        assert!(divisions().search("广东 岳池", None, 5).is_empty());
        assert_eq!(divisions().search("镇", None, 7).len(), 7);
    }

    #[test]
    fn search_stays_within_the_jurisdiction() {
        let sichuan = Jurisdiction::new(code("510000"));
        let found = divisions().search("朝阳", Some(sichuan), 50);
        assert!(!found.is_empty() && found.iter().all(|division| sichuan.contains(division.code)));
        assert!(divisions().search("朝阳", None, 50).len() > found.len());
    }
}
