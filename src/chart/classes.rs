//! Classes of values for a map: up to five, with words for each.

use super::figure::Figure;
use super::numbers::{Num, size};
use crate::web::i18n::{Lang, t};

/// Classes, and the shades there are for them.
pub(super) const MOST: usize = 5;

/// How values are put into classes.
#[derive(Debug, Clone, PartialEq)]
pub enum Breaks {
    /// Where a class begins, the lowest class apart: up to four numbers, rising.
    Given(Vec<Num>),
    /// Classes of about as many places each. Of counts, 0 is a class of its own.
    Quantiles,
}

/// The classes of a figure's first series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Classes {
    /// Where each class but the lowest begins.
    pub breaks: Vec<f64>,
    decimals: u8,
    /// Whether no value is below zero.
    counts: bool,
}

impl Classes {
    pub fn of(figure: &Figure, breaks: &Breaks) -> Self {
        let mut values: Vec<f64> = figure.values().collect();
        values.sort_by(f64::total_cmp);
        let counts = values.first().is_none_or(|least| *least >= 0.0);
        let mut breaks = match breaks {
            Breaks::Given(given) => given.iter().map(|n| n.rounded(figure.decimals).get()).collect(),
            Breaks::Quantiles => quantiles(&values, counts, figure.decimals),
        };
        breaks.sort_by(f64::total_cmp);
        breaks.dedup();
        breaks.truncate(MOST - 1);
        Self { breaks, decimals: figure.decimals, counts }
    }

    pub fn count(&self) -> usize {
        self.breaks.len() + 1
    }

    /// The class of a value, from 0.
    pub fn class(&self, value: f64) -> usize {
        self.breaks.iter().filter(|from| **from <= value).count()
    }

    /// The shade of a class: the lowest is the lightest, the highest the darkest of the five.
    pub fn shade(&self, class: usize) -> usize {
        match self.breaks.len() {
            0 => 2,
            steps => (2 * class * (MOST - 1) + steps) / (2 * steps),
        }
    }

    /// What a class is, in words: `0`, `1 to 4`, `5 and more`; of numbers with decimals `from 1.0, below 2.5`.
    pub fn words(&self, lang: Lang, class: usize) -> String {
        let written =
            |value: f64| Num::new(value).map_or_else(|_| String::new(), |n| n.grouped(self.decimals));
        let from = class.checked_sub(1).and_then(|before| self.breaks.get(before)).copied();
        let to = self.breaks.get(class).copied();
        let whole = self.decimals == 0;
        match (from, to) {
            (None, None) => t(lang, "chart-class-all", &[]),
            (None, Some(to)) if whole && self.counts && to <= 1.0 => "0".to_owned(),
            (None, Some(to)) => t(lang, "chart-class-below", &[("to", written(to).into())]),
            (Some(from), None) => t(lang, "chart-class-from", &[("from", written(from).into())]),
            (Some(from), Some(to)) if whole && to - from <= 1.0 => written(from),
            (Some(from), Some(to)) => {
                let (key, end) =
                    if whole { ("chart-class-to", to - 1.0) } else { ("chart-class-within", to) };
                t(lang, key, &[("from", written(from).into()), ("to", written(end).into())])
            }
        }
    }
}

/// Where classes of about as many values begin; equal values are never parted.
fn quantiles(values: &[f64], counts: bool, decimals: u8) -> Vec<f64> {
    let zeros = values.iter().filter(|value| **value == 0.0).count();
    let (rest, mut breaks, classes) = match (counts && zeros > 0, values.get(zeros)) {
        (true, Some(least)) => (
            values.get(zeros..).unwrap_or_default(),
            vec![if decimals == 0 { 1.0 } else { *least }],
            MOST - 1,
        ),
        (true, None) => return Vec::new(),
        (false, _) => (values, Vec::new(), MOST),
    };
    let least = rest.first().copied();
    for class in 1..classes {
        let at = (rest.len() * class).div_ceil(classes);
        breaks.extend(rest.get(at).copied().filter(|value| Some(*value) != least));
    }
    breaks
}

/// How many of a figure's values lie in a class.
pub(super) fn members(figure: &Figure, classes: &Classes, class: usize) -> f64 {
    size(figure.values().filter(|value| classes.class(*value) == class).count())
}

#[cfg(test)]
mod tests {
    use super::super::figure::{Kind, Row};
    use super::*;

    fn classes(values: &[f64], decimals: u8, breaks: &Breaks) -> Classes {
        let rows = values.iter().map(|_| Row::new("k", "l", "s")).collect();
        let values = values.iter().map(|v| Some(Num::new(*v).unwrap())).collect();
        let figure = Figure::new(Kind::Line, "x", "x").unwrap().decimals(decimals);
        Classes::of(&figure.rows("k", "l", rows).unwrap().series("a", "a", values).unwrap(), breaks)
    }

    fn words(classes: &Classes, lang: Lang) -> Vec<String> {
        (0..classes.count()).map(|class| classes.words(lang, class)).collect()
    }

    #[test]
    fn quantiles_part_places_evenly_and_zero_stands_alone() {
        // Eight positive values in four classes: two each, so they begin at 1, 3, 5 and 9.
        let found = classes(&[0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 9.0, 12.0], 0, &Breaks::Quantiles);
        assert_eq!(found.breaks, [1.0, 3.0, 5.0, 9.0]);
        assert_eq!(words(&found, Lang::En), ["0", "1 to 2", "3 to 4", "5 to 8", "9 and more"]);
        assert_eq!(words(&found, Lang::ZhCn), ["0", "1 至 2", "3 至 4", "5 至 8", "9 及以上"]);
        assert_eq!([0.0, 1.0, 2.0, 3.0, 100.0].map(|v| found.class(v)), [0, 1, 1, 2, 4]);
        // Ten values without zero in five classes.
        let even: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(classes(&even, 0, &Breaks::Quantiles).breaks, [3.0, 5.0, 7.0, 9.0]);
    }

    #[test]
    fn few_different_values_make_few_classes() {
        let same = classes(&[4.0, 4.0, 4.0], 0, &Breaks::Quantiles);
        assert_eq!((same.count(), words(&same, Lang::En)), (1, vec!["all values".to_owned()]));
        let zeros = classes(&[0.0, 0.0], 0, &Breaks::Quantiles);
        assert_eq!((zeros.count(), zeros.shade(0)), (1, 2));
        let two = classes(&[0.0, 7.0], 0, &Breaks::Quantiles);
        assert_eq!(words(&two, Lang::En), ["0", "1 and more"]);
        assert_eq!((two.shade(0), two.shade(1)), (0, 4));
        assert_eq!(classes(&[], 0, &Breaks::Quantiles).count(), 1);
    }

    #[test]
    fn given_breaks_are_put_in_order_and_said_in_words() {
        let num = |v| Num::new(v).unwrap();
        let given = Breaks::Given(vec![num(10.0), num(2.5), num(2.5)]);
        let found = classes(&[-3.0, 4.0], 1, &given);
        assert_eq!(words(&found, Lang::En), ["below 2.5", "from 2.5, below 10.0", "10.0 and more"]);
        assert_eq!((0..3).map(|c| found.shade(c)).collect::<Vec<_>>(), [0, 2, 4]);
        let many = Breaks::Given((1..9).map(|n| num(f64::from(n))).collect());
        assert_eq!(classes(&[1.0], 0, &many).count(), MOST);
        assert_eq!(words(&classes(&[-1.0, 5.0], 0, &Breaks::Given(vec![num(1.0)])), Lang::En)[0], "below 1");
    }
}
