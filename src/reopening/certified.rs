//! The people on a staff list with the state of their declaration certificates: whether there is one and until when,
//! never what it says about anybody's health. Shown of submitted cases only, to their offices and their applicant.

use super::case::Loaded;
use super::model::{Form, StaffRow};
use super::shown::{StaffCount, StaffTable, StaffView};
use super::store_people as people;
use crate::audit::Actor;
use crate::certificates::{self, CertificateState, State};
use crate::clock::{china_day, start_of_day};
use crate::db::Id;
use crate::deps::App;
use crate::error::AppResult;
use crate::identity::DocumentNumber;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A certificate that ends within so many days is pointed out.
const SOON_DAYS: i64 = 3;
/// Rows shown on a page; those with something amiss come first.
const SHOWN: usize = 200;

/// The certificates of everybody on the list, in its order. Somebody counts as on it when the name is that of the
/// document's holder; everybody found so sees in "who looked" that `by` did, once a day and case.
///
/// # Errors
/// Database errors.
pub async fn read(
    deps: &App,
    by: Actor,
    case: &Loaded,
    now: DateTime<Utc>,
) -> AppResult<Vec<Option<CertificateState>>> {
    let (keys, rows, id, actor) = (deps.keys.clone(), case.form.staff.clone(), case.app.id, by.clone());
    let since = start_of_day(china_day(now));
    let (persons, found, seen) = deps
        .store
        .read(move |conn| {
            let persons = people::agreeing(conn, &keys, &rows)?;
            let there = |(row, person): (&StaffRow, &Option<Id>)| person.and_then(|_| row.number());
            let known: Vec<DocumentNumber> = rows.iter().zip(&persons).filter_map(there).collect();
            let found = certificates::states_of(conn, &keys, &known, now)?;
            let seen = people::looked_up(conn, id, &actor, since)?;
            Ok((persons, found, seen))
        })
        .await?;
    let new: BTreeSet<Id> = persons.iter().flatten().filter(|p| !seen.contains(p)).copied().collect();
    for part in new.into_iter().collect::<Vec<_>>().chunks(people::CHUNK) {
        let (part, by) = (part.to_vec(), by.clone());
        deps.store.write(move |tx| people::note_looks(tx, id, &by, &part, now)).await?;
    }
    let mut found = found.into_iter();
    Ok(persons.iter().map(|person| person.and_then(|_| found.next().flatten())).collect())
}

/// Place in the order, mark, and code of how a certificate stands.
type Standing = (u8, &'static str, &'static str);

/// How a certificate stands for somebody who is to begin work: the worst first.
fn standing(state: Option<&CertificateState>, now: DateTime<Utc>) -> Standing {
    match state.map(|s| (s.state, s.expires_at)) {
        Some((State::Revoked, _)) => (0, "bad", "revoked"),
        Some((State::Suspended, _)) => (1, "bad", "suspended"),
        Some((State::Expired, _)) => (2, "warn", "expired"),
        None => (3, "idle", "none"),
        Some((State::Superseded, _)) => (4, "idle", "superseded"),
        Some((State::Valid, until)) if until - now < Duration::days(SOON_DAYS) => (5, "warn", "soon"),
        Some((State::Valid, _)) => (6, "ok", "valid"),
    }
}

/// How the end of a certificate is said beside its state: nothing where it does not bear on the state, and for one that
/// rests that it is the certificate that ends then, not the rest.
fn end(lang: Lang, code: &str, expires: DateTime<Utc>) -> Option<String> {
    match code {
        "suspended" => {
            let day = format::date(lang, format::last_day(expires), false);
            Some(t(lang, "reopening-certificate-ends", &[("day", day.into())]))
        }
        "valid" | "soon" | "expired" => {
            let until = format::until(lang, expires, false);
            Some(t(lang, "reopening-certificate-until", &[("until", until.into())]))
        }
        _ => None,
    }
}

/// [`list`] for a page to which it is added.
pub fn table(lang: Lang, form: &Form, states: &[Option<CertificateState>], now: DateTime<Utc>) -> Value {
    json!(list(lang, form, states, now))
}

/// The table of the list: how many stand how, and its rows with masked documents.
pub fn list(lang: Lang, form: &Form, states: &[Option<CertificateState>], now: DateTime<Utc>) -> StaffTable {
    let mut all: Vec<_> = form
        .staff
        .iter()
        .zip(states)
        .map(|(row, state)| (standing(state.as_ref(), now), row, state.as_ref()))
        .collect();
    all.sort_by_key(|((order, ..), ..)| *order);
    let mut counts: Vec<(Standing, i64)> = Vec::new();
    for (standing, ..) in &all {
        match counts.last_mut() {
            Some((last, count)) if last == standing => *count += 1,
            _ => counts.push((*standing, 1)),
        }
    }
    let label = |code: &str| t(lang, &format!("reopening-certificate-{code}"), &[]);
    let tags: Vec<StaffCount> = counts
        .iter()
        .rev()
        .map(|((_, kind, code), count)| {
            let args = [("label", label(code).into()), ("count", (*count).into())];
            StaffCount { kind, label: t(lang, "reopening-certificate-count", &args) }
        })
        .collect();
    let row = |((_, kind, code), row, state): &(Standing, &StaffRow, Option<&CertificateState>)| StaffView {
        name: row.name.clone(),
        document: row.number().map(|d| d.masked()).unwrap_or_default(),
        origin: row.origin.clone(),
        kind,
        label: label(code),
        until: state.and_then(|s| end(lang, code, s.expires_at)),
    };
    StaffTable {
        count: form.staff.len(),
        suspended: all.iter().filter(|((_, _, code), ..)| *code == "suspended").count(),
        more: form.staff.len().saturating_sub(SHOWN),
        tags,
        rows: all.iter().take(SHOWN).map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_amiss_comes_first_and_is_counted() {
        let now: DateTime<Utc> = "2020-03-12T02:32:00Z".parse().unwrap();
        let person = |name: &str| StaffRow {
            name: name.into(),
            document_kind: "id_card".into(),
            document: "11010519491231002X".into(),
            phone: None,
            origin: None,
            certificate: None,
        };
        let state = |state, days| {
            Some(CertificateState { number: "X".into(), state, expires_at: now + Duration::days(days) })
        };
        let form =
            Form { staff: ["甲", "乙", "丙", "丁", "戊"].map(person).into(), ..Form::new("enterprise") };
        let states = [
            state(State::Valid, 9),
            None,
            state(State::Revoked, 9),
            state(State::Valid, 1),
            state(State::Suspended, 9),
        ];
        let shown = table(Lang::ZhCn, &form, &states, now);
        let names: Vec<_> =
            shown["rows"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["丙", "戊", "乙", "丁", "甲"]);
        assert_eq!((&shown["suspended"], &shown["rows"][1]["label"]), (&json!(1), &json!("暂停使用")));
        assert_eq!(shown["tags"][0]["label"], "有效 1 人");
        let until = |at: usize| shown["rows"][at]["until"].as_str();
        assert_eq!(until(0), None, "revoked: its end says nothing");
        assert_eq!(until(1), Some("证明有效期到 3 月 21 日"), "the certificate's end, not the suspension's");
        assert_eq!(until(4), Some("3 月 21 日 10:32 止"));
        assert_eq!(shown["rows"][4]["document"], "1101 **** **** 002X");
        assert!(!shown.to_string().contains("36."), "nothing of anybody's health");
    }
}
