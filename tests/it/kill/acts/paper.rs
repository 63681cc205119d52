//! Applications after a kill: case, timeline, departments, permit, log and messages say the same.

use super::check::{logged, same, texts, told};
use super::trail::{self, Event};
use diesel::dsl::count_star;
use diesel::prelude::*;
use fugong::db::schema::{application_reviews, applications, business_agents, business_staff, jobs};
use fugong::db::{Conn, Id, Ts};
use std::collections::HashMap;

type Case = (Id, Id, String, i64, Option<String>, Option<Id>, Option<Ts>);

/// Looks at all of them.
pub fn check(conn: &mut Conn, timelines: &HashMap<Id, Vec<Event>>) {
    use applications as a;
    let cases: Vec<Case> = a::table
        .select((
            a::id,
            a::business_id,
            a::state,
            a::version,
            a::permit_number,
            a::decided_by,
            a::submitted_at,
        ))
        .load(conn)
        .unwrap();
    let line = |id: &Id| timelines.get(id).map(Vec::as_slice).unwrap_or_default();
    let times = |actions: &[&str]| -> Vec<Id> {
        let events = cases.iter().flat_map(|case| line(&case.0));
        events.filter(|e| actions.contains(&e.action.as_str())).map(|e| e.case).collect()
    };
    for case in &cases {
        one(conn, case, line(&case.0));
    }
    let all: Vec<Id> = cases.iter().map(|case| case.0).collect();
    same("drafts in the audit", all.clone(), logged(conn, "reopening.draft"));
    same("answers in the audit", all, logged(conn, "reopening.save-step"));
    let acts = cases.iter().flat_map(|case| line(&case.0)).map(|e| e.case).collect();
    same("acts in the audit", acts, logged(conn, "reopening.act"));
    for (message, actions) in [
        ("reopening-received", &["submit", "resubmit"][..]),
        ("correction-notice", &["request-correction"]),
        ("reopening-accepted", &["accept"]),
        ("reopening-approved", &["approve"]),
        ("reopening-refused", &["refuse"]),
    ] {
        same(message, texts(&times(actions)), told(conn, message));
    }
    rights(conn, &cases);
    staff(conn, &cases);
}

fn one(conn: &mut Conn, (id, _, state, version, permit, decided, submitted): &Case, line: &[Event]) {
    let has = |action: &str| line.iter().filter(|e| e.action == action).count();
    if line.is_empty() {
        assert_eq!((state.as_str(), submitted.is_some()), ("draft", false), "{id}");
    } else {
        trail::stands(line, "an application", state, *version);
    }
    assert_eq!(has("accept"), has("start-review"), "{id}: accepted, and the departments asked");
    assert_eq!(permit.is_some(), has("approve") == 1, "{id}: a permit and its approval");
    assert_eq!(decided.is_some(), has("approve") + has("refuse") == 1, "{id}: by whom it was decided");
    use application_reviews as r;
    let asked: Vec<(String, Option<Id>)> =
        r::table.filter(r::application_id.eq(id)).select((r::state, r::decided_by)).load(conn).unwrap();
    assert_eq!(asked.len(), 3 * has("start-review"), "{id}: departments asked");
    let of = |state: &str| asked.iter().filter(|a| a.0 == state).count();
    assert_eq!((of("agreed"), of("objected")), (has("agree"), has("object")), "{id}: opinions");
    assert!(asked.iter().all(|a| (a.0 == "pending") == a.1.is_none()), "{id}: {asked:?}");
}

/// Each application came with a right to act for the business; a confirmed one has its entry and its message.
fn rights(conn: &mut Conn, cases: &[Case]) {
    use business_agents as g;
    let rows: Vec<(Id, Id, String, String, Option<Id>)> =
        g::table.select((g::id, g::business_id, g::number, g::state, g::confirmed_by)).load(conn).unwrap();
    let businesses: Vec<Id> = cases.iter().map(|case| case.1).collect();
    same("rights", businesses.clone(), rows.iter().map(|r| r.1).collect());
    same("claims in the audit", businesses, logged(conn, "business.claim"));
    let confirmed: Vec<_> = rows.iter().filter(|r| r.3 == "confirmed").collect();
    assert!(rows.iter().all(|r| (r.3 == "confirmed") == r.4.is_some()), "{rows:?}");
    same(
        "rights in the audit",
        confirmed.iter().map(|r| r.0).collect(),
        logged(conn, "business.agent-decide"),
    );
    same("rights by message", confirmed.iter().map(|r| r.2.clone()).collect(), told(conn, "agent-confirmed"));
}

/// The staff list of what was submitted is with its business, or a job for it waits.
fn staff(conn: &mut Conn, cases: &[Case]) {
    let rows: Vec<Id> = business_staff::table.select(business_staff::business_id).load(conn).unwrap();
    let submitted = cases.iter().filter(|case| case.6.is_some());
    let missing = submitted.filter(|case| !rows.contains(&case.1)).count();
    let waits = jobs::table.filter(jobs::kind.eq("reopening.staff")).filter(jobs::state.ne("dead"));
    let waits: i64 = waits.select(count_star()).first(conn).unwrap();
    assert!(usize::try_from(waits).unwrap() >= missing, "{missing} staff lists, {waits} jobs");
}
