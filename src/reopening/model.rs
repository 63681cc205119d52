//! What a reopening case is made of: the form (typed, versioned, sealed as a whole), the rows of the tables.

use super::rules::REOPENING;
use crate::case::{self, At, Moved};
use crate::db::schema::{application_reviews, applications, business_agents, businesses};
use crate::db::{Id, Js, Ts};
use crate::error::AppResult;
use crate::identity::{DocumentKind, DocumentNumber};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// The version of [`Form`] that this program writes.
pub const FORM_VERSION: u32 = 1;

/// One person of the staff list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffRow {
    /// Name as the person writes it.
    #[schema(max_length = 100)]
    pub name: String,
    /// Kind of the document (`id_card` …).
    #[schema(max_length = 30)]
    pub document_kind: String,
    /// Its number.
    #[schema(max_length = 60)]
    pub document: String,
    /// Telephone in E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    pub phone: Option<String>,
    /// Where the person comes from or was in the last 14 days, in the applicant's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub origin: Option<String>,
    /// Number of the declaration certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub certificate: Option<String>,
}

impl StaffRow {
    /// The document, if its number has the form of its kind.
    #[must_use]
    pub fn number(&self) -> Option<DocumentNumber> {
        let kind = DocumentKind::from_code(&self.document_kind).unwrap_or(DocumentKind::Passport);
        DocumentNumber::parse_stored(kind, &self.document).ok()
    }
}

/// Everything that an application says. Stored sealed; the case's columns repeat only what lists need.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Form {
    /// Version of this form.
    pub v: u32,
    /// `enterprise` or `individual`.
    #[schema(max_length = 20)]
    pub kind: String,
    /// Legal person of an enterprise, operator of an individual business.
    #[schema(max_length = 100)]
    pub operator: Option<String>,
    /// Telephone of the legal person or operator, E.164.
    #[schema(max_length = 40)]
    pub operator_phone: Option<String>,
    /// Section of GB/T 4754, a lower-case letter.
    #[schema(max_length = 1)]
    pub industry: Option<String>,
    /// Size (`large`, `medium`, `small`, `micro`).
    #[schema(max_length = 20)]
    pub scale: Option<String>,
    /// Kinds of premises.
    #[schema(max_items = 30)]
    pub premises: Vec<String>,
    /// Division of the premises: a town, or a county without towns in the register.
    #[schema(max_length = 12)]
    pub division: Option<String>,
    /// Street and number.
    #[schema(max_length = 200)]
    pub address: Option<String>,
    /// Person responsible for epidemic control.
    #[schema(max_length = 100)]
    pub lead: Option<String>,
    /// Telephone of that person, E.164.
    #[schema(max_length = 40)]
    pub lead_phone: Option<String>,
    /// Staff in all.
    pub staff_total: Option<u32>,
    /// Staff that return now.
    pub returning: Option<u32>,
    /// The staff list.
    #[schema(max_items = 2000)]
    pub staff: Vec<StaffRow>,
    /// Whether the list was confirmed (it may be empty for an individual business without employees).
    pub staff_done: bool,
    /// Masks in stock.
    pub masks: Option<u32>,
    /// Disinfectant in stock, litres.
    pub disinfectant: Option<u32>,
    /// Thermometers in stock.
    pub thermometers: Option<u32>,
    /// Days for which all of that lasts, as the applicant states.
    pub supply_days: Option<u32>,
    /// Where the isolation room is.
    #[schema(max_length = 500)]
    pub isolation: Option<String>,
    /// Prevention plan.
    #[schema(max_length = 10000)]
    pub prevention: Option<String>,
    /// Emergency plan.
    #[schema(max_length = 10000)]
    pub emergency: Option<String>,
    /// Whether the commitment was given.
    pub commitment: bool,
}

impl Form {
    /// An empty form.
    pub fn new(kind: &str) -> Self {
        Self { v: FORM_VERSION, kind: kind.to_owned(), ..Self::default() }
    }

    /// Whether this is the enterprise's form.
    pub fn enterprise(&self) -> bool {
        self.kind == "enterprise"
    }
}

/// Personal data stays out of logs.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form").field("v", &self.v).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Personal data stays out of logs.
impl fmt::Debug for StaffRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaffRow")
    }
}

/// A row of `applications`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = applications)]
pub struct Application {
    /// Identifier.
    pub id: Id,
    /// Reference number.
    pub number: String,
    /// The business.
    pub business_id: Id,
    /// Who filed it.
    pub account_id: Id,
    /// `enterprise` or `individual`.
    pub kind: String,
    /// State of the workflow.
    pub state: String,
    /// Grows with every change.
    pub version: i64,
    /// Division of the premises.
    pub division: String,
    /// Risk class of the place at the last submission; `unknown` before.
    pub risk_level: String,
    /// `filing`, `permit`, `shut` at the last submission; `unknown` before.
    pub review_level: String,
    /// The step last saved.
    pub step: String,
    /// The sealed [`Form`].
    pub form_sealed: Vec<u8>,
    /// Staff that return.
    pub returning_staff: i32,
    /// Correction notices sent: 0 or 1.
    pub corrections: i32,
    /// The statutory clocks.
    pub clock: Js,
    /// When the running limit ends; none while it stands.
    pub due_at: Option<Ts>,
    /// The official who has taken the case.
    pub assignee: Option<Id>,
    /// Number of the permit or filing certificate.
    pub permit_number: Option<String>,
    /// Exclusive end of the permit; a filing has none.
    pub permit_until: Option<Ts>,
    /// Who decided.
    pub decided_by: Option<Id>,
    /// When.
    pub decided_at: Option<Ts>,
    /// Creation of the draft.
    pub created_at: Ts,
    /// Last change.
    pub updated_at: Ts,
    /// Last receipt of papers: submission, or resubmission after a correction notice.
    pub submitted_at: Option<Ts>,
}

impl Application {
    /// How it stands, as a case. The record names no person as its subject: it is about a business.
    ///
    /// # Errors
    /// [`crate::error::AppError::Internal`] for clocks that are none of ours.
    pub fn at(&self) -> AppResult<At> {
        let clocks = REOPENING.clocks(&self.clock.0)?;
        let (state, version) = (self.state.clone(), self.version);
        Ok(At { kind: &REOPENING, id: self.id, subject: None, state, version, clocks })
    }

    /// It stands as a step has left it.
    ///
    /// # Errors
    /// As [`Moved::clock`].
    pub fn moved(&mut self, moved: &Moved) -> AppResult<()> {
        self.state.clone_from(&moved.done.to);
        self.version = moved.version;
        self.clock = moved.clock()?;
        self.due_at = moved.due.map(Into::into);
        Ok(())
    }
}

/// A row of `businesses`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = businesses)]
pub struct Business {
    /// Identifier.
    pub id: Id,
    /// Unified social credit code.
    pub uscc: String,
    /// Public name; empty until a claim is confirmed, so that nobody's claim becomes public by itself.
    pub name: String,
    /// `enterprise` or `individual`.
    pub kind: String,
    /// Division of the premises of the claim that was confirmed first; empty before.
    pub division: String,
    /// Section of the industry.
    pub industry: Option<String>,
    /// Size.
    pub scale: Option<String>,
    /// Legal person.
    pub legal_person_sealed: Option<Vec<u8>>,
    /// The legal person's phone, once proven.
    pub legal_phone_sealed: Option<Vec<u8>>,
    /// Its blind index.
    pub legal_phone_blind: Option<Vec<u8>>,
    /// Grows with every change.
    pub version: i64,
    /// Creation.
    pub created_at: Ts,
}

/// A row of `business_agents`.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = business_agents)]
pub struct Agent {
    /// Identifier.
    pub id: Id,
    /// The business.
    pub business_id: Id,
    /// The account that acts for it.
    pub account_id: Id,
    /// Number that is named at the counter.
    pub number: String,
    /// `pending`, `confirmed`, `rejected`, `ended`.
    pub state: String,
    /// When it was claimed.
    pub created_at: Ts,
    /// When it was confirmed or rejected.
    pub confirmed_at: Option<Ts>,
    /// By which official; none by the legal person's phone.
    pub confirmed_by: Option<Id>,
    /// `phone`, or the code of the proof seen at the counter.
    pub how: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// What the claimant calls the business; nobody but the claimant and the counter sees it.
    pub claimed_name: String,
    /// Where its premises are, as the claimant says.
    pub claimed_division: String,
}

impl Agent {
    /// Whether the right to act has been confirmed.
    pub fn confirmed(&self) -> bool {
        self.state == "confirmed"
    }

    /// What the claimant calls the business, or its credit code.
    pub fn claims(&self, business: &Business) -> String {
        let code = self.claimed_name.is_empty();
        if code { business.uscc.clone() } else { self.claimed_name.clone() }
    }

    /// What the counter calls the business: once the right is confirmed, as the register does.
    pub fn title(&self, business: &Business) -> String {
        if self.confirmed() { business.name.clone() } else { self.claims(business) }
    }
}

/// A row of `application_reviews`: a department's opinion in one round. The last round counts.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = application_reviews)]
pub struct Review {
    /// Identifier.
    pub id: Id,
    /// The case.
    pub application_id: Id,
    /// Role code of the department.
    pub department: String,
    /// Round, from 1; a department that thinks again opens another.
    pub round: i32,
    /// `pending`, `agreed`, `objected`.
    pub state: String,
    /// The sealed [`Note`].
    pub opinion_sealed: Option<Vec<u8>>,
    /// When it was asked.
    pub asked_at: Ts,
    /// When it answered.
    pub decided_at: Option<Ts>,
    /// Who answered.
    pub decided_by: Option<Id>,
    /// In which office.
    pub office_id: Option<Id>,
    /// When it was last reminded.
    pub reminded_at: Option<Ts>,
}

/// A department's opinion with what it wrote and who signed it.
#[derive(Debug, Clone)]
pub struct Opinion {
    /// The row.
    pub review: Review,
    /// What was written.
    pub note: Note,
    /// Name of the official, for colleagues.
    pub official: Option<String>,
    /// Name of the office in both languages.
    pub office: Option<(String, String)>,
}

/// What an actor wrote; sealed in the timeline.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Note {
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the applicant can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What is missing, complete.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// Until when the items are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<chrono::DateTime<chrono::Utc>>,
}

impl Note {
    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Note")
    }
}

/// One event of the timeline.
pub type Event = case::Event<Note>;

/// Departments that are asked side by side, by role code.
pub const DEPARTMENTS: [&str; 3] = ["health-reviewer", "industry-reviewer", "market-reviewer"];
