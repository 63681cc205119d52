//! What the pages of a case show, and a program reads at the same addresses.

use super::views::Fact;
use crate::case::CommentView;
use crate::files::FilesView;
use crate::web::view::{ClockView, FormView};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// Something that happened to a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationEvent)]
pub struct EventView {
    /// What it is.
    pub title: String,
    /// What was written; may be empty.
    pub text: String,
    /// When, and by whom.
    pub note: String,
}

/// The last thing that the applicant was told to do or was refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationTold)]
pub struct ToldView {
    /// How it is marked: `warn` or `bad`.
    pub kind: &'static str,
    /// What it is.
    pub title: String,
    /// What is to be put right.
    pub items: Vec<String>,
    /// Why.
    pub reason: Option<String>,
    /// What can be done about it.
    pub remedy: Option<String>,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
    /// The office.
    pub office: Option<String>,
}

/// A department's opinion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationOpinion)]
pub struct OpinionView {
    /// The department.
    pub department: String,
    /// How it is marked: `ok`, `warn` or `info`.
    pub kind: &'static str,
    /// Whether it agrees, in words.
    pub label: String,
    /// Why.
    pub reason: Option<String>,
    /// What can be done about it.
    pub remedy: Option<String>,
    /// When, and by whom.
    pub note: Option<String>,
}

/// Something that can be done with a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationAction)]
pub struct ActionView {
    /// Its name in addresses.
    pub value: String,
    /// What it is.
    pub label: String,
    /// Whether a reason is needed …
    pub reason: bool,
    /// … and what can be done about it …
    pub remedy: bool,
    /// … and a list of what is to be put right.
    pub items: bool,
    /// Why it cannot be done now.
    pub why: Option<String>,
}

/// So many of a staff list stand so.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationStaffCount)]
pub struct StaffCount {
    /// How it is marked: `ok`, `warn`, `bad` or `idle`.
    pub kind: &'static str,
    /// How many stand how.
    pub label: String,
}

/// Somebody on a staff list, and how their certificate stands; never what it says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationStaffRow)]
pub struct StaffView {
    /// Name.
    pub name: String,
    /// Masked number of the document.
    pub document: String,
    /// Where they come from.
    pub origin: Option<String>,
    /// How the certificate is marked: `ok`, `warn`, `bad` or `idle`.
    pub kind: &'static str,
    /// How it stands, in words.
    pub label: String,
    /// Until when, in words.
    pub until: Option<String>,
}

/// The staff list of a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationStaff)]
pub struct StaffTable {
    /// How many are on it.
    pub count: usize,
    /// How many certificates of them rest.
    pub suspended: usize,
    /// How many are not shown.
    pub more: usize,
    /// How many stand how.
    pub tags: Vec<StaffCount>,
    /// Those that are shown: where something is amiss comes first.
    pub rows: Vec<StaffView>,
}

/// What the case pages of applicant and officials share.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationShown)]
pub struct CaseView {
    /// Its number.
    pub number: String,
    /// Its version, which is sent with what changes it.
    pub version: i64,
    /// How often it was sent.
    pub sent: usize,
    /// Name of the business.
    pub name: String,
    /// `application` or `filing`.
    pub kind: String,
    /// Its state.
    pub state: String,
    /// The same in words.
    pub state_label: String,
    /// How it is marked: `ok`, `info`, `warn`, `bad` or `idle`.
    pub state_kind: &'static str,
    /// The statutory clock.
    pub clock: Option<ClockView>,
    /// The risk level of its place, in words.
    pub risk: String,
    /// Who decides, in words.
    pub level: String,
    /// Number of the permit or the filing.
    pub permit: Option<String>,
    /// Until when that holds.
    pub permit_until: Option<DateTime<Utc>>,
    /// How many come back to work.
    pub returning: i32,
    /// How many work there.
    pub total: Option<u32>,
    /// The answers.
    pub rows: Vec<Fact>,
    /// What happened, the newest first.
    pub events: Vec<EventView>,
    /// What the applicant was told last.
    pub told: Option<ToldView>,
}

/// The owner's page of a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationPage)]
pub struct OnePage {
    /// What the officials see, too.
    #[serde(flatten)]
    pub case: CaseView,
    /// The staff list with the state of each certificate.
    pub staff: StaffTable,
    /// What can be done by a button.
    pub actions: Vec<ActionView>,
    /// What departments have said.
    pub opinions: Vec<OpinionView>,
    /// What was handed in.
    pub files: FilesView,
    /// What officials have written to the owner.
    pub comments: Vec<CommentView>,
    /// Whether the answers can be changed.
    pub editable: bool,
}

/// That a case was sent, or a business filed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationReceiptPage)]
pub struct ReceiptPage {
    /// Its number.
    pub number: String,
    /// Number of the filing, which counts at once.
    pub permit: Option<String>,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// The town whose office looks at it first.
    pub town: String,
}

/// Where somebody's right to act for a business stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgentPage)]
pub struct AgentPage {
    /// Number of the right.
    pub number: String,
    /// `pending`, `confirmed` or `rejected`; as long as it is pending, a code can be asked for and tried.
    pub state: String,
    /// The same in words.
    pub label: String,
    /// Name of the business.
    pub name: String,
    /// What was typed.
    pub form: FormView,
}
