//! What the desk at which codes are looked up and the pages of papers show, and a program reads at the same addresses.

use super::views::StoryView;
use crate::db::Id;
use crate::slips;
use crate::web::view::{Choice, FormView};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The code of somebody who was found by their document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FoundCode)]
pub(super) struct FoundView {
    /// Names the person when the code is put on paper.
    #[schema(value_type = String, format = Uuid)]
    pub person: Id,
    /// Masked name.
    pub name: String,
    /// Kind and masked number of the document.
    pub document: String,
    /// `green`, `yellow`, `red` or `unknown`.
    pub state: &'static str,
    /// The same as a word.
    pub word: String,
    pub code: StoryView,
    /// Whether it can be put on paper.
    pub printable: bool,
}

/// The desk at which a code is looked up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodeDeskPage)]
pub(super) struct DeskPage {
    pub form: FormView,
    /// The kinds of document.
    pub kinds: Vec<Choice>,
    /// Whose code was looked for.
    pub found: Option<FoundView>,
}

/// A paper that was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodePaperRow)]
pub(super) struct PaperRow {
    /// Names it in `/code/print/<id>`.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// The colour on it.
    pub colour: String,
    /// The same as a word.
    pub word: String,
    /// When it was made.
    pub issued: DateTime<Utc>,
    /// Until when it holds unless the colour changes.
    pub until: DateTime<Utc>,
    /// Whether it still holds.
    pub holds: bool,
}

/// The resident's papers, and whether another can be made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodePapersPage)]
pub(super) struct PapersPage {
    pub rows: Vec<PaperRow>,
    pub printable: bool,
}

/// A paper for the printer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodePaper)]
pub(super) struct PaperView {
    /// `green`, `yellow` or `red`.
    pub state: &'static str,
    /// The same as a word.
    pub word: String,
    /// What that means, in a few words.
    pub sub: String,
    /// The QR code as SVG.
    pub qr: String,
    /// Masked name.
    pub name: String,
    /// Kind and masked number of the document.
    pub document: String,
    /// When it was made, in words.
    pub issued: String,
    /// Until when it holds, in words.
    pub until: String,
    /// The causes of yellow or red, on the sheet for the holder.
    pub causes: Vec<PaperReason>,
    /// The reason that is told first.
    pub reason: String,
    /// Who answers for it.
    pub authority: Option<String>,
    /// Telephone.
    pub phone: String,
}

/// A cause as the holder of a paper reads it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodePaperReason)]
pub(super) struct PaperReason {
    /// In plain words.
    pub reason: String,
    /// What ends it.
    pub ends: Option<String>,
}

/// The page of a paper.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CodePaperPage)]
pub(super) struct PaperPage {
    pub paper: PaperView,
    /// Where one comes from.
    pub back: &'static str,
    /// At a counter: what the person takes home beside it.
    #[schema(inline)]
    pub slip: Option<slips::Sheet>,
}
