//! An agreement that ends at once.

use super::desk::OperatorStepUp;
use super::views::EndPage;
use super::{news, pages, store, trust};
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Happened, Sent, Standing};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::see_other_with;
use crate::web::respond::{Answer, respond};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};

/// Ends an agreement at once.
///
/// # Errors
/// [`AppError::NotFound`] for one that is not there; [`AppError::Conflict`] `changed-meanwhile` for one that has ended.
pub async fn end_agreement(deps: &Deps, actor: Actor, id: Id) -> AppResult<()> {
    let (keys, now) = (deps.keys.clone(), deps.clock.now());
    deps.store.write(move |tx| ended(tx, &keys, actor, id, now)).await?;
    trust::reload(deps).await.map(drop)
}

fn ended(tx: &mut Tx<'_>, keys: &Keyring, actor: Actor, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    if !store::end_agreement(tx, id, now)? {
        store::agreement(tx.conn(), id)?;
        return Err(AppError::conflict("changed-meanwhile"));
    }
    let entry = Entry::new(actor, "exchange.agreement.end", "agreement").object(id);
    audit::append(tx, now, entry)?;
    let row = store::agreement(tx.conn(), id)?;
    news::ended(tx, keys, &row, now)
}

/// How an agreement stands that another has ended.
fn standing(conn: &mut Conn, id: Id, lang: Lang, now: DateTime<Utc>) -> AppResult<Standing> {
    let over = store::agreement(conn, id)?.is_over(now);
    let state = if over { "ended" } else { "open" };
    Ok(Standing {
        page: "/desk/exchange".to_owned(),
        back: "decision-back",
        state: state.to_owned(),
        word: if over { t(lang, "decided-ended", &[]) } else { String::new() },
        version: None,
        happened: Happened::recorded(conn, id, &["exchange.agreement.end"], i64::from(over), lang)?,
    })
}

/// Asks whether to end an agreement.
pub(super) async fn end_form(
    ctx: Ctx,
    deps: App,
    _o: Official<OperatorStepUp>,
    id: web::Path<String>,
) -> AppResult<Answer<EndPage>> {
    let id: Id = id.parse().map_err(|_| AppError::NotFound)?;
    let trust = trust::current(&deps).await?;
    let row =
        trust.rows.iter().find(|row| row.id == id && !row.is_over(ctx.now)).ok_or(AppError::NotFound)?;
    let agreement = pages::describe(&trust, row, ctx.lang, ctx.now).ok_or(AppError::NotFound)?;
    respond(&deps, &ctx, "exchange/end.html", &EndPage { agreement })
}

/// Ends it.
pub(super) async fn end(
    ctx: Ctx,
    deps: App,
    o: Official<OperatorStepUp>,
    id: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let id: Id = id.parse().map_err(|_| AppError::NotFound)?;
    let (actor, keys, now, lang) = (Actor::from(&*o), deps.keys.clone(), ctx.now, ctx.lang);
    let act = Act::of(&deps, &ctx, &o, "exchange.agreement.end");
    let work = move |tx: &mut Tx<'_>| ended(tx, &keys, actor, id, now);
    let sent = Sent::form(&id.to_string(), &form)?;
    act.done(&sent, work, move |conn| standing(conn, id, lang, now)).await?;
    trust::reload(&deps).await?;
    Ok(see_other_with(&deps, "/desk/exchange", "exchange-ended"))
}
