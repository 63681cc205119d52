//! Showing a code: first time in its token's life, and again, over persons drawn without repetition.

use super::figure::{Figure, Target};
use super::http::p99;
use super::load::{self, Client, request};
use super::people::{Person, TOLD};
use super::pure::{DRAW, SIGN, VERIFY};
use super::{Bench, declare, system};
use chrono::TimeDelta;
use std::sync::Arc;

pub(super) const JSON: &str = "/api/v1/code";
const PAGE: &str = "/code";

/// Measures the code's paths if this build has them.
pub async fn show(bench: &mut Bench) -> Result<(), String> {
    let people = bench.people().await?;
    declare::everyone(bench).await?;
    let Some(first) = people.first() else { return Ok(()) };
    let mut client = Client::connect(bench.portal.address).await?;
    match client.call(&ask(JSON, first)).await? {
        200 => {}
        404 => {
            bench.report.skip("show a code: this build has no such route");
            return Ok(());
        }
        status => return Err(format!("show a code: {status}: {}", String::from_utf8_lossy(client.body()))),
    }
    if !String::from_utf8_lossy(client.body()).contains("HC1:") {
        bench.report.skip("show a code: nobody could declare in this build, so no code is signed");
        return Ok(());
    }
    // Every person twice: the first time works the colour out and stores it, the second is the first of many in the life
    // of that colour. Then a step over the life of these tokens.
    for _ in 0..2 {
        everyone(bench, &people).await?;
        later(bench);
    }
    first_time(bench, &people).await?;
    again(bench, &people).await?;
    later(bench);
    page(bench, &people).await?;
    verify(bench, first).await
}

/// Verifying a code of our own, from everybody's own address.
pub(super) async fn verifying(
    client: &mut Client,
    person: &Person,
) -> Result<impl Fn(u64) -> Option<Vec<u8>> + Send + Sync + use<>, String> {
    client.call(&ask(JSON, person)).await?;
    let code: serde_json::Value = serde_json::from_slice(client.body()).map_err(|e| e.to_string())?;
    let body = serde_json::json!({"text": code.get("token"), "online": false}).to_string();
    Ok(move |n: u64| {
        let [.., a, b, c] = n.to_be_bytes();
        let headers = [format!("x-forwarded-for: 10.{a}.{b}.{c}"), "accept: application/json".to_owned()];
        Some(request("POST", "/api/v1/verify", &headers, Some(body.as_bytes())))
    })
}

async fn verify(bench: &mut Bench, person: &Person) -> Result<(), String> {
    let mut client = Client::connect(bench.portal.address).await?;
    let ask = verifying(&mut client, person).await?;
    let status = client.call(&ask(0).unwrap_or_default()).await?;
    let answer: serde_json::Value = serde_json::from_slice(client.body()).unwrap_or_default();
    if status != 200 || answer.get("verdict").and_then(|v| v.as_str()) != Some("valid") {
        bench
            .report
            .skip(format!("verify over HTTP: the answer to a code of our own was {status}: {answer}"));
        return Ok(());
    }
    let measured = load::run(bench.load(bench.portal.address, ask)).await?;
    let hello = bench.hello(measured.body, bench.options.time).await?;
    let bare = bench.report.figures.iter().find(|f| f.path == VERIFY).and_then(|f| f.limit.as_ref());
    let bare = bare.map(|l| l.value).ok_or("measure the group crypto in the same run")?;
    let bound = with_work(hello.rate(), &[bare]) / hello.rate();
    bench.report.add(
        Figure::load("verify over HTTP (JSON)", &measured)
            .beside("hello-world of the same size", hello.rate())
            .target(Target::Ratio(bound.min(0.50)))
            .note(format!("with one bare check on top hello-world itself would reach {bound:.2}")),
    );
    Ok(())
}

pub(super) fn ask(path: &str, person: &Person) -> Vec<u8> {
    request("GET", path, &person.headers, None)
}

fn ask_page(person: &Person) -> Vec<u8> {
    let mut headers: Vec<String> =
        person.headers.iter().filter(|h| !h.starts_with("accept:")).cloned().collect();
    headers.push("accept: text/html".into());
    request("GET", PAGE, &headers, None)
}

fn later(bench: &Bench) {
    bench.portal.clock.advance(TimeDelta::minutes(3));
}

/// Everybody's code is shown once.
pub(super) async fn everyone(bench: &mut Bench, people: &Arc<Vec<Person>>) -> Result<(), String> {
    let step = usize::try_from(TOLD).unwrap_or(usize::MAX);
    for from in (0..people.len()).step_by(step) {
        let all = people.clone();
        let once = move |n: u64| {
            let nth = usize::try_from(n).ok().filter(|nth| *nth < step)?;
            all.get(from + nth).map(|p| ask(JSON, p))
        };
        let time = std::time::Duration::from_secs(3600);
        load::run(load::Load { time, ..bench.load(bench.portal.address, once) }).await?;
        let done = people.len().min(from + step);
        (bench.progress)(&format!("{done} of {} codes were shown", people.len()));
    }
    Ok(())
}

/// The rate of hello-world and one piece of work on top, if all cores share both.
fn with_work(hello: f64, work: &[f64]) -> f64 {
    let cores = f64::from(system::cores());
    1.0 / (1.0 / hello + work.iter().map(|rate| 1.0 / (rate * cores)).sum::<f64>())
}

async fn first_time(bench: &mut Bench, people: &Arc<Vec<Person>>) -> Result<(), String> {
    let all = people.clone();
    let once = move |n: u64| all.get(usize::try_from(n).ok()?).map(|p| ask(JSON, p));
    let measured = load::run(bench.load(bench.portal.address, once)).await?;
    let hello = bench.hello(measured.body, bench.options.time).await?;
    let sign = bench.report.value(SIGN).ok_or("measure the group crypto in the same run")?;
    let path = "show a code, first time in its token's life (JSON)";
    bench.report.add(
        Figure::load(path, &measured)
            .beside("hello-world of the same size and one signature", with_work(hello.rate(), &[sign]))
            .target(Target::Ratio(0.70))
            .note("everybody was shown a code before, so their colour and session are kept in memory"),
    );
    bench.report.add(p99(path, &measured, &hello));
    Ok(())
}

async fn again(bench: &mut Bench, people: &Arc<Vec<Person>>) -> Result<(), String> {
    // As many persons as were surely shown just before.
    let few = Arc::new(people.iter().take(2000).cloned().collect::<Vec<_>>());
    let warm = few.clone();
    let once = move |n: u64| warm.get(usize::try_from(n).ok()?).map(|p| ask(JSON, p));
    load::run(bench.load(bench.portal.address, once)).await?;
    // A person may ask 600 times at once.
    let most = u64::try_from(few.len()).unwrap_or(0) * 550;
    let turns = move |n: u64| {
        let at = usize::try_from(n).ok()?.checked_rem(few.len())?;
        few.get(at).filter(|_| n < most).map(|p| ask(JSON, p))
    };
    let measured = load::run(bench.load(bench.portal.address, turns)).await?;
    let hello = bench.hello(measured.body, bench.options.time).await?;
    bench.report.add(
        Figure::load("show a code, again within the token's life (JSON)", &measured)
            .beside("hello-world of the same size", hello.rate())
            .target(Target::Ratio(0.50))
            .note("without compression: the client asks for none"),
    );
    Ok(())
}

async fn page(bench: &mut Bench, people: &Arc<Vec<Person>>) -> Result<(), String> {
    let all = people.clone();
    let once = move |n: u64| all.get(usize::try_from(n).ok()?).map(ask_page);
    let measured = load::run(bench.load(bench.portal.address, once)).await?;
    let hello = bench.hello(measured.body, bench.options.time).await?;
    let (sign, draw) = match (bench.report.value(SIGN), bench.report.value(DRAW)) {
        (Some(sign), Some(draw)) => (sign, draw),
        _ => return Err("measure the group crypto in the same run".into()),
    };
    let path = "show a code, first time in its token's life (page with picture)";
    bench.report.add(
        Figure::load(path, &measured)
            .beside(
                "hello-world of the same size, signature, picture",
                with_work(hello.rate(), &[sign, draw]),
            )
            .target(Target::Ratio(0.60)),
    );
    bench.report.add(p99(path, &measured, &hello));
    Ok(())
}
