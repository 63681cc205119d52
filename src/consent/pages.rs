//! Withdrawing a consent: what follows is said first, and happens in the transaction of the withdrawal (PIPL art. 15).

use super::given;
use crate::accounts;
use crate::agreed::{Given, Kind};
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, Id};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::notify::{self, Message};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::i18n::{Lang, t};
use crate::web::page::see_other_with;
use crate::web::respond::{Answer, respond};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// What is shown of a consent: what it is, when and under which text it was given, what it allows, what its withdrawal
/// does.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentView {
    /// Names it in addresses.
    name: String,
    /// The number of the case to which it belongs, where there is one.
    number: Option<String>,
    /// What it is.
    title: String,
    /// What it allows.
    allows: String,
    /// What its withdrawal does.
    effect: String,
    /// When it was given; unknown for what is older than this note.
    at: Option<DateTime<Utc>>,
    /// Version of the text under which it was given.
    text: String,
    /// When it was withdrawn.
    withdrawn: Option<DateTime<Utc>>,
}

/// The privacy notice that somebody has read.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeView {
    /// When it was read.
    at: Option<DateTime<Utc>>,
    /// Version of its text.
    text: String,
}

/// The consents of a resident and the notice they have read.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentsView {
    given: Vec<ConsentView>,
    notice: NoticeView,
}

/// The page on which a consent is withdrawn.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WithdrawPage {
    c: ConsentView,
}

fn view(given: &Given, lang: Lang) -> ConsentView {
    let kind = given.kind.code();
    let words = |part: &str| t(lang, &format!("consent-{kind}-{part}"), &[]);
    ConsentView {
        name: given.name(),
        number: given.number.clone(),
        title: words("title"),
        allows: words("allows"),
        effect: words(&format!("effect{}", given.effect())),
        at: given.at,
        text: given.text.clone(),
        withdrawn: given.withdrawn_at,
    }
}

/// The consents of a resident and the notice they have read, for the page of what is kept.
///
/// # Errors
/// Database errors.
pub fn views(
    conn: &mut Conn,
    keys: &crate::crypto::Keyring,
    (account, person): (Id, Option<Id>),
    lang: Lang,
) -> AppResult<ConsentsView> {
    let given = given::all(conn, keys, account, person)?;
    let (at, text) = accounts::notice(conn, account)?;
    let given = given.iter().map(|g| view(g, lang)).collect();
    Ok(ConsentsView { given, notice: NoticeView { at, text } })
}

fn wanted(name: &str) -> AppResult<(Kind, Id)> {
    given::named(name).ok_or(AppError::NotFound)
}

/// `GET /me/consents/{consent}`: what a withdrawal does, and what it does not.
pub(super) async fn ask(
    ctx: Ctx,
    deps: App,
    who: Resident,
    name: web::Path<String>,
) -> AppResult<Answer<WithdrawPage>> {
    let (keys, account, person) = (deps.keys.clone(), who.account_id, who.person_id);
    let wanted = wanted(&name)?;
    let found = deps.store.read(move |conn| given::one(conn, &keys, account, person, wanted)).await?;
    respond(&deps, &ctx, "consent/withdraw.html", &WithdrawPage { c: view(&found, ctx.lang) })
}

/// `POST /me/consents/{consent}`: withdraws it. What is withdrawn already stays so.
pub(super) async fn withdraw(
    ctx: Ctx,
    deps: App,
    who: Resident,
    name: web::Path<String>,
    _form: Form,
) -> AppResult<HttpResponse> {
    let (parts, by, now, wanted) = (deps.clone(), (*who).clone(), ctx.now, wanted(&name)?);
    deps.store
        .write(move |tx| {
            // The address is gone with the consent: of that nothing is left to be found.
            let email = wanted == (Kind::Email, by.account_id);
            if email && accounts::email_consent(tx.conn(), by.account_id)?.is_none() {
                return Ok(());
            }
            let found = given::one(tx.conn(), &parts.keys, by.account_id, by.person_id, wanted)?;
            if found.withdrawn_at.is_some() {
                return Ok(());
            }
            given::end(tx, &parts, &by, &found, now)?;
            let kind = found.kind;
            let entry = Entry::new(Actor::from(&by), "consent.withdraw", kind.object())
                .object(found.id)
                .subject(by.person_id);
            let detail = json!({"consent": kind.code(), "number": found.number, "text": found.text});
            audit::append(tx, now, entry.detail(detail))?;
            let to = accounts::recipient(tx.conn(), &parts.keys, by.account_id)?;
            let what = format!("{}{}", kind.code(), found.effect());
            let params = json!({"what": what, "number": found.number.as_deref().unwrap_or_default()});
            let once = format!("consent-withdrawn:{}:{}", found.name(), now.timestamp_micros());
            notify::send(tx, &parts.keys, &to, &Message::new("consent-withdrawn", params).once(once), now)
        })
        .await?;
    Ok(see_other_with(&deps, "/me/kept", "consent-withdrawn"))
}
