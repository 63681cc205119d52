//! `fugong demo` as somebody starts it who wants to see the portal: the real program with its two provinces, and the
//! page that shows their messages and one-time codes.

use super::tools;
use crate::harness::chromium::{Chromium, Look, target};
use crate::harness::scratch;
use chrono::Timelike;
use diesel::prelude::*;
use fugong::clock::Clock;
use fugong::db::Ts;
use fugong::db::schema::{applications, code_states, declarations};
use fugong::hcert::{Roots, TrustStore, VerificationKey};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program; it ends with the test.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The first of three ports that nobody uses.
fn three_ports() -> u16 {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        let others =
            (1..3).all(|n| port.checked_add(n).is_some_and(|p| TcpListener::bind(("127.0.0.1", p)).is_ok()));
        if others {
            return port;
        }
    }
}

async fn start() -> (Demo, u16, PathBuf) {
    let folder = scratch("demo");
    let (demo, port) = start_in(&folder).await;
    (demo, port, folder)
}

async fn start_in(folder: &Path) -> (Demo, u16) {
    fugong::app::install_tls();
    let port = three_ports();
    let mut command = Command::new(env!("CARGO_BIN_EXE_fugong"));
    command.arg("demo").arg("--dir").arg(folder).args(["--port", &port.to_string()]);
    let demo = Demo(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let started = Instant::now();
    while (0..3).any(|n| TcpStream::connect(("127.0.0.1", port + n)).is_err()) {
        assert!(started.elapsed().as_secs() < 120, "the demonstration did not start");
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    (demo, port)
}

/// A newcomer sees what a portal of these days showed: most codes green, and some of every other kind.
fn most_codes_are_green(folder: &Path) {
    let path = folder.join("510000/fugong.db");
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let colours: Vec<String> = code_states::table.select(code_states::colour).load(&mut conn).unwrap();
    let count = |colour: &str| colours.iter().filter(|c| *c == colour).count();
    assert!(count("green") * 2 > colours.len(), "{colours:?}");
    assert!(["yellow", "red", "unknown"].iter().all(|colour| count(colour) >= 3), "{colours:?}");
}

/// Filed in office hours, from several towns and counties, to several places, by enterprises of several kinds.
fn the_data_are_varied(folder: &Path) {
    let path = folder.join("510000/fugong.db");
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let filed: Vec<Option<Ts>> =
        declarations::table.select(declarations::submitted_at).load(&mut conn).unwrap();
    let applied: Vec<Option<Ts>> =
        applications::table.select(applications::submitted_at).load(&mut conn).unwrap();
    let times: Vec<Ts> = filed.into_iter().chain(applied).flatten().collect();
    assert!(times.len() > 100);
    for at in times {
        let local = at.0.with_timezone(&fugong::clock::china());
        let minute = local.hour() * 60 + local.minute();
        assert!((510..=1050).contains(&minute), "filed at {local}");
    }
    let distinct = |list: Vec<String>| list.into_iter().collect::<std::collections::BTreeSet<_>>().len();
    let lived: Vec<String> = declarations::table.select(declarations::division).load(&mut conn).unwrap();
    assert!(distinct(lived) >= 5, "towns in which people live");
    let worked: Vec<String> = applications::table.select(applications::division).load(&mut conn).unwrap();
    assert!(distinct(worked) >= 10, "towns in which businesses are");
}

async fn look_at(look: Look, axe: &str, port: u16) {
    let base = format!("http://127.0.0.1:{}", port + 2);
    let Some(b) = Chromium::start(&base, look).await else { return };
    b.open("/").await;
    b.screenshot("demo-sandbox").await;
    let mut faults = b.axe(axe).await;
    faults.extend(b.axe_in_the_dark(axe).await);
    faults.extend(b.console().await);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(b.overflow().await, 0);
    let html = reqwest::get(&base).await.unwrap().text().await.unwrap();
    let folder = target().join("pages").join(format!("demo-{}", look.name()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("sandbox.html"), html).unwrap();
    if let Some(said) = tools::html_validate(&folder) {
        assert!(said.is_empty(), "{said}");
    }
    // Both provinces answer under their own name.
    for (n, name) in [(0, "四川"), (1, "广东")] {
        b.open(&format!("http://127.0.0.1:{}/", port + n)).await;
        assert!(b.has("main h1").await);
        if look.lang == "zh-CN" {
            b.shows(name).await;
        }
    }
    b.close().await;
}

#[actix_web::test]
async fn two_provinces_and_their_messages() {
    let Some(axe) = tools::axe() else { return };
    let (demo, port, folder) = start().await;
    // The ports are taken before the data are made; an answer comes after that.
    reqwest::get(format!("http://127.0.0.1:{port}/")).await.unwrap();
    most_codes_are_green(&folder);
    the_data_are_varied(&folder);
    look_at(Look::PHONE, &axe, port).await;
    look_at(Look::DESKTOP.english(), &axe, port).await;
    drop(demo);
    trust_outlives_a_restart(&folder).await;
}

/// Both provinces go on to trust the list of the first start, by the roots that are kept beside the data.
async fn trust_outlives_a_restart(folder: &Path) {
    let (_demo, port) = start_in(folder).await;
    let roots = std::fs::read_to_string(folder.join("roots")).unwrap();
    let keys = roots.lines().map(|line| VerificationKey::from_file(line.as_bytes()).unwrap()).collect();
    let roots = Roots { keys, threshold: 2 };
    for port in [port, port + 1] {
        let address = format!("http://127.0.0.1:{port}/exchange/v1/trust-list");
        let list = reqwest::get(address).await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
        TrustStore::open(&list, &roots, None, Clock::system().now()).unwrap();
    }
}
