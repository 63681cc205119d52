//! Axes: where the ticks are, and where a value is.

use super::numbers::{decimals, float};

/// Ticks at whole multiples of 1, 2 or 5 times a power of ten.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ticks {
    /// From one to the next.
    pub step: f64,
    /// Multiples of the step, from the lowest to the highest.
    first: i64,
    last: i64,
}

impl Ticks {
    /// Ticks that span from the least to the greatest of some values and zero, `most` of them or somewhat fewer. Of whole
    /// numbers there is none between two.
    pub fn around(low: f64, high: f64, most: u32, whole: bool) -> Self {
        let (low, high) = (low.min(0.0), high.max(0.0));
        let span = if high > low { high - low } else { 1.0 };
        let mut step = nice(span / f64::from(most.max(2) - 1));
        if whole && step < 1.0 {
            step = 1.0;
        }
        let (mut first, mut last) = (multiple(low, step, f64::floor), multiple(high, step, f64::ceil));
        if first == last {
            last += 1;
        }
        if last - first > 50 {
            (first, last) = (first.min(0), first.min(0) + 50);
        }
        Self { step, first, last }
    }

    /// The values at the ticks.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        (self.first..=self.last).map(|n| self.value(n))
    }

    /// Without what adding up decimal fractions leaves behind.
    fn value(&self, multiple: i64) -> f64 {
        let value = float(multiple) * self.step;
        format!("{value:.*}", usize::from(decimals(self.step))).parse::<f64>().unwrap_or(value) + 0.0
    }

    pub fn low(&self) -> f64 {
        self.value(self.first)
    }

    pub fn high(&self) -> f64 {
        self.value(self.last)
    }

    /// The furthest tick from zero.
    pub fn furthest(&self) -> f64 {
        self.low().abs().max(self.high().abs())
    }
}

/// The least of 1, 2, 5 times a power of ten that is not below a step.
fn nice(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let times = step / power;
    // A hair above is the same: 0.30000000000000004 / 0.1.
    let nice = [1.0, 2.0, 5.0].into_iter().find(|n| times <= n + 1e-9).unwrap_or(10.0);
    nice * power
}

/// Which multiple of a step a value is, rounded; by digits, since there is no other sure way from a float to a whole number.
fn multiple(value: f64, step: f64, round: fn(f64) -> f64) -> i64 {
    let ratio = value / step;
    let near = ratio.round();
    let rounded = if (ratio - near).abs() < 1e-9 { near } else { round(ratio) };
    format!("{rounded:.0}").parse().unwrap_or(0)
}

/// Values of an axis as places in the drawing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// `low` of the ticks lies at `from`, `high` at `to`.
    pub fn new(ticks: &Ticks, from: f64, to: f64) -> Self {
        Self { low: ticks.low(), high: ticks.high(), from, to }
    }

    /// Where a value lies; never outside.
    pub fn at(&self, value: f64) -> f64 {
        let part = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.from + part * (self.to - self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(low: f64, high: f64, whole: bool) -> Vec<f64> {
        Ticks::around(low, high, 5, whole).values().collect()
    }

    #[test]
    fn ticks_are_nice_and_span_all_values_and_zero() {
        // Worked out by hand: span / 4, then up to the next of 1, 2, 5.
        assert_eq!(ticks(0.0, 17.0, true), [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(ticks(3.0, 8.0, true), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(ticks(-7.0, 12.0, true), [-10.0, -5.0, 0.0, 5.0, 10.0, 15.0]);
        assert_eq!(ticks(-3.0, -1.0, true), [-3.0, -2.0, -1.0, 0.0]);
        assert_eq!(ticks(0.0, 1.2, false), [0.0, 0.5, 1.0, 1.5]);
        assert_eq!(ticks(0.0, 1.2, true), [0.0, 1.0, 2.0]);
        assert_eq!(ticks(0.0, 0.07, false), [0.0, 0.02, 0.04, 0.06, 0.08]);
        assert_eq!(ticks(0.0, 1e12, true), [0.0, 5e11, 1e12]);
    }

    #[test]
    fn where_nothing_differs_there_is_an_axis_all_the_same() {
        assert_eq!(ticks(0.0, 0.0, true), [0.0, 1.0]);
        assert_eq!(ticks(5.0, 5.0, true), [0.0, 2.0, 4.0, 6.0]);
        assert_eq!(ticks(0.0, 1.0, true), [0.0, 1.0]);
    }

    #[test]
    fn values_lie_between_the_ends() {
        let scale = Scale::new(&Ticks::around(0.0, 20.0, 5, true), 200.0, 10.0);
        assert_eq!(
            (scale.at(0.0), scale.at(20.0), scale.at(5.0), scale.at(99.0)),
            (200.0, 10.0, 152.5, 10.0)
        );
    }

    proptest::proptest! {
        #[test]
        fn every_span_has_a_few_ticks_around_it(a in -1e15..1e15_f64, b in -1e15..1e15_f64, small in 0..14_i32, whole: bool) {
            let (a, b) = (a / 10_f64.powi(small), b / 10_f64.powi(small));
            let ticks = Ticks::around(a.min(b), a.max(b), 5, whole);
            let values: Vec<f64> = ticks.values().collect();
            proptest::prop_assert!((2..=7).contains(&values.len()), "{:?}", values);
            proptest::prop_assert!(values.contains(&0.0), "{:?}", values);
            let slack = 1e-6 * ticks.step;
            proptest::prop_assert!(ticks.low() <= a.min(b).min(0.0) + slack && ticks.high() >= a.max(b).max(0.0) - slack);
        }
    }
}
