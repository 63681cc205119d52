//! The resident's pages of the form: the steps, check-your-answers, submission.

use super::act::{self, Outcome, Parts, Sender};
use super::answers::Answers;
use super::parse;
use super::questions::{KNOWN, STEPS, fields, fill, moved};
use super::store::{self, Row};
use super::timeline;
use super::views::{CheckPage, StepPage};
use super::whose::{Loaded, Whose, loaded};
use super::{expiry, stale, summary};
use crate::audit::{self, Actor, Entry};
use crate::clock::china_day;
use crate::colour::Colours;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::policy::{Colour, RuleSet};
use crate::web::ctx::Ctx;
use crate::web::division;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::i18n::{Lang, t};
use crate::web::idempotency::{self, Submission};
use crate::web::page::{fail_missing, later, see_other};
use crate::web::principal::ResidentPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::steps::{CHANGE, Progress, Step};
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::json;

pub(super) async fn load(deps: &App, who: &Resident) -> AppResult<Loaded> {
    let (keys, who) = (deps.keys.clone(), who.0.clone());
    deps.store.read(move |conn| loaded(conn, &keys, &who)).await
}

/// A resident as a sender.
pub(super) fn sent_by(who: &ResidentPrincipal) -> Sender {
    let acting = who.sits_for().cloned();
    let account = acting.is_none().then_some(who.account_id);
    Sender { actor: Actor::from(who), account, acting, office: None }
}

/// How far somebody has come. A renewal does not count the steps whose answers are there.
fn progress(
    step: &str,
    a: &Answers,
    changing: bool,
    saved: Option<DateTime<Utc>>,
    ctx: &Ctx,
) -> Option<Progress> {
    let mut found = STEPS.progress(step, a, changing, saved, ctx.lang, ctx.now)?;
    if a.renews {
        let known = KNOWN.len();
        if found.step <= known {
            found.step = found.steps;
        }
        found.step -= known;
        found.steps -= known;
        if found.step == 1 && !changing {
            found.back = Some("/declare".to_owned());
        }
    }
    Some(found)
}

fn wanted(name: &str, answers: &Answers) -> AppResult<&'static Step<Answers>> {
    STEPS.find(name).filter(|s| (s.applies)(answers)).ok_or(AppError::NotFound)
}

pub(super) async fn step(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
    name: web::Path<String>,
) -> AppResult<Answer<StepPage>> {
    let (draft, answers) = load(&deps, &who).await?;
    if let Some(now_at) = moved(&name) {
        let change = if req.query_string().contains("change=1") { "?change=1" } else { "" };
        return Ok(see_other(&format!("/declare/{now_at}{change}")).into());
    }
    let step = wanted(&name, &answers)?;
    let changing = req.query_string().contains("change=1");
    let form = fill(step.name, &answers, &deps.config.province, china_day(ctx.now));
    show(&deps, &ctx, step, (draft.as_ref(), &answers), form, changing, StatusCode::OK)
}

fn show(
    deps: &App,
    ctx: &Ctx,
    step: &Step<Answers>,
    (draft, answers): (Option<&Row>, &Answers),
    form: FormView,
    changing: bool,
    status: StatusCode,
) -> AppResult<Answer<StepPage>> {
    let saved = draft.map(|d| d.updated_at.0);
    let progress = progress(step.name, answers, changing, saved, ctx);
    let fields = fields(step.name, ctx.lang, answers, &form);
    let stays = answers.travel.iter().filter(|_| step.name == "places");
    let view = StepPage {
        step: step.name,
        title: t(ctx.lang, step.title, &[]),
        progress,
        single: fields.len() == 1,
        fields,
        form,
        change: if changing { "1" } else { "" },
        action: STEPS.href(step),
        intro: intro(ctx.lang, step.name),
        stays: stays.map(|s| summary::stay(ctx.lang, s)).collect(),
    };
    respond_with(deps, ctx, status, step.template, &view)
}

fn intro(lang: Lang, step: &str) -> String {
    let key = format!("declare-intro-{step}");
    if crate::web::i18n::has(&key) { t(lang, &key, &[]) } else { String::new() }
}

pub(super) async fn save(
    ctx: Ctx,
    deps: App,
    who: Resident,
    name: web::Path<String>,
    form: Form,
) -> AppResult<Answer<StepPage>> {
    if let Some(now_at) = moved(&name) {
        return Ok(see_other(&format!("/declare/{now_at}")).into());
    }
    let (draft, mut answers) = load(&deps, &who).await?;
    let step = wanted(&name, &answers)?;
    let changing = form.get(CHANGE) == "1";
    if form.has("cascade") && asks_for_more(&form) {
        let held = (draft.as_ref(), &answers);
        return show(&deps, &ctx, step, held, form.view(), changing, StatusCode::OK);
    }
    let parsed = parse::step(step.name, &form, &mut answers, china_day(ctx.now)).map_err(AppError::Invalid);
    let kept = match parsed {
        Ok(()) => keep(&deps, &ctx, &who, step.name, form.clone()).await,
        Err(e) => Err(e),
    };
    let (answers, claim) = match kept {
        Err(AppError::Invalid(errors)) => {
            let mut view = form.view();
            fail_missing(&mut view, ctx.lang, "declare-missing", &errors);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show(&deps, &ctx, step, (draft.as_ref(), &answers), view, changing, status);
        }
        kept => kept?,
    };
    if let Some(number) = claim {
        return Ok(see_other(&format!("/declare/counter?claim={number}")).into());
    }
    let stays_here = step.name == "places" && (form.get("do") == "add" || form.has("remove"));
    let to = match (stays_here, changing) {
        (true, false) => STEPS.href(step),
        (true, true) => STEPS.change_href(step.name),
        (false, _) => STEPS.after(step.name, &answers, changing),
    };
    Ok(see_other(&to).into())
}

/// Whether the button for the next level of a division asks for one. Where there is none (and that button is also what
/// Enter presses, since it is the form's first) the page is saved.
fn asks_for_more(form: &Form) -> bool {
    let field = form.get("cascade");
    division::parse(form, field, field == "present-division").is_err()
}

/// Reads the page into the draft as it is now, so that two tabs do not undo each other.
async fn keep(
    deps: &App,
    ctx: &Ctx,
    who: &Resident,
    step: &'static str,
    form: Form,
) -> AppResult<(Answers, Option<String>)> {
    let province = deps.config.province.clone();
    let (keys, rules) = (deps.keys.clone(), deps.policy.clone());
    let (actor, now) = (Actor::from(&**who), ctx.now);
    let (from, who) = (sent_by(who), who.0.clone());
    let kept = deps
        .store
        .write(move |tx| {
            let (draft, mut answers) = loaded(tx.conn(), &keys, &who)?;
            parse::step(step, &form, &mut answers, china_day(now)).map_err(AppError::Invalid)?;
            // A document of somebody else is noticed where it is typed, not after all the questions.
            let claim = match step {
                "identity" => act::claimed_early(tx, &keys, &from, &answers, &province, now)?,
                _ => None,
            };
            let claim = match claim.map(|outcome| outcome.number(Ok)).transpose() {
                Ok(claim) => claim,
                // Said after the commit, which counts the try.
                Err(refused) => return Ok(Err(refused)),
            };
            let id = written(tx, (&keys, &rules), &from.whose(), draft, &answers, now)?;
            let entry = Entry::new(actor, "declaration.draft.save", "declaration").object(id);
            audit::append(tx, now, entry.detail(json!({"step": step})))?;
            Ok(Ok((answers, claim)))
        })
        .await?;
    kept.map_err(beside_the_number)
}

/// Writes answers into the draft, or into a new one.
fn written(
    tx: &mut Tx<'_>,
    (keys, rules): (&Keyring, &RuleSet),
    whose: &Whose,
    draft: Option<Row>,
    answers: &Answers,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    let Some(row) = draft else {
        let row = store::insert_draft(tx, keys, whose, answers, "", now)?;
        expiry::plan(tx, keys, row.id, expiry::outdated_at(rules, &row)?, now)?;
        return Ok(row.id);
    };
    store::save_draft(tx, keys, &row, answers, now)?;
    Ok(row.id)
}

/// What is to be settled first is said beside the number, and what was typed stays in sight.
fn beside_the_number(error: AppError) -> AppError {
    match error {
        AppError::Conflict(code) if code == "claims-too-many" => AppError::field("document_number", code),
        other => other,
    }
}

pub(super) async fn check(ctx: Ctx, deps: App, who: Resident) -> AppResult<Answer<CheckPage>> {
    let (draft, answers) = load(&deps, &who).await?;
    let Some(draft) = draft else { return Ok(see_other("/declare").into()) };
    if STEPS.first_incomplete(&answers).is_some() {
        return Ok(see_other(&STEPS.resume_href(&answers)).into());
    }
    // What is promised and agreed to comes with this page.
    let mut errors = parse::whole(&answers, china_day(ctx.now)).err().unwrap_or_default();
    errors.retain(|e| e.field.starts_with("step-"));
    let form = fill("consent", &answers, &deps.config.province, china_day(ctx.now));
    checked(&deps, &ctx, &who, (&draft, &answers), form, &errors).await
}

async fn checked(
    deps: &App,
    ctx: &Ctx,
    who: &Resident,
    (draft, answers): (&Row, &Answers),
    mut form: FormView,
    errors: &[FieldError],
) -> AppResult<Answer<CheckPage>> {
    let (promised, steps): (Vec<FieldError>, Vec<FieldError>) =
        errors.iter().cloned().partition(|e| !e.field.starts_with("step-"));
    fail_missing(&mut form, ctx.lang, "declare-missing", &promised);
    for e in &steps {
        let step = e.field.strip_prefix("step-").unwrap_or(&e.field);
        let title = STEPS.find(step).map_or_else(String::new, |s| t(ctx.lang, s.title, &[]));
        let text = crate::web::page::field_text(ctx.lang, &e.clone().with("step", title));
        form.fail(&e.field, text);
    }
    let (keys, begun, account, person, lang) =
        (deps.keys.clone(), draft.clone(), who.account_id, who.person_id, ctx.lang);
    let of_correction = deps.store.read(move |conn| {
        let stale = stale::of(conn, account, person, &begun, lang)?;
        let items = match begun.corrects().filter(|_| !stale.as_ref().is_some_and(|s| s.locked)) {
            Some((number, _)) => asked_for(conn, &keys, account, person, number)?,
            None => Vec::new(),
        };
        Ok((stale, items))
    });
    let (stale, items) = of_correction.await?;
    let colour = colour_before(deps, ctx, who.person_id).await?;
    let progress = progress("check", answers, false, Some(draft.updated_at.0), ctx);
    let consent = fields("consent", ctx.lang, answers, &form);
    // Not said where only the day moved on while the page was open.
    let status = match (form.get("_enough"), form.get("_sent")) {
        ("", "") => StatusCode::OK,
        ("", _) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::TOO_MANY_REQUESTS,
    };
    let view = CheckPage {
        lines: summary::lines(ctx.lang, answers, true),
        progress,
        form,
        version: draft.version,
        corrects: draft.corrects().map(|(number, _)| number.to_owned()),
        items,
        consent,
        leaves: answers.leaves_province(),
        colour,
        stale,
        enough: status == StatusCode::TOO_MANY_REQUESTS,
    };
    respond_with(deps, ctx, status, "declarations/check.html", &view)
}

/// The word of the colour that these answers could lighten only once they are accepted: yellow and red.
async fn colour_before(deps: &App, ctx: &Ctx, who: Option<Id>) -> AppResult<Option<String>> {
    let Some(person) = who else { return Ok(None) };
    let (colours, now) = (Colours::of(deps)?, ctx.now);
    let found = deps.store.read(move |conn| colours.now(conn, person, now)).await?;
    let heavy = matches!(found.colour, Colour::Yellow | Colour::Red);
    Ok(heavy.then(|| crate::codes::colour_word(ctx.lang, found.colour)))
}

/// What the office asked for when it returned the declaration.
fn asked_for(
    conn: &mut Conn,
    keys: &Keyring,
    account: Id,
    person: Option<Id>,
    number: &str,
) -> AppResult<Vec<String>> {
    let row = store::own(conn, account, person, number)?;
    if row.state != "returned" {
        return Ok(Vec::new());
    }
    let events = timeline::events(conn, keys, row.id)?;
    Ok(events.into_iter().find(|e| e.action == "return").map(|e| e.note.items).unwrap_or_default())
}

pub(super) async fn submit(ctx: Ctx, deps: App, who: Resident, form: Form) -> AppResult<HttpResponse> {
    let (desk, account, from) = (Parts::of(&deps, ctx.now)?, who.account_id, sent_by(&who));
    let seen: i64 = form.get("version").parse().map_err(|_| AppError::BadRequest("body-malformed"))?;
    let content = ["version", "share", "truth"].map(|name| form.get(name)).join("\n");
    let submission =
        form.once().map(|key| Submission::new(account, "declarations.submit", key, content.as_bytes()));
    let (promised, today) = (form.clone(), china_day(ctx.now));
    let sent = deps
        .store
        .write(move |tx| {
            let keys = desk.keys.clone();
            idempotency::once(tx, &keys, submission.as_ref(), desk.now, |tx| {
                let draft = store::draft(tx.conn(), account)?
                    .ok_or_else(|| AppError::conflict("declaration-no-draft"))?;
                if draft.version != seen {
                    return Err(AppError::conflict("changed-meanwhile"));
                }
                let mut answers = draft.answers(&desk.keys)?;
                // All that is wrong is said at once.
                let promise = parse::step("consent", &promised, &mut answers, today);
                let whole = parse::whole(&answers, today).err().unwrap_or_default();
                if let Err(mut errors) = promise {
                    errors.extend(whole.into_iter().filter(|e| e.field.starts_with("step-")));
                    return Err(AppError::Invalid(errors));
                }
                act::send(tx, &desk, &from, &draft, seen, &answers)
            })
        })
        .await;
    match sent {
        Ok(Outcome::Counter(number)) => Ok(see_other(&format!("/declare/counter?claim={number}"))),
        Ok(outcome) => {
            let number = outcome.number(Ok)?;
            Ok(see_other(&format!("/declarations/{number}")))
        }
        Err(e @ (AppError::Invalid(_) | AppError::Enough(..))) => again(&deps, &ctx, &who, &form, &e).await,
        Err(e) => Err(e),
    }
}

/// The page as it was sent, with what has to be put right, or with when more can be sent.
async fn again(
    deps: &App,
    ctx: &Ctx,
    who: &Resident,
    form: &Form,
    refused: &AppError,
) -> AppResult<HttpResponse> {
    let (draft, answers) = load(deps, who).await?;
    let draft = draft.ok_or_else(|| AppError::conflict("declaration-no-draft"))?;
    let none = Vec::new();
    let (why, errors) = match refused {
        AppError::Invalid(errors) => ("_sent", errors),
        _ => ("_enough", &none),
    };
    let page = checked(deps, ctx, who, (&draft, &answers), form.view().with(why, "1"), errors).await;
    later(page.map(Answer::into_inner), refused.retry_after())
}
