//! Documents: journeys, reopenings, faults, versions.

use super::*;

#[test]
fn journeys_and_reopenings_are_decided_by_the_documents() {
    let policy = first_policy().unwrap();
    let needed = |from: &str, to: &str| {
        let trip = Trip { from: from.into(), to: to.into() };
        certificate_needed(&policy, &trip, now()).unwrap().map(|d| (d.terms.needed, d.terms.valid_days))
    };
    assert_eq!(needed("511621", "511621"), Some((false, 14)));
    for to in ["511622", "510104", "440300"] {
        assert_eq!(needed("511621", to), Some((true, 14)), "{to}");
    }
    let review = |risk: Option<Risk>, kinds: &[&str]| {
        let premises = Premises {
            applicant: "enterprise".into(),
            division: "511621".into(),
            risk,
            industry: "C".into(),
            premises: kinds.iter().map(|k| (*k).to_owned()).collect(),
        };
        review_level(&policy, &premises, now()).unwrap()
    };
    let terms = |risk| review(Some(risk), &["shop"]).unwrap().terms;
    assert_eq!(terms(Risk::Low).level, ReviewLevel::Filing);
    assert_eq!(
        (terms(Risk::Medium).offices, terms(Risk::Medium).working_days),
        (vec!["county".to_owned()], 2)
    );
    assert_eq!(terms(Risk::High).offices, ["county", "prefecture"]);
    let shut = review(Some(Risk::Low), &["shop", "karaoke"]).unwrap();
    assert_eq!(shut.terms.level, ReviewLevel::Shut);
    assert_eq!(shut.because.len(), 1);
    assert!(shut.because[0].reason.zh.starts_with("歌厅"));
    assert_eq!(review(None, &["shop"]), None);
}

/// `docs/policy.md` counts them, and says why the table's row 14 is none of them.
#[test]
fn there_are_as_many_causes_as_the_documents_say() {
    let policy = first_policy().unwrap();
    let causes = |wanted: RuleColour| {
        policy.of_kind(Kind::Colour, now()).filter(|rule| rule.rule.colour == Some(wanted)).count()
    };
    assert_eq!((causes(RuleColour::Red), causes(RuleColour::Yellow)), (13, 6));
}

fn cause(rule: &str, colour: Colour) -> Cause {
    let words = Words::new("原因", "cause");
    Cause {
        duties: None,
        rule: rule.into(),
        version: 1,
        title: words.clone(),
        colour,
        reason: words.clone(),
        authority: Authority { name: words, phone: "12345".into() },
        since: None,
        until: None,
        ends: None,
        evidence: None,
        by_test: false,
        about: String::new(),
        appealable: true,
        legal_basis: Vec::new(),
    }
}

#[test]
fn the_strictest_cause_decides_about_certificates() {
    let policy = first_policy().unwrap();
    let effect = |causes: &[Cause]| certificate_effect(&policy, causes, now());
    let (resident, overlap) = (
        cause("yellow.lives-in-medium-risk-area", Colour::Yellow),
        cause("yellow.space-time-overlap", Colour::Yellow),
    );
    assert_eq!(effect(&[]), CertificateEffect::Keep);
    assert_eq!(effect(std::slice::from_ref(&resident)), CertificateEffect::Keep);
    assert_eq!(effect(&[resident, overlap]), CertificateEffect::Suspend);
    // Every rule that can turn a code red or yellow says what becomes of certificates.
    for compiled in policy.of_kind(Kind::Colour, now()) {
        let rule = &compiled.rule;
        let Some(colour @ (RuleColour::Red | RuleColour::Yellow)) = rule.colour else { continue };
        let facts = serde_json::json!({"cause": {"rule": rule.id, "colour": colour}});
        let found = matching(&policy, Kind::CertificateEffect, &facts, now()).unwrap();
        assert_eq!(found.len(), 1, "one effect for {}", rule.id);
    }
    let revoking = DOCUMENTS.map(|(name, text)| {
        (name, text.replacen(r#"certificates = "suspend""#, r#"certificates = "revoke""#, 1))
    });
    let sources: Vec<(&str, &str)> = revoking.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let harsher = RuleSet::parse(&sources).unwrap();
    let both = [cause("red.confirmed", Colour::Red), cause("yellow.emergency", Colour::Yellow)];
    assert_eq!(certificate_effect(&harsher, &both, now()), CertificateEffect::Revoke);
    // A gap in the documents is no reason to tell a gate that nothing is amiss.
    let without: Vec<_> = DOCUMENTS.into_iter().filter(|(name, _)| *name != "effects.toml").collect();
    let silent = RuleSet::parse(&without).unwrap();
    assert_eq!(certificate_effect(&silent, &both, now()), CertificateEffect::Suspend);
}

fn faults(change: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let changed = change(DOCUMENTS[0].1);
    assert_ne!(changed, DOCUMENTS[0].1, "the change must change something");
    let issues = RuleSet::parse(&[("colour.toml", &changed)]).unwrap_err();
    issues.into_iter().map(|i| (i.issue.pointer, i.issue.message)).collect()
}

#[test]
fn unsound_documents_are_refused_with_the_place_of_each_fault() {
    let first = |from: &str, to: &str| faults(|text| text.replacen(from, to, 1));
    for (from, to, pointer, message) in [
        ("version = 2\n", "version = 2\nsurprise = 1\n", "", "surprise"),
        ("version = 2\n", "version = 0\n", "/rule/0/version", "count from 1"),
        ("red.confirmed", "red.positive-test", "/rule/1", "there twice"),
        ("last_positive.sampled_at", "last_positive.sampled", "/rule/0/since", "not a field"),
        ("days = 28\n", "", "/rule/0/until", "belong together"),
        ("你{date}采样", "你{day}采样", "/rule/0/reason/zh", "{day}"),
        ("你{date}采样", "你{date采样", "/rule/0/reason/zh", "brace"),
        (r#"{"var": "last_positive"}"#, r#"{"and": [{"var": "last_positive"}]}"#, "/rule/0/logic", "operand"),
        (
            r#"{"var": "last_positive"}"#,
            r#"{"if": [{"var": "today"}, 1, {"x": []}]}"#,
            "/rule/0/logic/if/2",
            "no operator",
        ),
        (r#"{"var": "last_positive"}"#, r#"{"var": "today"}"#, "/rule/0/affected_fields", "also reads"),
        ("colour = \"red\"\n", "", "/rule/0", "needs `colour`"),
        ("each = \"records.confirmed\"\n", "", "/rule/1/since", "`each`"),
        ("each = \"records.confirmed\"\n", "each = \"declaration\"\n", "/rule/1/each", "not a list"),
        ("words = \"transport\"", "words = \"vehicle\"", "/rule/8/show/transport", "no such table"),
        ("utc_offset_hours = 8", "utc_offset_hours = 80", "/settings/utc_offset_hours", "14 hours"),
    ] {
        let found = first(from, to);
        assert!(found.iter().any(|(p, m)| p == pointer && m.contains(message)), "{from} -> {to}: {found:?}");
    }
    assert!(RuleSet::parse(&[]).is_err());
}

#[test]
fn versions_follow_each_other_and_the_digest_names_the_content() {
    let text = DOCUMENTS[0].1;
    let policy = first_policy().unwrap();
    let reformatted = format!("# a comment\n{}", text.replace("version = 1\n", "version   =   1\n"));
    let alone = RuleSet::parse(&[("colour.toml", text)]).unwrap();
    assert_eq!(RuleSet::parse(&[("colour.toml", &reformatted)]).unwrap().digest(), alone.digest());
    assert_ne!(policy.digest(), alone.digest());

    let mut document = Document::read(text).unwrap();
    let mut next = document.rules[0].clone();
    next.version = 3;
    next.valid_from = at("2020-04-01T00:00:00Z");
    document.rules.push(next.clone());
    let build = |document: &Document| RuleSet::build(vec![("d".into(), document.clone())]);
    assert!(build(&document).unwrap_err()[0].issue.message.contains("in force at once"));
    document.rules[0].valid_to = Some(next.valid_from);
    let both = build(&document).unwrap();
    let version = |when: &str| both.in_force(at(when)).find(|c| c.rule.id == next.id).map(|c| c.rule.version);
    assert_eq!(version("2020-03-31T23:59:59Z"), Some(2));
    assert_eq!(version("2020-04-01T00:00:00Z"), Some(3));
    let as_json = serde_json::to_string(&document).unwrap();
    assert_eq!(RuleSet::parse(&[("d", &as_json)]).unwrap().digest(), both.digest());
}

#[test]
fn whether_a_test_ends_a_cause_is_said_by_the_document() {
    let (_, colours) = DOCUMENTS[0];
    let ends_by_test = |text: &str| {
        let rules = RuleSet::parse(&[("colour", text)]).unwrap();
        let facts = declared(|d| d.symptoms = vec!["cough".into()]).to_value(rules.settings());
        evaluate(&rules, &facts, now()).causes.first().unwrap().by_test
    };
    assert!(ends_by_test(colours));
    // It reads a negative test as before; whether people are told to be tested is another thing.
    assert!(!ends_by_test(&colours.replace("by_test = true\n", "")));
    // Each rule of the first policy that a negative test can end says so, and no other.
    let policy = first_policy().unwrap();
    let rules = policy.of_kind(Kind::Colour, now()).map(|c| &c.rule);
    for rule in rules.filter(|rule| rule.colour != Some(RuleColour::Green)) {
        let reads = rule.affected_fields.iter().any(|field| field.ends_with("negative_since"));
        assert_eq!(rule.until.as_ref().unwrap().by_test, reads, "{}", rule.id);
    }
}
