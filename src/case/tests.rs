//! Every kind of refusal becomes the same error, whatever the case is about.

use super::{Asked, At, Kind};
use crate::audit::Actor as By;
use crate::db::Id;
use crate::error::AppError;
use crate::workflow::{self, Actor, CaseClocks, Facts, Refusal, Request};
use chrono::{DateTime, Utc};
use std::sync::LazyLock;

static PLAIN: Kind = Kind {
    name: "reopening",
    object: "application",
    did: "reopening-did-",
    says: &[],
    letters: &["reopening-received"],
    definition: LazyLock::new(workflow::reopening),
};

static NAMED: Kind = Kind {
    name: "appeal",
    object: "appeal",
    did: "audit-do-appeal-",
    says: &[("guard", "appeal-took-part"), ("not-from-state", "appeal-decided")],
    letters: &["appeal-received"],
    definition: LazyLock::new(workflow::appeal),
};

fn now() -> DateTime<Utc> {
    "2020-03-12T02:32:00Z".parse().unwrap()
}

fn at(kind: &'static Kind, state: &str) -> At {
    At { kind, id: Id::new(), subject: None, state: state.into(), version: 3, clocks: CaseClocks::new() }
}

fn asked<'a>(request: Request<'a>, role: Actor<'a>, facts: &'a Facts) -> Asked<'a> {
    Asked { request, role, by: By::System, facts, received: None, now: now() }
}

fn refusal(at: &At, request: Request<'_>, role: Actor<'_>, facts: &Facts) -> AppError {
    at.next(&asked(request, role, facts)).unwrap_err()
}

#[test]
fn a_refusal_is_the_same_error_for_every_kind() {
    for kind in [&PLAIN, &NAMED] {
        assert_eq!(kind.refused(&Refusal::RoleMayNot).code(), "not-found");
        assert_eq!(kind.refused(&Refusal::UnknownAction).code(), "not-found");
        assert_eq!(kind.refused(&Refusal::VersionStale).code(), "changed-meanwhile");
        assert_eq!(kind.refused(&Refusal::SelfDecision).code(), "refused-self-decision");
        for (missing, field) in [
            (Refusal::VersionMissing, "version"),
            (Refusal::ReasonMissing, "reason"),
            (Refusal::RemedyMissing, "remedy"),
            (Refusal::ItemsMissing, "items"),
        ] {
            let AppError::Invalid(errors) = kind.refused(&missing) else { panic!("{missing:?}") };
            assert_eq!((errors[0].field.as_str(), errors[0].code.as_str()), (field, "required"));
        }
    }
}

#[test]
fn a_code_is_the_kinds_own_or_the_most_exact_that_has_a_text() {
    let guard = |action: &str, fact: &str| Refusal::Guard { action: action.into(), fact: fact.into() };
    let asked = guard("request-correction", "correction-asked");
    assert_eq!(PLAIN.code(&asked), "refused-guard-request-correction-correction-asked");
    assert_eq!(PLAIN.code(&guard("forward", "in-scope")), "refused-guard", "no text of its own");
    assert_eq!(NAMED.code(&guard("uphold", "took-part")), "appeal-took-part");
    assert_eq!(NAMED.code(&Refusal::NotFromState), "appeal-decided");
    assert_eq!(PLAIN.code(&Refusal::NotFromState), "refused-not-from-state");
}

#[test]
fn whoever_came_second_hears_of_the_first_before_anything_else() {
    let official = Actor::Official { role: "appeal-reviewer", own_case: true };
    let request = Request { action: "uphold", version: Some(2), ..Request::default() };
    let found = refusal(&at(&NAMED, "upheld"), request, official, &Facts::new());
    assert_eq!(found.code(), "changed-meanwhile");
    let request = Request { version: Some(3), ..request };
    assert_eq!(refusal(&at(&NAMED, "upheld"), request, official, &Facts::new()).code(), "appeal-decided");
    let found = refusal(&at(&NAMED, "submitted"), request, official, &Facts::new());
    assert_eq!(found.code(), "refused-self-decision");
}

#[test]
fn a_step_counts_up_starts_the_clock_and_names_its_letters() {
    let mut case = At::beginning(&NAMED, Id::new(), None).unwrap();
    let request = Request { action: "appeal", reason: Some("本人未离开"), ..Request::default() };
    let facts = Facts::new();
    let moved = case.next(&asked(Request { version: Some(0), ..request }, Actor::Applicant, &facts)).unwrap();
    assert_eq!((moved.done.from.as_str(), moved.done.to.as_str(), moved.version), ("draft", "submitted", 1));
    assert!(moved.due.is_some_and(|due| due > now()));
    assert_eq!(super::letters(&case, &moved).unwrap(), ["appeal-received"]);
    // A workflow that names a letter which its kind does not know is a fault of ours, not a message that is lost.
    case.kind = &PLAIN;
    assert_eq!(super::letters(&case, &moved).unwrap_err().code(), "internal");
}

#[test]
fn a_clock_is_shown_with_its_end_or_with_why_it_stands() {
    use crate::web::i18n::Lang;
    let case = At::beginning(&PLAIN, Id::new(), None).unwrap();
    let facts = Facts::new().with("risk", "medium").with("in-scope", true).with("correction-asked", false);
    let facts = facts.with("completeness-lapsed", false);
    let sent = Request { action: "submit", version: Some(0), ..Request::default() };
    let moved = case.next(&asked(sent, Actor::Applicant, &facts)).unwrap();
    let shown = super::clock(&PLAIN, &moved.clocks, Lang::En, now()).unwrap().unwrap();
    assert_eq!((shown.due, shown.view.state), (moved.due, ""));
    let later = At { state: moved.done.to, version: 1, clocks: moved.clocks, ..case };
    let items = vec!["营业执照".to_owned()];
    let asks =
        Request { action: "request-correction", version: Some(1), items: &items, ..Request::default() };
    let town = Actor::Official { role: "town-reviewer", own_case: false };
    let moved = later.next(&asked(asks, town, &facts)).unwrap();
    let shown = super::clock(&PLAIN, &moved.clocks, Lang::En, now()).unwrap().unwrap();
    assert_eq!((shown.due, shown.view.state), (None, "idle"));
    assert!(shown.view.note.contains("since"), "{}", shown.view.note);
    let none = super::clock(&PLAIN, &CaseClocks::new(), Lang::En, now()).unwrap();
    assert!(none.is_none());
}
