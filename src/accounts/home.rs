//! The start page, and the status cards of whoever is signed in.

use super::store;
use crate::deps::App;
use crate::error::{AppError, AppResult, SignInKind};
use crate::slice::Slices;
use crate::web::card::{self, Card, Mine};
use crate::web::ctx::Ctx;
use crate::web::i18n::{Lang, t};
use crate::web::page::{self, see_other};
use crate::web::principal::{Principal, ResidentPrincipal};
use crate::web::respond::{Answer, respond};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The start page.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HomePage {
    /// How things stand for the resident, what waits first; empty for a visitor.
    cards: Vec<Card>,
}

/// `GET /`: what can be done here; for a resident also how things stand, for an official the own desk.
pub(super) async fn start(ctx: Ctx, deps: App) -> AppResult<Answer<HomePage>> {
    match &ctx.principal {
        Principal::Official(o) => Ok(see_other(page::desk_of(&deps, o.role)).into()),
        Principal::Anonymous | Principal::Program(_) => {
            respond(&deps, &ctx, "home.html", &HomePage { cards: Vec::new() })
        }
        Principal::Resident(r) if !r.notice_read => Err(AppError::SignIn(SignInKind::Notice)),
        Principal::Resident(r) => {
            let cards = match &r.acting_for {
                None => cards(&deps, r, ctx.lang, ctx.now).await?,
                Some(acting) if acting.is_over(ctx.now) => Vec::new(),
                Some(acting) => cards(&deps, &r.seated(acting), ctx.lang, ctx.now).await?,
            };
            respond(&deps, &ctx, "home.html", &HomePage { cards })
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
    let slices = *deps.part::<Slices>()?;
    if let Some(person) = person {
        slices.refresh(deps, person, now).await;
    }
    let sources = slices.cards();
    let read = move |conn: &mut crate::db::Conn| {
        let mine = Mine { deps: &parts, account, person, lang, now };
        let mut all = Vec::new();
        for source in sources {
            all.extend(source(conn, &mine)?);
        }
        Ok(all)
    };
    let mut cards: Vec<Card> = deps.store.read(read).await?;
    under_way(&mut cards, t(lang, "card-certificate-under-way", &[]));
    card::order(&mut cards);
    Ok(cards)
}

/// Who has no certificate and a declaration in progress is led to that one, not to a new one that would be refused.
fn under_way(cards: &mut [Card], line: String) {
    const OPEN: [&str; 4] = ["submitted", "community-checked", "returned", "doctor-confirmed"];
    let open = cards.iter().find(|c| c.kind == "declaration" && OPEN.contains(&c.state.as_str()));
    let Some((href, link)) = open.map(|c| (c.href.clone(), c.link.clone())) else { return };
    if let Some(card) = cards.iter_mut().find(|c| c.kind == "certificate" && c.state.is_empty()) {
        (card.href, card.link, card.lines) = (href, link, vec![line]);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_a_certificate_is_led_to_the_declaration() {
        let card = |kind: &'static str, state: &str, href: &str| Card {
            kind,
            state: state.into(),
            href: href.into(),
            ..Card::default()
        };
        let led = |declaration: &str, certificate: &str| {
            let mut cards = [
                card("declaration", "draft", "/declare"),
                card("declaration", declaration, "/declarations/SB1"),
                card("certificate", certificate, "/declare"),
            ];
            under_way(&mut cards, "in progress".into());
            (cards[2].href.clone(), cards[2].lines.len())
        };
        assert_eq!(led("submitted", ""), ("/declarations/SB1".into(), 1));
        assert_eq!(led("returned", ""), ("/declarations/SB1".into(), 1));
        assert_eq!(led("withdrawn", ""), ("/declare".into(), 0), "that one is over");
        assert_eq!(led("submitted", "valid"), ("/declare".into(), 0), "there is a certificate");
    }
}
