//! Outlines of Sichuan's counties and prefectures, and who borders on whom.
//!
//! The file `data/counties.txt` (origin in `data/NOTICE`, made by `examples/outlines.py`) has each border once, with the
//! county on either side: so neighbours have no gap between them however coarsely a map is drawn, and prefectures are
//! drawn from the borders that their counties have with others. It is no statement about any border: only how a figure
//! looks, and which counties are next to each other.

mod drawing;
mod geometry;

pub use drawing::{Drawing, Shape};
pub use geometry::Point;

use crate::identity::{DivisionCode, DivisionLevel};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

static FILE: &str = include_str!("data/counties.txt");
static OUTLINES: LazyLock<Outlines> = LazyLock::new(|| Outlines::read(FILE));

/// Cells of common border from which on two are neighbours: one kilometre. What only meets at a corner is none.
const LEAST: f64 = 3.7;

/// The outlines that the program has.
#[must_use]
pub fn outlines() -> &'static Outlines {
    &OUTLINES
}

/// The counties that a county borders on, or the prefectures of a prefecture, in the order of their codes; those of the
/// same province only, since others have no outline here. A town has those of its county. `None` where the program has no
/// outline: nothing may be concluded from that.
#[must_use]
pub fn neighbours(division: DivisionCode) -> Option<Vec<DivisionCode>> {
    let at = if division.level() == DivisionLevel::Town { division.county()? } else { division };
    outlines().neighbours.get(&at).map(|found| found.iter().copied().collect())
}

/// A border between two counties, or of one with what is outside.
#[derive(Debug)]
struct Arc {
    /// What lies to the left of whoever walks along it.
    left: Option<DivisionCode>,
    /// What lies to the right.
    right: Option<DivisionCode>,
    /// Corners on the grid; x to the east, y to the south.
    points: Vec<Point>,
}

/// The outlines of a province's counties on a grid of cells of some 270 m.
#[derive(Debug)]
pub struct Outlines {
    arcs: Vec<Arc>,
    neighbours: BTreeMap<DivisionCode, BTreeSet<DivisionCode>>,
}

/// The prefecture or county, as a level asks, that a county belongs to.
fn at_level(county: DivisionCode, level: DivisionLevel) -> Option<DivisionCode> {
    match level {
        DivisionLevel::Prefecture => county.prefecture(),
        DivisionLevel::County => Some(county),
        DivisionLevel::Province | DivisionLevel::Town => None,
    }
}

impl Outlines {
    fn read(file: &str) -> Self {
        let arcs: Vec<Arc> = file.lines().skip(1).filter_map(read_arc).collect();
        let mut neighbours = BTreeMap::new();
        for level in [DivisionLevel::Prefecture, DivisionLevel::County] {
            add_neighbours(&mut neighbours, &arcs, level);
        }
        Self { arcs, neighbours }
    }

    /// Whether outlines of counties in an area are known.
    #[must_use]
    pub fn covers(&self, area: DivisionCode) -> bool {
        self.neighbours.keys().any(|county| county.is_within(area))
    }

    /// Whether the outline of a prefecture or county is known.
    #[must_use]
    pub fn has(&self, division: DivisionCode) -> bool {
        self.neighbours.contains_key(&division)
    }
}

/// `left right x y dx dy …`; `-` is outside.
fn read_arc(line: &str) -> Option<Arc> {
    let mut cells = line.split(' ');
    let mut side = || match cells.next()? {
        "-" => Some(None),
        code => DivisionCode::parse(code).ok().map(Some),
    };
    let (left, right) = (side()?, side()?);
    let numbers: Vec<i32> = cells.map(|cell| cell.parse().ok()).collect::<Option<_>>()?;
    let mut points: Vec<Point> = Vec::with_capacity(numbers.len() / 2);
    for pair in numbers.chunks_exact(2) {
        let &[dx, dy] = pair else { return None };
        let (x, y) = points.last().copied().unwrap_or((0, 0));
        points.push((x.checked_add(dx)?, y.checked_add(dy)?));
    }
    (points.len() > 1).then_some(Arc { left, right, points })
}

/// Who borders on whom at a level; who has no neighbour is there, too.
fn add_neighbours(
    found: &mut BTreeMap<DivisionCode, BTreeSet<DivisionCode>>,
    arcs: &[Arc],
    level: DivisionLevel,
) {
    let mut borders: BTreeMap<(DivisionCode, DivisionCode), f64> = BTreeMap::new();
    for arc in arcs {
        let sides = [arc.left, arc.right].map(|side| side.and_then(|county| at_level(county, level)));
        for side in sides.into_iter().flatten() {
            found.entry(side).or_default();
        }
        if let [Some(a), Some(b)] = sides
            && a != b
        {
            *borders.entry((a.min(b), a.max(b))).or_default() += geometry::length(&arc.points);
        }
    }
    for ((a, b), length) in borders {
        if length >= LEAST {
            found.entry(a).or_default().insert(b);
            found.entry(b).or_default().insert(a);
        }
    }
}

#[cfg(test)]
mod tests;
