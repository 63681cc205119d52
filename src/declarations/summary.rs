//! The answers in words: for check-your-answers, the case page, the receipt.

use super::answers::{Answers, Place, Stay, WORK};
use super::questions::{STEPS, degrees, questions};
use crate::web::division::full_name;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use serde::Serialize;
use utoipa::ToSchema;

/// One line of the summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DeclaredLine)]
pub struct Line {
    /// Step that changes it.
    pub step: &'static str,
    /// What it is.
    pub label: String,
    /// The answer.
    pub value: String,
    /// Address of the change link; empty if there is none.
    pub change: String,
    /// Whether a checker should look at it first.
    pub concern: bool,
}

/// Every answer that applies, in the order of the steps. With `links` each line leads back to its step.
pub fn lines(lang: Lang, a: &Answers, links: bool) -> Vec<Line> {
    let concerns = a.concerns();
    let mut all = Vec::new();
    for step in STEPS.applying(a) {
        let all_values = questions(step.name).into_iter().flat_map(|question| values(question, lang, a));
        for (key, value) in all_values {
            let change = if links { STEPS.change_href(step.name) } else { String::new() };
            let concern = concerns.contains(&key) || (key == "places" && concerns.contains(&"abroad"));
            let label = t(lang, &format!("declare-sum-{key}"), &[]);
            all.push(Line { step: step.name, label, value, change, concern });
        }
    }
    if let (false, true, Some(share)) = (links, a.leaves_province(), a.share) {
        let value = t(lang, if share { "declare-answer-yes" } else { "declare-answer-no" }, &[]);
        let label = t(lang, "declare-sum-share", &[]);
        all.push(Line { step: "check", label, value, change: String::new(), concern: false });
    }
    all
}

/// An answer that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it is.
    pub label: String,
    /// The answer before.
    pub before: String,
    /// The answer now.
    pub now: String,
}

/// The answers that differ between two statements, in the order of the steps. A question that one of them was not asked
/// reads "not filled in" there; several journeys are one answer.
pub fn changes(lang: Lang, before: &Answers, now: &Answers) -> Vec<Change> {
    let (was, is) = (by_label(lang, before), by_label(lang, now));
    let labels = is.iter().chain(was.iter().filter(|(label, _)| !is.iter().any(|(l, _)| l == label)));
    let found = |all: &[(String, String)], label: &str| {
        let found = all.iter().find(|(l, _)| l == label).map(|(_, value)| value.clone());
        found.unwrap_or_else(|| t(lang, "declare-open", &[]))
    };
    labels
        .map(|(label, _)| Change { label: label.clone(), before: found(&was, label), now: found(&is, label) })
        .filter(|change| change.before != change.now)
        .collect()
}

/// The lines with those of one label together.
fn by_label(lang: Lang, a: &Answers) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in lines(lang, a, false) {
        match all.iter_mut().find(|(label, _)| *label == line.label) {
            Some((_, value)) => *value = format!("{value}\n{}", line.value),
            None => all.push((line.label, line.value)),
        }
    }
    all
}

fn values(step: &str, lang: Lang, a: &Answers) -> Vec<(&'static str, String)> {
    let word = |prefix: &str, code: Option<&str>| {
        code.map_or_else(
            || t(lang, "declare-open", &[]),
            |c| t(lang, &format!("declare-{prefix}-{}", c.replace('_', "-")), &[]),
        )
    };
    let yes_no = |v: Option<bool>| word("answer", v.map(|v| if v { "yes" } else { "no" }));
    let open = || t(lang, "declare-open", &[]);
    let text = |v: Option<&str>| v.map_or_else(open, str::to_owned);
    let list = |prefix: &str, codes: &Option<Vec<String>>| match codes.as_deref() {
        None => open(),
        Some([]) => t(lang, "declare-none", &[]),
        Some(codes) => {
            let words: Vec<String> =
                codes.iter().map(|c| t(lang, &format!("declare-{prefix}-{c}"), &[])).collect();
            words.join(&t(lang, "declare-comma", &[]))
        }
    };
    match step {
        "identity" => vec![
            ("name", text(a.name.as_ref().map(|n| n.as_str()))),
            ("document-kind", word("document", a.document_kind.map(|k| k.as_str()))),
            ("document-number", text(a.document_number.as_deref())),
            ("sex", word("sex", a.sex.as_deref())),
        ],
        "about" if a.has_id_card() => Vec::new(),
        "about" => vec![("nationality", text(a.nationality.as_deref()))],
        "household" => vec![("household", address(lang, a.household.as_ref()))],
        "present" => vec![("present", address(lang, a.present.as_ref()))],
        "phone" if a.no_phone => vec![("phone", t(lang, "declare-no-phone", &[]))],
        "phone" => vec![("phone", text(a.phone.as_ref().map(|p| p.national())))],
        "temperature" => {
            let shown = a.temperature_tenths.map_or_else(open, |d| format!("{} ℃", degrees(d)));
            vec![("temperature", shown)]
        }
        "symptoms" => vec![("symptoms", list("symptom", &a.symptoms))],
        "conditions" => vec![("conditions", list("condition", &a.conditions))],
        "contact" => vec![("contact", yes_no(a.contact))],
        "travel" => vec![("travelled", yes_no(a.travelled))],
        "places" => a.travel.iter().map(|s| ("places", stay(lang, s))).collect(),
        "coresidents" => vec![("coresidents", word("coresidents", a.coresidents.as_deref()))],
        "history" => vec![("isolation", yes_no(a.isolation)), ("diagnosed", yes_no(a.diagnosed))],
        "vaccination" => vec![("vaccination", word("vaccination", a.vaccination.as_deref()))],
        "test" => {
            let day = a.test_day.map(|d| format::date(lang, d, true)).unwrap_or_default();
            vec![("test", format!("{} {day}", word("test", a.test.as_deref())).trim().to_owned())]
        }
        "destination" => destination(lang, a),
        _ => Vec::new(),
    }
}

fn address(lang: Lang, place: Option<&Place>) -> String {
    place.map_or_else(
        || t(lang, "declare-open", &[]),
        |p| format!("{} {}", full_name(lang, &p.division.to_string()), p.address),
    )
}

/// A stay in one line: place, days, transport.
pub fn stay(lang: Lang, s: &Stay) -> String {
    let place = match (&s.division, &s.abroad) {
        (Some(code), _) => full_name(lang, &code.to_string()),
        (None, Some(abroad)) => t(lang, "declare-abroad", &[("place", abroad.clone().into())]),
        (None, None) => String::new(),
    };
    let args = [
        ("place", place.into()),
        ("from", format::date(lang, s.from, false).into()),
        ("to", format::date(lang, s.to, false).into()),
        ("transport", t(lang, &format!("declare-transport-{}", s.transport), &[]).into()),
    ];
    t(lang, "declare-stay", &args)
}

fn destination(lang: Lang, a: &Answers) -> Vec<(&'static str, String)> {
    let Some(d) = &a.destination else { return vec![("destination", t(lang, "declare-open", &[]))] };
    let mut lines = vec![("destination", full_name(lang, &d.division.to_string()))];
    if let Some(purpose) = d.purpose.as_deref().filter(|p| *p != WORK) {
        lines.push(("purpose", t(lang, &format!("declare-purpose-{purpose}"), &[])));
    } else {
        lines.push(("employer", d.employer.clone()));
    }
    lines.push(("transport", t(lang, &format!("declare-transport-{}", d.transport), &[])));
    lines.push(("travel-day", format::date(lang, d.day, true)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(from: &str) -> Stay {
        let (from, to) = (from.parse().unwrap(), "2020-03-05".parse().unwrap());
        Stay { division: "420102".parse().ok(), abroad: None, from, to, transport: "train".into() }
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let old = Answers {
            temperature_tenths: Some(365),
            travelled: Some(true),
            travel: vec![stay("2020-03-01"), stay("2020-03-03")],
            ..Answers::default()
        };
        assert_eq!(changes(Lang::ZhCn, &old, &old), vec![]);
        let new = Answers { travelled: Some(false), travel: vec![], ..old.clone() };
        let found = changes(Lang::ZhCn, &old, &new);
        let labels: Vec<&str> = found.iter().map(|c| c.label.as_str()).collect();
        assert_eq!(labels, ["14 天内离开过本县", "去过"], "{found:?}");
        let journeys = found.get(1).unwrap();
        assert!(journeys.before.contains("3 月 1 日") && journeys.before.contains("3 月 3 日"), "{found:?}");
        assert_eq!(journeys.now, "没有填");
    }
}
