//! What the resident's pages of declarations show, and a program reads at the same addresses.

use super::questions::Field;
use super::stale::Stale;
use super::summary::Line;
use crate::case::CommentView;
use crate::web::card::Card;
use crate::web::steps::Progress;
use crate::web::view::FormView;
use serde::Serialize;
use utoipa::ToSchema;

/// A declaration in a line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclarationLine)]
pub(super) struct RowView {
    /// Its number.
    pub number: String,
    /// How it stands, as a word.
    pub word: String,
    /// How the word is marked: `ok`, `info`, `warn` or `idle`.
    pub tag: &'static str,
    /// When it was sent, in words.
    pub when: String,
}

/// The declarations of a resident.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclarationsPage)]
pub(super) struct ListPage {
    /// Those that were sent, the newest first.
    pub rows: Vec<RowView>,
    /// Whether one was begun.
    pub draft: bool,
    /// What has become of the declaration that a draft corrects, where it cannot be sent any more.
    pub stale: Option<Stale>,
}

/// Something that happened to a declaration, or comes next.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclarationStep)]
pub(super) struct StepView {
    /// What it is.
    pub title: String,
    /// Who does it, of what comes next.
    pub text: Option<String>,
    /// When it happened, and in which office.
    pub note: Option<String>,
    /// Whether it is still to come.
    pub todo: bool,
}

/// What the resident is told of a declaration whose answers, or whose withdrawal, do not count alone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclarationHeld)]
pub(super) struct HeldView {
    /// Whether somebody has still to accept it; else an older one counts for some time on.
    pub waits: bool,
    /// The colour now, as a word.
    pub word: String,
    /// What the colour is once it is accepted, as a word.
    pub then: Option<String>,
    /// The office that decides; may be empty.
    pub office: Option<String>,
    /// Its telephone; may be empty.
    pub phone: Option<String>,
    /// Until when the older one counts, in words.
    pub until: Option<String>,
}

/// A declaration and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclarationPage)]
pub(super) struct OnePage {
    /// Its number.
    pub number: String,
    /// Its version, which is sent with what changes it.
    pub version: i64,
    /// Its state.
    pub state: String,
    /// The same as a word.
    pub word: String,
    /// How the word is marked: `ok`, `info`, `warn`, `bad` or `idle`.
    pub tag: &'static str,
    /// When it was sent, in words.
    pub received: String,
    /// Telephone at which the person is told what becomes of it, masked.
    pub phone: String,
    /// Whether an official entered it from paper.
    pub entered: bool,
    /// Whether its answers count for the colour.
    pub counts: bool,
    /// Until when those of a withdrawn one still count, in words.
    pub counts_until: Option<String>,
    /// Whether it can be corrected.
    pub open: bool,
    /// Whether it can be withdrawn.
    pub withdrawable: bool,
    /// Until when it counts or has to be corrected, in words.
    pub deadline: String,
    /// Why that long, where a rule says so.
    pub policy: Option<String>,
    /// Why it was returned or rejected.
    pub reason: String,
    /// What can still be done about a rejection.
    pub remedy: String,
    /// What is to be corrected.
    pub items: Vec<String>,
    /// Number of the certificate that came of it.
    pub certificate: Option<String>,
    /// What happened, the newest first, and what comes next.
    pub timeline: Vec<StepView>,
    /// The answers in words.
    pub lines: Vec<Line>,
    /// What officials have written to the person.
    pub comments: Vec<CommentView>,
    /// That its answers do not count alone.
    pub held: Option<HeldView>,
    /// The colour since it was sent; without a state while it is worked out.
    pub colour: Option<Card>,
}

/// A step of a declaration: what it asks, and what is filled in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclareStepPage)]
pub(super) struct StepPage {
    /// Its name.
    pub step: &'static str,
    /// What it is about.
    pub title: String,
    /// How far one has come.
    pub progress: Option<Progress>,
    /// What is asked.
    pub fields: Vec<Field>,
    /// What is filled in.
    pub form: FormView,
    /// `1` where one comes from the page on which all answers are checked; it is sent along.
    pub change: &'static str,
    /// Where it is sent.
    pub action: String,
    /// Whether one thing is asked.
    pub single: bool,
    /// What is said before; may be empty.
    pub intro: String,
    /// The stays that were added, in words.
    pub stays: Vec<String>,
}

/// The answers before they are sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclareCheckPage)]
pub(super) struct CheckPage {
    /// The answers in words.
    pub lines: Vec<Line>,
    /// How far one has come.
    pub progress: Option<Progress>,
    /// What is filled in.
    pub form: FormView,
    /// The version of the draft, which is sent along.
    pub version: i64,
    /// Number of the declaration that it corrects.
    pub corrects: Option<String>,
    /// What the office asked for.
    pub items: Vec<String>,
    /// What is promised and agreed to.
    pub consent: Vec<Field>,
    /// Whether the journey leads out of the province.
    pub leaves: bool,
    /// The word of the colour that these answers could lighten only once they are accepted.
    pub colour: Option<String>,
    /// Why it cannot be sent.
    pub stale: Option<Stale>,
    /// Whether enough were sent today.
    pub enough: bool,
}

/// That a claim has to be decided at a counter first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclareCounterPage)]
pub(super) struct CounterPage {
    /// Its number; may be empty.
    pub number: String,
}

/// A declaration that was begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclareDraft)]
pub(super) struct DraftView {
    /// Where it goes on.
    pub resume: String,
    /// When its answers were last kept, in words.
    pub saved: String,
    /// Number of the declaration that it corrects.
    pub corrects: Option<String>,
}

/// A declaration that nobody has decided yet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclareOpen)]
pub(super) struct OpenView {
    /// Its number.
    pub number: String,
    /// How it stands, in words.
    pub state: String,
}

/// Where a declaration begins or goes on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclareStartPage)]
pub(super) struct StartPage {
    /// Whether one can begin with what was declared before.
    pub renewable: bool,
    /// Why the correction that was begun cannot be sent.
    pub stale: Option<Stale>,
    /// What was begun.
    pub draft: Option<DraftView>,
    /// What is not decided yet, and is corrected rather than declared anew.
    pub open: Option<OpenView>,
    /// The first step.
    pub first: String,
}

/// A group of questions of the page on which staff enter a declaration from paper.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclarationEntrySection)]
pub(super) struct Section {
    /// The name of the step that asks them.
    pub name: &'static str,
    /// What they are about.
    pub title: String,
    /// What is asked.
    pub fields: Vec<Field>,
    /// The journeys of the last days, each with its fields.
    pub stays: Vec<Vec<Field>>,
}

/// A declaration that staff enter from paper: every question.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeclarationEntryPage)]
pub(super) struct EntryPage {
    pub sections: Vec<Section>,
    pub form: FormView,
    /// Whether no more journeys can be added.
    pub most: bool,
}
