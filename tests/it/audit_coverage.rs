//! Every change leaves an entry in the audit log: the world's steps are counted, and a route that changes something
//! has to be among them or in one of the two lists below.

use crate::harness::App;
use crate::world::World;
use crate::world::principals::changes;
use fugong::router;
use std::collections::BTreeSet;

/// A code that was asked for changes nothing until it is typed; how often is counted by the limits.
const CODE: &str = "a code is sent; what is done with it leaves an entry";

/// A receipt is looked up by whoever holds it.
const RECEIPT: &str = "the record is read, nothing is kept";

/// Changes that leave no entry, and why not.
const SILENT: &[(&str, &str)] = &[
    ("POST /language", "a cookie of the visitor, nothing of the portal's"),
    ("POST /sign-in", CODE),
    ("POST /me/contact/new-phone", CODE),
    ("POST /me/contact", CODE),
    ("POST /api/v1/sign-in/code-requests", CODE),
    (
        "POST /desk/sign-in",
        "the password alone opens nothing; what follows leaves an entry, and so does a wrong one",
    ),
    ("POST /api/v1/desk/enrolments", "the password alone opens nothing; the confirmation leaves an entry"),
    ("POST /rules/try", "a trial of the rules with invented facts; nothing is kept"),
    ("POST /receipts/check", RECEIPT),
    ("POST /api/v1/receipts/verify", RECEIPT),
    ("POST /api/v1/permits/look-up", "the public register is read; of the message only its nonce is kept"),
    ("POST /elder", "a cookie of the visitor, nothing of the portal's"),
];

/// Changes that the world does not walk through yet. A new route does not belong here: give the world a step.
const NOT_WALKED: &[&str] = &[];

#[actix_web::test]
async fn every_change_leaves_an_entry() {
    let world = World::new(App::sqlite().await).await;
    let all: BTreeSet<String> = router::routes()
        .table()
        .iter()
        .filter(|r| changes(r))
        .map(|r| format!("{} {}", r.method, r.path))
        .collect();
    let silent: BTreeSet<String> = SILENT.iter().map(|(r, _)| (*r).to_owned()).collect();
    let not_walked: BTreeSet<String> = NOT_WALKED.iter().map(|r| (*r).to_owned()).collect();
    let (mut walked, mut faults) = (BTreeSet::new(), Vec::new());
    for step in world.steps() {
        let route =
            world.pattern(&step.method, &step.path).unwrap_or_else(|| panic!("no route for {step:?}"));
        if step.entries == 0 && !silent.contains(&route) {
            faults.push(format!("{route} ({}) left no entry", step.path));
        }
        walked.insert(route);
    }
    for route in &all {
        let listed = silent.contains(route) || not_walked.contains(route);
        if !walked.contains(route) && !listed {
            faults.push(format!("{route} is walked by no step of the world"));
        }
    }
    faults.extend(not_walked.intersection(&walked).map(|r| format!("{r} is walked now: strike it off")));
    faults
        .extend(not_walked.union(&silent).filter(|r| !all.contains(*r)).map(|r| format!("{r} is no route")));
    world.app.stop().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
