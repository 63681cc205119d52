//! The resident's own code as a page: the card, the reasons, what to do, who answers for it.

use super::appealed::Appeals;
use super::gather;
use super::model::{CardHolder, Told};
use super::plain;
use super::show::{self, Shown, TOKEN_LIFE};
use super::store;
use super::words::{colour_word, pick};
use crate::colour::{Colours, Stated};
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::policy::{Cause, Colour, Evaluation, LegalBasis, UnknownReason};
use crate::web::ctx::Ctx;
use crate::web::guard::Resident;
use crate::web::i18n::{Lang, t};
use crate::web::page::page;
use crate::web::{format, qr};
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Datelike, Utc};
use serde_json::{Value, json};

/// Seconds of a token's life in which the next one is fetched.
const RENEW_BEFORE: i64 = 45;

/// `GET /code`.
pub async fn code(req: HttpRequest, deps: App, resident: Resident) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let Some(person) = resident.person_id else { return nobody(&deps, &ctx) };
    let (known, shown) = show::in_full(&deps, person, ctx.now).await?;
    let last = last_declaration(&deps, &resident, known.as_deref().map(|k| k.told()).as_ref(), &ctx).await;
    let data = match &known {
        Some(known) => json!({
            "last": last,
            "card": card_value(ctx.lang, &known.holder, &known.told(), &shown, ctx.now)?,
            "code": story(ctx.lang, &known.told(), ctx.now),
            "pending": pending(&deps, person, &known.told(), ctx.lang, ctx.now).await?,
        }),
        None => json!({
            "last": null,
            "card": bare_card(ctx.lang, &t(ctx.lang, "who-me", &[]), ctx.now),
            "pending": null,
            "code": {
                "state": "unknown",
                "reason": pick(&deps.policy.settings().unknown.stale, ctx.lang),
                "declare": false,
                "causes": [],
            },
        }),
    };
    page(&deps, &ctx, "codes/code.html", &data)
}

/// The last declaration, where the page speaks of it: the one that is corrected rather than declared anew, or that it was
/// withdrawn.
async fn last_declaration(deps: &App, who: &Resident, told: Option<&Told<'_>>, ctx: &Ctx) -> Value {
    let Some((told, person)) = told.zip(who.person_id) else { return Value::Null };
    if !told.declares_again(ctx.now) && told.unknown.is_none() {
        return Value::Null;
    }
    let account = who.account_id;
    let Ok(stated) = Stated::of(deps) else { return Value::Null };
    // What is said beside a code is no reason to show none while the database is away.
    let last = deps.store.read(move |conn| (stated.last)(conn, account, person)).await.ok().flatten();
    last.map_or(Value::Null, |last| {
        json!({"number": last.number, "correctable": last.correctable, "withdrawn": last.withdrawn_at})
    })
}

/// What waits to be decided by somebody and bears on a colour that is not green: answers to be accepted, appeals.
async fn pending(
    deps: &App,
    person: Id,
    told: &Told<'_>,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Value> {
    if told.causes.is_empty() {
        return Ok(Value::Null);
    }
    let waits = told.held.is_some_and(|held| held.waits);
    let (stated, appeals, rules) = (Stated::of(deps)?, Appeals::of(deps)?, deps.policy.clone());
    let found = deps.store.read(move |conn| {
        let declaration = if waits { (stated.awaited)(conn, &rules, person, now)? } else { None };
        Ok((declaration, (appeals.open)(conn, person)?))
    });
    let (declaration, appeals) = found.await?;
    let declaration = declaration.map(|d| {
        let (zh, en, phone) = d.office.unwrap_or_default();
        let office = if lang == Lang::En && !en.is_empty() { en } else { zh };
        json!({"number": d.number, "since": d.since, "office": office, "phone": phone})
    });
    let appeal = |number: String, due: Option<crate::db::Ts>| {
        let late = due.is_some_and(|due| due.0 <= now);
        json!({"number": number, "due": due, "late": late})
    };
    let appeals: Vec<Value> = appeals.into_iter().map(|(number, due)| appeal(number, due)).collect();
    let then = told.held.map(|held| colour_word(lang, held.then));
    let gone = told.held.is_some_and(|held| !held.waits);
    Ok(json!({"declaration": declaration, "then": then, "gone": gone, "appeals": appeals}))
}

/// Whoever has not declared anything has no document here and no code.
fn nobody(deps: &App, ctx: &Ctx) -> AppResult<HttpResponse> {
    let data = json!({
        "last": null,
        "card": bare_card(ctx.lang, &t(ctx.lang, "who-me", &[]), ctx.now),
        "pending": null,
        "code": {
            "state": "unknown",
            "reason": pick(&deps.policy.settings().unknown.no_declaration, ctx.lang),
            "declare": true,
            "causes": [],
        },
    });
    page(deps, ctx, "codes/code.html", &data)
}

/// The card alone for the script, or 304 while the token is the one that the page already shows.
async fn card_only(req: &HttpRequest, deps: &App, ctx: &Ctx, person: Id) -> AppResult<HttpResponse> {
    let (known, shown) = show::in_full(deps, person, ctx.now).await?;
    if req.headers().get(IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == shown.etag.as_bytes()) {
        return Ok(HttpResponse::NotModified().finish());
    }
    let card = match &known {
        Some(known) => card_value(ctx.lang, &known.holder, &known.told(), &shown, ctx.now)?,
        None => bare_card(ctx.lang, &t(ctx.lang, "who-me", &[]), ctx.now),
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
pub async fn card(req: HttpRequest, deps: App, resident: Resident) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
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
) -> AppResult<Value> {
    let mut card = bare_card(lang, &holder.name, now);
    let state = told.colour.code();
    let mut set = |name: &str, value: Value| {
        if let Value::Object(map) = &mut card {
            map.insert(name.to_owned(), value);
        }
    };
    set("state", state.into());
    set("word", t(lang, &format!("code-word-{state}"), &[]).into());
    set("sub", t(lang, &format!("code-sub-{state}"), &[]).into());
    set("document", document(lang, holder).into());
    set("json", "/code/card".into());
    set("tag", shown.etag.clone().into());
    let (Some(token), Some(expires)) = (&shown.token, shown.expires_at) else {
        set("renew", TOKEN_LIFE.num_seconds().into());
        set("fallback", fallback(lang, &holder.last_four));
        return Ok(card);
    };
    let label = t(lang, "code-qr-label", &[("name", holder.name.as_str().into())]);
    set("qr", qr::svg(token, "", &label).map_err(AppError::internal)?.into());
    set("fallback", Value::Null);
    let (until, note) = until(lang, told, now);
    set("until", until.into());
    set("until_note", note.into());
    set("scan_until", format::clock(expires).into());
    set("refresh", "/code".into());
    set("renew", (expires - now).num_seconds().saturating_sub(RENEW_BEFORE).max(5).into());
    Ok(card)
}

fn fallback(lang: Lang, last_four: &str) -> Value {
    json!({
        "label": t(lang, "code-fall-label", &[]),
        "number": last_four,
        "note": t(lang, "code-fall-note", &[]),
    })
}

/// A card without a colour, for somebody of whom nothing can be said now.
fn bare_card(lang: Lang, name: &str, now: DateTime<Utc>) -> Value {
    json!({
        "state": "unknown",
        "word": t(lang, "code-word-unknown", &[]),
        "sub": t(lang, "code-sub-unknown", &[]),
        "now": now,
        "name": name,
        "document": "",
        "qr": "",
        "fallback": {
            "label": t(lang, "code-fall-plain", &[]),
            "number": "12345",
            "note": t(lang, "code-fall-note", &[]),
        },
    })
}

/// Kind and masked number of the document.
pub fn document(lang: Lang, holder: &CardHolder) -> String {
    let kind = t(lang, &format!("code-doc-{}", holder.document_kind.as_str().replace('_', "-")), &[]);
    format!("{kind} {}", holder.document)
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

/// What the page tells beside the card.
pub(super) fn story(lang: Lang, told: &Told<'_>, now: DateTime<Utc>) -> Value {
    let main = told.main_cause();
    let reason =
        main.map(|c| &c.reason).or(told.unknown.map(|u| &u.text)).map(|w| pick(w, lang)).unwrap_or_default();
    let declare = told.unknown.is_some_and(|u| {
        matches!(u.reason, UnknownReason::NoDeclaration | UnknownReason::DeclarationExpired)
    });
    json!({
        "state": told.colour.code(),
        "reason": reason,
        "authority": main.map(|c| pick(&c.authority.name, lang)),
        "phone": main.map_or("12345", |c| c.authority.phone.as_str()),
        "valid_until": told.valid_until,
        "clears_at": told.clears_at,
        "declare": declare,
        "since": told.since.0,
        "causes": told.causes.iter().map(|c| cause_view(lang, c)).collect::<Vec<_>>(),
        "testable": told.ends_by_test(),
        "declared_until": told.declared_ahead(now),
        "declare_again": told.declares_again(now),
    })
}

/// The colour of this moment with what it rests on, for whoever reviews it.
pub fn present(lang: Lang, evaluation: &Evaluation) -> Value {
    let state = evaluation.colour.code();
    json!({
        "state": state,
        "word": t(lang, &format!("code-word-{state}"), &[]),
        "causes": evaluation.causes.iter().map(|c| cause_view(lang, c)).collect::<Vec<_>>(),
    })
}

/// A cause in the page's language.
pub fn cause_view(lang: Lang, cause: &Cause) -> Value {
    json!({
        "rule": cause.rule,
        "version": cause.version.to_string(),
        "colour": cause.colour.code(),
        "title": pick(&cause.title, lang),
        "reason": pick(&cause.reason, lang),
        "ends": cause.ends.as_ref().map(|w| pick(w, lang)),
        "duties": cause.duties.as_ref().map(|w| pick(w, lang)),
        "authority": pick(&cause.authority.name, lang),
        "phone": cause.authority.phone,
        "evidence": cause.evidence.as_ref().map(|w| pick(w, lang)),
        "since": cause.since,
        "until": cause.until,
        "legal": legal(lang, &cause.legal_basis),
    })
}

/// What a rule rests on, a line each. Only a number is an article; other places in a text are named as they are.
pub(super) fn legal(lang: Lang, basis: &[LegalBasis]) -> Vec<String> {
    let line = |l: &LegalBasis| {
        let title = if lang == Lang::En { &l.en } else { &l.zh };
        let numbered = l.article.chars().all(|c| c.is_ascii_digit());
        let key = if numbered { "code-cause-law" } else { "code-cause-law-place" };
        t(lang, key, &[("title", title.as_str().into()), ("article", l.article.as_str().into())])
    };
    basis.iter().map(line).collect()
}

/// So many changes of colour are shown; all are in the copy of one's data.
const CHANGES: i64 = 20;

/// `GET /code/why`: the facts and rules behind the colour (PIPL art. 24: automated decisions are explained).
pub async fn why(req: HttpRequest, deps: App, resident: Resident) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let person = resident.person()?;
    let (_, row) = show::current(&deps, person, ctx.now).await?;
    let code = row.open(&deps.keys)?;
    let (colours, now) = (Colours::of(&deps)?, ctx.now);
    let (changes, known) = deps
        .store
        .read(move |conn| {
            let gathered = gather::facts(conn, &colours, person, now)?;
            let known = gathered.facts.to_value(colours.policy.settings());
            Ok((store::changes(conn, person, CHANGES)?, known))
        })
        .await?;
    let evaluation = &code.evaluation;
    let lang = ctx.lang;
    let facts = plain::facts(lang, &evaluation.facts_used, &known, ctx.now);
    let raw: Vec<Value> =
        evaluation.facts_used.iter().map(|(path, v)| json!({"path": path, "value": v.to_string()})).collect();
    let causes: Vec<Value> = code.told().reasons().map(|c| cause_view(lang, c)).collect();
    let word = |colour: &str| t(lang, &format!("code-word-{colour}"), &[]);
    let changes: Vec<Value> = changes
        .iter()
        .map(|(at, from, to)| {
            json!({
                "title": t(lang, "code-change", &[("old", word(from).into()), ("new", word(to).into())]),
                "note": format::when(lang, at.0, ctx.now),
            })
        })
        .collect();
    let data = json!({
        "code": story(lang, &code.told(), ctx.now),
        "word": word(evaluation.colour.code()),
        "facts": facts,
        "raw": raw,
        "causes": causes,
        "waived": evaluation.waived.iter().map(|c| cause_view(lang, c)).collect::<Vec<_>>(),
        "changes": changes,
        "digest": evaluation.rule_set_digest,
        "evaluated_at": evaluation.evaluated_at,
    });
    page(&deps, &ctx, "codes/why.html", &data)
}
