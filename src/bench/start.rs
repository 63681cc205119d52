//! A server of its own: time from start to first answer, memory at rest, size of the program.

use super::figure::{Figure, Target};
use super::load::{Client, request};
use super::portal::{TempDir, environment};
use super::{Bench, system};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const MIB: f64 = 1024.0 * 1024.0;

/// A child that does not outlive the measurement.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program on a migrated SQLite database a few times; the median counts.
pub async fn process(bench: &mut Bench) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let size = std::fs::metadata(&program).map_err(|e| e.to_string())?.len();
    let dir = TempDir::new()?;
    let database = format!("sqlite:{}", dir.path().join("start.db").display());
    let free = crate::app::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = free.local_addr().map_err(|e| e.to_string())?;
    drop(free);
    let env = environment(dir.path(), &database, address)?;
    let run = |args: &[&str]| {
        let mut command = Command::new(&program);
        command.args(args).envs(&env).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let keys = dir.path().join("keys").to_string_lossy().into_owned();
    for args in [&["keys", "init", "--dir", keys.as_str()][..], &["migrate"][..]] {
        if !run(args).status().map_err(|e| e.to_string())?.success() {
            return Err(format!("fugong {} failed", args.join(" ")));
        }
    }
    let (mut times, mut memory) = (Vec::new(), None);
    for _ in 0..5 {
        let begun = Instant::now();
        let server = Server(run(&["serve"]).spawn().map_err(|e| e.to_string())?);
        first_answer(address).await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(Duration::from_millis(500)).await;
        memory = system::resident_mib(server.0.id());
    }
    times.sort_unstable_by(f64::total_cmp);
    if let Some(median) = times.get(times.len() / 2) {
        let figure = Figure::new("start to first answer on a migrated database", *median, "ms");
        bench.report.add(figure.target(Target::AtMost(500.0)));
    }
    if let Some(mib) = memory {
        bench.report.add(Figure::new("memory at rest", mib, "MiB").target(Target::AtMost(60.0)));
    }
    let size = Figure::new("size of the program", system::float(size) / MIB, "MiB");
    bench.report.add(size.target(Target::AtMost(60.0)));
    Ok(())
}

async fn first_answer(address: SocketAddr) -> Result<(), String> {
    let begun = Instant::now();
    let ready = request("GET", "/health/ready", &[], None);
    while begun.elapsed() < Duration::from_secs(30) {
        if let Ok(mut client) = Client::connect(address).await
            && client.call(&ready).await == Ok(200)
        {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Err("the server did not answer in 30 seconds".into())
}
