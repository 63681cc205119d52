//! The side of whoever is acted for: being asked, agreeing with a code to the own telephone, ending it.

use super::act::{self, By};
use super::model::Row;
use super::rules::Relation;
use super::store;
use super::views::{ProxyAskedPage, ProxyOfOwn};
use crate::accounts::{self, Asking};
use crate::agreed;
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::number::normalise;
use crate::web::card::{Card, Mine};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::i18n::t;
use crate::web::page::{self, see_other_with};
use crate::web::respond::{Answer, respond_with};
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::web;
use chrono::{DateTime, Utc};
use serde_json::Map;

/// Questions that wait for an answer.
///
/// # Errors
/// Database errors; [`AppError::Internal`] when a column cannot be opened.
pub(super) fn cards(conn: &mut Conn, mine: &Mine<'_>) -> AppResult<Vec<Card>> {
    let Some(person) = mine.person else { return Ok(Vec::new()) };
    let mut rows = store::of_person(conn, person, store::LISTED)?;
    rows.retain(|row| row.waits(mine.now));
    // Whoever acts for them does not answer for them: no account has the identifier of a consent.
    if rows.is_empty() || accounts::account_of(conn, person)? != Some(mine.account) {
        return Ok(Vec::new());
    }
    let card = |row: &Row, who: String| Card {
        kind: "proxy",
        state: "asked".into(),
        title: t(mine.lang, "card-proxy", &[("who", who.into())]),
        word: t(mine.lang, "proxy-state-asked", &[]),
        tag: "warn",
        lines: vec![t(mine.lang, "card-proxy-text", &[])],
        waits: true,
        due_at: Some(row.until_at.0),
        href: format!("/me/for/asked/{}", row.number),
        link: t(mine.lang, "card-proxy-link", &[]),
    };
    rows.iter().map(|row| Ok(card(row, accounts::called(conn, &mine.deps.keys, row.account_id)?))).collect()
}

/// `GET /me/for/asked/{number}`.
pub(super) async fn one(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<Answer<ProxyAskedPage>> {
    one_page(&deps, &ctx, &who, &normalise(&number), FormView::new(), StatusCode::OK).await
}

async fn one_page(
    deps: &Deps,
    ctx: &Ctx,
    who: &Resident,
    number: &str,
    form: FormView,
    status: StatusCode,
) -> AppResult<Answer<ProxyAskedPage>> {
    let (keys, number) = (deps.keys.clone(), number.to_owned());
    let (person, lang, now) = (who.person_id.ok_or(AppError::NotFound)?, ctx.lang, ctx.now);
    let shown = deps.store.read(move |conn| {
        let row = store::about(conn, person, &number)?;
        ProxyOfOwn::of(conn, &keys, &row, lang, now)
    });
    let view = ProxyAskedPage { p: shown.await?, form, text: agreed::PROXY };
    respond_with(deps, ctx, status, "proxies/asked.html", &view)
}

/// `POST /me/for/asked/{number}/code`: sends a code to the telephone with which the person signs in.
pub(super) async fn code(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    form: Form,
) -> AppResult<Answer<ProxyAskedPage>> {
    let (keys, account, now) = (deps.keys.clone(), who.account_id, ctx.now);
    let (person, number) = (who.person_id.ok_or(AppError::NotFound)?, normalise(&number));
    let (asking, wanted) = (Asking::of(&deps, &ctx), number.clone());
    let sent = deps
        .store
        .write(move |tx| {
            let row = waiting(tx, person, &wanted, now)?;
            let who = accounts::called(tx.conn(), &keys, row.account_id)?;
            let shown = Map::from_iter([("who".to_owned(), who.into())]);
            let entry = Entry::new(Actor::Resident(account), "proxy.code", "proxy").object(row.id);
            audit::append(tx, now, entry)?;
            accounts::proxy_code(tx, &keys, (row.id, account), shown, asking)
        })
        .await;
    match sent {
        Ok(()) => Ok(see_other_with(&deps, &format!("/me/for/asked/{number}"), "code-sent").into()),
        Err(e @ AppError::TooMany(_)) => {
            let mut view = form.view();
            let seconds = e.retry_after().unwrap_or(60);
            let minutes = i64::try_from(seconds.div_ceil(60)).unwrap_or(1);
            page::fail(
                &mut view,
                ctx.lang,
                &[FieldError::new("code", "proxy-code-late").with("minutes", minutes)],
            );
            let late = one_page(&deps, &ctx, &who, &number, view, StatusCode::TOO_MANY_REQUESTS).await;
            page::later(late, e.retry_after())
        }
        Err(e) => Err(e),
    }
}

/// A question to a person that waits.
fn waiting(tx: &mut Tx<'_>, person: Id, number: &str, now: DateTime<Utc>) -> AppResult<Row> {
    let row = store::about(tx.conn(), person, number)?;
    if row.waits(now) { Ok(row) } else { Err(AppError::conflict("proxy-over")) }
}

/// `POST /me/for/asked/{number}`: agrees, refuses, or ends what was agreed to.
pub(super) async fn answer(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    form: Form,
) -> AppResult<Answer<ProxyAskedPage>> {
    let (keys, account, now) = (deps.keys.clone(), who.account_id, ctx.now);
    let (person, number) = (who.person_id.ok_or(AppError::NotFound)?, normalise(&number));
    let (wanted, back) = (number.clone(), format!("/me/for/asked/{number}"));
    let (flash, errors) = match form.get("do") {
        "agree" => {
            let (typed, ticked) = (form.get("code").to_owned(), form.get("agree") == "yes");
            let agreeing = Agreeing { account, person, typed, ticked, now };
            let done = deps.store.write(move |tx| agreeing.agree(tx, &keys, &wanted)).await;
            let errors = match done {
                Err(AppError::Invalid(errors)) => errors,
                done => done?,
            };
            ("proxy-agreed", errors)
        }
        "end" => {
            let by = (By::Person, Actor::Resident(account));
            let end = move |tx: &mut Tx<'_>| {
                let row = store::about(tx.conn(), person, &wanted)?;
                act::end(tx, &keys, &row, by, now)
            };
            deps.store.write(end).await?;
            ("proxy-ended", Vec::new())
        }
        _ => return Err(AppError::BadRequest("request-malformed")),
    };
    if errors.is_empty() {
        return Ok(see_other_with(&deps, &back, flash).into());
    }
    let mut view = form.view();
    page::fail(&mut view, ctx.lang, &errors);
    one_page(&deps, &ctx, &who, &number, view, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// A consent that is being given.
struct Agreeing {
    account: Id,
    person: Id,
    typed: String,
    ticked: bool,
    now: DateTime<Utc>,
}

impl Agreeing {
    /// What is wrong, which is kept with the attempt that it counts; nothing when it is done, also when it was done before.
    fn agree(&self, tx: &mut Tx<'_>, keys: &Keyring, number: &str) -> AppResult<Vec<FieldError>> {
        let Self { account, person, now, .. } = *self;
        let row = store::about(tx.conn(), person, number)?;
        if row.holds(now) {
            return Ok(Vec::new());
        }
        let row = waiting(tx, person, &row.number, now)?;
        if !self.ticked {
            return Ok(vec![FieldError::new("agree", "proxy-agree")]);
        }
        let born = accounts::person(tx.conn(), keys, person)?.birth_date;
        let until = act::agreeable(tx, Relation::Family, (person, born), "agree", now)?;
        if let Some(wrong) = accounts::try_proxy_code(tx, keys, (row.id, account), &self.typed, now)? {
            return Ok(vec![FieldError::new("code", wrong)]);
        }
        let by = (Actor::Resident(account), None);
        act::grant(tx, keys, &row, (person, until), by, now)?;
        Ok(Vec::new())
    }
}
