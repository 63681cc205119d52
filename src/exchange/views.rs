//! What the pages of agreements and of the exchange desk show, as pages and for programs.

use super::shown::Shown;
use crate::db::Id;
use crate::web::view::{Choice, FormView};
use serde::Serialize;
use utoipa::ToSchema;

/// The form for a document that is to be verified.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerifyFormPage)]
pub(super) struct VerifyPage {
    pub form: FormView,
}

/// What came of a verification.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerifyResultPage)]
pub(super) struct ResultPage {
    pub result: Shown,
    /// For the next document.
    pub form: FormView,
}

/// Agreements that hold, or will.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecognitionPage {
    pub agreements: Vec<AgreementView>,
}

/// An agreement in words.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AgreementView {
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// The other province.
    pub partner: String,
    /// Which documents.
    pub kind: String,
    /// Who recognises whose.
    pub direction: String,
    pub from: String,
    pub to: String,
    /// Number of the document of agreement.
    pub document: String,
    pub in_force: bool,
    pub over: bool,
}

/// The operator's desk.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExchangePage {
    /// The trust list in force.
    pub list: Option<TrustListView>,
    /// Root keys of the network.
    pub roots: usize,
    /// Status lists of our own.
    pub own_lists: usize,
    pub agreements: Vec<AgreementView>,
    pub partners: Vec<PartnerView>,
}

/// The trust list in force.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrustListView {
    pub sequence: String,
    pub issued: String,
    /// When the next is due.
    pub next: String,
    /// Whether that is past.
    pub over: bool,
    pub keys: usize,
    /// Keys of our own in it.
    pub own: usize,
}

/// A partner province.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PartnerView {
    pub name: String,
    pub endpoint: String,
    pub phone: String,
    pub active: bool,
    /// Whether the trust list has a key of its status lists.
    pub listed: bool,
    /// How old its status lists are.
    pub age: String,
    /// Whether it is not asked for a while, since it did not answer.
    pub resting: bool,
}

/// The form for an agreement.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AgreementPage {
    pub form: FormView,
    /// Provinces with which there can be one.
    pub partners: Vec<Choice>,
    pub kinds: Vec<Choice>,
    pub directions: Vec<Choice>,
}

/// The form for a partner.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PartnerPage {
    pub form: FormView,
    pub provinces: Vec<Choice>,
}

/// The end of an agreement, before it is made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EndPage {
    pub agreement: AgreementView,
}
