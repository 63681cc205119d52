//! JSON of the auditor: the record, an entry with its place in chain and tree, and going through its end. An export is
//! `GET /audit/export.csv`; the whole record is gone through by `fugong audit verify`.

use super::chain::Row;
use super::leaves::Proof;
use super::pages::{Auditor, examine, go_through, look, query_of};
use super::receipts::HeadView;
use crate::deps::App;
use crate::error::AppResult;
use crate::web::ctx::Ctx;
use crate::web::form::NoBody;
use crate::web::guard::{Looks, Official};
use crate::web::page::answer;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An entry of the record: codes and identifiers, never names or health data.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryBody {
    /// Lane of the writer.
    pub lane: i32,
    /// Place in the lane, from 1.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// `official`, `resident`, `anonymous`, `system`, `console`, `partner`.
    pub actor_kind: String,
    /// The official or account.
    pub actor_id: Option<String>,
    /// The office.
    pub office_id: Option<String>,
    /// What was done.
    pub action: String,
    /// Kind of the object.
    pub object_kind: String,
    /// The object.
    pub object_id: Option<String>,
    /// The person whose data it is.
    pub subject_id: Option<String>,
    /// Codes, counts and digests; null where there are none.
    #[schema(value_type = Option<Object>)]
    pub detail: Value,
    /// Hash of the entry before it, hexadecimal.
    pub prev: String,
    /// SHA-256 of this entry, hexadecimal.
    pub hash: String,
}

impl From<&Row> for EntryBody {
    fn from(row: &Row) -> Self {
        let text = |id: Option<crate::db::Id>| id.map(|id| id.to_string());
        Self {
            lane: row.lane,
            seq: row.seq,
            at: row.at.0,
            actor_kind: row.actor_kind.clone(),
            actor_id: text(row.actor_id),
            office_id: text(row.office_id),
            action: row.action.clone(),
            object_kind: row.object_kind.clone(),
            object_id: text(row.object_id),
            subject_id: text(row.subject_id),
            detail: row.detail.0.clone(),
            prev: hex::encode(&row.prev),
            hash: hex::encode(&row.hash),
        }
    }
}

/// A page of the record, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntriesBody {
    /// Up to 50.
    pub entries: Vec<EntryBody>,
    /// Value of `after` for the next page.
    pub next: Option<String>,
    /// The last signed head.
    pub head: Option<HeadView>,
}

/// An entry and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExaminedBody {
    /// The entry.
    pub entry: EntryBody,
    /// Whether the hash fits its fields.
    pub intact: bool,
    /// Whether it follows the entry before it.
    pub follows: bool,
    /// `included` in a signed head, `waiting` for the next one, or `broken` when the proof does not hold.
    pub standing: &'static str,
    /// The proof of inclusion.
    pub proof: Option<Proof>,
    /// The head that it leads to.
    pub head: Option<HeadView>,
}

/// What going through the end of the record came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerifiedBody {
    /// Entries whose hash was computed again.
    pub entries: u64,
    /// Heads whose signature was checked.
    pub heads: u64,
    /// How much does not fit.
    pub findings: u64,
    /// The first 200 of that, in words.
    pub found: Vec<String>,
}

/// The record, filtered; the look is itself in it.
///
/// # Errors
/// 422 naming what is wrong in the filter.
#[utoipa::path(get, path = "/api/v1/audit/entries", tag = "audit",
    params(("from" = Option<String>, Query, description = "day in China"), ("to" = Option<String>, Query),
        ("action" = Option<String>, Query, description = "an action, or its beginning up to a dot"),
        ("actor" = Option<String>, Query), ("actor_id" = Option<String>, Query), ("office" = Option<String>, Query),
        ("object" = Option<String>, Query),
        ("official" = Option<String>, Query, description = "beginning of a name or sign-in name"),
        ("office_name" = Option<String>, Query, description = "beginning of a name"), ("after" = Option<String>, Query)),
    responses((status = 200, body = EntriesBody), (status = 422)))]
pub async fn list(req: HttpRequest, ctx: Ctx, deps: App, who: Official<Auditor>) -> AppResult<HttpResponse> {
    let listed = look(&deps, &who, &query_of(&req)?, ctx.now).await?;
    Ok(answer(&EntriesBody {
        entries: listed.rows.iter().map(EntryBody::from).collect(),
        next: listed.next,
        head: listed.head.as_ref().map(HeadView::from),
    }))
}

/// One entry with its place in chain and tree.
///
/// # Errors
/// 404.
#[utoipa::path(get, path = "/api/v1/audit/entries/{lane}/{seq}", tag = "audit",
    params(("lane" = i32, Path), ("seq" = i64, Path)),
    responses((status = 200, body = ExaminedBody), (status = 404)))]
pub async fn one(
    ctx: Ctx,
    deps: App,
    who: Official<Auditor>,
    place: web::Path<(i32, i64)>,
) -> AppResult<HttpResponse> {
    let found = examine(&deps, &who, place.into_inner(), ctx.now).await?;
    let standing = match (&found.proof, found.included) {
        (None, _) => "waiting",
        (Some(_), true) => "included",
        (Some(_), false) => "broken",
    };
    let (proof, head) = found.proof.unzip();
    Ok(answer(&ExaminedBody {
        entry: EntryBody::from(&found.row),
        intact: found.own,
        follows: found.follows,
        standing,
        proof,
        head: head.as_ref().map(HeadView::from),
    }))
}

/// Goes through the last hour's heads and the last entries of each lane.
///
/// # Errors
/// Database errors.
#[utoipa::path(post, path = "/api/v1/audit/verify", tag = "audit", responses((status = 200, body = VerifiedBody)))]
pub async fn verify(
    ctx: Ctx,
    deps: App,
    who: Official<Looks<Auditor>>,
    _token: NoBody,
) -> AppResult<HttpResponse> {
    let (summary, found) = go_through(&deps, &who, ctx.now).await?;
    let body =
        VerifiedBody { entries: summary.entries, heads: summary.heads, findings: summary.findings, found };
    Ok(answer(&body))
}
