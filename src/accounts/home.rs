//! The start page, and the status cards of whoever is signed in.

use super::{CARDS, store};
use crate::app::App;
use crate::error::{AppError, AppResult, SignInKind};
use crate::web::card::{self, Card, Mine};
use crate::web::ctx::Ctx;
use crate::web::i18n::{Lang, t};
use crate::web::page::{self, page, see_other};
use crate::web::principal::{Principal, ResidentPrincipal};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde_json::json;

/// `GET /`: what can be done here; for a resident also how things stand, for an official the own desk.
pub(super) async fn start(req: HttpRequest, deps: App) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    match &ctx.principal {
        Principal::Official(o) => Ok(see_other(page::desk_of(o.role))),
        Principal::Anonymous => page(&deps, &ctx, "home.html", &json!({"cards": []})),
        Principal::Resident(r) if !r.notice_read => Err(AppError::SignIn(SignInKind::Notice)),
        Principal::Resident(r) => {
            let cards = cards(&deps, r, ctx.lang, ctx.now).await?;
            page(&deps, &ctx, "home.html", &json!({"cards": cards}))
        }
    }
}

/// The cards of every slice, what waits for the resident first.
///
/// # Errors
/// Database errors.
pub(super) async fn cards(
    deps: &App,
    who: &ResidentPrincipal,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Vec<Card>> {
    let (parts, account, person) = (deps.clone(), who.account_id, who.person_id);
    if let Some(person) = person {
        crate::codes::refresh(deps, person, now).await;
    }
    let read = move |conn: &mut crate::db::Conn| {
        let mine = Mine { deps: &parts, account, person, lang, now };
        let mut all = Vec::new();
        for source in CARDS {
            all.extend(source(conn, &mine)?);
        }
        Ok(all)
    };
    let mut cards: Vec<Card> = deps.store.read(read).await?;
    card::order(&mut cards);
    Ok(cards)
}

/// Identity checks that wait at the counter.
///
/// # Errors
/// Database errors.
pub(super) fn claims(conn: &mut crate::db::Conn, mine: &Mine<'_>) -> AppResult<Vec<Card>> {
    let waiting = store::open_claims(conn, mine.account)?;
    let card = |number: String| Card {
        kind: "claim",
        state: "open".into(),
        title: t(mine.lang, "card-claim", &[("number", number.into())]),
        word: t(mine.lang, "claim-open", &[]),
        tag: "warn",
        lines: vec![t(mine.lang, "me-claims-text", &[])],
        waits: true,
        due_at: None,
        href: "/me".into(),
        link: t(mine.lang, "me-title", &[]),
    };
    Ok(waiting.into_iter().map(card).collect())
}
