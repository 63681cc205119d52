//! A map of an area: the outline of each of its prefectures or counties, fitted into a frame.

use super::geometry::{self, Point};
use super::{Arc, Outlines, at_level};
use crate::identity::{DivisionCode, DivisionLevel};
use std::collections::{BTreeMap, VecDeque};

/// How far a drawn border may be from that of the file, in units of the drawing.
const TOLERANCE: f64 = 1.8;

/// Space around a map, in units of the drawing.
const MARGIN: i32 = 6;

/// One prefecture or county of a drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Which.
    pub division: DivisionCode,
    /// Its rings, closed: the last corner leads back to the first. Holes run the other way round.
    pub rings: Vec<Vec<Point>>,
}

/// Outlines fitted into a frame of whole units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Width of the frame.
    pub width: i32,
    /// Its height.
    pub height: i32,
    /// By code.
    pub shapes: Vec<Shape>,
}

impl Shape {
    /// From its west to its east, in units of the drawing.
    #[must_use]
    pub fn width(&self) -> f64 {
        let bounds = geometry::bounds(self.rings.iter().flatten());
        bounds.map_or(0.0, |(low, high)| f64::from(high.0 - low.0))
    }

    /// Where a label of a height has most room: the middle and the width of that room, in units of the drawing.
    #[must_use]
    pub fn room(&self, height: f64) -> Option<((f64, f64), f64)> {
        geometry::room(&self.rings, height / 2.0)
    }
}

/// From the grid of the file to the drawing.
struct Fit {
    low: Point,
    /// Units of the drawing are `to` of `from` cells.
    from: i64,
    to: i64,
    shift: Point,
}

impl Fit {
    fn at(&self, point: Point) -> Point {
        let one = |value: i32, low: i32, shift: i32| {
            let scaled = (i64::from(value) - i64::from(low)) * self.to;
            let rounded = (2 * scaled + self.from).div_euclid(2 * self.from);
            i32::try_from(rounded).unwrap_or(0).saturating_add(shift)
        };
        (one(point.0, self.low.0, self.shift.0), one(point.1, self.low.1, self.shift.1))
    }
}

impl Outlines {
    /// The prefectures or counties of an area in a frame of a width and at most a height; `None` where there are none.
    #[must_use]
    pub fn drawing(
        &self,
        area: DivisionCode,
        level: DivisionLevel,
        width: i32,
        most: i32,
    ) -> Option<Drawing> {
        let side = |county: Option<DivisionCode>| {
            county.filter(|c| c.is_within(area)).and_then(|c| at_level(c, level))
        };
        let borders: Vec<_> = self
            .arcs
            .iter()
            .map(|arc| (side(arc.left), side(arc.right), arc))
            .filter(|(left, right, _)| left != right)
            .collect();
        let (fit, height) = fit(&borders, width.max(4 * MARGIN), most.max(4 * MARGIN))?;
        let mut ways: BTreeMap<DivisionCode, Vec<Vec<Point>>> = BTreeMap::new();
        for (left, right, arc) in borders {
            if let Some(left) = left {
                ways.entry(left).or_default().push(arc.points.clone());
            }
            if let Some(right) = right {
                ways.entry(right).or_default().push(arc.points.iter().rev().copied().collect());
            }
        }
        let shape = |(division, ways)| Shape { division, rings: stitched(ways, &fit) };
        Some(Drawing { width, height, shapes: ways.into_iter().map(shape).collect() })
    }
}

type Border<'a> = (Option<DivisionCode>, Option<DivisionCode>, &'a Arc);

/// How borders fit into a frame, and the height that they need.
fn fit(borders: &[Border<'_>], width: i32, most: i32) -> Option<(Fit, i32)> {
    let (low, high) = geometry::bounds(borders.iter().flat_map(|(_, _, arc)| &arc.points))?;
    let cells = (i64::from(high.0) - i64::from(low.0), i64::from(high.1) - i64::from(low.1));
    let inner = (i64::from(width - 2 * MARGIN), i64::from(most - 2 * MARGIN));
    // As wide as the frame, unless that makes it too high.
    let by_width = cells.1 * inner.0 <= inner.1 * cells.0;
    let (from, to) = if by_width { (cells.0, inner.0) } else { (cells.1, inner.1) };
    let mut fit = Fit { low, from: from.max(1), to, shift: (MARGIN, MARGIN) };
    let (wide, high) = fit.at(high);
    fit.shift.0 = MARGIN + (width - MARGIN - wide).max(0) / 2;
    Some((fit, high + MARGIN))
}

/// A border in the drawing. Those who share it get the same one, since the way back is the way there reversed.
fn drawn(points: &[Point], fit: &Fit) -> Vec<Point> {
    let mut ends = points.iter().zip(points.iter().rev());
    let forwards = ends.find(|(a, b)| a != b).is_none_or(|(a, b)| a < b);
    let mut way: Vec<Point> = points.iter().map(|p| fit.at(*p)).collect();
    if !forwards {
        way.reverse();
    }
    way.dedup();
    let mut way = geometry::simplified(&way, TOLERANCE);
    if !forwards {
        way.reverse();
    }
    way
}

/// Rings made of ways that follow each other. They are joined on the grid of the file, where different corners are never
/// the same.
fn stitched(ways: Vec<Vec<Point>>, fit: &Fit) -> Vec<Vec<Point>> {
    let mut from: BTreeMap<Point, VecDeque<Vec<Point>>> = BTreeMap::new();
    for way in ways {
        if let Some(start) = way.first() {
            from.entry(*start).or_default().push_back(way);
        }
    }
    let mut rings = Vec::new();
    while let Some((start, way)) = from.iter_mut().find_map(|(start, ways)| Some((*start, ways.pop_front()?)))
    {
        let mut end = way.last().copied();
        let mut ring = drawn(&way, fit);
        while let Some(next) = end.filter(|end| *end != start).and_then(|end| from.get_mut(&end)?.pop_front())
        {
            end = next.last().copied();
            ring.extend(drawn(&next, fit));
        }
        ring.dedup();
        if ring.first() == ring.last() {
            ring.pop();
        }
        if ring.len() > 2 {
            rings.push(ring);
        }
    }
    rings
}
