//! Nothing personal in plain: what the world's people typed is looked for in everything the portal keeps or says
//! besides its pages: database, write-ahead log, temporary files, logs.

use crate::harness::App;
use crate::world::{PERSONAL, World};
use fugong::db::{Conn, DatabaseUrl};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use tracing_subscriber::EnvFilter;

/// What the whole process logged since the first of these tests began, at the level of debugging. Other tests log
/// into it, too; they do not know the values that are looked for.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn log() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        // Not the clients of these tests, which are no part of the portal.
        let filter = EnvFilter::new("debug,hyper=off,hyper_util=off,reqwest=off,mio=off,h2=off");
        let subscriber =
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || writer.clone()).finish();
        tracing::subscriber::set_global_default(subscriber).expect("nobody else listens");
        log
    })
    .clone()
}

/// A value as bytes could hold it: as it is, as hexadecimal digits (what PostgreSQL shows of bytes), percent-encoded,
/// escaped in JSON.
fn shapes(value: &str) -> Vec<Vec<u8>> {
    let percent = serde_urlencoded::to_string([("", value)]).unwrap();
    let units = value.encode_utf16();
    let escaped: String = units
        .map(|u| if u < 128 { char::from(u as u8).to_string() } else { format!("\\u{u:04x}") })
        .collect();
    [value.to_owned(), hex::encode(value), percent.trim_start_matches('=').to_owned(), escaped]
        .map(String::into_bytes)
        .to_vec()
}

fn look_in(place: &str, bytes: &[u8]) -> Vec<String> {
    let found =
        |value: &&&str| shapes(value).iter().any(|s| bytes.windows(s.len()).any(|w| w == s.as_slice()));
    PERSONAL.iter().filter(found).map(|v| format!("{v} in {place}")).collect()
}

fn files_of(database: &Path) -> Vec<PathBuf> {
    ["", "-wal", "-shm"]
        .iter()
        .map(|suffix| PathBuf::from(format!("{}{suffix}", database.display())))
        .filter(|p| p.exists())
        .collect()
}

/// Every row of every table, as PostgreSQL writes it.
fn dump(conn: &mut Conn) -> Vec<String> {
    use diesel::prelude::*;
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let Conn::Pg(conn) = conn else { panic!("for PostgreSQL") };
    let names = "SELECT quote_ident(tablename) AS line FROM pg_tables WHERE schemaname = 'public'";
    let tables: Vec<Line> = diesel::sql_query(names).load(conn).unwrap();
    assert!(tables.len() > 10, "{} tables", tables.len());
    let rows = |t: Line| -> Vec<Line> {
        let query = format!("SELECT '{0}: ' || t::text AS line FROM {0} t", t.line);
        diesel::sql_query(query).load(conn).unwrap()
    };
    tables.into_iter().flat_map(rows).map(|l| l.line).collect()
}

#[actix_web::test]
async fn nothing_personal_in_files_and_logs() {
    let log = log();
    let world = World::new(App::sqlite().await).await;
    let DatabaseUrl::Sqlite(database) = world.app.deps.config.database.clone() else { panic!("SQLite") };
    let mut hits = Vec::new();
    let files = files_of(&database);
    assert!(files.len() >= 2, "database and write-ahead log are there while the portal runs: {files:?}");
    // What a temporary file of the portal would be called cannot be known: everything in this process's folder.
    let scratch = std::fs::read_dir(database.parent().unwrap()).unwrap().map(|e| e.unwrap().path());
    for file in files.into_iter().chain(scratch.filter(|p| p.is_file())) {
        // Another test's file may be gone by now.
        let Ok(bytes) = std::fs::read(&file) else { continue };
        let own = file.to_string_lossy().starts_with(&*database.to_string_lossy());
        if own || file.extension().is_none_or(|e| e != "db") {
            hits.extend(look_in(&file.display().to_string(), &bytes));
        }
    }
    world.app.stop().await;
    let said = log.0.lock().unwrap().clone();
    assert!(!said.is_empty(), "the log was listened to");
    hits.extend(look_in("the log", &said));
    assert!(hits.is_empty(), "personal data in plain:\n{}", hits.join("\n"));
}

#[actix_web::test]
async fn nothing_personal_in_postgres() {
    let Some(app) = App::postgres().await else { return };
    let world = World::new(app).await;
    let lines = world.app.deps.store.read(|conn| Ok(dump(conn))).await.unwrap();
    let hits: Vec<String> =
        lines.iter().flat_map(|l| look_in(&l.chars().take(60).collect::<String>(), l.as_bytes())).collect();
    world.app.stop().await;
    assert!(hits.is_empty(), "personal data in plain:\n{}", hits.join("\n"));
}

/// What nobody but a client would write.
const FORGED: &str = "forged-line-4711";

/// Nothing that a client writes gets into the log: neither a line of its own nor colours nor names.
#[actix_web::test]
async fn what_is_sent_makes_no_line_of_the_log() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let log = log();
    let app = App::sqlite().await;
    let address = app.base.trim_start_matches("http://").to_owned();
    let line = format!("%0d%0a2020-03-12T02:32:00Z%20ERROR%20{FORGED}%1b%5b31m");
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    for (first, headers, body) in [
        (format!("GET /{line} HTTP/1.1"), String::new(), String::new()),
        (format!("GET /permits?q={line}&page={line} HTTP/1.1"), String::new(), String::new()),
        (
            format!("GET /declarations/{line} HTTP/1.1"),
            format!("referer: http://{FORGED}/\r\n"),
            String::new(),
        ),
        (format!("{FORGED} /rules HTTP/1.1"), String::new(), String::new()),
        (
            "GET / HTTP/1.1".into(),
            format!("user-agent: {FORGED}\x1b[31m\r\nx-request-id: {FORGED}\r\n"),
            String::new(),
        ),
        ("GET / HTTP/1.1".into(), format!("cookie: fugong-lang={FORGED}; {FORGED}=1\r\n"), String::new()),
        (
            "GET / HTTP/1.1".into(),
            format!("x-forwarded-for: {FORGED}\r\naccept-language: {FORGED}\r\n"),
            String::new(),
        ),
        ("GET /me HTTP/1.1".into(), format!("authorization: Bearer {FORGED}\r\n"), String::new()),
        ("POST /desk/sign-in HTTP/1.1".into(), form.into(), format!("login={line}&password={line}")),
        ("POST /sign-in HTTP/1.1".into(), form.into(), format!("phone={line}&next={line}")),
        (
            "POST /api/v1/desk/sessions HTTP/1.1".into(),
            "content-type: application/json\r\n".into(),
            format!(r#"{{"login": "a\n{FORGED}", "password": "x", "code": "\n{FORGED}"}}"#),
        ),
        (
            "POST /api/v1/verify HTTP/1.1".into(),
            "content-type: application/json\r\n".into(),
            format!(r#"{{"text": "HC1:\n{FORGED}", "{FORGED}": 1}}"#),
        ),
        ("POST /api/v1/verify HTTP/1.1".into(), format!("content-type: {FORGED}/{FORGED}\r\n"), "{".into()),
    ] {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{first}\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || !answer.starts_with("HTTP/1.1 5"), "{first}: {answer:.200}");
    }
    app.stop().await;
    let said = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(said.contains("/desk/sign-in"), "the requests are in the log");
    let lines: Vec<&str> = said.lines().filter(|line| line.contains(FORGED)).collect();
    assert!(lines.is_empty(), "{lines:?}");
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let value = PERSONAL[0];
    for shape in shapes(value) {
        let text = [b"before ".to_vec(), shape, b" after".to_vec()].concat();
        assert_eq!(look_in("x", &text).len(), 1, "{}", String::from_utf8_lossy(&text));
    }
    assert!(look_in("x", b"nobody").is_empty());
}
