//! The form's questions: which are asked of whom, how an answer is read, how it is shown again. Pure.

use super::listed::staff_list;
use super::model::Form;
use super::rules::{INDUSTRIES, PREMISES, SCALES, Settings};
use super::staff;
use crate::error::FieldError;
use crate::identity::{DivisionCode, DivisionLevel, PersonName, Phone, divisions};
use crate::web::form::Form as Sent;
use crate::web::steps::{Step, Steps};
use crate::web::text;
use crate::web::view::FormView;
use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// Characters of a plan.
const PLAN_MAX: usize = 10_000;

const TEMPLATE: &str = "reopening/step.html";

macro_rules! steps {
    ($($name:literal $title:literal applies $applies:expr, complete $complete:expr;)*) => {
        &[$(Step { name: $name, title: $title, template: TEMPLATE, applies: $applies, complete: $complete }),*]
    };
}

/// The questions in their order. Addresses are below the case's: `/reopening/<number>/<step>`.
pub const STEPS: Steps<Form> = Steps {
    base: "",
    list: steps! {
        "operator" "reopening-step-operator" applies |_| true, complete |f| f.operator.is_some();
        "industry" "reopening-step-industry" applies Form::enterprise, complete |f| f.industry.is_some() && f.scale.is_some();
        "premises" "reopening-step-premises" applies |_| true, complete |f| !f.premises.is_empty();
        "place" "reopening-step-place" applies |_| true, complete |f| f.division.is_some() && f.address.is_some();
        "lead" "reopening-step-lead" applies Form::enterprise, complete |f| f.lead.is_some();
        "headcount" "reopening-step-headcount" applies |_| true, complete |f| f.returning.is_some();
        "staff" "reopening-step-staff" applies |_| true, complete |f| f.staff_done;
        "supplies" "reopening-step-supplies" applies Form::enterprise, complete |f| f.masks.is_some();
        "isolation" "reopening-step-isolation" applies Form::enterprise, complete |f| f.isolation.is_some();
        "prevention" "reopening-step-prevention" applies Form::enterprise, complete |f| f.prevention.is_some();
        "emergency" "reopening-step-emergency" applies Form::enterprise, complete |f| f.emergency.is_some();
    },
};

/// Errors of a step.
pub type Errors = Vec<FieldError>;

/// Reads a step's answer into the form.
///
/// # Errors
/// What has to be put right, by field.
pub fn take(
    form: &mut Form,
    step: &str,
    sent: &Sent,
    today: NaiveDate,
    settings: &Settings,
) -> Result<(), Errors> {
    match step {
        "operator" => operator(form, sent),
        "industry" => industry(form, sent),
        "premises" => premises(form, sent),
        "place" => place(form, sent),
        "lead" => lead(form, sent),
        "headcount" => headcount(form, sent),
        "staff" => staff_list(form, staff::parse(sent.get("staff"), today, settings.staff_rows)?),
        "supplies" => supplies(form, sent, settings),
        "isolation" => plan(sent, "isolation", 500).map(|t| form.isolation = Some(t)),
        "prevention" => plan(sent, "prevention", PLAN_MAX).map(|t| form.prevention = Some(t)),
        "emergency" => plan(sent, "emergency", PLAN_MAX).map(|t| form.emergency = Some(t)),
        _ => Err(vec![FieldError::new("step", "unknown-field")]),
    }
}

fn one(field: &str, code: &str) -> Errors {
    vec![FieldError::new(field, code)]
}

fn plan(sent: &Sent, field: &str, max: usize) -> Result<String, Errors> {
    text::lines(field, sent.get(field), max).map_err(|e| vec![e])
}

fn name(sent: &Sent, field: &str, errors: &mut Errors) -> Option<String> {
    PersonName::parse(sent.get(field))
        .map(|n| n.as_str().to_owned())
        .map_err(|e| errors.push(FieldError::new(field, e.code())))
        .ok()
}

fn phone(sent: &Sent, field: &str, errors: &mut Errors) -> Option<String> {
    Phone::parse(sent.get(field))
        .map(|p| p.as_str().to_owned())
        .map_err(|e| errors.push(FieldError::new(field, e.code())))
        .ok()
}

/// A whole number as typed, with full-width digits, spaces and separators.
fn number(
    sent: &Sent,
    field: &str,
    range: std::ops::RangeInclusive<u32>,
    errors: &mut Errors,
) -> Option<u32> {
    let plain: String = sent.get(field).nfkc().filter(|c| !c.is_whitespace() && *c != ',').collect();
    let error = match plain.parse::<u32>() {
        _ if plain.is_empty() => FieldError::new(field, "required"),
        Err(_) => FieldError::new(field, "whole-number"),
        Ok(n) if range.contains(&n) => return Some(n),
        Ok(_) => FieldError::new(field, "between").with("min", range.start()).with("max", range.end()),
    };
    errors.push(error);
    None
}

fn done(errors: Errors) -> Result<(), Errors> {
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn operator(form: &mut Form, sent: &Sent) -> Result<(), Errors> {
    let mut errors = Vec::new();
    let operator = name(sent, "operator", &mut errors);
    let telephone = phone(sent, "operator_phone", &mut errors);
    done(errors)?;
    (form.operator, form.operator_phone) = (operator, telephone);
    Ok(())
}

fn industry(form: &mut Form, sent: &Sent) -> Result<(), Errors> {
    let mut errors = Vec::new();
    let chosen = |field: &str, known: &[&str], errors: &mut Errors| {
        let found = sent.text(field).filter(|v| known.contains(v)).map(str::to_owned);
        if found.is_none() {
            errors.push(FieldError::new(field, "choose-one"));
        }
        found
    };
    let industry = chosen("industry", INDUSTRIES, &mut errors);
    let scale = chosen("scale", SCALES, &mut errors);
    done(errors)?;
    (form.industry, form.scale) = (industry, scale);
    Ok(())
}

fn premises(form: &mut Form, sent: &Sent) -> Result<(), Errors> {
    let mut chosen: Vec<String> =
        sent.all("premises").filter(|v| PREMISES.contains(v)).map(str::to_owned).collect();
    chosen.dedup();
    if chosen.is_empty() {
        return Err(one("premises", "choose-one"));
    }
    form.premises = chosen;
    Ok(())
}

/// The division that a cascade names: its deepest level.
///
/// # Errors
/// `division-incomplete` unless it is a town, or a county of which the register knows no towns.
pub fn division(sent: &Sent, field: &str) -> Result<String, Errors> {
    let levels = (1..=3).rev().filter_map(|n| sent.text(&format!("{field}-{n}")).map(str::to_owned));
    let typed = sent.text(field).map(str::to_owned);
    let code = typed.into_iter().chain(levels).find_map(|v| DivisionCode::parse(&v).ok());
    code.filter(|c| placeable(*c)).map(|c| c.to_string()).ok_or_else(|| one(field, "division-incomplete"))
}

/// Whether a case can belong to this division: the smallest one that the register knows of its place.
pub fn placeable(code: DivisionCode) -> bool {
    match divisions().get(code) {
        Some(d) if d.level == DivisionLevel::Town => true,
        Some(_) => divisions().is_selectable(code) && divisions().children(code).is_empty(),
        None => false,
    }
}

fn place(form: &mut Form, sent: &Sent) -> Result<(), Errors> {
    let division = division(sent, "place");
    let address = text::line("address", sent.get("address"), 200).map_err(|e| vec![e]);
    match (division, address) {
        (Ok(division), Ok(address)) => {
            (form.division, form.address) = (Some(division), Some(address));
            Ok(())
        }
        (a, b) => Err(a.err().into_iter().chain(b.err()).flatten().collect()),
    }
}

fn lead(form: &mut Form, sent: &Sent) -> Result<(), Errors> {
    let mut errors = Vec::new();
    let lead = name(sent, "lead", &mut errors);
    let telephone = phone(sent, "lead_phone", &mut errors);
    done(errors)?;
    (form.lead, form.lead_phone) = (lead, telephone);
    Ok(())
}

fn headcount(form: &mut Form, sent: &Sent) -> Result<(), Errors> {
    let mut errors = Vec::new();
    let returning = number(sent, "returning", 0..=1_000_000, &mut errors);
    let total =
        if form.enterprise() { number(sent, "staff_total", 1..=1_000_000, &mut errors) } else { returning };
    if let (Some(returning), Some(total)) = (returning, total)
        && returning > total
    {
        errors.push(FieldError::new("returning", "more-than-total").with("max", total));
    }
    done(errors)?;
    if form.returning != returning {
        form.staff_done = false;
    }
    (form.returning, form.staff_total) = (returning, total);
    Ok(())
}

fn supplies(form: &mut Form, sent: &Sent, settings: &Settings) -> Result<(), Errors> {
    let mut errors = Vec::new();
    let masks = number(sent, "masks", 0..=100_000_000, &mut errors);
    let disinfectant = number(sent, "disinfectant", 1..=10_000_000, &mut errors);
    let thermometers = number(sent, "thermometers", 1..=1_000_000, &mut errors);
    let days = number(sent, "supply_days", 0..=3_650, &mut errors);
    if days.is_some_and(|d| d < settings.supply_days) {
        errors.push(FieldError::new("supply_days", "supply-days").with("min", settings.supply_days));
    }
    let per_person = settings.supply_days.saturating_mul(settings.masks_per_person_day);
    let needed = form.returning.unwrap_or(0).saturating_mul(per_person);
    if masks.is_some_and(|m| m < needed) {
        errors.push(
            FieldError::new("masks", "supply-masks").with("min", needed).with("days", settings.supply_days),
        );
    }
    done(errors)?;
    (form.masks, form.disinfectant, form.thermometers, form.supply_days) =
        (masks, disinfectant, thermometers, days);
    Ok(())
}

/// The form as the page of a step shows it, filled with what was saved.
fn view(form: &Form) -> FormView {
    let text = |v: &Option<String>| v.clone().unwrap_or_default();
    let phone = |v: &Option<String>| {
        v.as_deref().and_then(|p| Phone::parse(p).ok()).map(|p| p.national().to_owned()).unwrap_or_default()
    };
    let number = |v: Option<u32>| v.map(|n| n.to_string()).unwrap_or_default();
    let mut view = FormView::new()
        .with("operator", text(&form.operator))
        .with("operator_phone", phone(&form.operator_phone))
        .with("industry", text(&form.industry))
        .with("scale", text(&form.scale))
        .with("address", text(&form.address))
        .with("lead", text(&form.lead))
        .with("lead_phone", phone(&form.lead_phone))
        .with("staff_total", number(form.staff_total))
        .with("returning", number(form.returning))
        .with("staff", staff::to_text(&form.staff))
        .with("masks", number(form.masks))
        .with("disinfectant", number(form.disinfectant))
        .with("thermometers", number(form.thermometers))
        .with("supply_days", number(form.supply_days))
        .with("isolation", text(&form.isolation))
        .with("prevention", text(&form.prevention))
        .with("emergency", text(&form.emergency));
    for kind in &form.premises {
        view.add("premises", kind.clone());
    }
    view
}

/// What a step shows of the answers: its own, and no others.
pub fn shown(form: &Form, step: &str) -> FormView {
    let mut view = view(form);
    for field in FIELDS.iter().chain(&["premises"]).filter(|field| step_of(field) != step) {
        view.forget(field);
    }
    view
}

/// The step that asks for a field.
fn step_of(field: &'static str) -> &'static str {
    match field {
        "operator" | "operator_phone" => "operator",
        "industry" | "scale" => "industry",
        "address" => "place",
        "lead" | "lead_phone" => "lead",
        "staff_total" | "returning" => "headcount",
        "masks" | "disinfectant" | "thermometers" | "supply_days" => "supplies",
        one => one,
    }
}

/// Checks a whole form, as an API client sends it: every step that applies, with the rules of the pages.
///
/// # Errors
/// Everything that has to be put right.
pub fn check(form: &Form, today: NaiveDate, settings: &Settings) -> Result<Form, Errors> {
    let filled = view(form);
    let mut pairs: Vec<(String, String)> =
        form.premises.iter().map(|kind| ("premises".to_owned(), kind.clone())).collect();
    for field in FIELDS {
        pairs.push(((*field).to_owned(), filled.get(field).to_owned()));
    }
    pairs.push(("place".into(), form.division.clone().unwrap_or_default()));
    let sent = Sent::from_pairs(pairs);
    let mut checked = Form { commitment: form.commitment, ..Form::new(&form.kind) };
    let mut errors = Vec::new();
    for step in STEPS.applying(&checked.clone()) {
        if let Err(found) = take(&mut checked, step.name, &sent, today, settings) {
            errors.extend(found);
        }
    }
    if !form.commitment {
        errors.push(FieldError::new("commitment", "commitment"));
    }
    if errors.is_empty() { Ok(checked) } else { Err(errors) }
}

const FIELDS: &[&str] = &[
    "operator",
    "operator_phone",
    "industry",
    "scale",
    "address",
    "lead",
    "lead_phone",
    "staff_total",
    "returning",
    "staff",
    "masks",
    "disinfectant",
    "thermometers",
    "supply_days",
    "isolation",
    "prevention",
    "emergency",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reopening::rules;

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        Sent::of(pairs)
    }

    fn errors(form: &mut Form, step: &str, pairs: &[(&str, &str)]) -> Vec<String> {
        let day = NaiveDate::from_ymd_opt(2020, 3, 12).unwrap();
        let found = take(form, step, &sent(pairs), day, rules::settings().unwrap()).unwrap_err();
        found.into_iter().map(|e| format!("{}:{}", e.field, e.code)).collect()
    }

    #[test]
    fn an_individual_business_is_asked_less() {
        let names = |kind| STEPS.applying(&Form::new(kind)).map(|s| s.name).collect::<Vec<_>>();
        assert_eq!(names("individual"), ["operator", "premises", "place", "headcount", "staff"]);
        assert_eq!(names("enterprise").len(), 11);
    }

    #[test]
    fn a_step_shows_its_own_answers() {
        assert!(FIELDS.iter().chain(&["premises"]).all(|field| STEPS.find(step_of(field)).is_some()));
        let (operator, address) = (Some("王小明".to_owned()), Some("西外街 2 号".to_owned()));
        let form = Form { operator, address, ..Form::new("individual") };
        let (first, place) = (shown(&form, "operator"), shown(&form, "place"));
        assert_eq!((first.get("operator"), first.get("address")), ("王小明", ""));
        assert_eq!((place.get("operator"), place.get("address")), ("", "西外街 2 号"));
    }

    #[test]
    fn supplies_last_for_three_days_and_everybody() {
        let mut form = Form { returning: Some(10), ..Form::new("enterprise") };
        let few = [("masks", "29"), ("disinfectant", "５"), ("thermometers", "1"), ("supply_days", "2")];
        assert_eq!(errors(&mut form, "supplies", &few), ["supply_days:supply-days", "masks:supply-masks"]);
        assert_eq!(form.masks, None, "nothing is kept of an answer that has errors");
    }

    #[test]
    fn the_list_and_the_number_agree() {
        let mut form = Form { returning: Some(2), ..Form::new("enterprise") };
        assert_eq!(
            errors(&mut form, "staff", &[("staff", "张三,360426199101010071")]),
            ["staff:staff-count"]
        );
        let mut shop = Form { returning: Some(2), ..Form::new("individual") };
        staff_list(&mut shop, Vec::new()).unwrap();
        assert!(shop.staff_done);
    }

    #[test]
    fn a_place_is_a_town() {
        let mut form = Form::new("individual");
        assert_eq!(
            errors(&mut form, "place", &[("place-1", "511600"), ("place-2", "511621"), ("address", "")]),
            ["place:division-incomplete", "address:required"]
        );
        assert_eq!(errors(&mut form, "headcount", &[("returning", "3.5")]), ["returning:whole-number"]);
    }
}
