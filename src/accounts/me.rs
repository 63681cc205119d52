//! My things: what a resident finds behind their name, their sessions, and a copy of their data.

use super::store::ClaimLine;
use super::{home, store};
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, Id};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::slice::Slices;
use crate::web::card::Card;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::page::{page, see_other_with};
use crate::web::problem;
use crate::web::respond::{Answer, respond};
use crate::web::session::{self, SessionKind};
use crate::web::view::Link;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, json};
use utoipa::ToSchema;

/// My things.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MePage {
    /// How things stand, what waits first.
    cards: Vec<Card>,
    /// The telephone, masked.
    phone: String,
    /// The person for whom the account acts, once a document is claimed.
    person: Option<PersonLine>,
    /// Claims at the counter, the newest first, at most 20.
    claims: Vec<ClaimLine>,
    /// Ways to the resident's own cases.
    things: Vec<Link>,
    /// Ways to what belongs to the account itself.
    settings: Vec<Link>,
}

/// The person for whom an account acts.
#[derive(Debug, Serialize, ToSchema)]
struct PersonLine {
    /// Name, masked.
    name: String,
    /// Number of the document, masked.
    document: String,
    /// Kind of document.
    kind: &'static str,
    /// How sure the identity is.
    level: &'static str,
}

/// Where a resident is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionsPage {
    /// The newest first.
    sessions: Vec<session::Own>,
}

pub(super) async fn page_of_mine(ctx: Ctx, deps: App, resident: Resident) -> AppResult<Answer<MePage>> {
    let (keys, account) = (deps.keys.clone(), resident.account_id);
    let mine = deps.store.read(move |conn| store::overview(conn, &keys, account)).await?;
    let links = |list: &[(&str, &str)]| -> Vec<Link> {
        list.iter().map(|(href, key)| Link::text(ctx.lang, href, key)).collect()
    };
    let view = MePage {
        cards: home::cards(&deps, &resident, ctx.lang, ctx.now).await?,
        phone: mine.phone,
        person: mine.person.as_ref().map(|p| PersonLine {
            name: p.name.masked(),
            document: p.document.masked(),
            kind: p.document.kind().as_str(),
            level: p.level.code(),
        }),
        claims: mine.claims,
        things: links(&deps.part::<Slices>()?.mine()),
        settings: links(SETTINGS),
    };
    respond(&deps, &ctx, "accounts/me.html", &view)
}

/// What belongs to the account itself.
const SETTINGS: &[(&str, &str)] = &[
    ("/me/contact", "me-contact"),
    ("/me/sessions", "me-sessions"),
    ("/me/access", "me-access"),
    ("/me/data", "me-data"),
    ("/me/kept", "kept-title"),
];

pub(super) async fn sessions(ctx: Ctx, deps: App, resident: Resident) -> AppResult<Answer<SessionsPage>> {
    let (account, now) = (resident.account_id, ctx.now);
    let current = resident.session.public_id;
    let sessions =
        deps.store.read(move |c| session::own(c, SessionKind::Resident, account, current, now)).await?;
    respond(&deps, &ctx, "accounts/sessions.html", &SessionsPage { sessions })
}

pub(super) async fn end_one(
    ctx: Ctx,
    deps: App,
    resident: Resident,
    path: web::Path<Id>,
    _form: Form,
) -> AppResult<HttpResponse> {
    let id = path.into_inner();
    end_session(&deps, resident.account_id, id, ctx.now).await?;
    let current = id == resident.session.public_id;
    let mut response = see_other_with(&deps, if current { "/" } else { "/me/sessions" }, "session-ended");
    if current {
        problem::forget_session(&deps, &mut response);
    }
    Ok(response)
}

/// Ends one session of an account.
///
/// # Errors
/// [`AppError::NotFound`] when there is none of that name.
pub(super) async fn end_session(deps: &Deps, account: Id, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    deps.store
        .write(move |tx| {
            if !session::end(tx, SessionKind::Resident, account, id)? {
                return Err(AppError::NotFound);
            }
            let entry = Entry::new(Actor::Resident(account), "session.end", "session").object(id);
            audit::append(tx, now, entry).map(drop)
        })
        .await
}

pub(super) async fn end_all(ctx: Ctx, deps: App, resident: Resident, _form: Form) -> AppResult<HttpResponse> {
    let (account, now) = (resident.account_id, ctx.now);
    deps.store
        .write(move |tx| {
            let ended = session::end_all(tx, SessionKind::Resident, account)?;
            let entry = Entry::new(Actor::Resident(account), "session.end-all", "account").object(account);
            audit::append(tx, now, entry.detail(json!({"count": ended})))?;
            Ok(())
        })
        .await?;
    let mut response = see_other_with(&deps, "/", "sessions-ended");
    problem::forget_session(&deps, &mut response);
    Ok(response)
}

pub(super) async fn data(ctx: Ctx, deps: App, _resident: Resident) -> AppResult<HttpResponse> {
    page(&deps, &ctx, "accounts/data.html", &json!({}))
}

/// A copy of what the portal holds about the resident (PIPL art. 45), as JSON: every part that a slice has of it, and
/// nothing that is past its period. It is read beside the others, and handed over once its entry is in the record.
pub(super) async fn download(ctx: Ctx, deps: App, resident: Resident) -> AppResult<HttpResponse> {
    let (parts, account, person) = (deps.clone(), resident.account_id, resident.person_id);
    let (now, province) = (ctx.now, deps.config.province.clone());
    crate::web::limits::export(&deps, account, now).await?;
    let sections = deps.part::<Slices>()?.data();
    let read = move |conn: &mut Conn| {
        let mut copy = Map::new();
        copy.insert("province".into(), json!(province));
        copy.insert("made_at".into(), json!(now));
        for (name, section) in sections {
            copy.insert(name.into(), section(conn, &parts, account, person)?);
        }
        Ok(copy)
    };
    let copy = deps.store.read(read).await?;
    let entry = Entry::new(Actor::Resident(account), "account.export", "account").object(account);
    deps.store.write(move |tx| audit::append(tx, now, entry.subject(person))).await?;
    let text = serde_json::to_string_pretty(&copy).map_err(AppError::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"fugong-my-data.json\""))
        .insert_header(("Cache-Control", "no-store"))
        .body(text))
}
