//! In whose hands cases are, whatever they are about: taken, given and given back from the list, the page and by program; a
//! substitute has them too; and whoever leaves gives them back.

use super::fill::fill;
use super::{HERE, LISTS, List, numbers};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::people::Staff;
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::{assignments, audit_entries, declarations, official_absences};
use fugong::db::{Id, Ts};
use reqwest::Method;
use serde_json::json;

on_both!(
    cases_are_taken_given_and_given_back,
    what_moves_on_is_in_nobodys_hands,
    whoever_leaves_gives_back_whatever_it_is_about,
    sharing_out_asks_for_no_factor_and_checks_nothing,
);

/// Lists of what is taken, each with the entry of the record.
fn taken() -> impl Iterator<Item = (&'static List, &'static str)> {
    LISTS.iter().filter_map(|list| match list.path {
        "/desk/appeals" => Some((list, "appeal.assign")),
        "/desk/declarations" => Some((list, "declaration.assign")),
        "/desk/applications" => Some((list, "reopening.assign")),
        _ => None,
    })
}

/// The numbers of those that are in somebody's hands.
async fn whose(b: &mut Browser, list: &List, whose: &str) -> Vec<String> {
    let query = match (list.path, whose) {
        ("/desk/applications", "me") => "tab=mine".to_owned(),
        ("/desk/applications", "none") => "tab=unassigned".to_owned(),
        ("/desk/applications", _) => format!("tab=review&assignee={whose}"),
        _ => format!("assignee={whose}"),
    };
    numbers(&b.get(&format!("{}?{query}", list.path)).await.expect(200), list)
}

/// Two of an office, and who the second is.
async fn two(app: &App, list: &List) -> (Staff, Browser, Id) {
    let staff = app.official_full(list.role, HERE).await;
    let colleague = app.colleague(&staff, list.role, HERE).await;
    let (first, office) = (staff.official, staff.office);
    let id = app.deps.store.read(move |conn| {
        let others = assignments::table.filter(assignments::office_id.eq(office));
        let others = others.filter(assignments::official_id.ne(first));
        Ok(others.select(assignments::official_id).first(conn)?)
    });
    (staff, colleague, id.await.unwrap())
}

async fn cases_are_taken_given_and_given_back(app: App) {
    for (list, entry) in taken() {
        let all = fill(&app, list, 3, HERE).await;
        let (mut one, mut other, colleague) = two(&app, list).await;
        let (first, rest) = (all[0].clone(), all[1..].to_vec());
        let page = format!("{}/{first}", list.path);
        let assign = format!("{page}/assign");
        one.browser.get(list.path).await.expect(200).shows("未领取");
        one.browser.post(&assign, &[("do", "take")]).await.leads_to(&page);
        assert_eq!(whose(&mut one.browser, list, "me").await, std::slice::from_ref(&first), "{page}");
        assert_eq!(whose(&mut one.browser, list, "none").await, rest);
        assert_eq!(whose(&mut other, list, "others").await, std::slice::from_ref(&first));
        assert_eq!(whose(&mut other, list, "me").await, Vec::<String>::new());
        // A colleague does not take it from them, by page or by program.
        other.get(list.path).await.expect(200);
        other.post(&assign, &[("do", "take")]).await.expect(409).shows("已有同事领取");
        if list.role != Role::CountyDesk {
            // Whoever leads gives back what is left lying; nobody else does.
            other.post(&assign, &[("do", "return")]).await.expect(409);
        }
        let call = format!("/api/v1{assign}");
        other.api(Method::POST, &call, &json!({"do": "take"})).await.expect(409);
        // It is given, and is the other's.
        let row = format!("{first}@1");
        let to = colleague.to_string();
        let bulk = format!("{}/bulk", list.path);
        let give = [("do", "assign"), ("case", row.as_str()), ("colleague", to.as_str())];
        one.browser.post(&bulk, &give).await.expect(200).shows("完成");
        assert_eq!(whose(&mut one.browser, list, "others").await, std::slice::from_ref(&first));
        assert_eq!(whose(&mut other, list, "me").await, std::slice::from_ref(&first));
        // While the other is away, the first one stands in, and gives it back to all.
        let (substitute, now) = (one.official, app.clock.now());
        let absent = app.deps.store.write(move |tx| {
            let values = (
                official_absences::id.eq(Id::new()),
                official_absences::official_id.eq(colleague),
                official_absences::substitute_id.eq(substitute),
                official_absences::from_at.eq(Ts::from(now)),
                official_absences::to_at.eq(Ts::from(now + Duration::days(1))),
                official_absences::created_at.eq(Ts::from(now)),
            );
            diesel::insert_into(official_absences::table).values(values).execute(tx.conn())?;
            Ok(())
        });
        absent.await.unwrap();
        assert_eq!(whose(&mut one.browser, list, "me").await, std::slice::from_ref(&first), "{page}");
        assert_eq!(whose(&mut one.browser, list, "others").await, Vec::<String>::new());
        let back = one.browser.api(Method::POST, &call, &json!({"do": "return"})).await.expect(200).json();
        assert_eq!((&back["taken"], &back["mine"]), (&json!(false), &json!(false)));
        assert_eq!(whose(&mut one.browser, list, "none").await, all, "{page}");
        let entries = app.deps.store.read(move |c| {
            let entries = audit_entries::table.filter(audit_entries::action.eq(entry));
            Ok(entries.count().get_result::<i64>(c)?)
        });
        assert_eq!(entries.await.unwrap(), 3, "{entry}: taken, given, given back");
    }
    app.stop().await;
}

async fn in_hands(app: &App, number: &str) -> (String, Option<Id>) {
    let number = number.to_owned();
    let read = app.deps.store.read(move |c| {
        let row = declarations::table.filter(declarations::number.eq(number));
        Ok(row.select((declarations::state, declarations::assignee)).first(c)?)
    });
    read.await.unwrap()
}

async fn what_moves_on_is_in_nobodys_hands(app: App) {
    let list = LISTS.iter().find(|list| list.path == "/desk/declarations").unwrap();
    let number = fill(&app, list, 1, HERE).await.remove(0);
    let page = format!("{}/{number}", list.path);
    let (mut one, mut other, _) = two(&app, list).await;
    one.browser.get(&page).await.expect(200).shows("未领取");
    one.browser.post(&format!("{page}/assign"), &[("do", "take")]).await.leads_to(&page);
    assert_eq!(in_hands(&app, &number).await, ("submitted".into(), Some(one.official)));
    // Whoever has it, a colleague decides it as before.
    let version = other.get(&page).await.expect(200).shows("李经办").input("version").unwrap();
    other.post(&page, &[("version", &version), ("action", "check")]).await.expect(303);
    assert_eq!(in_hands(&app, &number).await, ("community-checked".into(), None));
    // It is the doctor's turn now.
    one.browser.post(&format!("{page}/assign"), &[("do", "take")]).await.expect(404);
    let mut doctor = app.official(Role::Doctor, HERE).await;
    doctor.get(&page).await.expect(200);
    doctor.post(&format!("{page}/assign"), &[("do", "take")]).await.leads_to(&page);
    let mut away = app.official(Role::Doctor, super::ELSEWHERE).await;
    away.get(list.path).await.expect(200);
    away.post(&format!("{page}/assign"), &[("do", "take")]).await.expect(404);
    app.stop().await;
}

async fn whoever_leaves_gives_back_whatever_it_is_about(app: App) {
    let mut admin = app.official(Role::Administrator, "510000").await;
    for (list, _) in taken() {
        let all = fill(&app, list, 2, HERE).await;
        let (mut one, mut other, _) = two(&app, list).await;
        one.browser.get(list.path).await.expect(200);
        let assign = format!("{}/{}/assign", list.path, all[0]);
        one.browser.post(&assign, &[("do", "take")]).await.expect(303);
        assert_eq!(whose(&mut other, list, "none").await, all[1..].to_vec());
        let page = format!("/admin/officials/{}", one.official);
        admin.get(&page).await.expect(200);
        admin.post(&page, &[("action", "disable")]).await.expect(200).shows("已领取 1 件");
        let sure = [("action", "disable"), ("asked", "yes"), ("sure", "yes"), ("reason", "调离")];
        admin.post(&page, &sure).await.leads_to(&page);
        assert_eq!(whose(&mut other, list, "none").await, all, "{}", list.path);
    }
    app.stop().await;
}

async fn sharing_out_asks_for_no_factor_and_checks_nothing(app: App) {
    let list = LISTS.iter().find(|list| list.path == "/desk/declarations").unwrap();
    let number = fill(&app, list, 1, HERE).await.remove(0);
    let mut b = app.official(list.role, HERE).await;
    b.get(list.path).await.expect(200);
    let row = format!("{number}@1");
    b.post("/desk/declarations/bulk", &[("do", "check"), ("case", row.as_str())]).await.expect(400);
    assert_eq!(in_hands(&app, &number).await, ("submitted".into(), None));
    // Longer than a factor holds; a session does not live that long unused.
    for _ in 0..5 {
        app.clock.advance(Duration::minutes(50));
        b.get(list.path).await.expect(200);
    }
    b.post("/desk/declarations/check", &[("do", "check"), ("case", row.as_str())])
        .await
        .expect(401)
        .shows("再确认一次是你");
    b.post("/desk/declarations/bulk", &[("do", "take"), ("case", row.as_str())])
        .await
        .expect(200)
        .shows("完成");
    assert!(in_hands(&app, &number).await.1.is_some());
    app.stop().await;
}
