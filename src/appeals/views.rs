//! What pages of an appeal show, and what a program reads at the same addresses.

use super::model::{Decision, Row, tag};
use crate::case::{CommentView, CommentsView, HandView};
use crate::codes::{Evidence, PresentView, ReasonView};
use crate::decision::Foreseen;
use crate::deps::Deps;
use crate::error::AppResult;
use crate::files::FilesView;
use crate::web::i18n::{Lang, t};
use crate::web::view::{Choice, ClockView, FormView};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// What reviewers wrote.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppealDecision)]
pub(super) struct DecisionView {
    /// Why, in words for the resident.
    pub reason: String,
    /// What can still be done; may be empty.
    pub remedy: String,
    /// Why a second officer did not confirm what the first reviewer set aside.
    pub objection: Option<String>,
    /// What the first reviewer wrote, where another one decided.
    pub first: Option<String>,
}

impl From<Decision> for DecisionView {
    fn from(decision: Decision) -> Self {
        let Decision { reason, remedy, objection, first, .. } = decision;
        Self { reason, remedy, objection, first }
    }
}

/// An appeal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppealShown)]
pub(super) struct AppealView {
    /// Its number.
    pub number: String,
    /// Its version, which is sent with what changes it.
    pub version: i64,
    /// `submitted`, `confirming`, `disputed`, `overturned`, `upheld` or `withdrawn`.
    pub state: String,
    /// The same as a word.
    pub word: String,
    /// How the word is marked: `info`, `ok`, `warn` or `idle`.
    pub tag: &'static str,
    /// Whether it is not decided.
    pub open: bool,
    /// Whether it can be withdrawn.
    pub withdrawable: bool,
    /// The cause as it was shown when the appeal was sent.
    pub cause: ReasonView,
    /// Why it does not hold, in the resident's words.
    pub reason: String,
    /// When it was sent.
    pub created: DateTime<Utc>,
    /// By when it is decided.
    pub due: Option<DateTime<Utc>>,
    /// Whether that is over, and nobody has decided.
    pub late: bool,
    /// When it was decided.
    pub decided: Option<DateTime<Utc>>,
    /// What was decided.
    pub decision: Option<DecisionView>,
}

impl AppealView {
    /// Of an appeal, in the page's language.
    ///
    /// # Errors
    /// A sealed value that cannot be opened.
    pub(super) fn of(deps: &Deps, row: &Row, lang: Lang, now: DateTime<Utc>) -> AppResult<Self> {
        let statement = row.statement(&deps.keys)?;
        Ok(Self {
            number: row.number.clone(),
            version: row.version,
            state: row.state.clone(),
            word: word(row, lang),
            tag: tag(&row.state),
            open: row.is_open(),
            withdrawable: row.is_open() && row.state != "confirming",
            cause: ReasonView::of(lang, &statement.cause),
            reason: statement.reason,
            created: row.created_at.0,
            due: row.due_at.map(|at| at.0),
            late: row.is_late(now),
            decided: row.decided_at.map(|at| at.0),
            decision: row.told(&deps.keys)?.map(Into::into),
        })
    }
}

/// The page on which an appeal is written.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppealFormPage)]
pub(super) struct FormPage {
    pub form: FormView,
    /// The causes that can be contested.
    pub causes: Vec<Choice>,
    /// Decided appeals against causes that still hold.
    pub settled: Vec<SettledView>,
    /// All appeals of the person.
    pub rows: Vec<LineView>,
}

/// An appeal in a line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppealLine)]
pub(super) struct LineView {
    /// Its number.
    pub number: String,
    /// The cause in a few words.
    pub title: String,
    /// How it stands, as a word.
    pub word: String,
}

/// An appeal that was decided, against a cause that still holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppealSettled)]
pub(super) struct SettledView {
    /// Its number.
    pub number: String,
    /// The cause in a few words.
    pub title: String,
    /// The cause in plain words.
    pub reason: String,
    /// How it stands, as a word.
    pub word: String,
    /// When it was decided.
    pub decided: Option<DateTime<Utc>>,
}

impl LineView {
    /// In the page's language.
    ///
    /// # Errors
    /// A sealed value that cannot be opened.
    pub(super) fn of(deps: &Deps, row: &Row, lang: Lang) -> AppResult<Self> {
        let cause = ReasonView::of(lang, &row.statement(&deps.keys)?.cause);
        Ok(Self { number: row.number.clone(), title: cause.title, word: word(row, lang) })
    }
}

impl SettledView {
    /// In the page's language.
    ///
    /// # Errors
    /// A sealed value that cannot be opened.
    pub(super) fn of(deps: &Deps, row: &Row, lang: Lang) -> AppResult<Self> {
        let ReasonView { title, reason, .. } = ReasonView::of(lang, &row.statement(&deps.keys)?.cause);
        let decided = row.decided_at.map(|at| at.0);
        Ok(Self { number: row.number.clone(), title, reason, word: word(row, lang), decided })
    }
}

fn word(row: &Row, lang: Lang) -> String {
    t(lang, &format!("appeal-state-{}", row.state), &[])
}

/// The resident's page of an appeal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppealPage)]
pub(super) struct OnePage {
    pub a: AppealView,
    /// The colour now.
    pub present: PresentView,
    /// What was handed in with it.
    pub files: FilesView,
    /// What officials have written to the person.
    pub comments: Vec<CommentView>,
    /// Whether files can be added and taken back.
    pub adding: bool,
    pub form: FormView,
}

/// A finding that the cause rests on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppealEvidence)]
pub(super) struct EvidenceView {
    /// What it is, in words.
    pub kind: String,
    /// Its moment.
    pub at: DateTime<Utc>,
    /// Where it comes from.
    pub source: String,
    /// A place, if one is known.
    pub place: Option<String>,
}

impl EvidenceView {
    /// In the page's language.
    pub(super) fn of(lang: Lang, evidence: Evidence) -> Self {
        let Evidence { kind, at, source, place } = evidence;
        Self { kind: t(lang, &kind, &[]), at, source, place }
    }
}

/// An appeal as its reviewer sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppealCase)]
pub(super) struct CaseView {
    pub a: AppealView,
    /// Masked name of the person.
    pub name: String,
    /// Kind and masked number of the document.
    pub document: String,
    /// The statutory clock, while it runs or stands.
    pub clock: Option<ClockView>,
    /// The colour now.
    pub present: PresentView,
    /// The findings that the cause rests on.
    pub evidence: Vec<EvidenceView>,
    /// Whether findings of officers gave the cause.
    pub found: bool,
    /// What was handed in.
    pub files: FilesView,
    /// Whether the official had a part in it and may not decide.
    pub took_part: bool,
    /// The decisions that are offered.
    pub actions: Vec<Choice>,
    pub comments: CommentsView,
    /// In whose hands it is.
    pub hands: HandView,
}

/// The reviewer's page of an appeal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppealCasePage)]
pub(super) struct CasePage {
    #[serde(flatten)]
    pub case: CaseView,
    pub form: FormView,
    /// What people would be told, where that was asked for.
    pub preview: Option<Foreseen>,
    /// Number of the next case that waits, once this one is decided.
    pub next: Option<String>,
}
