//! The colour and the certificate under the kill: findings begin and end, the program is killed while it works the
//! colours out, and after each kill nobody's certificate holds beside a red code, or is suspended without one.
//!
//! A finding is written as two officers would leave it, while the program is down; what follows from it (the colour, the
//! certificate, its status entry, the message, the log) is the program's own and belongs to one transaction.

use super::checker::chains;
use super::setting;
use super::site::{Site, count};
use diesel::prelude::*;
use fugong::certificates::status::{self, Slot};
use fugong::clock::Clock;
use fugong::crypto::Keyring;
use fugong::db::schema::{
    audit_entries, certificates, code_states, declarations, health_records, inbox, jobs,
};
use fugong::db::{Conn, Id, Store, Ts, Tx};
use fugong::error::AppResult;
use fugong::hcert::EntryStatus;
use fugong::identity::sample::Sampler;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Persons who hold a certificate.
const PERSONS: u64 = 24;

#[actix_web::test]
async fn sqlite() {
    run("sqlite", Some(Site::sqlite())).await;
}

#[actix_web::test]
async fn postgres() {
    run("postgres", Site::postgres()).await;
}

async fn run(name: &str, site: Option<Site>) {
    let Some(mut site) = site else { return };
    let rounds = setting("FUGONG_KILL_ROUNDS").unwrap_or(4);
    let seed = setting("FUGONG_KILL_SEED").unwrap_or_else(|| u64::from(std::process::id()) ^ 0xc0de);
    println!("colours under the kill on {name}: FUGONG_KILL_SEED={seed} FUGONG_KILL_ROUNDS={rounds}");
    let mut sampler = Sampler::new(seed);
    let people = site.people(0, PERSONS, &mut sampler).await;
    site.start().await;
    for person in &people {
        site.submit(person).await.expect("the server runs");
    }
    site.kill();
    certify(&site).await;
    let (mut changes, mut cut_short) = (0, 0);
    for round in 0..rounds {
        let wanted = turn(&site).await;
        let before = changes_in(&site).await;
        site.start().await;
        let after = before + i64::try_from(sampler.below(PERSONS)).unwrap();
        wait(&site, move |conn| count(conn, CHANGES) > after).await;
        tokio::time::sleep(Duration::from_micros(sampler.below(3000))).await;
        let database = site.has_server() && (round == 1 || sampler.below(4) == 0);
        site.kill_with(database);
        let now = check(&site).await;
        changes += now - before;
        cut_short += u64::from(now < before + wanted);
        // The rest follows when the dead worker's leases have passed, whatever the kill has left of it.
        leases_pass(&site).await;
        site.start().await;
        wait(&site, |conn| count(conn, OPEN_JOBS) == 0).await;
        site.kill();
        assert_eq!(check(&site).await, before + wanted, "every finding that began or ended was followed");
    }
    println!(
        "colours under the kill on {name}: {changes} changes before a kill, {cut_short} of {rounds} kills between two"
    );
}

const CHANGES: &str = "SELECT CAST(sum(version - 1) AS BIGINT) AS n FROM certificates";
const OPEN_JOBS: &str = "SELECT count(*) AS n FROM jobs WHERE kind = 'codes.evaluate' AND state <> 'dead'";

async fn changes_in(site: &Site) -> i64 {
    let store = site.store();
    let found = store.read(|conn| Ok(count(conn, CHANGES))).await.unwrap();
    store.close().await;
    found
}

/// Waits until the database says so.
async fn wait(site: &Site, done: impl Fn(&mut Conn) -> bool + Copy + Send + Sync + 'static) {
    let (store, begun) = (site.store(), Instant::now());
    while !store.read(move |conn| Ok(done(conn))).await.unwrap() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the findings were not followed in a minute");
        tokio::task::yield_now().await;
    }
    store.close().await;
}

async fn write(site: &Site, work: impl FnOnce(&mut Tx<'_>, &Arc<Keyring>) -> AppResult<()> + Send + 'static) {
    let (store, keys): (Store, _) = (site.store(), Arc::new(site.keyring()));
    store.write(move |tx| work(tx, &keys)).await.unwrap();
    store.close().await;
}

/// A certificate for everybody who has declared.
async fn certify(site: &Site) {
    let now = Clock::system().now();
    write(site, move |tx, _| {
        let declared: Vec<(Id, Option<Id>, Option<Id>, String)> = declarations::table
            .select((
                declarations::id,
                declarations::person_id,
                declarations::account_id,
                declarations::division,
            ))
            .load(tx.conn())?;
        for (declaration, person, account, division) in declared {
            let slot = status::allocate(tx, "certificate", now)?;
            let row = (
                certificates::id.eq(Id::new()),
                certificates::number.eq(format!("ZM-{}", Id::new().0.simple())),
                certificates::declaration_id.eq(declaration),
                certificates::person_id.eq(person.unwrap()),
                certificates::account_id.eq(account),
                certificates::state.eq("valid"),
                certificates::version.eq(1),
                certificates::division.eq(division),
                certificates::conclusion.eq("no-abnormality"),
                certificates::temperature_tenths.eq(365),
                certificates::token_sealed.eq(vec![0_u8]),
                certificates::kid.eq(vec![0_u8; 8]),
                (
                    certificates::status_list.eq(slot.list),
                    certificates::status_index.eq(slot.index),
                    certificates::office_id.eq(Id::new()),
                    certificates::official_id.eq(Id::new()),
                    certificates::issued_at.eq(Ts::from(now)),
                    certificates::expires_at.eq(Ts::from(now + chrono::TimeDelta::days(14))),
                ),
            );
            diesel::insert_into(certificates::table).values(row).execute(tx.conn())?;
        }
        Ok(())
    })
    .await;
}

/// What two minutes do: the jobs that a killed worker held are to be had again.
pub async fn leases_pass(site: &Site) {
    write(site, |tx, _| {
        diesel::update(jobs::table.filter(jobs::state.eq("running")))
            .set((jobs::state.eq("queued"), jobs::locked_until.eq(None::<Ts>)))
            .execute(tx.conn())?;
        Ok(())
    })
    .await;
}

/// A finding begins for everybody, or what there is ends; gives how many colours are to change.
async fn turn(site: &Site) -> i64 {
    let now = Clock::system().now();
    write(site, move |tx, keys| {
        let open = health_records::table.filter(health_records::ended_at.is_null());
        let ended =
            diesel::update(open).set(health_records::ended_at.eq(Ts::from(now))).execute(tx.conn())?;
        let people: Vec<Id> = certificates::table.select(certificates::person_id).load(tx.conn())?;
        for person in people {
            if ended == 0 {
                let row = (
                    health_records::id.eq(Id::new()),
                    health_records::person_id.eq(person),
                    health_records::kind.eq("close_contact"),
                    health_records::at.eq(Ts::from(now)),
                    health_records::source.eq("县疾控中心流调报告"),
                    health_records::entered_by.eq(Id::new()),
                    health_records::confirmed_by.eq(Id::new()),
                    health_records::confirmed_at.eq(Ts::from(now)),
                    health_records::created_at.eq(Ts::from(now)),
                );
                diesel::insert_into(health_records::table).values(row).execute(tx.conn())?;
            }
            fugong::colour::enqueue_evaluation(tx, keys, person, now)?;
        }
        Ok(())
    })
    .await;
    i64::try_from(PERSONS).unwrap()
}

/// Colour, certificate, status entry, message and log say the same; gives how many changes there were.
async fn check(site: &Site) -> i64 {
    let store = site.store();
    let found = store.read(|conn| Ok(picture(conn))).await.unwrap();
    store.close().await;
    found
}

fn picture(conn: &mut Conn) -> i64 {
    let looked = conn.transaction(|conn| {
        if let Conn::Pg(_) = conn {
            diesel::sql_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(conn)?;
        }
        Ok::<_, diesel::result::Error>(look(conn))
    });
    looked.unwrap()
}

type Held = (Id, i64, Option<Ts>, i64, i32, String);

fn look(conn: &mut Conn) -> i64 {
    let held: Vec<Held> = certificates::table
        .inner_join(code_states::table.on(code_states::person_id.eq(certificates::person_id)))
        .select((
            certificates::id,
            certificates::version,
            certificates::suspended_at,
            certificates::status_list,
            certificates::status_index,
            code_states::colour,
        ))
        .load(conn)
        .unwrap();
    let changes = ["certificate.suspend", "certificate.resume"];
    let mut logged: HashMap<Id, i64> = HashMap::new();
    let entries = audit_entries::table.filter(audit_entries::action.eq_any(changes));
    for object in entries.select(audit_entries::object_id).load::<Option<Id>>(conn).unwrap() {
        *logged.entry(object.expect("an entry without its certificate")).or_default() += 1;
    }
    let mut sum = 0;
    for (id, version, suspended, list, index, colour) in held {
        assert_eq!(suspended.is_some(), colour == "red", "certificate {id} beside a {colour} code");
        let entry = status::get(conn, Slot { list, index }).unwrap();
        let says = if suspended.is_some() { EntryStatus::Suspended } else { EntryStatus::Valid };
        assert_eq!(entry, Some(says), "the status list on certificate {id}");
        assert_eq!(logged.remove(&id).unwrap_or_default(), version - 1, "entries on certificate {id}");
        sum += version - 1;
    }
    assert!(logged.is_empty(), "entries on certificates that did not change: {logged:?}");
    let told = inbox::table.filter(inbox::message.eq_any(["certificate-suspended", "certificate-resumed"]));
    let told: i64 = told.count().get_result(conn).unwrap();
    assert_eq!(told, sum, "each change was told once");
    chains(conn);
    sum
}
