//! Submitting a declaration: a whole one as JSON, validated, sealed, with timeline, audit entry, receipt, message and
//! jobs in one durable transaction. Each person submits once.

use super::Bench;
use super::figure::Target;
use super::load::{self, Client, Load, request};
use super::people::{Person, TOLD};
use super::probe;
use super::writes::Path;
use chrono::TimeDelta;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const SUBMIT: &str = "/api/v1/declarations";

/// Whether this build has the route.
pub async fn is_there(bench: &mut Bench) -> Result<bool, String> {
    let people = bench.people().await?;
    let Some(first) = people.first() else { return Ok(false) };
    let mut client = Client::connect(bench.portal.address).await?;
    Ok(client.call(&request("GET", SUBMIT, &first.headers, None)).await? == 200)
}

/// The path with its requests: one a person.
pub async fn path(bench: &mut Bench) -> Result<Path, String> {
    Ok(Path {
        name: "submit a declaration (durable)",
        address: bench.portal.address,
        counted: "declarations",
        expect: &[201],
        requests: requests(bench, 0).await?,
        target: Some(|sqlite| Target::Ratio(if sqlite { 0.40 } else { 0.50 })),
    })
}

async fn requests(bench: &mut Bench, from: u64) -> Result<load::Requests, String> {
    let people = bench.people().await?;
    let today = crate::clock::china_day(bench.portal.clock.now());
    let journey = today + TimeDelta::days(2);
    let (today, journey) = (today.to_string(), journey.to_string());
    Ok(Arc::new(move |n| {
        let person = people.get(usize::try_from(from + n).ok()?)?;
        Some(submission(person, &today, &journey))
    }))
}

/// The first person declares, if nobody has.
pub async fn first(bench: &mut Bench) -> Result<(), String> {
    if bench.declared > 0 || probe::counts(&bench.portal.deps.store).await?.get("declarations") > Some(&0) {
        return Ok(());
    }
    let bytes = requests(bench, 0).await?(0).ok_or("there is nobody to declare")?;
    match Client::connect(bench.portal.address).await?.call(&bytes).await? {
        201 => Ok(()),
        status => Err(format!("the declaration was answered with {status}")),
    }
}

/// Everybody who has not declared yet does so.
pub async fn everyone(bench: &mut Bench) -> Result<(), String> {
    if bench.declared >= u64::from(bench.options.persons) || !is_there(bench).await? {
        return Ok(());
    }
    let all = u64::from(bench.options.persons);
    while bench.declared < all {
        let from = bench.declared;
        let to = all.min(from + u64::from(TOLD));
        let requests = requests(bench, from).await?;
        let some = move |n: u64| if from + n < to { requests(n) } else { None };
        let time = Duration::from_secs(3600);
        load::run(Load { time, expect: &[201], ..bench.load(bench.portal.address, some) }).await?;
        bench.declared = to;
        (bench.progress)(&format!("{to} of {all} persons have declared"));
    }
    Ok(())
}

fn submission(person: &Person, today: &str, journey: &str) -> Vec<u8> {
    let body = json!({
        "name": person.name,
        "document_kind": "id_card",
        "document_number": person.document,
        "household": {"division": "511621", "address": "九龙镇建设路 12 号"},
        "present": {"division": "511621001", "address": "九龙镇建设路 12 号 3 栋 2 单元 501"},
        "phone": person.phone,
        "conditions": [],
        "temperature_tenths": 365,
        "symptoms": [],
        "contact": false,
        "travel": [{"division": "420102", "from": today, "to": today, "transport": "coach"}],
        "coresidents": "well",
        "isolation": false,
        "diagnosed": false,
        "vaccination": "none",
        "test": "negative",
        "test_day": today,
        "destination": {"division": "330212", "employer": "成都某某电子有限公司", "transport": "train", "day": journey},
        "truth": true, "share": true,
    });
    let mut headers = person.headers.clone();
    headers.push(format!("idempotency-key: {}", uuid::Uuid::new_v4()));
    request("POST", SUBMIT, &headers, Some(body.to_string().as_bytes()))
}
