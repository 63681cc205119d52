//! The list of findings and ends of findings that wait for a second officer.

use super::model::RecordRow;
use super::records::kind_key;
use super::{RecordConfirm, ends, entries, gather, pages, store, store_ends};
use crate::app::{App, Deps};
use crate::audit::{self, Entry};
use crate::db::Conn;
use crate::error::AppResult;
use crate::identity::DocumentKind;
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::page;
use crate::web::paging::PAGE_ROWS;
use crate::web::principal::OfficialPrincipal;
use crate::web::view::FormView;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// `GET /desk/records`: what waits for a second officer.
pub async fn list(req: HttpRequest, deps: App, official: Official<RecordConfirm>) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (parts, by, lang, now) = (deps.clone(), (*official).clone(), ctx.lang, ctx.now);
    // Read beside the others: only the entry of the record is written.
    let (shown, seen) = {
        let by = by.clone();
        deps.store.read(move |conn| waiting(conn, &parts, &by, lang)).await?
    };
    let entry = Entry::new(&by, "records.list", "health-record").detail(seen);
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    let [rows, ends, own] = shown;
    let form = FormView::new().with("doc_kind", DocumentKind::IdCard.as_str());
    let kinds = document::choices(ctx.lang);
    let data = json!({"rows": rows, "ends": ends, "own": own, "form": form, "doc_kinds": kinds});
    page(&deps, &ctx, "codes/records.html", &data)
}

/// What waits in the jurisdiction (findings, ends) and what the official entered, with the detail for the record.
fn waiting(
    conn: &mut Conn,
    deps: &Deps,
    by: &OfficialPrincipal,
    lang: Lang,
) -> AppResult<([Vec<Value>; 3], Value)> {
    let rows = store::open_records(conn, &by.pattern(), PAGE_ROWS)?;
    let ends = store_ends::open(conn, &by.pattern(), PAGE_ROWS)?;
    let mut digest = Sha256::new();
    for id in rows.iter().map(|r| r.id).chain(ends.iter().map(|(e, _)| e.id)) {
        digest.update(id.0.as_bytes());
    }
    let digest = hex::encode(digest.finalize());
    let seen = json!({"filter": "open", "rows": rows.len() + ends.len(), "digest": digest});
    let rows: AppResult<_> = rows.iter().map(|row| row_view(conn, deps, by, row, lang)).collect();
    let ends: AppResult<_> =
        ends.iter().map(|(end, row)| ends::view(conn, deps, by, end, row, lang)).collect();
    Ok(([rows?, ends?, entries::own(conn, deps, by, lang)?], seen))
}

/// A finding for officials.
pub(super) fn row_view(
    conn: &mut Conn,
    deps: &Deps,
    by: &OfficialPrincipal,
    row: &RecordRow,
    lang: Lang,
) -> AppResult<Value> {
    let (person, _) = store::code_and_person(conn, row.person_id)?;
    let holder = person.holder(&deps.keys)?;
    let detail = gather::detail(row, &deps.keys)?;
    Ok(json!({
        "id": row.id,
        "name": holder.name,
        "document": pages::document(lang, &holder),
        "kind": t(lang, &kind_key(&row.kind), &[]),
        "result": row.result.as_ref().map(|r| t(lang, &format!("record-result-{r}"), &[])),
        "at": row.at,
        "until": row.until,
        "place": detail.place,
        "released": detail.released_on,
        "source": row.source,
        "created": row.created_at,
        "own": row.entered_by == Some(by.official_id),
    }))
}
