//! From what was typed to answers: one function a step, each giving every error of its page at once.
//!
//! The JSON API goes through the same functions: its body becomes a form first, so that there is one set of rules.

use super::answers::{
    Answers, CONDITIONS, CORESIDENTS, Destination, PURPOSES, Place, SYMPTOMS, TESTS, TRANSPORTS,
    VACCINATIONS, WORK,
};
use super::parse_travel;
use super::questions::{STEPS, questions};
use crate::error::FieldError;
use crate::identity::{DocumentKind, DocumentNumber, PersonName, Phone};
use crate::web::division;
use crate::web::form::Form;
use crate::web::text::line;
use chrono::{Days, NaiveDate};
use unicode_normalization::UnicodeNormalization;

/// Days that travel looks back, and that a journey may lie ahead.
pub const WINDOW_DAYS: u64 = 14;
/// How long ago a test may have been.
const TEST_DAYS: u64 = 365;

/// What is wrong on one page.
pub type Errors = Vec<FieldError>;

/// Collects errors while a page is read, so that all are shown together.
#[derive(Default)]
pub(super) struct Page(pub(super) Errors);

impl Page {
    pub(super) fn take<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|e| self.0.push(e)).ok()
    }

    fn done(self) -> Result<(), Errors> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

pub(super) fn fail<T>(field: &str, code: &str) -> Result<T, FieldError> {
    Err(FieldError::new(field, code))
}

/// A line of text, at most `max` characters ([`crate::web::text`]).
pub(super) fn text(form: &Form, field: &str, max: usize) -> Result<String, FieldError> {
    line(field, form.get(field), max)
}

pub(super) fn choice(form: &Form, field: &str, codes: &[&str]) -> Result<String, FieldError> {
    match form.text(field) {
        None => fail(field, "choose-one"),
        Some(code) if codes.contains(&code) => Ok(code.to_owned()),
        Some(_) => fail(field, "choose-one"),
    }
}

pub(super) fn yes_no(form: &Form, field: &str) -> Result<bool, FieldError> {
    choice(form, field, &["yes", "no"]).map(|code| code == "yes")
}

/// Ticked codes; "none" stands alone.
fn ticked(form: &Form, field: &str, codes: &[&str]) -> Result<Vec<String>, FieldError> {
    let sent: Vec<&str> = form.all(field).collect();
    match (sent.is_empty(), sent.contains(&"none"), sent.len()) {
        (true, ..) => return fail(field, "tick-or-none"),
        (_, true, 1) => return Ok(Vec::new()),
        (_, true, _) => return fail(field, "none-stands-alone"),
        _ => {}
    }
    if sent.iter().any(|code| !codes.contains(code)) {
        return fail(field, "choose-one");
    }
    Ok(codes.iter().filter(|code| sent.contains(code)).map(|code| (*code).to_owned()).collect())
}

/// A date by its three fields, or as `2020-03-12` in the field itself (JSON).
pub(super) fn date(form: &Form, field: &str) -> Result<NaiveDate, FieldError> {
    if let Some(iso) = form.text(field) {
        return iso.parse().or_else(|_| fail(field, "date-no-such-day"));
    }
    match form.view().date(field) {
        Ok(Some(day)) => Ok(day),
        Ok(None) => fail(field, "required"),
        Err(e) => fail(field, e.key()),
    }
}

fn place(form: &Form, name: &str, town: bool, page: &mut Page) -> Option<Place> {
    let division = page.take(division::parse(form, &format!("{name}-division"), town));
    let address = page.take(text(form, &format!("{name}-address"), 200));
    Some(Place { division: division?, address: address? })
}

/// Reads a step's page into the answers.
///
/// # Errors
/// Everything that is wrong on the page; the answers are then as before.
pub fn step(name: &str, form: &Form, answers: &mut Answers, today: NaiveDate) -> Result<(), Errors> {
    let mut page = Page::default();
    for question in questions(name) {
        answer(question, form, answers, today, &mut page);
    }
    page.done()
}

/// As [`step`] for a person who may have no telephone: staff type what they are told.
pub(super) fn step_on_paper(
    name: &str,
    form: &Form,
    answers: &mut Answers,
    today: NaiveDate,
) -> Result<(), Errors> {
    if name != "reach" || form.text("phone").is_some() {
        return step(name, form, answers, today);
    }
    answers.no_phone = true;
    step("conditions", form, answers, today)
}

/// Reads one question.
fn answer(name: &str, form: &Form, answers: &mut Answers, today: NaiveDate, page: &mut Page) {
    match name {
        "identity" => identity(form, answers, today, page),
        "about" => about(form, answers, page),
        "household" => set(&mut answers.household, place(form, "household", false, page)),
        "present" => present(form, answers, page),
        "phone" => set(&mut answers.phone, page.take(phone(form))),
        "conditions" => set(&mut answers.conditions, page.take(ticked(form, "conditions", &CONDITIONS))),
        "temperature" => set(&mut answers.temperature_tenths, page.take(temperature(form, "temperature"))),
        "symptoms" => set(&mut answers.symptoms, page.take(ticked(form, "symptoms", &SYMPTOMS))),
        "contact" => set(&mut answers.contact, page.take(yes_no(form, "contact"))),
        "travel" => parse_travel::travelled(form, answers, page),
        "places" => parse_travel::places(form, answers, today, page),
        "coresidents" => {
            set(&mut answers.coresidents, page.take(choice(form, "coresidents", &CORESIDENTS)));
        }
        "history" => {
            set(&mut answers.isolation, page.take(yes_no(form, "isolation")));
            set(&mut answers.diagnosed, page.take(yes_no(form, "diagnosed")));
        }
        "vaccination" => {
            set(&mut answers.vaccination, page.take(choice(form, "vaccination", &VACCINATIONS)));
        }
        "test" => test(form, answers, today, page),
        "destination" => destination(form, answers, today, page),
        "consent" => consent(form, answers, page),
        _ => {}
    }
}

pub(super) fn set<T>(slot: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *slot = value;
    }
}

fn identity(form: &Form, answers: &mut Answers, today: NaiveDate, page: &mut Page) {
    let name = page.take(match form.text("name") {
        None => fail("name", "required"),
        Some(typed) => PersonName::parse(typed).map_err(|e| FieldError::new("name", e.code())),
    });
    let kind = form.text("document_kind").and_then(DocumentKind::from_code);
    let kind = page.take(kind.ok_or_else(|| FieldError::new("document_kind", "choose-one")));
    if kind.is_none() && form.text("document_number").is_none() {
        page.0.push(FieldError::new("document_number", "required"));
    }
    let number = kind.and_then(|kind| {
        page.take(match form.text("document_number") {
            None => fail("document_number", "required"),
            Some(typed) => DocumentNumber::parse(kind, typed, today)
                .map_err(|e| FieldError::new("document_number", e.code())),
        })
    });
    let (Some(name), Some(number)) = (name, number) else { return };
    answers.name = Some(name);
    if let Some(card) = number.id_number() {
        answers.sex = Some(card.sex().as_str().to_owned());
        answers.nationality = Some("中国".to_owned());
    } else if answers.has_id_card() {
        (answers.sex, answers.nationality) = (None, None);
    }
    answers.document_kind = Some(number.kind());
    answers.document_number = Some(number.number().to_owned());
}

fn about(form: &Form, answers: &mut Answers, page: &mut Page) {
    // The card says both; what was typed counts, also where the number is refused.
    if form.text("document_kind").map_or(answers.has_id_card(), |kind| kind == DocumentKind::IdCard.as_str())
    {
        return;
    }
    set(&mut answers.sex, page.take(choice(form, "sex", &["male", "female"])));
    set(&mut answers.nationality, page.take(text(form, "nationality", 50)));
}

fn present(form: &Form, answers: &mut Answers, page: &mut Page) {
    set(&mut answers.present, place(form, "present", true, page));
    if !answers.leaves_province() {
        answers.share = None;
    }
}

fn phone(form: &Form) -> Result<Phone, FieldError> {
    match form.text("phone") {
        None => fail("phone", "required"),
        Some(typed) => Phone::parse(typed).map_err(|e| FieldError::new("phone", e.code())),
    }
}

/// Tenths of a degree from `36.5`, `３６．５℃` or `36.5 度`; 34.0 to 43.0.
///
/// # Errors
/// `required`, `temperature-form`, `temperature-range`.
pub fn temperature(form: &Form, field: &str) -> Result<i32, FieldError> {
    let Some(typed) = form.text(field) else { return fail(field, "required") };
    let plain: String = typed.nfkc().filter(|c| !c.is_whitespace()).collect();
    let plain =
        plain.trim_end_matches(['C', 'c']).trim_end_matches(['°', '度']).replace(['。', '．', ','], ".");
    let (whole, tenth) = plain.split_once('.').unwrap_or((&plain, "0"));
    let digits =
        |s: &str, len: usize| !s.is_empty() && s.len() <= len && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 2) || !digits(tenth, 1) {
        return fail(field, "temperature-form");
    }
    let tenths = whole.parse::<i32>().ok().zip(tenth.parse::<i32>().ok()).map(|(w, t)| w * 10 + t);
    match tenths {
        Some(tenths) if (340..=430).contains(&tenths) => Ok(tenths),
        _ => fail(field, "temperature-range"),
    }
}

fn test(form: &Form, answers: &mut Answers, today: NaiveDate, page: &mut Page) {
    let Some(result) = page.take(choice(form, "test", &TESTS)) else { return };
    if result == "none" {
        (answers.test, answers.test_day) = (Some(result), None);
        return;
    }
    let Some(day) = page.take(date(form, "test_day")) else { return };
    if day > today {
        page.0.push(FieldError::new("test_day", "date-future"));
    } else if today.signed_duration_since(day).num_days() > i64::try_from(TEST_DAYS).unwrap_or(365) {
        page.0.push(FieldError::new("test_day", "test-too-old"));
    } else {
        (answers.test, answers.test_day) = (Some(result), Some(day));
    }
}

fn destination(form: &Form, answers: &mut Answers, today: NaiveDate, page: &mut Page) {
    let division = page.take(division::parse(form, "destination-division", false));
    let purpose = page.take(purpose(form));
    let working = purpose.as_deref() == Some(WORK);
    let employer = if working { page.take(text(form, "employer", 100)) } else { Some(String::new()) };
    let transport = page.take(choice(form, "transport", &TRANSPORTS));
    let day = page.take(date(form, "travel_day").and_then(|day| journey_day(day, today)));
    if let (Some(division), Some(employer), Some(transport), Some(day)) = (division, employer, transport, day)
        && purpose.is_some()
    {
        answers.destination = Some(Destination { division, purpose, employer, transport, day });
    }
    if !answers.leaves_province() {
        answers.share = None;
    }
}

/// What the journey is for. Programs of before it was asked send an employer only.
fn purpose(form: &Form) -> Result<String, FieldError> {
    match (form.text("purpose"), form.text("employer")) {
        (None, Some(_)) => Ok(WORK.to_owned()),
        _ => choice(form, "purpose", &PURPOSES),
    }
}

/// The journey lies between today and 14 days ahead.
fn journey_day(day: NaiveDate, today: NaiveDate) -> Result<NaiveDate, FieldError> {
    let last = today.checked_add_days(Days::new(WINDOW_DAYS)).unwrap_or(today);
    match day {
        day if day < today => fail("travel_day", "journey-past"),
        day if day > last => Err(FieldError::new("travel_day", "journey-far").with("days", WINDOW_DAYS)),
        day => Ok(day),
    }
}

/// What is promised and agreed to after the answers were checked.
fn consent(form: &Form, answers: &mut Answers, page: &mut Page) {
    if answers.leaves_province() {
        set(&mut answers.share, page.take(yes_no(form, "share")));
    }
    if form.get("truth") == "yes" {
        answers.truth = true;
    } else {
        answers.truth = false;
        page.0.push(FieldError::new("truth", "truth-needed"));
    }
}

/// Checks everything again on submission: a draft may be days old. The errors name steps (`step:<name>`), so that the
/// check page links to where they are put right.
///
/// # Errors
/// One error for each step that has to be opened again.
pub fn whole(answers: &Answers, today: NaiveDate) -> Result<(), Errors> {
    let mut errors: Errors = Vec::new();
    let mut wrong = |step: &str, code: &str| errors.push(FieldError::new(format!("step-{step}"), code));
    for step in STEPS.applying(answers).filter(|s| !(s.complete)(answers)) {
        wrong(step.name, "step-missing");
    }
    if answers.document_kind.is_some() && answers.document().is_none() {
        wrong("identity", "step-missing");
    }
    let earliest = today.checked_sub_days(Days::new(WINDOW_DAYS)).unwrap_or(today);
    if answers.travel.iter().any(|s| s.to < earliest || s.to > today) {
        wrong("places", "step-outdated");
    }
    if answers.destination.as_ref().is_some_and(|d| journey_day(d.day, today).is_err()) {
        wrong("destination", "step-outdated");
    }
    if answers.test_day.is_some_and(|day| day > today) {
        wrong("protection", "step-outdated");
    }
    if !answers.truth {
        errors.push(FieldError::new("truth", "truth-needed"));
    }
    if answers.leaves_province() && answers.share.is_none() {
        errors.push(FieldError::new("share", "choose-one"));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Reads a whole declaration at once, as JSON gives it: every step in its order, the stays as `travel.0-…`.
///
/// # Errors
/// Every error of every step that applies.
pub fn all(form: &Form, stays: usize, answers: &mut Answers, today: NaiveDate) -> Result<(), Errors> {
    let prefixes: Vec<String> = (0..stays).map(|index| format!("travel.{index}")).collect();
    let mut errors = Vec::new();
    for entry in STEPS.list {
        if !(entry.applies)(answers) {
            continue;
        }
        if entry.name == "places" {
            if let Err(e) = parse_travel::many_stays(form, &prefixes, "travel", answers, today) {
                errors.extend(e);
            }
        } else if let Err(e) = step(entry.name, form, answers, today) {
            errors.extend(e);
        }
    }
    if let Err(e) = step("consent", form, answers, today) {
        errors.extend(e);
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
