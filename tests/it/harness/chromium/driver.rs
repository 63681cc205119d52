//! The driver: finding the programs, starting it once, and what it is told and asked.

use super::{Look, PATIENCE};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub(super) fn capabilities(binary: &Path, look: Look, camera: Option<&Path>) -> Value {
    let profile = format!("--user-data-dir={}", profiles().join(uuid::Uuid::now_v7().to_string()).display());
    let mut args = vec![
        "--headless=new",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-breakpad",
        "--disable-dev-shm-usage",
        // The browser ends when the driver's end of this pipe closes.
        "--remote-debugging-pipe",
        &profile,
    ];
    let film = camera.map(|file| format!("--use-file-for-fake-video-capture={}", file.display()));
    if let Some(film) = &film {
        args.extend(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", film]);
    }
    let root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.starts_with(b"0\n"));
    if root {
        args.push("--no-sandbox");
    }
    json!({"capabilities": {"alwaysMatch": {
        "browserName": "chrome",
        "timeouts": {"implicit": 0, "pageLoad": 60_000, "script": 60_000},
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {
            "binary": binary, "args": args,
            "prefs": {"intl.accept_languages": look.lang, "intl.selected_languages": look.lang},
        },
    }}})
}

pub(super) async fn call(client: &Client, method: Method, url: &str, body: Value) -> Result<Value, String> {
    let mut request = client.request(method, url);
    if !body.is_null() {
        request = request.json(&body);
    }
    let answer: Value =
        request.send().await.map_err(|e| e.to_string())?.json().await.map_err(|e| e.to_string())?;
    let value = answer["value"].clone();
    match value["error"].as_str() {
        Some(error) => Err(format!("{error}: {}", value["message"].as_str().unwrap_or_default())),
        None => Ok(value),
    }
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    names.iter().find_map(|n| std::env::split_paths(&path).map(|d| d.join(n)).find(|p| p.exists()))
}

fn profiles() -> PathBuf {
    std::env::temp_dir().join(format!("fugong-chromium-{}", std::process::id()))
}

pub(super) fn chromium() -> Option<PathBuf> {
    on_path(&["chromium", "chromium-browser", "google-chrome"])
}

pub(super) async fn driver() -> Option<&'static str> {
    static DRIVER: OnceLock<Option<String>> = OnceLock::new();
    let base = DRIVER.get_or_init(start_driver).as_deref()?;
    let started = Instant::now();
    while std::net::TcpStream::connect(base.trim_start_matches("http://")).is_err() {
        assert!(started.elapsed() < PATIENCE, "chromedriver did not start");
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
    Some(base)
}

fn start_driver() -> Option<String> {
    let driver = on_path(&["chromedriver"])?;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    // A driver whose browser hangs does not heed TERM.
    let script = format!(
        "trap : TERM; '{}' --port={port} & cat >/dev/null; kill -TERM -- -$$; sleep 1; kill -KILL $!; \
         rm -rf '{}'; kill -KILL -- -$$",
        driver.display(),
        profiles().display()
    );
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .process_group(0)
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // The pipe stays open for as long as this process lives.
    std::mem::forget(child.stdin.take());
    std::mem::forget(child);
    Some(format!("http://127.0.0.1:{port}"))
}
