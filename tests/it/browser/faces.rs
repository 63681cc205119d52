//! Pages in faces that a healthy portal never shows, or only with documents of others: every verdict, and a record that
//! somebody has altered.

use super::tools;
use crate::exchange::with_examples;
use crate::harness::App;
use crate::harness::chromium::{Chromium, Look};
use fugong::access::Role;

/// The page has no fault that can be seen by a program, and a picture is kept for people.
async fn look(b: &Chromium, axe: &str, name: &str) {
    let mut faults = b.axe(axe).await;
    faults.extend(b.axe_in_the_dark(axe).await);
    assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
    assert_eq!(b.overflow().await, 0, "{name} is wider than the window");
    b.screenshot(&format!("faces/{name}")).await;
}

async fn every_verdict(look_as: Look) {
    let Some(axe) = tools::axe() else { return };
    let app = App::sqlite().await;
    let set = with_examples(&app).await;
    let Some(b) = Chromium::start(&app.base, look_as).await else { return };
    let mut seen = std::collections::BTreeSet::new();
    for example in &set.examples {
        // One of each verdict, and each kind of a valid document.
        if !seen.insert(example.verdict.clone()) && example.verdict != "valid" {
            continue;
        }
        app.clock.advance(chrono::Duration::milliseconds(100));
        b.open("/verify").await;
        b.fill("text", &example.text).await;
        b.submit().await;
        assert!(b.has(".verdict").await, "{}: {}", example.name, b.text("main").await);
        look(&b, &axe, &format!("verdict-{}", example.name)).await;
    }
    assert_eq!(seen.len(), 10, "{seen:?}");
    b.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn every_verdict_on_a_phone() {
    every_verdict(Look::PHONE).await;
}

#[actix_web::test]
async fn every_verdict_on_a_desktop_in_english() {
    every_verdict(Look::DESKTOP.english()).await;
}

#[actix_web::test]
async fn a_record_that_was_altered() {
    use diesel::prelude::*;
    use fugong::db::schema::audit_entries;
    let Some(axe) = tools::axe() else { return };
    let app = App::sqlite().await;
    let auditor = app.official(Role::Auditor, "510000").await;
    app.tick().await;
    let altered = app.deps.store.write(|tx| {
        let second = audit_entries::table.filter(audit_entries::seq.eq(2));
        Ok(diesel::update(second).set(audit_entries::action.eq("office.nothing")).execute(tx.conn())?)
    });
    assert_eq!(altered.await.unwrap(), 1);
    for looks in [Look::PHONE, Look::DESKTOP.english()] {
        let Some(b) = Chromium::start(&app.base, looks).await else { return };
        b.become_(Some(&auditor)).await;
        b.open("/audit").await;
        let entry = b.attribute("a[href$='/2']", "href").await.expect("the entry is in the list");
        b.open(&entry).await;
        assert!(b.has(".notice.bad").await, "{}", b.text("main").await);
        look(&b, &axe, "audit-entry-altered").await;
        b.open("/audit").await;
        b.click("form[action='/audit/verify'] button").await;
        assert!(b.has(".notice.bad").await, "{}", b.text("main").await);
        look(&b, &axe, "audit-verify-altered").await;
        b.close().await;
    }
    app.stop().await;
}
