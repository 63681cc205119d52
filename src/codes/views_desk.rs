//! What the desks of findings and risk levels show, and a program reads at the same addresses.

use super::entries::EnteredLine;
use crate::db::{Id, Ts};
use crate::second::{Effect, Fact};
use crate::web::view::{Choice, FormView, Pager};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A finding for officials.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingShown)]
pub(super) struct FindingView {
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// Masked name.
    pub name: String,
    /// Kind and masked number of the document.
    pub document: String,
    /// What was found, in words.
    pub kind: String,
    /// The result of a test, in words.
    pub result: Option<String>,
    /// The day of it, as a moment.
    #[schema(value_type = DateTime<Utc>)]
    pub at: Ts,
    /// When its effect ends.
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub until: Option<Ts>,
    /// A place, or a train and carriage.
    pub place: Option<String>,
    /// Day of discharge or release.
    pub released: Option<NaiveDate>,
    /// The document that it rests on.
    pub source: String,
    /// When it was entered.
    #[schema(value_type = DateTime<Utc>)]
    pub created: Ts,
    /// Whether the official who looks entered it.
    pub own: bool,
}

/// The end of a finding that waits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingEndShown)]
pub(super) struct EndView {
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    pub record: FindingView,
    /// Why it no longer counts.
    pub reason: String,
    /// When it was entered.
    #[schema(value_type = DateTime<Utc>)]
    pub created: Ts,
    /// Whether the official who looks entered it.
    pub own: bool,
    /// Whether the official who looks had a part in the finding, and so does not decide.
    pub had_a_part: bool,
}

/// Findings and ends of findings that wait for a second official.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthFindingsPage)]
pub(super) struct RecordsPage {
    /// Findings.
    pub rows: Vec<FindingView>,
    pub pager: Pager,
    /// Ends of findings.
    pub ends: Vec<EndView>,
    pub ends_pager: Pager,
    /// What the official entered before.
    pub own: Vec<EnteredLine>,
    pub form: FormView,
    /// The kinds of document.
    pub doc_kinds: Vec<Choice>,
}

/// A finding that is to be entered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingFormPage)]
pub(super) struct RecordFormPage {
    pub form: FormView,
    /// What the official entered before.
    pub own: Vec<EnteredLine>,
    /// Whether it is a doctor, who enters tests.
    pub doctor: bool,
    /// The kinds of document.
    pub doc_kinds: Vec<Choice>,
    /// What can be found.
    pub kinds: Vec<Choice>,
    /// Results of a test.
    pub results: Vec<Choice>,
    /// Means of transport.
    pub transports: Vec<Choice>,
}

/// A finding that counts, and whether an end of it waits already.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingFound)]
pub(super) struct FoundRecord {
    pub record: FindingView,
    pub waits: bool,
}

/// The findings that count for somebody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingsFoundPage)]
pub(super) struct RecordsFoundPage {
    pub form: FormView,
    /// The kinds of document.
    pub doc_kinds: Vec<Choice>,
    pub rows: Vec<FoundRecord>,
}

/// A finding whose end is to be entered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingEndPage)]
pub(super) struct RecordEndPage {
    pub row: FoundRecord,
    pub form: FormView,
}

/// A risk level in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskInForce)]
pub(super) struct LevelView {
    /// The division, by its full name.
    pub name: String,
    /// `high`, `medium`, `low`.
    pub level: String,
    /// The same as a word.
    pub word: String,
    /// Since when it has been of this level without a break.
    pub since: DateTime<Utc>,
    /// When it ends, where that is published.
    pub until: Option<DateTime<Utc>>,
    /// The document that it rests on.
    pub source: String,
}

/// A rule that reads risk levels.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RiskRule {
    /// `/rules/<id>` explains it.
    pub id: String,
    pub title: String,
}

/// The divisions of one level.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RiskGroup {
    /// `high`, `medium`, `low`.
    pub level: &'static str,
    /// The same as a word.
    pub word: String,
    /// What it means for people.
    pub meaning: String,
    /// The rules that name it.
    pub rules: Vec<RiskRule>,
    pub rows: Vec<LevelView>,
}

/// The risk levels in force, the worst first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RisksPage {
    pub groups: Vec<RiskGroup>,
}

/// A change of a risk level that waits for a second official.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RiskWaiting {
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// The division, by its full name.
    pub name: String,
    /// `high`, `medium`, `low`.
    pub level: String,
    /// The same as a word.
    pub word: String,
    #[schema(value_type = DateTime<Utc>)]
    pub since: Ts,
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub until: Option<Ts>,
    /// The document that it rests on.
    pub source: String,
    /// When it was entered.
    #[schema(value_type = DateTime<Utc>)]
    pub created: Ts,
    /// Whether the official who looks entered it.
    pub own: bool,
}

/// Where risk levels are changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RisksDeskPage {
    pub form: FormView,
    /// Changes that wait.
    pub open: Vec<RiskWaiting>,
    /// Changes that the official entered before.
    pub own: Vec<EnteredLine>,
    /// The levels in force.
    pub rows: Vec<LevelView>,
    /// Prefectures and counties.
    pub divisions: Vec<Choice>,
    pub levels: Vec<Choice>,
}

/// A field that is sent again as it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RiskFieldKept)]
pub(super) struct FieldKept {
    pub name: &'static str,
    pub value: String,
}

/// Whom a change of a risk level would concern: its number is to be confirmed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RiskPreviewPage {
    pub facts: Vec<Fact>,
    pub preview: Effect,
    /// What was typed, to be sent again with the number.
    pub kept: Vec<FieldKept>,
    pub form: FormView,
}
