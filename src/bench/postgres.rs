//! A throw-away PostgreSQL from the installed programs, with its durability on.
//!
//! The server is the child of a shell that waits for its standard input to close, so it ends when this process ends,
//! however that happens.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A PostgreSQL server in a temporary folder, on a free port of loopback.
pub struct Throwaway {
    dir: PathBuf,
    port: u16,
    programs: PathBuf,
    child: Option<Child>,
}

impl Throwaway {
    /// Makes and starts one; `None` where PostgreSQL is not installed.
    ///
    /// # Errors
    /// One line when it is installed and does not start.
    pub fn start() -> Result<Option<Self>, String> {
        let Some(programs) = programs() else { return Ok(None) };
        let free = std::net::TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
        let port = free.local_addr().map_err(|e| e.to_string())?.port();
        drop(free);
        let dir = std::env::temp_dir().join(format!("fugong-bench-pg-{}", uuid::Uuid::now_v7()));
        let mut server = Self { dir, port, programs, child: None };
        let init = format!(
            "'{}' -D '{}' -U fugong -A trust -E UTF8 >/dev/null && mkdir -p '{}/s'",
            server.programs.join("initdb").display(),
            server.dir.display(),
            server.dir.display()
        );
        let made = shell(&init).status().map_err(|e| e.to_string())?;
        if !made.success() {
            return Err("initdb failed".into());
        }
        server.run()?;
        Ok(Some(server))
    }

    /// Starts the server in its folder, the first time or after it was killed.
    ///
    /// # Errors
    /// One line when it does not answer in a minute.
    pub fn run(&mut self) -> Result<(), String> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            let script = format!(
                "'{}' -D '{}' -p {} -k '{}/s' -c listen_addresses=127.0.0.1 -c fsync=on -c max_connections=100 \
                 -c log_min_messages=fatal & pid=$!; cat >/dev/null; kill -INT $pid 2>/dev/null; wait $pid",
                self.programs.join("postgres").display(),
                self.dir.display(),
                self.port,
                self.dir.display()
            );
            let child = shell(&script).stdin(Stdio::piped()).spawn().map_err(|e| e.to_string())?;
            self.child = Some(child);
            for _ in 0..40 {
                if PgConnection::establish(&self.url("postgres")).is_ok() {
                    return Ok(());
                }
                std::thread::park_timeout(Duration::from_millis(50));
            }
            // Its predecessor's processes were not all gone: again.
            self.end();
        }
        Err("PostgreSQL did not start".into())
    }

    /// Kills the server's processes with SIGKILL, the first one and then its children, wherever they are in their work.
    ///
    /// # Errors
    /// One line.
    pub fn kill(&mut self) -> Result<(), String> {
        let sent = self.signal("-9");
        self.end();
        sent
    }

    /// Sends a signal to the server's processes, the first one and then its children: `-STOP` lets it hang as a machine
    /// without memory or a dead disk does, `-CONT` go on.
    ///
    /// # Errors
    /// One line.
    pub fn signal(&self, signal: &str) -> Result<(), String> {
        let text = std::fs::read_to_string(self.dir.join("postmaster.pid")).map_err(|e| e.to_string())?;
        let pid = text.lines().next().unwrap_or_default().trim().to_owned();
        // Left alone, a child would finish what it does before it sees that its parent is gone. Where the kernel does
        // not list children they are left alone.
        let children =
            std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let sent = Command::new("kill").args([signal, &pid]).status().map_err(|e| e.to_string())?;
        let children: Vec<&str> = children.split_whitespace().collect();
        if !children.is_empty() {
            // Some may have ended by themselves: not an error.
            let _ = Command::new("kill").arg(signal).args(children).stderr(Stdio::null()).status();
        }
        if sent.success() { Ok(()) } else { Err(format!("process {pid} takes no signal")) }
    }

    fn end(&mut self) {
        // One that was stopped would not hear that it is to end.
        let _ = self.signal("-CONT");
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://fugong@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database and gives its address.
    ///
    /// # Errors
    /// PostgreSQL's word.
    pub fn database(&self, name: &str) -> Result<String, String> {
        let mut conn = PgConnection::establish(&self.url("postgres")).map_err(|e| e.to_string())?;
        conn.batch_execute(&format!("CREATE DATABASE {name}")).map_err(|e| e.to_string())?;
        Ok(self.url(name))
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        self.end();
        let _ = shell(&format!("rm -rf '{}'", self.dir.display())).status();
    }
}

/// The folder of PostgreSQL's programs.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|d| Some(d.ok()?.path().join("bin")))
        .filter(|p| has_server(p))
        .collect();
    found.sort();
    found.pop().or_else(|| std::env::split_paths(&std::env::var_os("PATH")?).find(|p| has_server(p)))
}

/// One of PostgreSQL's programs.
pub fn program(name: &str) -> Option<PathBuf> {
    programs().map(|dir| dir.join(name)).filter(|path| path.exists())
}

fn has_server(dir: &Path) -> bool {
    dir.join("initdb").exists() && dir.join("postgres").exists()
}

/// A shell as a user that PostgreSQL accepts: as root everything runs as `postgres`, whom Debian's package makes.
fn shell(script: &str) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.starts_with(b"0\n"));
    let mut command = if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    command
        .args(["-c", script])
        .current_dir(std::env::temp_dir())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}
