//! Points, lengths and shapes on a grid of whole numbers.

/// A corner of the grid: x to the east, y to the south.
pub type Point = (i32, i32);

/// The same between the corners.
pub(super) type Place = (f64, f64);

pub(super) fn place(point: Point) -> Place {
    (f64::from(point.0), f64::from(point.1))
}

fn distance(a: Place, b: Place) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// The length of a way, in cells.
pub(super) fn length(points: &[Point]) -> f64 {
    points.iter().zip(points.iter().skip(1)).map(|(a, b)| distance(place(*a), place(*b))).sum()
}

/// How far a point is from the straight line between two others, ends included.
pub(super) fn off(point: Place, from: Place, to: Place) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let square = dx * dx + dy * dy;
    if square == 0.0 {
        return distance(point, from);
    }
    let along = (((point.0 - from.0) * dx + (point.1 - from.1) * dy) / square).clamp(0.0, 1.0);
    distance(point, (from.0 + along * dx, from.1 + along * dy))
}

/// A way with fewer corners, nowhere further from the first than `tolerance` (Douglas and Peucker). Its ends stay, so that
/// ways which meet still meet; a closed one is parted at the point furthest from its start and keeps three corners.
pub(super) fn simplified(points: &[Point], tolerance: f64) -> Vec<Point> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    if first == last && points.len() > 3 {
        let far = |p: &Point| distance(place(*p), place(*first));
        let inner = points.iter().enumerate().skip(1).take(points.len() - 2);
        let Some((at, _)) = inner.max_by(|a, b| far(a.1).total_cmp(&far(b.1))) else {
            return points.to_vec();
        };
        let (Some(out), Some(back)) = (points.get(..=at), points.get(at..)) else { return points.to_vec() };
        let mut way = bent(out, tolerance);
        way.pop();
        way.extend(simplified(back, tolerance));
        return way;
    }
    simplified_open(points, tolerance)
}

/// A way out and back would otherwise be two equal lines, with nothing between them.
fn bent(points: &[Point], tolerance: f64) -> Vec<Point> {
    let way = simplified_open(points, tolerance);
    if way.len() > 2 { way } else { simplified_open(points, 0.0) }
}

fn simplified_open(points: &[Point], tolerance: f64) -> Vec<Point> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let (from, to) = (place(*first), place(*last));
    let inner = points.iter().enumerate().skip(1).take(points.len().saturating_sub(2));
    let worst = inner.map(|(at, p)| (at, off(place(*p), from, to))).max_by(|a, b| a.1.total_cmp(&b.1));
    match worst {
        Some((at, by)) if by > tolerance => {
            let mut way = simplified_open(points.get(..=at).unwrap_or_default(), tolerance);
            way.pop();
            way.extend(simplified_open(points.get(at..).unwrap_or_default(), tolerance));
            way
        }
        _ => vec![*first, *last],
    }
}

/// The least and the greatest x and y of ways.
pub(super) fn bounds<'a>(points: impl Iterator<Item = &'a Point>) -> Option<(Point, Point)> {
    points.fold(None, |found, &(x, y)| match found {
        None => Some(((x, y), (x, y))),
        Some(((x1, y1), (x2, y2))) => Some(((x1.min(x), y1.min(y)), (x2.max(x), y2.max(y)))),
    })
}

/// Where a level line through `y` crosses rings, from the left to the right: inside lies between the first and the second,
/// the third and the fourth, and so on.
pub(super) fn crossings(rings: &[Vec<Point>], y: f64) -> Vec<f64> {
    let mut found = Vec::new();
    for ring in rings {
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let ((ax, ay), (bx, by)) = (place(*a), place(*b));
            if (ay > y) != (by > y) {
                found.push(ax + (y - ay) / (by - ay) * (bx - ax));
            }
        }
    }
    found.sort_by(f64::total_cmp);
    found
}

/// Where there is most room for a label: the widest level stretch that lies inside, as its middle and its width. A stretch
/// counts as it is narrower half a line of text above or below.
pub(super) fn room(rings: &[Vec<Point>], half_line: f64) -> Option<(Place, f64)> {
    let (low, high) = bounds(rings.iter().flatten())?;
    let (top, bottom) = (f64::from(low.1), f64::from(high.1));
    let mut best: Option<(Place, f64)> = None;
    for step in 1..24 {
        let y = top + (bottom - top) * f64::from(step) / 24.0;
        for (from, to) in stretches(rings, y) {
            let wide = [-half_line, half_line]
                .iter()
                .fold((from, to), |(from, to), by| narrowed(&stretches(rings, y + by), from, to));
            let width = wide.1 - wide.0;
            if best.is_none_or(|(_, before)| width > before) {
                best = Some((((wide.0 + wide.1) / 2.0, y), width));
            }
        }
    }
    best
}

fn stretches(rings: &[Vec<Point>], y: f64) -> Vec<(f64, f64)> {
    crossings(rings, y)
        .chunks_exact(2)
        .filter_map(|pair| match pair {
            [from, to] => Some((*from, *to)),
            _ => None,
        })
        .collect()
}

/// What a stretch has in common with the one of another line that it shares most with.
fn narrowed(others: &[(f64, f64)], from: f64, to: f64) -> (f64, f64) {
    let common = others.iter().map(|(a, b)| (from.max(*a), to.min(*b)));
    let middle = (from + to) / 2.0;
    common
        .max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)))
        .filter(|(a, b)| b > a)
        .unwrap_or((middle, middle))
}
