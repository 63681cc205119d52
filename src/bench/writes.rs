//! Durable writes beside the same INSERTs with nothing around them.

use super::figure::{Figure, Target};
use super::load::{self, Client, Load, Measured, request};
use super::{Bench, declare, desk, pgbench, probe};
use crate::db::DatabaseUrl;
use std::net::SocketAddr;
use std::sync::Arc;

/// Calls from which the rows of one are known.
pub const SAMPLE: u64 = 20;

/// A path that writes.
pub struct Path {
    /// Name of the line.
    pub name: &'static str,
    /// The server.
    pub address: SocketAddr,
    /// Table that gets one row a call, which is counted.
    pub counted: &'static str,
    /// Statuses that are expected.
    pub expect: &'static [u16],
    /// Requests.
    pub requests: load::Requests,
    /// What is to be reached.
    pub target: Option<fn(sqlite: bool) -> Target>,
}

/// All durable paths.
pub async fn durable(bench: &mut Bench) -> Result<(), String> {
    let audited = Path {
        name: "what every change leaves: audit entry, message, job (durable)",
        address: bench.bare.address,
        counted: "audit_entries",
        expect: &[200],
        requests: Arc::new(|_| Some(request("POST", "/audited", &[], Some(b"{}")))),
        target: None,
    };
    beside_probe(bench, audited, SAMPLE).await?;
    if declare::is_there(bench).await? {
        let path = declare::path(bench).await?;
        bench.declared = beside_probe(bench, path, SAMPLE).await?;
        desk::work(bench).await?;
    } else {
        bench.report.skip("submit a declaration: this build has no such route");
    }
    Ok(())
}

/// Measures a path, then its probe. Gives how many requests were used up.
pub async fn beside_probe(bench: &mut Bench, path: Path, sample: u64) -> Result<u64, String> {
    let store = bench.portal.deps.store.clone();
    let requests = path.requests.clone();
    let before = probe::counts(&store).await?;
    let mut client = Client::connect(path.address).await?;
    for n in 0..sample {
        let Some(bytes) = requests(n) else { break };
        let status = client.call(&bytes).await.map_err(|e| format!("{}: {e}", path.name))?;
        if !path.expect.contains(&status) {
            let body = String::from_utf8_lossy(client.body()).into_owned();
            return Err(format!("{}: unexpected status {status}: {body}", path.name));
        }
    }
    let sampled = probe::counts(&store).await?;
    let rows = probe::rows_of_one(&before, &sampled, i64::try_from(sample).unwrap_or(1));
    let load = Load { expect: path.expect, ..bench.load(path.address, move |n| requests(n + sample)) };
    let measured = load::run(load).await.map_err(|e| format!("{}: {e}", path.name))?;
    let after = probe::counts(&store).await?;
    written(&path, &sampled, &after, &measured)?;
    let figure = match &bench.options.database {
        Some(DatabaseUrl::Postgres(url)) => {
            let text = named(&rows);
            let (rate, clients) = pgbench::best(&store, url, rows, bench.options.time).await?;
            Figure::load(path.name, &measured)
                .beside("the same INSERTs in one transaction by pgbench", rate)
                .note(format!("one call leaves {text}; pgbench was best with {clients} clients"))
        }
        _ => {
            let text = named(&rows);
            probe::arm(&store, rows).await?;
            let bytes = request("POST", "/probe", &[], Some(b"{}"));
            let limit = load::run(bench.load(bench.bare.address, move |_| Some(bytes.clone()))).await?;
            Figure::load(path.name, &measured)
                .beside("the same INSERTs through the group-commit writer", limit.rate())
                .note(format!(
                    "one call leaves {text}; half of the probe's answers came within {:.2} ms",
                    limit.percentile(50)
                ))
        }
    };
    let figure = match path.target {
        Some(target) => figure.target(target(store.is_sqlite())),
        None => figure,
    };
    bench.report.add(figure);
    Ok(sample + measured.all)
}

/// Rows by table, in words.
fn named(rows: &std::collections::BTreeMap<String, i64>) -> String {
    rows.iter().map(|(t, n)| format!("{n} {t}")).collect::<Vec<_>>().join(", ")
}

/// Every answer has its row.
fn written(
    path: &Path,
    before: &probe::Counts,
    after: &probe::Counts,
    measured: &Measured,
) -> Result<(), String> {
    let rows = |counts: &probe::Counts| counts.get(path.counted).copied().unwrap_or(0);
    let more = u64::try_from(rows(after) - rows(before)).unwrap_or(0);
    if more < measured.all {
        return Err(format!("{}: {} answers but {more} rows in {}", path.name, measured.all, path.counted));
    }
    Ok(())
}
