//! A finding about one of the known residents: entered by one officer of disease control, confirmed by another, so that
//! there is a red code with its reason; the appeal against it, which waits for a reviewer; and a finding about somebody
//! else that waits for the second officer.

use super::known::CONTACT;
use super::portal::Portal;
use super::residents::{Documents, resident};
use super::{Home, staff};
use crate::access::Role;
use crate::clock::china_day;
use crate::db::Id;
use crate::error::{AppError, AppResult};
use crate::identity::Phone;
use chrono::{Datelike, Duration};

/// Minutes that it takes.
pub(super) const PLANNED: i64 = 35 + 50;

/// One person was close to a case three days ago, another perhaps to the same.
pub(super) async fn fill(portal: &Portal, home: &Home, documents: &Documents) -> AppResult<()> {
    let Documents { contact, other, .. } = documents;
    let officers = staff::all(portal, Role::ColourOfficer, home.people.county).await?;
    let [first, _, ..] = officers.as_slice() else { return Ok(()) };
    let day = china_day(portal.deps.clock.now()) - Duration::days(3);
    let (year, month, of_month) = (day.year().to_string(), day.month().to_string(), day.day().to_string());
    let found = |document, place| {
        [
            ("doc_kind", "id_card"),
            ("doc_number", document),
            ("kind", "close_contact"),
            ("at-year", year.as_str()),
            ("at-month", month.as_str()),
            ("at-day", of_month.as_str()),
            ("place", place),
            ("source", "区疾控中心流调报告"),
        ]
    };
    portal.form(first, "/desk/records/new", &found(other.as_str(), "东坡区通惠街道茶馆")).await?;
    portal.form(first, "/desk/records/new", &found(contact.as_str(), "东坡区农贸市场")).await?;
    portal.wait(35);
    // Signed in now: a finding is decided with a fresh second factor.
    let officers = staff::all(portal, Role::ColourOfficer, home.people.county).await?;
    let [_, second, ..] = officers.as_slice() else { return Ok(()) };
    let id: Id = portal.deps.store.read(crate::codes::waiting_record).await?;
    portal.form(second, &format!("/desk/records/{id}/decide"), &[("decision", "confirm")]).await?;
    portal.wait(50);
    let phone = Phone::parse(CONTACT).map_err(|_| AppError::internal("a phone of the demo"))?;
    let person = resident(portal, &phone).await?;
    let reason = "那天我在成都上班，有考勤记录，没有去过农贸市场。";
    let fields = [("cause", "red.close-contact"), ("reason", reason)];
    portal.form(&person, "/code/appeal", &fields).await
}
