//! The steps of a declaration in their order, and what each page shows: labels, hints, choices, old answers.

use super::answers::{
    Answers, CONDITIONS, CORESIDENTS, PURPOSES, SYMPTOMS, TESTS, TRANSPORTS, VACCINATIONS, WORK,
};
use crate::identity::DocumentKind;
use crate::web::division;
use crate::web::i18n::{Lang, t};
use crate::web::steps::{Step, Steps};
use crate::web::view::{Choice, FormView};
use chrono::NaiveDate;
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

const PAGE: &str = "declarations/step.html";

macro_rules! steps {
    ($($name:literal, $title:literal, $applies:expr, $complete:expr;)*) => {
        &[$(Step { name: $name, title: $title, template: PAGE, applies: $applies, complete: $complete }),*]
    };
}

/// The steps.
pub const STEPS: Steps<Answers> = Steps {
    base: "/declare",
    list: steps! {
        "identity", "declare-step-identity", |_| true,
            |a| a.name.is_some() && a.document_number.is_some() && a.sex.is_some() && a.nationality.is_some();
        "address", "declare-step-address", |_| true, |a| a.household.is_some() && a.present.is_some();
        "reach", "declare-step-reach", |_| true, |a| (a.phone.is_some() || a.no_phone) && a.conditions.is_some();
        "today", "declare-step-today", |_| true, |a| a.temperature_tenths.is_some() && a.symptoms.is_some();
        "exposure", "declare-step-exposure", |_| true,
            |a| a.contact.is_some() && a.coresidents.is_some() && a.isolation.is_some() && a.diagnosed.is_some();
        "travel", "declare-step-travel", |_| true, |a| a.travelled.is_some();
        "places", "declare-step-places", |a| a.travelled == Some(true), |a| !a.travel.is_empty();
        "protection", "declare-step-protection", |_| true, |a| a.vaccination.is_some() && a.test.is_some();
        "destination", "declare-step-destination", |_| true, |a| a.destination.is_some();
    },
};

/// Steps that a renewal does not walk through, because the answers are there; check-your-answers leads to them.
pub const KNOWN: [&str; 3] = ["identity", "address", "reach"];

/// The questions on the page of a step, in their order. The name of a question stands for itself.
pub fn questions(step: &str) -> Vec<&str> {
    match step {
        "identity" => vec!["identity", "about"],
        "address" => vec!["household", "present"],
        "reach" => vec!["phone", "conditions"],
        "today" => vec!["temperature", "symptoms"],
        "exposure" => vec!["contact", "coresidents", "history"],
        "protection" => vec!["vaccination", "test"],
        other => vec![other],
    }
}

/// The step that asks a question which had a page of its own in earlier versions; pages that were open then lead on.
pub fn moved(name: &str) -> Option<&'static str> {
    if name == "consent" {
        return Some("check");
    }
    STEPS.list.iter().map(|s| s.name).find(|step| *step != name && questions(step).contains(&name))
}

/// One field of a page.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AskedField)]
pub struct Field {
    /// How it is asked: `text`, `radios`, `checks`, `select`, `date` or `division`.
    kind: &'static str,
    /// The name under which it is sent.
    #[schema(value_type = String)]
    name: Cow<'static, str>,
    /// What is asked.
    label: String,
    /// More about it; may be empty.
    hint: String,
    /// Whether the label is the heading of the page.
    heading: bool,
    /// Whether it may be left empty.
    optional: bool,
    /// What is typed, for keyboards; may be empty.
    inputmode: &'static str,
    /// What a browser may fill in.
    autocomplete: &'static str,
    /// The answers to choose from.
    choices: Vec<Choice>,
    /// Of a division: its levels, as far as they are chosen.
    levels: Vec<division::Level>,
    /// What none of the choices is called.
    none_label: String,
}

/// Builds fields in one language; `single` pages have the label as their heading.
struct Make<'a> {
    lang: Lang,
    form: &'a FormView,
    single: bool,
}

impl Make<'_> {
    fn field(&self, kind: &'static str, name: &'static str) -> Field {
        let key = name.replace('_', "-");
        let hint = format!("declare-{key}-hint");
        let hint = if crate::web::i18n::has(&hint) { t(self.lang, &hint, &[]) } else { String::new() };
        Field {
            kind,
            name: name.into(),
            label: t(self.lang, &format!("declare-{key}"), &[]),
            hint,
            heading: self.single,
            optional: false,
            inputmode: "",
            autocomplete: "off",
            choices: Vec::new(),
            levels: Vec::new(),
            none_label: String::new(),
        }
    }

    fn choices(&self, kind: &'static str, name: &'static str, prefix: &str, codes: &[&str]) -> Field {
        let label = |code: &&str| {
            Choice::text(self.lang, code, &format!("declare-{prefix}-{}", code.replace('_', "-")))
        };
        Field { choices: codes.iter().map(label).collect(), ..self.field(kind, name) }
    }

    fn yes_no(&self, name: &'static str) -> Field {
        self.choices("radios", name, "answer", &["yes", "no"])
    }

    fn checks(&self, name: &'static str, prefix: &str, codes: &[&str]) -> Field {
        let none_label = t(self.lang, "declare-none", &[]);
        Field { none_label, ..self.choices("checks", name, prefix, codes) }
    }

    fn division(&self, name: &'static str, depth: usize) -> Field {
        let levels = division::levels(self.lang, self.form, name, depth);
        Field { levels, heading: false, ..self.field("division", name) }
    }

    fn typed(&self, name: &'static str, inputmode: &'static str, autocomplete: &'static str) -> Field {
        Field { inputmode, autocomplete, ..self.field("text", name) }
    }
}

/// The fields of a step's page. A page with one field has its label as the heading.
pub fn fields(step: &str, lang: Lang, answers: &Answers, form: &FormView) -> Vec<Field> {
    let all = questions(step).into_iter().flat_map(|question| asked(question, lang, answers, form));
    all.collect()
}

/// The fields of a question.
fn asked(step: &str, lang: Lang, answers: &Answers, form: &FormView) -> Vec<Field> {
    let single = step == "travel";
    let m = Make { lang, form, single };
    let kinds: Vec<&str> = DocumentKind::ALL.iter().map(|k| k.as_str()).collect();
    match step {
        "identity" => vec![
            m.typed("name", "", "name"),
            m.choices("radios", "document_kind", "document", &kinds),
            m.typed("document_number", "", "off"),
        ],
        "about" => vec![
            m.choices("radios", "sex", "sex", &["male", "female"]),
            m.typed("nationality", "", "country-name"),
        ],
        "household" => vec![m.division("household-division", 3), m.typed("household-address", "", "off")],
        "present" => {
            vec![m.division("present-division", 4), m.typed("present-address", "", "address-line1")]
        }
        "phone" => vec![m.typed("phone", "tel", "tel")],
        "temperature" => vec![m.typed("temperature", "decimal", "off")],
        "symptoms" => vec![m.checks("symptoms", "symptom", &SYMPTOMS)],
        "conditions" => vec![m.checks("conditions", "condition", &CONDITIONS)],
        "contact" => vec![m.yes_no("contact")],
        "travel" => vec![m.yes_no("travelled")],
        "places" => vec![
            m.division("stay-division", 3),
            Field { optional: true, ..m.typed("stay-abroad", "", "off") },
            m.field("date", "stay-from"),
            m.field("date", "stay-to"),
            m.choices("select", "stay-transport", "transport", &TRANSPORTS),
        ],
        "coresidents" => vec![m.choices("radios", "coresidents", "coresidents", &CORESIDENTS)],
        "history" => vec![m.yes_no("isolation"), m.yes_no("diagnosed")],
        "vaccination" => vec![m.choices("radios", "vaccination", "vaccination", &VACCINATIONS)],
        "test" => vec![m.choices("radios", "test", "test", &TESTS), m.field("date", "test_day")],
        "destination" => vec![
            m.division("destination-division", 3),
            m.choices("radios", "purpose", "purpose", &PURPOSES),
            Field {
                label: t(m.lang, "declare-employer-label", &[]),
                ..m.typed("employer", "", "organization")
            },
            m.choices("select", "transport", "transport", &TRANSPORTS),
            m.field("date", "travel_day"),
        ],
        "consent" => {
            let share = answers.leaves_province().then(|| m.yes_no("share"));
            share.into_iter().chain([m.field("tick", "truth")]).collect()
        }
        _ => Vec::new(),
    }
}

/// The fields of one of several stays, with another prefix in place of `stay`.
pub fn stay_fields(prefix: &str, lang: Lang, form: &FormView) -> Vec<Field> {
    let fields = fields("places", lang, &Answers::default(), form).into_iter();
    let renamed =
        fields.map(|field| Field { name: field.name.replacen("stay", prefix, 1).into(), ..field.plain() });
    let with_levels = renamed.map(|field| match field.kind {
        "division" => Field { levels: division::levels(lang, form, &field.name, 3), ..field },
        _ => field,
    });
    with_levels.collect()
}

/// A step's page filled with the answers so far.
pub fn fill(step: &str, a: &Answers, province: &str, today: NaiveDate) -> FormView {
    questions(step)
        .into_iter()
        .fold(FormView::new(), |form, question| fill_one(form, question, a, province, today))
}

fn fill_one(form: FormView, step: &str, a: &Answers, province: &str, today: NaiveDate) -> FormView {
    let yes_no = |form: FormView, name: &str, value: Option<bool>| match value {
        Some(v) => form.with(name, if v { "yes" } else { "no" }),
        None => form,
    };
    let text = |form: FormView, name: &str, value: Option<&str>| match value {
        Some(v) => form.with(name, v),
        None => form,
    };
    match step {
        "identity" => {
            let form = text(form, "name", a.name.as_ref().map(|n| n.as_str()));
            let form =
                text(form, "document_kind", Some(a.document_kind.unwrap_or(DocumentKind::IdCard).as_str()));
            text(form, "document_number", a.document_number.as_deref())
        }
        "about" => text(text(form, "sex", a.sex.as_deref()), "nationality", a.nationality.as_deref()),
        "household" => fill_place(form, "household", a.household.as_ref(), province),
        "present" => fill_place(form, "present", a.present.as_ref().or(a.household.as_ref()), province),
        "phone" => text(form, "phone", a.phone.as_ref().map(|p| p.national())),
        "temperature" => text(form, "temperature", a.temperature_tenths.map(degrees).as_deref()),
        "symptoms" => fill_ticks(form, "symptoms", a.symptoms.as_deref()),
        "conditions" => fill_ticks(form, "conditions", a.conditions.as_deref()),
        "contact" => yes_no(form, "contact", a.contact),
        "travel" => yes_no(form, "travelled", a.travelled),
        "places" => form.with("stay-division-1", province),
        "coresidents" => text(form, "coresidents", a.coresidents.as_deref()),
        "history" => yes_no(yes_no(form, "isolation", a.isolation), "diagnosed", a.diagnosed),
        "vaccination" => text(form, "vaccination", a.vaccination.as_deref()),
        "test" => {
            let form = text(form, "test", a.test.as_deref());
            a.test_day.map_or_else(|| form.clone(), |day| form.clone().with_date("test_day", day))
        }
        "destination" => fill_destination(form, a, province, today),
        // A commitment is never ticked beforehand.
        "consent" => yes_no(form, "share", a.share),
        _ => form,
    }
}

fn fill_place(form: FormView, name: &str, place: Option<&super::answers::Place>, province: &str) -> FormView {
    let field = format!("{name}-division");
    match place {
        Some(p) => {
            division::fill(form, &field, p.division).with(&format!("{name}-address"), p.address.clone())
        }
        None => form.with(&format!("{field}-1"), province),
    }
}

fn fill_ticks(mut form: FormView, name: &str, codes: Option<&[String]>) -> FormView {
    match codes {
        Some([]) => form.add(name, "none"),
        Some(codes) => codes.iter().for_each(|code| form.add(name, code.clone())),
        None => {}
    }
    form
}

fn fill_destination(form: FormView, a: &Answers, province: &str, today: NaiveDate) -> FormView {
    let Some(d) = &a.destination else { return form.with("destination-division-1", province) };
    let form = division::fill(form, "destination-division", d.division)
        .with("purpose", d.purpose.as_deref().unwrap_or(WORK))
        .with("employer", d.employer.clone())
        .with("transport", d.transport.clone());
    // The day of an earlier journey is asked anew.
    if d.day < today { form } else { form.with_date("travel_day", d.day) }
}

/// `36.5` from 365 tenths.
pub fn degrees(tenths: i32) -> String {
    format!("{}.{}", tenths / 10, (tenths % 10).abs())
}

impl Field {
    /// The field on a page with several questions: its label is no heading.
    pub(super) fn plain(self) -> Self {
        Self { heading: false, ..self }
    }

    /// The field where staff type what somebody says who may have no telephone.
    pub(super) fn on_paper(self, lang: Lang) -> Self {
        if self.name != "phone" {
            return self;
        }
        Self { optional: true, hint: t(lang, "desk-entry-no-phone", &[]), ..self }
    }
}
