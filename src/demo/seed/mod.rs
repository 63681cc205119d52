//! Fills an empty demonstration: offices and officials, risk levels, residents, businesses, cases at every stage.
//!
//! Apart from the staff, everything goes through the portal's own pages and interfaces, on a clock that is turned
//! through the office hours from twelve days ago to now: what is shown was really declared, checked, decided, signed and
//! audited.

mod businesses;
mod findings;
mod hours;
mod known;
mod merges;
mod portal;
mod residents;
mod risks;
pub(super) mod staff;

use super::province::Province;
use crate::declarations::Calls;
use crate::error::AppResult;
use crate::jobs::Job;
use hours::Hours;
use portal::Portal;
use std::io::Write;

/// The password of every official of the demonstration.
pub(super) const DEMO_PASSWORD: &str = "fugong-demo-2020";

/// Declarations of the larger province, beside those of the known residents.
const CROWD: usize = 96;

/// How long ago the demonstration begins.
const DAYS: i64 = 12;

/// A county of the demonstration, the prefecture it lies in and a town in it.
pub(super) struct Place {
    prefecture: &'static str,
    county: &'static str,
    town: &'static str,
    phone: &'static str,
}

/// Where the demonstration of a province takes place.
pub(super) struct Home {
    province: &'static str,
    /// Where people live, declare and file: of low risk, so that most codes are green.
    people: Place,
    /// Where a business needs a permit: of medium risk.
    permits: Option<Place>,
}

impl Home {
    /// Where the work on applications takes place.
    fn business(&self) -> &Place {
        self.permits.as_ref().unwrap_or(&self.people)
    }
}

const HOMES: &[Home] = &[
    Home {
        province: "510000",
        people: Place { prefecture: "511400", county: "511402", town: "511402001", phone: "028-38290000" },
        permits: Some(Place {
            prefecture: "511600",
            county: "511621",
            town: "511621001",
            phone: "0826-5220000",
        }),
    },
    // The register has towns of Sichuan only; elsewhere the county is the smallest division.
    Home {
        province: "440000",
        people: Place { prefecture: "440300", county: "440305", town: "440305", phone: "0755-26660000" },
        permits: None,
    },
];

/// Fills the provinces whose database is empty.
///
/// # Errors
/// One line, when something that has to work does not.
pub(super) async fn fill(provinces: &[Province], out: &mut dyn Write) -> Result<(), String> {
    let now = super::now();
    for province in provinces.iter().filter(|p| p.empty) {
        let home = HOMES
            .iter()
            .find(|h| h.province == province.deps.config.province)
            .ok_or("no home for this province")?;
        let hours = Hours::between(now - chrono::Duration::days(DAYS), now, planned(home));
        let portal =
            Portal::open(province, hours.map_err(|e| e.to_string())?).await.map_err(|e| e.to_string())?;
        fill_one(&portal, home, out).await.map_err(|e| e.to_string())?;
        portal.close().await;
    }
    Ok(())
}

/// How many others declare.
fn crowd(home: &Home) -> usize {
    if home.province == "510000" { CROWD } else { CROWD / 4 }
}

/// Minutes that everything takes together: some less than at most, since nobody uses up a step to the second and not everybody
/// is decided about; so the last days have something of each kind.
fn planned(home: &Home) -> i64 {
    let most =
        residents::planned(crowd(home)) + findings::PLANNED + merges::PLANNED + businesses::planned(home);
    most * 88 / 100
}

async fn fill_one(portal: &Portal, home: &'static Home, out: &mut dyn Write) -> AppResult<()> {
    let mut say = |what: &str| {
        let _ = write!(out, "{what}");
        let _ = out.flush();
    };
    say(&format!("Preparing {}: offices and officials", home.province));
    staff::fill(&portal.deps, home, portal.deps.clock.now()).await?;
    say(", risk levels");
    risks::fill(portal, home).await?;
    say(", residents and declarations");
    // A third of them comes after everything else, so that there is something new on every list.
    let (all, first) = (crowd(home), crowd(home) * 2 / 3);
    let documents = residents::fill(portal, home, first).await?;
    say(", findings");
    findings::fill(portal, home, &documents).await?;
    say(", second records");
    merges::fill(portal, home, &documents).await?;
    say(", businesses and applications");
    businesses::fill(portal, home).await?;
    say(", the last days");
    residents::some(portal, home, first..all).await?;
    say(", follow-up work");
    // What a running portal looks for every hour.
    Calls.run(portal.deps.clone()).await?;
    crate::jobs::drain(&portal.deps).await?;
    say(". Done.\n");
    Ok(())
}

/// Residents of the demonstration as the table prints them: phone and what there is to see.
pub(super) fn residents() -> impl Iterator<Item = (&'static str, &'static str)> {
    known::KNOWN.iter().map(|k| (k.phone, k.what))
}
