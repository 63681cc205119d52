//! Two processes of one portal, and two versions of the program on one database: either all is right, or a clear sentence
//! says why not.

use super::checker;
use super::site::{Site, count};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use fugong::clock::Clock;
use fugong::db::{DatabaseUrl, MigrationState, migration_state};
use fugong::identity::sample::Sampler;
use fugong::web::session::{self, SessionKind};
use futures_util::future::join_all;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn file(site: &Site) -> PathBuf {
    let DatabaseUrl::Sqlite(path) = site.database() else { panic!("a file") };
    path
}

/// The statements on the database itself.
fn sql(site: &Site, statements: &str) {
    match site.database() {
        DatabaseUrl::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
            conn.batch_execute(statements).unwrap();
        }
        DatabaseUrl::Postgres(url) => {
            PgConnection::establish(&url).unwrap().batch_execute(statements).unwrap();
        }
    }
}

/// A file has one program that writes it, whatever name it is given; when that one is gone, the next one starts.
#[actix_web::test]
async fn one_program_writes_a_file() {
    let mut site = Site::sqlite();
    let people = site.people(0, 2, &mut Sampler::new(1)).await;
    site.start().await;
    let path = file(&site);
    let link = path.with_file_name("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let mut second = site.beside();
    for name in [path.to_string_lossy(), link.to_string_lossy(), "kill.db".into()] {
        for args in [&["serve"][..], &["migrate"]] {
            let mut command = second.command(args);
            command.env("DATABASE_URL", format!("sqlite:{name}")).current_dir(site.dir());
            let (done, said) = second.told(command).await;
            assert!(!done && said.contains("is in use by another fugong process"), "{name}: {said}");
        }
    }
    let first = site.submit(&people[0]).await.expect("the first one goes on");
    site.kill();
    second.start().await;
    let number = second.submit(&people[1]).await.expect("the next one serves");
    second.kill();
    checker::check(&site, &BTreeMap::from([(0, first), (1, number)])).await;
}

async fn status(base: &str, token: &str) -> u16 {
    let client = crate::harness::client().build().unwrap();
    let asked = client.get(format!("{base}/api/v1/me")).bearer_auth(token);
    asked.send().await.unwrap().status().as_u16()
}

/// A session that one process has ended is out at the other, which kept it in memory.
#[actix_web::test]
async fn signed_out_at_one_is_out_at_the_other() {
    let Some(mut site) = Site::postgres() else { return };
    let account = site.people(0, 1, &mut Sampler::new(1)).await[0].account;
    let mut there = site.beside();
    site.start().await;
    there.start().await;
    let store = site.store();
    let client = crate::harness::client().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let now = Clock::system().now();
        let made = store
            .write(move |tx| Ok(session::start(tx, SessionKind::Resident, account, None, "Test", now)?.0));
        let token = made.await.unwrap();
        for base in [site.base(), there.base(), there.base()] {
            assert_eq!(status(&base, &token).await, 200);
        }
        let out = client.post(format!("{}/sign-out", site.base())).bearer_auth(&token);
        let out = out.header("content-type", "application/x-www-form-urlencoded").body("").send().await;
        assert_eq!(out.unwrap().status().as_u16(), 303);
        let begun = Instant::now();
        assert_eq!(status(&site.base(), &token).await, 401, "at once where it was ended");
        while status(&there.base(), &token).await == 200 {
            assert!(begun.elapsed() < PATIENCE, "still signed in at the other");
        }
        slowest = slowest.max(begun.elapsed());
    }
    println!("signed out at the other process after {} ms at most, of 20", slowest.as_millis());
    store.close().await;
    there.kill();
}

/// Two serve one database, and one of them is killed under load: what it did not answer the other one takes, once.
#[actix_web::test]
async fn one_of_two_is_killed() {
    let Some(mut site) = Site::postgres() else { return };
    let people = site.people(0, 64, &mut Sampler::new(1)).await;
    let mut there = site.beside();
    site.start().await;
    there.start().await;
    let (ours, theirs) = people.split_at(32);
    let (answered, pid) = (AtomicU64::new(0), there.pid().to_string());
    let at_theirs = join_all(theirs.iter().map(async |person| {
        let number = there.submit(person).await;
        if number.is_some() && answered.fetch_add(1, Ordering::SeqCst) == 9 {
            Command::new("kill").args(["-9", &pid]).status().unwrap();
        }
        number
    }));
    let (here, at_theirs) =
        futures_util::join!(join_all(ours.iter().map(|person| site.submit(person))), at_theirs);
    there.kill();
    let lost = at_theirs.iter().filter(|number| number.is_none()).count();
    println!("one of two killed: {lost} of 32 had no answer and were taken by the other");
    assert!(lost > 0, "nothing was on its way");
    let mut acknowledged = BTreeMap::new();
    for (person, before) in people.iter().zip(here.into_iter().chain(at_theirs)) {
        let number = site.submit(person).await.expect("the other one goes on");
        assert!(before.is_none_or(|before| before == number), "answered twice, differently");
        acknowledged.insert(person.n, number);
    }
    site.kill();
    checker::check(&site, &acknowledged).await;
}

#[actix_web::test]
async fn versions_on_sqlite() {
    versions(Site::sqlite()).await;
}

#[actix_web::test]
async fn versions_on_postgres() {
    let Some(site) = Site::postgres() else { return };
    versions(site).await;
}

/// A program meets a database that is older or newer than itself: it says so and changes nothing.
async fn versions(mut site: Site) {
    let tree = if site.has_server() { "postgres" } else { "sqlite" };
    let last = fugong_migrations(tree).pop().unwrap();
    let down = std::fs::read_to_string(last.join("down.sql")).unwrap();
    let version = last.file_name().unwrap().to_str().unwrap()[..4].to_owned();
    let forget = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'");
    sql(&site, &format!("{down}; {forget}"));
    let (done, said) = site.told(site.command(&["serve"])).await;
    assert!(!done && said.contains("needs 1 migrations; run `fugong migrate` first"), "{said}");
    let (done, said) = site.told(site.command(&["migrate"])).await;
    assert!(done && said.contains("1 migrations have run"), "{said}");
    sql(&site, "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    for args in [&["serve"][..], &["serve", "--check"], &["migrate"]] {
        let (done, said) = site.told(site.command(args)).await;
        assert!(!done && said.contains("written by a newer version of this program (it has 9999)"), "{said}");
    }
    sql(&site, "DELETE FROM __diesel_schema_migrations WHERE version = '9999'");
    site.start().await;
}

fn fugong_migrations(tree: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("migrations").join(tree);
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|d| d.unwrap().path()).collect();
    all.sort();
    all
}

/// A newer program has migrated while this one serves: it goes on, and once it has stopped it does not start again.
#[actix_web::test]
async fn an_old_one_goes_on_beside_a_migration() {
    let Some(mut site) = Site::postgres() else { return };
    let people = site.people(0, 24, &mut Sampler::new(1)).await;
    site.start().await;
    let mut acknowledged = BTreeMap::new();
    for (at, person) in people.iter().enumerate() {
        // As migrations are: a column with its value for the rows that are there.
        let step = format!("ALTER TABLE declarations ADD COLUMN new_{at} text NOT NULL DEFAULT 'x'");
        let site = &site;
        let (number, ()) = tokio::join!(site.submit(person), async move { sql(site, &step) });
        acknowledged.insert(person.n, number.expect("answered"));
    }
    sql(&site, "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    site.ready().await;
    site.kill();
    checker::check(&site, &acknowledged).await;
    let (done, said) = site.told(site.command(&["serve"])).await;
    assert!(!done && said.contains("written by a newer version"), "{said}");
}

/// Several processes that migrate at the same time take turns. One that has to wait for a table in use gives up, with
/// nothing half-done.
#[actix_web::test]
async fn migrations_take_turns() {
    let Some(site) = Site::postgres() else { return };
    let url = site.server().database("twice").unwrap();
    let migrate = || {
        let mut command = site.command(&["migrate"]);
        command.env("DATABASE_URL", &url);
        site.told(command)
    };
    let done = tokio::join!(migrate(), migrate(), migrate());
    for (done, said) in [&done.0, &done.1, &done.2] {
        assert!(*done, "{said}");
    }
    let at = DatabaseUrl::parse(&url).unwrap();
    assert_eq!(migration_state(&at).unwrap(), MigrationState::Current);
    // One that changes what is there: a new table waits for nobody.
    let changes = |at: &PathBuf| std::fs::read_to_string(at.join("up.sql")).unwrap().contains("ALTER TABLE");
    let last = fugong_migrations("postgres").into_iter().rfind(changes).unwrap();
    let down = std::fs::read_to_string(last.join("down.sql")).unwrap();
    let mut conn = PgConnection::establish(&url).unwrap();
    let version = &last.file_name().unwrap().to_str().unwrap()[..4];
    let forget = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'");
    conn.batch_execute(&format!("{down}; {forget}")).unwrap();
    // Whatever it changes is in use.
    conn.batch_execute(
        "BEGIN; DO $$ BEGIN EXECUTE (SELECT 'LOCK TABLE ' || string_agg(quote_ident(tablename), ', ') \
         || ' IN EXCLUSIVE MODE' FROM pg_tables WHERE schemaname = current_schema() \
         AND tablename <> '__diesel_schema_migrations'); END $$",
    )
    .unwrap();
    let (done, said) = migrate().await;
    assert!(!done && said.contains("lock timeout"), "{said}");
    conn.batch_execute("ROLLBACK").unwrap();
    assert_eq!(migration_state(&at).unwrap(), MigrationState::Behind { pending: 1, applied: applied(&url) });
    assert!(migrate().await.0);
}

fn applied(url: &str) -> usize {
    let mut conn = fugong::db::connect_read(&DatabaseUrl::parse(url).unwrap()).unwrap();
    usize::try_from(count(&mut conn, "SELECT count(*) AS n FROM __diesel_schema_migrations")).unwrap()
}
