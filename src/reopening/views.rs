//! What pages show of a case: facts, clock, timeline, actions. Texts come from the catalogue; nothing here decides.

use super::model::{Application, Business, Event, Form, Opinion};
use super::rules::{self, REOPENING};
use super::shown::{ActionView, EventView, OpinionView, ToldView};
use crate::case;
use crate::error::AppResult;
use crate::identity::{DivisionCode, Phone, divisions};
use crate::web::division::Level;
use crate::web::format;
use crate::web::i18n::{self, Lang, t};
use crate::web::view::{Choice, ClockView};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// One fact of the form.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationFact)]
pub struct Fact {
    /// The step that asks for it.
    pub step: &'static str,
    /// The catalogue key of what it is.
    pub key: &'static str,
    /// What it is.
    pub label: String,
    /// The answer.
    pub value: String,
}

/// The running limit of a case in words: the same for the applicant and every office.
///
/// # Errors
/// [`crate::error::AppError::Internal`] for a clock that is none of ours.
pub fn clock(lang: Lang, app: &Application, now: DateTime<Utc>) -> AppResult<Option<ClockView>> {
    Ok(case::clock(&REOPENING, &app.at()?.clocks, lang, now)?.map(|running| running.view))
}

/// Kind of a state's tag.
pub fn tag(state: &str) -> &'static str {
    match state {
        "approved" | "filed" | "opened" | "inspected" => "ok",
        "correction" | "rectify" | "suspended" => "warn",
        "refused" | "revoked" => "bad",
        "draft" | "withdrawn" | "closed" => "idle",
        _ => "info",
    }
}

/// A state in words.
pub fn state(lang: Lang, state: &str) -> String {
    t(lang, &format!("reopening-state-{state}"), &[])
}

fn phone(number: &Option<String>, masked: bool) -> String {
    let parsed = number.as_deref().and_then(|p| Phone::parse(p).ok());
    parsed.map(|p| if masked { p.masked() } else { p.national().to_owned() }).unwrap_or_default()
}

fn supplies(lang: Lang, form: &Form) -> String {
    let n = |v: Option<u32>| i64::from(v.unwrap_or(0)).into();
    let amounts = [
        ("masks", n(form.masks)),
        ("litres", n(form.disinfectant)),
        ("thermometers", n(form.thermometers)),
        ("days", n(form.supply_days)),
    ];
    t(lang, "reopening-supplies-line", &amounts)
}

/// The answers, by step, in the order of the form. Phones are masked for `masked`.
pub fn rows(lang: Lang, form: &Form, business: &Business, masked: bool) -> Vec<Fact> {
    let mut rows = Vec::new();
    let mut add = |step: &'static str, key: &'static str, value: String| {
        if !value.is_empty() {
            rows.push(Fact { step, key, label: t(lang, key, &[]), value });
        }
    };
    let text = |v: &Option<String>| v.clone().unwrap_or_default();
    let people = |v: Option<u32>| {
        v.map(|n| t(lang, "reopening-people", &[("count", i64::from(n).into())])).unwrap_or_default()
    };
    let word = |prefix: &str, code: &str| t(lang, &format!("{prefix}{code}"), &[]);
    add("", "reopening-uscc", business.uscc.clone());
    add(
        "operator",
        if form.enterprise() { "reopening-legal-person" } else { "reopening-operator" },
        text(&form.operator),
    );
    add("operator", "reopening-operator-phone", phone(&form.operator_phone, masked));
    if let Some(industry) = &form.industry {
        add("industry", "reopening-industry", word("reopening-industry-", industry));
    }
    if let Some(scale) = &form.scale {
        add("industry", "reopening-scale", word("reopening-scale-", scale));
    }
    let premises: Vec<String> = form.premises.iter().map(|p| word("reopening-premises-", p)).collect();
    add("premises", "reopening-premises", premises.join(&t(lang, "list-comma", &[])));
    let place = form.division.as_deref().map(|d| rules::place_name(lang, d)).unwrap_or_default();
    let gap = if lang == Lang::En && form.address.is_some() { ", " } else { "" };
    add("place", "reopening-place", format!("{place}{gap}{}", text(&form.address)));
    add("lead", "reopening-lead", text(&form.lead));
    add("lead", "reopening-lead-phone", phone(&form.lead_phone, masked));
    if form.enterprise() {
        add("headcount", "reopening-staff-total", people(form.staff_total));
    }
    add("headcount", "reopening-returning", people(form.returning));
    if form.staff_done {
        let listed = i64::try_from(form.staff.len()).unwrap_or(i64::MAX);
        add("staff", "reopening-staff", t(lang, "reopening-staff-listed", &[("count", listed.into())]));
    }
    if form.masks.is_some() {
        add("supplies", "reopening-supplies", supplies(lang, form));
    }
    add("isolation", "reopening-isolation", text(&form.isolation));
    add("prevention", "reopening-prevention", text(&form.prevention));
    add("emergency", "reopening-emergency", text(&form.emergency));
    rows
}

/// The timeline as the component shows it, newest first. Officials see names, the applicant sees offices.
pub fn timeline(lang: Lang, events: &[Event], names: bool, now: DateTime<Utc>) -> Vec<EventView> {
    let shown = |e: &Event| {
        let office = e.office.as_ref().map(|(zh, en)| if lang == Lang::En { en.clone() } else { zh.clone() });
        let who = match (e.actor_kind.as_str(), office) {
            ("resident", _) => t(lang, "reopening-by-applicant", &[]),
            ("system", _) => t(lang, "reopening-by-system", &[]),
            (_, office) => {
                let name = e.official.clone().filter(|_| names);
                [office, name].into_iter().flatten().collect::<Vec<_>>().join(" ")
            }
        };
        let mut text = e.note.items.clone();
        if e.action == "remind" {
            // Who was reminded stands there by code.
            text = text.iter().map(|role| t(lang, &format!("role-{role}"), &[])).collect();
        }
        text.extend(e.note.reason.iter().chain(&e.note.remedy).cloned());
        text.retain(|written| !written.trim().is_empty());
        let when_who = [("when", format::when(lang, e.at, now).into()), ("who", who.into())];
        EventView {
            title: t(lang, &format!("reopening-did-{}", e.action), &[]),
            text: text.join(" · "),
            note: t(lang, "reopening-when-who", &when_who),
        }
    };
    events.iter().rev().map(shown).collect()
}

/// The last thing that the applicant was told to do or was refused, with everything that was written.
pub fn told(lang: Lang, events: &[Event], app: &Application) -> Option<ToldView> {
    let actions: &[&str] = match app.state.as_str() {
        "correction" => &["request-correction"],
        "refused" => &["refuse", "refuse-prefecture", "decline-incomplete", "decline-out-of-scope"],
        "rectify" => &["order-rectification"],
        "suspended" => &["suspend"],
        "revoked" => &["revoke"],
        _ => return None,
    };
    let event = events.iter().rev().find(|e| actions.contains(&e.action.as_str()))?;
    let kind = if matches!(app.state.as_str(), "refused" | "revoked") { "bad" } else { "warn" };
    let office = event.office.as_ref().map(|(zh, en)| if lang == Lang::En { en } else { zh });
    Some(ToldView {
        kind,
        title: t(lang, &format!("reopening-told-{}", app.state), &[]),
        items: event.note.items.clone(),
        reason: event.note.reason.clone(),
        remedy: event.note.remedy.clone(),
        until: event.note.until,
        office: office.cloned(),
    })
}

/// What a resubmission changed: old and new side by side. Telephones are compared whole and shown masked.
pub fn changes(lang: Lang, old: &Form, new: &Form, business: &Business) -> Vec<Value> {
    let both = |form| (rows(lang, form, business, false), rows(lang, form, business, true));
    let ((old_whole, old_shown), (new_whole, new_shown)) = (both(old), both(new));
    let value = |rows: &[Fact], key: &str| rows.iter().find(|r| r.key == key).map(|r| r.value.clone());
    let mut keys: Vec<(&str, String)> = Vec::new();
    for row in new_shown.iter().chain(&old_shown).filter(|r| r.key != "reopening-staff") {
        if !keys.iter().any(|(key, _)| *key == row.key) {
            keys.push((row.key, row.label.clone()));
        }
    }
    let mut found: Vec<Value> = keys
        .into_iter()
        .filter(|(key, _)| value(&old_whole, key) != value(&new_whole, key))
        .map(|(key, label)| changed(key, label, value(&old_shown, key), value(&new_shown, key)))
        .collect();
    if old.staff != new.staff {
        let only = |a: &Form, b: &Form| {
            let names = a.staff.iter().filter(|row| !b.staff.contains(row)).map(|row| row.name.clone());
            Some(names.take(STAFF_NAMED).collect::<Vec<_>>().join(&t(lang, "list-comma", &[])))
        };
        let label = t(lang, "reopening-staff", &[]);
        found.push(changed("reopening-staff", label, only(old, new), only(new, old)));
    }
    found
}

/// People of the staff list that are named as changed.
const STAFF_NAMED: usize = 20;

fn changed(key: &str, label: String, before: Option<String>, after: Option<String>) -> Value {
    let field = key.trim_start_matches("reopening-");
    json!({"field": field, "label": label, "before": before, "after": after})
}

/// What a correction asked for, once it has been answered: the newest notice.
pub fn asked(events: &[Event], app: &Application) -> Vec<String> {
    if app.state == "correction" {
        return Vec::new();
    }
    let notice = events.iter().rev().find(|e| e.action == "request-correction");
    notice.map(|e| e.note.items.clone()).unwrap_or_default()
}

/// [`given_opinion`] for a page to which it is added.
pub fn opinion(lang: Lang, given: &Opinion, official: bool, now: DateTime<Utc>) -> Value {
    json!(given_opinion(lang, given, official, now))
}

/// A department's opinion. Officials see who gave it and what was written, the applicant the office.
pub fn given_opinion(lang: Lang, given: &Opinion, official: bool, now: DateTime<Utc>) -> OpinionView {
    let review = &given.review;
    let kind = match review.state.as_str() {
        "agreed" => "ok",
        "objected" => "warn",
        _ => "info",
    };
    let office = given.office.as_ref().map(|(zh, en)| if lang == Lang::En { en } else { zh });
    let who: Vec<&str> =
        office.into_iter().chain(given.official.iter().filter(|_| official)).map(String::as_str).collect();
    let note = review.decided_at.map(|at| {
        let when = format::when(lang, at.0, now);
        t(lang, "reopening-when-who", &[("when", when.into()), ("who", who.join(" ").into())])
    });
    OpinionView {
        department: t(lang, &format!("role-{}", review.department), &[]),
        kind,
        label: t(lang, &format!("reopening-opinion-{}", review.state), &[]),
        reason: given.note.reason.clone(),
        remedy: given.note.remedy.clone(),
        note,
    }
}

/// Choices of a closed list, `<prefix><code>` each.
pub fn list(lang: Lang, prefix: &str, codes: &[&str]) -> Vec<Choice> {
    codes.iter().map(|code| Choice::text(lang, code, &format!("{prefix}{code}"))).collect()
}

/// The cascade of prefecture, county and town inside a province, as far as it has been chosen.
pub fn cascade(lang: Lang, province: &str, chosen: [&str; 3]) -> Vec<Level> {
    let name = |d: &crate::identity::Division| {
        if lang == Lang::En { d.name_en.to_owned() } else { d.name.to_owned() }
    };
    let children = |code: &str| -> Vec<Choice> {
        let Ok(code) = DivisionCode::parse(code) else { return Vec::new() };
        divisions().children(code).into_iter().map(|d| Choice::new(d.code.to_string(), name(d))).collect()
    };
    let [prefecture, county, town] = chosen;
    [
        ("reopening-prefecture", province, prefecture),
        ("reopening-county", prefecture, county),
        ("reopening-town", county, town),
    ]
    .into_iter()
    .map(|(key, parent, value)| Level {
        label: t(lang, key, &[]),
        value: value.to_owned(),
        choices: children(parent),
    })
    .collect()
}

/// Prefecture, county and town of a division, for [`cascade`].
pub fn levels_of(division: &str) -> [String; 3] {
    let Ok(code) = DivisionCode::parse(division) else { return Default::default() };
    let text = |c: Option<DivisionCode>| c.map(|c| c.to_string()).unwrap_or_default();
    let town = (division.len() == 9).then_some(code);
    [text(code.prefecture()), text(code.county()), text(town)]
}

/// [`offered`] for a page to which it is added.
pub fn action(lang: Lang, info: &crate::workflow::ActionInfo) -> Value {
    json!(offered(lang, info))
}

/// An action as a form offers it.
pub fn offered(lang: Lang, info: &crate::workflow::ActionInfo) -> ActionView {
    use crate::workflow::Requirement;
    let needs = |r| info.requires.contains(&r);
    let why = info.refusal.as_ref().map(|r| {
        let key = format!("problem-{}", REOPENING.code(r));
        if i18n::has(&key) { t(lang, &key, &[]) } else { String::new() }
    });
    ActionView {
        value: info.name.clone(),
        label: t(lang, &format!("reopening-do-{}", info.name), &[]),
        reason: needs(Requirement::Reason),
        remedy: needs(Requirement::Remedy),
        items: needs(Requirement::Items),
        why,
    }
}
