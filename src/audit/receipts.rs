//! Receipts for everybody: paste one, and see whether it is ours and whether the record still has it.

use super::head::Head;
use super::leaves::{Proof, proves};
use super::receipt::{Receipt, Standing, read_receipt, standing};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::form::{Form, Valid};
use crate::web::page;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::FormView;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use validator::Validate;

/// A receipt to be checked.
#[derive(Debug, Clone, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptText {
    /// The receipt's text, as it was given.
    #[validate(length(min = 1, max = 4000))]
    #[schema(min_length = 1, max_length = 4000)]
    pub receipt: String,
}

/// A signed head as far as a proof needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct HeadView {
    /// Its number.
    pub number: i64,
    /// When it was signed.
    pub at: DateTime<Utc>,
    /// Entries in its tree.
    pub tree_size: i64,
    /// The tree's root, hexadecimal.
    pub root: String,
    /// Id of the key that signed, hexadecimal.
    pub kid: String,
    /// ES256 signature (r ‖ s), hexadecimal.
    pub signature: String,
    /// What was signed, hexadecimal.
    pub signed: String,
}

impl From<&Head> for HeadView {
    fn from(h: &Head) -> Self {
        Self {
            number: h.number,
            at: h.at,
            tree_size: h.tree_size,
            root: hex::encode(&h.root),
            kid: hex::encode(&h.kid),
            signature: hex::encode(&h.signature),
            signed: hex::encode(h.signed_bytes()),
        }
    }
}

/// What is known about a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReceiptAnswer {
    /// Whether this portal has signed it.
    pub valid: bool,
    /// `included` in the tree of a signed head, `waiting` for the next one (at most a minute), `missing` from the record,
    /// or `unknown` when the receipt is not ours.
    pub standing: &'static str,
    /// What the receipt says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
    /// The proof that its entry is in the tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// The head whose tree it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<HeadView>,
}

async fn answer(deps: &Deps, text: &str) -> AppResult<ReceiptAnswer> {
    let Some(receipt) = read_receipt(&deps.keys, text) else {
        return Ok(ReceiptAnswer {
            valid: false,
            standing: "unknown",
            receipt: None,
            proof: None,
            head: None,
        });
    };
    let asked = receipt.clone();
    let found = deps.store.read(move |conn| standing(conn, &asked)).await?;
    let entry = hex::decode(&receipt.entry).unwrap_or_default();
    let receipt = Some(receipt);
    Ok(match found {
        Standing::Waiting => {
            ReceiptAnswer { valid: true, standing: "waiting", receipt, proof: None, head: None }
        }
        Standing::Included(found) if proves(&entry, &found.0, &found.1) => {
            let head = Some(HeadView::from(&found.1));
            ReceiptAnswer { valid: true, standing: "included", receipt, proof: Some(found.0), head }
        }
        Standing::Included(_) | Standing::Missing => {
            ReceiptAnswer { valid: true, standing: "missing", receipt, proof: None, head: None }
        }
    })
}

/// `POST /api/v1/receipts/verify`
#[utoipa::path(post, path = "/api/v1/receipts/verify", request_body = ReceiptText, tag = "receipts",
    responses((status = 200, body = ReceiptAnswer)))]
pub async fn verify(deps: App, body: Valid<ReceiptText>) -> AppResult<HttpResponse> {
    let answer = answer(&deps, &body.0.receipt).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(answer))
}

/// The page on which a receipt is checked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ReceiptPage {
    form: FormView,
    /// What is known of a receipt that is ours.
    found: Option<ReceiptAnswer>,
}

pub(super) async fn page(ctx: Ctx, deps: App) -> AppResult<Answer<ReceiptPage>> {
    let view = ReceiptPage { form: FormView::new(), found: None };
    respond(&deps, &ctx, "audit/receipt.html", &view)
}

pub(super) async fn check(ctx: Ctx, deps: App, form: Form) -> AppResult<Answer<ReceiptPage>> {
    let mut form_view = form.view();
    let found = match form.text("receipt") {
        None => None,
        Some(text) => Some(answer(&deps, text).await?).filter(|a| a.valid),
    };
    let Some(found) = found else {
        let errors = match AppError::field("receipt", "receipt") {
            AppError::Invalid(errors) => errors,
            _ => Vec::new(),
        };
        page::fail(&mut form_view, ctx.lang, &errors);
        let view = ReceiptPage { form: form_view, found: None };
        return respond_with(&deps, &ctx, StatusCode::UNPROCESSABLE_ENTITY, "audit/receipt.html", &view);
    };
    respond(&deps, &ctx, "audit/receipt.html", &ReceiptPage { form: form_view, found: Some(found) })
}
