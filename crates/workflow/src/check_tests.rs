use crate::{Definition, DefinitionError, Flaw};

/// A sound little workflow; each test spoils one thing in it.
const SOUND: &str = r#"
id = "small"
version = 1
initial = "draft"
roles = ["reviewer"]
[facts]
risk = ["low", "high"]
late = "bool"
[[deadline]]
name = "decision"
working-days = 2
starts-with = ["submit"]
on-lapse = "remind"
law = "x"
[[state]]
name = "draft"
kind = "draft"
[[state]]
name = "submitted"
kind = "open"
clock = "running"
[[state]]
name = "waiting"
kind = "waiting-for-applicant"
clock = "paused"
[[state]]
name = "approved"
kind = "final"
grants = "approval"
[[action]]
name = "submit"
from = ["draft"]
to = "submitted"
actors = ["applicant"]
requires = ["version"]
guards = [{ fact = "risk", is = "high" }]
effects = ["clock:start:decision"]
[[action]]
name = "ask"
from = ["submitted"]
to = "waiting"
actors = ["reviewer"]
requires = ["items", "version"]
effects = ["clock:pause:decision"]
[[action]]
name = "answer"
from = ["waiting"]
to = "submitted"
actors = ["applicant"]
requires = ["version"]
effects = ["clock:resume:decision"]
[[action]]
name = "remind"
from = ["submitted"]
actors = ["system"]
effects = ["notify:reminder"]
[[action]]
name = "approve"
from = ["submitted"]
to = "approved"
actors = ["reviewer"]
requires = ["version"]
effects = ["clock:stop:decision", "issue:permit"]
"#;

#[track_caller]
fn spoiled(from: &str, to: &str) -> Vec<Flaw> {
    assert!(SOUND.contains(from), "{from}");
    match Definition::parse(&SOUND.replacen(from, to, 1)) {
        Err(DefinitionError::Unsound { flaws, .. }) => flaws,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn one(from: &str, to: &str, flaw: Flaw) {
    assert_eq!(spoiled(from, to), [flaw]);
}

fn action(name: &str, rest: &str) -> String {
    format!("[[action]]\nname = \"{name}\"\n{rest}\n[[action]]\nname = \"submit\"")
}

#[test]
fn the_sound_one_is_sound() {
    Definition::parse(SOUND).unwrap();
}

#[test]
fn approval_by_time_out_cannot_be_written() {
    let by_system = "from = [\"submitted\"]\nto = \"approved\"\nactors = [\"system\"]\neffects = [\"clock:stop:decision\"]";
    let flaws = spoiled("[[action]]\nname = \"submit\"", &action("lapse", by_system));
    assert_eq!(flaws, [Flaw::SystemGrants("lapse".into())]);
    // Not as a second actor either, nor by a filing.
    let approve = "to = \"approved\"\nactors = [\"reviewer\"";
    one(
        approve,
        "to = \"approved\"\nactors = [\"reviewer\", \"system\"",
        Flaw::SystemGrants("approve".into()),
    );
    assert!(
        spoiled(approve, "to = \"approved\"\nactors = [\"applicant\"")
            .contains(&Flaw::ApplicantApproves("approve".into()))
    );
    // Not from the draft, without the clock.
    let at_once = "from = [\"draft\"]\nto = \"approved\"\nactors = [\"system\"]";
    let flaws = spoiled("[[action]]\nname = \"submit\"", &action("at-once", at_once));
    assert_eq!(flaws, [Flaw::SystemGrants("at-once".into())]);
    let filing =
        SOUND.replace("grants = \"approval\"", "grants = \"filing\"").replace("issue:permit", "issue:filing");
    Definition::parse(&filing).unwrap();
    let filing = filing
        .replace("to = \"approved\"\nactors = [\"reviewer\"]", "to = \"approved\"\nactors = [\"system\"]");
    assert!(matches!(
        Definition::parse(&filing),
        Err(DefinitionError::Unsound { flaws, .. }) if flaws == [Flaw::SystemGrants("approve".into())]
    ));
}

#[test]
fn a_document_comes_with_its_state_only() {
    one("\"notify:reminder\"", "\"issue:permit\"", Flaw::IssueWithoutGrant("remind".into()));
    one("issue:permit", "issue:filing", Flaw::IssueWithoutGrant("approve".into()));
}

#[test]
fn names_and_references() {
    one(
        "to = \"waiting\"",
        "to = \"nowhere\"",
        Flaw::UnknownState { at: "ask".into(), state: "nowhere".into() },
    );
    one(
        "actors = [\"reviewer\"]",
        "actors = [\"boss\"]",
        Flaw::UnknownRole { at: "ask".into(), role: "boss".into() },
    );
    one(
        "on-lapse = \"remind\"",
        "on-lapse = \"x\"",
        Flaw::UnknownAction { at: "decision".into(), action: "x".into() },
    );
    let effect = |effect: &str| Flaw::UnknownEffect { at: "remind".into(), effect: effect.into() };
    one("notify:reminder", "shout:reminder", effect("shout:reminder"));
    one("notify:reminder", "clock:stop:lunch", effect("clock of lunch"));
    one("id = \"small\"", "id = \"Small!\"", Flaw::Name("Small!".into()));
    one("roles = [\"reviewer\"]", "roles = [\"reviewer\", \"system\"]", Flaw::Name("system".into()));
    assert!(spoiled("name = \"ask\"", "name = \"answer\"").contains(&Flaw::Twice("answer".into())));
    assert!(spoiled("name = \"waiting\"", "name = \"submitted\"").contains(&Flaw::Twice("submitted".into())));
    assert!(spoiled("initial = \"draft\"", "initial = \"submitted\"").contains(&Flaw::Initial));
    one("from = [\"waiting\"]", "from = [\"waiting\", \"waiting\"]", Flaw::Twice("answer".into()));
    assert!(spoiled("from = [\"waiting\"]", "from = []").contains(&Flaw::Idle("answer".into())));
    one("requires = [\"items\", \"version\"]", "requires = [\"items\"]", Flaw::NoVersion("ask".into()));
}

#[test]
fn guards_ask_only_declared_facts() {
    let guard = |fact: &str| Flaw::Guard { at: "submit".into(), fact: fact.into() };
    one("{ fact = \"risk\", is = \"high\" }", "{ fact = \"mood\", is = \"high\" }", guard("mood"));
    one("{ fact = \"risk\", is = \"high\" }", "{ fact = \"risk\", is = \"medium\" }", guard("risk"));
    one("{ fact = \"risk\", is = \"high\" }", "{ fact = \"late\", at-most = 1 }", guard("late"));
    one("{ fact = \"risk\", is = \"high\" }", "{ fact = \"risk\" }", guard("risk"));
    let two = "{ fact = \"risk\", is = \"high\", one-of = [\"low\"] }";
    one("{ fact = \"risk\", is = \"high\" }", two, guard("risk"));
}

#[test]
fn unreachable_states_dead_ends_and_doubles() {
    let island = "[[state]]\nname = \"island\"\nkind = \"open\"\n[[state]]\nname = \"draft\"";
    let flaws = spoiled("[[state]]\nname = \"draft\"", island);
    assert_eq!(flaws, [Flaw::Unreachable("island".into()), Flaw::DeadEnd("island".into())]);
    assert!(spoiled("kind = \"final\"", "kind = \"open\"").contains(&Flaw::DeadEnd("approved".into())));
    let back = "from = [\"approved\"]\nto = \"submitted\"\nactors = [\"reviewer\"]\nrequires = [\"version\"]";
    let flaws = spoiled("[[action]]\nname = \"submit\"", &action("back", back));
    assert!(flaws.contains(&Flaw::LeavesFinal { action: "back".into(), state: "approved".into() }));
    let again =
        "from = [\"submitted\"]\nto = \"approved\"\nactors = [\"reviewer\"]\nrequires = [\"version\"]";
    let flaws = spoiled("[[action]]\nname = \"submit\"", &action("again", again));
    assert_eq!(flaws, [Flaw::SameTransition("again".into(), "approve".into())]);
}

#[test]
fn the_clock_stands_while_the_applicant_corrects() {
    let running = spoiled("clock = \"paused\"", "clock = \"running\"");
    assert!(running.contains(&Flaw::ClockOfKind("waiting".into())));
    let state = |action: &str, state: &str| Flaw::ClockOfState { action: action.into(), state: state.into() };
    assert!(spoiled("effects = [\"clock:pause:decision\"]", "").contains(&state("ask", "waiting")));
    assert!(spoiled("\"clock:stop:decision\", ", "").contains(&state("approve", "approved")));
    let moved = |action: &str, state: &str| Flaw::ClockMove {
        action: action.into(),
        deadline: "decision".into(),
        state: state.into(),
    };
    assert!(spoiled("clock:resume:decision", "clock:pause:decision").contains(&moved("answer", "waiting")));
    assert!(spoiled("notify:reminder", "clock:resume:decision").contains(&moved("remind", "submitted")));
}

#[test]
fn deadlines_say_what_starts_them_and_what_lapses() {
    let deadline = Flaw::Deadline("decision".into());
    one("starts-with = [\"submit\"]", "starts-with = [\"submit\", \"ask\"]", deadline.clone());
    one("working-days = 2", "working-days = 0", deadline.clone());
    let lapse =
        Flaw::Lapse { deadline: "decision".into(), action: "approve".into(), state: "submitted".into() };
    one("on-lapse = \"remind\"", "on-lapse = \"approve\"", lapse);
}

#[test]
fn the_shape_is_strict() {
    for (from, to) in [
        ("version = 1", "version = 1\ncolour = \"green\""),
        ("kind = \"open\"", "kind = \"ajar\""),
        ("requires = [\"items\"", "requires = [\"money\""),
        ("late = \"bool\"", "late = \"date\""),
        ("law = \"x\"", ""),
        ("[[state]]", "[[state"),
    ] {
        assert!(SOUND.contains(from));
        let result = Definition::parse(&SOUND.replacen(from, to, 1));
        assert!(matches!(result, Err(DefinitionError::Toml(_))), "{to}: {result:?}");
    }
}
