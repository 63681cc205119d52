//! "What would my code be if …": the rules of today on invented facts. Nothing is stored and nobody has to sign in.

use super::gather::{RESULTS, division_words, risk_from};
use super::model::Told;
use super::views::ReasonView;
use super::words::pick;
use crate::clock::china_day;
use crate::deps::App;
use crate::error::{AppResult, FieldError};
use crate::policy::{self, Area, Declaration, Facts, Offices, Record, RecordKind, Risk, Test, Travel, Words};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::i18n::{Lang, t};
use crate::web::page::fail;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The symptoms of the declaration form.
const SYMPTOMS: [&str; 9] = [
    "fever",
    "cough",
    "fatigue",
    "short-breath",
    "sore-throat",
    "runny-nose",
    "diarrhoea",
    "loss-of-smell",
    "muscle-pain",
];

/// What can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrialChoices {
    yes_no: Vec<Choice>,
    symptoms: Vec<Choice>,
    #[serde(rename = "where")]
    places: Vec<Choice>,
    risks: Vec<Choice>,
    results: Vec<Choice>,
    kinds: Vec<Choice>,
}

/// The code that invented facts would make.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrialOutcome {
    /// `green`, `yellow`, `red` or `unknown`.
    state: &'static str,
    /// The same as a word.
    word: String,
    /// The reason that is told first.
    reason: Option<String>,
    /// What makes it so.
    causes: Vec<ReasonView>,
    /// When the causes end by themselves, where that is known.
    clears_at: Option<DateTime<Utc>>,
}

/// The rules of today on invented facts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrialPage {
    form: FormView,
    choices: TrialChoices,
    /// What came of it; nothing before facts were sent.
    outcome: Option<TrialOutcome>,
}

fn choices(lang: Lang) -> TrialChoices {
    let list = |codes: &[&str], prefix: &str| -> Vec<Choice> {
        codes.iter().map(|c| Choice::text(lang, c, &format!("{prefix}-{}", c.replace('_', "-")))).collect()
    };
    let kinds: Vec<&str> = RecordKind::ALL.iter().map(|k| k.field()).collect();
    let results: Vec<&str> = RESULTS.iter().map(|(c, _)| *c).collect();
    TrialChoices {
        yes_no: list(&["no", "yes"], "trial"),
        symptoms: list(&SYMPTOMS, "trial-symptom"),
        places: list(&["province", "elsewhere", "abroad"], "trial-where"),
        risks: list(&["low", "medium", "high"], "risk"),
        results: list(&results, "record-result"),
        kinds: list(&kinds, "record-kind"),
    }
}

fn start() -> FormView {
    FormView::new()
        .with("declared", "yes")
        .with("declared_days", "0")
        .with("contact", "no")
        .with("stayed", "no")
}

/// `GET /rules/try`.
pub(super) async fn page_of_trial(ctx: Ctx, deps: App) -> AppResult<Answer<TrialPage>> {
    let view = TrialPage { form: start(), choices: choices(ctx.lang), outcome: None };
    respond(&deps, &ctx, TEMPLATE, &view)
}

const TEMPLATE: &str = "rules/try.html";

/// `POST /rules/try`.
pub(super) async fn answer(ctx: Ctx, deps: App, form: Form) -> AppResult<Answer<TrialPage>> {
    let mut view = form.view();
    let (outcome, status) = match read(&form, &deps.config.province, ctx.now) {
        Ok(facts) => (Some(outcome(&deps, ctx.lang, &facts)), StatusCode::OK),
        Err(errors) => {
            fail(&mut view, ctx.lang, &errors);
            (None, StatusCode::UNPROCESSABLE_ENTITY)
        }
    };
    let shown = TrialPage { form: view, choices: choices(ctx.lang), outcome };
    respond_with(&deps, &ctx, status, TEMPLATE, &shown)
}

fn outcome(deps: &App, lang: Lang, facts: &Facts) -> TrialOutcome {
    let evaluation = policy::evaluate(&deps.policy, &facts.to_value(deps.policy.settings()), facts.now);
    let state = evaluation.colour.code();
    let told = Told::of(&evaluation, facts.now.into());
    let reason = told.main_cause().map(|c| pick(&c.reason, lang));
    TrialOutcome {
        state,
        word: t(lang, &format!("code-word-{state}"), &[]),
        reason: reason.or(told.unknown.map(|u| pick(&u.text, lang))).map(str::to_owned),
        causes: ReasonView::all(lang, told.reasons()),
        clears_at: evaluation.clears_at,
    }
}

type Errors = Vec<FieldError>;

/// A whole number within limits; `None` where nothing was typed.
fn number(form: &Form, field: &str, limits: (i64, i64), errors: &mut Errors) -> Option<i64> {
    use unicode_normalization::UnicodeNormalization;
    let text: String = form.text(field)?.nfkc().collect();
    match text.parse::<i64>() {
        Ok(n) if (limits.0..=limits.1).contains(&n) => Some(n),
        _ => {
            errors.push(FieldError::new(field, "number-between").with("min", limits.0).with("max", limits.1));
            None
        }
    }
}

/// Tenths of a degree from `36.8`.
fn tenths(form: &Form, errors: &mut Errors) -> Option<i32> {
    let typed = super::records::plain(form.text("temperature")?);
    let tenths = typed.split_once('.').map_or_else(
        || typed.parse::<i32>().ok().map(|whole| whole * 10),
        |(whole, part)| {
            let part = part.parse::<i32>().ok().filter(|_| part.len() == 1)?;
            whole.parse::<i32>().ok().map(|whole| whole * 10 + part)
        },
    );
    let found = tenths.filter(|t| (340..=430).contains(t));
    if found.is_none() {
        errors.push(FieldError::new("temperature", "temperature"));
    }
    found
}

fn ago(now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    now - TimeDelta::days(days)
}

fn day(now: DateTime<Utc>, days: i64) -> NaiveDate {
    let back = Days::new(u64::try_from(days).unwrap_or(0));
    china_day(now).checked_sub_days(back).unwrap_or(china_day(now))
}

fn read(form: &Form, province: &str, now: DateTime<Utc>) -> Result<Facts, Errors> {
    let mut errors = Vec::new();
    let declared_days = number(form, "declared_days", (0, 60), &mut errors).unwrap_or(0);
    let declaration = (form.get("declared") != "no").then(|| Declaration {
        submitted_at: ago(now, declared_days),
        symptoms: form.all("symptoms").filter(|s| SYMPTOMS.contains(s)).map(str::to_owned).collect(),
        temperature_tenths: tenths(form, &mut errors),
        contact_with_case: form.get("contact") == "yes",
        isolation_ordered: false,
        household_ill: false,
        tested_positive: false,
    });
    let travel = stay(form, province, now, &mut errors);
    let tests = test(form, now, &mut errors);
    let records = record(form, now, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let area =
        Area { division: province.to_owned(), name: division_words(province), risk: None, classed: None };
    Ok(Facts {
        now,
        gathered_at: now,
        declaration,
        travel: travel.into_iter().collect(),
        tests: tests.into_iter().collect(),
        records: records.into_iter().collect(),
        orders: Vec::new(),
        waivers: Vec::new(),
        home: Some(area.clone()),
        present: Some(area),
        offices: Offices::default(),
    })
}

fn invented() -> Words {
    Words::new("试算时填写", "entered for this trial")
}

fn stay(form: &Form, province: &str, now: DateTime<Utc>, errors: &mut Errors) -> Option<Travel> {
    if form.get("stayed") != "yes" {
        return None;
    }
    let left = number(form, "left_days", (0, 60), errors).unwrap_or(0);
    let (place, name) = match form.get("where") {
        "abroad" => (String::new(), Words::new("境外", "a place abroad")),
        "elsewhere" => {
            let other = if province.starts_with("42") { "430000" } else { "420000" };
            (other.to_owned(), Words::new("外省某县", "a county of another province"))
        }
        _ => (province.to_owned(), Words::new("本省某县", "a county of this province")),
    };
    Some(Travel {
        place,
        name,
        risk: risk_from(form.get("risk")).or(Some(Risk::Low)),
        from: day(now, left + 2),
        to: day(now, left),
        transport: None,
        source: invented(),
    })
}

fn test(form: &Form, now: DateTime<Utc>, errors: &mut Errors) -> Option<Test> {
    let result = RESULTS.iter().find(|(c, _)| *c == form.get("result"))?.1;
    let days = number(form, "test_days", (0, 60), errors).unwrap_or(0);
    Some(Test { kind: "nucleic-acid".into(), sampled_at: ago(now, days), result, source: invented() })
}

fn record(form: &Form, now: DateTime<Utc>, errors: &mut Errors) -> Option<Record> {
    let kind = RecordKind::ALL.into_iter().find(|k| k.field() == form.get("record"))?;
    let days = number(form, "record_days", (0, 60), errors).unwrap_or(0);
    Some(Record {
        kind,
        since: ago(now, days),
        until: None,
        released_on: None,
        place: None,
        transport: None,
        source: invented(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(pairs: &[(&str, &str)]) -> Result<Facts, Errors> {
        let body = serde_urlencoded::to_string(pairs).unwrap();
        read(&Form::parse(body.as_bytes()).unwrap(), "510000", "2020-03-12T02:32:00Z".parse().unwrap())
    }

    #[test]
    fn what_is_typed_becomes_facts_or_an_error_at_its_field() {
        let found =
            facts(&[("declared_days", "３"), ("temperature", "36.8"), ("symptoms", "cough")]).unwrap();
        let declaration = found.declaration.unwrap();
        assert_eq!(declaration.temperature_tenths, Some(368));
        assert_eq!(declaration.symptoms, ["cough"]);
        assert_eq!(declaration.submitted_at.to_rfc3339(), "2020-03-09T02:32:00+00:00");
        assert!(facts(&[("declared", "no")]).unwrap().declaration.is_none());
        for (field, bad) in [("declared_days", "-1"), ("declared_days", "x"), ("temperature", "368")] {
            let errors = facts(&[(field, bad)]).unwrap_err();
            assert_eq!(errors[0].field, field);
        }
    }
}
