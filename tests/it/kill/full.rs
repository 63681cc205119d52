//! PostgreSQL on a disk that is really full: first a table that cannot grow, then a log of changes (WAL) that cannot, which
//! ends the server. `docs/faults.md` has the command: it needs a small file system of its own.

use super::checker;
use super::parts::{RECOVERED, is_ours, postgres, sent, submission, until_ready_is};
use super::site::{Person, Site};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use fugong::db::DatabaseUrl;
use fugong::identity::sample::Sampler;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

/// A file system with more room than this is not filled: it may be somebody's.
const SMALL: u64 = 1 << 30;

fn room(dir: &PathBuf) -> u64 {
    let told = Command::new("df").args(["--output=avail", "-B1"]).arg(dir).output().unwrap().stdout;
    String::from_utf8(told).unwrap().lines().nth(1).unwrap().trim().parse().unwrap()
}

/// Takes all the room there is.
fn fill(file: &PathBuf) {
    let mut ballast = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
    while ballast.write_all(&[0; 4096]).is_ok() {}
}

/// Whether the server is there; it may have ended itself.
fn answers(site: &Site) -> bool {
    let DatabaseUrl::Postgres(url) = site.database() else { return false };
    PgConnection::establish(&url).is_ok()
}

/// What came of submissions: numbers of those that were taken, and who was told to come back.
#[derive(Default)]
struct Came<'a> {
    taken: BTreeMap<u64, String>,
    refused: Vec<&'a Person>,
}

impl<'a> Came<'a> {
    /// Submits once; whatever is not taken is said to be our fault.
    async fn of(&mut self, site: &Site, person: &'a Person) {
        let answer = sent("a submission", submission(site, person)).await;
        if answer.status().as_u16() != 201 {
            is_ours("a submission", &answer);
            return self.refused.push(person);
        }
        let made: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        self.taken.insert(person.n, made["number"].as_str().unwrap().to_owned());
    }

    /// Everybody who was told to come back comes back, and is taken.
    async fn again(&mut self, site: &Site) {
        for person in std::mem::take(&mut self.refused) {
            self.taken.insert(person.n, site.submit(person).await.expect("it works again"));
        }
    }
}

#[actix_web::test]
#[ignore = "fills the file system of TMPDIR, which has to be a small one of its own: docs/faults.md"]
async fn a_disk_that_is_full_under_postgresql() {
    let dir = std::env::temp_dir();
    assert!(room(&dir) < SMALL, "TMPDIR has {} bytes free: not a small file system of its own", room(&dir));
    let mut site = Site::postgres().expect("PostgreSQL");
    let people = site.people(0, 2000, &mut Sampler::new(1)).await;
    let mut next = people.iter();
    site.start().await;
    let (ballast, mut came) = (dir.join("ballast"), Came::default());
    for person in next.by_ref().take(20) {
        came.of(&site, person).await;
    }
    assert!(came.refused.is_empty(), "all is well");
    fill(&ballast);
    while came.refused.len() < 5 {
        came.of(&site, next.next().expect("it never got full")).await;
    }
    println!("tables cannot grow: {} taken, {} refused", came.taken.len(), came.refused.len());
    std::fs::remove_file(&ballast).unwrap();
    until_ready_is(&site, 200, RECOVERED).await;
    came.again(&site).await;
    // The log's files are made ahead; with each of these one is used up, until the server ends itself. It may come up again by
    // itself and take something into what is left of its last file.
    fill(&ballast);
    let mut conn = postgres(&site);
    let one_more = "SELECT pg_logical_emit_message(true, 'full', 'x'); SELECT pg_switch_wal()";
    while conn.batch_execute(one_more).is_ok() {}
    let before = came.taken.len();
    for person in next.by_ref().take(10) {
        came.of(&site, person).await;
    }
    println!("the log cannot grow: {} taken, {} refused", came.taken.len() - before, came.refused.len());
    std::fs::remove_file(&ballast).unwrap();
    if answers(&site) {
        site.kill_server();
    }
    site.start_server();
    let back = until_ready_is(&site, 200, RECOVERED).await;
    came.again(&site).await;
    println!("ready {back:.1?} after the server is back; {} taken in all", came.taken.len());
    site.kill();
    checker::check(&site, &came.taken).await;
}
