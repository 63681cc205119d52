//! Exhaustive walks over the workflows of this build: every state, action, actor and combination of facts, with the real
//! transition function and real clocks.

use super::*;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

fn every() -> [Definition; 3] {
    [declaration().unwrap(), reopening().unwrap(), appeal().unwrap()]
}

fn start() -> DateTime<Utc> {
    "2020-03-09T01:00:00Z".parse().unwrap()
}

/// Every combination of the declared facts (counts: 0 and 1).
fn worlds(definition: &Definition) -> Vec<Facts> {
    let mut worlds = vec![Facts::new()];
    for (name, kind) in definition.facts() {
        let values: Vec<Fact> = match kind {
            FactKind::Bool => vec![false.into(), true.into()],
            FactKind::Int => vec![0.into(), 1.into()],
            FactKind::OneOf(words) => words.iter().map(|word| word.as_str().into()).collect(),
        };
        worlds = worlds
            .iter()
            .flat_map(|facts| values.iter().map(|value| facts.clone().with(name, value.clone())))
            .collect();
    }
    worlds
}

fn actors(definition: &Definition) -> Vec<Actor<'_>> {
    let officials = definition.roles().iter().map(|role| Actor::Official { role, own_case: false });
    [Actor::Applicant, Actor::System].into_iter().chain(officials).collect()
}

fn attempt(
    definition: &Definition,
    state: &str,
    action: &str,
    actor: Actor<'_>,
    facts: &Facts,
) -> Result<Transition, Refusal> {
    let items = ["item".to_owned()];
    let request = Request { action, reason: Some("r"), remedy: Some("m"), items: &items, version: Some(1) };
    next(definition, CaseAt { state, version: 1 }, &request, actor, facts, start())
}

/// Every transition that some world allows: (from, to, actor, facts).
fn transitions(definition: &Definition) -> Vec<(Transition, Actor<'_>, Facts)> {
    let mut all = Vec::new();
    for facts in worlds(definition) {
        for state in definition.states() {
            for action in definition.actions() {
                for actor in actors(definition) {
                    if let Ok(transition) = attempt(definition, &state.name, &action.name, actor, &facts) {
                        all.push((transition, actor, facts.clone()));
                    }
                }
            }
        }
    }
    all
}

/// States that can be reached from `from` along the transitions for which `keep` holds.
fn reach(
    from: &str,
    transitions: &[(Transition, Actor<'_>, Facts)],
    keep: impl Fn(&Actor<'_>, &Facts) -> bool,
) -> BTreeSet<String> {
    let mut known = BTreeSet::from([from.to_owned()]);
    loop {
        let before = known.len();
        for (transition, actor, facts) in transitions {
            if keep(actor, facts) && known.contains(&transition.from) {
                known.insert(transition.to.clone());
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

#[test]
fn every_action_can_happen_and_leads_to_a_declared_state() {
    for definition in every() {
        let all = transitions(&definition);
        assert!(all.iter().all(|(t, ..)| definition.state(&t.to).is_some()));
        for action in definition.actions() {
            assert!(all.iter().any(|(t, ..)| t.action == action.name), "{} never happens", action.name);
        }
    }
}

#[test]
fn an_end_can_be_reached_from_everywhere_and_is_an_end() {
    for definition in every() {
        let all = transitions(&definition);
        for state in definition.states() {
            let onward = reach(&state.name, &all, |_, _| true);
            let ends = onward.iter().any(|s| definition.state(s).unwrap().kind == StateKind::Final);
            assert!(ends, "{} never ends", state.name);
            assert_eq!(state.kind == StateKind::Final, onward.len() == 1, "{}", state.name);
        }
    }
}

/// In whatever world a case finds itself, and if that world never changes, it does not hang: somebody can act.
#[test]
fn no_world_leaves_a_case_without_anyone_who_can_act() {
    for definition in every() {
        for facts in worlds(&definition) {
            for state in
                definition.states().iter().filter(|s| !matches!(s.kind, StateKind::Final | StateKind::Draft))
            {
                let someone = actors(&definition)
                    .into_iter()
                    .any(|a| !allowed(&definition, &state.name, a, &facts).is_empty());
                assert!(someone, "{} in {facts:?}", state.name);
            }
        }
    }
}

#[test]
fn nothing_is_approved_without_an_official() {
    for definition in every() {
        let all = transitions(&definition);
        for (transition, actor, _) in &all {
            let grants = definition.state(&transition.to).unwrap().grants;
            let entered = transition.from != transition.to;
            if entered && grants == Some(Grant::Approval) {
                assert!(matches!(actor, Actor::Official { .. }), "{}", transition.action);
            }
            if entered && grants.is_some() {
                assert_ne!(*actor, Actor::System, "{}", transition.action);
            }
        }
        let alone = reach(definition.initial(), &all, |actor, _| !matches!(actor, Actor::Official { .. }));
        for state in definition.states().iter().filter(|state| state.grants == Some(Grant::Approval)) {
            assert!(!alone.contains(&state.name), "{} without an official", state.name);
        }
    }
}

/// Where the risk is not low, a business cannot be open unless an official has acted; where it is low, none need act.
#[test]
fn only_low_risk_opens_without_an_official() {
    let definition = reopening().unwrap();
    let all = transitions(&definition);
    let alone = |risk: &str| {
        let risk = Fact::from(risk);
        reach(definition.initial(), &all, |actor, facts| {
            !matches!(actor, Actor::Official { .. }) && facts.get("risk") == Some(&risk)
        })
    };
    for risk in ["medium", "high"] {
        assert!(["filed", "approved", "opened"].iter().all(|state| !alone(risk).contains(*state)), "{risk}");
    }
    assert!(alone("low").contains("opened"));
    // High risk is never approved by the county.
    let high = |facts: &Facts| facts.get("risk") == Some(&"high".into());
    assert!(all.iter().all(|(t, _, facts)| !(t.action == "approve" && high(facts))));
}

/// Administrative Licensing Law art. 32 and 82 on the definition itself.
#[test]
fn the_limits_are_the_laws() {
    let definition = reopening().unwrap();
    assert_eq!(definition.deadline("completeness").unwrap().working_days, 5);
    assert!(definition.deadline("decision").unwrap().working_days <= 20);
    for action in definition.actions().iter().filter(|action| action.to.as_deref() == Some("refused")) {
        assert!(
            action.requires.contains(&Requirement::Reason) && action.requires.contains(&Requirement::Remedy)
        );
    }
    let notices = definition.actions().iter().filter(|action| action.to.as_deref() == Some("correction"));
    for notice in notices {
        assert!(notice.requires.contains(&Requirement::Items));
        assert!(
            notice.guards.contains(&Guard { fact: "correction-asked".into(), test: Test::Is(false.into()) })
        );
    }
}

/// Both workflows with each transition once, for the random lives.
static STEPS: LazyLock<Vec<(Definition, Vec<Transition>)>> = LazyLock::new(|| {
    let once = |definition: Definition| {
        let mut steps: Vec<Transition> = transitions(&definition).into_iter().map(|(t, ..)| t).collect();
        steps.sort_by(|a, b| (&a.from, &a.action).cmp(&(&b.from, &b.action)));
        steps.dedup();
        (definition, steps)
    };
    every().into_iter().map(once).collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Random lives of a case: clocks follow the state on every path, and no step fails on them.
    #[test]
    fn clocks_follow_the_case(steps in proptest::collection::vec((any::<prop::sample::Index>(), 0_i64..400_000), 1..25)) {
        let china = Calendar::china().unwrap();
        for (definition, all) in STEPS.iter() {
            let (mut state, mut clocks, mut now) = (definition.initial().to_owned(), CaseClocks::new(), start());
            for (pick, gap) in &steps {
                now += TimeDelta::seconds(*gap);
                let here: Vec<_> = all.iter().filter(|t| t.from == state).collect();
                if here.is_empty() {
                    break;
                }
                let mut transition = (*pick.get(here.as_slice())).clone();
                transition.at = now;
                clocks = clocks.applied(definition, &transition, start()).unwrap();
                state = transition.to;
                let shown = clocks.current().map(|(_, clock)| clock.state(now, &china));
                let expected = definition.state(&state).unwrap().clock;
                let agrees = match shown {
                    None => expected == StateClock::None,
                    Some(ClockState::Paused) => expected == StateClock::Paused,
                    Some(ClockState::Stopped) => false,
                    Some(_) => expected == StateClock::Running,
                };
                prop_assert!(agrees, "{state}: {shown:?}");
            }
        }
    }

    /// Whatever is asked, the answer is a declared state or a refusal.
    #[test]
    fn nonsense_is_refused(state in "[a-z-]{0,12}", action in "[a-z-]{0,12}", role in "[a-z-]{0,12}") {
        for definition in every() {
            let actor = Actor::Official { role: &role, own_case: false };
            match attempt(&definition, &state, &action, actor, &Facts::new()) {
                Ok(transition) => prop_assert!(definition.state(&transition.to).is_some()),
                Err(refusal) => prop_assert!(!refusal.code().is_empty()),
            }
        }
    }
}
