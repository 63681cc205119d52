//! Staffed points: looking a code up by document for somebody without a phone.
//!
//! The search is exact, inside the jurisdiction, and sent by POST so that no number is in an address. Every look is
//! recorded under the person, who can see it.

use super::model::{CardHolder, StateRow, StoredCode};
use super::views::{StoryView, document as document_of};
use super::views_paper::{DeskPage, FoundView};
use super::words::colour_word;
use super::{StaffedPoint, state, store};
use crate::audit::{self, Entry};
use crate::crypto::Keyring;
use crate::db::Tx;
use crate::deps::App;
use crate::error::{AppResult, FieldError};
use crate::identity::{DocumentKind, DocumentNumber};
use crate::policy::Colour;
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::form::Form;
use crate::web::guard::{Looks, Official};
use crate::web::page::fail;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::FormView;
use crate::worklist::Holder;
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use serde_json::json;

/// The codes under which a document may be found.
pub(super) fn blind(keys: &Keyring, document: &DocumentNumber) -> Vec<Vec<u8>> {
    keys.blind_candidates("document", &document.canonical()).into_iter().map(|b| b.to_vec()).collect()
}

/// `GET /desk/codes`.
pub(super) async fn page_of_desk(
    ctx: Ctx,
    deps: App,
    _: Official<StaffedPoint>,
) -> AppResult<Answer<DeskPage>> {
    let form = FormView::new().with("doc_kind", DocumentKind::IdCard.as_str());
    respond(&deps, &ctx, TEMPLATE, &data(&ctx, form, None))
}

const TEMPLATE: &str = "codes/desk.html";

fn data(ctx: &Ctx, form: FormView, found: Option<FoundView>) -> DeskPage {
    DeskPage { form, kinds: document::choices(ctx.lang), found }
}

/// `POST /desk/codes`.
pub(super) async fn lookup(
    ctx: Ctx,
    deps: App,
    official: Official<Looks<StaffedPoint>>,
    form: Form,
) -> AppResult<Answer<DeskPage>> {
    let mut view = form.view();
    let document = match document::typed(&form, ctx.now) {
        Ok(document) => document,
        Err(e) => {
            fail(&mut view, ctx.lang, &[e]);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return respond_with(&deps, &ctx, status, TEMPLATE, &data(&ctx, view, None));
        }
    };
    let (parts, now) = (deps.clone(), ctx.now);
    let (codes, pattern, by) = (blind(&deps.keys, &document), official.pattern(), (*official).clone());
    let found = deps
        .store
        .write(move |tx| {
            let person = store::person_by_document(tx.conn(), &codes, &pattern)?;
            // The code before the entry, as jobs take them: else two could wait for each other.
            let found = person.map(|p| code_in(tx, &parts, p, now)).transpose()?;
            let entry = Entry::new(&by, "code.lookup", "code")
                .subject(found.as_ref().map(|(person, ..)| person.id))
                .detail(json!({"found": found.is_some()}));
            audit::append(tx, now, entry)?;
            Ok(found)
        })
        .await?;
    let Some((person, holder, code)) = found else {
        fail(&mut view, ctx.lang, &[FieldError::new("doc_number", "person-not-here")]);
        return respond_with(&deps, &ctx, StatusCode::NOT_FOUND, TEMPLATE, &data(&ctx, view, None));
    };
    let found = found_view(&ctx, &person, &holder, &code);
    respond(&deps, &ctx, TEMPLATE, &data(&ctx, view, Some(found)))
}

type Found = (Holder, CardHolder, StoredCode);

/// The code of a person as it is now, in the caller's transaction. Whoever calls it for a resident has seen to it before
/// that the stored one holds ([`super::refresh`]): it is worked out in here only for a look of staff, or after a race.
pub(super) fn code_in(tx: &mut Tx<'_>, deps: &App, person: Holder, now: DateTime<Utc>) -> AppResult<Found> {
    let holder = CardHolder::of(&person, &deps.keys)?;
    let kept: Option<StateRow> =
        store::state(tx.conn(), person.id)?.filter(|row| state::is_current(row, &deps.policy, now));
    let code = match kept {
        Some(row) => row.open(&deps.keys)?,
        None => state::evaluate_person(tx, deps, person.id, now)?,
    };
    Ok((person, holder, code))
}

fn found_view(ctx: &Ctx, person: &Holder, holder: &CardHolder, code: &StoredCode) -> FoundView {
    let (lang, colour) = (ctx.lang, code.evaluation.colour);
    FoundView {
        person: person.id,
        name: holder.name.clone(),
        document: document_of(lang, holder),
        state: colour.code(),
        word: colour_word(lang, colour),
        code: StoryView::of(lang, &code.told(), ctx.now),
        printable: colour != Colour::Unknown,
    }
}
