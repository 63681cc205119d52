//! The first page of a declaration: go on, begin anew, begin with what was declared before.

use super::answers::Answers;
use super::mine::state_word;
use super::pages::load;
use super::questions::STEPS;
use super::views::{CounterPage, DraftView, OpenView, StartPage};
use super::whose::Whose;
use super::{expiry, stale, store};
use crate::audit::{self, Actor, Entry};
use crate::deps::App;
use crate::error::AppResult;
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::format;
use crate::web::guard::Resident;
use crate::web::page::{see_other, see_other_with};
use crate::web::respond::{Answer, respond};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

pub(super) async fn start(ctx: Ctx, deps: App, who: Resident) -> AppResult<Answer<StartPage>> {
    let (draft, answers) = load(&deps, &who).await?;
    let (account, person) = (who.account_id, who.person_id);
    let (begun, lang) = (draft.clone(), ctx.lang);
    let (open, renewable, stale) = deps
        .store
        .read(move |conn| {
            let earlier = store::mine(conn, account, person, store::LISTED)?;
            let stale = begun.map(|draft| stale::of(conn, account, person, &draft, lang)).transpose()?;
            let open = store::open_one(conn, Some(account), person)?;
            Ok((open, earlier.iter().any(|row| !row.is_locked()), stale.flatten()))
        })
        .await?;
    let view = StartPage {
        renewable,
        stale,
        draft: draft.as_ref().map(|d| DraftView {
            resume: STEPS.resume_href(&answers),
            saved: format::when(lang, d.updated_at.0, ctx.now),
            corrects: d.corrects().map(|(number, _)| number.to_owned()),
        }),
        open: open.map(|row| OpenView { state: state_word(lang, &row.state), number: row.number }),
        first: STEPS.resume_href(&Answers::default()),
    };
    respond(&deps, &ctx, "declarations/start.html", &view)
}

pub(super) async fn discard(ctx: Ctx, deps: App, who: Resident, _form: Form) -> AppResult<HttpResponse> {
    let (account, actor, now) = (who.account_id, Actor::from(&*who), ctx.now);
    deps.store
        .write(move |tx| {
            let Some(draft) = store::draft(tx.conn(), account)? else { return Ok(()) };
            store::delete_draft(tx, draft.id)?;
            let entry = Entry::new(actor, "declaration.draft.discard", "declaration").object(draft.id);
            audit::append(tx, now, entry).map(drop)
        })
        .await?;
    Ok(see_other_with(&deps, "/declare", "declaration-discarded"))
}

/// Begins a declaration with what was declared last.
pub(super) async fn renew(ctx: Ctx, deps: App, who: Resident, _form: Form) -> AppResult<HttpResponse> {
    let now = ctx.now;
    let (keys, rules, whose) = (deps.keys.clone(), deps.policy.clone(), Whose::of(&who));
    let (account, person, actor) = (who.account_id, who.person_id, Actor::from(&*who));
    let next = deps.store.write(move |tx| {
        if let Some(draft) = store::draft(tx.conn(), account)? {
            return Ok(STEPS.resume_href(&draft.answers(&keys)?));
        }
        // The page of the start says what is open and how it is corrected.
        if store::open_one(tx.conn(), Some(account), person)?.is_some() {
            return Ok("/declare".to_owned());
        }
        // What is only stored since its consent was withdrawn fills in nothing.
        let earlier = store::mine(tx.conn(), account, person, store::LISTED)?;
        let Some(last) = earlier.into_iter().find(|row| !row.is_locked()) else {
            return Ok(STEPS.resume_href(&Answers::default()));
        };
        let answers = last.answers(&keys)?.renewed();
        let row = store::insert_draft(tx, &keys, &whose, &answers, "", now)?;
        expiry::plan(tx, &keys, row.id, expiry::outdated_at(&rules, &row)?, now)?;
        let entry = Entry::new(actor, "declaration.draft.save", "declaration").object(row.id);
        audit::append(tx, now, entry.detail(json!({"step": "renew", "number": last.number})))?;
        Ok(STEPS.resume_href(&answers))
    });
    Ok(see_other(&next.await?))
}

/// Whoever has to come to the counter first, and with which number.
pub(super) async fn counter(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    _who: Resident,
) -> AppResult<Answer<CounterPage>> {
    let number = req.query_string().strip_prefix("claim=").map(normalise).unwrap_or_default();
    let fits = number.len() <= 20 && number.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let number = if fits { number } else { String::new() };
    respond(&deps, &ctx, "declarations/counter.html", &CounterPage { number })
}
