//! What the law and the province's policy say about reopening: the workflow, the calendar, the review level, the
//! numbers of the form. Read once; a deployment with unsound documents does not pass its tests.

use super::model::Form;
use crate::case::Kind;
use crate::error::{AppError, AppResult};
use crate::identity::DivisionCode;
use crate::policy::{self, Premises, ReviewDecision, ReviewLevel, Risk, RuleSet, Words};
use crate::web::i18n::Lang;
use crate::workflow;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::sync::LazyLock;

/// What an application to open again is as a case.
pub static REOPENING: Kind = Kind {
    name: "reopening",
    object: "application",
    did: "reopening-did-",
    says: &[],
    letters: &[
        "reopening-received",
        "correction-notice",
        "reopening-accepted",
        "reopening-deemed-accepted",
        "reopening-refused",
        "filing-effective",
        "departments-asked",
        "prefecture-asked",
        "reopening-approved",
        "rectification-ordered",
        "rectification-reported",
        "rectification-confirmed",
        "reopening-suspended",
        "suspension-lifted",
        "reopening-revoked",
        "reopening-closed",
    ],
    definition: LazyLock::new(workflow::reopening),
};

/// Numbers that a province changes (`policy/reopening-settings.toml`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Days for which supplies have to last.
    pub supply_days: u32,
    /// Masks for each person and day.
    pub masks_per_person_day: u32,
    /// Days for which a permit holds.
    pub permit_days: i64,
    /// Working days that a correction notice gives.
    pub correction_working_days: i32,
    /// Rows of one staff list.
    pub staff_rows: usize,
    /// Minutes for which an agent code holds.
    pub agent_code_minutes: i64,
}

static SETTINGS: LazyLock<Result<Settings, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../policy/reopening-settings.toml")).map_err(|e| e.to_string())
});

/// The numbers of the form.
///
/// # Errors
/// [`AppError::Internal`] when the embedded file is unsound.
pub fn settings() -> AppResult<&'static Settings> {
    SETTINGS.as_ref().map_err(AppError::internal)
}

/// Kinds of premises that forms offer, by code; the text is `reopening-premises-<code>`. Which of them stay shut is
/// the policy's decision.
pub const PREMISES: &[&str] = &[
    "shop",
    "restaurant",
    "market",
    "factory",
    "construction",
    "office",
    "hotel",
    "hairdresser",
    "pharmacy",
    "transport",
    "farm",
    "other",
    "cinema",
    "theatre",
    "karaoke",
    "internet-cafe",
    "bar",
    "dance-hall",
    "games-hall",
    "bathhouse",
    "indoor-gym",
    "indoor-pool",
    "card-room",
];

/// Sections of GB/T 4754-2017 by letter; the text is `reopening-industry-<letter>`. T (international organisations)
/// does not file here.
pub const INDUSTRIES: &[&str] =
    &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s"];

/// Sizes of enterprises (统计上大中小微型企业划分办法).
pub const SCALES: &[&str] = &["large", "medium", "small", "micro"];

/// Who reviews this business, by the policy in force; `None` where no rule speaks of the county's class.
///
/// # Errors
/// [`AppError::Internal`] when a rule cannot be applied.
pub fn review(
    rules: &RuleSet,
    form: &Form,
    division: &str,
    risk: Option<Risk>,
    now: DateTime<Utc>,
) -> AppResult<Option<ReviewDecision>> {
    let premises = Premises {
        applicant: form.kind.clone(),
        division: division.to_owned(),
        risk,
        industry: form.industry.clone().unwrap_or_default().to_uppercase(),
        premises: form.premises.clone(),
    };
    policy::review_level(rules, &premises, now).map_err(|e| AppError::internal(e.error))
}

/// The stored code of a level.
pub const fn level_code(level: ReviewLevel) -> &'static str {
    match level {
        ReviewLevel::Filing => "filing",
        ReviewLevel::Permit => "permit",
        ReviewLevel::Shut => "shut",
    }
}

/// A text of the policy in the reader's language.
pub fn words(lang: Lang, words: &Words) -> String {
    match lang {
        Lang::ZhCn => words.zh.clone(),
        Lang::En => words.en.clone(),
    }
}

/// The legal basis of a rule, one line each.
pub fn legal_basis(rules: &RuleSet, lang: Lang, rule: &str, version: u32) -> Vec<String> {
    let Some(found) = rules.rule(rule, version) else { return Vec::new() };
    let line = |b: &policy::LegalBasis| {
        let law = if lang == Lang::En { &b.en } else { &b.zh };
        crate::web::i18n::t(
            lang,
            "reopening-law-article",
            &[("law", law.clone().into()), ("article", b.article.clone().into())],
        )
    };
    found.rule.legal_basis.iter().map(line).collect()
}

/// The name of a place from its county down, in the reader's language; the code where it is not known.
pub fn place_name(lang: Lang, division: &str) -> String {
    use crate::identity::divisions;
    let Ok(code) = DivisionCode::parse(division) else { return division.to_owned() };
    let name = if lang == Lang::En { divisions().full_name_en(code) } else { divisions().full_name(code) };
    name.unwrap_or_else(|| division.to_owned())
}

/// The last part of a place's name, such as the town.
pub fn short_name(lang: Lang, division: &str) -> String {
    use crate::identity::divisions;
    let found = DivisionCode::parse(division).ok().and_then(|code| divisions().get(code));
    found.map_or_else(
        || division.to_owned(),
        |d| if lang == Lang::En { d.name_en.to_owned() } else { d.name.to_owned() },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_documents_are_sound_and_every_letter_is_known() {
        assert_eq!(REOPENING.unknown_letters().unwrap(), [""; 0]);
        REOPENING.calendar().unwrap();
        assert!(settings().unwrap().supply_days >= 3);
    }

    #[test]
    fn the_level_follows_the_risk_and_the_negative_list() {
        let (now, rules) = ("2020-03-12T02:32:00Z".parse().unwrap(), policy::first_policy().unwrap());
        let mut form = Form::new("individual");
        form.premises = vec!["shop".into()];
        let level = |form: &Form, risk| {
            review(&rules, form, "511621001", risk, now).unwrap().map(|decision| decision.terms.level)
        };
        assert_eq!(level(&form, Some(Risk::Low)), Some(ReviewLevel::Filing));
        assert_eq!(level(&form, Some(Risk::Medium)), Some(ReviewLevel::Permit));
        assert_eq!(level(&form, None), None);
        form.premises = vec!["shop".into(), "cinema".into()];
        assert_eq!(level(&form, Some(Risk::Low)), Some(ReviewLevel::Shut));
        assert_eq!(legal_basis(&rules, Lang::En, "reopening.negative-list", 1).len(), 1);
    }
}
