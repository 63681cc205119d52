//! A number that somebody has is drawn again, whatever it is the number of.

use crate::codes::DOCUMENT;
use crate::declarations::{declare, issue};
use crate::harness::App;
use crate::on_both;
use chrono::{DateTime, Utc};
use fugong::number::foresee;

on_both!(a_taken_number_is_drawn_again,);

async fn a_taken_number_is_drawn_again(app: App) {
    // Days that no other test is at: what is foreseen for them nobody else draws.
    let day = if app.deps.store.is_sqlite() { "200309" } else { "200310" };
    let at: DateTime<Utc> = format!("2020-03-{}T02:00:00Z", &day[4..]).parse().unwrap();
    app.clock.advance(at - app.clock.now());
    let [a, b, c, d] = ["AAAAAAAA", "BBBBBBBB", "CCCCCCCC", "DDDDDDDD"];
    foresee(&format!("SB{day}"), &[a, a, a, b]);
    let mut first = app.resident("13800000001").await;
    let one = declare(&mut first, "王小明", DOCUMENT).await;
    let mut second = app.resident("13800000002").await;
    let two = declare(&mut second, "欧阳㛃", "360426199101010071").await;
    assert_eq!((one, two), (format!("SB{day}-{a}"), format!("SB{day}-{b}")));
    foresee(&format!("FG{day}"), &[c, c, d]);
    for (b, declared, certificate) in [(&mut first, a, c), (&mut second, b, d)] {
        issue(&app, &format!("SB{day}-{declared}")).await;
        app.drain().await;
        let mine = b.api_get("/api/v1/certificates").await.expect(200).json();
        assert_eq!(mine[0]["number"], format!("FG{day}-{certificate}"));
    }
    app.stop().await;
}
