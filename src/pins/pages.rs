//! The counter gives a PIN or takes it back, with the document in hand.

use super::act;
use crate::accounts::{self, Recusal};
use crate::db::{Id, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DocumentNumber, PersonName};
use crate::role_set;
use crate::slips::{self, Sheet, Slip};
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::factor::Grave;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::page::{fail, page, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

role_set! {
    /// Who sees documents at a counter.
    PinDesk = [VillageWorker, Doctor, TownReviewer];
}

/// Where a PIN is given or taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PinDeskPage {
    form: FormView,
    /// The kinds of document.
    kinds: Vec<Choice>,
    /// What can be done.
    wishes: Vec<Choice>,
    /// So often a PIN can be typed wrongly.
    tries: i32,
}

/// `GET /desk/pins`.
pub(super) async fn start(ctx: Ctx, deps: App, _: Official<PinDesk>) -> AppResult<Answer<PinDeskPage>> {
    let form = FormView::new().with("doc_kind", "id_card");
    start_page(&deps, &ctx, form, StatusCode::OK)
}

fn start_page(deps: &App, ctx: &Ctx, form: FormView, status: StatusCode) -> AppResult<Answer<PinDeskPage>> {
    let wishes = ["give", "withdraw"].map(|wish| Choice::text(ctx.lang, wish, &format!("pin-do-{wish}")));
    let (kinds, wishes) = (document::choices(ctx.lang), wishes.into());
    let view = PinDeskPage { form, kinds, wishes, tries: super::TRIES };
    respond_with(deps, ctx, status, "pins/start.html", &view)
}

/// What the official typed from the document.
struct Wanted {
    gives: bool,
    name: PersonName,
    document: DocumentNumber,
}

impl Wanted {
    fn read(form: &Form, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let gives = form.get("do") == "give";
        if !gives && form.get("do") != "withdraw" {
            errors.push(FieldError::new("do", "choose-one"));
        }
        let document = document::typed(form, now).map_err(|e| errors.push(e)).ok();
        let name = PersonName::parse(form.get("name"));
        let name = name.map_err(|e| errors.push(FieldError::new("name", e.code()))).ok();
        if form.get("seen") != "yes" {
            errors.push(FieldError::new("seen", "pin-not-seen"));
        }
        match (document, name) {
            (Some(document), Some(name)) if errors.is_empty() => Ok(Self { gives, name, document }),
            _ => Err(errors),
        }
    }

    /// The person whose document it is, who is on file under this name and nobody of the official's own.
    fn person(&self, tx: &mut Tx<'_>, deps: &App, by: &OfficialPrincipal) -> AppResult<(Id, String)> {
        let found = accounts::known(tx.conn(), &deps.keys, &self.document)?;
        let own = Recusal::of(&deps.keys, by)?;
        if own.has_document(&self.document) {
            return Err(AppError::conflict("refused-self-decision"));
        }
        own.not_about(tx.conn(), found.map(|known| known.person), None)?;
        let known = found.ok_or_else(|| AppError::field("doc_number", "pin-nobody"))?;
        let (person, id) = (accounts::person(tx.conn(), &deps.keys, known.record)?, known.person);
        if person.name.canonical() != self.name.canonical() {
            return Err(AppError::field("name", "known-otherwise"));
        }
        if self.gives && accounts::account_of(tx.conn(), id)?.is_some() {
            return Err(AppError::field("doc_number", "pin-telephone"));
        }
        Ok((id, person.name.masked()))
    }
}

/// The PIN, if one was given, and the receipt.
type Done = (Option<String>, String, Sheet);

/// `POST /desk/pins`. A second click gives another PIN, and its page is the one that counts: what is kept nowhere cannot be
/// shown twice.
pub(super) async fn send(
    ctx: Ctx,
    deps: App,
    who: Official<Grave<PinDesk>>,
    form: Form,
) -> AppResult<Answer<PinDeskPage>> {
    let refused = |errors: &[FieldError]| {
        let mut view = form.view();
        fail(&mut view, ctx.lang, errors);
        start_page(&deps, &ctx, view, StatusCode::UNPROCESSABLE_ENTITY)
    };
    let wanted = match Wanted::read(&form, ctx.now) {
        Ok(wanted) => wanted,
        Err(errors) => return refused(&errors),
    };
    let (parts, by, now, lang) = (deps.clone(), (*who).clone(), ctx.now, ctx.lang);
    let done: AppResult<Done> = deps
        .store
        .write(move |tx| {
            let (person, name) = wanted.person(tx, &parts, &by)?;
            let (pin, slip) = settle(tx, &parts, &by, (person, name, wanted.gives), now)?;
            let number = slips::give(tx, &parts.keys, &by, slip, now)?;
            let sheet = slips::sheet(tx.conn(), &parts, lang, &by, &number)?;
            Ok((pin, number, sheet))
        })
        .await;
    match done {
        Ok((Some(pin), _, sheet)) => {
            let data = json!({"slip": sheet, "pin": act::grouped(&pin)});
            // It shows a secret once, and is a page for everybody.
            page(&deps, &ctx, "pins/given.html", &data).map(Into::into)
        }
        Ok((None, number, _)) => {
            Ok(see_other_with(&deps, &format!("/desk/receipts/{number}"), "pin-withdrawn").into())
        }
        Err(AppError::Invalid(errors)) => refused(&errors),
        Err(e) => Err(e),
    }
}

fn settle(
    tx: &mut Tx<'_>,
    deps: &App,
    by: &OfficialPrincipal,
    (person, name, gives): (Id, String, bool),
    now: DateTime<Utc>,
) -> AppResult<(Option<String>, Slip<'static>)> {
    let slip = |act: &'static str, about: Id, until: Option<DateTime<Utc>>| Slip {
        act,
        about,
        number: None,
        person: Some(person),
        name,
        until,
        further: None,
        proof: slips::DOCUMENT,
    };
    if gives {
        let (pin, given, until) = act::give(tx, &deps.keys, by, person, now)?;
        return Ok((Some(pin), slip("pin-set", given, Some(until))));
    }
    match act::withdraw(tx, by, person, now)? {
        Some(given) => Ok((None, slip("pin-withdraw", given, None))),
        None => Err(AppError::field("doc_number", "pin-none")),
    }
}
