//! `fugong demo`: two provinces in one process, each with its own database, keys and cookie names, trusting each
//! other, bound to loopback only; and a sandbox page that shows every message and the officials' one-time codes.
//!
//! Nothing here can be reached from `serve`: only this module sets [`crate::config::Config::demo`] and starts the
//! sandbox.

mod province;
mod roots;
mod sandbox;
mod seed;
mod table;

use crate::app;
use crate::cli::serve::{stop_signal, writable};
use crate::clock::Clock;
use crate::jobs::Worker;
use crate::telemetry;
use clap::Args;
use province::Province;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

/// Runs Sichuan on PORT, Guangdong on PORT+1 and the message sandbox on PORT+2, on this machine only.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Folder for databases, keys, audit heads and the public root keys of the trust list.
    #[arg(long, default_value = "data/demo")]
    dir: PathBuf,
    /// First of three ports; 0 for three free ones, which are printed.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Begin again with fresh data.
    #[arg(long)]
    fresh: bool,
    /// Prepare the data and stop.
    #[arg(long)]
    seed_only: bool,
}

/// The provinces of the demonstration.
const PROVINCES: [&str; 2] = ["510000", "440000"];

/// Runs the demonstration until it is interrupted.
///
/// # Errors
/// One clear line: a taken port, a folder that cannot be written to, a corrupt or newer database.
pub fn run(args: &DemoArgs, out: &mut dyn Write) -> Result<bool, String> {
    let _log = telemetry::init(false, "warn");
    let runtime = actix_web::rt::System::new();
    runtime.block_on(start(args, out))
}

async fn start(args: &DemoArgs, out: &mut dyn Write) -> Result<bool, String> {
    app::install_tls();
    let (port, listeners) = bind_from(args.port)?;
    writable(&args.dir)?;
    let mut provinces = Vec::new();
    for (index, code) in PROVINCES.into_iter().enumerate() {
        let port = port + u16::try_from(index).unwrap_or_default();
        provinces.push(Province::prepare(code, port, &args.dir.join(code), args.fresh).await?);
    }
    roots::agree(&provinces, &args.dir).await?;
    seed::fill(&provinces, out).await?;
    if args.seed_only {
        for province in &provinces {
            province.deps.store.close().await;
        }
        return Ok(true);
    }
    run_servers(&provinces, listeners, port, out).await?;
    Ok(true)
}

/// The first port and its listeners. For 0 the system names a free one; its two neighbours have to be free as well.
fn bind_from(first: u16) -> Result<(u16, Vec<TcpListener>), String> {
    if first != 0 {
        return Ok((first, bind_all(first)?));
    }
    for _ in 0..50 {
        let free = app::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let port = free.local_addr().map_err(|e| e.to_string())?.port();
        drop(free);
        if let Ok(listeners) = bind_all(port) {
            return Ok((port, listeners));
        }
    }
    Err("no three free ports in a row were found; name the first with --port".into())
}

/// All three ports before anything else, so that a taken one is noticed at once.
fn bind_all(first: u16) -> Result<Vec<TcpListener>, String> {
    (0..3u16)
        .map(|n| {
            let port = first.checked_add(n).ok_or("the port is too high")?;
            app::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
                .map_err(|e| format!("{e}; or choose another with --port"))
        })
        .collect()
}

async fn run_servers(
    provinces: &[Province],
    listeners: Vec<TcpListener>,
    port: u16,
    out: &mut dyn Write,
) -> Result<(), String> {
    let mut listeners = listeners.into_iter();
    let mut handles = Vec::new();
    let mut workers = Vec::new();
    for (province, listener) in provinces.iter().zip(listeners.by_ref()) {
        let server = app::serve(province.deps.clone(), listener).map_err(|e| e.to_string())?;
        handles.push(server.handle());
        actix_web::rt::spawn(server);
        workers.push(Worker::start(&province.deps).map_err(|e| e.to_string())?);
    }
    if let Some(listener) = listeners.next() {
        let deps = provinces.iter().map(|p| p.deps.clone()).collect();
        let server = sandbox::serve(deps, listener).map_err(|e| e.to_string())?;
        handles.push(server.handle());
        actix_web::rt::spawn(server);
    }
    table::print(provinces, port, out).map_err(|e| e.to_string())?;
    stop_signal().await;
    let _ = writeln!(out, "\nStopping.");
    provinces.iter().for_each(|province| crate::live::end(&province.deps));
    for handle in handles {
        handle.stop(true).await;
    }
    for worker in workers {
        worker.stop().await;
    }
    for province in provinces {
        province.deps.store.close().await;
    }
    Ok(())
}

/// The moment the demonstration was started: a command asks for the time once.
fn now() -> chrono::DateTime<chrono::Utc> {
    Clock::system().now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_zero_gives_three_real_ports_in_a_row() {
        let (first, listeners) = bind_from(0).unwrap();
        let ports: Vec<u16> = listeners.iter().map(|l| l.local_addr().unwrap().port()).collect();
        assert!(first > 0);
        assert_eq!(ports, [first, first + 1, first + 2]);
        assert!(bind_from(65_535).unwrap_err().contains("port"));
    }
}
