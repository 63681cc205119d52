//! What a resident was told, readable in the portal in the language of the reader.

use super::{inbox_context, render_inbox};
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::schema::inbox;
use crate::db::{Conn, Id, Ts};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::kept::served;
use crate::live::{self, Follow, Topic};
use crate::web::card::{Card, Mine};
use crate::web::ctx::Ctx;
use crate::web::form::{Form, NoBody};
use crate::web::guard::Resident;
use crate::web::i18n;
use crate::web::page::{answer, see_other};
use crate::web::paging::{cursor, cut, read_cursor};
use crate::web::principal::Principal;
use crate::web::respond::{Answer, respond};
use crate::web::view::Pager;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Messages on a page.
const ROWS: i64 = 20;

#[derive(Queryable, Selectable)]
#[diesel(table_name = inbox)]
struct Letter {
    id: Id,
    message: String,
    params_sealed: Vec<u8>,
    created_at: Ts,
    read_at: Option<Ts>,
}

impl Letter {
    fn params(&self, keys: &Keyring) -> AppResult<Value> {
        Ok(keys.open_json(&inbox_context(self.id), &self.params_sealed)?)
    }
}

fn letters(conn: &mut Conn, account: Id, after: Option<(i64, Id)>, limit: i64) -> AppResult<Vec<Letter>> {
    let mut query = inbox::table
        .filter(served("inbox"))
        .filter(inbox::account_id.eq(account))
        .select(Letter::as_select())
        .into_boxed();
    if let Some((micros, id)) = after {
        let at = chrono::DateTime::from_timestamp_micros(micros).ok_or(AppError::BadRequest("cursor"))?;
        let at = Ts(at);
        query = query.filter(inbox::created_at.lt(at).or(inbox::created_at.eq(at).and(inbox::id.lt(id))));
    }
    Ok(query.order((inbox::created_at.desc(), inbox::id.desc())).limit(limit).load(conn)?)
}

fn letter(conn: &mut Conn, account: Id, id: Id) -> AppResult<Letter> {
    let own =
        inbox::table.filter(served("inbox")).filter(inbox::id.eq(id)).filter(inbox::account_id.eq(account));
    Ok(own.select(Letter::as_select()).first(conn)?)
}

/// How many messages of an account have not been read, at most 100.
///
/// # Errors
/// Database errors.
pub fn unread(conn: &mut Conn, account: Id) -> AppResult<usize> {
    let own = inbox::table
        .filter(served("inbox"))
        .filter(inbox::account_id.eq(account))
        .filter(inbox::read_at.is_null());
    Ok(own.select(inbox::id).limit(100).load::<Id>(conn)?.len())
}

/// The card of the inbox: how many messages are unread; none when all are read.
///
/// # Errors
/// Database errors.
pub fn cards(conn: &mut Conn, mine: &Mine<'_>) -> AppResult<Vec<Card>> {
    let unread = unread(conn, mine.account)?;
    if unread == 0 {
        return Ok(Vec::new());
    }
    let count = i64::try_from(unread).unwrap_or(i64::MAX);
    Ok(vec![Card {
        kind: "messages",
        state: "unread".into(),
        title: i18n::t(mine.lang, "inbox-title", &[]),
        word: i18n::t(mine.lang, "inbox-count", &[("count", count.into())]),
        tag: "info",
        href: "/me/messages".into(),
        link: i18n::t(mine.lang, "card-messages-open", &[]),
        ..Card::default()
    }])
}

/// The messages of an account, for the copy of one's data.
///
/// # Errors
/// Database errors.
pub fn data(conn: &mut Conn, deps: &Deps, account: Id, _: Option<Id>) -> AppResult<Value> {
    let keys = &*deps.keys;
    let copy = |l: &Letter| {
        Ok(json!({"at": l.created_at, "read_at": l.read_at, "message": l.message, "values": l.params(keys)?}))
    };
    letters(conn, account, None, i64::MAX)?
        .iter()
        .map(copy)
        .collect::<AppResult<Vec<Value>>>()
        .map(Value::Array)
}

/// What a letter says, as pages and programs show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LetterBody {
    /// Names it.
    pub id: String,
    /// Its subject, in the language that was asked for.
    pub title: String,
    /// Its text; empty when its template is gone with an old version.
    pub text: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Whether it was marked as read.
    pub read: bool,
}

fn body(deps: &Deps, ctx: &Ctx, l: &Letter) -> AppResult<LetterBody> {
    // A message whose templates are gone with an old version still has its time; the page says so.
    let (title, text) = render_inbox(deps, ctx.lang, &l.message, &l.params(&deps.keys)?, ctx.now)
        .unwrap_or_else(|_| (i18n::t(ctx.lang, "inbox-gone", &[]), String::new()));
    Ok(LetterBody { id: l.id.to_string(), title, text, at: l.created_at.0, read: l.read_at.is_some() })
}

/// A page of messages, the newest first, and where to go on.
#[derive(Debug, Serialize, ToSchema)]
pub struct LettersBody {
    /// Up to 20.
    pub messages: Vec<LetterBody>,
    /// Value of `after` for the next page.
    pub next: Option<String>,
}

async fn read_page(req: &HttpRequest, deps: &Deps, who: &Resident) -> AppResult<LettersBody> {
    let ctx = Ctx::of(req)?;
    let query = Form::parse(req.query_string().as_bytes())?;
    let after = query.text("after").map(read_cursor::<(i64, Id)>).transpose()?;
    let account = who.account_id;
    let found = deps.store.read(move |conn| letters(conn, account, after, ROWS + 1)).await?;
    let (found, more) = cut(found, ROWS);
    let next = match found.last().filter(|_| more) {
        Some(l) => Some(cursor(&(l.created_at.0.timestamp_micros(), l.id))?),
        None => None,
    };
    let messages = found.iter().map(|l| body(deps, &ctx, l)).collect::<AppResult<_>>()?;
    Ok(LettersBody { messages, next })
}

/// What a resident was told, a page of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InboxPage {
    /// Up to 20, the newest first.
    rows: Vec<LetterLine>,
    pager: Pager,
}

/// What the list shows of a message.
#[derive(Debug, Serialize, ToSchema)]
struct LetterLine {
    id: String,
    title: String,
    at: DateTime<Utc>,
    /// Whether it was marked as read.
    read: bool,
}

/// A message.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MessagePage {
    title: String,
    lines: Vec<MessageLine>,
    at: DateTime<Utc>,
}

/// A line of a message.
#[derive(Debug, Serialize, ToSchema)]
struct MessageLine {
    text: String,
    /// The page of the portal to which its end leads.
    href: Option<String>,
}

/// `GET /me/messages`
pub(super) async fn list(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
) -> AppResult<Answer<InboxPage>> {
    let found = read_page(&req, &deps, &who).await?;
    let older = found.next.map(|key| format!("/me/messages?after={key}"));
    let pager = Pager { newer: None, older, shown: found.messages.len(), total: None };
    let line = |l: LetterBody| LetterLine { id: l.id, title: l.title, at: l.at, read: l.read };
    let view = InboxPage { rows: found.messages.into_iter().map(line).collect(), pager };
    respond(&deps, &ctx, "notify/list.html", &view)
}

/// What the resident was told, in the language of `Accept-Language`.
///
/// # Errors
/// 400 when `after` is no cursor of ours.
#[utoipa::path(get, path = "/api/v1/me/messages", tag = "me", params(("after" = Option<String>, Query)),
    responses((status = 200, body = LettersBody)))]
pub async fn list_json(req: HttpRequest, deps: App, who: Resident) -> AppResult<HttpResponse> {
    let found = read_page(&req, &deps, &who).await?;
    Ok(answer(&found))
}

/// A line of a message; an address of the portal at its end becomes a link.
fn line(portal: &str, text: &str) -> MessageLine {
    let found = text.rfind(portal).and_then(|at| Some((text.get(..at)?, text.get(at + portal.len()..)?)));
    match found {
        Some((before, path)) if path.starts_with('/') && !path.contains(char::is_whitespace) => {
            MessageLine { text: before.trim_end().to_owned(), href: Some(path.to_owned()) }
        }
        _ => MessageLine { text: text.to_owned(), href: None },
    }
}

/// `GET /me/messages/{id}`
pub(super) async fn open(
    ctx: Ctx,
    deps: App,
    who: Resident,
    id: web::Path<uuid::Uuid>,
) -> AppResult<Answer<MessagePage>> {
    let (account, id) = (who.account_id, Id(id.into_inner()));
    // To open it is to read it; a message that is not theirs is not there.
    mark(&deps, &who, id, ctx.now).await?;
    let l = deps.store.read(move |conn| letter(conn, account, id)).await?;
    let l = body(&deps, &ctx, &l)?;
    let lines = l.text.lines().map(|l| line(&deps.config.public_url, l)).collect();
    let view = MessagePage { title: l.title, lines, at: l.at };
    respond(&deps, &ctx, "notify/message.html", &view)
}

/// Marks a message as read; read twice keeps the first time.
async fn mark(deps: &Deps, who: &Resident, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    let (account, actor) = (who.account_id, Actor::from(&**who));
    deps.store
        .write(move |tx| {
            let own = inbox::table.filter(inbox::id.eq(id)).filter(inbox::account_id.eq(account));
            let changed = diesel::update(own.filter(inbox::read_at.is_null()))
                .set(inbox::read_at.eq(Some(Ts::from(now))))
                .execute(tx.conn())?;
            if changed == 0 {
                return letter(tx.conn(), account, id).map(drop);
            }
            audit::append(tx, now, Entry::new(actor, "message.read", "message").object(id)).map(drop)
        })
        .await
}

/// `POST /me/messages/{id}/read`
pub(super) async fn read(
    ctx: Ctx,
    deps: App,
    who: Resident,
    id: web::Path<uuid::Uuid>,
    _form: Form,
) -> AppResult<HttpResponse> {
    mark(&deps, &who, Id(id.into_inner()), ctx.now).await?;
    Ok(see_other("/me/messages"))
}

/// Marks a message as read.
///
/// # Errors
/// 404 when it is not there or not theirs.
#[utoipa::path(post, path = "/api/v1/me/messages/{id}/read", tag = "me", params(("id" = String, Path)),
    responses((status = 204, description = "read"), (status = 404)))]
pub async fn read_json(
    ctx: Ctx,
    deps: App,
    who: Resident,
    _token: NoBody,
    id: web::Path<uuid::Uuid>,
) -> AppResult<HttpResponse> {
    mark(&deps, &who, Id(id.into_inner()), ctx.now).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What an account's open pages follow.
pub(super) fn topic(account: Id) -> Topic {
    Topic::of("account", account)
}

/// `GET /me/live`: a stream with an event `message.new` for each message that comes.
pub(super) async fn live(req: HttpRequest, deps: App, who: Resident) -> AppResult<HttpResponse> {
    let may = |principal: &Principal| matches!(principal, Principal::Resident(_));
    live::stream(&req, &deps, Follow { topic: topic(who.account_id), may }).await
}
