//! The code on paper: for seven days, with an entry in a status list that is set when the colour changes, so that a
//! paper never says a colour that is no longer true.

use super::model::{CardHolder, PrintRow, StoredCode};
use super::views::{StoryView, document};
use super::views_paper::{PaperPage, PaperReason, PaperRow, PaperView, PapersPage};
use super::words::colour_word;
use super::{StaffedPoint, desk, show, store, store_prints, token};
use crate::audit::{self, Actor, Entry};
use crate::certificates::status::{self, Slot};
use crate::db::{Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::hcert::{EntryStatus, StatusReference};
use crate::policy::Colour;
use crate::proxies::{self, Did};
use crate::slips::{self, Slip};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::{Official, Resident};
use crate::web::i18n::{Lang, t};
use crate::web::idempotency::{self, Submission};
use crate::web::page::see_other;
use crate::web::respond::{Answer, respond};
use crate::web::{format, qr};
use crate::worklist::Holder;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// Longest life of a paper.
const LIFE: TimeDelta = TimeDelta::days(7);

/// So many papers are listed; all are in the copy of one's data.
const SHOWN: i64 = 20;

/// When a paper made now ends: after seven days, or when the colour is known to end by itself.
fn end_of(code: &StoredCode, now: DateTime<Utc>) -> DateTime<Utc> {
    let evaluation = &code.evaluation;
    let clears = evaluation.clears_at.filter(|_| evaluation.colour != Colour::Green);
    [evaluation.valid_until, clears].into_iter().flatten().fold(now + LIFE, DateTime::min)
}

/// A paper that was made now.
struct Made {
    id: Id,
    person: Id,
    /// Whose it is, masked.
    name: String,
    ends: DateTime<Utc>,
}

/// Puts the code of a person on paper, in the caller's transaction.
fn make(
    tx: &mut Tx<'_>,
    deps: &App,
    by: impl Into<Actor>,
    person: Holder,
    now: DateTime<Utc>,
) -> AppResult<Made> {
    // Were the colour to change between this look and the commit, nobody would ever end the paper.
    store::hold_state(tx, person.id)?;
    let (person, holder, code) = desk::code_in(tx, deps, person, now)?;
    let (person, ends) = (person.id, end_of(&code, now));
    if code.evaluation.colour == Colour::Unknown || ends <= now {
        return Err(AppError::conflict("code-unknown"));
    }
    let (id, slot) = (Id::new(), status::allocate(tx, "code", now)?);
    let row = PrintRow {
        id,
        person_id: person,
        colour: code.evaluation.colour.code().to_owned(),
        status_list: slot.list,
        status_index: slot.index,
        issued_at: now.into(),
        expires_at: ends.into(),
        revoked_at: None,
    };
    store_prints::add(tx, &row)?;
    let entry = Entry::new(by, "code.print", "code-print").object(id).subject(Some(person));
    audit::append(tx, now, entry.detail(json!({"colour": row.colour, "until": ends})))?;
    Ok(Made { id, person, name: holder.name, ends })
}

/// Ends the papers of a person that say another colour than the one of now; gives how many there were. Whoever
/// scans one reads that it no longer holds.
pub(super) fn end_others(
    tx: &mut Tx<'_>,
    person: Id,
    colour: Colour,
    now: DateTime<Utc>,
) -> AppResult<usize> {
    let papers = store_prints::saying_otherwise(tx.conn(), person, colour.code(), now)?;
    for paper in &papers {
        store_prints::end(tx, paper.id, now)?;
        let slot = Slot { list: paper.status_list, index: paper.status_index };
        // A better colour replaces the paper, a worse one or none takes it back.
        let better = rank(colour.code()) < rank(&paper.colour);
        status::set(tx, slot, if better { EntryStatus::Superseded } else { EntryStatus::Revoked })?;
        let entry = Entry::new(Actor::System, "code.print-end", "code-print").object(paper.id);
        audit::append(tx, now, entry.subject(Some(person)).detail(json!({"superseded": better})))?;
    }
    Ok(papers.len())
}

fn rank(colour: &str) -> u8 {
    match colour {
        "green" => 0,
        "yellow" => 1,
        "red" => 2,
        _ => 3,
    }
}

/// Whether a paper still says the truth.
fn holds(row: &PrintRow, now: DateTime<Utc>) -> bool {
    row.revoked_at.is_none() && now < row.expires_at.0
}

/// The paper for the printer, the same at each look; what no longer holds is not printed again.
fn sheet(
    deps: &Deps,
    lang: Lang,
    row: &PrintRow,
    holder: &CardHolder,
    code: &StoredCode,
    now: DateTime<Utc>,
) -> AppResult<PaperView> {
    let evaluation = &code.evaluation;
    if !holds(row, now) || row.colour != evaluation.colour.code() {
        return Err(AppError::conflict("print-ended"));
    }
    let reference = StatusReference {
        index: u64::try_from(row.status_index).map_err(AppError::internal)?,
        uri: status::uri(&deps.config.public_url, row.status_list),
    };
    let statement = token::Statement {
        province: &deps.config.province,
        holder,
        colour: evaluation.colour,
        valid_until: row.expires_at.0,
        issued: row.issued_at.0,
        life: LIFE,
        status: Some(reference),
    };
    let signed = token::sign_code(&deps.keys, statement)?.ok_or_else(|| AppError::conflict("print-ended"))?;
    let label = t(lang, "code-qr-label", &[("name", holder.name.as_str().into())]);
    let state = evaluation.colour.code();
    let story = StoryView::of(lang, &code.told(), now);
    let causes = story.causes.into_iter().map(|c| PaperReason { reason: c.reason, ends: c.ends });
    Ok(PaperView {
        state,
        word: colour_word(lang, evaluation.colour),
        sub: t(lang, &format!("code-sub-{state}"), &[]),
        qr: qr::svg(&signed.text, "qr", &label).map_err(AppError::internal)?,
        name: holder.name.clone(),
        document: document(lang, holder),
        issued: format::datetime(lang, row.issued_at.0, true),
        until: format::until(lang, signed.expires, true),
        causes: causes.collect(),
        reason: story.reason,
        authority: story.authority,
        phone: story.phone,
    })
}

/// `GET /code/print`: what a paper is for, and the person's papers.
pub(super) async fn start(ctx: Ctx, deps: App, resident: Resident) -> AppResult<Answer<PapersPage>> {
    let (papers, state) = match resident.person_id {
        None => (Vec::new(), Colour::Unknown),
        Some(person) => {
            // A code that is no longer sound ends its papers before they are listed.
            let (_, row) = show::current(&deps, person, ctx.now).await?;
            let state = row.open(&deps.keys)?.evaluation.colour;
            let papers = deps.store.read(move |conn| store_prints::of_person(conn, person, SHOWN)).await?;
            (papers, state)
        }
    };
    let view = PapersPage {
        rows: papers.iter().map(|paper| row(paper, &ctx)).collect(),
        printable: state != Colour::Unknown,
    };
    respond(&deps, &ctx, "codes/print.html", &view)
}

fn row(paper: &PrintRow, ctx: &Ctx) -> PaperRow {
    PaperRow {
        id: paper.id,
        word: t(ctx.lang, &format!("code-word-{}", paper.colour), &[]),
        colour: paper.colour.clone(),
        issued: paper.issued_at.0,
        until: paper.expires_at.0,
        holds: holds(paper, ctx.now),
    }
}

/// `POST /code/print`.
pub async fn print(ctx: Ctx, deps: App, resident: Resident, form: Form) -> AppResult<HttpResponse> {
    let (person, seat, now) = (resident.person()?, resident.account_id, ctx.now);
    let submission = form.once().map(|key| Submission::new(seat, "code.print", key, person.0.as_bytes()));
    show::refresh(&deps, person, now).await;
    let parts = deps.clone();
    let id: Id = deps
        .store
        .write(move |tx| {
            let (row, _) = store::code_and_person(tx.conn(), person)?;
            idempotency::once(tx, &parts.keys, submission.as_ref(), now, |tx| {
                let id = make(tx, &parts, Actor::from(&*resident), row, now)?.id;
                if let Some(acting) = resident.sits_for() {
                    proxies::acted(tx, &parts.keys, acting, Did::Printed, None, now)?;
                }
                Ok(id)
            })
        })
        .await?;
    Ok(see_other(&format!("/code/print/{id}")))
}

/// `GET /code/print/{id}`.
pub(super) async fn paper(
    ctx: Ctx,
    deps: App,
    resident: Resident,
    id: web::Path<Id>,
) -> AppResult<Answer<PaperPage>> {
    let (person, id) = (resident.person_id.ok_or(AppError::NotFound)?, *id);
    deps.store.read(move |conn| store_prints::own(conn, id, person)).await?;
    let (holder, code) = show::current(&deps, person, ctx.now).await?;
    let row = deps.store.read(move |conn| store_prints::own(conn, id, person)).await?;
    let code = code.open(&deps.keys)?;
    let paper = sheet(&deps, ctx.lang, &row, &holder, &code, ctx.now)?;
    respond(&deps, &ctx, "codes/paper.html", &PaperPage { paper, back: "/code/print", slip: None })
}

/// What the person takes home beside the paper.
fn receipt(made: Made) -> Slip<'static> {
    Slip {
        act: "code",
        about: made.id,
        number: None,
        person: Some(made.person),
        name: made.name,
        until: Some(made.ends),
        further: Some(format!("/desk/codes/print/{}", made.id)),
        proof: slips::DOCUMENT,
    }
}

/// `POST /desk/codes/print`: for somebody without a phone, after a look.
pub async fn desk_print(
    ctx: Ctx,
    deps: App,
    official: Official<StaffedPoint>,
    form: Form,
) -> AppResult<HttpResponse> {
    let person: Id = form.get("person").parse().map_err(|_| AppError::BadRequest("body-malformed"))?;
    let (parts, by, now) = (deps.clone(), (*official).clone(), ctx.now);
    let submission =
        form.once().map(|key| Submission::new(by.official_id, "code.print", key, person.0.as_bytes()));
    let id: Id = deps
        .store
        .write(move |tx| {
            let row = store::person_here(tx.conn(), person, &by.pattern())?;
            idempotency::once(tx, &parts.keys, submission.as_ref(), now, |tx| {
                let made = make(tx, &parts, &by, row, now)?;
                let id = made.id;
                slips::give(tx, &parts.keys, &by, receipt(made), now)?;
                Ok(id)
            })
        })
        .await?;
    Ok(see_other(&format!("/desk/codes/print/{id}")))
}

/// `GET /desk/codes/print/{id}`.
pub(super) async fn desk_paper(
    ctx: Ctx,
    deps: App,
    official: Official<StaffedPoint>,
    id: web::Path<Id>,
) -> AppResult<Answer<PaperPage>> {
    let (parts, by, lang, now, id) = (deps.clone(), (*official).clone(), ctx.lang, ctx.now, *id);
    let sheet = deps
        .store
        .write(move |tx| {
            let row = store_prints::here(tx.conn(), id, &by)?;
            let person: Holder = store::person_here(tx.conn(), row.person_id, &by.pattern())?;
            let (_, holder, code) = desk::code_in(tx, &parts, person, now)?;
            let entry = Entry::new(&by, "code.print-view", "code-print").object(id);
            audit::append(tx, now, entry.subject(Some(row.person_id)))?;
            // The look may have ended it.
            let row = store_prints::here(tx.conn(), id, &by)?;
            let given = slips::about(tx.conn(), &by, id)?;
            let slip = given.map(|number| slips::sheet(tx.conn(), &parts, lang, &by, &number)).transpose()?;
            Ok((row, holder, code, slip))
        })
        .await?;
    let (row, holder, code, slip) = sheet;
    let paper = self::sheet(&deps, lang, &row, &holder, &code, now)?;
    respond(&deps, &ctx, "codes/paper.html", &PaperPage { paper, back: "/desk/codes", slip })
}
