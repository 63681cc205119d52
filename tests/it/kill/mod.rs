//! Promise 1: no acknowledged submission is lost, doubled or half-written.
//!
//! The real program is killed with SIGKILL at random moments while residents submit declarations; on PostgreSQL
//! (fsync on) now and then every process of the database server as well. After each kill a checker looks at the
//! database; after each start everything that was not acknowledged is sent again with its key, and some of what was.
//! A kill cannot show a missing sync, since the kernel keeps what was written; so one run is traced, and each answer
//! must come after a sync of the write-ahead log that ended after its last write ([`trace`]).
//!
//! `FUGONG_KILL_ROUNDS` (default 4; the full run has 200 and more) and `FUGONG_KILL_SEED` (printed) repeat a run: the
//! same persons, keys, numbers of answers and moments; what the threads do meanwhile is the machine's.

mod acts;
mod beside;
mod checker;
mod colours;
mod disk;
mod full;
mod handed;
mod hung;
mod log;
mod parts;
pub mod site;
mod trace;

use fugong::identity::sample::Sampler;
use site::{Ending, Person, Site};
use std::collections::BTreeMap;
use std::time::Duration;

/// Persons who submit in a round; each submits once.
const PERSONS: u64 = 64;
/// Requests at the same time.
const CLIENTS: usize = 16;
/// After so many rounds a new database is begun, so that checking it stays quick.
const ERA: u64 = 25;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// What a whole run has seen.
#[derive(Debug, Default)]
struct Tally {
    kills: u64,
    database_kills: u64,
    acknowledged: u64,
    in_doubt: u64,
    in_doubt_written: u64,
    repeated: u64,
    entries: u64,
}

#[actix_web::test]
async fn sqlite() {
    run("sqlite", || Some(Site::sqlite())).await;
}

#[actix_web::test]
async fn postgres() {
    run("postgres", Site::postgres).await;
}

async fn run(name: &str, new: impl Fn() -> Option<Site>) {
    let rounds = setting("FUGONG_KILL_ROUNDS").unwrap_or(4);
    let seed = setting("FUGONG_KILL_SEED").unwrap_or_else(|| u64::from(std::process::id()) ^ 0x5eed);
    println!("kill test on {name}: FUGONG_KILL_SEED={seed} FUGONG_KILL_ROUNDS={rounds}");
    let mut plans = Sampler::new(seed);
    let mut tally = Tally::default();
    let mut done = 0;
    while done < rounds {
        let Some(mut site) = new() else { return };
        let era = ERA.min(rounds - done);
        let mut acknowledged = BTreeMap::new();
        let mut pending = Vec::new();
        for round in 0..era {
            // Each round draws anew, so that what was answered in one does not change the next one's plan.
            let mut sampler = Sampler::new(plans.next_u64());
            one_round(&mut site, round, &mut sampler, &mut acknowledged, &mut pending, &mut tally).await;
        }
        site.start().await;
        again(&site, &mut acknowledged, &mut pending, &mut tally).await;
        site.kill();
        tally.entries += checker::check(&site, &acknowledged).await.entries;
        tally.acknowledged += u64::try_from(acknowledged.len()).unwrap();
        done += era;
    }
    println!("kill test on {name}: {tally:?}");
    assert!(tally.acknowledged > 0, "nothing was acknowledged, so nothing was tested");
}

/// Start, repeat what was in doubt, load, kill, check.
async fn one_round(
    site: &mut Site,
    round: u64,
    sampler: &mut Sampler,
    acknowledged: &mut BTreeMap<u64, String>,
    pending: &mut Vec<Person>,
    tally: &mut Tally,
) {
    let people = site.people(round * PERSONS, PERSONS, sampler).await;
    site.start().await;
    again(site, acknowledged, pending, tally).await;
    let after = sampler.below(PERSONS * 3 / 4);
    let moment = Duration::from_micros(sampler.below(3000));
    // At least once in a run, and then by chance.
    let database = site.has_server() && (round == 1 || sampler.below(4) == 0);
    let repeats = sampler.below(8);
    let endings = site.load_and_kill(people, CLIENTS, after, moment, database).await;
    tally.kills += 1;
    tally.database_kills += u64::from(database);
    for ending in endings {
        match ending {
            Ending::Acknowledged(person, number) => {
                acknowledged.insert(person.n, number);
                if person.n % 8 == repeats {
                    pending.push(person);
                }
            }
            Ending::InDoubt(person) => {
                tally.in_doubt += 1;
                pending.push(person);
            }
        }
    }
    let found = checker::check(site, acknowledged).await;
    tally.in_doubt_written += found.unacknowledged;
}

/// Sends again what was in doubt and some of what was acknowledged: the same number comes back.
async fn again(
    site: &Site,
    acknowledged: &mut BTreeMap<u64, String>,
    pending: &mut Vec<Person>,
    tally: &mut Tally,
) {
    for person in pending.drain(..) {
        let number = site.submit(&person).await.expect("the server runs");
        tally.repeated += 1;
        let before = acknowledged.insert(person.n, number.clone());
        assert!(before.is_none_or(|b| b == number), "person {} got another number when repeated", person.n);
    }
}
