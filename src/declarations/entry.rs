//! Entry by staff for a resident without a telephone: one page with every question, a receipt to print. Whoever enters a
//! declaration does not decide it.

use super::act::{self, Outcome, Parts, Sender};
use super::answers::{Answers, MAX_TRAVEL, SHAPE};
use super::desk::Staff;
use super::expiry;
use super::mine::receipt_file;
use super::parse;
use super::parse_travel;
use super::questions::{Field, STEPS, fields, stay_fields};
use super::store;
use super::views::{EntryPage, Section};
use crate::accounts::{self, Recusal};
use crate::audit::{self, Actor, Entry};
use crate::clock::china_day;
use crate::crypto::Keyring;
use crate::db::{Conn, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::number::normalise;
use crate::pins;
use crate::slips::{self, Slip};
use crate::web::ctx::Ctx;
use crate::web::factor::Worklist;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::t;
use crate::web::idempotency::{self, Submission};
use crate::web::page::{fail_missing, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::steps::Step;
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

/// Prefixes of the fields of the stays on the page: as many as it showed, one more when that was asked for.
fn stays(form: &FormView) -> Vec<String> {
    let shown = form.get("stays").parse().unwrap_or(1);
    let more = usize::from(!form.get("more").is_empty());
    (1..=(shown + more).clamp(1, MAX_TRAVEL)).map(|n| format!("stay-{n}")).collect()
}

pub(super) async fn form(ctx: Ctx, deps: App, _who: Official<Staff>) -> AppResult<Answer<EntryPage>> {
    let mut form = FormView::new().with("document_kind", "id_card");
    for name in ["household-division", "present-division", "stay-1-division", "destination-division"] {
        form = form.with(&format!("{name}-1"), deps.config.province.clone());
    }
    show(&deps, &ctx, form, StatusCode::OK)
}

fn show(deps: &App, ctx: &Ctx, form: FormView, status: StatusCode) -> AppResult<Answer<EntryPage>> {
    let (blank, prefixes) = (Answers::default(), stays(&form));
    let section = |s: &Step<Answers>| {
        let (mut own, mut stays) = (Vec::new(), Vec::new());
        if s.name == "places" {
            stays = prefixes.iter().map(|prefix| stay_fields(prefix, ctx.lang, &form)).collect();
        } else {
            let all = fields(s.name, ctx.lang, &blank, &form).into_iter();
            own = all.map(|field| field.plain().on_paper(ctx.lang)).collect();
        }
        Section { name: s.name, title: t(ctx.lang, s.title, &[]), fields: own, stays }
    };
    let mut sections: Vec<Section> = STEPS.list.iter().map(section).collect();
    let own = fields("consent", ctx.lang, &blank, &form).into_iter().map(Field::plain).collect();
    let title = t(ctx.lang, "declare-step-consent", &[]);
    sections.push(Section { name: "consent", title, fields: own, stays: Vec::new() });
    let view = EntryPage { sections, form, most: prefixes.len() >= MAX_TRAVEL };
    respond_with(deps, ctx, status, "declarations/entry.html", &view)
}

/// The whole page as answers.
fn read(form: &Form, today: chrono::NaiveDate) -> Result<Answers, Vec<FieldError>> {
    let mut answers = Answers { shape: SHAPE, ..Answers::default() };
    let mut errors = Vec::new();
    for step in STEPS.list {
        if !(step.applies)(&answers) {
            continue;
        }
        let read = match step.name {
            "places" => {
                parse_travel::many_stays(form, &stays(&form.view()), "stay-1-division", &mut answers, today)
            }
            name => parse::step_on_paper(name, form, &mut answers, today),
        };
        if let Err(e) = read {
            errors.extend(e);
        }
    }
    if let Err(e) = parse::step("consent", form, &mut answers, today) {
        errors.extend(e);
    }
    if errors.is_empty() { Ok(answers) } else { Err(errors) }
}

/// Refuses what is the official's own: nobody writes down that their own document was seen, nor gives somebody a telephone
/// to sign in with that is theirs (whoever signs in with it stands for the person, [`accounts::claim_person`]).
///
/// # Errors
/// [`AppError::Invalid`] at the document or the telephone; [`AppError::Conflict`] `official-unidentified`.
fn not_own(conn: &mut Conn, keys: &Keyring, by: &OfficialPrincipal, answers: &Answers) -> AppResult<()> {
    let own = Recusal::of(keys, by)?;
    let mut errors = Vec::new();
    if let Some(document) = answers.document() {
        let person = accounts::person_by_document(conn, keys, &document)?;
        if own.has_document(&document) || own.is(conn, person, None)? {
            errors.push(FieldError::new("document_number", "own-document"));
        }
    }
    if answers.phone.as_ref().is_some_and(|phone| own.has_phone(phone.as_str())) {
        errors.push(FieldError::new("phone", "own-phone"));
    }
    if errors.is_empty() { Ok(()) } else { Err(AppError::Invalid(errors)) }
}

pub(super) async fn send(
    ctx: Ctx,
    deps: App,
    who: Official<Worklist<Staff>>,
    form: Form,
) -> AppResult<Answer<EntryPage>> {
    if form.has("cascade") || form.has("more") {
        return show(&deps, &ctx, form.view(), StatusCode::OK);
    }
    let refused = |errors: &[FieldError]| {
        let mut view = form.view();
        fail_missing(&mut view, ctx.lang, "declare-missing", errors);
        show(&deps, &ctx, view, StatusCode::UNPROCESSABLE_ENTITY)
    };
    let answers = match read(&form, china_day(ctx.now)) {
        Ok(answers) => answers,
        Err(errors) => return refused(&errors),
    };
    let inside = answers.present.as_ref().is_some_and(|p| who.covers(&p.division.to_string()));
    if !inside {
        return refused(&[FieldError::new("present-division", "division-not-yours")]);
    }
    let (desk, by, pin) = (Parts::of(&deps, ctx.now)?, (*who).clone(), form.text("pin").map(str::to_owned));
    let content = serde_json::to_vec(&(&answers, &pin)).map_err(AppError::internal)?;
    let submission =
        form.once().map(|key| Submission::new(by.official_id, "declarations.entered", key, &content));
    let entry = Entering { desk, by, answers, pin };
    let outcome = deps
        .store
        .write(move |tx| {
            let (keys, now) = (entry.desk.keys.clone(), entry.desk.now);
            not_own(tx.conn(), &keys, &entry.by, &entry.answers)?;
            idempotency::once(tx, &keys, submission.as_ref(), now, |tx| entry.done(tx))
        })
        .await;
    // Whatever is refused is put right on the page as it was typed.
    match outcome {
        Ok(Entered::Done(receipt)) => {
            Ok(see_other_with(&deps, &format!("/desk/receipts/{receipt}"), "declaration-entered").into())
        }
        Ok(Entered::OtherName) => refused(&[FieldError::new("name", "known-otherwise")]),
        Ok(Entered::NotTheirPin) => refused(&[FieldError::new("pin", "pin-desk-wrong")]),
        Err(AppError::Conflict(code)) if code == "declaration-open" => {
            refused(&[FieldError::new("document_number", "document-open")])
        }
        Err(AppError::Invalid(errors)) => refused(&errors),
        Err(e) => Err(e),
    }
}

/// What became of an entry; a second click gets the same.
#[derive(Debug, Serialize, Deserialize)]
enum Entered {
    /// Received: the number of the receipt.
    Done(String),
    /// Another name than the one the document is known by.
    OtherName,
    /// The PIN is not this person's; the attempt is kept.
    NotTheirPin,
}

/// An entry as it was typed.
struct Entering {
    desk: Parts,
    by: OfficialPrincipal,
    answers: Answers,
    /// What somebody said who could not show a document.
    pin: Option<String>,
}

impl Entering {
    fn done(&self, tx: &mut Tx<'_>) -> AppResult<Entered> {
        let Self { desk, by, answers, .. } = self;
        if !self.is_theirs(tx)? {
            return Ok(Entered::NotTheirPin);
        }
        let office =
            (by.office_name(false).to_owned(), by.office_name(true).to_owned(), by.office_phone.clone());
        let from = Sender { actor: Actor::from(by), account: None, acting: None, office: Some(office) };
        match act::send_at_once(tx, desk, &from, Some(by.official_id), answers)? {
            Outcome::Received(number) => self.on_paper(tx, &number).map(Entered::Done),
            Outcome::OtherName => Ok(Entered::OtherName),
            Outcome::Counter(_) | Outcome::Full => {
                Err(AppError::internal("entry by staff led to the counter"))
            }
        }
    }

    /// Whether the PIN, where one was typed, is that of the person whom the document belongs to.
    fn is_theirs(&self, tx: &mut Tx<'_>) -> AppResult<bool> {
        let (Some(pin), Some(document)) = (&self.pin, self.answers.document()) else { return Ok(true) };
        let Parts { keys, now, .. } = &self.desk;
        let person = accounts::person_by_document(tx.conn(), keys, &document)?;
        pins::tried(tx, keys, (person, pin.as_str()), (&self.by, "declaration"), *now)
    }

    /// The receipt that the resident takes home; its number.
    fn on_paper(&self, tx: &mut Tx<'_>, number: &str) -> AppResult<String> {
        let Self { desk, by, answers, pin } = self;
        let row = store::in_jurisdiction(tx.conn(), &by.pattern(), number)?;
        let slip = Slip {
            act: "declaration",
            about: row.id,
            number: Some(number),
            person: row.person_id,
            name: answers.name.as_ref().map(|name| name.masked()).unwrap_or_default(),
            until: Some(expiry::outdated_at(&desk.colours.policy, &row)?),
            further: Some(format!("/desk/declarations/{number}")),
            proof: if pin.is_some() { slips::PIN } else { slips::DOCUMENT },
        };
        slips::give(tx, &desk.keys, by, slip, desk.now)
    }
}

/// The receipt with every answer, signed, as a file.
pub(super) async fn receipt(
    ctx: Ctx,
    deps: App,
    who: Official<Staff>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let (pattern, now, by, wanted) = (who.pattern(), ctx.now, Actor::from(&*who), normalise(&number));
    let row = deps
        .store
        .write(move |tx| {
            let row = store::in_jurisdiction(tx.conn(), &pattern, &wanted)?;
            let entry = Entry::new(by, "declaration.receipt", "declaration").object(row.id);
            audit::append(tx, now, entry.subject(row.person_id))?;
            Ok(row)
        })
        .await?;
    // What is only stored is handed to nobody but its person.
    if row.is_locked() {
        return Err(AppError::NotFound);
    }
    receipt_file(&deps, ctx.lang, &row)
}
