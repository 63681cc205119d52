//! JSON of "my things": the account, its sessions, and who looked at the data.

use super::access::{self, Query};
use super::store::ClaimLine;
use super::{me, store};
use crate::db::{Conn, Id};
use crate::deps::App;
use crate::error::AppResult;
use crate::web::card::Card;
use crate::web::ctx::Ctx;
use crate::web::form::NoBody;
use crate::web::guard::Resident;
use crate::web::page::answer;
use crate::web::session::{self, SessionKind};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The person for whom an account acts.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonBody {
    /// Name, masked.
    pub name: String,
    /// Number of the document, masked.
    pub document: String,
    /// Kind of document.
    pub document_kind: String,
    /// How sure the identity is.
    pub level: String,
}

/// The account that is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeBody {
    /// Its phone, masked.
    pub phone: String,
    /// Whether the privacy notice was acknowledged.
    pub notice_read: bool,
    /// The person, once a document is claimed.
    pub person: Option<PersonBody>,
    /// Its claims at the counter, the newest first, at most 20.
    pub claims: Vec<ClaimLine>,
    /// How things stand, as the home page shows it: what waits for the resident first.
    pub cards: Vec<Card>,
    /// Messages that have not been read, at most 100.
    pub unread: usize,
}

/// A session of one's own.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionBody {
    /// Names it, for ending it.
    pub id: String,
    /// What is known of the device.
    pub device: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it was used, roughly.
    pub seen: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A look of an official.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookBody {
    /// When.
    pub at: DateTime<Utc>,
    /// What was done, as the record names it, such as `declaration.view`.
    pub action: String,
    /// The office.
    pub office: String,
    /// Its telephone.
    pub phone: String,
}

/// Data that were passed on to another handler of personal information.
#[derive(Debug, Serialize, ToSchema)]
pub struct PassedBody {
    /// When.
    pub at: DateTime<Utc>,
    /// To whom.
    pub recipient: String,
    /// What for.
    pub purpose: String,
}

/// Who looked at my data.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessBody {
    /// The newest first.
    pub looks: Vec<LookBody>,
    /// The newest first, up to 200; all are in the copy of one's data.
    pub passed: Vec<PassedBody>,
    /// Value of `after` for the next page of looks.
    pub next: Option<String>,
}

/// The account that is signed in.
///
/// # Errors
/// Database errors.
#[utoipa::path(get, path = "/api/v1/me", tag = "me", responses((status = 200, body = MeBody)))]
pub async fn home(ctx: Ctx, deps: App, resident: Resident) -> AppResult<HttpResponse> {
    let (keys, account) = (deps.keys.clone(), resident.account_id);
    let read = move |conn: &mut Conn| {
        Ok((store::overview(conn, &keys, account)?, crate::notify::unread(conn, account)?))
    };
    let (mine, unread) = deps.store.read(read).await?;
    let cards = super::home::cards(&deps, &resident, ctx.lang, ctx.now).await?;
    let person = mine.person.map(|p| PersonBody {
        name: p.name.masked(),
        document: p.document.masked(),
        document_kind: p.document.kind().as_str().to_owned(),
        level: p.level.code().to_owned(),
    });
    let body = MeBody {
        phone: mine.phone,
        notice_read: mine.notice_read,
        person,
        claims: mine.claims,
        cards,
        unread,
    };
    Ok(answer(&body))
}

/// The account's sessions, the newest first.
///
/// # Errors
/// Database errors.
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "me", responses((status = 200, body = [SessionBody])))]
pub async fn sessions(ctx: Ctx, deps: App, resident: Resident) -> AppResult<HttpResponse> {
    let (account, now) = (resident.account_id, ctx.now);
    let current = resident.session.public_id;
    let list =
        deps.store.read(move |c| session::own(c, SessionKind::Resident, account, current, now)).await?;
    let body = list.into_iter().map(|s| SessionBody {
        id: s.id.to_string(),
        device: s.device,
        since: s.since.0,
        seen: s.seen.0,
        current: s.current,
    });
    let body: Vec<SessionBody> = body.collect();
    Ok(answer(&body))
}

/// Ends one of them.
///
/// # Errors
/// 404 when there is none of that name.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "me", params(("id" = String, Path)),
    responses((status = 204, description = "it is over"), (status = 404)))]
pub async fn end(
    ctx: Ctx,
    deps: App,
    resident: Resident,
    _token: NoBody,
    id: web::Path<Id>,
) -> AppResult<HttpResponse> {
    me::end_session(&deps, resident.account_id, id.into_inner(), ctx.now).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who looked at my data, and to whom it was passed on.
///
/// # Errors
/// 400 when `after` is no cursor of ours.
#[utoipa::path(get, path = "/api/v1/me/access", tag = "me", params(("after" = Option<String>, Query)),
    responses((status = 200, body = AccessBody)))]
pub async fn looked(deps: App, resident: Resident, query: web::Query<Query>) -> AppResult<HttpResponse> {
    let (looks, (passed, _), next) = access::read(&deps, resident.person_id, &query).await?;
    let looks = looks.into_iter().map(|l| LookBody {
        at: l.at.0,
        action: l.action,
        office: l.office,
        phone: l.phone,
    });
    let passed =
        passed.into_iter().map(|(at, recipient, purpose)| PassedBody { at: at.0, recipient, purpose });
    Ok(answer(&AccessBody { looks: looks.collect(), passed: passed.collect(), next }))
}
