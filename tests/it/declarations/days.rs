//! How many are received: by day, place and what became of them, each official of the own place only.

use super::walk::*;
use super::*;
use diesel::prelude::*;
use fugong::db::Ts;
use fugong::db::schema::declarations;

on_both!(
    counted_by_day_place_and_outcome,
    of_no_other_place_and_to_nobody_else,
    what_is_only_stored_is_not_counted,
    ranges_that_there_are_not
);

const DAYS: &str = "/desk/declarations/days";

/// The figures by their names, as programs get them.
async fn figures(b: &mut Browser, query: &str) -> Value {
    let sent = b.get(&format!("{DAYS}.json{query}")).await.expect(200).json();
    let all = sent["figures"].as_array().unwrap().iter();
    all.map(|figure| (figure["name"].as_str().unwrap().to_owned(), figure.clone())).collect()
}

/// The values of a row.
fn row<'a>(figure: &'a Value, key: &str) -> &'a Value {
    let rows = figure["rows"].as_array().unwrap();
    &rows.iter().find(|row| row["key"] == key).unwrap_or_else(|| panic!("no {key} in {figure}"))["values"]
}

/// Two of one town: on Thursday one with a certificate, on Friday one that waits.
async fn two(app: &App) {
    let mut first = app.resident("13600008861").await;
    let number = declare(&mut first, "孙七", "360426199101010071").await;
    issue(app, &number).await;
    app.clock.advance(chrono::Duration::days(1));
    let mut second = app.resident("13600008862").await;
    declare(&mut second, "李小梅", "11010519491231002X").await;
}

async fn counted_by_day_place_and_outcome(app: App) {
    two(&app).await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let found = figures(&mut worker, "?days=7").await;
    let received = &found["received"];
    assert_eq!(received["rows"].as_array().unwrap().len(), 7);
    assert_eq!(row(received, "2020-03-12"), &json!({"issued": 1, "waiting": 0, "returned": 0, "ended": 0}));
    assert_eq!(row(received, "2020-03-13"), &json!({"issued": 0, "waiting": 1, "returned": 0, "ended": 0}));
    assert_eq!(row(received, "2020-03-11"), &json!({"issued": 0, "waiting": 0, "returned": 0, "ended": 0}));
    assert_eq!(row(&found["places"], &town()), &json!({"received": 2}));
    assert_eq!(row(&found["each"], "2020-03-13")[town()], 1);
    // The page and the file say the same.
    let page = worker.get(&format!("{DAYS}?days=7")).await.expect(200);
    page.shows("共 2 件").shows("2020 年 3 月 12 日: 已发证明 1; 办理中 0; 退回补正 0").shows("最近 7 天");
    let file = worker.get(&format!("{DAYS}.csv?days=7")).await.expect(200).body;
    let head = "日期,已发证明,办理中,退回补正,不予通过、已撤回或已过期\r\n";
    assert!(file.trim_start_matches('\u{feff}').starts_with(head), "{file}");
    assert!(file.ends_with("2020-03-12,1,0,0,0\r\n2020-03-13,0,1,0,0\r\n"), "{file}");
    let places = worker.get(&format!("{DAYS}.csv?days=7&figure=places")).await.expect(200).body;
    assert!(places.contains(&format!("{},", town())) && places.contains(",2\r\n"), "{places}");
    // Whoever answers for more sees it on a map.
    let mut reviewer = app.official(Role::PrefectureReviewer, "511600").await;
    assert_eq!(row(&figures(&mut reviewer, "").await["places"], "511621"), &json!({"received": 2}));
    reviewer.get(DAYS).await.expect(200).shows("class=\"chart map\"").shows("岳池县: 2").hides("按市州");
    let mut operator = app.official(Role::ProvinceOperator, "510000").await;
    assert_eq!(row(&figures(&mut operator, "").await["places"], "511600"), &json!({"received": 2}));
    let counties = figures(&mut operator, "?by=county").await;
    assert_eq!(row(&counties["places"], "511621"), &json!({"received": 2}));
    assert_eq!(counties["each"], Value::Null, "183 small drawings are too many");
    operator.get(&format!("{DAYS}?by=county")).await.expect(200).shows("广安市岳池县: 2").shows("按县");
    let mut english = app.official(Role::ProvinceOperator, "510000").await;
    english.lang = "en";
    english.get(&format!("{DAYS}?days=14")).await.expect(200).shows("2 declarations.").shows("Guang'an: 2");
    app.stop().await;
}

async fn of_no_other_place_and_to_nobody_else(app: App) {
    two(&app).await;
    for (role, division) in
        [(Role::Doctor, elsewhere()), (Role::HealthReviewer, "510104"), (Role::PrefectureReviewer, "510100")]
    {
        let mut other = app.official(role, division).await;
        let found = figures(&mut other, "?days=90").await;
        let rows = found["received"]["rows"].as_array().unwrap();
        let sum: i64 = rows
            .iter()
            .flat_map(|r| r["values"].as_object().unwrap().values())
            .map(|v| v.as_i64().unwrap())
            .sum();
        assert_eq!((rows.len(), sum), (90, 0), "{role} of {division}");
        other.get(DAYS).await.expect(200).shows("共 0 件");
    }
    let mut same = app.official(Role::HealthReviewer, "511621").await;
    assert_eq!(row(&figures(&mut same, "").await["places"], &town()), &json!({"received": 2}));
    // A town is no place with parts: one figure.
    let mut worker = app.official(Role::VillageWorker, &town()).await;
    assert_eq!(figures(&mut worker, "").await.as_object().unwrap().len(), 1);
    for path in [DAYS.to_owned(), format!("{DAYS}.csv"), format!("{DAYS}.json")] {
        for role in [Role::Auditor, Role::Administrator, Role::ColourOfficer] {
            app.official(role, "510000").await.get(&path).await.expect(404);
        }
        app.resident("13600008863").await.get(&path).await.expect(404);
        app.browser().get(&path).await.leads_to("/desk/sign-in");
    }
    app.stop().await;
}

async fn what_is_only_stored_is_not_counted(app: App) {
    two(&app).await;
    let now = Ts::from(app.clock.now());
    let blocked = app.deps.store.write(move |tx| {
        let one = declarations::table.filter(declarations::state.eq("submitted"));
        Ok(diesel::update(one).set(declarations::consent_withdrawn_at.eq(Some(now))).execute(tx.conn())?)
    });
    assert_eq!(blocked.await.unwrap(), 1);
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let found = figures(&mut worker, "").await;
    assert_eq!(row(&found["places"], &town()), &json!({"received": 1}));
    // Of long ago only what is kept is counted, in a range that reaches back so far.
    app.clock.advance(chrono::Duration::days(85));
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    worker.get(&format!("{DAYS}?days=90")).await.expect(200).shows("共 1 件");
    worker.get(&format!("{DAYS}?days=30")).await.expect(200).shows("共 0 件");
    app.stop().await;
}

async fn ranges_that_there_are_not(app: App) {
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    for query in ["?days=0", "?days=8", "?days=-7", "?days=x", "?days=99999999999999999999", "?by=town"] {
        for ending in ["", ".csv", ".json"] {
            worker.get(&format!("{DAYS}{ending}{query}")).await.expect(422);
        }
    }
    worker.get(&format!("{DAYS}.csv?figure=nothing")).await.expect(422);
    worker.get(&format!("{DAYS}.csv?figure=each")).await.expect(200);
    app.stop().await;
}
