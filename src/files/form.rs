//! The form with which a file comes: one file a form.

use super::take::{Handing, put};
use super::terms::{LARGEST, Purpose};
use crate::db::Id;
use crate::deps::App;
use crate::error::AppResult;
use crate::web::ctx::Ctx;
use crate::web::parts::{self, Bounds, SentFile};
use actix_web::{HttpRequest, web};

/// The form's field.
const FIELD: &str = "file";
/// The form.
const BOUNDS: Bounds =
    Bounds { files: &[FIELD], file: LARGEST, text: 1000, fields: 6, drain: 2 * LARGEST, open: false };

/// A file as a form sends it.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "only described")]
pub struct FileForm {
    /// PDF, PNG or JPEG.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Reads the form of a request and takes its file. Whether the case takes one is asked before anything is read.
///
/// # Errors
/// Those of [`put`] and of [`parts::read`].
pub async fn hand_in(
    req: &HttpRequest,
    deps: &App,
    ctx: &Ctx,
    payload: web::Payload,
    purpose: Purpose,
    handing: Handing,
) -> AppResult<Id> {
    let asked = handing.admit.clone();
    if let Err(e) = deps.store.write(move |tx| asked(tx, false).map(|_| ())).await {
        return Err(deps.intake.refuse(payload, e).await);
    }
    let mut sent = parts::read(req, deps, ctx, payload, BOUNDS).await?;
    let file = sent.file(FIELD).unwrap_or_else(|| SentFile::nothing(FIELD));
    // Its room among the bodies is held for as long as its bytes are.
    let _held = sent.held;
    put(deps, handing, file, purpose.terms(), ctx.now).await
}
