//! A finding that ends before its day: it was wrong, or its ground is gone. One officer enters that with a reason,
//! another confirms it; the person is told, and the code is worked out anew. A reviewer who set a cause aside on an appeal
//! enters it just so, and it is confirmed or refused by an officer who had no part in the finding.

use super::desk::blind;
use super::ending::Ending;
use super::model::{EndRow, RecordRow};
use super::views_desk::{EndView, FoundRecord, RecordEndPage, RecordsFoundPage};
use super::{RecordConfirm, RecordConfirmFresh, appealed, records_list, store, store_ends};
use crate::accounts::Recusal;
use crate::audit::{self, Entry};
use crate::crypto::FieldContext;
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Reading, Sent};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::second::{self, TwoPersons};
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::form::Form;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::Lang;
use crate::web::page::{fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::web;
use chrono::{DateTime, Utc};
use serde_json::json;

pub(super) fn reason_context(id: Id) -> FieldContext<'static> {
    FieldContext::new("record_ends", "reason_sealed", id.0)
}

/// An end that waits, for officials.
pub(super) fn view(
    conn: &mut Conn,
    deps: &Deps,
    by: &OfficialPrincipal,
    end: &EndRow,
    record: &RecordRow,
    (lang, now): (Lang, DateTime<Utc>),
) -> AppResult<EndView> {
    let reason = deps.keys.open_str(&reason_context(end.id), &end.reason_sealed)?;
    let waits = Ending::of(conn, deps, end.clone(), record.clone())?;
    let appeal = waits.appeal.as_ref().map(|appeal| appealed::words(appeal, lang, now));
    Ok(EndView {
        id: end.id,
        record: records_list::row_view(conn, deps, by, record, lang)?,
        reason: appeal.into_iter().chain([reason.to_string()]).collect::<Vec<_>>().join(" "),
        created: end.created_at,
        own: end.entered_by == by.official_id,
        had_a_part: waits.had_a_part(by.official_id),
    })
}

/// `POST /desk/records/find`: the findings of a person that count. The number stands in no address.
pub(super) async fn find(
    ctx: Ctx,
    deps: App,
    official: Official<Looks<RecordConfirm>>,
    form: Form,
) -> AppResult<Answer<RecordsFoundPage>> {
    let mut view = form.view();
    let document = match document::typed(&form, ctx.now) {
        Ok(document) => document,
        Err(e) => {
            fail(&mut view, ctx.lang, &[e]);
            return found(&deps, &ctx, StatusCode::UNPROCESSABLE_ENTITY, view, Vec::new());
        }
    };
    let (parts, by, lang, now) = (deps.clone(), (*official).clone(), ctx.lang, ctx.now);
    let codes = blind(&deps.keys, &document);
    // Read and unsealed by whoever serves the page, not by the one writer; only the entry is written.
    let (rows, entry) = deps
        .store
        .read(move |conn| {
            // Whoever entered the finding may end it, wherever the person lives.
            let person = store::person_by_document(conn, &codes, "%")?.map(|p| p.id);
            let rows = match person {
                Some(person) => store_ends::of_person(conn, person, &by.pattern())?,
                None => Vec::new(),
            };
            let subject = person.filter(|_| !rows.is_empty());
            let entry = Entry::new(&by, "record.find", "health-record").subject(subject);
            let entry = entry.detail(json!({"rows": rows.len()}));
            Ok((views(conn, &parts, &by, &rows, lang)?, entry))
        })
        .await?;
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    if rows.is_empty() {
        fail(&mut view, ctx.lang, &[FieldError::new("doc_number", "no-finding-here")]);
        return found(&deps, &ctx, StatusCode::NOT_FOUND, view, Vec::new());
    }
    found(&deps, &ctx, StatusCode::OK, view, rows)
}

fn views(
    conn: &mut Conn,
    deps: &App,
    by: &OfficialPrincipal,
    rows: &[RecordRow],
    lang: Lang,
) -> AppResult<Vec<FoundRecord>> {
    let ids: Vec<Id> = rows.iter().map(|r| r.id).collect();
    let waiting = store_ends::waiting(conn, &ids)?;
    rows.iter()
        .map(|row| {
            let record = records_list::row_view(conn, deps, by, row, lang)?;
            Ok(FoundRecord { record, waits: waiting.contains(&row.id) })
        })
        .collect()
}

fn found(
    deps: &App,
    ctx: &Ctx,
    status: StatusCode,
    form: FormView,
    rows: Vec<FoundRecord>,
) -> AppResult<Answer<RecordsFoundPage>> {
    let view = RecordsFoundPage { form, doc_kinds: document::choices(ctx.lang), rows };
    respond_with(deps, ctx, status, "codes/records-found.html", &view)
}

/// `GET /desk/records/{id}/end`: the form that asks why.
pub(super) async fn form(
    ctx: Ctx,
    deps: App,
    official: Official<RecordConfirm>,
    id: web::Path<Id>,
) -> AppResult<Answer<RecordEndPage>> {
    one(&deps, &ctx, &official, *id, FormView::new()).await
}

async fn one(
    deps: &App,
    ctx: &Ctx,
    official: &OfficialPrincipal,
    id: Id,
    form: FormView,
) -> AppResult<Answer<RecordEndPage>> {
    let (parts, by, lang, now) = (deps.clone(), official.clone(), ctx.lang, ctx.now);
    let (shown, entry) = deps
        .store
        .read(move |conn| {
            let row = store_ends::record(conn, id, &by.pattern())?;
            let entry = Entry::new(&by, "record.view", "health-record").object(id);
            let entry = entry.subject(Some(row.person_id));
            Ok((views(conn, &parts, &by, &[row], lang)?.pop(), entry))
        })
        .await?;
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = RecordEndPage { row: shown.ok_or(AppError::NotFound)?, form };
    respond_with(deps, ctx, status, "codes/record-end.html", &view)
}

/// `POST /desk/records/{id}/end`: enters the end, which waits for a second officer.
pub(super) async fn enter(
    ctx: Ctx,
    deps: App,
    official: Official<RecordConfirmFresh>,
    id: web::Path<Id>,
    form: Form,
) -> AppResult<Answer<RecordEndPage>> {
    let id = *id;
    let mut reading = Reading::of(&form);
    let reason = reading.needed("reason");
    let reason = match reading.done(reason) {
        Ok(reason) => reason,
        Err(errors) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            return one(&deps, &ctx, &official, id, view).await;
        }
    };
    let (parts, by, now) = (deps.clone(), (*official).clone(), ctx.now);
    let sent = Sent::form(&id.to_string(), &form)?;
    let work = move |tx: &mut Tx<'_>| insert(tx, &parts, &by, id, &reason, now);
    Act::of(&deps, &ctx, &official, "record.end-enter").once(&sent, work).await?;
    Ok(see_other_with(&deps, "/desk/records", "record-end-waits").into())
}

fn insert(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    record: Id,
    reason: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let row = store_ends::record(tx.conn(), record, &by.pattern())?;
    Recusal::of(&deps.keys, by)?.not_about(tx.conn(), Some(row.person_id), None)?;
    if add(tx, deps, by, &row, (reason, None), now)? { Ok(()) } else { Err(waits_already()) }
}

pub(super) fn waits_already() -> AppError {
    AppError::conflict("record-end-waits")
}

/// Enters an end; false when one waits already.
pub(super) fn add(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    record: &RecordRow,
    (reason, appeal): (&str, Option<Id>),
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let id = Id::new();
    let end = EndRow {
        id,
        record_id: record.id,
        reason_sealed: deps.keys.seal(&reason_context(id), reason.as_bytes())?,
        state: "open".to_owned(),
        entered_by: by.official_id,
        created_at: now.into(),
        decided_by: None,
        decided_at: None,
        refusal_sealed: None,
        office_id: Some(by.office_id),
        appeal_id: appeal,
    };
    if !store_ends::add(tx, &end)? {
        return Ok(false);
    }
    let waits = Ending::of(tx.conn(), deps, end, record.clone())?;
    second::propose(tx, &waits)?;
    let entry = Entry::new(by, "record.end-enter", "health-record").object(record.id);
    audit::append(tx, now, entry.subject(Some(record.person_id)).detail(json!({"kind": record.kind})))?;
    Ok(true)
}
