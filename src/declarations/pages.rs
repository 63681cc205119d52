//! The resident's pages: the steps, check-your-answers, submission, the list, one declaration with its receipt.

use super::answers::{Answers, SHAPE};
use super::parse;
use super::questions::{STEPS, fields, fill};
use super::receipt::Receipt;
use super::service::{self, Desk, Outcome, Sender};
use super::store::{self, Event, Row};
use super::summary;
use crate::app::App;
use crate::audit::Actor;
use crate::clock::china_day;
use crate::crypto::Keyring;
use crate::db::Conn;
use crate::error::{AppError, AppResult, FieldError};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::format;
use crate::web::guard::Resident;
use crate::web::i18n::{Lang, t};
use crate::web::idempotency::{self, Submission};
use crate::web::page::{fail, page, page_with, see_other, see_other_with};
use crate::web::steps::{CHANGE, Step};
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// A draft with its answers; the answers are empty while there is none.
type Loaded = (Option<Row>, Answers);

async fn load(deps: &App, who: &Resident) -> AppResult<Loaded> {
    let (keys, account) = (deps.keys.clone(), who.account_id);
    deps.store.read(move |conn| loaded(conn, &keys, account)).await
}

fn loaded(conn: &mut Conn, keys: &Keyring, account: crate::db::Id) -> AppResult<Loaded> {
    let draft = store::draft(conn, account)?;
    let answers = draft.as_ref().map(|d| d.answers(keys)).transpose()?;
    Ok((draft, answers.unwrap_or_else(|| Answers { shape: SHAPE, ..Answers::default() })))
}

fn sender(who: &Resident) -> Sender {
    Sender { actor: Actor::from(&**who), account: Some(who.account_id) }
}

pub(super) async fn start(req: HttpRequest, deps: App, who: Resident) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (draft, answers) = load(&deps, &who).await?;
    let (account, person) = (who.account_id, who.person_id);
    let open = deps.store.read(move |conn| store::open_one(conn, Some(account), person)).await?;
    let data = json!({
        "draft": draft.as_ref().map(|d| json!({
            "resume": STEPS.resume_href(&answers),
            "saved": format::when(ctx.lang, d.updated_at.0, ctx.now),
            "corrects": d.corrects().map(|(number, _)| number.to_owned()),
        })),
        "open": open.map(|row| json!({"number": row.number, "state": state_word(ctx.lang, &row.state)})),
        "first": STEPS.resume_href(&Answers::default()),
    });
    page(&deps, &ctx, "declarations/start.html", &data)
}

pub(super) async fn discard(deps: App, who: Resident, _form: Form) -> AppResult<HttpResponse> {
    let account = who.account_id;
    deps.store
        .write(move |tx| match store::draft(tx.conn(), account)? {
            Some(draft) => store::delete_draft(tx, draft.id),
            None => Ok(()),
        })
        .await?;
    Ok(see_other_with(&deps, "/declare", "declaration-discarded"))
}

fn wanted(name: &str, answers: &Answers) -> AppResult<&'static Step<Answers>> {
    STEPS.find(name).filter(|s| (s.applies)(answers)).ok_or(AppError::NotFound)
}

pub(super) async fn step(
    req: HttpRequest,
    deps: App,
    who: Resident,
    name: web::Path<String>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (draft, answers) = load(&deps, &who).await?;
    let step = wanted(&name, &answers)?;
    let changing = req.query_string().contains("change=1");
    let form = fill(step.name, &answers, &deps.config.province);
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
) -> AppResult<HttpResponse> {
    let saved = draft.map(|d| d.updated_at.0);
    let progress = STEPS.progress(step.name, answers, changing, saved, ctx.lang, ctx.now);
    let fields = fields(step.name, ctx.lang, answers, &form);
    let stays: Vec<String> = answers.travel.iter().map(|s| summary::stay(ctx.lang, s)).collect();
    let data = json!({
        "step": step.name, "title": t(ctx.lang, step.title, &[]), "progress": progress, "fields": fields,
        "form": form, "change": if changing { "1" } else { "" }, "action": STEPS.href(step),
        "single": fields.len() == 1 && step.name != "consent", "intro": intro(ctx.lang, step.name),
        "stays": if step.name == "places" { stays } else { Vec::new() },
    });
    page_with(deps, ctx, status, step.template, &data)
}

fn intro(lang: Lang, step: &str) -> String {
    let key = format!("declare-intro-{step}");
    if crate::web::i18n::has(&key) { t(lang, &key, &[]) } else { String::new() }
}

pub(super) async fn save(
    req: HttpRequest,
    deps: App,
    who: Resident,
    name: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (draft, mut answers) = load(&deps, &who).await?;
    let step = wanted(&name, &answers)?;
    let changing = form.get(CHANGE) == "1";
    if form.has("cascade") {
        return show(&deps, &ctx, step, (draft.as_ref(), &answers), form.view(), changing, StatusCode::OK);
    }
    if let Err(errors) = parse::step(step.name, &form, &mut answers, china_day(ctx.now)) {
        let mut view = form.view();
        fail(&mut view, ctx.lang, &errors);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(&deps, &ctx, step, (draft.as_ref(), &answers), view, changing, status);
    }
    let answers = keep(&deps, &ctx, &who, step.name, form.clone()).await?;
    let stays_here = step.name == "places" && (form.get("do") == "add" || form.has("remove"));
    let to = match (stays_here, changing) {
        (true, false) => STEPS.href(step),
        (true, true) => STEPS.change_href(step.name),
        (false, _) => STEPS.after(step.name, &answers, changing),
    };
    Ok(see_other(&to))
}

/// Reads the page into the draft as it is now, so that two tabs do not undo each other.
async fn keep(deps: &App, ctx: &Ctx, who: &Resident, step: &'static str, form: Form) -> AppResult<Answers> {
    let (keys, account, now) = (deps.keys.clone(), who.account_id, ctx.now);
    deps.store
        .write(move |tx| {
            let (draft, mut answers) = loaded(tx.conn(), &keys, account)?;
            parse::step(step, &form, &mut answers, china_day(now)).map_err(AppError::Invalid)?;
            match draft {
                Some(row) => store::save_draft(tx, &keys, &row, &answers, now)?,
                None => {
                    let row = store::insert_draft(tx, &keys, Some(account), None, &answers, "", now)?;
                    service::plan_expiry(tx, &keys, row.id, service::outdated_at(&row)?, now)?;
                }
            }
            Ok(answers)
        })
        .await
}

pub(super) async fn check(req: HttpRequest, deps: App, who: Resident) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (draft, answers) = load(&deps, &who).await?;
    let Some(draft) = draft else { return Ok(see_other("/declare")) };
    if STEPS.first_incomplete(&answers).is_some() {
        return Ok(see_other(&STEPS.resume_href(&answers)));
    }
    let errors = parse::whole(&answers, china_day(ctx.now)).err().unwrap_or_default();
    checked(&deps, &ctx, &draft, &answers, &errors, StatusCode::OK).await
}

async fn checked(
    deps: &App,
    ctx: &Ctx,
    draft: &Row,
    answers: &Answers,
    errors: &[FieldError],
    status: StatusCode,
) -> AppResult<HttpResponse> {
    let mut form = FormView::new();
    for e in errors {
        let step = e.field.strip_prefix("step-").unwrap_or(&e.field);
        let title = STEPS.find(step).map_or_else(String::new, |s| t(ctx.lang, s.title, &[]));
        let text = crate::web::page::field_text(ctx.lang, &e.clone().with("step", title));
        form.fail(&e.field, text);
    }
    let items = match (draft.corrects(), draft.account_id) {
        (Some((number, _)), Some(account)) => {
            let (keys, number) = (deps.keys.clone(), number.to_owned());
            deps.store.read(move |conn| asked_for(conn, &keys, account, &number)).await?
        }
        _ => Vec::new(),
    };
    let progress = STEPS.progress("check", answers, false, Some(draft.updated_at.0), ctx.lang, ctx.now);
    let share = answers.leaves_province() && answers.share == Some(true);
    let data = json!({
        "lines": summary::lines(ctx.lang, answers, true), "progress": progress, "form": form,
        "version": draft.version, "corrects": draft.corrects().map(|(n, _)| n), "items": items, "share": share,
    });
    page_with(deps, ctx, status, "declarations/check.html", &data)
}

/// What the office asked for when it returned the declaration.
fn asked_for(
    conn: &mut Conn,
    keys: &Keyring,
    account: crate::db::Id,
    number: &str,
) -> AppResult<Vec<String>> {
    let row = store::own(conn, account, None, number)?;
    if row.state != "returned" {
        return Ok(Vec::new());
    }
    let events = store::events(conn, keys, row.id)?;
    Ok(events.into_iter().find(|e| e.action == "return").map(|e| e.note.items).unwrap_or_default())
}

pub(super) async fn submit(
    req: HttpRequest,
    deps: App,
    who: Resident,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (desk, account, from) = (Desk::of(&deps, ctx.now), who.account_id, sender(&who));
    let seen: i64 = form.get("version").parse().map_err(|_| AppError::BadRequest("body-malformed"))?;
    let submission = form
        .once()
        .map(|key| Submission::new(account, "declarations.submit", key, form.get("version").as_bytes()));
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
                let answers = draft.answers(&desk.keys)?;
                service::send(tx, &desk, &from, &draft, seen, &answers)
            })
        })
        .await;
    match sent {
        Ok(Outcome::Received(number)) => Ok(see_other(&format!("/declarations/{number}"))),
        Ok(Outcome::Counter(number)) => Ok(see_other(&format!("/declare/counter?claim={number}"))),
        Err(AppError::Invalid(errors)) => {
            let (draft, answers) = load(&deps, &who).await?;
            let draft = draft.ok_or_else(|| AppError::conflict("declaration-no-draft"))?;
            checked(&deps, &ctx, &draft, &answers, &errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(e) => Err(e),
    }
}

pub(super) async fn counter(req: HttpRequest, deps: App, _who: Resident) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let number = req.query_string().strip_prefix("claim=").map(normalise).unwrap_or_default();
    let fits = number.len() <= 20 && number.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let number = if fits { number } else { String::new() };
    page(&deps, &ctx, "declarations/counter.html", &json!({"number": number}))
}

/// A state in words.
pub(super) fn state_word(lang: Lang, state: &str) -> String {
    t(lang, &format!("declaration-state-{state}"), &[])
}

/// The tag that shows a state.
pub(super) fn state_tag(state: &str) -> &'static str {
    match state {
        "certificate-issued" => "ok",
        "returned" => "warn",
        "rejected" => "bad",
        "withdrawn" | "expired" => "idle",
        _ => "info",
    }
}

pub(super) async fn list(req: HttpRequest, deps: App, who: Resident) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (account, person) = (who.account_id, who.person_id);
    let (draft, _) = load(&deps, &who).await?;
    let rows = deps.store.read(move |conn| store::mine(conn, account, person)).await?;
    let rows: Vec<Value> = rows
        .iter()
        .map(|r| {
            json!({
                "number": r.number, "word": state_word(ctx.lang, &r.state), "tag": state_tag(&r.state),
                "when": r.submitted_at.map(|s| format::when(ctx.lang, s.0, ctx.now)).unwrap_or_default(),
            })
        })
        .collect();
    page(&deps, &ctx, "declarations/list.html", &json!({"rows": rows, "draft": draft.is_some()}))
}

pub(super) async fn one(
    req: HttpRequest,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (keys, account, person) = (deps.keys.clone(), who.account_id, who.person_id);
    let (lang, now, number) = (ctx.lang, ctx.now, normalise(&number));
    let data = deps
        .store
        .read(move |conn| {
            let row = store::own(conn, account, person, &number)?;
            declaration_page(conn, &keys, &row, lang, now)
        })
        .await?;
    page(&deps, &ctx, "declarations/one.html", &data)
}

/// Everything about one declaration for its resident.
fn declaration_page(
    conn: &mut Conn,
    keys: &Keyring,
    row: &Row,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Value> {
    let answers = row.answers(keys)?;
    let events = store::events(conn, keys, row.id)?;
    let open = matches!(row.state.as_str(), "submitted" | "community-checked" | "returned");
    let last = events.iter().find(|e| matches!(e.action.as_str(), "return" | "reject"));
    let shown = last.filter(|_| matches!(row.state.as_str(), "returned" | "rejected"));
    let timeline: Vec<Value> =
        events.iter().map(|e| event(conn, e, lang, now)).collect::<AppResult<Vec<_>>>()?;
    let next = upcoming(conn, row, lang)?;
    let certificate = crate::certificates::of_declaration(conn, row.id)?;
    let deadline = format::datetime(lang, service::deadline(row)?, false);
    let destination = answers.destination.as_ref().map(|d| d.division.to_string()).unwrap_or_default();
    let terms = service::terms(&row.division, &destination, now)?;
    let policy = terms.map(|d| if lang == Lang::En { d.because.reason.en } else { d.because.reason.zh });
    Ok(json!({
        "number": row.number, "state": row.state, "word": state_word(lang, &row.state), "tag": state_tag(&row.state),
        "received": row.submitted_at.map(|s| format::when(lang, s.0, now)).unwrap_or_default(),
        "lines": summary::lines(lang, &answers, false), "timeline": next.into_iter().chain(timeline).collect::<Vec<_>>(),
        "open": open, "withdrawable": open || row.state == "doctor-confirmed", "version": row.version,
        "certificate": certificate, "policy": policy, "deadline": deadline,
        "reason": shown.map(|e| e.note.reason.clone()).unwrap_or_default(),
        "remedy": shown.map(|e| e.note.remedy.clone()).unwrap_or_default(),
        "items": shown.map(|e| e.note.items.clone()).unwrap_or_default(),
        "phone": answers.phone.as_ref().map(|p| p.masked()).unwrap_or_default(),
    }))
}

/// An event as the resident sees it: what, when, by which office; never the officials' own notes.
pub(super) fn event(conn: &mut Conn, e: &Event, lang: Lang, now: DateTime<Utc>) -> AppResult<Value> {
    let office = match e.office {
        Some(id) => store::office(conn, id)?
            .map(|(zh, en, _)| if lang == Lang::En && !en.is_empty() { en } else { zh }),
        None => None,
    };
    let when = format::when(lang, e.at, now);
    let note = match office {
        Some(office) => format!("{when} · {office}"),
        None => when,
    };
    Ok(json!({"title": t(lang, &format!("declaration-event-{}", e.action), &[]), "note": note}))
}

/// What comes next, the farthest first, with the office that is responsible.
fn upcoming(conn: &mut Conn, row: &Row, lang: Lang) -> AppResult<Vec<Value>> {
    let mut office = |role: &str| -> AppResult<String> {
        let found = store::responsible(conn, &row.division, role)?;
        let name = found.map(|(zh, en, _)| if lang == Lang::En && !en.is_empty() { en } else { zh });
        Ok(name.unwrap_or_default())
    };
    let mut next = Vec::new();
    let waiting = ["submitted", "community-checked", "returned"];
    if !waiting.contains(&row.state.as_str()) {
        return Ok(next);
    }
    let doctor = office("doctor")?;
    let mut add = |key: &str, who: &str| {
        next.push(json!({"title": t(lang, key, &[]), "text": who, "todo": true}));
    };
    add("declaration-next-certificate", "");
    add("declaration-next-doctor", &doctor);
    if row.state != "community-checked" {
        let village = office("village-worker")?;
        next.push(json!({"title": t(lang, "declaration-next-check", &[]), "text": village, "todo": true}));
    }
    if row.state == "returned" {
        next.push(json!({"title": t(lang, "declaration-next-correct", &[]), "todo": true}));
    }
    Ok(next)
}

pub(super) async fn receipt(
    req: HttpRequest,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (account, person, wanted) = (who.account_id, who.person_id, normalise(&number));
    let row = deps.store.read(move |conn| store::own(conn, account, person, &wanted)).await?;
    receipt_file(&deps, ctx.lang, &row)
}

/// The receipt as a text file: the answers in words, then what is signed and the signature.
pub(super) fn receipt_file(deps: &App, lang: Lang, row: &Row) -> AppResult<HttpResponse> {
    let sealed = row.receipt_sealed.as_ref().ok_or(AppError::NotFound)?;
    let receipt: Receipt = deps.keys.open_json(&store::field("receipt_sealed", row.id), sealed)?;
    let answers = row.answers(&deps.keys)?;
    let lines: String =
        summary::lines(lang, &answers, false).iter().map(|l| format!("{}: {}\n", l.label, l.value)).collect();
    let body = format!(
        "{}\n{}: {}\n{}: {}\n\n{lines}\n{}{}: {}\n{}: {}\n",
        t(lang, "declaration-receipt-title", &[]),
        t(lang, "declaration-number", &[]),
        receipt.number,
        t(lang, "declaration-received-at", &[]),
        format::datetime(lang, receipt.received_at, true),
        receipt.message(),
        t(lang, "declaration-receipt-key", &[]),
        receipt.kid,
        t(lang, "declaration-receipt-signature", &[]),
        receipt.signature,
    );
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}.txt\"", row.number)))
        .body(body))
}

/// Opens a correction: a draft with the answers as they are, sent like any other.
pub(super) async fn correct(
    req: HttpRequest,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    _form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (keys, account, person, now) = (deps.keys.clone(), who.account_id, who.person_id, ctx.now);
    let number = normalise(&number);
    deps.store
        .write(move |tx| {
            let row = store::own(tx.conn(), account, person, &number)?;
            if !matches!(row.state.as_str(), "submitted" | "community-checked" | "returned") {
                return Err(AppError::conflict("declaration-locked"));
            }
            if let Some(draft) = store::draft(tx.conn(), account)? {
                // A correction that was begun goes on, unless the declaration has changed since.
                match draft.corrects() {
                    Some((same, version)) if same == row.number && version == row.version => return Ok(()),
                    Some(_) => store::delete_draft(tx, draft.id)?,
                    None => return Err(AppError::conflict("declaration-draft-exists")),
                }
            }
            let mut answers = row.answers(&keys)?;
            answers.truth = true;
            let step = format!("correct:{}:{}", row.number, row.version);
            let draft = store::insert_draft(tx, &keys, Some(account), None, &answers, &step, now)?;
            service::plan_expiry(tx, &keys, draft.id, service::outdated_at(&draft)?, now)
        })
        .await?;
    Ok(see_other("/declare/check"))
}

pub(super) async fn withdraw(
    req: HttpRequest,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let version: i64 = form.get("version").parse().map_err(|_| AppError::BadRequest("body-malformed"))?;
    let (desk, from, person) = (Desk::of(&deps, ctx.now), sender(&who), who.person_id);
    let number = normalise(&number);
    let wanted = number.clone();
    deps.store.write(move |tx| service::withdraw(tx, &desk, &from, person, &wanted, version)).await?;
    Ok(see_other_with(&deps, &format!("/declarations/{number}"), "declaration-withdrawn"))
}
