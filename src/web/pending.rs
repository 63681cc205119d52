//! What is kept between two steps before somebody is signed in: the phone that waits for its code, the official whose
//! password was right. Sealed, so that it can be neither read nor made up; never in a URL.
//!
//! A step is short, belongs to the browser in which it began (to the secret against which that browser's forms are
//! checked) and is used up: its number is written into `spent_steps` in the transaction of what it leads to, such as a
//! session, and a step that stands there opens nothing again. A program gets the same as a ticket, which it sends back
//! itself.

use super::cookies;
use super::ctx::Ctx;
use crate::crypto::{FieldContext, token};
use crate::db::schema::spent_steps;
use crate::db::{Conn, Id, Ts, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A kind of step: what it is sealed for, and how many minutes it may take.
#[derive(Debug)]
pub struct Kind {
    name: &'static str,
    minutes: i64,
}

impl Kind {
    /// A kind of that name.
    pub const fn new(name: &'static str, minutes: i64) -> Self {
        Self { name, minutes }
    }

    fn context(&self) -> FieldContext<'static> {
        FieldContext::new("cookie", self.name, uuid::Uuid::nil())
    }
}

/// A step that waits for the next one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Step<T> {
    /// Its number, under which it is used up.
    pub id: Id,
    until: DateTime<Utc>,
    /// Of which browser; `None` for the ticket of a program.
    browser: Option<[u8; 32]>,
    /// What the next step has to know.
    pub value: T,
}

impl<T> Step<T> {
    /// Begins a step of the browser that asks.
    pub fn of_browser(ctx: &Ctx, kind: &Kind, value: T) -> Self {
        Self { browser: Some(ctx.browser()), ..Self::of_program(ctx, kind, value) }
    }

    /// Begins a step that a program brings back.
    pub fn of_program(ctx: &Ctx, kind: &Kind, value: T) -> Self {
        Self {
            id: Id(uuid::Uuid::new_v4()),
            until: ctx.now + Duration::minutes(kind.minutes),
            browser: None,
            value,
        }
    }

    /// The same under the number of one that began before: what was sent twice is one step.
    #[must_use]
    pub fn numbered(self, id: Id) -> Self {
        Self { id, ..self }
    }

    /// Gives the step its time anew.
    #[must_use]
    pub fn renewed(self, kind: &Kind, now: DateTime<Utc>) -> Self {
        Self { until: now + Duration::minutes(kind.minutes), ..self }
    }

    /// Whether it was used up before.
    ///
    /// # Errors
    /// Database errors.
    pub fn is_spent(&self, conn: &mut Conn) -> AppResult<bool> {
        let found: Option<Id> =
            spent_steps::table.find(self.id).select(spent_steps::id).first(conn).optional()?;
        Ok(found.is_some())
    }

    /// Uses the step up, in the transaction of what it leads to; false when it was used up before, and then nothing
    /// may come of it. Of two at the same moment one is the first.
    ///
    /// # Errors
    /// Database errors.
    pub fn use_up(&self, tx: &mut Tx<'_>) -> AppResult<bool> {
        let row = (spent_steps::id.eq(self.id), spent_steps::expires_at.eq(Ts::from(self.until)));
        let first = crate::on_either!(tx.conn(), c => {
            diesel::insert_into(spent_steps::table).values(row).on_conflict_do_nothing().execute(c)
        })?;
        Ok(first == 1)
    }
}

/// Seals a step for whoever brings it back.
///
/// # Errors
/// [`AppError::Internal`] when the value has no JSON form.
pub fn seal<T: Serialize>(deps: &Deps, kind: &Kind, step: &Step<T>) -> AppResult<String> {
    Ok(token::base64url(&deps.keys.seal_json(&kind.context(), step)?))
}

fn unsealed<T: DeserializeOwned>(
    deps: &Deps,
    kind: &Kind,
    text: &str,
    now: DateTime<Utc>,
) -> Option<Step<T>> {
    let step: Step<T> = deps.keys.open_json(&kind.context(), &token::from_base64url(text)?).ok()?;
    (now < step.until).then_some(step)
}

/// The step of a ticket; `None` when it is too old, used up, of another kind, a browser's or made up.
///
/// # Errors
/// Database errors.
pub async fn open<T>(deps: &Deps, ctx: &Ctx, kind: &Kind, ticket: &str) -> AppResult<Option<Step<T>>>
where
    T: DeserializeOwned + Clone + Send + 'static,
{
    let step = unsealed(deps, kind, ticket, ctx.now).filter(|step: &Step<T>| step.browser.is_none());
    unless_spent(deps, step).await
}

/// Gives the browser a step to bring back.
///
/// # Errors
/// [`AppError::Internal`] when the value has no JSON form.
pub fn keep<T: Serialize>(
    deps: &Deps,
    response: &mut HttpResponse,
    kind: &Kind,
    step: &Step<T>,
) -> AppResult<()> {
    let (names, sealed) = (&deps.cookies, seal(deps, kind, step)?);
    let cookie = names.cookie(&names.pending, sealed, Some(kind.minutes * 60));
    response.add_cookie(&cookie).map_err(AppError::internal)
}

/// The step that the browser brought back; `None` when there is none, or it is too old, used up, of another kind or of
/// another browser.
///
/// # Errors
/// Database errors.
pub async fn read<T>(deps: &Deps, req: &HttpRequest, ctx: &Ctx, kind: &Kind) -> AppResult<Option<Step<T>>>
where
    T: DeserializeOwned + Clone + Send + 'static,
{
    let here = Some(ctx.browser());
    let sealed = cookies::values(req.headers(), &deps.cookies.pending);
    let mut steps = sealed.iter().filter_map(|value| unsealed(deps, kind, value, ctx.now));
    let step = steps.find(|step: &Step<T>| step.browser == here);
    unless_spent(deps, step).await
}

async fn unless_spent<T: Clone + Send + 'static>(
    deps: &Deps,
    step: Option<Step<T>>,
) -> AppResult<Option<Step<T>>> {
    let Some(step) = step else { return Ok(None) };
    deps.store.read(move |c| Ok(if step.is_spent(c)? { None } else { Some(step) })).await
}

/// Removes it when the last step is done.
pub fn forget(deps: &Deps, response: &mut HttpResponse) {
    let names = &deps.cookies;
    // A cookie of ours always has a valid name and value; without this it ends by its age.
    let _ = response.add_cookie(&names.removal(&names.pending));
}
