use super::*;
use crate::{Calendar, CaseClocks, ClockState, Issue, declaration, reopening};
use chrono::TimeDelta;

fn now() -> DateTime<Utc> {
    "2020-03-12T02:02:00Z".parse().unwrap()
}

fn official(role: &str) -> Actor<'_> {
    Actor::Official { role, own_case: false }
}

fn medium() -> Facts {
    Facts::new()
        .with("risk", "medium")
        .with("in-scope", true)
        .with("correction-asked", false)
        .with("completeness-lapsed", false)
        .with("departments-agree", true)
        .with("departments-pending", 0)
}

/// Everything a form could bring, at version 7.
fn full<'a>(action: &'a str, items: &'a [String]) -> Request<'a> {
    Request { action, reason: Some("原因"), remedy: Some("办法"), items, version: Some(7) }
}

#[track_caller]
fn goes(
    definition: &Definition,
    state: &str,
    action: &str,
    actor: Actor<'_>,
    facts: &Facts,
) -> Result<String, String> {
    let items = ["营业执照".to_owned()];
    let case = CaseAt { state, version: 7 };
    next(definition, case, &full(action, &items), actor, facts, now()).map(|t| t.to).map_err(|r| r.code())
}

fn to(state: &str) -> Result<String, String> {
    Ok(state.to_owned())
}

fn no(code: &str) -> Result<String, String> {
    Err(code.to_owned())
}

#[test]
fn the_resident_corrects_until_the_doctor_confirms() {
    let d = declaration().unwrap();
    let facts = Facts::new().with("answers-outdated", false);
    for state in ["submitted", "community-checked", "returned"] {
        assert_eq!(goes(&d, state, "correct", Actor::Applicant, &facts), to("submitted"));
    }
    assert_eq!(goes(&d, "community-checked", "confirm", official("doctor"), &facts), to("doctor-confirmed"));
    for state in ["doctor-confirmed", "certificate-issued", "rejected", "withdrawn", "expired"] {
        assert_eq!(goes(&d, state, "correct", Actor::Applicant, &facts), no("not-from-state"));
    }
    // A correction undoes the community's check: the doctor cannot confirm what was not checked.
    assert_eq!(goes(&d, "submitted", "confirm", official("doctor"), &facts), no("not-from-state"));
    assert_eq!(
        goes(&d, "community-checked", "confirm", official("village-worker"), &facts),
        no("role-may-not")
    );
    let outdated = Facts::new().with("answers-outdated", true);
    let code = no("guard-confirm-answers-outdated");
    assert_eq!(goes(&d, "community-checked", "confirm", official("doctor"), &outdated), code);
}

#[test]
fn low_risk_is_a_filing_effective_at_once() {
    let r = reopening().unwrap();
    let low = medium().with("risk", "low");
    let case = CaseAt { state: "draft", version: 7 };
    let filed = next(&r, case, &full("file", &[]), Actor::Applicant, &low, now()).unwrap();
    assert_eq!(filed.to, "filed");
    assert!(filed.effects.contains(&Effect::Issue(Issue::Filing)) && filed.clock.is_empty());
    // No approval may be asked.
    assert_eq!(goes(&r, "draft", "submit", Actor::Applicant, &low), no("guard-submit-risk"));
    assert_eq!(goes(&r, "draft", "file", Actor::Applicant, &medium()), no("guard-file-risk"));
    assert_eq!(
        goes(&r, "draft", "file", Actor::Applicant, &low.clone().with("in-scope", false)),
        no("guard-file-in-scope")
    );
    // A case that was waiting when the risk fell is not kept waiting.
    for state in ["submitted", "correction", "accepted", "in-review", "prefecture-review"] {
        assert_eq!(goes(&r, state, "turn-into-filing", Actor::Applicant, &low), to("filed"));
    }
}

#[test]
fn medium_and_high_risk() {
    let r = reopening().unwrap();
    let high = medium().with("risk", "high");
    assert_eq!(goes(&r, "draft", "submit", Actor::Applicant, &medium()), to("submitted"));
    assert_eq!(goes(&r, "submitted", "accept", official("town-reviewer"), &medium()), to("accepted"));
    assert_eq!(goes(&r, "accepted", "start-review", Actor::System, &medium()), to("in-review"));
    assert_eq!(goes(&r, "in-review", "agree", official("health-reviewer"), &medium()), to("in-review"));
    assert_eq!(goes(&r, "in-review", "approve", official("county-desk"), &medium()), to("approved"));
    assert_eq!(goes(&r, "in-review", "approve", official("county-desk"), &high), no("guard-approve-risk"));
    assert_eq!(goes(&r, "in-review", "forward", official("county-desk"), &high), to("prefecture-review"));
    let prefecture = official("prefecture-reviewer");
    assert_eq!(goes(&r, "prefecture-review", "approve-prefecture", prefecture, &high), to("approved"));
    assert_eq!(goes(&r, "in-review", "approve-prefecture", prefecture, &high), no("not-from-state"));
    let disagree = medium().with("departments-agree", false).with("departments-pending", 1);
    assert_eq!(
        goes(&r, "in-review", "approve", official("county-desk"), &disagree),
        no("guard-approve-departments-agree")
    );
    assert_eq!(
        goes(&r, "in-review", "refuse", official("county-desk"), &disagree),
        no("guard-refuse-departments-pending")
    );
}

#[test]
fn completeness_is_asked_once() {
    let r = reopening().unwrap();
    let town = official("town-reviewer");
    let asked = medium().with("correction-asked", true);
    assert_eq!(goes(&r, "submitted", "request-correction", town, &medium()), to("correction"));
    assert_eq!(
        goes(&r, "submitted", "request-correction", town, &asked),
        no("guard-request-correction-correction-asked")
    );
    assert_eq!(goes(&r, "submitted", "decline-incomplete", town, &asked), to("refused"));
    assert_eq!(
        goes(&r, "submitted", "decline-incomplete", town, &medium()),
        no("guard-decline-incomplete-correction-asked")
    );
    // After five days the town has nothing more to say about completeness.
    let late = medium().with("completeness-lapsed", true);
    for action in ["request-correction", "accept", "decline-incomplete", "decline-out-of-scope"] {
        assert_eq!(
            goes(&r, "submitted", action, town, &late),
            no(&format!("guard-{action}-completeness-lapsed"))
        );
    }
    assert_eq!(goes(&r, "submitted", "deem-accepted", Actor::System, &late), to("accepted"));
    assert_eq!(
        goes(&r, "submitted", "deem-accepted", Actor::System, &medium()),
        no("guard-deem-accepted-completeness-lapsed")
    );
}

#[test]
fn nobody_acts_as_an_official_in_their_own_case() {
    for (definition, facts) in [
        (declaration().unwrap(), Facts::new().with("answers-outdated", false)),
        (reopening().unwrap(), medium()),
    ] {
        for action in definition.actions() {
            for who in &action.actors {
                let Who::Role(role) = who else { continue };
                let own = Actor::Official { role, own_case: true };
                for from in &action.from {
                    assert_eq!(goes(&definition, from, &action.name, own, &facts), no("self-decision"));
                    assert_eq!(allowed(&definition, from, own, &facts), []);
                }
            }
        }
    }
}

#[test]
fn what_has_to_be_written() {
    let r = reopening().unwrap();
    let case = CaseAt { state: "in-review", version: 7 };
    let items = ["x".to_owned()];
    let refuse = full("refuse", &items);
    let ask = |request: Request<'_>| {
        next(&r, case, &request, official("county-desk"), &medium(), now())
            .map(|t| t.to)
            .map_err(|r| r.code())
    };
    assert_eq!(ask(refuse), to("refused"));
    assert_eq!(ask(Request { reason: Some(" \u{3000}"), ..refuse }), no("reason-missing"));
    assert_eq!(ask(Request { remedy: None, ..refuse }), no("remedy-missing"));
    assert_eq!(ask(Request { version: None, ..refuse }), no("version-missing"));
    assert_eq!(ask(Request { version: Some(6), ..refuse }), no("version-stale"));
    assert_eq!(ask(Request { action: "bless", ..refuse }), no("unknown-action"));
    let town = |items: &[String]| {
        let request = full("request-correction", items);
        let case = CaseAt { state: "submitted", version: 7 };
        next(&r, case, &request, official("town-reviewer"), &medium(), now())
            .map(|t| t.to)
            .map_err(|r| r.code())
    };
    assert_eq!(town(&[]), no("items-missing"));
    assert_eq!(town(&["a".into(), " ".into()]), no("items-missing"));
    assert_eq!(goes(&r, "limbo", "approve", official("county-desk"), &medium()), no("unknown-state"));
    let unknown = no("fact-unknown");
    assert_eq!(goes(&r, "in-review", "approve", official("county-desk"), &Facts::new()), unknown);
}

#[test]
fn pages_see_what_can_be_done_and_why_not() {
    let r = reopening().unwrap();
    let pending = medium().with("departments-agree", false).with("departments-pending", 2);
    let desk = official("county-desk");
    assert_eq!(allowed(&r, "in-review", desk, &pending), []);
    let choices = choices(&r, "in-review", desk, &pending);
    let codes: Vec<_> = choices.iter().map(|info| info.refusal.as_ref().unwrap().code()).collect();
    assert_eq!(
        codes,
        ["guard-approve-departments-agree", "guard-forward-risk", "guard-refuse-departments-pending"]
    );
    let now_possible: Vec<_> =
        allowed(&r, "in-review", desk, &medium()).into_iter().map(|info| info.name).collect();
    assert_eq!(now_possible, ["approve", "refuse"]);
}

/// Silence: accepted from the day of receipt; the decision's two days have run out meanwhile, so it is at once overdue.
#[test]
fn silence_is_acceptance_from_receipt_and_at_once_overdue() {
    let r = reopening().unwrap();
    let china = Calendar::china().unwrap();
    let received = now();
    let case = |state| CaseAt { state, version: 7 };
    let submit =
        next(&r, case("draft"), &full("submit", &[]), Actor::Applicant, &medium(), received).unwrap();
    let clocks = CaseClocks::new().applied(&r, &submit, received).unwrap();
    let lapse = clocks.current().unwrap().1.due_at(&china).unwrap().at;
    assert_eq!(lapse, received + TimeDelta::days(7));
    assert_eq!(clocks.lapse_action(&r, lapse - TimeDelta::seconds(1), &china), None);
    assert_eq!(clocks.lapse_action(&r, lapse, &china), Some("deem-accepted"));
    let late = medium().with("completeness-lapsed", clocks.lapsed("completeness", lapse, &china));
    let deemed =
        next(&r, case("submitted"), &full("deem-accepted", &[]), Actor::System, &late, lapse).unwrap();
    let clocks = clocks.applied(&r, &deemed, received).unwrap();
    let (name, decision) = clocks.current().unwrap();
    assert_eq!((name, decision.started_at()), ("decision", received));
    assert_eq!(decision.state(lapse, &china), ClockState::Overdue);
    assert_eq!(clocks.lapse_action(&r, lapse + TimeDelta::days(400), &china), None);
}
