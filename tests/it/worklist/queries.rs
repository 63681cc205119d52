//! What a page costs: two queries of the list, with one row and with many; and no statement sorts or walks through what is
//! not on the page.

use super::fill::fill;
use super::{HERE, LISTS};
use crate::harness::App;
use crate::on_both;

on_both!(a_page_is_two_queries);

/// What every page of an official asks besides: who asks, and the entry of the record.
fn is_of_the_list(statement: &str) -> bool {
    let select = statement.trim_start().to_uppercase().starts_with("SELECT");
    select && !["sessions", "audit_lanes", "audit_entries"].iter().any(|table| statement.contains(table))
}

async fn a_page_is_two_queries(app: App) {
    for list in LISTS {
        let mut b = app.official(list.role, HERE).await;
        for rows in [1, 60] {
            fill(&app, list, rows, HERE).await;
            for path in [list.path.to_owned(), format!("{}?tab={}", list.api.0, list.tab)] {
                b.get(&path).await.expect(200);
                let (page, heard) = app.heard(b.get(&path)).await;
                page.expect(200);
                let asked: Vec<&String> = heard.iter().filter(|text| is_of_the_list(text)).collect();
                assert!((1..=2).contains(&asked.len()), "{path} with {rows}: {asked:#?}");
            }
        }
    }
    app.stop().await;
}
