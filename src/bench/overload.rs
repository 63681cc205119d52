//! What the gate meets while others ask more than can be answered: showing a code and verifying one, beside floods of every
//! kind that a stranger can send, from an address of its own each time, beside officials' worklists and beside connections
//! that ask and never read.
//!
//! The gate is measured twice: at its own pace (each connection asks every 20 ms, times count from those moments), and as
//! fast as it can. Then the same beside each flood. The flood's generator gives way, since in earnest it stands elsewhere.

use super::Bench;
use super::codes::{self, JSON, ask};
use super::figure::{Figure, Target};
use super::load::{self, Client, Load, Measured, Requests, request};
use super::{declare, desk};
use chrono::TimeDelta;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Connections of the gate: so many show codes, as many verify.
const GATE: usize = 16;
/// Networks from which the gate verifies.
const GATES: u64 = 2_000;
/// How often each of them asks when it keeps its own pace.
const PACE: Duration = Duration::from_millis(20);
/// Persons whose codes are shown; all of them are kept in memory.
const FEW: usize = 10_000;
/// Connections of a flood, once, three and ten times.
const ONCE: usize = 64;
const TIMES: [usize; 3] = [1, 3, 10];
/// What a flood may be answered; told to come back is an answer, too.
const ANSWERS: [u16; 12] = [0, 200, 202, 303, 400, 401, 404, 413, 415, 422, 429, 503];

/// Requests that a connection which reads nothing sends before it stops.
const IN_ADVANCE: u64 = 64;

/// A kind of flood.
#[derive(Clone)]
struct Flood {
    name: &'static str,
    requests: Requests,
    /// Whether the answers are read.
    reads: bool,
}

impl Flood {
    fn new(name: &'static str, requests: Requests) -> Self {
        Self { name, requests, reads: true }
    }
}

/// The gate's two loads.
struct Gate {
    code: Requests,
    verify: Requests,
}

/// What the gate met.
struct Met {
    code: Measured,
    verify: Measured,
}

/// Measures the gate alone, then beside each flood.
pub async fn gate(bench: &mut Bench) -> Result<(), String> {
    let people = bench.people().await?;
    declare::everyone(bench).await?;
    let first = people.first().ok_or("no persons")?;
    let mut client = Client::connect(bench.portal.address).await?;
    let verifying = codes::verifying(&mut client, first).await?;
    // A gate stays where it is.
    let verify: Requests = Arc::new(move |n| verifying(n % GATES));
    // Twice: the first time works a code out, the second keeps it.
    let few = Arc::new(people.iter().take(FEW).cloned().collect::<Vec<_>>());
    codes::everyone(bench, &few).await?;
    codes::everyone(bench, &few).await?;
    let code: Requests = Arc::new(move |n| {
        let at = usize::try_from(n).ok()?.checked_rem(few.len())?;
        few.get(at).map(|p| ask(JSON, p))
    });
    let gate = Gate { code, verify };
    let floods = [floods(), vec![worklists(&desk::village_worker(&bench.portal, 1).await?)]].concat();
    for (how, every) in [("at its own pace", Some(PACE)), ("as fast as it can", None)] {
        for flood in &floods {
            // Each kind beside a measurement of its own: the machine's speed varies within a run.
            let (alone, _) = beside(bench, &gate, every, None).await?;
            bench.report.add(line(&format!("show a code, {how}, alone"), &alone.code));
            bench.report.add(line(&format!("verify, {how}, alone"), &alone.verify));
            for times in TIMES {
                let (met, shed) = beside(bench, &gate, every, Some((flood, ONCE * times))).await?;
                add(bench, how, &alone, &met, &format!("{}, {times} times", flood.name), &shed);
            }
        }
    }
    Ok(())
}

/// The 99th percentile is what counts here.
fn line(name: &str, measured: &Measured) -> Figure {
    Figure {
        p50_ms: Some(measured.percentile(50)),
        p99_ms: Some(measured.percentile(99)),
        ..Figure::new(name, measured.rate(), "/s")
    }
}

fn add(bench: &mut Bench, how: &str, alone: &Met, met: &Met, flood: &str, shed: &Measured) {
    for (what, alone, met) in
        [("show a code", &alone.code, &met.code), ("verify", &alone.verify, &met.verify)]
    {
        let name = format!("{what}, {how}, beside {flood}");
        let most = alone.percentile(99) * 2.0;
        bench.report.add(Figure {
            p50_ms: Some(met.percentile(50)),
            ..Figure::new(name, met.percentile(99), "ms (p99)")
                .beside("alone", alone.percentile(99))
                .target(Target::AtMost(most))
                .note(format!(
                    "{:.0} /s ({:.0} alone); the flood: {}",
                    met.rate(),
                    alone.rate(),
                    answered(shed)
                ))
        });
    }
}

/// What became of a flood.
fn answered(flood: &Measured) -> String {
    let mut text = String::new();
    for (status, count) in &flood.statuses {
        let rate = super::system::float(*count) / flood.seconds.max(0.001);
        let _ = write!(text, "{status}: {rate:.0} /s, ");
    }
    text + &format!("p99 {:.0} ms", flood.percentile(99))
}

async fn beside(
    bench: &Bench,
    gate: &Gate,
    every: Option<Duration>,
    flood: Option<(&Flood, usize)>,
) -> Result<(Met, Measured), String> {
    // The limits by address are full again; the portal's clock stands still otherwise.
    bench.portal.clock.advance(TimeDelta::seconds(7));
    let load = |requests: &Requests| Load {
        connections: GATE,
        every,
        requests: requests.clone(),
        ..bench.load(bench.portal.address, |_| None)
    };
    let flooding = async {
        let Some((flood, connections)) = flood else { return Ok(Measured::default()) };
        if !flood.reads {
            return never_reading(bench, &flood.requests, connections).await;
        }
        let load = Load {
            connections,
            expect: &ANSWERS,
            flood: true,
            requests: flood.requests.clone(),
            ..bench.load(bench.portal.address, |_| None)
        };
        load::run(load).await.map_err(|e| format!("{}: {e}", flood.name))
    };
    let (code, verify, flood) =
        tokio::join!(load::run(load(&gate.code)), load::run(load(&gate.verify)), flooding);
    Ok((Met { code: code?, verify: verify? }, flood?))
}

/// Connections that ask for as much as the way there holds, and read nothing until the time is over.
async fn never_reading(bench: &Bench, requests: &Requests, connections: usize) -> Result<Measured, String> {
    let load = bench.load(bench.portal.address, |_| None);
    let until = tokio::time::Instant::now() + load.time + load::WARM_UP;
    let numbers = 0..u64::try_from(connections).unwrap_or(0);
    let held = numbers.map(async |n| {
        let mut stream = TcpStream::connect(load.address).await.map_err(|e| e.to_string())?;
        // Whoever is cut before has said enough.
        let saying = async {
            for more in 0..IN_ADVANCE {
                let Some(request) = requests(n * IN_ADVANCE + more) else { break };
                if stream.write_all(&request).await.is_err() {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout_at(until, saying).await;
        tokio::time::sleep_until(until).await;
        Ok::<_, String>(())
    });
    futures_util::future::try_join_all(held).await?;
    Ok(Measured::default())
}

/// The lists of an official who asks for them without a pause.
fn worklists(token: &str) -> Flood {
    let token = token.to_owned();
    let requests = move |n: u64| Some(request("GET", "/desk/declarations", &desk::headers(&token, n), None));
    Flood::new("worklists of officials", Arc::new(requests))
}

fn from(n: u64) -> String {
    let [.., a, b, c] = n.to_be_bytes();
    format!("x-forwarded-for: 11.{a}.{b}.{c}")
}

fn pages(paths: &'static [&'static str]) -> Requests {
    Arc::new(move |n| {
        let at = usize::try_from(n).ok()?.checked_rem(paths.len())?;
        let headers = [from(n), "accept: text/html".to_owned(), "accept-encoding: gzip".to_owned()];
        Some(request("GET", paths.get(at)?, &headers, None))
    })
}

fn json(path: &'static str, body: fn(u64) -> String) -> Requests {
    Arc::new(move |n| Some(request("POST", path, &[from(n)], Some(body(n).as_bytes()))))
}

/// A picture that is none, as long as a photo.
fn picture() -> Requests {
    let image = vec![0xff_u8; 300 << 10];
    Arc::new(move |n| {
        let mut body = b"--x\r\ncontent-disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\n\
            content-type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0"
            .to_vec();
        body.extend_from_slice(&image);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let head = format!(
            "POST /api/v1/verify/image HTTP/1.1\r\nhost: 127.0.0.1\r\n{}\r\n\
             content-type: multipart/form-data; boundary=x\r\ncontent-length: {}\r\n\r\n",
            from(n),
            body.len()
        );
        Some([head.into_bytes(), body].concat())
    })
}

/// Every kind that a stranger can send, and all of them together.
fn floods() -> Vec<Flood> {
    let bearer: Requests = Arc::new(|n| {
        let token = format!("authorization: Bearer {n:043}");
        Some(request("GET", "/api/v1/code", &[from(n), token], None))
    });
    let mut all = vec![
        Flood::new("pages", pages(&["/", "/privacy", "/verify", "/rules", "/risks", "/sign-in"])),
        Flood::new("pages of signing in", pages(&["/sign-in", "/desk/sign-in"])),
        Flood::new("what is not there", pages(&["/code", "/no/such/page", "/desk", "/permits/none"])),
        Flood::new("searches of the register", pages(&["/permits?q=%E6%88%90%E9%83%BD", "/permits"])),
        Flood::new(
            "lists of verifiers",
            pages(&["/exchange/v1/trust-list", "/exchange/v1/status-lists/1", "/verify"]),
        ),
        Flood::new("tokens of nobody", bearer),
        Flood::new(
            "texts that are no document",
            json("/api/v1/verify", |n| format!(r#"{{"text":"HC1:6BF{n}","online":false}}"#)),
        ),
        Flood::new("pictures", picture()),
        Flood::new(
            "passwords",
            json("/api/v1/desk/sessions", |n| {
                format!(r#"{{"login":"nobody{n}","password":"not this one {n}","code":"000000"}}"#)
            }),
        ),
        Flood::new(
            "requests for codes by SMS",
            json("/api/v1/sign-in/code-requests", |n| format!(r#"{{"phone":"139{:08}"}}"#, n % 100_000_000)),
        ),
    ];
    let each: Vec<Requests> = all.iter().map(|flood| flood.requests.clone()).collect();
    let together: Requests = Arc::new(move |n| {
        let at = usize::try_from(n).ok()?.checked_rem(each.len())?;
        each.get(at).and_then(|one| one(n))
    });
    all.push(Flood::new("all of these", together));
    let asking = pages(&["/", "/rules", "/privacy", "/permits"]);
    all.push(Flood { reads: false, ..Flood::new("connections that never read", asking) });
    all
}
