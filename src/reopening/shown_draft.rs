//! What the applicant's list, the pages of the form and the paper show, and a program reads at the same addresses.

use super::views::Fact;
use crate::files::FilesView;
use crate::import::ImportView;
use crate::web::division::Level;
use crate::web::steps::Progress;
use crate::web::view::{Choice, ClockView, FormView};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The right of the account to act for a business.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationAgentLine)]
pub struct AgentLine {
    /// Its number.
    pub number: String,
    /// Name of the business.
    pub name: String,
    /// `pending`, `confirmed` or `rejected`.
    pub state: String,
    /// The same in words.
    pub label: String,
    /// How it is marked: `ok` or `warn`.
    pub kind: &'static str,
}

/// A case of the account's.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationLine)]
pub struct CaseLine {
    /// Its number.
    pub number: String,
    /// Name of the business.
    pub name: String,
    /// Its state, in words.
    pub state: String,
    /// How it is marked: `ok`, `info`, `warn`, `bad` or `idle`.
    pub kind: &'static str,
    /// The statutory clock.
    pub clock: Option<ClockView>,
    /// When it was changed last, in words.
    pub when: String,
}

/// The businesses and cases of the account, and the way to a new one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationsPage)]
pub struct StartPage {
    /// Rights to act.
    pub agents: Vec<AgentLine>,
    /// Cases, the newest first.
    pub cases: Vec<CaseLine>,
    /// What was typed.
    pub form: FormView,
    /// Prefecture, county and town, as far as they are chosen.
    pub levels: Vec<Level>,
}

/// A step of an application: what it asks, and what is filled in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationStepPage)]
pub struct StepPage {
    /// Its name.
    pub step: String,
    /// How a list of staff can be taken.
    pub modes: Vec<Choice>,
    /// Whether it is an enterprise, which is asked more than one person's business.
    pub enterprise: bool,
    /// Where it is sent.
    pub action: String,
    /// The address of the case.
    pub base: String,
    /// How far one has come.
    pub progress: Progress,
    /// The page before.
    pub back: Option<String>,
    /// Whether one comes from the page on which all answers are checked.
    pub changing: bool,
    /// What is filled in of this step.
    pub form: FormView,
    /// Industries.
    pub industries: Vec<Choice>,
    /// Sizes of an enterprise.
    pub scales: Vec<Choice>,
    /// Kinds of premises.
    pub premises: Vec<Choice>,
    /// Prefecture, county and town, as far as they are chosen.
    pub levels: Vec<Level>,
    /// How many come back to work.
    pub returning: Option<u32>,
    /// For so many days supplies have to last.
    pub days: u32,
    /// So many people a list of staff has at most.
    pub most: usize,
}

/// An answer that can be changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationCheckRow)]
pub struct CheckRow {
    /// What it is.
    pub label: String,
    /// The answer.
    pub value: String,
    /// Where it is changed; empty where it is not.
    pub change: String,
}

/// A rule behind a level of review.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationReviewRule)]
pub struct ReviewRule {
    /// Why, in plain words.
    pub reason: String,
    /// The law, a line each.
    pub law: Vec<String>,
    /// Id of the rule; `/rules/<id>` explains it.
    pub rule: String,
}

/// Another case of the business for the place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationInTheWay)]
pub struct InTheWay {
    /// Number of its paper, or its own.
    pub number: String,
    /// `granted` or `open`.
    pub way: &'static str,
    /// The way to it, where it is the same account's.
    pub href: Option<String>,
}

/// The answers before they are sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationCheckPage)]
pub struct CheckPage {
    /// Name of the business.
    pub name: String,
    /// Number of the case.
    pub number: String,
    /// Its version, which is sent along.
    pub version: i64,
    /// Whether it answers a correction notice.
    pub correction: bool,
    /// The answers.
    pub rows: Vec<CheckRow>,
    /// What was handed in.
    pub files: FilesView,
    /// The address of the case.
    pub base: String,
    /// How far one has come.
    pub progress: Option<Progress>,
    /// The page before.
    pub back: Option<String>,
    /// Whether the right to act is confirmed; else nothing is sent.
    pub confirmed: bool,
    /// Number of that right.
    pub agent: String,
    /// Who decides: `filing`, `permit` …; nothing where no level is published for the place.
    pub level: Option<&'static str>,
    /// The rules behind that.
    pub because: Vec<ReviewRule>,
    /// What stands in the way of a new case.
    pub other: Option<InTheWay>,
    /// `enterprise` or `individual`.
    pub kind: String,
    /// What was typed.
    pub form: FormView,
}

/// Why premises of a kind stay shut.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationShutPage)]
pub struct ShutPage {
    /// The address of the case.
    pub base: String,
    /// The rules behind that.
    pub because: Vec<ReviewRule>,
}

/// What was handed in with a case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationFilesPage)]
pub struct FilesPage {
    /// Name of the business.
    pub name: String,
    /// What was handed in.
    pub files: FilesView,
    /// Whether more can be.
    pub adding: bool,
    /// Where one came from.
    pub back: String,
    /// What is wrong with a file.
    pub form: FormView,
}

/// A permit, or the certificate of a filing, on paper. It hangs at the door: telephones are masked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationPaperPage)]
pub struct PaperPage {
    /// Number of the case.
    pub number: String,
    /// Its state, in words.
    pub state_label: String,
    /// Number of the paper.
    pub permit: String,
    /// Until when it holds; nothing where it has no end.
    pub permit_until: Option<DateTime<Utc>>,
    /// Whether it is a filing.
    pub filing: bool,
    /// Whether it holds now.
    pub good: bool,
    /// Name of the business.
    pub name: String,
    /// What stands on it of the answers.
    pub rows: Vec<Fact>,
    /// When it was decided.
    pub decided: Option<DateTime<Utc>>,
    /// The office that decided.
    pub office: Option<String>,
    /// Name of the province.
    pub province: String,
    /// Where it is verified.
    pub link: String,
    /// The same as a QR code, as SVG.
    pub qr: String,
}

/// How a list that was sent again is taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportAgain)]
pub struct Again {
    /// `all` or none, or what is `right`.
    pub mode: &'static str,
    /// Whether it is added to what is there.
    pub add: bool,
}

/// A list of staff that was sent: how far it is, what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPage {
    /// The list.
    pub sent: ImportView,
    /// The page before.
    pub back: String,
    /// Where one goes on.
    pub on: String,
    /// Where it is stopped and goes on.
    pub action: String,
    /// Where it is sent again.
    pub upload: String,
    /// How rows that were mended are taken.
    pub again: Again,
}
