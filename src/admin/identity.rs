//! Who an official is as a resident: written down when somebody is hired, and by an administrator for officials of before.
//! Without it nobody decides about people or businesses ([`crate::accounts::Recusal`]). What is on file changes with a
//! reason only, which stays with the official's page.

use super::rights::not_own;
use super::store::{self, OfficialRow, Reach};
use super::{AdminFresh, grave};
use crate::audit::Actor;
use crate::crypto::{FieldContext, Keyring};
use crate::db::{Id, Tx};
use crate::decision::{Act, Sent};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DocumentNumber, Phone};
use crate::officials::identify;
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::form::{Form, Valid};
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// What was typed.
pub(super) struct Typed<'a> {
    pub kind: &'a str,
    pub number: &'a str,
    pub phone: &'a str,
    /// Why what is on file changes.
    pub reason: Option<&'a str>,
}

impl<'a> Typed<'a> {
    pub(super) fn of(form: &'a Form) -> Self {
        Self {
            kind: form.get("doc_kind"),
            number: form.get("doc_number"),
            phone: form.get("phone"),
            reason: form.text("reason"),
        }
    }
}

/// Document and telephone as typed; what is wrong is added to the errors.
pub(super) fn read(
    typed: &Typed<'_>,
    now: DateTime<Utc>,
    errors: &mut Vec<FieldError>,
) -> Option<(DocumentNumber, Option<Phone>)> {
    let document = document::read(typed.kind, typed.number, now).map_err(|e| errors.push(e)).ok();
    let phone = match typed.phone.trim() {
        "" => None,
        text => match Phone::parse(text) {
            Ok(phone) => Some(phone),
            Err(e) => {
                errors.push(FieldError::new("phone", e.code()));
                return None;
            }
        },
    };
    document.map(|document| (document, phone))
}

/// Who an official is on file as.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IdentityView {
    /// Kind of document, in words.
    kind: String,
    /// Its number, masked.
    number: String,
    /// The telephone, masked.
    phone: Option<String>,
}

/// For the official's page: kind and masked number of the document, and the masked telephone; null when nobody knows.
pub(super) fn shown(keys: &Keyring, lang: Lang, row: &OfficialRow) -> AppResult<Option<IdentityView>> {
    let Some(sealed) = &row.doc_sealed else { return Ok(None) };
    let place = |column| FieldContext::new("officials", column, row.id.0);
    let document: DocumentNumber = keys.open_json(&place("doc_sealed"), sealed)?;
    let phone = row.phone_sealed.as_ref().map(|p| keys.open_str(&place("phone_sealed"), p)).transpose()?;
    let phone = phone.and_then(|p| Phone::parse(&p).ok()).map(|p| p.masked());
    let kind = format!("code-doc-{}", document.kind().as_str().replace('_', "-"));
    Ok(Some(IdentityView { kind: t(lang, &kind, &[]), number: document.masked(), phone }))
}

/// What was told of who an official is, read: what is wrong with it, or who it is, and why it changes.
pub(super) struct Told {
    errors: Vec<FieldError>,
    who: Option<(DocumentNumber, Option<Phone>)>,
    reason: Result<String, FieldError>,
}

impl Told {
    pub(super) fn of(typed: &Typed<'_>, now: DateTime<Utc>) -> Self {
        let mut errors = Vec::new();
        let who = read(typed, now, &mut errors);
        Self { errors, who, reason: grave::checked(typed.reason) }
    }
}

/// Writes down who an official within reach is; without a telephone the one on file stays.
///
/// # Errors
/// [`AppError::Invalid`] with what is wrong; [`AppError::NotFound`] out of reach.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: &OfficialPrincipal,
    id: Id,
    told: Told,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let Told { mut errors, who, reason } = told;
    let known = store::official(tx.conn(), &Reach::of(by, now), id)?.doc_sealed.is_some();
    if let (true, Err(e)) = (known, &reason) {
        errors.push(e.clone());
    }
    let (Some((document, phone)), true) = (who, errors.is_empty()) else {
        return Err(AppError::Invalid(errors));
    };
    identify(tx, keys, Actor::from(by), id, &document, phone.as_ref(), now)?;
    match reason {
        Ok(reason) if known => {
            // Whoever is somebody else from now on could decide what was about them: it waits, and they are told, as after a reset.
            store::waits(tx, id, &Actor::from(by), now)?;
            grave::tell(tx, keys, id, "identify", now)?;
            grave::keep(tx, keys, by, id, ("identify", &reason), now)
        }
        _ => Ok(()),
    }
}

/// What is wrong, under the names that programs use.
pub(super) fn for_programs(e: AppError) -> AppError {
    match e {
        AppError::Invalid(errors) => AppError::Invalid(
            errors.into_iter().map(|e| e.renamed("doc_number", "document_number")).collect(),
        ),
        other => other,
    }
}

/// Who an official is.
#[derive(Debug, Default, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityInput {
    /// Kind of the document, such as `id_card` (as without it).
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub document_kind: String,
    /// Number of the document.
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    pub document_number: String,
    /// The official's own telephone; left empty, the one on file stays.
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub phone: String,
    /// Why what is on file changes, up to 2000 characters; not needed the first time.
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
}

/// Writes down who an official is.
///
/// # Errors
/// 404 when there is none within reach; 409 `own-account`; 422 with field paths, `official-known` for somebody who is an
/// official already.
#[utoipa::path(put, path = "/api/v1/admin/officials/{id}/identity", tag = "admin", params(("id" = String, Path)),
    request_body = IdentityInput,
    responses((status = 204, description = "written down"), (status = 404), (status = 409), (status = 422)))]
pub async fn put(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    id: web::Path<Id>,
    input: Valid<IdentityInput>,
) -> AppResult<HttpResponse> {
    let (now, id) = (ctx.now, id.into_inner());
    not_own(&o, id)?;
    let input = &input.0;
    let typed = Typed {
        kind: &input.document_kind,
        number: &input.document_number,
        phone: &input.phone,
        reason: input.reason.as_deref(),
    };
    let told = Told::of(&typed, now);
    let sent = Sent::call(&req, &(id, input))?;
    let (keys, by) = (deps.keys.clone(), (*o).clone());
    let work = move |tx: &mut Tx<'_>| keep(tx, &keys, &by, id, told, now);
    let done = Act::of(&deps, &ctx, &o, "admin.identify").once(&sent, work).await;
    done.map_err(for_programs)?;
    Ok(HttpResponse::NoContent().finish())
}
