//! A receipt as a page, to be printed.

use super::Counter;
use super::model::{Content, Kept, Row};
use super::store;
use crate::audit::{self, Entry};
use crate::db::{Conn, Id};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond};
use crate::web::{format, qr};
use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

/// What stands on the sheet, in the reader's language.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptSheet)]
pub struct Sheet {
    /// The receipt's own number.
    number: String,
    /// What was done.
    did: String,
    /// For whom, masked.
    name: String,
    /// When, in China.
    at: String,
    /// The office that did it.
    office: String,
    /// Its telephone.
    phone: String,
    /// The number of the thing, where it has one.
    about: Option<String>,
    /// By what the person was recognised.
    proof: String,
    /// What happens next, and by when.
    next: String,
    /// How it is taken back or contested.
    back: String,
    /// The signed receipt as a QR code.
    qr: String,
    /// Where it is checked.
    address: String,
    /// The page of the thing.
    further: Option<String>,
}

/// A receipt of what was done for somebody at a counter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CounterReceiptPage)]
pub(super) struct SlipPage {
    slip: Sheet,
}

/// `GET /desk/receipts/{number}`.
pub(super) async fn one(
    ctx: Ctx,
    deps: App,
    who: Official<Counter>,
    number: web::Path<String>,
) -> AppResult<Answer<SlipPage>> {
    let (by, now, wanted) = ((*who).clone(), ctx.now, normalise(&number));
    let row = deps
        .store
        .write(move |tx| {
            let row = store::here(tx.conn(), &by.pattern(), &wanted)?;
            let entry = Entry::new(&by, "slip.view", "slip").object(row.id).subject(row.person_id);
            audit::append(tx, now, entry)?;
            Ok(row)
        })
        .await?;
    let view = SlipPage { slip: drawn(&deps, ctx.lang, &row)? };
    respond(&deps, &ctx, "slips/one.html", &view)
}

/// The number of the receipt that was given of a thing in an official's jurisdiction, if it is still there.
///
/// # Errors
/// Database errors.
pub fn about(conn: &mut Conn, by: &OfficialPrincipal, thing: Id) -> AppResult<Option<String>> {
    Ok(store::about(conn, &by.pattern(), thing)?.map(|row| row.number))
}

/// A receipt that was just given, for the page on which the act ends.
///
/// # Errors
/// [`AppError::NotFound`] where it is not there or not in the jurisdiction; database errors.
pub fn sheet(
    conn: &mut Conn,
    deps: &Deps,
    lang: Lang,
    by: &OfficialPrincipal,
    number: &str,
) -> AppResult<Sheet> {
    let row = store::here(conn, &by.pattern(), number)?;
    drawn(deps, lang, &row)
}

fn drawn(deps: &Deps, lang: Lang, row: &Row) -> AppResult<Sheet> {
    let Kept { content, signed } = row.kept(&deps.keys)?;
    let Content { act, name, about, until, office, office_en, phone, further, proof } = content;
    let office = if lang == Lang::En && !office_en.is_empty() { office_en } else { office };
    let until = until.map(|until| format::until(lang, until, true)).unwrap_or_default();
    let number = about.clone().unwrap_or_default();
    let said = |what: &str| {
        let key = format!("slip-{what}-{act}");
        t(lang, &key, &[("number", number.clone().into()), ("until", until.clone().into())])
    };
    let label = t(lang, "slip-qr", &[("number", row.number.clone().into())]);
    Ok(Sheet {
        did: said("did"),
        next: said("next"),
        back: said("back"),
        qr: qr::svg(&signed, "qr", &label).map_err(AppError::internal)?,
        address: format!("{}/receipts/check", deps.config.public_url),
        at: format::datetime(lang, row.created_at.0, true),
        proof: t(lang, &format!("slip-proof-{proof}"), &[]),
        number: row.number.clone(),
        name,
        office,
        phone,
        about,
        further,
    })
}
