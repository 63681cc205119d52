//! The people on a staff list with the state of their declaration certificates: whether there is one and until when,
//! never what it says about anybody's health. Shown of submitted cases only, to their offices and their applicant.

use super::model::{Form, StaffRow};
use crate::app::App;
use crate::certificates::{self, CertificateState, State};
use crate::error::AppResult;
use crate::identity::{DocumentKind, DocumentNumber};
use crate::web::format;
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

/// A certificate that ends within so many days is pointed out.
const SOON_DAYS: i64 = 3;
/// Rows shown on a page; those with something amiss come first.
const SHOWN: usize = 200;

pub(super) fn document(row: &StaffRow) -> Option<DocumentNumber> {
    let kind = DocumentKind::from_code(&row.document_kind).unwrap_or(DocumentKind::Passport);
    DocumentNumber::parse_stored(kind, &row.document).ok()
}

/// The certificates of everybody on the list, in its order.
///
/// # Errors
/// Database errors.
pub async fn read(deps: &App, form: &Form, now: DateTime<Utc>) -> AppResult<Vec<Option<CertificateState>>> {
    let documents: Vec<Option<DocumentNumber>> = form.staff.iter().map(document).collect();
    let known: Vec<DocumentNumber> = documents.iter().flatten().cloned().collect();
    let keys = deps.keys.clone();
    let found = deps.store.read(move |conn| certificates::states_of(conn, &keys, &known, now)).await?;
    let mut found = found.into_iter();
    Ok(documents.iter().map(|d| d.as_ref().and_then(|_| found.next().flatten())).collect())
}

/// How a certificate stands for somebody who is to begin work: the worst first.
fn standing(state: Option<&CertificateState>, now: DateTime<Utc>) -> (u8, &'static str, &'static str) {
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

/// The table of the list: how many stand how, and its rows with masked documents.
pub fn table(lang: Lang, form: &Form, states: &[Option<CertificateState>], now: DateTime<Utc>) -> Value {
    let mut all: Vec<_> = form
        .staff
        .iter()
        .zip(states)
        .map(|(row, state)| (standing(state.as_ref(), now), row, state.as_ref()))
        .collect();
    all.sort_by_key(|((order, ..), ..)| *order);
    let mut counts: Vec<((u8, &str, &str), i64)> = Vec::new();
    for (standing, ..) in &all {
        match counts.last_mut() {
            Some((last, count)) if last == standing => *count += 1,
            _ => counts.push((*standing, 1)),
        }
    }
    let label = |code: &str| t(lang, &format!("reopening-certificate-{code}"), &[]);
    let tags: Vec<Value> = counts
        .iter()
        .rev()
        .map(|((_, kind, code), count)| json!({"kind": kind, "label": format!("{} {count}", label(code))}))
        .collect();
    let row = |((_, kind, code), row, state): &((u8, &str, &str), &StaffRow, Option<&CertificateState>)| {
        let until = state.map(|s| format::until(lang, s.expires_at, false));
        json!({
            "name": row.name,
            "document": document(row).map(|d| d.masked()).unwrap_or_default(),
            "origin": row.origin,
            "kind": kind,
            "label": label(code),
            "until": until.map(|u| t(lang, "reopening-certificate-until", &[("until", u.into())])),
        })
    };
    json!({
        "count": form.staff.len(),
        "suspended": all.iter().filter(|((_, _, code), ..)| *code == "suspended").count(),
        "more": form.staff.len().saturating_sub(SHOWN),
        "tags": tags,
        "rows": all.iter().take(SHOWN).map(row).collect::<Vec<_>>(),
    })
}

/// The same for programs, in the order of the list.
pub fn list(states: &[Option<CertificateState>]) -> Value {
    let one = |state: &Option<CertificateState>| json!({"state": state.as_ref().map(|s| s.state), "expires_at": state.as_ref().map(|s| s.expires_at)});
    states.iter().map(one).collect()
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
        assert_eq!(shown["tags"][0]["label"], "有效 1");
        assert_eq!(shown["rows"][4]["document"], "1101 **** **** 002X");
        assert!(!shown.to_string().contains("36."), "nothing of anybody's health");
    }
}
