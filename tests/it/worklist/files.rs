//! Lists as files: the rows of all pages, read back in both formats; with a fresh factor, noted, and cut in plain words.

use super::fill::{appeals, fill};
use super::{ELSEWHERE, HERE, LISTS};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::harness::zip::entry;
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Js;
use fugong::db::schema::audit_entries;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

on_both!(
    a_file_has_the_rows_of_all_pages_and_is_noted,
    a_file_asks_for_a_fresh_factor,
    a_file_that_is_cut_says_so,
);

/// The lines of a CSV file.
fn lines(file: &Answer) -> Vec<Vec<String>> {
    let text = file.body.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|line| line.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The words of a workbook.
async fn words(b: &mut Browser, path: &str) -> String {
    let book = b.bytes(path).await;
    let cells = entry(&book, "xl/worksheets/sheet1.xml");
    assert!(!cells.contains("<f>"), "no formula");
    entry(&book, "xl/sharedStrings.xml")
}

async fn a_file_has_the_rows_of_all_pages_and_is_noted(app: App) {
    for list in LISTS {
        let here = fill(&app, list, 60, HERE).await;
        let there = fill(&app, list, 2, ELSEWHERE).await;
        let mut b = app.official(list.role, HERE).await;
        let query = format!("tab={}&after=W10", list.tab);
        let file = b.get(&format!("{}.csv?{query}", list.path)).await.expect(200);
        assert!(file.headers[CONTENT_TYPE].to_str().unwrap().starts_with("text/csv"));
        let name = file.headers[CONTENT_DISPOSITION].to_str().unwrap();
        assert!(name.starts_with("attachment") && name.ends_with("-2020-03-12.csv\""), "{name}");
        let lines = lines(&file);
        let at = lines[0].iter().position(|head| head == "编号").unwrap();
        let numbers: Vec<&str> = lines[1..].iter().map(|line| line[at].as_str()).collect();
        assert_eq!(numbers, list.ordered(&here), "{}: from the first page on, in its order", list.path);
        let words = words(&mut b, &format!("{}.xlsx?{query}", list.path)).await;
        assert!(here.iter().all(|number| words.contains(number)), "{}", list.path);
        for text in [file.body.as_str(), &words] {
            assert!(there.iter().all(|number| !text.contains(number)), "what is elsewhere");
            // The page masks documents, and names where its work needs none; and so does the file.
            assert!(!text.contains(list.document));
            assert_eq!(text.contains("王小明"), !list.masked, "{}", list.path);
        }
        let kind = list.kind();
        let entries = app.deps.store.read(move |c| {
            let exports = audit_entries::table.filter(audit_entries::action.eq("list.export"));
            let exports = exports.filter(audit_entries::object_kind.eq(kind));
            Ok(exports.select(audit_entries::detail).order(audit_entries::seq).load::<Js>(c)?)
        });
        let entries: Vec<_> = entries.await.unwrap().into_iter().map(|d| d.0).collect();
        let noted: Vec<_> = entries.iter().map(|e| (&e["rows"], &e["cut"], &e["tab"])).collect();
        assert_eq!(noted, [(&60.into(), &false.into(), &list.tab.into()); 2]);
        assert_eq!(entries[0]["digest"], entries[1]["digest"], "whose rows they are");
    }
    app.stop().await;
}

async fn a_file_asks_for_a_fresh_factor(app: App) {
    for list in LISTS {
        let mut b = app.official(list.role, HERE).await;
        app.clock.advance(Duration::minutes(16));
        for ending in ["csv", "xlsx"] {
            let path = format!("{}.{ending}?tab={}", list.path, list.tab);
            let asked = b.get(&path).await.leads_to("/desk/step-up");
            b.get(asked.location()).await.expect(200).shows("下载办理列表的表格");
        }
        b.get(list.path).await.expect(200);
    }
    app.stop().await;
}

async fn a_file_that_is_cut_says_so(app: App) {
    appeals(&app, 10_003, HERE, "submitted").await;
    let mut b = app.official(Role::AppealReviewer, HERE).await;
    let page = b.get("/desk/appeals").await.expect(200);
    assert_eq!(super::count(&page, "open"), "1,000+", "nobody needs an exact number");
    let file = b.get("/desk/appeals.csv").await.expect(200);
    let lines = lines(&file);
    assert_eq!(lines.len(), 1 + 10_000 + 1);
    assert!(lines[10_001][0].starts_with("只含前 10,000 行，还有更多"), "{:?}", lines[10_001]);
    assert!(words(&mut b, "/desk/appeals.xlsx").await.contains("只含前 10,000 行，还有更多"));
    app.stop().await;
}
