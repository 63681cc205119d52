//! The file hangs together, its neighbours are those of the map, drawings have no gaps.

use super::geometry::{crossings, room, simplified};
use super::*;
use crate::identity::divisions;

fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text).unwrap()
}

fn codes(texts: &[&str]) -> Vec<DivisionCode> {
    texts.iter().map(|text| code(text)).collect()
}

/// Twice the area of a ring, by the shoelace formula; positive or negative by its direction.
fn doubled(ring: &[Point]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .map(|(a, b)| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1))
        .sum()
}

fn area(shapes: &[Shape]) -> i64 {
    shapes.iter().flat_map(|shape| &shape.rings).map(|ring| doubled(ring)).sum()
}

#[test]
fn the_file_is_small_and_has_every_county_of_the_province() {
    assert!(FILE.len() <= 80_000, "{} bytes", FILE.len());
    let arcs = FILE.lines().count() - 1;
    assert_eq!(outlines().arcs.len(), arcs, "every line is read");
    let province = code("510000");
    for prefecture in divisions().children(province) {
        assert!(outlines().has(prefecture.code), "{}", prefecture.name);
        for county in divisions().children(prefecture.code) {
            assert!(outlines().has(county.code), "{}", county.name);
        }
    }
    assert_eq!(outlines().neighbours.len(), 21 + 183);
}

#[test]
fn neighbours_are_mutual_and_those_of_the_map() {
    // Guang'an: Yuechi has Jialing and Gaoping and Peng'an of Nanchong, and Guang'an, Qianfeng, Huaying and Wusheng around it.
    let yuechi = neighbours(code("511621")).unwrap();
    for near in codes(&["511602", "511622", "511303", "511323"]) {
        assert!(yuechi.contains(&near), "{near} of {yuechi:?}");
    }
    assert!(!yuechi.contains(&code("510104")), "Jinjiang is far away");
    assert_eq!(neighbours(code("511621100")), Some(yuechi), "a town has those of its county");
    // Panzhihua lies beside Liangshan alone.
    assert_eq!(neighbours(code("510400")).unwrap(), codes(&["513400"]));
    assert_eq!(neighbours(code("510000")), None, "provinces have no outline");
    assert_eq!(neighbours(code("440106")), None, "nothing is known of others");
    for (a, others) in &outlines().neighbours {
        assert!(!others.contains(a) && !others.is_empty(), "{a}");
        for b in others {
            assert!(outlines().neighbours[b].contains(a), "{a} {b}");
            assert_eq!(a.level(), b.level());
        }
    }
}

#[test]
fn drawings_have_no_gaps_and_no_overlaps() {
    let province = code("510000");
    let counties = outlines().drawing(province, DivisionLevel::County, 1000, 1200).unwrap();
    let prefectures = outlines().drawing(province, DivisionLevel::Prefecture, 1000, 1200).unwrap();
    assert_eq!((counties.shapes.len(), prefectures.shapes.len()), (183, 21));
    assert_eq!((counties.width, counties.height), (prefectures.width, prefectures.height));
    // What lies between two counties of one prefecture has gone, and with it nothing of the area.
    assert_eq!(area(&counties.shapes), area(&prefectures.shapes));
    for drawing in [&counties, &prefectures] {
        // Each border is walked once in each direction, but for the outer one.
        let mut edges = std::collections::HashMap::new();
        for ring in drawing.shapes.iter().flat_map(|shape| &shape.rings) {
            for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                *edges.entry((*a, *b)).or_insert(0_i32) += 1;
                assert!(a.0 >= 0 && a.0 <= drawing.width && a.1 >= 0 && a.1 <= drawing.height);
            }
        }
        let alone: i64 = edges
            .keys()
            .filter(|(a, b)| !edges.contains_key(&(*b, *a)))
            .map(|(a, b)| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1))
            .sum();
        assert_eq!(alone, area(&drawing.shapes), "the outer border has everything inside it");
    }
}

#[test]
fn an_area_of_its_own_fills_the_frame() {
    let chengdu = outlines().drawing(code("510100"), DivisionLevel::County, 1000, 1000).unwrap();
    assert_eq!(chengdu.shapes.len(), 20);
    let points = || chengdu.shapes.iter().flat_map(|shape| &shape.rings).flatten();
    let (low, high) = geometry::bounds(points()).unwrap();
    assert!(low.0 >= 0 && low.1 >= 0 && high.0 <= 1000 && high.1 <= chengdu.height);
    assert!(high.0 - low.0 > 950 || high.1 - low.1 > 950, "{low:?} {high:?}");
    assert!(outlines().drawing(code("440000"), DivisionLevel::County, 1000, 1000).is_none());
    assert!(outlines().drawing(code("511621"), DivisionLevel::Town, 1000, 1000).is_none());
    let flat = outlines().drawing(code("510000"), DivisionLevel::Prefecture, 1000, 300).unwrap();
    assert!(flat.height <= 300 && flat.shapes.len() == 21);
}

#[test]
fn lines_lose_corners_but_not_their_ends() {
    let way = [(0, 0), (5, 1), (10, 0), (15, 9), (20, 0)];
    assert_eq!(simplified(&way, 2.0), [(0, 0), (10, 0), (15, 9), (20, 0)]);
    assert_eq!(simplified(&way, 0.5), way);
    assert_eq!(simplified(&way, 100.0), [(0, 0), (20, 0)]);
    let ring = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)];
    assert!(simplified(&ring, 100.0).len() > 3, "a ring keeps an inside");
    assert_eq!(simplified(&[], 1.0), []);
}

#[test]
fn a_label_stands_where_there_is_room() {
    // A square of ten with a hole on its right.
    let square = vec![(0, 0), (10, 0), (10, 10), (0, 10)];
    let hole = vec![(6, 4), (6, 6), (8, 6), (8, 4)];
    let rings = [square, hole];
    assert_eq!(crossings(&rings, 5.0), [0.0, 6.0, 8.0, 10.0]);
    assert_eq!(crossings(&rings, 1.0), [0.0, 10.0]);
    let ((x, y), width) = room(&rings, 0.5).unwrap();
    assert!(
        (width - 10.0).abs() < 1e-9 && (x - 5.0).abs() < 1e-9 && !(3.5..=6.5).contains(&y),
        "{x} {y} {width}"
    );
    assert_eq!(room(&[], 1.0), None);
}

#[test]
fn what_is_no_border_is_not_read() {
    for line in [
        "",
        "511621",
        "511621 -",
        "511621 - 1 2",
        "x - 1 2 3 4",
        "511621 - 1 b 2 2",
        "511621 - 1 2 2147483647 0",
    ] {
        assert!(read_arc(line).is_none(), "{line:?}");
    }
    let arc = read_arc("- 511621 10 20 1 -2 3 4").unwrap();
    assert_eq!((arc.left, arc.right), (None, Some(code("511621"))));
    assert_eq!(arc.points, [(10, 20), (11, 18), (14, 22)]);
}
