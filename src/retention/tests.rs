use super::LASTING;
use crate::kept::{Kind, cut_off, last_day, term};
use crate::policy::first_policy;
use crate::router::SLICES;
use std::collections::BTreeSet;

fn kinds() -> impl Iterator<Item = &'static Kind> {
    SLICES.kinds()
}

/// The tables of `src/db/schema.rs` and the files beside it.
fn schema() -> BTreeSet<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db");
    let files = std::fs::read_dir(root.join("schema")).unwrap().map(|file| file.unwrap().path());
    let texts = files.chain([root.join("schema.rs")]).map(|file| std::fs::read_to_string(file).unwrap());
    let named = |table: &str| {
        let name = table.lines().find_map(|l| l.trim().strip_suffix('{')?.split_once(" ("));
        name.unwrap().0.to_owned()
    };
    texts.flat_map(|text| text.split("diesel::table! {").skip(1).map(named).collect::<Vec<_>>()).collect()
}

#[test]
fn every_table_has_a_rule_and_every_rule_a_kind() {
    let policy = first_policy().unwrap();
    let now = "2026-11-29T00:00:00Z".parse().unwrap();
    let ruled: BTreeSet<String> = kinds()
        .flat_map(|k| k.tables())
        .chain(LASTING.iter().flat_map(|l| l.tables.iter().copied()))
        .map(str::to_owned)
        .collect();
    let tables = schema();
    assert!(tables.len() > 40, "{tables:?}");
    let missing: Vec<_> = tables.difference(&ruled).collect();
    assert!(missing.is_empty(), "no rule says how long these are kept: {missing:?}; see src/<slice>/kept.rs");
    assert_eq!(ruled.difference(&tables).collect::<Vec<_>>(), Vec::<&String>::new(), "no such table");
    let mut names = BTreeSet::new();
    for kind in kinds() {
        assert!(names.insert(kind.rule()), "{} is there twice", kind.name);
        assert!(term(&policy, kind.name, now).unwrap().days.is_some(), "{}: its clock needs days", kind.name);
        assert!(!kind.key.is_empty() && kind.key.len() <= 2, "{}", kind.name);
    }
    for lasting in LASTING {
        assert!(names.insert(format!("retention.{}", lasting.name)));
        assert_eq!(term(&policy, lasting.name, now).unwrap().days, None, "{}", lasting.name);
    }
    let rules: BTreeSet<String> =
        policy.of_kind(crate::policy::Kind::Retention, now).map(|c| c.rule.id.clone()).collect();
    assert_eq!(names, rules);
}

#[test]
fn a_period_ends_with_a_local_day() {
    // 23:59 and 00:01 of China are 15:59 and 16:01 UTC.
    let at = "2020-03-12T15:59:00Z".parse().unwrap();
    assert_eq!(last_day(at, 30).to_string(), "2020-04-11");
    let on_the_last_day = "2020-04-11T15:59:59Z".parse().unwrap();
    assert!(at >= cut_off(on_the_last_day, 30), "still kept");
    let after = "2020-04-11T16:00:00Z".parse().unwrap();
    assert!(at < cut_off(after, 30), "due from midnight on");
    let zero = "2020-03-12T16:00:00Z".parse().unwrap();
    assert!(at < cut_off(zero, 0) && at >= cut_off(at, 0));
}

#[test]
fn a_declaration_is_kept_as_long_as_its_certificate() {
    let policy = first_policy().unwrap();
    let now = "2026-11-29T00:00:00Z".parse().unwrap();
    let days = |name: &str| term(&policy, name, now).unwrap().days;
    assert_eq!(days("declaration"), days("certificate"), "see `served_unless` of declarations::kept");
}

#[test]
fn of_every_case_that_can_be_held_it_is_known_whose_it_is() {
    let numbered: Vec<_> = kinds().filter(|k| k.number.is_some()).collect();
    assert!(numbered.len() >= 5);
    for kind in numbered {
        let said = kind.owner.person.is_some() || SLICES.party(kind.name).is_some();
        assert!(said, "{}: an account may act for several; say who is a party", kind.name);
    }
}
