//! Decisions under the kill: declarations are checked and certificates issued, findings entered, confirmed, refused and
//! ended by two, appeals filed and decided, applications filed, completed, agreed to, approved and refused, by several
//! clients at once, while the program (on PostgreSQL now and then the database too) is killed.
//!
//! After each kill, in one picture of the database: what was answered is there, once and whole; nothing else is, but
//! what was on its way. What was on its way is sent again after the next start and ends once.

mod check;
mod office;
mod paper;
mod story;
mod trail;

use super::colours::leases_pass;
use super::setting;
use super::site::Site;
use fugong::identity::sample::Sampler;
use office::{Ending, Office, Staff};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use story::{Act, Story};
use tokio::sync::watch;

/// Stories that are under way at the same time.
const OPEN: usize = 24;
/// Requests at the same time.
const CLIENTS: usize = 12;
/// Answers before a kill, at most.
const ANSWERS: u64 = 90;
/// After so many rounds a new database is begun, so that checking it stays quick.
const ERA: u64 = 25;

/// What a whole run has seen.
#[derive(Debug, Default)]
struct Tally {
    kills: u64,
    database_kills: u64,
    acknowledged: BTreeMap<Act, u64>,
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
    let seed = setting("FUGONG_KILL_SEED").unwrap_or_else(|| u64::from(std::process::id()) ^ 0xac75);
    println!("decisions under the kill on {name}: FUGONG_KILL_SEED={seed} FUGONG_KILL_ROUNDS={rounds}");
    let (begun, mut plans, mut tally) = (Instant::now(), Sampler::new(seed), Tally::default());
    let mut done = 0;
    while done < rounds {
        let Some(site) = new() else { return };
        let era = ERA.min(rounds - done);
        let staff = Staff::hire(&site).await;
        let mut era_run = Era { site, staff, seed: plans.next_u64(), open: Vec::new(), over: Vec::new() };
        for round in 0..era {
            era_run.round(round, &mut Sampler::new(plans.next_u64()), &mut tally).await;
        }
        era_run.settle(&mut tally).await;
        done += era;
    }
    let sum: u64 = tally.acknowledged.values().sum();
    println!(
        "decisions under the kill on {name}: {sum} acts in {:.0} s: {tally:?}",
        begun.elapsed().as_secs_f64()
    );
    assert!(tally.acknowledged.len() > 6, "hardly anything was decided: {tally:?}");
}

/// One database.
struct Era {
    site: Site,
    staff: Staff,
    seed: u64,
    open: Vec<Story>,
    over: Vec<Story>,
}

impl Era {
    /// Start, go on, kill, check.
    async fn round(&mut self, round: u64, sampler: &mut Sampler, tally: &mut Tally) {
        self.begin(sampler).await;
        let office = self.staff.sign_in(&self.site).await;
        // A job that the dead worker held is to be had again, as it is when its lease has passed.
        leases_pass(&self.site).await;
        self.site.start().await;
        self.repeat(&office, tally).await;
        let after = sampler.below(ANSWERS);
        let moment = Duration::from_micros(sampler.below(3000));
        let database = self.site.has_server() && (round == 1 || sampler.below(4) == 0);
        self.load_and_kill(&office, after, moment, database, tally).await;
        tally.kills += 1;
        tally.database_kills += u64::from(database);
        tally.in_doubt += self.open.iter().map(|s| u64::from(s.doubt.is_some())).sum::<u64>();
        tally.in_doubt_written += check::check(&self.site, self.stories()).await.written;
    }

    fn stories(&self) -> Vec<Story> {
        self.open.iter().chain(&self.over).cloned().collect()
    }

    /// As many new stories as have ended.
    async fn begin(&mut self, sampler: &mut Sampler) {
        let from = u64::try_from(self.open.len() + self.over.len()).unwrap();
        for k in from..from + u64::try_from(OPEN - self.open.len()).unwrap() {
            let owner = self.site.people(Story::owner_of(k), 1, sampler).await.remove(0);
            self.open.push(Story::new(k, self.seed, owner));
        }
    }

    /// Sends again what was in doubt.
    async fn repeat(&mut self, office: &Office, tally: &mut Tally) {
        for story in self.open.iter_mut().filter(|s| s.doubt.is_some()) {
            let Ending::Answered(act) = office.next(story).await else { panic!("the server runs") };
            *tally.acknowledged.entry(act).or_default() += 1;
            tally.repeated += 1;
        }
        self.sort_out();
    }

    fn sort_out(&mut self) {
        let (open, over) = std::mem::take(&mut self.open).into_iter().partition(|s| s.act().is_some());
        self.open = open;
        self.over.extend::<Vec<Story>>(over);
    }

    /// Lets clients go on with the stories until `after` acts were answered, waits for `moment`, and kills.
    async fn load_and_kill(
        &mut self,
        office: &Office,
        after: u64,
        moment: Duration,
        database: bool,
        tally: &mut Tally,
    ) {
        let queue = Arc::new(Mutex::new(VecDeque::from(std::mem::take(&mut self.open))));
        let (count, mut counted) = watch::channel(0u64);
        let count = Arc::new(count);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| tokio::spawn(client(office.clone(), queue.clone(), count.clone())))
            .collect();
        drop(count);
        // Where all has been done before, the clients are gone.
        let _ = counted.wait_for(|n| *n >= after).await;
        tokio::time::sleep(moment).await;
        office.killed.store(true, Ordering::SeqCst);
        self.site.kill_with(database);
        for task in clients {
            let (stories, acts) = task.await.unwrap();
            self.open.extend(stories);
            acts.into_iter().for_each(|act| *tally.acknowledged.entry(act).or_default() += 1);
        }
        self.open.extend(std::mem::take(&mut *queue.lock().unwrap()));
        self.sort_out();
    }

    /// What is in doubt is settled, the rest left as it is, and all looked at once more.
    async fn settle(&mut self, tally: &mut Tally) {
        let office = self.staff.sign_in(&self.site).await;
        self.site.start().await;
        self.repeat(&office, tally).await;
        self.site.kill();
        let found = check::check(&self.site, self.stories()).await;
        assert_eq!(found.written, 0, "nothing is in doubt");
        tally.entries += found.entries;
    }
}

/// Goes on with whatever story is next; gives those that it has left, and what was answered.
async fn client(
    office: Office,
    queue: Arc<Mutex<VecDeque<Story>>>,
    count: Arc<watch::Sender<u64>>,
) -> (Vec<Story>, Vec<Act>) {
    let (mut left, mut acts) = (Vec::new(), Vec::new());
    loop {
        let next = queue.lock().unwrap().pop_front();
        let Some(mut story) = next else { break };
        let ending = office.next(&mut story).await;
        let over = story.act().is_none();
        match ending {
            Ending::Answered(act) => {
                acts.push(act);
                count.send_modify(|n| *n += 1);
                if over { left.push(story) } else { queue.lock().unwrap().push_back(story) }
            }
            // The worker has it at once; meanwhile there is something else to do.
            Ending::TooEarly => {
                queue.lock().unwrap().push_back(story);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Ending::InDoubt | Ending::NotBegun => {
                left.push(story);
                break;
            }
        }
    }
    (left, acts)
}
