//! Reasons as answers carry them.

use crate::policy::{Cause, Colour, Words};
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// A colour's word.
pub fn colour_word(lang: Lang, colour: Colour) -> String {
    t(lang, &format!("code-word-{}", colour.code()), &[])
}

/// A text in both languages of the portal.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct TwoTongues<'a> {
    /// Chinese.
    pub zh: &'a str,
    /// English.
    pub en: &'a str,
}

impl<'a> From<&'a Words> for TwoTongues<'a> {
    fn from(words: &'a Words) -> Self {
        Self { zh: &words.zh, en: &words.en }
    }
}

/// One reason.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CauseView<'a> {
    /// Id of the rule; `/rules/<id>` explains it.
    pub rule: &'a str,
    /// Its version.
    pub version: u32,
    /// In plain words.
    pub reason: TwoTongues<'a>,
    /// What the person has to do while it lasts, and may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duties: Option<TwoTongues<'a>>,
    /// Who answers for it.
    pub authority: TwoTongues<'a>,
    /// Telephone.
    pub phone: &'a str,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// When it ends, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// What ends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<TwoTongues<'a>>,
    /// Whether it can be appealed against.
    pub appealable: bool,
}

impl<'a> From<&'a Cause> for CauseView<'a> {
    fn from(cause: &'a Cause) -> Self {
        Self {
            rule: &cause.rule,
            version: cause.version,
            reason: (&cause.reason).into(),
            duties: cause.duties.as_ref().map(Into::into),
            authority: (&cause.authority.name).into(),
            phone: &cause.authority.phone,
            since: cause.since,
            until: cause.until,
            ends: cause.ends.as_ref().map(Into::into),
            appealable: cause.appealable,
        }
    }
}

/// The text in a language.
pub(super) fn pick(words: &Words, lang: Lang) -> &str {
    match lang {
        Lang::ZhCn => &words.zh,
        Lang::En => &words.en,
    }
}
