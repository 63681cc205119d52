//! A resident's declarations once they are sent: the list, one of them with its timeline, the receipt, correction,
//! withdrawal.

use super::act::{self, Parts};
use super::pages::sent_by;
use super::receipt::Receipt;
use super::store::{self, Row};
use super::store_offices;
use super::timeline::{self, Event};
use super::views::{ListPage, OnePage, RowView, StepView};
use super::whose::Whose;
use super::{compare, decision, expiry, pace, stale, summary};
use crate::accounts;
use crate::audit::{self, Actor, Entry};
use crate::case;
use crate::colour::Colours;
use crate::crypto::Keyring;
use crate::db::Conn;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::web::card::{Card, Mine};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::format;
use crate::web::guard::Resident;
use crate::web::i18n::{Lang, t};
use crate::web::page::{see_other, see_other_with};
use crate::web::respond::{Answer, respond};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::json;

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

pub(super) async fn list(ctx: Ctx, deps: App, who: Resident) -> AppResult<Answer<ListPage>> {
    let (account, person) = (who.account_id, who.person_id);
    let lang = ctx.lang;
    let (draft, stale, rows) = deps
        .store
        .read(move |conn| {
            let draft = store::draft(conn, account)?;
            let stale = draft.as_ref().map(|d| stale::of(conn, account, person, d, lang)).transpose()?;
            Ok((draft, stale.flatten(), store::mine(conn, account, person, store::LISTED)?))
        })
        .await?;
    let line = |r: &Row| RowView {
        number: r.number.clone(),
        word: state_word(lang, &r.state),
        tag: state_tag(&r.state),
        when: r.submitted_at.map(|s| format::when(lang, s.0, ctx.now)).unwrap_or_default(),
    };
    let view = ListPage { rows: rows.iter().map(line).collect(), draft: draft.is_some(), stale };
    respond(&deps, &ctx, "declarations/list.html", &view)
}

pub(super) async fn one(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<Answer<OnePage>> {
    let (colours, account, person) = (Colours::of(&deps)?, who.account_id, who.person_id);
    let (lang, now, number, parts) = (ctx.lang, ctx.now, normalise(&number), deps.clone());
    let view = deps
        .store
        .read(move |conn| {
            let row = store::own(conn, account, person, &number)?;
            let mine = Mine { deps: &parts, account, person, lang, now };
            let held = compare::told(conn, &colours, &row, lang, now)?;
            let colour = colour(conn, &row, &mine)?;
            Ok(OnePage { held, colour, ..declaration_page(conn, &colours, &row, lang, now)? })
        })
        .await?;
    respond(&deps, &ctx, "declarations/one.html", &view)
}

/// The colour as it is since this declaration was sent; that it is being worked out, a card without a state, while it
/// is not. None where the declaration no longer counts.
fn colour(conn: &mut Conn, row: &Row, mine: &Mine<'_>) -> AppResult<Option<Card>> {
    let counts = !matches!(row.state.as_str(), "withdrawn" | "rejected" | "expired");
    let (true, Some(person), Some(sent)) = (counts, row.person_id, row.submitted_at) else { return Ok(None) };
    let mut card = crate::codes::cards(conn, &Mine { person: Some(person), ..*mine })?.into_iter().next();
    if !crate::codes::is_evaluated_since(conn, person, sent.0)?
        && let Some(card) = &mut card
    {
        card.state.clear();
        card.word = t(mine.lang, "card-code-working", &[]);
        card.lines = vec![t(mine.lang, "declaration-colour-working", &[])];
    }
    Ok(card)
}

/// Everything about one declaration for its resident, but its colour.
fn declaration_page(
    conn: &mut Conn,
    colours: &Colours,
    row: &Row,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<OnePage> {
    let (keys, rules) = (&colours.keys, &colours.policy);
    let answers = row.answers(keys)?;
    let events = timeline::events(conn, keys, row.id)?;
    let open = stale::is_correctable(row);
    let last = events.iter().find(|e| matches!(e.action.as_str(), "return" | "reject"));
    let shown = last.filter(|_| matches!(row.state.as_str(), "returned" | "rejected"));
    let timeline: Vec<StepView> =
        events.iter().map(|e| event(conn, keys, e, lang, now)).collect::<AppResult<Vec<_>>>()?;
    let next = upcoming(conn, row, lang)?;
    let certificate = crate::certificates::of_declaration(conn, row.id)?;
    let deadline = format::deadline(lang, decision::deadline(rules, row)?, now);
    let destination = answers.destination.as_ref().map(|d| d.division.to_string()).unwrap_or_default();
    let terms = decision::terms(rules, &row.division, &destination, now)?;
    let policy = terms.map(|d| if lang == Lang::En { d.because.reason.en } else { d.because.reason.zh });
    let counts_until =
        row.submitted_at.filter(|_| row.counts()).map(|at| expiry::counts_until(rules, at.0)).transpose()?;
    let counts_until = counts_until.filter(|end| *end > now).map(|end| format::until(lang, end, false));
    let note = shown.map(|e| &e.note);
    Ok(OnePage {
        number: row.number.clone(),
        version: row.version,
        state: row.state.clone(),
        word: state_word(lang, &row.state),
        tag: state_tag(&row.state),
        received: row.submitted_at.map(|s| format::when(lang, s.0, now)).unwrap_or_default(),
        phone: answers.phone.as_ref().map(|p| p.masked()).unwrap_or_default(),
        entered: row.entered_by.is_some(),
        counts: row.counts(),
        counts_until,
        open,
        withdrawable: open || row.state == "doctor-confirmed",
        deadline,
        policy,
        reason: note.map(|n| n.reason.clone()).unwrap_or_default(),
        remedy: note.map(|n| n.remedy.clone()).unwrap_or_default(),
        items: note.map(|n| n.items.clone()).unwrap_or_default(),
        certificate,
        timeline: timeline.into_iter().rev().chain(next).collect(),
        lines: summary::lines(lang, &answers, false),
        comments: case::comments_to_person(conn, keys, row.id, lang)?,
        held: None,
        colour: None,
    })
}

/// An event as the resident sees it: what, when, by which office or by whom for somebody else; never the officials' own notes.
pub(super) fn event(
    conn: &mut Conn,
    keys: &Keyring,
    e: &Event,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<StepView> {
    let office = e.office.as_ref().map(|(zh, en)| if lang == Lang::En { en.clone() } else { zh.clone() });
    let when = format::when(lang, e.at, now);
    let proxy = e.by.filter(|_| e.actor_kind == "proxy");
    let proxy = proxy.map(|account| accounts::called(conn, keys, account)).transpose()?;
    let proxy = proxy.map(|name| t(lang, "declaration-event-for", &[("name", name.into())]));
    let note = match office.or(proxy) {
        Some(office) => format!("{when} · {office}"),
        None => when,
    };
    let title = t(lang, &format!("declaration-event-{}", e.action), &[]);
    Ok(StepView { title, text: None, note: Some(note), todo: false })
}

/// What comes next, with the office that is responsible.
fn upcoming(conn: &mut Conn, row: &Row, lang: Lang) -> AppResult<Vec<StepView>> {
    let mut office = |role: &str| -> AppResult<String> {
        let found = store_offices::responsible(conn, &row.division, role)?;
        let name = found.map(|(zh, en, _)| if lang == Lang::En && !en.is_empty() { en } else { zh });
        Ok(name.unwrap_or_default())
    };
    let mut next = Vec::new();
    if !stale::is_correctable(row) {
        return Ok(next);
    }
    let (village, doctor) = (office("village-worker")?, office("doctor")?);
    let pace = pace::of(conn, &row.division)?;
    let (village, doctor) = (pace::text(lang, &village, pace.check), pace::text(lang, &doctor, pace.doctor));
    let mut add = |key: &str, who: &str| {
        let text = Some(who.to_owned());
        next.push(StepView { title: t(lang, key, &[]), text, note: None, todo: true });
    };
    if row.state == "returned" {
        add("declaration-next-correct", "");
    }
    if row.state != "community-checked" {
        add("declaration-next-check", &village);
    }
    add("declaration-next-doctor", &doctor);
    add("declaration-next-certificate", "");
    Ok(next)
}

pub(super) async fn receipt(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let (account, person, wanted) = (who.account_id, who.person_id, normalise(&number));
    let row = deps.store.read(move |conn| store::own(conn, account, person, &wanted)).await?;
    receipt_file(&deps, ctx.lang, &row)
}

/// The receipt as a text file: the answers in words, their hash, and the signed receipt, which anybody can check.
pub(super) fn receipt_file(deps: &App, lang: Lang, row: &Row) -> AppResult<HttpResponse> {
    let sealed = row.receipt_sealed.as_ref().ok_or(AppError::NotFound)?;
    let receipt: Receipt = deps.keys.open_json(&store::field("receipt_sealed", row.id), sealed)?;
    let answers = row.answers(&deps.keys)?;
    let lines: String =
        summary::lines(lang, &answers, false).iter().map(|l| format!("{}: {}\n", l.label, l.value)).collect();
    let address = format!("{}/receipts/check", deps.config.public_url);
    let body = format!(
        "{}\n{}: {}\n{}: {}\n\n{lines}\n{}: {}\n\n{}\n{}\n",
        t(lang, "declaration-receipt-title", &[]),
        t(lang, "declaration-number", &[]),
        receipt.number,
        t(lang, "declaration-received-at", &[]),
        format::datetime(lang, receipt.received_at, true),
        t(lang, "declaration-receipt-digest", &[]),
        receipt.digest,
        t(lang, "declaration-receipt-signed", &[("address", address.into())]),
        receipt.signed,
    );
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}.txt\"", row.number)))
        .body(body))
}

/// Opens a correction: a draft with the answers as they are, sent like any other.
pub(super) async fn correct(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    _form: Form,
) -> AppResult<HttpResponse> {
    let (keys, rules) = (deps.keys.clone(), deps.policy.clone());
    let (account, person, now) = (who.account_id, who.person_id, ctx.now);
    let (actor, whose) = (Actor::from(&*who), Whose::of(&who));
    let number = normalise(&number);
    deps.store
        .write(move |tx| {
            let row = store::own(tx.conn(), account, person, &number)?;
            stale::correctable(&row)?;
            if let Some(draft) = store::draft(tx.conn(), account)? {
                // A correction that was begun goes on, unless the declaration has changed since.
                match draft.corrects() {
                    Some((same, version)) if same == row.number && version == row.version => return Ok(()),
                    Some(_) => store::delete_draft(tx, draft.id)?,
                    None => return Err(AppError::conflict("declaration-draft-exists")),
                }
            }
            let mut answers = row.answers(&keys)?;
            // What is asked for is only what changes; the promise is made anew.
            (answers.truth, answers.renews) = (false, false);
            let step = format!("correct:{}:{}", row.number, row.version);
            let draft = store::insert_draft(tx, &keys, &whose, &answers, &step, now)?;
            let entry = Entry::new(actor, "declaration.draft.correct", "declaration").object(draft.id);
            audit::append(tx, now, entry.detail(json!({"number": row.number})))?;
            expiry::plan(tx, &keys, draft.id, expiry::outdated_at(&rules, &draft)?, now)
        })
        .await?;
    Ok(see_other("/declare/check"))
}

pub(super) async fn withdraw(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    // Something else than a version fits none: whose declaration it is comes first.
    let version: i64 = form.get("version").parse().unwrap_or(-1);
    let (desk, from, person) = (Parts::of(&deps, ctx.now)?, sent_by(&who), who.person_id);
    let number = normalise(&number);
    let wanted = number.clone();
    deps.store.write(move |tx| act::withdraw(tx, &desk, &from, person, &wanted, version)).await?;
    Ok(see_other_with(&deps, &format!("/declarations/{number}"), "declaration-withdrawn"))
}
