//! The resident's own code as a page: the card, the reasons, what to do, who answers for it.

use super::appealed::Appeals;
use super::gather;
use super::model::{CardHolder, Told};
use super::plain;
use super::show::{self, Shown, TOKEN_LIFE};
use super::store;
use super::views::{
    AwaitedView, CardView, CodePage, FallbackView, LastView, OpenAppealView, PendingView, RawFact,
    ReasonView, StoryView, WhyPage, change,
};
use super::words::{colour_word, pick};
use crate::colour::{Awaited, Colours, Stated};
use crate::db::{Id, Ts};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::policy::Colour;
use crate::web::ctx::Ctx;
use crate::web::guard::Resident;
use crate::web::i18n::{Lang, t};
use crate::web::respond::{Answer, respond};
use crate::web::{format, qr};
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Datelike, Utc};
use serde_json::json;

pub use super::views::document;

/// Seconds of a token's life in which the next one is fetched.
const RENEW_BEFORE: i64 = 45;

/// `GET /code`.
pub(super) async fn code(ctx: Ctx, deps: App, resident: Resident) -> AppResult<Answer<CodePage>> {
    let unknown = &deps.policy.settings().unknown;
    // Whoever has not declared anything has no document here and no code.
    let Some(person) = resident.person_id else {
        let code = StoryView::unknown(pick(&unknown.no_declaration, ctx.lang), true);
        return respond(&deps, &ctx, "codes/code.html", &without_card(&ctx, code));
    };
    let (known, shown) = show::in_full(&deps, person, ctx.now).await?;
    let Some(known) = known else {
        let code = StoryView::unknown(pick(&unknown.stale, ctx.lang), false);
        return respond(&deps, &ctx, "codes/code.html", &without_card(&ctx, code));
    };
    let told = known.told();
    let view = CodePage {
        last: last_declaration(&deps, &resident, &told, &ctx).await,
        card: card_value(ctx.lang, &known.holder, &told, &shown, ctx.now)?,
        code: StoryView::of(ctx.lang, &told, ctx.now),
        pending: pending(&deps, person, &told, ctx.lang, ctx.now).await?,
    };
    respond(&deps, &ctx, "codes/code.html", &view)
}

/// The page of somebody who has no colour now.
fn without_card(ctx: &Ctx, code: StoryView) -> CodePage {
    CodePage { last: None, card: nameless(ctx), pending: None, code }
}

/// A card on which nobody is named.
fn nameless(ctx: &Ctx) -> CardView {
    CardView::bare(ctx.lang, &t(ctx.lang, "who-me", &[]), ctx.now)
}

/// The last declaration, where the page speaks of it: the one that is corrected rather than declared anew, or that it was
/// withdrawn.
async fn last_declaration(deps: &App, who: &Resident, told: &Told<'_>, ctx: &Ctx) -> Option<LastView> {
    let person = who.person_id?;
    if !told.declares_again(ctx.now) && told.unknown.is_none() {
        return None;
    }
    let account = who.account_id;
    let stated = Stated::of(deps).ok()?;
    // What is said beside a code is no reason to show none while the database is away.
    let last = deps.store.read(move |conn| (stated.last)(conn, account, person)).await.ok().flatten()?;
    Some(LastView { number: last.number, correctable: last.correctable, withdrawn: last.withdrawn_at })
}

/// What waits to be decided by somebody and bears on a colour that is not green: answers to be accepted, appeals.
async fn pending(
    deps: &App,
    person: Id,
    told: &Told<'_>,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Option<PendingView>> {
    if told.causes.is_empty() {
        return Ok(None);
    }
    let waits = told.held.is_some_and(|held| held.waits);
    let (stated, appeals, rules) = (Stated::of(deps)?, Appeals::of(deps)?, deps.policy.clone());
    let found = deps.store.read(move |conn| {
        let declaration = if waits { (stated.awaited)(conn, &rules, person, now)? } else { None };
        Ok((declaration, (appeals.open)(conn, person)?))
    });
    let (declaration, appeals) = found.await?;
    let appeal = |(number, due): (String, Option<Ts>)| OpenAppealView {
        number,
        due: due.map(|due| due.0),
        late: due.is_some_and(|due| due.0 <= now),
    };
    Ok(Some(PendingView {
        declaration: declaration.map(|waiting| awaited(waiting, lang)),
        then: told.held.map(|held| colour_word(lang, held.then)),
        gone: told.held.is_some_and(|held| !held.waits),
        appeals: appeals.into_iter().map(appeal).collect(),
    }))
}

fn awaited(waiting: Awaited, lang: Lang) -> AwaitedView {
    let (zh, en, phone) = waiting.office.unwrap_or_default();
    let office = if lang == Lang::En && !en.is_empty() { en } else { zh };
    AwaitedView { number: waiting.number, since: waiting.since, office, phone }
}

/// The card alone for the script, or 304 while the token is the one that the page already shows.
async fn card_only(req: &HttpRequest, deps: &App, ctx: &Ctx, person: Id) -> AppResult<HttpResponse> {
    let (known, shown) = show::in_full(deps, person, ctx.now).await?;
    if req.headers().get(IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == shown.etag.as_bytes()) {
        return Ok(HttpResponse::NotModified().finish());
    }
    let card = match &known {
        Some(known) => card_value(ctx.lang, &known.holder, &known.told(), &shown, ctx.now)?,
        None => nameless(ctx),
    };
    let html = deps
        .views
        .render("codes/card.html", &crate::web::page::context(deps, ctx), &json!({ "card": card }))
        .map_err(AppError::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((ETAG, shown.etag.clone()))
        .json(json!({"state": shown.state.code(), "html": html})))
}

/// `GET /code/card`.
pub(super) async fn card(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    resident: Resident,
) -> AppResult<HttpResponse> {
    let person = resident.person_id.ok_or(AppError::NotFound)?;
    card_only(&req, &deps, &ctx, person).await
}

/// The card's data; see `templates/components/code.html`.
pub(super) fn card_value(
    lang: Lang,
    holder: &CardHolder,
    told: &Told<'_>,
    shown: &Shown,
    now: DateTime<Utc>,
) -> AppResult<CardView> {
    let state = told.colour.code();
    let card = CardView {
        state,
        word: colour_word(lang, told.colour),
        sub: t(lang, &format!("code-sub-{state}"), &[]),
        document: document(lang, holder),
        json: Some("/code/card"),
        tag: Some(shown.etag.clone()),
        ..CardView::bare(lang, &holder.name, now)
    };
    let (Some(token), Some(expires)) = (&shown.token, shown.expires_at) else {
        let fallback = Some(fallback(lang, &holder.last_four));
        return Ok(CardView { renew: Some(TOKEN_LIFE.num_seconds()), fallback, ..card });
    };
    let label = t(lang, "code-qr-label", &[("name", holder.name.as_str().into())]);
    let (until, note) = until(lang, told, now);
    Ok(CardView {
        qr: qr::svg(token, "", &label).map_err(AppError::internal)?,
        fallback: None,
        until: Some(until),
        until_note: Some(note),
        scan_until: Some(format::clock(expires)),
        refresh: Some("/code"),
        renew: Some((expires - now).num_seconds().saturating_sub(RENEW_BEFORE).max(5)),
        ..card
    })
}

fn fallback(lang: Lang, last_four: &str) -> FallbackView {
    FallbackView {
        label: t(lang, "code-fall-label", &[]),
        number: last_four.to_owned(),
        note: t(lang, "code-fall-note", &[]),
    }
}

/// The date in large type on the card, and the line under it.
pub(super) fn until(lang: Lang, told: &Told<'_>, now: DateTime<Utc>) -> (String, String) {
    let (end, key) = match told.colour {
        Colour::Green => (told.valid_until, "code-valid-until"),
        _ => (told.clears_at, "code-clears-at"),
    };
    match end {
        Some(end) => {
            let last = format::local(end - chrono::TimeDelta::seconds(1));
            let day = format::date(lang, last.date(), last.year() != format::local(now).year());
            (day, t(lang, key, &[("time", end_time(end).into())]))
        }
        None => (t(lang, "code-until-open", &[]), t(lang, "code-until-open-note", &[])),
    }
}

/// The time of an exclusive end: midnight is 24:00.
fn end_time(end: DateTime<Utc>) -> String {
    let time = format::time(end);
    if time == "00:00" { "24:00".into() } else { time }
}

/// So many changes of colour are shown; all are in the copy of one's data.
const CHANGES: i64 = 20;

/// `GET /code/why`: the facts and rules behind the colour (PIPL art. 24: automated decisions are explained).
pub(super) async fn why(ctx: Ctx, deps: App, resident: Resident) -> AppResult<Answer<WhyPage>> {
    let person = resident.person()?;
    let (_, row) = show::current(&deps, person, ctx.now).await?;
    let code = row.open(&deps.keys)?;
    let (colours, lang, now) = (Colours::of(&deps)?, ctx.lang, ctx.now);
    let (changes, known) = deps
        .store
        .read(move |conn| {
            let gathered = gather::facts(conn, &colours, person, now)?;
            let known = gathered.facts.to_value(colours.policy.settings());
            Ok((store::changes(conn, person, CHANGES)?, known))
        })
        .await?;
    let evaluation = &code.evaluation;
    let used = evaluation.facts_used.iter();
    let view = WhyPage {
        code: StoryView::of(lang, &code.told(), now),
        word: colour_word(lang, evaluation.colour),
        facts: plain::facts(lang, &evaluation.facts_used, &known, now),
        raw: used.map(|(path, value)| RawFact { path: path.clone(), value: value.to_string() }).collect(),
        causes: ReasonView::all(lang, code.told().reasons()),
        waived: evaluation.waived.iter().map(|cause| pick(&cause.title, lang).to_owned()).collect(),
        changes: changes.iter().map(|(at, from, to)| change(lang, (at.0, from, to), now)).collect(),
        digest: evaluation.rule_set_digest.clone(),
        evaluated_at: evaluation.evaluated_at,
    };
    respond(&deps, &ctx, "codes/why.html", &view)
}
