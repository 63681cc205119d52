//! Proposing a merge with both documents in hand, proposing that one is undone, and what became of the own proposals.

use super::model::{Merge, reason_field};
use super::wanted::Pair;
use super::{Proposer, second, store};
use crate::access::Role;
use crate::accounts::Recusal;
use crate::audit::{self, Entry};
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Reading, Sent};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::number::{self, Numbered, normalise};
use crate::officials;
use crate::second::{self as two, Fact, TwoPersons};
use crate::slips::{self, Slip};
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::factor::Grave;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// So many of the own proposals are listed.
const LISTED: i64 = 20;

/// `GET /desk/merges`.
pub(super) async fn start(ctx: Ctx, deps: App, who: Official<Proposer>) -> AppResult<Answer<MergeDeskPage>> {
    let form = FormView::new().with("lead_kind", "id_card").with("other_kind", "passport");
    start_page(&deps, &ctx, &who, (form, None), StatusCode::OK).await
}

/// What both records have, each under its heading.
#[derive(Debug, Serialize, ToSchema)]
struct Found {
    lead: Vec<Fact>,
    other: Vec<Fact>,
}

/// Where a merge or its undoing is proposed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MergeDeskPage {
    form: FormView,
    /// The kinds of document.
    kinds: Vec<Choice>,
    /// What the official has proposed, newest first.
    own: Vec<Proposed>,
    /// What both records have, once they were looked up.
    found: Option<Found>,
}

/// A proposal, for whoever has entered it.
#[derive(Debug, Serialize, ToSchema)]
struct Proposed {
    number: String,
    /// A merge, or that one is undone.
    what: String,
    /// What became of it.
    word: String,
    at: DateTime<Utc>,
    /// Why it was refused.
    refusal: Option<String>,
    /// Whether it can be undone.
    undoable: bool,
}

async fn start_page(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    (form, found): (FormView, Option<Found>),
    status: StatusCode,
) -> AppResult<Answer<MergeDeskPage>> {
    let (parts, by, lang, now) = (deps.clone(), who.official_id, ctx.lang, ctx.now);
    let own = deps
        .store
        .read(move |conn| {
            let rows = store::entered(conn, by, LISTED)?;
            rows.iter().map(|row| shown(&parts, row, lang, now)).collect()
        })
        .await?;
    let view = MergeDeskPage { form, kinds: document::choices(lang), own, found };
    respond_with(deps, ctx, status, "merges/start.html", &view)
}

fn shown(deps: &App, row: &Merge, lang: Lang, now: DateTime<Utc>) -> AppResult<Proposed> {
    let what = if row.undoes.is_some() { "merge-what-undo" } else { "merge-what-merge" };
    let word =
        if row.undone_at.is_some() { "merge-undone".to_owned() } else { format!("decided-{}", row.state) };
    Ok(Proposed {
        number: row.number.clone(),
        what: t(lang, what, &[]),
        word: t(lang, &word, &[]),
        at: row.created_at.0,
        refusal: two::reason(&deps.keys, &Merge::refusal(row.id), row.refusal_sealed.as_ref())?,
        undoable: row.can_be_undone(now),
    })
}

/// `POST /desk/merges`: shows what both records have, or proposes that they are one person's.
pub(super) async fn send(
    ctx: Ctx,
    deps: App,
    who: Official<Grave<Proposer>>,
    form: Form,
) -> AppResult<Answer<MergeDeskPage>> {
    let proposes = form.get("do") == "propose";
    let done = if proposes { propose(&deps, &ctx, &who, &form).await.map(Some) } else { Ok(None) };
    let mut errors = match done {
        Ok(Some(receipt)) => {
            return Ok(see_other_with(&deps, &format!("/desk/receipts/{receipt}"), "merge-proposed").into());
        }
        Ok(None) => Vec::new(),
        Err(AppError::Invalid(errors)) => errors,
        Err(e) => return Err(e),
    };
    // Whatever is to be put right, it is put right beside what both records have.
    let found = match look(&deps, &ctx, &who, &form).await {
        Ok(found) => Some(found),
        Err(AppError::Invalid(more)) => {
            errors.extend(more.into_iter().filter(|_| !proposes));
            None
        }
        Err(e) => return Err(e),
    };
    let mut view = form.view();
    fail(&mut view, ctx.lang, &errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    start_page(&deps, &ctx, &who, (view, found), status).await
}

/// What both records have. The look is in the record of both.
async fn look(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, form: &Form) -> AppResult<Found> {
    let pair = Pair::read(form, ctx.now).map_err(AppError::Invalid)?;
    let (parts, by, lang, now) = (deps.clone(), who.clone(), ctx.lang, ctx.now);
    deps.store
        .write(move |tx| {
            let (lead, other) = pair.find(tx.conn(), &parts, &by, now)?;
            for person in [lead, other] {
                let entry = Entry::new(&by, "merge.look", "person").object(person).subject(Some(person));
                audit::append(tx, now, entry)?;
            }
            let mut of = |label, person| second::known(tx.conn(), &parts, (lang, label), person, now);
            Ok(Found { lead: of("merge-lead", lead)?, other: of("merge-other", other)? })
        })
        .await
}

/// Proposes it once; the number of the receipt on paper.
async fn propose(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, form: &Form) -> AppResult<String> {
    let mut reading = Reading::of(form);
    let reason = reading.needed("reason");
    if form.get("seen") != "yes" {
        reading.wrong(FieldError::new("seen", "merge-not-seen"));
    }
    let (said, pair) = (reading.done(reason), Pair::read(form, ctx.now));
    let (reason, pair) = match (said, pair) {
        (Ok(reason), Ok(pair)) => (reason, pair),
        (said, pair) => {
            let wrong = [pair.err(), said.err()];
            return Err(AppError::Invalid(wrong.into_iter().flatten().flatten().collect()));
        }
    };
    let (parts, by, now) = (deps.clone(), who.clone(), ctx.now);
    let work = move |tx: &mut Tx<'_>| {
        let (lead, other) = pair.find(tx.conn(), &parts, &by, now)?;
        // Of two who propose at once the second one sees that it waits.
        store::hold(tx, [lead, other])?;
        pair.find(tx.conn(), &parts, &by, now)?;
        // Nobody else here could confirm it, and the person would wait for nothing.
        if !officials::others_decide(tx.conn(), Role::TownReviewer, &by, now)? {
            return Err(AppError::field("other_number", "merge-nobody-decides"));
        }
        let row = enter(tx, &parts, &by, (lead, other, None), &reason, now)?;
        let slip = Slip {
            act: "merge-propose",
            about: row.id,
            number: Some(row.number.as_str()),
            person: Some(lead),
            name: pair.masked(),
            until: Some(now + TimeDelta::days(Merge::DAYS)),
            further: None,
            proof: slips::DOCUMENT,
        };
        slips::give(tx, &parts.keys, &by, slip, now)
    };
    Act::of(deps, ctx, who, "merge.enter").once(&Sent::form("", form)?, work).await
}

/// Writes a proposal down, for a second official; both persons' records say so.
fn enter(
    tx: &mut Tx<'_>,
    deps: &App,
    by: &OfficialPrincipal,
    (lead, other, undoes): (Id, Id, Option<Id>),
    reason: &str,
    now: DateTime<Utc>,
) -> AppResult<Merge> {
    let id = Id::new();
    let row = Merge {
        id,
        number: number::new(tx.conn(), Numbered::Merge, now)?,
        lead_id: lead,
        other_id: other,
        undoes,
        state: "open".to_owned(),
        division: by.division.clone(),
        reason_sealed: deps.keys.seal_str(&reason_field(id), reason)?,
        entered_by: by.official_id,
        office_id: by.office_id,
        created_at: now.into(),
        decided_by: None,
        decided_at: None,
        refusal_sealed: None,
        undone_at: None,
    };
    store::add(tx, &row)?;
    two::propose(tx, &row)?;
    for person in [lead, other] {
        let entry = match undoes {
            None => Entry::new(by, "merge.enter", "merge"),
            Some(_) => Entry::new(by, "merge.undo-enter", "merge"),
        };
        audit::append(tx, now, entry.object(id).subject(Some(person)))?;
    }
    Ok(row)
}

/// `POST /desk/merges/undo`: proposes that a merge is undone.
pub(super) async fn undo(
    ctx: Ctx,
    deps: App,
    who: Official<Grave<Proposer>>,
    form: Form,
) -> AppResult<Answer<MergeDeskPage>> {
    let done = propose_undoing(&deps, &ctx, &who, &form).await;
    match done {
        Ok(_) => Ok(see_other_with(&deps, "/desk/merges", "merge-undo-proposed").into()),
        Err(AppError::Invalid(errors)) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            start_page(&deps, &ctx, &who, (view, None), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(e) => Err(e),
    }
}

async fn propose_undoing(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, form: &Form) -> AppResult<String> {
    let mut reading = Reading::of(form);
    let reason = reading.needed("undo_reason");
    let wanted = normalise(form.get("number"));
    if wanted.is_empty() {
        reading.wrong(FieldError::new("number", "required"));
    }
    let reason = reading.done(reason).map_err(AppError::Invalid)?;
    let (parts, by, now) = (deps.clone(), who.clone(), ctx.now);
    let work = move |tx: &mut Tx<'_>| {
        let merge = to_undo(tx.conn(), &wanted, now)?;
        let records = [merge.lead_id, merge.other_id];
        let own = Recusal::of(&parts.keys, &by)?;
        records.into_iter().try_for_each(|person| own.not_about(tx.conn(), Some(person), None))?;
        store::hold(tx, records)?;
        // Of two who ask at once the second one sees what the first has brought about.
        let merge = to_undo(tx.conn(), &wanted, now)?;
        if store::waits(tx.conn(), records)? {
            return Err(AppError::field("number", "merge-waits"));
        }
        if !officials::others_decide(tx.conn(), Role::TownReviewer, &by, now)? {
            return Err(AppError::field("number", "merge-nobody-decides"));
        }
        let pair = (merge.lead_id, merge.other_id, Some(merge.id));
        enter(tx, &parts, &by, pair, &reason, now).map(|row| row.number)
    };
    Act::of(deps, ctx, who, "merge.undo-enter").once(&Sent::form("", form)?, work).await
}

/// A merge that can be undone, wherever it was proposed: whoever was harmed by it goes to the counter where they are.
fn to_undo(conn: &mut Conn, number: &str, now: DateTime<Utc>) -> AppResult<Merge> {
    let found = store::by_number(conn, number, "%")?.filter(|merge| merge.can_be_undone(now));
    let Some(merge) = found else { return Err(AppError::field("number", "merge-no-undo")) };
    // What was merged on since is undone first.
    match store::points_to(conn, merge.other_id)? == Some(merge.lead_id) {
        true => Ok(merge),
        false => Err(AppError::field("number", "merge-no-undo")),
    }
}
