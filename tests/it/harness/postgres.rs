//! A throw-away PostgreSQL from the installed binaries, with fsync off: the tests that are about durability start
//! their own.
//!
//! The server is the child of a shell that waits for its standard input to close, so it ends (and its folder goes)
//! when the test process ends, however that happens.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const TEMPLATE: &str = "fugong_template";

static SERVER: OnceLock<Option<String>> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// URL of a new, migrated database; `None` (and a word about it) where PostgreSQL is not installed.
pub fn fresh_database() -> Option<String> {
    let base = SERVER.get_or_init(start).as_ref();
    let Some(base) = base else {
        super::skipped("PostgreSQL is not installed");
        return None;
    };
    let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
    sql(base, "postgres", &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"));
    Some(format!("{base}/{name}"))
}

fn bin(name: &str) -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|d| Some(d.ok()?.path().join("bin").join(name)))
        .filter(|p| p.exists())
        .collect();
    found.sort();
    found.pop().or_else(|| {
        std::env::split_paths(&std::env::var_os("PATH")?).map(|d| d.join(name)).find(|p| p.exists())
    })
}

/// initdb refuses root: as root everything runs as the user `postgres`, whom Debian's package makes.
fn as_user(program: &str) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.starts_with(b"0\n"));
    if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", program]);
        command
    } else {
        Command::new(program)
    }
}

fn start() -> Option<String> {
    let (initdb, postgres) = (bin("initdb")?, bin("postgres")?);
    let dir = std::env::temp_dir().join(format!("fugong-pg-{}", std::process::id()));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let script = format!(
        "'{initdb}' -D '{dir}' -U fugong -A trust -E UTF8 --no-sync >/dev/null && \
         mkdir -p '{dir}/s' && \
         '{postgres}' -D '{dir}' -p {port} -k '{dir}/s' -c listen_addresses=127.0.0.1 -c fsync=off \
         -c full_page_writes=off -c max_connections=400 -c log_min_messages=fatal & \
         pid=$!; cat >/dev/null; kill -INT $pid; wait $pid; rm -rf '{dir}'",
        initdb = initdb.display(),
        postgres = postgres.display(),
        dir = dir.display(),
    );
    let mut child = as_user("sh")
        .args(["-c", &script])
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // The pipe stays open for as long as this process lives.
    std::mem::forget(child.stdin.take());
    std::mem::forget(child);
    let base = format!("postgres://fugong@127.0.0.1:{port}");
    wait_for(&base);
    sql(&base, "postgres", &format!("CREATE DATABASE {TEMPLATE}"));
    let template = fugong::db::DatabaseUrl::parse(&format!("{base}/{TEMPLATE}")).unwrap();
    fugong::db::run_migrations(&template).unwrap();
    Some(base)
}

fn wait_for(base: &str) {
    use diesel::Connection;
    let started = std::time::Instant::now();
    while diesel::PgConnection::establish(&format!("{base}/postgres")).is_err() {
        assert!(started.elapsed().as_secs() < 60, "PostgreSQL did not start");
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
}

fn sql(base: &str, database: &str, statement: &str) {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection};
    let mut conn = PgConnection::establish(&format!("{base}/{database}")).unwrap();
    conn.batch_execute(statement).unwrap();
}
