//! Whoever loses a post, or is disabled, keeps no case that they cannot go on with, by page and by program.

use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::people::Staff;
use crate::on_both;
use crate::reopening::{risk, submitted};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::audit::Actor;
use fugong::db::Id;
use fugong::db::schema::applications;
use fugong::officials::{NewAssignment, assign};
use reqwest::Method;
use serde_json::json;

on_both!(a_program_that_disables_gives_the_cases_back, what_another_post_covers_stays);

const COUNTY: &str = "511621";

async fn taken_by(app: &App, number: &str) -> Option<Id> {
    let number = number.to_owned();
    let read = app.deps.store.read(move |c| {
        let row = applications::table.filter(applications::number.eq(number));
        Ok(row.select(applications::assignee).first::<Option<Id>>(c)?)
    });
    read.await.unwrap()
}

async fn take(b: &mut Browser, number: &str) {
    b.get(&format!("/desk/applications/{number}")).await.expect(200);
    b.post(&format!("/desk/applications/{number}/assign"), &[("do", "take")]).await.expect(303);
}

/// Another post of an official in the same office and county.
async fn second_post(app: &App, staff: &Staff, role: Role) -> Id {
    let (official, office, from) = (staff.official, staff.office, app.clock.now());
    let made = app.deps.store.write(move |tx| {
        let division = COUNTY.parse().unwrap();
        let (to, substitute_for, created_by) = (None, None, None);
        let right = NewAssignment { official, office, role, division, from, to, substitute_for, created_by };
        assign(tx, Actor::Console, &right, from)
    });
    made.await.unwrap()
}

async fn a_program_that_disables_gives_the_cases_back(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 14).await;
    let mut town = app.official_full(Role::TownReviewer, COUNTY).await;
    take(&mut town.browser, &number).await;
    assert_eq!(taken_by(&app, &number).await, Some(town.official));
    let mut admin = app.official(Role::Administrator, "510000").await;
    admin.get("/admin/officials").await.expect(200);
    let path = format!("/api/v1/admin/officials/{}", town.official);
    let why = json!({"reason": "已<调离>本单位"});
    admin.api(Method::POST, &format!("{path}/actions/disable"), &why).await.expect(204);
    assert_eq!(taken_by(&app, &number).await, None, "the clock runs, so somebody has to see it");
    // The reason stays with the official, as from the page.
    admin.get(&format!("/admin/officials/{}", town.official)).await.expect(200).shows("已<调离>本单位");

    let mut other = app.official_full(Role::TownReviewer, COUNTY).await;
    take(&mut other.browser, &number).await;
    let path = format!("/api/v1/admin/officials/{}", other.official);
    let end = format!("{path}/assignments/{}/end", other.assignment);
    admin.api(Method::POST, &end, &why).await.expect(204);
    assert_eq!(taken_by(&app, &number).await, None);
    app.stop().await;
}

async fn what_another_post_covers_stays(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 14).await;
    let mut both = app.official_full(Role::TownReviewer, COUNTY).await;
    let county = second_post(&app, &both, Role::CountyDesk).await;
    take(&mut both.browser, &number).await;

    let mut admin = app.official(Role::Administrator, "510000").await;
    let page = format!("/admin/officials/{}", both.official);
    admin.get(&page).await.expect(200);
    let end = |post: Id| [("action", "end".to_owned()), ("assignment", post.to_string())];
    for (post, held, left) in
        [(county, "没有领取", Some(both.official)), (both.assignment, "已领取 1 件", None)]
    {
        let [action, post] = end(post);
        let fields = [(action.0, action.1.as_str()), (post.0, post.1.as_str())];
        admin.post(&page, &fields).await.expect(200).shows(held);
        let sure = [("asked", "yes"), ("sure", "yes"), ("reason", "轮岗")];
        admin.post(&page, &[&fields[..], &sure[..]].concat()).await.leads_to(&page);
        assert_eq!(taken_by(&app, &number).await, left, "{held}");
    }
    app.stop().await;
}
