//! Order and paging: nothing is left out and nothing comes twice, whatever is added meanwhile; counts are those of one's own.

use super::fill::{appeals, fill};
use super::{ELSEWHERE, HERE, LISTS, count, numbers, older};
use crate::declarations::town;
use crate::harness::App;
use crate::on_both;
use fugong::access::Role;
use std::collections::BTreeSet;

on_both!(
    pages_go_on_without_gaps_or_doubles,
    programs_get_the_same_pages,
    what_is_elsewhere_is_in_no_list_and_no_count,
    the_order_can_be_turned_and_states_be_chosen,
    a_place_that_is_no_place_is_refused,
);

async fn pages_go_on_without_gaps_or_doubles(app: App) {
    for list in LISTS {
        let first = fill(&app, list, 120, HERE).await;
        let mut b = app.official(list.role, HERE).await;
        let (mut seen, mut next, mut pages) = (Vec::new(), Some(list.path.to_owned()), 0);
        while let Some(path) = next {
            let page = b.get(&path).await.expect(200);
            let shown = numbers(&page, list);
            assert!(shown.len() <= 50 && !shown.is_empty(), "{path}");
            seen.extend(shown);
            // While somebody pages, more come in.
            fill(&app, list, 3, HERE).await;
            next = older(&page);
            pages += 1;
        }
        assert_eq!(pages, 3, "{}", list.path);
        let unique: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(unique.len(), seen.len(), "{}: a row came twice", list.path);
        let old: Vec<String> = seen.iter().filter(|number| first.contains(number)).cloned().collect();
        assert_eq!(old, list.ordered(&first), "{}: all of them, in their order", list.path);
        let page = b.get(list.path).await.expect(200);
        if list.counted {
            assert_eq!(count(&page, list.tab), (120 + 3 * pages).to_string(), "{}", list.path);
        }
    }
    app.stop().await;
}

async fn programs_get_the_same_pages(app: App) {
    for list in LISTS {
        let all = fill(&app, list, 70, HERE).await;
        let mut b = app.official(list.role, HERE).await;
        let (path, rows) = list.api;
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = b.api_get(&format!("{path}?tab={}&after={after}", list.tab)).await.expect(200).json();
            let some = page[rows].as_array().unwrap();
            seen.extend(some.iter().map(|row| row["number"].as_str().unwrap().to_owned()));
            assert_eq!(page["tab"].as_str(), Some(list.tab));
            let counted = list.counted.then_some(70);
            assert_eq!(page["counts"][list.tab]["count"].as_i64(), counted, "{path}");
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, list.ordered(&all), "{path}");
        // The page itself answers so, too, where JSON is asked for.
        let page = b.api_get(&format!("{}?tab={}", list.path, list.tab)).await.expect(200);
        let rows = page.json()["rows"].as_array().unwrap().clone();
        let numbers: Vec<&str> = rows.iter().map(|row| row["number"].as_str().unwrap()).collect();
        assert_eq!(numbers, seen[..50], "{}", list.path);
    }
    app.stop().await;
}

async fn what_is_elsewhere_is_in_no_list_and_no_count(app: App) {
    for list in LISTS {
        let (here, there) = (fill(&app, list, 2, HERE).await, fill(&app, list, 3, ELSEWHERE).await);
        let mut b = app.official(list.role, HERE).await;
        let page = b.get(list.path).await.expect(200);
        assert_eq!(numbers(&page, list), list.ordered(&here));
        assert!(!list.counted || count(&page, list.tab) == "2", "{}", list.path);
        let mut b = app.official(list.role, ELSEWHERE).await;
        let page = b.get(list.path).await.expect(200);
        assert_eq!(numbers(&page, list), list.ordered(&there));
        assert!(!list.counted || count(&page, list.tab) == "3", "{}", list.path);
        // A link that a colleague of elsewhere has sent shows no more than one's own.
        let mut stranger = app.resident("13800000009").await;
        stranger.get(list.path).await.expect(404);
        stranger.get(&format!("{}.csv", list.path)).await.expect(404);
        stranger.api_get(list.api.0).await.expect(404);
    }
    app.stop().await;
}

async fn the_order_can_be_turned_and_states_be_chosen(app: App) {
    let list = &LISTS[0];
    let (waits, disputed) =
        (appeals(&app, 3, HERE, "submitted").await, appeals(&app, 2, HERE, "disputed").await);
    let upheld = appeals(&app, 2, HERE, "upheld").await;
    let turned = |of: &[String]| of.iter().rev().cloned().collect::<Vec<_>>();
    let all: Vec<String> = waits.iter().chain(&disputed).cloned().collect();
    let mut b = app.official(Role::AppealReviewer, HERE).await;
    let town = format!("?place={}", town());
    for (query, expected) in [
        ("", all.clone()),
        ("?sort=newest", turned(&all)),
        ("?sort=oldest&state=disputed", disputed.clone()),
        ("?sort=newest&state=submitted", turned(&waits)),
        ("?tab=decided", turned(&upheld)),
        ("?tab=decided&sort=oldest", upheld.clone()),
        // Not a state of this tab, so it says nothing.
        ("?state=upheld", all.clone()),
        ("?tab=decided&state=overturned", Vec::new()),
        ("?tab=nothing&sort=nothing", all.clone()),
        // A town of the county in which none of them is, and a place of somebody else.
        (town.as_str(), Vec::new()),
        ("?place=510107", all.clone()),
    ] {
        let page = b.get(&format!("/desk/appeals{query}")).await.expect(200);
        assert_eq!(numbers(&page, list), expected, "{query}");
        assert_eq!(count(&page, "open"), "5", "{query}: a tab counts all that is in it");
    }
    let mut above = app.official(Role::AppealReviewer, "510000").await;
    for (division, found) in [("511600", 5), ("510100", 0)] {
        let page = above.get(&format!("/desk/appeals?place={division}")).await.expect(200);
        assert_eq!(numbers(&page, list).len(), found, "{division}");
    }
    let mut above = app.official(Role::AppealReviewer, "511600").await;
    assert_eq!(numbers(&above.get("/desk/appeals").await.expect(200), list), all);
    app.stop().await;
}

async fn a_place_that_is_no_place_is_refused(app: App) {
    for list in LISTS {
        let mut b = app.official(list.role, HERE).await;
        for after in ["x", "W10", "%00", "bnVsbA"] {
            b.get(&format!("{}?after={after}", list.path)).await.expect(400);
            b.api_get(&format!("{}?after={after}", list.api.0)).await.expect(400);
        }
        b.get(&format!("{}?tab=%FF", list.path)).await.expect(400);
    }
    app.stop().await;
}
