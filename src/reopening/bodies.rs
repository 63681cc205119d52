//! What the JSON interface answers about cases of reopening: the shapes that the OpenAPI document names. The register's
//! are beside it.

use super::model::{Agent, Application, Business, Event, Form, Note, Opinion};
use crate::certificates::{CertificateState, State};
use crate::workflow::{ActionInfo, Requirement, is_announced};
use crate::worklist::CountBody;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A case as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationBody {
    /// Reference number.
    pub number: String,
    /// Public name of the business.
    pub business: String,
    /// `enterprise` or `individual`.
    pub kind: String,
    /// State of the workflow.
    pub state: String,
    /// Grows with every change; a decision names the one that was seen.
    pub version: i64,
    /// Division of the premises.
    pub division: String,
    /// Risk class of the place at the last submission; `unknown` before.
    pub risk_level: String,
    /// `filing`, `permit`, `shut`; `unknown` before submission.
    pub review_level: String,
    /// Exclusive end of the limit that runs.
    pub due_at: Option<DateTime<Utc>>,
    /// Whether it rests on holidays that are not announced.
    pub due_provisional: bool,
    /// Number of the permit or filing certificate.
    pub permit_number: Option<String>,
    /// Exclusive end of the permit; a filing has none.
    pub permit_until: Option<DateTime<Utc>>,
    /// Last receipt of papers.
    pub submitted_at: Option<DateTime<Utc>>,
    /// The decision.
    pub decided_at: Option<DateTime<Utc>>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
}

impl ApplicationBody {
    pub(super) fn of(app: &Application, name: &str) -> Self {
        Self {
            number: app.number.clone(),
            business: name.to_owned(),
            kind: app.kind.clone(),
            state: app.state.clone(),
            version: app.version,
            division: app.division.clone(),
            risk_level: app.risk_level.clone(),
            review_level: app.review_level.clone(),
            due_at: app.due_at.map(|at| at.0),
            due_provisional: app.due_at.is_some_and(|due| !is_announced(due.0)),
            permit_number: app.permit_number.clone(),
            permit_until: app.permit_until.map(|at| at.0),
            submitted_at: app.submitted_at.map(|at| at.0),
            decided_at: app.decided_at.map(|at| at.0),
            updated_at: app.updated_at.0,
        }
    }
}

/// The caller's cases.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationsBody {
    /// The cases.
    pub applications: Vec<ApplicationBody>,
}

/// The right to act for the business.
#[derive(Debug, Serialize, ToSchema)]
pub struct RightBody {
    /// Number that is named at the counter.
    pub number: Option<String>,
    /// `pending`, `confirmed`, `rejected`, `ended`.
    pub state: Option<String>,
}

/// A new draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftBody {
    /// The case.
    #[serde(flatten)]
    pub application: ApplicationBody,
    /// Whether the caller may act for the business.
    pub agent: RightBody,
}

/// How the declaration certificate of somebody on the staff list stands, never what it says.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffCertificate {
    /// Where it stands; null where none was found.
    pub state: Option<State>,
    /// Exclusive end.
    pub expires_at: Option<DateTime<Utc>>,
}

impl StaffCertificate {
    /// In the order of the staff list.
    pub(super) fn list(states: &[Option<CertificateState>]) -> Vec<Self> {
        let one = |state: &Option<CertificateState>| Self {
            state: state.as_ref().map(|s| s.state),
            expires_at: state.as_ref().map(|s| s.expires_at),
        };
        states.iter().map(one).collect()
    }
}

/// One event of the timeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventBody {
    /// When.
    pub at: DateTime<Utc>,
    /// Action of the workflow.
    pub action: String,
    /// State after it.
    pub to: String,
    /// Version after it.
    pub version: i64,
    /// `resident`, `official`, `system`.
    pub by: String,
    /// Name of the office.
    pub office: Option<String>,
    /// What was written.
    pub note: Note,
}

impl From<&Event> for EventBody {
    fn from(e: &Event) -> Self {
        Self {
            at: e.at,
            action: e.action.clone(),
            to: e.to.clone(),
            version: e.version,
            by: e.actor_kind.clone(),
            office: e.office.as_ref().map(|(zh, _)| zh.clone()),
            note: e.note.clone(),
        }
    }
}

/// A case of one's own, whole.
#[derive(Serialize, ToSchema)]
pub struct OwnCaseBody {
    /// The case.
    #[serde(flatten)]
    pub application: ApplicationBody,
    /// The answers.
    pub form: Form,
    /// In the order of the staff list; null before submission.
    pub staff_certificates: Option<Vec<StaffCertificate>>,
    /// The timeline.
    pub events: Vec<EventBody>,
}

/// A department's opinion.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpinionBody {
    /// Role code of the department.
    pub department: String,
    /// `pending`, `agreed`, `objected`.
    pub state: String,
    /// When it was given.
    pub at: Option<DateTime<Utc>>,
    /// Who gave it.
    pub official: Option<String>,
    /// In which office.
    pub office: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What the applicant can do.
    pub remedy: Option<String>,
    /// What is missing.
    pub items: Vec<String>,
}

impl From<&Opinion> for OpinionBody {
    fn from(o: &Opinion) -> Self {
        let Note { reason, remedy, items, .. } = o.note.clone();
        Self {
            department: o.review.department.clone(),
            state: o.review.state.clone(),
            at: o.review.decided_at.map(|at| at.0),
            official: o.official.clone(),
            office: o.office.as_ref().map(|(zh, _)| zh.clone()),
            reason,
            remedy,
            items,
        }
    }
}

/// What can be decided now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionBody {
    /// Name of the action.
    pub action: String,
    /// The state it leads to.
    pub to: String,
    /// `reason`, `remedy`, `items`, `version`.
    #[schema(value_type = Vec<String>)]
    pub needs: Vec<Requirement>,
}

impl From<&ActionInfo> for ActionBody {
    fn from(a: &ActionInfo) -> Self {
        Self { action: a.name.clone(), to: a.to.clone(), needs: a.requires.clone() }
    }
}

/// What a correction asked for and what it changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectionBody {
    /// What was asked for.
    pub asked: Vec<String>,
    /// `field`, `label`, `before`, `after` of each answer that differs.
    #[schema(value_type = Vec<Object>)]
    pub changes: Vec<Value>,
}

/// A case as an official sees it.
#[derive(Serialize, ToSchema)]
pub struct DeskCaseBody {
    /// The case.
    #[serde(flatten)]
    pub application: ApplicationBody,
    /// The answers, documents and phones masked.
    pub form: Form,
    /// In the order of the staff list.
    pub staff_certificates: Vec<StaffCertificate>,
    /// The departments' opinions.
    pub opinions: Vec<OpinionBody>,
    /// What can be decided.
    pub actions: Vec<ActionBody>,
    /// The timeline.
    pub events: Vec<EventBody>,
    /// Who has taken the case.
    pub assignee: Option<String>,
    /// What was corrected.
    pub correction: CorrectionBody,
}

/// A row of the worklist.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkRow {
    /// The case.
    #[serde(flatten)]
    pub application: ApplicationBody,
    /// Whether every department has answered.
    pub awaits_decision: bool,
    /// Name of the official who has taken it.
    pub assignee: Option<String>,
}

/// The worklist.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkBody {
    /// The tab that was listed; none in a search, which looks into all.
    pub tab: Option<String>,
    /// Up to 50 cases, the next limit first; those of the tab `decided` and of a search the last first.
    pub applications: Vec<WorkRow>,
    /// For `after`, while there are more.
    pub next: Option<String>,
    /// By tab.
    pub counts: BTreeMap<String, CountBody>,
}

/// Where a case or a right stands after a decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct StateBody {
    /// Its number.
    pub number: String,
    /// Its state now.
    pub state: String,
}

/// Who was reminded.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemindedBody {
    /// The case.
    pub number: String,
    /// Role codes of the departments.
    pub reminded: Vec<String>,
}

/// A right to act for a business, as the counter sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentBody {
    /// Its number.
    pub number: String,
    /// Grows with every change.
    pub version: i64,
    /// `pending`, `confirmed`, `rejected`, `ended`.
    pub state: String,
    /// Public name of the business; null until a claim is confirmed.
    pub business: Option<String>,
    /// Grows with every change of the business; `rename` names the one that was seen.
    pub business_version: i64,
    /// Its credit code.
    pub uscc: String,
    /// What the claimant calls it.
    pub claimed_name: String,
    /// Division of the premises, as the claimant says.
    pub claimed_division: String,
    /// When it was asked for.
    pub since: DateTime<Utc>,
}

impl From<&(Agent, Business)> for AgentBody {
    fn from((agent, business): &(Agent, Business)) -> Self {
        Self {
            number: agent.number.clone(),
            version: agent.version,
            state: agent.state.clone(),
            business: Some(business.name.clone()).filter(|name| !name.is_empty()),
            business_version: business.version,
            uscc: business.uscc.clone(),
            claimed_name: agent.claimed_name.clone(),
            claimed_division: agent.claimed_division.clone(),
            since: agent.created_at.0,
        }
    }
}

/// The counter's list of rights.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentsBody {
    /// The tab that was listed; none in a search, which looks into all.
    pub tab: Option<String>,
    /// A page of up to 50, the longest wait first; those of a search the last first.
    pub agents: Vec<AgentBody>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
    /// By tab that is counted.
    pub counts: BTreeMap<String, CountBody>,
}
