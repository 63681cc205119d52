//! What takes two officials: one has entered it, another confirms it, either refuses it.
//!
//! The steps are the same for everything that can change the colour of people: it must still be open and in the
//! official's jurisdiction, nobody confirms what they entered, only the first decision counts, and it leaves an
//! entry in the transaction in which it takes effect.

use crate::app::{App, Deps};
use crate::audit::{self, Entry};
use crate::db::{Conn, Id, Tx};
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::{Official, Roles};
use crate::web::page::see_other_with;
use crate::web::principal::OfficialPrincipal;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// What a kind of thing is called: in the log, and in the message after the decision.
pub(super) struct Names {
    /// Kind of the object in the log.
    pub object: &'static str,
    /// Action and message of a confirmation.
    pub confirm: (&'static str, &'static str),
    /// Action and message of a refusal.
    pub refuse: (&'static str, &'static str),
    /// The page on which it waits.
    pub list: &'static str,
}

/// Something that waits for a second official.
pub(super) trait TwoPersons: Sized + 'static {
    /// Its names.
    const NAMES: Names;

    /// Reads it, if it is open and in the official's jurisdiction.
    fn open(conn: &mut Conn, id: Id, by: &OfficialPrincipal) -> AppResult<Option<Self>>;

    /// Who entered it.
    fn entered_by(&self) -> Option<Id>;

    /// The person whom it is about, if it is about one.
    fn subject(&self) -> Option<Id>;

    /// Codes for the log.
    fn detail(&self) -> Value;

    /// Writes the decision down; false when somebody else has decided meanwhile.
    fn decide(&self, tx: &mut Tx<'_>, by: Id, yes: bool, now: DateTime<Utc>) -> AppResult<bool>;

    /// What a confirmation brings about.
    fn take_effect(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: &OfficialPrincipal,
        now: DateTime<Utc>,
    ) -> AppResult<()>;
}

/// `POST …/{id}/confirm`.
pub(super) async fn confirm<T: TwoPersons, R: Roles>(
    req: HttpRequest,
    deps: App,
    official: Official<R>,
    id: web::Path<Id>,
    _form: Form,
) -> AppResult<HttpResponse> {
    decide::<T>(&*Ctx::of(&req)?, &deps, &official, *id, true).await
}

/// `POST …/{id}/refuse`.
pub(super) async fn refuse<T: TwoPersons, R: Roles>(
    req: HttpRequest,
    deps: App,
    official: Official<R>,
    id: web::Path<Id>,
    _form: Form,
) -> AppResult<HttpResponse> {
    decide::<T>(&*Ctx::of(&req)?, &deps, &official, *id, false).await
}

async fn decide<T: TwoPersons>(
    ctx: &Ctx,
    deps: &App,
    official: &OfficialPrincipal,
    id: Id,
    yes: bool,
) -> AppResult<HttpResponse> {
    let (action, flash) = if yes { T::NAMES.confirm } else { T::NAMES.refuse };
    let (parts, by, now) = (deps.clone(), official.clone(), ctx.now);
    deps.store
        .write(move |tx| {
            let waits = T::open(tx.conn(), id, &by)?.ok_or(AppError::NotFound)?;
            if yes && waits.entered_by() == Some(by.official_id) {
                return Err(AppError::conflict("two-persons"));
            }
            if !waits.decide(tx, by.official_id, yes, now)? {
                return Err(AppError::conflict("changed-meanwhile"));
            }
            let entry = Entry::new(&by, action, T::NAMES.object).object(id).subject(waits.subject());
            audit::append(tx, now, entry.detail(waits.detail()))?;
            if yes { waits.take_effect(tx, &parts, &by, now) } else { Ok(()) }
        })
        .await?;
    Ok(see_other_with(deps, T::NAMES.list, flash))
}
