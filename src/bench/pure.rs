//! What the processor can do without a server: signatures, the picture, documents, rules.

use super::Bench;
use super::figure::{Figure, Target};
use crate::crypto::SigningUsage;
use crate::hcert::measure::{Subject, bench_verify};
use crate::hcert::{StatusList, StatusView, TrustStore, examples};
use crate::policy::{
    Area, Declaration, Facts, Offices, Record, RecordKind, Risk, Words, evaluate, first_policy,
};
use crate::web::qr;
use base64::Engine as _;
use chrono::{DateTime, TimeDelta, Utc};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Name of the line that the code path is measured against.
pub const SIGN: &str = "bare ES256 signature (ring)";
/// Name of the line that the page with the picture is measured against.
pub const DRAW: &str = "QR picture of a health code (SVG)";

/// Name of the line whose limit is the bare check.
pub const VERIFY: &str = "verify a document: code-shown";

/// Bare signature, bare check and whole document, picture.
pub fn crypto(bench: &mut Bench) -> Result<(), String> {
    let time = bench.options.time;
    let key = bench.portal.deps.keys.signing_key(SigningUsage::Code).map_err(|e| e.to_string())?;
    let message = [7u8; 300];
    let signed = on_all_cores(time, || key.sign(black_box(&message)).is_ok());
    bench.report.add(Figure::new(SIGN, signed, "/s a core, all busy"));

    let set = examples::published().map_err(|e| e.to_string())?;
    let example = set.examples.iter().find(|e| e.name == "code-shown").ok_or("no example of a code")?;
    let drawn = on_all_cores(time, || qr::svg(black_box(&example.text), "qr", "health code").is_ok());
    bench.report.add(Figure::new(DRAW, drawn, "/s a core, all busy"));

    let store = TrustStore::from_list(set.trust_list_view).map_err(|e| e.to_string())?;
    let list =
        base64::engine::general_purpose::STANDARD.decode(&set.status_list).map_err(|e| e.to_string())?;
    let mut view = StatusView::default();
    view.insert(StatusList::open(&list, &store, set.now).map_err(|e| format!("{e:?}"))?);
    for name in ["code-shown", "certificate"] {
        let example = set.examples.iter().find(|e| e.name == name).ok_or("no such example")?;
        let subject = Subject {
            text: &example.text,
            keys: &store,
            status: Some(&view),
            agreements: &set.agreements,
            now: set.now,
        };
        let rate = bench_verify(&subject, time).ok_or_else(|| format!("the example {name} is not valid"))?;
        bench.report.add(
            Figure::new(format!("verify a document: {name}"), rate.whole, "/s a core")
                .beside("bare ES256 check (ring)", rate.bare)
                .target(Target::Ratio(0.85)),
        );
    }
    Ok(())
}

/// The colour of a person by the first policy.
pub fn policy(bench: &mut Bench) -> Result<(), String> {
    let rules = first_policy().map_err(|issues| format!("{issues:?}"))?;
    let now: DateTime<Utc> = "2020-03-12T02:32:15Z".parse().map_err(|e| format!("{e}"))?;
    let in_force = u32::try_from(rules.in_force(now).count()).unwrap_or(0);
    let people = [healthy(now), contact(now)];
    let mut n = 0usize;
    let persons = best(bench.options.time, || {
        n = n.wrapping_add(1);
        let facts = people.get(n % 2);
        facts.is_some_and(|f| {
            black_box(evaluate(&rules, &f.to_value(rules.settings()), now)).failures.is_empty()
        })
    });
    bench.report.add(
        Figure::new("evaluate policy: facts to colour with reasons", persons, "persons/s a core")
            .target(Target::AtLeast(3000.0))
            .note(format!(
                "the first policy has {in_force} rules in force, so {:.0} rules/s; half of the persons are healthy, \
                 half close contacts; loading and storing not included",
                persons * f64::from(in_force)
            )),
    );
    Ok(())
}

fn healthy(now: DateTime<Utc>) -> Facts {
    let area = || Area {
        division: "511621".into(),
        name: Words::new("岳池县", "Yuechi County"),
        risk: Some(Risk::Low),
        classed: None,
    };
    Facts {
        now,
        gathered_at: now - TimeDelta::minutes(1),
        declaration: Some(Declaration {
            submitted_at: now - TimeDelta::hours(1),
            symptoms: Vec::new(),
            temperature_tenths: Some(365),
            contact_with_case: false,
            isolation_ordered: false,
            household_ill: false,
            tested_positive: false,
        }),
        travel: Vec::new(),
        tests: Vec::new(),
        records: Vec::new(),
        orders: Vec::new(),
        waivers: Vec::new(),
        home: Some(area()),
        present: Some(area()),
        offices: Offices::default(),
    }
}

fn contact(now: DateTime<Utc>) -> Facts {
    let record = Record {
        kind: RecordKind::CloseContact,
        since: now - TimeDelta::days(5),
        until: None,
        released_on: None,
        place: None,
        transport: None,
        source: Words::new("县疾控中心", "County CDC"),
    };
    Facts { records: vec![record], ..healthy(now) }
}

/// The rate of a core while every core does the same, as the paths that are measured beside it keep all of them busy:
/// two processors of a virtual machine are often one core's two threads, and then do less than twice one's work.
fn on_all_cores(time: Duration, work: impl Fn() -> bool + Sync) -> f64 {
    let cores = super::system::cores();
    let rates = std::thread::scope(|scope| {
        let running: Vec<_> = (0..cores).map(|_| scope.spawn(|| best(time, &work))).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or(0.0)).collect::<Vec<f64>>()
    });
    if rates.contains(&0.0) { 0.0 } else { rates.iter().sum::<f64>() / f64::from(cores.max(1)) }
}

/// The best of ten slices, so that a busy moment of the machine does not count.
fn best(time: Duration, mut work: impl FnMut() -> bool) -> f64 {
    let slice = time / 10;
    let mut best: f64 = 0.0;
    for _ in 0..10 {
        let (start, mut count) = (Instant::now(), 0u32);
        while start.elapsed() < slice {
            for _ in 0..8 {
                if !black_box(work()) {
                    return 0.0;
                }
            }
            count += 8;
        }
        best = best.max(f64::from(count) / start.elapsed().as_secs_f64());
    }
    best
}
