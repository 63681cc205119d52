//! The measurement of the destruction in its short form: what it counts is true, and nothing is left.

use fugong::bench::{Options, run};
use std::time::Duration;

#[actix_web::test]
async fn the_destruction_can_be_measured() {
    let options = Options {
        only: vec!["retention".into()],
        time: Duration::from_millis(200),
        persons: 1,
        rows: 1_000,
        sizes: Vec::new(),
        database: None,
        port: 0,
        connections: 4,
    };
    let report = run(options, |_: &str| {}).await.unwrap();
    let names: Vec<&str> = report.figures.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    let note = report.figures[0].note.clone().unwrap();
    assert!(note.starts_with("1000 rows in "), "{note}");
    assert!(report.figures.iter().all(|f| f.value > 0.0));
    let during = report.figures.last().unwrap();
    assert!(during.p99_ms.unwrap() >= during.p50_ms.unwrap() && during.ratio.is_some());
}
