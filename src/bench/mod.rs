//! `fugong bench`: what is fast, as ratios to limits that are measured in the same run.
//!
//! Absolute times are noise on a shared machine, so each figure stands beside a limit: the same server answering the
//! same number of bytes and doing nothing, the bare signature, the same INSERTs without anything around them. The load
//! generator ([`load`]) runs in this process on threads of its own and shares the machine's cores with the server;
//! its processor time is taken off the server's. Guards: an occupied port is refused, any unexpected status ends the
//! run, and the rows that were really written are counted.

mod bare;
mod codes;
mod declare;
mod desk;
mod figure;
mod http;
mod imports;
mod load;
mod overload;
mod people;
mod pgbench;
mod portal;
mod postgres;
mod probe;
mod pure;
mod retention;
mod start;
mod system;
mod worklists;
mod writes;

pub use figure::{Figure, Report};
pub use portal::environment;
pub use postgres::Throwaway;

use crate::db::DatabaseUrl;
use bare::Bare;
use people::Person;
use portal::Portal;
use std::sync::Arc;
use std::time::Duration;

/// What is measured only when it is asked for: it takes minutes.
pub const ASKED: [&str; 4] = ["retention", "overload", "import", "worklists"];
/// What may be measured, in the order of the run.
pub const GROUPS: [&str; 6] = ["hello", "crypto", "policy", "write", "code", "start"];

/// How to measure.
#[derive(Debug, Clone)]
pub struct Options {
    /// Groups to measure; all when empty.
    pub only: Vec<String>,
    /// Time for each measurement.
    pub time: Duration,
    /// Persons to make.
    pub persons: u32,
    /// Rows to destroy (`retention`).
    pub rows: u64,
    /// Rows of each list, the one after the other (`worklists`).
    pub sizes: Vec<u64>,
    /// A database of its own to use instead of SQLite in a temporary folder.
    pub database: Option<DatabaseUrl>,
    /// Port of the portal on loopback; 0 takes a free one.
    pub port: u16,
    /// Connections of the load generator.
    pub connections: usize,
}

impl Options {
    fn wants(&self, group: &str) -> bool {
        (self.only.is_empty() && !ASKED.contains(&group)) || self.only.iter().any(|only| only == group)
    }

    /// Refuses what could only fail after it had measured for a while.
    ///
    /// # Errors
    /// One line.
    pub fn check(&self) -> Result<(), String> {
        let known = [&GROUPS[..], &ASKED].concat();
        if let Some(unknown) = self.only.iter().find(|only| !known.contains(&only.as_str())) {
            return Err(format!("there is no group {unknown}; there are {}", known.join(", ")));
        }
        if self.wants("code") && !self.wants("crypto") {
            return Err(
                "the limits of the group code are measured in the group crypto: add it to --only".into()
            );
        }
        if self.persons == 0
            && ["write", "code", "overload", "retention", "worklists"].iter().any(|g| self.wants(g))
        {
            return Err("--persons: at least one".into());
        }
        let few = self.sizes.is_empty() || self.sizes.iter().any(|size| !(1_000..=10_000_000).contains(size));
        if self.wants("worklists") && few {
            return Err("--sizes: numbers from 1000 to 10000000".into());
        }
        Ok(())
    }
}

/// Everything a measurement may use.
struct Bench {
    options: Options,
    bare: Bare,
    portal: Portal,
    /// Made when first needed.
    people: Option<Arc<Vec<Person>>>,
    /// How many of them have declared.
    declared: u64,
    report: Report,
    /// Tells whoever waits how far it is.
    progress: Box<dyn FnMut(&str)>,
}

/// Measures. A part whose routes this build does not have is named in the report as not measured.
///
/// # Errors
/// One line: a server that could not be started, an answer that was not expected, rows that are missing.
pub async fn run(options: Options, progress: impl FnMut(&str) + 'static) -> Result<Report, String> {
    options.check()?;
    if options.wants("worklists") {
        worklists::prepare()?;
    }
    let portal = Portal::start(&options).await?;
    let bare = Bare::start(portal.deps.store.clone())?;
    let report = Report::new(&options, portal.deps.store.is_sqlite());
    let progress = Box::new(progress);
    let mut bench = Bench { options, bare, portal, people: None, declared: 0, report, progress };
    for group in GROUPS.into_iter().chain(ASKED) {
        if bench.options.wants(group) {
            (bench.progress)(&format!("measuring: {group}"));
            bench.group(group).await?;
        }
    }
    bench.bare.stop().await;
    bench.portal.stop().await;
    Ok(bench.report)
}

impl Bench {
    /// The persons of this run.
    async fn people(&mut self) -> Result<Arc<Vec<Person>>, String> {
        if let Some(people) = &self.people {
            return Ok(people.clone());
        }
        let people = people::make(&self.portal, self.options.persons, &mut self.progress).await?;
        let people = Arc::new(people);
        self.people = Some(people.clone());
        Ok(people)
    }

    async fn group(&mut self, group: &str) -> Result<(), String> {
        match group {
            "hello" => http::hello(self).await,
            "crypto" => pure::crypto(self),
            "policy" => pure::policy(self),
            "code" => codes::show(self).await,
            "write" => writes::durable(self).await,
            "start" => start::process(self).await,
            "overload" => overload::gate(self).await,
            "retention" => retention::destruction(self).await,
            "import" => imports::tables(self).await,
            "worklists" => worklists::pages(self).await,
            other => Err(format!("there is no group {other}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_only_fail_later_is_refused_first() {
        let options = |only: &[&str], persons| Options {
            only: only.iter().map(|g| (*g).to_owned()).collect(),
            time: Duration::from_secs(1),
            persons,
            rows: 0,
            sizes: Vec::new(),
            database: None,
            port: 0,
            connections: 1,
        };
        for (only, persons, allowed) in [
            (&[][..], 10, true),
            (&["crypto", "code"], 10, true),
            (&["code"], 10, false),
            (&["hello", "cod"], 10, false),
            (&["hello", "crypto"], 0, true),
            (&["overload"], 0, false),
            (&["worklists"], 10, false),
            (&[], 0, false),
        ] {
            assert_eq!(options(only, persons).check().is_ok(), allowed, "{only:?} {persons}");
        }
    }
}
