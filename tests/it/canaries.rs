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

#[test]
fn the_search_finds_what_it_looks_for() {
    let value = PERSONAL[0];
    for shape in shapes(value) {
        let text = [b"before ".to_vec(), shape, b" after".to_vec()].concat();
        assert_eq!(look_in("x", &text).len(), 1, "{}", String::from_utf8_lossy(&text));
    }
    assert!(look_in("x", b"nobody").is_empty());
}
