//! The list of findings and ends of findings that wait for a second officer.

use super::entries::EnteredLine;
use super::model::{CardHolder, RecordRow};
use super::records::kind_key;
use super::store_lists::{self as lists, EnteredKey};
use super::views::document as document_of;
use super::views_desk::{EndView, FindingView, RecordsPage};
use super::{RecordConfirm, ends, entries, gather, store, store_ends};
use crate::audit::{self, Entry};
use crate::db::Conn;
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::identity::DocumentKind;
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::paging::{PAGE_ROWS, cursor, cut, read_cursor};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond};
use crate::web::view::{FormView, Pager};
use actix_web::web;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Where the two lists go on; nothing for their beginning.
#[derive(Debug, Default, Clone, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct Query {
    after: String,
    ends: String,
}

impl Query {
    /// The address of the page with other places.
    fn link(after: &str, ends: &str) -> String {
        let places: Vec<_> =
            [("after", after), ("ends", ends)].into_iter().filter(|p| !p.1.is_empty()).collect();
        match serde_urlencoded::to_string(places) {
            Ok(query) if !query.is_empty() => format!("/desk/records?{query}"),
            _ => "/desk/records".to_owned(),
        }
    }
}

/// A page of a list, and the place of the next one.
struct Listed<T> {
    rows: Vec<T>,
    next: Option<String>,
}

impl<T> Listed<T> {
    fn pager(&self, here: &str, link: impl Fn(&str) -> String) -> Pager {
        let newer = (!here.is_empty()).then(|| link(""));
        Pager { newer, older: self.next.as_deref().map(link), shown: self.rows.len(), total: None }
    }
}

/// What the page shows.
struct Waiting {
    findings: Listed<FindingView>,
    ends: Listed<EndView>,
    own: Vec<EnteredLine>,
}

/// `GET /desk/records`: what waits for a second officer.
pub(super) async fn list(
    ctx: Ctx,
    deps: App,
    official: Official<RecordConfirm>,
    query: web::Query<Query>,
) -> AppResult<Answer<RecordsPage>> {
    let (parts, by, lang, now) = (deps.clone(), (*official).clone(), ctx.lang, ctx.now);
    // Read beside the others: only the entry of the record is written.
    let (shown, seen) = {
        let (by, query) = (by.clone(), query.clone());
        deps.store.read(move |conn| waiting(conn, &parts, &by, &query, (lang, now))).await?
    };
    let entry = Entry::new(&by, "records.list", "health-record").detail(seen);
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    let pager = shown.findings.pager(&query.after, |after| Query::link(after, &query.ends));
    let ends_pager = shown.ends.pager(&query.ends, |ends| Query::link(&query.after, ends));
    let form = FormView::new().with("doc_kind", DocumentKind::IdCard.as_str());
    let doc_kinds = document::choices(ctx.lang);
    let (rows, ends, own) = (shown.findings.rows, shown.ends.rows, shown.own);
    let view = RecordsPage { rows, pager, ends, ends_pager, own, form, doc_kinds };
    respond(&deps, &ctx, "codes/records.html", &view)
}

fn place(text: &str) -> AppResult<Option<EnteredKey>> {
    if text.is_empty() { Ok(None) } else { read_cursor(text).map(Some) }
}

/// What waits in the jurisdiction (findings, ends) and what the official entered, with the detail for the record.
fn waiting(
    conn: &mut Conn,
    deps: &Deps,
    by: &OfficialPrincipal,
    query: &Query,
    (lang, now): (Lang, DateTime<Utc>),
) -> AppResult<(Waiting, Value)> {
    let rows = lists::open_records(conn, &by.pattern(), place(&query.after)?, PAGE_ROWS)?;
    let ends = store_ends::open(conn, &by.pattern(), place(&query.ends)?, PAGE_ROWS)?;
    let ((rows, more), (ends, more_ends)) = (cut(rows, PAGE_ROWS), cut(ends, PAGE_ROWS));
    let mut digest = Sha256::new();
    for id in rows.iter().map(|r| r.id).chain(ends.iter().map(|(e, _)| e.id)) {
        digest.update(id.0.as_bytes());
    }
    let digest = hex::encode(digest.finalize());
    let seen = json!({"filter": "open", "rows": rows.len() + ends.len(), "digest": digest});
    let next = rows.last().filter(|_| more).map(|r| cursor(&(r.created_at, r.id))).transpose()?;
    let next_end = ends.last().filter(|_| more_ends);
    let next_end = next_end.map(|(e, _)| cursor(&(e.created_at, e.id))).transpose()?;
    let rows: AppResult<_> = rows.iter().map(|row| row_view(conn, deps, by, row, lang)).collect();
    let ends: AppResult<_> =
        ends.iter().map(|(end, row)| ends::view(conn, deps, by, end, row, (lang, now))).collect();
    let findings = Listed { rows: rows?, next };
    let ends = Listed { rows: ends?, next: next_end };
    Ok((Waiting { findings, ends, own: entries::own(conn, deps, by, lang)? }, seen))
}

/// A finding for officials.
pub(super) fn row_view(
    conn: &mut Conn,
    deps: &Deps,
    by: &OfficialPrincipal,
    row: &RecordRow,
    lang: Lang,
) -> AppResult<FindingView> {
    let (person, _) = store::code_and_person(conn, row.person_id)?;
    let holder = CardHolder::of(&person, &deps.keys)?;
    let detail = gather::detail(row, &deps.keys)?;
    Ok(FindingView {
        id: row.id,
        document: document_of(lang, &holder),
        name: holder.name,
        kind: t(lang, &kind_key(&row.kind), &[]),
        result: row.result.as_ref().map(|r| t(lang, &format!("record-result-{r}"), &[])),
        at: row.at,
        until: row.until,
        place: detail.place,
        released: detail.released_on,
        source: row.source.clone(),
        created: row.created_at,
        own: row.entered_by == Some(by.official_id),
    })
}
